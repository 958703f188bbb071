"""A report out of its JSON, and out of a worker's answer: nothing lost, nothing accepted."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from handmade import PD, RQ, failure, hybrid, report, town

import govreport_parse as gov
from govreport_parse.errors import DatasetError, GovReportError, HttpStatusError, NotAReportError
from govreport_parse.formbook import Layout, form, layout
from govreport_parse.record_json import report_from_dict
from govreport_parse.report import Failure, Report, RowMatch, Section
from govreport_parse.source import Source
from govreport_parse.values import Finding, Locator, Repair, State
from govreport_parse.workers.wire import (
    HEAD,
    MOST_CONTAINERS,
    WireError,
    frame,
    pack,
    parse_json,
    unpack,
)


def full() -> Report:
    """A report in which every part holds something."""
    made = report(
        {f"{PD}/administrative_fees/amount": Decimal("12.50"), f"{RQ}/granted/total": State.DASH},
        organ="清河县人民政府",
        year=2023,
        title="清河县2023年政府信息公开工作年度报告",
        organ_source="title",
        division_code="130534",
        division_source="caller",
        year_source="title",
        published=datetime.date(2024, 1, 31),
        published_source="meta",
        sections=(
            Section("preamble", "", "根据条例"),
            Section("overview", "一、总体情况", "文", (("（一）主动公开", "甲"), ("（二）", "乙"))),
        ),
        findings=(
            Finding("text_damage", "info", "a", "甲", (), Locator(page=1, bbox=(1, 2, 3.25, 4))),
            Finding("year_conflict", "warning", "b", "乙", (f"{RQ}/granted/total",), None,
                    (("years", [2022, 2023]), ("how", "x"))),
        ),
        rows={(RQ, "granted"): RowMatch(RQ, "granted", "alias", "予以公开", Locator(line=5))},
        metadata={"索引号": "X/2024"},
        extra_rows=({"table": PD, "label": "其他", "cells": ["1", ""], "locator": {"row": 3}},),
    )  # fmt: skip
    c = made.columns
    c.where[0] = Locator(table=1, row=2, column=3)
    c.where[1] = Locator(line=7, cell=2)
    c.where[2] = Locator(2, 1, 4, 5, sheet="表一", bbox=(72.0, 100.5, 90.25, 110.0))
    c.raws[0], c.repairs[0] = "１２", (Repair("full_width", 0, 2, "１２", "12"),)
    c.units[3] = None
    c.units[9] = "元"
    made.others = (town(report_id=made.report_id + "#2"),)
    return made


def mixed() -> Report:
    """Blocks of both forms by turns in table 2."""
    forms = ("ogi_annual_2021", "ogi_annual_2019")
    keys = [b.key for b in form(forms[0]).table(PD).blocks]
    blocks = tuple((key, forms[i % 2]) for i, key in enumerate(keys))
    return report(of=layout(blocks, *forms), form="mixed")


REPORTS = {
    "full": full,
    "town": town,
    "hybrid": hybrid,
    "2019": lambda: report(form_id="ogi_annual_2019"),
    "2019 signed": lambda: report(
        {f"{PD}/licensing/items_change": -3, f"{PD}/government_procurement/amount": Decimal("0.5")},
        form_id="ogi_annual_2019",
    ),
    "mixed table 2": mixed,
    "2014": lambda: report(form_id="ogi_stats_2014"),
    "narrative": lambda: report(of=Layout(()), form="narrative"),
    "absent": lambda: report(fill=State.ABSENT),
}  # fmt: skip


def source_of(made: Report) -> Source:
    s = made.source
    return Source(bytes(s.bytes), s.name, s.url, None, s.sha256)


def parts(made: Report) -> dict[str, Any]:
    """Everything that a report holds, places as locators."""
    state = dict(made.__getstate__())
    state["columns"] = dataclasses.asdict(state["columns"])
    state["rows"] = {k: (r.how, r.label, r.locator) for k, r in state["rows"].items()}
    state["others"] = [parts(o) for o in made.others]
    return state


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_comes_back_from_its_json(name: str) -> None:
    made = REPORTS[name]()
    back = report_from_dict(json.loads(made.to_json()))
    assert back.to_json() == made.to_json()
    assert parts(back) == parts(made)
    assert report_from_dict(made.to_dict()).to_dict() == made.to_dict()


def test_parsed_samples_come_back_from_their_json() -> None:
    for made in gov.samples():
        back = report_from_dict(json.loads(made.to_json()))
        assert back.to_json() == made.to_json()
        assert list(back) == list(made)
        assert back.layout is made.layout


def test_decimals_come_back_as_decimals() -> None:
    path = f"{PD}/administrative_fees/amount"
    for digits in ("282.1", "0.07", "1234567.89", "3"):
        back = report_from_dict(json.loads(report({path: Decimal(digits)}).to_json()))
        assert back[path].value == Decimal(digits)
        assert isinstance(back[path].value, Decimal)


def changed(**new: Any) -> dict[str, Any]:
    return town().to_dict() | new


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"schema": "govreport/2"},
        failure().to_dict(),
        changed(forms={"requests": "ogi_annual_2021"}),
        changed(figures=town().to_dict()["figures"][:-1]),
        changed(figures=town().to_dict()["figures"][::-1]),
        changed(figures=5),
        changed(published="31.1.2024"),
        changed(source={"name": "x"}),
        changed(findings=[{}]),
        {k: v for k, v in town().to_dict().items() if k != "organ"},
    ],
)
def test_other_data_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(DatasetError):
        report_from_dict(data)


# -- the wire --------------------------------------------------------------------------------------


def travelled(made: Report | Failure, source: Source) -> Report | Failure:
    packed, body = frame(pack(made))
    _mark, size, more = HEAD.unpack(packed[: HEAD.size])
    assert (size, more, body) == (len(packed) - HEAD.size, 0, b"")
    return unpack(parse_json(packed[HEAD.size :]), source)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_of_a_report_is_lost_on_the_wire(name: str) -> None:
    made = REPORTS[name]()
    back = travelled(made, source_of(made))
    assert isinstance(back, Report)
    assert parts(back) == parts(made)
    amount = back.columns.values
    assert [str(v) for v in amount] == [str(v) for v in made.columns.values]


def test_lone_surrogates_survive_the_wire() -> None:
    made = town(title="坏\ud800字")
    back = travelled(made, source_of(made))
    assert isinstance(back, Report)
    assert back.title == "坏\ud800字"


def test_a_worker_cannot_rename_the_source() -> None:
    made = town()
    back = travelled(made, Source(b"abc", "mine.html", "https://a.example/"))
    assert back.report_id == "ba7816bf8f01cfea"  # SHA-256 of abc
    assert back.source.url == "https://a.example/"


def test_errors_keep_class_message_hint_and_context() -> None:
    source = Source(b"text", "a.txt")
    for error in (
        NotAReportError("一", hint="二", context={"kind": "notice", "n": 3, "list": ["a", None]}),
        HttpStatusError("x"),
    ):
        back = travelled(Failure(town().source, error), source)
        assert isinstance(back, Failure)
        assert type(back.error) is type(error)
        assert (back.error.message, back.error.hint) == (error.message, error.hint)
        assert back.error.context == error.context
        assert back.source.name == "a.txt"


@pytest.mark.parametrize("name", ["Exception", "SystemExit", "no_such", "GovReportError"])
def test_only_errors_of_the_library_are_made(name: str) -> None:
    back = unpack({"error": [name, "m", "h", {}]}, Source(b"x"))
    assert isinstance(back, Failure)
    assert isinstance(back.error, GovReportError)


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Places within nested JSON: the first few of each list."""
    out = [path] if path else []
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value[:20] if not path[2:] else value[:4])
    for key, item in inside:
        out += spots(item, (*path, key))
    return out


WRONG: tuple[Any, ...] = (
    None, -1, 10**30, 1.5, "", "x", "#", [], {}, [None], {"x": []}, True, [[[]]], "\ud800",
)  # fmt: skip


def test_an_altered_answer_is_a_result_or_refused() -> None:
    """Whatever stands in an answer: a usable result, or ``WireError``, and nothing else."""
    made = full()
    source = source_of(made)
    answer = parse_json(frame(pack(made))[0][HEAD.size :])
    chance = random.Random(4)
    refused = 0
    for path in spots(answer):
        for wrong in chance.sample(WRONG, 4):
            altered = copy.deepcopy(answer)
            at = altered
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = wrong
            try:
                result = unpack(altered, source)
            except WireError:
                refused += 1
                continue
            assert result.report_id.startswith(source.report_id)
            result.to_json().encode("utf-8")
            if isinstance(result, Report):
                assert len(list(result)) == len(result.layout.figures)
                str(result)
    assert refused > 300


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[" * 200_000,
        b"[" * (MOST_CONTAINERS + 1),
        b"[" + b"{}," * MOST_CONTAINERS + b"{}]",
        b"[" + b"1," * 4_000_001 + b"1]",
        b"[" + b"9" * 5000 + b"]",
    ],
)
def test_what_is_no_json_or_far_too_much_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        parse_json(data)


@pytest.mark.parametrize(
    "answer", [None, 5, [], {}, {"report": 5}, {"error": 5}, {"error": []}, "x"]
)
def test_what_is_no_answer_is_refused(answer: Any) -> None:
    with pytest.raises(WireError):
        unpack(answer, Source(b"x"))
