"""What travels between the supervisor and a worker: frames, jobs, answers.

A frame is a mark, the length of a head (JSON) and of a body (bytes, the document), then both.
Answers have no body. They come from a process that has read hostile bytes: never pickled, and
``unpack`` checks every part, so that a wrong answer is a ``WireError`` and nothing else. What is
said of the source is the supervisor's own; a worker may only name members of an archive.

Figures travel in columns, as the ``Report`` holds them; decimals as texts, so that nothing of
their digits is lost. This form is private to one version; the public one is ``Report.to_dict``.
"""

from __future__ import annotations

import datetime
import json
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from govreport_parse import errors
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError, ParseError
from govreport_parse.formbook import Layout
from govreport_parse.formbook.loader import layout as layout_of
from govreport_parse.report import Failure, FigureColumns, Report, RowMatch, Section, SourceInfo
from govreport_parse.source import Source
from govreport_parse.values import Finding, Locator, Number, Repair, State

MARK: Final = b"gvr1"
HEAD: Final = struct.Struct("<4sQQ")
MOST_CONTAINERS: Final = 400_000
"""Lists and objects of one answer (a report of 200 figures has about 2,000)."""
MOST_PARTS: Final = 4_000_000

T = TypeVar("T")


class WireError(Exception):
    """The other side sent something that is no answer."""


def frame(head: Any, body: bytes = b"") -> list[bytes]:
    """The frame of ``head`` and ``body`` as two pieces, so that the body is not copied."""
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    packed = text.encode("utf-8", "surrogatepass")
    return [HEAD.pack(MARK, len(packed), len(body)) + packed, body]


def parse_json(data: bytes) -> Any:
    """JSON from a worker; refused before it is built when it would need far more memory."""
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS or data.count(b",") > MOST_PARTS:
        raise WireError("the answer has too many parts")
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise WireError("the answer is not JSON") from error


# -- jobs ------------------------------------------------------------------------------------------


def job_head(source: Source) -> dict[str, Any]:
    """What goes to the worker beside the bytes."""
    return {
        "name": source.name,
        "url": source.url,
        "content_type": source.content_type,
        "sha256": source.sha256,
        "given": dict(source.given),
    }


def job_source(head: dict[str, Any], body: bytes) -> Source:
    """The source on the worker's side."""
    return Source(
        body, head["name"], head["url"], head["content_type"], head["sha256"], head["given"]
    )


# -- answers, worker's side ------------------------------------------------------------------------


def pack(result: Report | Failure) -> dict[str, Any]:
    """A result as JSON values. Raises ``TypeError`` or ``ValueError`` for what has none."""
    if isinstance(result, Failure):
        return {"error": pack_error(result.error)}
    return {"report": _pack_report(result)}


def pack_error(error: GovReportError) -> list[Any]:
    """One of our errors: class, message, hint, context."""
    context = {key: _plain(value) for key, value in error.context.items()}
    return [type(error).__name__, error.message, error.hint, context]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return str(value)


def _pack_report(report: Report) -> list[Any]:
    c = report.columns
    if not report.layout.key and report.layout.tables:
        raise ValueError("the report has a layout of its own")
    decimals = {i: str(v) for i, v in enumerate(c.values) if isinstance(v, Decimal)}
    return [
        report.report_id.partition("#")[2],
        _pack_source(report.source),
        report.layout.key,
        report.form,
        [None if i in decimals else v for i, v in enumerate(c.values)],
        decimals,
        c.states,
        c.raws,
        [_pack_place(report.locator(i)) for i in range(len(c.where))],
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
        [[r.table, r.row, r.how, r.label, _pack_place(r.locator)] for r in report.rows.values()],
        dict(report.metadata),
        [dict(r) for r in report.extra_rows],
        [_pack_report(o) for o in report.others],
    ]


def _pack_source(s: SourceInfo) -> list[Any]:
    return [s.name, s.sha256, s.bytes, s.media_type, s.encoding]


def _pack_place(place: Locator | None) -> list[Any] | None:
    if place is None:
        return None
    p = place
    parts: list[Any] = [p.page, p.table, p.row, p.column, p.line, p.cell, p.sheet, p.bbox]
    while parts and parts[-1] is None:
        parts.pop()
    return parts


def _pack_repair(r: Repair) -> list[Any]:
    return [r.kind, r.start, r.end, r.before, r.after]


def _pack_finding(f: Finding) -> list[Any]:
    detail = [[key, _plain(value)] for key, value in f.detail]
    return [
        f.code, f.severity, f.message, f.message_zh, f.figures, _pack_place(f.locator), detail,
    ]  # fmt: skip


# -- answers, supervisor's side --------------------------------------------------------------------

_ERRORS: Final[dict[str, type[GovReportError]]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, GovReportError)
}


def unpack(answer: Any, source: Source) -> Report | Failure:
    """The result for ``source``. Raises ``WireError`` for anything that ``pack`` does not give."""
    try:
        if "error" in answer:
            return failure(source, unpack_error(answer["error"]))
        return _unpack_report(answer["report"], source)
    except (
        KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError,
        RuntimeError, RecursionError, StopIteration,
    ) as error:  # fmt: skip
        raise WireError(f"the answer is no result: {type(error).__name__}: {error}") from error


def unpack_error(data: Any) -> GovReportError:
    """The error of ``pack_error``."""
    name, message, hint, context = data
    kind = _ERRORS.get(_text(name), ParseError)
    return kind(_text(message), hint=_text(hint), context=_strings(context))


def failure(source: Source, error: GovReportError) -> Failure:
    """The failure of a source that was received."""
    media_type = sniff(source.data, source.name, source.content_type).media_type
    return Failure(_own(source, media_type, None), error)


def _own(source: Source, media_type: str, encoding: str | None) -> SourceInfo:
    s = source
    return SourceInfo(s.name, s.url, s.sha256, len(s.data), media_type, encoding)


def _source(data: Any, source: Source) -> SourceInfo:
    """What the report says of its source: ours, or the member of our archive that it names."""
    name, sha256, size, media_type, encoding = data
    own = _own(source, _text(media_type), _optional(encoding, str))
    if sha256 == source.sha256:
        return own
    if _HASH.fullmatch(_text(sha256)) is None:
        raise ValueError("the member has no hash")
    return replace(own, name=_text(name), sha256=sha256, bytes=_whole(size))


_HASH: Final = re.compile("[0-9a-f]{64}")


def _unpack_report(data: Any, source: Source) -> Report:
    (
        number, origin, key, form, values, decimals, states, raws, places, units, repairs,
        about, sections, findings, rows, metadata, extra, others,
    ) = data  # fmt: skip
    layout = _layout(key)
    columns = FigureColumns(
        _values(values, decimals),
        [State(s) for s in states],
        _all(raws, str),
        [_place(p) for p in places],
        {int(i): _optional(u, str) for i, u in units.items()},
        {int(i): tuple(_repair(*r) for r in changes) for i, changes in repairs.items()},
    )
    n = len(layout.figures)
    if {len(values), len(states), len(raws), len(places)} != {n} or any(
        not 0 <= i < n for i in (*columns.units, *columns.repairs)
    ):
        raise ValueError("a column has not one place for each figure")
    title, organ, organ_source, level, kind, code, code_source, year, year_source, day, how = about
    _all((title, organ, organ_source, level, kind, code, code_source, year_source, day, how), str)
    report = Report(
        report_id=source.report_id + (f"#{int(number)}" if number else ""),
        source=_source(origin, source),
        layout=layout,
        form=_text(form),
        columns=columns,
        title=title,
        organ=organ,
        organ_source=organ_source,
        organ_level=level,
        organ_kind=kind,
        division_code=code,
        division_source=code_source,
        year=_optional(year, int),
        year_source=year_source,
        published=datetime.date.fromisoformat(day) if day else None,
        published_source=how,
        sections=tuple(_section(*s) for s in sections),
        findings=tuple(_finding(*f) for f in findings),
        rows={(r[0], r[1]): _row(*r) for r in rows},
        metadata={k: _text(v) for k, v in metadata.items()},
        extra_rows=tuple(_strings(r) for r in extra),
    )
    report.others = tuple(_unpack_report(o, source) for o in others)
    return report


def _layout(key: Any) -> Layout:
    if not key:
        return Layout(())
    blocks, requests, review = key
    if not isinstance(blocks, str):
        blocks = tuple((_text(b), _text(f)) for b, f in blocks)
    return layout_of(blocks, _text(requests), _text(review))


def _values(values: Any, decimals: Any) -> list[Number | None]:
    out: list[Number | None] = list(_all(values, int))
    for i, digits in decimals.items():
        out[int(i)] = Decimal(_text(digits))
    return out


def _place(parts: Any) -> Locator | None:
    if parts is None:
        return None
    # Trailing empty parts are not sent.
    padded = list(parts) + [None] * (_PLACE - len(parts))
    page, table, row, column, line, cell, sheet, box = padded
    if not set(map(type, padded[:6])) <= _WHOLE_OR_NONE:
        raise TypeError("a place has wrong parts")
    if box is not None:
        left, top, right, bottom = (float(x) for x in box)
        box = (left, top, right, bottom)
    return Locator(page, table, row, column, line, cell, _optional(sheet, str), box)


_PLACE: Final = 8
_WHOLE_OR_NONE: Final = {int, type(None)}


def _repair(kind: Any, start: Any, end: Any, before: Any, after: Any) -> Repair:
    return Repair(_text(kind), _whole(start), _whole(end), _text(before), _text(after))


def _section(key: Any, heading: Any, text: Any, parts: Any) -> Section:
    return Section(
        _text(key), _text(heading), _text(text), tuple((_text(h), _text(t)) for h, t in parts)
    )


def _finding(
    code: Any, severity: Any, message: Any, zh: Any, figures: Any, place: Any, detail: Any
) -> Finding:
    if severity not in ("info", "warning", "error"):
        raise ValueError(f"unknown severity {severity!r}")
    return Finding(
        _text(code),
        severity,
        _text(message),
        _text(zh),
        tuple(_text(f) for f in figures),
        _place(place),
        tuple((_text(k), v) for k, v in detail),
    )


def _row(table: Any, row: Any, how: Any, label: Any, place: Any) -> RowMatch:
    return RowMatch(_text(table), _text(row), _text(how), _text(label), _place(place))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text, not {type(value).__name__}")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"a whole number, not {type(value).__name__}")
    return value


def _optional(value: Any, kind: Callable[..., T]) -> T | None:
    if value is not None and type(value) is not kind:
        raise TypeError(f"a {kind}, not {type(value).__name__}")
    return cast("T | None", value)


def _all(values: Sequence[Any], kind: type[T]) -> list[T | None]:
    if not set(map(type, values)) <= {kind, type(None)}:
        raise TypeError(f"each must be a {kind.__name__} or null")
    return list(values)


def _strings(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"an object, not {type(value).__name__}")
    return value
