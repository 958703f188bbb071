"""What the readers of collections hand to the miner: blocks of raw documents, and the count of all.

A reader yields ``Block`` objects: an Arrow array with the bytes of many documents, and a function
that makes a ``Found`` of one of them. Documents that the pre-filter refuses are never looked at
one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.source import Source

LARGEST = 16 << 20
"""Bytes of one document; larger ones are counted and left out."""
BLOCK = 4 << 20
"""Bytes of a block, about."""
LISTED = 200
"""Problems that are kept word for word; all are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that may be a report, with the time of its capture (ISO 8601; empty: unknown).

    ``truncated``: the collection says that its capture ends early, and why.
    """

    source: Source
    captured: str = ""
    truncated: str = ""

    @property
    def mark(self) -> str:
        """What is known of it beside the document."""
        return f"{self.captured} {self.truncated}".strip()


@dataclass(frozen=True, slots=True)
class Block:
    """Raw documents: ``rows`` (binary array), and ``take``, which makes a document of one row.

    ``take`` gives ``None`` for a row that turns out to be no document, and has told the tally.
    ``packed``: rows whose words can't be seen from outside (PDF, Word), taken without a look.
    """

    rows: Any
    take: Callable[[int], Found | None]
    utf8_only: bool = False
    packed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A section of a file: bytes of whole lines or records, or row groups, up to ``end``.

    ``first``: the number of its first row in the file, counted from 1; of a web archive, of the
    section itself.
    """

    start: int
    end: int
    first: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a collection that could not be used: which file, where in it, and why."""

    file: str
    where: str
    what: str

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        return f"{self.file}{place}: {self.what}"


@dataclass(slots=True)
class Tally:
    """Counts of a run, filled while it goes. ``skipped``: reason to number of documents."""

    files: int = 0
    documents: int = 0
    """Documents looked at, those of refused kinds included."""
    bytes: int = 0
    """Bytes of text that the pre-filter looked at."""
    seconds: float = 0.0
    """Processor time of the pre-filter alone."""
    candidates: int = 0
    damaged: int = 0
    """Records or rows that are torn or broken."""
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    unreadable: int = 0
    """Files that gave nothing."""
    told: int = 0
    """Problems, those beyond ``LISTED`` included."""
    textless: Counter[str] = field(default_factory=Counter)
    """Rows without text, by file."""
    barren: Counter[str] = field(default_factory=Counter)
    """Sections without a document, by file."""

    def note(self, file: str, where: str, what: str) -> None:
        """Keep a problem; beyond ``LISTED`` they are only counted."""
        self.told += 1
        if len(self.problems) < LISTED:
            self.problems.append(Problem(file, where, what))

    def damage(self, file: str, where: str, what: str) -> None:
        """A torn record or a broken row."""
        self.damaged += 1
        self.note(file, where, what)

    def without_text(self, file: str, where: str, column: str, count: int = 1) -> None:
        """Rows whose column of texts holds none; the first of each file is told."""
        self.skipped["row without text"] += count
        if not self.textless[file]:
            also = " (further ones like it are counted)"
            self.note(file, where, f"column {column!r} holds no text{also}")
        self.textless[file] += count

    def refuse(self, file: str, what: str) -> None:
        """A whole file that can't be used."""
        self.unreadable += 1
        self.note(file, "", what)
