"""Lines in which section headings are sought: paragraphs, layout cells, rows of one heading.

In: blocks. Out: units in document order; what stands in tables of figures is one empty unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from govreport_parse.documents.model import Block, Heading, Table
from govreport_parse.matching.headings import (
    inline_starts,
    read_marker,
    read_words,
)

_Kind = Literal["line", "heading", "cell", "row", "table"]


class Unit(NamedTuple):
    """A line of text, or content that is no text.

    ``cell``: a line inside a layout table; ``row``: a heading alone in its row of a table;
    ``table``: any other part of tables.
    """

    block: int
    text: str
    kind: _Kind


_BREAK = re.compile(r"\s*(?:\n|<br ?/?>)\s*", re.IGNORECASE)


def read_units(blocks: Sequence[Block], is_consumed: Callable[[int], bool]) -> list[Unit]:
    """All units; ``is_consumed``: the block belongs to a table of the form."""
    out: list[Unit] = []
    consumed = -1  # last block of a run of consumed lines
    for i, block in enumerate(blocks):
        if isinstance(block, Table):
            if consumed >= 0:
                out.append(Unit(consumed, "", "table"))
                consumed = -1
            _table_units(block, i, is_consumed(i), out)
            continue
        if is_consumed(i):
            if consumed < 0:
                _give_to_table(out)
            consumed = i
            continue
        text = block.text.strip()
        if consumed >= 0:
            if text and _is_table_line(text):
                consumed = i
                continue
            out.append(Unit(consumed, "", "table"))
            consumed = -1
        if "\n" in text or "<" in text:
            kind: _Kind = "heading" if type(block) is Heading else "line"
            out.extend(Unit(i, t, kind) for t in _BREAK.split(text) if t)
        elif text:
            out.append(Unit(i, text, "heading" if type(block) is Heading else "line"))
    if consumed >= 0:
        out.append(Unit(consumed, "", "table"))
    return out


def _is_table_line(text: str) -> bool:
    """A line with bars that can't be a heading."""
    return "|" in text and text[0] not in _ROW_SIGNS


def _give_to_table(units: list[Unit]) -> None:
    """Header lines that stand directly before a table's first row are no text."""
    for u in range(len(units) - 1, -1, -1):
        if units[u].kind != "line" or not _is_table_line(units[u].text):
            return
        units[u] = Unit(units[u].block, "", "table")


def _table_units(table: Table, block: int, is_consumed: bool, out: list[Unit]) -> None:
    """Rows that hold one heading and nothing else; the text of a layout table."""
    texts = table.texts
    if texts and not is_consumed and not any(table.columns):
        for raw in texts:
            out.extend(Unit(block, t, "cell") for t in _BREAK.split(raw.strip()) if t)
        return
    out.append(Unit(block, "", "table"))
    for i in [i for i, raw in enumerate(texts) if raw[:1] in _ROW_SIGNS]:
        if _is_heading_row(texts, table.rows, i):
            out.append(Unit(block, texts[i].strip(), "row"))
            out.append(Unit(block, "", "table"))


_ROW_SIGNS = frozenset("一二三四五六七八第、 \n\t\u3000\xa0")


def _is_heading_row(texts: list[str], rows: list[int], i: int) -> bool:
    text = texts[i].strip()
    marker = read_marker(text) if len(text) > 5 else None
    if marker is None or marker.style == "paren":
        return False
    if read_words(text[marker.end :], strict=True, numeral=marker.value) is None:
        return False
    row = rows[i]
    for step in (-1, 1):
        k = i + step
        while 0 <= k < len(rows) and rows[k] == row:
            if texts[k].strip():
                return False
            k += step
    return True


def open_long_lines(units: list[Unit]) -> list[Unit]:
    """Units cut where a heading begins inside a long line."""
    out: list[Unit] = []
    for unit in units:
        text = unit.text
        cuts = list(inline_starts(text)) if len(text) > 12 else []
        if not cuts:
            out.append(unit)
            continue
        for begin, end in pairwise([0, *cuts, len(text)]):
            piece = text[begin:end].strip()
            if piece:
                out.append(Unit(unit.block, piece, unit.kind))
    return out
