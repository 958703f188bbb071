"""Reports into Parquet and CSV files, in batches, so that memory does not grow with their number.

A file appears under its name only when it is complete: it is written beside it and renamed.
Texts that a spreadsheet would take for a formula are prefixed with ``'`` in CSV (not in Parquet);
numbers stay numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from govreport_parse.codebooks import ENTRY_FIELDS, Shape, entries
from govreport_parse.errors import UsageError
from govreport_parse.frames.tables import (
    Reports,
    coded_long_table,
    coded_numbers_table,
    schema_of,
    to_table,
)
from govreport_parse.report import Failure, Report

BATCH = 2000
"""Reports a batch: 400,000 rows of the long table."""

ENCODED = 2**17
"""Values that Parquet encodes in one go."""

_FORM = frozenset({"form", "table", "row", "column", "path", "short", "state"})
"""Columns of the long table in which every report repeats the same few pages of codes: lz4 makes
them as small as zstd does, in half the time."""

# A sign before something that is not just a number; full-width signs count too, and white space
# before the sign (a spreadsheet may cut it off).
_FORMULA = r"(?s)^(?:[\t\r\n]|[\s\x{a0}\x{3000}]*(?:[=@＝＠]|[-+－＋].*[^\d.,\s]))"
FileFormat = Literal["parquet", "csv"]


class TableWriter:
    """Writes tables of one shape to a path or an open binary file, batch by batch.

    Use it in a ``with`` statement: leaving it without an exception completes the file, leaving it
    with one removes what was begun. ``texts=False`` leaves states, raw texts, units and places out
    of a long Parquet file; ``mask=False`` keeps personal numbers (``to_table``). ``rows`` counts
    what was written. Raises ``UsageError`` when the path can't be written.
    """

    def __init__(
        self,
        target: str | os.PathLike[str] | IO[bytes],
        shape: Shape = "long",
        form: FileFormat = "parquet",
        *,
        csv_safe: bool = True,
        texts: bool = True,
        mask: bool = True,
    ) -> None:
        self.rows = 0
        self._texts = texts
        self._mask = mask
        self._shape: Shape = shape
        self._safe = csv_safe and form == "csv"
        self._path = Path(target) if isinstance(target, (str, os.PathLike)) else None
        if self._path is None:
            self._sink: Any = target
        else:
            self._part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
            if self._path.exists() and not self._path.is_file():
                self._part = self._path  # a device or pipe is written, never replaced
            self._sink = _opened(self._part, self._path)
        schema = schema_of(shape)
        self._coded = form == "parquet" and shape == "long"
        if form == "parquet":
            self._writer: Any = _parquet_writer(self._sink, shape, texts)
        else:
            options = pa.csv.WriteOptions(quoting_style="needed")
            self._writer = pa.csv.CSVWriter(self._sink, schema, write_options=options)

    def write(self, reports: Reports) -> None:
        """Append the rows of some reports."""
        self._append(self._table(reports))

    def write_all(self, reports: Iterable[Report | Failure]) -> None:
        """Append the rows of many reports, taken from the iterable a batch at a time."""
        it = iter(reports)
        # one batch is encoded while the next is made
        with ThreadPoolExecutor(1) as encoder:
            waiting: Future[None] | None = None
            while batch := list(islice(it, BATCH)):
                table = self._table(batch)
                if waiting is not None:
                    waiting.result()
                waiting = encoder.submit(self._append, table)
            if waiting is not None:
                waiting.result()

    def _table(self, reports: Reports) -> pa.Table:
        if self._coded:
            return coded_long_table(reports) if self._texts else coded_numbers_table(reports)
        table = to_table(reports, self._shape, mask=self._mask)
        return defused(table) if self._safe else table

    def _append(self, table: pa.Table) -> None:
        self._writer.write_table(table)
        self.rows += table.num_rows

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._writer.close()
        finally:
            if self._path is not None:
                self._sink.close()
                if self._part == self._path:
                    pass
                elif kind is None:
                    self._part.replace(self._path)
                else:
                    self._part.unlink(missing_ok=True)


def _parquet_writer(sink: Any, shape: Shape, texts: bool) -> Any:
    schema = schema_of(shape)
    if shape != "long":
        return pa.parquet.ParquetWriter(sink, schema, compression="zstd")
    # Repeated texts come as dictionaries and go into the file as they are; a reader sees texts.
    coded = (coded_long_table([]) if texts else coded_numbers_table([])).schema
    writer = pa.parquet.ParquetWriter(
        sink,
        coded,
        compression={name: "lz4" if name in _FORM else "zstd" for name in coded.names},
        store_schema=False,
        write_statistics=False,  # of texts: they cost as much as the column itself
        write_batch_size=ENCODED,
    )
    writer.add_key_value_metadata(
        {k.decode(): v.decode() for k, v in (schema.metadata or {}).items()}
    )
    return writer


def _opened(part: Path, path: Path) -> IO[bytes]:
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "is a directory")
        return part.open("wb")
    except OSError as error:
        raise UsageError(
            f"cannot write {str(path)!r}: {error.strerror or error}",
            hint="check that the folder exists and may be written",
            context={"path": str(path)},
        ) from error


def defused(table: pa.Table) -> pa.Table:
    """The table with ``'`` before every text that a spreadsheet would run as a formula."""
    for i, field in enumerate(table.schema):
        if field.type == pa.string():
            column = table.column(i)
            risky = pc.match_substring_regex(column, _FORMULA)
            if pc.any(risky).as_py():
                safe = pc.if_else(
                    risky, pc.binary_join_element_wise(pa.scalar("'"), column, ""), column
                )
                table = table.set_column(i, field, safe)
    return table


def write_parquet(
    reports: Reports,
    path: str | os.PathLike[str],
    shape: Shape = "long",
    *,
    texts: bool = True,
    mask: bool = True,
) -> int:
    """Write reports to a Parquet file (zstd) and return the number of rows.

    ``texts=False``: of the long shape only what the wide one holds, without states, raw texts,
    units and places; a figure without a value is null all the same. ``mask``: personal numbers in
    texts are masked.
    """
    return _write(reports, TableWriter(path, shape, "parquet", texts=texts, mask=mask))


def write_csv(
    reports: Reports,
    path: str | os.PathLike[str] | IO[bytes],
    shape: Shape = "long",
    *,
    csv_safe: bool = True,
    mask: bool = True,
) -> int:
    """Write reports to a CSV file (UTF-8, comma, nulls empty) and return the number of rows.

    ``csv_safe`` prefixes texts that a spreadsheet would run as a formula with ``'``; ``mask``:
    personal numbers in texts are masked.
    """
    return _write(reports, TableWriter(path, shape, "csv", csv_safe=csv_safe, mask=mask))


def _write(reports: Reports, writer: TableWriter) -> int:
    with writer:
        if isinstance(reports, (Report, Failure)):
            writer.write(reports)
        else:
            writer.write_all(reports)
    return writer.rows


def write_codebook(path: str | os.PathLike[str] | IO[bytes]) -> int:
    """Write the codebook as CSV and return the number of lines."""
    lines = entries()
    table = pa.table(
        {name: pa.array([getattr(e, name) for e in lines], pa.string()) for name in ENTRY_FIELDS}
    )
    pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="needed"))
    return len(lines)
