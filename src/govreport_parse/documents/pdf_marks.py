"""Ink in table cells that is no digit of the number it stands at: struck-out text, raised marks.

Both would make other numbers of the ones that are meant: a struck 999 before 2216 reads 9992216,
6 with a raised footnote mark 1 reads 61. As in DOCX, struck-out text is left out and counted, and
a raised mark is set in square brackets. PDF says neither; both are told from where the ink is.
Digits of half the height of those beside them, or drawn over them, are set apart as hidden ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import pi

from govreport_parse.documents.ruling import SNAP, Grid, Piece

Char = tuple[str, float, float, float, float]
"""Text, left, right, top, bottom."""
Run = tuple[float, float, float, float, str]
"""Left, right, top, bottom, text."""

_MOST_STROKES = 200
_SMALLER = 0.8
"""Height of a mark, as a share of the height of the digit before it."""
_SMALLEST_MARK = 0.4
_RAISED = 0.15
_LONGEST_MARK = 3
_OVERHANG = 0.1
"""Share of its height by which a mark may reach over the digit before it."""
_TINY = 0.5
"""Height of a digit, as a share of that beside it, below which it may be overlooked."""
OVER = 0.22
"""Share of its height by which a letter may reach over the one before it: half a digit."""

_CLOSE = 0.04
"""Gap between two digits, as a share of their height, up to which they are one number: numbers
of two cells have the cells' padding between them."""
_LEVEL = 0.1
_LARGE = 24.0
"""Points of height from which text in a table may be a watermark over it."""
_LOOSE = 0.2
"""Gap between two digits of one number, as a share of their height, that leaves a doubt."""
DIGITS = frozenset("0123456789０１２３４５６７８９")


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


def without_watermarks(
    runs: list[list[Char]], grids: Sequence[Grid]
) -> tuple[list[list[Char]], int]:
    """The runs without large text that runs over the rows of a table, and how many letters went."""
    out: list[list[Char]] = []
    gone = 0
    for run in runs:
        _, x0, x1, y0, y1 = run[0]
        if y1 - y0 > _LARGE and _is_too_tall(grids, (x0 + x1) / 2, y0, y1):
            gone += sum(1 for c in run if c[0].strip())
        else:
            out.append(run)
    return (out, gone) if gone else (runs, 0)


def _is_too_tall(grids: Sequence[Grid], x: float, y0: float, y1: float) -> bool:
    for grid in grids:
        at = grid.cell_at(x, (y0 + y1) / 2)
        if at >= 0:
            _, top, _, bottom = grid.cells[at].bbox
            return y1 - y0 > 1.5 * (bottom - top)
    return False


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
        _SMALLEST_MARK * height < own < _SMALLER * height
        and before[3] - run[3] > _RAISED * height
        and 0 < len(text) <= _LONGEST_MARK
        and text.isdigit()
        and before[4][-1:].isdigit()
        # Not a page number drawn over the number of a cell.
        and -_OVERHANG * own < run[0] - before[1] < 0.3 * height
    )


def is_slanted(angle: float) -> bool:
    """Whether text at this angle, in radians, is neither level nor upright by more than 6°."""
    off = angle % (pi / 2)
    return _LEVEL < off < pi / 2 - _LEVEL


def runs_on(before: Char, char: Char) -> bool:
    """Whether two digits stand as close as those of one number, not as two numbers."""
    return (
        before[0][-1:].isdigit()
        and char[0][:1].isdigit()
        and char[1] - before[2] < _CLOSE * (char[4] - char[3])
    )


def is_doubtful_beside(before: Run, run: Run) -> bool:
    """Whether digits of ``run`` are far smaller or larger than those before it, over or below."""
    if not (before[4][-1:].isdigit() and run[4][:1].isdigit()):
        return False
    low, high = sorted((before[3] - before[2], run[3] - run[2]))
    return run[0] - before[1] < 0.3 * high and (
        low < _TINY * high
        or before[1] - run[0] > OVER * high
        # Of another size and partly over it: a page number, a stamp.
        or (low < _SMALLER * high and before[1] - run[0] > _OVERHANG * low)
        # A smaller digit whose foot is lower: an index.
        or (
            low < _SMALLER * high
            and (run[3] - before[3]) * (run[2] - before[2]) > 0
            and abs(run[3] - before[3]) > 0.1 * high
        )
    )


def has_loose_digits(runs: Iterable[Sequence[Char]]) -> bool:
    """Whether the digits of some number stand so far apart that they might be several numbers."""
    return any(
        b[1] - a[2] > _LOOSE * (a[4] - a[3])
        for run in runs
        if len(run) > 1 and run[0][0] in DIGITS and all(c[0] in DIGITS for c in run)
        for a, b in pairwise(run)
    )
