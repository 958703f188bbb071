"""One report of several sources: a page and the files that belong to it.

The one that shows more figures is kept, the other is named as a second source, and where both give
a figure and differ, that is told. A file that surely is a report of another year or organ, with
numbers of its own, is a report of its own: pages of a whole county's reports have one file each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from govreport_parse.errors import GovReportError
from govreport_parse.fetch.state import Group
from govreport_parse.harvesting.offered import are_different, confirm
from govreport_parse.report import Failure, Report
from govreport_parse.values import VALUED, Finding

Result = Report | Failure
_SURE_OF_YEAR = frozenset(("title", "period"))
"""Where a year stands that is the report's own and no other's (``Report.year_source``)."""
_SURE_OF_ORGAN = "title"


def combined(group: Group, members: Sequence[Result]) -> list[Result]:
    """The results of a page and its files: its report or failure, and others that they hold."""
    reports = [m for m in members if isinstance(m, Report)]
    if not reports:
        return [_told_of_group(group, members)]
    made: list[Result] = []
    rest: list[Result] = list(members)
    while reports:
        # The page comes first, so it wins a tie.
        best = max(reports, key=_shown)
        if not made:
            confirm(best, group.offer)
        others = [m for m in rest if m is not best and not _is_another(best, m)]
        best.findings += tuple(f for other in others for f in _second_source(best, other))
        made.append(best)
        rest = [m for m in rest if m is not best and all(m is not other for other in others)]
        reports = [m for m in rest if isinstance(m, Report)]
    return made


def _is_another(best: Report, other: Result) -> bool:
    """A report of another year or organ, by what the documents say of themselves."""
    if not isinstance(other, Report):
        return False
    years = best.year, other.year
    organs = best.organ, other.organ
    of_other_year = (
        None not in years
        and years[0] != years[1]
        and {best.year_source, other.year_source} <= _SURE_OF_YEAR
    )
    of_other_organ = (
        organs[0] is not None
        and organs[1] is not None
        and {best.organ_source, other.organ_source} == {_SURE_OF_ORGAN}
        and are_different(organs[0], organs[1])
    )
    if not of_other_year and not of_other_organ:
        return False
    shared, differing = _compared(best, other)
    return bool(differing) or not shared


def _told_of_group(group: Group, members: Sequence[Result]) -> Result:
    """The failure that says most: an attachment's when the page is only its cover."""
    failures = [m for m in members if isinstance(m, Failure)]
    chosen = failures[-1] if len(failures) > 1 else failures[0]
    error = chosen.error
    context = {
        **error.context,
        **{
            name: value
            for name, value in (
                ("organ", group.organ),
                ("division_code", group.division_code),
                ("year", group.year),
            )
            if value is not None
        },
    }
    return Failure(chosen.source, type(error)(error.message, hint=error.hint, context=context))


def _shown(report: Report) -> int:
    return sum(state in VALUED for state in report.columns.states)


def _second_source(best: Report, other: Result) -> tuple[Finding, ...]:
    where = other.source.url or other.source.name
    about = (("url", where), ("sha256", other.source.sha256))
    if isinstance(other, Failure):
        return (
            Finding(
                "second_source",
                "info",
                f"{where} belongs to this report too, but no report could be read from it: "
                f"{other.error.message}",
                "另有来源文件，未能读取",
                detail=(*about, ("error", type(other.error).__name__)),
            ),
        )
    shared, differing = _compared(best, other)
    if differing:
        return (
            Finding(
                "sources_differ",
                "error",
                f"{where} gives other numbers for {len(differing)} figures "
                f"({', '.join(differing[:5])}{' …' if len(differing) > 5 else ''})",
                f"网页与附件有{len(differing)}项数字不一致",
                figures=differing,
                detail=about,
            ),
        )
    if not shared:
        english, chinese = "shows none of its numbers", "另有来源文件，其中没有这些数字"
    else:
        english, chinese = "gives the same numbers", "另有来源文件，数字一致"
    if None not in (best.year, other.year) and best.year != other.year:
        english, chinese = f"{english}, but says {other.year}", f"{chinese}，但年度为{other.year}"
    return (Finding("second_source", "info", f"{where} {english}", chinese, detail=about),)


def _compared(best: Report, other: Report) -> tuple[int, tuple[str, ...]]:
    """How many figures both give, and which of them differ."""
    shared = 0
    differing: list[str] = []
    for figure in best:
        value = _value(other, figure.path) if figure.state in VALUED else None
        if value is not None:
            shared += 1
            if value != figure.value:
                differing.append(figure.path)
    return shared, tuple(differing)


def _value(report: Report, path: str) -> Any:
    """A figure's number; ``None`` where the report gives none."""
    try:
        figure = report[path]
    except GovReportError:
        return None
    return figure.value if figure.state in VALUED else None
