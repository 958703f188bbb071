"""（六）其他处理 in running text whose parts have lost their labels: no number goes to a guess."""

from __future__ import annotations

import pytest

import govreport_parse as gov
from govreport_parse.formbook import REQUESTS, form

ROWS = [
    row
    for row in form("ogi_annual_2021").table(REQUESTS).rows
    if row.is_data and row.parent != "other_handling"
]
AT_TOTAL = next(n for n, row in enumerate(ROWS) if row.key == "outcomes_total")
COLUMNS = ("natural_person", "business", "research_institution", "public_interest_org")


def report(*parts: str) -> gov.Report:
    """Every row 1 person of 1 in all, the lines of （六） as given before （七）总计."""
    lines = [f"{row.numeral}{row.label} | 1 | 0 | 0 | 0 | 0 | 0 | 1 |" for row in ROWS]
    lines[AT_TOTAL:AT_TOTAL] = parts
    head = ["清溪县人民政府2023年政府信息公开工作年度报告", "一、总体情况", "按要求公开。"]
    return gov.parse("\n".join([*head, "三、收到和处理政府信息公开申请情况", *lines]))


def test_numbers_on_the_line_below_the_group_are_not_surely_the_groups() -> None:
    read = report("（六）其他处理 |", "165 | 13 | 3 | 1 | 6 | 3 | 191 |")
    figures = [read[f"{REQUESTS}/other_handling/{column}"] for column in (*COLUMNS, "total")]
    assert {f.value for f in figures} == {None}
    assert {f.state.value for f in figures} == {"ambiguous"}


def test_a_row_of_blanks_and_the_next_are_not_one_row_of_seven() -> None:
    # Five and two numbers: seven together, but the blank cells say that they are two rows.
    read = report(
        "（六）其他处理 | | 0 | | | 0 | 0 | 0 | 0 |",
        " | | | | 0 | | | 0 |",
        " | 240 | 27 | 2 | 4 | 5 | 9 | 287 |",
    )
    parts = [read[f"{REQUESTS}/lapsed_no_clarification/{column}"] for column in COLUMNS]
    assert [f.value for f in parts] == [None] * 4
    assert all(f.state.value != "reported" for f in parts)


@pytest.mark.parametrize("label", ["（六）其他处理", "（六）其他处理 |"])
def test_on_its_own_line_the_row_of_2019_is_read(label: str) -> None:
    numbers = " 165 | 13 | 3 | 1 | 6 | 3 | 191 |"
    read = report(label.removesuffix(" |") + " |" + numbers)
    assert read[f"{REQUESTS}/other_handling/total"].value == 191


def test_bars_on_lines_of_their_own_are_no_blank_cells() -> None:
    # 11 + 3 = 14 with the blank cells lost: seven bars and numbers, and no seven columns.
    shown = {"requests_received", "granted", "not_held", "outcomes_total"}
    rows = [
        f"{row.numeral}{row.label}\n|" + ("\n11\n|\n3\n|\n14\n|" if row.key in shown else "")
        for row in ROWS
    ]
    head = ["清溪县人民政府2023年政府信息公开工作年度报告", "一、总体情况", "按要求公开。"]
    read = gov.parse("\n".join([*head, "三、收到和处理政府信息公开申请情况", *rows]))
    figures = [f for f in read if f.path.startswith(f"{REQUESTS}/requests_received/")]
    assert {f.state.value for f in figures} <= {"ambiguous", "absent"}


REVIEW_HEADER = (
    "| 行政复议 | 行政诉讼 |\n"
    "| 结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计 | 未经复议直接起诉 | 复议后起诉 |\n"
    "| 结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计 "
    "| 结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计 |"
)


def test_seven_numbers_below_the_header_of_table_4_are_no_row_of_table_3() -> None:
    # The row 四、结转下年度继续办理 is missing, and eight of table 4's fifteen cells are lost.
    lines = [
        f"| {row.numeral}{row.label} | 1 | 1 |" for row in ROWS if row.key != "carried_forward"
    ]
    head = ["清溪县人民政府2023年政府信息公开工作年度报告", "一、总体情况", "按要求公开。"]
    title = "三、收到和处理政府信息公开申请情况"
    below = ["四、政府信息公开行政复议、行政诉讼情况", REVIEW_HEADER, "| 2 | 2 | 1 | 5 | 2 | 1 | 3"]
    read = gov.parse("\n".join([*head, title, *lines, *below]))
    missing = [f for f in read if f.path.startswith(f"{REQUESTS}/carried_forward/")]
    assert [f.value for f in missing] == [None] * 7
    assert {f.state.value for f in missing} <= {"absent", "ambiguous"}
    assert all(f.value is None for f in read if f.path.startswith("review_and_litigation/"))


def test_the_bar_that_opens_some_rows_is_no_blank_cell_of_table_4() -> None:
    # Groups open their first row with one bar more, so a lone bar before the numbers of table 4
    # may open its row or be a blank 结果维持.
    numbers = " |\n".join(["1", "0", "0", "0", "0", "0", "1"])
    ends = {"not_held": " |", "state_secret": " |", "petition_complaint": " |"}
    lines = [f"{row.numeral}{row.label} |\n{numbers} |{ends.get(row.key, '')} |" for row in ROWS]
    shown = {0, 1, 4, 7, 9, 10, 13}  # of the fifteen cells of table 4
    cells = ["\n0 |" if n in shown else " |" for n in range(15)]
    head = ["清溪县人民政府2023年政府信息公开工作年度报告", "一、总体情况", "按要求公开。"]
    head += ["三、收到和处理政府信息公开申请情况", "| 申请人情况 |"]
    below = ["四、政府信息公开行政复议、行政诉讼情况", REVIEW_HEADER, "|" + "".join(cells)]
    read = gov.parse("\n".join([*head, *lines, *below]))
    assert read[f"{REQUESTS}/requests_received/total"].value == 1
    table = [f for f in read if f.path.startswith("review_and_litigation/")]
    wrong = [f.path for n, f in enumerate(table) if n not in shown and f.value is not None]
    assert wrong == []
    assert [f.path for n, f in enumerate(table) if n in shown and f.state.value == "blank"] == []


def test_the_heading_below_a_blank_last_row_is_not_its_ink() -> None:
    # A cell a line: 行政事业性收费 is blank, and the next line is the heading of table 3.
    blocks = [
        ("（五）", "行政许可", "3"),
        ("（六）", "行政处罚", "4"),
        ("（八）", "行政事业性收费", None),
    ]
    lines = []
    for number, label, value in blocks:
        lines += [
            f"第二十条第{number}项",
            "|",
            "信息内容",
            "|",
            "本年处理决定数量",
            "|",
            label,
            "|",
        ]
        lines += [value, "|"] if value else []
    table = [f"{row.numeral}{row.label} | 1 | 0 | 0 | 0 | 0 | 0 | 1 |" for row in ROWS]
    head = ["清溪县人民政府2023年政府信息公开工作年度报告", "一、总体情况", "按要求公开。"]
    head += ["二、主动公开政府信息情况", *lines, "三、收到和处理政府信息公开申请情况", *table]
    read = gov.parse("\n".join(head))
    assert read["proactive_disclosure/licensing/decisions"].value == 3
    fee = read["proactive_disclosure/administrative_fees/amount"]
    assert fee.state.value in ("blank", "absent", "ambiguous")
    assert "三、" not in (fee.raw or "")
