"""Numbers that stand in a row of their own, above or below the label that they belong to.

A stray line or box through a row of a drawn table cuts its grid row in two: the label keeps blank
cells, the numbers lose their label. Whose they are is likely but not certain (a second unit's row,
the row of a label that was lost), so the labelled row's blank cells become ambiguous with the
other row's texts; no number is moved. In: hits, matched tables. Out: the tables, changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from govreport_parse.documents.model import Where
from govreport_parse.documents.unseen import CLOSE, OPEN
from govreport_parse.formbook import REVIEW, forms
from govreport_parse.matching.hits import Hit, Rows
from govreport_parse.matching.labels import row_label
from govreport_parse.matching.result import MatchedRow, Place, TableMatch
from govreport_parse.matching.review_parts import ROW
from govreport_parse.matching.row_marks import finding, has_words, places_of
from govreport_parse.matching.stream_text import TextCells
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.values import EMPTY, State

_HIDDEN = re.compile(f"{OPEN}([^{CLOSE}\u3400-\u9fff]*){CLOSE}")
"""Figures that a reader found struck through or out of sight."""
_Span = tuple[int, int]
MAX_FINDINGS = 40
"""Such rows of one table that are told one by one; the figures of all are ambiguous."""
MOVED = 3
"""So many numbers as there are blank cells may be these cells' though their columns differ."""


def doubt_rows_apart(rows: Rows, tables: Mapping[str, TableMatch]) -> None:
    """Blank cells beside a row without label that holds numbers in these columns are ambiguous."""
    hits = rows.hits
    at = {id(hit.label_where): i for i, hit in enumerate(hits)}
    # a header row may be a hit itself, its last name the label
    named = {h.before + n for h in rows.headers for n in (0, 1)}
    matched = (row for table in tables.values() for row in table.rows.values())
    taken = {at[id(row.where)]: row for row in matched if id(row.where) in at}
    for table in tables.values():
        told = 0
        for row in table.rows.values():
            i = at.get(id(row.where))
            if i is None or (row.how == "position" and row.row != ROW):
                continue
            if row.places is None or not any(map(_blank, row.places)):
                continue
            for j in _beside(hits, i):
                other = _whole(hits[j])
                if not _is_nameless(hits, i, j, other) or (j in named and _counts_columns(other)):
                    continue
                held = taken.get(j)
                if held is not None and not _may_be_other(row, held, taken.get(2 * j - i)):
                    continue
                columns = _doubt(row, other)
                if not columns:
                    continue
                if held is not None and held.places is not None:
                    held.unsure |= set(range(len(held.places)))
                told += 1
                if told <= MAX_FINDINGS:
                    _tell(table, row, columns, other)


def _may_be_other(row: MatchedRow, held: MatchedRow, beyond: MatchedRow | None) -> bool:
    """Whether numbers that were given to a row by position alone may be those of a blank row.

    Several such rows in a run are a group that has lost its labels.
    """
    if held.row == ROW:
        return held.places is None  # too few or too many for table 4
    if held.how != "position" or (beyond and beyond.how == "position"):
        return False
    return all(map(_blank, row.places or ()))


def _beside(hits: Sequence[Hit], i: int) -> Iterator[int]:
    """The nearest rows above and below that show something, if no other label comes between."""
    for step in (-1, 1):
        j = i + step
        while 0 <= j < len(hits) and abs(hits[j].block - hits[i].block) <= 1:
            if hits[j].n_shown or _HIDDEN.search(hits[j].label):
                yield j
                break
            if has_words(hits[j].label):
                break
            j += step


def _whole(hit: Hit) -> Hit:
    """A row of figures that may not be seen, with those that were taken for its label."""
    where = hit.label_where
    if not _HIDDEN.search(hit.label) or not isinstance(where, tuple) or hit.spans is None:
        return hit
    grid, last = where
    first = last
    while first > 0 and grid.rows[first - 1] == grid.rows[last]:
        first -= 1
    cells = range(first, last + 1)
    spans = [(grid.columns[c], grid.columns[c] + grid.colspans[c]) for c in cells]
    return replace(
        hit,
        label="",
        tokens=[*(grid.texts[c] for c in cells), *hit.tokens],
        where=[*((grid, c) for c in cells), *hit.where],
        spans=[*spans, *hit.spans],
    )


def _is_nameless(hits: Sequence[Hit], i: int, j: int, other: Hit) -> bool:
    """Values without a label, or with the other half of the label of hit ``i``."""
    shown = [_HIDDEN.sub(r"\1", t) for t in other.tokens if t]
    if not all(map(is_value_like, shown)) or all(read_number(t).state in EMPTY for t in shown):
        return False
    if not has_words(other.label):
        return True
    if other.match is not None and other.match.exact:
        return False
    own = hits[i].match
    first, last = sorted((i, j))
    whole = row_label(hits[first].label + hits[last].label)
    return whole is not None and own is not None and whole.rows == own.rows


def _counts_columns(hit: Hit) -> bool:
    """1, 2, 3 ... right below a header number its columns."""
    shown = [t.strip() for t in hit.tokens if t]
    return len(shown) > 1 and shown == [str(n) for n in range(1, len(shown) + 1)]


def _blank(place: Place | None) -> bool:
    return place is not None and read_number(place.raw).state is State.BLANK


def _doubt(row: MatchedRow, other: Hit) -> list[int]:
    """Mark the blank columns that the other row fills; none if it fills a column that is shown."""
    if row.places is None:
        return []
    own, spans = _spans(row.places, other)
    shown = [(p, at) for p, at in zip(places_of(other), spans, strict=True) if p.raw]
    if not shown or None in own:
        return []
    over = [
        [place for place, (a, b) in shown if span is not None and a < span[1] and span[0] < b]
        for span in own
    ]
    blanks = [c for c, place in enumerate(row.places) if _blank(place)]
    columns = [c for c, found_there in enumerate(over) if found_there]
    reached = {id(place) for there in over for place in there}
    aside = len(reached) < len(shown) or not set(columns) <= set(blanks)
    if aside and len(shown) == len(blanks) and (len(shown) >= MOVED or not columns):
        # the stray line has also moved the columns
        columns = blanks
        places = [place for place, _ in shown]
        over = [[places[blanks.index(c)]] if c in blanks else [] for c in range(len(own))]
    elif not set(columns) <= set(blanks) or (not columns and other.spans is not None):
        return []
    elif aside or any(len(over[c]) > 1 for c in columns):
        # columns that do not agree, or a merged cell: which number is whose column's, nothing says
        if len(blanks) < len(own):
            return []
        texts = " | ".join(place.raw for place, _ in shown)
        row.places, row.tokens = None, [Place(texts, shown[0][0].where)]
        return blanks
    for c in columns:
        row.places[c] = over[c][0]
    row.unsure |= set(columns)
    return columns


def _spans(
    places: Sequence[Place | None], other: Hit
) -> tuple[list[_Span | None], Sequence[_Span]]:
    """Columns that the cells of a row and of a hit span; text has cells without columns."""
    if other.spans is not None:
        return [_span(place) for place in places], other.spans
    n = len(other.tokens)
    # as many cells as columns are these; others are nowhere
    first = 0 if other.placed and n == len(places) else len(places)
    return [(c, c + 1) for c in range(len(places))], [(first + k, first + k + 1) for k in range(n)]


def _span(place: Place | None) -> _Span | None:
    where: Where = place.where if place is not None else None
    if not isinstance(where, tuple) or isinstance(where[0], TextCells):
        return None
    grid, cell = where
    return grid.columns[cell], grid.columns[cell] + grid.colspans[cell]


def _tell(table: TableMatch, row: MatchedRow, columns: Sequence[int], other: Hit) -> None:
    texts = [t for t in other.tokens if t]
    table.findings.append(
        finding(
            "row_apart",
            "error",
            f"row {row.label!r} has blank cells where the row next to it, which has no label of "
            f"its own, shows {texts}: perhaps one row cut in two, so these get no value",
            f"“{row.label}”行的空白单元格与相邻无行名一行的数字（{'、'.join(texts)}）可能同属一行",
            _paths(table, row, columns),
            other.label_where,
        )
    )


def _paths(table: TableMatch, row: MatchedRow, columns: Sequence[int]) -> list[str]:
    if table.key == REVIEW and row.row == ROW:
        paths = [s.path for s in forms()[0].table(REVIEW).figures]
        return [paths[c] for c in columns]
    wanted = table.block_forms
    for f in forms():
        for block in f.table(table.key).blocks:
            if wanted.get(block.key, f.id) == f.id and any(r.key == row.row for r in block.rows):
                keys = [c.key for c in block.columns]
                if max(columns) < len(keys):
                    return [f"{table.key}/{row.row}/{keys[c]}" for c in columns]
    return []
