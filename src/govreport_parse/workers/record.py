"""One report as JSON values, and back: what a worker finds, as the supervisor trusts it.

Figures travel in columns, as the ``Report`` holds them: values and raw texts as lists, states as
a letter each, decimals as texts, so that nothing of their digits is lost, places by table
(``workers.places``). What comes back is checked whole before anybody sees it: a wrong part is a
``TypeError`` or ``ValueError`` here and never an error of whoever uses the report. Only what can't
fail is left for later: locators, and the form's sums.

What is said of the source is the supervisor's own; a worker may only name members of an archive.
"""

from __future__ import annotations

import datetime
import re
from array import array
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from govreport_parse.documents.model import Where
from govreport_parse.formbook import Layout
from govreport_parse.formbook.loader import layout as layout_of
from govreport_parse.report import LATER, FigureColumns, Report, RowMatch, Section, SourceInfo
from govreport_parse.source import Source
from govreport_parse.values import Finding, Number, Repair, State
from govreport_parse.workers.parts import (
    each_optional,
    numbers,
    optional,
    same_length,
    strings,
    text,
    texts,
    whole,
)
from govreport_parse.workers.places import pack_place, pack_places, unpack_place, unpack_places

_LETTERS: Final = {state: chr(ord("a") + i) for i, state in enumerate(State)}
_STATES: Final = {letter: state for state, letter in _LETTERS.items()}
_HASH: Final = re.compile("[0-9a-f]{64}")
_LONGEST_AMOUNT: Final = 10_100
"""Characters of an amount (``numbers`` reads no longer cell), so many places behind its point."""
_GREATEST_AMOUNT: Final = 30
"""Digits before the point."""
_LAST_YEAR: Final = 9999


# -- in the worker ---------------------------------------------------------------------------------


def pack_report(report: Report) -> list[Any]:
    """The report as JSON values. Raises ``ValueError`` for a report that no parser gives."""
    c = report.columns
    if not report.layout.key and report.layout.tables:
        raise ValueError("the report has a layout of its own")
    rows = list(report.rows.values())
    values: list[Any] = c.values
    decimals = {i: str(v) for i, v in enumerate(values) if type(v) is Decimal}
    if decimals:
        values = [None if i in decimals else v for i, v in enumerate(values)]
    return [
        report.report_id.partition("#")[2],
        _pack_source(report.source),
        report.layout.key,
        report.form,
        values,
        decimals,
        "".join([_LETTERS[s] for s in c.states]),
        c.raws,
        pack_places([*c.where, *(r.where for r in rows)]),
        c.units,
        {i: [_pack_repair(r) for r in repairs] for i, repairs in c.repairs.items()},
        [
            report.title,
            report.organ,
            report.organ_source,
            report.organ_level,
            report.organ_kind,
            report.division_code,
            report.division_source,
            report.year,
            report.year_source,
            report.published.isoformat() if report.published else None,
            report.published_source,
        ],
        [[s.key, s.heading, s.text, s.subsections] for s in report.sections],
        [_pack_finding(f) for f in report.findings],
        [[r.table for r in rows], [r.row for r in rows], [r.how for r in rows]],
        [r.label for r in rows],
        dict(report.metadata),
        [dict(r) for r in report.extra_rows],
        [pack_report(o) for o in report.others],
    ]


def plain(value: Any) -> Any:
    """The nearest JSON value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return str(value)


def _pack_source(s: SourceInfo) -> list[Any]:
    return [s.name, s.sha256, s.bytes, s.media_type, s.encoding]


def _pack_repair(r: Repair) -> list[Any]:
    return [r.kind, r.start, r.end, r.before, r.after]


def _pack_finding(f: Finding) -> list[Any]:
    detail = [[key, plain(value)] for key, value in f.detail]
    return [f.code, f.severity, f.message, f.message_zh, f.figures, pack_place(f.locator), detail]


# -- in the supervisor -----------------------------------------------------------------------------


def unpack_report(data: Any, source: Source) -> Report:
    """The report of ``pack_report``, on ``source``.

    Raises ``TypeError``, ``ValueError``, ``ArithmeticError``, ``LookupError``, ``AttributeError``,
    ``RuntimeError`` or ``RecursionError`` for anything that ``pack_report`` does not give.
    """
    (
        number, origin, key, form, values, decimals, states, raws, places, units, repairs,
        about, sections, findings, rows, labels, metadata, extra, others,
    ) = data  # fmt: skip
    layout = _layout(key)
    n = len(layout.figures)
    where = unpack_places(places, n + len(labels))
    columns = FigureColumns(
        _values(values, decimals),
        [_STATES[s] for s in text(states)],
        each_optional(raws, str),
        where[:n],
        {_place_number(i, n): optional(u, str) for i, u in units.items()},
        {
            _place_number(i, n): tuple(_repair(*r) for r in changes)
            for i, changes in repairs.items()
        },
    )
    if {len(columns.values), len(columns.states), len(columns.raws)} != {n}:
        raise ValueError("a column has not one place for each figure")
    title, organ, organ_source, level, kind, code, code_source, year, year_source, day, how = about
    each_optional(
        [title, organ, organ_source, level, kind, code, code_source, year_source, day, how], str
    )
    return Report(
        report_id=source.report_id + (f"#{int(number)}" if number else ""),
        source=_source(origin, source),
        layout=layout,
        form=text(form),
        columns=columns,
        title=title,
        organ=organ,
        organ_source=organ_source,
        organ_level=level,
        organ_kind=kind,
        division_code=code,
        division_source=code_source,
        year=None if year is None else numbers([year], _LAST_YEAR)[0],
        year_source=year_source,
        published=datetime.date.fromisoformat(day) if day else None,
        published_source=how,
        sections=tuple([_section(*s) for s in sections]),
        findings=tuple([_finding(*f) for f in findings]),
        rows=_rows(rows, labels, where[n:]),
        metadata={k: text(v) for k, v in metadata.items()},
        extra_rows=tuple([strings(r) for r in extra]),
        others=tuple([unpack_report(o, source) for o in others]),
        _outcomes=LATER,
    )


def own_source(source: Source, media_type: str, encoding: str | None) -> SourceInfo:
    """What the supervisor itself knows of the source."""
    s = source
    return SourceInfo(s.name, s.url, s.sha256, len(s.data), media_type, encoding)


def _source(data: Any, source: Source) -> SourceInfo:
    """What the report says of its source: ours, or the member of our archive that it names."""
    name, sha256, size, media_type, encoding = data
    own = own_source(source, text(media_type), optional(encoding, str))
    if sha256 == source.sha256:
        return own
    if _HASH.fullmatch(text(sha256)) is None:
        raise ValueError("the member has no hash")
    return replace(own, name=text(name), sha256=sha256, bytes=whole(size))


def _layout(key: Any) -> Layout:
    if not key:
        return Layout(())
    blocks, requests, review = key
    if not isinstance(blocks, str):
        blocks = tuple((text(b), text(f)) for b, f in blocks)
    return layout_of(blocks, text(requests), text(review))


def _values(values: Any, decimals: Any) -> list[Number | None]:
    out: list[Number | None] = [*each_optional(values, int)]
    # No figure leaves 64 bits (``numbers``); here that is an OverflowError.
    array("q", [v for v in values if v is not None])
    for i, digits in decimals.items():
        out[int(i)] = _decimal(text(digits))
    return out


def _decimal(digits: str) -> Decimal:
    if len(digits) > _LONGEST_AMOUNT:
        raise ValueError("an amount is too long")
    value = Decimal(digits)
    # 1E+999999999 is short here and a gigabyte as a whole number.
    if not value.is_finite() or not -_LONGEST_AMOUNT <= value.adjusted() <= _GREATEST_AMOUNT:
        raise ValueError("an amount without end")
    return value


def _place_number(key: Any, most: int) -> int:
    i = int(key)
    if not 0 <= i < most:
        raise ValueError("no such figure")
    return i


def _repair(kind: Any, start: Any, end: Any, before: Any, after: Any) -> Repair:
    return Repair(text(kind), whole(start), whole(end), text(before), text(after))


def _section(key: Any, heading: Any, body: Any, parts: Any) -> Section:
    return Section(
        text(key), text(heading), text(body), tuple([(text(h), text(t)) for h, t in parts])
    )


def _finding(
    code: Any, severity: Any, message: Any, zh: Any, figures: Any, place: Any, detail: Any
) -> Finding:
    if severity not in ("info", "warning", "error"):
        raise ValueError(f"unknown severity {severity!r}")
    return Finding(
        text(code),
        severity,
        text(message),
        text(zh),
        tuple(texts(figures)),
        unpack_place(place),
        tuple([(text(k), v) for k, v in detail]),
    )


def _rows(data: Any, labels: Any, where: Sequence[Where]) -> dict[tuple[str, str], RowMatch]:
    tables, keys, hows = data
    columns = (texts(tables), texts(keys), texts(hows), texts(labels), where)
    same_length(*columns)
    return dict(zip(zip(tables, keys, strict=True), map(RowMatch, *columns), strict=True))
