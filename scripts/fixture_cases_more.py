"""Fixtures for findings and formats that the other groups leave out: legacy Word, struck-out and
hidden text, tables printed twice, columns beside the form's, the table of 2014, two PDF engines.

Each source is a record's document with one thing done to it; what follows stands in the docstring
and, by hand, in the expectation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from fixture_case import (
    AMBIGUOUS,
    BY_HAND,
    FORM_2019,
    FORM_2021,
    SHAPES,
    UNREADABLE,
    Case,
    Outcome,
    Truth,
)
from fixture_cases_damage import RQ, edited, html, record, row_at
from fixture_documents import archived, docx, pdf

from govreport_parse.formbook import STATISTICS_2014
from govreport_parse.formbook import form as form_of
from govreport_parse.testing import CellText, Record, grids_of
from govreport_parse.testing.diff import text_digest
from govreport_parse.testing.fixture_files import ExpectedFigure, ExpectedReport
from govreport_parse.testing.grids import Grid, GridCell, article
from govreport_parse.testing.spans import places
from govreport_parse.values import State

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "unit" / "documents"))
from doc_files import Doc

MORE_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    MORE_CASES.append(build)
    return build


def with_value(r: Record, path: str, value: int) -> Record:
    return r.with_cell(path, CellText(str(value), value, State.REPORTED, r.cells[path].unit))


# -- legacy Word -------------------------------------------------------------------------------

_TWIPS = 9_000
_LIST = bytes.fromhex("0b46") + b"\x01\x00"
"""sprmPIlfo: the paragraph is in the first list."""


def _doc_grid(doc: Doc, grid: Grid) -> None:
    """Rows with every box of the grid; a box that goes on from above is blank and marked so."""
    step = _TWIPS // grid.width
    open_until: dict[int, tuple[int, int]] = {}
    for y, (row, at) in enumerate(zip(grid.rows, places(grid), strict=True)):
        boxes: dict[int, tuple[str, int, int]] = {}
        for x, (last, span) in open_until.items():
            if y <= last:
                boxes[x] = ("", span, 0x20)
        for c, x in zip(row, at, strict=True):
            boxes[x] = (c.text, c.colspan, 0x60 if c.rowspan > 1 else 0)
            if c.rowspan > 1:
                open_until[x] = (y + c.rowspan - 1, c.colspan)
        order = sorted(boxes)
        edges = [x * step for x in order] + [grid.width * step]
        doc.row([boxes[x][0] for x in order], edges, [boxes[x][2] for x in order])


def _doc(r: Record, *, listed: int | None = None) -> Doc:
    doc = Doc()
    paragraphs = 0
    for piece in article(r, grids_of(r), title=True, trailer=False):
        if piece.grid is not None:
            _doc_grid(doc, piece.grid)
            continue
        paragraphs += piece.kind == "paragraph"
        in_list = piece.kind == "paragraph" and paragraphs == listed
        doc.add(piece.text + "\r", _LIST if in_list else b"", 1 if piece.kind == "heading" else 0)
    return doc


@case
def doc_2021() -> Case:
    """A .doc of Word 97; one paragraph has an automatic number, which such files don't hold."""
    r = record(801)
    truth = Truth(r, SHAPES[FORM_2021], findings=("list_numbers_lost",))
    return Case(_doc(r, listed=2).data(), ".doc", "doc", (truth,), encoding=None, tags=("doc",))


@case
def doc_row_without_shape() -> Case:
    """A table of two boxes at the end, whose row claims three: told, and no figure is touched."""
    r = record(802, size="small")
    doc = _doc(r)
    doc.row(["填报单位", r.organ], [0, 3000, 6000, 9000])
    truth = Truth(r, SHAPES[FORM_2021], findings=("doc_rows_unsure",))
    return Case(doc.data(), ".doc", "doc", (truth,), encoding=None, tags=("doc",), how=BY_HAND)


# -- text that is not to be read ---------------------------------------------------------------

_PENALTIES = "proactive_disclosure/penalties/decisions"


@case
def docx_struck_out_digits() -> Case:
    """~~9~~ before 1268: struck out, so the figure is 1268 and not 91268."""
    r = with_value(record(803), _PENALTIES, 1268)
    with ZipFile(BytesIO(docx(r))) as archive:
        parts = {i.filename: archive.read(i) for i in archive.infolist()}
    run = b"<w:r><w:t>1268</w:t></w:r>"
    text = parts["word/document.xml"]
    at = text.index(b"1268</w:t>")
    start = text.rindex(b"<w:r>", 0, at)
    assert text.count(b">1268<") == 1
    struck = b"<w:r><w:rPr><w:strike/></w:rPr><w:t>9</w:t></w:r>"
    parts["word/document.xml"] = text[:start] + struck + text[start:]
    assert run
    truth = Truth(r, SHAPES[FORM_2021], findings=("hidden_text",))
    return Case(
        archived(parts), ".docx", "docx", (truth,), encoding=None, tags=("docx", "struck"),
        how=BY_HAND,
    )  # fmt: skip


@case
def html_hidden_digits() -> Case:
    """A digit in a span that is not displayed stands before 1268."""
    r = with_value(record(804), _PENALTIES, 1268)
    c = html(r, grids_of(r), Truth(r, findings=("hidden_text",)), "hidden_text")
    cell = '<td colspan="3">1268</td>'
    return edited(c, (cell, cell.replace("1268", '<span style="display:none">9</span>1268')))


@case
def html_figures_hard_to_see() -> Case:
    """A white 9 before 1268, a picture for 57, table 4 in a hidden tab, another year above.

    Neither 91268 nor 1268 is certain, and the picture's number is not known.
    """
    coercive = "proactive_disclosure/coercive_measures/decisions"
    r = with_value(with_value(record(807), _PENALTIES, 1268), coercive, 57)
    truth = Truth(
        r,
        figures={_PENALTIES: UNREADABLE, coercive: UNREADABLE},
        findings=(
            "cell_not_text", "cell_unreadable", "doubtful_text", "hidden_table", "title_conflict",
        ),
        facts={"raws": {_PENALTIES: "⟦9⟧1268", coercive: "⟦图片⟧"}},
    )  # fmt: skip
    c = html(r, grids_of(r), truth, "hidden_text", "pictures")
    text = c.source.decode()
    start = text.rindex("<table")
    end = text.index("</table>", start) + len("</table>")
    table = text[start:end]
    title = f"<title>{r.title}</title>"
    return edited(
        c,
        ('<td colspan="3">1268</td>', '<td colspan="3"><font color="white">9</font>1268</td>'),
        ('<td colspan="3">57</td>', '<td colspan="3"><img src="57.png"></td>'),
        (table, f'<div style="display:none">{table}</div>'),
        (title, title.replace(str(r.year), str(r.year - 1))),
    )


# -- tables ------------------------------------------------------------------------------------


@case
def html_table_4_twice() -> Case:
    """Table 4 is printed twice; the second has one corrected review more: two figures differ."""
    r = record(805)
    review = "review_and_litigation/review/"
    corrected, total = review + "corrected", review + "total"
    other = r
    for path in (corrected, total):
        other = with_value(other, path, int(r.cells[path].value or 0) + 1)
    truth = Truth(
        r,
        figures={corrected: AMBIGUOUS, total: AMBIGUOUS},
        findings=("table_repeated", "place_lost"),
    )
    return html(r, (*grids_of(r), grids_of(other)[2]), truth, "table_repeated")


@case
def html_column_of_remarks() -> Case:
    """A column 备注 right of 总计 in table 3: text beside the seven columns, and none of them."""
    r = record(806)
    pd, rq, rl = grids_of(r)
    first = row_at(rq, "requests/requests_received/")
    rows = [
        (*row, GridCell("备注", rowspan=3)) if y == 0 else
        row if y < first else
        (*row, GridCell("含上年度补正件" if y == first else ""))
        for y, row in enumerate(rq.rows)
    ]  # fmt: skip
    wide = replace(rq, width=11, rows=tuple(rows))
    truth = Truth(r, ("14 x 4", "28 x 11", "4 x 15"), findings=("column_extra",))
    assert RQ == 1
    return html(r, (pd, wide, rl), truth, "column_extra")


# -- the table of 2014 -------------------------------------------------------------------------

_PRINTED_2016 = """
proactive_items 860 proactive_normative_items 9 normative_documents_issued 11 gazette_items 64
website_items 720 microblog_items 33 wechat_items 28 other_channel_items 41 response_events 4
press_conferences 2 press_conferences_principal 1 online_interviews 3 online_interviews_principal 2
policy_explainers 17 microblog_wechat_responses 5 other_responses 6 requests_received 30
received_in_person 4 received_fax 1 received_online 17 received_letter 8 requests_closed 28
closed_on_time 27 closed_extended 1 replies 28 reply_already_public 5 reply_granted 9
reply_granted_in_part 2 reply_refused 5 refused_state_secret 1 refused_trade_secret 0
refused_privacy 2 refused_security_stability 1 refused_not_government_information 0
refused_other_legal 1 reply_other_organ 3 reply_not_exist 2 reply_amend 1 reply_other_route 1
review 2 review_upheld 1 review_corrected 0 review_other 1 litigation 1 litigation_upheld 0
litigation_corrected 0 litigation_other 1 complaints 7 request_fees 0.24 dedicated_offices 9
reading_points 6 staff 14 staff_full_time 3 staff_part_time 11 dedicated_budget 15.8
meetings_held 5 training_courses 2 people_trained 118
"""
"""Added up on paper: 4+1+17+8 = 30 requests, 27+1 = 28 closed, 5+9+2+5+3+2+1+1 = 28 replies,
1+0+2+1+0+1 = 5 refusals, 1+0+1 = 2 reviews, 0+0+1 = 1 lawsuit, 3+11 = 14 staff."""
_PROSE_2016 = (
    ("overview", "一、概述", "全县按照条例要求开展公开工作，目录及时更新。"),
    ("proactive_disclosure", "二、主动公开政府信息情况", "网站是公开的主要渠道。"),
    ("requests", "三、依申请公开政府信息情况", "收到的申请均在期限内办理。"),
    ("problems_and_improvements", "四、存在的主要问题及改进措施", "解读形式还比较单一。"),
)


def _statistics(
    *tags: str,
    shown: Mapping[str, str] | None = None,
    more: Sequence[tuple[str, str, str]] = (),
    figures: Mapping[str, Outcome] | None = None,
    findings: Sequence[str] = (),
) -> Case:
    """``shown``: numbers printed instead; ``more``: rows below the form's; ``figures``: by row,
    what is to be read otherwise than printed."""
    words = _PRINTED_2016.split()
    shown = dict(zip(words[::2], words[1::2], strict=True)) | dict(shown or {})
    own = form_of(STATISTICS_2014)
    title = "柳湾县2016年政府信息公开工作年度报告"
    body = [f"<h1>{title}</h1>"]
    body += [f"<p>{heading}</p><p>{text}</p>" for _, heading, text in _PROSE_2016]
    body.append("<p>附：政府信息公开情况统计表</p><table>")
    body.append("<tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>")
    for row in own.table("statistics").rows:
        unit, value = (row.unit or "", shown[row.key]) if row.is_data else ("——", "——")
        body.append(f"<tr><td>{row.printed}</td><td>{unit}</td><td>{value}</td></tr>")
    body += [f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in more]
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        + "\n".join([*body, "</table></body></html>"])
    )
    printed = [
        ["indicators", row.printed, shown[row.key] if row.is_data else "——"]
        for row in own.table("statistics").rows
    ]
    printed += [["indicators", label, value] for label, _, value in more]
    # What stands between the last heading and the table is text of the last section.
    texts = {key: [text] for key, _, text in _PROSE_2016}
    texts["problems_and_improvements"].append("附：政府信息公开情况统计表")
    expected = []
    for spec in own.layout.figures:
        value = Decimal(shown[spec.row.key])
        whole = value == value.to_integral_value()
        money = spec.row.key in ("request_fees", "dedicated_budget")
        plain: Outcome = (State.REPORTED, value if money or not whole else int(value))
        state, read = (figures or {}).get(spec.row.key, plain)
        expected.append(ExpectedFigure(spec.path, read, state, spec.label))
    facts = {
        "form": STATISTICS_2014,
        "forms": {"statistics": STATISTICS_2014},
        "title": title,
        "organ": "柳湾县",
        "year": 2016,
        "published": None,
        "headings": [[key, heading] for key, heading, _ in _PROSE_2016],
        "texts": {key: text_digest("\n".join(lines)) for key, lines in texts.items()},
        "units": {},
        "raws": {},
        "extra_rows": printed,
        "repairs": {},
        "findings": sorted({"heading_variant", "section_missing", *findings}),
        "broken_checks": [],
    }
    outline = "".join(f"{key}: {heading}\n" for key, heading, _ in _PROSE_2016)
    outline += f"table statistics: {66 + len(more)} x 3\n"
    return Case(
        page.encode(), ".html", "html", tags=("html", "statistics_2014", *tags), how=BY_HAND,
        reports=(ExpectedReport(tuple(expected), facts),), outline=outline,
    )  # fmt: skip


@case
def statistics_2014_html() -> Case:
    """A narrative of 2016 and, as its annex, the table of 65 rows, 58 of them with numbers."""
    return _statistics()


@case
def statistics_2014_row_twice() -> Case:
    """1.当面申请数 stands again at the foot with another number: neither is taken."""
    return _statistics(
        "row_twice",
        more=(("1.当面申请数", "件", "11"),),
        figures={"received_in_person": AMBIGUOUS},
        findings=("row_twice",),
    )


@case
def statistics_2014_more_than_all() -> Case:
    """Five press conferences with a principal, of two in all: told, and both figures stay."""
    return _statistics(
        "relation",
        shown={"press_conferences_principal": "5"},
        findings=("statistics_relation",),
    )


# -- text and tables ---------------------------------------------------------------------------


@case
def html_text_contradicts_table() -> Case:
    """The text speaks of 1 request more than table 3 shows as newly received."""
    r = record(808)
    received = int(r.cells["requests/requests_received/total"].value or 0)
    told = f"{r.year}年，本机关新收到政府信息公开申请{received + 1}件。"
    sections = {**r.sections, "overview": (told,)}
    r = replace(r, sections=sections)
    truth = Truth(r, findings=("text_contradicts_table",))
    return html(r, grids_of(r), truth, "contradiction")


# -- two engines -------------------------------------------------------------------------------


@case
def pdf_digits_far_apart() -> Case:
    """The total of 予以公开 is one too high in print, which breaks its row and its column, so the
    PDF is read twice; 1268 is set with wide spaces, which one engine takes for several numbers."""
    r = with_value(record(807), _PENALTIES, 1268)
    total = "requests/granted/total"
    r = with_value(r, total, int(r.cells[total].value or 0) + 1)
    truth = Truth(
        r,
        SHAPES[FORM_2021],
        findings=("identity_broken", "engines_disagree"),
        facts={"broken_checks": ["t3_outcomes total", "t3_row_total granted"]},
    )
    source = pdf(r, spaced=_PENALTIES)
    return Case(
        source, ".pdf", "pdf", (truth,), encoding=None, tags=("pdf", "engines"), how=BY_HAND
    )


@case
def pdf_wrong_total() -> Case:
    """The total of 予以公开 is one too high in print: read twice, alike."""
    r = record(809)
    total = "requests/granted/total"
    r = with_value(r, total, int(r.cells[total].value or 0) + 1)
    truth = Truth(
        r,
        SHAPES[FORM_2021],
        findings=("identity_broken", "engines_agree"),
        facts={"broken_checks": ["t3_outcomes total", "t3_row_total granted"]},
    )
    return Case(
        pdf(r), ".pdf", "pdf", (truth,), encoding=None, tags=("pdf", "engines"), how=BY_HAND
    )


@case
def pdf_by_the_reference_engine() -> Case:
    """The caller asks for pdfplumber: the same figures, and the record says who read them."""
    r = record(810, FORM_2019, "small")
    truth = Truth(r, SHAPES[FORM_2019], findings=("engine_is_reference",))
    return Case(
        pdf(r), ".pdf", "pdf", (truth,), encoding=None, options={"engine": "pdfplumber"},
        tags=("pdf", "engines"),
    )  # fmt: skip
