"""``mine`` on many processes or machines: parts of collections dealt out as the cluster's inputs.

The batch function is that of ``build``; what is mined here is how a part becomes documents, and
what is written of a document. Workers need the collections under the same path, or in a store.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from govreport_parse.cluster import Note, Progress, RunResult, Shard, list_store, process_many
from govreport_parse.cluster.inputs import copy_from_store, name_in_store
from govreport_parse.errors import GovReportError, NotAReportError
from govreport_parse.mining import corpus, warc
from govreport_parse.mining.blocks import LISTED, Found, Tally
from govreport_parse.mining.files import NOTHING, Options, collections, kind_by_name
from govreport_parse.mining.mirrors import MIRROR
from govreport_parse.mining.parts import PART, Part, candidates_of, parts_of
from govreport_parse.mining.refusals import Refusals, Refused, refused
from govreport_parse.mining.running import MineResult, checked_options, marked
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source

AT_ONCE = 1
"""Parts of a task."""


def mine_scaled(
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    executor: Any = None,
    shard: str | Shard | None = None,
    column: str | None = None,
    url_column: str | None = None,
    packed: warc.Packed = "gov",
    split: corpus.Split = "file",
    part: int = PART,
    jobs: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    refused: Callable[[Refused], None] | None = None,
    tell: Callable[[str], None] | None = None,
    **options: Any,
) -> MineResult:
    """Find the reports in collections with ``cluster.process_many``: the dataset of ``mine``.

    ``paths`` may be addresses of stores that fsspec knows (``s3://bucket/crawl/*.warc.gz``; each
    file is copied to the worker while it is read). ``shard``: ``"2/8"`` takes the second of eight
    shares of the parts; give each share a ``folder`` of its own, and join them with
    ``merge_datasets``. ``part``: bytes at which web archives, JSON lines, text of a document a line
    and Parquet are cut; ``tell`` gets a line for each larger file that can't be. The rest as in
    ``mine`` and ``process_many``; ``refused`` is told in the order of the parts.
    Stopped, a run goes on from the parts that are done. Raises what these raise.
    """
    wanted = checked_options(column, url_column, packed, split)
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    found: Iterator[Part] = _parts(list(paths), wanted, part)
    if shard is not None:
        found = Shard.of(shard).mine(found)
    watch = _Watch(progress, Refusals(refused), tell)
    result = process_many(
        watch.planned(found),
        folder,
        executor=executor,
        jobs=jobs,
        batch=AT_ONCE,
        reader=read_found,
        combine=combine_found,
        expand=expand_part,
        account=watch.add,
        counted=(MIRROR,),
        noted=watch.note,
        progress=watch,
        **options,
    )
    return watch.result(result, is_all=shard is None)


def _parts(paths: list[str | os.PathLike[str]], options: Options, size: int) -> Iterator[Part]:
    stores = [p for p in paths if isinstance(p, str) and "://" in p]
    files = list(collections([p for p in paths if p not in stores]))
    listed = [a for p in stores for a in _in_store(p)]
    yield from parts_of(files, options, size)
    yield from (Part(address, name_in_store(address), options) for address in listed)


def _in_store(address: str) -> list[str]:
    """The collections that an address names; of a folder or pattern, those told by their names."""
    found = list_store(address)
    if found == [address]:
        return found
    return [a for a in found if kind_by_name(Path(name_in_store(a)))] or found


# -- in the workers --------------------------------------------------------------------------------


def expand_part(part: Part) -> Generator[list[Found], None, Tally]:
    """The candidates of a part."""
    try:
        with _at_hand(part.path) as path:
            return (yield from candidates_of(part, path))
    except GovReportError as error:
        if error.context.get("reason") == "worker_lacks":
            raise
        tally = Tally(files=1)
        tally.refuse(part.name, str(error))
        return tally


@contextmanager
def _at_hand(path: str) -> Iterator[Path]:
    """The file itself; of a store, a copy of it for as long as it is read."""
    if "://" not in path:
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="govreport-") as folder:
        copy = Path(folder) / name_in_store(path)
        copy_from_store(path, copy)
        yield copy


def read_found(found: Found) -> Source:
    """The document of a candidate."""
    return found.source


def combine_found(
    found: Found, results: list[Report | Failure]
) -> list[tuple[Report | Failure, str | None] | Note]:
    """What is written of a candidate, with the time of its capture; why it is no report."""
    written: list[tuple[Report | Failure, str | None] | Note] = []
    for result in results:
        if isinstance(result, Failure):
            if isinstance(result.error, NotAReportError):
                written.append(Note(asdict(refused(result.source, result.error.message))))
                continue
        else:
            for report in (result, *result.others):
                marked(report, found)
        written.append((result, found.captured or None))
    return written


# -- the counts ------------------------------------------------------------------------------------


class _Watch:
    """Gathers what the workers tell."""

    def __init__(
        self,
        progress: Callable[[Progress], None] | None,
        refusals: Refusals,
        tell: Callable[[str], None] | None,
    ) -> None:
        self.tally = Tally()
        self.refusals = refusals
        self.sections: Counter[str] = Counter()
        self._tell = tell
        self.last = Progress(0, None, 0, 0, 0)
        self._progress = progress

    def __call__(self, progress: Progress) -> None:
        self.last = progress
        if self._progress is not None:
            self._progress(progress)

    def planned(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts, as they are dealt out."""
        for part in parts:
            if part.whole and self._tell is not None:
                size = Path(part.path).stat().st_size >> 20
                self._tell(f"{part.name}: one task of {size:,} MB, since {part.whole}")
            self.sections[part.name] += 1
            yield part

    def note(self, note: dict[str, Any]) -> None:
        """A candidate that is no report."""
        self.refusals.add(Refused(**note))

    def add(self, tally: Tally) -> None:
        """The counts of a part."""
        for field in fields(Tally):
            mine, other = getattr(self.tally, field.name), getattr(tally, field.name)
            if isinstance(mine, Counter):
                mine.update(other)
            else:
                setattr(self.tally, field.name, mine + other)

    def result(self, run: RunResult, *, is_all: bool) -> MineResult:
        """As ``mine`` tells it. ``is_all``: no section is another's."""
        t = self.tally
        for name, number in t.barren.items() if is_all else ():
            if number == self.sections[name]:
                t.refuse(name, NOTHING)
        for name in run.lost:
            t.refuse(name, "workers died while they read it; it is left out")
        if run.quarantined:
            t.note(
                "documents",
                "",
                f"{run.quarantined:,} are left out: three workers died at each; their names are in "
                "the dataset's table failures",
            )
        problems = sorted(t.problems, key=lambda p: (p.file, p.where, p.what))
        return MineResult(
            files=t.files,
            documents=t.documents,
            bytes=t.bytes,
            seconds=t.seconds,
            candidates=t.candidates,
            known=run.known,
            reports=self.last.reports,
            mirrors=run.counted.get(MIRROR, 0),
            no_report=run.dropped,
            failures=self.last.failures,
            damaged=t.damaged,
            unreadable=t.unreadable,
            skipped=dict(t.skipped),
            problems=tuple(problems[:LISTED]),
            told=t.told,
            dataset=str(run.written),
            refused=self.refusals.first,
            reasons=self.refusals.reasons,
            repeated=run.written.further,
        )
