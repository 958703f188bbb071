"""Ruling lines and pieces of ink of an upright page -> grids of cells and boxes of text lines.

In: the ink mask of a page (pixels). Out: grids in points, as ``ruling`` makes them, the mask
without the rulings, and boxes of ink in pixels. Needs OpenCV, no recogniser.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from govreport_parse.documents.ruling import Grid, Piece, find_grids
from govreport_parse.documents.scan_image import Ink, Mask

_LINE_H, _LINE_V = 20.0, 15.0
"""Points: shortest stretch of a ruling, longer than any stroke of a letter beside it."""
_BRIDGE = 6.0
"""Points of a ruling that may be broken off."""
_THICK = 5.0
"""A ruling is thinner than this, in points."""
_TOUCH = 4.5
"""Points between the end of a ruling and the one it meets."""
_FREE_H, _FREE_V = 100.0, 60.0
"""A ruling at least this long counts even if its ends meet nothing."""

_DIRT = 0.55
"""Ink less than this many points high and wide is noise of the scanner."""


_SMALL = 1.6
"""Smaller pieces than this, in points, must be dark: a point is, a grain of dust is not."""


class Box(NamedTuple):
    """A connected piece of ink or a line of text, in pixels (right and bottom exclusive)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """Pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Pixels."""
        return self.right - self.left


@dataclass(slots=True)
class Ruled:
    """Grids of a page, what their rulings cover, and the letters without them."""

    grids: list[Grid]
    rulings: list[Box]
    mask: Mask


def find_rulings(ink: Ink) -> Ruled:
    """Rulings by morphology: long thin runs of ink that meet each other."""
    scale = ink.scale
    across = _pieces(ink.mask, scale, _LINE_H, across=True)
    down = _pieces(ink.mask, scale, _LINE_V, across=False)
    across, down = _meeting(across, down, scale)
    horizontal: list[Piece] = [_piece(b, scale, across=True) for b in across]
    vertical: list[Piece] = [_piece(b, scale, across=False) for b in down]
    grids = find_grids(horizontal, vertical)
    rulings = [_halo(b, halo=max(2, round(0.9 * scale))) for b in across + down]
    mask = ink.letters.copy()
    for left, top, right, bottom in rulings:
        mask[top:bottom, left:right] = 0
    return Ruled(grids, rulings, mask)


def _halo(box: Box, halo: int) -> Box:
    """A ruling with the grey around it."""
    left, top, right, bottom = box
    return Box(max(0, left - halo), max(0, top - halo), right + halo, bottom + halo)


def _pieces(mask: Mask, scale: float, shortest: float, *, across: bool) -> list[Box]:
    import cv2

    def kernel(length: float, thick: int = 1) -> Any:
        n = max(3, round(length * scale))
        return np.ones((thick, n) if across else (n, thick), np.uint8)

    # A ruling that is still a little askew steps from one pixel row to the next.
    thicker = cv2.dilate(mask, np.ones((2, 1) if across else (1, 2), np.uint8))
    lines = cv2.morphologyEx(thicker, cv2.MORPH_OPEN, kernel(shortest))
    lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, kernel(_BRIDGE))
    count, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    out = []
    for left, top, width, height, _ in stats[1:count].tolist():
        thick = height if across else width
        if thick <= _THICK * scale:
            out.append(Box(left, top, left + width, top + height))
    return out


def _piece(box: Box, scale: float, *, across: bool) -> Piece:
    left, top, right, bottom = (v / scale for v in box)
    return ((top + bottom) / 2, left, right) if across else ((left + right) / 2, top, bottom)


def _meeting(across: list[Box], down: list[Box], scale: float) -> tuple[list[Box], list[Box]]:
    """Rulings that are long or end on others: a stroke of a letter is short and ends nowhere."""
    near = _TOUCH * scale
    keep_h = [
        b
        for b in across
        if b.width >= _FREE_H * scale
        or (
            _meets(b.left, (b.top + b.bottom) / 2, down, near, across=False)
            and _meets(b.right, (b.top + b.bottom) / 2, down, near, across=False)
        )
    ]
    keep_v = [
        b
        for b in down
        if b.height >= _FREE_V * scale
        # One end is enough: after a page break the upper border may be missing.
        or _meets(b.top, (b.left + b.right) / 2, keep_h, near, across=True)
        or _meets(b.bottom, (b.left + b.right) / 2, keep_h, near, across=True)
    ]
    return keep_h, keep_v


def _meets(end: float, at: float, others: Sequence[Box], near: float, *, across: bool) -> bool:
    """Whether one of the rulings across passes within ``near`` of the end of a line."""
    for b in others:
        if across:
            if b.top - near <= end <= b.bottom + near and b.left - near <= at <= b.right + near:
                return True
        elif b.left - near <= end <= b.right + near and b.top - near <= at <= b.bottom + near:
            return True
    return False


def ink_boxes(mask: Mask, dark: Mask, scale: float) -> list[Box]:
    """Connected pieces of ink that are no dirt: small ones must hold dark ink as well."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least, small = _DIRT * scale, _SMALL * scale
    core = np.bincount(labels[dark > 0], minlength=count)[1:count]
    width, height, area = stats[1:count, 2], stats[1:count, 3], stats[1:count, 4]
    keep = ((width > least) | (height > least)) & (area >= max(3.0, least * least))
    keep &= (width > small) | (height > small) | (core >= max(3.0, 0.5 * scale * scale))
    return [Box(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count][keep].tolist()]


def letter_height(boxes: Sequence[Box], scale: float) -> float:
    """Pixels of a usual letter of the page, 9 points if there are too few to tell."""
    heights = sorted(b.height for b in boxes if 5.5 * scale <= b.height <= 18 * scale)
    return float(heights[(len(heights) * 6) // 10]) if len(heights) >= 12 else 9.0 * scale


def text_lines(boxes: Sequence[Box], letter: float) -> list[tuple[Box, list[Box]]]:
    """Pieces of ink as lines of text from top to bottom, each with its pieces from left to right.

    Lines are parted where no ink stands in a row of pixels; what is too flat to be a line (二 has
    two strokes, a colon two dots) goes to the nearer neighbour.
    """
    runs: list[list[int]] = []
    for b in sorted(boxes, key=lambda b: b.top):
        if runs and b.top < runs[-1][1]:
            runs[-1][1] = max(runs[-1][1], b.bottom)
        else:
            runs.append([b.top, b.bottom])
    runs = _joined_runs(runs, letter)
    tops = [r[0] for r in runs]
    lines: list[list[Box]] = [[] for _ in runs]
    for b in boxes:
        lines[max(0, bisect_right(tops, b.top) - 1)].append(b)
    out = []
    for line in lines:
        if not line:
            continue
        line.sort()
        whole = Box(
            min(b.left for b in line),
            min(b.top for b in line),
            max(b.right for b in line),
            max(b.bottom for b in line),
        )
        out.append((whole, line))
    return out


def _joined_runs(runs: list[list[int]], letter: float) -> list[list[int]]:
    runs = [list(r) for r in runs]
    k = 0
    while k < len(runs):
        if runs[k][1] - runs[k][0] >= 0.6 * letter or len(runs) == 1:
            k += 1
            continue
        before = runs[k][0] - runs[k - 1][1] if k else 10**6
        after = runs[k + 1][0] - runs[k][1] if k + 1 < len(runs) else 10**6
        other = k - 1 if before <= after else k + 1
        together = max(runs[k][1], runs[other][1]) - min(runs[k][0], runs[other][0])
        if min(before, after) > 0.6 * letter or together > 1.7 * letter:
            k += 1
            continue
        first = min(k, other)
        runs[first : first + 2] = [[runs[first][0], runs[first + 1][1]]]
        k = max(0, first - 1) if runs[first][1] - runs[first][0] < 0.6 * letter else first + 1
    return runs


def segments(pieces: Sequence[Box], gap: int) -> list[Box]:
    """Pieces of one line joined where no column of pixels parts them by more than ``gap``."""
    out: list[Box] = []
    for b in sorted(pieces):
        if out and b.left - out[-1].right <= gap:
            last = out[-1]
            out[-1] = Box(
                last.left,
                min(last.top, b.top),
                max(last.right, b.right),
                max(last.bottom, b.bottom),
            )
        else:
            out.append(b)
    return out


def place_boxes(
    boxes: Sequence[Box], grids: Sequence[Grid], scale: float
) -> tuple[list[list[list[Box]]], list[Box]]:
    """Pieces of ink by grid and cell, and those outside of all grids."""
    inside: list[list[list[Box]]] = [[[] for _ in g.cells] for g in grids]
    outside: list[Box] = []
    bounds = [g.bbox for g in grids]
    for box in boxes:
        x, y = (box.left + box.right) / 2 / scale, (box.top + box.bottom) / 2 / scale
        for k, (left, top, right, bottom) in enumerate(bounds):
            if left <= x <= right and top <= y <= bottom:
                cell = grids[k].cell_at(x, y)
                if cell >= 0:
                    inside[k][cell].append(box)
                    break
        else:
            outside.append(box)
    return inside, outside
