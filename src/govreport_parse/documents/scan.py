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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from govreport_parse.documents.model import Block, CellReading, Document, Table
from govreport_parse.documents.pdf_fast import opened
from govreport_parse.documents.pdf_flow import blocks_of
from govreport_parse.documents.pdf_limits import PdfLimits
from govreport_parse.documents.pdf_page import Page, PieceCell, TablePiece, TextLine
from govreport_parse.documents.ruling import Grid
from govreport_parse.documents.scan_grid import (
    Box,
    find_rulings,
    ink_boxes,
    letter_height,
    place_boxes,
    segments,
    text_lines,
)
from govreport_parse.documents.scan_image import (
    POINTS,
    Grey,
    Ink,
    Raster,
    ScanLimits,
    check_pages,
    load_rasters,
    prepare,
    resolution,
)
from govreport_parse.documents.scan_ocr import (
    Recognised,
    Recogniser,
    is_available,
    line_crop,
    recogniser,
    require_extra,
)
from govreport_parse.errors import UnsupportedFormatError
from govreport_parse.values import Finding

__all__ = [
    "ScanLimits",
    "is_available",
    "read_image",
    "read_scan",
    "read_scanned_pdf",
    "render_pages",
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

_SQUEEZE = 0.7
"""Width to which running text is narrowed: a third less work for the same words."""
_FEW_NUMBERS = 60
"""Tables with fewer numbers on a page are read at two scales throughout: only the table of
requests, which is larger, is covered by row and column sums."""
_DOUBTFUL = 0.98
"""Readings below this are made at a second scale as well."""
_SECOND_ROOM = 1.6
"""Height of the window over the letters at the second scale."""

_FAINT = 236
"""Smoothed grey values below this are more than the grain of the paper."""
_SHADE = 1.5
"""Square points of faint ink that a blank cell may have: less than the palest dash."""

_UNREAD = CellReading(0.0, 1, ())
_BLANK = CellReading(1.0, 2, ())


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


def render_pages(
    data: bytes, dpi: float | None = None, *, limits: ScanLimits | None = None
) -> Iterator[Raster]:
    """The pages of a PDF as grey pictures, one after the other.

    Without ``dpi`` a page that is one picture is rendered at its resolution (150 to 300), others
    at 200. Raises ``UnsupportedFormatError``, ``LimitExceededError``.
    """
    limits = limits or ScanLimits()
    bounds = PdfLimits()
    with opened(data, bounds) as (_, count):
        check_pages(count, limits)
    for index in range(count):
        with opened(data, bounds) as (document, _):
            yield _render(document, index, dpi, limits)


def _render(document: Any, index: int, dpi: float | None, limits: ScanLimits) -> Raster:
    import ctypes

    from pypdfium2 import raw

    page = raw.FPDF_LoadPage(document, index)
    if not page:
        raise UnsupportedFormatError(
            f"page {index + 1} of the PDF cannot be loaded", hint="open it in a viewer, save again"
        )
    try:
        width, height = raw.FPDF_GetPageWidthF(page), raw.FPDF_GetPageHeightF(page)
        if not (1 <= width <= 20_000 and 1 <= height <= 20_000):
            raise UnsupportedFormatError(f"page {index + 1} measures {width} x {height} points")
        dots = dpi or _native_dpi(raw, page)
        # Posters are reduced rather than refused.
        dots = min(dots, (limits.max_pixels * POINTS * POINTS / (width * height)) ** 0.5 * 0.99)
        across, down = max(8, round(width * dots / POINTS)), max(8, round(height * dots / POINTS))
        bitmap = raw.FPDFBitmap_CreateEx(across, down, raw.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            raise UnsupportedFormatError(f"page {index + 1} of the PDF cannot be drawn")
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
            raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, 0, raw.FPDF_ANNOT)
            stride = raw.FPDFBitmap_GetStride(bitmap)
            address = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap), ctypes.c_void_p).value
            content = ctypes.string_at(address or 0, stride * down)
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
    finally:
        raw.FPDF_ClosePage(page)
    grey = np.frombuffer(content, np.uint8).reshape(down, stride)[:, :across]
    return Raster(np.ascontiguousarray(grey), dots)


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


# -- pages -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Line:
    """One line of text: where its letters stand and what may be seen around it."""

    box: Box
    within: tuple[int, int, int, int]
    pieces: list[Box]


@dataclass(slots=True)
class _CellJob:
    """One cell of a grid: its lines, and what is known of it without recognition."""

    lines: list[_Line]
    text: str = ""
    reading: CellReading | None = None


def _read(rasters: Iterable[Raster]) -> Document:
    model = recogniser()
    pages: list[Page] = []
    readings: dict[tuple[int, tuple[float, float, float, float]], tuple[str, CellReading]] = {}
    turned: list[float] = []
    for number, raster in enumerate(rasters, 1):
        ink = prepare(raster)
        turned.append(ink.angle)
        pages.append(_read_page(number, ink, model, readings))
    blocks = blocks_of(pages)
    for block in blocks:
        if isinstance(block, Table):
            _attach(block, readings)
    return Document(
        blocks=blocks,
        format="scan",
        meta={"pages": str(len(pages)), "model": model.name},
        findings=[_finding(pages, turned, blocks)],
        has_pictures=False,
    )


def _finding(pages: Sequence[Page], turned: Sequence[float], blocks: Sequence[Block]) -> Finding:
    tables = sum(isinstance(b, Table) for b in blocks)
    return Finding(
        "text_recognised",
        "info",
        f"{len(pages)} scanned pages were read by text recognition; {tables} ruled tables",
        f"{len(pages)}页扫描件经文字识别读取，共{tables}个表格",
        detail=(("angles", [round(a, 2) for a in turned]),),
    )


def _attach(
    table: Table,
    readings: dict[tuple[int, tuple[float, float, float, float]], tuple[str, CellReading]],
) -> None:
    """Give a stitched table the readings of its cells.

    A text joined from two pages is not what was read in either cell: it counts as unread, unless
    the other part was blank.
    """
    assert table.bboxes is not None
    out = []
    for i, bbox in enumerate(table.bboxes):
        page = table.pages[table.rows[i]] if table.pages else table.page
        text, reading = readings.get((page or 0, bbox), ("", _UNREAD))
        out.append(reading if text == table.texts[i] else _UNREAD)
    table.readings = out


def _read_page(
    number: int,
    ink: Ink,
    model: Recogniser,
    readings: dict[tuple[int, tuple[float, float, float, float]], tuple[str, CellReading]],
) -> Page:
    scale = ink.scale
    ruled = find_rulings(ink)
    paper = ink.paper.copy()
    for left, top, right, bottom in ruled.rulings:
        paper[top:bottom, left:right] = 255
    boxes = ink_boxes(ruled.mask, scale)
    letter = letter_height(boxes, scale)
    inside, outside = place_boxes(boxes, ruled.grids, scale)
    faint = _faint(paper)
    jobs = [
        [
            _cell_job(cell.bbox, found, faint, scale, letter)
            for cell, found in zip(grid.cells, cells, strict=True)
        ]
        for grid, cells in zip(ruled.grids, inside, strict=True)
    ]
    for grid_jobs in jobs:
        _read_cells(grid_jobs, paper, faint, letter, model)
    height, width = paper.shape
    page = Page(number, width / scale, height / scale)
    for grid, grid_jobs in zip(ruled.grids, jobs, strict=True):
        page.pieces.append(_piece(number, grid, grid_jobs, readings))
    page.lines = _outer_lines(outside, paper, letter, scale, model)
    page.characters = sum(len(x.text) for x in page.lines)
    return page


def _faint(paper: Grey) -> npt.NDArray[np.bool_]:
    """Where the page is a little darker than paper, its noise smoothed away."""
    import cv2

    smooth: Any = cv2.blur(paper, (5, 5))
    return np.asarray(smooth < _FAINT)


def _cell_job(
    bbox: tuple[float, float, float, float],
    boxes: list[Box],
    faint: npt.NDArray[np.bool_],
    scale: float,
    letter: float,
) -> _CellJob:
    left, top, right, bottom = (round(v * scale) for v in bbox)
    edge = max(2, round(1.2 * scale))
    within = (left + edge, top + edge, right - edge, bottom - edge)
    boxes = [b for b in boxes if not _is_residue(b, within, letter)]
    if not boxes:
        shade = int(faint[within[1] : within[3], within[0] : within[2]].sum())
        blank = shade < _SHADE * scale * scale
        return _CellJob([], "", _BLANK if blank else _UNREAD)
    lines = text_lines(boxes, letter)
    if len(lines) == 1 and _is_dash(lines[0][1], within, letter):
        wide = lines[0][0].width > 0.75 * letter
        sign = "—" if wide else "-"
        return _CellJob([], sign, CellReading(0.99, 2, ((sign, 0.99),)))
    if all(b.height < 0.3 * letter for b in boxes):
        # Dots and scraps: ink, but no letter.
        return _CellJob([], "", _UNREAD)
    out = []
    for k, (whole, pieces) in enumerate(lines):
        above = (lines[k - 1][0].bottom + whole.top) // 2 if k else within[1]
        below = (lines[k + 1][0].top + whole.bottom) // 2 if k + 1 < len(lines) else within[3]
        out.append(_Line(whole, (within[0], above, within[2], below + 1), pieces))
    return _CellJob(out)


def _is_residue(box: Box, within: tuple[int, int, int, int], letter: float) -> bool:
    """A scrap of ruling: it lies along the border of the cell, flat or thin."""
    thin = 0.22 * letter
    flat = box.height <= thin and (box.bottom <= within[1] + thin or box.top >= within[3] - thin)
    upright = box.width <= thin and (box.right <= within[0] + thin or box.left >= within[2] - thin)
    return flat or upright


def _is_dash(pieces: Sequence[Box], within: tuple[int, int, int, int], letter: float) -> bool:
    if len(pieces) > 4 or any(b.height > 0.3 * letter for b in pieces):
        return False
    width = pieces[-1].right - pieces[0].left
    thick = max(b.bottom for b in pieces) - min(b.top for b in pieces)
    middle = (pieces[0].top + pieces[0].bottom) / 2
    room = 0.25 * (within[3] - within[1])
    level = within[1] + room < middle < within[3] - room
    return level and thick <= 0.3 * letter and width >= max(2.0 * thick, 0.22 * letter)


def _read_cells(
    jobs: Sequence[_CellJob],
    paper: Grey,
    faint: npt.NDArray[np.bool_],
    letter: float,
    model: Recogniser,
) -> None:
    """Recognise all cells of one grid and set their texts and readings."""
    flat = [(job, line) for job in jobs for line in job.lines]
    crops = [line_crop(paper, line.box, line.within, letter) for _, line in flat]
    results = model.read(crops)
    by_job: dict[int, list[Recognised]] = {}
    for (job, _), result in zip(flat, results, strict=True):
        by_job.setdefault(id(job), []).append(result)
    numeric: list[tuple[_CellJob, Recognised]] = []
    for job in jobs:
        if not job.lines:
            continue
        lines = by_job[id(job)]
        if len(lines) == 1 and lines[0].numbers:
            numeric.append((job, lines[0]))
            continue
        job.text = "\n".join(r.text for r in lines if r.text)
        job.reading = CellReading(min(r.confidence for r in lines))
    again = [
        len(numeric) < _FEW_NUMBERS
        or r.numbers[0][1] < _DOUBTFUL
        or not _fits(job, r.numbers[0][0], letter)
        for job, r in numeric
    ]
    second_crops = [
        line_crop(paper, job.lines[0].box, job.lines[0].within, letter, room=_SECOND_ROOM)
        for (job, _), needed in zip(numeric, again, strict=True)
        if needed
    ]
    seconds = iter(model.read(second_crops))
    for (job, first), needed in zip(numeric, again, strict=True):
        _settle(job, first, next(seconds) if needed else None, letter)
        if _has_pale_sign(job, faint):
            job.reading = job.reading and job.reading._replace(scales=1)


def _has_pale_sign(job: _CellJob, faint: npt.NDArray[np.bool_]) -> bool:
    """Whether something faint stands before or behind a number: a minus or point may be lost."""
    left, top, right, bottom = job.lines[0].box
    a, _, b, _ = job.lines[0].within
    high = bottom - top
    near, far = round(0.2 * high), round(0.9 * high)
    before = faint[top : bottom + 2, max(a, left - far) : max(a, left - near)]
    after = faint[top : bottom + 2, min(b, right + near) : min(b, right + far)]
    return int(before.sum()) + int(after.sum()) > 3


def _settle(job: _CellJob, first: Recognised, second: Recognised | None, letter: float) -> None:
    """Text and reading of a cell that may hold a number, from one or two recognitions."""
    numbers, scales = first.numbers, 1
    if second is not None:
        shares: dict[str, float] = {}
        for text, p in (*first.numbers, *second.numbers):
            shares[text] = shares.get(text, 0.0) + p / 2
        numbers = tuple(sorted(shares.items(), key=lambda kv: -kv[1]))
        if second.numbers and second.numbers[0][0] == first.numbers[0][0]:
            scales = 2
    job.text, confidence = numbers[0]
    if not _fits(job, job.text, letter):
        confidence = min(confidence, 0.25)
    job.reading = CellReading(confidence, scales, numbers)


def _fits(job: _CellJob, text: str, letter: float) -> bool:
    """Whether the ink is as wide as the text would be: a dropped digit or sign leaves room.

    Digits are 0.5 to 0.9 of their height apart, the narrowest is a 1. What stands apart and is
    flat or small must be a sign.
    """
    whole, pieces = job.lines[0].box, job.lines[0].pieces
    high = max(b.height for b in pieces)
    if high < 0.45 * letter:
        return True
    small = sum(text.count(c) for c in ".,-—+")
    apart = segments(pieces, 0)
    if sum(b.height < 0.4 * high and b.width > 1 for b in apart) > small:
        return False
    digits = max(1, len(text) - small)
    return whole.width <= (0.8 * (digits - 1) + 0.95 + 0.7 * small) * high and whole.width >= (
        0.42 * (digits - 1) * high
    )


def _piece(
    number: int,
    grid: Grid,
    jobs: Sequence[_CellJob],
    readings: dict[tuple[int, tuple[float, float, float, float]], tuple[str, CellReading]],
) -> TablePiece:
    cells = []
    for cell, job in zip(grid.cells, jobs, strict=True):
        cells.append(
            PieceCell(job.text, cell.row, cell.column, cell.rowspan, cell.colspan, cell.bbox)
        )
        readings[number, cell.bbox] = (job.text, job.reading or _UNREAD)
    notes = ["irregular_cell"] if grid.irregular else []
    return TablePiece(number, grid.xs, grid.ys, cells, grid.open_top, grid.open_bottom, notes)


def _outer_lines(
    boxes: list[Box], paper: Grey, letter: float, scale: float, model: Recogniser
) -> list[TextLine]:
    """Text outside of all tables. Stamps and pictures are left out by their height."""
    width = paper.shape[1]
    boxes = [b for b in boxes if b.height < 4 * letter and b.width < 0.6 * width]
    lines = [
        (whole, pieces)
        for whole, pieces in text_lines(boxes, letter)
        if whole.height < 4 * letter and any(b.height > 0.45 * letter for b in pieces)
    ]
    crops = [
        line_crop(
            paper,
            whole,
            (0, whole.top - round(0.2 * letter), width, whole.bottom + round(0.2 * letter)),
            letter,
            squeeze=_SQUEEZE,
        )
        for whole, _ in lines
    ]
    out = []
    for (whole, _), result in zip(lines, model.read(crops), strict=True):
        if result.text and result.confidence > 0.05:
            left, top, right, bottom = (v / scale for v in whole)
            out.append(TextLine(result.text, left, right, top, bottom))
    return out
