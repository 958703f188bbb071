"""Reports as Arrow tables.

In: one ``Report`` or any iterable of ``Report`` and ``Failure``. Out: a ``pyarrow.Table`` of one
of the shapes in ``SHAPES`` of the codebook with a fixed schema. A blank stays null and is never 0.
Further reports of a document (``others``) are rows of their own; failures stand in the shape
``reports`` and nowhere else.

Columns are gathered as lists per report and turned into Arrow at once; what the form says of a
figure (keys, path, short name, unit) is kept once per layout and spread by index. No object is
made per figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from govreport_parse.checks.narrative import narrative_rows
from govreport_parse.codebooks import SHAPES, Shape
from govreport_parse.errors import UsageError
from govreport_parse.frames.columns import integers, strings
from govreport_parse.frames.figures import (
    PLACES,
    STATES,
    UNITS,
    figure_words,
    gather_figures,
    gather_numbers,
)
from govreport_parse.frames.indicators import indicator_columns
from govreport_parse.frames.wide import wide_arrays, wide_columns
from govreport_parse.frames.words import decoded, repeated
from govreport_parse.organs.names import plain_name
from govreport_parse.privacy import mask_text
from govreport_parse.report import SCHEMA, Failure, Report

Reports = Report | Failure | Iterable[Report | Failure]

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "signed": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
}
_ALWAYS = frozenset({"report_id", "form", "table", "row", "column", "state", "path", "short"})
"""Columns of the long table that are never null."""


def to_table(reports: Reports, shape: Shape = "long", *, mask: bool = True) -> pa.Table:
    """Reports as an Arrow table of one shape.

    ``mask``: personal numbers (identity cards, mobile telephones, bank cards, e-mail addresses)
    in texts of sections, findings, narrative and indicators are masked; the reports keep them.
    Raises ``UsageError`` for an unknown shape and for anything that is no report.
    """
    if not isinstance(shape, str) or shape not in SHAPES:
        raise UsageError(
            f"no shape {shape!r}", hint=f"one of {', '.join(SHAPES)}", context={"shape": shape}
        )
    table: pa.Table = (
        _TEXTS[shape](reports, mask=mask) if shape in _TEXTS else _BUILDERS[shape](reports)
    )
    return table


@cache
def schema_of(shape: Shape) -> pa.Schema:
    """The Arrow schema of a shape; its metadata name the schema version and the shape."""
    always = _ALWAYS if shape == "long" else ()
    fields = [pa.field(f.name, _ARROW[f.type], f.name not in always) for f in SHAPES[shape]]
    if shape == "wide":
        fields += [pa.field(name, _ARROW[kind]) for name, kind in wide_columns()]
    return pa.schema(fields, {"govreport_schema": SCHEMA, "govreport_shape": shape})


# -- long ------------------------------------------------------------------------------------------


def long_table(reports: Reports) -> pa.Table:
    """One row a figure, report by report in form order."""
    coded = coded_long_table(reports)
    return _table("long", [decoded(column.chunk(0)) for column in coded.columns])


def coded_long_table(reports: Reports) -> pa.Table:
    """``long_table`` with its repeated texts as dictionaries: quicker to make and to write."""
    rs = _reports(reports)
    found = gather_figures(rs)
    head, keys = _coded(rs, found.counts, found.figures, 5)
    columns = [
        *(*head, *keys[:3], found.values, STATES.column(found.states), found.raws),
        *(UNITS.column(found.units), found.amounts, PLACES.column(found.places), *keys[3:]),
    ]
    return _named(columns, schema_of("long").names)


NUMBERS = (
    *("report_id", "organ", "division_code", "year", "form"),
    *("table", "row", "column", "value"),
)
"""The columns of the long frame that hold what the wide frame holds."""


def coded_numbers_table(reports: Reports) -> pa.Table:
    """Only the columns ``NUMBERS`` of ``coded_long_table``."""
    rs = _reports(reports)
    counts, figures, values = gather_numbers(rs)
    head, keys = _coded(rs, counts, figures, 3)
    return _named([*head, *keys, values], NUMBERS)


def _named(columns: Sequence[pa.Array], names: Sequence[str]) -> pa.Table:
    fields = [pa.field(n, c.type, n not in _ALWAYS) for n, c in zip(names, columns, strict=True)]
    return pa.Table.from_arrays(list(columns), schema=pa.schema(fields))


def _coded(
    rs: Sequence[Report], counts: Any, figures: Any, names: int
) -> tuple[list[pa.Array], list[pa.Array]]:
    """What report and form say of each figure: the report's columns; the first ``names`` of table,
    row, column, path and short name."""
    of = pa.array(np.repeat(np.arange(len(rs), dtype=np.int32), counts))
    given = zip(*map(_long_head, rs), strict=True) if rs else [()] * 5
    *texts, years = given
    head = [repeated(strings(values), of) for values in texts]
    year = pa.array(years, pa.int64()).take(of)
    at = pa.array(figures)
    words = figure_words()[:names]
    keys = [repeated(pa.array(w, pa.string()), at, pa.int16()) for w in words]
    return [*head[:3], year, head[3]], keys


_long_head = attrgetter("report_id", "organ", "division_code", "form", "year")


def _spread(reports: Sequence[Report], of: Any, names: Sequence[str]) -> list[pa.Array]:
    """Attributes of the reports, repeated for the rows that ``of`` gives them."""
    at = pa.array(of)
    out = []
    for name in names:
        values = [getattr(r, name) for r in reports]
        made = pa.array(values, pa.int64()) if name == "year" else strings(values)
        out.append(made.take(at))
    return out


def wide_table(reports: Reports) -> pa.Table:
    """One row a report: what is known of it, its counts, then every figure by short name."""
    rs = _reports(reports)
    head = _report_columns(rs, [f.name for f in SHAPES["wide"]])
    return _table("wide", [*head, *wide_arrays(rs)])


# -- reports, checks, findings, sections -----------------------------------------------------------


def reports_table(reports: Reports) -> pa.Table:
    """One row a report or failure: identity, source, completeness, error."""
    items = list(_flat(reports))
    names = [f.name for f in SHAPES["reports"]]
    return _table("reports", _report_columns(items, names))


def _report_columns(items: Sequence[Report | Failure], names: Sequence[str]) -> list[pa.Array]:
    rows = [_failure_row(x) if isinstance(x, Failure) else _report_row(x) for x in items]
    types = {f.name: f.type for f in SHAPES["reports"]}
    out = []
    for name in names:
        values = [row.get(name) for row in rows]
        kind = types[name]
        out.append(strings(values) if kind == "string" else pa.array(values, _ARROW[kind]))
    return out


def _report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {
        "report_id": report.report_id,
        "organ": report.organ,
        "organ_normalised": plain_name(report.organ) if report.organ else None,
        "organ_source": report.organ_source,
        "organ_level": report.organ_level,
        "organ_kind": report.organ_kind,
        "division_code": report.division_code,
        "division_source": report.division_source,
        "division_candidates": _candidates(report),
        "year": report.year,
        "year_source": report.year_source,
        "form": report.form,
        "title": report.title,
        "published": report.published,
        "published_source": report.published_source,
        "n_findings": len(report.findings),
        "n_warnings": sum(f.severity == "warning" for f in report.findings),
        "n_errors": sum(f.severity == "error" for f in report.findings),
        "n_sections": len(report.sections),
        "n_extra_rows": len(report.extra_rows),
    }
    for key, form in report.forms.items():
        row[f"form_{key}"] = form
    for key, count in report.completeness.items():
        row[f"n_{key}"] = count
    return _source_row(report, row)


def _candidates(report: Report) -> str | None:
    """The division codes that the evidence leaves, where it leaves no single one."""
    if report.division_code is not None:
        return None
    codes: dict[str, None] = {}
    for finding in report.findings:
        if finding.code.startswith("division_"):
            for _, value in finding.detail:
                found = value if isinstance(value, (list, tuple)) else [value]
                codes |= dict.fromkeys(c for c in found if isinstance(c, str) and _is_code(c))
    return ";".join(codes) or None


def _is_code(text: str) -> bool:
    return len(text) == 6 and text.isascii() and text.isdigit()


def _failure_row(failure: Failure) -> dict[str, Any]:
    return _source_row(
        failure,
        {
            "report_id": failure.report_id or None,
            "error_type": type(failure.error).__name__,
            "error_message": failure.error.message,
            "error_hint": failure.error.hint or None,
        },
    )


def _source_row(item: Report | Failure, row: dict[str, Any]) -> dict[str, Any]:
    source = item.source
    row["source_name"] = source.name
    row["url"] = source.url
    row["sha256"] = source.sha256 or None
    row["bytes"] = source.bytes
    row["media_type"] = source.media_type or None
    row["encoding"] = source.encoding
    return row


def checks_table(reports: Reports) -> pa.Table:
    """One row an identity of each report, with both sides."""
    rs = _reports(reports)
    ids: list[str] = []
    scopes: list[str] = []
    states: list[str] = []
    expected: list[int | None] = []
    found: list[int | None] = []
    counts: list[int] = []
    for report in rs:
        identities = report.layout.identities
        outcomes = report.outcomes
        ids += [i.id for i in identities]
        scopes += [i.scope for i in identities]
        states += [o[0] for o in outcomes]
        expected += [o[1] for o in outcomes]
        found += [o[2] for o in outcomes]
        counts.append(len(outcomes))
    return _table(
        "checks",
        [
            *_heads(rs, counts),
            pa.array(ids, pa.string()),
            pa.array(scopes, pa.string()),
            pa.array(states, pa.string()),
            integers(expected),
            integers(found),
        ],
    )


def _texts(values: Iterable[str | None], mask: bool) -> pa.Array:
    """A column of texts, without the numbers of persons unless told otherwise."""
    return strings([mask_text(v) for v in values] if mask else list(values))


def findings_table(reports: Reports, *, mask: bool = True) -> pa.Table:
    """One row a finding."""
    rs = _reports(reports)
    found = [f for report in rs for f in report.findings]
    return _table(
        "findings",
        [
            *_heads(rs, [len(report.findings) for report in rs]),
            pa.array([f.code for f in found], pa.string()),
            pa.array([f.severity for f in found], pa.string()),
            _texts((f.message for f in found), mask),
            _texts((f.message_zh for f in found), mask),
            pa.array([";".join(f.figures) for f in found], pa.string()),
            pa.array([str(f.locator) if f.locator else None for f in found], pa.string()),
        ],
    )


def narrative_table(reports: Reports, *, mask: bool = True) -> pa.Table:
    """One row a count that a sentence of a report gives."""
    rows = list(narrative_rows(_reports(reports)))
    types = {f.name: f.type for f in SHAPES["narrative"]}
    columns = []
    for name, kind in types.items():
        values = [row[name] for row in rows]
        if name == "sentence":
            columns.append(_texts(values, mask))
        elif kind == "string":
            columns.append(strings(values))
        elif kind == "decimal":
            columns.append(
                pa.array([None if v is None else float(v) for v in values], pa.float64())
            )
        else:
            columns.append(pa.array(values, _ARROW[kind]))
    return _table("narrative", columns)


def sections_table(reports: Reports, *, mask: bool = True) -> pa.Table:
    """One row a section, in the order of the document."""
    rs = _reports(reports)
    sections = [s for report in rs for s in report.sections]
    return _table(
        "sections",
        [
            *_heads(rs, [len(report.sections) for report in rs]),
            strings([s.key for s in sections]),
            _texts((s.heading for s in sections), mask),
            _texts((s.text for s in sections), mask),
            pa.array([i + 1 for r in rs for i in range(len(r.sections))], pa.int64()),
        ],
    )


def indicators_table(reports: Reports, *, mask: bool = True) -> pa.Table:
    """One row a row of an indicator table (older reports), as it stands there."""
    rs = _reports(reports)
    of, columns = indicator_columns(rs, mask=mask)
    names = ("report_id", "organ", "division_code", "year", "form")
    return _table("indicators", [*_spread(rs, of, names), *columns])


def _heads(reports: Sequence[Report], counts: Sequence[int]) -> list[pa.Array]:
    of = np.repeat(np.arange(len(reports), dtype=np.int64), counts)
    return _spread(reports, of, ("report_id", "organ", "year"))


_BUILDERS = {
    "long": long_table,
    "wide": wide_table,
    "reports": reports_table,
    "checks": checks_table,
}
_TEXTS = {
    "findings": findings_table,
    "sections": sections_table,
    "narrative": narrative_table,
    "indicators": indicators_table,
}


def _table(shape: Shape, arrays: list[pa.Array]) -> pa.Table:
    return pa.Table.from_arrays(arrays, schema=schema_of(shape))


def _reports(reports: Reports) -> list[Report]:
    return [r for r in _flat(reports) if isinstance(r, Report)]


def _flat(reports: Reports) -> Iterator[Report | Failure]:
    if isinstance(reports, (Report, Failure)):
        reports = [reports]
    if not isinstance(reports, Iterable):
        raise _no_report(reports)
    for item in reports:
        if isinstance(item, Report):
            yield item
            yield from _flat(item.others)
        elif isinstance(item, Failure):
            yield item
        else:
            raise _no_report(item)


def _no_report(item: Any) -> UsageError:
    return UsageError(
        f"a report or failure is needed, not {type(item).__name__}",
        hint="give what parse() or parse_many() returned",
    )
