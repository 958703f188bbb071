"""A record as an OFD file: pages laid out here, written by the OFD writer of the tests.

Table 3 runs over two pages without a repeated header, as programs print it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit"))

from documents.ofd_maker import Ofd, OfdSheet

from govreport_parse.testing import Record, grids_of
from govreport_parse.testing.grids import Grid, article
from govreport_parse.testing.spans import places

LEFT, TOP, RIGHT, FOOT = 40.0, 50.0, 555.0, 800.0
LEADING = 1.5


def ofd(r: Record, manner: str = "runs") -> bytes:
    """The report in A4 pages."""
    return bytes(_Pages(r, manner).package)


class _Pages:
    def __init__(self, r: Record, manner: str) -> None:
        self.package = Ofd(manner, r.title)
        self.sheet: OfdSheet
        self._next()
        for piece in article(r, grids_of(r), title=True, trailer=False):
            if piece.grid is not None:
                self._table(piece.grid)
            else:
                self._paragraph(piece.text, 16 if piece.kind == "title" else 11)
        for n, sheet in enumerate(self.package.sheets, 1):
            sheet.text(290, 825, f"- {n} -", 9)

    def _next(self) -> None:
        self.sheet = self.package.sheet()
        self.y = TOP

    def _paragraph(self, text: str, size: float) -> None:
        for line in wrapped(text, RIGHT - LEFT, size):
            if self.y + LEADING * size > FOOT:
                self._next()
            self.sheet.text(LEFT, self.y + size, line, size)
            self.y += LEADING * size
        self.y += 0.5 * size

    def _table(self, grid: Grid) -> None:
        size = 7.0
        xs = _columns(grid)
        cells = [
            (y, x, c.rowspan, c.colspan, wrapped(c.text, xs[x + c.colspan] - xs[x] - 4, size))
            for y, (row, at) in enumerate(zip(grid.rows, places(grid), strict=True))
            for c, x in zip(row, at, strict=True)
        ]
        heights = [14.0] * len(grid.rows)
        for y, _, rowspan, _, lines in cells:
            need = len(lines) * LEADING * size + 4
            heights[y + rowspan - 1] += max(0.0, need - sum(heights[y : y + rowspan]))
        first = 0
        while first < len(grid.rows):
            last = first + 1
            while last < len(grid.rows) and self.y + sum(heights[first : last + 1]) < FOOT:
                last += 1
            self._part(cells, xs, heights, range(first, last))
            first = last
            if first < len(grid.rows):
                self._next()
        self.y += 10

    def _part(
        self,
        cells: Sequence[tuple[int, int, int, int, list[str]]],
        xs: Sequence[float],
        heights: Sequence[float],
        rows: range,
    ) -> None:
        size = 7.0
        ys = [self.y]
        for y in rows:
            ys.append(ys[-1] + heights[y])
        for y, x, rowspan, colspan, lines in cells:
            top, bottom = max(y, rows.start), min(y + rowspan, rows.stop)
            if bottom <= top:
                continue
            x0, x1 = xs[x], xs[x + colspan]
            y0, y1 = ys[top - rows.start], ys[bottom - rows.start]
            for ends in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                self.sheet.line(*ends)
            if y >= rows.start:
                for n, line in enumerate(lines):
                    self.sheet.text(x0 + 2, y0 + 2 + size + n * LEADING * size, line, size)
        self.y = ys[-1]


def _columns(grid: Grid) -> list[float]:
    """Edges: columns of labels are as wide as three of numbers."""
    values = {
        x
        for row, at in zip(grid.rows, places(grid), strict=True)
        for c, x in zip(row, at, strict=True)
        if c.path
    }
    first = min(values)
    shares = [3.0 if x < first else 1.3 for x in range(grid.width)]
    if first == 0:
        shares = [1.0] * grid.width
    unit = (RIGHT - LEFT) / sum(shares)
    out = [LEFT]
    for share in shares:
        out.append(out[-1] + share * unit)
    return out


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines that fit; digits are half as wide as ideographs."""
    lines, line, used = [], "", 0.0
    for c in text:
        own = size if c > "\u2e7f" or c in "“”—" else size / 2
        if line and used + own > width and not (c.isdigit() and line[-1].isdigit()):
            lines.append(line)
            line, used = "", 0.0
        line, used = line + c, used + own
    return [*lines, line] if line else lines
