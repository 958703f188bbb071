"""A document that holds several reports, cut into one document each.

``split`` cuts; ``with_head`` gives a part what the page says before its first table, for reports
before which stands the table of half a year: the page's title is theirs, not the table's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from govreport_parse.documents.model import Block, Document, Table
from govreport_parse.formbook import REQUESTS
from govreport_parse.matching.result import Match
from govreport_parse.matching.tables import match_tables
from govreport_parse.text import label_key

_BEGIN = 40_000
"""Characters that hold two reports, each cell of a grid counted as ``_PER_CELL``."""
_PER_CELL = 20


def split(document: Document, match: Match) -> list[Document]:
    """The document cut before each further report's title or first heading.

    ``match`` is that of the document. One part where neither is found.
    """
    out: list[Document] = []
    rest = document
    while match.split_at is not None:
        low = min(match.tables[REQUESTS].blocks, default=0) + 1
        at = _begin_of_next(rest.blocks, low, match.split_at)
        if at is None:
            break
        # What the page says of itself (title, date) is said of its first report.
        out.append(replace(rest, blocks=rest.blocks[:at]))
        rest = replace(rest, blocks=rest.blocks[at:], meta={})
        match = _match_begin(rest)
    return [*out, rest]


def _begin_of_next(blocks: Sequence[Block], low: int, table: int) -> int | None:
    """The title or first heading before the block that holds the next report's table 3."""
    heading = None
    for i in range(table, low - 1, -1):
        block = blocks[i]
        if isinstance(block, Table):
            continue
        text = block.text
        if len(text) < 60 and any(w in text for w in ("年度报告", "年報", "年报")):
            return i
        if len(text) < 20 and any(w in text for w in ("总体情况", "總體情況")) and heading is None:
            heading = i
    return heading


def _match_begin(document: Document) -> Match:
    """The match of the document, or of its begin where that shows where the next report begins.

    So that a document of a thousand reports is not matched to its end a thousand times.
    """
    room = _BEGIN
    for n, block in enumerate(document.blocks, 1):
        room -= len(block) * _PER_CELL if isinstance(block, Table) else len(block.text)
        if room < 0 and n < len(document.blocks):
            match = match_tables(replace(document, blocks=document.blocks[:n]))
            if match.split_at is not None:
                return match
            break
    return match_tables(document)


def with_head(part: Document, title: str | None, page: Document, match: Match) -> Document:
    """``part`` as the page's own report: with its meta data, and its title if it has none.

    ``title``: that found in the part. ``match``: that of the page's first part, whose tables are
    of no whole year; what stands before them and their captions is put before ``part``.
    """
    told = [page.meta.get("articletitle"), page.meta.get("title")]
    if title is not None:
        is_told = any(label_key(title) in label_key(text) for text in told if text)
        return replace(part, meta=page.meta) if is_told else part
    first = min((b for t in match.tables.values() for b in t.blocks), default=0)
    head = list(page.blocks[:first])
    while head and not isinstance(head[-1], Table) and "年度报告" not in head[-1].text:
        head.pop()
    return replace(part, blocks=[*head, *part.blocks], meta=page.meta)
