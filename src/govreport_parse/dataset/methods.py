"""A note on how the data came about, for a paper's data section (Markdown)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.layout import DATASET_SCHEMA
from govreport_parse.formbook import all_forms
from govreport_parse.privacy import MASKS

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

_STATES = {
    "reported": "a number stands in the cell, 0 included",
    "solved": "the place was lost; exactly one assignment satisfies all sums of the form",
    "blank": "the cell is empty (never turned into 0)",
    "dash": "the cell holds a sign for nothing",
    "absent": "the cell was not found",
    "unreadable": "there is ink, but no number",
    "ambiguous": "a number was found, its column is not certain",
}
_COLUMNS = (
    *("year", "form", "published", "retrieved", "url", "parser_version"),
    *("division_code", "division_source"),
    *("duplicate_of", "superseded_by", "n_holds", "n_broken", "n_not_checkable"),
    *(f"n_{state}" for state in _STATES),
)


_MASKED = {
    True: "identity cards, mobile telephones, bank cards, passports, e-mail addresses are masked "
    f"({', '.join(f'〔{word}〕' for word in MASKS.values())} stand for them)",
    False: "left as they stand in some or all reports (written with masking turned off)",
    None: "whether they are masked was not noted; they are, where masking was not turned off",
}


def methods_note(dataset: Dataset) -> str:
    """Counts, dates, failures, parser versions, states, checks and findings of a dataset.

    Nothing in it depends on when or where it is made.
    """
    reports = dataset.reports.to_table(_COLUMNS)
    pieces = [
        _head(dataset, reports),
        _by_year(reports),
        _divisions(reports),
        _states(reports),
        _checks(reports),
        _findings(dataset),
        _failures(dataset),
    ]
    return "\n".join(pieces)


def _head(dataset: Dataset, reports: pa.Table) -> str:
    counts = dataset.manifest.counts
    versions = ", ".join(sorted(v for v in pc.unique(reports["parser_version"]).to_pylist() if v))
    n = len(dataset)
    lines = [
        "# How the data were made",
        "",
        f"The dataset holds {n:,} annual reports on open government information "
        f"(政府信息公开工作年度报告), of which {counts.get('duplicates', 0):,} repeat the figures "
        f"of another and {counts.get('superseded', 0):,} are older versions; both are kept and "
        f"marked. {len(dataset.failures):,} addresses or documents gave no report.",
        "",
        f"- Parser: govreport_parse {versions or dataset.manifest.parser_version}"
        f" (dataset schema {DATASET_SCHEMA})",
        f"- Published: {_range(reports['published'])}",
        f"- Retrieved: {_range(reports['retrieved'])}",
        f"- Reports with an address: {n - reports['url'].null_count:,} of {n:,}",
        f"- Personal numbers in texts: {_MASKED[dataset.manifest.masked]}",
        "",
    ]
    return "\n".join(lines)


def _range(column: pa.ChunkedArray) -> str:
    known = column.drop_null()
    if not len(known):
        return "not known"
    ends = pc.min_max(known.cast(pa.string()))
    missing = len(column) - len(known)
    text = f"{str(ends['min'])[:10]} to {str(ends['max'])[:10]}"
    return text + (f" ({missing:,} reports without a date)" if missing else "")


def _by_year(reports: pa.Table) -> str:
    current = reports.filter(
        pc.and_(pc.is_null(reports["duplicate_of"]), pc.is_null(reports["superseded_by"]))
    )
    counts = Counter(zip(current["year"].to_pylist(), current["form"].to_pylist(), strict=True))
    forms = sorted({form for _, form in counts})
    years = sorted({year for year, _ in counts}, key=lambda y: -1 if y is None else y)
    lines = ["## Reports by year and form (copies and older versions left out)", ""]
    if not forms:
        return "\n".join([*lines, "None.", ""])
    lines += ["| year | " + " | ".join(forms) + " |", "|---|" + "---:|" * len(forms)]
    for year in years:
        cells = " | ".join(f"{counts[year, form]:,}" for form in forms)
        lines.append(f"| {year or 'unknown'} | {cells} |")
    known = [f for f in all_forms() if f.id in forms]
    lines += ["", *(f"- {f.id}: {f.name_en}, {f.basis}" for f in known)]
    lines += ["- mixed: tables of two forms in one report"] * ("mixed" in forms)
    lines += ["- narrative: text without a table of these forms"] * ("narrative" in forms)
    return "\n".join([*lines, ""])


_FOUND = {
    "caller": "given by the person who made the dataset",
    "mapping": "from that person's own table of organs",
    "site_code": "the page's SiteIDCode",
    "organ": "the name of the organ",
    "title": "the title",
    "url": "a code in the address",
    "metadata": "the page's block of metadata",
    "text": "the text names the place with its prefecture",
}


def _divisions(reports: pa.Table) -> str:
    """How the division codes were found."""
    known = reports.filter(pc.is_valid(reports["division_code"]))
    counts = Counter(known["division_source"].to_pylist())
    lines = [
        "## Division codes (GB/T 2260, as of the report's year; all reports)",
        "",
        "| found by | reports |",
        "|---|---:|",
    ]
    lines += [f"| {_FOUND.get(k or '', 'not known')} | {n:,} |" for k, n in counts.most_common()]
    lines.append(f"| none: not certain | {len(reports) - len(known):,} |")
    return "\n".join([*lines, ""])


def _total(reports: pa.Table, name: str) -> int:
    return int(pc.sum(reports[name]).as_py() or 0)


def _states(reports: pa.Table) -> str:
    totals = {state: _total(reports, f"n_{state}") for state in _STATES}
    everything = sum(totals.values()) or 1
    lines = [
        "## Figures by state (all reports, copies and older versions too)",
        "",
        "| state | figures | share | meaning |",
        "|---|---:|---:|---|",
    ]
    lines += [
        f"| {state} | {n:,} | {n / everything:.2%} | {_STATES[state]} |"
        for state, n in totals.items()
    ]
    return "\n".join([*lines, ""])


def _checks(reports: pa.Table) -> str:
    holds, broken, open_ = (_total(reports, f"n_{s}") for s in ("holds", "broken", "not_checkable"))
    with_broken = int(pc.sum(pc.greater(reports["n_broken"], 0)).as_py() or 0)
    return "\n".join(
        [
            "## Checks",
            "",
            "The sums that the forms print or imply were applied to all reports, copies and older "
            f"versions too: {holds:,} hold, "
            f"{broken:,} are broken (in {with_broken:,} reports), {open_:,} can't be checked. "
            "Blanks count as 0 in these sums and nowhere else; no value was changed to make a sum "
            "hold.",
            "",
        ]
    )


def _findings(dataset: Dataset) -> str:
    table = dataset.findings.to_table(["code", "severity", "report_id"])
    grouped = table.group_by(["severity", "code"]).aggregate(
        [("report_id", "count"), ("report_id", "count_distinct")]
    )
    order = {"error": 0, "warning": 1, "info": 2}
    rows: list[dict[str, Any]] = sorted(
        grouped.to_pylist(),
        key=lambda r: (order.get(r["severity"], 9), -r["report_id_count"], r["code"]),
    )
    lines = ["## Findings (all reports)", ""]
    if not rows:
        return "\n".join([*lines, "None.", ""])
    lines += ["| severity | code | findings | reports |", "|---|---|---:|---:|"]
    lines += [
        f"| {r['severity']} | {r['code']} | {r['report_id_count']:,} "
        f"| {r['report_id_count_distinct']:,} |"
        for r in rows
    ]
    return "\n".join([*lines, ""])


def _failures(dataset: Dataset) -> str:
    counts = Counter(dataset.failures.to_table(["error_type"])["error_type"].to_pylist())
    lines = ["## Addresses and documents without a report", ""]
    if not counts:
        return "\n".join([*lines, "None.", ""])
    lines += ["| error | times |", "|---|---:|"]
    lines += [f"| {kind} | {n:,} |" for kind, n in sorted(counts.items())]
    return "\n".join([*lines, ""])
