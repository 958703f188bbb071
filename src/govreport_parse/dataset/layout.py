"""The tables of a dataset: their columns, their types and what the codebook says of them.

Columns come from the codebook's ``SHAPES``; a dataset adds what only a collection has (which
parser, which version of a report, which other report is the same). ``year`` is the partition: it
stands in the folder's name and the manifest, never in the files, and readers put it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from govreport_parse.codebooks import (
    ENTRY_FIELDS,
    SHAPES,
    Entry,
    Field,
    Shape,
    entries,
    field_entries,
)

DATASET_SCHEMA = 1
"""Grows when a dataset of this version can't be read by older versions of the library."""

TABLES = (
    *("reports", "figures", "checks", "findings", "sections", "narrative", "indicators"),
    "failures",
)
HEAD = ("report_id", "organ", "division_code", "year", "form")
"""Columns that a report gives to the rows of all its tables."""
PARTITION = "year"
PLAIN = frozenset({"text", "sentence", "sha256", "figures_digest", "title", "other_sources"})
"""Columns whose values hardly repeat: they get no dictionary."""

_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
}
_PARSER = Field("parser_version", "string", "解析器版本", "version of the parser")
_RETRIEVED = Field("retrieved", "string", "获取时间", "when it was fetched", note="ISO 8601")
REPORT_EXTRAS = (
    _PARSER,
    _RETRIEVED,
    Field(
        "figures_digest",
        "string",
        "数值摘要",
        "digest of year, organ and figures",
        note="equal for mirrors and reprints; null where too little is known to compare",
    ),
    Field(
        "duplicate_of",
        "string",
        "重复于",
        "report with the same figures",
        note="report_id of the copy to use; null for it",
    ),
    Field(
        "version",
        "integer",
        "版本序号",
        "version of a changed report",
        note="from 1; by time of retrieval, then date of publication, then order of arrival",
    ),
    Field(
        "superseded_by",
        "string",
        "被取代于",
        "newer version of the report",
        note="report_id of the newest version (same address, or same organ and year, with other"
        " content); null for it",
    ),
    Field(
        "other_sources",
        "string",
        "其他来源",
        "further places of the same bytes",
        note="JSON list of name, url, organ, division_code, year",
    ),
)
"""Columns that the dataset adds to ``reports``."""

_ERRORS = ("error_type", "error_message", "error_hint")
_SOURCE = ("source_name", "url", "sha256", "bytes", "media_type", "encoding")
_FAILURE = (*_SOURCE, "organ", "division_code", "year", *_ERRORS)
_SHAPE_OF: Mapping[str, Shape] = {
    "reports": "reports",
    "figures": "long",
    "checks": "checks",
    "findings": "findings",
    "sections": "sections",
    "narrative": "narrative",
    "indicators": "indicators",
}


@cache
def fields_of(table: str) -> tuple[Field, ...]:
    """The columns of a table in order, ``year`` included."""
    if table == "failures":
        known = {f.name: f for f in SHAPES["reports"]}
        return (*(known[name] for name in _FAILURE), _RETRIEVED, _PARSER)
    fields = SHAPES[_SHAPE_OF[table]]
    if table == "reports":
        return (*(f for f in fields if f.name not in _ERRORS), *REPORT_EXTRAS)
    if table == "figures":
        return tuple(f for f in fields if f.name != "short")
    return fields


@cache
def schema_of(table: str) -> pa.Schema:
    """What a reader sees: all columns in order, ``year`` included, texts as ``string``."""
    fields = [pa.field(f.name, _ARROW[f.type]) for f in fields_of(table)]
    return pa.schema(fields, metadata_of(table))


@cache
def stored_names(table: str) -> tuple[str, ...]:
    """The columns that stand in the files."""
    return tuple(f.name for f in fields_of(table) if f.name != PARTITION)


def schema_hash(table: str) -> str:
    """Changes when a column of the table comes, goes, moves or changes its type."""
    text = ";".join(f"{f.name}:{f.type}" for f in schema_of(table))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def metadata_of(table: str) -> dict[str, str]:
    """The key-value metadata of a table's files: versions and the lines of the codebook."""
    own = {f.name for f in fields_of(table)}
    lines = [e for e in codebook() if (e.path and table == "figures") or _in(e, table, own)]
    return {
        "govreport_dataset": str(DATASET_SCHEMA),
        "govreport_table": table,
        "govreport_codebook": json.dumps(
            [_compact(e) for e in lines], ensure_ascii=False, separators=(",", ":")
        ),
    }


def _in(entry: Entry, table: str, own: set[str]) -> bool:
    return entry.path is None and entry.short in own and table in entry.frame.split(";")


def _compact(entry: Entry) -> dict[str, Any]:
    """A line without what is empty or follows from the path."""
    known = {"section", "table", "row", "column", "frame"} if entry.path else set()
    return {
        n: v for n in ENTRY_FIELDS if n not in known and (v := getattr(entry, n)) not in (None, "")
    }


@cache
def codebook() -> tuple[Entry, ...]:
    """The codebook of a dataset: every figure, then every column with the tables it stands in."""
    figures = [e for e in entries() if e.table is not None]
    return (*figures, *field_entries({table: fields_of(table) for table in TABLES}))


def codebook_table() -> pa.Table:
    """The codebook of a dataset as a table of texts."""
    lines = codebook()
    return pa.table(
        {n: pa.array([getattr(e, n) for e in lines], pa.string()) for n in ENTRY_FIELDS}
    )
