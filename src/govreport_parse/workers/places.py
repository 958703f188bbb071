"""Where figures stand, on the way out of a worker.

The places of 200 figures are cells of a few tables, so these travel: for each figure the number of
its table, row and column, and once what holds for a table. At the other end the report refers to
cells of tables as it did before; a ``Locator`` is made when somebody asks for one. These tables
share their cells: cell ``i`` is that of figure ``i``. Places of other kinds (lines of a text)
travel as the columns of locators, of which reports of one kind have most in common.

Columns of numbers travel as base64 of their bytes: exact, and ten times faster to write and read
than digits.
"""

from __future__ import annotations

import binascii
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from math import fsum, isfinite
from typing import Any, Final, NamedTuple

from govreport_parse.documents.model import Table, Where
from govreport_parse.values import Locator
from govreport_parse.workers.parts import each_optional, numbers, optional, same_length, text

_COUNTS: Final = ("page", "table", "row", "column", "line", "cell")
_REMEMBERED: Final = 16_384
Box = tuple[float, float, float, float]
_NO_BOX: Final[Box] = (0.0, 0.0, 0.0, 0.0)


# -- in the worker ---------------------------------------------------------------------------------


def pack_places(places: Sequence[Where]) -> list[Any]:
    """Tables; number of the table (from 1; 0: none), row and column of each place; boxes; the rest.

    The rest are places that are no cells of tables, with their positions.
    """
    found: dict[Table, int] = {}
    owners: list[int] = []
    rows: list[int] = []
    columns: list[int] = []
    rest: list[tuple[int, Locator]] = []
    for i, place in enumerate(places):
        if isinstance(place, tuple):
            table, cell = place
            if type(table) is Table:
                owners.append(found.setdefault(table, len(found) + 1))
                rows.append(table.rows[cell])
                columns.append(table.columns[cell])
                continue
            place = table.locator(cell)  # noqa: PLW2901  a kind that tells places in its own way
        owners.append(0)
        rows.append(0)
        columns.append(0)
        if place is not None:
            rest.append((i, place))
    top = max(rows, default=0) + 1
    return [
        [_pack_table(table, top) for table in found],
        *(_pack_numbers("I", column) for column in (owners, rows, columns)),
        _pack_boxes(map(_box, places)) if any(t.bboxes for t in found) else None,
        _pack_locators(rest) if rest else None,
    ]


def _pack_table(table: Table, top: int) -> list[Any]:
    return [
        table.number,
        table.page,
        table.sheet,
        table.first_row,
        table.pages and table.pages[:top],
        table.row_lines and table.row_lines[:top],
        bool(table.bboxes),
    ]


def _box(place: Where) -> Box:
    if isinstance(place, tuple) and place[0].bboxes:
        return place[0].bboxes[place[1]]
    return _NO_BOX


def _pack_boxes(boxes: Iterable[Box]) -> str:
    flat = array("d")
    for box in boxes:
        flat.extend(box)
    return _pack_numbers("d", flat)


def _pack_numbers(kind: str, numbers: Iterable[float]) -> str:
    return binascii.b2a_base64(array(kind, numbers).tobytes(), newline=False).decode("ascii")


def _pack_locators(rest: Sequence[tuple[int, Locator]]) -> list[Any]:
    places = [place for _, place in rest]
    columns: list[Any] = []
    for part in (*_COUNTS, "sheet", "bbox"):
        column = [getattr(place, part) for place in places]
        columns.append(None if column.count(None) == len(column) else column)
    return [[i for i, _ in rest], columns]


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
    """The ``count`` places of ``pack_places``.

    ``TypeError``, ``ValueError``, ``LookupError`` or ``ArithmeticError`` for anything else.
    Every cell that is referred to has a row, a column and what its table says of its row, so that
    locators can be made of all of them later.
    """
    tables, *columns, boxes, rest = data
    owners, row_of, column_of = (_numbers("I", column, count) for column in columns)
    shared = _Cells(row_of, column_of, [] if boxes is None else _boxes(boxes, count))
    made = [_table(table, shared) for table in tables]
    known = [None, *made]
    out: list[Any] = [(known[k], i) if k else None for i, k in enumerate(owners)]
    if any(table.pages or table.row_lines for table in made):
        _check_rows(known, owners, row_of)
    if rest is not None:
        at, parts = rest
        for i, place in zip(numbers(at, count - 1), _locators(parts), strict=True):
            out[i] = place
    return out


class _Cells(NamedTuple):
    """Those of all tables; ``boxes`` is empty where no table has any."""

    rows: list[int]
    columns: list[int]
    boxes: list[Box]


def _table(data: Any, cells: _Cells) -> Table:
    number, page, sheet, first_row, pages, lines, has_boxes = data
    table = Table(_small(number), page=_small_or_none(page), sheet=optional(sheet, str))
    table.first_row = _small(first_row)
    table.rows, table.columns = cells.rows, cells.columns
    table.pages = None if pages is None else numbers(pages)
    table.row_lines = None if lines is None else numbers(lines)
    table.bboxes = cells.boxes if has_boxes else None
    return table


def _check_rows(known: Sequence[Table | None], owners: Sequence[int], rows: Sequence[int]) -> None:
    for k, row in zip(owners, rows, strict=True):
        table = known[k]
        for told in (table.pages, table.row_lines) if table is not None else ():
            if told and row >= len(told):
                raise ValueError("a row that its table does not know")


def _locators(columns: Any) -> list[Locator]:
    *counts, sheets, boxes = columns
    if len(counts) != len(_COUNTS):
        raise ValueError("a part of the places is missing")
    count = same_length(*(column for column in columns if column is not None))
    for column in counts:
        if column is not None:
            numbers([n for n in column if n is not None])
    plain = [repeat(None, count) if column is None else column for column in counts]
    if sheets is None and boxes is None:
        return list(map(_shared, *plain))
    names = repeat(None) if sheets is None else each_optional(sheets, str)
    sized = repeat(None) if boxes is None else map(_sides, boxes)
    return list(map(Locator, *plain, names, sized))


@lru_cache(maxsize=_REMEMBERED)
def _shared(
    page: int | None,
    table: int | None,
    row: int | None,
    column: int | None,
    line: int | None,
    cell: int | None,
) -> Locator:
    return Locator(page, table, row, column, line, cell)


def _boxes(data: Any, count: int) -> list[Box]:
    flat = _numbers("d", data, 4 * count)
    if not isfinite(fsum(map(abs, flat))):
        raise ValueError("a box without end")
    sides = iter(flat)
    return list(zip(sides, sides, sides, sides, strict=True))


def _numbers(kind: str, data: Any, count: int) -> list[Any]:
    packed = array(kind)
    packed.frombytes(binascii.a2b_base64(text(data), strict_mode=True))
    if len(packed) != count:
        raise ValueError("not one number for each figure")
    return packed.tolist()


def unpack_place(parts: Any) -> Locator | None:
    """The place of ``pack_place``."""
    if parts is None:
        return None
    padded = list(parts) + [None] * (len(_COUNTS) + 2 - len(parts))
    page, table, row, column, line, cell, sheet, box = padded
    if not set(map(type, padded[:-2])) <= {int, type(None)}:
        raise TypeError("a place has wrong parts")
    return Locator(page, table, row, column, line, cell, optional(sheet, str), _sides(box))


def _sides(box: Any) -> Box | None:
    if box is None:
        return None
    left, top, right, bottom = (float(x) for x in box)
    if not isfinite(abs(left) + abs(top) + abs(right) + abs(bottom)):
        raise ValueError("a box without end")
    return left, top, right, bottom


def _small(value: Any) -> int:
    return numbers([value])[0]


def _small_or_none(value: Any) -> int | None:
    return None if value is None else _small(value)
