"""Lines and table pieces of all pages -> blocks in reading order.

Page numbers and running heads are left out, lines become paragraphs by indent, short line ends
and leading; a centred title becomes one ``Heading``. Tables go through ``pdf_tables``, lines
that look like a table without rulings through ``pdf_unruled``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from govreport_parse.documents.model import Block, Heading, Paragraph
from govreport_parse.documents.pdf_page import Page, TablePiece, TextLine
from govreport_parse.documents.pdf_tables import OpenTable
from govreport_parse.documents.pdf_unruled import find_unruled

_MARGIN = 0.12
"""Share of the page height at top and bottom where page numbers and running heads stand."""

_PAGE_NUMBER = re.compile(
    r"[-—–－_·.\s]*\d{1,4}[-—–－_·.\s]*"
    r"|\d{1,4}\s*[/／]\s*\d{1,4}"
    r"|第\s*[\d一二三四五六七八九十]{1,4}\s*页[,，/／\s]*(?:[（(]?共\s*[\d一二三四五六七八九十]{1,4}\s*页[)）]?)?"
    r"|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)
_CONTINUED = re.compile(r"[（(]?\s*(?:续\s*上?\s*表|上?\s*接\s*上\s*页|续)\s*[)）]?")
_NUMERAL = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、]")
_SENTENCE_END = "。！？；："
_APART = re.compile(r"(?<=\s)[+\-−]?\d[\d.,]*(?=\s|$)")
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[A-Za-z\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Body:
    """Left and right edge of the text, its letter height and leading, in points."""

    left: float
    right: float
    size: float
    leading: float


def blocks_of(pages: list[Page]) -> list[Block]:
    """All blocks of a document in reading order."""
    _drop_furniture(pages)
    flow: list[tuple[Page, TextLine | TablePiece]] = []
    for page in pages:
        items: list[TextLine | TablePiece] = [*page.pieces, *_lines_and_unruled(page)]
        items.sort(key=_top)
        flow += [(page, item) for item in items]
    body = _body([[x for x in page.lines if not _is_tabular(x)] for page in pages])
    return _assemble(flow, body)


def _top(item: TextLine | TablePiece) -> float:
    return item.ys[0] if isinstance(item, TablePiece) else item.top


def _lines_and_unruled(page: Page) -> list[TextLine | TablePiece]:
    lines, pieces = find_unruled(page.lines, page.number)
    return [*lines, *pieces]


def _drop_furniture(pages: list[Page]) -> None:
    """Take page numbers and running heads out of the pages' lines."""
    for page in pages:
        page.lines = [x for x in page.lines if not _is_page_number(x, page)]
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        seen.update({_place(x) for x in page.lines if _in_margin(x, page)})
    needed = 3 if len(pages) > 2 else 2
    running = {place for place, count in seen.items() if count >= needed}
    for page in pages:
        page.lines = [
            x
            for x in page.lines
            if not (_in_margin(x, page) and _place(x) in running)
            and not (_CONTINUED.fullmatch(x.text.strip()))
        ]


def _in_margin(line: TextLine, page: Page) -> bool:
    return line.bottom < page.height * _MARGIN or line.top > page.height * (1 - _MARGIN)


def _is_page_number(line: TextLine, page: Page) -> bool:
    if not _in_margin(line, page) or _PAGE_NUMBER.fullmatch(line.text.strip()) is None:
        return False
    # A lone number inside of the text block (the end of a sentence) has neighbours beside it;
    # a page number is the first or the last line of the page.
    tops = [other.top for other in page.lines]
    tops += [piece.ys[0] for piece in page.pieces]
    bottoms = [other.bottom for other in page.lines]
    bottoms += [piece.ys[-1] for piece in page.pieces]
    return line.top <= min(tops) + 1 or line.bottom >= max(bottoms) - 1


def _place(line: TextLine) -> tuple[str, int]:
    text = "".join(line.text.split())
    if _LETTER.search(text):
        text = _DIGITS.sub("#", text)
    return text, round(line.top / 8)


def _body(pages: list[list[TextLine]]) -> _Body:
    lines = [x for page in pages for x in page]
    full = [x for x in lines if len(x.text) > 12] or lines
    if not full:
        return _Body(0.0, 0.0, 10.0, 20.0)
    lefts = sorted(x.x0 for x in full)
    rights = sorted(x.x1 for x in full)
    sizes = sorted(x.size for x in full)
    size = sizes[len(sizes) // 2]
    right = rights[(len(rights) * 17) // 20]
    # The leading shows below lines that are full: their paragraph goes on.
    steps = sorted(
        b.top - a.top
        for page in pages
        for a, b in pairwise(page)
        if size < b.top - a.top < 4 * size and a.x1 > right - 2 * size and len(a.text) > 12
    )
    # Continued lines start at the margin: the lower tenth is safe against outliers.
    return _Body(
        lefts[len(lefts) // 10], right, size, steps[len(steps) // 3] if steps else 2 * size
    )


def _assemble(flow: list[tuple[Page, TextLine | TablePiece]], body: _Body) -> list[Block]:
    blocks: list[Block] = []
    lines: list[tuple[int, TextLine]] = []
    table: OpenTable | None = None
    numbers = 0

    def end_text() -> None:
        blocks.extend(_paragraphs(lines, body, at_start=not blocks))
        lines.clear()

    def end_table() -> None:
        nonlocal table, numbers
        if table is not None and table.is_single:
            slot = table.slots[0]
            for text in slot.text.split("\n"):
                if text:
                    x0, top, x1, _ = slot.bbox
                    lines.append((table.page, TextLine(text, x0, x1, top, top + body.size)))
        elif table is not None:
            numbers += 1
            blocks.append(table.finish(numbers))
        table = None

    for page, item in flow:
        if isinstance(item, TablePiece):
            if table is not None and table.append(item):
                continue
            end_table()
            end_text()
            table = OpenTable.start(item)
            continue
        end_table()
        lines.append((page.number, item))
    end_table()
    end_text()
    return blocks


def _paragraphs(lines: list[tuple[int, TextLine]], body: _Body, *, at_start: bool) -> list[Block]:
    out: list[Block] = []
    rest = lines
    if at_start:
        title = _title_length(lines, body)
        if title:
            out.append(Heading(_joined([x.text for _, x in lines[:title]]), 1, page=lines[0][0]))
            rest = lines[title:]
    group: list[str] = []
    first = 0
    previous: tuple[int, TextLine] | None = None
    for number, line in rest:
        if previous is not None and _starts_paragraph(previous, (number, line), body):
            out.append(Paragraph(_joined(group), page=first))
            group = []
        if not group:
            first = number
        group.append(line.text)
        previous = (number, line)
    if group:
        out.append(Paragraph(_joined(group), page=first))
    return out


def _title_length(lines: list[tuple[int, TextLine]], body: _Body) -> int:
    """How many lines at the start are one centred title."""
    count = 0
    for _, line in lines[:5]:
        off = abs((line.x0 + line.x1) / 2 - (body.left + body.right) / 2)
        indented = line.x0 > body.left + body.size and line.x1 < body.right - body.size
        if off > 1.5 * body.size or not indented:
            break
        if count and not 0.88 < line.size / lines[0][1].size < 1.14:
            break
        count += 1
    # A centred short line alone in the middle of nothing is no title of a document.
    return count if count < len(lines) else 0


def _starts_paragraph(
    previous: tuple[int, TextLine], current: tuple[int, TextLine], body: _Body
) -> bool:
    before, line = previous[1], current[1]
    em = body.size * 0.85
    if line.x0 > body.left + 1.2 * em or before.x1 < body.right - 1.9 * em:
        return True
    ratio = line.size / max(before.size, 0.1)
    if not 0.7 < ratio < 1.43:
        return True
    if _is_tabular(before) or _is_tabular(line):
        return True
    if before.text.rstrip()[-1:] in _SENTENCE_END and _NUMERAL.match(line.text.lstrip()):
        return True
    if previous[0] != current[0]:
        # Over one page break a paragraph may go on, over a page without text it does not.
        return current[0] != previous[0] + 1
    middles = (line.top + line.bottom - before.top - before.bottom) / 2
    return middles > 1.3 * body.leading + 2


def _is_tabular(line: TextLine) -> bool:
    """Three numbers or more set apart: a row of a table that was too small to be sure of."""
    return len(_APART.findall(line.text)) >= 3


def _joined(texts: list[str]) -> str:
    out = texts[0].strip()
    for text in map(str.strip, texts[1:]):
        between = out[-1:].isascii() and text[:1].isascii() and out[-1:].isalnum()
        out += (" " if between and text[:1].isalnum() else "") + text
    return out
