"""Digits that are in a PDF but may not be seen on its page.

White or transparent ink, the invisible mode of painting, a clip that leaves them out, a box or a
picture painted over them, a layer that is off, a place outside of the page: the text of the file
has them all the same, and read as a part of a number they make another one. What the file says of
each digit only casts a suspicion (white digits on a dark ground are seen); the page is then drawn,
and a digit without ink in its box is hidden. Pages without suspicion are never drawn; on pages that
would cost too much to draw the suspicion is enough.

Digits that are there but can't be read as they stand (squeezed into a line, on their heads) are
treated alike. Hidden digits come out as ``⟦5⟧``, as in HTML: a cell with one is no number.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from math import cos, pi
from typing import Any, NamedTuple

from govreport_parse.documents.unseen import CLOSE, OPEN

DIGITS = re.compile("[0-9０-９]|(?<=[0-9０-９])[.．]|[-−－+](?=[0-9０-９])")
"""Digits, and the signs at them that make another number of them."""

Order = tuple[int, ...]
"""When an object is painted: its place on the page, and inside of the form that stands there."""
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_INVISIBLE = frozenset((3, 7))
_STROKED = frozenset((1, 5))
_LIGHT = 190
"""Value of each colour from which ink may be hard to see on paper, of 255."""
_FAINT = 128
"""Opacity below which it may be, of 255."""
_REACH = 1.0
"""Points that a clip may cut off a letter's box."""
_LAYER = "OC\0".encode("utf-16-le")
_BATCH = 1024
_DPI = 144.0
_CONTRAST = 40
"""Least difference in grey between a digit and its ground, of 255."""
_NARROW = 0.1
"""Width of a digit, as a share of its height, below which nobody can read it."""
_OVERLAP = 0.2
"""Share of a digit's width that lies on another one which is drawn there as well."""


class Painted(NamedTuple):
    """What a page's objects are, as far as they may cover text."""

    covers: Sequence[tuple[Order, Box]]
    """Filled boxes and pictures on the page, in user space."""
    layers: bool
    """Whether the document may have layers that can be switched off."""
    is_light: Callable[[], bool]
    """Asked before the page is drawn: whether that is cheap."""
    orders: Callable[[], Callable[[int], Order]]
    """Makes what gives, for the address of a text object, when it is painted."""


class Calls:
    """PDFium's functions for this, bound without argument conversion by ``bind``."""

    def __init__(self, bind: Callable[[str, Any], Any], handle: Any) -> None:
        number = ctypes.c_int
        self.object = bind("FPDFText_GetTextObject", handle)
        self.mode = bind("FPDFTextObj_GetTextRenderMode", number)
        self.fill = bind("FPDFPageObj_GetFillColor", number)
        self.stroke = bind("FPDFPageObj_GetStrokeColor", number)
        self.angle = bind("FPDFText_GetCharAngle", ctypes.c_float)
        self.bounds = bind("FPDFPageObj_GetBounds", number)
        self.clip = bind("FPDFPageObj_GetClipPath", handle)
        self.clip_paths = bind("FPDFClipPath_CountPaths", number)
        self.clip_segments = bind("FPDFClipPath_CountPathSegments", number)
        self.clip_segment = bind("FPDFClipPath_GetPathSegment", handle)
        self.point = bind("FPDFPathSegment_GetPoint", number)
        self.marks = bind("FPDFPageObj_CountMarks", number)
        self.mark = bind("FPDFPageObj_GetMark", handle)
        self.mark_name = bind("FPDFPageObjMark_GetName", number)
        self.name = (ctypes.c_char * 8)()
        self.name_size = (ctypes.c_ulong * 1)()
        self.name_slots = (
            ctypes.c_void_p(ctypes.addressof(self.name)),
            ctypes.c_ulong(ctypes.sizeof(self.name)),
            ctypes.c_void_p(ctypes.addressof(self.name_size)),
        )
        self.colours = (ctypes.c_uint * (4 * _BATCH))()
        start = ctypes.addressof(self.colours)
        self.colour_slots = [
            [ctypes.c_void_p(start + 4 * (4 * i + k)) for i in range(_BATCH)] for k in range(4)
        ]
        self.values: Any = memoryview(self.colours).cast("B").cast("I")
        self.numbers = (ctypes.c_float * 4)()
        start = ctypes.addressof(self.numbers)
        self.number_slots = [ctypes.c_void_p(start + 4 * k) for k in range(4)]


def hidden_digits(
    calls: Calls,
    page: Any,
    text: Any,
    letters: str,
    boxes: Sequence[Sequence[float]],
    painted: Painted,
    frame: Box,
    quarter: int = 0,
) -> list[int]:
    """Indices of the digits that have no ink of their own on the page.

    ``boxes``: left, top, right and bottom of each character in user space; ``frame``: the page;
    ``quarter``: direction of the page's text in quarter turns.
    """
    at = [m.start() for m in DIGITS.finditer(letters)]
    if not at:
        return []
    unseen = _unreadable(at, boxes, frame) | _turned_over(calls, text, at, quarter)
    suspects = _suspects(calls, text, at, boxes, painted) - unseen
    if suspects:
        others = [i for i in at if i not in suspects]
        double = {i for i in suspects if _is_on_another(i, others, boxes)}
        rest = suspects - double
        if rest and painted.is_light():
            rest = _without_ink(page, rest, boxes)
        unseen |= double | rest
    return sorted(unseen)


def marked(letters: str, hidden: Iterable[int]) -> list[str]:
    """The characters, hidden ones set apart."""
    out = list(letters)
    for i in hidden:
        out[i] = f"{OPEN}{out[i]}{CLOSE}"
    return out


# -- suspicion -------------------------------------------------------------------------------------


def _suspects(
    calls: Calls, text: Any, at: list[int], boxes: Sequence[Sequence[float]], painted: Painted
) -> set[int]:
    handle = ctypes.cast(text, ctypes.c_void_p)
    items = list(map(calls.object, repeat(handle), at))
    keys = [item.value or 0 for item in items]
    # One look at each piece of text: whole numbers mostly are one.
    pieces = dict(zip(keys, items, strict=True))
    pieces.pop(0, None)
    doubtful: set[int] = set()
    for start in range(0, len(pieces), _BATCH):
        batch = list(pieces.items())[start : start + _BATCH]
        doubtful.update(_doubtful(calls, batch, layers=painted.layers))
    found = {i for i, key in zip(at, keys, strict=True) if key in doubtful} if doubtful else set()
    if painted.covers:
        found |= _covered(at, keys, boxes, painted)
    return found


def _doubtful(calls: Calls, pieces: list[tuple[int, Any]], *, layers: bool) -> set[int]:
    """Keys of the pieces whose ink may not be seen, or not all of it."""
    items = [item for _, item in pieces]
    modes = list(map(calls.mode, items))
    ctypes.memset(calls.colours, 0, 16 * len(items))
    deque(map(calls.fill, items, *calls.colour_slots), 0)
    v = calls.values[: 4 * len(items)].tolist()
    clips = list(map(calls.clip_paths, map(calls.clip, items)))
    marks = list(map(calls.marks, items)) if layers else [0] * len(items)
    usual = not any(modes) and max(v[0::4]) <= _LIGHT and min(v[3::4]) >= _FAINT
    if usual and max(clips) <= 0 and max(marks) <= 0:
        return set()
    found: set[int] = set()
    for k, (key, item) in enumerate(pieces):
        ink = v[4 * k : 4 * k + 4]
        if modes[k] in _STROKED:
            calls.stroke(item, *[slots[0] for slots in calls.colour_slots])
            ink = calls.values[:4].tolist()
        if (
            modes[k] in _INVISIBLE
            or ink[3] < _FAINT
            or min(ink[:3]) > _LIGHT
            or _is_clipped(calls, item, clips[k])
            or _is_in_layer(calls, item, marks[k])
        ):
            found.add(key)
    return found


def _is_clipped(calls: Calls, item: Any, count: int) -> bool:
    """Whether one of ``count`` clips, with straight sides, leaves out a part of the object."""
    if count <= 0:
        return False
    clip = calls.clip(item)
    calls.bounds(item, *calls.number_slots)
    left, bottom, right, top = calls.numbers
    for k in range(count):
        if not 4 <= calls.clip_segments(clip, k) <= 5:
            continue
        x, y = calls.number_slots[:2]
        calls.point(calls.clip_segment(clip, k, 0), x, y)
        x0, y0 = calls.numbers[:2]
        calls.point(calls.clip_segment(clip, k, 2), x, y)
        x1, y1 = calls.numbers[:2]
        if (
            min(x0, x1) > left + _REACH
            or max(x0, x1) < right - _REACH
            or min(y0, y1) > bottom + _REACH
            or max(y0, y1) < top - _REACH
        ):
            return True
    return False


def _is_in_layer(calls: Calls, item: Any, count: int) -> bool:
    """Whether one of ``count`` marks puts the object into a layer, which may be switched off."""
    for k in range(count):
        calls.mark_name(calls.mark(item, k), *calls.name_slots)
        if calls.name_size[0] == len(_LAYER) and calls.name.raw[: len(_LAYER)] == _LAYER:
            return True
    return False


def _covered(
    at: list[int], keys: list[int], boxes: Sequence[Sequence[float]], painted: Painted
) -> set[int]:
    lefts, tops, rights, bottoms = boxes
    level = sorted((tops[i] + bottoms[i], i, key) for i, key in zip(at, keys, strict=True))
    heights = [y for y, _, _ in level]
    found: set[int] = set()
    order_of: Callable[[int], Order] | None = None
    for order, (left, bottom, right, top) in painted.covers:
        first, last = bisect_left(heights, 2 * bottom), bisect_right(heights, 2 * top)
        for _, i, key in level[first:last]:
            if left < (lefts[i] + rights[i]) / 2 < right:
                if order_of is None:
                    order_of = painted.orders()
                if order_of(key) < order:
                    found.add(i)
    return found


def _unreadable(at: list[int], boxes: Sequence[Sequence[float]], frame: Box) -> set[int]:
    """Digits outside of the page, and those squeezed into a line."""
    lefts, tops, rights, bottoms = boxes
    left, bottom, right, top = frame
    found: set[int] = set()
    for i in at:
        x0, y0, x1, y1 = lefts[i], bottoms[i], rights[i], tops[i]
        inside = left <= (x0 + x1) / 2 <= right and bottom <= (y0 + y1) / 2 <= top
        width, height = x1 - x0, y1 - y0
        if not inside or width < _NARROW * height or height < _NARROW * width:
            found.add(i)
    return found


def _turned_over(calls: Calls, text: Any, at: list[int], quarter: int) -> set[int]:
    """Digits that stand on their heads or are mirrored, other than most of the page's text."""
    angles = list(map(calls.angle, repeat(ctypes.cast(text, ctypes.c_void_p)), at))
    usual = quarter * pi / 2
    if max(angles) - min(angles) < 1.0 and abs(angles[0] - usual) < 1.0:
        return set()
    return {i for i, a in zip(at, angles, strict=True) if cos(a - usual) < -0.9}


# -- proof -----------------------------------------------------------------------------------------


def _is_on_another(i: int, others: list[int], boxes: Sequence[Sequence[float]]) -> bool:
    """Another digit is drawn at the same place: ink there is not that of this one."""
    lefts, tops, rights, bottoms = boxes
    needed = _OVERLAP * (rights[i] - lefts[i])
    return any(
        min(rights[i], rights[k]) - max(lefts[i], lefts[k]) > needed
        and min(tops[i], tops[k]) > max(bottoms[i], bottoms[k])
        for k in others
    )


def _without_ink(page: Any, suspects: set[int], boxes: Sequence[Sequence[float]]) -> set[int]:
    from govreport_parse.documents.page_picture import draw_page

    picture = draw_page(page, 0, _DPI)
    lefts, tops, rights, bottoms = boxes
    out = set()
    for i in suspects:
        area = _pixels(page, picture, (lefts[i], bottoms[i], rights[i], tops[i]))
        if not area or max(area) - min(area) < _CONTRAST:
            out.add(i)
    return out


def _pixels(page: Any, picture: Any, box: Box) -> bytes:
    """Grey values inside of a box, a little within its sides: a ruling may run along them."""
    from pypdfium2 import raw

    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for px, py in ((box[0], box[1]), (box[2], box[3])):
        raw.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, px, py, x, y)
        corners.append((x.value, y.value))
    (ax, ay), (bx, by) = corners
    x0, x1 = max(min(ax, bx) + 1, 0), min(max(ax, bx), picture.width)
    y0, y1 = max(min(ay, by) + 1, 0), min(max(ay, by), picture.height)
    width = picture.width
    return b"".join([picture.grey[r * width + x0 : r * width + x1] for r in range(y0, y1)])
