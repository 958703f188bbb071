"""The findings about an organ's division."""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.organs.divisions import Division, by_code, newest
from govreport_parse.values import Finding, Severity

SHOWN = 12
"""Candidates that are listed at most."""


def conflict(
    source: str,
    code: str,
    other: str,
    division: Division,
    year: int | None,
    severity: Severity = "warning",
) -> Finding:
    """Two kinds of evidence name different divisions."""
    mine = by_code(code, year) or newest(code)
    name = mine.name if mine else "?"
    return Finding(
        "division_conflict",
        severity,
        f"{source} says {code} ({name}), {other} says {division.code} ({division.name})",
        f"行政区划不一致：{code}（{name}）与{division.code}（{division.name}）",
        detail=((source, code), (other, division.code)),
    )


def disagreement(text: str, candidates: Sequence[Division]) -> Finding:
    """The page's evidence does not single out one of several places of one name."""
    codes = [d.code for d in candidates]
    return Finding(
        "division_conflict",
        "warning",
        f"{text!r} can be {', '.join(codes[:SHOWN])}, and the page disagrees",
        f"“{text}”所属行政区划的依据相互矛盾",
        detail=(("candidates", codes[:SHOWN]),),
    )


def unsure(candidates: Sequence[Division], why: str) -> Finding:
    """No code is given, and why."""
    return Finding(
        "division_unsure",
        "info",
        f"no division code is given: {why}",
        "行政区划代码不能确定，留空",
        detail=(("candidates", [d.code for d in candidates[:SHOWN]]),),
    )


def not_valid(code: str, division: Division | None, year: int | None) -> Finding:
    """A code that is not in force in the year."""
    name = division.name if division else "not in the table"
    if division is None or year is None:
        held = ""
    elif year < division.first:
        held = f", in force from {division.first}"
    else:
        held = f", in force until {division.last}"
    return Finding(
        "division_not_valid_in_year",
        "warning",
        f"the division code {code} ({name}) is not in force in {year}{held}",
        f"行政区划代码{code}（{name}）在{year}年无效",
        detail=(("code", code), ("year", year)),
    )
