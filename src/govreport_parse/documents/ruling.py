"""Ruling lines of a page -> grids of cells. Pure geometry, no PDF library.

In: horizontal and vertical line pieces in page coordinates (points, y grows downwards).
Out: one ``Grid`` for each connected group of rulings, with its cells as rectangles on a common
grid; a missing inner ruling makes a cell span several grid places.

Broken rulings are mended in two ways: pieces of one line that lie within ``SNAP`` points of each
other are one line (dotted borders, separate borders of neighbouring cells), and a grid whose
vertical rulings run past its last horizontal one is closed there (Chromium draws no top border
after a page break). Refuses more than ``limit`` grid places with ``LimitExceededError``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from govreport_parse.errors import LimitExceededError

SNAP = 3.2
"""Points within which rulings are one ruling: wider than the gap between separately drawn
borders of neighbouring cells (2 px), far below any row height."""

_JITTER = 0.3
"""Points by which the pieces of a line may lie apart through rounding."""

_STICKS_OUT = 6.0
"""A ruling that ends further than this beyond the grid encloses a row or column of its own."""

_LEVEL = 15.0
_BESIDE = 150.0
"""How far a ruling without crossings may lie from the grid it belongs to, up or down, beside."""

Piece = tuple[float, float, float]
"""Position across the line, start and end along it."""


class GridCell(NamedTuple):
    """One rectangle of a grid: grid place of its upper left, spans, box in points."""

    row: int
    column: int
    rowspan: int
    colspan: int
    bbox: tuple[float, float, float, float]


@dataclass(slots=True)
class Grid:
    """A group of connected rulings. ``places[r][c]`` is an index into ``cells`` or -1 (outside)."""

    xs: list[float]
    ys: list[float]
    cells: list[GridCell]
    places: list[list[int]]
    open_top: bool = False
    """The first row had no ruling above it."""
    open_bottom: bool = False
    """The last row had no ruling below it."""
    irregular: bool = False
    """Some region between the rulings was no rectangle and was cut into rectangles."""
    spills: list[tuple[float, float]] = field(default_factory=list)
    """Stretches of the lower border that were missing: text may hang out there."""

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def cell_at(self, x: float, y: float) -> int:
        """Index of the cell around a point, -1 if there is none."""
        i = bisect_right(self.ys, y) - 1
        j = bisect_right(self.xs, x) - 1
        if i < 0 or j < 0 or i >= len(self.places) or j >= len(self.places[0]):
            return -1
        return self.places[i][j]


@dataclass(slots=True)
class Closed:
    """One connected group of rulings with the closing lines already added."""

    horizontal: list[Piece]
    vertical: list[Piece]
    open_top: bool = False
    open_bottom: bool = False
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    above: list[list[bool]] = field(default_factory=list)
    """``above[i][j]``: there is a ruling above the place in row ``i`` and column ``j``."""
    before: list[list[bool]] = field(default_factory=list)
    """``before[j][i]``: there is a ruling on the left of that place (note the order)."""
    spills: list[tuple[float, float]] = field(default_factory=list)
    """Stretches of the lower border that had to be drawn."""


def merge_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces snapped to common positions and joined where they touch, sorted by position."""
    ordered = sorted(set(pieces))  # borders of neighbouring cells are often drawn twice
    out: list[Piece] = []
    start = 0
    for stop in range(1, len(ordered) + 1):
        if stop < len(ordered) and ordered[stop][0] - ordered[stop - 1][0] <= SNAP:
            continue
        cluster = ordered[start:stop]
        start = stop
        if len(cluster) == 1:
            out.append(cluster[0])
            continue
        # Each stretch lies where its own pieces do: another table's line may be 3 points off.
        apart = cluster[-1][0] - cluster[0][0] > _JITTER
        at = _level(cluster)
        found = len(out)
        cluster.sort(key=_start)
        first, high = 0, cluster[0][2]
        for k, (_, a, b) in enumerate(cluster):
            if a - high > SNAP:
                place = _level(cluster[first:k]) if apart else at
                out.append((place, cluster[first][1], high))
                first, high = k, b
            elif b > high:
                high = b
        place = _level(cluster[first:]) if apart else at
        out.append((place, cluster[first][1], high))
        if apart:
            out[found:] = sorted(out[found:])
    return out


_start = itemgetter(1)


def _level(cluster: list[Piece]) -> float:
    """Long rulings decide where a line lies, short ones only lie beside it."""
    total = sum(p[2] - p[1] for p in cluster)
    if total > 0:
        return sum(p[0] * (p[2] - p[1]) for p in cluster) / total
    return cluster[len(cluster) // 2][0]


def _snapped(pieces: list[Piece]) -> list[Piece]:
    """The pieces of one grid with those of one line on a common position."""
    out: list[Piece] = []
    start = 0
    for stop in range(1, len(pieces) + 1):
        if stop < len(pieces) and pieces[stop][0] - pieces[stop - 1][0] <= SNAP:
            continue
        cluster = pieces[start:stop]
        start = stop
        if cluster[0][0] != cluster[-1][0]:
            at = _level(cluster)
            cluster = sorted([(at, a, b) for _, a, b in cluster])
        out += cluster
    return out


def close_groups(
    horizontal: Iterable[Piece], vertical: Iterable[Piece], *, limit: int = 100_000
) -> list[Closed]:
    """Connected groups of rulings (with at least one crossing), closed at open ends."""
    hs = [p for p in merge_pieces(horizontal) if p[2] - p[1] > SNAP]
    vs = [p for p in merge_pieces(vertical) if p[2] - p[1] > SNAP]
    if len(hs) * len(vs) > limit * 4:
        raise _too_many(len(hs) * len(vs), limit * 4)
    return [_closed(group_h, group_v, limit) for group_h, group_v in _groups(hs, vs)]


def find_grids(
    horizontal: Iterable[Piece], vertical: Iterable[Piece], *, limit: int = 100_000
) -> list[Grid]:
    """All grids of a page, in reading order of their upper left corners."""
    grids = [_grid(group) for group in close_groups(horizontal, vertical, limit=limit)]
    return sorted((g for g in grids if g.cells), key=lambda g: (g.ys[0], g.xs[0]))


def _too_many(found: int, limit: int) -> LimitExceededError:
    return LimitExceededError(
        f"a page has too many ruling lines ({found} crossings, {limit} allowed)",
        hint="raise max_grid_places if the document is genuine",
        context={"found": found, "limit": limit},
    )


def _groups(hs: list[Piece], vs: list[Piece]) -> list[tuple[list[Piece], list[Piece]]]:
    parent = list(range(len(hs) + len(vs)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    crossing = [False] * len(parent)
    positions = [p[0] for p in hs]
    for k, (x, top, bottom) in enumerate(vs, len(hs)):
        first = bisect_right(positions, top - SNAP)
        last = bisect_right(positions, bottom + SNAP)
        for i in range(first, last):
            _, left, right = hs[i]
            if left - SNAP <= x <= right + SNAP:
                crossing[k] = crossing[i] = True
                a, b = root(i), root(k)
                if a != b:
                    parent[a] = b
    groups: dict[int, tuple[list[Piece], list[Piece]]] = {}
    for i, piece in enumerate(hs):
        if crossing[i]:
            groups.setdefault(root(i), ([], []))[0].append(piece)
    for k, piece in enumerate(vs, len(hs)):
        if crossing[k]:
            groups.setdefault(root(k), ([], []))[1].append(piece)
    free = [piece for k, piece in enumerate(vs, len(hs)) if not crossing[k]]
    out = list(groups.values())
    for piece in free:
        _attach(piece, out)
    return out


def _attach(piece: Piece, groups: list[tuple[list[Piece], list[Piece]]]) -> None:
    """Give a vertical ruling without crossings to the grid beside it that is just as high.

    A label cell that spans a whole page has no horizontal ruling on it.
    """
    x, top, bottom = piece
    for _, vertical in groups:
        left, right = min(v[0] for v in vertical), max(v[0] for v in vertical)
        high, low = min(v[1] for v in vertical), max(v[2] for v in vertical)
        level = abs(high - top) < _LEVEL and abs(low - bottom) < _LEVEL
        if level and left - _BESIDE < x < right + _BESIDE:
            vertical.append(piece)
            vertical.sort()
            return


def _closed(hs: list[Piece], vs: list[Piece], limit: int) -> Closed:
    hs, vs = _snapped(sorted(hs)), _snapped(sorted(vs))
    group = Closed(hs, vs)
    top, bottom = min(v[1] for v in vs), max(v[2] for v in vs)
    if top < min(h[0] for h in hs) - _STICKS_OUT:
        group.open_top = _close(group, "h", top, [v[0] for v in vs if v[1] <= top + SNAP])
    if bottom > max(h[0] for h in hs) + _STICKS_OUT:
        ends = [v[0] for v in vs if v[2] >= bottom - SNAP]
        group.open_bottom = _close(group, "h", bottom, ends)
        group.spills += list(pairwise(ends))
    left, right = min(h[1] for h in hs), max(h[2] for h in hs)
    if left < min(v[0] for v in vs) - _STICKS_OUT:
        _close(group, "v", left, [h[0] for h in group.horizontal if h[1] <= left + SNAP])
    if right > max(v[0] for v in vs) + _STICKS_OUT:
        _close(group, "v", right, [h[0] for h in group.horizontal if h[2] >= right - SNAP])
    xs, ys = group.xs, group.ys = _positions(group.vertical), _positions(group.horizontal)
    places = (len(xs) - 1) * (len(ys) - 1)
    if places > limit:
        raise _too_many(places, limit)
    if places > 0:
        group.above = _edges(group.horizontal, ys, xs)
        group.before = _edges(group.vertical, xs, ys)
        _close_sides(group)
    return group


def _close(group: Closed, direction: str, at: float, ends: Sequence[float]) -> bool:
    if len(ends) < 2:
        return False
    piece = (at, min(ends), max(ends))
    if direction == "h":
        group.horizontal = sorted([*group.horizontal, piece])
    else:
        group.vertical = sorted([*group.vertical, piece])
    return True


def _close_sides(group: Closed) -> None:
    """Draw the outer border where it is missing between two rulings that reach it."""
    above, before, xs, ys = group.above, group.before, group.xs, group.ys
    for i in (0, -1):
        for a, b in _close_runs(above[i], [column[i] for column in before]):
            group.horizontal.append((ys[i], xs[a], xs[b]))
            if i:
                group.spills.append((xs[a], xs[b]))
    for j in (0, -1):
        # At the sides only a border that is missing altogether: where a part is missing, the
        # table is narrower there.
        if not any(before[j]):
            for a, b in _close_runs(before[j], [row[j] for row in above]):
                group.vertical.append((xs[j], ys[a], ys[b]))


def _close_runs(border: list[bool], posts: list[bool]) -> list[tuple[int, int]]:
    """Mark the gaps of a border as drawn that lie between two posts; the gaps."""
    out = []
    start = 0
    while start < len(border):
        stop = start
        while stop < len(border) and not border[stop]:
            stop += 1
        if stop > start and posts[start] and posts[stop]:
            border[start:stop] = [True] * (stop - start)
            out.append((start, stop))
        start = max(stop, start + 1)
    return out


def _positions(pieces: list[Piece]) -> list[float]:
    out: list[float] = []
    for at, _, _ in pieces:
        if not out or at - out[-1] > SNAP:
            out.append(at)
    return out


def _edges(pieces: list[Piece], lines: list[float], across: list[float]) -> list[list[bool]]:
    """``edges[k][m]``: line ``k`` is drawn along gap ``m`` between the crossing lines."""
    middles = [(a + b) / 2 for a, b in pairwise(across)]
    edges = [[False] * len(middles) for _ in lines]
    for at, start, end in pieces:
        k = bisect_right(lines, at + 0.01) - 1
        row = edges[max(k, 0)]
        for m in range(bisect_right(middles, start), bisect_right(middles, end)):
            row[m] = True
    return edges


def _grid(group: Closed) -> Grid:
    xs, ys, above, before = group.xs, group.ys, group.above, group.before
    grid = Grid(xs, ys, [], [], group.open_top, group.open_bottom, spills=group.spills)
    if not above:
        return grid
    rows, columns = len(ys) - 1, len(xs) - 1
    grid.places = [[-2] * columns for _ in range(rows)]
    outside = [(i, 0) for i in range(rows) if not before[0][i]]
    outside += [(i, columns - 1) for i in range(rows) if not before[columns][i]]
    outside += [(0, j) for j in range(columns) if not above[0][j]]
    outside += [(rows - 1, j) for j in range(columns) if not above[rows][j]]
    for i, j in outside:
        if grid.places[i][j] == -2:
            _flood(grid.places, (i, j), -1, above, before)
    for i in range(rows):
        for j in range(columns):
            if grid.places[i][j] == -2:
                if above[i][j] and above[i + 1][j] and before[j][i] and before[j + 1][i]:
                    _add_cell(grid, i, j, i + 1, j + 1)
                    continue
                region = _flood(grid.places, (i, j), -3, above, before)
                _add_region(grid, region)
    return grid


def _flood(
    places: list[list[int]],
    start: tuple[int, int],
    mark: int,
    above: list[list[bool]],
    before: list[list[bool]],
) -> list[tuple[int, int]]:
    """Mark and return all places that no ruling parts from ``start``."""
    rows, columns = len(places), len(places[0])
    places[start[0]][start[1]] = mark
    region = [start]
    for i, j in region:
        if j + 1 < columns and places[i][j + 1] == -2 and not before[j + 1][i]:
            places[i][j + 1] = mark
            region.append((i, j + 1))
        if j and places[i][j - 1] == -2 and not before[j][i]:
            places[i][j - 1] = mark
            region.append((i, j - 1))
        if i + 1 < rows and places[i + 1][j] == -2 and not above[i + 1][j]:
            places[i + 1][j] = mark
            region.append((i + 1, j))
        if i and places[i - 1][j] == -2 and not above[i][j]:
            places[i - 1][j] = mark
            region.append((i - 1, j))
    return region


def _add_region(grid: Grid, region: list[tuple[int, int]]) -> None:
    if len(region) == 1:
        i, j = region[0]
        _add_cell(grid, i, j, i + 1, j + 1)
        return
    top, bottom = min(region)[0], max(region)[0] + 1
    columns = [j for _, j in region]
    left, right = min(columns), max(columns) + 1
    if (bottom - top) * (right - left) == len(region):
        _add_cell(grid, top, left, bottom, right)
        return
    grid.irregular = True
    for rectangle in _rectangles(set(region)):
        _add_cell(grid, *rectangle)


def _rectangles(region: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Rows of the region cut into runs; equal runs below each other are one rectangle."""
    runs: list[tuple[int, int, int]] = []
    for i, j in sorted(region):
        if runs and runs[-1][0] == i and runs[-1][2] == j:
            runs[-1] = (i, runs[-1][1], j + 1)
        else:
            runs.append((i, j, j + 1))
    out: list[tuple[int, int, int, int]] = []
    growing: dict[tuple[int, int, int], int] = {}
    for i, a, b in runs:
        k = growing.pop((i, a, b), None)
        if k is None:
            k = len(out)
            out.append((i, a, i + 1, b))
        else:
            out[k] = (out[k][0], a, i + 1, b)
        growing[(i + 1, a, b)] = k
    return out


def _add_cell(grid: Grid, top: int, left: int, bottom: int, right: int) -> None:
    index = len(grid.cells)
    box = (grid.xs[left], grid.ys[top], grid.xs[right], grid.ys[bottom])
    grid.cells.append(GridCell(top, left, bottom - top, right - left, box))
    for i in range(top, bottom):
        grid.places[i][left:right] = [index] * (right - left)
