"""One small site per CMS family, and ten of no family: their list pages, paging and noise.

The markup follows what is known of each family (domain guide, part 3); organs and sentences are
invented. Each site has a column of reports over several list pages, other pages among them, a
report attached as a file, and a list of another column. ``asked`` names every address that a
harvest of the column may ask for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from fixture_documents import docx
from fixture_sites import HTML, Site, _article, _hex, _record

from govreport_parse.testing import Record, render_html

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Entry = tuple[str, str, str]
ROBOTS = "User-agent: *\nDisallow: /search/\n"


class FamilySite(Site):
    """A site that keeps what a harvest may ask for."""

    def __init__(self, name: str, family: str, start: str) -> None:
        super().__init__(name, family, start)
        self.asked: list[str] = ["/robots.txt"]
        self.add("/robots.txt", ROBOTS, "text/plain")

    def column(self, seed: int, county: str, path: Callable[[Record], str]) -> list[Entry]:
        """Six reports, one of them a page with its report attached, and two other pages."""
        entries: list[Entry] = []
        organs = ("人民政府", "财政局", "教育局", "水利局", "民政局")
        for n, organ in enumerate(organs):
            r = _record(seed + n, county + organ, 2023)
            self.html_report(path(r), r)
            entries.append((path(r), r.title, r.published))
        r = _record(seed + 5, county + "统计局", 2022)
        page = path(r)
        file = page.rpartition("/")[0] + f"/files/{seed}.docx"
        self.report(file, r, docx(r), WORD)
        self.reports[-1]["page"] = page
        self.add(page, _article(r.title, f'报告见附件。<a href="{file}">附件：{r.title}.docx</a>'))
        self.asked += [page, file]
        entries.append((page, r.title, r.published))
        title = f"《{county}2023年政府信息公开工作年度报告》解读"
        r = _record(seed + 6, county + "解读", 2023)
        self.page(path(r), _article(title, "报告发布以后，介绍了编制过程。", "全文分六个部分。"))
        entries.insert(2, (path(r), title, "2024-02-05"))
        title = "关于做好2023年政府信息公开工作年度报告编制工作的通知"
        r = _record(seed + 7, county + "通知", 2023)
        self.page(path(r), _article(title, "请各单位按时报送。"))
        entries.append((path(r), title, "2023-12-20"))
        return entries

    def html_report(self, path: str, r: Record) -> None:
        """A report in the page itself."""
        self.report(path, r, render_html(r, "clean").text.encode())
        self.asked.append(path)

    def listing(self, path: str, data: str, kind: str = HTML, **query: str) -> None:
        """A list page."""
        self.add(path, data, kind, **query)
        self.asked.append(path + (f"?{urlencode(query)}" if query else ""))


def _rows(entries: Sequence[Entry]) -> str:
    return "\n".join(
        f'<li><a href="{path}" title="{title}" target="_blank">{title}</a><span>{date}</span></li>'
        for path, title, date in entries
    )


def _page(title: str, body: str, tail: str = "") -> str:
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
        '<div class="nav"><a href="/">首页</a> <a href="/search/">检索</a> '
        '<a href="http://www.example.gov.cn/">上级网站</a></div>\n'
        f'<div class="position">当前位置：首页 &gt; 政府信息公开 &gt; {title}</div>\n'
        f"{body}\n{tail}\n"
        '<div class="side"><a href="/zdly/index.html">重点领域信息公开</a>'
        '<a href="/tjbb/2023.html">2023年政府信息公开统计表</a></div>\n</body></html>\n'
    )


def _thirds(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    return [entries[i : i + 3] for i in range(0, len(entries), 3)]


def _list(entries: Sequence[Entry], tail: str = "", title: str = "政府信息公开年报") -> str:
    return _page(title, f'<ul class="list">\n{_rows(entries)}\n</ul>', tail)


def trs_three_pages() -> Site:
    """``createPageHTML(3, n, "index", "html")``: index.html, index_1.html, index_2.html."""
    site = FamilySite("trs_three_pages", "trs", "/zwgk/ndbg/index.html")
    numbers = iter(range(1001, 1100))
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(
            r.title, f"/zwgk/ndbg/{r.year + 1}01/t{r.year + 1}0118_{next(numbers)}.html"
        )

    for n, part in enumerate(_thirds(site.column(1100, "平湖县", path))):
        name = "index.html" if n == 0 else f"index_{n}.html"
        call = f'<div class="page"><script>createPageHTML(3, {n}, "index", "html");</script></div>'
        site.listing(f"/zwgk/ndbg/{name}", _list(part, call))
    return site


def nfcms_three_pages() -> Site:
    """Articles ``/content/post_N.html``; index_2.html, index_3.html linked by number."""
    site = FamilySite("nfcms_three_pages", "nfcms", "/zwgk/ndbg/index.html")
    numbers = iter(range(4300101, 4300200))
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(r.title, f"/zwgk/ndbg/content/post_{next(numbers)}.html")

    names = ("index.html", "index_2.html", "index_3.html")
    numbered = "".join(f'<a href="{name}">{k}</a>' for k, name in enumerate(names, 1))
    pager = f'<div class="pages">{numbered}</div>'
    for n, part in enumerate(_thirds(site.column(1200, "南岭县", path)), 1):
        name = "index.html" if n == 1 else f"index_{n}.html"
        site.listing(f"/zwgk/ndbg/{name}", _list(part, pager))
    return site


def vsb_three_pages() -> Site:
    """``ndbg.htm``, then ``ndbg/2.htm`` and ``ndbg/1.htm``: the numbers count down."""
    site = FamilySite("vsb_three_pages", "vsb", "/zwgk/ndbg.htm")
    numbers = iter(range(5601, 5700))
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(r.title, f"/info/1023/{next(numbers)}.htm")

    parts = _thirds(site.column(1300, "东岗县", path))
    tails = (
        '<a href="ndbg/2.htm">下页</a> <a href="ndbg/1.htm">尾页</a>',
        '<a href="../ndbg.htm">首页</a> <a href="1.htm">下页</a>',
        '<a href="../ndbg.htm">首页</a> <a href="2.htm">上页</a>',
    )
    for name, part, tail in zip(
        ("ndbg.htm", "ndbg/2.htm", "ndbg/1.htm"), parts, tails, strict=True
    ):
        site.listing(f"/zwgk/{name}", _list(part, f'<div class="pb_sys_common">{tail}</div>'))
    return site


def anhui_three_pages() -> Site:
    """``/OpennessContent/showList/<organ>/<column>/page_k.html`` with the number of pages."""
    base = "/OpennessContent/showList/3101/41022"
    site = FamilySite("anhui_three_pages", "anhui", f"{base}/page_1.html")
    numbers = iter(range(2870101, 2870200))
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(r.title, f"/OpennessContent/show/{next(numbers)}.html")

    for n, part in enumerate(_thirds(site.column(1400, "石河县", path)), 1):
        tail = f'<div class="page">共8条 共3页 第{n}页 <a href="{base}/page_3.html">末页</a></div>'
        site.listing(f"{base}/page_{n}.html", _list(part, tail))
    return site


def hanweb_annual_grid() -> Site:
    """``xxgkAnnualReport.jsp?area=<organ>&fbtime=<year>``: three organs, two years."""
    report = "/module/xxgk/xxgkAnnualReport.jsp"
    site = FamilySite("hanweb_annual_grid", "hanweb_annual", "/module/xxgk/search.jsp")
    links: list[str] = []
    for n, (area, organ) in enumerate(
        (("QSX01", "泉山县人民政府"), ("QSX02", "泉山县司法局"), ("QSX03", "泉山县审计局"))
    ):
        links.append(f'<li><a href="{report}?area={area}">{organ}</a></li>')
        for year in (2023, 2022):
            r = _record(1500 + 10 * n + year % 10, organ, year)
            query = {"area": area, "fbtime": str(year)}
            data = render_html(r, "clean").text.encode()
            site.report(report, r, data)
            site.files.pop(site.routes[-1]["file"])
            name = f"{area}_{year}.html"
            site.files[name] = data
            site.routes[-1] |= {"file": name, "query": query}
            site.reports[-1]["path"] = f"{report}?{urlencode(query)}"
            site.asked.append(f"{report}?{urlencode(query)}")
    years = "".join(f'<option value="{y}">{y}年</option>' for y in (2023, 2022))
    body = f'<ul class="tree">{"".join(links)}</ul><select name="fbtime">{years}</select>'
    site.listing("/module/xxgk/search.jsp", _page("信息公开年度报告", body))
    return site


def hanweb_jpaas_three_pages() -> Site:
    """The list comes as JSON from the publish server, page by page."""
    site = FamilySite("hanweb_jpaas_three_pages", "hanweb_jpaas", "/col/col1229500/index.html")
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(r.title, f"/art/{r.year + 1}/art_{_hex(r.title, r.year)}.html")

    entries = site.column(1600, "白塔县", path)
    # more than two pages of fifteen: work summaries before and behind the reports
    filler = [
        (
            f"/art/2023/art_{_hex('工作动态', n)}.html",
            f"白塔县政务公开工作动态第{n}期",
            "2023-05-01",
        )
        for n in range(1, 27)
    ]
    entries = [*filler[:10], *entries[:4], *filler[10:20], *entries[4:], *filler[20:]]
    part = {
        "webId": "8b1",
        "tplSetId": "tp9",
        "pageType": "column",
        "tagId": "list1",
        "pageId": "p77",
    }
    query_data = json.dumps(part).replace('"', "'")
    script = (
        '<div id="list1"></div><script src="/jpaas-publish-server/js/unit.js"></script>'
        f'<script>var queryData = "{query_data}";</script>'
    )
    site.listing("/col/col1229500/index.html", _page("政府信息公开年报", script))
    unit = "/api-gateway/jpaas-publish-server/front/page/build/unit"
    for n in range(3):
        rows = _rows(entries[15 * n : 15 * n + 15])
        markup = f"<ul>{rows}</ul><script>var count = '{len(entries)}';</script>"
        answer = json.dumps({"success": True, "data": {"html": markup}}, ensure_ascii=False)
        query = {
            "parseType": "bulidstatic",
            "webId": "8b1",
            "tplSetId": "tp9",
            "pageType": "column",
            "tagId": "list1",
            "pageId": "p77",
            "paramJson": json.dumps({"pageNo": n + 1, "pageSize": 15}, separators=(",", ":")),
        }
        site.add(unit, answer, "application/json; charset=utf-8")
        name = f"unit_{n + 1}.json"
        site.files[name] = site.files.pop(site.routes[-1]["file"])
        site.routes[-1] |= {"file": name, "query": {"paramJson": query["paramJson"]}}
        site.asked.append(f"{unit}?{urlencode(query)}")
    return site


def gkmlpt_three_pages() -> Site:
    """JSON of 100 articles a page; the page names the site's number and the tree of categories."""
    site = FamilySite("gkmlpt_three_pages", "gkmlpt", "/gkmlpt/index")
    numbers = iter(range(11001, 11100))
    known: dict[str, str] = {}

    def path(r: Record) -> str:
        return known.setdefault(
            r.title, f"/gkmlpt/content/11/{next(numbers)}/post_{len(known)}.html"
        )

    entries = site.column(1700, "海门县", path)
    filler = [
        (
            f"/gkmlpt/content/9/{n}/post_{n}.html",
            f"海门县政府信息公开指南修订说明（{n}）",
            "2023-03-01",
        )
        for n in range(1, 200)
    ]
    entries = [*filler[:60], *entries[:3], *filler[60:150], *entries[3:], *filler[150:]]
    script = (
        "<script>window._CONFIG = {SID: '755012', TREE: [{id: 5401, name: '政策文件'}, "
        "{id: 5402, name: '政府信息公开年报'}]};</script>"
    )
    site.listing("/gkmlpt/index", _page("政府信息公开", script))
    for n in range(3):
        articles = [
            {
                "id": i,
                "title": title,
                "url": f"http://www.example.gov.cn{path_}",
                "post_url": path_,
                "publisher": "海门县人民政府",
                "created_at": f"{date} 09:00:00",
            }
            for i, (path_, title, date) in enumerate(entries[100 * n : 100 * n + 100])
        ]
        answer = json.dumps({"total": len(entries), "articles": articles}, ensure_ascii=False)
        query = {"page": str(n + 1), "sid": "755012"}
        site.add("/gkmlpt/api/all/5402", answer, "application/json; charset=utf-8", **query)
        name = f"all_{n + 1}.json"
        site.files[name] = site.files.pop(site.routes[-1]["file"])
        site.routes[-1]["file"] = name
        site.asked.append(f"/gkmlpt/api/all/5402?{urlencode(query)}")
    return site


def _regional(name: str, family: str, seed: int, county: str, article: str) -> Callable[[], Site]:
    """A list with links to its next pages; ``article`` has a place for a number and a hash."""

    def build() -> Site:
        site = FamilySite(name, family, "/zwgk/ndbg/list.html")
        numbers = iter(range(3201, 3300))
        known: dict[str, str] = {}

        def path(r: Record) -> str:
            number = next(numbers) if r.title not in known else 0
            made = article.format(
                n=number,
                hex=_hex(r.title, r.year)[:24],
                day=f"{r.year + 1}01",
                ts=17049000000 + number,
            )
            return known.setdefault(r.title, made)

        for n, part in enumerate(_thirds(site.column(seed, county, path)), 1):
            name_ = "list.html" if n == 1 else f"list_{n}.html"
            tail = (
                f'<div class="page"><a href="list_{n + 1}.html">下一页</a></div>' if n < 3 else ""
            )
            site.listing(f"/zwgk/ndbg/{name_}", _list(part, tail))
        return site

    build.__name__ = name
    build.__doc__ = f"Addresses of the family {family}; paging by links."
    return build


REGIONAL = tuple(
    _regional(f"{family}_pages", family, seed, county, article)
    for family, seed, county, article in (
        ("anhui_public", 1800, "花园县", "/public/26741/{n}.html"),
        ("shaanxi", 1810, "黄塬县", "/zfxxgk/fdzdgknr/{hex}.html"),
        ("shandong", 1820, "海阳台县", "/gongkai/site_hytx/channel_x_1/doc_{hex}.html"),
        ("heilongjiang", 1830, "松岭县", "/slx/c100101/{day}/c01_{n}.shtml"),
        ("beijing", 1840, "燕平区", "/ypq/c20011/{day}/{n}.shtml"),
        ("hebei", 1850, "滏河县", "/xxgkcontent-1042-{n}.html"),
        ("sichuan", 1860, "青竹县", "/xxgk-show-{n}.html"),
        ("neimenggu", 1870, "草原旗", "/zfxxgk/article_{ts}.html"),
    )
)


# -- sites of no family ----------------------------------------------------------------------------


def _generic(
    number: int, pager: Callable[[int], tuple[str, str]], layout: str
) -> Callable[[], Site]:
    """``pager``: page number to its address and the markup that leads on."""

    def build() -> Site:
        start, _ = pager(1)
        site = FamilySite(name, "generic", start)
        known: dict[str, str] = {}

        def path(r: Record) -> str:
            return known.setdefault(r.title, f"/show/{number}{len(known):02d}.html")

        for n, part in enumerate(
            _thirds(site.column(2000 + 10 * number, f"第{_CHINESE[number]}县", path)), 1
        ):
            address, tail = pager(n)
            text = _LAYOUTS[layout](part, tail)
            route, _, query = address.partition("?")
            site.listing(route, text, **dict(q.split("=") for q in query.split("&") if q))
        return site

    name = f"generic_{number:02d}"
    build.__name__ = name
    return build


_CHINESE = "零一二三四五六七八九十"


def _table_list(part: Sequence[Entry], tail: str) -> str:
    rows = "".join(
        f'<tr><td>{n}</td><td><a href="{path}">{title}</a></td><td>{date}</td></tr>'
        for n, (path, title, date) in enumerate(part, 1)
    )
    return _page(
        "年度报告", f"<table><tr><th>序号</th><th>标题</th><th>日期</th></tr>{rows}</table>", tail
    )


def _cut_titles(part: Sequence[Entry], tail: str) -> str:
    rows = "".join(
        f'<p><a href="{path}" title="{title}">{title[:14]}…</a> [{date}]</p>'
        for path, title, date in part
    )
    return _page("政府信息公开年度报告", rows, tail)


def _onclick(part: Sequence[Entry], tail: str) -> str:
    rows = "".join(
        f'<li><a href="javascript:void(0)" onclick="window.open(\'{path}\')">{title}</a></li>'
        for path, title, _ in part
    )
    return _page("信息公开年报", f"<ul>{rows}</ul>", tail)


_LAYOUTS: dict[str, Callable[[Sequence[Entry], str], str]] = {
    "list": _list,
    "table": _table_list,
    "cut": _cut_titles,
    "onclick": _onclick,
}


def _plain(n: int) -> tuple[str, str]:
    return f"/list.asp?page={n}", f'<a href="list.asp?page={n + 1}">下一页</a>' if n < 3 else ""


def _numbers(n: int) -> tuple[str, str]:
    links = " ".join(f'<a href="/bg/p{k}.html">{k}</a>' for k in (1, 2, 3) if k != n)
    return f"/bg/p{n}.html", f'<div class="pagination">{links}</div>'


def _arrows(n: int) -> tuple[str, str]:
    return f"/nb/{n}/", f'<div class="pager"><a href="/nb/{n + 1}/">&gt;</a></div>' if n < 3 else ""


def _last(n: int) -> tuple[str, str]:
    name = "index.html" if n == 1 else f"index_{n}.html"
    tail = f'第{n}/3页 <a href="index_3.html">尾页</a>'
    return f"/gk/nb/{name}", tail + (f' <a href="index_{n + 1}.html">下页</a>' if n < 3 else "")


def _count(n: int) -> tuple[str, str]:
    return f"/xxgk/list-{n}.html", f"共 3 页，当前第 {n} 页" + (
        f'<a href="list-{n + 1}.html">下一页&gt;&gt;</a>' if n < 3 else ""
    )


def _offset(n: int) -> tuple[str, str]:
    return (
        f"/news?cat=12&start={3 * n - 3}",
        f'<a class="next" href="/news?cat=12&amp;start={3 * n}">后一页</a>' if n < 3 else "",
    )


def _php(n: int) -> tuple[str, str]:
    return (
        f"/list.php?tid=8&PageNo={n}",
        f"<a href='list.php?tid=8&PageNo={n + 1}'>下一页</a>" if n < 3 else "",
    )


def _rel(n: int) -> tuple[str, str]:
    return f"/a/{n}.html", f'<a rel="next" href="/a/{n + 1}.html">更多</a>' if n < 3 else ""


GENERIC = tuple(
    _generic(number, pager, layout)
    for number, (pager, layout) in enumerate(
        (
            (_plain, "list"),
            (_numbers, "table"),
            (_arrows, "cut"),
            (_last, "list"),
            (_count, "table"),
            (_offset, "list"),
            (_php, "cut"),
            (_rel, "list"),
            (_plain, "onclick"),
            (_numbers, "cut"),
        ),
        1,
    )
)

FAMILY_SITES: tuple[Callable[[], Site], ...] = (
    trs_three_pages,
    nfcms_three_pages,
    vsb_three_pages,
    anhui_three_pages,
    hanweb_annual_grid,
    hanweb_jpaas_three_pages,
    gkmlpt_three_pages,
    *REGIONAL,
    *GENERIC,
)
