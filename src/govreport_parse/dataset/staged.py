"""Staged parts: what one batch of documents became, until all batches are committed together.

A staged part is a folder of Parquet files (one a table, one of failures) with a list of their
sizes and hashes. It appears under its name in one rename, so it is there whole or not at all, and
a batch that ran twice finds the name taken. The name is the caller's: it should follow from the
documents, the parser and its options alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.failures import failure_row, failures_table
from govreport_parse.dataset.folder import STAGING, TEMP
from govreport_parse.dataset.intake import Intake, Item, sorted_piece
from govreport_parse.dataset.joining import joined
from govreport_parse.dataset.pieces import CHILDREN, CODED, Piece, flat
from govreport_parse.dataset.write import WriteResult, foreign, write_filled
from govreport_parse.errors import DatasetError
from govreport_parse.report import Report

LIST = "part.json"
JOINED = 4096
"""Reports joined to one piece: so many small parts cost as little as few large ones."""
_COUNT = "#"
"""Begins the columns that say how many rows of each further table a report has."""
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY}


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged part in memory; ``piece`` is ``None`` where every document failed."""

    piece: Piece | None
    failures: Sequence[Mapping[str, Any]]
    masked: bool = True


def staging_of(folder: str | os.PathLike[str]) -> Path:
    """Where the parts of a dataset are staged."""
    return Path(folder) / STAGING


def staged_counts(staging: Path, name: str) -> dict[str, int] | None:
    """How many ``reports`` and ``failures`` a part holds; ``None`` where it is not there, whole."""
    try:
        told = _listed(staging / name)
    except DatasetError:
        return None
    return dict(told["counts"])


# -- writing ---------------------------------------------------------------------------------------


def stage(
    staging: Path,
    name: str,
    results: Iterable[tuple[Item, str | None]],
    version: str,
    *,
    mask: bool = True,
    more: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Write results (each with the time it was fetched) as the part ``name``.

    Gives how many ``reports`` and ``failures`` it holds. ``more``: further counts that are kept
    with it, as they stand once all results were taken. Does nothing to a part that is there.
    Raises ``DatasetError`` when the folder is gone or can't be written to.
    """
    reports: list[tuple[Report, str | None]] = []
    failures: list[Mapping[str, Any]] = []
    for item, when in results:
        if isinstance(item, Report):
            reports += [(report, when) for report in flat(item)]
        else:
            failures.append(failure_row(item, when, version))
    tables: dict[str, pa.Table] = {}
    if reports:
        tables |= _tables(sorted_piece(reports, version, mask=mask))
    if failures:
        tables["failures"] = failures_table(failures)
    counts = {**(more or {}), "reports": len(reports), "failures": len(failures)}
    with disk.system_errors(staging, "stage parts in"):
        _write(staging, name, tables, {"counts": counts, "masked": mask})
    return counts


def _tables(piece: Piece) -> dict[str, pa.Table]:
    counts = {_COUNT + name: pa.array(np.diff(piece.starts[name])) for name in CHILDREN}
    reports = piece.reports
    for name, column in counts.items():
        reports = reports.append_column(name, column)
    tables = {"reports": reports, **piece.children}
    figures = piece.children["figures"]
    for name, words in CODED.items():
        column = words.column(np.asarray(figures[name].combine_chunks()))
        figures = figures.set_column(figures.schema.get_field_index(name), name, column)
    return tables | {"figures": figures}


def _write(
    staging: Path, name: str, tables: Mapping[str, pa.Table], told: Mapping[str, Any]
) -> None:
    temp = staging / f"{TEMP}{os.getpid()}-{secrets.token_hex(4)}"
    temp.mkdir()
    try:
        files = {}
        for table, rows in tables.items():
            path = temp / f"{table}.parquet"
            pq.write_table(
                rows.replace_schema_metadata(None),
                path,
                compression="zstd",
                compression_level=1,
                write_statistics=False,
                store_schema=False,
            )
            files[path.name] = _digest(path)
        (temp / LIST).write_text(json.dumps({"files": files, **told}), "utf-8")
        temp.rename(staging / name)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        if staged_counts(staging, name) is None:  # torn by a crash of the machine
            shutil.rmtree(staging / name, ignore_errors=True)
            temp.rename(staging / name)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


# -- reading ---------------------------------------------------------------------------------------


def read_staged(staging: Path, name: str) -> Staged:
    """A staged part. ``DatasetError`` when it is not there or not whole."""
    folder = staging / name
    with disk.system_errors(folder, "read"):
        told = _listed(folder)
        files = told["files"]
        failures: list[dict[str, Any]] = []
        if "failures.parquet" in files:
            failures = _read(folder / "failures.parquet").to_pylist()
        piece = _piece(folder) if "reports.parquet" in files else None
        return Staged(piece, failures, told["masked"])


def _listed(folder: Path) -> dict[str, Any]:
    """The ``files`` of a part, whose bytes are compared, its ``counts``, whether ``masked``."""
    try:
        told: dict[str, Any] = json.loads((folder / LIST).read_bytes())
        whole = all(_digest(folder / name) == digest for name, digest in told["files"].items())
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(folder) from error
    if not whole:
        raise _damaged(folder)
    return {"masked": True, **told}


def _damaged(folder: Path) -> DatasetError:
    return DatasetError(
        f"the staged part {str(folder)!r} is missing or damaged",
        hint="run the same command again: the batch is made anew",
        context={"path": str(folder)},
    )


def _read(path: Path, dictionary: Sequence[str] = ()) -> pa.Table:
    # twice as fast as read_table for files as small as these
    with pq.ParquetFile(path, read_dictionary=list(dictionary)) as file:
        return file.read(use_threads=False)


def _piece(folder: Path) -> Piece:
    reports = _read(folder / "reports.parquet")
    children: dict[str, pa.Table] = {}
    starts: dict[str, Any] = {}
    for name in CHILDREN:
        coded = list(CODED) if name == "figures" else []
        table = _read(folder / f"{name}.parquet", coded)
        for column in coded:
            codes = pa.array(CODED[column].decode(table[column]))
            table = table.set_column(table.schema.get_field_index(column), column, codes)
        children[name] = table
        counts = np.asarray(reports[_COUNT + name]).astype(np.int64)
        starts[name] = np.concatenate([[0], np.cumsum(counts)])
    return Piece(reports.drop_columns([_COUNT + n for n in CHILDREN]), children, starts)


# -- committing ------------------------------------------------------------------------------------


def write_staged(
    names: Iterable[str],
    folder: str | os.PathLike[str],
    *,
    parser_version: str | None = None,
) -> WriteResult:
    """Add staged parts to the dataset in ``folder`` and commit them together.

    The result is the dataset that ``write_dataset`` makes of the same reports and failures. Parts
    are read as their names come, with the dataset locked, so ``names`` may have them made; once
    all are committed the staging folder is removed. Errors of ``names`` pass and leave the
    dataset as it was and the parts in place. Raises what ``write_dataset`` raises.
    """
    staging = staging_of(folder)

    def fill(intake: Intake) -> None:
        waiting: list[Piece] = []
        for name in foreign(names):
            part = read_staged(staging, name)
            intake.failures += part.failures
            if part.piece is not None:
                intake.take_masked(part.masked)
                waiting.append(part.piece)
            if sum(p.reports.num_rows for p in waiting) >= JOINED:
                intake.add(intake.unknown(joined(waiting)))
                waiting = []
        if waiting:
            intake.add(intake.unknown(joined(waiting)))

    return write_filled(fill, folder, parser_version, after=lambda: disk.remove(staging))
