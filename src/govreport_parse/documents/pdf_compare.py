"""Where two readings of one document differ, for people.

In go two ``Document``s of the same bytes (a PDF by its two engines), out come lines: texts and
table rows that only one of them has, and of rows with equally many cells the cells that differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from govreport_parse.documents.model import Document, Table

MOST_LINES = 20_000
"""Lines up to which two documents are compared; a report has some 300."""


class Difference(NamedTuple):
    """One place where the readings differ; ``None``: that reading has nothing there."""

    place: str
    first: str | None
    second: str | None


class _Line(NamedTuple):
    place: str
    cells: tuple[tuple[int, int, str], ...]
    """Column, width and text of the cells of a table row; a text outside of tables has column 0."""


def differences(first: Document, second: Document) -> list[Difference]:
    """The differences in reading order; empty if both hold the same texts in the same cells.

    White space counts, since it is what parts two numbers. Raises nothing; documents of more than
    ``MOST_LINES`` lines are compared line by line in place.
    """
    ours, theirs = list(_lines(first)), list(_lines(second))
    if len(ours) + len(theirs) > MOST_LINES:
        return [d for pair in _padded(ours, theirs) for d in _of_pair(*pair)]
    matcher = SequenceMatcher(
        None, [line.cells for line in ours], [line.cells for line in theirs], autojunk=False
    )
    out: list[Difference] = []
    for kind, i0, i1, j0, j1 in matcher.get_opcodes():
        if kind != "equal":
            for pair in _padded(ours[i0:i1], theirs[j0:j1]):
                out += _of_pair(*pair)
    return out


def _lines(document: Document) -> Iterator[_Line]:
    for number, block in enumerate(document.blocks, 1):
        if not isinstance(block, Table):
            yield _Line(f"block {number}", ((0, 1, block.text),))
            continue
        rows: list[list[int]] = [[] for _ in range(block.n_rows)]
        for i, row in enumerate(block.rows):
            rows[row].append(i)
        for row, cells in enumerate(rows):
            page = f"page {block.pages[row]}, " if block.pages else ""
            yield _Line(
                f"{page}table {block.number}, row {row + 1}",
                tuple((block.columns[i] + 1, block.colspans[i], block.texts[i]) for i in cells),
            )


def _padded(
    ours: Sequence[_Line], theirs: Sequence[_Line]
) -> Iterator[tuple[_Line | None, _Line | None]]:
    for k in range(max(len(ours), len(theirs))):
        yield (
            ours[k] if k < len(ours) else None,
            theirs[k] if k < len(theirs) else None,
        )


def _of_pair(a: _Line | None, b: _Line | None) -> Iterator[Difference]:
    if a is not None and b is not None and _shape(a) == _shape(b):
        for (column, _, one), (_, _, other) in zip(a.cells, b.cells, strict=True):
            if one != other:
                where = f"{a.place}, column {column}" if column else a.place
                yield Difference(where, one, other)
        return
    place = a.place if a is not None else b.place if b is not None else ""
    yield Difference(place, _whole(a), _whole(b))


def _shape(line: _Line) -> list[tuple[int, int]]:
    return [(column, width) for column, width, _ in line.cells]


def _whole(line: _Line | None) -> str | None:
    return None if line is None else " | ".join(text for _, _, text in line.cells)
