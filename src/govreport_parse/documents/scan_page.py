"""One upright scanned page -> the texts of its cells and lines, with how surely they were read.

Cells are told blank, dash or text by their ink before anything is recognised; numbers are read at
a second scale where they are doubtful or where no sums will cover them, and their ink is measured
against the text, so that a dropped digit or sign is noticed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from govreport_parse.documents.model import CellReading, Table
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
from govreport_parse.documents.scan_image import Grey, Ink, Mask
from govreport_parse.documents.scan_ocr import Recognised, Recogniser, line_crop

Bbox = tuple[float, float, float, float]

_SQUEEZE = 0.65
"""Width to which running text is narrowed: a third less work for the same words."""
_LABEL_SQUEEZE, _LABEL_WIDTH = 0.75, 4.5
"""The same for lines in cells that are wider than so many letters: labels, not numbers."""
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

UNREAD = CellReading(0.0, 1, ())
_BLANK = CellReading(1.0, 2, ())


_FLAT = 1.18
"""Flatness of a short dash; a point has 1. Hyphens may be 4 x 1.5 pixels at 150 dpi."""


_ALIKE = 3
"""Short dashes of one size that a page must show."""


def attach_readings(table: Table, pages: Mapping[int, PageReading]) -> None:
    """Give a table the readings of its cells that stand on these pages, by their numbers.

    A text joined from two pages is not what was read in either cell: it counts as unread.
    """
    assert table.bboxes is not None
    out: list[CellReading | None] = []
    for i, bbox in enumerate(table.bboxes):
        number = table.pages[table.rows[i]] if table.pages else table.page
        page = pages.get(number or 1)
        if page is None:
            out.append(None)
            continue
        text, reading = page.readings.get(bbox, ("", UNREAD))
        out.append(reading if text == table.texts[i] else UNREAD)
    if any(reading is not None for reading in out):
        table.readings = out


class PageReading(NamedTuple):
    """One page as read. ``readings`` maps the boxes of cells (points) to text and reading."""

    page: Page
    readings: Mapping[Bbox, tuple[str, CellReading]]
    angle: float
    words: int
    """Texts of two characters or more that are no numbers."""
    clarity: float
    """Mean confidence of these."""
    ink_boxes: int
    is_sideways: bool
    """Letters line up better down the page than across, and no line is long."""
    quarters: int = 0
    """Quarter turns, counter-clockwise, after which the page stood upright."""


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
    is_spotted: bool = False
    """Specks stand above or below its one line."""
    dash: Box | None = None
    """The stroke of a short dash."""


def read_page(number: int, ink: Ink, model: Recogniser) -> PageReading:
    """Read a page that stands upright."""
    scale = ink.scale
    ruled = find_rulings(ink)
    paper = ink.paper.copy()
    for left, top, right, bottom in ruled.rulings:
        paper[top:bottom, left:right] = 255
    boxes = ink_boxes(ruled.mask, ink.mask, scale)
    letter = letter_height(boxes, scale)
    inside, outside = place_boxes(boxes, ruled.grids, scale)
    faint = _faint(paper)
    jobs = [
        [
            _cell_job(cell.bbox, found, paper, faint, scale, letter)
            for cell, found in zip(grid.cells, cells, strict=True)
        ]
        for grid, cells in zip(ruled.grids, inside, strict=True)
    ]
    _judge_dashes([job for grid_jobs in jobs for job in grid_jobs])
    for grid_jobs in jobs:
        _read_cells(grid_jobs, paper, faint, letter, model)
    height, width = paper.shape
    readings: dict[Bbox, tuple[str, CellReading]] = {}
    page = Page(number, width / scale, height / scale)
    for grid, grid_jobs in zip(ruled.grids, jobs, strict=True):
        page.pieces.append(_piece(number, grid, grid_jobs, readings))
    page.lines, sureness = _outer_lines(outside, paper, letter, scale, model)
    page.characters = sum(len(x.text) for x in page.lines)
    words = [x.text for x in page.lines]
    for job in (job for grid_jobs in jobs for job in grid_jobs):
        if job.reading is not None and not job.reading.candidates and job.text:
            words += job.text.split("\n")
            if len(job.text) > 1:
                sureness.append(job.reading.confidence)
    clarity = sum(sureness) / len(sureness) if sureness else 0.0
    short = sum(len(w) < 4 for w in words) > 0.6 * len(words)
    sideways = short and _lines_up_down(ruled.mask)
    return PageReading(page, readings, ink.angle, len(sureness), clarity, len(boxes), sideways)


def _lines_up_down(mask: Mask) -> bool:
    """Whether the ink is more unevenly spread over the columns than over the rows of pixels."""
    down, across = (np.diff((mask > 0).sum(axis).astype(np.float64)) for axis in (0, 1))
    return float((down * down).sum()) > 0.9 * float((across * across).sum())


def _faint(paper: Grey) -> npt.NDArray[np.bool_]:
    """Where the page is a little darker than paper, its noise smoothed away."""
    import cv2

    smooth: Any = cv2.blur(paper, (5, 5))
    return np.asarray(smooth < _FAINT)


def _cell_job(
    bbox: Bbox,
    boxes: list[Box],
    paper: Grey,
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
        return _CellJob([], "", _BLANK if blank else UNREAD)
    lines = text_lines(boxes, letter)
    dash = _dash(lines[0][0], paper, within, letter) if len(lines) == 1 else None
    if dash is not None:
        return dash
    if all(b.height < 0.3 * letter for b in boxes):
        # Dots and scraps: ink, but no letter.
        return _CellJob([], "", UNREAD)
    tall = [line for line in lines if any(b.height > 0.45 * letter for b in line[1])]
    spotted = len(tall) == 1 < len(lines)
    if spotted:
        lines = tall
    out = []
    for k, (whole, pieces) in enumerate(lines):
        above = (lines[k - 1][0].bottom + whole.top) // 2 if k else within[1]
        below = (lines[k + 1][0].top + whole.bottom) // 2 if k + 1 < len(lines) else within[3]
        out.append(_Line(whole, (within[0], above, within[2], below + 1), pieces))
    return _CellJob(out, is_spotted=spotted)


def _dash(
    box: Box, paper: Grey, within: tuple[int, int, int, int], letter: float
) -> _CellJob | None:
    """The cell of a dash: one flat stroke at half height of the cell; ``None`` if it is none."""
    middle = (box.top + box.bottom) / 2
    room = 0.25 * (within[3] - within[1])
    level = within[1] + room < middle < within[3] - room
    if not level or box.height > 0.3 * letter or box.width < 0.15 * letter:
        return None
    short = box.width < 2 * box.height or box.width < 0.3 * letter
    off = abs(2 * middle - within[1] - within[3]) / 2
    if short and (off > 0.2 * letter or flatness(paper, box) < _FLAT):
        return None
    sign = "—" if box.width > 0.75 * letter else "-"
    return _CellJob([], sign, CellReading(0.99, 2, ((sign, 0.99),)), dash=box if short else None)


def flatness(paper: Grey, box: Box) -> float:
    """Spread of the darkness of a spot across over its spread down; 1 for a round one."""
    left, top, right, bottom = box
    dark = 255.0 - paper[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
    across, down = (_spread(dark.sum(axis)) for axis in (0, 1))
    return across / down if down > 0 else 0.0


def _spread(weights: npt.NDArray[np.float64]) -> float:
    total = float(weights.sum())
    if total <= 0:
        return 0.0
    at = np.arange(len(weights))
    mean = float((weights * at).sum()) / total
    return math.sqrt(float((weights * (at - mean) ** 2).sum()) / total)


def _judge_dashes(jobs: Sequence[_CellJob]) -> None:
    """A short dash may be dirt: believed where the page shows others of its size."""
    short = [job for job in jobs if job.dash is not None]
    for job in short:
        if sum(_alike(job.dash, other.dash) for other in short) < _ALIKE:
            job.text, job.reading = "", UNREAD


def _alike(a: Box | None, b: Box | None) -> bool:
    return (
        a is not None
        and b is not None
        and abs(a.width - b.width) <= 0.3 * max(a.width, b.width)
        and abs(a.height - b.height) <= 2
    )


def _is_residue(box: Box, within: tuple[int, int, int, int], letter: float) -> bool:
    """A scrap of ruling: it lies along the border of the cell, flat or thin.

    What is as high as a digit is none, unless it reaches out of the cell.
    """
    thin = 0.22 * letter
    if box.height <= thin:
        return box.bottom <= within[1] + thin or box.top >= within[3] - thin
    if box.width > thin:
        return False
    if box.height > 0.45 * letter:
        return box.left < within[0] or box.right > within[2]
    return box.right <= within[0] + thin or box.left >= within[2] - thin


def _read_cells(
    jobs: Sequence[_CellJob],
    paper: Grey,
    faint: npt.NDArray[np.bool_],
    letter: float,
    model: Recogniser,
) -> None:
    """Recognise all cells of one grid and set their texts and readings."""
    flat = [(job, line) for job in jobs for line in job.lines]
    crops = [
        line_crop(
            paper,
            line.box,
            line.within,
            letter,
            squeeze=_LABEL_SQUEEZE if line.box.width > _LABEL_WIDTH * letter else 1.0,
        )
        for _, line in flat
    ]
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
        if job.is_spotted or _has_pale_sign(job, faint):
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
    readings: dict[Bbox, tuple[str, CellReading]],
) -> TablePiece:
    cells = []
    for cell, job in zip(grid.cells, jobs, strict=True):
        cells.append(
            PieceCell(job.text, cell.row, cell.column, cell.rowspan, cell.colspan, cell.bbox)
        )
        readings[cell.bbox] = (job.text, job.reading or UNREAD)
    notes = ["irregular_cell"] if grid.irregular else []
    return TablePiece(number, grid.xs, grid.ys, cells, grid.open_top, grid.open_bottom, notes)


def _outer_lines(
    boxes: list[Box], paper: Grey, letter: float, scale: float, model: Recogniser
) -> tuple[list[TextLine], list[float]]:
    """Text outside of all tables and the confidence of each line.

    Stamps and pictures are left out by their height.
    """
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
    out: list[TextLine] = []
    sureness = []
    for (whole, _), result in zip(lines, model.read(crops), strict=True):
        if len(result.text) > 1 and not result.numbers:
            sureness.append(result.confidence)
        if result.text and result.confidence > 0.05:
            left, top, right, bottom = (v / scale for v in whole)
            out.append(TextLine(result.text, left, right, top, bottom))
    return out, sureness
