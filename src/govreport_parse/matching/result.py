"""What the matcher hands on: figures in columns, how rows were found, what stayed open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from govreport_parse.documents.model import Block, Where
from govreport_parse.formbook.spec import Layout
from govreport_parse.values import Finding

How = Literal["label", "alias", "fuzzy", "position", "order"]


@dataclass(slots=True)
class Place:
    """One figure as found: text and where it stands."""

    raw: str
    where: Where


@dataclass(slots=True)
class MatchedRow:
    """One row of the form and what the source shows of it."""

    table: str
    row: str
    how: How
    label: str
    where: Where
    places: list[Place | None] | None
    """One per column where the columns are certain; ``None`` inside: no such cell."""
    tokens: list[Place] = field(default_factory=list)
    """What is shown where the columns are not certain."""
    joined: bool = False
    lost: bool = False
    split: bool = False
    unsure: frozenset[int] = frozenset()
    """Columns whose place is certain only by one of two contradicting signs."""
    units: dict[int, str | None] = field(default_factory=dict)
    """Columns whose printed header was found, with the unit that it states, or ``None``."""


@dataclass(slots=True)
class ExtraRow:
    """A row that the form does not have."""

    table: str
    label: str
    cells: tuple[str, ...]
    where: Where


@dataclass(slots=True)
class TableMatch:
    """Everything found of one form table."""

    key: str
    rows: dict[str, MatchedRow] = field(default_factory=dict)
    extra: list[ExtraRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    blocks: set[int] = field(default_factory=set)
    """Document blocks that hold it."""
    block_forms: dict[str, str] = field(default_factory=dict)
    """Block key to form id, as far as the table itself tells."""
    conflicts: set[str] = field(default_factory=set)
    """Rows printed twice with different numbers."""
    repeated: set[str] = field(default_factory=set)
    """Rows printed twice alike."""


@dataclass(slots=True)
class Match:
    """The tables of one report laid over the forms."""

    layout: Layout
    tables: dict[str, TableMatch]
    findings: list[Finding]
    blocks: Sequence[Block]
    consumed: frozenset[int]
    split_at: int | None = None
    """Block where a second report of the same document begins."""
