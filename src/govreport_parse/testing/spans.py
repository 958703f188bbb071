"""Edits of grids that keep spans right: what a layout or a damage does to rows and cells.

Rows count from 0. A cell that spans into a changed row grows or shrinks with it, so that no edit
shifts a cell into another column unless that is its purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from govreport_parse.testing.grids import Grid, GridCell, GridRow


def _grown(rows: list[GridRow], upto: int, covering: int, by: int) -> list[GridRow]:
    """Rows before ``upto`` with the cells that cover row ``covering`` made longer by ``by``."""
    return [
        tuple(replace(c, rowspan=c.rowspan + by) if y + c.rowspan > covering else c for c in row)
        for y, row in enumerate(rows[:upto])
    ]


def own(row: GridRow) -> GridRow:
    """The cells that belong to this row alone (no group label that spans further rows)."""
    return tuple(c for c in row if c.rowspan == 1)


def groups(row: GridRow) -> GridRow:
    """The group labels that begin in this row and span further ones."""
    return tuple(c for c in row if c.rowspan > 1)


def without_row(grid: Grid, r: int) -> Grid:
    """Row ``r`` taken out; a label that began in it and spans further begins in the next row."""
    rows = list(grid.rows)
    below = list(rows[r + 1 :])
    if below:
        at = places(grid)
        here = [(x, c) for x, c in zip(at[r], rows[r], strict=True) if c.rowspan > 1]
        moved = [(x, replace(c, rowspan=c.rowspan - 1)) for x, c in here]
        held = list(zip(at[r + 1], below[0], strict=True))
        below[0] = tuple(c for _, c in sorted(held + moved, key=lambda place: place[0]))
    return grid.with_rows([*_grown(rows, r, r, -1), *below])


def with_copy_of(grid: Grid, r: int) -> Grid:
    """Row ``r`` twice, its group labels once."""
    rows = list(grid.rows)
    above = _grown(rows, r, r, 1)
    first = (*(replace(c, rowspan=c.rowspan + 1) for c in groups(rows[r])), *own(rows[r]))
    return grid.with_rows([*above, first, own(rows[r]), *rows[r + 1 :]])


def with_swapped(grid: Grid, r: int) -> Grid:
    """Rows ``r`` and ``r + 1`` exchanged; group labels stay where they are."""
    rows = list(grid.rows)
    upper, lower = rows[r], rows[r + 1]
    rows[r] = (*groups(upper), *own(lower))
    rows[r + 1] = own(upper)
    return grid.with_rows(rows)


def with_row(grid: Grid, r: int, row: GridRow) -> Grid:
    """``row`` inserted before row ``r``."""
    rows = list(grid.rows)
    return grid.with_rows([*_grown(rows, r, r, 1), row, *rows[r:]])


def cut(grid: Grid, r: int, *, header: int = 0, repeat_labels: bool = True) -> tuple[Grid, Grid]:
    """Two grids, the second from row ``r`` on, with the first ``header`` rows repeated.

    A label that spans the cut is shortened above and begins again below, its text repeated or
    left blank.
    """
    upper: list[GridRow] = []
    carried: list[GridCell] = []
    for y, row in enumerate(grid.rows[:r]):
        kept: list[GridCell] = []
        for c in row:
            beyond = y + c.rowspan - r
            if beyond > 0:
                text = c.text if repeat_labels else ""
                carried.append(replace(c, rowspan=beyond, text=text))
                kept.append(replace(c, rowspan=c.rowspan - beyond))
            else:
                kept.append(c)
        upper.append(tuple(kept))
    first = (*carried, *grid.rows[r])
    lower = (*grid.rows[:header], first, *grid.rows[r + 1 :])
    return grid.with_rows(upper), grid.with_rows(lower)


def places(grid: Grid) -> list[list[int]]:
    """The column in which each cell begins, row by row."""
    taken: set[tuple[int, int]] = set()
    out: list[list[int]] = []
    for y, row in enumerate(grid.rows):
        x, line = 0, []
        for c in row:
            while (y, x) in taken:
                x += 1
            line.append(x)
            taken |= {(b, a) for b in range(y, y + c.rowspan) for a in range(x, x + c.colspan)}
            x += c.colspan
        out.append(line)
    return out


def unspanned(grid: Grid, *, fill: bool) -> Grid:
    """No rowspan: every row writes all its cells, spanned places repeat the label or stay blank."""
    at = places(grid)
    rows: list[list[tuple[int, GridCell]]] = [[] for _ in grid.rows]
    for y, row in enumerate(grid.rows):
        for x, c in zip(at[y], row, strict=True):
            rows[y].append((x, replace(c, rowspan=1)))
            blank = replace(c, rowspan=1, text=c.text if fill else "", parts=())
            for below in range(y + 1, min(y + c.rowspan, len(rows))):
                rows[below].append((x, blank))
    return grid.with_rows(
        tuple(c for _, c in sorted(row, key=lambda place: place[0])) for row in rows
    )


def widened(grid: Grid, width: int) -> Grid:
    """The last column spans up to ``width`` columns."""
    at = places(grid)
    extra = width - grid.width
    return Grid(
        grid.key,
        width,
        tuple(
            tuple(
                replace(c, colspan=c.colspan + extra) if x + c.colspan == grid.width else c
                for x, c in zip(at[y], row, strict=True)
            )
            for y, row in enumerate(grid.rows)
        ),
    )


def mapped(grid: Grid, change: Callable[[GridCell], GridCell]) -> Grid:
    """Each cell changed by ``change``."""
    return grid.with_rows(tuple(change(c) for c in row) for row in grid.rows)


def is_header(row: GridRow) -> bool:
    """True for a row without figures."""
    return all(c.path is None for c in row)
