"""Places that only look certain: what damaged documents of the generator had read wrong."""

from __future__ import annotations

import pytest

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import Record, judge, record_of, render_html, render_text
from govreport_parse.testing.generate import CellText, layout_of
from govreport_parse.values import State

BLANK = CellText("", None, State.BLANK)
RULES = [f"proactive_disclosure/rules/{c}" for c in ("issued", "repealed", "in_force")]

OTHER = [p for p in layout_of("ogi_annual_2021").paths if p.endswith("/other_org")]
FULL = "requests/requests_"


def record(*blanks: str) -> Record:
    """Every figure 1; the named ones blank."""
    out = record_of(dict.fromkeys(layout_of("ogi_annual_2021").paths, 1))
    for path in blanks:
        out = out.with_cell(path, BLANK)
    return out


def figures(report: Report) -> dict[str, tuple[State, object]]:
    return {f.path: (f.state, f.value) for f in report}


def values(report: Report, paths: list[str]) -> list[object]:
    return [report[p].value for p in paths]


@pytest.mark.parametrize("blank", RULES)
def test_the_pad_of_a_lost_cell_before_further_pads_is_no_blank_cell(blank: str) -> None:
    """``规章 | 1 | 1 | | ||||``: which of the three is missing, nothing says.

    The full rows of table 3 are of one kind, so that its bars seem to follow a rule.
    """
    text = render_text(record(blank, *(p for p in OTHER if FULL not in p)), "wrap_rows").text
    assert "规章 | 1 | 1 | | |||" in text
    report = parse(text)
    assert values(report, RULES) == [None, None, None]
    assert not {report[p].state for p in RULES} & {State.REPORTED, State.BLANK}


def test_only_the_last_row_being_full_does_not_make_bars_into_blanks() -> None:
    """A last row is never padded; in the others a bar may be a pad, so 规章 stays open."""
    blanks = (p for p in OTHER if "carried_forward" not in p)
    report = parse(render_text(record(RULES[2], *blanks), "D1").text)
    assert values(report, RULES) == [None, None, None]


def test_the_bar_that_opens_a_repeated_header_is_no_blank_total() -> None:
    """Table 3 in two parts: the last row of the first part has six numbers and no pads."""
    path = "requests/granted_in_part/research_institution"
    text = render_text(record(path), "D1").text
    lines = text.split("\n")
    header = next(i for i, line in enumerate(lines) if "（本列数据" in line)
    at = next(i for i, line in enumerate(lines) if "（二）部分公开" in line) + 1
    lines[at - 1] = lines[at - 1].rstrip("| ") + " |"
    again = "\n".join([*lines[:at], *lines[header : header + 3], *lines[at:]])
    report = parse(again)
    row = [p for p in report.states if p.startswith("requests/granted_in_part/")]
    assert not {report[p].state for p in row} & {State.REPORTED, State.BLANK}


def test_a_blank_label_cell_takes_no_part_in_a_row_of_seven() -> None:
    """Header and figures span unlike columns, and one row of a group has lost its label."""
    path = "requests/refused_prohibited_by_law/natural_person"
    page = render_html(record(path), "shifted_spans").text
    label = next(
        r.printed
        for r in layout_of("ogi_annual_2021").table("requests").rows
        if r.key == "refused_prohibited_by_law"
    )
    assert page.count(f">{label}<") == 1
    report = parse(page.replace(f">{label}<", "><"))
    row = [p for p in report.states if p.startswith("requests/refused_prohibited_by_law/")]
    assert [report[p].value for p in row] == [None, 1, 1, 1, 1, 1, 1]
    assert any(f.code == "row_by_position" for f in report.findings)


def test_seven_cells_of_a_row_with_its_label_are_read_as_before() -> None:
    page = render_html(record(), "shifted_spans").text
    assert set(parse(page).states.values()) == {State.REPORTED}


def test_joined_digits_of_table_4_are_not_complete_where_blanks_left_no_trace() -> None:
    """10321160001124017 is 10 3 2 1 16, (blank) 0 0 (blank) 0, 11 2 4 0 17 with its blanks lost.

    As fifteen numbers it has one reading that keeps all sums: 10 3 2 1 16, 0 0 0 1 1, 2 4 0 1 7.
    """
    numbers = (10, 3, 2, 1, 16, 0, 0, 0, 0, 0, 11, 2, 4, 0, 17)
    paths = [p for p in layout_of("ogi_annual_2021").paths if p.startswith("review_and")]
    source = record_of(dict(zip(paths, numbers, strict=True)))
    lost = (paths[5], paths[8], "requests/granted/business", "requests/granted/other_org")
    for path in lost:
        source = source.with_cell(path, BLANK)
    rendered = render_text(source, "concat")
    assert "10321160001124017" in rendered.text
    report = parse(rendered.text)
    assert judge(rendered.expected, figures(report)) == []
    assert values(report, paths[5:]) == [None] * 10


def test_joined_digits_of_table_4_are_solved_where_no_cell_was_lost() -> None:
    """Fifteen digits are fifteen numbers, if none is missing."""
    numbers = (1, 2, 0, 0, 3, 0, 0, 4, 1, 5, 0, 0, 0, 0, 0)
    paths = [p for p in layout_of("ogi_annual_2021").paths if p.startswith("review_and")]
    text = render_text(record_of(dict(zip(paths, numbers, strict=True))), "concat").text
    report = parse(text)
    assert values(report, paths) == list(numbers)
    assert {report[p].state for p in paths} == {State.SOLVED}


def test_rows_that_ran_together_are_not_solved_as_one() -> None:
    """The three rows of （六）其他处理 without labels: nine dashes, 5, three dashes, 5."""
    paths = {
        "requests/requests_received/natural_person": 5,
        "requests/requests_received/total": 5,
        "requests/lapsed_fee_unpaid/natural_person": 5,
        "requests/lapsed_fee_unpaid/total": 5,
        "requests/outcomes_total/natural_person": 5,
        "requests/outcomes_total/total": 5,
    }
    text = render_text(record_of(paths, style="long_dashes"), "F").text
    keys = ("lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other")
    for row in layout_of("ogi_annual_2021").table("requests").rows:
        if row.key in keys:
            text = text.replace(f"\n{row.printed}\n", "\n")
    shown = text.split("（六）其他处理\n")[1].split("（七）")[0].split()
    assert shown == ["—"] * 7 + ["5"] + ["—"] * 5 + ["5"] + ["—"] * 7
    text = text.replace("\n".join(shown), "\n".join(["—"] * 9 + ["5"] + ["—"] * 3 + ["5"]))
    report = parse(text)
    found = {p: v for p, v in report.values.items() if v is not None}
    assert set(found) <= set(paths)
    assert not any("other_handling" in p or "lapsed" in p for p in found)


def test_bars_of_a_table_in_which_only_the_last_row_is_full_follow_no_rule() -> None:
    """Dialect D: each row is opened by a lone bar, which looks like a blank at the row's end."""
    blanks = (p for p in OTHER if "carried_forward" not in p)
    rendered = render_text(record(RULES[1], *blanks), "D")
    report = parse(rendered.text)
    assert [v for v in judge(rendered.expected, figures(report)) if v.severity != "lost"] == []
    assert values(report, RULES) == [None, None, None]


def test_one_pad_before_further_pads_is_no_blank_total() -> None:
    """A row that repeats its group's names has three labels: a lost cell leaves one pad."""
    blanks = [p for p in OTHER if FULL not in p]
    lines = render_text(record(*blanks), "wrap_rows").text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("3.危及"))
    assert lines[at].count("| 1 ") == 6
    lines[at] = "三、本年度办理结果 | （三）不予公开 | " + lines[at].replace("| ||| ", "| | ", 1)
    report = parse("\n".join(lines))
    row = [p for p in report.states if p.startswith("requests/refused_security_stability/")]
    assert not {report[p].state for p in row} & {State.REPORTED, State.BLANK}


def test_a_sheet_whose_lines_lost_their_outer_tabs_shows_no_places() -> None:
    """（二） with its 总计 blank: seven slots are left, the first being the rest of the label."""
    totals = [p for p in layout_of("ogi_annual_2021").paths if p.endswith("/total")]
    blanks = (p for p in totals if p.startswith("requests/") and "/refused_" not in p)
    lines = [line.strip("\t") for line in render_text(record(*blanks), "tabs").text.split("\n")]
    assert any(
        line.startswith("（二）部分公开") and line.endswith("\t\t1\t1\t1\t1\t1\t1")
        for line in lines
    )
    report = parse("\n".join(lines))
    paths = [p for p in report.states if p.startswith("requests/granted_in_part/")]
    assert [report[p].value for p in paths] == [None] * 7
