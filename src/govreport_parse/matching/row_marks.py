"""What may be said of a row of any table: its places, doubts, repetitions, rows of no form.

In: hits and matched rows. Out: findings with their place; rows marked where sources differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from govreport_parse.documents.model import Where
from govreport_parse.formbook import forms
from govreport_parse.matching.hits import Hit
from govreport_parse.matching.result import ExtraRow, MatchedRow, Place, TableMatch
from govreport_parse.numbers import read_number
from govreport_parse.text import fold
from govreport_parse.values import EMPTY, Finding, Locator, Severity

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


def doubt(row: MatchedRow, places: Sequence[Place | None]) -> frozenset[int]:
    """The columns in which other places say otherwise; a blank is left for what they show."""
    assert row.places is not None
    unsure = frozenset(
        i
        for i, (a, b) in enumerate(zip(row.places, places, strict=True))
        if fold(text_of(a)) != fold(text_of(b))
    )
    for i in unsure:
        if read_number(text_of(row.places[i])).state in EMPTY:
            row.places[i] = places[i]
    return unsure


def settle_nothing(row: MatchedRow) -> None:
    """Keep what an open row shows as one text, so that no solver takes it for the row's numbers."""
    if row.tokens:
        row.tokens = [Place(" | ".join(t.raw for t in row.tokens), row.tokens[0].where)]


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


def text_of(place: Place | None) -> str:
    """The raw text of a cell, ``""`` for none."""
    return place.raw if place else ""


def has_words(label: str) -> bool:
    """Whether a label says more than a numeral."""
    return any("\u3400" <= c <= "\u9fff" for c in label.lstrip("（(一二三四五六七八九十、.）) "))
