"""The index page of a dataset: counties by years, a heat map of completeness, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import DatasetError
from govreport_parse.organs import divisions
from govreport_parse.review.shell import link, render, shown

if TYPE_CHECKING:
    from govreport_parse.dataset import Dataset

LOST = ("absent", "unreadable", "ambiguous")
MOST_FAILURES = 2_000
MOST_TEXT = 160
_COLUMNS = (
    *("report_id", "organ", "division_code", "year", "form", "title", "url", "source_name"),
    *("n_figures", "n_reported", "n_solved", "n_blank", "n_dash", *(f"n_{s}" for s in LOST)),
    *("n_holds", "n_broken", "n_not_checkable", "duplicate_of", "superseded_by"),
)


def dataset_page(dataset: Dataset, title: str | None = None) -> str:
    """One self-contained HTML page over all reports of a dataset, 10,000 and more.

    Completeness of a report: the share of its form's figures that were found, blanks and dashes
    among them (a blank was found blank). Copies and older versions are listed, and left out of
    the heat map. Raises ``DatasetError`` where the dataset holds no report, ``UsageError``
    where jinja2 is missing.
    """
    rows: list[dict[str, Any]] = dataset.reports.to_table(_COLUMNS).to_pylist()
    failures = _failures(dataset)
    if not rows:
        raise DatasetError(_nothing(failures), hint="its table failures tells of each document")
    units: dict[str, int] = {}
    names: list[list[str]] = []
    years = sorted({r["year"] for r in rows if r["year"] is not None})
    at = {year: n for n, year in enumerate(years)}
    severe = _severe(dataset)
    reports = [
        _report(r, _unit(r, units, names), at.get(r["year"], -1), severe[r["report_id"]])
        for r in rows
    ]
    name = title or dataset.folder.resolve().name
    counts = {
        "reports": len(rows),
        "units": len(names),
        "broken": sum(bool(r["n_broken"]) for r in rows),
        "failed": len(failures),
    }
    data = {
        "years": years,
        "units": names,
        "reports": reports,
        "failures": [_failure(f) for f in failures[:MOST_FAILURES]],
    }
    return render("index", data, title=shown(name), counts=counts)


def _nothing(failures: list[dict[str, Any]]) -> str:
    kinds = Counter(str(f["error_type"]) for f in failures)
    if not kinds:
        return "there is nothing to review: the dataset is empty"
    told = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common(5))
    many = "the one document" if len(failures) == 1 else f"all {len(failures):,} documents"
    return f"there is no report to review: {many} failed ({told})"


def _failures(dataset: Dataset) -> list[dict[str, Any]]:
    columns = ["source_name", "url", "organ", "year", "error_type", "error_message"]
    rows: list[dict[str, Any]] = dataset.failures.to_table(columns).to_pylist()
    return rows


def _severe(dataset: Dataset) -> Counter[str]:
    """Errors and warnings a report, broken sums left out: those have a column of their own."""
    table = dataset.findings.to_table(["report_id", "severity", "code"])
    grouped = table.group_by(["report_id", "severity", "code"]).aggregate([([], "count_all")])
    out: Counter[str] = Counter()
    for row in grouped.to_pylist():
        if row["severity"] != "info" and row["code"] != "identity_broken":
            out[row["report_id"]] += row["count_all"]
    return out


def _unit(row: Mapping[str, Any], units: dict[str, int], names: list[list[str]]) -> int:
    """The row's division (else its organ, else ?) as a number; new ones are named."""
    code = row["division_code"]
    key = code or row["organ"] or ""
    if key not in units:
        units[key] = len(names)
        division = divisions.newest(code) if code else None
        name = divisions.full_name(division, None) if division else row["organ"] or "?"
        names.append([code or "", shown(name)[:MOST_TEXT]])
    return units[key]


def _report(row: Mapping[str, Any], unit: int, year: int, severe: int) -> list[Any]:
    """One report as the script reads it; see ``FIELDS`` in index.js."""
    lost = sum(row[f"n_{s}"] or 0 for s in LOST)
    return [
        unit,
        year,
        row["report_id"],
        shown(row["organ"] or row["title"] or row["source_name"])[:MOST_TEXT],
        row["form"],
        row["n_figures"] or 0,
        (row["n_reported"] or 0) + (row["n_solved"] or 0),
        (row["n_blank"] or 0) + (row["n_dash"] or 0),
        lost,
        row["n_holds"] or 0,
        row["n_broken"] or 0,
        row["n_not_checkable"] or 0,
        severe,
        1 if row["duplicate_of"] else 2 if row["superseded_by"] else 0,
        link(row["url"]) or "",
        shown(row["source_name"])[:MOST_TEXT],
    ]


def _failure(row: Mapping[str, Any]) -> list[str]:
    return [
        shown(row["source_name"])[:MOST_TEXT],
        str(row["error_type"]),
        shown(row["error_message"])[:MOST_TEXT],
        link(row["url"]) or "",
    ]
