"""Figures as columns: the wide table and the panel, made part by part from the long table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.codebooks import SHAPES, WAN, figures_by_path
from govreport_parse.codebooks.views import WIDE_EXTRAS
from govreport_parse.dataset.crosswalk import Line, chosen, crosswalk
from govreport_parse.dataset.layout import view_schema
from govreport_parse.dataset.manifest import Part
from govreport_parse.dataset.views import reading
from govreport_parse.frames import schema_of as frame_schema

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

_MARKS = tuple(f.name for f in WIDE_EXTRAS)
_PANEL_HEAD = ("organ", "division_code", "year", "report_id", "form")


@dataclass(slots=True)
class _Grid:
    """Figures of the reports of one part: numbers by path, ``nan`` where there is no value."""

    reports: pa.Table
    values: Any
    amounts: Any
    """In 万元."""


def _grids(
    dataset: Dataset, columns: Sequence[str], paths: Sequence[str], years: Sequence[int] | None
) -> Iterator[_Grid]:
    figures = {(p.year, p.bits, p.bucket): p for p in dataset.figures.parts}
    with reading(dataset.reports, dataset.figures):
        for part in dataset.reports.parts:
            if years is None or part.year in years:
                own = figures.get((part.year, part.bits, part.bucket))
                yield _grid(dataset, part, own, columns, paths)


def _grid(
    dataset: Dataset,
    part: Part,
    figures: Part | None,
    columns: Sequence[str],
    paths: Sequence[str],
) -> _Grid:
    stored = [c for c in {*columns, "report_id"} if c != "year"]
    reports = pq.read_table(dataset.folder / part.path, columns=stored, partitioning=None)
    n = reports.num_rows
    reports = reports.append_column("year", pa.array([part.year] * n, pa.int64()))
    values = np.full((len(paths), n), np.nan)
    amounts = np.full((len(paths), n), np.nan)
    if figures is not None:
        rows = pq.read_table(
            dataset.folder / figures.path,
            columns=["report_id", "path", "value", "amount_wan_yuan"],
            read_dictionary=["report_id", "path"],
            partitioning=None,
        )
        ids = reports["report_id"].combine_chunks()
        names = pa.array(paths, pa.string())
        for batch in rows.to_batches():
            figure = _places(batch["path"], names)
            wanted = np.flatnonzero(figure >= 0)
            at = figure[wanted], _places(batch["report_id"], ids, wanted)
            values[at] = _floats(batch["value"])[wanted]
            amounts[at] = _floats(batch["amount_wan_yuan"])[wanted]
    return _Grid(reports, values, amounts)


def _places(column: pa.DictionaryArray, among: pa.Array, rows: Any = slice(None)) -> Any:
    """Where the values of a coded column (in some rows) stand in ``among``; -1: nowhere."""
    small = np.asarray(pc.fill_null(pc.index_in(column.dictionary, among), -1))
    return small[np.asarray(column.indices)[rows]]


def _floats(column: pa.Array) -> Any:
    return np.asarray(pc.fill_null(column, float("nan")))


EXACT = 2**53
"""Below it every whole number is exact in the column ``value``."""


def _column(numbers: Any, kind: str) -> pa.Array:
    """Numbers with ``nan`` for missing; a count that is a fraction, or of which ``value`` may hold
    a rounded one only, is missing (``raw`` has its digits)."""
    missing = np.isnan(numbers)
    if kind == "decimal":
        return pa.array(numbers, pa.float64(), mask=missing)
    whole = np.rint(np.where(missing, 0, numbers))
    beyond = np.abs(whole) >= EXACT
    missing = missing | (whole != numbers) | beyond
    return pa.array(np.where(beyond, 0, whole).astype(np.int64), pa.int64(), mask=missing)


# -- wide ------------------------------------------------------------------------------------------


def wide(dataset: Dataset, years: Sequence[int] | None) -> pa.Table:
    """One row a report: what is known of it, every figure by short name, and its marks."""
    return pa.concat_tables([wide_schema().empty_table(), *wide_tables(dataset, years)])


@cache
def wide_schema() -> pa.Schema:
    """The columns of ``wide``."""
    schema = frame_schema("wide")
    for field in WIDE_EXTRAS:
        schema = schema.append(pa.field(field.name, pa.string()))
    return schema


def wide_tables(dataset: Dataset, years: Sequence[int] | None) -> Iterator[pa.Table]:
    """The rows of ``wide``, part by part."""
    specs = [found[0] for found in figures_by_path().values()]
    head = [f.name for f in SHAPES["wide"]]
    schema = wide_schema()
    for grid in _grids(dataset, [*head, *_MARKS], [s.path for s in specs], years):
        columns = {name: grid.reports[name] for name in (*head, *_MARKS)}
        for k, spec in enumerate(specs):
            columns[spec.short] = _column(grid.values[k], spec.column.type)
            if spec.column.type == "decimal":
                columns[spec.short + WAN] = _column(grid.amounts[k], "decimal")
        yield pa.table([columns[n] for n in schema.names], schema=schema)


# -- panel -----------------------------------------------------------------------------------------


def panel(dataset: Dataset, figures: Sequence[str] | None, unnamed: bool = False) -> pa.Table:
    """One row an organ and year, one column a line of the crosswalk, sorted."""
    lines = chosen(figures)
    paths = list(dict.fromkeys(p for line in lines for p in (line.path, *line.parts)))
    at = {path: k for k, path in enumerate(paths)}
    schema = panel_schema(lines)
    tables = [schema.empty_table()]
    for grid in _grids(dataset, [*_PANEL_HEAD, *_MARKS], paths, None):
        columns = {name: grid.reports[name] for name in _PANEL_HEAD}
        columns["n_reports"] = pa.array(np.ones(grid.reports.num_rows, dtype=np.int64))
        for line in lines:
            columns[line.name] = _column(_numbers(grid, line, at), line.type)
        made = pa.table([columns[n] for n in schema.names], schema=schema)
        tables.append(made.filter(_current(grid.reports, unnamed)))
    rows = pa.concat_tables(tables)
    rows = rows.sort_by([(n, "ascending") for n in ("organ", "division_code", "year", "report_id")])
    return _counted(rows)


def panel_schema(lines: Sequence[Line] | None = None) -> pa.Schema:
    """The columns of a panel of some lines of the crosswalk; default: all that are comparable."""
    figures = chosen(None) if lines is None else lines
    kinds = ((x.name, pa.float64() if x.is_amount else pa.int64()) for x in figures)
    return pa.schema([*view_schema("panel"), *(pa.field(*told) for told in kinds)])


def panel_rows(dataset: Dataset) -> int:
    """How many rows ``panel`` has."""
    reports = dataset.reports.to_table(["organ", "year", *_MARKS])
    return int(np.count_nonzero(np.asarray(_current(reports, unnamed=False))))


def _numbers(grid: _Grid, line: Line, at: dict[str, int]) -> Any:
    if line.is_amount:
        return grid.amounts[at[line.path]]
    own = grid.values[at[line.path]]
    if not line.parts:
        return own
    # nan in a part makes the sum nan: a blank is not 0
    together = np.sum([grid.values[at[p]] for p in line.parts], axis=0)
    return np.where(np.isnan(own), together, own)


def _current(reports: pa.Table, unnamed: bool) -> Any:
    """Rows that are neither copies nor superseded; ``unnamed``: also those whose organ or year is
    not known."""
    keep: Any = pa.array(np.ones(reports.num_rows, dtype=bool))
    if not unnamed:
        keep = pc.and_(pc.is_valid(reports["organ"]), pc.is_valid(reports["year"]))
    for name in _MARKS:
        keep = pc.and_(keep, pc.is_null(reports[name]))
    return keep


def _counted(rows: pa.Table) -> pa.Table:
    """``n_reports``: rows of the same organ, division and year (they follow one another); what has
    no organ or year is the same as no other."""
    n = rows.num_rows
    if not n:
        return rows
    changed = np.ones(n, dtype=bool)
    same = np.ones(n - 1, dtype=bool)
    for name, blank in (("organ", ""), ("division_code", ""), ("year", -1)):
        column = pc.fill_null(rows[name].combine_chunks(), blank)
        same &= np.asarray(pc.equal(column.slice(1), column.slice(0, n - 1)))
        if name != "division_code":
            same &= np.asarray(pc.is_valid(rows[name].combine_chunks()))[1:]
    changed[1:] = ~same
    group = np.cumsum(changed) - 1
    counts = np.bincount(group)[group]
    place = rows.schema.get_field_index("n_reports")
    return rows.set_column(place, "n_reports", pa.array(counts, pa.int64()))


def crosswalk_table() -> pa.Table:
    """The crosswalk as a table of texts; ``parts`` joined by `` + ``."""
    schema = view_schema("crosswalk")
    rows = [{n: getattr(line, n) for n in schema.names} for line in crosswalk()]
    for row in rows:
        row["parts"] = " + ".join(row["parts"]) or None
        row["forms"] = ";".join(row["forms"])
    return pa.Table.from_pylist(rows, schema=schema)
