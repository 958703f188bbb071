"""States, identities and findings in words, for the card, the command line and ``explain``."""

from __future__ import annotations

from collections.abc import Iterator

from govreport_parse.checks.identities import Outcome
from govreport_parse.display.width import plain, wrap
from govreport_parse.formbook import REQUESTS, Identity
from govreport_parse.report import Report
from govreport_parse.values import CheckState, Finding, Number, Severity, State

UNDECIDED = "reading or source, undecided"
IN_SOURCE = "in the source: its cells read literally so"
BROKEN = "identity_broken"
"""Code of the finding that says of a broken identity what its cells prove."""
NONE = "—"

STATE_WORDS = {
    State.REPORTED: ("reported", "a number stands in the cell"),
    State.BLANK: ("blank", "the cell is there and holds nothing, which is not 0"),
    State.DASH: ("dash", "the cell holds a sign for nothing, which is not 0"),
    State.UNREADABLE: ("unreadable", "there is something in the cell, but no number"),
    State.ABSENT: ("absent", "its row, column or table was not found, or the source lost the cell"),
    State.AMBIGUOUS: ("ambiguous", "a value was found, but its column is not certain"),
    State.SOLVED: (
        "solved",
        "the source lost its place, and only this value satisfies all identities of the form",
    ),
}
"""State to its name and what it means."""

STATE_ZH = {
    State.REPORTED: "有数值",
    State.BLANK: "空白",
    State.DASH: "横线",
    State.UNREADABLE: "不可读",
    State.ABSENT: "缺失",
    State.AMBIGUOUS: "位置不明",
    State.SOLVED: "推定",
}
HOW_WORDS = {
    "label": "by its label",
    "alias": "by a known variant of its label",
    "fuzzy": "by a label that resembles the form's",
    "position": "by its position between its neighbours",
    "order": "by its place in the order of the form",
}


SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
MARKS = {"error": "✗", "warning": "!", "info": "·"}


def number(value: Number | None) -> str:
    """A value as people write it: ``1,234``, ``12.5``."""
    return NONE if value is None else f"{value:,}"


def identities_in(report: Report, state: CheckState) -> Iterator[tuple[Identity, Outcome]]:
    """The report's identities that are in a state, with their outcomes."""
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if outcome.state is state:
            yield identity, outcome


def broken_in_words(report: Report) -> list[str]:
    """Every broken identity with both sides and whose fault it is."""
    return [
        f"{in_words(report, i, o)} ({verdict(report, i)})"
        for i, o in identities_in(report, CheckState.BROKEN)
    ]


def finding_text(finding: Finding) -> str:
    """Code, message and place of a finding on one line."""
    where = f" [{plain(str(finding.locator))}]" if finding.locator else ""
    return plain(f"{finding.code}: {finding.message}", 320) + where


def in_words(report: Report, identity: Identity, outcome: Outcome) -> str:
    """One identity with both sides in words: ``t4_review_total: 行政复议 ... add up to 11 ...``."""
    specs = report.layout.figures
    index = report.layout.index
    found = specs[index[identity.found[0]]]
    if identity.kind == "balance":
        column = found.column
        text = (
            f"column {column.label} ({column.label_en}): received + carried in = "
            f"{_side(outcome.expected)}, outcomes + carried forward = {_side(outcome.found)}"
        )
    elif identity.kind == "sum" and found.table == REQUESTS:
        column = found.column
        text = (
            f"column {column.label} ({column.label_en}): the {len(identity.expected)} outcome rows"
            f" add up to {_side(outcome.expected)}, {found.row.printed} is {_side(outcome.found)}"
        )
    else:
        row = found.row
        text = (
            f"row {row.printed} ({row.label_en}): its {len(identity.expected)} parts add up to "
            f"{_side(outcome.expected)}, {found.column.label} is {_side(outcome.found)}"
        )
    return f"{identity.id}, {text}"


def _side(value: int | None) -> str:
    return "not known" if value is None else number(value)


_CHECK_MARKS = {CheckState.HOLDS: "✓", CheckState.BROKEN: "✗", CheckState.NOT_CHECKABLE: "?"}


def check_lines(report: Report, *, everything: bool = False) -> list[str]:
    """Identities in words, the broken ones first, then what can't be checked, then findings.

    ``everything`` adds those that hold.
    """
    out: list[str] = []
    for state in (CheckState.BROKEN, CheckState.NOT_CHECKABLE, CheckState.HOLDS):
        if state is CheckState.HOLDS and not everything:
            continue
        for identity, outcome in identities_in(report, state):
            text = in_words(report, identity, outcome)
            if state is CheckState.BROKEN:
                text += f" ({verdict(report, identity)})"
            out += wrap(text, "      ", f"  {_CHECK_MARKS[state]} ")
    for finding in sorted(report.findings, key=lambda f: SEVERITIES.index(f.severity)):
        if finding.code != BROKEN:
            out += wrap(finding_text(finding), "      ", f"  {MARKS[finding.severity]} ")
    return out


def verdict(report: Report, identity: Identity) -> str:
    """Where the fault of a broken identity lies, as far as its finding says that cells prove it."""
    finding = _finding_of(report, identity)
    proved = finding is not None and dict(finding.detail).get("verdict") == "source"
    return IN_SOURCE if proved else UNDECIDED


def _finding_of(report: Report, identity: Identity) -> Finding | None:
    figures = identity.expected + identity.found
    for finding in report.findings:
        if finding.code == BROKEN and finding.figures == figures:
            return finding
    return None
