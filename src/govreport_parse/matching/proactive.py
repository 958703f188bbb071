"""Table 2: blocks of one to three columns whose form is told block by block.

There are no identities here, so nothing can be solved: a row shows exactly its block's number of
cells, or its figures stay ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from govreport_parse.documents.model import Table
from govreport_parse.formbook import PROACTIVE, REQUESTS, forms
from govreport_parse.formbook.spec import Block
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import (
    closest_row,
    proactive_column,
    proactive_rows,
)
from govreport_parse.matching.result import How, MatchedRow, Place, TableMatch
from govreport_parse.matching.rivals import outdone
from govreport_parse.matching.row_marks import (
    MAX_GUESSES,
    finding,
    places_of,
    repeated_row,
    rest_row,
)
from govreport_parse.matching.units import following_unit, header_unit, mentions, unit_line


def match_proactive(rows: Rows, until: int | None, hint: str | None) -> TableMatch:
    """Table 2 from hits before hit number ``until`` (where table 3 begins), if known.

    ``hint`` is the form of table 3; it decides only blocks that say nothing of their form.
    """
    table = TableMatch(PROACTIVE)
    hits = rows.hits if until is None else rows.hits[:until]
    ignored = outdone(hits, _sure_key)
    span = _span(hits, rows, ignored)
    if span is None:
        return table
    first, last = span
    found = _rows(hits, first, last, table)
    headers = [h for h in rows.headers if h.proactive and first - 2 <= h.before <= last + 1]
    by_block: dict[str, list[tuple[str, How, int]]] = {}
    for at, (key, how) in found.items():
        for block_key in _block_keys(key):
            by_block.setdefault(block_key, []).append((key, how, at))
    chosen: dict[str, tuple[Block, Header | None]] = {}
    unsure: list[str] = []
    for block_key, members in by_block.items():
        header = _header_for(headers, min(at for _, _, at in members))
        block, sure = _choose(block_key, [(k, hits[at]) for k, _, at in members], header)
        chosen[block_key] = (block, header)
        if not sure:
            unsure.append(block_key)
    _follow_the_others(chosen, unsure, hint, table)
    for block_key, members in by_block.items():
        block, header = chosen[block_key]
        table.block_forms[block_key] = block.form
        for key, how, at in members:
            if any(r.key == key for r in block.rows):
                row = _row(hits[at], key, how, block, header, table)
                row.units = _units(rows, block, header, first, at)
                table.rows[key] = row
    table.blocks.update(hits[at].block for at in found)
    table.blocks.update(h.block for h in headers if h.proactive >= 1)
    return table


def _block_keys(row: str) -> list[str]:
    return sorted(
        {b.key for f in forms() for b in f.table(PROACTIVE).blocks for r in b.rows if r.key == row}
    )


def _candidates(hit: Hit) -> list[str]:
    if hit.match is None or not (hit.tokens or hit.row_seen):
        return []
    return [k for t, k in hit.match.rows if t == PROACTIVE]


def _sure_key(hit: Hit) -> str | None:
    keys = _candidates(hit)
    return keys[0] if keys else None


def _span(hits: Sequence[Hit], rows: Rows, ignored: frozenset[int]) -> tuple[int, int] | None:
    """The stretch of hits with most different rows of table 2."""
    at = [(i, k) for i, h in enumerate(hits) if i not in ignored and (k := _sure_key(h))]
    if not at:
        return None
    if rows.clustered:
        return at[0][0], at[-1][0]
    blocks: dict[int, set[str]] = {}
    for i, key in at:
        blocks.setdefault(hits[i].block, set()).add(key)
    marked = {h.block for h in rows.headers if h.proactive}
    good = {b for b, keys in blocks.items() if len(keys) >= 3 or b in marked}
    if not good and len({k for _, k in at}) >= 4:
        good = set(blocks)
    inside = [i for i, _ in at if hits[i].block in good]
    if not inside:
        return None
    return inside[0], inside[-1]


def _rows(
    hits: Sequence[Hit], first: int, last: int, table: TableMatch
) -> dict[int, tuple[str, How]]:
    found: dict[int, tuple[str, How]] = {}
    at: dict[str, int] = {}
    for i in range(first, last + 1):
        hit = hits[i]
        keys = _candidates(hit)
        if keys:
            key = keys[0]
            if key in at:
                repeated_row(hits[at[key]], hit, PROACTIVE, key, table)
                continue
            assert hit.match is not None
            found[i] = (key, "alias" if hit.match.how == "alias" else "label")
            at[key] = i
    _by_likeness(hits, range(first, min(len(hits), last + 3)), last, found, table)
    return found


def _by_likeness(
    hits: Sequence[Hit],
    where: range,
    last: int,
    found: dict[int, tuple[str, How]],
    table: TableMatch,
) -> None:
    """Rows with a misspelt label, told by likeness to the rows that may stand there."""
    order = proactive_rows()
    all_rows = [r for f in forms() for r in f.table(PROACTIVE).rows]
    guesses = 0
    for i in where:
        hit = hits[i]
        if i in found or not hit.n_shown or _is_other(hit):
            continue
        guesses += 1
        before = max((order[k] for j, (k, _) in found.items() if j < i), default=-1)
        after = min((order[k] for j, (k, _) in found.items() if j > i), default=len(order))
        taken = {k for k, _ in found.values()}
        free = [k for k, n in order.items() if k not in taken and before < n < after]
        can_guess = hit.label and free and guesses <= MAX_GUESSES
        close = closest_row(hit.label, free, all_rows) if can_guess else None
        if close is not None:
            found[i] = (close, "fuzzy")
            table.findings.append(
                finding(
                    "label_fuzzy",
                    "info",
                    f"row {close!r} was matched to the label {hit.label!r} by likeness",
                    f"行名“{hit.label}”按相近写法匹配",
                    (),
                    hit.label_where,
                )
            )
        elif i <= last and not any(proactive_column(t) for t in hit.tokens):
            rest_row(hit, table)


def _is_other(hit: Hit) -> bool:
    return hit.match is not None and any(t == REQUESTS for t, _ in hit.match.rows)


def _header_for(headers: Sequence[Header], at: int) -> Header | None:
    """The nearest header row above hit ``at``."""
    best: Header | None = None
    for h in headers:
        if h.before <= at:
            best = h
    return best


def _options(block_key: str) -> list[Block]:
    return [b for f in forms() for b in f.table(PROACTIVE).blocks if b.key == block_key]


def _follow_the_others(
    chosen: dict[str, tuple[Block, Header | None]],
    unsure: list[str],
    hint: str | None,
    table: TableMatch,
) -> None:
    """A block that tells nothing follows the blocks that do, then table 3, then the newest form."""
    sure = [b.form for k, (b, _) in chosen.items() if k not in unsure]
    lead = max(sure, key=sure.count) if sure else hint
    for key in unsure:
        block, header = chosen[key]
        if lead is not None:
            block = next((b for b in _options(key) if b.form == lead), block)
            chosen[key] = (block, header)
        table.findings.append(
            finding(
                "form_assumed",
                "warning" if lead is None else "info",
                f"{block.label} does not show which form it follows; taken as {block.form}",
                f"{block.label}未能判明所用格式，按{block.form}处理",
                (f"{PROACTIVE}/{r.key}/{c.key}" for r in block.data_rows for c in block.columns),
            )
        )


def _choose(
    block_key: str, members: list[tuple[str, Hit]], header: Header | None
) -> tuple[Block, bool]:
    """The form whose block fits (own rows, header words, number of cells), and if that is sure."""
    options = _options(block_key)
    if len(options) == 1:
        return options[0], True
    # a merged cell whose text was copied into each place it covers names one column
    # one header over all blocks names columns of the others too; another block's names none of ours
    own = {c.key for b in options for c in b.columns}
    named = [key for key in dict.fromkeys(_named(header)) if key in own]

    def score(block: Block) -> tuple[int, int, int]:
        keys = [c.key for c in block.columns]
        own_rows = {r.key for r in block.rows}
        rows = sum(1 for k, _ in members if k in own_rows) - sum(
            2 for k, _ in members if k not in own_rows
        )
        words = sum(1 for k in keys if k in named) - abs(len(named) - len(keys)) if named else 0
        # 制发 and 新制作 name the form; 处理决定 is in both, so the count decides there
        cells = sum(1 for _, h in members if _n_cells(h) == len(keys))
        return rows, words, cells

    scores = [score(b) for b in options]
    best = max(scores)
    return options[scores.index(best)], scores.count(best) == 1


def _named(header: Header | None) -> list[str]:
    return [c for t in header.texts if (c := proactive_column(t))] if header else []


def _is_copied(tokens: Sequence[Place], named: Sequence[str]) -> bool:
    """Whether one merged cell was copied into several places, under a header copied alike."""
    return len(named) > 1 and len(set(named)) == 1 and len({t.raw for t in tokens if t.raw}) == 1


def _n_cells(hit: Hit) -> int:
    """Number of cells without the empty ones at the end."""
    n = len(hit.tokens)
    while n and not hit.tokens[n - 1]:
        n -= 1
    return n


def _row(
    hit: Hit, key: str, how: How, block: Block, header: Header | None, table: TableMatch
) -> MatchedRow:
    row = MatchedRow(PROACTIVE, key, how, hit.label, hit.label_where, None)
    width = len(block.columns)
    tokens = places_of(hit)
    if width == 1 and _is_copied(tokens, _named(header)):
        tokens = tokens[:1]
    if hit.joined and width > 1:
        row.tokens, row.joined = [t for t in tokens if t.raw], True
        return row
    shown = [t for t in tokens if t.raw]
    if hit.placed and len(tokens) >= width:
        if any(t.raw for t in tokens[width:]):
            row.places = list(shown) if len(shown) == width else None
        else:
            row.places = list(tokens[:width])
    elif len(shown) == width:
        row.places = list(shown)
    elif not shown and tokens and (not hit.placed or _spanned(hit, width)):
        row.places = [tokens[0]] * width
    if row.places is None:
        row.tokens = shown
        row.lost = len(shown) < width
        row.split = len(shown) > width
        return row
    if header is not None:
        _check_order(row, block, header, table)
        _check_year(row, block, header, table)
    return row


def _units(
    rows: Rows, block: Block, header: Header | None, first: int, at: int
) -> dict[int, str | None]:
    """The unit of each column of amounts whose header is found, as printed there or above."""
    out: dict[int, str | None] = {}
    for i, column in enumerate(block.columns):
        if column.type != "decimal":
            continue
        texts = header.texts if header is not None else []
        text = next((t for t in texts if proactive_column(t) == column.key), None)
        unit = header_unit(text) if text is not None else None
        if unit is None and rows.clustered:
            # running text: the header holds the column's name at most
            here = rows.hits[at].block
            above = rows.document[max(0, here - 3) : here + 1]
            said = "\n".join(b.text for b in above if not isinstance(b, Table))
            name = column.core or column.label
            unit = following_unit(said, name)
            text = text if text is not None or not mentions(said, name) else name
        if text is None:
            continue
        out[i] = unit if unit is not None else _unit_above(rows, first, at)
    return out


def _unit_above(rows: Rows, first: int, at: int) -> str | None:
    """The unit in a line or row of its own above the figures."""
    hits = rows.hits
    low, high = hits[first].block, hits[at].block
    lines = [h.label for h in hits[max(0, first - 3) : at] if h.label]
    lines += [
        b.text
        for b in rows.document[max(0, low - 3) : high]
        if not isinstance(b, Table) and len(b.text) <= 200
    ]
    return unit_line(lines)


def _spanned(hit: Hit, width: int) -> bool:
    return hit.spans is not None and sum(b - a for a, b in hit.spans) >= width


def _check_order(row: MatchedRow, block: Block, header: Header, table: TableMatch) -> None:
    """A header that names the same columns in another order makes differing cells unsure."""
    keys = [c.key for c in block.columns]
    named = [c for t in header.texts if (c := proactive_column(t))]
    if named == keys or sorted(named) != sorted(keys) or row.places is None:
        return
    by_name: dict[str, Place | None] = dict(zip(named, row.places, strict=True))
    row.unsure = frozenset(
        i
        for i, (k, p) in enumerate(zip(keys, row.places, strict=True))
        if (p.raw if p else "") != (q.raw if (q := by_name[k]) else "")
    )
    table.findings.append(
        finding(
            "column_order",
            "error" if row.unsure else "info",
            f"the header names the columns of {block.label} in another order than the form "
            f"({', '.join(named)}); nothing decides which is right",
            "表头列次与格式不一致",
            (f"{PROACTIVE}/{row.row}/{keys[i]}" for i in sorted(row.unsure)),
            row.where,
        )
    )


_EARLIER = re.compile(r"上一?年|去年|上年度|累计|历年")


def _check_year(row: MatchedRow, block: Block, header: Header, table: TableMatch) -> None:
    """A column headed as last year's or of all years, where the form asks for this year's."""
    own = {c.key for c in block.columns if _EARLIER.search(c.label)}
    earlier = {
        key: text
        for text in header.texts
        if _EARLIER.search(text) and (key := proactive_column(text)) and key not in own
    }
    this_year = {proactive_column(t) for t in header.texts if not _EARLIER.search(t)}
    wrong = {
        i: earlier[c.key]
        for i, c in enumerate(block.columns)
        if c.key in earlier and c.key not in this_year
    }
    if not wrong or row.places is None:
        return
    row.unsure |= wrong.keys()
    table.findings.append(
        finding(
            "table_of_other_year",
            "warning",
            f"the header names columns of another period ({', '.join(wrong.values())})",
            f"表头为其他时期的列（{'、'.join(wrong.values())}）",
            (f"{PROACTIVE}/{row.row}/{block.columns[i].key}" for i in sorted(wrong)),
            row.where,
        )
    )
