"""Where figures stand in their sources, as codes of short texts.

``str(locator)`` of each place, without making a locator or a text per figure: for cells of plain
grids row and column are gathered as bytes and looked up all at once; texts are made once a place.
Reports of one form mostly stand in grids of one shape, so the codes of a whole table are remembered
with the shape they hold for. Everything else (pages, sheets, lines, places of their own) goes the
slow way with the same result.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np

from govreport_parse.documents.model import Table
from govreport_parse.frames.words import NONE, Words
from govreport_parse.values import Locator

PLACES = Words(())
"""The texts of all places met so far; reports share most of them."""

_BYTE = 256
_MOST = 64
"""Tables whose number is below it have their places coded by arithmetic."""

_known = np.full(_MOST * _BYTE * _BYTE, NONE, dtype=np.int32)
"""Code of ``PLACES`` by table, row and column."""


_REMEMBERED = 512
"""So many shapes of tables, and so many times ``_BYTE`` locators, are kept."""


def gather_places(places: Sequence[Sequence[Any]], runs: Sequence[Sequence[slice]] = ()) -> Any:
    """``int32`` codes of the places of several reports, one after another.

    ``runs``: for each report the slices of its figures that belong to one table of the form; a
    hint that makes it quicker.
    """
    grids = _Grids()
    pieces: list[Any] = [np.zeros(0, dtype=np.int32)]
    waiting: list[tuple[int, int, list[_Shape] | None]] = []
    for k, where in enumerate(places):
        shapes = _shapes(where, runs[k]) if runs else None
        codes = None if shapes is None else _recalled(shapes)
        if codes is not None:
            pieces += codes
        elif grids.add(where):
            waiting.append((len(pieces), len(where), shapes))
            pieces.append(None)
        else:
            pieces.append(_slow_codes(where))
    found = grids.codes()
    start = 0
    for at, count, shapes in waiting:
        pieces[at] = found[start : start + count]
        if shapes is not None:
            _remember(shapes, pieces[at])
        start += count
    return np.concatenate(pieces)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Some cells of one plain table; their places follow from these lists alone."""

    number: int
    rows: list[int]
    columns: list[int]
    cells: list[int]

    @property
    def key(self) -> tuple[int, int, int]:
        return self.number, len(self.rows), len(self.cells)


_shapes_known: dict[tuple[int, int, int], tuple[_Shape, Any]] = {}
"""The shape met last of those with as many cells, and its codes."""


def _shapes(where: Sequence[Any], runs: Sequence[slice]) -> list[_Shape] | None:
    """The places of a report as shapes; ``None`` where one run is not in one plain table."""
    out = []
    try:
        for run in runs:
            places = where[run]
            table = places[0][0]
            cells = [cell for owner, cell in places if owner is table]
            if len(cells) != len(places) or not _is_plain(table):
                return None
            out.append(_Shape(table.number, table.rows, table.columns, cells))
    except (TypeError, IndexError):  # a place is missing, or is no cell
        return None
    return out


def _recalled(shapes: Sequence[_Shape]) -> list[Any] | None:
    out = []
    for shape in shapes:
        met = _shapes_known.get(shape.key)
        # mostly the same small numbers, which lists compare by identity
        if met is None or met[0] != shape:
            return None
        out.append(met[1])
    return out


def _remember(shapes: Sequence[_Shape], codes: Any) -> None:
    start = 0
    for shape in shapes:
        if len(_shapes_known) >= _REMEMBERED:
            _shapes_known.clear()
        end = start + len(shape.cells)
        kept = _Shape(shape.number, list(shape.rows), list(shape.columns), shape.cells)
        _shapes_known[shape.key] = kept, codes[start:end].copy()
        start = end


class _Grids:
    """Reports all of whose places are cells of plain grids, gathered as flat arrays."""

    def __init__(self) -> None:
        self._cells: list[int] = []
        self._rows: list[bytes] = []
        self._columns: list[bytes] = []
        self._bases: list[int] = []
        self._numbers: list[int] = []
        self._runs: list[int] = []
        self._size = 0

    def add(self, where: Sequence[Any]) -> bool:
        """Take the places of one report; false, and nothing is taken, if they are not plain."""
        try:
            tables, cells = zip(*where, strict=True)
        except (TypeError, ValueError):  # a place is missing, or is no cell
            return False
        runs = [(table, len(list(run))) for table, run in groupby(tables)]
        try:
            # rows and columns beyond 255 are no bytes; no other text than a plain grid's
            made = [_plain(table) for table, _ in runs]
        except (ValueError, AttributeError):
            return False
        for (table, length), (rows, columns) in zip(runs, made, strict=True):
            self._rows.append(rows)
            self._columns.append(columns)
            self._bases.append(self._size)
            self._numbers.append(table.number)
            self._runs.append(length)
            self._size += len(rows)
        self._cells += cells
        return True

    def codes(self) -> Any:
        """The code of every place."""
        lengths = np.array(self._runs, dtype=np.int64)
        cells = np.frombuffer(array("q", self._cells), dtype=np.int64)
        at = cells + np.repeat(np.array(self._bases, dtype=np.int64), lengths)
        rows = np.frombuffer(b"".join(self._rows), dtype=np.uint8)[at].astype(np.int32)
        columns = np.frombuffer(b"".join(self._columns), dtype=np.uint8)[at]
        numbers = np.repeat(np.array(self._numbers, dtype=np.int32), lengths)
        keys = (numbers * _BYTE + rows) * _BYTE + columns
        found = _known[keys]
        if (found == NONE).any():
            _learn(np.unique(keys[found == NONE]).tolist())
            found = _known[keys]
        return found


def _plain(table: Any) -> tuple[bytes, bytes]:
    """Rows and columns of a table's cells, if its places are told by these alone."""
    if not _is_plain(table):
        raise ValueError
    return bytes(table.rows), bytes(table.columns)


def _is_plain(table: Any) -> bool:
    return (
        type(table) is Table
        and table.page is None
        and not table.pages
        and table.sheet is None
        and not table.first_row
        and not table.row_lines
        and 0 <= table.number < _MOST
    )


def _learn(keys: Sequence[int]) -> None:
    for key in keys:
        row, column = divmod(key % (_BYTE * _BYTE), _BYTE)
        text = f"table {key // (_BYTE * _BYTE)}, row {row + 1}, column {column + 1}"
        _known[key] = PLACES.code(text)


_parts = attrgetter("table", "row", "column", "page", "line", "cell", "sheet")
"""All that the text of a locator tells."""
_located: dict[tuple[Any, ...], int] = {}


def _slow_codes(where: Sequence[Any]) -> Any:
    """Codes of places of any kind: of a report from another process all are locators."""
    if {type(place) for place in where} != {Locator}:
        texts: list[str | None] = []
        add_places(texts, where)
        return PLACES.encode(texts)
    codes = list(map(_located.get, map(_parts, where)))
    if None in codes:
        if len(_located) >= _REMEMBERED * _BYTE:
            _located.clear()
        for i, code in enumerate(codes):
            if code is None:
                codes[i] = _located[_parts(where[i])] = PLACES.code(str(where[i]))
    return np.array(codes, dtype=np.int32)


def add_places(out: list[str | None], where: Sequence[Any]) -> None:
    """``str(locator)`` of each place, for cells of a grid without making locators.

    Figures that follow one another stand mostly in one row of one table, so what a row's places
    have in common is made once.
    """
    last: Any = None
    last_row = -1
    grid = False
    lead = tail = ""
    for place in where:
        if type(place) is not tuple:
            out.append(None if place is None else str(place))
            continue
        table, cell = place
        if table is not last:
            # a table of text tokens has places of its own
            last, last_row, grid = table, -1, type(table) is Table
            rows, columns = table.rows, table.columns
        if not grid:
            out.append(str(table.locator(cell)))
            continue
        row = rows[cell]
        if row != last_row:
            last_row = row
            lead, tail = _row_place(table, row)
        out.append(f"{lead}{columns[cell] + 1}{tail}")


def _row_place(table: Table, row: int) -> tuple[str, str]:
    """What stands before and behind the column in the places of a row."""
    page = table.pages[row] if table.pages else table.page
    lead = f"table {table.number}, row {table.first_row + row + 1}, column "
    if page is not None:
        lead = f"page {page}, {lead}"
    if table.sheet is not None:
        lead = f"sheet {table.sheet}, {lead}"
    return lead, f", line {table.row_lines[row]}" if table.row_lines else ""
