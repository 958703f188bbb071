"""Rulings, covers and pictures among the objects of a page, by PDFium."""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any

from govreport_parse.documents import pdf_hidden
from govreport_parse.documents.matrices import Matrix, apply, product
from govreport_parse.documents.pdf_api import BATCH, Api
from govreport_parse.documents.pdf_limits import Budget
from govreport_parse.documents.ruling import Piece

_PATH, _IMAGE, _FORM = 2, 3, 5
_THIN = 3.0
"""Points up to which a filled box is a ruling."""
_MAX_FORM_DEPTH = 30
_MAX_DRAWN = 40
_MAX_OBJECTS = 30_000
_MAX_PIXELS = 30_000_000
"""Pages of a document, objects of a page and pixels of its pictures up to which a page is drawn."""
_MAX_SEGMENTS = 5_000
"""Pieces of one path that are looked at; a path with more is a drawing."""


class Paths:
    """Rulings and the largest picture of a page, in user space."""

    def __init__(self, api: Api, budget: Budget) -> None:
        self.api = api
        self.budget = budget
        self.horizontal: list[Piece] = []
        self.vertical: list[Piece] = []
        self.picture = 0.0
        self._pictures: list[Any] = []
        self.covers: list[tuple[pdf_hidden.Order, tuple[float, float, float, float]]] = []
        self._levels: list[tuple[pdf_hidden.Order, list[Any]]] = []
        self._box = (ctypes.c_float * 4)()
        start = ctypes.addressof(self._box)
        self._corners = [ctypes.c_void_p(start + 4 * i) for i in range(4)]
        self._modes = (ctypes.c_int * 2)()
        start = ctypes.addressof(self._modes)
        self._mode_slots = [ctypes.c_void_p(start), ctypes.c_void_p(start + 4)]

    def walk(
        self,
        parent: Any,
        count: int,
        get: Callable[..., Any],
        matrix: Matrix | None,
        place: pdf_hidden.Order,
    ) -> None:
        """Look at every object of a page or form; ``place``: where the form is painted."""
        api = self.api
        items = list(map(get, repeat(parent), range(count)))
        kinds = list(map(api.kind, items))
        self._levels.append((place, items))
        paths = [i for i, kind in enumerate(kinds) if kind == _PATH]
        for start in range(0, len(paths), BATCH):
            self._paths(items, paths[start : start + BATCH], matrix, place)
        if kinds.count(_IMAGE) + kinds.count(_FORM) == 0:
            return
        for i, kind in enumerate(kinds):
            item = items[i]
            if kind == _IMAGE:
                self._image(item, matrix, (*place, i))
            elif kind == _FORM and len(place) < _MAX_FORM_DEPTH:
                inner = max(api.raw.FPDFFormObj_CountObjects(self._cast(item)), 0)
                self.budget.add_objects(inner)
                self.walk(
                    item, inner, api.form_object, _product(self._matrix(item), matrix), (*place, i)
                )

    def painted(self) -> pdf_hidden.Painted:
        """What may cover text."""
        return pdf_hidden.Painted(self.covers, self.budget.layers, self._is_light, self._orders)

    def _is_light(self) -> bool:
        """Whether the page has few objects and small pictures, and few were drawn before."""
        self.budget.drawn += 1
        if self.budget.drawn > _MAX_DRAWN or sum(len(i) for _, i in self._levels) > _MAX_OBJECTS:
            return False
        sides = ctypes.c_uint(), ctypes.c_uint()
        pixels = 0
        for item in self._pictures:
            self.api.raw.FPDFImageObj_GetImagePixelSize(self._cast(item), *sides)
            pixels += sides[0].value * sides[1].value
        return pixels <= _MAX_PIXELS

    def _orders(self) -> Callable[[int], pdf_hidden.Order]:
        address = attrgetter("value")
        levels = [
            (place, dict(zip(map(address, items), range(len(items)), strict=True)))
            for place, items in self._levels
        ]
        if len(levels) == 1:
            at = levels[0][1]
            return lambda key: (at.get(key, -1),)

        def order_of(key: int) -> pdf_hidden.Order:
            return next(((*place, at[key]) for place, at in levels if key in at), ())

        return order_of

    def _cast(self, item: Any) -> Any:
        return ctypes.cast(item, self.api.raw.FPDF_PAGEOBJECT)

    def _matrix(self, item: Any) -> Matrix:
        m = self.api.raw.FS_MATRIX()
        self.api.matrix(item, ctypes.byref(m))
        return (m.a, m.b, m.c, m.d, m.e, m.f)

    def _bounds(self, item: Any, matrix: Matrix | None) -> tuple[float, float, float, float]:
        if not self.api.bounds(item, *self._corners):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = self._box
        return (
            (left, bottom, right, top)
            if matrix is None
            else _turned(matrix, left, bottom, right, top)
        )

    def _image(self, item: Any, matrix: Matrix | None, order: pdf_hidden.Order) -> None:
        left, bottom, right, top = self._bounds(item, matrix)
        self.covers.append((order, (left, bottom, right, top)))
        self._pictures.append(item)
        self.picture = max(self.picture, (right - left) * (top - bottom))

    def _paths(
        self, items: list[Any], at: list[int], matrix: Matrix | None, place: pdf_hidden.Order
    ) -> None:
        api, size = self.api, len(at)
        ctypes.memset(api.boxes, 0, 16 * size)
        deque(map(api.bounds, map(items.__getitem__, at), *api.sides), 0)
        v = api.values[: 4 * size].tolist()
        level, upright = self.horizontal.append, self.vertical.append
        for i, left, bottom, right, top in zip(at, v[0::4], v[1::4], v[2::4], v[3::4], strict=True):
            if matrix is not None:
                left, bottom, right, top = _turned(matrix, left, bottom, right, top)  # noqa: PLW2901
            if top - bottom <= _THIN:
                if right - left > _THIN:
                    level(((top + bottom) / 2, left, right))
            elif right - left <= _THIN:
                upright(((left + right) / 2, bottom, top))
            elif self._drawing(items[i], matrix):
                self.covers.append(((*place, i), (left, bottom, right, top)))

    def _drawing(self, item: Any, matrix: Matrix | None) -> bool:
        """A path that is neither a thin line nor a thin box; whether it is filled."""
        self.api.draw_mode(item, *self._mode_slots)
        filled, stroked = self._modes
        segments = self.api.count_segments(item)
        if segments <= _MAX_SEGMENTS and (stroked or (filled and segments > 5)):
            self._segments(item, segments, bool(stroked), _product(self._matrix(item), matrix))
        return bool(filled)

    def _segments(self, item: Any, count: int, stroked: bool, matrix: Matrix) -> None:
        """Straight pieces of a stroked path, thin boxes and frames of a filled one."""
        around: Sequence[tuple[float, float]] = ()
        for points, closed in self._subpaths(item, count, matrix):
            if not stroked:
                self._thin_box(points)
                self._thin_frame(around, points)
                around = points
                continue
            ends = [*points[1:], points[0]] if closed else points[1:]
            for (x0, y0), (x1, y1) in zip(points, ends, strict=False):
                if abs(y1 - y0) <= 0.5 and abs(x1 - x0) > 0.5:
                    self.horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
                elif abs(x1 - x0) <= 0.5 and abs(y1 - y0) > 0.5:
                    self.vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))

    def _thin_box(self, points: list[tuple[float, float]]) -> None:
        left, bottom, right, top = _extent(points)
        if top - bottom <= _THIN < right - left:
            self.horizontal.append(((top + bottom) / 2, left, right))
        elif right - left <= _THIN < top - bottom:
            self.vertical.append(((left + right) / 2, bottom, top))

    def _thin_frame(
        self, one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
    ) -> None:
        """A box less a box inside of it: a border without a line (WeasyPrint)."""
        if not (4 <= len(one) <= 5 and 4 <= len(other) <= 5):
            return
        a, b = _extent(one), _extent(other)
        if any(abs(p - q) > _THIN for p, q in zip(a, b, strict=True)):
            return
        left, bottom, right, top = ((p + q) / 2 for p, q in zip(a, b, strict=True))
        self.horizontal += [(bottom, left, right), (top, left, right)]
        self.vertical += [(left, bottom, top), (right, bottom, top)]

    def _subpaths(
        self, item: Any, count: int, matrix: Matrix
    ) -> list[tuple[list[tuple[float, float]], bool]]:
        api = self.api
        out: list[tuple[list[tuple[float, float]], bool]] = []
        points: list[tuple[float, float]] = []
        closed = False
        for i in range(count):
            segment = api.segment(item, i)
            api.segment_point(segment, self._corners[0], self._corners[1])
            point = apply(matrix, self._box[0], self._box[1])
            if api.segment_type(segment) == 2:
                if len(points) > 1:
                    out.append((points, closed))
                points, closed = [point], False
                continue
            points.append(point)
            closed = closed or api.segment_close(segment) == 1
        if len(points) > 1:
            out.append((points, closed))
        return out


def _extent(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Left, bottom, right, top."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _turned(
    matrix: Matrix, left: float, bottom: float, right: float, top: float
) -> tuple[float, float, float, float]:
    """A box inside of a form as a box on the page."""
    x0, y0 = apply(matrix, left, bottom)
    x1, y1 = apply(matrix, right, top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _product(inner: Matrix, outer: Matrix | None) -> Matrix:
    return inner if outer is None else product(inner, outer)
