"""``build``: everything that a harvest folder has archived, parsed again without a network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from govreport_parse import __version__
from govreport_parse.dataset import load
from govreport_parse.errors import DatasetError
from govreport_parse.harvesting.ingest import INNER, Ingest, IngestCounts
from govreport_parse.harvesting.results import archived_root, opened

CORRECTED = "corrected"
"""The finding of reports that carry a person's corrections."""


def build(
    folder: str | os.PathLike[str],
    *,
    jobs: int = 1,
    correct: Callable[[Any], Any] | None = None,
    watch: Callable[[IngestCounts], None] | None = None,
    **options: Any,
) -> IngestCounts:
    """Parse every archived report of a harvest folder into its dataset; gives the counts.

    ``correct`` alters each report before it is written (a person's corrections). Reports of the
    same parser are left alone, corrected ones too, unless ``correct`` is given: then all are
    written anew under a parser version with the number of the build (``0.1.0.3``). The counts say
    how many reports lost earlier corrections by it (``uncorrected``), what of the archive was
    found damaged (``repairs``, ``lost``), and how many addresses are still to be fetched
    (``open``). ``options`` are those of ``parse``. Raises ``DatasetError`` when the folder holds no
    archive, or is in use.
    """
    root = archived_root(folder)
    with opened(root) as state:
        about = {"schema": "govreport-run/1", "kind": "build", "repairs": list(state.repairs)}
        number = state.start_run({**about, "ended": "running"})
        before = _corrected(root / INNER)
        version = None
        if correct is not None:
            version = f"{__version__}.{number}"
        ingest = Ingest(
            state, jobs=jobs, everything=True, correct=correct, version=version, **options
        )
        while ingest.round():
            if watch is not None:
                watch(ingest.counts)
        ingest.finish()
        told = {"ended": "done", "parser_version": version or __version__}
        state.end_run(number, {**about, **told, "parsed": dict(ingest.counts.outcomes)})
        ingest.counts.repairs = state.repairs
        ingest.counts.lost = state.lost
        ingest.counts.open = state.queued()
        ingest.counts.uncorrected = max(0, before - _corrected(root / INNER))
        return ingest.counts


def _corrected(dataset: Path) -> int:
    """Reports of the dataset that carry a person's corrections."""
    try:
        found = load(dataset).findings.to_table(["report_id"], filter={"code": CORRECTED})
    except DatasetError:
        return 0
    return len(set(found["report_id"].to_pylist()))


__all__ = ["INNER", "build"]
