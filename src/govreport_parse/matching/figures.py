"""Matched rows to figures: the cells read as numbers, in the order of the layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from govreport_parse.documents.model import Where
from govreport_parse.formbook import PROACTIVE, REVIEW
from govreport_parse.formbook.spec import FigureSpec, Layout
from govreport_parse.matching.result import Match, MatchedRow, Place
from govreport_parse.matching.review_parts import ROW
from govreport_parse.matching.row_marks import finding
from govreport_parse.numbers import read_number
from govreport_parse.values import EMPTY, Finding, Number, Repair, State

_REPORTED, _BLANK = State.REPORTED, State.BLANK


class Columns:
    """The figures under construction; the report takes the lists over."""

    __slots__ = ("raws", "repairs", "states", "units", "values", "where")

    def __init__(self, n: int) -> None:
        self.values: list[Number | None] = [None] * n
        self.states: list[State] = [State.ABSENT] * n
        self.raws: list[str | None] = [None] * n
        self.where: list[Where] = [None] * n
        self.units: dict[int, str | None] = {}
        self.repairs: dict[int, tuple[Repair, ...]] = {}


def read_figures(match: Match, *, mirror: bool = False) -> tuple[Columns, list[Finding]]:
    """All figures of the layout. ``mirror``: the text shows the traces of a mirror host."""
    layout = match.layout
    columns = Columns(len(layout.figures))
    in_header: set[int] = set()
    findings: list[Finding] = []
    for table in layout.tables:
        found = match.tables[table.key]
        rows = _cut_review(found.rows) if table.key == REVIEW else found.rows
        at = layout.offsets[table.key]
        for block in table.blocks:
            width = len(block.columns)
            for spec_row in block.data_rows:
                row = rows.get(spec_row.key)
                if row is not None:
                    for i, unit in row.units.items():
                        if unit != layout.figures[at + i].unit:
                            columns.units[at + i] = unit
                            in_header.add(at + i)
                    if row.places is not None and len(row.places) == width:
                        _read_places(row, at, layout.figures, columns, mirror, in_header)
                        if row.unsure:
                            _demote(columns, [at + i for i in sorted(row.unsure)])
                    else:
                        _keep_tokens(row, at, width, columns)
                    if spec_row.key in found.conflicts:
                        _demote(columns, range(at, at + width))
                at += width
    _describe(layout, match, columns, findings)
    _amount_units(layout, columns, in_header, findings)
    return columns, findings


def _read_places(
    row: MatchedRow,
    at: int,
    specs: Sequence[FigureSpec],
    columns: Columns,
    mirror: bool,
    in_header: set[int],
) -> None:
    assert row.places is not None
    values, states, raws, where = columns.values, columns.states, columns.raws, columns.where
    for i, place in enumerate(row.places, at):
        if place is None:
            continue
        raw = place.raw
        raws[i] = raw
        where[i] = place.where
        column = specs[i].column
        if (
            raw.isdigit()
            and raw.isascii()
            and column.type != "decimal"
            and (len(raw) == 1 or (raw[0] != "0" and len(raw) <= 15))
        ):
            values[i] = int(raw)
            states[i] = _REPORTED
            continue
        reading = read_number(raw, column.type, mirror=mirror)
        values[i] = reading.value
        states[i] = reading.state
        if reading.unit is not None:
            columns.units[i] = reading.unit
            in_header.discard(i)
        if reading.repairs:
            columns.repairs[i] = reading.repairs


def _keep_tokens(row: MatchedRow, at: int, width: int, columns: Columns) -> None:
    """A row whose columns are not certain: what is shown is kept, no figure gets a value."""
    raw = " | ".join(t.raw for t in row.tokens)
    for i in range(at, at + width):
        if row.tokens:
            columns.states[i] = State.AMBIGUOUS
            columns.raws[i] = raw
            columns.where[i] = row.tokens[0].where
        else:
            columns.where[i] = row.where


def _demote(columns: Columns, at: Any) -> None:
    for i in at:
        if columns.values[i] is not None:
            columns.values[i] = None
            columns.states[i] = State.AMBIGUOUS


def _cut_review(rows: dict[str, MatchedRow]) -> dict[str, MatchedRow]:
    """The one printed row of table 4 as three rows of five."""
    row = rows.get(ROW)
    if row is None:
        return rows
    from govreport_parse.formbook import forms

    table = forms()[0].table(REVIEW)
    width = len(table.blocks[0].columns)
    out: dict[str, MatchedRow] = {}
    for n, spec in enumerate(table.rows):
        low = n * width
        places = row.places[low : low + width] if row.places is not None else None
        out[spec.key] = MatchedRow(
            REVIEW,
            spec.key,
            row.how,
            row.label,
            row.where,
            places,
            [] if places is not None else row.tokens,
            row.joined,
            row.lost,
            row.split,
            frozenset(i - low for i in row.unsure if low <= i < low + width),
        )
    return out


def _describe(layout: Layout, match: Match, columns: Columns, findings: list[Finding]) -> None:
    """Findings on tables that are missing and cells that could not be read."""
    for table in layout.tables:
        found = match.tables[table.key]
        n = layout.offsets[table.key]
        size = len(table.figures)
        states = columns.states[n : n + size]
        if not found.rows:
            findings.append(
                finding(
                    "table_missing",
                    "error",
                    f"table {table.key!r} ({table.label}) was not found",
                    f"未找到表格：{table.label}",
                    (),
                )
            )
            continue
        absent = [s.path for s, st in zip(table.figures, states, strict=True) if st == "absent"]
        if absent:
            findings.append(
                finding(
                    "table_incomplete",
                    "error",
                    f"{len(absent)} of {size} figures of table {table.key!r} were not found",
                    f"{table.label}缺少{len(absent)}项数据",
                    absent,
                )
            )
        for state, code, text, zh in (
            (State.UNREADABLE, "cell_unreadable", "hold text that is no number", "无法识别为数字"),
            (
                State.AMBIGUOUS,
                "place_lost",
                "stand in columns that are not certain",
                "列位无法确定",
            ),
        ):
            paths = [s.path for s, st in zip(table.figures, states, strict=True) if st == state]
            if paths:
                i = layout.index[paths[0]]
                findings.append(
                    finding(
                        code,
                        "error" if state is State.AMBIGUOUS else "warning",
                        f"{len(paths)} figures of table {table.key!r} {text}, first: "
                        f"{columns.raws[i]!r}",
                        f"{table.label}有{len(paths)}项数据{zh}",
                        paths,
                        columns.where[i],
                    )
                )
    if columns.states and all(state in EMPTY for state in columns.states):
        findings.append(
            finding(
                "all_blank",
                "warning",
                "every cell of every table is blank: perhaps the empty form, not a report",
                "所有表格均为空白，可能是空白格式而非报告",
            )
        )
    kinds: dict[str, list[str]] = {}
    for i, repairs in columns.repairs.items():
        for r in repairs:
            kinds.setdefault(r.kind, []).append(layout.paths[i])
    for kind, paths in sorted(kinds.items()):
        findings.append(
            finding(
                "cell_repaired",
                "info",
                f"{len(paths)} cells were read after a repair ({kind})",
                f"{len(paths)}个单元格经修复后读取（{kind}）",
                sorted(set(paths)),
            )
        )


def _amount_units(
    layout: Layout, columns: Columns, in_header: set[int], findings: list[Finding]
) -> None:
    """An amount whose own unit, or its header's, differs from the form's is worth a look."""
    for i, unit in columns.units.items():
        spec = layout.figures[i]
        if spec.table != PROACTIVE or not spec.unit or unit == spec.unit:
            continue
        if i in in_header:
            findings.append(
                finding(
                    "unit_in_header",
                    "info",
                    f"the header states the unit {unit!r}; the form's is {spec.unit!r}"
                    if unit
                    else f"the header states no unit; the form's is {spec.unit!r}",
                    f"表头单位为“{unit}”，格式规定为“{spec.unit}”"
                    if unit
                    else f"表头未注明单位，格式规定为“{spec.unit}”",
                    (spec.path,),
                    columns.where[i],
                )
            )
        else:
            findings.append(
                finding(
                    "unit_in_cell",
                    "info",
                    f"the cell states its own unit {unit!r}; the form's is {spec.unit!r}",
                    f"单元格自带单位“{unit}”，格式规定为“{spec.unit}”",
                    (spec.path,),
                    columns.where[i],
                )
            )


__all__ = ["Columns", "Place", "read_figures"]
