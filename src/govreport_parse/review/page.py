"""The review page of one document: the source beside the form, problems first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govreport_parse.display.words import HOW_WORDS, STATE_ZH, in_words
from govreport_parse.documents.model import Document
from govreport_parse.errors import GovReportError
from govreport_parse.record_json import locator_from_dict
from govreport_parse.report import Report
from govreport_parse.review.form_view import FormTable, form_tables
from govreport_parse.review.problems import Problem, problems_of
from govreport_parse.review.shell import link, render, shown
from govreport_parse.review.source_view import (
    SourceBlock,
    key_of,
    page_pictures,
    source_blocks,
    with_prefix,
)
from govreport_parse.source import Source
from govreport_parse.values import CheckState, Locator, State

STATES = (
    State.REPORTED,
    State.SOLVED,
    State.BLANK,
    State.DASH,
    State.UNREADABLE,
    State.AMBIGUOUS,
    State.ABSENT,
)
MOST_RAW = 300
_PIECE = re.compile(r"k[0-9]+$")


@dataclass(frozen=True, slots=True)
class ExtraRow:
    """A row of the source that the form does not have; ``key`` where it stands."""

    label: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report as the template shows it.

    ``first`` is the number of its first figure, ``prefix`` what the keys of its source begin with.
    """

    report: Report
    first: int
    prefix: str
    title: str
    facts: tuple[tuple[str, str, str], ...]
    link: str | None
    tables: Sequence[FormTable]
    problems: Sequence[Problem]
    marks: Sequence[str]
    """Classes of each figure's cell."""
    extra: Sequence[ExtraRow]


def report_page(
    report: Report, source: Source | None = None, document: Document | None = None
) -> str:
    """One self-contained HTML page: left the source, right the form of the report (and others).

    ``source`` are the bytes that the report was read from, ``document`` what ``read_document``
    makes of them (read here where only the source is given); without both the page shows the
    form alone. Raises ``UsageError`` where jinja2 is missing. Deterministic.
    """
    reports = (report, *report.others)
    blocks, prefixes = _source(reports, source, document)
    keys = _keys(blocks)
    views: list[ReportView] = []
    for one, prefix in zip(reports, prefixes, strict=True):
        first = sum(len(v.report) for v in views)
        views.append(_view(one, first, prefix, keys))
    counts = Counter(s for r in reports for s in r.columns.states)
    return render(
        "report",
        _data(views, keys),
        title=shown(report.title or report.organ or report.source.name),
        views=views,
        blocks=blocks,
        states=[(str(s), STATE_ZH[s], counts[s]) for s in STATES if counts[s]],
        broken=sum(o.state is CheckState.BROKEN for r in reports for o in r.outcomes),
        suggested=sum(s.is_decided for r in reports for s in r.suggestions),
    )


def _source(
    reports: Sequence[Report], source: Source | None, document: Document | None
) -> tuple[list[SourceBlock], list[str]]:
    """What is shown of the source, and for each report what its keys begin with."""
    if source is None or document is not None:
        return _document_blocks(reports, source, document), [""] * len(reports)
    blocks: list[SourceBlock] = []
    prefixes = {r.source.name: "" for r in reports}
    for n, (name, one) in enumerate(_documents(reports, source).items()):
        mine = [r for r in reports if r.source.name == name]
        own = _document_blocks(mine, one, None)
        if n:
            prefixes[name] = f"d{n}-"
            own = with_prefix(own, prefixes[name])
        blocks += own
    return blocks, [prefixes[r.source.name] for r in reports]


def _documents(reports: Sequence[Report], source: Source) -> dict[str, Source]:
    """The documents that the reports were read from, by name; several in an archive."""
    names = list(dict.fromkeys(r.source.name for r in reports))
    if source.data[:2] != b"PK" or not names[0].startswith(f"{source.name}/"):
        return {names[0]: source}
    from govreport_parse.documents.archive_zip import open_zip

    try:
        members = {f"{source.name}/{m.name}": m.data for m in open_zip(source.data)}
    except GovReportError:
        return {names[0]: source}
    return {name: Source(members[name], name, source.url) for name in names if name in members}


def _document_blocks(
    reports: Sequence[Report], source: Source | None, document: Document | None
) -> list[SourceBlock]:
    if source is not None and document is None:
        from govreport_parse.reading import read_document

        try:
            document = read_document(source)
        except GovReportError as error:
            text = f"无法显示原文 / the source can't be shown: {shown(str(error))}"
            return [SourceBlock("note", text)]
    if document is None:
        return [SourceBlock("note", "未附原文 / the source is not at hand")]
    if source is not None:
        pictures = page_pictures(source.data, document, reports)
        if pictures:
            return pictures
    return source_blocks(document)


def _keys(blocks: Sequence[SourceBlock]) -> dict[str, str]:
    """All keys under which the source shows something, and the text there."""
    keys = {b.key: b.text for b in blocks}
    keys.update((c.key, c.text) for b in blocks for row in b.rows for c in row)
    keys.update((box[0], "") for b in blocks for box in b.boxes)
    keys.pop("", None)
    return keys


def _key(place: Locator | None, raw: str | None, prefix: str, keys: Mapping[str, str]) -> str:
    """The key of the source's cell at a place; empty where the page does not show it.

    A piece of a line that the page shows whole is that line. Of lines counted alike the first is
    meant that holds the text.
    """
    if place is None:
        return ""
    exact = prefix + key_of(place)
    for key in (exact, _PIECE.sub("", exact)):
        alike = [k for k in (key, *(f"{key}~{n}" for n in range(2, 10))) if k in keys]
        if alike:
            return next((k for k in alike if raw and raw.strip() in keys[k]), alike[0])
    return ""


def _view(report: Report, first: int, prefix: str, keys: Mapping[str, str]) -> ReportView:
    c = report.completeness
    facts = (
        ("机关", "organ", shown(report.organ) or "—"),
        ("区划", "division", report.division_code or "—"),
        ("年度", "year", str(report.year or "—")),
        ("发布", "published", str(report.published or "—")),
        ("格式", "form", report.form),
        ("来源", "source", shown(report.source.name)),
        ("指标", "figures", f"{c['reported'] + c['solved']}/{c['figures']}"),
        ("勾稽", "checks", f"{c['holds']}/{c['checks']}"),
        ("编号", "report id", report.report_id),
    )
    return ReportView(
        report,
        first,
        prefix,
        shown(report.title) or "（无标题） / (no title)",
        facts,
        link(report.source.url),
        form_tables(report),
        problems_of(report),
        _marks(report),
        [_extra(row, prefix, keys) for row in report.extra_rows],
    )


def _extra(row: Mapping[str, Any], prefix: str, keys: Mapping[str, str]) -> ExtraRow:
    cells = " | ".join(shown(str(c)) for c in row.get("cells", ()))
    place = row.get("locator")
    if isinstance(place, Mapping):
        place = locator_from_dict(place)
    key = _key(place if isinstance(place, Locator) else None, None, prefix, keys)
    return ExtraRow(shown(str(row.get("label", ""))), cells[:MOST_RAW], key)


def _marks(report: Report) -> list[str]:
    """Classes of the figures: state, ``broken``, ``suggested``, ``candidate``."""
    index = report.layout.index
    marks = [[f"s-{state}"] for state in report.columns.states]
    for at, outcome in zip(report.layout.compiled, report.outcomes, strict=True):
        if outcome.state is CheckState.BROKEN:
            for i in {*at[0], *at[1]}:
                marks[i].append("broken")
    for suggestion in report.suggestions:
        for path in suggestion.places:
            marks[index[path]].append("suggested" if suggestion.is_decided else "candidate")
    return [" ".join(dict.fromkeys(m)) for m in marks]


def _data(views: Sequence[ReportView], keys: Mapping[str, str]) -> dict[str, Any]:
    """What the page's script knows: figures, checks and problems, with positions in the page."""
    figures: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for view in views:
        in_checks: dict[int, list[int]] = {}
        for n, at in enumerate(view.report.layout.compiled):
            for i in {*at[0], *at[1]}:
                in_checks.setdefault(i, []).append(len(checks) + n)
        checks += _checks(view)
        suggested = {
            path: str(value)
            for s in view.report.suggestions
            for path, value in zip(s.figures, s.values, strict=True)
        }
        figures += [
            _figure(view, i, keys, suggested) | {"checks": in_checks.get(i, [])}
            for i in range(len(view.report))
        ]
        problems += [
            {
                "weight": p.weight,
                "figures": [view.first + i for i in p.figures],
                "key": _key(p.place, None, view.prefix, keys),
            }
            for p in view.problems
        ]
    return {"figures": figures, "checks": checks, "problems": problems}


def _checks(view: ReportView) -> list[dict[str, Any]]:
    report = view.report
    return [
        {
            "state": str(outcome.state),
            "text": shown(in_words(report, identity, outcome)),
            "figures": sorted(view.first + i for i in {*at[0], *at[1]}),
        }
        for identity, outcome, at in zip(
            report.layout.identities, report.outcomes, report.layout.compiled, strict=True
        )
    ]


def _figure(
    view: ReportView, i: int, keys: Mapping[str, str], suggested: Mapping[str, str]
) -> dict[str, Any]:
    report = view.report
    figure = report[report.layout.paths[i]]
    spec = report.layout.figures[i]
    match = report.rows.get((figure.table, figure.row))
    return {
        "report": report.report_id,
        "path": spec.path,
        "zh": spec.label,
        "en": spec.label_en,
        "value": "" if figure.value is None else str(figure.value),
        "type": spec.column.type,
        "suggest": suggested.get(spec.path, ""),
        "unit": shown(figure.unit),
        "state": str(figure.state),
        "stateZh": STATE_ZH[figure.state],
        "raw": None if figure.raw is None else shown(figure.raw)[:MOST_RAW],
        "place": shown(str(figure.locator)) if figure.locator else "",
        "row": f"{HOW_WORDS.get(match.how, match.how)}: {shown(match.label)[:MOST_RAW]}"
        if match
        else "",
        "repairs": "; ".join(
            f"{r.kind}: “{shown(r.before)}” → “{shown(r.after)}”" for r in figure.repairs
        )[:MOST_RAW],
        "key": _key(figure.locator, figure.raw, view.prefix, keys),
    }
