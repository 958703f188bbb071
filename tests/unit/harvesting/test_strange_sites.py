"""Sites whose lists follow no family: reports are found, or it is said why not; nothing twice."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from harvesting.harvested_site import Site, lookup, served, sites

from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.discover import Discoveries, discover

YEAR = "2023年政府信息公开工作年度报告"
NOISE = "<li><a href='/about.html'>关于我们</a></li><li><a href='/n/9.html'>召开工作会议</a></li>"


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as made:
        yield made


def page(body: str, title: str = "政府信息公开年报") -> bytes:
    return served(
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body>{body}"
        f"</body></html>".encode()
    )


@dataclass
class Strange:
    """A site: its pages by address, where to start, what must be found, what may be asked for."""

    pages: dict[str, bytes]
    found: tuple[str, ...] = ()
    """Addresses of reports."""
    asked: tuple[str, ...] = ("/nb/",)
    why: str = ""
    """What is said of the list."""
    kind: str = "list"
    start: str = "/nb/"
    robots: bytes | None = None
    organs: tuple[str | None, ...] = field(default=())


def script(text: str) -> str:
    return f"<script>{text}</script>"


STRANGE = {
    "json in a script": Strange(
        {
            "/nb/": page(
                f"<ul>{NOISE}</ul><div id='list'></div>"
                + script(
                    'var data = [{"id": 1, "title": "甲县财政局' + YEAR + '", "url": "/a/1.html",'
                    ' "date": "2024-01-20"}, {"title": "\\u4e59\\u9547' + YEAR + '",'
                    ' "url": "\\/a\\/2.html"}, {"title": "工作动态", "url": "/a/3.html"}];'
                    "render(data);"
                )
            )
        },
        ("/a/1.html", "/a/2.html"),
        organs=("甲县财政局", "乙镇"),
    ),
    "loose objects in a script": Strange(
        {
            "/nb/": page(
                script(
                    f"list.push({{id:7, title:'甲局{YEAR}', linkurl:'../x/7.htm'}});"
                    f"list.push({{id:8, title:'乙局{YEAR}', linkurl:'../x/8.htm'}});"
                )
            )
        },
        ("/x/7.htm", "/x/8.htm"),
    ),
    "frames": Strange(
        {
            "/": page("<frameset><frame src='top.htm'><frame src='/nb/list.htm'></frameset>"),
            "/top.htm": page("<a href='/about.html'>关于我们</a>"),
            "/nb/list.htm": page(f"<a href='1.htm'>甲局{YEAR}</a>"),
        },
        ("/nb/1.htm",),
        asked=("/", "/nb/list.htm", "/top.htm"),
        start="/",
        kind="site",
    ),
    "options of a menu": Strange(
        {
            "/nb/": page(
                "<select onchange='go(this)'><option value=''>请选择</option>"
                f"<option value='/nb/1.html'>甲局{YEAR}</option>"
                f"<option value='/nb/2.html'>乙局{YEAR}</option><option value='3'>三</option>"
                "</select>"
            )
        },
        ("/nb/1.html", "/nb/2.html"),
    ),
    "rows that open when clicked": Strange(
        {
            "/nb/": page(
                f"<table><tr onclick=\"location.href='1.html'\"><td>1</td><td>甲局{YEAR}</td>"
                "<td>2024-01-20</td></tr>"
                f"<tr onclick=\"window.open('2.html')\"><td>2</td><td>乙局{YEAR}</td></tr></table>"
            )
        },
        ("/nb/1.html", "/nb/2.html"),
    ),
    "elements that hold the address": Strange(
        {
            "/nb/": page(
                f"<ul><li data-url='/nb/1.html'><b>甲局</b>{YEAR}</li>"
                f"<li data-url='/nb/2.html'>乙局{YEAR}</li><li data-url='/x.html'>动态</li></ul>"
            )
        },
        ("/nb/1.html", "/nb/2.html"),
    ),
    "a relative base": Strange(
        {
            "/nb/": page(f"<base href='../zfxx/'><a href='1.html'>甲局{YEAR}</a>{NOISE}"),
        },
        ("/zfxx/1.html",),
    ),
    "addresses in GBK": Strange(
        {
            "/nb/": served(
                f"<html><meta charset=gbk><body><a href='show.asp?name=甲局'>甲局{YEAR}</a>"
                f"<a href='list.asp?lb=年报&page=2'>下一页</a></body></html>".encode("gbk"),
                b"Content-Type: text/html; charset=gbk\r\n",
            ),
            "/nb/list.asp?lb=%C4%EA%B1%A8&page=2": served(
                f"<html><meta charset=gbk><body><a href='show.asp?name=%D2%D2'>乙局{YEAR}</a>"
                f"</body></html>".encode("gbk"),
                b"Content-Type: text/html; charset=gbk\r\n",
            ),
        },
        ("/nb/show.asp?name=%BC%D7%BE%D6", "/nb/show.asp?name=%D2%D2"),
        asked=("/nb/", "/nb/list.asp?lb=%C4%EA%B1%A8&page=2"),
    ),
    "session ids": Strange(
        {
            "/nb/": page(
                f"<a href='1.jsp;jsessionid=A1?id=1'>甲局{YEAR}</a>"
                f"<a href='1.jsp;jsessionid=B2?id=1'>甲局{YEAR}</a>"
                "<a href='/nb/?PHPSESSID=abc123'>政府信息公开年报</a>"
                "<a href='l.jsp;jsessionid=C3?page=2'>下一页</a>"
            ),
            "/nb/l.jsp?page=2": page(
                f"<a href='1.jsp;jsessionid=D4?id=2'>乙局{YEAR}</a>"
                "<a href='l.jsp;jsessionid=E5?page=2'>下一页</a>"
                "<a href='/nb/;jsessionid=F6'>首页</a>"
            ),
        },
        ("/nb/1.jsp?id=1", "/nb/1.jsp?id=2"),
        asked=("/nb/", "/nb/l.jsp?page=2"),
    ),
    "tokens that change with each visit": Strange(
        {
            "/nb/": page(
                f"<a href='1.jsp?id=1&token=9f3kd82m'>甲局{YEAR}</a>"
                f"<a href='1.jsp?id=1&token=77akd82x'>甲局{YEAR}</a>"
                "<a href='/nb/?_=1700000000001'>政府信息公开年报</a>"
                "<a href='l.jsp?page=2&rnd=0.531'>下一页</a>"
            ),
            "/nb/l.jsp?page=2&rnd=0.531": page(
                f"<a href='1.jsp?id=2&token=1b2c3d4e5f'>乙局{YEAR}</a>"
                f"<a href='1.jsp?id=1&token=aa11bb22cc'>甲局{YEAR}</a>"
                "<a href='l.jsp?page=2&rnd=0.997'>下一页</a>"
            ),
        },
        ("/nb/1.jsp?id=1&token=9f3kd82m", "/nb/1.jsp?id=2&token=1b2c3d4e5f"),
        asked=("/nb/", "/nb/l.jsp?page=2&rnd=0.531"),
    ),
    "a calendar beside the list": Strange(
        {
            "/nb/": page(
                f"<a href='1.html'>甲局{YEAR}</a><table><tr><td><a href='?date=2024-02'>»</a></td>"
                "<td><a href='?date=2024-01-07'>7</a></td><td><a href='/nb/2024/02/'>&gt;</a></td>"
                "</tr></table>"
            )
        },
        ("/nb/1.html",),
    ),
    "pages sent for by a form": Strange(
        {
            "/nb/": page(
                f"<form name=f method=post action='/nb/'><a href='1.html'>甲局{YEAR}</a>"
                "<input name=p value=1>共3页"
                "<a href='javascript:document.f.submit()'>下一页</a></form>"
            )
        },
        ("/nb/1.html",),
        why="turned by a script only",
    ),
    "a script and nothing else": Strange(
        {"/nb/": page("<div id=app></div><script src='/js/app.js'></script>")},
        asked=("/nb/", "/sitemap.xml"),
        why="a script fills it in the browser",
    ),
    "links that only scripts can open": Strange(
        {
            "/nb/": page(
                "".join(f"<a href='javascript:show({n})'>{n}号镇{YEAR}</a>" for n in range(8))
                + "<a href='/about.html'>关于我们</a>"
            )
        },
        asked=("/nb/", "/sitemap.xml"),
        why="8 of its links are opened by scripts",
    ),
    "a feed": Strange(
        {
            "/nb/": served(
                "<?xml version='1.0' encoding='utf-8'?><rss><channel><title>年报</title>"
                f"<item><title><![CDATA[甲局{YEAR}]]></title><link>/nb/1.html</link>"
                "<pubDate>2024-01-20</pubDate></item>"
                "<item><title>动态</title><link>/nb/2.html</link></item></channel></rss>".encode(),
                b"Content-Type: text/xml\r\n",
            )
        },
        ("/nb/1.html",),
    ),
    "a search form": Strange(
        {"/nb/": page("<form method=post action='/s'><input name=q><button>查询</button></form>")},
        asked=("/nb/", "/sitemap.xml"),
        why="asked for by a form",
    ),
    "other subjects only": Strange(
        {"/nb/": page("<ul>" + NOISE * 4 + "</ul>")},
        asked=("/nb/", "/sitemap.xml"),
        why="none of its links is called like a report",
    ),
    "another site": Strange(
        {"/nb/": page(f"<a href='http://other.example.com/1.html'>甲局{YEAR}</a>{NOISE}")},
        asked=("/nb/",),
    ),
}


def look(site: Site, strange: Strange) -> Discoveries:
    for address, reply in strange.pages.items():
        path = address.partition("?")[0]
        if path == address:
            known = {a: r for a, r in strange.pages.items() if a.partition("?")[0] == path}
            site.page(path, lambda talk, _before, k=known, r=reply: k.get(talk.seen.path, r))
        elif path not in strange.pages:
            known = {a: r for a, r in strange.pages.items() if a.partition("?")[0] == path}
            site.page(path, lambda talk, _before, k=known: k[talk.seen.path])
    if strange.robots is not None:
        site.page("/robots.txt", strange.robots)
    return discover(
        [{"url": site.url(strange.start), "kind": strange.kind}],
        "someone@example.org",
        allow_private=True,
        i_own_these_hosts=True,
        delay=0.0,
        resolver=Resolver(lookup),
        crawl=CrawlOptions(retry_wait=0.05, longest_wait=5.0),
        pace={"busy_factor": 0.0},
    )


def asked(site: Site) -> list[str]:
    return [seen.path for seen in site.server.log if seen.path != "/robots.txt"]


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_site_gives_its_reports_or_the_reason(name: str, site: Site) -> None:
    strange = STRANGE[name]
    got = look(site, strange)
    assert sorted(r.url.removeprefix(site.url("")) for r in got.reports) == sorted(strange.found)
    assert all(r.year == 2023 for r in got.reports)
    if strange.organs:
        assert tuple(r.organ for r in got.reports) == strange.organs
    assert asked(site) == list(dict.fromkeys(asked(site))), "nothing twice"
    assert sorted(asked(site)) == sorted(strange.asked), "nothing else"
    if strange.why:
        assert strange.why in " ".join(got.problems)
    elif strange.found:
        assert got.problems == ()


def test_a_calendar_without_end_is_bounded(site: Site) -> None:
    """Months that link to the next month, each under a new address, with the list's own words."""
    month = [0]

    def reply(_talk: object, _before: int) -> bytes:
        month[0] += 1
        return page(f"<p>{month[0]}月</p><a href='/c/m{month[0]}.html'>下一页</a>")

    for n in range(400):
        site.page(f"/c/m{n}.html", reply)
    site.page("/c/", reply)
    strange = Strange({}, start="/c/")
    got = look(site, strange)
    assert got.reports == ()
    assert len(asked(site)) <= 203


# -- sitemaps --------------------------------------------------------------------------------------

EMPTY = page("<div id=app></div><script src='/js/app.js'></script>")
XML = b"Content-Type: application/xml\r\n"


def sitemap(*paths: str, kind: str = "urlset") -> bytes:
    inner = "url" if kind == "urlset" else "sitemap"
    rows = "".join(f"<{inner}><loc>{{base}}{path}</loc></{inner}>" for path in paths)
    return f"<?xml version='1.0'?><{kind}>{rows}</{kind}>".encode()


def put(site: Site, path: str, body: bytes, head: bytes = XML) -> None:
    site.page(path, served(body.replace(b"{base}", site.url("").encode()), head))


def test_the_usual_sitemap_is_asked_for_where_the_page_gives_nothing(site: Site) -> None:
    put(site, "/sitemap.xml", sitemap("/news/1.html", "/zwgk/ndbg/", "/zwgk/ndbg/7.html", "/bmfw/"))
    column = page(f"<a href='1.html'>甲局{YEAR}</a><a href='2.html'>乙局{YEAR}</a>")
    got = look(site, Strange({"/": EMPTY, "/zwgk/ndbg/": column}, start="/", kind="site"))
    assert [r.url.removeprefix(site.url("")) for r in got.reports] == [
        "/zwgk/ndbg/1.html",
        "/zwgk/ndbg/2.html",
    ]
    assert asked(site) == ["/", "/sitemap.xml", "/zwgk/ndbg/"]


def test_robots_names_the_sitemaps_and_an_index_leads_on(site: Site) -> None:
    robots = "User-agent: *\nAllow: /\nSitemap: {base}/maps/all_sitemap.xml\n"
    put(site, "/robots.txt", robots.encode(), b"Content-Type: text/plain\r\n")
    put(
        site, "/maps/all_sitemap.xml", sitemap("/maps/a.xml", "/maps/b.xml.gz", kind="sitemapindex")
    )
    put(site, "/maps/a.xml", sitemap("/news/1.html"))
    packed = gzip.compress(sitemap("/xxgk/gknb/5.html").replace(b"{base}", site.url("").encode()))
    site.page("/maps/b.xml.gz", served(packed, b"Content-Type: application/gzip\r\n"))
    got = look(site, Strange({"/": EMPTY}, start="/", kind="site"))
    assert [r.url.removeprefix(site.url("")) for r in got.reports] == ["/xxgk/gknb/5.html"]
    assert got.reports[0].confidence < 0.5, "an address alone says little"
    assert asked(site) == ["/", "/maps/all_sitemap.xml", "/maps/a.xml", "/maps/b.xml.gz"]
    assert "none of the 1 addresses of the sitemap speaks of reports" in " ".join(got.problems)


def test_what_only_a_sitemap_gives_has_year_and_day_of_its_address_alone(site: Site) -> None:
    """No title and no organ; ``lastmod``, which a new site sets for all pages, says nothing."""
    paths = ("/ndbg2022/1.html", "/gknb/2023/t20240118_2.html", "/zwgk/ndbg/2024/3.html")
    inner = "".join(
        f"<url><loc>{{base}}{path}</loc><lastmod>2025-06-01</lastmod></url>" for path in paths
    )
    put(site, "/sitemap.xml", f"<?xml version='1.0'?><urlset>{inner}</urlset>".encode())
    got = look(site, Strange({"/": EMPTY}, start="/", kind="site"))
    assert [
        (r.organ, r.title, r.year, r.published, r.confidence, r.family) for r in got.reports
    ] == [
        (None, "", 2022, None, 0.5, "sitemap"),
        (None, "", 2023, "2024-01-18", 0.5, "sitemap"),
        (None, "", None, None, 0.4, "sitemap"),
    ]


def test_no_sitemap_is_asked_for_where_the_page_gives_something(site: Site) -> None:
    put(site, "/sitemap.xml", sitemap("/zwgk/ndbg/"))
    look(site, Strange({"/nb/": page(f"<a href='1.html'>甲局{YEAR}</a>")}))
    assert asked(site) == ["/nb/"]


def test_sitemaps_are_bounded(site: Site) -> None:
    many = [f"/maps/s{n}.xml" for n in range(100)]
    put(site, "/sitemap.xml", sitemap(*many, kind="sitemapindex"))
    for path in many:
        put(site, path, sitemap("/sitemap.xml", path, kind="sitemapindex"))
    got = look(site, Strange({"/": EMPTY}, start="/", kind="site"))
    assert got.reports == ()
    assert len(asked(site)) <= 22
    assert max(site.asked.values()) == 1


def test_a_packed_sitemap_that_swells_is_cut(site: Site) -> None:
    swollen = gzip.compress(b"<urlset>" + b" " * (20 << 20), 9)
    put(site, "/robots.txt", b"Sitemap: {base}/sitemap.xml.gz\n", b"Content-Type: text/plain\r\n")
    site.page("/sitemap.xml.gz", served(swollen, b"Content-Type: application/gzip\r\n"))
    got = look(site, Strange({"/": EMPTY}, start="/", kind="site"))
    assert "longer than is read" in " ".join(got.problems)


def test_a_page_that_is_no_sitemap_leads_nowhere(site: Site) -> None:
    site.page("/sitemap.xml", page("<h1>页面不存在</h1>"))
    got = look(site, Strange({"/": EMPTY}, start="/", kind="site"))
    assert got.reports == ()
    assert asked(site) == ["/", "/sitemap.xml"]
