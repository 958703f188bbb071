"""Collections cut into parts that workers take one by one, and the candidates in a part.

JSON lines and text with a document a line are cut by bytes, at line ends; Parquet by row groups. A
packed file, CSV (a row may hold line ends) and a web archive are one part each. Rows keep their
numbers in the file, for which the planner counts the lines before a part (some GB/s).
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.errors import GovReportError
from govreport_parse.mining import streams
from govreport_parse.mining.blocks import Found, Tally
from govreport_parse.mining.corpus import Span
from govreport_parse.mining.files import Options, blocks_of, kind_of
from govreport_parse.mining.running import candidates_in

PART = 64 << 20
"""Bytes of a part, about."""
PIECE = 200
"""Candidates that are parsed and staged together."""
HELD = 32 << 20
"""Bytes of candidates that are held for that."""
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A collection, or a span of it. ``path`` is absolute; ``name`` stands in the results."""

    path: str
    name: str
    options: Options
    span: Span | None = None

    def __str__(self) -> str:
        """What tells the part from others; shares of the work are dealt by it."""
        return self.name if self.span is None else f"{self.name} {self.span.start}-{self.span.end}"


def parts_of(
    files: Iterable[tuple[Path, str]], options: Options, size: int = PART
) -> Iterator[Part]:
    """The parts of files with their names, in order; files are looked at as they are asked for.

    A file that can't be read is one part: who works on it tells what is wrong.
    """
    for path, name in files:
        whole = Part(os.fspath(path.absolute()), name, options)
        try:
            spans = list(_spans(path, options, size))
        except (GovReportError, OSError, pa.ArrowException):
            spans = []
        if len(spans) < 2:
            yield whole
        else:
            yield from (Part(whole.path, name, options, span) for span in spans)


def _spans(path: Path, options: Options, size: int) -> Iterator[Span]:
    packing = streams.magic_of(path)
    if packing == "parquet":
        yield from _row_groups(path, size)
    elif packing == "plain" and path.stat().st_size > size:
        kind = kind_of(path, packing)
        if kind == "json lines" or (kind == "text" and options.split == "line"):
            yield from _lines(path, size)


def _lines(path: Path, size: int) -> Iterator[Span]:
    """Spans of at least ``size`` bytes that end with a line."""
    start, first, at, rows = 0, 1, 0, 0
    with path.open("rb") as file:
        while piece := file.read(_STEP):
            done = 0
            while (cut := piece.find(b"\n", max(done, start + size - 1 - at))) >= 0:
                rows += piece.count(b"\n", done, cut + 1)
                done = cut + 1
                yield Span(start, at + done, first)
                start, first, rows = at + done, first + rows, 0
            rows += piece.count(b"\n", done)
            at += len(piece)
    if start < at:
        yield Span(start, at, first)


def _row_groups(path: Path, size: int) -> Iterator[Span]:
    """Spans of row groups of at least ``size`` bytes (unpacked)."""
    with pq.ParquetFile(path) as file:
        meta = file.metadata
        start, first, held, rows = 0, 1, 0, 0
        for number in range(meta.num_row_groups):
            group = meta.row_group(number)
            held += group.total_byte_size
            rows += group.num_rows
            if held >= size or number == meta.num_row_groups - 1:
                yield Span(start, number + 1, first)
                start, first, held, rows = number + 1, first + rows, 0, 0


# -- in the worker ---------------------------------------------------------------------------------


def candidates_of(part: Part, path: Path) -> Generator[list[Found], None, Tally]:
    """Documents of a part that may be reports, in lists of bounded size; at the end the counts.

    ``path``: where the file of the part is at hand.
    """
    tally = Tally()
    held: list[Found] = []
    size = 0
    for block in blocks_of(path, tally, part.options, name=part.name, span=part.span):
        for found in candidates_in(block, tally):
            tally.candidates += 1
            held.append(found)
            size += len(found.source.data)
            if len(held) == PIECE or size >= HELD:
                yield held
                held, size = [], 0
    if held:
        yield held
    return tally
