"""Datasets of shards as one: the same files as if one run had made them.

The rows are taken as they are; only the marks that depend on the whole collection (copies,
versions, further places of the same bytes) are made again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.digests import contents_of
from govreport_parse.dataset.intake import Intake
from govreport_parse.dataset.layout import fields_of
from govreport_parse.dataset.manifest import Manifest, Part, check_columns, read_manifest
from govreport_parse.dataset.pieces import CHILDREN, Piece, read_piece
from govreport_parse.dataset.read import find
from govreport_parse.dataset.write import WriteResult, write_filled
from govreport_parse.errors import DatasetError, UsageError

_MADE_AGAIN = ("duplicate_of", "superseded_by")


def merge_datasets(
    folders: Iterable[str | os.PathLike[str]], out: str | os.PathLike[str]
) -> WriteResult:
    """Write the reports and failures of several datasets as one new dataset in ``out``.

    Equal, byte for byte, to the dataset that one run over the documents of all makes: the same
    bytes in several of them are one report with its further places, copies and versions over
    all of them are marked. A folder may be the dataset or hold it as ``dataset``.

    Raises ``UsageError`` for no folder or the same one twice; ``DatasetError`` for a folder that
    is no dataset, for datasets of different parser versions, for one id with different content,
    and for an ``out`` that is not new or empty.
    """
    roots = [find(folder) for folder in folders]
    if not roots:
        raise UsageError("no dataset to merge", hint="name the folders of the shards")
    resolved = [root.resolve() for root in roots]
    if len(set(resolved)) < len(resolved) or Path(out).resolve() in resolved:
        raise UsageError("the same folder is named twice", hint="name each folder once")
    manifests = [_manifest(root) for root in roots]
    version = _one_version(roots, manifests)

    def fill(intake: Intake) -> None:
        for root, manifest in zip(roots, manifests, strict=True):
            with disk.system_errors(root, "read"):
                _fill(intake, root, manifest)
            if manifest.rows("reports"):
                intake.take_masked(manifest.masked)

    return write_filled(fill, out, version, alone=True)


def _manifest(root: Path) -> Manifest:
    manifest = read_manifest(root)
    check_columns(root, manifest)
    return manifest


def _one_version(roots: Sequence[Path], manifests: Sequence[Manifest]) -> str:
    versions = {m.parser_version: root for root, m in zip(roots, manifests, strict=True)}
    if len(versions) > 1:
        told = ", ".join(f"{str(root)!r} is of {version}" for version, root in versions.items())
        raise DatasetError(
            f"the datasets were made by different parser versions: {told}",
            hint="build the older ones again, so that their figures can be compared",
            context={"versions": sorted(versions)},
        )
    return next(iter(versions))


def _fill(intake: Intake, root: Path, manifest: Manifest) -> None:
    places: dict[Any, dict[str, Part]] = {}
    for part in manifest.parts:
        if part.table == "failures":
            rows = pq.read_table(root / part.path, partitioning=None)
            year = pa.array([part.year] * part.rows, pa.int64())
            intake.failures += rows.append_column("year", year).to_pylist()
        else:
            places.setdefault((part.year, part.bits, part.bucket), {})[part.table] = part
    for parts in places.values():
        intake.add(_unmarked(read_piece(root, parts, CHILDREN)))


def _unmarked(piece: Piece) -> Piece:
    """The piece as it was before a writer compared its reports with others."""
    reports = piece.reports
    n = reports.num_rows
    made = {name: pa.nulls(n, pa.string()) for name in _MADE_AGAIN}
    made["version"] = pa.array([0] * n, pa.int64())
    contents = contents_of(
        piece.children["figures"], piece.starts["figures"], reports["sha256"].to_pylist()
    )
    made["content"] = pa.array(contents, pa.string())
    columns = {name: made.get(name, reports[name]) for name in reports.schema.names}
    return Piece(pa.table(columns), piece.children, piece.starts)


assert set(_MADE_AGAIN) < {f.name for f in fields_of("reports")}
