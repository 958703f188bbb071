"""Decode, read, match, build and check in one call.

Same bytes and options, same result: no clock, no network, no state.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from govreport_parse.checks import engines
from govreport_parse.checks.apply import solve_open_rows
from govreport_parse.checks.narrative import check_narrative
from govreport_parse.checks.scanned import accept_scanned
from govreport_parse.checks.statistics import check_statistics
from govreport_parse.decode.charset import decode_text
from govreport_parse.decode.sniff import Format, sniff
from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    NotAReportError,
    ScannedDocumentError,
    UnsupportedFormatError,
    UsageError,
)
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, STATISTICS, STATISTICS_2014
from govreport_parse.formbook import form as form_of
from govreport_parse.formbook.spec import Layout
from govreport_parse.matching.assign import locate
from govreport_parse.matching.captions import captions_of_other_years
from govreport_parse.matching.figures import Columns, read_figures
from govreport_parse.matching.identify import Identification, identify
from govreport_parse.matching.narrative import narrative_sections
from govreport_parse.matching.result import Match
from govreport_parse.matching.review import ROW
from govreport_parse.matching.sections import SectionMatch, match_sections
from govreport_parse.matching.statistics import StatisticsMatch, match_statistics
from govreport_parse.matching.statistics_figures import (
    found_rows,
    generic_rows,
    read_statistics,
)
from govreport_parse.matching.tables import match_tables
from govreport_parse.organs import OrganInfo, OrganMapping, describe_organ, mapping_of
from govreport_parse.privacy import personal_data_findings
from govreport_parse.report import Failure, FigureColumns, Report, RowMatch, Section, SourceInfo
from govreport_parse.source import Source
from govreport_parse.text import is_traditional, label_key, repair
from govreport_parse.values import CheckState, Finding, State

NARRATIVE = "narrative"
OLDER = (NARRATIVE, STATISTICS_2014)
"""Forms of reports outside the annual forms."""
AUTO = "auto"
ENGINES = (engines.FAST, engines.REFERENCE)
"""The engines that read PDF."""
CHUNK = 50
"""Documents a task: hand-over between processes costs more than a small document."""


def parse(
    source: Any,
    organ: str | None = None,
    year: int | None = None,
    url: str | None = None,
    division_code: str | None = None,
    solve: bool = True,
    mapping: OrganMapping | str | Path | None = None,
    engine: str = AUTO,
) -> Report:
    """Parse one report.

    ``source`` is a path, bytes or text; the format is found from the content. The caller's organ,
    year, url and division code win over what is found, and ``organ_source`` and ``year_source``
    then say ``caller``. ``solve=False`` leaves figures whose place was lost ``ambiguous``.
    ``mapping``: your own table of organs, addresses or hosts and their division codes (a CSV file,
    or what ``read_mapping`` made of it); it wins over what is found, not over ``division_code``.
    ``engine`` is for PDF: ``fast`` or ``pdfplumber``; ``both`` reads by fast and adds a finding on
    the figures that the other reads otherwise; ``auto`` does so only where a sum is broken, a
    cell unreadable or a table incomplete (``checks.engines``).

    Raises ``DecodeError``, ``NotAReportError``, ``LimitExceededError`` or ``UsageError``.
    """
    _check_arguments(organ, year, url, division_code)
    _check_engine(engine)
    known = mapping_of(mapping)
    origin = Source.of(source, url)
    if origin.given:
        organ, year, division_code = _given(origin, organ, year, division_code)
    if origin.data[:4] == b"PK\x03\x04" and sniff(origin.data, origin.name).kind == "zip":
        report = _parse_zip(origin, organ, year, division_code, solve, engine)
    else:
        report = _parse_one(origin, organ, year, division_code, solve, engine)
    return report if known is None else _mapped(report, known)


def _parse_one(
    origin: Source,
    organ: str | None,
    year: int | None,
    division_code: str | None,
    solve: bool,
    engine: str,
) -> Report:
    """One document; a PDF is read again by the other engine where that is asked for."""
    document = read_document(origin, engine=engine if engine in ENGINES else engines.FAST)
    report = build(origin, document, organ, year, division_code, solve)
    if document.format != "pdf":
        return report
    if engine == engines.REFERENCE:
        report.findings += (engines.read_by_reference(),)
        return report
    if engine == AUTO:
        reports = (report, *report.others)
        if not engines.is_affordable(document.meta) or not any(map(engines.is_doubtful, reports)):
            return report
    if engine != engines.FAST:
        from govreport_parse.documents.pdf import read_pdf

        try:
            again = read_pdf(origin.data, engine="pdfplumber", recognise=_recognise)
            second = build(origin, again, organ, year, division_code, solve)
        except GovReportError as error:
            report.findings += (engines.engine_failed(error),)
        else:
            engines.second_opinion(report, second)
    return report


def _parse_zip(
    origin: Source,
    organ: str | None,
    year: int | None,
    division_code: str | None,
    solve: bool,
    engine: str,
) -> Report:
    """The reports inside a ZIP attachment: the first, with the rest in ``others``."""
    from govreport_parse.documents.archive_zip import open_zip

    reports: list[Report] = []
    failed: list[tuple[str, GovReportError]] = []
    for member in open_zip(origin.data):
        inner = Source(member.data, f"{origin.name}/{member.name}", origin.url)
        try:
            reports.append(_parse_one(inner, organ, year, division_code, solve, engine))
        except GovReportError as error:
            failed.append((member.name, error))
    if not reports:
        names = ", ".join(f"{name} ({type(e).__name__})" for name, e in failed[:5])
        raise NotAReportError(
            f"{origin.name}: no report in the archive; it holds {names or 'no document'}",
            hint=failed[0][1].hint if failed else "give the documents inside",
            context={"members": [name for name, _ in failed]},
        )
    first, *more = reports
    for n, report in enumerate(more, 2):
        report.report_id = f"{origin.report_id}#{n}"
    first.report_id = origin.report_id
    first.others = (*first.others, *more)
    first.findings += (
        Finding(
            "from_archive",
            "info",
            f"read from {first.source.name}; {len(reports)} reports in the archive, "
            f"{len(failed)} other members were no report",
            f"取自压缩包，含{len(reports)}份报告",
            detail=(("failed", [[n, type(e).__name__, e.message] for n, e in failed]),),
        ),
    )
    return first


def _given(
    origin: Source, organ: str | None, year: int | None, division_code: str | None
) -> tuple[str | None, int | None, str | None]:
    """What the caller says, else what came with the document."""
    told = origin.given
    organ = told.get("organ") if organ is None else organ
    year = told.get("year") if year is None else year
    division_code = told.get("division_code") if division_code is None else division_code
    _check_arguments(organ, year, None, division_code)
    return organ, year, division_code


def _check_arguments(
    organ: Any = None, year: Any = None, url: Any = None, division_code: Any = None
) -> None:
    for name, value in (("organ", organ), ("url", url), ("division_code", division_code)):
        if value is not None and not isinstance(value, str):
            raise UsageError(
                f"{name} is a text, not {type(value).__name__} {value!r}",
                hint=f"give {name} as a string",
            )
    if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
        raise UsageError(
            f"year is a whole number, not {type(year).__name__} {year!r}",
            hint="the year that the report is on",
        )
    if year is not None and not 2000 <= year <= 2100:
        raise UsageError(f"year {year} is out of range", hint="the year that the report is on")
    if division_code is not None and not re.fullmatch(r"[0-9]{6}", division_code):
        raise UsageError(
            f"division code {division_code!r} is not six digits",
            hint="GB/T 2260, for example 341722",
        )


def _check_engine(engine: Any) -> None:
    if engine not in (*ENGINES, "both", AUTO):
        raise UsageError(
            f"no PDF engine {engine!r}", hint=f"one of {', '.join((*ENGINES, 'both', AUTO))}"
        )


# -- reading ---------------------------------------------------------------------------------------


def read_document(source: Any, url: str | None = None, engine: str = engines.FAST) -> Document:
    """Read a source into blocks without looking for a report in it.

    ``engine``: that of PDF, ``fast`` or ``pdfplumber``. Raises ``DecodeError`` kinds,
    ``LimitExceededError`` and ``UsageError``.
    """
    if engine not in ENGINES:
        raise UsageError(f"no PDF engine {engine!r}", hint=f"one of {', '.join(ENGINES)}")
    origin = Source.of(source, url)
    found = sniff(origin.data, origin.name, origin.content_type)
    if found.kind in ("html", "text"):
        return _read_characters(origin, found)
    return _read_binary(origin, found, engine)


def _read_characters(origin: Source, found: Format) -> Document:
    decoded = decode_text(origin.data, content_type=origin.content_type)
    if found.kind == "html":
        from govreport_parse.documents.html import read_html

        plain = decoded.encoding == "utf-8" and not decoded.replaced and origin.data[:1] != b"\xef"
        document = read_html(decoded.text, url=origin.url, utf8=origin.data if plain else None)
    else:
        from govreport_parse.documents.text import read_text

        document = read_text(decoded.text)
    document.encoding = decoded.encoding
    document.media_type = found.media_type
    document.findings[:0] = decoded.findings
    return document


def _read_binary(origin: Source, found: Format, engine: str) -> Document:
    data = origin.data
    document: Document
    if found.kind == "pdf":
        document = _read_pdf(data, engine)
    elif found.kind == "image":
        from govreport_parse.documents.scan import read_image

        document = read_image(data)
    elif found.kind == "docx":
        from govreport_parse.documents.docx import read_docx

        document = read_docx(data)
    elif found.kind in ("doc", "wps", "rtf"):
        document = _read_word(data, found.kind)
    elif found.kind in ("xlsx", "xls", "ods", "et"):
        from govreport_parse.documents.sheet import read_sheet

        document = read_sheet(data)
    else:
        raise UnsupportedFormatError(
            f"{origin.name or 'the source'} is {_KINDS.get(found.kind, found.kind)}",
            hint=_HINTS.get(found.kind, "give the report as HTML, text, PDF, Word or spreadsheet"),
            context={"kind": found.kind, "media_type": found.media_type},
        )
    document.media_type = document.media_type or found.media_type
    return document


def _read_word(data: bytes, kind: str) -> Document:
    """Legacy Word and its kin: our own reader where it can, LibreOffice where it is installed."""
    from govreport_parse.documents.doc import read_doc, via_libreoffice
    from govreport_parse.documents.docx import read_docx

    if kind != "rtf":
        try:
            return read_doc(data)
        except DecodeError as refused:
            if refused.context.get("encrypted"):
                raise
            try:
                return read_docx(via_libreoffice(data, f".{kind}"))
            except UnsupportedFormatError as error:
                raise refused from error
    return read_docx(via_libreoffice(data, ".rtf"))


def _read_pdf(data: bytes, engine: str) -> Document:
    from govreport_parse.documents.pdf import read_pdf

    try:
        return read_pdf(
            data,
            engine="pdfplumber" if engine == engines.REFERENCE else "fast",
            recognise=_recognise,
        )
    except ScannedDocumentError as error:
        from govreport_parse.documents.scan import is_available, read_scanned_pdf

        if not is_available():
            raise
        document = read_scanned_pdf(data)
        document.meta["reasons"] = " ".join(error.context.get("reasons", ()))
        return document


def _recognise(data: bytes, numbers: Sequence[int]) -> Mapping[int, Any]:
    """Pictures among the pages of a PDF, by the extra [scan] where it is installed."""
    from govreport_parse.documents.scan import is_available, recognise_pages

    if not is_available():
        return {}
    try:
        return recognise_pages(data, numbers)
    except GovReportError:
        # The finding page_is_picture stands: the page was not read.
        return {}


_KINDS = {
    "empty": "an empty file",
    "binary": "binary data of no known format",
    "zip": "a ZIP archive",
    "rar": "a RAR archive",
    "7z": "a 7z archive",
    "ofd": "an OFD document",
    "warc": "a web archive",
    "mht": "an MHTML page",
}
_HINTS = {
    "empty": "fetch the document again",
    "zip": "unpack it and parse the report inside",
    "rar": "unpack it and parse the report inside",
    "7z": "unpack it and parse the report inside",
    "warc": "use govreport mine",
}


# -- building --------------------------------------------------------------------------------------


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
    if match.split_at is not None:
        parts = _split(document, match)
        if len(parts) > 1:
            reports = [
                _build_one(origin, part, match_tables(part), organ, year, division_code, solve, n)
                for n, part in enumerate(parts, 1)
            ]
            first = reports[0]
            first.others = tuple(reports[1:])
            first.findings += (
                Finding(
                    "several_reports",
                    "warning",
                    f"the document holds {len(reports)} reports; the others are in .others",
                    f"文档包含{len(reports)}份报告",
                ),
            )
            return first
    report = _build_one(origin, document, match, organ, year, division_code, solve, 1)
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


def _build_one(
    origin: Source,
    document: Document,
    match: Match,
    organ: str | None,
    year: int | None,
    division_code: str | None,
    solve: bool,
    number: int,
) -> Report:
    older = _older(match)
    match = replace(match, blocks=older.blocks, consumed=older.consumed)
    sections = match_sections(match.blocks, match.consumed)
    seen = replace(document, blocks=list(match.blocks))
    who = identify(seen, sections, organ=organ, year=year, url=origin.url)
    form = _accept(origin, document, match, sections, who, older)
    damage, mirror = _text_findings(match.blocks)
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
        report_id=origin.report_id + (f"#{number}" if number > 1 else ""),
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


_DIVISION_FINDINGS = ("division_conflict", "division_unsure", "division_not_valid_in_year")


def _mapped(report: Report, mapping: OrganMapping) -> Report:
    """The report with the code of the user's mapping, which wins over what was found.

    Done to finished reports, so that the table need not be sent to every worker.
    """
    for other in report.others:
        _mapped(other, mapping)
    url = report.source.url
    if report.division_source == "caller" or mapping.code_of(report.organ, url) is None:
        return report
    given = describe_organ(report.organ, year=report.year, url=url, mapping=mapping)
    report.division_code, report.division_source = given.division_code, given.division_source
    report.organ_level = given.level
    rest = (f for f in report.findings if f.code not in _DIVISION_FINDINGS)
    report.findings = (*rest, *given.findings)
    return report


def _source_info(origin: Source, document: Document) -> SourceInfo:
    return SourceInfo(
        origin.name,
        origin.url,
        origin.sha256,
        len(origin.data),
        document.media_type,
        document.encoding,
    )


def _accept(
    origin: Source,
    document: Document,
    match: Match,
    sections: SectionMatch,
    who: Identification,
    older: StatisticsMatch,
) -> str:
    """The form's name, or ``NotAReportError`` for a document that is none."""
    tables = match.tables
    known = sum(1 for s in sections.sections if s.key not in ("preamble",) and "extra" not in s.key)
    # 总体情况 and 存在的问题 head every kind of yearly report; these three are of ours only.
    own = any(sections.get(key) is not None for key in (PROACTIVE, REQUESTS, REVIEW))
    topical = who.topic or ((own or _is_on_topic(who, document)) and not who.other_topic)
    part_of_year = who.kind == "statistics" and not _may_hold_statistics(who)
    strong = len(tables[REQUESTS].rows) >= 5 or (
        topical and (bool(tables[REVIEW].rows) or len(tables[PROACTIVE].rows) >= 3)
    )
    if strong and not part_of_year:
        return match.layout.form
    if older.is_2014 and _may_hold_statistics(who):
        return STATISTICS_2014
    enough = known >= (2 if who.kind == "report" else 3)
    if enough and topical and who.kind in ("report", "unknown"):
        is_older = who.year < 2019 if who.year is not None else not _has_official_heading(sections)
        return NARRATIVE if is_older else match.layout.form
    if who.kind == "report" and topical and (_is_long(match.blocks) or older.rows):
        return NARRATIVE
    what = _PAGES.get(who.kind, "no table and no section of a known form was found")
    raise NotAReportError(
        f"{origin.name or 'the source'}: {what}",
        hint="if this is a report, see what was read with: govreport show --stage blocks",
        context={
            "kind": who.kind,
            "evidence": who.kind_evidence,
            "title": who.title,
            "sections": known,
            "blocks": len(document.blocks),
        },
    )


_TOPIC = ("信息公开", "政务公开", "公开工作", "公开年报", "公开年度")


def _is_on_topic(who: Identification, document: Document) -> bool:
    """Whether a title of the document speaks of open government information."""
    titles = (who.title, document.meta.get("title"), document.meta.get("articletitle"))
    text = label_key("".join(t[:100] for t in titles if t))
    return any(word in text for word in _TOPIC)


def _may_hold_statistics(who: Identification) -> bool:
    """Not a notice that sends out the empty table, and not the table of a quarter."""
    if who.kind == "statistics":
        return "季度" not in who.kind_evidence and "半年" not in who.kind_evidence
    return who.kind in ("report", "unknown")


def _has_official_heading(sections: SectionMatch) -> bool:
    """Whether a section of a table is headed by the words of the annual forms."""
    found = (sections.get(key) for key in (PROACTIVE, REQUESTS, REVIEW))
    return any(s is not None and s.how == "label" for s in found)


_PAGES = {
    "interpretation": "this page explains a report (解读) and is none",
    "notice": "this is a notice about reports",
    "statistics": "this page gives statistics, not the report",
    "work_summary": "this is a work summary (工作总结)",
    "list_page": "this page lists reports",
    "error_page": "this is an error page",
}


def _is_long(blocks: Sequence[Block]) -> bool:
    return sum(len(b.text) for b in blocks if isinstance(b, Paragraph)) >= 400


def _row_matches(match: Match) -> dict[tuple[str, str], RowMatch]:
    out: dict[tuple[str, str], RowMatch] = {}
    for table in match.tables.values():
        for key, row in table.rows.items():
            keys = [r.key for r in match.layout.table(REVIEW).rows] if key == ROW else [key]
            for k in keys:
                out[table.key, k] = RowMatch(table.key, k, row.how, row.label, row.where)
    return out


_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]{0,5}[)）]|\\([a-z]{1,6}\\)\\([a-z]")
_SUSPECT = re.compile("[?\ufffd][!！]|[。!！][\u3105-\u3129]|\\^\\(")


def _text_findings(blocks: Sequence[Block]) -> tuple[list[Finding], bool]:
    """Glosses and damage of the text, and whether it shows the traces of a mirror host."""
    text = "\n".join(b.text for b in blocks if isinstance(b, (Paragraph, Heading)))
    cells = "".join(t for b in blocks if isinstance(b, Table) for t in b.texts[:60])
    glossed = _TONE.search(text) is not None
    mirror = glossed or is_traditional((cells or text)[:2000])
    if not glossed and _SUSPECT.search(text) is None:
        return [], mirror
    out: list[Finding] = []
    repaired = repair(text)
    glosses = [r for r in repaired.repairs if r.kind.startswith("gloss")]
    if glosses:
        kinds = sorted({r.before for r in glosses})
        out.append(
            Finding(
                "text_glossed",
                "info",
                f"{len(glosses)} pinyin glosses stand in the text ({', '.join(kinds[:12])})",
                f"文本含{len(glosses)}处拼音注音",
                detail=(("count", len(glosses)), ("glosses", kinds)),
            )
        )
    for d in repaired.damage:
        fixed = next(
            (
                r
                for r in repaired.repairs
                if r.start <= d.start < r.end or d.start <= r.start < d.end
            ),
            None,
        )
        out.append(
            Finding(
                "text_damage",
                "warning",
                f"damaged characters {d.text!r} ({d.kind})"
                + (f", known to stand for {fixed.after!r}" if fixed else ", not repaired"),
                f"文本乱码“{d.text}”" + (f"，应为“{fixed.after}”" if fixed else ""),
                locator=_text_place(blocks, d.start),
                detail=(("start", d.start), ("end", d.end), ("kind", d.kind)),
            )
        )
    return out, mirror


def _text_place(blocks: Sequence[Block], offset: int) -> Any:
    at = 0
    for b in blocks:
        if isinstance(b, (Paragraph, Heading)):
            if at <= offset <= at + len(b.text):
                return b.locator
            at += len(b.text) + 1
    return None


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


def _split(document: Document, match: Match) -> list[Document]:
    """The document cut before the second report's title or first heading."""
    assert match.split_at is not None
    blocks = document.blocks
    low = min(match.tables[REQUESTS].blocks, default=0) + 1
    at = None
    for i in range(match.split_at, low - 1, -1):
        block = blocks[i]
        if isinstance(block, Table):
            continue
        text = block.text
        is_title = len(text) < 60 and any(w in text for w in ("年度报告", "年報", "年报"))
        is_first_heading = len(text) < 20 and any(w in text for w in ("总体情况", "總體情況"))
        if is_title:
            at = i
            break
        if at is None and is_first_heading:
            at = i
    if at is None:
        return [document]
    # What the page says of itself (title, date) is said of its first report.
    out = [
        replace(document, blocks=blocks[:at]),
        replace(document, blocks=blocks[at:], meta={}),
    ]
    second = match_tables(out[1])
    if second.split_at is not None:
        return [out[0], *_split(out[1], second)]
    return out


# -- many ------------------------------------------------------------------------------------------


def parse_many(
    sources: Iterable[Any],
    jobs: int | None = None,
    executor: Executor | None = None,
    isolated: bool | None = None,
    **options: Any,
) -> Iterator[Report | Failure]:
    """Parse many sources, in order; a bad document gives a ``Failure`` and never stops the rest.

    ``jobs``: worker processes (default 1). ``executor``: any ``concurrent.futures.Executor``
    (Dask, Parsl) instead; sources are then handed over in chunks. At most a few documents are
    under way, so memory stays bounded. ``options`` are those of ``parse``; a mapping is read once.

    ``isolated``: whether documents are parsed in killable child processes (``workers``), where
    one that crashes, hangs or fills the memory ends as a ``Failure``. ``None``: PDF, Word,
    spreadsheets, scans and archives are, text and HTML are parsed here unless ``jobs`` asks for
    processes; ``True``: all; ``False``: none. Systems other than Linux have no isolation:
    there ``None`` means ``False``, and ``True`` raises ``UsageError``.
    """
    if isinstance(sources, (str, bytes, Path, Source)) or not isinstance(sources, Iterable):
        raise UsageError(
            f"sources are many, not one {type(sources).__name__}",
            hint="give a list, or use parse() for one document",
        )
    if jobs is not None and (not isinstance(jobs, int) or isinstance(jobs, bool)):
        raise UsageError(f"jobs is a whole number, not {jobs!r}", hint="give jobs=2")
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be at least 1, not {jobs}")
    known = mapping_of(options.pop("mapping", None))
    results = _results(sources, jobs or 1, executor, isolated, options)
    if known is None:
        return results
    return (_mapped(r, known) if isinstance(r, Report) else r for r in results)


def _results(
    sources: Iterable[Any],
    n: int,
    executor: Executor | None,
    isolated: bool | None,
    options: dict[str, Any],
) -> Iterator[Report | Failure]:
    if executor is not None:
        return _in_chunks(iter(sources), n, executor, options, isolated)
    from govreport_parse.workers import is_available, parse_isolated

    if isolated is False or (isolated is None and not is_available()):
        if n == 1:
            return (parse_or_failure(s, options) for s in sources)
        return _in_chunks(iter(sources), n, None, options, False)
    inline = _is_characters if isolated is None and n == 1 else None
    return parse_isolated(sources, jobs=n, options=options, inline=inline)


def _is_characters(source: Source) -> bool:
    """Text and HTML, whose readers bound themselves (RELIABILITY.md D1)."""
    return sniff(source.data, source.name, source.content_type).kind in ("html", "text")


def parse_or_failure(source: Any, options: dict[str, Any]) -> Report | Failure:
    """``parse``, with the library's own errors as data."""
    origin: Source | None = None
    try:
        origin = Source.of(source, options.get("url"))
        return parse(origin, **{k: v for k, v in options.items() if k != "url"})
    except GovReportError as error:
        if origin is None:
            info = SourceInfo(str(source)[:200], options.get("url"), "", 0, "", None)
        else:
            media = sniff(origin.data, origin.name, origin.content_type).media_type
            info = SourceInfo(origin.name, origin.url, origin.sha256, len(origin.data), media, None)
        return Failure(info, error)


def parse_chunk(
    sources: Sequence[Any], options: dict[str, Any], isolated: bool | None = False
) -> list[Report | Failure]:
    """The batch function that an executor's workers run."""
    return list(parse_many(sources, isolated=isolated, **options))


def _in_chunks(
    sources: Iterator[Any],
    jobs: int,
    executor: Executor | None,
    options: dict[str, Any],
    isolated: bool | None,
) -> Iterator[Report | Failure]:
    own = executor is None
    pool = executor or ProcessPoolExecutor(jobs)
    waiting: deque[Future[list[Report | Failure]]] = deque()
    try:
        while True:
            while len(waiting) < 2 * jobs + 2:
                chunk = list(islice(sources, CHUNK))
                if not chunk:
                    break
                waiting.append(pool.submit(parse_chunk, chunk, options, isolated))
            if not waiting:
                return
            yield from waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        if own:
            pool.shutdown(wait=True, cancel_futures=True)
