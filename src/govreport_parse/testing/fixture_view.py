"""A fixture for the eye: source line, figures and sums side by side.

In: a ``Fixture``. Out: lines of text. Figures that the parser reads otherwise are marked; the
sums are those of the expected figures, so that they are a second opinion on the person's work.
"""

from __future__ import annotations

from collections.abc import Iterator

from govreport_parse.checks.identities import check_identities
from govreport_parse.documents.model import Document
from govreport_parse.errors import GovReportError
from govreport_parse.formbook.spec import Layout
from govreport_parse.report import Report
from govreport_parse.testing.diff import SourceLines, compare, describe, read_reports
from govreport_parse.testing.fixture_files import (
    ExpectedFigure,
    ExpectedReport,
    Fixture,
    number_text,
)
from govreport_parse.values import CheckState, State

WIDTH = 150


def side_by_side(fixture: Fixture, *, everything: bool = False) -> Iterator[str]:
    """The lines; rows of nothing but zeros only with ``everything``."""
    yield from _head(fixture)
    if fixture.error is not None:
        wanted = fixture.error
        yield f"expected error  {wanted.type}: …{wanted.message}…"
        yield describe(compare(fixture)) or "the parser raises it"
        return
    document: Document | None = None
    reports: tuple[Report, ...] = ()
    try:
        document, reports = read_reports(fixture.source, fixture.meta.get("options", {}))
    except GovReportError as error:
        yield f"the parser raises {type(error).__name__}: {error}"
    lines = SourceLines(fixture.source, document)
    for number, expected in enumerate(fixture.reports, 1):
        report = reports[number - 1] if number <= len(reports) else None
        if len(fixture.reports) > 1:
            yield f"\n== report {number}"
        yield from _figures(expected, report, lines, everything)
        if report is not None:
            yield from _sums(expected, report.layout)
    yield ""
    yield describe(compare(fixture)) or "the parser reads everything as expected"


def _head(fixture: Fixture) -> Iterator[str]:
    meta = fixture.meta
    about = (meta["format"], meta["encoding"] or "no charset", meta["url"] or "no address")
    yield f"{fixture.name}  {', '.join(about)}"
    if fixture.draft:
        yield "DRAFT: not signed"
    for one in meta["verified_by"]:
        yield f"checked by {one['by']}: {one.get('how', '')}"
    for path, why in fixture.gaps.items():
        yield f"known gap {path}: {why}"


def _figures(
    expected: ExpectedReport, report: Report | None, lines: SourceLines, everything: bool
) -> Iterator[str]:
    rows: dict[str, list[ExpectedFigure]] = {}
    for figure in expected.figures:
        rows.setdefault(figure.path.rpartition("/")[0], []).append(figure)
    hidden = 0
    for row, figures in rows.items():
        plain = all(f.value == 0 and f.state is State.REPORTED for f in figures)
        if plain and not everything and _agrees(figures, report):
            hidden += 1
            continue
        found = next((f for f in _found(figures, report) if f is not None and f.locator), None)
        yield f"\n{row}"
        yield f"  source  {lines.at(found.locator if found else None)[:WIDTH] or '(not found)'}"
        for want, has in zip(figures, _found(figures, report), strict=True):
            raw = "" if has is None or has.raw is None else repr(has.raw[:40])
            same = has is not None and (has.value, has.state) == (want.value, want.state)
            mark = (
                ""
                if same
                else "   <-- read otherwise: "
                + ("no such figure" if has is None else f"{number_text(has.value)} {has.state}")
            )
            value = f"{number_text(want.value):>14} {want.state:<10}"
            yield f"  {value} {raw:<12} {want.label}{mark}"
    if hidden:
        yield f"\n{hidden} rows of nothing but zeros, read as expected (--all shows them)"


def _found(figures: list[ExpectedFigure], report: Report | None) -> list:  # type: ignore[type-arg]
    return [report[f.path] if report is not None and f.path in report else None for f in figures]


def _agrees(figures: list[ExpectedFigure], report: Report | None) -> bool:
    return all(
        has is not None and (has.value, has.state) == (want.value, want.state)
        for want, has in zip(figures, _found(figures, report), strict=True)
    )


def _sums(expected: ExpectedReport, layout: Layout) -> Iterator[str]:
    """The identities of the expected figures; nothing when they are of another layout."""
    by_path = {f.path: f for f in expected.figures}
    if tuple(by_path) != layout.paths:
        return
    outcomes = check_identities(
        layout,
        [by_path[p].value for p in layout.paths],
        [by_path[p].state for p in layout.paths],
    )
    holds = sum(o.state is CheckState.HOLDS for o in outcomes)
    yield f"\nsums of the expected figures: {holds} of {len(outcomes)} hold"
    for identity, outcome in zip(layout.identities, outcomes, strict=True):
        if outcome.state is not CheckState.HOLDS:
            sides = f"{outcome.expected} against {outcome.found}"
            yield f"  {outcome.state:<14} {identity.id} {identity.scope}: {sides}"
