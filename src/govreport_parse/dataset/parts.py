"""Parts: what rows go into one, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.index import OLD, Index, Job
from govreport_parse.dataset.layout import PLAIN, metadata_of, stored_names
from govreport_parse.dataset.manifest import Part
from govreport_parse.dataset.pieces import Piece, Store, read_piece
from govreport_parse.frames.files import ENCODED

ROWS = 2**19
"""Rows a row group."""
BUFFER = 2**20
"""Bytes that are gathered before they go to a file."""
UNKNOWN = "unknown"
"""The folder of reports whose year is not known.

Hive's own word for it (``__HIVE_DEFAULT_PARTITION__``) is null for DuckDB, Polars and Arrow's
datasets, but pandas then can't read the folder at all (pyarrow 26: "Cannot yet unify dictionaries
with nulls"), nor can Arrow where no other year is there. A number such as 0 would be invented.
"""
_STATISTICS = frozenset({"report_id", "division_code"})


def folder_of(year: int | None) -> str:
    """The hive partition of a year."""
    return f"year={UNKNOWN if year is None else year}"


def pick(
    root: Path, job: Job, index: Index, store: Store, old: Sequence[Part], tables: Sequence[str]
) -> tuple[list[Piece], Any]:
    """The pieces in which the reports of a job lie, and (piece, row) of each report."""
    sources = index.source[job.start : job.stop]
    picks = np.stack([sources, index.position[job.start : job.stop]], axis=1)
    pieces: list[Piece] = []
    for number in np.unique(sources[sources != OLD]).tolist():
        mine = sources == number
        at = picks[mine, 1]
        first = int(at.min())
        picks[mine, 0] = len(pieces)
        picks[mine, 1] = at - first
        pieces.append(store.get(number).cut(first, int(at.max()) + 1))
    if (sources == OLD).any():
        _pick_old(root, job, index, old, tables, pieces, picks)
    return pieces, picks


def _pick_old(
    root: Path,
    job: Job,
    index: Index,
    old: Sequence[Part],
    tables: Sequence[str],
    pieces: list[Piece],
    picks: Any,
) -> None:
    ids = index.table["report_id"].slice(job.start, job.stop - job.start).combine_chunks()
    waiting = index.source[job.start : job.stop] == OLD
    for parts in _overlapping(job, old):
        piece = read_piece(root, parts, tables)
        there = piece.reports["report_id"].combine_chunks()
        at = np.asarray(pc.fill_null(pc.index_in(ids, there), -1))
        here = waiting & (at >= 0)
        if here.any():
            picks[here, 0] = len(pieces)
            picks[here, 1] = at[here]
            pieces.append(piece)
            waiting &= ~here
    assert not waiting.any()


def _overlapping(job: Job, old: Sequence[Part]) -> list[Mapping[str, Part]]:
    """The old parts, by bucket, whose ids may fall into the job's bucket."""
    found: dict[tuple[int, int], dict[str, Part]] = {}
    for part in old:
        less = min(part.bits, job.bits)
        if part.bucket >> (part.bits - less) == job.bucket >> (job.bits - less):
            found.setdefault((part.bits, part.bucket), {})[part.table] = part
    return [parts for _, parts in sorted(found.items()) if "reports" in parts]


def reports_of(pieces: Sequence[Piece], picks: Any) -> pa.Table:
    """The rows of ``reports`` of the chosen reports, in order."""
    bases = np.cumsum([0, *(p.reports.num_rows for p in pieces)])
    rows = bases[picks[:, 0]] + picks[:, 1]
    return pa.concat_tables([p.reports for p in pieces]).take(pa.array(rows)).combine_chunks()


def write_part(temp: Path, table: str, rows: pa.Table, place: tuple[int | None, int, int]) -> Part:
    """Write and sync a part in ``temp``; ``place``: year, bits, bucket."""
    year, bits, bucket = place
    waiting = temp / _waiting(table, year, bits, bucket)
    disk.step("write", waiting)
    names = stored_names(table)
    ids = {"report_id"} if table == "reports" else set()
    # buffered: a page at a time would be a thousand system calls
    with (
        pa.output_stream(str(waiting), compression=None, buffer_size=BUFFER) as sink,
        pq.ParquetWriter(
            sink,
            rows.schema.remove_metadata(),
            compression="zstd",
            # without Arrow's own schema every reader sees texts, not dictionaries
            store_schema=False,
            use_dictionary=[n for n in names if n not in PLAIN | ids],
            write_statistics=[n for n in names if n in _STATISTICS],
            write_batch_size=ENCODED,
        ) as writer,
    ):
        writer.write_table(rows, row_group_size=ROWS)
        writer.add_key_value_metadata(metadata_of(table))
    disk.sync_file(waiting)
    digest = disk.sha256_of(waiting)
    path = f"{table}/{folder_of(year)}/part-{digest[:16]}.parquet"
    size = waiting.stat().st_size
    return Part(table, path, year, bits, bucket, rows.num_rows, size, digest)


def waiting_name(part: Part) -> str:
    """The name of a part's file in the temporary folder."""
    return _waiting(part.table, part.year, part.bits, part.bucket)


def _waiting(table: str, year: int | None, bits: int, bucket: int) -> str:
    return f"{table}-{folder_of(year)}-{bits}-{bucket}.parquet"
