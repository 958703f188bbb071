"""Collections cut into parts that workers take one by one, and the candidates in a part.

JSON lines and text with a document a line are cut by bytes, at line ends; Parquet by row groups; a
web archive, packed with gzip or not, between records. Other packed files, WACZ and CSV (a row may
hold line ends) are one part each. Rows keep their numbers in the file, for which the planner counts
the lines before a part (some GB/s), records their offsets.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.errors import GovReportError
from govreport_parse.mining import streams
from govreport_parse.mining.blocks import Found, Span, Tally
from govreport_parse.mining.files import Options, blocks_of, kind_by_name, kind_of
from govreport_parse.mining.running import candidates_in
from govreport_parse.mining.warc_cuts import cuts_of

PART = 64 << 20
"""Bytes of a part, about."""
PIECE = 200
"""Candidates that are parsed and staged together."""
HELD = 32 << 20
"""Bytes of candidates that are held for that."""
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A collection, or a span of it. ``path`` is absolute; ``name`` stands in the results.

    ``whole``: why a large collection is one part all the same; empty for others.
    """

    path: str
    name: str
    options: Options
    span: Span | None = None
    whole: str = ""

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
        where, why = os.fspath(path.absolute()), ""
        try:
            spans = list(_spans(path, options, size))
            if len(spans) < 2 and path.stat().st_size > size:
                why = _why_whole(path)
        except (GovReportError, OSError, ValueError, pa.ArrowException):
            spans = []
        if len(spans) < 2:
            yield Part(where, name, options, whole=why)
        else:
            yield from (Part(where, name, options, span) for span in spans)


def _spans(path: Path, options: Options, size: int) -> Iterator[Span]:
    packing = streams.magic_of(path)
    if packing == "parquet":
        yield from _row_groups(path, size)
    elif packing in ("plain", "gzip") and path.stat().st_size > size:
        kind = kind_of(path, packing)
        if kind == "warc":
            cuts = pairwise(cuts_of(path, size))
            yield from (Span(start, end, n) for n, (start, end) in enumerate(cuts, 1))
        elif packing == "plain" and (
            kind == "json lines" or (kind == "text" and options.split == "line")
        ):
            yield from _lines(path, size)


def _why_whole(path: Path) -> str:
    packing = streams.magic_of(path)
    if packing == "parquet":
        return "it has one row group; written with several it is shared among workers"
    if packing == "zip":
        return "a WACZ is not cut; its WARC files, taken out, are shared among workers"
    kind = kind_by_name(path)
    if packing == "gzip" and kind_of(path, packing) == "warc":
        return "it is no file of one gzip member a record; packed so it is shared among workers"
    if packing != "plain":
        return f"{packing} packs it as one stream; unpacked it is shared among workers"
    if kind == "csv":
        return "rows of CSV may hold line ends; as JSON lines or Parquet it is shared among workers"
    return "no place was found where it could be cut"


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
