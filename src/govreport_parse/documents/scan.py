"""Scanned pages -> ``Document``: pictures (PNG, JPEG, TIFF) and PDFs without text to trust.

Each page is deskewed, its ruled grids are found, and the text is recognised cell by cell and line
by line (``scan_image``, ``scan_grid``, ``scan_ocr``); tables that run over pages are stitched as
those of PDFs are. Tables carry ``readings``: how surely each cell was read and what else it may
say. A cell without ink is blank; a cell with ink that gave no text has the empty text and
confidence 0, so that blank and unread stay apart. What may be reported of it is decided in
``checks.scanned``.

Needs the extra ``[scan]``; ``ScannedDocumentError`` with a hint without it. Works offline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from govreport_parse.documents.model import Block, Document, Table
from govreport_parse.documents.page_picture import PagePicture, draw_page, load_page
from govreport_parse.documents.pdf_fast import opened
from govreport_parse.documents.pdf_flow import blocks_of
from govreport_parse.documents.pdf_limits import PdfLimits
from govreport_parse.documents.scan_image import (
    POINTS,
    Raster,
    ScanLimits,
    check_pages,
    load_rasters,
    prepare,
    resolution,
)
from govreport_parse.documents.scan_ocr import (
    Recogniser,
    is_available,
    recogniser,
    require_extra,
)
from govreport_parse.documents.scan_page import PageReading, attach_readings, read_page
from govreport_parse.errors import UnsupportedFormatError
from govreport_parse.values import Finding

__all__ = [
    "ScanLimits",
    "is_available",
    "read_image",
    "read_scan",
    "read_scanned_pdf",
    "recognise_pages",
    "render_pages",
    "upright_pictures",
]

_MEDIA = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"BM": "image/bmp",
    b"RIFF": "image/webp",
}

_SAMPLE = 8
"""Words, or pieces of ink, that a page must have to be judged."""
_CLEAR, _FEW_CLEAR, _CLEARER = 0.5, 0.6, 0.2
"""Clarity of an upright page, of one with few words, and the gain a turned one must bring."""


def read_image(
    data: bytes, *, dpi_hint: float | None = None, limits: ScanLimits | None = None
) -> Document:
    """Read a picture file (PNG, JPEG, TIFF with any number of pages, BMP, GIF, WebP).

    Raises ``ScannedDocumentError`` (extra missing), ``UnsupportedFormatError``,
    ``LimitExceededError``.
    """
    require_extra()
    document = _read(load_rasters(data, dpi_hint=dpi_hint, limits=limits))
    document.media_type = next((m for k, m in _MEDIA.items() if data.startswith(k)), "image")
    return document


def read_scanned_pdf(data: bytes, *, limits: ScanLimits | None = None) -> Document:
    """Read a PDF by pictures of its pages. Raises as ``read_image`` does."""
    require_extra()
    document = _read(render_pages(data, limits=limits))
    document.media_type = "application/pdf"
    return document


def read_scan(
    pages: Sequence[bytes | npt.NDArray[Any]],
    *,
    dpi_hint: float | None = None,
    limits: ScanLimits | None = None,
) -> Document:
    """Read pages given as picture files or arrays (grey, or RGB with channels last).

    ``dpi_hint`` is their resolution; without it the file's own, else A4 is assumed. Raises as
    ``read_image`` does.
    """
    require_extra()
    limits = limits or ScanLimits()
    check_pages(len(pages), limits)
    return _read(_rasters(pages, dpi_hint, limits))


def _rasters(
    pages: Iterable[bytes | npt.NDArray[Any]], dpi: float | None, limits: ScanLimits
) -> Iterator[Raster]:
    for page in pages:
        if isinstance(page, bytes):
            yield from load_rasters(page, dpi_hint=dpi, limits=limits)
            continue
        if page.ndim not in (2, 3) or page.size == 0 or page.size > 4 * limits.max_pixels:
            raise UnsupportedFormatError(
                f"an array of shape {page.shape} is no page", hint="rows x columns, or with RGB"
            )
        grey = page if page.ndim == 2 else page[..., :3] @ np.array([0.299, 0.587, 0.114])
        yield Raster(np.asarray(grey, dtype=np.uint8), resolution(grey.shape, dpi))


# -- PDF pages as pictures -------------------------------------------------------------------------


def recognise_pages(
    data: bytes, numbers: Sequence[int], *, limits: ScanLimits | None = None
) -> dict[int, PageReading]:
    """Pages of a PDF by their numbers, as far as there are words to read on them.

    For documents whose other pages have text. Raises as ``read_scanned_pdf`` does.
    """
    require_extra()
    model = recogniser()
    out: dict[int, PageReading] = {}
    rasters = render_pages(data, limits=limits, only=numbers)
    for number, raster in zip(numbers, rasters, strict=True):
        page = _read_upright(number, raster, model)
        # A photograph or a stamp gives a word or two of noise.
        if page.words >= _SAMPLE and page.clarity >= _CLEAR:
            out[number] = page
    return out


def render_pages(
    data: bytes,
    dpi: float | None = None,
    *,
    limits: ScanLimits | None = None,
    only: Sequence[int] | None = None,
) -> Iterator[Raster]:
    """The pages of a PDF as grey pictures, one after the other; ``only``: their numbers.

    Without ``dpi`` a page that is one picture is rendered at its resolution (150 to 300), others
    at 200. Raises ``UnsupportedFormatError``, ``LimitExceededError``.
    """
    limits = limits or ScanLimits()
    bounds = PdfLimits()
    with opened(data, bounds) as (_, count):
        check_pages(count if only is None else len(only), limits)
    for index in range(count) if only is None else [number - 1 for number in only]:
        with opened(data, bounds) as (document, _):
            yield _render(document, index, dpi, limits)


def _render(document: Any, index: int, dpi: float | None, limits: ScanLimits) -> Raster:
    from pypdfium2 import raw

    page = load_page(document, index)
    try:
        drawn = draw_page(page, index, dpi or _native_dpi(raw, page), max_pixels=limits.max_pixels)
    finally:
        raw.FPDF_ClosePage(page)
    grey = np.frombuffer(drawn.grey, np.uint8).reshape(drawn.height, drawn.width)
    return Raster(grey, drawn.scale * POINTS)


def _native_dpi(raw: Any, page: Any) -> float:
    """Resolution of the page's largest picture, within 150 and 300; 200 if there is none."""
    import ctypes

    best, area = 200.0, 0.0
    sides = [ctypes.c_float() for _ in range(4)]
    for k in range(min(raw.FPDFPage_CountObjects(page), 200)):
        item = raw.FPDFPage_GetObject(page, k)
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        meta = raw.FPDF_IMAGEOBJ_METADATA()
        if not raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides)):
            continue
        if not raw.FPDFImageObj_GetImageMetadata(item, page, ctypes.byref(meta)):
            continue
        left, bottom, right, top = (s.value for s in sides)
        size = (right - left) * (top - bottom)
        if size > area and right - left > 100:
            area = size
            longer = max(meta.width, meta.height), max(right - left, top - bottom)
            best = min(300.0, max(150.0, longer[0] * POINTS / longer[1]))
    return best


def upright_pictures(
    data: bytes, quarters: Mapping[int, int], *, is_pdf: bool
) -> Iterator[PagePicture]:
    """Pages as they were seen by the recogniser; ``quarters`` maps their numbers to quarter turns.

    Deskewed, on white, and turned by the quarters that the finding on them names, so that the
    boxes of the document's tables lie on them. Raises as ``read_image`` does.
    """
    require_extra()
    numbers = sorted(quarters)
    rasters: Iterable[tuple[int, Raster]] = (
        zip(numbers, render_pages(data, only=numbers), strict=True)
        if is_pdf
        else enumerate(load_rasters(data), 1)
    )
    for number, raster in rasters:
        if number in quarters:
            turns = quarters[number]
            ink = prepare(Raster(np.ascontiguousarray(np.rot90(raster.grey, turns)), raster.dpi))
            height, width = ink.paper.shape
            yield PagePicture(number, width, height, ink.paper.tobytes(), ink.scale)


# -- documents -------------------------------------------------------------------------------------


def _read(rasters: Iterable[Raster]) -> Document:
    model = recogniser()
    pages: list[PageReading] = []
    for number, raster in enumerate(rasters, 1):
        pages.append(_read_upright(number, raster, model))
    blocks = blocks_of([p.page for p in pages])
    for block in blocks:
        if isinstance(block, Table):
            attach_readings(block, {p.page.number: p for p in pages})
    return Document(
        blocks=blocks,
        format="scan",
        meta={"pages": str(len(pages)), "model": model.name},
        findings=[_finding(pages, blocks)],
    )


def _read_upright(number: int, raster: Raster, model: Recogniser) -> PageReading:
    """Read a page; where it gives hardly a word, or lies on its side, turned by quarters as well.

    The model reads letters on their side rather well, so clarity alone does not tell.
    """
    best = read_page(number, prepare(raster), model)
    if best.ink_boxes < _SAMPLE or (_is_clear(best) and not best.is_sideways):
        return best
    for quarters in (1, 3) if best.is_sideways else (2, 1, 3):
        turned = Raster(np.ascontiguousarray(np.rot90(raster.grey, quarters)), raster.dpi)
        other = read_page(number, prepare(turned), model)
        if other.is_sideways or other.words < _SAMPLE:
            continue
        if other.clarity > best.clarity + (0.0 if best.is_sideways else _CLEARER):
            best = other._replace(quarters=quarters)
        if _is_clear(best) and not best.is_sideways:
            break
    return best


def _is_clear(page: PageReading) -> bool:
    return page.clarity >= (_CLEAR if page.words >= _SAMPLE else _FEW_CLEAR)


def _finding(pages: Sequence[PageReading], blocks: Sequence[Block]) -> Finding:
    tables = sum(isinstance(b, Table) for b in blocks)
    return Finding(
        "text_recognised",
        "info",
        f"{len(pages)} scanned pages were read by text recognition; {tables} ruled tables",
        f"{len(pages)}页扫描件经文字识别读取，共{tables}个表格",
        detail=(
            ("angles", [round(p.angle, 2) for p in pages]),
            ("quarter_turns", [p.quarters for p in pages]),
            ("clarity", [round(p.clarity, 3) for p in pages]),
        ),
    )
