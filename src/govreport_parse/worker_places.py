"""Where figures stand, on the way out of a worker.

The places of 200 figures are cells of a few tables, so the tables travel: for each cell that
bears a figure its row and column, and once what holds for the table. At the other end the report
refers to cells of tables as it did before; a ``Locator`` is made when somebody asks for one.
Places of other kinds (lines of a text) travel as the columns of locators, which are shared.

Boxes on the page travel as base64 of their eight-byte floats: exact, and ten times faster to write
than digits.
"""

from __future__ import annotations

import binascii
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, repeat
from math import fsum, isfinite
from typing import Any, Final

from govreport_parse.documents.model import Table, Where
from govreport_parse.values import Locator
from govreport_parse.worker_parts import MOST, each_optional, numbers, optional, same_length, text

_PARTS: Final = ("page", "table", "row", "column", "line", "cell", "sheet")
_REMEMBERED: Final = 16_384
Box = tuple[float, float, float, float]


# -- in the worker ---------------------------------------------------------------------------------


def pack_places(places: Sequence[Where]) -> list[Any]:
    """Cells of tables by table, then the rest as locators."""
    tables: dict[Table, tuple[list[int], list[int]]] = {}
    rest: list[tuple[int, Locator]] = []
    last: Table | None = None
    cells: list[int] = []
    at: list[int] = []
    for i, place in enumerate(places):
        if isinstance(place, tuple):
            table, cell = place
            if table is not last:
                if type(table) is not Table:  # it tells places in its own way
                    rest.append((i, table.locator(cell)))
                    continue
                last = table
                at, cells = tables.setdefault(table, ([], []))
            at.append(i)
            cells.append(cell)
        elif place is not None:
            rest.append((i, place))
    return [
        [_pack_table(table, *where) for table, where in tables.items()],
        _pack_locators(rest) if rest else None,
    ]


def _pack_table(table: Table, at: list[int], cells: list[int]) -> list[Any]:
    rows = [table.rows[i] for i in cells]
    top = max(rows) + 1
    return [
        table.number,
        table.page,
        table.sheet,
        table.first_row,
        table.pages and table.pages[:top],
        table.row_lines and table.row_lines[:top],
        _runs(at),
        rows,
        [table.columns[i] for i in cells],
        _pack_boxes(table.bboxes[i] for i in cells) if table.bboxes else None,
    ]


def _runs(at: Sequence[int]) -> list[int]:
    """Ascending numbers as starts and lengths by turns."""
    out: list[int] = []
    end = -1
    for i in at:
        if i == end:
            out[-1] += 1
        else:
            out += (i, 1)
        end = i + 1
    return out


def _pack_locators(rest: Sequence[tuple[int, Locator]]) -> list[Any]:
    columns: list[Any] = []
    for part in _PARTS:
        column = [getattr(locator, part) for _, locator in rest]
        columns.append(None if column.count(None) == len(column) else column)
    boxed = [k for k, (_, locator) in enumerate(rest) if locator.bbox is not None]
    boxes = (box for _, locator in rest if (box := locator.bbox) is not None)
    return [_runs([i for i, _ in rest]), columns, _runs(boxed), _pack_boxes(boxes)]


def _pack_boxes(boxes: Iterable[Box]) -> str:
    flat = array("d")
    for box in boxes:
        flat.extend(box)
    return binascii.b2a_base64(flat.tobytes(), newline=False).decode("ascii")


def pack_place(place: Locator | None) -> list[Any] | None:
    """One place; empty parts at the end are not sent."""
    if place is None:
        return None
    p = place
    parts: list[Any] = [p.page, p.table, p.row, p.column, p.line, p.cell, p.sheet, p.bbox]
    while parts and parts[-1] is None:
        parts.pop()
    return parts


# -- in the supervisor -----------------------------------------------------------------------------


def unpack_places(data: Any, count: int) -> list[Where]:
    """The ``count`` places of ``pack_places``; ``TypeError`` or ``ValueError`` for anything else.

    Every cell that is referred to has a row, a column and what its table says of its row, so that
    locators can be made of all of them later.
    """
    tables, rest = data
    out: list[Where] = [None] * count
    for packed in tables:
        table, runs = _table(packed)
        _fill(out, runs, zip(repeat(table), range(len(table.rows))), len(table.rows))
    if rest is not None:
        runs, columns, boxed, boxes = rest
        locators = _locators(columns, boxed, boxes)
        _fill(out, runs, iter(locators), len(locators))
    return out


def _fill(out: list[Where], runs: Any, places: Iterator[Where], count: int) -> None:
    """Put the next ``count`` places where the runs say."""
    for start, end in _bounds(runs, len(out), count):
        out[start:end] = islice(places, end - start)


def _bounds(runs: Any, most: int, count: int) -> list[tuple[int, int]]:
    found = numbers(runs, most)
    bounds = [(s, s + n) for s, n in zip(found[::2], found[1::2], strict=True)]
    if sum(found[1::2]) != count or any(end > most for _, end in bounds):
        raise ValueError("places and figures differ in number")
    return bounds


def _table(data: Any) -> tuple[Table, Any]:
    number, page, sheet, first_row, pages, lines, runs, rows, columns, boxes = data
    table = Table(_small(number), page=_small_or_none(page), sheet=optional(sheet, str))
    table.first_row = _small(first_row)
    table.rows, table.columns = numbers(rows), numbers(columns)
    if not same_length(rows, columns):
        raise ValueError("a table without a figure")
    if pages is not None:
        table.pages = numbers(pages)
    if lines is not None:
        table.row_lines = numbers(lines)
    if max(rows) >= min(len(known) for known in (pages, lines, range(MOST + 1)) if known):
        raise ValueError("a row of a figure is unknown")
    if boxes is not None:
        table.bboxes = _boxes(boxes)
        same_length(rows, table.bboxes)
    return table, runs


def _locators(columns: Any, boxed: Any, boxes: Any) -> list[Locator]:
    *counts, sheets = columns
    if len(counts) != len(_PARTS) - 1:
        raise ValueError("a part of the places is missing")
    count = same_length(*(c for c in columns if c is not None))
    for column in counts:
        if column is not None:
            numbers([n for n in column if n is not None])
    plain = [repeat(None, count) if c is None else c for c in counts]
    sized = _boxes(boxes)
    if sheets is None and not sized:
        return list(map(_shared, *plain))
    if sheets is not None:
        each_optional(sheets, str)
    where: list[Box | None] = [None] * count
    left = iter(sized)
    for start, end in _bounds(boxed, count, len(sized)):
        where[start:end] = islice(left, end - start)
    return list(map(Locator, *plain, repeat(None) if sheets is None else sheets, where))


@lru_cache(maxsize=_REMEMBERED)
def _shared(
    page: int | None,
    table: int | None,
    row: int | None,
    column: int | None,
    line: int | None,
    cell: int | None,
) -> Locator:
    """Reports of one kind have most of their places in common."""
    return Locator(page, table, row, column, line, cell)


def _boxes(data: Any) -> list[Box]:
    flat = array("d")
    flat.frombytes(binascii.a2b_base64(text(data), strict_mode=True))
    if not isfinite(fsum(map(abs, flat))):
        raise ValueError("a box without end")
    sides = iter(flat)
    return list(zip(sides, sides, sides, sides, strict=True))


def unpack_place(parts: Any) -> Locator | None:
    """The place of ``pack_place``."""
    if parts is None:
        return None
    padded = list(parts) + [None] * (len(_PARTS) + 1 - len(parts))
    page, table, row, column, line, cell, sheet, box = padded
    if not set(map(type, padded[:-2])) <= {int, type(None)}:
        raise TypeError("a place has wrong parts")
    if box is not None:
        left, top, right, bottom = (float(x) for x in box)
        box = (left, top, right, bottom)
    return Locator(page, table, row, column, line, cell, optional(sheet, str), box)


def _small(value: Any) -> int:
    return numbers([value])[0]


def _small_or_none(value: Any) -> int | None:
    return None if value is None else _small(value)
