"""The list of all reports of a dataset while it is written: what stays, what comes, what goes.

One Arrow row a report with the few columns that decide (``INDEX``); the reports themselves lie in
pieces or in the old parts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.dataset.layout import schema_of
from govreport_parse.dataset.manifest import Part
from govreport_parse.dataset.origins import conflict, kept_versions, settle
from govreport_parse.dataset.versions import INDEX, slices

OLD = -1
"""The source of a report that is in the dataset already."""
MANY = 50_000
"""Reports from which on the list of all lies in files."""
PREFIX = 16
"""Bits of the id's first four hex digits."""

Fate = Literal["added", "replaced", "further", "skipped"]
"""``further``: the same bytes and parser, from a place that the dataset does not know."""
MARKS = ("duplicate_of", "version", "superseded_by", "other_sources")


@dataclass(slots=True)
class Index:
    """All reports of the new dataset, sorted by year (unknown first) and id."""

    table: pa.Table
    source: Any
    """Number of the new piece that holds the report, or ``OLD``."""
    position: Any
    """Row in that piece."""
    moved: Any
    """Whether the further places of its bytes are others than before."""


@dataclass(frozen=True, slots=True)
class Job:
    """One year and bucket of the new dataset: rows ``start`` to ``stop`` of the index."""

    year: int | None
    bits: int
    bucket: int
    start: int
    stop: int


def year_key(year: int | None) -> int:
    """Sort key of years: unknown first."""
    return -1 if year is None else year


def newer(a: str, b: str) -> bool:
    """Whether version ``a`` is newer than ``b``: numbers count as numbers, ``1.10`` > ``1.9``."""
    return _version(a) > _version(b)


def _version(text: str) -> list[tuple[int, int, str]]:
    # a word sorts before nothing: 1.0rc1 < 1.0
    found = re.findall(r"\d+|[a-z]+", text.lower())
    return [(1, int(p), "") if p.isdigit() else (-1, 0, p) for p in found] + [(0, 0, "")]


def index_schema() -> pa.Schema:
    """Types of the columns of ``INDEX``."""
    known = schema_of("reports")
    return pa.schema([(n, pa.string() if n == "content" else known.field(n).type) for n in INDEX])


def old_index(root: Path, parts: Sequence[Part]) -> pa.Table:
    """The reports of the dataset as it is."""
    names = [c for c in INDEX if c not in ("year", "content")]
    tables = [index_schema().empty_table()]
    for part in parts:
        table = pq.read_table(root / part.path, columns=names, partitioning=None)
        n = table.num_rows
        table = table.append_column("year", pa.array([part.year] * n, pa.int64()))
        tables.append(table.append_column("content", pa.nulls(n, pa.string())).select(INDEX))
    return pa.concat_tables([t.cast(index_schema()) for t in tables])


def ids_of(table: pa.Table) -> Any:
    """The report ids as 24 bytes each."""
    found = [np.array(part.to_pylist(), dtype="S24") for part in slices(table["report_id"])]
    return np.concatenate([np.array([], dtype="S24"), *found])


class Known:
    """The ids of the dataset, to decide what becomes of a report that comes."""

    def __init__(self, before: pa.Table, version: str) -> None:
        ids = ids_of(before)
        self._order = np.argsort(ids, kind="stable")
        self._ids = ids[self._order]
        self._table = before
        self._version = version

    def __len__(self) -> int:
        return len(self._ids)

    def fate(self, report_id: str, sha256: str, name: str | None, url: str | None) -> Fate:
        """What becomes of a report from a place. ``DatasetError``: another document of this id."""
        if not len(self._ids):
            return "added"
        key = np.bytes_(report_id.encode()[:24])
        place = int(np.searchsorted(self._ids, key))
        if place == len(self._ids) or self._ids[place] != key:
            return "added"
        row = int(self._order[place])
        if self._table["sha256"][row].as_py() != sha256:
            raise conflict(report_id, [name])
        there = self._table["parser_version"][row].as_py()
        if newer(self._version, there):
            return "replaced"
        is_known = newer(there, self._version) or self._has(row, (name, url))
        return "skipped" if is_known else "further"

    def _has(self, row: int, place: tuple[str | None, str | None]) -> bool:
        names = ("source_name", "url")
        if tuple(self._table[n][row].as_py() for n in names) == place:
            return True
        others = self._table["other_sources"][row].as_py()
        return any(tuple(map(o.get, names)) == place for o in json.loads(others or "[]"))


def new_index(before: pa.Table, fresh: Sequence[pa.Table], version: str, temp: Path) -> Index:
    """Old and new reports together, each id once, sorted.

    Where there are many, their table lies in files in ``temp``.
    """
    table = pa.concat_tables([before, *(t.cast(index_schema()) for t in fresh)])
    source = np.full(table.num_rows, OLD, dtype=np.int64)
    position = np.zeros(table.num_rows, dtype=np.int64)
    at = before.num_rows
    for number, new in enumerate(fresh):
        source[at : at + new.num_rows] = number
        position[at : at + new.num_rows] = np.arange(new.num_rows)
        at += new.num_rows
    keep = _kept(table, source, version)
    table = kept_versions(table, keep)
    before_others = table["other_sources"].to_pylist()
    others = settle(table, keep)
    moved = np.fromiter((a != b for a, b in zip(before_others, others, strict=True)), dtype=bool)
    place = table.schema.get_field_index("other_sources")
    table = table.set_column(place, "other_sources", pa.array(others, pa.string()))
    years = np.asarray(pc.fill_null(table["year"], -1)).astype(np.int64)
    keys = pa.table({"y": pa.array(years), "i": table["report_id"]})
    order = np.asarray(pc.sort_indices(keys, [("y", "ascending"), ("i", "ascending")]))
    order = order[keep[order]]
    return Index(_taken(table, order, temp), source[order], position[order], moved[order])


def _taken(table: pa.Table, order: Any, temp: Path) -> pa.Table:
    """Rows of a table, in memory or, column by column, in files that are mapped."""
    if len(order) < MANY:
        return table.take(pa.array(order))
    columns = {}
    for name in table.schema.names:
        path = temp / f"index-{name}.arrow"
        column = table.select([name]).take(pa.array(order))
        with pa.ipc.new_file(str(path), column.schema) as writer:
            writer.write_table(column)
        columns[name] = pa.ipc.open_file(pa.memory_map(str(path))).read_all()[name]
    return pa.table(columns)


def _kept(table: pa.Table, source: Any, version: str) -> Any:
    """All rows but the old ones of documents that were parsed again by a newer version."""
    is_old = source == OLD
    again = table["sha256"].filter(pa.array(~is_old))
    gone = (
        is_old
        & np.asarray(pc.is_in(table["sha256"], again.combine_chunks()))
        & _is_older(table, version)
    )
    return ~gone


def _is_older(table: pa.Table, version: str) -> Any:
    there = pc.unique(table["parser_version"]).to_pylist()
    older = pa.array([v for v in there if newer(version, v)], pa.string())
    return np.asarray(pc.is_in(table["parser_version"], older))


def repeats(before: pa.Table, fresh: Sequence[pa.Table], version: str) -> int:
    """How many of the reports that came have the id of another of them, or of one that stays."""
    if not fresh:
        return 0
    came = pa.concat_tables([t.select(["report_id"]) for t in fresh])["report_id"]
    ids = pc.unique(came)
    stays = before["report_id"].filter(pa.array(~_is_older(before, version)))
    known = np.count_nonzero(np.asarray(pc.is_in(ids, stays.combine_chunks())))
    return int(len(came) - len(ids) + known)


def jobs(table: pa.Table, most: int) -> Iterator[Job]:
    """The years and buckets of an index, none of more than about ``most`` reports."""
    years = np.asarray(pc.fill_null(table["year"], -1))
    ids = ids_of(table)
    for year in np.unique(years).tolist():
        first, last = (int(np.searchsorted(years, year, side)) for side in ("left", "right"))
        bits = min(PREFIX, max(0, -(-(last - first) // most) - 1).bit_length())
        edges = np.array([b"%04x" % (b << (PREFIX - bits)) for b in range(1, 2**bits)], "S4")
        cuts = [first, *(first + np.searchsorted(ids[first:last], edges).astype(int)), last]
        for bucket in range(2**bits):
            start, stop = int(cuts[bucket]), int(cuts[bucket + 1])
            if start < stop:
                yield Job(None if year == -1 else year, bits, bucket, start, stop)


def same_marks(index: Index, marks: dict[str, pa.Array]) -> Any:
    """Per report whether its marks are those that the old dataset has."""
    same = (index.source == OLD) & ~index.moved
    for name in MARKS:
        blank: Any = 0 if name == "version" else ""
        old = pc.fill_null(index.table[name], blank)
        same &= np.asarray(pc.equal(old, pc.fill_null(marks[name], blank)))
    return same
