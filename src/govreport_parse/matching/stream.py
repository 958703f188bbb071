"""Tables as running text: every pipe dialect, a cell a line, no separators at all.

In: the document's paragraphs. Out: hits like those of a grid, and the stretches of text that are
table. Labels are found anywhere in the text with white space, bars and punctuation left out; what
stands between two labels are the row's values. Bars and line ends separate cells and say nothing
else, unless a whole table agrees on more (domain guide 2.1, evidence a).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from govreport_parse.documents.model import Block
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import (
    proactive_column,
    request_column,
    request_column_keys,
)
from govreport_parse.matching.stream_anchors import (
    Anchor,
    cluster_proactive,
    cluster_requests,
    find_anchors,
    read_rows,
)
from govreport_parse.matching.stream_places import Places
from govreport_parse.matching.stream_review import Review, enter_review, find_review
from govreport_parse.matching.stream_rows import REQUESTS_WIDTH, settle_blanks, settle_lines
from govreport_parse.matching.stream_text import (
    Piece,
    StreamText,
    TextCells,
    squeeze,
    stream_text,
)
from govreport_parse.matching.stream_values import (
    PADS,
    PAGE_MARK,
    SEPARATOR,
    Values,
    cut_values,
)

PROACTIVE_WIDTH = 3
_NO_REVIEW = range(0)
_LABEL_NUMERAL = re.compile(r"(?:[(（][一二三四五六七八九十0-9]{1,2}[)）]|[0-9][.．、)]) *\Z")
MAX_HEADER_GAP = 40
"""Letters and digits between two words of a header."""
MAX_UNKNOWN = 400
"""Characters behind the last row in which rows that the form doesn't have are looked for."""


@dataclass(slots=True)
class StreamTables:
    """Hits of the text tables and where they stand in the folded text."""

    rows: Rows = field(default_factory=Rows)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    text: StreamText | None = None


def stream_tables(blocks: Sequence[Block], wanted: frozenset[str]) -> StreamTables:
    """Find the wanted tables in the paragraphs of a document."""
    out = StreamTables()
    out.rows.clustered = True
    source = out.text = stream_text(blocks)
    text = source.text
    squeezed = squeeze(text)
    anchors = find_anchors(source, squeezed)
    if len(anchors) < 3:
        return out
    review = find_review(text, squeezed) if REVIEW in wanted else None
    read_rows(text, anchors, review.span if review is not None else _NO_REVIEW)
    requests = cluster_requests(anchors) if REQUESTS in wanted else []
    limit = requests[0].start if requests else len(text)
    proactive = cluster_proactive(anchors, limit) if PROACTIVE in wanted else []
    settle_blanks(text, [*proactive, *requests])
    settle_lines(text, ((proactive, PROACTIVE_WIDTH), (requests, REQUESTS_WIDTH)))
    shape = Places(text, requests, REQUESTS_WIDTH, 10) if requests else None
    entry = _Entry(source, anchors, review, TextCells(0, source), out)
    if proactive:
        places = Places(text, proactive, PROACTIVE_WIDTH, 4, like=shape)
        entry.table(PROACTIVE, proactive, places)
    if shape is not None:
        entry.table(REQUESTS, requests, shape)
    if review is not None:
        enter_review(review, entry.cells, out.rows, source, shape)
        out.spans[REVIEW] = (review.start, review.last)
    return out


@dataclass(slots=True)
class _Entry:
    """What entering a table as hits needs."""

    source: StreamText
    anchors: Sequence[Anchor]
    review: Review | None
    cells: TextCells
    out: StreamTables

    def table(self, table: str, members: Sequence[Anchor], places: Places) -> None:
        """The rows of one table as hits, with the header rows and unknown rows between them."""
        rows = [(a, a.values) for a in members if a.values is not None]
        joined = _is_joined(rows, table, places)
        first = _header_start(self.source.text, self.anchors, members[0])
        last = first
        headers = []
        if table == REQUESTS:
            self.request_header(first, members[0].start)
        else:
            until = members[-1].end
            headers = [a for a in self.anchors if a.column and first <= a.start <= until]
        for n, (a, values) in enumerate(rows):
            headers = self.headers(headers, a.start)
            stop = rows[n + 1][0].start if n + 1 < len(rows) else len(self.source.text)
            self.row(a, values, places, joined)
            further = places.rows_below(a, stop) if places.grid else values.further
            for line in further:
                self.unlabelled("", line[0][1], line, placed=places.grid)
            last = max(last, a.end, values.end)
            if n + 1 < len(rows):
                if self.review is None or not a.end <= self.review.start < stop:
                    self.unknown(values.end if values.pieces else a.end, stop)
            elif table == REQUESTS:
                last = self.below(last)
        self.out.spans[table] = (first, last)

    def row(self, a: Anchor, values: Values, places: Places, joined: bool) -> None:
        """One labelled row."""
        source, cells = self.source, self.cells
        placed = places.of(a)
        pieces = values.shown if placed is None else placed
        if not pieces and values.bars:
            pieces = values.pieces[:1]
            # ink that is no number, in a place that nothing tells, is no blank row
            if values.ink is not None and (
                not values.ink_below or len(values.pieces) < places.width
            ):
                pieces = [values.ink]
        width, shown = places.width, values.shown
        one = shown[0][0] if len(shown) == 1 else ""
        is_joined = (
            len(one) > 1
            and one.isdigit()
            and (joined or (not values.separated and len(one) >= width))
        )
        if values.plain and source.plain_digits and placed is values.pieces:
            tokens = [t for t, _ in pieces]
        else:
            tokens = [source.raw(p) for p in pieces]
        self.out.rows.hits.append(
            Hit(
                source.view.raw_slice(a.start, a.end).strip(" |\n\t"),
                a.label,
                tokens,
                cells.enter_all(pieces),
                source.block_at(a.start),
                cells.enter("", a.start),
                placed=placed is not None,
                row_seen=True,
                joined=is_joined or (joined and 0 < len(shown) < width == REQUESTS_WIDTH),
                torn=values.torn,
            )
        )

    def unlabelled(
        self, label: str, where: int, pieces: Sequence[Piece], *, placed: bool = False
    ) -> None:
        """One row without a label that the form has."""
        source, cells = self.source, self.cells
        self.out.rows.hits.append(
            Hit(
                label,
                None,
                [source.raw(p) for p in pieces],
                cells.enter_all(pieces),
                source.block_at(where),
                cells.enter("", where),
                placed=placed,
            )
        )

    def headers(self, waiting: list[Anchor], until: int) -> list[Anchor]:
        """Enter the column names of table 2 before ``until`` as one header row; the others."""
        texts = []
        block = 0
        for n, a in enumerate(waiting):
            if a.start >= until:
                waiting = waiting[n:]
                break
            texts.append(self.source.text[a.start : a.end])
            block = self.source.block_at(a.start)
        else:
            waiting = []
        named = [t for t in texts if proactive_column(t)]
        if named:
            rows = self.out.rows
            rows.headers.append(Header(block, len(rows.hits), named, [], proactive=len(named)))
        return waiting

    def request_header(self, start: int, stop: int) -> None:
        """The column names of table 3, if they stand in another order than the form's."""
        text = self.source.text
        above = [text[a.start : a.end] for a in self.anchors if start <= a.start < stop]
        names = {key: name for name in above if (key := request_column(name))}
        form = request_column_keys()
        order = list(names)
        if order[:2] == [form[0], form[-1]]:
            # over two lines 总计 stands before the kinds of organisations
            order.append(order.pop(1))
        if len(order) < len(form) or tuple(order) == form:
            return
        rows = self.out.rows
        spans = [(n, n + 1) for n in range(len(form))]
        block = self.source.block_at(start)
        rows.headers.append(
            Header(block, len(rows.hits), [names[k] for k in order], spans, len(form))
        )

    def unknown(self, start: int, stop: int) -> None:
        """Rows between two known labels whose own label is not known (misspelt, lost, extra)."""
        found = _unknown_rows(self.source.text, start, stop)
        known = [a.start for a in self.anchors if start <= a.start < stop] if found else []
        for label, shown in found:
            name, where = label or ("", shown[0][1])
            if name or not any(k <= where < k + 60 for k in known):
                self.unlabelled(self.source.raw((name, where)), where, shown)

    def below(self, start: int) -> int:
        """Whole rows of table 3 behind its last known one; where they end."""
        text = self.source.text
        following = next((a.start for a in self.anchors if a.start >= start), len(text))
        for label, shown in _unknown_rows(text, start, min(following, start + MAX_UNKNOWN)):
            if label is None or len(shown) != REQUESTS_WIDTH:
                break
            self.unlabelled(self.source.raw(label), label[1], shown)
            start = shown[-1][1] + len(shown[-1][0])
        return start


def _is_joined(rows: Sequence[tuple[Anchor, Values]], table: str, places: Places) -> bool:
    """Whether the digits of several cells stand in one piece throughout the table."""
    singles = [v for _, v in rows if len(v.shown) == 1]
    if table == REQUESTS and not places.full and len(singles) * 2 > len(rows):
        return True
    return bool(singles) and sum(not v.separated for v in singles) * 2 > len(rows)


def _unknown_rows(text: str, start: int, stop: int) -> list[tuple[Piece | None, list[Piece]]]:
    """(label, values) of each row in a stretch without known labels."""
    region = text[start:stop]
    if not region.strip(PADS) or not any(c.isdigit() for c in region):
        return []
    rows: list[tuple[Piece | None, list[Piece]]] = []
    label: Piece | None = None
    values: list[Piece] = []
    at = 0
    for m in chain(SEPARATOR.finditer(region), (None,)):
        a, b = (m.start(), m.end()) if m else (len(region), len(region))
        piece, offset = region[at:a], start + at
        at = b
        body = piece.strip()
        if not body or PAGE_MARK.fullmatch(body):
            continue
        found = cut_values(piece, offset)
        if found is not None and not (len(body) > 1 and _LABEL_NUMERAL.search(body)):
            values += found[0]
            continue
        if values:
            rows.append((label, values))
            values = []
        named = len(body.rstrip("0123456789 "))
        if 0 < named < len(body) and _ends_label(body[named - 1]):
            shown = cut_values(body[named:], offset + piece.index(body[0]) + named)
            values = list(shown[0]) if shown is not None else []
        label = (body[:named] if values else body, offset)
    if values:
        rows.append((label, values))
    return rows


def _ends_label(c: str) -> bool:
    """Whether digits behind ``c`` are values: not those of a word or date."""
    return "\u3400" <= c <= "\u9fff" or c.isalpha() or c in ')）”".、'


def _header_start(text: str, anchors: Sequence[Anchor], first: Anchor) -> int:
    """Where the printed header above the first row begins."""
    start, at = first.start, first.at[0]
    for a in reversed([a for a in anchors if a.start < first.start]):
        if at - a.at[1] > MAX_HEADER_GAP or (a.label is not None and a.label.exact):
            break
        start, at = a.start, a.at[0]
    return min(first.start, len(text[:start].rstrip(" (|[【")))
