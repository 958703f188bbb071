"""Which reports of a collection are the same, and which are older versions of another.

In: the reports as an Arrow table (id, year, organ, division, url, hashes, dates). Out: the columns
``duplicate_of``, ``version`` and ``superseded_by``. Every report is kept; the marks depend on the
set of reports alone, not on the order in which they came, except where neither retrieval nor
publication tells which is newer: then what was there before is older.

Same figures: equal ``figures_digest`` (year, organ, all values). The copy on a government host
comes first. Versions: other bytes at the same address for the same organ and year, or for the same
organ, year and place (division, else host): equal names of organs in different places are
different organs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.digests import folded, place_of

INDEX = (
    "report_id",
    "year",
    "organ",
    "division_code",
    "url",
    "sha256",
    "source_name",
    "published",
    "retrieved",
    "figures_digest",
    "version",
    "parser_version",
    "content",
    "duplicate_of",
    "superseded_by",
    "other_sources",
)
"""The columns of ``reports`` that a writer keeps at hand for all reports."""

_Row = Mapping[str, Any]


def preference(row: _Row) -> tuple[Any, ...]:
    """Sort key of copies of one report: the one to use comes first."""
    url = row["url"] or ""
    host = url.split("/")[2] if url.count("/") >= 2 else ""
    official = host.split(":")[0].endswith(".gov.cn")
    return (
        not official,
        not row["division_code"],
        not url,
        url,
        row["source_name"] or "",
        row["organ"] or "",
        row["year"] or 0,
        row["report_id"],
    )


def mark(index: pa.Table) -> dict[str, pa.Array]:
    """The marks of all reports of ``index`` (one row a report, ids unique)."""
    n = index.num_rows
    duplicate: dict[int, str] = {}
    for rows in _repeated(index, index["figures_digest"]):
        first, *others = sorted(rows, key=preference)
        duplicate.update({row["at"]: first["report_id"] for row in others})
    versions = np.ones(n, dtype=np.int64)
    superseded: dict[int, str] = {}
    for rows in _version_groups(index, set(duplicate)):
        _number(rows, versions, superseded)
    return {
        "duplicate_of": _sparse(duplicate, n),
        "version": pa.array(versions),
        "superseded_by": _sparse(superseded, n),
    }


def _sparse(by: Mapping[int, str], n: int) -> pa.Array:
    out: list[str | None] = [None] * n
    for at, value in by.items():
        out[at] = value
    return pa.array(out, pa.string())


def _repeated(index: pa.Table, key: pa.ChunkedArray) -> Iterable[list[dict[str, Any]]]:
    """The rows of each value of ``key`` that more than one row has, as dicts with ``at``."""
    counts = pc.value_counts(key.drop_null())
    many = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    if not len(many):
        return []
    at = np.flatnonzero(np.asarray(pc.is_in(key, many)))
    names = [c for c in INDEX if c not in ("content", "other_sources")]
    rows = index.select(names).take(pa.array(at)).to_pylist()
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, value, row in zip(
        at.tolist(), key.take(pa.array(at)).to_pylist(), rows, strict=True
    ):
        groups[value].append({**row, "at": place})
    return groups.values()


# -- versions --------------------------------------------------------------------------------------


def _version_groups(index: pa.Table, duplicates: set[int]) -> list[list[dict[str, Any]]]:
    """Reports of one organ and year, joined where they share an address or a place."""
    by_url, by_place = _version_keys(index)
    parent: dict[int, int] = {}
    known: dict[int, dict[str, Any]] = {}

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for key in (by_url, by_place):
        for rows in _repeated(index, pa.chunked_array([key])):
            kept = [r for r in rows if r["at"] not in duplicates]
            for row in kept:
                known[row["at"]] = row
                parent.setdefault(row["at"], row["at"])
                parent[root(row["at"])] = root(kept[0]["at"])
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for at, row in sorted(known.items()):
        groups[root(at)].append(row)
    return [rows for rows in groups.values() if len({r["sha256"] for r in rows}) > 1]


def _version_keys(index: pa.Table) -> tuple[pa.Array, pa.Array]:
    organs = index["organ"].to_pylist()
    years = index["year"].to_pylist()
    urls = index["url"].to_pylist()
    codes = index["division_code"].to_pylist()
    by_url: list[str | None] = []
    by_place: list[str | None] = []
    names: dict[str | None, str] = {}
    for organ, year, url, code in zip(organs, years, urls, codes, strict=True):
        name = names.get(organ)
        if name is None:
            name = names[organ] = folded(organ)
        by_url.append(f"{year}\n{name}\n{url}" if url else None)
        known = name and year is not None
        by_place.append(f"{year}\n{name}\n{place_of(code, url)}" if known else None)
    return pa.array(by_url, pa.string()), pa.array(by_place, pa.string())


def _number(rows: Sequence[_Row], versions: Any, superseded: dict[int, str]) -> None:
    """Number the documents of a group by age and mark all but the newest."""
    documents: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        documents[row["sha256"]].append(row)
    by_age = sorted(documents.values(), key=lambda d: min(map(_age, d)))
    newest = min(r["report_id"] for r in by_age[-1])
    for number, document in enumerate(by_age, 1):
        for row in document:
            versions[row["at"]] = number
            if number < len(by_age):
                superseded[row["at"]] = newest


def _age(row: _Row) -> tuple[Any, ...]:
    published = row["published"].isoformat() if row["published"] else ""
    before = row["version"] or 2**31  # 0: not yet in the dataset
    return (row["retrieved"] or "", published, before, row["report_id"])
