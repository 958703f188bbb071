"""Whether a dataset is still what was written: every byte, every row count."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.layout import TABLES, stored_names
from govreport_parse.dataset.manifest import Part, read_manifest
from govreport_parse.dataset.read import find


@dataclass(frozen=True, slots=True)
class Problem:
    """One file that is not as it was written. ``kind``: missing, damaged, leftover."""

    kind: str
    path: str
    message: str

    @property
    def is_loss(self) -> bool:
        """Whether data are lost; leftovers of a writer that died are harmless."""
        return self.kind != "leftover"

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.message}"


def verify_dataset(folder: str | os.PathLike[str]) -> list[Problem]:
    """Read every file of a dataset and compare it with the manifest; empty: all is well.

    Raises ``DatasetError`` where there is no manifest to compare with.
    """
    root = find(folder)
    manifest = read_manifest(root)
    found = [p for part in manifest.parts if (p := _look(root, part)) is not None]
    wanted = {part.path for part in manifest.parts}
    for table in TABLES:
        for path in sorted((root / table).glob("year=*/*")):
            name = path.relative_to(root).as_posix()
            if name not in wanted:
                found.append(Problem("leftover", name, "no manifest names it; readers ignore it"))
    return found


def _look(root: Path, part: Part) -> Problem | None:
    path = root / part.path
    try:
        size = path.stat().st_size
        digest = disk.sha256_of(path)
    except OSError as error:
        return Problem("missing", part.path, error.strerror or "it can't be read")
    if size != part.bytes:
        return Problem("damaged", part.path, f"{size:,} bytes instead of {part.bytes:,}")
    if digest != part.sha256:
        return Problem("damaged", part.path, "its bytes are not those that were written")
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException):
        return Problem("damaged", part.path, "it is no Parquet file")
    if file.metadata.num_rows != part.rows or file.schema_arrow.names != list(
        stored_names(part.table)
    ):
        return Problem("damaged", part.path, "its rows or columns are not those of the manifest")
    return None
