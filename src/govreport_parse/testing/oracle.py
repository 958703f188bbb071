"""What an honest reader may report, and the judge that compares it with what was reported.

In: for each figure the outcomes (state, value) that the document allows. Out: violations, worst
first. The rule behind it: a number is right or it is flagged; a loss is named, never filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from govreport_parse.errors import UsageError
from govreport_parse.testing.generate import CellText
from govreport_parse.values import Number, State

Outcome = tuple[State, Number | None]
"""State and value of one figure, as a reader reports it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an honest reader may report of one figure; one outcome where nothing was lost."""

    allowed: frozenset[Outcome]

    @property
    def exact(self) -> bool:
        """True if only one answer is right."""
        return len(self.allowed) == 1

    @property
    def outcome(self) -> Outcome:
        """The one right answer; ``UsageError`` where there are several."""
        if not self.exact:
            raise UsageError("this figure may be reported in several ways", hint="see .allowed")
        return next(iter(self.allowed))

    def __or__(self, other: Expectation) -> Expectation:
        return Expectation(self.allowed | other.allowed)


ABSENT = Expectation(frozenset({(State.ABSENT, None)}))
"""The source does not show the figure, and nothing decides it."""


def exactly(cell: CellText) -> Expectation:
    """The cell is there: its value and state, nothing else."""
    return Expectation(frozenset({(cell.state, cell.value)}))


def place_lost(cell: CellText, *, solvable: bool = True) -> Expectation:
    """Its row shows fewer cells than the form: flagged, or solved with the true value.

    A cell that was blank has no value to solve; it may also be called blank.
    """
    out: set[Outcome] = {(State.ABSENT, None), (State.AMBIGUOUS, None)}
    if cell.value is None:
        out.add((cell.state, None))
    elif solvable:
        out.add((State.SOLVED, cell.value))
    return Expectation(frozenset(out))


@dataclass(frozen=True, slots=True)
class Violation:
    """One figure reported otherwise than an honest reader may.

    ``wrong_value``: a number that the source does not give, without a flag. ``overclaimed``: the
    right number in a state that promises more than the source shows (luck). ``lost``: no number
    where the source gives one, or the wrong reason for having none.
    """

    path: str
    severity: Literal["wrong_value", "overclaimed", "lost"]
    found: Outcome
    allowed: frozenset[Outcome]

    def __str__(self) -> str:
        may = " or ".join(sorted(f"{s} {v}" for s, v in self.allowed)) or "nothing"
        return f"{self.severity}: {self.path} is {self.found[0]} {self.found[1]}, may be {may}"


def judge(
    allowed: Mapping[str, Expectation | Iterable[Outcome]],
    figures: Mapping[str, Outcome],
) -> list[Violation]:
    """Compare what was reported with what may be reported; worst first, then in form order.

    ``figures`` maps paths to (state, value). A path of ``allowed`` that is missing counts as
    absent; a path outside ``allowed`` must not carry a value.
    """
    out: list[Violation] = []
    for path, may in allowed.items():
        outcomes = may.allowed if isinstance(may, Expectation) else frozenset(may)
        found = figures.get(path, (State.ABSENT, None))
        if found in outcomes:
            continue
        out.append(Violation(path, _severity(found, outcomes), found, outcomes))
    out.extend(
        Violation(path, "wrong_value", found, frozenset())
        for path, found in figures.items()
        if path not in allowed and found[1] is not None
    )
    order: Sequence[str] = ("wrong_value", "overclaimed", "lost")
    return sorted(out, key=lambda v: order.index(v.severity))


def _severity(
    found: Outcome, allowed: frozenset[Outcome]
) -> Literal["wrong_value", "overclaimed", "lost"]:
    if found[1] is None:
        return "lost"
    return "overclaimed" if any(v == found[1] for _, v in allowed) else "wrong_value"
