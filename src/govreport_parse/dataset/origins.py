"""The places at which the same bytes were found: one report, its further places beside it.

A parser that reads a document again gives a new row; what the old one knew of it besides its
figures (further places, which version came first) goes over to the new row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.versions import hashes, preference, repeated, slices
from govreport_parse.errors import DatasetError

_PLACE = ("source_name", "url", "organ", "division_code", "year")
_Row = dict[str, Any]
_Addresses = set[tuple[str | None, str | None]]


def conflict(report_id: str, names: Sequence[str | None]) -> DatasetError:
    """One id for different content."""
    shown = ", ".join(repr(n) for n in names[:3])
    return DatasetError(
        f"two different reports have the id {report_id} ({shown})",
        hint="an id is made of the bytes of a document: parse each document once, with the same "
        "options; nothing was written",
        context={"report_id": report_id, "sources": list(names)},
    )


def kept_versions(table: pa.Table, keep: Any) -> pa.Table:
    """The index with, in rows that take an old row's place, the version that it had."""
    if keep.all():
        return table
    old = table.select(["report_id", "version"]).filter(pa.array(~keep))
    at = pc.index_in(table["report_id"], old["report_id"].combine_chunks())
    there = old["version"].combine_chunks().take(at.combine_chunks())
    new = pc.if_else(pc.equal(table["version"], 0), pc.fill_null(there, 0), table["version"])
    return table.set_column(table.schema.get_field_index("version"), "version", new)


def settle(table: pa.Table, keep: Any) -> list[str | None]:
    """Of the same bytes from several places keep one row (``keep`` is changed in place).

    Gives ``other_sources`` of every row. ``DatasetError``: one id for different content.
    """
    others: list[str | None] = table["other_sources"].to_pylist()
    carried = _carried(table, keep)
    at = repeated(table["report_id"])
    if carried:
        of_carried = pc.is_in(table["sha256"], pa.array(list(carried), pa.string()))
        at = np.union1d(at, np.flatnonzero(np.asarray(of_carried)))
    at = at[keep[at]]
    groups: dict[str, list[_Row]] = defaultdict(list)
    for place, row in zip(at.tolist(), table.take(pa.array(at)).to_pylist(), strict=True):
        groups[row["report_id"]].append({**row, "at": place})
    for report_id, rows in groups.items():
        _settle_one(report_id, rows, carried.get(rows[0]["sha256"], []), keep, others)
    return others


def _settle_one(
    report_id: str, rows: list[_Row], carried: list[_Row], keep: Any, others: list[str | None]
) -> None:
    contents = {r["content"] for r in rows if r["content"] is not None}
    if len(contents) > 1 or len({r["sha256"] for r in rows}) > 1:
        raise conflict(report_id, [r["source_name"] for r in rows])
    if len(rows) == 1 and not carried:
        return
    first = min(rows, key=preference)
    # rows of merged datasets bring further places of their own
    places = [p for row in rows for p in _places(row)]
    known = _addresses(places)
    places += [p for p in carried if (p["source_name"], p["url"]) not in known]
    seen = [_place(first)]
    for row in sorted(places, key=preference):
        if _place(row) not in seen:
            seen.append(_place(row))
    for row in rows:
        keep[row["at"]] = row["at"] == first["at"]
    others[first["at"]] = json.dumps(seen[1:], ensure_ascii=False) if seen[1:] else None


def _carried(table: pa.Table, keep: Any) -> dict[str, list[_Row]]:
    """By SHA-256, the places of rows that go which no row that comes is of."""
    if keep.all():
        return {}
    found = hashes(_told(table))
    gone = np.flatnonzero(~keep)
    elsewhere = ~np.isin(found[gone], found[keep])
    further = np.asarray(pc.is_valid(table["other_sources"]))[gone]
    out: dict[str, list[_Row]] = defaultdict(list)
    for row in table.take(pa.array(gone[elsewhere | further])).to_pylist():
        out[row["sha256"]] += _places(row)
    return out


def _told(table: pa.Table) -> Any:
    columns = [(v for part in slices(table[n]) for v in part.to_pylist()) for n in _ADDRESS]
    return ("\n".join(v or "" for v in values) for values in zip(*columns, strict=True))


_ADDRESS = ("sha256", "source_name", "url")


def _addresses(places: Sequence[_Row]) -> _Addresses:
    """Names and addresses: what is said of organ and year is the newer parser's to say."""
    return {(p["source_name"], p["url"]) for p in places}


def _places(row: _Row) -> list[_Row]:
    """A report's own place and its further ones."""
    further = json.loads(row["other_sources"]) if row["other_sources"] else []
    unknown = dict.fromkeys(_PLACE) | {"report_id": row["report_id"]}
    return [row, *(unknown | place for place in further)]


def _place(row: _Row) -> _Row:
    return {name: row[name] for name in _PLACE if row[name] is not None}
