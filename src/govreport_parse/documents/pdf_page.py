"""What both PDF engines hand over for a page, and characters -> runs -> lines.

Coordinates are points from the upper left corner of the page as it is shown. A ``Run`` is a
piece of text without a visible gap; digits parted by kerning (a gap below ``GAP`` em) stay in
one run, so a number is never split, and a run that crosses a cell border is cut there, so two
numbers are never joined. A number wider than its cell, which no border may cut, is set apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from govreport_parse.documents.pdf_marks import (
    DIGITS,
    OVER,
    Char,
    Run,
    is_doubtful_beside,
    is_raised_mark,
    runs_on,
)
from govreport_parse.documents.pdf_slivers import without_slivers
from govreport_parse.documents.ruling import Grid
from govreport_parse.documents.unseen import CLOSE, OPEN

GAP = 0.3
"""Gap between two letters or digits, in em, from which they are two words."""

_MIXED_GAP = 0.4
_WIDE_GAP = 1.05
"""Between ideographs: justified and spaced-out text stays together."""

_MIDDLE = 0.2
_REAL = 8
"""Cells from which a grid is a table, not a layout around one."""
_FOOT = 0.8
_SPILL = 14.0
"""Points that text may hang out of a cell cut by the page break, and where on the page."""


@dataclass(slots=True)
class TextLine:
    """One line of text outside of tables."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    runs: list[Run] = field(default_factory=list)

    @property
    def size(self) -> float:
        """Height of the letters in points."""
        return self.bottom - self.top


class PieceCell(NamedTuple):
    """One cell of a table piece with its text."""

    text: str
    row: int
    column: int
    rowspan: int
    colspan: int
    bbox: tuple[float, float, float, float]


@dataclass(slots=True)
class TablePiece:
    """The part of a ruled table that stands on one page."""

    page: int
    xs: list[float]
    ys: list[float]
    cells: list[PieceCell]
    open_top: bool = False
    open_bottom: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """Grid rows."""
        return len(self.ys) - 1


@dataclass(slots=True)
class Page:
    """One page as an engine read it."""

    number: int
    width: float
    height: float
    lines: list[TextLine] = field(default_factory=list)
    pieces: list[TablePiece] = field(default_factory=list)
    picture_share: float = 0.0
    """Share of the page covered by its largest picture."""
    characters: int = 0
    """Characters with ink."""
    objects: int = 0
    """Drawn objects: paths, pieces of text, pictures; counted by the fast engine only."""
    unmapped: int = 0
    """Characters without a Unicode value that can be trusted."""
    broken: bool = False
    """The page could not be loaded."""
    struck: int = 0
    """Characters of cells that were struck out."""
    watermark: int = 0
    """Characters left out since they are slanted or large over a table: a watermark, a stamp."""
    hidden_digits: list[tuple[float, float]] = field(default_factory=list)
    """Middles of the digits that are in the file but not seen on the page; their text says so."""
    has_loose_digits: bool = False
    """Digits of a number stand far apart."""
    lean: float = 0.0
    """Radians by which the page was turned back before it was read; told by the fast engine."""
    has_fields: bool = False
    """Form fields or typed annotations were taken as its text; told by the fast engine."""
    hidden_text: bool = False
    """The text is invisible: a recognition layer over a picture."""


def build_runs(chars: Iterable[Char]) -> list[list[Char]]:
    """Characters in content order as runs: same line, no visible gap, no step back."""
    runs: list[list[Char]] = []
    current: list[Char] = []
    right = top = bottom = 0.0
    for char in chars:
        _, x0, x1, y0, y1 = char
        if current and -OVER * (bottom - top) < x0 - right < GAP * (bottom - top):
            drift = y0 - top
            if -1.0 < drift < 1.0 and -1.0 < y1 - bottom < 1.0:
                current.append(char)
                right = x1
                continue
        current = [char]
        runs.append(current)
        right, top, bottom = x1, y0, y1
    return runs


def as_run(chars: Sequence[Char]) -> Run:
    """A list of characters as one run."""
    first, last = chars[0], chars[-1]
    return (
        first[1],
        last[2],
        first[3],
        first[4],
        "".join([c[0] for c in chars]),
    )


def place_runs(
    runs: list[list[Char]], grids: Sequence[Grid], height: float
) -> tuple[list[list[list[Run]]], list[Run]]:
    """Runs by grid and cell, and the runs outside of all grids.

    ``grids`` are tried in order: inner grids must come before those that enclose them. At the
    foot of the page (``height`` points high) the last line of a cell that is cut by the page
    break may hang out below its box (Chromium); it still belongs to the cell.
    """
    inside: list[list[list[Run]]] = [[[] for _ in g.cells] for g in grids]
    outside: list[Run] = []
    boxes = [g.bbox for g in grids]
    for chars in runs:
        first, last = chars[0], chars[-1]
        y = (first[3] + first[4]) / 2
        k = _grid_of(boxes, first[1], last[2], y)
        if k < 0:
            outside.append(as_run(chars))
            continue
        grid, cells = grids[k], inside[k]
        a = grid.cell_at((first[1] + first[2]) / 2, y)
        b = a if first is last else grid.cell_at((last[1] + last[2]) / 2, y)
        if a == b:
            run = as_run(chars)
            if a >= 0 and first[0] in DIGITS and _is_on_border(run, grid, a):
                run = (*run[:4], f"{OPEN}{run[4]}{CLOSE}")
            (cells[a] if a >= 0 else outside).append(run)
            continue
        _split_run(chars, grid, cells, outside)
    for grid, cells in zip(grids, inside, strict=True):
        if grid.spills and grid.ys[-1] > height * _FOOT:
            outside = _take_spilled(grid, cells, outside)
    return inside, outside


def _is_on_border(run: Run, grid: Grid, at: int) -> bool:
    """Whether an inner border runs through the middle of the text: whose cell it is in is open."""
    cell = grid.cells[at]
    near = _MIDDLE * (run[3] - run[2])
    y = (run[2] + run[3]) / 2
    _, top, _, bottom = cell.bbox
    return (cell.row > 0 and y - top < near) or (
        cell.row + cell.rowspan < len(grid.ys) - 1 and bottom - y < near
    )


def without_frames(grids: Sequence[Grid]) -> list[Grid]:
    """The grids without boxes drawn inside of the cells of another one: frames around its texts.

    ``grids``: the smallest first. Left out are one box in a cell, boxes in a row (one around each
    digit, or around the numbers of several cells), and what runs over a ruling of the other.
    """
    return [g for k, g in enumerate(grids) if not _is_frame(g, grids[k + 1 :])]


def _is_frame(grid: Grid, larger: Sequence[Grid]) -> bool:
    left, top, right, bottom = grid.bbox
    for other in larger:
        a, b, c, d = other.bbox
        if not (a < left and b < top and right < c and bottom < d):
            continue
        ends = other.cell_at(left, top), other.cell_at(right, bottom)
        if (ends[0] != ends[1] or ends[0] < 0) and len(grid.cells) < len(other.cells):
            return True
        if len(grid.cells) == 1 or (len(grid.ys) == 2 and len(other.cells) >= _REAL):
            return True
    return False


def _take_spilled(grid: Grid, cells: list[list[Run]], outside: list[Run]) -> list[Run]:
    rest: list[Run] = []
    bottom = grid.ys[-1]
    for run in outside:
        x, y = (run[0] + run[1]) / 2, (run[2] + run[3]) / 2
        k = -1
        if bottom <= y < bottom + _SPILL and run[4].strip(" -—–－"):
            k = grid.cell_at(x, bottom - 0.1) if any(a < x < b for a, b in grid.spills) else -1
        (cells[k] if k >= 0 else rest).append(run)
    return rest


def _grid_of(boxes: list[tuple[float, float, float, float]], x0: float, x1: float, y: float) -> int:
    for k, (left, top, right, bottom) in enumerate(boxes):
        if top <= y <= bottom and x1 > left and x0 < right:
            return k
    return -1


def _split_run(chars: list[Char], grid: Grid, cells: list[list[Run]], outside: list[Run]) -> None:
    """Cut a run at the borders that it crosses; a number that runs on over one is set apart."""
    parts: list[tuple[int, list[Char]]] = []
    for char in chars:
        at = grid.cell_at((char[1] + char[2]) / 2, (char[3] + char[4]) / 2)
        if parts and at == parts[-1][0]:
            parts[-1][1].append(char)
        else:
            parts.append((at, [char]))
    cut = [runs_on(a[-1], b[0]) for (_, a), (_, b) in pairwise(parts)]
    for (at, part), *sides in zip(parts, [False, *cut], [*cut, False], strict=True):
        run = as_run(part)
        if any(sides):
            run = (*run[:4], f"{OPEN}{run[4].strip()}{CLOSE}")
        (cells[at] if at >= 0 else outside).append(run)


def lines_of(runs: list[Run]) -> list[TextLine]:
    """Runs as lines from top to bottom, each joined from left to right."""
    if not runs:
        return []
    if len(runs) == 1:
        line = _join(runs)
        return [line] if line.text else []
    rows: list[list[Run]] = []
    low = high = 0.0
    for run in sorted(runs, key=_middle):
        middle = (run[2] + run[3]) / 2
        if rows and (low <= middle <= high or _covers(run, low, high)):
            rows[-1].append(run)
            # The tallest run of a line decides what belongs to it.
            if run[3] - run[2] > (high - low) * 2:
                low, high = _band(run)
            continue
        rows.append([run])
        low, high = _band(run)
    lines = [_join(sorted(row)) for row in rows]
    return [line for line in lines if line.text]


def _covers(run: Run, low: float, high: float) -> bool:
    """A tall run around the middle of a line of low ones (a dash, a point)."""
    top, bottom = _band(run)
    return top <= (low + high) / 2 <= bottom


def _middle(run: Run) -> float:
    return run[2] + run[3]


def _band(run: Run) -> tuple[float, float]:
    middle, half = (run[2] + run[3]) / 2, (run[3] - run[2]) * 0.42
    return middle - half, middle + half


def _join(row: list[Run]) -> TextLine:
    x0, right, top, bottom, text = row[0]
    parts = [text]
    previous = row[0]
    for run in row[1:]:
        left, end, y0, y1, text = run
        em = min(previous[3] - previous[2], y1 - y0)
        if _overprinted(previous, run, em):
            continue
        if y1 - y0 < bottom - top and is_raised_mark(previous, run):
            text = f"[{text.strip()}]"
        elif is_doubtful_beside(previous, run):
            text = f"{OPEN}{text.strip()}{CLOSE}"
        if left - right > _allowed(parts[-1][-1:], text[:1]) * em:
            parts.append(" ")
        parts.append(text)
        right = max(right, end)
        top, bottom = min(top, y0), max(bottom, y1)
        previous = run
    whole = "".join(parts).replace(CLOSE + OPEN, "")
    line = whole.strip()
    if line != whole and line:
        # Indents are often set with blanks: the line begins where its ink does.
        x0, right = _ink_start(row), _ink_end(row)
    return TextLine(line, x0, right, top, bottom, row)


def _ink_start(row: list[Run]) -> float:
    for x0, x1, _, _, text in row:
        blank = len(text) - len(text.lstrip())
        if blank < len(text):
            return x0 + (x1 - x0) * blank / len(text)
    return row[0][0]


def _ink_end(row: list[Run]) -> float:
    for x0, x1, _, _, text in reversed(row):
        ink = len(text.rstrip())
        if ink:
            return x0 + (x1 - x0) * ink / len(text)
    return row[-1][1]


def _overprinted(previous: Run, run: Run, em: float) -> bool:
    """The same text drawn again at nearly the same place (poor man's bold)."""
    return run[4] == previous[4] and run[0] - previous[0] < 0.2 * em


def _allowed(before: str, after: str) -> float:
    wide = (before > "\u2e7f") + (after > "\u2e7f")
    if wide == 2:
        return _WIDE_GAP
    return _MIXED_GAP if wide else GAP


def cell_text(runs: list[Run]) -> str:
    """The text of one cell, its lines parted by line breaks."""
    if len(runs) == 1:
        return runs[0][4].strip().replace(CLOSE + OPEN, "")
    return "\n".join([line.text.strip() for line in lines_of(runs)])


def piece_of(grid: Grid, cells: list[list[Run]], page: int) -> TablePiece:
    """A grid with its texts as a table piece."""
    texts = [
        PieceCell(cell_text(runs) if runs else "", c.row, c.column, c.rowspan, c.colspan, c.bbox)
        for c, runs in zip(grid.cells, cells, strict=True)
    ]
    return TablePiece(
        page,
        grid.xs,
        grid.ys,
        without_slivers(texts, grid.xs, grid.ys),
        grid.open_top,
        grid.open_bottom,
        ["irregular_cell"] if grid.irregular else [],
    )
