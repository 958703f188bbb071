"""Reports made by hand, for tests of what comes after matching.

``report`` fills a form with zeros, then with the figures given: the numbers of the ``town`` report
below were worked out on paper so that all its sums hold.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from govreport_parse.documents.model import Table
from govreport_parse.errors import NotAReportError
from govreport_parse.formbook import REQUESTS, Layout, form, layout
from govreport_parse.report import Failure, FigureColumns, Report, RowMatch, Section, SourceInfo
from govreport_parse.values import Finding, Locator, Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"


def source_info(name: str = "town.html", media_type: str = "text/html") -> SourceInfo:
    sha = hashlib.sha256(name.encode()).hexdigest()
    return SourceInfo(name, f"https://town.example/{name}", sha, 1234, media_type, "utf-8")


def report(
    figures: Mapping[str, Number | State | None] | None = None,
    *,
    form_id: str = "ogi_annual_2021",
    fill: Number | State = 0,
    name: str = "town.html",
    of: Layout | None = None,
    **more: Any,
) -> Report:
    """A report in which every figure is ``fill`` except those given (a number or a state)."""
    of = of or form(form_id).layout
    n = len(of.figures)
    columns = FigureColumns.absent(n)
    given = dict(figures or {})
    assert not set(given) - set(of.paths)
    for i, path in enumerate(of.paths):
        _put(columns, i, given.get(path, fill))
    source = more.pop("source", None) or source_info(name)
    return Report(
        report_id=more.pop("report_id", source.sha256[:16]),
        source=source,
        layout=of,
        form=more.pop("form", of.form),
        columns=columns,
        **more,
    )


def _put(columns: FigureColumns, i: int, what: Number | State | None) -> None:
    raws = {State.BLANK: "", State.DASH: "—", State.UNREADABLE: "若干", State.AMBIGUOUS: "7"}
    if isinstance(what, State):
        columns.states[i] = what
        columns.raws[i] = raws.get(what)
    elif what is not None:
        columns.values[i] = what
        columns.states[i] = State.REPORTED
        columns.raws[i] = str(what)


TOWN: dict[str, Number | State | None] = {
    f"{PD}/rules/issued": State.DASH,
    f"{PD}/normative_documents/issued": 2,
    f"{PD}/normative_documents/in_force": 5,
    f"{PD}/licensing/decisions": 31,
    f"{PD}/administrative_fees/amount": Decimal("12.5"),
    # 3 new and 1 carried in = 3 done and 1 carried forward; natural persons and one business
    f"{RQ}/requests_received/natural_person": 2,
    f"{RQ}/requests_received/business": 1,
    f"{RQ}/requests_received/total": 3,
    f"{RQ}/requests_carried_in/natural_person": 1,
    f"{RQ}/requests_carried_in/total": 1,
    f"{RQ}/granted/natural_person": 2,
    f"{RQ}/granted/total": 2,
    f"{RQ}/refused_process_information/business": 1,
    f"{RQ}/refused_process_information/total": 1,
    f"{RQ}/outcomes_total/natural_person": 2,
    f"{RQ}/outcomes_total/business": 1,
    f"{RQ}/outcomes_total/total": 3,
    f"{RQ}/carried_forward/natural_person": 1,
    f"{RQ}/carried_forward/total": 1,
    f"{RL}/review/upheld": 1,
    f"{RL}/review/total": 1,
}


def town(**more: Any) -> Report:
    """A complete report of the 2021 form whose sums all hold, with cells in one HTML table."""
    changes = more.pop("changes", {})
    made = report(
        {**TOWN, **changes},
        **{
            "title": "青石镇2023年政府信息公开工作年度报告",
            "organ": "青石镇人民政府",
            "organ_source": "title",
            "division_code": "999101",
            "year": 2023,
            "year_source": "period",
            "published": datetime.date(2024, 1, 20),
            "sections": (
                Section("overview", "一、总体情况", "本镇公开信息120条。", (("（一）", "甲"),)),
                Section("other_matters", "六、其他需要报告的事项", "无。"),
            ),
            "findings": (
                Finding(
                    "row_matched_loosely",
                    "warning",
                    "a row was matched loosely",
                    "行标签不完全一致",
                    (f"{RQ}/granted/total", f"{RQ}/granted/business"),
                    Locator(table=2, row=4),
                ),
            ),
            **more,
        },
    )
    _place(made)
    return made


def _place(made: Report) -> None:
    """Give the figures of ``requests`` the cells of an HTML table and their rows a match."""
    table = Table(2)
    spec = made.layout.table(REQUESTS)
    start = made.layout.offsets[REQUESTS]
    width = len(spec.blocks[0].columns)
    matches = {}
    for r, row in enumerate(spec.blocks[0].data_rows):
        table.add(row.printed, r + 3, 0, colspan=3)
        matches[REQUESTS, row.key] = RowMatch(
            REQUESTS, row.key, "label", row.printed, Locator(table=2, row=r + 4)
        )
        for c in range(width):
            i = start + r * width + c
            made.columns.where[i] = (table, len(table))
            table.add(made.columns.raws[i] or "", r + 3, 3 + c)
    made.rows = matches


def hybrid(**more: Any) -> Report:
    """Tables 2 and 4 of the 2021 form with the 23-row table 3 of 2019: 186 figures."""
    of = layout("ogi_annual_2021", "ogi_annual_2019", "ogi_annual_2021")
    return report(of=of, name="hybrid.html", **more)


def failure(name: str = "news.html") -> Failure:
    error = NotAReportError("no table and no section of a known form", hint="give the report page")
    return Failure(source_info(name), error)
