"""A ``Document`` to a checked ``Report``: matched, its form accepted, solved, checked.

Same document and options, same report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from govreport_parse.acceptance import OLDER, accept
from govreport_parse.checks.apply import solve_open_rows
from govreport_parse.checks.narrative import check_narrative
from govreport_parse.checks.scanned import accept_scanned
from govreport_parse.checks.statistics import check_statistics
from govreport_parse.documents.model import Block, Document, Table
from govreport_parse.errors import NotAReportError
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, STATISTICS, STATISTICS_2014
from govreport_parse.formbook import form as form_of
from govreport_parse.formbook.spec import Layout
from govreport_parse.matching.captions import captions_of_other_years
from govreport_parse.matching.figures import Columns, read_figures
from govreport_parse.matching.identify import Identification, identify
from govreport_parse.matching.narrative import narrative_sections
from govreport_parse.matching.report_parts import split, with_head
from govreport_parse.matching.result import Match
from govreport_parse.matching.review_parts import ROW
from govreport_parse.matching.row_marks import locate
from govreport_parse.matching.sections import match_sections
from govreport_parse.matching.statistics import StatisticsMatch, match_statistics
from govreport_parse.matching.statistics_figures import found_rows, generic_rows, read_statistics
from govreport_parse.matching.tables import match_tables
from govreport_parse.organs import OrganInfo, describe_organ
from govreport_parse.privacy import personal_data_findings
from govreport_parse.report import FigureColumns, Report, RowMatch, Section, SourceInfo
from govreport_parse.source import Source
from govreport_parse.text_findings import text_findings
from govreport_parse.values import CheckState, Finding, State


def build(
    origin: Source,
    document: Document,
    organ: str | None = None,
    year: int | None = None,
    division_code: str | None = None,
    solve: bool = True,
) -> Report:
    """A document to a checked report. Raises ``NotAReportError``."""
    match = match_tables(document)

    def one(part: Document, match: Match) -> Report:
        return _build_one(origin, part, match, organ, year, division_code, solve)

    if match.split_at is not None:
        parts = split(document, match)
        if len(parts) > 1:
            return _build_parts(origin, document, parts, one)
    report = one(document, match)
    if match.split_at is not None:
        report.findings += (
            Finding(
                "several_reports",
                "error",
                "a second table 3 with other numbers follows, but neither title nor first heading "
                "of a second report: only the first table was read",
                "文档含第二份表三且数字不同，仅读取第一份",
            ),
        )
    return report


def _build_parts(
    origin: Source,
    page: Document,
    parts: Sequence[Document],
    one: Callable[[Document, Match], Report],
) -> Report:
    """The page's report with the others: the first one that is of a whole year leads."""
    matches = [match_tables(part) for part in parts]
    reports: list[tuple[int, Report]] = []
    refused: list[NotAReportError] = []
    for n, (part, match) in enumerate(zip(parts, matches, strict=True)):
        try:
            reports.append((n, one(part, match)))
        except NotAReportError as error:
            refused.append(error)
    if not reports:
        raise refused[0]
    lead = next((i for i, (_, report) in enumerate(reports) if not _is_stray(report)), 0)
    n, first = reports.pop(lead)
    if n:
        part = with_head(parts[n], first.title, page, matches[0])
        first = one(part, match_tables(part)) if part is not parts[n] else first
    first.others = tuple(report for _, report in reports)
    for number, report in enumerate(first.others, 2):
        report.report_id = f"{origin.report_id}#{number}"
    said = f"the document holds {len(parts)} reports; the others are in .others"
    said_zh = f"文档包含{len(parts)}份报告"
    if refused:
        said = (
            f"{len(refused)} of the document's {len(parts)} parts were left out: "
            f"{refused[0].message}"
        )
        said_zh = f"文档包含{len(parts)}个部分，其中{len(refused)}个不是报告，未读取"
    first.findings += (Finding("several_reports", "warning", said, said_zh),)
    return first


def _is_stray(report: Report) -> bool:
    """A table of a part of the year, or an earlier year's alone: not what the page is about."""
    details = [dict(f.detail) for f in report.findings if f.code == "table_of_other_year"]
    return any("part" in d for d in details) or (bool(details) and not report.sections)


def _build_one(
    origin: Source,
    document: Document,
    match: Match,
    organ: str | None,
    year: int | None,
    division_code: str | None,
    solve: bool,
) -> Report:
    older = _older(match)
    match = replace(match, blocks=older.blocks, consumed=older.consumed)
    sections = match_sections(match.blocks, match.consumed)
    seen = replace(document, blocks=list(match.blocks))
    who = identify(seen, sections, organ=organ, year=year, url=origin.url)
    form = accept(origin, document, match, sections, who, older)
    damage, mirror = text_findings(match.blocks)
    layout, raw, cell_findings = _figures(form, match, older, who.year, mirror)
    if form in OLDER:
        sections = narrative_sections(match.blocks, match.consumed, sections)
        # The six sections are not theirs to have.
        quiet = (replace(f, severity="info") for f in sections.findings)
        sections = replace(sections, findings=tuple(quiet))
    columns = FigureColumns(raw.values, raw.states, raw.raws, raw.where, raw.units, raw.repairs)
    from_picture = _from_pictures(document, columns)
    scanned = _judge_scan(layout, columns, from_picture) if from_picture else []
    # The digits of a scan are not certain enough to find lost places by sums.
    solve = solve and form not in OLDER and document.format != "scan" and not from_picture
    solved = solve_open_rows(match, columns) if solve else []
    if solved:
        cell_findings = [f for f in cell_findings if not _is_settled(f, layout, columns)]
    described = _describe(origin, document, match.blocks, who, division_code)
    report = Report(
        report_id=origin.report_id,
        source=_source_info(origin, document),
        layout=layout,
        form=form,
        columns=columns,
        title=who.title,
        organ=who.organ,
        organ_source=who.organ_source,
        organ_level=described.level,
        organ_kind=described.kind if described.name else None,
        division_code=described.division_code,
        division_source=described.division_source,
        year=who.year,
        year_source=who.year_source,
        published=who.published,
        published_source=who.published_source,
        sections=tuple(Section(s.key, s.heading, s.text, s.subsections) for s in sections.sections),
        rows=_row_matches(match) if form not in OLDER else _statistics_rows(form, older),
        metadata=who.metadata,
        extra_rows=(
            *(_extra_rows(match) if form not in OLDER else ()),
            *generic_rows(older, who.year),
        ),
    )
    found: list[Finding] = [*document.findings, *damage]
    if form not in OLDER:
        found += match.findings
        found += captions_of_other_years(match, who.year)
    found += [*cell_findings, *scanned, *solved, *check_statistics(report)]
    found += check_narrative(report)
    found += described.findings
    found += [
        *who.findings,
        *sections.findings,
        *_check_findings(report, document),
        *personal_data_findings(report),
    ]
    if document.has_pictures and any(f.code == "table_missing" for f in found):
        found.append(
            Finding(
                "table_as_picture",
                "error",
                "a table is missing and pictures stand in the article: it may be one of them",
                "表格可能为图片",
            )
        )
    report.findings = tuple(found)
    return report


def _from_pictures(document: Document, columns: FigureColumns) -> list[int]:
    """The figures that were read from pictures of pages."""
    if document.format == "scan":
        return list(range(len(columns.where)))
    pages = {int(n) for n in document.meta.get("recognised_pages", "").split()}
    if not pages:
        return []
    places = (w[0].locator(w[1]) if isinstance(w, tuple) else w for w in columns.where)
    return [i for i, place in enumerate(places) if place is not None and place.page in pages]


def _judge_scan(
    layout: Layout, columns: FigureColumns, from_picture: Sequence[int]
) -> list[Finding]:
    """Figures of a scan that are certain; what no ruled cell bounds can't be judged and is none."""
    found = accept_scanned(layout, columns)
    loose = []
    for i in from_picture:
        where = columns.where[i]
        readings = where[0].readings if isinstance(where, tuple) else None
        if columns.values[i] is not None and readings is None:
            loose.append(i)
    for i in loose:
        columns.values[i], columns.states[i] = None, State.UNREADABLE
    if loose:
        found.append(
            Finding(
                "scan_unreadable",
                "error",
                f"{len(loose)} figures stand in no ruled table of the scan: nothing vouches for "
                "their digits",
                f"扫描件中{len(loose)}项数据不在有框线的表格内，无法核实",
                tuple(layout.paths[i] for i in loose),
            )
        )
    return found


def _is_settled(finding: Finding, layout: Layout, columns: FigureColumns) -> bool:
    """Whether the solver has placed every figure whose place a finding calls lost."""
    return finding.code == "place_lost" and all(
        columns.states[layout.index[path]] is not State.AMBIGUOUS for path in finding.figures
    )


def _older(match: Match) -> StatisticsMatch:
    """The indicator tables of a document; none where it shows the tables of an annual form."""
    rows = {key: len(table.rows) for key, table in match.tables.items()}
    if rows[REQUESTS] >= 5 or rows[REVIEW] or rows[PROACTIVE] >= 3:
        return StatisticsMatch([], match.blocks, match.consumed)
    return match_statistics(match.blocks, match.consumed)


def _figures(
    form: str, match: Match, older: StatisticsMatch, year: int | None, mirror: bool
) -> tuple[Layout, Columns, list[Finding]]:
    """The form's layout, the figures in its order, and findings on cells."""
    if form not in OLDER:
        return match.layout, *read_figures(match, mirror=mirror)
    if form == STATISTICS_2014:
        return form_of(form).layout, *read_statistics(older, year)
    return Layout(()), Columns(0), []


def _extra_rows(match: Match) -> list[dict[str, Any]]:
    return [
        {
            "table": e.table,
            "label": e.label,
            "cells": list(e.cells),
            "locator": place.to_dict() if (place := locate(e.where)) else None,
        }
        for t in match.tables.values()
        for e in t.extra
    ]


def _statistics_rows(form: str, older: StatisticsMatch) -> dict[tuple[str, str], RowMatch]:
    if form != STATISTICS_2014:
        return {}
    return {
        (STATISTICS, key): RowMatch(STATISTICS, key, row.how or "label", row.label, row.where)
        for key, row in found_rows(older).items()
    }


def _describe(
    origin: Source,
    document: Document,
    blocks: Sequence[Block],
    who: Identification,
    division_code: str | None,
) -> OrganInfo:
    """The organ's level, kind and division; the title casts no doubt on a caller's organ."""
    return describe_organ(
        who.organ,
        year=who.year,
        url=origin.url,
        title=None if who.organ_source == "caller" else who.title,
        site_code=document.meta.get("siteidcode"),
        texts=(b.text for b in blocks if not isinstance(b, Table)),
        metadata=who.metadata,
        caller_code=division_code,
    )


def _source_info(origin: Source, document: Document) -> SourceInfo:
    return SourceInfo(
        origin.name,
        origin.url,
        origin.sha256,
        len(origin.data),
        document.media_type,
        document.encoding,
    )


def _row_matches(match: Match) -> dict[tuple[str, str], RowMatch]:
    out: dict[tuple[str, str], RowMatch] = {}
    for table in match.tables.values():
        for key, row in table.rows.items():
            keys = [r.key for r in match.layout.table(REVIEW).rows] if key == ROW else [key]
            for k in keys:
                out[table.key, k] = RowMatch(table.key, k, row.how, row.label, row.where)
    return out


def _check_findings(report: Report, document: Document) -> list[Finding]:
    out: list[Finding] = []
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if outcome.state is not CheckState.BROKEN:
            continue
        paths = identity.expected + identity.found
        source = _is_source(report, document, paths)
        verdict = (
            "every cell is plain and in its place, so the published numbers themselves disagree"
            if source
            else "reading or source, undecided"
        )
        out.append(
            Finding(
                "identity_broken",
                "error",
                f"{identity.id} [{identity.scope}]: the parts give {outcome.expected}, the report "
                f"prints {outcome.found}; {verdict}",
                f"勾稽关系不成立（{identity.scope}）：应为{outcome.expected}，报告为{outcome.found}",
                paths,
                report.locator(report.layout.index[identity.found[0]]),
                (("id", identity.id), ("verdict", "source" if source else "undecided")),
            )
        )
    return out


def _is_source(report: Report, document: Document, paths: Sequence[str]) -> bool:
    """Whether the raw cells prove that the source itself is wrong.

    They do when every figure was read from one plain cell of a ruled table whose row was told by
    its label: then no reading of ours can have moved or altered a digit.
    """
    if document.format not in ("html", "docx", "sheet"):
        return False
    c = report.columns
    for path in paths:
        i = report.layout.index[path]
        raw = c.raws[i]
        if c.states[i] == "blank" and raw == "":
            continue
        if c.states[i] != "reported" or raw is None or not raw.isdigit() or i in c.repairs:
            return False
        if not isinstance(c.where[i], tuple) or c.where[i][0].columns == []:  # type: ignore[index]
            return False
        table, row, _ = path.split("/")
        how = report.rows.get((table, row))
        if how is None or how.how not in ("label", "alias", "position"):
            return False
    return True
