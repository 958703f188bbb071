"""Cells too narrow for a digit: what lies between the border of a cell and a box around its number.

Form fields and single digits are often boxed; where such a box touches the borders of its cell,
the grid has columns or rows of a few points there, and the cell beside the number would be blank.
"""

from __future__ import annotations

from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from govreport_parse.documents.pdf_page import PieceCell

_SLIVER = 5.0
"""Points of width or height below which a cell holds no text."""
_MOST_SLIVERS = 100


def without_slivers(cells: list[PieceCell], xs: list[float], ys: list[float]) -> list[PieceCell]:
    """The cells without blank ones too narrow for a digit: they go to the cell beside.

    They lie between the borders of a cell and a box around the number in it.
    """
    if min(map(sub, xs[1:], xs)) >= _SLIVER and min(map(sub, ys[1:], ys)) >= _SLIVER:
        return cells
    slivers = [c for c in cells if not c.text and _is_sliver(c)]
    if len(slivers) > _MOST_SLIVERS:
        return cells
    kept = list(cells)
    for cell in slivers:
        beside = [c for c in kept if _is_beside(c, cell)]
        if beside and cell in kept:
            best = max(beside, key=lambda c: bool(c.text))
            kept[kept.index(best)] = _union(best, cell)
            kept.remove(cell)
    return kept


def _is_sliver(cell: PieceCell) -> bool:
    left, top, right, bottom = cell.bbox
    return right - left < _SLIVER or bottom - top < _SLIVER


def _is_beside(one: PieceCell, other: PieceCell) -> bool:
    """Whether two cells make up one rectangle."""
    level = (one.row, one.rowspan) == (other.row, other.rowspan)
    upright = (one.column, one.colspan) == (other.column, other.colspan)
    return (level and one.column in (other.column + other.colspan, other.column - one.colspan)) or (
        upright and one.row in (other.row + other.rowspan, other.row - one.rowspan)
    )


def _union(one: PieceCell, other: PieceCell) -> PieceCell:
    row, column = min(one.row, other.row), min(one.column, other.column)
    end = max(one.row + one.rowspan, other.row + other.rowspan)
    stop = max(one.column + one.colspan, other.column + other.colspan)
    a, b = one.bbox, other.bbox
    box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    return one._replace(
        text=one.text or other.text,
        row=row,
        column=column,
        rowspan=end - row,
        colspan=stop - column,
        bbox=box,
    )
