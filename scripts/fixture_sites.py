"""Small sites as plain files, for testing the harvest: list pages, paging, reports, other pages.

``site.json`` names the routes (path, and the query or form values that must match), the file, the
status and the media type of each, where to start, and what a harvest must find.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fixture_documents import docx

from govreport_parse.testing import Record, random_record, render_html
from govreport_parse.testing.fixture_files import json_text

HTML = "text/html; charset=utf-8"


@dataclass
class Site:
    name: str
    family: str
    start: str
    files: dict[str, bytes] = field(default_factory=dict)
    routes: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def add(
        self, path: str, data: bytes | str, kind: str = HTML, status: int = 200, **query: str
    ) -> None:
        body = data.encode() if isinstance(data, str) else data
        last = path.rpartition("/")[2] or "index.html"
        name = last if last not in self.files else f"{len(self.files)}_{last}"
        if query:
            name = f"{name.partition('.')[0]}_{'_'.join(query.values())}.xml"
        self.files[name] = body
        route: dict[str, Any] = {"path": path, "file": name, "status": status, "type": kind}
        self.routes.append(route | ({"query": query} if query else {}))

    def report(self, path: str, r: Record, data: bytes, kind: str = HTML) -> None:
        self.add(path, data, kind)
        self.reports.append(
            {
                "path": path,
                "title": r.title,
                "organ": r.organ,
                "year": r.year,
                "published": r.published,
                "form": r.layout.form,
                "received": int(r.cells["requests/requests_received/total"].value or 0),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )

    def page(self, path: str, data: str) -> None:
        self.add(path, data)
        self.other.append(path)

    def write(self, root: Path) -> None:
        folder = root / self.name
        folder.mkdir(parents=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        about = {
            "schema": "govreport-site/1",
            "family": self.family,
            "start": self.start,
            "routes": self.routes,
            "reports": self.reports,
            "not_reports": self.other,
        }
        if asked := getattr(self, "asked", None):
            about["asked"] = sorted(set(asked))
        (folder / "site.json").write_bytes(json_text(about).encode())


def _record(seed: int, organ: str, year: int) -> Record:
    r = random_record(random.Random(seed), "ogi_annual_2021", "small")
    sections = {
        k: tuple(p.replace(str(r.year), str(year)) for p in v) for k, v in r.sections.items()
    }
    return replace(
        r,
        organ=organ,
        year=year,
        title=f"{organ}{year}年政府信息公开工作年度报告",
        published=f"{year + 1}-01-{10 + seed % 18}",
        preamble=(f"本报告统计期限自{year}年1月1日起至{year}年12月31日止。",),
        sections=sections,
    )


def _article(title: str, *paragraphs: str) -> str:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><h1>{title}</h1><div id="zoom">{body}</div></body></html>'
    )


_INTERPRETATION = (
    "年度报告发布以后，有关人员介绍了编制过程。",
    "报告分六个部分，说明了公开工作的进展和今后的打算。",
)
_ERROR = _article("404", "您访问的页面不存在或已删除")


def hanweb_three_pages() -> Site:
    """A jcms column of seven entries, three a page: page one in the page, the rest by proxy."""
    site = Site("hanweb_three_pages", "hanweb", "/col/col1229400001/index.html")
    site.add("/robots.txt", "User-agent: *\nDisallow: /jsearch/\n", "text/plain")
    entries: list[tuple[str, str, str]] = []
    organs = ("柳湾县财政局", "柳湾县教育局", "柳湾县水利局", "柳湾县审计局", "柳湾县民政局")
    for n, organ in enumerate(organs):
        r = _record(601 + n, organ, 2023)
        path = f"/art/2024/1/{10 + n}/art_1229400001_{5240001 + n}.html"
        site.report(path, r, render_html(r, "clean", "hanweb").text.encode())
        entries.append((path, r.title, r.published))
    title = "《柳湾县2023年政府信息公开工作年度报告》解读"
    path = "/art/2024/2/5/art_1229400001_5240006.html"
    site.page(path, _article(title, *_INTERPRETATION))
    entries.insert(2, (path, title, "2024-02-05"))
    title = "关于报送2023年政府信息公开工作年度报告的通知"
    path = "/art/2023/12/20/art_1229400001_5240007.html"
    site.page(path, _article(title, "请各单位按时报送年度报告。", "逾期未报的将予以通报。"))
    entries.append((path, title, "2023-12-20"))
    pages = [entries[i : i + 3] for i in range(0, len(entries), 3)]
    site.add(site.start, _hanweb_column(pages[0], len(entries), len(pages)))
    for n, page in enumerate(pages):
        site.add(
            "/module/web/jpage/dataproxy.jsp",
            _datastore(page, len(entries), len(pages)),
            "text/xml; charset=utf-8",
            startrecord=str(3 * n + 1),
            endrecord=str(3 * n + 3),
        )
    site.add("/col/col1229400001/index_1.html", _ERROR, status=404)
    return site


def _datastore(page: Sequence[tuple[str, str, str]], records: int, pages: int) -> str:
    items = "".join(
        f'<record><![CDATA[<li><a href="{path}" title="{title}" target="_blank">{title}</a>'
        f"<span>{date}</span></li>]]></record>"
        for path, title, date in page
    )
    return (
        f"<datastore><nextgroup></nextgroup><recordset>{items}</recordset>"
        f"<totalrecord>{records}</totalrecord><totalpage>{pages}</totalpage></datastore>"
    )


def _hanweb_column(page: Sequence[tuple[str, str, str]], records: int, pages: int) -> str:
    store = _datastore(page, records, pages)
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>政府信息公开年报</title>\n'
        '<meta name="ColumnName" content="政府信息公开年报"></head><body>\n'
        '<div class="nav"><a href="/">首页</a><a href="/jsearch/">检索</a></div>\n'
        f'<div id="5240000"><script type="text/xml">{store}</script></div>\n'
        "<script>\nvar param_5240000 = {col: '1', webid: '3105', path: 'http://127.0.0.1/', "
        "columnid: '1229400001', sourceContentType: '1', unitid: '5240000', "
        "webname: '柳湾县人民政府', permissiontype: '0', perpage: '3', "
        f"totalRecord: '{records}', proxyUrl: '/module/web/jpage/dataproxy.jsp'}};\n</script>\n"
        "</body></html>\n"
    )


def ucap_three_pages() -> Site:
    """list.shtml, list_2.shtml, list_3.shtml; one report is a Word file linked from its article."""
    site = Site("ucap_three_pages", "ucap", "/qhx/ndbg/list.shtml")
    site.add("/robots.txt", "User-agent: *\nDisallow: /qhx/ndbg/202301/\n", "text/plain")
    entries: list[tuple[str, str, str]] = []
    for n, (organ, year) in enumerate(
        (("青禾县人民政府", 2023), ("青禾县人民政府", 2022), ("青禾县水利局", 2023))
    ):
        r = _record(621 + n, organ, year)
        path = f"/qhx/ndbg/{year + 1}01/{_hex(organ, year)}.shtml"
        site.report(path, r, render_html(r, "paragraphs", "ucap").text.encode())
        entries.append((path, r.title, r.published))
    r = _record(624, "青禾县教育局", 2023)
    file = f"/qhx/ndbg/202401/{_hex(r.organ, 2023)}/files/report.docx"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    site.report(file, r, docx(r), word)
    path = f"/qhx/ndbg/202401/{_hex(r.organ, 2023)}.shtml"
    link = f'<a href="{file}">附件：{r.title}.docx</a>'
    site.page(path, _article(r.title, f"详见附件。{link}"))
    entries.append((path, r.title, r.published))
    title = "青禾县2023年政务公开工作总结"
    path = f"/qhx/ndbg/202402/{_hex(title, 2024)}.shtml"
    site.page(path, _article(title, "一年来工作平稳推进。", "今后将继续改进。"))
    entries.append((path, title, "2024-02-01"))
    gone = "/qhx/ndbg/202101/00000000000000000000000000000000.shtml"
    site.add(gone, _ERROR, status=404)
    entries.append((gone, "青禾县人民政府2020年政府信息公开工作年度报告", "2021-01-20"))
    for n in range(3):
        name = "/qhx/ndbg/list.shtml" if n == 0 else f"/qhx/ndbg/list_{n + 1}.shtml"
        site.add(name, _ucap_list(entries[2 * n : 2 * n + 2], n + 1))
    return site


def _hex(text: str, year: int) -> str:
    return hashlib.md5(f"{text}{year}".encode(), usedforsecurity=False).hexdigest()


def _ucap_list(page: Sequence[tuple[str, str, str]], current: int) -> str:
    items = "".join(
        f'<li><a href="{path}" target="_blank">{title}</a><span>{date}</span></li>\n'
        for path, title, date in page
    )
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>年度报告</title></head><body>\n'
        f'<ul class="list">\n{items}</ul>\n<div id="page_div"></div>\n'
        f"<script>createPageHTML('page_div', 3, {current}, 'list', 'shtml', 6);</script>\n"
        "</body></html>\n"
    )


SITES = (hanweb_three_pages, ucap_three_pages)
