"""Table 4 in parts: review and litigation above each other, in one table or in two.

Read only where the header names everything: each five columns have the five outcomes above them
in the form's order, and above these the name of their block; one row of numbers follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.formbook import REVIEW, forms
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import review_block, review_column
from govreport_parse.matching.result import MatchedRow, Place, TableMatch
from govreport_parse.matching.row_marks import places_of
from govreport_parse.numbers import is_value_like

WIDTH = 15
ROW = "*"
"""Key under which the one printed row is kept until it is cut into three."""
_FIVE = WIDTH // 3
_MAX_APART = 2
"""Document blocks between two parts of the table."""

_Span = tuple[int, int]


def match_parts(rows: Rows, headers: Sequence[Header], table: TableMatch) -> bool:
    """Enter the parts as one row in ``table``; False, and nothing done, if one is not certain.

    ``headers``: those that name outcomes, in reading order.
    """
    spec = forms()[0].table(REVIEW)
    keys = [c.key for c in spec.blocks[0].columns]
    found: dict[str, list[Place]] = {}
    used: list[Hit] = []
    for n, header in enumerate(headers):
        named = [
            (span, key)
            for text, span in zip(header.texts, header.spans, strict=False)
            if (key := review_column(text))
        ]
        spans = [span for span, _ in named]
        if not named or [key for _, key in named] != keys * (len(named) // _FIVE):
            return False
        stop = headers[n + 1].before if n + 1 < len(headers) else len(rows.hits)
        hit = _only_row(rows.hits[header.before : stop], header.block, spans)
        blocks = _blocks_above(rows.headers, header, spans)
        if hit is None or blocks is None or found.keys() & set(blocks):
            return False
        if used and hit.block - used[-1].block > _MAX_APART:
            return False
        places = places_of(hit)
        for i, block in enumerate(blocks):
            found[block] = places[i * _FIVE : (i + 1) * _FIVE]
        used.append(hit)
    if set(found) != {r.key for r in spec.rows}:
        return False
    first = used[0]
    all_places: list[Place | None] = [p for r in spec.rows for p in found[r.key]]
    table.rows[ROW] = MatchedRow(REVIEW, ROW, "label", first.label, first.label_where, all_places)
    table.blocks.update(h.block for h in used)
    return True


def _only_row(hits: Sequence[Hit], block: int, spans: Sequence[_Span]) -> Hit | None:
    """The one row of values right below these columns; None if there are none or several."""
    rows = [h for h in hits if h.block == block and h.tokens and h.spans == list(spans)]
    rows = [h for h in rows if all(map(is_value_like, filter(None, h.tokens)))]
    if len(rows) != 1 or not rows[0].placed or rows[0].joined or rows[0].torn:
        return None
    return rows[0]


def _blocks_above(
    headers: Sequence[Header], below: Header, spans: Sequence[_Span]
) -> list[str] | None:
    """The name of the block above each five columns: the nearest cell over just these."""
    above = [h for h in headers if h.block == below.block and h.before <= below.before]
    out: list[str] = []
    for i in range(0, len(spans), _FIVE):
        low, high = spans[i][0], spans[i + _FIVE - 1][1]
        names = [
            key
            for h in above
            for text, span in zip(h.texts, h.spans, strict=False)
            if (key := review_block(text)) and span == (low, high)
        ]
        if not names:
            return None
        out.append(names[-1])
    return out
