"""Ink in table cells that is no digit of the number it stands at: struck-out text, raised marks.

Both would make other numbers of the ones that are meant: a struck 999 before 2216 reads 9992216,
6 with a raised footnote mark 1 reads 61. As in DOCX, struck-out text is left out and counted, and
a raised mark is set in square brackets. PDF says neither; both are told from where the ink is.
Digits of half the height of those beside them, or drawn over them, are set apart as hidden ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from govreport_parse.documents.ruling import SNAP, Grid, Piece

Char = tuple[str, float, float, float, float]
"""Text, left, right, top, bottom."""
Run = tuple[float, float, float, float, str]
"""Left, right, top, bottom, text."""

_MOST_STROKES = 200
_SMALLER = 0.8
"""Height of a mark, as a share of the height of the digit before it."""
_RAISED = 0.15
_LONGEST_MARK = 3
_TINY = 0.5
"""Height of a digit, as a share of that beside it, below which it may be overlooked."""
OVER = 0.22
"""Share of its height by which a letter may reach over the one before it: half a digit."""

_LOOSE = 0.2
"""Gap between two digits of one number, as a share of their height, that leaves a doubt."""
_DIGITS = frozenset("0123456789")

OPEN, CLOSE = "⟦", "⟧"
"""Around digits that may not be seen, or not as a part of the number: no number as a whole."""


def without_struck(
    chars: list[Char], horizontal: Sequence[Piece], grids: Sequence[Grid]
) -> tuple[list[Char], int]:
    """The characters without those of cells that a line strikes out, and how many went.

    A stroke is a horizontal line off the rulings that runs through the middle of letters and is
    hardly longer than they are.
    """
    strokes = _strokes(horizontal, grids) if chars and grids else []
    if not strokes:
        return chars, 0
    struck: set[int] = set()
    inside = [i for i, c in enumerate(chars) if _is_inside(c, grids)]
    for y, x0, x1 in strokes:
        hit = [
            i
            for i in inside
            if abs((chars[i][3] + chars[i][4]) / 2 - y) < 0.22 * (chars[i][4] - chars[i][3])
            and x0 - 1 < (chars[i][1] + chars[i][2]) / 2 < x1 + 1
        ]
        if not hit:
            continue
        ink = max(chars[i][2] for i in hit) - min(chars[i][1] for i in hit)
        em = max(chars[i][4] - chars[i][3] for i in hit)
        if 0.6 * ink < x1 - x0 < ink + 1.2 * em:
            struck.update(hit)
    if not struck:
        return chars, 0
    gone = sum(1 for i in struck if chars[i][0].strip())
    return [c for i, c in enumerate(chars) if i not in struck], gone


def _strokes(horizontal: Sequence[Piece], grids: Sequence[Grid]) -> list[Piece]:
    """Lines that stand on no ruling of a grid; none where there are as many as in a drawing."""
    # Not the lines of the grid: a stroke may have been taken for one that borders no cell.
    borders = {round(y) for grid in grids for cell in grid.cells for y in cell.bbox[1::2]}
    reach = round(SNAP)
    near = {y + d for y in borders for d in range(-reach, reach + 1)}
    found = [p for p in horizontal if round(p[0]) not in near]
    return found if len(found) <= _MOST_STROKES else []


def _is_inside(char: Char, grids: Sequence[Grid]) -> bool:
    _, x0, x1, y0, y1 = char
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return any(
        left < x < right and top < y < bottom
        for left, top, right, bottom in (grid.bbox for grid in grids)
    )


def is_raised_mark(before: Run, run: Run) -> bool:
    """Whether ``run`` is a small raised number right behind the digit that ``before`` ends with."""
    text = run[4].strip()
    height, own = before[3] - before[2], run[3] - run[2]
    return (
        own < _SMALLER * height
        and before[3] - run[3] > _RAISED * height
        and 0 < len(text) <= _LONGEST_MARK
        and text.isdigit()
        and before[4][-1:].isdigit()
        and run[0] - before[1] < 0.3 * height
    )


def is_doubtful_beside(before: Run, run: Run) -> bool:
    """Whether digits of ``run`` are far smaller or larger than those before it, or over them."""
    if not (before[4][-1:].isdigit() and run[4][:1].isdigit()):
        return False
    heights = sorted((before[3] - before[2], run[3] - run[2]))
    near = run[0] - before[1] < 0.3 * heights[1]
    return near and (heights[0] < _TINY * heights[1] or before[1] - run[0] > OVER * heights[1])


def has_loose_digits(runs: Iterable[Sequence[Char]]) -> bool:
    """Whether the digits of some number stand so far apart that they might be several numbers."""
    return any(
        b[1] - a[2] > _LOOSE * (a[4] - a[3])
        for run in runs
        if len(run) > 1 and run[0][0] in _DIGITS
        for a, b in pairwise(run)
    )
