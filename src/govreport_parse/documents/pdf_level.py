"""Pages made ready to be read: levelled, what is typed into their form fields among their text.

On a page that leans by a degree no ruling is level and the numbers of a row are on several lines:
they would be read into wrong rows. Such a page is turned about its middle before it is read;
boxes are then those of the level page. The text of form fields (AcroForm) and of typewriter
annotations is shown, but is none of the page's content: it is made so, as printing does it.
Both change the document in memory only.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import cos, pi, sin
from typing import Any

_LEAST = 0.0015
"""Radians from which a page leans: a row of 500 points then rises by 0.75."""
_MOST = 0.12
"""Seven degrees: what leans by more is a watermark, or meant so."""
_SAME = 0.003
_MOST_ANNOTATIONS = 2_000
_SHARE = 0.75


def lean_of(angles: Iterable[float]) -> float:
    """By how many radians most of the text is turned from the nearest quarter turn; 0 if level.

    ``angles``: of some letters, in radians; negative ones are none.
    """
    offs = sorted(a - round(a / (pi / 2)) * (pi / 2) for a in angles if a >= 0)
    if not offs:
        return 0.0
    usual = offs[len(offs) // 2]
    alike = sum(abs(off - usual) < _SAME for off in offs)
    return usual if _LEAST < abs(usual) < _MOST and alike >= _SHARE * len(offs) else 0.0


def turn_back(raw: Any, page: Any, lean: float) -> None:
    """Turn what a loaded page draws back about its middle; it must be loaded again."""
    box = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, box)
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    c, s = cos(lean), sin(lean)  # PDFium counts angles clockwise
    matrix = raw.FS_MATRIX(c, s, -s, c, x - c * x + s * y, y - s * x - c * y)
    raw.FPDFPage_TransFormWithClip(page, matrix, None)


def show_fields(raw: Any, page: Any) -> bool:
    """Make the form fields and typed annotations of a page its content; whether there are any.

    The page must be loaded again. Links, comments and stamps don't count, hidden fields stay out.
    """
    count = min(raw.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)
    kinds = (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT)
    if not any(_kind(raw, page, i) in kinds for i in range(count)):
        return False
    return bool(raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)


def _kind(raw: Any, page: Any, index: int) -> int:
    annotation = raw.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return 0
    try:
        return int(raw.FPDFAnnot_GetSubtype(annotation))
    finally:
        raw.FPDFPage_CloseAnnot(annotation)


@contextmanager
def loaded_page(raw: Any, document: Any, number: int) -> Iterator[Any]:
    """A page of an open document, from 1."""
    page = raw.FPDF_LoadPage(document, number - 1)
    try:
        yield page
    finally:
        raw.FPDF_ClosePage(page)


def saved(raw: Any, document: Any) -> bytes:
    """The open document as a file."""
    parts: list[bytes] = []

    def write(_: Any, data: Any, size: int) -> int:
        parts.append(ctypes.string_at(data, size))
        return 1

    writer = raw.FPDF_FILEWRITE(version=1)
    writer.WriteBlock = type(writer.WriteBlock)(write)
    raw.FPDF_SaveAsCopy(document, writer, 0)
    return b"".join(parts)


def sample(count: int, size: int = 24) -> Sequence[int]:
    """Indices spread over ``count`` letters."""
    return range(0, count, max(1, count // size))
