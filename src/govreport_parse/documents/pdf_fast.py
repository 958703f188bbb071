"""The fast PDF engine: PDFium's characters and paths through its C interface.

PDFium is asked as seldom as possible: the text of a page in one call, boxes and object types by
calls without argument conversion (a third of the cost of the generated bindings), everything
else only for the few objects that need it. Bounds are checked before each costly step: page
count, then objects of a page before its text is laid out, then characters.

PDFium is not thread-safe: a lock is held while a document is open.
"""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import repeat
from math import inf
from operator import attrgetter, ne, sub
from threading import Lock
from typing import Any, Final

from govreport_parse.documents import pdf_hidden
from govreport_parse.documents.matrices import Matrix, apply, product
from govreport_parse.documents.page_layout import lay_out
from govreport_parse.documents.pdf_fonts import fonts_for
from govreport_parse.documents.pdf_garble import is_garbled
from govreport_parse.documents.pdf_level import (
    lean_of,
    loaded_page,
    sample,
    saved,
    show_fields,
    turn_back,
)
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.documents.pdf_marks import (
    Char,
    is_slanted,
)
from govreport_parse.documents.pdf_page import (
    Page,
)
from govreport_parse.documents.ruling import Piece, find_grids
from govreport_parse.documents.unseen import OPEN
from govreport_parse.errors import UnsupportedFormatError

_LOCK = Lock()
_BATCH: Final = 4096
_PATH, _IMAGE, _FORM = 2, 3, 5
_THIN = 3.0
"""Points up to which a filled box is a ruling."""
_MAX_FORM_DEPTH = 30
_ALL_SLANTED = 0.9
"""Share of slanted characters from which they are what the page says, not a mark over it."""
_TALL = 1.75
"""Height of a letter's box, in em, that no font needs: Noto has 1.45."""
PICTURE: Final = 0.6
"""Share of the page from which a picture may be what the page is."""
_INVISIBLE = 3
_MAX_DRAWN = 40
_MAX_OBJECTS = 30_000
_MAX_PIXELS = 30_000_000
"""Pages of a document, objects of a page and pixels of its pictures up to which a page is drawn."""
_MAX_SEGMENTS = 5_000
"""Pieces of one path that are looked at; a path with more is a drawing."""


class _Handle(ctypes.c_void_p):
    """A result type that stays a pointer object and so can be passed on unconverted."""


class _Api:
    """PDFium's functions, those of the inner loops bound without argument conversion."""

    def __init__(self) -> None:
        import pypdfium2  # noqa: F401  (initialises the library)
        from pypdfium2 import raw

        self.raw: Any = raw
        self.get_object = self._bind("FPDFPage_GetObject", _Handle)
        self.form_object = self._bind("FPDFFormObj_GetObject", _Handle)
        self.kind = self._bind("FPDFPageObj_GetType", ctypes.c_int)
        self.bounds = self._bind("FPDFPageObj_GetBounds", ctypes.c_int)
        self.draw_mode = self._bind("FPDFPath_GetDrawMode", ctypes.c_int)
        self.count_segments = self._bind("FPDFPath_CountSegments", ctypes.c_int)
        self.segment = self._bind("FPDFPath_GetPathSegment", _Handle)
        self.segment_point = self._bind("FPDFPathSegment_GetPoint", ctypes.c_int)
        self.segment_type = self._bind("FPDFPathSegment_GetType", ctypes.c_int)
        self.segment_close = self._bind("FPDFPathSegment_GetClose", ctypes.c_int)
        self.matrix = self._bind("FPDFPageObj_GetMatrix", ctypes.c_int)
        self.loose_box = self._bind("FPDFText_GetLooseCharBox", ctypes.c_int)
        self.char_box = self._bind("FPDFText_GetCharBox", ctypes.c_int)
        self.char_angle = self._bind("FPDFText_GetCharAngle", ctypes.c_float)
        self.is_generated = self._bind("FPDFText_IsGenerated", ctypes.c_int)
        self.is_unmapped = self._bind("FPDFText_HasUnicodeMapError", ctypes.c_int)
        self.hidden = pdf_hidden.Calls(self._bind, _Handle)
        self.boxes = (ctypes.c_float * (4 * _BATCH))()
        start = ctypes.addressof(self.boxes)
        self.slots = [ctypes.c_void_p(start + 16 * i) for i in range(_BATCH)]
        self.values: Any = memoryview(self.boxes).cast("B").cast("f")
        self.sides = [
            [ctypes.c_void_p(start + 16 * i + 4 * k) for i in range(_BATCH)] for k in range(4)
        ]

    def _bind(self, name: str, result: Any) -> Callable[..., Any]:
        address = ctypes.cast(getattr(self.raw, name), ctypes.c_void_p).value
        return ctypes.PYFUNCTYPE(result)(address)  # type: ignore[arg-type]


@cache
def _api() -> _Api:
    return _Api()


_ERRORS = {
    3: ("this is no PDF, or it is broken", "open it in a viewer and save it again"),
    4: ("the PDF is encrypted and needs a password", "remove the password, then parse again"),
    5: ("the PDF is protected by an unsupported security scheme", "print it to a new PDF"),
}


@contextmanager
def opened(data: bytes, limits: PdfLimits, *, to_read: bool = False) -> Iterator[tuple[Any, int]]:
    """An open document and its number of pages, checked against the limits.

    ``to_read``: its pages are not drawn for people, and so without installed fonts.
    """
    with _LOCK, fonts_for(reading=to_read):
        raw = _api().raw
        document = raw.FPDF_LoadMemDocument64(data, len(data), None)
        if not document:
            code = raw.FPDF_GetLastError()
            message, hint = _ERRORS.get(code, _ERRORS[3])
            raise UnsupportedFormatError(message, hint=hint, context={"pdfium_error": code})
        try:
            count = raw.FPDF_GetPageCount(document)
            if count < 1:
                raise UnsupportedFormatError("the PDF has no pages", hint=_ERRORS[3][1])
            if count > limits.max_pages:
                raise exceeded("pages", count, limits.max_pages)
            yield document, count
        finally:
            raw.FPDF_CloseDocument(document)


def read_pages(data: bytes, limits: PdfLimits) -> list[Page]:
    """All pages of a document by PDFium."""
    with opened(data, limits, to_read=True) as (document, count):
        # Either may stand in an object stream, where it is not looked for.
        layers = b"/OCG" in data or b"/ObjStm" in data
        return _walk(document, count, _Budget(limits, layers))


class _Budget:
    """What is left of the limits of one document."""

    def __init__(self, limits: PdfLimits, layers: bool = True) -> None:
        self.limits = limits
        self.layers = layers
        self.objects = 0
        self.characters = 0
        self.drawn = 0
        """Pages that were drawn to see whether their digits are seen."""

    def add_objects(self, count: int) -> None:
        self.objects += count
        if self.objects > self.limits.max_objects:
            raise exceeded("objects", self.objects, self.limits.max_objects)

    def add_characters(self, count: int) -> None:
        self.characters += count
        if self.characters > self.limits.max_characters:
            raise exceeded("characters", self.characters, self.limits.max_characters)


@contextmanager
def _page(document: Any, index: int, budget: _Budget) -> Iterator[tuple[Any, Any, int, int] | None]:
    """Page, text page, object and character count; ``None`` for a page PDFium can't load."""
    raw = _api().raw
    page = raw.FPDF_LoadPage(document, index)
    if not page:
        yield None
        return
    try:
        objects = raw.FPDFPage_CountObjects(page)
        budget.add_objects(objects)
        text = raw.FPDFText_LoadPage(page)
        try:
            characters = max(raw.FPDFText_CountChars(text), 0) if text else 0
            budget.add_characters(characters)
            yield page, text, objects, characters
        finally:
            if text:
                raw.FPDFText_ClosePage(text)
    finally:
        raw.FPDF_ClosePage(page)


def _walk(document: Any, count: int, budget: _Budget) -> list[Page]:
    return [_walk_page(document, index, budget) for index in range(count)]


def _walk_page(document: Any, index: int, budget: _Budget) -> Page:
    raw = _api().raw
    lean, has_fields = 0.0, False
    # What is changed on a page shows when it is loaded again: at most once for each change.
    while True:
        with _page(document, index, budget) as loaded:
            if loaded is None:
                return Page(index + 1, 0.0, 0.0, broken=True)
            handle, text, _, characters = loaded
            if not has_fields and show_fields(raw, handle):
                has_fields = True
                continue
            if not lean:
                lean = _lean(text, characters)
                if lean:
                    turn_back(raw, handle, lean)
                    continue
            page = _read_page(index + 1, *loaded, budget)
            page.lean, page.has_fields = lean, has_fields
            return page


def _lean(text: Any, count: int) -> float:
    if not count:
        return 0.0
    api = _api()
    handle = ctypes.cast(text, ctypes.c_void_p)
    at = sample(count)
    made_up = map(api.is_generated, repeat(handle), at)
    angles = map(api.char_angle, repeat(handle), at)
    return lean_of([a for a, g in zip(angles, made_up, strict=True) if g != 1])


def as_read(data: bytes, limits: PdfLimits, pages: Iterable[Page]) -> bytes:
    """The document as its pages were read: levelled, form fields as text; the same if as it was."""
    changed = [p for p in pages if p.lean or p.has_fields]
    if not changed:
        return data
    raw = _api().raw
    with opened(data, limits, to_read=True) as (document, _):
        for page in changed:
            if page.has_fields:
                with loaded_page(raw, document, page.number) as handle:
                    show_fields(raw, handle)
            if page.lean:
                with loaded_page(raw, document, page.number) as handle:
                    turn_back(raw, handle, page.lean)
        return saved(raw, document)


def _read_page(
    number: int, handle: Any, text: Any, objects: int, characters: int, budget: _Budget
) -> Page:
    api = _api()
    frame = _Frame(api, handle)
    paths = _Paths(api, budget)
    paths.walk(ctypes.cast(handle, ctypes.c_void_p), objects, api.get_object, None, ())
    letters, boxes, unmapped, slanted = _characters(api, text, characters)
    frame.turn(_text_quarter(api, text, characters) if characters else 0)
    page = Page(number, frame.width, frame.height)
    page.picture_share = min(1.0, paths.picture / max(frame.width * frame.height, 1.0))
    if page.picture_share > PICTURE and characters:
        page.hidden_text = _is_hidden(api, text, characters)
    hidden: list[int] = []
    if not page.hidden_text:
        hidden = pdf_hidden.hidden_digits(
            api.hidden, handle, text, letters, boxes, paths.painted(), frame.box, frame.quarter
        )
        if page.picture_share > PICTURE and 2 * len(hidden) > len(
            pdf_hidden.DIGITS.findall(letters)
        ):
            # Recognised text behind the picture that it was read from.
            page.hidden_text, hidden = True, []
    chars = frame.chars(pdf_hidden.marked(letters, hidden) if hidden else letters, boxes)
    if hidden:
        apart = [c for c in chars if c[0][0] == OPEN and len(c[0]) > 1]
        page.hidden_digits = [((c[1] + c[2]) / 2, (c[3] + c[4]) / 2) for c in apart]
    page.characters, page.objects = len(chars), objects
    page.unmapped = page.characters if is_garbled(letters) else unmapped
    horizontal, vertical = frame.rulings(paths.horizontal, paths.vertical)
    limit = budget.limits.max_grid_places
    grids = find_grids(horizontal, vertical, limit=limit) if horizontal and vertical else []
    page.watermark = slanted
    lay_out(page, chars, horizontal, grids)
    return page


class _Frame:
    """From PDF user space to points from the upper left corner of the shown page."""

    def __init__(self, api: _Api, page: Any) -> None:
        box = api.raw.FS_RECTF()
        api.raw.FPDF_GetPageBoundingBox(page, box)
        self.left: float = box.left
        self.bottom: float = box.bottom
        self.right: float = box.right
        self.top: float = box.top
        self._size: tuple[float, float] = (self.right - self.left, self.top - self.bottom)
        self.quarter: int = api.raw.FPDFPage_GetRotation(page) % 4

    def turn(self, quarter: int) -> None:
        """Show the page so that its text, drawn in this direction, runs from left to right."""
        # The direction of the writing wins over /Rotate: both agree on a sane page.
        self.quarter = quarter

    @property
    def width(self) -> float:
        """Width as shown."""
        return self._size[self.quarter % 2]

    @property
    def height(self) -> float:
        """Height as shown."""
        return self._size[1 - self.quarter % 2]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the page in user space."""
        return self.left, self.bottom, self.right, self.top

    def chars(self, letters: Sequence[str], boxes: _Boxes) -> list[Char]:
        """Characters as shown, without those that PDFium makes up (their boxes are empty)."""
        lefts, tops, rights, bottoms = boxes
        x, y, x_end, y_end = self.left, self.bottom, self.right, self.top
        if self.quarter == 0:
            y0, y1 = [y_end - t for t in tops], [y_end - b for b in bottoms]
            x0, x1 = lefts, rights
            if x:
                x0, x1 = [a - x for a in lefts], [b - x for b in rights]
        elif self.quarter == 1:  # text runs downwards
            x0, x1 = [y_end - t for t in tops], [y_end - b for b in bottoms]
            y0, y1 = [x_end - b for b in rights], [x_end - a for a in lefts]
        elif self.quarter == 2:
            x0, x1 = [x_end - b for b in rights], [x_end - a for a in lefts]
            y0, y1 = [b - y for b in bottoms], [t - y for t in tops]
        else:
            x0, x1 = [b - y for b in bottoms], [t - y for t in tops]
            y0, y1 = [a - x for a in lefts], [b - x for b in rights]
        return [c for c in zip(letters, x0, x1, y0, y1, strict=True) if c[1] != c[2]]

    def rulings(
        self, horizontal: list[Piece], vertical: list[Piece]
    ) -> tuple[list[Piece], list[Piece]]:
        """Rulings (y, x0, x1 and x, y0, y1 in user space) as shown."""
        left, bottom, right, top = self.left, self.bottom, self.right, self.top
        if self.quarter == 0:
            return (
                [(top - y, a - left, b - left) for y, a, b in horizontal],
                [(x - left, top - b, top - a) for x, a, b in vertical],
            )
        if self.quarter == 1:
            return (
                [(right - x, top - b, top - a) for x, a, b in vertical],
                [(top - y, right - b, right - a) for y, a, b in horizontal],
            )
        if self.quarter == 2:
            return (
                [(y - bottom, right - b, right - a) for y, a, b in horizontal],
                [(right - x, a - bottom, b - bottom) for x, a, b in vertical],
            )
        return (
            [(x - left, a - bottom, b - bottom) for x, a, b in vertical],
            [(y - bottom, a - left, b - left) for y, a, b in horizontal],
        )


def _characters(api: _Api, text: Any, count: int) -> tuple[str, _Boxes, int, int]:
    """Characters, their boxes in user space, and how many have no Unicode value to trust.

    The last number is how many were left out as slanted.
    """
    if not count:
        return "", ([], [], [], []), 0, 0
    raw = api.raw
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(text, 0, count, buffer)
    letters = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
    if written != count + 1 or len(letters) != count:
        # PDFium left out what it could not express: ask for each character.
        letters = "".join([chr(_scalar(raw.FPDFText_GetUnicode(text, i))) for i in range(count)])
    boxes = _boxes(api, text, count)
    slanted = _mend_boxes(api, text, letters, boxes)
    unmapped = len(_SUSPECT.findall(letters))
    if unmapped:
        letters = _BROKEN.sub("\ufffd", letters)
    if unmapped * 20 < count:
        unmapped = max(unmapped, _unmapped(api, text, count))
    return letters, boxes, unmapped, slanted


_SUSPECT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\uf8ff\ufffd-\uffff]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


_Boxes = tuple[list[float], list[float], list[float], list[float]]
"""Left, top, right and bottom of every character, in user space."""


def _boxes(api: _Api, text: Any, count: int) -> _Boxes:
    handle = ctypes.cast(text, ctypes.c_void_p)
    flat: list[float] = []
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        ctypes.memset(api.boxes, 0, 16 * size)
        deque(map(api.loose_box, repeat(handle, size), range(start, start + size), api.slots), 0)
        flat += api.values[: 4 * size].tolist()
    return flat[0::4], flat[1::4], flat[2::4], flat[3::4]


def _mend_boxes(api: _Api, text: Any, letters: str, boxes: _Boxes) -> int:
    """Give every character a box of one line's height and its advance's width.

    PDFium's loose box is that for most fonts: all characters of one font and size are equally
    high. Not so for Type 3 fonts (Chromium with CFF fonts), where it is the ink: the dash 一 is
    1 pt high and two digits lie apart; for fonts that don't state their height (LibreOffice),
    where it is as high as the ink and a comma sinks below its line; and for vertical writing,
    where it is absurd. So one character of each height is asked for its ink.

    Slanted characters (watermarks, the round of a stamp) get no box; returned is how many.
    """
    lefts, tops, rights, bottoms = boxes
    heights = list(map(sub, tops, bottoms))
    usual = _height_key(sorted(heights)[len(heights) * 2 // 3])
    # A page has some ten heights: only those are rounded.
    last = dict(zip(heights, range(len(heights)), strict=True))
    samples = {_height_key(height): i for height, i in last.items()}
    ink = _Ink(api, text)
    of_key: dict[int, list[int]] = {}
    slanted: int | None = None
    for key, probe in samples.items():
        if lefts[probe] == rights[probe]:
            continue
        if slanted is None and is_slanted(api.char_angle(ink.handle, probe)):
            slanted = _drop_slanted(api, ink.handle, boxes)
        if lefts[probe] == rights[probe]:
            continue
        box = ink.box(probe)
        is_ink = box[1::2] == (tops[probe], bottoms[probe])
        is_narrow = is_ink and box[0::2] == (lefts[probe], rights[probe])
        is_absurd = key > max(3 * usual, 600)
        is_tall = not is_ink and heights[probe] > _TALL * ink.em(probe)
        if not (is_ink or is_absurd or is_tall):
            continue
        if not of_key:
            for i, height in enumerate(heights):
                of_key.setdefault(_height_key(height), []).append(i)
        for i in of_key[key]:
            if lefts[i] != rights[i]:
                line = ink.line_box(i, letters[i]) if is_ink or is_tall else None
                if is_narrow or is_absurd:
                    lefts[i], tops[i], rights[i], bottoms[i] = line or ink.box(i)
                elif line is not None:
                    tops[i], bottoms[i] = line[1], line[3]
    return slanted or 0


def _drop_slanted(api: _Api, handle: Any, boxes: _Boxes) -> int:
    """Empty the boxes of slanted characters, unless the whole page is slanted; how many."""
    lefts, _, rights, _ = boxes
    size = len(lefts)
    angles = map(api.char_angle, repeat(handle, size), range(size))
    found = [i for i, a in enumerate(angles) if lefts[i] != rights[i] and is_slanted(a)]
    shown = sum(map(ne, lefts, rights))
    if len(found) > _ALL_SLANTED * shown:
        return 0
    for i in found:
        rights[i] = lefts[i]
    return len(found)


def _height_key(height: float) -> int:
    return int(height * 20.0 + 0.5)


class _Ink:
    """Further measures of single characters."""

    def __init__(self, api: _Api, text: Any) -> None:
        self.raw, self.text = api.raw, text
        self._char_box = api.char_box
        self.handle = ctypes.cast(text, ctypes.c_void_p)
        self._numbers = (ctypes.c_double * 4)()
        start = ctypes.addressof(self._numbers)
        self._slots = [ctypes.c_void_p(start + 8 * k) for k in range(4)]
        self._matrix = api.raw.FS_MATRIX()

    def box(self, i: int) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the ink."""
        if not self._char_box(self.handle, i, *self._slots):
            return 0.0, 0.0, 0.0, 0.0
        left, right, bottom, top = self._numbers
        return left, top, right, bottom

    def em(self, i: int) -> float:
        """Size of the letter as drawn; infinite if the writing is not level."""
        m = self._matrix
        if not self.raw.FPDFText_GetMatrix(self.text, i, m) or abs(m.b) + abs(m.c) > abs(m.a):
            return inf
        return float(self.raw.FPDFText_GetFontSize(self.text, i) * abs(m.d)) or inf

    def line_box(self, i: int, letter: str) -> tuple[float, float, float, float] | None:
        """A box from origin and size; ``None`` if the writing is not level."""
        m = self._matrix
        if not self.raw.FPDFText_GetMatrix(self.text, i, m) or abs(m.b) + abs(m.c) > abs(m.a):
            return None
        em = self.raw.FPDFText_GetFontSize(self.text, i) * abs(m.d)
        x, y = ctypes.c_double(), ctypes.c_double()
        if em <= 0.5 or not self.raw.FPDFText_GetCharOrigin(self.text, i, x, y):
            return None
        left, base = x.value, y.value
        width = em if letter > "\u2e7f" else em * 0.5
        return left, base + 0.88 * em, max(self.box(i)[2], left + width), base - 0.12 * em


def _scalar(value: int) -> int:
    return value if 0 < value < 0x110000 else 0xFFFD


def _unmapped(api: _Api, text: Any, count: int) -> int:
    """Characters whose font has no Unicode map, estimated from every so many of them."""
    step = max(1, count // 24)
    handle = ctypes.cast(text, ctypes.c_void_p)
    seen = [api.is_unmapped(handle, i) == 1 for i in range(0, count, step)]
    return int(sum(seen) * count // len(seen))


def _text_quarter(api: _Api, text: Any, count: int) -> int:
    """Direction of most of the text in quarter turns clockwise (0: from left to right)."""
    step = max(1, count // 12)
    votes = [0, 0, 0, 0]
    handle = ctypes.cast(text, ctypes.c_void_p)
    for i in range(0, count, step):
        if api.is_generated(handle, i) == 1:
            continue
        angle = api.char_angle(handle, i)
        if angle >= 0:
            votes[round(angle / 1.5707963) % 4] += 1
    return votes.index(max(votes))


def text_direction(page: Any) -> int:
    """Direction of most of the text of a loaded page in user space, in quarter turns clockwise."""
    api = _api()
    text = api.raw.FPDFText_LoadPage(page)
    if not text:
        return 0
    try:
        count = api.raw.FPDFText_CountChars(text)
        return _text_quarter(api, text, count) if count > 0 else 0
    finally:
        api.raw.FPDFText_ClosePage(text)


def _is_hidden(api: _Api, text: Any, count: int) -> bool:
    raw = api.raw
    step = max(1, count // 12)
    seen = []
    for i in range(0, count, step):
        item = raw.FPDFText_GetTextObject(text, i)
        if item:
            seen.append(raw.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE)
    return bool(seen) and sum(seen) * 2 > len(seen)


class _Paths:
    """Rulings and the largest picture of a page, in user space."""

    def __init__(self, api: _Api, budget: _Budget) -> None:
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
        for start in range(0, len(paths), _BATCH):
            self._paths(items, paths[start : start + _BATCH], matrix, place)
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
