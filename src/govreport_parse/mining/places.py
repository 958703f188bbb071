"""What a killed run has left: its staged parts, and the places of the reports in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from govreport_parse.dataset import disk
from govreport_parse.dataset.places import Places, places_of
from govreport_parse.dataset.staged import read_staged, staged_counts, staging_of


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
    return places_of(piece.reports for piece in pieces if piece is not None)
