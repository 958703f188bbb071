"""The figures of the wide table: one column a short name, one row a report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.codebooks import WAN, figures_by_path
from govreport_parse.formbook import FigureSpec
from govreport_parse.frames.columns import as_float, floats, wan_yuan, whole
from govreport_parse.frames.figures import plan_of
from govreport_parse.report import Report

_EXACT = 2**53
"""Below this every whole number is exact as a float64."""


@lru_cache(maxsize=1)
def _specs() -> tuple[FigureSpec, ...]:
    """One figure per short name, newest form first."""
    return tuple(specs[0] for specs in figures_by_path().values())


@lru_cache(maxsize=1)
def _positions() -> dict[str, int]:
    return {spec.short: i for i, spec in enumerate(_specs())}


def wide_columns() -> list[tuple[str, str]]:
    """Names and types (``decimal``, ``integer``) of the columns of figures."""
    out: list[tuple[str, str]] = []
    for spec in _specs():
        out.append((spec.short, spec.column.type))
        if spec.column.type == "decimal":
            out.append((spec.short + WAN, "decimal"))
    return out


def wide_arrays(rs: Sequence[Report]) -> list[pa.Array]:
    """The columns ``wide_columns`` of reports (without their ``others``)."""
    specs = _specs()
    numbers = np.zeros((len(specs), len(rs)), dtype=np.float64)
    missing = np.ones((len(specs), len(rs)), dtype=bool)
    by_layout: dict[int, list[int]] = {}
    for i, report in enumerate(rs):
        by_layout.setdefault(id(report.layout), []).append(i)
    for members in by_layout.values():
        _fill(numbers, missing, rs, members)
    columns: list[pa.Array] = []
    for k, spec in enumerate(specs):
        if spec.column.type == "decimal":
            columns.append(pa.array(numbers[k], pa.float64(), mask=missing[k]))
            columns.append(_wan_column(rs, spec))
        elif _exact(numbers[k]):
            columns.append(pa.array(numbers[k].astype(np.int64), pa.int64(), mask=missing[k]))
        else:
            columns.append(_exact_column(rs, spec))
    return columns


def _fill(numbers: Any, missing: Any, reports: Sequence[Report], members: list[int]) -> None:
    """Write the figures of all reports of one layout into the wide grid."""
    layout = reports[members[0]].layout
    plan = plan_of(layout)
    positions = _positions()
    places = np.array([positions.get(s.short, -1) for s in layout.figures], dtype=np.int64)
    flat: list[Any] = []
    for i in members:
        values = reports[i].columns.values
        base = len(flat)
        flat += values
        for k in plan.decimals:
            value = values[k]
            if value is not None:
                flat[base + k] = as_float(value)
    array = floats(flat)
    shape = (len(members), len(places))
    known = places >= 0
    at = np.ix_(places[known], np.array(members))
    values_ = np.asarray(pc.fill_null(array, 0.0)).reshape(shape)
    nulls = np.asarray(pc.is_null(array)).reshape(shape)
    numbers[at] = values_[:, known].T
    missing[at] = nulls[:, known].T


def _exact(numbers: Any) -> bool:
    """Whether all are whole numbers that a float64 holds exactly."""
    return bool(((np.abs(numbers) < _EXACT) & (numbers == np.rint(numbers))).all())


def _wan_column(reports: Sequence[Report], spec: FigureSpec) -> pa.Array:
    out: list[float | None] = []
    for report in reports:
        i = report.layout.index.get(spec.path)
        value = None if i is None else report.columns.values[i]
        if i is None or value is None:
            out.append(None)
        else:
            unit = report.columns.units.get(i, report.layout.figures[i].unit)
            out.append(wan_yuan(value, unit))
    return pa.array(out, pa.float64())


def _exact_column(reports: Sequence[Report], spec: FigureSpec) -> pa.Array:
    """A count column that holds a fraction or a number of more than 15 digits."""
    return pa.array(
        [whole(report.values.get(spec.path)) for report in reports],
        pa.int64(),
    )
