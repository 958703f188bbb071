"""CSV and TSV files as blocks of documents, streamed. Names and broken rows as in ``corpus``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govreport_parse.mining import streams
from govreport_parse.mining.blocks import BLOCK, LARGEST, Block, Found, Tally
from govreport_parse.mining.columns import choose
from govreport_parse.mining.corpus import Choice, found_of
from govreport_parse.mining.prefilter import joined


def read_csv(path: Path, name: str, tally: Tally, choice: Choice) -> Iterator[Block]:
    """The rows of a CSV or TSV file in UTF-8 or GB18030, with a line of column names."""
    kind = streams.magic_of(path)
    encoding, delimiter = _csv_dialect(path, kind)
    # A limit of the whole process; a quote without its end must not swallow the rest of the file.
    csv.field_size_limit(max(LARGEST, csv.field_size_limit()))
    with streams.unpacked(path, kind) as stream:
        rows = csv.reader(_csv_lines(stream, name, tally, encoding), delimiter=delimiter)
        names = next(rows, [])
        if not names:
            return
        columns = choose(names, names, choice.column, choice.url_column)
        picks = [names.index(c) if c else -1 for c in (columns.text, columns.url, columns.date)]
        others = [names.index(c) for c in columns.others]
        number = 0
        batch = _CsvBatch(name, tally)
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                number += 1
                tally.damage(name, f"row {number}", f"it is no row: {error}")
                row = []
            if row is None:
                break
            if not row:
                continue
            number += 1
            if len(row) != len(names):
                found = f"it has {len(row)} fields where {len(names)} are expected"
                tally.damage(name, f"row {number}", found)
                continue
            values = [row[p] if p >= 0 else None for p in picks]
            if not (values[0] or "").strip():
                values[0] = next((row[p] for p in others if row[p].strip()), None)
            if values[0] is None:
                tally.documents += 1
                tally.without_text(name, f"row {number}", columns.text)
                continue
            batch.add(number, values)
            if batch.size >= BLOCK:
                yield batch.block()
                batch = _CsvBatch(name, tally)
        if batch.texts:
            yield batch.block()


def _csv_dialect(path: Path, kind: streams.Packing) -> tuple[str, str]:
    """Encoding and delimiter, from the start of the file."""
    with streams.unpacked(path, kind) as stream:
        start = next(streams.pieces(stream, path.name, Tally()), b"")[: 1 << 16]
    encoding = "utf-8"
    try:
        start[: start.rfind(b"\n") + 1 or len(start)].decode("utf-8")
    except UnicodeDecodeError:
        encoding = "gb18030"
    line = start.partition(b"\n")[0]
    return encoding, "\t" if line.count(b"\t") > line.count(b",") else ","


def _csv_lines(stream: Any, name: str, tally: Tally, encoding: str) -> Iterator[str]:
    is_first = True
    for data in streams.line_blocks(stream, name, tally, size=BLOCK, longest=LARGEST):
        # What is not of the encoding goes through as it is; the parser decides on each document.
        text = data.decode(encoding, "surrogateescape")
        if is_first:
            text = text.removeprefix("\ufeff")
            is_first = False
        for line in text.split("\n")[:-1]:
            yield line + "\n"


class _CsvBatch:
    """Rows that are scanned together."""

    def __init__(self, name: str, tally: Tally) -> None:
        self.name = name
        self.tally = tally
        self.texts: list[bytes] = []
        self.rest: list[tuple[int, str | None, str | None]] = []
        self.size = 0

    def add(self, number: int, values: list[str | None]) -> None:
        text, url, date = values
        self.texts.append((text or "").encode("utf-8", "surrogateescape"))
        self.rest.append((number, url, date))
        self.size += len(self.texts[-1])
        self.tally.documents += 1

    def block(self) -> Block:
        return Block(joined(self.texts), self.take)

    def take(self, at: int) -> Found | None:
        number, url, date = self.rest[at]
        return found_of(self.texts[at], f"{self.name}#{number}", url, date, self.tally)
