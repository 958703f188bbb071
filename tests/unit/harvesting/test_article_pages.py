"""Reports that their editors cut into pages: fetched politely, joined, traceable, or told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from harvesting.harvested_site import Site, collect, served, sites

import govreport_parse as gov
from govreport_parse.dataset.read import Dataset
from govreport_parse.fetch.article_pages import MAX_PAGES
from govreport_parse.harvesting import articles, crawl, ingest
from govreport_parse.harvesting.rebuild import build
from govreport_parse.harvesting.scaled import build_scaled
from govreport_parse.report import Report

TITLE = "清溪县人民政府2023年政府信息公开工作年度报告"
MENU = (
    "<div><a href='/'>首页</a> <a href='/zwgk/'>政务公开</a> <a href='/zwgk/ndbg/'>年报</a>"
    "<p>当前位置：首页 &gt; 政务公开 &gt; 政府信息公开年报</p></div>"
)
FOOT = (
    "<p>主办单位：清溪县人民政府办公室　备案号：某ICP备00000000号</p><p>网站标识码：0000000000</p>"
)
BUSY = served(b"busy", status=b"500 Internal Server Error")
MISSING = served("<h1>404</h1><p>页面不存在</p>".encode(), status=b"404 Not Found")


@cache
def body() -> str:
    page = (Path(gov.__file__).parent / "data/site/t1.html").read_text("utf-8")
    return page.partition("</h1>")[2].partition("<p>扫一扫")[0]


def cut(*marks: str) -> list[str]:
    """The report's markup, cut before each of the marks."""
    places = [0, *(body().index(mark) for mark in marks), len(body())]
    return [body()[a:b] for a, b in pairwise(places)]


THREE = ("<p>三、收到和处理", "<p>五、存在的主要问题")


def framed(part: str, paging: str, title: str = TITLE) -> bytes:
    """A page of a site without any container that the reader knows."""
    return served(
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body>{MENU}"
        f"<h1>{title}</h1><p>发布日期：2024-01-20　浏览次数：12</p>"
        f"{part}<div>{paging}</div>{FOOT}</body></html>".encode()
    )


@pytest.fixture(autouse=True)
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse here and commit each answer as it comes.

    A worker takes half a second to start, each time, and the committer waits for more answers
    where there is but one after the other. The first test does all as it is.
    """
    if request.function is not test_the_pages_of_an_article_are_one_report:
        monkeypatch.setattr(ingest, "is_available", lambda: False)
        monkeypatch.setattr(crawl, "LINGER", 0.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as made:
        yield made


def put(site: Site, address: str, reply: bytes) -> None:
    """A page, told from others of its path by its query."""
    path, mark, _ = address.partition("?")
    if not mark:
        site.page(address, reply)
        return
    known = QUERIES.setdefault(path, {})
    known[address] = reply
    site.page(path, lambda talk, _before: known[talk.seen.path])


QUERIES: dict[str, dict[str, bytes]] = {}


def asked(site: Site) -> list[str]:
    """Paths with their queries, in the order they came in."""
    return [seen.path for seen in site.server.log if seen.path != "/robots.txt"]


def only(data: Dataset) -> dict[str, object]:
    (row,) = data.reports.to_table(
        ["report_id", "organ", "year", "n_reported", "n_broken", "url"]
    ).to_pylist()
    return row


def findings(data: Dataset) -> dict[str, str]:
    rows = data.findings.to_table(["code", "message"]).to_pylist()
    return {row["code"]: row["message"] for row in rows}


def pages_of(data: Dataset, report: str = "") -> dict[str, set[str]]:
    """Page number in the figures' locators, by table."""
    found: dict[str, set[str]] = {}
    only_of = {"report_id": report} if report else None
    for row in data.figures.to_table(["table", "locator"], filter=only_of).to_pylist():
        match = re.search(r"page\D{1,4}(\d+)", str(row["locator"]))
        found.setdefault(row["table"], set()).add(match[1] if match else "")
    return found


def whole() -> Report:
    return gov.parse(f"<html><body><h1>{TITLE}</h1>{body()}</body></html>".encode())


def values(data: Dataset, report: str = "") -> dict[str, object]:
    only_of = {"report_id": report} if report else None
    columns = ["table", "row", "column", "value"]
    rows = data.figures.to_table(columns, filter=only_of).to_pylist()
    return {f"{r['table']}/{r['row']}/{r['column']}": r["value"] for r in rows}


def numbers(report: Report) -> dict[str, object]:
    """Amounts come as floating point out of the dataset's column of values."""
    return {f.path: None if f.value is None else float(f.value) for f in report}


def links(*pairs: tuple[str, str]) -> str:
    return "".join(f"<a href='{href}'>{label}</a> " for href, label in pairs)


def numbered(name: str) -> list[str]:
    """What editors see at the foot of three pages: x.html, x_1.html, x_2.html or from 2 on."""
    first, second, third = (f"{name}.html", f"{name}_2.html", f"{name}_3.html")
    return [
        links((second, "2"), (third, "3"), (second, "下一页")),
        links((first, "1"), (third, "3"), (first, "上一页"), (third, "下一页")),
        links((first, "1"), (second, "2"), (second, "上一页")),
    ]


LAYOUTS = {
    "numbers": ("/nb/t1.html", ["/nb/t1_2.html", "/nb/t1_3.html"], numbered("t1")),
    "next only": (
        "/nb/t2.html",
        ["/nb/t2_2.html", "/nb/t2_3.html"],
        [links(("t2_2.html", "下一页")), links(("t2_3.html", "下一页")), ""],
    ),
    "trs": (
        "/nb/t20240118_1.html",
        ["/nb/t20240118_1_1.html", "/nb/t20240118_1_2.html"],
        [f"<script>createPageHTML(3, {n}, 't20240118_1', 'html');</script>" for n in range(3)],
    ),
    "ucap": (
        "/nb/202401/0a1b2c.shtml",
        ["/nb/202401/0a1b2c_2.shtml", "/nb/202401/0a1b2c_3.shtml"],
        [f"<script>createPageHTML('p',3,{n},'0a1b2c','shtml',9)</script>" for n in (1, 2, 3)],
    ),
    "query": (
        "/show.jsp?id=7",
        ["/show.jsp?id=7&page=2", "/show.jsp?id=7&page=3"],
        [
            links(("?id=7&page=2", "第2页"), ("?id=7&page=3", "尾页")),
            links(("?id=7&page=1", "上一页"), ("?id=7&page=3", "下一页")),
            links(("?id=7&page=2", "上一页")),
        ],
    ),
    "first numbered": (
        "/nb/a_1.html",
        ["/nb/a_2.html", "/nb/a_3.html"],
        [
            links(("a_2.html", "[2]"), ("a_3.html", "[3]")),
            links(("a_1.html", "[1]"), ("a_3.html", "[3]")),
            links(("a_1.html", "[1]"), ("a_2.html", "[2]")),
        ],
    ),
}


def test_the_pages_of_an_article_are_one_report(site: Site, tmp_path: Path) -> None:
    """Each layout is the report of a county of its own."""
    wanted: list[str] = []
    for county, (first, further, paging) in enumerate(LAYOUTS.values(), 1):
        wanted += [first, *further]
        for path, part, turned in zip((first, *further), cut(*THREE), paging, strict=True):
            text = part.replace("清溪县", f"第{county}县")
            title = TITLE.replace("清溪县", f"第{county}县")
            put(site, path, framed(text, turned, title))
    run = collect([site.url(first) for first, _, _ in LAYOUTS.values()], tmp_path)
    data = run.dataset
    columns = ["report_id", "organ", "year", "n_reported", "n_broken", "url"]
    rows = {r["url"]: r for r in data.reports.to_table(columns).to_pylist()}
    expected = numbers(whole())
    for county, (name, (first, _, _)) in enumerate(LAYOUTS.items(), 1):
        row = rows[site.url(first)]
        assert (row["organ"], row["year"]) == (f"第{county}县人民政府", 2023), name
        assert (row["n_reported"], row["n_broken"]) == (200, 0), name
        assert values(data, row["report_id"]) == expected, name
        assert pages_of(data, row["report_id"]) == {
            "proactive_disclosure": {"1"},
            "requests": {"2"},
            "review_and_litigation": {"2"},
        }, name
    joined = data.findings.to_table(["message"], filter={"code": "pages_joined"}).to_pylist()
    assert len(joined) == len(LAYOUTS)
    assert {row["message"] for row in joined} == {
        "the report was put together from 3 pages of the site"
    }
    assert run.outcomes()["outcome"].tolist() == ["parsed"] * len(LAYOUTS)
    assert sorted(asked(site)) == sorted(wanted), "each page once, nothing else"
    assert run.is_complete


def test_sections_run_on_over_pages_without_the_sites_dress(site: Site, tmp_path: Path) -> None:
    paragraph = "<p>（三）政府信息管理"
    for path, part, turned in zip(
        ("/nb/t1.html", "/nb/t1_2.html", "/nb/t1_3.html"),
        cut(paragraph, THREE[1]),
        numbered("t1"),
        strict=True,
    ):
        site.page(path, framed(part, turned))
    data = collect([site.url("/nb/t1.html")], tmp_path).dataset
    rows = data.sections.to_table(["key", "text"]).to_pylist()
    expected = {s.key: s.text for s in whole().sections}
    assert {r["key"]: r["text"] for r in rows} | {"other_matters": ""} == expected | {
        "other_matters": ""
    }
    told = " ".join(r["text"] or "" for r in rows if r["key"] != "other_matters")
    assert not re.search("首页|备案号|浏览次数|下一页", told)


def test_a_table_cut_in_two_keeps_its_rows_and_their_pages(site: Site, tmp_path: Path) -> None:
    row = '<tr><td colspan="2">（七）总计</td>'
    parts = cut(row)
    site.page("/nb/t1.html", framed(parts[0] + "</table>", links(("t1_2.html", "下一页"))))
    site.page("/nb/t1_2.html", framed("<table border='1'>" + parts[1], ""))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    got = values(run.dataset)
    expected = numbers(whole())
    assert {p: v for p, v in got.items() if v is not None} == {
        p: v for p, v in expected.items() if got[p] is not None
    }, "no number is invented"
    assert sum(v is not None for v in got.values()) == 200
    assert pages_of(run.dataset)["requests"] == {"1", "2"}


def test_a_missing_page_in_the_middle_is_told(site: Site, tmp_path: Path) -> None:
    parts, paging = cut(*THREE), numbered("t1")
    site.page("/nb/t1.html", framed(parts[0], paging[0]))
    site.page("/nb/t1_2.html", MISSING)
    site.page("/nb/t1_3.html", framed(parts[2], paging[2]))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    told = findings(run.dataset)
    assert "page 2 of the report is not there" in told["page_missing"]
    assert "pages_joined" in told
    got = values(run.dataset)
    assert got["requests/requests_received/total"] is None
    outcome = run.outcomes().to_dict("records")[0]
    assert outcome["outcome"] == "partial"
    assert "pages of the article are missing" in outcome["reason"]
    assert not run.is_complete
    failed = run.dataset.failures.to_table(["url"]).to_pylist()
    assert [f["url"] for f in failed] == [site.url("/nb/t1_2.html")]


def test_the_page_that_comes_later_mends_the_report(site: Site, tmp_path: Path) -> None:
    parts, paging = cut(*THREE), numbered("t1")
    site.page("/nb/t1.html", framed(parts[0], paging[0]))
    late = framed(parts[1], paging[1])
    site.page("/nb/t1_2.html", lambda _talk, before: BUSY if before < 3 else late)
    site.page("/nb/t1_3.html", framed(parts[2], paging[2]))
    first = collect([site.url("/nb/t1.html")], tmp_path)
    assert "page_missing" in findings(first.dataset)
    again = collect([site.url("/nb/t1.html")], tmp_path, retry_failed=True)
    rows = again.dataset.reports.to_table(["n_reported", "superseded_by"]).to_pylist()
    (current,) = [r for r in rows if r["superseded_by"] is None]
    assert current["n_reported"] == 200
    assert again.outcomes()["outcome"].tolist() == ["parsed"]


def test_a_server_that_gives_its_first_page_for_every_number(site: Site, tmp_path: Path) -> None:
    page = framed(body(), links(("?page=2", "2"), ("?page=3", "3"), ("?page=2", "下一页")))
    site.page("/a.jsp", page)
    run = collect([site.url("/a.jsp")], tmp_path)
    assert only(run.dataset)["n_reported"] == 200
    told = findings(run.dataset)
    assert "repeats another page" in told["page_not_joined"]
    assert "page_missing" not in told
    assert asked(site) == ["/a.jsp", "/a.jsp?page=2", "/a.jsp?page=3"]


def test_pages_without_end_are_bounded_and_told(site: Site, tmp_path: Path) -> None:
    parts = cut(THREE[1])
    total = MAX_PAGES + 20
    for n in range(1, total):
        part = parts[0] if n == 1 else "<p>续页：" + chr(0x4E00 + n) * 30 + "</p>"
        name = "/nb/t1.html" if n == 1 else f"/nb/t1_{n}.html"
        site.page(name, framed(part, links((f"t1_{n + 1}.html", "下一页"))))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    assert run.ended == "done"
    assert len(asked(site)) == MAX_PAGES
    told = findings(run.dataset)
    assert f"{MAX_PAGES} pages" in told["pages_joined"]
    assert f"more than the {MAX_PAGES} pages that are asked for" in told["page_missing"]


def test_pages_that_are_too_large_together_are_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "MOST_BYTES", 6_000)
    for path, part, turned in zip(
        ("/nb/t1.html", "/nb/t1_2.html", "/nb/t1_3.html"), cut(*THREE), numbered("t1"), strict=True
    ):
        site.page(path, framed(part, turned))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    assert "no report has" in findings(run.dataset)["page_missing"]
    assert run.outcomes()["outcome"].tolist() == ["partial"]


def test_a_loop_of_pages_ends(site: Site, tmp_path: Path) -> None:
    parts = cut(*THREE)
    turned = (links(("t1_2.html", "下一页")), links(("t1_3.html", "下一页")))
    site.page("/nb/t1.html", framed(parts[0], turned[0]))
    site.page("/nb/t1_2.html", framed(parts[1], turned[1]))
    site.page("/nb/t1_3.html", framed(parts[2], links(("t1.html", "下一页"), ("t1_2.html", "2"))))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    assert only(run.dataset)["n_reported"] == 200
    assert asked(site) == ["/nb/t1.html", "/nb/t1_2.html", "/nb/t1_3.html"]


def test_a_list_given_as_a_report_is_not_joined_with_its_pages(site: Site, tmp_path: Path) -> None:
    titles = [f"第{n}镇人民政府2023年政府信息公开工作年度报告" for n in range(6)]
    rows = "".join(f"<li><a href='r{n}.html'>{title}</a></li>" for n, title in enumerate(titles))
    for path in ("/nb/index.html", "/nb/index_1.html"):
        turned = "<script>createPageHTML(2, 0, 'index', 'html')</script>"
        site.page(path, served(f"<html><body><ul>{rows}</ul>{turned}</body></html>".encode()))
    run = collect([site.url("/nb/index.html")], tmp_path)
    assert asked(site) == ["/nb/index.html"]
    assert run.outcomes()["outcome"].tolist() == ["failed"]


def test_files_of_a_further_page_belong_to_the_report(site: Site, tmp_path: Path) -> None:
    parts = cut(THREE[0])
    link = "<div id='zoom'><p>附件：<a href='f.docx'>年度报告.docx</a></p></div>"
    site.page("/nb/t1.html", framed(parts[0], links(("t1_2.html", "下一页"))))
    site.page("/nb/t1_2.html", framed(link, links(("t1.html", "上一页"))))
    word = (Path(gov.__file__).parent / "data/site/liuhe.docx").read_bytes()
    site.page("/nb/f.docx", served(word, b"Content-Type: application/octet-stream\r\n"))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    assert asked(site) == ["/nb/t1.html", "/nb/t1_2.html", "/nb/f.docx"]
    row = only(run.dataset)
    assert row["n_reported"] == gov.parse(word).completeness["reported"]
    assert str(row["url"]).endswith("/f.docx")
    assert run.outcomes()["outcome"].tolist() == ["parsed"]


def test_a_neighbour_is_not_a_page(site: Site, tmp_path: Path) -> None:
    other = body().replace("清溪县", "石桥县").replace("2023年", "2022年")
    turned = links(("a_2.html", "下一页"))
    site.page("/nb/a_1.html", framed(body(), turned))
    site.page("/nb/a_2.html", framed(other, "", title="石桥县2022年政府信息公开工作年度报告"))
    run = collect([site.url("/nb/a_1.html")], tmp_path)
    row = only(run.dataset)
    assert (row["organ"], row["year"], row["n_reported"]) == ("清溪县人民政府", 2023, 200)
    assert "begins a report of its own" in findings(run.dataset)["page_not_joined"]


def test_pages_that_only_a_script_turns_are_told(site: Site, tmp_path: Path) -> None:
    turned = "<a href='javascript:goPage(2)'>下一页</a> 共3页"
    site.page("/nb/t1.html", framed(cut(*THREE)[0], turned))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    assert "only a script turns them" in findings(run.dataset)["page_missing"]


def test_the_archive_alone_gives_the_joined_report_again(site: Site, tmp_path: Path) -> None:
    for path, part, turned in zip(
        ("/nb/t1.html", "/nb/t1_2.html", "/nb/t1_3.html"), cut(*THREE), numbered("t1"), strict=True
    ):
        site.page(path, framed(part, turned))
    run = collect([site.url("/nb/t1.html")], tmp_path)
    before = (only(run.dataset), values(run.dataset))
    shutil.rmtree(tmp_path / "dataset")
    build(tmp_path)
    data = gov.load(tmp_path / "dataset")
    assert (only(data), values(data)) == before


class Here(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def tree(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "dataset").rglob("*.parquet"))


def test_many_machines_join_as_one_does(site: Site, tmp_path: Path) -> None:
    parts, paging = cut(*THREE), numbered("t1")
    for n, (part, turned) in enumerate(zip(parts, paging, strict=True), 1):
        name = "/nb/t1.html" if n == 1 else f"/nb/t1_{n}.html"
        site.page(name, framed(part, turned))
    site.page("/nb/u1.html", framed(parts[0], numbered("u1")[0]))
    site.page("/nb/u1_2.html", MISSING)
    site.page("/nb/u1_3.html", framed(parts[2], numbered("u1")[2]))
    site.page("/nb/", served("<a href='u1.html'>石桥县2023年政府信息公开工作年度报告</a>".encode()))
    rows = [site.url("/nb/t1.html"), {"url": site.url("/nb/"), "kind": "list"}]
    collect([r if isinstance(r, dict) else {"url": r} for r in rows], tmp_path)
    serial = tree(tmp_path)
    shutil.rmtree(tmp_path / "dataset")
    build_scaled(tmp_path, executor=Here())
    assert tree(tmp_path) == serial
    codes = set(gov.load(tmp_path / "dataset").findings.to_table(["code"])["code"].to_pylist())
    assert {"pages_joined", "page_missing", "list_differs"} <= codes
