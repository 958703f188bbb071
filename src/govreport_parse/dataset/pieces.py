"""Rows of some reports, ready to be cut and joined in any order.

A ``Piece`` holds one Arrow row a report and, per further table, the rows of all its reports one
after another with ``starts`` saying where each report's rows begin. Columns that a report gives to
all its rows (id, organ, year ...) are left out and put back at the end; what the forms say of a
figure is a code. ``Store`` keeps pieces in memory and moves them to files when they grow, so that
memory does not depend on the number of reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.dataset.digests import digests_of
from govreport_parse.dataset.layout import HEAD, TABLES, fields_of, schema_of, stored_names
from govreport_parse.dataset.manifest import Part
from govreport_parse.frames import reports_table, to_table
from govreport_parse.frames.figures import (
    PATHS,
    PLACES,
    STATES,
    UNITS,
    gather_figures,
)
from govreport_parse.frames.words import Words, repeated
from govreport_parse.report import Report

CHILDREN = ("figures", "checks", "findings", "sections", "narrative", "indicators")
MEMORY = 192 * 2**20
"""Bytes of pieces kept in memory before they go to files."""

CODED = {"path": PATHS, "state": STATES, "unit": UNITS, "locator": PLACES}
_FIGURES = ("path", "state", "unit", "value", "raw", "amount_wan_yuan", "locator")


@dataclass(frozen=True, slots=True)
class Piece:
    """Reports in order; ``starts[table]`` has one entry more than there are reports."""

    reports: pa.Table
    children: Mapping[str, pa.Table]
    starts: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return int(self.reports.nbytes + sum(t.nbytes for t in self.children.values()))

    def cut(self, first: int, last: int) -> Piece:
        """Reports ``first`` to ``last`` (not included), without copying."""
        starts = {name: s[first : last + 1] for name, s in self.starts.items()}
        children = {
            name: table.slice(int(starts[name][0]), int(starts[name][-1] - starts[name][0]))
            for name, table in self.children.items()
        }
        moved = {name: s - s[0] for name, s in starts.items()}
        return Piece(self.reports.slice(first, last - first), children, moved)


def own_columns(table: str) -> tuple[str, ...]:
    """The columns of a further table that its report does not give to it."""
    if table == "figures":
        return _FIGURES
    return tuple(name for name in stored_names(table) if name not in HEAD)


# -- from reports ----------------------------------------------------------------------------------


def flat(report: Report) -> list[Report]:
    """A report and the further ones of its document, each without the others."""
    # not a copy: copying makes all places anew, as for another process
    return [replace(r, others=()) if r.others else r for r in (report, *report.others)]


def piece_of(
    reports: Sequence[Report],
    parser_version: str,
    retrieved: Sequence[str | None],
    *,
    mask: bool = True,
) -> Piece:
    """The rows of reports that have no ``others``; ``mask``: texts without personal numbers."""
    figures = gather_figures(reports)
    children: dict[str, pa.Table] = {
        "figures": pa.table(
            [
                pa.array(figures.figures),
                pa.array(figures.states),
                pa.array(figures.units),
                figures.values,
                figures.raws,
                figures.amounts,
                pa.array(figures.places),
            ],
            names=list(_FIGURES),
        )
    }
    counts: dict[str, Any] = {
        "figures": figures.counts,
        "checks": [len(r.outcomes) for r in reports],
        "findings": [len(r.findings) for r in reports],
        "sections": [len(r.sections) for r in reports],
    }
    for name in CHILDREN[1:]:
        counted = name in counts
        made = to_table(reports if counted else _numbered(reports), name, mask=mask)  # type: ignore[arg-type]
        children[name] = made.select(own_columns(name))
        if not counted:
            at = np.asarray(made["report_id"].cast(pa.int64()))
            counts[name] = np.bincount(at, minlength=len(reports))
    digests, contents = digests_of(reports, figures)
    table = reports_table(reports)
    n = len(reports)
    extras = {
        "parser_version": pa.array([parser_version] * n, pa.string()),
        "retrieved": pa.array(retrieved, pa.string()),
        "figures_digest": pa.array(digests, pa.string()),
        "duplicate_of": pa.nulls(n, pa.string()),
        "version": pa.array([0] * n, pa.int64()),
        "superseded_by": pa.nulls(n, pa.string()),
        "other_sources": pa.nulls(n, pa.string()),
    }
    columns = {f.name: extras.get(f.name) for f in fields_of("reports")}
    made = pa.table({k: table[k] if v is None else v for k, v in columns.items()})
    return Piece(
        made.append_column("content", pa.array(contents, pa.string())),
        children,
        {name: _starts(c) for name, c in counts.items()},
    )


def _numbered(reports: Sequence[Report]) -> list[Report]:
    """The reports with their places as ids: the same bytes may come twice."""
    return [replace(report, report_id=str(i)) for i, report in enumerate(reports)]


def _starts(counts: Any) -> Any:
    return np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64))]).astype(np.int64)


# -- from files ------------------------------------------------------------------------------------


def read_piece(folder: Path, parts: Mapping[str, Part], tables: Sequence[str]) -> Piece:
    """The rows of one year and bucket as written before."""
    reports = pq.read_table(folder / parts["reports"].path, partitioning=None)
    year = pa.array([parts["reports"].year] * reports.num_rows, pa.int64())
    reports = reports.append_column("year", year).select([f.name for f in fields_of("reports")])
    reports = reports.append_column("content", pa.nulls(reports.num_rows, pa.string()))
    children = {}
    starts = {}
    for name in tables:
        part = parts.get(name)
        if part is None:
            children[name] = _empty(name)
            starts[name] = np.zeros(reports.num_rows + 1, dtype=np.int64)
            continue
        coded = [c for c in CODED if name == "figures"]
        table = pq.read_table(
            folder / part.path,
            columns=["report_id", *own_columns(name)],
            read_dictionary=coded,
            partitioning=None,
        )
        at = pc.index_in(table["report_id"], reports["report_id"].combine_chunks())
        counts = np.bincount(np.asarray(at), minlength=reports.num_rows)
        starts[name] = _starts(counts)
        for column in coded:
            codes = pa.array(CODED[column].decode(table[column]))
            table = table.set_column(table.schema.get_field_index(column), column, codes)
        children[name] = table.select(own_columns(name))
    return Piece(reports, children, starts)


def _empty(name: str) -> pa.Table:
    schema = schema_of(name)
    coded = set(CODED) if name == "figures" else set()
    return pa.table(
        {
            c: pa.array([], pa.int32() if c in coded else schema.field(c).type)
            for c in own_columns(name)
        }
    )


# -- joining ---------------------------------------------------------------------------------------


def assemble(table: str, reports: pa.Table, pieces: Sequence[Piece], picks: Any) -> pa.Table:
    """The rows of chosen reports in their order, as they stand in a file.

    ``reports``: the final rows of these reports. ``picks``: array (n, 2) of piece and position.
    """
    if table == "reports":
        return reports.select(stored_names("reports")).combine_chunks()
    index, counts = gather_rows(table, pieces, picks)
    joined = pa.concat_tables([p.children[table] for p in pieces]).combine_chunks()
    if index is not None:
        joined = joined.take(pa.array(index))
    of = pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts))
    columns: dict[str, Any] = {}
    for name in stored_names(table):
        if name in HEAD:
            columns[name] = repeated(reports[name].combine_chunks(), of)
        elif table == "figures" and name in ("table", "row", "column"):
            continue
        else:
            columns[name] = _column(joined, name, table)
    if table == "figures":
        columns |= _form_columns(np.asarray(joined["path"].combine_chunks()))
    return pa.table({name: columns[name] for name in stored_names(table)})


def _column(joined: pa.Table, name: str, table: str) -> Any:
    column = joined[name]
    if table == "figures" and name in CODED:
        return CODED[name].column(np.asarray(column.combine_chunks()))
    return column


def gather_rows(table: str, pieces: Sequence[Piece], picks: Any) -> tuple[Any, Any]:
    """Row numbers (in the joined table) of the chosen reports, and how many rows each has.

    ``None`` for row numbers that are all rows in order.
    """
    bases = np.cumsum([0, *(p.children[table].num_rows for p in pieces)])
    first = np.empty(len(picks), dtype=np.int64)
    counts = np.empty(len(picks), dtype=np.int64)
    for k, piece in enumerate(pieces):
        mine = picks[:, 0] == k
        at = picks[mine, 1]
        starts = piece.starts[table]
        first[mine] = starts[at] + bases[k]
        counts[mine] = starts[at + 1] - starts[at]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    if total == bases[-1] and (first == ends - counts).all():
        return None, counts
    return np.arange(total, dtype=np.int64) + np.repeat(first - (ends - counts), counts), counts


def _form_columns(codes: Any) -> dict[str, pa.Array]:
    """Table, row and column of each path."""
    out = {}
    pieces = [path.split("/") for path in PATHS.words]
    for k, name in enumerate(("table", "row", "column")):
        # words in the order of the paths: those of the forms come first
        words = Words(p[k] for p in pieces[: PATHS.fixed])
        out[name] = words.column(words.encode(p[k] for p in pieces)[codes])
    return out


# -- keeping ---------------------------------------------------------------------------------------


class Store:
    """Pieces, in memory while they are small, else in one Arrow file a table.

    Add all pieces, then ``close``, then ``get`` them by number in any order.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[Piece] = []
        self._bytes = 0
        self._writers: dict[str, Any] = {}
        self._readers: dict[str, Any] = {}
        self._batches: list[dict[str, int]] = []
        self._starts: list[Mapping[str, Any]] = []
        self._written: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._kept) or len(self._batches)

    def add(self, piece: Piece) -> None:
        """Keep one more piece."""
        if self._writers:
            self._spill(piece)
            return
        self._kept.append(piece)
        self._bytes += piece.nbytes
        if self._bytes > MEMORY:
            for kept in self._kept:
                self._spill(kept)
            self._kept = []

    def _spill(self, piece: Piece) -> None:
        at = {}
        for name, table in {"reports": piece.reports, **piece.children}.items():
            if name not in self._writers:
                path = str(self._folder / f"{name}.arrow")
                self._writers[name] = pa.ipc.new_file(path, table.schema)
            batches = table.combine_chunks().to_batches()
            at[name] = self._written.get(name, 0) if batches else -1
            for batch in batches:
                self._writers[name].write_batch(batch)
            self._written[name] = self._written.get(name, 0) + len(batches)
        self._batches.append(at)
        self._starts.append(piece.starts)

    def close(self) -> None:
        """No more pieces come."""
        for name, writer in self._writers.items():
            writer.close()
            source = pa.memory_map(str(self._folder / f"{name}.arrow"))
            self._readers[name] = pa.ipc.open_file(source)

    def get(self, number: int) -> Piece:
        """A piece; from a file without copying it into memory."""
        if not self._readers:
            return self._kept[number]
        at = self._batches[number]
        tables = {name: self._batch(name, at[name]) for name in ("reports", *CHILDREN)}
        reports = tables.pop("reports")
        return Piece(reports, tables, self._starts[number])

    def reports(self, number: int) -> pa.Table:
        """The reports of a piece alone."""
        if not self._readers:
            return self._kept[number].reports
        return self._batch("reports", self._batches[number]["reports"])

    def _batch(self, name: str, number: int) -> pa.Table:
        reader = self._readers[name]
        if number < 0:
            return reader.schema.empty_table()
        return pa.Table.from_batches([reader.get_batch(number)])


assert set(CHILDREN) < set(TABLES)
