"""OFD bytes (GB/T 33190-2016, the state's own format of fixed pages) -> ``Document``.

An OFD file is a ZIP package of XML parts that say where each character and line stands. From
there on the way is that of PDF: characters and rulings become grids, lines and blocks, with the
same findings (see ``pdf``). Needs lxml (the extra ``[office]``).

Not read: seals and other annotations, the pixels of pictures (pages that are pictures end in
``ScannedDocumentError``), encrypted files.
"""

from __future__ import annotations

from govreport_parse.documents.model import Document
from govreport_parse.documents.ofd_package import SheetOfPaper, read_package
from govreport_parse.documents.ofd_page import draw
from govreport_parse.documents.page_findings import (
    hidden_findings,
    judge,
    struck_findings,
    table_findings,
)
from govreport_parse.documents.page_layout import lay_out
from govreport_parse.documents.pdf_fast import PICTURE
from govreport_parse.documents.pdf_flow import blocks_of
from govreport_parse.documents.pdf_hidden import marked
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.documents.pdf_marks import DIGITS
from govreport_parse.documents.pdf_page import (
    Page,
)
from govreport_parse.documents.ruling import find_grids


def read_ofd(data: bytes, *, limits: PdfLimits | None = None) -> Document:
    """Read an OFD file.

    Returns a ``Document`` of ``Heading | Paragraph | Table`` in reading order; tables carry the
    page of each row and the box of each cell in points. ``limits`` are those of PDF. Raises
    ``UnsupportedFormatError``, ``DecodeError``, ``LimitExceededError`` or
    ``ScannedDocumentError``, nothing else.
    """
    limits = limits or PdfLimits()
    if len(data) > limits.max_bytes:
        raise exceeded("bytes", len(data), limits.max_bytes)
    package = read_package(data, limits)
    pages = [_page(n, sheet, limits) for n, sheet in enumerate(package.pages, 1)]
    findings = judge(pages, "OFD file")
    blocks = blocks_of(pages)
    return Document(
        blocks=blocks,
        format="ofd",
        media_type="application/ofd",
        meta={**package.meta, "pages": str(len(pages))},
        findings=[
            *findings,
            *table_findings(blocks),
            *struck_findings(pages),
            *hidden_findings(pages),
        ],
    )


def _page(number: int, sheet: SheetOfPaper, limits: PdfLimits) -> Page:
    if sheet.layers is None:
        return Page(number, 0.0, 0.0, broken=True)
    drawn = draw(sheet, limits)
    page = Page(number, drawn.width, drawn.height)
    page.picture_share = min(1.0, drawn.picture / (drawn.width * drawn.height))
    hidden = drawn.hidden
    if page.picture_share > PICTURE and hidden:
        digits = sum(1 for c in drawn.chars if c[0] in DIGITS)
        if 2 * len(hidden) > digits:
            # Recognised text behind the picture that it was read from.
            page.hidden_text, hidden = True, []
    chars = drawn.chars
    if hidden:
        letters = marked("".join(c[0] for c in chars), hidden)
        chars = [(c, x0, x1, y0, y1) for c, (_, x0, x1, y0, y1) in zip(letters, chars, strict=True)]
        page.hidden_digits = [
            ((chars[i][1] + chars[i][2]) / 2, (chars[i][3] + chars[i][4]) / 2) for i in hidden
        ]
    page.characters, page.objects = len(chars), drawn.objects
    page.watermark = drawn.slanted
    level, upright = drawn.horizontal, drawn.vertical
    grids = find_grids(level, upright, limit=limits.max_grid_places) if level and upright else []
    lay_out(page, chars, level, grids)
    return page
