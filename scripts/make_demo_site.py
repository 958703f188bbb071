"""Writes the bundled site that ``govreport demo`` harvests over loopback.

An invented county's column of annual reports in two list pages: HTML in UTF-8 and GB18030, a page
whose report is an attached PDF, a Word file linked from the list, a page with its report and the
same report attached, a notice and an explanation (no reports), an address that robots.txt forbids,
a page that is gone with status 404 and one that says so with status 200, and a page with a blank
figure. Run by hand after a change to the generator; the files are committed. Needs reportlab, as
``make_fixtures.py`` does.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

from fixture_documents import docx, pdf
from fixture_sites import Site, _article

from govreport_parse.testing import Record, as_bytes, random_record, render_html
from govreport_parse.testing.generate import CellText
from govreport_parse.values import State

FOLDER = Path(__file__).parents[1] / "src" / "govreport_parse" / "data" / "site"
COLUMN = "/zwgk/ndbg/"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def record(seed: int, organ: str, year: int, published: str) -> Record:
    """A random consistent record under an invented organ's name."""
    form = "ogi_annual_2021" if year >= 2021 else "ogi_annual_2019"
    r = random_record(random.Random(seed), form, "small")
    sections = {
        k: tuple(p.replace(str(r.year), str(year)).replace(r.organ, organ) for p in v)
        for k, v in r.sections.items()
    }
    return replace(
        r,
        organ=organ,
        year=year,
        title=f"{organ}{year}年政府信息公开工作年度报告",
        published=published,
        preamble=(f"本报告统计期限自{year}年1月1日起至{year}年12月31日止。",),
        sections=sections,
    )


def site() -> Site:
    """The site and what a harvest of its column must find."""
    made = Site("demo", "generic", COLUMN)
    made.add("/robots.txt", "User-agent: *\nDisallow: /internal/\nCrawl-delay: 0\n", "text/plain")
    entries: list[tuple[str, str, str]] = []

    def entry(path: str, r: Record) -> None:
        entries.append((path, r.title, r.published))

    r = record(901, "清溪县人民政府", 2023, "2024-01-25")
    made.report(f"{COLUMN}2024/t1.html", r, render_html(r, "clean").text.encode())
    entry(f"{COLUMN}2024/t1.html", r)

    r = record(902, "清溪县财政局", 2022, "2023-01-16")
    page = as_bytes(render_html(r, "word").text, "gb18030", declared="utf-8").data
    made.report(f"{COLUMN}2023/t2.html", r, page)
    entry(f"{COLUMN}2023/t2.html", r)

    r = record(903, "清溪县教育局", 2023, "2024-01-18")
    made.report(f"{COLUMN}2024/files/education.pdf", r, pdf(r), "application/pdf")
    link = f'<a href="files/education.pdf">附件：{r.title}.pdf</a>'
    made.add(f"{COLUMN}2024/t3.html", _article(r.title, "年度报告见附件。", link))
    entry(f"{COLUMN}2024/t3.html", r)

    r = record(904, "清溪县水利局", 2023, "2024-01-19")
    made.report(f"{COLUMN}2024/files/water.docx", r, docx(r), WORD)
    entry(f"{COLUMN}2024/files/water.docx", r)

    r = record(905, "清溪县柳河镇人民政府", 2023, "2024-01-11")
    blank = "requests/refused_state_secret/total"
    r = r.with_cell(blank, CellText("", None, State.BLANK, "件"))
    html = render_html(r, "paragraphs").text
    link = '<p>附件：<a href="files/liuhe.docx">柳河镇年度报告.docx</a></p>'
    at = html.rindex("</table>") + len("</table>")
    made.report(f"{COLUMN}2024/t5.html", r, (html[:at] + link + html[at:]).encode())
    made.add(f"{COLUMN}2024/files/liuhe.docx", docx(r), WORD)
    entry(f"{COLUMN}2024/t5.html", r)

    title = "《清溪县2023年政府信息公开工作年度报告》解读"
    made.add(f"{COLUMN}2024/t6.html", _article(title, "报告分六个部分。", "现将要点说明如下。"))
    entries.append((f"{COLUMN}2024/t6.html", title, "2024-02-02"))

    r = record(907, "清溪县民政局", 2023, "2024-01-12")
    made.add(f"{COLUMN}2024/t7.html", _article("404", "您访问的页面不存在。"), status=404)
    entry(f"{COLUMN}2024/t7.html", r)
    r = record(908, "清溪县司法局", 2023, "2024-01-13")
    made.add(f"{COLUMN}2024/t8.html", _article("提示", "您访问的页面不存在或已被删除！"))
    entry(f"{COLUMN}2024/t8.html", r)
    r = record(909, "清溪县审计局", 2023, "2024-01-15")
    made.add("/internal/t9.html", render_html(r, "clean").text)
    entry("/internal/t9.html", r)

    r = record(910, "清溪县人民政府", 2020, "2021-01-27")
    made.report(f"{COLUMN}2021/t10.html", r, render_html(r, "clean").text.encode())
    entry(f"{COLUMN}2021/t10.html", r)

    half = len(entries) // 2
    made.add(COLUMN, listing(entries[:half], 1))
    made.add(f"{COLUMN}index_1.html", listing(entries[half:], 2))
    return made


def listing(entries: list[tuple[str, str, str]], page: int) -> str:
    """One list page with its paging."""
    items = "\n".join(
        f'<li><a href="{path}" title="{title}" target="_blank">{title}</a><span>{date}</span></li>'
        for path, title, date in entries
    )
    to, word = (f"{COLUMN}index_1.html", "下一页") if page == 1 else (COLUMN, "上一页")
    other = f'<a href="{to}">{word}</a>'
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head>'
        '<body>\n<div class="nav"><a href="/">首页</a> <a href="/zwgk/">政务公开</a> '
        '<a href="http://www.example.gov.cn/">友情链接</a></div>\n'
        f'<div class="position">当前位置：首页 &gt; 政务公开 &gt; 政府信息公开年报</div>\n'
        f'<ul class="list">\n{items}\n</ul>\n<div class="page">第{page}页 共2页 {other}</div>\n'
        "</body></html>\n"
    )


def main() -> None:
    """Write the files and ``site.json``."""
    made = site()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, data in made.files.items():
        (FOLDER / name).write_bytes(data)
    about = {
        "schema": "govreport-site/1",
        "family": made.family,
        "start": made.start,
        "routes": made.routes,
        "reports": made.reports,
    }
    (FOLDER / "site.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
