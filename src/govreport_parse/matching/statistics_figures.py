"""Rows of indicator tables to the figures of the table of 2014, and to generic rows.

In: a ``StatisticsMatch``. Out: columns in the order of ``statistics_layout`` with findings; and
every printed row as plain values (label, unit, cells, value, locator). A value whose column is
not certain is ``ambiguous``, a row printed twice with different numbers too.
"""

from __future__ import annotations

from typing import Any

from govreport_parse.documents.model import Where
from govreport_parse.formbook.statistics import (
    STATISTICS_2014,
    path,
    statistics_form,
)
from govreport_parse.matching.figures import Columns
from govreport_parse.matching.indicators import chosen_column
from govreport_parse.matching.result import Place
from govreport_parse.matching.row_marks import finding
from govreport_parse.matching.statistics import IndicatorRow, StatisticsMatch
from govreport_parse.numbers import Reading, read_number
from govreport_parse.values import Finding, Locator, State, json_number

TABLE = "indicators"
"""The table key of generic rows."""
_MONEY = ("元", "千元", "万元", "亿元")


def read_statistics(match: StatisticsMatch, year: int | None) -> tuple[Columns, list[Finding]]:
    """The 58 figures of the table of 2014. ``year`` tells the year's own column where it is named.

    States as everywhere; a row that is not printed is ``absent``.
    """
    specs = statistics_form().figures
    columns = Columns(len(specs))
    findings: list[Finding] = []
    by_key: dict[str, list[IndicatorRow]] = {}
    for row in match.rows:
        if row.row is not None and row.row.form == STATISTICS_2014:
            by_key.setdefault(row.row.key, []).append(row)
    unsure: list[str] = []
    for i, spec in enumerate(specs):
        rows = by_key.get(spec.row.key)
        if not rows:
            continue
        if len(rows) > 1 and len({_shown(r) for r in rows}) > 1:
            findings.append(_twice(spec.path, rows))
            _keep(columns, i, [c for r in rows for c in r.cells], rows[0].where)
            continue
        row = rows[0]
        place = value_place(row, year)
        if place is None:
            _keep(columns, i, list(row.cells), row.where)
            if row.cells:
                unsure.append(spec.path)
            continue
        reading = _read(place.raw, spec.column.type == "decimal", row.unit)
        columns.values[i], columns.states[i] = reading.value, reading.state
        columns.raws[i], columns.where[i] = place.raw, place.where
        unit = reading.unit or row.unit
        if unit is not None and unit != spec.unit:
            columns.units[i] = unit
        if reading.repairs:
            columns.repairs[i] = reading.repairs
    if unsure:
        findings.append(
            finding(
                "statistics_columns",
                "warning",
                f"{len(unsure)} rows of the statistics table show several numbers, or fewer than"
                " its columns, and no column is plainly the report's: all are kept, none is chosen",
                f"统计表有{len(unsure)}行存在多个数值列，无法确定取值",
                tuple(unsure),
            )
        )
    return columns, findings


def value_place(row: IndicatorRow, year: int | None) -> Place | None:
    """The cell that holds the report's number, where that is certain."""
    if not row.certain or not row.cells:
        return None
    if len(row.cells) == 1:
        return row.cells[0]
    at = chosen_column(row.heads, year) if row.heads else None
    return None if at is None else row.cells[at]


def _read(raw: str, is_amount: bool, unit: str | None) -> Reading:
    reading = read_number(raw, "decimal" if is_amount else "integer")
    if reading.state is State.UNREADABLE and unit and raw.endswith(unit):
        # 12篇: numbers.py knows the units of the annual forms only.
        inner = read_number(raw[: -len(unit)].rstrip(), "decimal" if is_amount else "integer")
        if inner.state is State.REPORTED:
            return inner._replace(unit=unit)
    return reading


def _shown(row: IndicatorRow) -> tuple[str, ...]:
    return tuple(c.raw for c in row.cells)


def _keep(columns: Columns, i: int, cells: list[Place], where: Where) -> None:
    """What is shown is kept without a value; a row without cells lost its cell."""
    if cells:
        columns.states[i] = State.AMBIGUOUS
        columns.raws[i] = " | ".join(c.raw for c in cells)
        columns.where[i] = cells[0].where
    else:
        columns.where[i] = where


def _twice(figure: str, rows: list[IndicatorRow]) -> Finding:
    shown = ", ".join(repr(" | ".join(_shown(r))) for r in rows)
    return finding(
        "row_twice",
        "warning",
        f"row {rows[0].label!r} is printed {len(rows)} times with different numbers: {shown}",
        f"“{rows[0].label}”出现{len(rows)}次且数值不同",
        (figure,),
    )


def found_rows(match: StatisticsMatch) -> dict[str, IndicatorRow]:
    """Row key of the table of 2014 to the first row that names it, group rows included."""
    out: dict[str, IndicatorRow] = {}
    for row in match.rows:
        if row.row is not None and row.row.form == STATISTICS_2014:
            out.setdefault(row.row.key, row)
    return out


def generic_rows(match: StatisticsMatch, year: int | None) -> tuple[dict[str, Any], ...]:
    """Every row of every indicator table as plain values.

    ``table`` (always ``indicators``), ``label``, ``cells`` (as found), ``locator`` as in all
    extra rows; ``unit``, ``value`` and ``state`` of the one number that is certainly the
    report's (else null, state ``ambiguous``), ``heads`` of the value columns, ``number`` and
    ``code`` as printed, ``group`` (the last label without values above), ``indicator_table``
    (from 1), and ``form``, ``row`` where the label is a statistics form's.
    """
    return tuple(_generic(row, year) for row in match.rows)


def _generic(row: IndicatorRow, year: int | None) -> dict[str, Any]:
    place = value_place(row, year)
    if place is not None:
        reading = _read(place.raw, _is_amount(row), row.unit)
        value, state = json_number(reading.value), str(reading.state)
    else:
        value, state = None, str(State.AMBIGUOUS if row.cells else State.ABSENT)
    locator = _locator(row.where)
    return {
        "table": TABLE,
        "label": row.label,
        "cells": [c.raw for c in row.cells],
        "unit": row.unit,
        "value": value,
        "state": state,
        "heads": list(row.heads),
        "number": row.number,
        "code": row.code,
        "group": row.group,
        "indicator_table": row.table,
        "form": row.row.form if row.row else None,
        "row": row.row.key if row.row else None,
        "locator": locator.to_dict() if locator else None,
    }


def _is_amount(row: IndicatorRow) -> bool:
    return row.unit in _MONEY or (row.row is not None and row.row.unit in _MONEY)


def _locator(where: Where) -> Locator | None:
    return where[0].locator(where[1]) if isinstance(where, tuple) else where


__all__ = ["TABLE", "found_rows", "generic_rows", "path", "read_statistics", "value_place"]
