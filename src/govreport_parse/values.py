"""The small values that travel between stages: states, locators, figures, findings, checks.

Everything here is immutable, prints itself and uses the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]
Number = int | Decimal


class State(StrEnum):
    """What is known of one figure (CONTRACT.md, Figures)."""

    REPORTED = "reported"
    """A number stands in the cell, 0 included."""
    BLANK = "blank"
    """The cell is there and holds nothing. Never 0."""
    DASH = "dash"
    """The cell holds a sign for "nothing": -, —, /, 无, 空."""
    UNREADABLE = "unreadable"
    """There is ink, but no number."""
    ABSENT = "absent"
    """Row, column or table was not found, or the source lost the cell."""
    AMBIGUOUS = "ambiguous"
    """A value was found, but its column is not certain; ``raw`` keeps it."""
    SOLVED = "solved"
    """Place or digit borders were lost and exactly one assignment satisfies all hard identities."""


VALUED = frozenset({State.REPORTED, State.SOLVED})
"""The states whose figures have a value."""

EMPTY = frozenset({State.BLANK, State.DASH})
"""The states that count as 0 in checks, and only there."""


class CheckState(StrEnum):
    """Outcome of one identity."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in the source something stands. All counts start at 1; ``None``: does not apply.

    ``table``, ``row``, ``column`` count in the document, ``line`` and ``cell`` in text sources,
    ``page`` in paged ones. ``bbox`` is (left, top, right, bottom) in points from the page's
    upper left corner. ``sheet`` names the worksheet or the member of an archive.
    """

    page: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None
    cell: int | None = None
    sheet: str | None = None
    bbox: tuple[float, float, float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dict of the parts that apply, in a fixed order."""
        out: dict[str, Any] = {}
        for name in ("sheet", "page", "table", "row", "column", "line", "cell"):
            value = getattr(self, name)
            if value is not None:
                out[name] = value
        if self.bbox is not None:
            out["bbox"] = [round(x, 2) for x in self.bbox]
        return out

    def __str__(self) -> str:
        parts = [f"{k} {v}" for k, v in self.to_dict().items() if k != "bbox"]
        return ", ".join(parts) or "nowhere"


@dataclass(frozen=True, slots=True)
class Repair:
    """One change made in order to read a text. ``start`` and ``end`` are offsets in the raw text.

    ``kind`` is one of the stable names documented in ``text.py`` and ``numbers.py``
    (``gloss``, ``full_width``, ``traditional``, ``mojibake``, ``thousands_separator`` ...).
    """

    kind: str
    start: int
    end: int
    before: str
    after: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "kind": self.kind,
            "start": self.start,
            "end": self.end,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a form.

    ``value`` is an ``int``, a ``Decimal`` for amounts (unit as the report states it), or ``None``
    unless the state is ``reported`` or ``solved``.
    """

    path: str
    value: Number | None
    state: State
    raw: str | None = None
    unit: str | None = None
    locator: Locator | None = None
    repairs: tuple[Repair, ...] = ()

    @property
    def table(self) -> str:
        """Table key, the first part of the path."""
        return self.path.split("/")[0]

    @property
    def row(self) -> str:
        """Row key (block key in ``review_and_litigation``)."""
        return self.path.split("/")[1]

    @property
    def column(self) -> str:
        """Column key."""
        return self.path.split("/")[2]

    def to_dict(self) -> dict[str, Any]:
        """The figure as it stands in the report's JSON (decimals as JSON numbers)."""
        table, row, column = self.path.split("/")
        return {
            "table": table,
            "row": row,
            "column": column,
            "value": json_number(self.value),
            "state": str(self.state),
            "raw": self.raw,
            "unit": self.unit,
            "locator": self.locator.to_dict() if self.locator else None,
            "repairs": [r.to_dict() for r in self.repairs],
        }


def json_number(value: Number | None) -> int | float | None:
    """A decimal as the JSON number of the same digits, an integer as it is."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


@dataclass(frozen=True, slots=True)
class Finding:
    """A coded observation about a report: data, never an exception.

    ``severity``: ``info`` (worth knowing), ``warning`` (we read it, with doubt or loss),
    ``error`` (numbers are missing or the report's own arithmetic fails).
    """

    code: str
    severity: Severity
    message: str
    message_zh: str
    figures: tuple[str, ...] = ()
    locator: Locator | None = None
    detail: tuple[tuple[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain dict; ``detail`` only where there is one."""
        out: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "message_zh": self.message_zh,
            "figures": list(self.figures),
            "locator": self.locator.to_dict() if self.locator else None,
        }
        if self.detail:
            out["detail"] = dict(self.detail)
        return out


@dataclass(frozen=True, slots=True)
class Check:
    """One identity of the form applied to one report, with both sides.

    ``expected`` is what the parts add up to, ``found`` what the report prints as their sum.
    Blanks and dashes count as 0 here, and only here.
    """

    id: str
    scope: str
    state: CheckState
    expected: int | None
    found: int | None
    figures: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The check as it stands in the report's JSON."""
        return {
            "id": self.id,
            "scope": self.scope,
            "state": str(self.state),
            "expected": self.expected,
            "found": self.found,
        }
