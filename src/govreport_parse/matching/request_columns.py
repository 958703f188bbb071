"""Which cell of a row of table 3 is which column, and what to make of a header in another order.

Seven cells are the seven columns in order. Other counts are read by the header's grid columns if
they fit; otherwise the row stays open for the solver: never by position alone. Where the printed
header and the printed order contradict each other, the row sums may decide; if they can't, the
cells that differ are unsure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from govreport_parse.documents.model import Table
from govreport_parse.formbook import REQUESTS
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import (
    is_serial_word,
    request_column,
    request_column_keys,
)
from govreport_parse.matching.result import How, MatchedRow, Place, TableMatch
from govreport_parse.matching.row_marks import finding, places_of, text_of
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.values import Severity, State

_HEAD_CELLS = 20
"""So many cells at most have the head of table 3 and what stands above it."""


class ColumnMap:
    """Columns of table 3 as one table's header prints them: grid span of each key."""

    __slots__ = ("at", "block", "extra", "order", "serial", "spans", "used")

    def __init__(
        self,
        at: int,
        spans: dict[str, tuple[int, int]],
        block: int,
        extra: dict[int, str],
        serial: frozenset[int] = frozenset(),
    ) -> None:
        self.at = at
        self.spans = spans
        self.block = block
        self.extra = extra
        """Grid columns right of the last one, with the name that the header gives them."""
        self.serial = serial
        """Grid columns that number the rows, by their head."""
        self.used = False
        self.order = tuple(sorted(spans, key=lambda k: spans[k][0]))


def column_maps(rows: Rows, headers: Sequence[Header]) -> list[ColumnMap]:
    """One map per document block whose header names all seven columns once."""
    by_block: dict[int, list[Header]] = {}
    for h in headers:
        by_block.setdefault(h.block, []).append(h)
    keys = request_column_keys()
    maps: list[ColumnMap] = []
    for group in by_block.values():
        found: dict[str, list[tuple[int, int]]] = {}
        for h in group:
            for text, span in zip(h.texts, h.spans, strict=True):
                key = request_column(text)
                if key and span not in found.setdefault(key, []):
                    found[key].append(span)
        if all(len(found.get(k, ())) == 1 for k in keys):
            spans = {k: found[k][0] for k in keys}
            extra = _extra_names(rows, group[0].block, max(b for _, b in spans.values()))
            serial = _serial_columns(rows, group[0].block)
            maps.append(ColumnMap(group[0].before, spans, group[0].block, extra, serial))
    return maps


def _serial_columns(rows: Rows, block: int) -> frozenset[int]:
    table = rows.document[block] if block < len(rows.document) else None
    if not isinstance(table, Table):
        return frozenset()
    return frozenset(
        table.columns[i]
        for i, text in enumerate(table.texts[:_HEAD_CELLS])
        if table.colspans[i] == 1 and text and is_serial_word(text)
    )


def _extra_names(rows: Rows, block: int, right: int) -> dict[int, str]:
    """Names of the header's columns right of grid column ``right``, by grid column."""
    table = rows.document[block] if block < len(rows.document) else None
    if not isinstance(table, Table):
        return {}
    out: dict[int, str] = {}
    data = min(
        (r for t, r in zip(table.texts, table.rows, strict=True) if t and is_value_like(t)),
        default=0,
    )
    for text, row, column, span in zip(
        table.texts, table.rows, table.columns, table.colspans, strict=True
    ):
        if row >= data:
            break
        if column >= right and text and request_column(text) is None:
            out.update(dict.fromkeys(range(column, column + span), text))
    return out


def extra_columns(maps: Sequence[ColumnMap], table: TableMatch) -> None:
    """Tell the columns that the form does not have, once a header was used."""
    for m in maps:
        if m.used:
            names = "、".join(dict.fromkeys(m.extra.values()))
            table.findings.append(
                finding(
                    "column_extra",
                    "info",
                    f"columns that the form does not have, right of the last one: {names}",
                    f"格式以外的列：{names}",
                )
            )


def map_for(maps: Sequence[ColumnMap], at: int) -> ColumnMap | None:
    """The nearest header above hit ``at``."""
    best = None
    for m in maps:
        if m.at <= at:
            best = m
    return best


def request_row(hit: Hit, key: str, how: How, columns: ColumnMap | None) -> MatchedRow:
    """A row's seven cells; an open row (``places is None``) where nothing tells the columns."""
    row = MatchedRow(REQUESTS, key, how, hit.label, hit.label_where, None)
    tokens = places_of(hit)
    n = len(tokens)
    if hit.joined:
        row.tokens, row.joined = [t for t in tokens if t.raw], True
        return row
    if hit.torn:
        row.tokens, row.lost, row.split = [t for t in tokens if t.raw], True, True
        return row
    if hit.placed and columns is not None and columns.extra and hit.spans:
        # seven cells may be six and the extra one: only the grid says
        row.places = _by_header(hit, tokens, columns)
        reaches = any(b > min(columns.extra) for _, b in hit.spans)
        if row.places is not None and (reaches or not _breaks(row, request_column_keys())):
            return row
        row.places = None
        if reaches or len(tokens) == 7:
            row.tokens, row.lost, row.split = [t for t in tokens if t.raw], True, True
            return row
    if hit.placed and n > 7:
        tokens = _without_lost_labels(hit, tokens, columns)
    if hit.placed and len(tokens) == 7:
        row.places = list(tokens)
        return row
    if n > 7 and hit.placed:
        row.places = _by_header(hit, tokens, columns) or _trimmed(tokens)
    elif n and hit.placed and hit.spans and columns:
        row.places = _by_spans(hit, tokens, columns)
    if row.places is None:
        shown = [t for t in tokens if t.raw]
        if len(shown) == 7:
            row.places = list(shown)
        elif not shown and n and (not hit.placed or _is_wide(hit)):
            row.places = [tokens[0]] * 7
        else:
            row.tokens = shown
            row.lost = len(shown) < 7
            row.split = len(shown) > 7
    return row


def _without_lost_labels(hit: Hit, tokens: list[Place], columns: ColumnMap | None) -> list[Place]:
    """Blank cells left of the header's first column held labels: seven others are the row.

    A cell below 行次 or the like numbers the row.
    """
    if hit.spans is None or columns is None:
        return tokens
    left = min(a for a, _ in columns.spans.values())
    k = 0
    while k < len(tokens) and hit.spans[k][1] <= left:
        if tokens[k].raw and hit.spans[k][0] not in columns.serial:
            break
        k += 1
    return tokens[k:] if len(tokens) - k == 7 else tokens


def _is_wide(hit: Hit) -> bool:
    """One merged cell over all columns."""
    return hit.spans is not None and sum(b - a for a, b in hit.spans) >= 7


def _trimmed(tokens: list[Place]) -> list[Place | None] | None:
    """Seven cells followed by empty ones only."""
    if any(t.raw for t in tokens[7:]) or not any(t.raw for t in tokens[:7]):
        return None
    if not tokens[6].raw:
        # an empty last column may as well be a spacer column further left
        return None
    return list(tokens[:7])


def _by_header(
    hit: Hit, tokens: list[Place], columns: ColumnMap | None
) -> list[Place | None] | None:
    """More cells than columns: the header's grid columns say which belong together."""
    if columns is None or hit.spans is None:
        return None
    out: dict[str, Place] = {}
    for place, (start, _) in zip(tokens, hit.spans, strict=True):
        key = next((k for k, (a, b) in columns.spans.items() if a <= start < b), None)
        if key is None:
            if place.raw and start in columns.extra:
                columns.used = True
            elif place.raw:
                return None
            continue
        if key in out and out[key].raw and place.raw:
            return None
        if key not in out or place.raw:
            out[key] = place
    if len(out) != 7:
        return None
    return [out[k] for k in request_column_keys()]


def _by_spans(hit: Hit, tokens: list[Place], columns: ColumnMap) -> list[Place | None] | None:
    """Fewer cells than columns, but their spans fill the header's width exactly."""
    spans = hit.spans
    assert spans is not None
    left = min(a for a, _ in columns.spans.values())
    right = max(b for _, b in columns.spans.values())
    if spans[0][0] != left or spans[-1][1] != right:
        return None
    if any(one[1] != two[0] for one, two in pairwise(spans)):
        return None
    out: list[Place | None] = []
    for key in request_column_keys():
        a, b = columns.spans[key]
        place = next(
            (p for p, (s, e) in zip(tokens, spans, strict=True) if s <= a and b <= e), None
        )
        if place is None:
            return None
        if place.raw and place in out:
            # one number over two columns: whose it is, nothing says
            return None
        out.append(place)
    return out


def header_order(
    maps: Sequence[ColumnMap],
    hits: Sequence[Hit],
    taken: dict[int, tuple[str, How]],
    table: TableMatch,
) -> None:
    """A header in another order than the form's: believed, disbelieved, or unsure."""
    keys = request_column_keys()
    for n, m in enumerate(maps):
        if m.order == keys:
            continue
        until = maps[n + 1].at if n + 1 < len(maps) else len(hits)
        mine = [
            table.rows[key]
            for i, (key, _) in taken.items()
            if m.at <= i < until and key in table.rows and table.rows[key].places is not None
        ]
        as_form = sum(_breaks(r, keys) for r in mine)
        as_printed = sum(_breaks(r, m.order) for r in mine)
        severity: Severity
        if as_printed < as_form and as_printed == 0:
            _reorder(mine, m.order)
            verdict, severity = "the row sums hold for the printed order", "warning"
        elif as_form < as_printed and as_form == 0:
            verdict, severity = "the row sums hold for the form's order only", "warning"
        else:
            _unsure(mine, m.order)
            verdict = "nothing decides which is right"
            severity = "error" if any(r.unsure for r in mine) else "info"
        table.findings.append(
            finding(
                "column_order",
                severity,
                "the header names the columns in another order than the form "
                f"({', '.join(m.order)}); {verdict}",
                "表头列次与格式不一致",
                (f"{REQUESTS}/{r.row}/{keys[c]}" for r in mine for c in sorted(r.unsure)),
            )
        )


def _breaks(row: MatchedRow, order: Sequence[str]) -> int:
    """1 if the row's sum fails when its cells stand in ``order``."""
    assert row.places is not None
    by_key: dict[str, int] = {}
    for key, place in zip(order, row.places, strict=True):
        reading = read_number(place.raw if place else "")
        if reading.state is State.REPORTED:
            by_key[key] = int(reading.value or 0)
        elif reading.state in (State.BLANK, State.DASH):
            by_key[key] = 0
        else:
            return 0
    total = by_key.pop("total")
    return int(total != sum(by_key.values()))


def _reorder(rows: Iterable[MatchedRow], order: Sequence[str]) -> None:
    for row in rows:
        assert row.places is not None
        by_key = dict(zip(order, row.places, strict=True))
        row.places = [by_key[k] for k in request_column_keys()]


def _unsure(rows: Iterable[MatchedRow], order: Sequence[str]) -> None:
    for row in rows:
        assert row.places is not None
        printed = dict(zip(order, row.places, strict=True))
        row.unsure = frozenset(
            i
            for i, (key, place) in enumerate(zip(request_column_keys(), row.places, strict=True))
            if text_of(place) != text_of(printed[key])
        )
