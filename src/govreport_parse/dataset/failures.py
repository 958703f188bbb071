"""The table of what failed: one row a document and place, until a report of it comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.index import newer
from govreport_parse.dataset.layout import fields_of, schema_of
from govreport_parse.report import Failure

_Row = dict[str, Any]


def merge_failures(
    old: Sequence[pa.Table],
    new: Iterable[Mapping[str, Any]],
    reports: pa.Table,
    settled: Collection[str] = (),
) -> pa.Table:
    """Old and new failures together, sorted; the newest of a document at its place counts.

    The same bytes at two addresses (an error page that a host gives for many organs) are two
    rows, as in the sources.

    ``new``: rows of ``failure_row`` in any order.

    A failure goes when a report of the same bytes (by no older parser) is in ``reports``; one
    without bytes when a report from the same address (or, without one, of the same name) is.
    ``settled``: SHA-256 of documents whose old failures count no more.
    """
    rows: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for table in old:
        for row in table.to_pylist():
            if row["sha256"] not in settled:
                rows[_key(row)] = row
    for row in sorted(new, key=_order):
        there = rows.get(_key(row))
        # what an older parser could not do says nothing of the newer one
        if there is None or not newer(there["parser_version"], row["parser_version"]):
            rows[_key(row)] = row
    kept = _unsolved(list(rows.values()), reports)
    kept.sort(key=_key)
    return failures_table(kept)


def failures_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of ``failure_row`` as a table, ``year`` included."""
    names = [f.name for f in fields_of("failures")]
    data = [{name: row.get(name) for name in names} for row in rows]
    return pa.Table.from_pylist(data, schema=schema_of("failures").remove_metadata())


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The document and where it was found: its address, else its name and whose it was said to be.

    Names alone are many documents' (index.html), and what is said may be all that differs.
    """
    found = row["sha256"] or "", row["url"] or ""
    if row["url"]:
        return found
    names = ("source_name", "organ", "division_code", "year")
    return (*found, *(str(row.get(name) or "") for name in names))


def _order(row: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("retrieved", "url", "source_name", "error_message", "error_type", "organ", "year")
    return tuple(str(row.get(n) or "") for n in names)


def failure_row(failure: Failure, retrieved: str | None, version: str) -> _Row:
    """The row of a failure."""
    source, error = failure.source, failure.error
    year = error.context.get("year")
    row: _Row = {
        "source_name": source.name,
        "url": source.url,
        "sha256": source.sha256 or None,
        "bytes": source.bytes,
        "media_type": source.media_type or None,
        "encoding": source.encoding,
        # who the caller asked for, where the error says it
        "organ": _text(error.context.get("organ")),
        "division_code": _text(error.context.get("division_code")),
        "year": year if isinstance(year, int) else None,
        "error_type": type(error).__name__,
        "error_message": error.message,
        "error_hint": error.hint or None,
        "retrieved": retrieved,
        "parser_version": version,
    }
    return {k: _clean(v) for k, v in row.items()}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _clean(value: Any) -> Any:
    """Texts of broken sources that have no UTF-8 become ``?``."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _unsolved(rows: list[Mapping[str, Any]], reports: pa.Table) -> list[Mapping[str, Any]]:
    if not rows:
        return rows
    by_sha = _found(reports, "sha256", [r["sha256"] for r in rows])
    by_url = _found(reports, "url", [r["url"] for r in rows])
    by_name = _found(reports, "source_name", [r["source_name"] for r in rows])

    def solved(row: Mapping[str, Any]) -> bool:
        if row["sha256"]:
            parsed = by_sha.get(row["sha256"])
            return parsed is not None and not newer(row["parser_version"], parsed)
        return row["url"] in by_url if row["url"] else row["source_name"] in by_name

    return [row for row in rows if not solved(row)]


def _found(reports: pa.Table, column: str, values: Sequence[str | None]) -> dict[str, str]:
    """Which of the values stand in a column of ``reports``, with the parser's version."""
    wanted = pa.array(sorted({v for v in values if v}), pa.string())
    hits = reports.select([column, "parser_version"]).filter(pc.is_in(reports[column], wanted))
    return dict(zip(hits[column].to_pylist(), hits["parser_version"].to_pylist(), strict=True))
