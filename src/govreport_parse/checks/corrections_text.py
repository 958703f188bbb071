"""What the report's own sentences say of a change of its cells: they agree, contradict, or neither.

In: a report and new values for some figures. Out: a ``Voice``. The text never decides a
correction; it only says which of several candidates a person should look at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from govreport_parse.checks.narrative import check_narrative
from govreport_parse.values import Finding, Number, State

if TYPE_CHECKING:
    from govreport_parse.report import Report

Voice = Literal["agrees", "contradicts", "silent"]
VOICES: tuple[Voice, ...] = ("agrees", "silent", "contradicts")
"""In the order in which candidates are listed."""
VOICE_WORDS: dict[Voice, tuple[str, str]] = {
    "agrees": (" (as the text says)", "（与正文一致）"),
    "silent": ("", ""),
    "contradicts": (" (the text says otherwise)", "（与正文不符）"),
}
"""What is added to a candidate, in English and Chinese."""
MOST_ASKED = 30
"""Candidates of one suggestion that the text is asked about."""


class Text:
    """The sentences of a report, read once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._speaks = any(f.is_comparable for f in report.narrative)
        self._agreed, self._contradicted = self._kinds(report) if self._speaks else (set(), set())

    def voice(self, changes: Mapping[int, Number]) -> Voice:
        """What the text says once the figures at these positions have these values."""
        if not self._speaks:
            return "silent"
        old = self._report.columns
        columns = replace(old, values=list(old.values), states=list(old.states))
        for i, value in changes.items():
            columns.values[i], columns.states[i] = value, State.REPORTED
        changed = replace(self._report, columns=columns, _outcomes=self._report.outcomes)
        changed.__dict__["narrative"] = self._report.narrative  # its sentences are the same
        agreed, contradicted = self._kinds(changed)
        if contradicted - self._contradicted:
            return "contradicts"
        return "agrees" if agreed - self._agreed else "silent"

    @staticmethod
    def _kinds(report: Report) -> tuple[set[str], set[str]]:
        found: Iterable[Finding] = check_narrative(report, confirms=True)
        by_code: dict[str, set[str]] = {"text_confirms": set(), "text_contradicts_table": set()}
        for finding in found:
            by_code[finding.code].add(str(dict(finding.detail).get("kind")))
        return by_code["text_confirms"], by_code["text_contradicts_table"]
