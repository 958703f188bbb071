"""Series of made-up reports; what each pair shows was worked out on paper."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from handmade import PD, RL, RQ, report

from govreport_parse.checks.panel import PanelFinding, check_panel
from govreport_parse.report import Report
from govreport_parse.values import State

IN, FORWARD = f"{RQ}/requests_carried_in", f"{RQ}/carried_forward"
NEW = f"{RQ}/requests_received/total"


def of(year: int | None, figures: dict[str, Any] | None = None, **more: Any) -> Report:
    more.setdefault("organ", "柳湾县教育局")
    more.setdefault("report_id", f"{more['organ']}-{year}")
    return report(figures or {}, year=year, **more)


def codes(*reports: Report, **options: Any) -> list[str]:
    return [f.code for f in check_panel(reports, **options)]


def only(*reports: Report, **options: Any) -> PanelFinding:
    (found,) = check_panel(reports, **options)
    return found


# -- carry-over ------------------------------------------------------------------------------------


def test_what_is_carried_forward_is_carried_in() -> None:
    a = of(2022, {f"{FORWARD}/natural_person": 2, f"{FORWARD}/total": 2})
    b = of(2023, {f"{IN}/natural_person": 2, f"{IN}/total": 2})
    assert codes(a, b) == []


def test_a_broken_carry_over_is_one_finding_over_its_columns_naming_both_reports() -> None:
    a = of(2022, {f"{FORWARD}/natural_person": 2, f"{FORWARD}/total": 2})
    b = of(2023, {f"{IN}/natural_person": 1, f"{IN}/business": 1, f"{IN}/total": 2})
    found = only(a, b)
    assert (found.code, found.severity) == ("carry_over", "warning")
    assert found.report_ids == (a.report_id, b.report_id)
    assert found.years == (2022, 2023)
    assert dict(found.detail) == {"natural_person": [2, 1], "business": [0, 1]}
    assert f"{FORWARD}/business" in found.figures
    assert f"{IN}/business" in found.figures
    assert a.report_id in found.message
    assert b.report_id in found.message


def test_only_consecutive_years_are_compared() -> None:
    assert codes(of(2021, {f"{FORWARD}/total": 5}), of(2023)) == []


def test_a_row_left_blank_is_not_compared_but_a_blank_beside_numbers_is_none() -> None:
    a = of(2022, {f"{FORWARD}/total": 3})
    columns = ("natural_person", "business", "research_institution", "public_interest_org")
    columns += ("legal_service_org", "other_org", "total")
    blank = {f"{IN}/{c}": State.BLANK for c in columns}
    assert codes(a, of(2023, blank)) == []
    assert codes(a, of(2023, {**blank, f"{IN}/natural_person": 0})) == ["carry_over"]
    assert codes(a, of(2023, {f"{IN}/total": State.AMBIGUOUS})) == []


def test_carry_over_crosses_the_change_of_forms() -> None:
    a = of(2020, {f"{FORWARD}/total": 3}, form_id="ogi_annual_2019")
    assert codes(a, of(2021, {f"{IN}/total": 2})) == ["carry_over"]


# -- items and stock -------------------------------------------------------------------------------


def test_items_of_2019_with_their_change_are_those_2020_begins_with() -> None:
    first = {f"{PD}/licensing/items_prior_year": 368, f"{PD}/licensing/items_change": -18}
    a = of(2019, first, form_id="ogi_annual_2019")
    good = of(2020, {f"{PD}/licensing/items_prior_year": 350}, form_id="ogi_annual_2019")
    bad = of(2020, {f"{PD}/licensing/items_prior_year": 368}, form_id="ogi_annual_2019")
    assert codes(a, good) == []
    found = only(a, bad)
    assert found.code == "items_prior_year"
    assert dict(found.detail) == {"expected": 350, "found": 368}


def test_the_stock_of_normative_documents_moves_by_what_is_issued_and_repealed() -> None:
    row = f"{PD}/normative_documents"
    a = of(2022, {f"{row}/in_force": 665})
    kept = of(2023, {f"{row}/issued": 88, f"{row}/repealed": 55, f"{row}/in_force": 698})
    assert codes(a, kept) == []
    other = of(2023, {f"{row}/issued": 88, f"{row}/repealed": 55, f"{row}/in_force": 700})
    found = only(a, other)
    assert (found.code, found.severity) == ("stock", "info")
    assert dict(found.detail) == {"expected": 698, "found": 700}


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("county", ["rules_below_prefecture"]),
        ("township", ["rules_below_prefecture"]),
        ("prefecture", []),
        ("province", []),
        ("central", []),
        ("unknown", []),
        (None, []),
    ],
)
def test_rules_are_not_made_below_the_prefecture(level: str | None, expected: list[str]) -> None:
    made = of(2023, {f"{PD}/rules/in_force": 6}, organ_level=level)
    assert codes(made) == expected


def test_the_callers_level_wins_by_report_or_by_organ() -> None:
    made = of(2023, {f"{PD}/rules/issued": 2}, organ_level="prefecture")
    assert codes(made, levels={made.report_id: "county"}) == ["rules_below_prefecture"]
    assert codes(made, levels={"柳湾县教育局": "township"}) == ["rules_below_prefecture"]


# -- jumps -----------------------------------------------------------------------------------------


def test_a_count_ten_times_the_usual_is_told_with_its_neighbour() -> None:
    series = [of(y, {NEW: n}) for y, n in ((2021, 30), (2022, 34), (2023, 3400), (2024, 28))]
    found = only(*series)
    assert found.code == "jump"
    assert found.report_ids == (series[1].report_id, series[2].report_id)
    assert dict(found.detail) == {"value": 3400, "usual": 30.0, "year": 2023}


def test_growth_and_small_numbers_are_no_jump() -> None:
    grown = [of(y, {NEW: n}) for y, n in ((2021, 100), (2022, 300), (2023, 900), (2024, 1500))]
    assert codes(*grown) == []
    assert codes(of(2022, {NEW: 1}), of(2023, {NEW: 90})) == []
    # 0 then 100 is 110 against 10 with the cushion: a jump; 0 then 89 is not
    assert codes(of(2022, {NEW: 0}), of(2023, {NEW: 100})) == ["jump"]


def test_two_years_far_apart_give_one_finding() -> None:
    assert codes(of(2022, {NEW: 20}), of(2023, {NEW: 900})) == ["jump"]
    assert codes(of(2022, {NEW: 900}), of(2023, {NEW: 20})) == ["jump"]


def test_yuan_among_years_in_ten_thousand_yuan() -> None:
    path = f"{PD}/administrative_fees/amount"
    amounts = ((2021, "25.1"), (2022, "251000"), (2023, "24.8"))
    series = [of(y, {path: Decimal(a)}) for y, a in amounts]
    found = only(*series)
    assert (found.code, found.years) == ("unit_jump", (2021, 2022))


def test_an_amount_printed_in_yuan_is_compared_in_its_own_unit() -> None:
    path = f"{PD}/administrative_fees/amount"
    a = of(2021, {path: Decimal("25.1")})
    b = of(2022, {path: Decimal(251000)})
    b.columns.units[b.layout.index[path]] = "元"
    assert codes(a, b) == []
    c = of(2022, {path: Decimal(251000)})
    assert codes(a, c) == ["unit_jump"]


def test_reviews_are_watched_too() -> None:
    path = f"{RL}/review/total"
    assert codes(of(2022, {path: 2}), of(2023, {path: 400})) == ["jump"]


# -- groups ----------------------------------------------------------------------------------------


def test_other_organs_and_other_places_are_not_compared() -> None:
    a = of(2022, {f"{FORWARD}/total": 3})
    assert codes(a, of(2023, organ="柳湾县财政局")) == []
    first = of(2022, {f"{FORWARD}/total": 3}, division_code="341722", organ="鼓楼区教育局")
    second = of(2023, division_code="350102", organ="鼓楼区教育局")
    assert codes(first, second) == []


def test_width_and_blanks_in_a_name_do_not_matter_and_a_code_is_lent() -> None:
    a = of(2022, {f"{FORWARD}/total": 3}, organ="柳湾县 教育局", division_code="341722")
    found = only(a, of(2023, organ="柳湾县教育局"))
    assert (found.code, found.division_code) == ("carry_over", "341722")


def test_names_without_a_place_and_reports_without_a_year_are_told() -> None:
    a = of(2022, {f"{FORWARD}/total": 3}, organ="教育局")
    b = of(2023, organ="教育局", report_id="b")
    c = of(None, report_id="c")
    found = only(a, b, c)
    assert found.code == "organ_unclear"
    assert set(found.report_ids) == {a.report_id, "b", "c"}


@pytest.mark.parametrize(
    ("organ", "expected"),
    [
        ("歙县", ["carry_over"]),
        ("国家税务总局", ["carry_over"]),
        ("云岭街道办事处", ["carry_over"]),
        ("城市管理局", ["organ_unclear"]),
        ("市场监督管理局", ["organ_unclear"]),
        ("乡村振兴局", ["organ_unclear"]),
        ("区教育局", ["organ_unclear"]),
    ],
)
def test_only_names_that_tell_a_place_are_compared(organ: str, expected: list[str]) -> None:
    a = of(2022, {f"{FORWARD}/total": 3}, organ=organ)
    assert codes(a, of(2023, organ=organ)) == expected


def test_a_name_under_two_codes_does_not_choose_one() -> None:
    reports = (
        of(2022, {f"{FORWARD}/total": 3}, division_code="341722", report_id="a"),
        of(2022, division_code="350102", report_id="b"),
        of(2023, report_id="c"),
    )
    assert only(*reports).report_ids == ("c",)


def test_duplicates_with_other_figures_are_told_and_not_chosen() -> None:
    a = of(2022, {f"{FORWARD}/total": 3})
    b = of(2023, {NEW: 5}, report_id="b")
    c = of(2023, {NEW: 6}, report_id="c")
    found = only(a, b, c)
    assert (found.code, found.severity) == ("duplicate_report", "warning")
    assert found.report_ids == ("b", "c")
    assert found.figures == (NEW,)


def test_the_same_report_twice_counts_once() -> None:
    a = of(2022, {f"{FORWARD}/total": 3})
    b = of(2023, {NEW: 5}, report_id="b")
    c = of(2023, {NEW: 5}, report_id="c")
    assert codes(a, b, c) == ["duplicate_report", "carry_over"]


def test_the_order_of_input_plays_no_part() -> None:
    reports = [
        of(y, {NEW: n, f"{FORWARD}/total": n % 7}, organ=organ)
        for organ in ("柳湾县教育局", "石河县财政局", "教育局")
        for y, n in ((2021, 3), (2022, 800), (2023, 5), (2024, 9))
    ]
    expected = check_panel(reports)
    assert len(expected) > 4
    for seed in range(5):
        random.Random(seed).shuffle(reports)
        assert check_panel(reports) == expected


def test_reports_of_older_forms_and_narratives_take_part_without_fail() -> None:
    old = of(2016, {"statistics/requests_received/value": 4}, form_id="ogi_stats_2014")
    older = of(2015, {"statistics/requests_received/value": 900}, form_id="ogi_stats_2014")
    assert codes(older, old, of(2019, form_id="ogi_annual_2019")) == ["jump"]


def test_findings_are_plain_values() -> None:
    a = of(2022, {f"{FORWARD}/total": 3})
    record = only(a, of(2023)).to_dict()
    assert record["report_ids"] == [a.report_id, "柳湾县教育局-2023"]
    assert record["detail"] == {"total": [3, 0]}
