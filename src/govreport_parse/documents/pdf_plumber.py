"""The reference PDF engine: pdfplumber's characters, lines and table finder.

It shares no code with the fast engine up to the cells: characters come from pdfminer, cells from
pdfplumber's search for rectangles. pdfplumber alone loses the first row after a page break when
the generator draws no border there (Chromium), so open ends of a group of rulings are closed
first (PERFORMANCE.md). Shading behind text (filled boxes without a border) is no ruling here.

pdfminer has no bounds of its own: documents must have passed ``pdf_scan`` and PDFium's counts.
"""

from __future__ import annotations

import io
import logging
import struct
import unicodedata
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from math import atan2
from typing import Any, NamedTuple

from govreport_parse.documents.page_layout import lay_out
from govreport_parse.documents.pdf_garble import is_garbled
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.documents.pdf_marks import (
    Char,
    is_slanted,
)
from govreport_parse.documents.pdf_page import (
    Page,
)
from govreport_parse.documents.ruling import SNAP, Closed, Grid, GridCell, Piece, close_groups
from govreport_parse.documents.unseen import CLOSE, OPEN
from govreport_parse.errors import GovReportError, UnsupportedFormatError
from govreport_parse.text import fold

_THIN = 3.0
_FIGURES = frozenset("0123456789０１２３４５６７８９.．-−－+")
_MAX_CROSSINGS = 12_000
"""pdfplumber's search for cells is quadratic in the crossings of rulings."""


@contextmanager
def _typed() -> Iterator[None]:
    """Anything pdfplumber and pdfminer raise, as ``UnsupportedFormatError``.

    On damaged files pdfminer leaks nearly every builtin exception.
    """
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    try:
        yield
    except GovReportError:
        raise
    except (
        PSException,
        MalformedPDFException,
        PdfminerException,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
        zlib.error,
    ) as error:
        raise UnsupportedFormatError(
            f"pdfplumber can't read this PDF: {type(error).__name__}",
            hint='try the engine "fast", or save the document again in a viewer',
            context={"cause": type(error).__name__},
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """pdfminer warns of each odd font by logging; that is no news for our callers."""
    logger = logging.getLogger("pdfminer")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class Reading(NamedTuple):
    """How many pages the document has, and those that were read."""

    size: int
    pages: list[Page]


Hidden = Mapping[int, Sequence[tuple[float, float]]]
"""Page number to the middles of the digits that are not seen there."""


def read_pages(
    data: bytes, limits: PdfLimits, only: Container[int] | None = None, hidden: Hidden | None = None
) -> Reading:
    """The pages of a document by pdfplumber; ``only``: those of these numbers, from 1.

    pdfminer does not tell what is seen: ``hidden`` says it.
    """
    with _typed():
        import pdfplumber

        with _quiet(), pdfplumber.open(io.BytesIO(data)) as document:
            count = len(document.pages)
            if count > limits.max_pages:
                raise exceeded("pages", count, limits.max_pages)
            out = []
            for number, page in enumerate(document.pages, 1):
                if only is None or number in only:
                    out.append(_read_page(number, page, limits, (hidden or {}).get(number, ())))
                    page.close()
            return Reading(count, out)


def _read_page(
    number: int, source: Any, limits: PdfLimits, hidden: Sequence[tuple[float, float]]
) -> Page:
    quarter = _text_quarter(source.chars)
    turned = _Turned(source.bbox, quarter)
    page = Page(number, turned.width, turned.height)
    inked = [c for c in source.chars if c["x1"] != c["x0"] and c["text"]]
    level = [c for c in inked if not is_slanted(atan2(c["matrix"][1], c["matrix"][0]))]
    if 10 * len(level) >= len(inked):
        page.watermark = len(inked) - len(level)
        inked = level
    chars = [turned.char(c) for c in inked]
    if hidden:
        chars = [_marked(c, hidden) for c in chars]
        page.hidden_digits = list(hidden)
    page.characters = len(chars)
    page.unmapped = sum(_is_unmapped(c[0]) for c in chars)
    if is_garbled("".join([c[0] for c in chars])):
        page.unmapped = page.characters
    horizontal, vertical = turned.rulings(*_rulings(source))
    lay_out(page, chars, horizontal, _grids(horizontal, vertical, limits))
    area = max(turned.width * turned.height, 1.0)
    pictures = [(i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) for i in source.images]
    page.picture_share = min(1.0, max(pictures, default=0.0) / area)
    return page


def _marked(char: Char, hidden: Sequence[tuple[float, float]]) -> Char:
    text, x0, x1, y0, y1 = char
    near = 0.3 * (x1 - x0), 0.5 * (y1 - y0)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if text[-1:] in _FIGURES and any(
        abs(a - x) <= near[0] and abs(b - y) <= near[1] for a, b in hidden
    ):
        return f"{OPEN}{text}{CLOSE}", x0, x1, y0, y1
    return char


def _is_unmapped(text: str) -> bool:
    return text.startswith("(cid:") or (
        len(text) == 1 and (text < " " or "\ud800" <= text <= "\uf8ff" or text >= "\ufffd")
    )


def _text_quarter(chars: list[dict[str, Any]]) -> int:
    """Direction of most of the text as shown, in quarter turns clockwise."""
    votes = [0, 0, 0, 0]
    for char in chars[:: max(1, len(chars) // 24)]:
        a, b = char["matrix"][0], char["matrix"][1]
        if abs(a) >= abs(b):
            votes[0 if a >= 0 else 2] += 1
        else:
            votes[1 if b < 0 else 3] += 1
    return votes.index(max(votes)) if chars else 0


class _Turned:
    """pdfplumber's page coordinates, turned so that the text runs from left to right."""

    def __init__(self, frame: tuple[float, float, float, float], quarter: int) -> None:
        self._left, self._top = float(frame[0]), float(frame[1])
        width, height = float(frame[2]) - self._left, float(frame[3]) - self._top
        self._size = (width, height)
        self._quarter = quarter
        self.width, self.height = (height, width) if quarter % 2 else (width, height)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, ...]:
        """Left, top, right, bottom as shown."""
        width, height = self._size
        x0, x1, y0, y1 = x0 - self._left, x1 - self._left, y0 - self._top, y1 - self._top
        if self._quarter == 1:
            return y0, width - x1, y1, width - x0
        if self._quarter == 2:
            return width - x1, height - y1, width - x0, height - y0
        if self._quarter == 3:
            return height - y1, x0, height - y0, x1
        return x0, y0, x1, y1

    def char(self, char: dict[str, Any]) -> Char:
        """One character of pdfplumber."""
        left, top, right, bottom = self.box(char["x0"], char["top"], char["x1"], char["bottom"])
        text: str = char["text"]
        if "\u2e80" <= text <= "\u2fdf":
            text = _character(text)
        return text, left, right, top, bottom

    def rulings(
        self, horizontal: list[Piece], vertical: list[Piece]
    ) -> tuple[list[Piece], list[Piece]]:
        """Rulings as shown."""
        boxes = [self.box(a, y, b, y) for y, a, b in horizontal]
        boxes += [self.box(x, a, x, b) for x, a, b in vertical]
        level = [(top, left, right) for left, top, right, bottom in boxes if top == bottom]
        upright = [(left, top, bottom) for left, top, right, bottom in boxes if left == right]
        return level, upright


@cache
def _character(radical: str) -> str:
    """What a radical stands for: PDFs of Chromium name ⼀ for 一, which PDFium undoes itself."""
    plain = unicodedata.normalize("NFKC", radical)
    # The norm makes of U+2F3E the traditional 戶; fonts mean 户.
    return "户" if radical == "\u2f3e" else plain if plain != radical else fold(radical) or radical


def _rulings(page: Any) -> tuple[list[Piece], list[Piece]]:
    horizontal: list[Piece] = []
    vertical: list[Piece] = []
    for item in [*page.lines, *page.rects]:
        x0, x1, top, bottom = item["x0"], item["x1"], item["top"], item["bottom"]
        if bottom - top <= _THIN:
            if x1 - x0 > _THIN:
                horizontal.append(((top + bottom) / 2, x0, x1))
        elif x1 - x0 <= _THIN:
            vertical.append(((x0 + x1) / 2, top, bottom))
        elif item["object_type"] == "rect" and item["stroke"]:
            horizontal += [(top, x0, x1), (bottom, x0, x1)]
            vertical += [(x0, top, bottom), (x1, top, bottom)]
    for outer, inner in pairwise(page.rects):
        _add_frame(outer, inner, horizontal, vertical)
    for edge in page.curve_edges:
        x0, x1, top, bottom = edge["x0"], edge["x1"], edge["top"], edge["bottom"]
        if edge["orientation"] == "h" and x1 - x0 > 0.5:
            horizontal.append((top, x0, x1))
        elif edge["orientation"] == "v" and bottom - top > 0.5:
            vertical.append((x0, top, bottom))
    return horizontal, vertical


def _add_frame(
    outer: dict[str, Any], inner: dict[str, Any], horizontal: list[Piece], vertical: list[Piece]
) -> None:
    """A filled box less a box inside of it: a border without a line (WeasyPrint)."""
    sides = ("x0", "x1", "top", "bottom")
    if outer["stroke"] or inner["stroke"]:
        return
    if any(abs(outer[s] - inner[s]) > _THIN for s in sides):
        return
    x0, x1, top, bottom = ((outer[s] + inner[s]) / 2 for s in sides)
    if x1 - x0 > _THIN and bottom - top > _THIN:
        horizontal += [(top, x0, x1), (bottom, x0, x1)]
        vertical += [(x0, top, bottom), (x1, top, bottom)]


def _grids(horizontal: list[Piece], vertical: list[Piece], limits: PdfLimits) -> list[Grid]:
    """Groups of rulings, closed, as grids made of pdfplumber's cells."""
    from pdfplumber import table

    out = []
    for group in close_groups(horizontal, vertical, limit=limits.max_grid_places):
        crossings = len(group.horizontal) * len(group.vertical)
        if crossings > _MAX_CROSSINGS:
            raise exceeded("ruling lines on a page", crossings, _MAX_CROSSINGS)
        edges = [_edge("h", p) for p in group.horizontal] + [_edge("v", p) for p in group.vertical]
        merged = table.merge_edges(edges, SNAP, SNAP, SNAP, SNAP)
        boxes = table.intersections_to_cells(table.edges_to_intersections(merged, SNAP, SNAP))
        if boxes:
            out.append(_as_grid(boxes, group))
    return out


def _edge(orientation: str, piece: Piece) -> dict[str, Any]:
    at, start, end = piece
    if orientation == "h":
        box = {"x0": start, "x1": end, "top": at, "bottom": at}
    else:
        box = {"x0": at, "x1": at, "top": start, "bottom": end}
    return {
        **box,
        "orientation": orientation,
        "width": box["x1"] - box["x0"],
        "height": box["bottom"] - box["top"],
        "object_type": "line",
    }


def _as_grid(boxes: list[tuple[float, float, float, float]], group: Closed) -> Grid:
    xs = _distinct([b[0] for b in boxes] + [b[2] for b in boxes])
    ys = _distinct([b[1] for b in boxes] + [b[3] for b in boxes])
    grid = Grid(xs, ys, [], [[-1] * (len(xs) - 1) for _ in ys[1:]])
    grid.open_top, grid.open_bottom = group.open_top, group.open_bottom
    grid.spills = group.spills
    for left, top, right, bottom in sorted(boxes, key=lambda b: (b[1], b[0])):
        i0, i1 = _index(ys, top), _index(ys, bottom)
        j0, j1 = _index(xs, left), _index(xs, right)
        for i in range(i0, i1):
            for j in range(j0, j1):
                grid.places[i][j] = len(grid.cells)
        grid.cells.append(GridCell(i0, j0, i1 - i0, j1 - j0, (left, top, right, bottom)))
    return grid


def _distinct(values: list[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > SNAP:
            out.append(value)
    return out


def _index(values: list[float], value: float) -> int:
    return min(range(len(values)), key=lambda i: abs(values[i] - value))
