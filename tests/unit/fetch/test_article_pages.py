"""Which addresses are further pages of an article, and which never are."""

from __future__ import annotations

import pytest
from growth import assert_linear

from govreport_parse.fetch.article_pages import (
    MAX_PAGES,
    article_pages,
    is_further_page,
    is_list,
    may_have_pages,
    why_no_part,
)
from govreport_parse.fetch.links import read_links

SITE = "http://www.example.gov.cn"


def pages(html: str, path: str) -> list[str]:
    url = SITE + path
    found = article_pages(read_links(html, url), html, url)
    named = [u.removeprefix(SITE) for u in found.urls.values()]
    assert not named or may_have_pages(html.encode(), url)
    return named


def a(*pairs: tuple[str, str]) -> str:
    return "".join(f"<a href='{href}'>{label}</a>" for href, label in pairs)


@pytest.mark.parametrize(
    ("html", "path", "expected"),
    [
        (a(("t1_2.html", "下一页")), "/nb/t1.html", ["/nb/t1_2.html"]),
        (
            a(("t1_1.html", "2"), ("t1_2.html", "3")),
            "/nb/t1.html",
            ["/nb/t1_1.html", "/nb/t1_2.html"],
        ),
        (
            a(("t1_2.html", "2"), ("t1_4.html", "尾页")),
            "/t1.html",
            ["/t1_2.html", "/t1_3.html", "/t1_4.html"],
        ),
        (a(("a_1.html", "1"), ("a_3.html", "3")), "/a_2.html", ["/a_3.html"]),
        (a(("art_1_7-2.htm", "[2]")), "/art_1_7.htm", ["/art_1_7-2.htm"]),
        (a(("?id=7&page=2", "2")), "/v.jsp?id=7", ["/v.jsp?id=7&page=2"]),
        (a(("?page=3&id=7", "下一页")), "/v.jsp?id=7&page=2", ["/v.jsp?page=3&id=7"]),
        ("<p>共3页</p>", "/v.jsp?id=7&page=1", ["/v.jsp?id=7&page=2", "/v.jsp?id=7&page=3"]),
        (
            "<script>createPageHTML(3, 0, 't1', 'html')</script>",
            "/t1.html",
            ["/t1_1.html", "/t1_2.html"],
        ),
        ("<script>createPageHTML(3, 1, 't1', 'html')</script>", "/t1_1.html", ["/t1_2.html"]),
        # neighbours, lists, other sites, other reports
        (a(("t2.html", "下一篇"), ("t3.html", "上一条")), "/t1.html", []),
        (a(("t1_2.html", "附件2")), "/t1.html", []),
        (a(("t20240118_200.html", "下一页")), "/t20240118_100.html", []),
        (a(("index_1.html", "下一页")), "/t1.html", []),
        (a(("/other/t1_2.html", "2")), "/nb/t1.html", []),
        (a(("http://b.gov.cn/nb/t1_2.html", "2")), "/nb/t1.html", []),
        (a(("?id=8&page=2", "2")), "/v.jsp?id=7", []),
        (a(("t1_2.pdf", "2")), "/t1.html", []),
        ("<script>createPageHTML(9, 0, 'index', 'html')</script>", "/t1.html", []),
        ("<script>createPageHTML(1, 0, 't1', 'html')</script>", "/t1.html", []),
        ("<p>共3页</p>", "/post_1.html", []),
        (a(("t1.html", "1")), "/t1_2.html", []),
    ],
)
def test_pages_of_an_article(html: str, path: str, expected: list[str]) -> None:
    assert pages(html, path) == expected


def test_they_are_bounded_and_more_is_told() -> None:
    html = "<script>createPageHTML(99, 0, 't1', 'html')</script>"
    got = article_pages(read_links(html, SITE + "/t1.html"), html, SITE + "/t1.html")
    assert len(got.urls) <= MAX_PAGES
    assert got.beyond
    html = "<a href='javascript:goPage(2)'>下一页</a>共3页"
    got = article_pages(read_links(html, SITE + "/t1.html"), html, SITE + "/t1.html")
    assert (got.urls, got.total, got.scripted) == ({}, 3, True)


def test_a_page_without_paging_is_not_even_looked_at() -> None:
    assert not may_have_pages("<p>上一篇 下一篇</p>".encode(), SITE + "/t1.html")
    for text in ("下一页", "createPageHTML("):
        assert may_have_pages(text.encode(), SITE + "/t1.html")
        assert may_have_pages(text.encode("gb18030"), SITE + "/t1.html")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "word",
    [
        *("下一页", "下页", "后一页", "末页", "尾页", "余下全文", "共2页", "第2页"),
        *("createPage", "page=2", "Page=2", "pageNo=2", "t1_", "t1-"),
    ],
)
def test_each_word_that_turns_a_page_is_seen(word: str, encoding: str) -> None:
    url = "http://www.x.gov.cn/nb/t1.html"
    for before, after in (("", ""), ("首页，第一页", "页"), ("x=2", "=2")):
        page = f"{before}{word}{after}".encode(encoding)
        assert may_have_pages(page, url)
    for other in ("首页", "一页", "共3页", "下一", "page=3", "AGE=2", "geNo=2", "t1.", "餘下全文"):
        assert not may_have_pages(f"{other} {other}".encode(encoding), url), other


def test_a_further_page_is_told_by_its_address() -> None:
    first = SITE + "/nb/t1.html"
    assert is_further_page(SITE + "/nb/t1_2.html", first)
    assert is_further_page(first + "?page=2", first)
    assert not is_further_page(SITE + "/nb/t2.html", first)
    assert not is_further_page(SITE + "/nb/t1.docx", first)
    assert not is_further_page(first, first)
    assert not is_further_page(first, "")


REPORT = "<title>某县{year}年政府信息公开工作年度报告</title><p>一、总体情况</p><p>{text}</p>"


def why(first: str, other: str) -> str:
    return why_no_part(first, other, read_links(other, SITE + "/t1_2.html"))


def test_what_comes_is_judged() -> None:
    first = REPORT.format(year=2023, text="本年度主动公开政府信息一百二十条。")
    assert why(first, "<p>二、主动公开政府信息情况</p>") == ""
    assert why(first, first) == "it repeats another page"
    assert why(first + "访问 1 次", first + "访问 22 次") == "it repeats another page"
    assert why("<td>维持</td><td>1</td>", "<td>纠正</td><td>1</td>") == ""
    assert why(first, REPORT.format(year=2022, text="上一年度的情况与今年不同。")) == (
        "it begins a report of its own"
    )
    second = "<title>某县2022年政府信息公开工作年度报告</title><p>二、主动公开政府信息情况</p>"
    assert why(first, second) == "its title names another year"
    second = "<title>某镇2023年政府信息公开工作年度报告</title><p>二、主动公开政府信息情况</p>"
    assert why(first, second) == "its title names another organ"
    items = a(*((f"{n}.html", f"{n}号镇2023年政府信息公开年报") for n in "甲乙丙丁"))
    assert why(first, items) == "it is a list"
    assert not is_list(read_links(items, SITE), items + "<p>三、收到和处理的申请</p>")


@pytest.mark.parametrize(
    "unit", ["<a href='t1_2.html'>2</a>", "createPageHTML(", "一、", "_1.html", "下一页 "]
)
def test_time_for_hostile_pages_grows_with_the_page(unit: str) -> None:
    url = SITE + "/" + "t1_" * 100 + ".html"

    def read(n: int) -> None:
        html = unit * n
        article_pages(read_links(html, url), html, url)
        may_have_pages(html.encode(), url)

    assert_linear(read, 20_000)


def test_time_for_many_further_pages_grows_with_their_number() -> None:
    url = SITE + "/t1.html"

    def read(n: int) -> None:
        html = "".join(f"<a href='t1_{i}.html'>{i}</a>" for i in range(n))
        article_pages(read_links(html, url), html, url)

    assert_linear(read, 8_000)
