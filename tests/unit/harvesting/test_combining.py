"""A page and its files: one report, unless a file is surely a report of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harvesting.harvested_site import Site, collect, report, served, sites

from govreport_parse.harvesting.rebuild import build
from govreport_parse.harvesting.scaled import build_scaled

YEAR = "2023年政府信息公开工作年度报告"
WORD = b"Content-Type: application/msword\r\n"
COLUMNS = ["organ", "year", "url", "n_reported"]


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


def older(number: int) -> bytes:
    """The report of the year before, with one figure that is another."""
    body = report(number).replace(b"2023", b"2022")
    changed = body.replace(b"<td>3</td>", b"<td>33</td>", 1)
    assert changed != body
    return changed


def found(run: object) -> list[tuple[str, int, str]]:
    rows = run.dataset.reports.to_table(COLUMNS).to_pylist()  # type: ignore[attr-defined]
    return sorted((r["organ"], r["year"], r["url"].rpartition("/")[2]) for r in rows)


def told(run: object) -> list[tuple[str, str]]:
    rows = run.dataset.findings.to_table(["code", "message"]).to_pylist()  # type: ignore[attr-defined]
    return [
        (r["code"], r["message"]) for r in rows if r["code"] in ("second_source", "sources_differ")
    ]


def test_a_file_of_another_year_is_a_report_of_its_own(site: Site, tmp_path: Path) -> None:
    site.page("/1.html", served(report(1, "<a href='/a.doc'>附件</a>")))
    site.page("/a.doc", served(older(1), WORD))
    run = collect([site.url("/1.html")], tmp_path)
    both = [("第1县人民政府", 2022, "a.doc"), ("第1县人民政府", 2023, "1.html")]
    assert (found(run), told(run)) == (both, [])
    (row,) = run.outcomes().to_dict("records")
    assert row["outcome"] == "parsed"
    assert row["reason"].endswith("; 1 more reports in its files")
    build(tmp_path)
    assert found(run) == both
    build_scaled(tmp_path, jobs=1)
    assert found(run) == both


def test_a_cover_page_of_the_reports_of_many_organs_gives_them_all(
    site: Site, tmp_path: Path
) -> None:
    names = [f"{n}.doc" for n in (2, 3, 4)]
    links = "".join(f"<p><a href='/{name}'>附件{name}</a></p>" for name in names)
    site.page(
        "/1.html",
        served(f"<title>各县2023年年报</title><div id='zoom'>{links}{'说明' * 200}</div>".encode()),
    )
    for n, name in enumerate(names, 2):
        body = report(n).replace(b"<td>3</td>", b"<td>%d</td>" % (30 + n), 1)
        site.page(f"/{name}", served(body, WORD))
    run = collect([site.url("/1.html")], tmp_path)
    assert found(run) == [(f"第{n}县人民政府", 2023, f"{n}.doc") for n in (2, 3, 4)]
    assert len(run.dataset.failures) == 0


def test_the_same_numbers_under_another_year_are_told(site: Site, tmp_path: Path) -> None:
    site.page("/1.html", served(report(1, "<a href='/a.doc'>附件</a>")))
    site.page("/a.doc", served(report(1).replace(b"2023", b"2022"), WORD))
    run = collect([site.url("/1.html")], tmp_path)
    assert found(run) == [("第1县人民政府", 2023, "1.html")]
    same = f"{site.url('/a.doc')} gives the same numbers, but says 2022"
    assert told(run) == [("second_source", same)]


def test_other_numbers_of_the_same_year_are_an_error(site: Site, tmp_path: Path) -> None:
    site.page("/1.html", served(report(1, "<a href='/a.doc'>附件</a>")))
    site.page("/a.doc", served(older(1).replace(b"2022", b"2023"), WORD))
    run = collect([site.url("/1.html")], tmp_path)
    assert found(run) == [("第1县人民政府", 2023, "1.html")]
    ((code, message),) = told(run)
    assert code == "sources_differ"
    assert "gives other numbers for 1 figures" in message


def test_what_the_sources_say_holds_for_all_files(site: Site, tmp_path: Path) -> None:
    site.page("/1.html", served(report(1, "<a href='/a.doc'>附件</a>")))
    site.page("/a.doc", served(older(1), WORD))
    row = {"url": site.url("/1.html"), "organ": "第1县人民政府", "year": 2023}
    run = collect([row], tmp_path)
    assert found(run) == [("第1县人民政府", 2023, "1.html")]
    assert [code for code, _ in told(run)] == ["sources_differ"]


def test_a_list_given_as_a_report_takes_none_of_its_files_for_its_own(
    site: Site, tmp_path: Path
) -> None:
    """Three bureaus' reports are pages, one is a file of the list's main text."""
    names = ("财政局", "教育局", "民政局")
    entries = [f"<li><a href='/{n}.html'>{name}{YEAR}</a></li>" for n, name in enumerate(names)]
    entries.append(f"<li><a href='/4.doc'>水利局{YEAR}</a></li>")
    listed = f"<title>政府信息公开年报</title><ul>{''.join(entries)}</ul>"
    site.page("/nb/", served(listed.encode()))
    site.page("/4.doc", served(report(4), WORD))
    for n in range(3):
        site.page(f"/{n}.html", served(report(n + 1)))
    run = collect([{"url": site.url("/nb/"), "organ": "第9县人民政府"}], tmp_path)
    (row,) = run.outcomes().to_dict("records")
    assert row["outcome"] == "failed"
    assert "this page lists reports" in row["reason"]
    assert len(run.dataset) == 0
    assert not run.is_complete
    build_scaled(tmp_path, jobs=1)
    (row,) = run.outcomes().to_dict("records")
    assert (row["outcome"], len(run.dataset)) == ("failed", 0)
    # As a list it gives all four.
    whole = collect([{"url": site.url("/nb/"), "kind": "list"}], tmp_path / "list")
    assert [name for _, _, name in found(whole)] == ["0.html", "1.html", "2.html", "4.doc"]


def test_the_cover_of_many_files_keeps_them_though_it_lists_titles(
    site: Site, tmp_path: Path
) -> None:
    """Four titles, all of them files: no page is left out by taking them."""
    names = ("财政局", "教育局", "民政局", "水利局")
    links = "".join(f"<p><a href='/{n}.doc'>{x}{YEAR}</a></p>" for n, x in enumerate(names, 1))
    site.page("/1.html", served(f"<title>各局年报</title><div id='zoom'>{links}</div>".encode()))
    for n in range(1, 5):
        body = report(n).replace(b"<td>3</td>", b"<td>%d</td>" % (30 + n), 1)
        site.page(f"/{n}.doc", served(body, WORD))
    run = collect([site.url("/1.html")], tmp_path)
    assert found(run) == [(f"第{n}县人民政府", 2023, f"{n}.doc") for n in range(1, 5)]
