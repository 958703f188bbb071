"""Table 4: one row of fifteen numbers under a header that can't be relied on.

Fifteen cells are the fifteen columns in order; three rows of five are read where each row is named
and the five columns too. Anything else is left to the solver, block by block, or stays ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from govreport_parse.documents.model import Block, Table
from govreport_parse.documents.unseen import MARKED
from govreport_parse.formbook import REVIEW, forms
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import review_block, review_column, review_part
from govreport_parse.matching.result import MatchedRow, Place, TableMatch
from govreport_parse.matching.review_parts import ROW, WIDTH, match_parts
from govreport_parse.matching.rivals import table_label, table_repeated
from govreport_parse.matching.row_marks import doubt, finding, locate, places_of, settle_nothing
from govreport_parse.numbers import is_value_like

REACH = 60
"""Rows below a header that may still belong to it (one row an organ)."""
_NEAR = 6
"""Rows below the last header in which the first row of values stands."""
_COUNTED = [str(n) for n in range(1, WIDTH + 1)]
"""A row that numbers the columns; as figures its sums would be wrong."""
_HAN = re.compile("[\u3400-\u9fff]")


def match_review(rows: Rows) -> TableMatch:
    """Table 4 from the hits below the last header that names its outcomes."""
    table = TableMatch(REVIEW)
    headers = [h for h in rows.headers if h.review >= 2]
    strong = [h for h in headers if any(review_column(t) for t in h.texts)]
    if not strong:
        _match_upright(rows.hits, table)
        return table
    hits = _with_ink(rows.hits, strong)
    found = _candidates(hits, strong)
    if not any(len(hits[i].tokens) >= WIDTH - 3 for i in found) and (
        _match_by_rows(rows, table) or match_parts(rows, strong, table)
    ):
        return table
    table.blocks.update(h.block for h in headers)
    if not found:
        return table
    table.blocks.update(hits[i].block for i in found)
    shown = [i for i in found if hits[i].n_shown] or found[:1]
    if len(shown) > 1:
        shown = [i for i in shown if hits[i].tokens != _COUNTED] or shown
    read = [_row(hits[i]) for i in shown]
    row = next((r for r in read if r.places is not None), read[0])
    table.rows[ROW] = row
    if row.places is not None:
        _check_header(row, strong, table)
        _check_blocks(row, [h for h in headers if h.block == strong[-1].block], table)
    doubt_review(table, [r for r in read if r is not row])
    return table


def doubt_review(table: TableMatch, others: Sequence[MatchedRow]) -> None:
    """Figures of table 4 that another row of values gives otherwise are ambiguous."""
    row = table.rows[ROW]
    unsure: set[int] = set()
    for other in others:
        if row.places is not None and other.places is not None:
            unsure |= doubt(row, other.places)
        elif [t.raw for t in row.tokens] != [t.raw for t in other.tokens] or not row.tokens:
            unsure.update(range(WIDTH))
            settle_nothing(row)
    if unsure:
        row.unsure |= unsure
        paths = [s.path for s in forms()[0].table(REVIEW).figures]
        table.findings.append(
            table_repeated(
                REVIEW,
                table_label(REVIEW),
                [paths[i] for i in sorted(unsure)],
                locate(others[0].where),
            )
        )


def _row(hit: Hit) -> MatchedRow:
    row = MatchedRow(REVIEW, ROW, "position", hit.label, hit.label_where, None)
    tokens = places_of(hit)
    shown = [t for t in tokens if t.raw]
    if hit.joined:
        row.tokens, row.joined = shown, True
    elif len(tokens) == WIDTH and hit.placed:
        row.places = list(tokens)
    elif (
        hit.placed
        and len(tokens) > WIDTH
        and not any(t.raw for t in tokens[WIDTH:])
        and tokens[WIDTH - 1].raw
    ):
        row.places = list(tokens[:WIDTH])
    elif len(shown) == WIDTH:
        row.places = list(shown)
    elif not shown and tokens and not hit.placed:
        row.places = [tokens[0]] * WIDTH
    else:
        row.tokens = shown
        row.lost = len(shown) < WIDTH
        row.split = len(shown) > WIDTH
    return row


def _with_ink(hits: list[Hit], headers: Sequence[Header]) -> list[Hit]:
    """The hits, with rows of fifteen cells below fifteen named columns whole.

    A cell that is no number was taken for the row's label, with all cells before it. Where it is
    the only one and has words, it may be the name of the row, and the last cell is lost.
    """
    low, high = headers[0].before, headers[-1].before + _NEAR
    if not any(len(h.tokens) < WIDTH and h.label and h.spans is not None for h in hits[low:high]):
        return hits
    out = list(hits)
    mute: list[tuple[int, Hit]] = []
    for i, hit in enumerate(hits[low:high], low):
        if hit.spans is None or len(hit.tokens) >= WIDTH or not isinstance(hit.label_where, tuple):
            continue
        source, at = hit.label_where
        cells = [k for k, row in enumerate(source.rows) if row == source.rows[at]]
        spans = [(source.columns[k], source.columns[k] + source.colspans[k]) for k in cells]
        named = _outcome_spans([h for h in headers if h.block == hit.block])
        if len(cells) != WIDTH or named != spans:
            continue
        texts = [source.texts[k] for k in cells]
        ink = [t for t in texts if t and not is_value_like(t)]
        is_name = len(ink) == 1 and ink[0] == texts[0] and _HAN.search(MARKED.sub("", ink[0]))
        if is_name or any(review_column(t) for t in ink):
            continue
        whole = replace(
            hit,
            label="",
            match=None,
            tokens=texts,
            where=[(source, k) for k in cells],
            spans=spans,
        )
        if any(c.isdigit() for t in texts if is_value_like(t) for c in t):
            out[i] = whole
        else:
            mute.append((i, whole))
    # fifteen times 件 or A to O are no values, unless no other row stands there
    if mute and not any(len(h.tokens) >= WIDTH - 3 for h in out[low:high]):
        out[mute[-1][0]] = mute[-1][1]
    return out


def _outcome_spans(headers: Sequence[Header]) -> list[tuple[int, int]]:
    """Grid columns of the outcomes that header rows name, in order."""
    cells = (c for h in headers for c in zip(h.texts, h.spans, strict=False))
    return sorted({span for text, span in cells if review_column(text)})


def _match_by_rows(rows: Rows, table: TableMatch) -> bool:
    """Three rows of five numbers: every row names its block, the header each of the five.

    Where each block is a table of its own, the line before it may name the block.
    """
    spec = forms()[0].table(REVIEW)
    keys = [c.key for c in spec.blocks[0].columns]
    headers = {h.before: h for h in rows.headers if h.review >= len(keys)}
    found: dict[str, dict[str, Place]] = {}
    used: list[Hit] = []
    columns: dict[tuple[int, int], str] = {}
    named: str | None = None
    for i, hit in enumerate(rows.hits):
        if i in headers:
            header = headers[i]
            cells = zip(header.texts, header.spans, strict=False)
            columns = {span: key for text, span in cells if (key := review_column(text))}
            if sorted(columns.values()) != sorted(keys):
                columns = {}
            named = named or _named_above(rows.document, header.block)
        own = review_part(hit.label)
        if not hit.tokens:
            named = own or named
            continue
        if not columns or not hit.placed or hit.joined or hit.torn or hit.spans is None:
            continue
        if list(hit.spans) != sorted(columns) or not all(map(_plain, hit.tokens)):
            continue
        key = own if hit.label else named
        if key is None or key in found or (used and hit.block - used[-1].block > 2):
            return False
        found[key] = {
            columns[span]: place for span, place in zip(hit.spans, places_of(hit), strict=True)
        }
        used.append(hit)
        named = None
    if set(found) != {r.key for r in spec.rows}:
        return False
    first = used[0]
    places: list[Place | None] = [found[r.key][key] for r in spec.rows for key in keys]
    table.rows[ROW] = MatchedRow(REVIEW, ROW, "label", first.label, first.label_where, places)
    table.blocks.update(h.block for h in used)
    return True


def _named_above(document: Sequence[Block], block: int) -> str | None:
    """The block that the line right before a table names."""
    above = document[block - 1] if 0 < block < len(document) else None
    return None if above is None or isinstance(above, Table) else review_part(above.text)


def _match_upright(hits: Sequence[Hit], table: TableMatch) -> None:
    """A table turned on its side: fifteen rows of one outcome each, in the form's order."""
    keys = [c.key for c in forms()[0].table(REVIEW).blocks[0].columns] * 3
    at = 0
    for i, hit in enumerate(hits):
        fits = len(hit.tokens) == 1 and hit.placed and review_column(hit.label) == keys[at]
        at = at + 1 if fits else 0
        if at == WIDTH:
            mine = hits[i - WIDTH + 1 : i + 1]
            first = mine[0]
            places: list[Place | None] = [p for h in mine for p in places_of(h)]
            table.rows[ROW] = MatchedRow(
                REVIEW, ROW, "position", first.label, first.label_where, places
            )
            table.blocks.update(h.block for h in mine)
            return


def _candidates(hits: Sequence[Hit], strong: Sequence[Header]) -> list[int]:
    """All rows of values below headers of table 4; if none is whole, the last header's row."""
    own = {h.before for h in strong if h.spans}
    found: dict[int, None] = {}
    for n, h in enumerate(strong):
        stop = min(len(hits), h.before + REACH)
        if n + 1 < len(strong):
            stop = min(stop, strong[n + 1].before + (0 if strong[n + 1].spans else 1))
        near = h.before
        for i in range(h.before, stop):
            hit = hits[i]
            if i in own or i in found or (hit.match is not None and hit.match.exact):
                continue
            values = len(hit.tokens) >= WIDTH - 3 and all(_plain(t) for t in hit.tokens)
            if values and i - near < 6:
                found[i] = None
                near = i
    if len(found) > 1:
        return list(found)
    at = _data_row(hits, min(h.before for h in strong), max(h.before for h in strong))
    if at is not None and found and len(hits[at].tokens) < WIDTH - 3:
        return list(found)
    return [at] if at is not None else list(found)


def _data_row(hits: Sequence[Hit], start: int, last_header: int) -> int | None:
    """The first row of numbers below the header; rows of words are header rows."""
    for i in range(start, min(len(hits), last_header + _NEAR)):
        hit = hits[i]
        if hit.match is not None and hit.match.exact:
            continue
        if i < last_header:
            continue
        if (hit.n_shown and all(_plain(t) for t in hit.tokens)) or len(hit.tokens) >= WIDTH - 3:
            return i
    return None


def _plain(text: str) -> bool:
    return not any("\u3400" <= c <= "\u9fff" for c in text) or len(text) <= 2


def _check_header(row: MatchedRow, headers: Sequence[Header], table: TableMatch) -> None:
    """A complete header in another order than the form's makes differing cells unsure."""
    assert row.places is not None
    columns = [c.key for c in forms()[0].table(REVIEW).blocks[0].columns]
    named: dict[int, str] = {}
    for h in headers:
        for text, (start, end) in zip(h.texts, h.spans, strict=False):
            key = review_column(text)
            if key and end - start == 1:
                named[start] = key
    if len(named) != WIDTH:
        return
    printed = [named[c] for c in sorted(named)]
    wanted = columns * 3
    if printed == wanted or any(sorted(printed[i : i + 5]) != sorted(columns) for i in (0, 5, 10)):
        return
    unsure: set[int] = set()
    for b in (0, 5, 10):
        by_name: dict[str, Place | None] = dict(
            zip(printed[b : b + 5], row.places[b : b + 5], strict=True)
        )
        for i, key in enumerate(columns):
            mine, other = row.places[b + i], by_name[key]
            if (mine.raw if mine else "") != (other.raw if other else ""):
                unsure.add(b + i)
    row.unsure |= unsure
    table.findings.append(
        finding(
            "column_order",
            "error" if unsure else "info",
            "the header of table 4 names the outcomes in another order than the form",
            "表四表头列次与格式不一致",
            (),
            row.where,
        )
    )


def _check_blocks(row: MatchedRow, headers: Sequence[Header], table: TableMatch) -> None:
    """A header that names review and litigation in another order makes differing cells unsure."""
    assert row.places is not None
    rows = [r.key for r in forms()[0].table(REVIEW).rows]
    starts = {
        key: start
        for h in headers
        for text, (start, _) in zip(h.texts, h.spans, strict=False)
        if (key := review_block(text))
    }
    named = [key for key in rows if key in starts]
    printed = sorted(named, key=starts.__getitem__)  # those that start alike keep their order
    if printed == named:
        return
    order = iter(printed)
    wanted = [next(order) if key in starts else key for key in rows]
    unsure: set[int] = set()
    for b, key in enumerate(rows):
        there = wanted.index(key)
        for i in range(WIDTH // 3):
            mine, other = row.places[b * 5 + i], row.places[there * 5 + i]
            if (mine.raw if mine else "") != (other.raw if other else ""):
                unsure.add(b * 5 + i)
    row.unsure |= unsure
    table.findings.append(
        finding(
            "column_order",
            "error" if unsure else "info",
            "the header of table 4 names review and litigation in another order than the form "
            f"({', '.join(printed)})",
            "表四表头中行政复议、行政诉讼的次序与格式不一致",
            (),
            row.where,
        )
    )
