"""Candidates that turn out to be no report: counted by reason, the first kept, each told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from govreport_parse.mining.blocks import LISTED, Problem
from govreport_parse.report import SourceInfo
from govreport_parse.source import Source

REASONS = 50
"""Reasons that are counted each by itself; further ones are ``others``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A candidate that is no report: its name (``file#row``), its address, and why."""

    name: str
    url: str | None
    why: str


def refused(source: Source | SourceInfo, message: str) -> Refused:
    """Of a document, by the message of its ``NotAReportError``."""
    return Refused(source.name, source.url, message.removeprefix(f"{source.name}: ")[:200])


class Refusals:
    """All of a run, in the order of its documents."""

    def __init__(self, tell: Callable[[Refused], None] | None = None) -> None:
        self._tell = tell
        self._reasons: Counter[str] = Counter()
        self._first: list[Problem] = []

    def add(self, one: Refused) -> None:
        """Count it and tell it."""
        is_listed = one.why in self._reasons or len(self._reasons) < REASONS
        self._reasons[one.why if is_listed else "others"] += 1
        if len(self._first) < LISTED:
            file, _, row = one.name.rpartition("#")
            where = f"row {row}" if file else ""
            self._first.append(Problem(file or one.name, where, one.why))
        if self._tell is not None:
            self._tell(one)

    @property
    def first(self) -> tuple[Problem, ...]:
        """The first of them: where they stand and why."""
        return tuple(self._first)

    @property
    def reasons(self) -> dict[str, int]:
        """Reasons with their numbers, the most frequent first."""
        return dict(self._reasons.most_common())
