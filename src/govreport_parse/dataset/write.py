"""Writes reports and failures into a dataset folder; the manifest is the commit.

Reports come in any order and number. They are turned into columns in batches (spilled to files
when there are many), sorted by id, cut into parts by year and by the leading bits of the id, and
written beside the old parts; then one rename puts the new manifest in place. Which parts there are
and every byte of them follow from the set of reports alone. Parts of which no report came, went or
changed are kept as they are.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govreport_parse.dataset import disk
from govreport_parse.dataset.failures import merge_failures
from govreport_parse.dataset.folder import TEMP, clean, not_empty, prepare
from govreport_parse.dataset.index import (
    MARKS,
    OLD,
    Index,
    Job,
    Known,
    jobs,
    new_index,
    newer,
    old_index,
    repeats,
    same_marks,
    year_key,
)
from govreport_parse.dataset.intake import Intake, Item, When, both_masked, from_results
from govreport_parse.dataset.layout import TABLES, schema_hash, stored_names
from govreport_parse.dataset.manifest import (
    NAME,
    Manifest,
    Part,
    check_columns,
    exists,
    read_manifest,
)
from govreport_parse.dataset.parts import pick, reports_of, waiting_name, write_part
from govreport_parse.dataset.pieces import CHILDREN, Store, assemble
from govreport_parse.dataset.versions import INDEX, mark
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.source import named_path

BATCH = 1000
"""Reports turned into columns at once."""
PART = 8192
"""Reports a part at most (more only where ids begin alike): 1.6 million rows of ``figures``."""
WORKERS = 2
"""Threads that write parts; Arrow encodes outside the interpreter's lock."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What one write changed. Counts are reports unless the name says otherwise."""

    folder: Path
    added: int = 0
    replaced: int = 0
    skipped: int = 0
    further: int = 0
    """Reports that came with the bytes of another that came, or is there: a further place of it.

    Where this place is better than the one that was there, the report is ``replaced``, too.
    """
    failures: int = 0
    """Failures in the dataset now."""
    duplicates: int = 0
    """Reports in the dataset marked as having the figures of another."""
    superseded: int = 0
    reports: int = 0
    """Reports in the dataset now."""
    parts_written: int = 0
    parts_kept: int = 0

    def __str__(self) -> str:
        further = f", {self.further:,} at a further place" if self.further else ""
        return (
            f"{self.folder}: {self.reports:,} reports ({self.added:,} added, {self.replaced:,} "
            f"replaced, {self.skipped:,} already there{further}), {self.duplicates:,} duplicates, "
            f"{self.superseded:,} older versions, {self.failures:,} failures"
        )


def write_dataset(
    results: Iterable[Item],
    folder: str | os.PathLike[str],
    *,
    parser_version: str | None = None,
    retrieved: Mapping[str, str] | When | None = None,
    mask: bool = True,
    settled: Collection[str] = (),
) -> WriteResult:
    """Add reports and failures to the dataset in ``folder``, which is made if need be.

    A report that is there with the same ``report_id`` and parser version (default: this
    library's) is left alone, but a place where the dataset does not know it yet is added to it
    (``other_sources``); a newer parser version replaces it. Copies with the same figures and
    older versions are kept and marked. ``retrieved``: when a source was fetched (ISO 8601), by
    ``sha256`` or as a function; it tells which version is newer. ``mask``: identity cards,
    mobile telephones, bank cards and e-mail addresses in texts are masked. ``settled``: SHA-256 of
    documents whose older failures count no more, looked at after the last of ``results``.

    A reader sees the old or the new dataset whole, whatever happens. Raises ``DatasetError`` when
    another process writes, when the folder holds something else, for one id with different
    content, and for a full disk; the dataset is then as it was (but where it says that the disk
    did not confirm the new one).
    """
    when = _when(retrieved)
    if not isinstance(results, Iterable):
        raise UsageError(
            f"results are many, not one {type(results).__name__}", hint="give a list of reports"
        )

    def fill(intake: Intake) -> None:
        from_results(intake, foreign(results), when, mask=mask, batch=BATCH)

    return write_filled(fill, folder, parser_version, settled=settled)


def write_filled(
    fill: Callable[[Intake], None],
    folder: str | os.PathLike[str],
    parser_version: str | None = None,
    *,
    alone: bool = False,
    after: Callable[[], None] | None = None,
    settled: Collection[str] = (),
) -> WriteResult:
    """What ``write_dataset`` does with whatever ``fill`` puts into the intake.

    ``fill`` is called with the folder locked, ``after`` too, once all is committed. ``alone``: a
    dataset that is there already is refused (``DatasetError``).
    """
    root = named_path(folder, "the dataset")
    if parser_version is not None and not isinstance(parser_version, str):
        raise UsageError(
            f"parser_version is a text, not {type(parser_version).__name__}", hint='such as "1.0"'
        )
    if isinstance(settled, (str, bytes)) or not isinstance(settled, Collection):
        raise UsageError(
            f"settled are digests of documents, not {type(settled).__name__}",
            hint="give a set of SHA-256 in hex",
        )
    version = parser_version or _own_version()
    try:
        with disk.system_errors(root, "write to"):
            prepare(root)
            with disk.locked(root):
                if alone and exists(root):
                    raise not_empty(root)
                old = _old_manifest(root, version)
                clean(root, old)
                temp = root / f"{TEMP}{os.getpid()}-{secrets.token_hex(4)}"
                disk.make_folder(temp)
                try:
                    result = _Write(root, temp, old, version, settled).run(fill)
                finally:
                    disk.remove(temp)
                if after is not None:
                    after()
                return result
    except _ForeignError as error:
        raise error.error from None


class _ForeignError(Exception):
    """Carries an error of the caller's iterator past the handling of our own."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def foreign(results: Iterable[T]) -> Iterator[T]:
    """The results; errors of the system while they are made are the caller's, not ours."""
    it = iter(results)
    while True:
        try:
            item = next(it)
        except StopIteration:
            return
        except (OSError, pa.ArrowException) as error:
            raise _ForeignError(error) from error
        yield item


def _old_manifest(root: Path, version: str) -> Manifest:
    if not exists(root):
        return Manifest(version, _created_by())
    manifest = read_manifest(root)
    check_columns(root, manifest)
    return manifest


def _unconfirmed(root: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"{str(root)!r} holds the new dataset, but the disk did not confirm it: {error.strerror}",
        hint="look after the disk and run it again; what is there is not written twice",
        context={"folder": str(root), "errno": error.errno},
    )


def _own_version() -> str:
    from govreport_parse import __version__

    return __version__


def _newest(own: str, there: str) -> str:
    return there if newer(there, own) else own


def _created_by() -> str:
    return f"govreport_parse {_own_version()}"


def _when(retrieved: Mapping[str, str] | When | None) -> When:
    if retrieved is None:
        return lambda _: None
    if callable(retrieved):
        return retrieved
    if not isinstance(retrieved, Mapping):
        raise UsageError(
            f"retrieved is a mapping or a function, not {type(retrieved).__name__}",
            hint="SHA-256 of a source to the time it was fetched, in ISO 8601",
        )
    known = retrieved
    return lambda item: known.get(item.source.sha256)


# -- one write -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Write:
    root: Path
    temp: Path
    old: Manifest
    version: str
    settled: Collection[str] = ()
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Mapping[str, Any]] = field(default_factory=list)
    masked: bool | None = True

    def run(self, fill: Callable[[Intake], None]) -> WriteResult:
        before = old_index(self.root, self.old.of("reports"))
        store = Store(self.temp)
        intake = Intake(store, Known(before, self.version), self.version, self.counts)
        fill(intake)
        store.close()
        self.failures = intake.failures
        self.masked = intake.masked
        if self.old.rows("reports"):
            self.masked = both_masked(self.old.masked, intake.masked)
        fresh = [store.reports(k).select(INDEX) for k in range(len(store))]
        index = new_index(before, fresh, self.version, self.temp)
        replaced = pc.is_in(index.table["report_id"], before["report_id"].combine_chunks())
        self.counts["replaced"] = int((np.asarray(replaced) & (index.source != OLD)).sum())
        self.counts["further"] = repeats(before, fresh, self.version)
        marks = mark(index.table)
        parts = self._write_reports(index, marks, store)
        parts += self._write_failures(index)
        return self._commit(parts, index, marks)

    # -- parts ------------------------------------------------------------------------------------

    def _write_reports(self, index: Index, marks: dict[str, pa.Array], store: Store) -> list[Part]:
        marks["other_sources"] = index.table["other_sources"].combine_chunks()
        same = same_marks(index, marks)
        with ThreadPoolExecutor(WORKERS) as pool:
            made = pool.map(
                lambda job: self._write_job(job, index, marks, same, store),
                jobs(index.table, PART),
            )
            return [part for parts in made for part in parts]

    def _write_job(
        self, job: Job, index: Index, marks: dict[str, pa.Array], same: Any, store: Store
    ) -> list[Part]:
        """The parts of one year and bucket: kept, or written anew."""
        old = [p for p in self.old.parts if p.year == job.year and p.table != "failures"]
        mine = {p.table: p for p in old if (p.bits, p.bucket) == (job.bits, job.bucket)}
        untouched = (
            "reports" in mine
            and bool((index.source[job.start : job.stop] == OLD).all())
            and mine["reports"].rows == job.stop - job.start
        )
        if untouched and bool(same[job.start : job.stop].all()):
            return list(mine.values())
        children = () if untouched else CHILDREN
        pieces, picks = pick(self.root, job, index, store, old, children)
        reports = reports_of(pieces, picks)
        for name in MARKS:
            place = reports.schema.get_field_index(name)
            values = marks[name].slice(job.start, job.stop - job.start)
            reports = reports.set_column(place, name, values)
        out = [p for t, p in mine.items() if untouched and t != "reports"]
        for table in ("reports", *children):
            rows = assemble(table, reports, pieces, picks)
            if rows.num_rows:
                place_ = (job.year, job.bits, job.bucket)
                out.append(write_part(self.temp, table, rows, place_))
        return out

    def _write_failures(self, index: Index) -> list[Part]:
        old = [
            pq.read_table(self.root / p.path).append_column(
                "year", pa.array([p.year] * p.rows, pa.int64())
            )
            for p in self.old.of("failures")
        ]
        rows = merge_failures(old, self.failures, index.table, self.settled)
        self.counts["failures"] = rows.num_rows
        out = []
        for year in sorted(set(rows["year"].to_pylist()), key=year_key):
            mine = pc.is_null(rows["year"]) if year is None else pc.equal(rows["year"], year)
            chosen = rows.filter(mine).select(stored_names("failures"))
            out.append(write_part(self.temp, "failures", chosen, (year, 0, 0)))
        return out

    # -- commit -----------------------------------------------------------------------------------

    def _commit(self, parts: list[Part], index: Index, marks: dict[str, pa.Array]) -> WriteResult:
        parts.sort(key=lambda p: (TABLES.index(p.table), year_key(p.year), p.bucket))
        before = {p.path for p in self.old.parts}
        new = [p for p in parts if p.path not in before]
        reports = index.table.num_rows
        duplicates = reports - marks["duplicate_of"].null_count
        superseded = reports - marks["superseded_by"].null_count
        # an older parser that adds a report does not make the rest of the dataset older
        manifest = Manifest(
            _newest(self.version, self.old.parser_version),
            _newest(_created_by(), self.old.created_by),
            tuple(parts),
            {
                "reports": reports,
                "duplicates": duplicates,
                "superseded": superseded,
                "failures": self.counts["failures"],
            },
            {table: schema_hash(table) for table in TABLES},
            self.masked,
        )
        if not exists(self.root) or manifest.to_bytes() != self.old.to_bytes():
            self._publish(new, manifest)
        for path in sorted(before - {p.path for p in parts}):
            disk.remove(self.root / path)
        return WriteResult(
            self.root,
            added=int((index.source != OLD).sum()) - self.counts["replaced"],
            replaced=self.counts["replaced"],
            skipped=self.counts["skipped"],
            further=self.counts["further"],
            failures=self.counts["failures"],
            duplicates=duplicates,
            superseded=superseded,
            reports=reports,
            parts_written=len(new),
            parts_kept=len(parts) - len(new),
        )

    def _publish(self, new: Sequence[Part], manifest: Manifest) -> None:
        """New parts into their places, all of it on the disk, then the manifest."""
        folders = {self.root}
        for part in new:
            target = self.root / part.path
            disk.make_folder(target.parent.parent)
            disk.make_folder(target.parent)
            disk.rename(self.temp / waiting_name(part), target)
            folders |= {target.parent, target.parent.parent}
        for folder in sorted(folders, reverse=True):
            disk.sync_folder(folder)
        waiting = self.temp / NAME
        disk.write_new(waiting, manifest.to_bytes())
        disk.rename(waiting, self.root / NAME)
        try:
            disk.sync_folder(self.root)
        except OSError as error:
            raise _unconfirmed(self.root, error) from error
