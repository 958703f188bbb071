"""Further pages of lists, in the markup of the families; and sitemaps."""

from __future__ import annotations

import gzip

import pytest
from growth import assert_linear

from govreport_parse.fetch import sitemaps
from govreport_parse.fetch.links import paging, read_links
from govreport_parse.fetch.paging import MAX_PAGES
from govreport_parse.fetch.sitemaps import AddressTells, address_tells, read_sitemap
from govreport_parse.fetch.sites import Page, trs, ucap

SITE = "http://www.example.gov.cn"


def pages(html: str, path: str) -> list[str]:
    url = SITE + path
    return [u.removeprefix(SITE) for u in paging(read_links(html, url), html, url)]


@pytest.mark.parametrize(
    ("html", "path", "expected"),
    [
        ("<a href='index_1.html'>下一页</a>", "/nb/index.html", ["/nb/index_1.html"]),
        ("<a href='index_1.html'>[下页]</a>", "/nb/", ["/nb/index_1.html"]),
        (
            "<a href='?page=2'>2</a><a href='?page=3'>3</a>",
            "/list",
            ["/list?page=2", "/list?page=3"],
        ),
        (
            "<a href='page_1.html'>1</a><a href='page_2.html'>2</a><a href=page_2.html>下一页</a>",
            "/o/showList/7/9/page_1.html",
            ["/o/showList/7/9/page_2.html"],
        ),
        (
            "<a href='nb/12.htm'>下页</a><a href='nb/1.htm'>尾页</a>",
            "/nb.htm",
            ["/nb/12.htm", "/nb/1.htm"],
        ),
        (
            '<script>createPageHTML(4, 0, "index", "html");</script>',
            "/nb/",
            ["/nb/index_1.html", "/nb/index_2.html", "/nb/index_3.html"],
        ),
        (
            "<script>var countPage = 3//共多少页\nvar currentPage = 0;\n"
            "createPageHTML(countPage,currentPage,'index','htm')</script>",
            "/nb/index.htm",
            ["/nb/index_1.htm", "/nb/index_2.htm"],
        ),
        (
            "<script>createPageHTML('page_div',3, 1,'list','shtml',90);</script>",
            "/nb/list.shtml",
            ["/nb/list_2.shtml", "/nb/list_3.shtml"],
        ),
        (
            "<script>var currentPage = 0;//从0开始\nvar countPage = 3//共多少页\n"
            'if(countPage>1)document.write("<a href=\\"list"+"_" + nextPage + "."+"htm\\">'
            '下一页</a>");'
            "</script>",
            "/nb/",
            ["/nb/list_1.htm", "/nb/list_2.htm"],
        ),
        ("<script>createPageHTML(1, 0, 'index', 'html')</script>", "/nb/index.html", []),
        (
            "<script>createPageHTML(3, 1, 'index', 'html')</script>",
            "/nb/index_1.html",
            ["/nb/index.html", "/nb/index_2.html"],
        ),
        (
            "<script>function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}"
            "createPageHTML('page_div', '3', '2', 'list', 'shtml')</script>",
            "/nb/list_2.shtml",
            ["/nb/list.shtml", "/nb/list_3.shtml"],
        ),
        (
            "<script>var pageCount = 3;</script>",
            "/nb/page_1.html",
            ["/nb/page_2.html", "/nb/page_3.html"],
        ),
        (
            "<p>共4页 当前第2页</p>",
            "/list.jsp?type=5&page=2",
            ["/list.jsp?type=5&page=3", "/list.jsp?type=5&page=4"],
        ),
        ("<a href='http://evil.example.com/2.html'>下一页</a>", "/nb/", []),
        ("<a href='/other/5.html'>5</a>", "/nb/index.html", []),
        ("<a href='/nb/index.html'>下一页</a>", "/nb/index.html", []),
        ("<a href='2.html'>下一篇</a><a href='3.html'>上一页</a>", "/nb/index.html", []),
        ("", "/nb/", []),
    ],
)
def test_further_pages(html: str, path: str, expected: list[str]) -> None:
    assert pages(html, path) == expected


def test_the_families_read_the_call_as_the_generic_paging_does() -> None:
    for html, family in (
        ('<script>createPageHTML(4, 0, "index", "html");</script>', trs.ADAPTER),
        ("<script>createPageHTML('page_div',4, 1,'index','html',90);</script>", ucap.ADAPTER),
    ):
        page = Page(SITE + "/nb/", html, read_links(html, SITE + "/nb/"))
        assert family.recognises(page)
        assert [u.removeprefix(SITE) for u in family.read(page).pages] == pages(html, "/nb/")


def test_totals_are_told_and_pages_are_bounded() -> None:
    html = "<script>createPageHTML(99999, 0, 'index', 'html')</script>"
    got = paging(read_links(html, SITE + "/nb/"), html, SITE + "/nb/")
    assert got.total == 99_999
    assert len(got) <= MAX_PAGES
    html = "<script>var totalPage=999999</script>"
    assert len(pages(html, "/l?page=1")) <= MAX_PAGES


def test_what_only_a_script_can_turn_is_said() -> None:
    html = "<a href='javascript:goPage(2)'>下一页</a>共3页"
    got = paging(read_links(html, SITE + "/nb/"), html, SITE + "/nb/")
    assert (got.urls, got.total, got.scripted) == ((), 3, True)
    html = "<a href='javascript:window.print()'>打印</a>"
    assert not paging(read_links(html, SITE + "/nb/"), html, SITE + "/nb/").scripted


@pytest.mark.parametrize(
    "unit",
    ["createPageHTML(", "共1", "page=1&", "pageCount", "var a = ", "<a href=?page=1>1</a>"],
)
def test_time_for_hostile_scripts_grows_with_the_page(unit: str) -> None:
    url = SITE + "/l?" + "page=1&" * 200

    def read(n: int) -> None:
        html = unit * n
        paging(read_links(html, url), html, url)

    assert_linear(read, 8_000)


def test_time_for_many_pages_grows_with_their_number() -> None:
    url = SITE + "/l?page=1"

    def read(n: int) -> None:
        html = "".join(f"<a href=?page={i}>{i}</a>" for i in range(n))
        paging(read_links(html, url), html, url)

    assert_linear(read, 8_000)


@pytest.mark.parametrize("unit", ["page=1&", "p1_", "/1", "?"])
def test_time_for_hostile_addresses_grows_with_the_address(unit: str) -> None:
    html = "<a href=?page=2>2</a>共3页"

    def read(n: int) -> None:
        url = SITE + "/l?" + unit * n
        paging(read_links(html, url), html, url)

    assert_linear(read, 2_000)


# --- sitemaps -----------------------------------------------------------------------------------


def entry(path: str, date: str = "") -> str:
    changed = f"<lastmod>{date}</lastmod>" if date else ""
    return f"<url><loc>{SITE}{path}</loc>{changed}</url>"


def test_a_sitemap() -> None:
    data = (
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        f"{entry('/1.html', '2024-01-30')}{entry('/2.html?a=1&amp;b=2')}{entry('/1.html')}"
        "<url><loc>http://other.com/x</loc></url><url><loc><![CDATA[/3.html]]></loc></url>"
        "<url><loc>ftp://a.cn/</loc></url></urlset>"
    ).encode()
    got = read_sitemap(data, SITE + "/sitemap.xml")
    assert [(one.url.removeprefix(SITE), one.changed) for one in got.pages] == [
        ("/1.html", "2024-01-30"),
        ("/2.html?a=1&b=2", ""),
        ("/3.html", ""),
    ]
    assert (got.other_sites, got.bad, got.cut, got.children) == (1, 1, False, ())
    assert read_sitemap(gzip.compress(data), SITE + "/sitemap.xml.gz") == got


def test_an_index_of_sitemaps_and_a_text_sitemap() -> None:
    data = f"<sitemapindex><sitemap><loc>{SITE}/s1.xml</loc></sitemap></sitemapindex>".encode()
    got = read_sitemap(data, SITE + "/sitemap.xml")
    assert (got.pages, got.children) == ((), (SITE + "/s1.xml",))
    got = read_sitemap(f"{SITE}/1.html\n{SITE}/2.html\n".encode(), SITE + "/sitemap.txt")
    assert [one.url for one in got.pages] == [SITE + "/1.html", SITE + "/2.html"]


def test_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemaps.MAX_URLS == 50_000
    monkeypatch.setattr(sitemaps, "MAX_URLS", 500)
    many = b"<urlset>" + b"".join(b"<url><loc>/%d.html</loc></url>" % n for n in range(510))
    got = read_sitemap(many, SITE + "/sitemap.xml")
    assert len(got.pages) == 500
    assert got.cut
    zeros = gzip.compress(b" " * (20 * 1024 * 1024), 1)
    assert read_sitemap(zeros, SITE + "/s.xml.gz").cut
    laughs = b"<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY b '&a;&a;'>]><urlset><url><loc>/&b;</loc></url>"
    assert [one.url.rstrip(";") for one in read_sitemap(laughs, SITE + "/s").pages] == [
        SITE + "/&b"
    ]


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>404</body></html>", b'{"a":1}', b"\x1f\x8bbroken", b"<loc>" * 1000]
)
def test_what_is_no_sitemap_is_empty(data: bytes) -> None:
    assert read_sitemap(data, SITE + "/sitemap.xml").pages == ()


@pytest.mark.parametrize(
    ("path", "year", "published"),
    [
        ("/zwgk/ndbg2023/", 2023, None),
        ("/xxgk/gknb_2022/1.html", 2022, None),
        ("/2021nb/1.html", 2021, None),
        ("/2021ndgknb/1.html", 2021, None),
        ("/nb.jsp?id=7&year=2020", 2020, None),
        ("/zwgk/ndbg/202401/t20240118_1001.html", None, "2024-01-18"),
        ("/art/2024/1/5/art_77_9.html", None, "2024-01-05"),
        # folders of a column are of the year of publication, unless the day says otherwise
        ("/zwgk/ndbg/2024/t1.html", None, None),
        ("/zwgk/ndbg/2024/t20240118_1.html", None, "2024-01-18"),
        ("/zwgk/ndbg/2023/t20240118_1.html", 2023, "2024-01-18"),
        ("/zwgk/ndbg/2019/t20240118_1.html", None, "2024-01-18"),
        # what contradicts itself says nothing
        ("/ndbg2022/2023nb/1.html", None, None),
        ("/ndbg2024/t20240118_1.html", None, "2024-01-18"),
        ("/ndbg2022/t20220230_1.html", 2022, None),
        # no word of its own
        ("/ndbg20231/1.html", None, None),
        ("/club2023/1.html", None, None),
        ("/nb/1.html", None, None),
        ("/" + "ndbg" * 20_000 + "2023" * 20_000, None, None),
    ],
)
def test_what_an_address_tells(path: str, year: int | None, published: str | None) -> None:
    assert address_tells(SITE + path) == AddressTells(year, published)
