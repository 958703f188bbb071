"""Which blocks hold which table, under which form: small documents written by hand."""

from __future__ import annotations

import pytest

from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.matching.result import Match, MatchedRow
from govreport_parse.matching.review import ROW
from govreport_parse.matching.tables import match_tables, request_form

FORM_2021, FORM_2019 = "ogi_annual_2021", "ogi_annual_2019"


def grid(*rows: str, number: int = 1) -> Table:
    """A table from ``cell|cell`` lines; ``text*3`` spans three columns."""
    table = Table(number)
    for r, line in enumerate(rows):
        column = 0
        for cell in line.split("|"):
            text, star, n = cell.rpartition("*")
            span = int(n) if star and n.isdigit() else 1
            table.add(text if star and n.isdigit() else cell, r, column, 1, span)
            column += span
    return table


def match(*blocks: Block) -> Match:
    return match_tables(Document(list(blocks), "html"))


def raws(row: MatchedRow) -> list[str | None]:
    assert row.places is not None
    return [p.raw if p is not None else None for p in row.places]


TABLE_2 = (
    "第二十条第（一）项*4",
    "信息内容|本年制发件数|本年废止件数|现行有效件数",
    "规章|0|0|3",
    "行政规范性文件|2|1|15",
    "第二十条第（五）项*4",
    "信息内容|本年处理决定数量*3",
    "行政许可|44*3",
    "第二十条第（六）项*4",
    "信息内容|本年处理决定数量*3",
    "行政处罚|17*3",
    "行政强制|6*3",
    "第二十条第（八）项*4",
    "信息内容|本年收费金额（单位：万元）*3",
    "行政事业性收费|12.5*3",
)
HEADER_3 = (
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）*3|申请人情况*7",
    "*3|自然人|法人或其他组织*5|总计",
    "*3|\xa0|商业企业|科研机构|社会公益组织|法律服务机构|其他| ",
)
TABLE_3 = (
    *HEADER_3,
    "一、本年新收政府信息公开申请数量*3|5|1|0|0|0|0|6",
    "二、上年结转政府信息公开申请数量*3|0|0|0|0|0|0|0",
    "三、本年度办理结果|（一）予以公开*2|4|1|0|0|0|0|5",
    "|（二）部分公开*2|0|0|0|0|0|0|0",
    "|（三）不予公开|1.属于国家秘密|1|0|0|0|0|0|1",
    "||2.其他法律行政法规禁止公开|0|0|0|0|0|0|0",
    "（七）总计*3|5|1|0|0|0|0|6",
    "四、结转下年度继续办理*3|0|0|0|0|0|0|0",
)
TABLE_4 = (
    "行政复议*5|行政诉讼*10",
    "结果维持|结果纠正|其他结果|尚未审结|总计|未经复议直接起诉*5|复议后起诉*5",
    "|||||结果维持|结果纠正|其他结果|尚未审结|总计|结果维持|结果纠正|其他结果|尚未审结|总计",
    "1|0|0|0|1|2|0|0|0|2|0|0|3|0|3",
)
PARTS_2021 = (
    "（六）其他处理|1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请*2|0|0|0|0|0|0|0",
    "|2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请*2|0|0|0|0|0|0|0",
    "|3.其他*2|0|0|0|0|0|0|0",
)
ROW_2019 = ("（六）其他处理*3|0|0|0|0|0|0|0",)


def table_3(*extra: str) -> tuple[str, ...]:
    return (*TABLE_3[:-2], *extra, *TABLE_3[-2:])


# -- grids -----------------------------------------------------------------------------------------


def test_three_tables_are_found_and_their_blocks_consumed() -> None:
    found = match(
        Paragraph("二、主动公开政府信息情况"),
        grid(*TABLE_2),
        Paragraph("三、收到和处理政府信息公开申请情况"),
        grid(*table_3(*PARTS_2021)),
        Paragraph("四、政府信息公开行政复议、行政诉讼情况"),
        grid(*TABLE_4),
        Paragraph("五、存在的主要问题及改进情况"),
    )
    assert sorted(found.consumed) == [1, 3, 5]
    assert found.layout.form == FORM_2021
    assert raws(found.tables[PROACTIVE].rows["normative_documents"]) == ["2", "1", "15"]
    assert raws(found.tables[PROACTIVE].rows["administrative_fees"]) == ["12.5"]
    granted = found.tables[REQUESTS].rows["granted"]
    assert raws(granted) == ["4", "1", "0", "0", "0", "0", "5"]
    assert (granted.how, granted.label) == ("label", "（一）予以公开")
    assert raws(found.tables[REVIEW].rows[ROW]) == [*"10001", *"20002", *"00303"]
    assert found.split_at is None


def test_layout_tables_around_the_article_are_not_consumed() -> None:
    menu = grid("政府信息公开指南", "政府信息公开制度", "政府信息公开年报")
    block = grid("索引号|0000/2024-1|主题分类|综合政务", "发布机构|某局|发文日期|2024-01-30")
    found = match(menu, block, grid(*TABLE_2), grid(*table_3(*PARTS_2021)), grid(*TABLE_4))
    assert sorted(found.consumed) == [2, 3, 4]


def test_a_page_without_tables_gives_empty_tables_and_all_its_blocks() -> None:
    blocks = [Heading("通知"), Paragraph("请各单位于1月31日前公布年度报告。")]
    found = match(*blocks)
    assert all(not t.rows for t in found.tables.values())
    assert found.blocks == blocks
    assert found.consumed == frozenset()


def test_an_empty_document_gives_an_empty_match() -> None:
    assert all(not t.rows for t in match().tables.values())


@pytest.mark.parametrize(
    ("rows", "form"), [(PARTS_2021, FORM_2021), (ROW_2019, FORM_2019), ((), None)]
)
def test_the_form_of_table_3_is_told_by_the_rows_of_other_handling(
    rows: tuple[str, ...], form: str | None
) -> None:
    found = match(grid(*table_3(*rows)))
    assert request_form(found.tables[REQUESTS]) == form
    codes = {f.code for f in found.findings}
    assert ("form_assumed" in codes) is (form is None)
    assert found.layout.form == (form or FORM_2021)


def test_tables_of_two_forms_make_a_mixed_layout() -> None:
    found = match(grid(*TABLE_2), grid(*table_3(*ROW_2019)), grid(*TABLE_4))
    assert found.layout.form == "mixed"
    assert len(found.layout.figures) == 186
    assert found.tables[PROACTIVE].block_forms == dict.fromkeys(
        ("art20_1", "art20_5", "art20_6", "art20_8"), FORM_2021
    )


def test_one_block_of_another_form_changes_that_block_only() -> None:
    header = "信息内容|本年新制作数量|本年新公开数量|对外公开总数量"
    found = match(grid(*TABLE_2[:1], header, *TABLE_2[2:]), grid(*table_3(*PARTS_2021)))
    forms = found.tables[PROACTIVE].block_forms
    assert forms["art20_1"] == FORM_2019
    assert {forms[k] for k in ("art20_5", "art20_6", "art20_8")} == {FORM_2021}
    columns = [c.key for c in found.layout.table(PROACTIVE).row_block["rules"].columns]
    assert columns == ["newly_made", "newly_published", "published_total"]


def test_a_block_that_shows_no_form_follows_the_others_and_says_so() -> None:
    """Block （六） without header and with merged cells: one number fits either form."""
    rows = [r for r in TABLE_2 if not r.startswith(("信息内容|本年制发", "第二十条第（一）项"))]
    found = match(grid(*rows), grid(*table_3(*PARTS_2021)))
    assert found.tables[PROACTIVE].block_forms["art20_1"] == FORM_2021
    assert any(
        f.code == "form_assumed" and "art20" not in f.message and f.severity == "info"
        for f in found.findings
    )


# -- rows in trouble -------------------------------------------------------------------------------


def test_a_row_printed_twice_with_other_numbers_is_in_conflict() -> None:
    again = "（一）予以公开*3|9|0|0|0|0|0|9"
    found = match(grid(*table_3(again, *PARTS_2021)))
    assert found.tables[REQUESTS].conflicts == {"granted"}
    assert [f.severity for f in found.findings if f.code == "row_conflict"] == ["error"]


def test_a_row_printed_twice_alike_is_no_conflict() -> None:
    again = "（一）予以公开*3|4|1|0|0|0|0|5"
    found = match(grid(*table_3(again, *PARTS_2021)))
    assert found.tables[REQUESTS].conflicts == set()
    assert raws(found.tables[REQUESTS].rows["granted"]) == ["4", "1", "0", "0", "0", "0", "5"]


def test_rows_in_another_order_are_read_by_their_labels_and_said_so() -> None:
    rows = list(table_3(*PARTS_2021))
    rows[6], rows[8] = (
        "|（三）不予公开|2.其他法律行政法规禁止公开|0|0|0|0|0|0|0",
        "||（二）部分公开|0|0|0|0|0|0|0",
    )
    rows[7] = "||1.属于国家秘密|1|0|0|0|0|0|1"
    found = match(grid(*rows))
    assert raws(found.tables[REQUESTS].rows["refused_state_secret"])[0] == "1"
    assert "row_order" in {f.code for f in found.findings}


def test_six_cells_under_seven_columns_stay_open() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "4|1|0|0|0|5") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert granted.places is None
    assert [t.raw for t in granted.tokens] == ["4", "1", "0", "0", "0", "5"]
    assert granted.lost


def test_two_columns_merged_over_one_number_name_no_column() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "5*2|0|0|0|0|5") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert granted.places is None


def test_a_blank_cell_and_a_spacer_column_are_told_apart_by_the_header() -> None:
    """Eight grid columns, two of them blank in the row: the header says which is the spacer."""
    rows = []
    for r in table_3(*PARTS_2021):
        cells = r.split("|")
        if "自然人" in r:
            cells = ["*3", "自然人", "", "法人或其他组织*5", "总计"]
        elif "商业企业" in r:
            cells = ["*3", "", "", *cells[2:]]
        elif "（一）予以公开" in r:
            cells = [*cells[:-7], "5", "", "", "0", "0", "0", "0", "5"]
        elif all(v.isdigit() for v in cells[-7:]):
            cells = [*cells[:-7], cells[-7], "", *cells[-6:]]
        else:
            cells[-1] = "申请人情况*8"
        rows.append("|".join(cells))
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert raws(granted) == ["5", "", "0", "0", "0", "0", "5"]


def test_a_blank_cell_and_one_behind_the_total_are_told_apart_without_a_header() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "4||0|0|0|0|4|") for r in table_3(*PARTS_2021)[3:]]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert raws(granted) == ["4", "", "0", "0", "0", "0", "4"]


def test_cells_merged_over_blank_columns_are_read_by_the_header() -> None:
    """自然人 5, one blank over the five organisations, 总计 5."""
    rows = [r.replace("4|1|0|0|0|0|5", "5|*5|5") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert raws(granted) == ["5", "", "", "", "", "", "5"]


def test_merged_cells_that_leave_a_gap_under_the_header_stay_open() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "5|*4|5") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert granted.places is None
    assert [t.raw for t in granted.tokens] == ["5", "5"]


def test_an_eighth_number_outside_the_header_names_no_column() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "4|1|0|0|0|0|5|9") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert granted.places is None
    assert granted.split


def test_a_blank_eighth_cell_behind_the_total_is_none_of_the_row() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "4|1|0|0|0|0|5|") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert raws(granted) == ["4", "1", "0", "0", "0", "0", "5"]


def test_one_blank_merged_over_all_columns_is_seven_blanks() -> None:
    rows = [r.replace("4|1|0|0|0|0|5", "*7") for r in table_3(*PARTS_2021)]
    granted = match(grid(*rows)).tables[REQUESTS].rows["granted"]
    assert raws(granted) == [""] * 7


def test_a_blank_column_of_layout_beside_the_seven_is_told_by_the_header() -> None:
    """An empty grid column between 自然人 and 商业企业 (a page's spacer)."""
    rows = []
    for r in table_3(*PARTS_2021):
        cells = r.split("|")
        values = cells[-7:]
        if all(v.isdigit() for v in values):
            cells = [*cells[:-7], values[0], "", *values[1:]]
        elif "自然人" in r:
            cells = ["*3", "自然人", "", "法人或其他组织*5", "总计"]
        elif "商业企业" in r:
            cells = ["*3", "\xa0", "", *cells[2:]]
        else:
            cells[-1] = "申请人情况*8"
        rows.append("|".join(cells))
    found = match(grid(*rows))
    assert raws(found.tables[REQUESTS].rows["granted"]) == ["4", "1", "0", "0", "0", "0", "5"]


def test_rows_of_table_2_in_a_comparison_further_down_are_not_table_2() -> None:
    compared = grid("项目|2022年|2023年", "行政许可|90|44", "行政处罚|20|17", "行政强制|8|6")
    found = match(
        grid(*TABLE_2), grid(*table_3(*PARTS_2021)), grid(*TABLE_4), Paragraph("对比："), compared
    )
    assert raws(found.tables[PROACTIVE].rows["licensing"]) == ["44"]
    assert found.tables[PROACTIVE].conflicts == set()
    assert 4 not in found.consumed


# -- several reports -------------------------------------------------------------------------------


def test_a_second_table_3_with_other_numbers_begins_a_second_report() -> None:
    second = [r.replace("4|1|0|0|0|0|5", "7|0|0|0|0|0|7") for r in table_3(*PARTS_2021)]
    found = match(
        Paragraph("甲局2022年政府信息公开工作年度报告"),
        grid(*table_3(*PARTS_2021)),
        Paragraph("甲局2023年政府信息公开工作年度报告"),
        grid(*second),
    )
    assert found.split_at == 3
    assert raws(found.tables[REQUESTS].rows["granted"])[0] == "4"


def test_the_same_table_printed_again_is_no_second_report() -> None:
    found = match(grid(*table_3(*PARTS_2021)), Paragraph("附："), grid(*table_3(*PARTS_2021)))
    assert found.split_at is None
    assert raws(found.tables[REQUESTS].rows["granted"])[0] == "4"


# -- text ------------------------------------------------------------------------------------------


def lines(text: str) -> list[Block]:
    return [Paragraph(t, line=n) for n, t in enumerate(text.split("\n"), 1)]


TEXT = """二、主动公开政府信息情况
本节数据如下。
第二十条第（一）项 | |||
信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |
规章 | 0 | 0 | 3 |
行政规范性文件 | 2 | 1 | 15 |
第二十条第（五）项 | |||
信息内容 | 本年处理决定数量 | ||
行政许可 | 44 | ||
以上为主动公开情况。
三、收到和处理政府信息公开申请情况
（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和） | 申请人情况 | ||||||||
自然人 | 法人或其他组织 | 总计 | |||||||
商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 | |||||
一、本年新收政府信息公开申请数量 | 5 | 1 | 0 | 0 | 0 | 0 | 6 | ||
二、上年结转政府信息公开申请数量 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | ||
三、本年度办理结果 | （一）予以公开 | 4 | 1 | 0 | 0 | 0 | 0 | 5 | |
四、结转下年度继续办理 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
四、政府信息公开行政复议、行政诉讼情况
本年度无行政复议。"""


def test_the_text_of_tables_is_cut_out_and_what_stands_around_it_stays() -> None:
    found = match(*lines(TEXT))
    kept = [b.text for i, b in enumerate(found.blocks) if i not in found.consumed]  # type: ignore[union-attr]
    assert kept == [
        "二、主动公开政府信息情况",
        "本节数据如下。",
        "以上为主动公开情况。",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "本年度无行政复议。",
    ]
    assert raws(found.tables[PROACTIVE].rows["licensing"]) == ["44"]


def test_a_row_in_text_opens_no_section_and_a_section_is_no_row() -> None:
    found = match(*lines(TEXT))
    rows = found.tables[REQUESTS].rows
    assert raws(rows["carried_forward"]) == ["0"] * 7
    assert rows["carried_forward"].label == "四、结转下年度继续办理"
    assert "row_extra" not in {f.code for f in found.findings}


def test_a_paragraph_that_holds_text_and_table_is_cut_in_three() -> None:
    found = match(Paragraph(TEXT, line=1))
    texts = [b.text for b in found.blocks]  # type: ignore[union-attr]
    consumed = [t for i, t in enumerate(texts) if i in found.consumed]
    assert len(consumed) == 2
    assert consumed[0].startswith("第二十条第（一）项")
    assert "行政许可 | 44" in consumed[0]
    assert "以上为主动公开情况。" in "".join(t for t in texts if t not in consumed)


def test_grids_win_over_text_that_repeats_them() -> None:
    """A page with the table as a grid and, above it, as text in an abstract."""
    other = TEXT.replace("| 4 | 1 | 0 | 0 | 0 | 0 | 5 |", "| 8 | 1 | 0 | 0 | 0 | 0 | 9 |")
    found = match(*lines(other), grid(*table_3(*PARTS_2021)))
    assert raws(found.tables[REQUESTS].rows["granted"])[0] == "4"


def test_a_table_that_no_grid_gives_is_looked_for_in_the_text() -> None:
    found = match(grid(*TABLE_2), *lines(TEXT)[10:])
    assert raws(found.tables[PROACTIVE].rows["licensing"]) == ["44"]
    assert raws(found.tables[REQUESTS].rows["granted"])[0] == "4"


def test_labels_in_sentences_are_no_table() -> None:
    text = (
        "2023年办理行政许可44件、行政处罚17件、行政强制6件。\n"
        "对申请予以公开5件，部分公开1件，不予公开0件，其他处理2件，总计8件。\n"
        "本年新收政府信息公开申请8件，上年结转0件。"
    )
    found = match(*lines(text))
    assert all(not t.rows for t in found.tables.values())
    assert found.consumed == frozenset()
