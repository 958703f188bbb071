"""The figures of many reports as columns, with what the form says of them as codes.

In: reports. Out: one row a figure, report by report in form order. Everything that the layout
fixes (path, table, row, column, short name, unit) is one code a figure, kept once per layout and
joined by copying; texts and numbers are gathered as lists and turned into Arrow at once. No object
is made per figure, and states cost nothing where all are ``reported``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from govreport_parse.codebooks import figures_by_path
from govreport_parse.formbook import Layout
from govreport_parse.frames.columns import WAN_YUAN, joined_floats, sparse, strings, wan_yuan
from govreport_parse.frames.places import PLACES, gather_places
from govreport_parse.frames.words import Words
from govreport_parse.report import Report
from govreport_parse.values import State

__all__ = [
    "PATHS",
    "PLACES",
    "STATES",
    "UNITS",
    "Gathered",
    "Plan",
    "figure_words",
    "gather_figures",
    "gather_numbers",
    "plan_of",
]


def _form_units() -> list[str]:
    specs = (spec for specs in figures_by_path().values() for spec in specs)
    return [*(s.unit for s in specs if s.unit), *WAN_YUAN]


PATHS = Words(figures_by_path())
STATES = Words(str(s) for s in State)
UNITS = Words(_form_units())
_STATE_CODE = {s: i for i, s in enumerate(State)}
_shorts: dict[str, str] = {path: specs[0].short for path, specs in figures_by_path().items()}


@dataclass(frozen=True, slots=True)
class Gathered:
    """Columns of equal length, one row a figure; ``counts`` says how many each report has.

    ``figures``, ``states``, ``units`` and ``places`` are ``int32`` codes of ``PATHS``, ``STATES``,
    ``UNITS`` and ``PLACES``; the rest are Arrow arrays (``float64``, ``string``).
    """

    counts: Any
    figures: Any
    values: pa.Array
    states: Any
    raws: pa.Array
    units: Any
    amounts: pa.Array
    places: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """What the figures of one layout have in common."""

    layout: Layout
    figures: Any
    unit_codes: Any
    decimals: tuple[int, ...]
    units: tuple[str | None, ...]
    reported: list[State]
    zeros: bytes
    runs: tuple[slice, ...]
    """The figures of each table of the form."""


_plans: dict[int, Plan] = {}


def plan_of(layout: Layout) -> Plan:
    """The plan of a layout, made once."""
    # By identity: hashing a layout walks all its labels. The plan keeps the layout alive, so
    # that its id can't be given to another one.
    plan = _plans.get(id(layout))
    if plan is None:
        if len(_plans) >= 256:
            _plans.clear()
        plan = _plans[id(layout)] = _new_plan(layout)
    return plan


def _new_plan(layout: Layout) -> Plan:
    specs = layout.figures
    for spec in specs:
        _shorts.setdefault(spec.path, spec.short)
    units = tuple(s.unit for s in specs)
    return Plan(
        layout,
        PATHS.encode(s.path for s in specs),
        UNITS.encode(units),
        tuple(i for i, s in enumerate(specs) if s.column.type == "decimal"),
        units,
        [State.REPORTED] * len(specs),
        bytes([_STATE_CODE[State.REPORTED]]) * len(specs),
        _runs([s.table for s in specs]),
    )


def _runs(tables: Sequence[str]) -> tuple[slice, ...]:
    starts = [i for i, t in enumerate(tables) if i == 0 or t != tables[i - 1]]
    return tuple(slice(a, b) for a, b in pairwise([*starts, len(tables)]))


def figure_words() -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Table, row, column, path and short name by code of ``PATHS``."""
    parts = [path.split("/") for path in PATHS.words]
    return (
        [p[0] for p in parts],
        [p[1] for p in parts],
        [p[2] for p in parts],
        list(PATHS.words),
        [_shorts.get(path, "") for path in PATHS.words],
    )


def gather_figures(reports: Sequence[Report]) -> Gathered:
    """The figures of reports (without their ``others``) as columns."""
    states = bytearray()
    raws: list[str | None] = []
    amounts: dict[int, float | None] = {}
    units: dict[int, str | None] = {}
    counts: list[int] = []
    figures = [np.zeros(0, dtype=np.int32)]
    unit_codes = [np.zeros(0, dtype=np.int32)]
    runs: list[tuple[slice, ...]] = []
    for report in reports:
        columns = report.columns
        plan = plan_of(report.layout)
        base = len(raws)
        raws += columns.raws
        if columns.states == plan.reported:
            states += plan.zeros
        else:
            states += bytes(map(_STATE_CODE.__getitem__, columns.states))
        for i in plan.decimals:
            value = columns.values[i]
            if value is not None:
                amounts[base + i] = wan_yuan(value, columns.units.get(i, plan.units[i]))
        for i, unit in columns.units.items():
            units[base + i] = unit
        counts.append(len(columns.values))
        figures.append(plan.figures)
        unit_codes.append(plan.unit_codes)
        runs.append(plan.runs)
    return Gathered(
        np.array(counts, dtype=np.int64),
        np.concatenate(figures),
        joined_floats([report.columns.values for report in reports]),
        np.frombuffer(bytes(states), dtype=np.uint8).astype(np.int32),
        strings(raws),
        _with_units(np.concatenate(unit_codes), units),
        sparse(amounts, len(raws)),
        gather_places([report.columns.where for report in reports], runs),
    )


def gather_numbers(reports: Sequence[Report]) -> tuple[Any, Any, pa.Array]:
    """Counts, figures and values of ``gather_figures``, without any text."""
    figures = [np.zeros(0, dtype=np.int32), *(plan_of(r.layout).figures for r in reports)]
    values = [report.columns.values for report in reports]
    counts = np.fromiter(map(len, values), np.int64, count=len(values))
    return counts, np.concatenate(figures), joined_floats(values)


def _with_units(codes: Any, units: dict[int, str | None]) -> Any:
    for i, unit in units.items():
        codes[i] = UNITS.code(unit)
    return codes
