"""What a run says of its sources: guessed columns, unusable rows, and hosts that are dead."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fetch.fault_server import Talk
from harvesting.harvested_site import Reply, Site, collect, report, served, sites

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting.expand import Reach
from govreport_parse.harvesting.results import Snapshot

YEAR = "2023年政府信息公开工作年度报告"


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


def test_guessed_columns_are_told_by_the_run_and_its_manifest(site: Site, tmp_path: Path) -> None:
    site.page("/1", served(report(1)))
    sources = tmp_path / "表.csv"
    sources.write_bytes(f"单位,链接\n第1县,{site.url('/1')}\n".encode("utf-16"))
    run = collect(sources, tmp_path / "out")
    told = [
        "the sources were read as UTF-16 text",
        "the column 链接 was read as url",
        "the column 单位 was read as organ",
    ]
    (file,) = (tmp_path / "out" / "runs").iterdir()
    assert json.loads(file.read_text("utf-8"))["sources"] == told
    assert all(f"  {line}" in repr(run).splitlines() for line in told)
    (row,) = run.outcomes().to_dict("records")
    assert (row["organ"], row["outcome"]) == ("第1县", "parsed")


def test_rows_that_cannot_be_used_keep_their_organ_and_are_covered(
    site: Site, tmp_path: Path
) -> None:
    site.page("/1", served(report(1)))
    rows = [
        {"url": site.url("/1"), "organ": "第1县人民政府", "year": 2023},
        {"url": "ftp://x", "organ": "第2县人民政府", "division_code": "341722", "year": 2023},
        {"url": "", "organ": "第3县人民政府", "year": 2022},
        {"url": "", "organ": "第1县人民政府", "year": 2023},
        {"url": "nonsense"},
    ]
    run = collect(rows, tmp_path, skip_bad_rows=True)
    table = run.outcomes().to_dict("records")
    assert [r["outcome"] for r in table] == ["parsed", *["refused"] * 4]
    assert [r["organ"] for r in table[1:4]] == [r["organ"] for r in rows[1:4]]
    assert table[1]["division_code"] == "341722"
    assert table[1]["url"] == "ftp://x"
    covered = {
        (r["organ"], r["year"]): (r["status"], r["reason"])
        for r in run.coverage().to_dict("records")
    }
    assert covered["第2县人民政府", 2023][0] == "failed"
    assert "row 2 of the sources: url 'ftp://x' is no address" in covered["第2县人民政府", 2023][1]
    assert covered["第3县人民政府", 2022][0] == "failed"
    # what is known of an organ and year anyway stays as it is
    assert [s for (_, y), (s, _) in covered.items() if y == 2023].count("failed") == 1


def test_dead_hosts_are_counted_like_others(tmp_path: Path) -> None:
    def lookup(_host: str) -> Sequence[str]:
        raise OSError("no such name")

    seen: list[Snapshot] = []
    rows = [f"http://dead{n}.test/{n}" for n in range(3)]
    run = collect(rows, tmp_path, resolver=Resolver(lookup), watch=seen.append, parse=False)
    assert [r["outcome"] for r in run.outcomes().to_dict("records")] == ["failed"] * 3
    assert seen[-1].hosts <= 3
    assert all(s.answers == 0 or s.hosts for s in seen)


def _mapped(site: Site, *paths: str) -> None:
    """A front page that leads nowhere, and a sitemap."""
    site.page("/", served("<title>某县人民政府</title><a href='/about.html'>关于我们</a>".encode()))
    rows = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    site.page(
        "/sitemap.xml",
        served(f"<urlset>{rows}</urlset>".encode(), b"Content-Type: text/xml\r\n"),
    )


def test_reports_that_only_a_sitemap_names_are_had_once_with_their_titles(
    site: Site, tmp_path: Path
) -> None:
    paths = ("/ndbg/2024/1.html", "/gknb/2.html")
    _mapped(site, *paths, "/gknb/2.html#top", "/gknb/jd.html", "/news/1.html", "/nb/")
    for number, path in enumerate(paths, 1):
        site.page(path, served(report(number)))
    site.page("/gknb/jd.html", served(f"<title>年报解读</title>{'解读' * 200}".encode()))
    listed = "".join(
        f"<li><a href='{path}'>第{n}县2023年政府信息公开工作年度报告</a></li>"
        for n, path in ((2, "/gknb/2.html"), (3, "/zwgk/3.html"))
    )
    site.page("/nb/", served(f"<title>年报</title><ul>{listed}</ul>".encode()))
    site.page("/zwgk/3.html", served(report(3)))
    run = collect([{"url": site.url("/"), "kind": "site"}], tmp_path)
    rows = run.dataset.reports.to_table(["title", "organ", "url"]).to_pylist()
    title = "第{}县人民政府2023年政府信息公开工作年度报告"
    assert sorted((r["title"], r["organ"], r["url"]) for r in rows) == [
        (title.format(n), f"第{n}县人民政府", site.url(path))
        for n, path in enumerate((*paths, "/zwgk/3.html"), 1)
    ]
    assert set(site.asked.values()) == {1}
    assert ("a", "/news/1.html") not in site.asked
    assert run.manifest["remarks"] == [], "the sitemap made up for the front page"


def test_the_year_of_a_row_holds_for_addresses_of_its_sitemap(site: Site, tmp_path: Path) -> None:
    paths = ("/ndbg2022/1.html", "/ndbg2023/2.html", "/ndbg/3.html")
    _mapped(site, *paths)
    for number, path in enumerate(paths, 1):
        site.page(path, served(report(number)))
    collect([{"url": site.url("/"), "kind": "site", "year": 2023}], tmp_path)
    assert {path for _, path in site.asked} == {"/", "/sitemap.xml", *paths[1:]}


def turning(entry: Callable[[int], str]) -> Reply:
    """A list whose every page has ``entry(number)`` and leads to one more page."""

    def listed(talk: Talk, _: int) -> bytes:
        number = int(talk.seen.path.partition("=")[2] or 1)
        line = f"<li><a href='/r.html'>第1县{YEAR}</a></li>{entry(number)}"
        return served(f"<ul>{line}</ul><a href='/nb?p={number + 1}'>下一页</a>".encode())

    return listed


def test_lists_without_end_are_told_once(site: Site, tmp_path: Path) -> None:
    """Each page of the list leads to something new and to one more page."""
    site.page("/nb", turning(lambda n: f"<li><a href='/news{n}.html'>第{n}号通知</a></li>"))
    site.page("/r.html", served(report(1)))
    run = collect([{"url": site.url("/nb"), "kind": "list"}], tmp_path, reach=Reach(pages=10))
    assert dict(site.asked) == {("a", "/nb"): 11, ("a", "/r.html"): 1}
    (told,) = run.manifest["remarks"]
    assert "more than 10 lists, which is as far as one row" in told


def test_pages_that_bring_nothing_new_end_a_list(site: Site, tmp_path: Path) -> None:
    """The first page has the one report; five more of the same are asked for, not two hundred."""
    site.page("/nb", turning(lambda _: ""))
    site.page("/r.html", served(report(1)))
    run = collect([{"url": site.url("/nb"), "kind": "list"}], tmp_path)
    assert dict(site.asked) == {("a", "/nb"): 6, ("a", "/r.html"): 1}
    (told,) = run.manifest["remarks"]
    assert told == (
        f"{site.url('/nb')}?p=6: 5 of its pages in a row have no link that is new; "
        "no more are asked for"
    )
    assert len(run.dataset) == 1


def test_a_few_pages_that_repeat_themselves_do_not_end_a_list(site: Site, tmp_path: Path) -> None:
    """Four pages repeat the first, the sixth has a report of its own."""
    second = f"<li><a href='/s.html'>第2县{YEAR}</a></li>"
    site.page("/nb", turning(lambda n: second if n == 6 else ""))
    site.page("/r.html", served(report(1)))
    site.page("/s.html", served(report(2)))
    run = collect([{"url": site.url("/nb"), "kind": "list"}], tmp_path)
    assert site.asked["a", "/nb"] == 11  # five more behind the sixth
    assert len(run.dataset) == 2


def test_reports_on_other_sites_are_left_out_and_told(site: Site, tmp_path: Path) -> None:
    entries = (site.url("/r.html"), "http://x.gov.cn/1.html", "http://y.gov.cn/2.html")
    links = "".join(f"<li><a href='{u}'>第{n}县{YEAR}</a></li>" for n, u in enumerate(entries))
    other = "<li><a href='http://z.gov.cn/'>友情链接</a></li>"
    site.page("/nb", served(f"<ul>{links}{other}</ul>".encode()))
    site.page("/r.html", served(report(1)))
    run = collect([{"url": site.url("/nb"), "kind": "list"}], tmp_path)
    (told,) = run.manifest["remarks"]
    assert "2 of the reports it offers stand on other sites" in told
    assert "(x.gov.cn, y.gov.cn); give these rows of their own" in told
    assert len(run.dataset) == 1


def test_what_waits_says_why_and_until_when(site: Site, tmp_path: Path) -> None:
    busy = served(b"busy", b"Retry-After: 7200\r\n", b"503 Service Unavailable")
    site.page("/0", busy)
    site.page("/1", served(report(1)))
    before = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)
    run = collect([site.url("/0"), site.url("/1")], tmp_path, parse=False)
    after = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=2)
    asked, other = run.outcomes()["reason"]
    assert asked.startswith("http_status: ")
    assert other.startswith(("not asked yet; ", "parked: "))  # the latter if it was taken already
    for told in (asked, other):
        moment = datetime.datetime.strptime(told.rpartition("before ")[2], "%Y-%m-%d %H:%M %Z")
        at = moment.replace(tzinfo=datetime.UTC)
        assert before - datetime.timedelta(minutes=1) <= at <= after


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="file' is a file, not a folder"):
        collect(["http://a.test/"], tmp_path / place)


def test_a_dataset_is_no_folder_for_a_harvest(site: Site, tmp_path: Path) -> None:
    site.page("/1", served(report(1)))
    collect([site.url("/1")], tmp_path)
    held = sorted(tmp_path.joinpath("dataset").iterdir())
    with pytest.raises(DatasetError, match="is a dataset, not a folder for a harvest"):
        collect([site.url("/1")], tmp_path / "dataset")
    assert sorted(tmp_path.joinpath("dataset").iterdir()) == held


def test_after_the_minutes_given_nothing_more_is_asked_and_the_next_run_goes_on(
    site: Site, tmp_path: Path
) -> None:
    """Twenty pages of one host, a quarter of a second between them, and half a second to have."""
    paths = [f"/{n}" for n in range(1, 21)]
    for number, path in enumerate(paths, 1):
        site.page(path, served(report(number)))
    rows = [site.url(path) for path in paths]
    run = collect(rows, tmp_path, delay=0.25, minutes=0.5 / 60)
    had = len(run.dataset)
    assert run.ended == "stopped"
    assert not run.is_complete
    assert 1 <= had < 20
    assert had == sum(path != "/robots.txt" for _, path in site.asked)
    run = collect(rows, tmp_path)
    assert run.ended == "done"
    assert len(run.dataset) == 20
    assert {n for (_, path), n in site.asked.items() if path in paths} == {1}


def test_minutes_are_more_than_none(site: Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="minutes must be more than 0"):
        collect([site.url("/")], tmp_path, minutes=0)
