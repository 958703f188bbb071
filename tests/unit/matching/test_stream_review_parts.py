"""Table 4 in text as three small tables or three rows: read where all is named, else refused."""

from __future__ import annotations

import random

import pytest

import govreport_parse as gov
from govreport_parse.testing import random_record, render_text

FIVE = "结果维持 | 结果纠正 | 其他结果 | 尚未审结 | 总计"
# 13+1+4+10 = 28; 3+0+2+4 = 9; 2 upheld
ROWS = ("13 | 1 | 4 | 10 | 28", "3 | 0 | 2 | 4 | 9", "2 | 0 | 0 | 0 | 2")
EXPECTED = [13, 1, 4, 10, 28, 3, 0, 2, 4, 9, 2, 0, 0, 0, 2]
NAMES = ("行政复议", "行政诉讼（未经复议直接起诉）", "行政诉讼（复议后起诉）")
RULE = "| --- | --- | --- | --- | --- |"


def small_tables(names: tuple[str, ...] = NAMES, rows: tuple[str, ...] = ROWS) -> str:
    parts = zip(names, rows, strict=True)
    return "\n".join(f"{n}\n| {FIVE} |\n{RULE}\n| {r} |\n" for n, r in parts)


def three_rows(names: tuple[str, ...] = NAMES, rows: tuple[str, ...] = ROWS) -> str:
    lines = [f"| {n} | {r} |" for n, r in zip(names, rows, strict=True)]
    return "\n".join([f"| 项目 | {FIVE} |", f"| --- {RULE}", *lines])


def read(table: str, dialect: str = "markdown") -> list[int | None]:
    """The figures of table 4 of a report in that dialect that shows ``table`` in its place."""
    record = random_record(random.Random(3), form="ogi_annual_2021", size="county")
    text = render_text(record, dialect).text
    start = text.index("\n", text.index("四、政府信息公开行政复议")) + 1
    report = gov.parse(text[:start] + table + "\n" + text[text.index("五、", start) :])
    figures = [f for f in report if f.path.startswith("review_and_litigation/")]
    assert all((f.value is None) == (f.state in ("absent", "ambiguous")) for f in figures)
    others = [f for f in report if not f.path.startswith("review_and_litigation/")]
    assert all(f.state in ("reported", "blank") for f in others)
    return [None if f.value is None else int(f.value) for f in figures]


@pytest.mark.parametrize("dialect", ["markdown", "tabs", "spaces", "B", "C", "F", "wrap"])
@pytest.mark.parametrize("draw", [small_tables, three_rows])
def test_parts_with_all_their_names_are_read(dialect: str, draw) -> None:  # type: ignore[no-untyped-def]
    assert read(draw(), dialect) == EXPECTED


def test_the_order_of_the_parts_is_free() -> None:
    assert read(small_tables(NAMES[::-1], ROWS[::-1])) == EXPECTED
    assert read(three_rows(NAMES[::-1], ROWS[::-1])) == EXPECTED


def test_bars_are_not_needed_nor_harm_numerals_and_markdown_signs() -> None:
    bare = small_tables().replace(RULE + "\n", "").replace("| ", "").replace(" |", "")
    assert read(bare, "spaces") == EXPECTED
    names = ("### （一）行政复议情况", "### （二）未经复议直接起诉", "### （三）复议后起诉")
    assert read(small_tables(names)) == EXPECTED


def test_a_group_name_between_the_parts_is_passed_over() -> None:
    assert read(small_tables().replace(NAMES[1], "行政诉讼情况\n未经复议直接起诉")) == EXPECTED


@pytest.mark.parametrize(
    "table",
    [
        small_tables(("行政复议", "行政诉讼", "行政诉讼")),
        small_tables(("行政复议", "复议后起诉", "复议后起诉")),
        small_tables(("行政复议", "未经复议直接起诉", "各部门情况")),
        three_rows(("行政复议", "行政诉讼", "合计")),
        small_tables().replace("结果纠正 | 其他结果", "其他结果 | 结果纠正"),
        small_tables(rows=(ROWS[0], "3 | 0 | 2 |  | 9", ROWS[2])),
        small_tables(rows=(ROWS[0], ROWS[1] + " | 7", ROWS[2])),
    ],
)
def test_parts_with_something_unnamed_or_lost_are_not_read(table: str) -> None:
    assert read(table) == [None] * 15


def test_a_number_stands_where_it_is_said_to_stand() -> None:
    table = small_tables()
    text = f"某县2024年政府信息公开工作年度报告\n\n四、政府信息公开行政复议、行政诉讼情况\n{table}"
    record = random_record(random.Random(3), form="ogi_annual_2021", size="county")
    whole = render_text(record, "markdown").text
    start = whole.index("四、政府信息公开行政复议")
    report = gov.parse(
        whole[:start] + text.split("\n\n", 1)[1] + "\n五、存在的主要问题及改进情况\n无。"
    )
    figure = report["review_and_litigation/litigation_direct/pending"]
    assert figure.locator is not None
    assert figure.locator.line is not None
    line = (whole[:start] + text.split("\n\n", 1)[1]).split("\n")[figure.locator.line - 1]
    assert (line, figure.locator.cell) == (f"| {ROWS[1]} |", 4)
