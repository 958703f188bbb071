"""The source as it is shown beside the form: blocks of the document, or pictures of its pages.

In: a ``Document`` (or the bytes of a PDF or scan) and the places of the figures. Out: plain
values, each cell with a key by which a figure finds it. Personal numbers are masked; a page whose
text holds one is not shown as a picture, since a picture can't be masked.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from govreport_parse.display.overlay import recognised_pages
from govreport_parse.documents.model import Document, Heading, Table
from govreport_parse.errors import GovReportError
from govreport_parse.matching.stream_text import SENTENCE, is_prose
from govreport_parse.privacy import find_personal_data
from govreport_parse.report import Report
from govreport_parse.review.shell import shown
from govreport_parse.values import Locator

if TYPE_CHECKING:
    from govreport_parse.documents.page_picture import PagePicture

MOST_PAGES = 30
MOST_CELLS = 20_000
"""Cells of a document that are shown; reports have some hundreds."""
DPI = 110.0
_BAR_SIGNS = "|｜│┃\t"
_BARS = re.compile(f"([{_BAR_SIGNS}])")
RASTERS = ("application/pdf", "image/png", "image/jpeg", "image/tiff", "image/gif")


@dataclass(frozen=True, slots=True)
class SourceCell:
    """One cell of a table, or one piece of a line; ``key`` is empty where no figure may point."""

    text: str
    key: str = ""
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """``kind``: heading, paragraph, line (of pieces), table (of rows), page (a picture), note."""

    kind: str
    text: str = ""
    key: str = ""
    rows: tuple[tuple[SourceCell, ...], ...] = ()
    picture: str = ""
    width: int = 0
    height: int = 0
    boxes: tuple[tuple[str, float, float, float, float], ...] = field(default=())


def key_of(place: Locator | None) -> str:
    """The key of the cell at a place; the same for a figure and the source's cell."""
    if place is None:
        return ""
    if place.table is not None and place.row is not None and place.column is not None:
        return f"t{place.table}r{place.row}c{place.column}"
    if place.line is not None:
        return f"l{place.line}" + (f"k{place.cell}" if place.cell is not None else "")
    return f"p{place.page}" if place.page is not None else ""


def source_blocks(document: Document) -> list[SourceBlock]:
    """A document's blocks in reading order.

    Lines of text are numbered, and cut into pieces, as places in text are counted
    (``matching.stream_text``).
    """
    out: list[SourceBlock] = []
    room = MOST_CELLS
    lines = 0
    for block in document.blocks:
        if isinstance(block, Table):
            room -= len(block)
            if room < 0:
                text = "这里有一张过大的表，未显示 / a table too large to show is left out here"
                out.append(SourceBlock("note", text))
                room = 0
            else:
                out.append(SourceBlock("table", rows=tuple(_table_rows(block))))
            continue
        is_counted = len(block.text) <= SENTENCE or not is_prose(block.text)
        lines += is_counted
        first = block.line or (lines if is_counted else None)
        if isinstance(block, Heading):
            out.append(SourceBlock("heading", shown(block.text), _line_key(first)))
        elif block.text.strip():
            out += _lines(block.text, first)
    return _told_apart(out)


def _line_key(line: int | None) -> str:
    return "" if line is None else f"l{line}"


def _lines(text: str, first: int | None) -> Iterator[SourceBlock]:
    masked = shown(text)
    if first is None or masked.count("\n") != text.count("\n"):
        yield SourceBlock("paragraph", masked, _line_key(first))
        return
    for line, part in enumerate(masked.split("\n"), first):
        if part.strip():
            pieces = tuple(_pieces(part, _line_key(line)))
            if len(pieces) > 1:
                yield SourceBlock("line", key=_line_key(line), rows=(pieces,))
            else:
                yield SourceBlock("paragraph", part, _line_key(line))


def _pieces(line: str, key: str) -> Iterator[SourceCell]:
    """What stands between bars and tabs, counted from 1; bars at the line's start don't count."""
    number = 0
    for n, piece in enumerate(_BARS.split(line)):
        if n % 2:  # a bar or tab
            yield SourceCell(piece)
            number += bool(number) or 2 * (piece == "\t")
        elif piece:
            number = number or bool(piece.strip())
            yield SourceCell(piece, f"{key}k{number}" if number else "")


def _told_apart(blocks: list[SourceBlock]) -> list[SourceBlock]:
    """Every key once: documents without line numbers may count two lines alike."""
    seen: dict[str, int] = {}

    def own(key: str) -> str:
        if not key:
            return key
        seen[key] = seen.get(key, 0) + 1
        return key if seen[key] == 1 else f"{key}~{seen[key]}"

    return [
        replace(
            b,
            key=own(b.key),
            rows=tuple(tuple(replace(c, key=own(c.key)) for c in row) for row in b.rows),
        )
        for b in blocks
    ]


def with_prefix(blocks: Iterable[SourceBlock], prefix: str) -> list[SourceBlock]:
    """The blocks with ``prefix`` before all keys: those of a further document of one page."""

    def own(key: str) -> str:
        return prefix + key if key else key

    return [
        replace(
            b,
            key=own(b.key),
            rows=tuple(tuple(replace(c, key=own(c.key)) for c in row) for row in b.rows),
            boxes=tuple((own(key), *sides) for key, *sides in b.boxes),  # type: ignore[misc]
        )
        for b in blocks
    ]


def _table_rows(table: Table) -> Iterator[tuple[SourceCell, ...]]:
    row: list[SourceCell] = []
    at = 0
    for i, cell in enumerate(table):
        while cell.row > at:
            yield tuple(row)
            row, at = [], at + 1
        key = key_of(table.locator(i))
        row.append(SourceCell(shown(cell.text), key, cell.colspan, cell.rowspan))
    yield tuple(row)


# -- pictures --------------------------------------------------------------------------------------


def page_pictures(data: bytes, document: Document, reports: Sequence[Report]) -> list[SourceBlock]:
    """A picture of each page that holds a figure, its cells as boxes. Empty: no pages.

    Pages with personal numbers, and pages that can't be drawn, become notes.
    """
    boxes = _boxes(reports)
    if not boxes or reports[0].source.media_type not in RASTERS:
        return []
    private = {p for p in boxes if _is_private(document, p)}
    wanted = sorted(boxes.keys() - private)[:MOST_PAGES]
    drawn: dict[int, SourceBlock] = {}
    try:
        for picture in _pictures(data, reports[0], set(wanted)):
            drawn[picture.number] = _page(picture, boxes[picture.number])
    except GovReportError as error:
        note = f"无法绘制页面 / pages can't be drawn: {shown(str(error))}"
        return [SourceBlock("note", note), *source_blocks(document)]
    out = []
    for number in sorted(boxes):
        if number in drawn:
            out.append(drawn[number])
        elif number in private:
            out.append(SourceBlock("note", f"第{number}页含个人信息，不显示图像 / {_WITHHELD}"))
    return out


_WITHHELD = "the picture of this page is withheld: it shows personal numbers"


def _boxes(reports: Iterable[Report]) -> dict[int, dict[str, tuple[float, float, float, float]]]:
    out: dict[int, dict[str, tuple[float, float, float, float]]] = {}
    for report in reports:
        for i in range(len(report)):
            place = report.locator(i)
            if place is not None and place.page is not None and place.bbox is not None:
                out.setdefault(place.page, {})[key_of(place)] = place.bbox
    return out


def _is_private(document: Document, page: int) -> bool:
    texts: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Table):
            if block.page is None or block.page == page:
                texts.append(block.text)
        elif block.page is None or page in (block.pages or (block.page,)):
            texts += block.texts
    return any(find_personal_data(t) for t in (*texts, "\n".join(texts)))


def _pictures(data: bytes, report: Report, numbers: set[int]) -> Iterator[PagePicture]:
    """The pages as the reader saw them, so that its boxes lie on them."""
    is_pdf = report.source.media_type == "application/pdf"
    turns = {n: q for n, q in recognised_pages(report).items() if n in numbers}
    if turns:
        from govreport_parse.documents.scan import upright_pictures

        yield from upright_pictures(data, turns, is_pdf=is_pdf)
    numbers = numbers - set(turns)
    if numbers and is_pdf:
        from govreport_parse.documents.page_picture import pdf_pictures

        yield from pdf_pictures(data, numbers, dpi=DPI)


def _page(picture: PagePicture, boxes: dict[str, tuple[float, float, float, float]]) -> SourceBlock:
    scale = picture.scale
    places = []
    for key, (left, top, right, bottom) in boxes.items():
        sides = (left, top, right - left, bottom - top)
        x, y, width, height = (round(side * scale, 1) for side in sides)
        places.append((key, x, y, width, height))
    return SourceBlock(
        "page",
        f"第{picture.number}页 / page {picture.number}",
        f"p{picture.number}",
        picture="data:image/png;base64," + _png(picture.width, picture.height, picture.grey),
        width=picture.width,
        height=picture.height,
        boxes=tuple(places),
    )


def _png(width: int, height: int, grey: bytes) -> str:
    """Grey values as a PNG in base64, of 16 greys: text stays sharp at half the size."""
    nibbles = bytes(v >> 4 for v in range(256))
    coarse = grey.translate(nibbles)
    odd = width % 2
    rows = []
    for y in range(height):
        row = coarse[y * width : (y + 1) * width] + b"\x0f" * odd
        high, low = row[0::2], row[1::2]
        packed = int.from_bytes(high, "big") << 4 | int.from_bytes(low, "big")
        rows.append(b"\0" + packed.to_bytes(len(high), "big"))
    head = struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    parts = b"".join(_chunk(*c) for c in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b"")))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode("ascii")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
