"""Where the same bytes stand: the places that a dataset knows, to tell what need not be parsed.

A report is known at a place (name and address), not by its bytes alone: from another place it is
made again, so that the dataset gets to know the place, too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.index import newer
from govreport_parse.dataset.manifest import NAME, exists, read_manifest
from govreport_parse.source import Source, named_path

_COLUMNS = ("sha256", "source_name", "url", "other_sources")


@dataclass(frozen=True, slots=True)
class Places:
    """Documents at their places, 24 bytes each, sorted."""

    keys: Any

    def has(self, sha256: str, name: str | None, url: str | None) -> bool:
        """Whether the report of these bytes is there, with this place, or of a newer parser."""
        return self._has(_key(sha256, name, url)) or self._has(_anywhere(sha256))

    def _has(self, key: bytes) -> bool:
        at = int(np.searchsorted(self.keys, np.bytes_(key)))
        return at < len(self.keys) and bool(self.keys[at] == key)


def _key(sha256: str, name: str | None, url: str | None) -> bytes:
    told = f"{sha256}\n{name or ''}\n{url or ''}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=12).hexdigest().encode()


def _anywhere(sha256: str) -> bytes:
    return sha256[:24].encode()


def known_places(folder: Path, version: str) -> Places:
    """The places in the dataset in ``folder``; none where there is no dataset.

    Reports of an older parser than ``version`` are left out: they are to be made again. What is
    there is read once a process.
    """
    manifest = folder / NAME
    with disk.system_errors(folder, "read"):
        if not manifest.is_file():
            return _places([])
        told = manifest.stat()
        return _known(folder, version, (told.st_mtime_ns, told.st_size, told.st_ino))


@lru_cache(maxsize=1)
def _known(folder: Path, version: str, stamp: tuple[int, ...]) -> Places:  # noqa: ARG001
    keys: list[Any] = []
    for part in read_manifest(folder).of("reports"):
        table = pq.read_table(
            folder / part.path, columns=[*_COLUMNS, "parser_version"], partitioning=None
        )
        keys.append(_array(_keys(table, version)))
    return _places(keys)


def _keys(table: pa.Table, version: str) -> Iterator[bytes]:
    for row in _rows(table, (*_COLUMNS, "parser_version")):
        sha256, name, url, others, there = row
        if there == version or not (newer(version, there) or newer(there, version)):
            yield _key(sha256, name, url)
            for other in json.loads(others) if others else ():
                yield _key(sha256, other.get("source_name"), other.get("url"))
        elif newer(there, version):
            yield _anywhere(sha256)


def _rows(table: pa.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _array(keys: Iterable[bytes]) -> Any:
    return np.array(list(keys), dtype="S24")


def _places(keys: Sequence[Any]) -> Places:
    return Places(np.unique(np.concatenate([_array([]), *keys])))


def places_of(tables: Iterable[pa.Table]) -> Places:
    """The places of reports that are not yet in a dataset (rows of ``reports``)."""
    return _places([_array(_key(*r) for r in _rows(t, _COLUMNS[:3])) for t in tables])


def are_there(folder: Path, version: str, sources: Sequence[Source]) -> list[bool]:
    """Per document (its bytes are not needed where its digest is known) whether the dataset has
    its report at its place, by this parser version, or at any by a newer one."""
    known = known_places(folder, version)
    return [known.has(s.sha256, s.name, s.url) for s in sources]


def known_sources(folder: str | os.PathLike[str]) -> dict[str, str]:
    """SHA-256 of every document whose report is in the dataset, with the parser version.

    Lets a caller skip parsing what is there. Empty for a folder without a dataset.
    """
    root = named_path(folder, "the dataset")
    if not exists(root):
        return {}
    out: dict[str, str] = {}
    with disk.system_errors(root, "read"):
        for part in read_manifest(root).of("reports"):
            table = pq.read_table(root / part.path, columns=["sha256", "parser_version"])
            out.update(
                zip(table["sha256"].to_pylist(), table["parser_version"].to_pylist(), strict=True)
            )
    return out
