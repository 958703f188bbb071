"""What may lie in a dataset's folder, and what a writer that died has left there."""

from __future__ import annotations

from pathlib import Path

from govreport_parse.dataset import disk
from govreport_parse.dataset.layout import TABLES
from govreport_parse.dataset.manifest import NAME, Manifest, exists
from govreport_parse.errors import DatasetError

TEMP = ".tmp-"
STAGING = ".staging"
"""Where a run on many processes keeps its parts until they are committed."""


def prepare(root: Path) -> None:
    """Make the folder if need be. ``DatasetError`` when it holds something else."""
    if root.exists() and not root.is_dir():
        raise DatasetError(f"{str(root)!r} is no folder", hint="give a folder to write to")
    if root.is_dir() and not exists(root):
        foreign = [p.name for p in root.iterdir() if not _ours(p)]
        if foreign:
            raise DatasetError(
                f"{str(root)!r} is no dataset and not empty (it holds {min(foreign)!r})",
                hint="give a new or empty folder",
                context={"folder": str(root), "found": sorted(foreign)[:5]},
            )
    if not root.is_dir():
        disk.make_folder(root)
        disk.sync_folder(root.parent)


def _ours(path: Path) -> bool:
    known = (*TABLES, NAME, disk.LOCK, STAGING)
    return path.name in known or path.name.startswith(TEMP)


def clean(root: Path, manifest: Manifest) -> None:
    """Remove what a writer that died has left: temporary folders and parts of no manifest."""
    wanted = {part.path for part in manifest.parts}
    for path in sorted(root.glob(f"{TEMP}*")):
        disk.remove(path)
    for table in TABLES:
        for path in sorted((root / table).glob("year=*/part-*.parquet")):
            if path.relative_to(root).as_posix() not in wanted:
                disk.remove(path)


def not_empty(root: Path) -> DatasetError:
    """The error for a dataset where a new one was to be."""
    return DatasetError(
        f"{str(root)!r} holds a dataset already",
        hint="give a new folder",
        context={"folder": str(root)},
    )
