"""Table 4 in running text as three rows of five, or as three small tables below each other.

Read only where everything is named: the five outcomes in the form's order above the numbers, and
review or litigation before each five of them, in their line or in a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from govreport_parse.formbook import REVIEW, forms
from govreport_parse.matching.labels import review_column, review_part
from govreport_parse.matching.stream_text import Piece
from govreport_parse.numbers import is_value_like

_FIVE = 5
_MAX_OTHER_LINES = 2
"""Lines between two parts that say nothing of use, such as 行政诉讼 above its two."""
_CELL = re.compile(r"[^|\t\n]+")
_WORD = re.compile(r"[^|\s]+")


class ReviewParts(NamedTuple):
    """Where the parts stand in the text, and their fifteen numbers in the form's order."""

    start: int
    last: int
    pieces: list[Piece]


def review_in_parts(text: str, start: int, stop: int) -> ReviewParts | None:
    """The three parts between two offsets; None if one is missing, unnamed or there twice."""
    spec = forms()[0].table(REVIEW)
    keys = [c.key for c in spec.blocks[0].columns]
    found: dict[str, list[Piece]] = {}
    named: str | None = None
    first = last = -1
    has_columns = False
    others = 0
    for at, cells in _lines(text, start, stop):
        five = cells[-_FIVE:] if _FIVE <= len(cells) <= _FIVE + 1 else []
        if [review_column(t) for t, _ in five] == keys:
            has_columns = True
            first = at if first < 0 else first
            continue
        if has_columns and five and all(is_value_like(t) for t, _ in five):
            values = five
            key = review_part(cells[0][0]) if len(cells) > _FIVE else named
            if key is None or key in found:
                return None
            found[key] = values
            last = values[-1][1] + len(values[-1][0])
            named, others = None, 0
            if len(found) == len(spec.rows):
                break
            continue
        key = review_part("".join(t for t, _ in cells))
        if key is not None:
            named = key
            first = at if first < 0 else first
        elif first >= 0:
            others += 1
            if others > _MAX_OTHER_LINES:
                if found:
                    return None
                first, has_columns, others = -1, False, 0
    if found.keys() != {r.key for r in spec.rows}:
        return None
    return ReviewParts(first, last, [p for r in spec.rows for p in found[r.key]])


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[int, list[Piece]]]:
    """Offset and cells of each line that holds more than marks; blank cells are left out."""
    at = text.rfind("\n", 0, start) + 1
    while at < min(stop, len(text)):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        split = _CELL if "|" in text[at:end] or "\t" in text[at:end] else _WORD
        cells = []
        for m in split.finditer(text, at, end):
            bare = m.group().strip(" #*")
            if bare and any(c.isalnum() for c in bare):
                cells.append((bare, m.start() + m.group().index(bare)))
        if cells:
            yield at, cells
        at = end + 1
