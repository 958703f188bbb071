"""The form's own arithmetic, applied to one report.

In: a layout and the figures' values and states in form order. Out: one outcome per identity.
Blanks and dashes count as 0 here and only here. An identity is ``not_checkable`` when one of its
figures is absent, unreadable or ambiguous, and when it fails but contains a printed total that was
left blank over parts that are not 0, or parts all left blank under a printed total: published
reports do leave whole total columns empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from govreport_parse.formbook.spec import Layout
from govreport_parse.values import EMPTY, VALUED, Check, CheckState, Number, State


class Outcome(NamedTuple):
    """State and both sides of one identity."""

    state: CheckState
    expected: int | None
    found: int | None


def check_identities(
    layout: Layout, values: Sequence[Number | None], states: Sequence[State]
) -> list[Outcome]:
    """One outcome per identity of ``layout.identities``, in that order."""
    numbers: list[int | None] = [
        value if state in VALUED else 0 if state in EMPTY else None  # type: ignore[misc]
        for value, state in zip(values, states, strict=True)
    ]
    out: list[Outcome] = []
    left_blank: set[int] = set()
    failed: list[int] = []
    for n, (expected_at, found_at) in enumerate(layout.compiled):
        expected = _total(numbers, expected_at)
        found = _total(numbers, found_at)
        if expected is None or found is None:
            out.append(Outcome(CheckState.NOT_CHECKABLE, expected, found))
        elif expected == found:
            out.append(Outcome(CheckState.HOLDS, expected, found))
        else:
            failed.append(n)
            out.append(Outcome(CheckState.BROKEN, expected, found))
            if len(found_at) == 1 and states[found_at[0]] in EMPTY:
                left_blank.add(found_at[0])
    for n in failed:
        expected_at, found_at = layout.compiled[n]
        if not left_blank.isdisjoint(expected_at + found_at) or _is_empty(
            states, expected_at, found_at
        ):
            out[n] = out[n]._replace(state=CheckState.NOT_CHECKABLE)
    return out


def _total(numbers: Sequence[int | None], at: tuple[int, ...]) -> int | None:
    total = 0
    for i in at:
        n = numbers[i]
        if n is None:
            return None
        total += n
    return total


def _is_empty(
    states: Sequence[State], expected_at: tuple[int, ...], found_at: tuple[int, ...]
) -> bool:
    """Whether a side that should carry a number was left empty (not: a part among others)."""
    return (
        all(states[i] in EMPTY for i in expected_at)
        or all(states[i] in EMPTY for i in found_at)
        # the balance: a blank 总计 row can't be told from 0 by what is carried forward
        or (len(found_at) == 2 and states[found_at[0]] in EMPTY)
    )


def checks_of(layout: Layout, outcomes: Sequence[Outcome]) -> tuple[Check, ...]:
    """The outcomes as ``Check`` objects."""
    return tuple(
        Check(i.id, i.scope, o.state, o.expected, o.found, i.expected + i.found)
        for i, o in zip(layout.identities, outcomes, strict=True)
    )
