"""Text collections as blocks of documents: JSON lines, Parquet and plain text, streamed.

The text column is found by its name. A document's name is ``file#row`` (rows counted from 1), its
address and time come from their columns where there are any. Broken rows are counted and told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.errors import UsageError
from govreport_parse.mining import streams
from govreport_parse.mining.blocks import BLOCK, LARGEST, Block, Found, Span, Tally
from govreport_parse.mining.columns import TEXT, Columns, choose, moment, paths_of, value_at
from govreport_parse.mining.prefilter import is_candidate, joined, may_hold_report
from govreport_parse.source import Source

Split = Literal["file", "line", "blank"]
"""How a plain text file is cut: one document, a document a line, or documents parted by two or
more blank lines."""
_LOOKED_AT = 200
"""Lines in which the columns are looked for."""
_TRIED = 3
"""Other texts of a row that are looked at."""
_LONG = 500
"""Characters from which a text may be a document under whatever name."""
_READ_ERRORS = (OSError, pa.ArrowException, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the caller says of the columns."""

    column: str | None = None
    url_column: str | None = None


def _opened(path: Path, span: Span | None) -> AbstractContextManager[Any]:
    if span is None:
        return streams.unpacked(path, streams.magic_of(path))
    return streams.section(path, span.start, span.end)


# -- JSON lines ------------------------------------------------------------------------------------


def read_json_lines(
    path: Path, name: str, tally: Tally, choice: Choice, span: Span | None = None
) -> Iterator[Block]:
    """The rows of a file of JSON objects, one a line. The columns are those of its first lines."""
    columns: Columns | None = None
    if span is not None:
        columns = _columns_of_file(path, name, choice)
    with _opened(path, span) as stream:
        first = 1 if span is None else span.first
        for data in streams.line_blocks(stream, name, tally, size=BLOCK, longest=LARGEST):
            block = _Lines(data, first, name, tally)
            if columns is None:
                columns = _columns_of_lines(block, choice)
            block.columns, block.chosen = columns, choice.column is not None
            block.count()
            first += len(block.ends)
            yield Block(block.rows(), block.take, utf8_only=True)


def _columns_of_file(path: Path, name: str, choice: Choice) -> Columns | None:
    with _opened(path, None) as stream:
        blocks = streams.line_blocks(stream, name, Tally(), size=BLOCK, longest=LARGEST)
        data = next(blocks, None)
    return None if data is None else _columns_of_lines(_Lines(data, 1, name, Tally()), choice)


def _columns_of_lines(block: _Lines, choice: Choice) -> Columns:
    """From the first lines that are whole objects. ``UsageError`` if they have no text."""
    problem: UsageError | None = None
    for at in range(min(len(block.ends), _LOOKED_AT)):
        row = _object(block.line(at))
        if row is None:
            continue
        try:
            return choose(*paths_of(row), choice.column, choice.url_column)
        except UsageError as error:
            problem = problem or error
    raise problem or UsageError(
        f"no JSON object in the first {min(len(block.ends), _LOOKED_AT)} lines",
        hint="a JSON array must be turned into lines first, for example with jq -c '.[]'",
    )


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


class _Lines:
    """Whole lines of JSON; only those that the pre-filter keeps are parsed."""

    columns: Columns
    chosen = False
    """The caller has named the column of texts."""

    def __init__(self, data: bytes, first: int, name: str, tally: Tally) -> None:
        self.data = data[3:] if first == 1 and data.startswith(b"\xef\xbb\xbf") else data
        self.first = first
        self.name = name
        self.tally = tally
        self.letters = np.frombuffer(self.data, np.uint8)
        self.ends = np.flatnonzero(self.letters == 10)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1)) if len(self.ends) else self.ends

    def line(self, at: int) -> bytes:
        return self.data[self.starts[at] : self.ends[at]].strip()

    def rows(self) -> Any:
        offsets = np.concatenate((self.starts, self.ends[-1:] + 1)).astype(np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.data)]
        return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(self.ends), buffers)

    def count(self) -> None:
        """Count rows, and tell those that can't be JSON objects by their first and last byte."""
        odd = (self.letters[self.starts] != ord("{")) | (
            self.letters[np.maximum(self.ends - 1, 0)] != ord("}")
        )
        blank = 0
        for at in np.flatnonzero(odd).tolist():
            line = self.line(at)
            if not line:
                blank += 1
            elif not (line.startswith(b"{") and line.endswith(b"}")):
                self.tally.damage(self.name, f"line {self.first + at}", "it is no JSON object")
        self.tally.documents += len(self.ends) - blank

    def take(self, at: int) -> Found | None:
        line = self.line(at)
        where = f"line {self.first + at}"
        row = _object(line)
        if row is None:
            if line.startswith(b"{") and line.endswith(b"}"):  # else told by count
                self.tally.damage(self.name, where, "it is no JSON object")
            return None
        place = f"{self.name}#{self.first + at}"
        url, date = value_at(row, self.columns.url), value_at(row, self.columns.date)
        text = self._text(row)
        if text is None:
            self.tally.without_text(self.name, where, self.columns.text)
            return None
        return found_of(text, place, url, date, self.tally)

    def _text(self, row: dict[str, Any]) -> str | None:
        """The row's text. Rows of one file may differ: what the usual column lacks stands in
        another, since something in the row passed the pre-filter."""
        text = value_at(row, self.columns.text)
        usual = text if isinstance(text, str) and text.strip() else None
        if self.chosen or (usual is not None and is_candidate(usual.encode("utf-8", "replace"))):
            return usual
        texts = [(path, str(value_at(row, path))) for path in paths_of(row)[1]]
        whole = [t for path, t in texts if len(t) >= _LONG or path.lower() in TEXT]
        longest = sorted(whole, key=len, reverse=True)
        for other in longest[:_TRIED]:
            if may_hold_report(other.encode("utf-8", "replace")):
                return other
        return usual


def found_of(text: Any, place: str, url: Any, date: Any, tally: Tally) -> Found | None:
    """The document of a row; ``None`` (and told) where it holds none, or one that is too large."""
    if isinstance(text, str):
        text = text.encode("utf-8", "replace")
    if not isinstance(text, bytes):
        name, _, row = place.rpartition("#")
        tally.without_text(name, f"row {row}", "text")
        return None
    if len(text) > LARGEST:
        tally.skipped["document too large"] += 1
        return None
    return Found(Source(text, place, _text(url)), moment(date))


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str) or not value:
        return None
    return value.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates


# -- Parquet ---------------------------------------------------------------------------------------


def read_parquet(
    path: Path, name: str, tally: Tally, choice: Choice, span: Span | None = None
) -> Iterator[Block]:
    """The rows of a Parquet file, or of some of its row groups."""
    try:
        # Buffered: a column of a row group may be larger than the memory.
        file = pq.ParquetFile(path, buffer_size=BLOCK, pre_buffer=False)
    except _READ_ERRORS as error:
        tally.refuse(name, f"it is no readable Parquet file: {error}")
        return
    with closing(file):
        try:
            paths = _paths_of_schema(file.schema_arrow)
        except _READ_ERRORS as error:
            tally.refuse(name, f"its schema is damaged: {error}")
            return
        columns = choose(*paths, choice.column, choice.url_column)
        if not _has_gaps(file, columns.text):
            columns = replace(columns, others=())
        wanted = [c for c in (columns.text, columns.url, columns.date, *columns.others) if c]
        first = 1 if span is None else span.first
        some = range(file.num_row_groups) if span is None else range(span.start, span.end)
        for group in some:
            batches = file.iter_batches(_rows_at_once(file), row_groups=[group], columns=wanted)
            yield from _blocks_of(batches, columns, first, name, tally)
            first += file.metadata.row_group(group).num_rows


def _blocks_of(
    batches: Iterator[pa.RecordBatch], columns: Columns, first: int, name: str, tally: Tally
) -> Iterator[Block]:
    """The rows of a row group; where it is damaged it ends, and the next one is read."""
    while True:
        try:
            batch = next(batches, None)
        except _READ_ERRORS as error:
            tally.damage(name, f"row {first}", f"the file is damaged: {error}")
            return
        if batch is None:
            return
        yield _of_batch(batch, columns, first, name, tally)
        first += batch.num_rows


def _has_gaps(file: pq.ParquetFile, column: str) -> bool:
    """The column may have rows without text, as far as the file's statistics tell."""
    meta = file.metadata
    for i in range(meta.num_row_groups):
        group = meta.row_group(i)
        for k in range(group.num_columns):
            part = group.column(k)
            if part.path_in_schema == column:
                about = part.statistics
                known = about is not None and about.has_null_count and about.has_min_max
                if not known or about.null_count or not about.min:
                    return True
    return False


def _rows_at_once(file: pq.ParquetFile) -> int:
    meta = file.metadata
    size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    return int(max(16, min(65_536, BLOCK * meta.num_rows // max(1, size))))


def _paths_of_schema(schema: pa.Schema) -> tuple[list[str], list[str]]:
    names: list[str] = []
    texts: list[str] = []
    for field in schema:
        inner = field.type if pa.types.is_struct(field.type) else ()
        for path, kind in (
            (field.name, field.type),
            *((f"{field.name}.{f.name}", f.type) for f in inner),
        ):
            names.append(path)
            if _is_text(kind):
                texts.append(path)
    return names, texts


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    checks = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return any(getattr(pa.types, f"is_{c}")(kind) for c in checks)


def _column(batch: pa.RecordBatch, path: str) -> pa.Array:
    if path in batch.schema.names:
        return batch.column(path)
    name, _, inner = path.partition(".")
    return pc.struct_field(batch.column(name), inner)


def _of_batch(
    batch: pa.RecordBatch, columns: Columns, first: int, name: str, tally: Tally
) -> Block:
    rows = _with_others(_plain(_column(batch, columns.text)), batch, columns.others)
    others = [_plain(_column(batch, c)) if c else None for c in (columns.url, columns.date)]
    tally.documents += batch.num_rows
    empty = np.flatnonzero(pc.fill_null(_is_empty(rows), True).to_numpy(False))
    if len(empty):
        where = f"row {first + int(empty[0])}"
        tally.without_text(name, where, columns.text, len(empty))

    def take(at: int) -> Found | None:
        url, date = (None if o is None else o[at].as_py() for o in others)
        return found_of(rows[at].as_py(), f"{name}#{first + at}", url, date, tally)

    return Block(rows, take)


def _is_empty(rows: pa.Array) -> pa.Array:
    return pc.equal(pc.binary_length(rows), 0)


def _with_others(rows: pa.Array, batch: pa.RecordBatch, others: Sequence[str]) -> pa.Array:
    """Where the column of texts is empty, what another column of texts holds."""
    for path in others:
        if not rows.null_count and not pc.any(_is_empty(rows)).as_py():
            break
        other = _plain(_column(batch, path))
        rows = pc.if_else(pc.fill_null(_is_empty(rows), True), other, rows)
    return rows


def _plain(column: pa.Array) -> pa.Array:
    """Texts as bytes: those of a damaged file may be no UTF-8."""
    if not _is_text(column.type):
        return column
    return column.cast(_wide(column.type)).cast(pa.large_binary())


def _wide(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return pa.large_binary() if is_bytes else pa.large_string()


# -- plain text ------------------------------------------------------------------------------------


def read_text(
    path: Path, name: str, tally: Tally, split: Split, span: Span | None = None
) -> Iterator[Block]:
    """A text file as one document, or cut as ``split`` says."""
    with _opened(path, span) as stream:
        if split == "file":
            yield from _one_text(stream, name, tally)
            return
        first = 1 if span is None else span.first
        mark = b"\n" if split == "line" else b"\n\n\n"
        for data in streams.line_blocks(
            stream, name, tally, size=BLOCK, longest=LARGEST, mark=mark
        ):
            documents = data.split(mark)[:-1]
            yield _texts(documents, first, name, tally)
            first += len(documents)


def _one_text(stream: Any, name: str, tally: Tally) -> Iterator[Block]:
    parts: list[bytes] = []
    size = 0
    for piece in streams.pieces(stream, name, tally):
        parts.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise UsageError(
                f"a text of more than {LARGEST >> 20} MB is no single document",
                hint="say how it is cut: --split line or --split blank",
            )
    yield _texts([b"".join(parts)], 0, name, tally)


def _texts(documents: list[bytes], first: int, name: str, tally: Tally) -> Block:
    tally.documents += sum(1 for d in documents if d.strip())

    def take(at: int) -> Found | None:
        place = f"{name}#{first + at}" if first else name
        return found_of(documents[at], place, None, None, tally)

    return Block(joined(documents), take)
