"""Rows of table 3 laid over the form: which of its rows each hit is.

A label that only one row has decides alone. 其他, 总计, misspelt and missing labels are decided by
the rows before and after, and only if exactly the right number of rows is free there (domain guide
2.1, ARCHITECTURE 4). What cells are which columns is ``request_columns``' to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from govreport_parse.documents.model import Where
from govreport_parse.formbook import REQUESTS
from govreport_parse.matching.hits import Hit, Rows
from govreport_parse.matching.labels import (
    closest_row,
    request_column_keys,
    request_data_rows,
    request_place,
    request_rows,
    review_column,
)
from govreport_parse.matching.request_columns import (
    column_maps,
    extra_columns,
    header_order,
    map_for,
    request_row,
)
from govreport_parse.matching.result import How, TableMatch
from govreport_parse.matching.rivals import outdone, table_label, table_repeated
from govreport_parse.matching.row_marks import (
    MAX_GUESSES,
    doubt,
    finding,
    has_words,
    locate,
    repeated_row,
    rest_row,
    settle_nothing,
)
from govreport_parse.numbers import is_value_like


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
    _by_order(hits, first, _end(rows, last), taken, table)
    _drop_unused_group(taken)
    headers = [h for h in rows.headers if h.requests and first - 4 <= h.before <= last]
    maps = column_maps(rows, headers)
    for at in sorted(taken):
        key, how = taken[at]
        hit = hits[at]
        table.rows[key] = request_row(hit, key, how, map_for(maps, at))
        table.blocks.add(hit.block)
    table.blocks.update(h.block for h in headers)
    header_order(maps, hits, taken, table)
    extra_columns(maps, table)


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
            not has_words(h.label)
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


def _end(rows: Rows, last: int) -> int:
    """Before which hit rows that lost their label may be rows below the last known one."""
    below = (h.before for h in rows.headers if h.review >= 4 and h.before > last)
    return min(len(rows.hits), last + 4, *below)


def _by_order(
    hits: Sequence[Hit],
    first: int,
    end: int,
    taken: dict[int, tuple[str, How]],
    table: TableMatch,
) -> None:
    """Hits without a deciding label, placed by their neighbours; none from ``end`` on."""
    place = request_place()
    order = request_rows()
    done = {key for key, _ in taken.values()}
    data = request_data_rows()
    anchors = sorted(taken)
    bounds = list(zip([first - 1, *anchors], [*anchors, end], strict=True))
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
    blank_label = [i for i in rest if not has_words(hits[i].label) or _is_group(hits[i])]
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


def _drop_unused_group(taken: dict[int, tuple[str, How]]) -> None:
    """（六）其他处理 is a row in 2019 and a group in 2021: with its parts present it is a group."""
    keys = {key for key, _ in taken.values()}
    if keys & {"lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other"}:
        for i in [i for i, (key, _) in taken.items() if key == "other_handling"]:
            del taken[i]
