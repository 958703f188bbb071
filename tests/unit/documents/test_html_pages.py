"""Articles of several pages: packed bytes, blocks with their pages, and what a site repeats."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse.documents.html_pages import (
    MAGIC,
    Gap,
    WebPage,
    WebPages,
    pack_pages,
    unpack_pages,
)
from govreport_parse.documents.model import Document, Table
from govreport_parse.errors import UnsupportedFormatError
from govreport_parse.reading import read_document

FRAME = (
    "<html><body><ul><li>首页</li><li>政务公开</li></ul><h1>某县2023年政府信息公开年报</h1>"
    "{}<p>上一页 1 2 {}下一页</p><p>主办单位：某县人民政府</p></body></html>"
)


def page(number: int, body: str, more: str = "", encoding: str = "utf-8") -> WebPage:
    text = FRAME.format(body, more)
    return WebPage(number, text.encode(encoding), f"http://a.gov.cn/t_{number}.html", "text/html")


def read(*pages: WebPage, gaps: tuple[Gap, ...] = ()) -> Document:
    return read_document(pack_pages(WebPages(pages, gaps)))


def rows(first: int, last: int) -> str:
    return "".join(f"<tr><td>第{n}行</td><td>{n}</td></tr>" for n in range(first, last + 1))


def table(inner: str) -> str:
    return f"<table><tr><td>名称</td><td>数量</td></tr>{inner}</table>"


def shown(document: Document) -> list[tuple[str, int | None]]:
    return [("表", b.page) if isinstance(b, Table) else (b.text, b.page) for b in document.blocks]


LONG = "这一段说明主动公开的情况，文字足够长，不会是网站的菜单或者页脚，因此算作正文的开始。" * 2


def test_what_was_packed_comes_out_again_byte_for_byte() -> None:
    pages = (WebPage(1, b"\xb1\xa8<!-- --> ", "http://a/-->", None), WebPage(3, b"", "", "text/x"))
    article = WebPages(pages, (Gap(2, "http://a/2", "it could not be fetched -->"),))
    data = pack_pages(article)
    assert unpack_pages(data) == article
    assert data == pack_pages(article)
    assert data.count(b"-->") == 2, "the address ends no comment"


def test_the_longest_addresses_fit() -> None:
    longest = "http://a.gov.cn/" + "%E5%B9%B4" * 900
    pages = tuple(WebPage(n, b"<p>x</p>", longest) for n in range(1, 31))
    gaps = tuple(Gap(n, longest, "it could not be fetched") for n in range(31, 62))
    assert unpack_pages(pack_pages(WebPages(pages, gaps))) == WebPages(pages, gaps)


@pytest.mark.parametrize(
    "data",
    [
        b"<html></html>",
        MAGIC,
        MAGIC + b"{} -->\n",
        MAGIC + b'{"pages": [], "gaps": []} -->\n',
        MAGIC + b'{"pages": [[1, 5, "", ""]], "gaps": []} -->\nabc',
        MAGIC + b'{"pages": [[1, -3, "", ""]], "gaps": []} -->\nabc',
        MAGIC + b'{"pages": [[1, 3, "", ""]], "gaps": [1]} -->\nabc',
        MAGIC + b"[" * 50_000 + b" -->\n",
        MAGIC + b'{"pages": ' + b"[[1, 0]]" * 5000,
    ],
)
def test_what_is_no_article_is_read_as_any_other_bytes(data: bytes) -> None:
    assert unpack_pages(data) is None


def test_the_sites_dress_is_kept_once_and_every_block_knows_its_page() -> None:
    document = read(
        page(1, f"<p>一、总体情况</p><p>{LONG}</p><p>末段甲</p>"),
        page(
            2, f"<p>承上段</p><p>二、主动公开政府信息情况</p>{table(rows(1, 3))}<p>尾段</p>", "1 "
        ),
    )
    assert shown(document) == [
        ("首页", 1),
        ("政务公开", 1),
        ("某县2023年政府信息公开年报", 1),
        ("一、总体情况", 1),
        (LONG, 1),
        ("末段甲", 1),
        ("承上段", 2),
        ("二、主动公开政府信息情况", 2),
        ("表", 2),
        ("尾段", 2),
        ("上一页 1 2 1 下一页", 2),
        ("主办单位：某县人民政府", 2),
    ]
    (joined,) = [f for f in document.findings if f.code == "pages_joined"]
    assert dict(joined.detail)["urls"] == ["http://a.gov.cn/t_1.html", "http://a.gov.cn/t_2.html"]


def test_a_table_that_goes_on_is_one_table_whose_rows_know_their_pages() -> None:
    document = read(
        page(1, table(rows(1, 2))),
        page(2, table(rows(3, 4))),
        page(3, f"<table>{rows(5, 5)}</table>"),
    )
    (whole,) = document.tables
    assert [row[1] for row in whole.grid()] == ["数量", "1", "2", "3", "4", "5"]
    assert whole.pages == [1, 1, 1, 2, 2, 3]
    place = whole.locator(len(whole.texts) - 1)
    assert (place.page, place.table, place.row, place.column) == (3, 1, 6, 2)


def test_another_table_at_the_top_of_a_page_stays_another() -> None:
    three = "<tr><td>甲</td><td>乙</td><td>丙</td></tr><tr><td>1</td><td>2</td><td>3</td></tr>"
    other = f"<table>{three}</table>"
    document = read(page(1, table(rows(1, 2))), page(2, other))
    assert [(t.number, t.page, t.n_rows) for t in document.tables] == [(1, 1, 3), (2, 2, 2)]


def test_pages_may_have_encodings_of_their_own() -> None:
    document = read(
        page(1, f"<p>{LONG}</p>"), page(2, f"<p>二、{LONG[3:]}</p>", encoding="gb18030")
    )
    assert (f"二、{LONG[3:]}", 2) in shown(document)


def test_gaps_are_findings_and_the_first_page_alone_is_a_document() -> None:
    gaps = (
        Gap(2, "http://a.gov.cn/t_2.html", "it could not be fetched"),
        Gap(3, "http://a.gov.cn/t_3.html", "it is a list", missing=False),
    )
    document = read(page(1, f"<p>一、{LONG}</p>"), gaps=gaps)
    told = {f.code: (f.severity, f.locator.page if f.locator else None) for f in document.findings}
    assert told == {"page_missing": ("error", 2), "page_not_joined": ("info", 3)}
    document = read(page(1, f"<p>一、{LONG}</p>"), WebPage(2, b"%PDF-1.4 no", "http://a/2"))
    (missing,) = [f for f in document.findings if f.code == "page_missing"]
    assert "can't be read" in missing.message


def test_a_first_page_that_is_none_is_an_error() -> None:
    with pytest.raises(UnsupportedFormatError):
        gov.parse(pack_pages(WebPages((WebPage(1, b"Rar!\x1a\x07\x00", "http://a/1"),))))


def test_a_report_cut_anywhere_never_gets_a_wrong_number() -> None:
    """Cut at random paragraphs and rows, into two to four pages, with the site's dress on each."""
    whole = (Path(gov.__file__).parent / "data/site/t1.html").read_text("utf-8")
    truth = {f.path: f.value for f in gov.parse(whole.encode())}
    body = whole.partition("</h1>")[2].partition("<p>扫一扫")[0]
    places = [m.start() for m in re.finditer("<p>|<tr>|<table", body)][2:]
    rng = random.Random(7)
    complete = 0
    for _ in range(60):
        bounds = [0, *sorted(rng.sample(places, rng.randint(1, 3))), len(body)]
        pages = []
        for n, (start, stop) in enumerate(pairwise(bounds), 1):
            part = body[start:stop]
            if body.count("<table", 0, start) > body.count("</table", 0, start):
                part = '<table border="1">' + part
            if part.count("<table") > part.count("</table"):
                part += "</table>"
            pages.append(page(n, part))
        report = gov.parse(pack_pages(WebPages(tuple(pages))))
        got = {f.path: f.value for f in report if f.value is not None}
        assert got.items() <= truth.items(), bounds
        complete += len(got) == len(truth)
    assert complete >= 54
