"""Hits that show a table a second time: small extracts and blank forms give way to the table.

Overviews repeat one or two rows of a table, side columns list some of its labels, and pages quote
the empty form. Such hits must not compete with the table that shows the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from govreport_parse.formbook import forms
from govreport_parse.matching.hits import Hit
from govreport_parse.values import Finding, Locator

SMALL = 3
"""An extract of a table has no more rows than this."""
FORM_ROWS = 5
"""A blank form has at least so many rows; a few blank rows may be part of a real table."""


@dataclass(slots=True)
class _Run:
    """Hits of neighbouring document blocks in which no row comes twice."""

    hits: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    shown: bool = False
    first_block: int = 0
    last_block: int = 0


def outdone(hits: Sequence[Hit], key_of: Callable[[Hit], str | None]) -> frozenset[int]:
    """Numbers of the hits that give way to a table with the same rows. ``key_of``: their row."""
    runs = _runs(hits, key_of)
    if len(runs) < 2:
        return frozenset()
    out: set[int] = set()
    for run in runs:
        for other in runs:
            if other is run or not other.shown:
                continue
            blank_form = (
                not run.shown
                and len(run.keys) >= FORM_ROWS
                and 2 * len(run.keys & other.keys) >= len(run.keys)
            )
            apart = other.first_block - run.last_block > 1 or run.first_block - other.last_block > 1
            extract = (
                apart
                and len(run.keys) <= SMALL
                and run.keys < other.keys
                and len(other.keys) > SMALL
            )
            if blank_form or extract:
                out.update(run.hits)
                break
    return frozenset(out)


def _runs(hits: Sequence[Hit], key_of: Callable[[Hit], str | None]) -> list[_Run]:
    blocks: list[_Run] = []
    for i, hit in enumerate(hits):
        key = key_of(hit)
        if key is None:
            continue
        if not blocks or blocks[-1].last_block != hit.block:
            blocks.append(_Run(first_block=hit.block, last_block=hit.block))
        last = blocks[-1]
        last.hits.append(i)
        last.keys.add(key)
        last.shown = last.shown or hit.n_shown > 0
    runs: list[_Run] = []
    for block in blocks:
        if not runs or runs[-1].keys & block.keys:
            runs.append(block)
            continue
        run = runs[-1]
        run.hits += block.hits
        run.keys |= block.keys
        run.shown = run.shown or block.shown
        run.last_block = block.last_block
    return runs


def table_repeated(table: str, label: str, paths: Sequence[str], where: Locator | None) -> Finding:
    """A table printed twice with different numbers."""
    return Finding(
        "table_repeated",
        "error",
        f"table {table!r} is shown more than once with different numbers: {len(paths)} figures "
        "are ambiguous",
        f"{label}重复出现且数字不同，{len(paths)}项数据无法确定",
        tuple(paths),
        where,
    )


def table_label(key: str) -> str:
    """The printed name of a form table."""
    return forms()[0].table(key).label
