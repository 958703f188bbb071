"""Table 4 in running text: a run of its header words, and the fifteen numbers below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from govreport_parse.documents.model import Where
from govreport_parse.formbook import REVIEW, forms
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import review_words
from govreport_parse.matching.stream_places import Places, kept_blanks, slots_between
from govreport_parse.matching.stream_review_parts import review_in_parts
from govreport_parse.matching.stream_text import Piece, Squeezed, StreamText, TextCells
from govreport_parse.matching.stream_values import Values, values_after
from govreport_parse.numbers import is_value_like
from govreport_parse.text import label_key

REVIEW_WIDTH = 15
MAX_HEADER = 120
"""Letters of the whole header, and more."""
MAX_VALUES = 1500
"""Characters below the header in which the numbers are looked for."""
_HEADER_TAIL = re.compile(r"[ |\t]*\n")
"""Pads behind the last word of a header line."""


_RULE = re.compile(r"[ |+]*(?:(?:-{3,}|={3,}|─{2,}):?[ |+:├┤┼]*){4,}\n(?=[^\n]*[0-9])")
"""A drawn line between header and numbers; a row of dashes alone is a row of table 4."""


@dataclass(slots=True)
class Review:
    """Table 4 as found."""

    start: int
    """Of the header."""
    end: int
    """Of the header."""
    last: int
    """End of the values."""
    values: Values
    line: list[Piece] | None
    """The slots of the line below the header, if they are values and empty places."""
    inked: bool = False
    """Some of the slots of the line hold something else."""

    @property
    def span(self) -> range:
        """The header's offsets: the 其他 and 总计 in it are no rows."""
        return range(self.start, self.last)


@lru_cache(maxsize=1)
def _header_pattern() -> re.Pattern[str]:
    words = sorted(review_words(), key=lambda w: (-len(w), w))
    return re.compile(f"(?:{'|'.join(map(re.escape, words))}){{4,}}+")


@lru_cache(maxsize=1)
def _whole_words() -> tuple[str, ...]:
    table = forms()[0].table(REVIEW)
    return tuple(label_key(c.label) for c in table.blocks[0].columns if len(c.label) > 2)


def find_review(text: str, squeezed: Squeezed) -> Review | None:
    """The last header of table 4 that has most values below it, or the table in three parts."""
    best: Review | None = None
    words = _whole_words()
    seen = [i for w in words for i in (squeezed.text.find(w), squeezed.text.rfind(w)) if i >= 0]
    if not seen:
        return None
    low, high = max(0, min(seen) - MAX_HEADER), max(seen) + MAX_HEADER
    for m in _header_pattern().finditer(squeezed.text, low, high):
        if not any(w in m.group() for w in words):
            continue
        found = _read(text, *squeezed.span(*m.span()))
        if best is None or len(found.values.shown) >= len(best.values.shown):
            best = found
    if best is None or len(best.values.shown) < REVIEW_WIDTH - 3:
        start, stop = squeezed.span(min(seen), max(seen))
        parts = review_in_parts(text, max(0, start - MAX_HEADER), stop + 2 * MAX_HEADER)
        if parts is not None:
            values = Values(parts.pieces, parts.last, bars=True, separated=True)
            return Review(parts.start, parts.start, parts.last, values, parts.pieces)
    return best


def _read(text: str, start: int, end: int) -> Review:
    tail = _HEADER_TAIL.match(text, end)
    below = tail.end() if tail is not None else end
    rule = _RULE.match(text, below) if tail is not None else None
    if rule is not None and rule.end() < len(text):
        below = rule.end()
    stop = min(len(text), below + MAX_VALUES)
    values = values_after(text, below, stop, in_label=tail is None)
    values.join_wholes()
    line = None
    if tail is not None:
        line_end = text.find("\n", below)
        slots = slots_between(text, below, len(text) if line_end < 0 else line_end)
        inked = [t for t, _ in slots if t and not is_value_like(t)]
        if len(slots) > 1 and not inked:
            line = slots
        elif len(slots) == REVIEW_WIDTH and len(inked) * 2 < REVIEW_WIDTH:
            return Review(start, end, slots[-1][1] + len(slots[-1][0]), values, slots, True)
    return Review(start, end, max(values.end, end), values, line)


def enter_review(
    review: Review, cells: TextCells, rows: Rows, source: StreamText, shape: Places | None
) -> None:
    """The header and the row of table 4 as hits. ``shape``: what table 3 says of blank cells."""
    values = review.values
    block = source.block_at(review.start)
    rows.headers.append(Header(block, len(rows.hits), list(_whole_words()), [], review=4))
    placed = _placed(review, shape)
    pieces = placed or values.shown
    if not pieces:
        return
    joined = len(pieces) == 1 and pieces[0][0].isdigit() and len(pieces[0][0]) >= REVIEW_WIDTH
    where: list[Where] = cells.enter_all(pieces)
    rows.hits.append(
        Hit(
            "",
            None,
            [source.raw(p) for p in pieces],
            where,
            source.block_at(pieces[0][1]),
            cells.enter("", review.end),
            placed=placed is not None,
            row_seen=True,
            joined=joined,
        )
    )


def _placed(review: Review, shape: Places | None) -> list[Piece] | None:
    """The fifteen places, or ``None``: a pad at the row's end may stand for a cell lost before."""
    values, line = review.values, review.line
    shown = values.shown
    if shape is not None and shape.grid:
        return line if line is not None and len(line) == REVIEW_WIDTH else None
    if review.inked:
        return None
    if len(shown) == REVIEW_WIDTH:
        return shown
    if not shown and len(values.pieces) == REVIEW_WIDTH:
        return values.pieces
    if line is not None and len(line) == REVIEW_WIDTH and (not shown or _is_closed(line, shape)):
        return line
    if shape is None or not shape.trust:
        return None
    inner = values.inner
    if inner and not inner[0][0]:
        if shape.opener < 0:
            return None  # a blank first cell, or the bar that opens some rows
        if shape.leading or shape.opener == 1:
            inner = inner[1:]  # the bar that opens the row
    behind = REVIEW_WIDTH - len(inner)
    if inner and (behind == 0 or 0 < behind == kept_blanks(values.rest)):
        return inner + [("", values.end)] * behind
    return None


def _is_closed(line: list[Piece], shape: Places | None) -> bool:
    """Whether the last slot holds a number, so that no empty one is a pad."""
    return shape is not None and shape.trust and bool(line[-1][0])
