"""The HTML reader on pages written here: the official tables in the markup of several editors.

Figures are numbered by their place (table, row, column), so that a cell in a wrong place shows.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import pytest

from govreport_parse.documents.html import read_html
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.errors import LimitExceededError

Box = tuple[str, int, int]
"""Text, rowspan, colspan."""
Layout = list[list[Box]]


def box(text: str, down: int = 1, across: int = 1) -> Box:
    return (text, down, across)


def values(table: int, row: int, columns: int) -> list[Box]:
    return [box(str(table * 10_000 + row * 100 + c)) for c in range(1, columns + 1)]


def table_2() -> Layout:
    """14 x 4, after the official form."""
    one = [box(t) for t in ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")]
    decisions = [box("信息内容"), box("本年处理决定数量", 1, 3)]

    def single(label: str, row: int) -> list[Box]:
        return [box(label), box(str(20_000 + row * 100 + 1), 1, 3)]

    return [
        [box("第二十条第（一）项", 1, 4)],
        one,
        [box("规章"), *values(2, 1, 3)],
        [box("行政规范性文件"), *values(2, 2, 3)],
        [box("第二十条第（五）项", 1, 4)],
        decisions,
        single("行政许可", 3),
        [box("第二十条第（六）项", 1, 4)],
        decisions,
        single("行政处罚", 4),
        single("行政强制", 5),
        [box("第二十条第（八）项", 1, 4)],
        [box("信息内容"), box("本年收费金额（单位：万元）", 1, 3)],
        single("行政事业性收费", 6),
    ]


GROUPS = [
    ("（三）不予公开", 8),
    ("（四）无法提供", 3),
    ("（五）不予处理", 5),
    ("（六）其他处理", 3),
]


def table_3() -> Layout:
    """28 x 10: three label columns, seven of figures."""
    rows: Layout = [
        [
            box("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
            box("申请人情况", 1, 7),
        ],
        [box("自然人", 2), box("法人或其他组织", 1, 5), box("总计", 2)],
        [box(t) for t in ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")],
        [box("一、本年新收政府信息公开申请数量", 1, 3), *values(3, 1, 7)],
        [box("二、上年结转政府信息公开申请数量", 1, 3), *values(3, 2, 7)],
        [
            box("三、本年度办理结果", 22),
            box("（一）予以公开", 1, 2),
            *values(3, 3, 7),
        ],
        [box("（二）部分公开", 1, 2), *values(3, 4, 7)],
    ]
    number = 5
    for group, size in GROUPS:
        for i in range(size):
            label = box(f"{i + 1}.{group[3:]}其{i + 1}")
            head = [box(group, size)] if i == 0 else []
            rows.append([*head, label, *values(3, number, 7)])
            number += 1
    rows.append([box("（七）总计", 1, 2), *values(3, 24, 7)])
    rows.append([box("四、结转下年度继续办理", 1, 3), *values(3, 25, 7)])
    return rows


RESULTS = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def table_4() -> Layout:
    """4 x 15."""
    return [
        [box("行政复议", 1, 5), box("行政诉讼", 1, 10)],
        [
            *[box(t, 2) for t in RESULTS],
            box("未经复议直接起诉", 1, 5),
            box("复议后起诉", 1, 5),
        ],
        [box(t) for t in RESULTS * 2],
        values(4, 1, 15),
    ]


def attributes(down: int, across: int) -> str:
    return (f' rowspan="{down}"' if down > 1 else "") + (
        f' colspan="{across}"' if across > 1 else ""
    )


def clean(text: str, down: int, across: int) -> str:
    return f"<td{attributes(down, across)}>{text}</td>"


def word(text: str, down: int, across: int) -> str:
    half = len(text) // 2
    runs = "".join(
        f'<span lang="EN-US" style="font-size:10.5pt;font-family:宋体">{t}<o:p></o:p></span>'
        for t in (text[:half], text[half:])
    )
    return (
        f'<td width="66" valign="center"{attributes(down, across)} style="padding:0pt 5.4pt">\n'
        f'  <p class="MsoNormal" align="center"><b>{runs}</b></p>\n</td>'
    )


def ueditor(text: str, down: int, across: int) -> str:
    broken = text.replace("结果", "结果<br/>", 1) if text in RESULTS else text
    return f'<TD ROWSPAN="{down}" COLSPAN="{across}">&nbsp;<P>{broken}</P>&nbsp;</TD>'


def unclosed(text: str, down: int, across: int) -> str:
    return f"<td{attributes(down, across)}> {text}\n"


MARKUPS: dict[str, Callable[[str, int, int], str]] = {
    "clean": clean,
    "word": word,
    "ueditor": ueditor,
    "unclosed": unclosed,
}


def draw(layout: Layout, cell: Callable[[str, int, int], str] = clean) -> str:
    end = "" if cell is unclosed else "</tr>"
    rows = "".join(f"<tr>{''.join(cell(*b) for b in row)}{end}\n" for row in layout)
    return f'<table border="1" class="MsoNormalTable">{rows}</table>'


def at(table: Table, row: int, column: int) -> str:
    """Text of the cell that begins at a grid place, white space dropped."""
    found = [c.text for c in table if (c.row, c.column) == (row, column)]
    assert len(found) == 1, (row, column, found)
    return "".join(found[0].split())


def check_table_2(table: Table) -> None:
    assert (table.n_rows, table.n_columns) == (14, 4)
    for row, number in ((2, 1), (3, 2)):
        for column in (1, 2, 3):
            assert at(table, row, column) == str(20_000 + number * 100 + column)
    for row, number in ((6, 3), (9, 4), (10, 5), (13, 6)):
        assert at(table, row, 1) == str(20_000 + number * 100 + 1)
    assert at(table, 10, 0) == "行政强制"


def check_table_3(table: Table, first_row: int = 0) -> None:
    assert table.n_columns == 10
    assert at(table, first_row + 2, 4) == "商业企业"
    assert at(table, first_row + 1, 9) == "总计"
    for row in range(25):
        for column in range(7):
            expected = str(30_000 + (row + 1) * 100 + column + 1)
            assert at(table, first_row + 3 + row, 3 + column) == expected
    assert at(table, first_row + 7, 1) == "（三）不予公开"
    assert at(table, first_row + 8, 2) == "2.不予公开其2"
    assert at(table, first_row + 26, 1) == "（七）总计"


def check_table_4(table: Table) -> None:
    assert (table.n_rows, table.n_columns) == (4, 15)
    assert at(table, 2, 5) == "结果维持"
    assert at(table, 2, 11) == "结果纠正"
    assert at(table, 1, 1) == "结果纠正"
    for column in range(15):
        assert at(table, 3, column) == str(40_000 + 100 + column + 1)


def texts(document: Document) -> list[str]:
    return [b.text for b in document.blocks if not isinstance(b, Table)]


def kinds(document: Document) -> list[str]:
    return [type(b).__name__ for b in document.blocks]


# Paragraphs and headings


def test_blocks_come_in_reading_order() -> None:
    document = read_html(
        "<h1>某县2023年报告</h1><p>前言</p><div>甲<p>乙</p>丙</div>"
        "<table><tr><td>a<td>b</table>尾<h3>小标题</h3>"
    )
    assert document.format == "html"
    assert kinds(document) == [
        "Heading", "Paragraph", "Paragraph", "Paragraph", "Paragraph", "Table", "Paragraph",
        "Heading",
    ]  # fmt: skip
    assert texts(document) == ["某县2023年报告", "前言", "甲", "乙", "丙", "尾", "小标题"]
    levels = [b.level for b in document.blocks if isinstance(b, Heading)]
    assert levels == [1, 3]


def test_a_paragraph_has_no_line_number() -> None:
    assert read_html("<p>x</p>").blocks == [Paragraph("x", line=None, page=None)]


def test_line_breaks_end_paragraphs_outside_tables() -> None:
    page = "<div><font>一、总体情况<br><br>　　文字一。<br/>文字二。</font></div>"
    assert texts(read_html(page)) == ["一、总体情况", "文字一。", "文字二。"]
    assert texts(read_html("<p><br />四、标题<br></p>")) == ["四、标题"]
    assert texts(read_html("<p><span>甲<br></span>乙</p>")) == ["甲", "乙"]
    assert texts(read_html("<li><b>甲<br></b>乙</li>")) == ["甲", "乙"]


def test_headings_in_pieces_are_one_paragraph() -> None:
    page = "<p><font>二</font><span>、主动<b>公开</b></span><span> </span><font>情况</font></p>"
    assert texts(read_html(page)) == ["二、主动公开 情况"]
    page = "<div><span>2023年</span> <span>12月</span></div>"
    assert texts(read_html(page)) == ["2023年 12月"]


def test_a_heading_with_a_line_break_gives_two_headings() -> None:
    document = read_html("<h2>某县<br>2023年年报</h2><p>x</p>")
    assert document.blocks == [
        Heading("某县", 2), Heading("2023年年报", 2), Paragraph("x"),
    ]  # fmt: skip


def test_white_space_is_stripped_at_the_ends_and_kept_inside() -> None:
    page = "<p>&nbsp;　 共收到&nbsp;5　件 &nbsp;</p><p>&nbsp;</p><p>　　</p><p> \n </p>"
    assert texts(read_html(page)) == ["共收到\xa05　件"]


def test_line_ends_of_the_source_are_blanks() -> None:
    document = read_html("<p>共收\n   到</p><table><tr><td>商业\n\t企业<td>1</table>")
    assert texts(document) == ["共收 到"]
    assert document.tables[0].texts == ["商业 企业", "1"]


def test_lines_of_preformatted_text_are_paragraphs() -> None:
    page = "<pre>规章 | 1 | 2 |\n行政许可 | 3 |\n\n</pre>"
    assert texts(read_html(page)) == ["规章 | 1 | 2 |", "行政许可 | 3 |"]


def test_page_break_marks_are_dropped() -> None:
    page = "<p>甲</p><p>#PAGE_BREAK#</p><p>乙#PAGE_BREAK#</p><div>丙 # 号</div>"
    assert texts(read_html(page)) == ["甲", "乙", "丙 # 号"]


@pytest.mark.parametrize("where", ["p", "li", "div", "td", "h2", "span"])
@pytest.mark.parametrize(
    "hidden",
    [
        "<script>document.write('9')</script>",
        "<style>p{}</style>",
        "<select><option>2023<option>2022</select>",
        "<textarea>9</textarea>",
        "<noscript>请启用</noscript>",
        "<template><p>9</p></template>",
        "<iframe src=/a>9</iframe>",
        "<!-- 9 -->",
        "<svg><title>图</title><text>9</text></svg>",
    ],
)
def test_what_is_not_text_is_skipped(where: str, hidden: str) -> None:
    for content in (f"{hidden}点击数", f"点击{hidden}数", hidden):
        cell = f"<{where}>{content}</{where}>"
        page = f"<table><tr>{cell}<td>1</table>" if where == "td" else cell
        document = read_html(page)
        wanted = "点击数" if "点击" in content else ""
        if where == "td" and not wanted:
            # Alone in a cell it is something, or nothing; its text is not read in any case.
            assert document.tables[0].texts[1] == "1"
            assert not any(c.isdigit() for c in document.tables[0].texts[0])
        elif where == "td":
            assert document.tables[0].texts == [wanted, "1"]
        else:
            assert "".join(texts(document)) == wanted


def test_unknown_and_custom_tags_are_inline() -> None:
    page = "<p>由<st1:chsdate>2023年</st1:chsdate><中华人民>起<o:p></o:p></p>"
    assert texts(read_html(page)) == ["由2023年<中华人民>起"]


# Data tables


@pytest.mark.parametrize("markup", MARKUPS)
def test_official_tables_in_the_markup_of_several_editors(markup: str) -> None:
    cell = MARKUPS[markup]
    page = "<p>二、主动公开政府信息情况</p>".join(
        ["", draw(table_2(), cell), draw(table_3(), cell), draw(table_4(), cell)]
    )
    document = read_html(page)
    assert [t.number for t in document.tables] == [1, 2, 3]
    check_table_2(document.tables[0])
    check_table_3(document.tables[1])
    check_table_4(document.tables[2])
    assert [len(t) for t in document.tables] == [30, 215, 34]


@pytest.mark.parametrize("doctype", ["", "<!DOCTYPE html>"])
def test_a_table_inside_a_paragraph_is_not_lost(doctype: str) -> None:
    # Without a doctype (quirks mode) the parser leaves the table inside <p>.
    document = read_html(f"{doctype}<p>表：<font>{draw(table_4())}</font>完</p>")
    check_table_4(document.tables[0])
    assert texts(document) == ["表：", "完"]


def test_cell_texts() -> None:
    page = (
        "<table><tr><td><p>结果<br/>纠正</p><td><p>商业</p>\n<p>企业</p><td>结果<br>维持"
        "<td><div>社会<div>公益</div>组织</div><td></td><td>&nbsp;</td>"
        "<td><p>&nbsp;</p></td><td>　0　</td><td> 1 4 </td><td><span>12</span><span>.5</span>"
        "<span> 万元</span></td><th>总计</th></table>"
    )
    assert read_html(page).tables[0].texts == [
        "结果\n纠正", "商业\n企业", "结果\n维持", "社会\n公益\n组织", "", "", "", "0", "1 4",
        "12.5 万元", "总计",
    ]  # fmt: skip


def test_row_groups_stand_in_the_order_of_display() -> None:
    page = (
        "<table><tfoot><tr><td>脚<td>3</tfoot><tbody><tr><td>体<td>2</tbody>"
        "<thead><tr><td>头<td>1</thead></table>"
    )
    assert read_html(page).tables[0].texts == ["头", "1", "体", "2", "脚", "3"]


def test_rowspans_end_with_their_row_group() -> None:
    page = "<table><thead><tr><td rowspan=9>a<td>b</thead><tbody><tr><td>c<td>d</tbody></table>"
    table = read_html(page).tables[0]
    assert (table.rowspans, table.columns) == ([1, 1, 1, 1], [0, 1, 0, 1])


def test_rows_without_row_tags_and_stray_form_fields() -> None:
    page = (
        "<table><form action=x><td>a<td>b</form><tr><input type=hidden value=7><td>c<td>d"
        "<tr><script>x</script><td>e<td>f</table>"
    )
    table = read_html(page).tables[0]
    assert [(c.text, c.row, c.column) for c in table] == [
        ("a", 0, 0), ("b", 0, 1), ("c", 1, 0), ("d", 1, 1), ("e", 2, 0), ("f", 2, 1),
    ]  # fmt: skip


def test_captions_and_strays_come_before_their_table() -> None:
    page = "<table><caption>表<b>二</b></caption>散<tr><td>a<td>b</table>"
    assert kinds(read_html(page)) == ["Paragraph", "Paragraph", "Table"]
    assert sorted(texts(read_html(page))) == ["散", "表二"]


@pytest.mark.parametrize("bad", ["2;", " 2", "+2", "2.0", "02"])
def test_sloppy_spans_count_as_in_browsers(bad: str) -> None:
    table = read_html(f"<table><tr><td colspan='{bad}'>a<td>b<tr><td>c<td>d<td>e</table>").tables[0]
    assert table.columns == [0, 2, 0, 1, 2]


@pytest.mark.parametrize("bad", ["１０", "-1", "", "x", "0", "NaN"])
def test_bad_spans_count_as_one(bad: str) -> None:
    page = f"<table><tr><td colspan='{bad}'>a<td rowspan='-3'>b<tr><td>c<td>d</table>"
    assert read_html(page).tables[0].columns == [0, 1, 0, 1]


def test_cut_spans_and_hidden_rows_are_findings() -> None:
    page = (
        "<table><tr><td rowspan=1000000000>a<td>b<tr style='display: None'><td>c</table>"
        "<table><tr><td>a<td>b</table>"
    )
    document = read_html(page)
    assert [(f.code, f.locator and f.locator.table) for f in document.findings] == [
        ("span_clamped", 1),
        ("hidden_rows", 1),
    ]
    assert document.tables[0].texts == ["a", "b", "c"]
    assert document.tables[0].rowspans == [2, 1, 1]
    assert document.tables[1].notes == []


def test_hidden_cells_hold_no_place() -> None:
    # Editors leave the cells that a merged one covers in the markup, hidden.
    page = (
        "<table><tr><td colspan=2>a</td><td style='DISPLAY : none;width:9pt'>x</td><td>b</td></tr>"
        "<tr><td hidden>y<td style='display:table-cell'>c<td>d<th style='display:none'>z<td>e"
        "</table>"
    )
    document = read_html(page)
    table = document.tables[0]
    assert [(c.text, c.row, c.column) for c in table] == [
        ("a", 0, 0), ("b", 0, 2), ("c", 1, 0), ("d", 1, 1), ("e", 1, 2),
    ]  # fmt: skip
    assert [f.code for f in document.findings] == ["hidden_cells"]


def test_figures_in_form_fields_are_read() -> None:
    page = (
        "<table><tr><td>规章<td><input value=' 3 '><td><p><input type=TEXT value=5 readonly>件</p>"
        "<td><input type=hidden value=7>2<td><input type=checkbox value=1><td><input></table>"
        "<div><input value=搜索>站内</div>"
    )
    document = read_html(page)
    assert document.tables[0].texts == ["规章", "3", "5 件", "2", "", ""]
    assert texts(document) == ["站内"]


def test_a_form_field_and_the_text_beside_it_do_not_run_together() -> None:
    page = (
        "<table><tr><td>规章<td>10<input value=9><td><input value=1>0"
        "<td><input value=1><input value=0></table>"
    )
    cells = read_html(page).tables[0].texts
    assert [text.split() for text in cells] == [["规章"], ["10", "9"], ["1", "0"], ["1", "0"]]


def test_readings_over_characters_are_left_out() -> None:
    page = "<p><ruby>發<rp>(</rp><rt>fa</rt><rp>)</rp></ruby>布</p>"
    assert texts(read_html(page)) == ["發布"]


def test_a_table_cut_in_two_stays_two_tables() -> None:
    rows = table_3()
    # Group 三 begins in row 5 and spans 22 rows; the editor repeats its label after the cut.
    upper, lower = rows[:15], [[box("三、本年度办理结果", 12), *rows[15]], *rows[16:]]
    upper[5][0] = box("三、本年度办理结果", 10)
    document = read_html(draw(upper) + "<p> </p>" + draw(lower))
    first, second = document.tables
    assert (first.n_rows, second.n_rows) == (15, 13)
    assert (first.number, second.number) == (1, 2)
    assert at(first, 3, 3) == "30101"
    assert at(second, 12, 3) == "32501"


def test_a_title_row_stays_a_row() -> None:
    page = draw([[box("三、收到和处理政府信息公开申请情况", 1, 10)], *table_3()])
    document = read_html(page)
    assert kinds(document) == ["Table"]
    check_table_3(document.tables[0], first_row=1)


def test_all_three_tables_in_one_stay_one_table() -> None:
    rows = [
        [box("二、主动公开政府信息情况", 1, 15)],
        *table_2(),
        [box("三、收到和处理政府信息公开申请情况", 1, 15)],
        *table_3(),
        [box("四、政府信息公开行政复议、行政诉讼情况", 1, 15)],
        *table_4(),
    ]
    document = read_html(draw(rows, word))
    assert kinds(document) == ["Table"]
    table = document.tables[0]
    assert table.n_rows == 49
    assert at(table, 16 + 3, 3) == "30101"
    assert at(table, 48, 14) == "40115"


def test_value_cells_with_a_colspan_keep_the_grid() -> None:
    page = draw([[box("a", 1, 2), box("b")], [box("c"), box("d"), box("e")]])
    table = read_html(page).tables[0]
    assert list(zip(table.texts, table.columns, strict=True)) == [
        ("a", 0), ("b", 2), ("c", 0), ("d", 1), ("e", 2),
    ]  # fmt: skip


def test_a_blank_form_is_a_table_of_blanks() -> None:
    table = read_html("<table>" + "<tr><td></td><td></td></tr>" * 3 + "</table>").tables[0]
    assert table.texts == [""] * 6


# Layout tables

ARTICLE = (
    "<p>一、总体情况</p>"
    + "<p>　　本县认真贯彻落实有关规定，扎实推进政府信息公开各项工作，现将一年的情况报告如下。</p>"
    * 6
    + "<p>三、收到和处理政府信息公开申请情况</p>"
)


@pytest.mark.parametrize(
    "frame",
    [
        "<table><tr><td>{}</td></tr></table>",
        "<table><tr><td width=200><a>网站首页</a></td><td>{}</td></tr></table>",
        "<table><tr><td>标题</td></tr><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>",
        "<table><tr><td>索引号</td><td>0123</td><td>日期</td><td>2024-01-20</td></tr>"
        "<tr><td colspan=4>{}</td></tr></table>",
        "<table><tbody><tr><th><div><center>{}</center></div></th></tr></tbody></table>",
    ],
)
def test_layout_tables_are_taken_apart(frame: str) -> None:
    content = ARTICLE + draw(table_3()) + "<p>四、以下为复议诉讼</p>" + draw(table_4(), word)
    document = read_html(frame.format(content))
    check_table_3(document.tables[-2])
    check_table_4(document.tables[-1])
    lines = texts(document)
    assert "一、总体情况" in lines
    assert sum(line.startswith("本县认真") for line in lines) == 6
    blocks = document.blocks
    end = blocks.index(Paragraph("四、以下为复议诉讼"))
    assert blocks[end - 1] is document.tables[-2]
    assert blocks[end + 1] is document.tables[-1]
    everything = "".join(lines) + "".join("".join(t.texts) for t in document.tables)
    for outside in ("网站首页", "标题", "索引号", "2024-01-20"):
        assert (outside in everything) == (outside in frame)


def test_an_article_without_tables_in_one_cell_is_paragraphs() -> None:
    document = read_html(f"<table><tr><td>{ARTICLE}</td><td>旁栏</td></tr></table>")
    assert kinds(document) == ["Paragraph"] * 9
    assert texts(document)[0] == "一、总体情况"
    assert texts(document)[-1] == "旁栏"


def test_a_tiny_inner_table_is_the_text_of_its_cell() -> None:
    page = draw(table_4()).replace(">40103<", "><table><tr><td> 40103 </td></tr></table><")
    assert "<table><tr><td> 40103" in page
    document = read_html(page)
    assert kinds(document) == ["Table"]
    check_table_4(document.tables[0])


def test_rows_that_are_tables_of_their_own_each_give_a_table() -> None:
    inner = "<table><tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr></table>"
    document = read_html(f"<table><tr><td>{inner}</td></tr><tr><td>{inner}</td></tr></table>")
    assert [t.texts for t in document.tables] == [["规章", "1", "2", "3"]] * 2


def test_a_long_note_does_not_take_a_data_table_apart() -> None:
    note = "<p>填报说明第一条，" + "数据口径按年度统计" * 20 + "。</p>"
    page = draw(table_3()).replace("</table>", f"<tr><td colspan=10>{note * 3}</td></tr></table>")
    document = read_html(page)
    assert kinds(document) == ["Table"]
    check_table_3(document.tables[0])
    assert document.tables[0].texts[-1].count("\n") == 2


def test_sections_and_data_rows_in_one_table_keep_their_columns() -> None:
    rows = draw(table_3()).removesuffix("</table>")
    page = f"{rows}<tr><td colspan=10>{ARTICLE}</td></tr>" + draw(table_2()).split(">", 1)[1]
    document = read_html(page)
    assert kinds(document)[0] == "Table"
    assert kinds(document)[-1] == "Table"
    check_table_3(document.tables[0])
    check_table_2(document.tables[1])
    assert "一、总体情况" in texts(document)


def test_one_column_tables_are_paragraphs() -> None:
    page = "<table><tr><td>标题</td></tr><tr><td></td></tr><tr><td>正文<br>二</td></tr></table>"
    assert texts(read_html(page)) == ["标题", "正文", "二"]


def test_deep_layout_nesting_is_read() -> None:
    page = "<table><tr><td>甲</td><td>" * 40 + draw(table_4()) + "</td></tr></table>" * 40
    document = read_html(page)
    check_table_4(document.tables[-1])
    assert texts(document).count("甲") == 40


# The page around the report


def report(body: str = "") -> str:
    return (
        "<p>二、主动公开政府信息情况</p>"
        + draw(table_2())
        + "<p>三、收到和处理政府信息公开申请情况</p>"
        + draw(table_3())
        + body
        + "<p>六、其他需要报告的事项</p><p>无。</p>"
    )


def test_meta_values_by_lower_case_name() -> None:
    document = read_html(
        "<html><head><noscript><img src=a></noscript><title> 某县2023年年报 </title>"
        '<meta name="ArticleTitle" content="某县年报"><META NAME="PubDate" CONTENT=" 2024-01-20 ">'
        '<meta property="og:title" content="x"><meta name="SiteIDCode" content="3417220001">'
        '<meta name="keywords" content=""><meta charset=utf-8>'
        '<meta name="pubdate" content="2030-01-01"></head>'
        "<body><UCAPTITLE>某县<b>年报</b></UCAPTITLE><p>x</p>"
        '<meta name="ContentSource" content="某局"></body></html>',
        url="http://www.example.gov.cn/a.html",
    )
    assert document.meta == {
        "title": "某县2023年年报",
        "articletitle": "某县年报",
        "pubdate": "2024-01-20",
        "og:title": "x",
        "siteidcode": "3417220001",
        "ucaptitle": "某县年报",
        "contentsource": "某局",
        "url": "http://www.example.gov.cn/a.html",
    }
    assert document.media_type == "text/html"


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="bread-crumb">首页 &gt; <a>政府信息公开年报</a></div>',
        "<div id='dqwz'><a>首页</a>&gt;\n<a>政府信息公开年报</a></div>",
        "<nav class=crumbs><a>首页</a>&gt;<a>政府信息公开年报</a></nav>",
        "<p>当前位置：首页 &gt; 政府信息公开年报</p>",
        "<div>您现在的位置：<ul><li>首页 &gt;</li><li>政府信息公开年报</li></ul></div>",
        "<table><tr><td><span>您的位置：首页 &gt; 政府信息公开年报</span></td></tr></table>",
    ],
)
def test_breadcrumbs(markup: str) -> None:
    crumb = read_html(f"{markup}<p>正文</p>").meta["breadcrumb"]
    assert crumb.split("：")[-1].strip() == "首页 > 政府信息公开年报"


def test_a_wrapper_that_is_called_position_is_no_breadcrumb() -> None:
    page = "<div class='position-relative'>" + "<p>一段很长的正文。</p>" * 60 + "</div>"
    assert "breadcrumb" not in read_html(page).meta


def test_chrome_elements_are_left_out_unless_they_hold_a_table_or_a_title() -> None:
    page = (
        "<header><p>网站</p></header><nav><ul><li>栏目</ul></nav>"
        "<article><header><h1>某县年报</h1></header><p>正文</p>"
        f"<aside>{draw(table_4())}</aside></article><footer><p>备案号</p></footer>"
    )
    document = read_html(page)
    assert texts(document) == ["某县年报", "正文"]
    check_table_4(document.tables[0])


@pytest.mark.parametrize(
    "container",
    [
        '<div id="zoom">{}</div>',
        '<div class="TRS_Editor x">{}</div>',
        '<div class="a v_news_content">{}</div>',
        '<div id="vsb_content_1054">{}</div>',
        "<UCAPCONTENT>{}</UCAPCONTENT>",
        "<article>{}</article>",
        "<table><tr><td>左</td><td id=zoom>{}</td></tr></table>",
    ],
)
def test_chrome_around_a_known_container_is_cut(container: str) -> None:
    page = (
        "<ul><li>县情概览</li><li>天气预报</li></ul>"
        "<div class=title>某县2023年政府信息公开年报</div>"
        "<ul><li>发布机构：</li><li>某县</li><li>走进某县</li></ul><table><tr><td>索引号<td>0123/2024-1</table>"
        + container.format(report())
        + "<p>扫一扫在手机打开当前页</p><h4>相关链接</h4><table><tr><td>友情<td>链接</table>"
    )
    document = read_html(page)
    lines = texts(document)
    assert lines[:3] == ["某县2023年政府信息公开年报", "发布机构：", "某县"]
    assert lines[-2:] == ["六、其他需要报告的事项", "无。"]
    assert not {"天气预报", "县情概览", "走进某县", "左", "相关链接"} & set(lines)
    assert [t.texts[0] for t in document.tables][:1] == ["索引号"]
    assert document.tables[-1].texts == ["友情", "链接"]
    check_table_3(document.tables[2])


def test_a_container_that_is_not_the_whole_report_cuts_nothing() -> None:
    rest = "<p>五、存在的主要问题及改进情况</p><p>后</p>"
    page = f"<p>前</p><div class=TRS_Editor>{report()}</div>{rest}"
    lines = texts(read_html(page))
    assert lines[0] == "前"
    assert lines[-2:] == ["五、存在的主要问题及改进情况", "后"]


def test_a_report_over_two_containers_of_a_kind_is_kept_whole() -> None:
    half, rest = report().split("<p>六、")
    page = (
        f"<p>页眉</p><div class=TRS_Editor>{half}</div><div class=TRS_Editor><p>六、{rest}</div>"
        "<p>页脚</p>"
    )
    lines = texts(read_html(page))
    assert "页眉" not in lines
    assert lines[-2:] == ["六、其他需要报告的事项", "无。"]


def test_an_empty_container_cuts_nothing() -> None:
    assert texts(read_html("<p>前</p><div id=zoom></div><p>后</p>")) == ["前", "后"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('<p><img src="/W020240120.png"></p>', True),
        ('<p>一、<span><img src="/upload/a.jpg" width="600"></span></p>', True),
        ('<table><tr><td><img src="x.jpg"></td><td>1</td></tr></table>', True),
        ('<p><img src="data:image/png;base64,iVBOR"></p>', False),
        ('<p><img src="data:image/png;base64,' + "A" * 9000 + '"></p>', True),
        ('<p><img src="/images/icon_doc.gif">附件</p>', False),
        ('<p><img src="/a.png" width="16" height="16"></p>', False),
        ("<p><img></p>", False),
    ],
)
def test_pictures_of_the_article(image: str, expected: bool) -> None:
    for page in (f"<div id=zoom>{report(image)}</div>", report(image)):
        assert read_html(page).has_pictures is expected, page[:20]
    outside = f"<p>站</p>{image}<div id=zoom>{report()}</div>" + "<p>尾</p>" * 9 + image
    assert read_html(outside).has_pictures is False


REPORT = "年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("title", "heading", "conflict"),
    [
        (f"石台县财政局2021{REPORT}", f"石台县财政局2022{REPORT}", True),
        (f"石台县财政局2022{REPORT}", f"石台县教育局2022{REPORT}", True),
        ("某网站-石台县财政局政府信息公开2021年度报告", f"石台县财政局2022{REPORT}", True),
        (f"石台县财政局2022{REPORT}_石台县人民政府", f"石台县财政局2022{REPORT}", False),
        (f"财政局2022{REPORT}", "池州市石台县财政局2022年度政府信息公开工作年度报告", False),
        ("2022年石台县财政局政府信息公开年报", f"石台县财政局2022{REPORT}", False),
        ("石台縣財政局2022年政府信息公開工作年度報告", f"石台县财政局2022{REPORT}", False),
        (f"石台县财政局2022{REPORT}", f"2022{REPORT}", False),
        ("政府信息公开年报", f"石台县财政局2022{REPORT}", False),
        ("石台县教育局", f"石台县财政局2022{REPORT}", False),
        (f"石台县财政局2022{REPORT}", "石台县教育局", False),
    ],
)
def test_a_heading_of_another_report_than_the_title_is_a_finding(
    title: str, heading: str, conflict: bool
) -> None:
    for head in (f"<title>{title}</title>", f'<meta name="ArticleTitle" content="{title}">'):
        document = read_html(f"{head}<h1>{heading}</h1><h2>1999{REPORT}</h2><p>甲</p>")
        assert [f.code for f in document.findings] == ["title_conflict"] * conflict


def test_a_shell_filled_by_script_is_a_finding() -> None:
    page = "<div id=app></div><script src=/app.js></script><script>load()</script>"
    assert [f.code for f in read_html(page).findings] == ["js_shell"]
    assert read_html("<p>正文</p>").findings == []
    assert read_html(report() + "<script>x</script>").findings == []


@pytest.mark.parametrize(
    "page",
    [
        "<p>标题</p><iframe src='/doc/a.html'></iframe><script>x</script>",
        "<frameset cols=20%,80%><frame src='/doc/a.html'><frame src=b></frameset>",
        "<div><iframe src='about:blank'></iframe><iframe src='/doc/a.html'></iframe></div>",
    ],
)
def test_content_in_a_frame_is_a_finding(page: str) -> None:
    (finding,) = read_html(page).findings
    assert finding.code == "content_in_iframe"
    assert dict(finding.detail) == {"src": "/doc/a.html"}


# Hostile and damaged input


def test_empty_input_is_an_empty_document() -> None:
    for page in ("", "  \n", "<html></html>", "<!-- x"):
        assert read_html(page).blocks == []


def test_a_nul_never_joins_two_numbers() -> None:
    table = read_html("<table><tr><td>1\x002<td>3</table>").tables[0]
    assert table.texts == ["1\ufffd2", "3"]


def test_lone_surrogates_are_replaced() -> None:
    assert texts(read_html("<p>甲\ud800乙</p>")) == ["甲\ufffd乙"]


def test_given_bytes_are_read_instead_of_encoding_again() -> None:
    page = "<p>甲</p><table><tr><td>1<td>2</table>"
    a, b = read_html(page), read_html(page, utf8=page.encode())
    assert texts(a) == texts(b)
    assert a.tables[0].texts == b.tables[0].texts


KINDS_OF_BOMB: dict[str, Callable[[int], str]] = {
    "div": lambda n: "<div>" * n,
    "div closed": lambda n: "<div>" * n + "</div>" * n,
    "nested tables": lambda n: "<table><tr><td>" * n,
    "p font": lambda n: "<p><font>" * n,
    "b i a": lambda n: "<b><i><a>" * n + "<p>x" * n,
    "a b p": lambda n: "<a><b><p>" * n,
    "distinct attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">",
    "equal attributes": lambda n: "<p " + "a=1 " * n + ">",
    "rows": lambda n: "<table>" + "<tr><td>1" * n,
    "foster parents": lambda n: "<table>" + "x<b>" * n,
    "entities": lambda n: "&amp;" * n,
    "comments": lambda n: "<!--" * n,
    "options": lambda n: "<select>" + "<option>x" * n,
    "svg": lambda n: "<svg>" + "<g>" * n,
    "templates": lambda n: "<template>" * n,
    "nul": lambda n: "<p>\0" * n,
    "lists": lambda n: "<ul><li>" * n,
    # Beyond the catalogue.
    "font colours": lambda n: "".join(f"<p><font color={i}>" for i in range(n)),
    "definition lists": lambda n: "<dl><dd>" * n,
    "body attributes": lambda n: "".join(f"<body a{i}=1>" for i in range(n)),
    "rowspans": lambda n: "<table>" + "<tr><td rowspan=1000000000 colspan=1000>1" * n,
    "misnested": lambda n: "<b><div>" * n + "</b>" * n,
}


@pytest.mark.parametrize("size", [5_000, 50_000])
@pytest.mark.parametrize("kind", KINDS_OF_BOMB)
def test_bombs_end_in_time(kind: str, size: int) -> None:
    page = KINDS_OF_BOMB[kind](size)
    start = time.process_time()
    with contextlib.suppress(LimitExceededError):
        assert sum(map(len, texts(read_html(page)))) <= len(page)
    assert time.process_time() - start < 30


@pytest.mark.parametrize(
    "kind", ["div", "div closed", "nested tables", "lists", "templates", "distinct attributes"]
)
def test_dangerous_bombs_are_refused_before_parsing(kind: str) -> None:
    with pytest.raises(LimitExceededError) as caught:
        read_html(KINDS_OF_BOMB[kind](100_000))
    assert caught.value.hint
    assert caught.value.context["value"] > 0


def test_a_million_of_each_kind_ends_in_time_and_without_a_crash() -> None:
    """In a child: a crash or a flood of memory would take the test run with it."""
    program = textwrap.dedent("""
        import sys, time
        sys.path.insert(0, sys.argv[1])
        from test_html import KINDS_OF_BOMB, LimitExceededError, read_html
        for kind, make in KINDS_OF_BOMB.items():
            page = make(1_000_000)
            start = time.process_time()
            try:
                read_html(page)
            except LimitExceededError:
                pass
            assert time.process_time() - start < 60, kind
    """)
    here = __file__.rsplit("/", 1)[0]
    done = subprocess.run(
        [sys.executable, "-c", program, here],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_depth_is_refused_on_small_pages_too() -> None:
    with pytest.raises(LimitExceededError, match="nested"):
        read_html("<div>" * 600 + "x")
    assert texts(read_html("<div>" * 300 + "x")) == ["x"]


def test_a_page_over_the_size_limit_is_refused() -> None:
    with pytest.raises(LimitExceededError, match="bytes"):
        read_html("<p>" + "x" * (16 * 1024 * 1024))


def test_a_big_page_with_pictures_in_base64_is_read() -> None:
    picture = f'<p><img src="data:image/png;base64,{"iVBORw0KGgo/+" * 12_000}"></p>'
    page = f"<div id=zoom>{report(picture * 9)}</div>"
    assert len(page) > 1_400_000
    document = read_html(page)
    check_table_2(document.tables[0])
    check_table_3(document.tables[1])
    assert document.has_pictures


def test_a_long_paragraph_with_quotes_and_equal_signs_is_no_attribute_bomb() -> None:
    text = '公式 a=1 b=2 c = "3" ' * 5_000
    assert texts(read_html(f"<p>{text}</p>")) == [text.strip()]


# --- hidden and struck-out text, footnote marks --------------------------------------------------


def cell_of(content: str, attributes: str = "") -> str:
    document = read_html(f"<table><tr><td>甲<td {attributes}>{content}</td><td>9</table>")
    (table,) = document.tables
    assert (at(table, 0, 0), at(table, 0, 2)) == ("甲", "9")
    return at(table, 0, 1)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("6<sup>1</sup>", "6[1]"),
        ("6<SUB>1</SUB>\n", "6[1]"),
        ("<p><span>6</span><sup><span>1</span></sup></p>", "6[1]"),
        ("6<sup>1</sup>0", "6[1]0"),
        ("<sup>1</sup>6", "[1]6"),
        ("6<sup>[1]</sup>", "6[1]"),
        ("6<sup>①</sup>", "6[①]"),
        ("6<sup><a href='#fn1'>1</a></sup>", "6[1]"),
        ("6<a href='#fn1'>1</a>", "6[1]"),
        ("6<a href='page.html#_ftn1' name='_ftnref1'>1</a>", "6[1]"),
        ("6<span style='vertical-align: super'>1</span>", "6[1]"),
        ("6<span style='vertical-align:super; font-size:8px'>1</span>", "6[1]"),
        ("6<span style='font-variant-position: super'>1</span>", "6[1]"),
        ("6<sup style='font-size:70%'>1</sup>", "6[1]"),
        # Visible digits are never lost or cut off from each other without a reason.
        ("<sup>6</sup>", "6"),
        ("<sup>6</sup><sup>1</sup>", "61"),
        ("6<sup></sup>1", "61"),
        ("6<a href='#top'>1</a>", "61"),
        ("行政<sub>许可</sub>", "行政许可"),
    ],
)
def test_raised_marks_and_footnote_links_in_cells_stand_apart(content: str, text: str) -> None:
    assert cell_of(content) == text


@pytest.mark.parametrize(
    ("sheet", "content", "text"),
    [
        (".x{vertical-align:super}", "3<span class=x>1</span>", "3[1]"),
        ("td span.x { vertical-align : SUB }", "3<span class=x>1</span>", "3[1]"),
        (".x{vertical-align:5px}", "3<span class=x>1</span>", "3[1]"),
        (".x{vertical-align:30%;font-size:60%}", "3<span class=x>1</span>", "3[1]"),
        (".x{font-variant-position:super}", "3<span class=x>1</span>", "3[1]"),
        (".x{position:relative;top:-.4em}", "3<span class=x>1</span>", "3[1]"),
        (".x{bottom:4px;position:relative}", "3<span class=x>1</span>", "3[1]"),
        ("sup{font-size:75%;line-height:0}sup{top:-.5em}", "3<sup>1</sup>", "3[1]"),
        # Small as a share of what stands around it, whatever pixels that is.
        (".x{font-size:.7em}", "3<span class=x>1</span>", "3⟦1⟧"),
        # Another rule speaks against it: not to be told here.
        (
            ".x{vertical-align:super} td .x{vertical-align:baseline}",
            "3<span class=x>1</span>",
            "3⟦1⟧",
        ),
        # No mark: all of the cell, the cell itself, the element says otherwise, on the line.
        (".x{vertical-align:super}", "<span class=x>31</span>", "31"),
        ("td,.x{vertical-align:super}", "31", "31"),
        (".x{vertical-align:super}", "3<i class=x style='vertical-align:baseline'>1</i>", "31"),
        (
            ".x{vertical-align:middle}.y{vertical-align:0}",
            "3<i class=x>1</i><i class=y>2</i>",
            "312",
        ),
        (".x{margin-top:-4px;position:relative}", "3<i class=x>1</i>", "31"),
    ],
)
def test_marks_that_a_style_sheet_raises_stand_apart(sheet: str, content: str, text: str) -> None:
    page = f"<style>{sheet}</style><table><tr><td>甲<td>{content}<td>9</table>"
    (table,) = read_html(page).blocks
    assert table.texts == ["甲", text, "9"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<del>10</del>",
        "<s class=x>10</s>",
        "<STRIKE>10</STRIKE>",
        "<span hidden>10</span>",
        "<span style='display:none'>10</span>",
        "<span style='color:red; DISPLAY: none'>10</span>",
        "<b style='visibility: hidden'>10</b>",
        "<font style='font-size:0'>10</font>",
        "<span style='font-size: 0px;color:red'>10</span>",
        "<span style='mso-hide:all'>10</span>",
        "<span style='visibility:collapse'>10</span>",
        "<span style='content-visibility: hidden'>10</span>",
        "<span style='opacity:0'>10</span>",
        "<span style='opacity:.0; color:red'>10</span>",
        "<span style='filter: opacity(0%)'>10</span>",
        "<span style='color:transparent'>10</span>",
        "<span style='color:rgba(0, 0, 0, 0)'>10</span>",
        "<span style='color:#ff000000'>10</span>",
        "<span style='font-size:1px'>10</span>",
        "<span style='font: 0/0 a'>10</span>",
        "<span style='text-decoration:underline line-through'>10</span>",
        "<p style='display:none'>10</p>",
        "<del><span style='display:none'>1</span>0</del>",
    ],
)
def test_hidden_and_struck_out_text_of_a_cell_is_left_out_and_said(hidden: str) -> None:
    document = read_html(f"<table><tr><td>甲<td>{hidden}6</td><td>7{hidden}</table>")
    assert document.tables[0].texts == ["甲", "6", "7"]
    assert [(f.code, f.severity) for f in document.findings] == [("hidden_text", "info")]
    assert dict(document.findings[0].detail)["count"] == 2


@pytest.mark.parametrize(
    "shown",
    [
        "<span style='display:inline'>10</span>",
        "<span style='display:none;display:block'>10</span>",
        "<span style='overflow:hidden'>10</span>",
        "<span style='font-size:0.5em'>10</span>",
        "<span style='text-decoration:none'>10</span>",
        "<div style='font-size:0'><b style='font-size:14px'>10</b></div>",
        "<div style='visibility:hidden'><b style='visibility:visible'>10</b></div>",
        "<ins>10</ins>",
        "<span>10</span><span style='display:none'> </span>",
        "<span style='opacity:0.9'>10</span>",
        "<span style='color:#333;background-color:#fff'>10</span>",
        "<span style='color:rgb(51, 51, 51)'>10</span>",
        "<p style='color:transparent'><b style='color:#000'>10</b></p>",
        "<span style='color:#fff;background:#036'>10</span>",
        "<p style='background:#036'><font color=white>10</font></p>",
        "<small>10</small>",
        "<small>1</small><small>0</small>",
        "1<span class='hidden-xs hide-menu'>0</span>",
        "10<span class='sr-only'>件</span>",
        "10<i style='color:#fff'>&nbsp; </i>",
        "1<span style='font-size:10.5pt'>0</span>",
        "<p style='text-indent:-21.0pt;margin-left:-5.4pt'>10</p>",
        "<span style='letter-spacing:-.3pt;text-transform:none'>10</span>",
        "<span style='overflow:hidden;width:48pt'>10</span>",
    ],
)
def test_visible_text_of_a_cell_is_read(shown: str) -> None:
    document = read_html(f"<table><tr><td>甲<td>{shown}<td>9</table>")
    assert document.tables[0].texts[0::2] == ["甲", "9"]
    assert document.tables[0].texts[1].rstrip("件") == "10"
    assert document.findings == []


def test_a_cell_of_nothing_but_hidden_text_is_blank_and_keeps_its_place() -> None:
    assert cell_of("<del>10</del>") == ""
    assert cell_of("10", "style='width:1px;visibility:hidden'") == ""


def test_a_cell_hidden_late_in_its_style_holds_no_place() -> None:
    document = read_html(
        "<table><tr><td>a<td style='width:9px; display: none'>z<td>b<tr><td>c<td>d</table>"
    )
    assert document.tables[0].texts == ["a", "b", "c", "d"]
    assert [f.code for f in document.findings] == ["hidden_cells"]


def test_outside_cells_hidden_and_raised_text_is_kept() -> None:
    # Sites hide an article until its reader unfolds it.
    page = "<div style='display:none'><p>面积5m<sup>2</sup><del>旧</del></p></div>"
    assert texts(read_html(page)) == ["面积5m2旧"]
    long = f"<p>{'全年主动公开信息。' * 40}</p>"
    framed = f"<table><tr><td>甲<td><div style='display:none'>{long}</div></table>"
    assert "全年" in "".join(read_html(framed).tables[0].texts)


def test_a_hidden_table_is_left_out_only_beside_a_visible_double() -> None:
    hidden = draw(table_4()).replace(">4", ">7")
    document = read_html(f"<div style='display:none'><p>甲</p>{hidden}</div>{draw(table_4())}")
    (table,) = document.tables
    check_table_4(table)
    assert texts(document)[0] == "甲"
    assert [(f.code, f.severity) for f in document.findings] == [("hidden_text", "warning")]
    # A tab that a script shows: no double, so it is the report's own.
    alone = read_html(f"<div style='display:none'>{draw(table_4())}</div>{draw(table_3())}")
    check_table_4(alone.tables[0])
    check_table_3(alone.tables[1])
    assert [(f.code, f.severity) for f in alone.findings] == [("hidden_table", "warning")]
    assert dict(alone.findings[0].detail) == {"tables": 1}


@pytest.mark.parametrize(
    "doubtful",
    [
        "<small>1</small>",
        "<span style='font-size:6px'>1</span>",
        "<span style='font-size: 5pt'>1</span>",
        "<span style='font-size:.5em'>1</span>",
        "<font size=1>1</font>",
        "<font size='-2'>1</font>",
        "<span style='color:#fff'>1</span>",
        "<span style='color:WHITE'>1</span>",
        "<span style='color: rgb(254, 254, 254)'>1</span>",
        "<span style='background:#eee;color:#eee'>1</span>",
        "<span style='color:red;background-color:red;'>1</span>",
        "<font color='#FFFFFF'>1</font>",
        "<font face=宋体 color=white>1</font>",
        "<span style='opacity:0.1'>1</span>",
        "<span style='position:absolute;left:-9999px'>1</span>",
        "<span style='position:fixed;top:-1000px'>1</span>",
        "<span style='position:absolute; left: 9999px'>1</span>",
        "<span style='margin: 0 0 0 -9999px'>1</span>",
        "<span style='text-indent:-99em'>1</span>",
        "<span style='position:absolute;clip:rect(0,0,0,0)'>1</span>",
        "<span style='clip-path: inset(50%)'>1</span>",
        "<span style='display:inline-block;width:0;overflow:hidden'>1</span>",
        "<span style='transform:scale(0)'>1</span>",
        "<span style='transform:scale(.5)'>1</span>",
        "<span style='letter-spacing:-1em'>1</span>",
        "<b><i style='color:#fff'>1</i></b>",
        "<span class='sr-only'>1</span>",
        "<span class='a hidden'>1</span>",
    ],
)
def test_digits_that_may_not_be_seen_stand_apart_and_are_said(doubtful: str) -> None:
    document = read_html(f"<table><tr><td>甲<td><p>10{doubtful}</p></td><td>9</table>")
    assert document.tables[0].texts == ["甲", "10⟦1⟧", "9"]
    (found,) = document.findings
    assert (found.code, found.severity) == ("doubtful_text", "warning")
    assert dict(found.detail)["count"] == 1
    assert dict(found.detail)["cell"] == "101"


def test_what_else_stands_in_the_page_does_not_matter() -> None:
    # The page is searched in pieces without order: each may be the last one.
    for n in range(60):
        for gone in ("<s><b>9</b></s>", "<del><b>9</b></del>", "<sup><b></b></sup>"):
            page = f"<table><tr><td style='a:{n}'>甲{n}<td>10{gone}<td>9</table>"
            assert read_html(page).tables[0].texts[1:] == ["10", "9"]
        page = f"<table><tr><td style='a:{n}'>甲<td>10<small><b>1</b></small><td>9</table>"
        assert read_html(page).tables[0].texts[1] == "10⟦1⟧"


def test_a_paragraph_of_a_cell_that_may_not_be_seen_is_marked_as_one_line() -> None:
    page = "<table><tr><td>甲<td><p>10</p><p style='color:#fff'>1<b>2</b></p></td></table>"
    assert read_html(page).tables[0].texts == ["甲", "10\n⟦12⟧"]


def test_a_whole_cell_or_row_of_white_figures_stands_apart_but_words_do_not() -> None:
    document = read_html(
        "<table><tr style='color:#fff'><td>甲<td>7<tr><td>乙<td style='color:#fff'>8"
        "<tr><td style='color:#fff'>丙 1<td style='color:#fff'><p style='color:#000'>9</p></table>"
    )
    assert document.tables[0].texts == ["甲", "⟦7⟧", "乙", "⟦8⟧", "丙 1", "9"]


@pytest.mark.parametrize(
    "ground",
    ["style='background:#336699'", "bgcolor=#003366", "style='background:url(a.png)'", "class=b"],
)
def test_white_figures_on_a_dark_ground_are_read(ground: str) -> None:
    for where in ("<table {}><tr><td>", "<table><tr {}><td>", "<table><tr><td {}>"):
        page = where.format(ground) + "<span style='color:#fff'>甲</span>"
        other = ground if "<td {}" in where else ""
        page += f"<td {other}><font color=#fff>1</font>0</table>"
        document = read_html(f"<style>.b{{background:#003}}</style>{page}")
        assert document.tables[0].texts == ["甲", "10"]
        assert document.findings == []


@pytest.mark.parametrize(
    ("sheet", "content", "text", "codes"),
    [
        (".x{display:none}", "10<i class=x>1</i>", "10", ["hidden_text"]),
        ("p .x , .y { DISPLAY : none }", "<p>10<i class='a x'>1</i></p>", "10", ["hidden_text"]),
        ("td > i.x{opacity:0}", "10<i class=x>1</i>", "10", ["hidden_text"]),
        ("#q{text-decoration:line-through}", "<b id=q>9</b>10", "10", ["hidden_text"]),
        ("@media screen{.x{visibility:hidden}}", "10<i class=x>1</i>", "10", ["hidden_text"]),
        (".x{color:#fff}", "10<i class=x>1</i>", "10⟦1⟧", ["doubtful_text"]),
        (".x{font-size:5px}", "10<i class=x>1</i>", "10⟦1⟧", ["doubtful_text"]),
        # Rules that speak against each other: who wins is not worked out.
        (".x{opacity:0} .y{opacity:1}", "10<i class='x y'>1</i>", "10⟦1⟧", ["doubtful_text"]),
        (".x{display:none}", "10<i class=x style='display:inline'>1</i>", "101", []),
        ("@media print{.x{display:none}}", "10<i class=x>1</i>", "101", []),
        (".x:hover{display:none}", "10<i class=x>1</i>", "101", []),
        ("/*.x{display:none}*/", "10<i class=x>1</i>", "101", []),
        (".z{display:none}", "10<i class=x>1</i>", "101", []),
        (".x{color:#fff;background:#036}", "10<i class=x>1</i>", "101", []),
        (".x{color:#fff}", "10<i class=x style='color:#000'>1</i>", "101", []),
        ("td{height:0;width:0;overflow:hidden;font-size:8px}", "10", "10", []),
        (".x{height:0;overflow:hidden}", "10<p class=x>1</p>", "10⟦1⟧", ["doubtful_text"]),
        (".a,\n.x\t{\n display : none ;\n}", "10<i class=x>1</i>", "10", ["hidden_text"]),
        ("@media screen and (max-width:9px){.x{opacity:0}}", "10<i class=x>1</i>", "101", []),
        # Text that a sheet adds.
        (".x:before{content:'1'}", "<i class=x></i>0", "⟦样式文字⟧0", ["cell_not_text"]),
        ("td::after{content:attr(title)}", "10", "10⟦样式文字⟧", ["cell_not_text"]),
        (".x:before{content:'\\f00c'}", "<i class=x></i>", "⟦样式文字⟧", ["cell_not_text"]),
        (".x:before{content:'\\f00c'}", "<i class=x></i>10", "10", []),
        (".x:after{content:'';display:table}", "<p class=x>10</p>", "10", []),
    ],
)  # fmt: skip
def test_rules_of_the_page_count_as_styles_do(
    sheet: str, content: str, text: str, codes: list[str]
) -> None:
    rest = "<tr><td>乙<td>1<tr><td>丙<td>2<tr><td>丁<td>3"
    table = f"<table><tr><td>甲<td id=it>{content}</td>{rest}</table>"
    document = read_html(f"<style>{sheet.replace('td::', '#it::')}</style>{table}")
    assert at(document.tables[0], 0, 1) == text
    assert document.tables[0].texts[-5:] == ["1", "丙", "2", "丁", "3"]
    assert [f.code for f in document.findings] == codes


@pytest.mark.parametrize(
    "selector",
    [
        ".x >",
        "> .x",
        ".x ~",
        "..x",
        ".",
        "",
        ".x\u00a0.y",
        "@x",
        "a:not(",
        "#1",
        ".x,,",
    ],
)
def test_a_selector_that_is_none_stops_nothing(selector: str) -> None:
    page = f"<style>{selector}{{display:none;content:'1'}} .h{{display:none}}</style>"
    document = read_html(f"{page}<table><tr><td>甲<td>10<i class=h>1</i><td>9</table>")
    assert document.tables[0].texts == ["甲", "10", "9"]


def test_cells_and_rows_hidden_by_a_rule() -> None:
    document = read_html(
        "<style>.x{display:none} td:nth-child(3){display:none}</style>"
        "<table><tr><td>甲<td class=x>8<td>9<td>1<tr class=x><td>乙<td>2<td>7<td>3</table>"
    )
    assert document.tables[0].texts == ["甲", "1", "乙", "2", "3"]
    assert [f.code for f in document.findings] == ["hidden_cells", "hidden_rows"]


def test_a_hidden_tab_is_told_by_the_rule_that_hides_it() -> None:
    hidden = draw(table_4()).replace(">4", ">7")
    document = read_html(
        "<style>.tab{display:none} .tab.on{display:block}</style>"
        f"<div class=tab>{hidden}</div><div class='tab on'>{draw(table_4())}</div>"
    )
    (table,) = document.tables
    check_table_4(table)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<img src=5.png>", "⟦图片⟧"),
        ("<p><img src=data:image/png;base64," + "A" * 200 + "></p>", "⟦图片⟧"),
        ("1<img src=5.png>3", "1⟦图片⟧3"),
        ("<i style='background:url(5.png)'></i>", "⟦图片⟧"),
        ("<svg><text>5</text></svg>", "⟦嵌入内容⟧"),
        ("<canvas id=c></canvas>", "⟦嵌入内容⟧"),
        ("<object data=a.svg>5</object>", "⟦嵌入内容⟧"),
        ("<iframe src=a.html></iframe>", "⟦嵌入内容⟧"),
        ("<meter value=5></meter>", "⟦嵌入内容⟧"),
        ("<textarea>5</textarea>", "⟦表单⟧"),
        ("1<select><option>5</select>", "1⟦表单⟧"),
        ("<input type=password value=5>", "⟦表单⟧"),
        ("<input placeholder=5>", "⟦表单⟧"),
        ("<script>document.write(n)</script>", "⟦脚本⟧"),
        ("<x-count value=5></x-count>", "⟦脚本⟧"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "⟦特殊排版⟧12"),
        ("<bdo dir=rtl>12</bdo>", "⟦特殊排版⟧12"),
    ],
)
def test_what_a_cell_shows_besides_text_is_not_blank(content: str, text: str) -> None:
    rest = "<tr><td>乙<td>1<tr><td>丙<td>2<tr><td>丁<td>3"
    document = read_html(f"<table><tr><td>甲<td>{content}</td>{rest}</table>")
    assert at(document.tables[0], 0, 1) == text
    assert [(f.code, f.severity) for f in document.findings] == [("cell_not_text", "warning")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<img src=spacer.gif>", ""),
        ("<img src=data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==>", ""),
        ("<img src=5.png width=1>", ""),
        ("<img src=5.png>规章", "规章"),
        ("1.属于<svg></svg>国家秘密", "1.属于国家秘密"),
        ("<script>var a</script>5", "5"),
        ("<template>5</template>", ""),
        ("<math><mn>5</mn></math>", "5"),
        ("<!-- 5 -->", ""),
        ("<input type=tel value=5>", "5"),
        ("<input type=unheard value=5>", "5"),
    ],
)  # fmt: skip
def test_bullets_and_spacers_are_nothing(content: str, text: str) -> None:
    document = read_html(f"<table><tr><td>甲<td>{content}</td><td>9</table>")
    assert document.tables[0].texts == ["甲", text, "9"]
    assert document.findings == []


def test_outside_tables_pictures_and_fields_leave_no_trace() -> None:
    page = "<p>甲<img src=a.png></p><h2>乙<svg></svg></h2><table><tr><td><img src=a.png>丙</table>"
    document = read_html(page + "<table><tr><td><img src=logo1.png></table>")
    assert texts(document) == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    "unit",
    [
        "<small>1",
        "<i style='color:#fff'>1",
        "<td style='color:#fff'>1",
        "<b class=x>1",
        "<td class=x>1",
        "<td><textarea>",
        "<img src=a>",
        "<x-y>",
    ],
)
def test_many_doubtful_elements_end_in_time(unit: str) -> None:
    sheet = (
        "<style>"
        + "".join(f".x{{color:#fff}} .x .x{{opacity:{n}}}" for n in range(50))
        + "</style>"
    )
    start = time.process_time()
    with contextlib.suppress(LimitExceededError):
        read_html(sheet + "<table><tr><td>1" + unit * 10_000)
    assert time.process_time() - start < 60


@pytest.mark.parametrize(
    "selector",
    [
        ("x" + " " * 30) * 9 + "!",
        "x" * 299 + "!",
        ".x" * 149 + "!",
        "x>" * 149 + "!",
        "[x=" * 90,
        "x " * 140 + "::before!",
        ".x," * 20_000,
        "." + "x" * 100_000,
        "{" * 50_000,
        "@media all{" * 20_000,
        "/*" * 50_000,
    ],
)
def test_selectors_are_read_in_linear_time(selector: str) -> None:
    cell = "<table><tr><td>甲<td class=x>10<x>1</x><td>9</table>"
    start = time.process_time()
    with contextlib.suppress(LimitExceededError):
        read_html(f"<style>{selector}{{display:none}}</style>{cell}")
    assert time.process_time() - start < 30


@pytest.mark.parametrize("unit", ["<s>", "<sup>", "<table><tr><td><s>", "<td><del>1</del>"])
def test_many_hidden_or_raised_elements_end_in_time(unit: str) -> None:
    start = time.process_time()
    with contextlib.suppress(LimitExceededError):
        read_html("<table><tr><td>1" + unit * 20_000)
    assert time.process_time() - start < 60


@pytest.mark.parametrize("cell", ["7<br><o:p></o:p>", "<p>7</p><p><o:p></o:p></p>", "<o:p/>7<hr>"])
def test_an_empty_element_of_word_beside_a_line_break_is_nothing(cell: str) -> None:
    document = read_html(f"<table><tr><td>{cell}</td><td>8</td></tr></table>")
    [table] = document.blocks
    assert isinstance(table, Table)
    assert list(table.texts) == ["7", "8"]
