"""The recipe and the count, on rows written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from benchmarks.suite_recipe import Count, count, figures, grid_of_text, number

from govreport_parse.formbook import loader

LAYOUT = loader.form("ogi_annual_2021").layout


def test_count_tells_wrong_from_missing() -> None:
    truth = {"a": 1, "b": 0, "c": None, "d": None, "e": 7, "f": None}
    found = {"a": Decimal("1.0"), "b": None, "c": None, "d": 0, "e": 8, "x": 5}
    # a is right (1.0 is 1), b has lost its 0, c is blank and right, d is a number from nowhere,
    # e is another number, the place of f was not found.
    assert count(truth, found) == Count(right=2, wrong=2, missing=2)
    assert count(truth, found).of == 6


def test_rows_are_found_by_label_and_the_last_cells_are_the_figures() -> None:
    grid = [
        ["第二十条第（五）项", None, None, None],
        ["信息内容", "本年处理决定数量", None, None],
        ["行政许可", "1 234", "", ""],
        ["规章", "1", "2", "3"],
        ["三、本年度\n办理结果", "（三）不予公开", "1.属于国家\n秘密", *"1234567"],
        ["（七）总计", "（七）总计", "（七）总计", *"2000002"],
        ["（七）总计", "（七）总计", "（七）总计", *"9999999"],
    ]
    found = figures([grid], LAYOUT)
    assert found["proactive_disclosure/licensing/decisions"] == 1234
    assert found["proactive_disclosure/rules/in_force"] == 3
    assert found["requests/refused_state_secret/natural_person"] == 1
    assert found["requests/refused_state_secret/total"] == 7
    assert found["requests/outcomes_total/natural_person"] == 2
    assert len(found) == 1 + 3 + 7 + 7


def test_table_4_is_the_first_row_of_numbers_below_its_header() -> None:
    numbers = [str(i) for i in range(15)]
    header = ["结果维持", *[""] * 9, "复议后起诉", *[""] * 4]
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3
    found = figures([[numbers], [header, names, ["", *numbers[1:]], numbers]], LAYOUT)
    assert found["review_and_litigation/review/upheld"] is None
    assert found["review_and_litigation/review/total"] == 4
    assert len(found) == 15


def test_a_row_that_is_too_short_is_not_read() -> None:
    assert figures([[["（七）总计", "1", "2"]]], LAYOUT) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [("１２", 12), (" 3\n4 ", 34), ("-5", -5), ("2.50", Decimal("2.5")), ("", None), ("/", None),
     ("nan", None), ("Infinity", None), ("12件", None)],
)  # fmt: skip
def test_numbers(text: str, value: object) -> None:
    assert number(text) == value


def test_lines_with_pipes() -> None:
    text = "全文\n| a |  | b |  |\nc | 1 | ||\nd|2\n"
    assert grid_of_text(text) == [["a", "", "b", ""], ["c", "1"], ["d", "2"]]
