"""Decode, read, match, build and check in one call.

Same bytes and options, same result: no clock, no network, no state.
"""

from __future__ import annotations

import operator
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from govreport_parse.building import build
from govreport_parse.checks import engines
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError, NotAReportError, UsageError
from govreport_parse.organs import OrganMapping, describe_organ, mapping_of
from govreport_parse.reading import ENGINES, read_document, recognise
from govreport_parse.report import Failure, Report, SourceInfo
from govreport_parse.source import Source
from govreport_parse.values import Finding

AUTO = "auto"
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
    year = _plain_year(year)
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
    doubtful: frozenset[int] = frozenset()
    if engine == AUTO:
        reports = (report, *report.others)
        if not engines.is_affordable(document.meta) or not any(map(engines.is_doubtful, reports)):
            return report
        doubtful = engines.doubtful_pages(report, document.meta)
    if engine != engines.FAST:
        from govreport_parse.documents.pdf import read_pdf

        try:
            again = read_pdf(
                origin.data, engine="pdfplumber", recognise=recognise, only=doubtful or None
            )
            second = build(origin, again, organ, year, division_code, solve)
        except GovReportError as error:
            report.findings += (engines.engine_failed(error),)
        else:
            engines.second_opinion(report, second, doubtful)
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
    year = _plain_year(told.get("year")) if year is None else year
    division_code = told.get("division_code") if division_code is None else division_code
    _check_arguments(organ, year, None, division_code)
    return organ, year, division_code


def _plain_year(year: Any) -> Any:
    """A whole number of another library (a cell of a frame's column) as Python's own."""
    if isinstance(year, int):
        return year
    try:
        return operator.index(year)
    except TypeError:
        return year


def _check_arguments(
    organ: Any = None, year: Any = None, url: Any = None, division_code: Any = None
) -> None:
    for name, value in (("organ", organ), ("url", url), ("division_code", division_code)):
        if value is not None and not isinstance(value, str):
            raise UsageError(
                f"{name} is a text, not {type(value).__name__} {value!r}",
                hint=f"give {name} as a string",
            )
        if value is not None and not _is_clean(value):
            raise UsageError(
                f"{name} {value[:80]!r} holds signs that no text can carry",
                hint="NUL and lone surrogates come of a wrong decoding",
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


def _is_clean(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _check_options(
    organ: Any = None,
    year: Any = None,
    url: Any = None,
    division_code: Any = None,
    engine: Any = AUTO,
    **_: Any,
) -> None:
    """What is wrong for every document is an error of the call, not of each document."""
    year = _plain_year(year)
    _check_arguments(organ, _plain_year(year), url, division_code)
    _check_engine(engine)


def _check_engine(engine: Any) -> None:
    if engine not in (*ENGINES, "both", AUTO):
        raise UsageError(
            f"no PDF engine {engine!r}", hint=f"one of {', '.join((*ENGINES, 'both', AUTO))}"
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
        raise UsageError(f"jobs must be at least 1, not {jobs}", hint="give jobs=2")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise UsageError(
            f"an executor has a method submit, {type(executor).__name__} has none",
            hint="give one of concurrent.futures, Dask or Parsl",
        )
    _check_options(**options)
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
