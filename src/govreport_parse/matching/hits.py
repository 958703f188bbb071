"""Rows as the document shows them, before the form is laid over them.

A ``Hit`` is one row of a table or of running text: its label texts, what they may name, and the
texts that follow. Grids and text streams both end in hits; ``assign`` does not ask which it was,
only what is certain about the places (``placed``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from govreport_parse.documents.model import Block, Table, Where
from govreport_parse.formbook import REQUESTS
from govreport_parse.matching.labels import (
    RowLabel,
    is_review_word,
    is_serial_word,
    proactive_column,
    request_column,
    request_data_rows,
    row_label,
)
from govreport_parse.numbers import is_value_like


@dataclass(slots=True)
class Hit:
    """One row of the source."""

    label: str
    """Text of the leaf label, raw; empty for a row without label."""
    match: RowLabel | None
    tokens: list[str]
    """Texts after the label, in order. ``""`` is a blank cell that the source shows."""
    where: list[Where]
    block: int
    """Index of the document block."""
    label_where: Where = None
    group: RowLabel | None = None
    """What the label cell left of the leaf says (（三）不予公开)."""
    spans: list[tuple[int, int]] | None = None
    """Grid columns of each token, [start, end)."""
    placed: bool = True
    """The tokens are all cells of the row; if false, blank cells may have been lost."""
    row_seen: bool = False
    """The label stands where the row must be, though nothing follows it (text sources)."""
    joined: bool = False
    """The digits of several cells may stand in one token."""
    torn: bool = False
    """Some tokens may belong to another row."""

    @property
    def n_shown(self) -> int:
        """How many tokens hold something."""
        return sum(1 for t in self.tokens if t)


@dataclass(slots=True)
class Header:
    """A row of column names."""

    block: int
    before: int
    """Number of hits that precede it."""
    texts: list[str]
    spans: list[tuple[int, int]]
    requests: int = 0
    proactive: int = 0
    review: int = 0


@dataclass(slots=True)
class Rows:
    """All hits of a document, in reading order, with the header rows between them."""

    hits: list[Hit] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    clustered: bool = False
    """Hits that name rows of table 2 are table 2; nothing else was entered."""
    document: Sequence[Block] = ()
    """The document's blocks, to which ``Hit.block`` and ``Header.block`` refer."""


def grid_rows(table: Table, block: int, rows: Rows) -> None:
    """Append the rows of one table."""
    texts, at, columns, spans = table.texts, table.rows, table.columns, table.colspans
    n = len(texts)
    data_rows = request_data_rows()
    numbered = _is_numbered(table)
    i = 0
    while i < n:
        r = at[i]
        j = i + 1
        while j < n and at[j] == r:
            j += 1
        leaf = unknown = -1
        match: RowLabel | None = None
        group: RowLabel | None = None
        k = i
        while k < j:
            t = texts[k]
            if t:
                if t.isdigit():
                    if numbered and k == i and j - i > 2 and row_label(texts[k + 1]) is not None:
                        k += 1
                        continue  # the row's number stands before its label
                    break
                found = row_label(t)
                if found is not None:
                    if match is not None:
                        group = match
                    match, leaf = found, k
                    unknown = -1
                elif is_value_like(t):
                    if t.strip():
                        break  # not: a blank written as a space, in a header
                else:
                    unknown = k
            k += 1
        if unknown >= 0 and match is None:
            leaf = unknown
        elif unknown > leaf and match is not None:
            only = match.rows[0]
            if (match.exact and only[0] == REQUESTS and only[1] not in data_rows) or (
                j - unknown - 1 >= 7
            ):
                if not (match.exact and only[1] in data_rows):
                    # a group name followed by a leaf label that is not known
                    group, match = match, None
                leaf = unknown
        first = leaf + 1 if leaf >= 0 else i
        if k >= j and (match is None or not match.exact):
            _header(table, i, j, block, rows)
        if leaf < 0 and j - i < 5 and not any(texts[i:j]):
            i = j
            continue
        rows.hits.append(
            Hit(
                texts[leaf] if leaf >= 0 else "",
                match,
                texts[first:j],
                [(table, c) for c in range(first, j)],
                block,
                (table, leaf) if leaf >= 0 else (table, i),
                group,
                [(columns[c], columns[c] + spans[c]) for c in range(first, j)],
            )
        )
        i = j


def _is_numbered(table: Table) -> bool:
    """Whether the first column numbers the rows: its head says so, or it counts 1, 2, 3 ..."""
    expected = 1
    last_row = -1
    for text, row in zip(table.texts, table.rows, strict=True):
        if row == last_row:
            continue
        last_row = row
        if text.isdigit() and len(text) <= 3:
            if text != str(expected):
                return False
            expected += 1
        elif is_serial_word(text):
            return True
    return expected > 3


def _header(table: Table, i: int, j: int, block: int, rows: Rows) -> None:
    texts = table.texts[i:j]
    requests = sum(1 for t in texts if request_column(t))
    proactive = sum(1 for t in texts if proactive_column(t))
    review = sum(1 for t in texts if is_review_word(t))
    if requests or proactive or review:
        rows.headers.append(
            Header(
                block,
                len(rows.hits),
                texts,
                [(c, c + s) for c, s in zip(table.columns[i:j], table.colspans[i:j], strict=True)],
                requests,
                proactive,
                review,
            )
        )
