"""A document that holds several reports, cut into one document each.

``split`` cuts; ``with_head`` gives a part what the page says before its first table, for reports
before which stands the table of half a year: the page's title is theirs, not the table's.
"""

from __future__ import annotations

from dataclasses import replace

from govreport_parse.documents.model import Document, Table
from govreport_parse.formbook import REQUESTS
from govreport_parse.matching.result import Match
from govreport_parse.matching.tables import match_tables
from govreport_parse.text import label_key


def split(document: Document, match: Match) -> list[Document]:
    """The document cut before each further report's title or first heading.

    ``match`` is that of the document. One part where neither is found.
    """
    if match.split_at is None:
        return [document]
    blocks = document.blocks
    low = min(match.tables[REQUESTS].blocks, default=0) + 1
    at = None
    for i in range(match.split_at, low - 1, -1):
        block = blocks[i]
        if isinstance(block, Table):
            continue
        text = block.text
        is_title = len(text) < 60 and any(w in text for w in ("年度报告", "年報", "年报"))
        is_first_heading = len(text) < 20 and any(w in text for w in ("总体情况", "總體情況"))
        if is_title:
            at = i
            break
        if at is None and is_first_heading:
            at = i
    if at is None:
        return [document]
    # What the page says of itself (title, date) is said of its first report.
    out = [
        replace(document, blocks=blocks[:at]),
        replace(document, blocks=blocks[at:], meta={}),
    ]
    second = match_tables(out[1])
    if second.split_at is not None:
        return [out[0], *split(out[1], second)]
    return out


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
