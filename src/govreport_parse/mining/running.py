"""Collections of documents in, reports into a dataset: web archives and text corpora as sources.

Blocks of raw documents pass the pre-filter; what may be a report is parsed like any document and
staged in batches, which are committed to the dataset together; a run that is killed leaves them to
the next one. A collection is foreign and damaged as a rule: what could not be used is counted and
told, and never stops a run.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import NotAReportError, UsageError
from govreport_parse.mining import corpus, warc
from govreport_parse.mining.blocks import Block, Found, Problem, Tally
from govreport_parse.mining.files import PACKED, SPLITS, Options, blocks_of, collections
from govreport_parse.mining.mirrors import mark_mirror
from govreport_parse.mining.prefilter import is_candidate, may_hold_report, scan
from govreport_parse.mining.refusals import Refusals, Refused, refused
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source, named_path
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from govreport_parse.dataset.places import Places

BATCH = 1000
"""Reports that are staged together."""
PATIENCE = 600.0
"""Seconds after which fewer are: a run of hours that is killed shall lose minutes."""
WAITING = 10_000
"""Repeated pages that wait to be told in their place."""
TELL = 256 << 20
"""Bytes looked at between two lines of progress of one file."""
TELL_SECONDS = 30.0
"""Seconds after which there is a line all the same: parsing takes time, too."""

Kept = tuple[Report | Failure, str | None]
"""What is written, with the time of its capture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MineResult:
    """What a run found. Counts are documents unless the name says otherwise."""

    files: int
    documents: int
    bytes: int
    """Bytes that the pre-filter looked at."""
    seconds: float
    """Processor seconds of the pre-filter."""
    candidates: int
    known: int
    """Candidates that the dataset held already, at their places."""
    reports: int
    """Reports parsed in this run."""
    mirrors: int
    """Of these, reports on mirror hosts."""
    no_report: int
    """Candidates that are no report."""
    failures: int
    """Candidates that could not be read; they are in the dataset's table ``failures``."""
    damaged: int
    """Torn records and broken rows."""
    unreadable: int
    """Files that could not be used at all."""
    skipped: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    """The first of them, word for word."""
    told: int = 0
    """How many problems there were."""
    dataset: str = ""
    """The dataset after the run, in one line."""
    refused: tuple[Problem, ...] = ()
    """The first of the candidates that are no report: where they stand and why."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why candidates are no report, with their numbers."""
    repeated: int = 0
    """Of ``reports``, those with the bytes of another: further places of one in the dataset."""

    @property
    def speed(self) -> float:
        """MB/s of the pre-filter on one core; 0 when nothing was looked at."""
        return self.bytes / self.seconds / 1e6 if self.seconds else 0.0

    def __str__(self) -> str:
        same = f"{self.repeated:,} of the same bytes as another, " if self.repeated else ""
        return (
            f"{self.files:,} files, {self.documents:,} documents: {self.candidates:,} candidates, "
            f"{self.reports:,} reports ({same}{self.mirrors:,} on mirror hosts), "
            f"{self.known:,} there already, {self.no_report:,} no report, "
            f"{self.failures:,} failed; {self.damaged:,} damaged, {self.unreadable:,} files unread"
        )


def mine(
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    column: str | None = None,
    url_column: str | None = None,
    packed: warc.Packed = "gov",
    split: corpus.Split = "file",
    jobs: int | None = None,
    isolated: bool | None = None,
    batch: int = BATCH,
    mask: bool = True,
    progress: Callable[[str], None] | None = None,
    refused: Callable[[Refused], None] | None = None,
    **options: Any,
) -> MineResult:
    """Find the reports in web archives and text corpora and add them to the dataset in ``folder``.

    ``paths``: files or folders of WARC, WET, WACZ, Parquet, JSON lines, CSV or text, packed or not.
    ``column``, ``url_column``: of text and address, where their names do not tell. ``packed``:
    which PDF and Word documents of web archives are parsed (``gov``: those of government hosts or
    with an address that speaks of reports). ``split``: how text files are cut (``file``, ``line``,
    ``blank``). ``jobs``, ``isolated`` and ``options`` are those of ``parse_many``, ``mask`` that of
    ``write_dataset``; ``progress`` gets a line for each file, and more of long ones; ``refused`` is
    told of each candidate that is no report, and why.

    What the dataset holds already is not parsed again, unless it stands in another place: then the
    place is named beside the report. The run is one commit; one that is killed loses at most its
    last batch, if the next run goes into the same folder with the same options. A report on a
    mirror host gets the finding ``mirror_host``. Raises ``UsageError`` for wrong arguments and
    ``DatasetError`` of the dataset; a collection that can't be used is a ``Problem`` of the result.
    """
    wanted = checked_options(column, url_column, packed, split)
    if batch < 1:
        raise UsageError(
            f"batch must be at least 1, not {batch}", hint="documents that are handed over together"
        )
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    if not isinstance(paths, Iterable):
        raise UsageError(
            f"paths are files or folders, not {type(paths).__name__}", hint="give a list of paths"
        )
    files = list(collections(paths))
    options |= {"jobs": jobs, "isolated": isolated}
    run = _Run(named_path(folder, "the dataset"), progress or _silent, refused)
    return run.run(run.of_files(files, wanted), batch, mask, options)


def mine_found(
    found: Iterable[Found],
    folder: str | os.PathLike[str],
    *,
    jobs: int | None = None,
    isolated: bool | None = None,
    batch: int = BATCH,
    mask: bool = True,
    **options: Any,
) -> MineResult:
    """As ``mine``, for documents that were found otherwise; packed ones are not pre-filtered."""
    run = _Run(named_path(folder, "the dataset"), _silent)
    options |= {"jobs": jobs, "isolated": isolated}
    return run.run(run.of_documents(found), batch, mask, options)


def checked_options(column: Any, url_column: Any, packed: Any, split: Any) -> Options:
    """How collections are read. ``UsageError`` for what is no choice."""
    for name, value in (("column", column), ("url_column", url_column)):
        if value is not None and not isinstance(value, str):
            raise UsageError(
                f"{name} is the name of a column, not {type(value).__name__}", hint="give a str"
            )
    if packed not in PACKED:
        raise UsageError(f"no packed {packed!r}"[:200], hint=f"one of {', '.join(PACKED)}")
    if split not in SPLITS:
        raise UsageError(f"no split {split!r}"[:200], hint=f"one of {', '.join(SPLITS)}")
    return Options(column, url_column, packed, split)


def _silent(_: str) -> None:
    pass


def candidates_in(block: Block, tally: Tally) -> Iterator[Found]:
    """The documents of a block that may be reports."""
    start = time.process_time()
    places = scan(block.rows, utf8_only=block.utf8_only)
    tally.seconds += time.process_time() - start
    tally.bytes += block.rows.nbytes
    packed = set(block.packed)
    for at in sorted({*places, *packed}):
        found = block.take(at)
        if found is not None and (at in packed or is_candidate(found.source.data)):
            yield found


def marked(report: Report, found: Found) -> bool:
    """Give a report the findings of where it was found; whether that is a mirror host."""
    data = b"" if found.source.data.startswith(warc.MAGIC) else found.source.data
    is_on_mirror = mark_mirror(report, data.decode("utf-8", "ignore"))
    if found.truncated:
        report.findings += (_cut(found.truncated),)
    return is_on_mirror


# -- a run -----------------------------------------------------------------------------------------


class _Run:
    """One call of ``mine``."""

    def __init__(
        self,
        folder: Path,
        progress: Callable[[str], None],
        tell: Callable[[Refused], None] | None = None,
    ) -> None:
        self.folder = folder
        self.refusals = Refusals(tell)
        self.progress = progress
        self.tally = Tally()
        self.known = 0
        self.reports = self.mirrors = self.no_report = self.failures = 0
        self._there: tuple[Places, ...] = ()
        self._under_way: deque[Found] = deque()
        self._given = 0
        self._refused: dict[int, str] = {}
        """Why, by a hash of what is no report: pages that all sites repeat."""
        self._repeated: deque[tuple[int, Refused]] = deque()
        """These, with the number of documents that were given to the parser before them."""

    def run(
        self, candidates: Iterable[Found], batch: int, mask: bool, options: dict[str, Any]
    ) -> MineResult:
        from govreport_parse.dataset.staged import write_staged

        written = write_staged(self._parts(candidates, batch, mask, options), self.folder)
        return self._result(str(written), written.further)

    def _parts(
        self, candidates: Iterable[Found], batch: int, mask: bool, options: dict[str, Any]
    ) -> Iterator[str]:
        """The names of the staged parts; runs with the dataset locked."""
        from govreport_parse import __version__
        from govreport_parse.dataset.places import known_places
        from govreport_parse.dataset.staged import stage
        from govreport_parse.mining.places import parts_left, places_of_parts
        from govreport_parse.parsing import parse_many

        mark = _mark(mask, options)
        staging, left = parts_left(self.folder, mark)
        yield from left
        self._there = (known_places(self.folder, __version__), places_of_parts(staging, left))
        results = parse_many(self._fresh(candidates), **options)
        for some in self._batches(self._kept(results), batch):
            name = f"{mark}-{_digest(some)}"
            stage(staging, name, some, __version__, mask=mask)
            yield name

    def _batches(self, kept: Iterator[Kept | None], most: int) -> Iterator[list[Kept]]:
        """So many results, or fewer when they are long in coming."""
        some: list[Kept] = []
        opened = time.monotonic()
        for item in kept:
            if item is not None:
                some.append(item)
            if len(some) == most or (some and time.monotonic() - opened >= PATIENCE):
                yield some
                some, opened = [], time.monotonic()
        if some:
            yield some

    def _fresh(self, candidates: Iterable[Found]) -> Iterator[Source]:
        """The candidates that the dataset does not hold at their places."""
        for found in candidates:
            self.tally.candidates += 1
            source = found.source
            if any(there.has(source.sha256, source.name, source.url) for there in self._there):
                self.known += 1
                continue
            why = self._refused.get(_bits(source))
            if why is not None and len(self._repeated) < WAITING:
                self._repeated.append((self._given, Refused(source.name, source.url, why)))
                continue
            self._under_way.append(found)
            self._given += 1
            yield source

    def of_files(self, files: Iterable[tuple[Path, str]], options: Options) -> Iterator[Found]:
        """What may be a report in the files, one after the other."""
        for path, name in files:
            start = (self.tally.documents, self.tally.candidates)
            told, at = self.tally.bytes, time.monotonic()
            for block in blocks_of(path, self.tally, options, name=name):
                for found in candidates_in(block, self.tally):
                    yield found
                    if time.monotonic() - at >= TELL_SECONDS:
                        told, at = self.tally.bytes, time.monotonic()
                        self.progress(self._so_far(name, start) + " so far")
                if self.tally.bytes - told >= TELL or time.monotonic() - at >= TELL_SECONDS:
                    told, at = self.tally.bytes, time.monotonic()
                    self.progress(self._so_far(name, start) + " so far")
            self.progress(self._so_far(name, start))

    def _so_far(self, name: str, start: tuple[int, int]) -> str:
        documents = self.tally.documents - start[0]
        return f"{name}: {documents:,} documents, {self.tally.candidates - start[1]:,} candidates"

    def of_documents(self, documents: Iterable[Found]) -> Iterator[Found]:
        """What may be a report among documents that are at hand."""
        for found in documents:
            self.tally.documents += 1
            data = found.source.data
            if data.startswith(warc.MAGIC) or may_hold_report(data):
                yield found

    def _kept(self, results: Iterable[Report | Failure]) -> Iterator[Kept | None]:
        """What goes into the dataset; ``None`` for candidates that are no report and only count."""
        for number, result in enumerate(results):
            self._refuse_repeated(number)
            found = self._under_way.popleft()
            if not isinstance(result, Failure):
                for report in (result, *result.others):
                    self.reports += 1
                    self.mirrors += marked(report, found)
            elif isinstance(result.error, NotAReportError):
                one = refused(result.source, result.error.message)
                self._refused[_bits(found.source)] = one.why
                self._refuse(one)
                yield None
                continue
            else:
                self.failures += 1
            yield result, found.captured or None
        self._refuse_repeated(self._given)

    def _refuse_repeated(self, number: int) -> None:
        """Tell the repeated ones that stand before the document ``number``."""
        while self._repeated and self._repeated[0][0] <= number:
            self._refuse(self._repeated.popleft()[1])

    def _refuse(self, one: Refused) -> None:
        self.no_report += 1
        self.refusals.add(one)

    def _result(self, dataset: str, repeated: int) -> MineResult:
        t = self.tally
        return MineResult(
            files=t.files,
            documents=t.documents,
            bytes=t.bytes,
            seconds=t.seconds,
            candidates=t.candidates,
            known=self.known,
            reports=self.reports,
            mirrors=self.mirrors,
            no_report=self.no_report,
            failures=self.failures,
            damaged=t.damaged,
            unreadable=t.unreadable,
            skipped=dict(t.skipped),
            problems=tuple(t.problems),
            told=t.told,
            dataset=dataset,
            refused=self.refusals.first,
            reasons=self.refusals.reasons,
            repeated=repeated,
        )


def _mark(mask: bool, options: dict[str, Any]) -> str:
    """Begins the names of the parts of runs whose results are alike."""
    from govreport_parse import __version__

    free = ("jobs", "isolated", "executor")
    told = sorted((name, repr(value)) for name, value in options.items() if name not in free)
    digest = hashlib.sha256(json.dumps([__version__, mask, told]).encode()).hexdigest()
    return f"mine-{digest[:16]}"


def _digest(results: Iterable[Kept]) -> str:
    lines = [(r.source.name, r.source.sha256, r.source.url, when) for r, when in results]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()[:24]


def _bits(source: Source) -> int:
    """What tells documents that are read alike."""
    return hash((source.sha256, source.content_type))


def _cut(reason: str) -> Finding:
    return Finding(
        "capture_truncated",
        "warning",
        f"the archive says that its copy of the document ends early ({reason[:40]})",
        f"存档副本不完整（{reason[:40]}）",
    )
