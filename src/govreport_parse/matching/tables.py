"""Document in, the three form tables out: which block holds what, under which form.

Grids are read first; tables that no grid gives are looked for in the running text, so a page
whose tables are typed as lines works like a text file. The form is found per table and, in
table 2, per block; report year and cited notice play no part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.formbook import ANNUAL_FORMS, PROACTIVE, REQUESTS, REVIEW, form, layout
from govreport_parse.formbook.spec import Layout
from govreport_parse.matching.assign import match_requests
from govreport_parse.matching.hits import Rows, grid_rows
from govreport_parse.matching.proactive import match_proactive
from govreport_parse.matching.result import Match, MatchedRow, Place, TableMatch
from govreport_parse.matching.review import doubt_review, match_review
from govreport_parse.matching.review_parts import ROW, WIDTH
from govreport_parse.matching.row_marks import finding
from govreport_parse.matching.rows_apart import doubt_rows_apart
from govreport_parse.matching.stream import StreamTables, stream_tables
from govreport_parse.matching.stream_review import find_review
from govreport_parse.matching.stream_text import TextCells, squeeze
from govreport_parse.numbers import is_value_like
from govreport_parse.values import Finding

FORM_2021, FORM_2019 = ANNUAL_FORMS
TABLES = (PROACTIVE, REQUESTS, REVIEW)
MAX_REVIEW_LINE = 400
"""Characters behind table 4 in which a second row of values is looked for."""


def match_tables(document: Document) -> Match:
    """Lay the form tables over a document. Never raises on what a document says."""
    rows = Rows(document=document.blocks)
    for i, block in enumerate(document.blocks):
        if isinstance(block, Table):
            grid_rows(block, i, rows)
    tables, split_at = _match_rows(rows)
    consumed = _consumed(tables)
    blocks: Sequence[Block] = document.blocks
    missing = frozenset(k for k in TABLES if not tables[k].rows)
    if missing:
        found = stream_tables(document.blocks, missing)
        found.rows.document = document.blocks
        if found.rows.hits:
            texts, again = _match_rows(found.rows)
            for key in missing:
                if texts[key].rows:
                    tables[key] = texts[key]
                    if key == REVIEW:
                        _doubt_review(found, tables[key])
            if missing == frozenset(TABLES) or REQUESTS in missing:
                split_at = split_at if split_at is not None else again
            used = {k: v for k, v in found.spans.items() if k in missing and tables[k].rows}
            blocks, consumed = _cut_text(document.blocks, consumed, used, found)
    findings = [f for t in TABLES for f in tables[t].findings]
    return Match(_layout(tables, findings), tables, findings, blocks, frozenset(consumed), split_at)


def _match_rows(rows: Rows) -> tuple[dict[str, TableMatch], int | None]:
    requests, split_at = match_requests(rows)
    hint = request_form(requests)
    until = _first_hit(rows, requests) if requests.rows else None
    proactive = match_proactive(rows, until, hint)
    review = match_review(rows)
    tables = {PROACTIVE: proactive, REQUESTS: requests, REVIEW: review}
    doubt_rows_apart(rows, tables)
    return tables, split_at


def _doubt_review(found: StreamTables, table: TableMatch) -> None:
    """Compare table 4 of the running text with others that stand before or behind it."""
    if found.text is None or REVIEW not in found.spans:
        return
    text = found.text.text
    start, last = found.spans[REVIEW]
    others: list[tuple[list[str], int]] = []
    lines: list[list[str]] = []
    for line in text[start : last + MAX_REVIEW_LINE].split("\n"):
        cells = line.replace("|", " ").split()
        if len(cells) == WIDTH and all(is_value_like(t) for t in cells):
            lines.append(cells)
    # the first such line is the table's own
    others += [(cells, last) for cells in lines[1:] if cells != lines[0]]
    for low, high in ((0, start), (last, len(text))):
        end = high
        while "维持" in (part := text[low:end]):
            review = find_review(part, squeeze(part))
            if review is None:
                break
            end = low + review.start
            if len(review.values.shown) >= WIDTH - 3:
                others.append(([t for t, _ in review.values.shown], end))
    rows: list[MatchedRow] = []
    for texts, at in others:
        where = TextCells(0, found.text).enter("", at)
        places = [Place(t, where) for t in texts]
        row = MatchedRow(REVIEW, ROW, "position", "", where, None, places)
        if len(places) == WIDTH:
            row.places = list(places)
        rows.append(row)
    doubt_review(table, rows)


def _first_hit(rows: Rows, requests: TableMatch) -> int | None:
    labels = {id(r.where) for r in requests.rows.values()}
    return next((i for i, h in enumerate(rows.hits) if id(h.label_where) in labels), None)


def request_form(table: TableMatch) -> str | None:
    """The form of table 3, told by its rows: the parts of （六） or its single row."""
    parts = [
        r.key
        for r in form(FORM_2021).table(REQUESTS).rows
        if r.parent == "other_handling" and r.key in table.rows
    ]
    if parts:
        return FORM_2021
    if "other_handling" in table.rows:
        return FORM_2019
    return None


def _layout(tables: dict[str, TableMatch], findings: list[Finding]) -> Layout:
    requests = request_form(tables[REQUESTS])
    block_forms = tables[PROACTIVE].block_forms
    kinds = set(block_forms.values())
    known = [f for f in (requests, *sorted(kinds)) if f]
    lead = known[0] if known else FORM_2021
    if requests is None and tables[REQUESTS].rows:
        lead = next(iter(kinds)) if len(kinds) == 1 else FORM_2021
        findings.append(
            finding(
                "form_assumed",
                "warning",
                f"table 3 shows none of the rows that tell its form; taken as {lead}",
                f"表三未能判明所用格式，按{lead}处理",
            )
        )
    requests = requests or lead
    if len(kinds) == 1:
        proactive: str | tuple[tuple[str, str], ...] = kinds.pop()
    elif kinds:
        votes = list(block_forms.values())
        base = max(sorted(set(votes)), key=votes.count)
        keys = [b.key for b in form(base).table(PROACTIVE).blocks]
        keys += [k for k in block_forms if k not in keys]
        proactive = tuple((k, block_forms.get(k, base)) for k in keys)
    else:
        proactive = requests
    review = proactive if isinstance(proactive, str) else requests
    return layout(proactive, requests, review)


def _consumed(tables: dict[str, TableMatch]) -> set[int]:
    return {b for t in tables.values() if t.rows for b in t.blocks}


def _cut_text(
    blocks: Sequence[Block],
    consumed: set[int],
    spans: dict[str, tuple[int, int]],
    found: StreamTables,
) -> tuple[list[Block], set[int]]:
    """Blocks with the text of tables cut out as blocks of their own, and which these are.

    Block numbers of grids change with it, so the set is made anew.
    """
    assert found.text is not None
    view = found.text.view
    cuts = sorted((view.raw_offset(a), view.raw_offset(b)) for a, b in spans.values() if b > a)
    numbers, starts = found.text.numbers, found.text.starts
    reached: dict[int, int] = {}
    inside: set[int] = set()
    for a, b in cuts:
        first = max(0, bisect_right(starts, a) - 1)
        last = bisect_left(starts, b)
        for k in range(first, last):
            reached[numbers[k]] = starts[k]
            if first < k < last - 1:
                inside.add(numbers[k])
    out: list[Block] = []
    taken: set[int] = set()
    for i, block in enumerate(blocks):
        at = reached.get(i)
        if at is None or i in inside or isinstance(block, Table):
            if i in consumed or i in inside:
                taken.add(len(out))
            out.append(block)
            continue
        for part, is_table in _parts(block, at, cuts):
            if is_table:
                taken.add(len(out))
            out.append(part)
    return out, taken


def _parts(
    block: Heading | Paragraph, at: int, cuts: Sequence[tuple[int, int]]
) -> Iterator[tuple[Block, bool]]:
    text = block.text
    n = len(text)
    here = 0
    for a, b in cuts:
        start, end = max(0, a - at), min(n, b - at)
        if end <= here or start >= n:
            continue
        start = max(start, here)
        if text[here:start].strip(" |｜\n\t"):
            yield _with_text(block, text[here:start]), False
        elif start > here:
            start = here
        if not text[end:].strip(" |｜\n\t"):
            end = n
        yield _with_text(block, text[start:end]), True
        here = end
    if here == 0:
        yield block, False
    elif text[here:].strip():
        yield _with_text(block, text[here:]), False


def _with_text(block: Heading | Paragraph, text: str) -> Block:
    return block if text == block.text else replace(block, text=text)
