"""Pages of a PDF as grey pictures, by PDFium. Nothing is read here.

In: an open document of ``pdf_fast.opened`` or the bytes. Out: grey values and their scale; the
page is shown as its boxes are counted (``Locator.bbox``): points from the upper left corner of
the page turned so that its text runs from left to right.
"""

from __future__ import annotations

import ctypes
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from govreport_parse.documents.pdf_fast import opened, text_direction
from govreport_parse.documents.pdf_limits import PdfLimits
from govreport_parse.errors import UnsupportedFormatError

POINTS = 72.0
MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
"""Points that a page may measure; a poster has 3,400."""


class PagePicture(NamedTuple):
    """One page: ``width * height`` grey bytes in rows, 255 is white."""

    number: int
    width: int
    height: int
    grey: bytes
    scale: float
    """Pixels in one point."""


def pdf_pictures(
    data: bytes, numbers: Container[int], *, dpi: float = 120.0, limits: PdfLimits | None = None
) -> Iterator[PagePicture]:
    """The pages of these numbers (from 1), one after the other.

    Pages too large for ``dpi`` are drawn smaller. Raises ``UnsupportedFormatError`` and
    ``LimitExceededError``.
    """
    limits = limits or PdfLimits()
    with opened(data, limits) as (_, count):
        pass
    for index in range(count):
        if index + 1 in numbers:
            # PDFium's lock is not held while the caller looks at a page.
            with opened(data, limits) as (document, _):
                picture = _upright(document, index, dpi)
            yield picture


def _upright(document: Any, index: int, dpi: float) -> PagePicture:
    from pypdfium2 import raw

    page = load_page(document, index)
    try:
        turns = -text_direction(page) % 4
        given = raw.FPDFPage_GetRotation(page)
        return draw_page(page, index, dpi, quarters=(turns - given) % 4)
    finally:
        raw.FPDF_ClosePage(page)


def load_page(document: Any, index: int) -> Any:
    """A page's handle, to be closed by the caller."""
    from pypdfium2 import raw

    page = raw.FPDF_LoadPage(document, index)
    if not page:
        raise UnsupportedFormatError(
            f"page {index + 1} of the PDF cannot be loaded", hint="open it in a viewer, save again"
        )
    return page


def draw_page(
    page: Any, index: int, dpi: float, *, quarters: int = 0, max_pixels: int = MAX_PIXELS
) -> PagePicture:
    """A loaded page as a viewer shows it, turned clockwise by ``quarters`` more."""
    from pypdfium2 import raw

    width, height = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise UnsupportedFormatError(
            f"page {index + 1} measures {width} x {height} points",
            hint="no paper has this size; print the document to PDF again",
        )
    if quarters % 2:
        width, height = height, width
    # Posters are reduced rather than refused.
    dots = min(dpi, (max_pixels * POINTS * POINTS / (width * height)) ** 0.5 * 0.99)
    across, down = max(8, round(width * dots / POINTS)), max(8, round(height * dots / POINTS))
    bitmap = raw.FPDFBitmap_CreateEx(across, down, raw.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        raise UnsupportedFormatError(
            f"page {index + 1} of the PDF cannot be drawn", hint="print the document to PDF again"
        )
    try:
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, quarters, raw.FPDF_ANNOT)
        stride = raw.FPDFBitmap_GetStride(bitmap)
        address = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap), ctypes.c_void_p).value
        content = ctypes.string_at(address or 0, stride * down)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
    if stride != across:
        rows = (content[y * stride : y * stride + across] for y in range(down))
        content = b"".join(rows)
    return PagePicture(index + 1, across, down, content, dots / POINTS)
