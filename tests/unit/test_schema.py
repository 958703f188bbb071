from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from handmade import PD, RQ, failure, hybrid, report, town

from govreport_parse.formbook import Layout
from govreport_parse.schema import schema, schema_text
from govreport_parse.values import Finding, Locator, Repair, State

VALIDATOR = jsonschema.Draft202012Validator(
    schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def valid(value: Any) -> bool:
    return VALIDATOR.is_valid(json.loads(json.dumps(value)))


def test_the_schema_is_itself_valid_and_names_its_draft() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].endswith("2020-12/schema")
    assert json.loads(schema_text()) == schema()


@pytest.mark.parametrize(
    "made",
    [
        town(),
        hybrid(),
        report(form_id="ogi_annual_2019"),
        report(of=Layout(()), form="narrative"),
        report(fill=State.ABSENT),
        report({f"{PD}/administrative_fees/amount": Decimal("282.1")}),
    ],
    ids=["town", "hybrid", "2019", "narrative", "absent", "decimal"],
)
def test_reports_follow_the_schema(made: Any) -> None:
    VALIDATOR.validate(json.loads(made.to_json()))


def test_a_report_with_all_the_optional_parts_follows_the_schema() -> None:
    made = town(
        findings=(
            Finding("text_damage", "info", "a", "b", (), Locator(page=1, bbox=(1, 2, 3, 4))),
            Finding("conflict", "warning", "a", "b", (), None, (("years", [2022, 2023]),)),
        ),
        extra_rows=({"table": PD, "label": "其他", "cells": ["1"], "locator": {"row": 3}},),
        metadata={"索引号": "X/2024"},
    )
    made.columns.repairs[0] = (Repair("full_width", 0, 1, "１", "1"),)
    made.others = (report(report_id=made.report_id + "#2"),)
    VALIDATOR.validate(json.loads(made.to_json()))


def test_failures_follow_the_schema() -> None:
    VALIDATOR.validate(json.loads(failure().to_json()))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "govreport/2"},
        {"report_id": "123"},
        {"form": "ogi_annual_2020"},
        {"published": "2024/01/20"},
        {"published": "2024-13-01"},
        {"year": "2023"},
        {"completeness": {"figures": 200}},
        {"error": {"type": "X", "message": "", "hint": ""}},
    ],
)
def test_a_wrong_report_is_refused(change: dict[str, Any]) -> None:
    assert valid(town().to_dict())
    assert not valid(town().to_dict() | change)


@pytest.mark.parametrize("key", ["source", "figures", "checks", "organ", "year_source"])
def test_a_report_without_a_part_of_the_contract_is_refused(key: str) -> None:
    made = town().to_dict()
    del made[key]
    assert not valid(made)


@pytest.mark.parametrize("state", ["blank", "dash", "absent", "ambiguous", "unreadable"])
def test_a_value_in_a_state_without_value_is_refused(state: str) -> None:
    made = town().to_dict()
    i = town().layout.index[f"{RQ}/granted/total"]
    made["figures"][i]["state"] = state
    assert not valid(made)


def test_a_reported_figure_without_a_value_is_refused() -> None:
    made = town().to_dict()
    made["figures"][-1]["value"] = None
    assert not valid(made)
