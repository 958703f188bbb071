"""The answer about one organ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from govreport_parse.values import Finding

Level = Literal["central", "province", "prefecture", "county", "township", "unknown"]
Kind = Literal["government", "department", "town_or_street", "public_institution", "other"]
DivisionSource = Literal[
    "caller", "mapping", "site_code", "title", "organ", "url", "metadata", "text"
]


@dataclass(frozen=True, slots=True)
class OrganInfo:
    """What is known of an organ.

    ``name`` is as printed, ``normalised`` without white space and wide signs. ``division_code``
    is the six digits of GB/T 2260 in force in the report's year (a town has its county's code);
    ``None`` where the evidence leaves none or several, which ``candidates`` then lists as code
    and full name. ``province``, ``prefecture`` and ``county`` are full names and given as far as
    they are certain.
    """

    name: str | None
    normalised: str | None
    level: Level
    kind: Kind
    division_code: str | None = None
    division_source: DivisionSource | None = None
    candidates: tuple[tuple[str, str], ...] = ()
    division_name: str | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "name": self.name,
            "normalised": self.normalised,
            "level": self.level,
            "kind": self.kind,
            "division_code": self.division_code,
            "division_source": self.division_source,
            "candidates": [{"code": c, "name": n} for c, n in self.candidates],
            "division_name": self.division_name,
            "province": self.province,
            "prefecture": self.prefecture,
            "county": self.county,
            "findings": [f.to_dict() for f in self.findings],
        }
