"""DOCX reader: every expected answer is written by hand beside the XML it is read from."""

from __future__ import annotations

import copy
import random
import re
import socket
import sys
import threading
import time
import tracemalloc
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from docx_files import MAIN, NAMESPACES, W, document, docx, p, package, tbl, tc, tr, types
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from govreport_parse.documents.docx import read_docx
from govreport_parse.documents.docx_package import paragraph_styles, without_formatting
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    UnsupportedFormatError,
)

SHARED = Path(__file__).parents[4] / "shared" / "corpus" / "blank_form_2021.docx"


def texts(body: str, **parts: str) -> list[str]:
    return [b.text for b in read_docx(docx(body, **parts)).blocks if not isinstance(b, Table)]


def table(body: str) -> Table:
    tables = read_docx(docx(body)).tables
    assert len(tables) == 1
    return tables[0]


def cells(t: Table) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.column, c.rowspan, c.colspan) for c in t]


# --- text ----------------------------------------------------------------------------------


def test_blocks_come_in_reading_order_and_tables_are_numbered_from_one() -> None:
    two = tbl(tr(tc("甲"), tc("乙")))
    doc = read_docx(docx(p("前") + two + p("中") + two + p("后")))
    shown = [b.number if isinstance(b, Table) else b.text for b in doc.blocks]
    assert shown == ["前", 1, "中", 2, "后"]
    assert doc.format == "docx"


def test_runs_breaks_tabs_and_hyphens_keep_their_places() -> None:
    runs = (
        "<w:p><w:r><w:t>收</w:t></w:r><w:r><w:t>到</w:t><w:tab/><w:t>26</w:t>"
        "<w:noBreakHyphen/><w:t>1</w:t></w:r></w:p>"
    )
    assert texts(runs) == ["收到\t26-1"]


def test_a_tab_stop_in_the_properties_is_no_tab_in_the_text() -> None:
    assert texts(p("一、总体情况", "<w:tabs><w:tab w:val='left' w:pos='420'/></w:tabs>")) == [
        "一、总体情况"
    ]


def test_a_line_break_begins_a_new_paragraph_block() -> None:
    body = "<w:p><w:r><w:t>一、总体情况</w:t><w:br/><w:t>本年收到申请</w:t></w:r></w:p>"
    assert texts(body) == ["一、总体情况", "本年收到申请"]


def test_a_line_break_in_a_heading_joins_its_lines() -> None:
    body = (
        "<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>清河县水务局</w:t><w:br/>"
        "<w:t>2023年政府信息公开工作年度报告</w:t></w:r></w:p>"
    )
    assert read_docx(docx(body)).blocks == [
        Heading("清河县水务局2023年政府信息公开工作年度报告", 1)
    ]


def test_hyperlinks_controls_and_smart_tags_are_read_through() -> None:
    body = (
        "<w:p><w:hyperlink r:id='rId9'><w:r><w:t>见</w:t></w:r></w:hyperlink>"
        "<w:smartTag><w:r><w:t>附</w:t></w:r></w:smartTag>"
        "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>件</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        f"<w:sdt><w:sdtContent>{p('块')}</w:sdtContent></w:sdt>"
    )
    assert texts(body) == ["见附件", "块"]


def test_only_the_result_of_a_field_is_text() -> None:
    def mark(kind: str) -> str:
        return f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>"

    inner = (
        mark("begin") + "<w:r><w:instrText>MERGEFIELD x</w:instrText></w:r>" + mark("separate")
        + "<w:r><w:t>99</w:t></w:r>" + mark("end")
    )  # fmt: skip
    body = (
        "<w:p><w:r><w:t>共</w:t></w:r>" + mark("begin")
        + "<w:r><w:instrText>IF </w:instrText></w:r>" + inner + mark("separate")
        + "<w:r><w:t>12</w:t></w:r>" + mark("end")
        + "<w:r><w:t>件</w:t></w:r></w:p>"
    )  # fmt: skip
    assert texts(body) == ["共12件"]


def test_a_field_that_never_ends_loses_no_text() -> None:
    body = "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:t>收到5件</w:t></w:r></w:p>"
    assert texts(body) == ["收到5件"]


def test_symbol_font_digits_are_digits_and_other_symbols_stay_marks() -> None:
    body = (
        "<w:p><w:r><w:sym w:font='Symbol' w:char='F033'/><w:sym w:font='Wingdings' w:char='F033'/>"
        "<w:sym w:font='x' w:char='zz'/></w:r></w:p>"
    )
    assert texts(body) == ["3\uf033\ufffd"]


def test_readings_above_characters_and_hidden_runs_are_left_out() -> None:
    body = (
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>fā</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>发</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>7</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>文5</w:t></w:r></w:p>"
    )
    assert texts(body) == ["发文5"]


def test_numbers_typed_as_formulas_are_kept() -> None:
    body = "<w:p><w:r><w:t>共</w:t></w:r><m:oMath><m:r><m:t>17</m:t></m:r></m:oMath></w:p>"
    assert texts(body) == ["共17"]


def test_notes_are_not_part_of_the_text() -> None:
    body = "<w:p><w:r><w:t>5</w:t></w:r><w:r><w:footnoteReference w:id='1'/></w:r></w:p>"
    note = f"<w:footnote w:id='1'>{p('注')}</w:footnote>"
    notes = f"<w:footnotes xmlns:w='{W}'>{note}</w:footnotes>"
    assert texts(body, word__footnotes_xml=notes) == ["5"]


# --- tracked changes -----------------------------------------------------------------------


def test_insertions_count_and_deletions_do_not() -> None:
    body = (
        "<w:p><w:r><w:t>收到</w:t></w:r><w:ins w:id='1'><w:r><w:t>26</w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>25</w:delText></w:r></w:del>"
        "<w:moveFrom w:id='3'><w:r><w:t>旧</w:t></w:r></w:moveFrom>"
        "<w:moveTo w:id='4'><w:r><w:t>件</w:t></w:r></w:moveTo></w:p>"
    )
    assert texts(body) == ["收到26件"]


def test_text_in_a_deleted_run_is_dropped_even_when_written_as_plain_text() -> None:
    assert texts("<w:p><w:del><w:r><w:t>25</w:t></w:r></w:del><w:r><w:t>6</w:t></w:r></w:p>") == [
        "6"
    ]


def test_a_deleted_paragraph_end_joins_the_paragraphs() -> None:
    body = p("二、主动公开", "<w:rPr><w:del w:id='1'/></w:rPr>") + p("政府信息情况") + p("后")
    assert texts(body) == ["二、主动公开政府信息情况", "后"]


def test_a_deleted_row_is_gone_and_an_inserted_one_is_there() -> None:
    t = table(
        tbl(
            tr(tc("甲"), tc("1")),
            tr(tc("乙"), tc("2"), properties="<w:del w:id='1'/>"),
            tr(tc("丙"), tc("3"), properties="<w:ins w:id='2'/>"),
        )
    )
    assert t.grid() == [["甲", "1"], ["丙", "3"]]


def test_old_properties_in_a_change_record_do_not_widen_a_cell() -> None:
    old = (
        "<w:tc><w:tcPr><w:tcPrChange w:id='1'><w:tcPr><w:gridSpan w:val='3'/></w:tcPr>"
        "</w:tcPrChange></w:tcPr>" + p("1") + "</w:tc>"
    )
    assert cells(table(tbl(tr(old, tc("2"))))) == [("1", 0, 0, 1, 1), ("2", 0, 1, 1, 1)]


# --- text boxes ----------------------------------------------------------------------------


def box(text: str) -> str:
    return f"<w:txbxContent>{p(text)}</w:txbxContent>"


def test_a_text_box_with_two_editions_is_read_once_behind_its_paragraph() -> None:
    body = (
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><mc:AlternateContent>"
        f"<mc:Choice Requires='wps'><wps:txbx>{box('方框')}</wps:txbx></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box('方框')}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>" + p("后")
    )
    assert texts(body) == ["正文", "方框", "后"]


def test_the_fallback_is_read_when_only_it_has_text() -> None:
    body = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='x'/>"
        "<mc:Fallback><w:t>仅此</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(body) == ["仅此"]


def test_a_text_box_in_a_cell_is_text_of_the_cell() -> None:
    anchored = f"<w:p><w:r><w:t>12</w:t></w:r><w:r><w:pict>{box('注')}</w:pict></w:r></w:p>"
    assert table(tbl(tr(tc(inner=anchored), tc("3")))).texts == ["12\n注", "3"]


def test_a_table_in_a_text_box_is_a_table() -> None:
    inner = tbl(tr(tc("规章"), tc("1")))
    body = f"<w:p><w:r><w:pict><w:txbxContent>{inner}</w:txbxContent></w:pict></w:r></w:p>"
    assert table(body).texts == ["规章", "1"]


# --- headings and numbers ------------------------------------------------------------------

STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="我的标题"/>
  <w:basedOn w:val="a3"/></w:style>
<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="底"/><w:basedOn w:val="a2"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="a4"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="a5"><w:name w:val="toc 1"/></w:style>
</w:styles>"""


def level(number: int, kind: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NUMBERING = f"""<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0">{level(0, "chineseCountingThousand", "%1、")}
{level(1, "chineseCounting", "（%2）")}{level(2, "decimal", "%1.%3", "<w:isLgl/>")}</w:abstractNum>
<w:abstractNum w:abstractNumId="7">{level(0, "bullet", "")}
{level(1, "hebrew1", "%2.")}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/>
  <w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>
</w:numbering>"""


def numbered(text: str, num: int, lvl: int = 0) -> str:
    return p(text, f"<w:numPr><w:ilvl w:val='{lvl}'/><w:numId w:val='{num}'/></w:numPr>")


def listed(body: str) -> list[str]:
    return texts(body, word__numbering_xml=NUMBERING)


def test_heading_styles_give_levels_also_by_inheritance_in_a_circle() -> None:
    body = "".join(
        p(t, f"<w:pStyle w:val='{s}'/>") for t, s in (("甲", "a1"), ("乙", "a2"), ("题", "a4"))
    )
    doc = read_docx(docx(body, word__styles_xml=STYLES))
    assert doc.blocks == [Heading("甲", 2), Heading("乙", 1), Heading("题", 1)]


def test_lines_of_a_table_of_contents_are_left_out() -> None:
    body = p("一、总体情况\t1", "<w:pStyle w:val='a5'/>") + p("一、总体情况")
    assert texts(body, word__styles_xml=STYLES) == ["一、总体情况"]


def test_body_outline_level_and_long_paragraphs_are_no_headings() -> None:
    long = "本机关" * 60
    body = p("甲", "<w:outlineLvl w:val='9'/>") + p(long, "<w:outlineLvl w:val='0'/>")
    assert read_docx(docx(body)).blocks == [Paragraph("甲"), Paragraph(long)]


def test_automatic_chinese_numerals_are_written_before_headings() -> None:
    body = "".join(
        [
            numbered("总体情况", 1), numbered("主动公开", 1, 1), numbered("依申请公开", 1, 1),
            numbered("主动公开政府信息情况", 1), numbered("规章", 1, 1), numbered("说明", 1, 2),
        ]
    )  # fmt: skip
    assert listed(body) == [
        "一、总体情况", "（一）主动公开", "（二）依申请公开",
        "二、主动公开政府信息情况", "（一）规章", "2.1 说明",
    ]  # fmt: skip


def test_a_list_may_start_anew_and_lists_of_one_definition_count_on() -> None:
    body = numbered("甲", 1) + numbered("乙", 2) + numbered("丙", 2) + numbered("丁", 1)
    assert listed(body) == ["一、甲", "五、乙", "六、丙", "七、丁"]


def test_numbers_from_a_style_are_counted_and_num_id_zero_switches_them_off() -> None:
    body = (
        p("总体情况", "<w:pStyle w:val='a3'/>")
        + p("附", "<w:pStyle w:val='a3'/><w:numPr><w:numId w:val='0'/></w:numPr>")
        + p("其他", "<w:pStyle w:val='a2'/>")
    )
    assert texts(body, word__styles_xml=STYLES, word__numbering_xml=NUMBERING) == [
        "一、总体情况", "附", "二、其他",
    ]  # fmt: skip


def test_bullets_and_unknown_formats_add_nothing() -> None:
    assert listed(numbered("甲", 3) + numbered("乙", 3, 1) + numbered("丙", 99)) == [
        "甲",
        "乙",
        "丙",
    ]


def test_an_automatic_number_never_becomes_part_of_a_figure() -> None:
    cell = "<w:tc>" + numbered("{}", 1, 1) + "</w:tc>"
    row = tr(cell.format("国家秘密"), cell.format("12"), cell.format(""))
    doc = read_docx(docx(tbl(row), word__numbering_xml=NUMBERING))
    assert doc.tables[0].texts == ["（一）国家秘密", "12", ""]


# --- tables --------------------------------------------------------------------------------


def test_spans_and_vertical_merges_open_to_true_columns() -> None:
    t = table(
        tbl(
            tr(tc("类别", span=2, merge="restart"), tc("申请人", span=2)),
            tr(tc(span=2, merge="continue"), tc("自然人"), tc("总计")),
            tr(tc("三", merge="restart"), tc("公开"), tc("1"), tc("2")),
            tr(tc(merge="continue"), tc("不公开"), tc(""), tc("3")),
        )
    )
    assert cells(t) == [
        ("类别", 0, 0, 2, 2), ("申请人", 0, 2, 1, 2),
        ("自然人", 1, 2, 1, 1), ("总计", 1, 3, 1, 1),
        ("三", 2, 0, 2, 1), ("公开", 2, 1, 1, 1), ("1", 2, 2, 1, 1), ("2", 2, 3, 1, 1),
        ("不公开", 3, 1, 1, 1), ("", 3, 2, 1, 1), ("3", 3, 3, 1, 1),
    ]  # fmt: skip


def test_grid_before_moves_the_row_and_short_rows_stay_short() -> None:
    t = table(
        tbl(
            tr(tc("甲"), tc("乙"), tc("丙")),
            tr(tc("5"), properties="<w:gridBefore w:val='2'/>"),
            tr(tc("丁"), properties="<w:gridAfter w:val='2'/>"),
        )
    )
    assert cells(t)[3:] == [("5", 1, 2, 1, 1), ("丁", 2, 0, 1, 1)]


def test_blank_cells_keep_their_place_and_paragraphs_are_lines() -> None:
    t = table(tbl(tr(tc("结果"), tc(""), tc(inner=p("商业") + p("企业") + p()), tc("0"))))
    assert t.texts == ["结果", "", "商业\n企业", "0"]


def test_a_continued_merge_without_a_start_is_a_cell_of_its_own() -> None:
    t = table(tbl(tr(tc("甲", merge="continue"), tc("1"))))
    assert t.texts == ["甲", "1"]


def test_text_in_a_merged_away_cell_is_noted() -> None:
    t = table(tbl(tr(tc("甲", merge="restart"), tc("1")), tr(tc("乙", merge="continue"), tc("2"))))
    assert t.texts == ["甲", "1", "2"]
    assert t.notes == ["merged_cell_text"]


def test_legacy_horizontal_merges_widen_the_cell_to_their_left() -> None:
    first = f"<w:tc><w:tcPr><w:hMerge w:val='restart'/></w:tcPr>{p('题')}</w:tc>"
    rest = f"<w:tc><w:tcPr><w:hMerge/></w:tcPr>{p()}</w:tc>"
    assert cells(table(tbl(tr(first, rest, tc("1"))))) == [("题", 0, 0, 1, 2), ("1", 0, 2, 1, 1)]


def test_rows_and_cells_inside_content_controls_are_found() -> None:
    def control(content: str) -> str:
        return f"<w:sdt><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    t = table(tbl(control(tr(tc("甲"), control(tc("1")))), tr(tc("乙"), tc("2"))))
    assert t.grid() == [["甲", "1"], ["乙", "2"]]


@pytest.mark.parametrize(
    ("value", "width"),
    [
        ("1000000000", 63),
        ("64", 63),
        ("63", 63),
        ("0", 1),
        ("-1", 1),
        ("２", 1),
        ("", 1),
        ("2;", 1),
    ],
)
def test_odd_spans_are_clamped_and_noted(value: str, width: int) -> None:
    t = table(tbl(tr(tc("甲", span=value), tc("1"))))
    assert t.colspans == [width, 1]
    assert t.notes == ([] if value == "63" else ["span_clamped"])


REAL = tbl(tr(tc("规章"), tc("1"), tc("2")), tr(tc("规范"), tc("3"), tc("4")))


def test_a_layout_table_gives_way_to_what_it_holds_in_order() -> None:
    article = p("一、总体情况") + p("正文") + REAL + p("五、问题")
    doc = read_docx(docx(tbl(tr(tc("索引号"), tc("123")), tr(tc("左"), tc(inner=article)))))
    shown = [b.texts if isinstance(b, Table) else b.text for b in doc.blocks]
    assert shown == [
        ["索引号", "123"], "左", "一、总体情况", "正文",
        ["规章", "1", "2", "规范", "3", "4"], "五、问题",
    ]  # fmt: skip
    assert [t.number for t in doc.tables] == [1, 2]


def test_a_tiny_inner_table_is_text_of_its_cell() -> None:
    inner = tbl(tr(tc("1"), tc("件"))) + p()
    assert table(tbl(tr(tc("甲"), tc(inner=inner)))).texts == ["甲", "1\n件"]


def test_a_whole_article_in_a_cell_is_emitted_as_paragraphs() -> None:
    lines = [f"第{i}段" + "公开" * 25 for i in range(12)]
    body = tbl(tr(tc("左栏"), tc(inner="".join(map(p, lines)))))
    assert texts(body) == ["左栏", *lines]


def test_a_table_of_one_cell_a_row_is_paragraphs() -> None:
    doc = read_docx(docx(tbl(tr(tc("一、总体情况")), tr(tc("正文")))))
    assert doc.blocks == [Paragraph("一、总体情况"), Paragraph("正文")]


@st.composite
def layouts(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """A random division of a grid into boxes (row, column, height, width), in reading order."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(2, 7))
    taken: set[tuple[int, int]] = set()
    boxes = []
    for r in range(rows):
        for c in range(columns):
            if (r, c) in taken:
                continue
            room = next((w for w in range(1, columns - c) if (r, c + w) in taken), columns - c)
            height, width = (
                draw(st.integers(1, min(3, rows - r))),
                draw(st.integers(1, min(3, room))),
            )
            taken |= {(r + i, c + j) for i in range(height) for j in range(width)}
            boxes.append((r, c, height, width))
    return boxes


@settings(max_examples=150, deadline=None)
@given(layouts())
def test_any_merged_grid_comes_back_as_it_was(boxes: list[tuple[int, int, int, int]]) -> None:
    rows: dict[int, list[tuple[int, str]]] = {}
    for n, (r, c, height, width) in enumerate(boxes):
        for i in range(height):
            merge = "" if height == 1 else "restart" if i == 0 else "continue"
            text = str(n) if i == 0 else ""
            rows.setdefault(r + i, []).append((c, tc(text, span=width, merge=merge)))
    body = tbl(*(tr(*(x for _, x in sorted(row))) for _, row in sorted(rows.items())))
    tables = read_docx(docx(body)).tables
    if all(len(row) == 1 for row in rows.values()):
        assert not tables
    else:
        assert cells(tables[0]) == [(str(n), r, c, h, w) for n, (r, c, h, w) in enumerate(boxes)]


# --- marks and struck-out text in cells --------------------------------------------------------


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


UP = "<w:b/><w:vertAlign w:val='superscript'/>"
DOWN = '<w:vertAlign w:val="subscript"/><w:sz w:val="16"/>'


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (run("6") + run("1", UP), "6[1]"),
        (run("6") + run("2", DOWN), "6[2]"),
        (run("6") + run("1", UP) + run("0"), "6[1]0"),
        (run("6") + run("1", UP) + run(",", UP) + run("2", UP), "6[1,2]"),
        (run("6") + run("[1]", UP), "6[1]"),
        (run("6") + run("①", UP), "6[①]"),
        (run("6") + run("1", "<w:vertAlign w:val='baseline'/>"), "61"),
        (run("6", UP) + run("1", UP), "61"),
        (run("行政") + run("许可", DOWN), "行政许可"),
        (run("6") + run("1", "<w:position w:val='8'/><w:sz w:val='19'/>"), "6[1]"),
        (run("6") + run("1", "<w:position w:val='2'/>"), "61"),
        (run("6") + run("1", "<w:position w:val='-8'/>"), "61"),
        (run("6", "<w:position w:val='8'/>") + run("1", "<w:position w:val='8'/>"), "61"),
    ],
)
def test_raised_and_lowered_marks_in_a_cell_stand_apart(runs: str, text: str) -> None:
    got = table(tbl(tr(tc("甲"), tc(inner=f"<w:p>{runs}</w:p>"))))
    assert got.texts == ["甲", text]


@pytest.mark.parametrize("name", ["strike", "dstrike"])
def test_struck_out_text_of_a_cell_is_left_out_and_said(name: str) -> None:
    runs = run("999", f"<w:b/><w:{name}/>") + run("22") + run("16", f"<w:{name} w:val='0'/>")
    doc = read_docx(docx(tbl(tr(tc("甲"), tc(inner=f"<w:p>{runs}</w:p>")))))
    assert doc.tables[0].texts == ["甲", "2216"]
    assert [(f.code, f.severity) for f in doc.findings] == [("hidden_text", "info")]


def test_outside_cells_raised_and_struck_out_text_is_kept_as_it_is() -> None:
    body = f"<w:p>{run('面积5m')}{run('2', UP)}{run('旧', '<w:strike/>')}</w:p>"
    doc = read_docx(docx(body))
    assert [b.text for b in doc.blocks if not isinstance(b, Table)] == ["面积5m2旧"]
    assert doc.findings == []


def test_properties_in_a_change_record_strike_nothing() -> None:
    old = "<w:rPrChange w:id='1' w:author='a'><w:rPr><w:strike/></w:rPr></w:rPrChange>"
    got = table(tbl(tr(tc("甲"), tc(inner=f"<w:p>{run('7', old)}</w:p>"))))
    assert got.texts == ["甲", "7"]


def test_cutting_the_formatting_keeps_what_is_raised_or_struck_out() -> None:
    xml = document(tbl(tr(tc("甲"), tc(inner=f"<w:p>{run('6', '<w:b/>')}{run('1', UP)}</w:p>"))))
    short = without_formatting(xml.encode())
    assert b"vertAlign" in short
    assert b"<w:b/>" not in short


# --- figures that may not be seen, cells that show more than text -----------------------------


def cell_read(content: str, properties: str = "") -> tuple[str, list[str]]:
    """Text of a cell with this content, and the codes of the findings; others must stay."""
    cell = f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{content}</w:p></w:tc>"
    doc = read_docx(docx(tbl(tr(tc("甲"), cell, tc("9")))))
    assert (doc.tables[0].texts[0], doc.tables[0].texts[2]) == ("甲", "9")
    return doc.tables[0].texts[1], [f.code for f in doc.findings]


WHITE = "<w:b/><w:color w:val='FFFFFF'/>"
TINY = '<w:sz w:val="10"/><w:szCs w:val="10"/>'
W14 = "xmlns:w14='http://schemas.microsoft.com/office/word/2010/wordml'"


@pytest.mark.parametrize(
    "runs",
    [
        run("10") + run("1", WHITE),
        run("10") + run("1", "<w:color w:themeColor='background1' w:val='fefefe'/>"),
        run("10") + run("1", TINY),
        run("10", "<w:sz w:val='21'/>") + run("1", "<w:sz w:val='11'/>"),
        run("10") + run("1", f"<w14:textFill {W14}><w14:noFill/></w14:textFill>"),
        "<m:oMath><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>1</m:t></m:r></m:sup>"
        "</m:sSup></m:oMath>",
    ],
)
def test_figures_that_may_not_be_seen_or_are_no_part_of_the_number_stand_apart(runs: str) -> None:
    assert cell_read(runs) == ("10⟦1⟧", ["doubtful_text"])


@pytest.mark.parametrize(
    ("runs", "properties", "text"),
    [
        (run("10", TINY), "", "10"),
        (run("1", TINY) + run("0", TINY), "", "10"),
        (run("10") + run("件", TINY), "", "10件"),
        (run("10") + run("件", WHITE), "", "10件"),
        (run("10", "<w:color w:val='FF0000'/>"), "", "10"),
        (run("1", "<w:sz w:val='18'/>") + run("0", "<w:sz w:val='21'/>"), "", "10"),
        (run("10", WHITE), "<w:shd w:val='clear' w:color='auto' w:fill='1F4E79'/>", "10"),
        (run("规章1", WHITE), "", "规章1"),
    ],
)
def test_figures_that_are_seen_are_read(runs: str, properties: str, text: str) -> None:
    assert cell_read(runs, properties) == (text, [])


def test_white_figures_stand_apart_on_white_grounds() -> None:
    for fill in ("auto", "FFFFFF", "ffffff"):
        ground = f"<w:shd w:val='clear' w:fill='{fill}'/>"
        assert cell_read(run("10", WHITE), ground) == ("⟦10⟧", ["doubtful_text"])


def field(instruction: str, result: str = "") -> str:
    def mark(kind: str) -> str:
        return f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>"

    code = f"<w:r><w:instrText> {instruction} </w:instrText></w:r>"
    shown = mark("separate") + result if result else ""
    return mark("begin") + code + shown + mark("end")


PICTURE = "<w:r><w:drawing><a:blip r:embed='rId5'/></w:drawing></w:r>"
DROPDOWN = (
    "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='1'/>"
    "<w:listEntry w:val='5'/></w:ddList></w:ffData></w:fldChar></w:r>"
    "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PICTURE, "⟦图片⟧"),
        (run("1") + PICTURE + run("件"), "1⟦图片⟧件"),
        ("<w:r><w:pict><v:line/></w:pict></w:r>", "⟦图片⟧"),
        (DROPDOWN, "⟦表单⟧"),
        (field("=SUM(ABOVE)"), "⟦公式⟧"),
        (field("EQ \\f(1,2)"), "⟦公式⟧"),
        ("<w:fldSimple w:instr=' =SUM(LEFT) '/>", "⟦公式⟧"),
    ],
)
def test_a_cell_that_shows_what_is_no_text_is_not_blank(content: str, text: str) -> None:
    assert cell_read(content) == (text, ["cell_not_text"])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PICTURE + run("规章"), "规章"),
        (field("=SUM(ABOVE)", run("12")), "12"),
        (field("PAGE"), ""),
        ("<w:fldSimple w:instr=' =SUM(LEFT) '>" + run("12") + "</w:fldSimple>", "12"),
        (
            "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:textInput/></w:ffData>"
            "</w:fldChar></w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r>"
            + run("7")
            + "<w:r><w:fldChar w:fldCharType='end'/></w:r>",
            "7",
        ),
    ],
)
def test_fields_with_a_result_and_pictures_beside_words_say_nothing(
    content: str, text: str
) -> None:
    assert cell_read(content) == (text, [])


@pytest.mark.parametrize(
    "unit",
    [
        "<w:r><w:instrText>=1</w:instrText></w:r>",
        "<w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>1</w:t></w:r>",
        "<w:r><w:rPr><w:sz w:val='2'/></w:rPr><w:t/></w:r>",
        "<w:r><w:drawing/></w:r>",
        "<w:fldSimple w:instr='=1'/>",
        "</w:p><w:p><w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t/></w:r>",
    ],
)
def test_many_doubtful_runs_in_one_cell_end_in_time(unit: str) -> None:
    rng = random.Random(unit)  # what packs too well is refused as a bomb
    units = "".join(f"{unit}<w:r w:rsidR='{rng.randrange(10**12)}'/>" for _ in range(20_000))
    data = docx(tbl(tr(tc("甲"), tc(inner=f"<w:p>{units}</w:p>"))))
    start = time.process_time()
    read_docx(data)
    assert time.process_time() - start < 30


def test_hidden_text_of_cells_and_hidden_rows_are_said() -> None:
    hidden = run("1", "<w:vanish/>")
    assert cell_read(run("10") + hidden) == ("10", ["hidden_text"])
    doc = read_docx(docx(tbl(tr(tc("甲"), tc("1"), properties="<w:hidden/>"), tr(tc("乙"), tc()))))
    assert doc.tables[0].texts == ["甲", "1", "乙", ""]
    assert [(f.code, f.severity) for f in doc.findings] == [("hidden_rows", "warning")]


# --- cutting formatting before parsing ------------------------------------------------------


def unshortened(data: bytes) -> Document:
    """The same file with every byte of its XML parsed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("govreport_parse.documents.docx_package.without_formatting", bytes)
        return read_docx(data)


def same(a: Document, b: Document) -> bool:
    def plain(doc: Document) -> list[object]:
        return [
            (cells(x), x.notes, x.number) if isinstance(x, Table) else (type(x), x.text)
            for x in doc.blocks
        ]

    return plain(a) == plain(b) and a.has_pictures == b.has_pictures


FORMATTED = (
    "<w:p><w:pPr><w:pStyle w:val='a1'/><w:spacing w:before='0'/><w:rPr><w:b/></w:rPr></w:pPr>"
    "<w:r><w:rPr><w:rFonts w:ascii='宋体'/><w:sz w:val='21'/></w:rPr><w:t>甲</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:tcPr><w:tcW w:w='9'/><w:gridSpan w:val='2'/><w:vMerge w:val='restart'/>"
    "<w:tcBorders><w:top w:val='single'/></w:tcBorders></w:tcPr><w:p/></w:tc></w:tr>"
    "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/><w:vMerge/></w:tcPr><w:p/></w:tc>"
    "<w:tc><w:tcPr><w:shd w:fill='auto'/></w:tcPr><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr>"
    "</w:tbl>"
)


def test_formatting_is_cut_and_facts_are_kept() -> None:
    short = without_formatting(document(FORMATTED).encode()).decode()
    for gone in ("rPr", "spacing", "tcW", "tcBorders", "shd", "rFonts"):
        assert gone not in short
    assert short.count("<w:gridSpan w:val='2'/>") == 2
    assert "<w:vMerge/>" in short
    assert "<w:pStyle w:val='a1'/>" in short
    assert same(read_docx(docx(FORMATTED)), unshortened(docx(FORMATTED)))


@pytest.mark.parametrize(
    "odd",
    [
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>7</w:t></w:r>",
        "<w:r><w:rPr><w:rPrChange w:id='1'><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr>"
        "<w:t>7</w:t></w:r>",
        "<!-- <w:rPr> --><w:r><w:t>7</w:t></w:r><!-- </w:rPr> -->",
        "<w:r><w:t><![CDATA[<w:rPr>7</w:rPr>]]></w:t></w:r>",
        "<?x <w:rPr> ?><w:r><w:t>7</w:t></w:r><?x </w:rPr> ?>",
        "<w:pPr><w:r><w:t>7</w:t></w:r><w:tab/></w:pPr>",
        "<w:r><w:rPr><w:noSuchThing/></w:rPr><w:t>7</w:t></w:r>",
        "<w:r><w:rPr w:rsidR='1'><w:b/></w:rPr><w:t>7</w:t></w:r>",
        "<w:pPr><w:pStyle w:val='a>1'></w:pStyle></w:pPr><w:r><w:t>7</w:t></w:r>",
        "<w:pPr><w:numPr><w:ins w:id='1'/><w:numId w:val='1'/></w:numPr></w:pPr>"
        "<w:r><w:t>7</w:t></w:r>",
    ],
)
def test_unusual_properties_read_the_same_with_and_without_cutting(odd: str) -> None:
    data = docx(f"<w:p>{odd}</w:p>{FORMATTED}{p('后')}", word__numbering_xml=NUMBERING)
    assert same(read_docx(data), unshortened(data))


def test_of_a_style_sheet_only_paragraph_styles_are_parsed() -> None:
    sheet = (
        f"<?xml version='1.0'?><w:styles xmlns:w='{W}'><w:docDefaults><w:rPrDefault/>"
        "</w:docDefaults><w:latentStyles w:count='1'><w:lsdException w:name='heading 9'/>"
        "</w:latentStyles>"
        "<w:style w:type='table' w:styleId='t'><w:name w:val='heading 1'/></w:style>"
        "<w:style w:type='paragraph' w:styleId='a'><w:name w:val='heading 1'/>"
        "<w:rPr><w:b/></w:rPr></w:style>"
        "<w:style w:styleId='b'><w:basedOn w:val='a'/></w:style></w:styles>"
    )
    short = paragraph_styles(sheet.encode()).decode()
    assert "latent" not in short
    assert "'t'" not in short
    assert "rPr" not in short
    body = "".join(p(x, f"<w:pStyle w:val='{x}'/>") for x in "abt")
    assert read_docx(docx(body, word__styles_xml=sheet)).blocks == [
        Heading("a", 1), Heading("b", 1), Paragraph("t"),
    ]  # fmt: skip
    odd = sheet.replace("<w:docDefaults>", "<!-- x --><w:docDefaults>")
    assert paragraph_styles(odd.encode()) == odd.encode()


@pytest.mark.parametrize("place", ["6\x01", "<w\x01tcPr/>"])
def test_a_character_that_no_xml_may_hold_is_not_cut_and_refused(place: str) -> None:
    xml = document(FORMATTED.replace("</w:p>", f"</w:p>{place}", 1)).encode()
    assert without_formatting(xml) == xml
    with pytest.raises(DecodeError):
        read_docx(package(xml))


def test_formulas_and_outline_levels_are_seen_where_only_they_occur() -> None:
    maths = (
        '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
        "<m:r><m:t>12</m:t></m:r></m:oMath></w:p>"
    )
    (found,) = read_docx(docx(tbl(tr(tc("甲"), tc(inner=maths)), tr(tc("乙"), tc("3"))))).tables
    assert found.texts == ["甲", "12", "乙", "3"]
    blocks = read_docx(docx(p("一、总体情况", '<w:outlineLvl w:val="1"/>') + p("正文"))).blocks
    assert blocks == [Heading("一、总体情况", 2), Paragraph("正文")]


def test_another_prefix_is_not_cut() -> None:
    xml = document(FORMATTED).replace("w:", "x:").replace("xmlns:w=", "xmlns:x=")
    assert without_formatting(xml.encode()) == xml.encode()
    assert same(read_docx(package(xml)), read_docx(docx(FORMATTED)))


# --- the official form ---------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.exists(), reason="shared corpus is not here")
def test_the_official_blank_form_has_every_label_in_its_place() -> None:
    doc = read_docx(SHARED.read_bytes())
    two, three, four = doc.tables
    assert [(t.n_rows, t.n_columns) for t in doc.tables] == [(14, 4), (28, 10), (4, 15)]
    grid = two.grid()
    assert grid[1] == ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    assert {r: grid[r][0] for r in (2, 3, 6, 9, 10, 13)} == {
        2: "规章", 3: "行政规范性文件", 6: "行政许可", 9: "行政处罚", 10: "行政强制",
        13: "行政事业性收费",
    }  # fmt: skip
    assert [grid[r][0] for r in (0, 4, 7, 11)] == [
        "第二十条第（一）项", "第二十条第（五）项", "第二十条第（六）项", "第二十条第（八）项",
    ]  # fmt: skip
    grid = [[re.sub(r"\s", "", x) for x in row] for row in three.grid()]
    assert grid[2][3:] == [
        "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计",
    ]  # fmt: skip
    assert grid[0][3:] == ["申请人情况"] * 7
    assert grid[1][4:9] == ["法人或其他组织"] * 5
    starts = {
        3: "一、本年新收", 4: "二、上年结转", 5: "（一）予以公开", 6: "（二）部分公开",
        7: "1.属于国家秘密", 14: "8.属于行政查询", 15: "1.本机关不掌握", 17: "3.补正后",
        18: "1.信访", 22: "5.要求行政机关确认", 23: "1.申请人无正当理由", 25: "3.其他",
        26: "（七）总计", 27: "四、结转下年度",
    }  # fmt: skip
    for row, start in starts.items():
        assert grid[row][2].startswith(start), row
        assert grid[row][3:] == [""] * 7
    groups = [grid[r][1][:3] for r in (7, 14, 15, 17, 18, 22, 23, 25)]
    assert groups == ["（三）"] * 2 + ["（四）"] * 2 + ["（五）"] * 2 + ["（六）"] * 2
    grid = [[re.sub(r"\s", "", x) for x in row] for row in four.grid()]
    five = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    assert grid[2] == five * 3
    assert grid[0] == ["行政复议"] * 5 + ["行政诉讼"] * 10
    assert grid[1][5:] == ["未经复议直接起诉"] * 5 + ["复议后起诉"] * 5
    headings = [b.text[:2] for b in doc.blocks if isinstance(b, Paragraph)]
    assert [h for h in headings if h[1] == "、"] == [f"{n}、" for n in "一二三四五六"]


# --- the package ---------------------------------------------------------------------------

CORE = (
    "<cp:coreProperties xmlns:cp='http://schemas.openxmlformats.org/package/2006/metadata/"
    "core-properties' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:dcterms='http://purl.org/dc/terms/'><dc:title> 年报 </dc:title>"
    "<dcterms:created>2024-01-18T02:00:00Z</dcterms:created></cp:coreProperties>"
)


def test_title_and_date_of_the_file_are_meta_data() -> None:
    doc = read_docx(docx(p("甲"), docProps__core_xml=CORE))
    assert doc.meta == {"title": "年报", "created": "2024-01-18T02:00:00Z"}
    assert read_docx(docx(p("甲"))).meta == {}


def test_pictures_are_noticed() -> None:
    body = "<w:p><w:r><w:drawing><a:blip r:embed='rId5'/></w:drawing></w:r></w:p>"
    assert read_docx(docx(body)).has_pictures
    assert not read_docx(docx(p("甲"))).has_pictures


@pytest.mark.parametrize("tag", ["altChunk", "object"])
def test_embedded_documents_are_named_in_a_finding(tag: str) -> None:
    body = "<w:altChunk r:id='rId7'/>" if tag == "altChunk" else "<w:p><w:r><w:object/></w:r></w:p>"
    (finding,) = read_docx(docx(p("甲") + body)).findings
    assert finding.code == "embedded_content"
    assert finding.severity == "warning"
    assert ("kind", tag) in finding.detail


def test_the_strict_edition_of_the_format_is_read() -> None:
    xml = document(p("甲")).replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert read_docx(package(xml)).blocks == [Paragraph("甲")]


def test_utf_16_parts_are_read() -> None:
    xml = document(p("甲")).replace("UTF-8", "UTF-16").encode("utf-16")
    assert read_docx(package(xml)).blocks == [Paragraph("甲")]


def test_a_main_part_of_another_name_is_found_by_its_content_type() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", types(part="/word/document2.xml"))
        z.writestr("word\\document2.xml", document(p("甲")))
    assert read_docx(out.getvalue()).blocks == [Paragraph("甲")]


def test_without_lxml_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(UnsupportedFormatError) as caught:
        read_docx(docx(p("甲")))
    assert caught.value.hint == 'pip install "govreport_parse[office]"'


# --- hostile and broken files (RELIABILITY.md 4.3) -----------------------------------------


def test_ok_the_control() -> None:
    assert texts(p("hello")) == ["hello"]


def test_xxe_is_refused_and_reads_no_file(tmp_path: Path) -> None:
    marker = tmp_path / "marker.txt"
    marker.write_text("GEHEIM")
    xml = document(p("&e;")).replace(
        "<w:document", f'<!DOCTYPE d [<!ENTITY e SYSTEM "{marker.as_uri()}">]><w:document', 1
    )
    with pytest.raises(DecodeError, match="document type") as caught:
        read_docx(package(xml))
    assert "GEHEIM" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_dtd_does_not_hide_in_an_encoding(encoding: str) -> None:
    xml = document(p("甲")).replace("<w:document", "<!DOCTYPE d []><w:document", 1)
    raw = xml.replace("UTF-8", encoding).encode(encoding)
    with pytest.raises(DecodeError):
        read_docx(package(raw))


def test_laughs_are_refused_before_any_entity_is_read() -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 11))
    xml = document(p("&l10;")).replace(
        "<w:document", f'<!DOCTYPE d [<!ENTITY l0 "ha">{levels}]><w:document', 1
    )
    with pytest.raises(DecodeError, match="document type"):
        read_docx(package(xml))


def test_bomb_part_is_refused_while_inflating_in_bounded_memory() -> None:
    head, tail = document(p("@@")).split("@@")
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", types())
        with z.open("word/document.xml", "w") as part:
            part.write(head.encode())
            for _ in range(60):
                part.write(b"a" * 2**20)
            part.write(tail.encode())
    tracemalloc.start()
    with pytest.raises(LimitExceededError):
        read_docx(out.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 2**20


def test_paras_five_million_paragraphs_are_refused() -> None:
    data = docx("<w:p/>" * 5_000_000)
    assert len(data) < 100_000
    with pytest.raises(LimitExceededError):
        read_docx(data)


def test_more_than_half_a_million_elements_are_refused_by_number() -> None:
    noise = random.Random(1)
    some = "".join(f"<w:p w:x='{noise.getrandbits(40):x}'/>" for _ in range(2_501))
    body = some * 200
    with pytest.raises(LimitExceededError, match="elements"):
        read_docx(docx(body))


def nested_tables(depth: int) -> str:
    inner = p("核")
    for _ in range(depth):
        inner = tbl(tr(tc(inner=inner + p())))
    return inner


def test_deep_eighty_nested_tables_are_read() -> None:
    assert texts(nested_tables(80)) == ["核"]


def test_deep_1000_nested_tables_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="deep"):
        read_docx(docx(nested_tables(1000)))


def test_span_of_a_billion_costs_nothing() -> None:
    t = table(tbl(tr(tc("甲", span=1_000_000_000), tc("乙"))))
    assert t.n_columns == 64


def test_cells_two_thousand_rows_of_ten_are_read() -> None:
    row = tr(*(tc(str(i)) for i in range(10)))
    t = table(tbl(*[row] * 2000))
    assert (t.n_rows, t.n_columns, len(t)) == (2000, 10, 20_000)


def test_one_text_over_ten_megabytes_is_refused() -> None:
    noise = random.Random(2).randbytes(6 * 2**20).hex()
    with pytest.raises(LimitExceededError, match="10 MB"):
        read_docx(docx(p(noise)))


def test_a_row_of_wide_cells_without_end_is_refused() -> None:
    with pytest.raises(LimitExceededError, match="too large"):
        read_docx(docx(tbl(tr(*[tc("1", span=63)] * 100))))


def test_many_rows_under_a_wide_one_are_refused_before_they_fill_a_grid() -> None:
    wide = tr(*[tc("1", span=63)] * 15)
    with pytest.raises(LimitExceededError, match="too large"):
        read_docx(docx(tbl(wide, *[tr(tc("1"), tc("2"))] * 3000)))


def test_levels_of_nested_tables_do_not_multiply_without_bound() -> None:
    noise = random.Random(3)
    body = tbl(*(tr(tc(f"{noise.getrandbits(64):x}"), tc("2")) for _ in range(8000)))
    for _ in range(78):
        body = tbl(tr(tc(inner=body + p())))
    with pytest.raises(LimitExceededError, match="nested"):
        read_docx(docx(body))


def test_a_long_chain_of_joined_paragraphs_is_read_in_linear_time() -> None:
    body = "".join(p(f"{i}", "<w:rPr><w:del/></w:rPr>") for i in range(20_000)) + p("完")
    began = time.process_time()
    assert texts(body) == ["".join(map(str, range(20_000))) + "完"]
    assert time.process_time() - began < 60


def test_external_relationships_are_never_followed() -> None:
    hits = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    port = server.getsockname()[1]
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            hits.append(1)
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    kinds = ("image", "attachedTemplate", "aFChunk", "oleObject", "hyperlink", "subDocument")
    rels = "".join(
        f"<Relationship Id='rId{i}' Type='http://schemas.openxmlformats.org/officeDocument/2006/"
        f"relationships/{kind}' Target='http://127.0.0.1:{port}/{kind}' TargetMode='External'/>"
        for i, kind in enumerate(kinds)
    )
    rels = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
        f"{rels}</Relationships>"
    )
    body = (
        p("甲") + "<w:altChunk r:id='rId2'/><w:subDoc r:id='rId5'/>"
        "<w:p><w:r><w:drawing><a:blip r:link='rId0'/></w:drawing></w:r></w:p>"
        "<w:p><w:r><w:object r:id='rId3'/></w:r></w:p>"
    )
    settings_xml = f"<w:settings {NAMESPACES}><w:attachedTemplate r:id='rId1'/></w:settings>"
    data = docx(
        body,
        **{"word/_rels/document.xml.rels": rels, "word/_rels/settings.xml.rels": rels},
        word__settings_xml=settings_xml,
    )
    try:
        assert read_docx(data).blocks == [Paragraph("甲")]
    finally:
        stop.set()
        thread.join()
        server.close()
    assert not hits


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnsupportedFormatError),
        (b"<html><table></table></html>", UnsupportedFormatError),
        (b"{\\rtf1 x}", UnsupportedFormatError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), UnsupportedFormatError),
        (b"PK\x03\x04", DecodeError),
        (docx(p("甲"))[:-40], DecodeError),
        (docx(p("甲"))[:200], DecodeError),
        (package(None), DecodeError),
        (package(""), DecodeError),
        (package("<w:document>"), DecodeError),
        (package(f"<w:document xmlns:w='{W}'/>"), DecodeError),
        (package("<x/>"), DecodeError),
        (package(document(p("&nbsp;"))), DecodeError),
        (docx(p("甲", "<w:pStyle w:val='a'/>"), word__styles_xml="<w:styles"), DecodeError),
    ],
)
def test_what_is_no_whole_docx_ends_in_a_typed_error_with_a_hint(
    data: bytes, error: type[GovReportError]
) -> None:
    with pytest.raises(error) as caught:
        read_docx(data)
    assert caught.value.hint


def test_a_workbook_says_that_it_is_one() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        kind = MAIN.replace("wordprocessingml.document", "spreadsheetml.sheet")
        z.writestr("[Content_Types].xml", types(kind, "/xl/workbook.xml"))
    with pytest.raises(UnsupportedFormatError, match="workbook"):
        read_docx(out.getvalue())


def test_two_parts_of_one_name_are_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("word/document.xml", document(p("1")))
        z.writestr("word/Document.xml", document(p("2")))
    with pytest.raises(DecodeError, match="two parts"):
        read_docx(out.getvalue())


TOKENS = ["-1", "9" * 20, "", "restart", "２", "1e308", "begin", "separate", "end", "<", "\u202e"]
NAMES = (
    "p r t tbl tr tc tcPr trPr pPr rPr gridSpan vMerge hMerge gridBefore del ins moveFrom sdt "
    "sdtContent txbxContent br tab fldChar sym numPr rt vanish altChunk body"
)
TAGS = NAMES.split()


def mutated(xml: bytes, rng: random.Random) -> bytes:
    """One to eight changes of the tree (still well-formed), in one of five of the bytes."""
    root = etree.fromstring(xml)
    for _ in range(rng.choice((1, 2, 4, 8))):
        elements = [e for e in root.iter() if e.getparent() is not None]
        if len(elements) < 3:
            break
        element, other = rng.sample(elements, 2)
        kind = rng.randrange(5)
        if kind == 0:
            element.getparent().remove(element)
        elif kind == 1:
            other.insert(rng.randrange(len(other) + 1), copy.deepcopy(element))
        elif kind == 2:
            element.tag = f"{{{W}}}{rng.choice(TAGS)}"
        elif kind == 3 and element.attrib:
            element.set(rng.choice(list(element.attrib)), rng.choice(TOKENS))
        else:
            element.text = rng.choice(TOKENS)
    out = bytearray(etree.tostring(root))
    if rng.random() < 0.2:
        at = rng.randrange(len(out))
        out[at : at + rng.randrange(50)] = rng.randbytes(rng.randrange(4))
    return bytes(out)


def fuzz(rounds: int, seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    body = (
        numbered("总体情况", 1) + p("甲", rng.choice(("", "<w:rPr><w:del/></w:rPr>"))) + FORMATTED
        + tbl(tr(tc("甲", span=2, merge="restart"), tc("1")),
              tr(tc(span=2, merge="continue"), tc("2")),
              tr(tc(inner=REAL + p()), tc(box("方")), properties="<w:gridBefore w:val='1'/>"))
        + "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:t>x</w:t><w:br/></w:r></w:p>"
    )  # fmt: skip
    seed_xml = document(body).encode()
    read = 0
    for _ in range(rounds):
        data = package(mutated(seed_xml, rng), word__numbering_xml=NUMBERING)
        try:
            whole = unshortened(data)
        except GovReportError:
            with suppress(GovReportError):
                read_docx(data)
            continue
        doc = read_docx(data)
        assert same(doc, whole)
        read += 1
        for t in doc.tables:
            assert len(t.grid()) == t.n_rows
    return read, rounds


def test_mutated_xml_gives_a_document_or_a_typed_error() -> None:
    read, rounds = fuzz(400, 20231115)
    assert read > 0.6 * rounds


@pytest.mark.long
def test_mutated_xml_at_length() -> None:
    fuzz(5_000, 7)
