"""Year against year over a dataset."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from handmade import PD, RQ, report
from recorded import as_copy, many

import govreport_parse as gov
from govreport_parse.dataset.jsonlines import lines
from govreport_parse.record_json import report_from_dict
from govreport_parse.report import Report
from govreport_parse.values import State

FORWARD, CARRIED = f"{RQ}/carried_forward/total", f"{RQ}/requests_carried_in/total"
FEES = f"{PD}/administrative_fees/amount"


def made(
    year: int, figures: dict[str, object], organ: str = "青溪县人民政府", **more: object
) -> Report:
    return report(figures, name=f"{organ}{year}", organ=organ, year=year, **more)  # type: ignore[arg-type]


@pytest.fixture
def reports() -> list[Report]:
    return [
        made(2021, {FORWARD: 3, FEES: Decimal("1.5")}),
        made(2022, {CARRIED: 5, FORWARD: 2, FEES: Decimal(15000)}),
        made(2023, {CARRIED: 2, FORWARD: State.AMBIGUOUS, FEES: Decimal("1.4")}),
        made(2024, {CARRIED: 9, FEES: Decimal("1.2"), f"{PD}/rules/issued": 1},
             organ_level="county"),
        made(2019, {f"{PD}/licensing/items_prior_year": 40, f"{PD}/licensing/items_change": -3},
             form_id="ogi_annual_2019"),
        made(2020, {f"{PD}/licensing/items_prior_year": 36}, form_id="ogi_annual_2019"),
        made(2022, {}, organ="沙溪县人民政府"),
    ]  # fmt: skip


def test_the_observations_name_both_reports(reports: list[Report], tmp_path: Path) -> None:
    gov.write_dataset(reports, tmp_path / "d")
    frame = gov.load(tmp_path / "d").check_panel()
    by_code = dict(iter(frame.groupby("code")))
    # stock: a rule was issued in 2024, but none is in force
    assert set(by_code) == {
        *("carry_over", "unit_jump", "items_prior_year", "rules_below_prefecture", "stock"),
    }
    (carried,) = by_code["carry_over"].to_dict("records")
    assert carried["years"] == "2021;2022"
    assert carried["report_ids"] == f"{reports[0].report_id};{reports[1].report_id}"
    assert "total: 3 then 5" in carried["message"]
    assert carried["figures"] == f"{FORWARD};{CARRIED}"
    (items,) = by_code["items_prior_year"].to_dict("records")
    assert (items["years"], items["organ"]) == ("2019;2020", "青溪县人民政府")
    assert "40 + -3 = 37 items, 2020 begins with 36" in items["message"]
    (unit,) = by_code["unit_jump"].to_dict("records")
    assert unit["years"] == "2021;2022"


def test_they_are_those_of_the_reports_themselves(tmp_path: Path) -> None:
    """Many random reports of few organs: every pair of years differs somewhere."""
    reports = []
    for number, (record, one) in enumerate(many(60, distinct=60, seed=5)):
        one.organ, one.division_code = f"{'甲乙丙丁'[number % 4]}溪县人民政府", None
        one.year = 2008 + number // 4
        one.organ_level = "county"
        reports.append(one)
        assert record.cells
    wanted = gov.check_panel(reports)
    assert len(wanted) > 100
    gov.write_dataset(reports, tmp_path / "d")
    frame = gov.load(tmp_path / "d").check_panel()
    assert frame["message"].tolist() == [f.message for f in wanted]
    assert frame["figures"].tolist() == [";".join(f.figures) for f in wanted]
    assert frame["report_ids"].tolist() == [";".join(f.report_ids) for f in wanted]


def test_copies_and_older_versions_are_compared_with_nothing(
    reports: list[Report], tmp_path: Path
) -> None:
    copy = as_copy(reports[1], "mirror", url="https://town.example/copy")
    gov.write_dataset([*reports, copy], tmp_path / "d")
    data = gov.load(tmp_path / "d")
    assert len(data) == len(reports) + 1
    assert "duplicate_report" not in set(data.check_panel()["code"])


def test_no_reports_give_no_observations(tmp_path: Path) -> None:
    gov.write_dataset([], tmp_path / "d")
    frame = gov.load(tmp_path / "d").check_panel()
    assert len(frame) == 0
    assert "report_ids" in frame.columns


def test_levels_of_the_caller_win(reports: list[Report], tmp_path: Path) -> None:
    gov.write_dataset(reports, tmp_path / "d")
    frame = gov.load(tmp_path / "d").check_panel({reports[3].report_id: "prefecture"})
    assert "rules_below_prefecture" not in set(frame["code"])


def test_reports_of_the_table_of_2014_come_back_from_json_lines(tmp_path: Path) -> None:
    figures = {"statistics/proactive_items/value": 345}
    old = report(figures, form_id="ogi_stats_2014", name="s", organ="甲溪县人民政府", year=2016)
    gov.write_dataset([old], tmp_path / "d")
    data = gov.load(tmp_path / "d")
    (line,) = lines(data)
    again = report_from_dict({**line, "rows": []})
    assert again["statistics/proactive_items/value"].value == 345
    assert len(data.check_panel()) == 0
