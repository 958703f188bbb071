"""Where the same bytes stand: places that a dataset knows, and writes that add further ones.

Corpora repeat documents. One write names every place of the same bytes beside the report
(``other_sources``), and takes the report from the best of them. So do many writes with what is
here: a document is known at a place, not by its bytes alone.
"""

from __future__ import annotations

import hashlib
import json
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
from govreport_parse.dataset.intake import Intake
from govreport_parse.dataset.joining import joined
from govreport_parse.dataset.manifest import NAME, read_manifest
from govreport_parse.dataset.pieces import Piece
from govreport_parse.dataset.staged import JOINED, read_staged, staged_counts, staging_of
from govreport_parse.dataset.write import WriteResult, foreign, write_filled
from govreport_parse.source import Source

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


def parts_left(folder: Path, mark: str) -> tuple[Path, list[str]]:
    """Where parts are staged, and the whole ones that a killed run of this mark has left there."""
    staging = staging_of(folder)
    with disk.system_errors(staging, "write to"):
        disk.make_folder(staging)
        left = sorted(path.name for path in staging.glob(f"{mark}-*"))
    return staging, [name for name in left if staged_counts(staging, name) is not None]


def places_of_parts(staging: Path, names: Iterable[str]) -> Places:
    """The places of the reports in staged parts."""
    pieces = (read_staged(staging, name).piece for name in names)
    tables = (piece.reports for piece in pieces if piece is not None)
    return _places([_array(_key(*r) for r in _rows(t, _COLUMNS[:3])) for t in tables])


def are_there(folder: Path, version: str, sources: Sequence[Source]) -> list[bool]:
    """Per document whether the dataset knows it at its place; for workers of ``process_many``."""
    known = known_places(folder, version)
    return [known.has(s.sha256, s.name, s.url) for s in sources]


def write_parts(
    names: Iterable[str], folder: Path, *, parser_version: str | None = None
) -> WriteResult:
    """Add staged parts to the dataset as ``write_staged`` does, with the places of known bytes.

    A report that is there from another place gets this one as a further place, or is taken from
    here if here is better, as in one write of both.
    """
    staging = staging_of(folder)

    def fill(intake: Intake) -> None:
        known = known_places(folder, intake.version)
        waiting: list[Piece] = []
        for name in foreign(names):
            part = read_staged(staging, name)
            intake.failures += part.failures
            if part.piece is not None:
                waiting.append(part.piece)
            if sum(p.reports.num_rows for p in waiting) >= JOINED:
                intake.add(_unknown(intake, joined(waiting), known))
                waiting = []
        if waiting:
            intake.add(_unknown(intake, joined(waiting), known))

    return write_filled(fill, folder, parser_version, after=lambda: disk.remove(staging))


def _unknown(intake: Intake, piece: Piece, known: Places) -> Piece:
    """The reports of a piece that the dataset does not have at their places."""
    if not len(intake.known):
        return piece
    rows = _rows(piece.reports, ("report_id", *_COLUMNS[:3]))
    new = [
        intake.known.fate(report, sha, name) != "skipped" or not known.has(sha, name, url)
        for report, sha, name, url in rows
    ]
    intake.counts["skipped"] += len(new) - sum(new)
    return piece if all(new) else joined([piece], np.flatnonzero(new))
