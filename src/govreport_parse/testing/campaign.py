"""Damaged reports by number, and the count of what a parser made of them.

In: a seed and a number; the same pair gives the same document on every machine. Out: ``Case`` (a
document and what may be reported of it), ``Verdict`` (what was), ``Tally`` (counts per damage).
Numbers run through every dialect and layout under every damage before the first pair comes again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from govreport_parse.errors import GovReportError, UsageError
from govreport_parse.testing.damage import DAMAGES, Allowed, damage, possible
from govreport_parse.testing.generate import STYLES, Record, Size, random_record
from govreport_parse.testing.grids import Rendered
from govreport_parse.testing.oracle import Outcome, Violation, judge
from govreport_parse.testing.render_html import FAMILIES, LAYOUTS, render_html
from govreport_parse.testing.render_text import DIALECTS, render_text
from govreport_parse.values import State

Reader = Callable[[str], Mapping[str, Outcome]]
"""A parser under test: document to path -> (state, value); ``GovReportError`` refuses it."""

SHAPES: tuple[str, ...] = (*DIALECTS, *LAYOUTS)
"""Dialects of text, then layouts of pages."""

_FORMS = ("ogi_annual_2021", "ogi_annual_2021", "ogi_annual_2019", "hybrid")
_SIZES: tuple[Size, ...] = ("zero", "small", "small", "county", "city")
_NEVER = frozenset({("dedup", "cut_end")})
"""Pairs that ``possible`` refuses for every record."""
_TRIES = 50
_JOINED = ("concat", "text_in")
"""Shapes that may lose the borders between numbers."""


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged document; ``shape`` is its dialect or layout, ``touched`` the figures that the
    damage reached."""

    seed: int
    number: int
    damage: str
    shape: str
    form: str
    style: str
    size: str
    document: str
    allowed: Allowed
    touched: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.damage} of {self.shape} ({self.form}, {self.style}, {self.size}; "
            f"case({self.seed}, {self.number}, {self.damage!r}))"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader made of one case: violations, or the class of the error that refused it.

    ``misled`` holds solved figures of a table whose own numbers were altered or lost: the source
    breaks its sums, and yet one other assignment of its joined digits satisfies them all (of 87 18
    25 15 145 without 18 stays 872515145, and 87 + 2 + 51 + 5 = 145). That is what
    ``solved`` promises (CONTRACT.md), so it is counted apart from wrong values.
    """

    case: Case
    violations: tuple[Violation, ...]
    refused: str | None = None
    misled: tuple[Violation, ...] = ()

    @property
    def wrong(self) -> tuple[Violation, ...]:
        """Numbers without a flag that the source does not give, and those that were luck."""
        return tuple(v for v in self.violations if v.severity != "lost")


@cache
def _combinations(damages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((s, d) for d in damages for s in SHAPES if (s, d) not in _NEVER)


def case(seed: int, number: int, damages: str | tuple[str, ...] = tuple(DAMAGES)) -> Case:
    """The ``number``-th damaged document of ``seed``, under one or some of ``DAMAGES``.

    Raises ``UsageError`` for an unknown damage.
    """
    names = (damages,) if isinstance(damages, str) else damages
    if unknown := set(names) - set(DAMAGES):
        raise UsageError(f"no damage {min(unknown)!r}", hint=f"one of {', '.join(DAMAGES)}")
    pairs = _combinations(names)
    shape, name = pairs[number % len(pairs)]
    rng = random.Random(f"{seed}/{number}/{shape}/{name}")
    for _ in range(_TRIES):
        form, size = rng.choice(_FORMS), rng.choice(_SIZES)
        style = rng.choice(tuple(STYLES)) if rng.random() < 0.5 else "plain"
        record = random_record(rng, form, size, blanks=rng.choice((0.0, 0.0, 0.3)), style=style)
        rendered = _rendered(rng, shape, record, name)
        if possible(rendered, name):
            hurt = damage(rng, record, rendered, name)
            return Case(
                seed, number, name, shape, form, style, size,
                hurt.document, hurt.allowed, hurt.touched,
            )  # fmt: skip
    raise UsageError(f"{name} is not possible in {shape}", hint="a pair to add to _NEVER")


def _rendered(rng: random.Random, shape: str, record: Record, name: str) -> Rendered:
    if shape in LAYOUTS:
        family = rng.choice((None, *FAMILIES))
        dialect = rng.choice([d for d in DIALECTS if (d, name) not in _NEVER])
        return render_html(record, shape, family=family, dialect=dialect)
    return render_text(
        record,
        shape,
        blank_markup=rng.choice(("td", "p")),
        headers=rng.choice(("mixed", "whole")),
        title=rng.random() < 0.8,
    )


def verdict(one: Case, reader: Reader) -> Verdict:
    """Let a reader read a case. Errors other than ``GovReportError`` are the caller's to see."""
    try:
        figures = reader(one.document)
    except GovReportError as error:
        return Verdict(one, (), type(error).__name__)
    violations = judge(one.allowed, figures)
    misled = [v for v in violations if _is_misled(one, v)]
    return Verdict(one, tuple(v for v in violations if v not in misled), None, tuple(misled))


def _is_misled(one: Case, violation: Violation) -> bool:
    tables = {path.split("/")[0] for path in one.touched}
    states = {"alter_number": (State.SOLVED, State.ABSENT), "drop_cell": (State.SOLVED,)}
    return (
        violation.found[0] in states.get(one.damage, ())
        and one.shape.startswith(_JOINED)
        and violation.path.split("/")[0] in tables
    )


def figures_of(document: str) -> dict[str, Outcome]:
    """This library as a ``Reader``."""
    from govreport_parse.parsing import parse

    return {f.path: (f.state, f.value) for f in parse(document)}


@dataclass
class Tally:
    """Counts per damage: documents, figures, refusals, figures by severity, documents with any."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    kept: list[Verdict] = field(default_factory=list)
    """Verdicts with a violation, at most ``keep`` a damage and severity."""
    keep: int = 20

    def add(self, one: Verdict) -> None:
        """Count one verdict."""
        count = self.counts.setdefault(one.case.damage, Counter())
        count["documents"] += 1
        count["figures"] += len(one.case.allowed)
        if one.refused:
            count["refused"] += 1
            count[f"refused {one.refused}"] += 1
        count["misled"] += len(one.misled)
        severities = {v.severity for v in one.violations}
        for v in one.violations:
            count[v.severity] += 1
        for severity in severities:
            count[f"documents {severity}"] += 1
        if severities and min(count[f"documents {s}"] for s in severities) <= self.keep:
            self.kept.append(one)

    def merge(self, other: Tally) -> None:
        """Add another tally's counts."""
        for name, count in other.counts.items():
            self.counts.setdefault(name, Counter()).update(count)
        self.kept += other.kept

    @property
    def total(self) -> Counter[str]:
        """Counts over all damages."""
        return sum(self.counts.values(), Counter())

    def __str__(self) -> str:
        heads = ("documents", "refused", "wrong_value", "overclaimed", "lost", "misled")
        lines = [f"{'damage':20}" + "".join(f"{h:>13}" for h in heads)]
        rows = [*((n, self.counts[n]) for n in DAMAGES if n in self.counts), ("total", self.total)]
        lines += [f"{name:20}" + "".join(f"{count[h]:13,}" for h in heads) for name, count in rows]
        return "\n".join(lines)


def cases(
    seed: int, numbers: Iterable[int], damages: str | tuple[str, ...] = tuple(DAMAGES)
) -> Iterator[Case]:
    """The cases of some numbers, in order."""
    return (case(seed, n, damages) for n in numbers)
