"""The tables of a dataset: their columns, their types and what the codebook says of them.

Columns come from the codebook's ``SHAPES``; a dataset adds what only a collection has (which
parser, which version of a report, which other report is the same). ``year`` is the partition: it
stands in the folder's name and the manifest, never in the files, and readers put it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
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
from govreport_parse.codebooks.views import FAILURES, REPORTS, VIEWS, WIDE

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
_SHAPE_OF: Mapping[str, Shape] = {
    "figures": "long",
    "checks": "checks",
    "findings": "findings",
    "sections": "sections",
    "narrative": "narrative",
    "indicators": "indicators",
}


@cache
def fields_of(table: str) -> tuple[Field, ...]:
    """The columns of a table in order, ``year`` included.

    ``figures`` has those of the long frame but ``short``: it follows from ``path``, by which the
    codebook has it, and the largest of the tables does not repeat it.
    """
    if table == "failures":
        return FAILURES
    if table == "reports":
        return REPORTS
    fields = SHAPES[_SHAPE_OF[table]]
    if table == "figures":
        return tuple(f for f in fields if f.name != "short")
    return fields


@cache
def schema_of(table: str) -> pa.Schema:
    """What a reader sees: all columns in order, ``year`` included, texts as ``string``."""
    return _schema(fields_of(table)).with_metadata(metadata_of(table))


@cache
def view_schema(view: str) -> pa.Schema:
    """The columns of a view that are no figures."""
    return _schema(VIEWS[view])


def _schema(fields: Iterable[Field]) -> pa.Schema:
    return pa.schema([pa.field(f.name, _ARROW[f.type]) for f in fields])


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
    lines = [
        e for e in _lines(with_views=False) if (e.path and table == "figures") or _in(e, table)
    ]
    return {
        "govreport_dataset": str(DATASET_SCHEMA),
        "govreport_table": table,
        "govreport_codebook": json.dumps(
            [_compact(e) for e in lines], ensure_ascii=False, separators=(",", ":")
        ),
    }


def _in(entry: Entry, table: str) -> bool:
    return entry.path is None and table in entry.frame.split(";")


def _compact(entry: Entry) -> dict[str, Any]:
    """A line without what is empty or follows from the path."""
    known = {"section", "table", "row", "column", "frame"} if entry.path else set()
    return {
        n: v for n in ENTRY_FIELDS if n not in known and (v := getattr(entry, n)) not in (None, "")
    }


def codebook() -> tuple[Entry, ...]:
    """The codebook of a dataset: every figure, then every column with the tables and views that it
    stands in."""
    return _lines(with_views=True)


@cache
def _lines(*, with_views: bool) -> tuple[Entry, ...]:
    figures = [e for e in entries() if e.table is not None]
    places = {table: fields_of(table) for table in TABLES}
    if with_views:
        places |= {"wide": WIDE, **VIEWS}
    return (*figures, *field_entries(places))


def codebook_table() -> pa.Table:
    """The codebook of a dataset as a table of texts."""
    lines = codebook()
    return pa.table(
        {n: pa.array([getattr(e, n) for e in lines], pa.string()) for n in ENTRY_FIELDS}
    )
