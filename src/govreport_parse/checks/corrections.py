"""Corrections suggested, never applied: which cells a broken report most likely has wrong.

In: a finished report. Out: ``Suggestion`` values. For each group of broken identities the smallest
set of cells is looked for whose change makes all of them hold and breaks none
(``corrections_search``). It is named only if it is the only one of its size; otherwise the
suggestion is ``undecided`` and lists candidates. Values in the report stay as they are.

Rules: a count is not below 0; cells that are absent, unreadable or ambiguous take no part, nor do
identities that can't be checked. A printed total left blank says nothing once a total of the
report is blank over parts that are not 0. Blanks count as 0, here and only here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from govreport_parse.checks.corrections_kinds import (
    FAULT_WORDS,
    KIND_WORDS,
    PLAUSIBLE,
    PROVED,
    Fault,
    Kind,
    Seen,
    kind_of,
)
from govreport_parse.checks.corrections_search import Amount, Changes, Equation, Mending, mend
from govreport_parse.checks.corrections_text import MOST_ASKED, VOICE_WORDS, VOICES, Text, Voice
from govreport_parse.checks.identities import Outcome, check_identities
from govreport_parse.formbook.spec import Layout
from govreport_parse.values import EMPTY, CheckState, Number, State, json_number

if TYPE_CHECKING:
    from govreport_parse.report import Report

__all__ = ["Candidate", "Fault", "Kind", "Suggestion", "suggest"]

MOST_CANDIDATES = 8
_LISTED = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One set of changes that would mend the identities: paths and the values they would have.

    ``text`` says what the report's own sentences say of these values.
    """

    figures: tuple[str, ...]
    values: tuple[Number, ...]
    kind: Kind
    text: Voice = "silent"

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "figures": list(self.figures),
            "values": [json_number(v) for v in self.values],
            "kind": self.kind,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a person should look at first where identities are broken. Never applied.

    ``figures`` are the cells of the only smallest set, ``values`` what the identities imply for
    them and ``current`` what they hold now (``None``: blank or dash). ``kind`` says what the
    change looks like, ``fault`` whether that speaks of a misread cell or of the organ's own
    arithmetic. Where no set is the only one, ``kind`` is ``undecided``, the three tuples are
    empty, ``candidates`` holds up to eight sets, the likeliest first, and ``count`` how many
    there are (``None``: not known). ``identities`` are the broken ones, as ``id:scope``.
    """

    figures: tuple[str, ...]
    values: tuple[Number, ...]
    current: tuple[Number | None, ...]
    kind: Kind
    fault: Fault
    identities: tuple[str, ...]
    reason: str
    reason_zh: str
    candidates: tuple[Candidate, ...] = ()
    count: int | None = 1

    @property
    def is_decided(self) -> bool:
        """Whether one set of cells is named."""
        return bool(self.figures)

    @property
    def places(self) -> tuple[str, ...]:
        """All paths that it speaks of: the cells named, or those of the candidates."""
        named = self.figures or tuple(f for c in self.candidates for f in c.figures)
        return tuple(dict.fromkeys(named))

    def to_dict(self) -> dict[str, Any]:
        """The suggestion as it stands in the report's JSON."""
        return {
            "figures": list(self.figures),
            "values": [json_number(v) for v in self.values],
            "current": [json_number(v) for v in self.current],
            "kind": self.kind,
            "fault": self.fault,
            "identities": list(self.identities),
            "reason": self.reason,
            "reason_zh": self.reason_zh,
            "candidates": [c.to_dict() for c in self.candidates],
            "count": self.count,
        }

    def __str__(self) -> str:
        return self.reason


def suggest(report: Report) -> tuple[Suggestion, ...]:
    """The suggestions for one report (further reports of its document have their own).

    Empty when no identity is broken. Deterministic; the work is bounded (some 0.1 s at worst).
    """
    if not any(o.state is CheckState.BROKEN for o in report.outcomes):
        return ()
    desk = _Desk(report)
    out: list[Suggestion] = []
    for mending in mend(desk.equations, desk.is_allowed):
        out += desk.told(mending)
    return tuple(out)


class _Desk:
    """One report spread out: its identities as equations, and what its cells show."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.layout: Layout = report.layout
        self.values: list[Number | None] = report.columns.values
        self.states: list[State] = report.columns.states
        self.used = _used(self.layout, self.states, report.outcomes)
        self.equations = [self._equation(n) for n in self.used]

    def _equation(self, n: int) -> Equation:
        expected_at, found_at = self.layout.compiled[n]
        weights: dict[int, int] = {}
        for at, sign in ((expected_at, 1), (found_at, -1)):
            for i in at:
                weights[i] = weights.get(i, 0) + sign
        outcome = self.report.outcomes[n]
        gap = _exact(outcome.expected or 0) - _exact(outcome.found or 0)
        return Equation({i: w for i, w in weights.items() if w}, gap)

    @cached_property
    def text(self) -> Text:
        """The report's sentences, read when first asked."""
        return Text(self.report)

    def value(self, i: int) -> Amount:
        """What the cell counts as."""
        return _exact(self.values[i] or 0)

    def changed(self, i: int, amount: Amount) -> Number | None:
        """The cell's value after the change; ``None`` if it can't have that value."""
        new = self.value(i) + amount
        column = self.layout.figures[i].column
        if new < 0 and column.type != "signed":
            return None
        if column.type != "decimal":
            return new if isinstance(new, int) else None
        return Decimal(new) if isinstance(new, int) else Decimal(new.numerator) / new.denominator

    def is_allowed(self, changes: Changes) -> bool:
        """Whether every cell can have its new value and no identity of the report is broken."""
        values, states = list(self.values), list(self.states)
        for i, amount in changes:
            new = self.changed(i, amount)
            if new is None:
                return False
            values[i], states[i] = new, State.REPORTED
        near = {i for i, _ in changes}
        after = check_identities(self.layout, values, states)
        return not any(
            o.state is CheckState.BROKEN and not near.isdisjoint((*at[0], *at[1]))
            for o, at in zip(after, self.layout.compiled, strict=True)
        )

    def broken(self, mending: Mending) -> tuple[int, ...]:
        """The broken identities of a group, as positions in the layout."""
        at = [self.used[n] for n in mending.equations]
        return tuple(n for n in at if self.report.outcomes[n].state is CheckState.BROKEN)

    def names(self, identities: Sequence[int]) -> tuple[str, ...]:
        """``id:scope`` of each."""
        made = self.layout.identities
        return tuple(f"{made[n].id}:{made[n].scope}" for n in identities)

    def told(self, mending: Mending) -> list[Suggestion]:
        """The outcome of a search as suggestions: one a set of cells that hang together."""
        if mending.outcome != "unique":
            return [self._undecided(mending)]
        broken = self.broken(mending)
        return [self._named(part, broken) for part in self._parts(mending.sets[0])]

    def _parts(self, changes: Changes) -> list[Changes]:
        """The changes in groups that share no identity."""
        groups: list[list[tuple[int, Amount]]] = []
        for change in changes:
            mine = [change]
            rest = []
            for group in groups:
                if any(self._meet(change[0], i) for i, _ in group):
                    mine += group
                else:
                    rest.append(group)
            groups = [*rest, mine]
        return sorted(tuple(sorted(g)) for g in groups)

    def _meet(self, a: int, b: int) -> bool:
        return any(a in e.weights and b in e.weights for e in self.equations)

    def _named(self, changes: Changes, broken: Sequence[int]) -> Suggestion:
        cells = {i for i, _ in changes}
        mended = [n for n in broken if cells & {*sum(self.layout.compiled[n], ())}]
        kind = self._kind(changes)
        proved = self._is_source(mended)
        fault: Fault = "organ" if proved else KIND_WORDS[kind].fault
        said, said_zh = PROVED if proved else FAULT_WORDS[fault]
        names = self.names(mended)
        words = KIND_WORDS[kind]
        return Suggestion(
            tuple(self.layout.paths[i] for i in sorted(cells)),
            self._new(changes),
            tuple(self.values[i] for i, _ in changes),
            kind,
            fault,
            names,
            f"{self._said(changes)} would mend {_count(len(names), 'broken identity')}; "
            f"{words.en}: {said}",
            f"若{self._said_zh(changes)}，则{len(names)}项不成立的勾稽关系均成立；"
            f"{words.zh}：{said_zh}",
        )

    def _undecided(self, mending: Mending) -> Suggestion:
        broken = self.broken(mending)
        names = self.names(broken)
        ranked = self._ranked(mending.sets)
        shown = tuple(
            Candidate(tuple(self.layout.paths[i] for i, _ in c), self._new(c), kind, voice)
            for voice, kind, c in ranked[:MOST_CANDIDATES]
        )
        why, why_zh = self._why(mending)
        first = ranked[:_LISTED]
        likely = "; ".join(self._said(c) + VOICE_WORDS[v][0] for v, _, c in first)
        likely_zh = "；".join(self._said_zh(c) + VOICE_WORDS[v][1] for v, _, c in first)
        known = mending.complete and not mending.open
        return Suggestion(
            (),
            (),
            (),
            "undecided",
            "undecided",
            names,
            f"{_count(len(names), 'broken identity')}, undecided: {why}"
            + (f"; such as {likely}" if likely else ""),
            f"{len(names)}项勾稽关系不成立，无法确定：{why_zh}"
            + (f"；例如{likely_zh}" if likely else ""),
            shown,
            len(mending.sets) if known else None,
        )

    def _ranked(self, sets: Sequence[Changes]) -> list[tuple[Voice, Kind, Changes]]:
        """The sets, the likeliest first: what the text says, then what the change looks like."""
        by_kind = sorted(
            ((self._kind(c), c) for c in sets),
            key=lambda x: (PLAUSIBLE.index(x[0]), [i for i, _ in x[1]], x[1]),
        )
        voices: list[Voice] = ["silent"] * len(by_kind)
        for n, (_, changes) in enumerate(by_kind[:MOST_ASKED]):
            new = self._new(changes)
            voices[n] = self.text.voice({i: v for (i, _), v in zip(changes, new, strict=True)})
        ranked = [(v, kind, c) for v, (kind, c) in zip(voices, by_kind, strict=True)]
        return sorted(ranked, key=lambda x: VOICES.index(x[0]))

    def _why(self, mending: Mending) -> tuple[str, str]:
        if mending.outcome == "none":
            return (
                "more than three cells would have to change",
                "需改动三个以上单元格",
            )
        if mending.outcome == "budget":
            return "too many possibilities to look at all", "可能情形过多，未能穷尽"
        size = len(mending.sets[0]) if mending.sets else 0
        many = "more than " * mending.open + str(len(mending.sets))
        cells = "one cell" if size == 1 else f"{size} cells"
        return (
            f"{many} sets of {cells} would each do",
            f"改动{size}个单元格的方案有{len(mending.sets)}种" + "以上" * mending.open,
        )

    def _new(self, changes: Changes) -> tuple[Number, ...]:
        new = (self.changed(i, amount) for i, amount in changes)
        return tuple(v for v in new if v is not None)

    def _kind(self, changes: Changes) -> Kind:
        totals = {at[1][0] for at in self.layout.compiled}
        seen = []
        for (i, _), new in zip(changes, self._new(changes), strict=True):
            spec = self.layout.figures[i]
            raw, state = self.report.columns.raws[i], self.states[i]
            neighbours = self._neighbours(i)
            seen.append(
                Seen(
                    (spec.table, spec.row.key, spec.column.key),
                    raw or "",
                    None if state in EMPTY else self.values[i],
                    new,
                    is_total=i in totals,
                    neighbours=neighbours,
                )
            )
        return kind_of(seen)

    def _neighbours(self, i: int) -> tuple[str, ...]:
        """Paths beside and below or above the cell, as printed: places a number may slip to."""
        here = self.layout.figures[i]
        width = sum(
            1
            for f in self.layout.figures[max(0, i - 12) : i + 12]
            if f.table == here.table and f.row.key == here.row.key
        )
        steps = {i - 1, i + 1} if width > 1 else set()
        steps |= {i - width, i + width}
        figures = self.layout.figures
        out = []
        for k in sorted(steps):
            if 0 <= k < len(figures) and figures[k].table == here.table:
                beside = figures[k].row.key == here.row.key
                if beside or figures[k].column.key == here.column.key:
                    out.append(figures[k].path)
        return tuple(out)

    def _is_source(self, mended: Sequence[int]) -> bool:
        """Whether it is proved of each of the identities that its cells read literally so."""
        verdicts = {f.figures: dict(f.detail).get("verdict") for f in self.report.findings}
        at = [self.layout.identities[n] for n in mended]
        return bool(at) and all(verdicts.get(i.expected + i.found) == "source" for i in at)

    def _said(self, changes: Changes) -> str:
        return " and ".join(
            f"{self.layout.paths[i]} {_shown(self.values[i], self.states[i])} → {new}"
            for (i, _), new in zip(changes, self._new(changes), strict=True)
        )

    def _said_zh(self, changes: Changes) -> str:
        return "、".join(
            f"“{self.layout.figures[i].label}”由{_shown(self.values[i], self.states[i], zh=True)}"
            f"改为{new}"
            for (i, _), new in zip(changes, self._new(changes), strict=True)
        )


def _count(n: int, what: str) -> str:
    return f"1 {what}" if n == 1 else f"{n} {what.removesuffix('y')}ies"


def _shown(value: Number | None, state: State, *, zh: bool = False) -> str:
    if value is not None:
        return str(value)
    return "空白" if zh else f"({state})"


def _exact(value: Number | float) -> Amount:
    if isinstance(value, int):
        return value
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def _used(layout: Layout, states: Sequence[State], outcomes: Sequence[Outcome]) -> list[int]:
    """The identities that say something of this report.

    A blank total over parts that are not 0 shows that the report leaves totals blank: then its
    other blank totals prove nothing either, even where 0 = 0.
    """
    blank = [len(found) > 0 and states[found[0]] in EMPTY for _, found in layout.compiled]
    leaves_blank = any(b and o.expected for b, o in zip(blank, outcomes, strict=True))
    return [
        n
        for n, o in enumerate(outcomes)
        if o.state is not CheckState.NOT_CHECKABLE and not (leaves_blank and blank[n])
    ]
