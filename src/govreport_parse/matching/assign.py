"""Hits laid over the forms: which row of the form each one is, and which cell is which column.

Rules (domain guide 2.1, ARCHITECTURE 4):

- A label that only one row has decides alone. 其他, 总计, misspelt and missing labels are decided
  by the rows before and after, and only if exactly the right number of rows is free there.
- Seven cells are the seven columns in order. Other counts are read by the header's grid columns
  if they fit; otherwise the row stays open for the solver: never by position alone.
- Where the printed header and the printed order contradict each other, the row sums may decide;
  if they can't, the cells that differ are unsure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from govreport_parse.documents.model import Table, Where
from govreport_parse.formbook import ANNUAL_FORMS, REQUESTS, forms
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import (
    closest_row,
    request_column,
    request_column_keys,
    request_data_rows,
    request_place,
    request_rows,
    review_column,
)
from govreport_parse.matching.result import ExtraRow, How, MatchedRow, Place, TableMatch
from govreport_parse.matching.rivals import outdone, table_label, table_repeated
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.text import fold
from govreport_parse.values import EMPTY, Finding, Locator, Severity, State

FORM_2021, FORM_2019 = ANNUAL_FORMS
MAX_EXTRA_FINDINGS = 40
"""Rows of no form that are told one by one; all of them are kept."""
MAX_GUESSES = 200
"""Rows between known ones that are compared with the form's labels; a table has no more."""


def locate(where: Where) -> Locator | None:
    """A place as a locator."""
    return where[0].locator(where[1]) if isinstance(where, tuple) else where


def finding(
    code: str,
    severity: Severity,
    message: str,
    message_zh: str,
    figures: Iterable[str] = (),
    where: Where = None,
) -> Finding:
    """A finding with its place resolved."""
    return Finding(code, severity, message, message_zh, tuple(figures), locate(where))


def places_of(hit: Hit) -> list[Place]:
    """The tokens of a hit with their places."""
    return [Place(t, w) for t, w in zip(hit.tokens, hit.where, strict=True)]


# -- rows of table 3 ---------------------------------------------------------------------------


def match_requests(rows: Rows) -> tuple[TableMatch, int | None]:
    """Table 3, and the block where a second report's table 3 begins (or ``None``)."""
    table = TableMatch(REQUESTS)
    hits = rows.hits
    ignored = outdone(hits, _sure_request)
    first, last, restart = _request_span(hits, ignored)
    if first is None:
        return table, None
    _lay(rows, first, last, table)
    if restart is None:
        return table, None
    again = TableMatch(REQUESTS)
    until = max(i for i, h in enumerate(hits) if i not in ignored and _sure_request(h))
    _lay(rows, restart, until, again)
    _doubt_repeated(table, again)
    return table, hits[restart].block


def _lay(rows: Rows, first: int, last: int, table: TableMatch) -> None:
    """Enter the rows of one table 3 that stands between two hits."""
    hits = rows.hits
    _forget_group_names(hits, first, last)
    taken = _by_label(hits, first, last, table)
    _open_group(hits, taken)
    _by_order(hits, first, last, taken, table)
    _drop_unused_group(taken)
    headers = [h for h in rows.headers if h.requests and first - 4 <= h.before <= last]
    maps = _column_maps(rows, headers)
    for at in sorted(taken):
        key, how = taken[at]
        hit = hits[at]
        table.rows[key] = _request_row(hit, key, how, _map_for(maps, at))
        table.blocks.add(hit.block)
    table.blocks.update(h.block for h in headers)
    _header_order(maps, hits, taken, table)
    _extra_columns(maps, table)


def _doubt_repeated(table: TableMatch, again: TableMatch) -> None:
    """Figures that a second table 3 of the same report gives otherwise are ambiguous."""
    paths: list[str] = []
    keys = request_column_keys()
    where: Where = None
    for key, row in table.rows.items():
        other = again.rows.get(key)
        if other is None:
            continue
        if row.places is None or other.places is None:
            if [t.raw for t in row.tokens] == [t.raw for t in other.tokens] and row.tokens:
                continue
            unsure = frozenset(range(len(keys)))
            settle_nothing(row)
        else:
            unsure = doubt(row, other.places)
        row.unsure |= unsure
        if unsure:
            where = where or other.where
            paths += (f"{REQUESTS}/{key}/{keys[c]}" for c in sorted(unsure))
    if paths:
        table.findings.append(table_repeated(REQUESTS, table_label(REQUESTS), paths, locate(where)))


def doubt(row: MatchedRow, places: Sequence[Place | None]) -> frozenset[int]:
    """The columns in which other places say otherwise; a blank is left for what they show."""
    assert row.places is not None
    unsure = frozenset(
        i
        for i, (a, b) in enumerate(zip(row.places, places, strict=True))
        if fold(_text(a)) != fold(_text(b))
    )
    for i in unsure:
        if read_number(_text(row.places[i])).state in EMPTY:
            row.places[i] = places[i]
    return unsure


def settle_nothing(row: MatchedRow) -> None:
    """Keep what an open row shows as one text, so that no solver takes it for the row's numbers."""
    if row.tokens:
        row.tokens = [Place(" | ".join(t.raw for t in row.tokens), row.tokens[0].where)]


def _request_span(
    hits: Sequence[Hit], ignored: frozenset[int]
) -> tuple[int | None, int, int | None]:
    """First and last hit of the first table 3, and the hit where a second one starts."""
    seen: set[str] = set()
    first: int | None = None
    last = -1
    repeats = 0
    restart: int | None = None
    for i, hit in enumerate(hits):
        key = _sure_request(hit)
        if key is None or i in ignored:
            continue
        if key in seen:
            if restart is None:
                restart = i
            repeats += 1
            continue
        if restart is None or key not in seen:
            seen.add(key)
            if first is None:
                first = i
            if restart is None or repeats < 8:
                last = i
    if first is None or (not any(h.n_shown for h in hits[first : last + 1]) and last - first < 5):
        return None, -1, None
    if repeats >= 8 and restart is not None and _is_other_table(hits, first, restart, ignored):
        return first, restart - 1, restart
    return first, last, None


def _sure_request(hit: Hit) -> str | None:
    m = hit.match
    if m is not None and m.exact and m.rows[0][0] == REQUESTS and (hit.tokens or hit.row_seen):
        key = m.rows[0][1]
        if key in request_data_rows():
            return key
    return None


def _is_other_table(hits: Sequence[Hit], first: int, restart: int, ignored: frozenset[int]) -> bool:
    """Whether the repeated rows hold other numbers (a reprint of the same table does not)."""
    earlier = {_sure_request(h): h.tokens for h in hits[first:restart]}
    return any(
        earlier.get(key, h.tokens) != h.tokens
        for i, h in enumerate(hits[restart:], restart)
        if i not in ignored and (key := _sure_request(h)) is not None
    )


def _by_label(
    hits: Sequence[Hit], first: int, last: int, table: TableMatch
) -> dict[int, tuple[str, How]]:
    """Hits whose label only one row has."""
    taken: dict[int, tuple[str, How]] = {}
    at: dict[str, int] = {}
    place = request_place()
    high = -1
    disordered: list[str] = []
    for i in range(first, last + 1):
        hit = hits[i]
        key = _sure_request(hit)
        if key is None:
            continue
        assert hit.match is not None
        if key in at:
            repeated_row(hits[at[key]], hit, REQUESTS, key, table)
            continue
        taken[i] = (key, "alias" if hit.match.how == "alias" else "label")
        at[key] = i
        if place[key] < high:
            disordered.append(key)
        high = max(high, place[key])
    if disordered:
        table.findings.append(
            finding(
                "row_order",
                "warning",
                f"rows stand in another order than the form's: {', '.join(disordered)}",
                "表三行次与格式不一致",
                (f"{REQUESTS}/{k}/total" for k in disordered),
                hits[at[disordered[0]]].label_where,
            )
        )
    return taken


def repeated_row(one: Hit, two: Hit, of: str, key: str, table: TableMatch) -> None:
    """A row of table ``of`` that is printed again: said once, and once more if numbers differ."""
    same = one.tokens == two.tokens
    if key in (table.repeated if same else table.conflicts):
        return
    (table.repeated if same else table.conflicts).add(key)
    table.findings.append(
        finding(
            "row_repeated" if same else "row_conflict",
            "info" if same else "error",
            f"row {key!r} is printed twice"
            + ("" if same else " with different numbers: its figures are ambiguous"),
            "同一行重复出现" + ("" if same else "且数字不同"),
            dict.fromkeys(x.path for f in forms() for x in f.table(of).figures if x.row.key == key),
            two.label_where,
        )
    )


def _forget_group_names(hits: Sequence[Hit], first: int, last: int) -> None:
    """（六）其他处理 before several rows is a repeated group name: these lost their own."""
    named = [h for h in hits[first : last + 1] if _sure_request(h) == "other_handling"]
    if len(named) >= 3:
        for h in named:
            h.match, h.label = None, ""


def _open_group(hits: Sequence[Hit], taken: dict[int, tuple[str, How]]) -> None:
    """（六）其他处理 before rows without label is the group of 2021, its parts nameless."""
    for i, (key, _) in list(taken.items()):
        if key != "other_handling":
            continue
        following = min((j for j in taken if j > i), default=len(hits))
        # behind a row with all its numbers even a few numbers are no rest of it
        enough = 1 if hits[i].n_shown >= 7 else 5
        if _begins_below(hits, i, taken) or any(
            not _has_words(h.label)
            and (h.n_shown >= enough or (h.placed and len(h.tokens) >= 7))
            and not _is_foreign(h)
            for h in hits[i + 1 : following]
        ):
            del taken[i]
            hits[i].match, hits[i].label = None, ""


def _has_gap(hit: Hit) -> bool:
    """A line without a cell lies between two cells of the row, a cell a line."""
    lines = [place.line for w in hit.where if (place := locate(w)) is not None and place.line]
    return any(b > a + 1 for a, b in pairwise(lines))


def _begins_below(hits: Sequence[Hit], i: int, taken: Iterable[int]) -> bool:
    """Lines lie between the row's label and its numbers, or among these, but not in other rows.

    The very next line is no sign: a blank first cell can break a row there.
    """
    lines = {
        j: (label.line, first.line)
        for j in taken
        if hits[j].where
        and (label := locate(hits[j].label_where)) is not None
        and (first := locate(hits[j].where[0])) is not None
    }
    shown = next((w for t, w in zip(hits[i].tokens, hits[i].where, strict=False) if t), None)
    label, value = locate(hits[i].label_where), locate(shown) if shown is not None else None
    # a cell a line: more than a whole row of blank cells lies between
    most = len(request_column_keys())
    if label and value and label.line and value.line and value.line > label.line + most:
        return True
    if _has_gap(hits[i]) and not any(_has_gap(hits[j]) for j in taken if j != i):
        return True  # numbers of several rows, with an empty one between them
    own, begin = lines.get(i, (None, None))
    if own is None or begin is None or begin <= own + 1:
        return False
    return 2 * sum(a == b for a, b in lines.values()) > len(lines)


def _by_order(
    hits: Sequence[Hit],
    first: int,
    last: int,
    taken: dict[int, tuple[str, How]],
    table: TableMatch,
) -> None:
    """Hits without a deciding label, placed by their neighbours."""
    place = request_place()
    order = request_rows()
    done = {key for key, _ in taken.values()}
    data = request_data_rows()
    anchors = sorted(taken)
    bounds = list(zip([first - 1, *anchors], [*anchors, min(len(hits), last + 4)], strict=True))
    for left, right in bounds:
        open_hits = [
            i
            for i in range(left + 1, right)
            if any(t and is_value_like(t) for t in hits[i].tokens) and not _is_foreign(hits[i])
        ]
        if not open_hits:
            continue
        low = place[taken[left][0]] if left in taken else -1
        high = place[taken[right][0]] if right in taken else len(order)
        free = [r.key for r in order[low + 1 : high] if r.key in data and r.key not in done]
        _fill_gap(hits, open_hits, free, taken, table, before_first=left == first - 1)
        done = {key for key, _ in taken.values()}


def _is_foreign(hit: Hit) -> bool:
    """Whether the label says another table or a group of this one without figures."""
    m = hit.match
    n = len(hit.tokens)
    if (m is None or not m.exact) and (n >= 12 or (n == 1 and review_column(hit.label))):
        return True  # the one row of table 4, or one of its outcomes where it stands upright
    return m is not None and all(t != REQUESTS for t, _ in m.rows)


def _is_group(hit: Hit) -> bool:
    """Whether the label is a group name: a row that shows one has lost its own label."""
    m = hit.match
    return m is not None and m.exact and m.rows[0] in _groups()


@lru_cache(maxsize=1)
def _groups() -> frozenset[tuple[str, str]]:
    return frozenset((REQUESTS, r.key) for r in request_rows() if not r.is_data)


def _fill_gap(
    hits: Sequence[Hit],
    open_hits: list[int],
    free: list[str],
    taken: dict[int, tuple[str, How]],
    table: TableMatch,
    *,
    before_first: bool,
) -> None:
    rest: list[int] = []
    for i in open_hits:
        hit = hits[i]
        key = _named(hit, free)
        if key is not None:
            taken[i] = (key, "order")
        elif (
            hit.label
            and len(open_hits) <= MAX_GUESSES
            and (close := closest_row(hit.label, free, request_rows())) is not None
        ):
            key = close
            taken[i] = (key, "fuzzy")
            table.findings.append(
                finding(
                    "label_fuzzy",
                    "info",
                    f"row {key!r} was matched to the label {hit.label!r} by likeness",
                    f"行名“{hit.label}”按相近写法匹配",
                    (f"{REQUESTS}/{key}/total",),
                    hit.label_where,
                )
            )
        if key is None:
            rest.append(i)
        else:
            free = (
                free[free.index(key) + 1 :]
                if how_ordered(taken[i][1])
                else [k for k in free if k != key]
            )
    blank_label = [i for i in rest if not _has_words(hits[i].label) or _is_group(hits[i])]
    wanted = [k for k in free if k != "other_handling"] or free
    if blank_label and len(blank_label) == len(wanted) and not before_first:
        for i, key in zip(blank_label, wanted, strict=True):
            if len(hits[i].tokens) < 7:
                rest_row(hits[i], table)
                continue
            taken[i] = (key, "position")
            table.findings.append(
                finding(
                    "row_by_position",
                    "warning",
                    f"row {key!r} has lost its label and was matched by its place between its "
                    "neighbours",
                    "该行缺少行名，按上下行位置匹配",
                    (f"{REQUESTS}/{key}/{c}" for c in request_column_keys()),
                    hits[i].label_where,
                )
            )
        rest = [i for i in rest if i not in blank_label]
    for i in rest:
        if not before_first or hits[i].n_shown >= 5:
            rest_row(hits[i], table)


def how_ordered(how: How) -> bool:
    """Whether a match was made by order, so that rows before it are no longer free."""
    return how == "order"


def _named(hit: Hit, free: Sequence[str]) -> str | None:
    """The one free row that a shared label (其他, 总计) may name."""
    if hit.match is None:
        return None
    names = [k for t, k in hit.match.rows if t == REQUESTS and k in free]
    if "other_handling_other" in names and len(names) > 1:
        # 其他 below the parts of （六）; 其他处理 itself is told by its numeral or full label
        names = ["other_handling_other"]
    return names[0] if len(names) == 1 else None


def _has_words(label: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in label.lstrip("（(一二三四五六七八九十、.）) "))


def rest_row(hit: Hit, table: TableMatch) -> None:
    """Keep a row that the form does not have."""
    table.extra.append(ExtraRow(table.key, hit.label, tuple(hit.tokens), hit.label_where))
    n = len(table.extra)
    if n > MAX_EXTRA_FINDINGS:
        return
    more = " (more such rows follow)" if n == MAX_EXTRA_FINDINGS else ""
    table.findings.append(
        finding(
            "row_extra",
            "warning" if hit.n_shown else "info",
            f"a row that the form does not have: {hit.label!r} with {hit.tokens}{more}",
            f"格式以外的行：{hit.label}",
            (),
            hit.label_where,
        )
    )


def _drop_unused_group(taken: dict[int, tuple[str, How]]) -> None:
    """（六）其他处理 is a row in 2019 and a group in 2021: with its parts present it is a group."""
    keys = {key for key, _ in taken.values()}
    if keys & {"lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other"}:
        for i in [i for i, (key, _) in taken.items() if key == "other_handling"]:
            del taken[i]


# -- columns of table 3 ------------------------------------------------------------------------


class ColumnMap:
    """Columns of table 3 as one table's header prints them: grid span of each key."""

    __slots__ = ("at", "block", "extra", "order", "spans", "used")

    def __init__(
        self, at: int, spans: dict[str, tuple[int, int]], block: int, extra: dict[int, str]
    ) -> None:
        self.at = at
        self.spans = spans
        self.block = block
        self.extra = extra
        """Grid columns right of the last one, with the name that the header gives them."""
        self.used = False
        self.order = tuple(sorted(spans, key=lambda k: spans[k][0]))


def _column_maps(rows: Rows, headers: Sequence[Header]) -> list[ColumnMap]:
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
            maps.append(ColumnMap(group[0].before, spans, group[0].block, extra))
    return maps


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


def _extra_columns(maps: Sequence[ColumnMap], table: TableMatch) -> None:
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


def _map_for(maps: Sequence[ColumnMap], at: int) -> ColumnMap | None:
    best = None
    for m in maps:
        if m.at <= at:
            best = m
    return best


def _request_row(hit: Hit, key: str, how: How, columns: ColumnMap | None) -> MatchedRow:
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
    """Blank cells left of the header's first column held labels: seven others are the row."""
    if hit.spans is None or columns is None:
        return tokens
    left = min(a for a, _ in columns.spans.values())
    k = 0
    while k < len(tokens) and not tokens[k].raw and hit.spans[k][1] <= left:
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


def _header_order(
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
            if _text(place) != _text(printed[key])
        )


def _text(place: Place | None) -> str:
    return place.raw if place else ""
