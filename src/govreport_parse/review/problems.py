"""What a person should look at, in order: suggestions, broken sums, findings, figures in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from govreport_parse.display.words import BROKEN, STATE_ZH, in_words, verdict
from govreport_parse.report import Report
from govreport_parse.review.shell import shown
from govreport_parse.values import CheckState, Finding, Locator, State

DOUBTFUL = (State.UNREADABLE, State.AMBIGUOUS, State.SOLVED, State.ABSENT)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at. ``figures`` are positions in the report, the first one to be shown.

    ``weight``: ``error``, ``warning`` or ``info``; what is only ``info`` is listed and not
    visited. ``place`` is for a problem that concerns no figure.
    """

    kind: str
    weight: str
    zh: str
    en: str
    figures: tuple[int, ...] = ()
    place: Locator | None = None


def problems_of(report: Report) -> list[Problem]:
    """The problems of one report, the gravest first."""
    weights = ("error", "warning", "info")
    others = sorted([*_findings(report), *_doubts(report)], key=lambda p: weights.index(p.weight))
    return [*_suggestions(report), *_broken(report), *others]


def _at(report: Report, paths: Sequence[str]) -> tuple[int, ...]:
    index = report.layout.index
    return tuple(index[p] for p in paths if p in index)


def _suggestions(report: Report) -> Iterator[Problem]:
    for s in report.suggestions:
        kind = "suggestion" if s.is_decided else "undecided"
        yield Problem(kind, "error", s.reason_zh, s.reason, _at(report, s.places))


def _broken(report: Report) -> Iterator[Problem]:
    zh = {tuple(f.figures): f.message_zh for f in report.findings if f.code == BROKEN}
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if outcome.state is CheckState.BROKEN:
            figures = identity.found + identity.expected
            text = zh.get(identity.expected + identity.found) or (
                f"勾稽关系不成立（{identity.scope}）：应为{outcome.expected}，报告为{outcome.found}"
            )
            en = f"{in_words(report, identity, outcome)} ({verdict(report, identity)})"
            yield Problem("broken", "error", shown(text), shown(en), _at(report, figures))


def _findings(report: Report) -> Iterator[Problem]:
    for f in report.findings:
        if f.code != BROKEN:
            yield Problem(
                f.code,
                f.severity,
                shown(f.message_zh),
                shown(f.message),
                _at(report, f.figures),
                f.locator,
            )


def _doubts(report: Report) -> Iterator[Problem]:
    """Figures in doubt, those of one row and state together."""
    groups: dict[tuple[str, str, State], list[int]] = {}
    told = _told(report.findings)
    for i, (spec, state) in enumerate(
        zip(report.layout.figures, report.columns.states, strict=True)
    ):
        if state in DOUBTFUL and spec.path not in told:
            groups.setdefault((spec.table, spec.row.key, state), []).append(i)
    for (_, _, state), figures in groups.items():
        spec = report.layout.figures[figures[0]]
        many = "1 figure" if len(figures) == 1 else f"{len(figures)} figures"
        yield Problem(
            str(state),
            "info" if state is State.SOLVED else "warning",
            f"“{spec.row.printed}”有{len(figures)}项{STATE_ZH[state]}",
            f"{many} of row “{spec.row.label_en}” {state}",
            tuple(figures),
        )


def _told(findings: Sequence[Finding]) -> frozenset[str]:
    """Paths of which a finding speaks that is no mere note."""
    return frozenset(p for f in findings if f.severity != "info" for p in f.figures)
