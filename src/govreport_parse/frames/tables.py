"""Reports as Arrow tables.

In: one ``Report`` or any iterable of ``Report`` and ``Failure``. Out: a ``pyarrow.Table`` of one
of six shapes (``SHAPES`` of the codebook) with a fixed schema. A blank stays null and is never 0.
Further reports of a document (``others``) are rows of their own; failures stand in the shape
``reports`` and nowhere else.

Columns are gathered as lists per report and turned into Arrow at once; what the form says of a
figure (keys, path, short name, unit) is kept once per layout and spread by index. No object is
made per figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.codebooks import SHAPES, WAN, Shape, figures_by_path
from govreport_parse.documents.model import Table
from govreport_parse.errors import UsageError
from govreport_parse.formbook import FigureSpec, Layout
from govreport_parse.frames.columns import (
    as_float,
    floats,
    integers,
    overridden,
    sparse,
    strings,
    wan_yuan,
    whole,
)
from govreport_parse.report import SCHEMA, Failure, Report

Reports = Report | Failure | Iterable[Report | Failure]

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "signed": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
}
_EXACT = 2**53
"""Below this every whole number is exact as a float64."""


def to_table(reports: Reports, shape: Shape = "long") -> pa.Table:
    """Reports as an Arrow table of one shape.

    Raises ``UsageError`` for an unknown shape and for anything that is no report.
    """
    if shape not in _BUILDERS:
        raise UsageError(
            f"no shape {shape!r}", hint=f"one of {', '.join(SHAPES)}", context={"shape": shape}
        )
    table: pa.Table = _BUILDERS[shape](reports)
    return table


@cache
def schema_of(shape: Shape) -> pa.Schema:
    """The Arrow schema of a shape; its metadata name the schema version and the shape."""
    fields = [pa.field(f.name, _ARROW[f.type]) for f in SHAPES[shape]]
    if shape == "wide":
        fields += [pa.field(name, _ARROW[kind]) for name, kind in _wide_columns()]
    return pa.schema(fields, {"govreport_schema": SCHEMA, "govreport_shape": shape})


# -- long ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the figures of one layout have in common, ready for spreading over reports."""

    layout: Layout
    keys: tuple[pa.Array, ...]
    """table, row, column, path, short, unit."""
    decimals: tuple[int, ...]
    units: tuple[str | None, ...]
    places: Any
    """Per figure the position of its column in the wide frame, -1 for none."""


_plans: dict[int, _Plan] = {}


def _plan(layout: Layout) -> _Plan:
    # By identity: hashing a layout walks all its labels. The plan keeps the layout alive, so
    # that its id can't be given to another one.
    plan = _plans.get(id(layout))
    if plan is None:
        if len(_plans) >= 256:
            _plans.clear()
        plan = _plans[id(layout)] = _new_plan(layout)
    return plan


def _new_plan(layout: Layout) -> _Plan:
    specs = layout.figures
    wide = _wide_positions()
    keys = (
        [s.table for s in specs],
        [s.row.key for s in specs],
        [s.column.key for s in specs],
        [s.path for s in specs],
        [s.short for s in specs],
        [s.unit for s in specs],
    )
    return _Plan(
        layout,
        tuple(pa.array(k, pa.string()) for k in keys),
        tuple(i for i, s in enumerate(specs) if s.column.type == "decimal"),
        tuple(s.unit for s in specs),
        np.array([wide.get(s.short, -1) for s in specs], dtype=np.int64),
    )


def long_table(reports: Reports) -> pa.Table:
    """One row a figure, report by report in form order."""
    rs = _reports(reports)
    plans, starts = _plans_of(rs)
    values: list[Any] = []
    states: list[str] = []
    raws: list[str | None] = []
    places: list[str | None] = []
    amounts: dict[int, float | None] = {}
    units: dict[int, str | None] = {}
    counts: list[int] = []
    index: list[Any] = []
    for report in rs:
        columns = report.columns
        plan = plans[id(report.layout)]
        base = len(values)
        values += columns.values
        states += columns.states
        raws += columns.raws
        _add_places(places, columns.where)
        for i in plan.decimals:
            value = columns.values[i]
            if value is not None:
                values[base + i] = as_float(value)
                amounts[base + i] = wan_yuan(value, columns.units.get(i, plan.units[i]))
        for i, unit in columns.units.items():
            units[base + i] = unit
        n = len(columns.values)
        counts.append(n)
        index.append(np.arange(n, dtype=np.int64) + starts[id(report.layout)])
    at = pa.array(np.concatenate(index) if index else np.array([], dtype=np.int64))
    table, row, column, path, short, unit_column = (
        _joined([p.keys[k] for p in plans.values()]).take(at) for k in range(6)
    )
    of = np.repeat(np.arange(len(rs), dtype=np.int64), counts)
    return _table(
        "long",
        [
            *_spread(rs, of, ("report_id", "organ", "division_code", "year", "form")),
            table,
            row,
            column,
            floats(values),
            pa.array(states, pa.string()),
            strings(raws),
            overridden(unit_column, units),
            sparse(amounts, len(values)),
            pa.array(places, pa.string()),
            path,
            short,
        ],
    )


def _plans_of(reports: Sequence[Report]) -> tuple[dict[int, _Plan], dict[int, int]]:
    """The plan of each layout by identity, and where its figures begin when joined."""
    plans: dict[int, _Plan] = {}
    starts: dict[int, int] = {}
    n = 0
    for report in reports:
        key = id(report.layout)
        if key not in plans:
            plans[key] = _plan(report.layout)
            starts[key] = n
            n += len(plans[key].units)
    return plans, starts


def _joined(arrays: list[pa.Array]) -> pa.Array:
    return pa.concat_arrays(arrays) if arrays else pa.array([], pa.string())


def _add_places(out: list[str | None], where: Sequence[Any]) -> None:
    """``str(locator)`` of each place, for cells of a grid without making locators.

    Figures that follow one another stand mostly in one row of one table, so what a row's places
    have in common is made once.
    """
    last: Any = None
    last_row = -1
    grid = False
    lead = tail = ""
    for place in where:
        if type(place) is not tuple:
            out.append(None if place is None else str(place))
            continue
        table, cell = place
        if table is not last:
            # a table of text tokens has places of its own
            last, last_row, grid = table, -1, type(table) is Table
            rows, columns = table.rows, table.columns
        if not grid:
            out.append(str(table.locator(cell)))
            continue
        row = rows[cell]
        if row != last_row:
            last_row = row
            lead, tail = _row_place(table, row)
        out.append(f"{lead}{columns[cell] + 1}{tail}")


def _row_place(table: Table, row: int) -> tuple[str, str]:
    """What stands before and behind the column in the places of a row."""
    page = table.pages[row] if table.pages else table.page
    lead = f"table {table.number}, row {row + 1}, column "
    if page is not None:
        lead = f"page {page}, {lead}"
    if table.sheet is not None:
        lead = f"sheet {table.sheet}, {lead}"
    return lead, f", line {table.row_lines[row]}" if table.row_lines else ""


def _spread(reports: Sequence[Report], of: Any, names: Sequence[str]) -> list[pa.Array]:
    """Attributes of the reports, repeated for the rows that ``of`` gives them."""
    at = pa.array(of)
    out = []
    for name in names:
        values = [getattr(r, name) for r in reports]
        made = pa.array(values, pa.int64()) if name == "year" else strings(values)
        out.append(made.take(at))
    return out


# -- wide ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _wide_specs() -> tuple[FigureSpec, ...]:
    """One figure per short name, newest form first."""
    return tuple(specs[0] for specs in figures_by_path().values())


@lru_cache(maxsize=1)
def _wide_positions() -> dict[str, int]:
    return {spec.short: i for i, spec in enumerate(_wide_specs())}


def _wide_columns() -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for spec in _wide_specs():
        out.append((spec.short, spec.column.type))
        if spec.column.type == "decimal":
            out.append((spec.short + WAN, "decimal"))
    return out


def wide_table(reports: Reports) -> pa.Table:
    """One row a report: what is known of it, its counts, then every figure by short name."""
    rs = _reports(reports)
    specs = _wide_specs()
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
    head = _report_columns(rs, [f.name for f in SHAPES["wide"]])
    return _table("wide", [*head, *columns])


def _fill(numbers: Any, missing: Any, reports: Sequence[Report], members: list[int]) -> None:
    """Write the figures of all reports of one layout into the wide grid."""
    plan = _plan(reports[members[0]].layout)
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
    shape = (len(members), len(plan.units))
    known = plan.places >= 0
    at = np.ix_(plan.places[known], members)
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


# -- reports, checks, findings, sections -----------------------------------------------------------


def reports_table(reports: Reports) -> pa.Table:
    """One row a report or failure: identity, source, completeness, error."""
    items = list(_flat(reports))
    names = [f.name for f in SHAPES["reports"]]
    return _table("reports", _report_columns(items, names))


def _report_columns(items: Sequence[Report | Failure], names: Sequence[str]) -> list[pa.Array]:
    rows = [_failure_row(x) if isinstance(x, Failure) else _report_row(x) for x in items]
    types = {f.name: f.type for f in SHAPES["reports"]}
    out = []
    for name in names:
        values = [row.get(name) for row in rows]
        kind = types[name]
        out.append(strings(values) if kind == "string" else pa.array(values, _ARROW[kind]))
    return out


def _report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {
        "report_id": report.report_id,
        "organ": report.organ,
        "organ_source": report.organ_source,
        "division_code": report.division_code,
        "division_source": report.division_source,
        "year": report.year,
        "year_source": report.year_source,
        "form": report.form,
        "title": report.title,
        "published": report.published,
        "published_source": report.published_source,
        "n_findings": len(report.findings),
        "n_warnings": sum(f.severity == "warning" for f in report.findings),
        "n_errors": sum(f.severity == "error" for f in report.findings),
        "n_sections": len(report.sections),
        "n_extra_rows": len(report.extra_rows),
    }
    for key, form in report.forms.items():
        row[f"form_{key}"] = form
    for key, count in report.completeness.items():
        row[f"n_{key}"] = count
    return _source_row(report, row)


def _failure_row(failure: Failure) -> dict[str, Any]:
    return _source_row(
        failure,
        {
            "report_id": failure.report_id or None,
            "error_type": type(failure.error).__name__,
            "error_message": failure.error.message,
            "error_hint": failure.error.hint or None,
        },
    )


def _source_row(item: Report | Failure, row: dict[str, Any]) -> dict[str, Any]:
    source = item.source
    row["source_name"] = source.name
    row["url"] = source.url
    row["sha256"] = source.sha256 or None
    row["bytes"] = source.bytes
    row["media_type"] = source.media_type or None
    row["encoding"] = source.encoding
    return row


def checks_table(reports: Reports) -> pa.Table:
    """One row an identity of each report, with both sides."""
    rs = _reports(reports)
    ids: list[str] = []
    scopes: list[str] = []
    states: list[str] = []
    expected: list[int | None] = []
    found: list[int | None] = []
    counts: list[int] = []
    for report in rs:
        identities = report.layout.identities
        outcomes = report.outcomes
        ids += [i.id for i in identities]
        scopes += [i.scope for i in identities]
        states += [o[0] for o in outcomes]
        expected += [o[1] for o in outcomes]
        found += [o[2] for o in outcomes]
        counts.append(len(outcomes))
    return _table(
        "checks",
        [
            *_heads(rs, counts),
            pa.array(ids, pa.string()),
            pa.array(scopes, pa.string()),
            pa.array(states, pa.string()),
            integers(expected),
            integers(found),
        ],
    )


def findings_table(reports: Reports) -> pa.Table:
    """One row a finding."""
    rs = _reports(reports)
    found = [f for report in rs for f in report.findings]
    return _table(
        "findings",
        [
            *_heads(rs, [len(report.findings) for report in rs]),
            pa.array([f.code for f in found], pa.string()),
            pa.array([f.severity for f in found], pa.string()),
            strings([f.message for f in found]),
            strings([f.message_zh for f in found]),
            pa.array([";".join(f.figures) for f in found], pa.string()),
            pa.array([str(f.locator) if f.locator else None for f in found], pa.string()),
        ],
    )


def sections_table(reports: Reports) -> pa.Table:
    """One row a section, in the order of the document."""
    rs = _reports(reports)
    sections = [s for report in rs for s in report.sections]
    return _table(
        "sections",
        [
            *_heads(rs, [len(report.sections) for report in rs]),
            strings([s.key for s in sections]),
            strings([s.heading for s in sections]),
            strings([s.text for s in sections]),
            pa.array([i + 1 for r in rs for i in range(len(r.sections))], pa.int64()),
        ],
    )


def _heads(reports: Sequence[Report], counts: Sequence[int]) -> list[pa.Array]:
    of = np.repeat(np.arange(len(reports), dtype=np.int64), counts)
    return _spread(reports, of, ("report_id", "organ", "year"))


_BUILDERS = {
    "long": long_table,
    "wide": wide_table,
    "reports": reports_table,
    "checks": checks_table,
    "findings": findings_table,
    "sections": sections_table,
}


def _table(shape: Shape, arrays: list[pa.Array]) -> pa.Table:
    return pa.Table.from_arrays(arrays, schema=schema_of(shape))


def _reports(reports: Reports) -> list[Report]:
    return [r for r in _flat(reports) if isinstance(r, Report)]


def _flat(reports: Reports) -> Iterator[Report | Failure]:
    if isinstance(reports, (Report, Failure)):
        reports = [reports]
    if not isinstance(reports, Iterable):
        raise _no_report(reports)
    for item in reports:
        if isinstance(item, Report):
            yield item
            yield from _flat(item.others)
        elif isinstance(item, Failure):
            yield item
        else:
            raise _no_report(item)


def _no_report(item: Any) -> UsageError:
    return UsageError(
        f"a report or failure is needed, not {type(item).__name__}",
        hint="give what parse() or parse_many() returned",
    )
