"""PDF bytes -> ``Document``.

Two engines end in the same document and can be compared cell by cell: ``fast`` (PDFium's
characters and paths, own grid) and ``pdfplumber`` (the reference). Refused: what is no PDF, is
broken, encrypted or has no pages (``UnsupportedFormatError``), what exceeds ``PdfLimits``
(``LimitExceededError``), and what has no text to trust on any page (``ScannedDocumentError``).

Findings: ``page_is_picture`` (warning), ``page_is_garbled`` (warning: fonts without a Unicode
map), ``page_is_broken`` (error), ``ocr_text_layer`` (warning: invisible text over a picture),
``pages_recognised`` (info: pages without text were read by the caller's text recognition),
``doubtful_text`` (warning: digits that are not seen on the page, see ``pdf_hidden``),
``hidden_text`` (info: struck-out text of cells was left out). Notes of tables: see
``pdf_tables`` and ``pdf_unruled``; ``irregular_cell`` where rulings part no rectangle.

A hostile file can still stop or kill PDFium itself: parse what others wrote in a child process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from govreport_parse.documents.model import Block, Document, Table
from govreport_parse.documents.page_findings import (
    hidden_findings,
    judge,
    struck_findings,
    table_findings,
)
from govreport_parse.documents.pdf_flow import blocks_of
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.documents.pdf_page import Page
from govreport_parse.documents.pdf_scan import check_streams
from govreport_parse.errors import UnsupportedFormatError
from govreport_parse.values import Finding, Locator

__all__ = ["PdfLimits", "read_pdf"]

MAX_RECOGNISED = 10
"""Pictures among the pages that are read by text recognition, a second or two each."""

Recognise = Callable[[bytes, Sequence[int]], Mapping[int, Any]]
"""Bytes and page numbers to the ``scan_page.PageReading`` of those that could be read."""


def read_pdf(
    data: bytes,
    *,
    engine: Literal["fast", "pdfplumber"] = "fast",
    limits: PdfLimits | None = None,
    recognise: Recognise | None = None,
    only: Collection[int] | None = None,
) -> Document:
    """Read a PDF.

    Returns a ``Document`` of ``Heading | Paragraph | Table`` in reading order; tables carry the
    page of each row and the box of each cell in points. ``recognise`` reads the pages without
    text to trust, where there are at most ``MAX_RECOGNISED`` beside others with text; their
    numbers then stand in ``meta["recognised_pages"]``, and their tables' cells carry readings.
    ``only``: numbers of the pages that the engine ``pdfplumber`` is asked to read, some 0.1 s
    each; the others are then read by ``fast``. ``meta["loose_pages"]`` names the pages on which
    digits of a number stand far apart.
    Raises ``UnsupportedFormatError``,
    ``LimitExceededError`` or ``ScannedDocumentError``, nothing else.
    """
    limits = limits or PdfLimits()
    if len(data) > limits.max_bytes:
        raise exceeded("bytes", len(data), limits.max_bytes)
    if b"%PDF-" not in data[:1024]:
        raise UnsupportedFormatError(
            "this is no PDF", hint="check what the file is; a web page may have been saved as .pdf"
        )
    check_streams(data, limits, strict=engine == "pdfplumber")
    pages = _read_pages(data, engine, limits, only)
    findings = judge(pages, "PDF")
    unread = {
        f.locator.page
        for f in findings
        if f.code in _UNREAD and f.locator is not None and f.locator.page is not None
    }
    seen: Mapping[int, Any] = {}
    if recognise is not None and 0 < len(unread) <= MAX_RECOGNISED:
        seen = recognise(data, sorted(unread))
        pages = [seen[p.number].page if p.number in seen else p for p in pages]
    meta = {"engine": engine, "pages": str(len(pages))}
    if engine == "fast":
        meta["ink"] = str(sum(p.characters + p.objects for p in pages))
        loose = [str(p.number) for p in pages if p.has_loose_digits]
        if loose:
            meta["loose_pages"] = " ".join(loose)
    blocks = blocks_of(pages)
    if seen:
        findings.append(_attach(blocks, seen))
        meta["recognised_pages"] = " ".join(map(str, sorted(seen)))
    return Document(
        blocks=blocks,
        format="pdf",
        media_type="application/pdf",
        meta=meta,
        findings=[
            *findings,
            *table_findings(blocks),
            *struck_findings(pages),
            *hidden_findings(pages),
        ],
        has_pictures=bool(unread - set(seen)),
    )


_UNREAD = ("page_is_picture", "page_is_garbled")


def _attach(blocks: list[Block], seen: Mapping[int, Any]) -> Finding:
    from govreport_parse.documents.scan_page import attach_readings

    for block in blocks:
        if isinstance(block, Table):
            attach_readings(block, seen)
    numbers = sorted(seen)
    named = ", ".join(map(str, numbers))
    return Finding(
        "pages_recognised",
        "info",
        f"{len(numbers)} pages without text of their own were read by text recognition: {named}",
        f"第{named}页无文字层，经文字识别读取",
        locator=Locator(page=numbers[0]),
        detail=(
            ("pages", numbers),
            ("quarter_turns", [seen[n].quarters for n in numbers]),
            ("clarity", [round(seen[n].clarity, 3) for n in numbers]),
        ),
    )


def _read_pages(
    data: bytes, engine: str, limits: PdfLimits, only: Collection[int] | None
) -> list[Page]:
    from govreport_parse.documents import pdf_fast

    if engine == "fast":
        return pdf_fast.read_pages(data, limits)
    from govreport_parse.documents import pdf_plumber

    # pdfminer has no bounds and does not tell how text is painted: let PDFium look first.
    pages = pdf_fast.read_pages(data, limits)
    hidden = {page.number: page.hidden_digits for page in pages if page.hidden_digits}
    data = pdf_fast.as_read(data, limits, pages)
    found = pdf_plumber.read_pages(data, limits, only, hidden)
    if found.size != len(pages):
        raise UnsupportedFormatError(
            f"the two PDF engines find {len(pages)} and {found.size} pages",
            hint="the file is damaged: save it again in a viewer",
            context={"pdfium": len(pages), "pdfplumber": found.size},
        )
    for page in found.pages:
        seen = pages[page.number - 1]
        page.hidden_text = seen.hidden_text and page.picture_share > pdf_fast.PICTURE
        pages[page.number - 1] = page
    return pages
