"""A PDF read by two engines: when the second is worth its time, and what they disagree on.

PDFium (``fast``) is what a record is made of. The reference (``pdfplumber``) is slow and only asked
where the first reading leaves a doubt. It never changes a figure: where the two differ, that is
the finding ``engines_disagree`` with both readings, and a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from govreport_parse.errors import GovReportError
from govreport_parse.report import Report
from govreport_parse.values import VALUED, CheckState, Figure, Finding, State

FAST, REFERENCE = "fast", "pdfplumber"
MAX_PAGES = 40
"""Pages up to which a doubt is worth a reading by the reference, some 0.2 s a page."""
MAX_INK = 60_000
"""Characters and drawn objects up to which it is: some 10 s, well within a worker's limits."""
_DOUBTFUL = (State.UNREADABLE, State.AMBIGUOUS)


def is_affordable(meta: Mapping[str, str]) -> bool:
    """Whether a document, by what its reader says of it, is small enough for a second reading."""
    if "recognised_pages" in meta:  # a picture is the same to both engines
        return False
    return int(meta.get("pages", 1)) <= MAX_PAGES and int(meta.get("ink", 0)) <= MAX_INK


def is_doubtful(report: Report) -> bool:
    """Whether a second reading may tell something.

    A sum is broken, a cell can't be read or placed, or a table was found with a part missing.
    """
    return bool(_doubtful_figures(report) or _torn_tables(report))


def doubtful_pages(report: Report, meta: Mapping[str, str]) -> frozenset[int]:
    """The pages, from 1, where a second reading of this report and its further ones may tell.

    Those of the figures in doubt; of a table with a part missing all pages, and those around it;
    and those of which the reader says (``meta``) that digits stand far apart. Empty where there
    is no doubt or nothing says on which page it stands.
    """
    pages: set[int] = set()
    for one in (report, *report.others):
        pages.update(_pages(one, _doubtful_figures(one)))
        for table in _torn_tables(one):
            at = [i for i, f in enumerate(one.layout.figures) if f.path.startswith(f"{table}/")]
            found = set(_pages(one, at))
            if found:
                pages.update(range(max(1, min(found) - 1), max(found) + 2))
    if pages:
        pages.update(map(int, meta.get("loose_pages", "").split()))
    return frozenset(pages)


def _pages(report: Report, at: Iterable[int]) -> Iterator[int]:
    for i in at:
        locator = report.locator(i)
        if locator is not None and locator.page is not None:
            yield locator.page


def _doubtful_figures(report: Report) -> set[int]:
    """Places of the figures that can't be read or stand in a broken sum."""
    found = {i for i, state in enumerate(report.columns.states) if state in _DOUBTFUL}
    for outcome, (expected, total) in zip(report.outcomes, report.layout.compiled, strict=True):
        if outcome.state is CheckState.BROKEN:
            found.update(expected, total)
    return found


def _torn_tables(report: Report) -> list[str]:
    """Tables of which a part was found and a part was not."""
    absent = {t.key: 0 for t in report.layout.tables}
    size = dict(absent)
    for figure, state in zip(report.layout.figures, report.columns.states, strict=True):
        table = figure.path.split("/", 1)[0]
        size[table] += 1
        absent[table] += state is State.ABSENT
    return [key for key in size if 0 < absent[key] < size[key]]


def compare_engines(
    first: Report, second: Report, pages: Collection[int] = frozenset()
) -> list[Finding]:
    """Findings on the figures of one PDF as both engines gave them, ``first`` being the record.

    ``pages``: those that the reference read, all if empty. ``engines_disagree`` (warning) names
    the figures and gives both readings in its detail, ``engines_agree`` (info) says that the
    reference found the same.
    """
    differing: dict[str, dict[str, Any]] = {}
    theirs = {figure.path: figure for figure in second}
    for figure in first:
        other = theirs.get(figure.path)
        if other is None or not _is_same(figure, other):
            differing[figure.path] = {FAST: _reading(figure), REFERENCE: _reading(other)}
    for figure in theirs.values():
        if figure.path not in first and figure.state is not State.ABSENT:
            differing[figure.path] = {FAST: None, REFERENCE: _reading(figure)}
    if not differing:
        return [_agreement(first, pages)]
    known = tuple(path for path in differing if path in first)
    return [
        Finding(
            "engines_disagree",
            "warning",
            f"the PDF engines disagree on {len(differing)} figures ({_example(differing)}); the "
            f"record holds what {FAST} read",
            f"两种PDF引擎对{len(differing)}项数据读取不一致",
            known,
            first[known[0]].locator if known else None,
            (("engines", [FAST, REFERENCE]), ("readings", differing)),
        )
    ]


def _agreement(report: Report, pages: Collection[int]) -> Finding:
    if not pages:
        return Finding(
            "engines_agree",
            "info",
            f"both PDF engines ({FAST}, {REFERENCE}) read the same {len(report)} figures",
            f"两种PDF引擎读取的{len(report)}项数据一致",
            detail=(("engines", [FAST, REFERENCE]),),
        )
    asked = sorted(pages)
    named = ", ".join(map(str, asked))
    count = sum(page in pages for page in _pages(report, range(len(report))))
    return Finding(
        "engines_agree",
        "info",
        f"both PDF engines ({FAST}, {REFERENCE}) read the same {count} figures on page {named}, "
        "where the doubt is",
        f"两种PDF引擎在有疑点的第{named}页读取的{count}项数据一致",
        detail=(("engines", [FAST, REFERENCE]), ("pages", asked)),
    )


def second_opinion(report: Report, second: Report, pages: Collection[int] = frozenset()) -> None:
    """Add what ``compare_engines`` finds to a report and to the further ones of its document."""
    ours, theirs = (report, *report.others), (second, *second.others)
    for one, other in zip(ours, theirs, strict=False):
        one.findings += tuple(compare_engines(one, other, pages))
    if len(ours) != len(theirs):
        report.findings += (
            Finding(
                "engines_disagree",
                "warning",
                f"the PDF engines find {len(ours)} ({FAST}) and {len(theirs)} ({REFERENCE}) "
                "reports in the document",
                "两种PDF引擎读出的报告份数不一致",
                detail=(("reports", {FAST: len(ours), REFERENCE: len(theirs)}),),
            ),
        )


def read_by_reference() -> Finding:
    """The caller asked for the reference engine: the record says so."""
    return Finding(
        "engine_is_reference",
        "info",
        f"the record was read by {REFERENCE}, not by {FAST}",
        f"由{REFERENCE}引擎读取",
        detail=(("engine", REFERENCE),),
    )


def engine_failed(error: GovReportError) -> Finding:
    """The reference could not read the PDF, or found no report in it."""
    return Finding(
        "engine_failed",
        "info",
        f"the record is by {FAST}; {REFERENCE}, asked for a second reading, gave none: "
        f"{error.message}",
        "第二种PDF引擎未能读取",
        detail=(("engine", REFERENCE), ("error", type(error).__name__)),
    )


def _is_same(a: Figure, b: Figure) -> bool:
    if a.state in VALUED and b.state in VALUED:
        return a.value == b.value
    return a.state is b.state


def _reading(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    whole = figure.to_dict()
    return {"state": whole["state"], "value": whole["value"], "raw": whole["raw"]}


def _example(differing: dict[str, dict[str, Any]]) -> str:
    path, readings = next(iter(differing.items()))
    return f"{path}: {_word(readings[FAST])} or {_word(readings[REFERENCE])}"


def _word(reading: dict[str, Any] | None) -> str:
    if reading is None:
        return "not there"
    return str(reading["state"] if reading["value"] is None else reading["value"])
