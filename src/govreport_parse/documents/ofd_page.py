"""What is drawn on one page of an OFD file -> characters and rulings.

Places are millimetres with y downwards. An object's own coordinates go through its matrix, then
by the corner of its boundary (GB/T 33190-2016, 8.5); those of a group's objects through the
group's too. A character stands where ``TextCode`` puts its origin on the base line; its width is
not told and is estimated (a square for ideographs, half of it for letters and digits), but never
reaches the next one. Digits that are drawn in white, transparent, painted over or outside of the
page are listed as hidden.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, repeat
from math import atan2, cos, pi, radians, sin
from typing import Any

from govreport_parse.documents.matrices import Matrix, apply, product
from govreport_parse.documents.ofd_package import (
    Resources,
    SheetOfPaper,
    box_of,
    children,
    local,
    numbers,
)
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.documents.pdf_marks import DIGITS, Char, is_slanted
from govreport_parse.documents.ruling import Piece
from govreport_parse.documents.unseen import NEARLY_WHITE

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points."""

_POINTS = 72 / 25.4
_AS_POINTS: Matrix = (_POINTS, 0.0, 0.0, _POINTS, 0.0, 0.0)
_ABOVE, _BELOW = 0.88, 0.12
"""What a character reaches over and under its base line, in em."""
_THIN = 3.0
"""Points up to which a filled box is a ruling."""
_LEVEL = 0.5
"""Points that a ruling may be out of true."""
_MAX_DEPTH = 8
_LIGHT = NEARLY_WHITE / 255
_CLEAR = 0.1
"""Opacity below which nothing is seen."""
_MAX_COMPARED = 20_000_000
_SIGNS = DIGITS | frozenset(".．-－—")


@dataclass(slots=True)
class Drawn:
    """What a page shows, in points from its upper left corner, its text from left to right."""

    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    """Which digits and signs among the characters are not seen."""
    horizontal: list[Piece] = field(default_factory=list)
    vertical: list[Piece] = field(default_factory=list)
    picture: float = 0.0
    """Area of the largest picture."""
    slanted: int = 0
    """Characters left out since they are slanted: a watermark."""
    objects: int = 0


def draw(sheet: SheetOfPaper, limits: PdfLimits) -> Drawn:
    """All that is drawn on a page. Raises ``LimitExceededError``."""
    left, top, width, height = sheet.box
    board = _Board(sheet.resources, limits, width * _POINTS, height * _POINTS)
    start = product((1.0, 0.0, 0.0, 1.0, -left, -top), _AS_POINTS)
    for root in sheet.layers or ():
        for content in children(root, "Content"):
            for layer in children(content, "Layer"):
                style = board.style_of(layer, None)
                board.block(layer, start, style, 0)
    return board.finished()


@dataclass(frozen=True, slots=True)
class _Style:
    """Colours that a layer or object hands on."""

    fill: float | None = None
    """Brightness, 0 to 1; ``None``: black, or no plain colour."""
    alpha: float = 1.0


class _Board:
    def __init__(
        self, resources: Resources, limits: PdfLimits, width: float, height: float
    ) -> None:
        self.resources = resources
        self.limits = limits
        self.out = Drawn(width, height)
        self._turns = [0, 0, 0, 0]
        self._orders: list[int] = []
        """When each character was drawn."""
        self._faint: list[bool] = []
        """Whether it is drawn in a colour of paper, or transparent."""
        self._fills: list[tuple[int, Box, bool]] = []
        """When what is filled was drawn, its box, and whether it is dark."""

    # -- objects -----------------------------------------------------------------------------------

    def block(self, block: Any, matrix: Matrix, style: _Style, depth: int) -> None:
        """The objects of a layer or group."""
        for item in block:
            kind = local(item)
            if not kind or item.get("Visible") == "false":
                continue
            if kind == "PageBlock" and depth < _MAX_DEPTH:
                self.block(item, matrix, style, depth + 1)
                continue
            draw_it = _KINDS.get(kind)
            if draw_it is None:
                continue
            self.out.objects += 1
            if self.out.objects > self.limits.max_objects:
                raise exceeded("objects", self.out.objects, self.limits.max_objects)
            own = product(_placed(item), matrix)
            draw_it(self, item, own, self.style_of(item, style), depth)

    def style_of(self, item: Any, given: _Style | None) -> _Style:
        """The colour of an object: its own, that of the style it names, that of its layer."""
        style = given or _Style()
        named = item.get("DrawParam")
        chain: list[Any] = []
        while named and len(chain) < _MAX_DEPTH:
            element = self.resources.styles.get(named)
            if element is None:
                break
            chain.append(element)
            named = element.get("Relative")
        fill, alpha = style.fill, style.alpha
        for element in (*reversed(chain), item):
            for colour in children(element, "FillColor"):
                fill = _brightness(colour)
                alpha = _share(colour.get("Alpha"))
        return _Style(fill, min(alpha, _share(item.get("Alpha"))))

    def group(self, item: Any, matrix: Matrix, style: _Style, depth: int) -> None:
        """A group of objects that stands among the resources."""
        unit = self.resources.units.get(item.get("ResourceID", ""))
        if unit is None or depth >= _MAX_DEPTH:
            return
        for content in children(unit, "Content"):
            self.block(content, matrix, style, depth + 1)

    def picture(self, item: Any, matrix: Matrix, _style: _Style, _depth: int) -> None:
        """A picture fills the unit square of its matrix; without one, its boundary."""
        box = box_of(item.get("Boundary"))
        if item.get("CTM"):
            corners = [apply(matrix, x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
        elif box is not None:
            corners = [apply(matrix, x, y) for x in (0.0, box[2]) for y in (0.0, box[3])]
        else:
            return
        left, top, right, bottom = around = _around(corners)
        self.out.picture = max(self.out.picture, (right - left) * (bottom - top))
        self._fills.append((self.out.objects, around, True))

    def path(self, item: Any, matrix: Matrix, style: _Style, _depth: int) -> None:
        """Straight pieces of what is stroked; thin boxes of what is filled."""
        data = next((d.text or "" for d in children(item, "AbbreviatedData")), "")
        filled = item.get("Fill") == "true" and style.alpha > 0
        stroked = item.get("Stroke") != "false"
        for points, straight in _outlines(data):
            ends = [apply(matrix, x, y) for x, y in points]
            if filled and len(ends) > 2:
                self._filled(_around(ends), style)
            if not stroked:
                continue
            for n, ((x0, y0), (x1, y1)) in enumerate(pairwise(ends)):
                if not straight[n]:
                    continue
                if abs(y1 - y0) <= _LEVEL < abs(x1 - x0):
                    self.out.horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
                elif abs(x1 - x0) <= _LEVEL < abs(y1 - y0):
                    self.out.vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(self.out.horizontal) + len(self.out.vertical) > self.limits.max_objects:
            raise exceeded("rulings", len(self.out.horizontal), self.limits.max_objects)

    def _filled(self, box: Box, style: _Style) -> None:
        left, top, right, bottom = box
        if bottom - top <= _THIN < right - left:
            self.out.horizontal.append(((top + bottom) / 2, left, right))
        elif right - left <= _THIN < bottom - top:
            self.out.vertical.append(((left + right) / 2, top, bottom))
        elif style.alpha > 1 - _CLEAR:
            self._fills.append((self.out.objects, box, (style.fill or 0.0) < _LIGHT))

    def text(self, item: Any, matrix: Matrix, style: _Style, _depth: int) -> None:
        """The characters of a text object."""
        # A program writes it small; without one, the boundary is as high as the letters.
        high = (box_of(item.get("Boundary")) or (0.0, 0.0, 0.0, 0.0))[3]
        size = next(iter(numbers(item.get("Size") or item.get("size"))), abs(high))
        wide = next(iter(numbers(item.get("HScale"))), 1.0)
        reading = next(iter(numbers(item.get("ReadDirection"))), 0.0)
        upright = radians(next(iter(numbers(item.get("CharDirection"))), 0.0))
        drawn = item.get("Fill") != "false" or item.get("Stroke") == "true"
        faint = not drawn or style.alpha < _CLEAR or (style.fill or 0.0) >= _LIGHT
        right = cos(upright), sin(upright)
        angle = _angle(matrix, right)
        x = y = 0.0
        for code in children(item, "TextCode"):
            x = next(iter(numbers(code.get("X"))), x)
            y = next(iter(numbers(code.get("Y"))), y)
            text = "".join(code.itertext())
            if is_slanted(angle):
                self.out.slanted += sum(1 for c in text if not c.isspace())
                continue
            turn = round(angle / (pi / 2)) % 4
            self._turns[turn] += len(text)
            for c, px, py, room in _spread(text, x, y, size, wide, reading, code):
                self._char(c, (px, py), min(_em(c) * size * wide, room), size, right, matrix)
                self._faint.append(faint)
                self._orders.append(self.out.objects)
        if len(self.out.chars) > self.limits.max_characters:
            raise exceeded("characters", len(self.out.chars), self.limits.max_characters)

    def _char(
        self,
        c: str,
        origin: tuple[float, float],
        width: float,
        size: float,
        right: tuple[float, float],
        matrix: Matrix,
    ) -> None:
        (px, py), (rx, ry) = origin, right
        up, down = _ABOVE * size, _BELOW * size
        a = apply(matrix, px + ry * up, py - rx * up)
        b = apply(matrix, px + rx * width - ry * down, py + ry * width + rx * down)
        left, top, end, foot = _around((a, b))
        self.out.chars.append((c, left, end, top, foot))

    # -- the page as a whole -----------------------------------------------------------------------

    def finished(self) -> Drawn:
        """The page turned so that its text runs from left to right."""
        out = self.out
        out.hidden = self._hidden()
        turn = self._turns.index(max(self._turns))
        if turn:
            _turn(out, turn)
        return out

    def _hidden(self) -> list[int]:
        chars = self.out.chars
        digits = [i for i, c in enumerate(chars) if c[0] in _SIGNS]
        if len(digits) * len(self._fills) > _MAX_COMPARED:
            raise exceeded("filled shapes", len(self._fills), _MAX_COMPARED // len(digits))
        found = []
        for i in digits:
            _, x0, x1, y0, y1 = chars[i]
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            faint = self._faint[i]
            seen = 0 <= x <= self.out.width and 0 <= y <= self.out.height
            for order, (left, top, right, bottom), dark in self._fills:
                if left <= x <= right and top <= y <= bottom:
                    if order > self._orders[i]:
                        seen = False
                    elif dark:
                        faint = False  # light letters on a dark ground
            if faint or not seen:
                found.append(i)
        return found


_KINDS = {
    "TextObject": _Board.text,
    "PathObject": _Board.path,
    "ImageObject": _Board.picture,
    "CompositeObject": _Board.group,
}


# -- text ------------------------------------------------------------------------------------------


def _spread(
    text: str, x: float, y: float, size: float, wide: float, reading: float, code: Any
) -> Iterator[tuple[str, float, float, float]]:
    """Each character with its origin and the room up to the next one.

    Distances that are not told repeat the last one; without any, a character's own width counts,
    as programs do it.
    """
    across, down = _distances(code.get("DeltaX")), _distances(code.get("DeltaY"))
    told = across is not None or down is not None
    along = cos(radians(reading)), sin(radians(reading))
    for c in text:
        own = _em(c) * size * wide
        if told:
            dx = next(across) if across is not None else 0.0
            dy = next(down) if down is not None else 0.0
        else:
            dx, dy = own * along[0], own * along[1]
        room = (dx * dx + dy * dy) ** 0.5 or own
        if c not in "\r\n":
            yield c, x, y, room
        x, y = x + dx, y + dy


def _distances(text: str | None) -> Iterator[float] | None:
    """An array of distances, ``g 3 1.5`` being three times 1.5, its last one without end."""
    words = iter((text or "").split())
    groups: list[tuple[float, int]] = []
    for word in words:
        if word.lower() == "g":
            many, value = numbers(next(words, "")), numbers(next(words, ""))
        else:
            many, value = [1.0], numbers(word)
        if not many or not value:
            break
        groups.append((value[0], max(0, int(many[0]))))
    return _without_end(groups) if groups else None


def _without_end(groups: Sequence[tuple[float, int]]) -> Iterator[float]:
    for value, many in groups:
        yield from repeat(value, many)
    yield from repeat(groups[-1][0])


@lru_cache(maxsize=4096)
def _em(c: str) -> float:
    """The estimated width of a character in em."""
    return 1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5


# -- colours, places, outlines -------------------------------------------------------------------


def _share(text: str | None) -> float:
    """An opacity of 0 to 255 as a share; whole where it is not told."""
    found = numbers(text)
    return min(1.0, max(0.0, found[0] / 255)) if found else 1.0


def _brightness(colour: Any) -> float | None:
    """0 (black) to 1; grey has one part, RGB three, CMYK four. ``None`` for patterns."""
    said = colour.get("Value")
    if said is None:
        return None
    parts = []
    for word in said.split():
        try:
            parts.append(int(word[1:], 16) / 255 if word[:1] == "#" else float(word) / 255)
        except ValueError:
            return None
    if len(parts) == 4:
        return max(0.0, 1.0 - max(parts[:3]) - parts[3])
    return min(parts) if parts else None


def _placed(item: Any) -> Matrix:
    """From an object's own coordinates to those of what it stands in."""
    box = box_of(item.get("Boundary")) or (0.0, 0.0, 0.0, 0.0)
    found = numbers(item.get("CTM"))
    if len(found) < 6:
        return (1.0, 0.0, 0.0, 1.0, box[0], box[1])
    a, b, c, d, e, f = found[:6]
    return (a, b, c, d, e + box[0], f + box[1])


def _angle(m: Matrix, right: tuple[float, float]) -> float:
    """The direction of writing on the page, clockwise, in radians."""
    rx, ry = right
    return atan2(m[1] * rx + m[3] * ry, m[0] * rx + m[2] * ry) % (2 * pi)


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_TAKES = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7}
"""Numbers behind each letter; the last two are where the pen ends."""


def _outlines(data: str) -> Iterator[tuple[list[tuple[float, float]], list[bool]]]:
    """The parts of a path: their points, and whether the piece behind each is straight."""
    points: list[tuple[float, float]] = []
    straight: list[bool] = []
    for m in _STEP.finditer(data.replace(",", " ")):
        letter = m[1].upper()
        if letter in ("C", "Z"):
            if len(points) > 1:
                yield [*points, points[0]], [*straight, True]
            points, straight = points[:1], []
            continue
        takes = _TAKES.get(letter)
        found = numbers(m[2])
        if takes is None or len(found) < takes:
            continue
        for at in range(0, len(found) - takes + 1, takes):
            end = found[at + takes - 2], found[at + takes - 1]
            if letter in ("S", "M") and at == 0:
                if len(points) > 1:
                    yield points, straight
                points, straight = [end], []
                continue
            points.append(end)
            straight.append(letter not in ("Q", "B", "A"))
    if len(points) > 1:
        yield points, straight


def _turn(out: Drawn, turn: int) -> None:
    """Turn a page whose text runs downwards (1), upside down (2) or upwards (3)."""
    w, h = out.width, out.height
    if turn == 2:
        out.chars = [(c, w - x1, w - x0, h - y1, h - y0) for c, x0, x1, y0, y1 in out.chars]
        out.horizontal = [(h - y, w - b, w - a) for y, a, b in out.horizontal]
        out.vertical = [(w - x, h - b, h - a) for x, a, b in out.vertical]
        return
    level, upright = out.horizontal, out.vertical
    if turn == 1:
        out.chars = [(c, y0, y1, w - x1, w - x0) for c, x0, x1, y0, y1 in out.chars]
        out.horizontal = [(w - x, a, b) for x, a, b in upright]
        out.vertical = [(y, w - b, w - a) for y, a, b in level]
    else:
        out.chars = [(c, h - y1, h - y0, x0, x1) for c, x0, x1, y0, y1 in out.chars]
        out.horizontal = [(x, h - b, h - a) for x, a, b in upright]
        out.vertical = [(h - y, a, b) for y, a, b in level]
    out.width, out.height = h, w
