"""Spans opened on a sparse, clamped grid: in come rows of cells, out come grid places.

Nothing is ever allocated by the size of a span, so ``rowspan=1000000000`` costs what ``1`` costs.
The rules are those of the HTML standard ("forming a table"), which browsers and office suites
share: a cell takes the first free place of its row, and rows after it keep the columns free
that it spans down into. Refuses (``LimitExceededError``) tables of more than ``MAX_CELLS`` cells
and span patterns whose opening is not linear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govreport_parse.documents.model import Table
from govreport_parse.errors import LimitExceededError

MAX_CELLS = 200_000
"""Most cells of one table."""
MAX_COLSPAN = 1_000
"""HTML standard: a larger ``colspan`` counts as this."""
MAX_ROWSPAN = 65_534
"""HTML standard: a larger ``rowspan`` counts as this."""
MAX_AREA = 2_000_000
"""Most grid places (rows x columns) of one table, spans opened."""
_MAX_STEPS = 1_000_000
"""Most looks at open rowspans while one table is filled; real tables need some hundreds."""

_FEW = 4
_NEVER = 1 << 60

CLAMPED = "span_clamped"
"""Note on a table in which a span was larger than the limit or than the rows left."""

Spans = Mapping[int, tuple[int, int]]
"""Index of the cell in its row -> (rowspan, colspan); rowspan 0 means to the end of the group."""
Row = tuple[Sequence[str], Spans | None]
"""Cell texts of one row and the spans that are not 1 x 1."""

_BLANKS = " \t\n\f\r"
_DIGITS = frozenset("0123456789")


def parse_span(value: str | None, most: int) -> int:
    """The number in a ``rowspan`` or ``colspan`` attribute as browsers read it, at most ``most``.

    Leading white space and a plus sign are skipped, what follows the ASCII digits is ignored
    (``"2;"`` is 2), everything else (``"-1"``, ``"１０"``, ``""``) is 1. 0 stays 0.
    """
    if value is None:
        return 1
    if len(value) == 1 and value in _DIGITS:
        return int(value)
    text = value.lstrip(_BLANKS)
    if text.startswith("+"):
        text = text[1:]
    end = 0
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    digits = text[:end].lstrip("0")
    if not end:
        return 1
    # A number of thousands of digits must not be converted: int() refuses it.
    return most if len(digits) > 6 else min(int(digits or "0"), most)


def place_group(table: Table, rows: Sequence[Row], first_row: int = 0) -> int:
    """Append one row group (tbody, or all rows of a format without groups) to ``table``.

    ``first_row`` is the grid row, 0-based, of the group's first row; the row after the last one
    is returned. A rowspan ends with its group. Rows without cells count as rows. Adds the note
    ``CLAMPED`` where a span was cut. Raises ``LimitExceededError``.
    """
    last_row = first_row + len(rows)
    taken: list[tuple[int, int, int]] = []  # (first column, column after, row after), sorted
    steps = width = 0
    for r, (texts, spans) in enumerate(rows, first_row):
        n = len(texts)
        if len(table.texts) + n > MAX_CELLS:
            raise LimitExceededError(
                f"a table has more than {MAX_CELLS} cells",
                hint="no report form comes near this; check that the document is a report",
                context={"limit": MAX_CELLS},
            )
        table.texts.extend(texts)
        table.rows.extend([r] * n)
        if not spans and (not taken or _is_prefix(taken)):
            first = taken[-1][1] if taken else 0
            table.columns.extend(range(first, first + n))
            table.rowspans.extend([1] * n)
            table.colspans.extend([1] * n)
            width = max(width, first + n)
            if taken:
                steps += len(taken)
                taken = [t for t in taken if t[2] > r + 1]
            continue
        steps += len(taken) + n
        if steps > _MAX_STEPS:
            raise LimitExceededError(
                "a table's rowspans overlap too often",
                hint="the markup is broken or hostile; open it in a browser to see the table",
                context={"limit": _MAX_STEPS},
            )
        taken = _place_row(table, n, spans or {}, r, last_row, taken=taken)
        if n:
            width = max(width, table.columns[-1] + table.colspans[-1])
    if width * last_row > MAX_AREA:
        raise LimitExceededError(
            f"a table has {last_row} rows by {width} columns",
            hint="its spans are broken or hostile; open it in a browser to see the table",
            context={"limit": MAX_AREA},
        )
    return last_row


def _is_prefix(taken: Sequence[tuple[int, int, int]]) -> bool:
    """Open rowspans cover the first columns without a gap, as labels of groups do."""
    column = 0
    for first, after, _ in taken[:_FEW]:
        if first != column:
            return False
        column = after
    return len(taken) <= _FEW


def _place_row(
    table: Table,
    n: int,
    spans: Spans,
    row: int,
    last_row: int,
    *,
    taken: list[tuple[int, int, int]],
) -> list[tuple[int, int, int]]:
    """Give columns to the ``n`` cells of ``row``; returns the rowspans open below it."""
    opened: list[tuple[int, int, int]] = []
    base = len(table.columns)
    table.rowspans.extend([1] * n)
    table.colspans.extend([1] * n)
    add = table.columns.append
    column = at = 0
    next_taken = taken[0][0] if taken else _NEVER
    last_span = max(spans, default=-1)
    for i in range(n):
        while next_taken <= column:
            column = max(column, taken[at][1])
            at += 1
            next_taken = taken[at][0] if at < len(taken) else _NEVER
        if i > last_span and next_taken == _NEVER:
            table.columns.extend(range(column, column + n - i))
            break
        add(column)
        if i not in spans:
            column += 1
            continue
        down, across = spans[i]
        left = last_row - row
        if down > left or down >= MAX_ROWSPAN or across >= MAX_COLSPAN:
            down = min(down, left)
            if CLAMPED not in table.notes:
                table.notes.append(CLAMPED)
        down, across = down or left, across or 1
        table.rowspans[base + i] = down
        table.colspans[base + i] = across
        if down > 1:
            opened.append((column, column + across, row + down))
        column += across
    still = [t for t in taken if t[2] > row + 1]
    return sorted(still + opened) if opened else still


def slice_rows(table: Table, start: int, stop: int, number: int) -> Table:
    """Grid rows ``start`` to ``stop`` (exclusive) as a table of its own; columns stay as they are.

    Cells that begin above ``start`` are not repeated, rowspans are cut at ``stop``.
    """
    out = Table(number, page=table.page, sheet=table.sheet)
    out.notes = list(table.notes)
    for i, row in enumerate(table.rows):
        if start <= row < stop:
            out.add(
                table.texts[i],
                row - start,
                table.columns[i],
                min(table.rowspans[i], stop - row),
                table.colspans[i],
            )
    return out
