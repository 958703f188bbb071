"""A document's paragraphs as one text in which table labels can be found wherever they stand.

In: blocks. Out: ``StreamText`` (the joined text without plain prose, folded, with the way back to
line and cell), its ``Squeezed`` view (letters and digits alone) and ``TextCells``, the cells of a
table found in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from govreport_parse.documents.model import Block, Heading, Paragraph, Table, Where
from govreport_parse.matching.labels import row_label
from govreport_parse.text import Shadow, shadow
from govreport_parse.values import Locator

_ODD_BARS = "｜│┃║┆┇┊┋╎╏¦"
_RULES = re.compile(
    r"\n[ \t]*(?:([-=_~*\u2500\u2501\u2550])\1{9,}|[ \t|+\-\u2500-\u257f]*"
    r"[\u250c-\u254b\u2552-\u2570][ \t|+\-\u2500-\u257f]*)[ \t]*(?=\n|\Z)"
)
"""A drawn line between rows: ten dashes or more and nothing else, or corners and crossings.

``----`` and a row of dashes between bars are cells. Its line end goes with it: else an empty line
would be left, which is an empty cell."""
_DRAWN = (*(c * 10 for c in "-=_~*"), *"─━═┼┿╂╋╪╬├┌┬╞╠╔╦└╚")
"""One of these stands in every drawn line."""
_ENTITY = re.compile(r"&(?:amp;)?(?:nbsp|ensp|emsp|#160|#xa0|#12288|#x3000);", re.IGNORECASE)
_BAR_AND_TAB = re.compile(r"\t ?\| ?\t?|\| ?\t")
_KEPT = re.compile("[0-9A-Za-z\u3400-\u9fff]+")
_WIDE_DIGITS = "０１２３４５６７８９"
_DIGITS = "0123456789" + _WIDE_DIGITS
FOLDS_TO_DIGITS = re.compile(
    "[\u2150-\u215f\u2189\u2460-\u249b\u24ea\u3251-\u325f\u32b1-\u32cb\u3358-\u3370"
    "\u3378\u3379\u339f-\u33a6\u33a8\u33af\u33e0-\u33fe\uff10-\uff19]"
)
"""Signs whose folded form holds a digit that the source doesn't print: １, but ① and ㎡ too."""
_MARKS = "|\n\t" + _ODD_BARS

SENTENCE = 80
"""Characters; the header and the numbers of the smallest table have more."""
TABLE_DIGITS = 10
_PROSE = "\ufdd0"
"""A noncharacter that stands where prose was left out."""

Piece = tuple[str, int]
"""One value as the folded text shows it, and where it starts there; ``""`` is an empty place."""


class TextCells(Table):
    """The cells of a text table; a cell's place is its line and its number in the line."""

    __slots__ = ("_text", "starts")

    def __init__(self, number: int, text: StreamText) -> None:
        super().__init__(number)
        self._text = text
        self.starts: list[int] = []

    def enter(self, raw: str, start: int) -> Where:
        """Append a cell that starts at ``start`` of the folded text; its place."""
        self.texts.append(raw)
        self.starts.append(start)
        return (self, len(self.starts) - 1)

    def enter_all(self, pieces: Sequence[Piece]) -> list[Where]:
        """Append a row of cells; their places."""
        n = len(self.starts)
        self.texts += [t for t, _ in pieces]
        self.starts += [s for _, s in pieces]
        return [(self, i) for i in range(n, len(self.starts))]

    def locator(self, i: int) -> Locator:
        """Line and cell, both counted from 1."""
        return self._text.locator(self.starts[i])


@dataclass(slots=True)
class StreamText:
    """The paragraphs of a document as one text with a shadow."""

    blocks: Sequence[Block]
    numbers: list[int]
    """Block index of each paragraph."""
    starts: list[int]
    """Raw offset of each paragraph."""
    view: Shadow
    text: str
    """The folded text: white space is a blank, a tab or a line end, a bar of any kind ``|``."""
    plain_digits: bool
    """No digit was folded: digits of the folded text are those of the raw one."""
    prose: tuple[Sequence[int], Sequence[int]] = ((), ())
    """Where prose was left out of the folded text, and how many characters up to there."""

    def distance(self, offset: int) -> int:
        """Characters of prose that were left out before an offset of the folded text."""
        k = bisect_right(self.prose[0], offset)
        return self.prose[1][k - 1] if k else 0

    def raw(self, piece: Piece) -> str:
        """A piece as the source prints it."""
        text, start = piece
        if not text or (self.plain_digits and text.isascii() and text.isdigit()):
            return text
        return self.view.raw_slice(start, start + len(text))

    def block_at(self, offset: int) -> int:
        """Block index at an offset of the folded text."""
        return self.numbers[bisect_right(self.starts, self.view.raw_offset(offset)) - 1]

    def locator(self, offset: int) -> Locator:
        """Line and cell of an offset of the folded text."""
        raw_at = self.view.raw_offset(offset)
        k = bisect_right(self.starts, raw_at) - 1
        block = self.blocks[self.numbers[k]]
        before = self.view.raw[self.starts[k] : raw_at]
        line = getattr(block, "line", None) or k + 1
        if "\n" in before:
            line += before.count("\n")
            before = before[before.rindex("\n") + 1 :]
        row = before.lstrip("| " + _ODD_BARS)
        cell = 1 + sum(row.count(c) for c in "\t|" + _ODD_BARS)
        return Locator(page=getattr(block, "page", None), line=line, cell=cell)


def stream_text(blocks: Sequence[Block]) -> StreamText:
    """Join the paragraphs and headings of a document, but for those that can hold no table."""
    numbers: list[int] = []
    starts: list[int] = []
    parts: list[str] = []
    left_out: list[int] = []
    at = prose = 0
    for i, b in enumerate(blocks):
        if isinstance(b, (Paragraph, Heading)):
            text = b.text
            if len(text) > SENTENCE and is_prose(text):
                prose += len(text)
                left_out.append(prose)
                parts.append(_PROSE)
                at += len(_PROSE) + 1
                continue
            if text.count("|") > 2 or "\t" in text:
                text = _without_copies(text)
            numbers.append(i)
            starts.append(at)
            parts.append(text)
            at += len(text) + 1
    raw = "\n".join(parts)
    view = shadow(raw)
    folded = view.text
    plain = FOLDS_TO_DIGITS.search(raw) is None
    for bar in _ODD_BARS:
        folded = folded.replace(bar, "|")
    folded = _tidied(folded)
    out = StreamText(blocks, numbers, starts, view, folded, plain)
    places = [m.start() for m in re.finditer(_PROSE, folded)] if left_out else []
    if len(places) == len(left_out):  # else the source has such signs of its own
        out.prose = (places, left_out)
    return out


def _tidied(folded: str) -> str:
    """The text with blanks for what is neither cell nor separator; its length stays."""
    if "&" in folded:
        folded = _ENTITY.sub(_blanks, folded)
    if "|" in folded and "\t" in folded:
        folded = _BAR_AND_TAB.sub(lambda m: "|".ljust(len(m[0])), folded)
    if any(mark in folded for mark in _DRAWN):
        folded = _RULES.sub(_blanks, folded)
    return folded


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _without_copies(text: str) -> str:
    """The text with blanks for the copies of a row's label that fill the places of a merged cell.

    A sheet or frame written as text repeats them: ``| （一）予以公开 | （一）予以公开 | 3 |``.
    The length stays. Words that name no row stay too: in cells of figures they are ink.
    """
    lines = text.split("\n")
    for i, line in enumerate(lines):
        bar = "\t" if "\t" in line else "|"
        cells = line.split(bar)
        kept = ""
        for k, cell in enumerate(cells):
            body = cell.strip()
            if body and body == kept and row_label(body) is not None:
                cells[k] = " " * len(cell)
            else:
                kept = body
        lines[i] = bar.join(cells)
    return "\n".join(lines)


def is_prose(text: str) -> bool:
    """Whether a text is sentences only: no bar, tab or line end, and few digits in each.

    A table run together in one line has ten numbers or more and no full stop among them.
    """
    if "。" not in text or any(mark in text for mark in _MARKS):
        return False
    return all(
        len(s) <= SENTENCE or sum(map(s.count, _DIGITS)) < TABLE_DIGITS for s in text.split("。")
    )


@dataclass(slots=True)
class Squeezed:
    """The folded text without white space, bars and punctuation."""

    text: str
    starts: list[int]
    origin: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the folded text of ``text[start:end]``."""
        k = bisect_right(self.starts, start) - 1
        n = k
        while n + 1 < len(self.starts) and self.starts[n + 1] < end:
            n += 1
        shift = self.origin[k] - self.starts[k]
        return start + shift, self.origin[n] + end - self.starts[n]


def squeeze(text: str) -> Squeezed:
    """The ``Squeezed`` view of a folded text."""
    found = list(_KEPT.finditer(text))
    parts = [m.group() for m in found]
    starts = list(accumulate(map(len, parts), initial=0))
    return Squeezed("".join(parts), starts[:-1], [m.start() for m in found])
