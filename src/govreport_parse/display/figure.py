"""One figure in one paragraph."""

from __future__ import annotations

from collections.abc import Iterable

from govreport_parse.display.width import plain
from govreport_parse.display.words import (
    BROKEN,
    HOW_WORDS,
    STATE_WORDS,
    STATE_ZH,
    finding_text,
    in_words,
    number,
    verdict,
)
from govreport_parse.report import Report
from govreport_parse.values import CheckState, Figure, State


def explain(report: Report, path: str) -> str:
    """One paragraph on one figure: value, state, raw text, place, row match, repairs, checks.

    Raises ``UsageError`` for a path that the report's form does not have, with the nearest one.
    """
    figure = report[path]
    path = figure.path  # the caller may have used the short name
    spec = report.layout.figures[report.layout.index[path]]
    name, meaning = STATE_WORDS[figure.state]
    value = "no value" if figure.value is None else number(figure.value)
    unit = f" {figure.unit}" if figure.unit and figure.value is not None else ""
    parts = [
        f"{path} ({spec.label}; {spec.label_en}): {value}{unit}.",
        f"State {name} ({STATE_ZH[figure.state]}): {meaning}.",
        _explain_cell(figure),
        _explain_match(report, figure),
        _explain_repairs(figure),
        *_explain_checks(report, path),
        *_explain_findings(report, path),
        *_explain_suggestions(report, path),
    ]
    return " ".join(p for p in parts if p)


def _explain_cell(figure: Figure) -> str:
    place = f" at {plain(str(figure.locator))}" if figure.locator else ""
    if figure.raw is None:
        return f"Its place is{place}." if place else "No cell was found for it."
    if not figure.raw.strip():
        return f"The cell{place} is empty."
    return f"The cell{place} reads “{plain(figure.raw, 200)}”."


def _explain_match(report: Report, figure: Figure) -> str:
    match = report.rows.get((figure.table, figure.row))
    if match is None:
        return "" if figure.state is not State.ABSENT else "Its row was not found in the source."
    how = HOW_WORDS.get(match.how, match.how)
    at = f" at {plain(str(match.locator))}" if match.locator else ""
    label = f" “{plain(match.label, 120)}”" if match.label.strip() else ""
    return f"Its row was found {how}{label}{at}."


def _explain_repairs(figure: Figure) -> str:
    if not figure.repairs:
        return ""
    made = "; ".join(
        f"{r.kind}: “{plain(r.before, 60)}” to “{plain(r.after, 60)}”" for r in figure.repairs
    )
    return f"To read it the text was changed ({made})."


def _explain_checks(report: Report, path: str) -> list[str]:
    texts = []
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if path in identity.expected or path in identity.found:
            words = in_words(report, identity, outcome)
            if outcome.state is CheckState.HOLDS:
                texts.append(f"{words}; holds.")
            elif outcome.state is CheckState.BROKEN:
                texts.append(f"{words}; broken ({verdict(report, identity)}).")
            else:
                texts.append(f"{words}; not checkable.")
    if not texts:
        return ["No identity of the form speaks of it."]
    count = "one check" if len(texts) == 1 else f"{len(texts)} checks"
    return [f"It is in {count}:", *texts]


def _explain_suggestions(report: Report, path: str) -> Iterable[str]:
    for suggestion in report.suggestions:
        if path in suggestion.places:
            yield f"Suggestion: {plain(suggestion.reason, 400)} (never applied)."


def _explain_findings(report: Report, path: str) -> Iterable[str]:
    for finding in report.findings:
        if path in finding.figures and finding.code != BROKEN:
            yield f"Finding {finding_text(finding)}."
