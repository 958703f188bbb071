"""Who reported in which year, how completely, and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from govreport_parse.dataset.layout import view_schema
from govreport_parse.errors import UsageError

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

COMPLETE, PARTIAL, FAILED, NOT_FOUND = "complete", "partial", "failed", "not found"
MIRROR = "mirror_host"
"""The finding of reports that were read from a mirror."""
_RANK = {COMPLETE: 0, PARTIAL: 1, FAILED: 2, NOT_FOUND: 3}
_INSIDE = ("department", "town_or_street", "public_institution")
_LOST = ("absent", "unreadable", "ambiguous")
_Unit = tuple[str | None, str | None]
_Row = dict[str, Any]


def coverage(
    dataset: Dataset,
    divisions: Iterable[str] | Mapping[str, str] | None = None,
    years: Iterable[int] | None = None,
) -> pa.Table:
    """One row a unit and year; documents that failed without saying whose they are at the end."""
    if isinstance(divisions, str) or not isinstance(divisions, Iterable | None):
        raise UsageError("divisions is a list of codes", hint="coverage(divisions=['340111'])")
    wanted = None if divisions is None else dict.fromkeys(_codes(divisions))
    names = divisions if isinstance(divisions, Mapping) else {}
    found: dict[tuple[_Unit, int | None], list[_Row]] = defaultdict(list)
    lost: list[_Row] = []
    seen = [*_reports(dataset), *_failures(dataset)]
    codes = _codes_of_organs(seen)
    for row in seen:
        unit = _unit(row, wanted, codes)
        if unit is None:
            continue
        if unit == (None, None) or row["year"] is None:
            lost.append(row)
        else:
            found[unit, row["year"]].append(row)
    units: Iterable[_Unit] = (
        {unit for unit, _ in found} if wanted is None else [(code, None) for code in wanted]
    )
    span = _span(years, [year for _, year in found if year is not None])
    rows = [
        _best(unit, year, found.get((unit, year), []), names)
        for unit in sorted(units, key=lambda u: (u[0] or "", u[1] or ""))
        for year in span
        if _is_followed(unit, wanted) or (unit, year) in found
    ]
    rows += [{**row, "n_reports": 0 if row["status"] == FAILED else 1} for row in lost]
    schema = view_schema("coverage")
    data = [{name: row.get(name) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(data, schema=schema)


def _codes(divisions: Iterable[Any]) -> list[str]:
    codes = list(divisions)
    for code in codes:
        if not isinstance(code, str):
            raise UsageError(
                f"a division code is six digits in a text, not {code!r}"[:200],
                hint="coverage(divisions=['340111'])",
            )
    return codes


def _codes_of_organs(rows: Iterable[_Row]) -> dict[str, set[str]]:
    """The division codes that each organ's name stands with."""
    codes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["organ"] is not None and row["division_code"] is not None:
            codes[row["organ"]].add(row["division_code"])
    return codes


def _unit(
    row: _Row, wanted: Mapping[str, Any] | None, codes: Mapping[str, set[str]]
) -> _Unit | None:
    """Who a row speaks of; ``None`` for divisions that nobody asked for.

    An organ that has one code in other years is the same organ in a year without a code, as in
    ``check_panel``.
    """
    code, organ = row["division_code"], row["organ"]
    if code is None and organ is not None and len(known := codes.get(organ, set())) == 1:
        code = next(iter(known))
    if wanted is None:
        return code, organ
    if code is None and row["status"] == FAILED:
        return None, None
    return (code, None) if code in wanted else None


def _is_followed(unit: _Unit, wanted: Mapping[str, Any] | None) -> bool:
    """Whether a unit is looked for in every year: without a name nothing tells who is missing."""
    return wanted is not None or unit[1] is not None


def _span(years: Iterable[int] | None, seen: list[int]) -> list[int]:
    if years is not None:
        return sorted(set(years))
    return list(range(min(seen), max(seen) + 1)) if seen else []


def _best(unit: _Unit, year: int, rows: list[_Row], names: Mapping[str, str]) -> _Row:
    code, organ = unit
    head = {"division_code": code, "organ": organ or (names.get(code) if code else None)}
    if not rows:
        reason = "no document of this year"
        return {**head, "year": year, "status": NOT_FOUND, "reason": reason, "n_reports": 0}
    best = min(rows, key=_order)
    reports = sum(row["status"] != FAILED for row in rows)
    row = {**best, **head, "organ": head["organ"] or best["organ"]}
    if organ is None and best["inside"]:
        told = f"report of {best['organ']}; none of the division's government"
        row["reason"] = "; ".join(filter(None, (told, best["reason"])))
    return {**row, "year": year, "n_reports": reports}


def _order(row: _Row) -> tuple[Any, ...]:
    """A division's government before the organs in it, then the most complete."""
    failed = row["status"] == FAILED
    return failed, row["inside"], _RANK[row["status"]], row["lost"], row["report_id"] or ""


def _is_inside(row: _Row) -> bool:
    """Whether an organ is one of the many in its division: a bureau, a town."""
    return row["organ_level"] == "township" or row["organ_kind"] in _INSIDE


def _reports(dataset: Dataset) -> list[_Row]:
    states = [f"n_{s}" for s in _LOST]
    columns = ["report_id", "organ", "organ_level", "organ_kind", "division_code", "year"]
    columns += ["form", "n_figures", *states]
    current = {"duplicate_of": None, "superseded_by": None}
    rows = dataset.reports.to_table(columns, filter=current).to_pylist()
    found = dataset.findings.to_table(["report_id"], filter={"code": MIRROR})
    mirrors = set(found["report_id"].to_pylist())
    return [
        _of_mirror(_report_row(r)) if r["report_id"] in mirrors else _report_row(r) for r in rows
    ]


def _of_mirror(row: _Row) -> _Row:
    """A copy on a foreign host is no publication of the organ, however whole it is."""
    told = "read from a mirror host, not from the organ's site"
    return {**row, "status": PARTIAL, "reason": "; ".join(filter(None, (told, row["reason"])))}


def _report_row(row: _Row) -> _Row:
    counts = {s: row[f"n_{s}"] or 0 for s in _LOST}
    lost = sum(counts.values())
    if not row["n_figures"]:
        status, reason = PARTIAL, f"{row['form']}: no tables of the annual form"
    elif lost:
        told = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
        status, reason = PARTIAL, f"of {row['n_figures']} figures {told}"
    else:
        status, reason = COMPLETE, None
    inside = _is_inside(row)
    return {**row, "status": status, "reason": reason, "lost": lost, "inside": inside}


def _failures(dataset: Dataset) -> list[_Row]:
    columns = ["organ", "division_code", "year", "error_type", "error_message"]
    return [
        {
            **row,
            "status": FAILED,
            "reason": f"{row['error_type']}: {row['error_message']}",
            "report_id": None,
            "lost": 0,
            "inside": False,
        }
        for row in dataset.failures.to_table(columns).to_pylist()
    ]
