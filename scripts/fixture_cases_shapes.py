"""Fixtures of tables in other shapes, under captions of other years, and of pages saved as one
file. What is done to the record's page stands in the docstring."""

from __future__ import annotations

import quopri
from collections.abc import Callable
from dataclasses import replace

from fixture_case import BY_HAND, SHAPES, Case, Truth
from fixture_cases_damage import html, record

from govreport_parse.testing import grids_of

SHAPE_CASES: list[Callable[[], Case]] = []
_FIVE = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    SHAPE_CASES.append(build)
    return build


@case
def html_review_in_three_tables() -> Case:
    """Table 4 as three tables of five columns; the line before each says what it is."""
    r = record(821)
    page = html(r, grids_of(r), Truth(r), "review_in_parts")
    text = page.source.decode()
    start = text.index("<table", text.index("四、政府信息公开行政复议"))
    end = text.index("</table>", start) + len("</table>")
    parts = []
    for key, name in (
        ("review", "（一）行政复议"),
        ("litigation_direct", "（二）行政诉讼（未经复议直接起诉）"),
        ("litigation_after_review", "（三）行政诉讼（复议后起诉）"),
    ):
        cells = [c for p, c in r.cells.items() if p.startswith(f"review_and_litigation/{key}/")]
        rows = (_FIVE, [c.text for c in cells])
        body = "".join(f"<tr>{''.join(f'<td>{t}</td>' for t in row)}</tr>" for row in rows)
        parts.append(f"<p>{name}</p>\n<table>{body}</table>\n")
    pd, rq, _ = SHAPES[r.form]
    (truth,) = page.truths
    # the lines between the tables are the section's text: its key has no other
    lines = ("（一）行政复议", "（二）行政诉讼（未经复议直接起诉）", "（三）行政诉讼（复议后起诉）")
    shown = replace(r, sections={**r.sections, "review_and_litigation": lines})
    truth = replace(truth, record=shown, shapes=(pd, rq, "2 x 5 + 2 x 5 + 2 x 5"))
    return page.but(source=(text[:start] + "".join(parts) + text[end:]).encode(), truths=(truth,))


@case
def html_caption_of_other_year() -> Case:
    """The line before table 3 names the year before: its numbers are read, and it is said."""
    r = record(822)
    caption = f"{r.year - 1}年收到和处理政府信息公开申请情况统计表"
    page = html(r, grids_of(r), Truth(r, findings=("table_of_other_year",)), "captions")
    text = page.source.decode()
    at = text.index("<table", text.index("三、收到和处理政府信息公开申请情况</"))
    (truth,) = page.truths
    shown = replace(r, sections={**r.sections, "requests": (*r.sections["requests"], caption)})
    changed = text[:at] + f"<p>{caption}</p>\n" + text[at:]
    return page.but(source=changed.encode(), truths=(replace(truth, record=shown),))


_BOUNDARY = "----MultipartBoundary--a8Qm2xVtC0----"


def _saved(page: Case, *, is_cut: bool) -> Case:
    """The page in an archive as Chromium writes it; cut where the last boundary is missing."""
    picture = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    parts = [
        "From: <Saved by Blink>\r\n"
        "Snapshot-Content-Location: https://www.baita.gov.cn/xxgk/nb/t2024.html\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n"
        f"\tboundary=\"{_BOUNDARY}\"\r\n\r\n",
    ]  # fmt: skip
    image = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: https://www.baita.gov.cn/images/logo.png\r\n\r\n{picture}\r\n"
    )
    body = quopri.encodestring(page.source.replace(b"\n", b"\r\n")).decode()
    main = (
        "Content-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: https://www.baita.gov.cn/xxgk/nb/t2024.html\r\n\r\n{body}\r\n"
    )
    kept = (main,) if is_cut else (main, image)
    parts += [f"--{_BOUNDARY}\r\n{part}" for part in kept]
    if not is_cut:
        parts.append(f"--{_BOUNDARY}--\r\n")
    return page.but(
        source="".join(parts).encode(), suffix=".mhtml", tags=("html", "mhtml"), how=BY_HAND
    )


@case
def mhtml_saved_by_browser() -> Case:
    """A page saved by hand as one file, with its picture."""
    r = record(823)
    return _saved(html(r, grids_of(r), Truth(r)), is_cut=False)


@case
def mhtml_end_missing() -> Case:
    """The same whose end was lost: all figures are there, and it is said."""
    r = record(824)
    page = html(r, grids_of(r), Truth(r, findings=("saved_page_cut",)))
    return _saved(page, is_cut=True)
