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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

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
_Key = Callable[[_Row], str | None]
_SLICE = 2**15


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
    for rows in _repeated(index, repeated(index["figures_digest"]), _by_figures):
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


def repeated(column: pa.ChunkedArray) -> Any:
    """Numbers of the rows whose text may stand in another row too; null stands in none."""
    return _alike(hashes(text for part in slices(column) for text in part.to_pylist()))


def slices(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """A column in pieces small enough to be made Python objects of."""
    for chunk in column.chunks:
        for start in range(0, len(chunk), _SLICE):
            yield chunk.slice(start, _SLICE)


def hashes(texts: Iterable[str | None]) -> Any:
    """Eight bytes a text (0: none), so that millions of them take little memory."""
    return np.fromiter((0 if t is None else hash(t) | 1 for t in texts), dtype=np.int64)


def _alike(hashes: Any) -> Any:
    """Numbers of the hashes that occur more than once."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    same = (ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)
    found = np.zeros(len(hashes), dtype=bool)
    found[1:] |= same
    found[:-1] |= same
    return np.sort(order[found])


def _repeated(index: pa.Table, at: Any, key_of: _Key) -> list[list[dict[str, Any]]]:
    """The rows of each key that more than one of the rows ``at`` has, as dicts with ``at``."""
    if not len(at):
        return []
    names = [c for c in INDEX if c not in ("content", "other_sources")]
    rows = index.select(names).take(pa.array(at)).to_pylist()
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, row in zip(at.tolist(), rows, strict=True):
        key = key_of(row)
        if key is not None:
            groups[key].append({**row, "at": place})
    return [rows for rows in groups.values() if len(rows) > 1]


# -- versions --------------------------------------------------------------------------------------


def _by_figures(row: _Row) -> str | None:
    digest: str | None = row["figures_digest"]
    return digest


def _by_url(row: _Row) -> str | None:
    return f"{row['year']}\n{folded(row['organ'])}\n{row['url']}" if row["url"] else None


def _by_place(row: _Row) -> str | None:
    name = folded(row["organ"])
    if not name or row["year"] is None:
        return None
    return f"{row['year']}\n{name}\n{place_of(row['division_code'], row['url'])}"


def _version_groups(index: pa.Table, duplicates: set[int]) -> list[list[dict[str, Any]]]:
    """Reports of one organ and year, joined where they share an address or a place."""
    parent: dict[int, int] = {}
    known: dict[int, dict[str, Any]] = {}

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for key_of in (_by_url, _by_place):
        alike = _alike(hashes(map(key_of, _rows(index))))
        for rows in _repeated(index, alike, key_of):
            kept = [r for r in rows if r["at"] not in duplicates]
            for row in kept:
                known[row["at"]] = row
                parent.setdefault(row["at"], row["at"])
                parent[root(row["at"])] = root(kept[0]["at"])
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for at, row in sorted(known.items()):
        groups[root(at)].append(row)
    return [rows for rows in groups.values() if len({r["sha256"] for r in rows}) > 1]


def _rows(index: pa.Table) -> Iterator[_Row]:
    names = ["year", "organ", "division_code", "url"]
    for batch in index.select(names).to_batches(max_chunksize=_SLICE):
        columns = [batch[name].to_pylist() for name in names]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))


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
