"""The fast PDF engine: PDFium's characters and paths through its C interface.

PDFium is asked as seldom as possible: the text of a page in one call, boxes and object types by
calls without argument conversion (a third of the cost of the generated bindings), everything
else only for the few objects that need it. Bounds are checked before each costly step: page
count, then objects of a page before its text is laid out, then characters.

PDFium is not thread-safe: a lock is held while a document is open.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any, Final

from govreport_parse.documents import pdf_hidden
from govreport_parse.documents.page_layout import lay_out
from govreport_parse.documents.pdf_api import LOCK, Api, pdfium
from govreport_parse.documents.pdf_fonts import fonts_for
from govreport_parse.documents.pdf_frame import Frame
from govreport_parse.documents.pdf_garble import is_garbled
from govreport_parse.documents.pdf_letters import characters_of, text_quarter
from govreport_parse.documents.pdf_level import (
    lean_of,
    loaded_page,
    sample,
    saved,
    show_fields,
    turn_back,
)
from govreport_parse.documents.pdf_limits import Budget, PdfLimits, exceeded
from govreport_parse.documents.pdf_page import Page
from govreport_parse.documents.pdf_paths import Paths
from govreport_parse.documents.ruling import find_grids
from govreport_parse.documents.unseen import OPEN
from govreport_parse.errors import UnsupportedFormatError

PICTURE: Final = 0.6
"""Share of the page from which a picture may be what the page is."""
_INVISIBLE = 3

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
    with LOCK, fonts_for(reading=to_read):
        raw = pdfium().raw
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
        return _walk(document, count, Budget(limits, layers))


@contextmanager
def _page(document: Any, index: int, budget: Budget) -> Iterator[tuple[Any, Any, int, int] | None]:
    """Page, text page, object and character count; ``None`` for a page PDFium can't load."""
    raw = pdfium().raw
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


def _walk(document: Any, count: int, budget: Budget) -> list[Page]:
    return [_walk_page(document, index, budget) for index in range(count)]


def _walk_page(document: Any, index: int, budget: Budget) -> Page:
    raw = pdfium().raw
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
    api = pdfium()
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
    raw = pdfium().raw
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
    number: int, handle: Any, text: Any, objects: int, characters: int, budget: Budget
) -> Page:
    api = pdfium()
    frame = Frame(api, handle)
    paths = Paths(api, budget)
    paths.walk(ctypes.cast(handle, ctypes.c_void_p), objects, api.get_object, None, ())
    letters, boxes, unmapped, slanted = characters_of(api, text, characters)
    frame.turn(text_quarter(api, text, characters) if characters else 0)
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


def text_direction(page: Any) -> int:
    """Direction of most of the text of a loaded page in user space, in quarter turns clockwise."""
    api = pdfium()
    text = api.raw.FPDFText_LoadPage(page)
    if not text:
        return 0
    try:
        count = api.raw.FPDFText_CountChars(text)
        return text_quarter(api, text, count) if count > 0 else 0
    finally:
        api.raw.FPDFText_ClosePage(text)


def _is_hidden(api: Api, text: Any, count: int) -> bool:
    raw = api.raw
    step = max(1, count // 12)
    seen = []
    for i in range(0, count, step):
        item = raw.FPDFText_GetTextObject(text, i)
        if item:
            seen.append(raw.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE)
    return bool(seen) and sum(seen) * 2 > len(seen)
