"""A dataset as JSON lines: one report a line (schema ``govreport/1``), then what failed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from govreport_parse.dataset.exports import arriving
from govreport_parse.dataset.manifest import Part
from govreport_parse.dataset.panel import EXACT
from govreport_parse.dataset.views import reading
from govreport_parse.formbook import STATISTICS
from govreport_parse.report import SCHEMA, dump_json

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

_Row = dict[str, Any]
_CHILDREN = ("figures", "checks", "findings", "sections", "indicators")
_SOURCE = ("url", "sha256", "bytes", "media_type", "encoding")
_TEXTS = (
    *("title", "organ", "organ_source", "organ_level", "organ_kind"),
    *("division_code", "division_source"),
    *("year", "year_source", "published", "published_source"),
)
_DATASET = ("parser_version", "retrieved", "duplicate_of", "version", "superseded_by")
_TABLES = ("proactive_disclosure", "requests", "review_and_litigation")
_COUNTS = (
    *("figures", "reported", "solved", "blank", "dash", "absent", "unreadable", "ambiguous"),
    *("checks", "holds", "broken", "not_checkable"),
)
_PLACE = re.compile(
    r"(?:sheet (?P<sheet>.*?)(?:, (?=(?:page|table|row|column|line|cell) \d)|$))?"
    r"(?P<rest>(?:(?:page|table|row|column|line|cell) \d+(?:, )?)*)$",
    re.DOTALL,
)


def write_json(dataset: Dataset, target: Path) -> Path:
    """Write the lines, by year and id. ``dataset`` in each holds what only the collection knows."""
    with arriving(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines(dataset):
            file.write(dump_json(line) + "\n")
    return target


def lines(dataset: Dataset) -> Iterator[_Row]:
    """The reports and failures as plain values."""
    places: dict[tuple[int | None, int, int], dict[str, Part]] = defaultdict(dict)
    for part in dataset.manifest.parts:
        if part.table in _CHILDREN:
            places[part.year, part.bits, part.bucket][part.table] = part
    with reading(*(dataset.table(name) for name in ("reports", *_CHILDREN))):
        for part in dataset.reports.parts:
            yield from _part(dataset, part, places[part.year, part.bits, part.bucket])
    for row in dataset.failures.to_table().to_pylist():
        yield {
            "schema": SCHEMA,
            "source": _source(row),
            "error": {
                "type": row["error_type"],
                "message": row["error_message"],
                "hint": row["error_hint"] or "",
            },
        }


def _part(dataset: Dataset, part: Part, others: dict[str, Part]) -> Iterator[_Row]:
    """The reports of one part; all tables are sorted by id, so each is read once."""
    rows = {name: _rows(dataset, others.get(name)) for name in _CHILDREN}
    waiting = {name: next(it, None) for name, it in rows.items()}
    for report in pq.ParquetFile(dataset.folder / part.path).iter_batches(1000):
        for row in report.to_pylist():
            own: dict[str, list[_Row]] = {}
            for name, it in rows.items():
                own[name] = []
                while (ahead := waiting[name]) and ahead["report_id"] == row["report_id"]:
                    own[name].append(ahead)
                    waiting[name] = next(it, None)
            yield _report({**row, "year": part.year}, own)


def _rows(dataset: Dataset, part: Part | None) -> Iterator[_Row]:
    if part is not None:
        for batch in pq.ParquetFile(dataset.folder / part.path).iter_batches(50_000):
            yield from batch.to_pylist()


def _report(row: _Row, own: dict[str, list[_Row]]) -> _Row:
    out: _Row = {"schema": SCHEMA, "report_id": row["report_id"], "source": _source(row)}
    out["form"] = row["form"]
    out["forms"] = forms_of(row, (f["table"] for f in own["figures"][:1]))
    out |= {name: row[name] for name in _TEXTS}
    out["published"] = row["published"].isoformat() if row["published"] else None
    out["sections"] = [{n: s[n] for n in ("key", "heading", "text")} for s in own["sections"]]
    out["figures"] = [_figure(f) for f in own["figures"]]
    out["checks"] = [
        {n: c[n] for n in ("id", "scope", "state", "expected", "found")} for c in own["checks"]
    ]
    out["findings"] = [_finding(f) for f in own["findings"]]
    out["extra_rows"] = [_indicator(i) for i in own["indicators"]]
    out["completeness"] = {name: row[f"n_{name}"] for name in _COUNTS}
    out["dataset"] = {name: row[name] for name in _DATASET if row[name] is not None}
    return out


def forms_of(row: _Row, tables: Iterable[str]) -> dict[str, str]:
    """Table to form: the annual forms have columns of their own, the table of 2014 is alone."""
    forms = {t: f for t in _TABLES if (f := row[f"form_{t}"]) is not None}
    return forms | {t: row["form"] for t in tables if t == STATISTICS}


def _source(row: _Row) -> _Row:
    source = {"name": row["source_name"] or "", **{n: row[n] for n in _SOURCE}}
    return {**source, "sha256": source["sha256"] or "", "media_type": source["media_type"] or ""}


def _figure(row: _Row) -> _Row:
    out = {n: row[n] for n in ("table", "row", "column", "state", "raw", "unit")}
    return {**out, "value": _number(row["value"]), "locator": place_of(row["locator"])}


def _number(value: float | None) -> int | float | None:
    """A whole number as one, unless its last digits may be lost."""
    if value is None or not value.is_integer() or abs(value) >= EXACT:
        return value
    return int(value)


def _indicator(row: _Row) -> _Row:
    """A row of an indicator table as among the report's extra rows."""
    return {
        "table": "indicators",
        "label": row["label"],
        "cells": row["raw"].split(" | ") if row["raw"] else [],
        **{n: row[n] for n in ("indicator_table", "group", "code", "unit", "state")},
        "value": _number(row["value"]),
        "form": row["known_form"],
        "row": row["known_row"],
        "locator": place_of(row["locator"]),
    }


def _finding(row: _Row) -> _Row:
    out = {n: row[n] for n in ("code", "severity", "message", "message_zh")}
    figures = row["figures"].split(";") if row["figures"] else []
    return {**out, "figures": figures, "locator": place_of(row["locator"])}


def place_of(text: str | None) -> _Row | None:
    """The text of a locator as the values it was made of; ``None`` where there is none."""
    found = _PLACE.fullmatch(text) if text else None
    if not text or found is None:
        return None
    out: _Row = {} if found["sheet"] is None else {"sheet": found["sheet"]}
    for pair in filter(None, found["rest"].split(", ")):
        name, number = pair.split(" ")
        out[name] = int(number)
    return out
