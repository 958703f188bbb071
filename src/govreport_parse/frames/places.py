"""Where figures stand in their sources, as codes of short texts.

``str(locator)`` of each place, without making a locator or a text per figure: for cells of plain
grids row and column are gathered as bytes and looked up all at once; texts are made once a place.
Everything else (pages, sheets, lines, places of their own) goes the slow way with the same result.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from govreport_parse.documents.model import Table
from govreport_parse.frames.words import NONE, Words

PLACES = Words(())
"""The texts of all places met so far; reports share most of them."""

_BYTE = 256
_MOST = 64
"""Tables whose number is below it have their places coded by arithmetic."""

_known = np.full(_MOST * _BYTE * _BYTE, NONE, dtype=np.int32)
"""Code of ``PLACES`` by table, row and column."""


def gather_places(places: Sequence[Sequence[Any]]) -> Any:
    """``int32`` codes of the places of several reports, one after another."""
    grids = _Grids()
    slow = [(grids.skip(len(where)), where) for where in places if not grids.add(where)]
    codes = grids.codes()
    for start, where in slow:
        texts: list[str | None] = []
        add_places(texts, where)
        codes[start : start + len(where)] = PLACES.encode(texts)
    return codes


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

    def skip(self, count: int) -> int:
        """Leave room for so many places; where it begins."""
        start = len(self._cells)
        self._cells += [0] * count
        self._rows.append(b"\0")
        self._columns.append(b"\0")
        self._bases.append(self._size)
        self._numbers.append(0)
        self._runs.append(count)
        self._size += 1
        return start

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
    if (
        type(table) is not Table
        or table.page is not None
        or table.pages
        or table.sheet is not None
        or table.row_lines
        or not 0 <= table.number < _MOST
    ):
        raise ValueError
    return bytes(table.rows), bytes(table.columns)


def _learn(keys: Sequence[int]) -> None:
    for key in keys:
        row, column = divmod(key % (_BYTE * _BYTE), _BYTE)
        text = f"table {key // (_BYTE * _BYTE)}, row {row + 1}, column {column + 1}"
        _known[key] = PLACES.code(text)


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
    lead = f"table {table.number}, row {row + 1}, column "
    if page is not None:
        lead = f"page {page}, {lead}"
    if table.sheet is not None:
        lead = f"sheet {table.sheet}, {lead}"
    return lead, f", line {table.row_lines[row]}" if table.row_lines else ""
