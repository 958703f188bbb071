"""Many documents into one dataset on any executor: batches out, staged parts in, one commit.

The process that calls ``process_many`` reads no document: it deals names, takes in the parts that
the workers staged, and commits them together. Lost workers cost time, never documents.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from govreport_parse.cluster.attempts import FOLDER as ATTEMPTS
from govreport_parse.cluster.batch import Combine, Known, Reader, own_extras, own_version
from govreport_parse.cluster.engines import Engine, Make, is_broken, is_lost
from govreport_parse.cluster.expanding import Expand
from govreport_parse.cluster.inputs import name_of, read_input
from govreport_parse.cluster.notes import InOrder
from govreport_parse.cluster.shards import Shard
from govreport_parse.dataset import WriteResult, disk
from govreport_parse.dataset.staged import staging_of, write_staged
from govreport_parse.errors import GovReportError, UsageError

Write = Callable[..., WriteResult]
BATCH = 200
"""Documents a batch."""
PATIENCE = 3600.0
"""Seconds in which one batch at least must end."""
LOSSES = 30
"""So often may a batch be lost with its worker."""
ERRORS = 3
"""So often may a batch end in an error that is not ours."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``total``: documents, where it is known."""

    documents: int
    total: int | None
    reports: int
    failures: int
    resubmitted: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. ``written``: the dataset's side of it."""

    written: WriteResult
    documents: int
    batches: int
    resubmitted: int
    """Batches that were handed out again because their worker was lost."""
    quarantined: int
    """Documents at which workers died, given up."""
    known: int = 0
    """Documents that were in the dataset already and were not parsed."""
    dropped: int = 0
    """Documents of which ``combine`` wrote nothing."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """Reports of this run by the findings that were to be counted."""
    lost: tuple[str, ...] = ()
    """Names of inputs that are left out whole: workers died while they read them."""

    def __str__(self) -> str:
        lost = f"; {self.resubmitted:,} batches were lost with their workers and done again"
        return f"{self.written}" + (lost if self.resubmitted else "")


def process_many(
    inputs: Iterable[Any],
    out: str | os.PathLike[str],
    *,
    executor: Executor | Make | None = None,
    jobs: int | None = None,
    batch: int = BATCH,
    shard: str | Shard | None = None,
    reader: Reader = read_input,
    combine: Combine | None = None,
    expand: Expand | None = None,
    account: Callable[[Any], None] | None = None,
    counted: Iterable[str] = (),
    noted: Callable[[Any], None] | None = None,
    known: Known | None = None,
    write: Write = write_staged,
    parser_version: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    isolated: bool | None = None,
    mask: bool = True,
    mapping: Any = None,
    extras: Iterable[str] | None = None,
    patience: float | None = PATIENCE,
    **options: Any,
) -> RunResult:
    """Parse documents on many processes or machines into the dataset in ``out``.

    ``inputs``: paths, addresses of a store that fsspec knows, ``Input`` or ``Source`` objects, in
    any number; or whatever ``reader``, an importable function, turns into a ``Source`` or several.
    ``combine``, another, makes of an input and the results of its sources what is written: results,
    or pairs of a result and when it was fetched (ISO 8601); a ``Note`` among them is not written,
    but told to ``noted``, in the order of the inputs. ``expand``, a third, makes of an input
    that holds many documents lists of inputs, one after the other, each worked on and staged by
    itself (bounded memory); ``account`` gets what it returns at its end, of each input once.
    ``counted``: codes of findings whose reports are counted. ``known``, importable too, tells of
    sources (without their bytes) which of them the dataset has, and ``write`` commits the parts;
    default: documents are known by bytes and place. ``parser_version`` as in ``write_dataset``.
    ``executor``: any ``concurrent.futures.Executor``, or a function that makes one (called again
    when it breaks); default: processes on this machine. ``jobs``: how many batches are worked on
    at once, for executors that don't tell (Parsl); twice as many are handed out, so memory stays
    bounded. ``batch``: documents a task.
    ``shard``: ``"2/8"`` does the second of eight shares, by the names, in a folder of its own
    below ``out`` (``merge_datasets`` joins them). ``extras``: those that every worker must have;
    default: what this process has. ``patience``: seconds in which no batch ends before the run is
    given up (``None``: never). ``options`` are those of ``parse``; ``isolated``, ``mapping``
    as in ``parse_many``; ``mask`` as in ``write_dataset``.

    The dataset is the one that ``write_dataset`` makes of the same documents in one process. A
    batch whose worker is lost is handed out again; a document at which three workers died ends as
    a failure. A run that was stopped leaves its parts, and the same call goes on from them.
    Documents whose report is in the dataset are read, but not parsed again.

    Raises ``UsageError`` for wrong arguments, ``DatasetError`` as ``write_dataset`` does, and
    ``GovReportError`` for a worker with another version or without an extra, and when the
    executor can't go on.
    """
    _check(batch, jobs, options)
    total = len(inputs) if isinstance(inputs, Sized) and shard is None else None
    folder = Path(out)
    if shard is not None:
        share = Shard.of(shard)
        folder, inputs = share.folder(out), share.mine(inputs)
    task = {
        "version": own_version(),
        "extras": sorted(own_extras() if extras is None else extras),
        "staging": str(staging_of(folder).absolute()),
        "reader": reader,
        "combine": combine,
        "expand": expand,
        "counted": tuple(counted),
        "known": known,
        "parser_version": parser_version,
        "options": options,
        "mapping": mapping,
        "mask": mask,
        "isolated": isolated,
    }
    notes = InOrder(Path(task["staging"]), noted)
    run = _Run(task, iter(inputs), batch, progress, total, patience, account, notes)
    with closing(run.parts(executor, jobs)) as parts:
        written = write(parts, folder, parser_version=parser_version)
    seen = (run.documents, run.batches, run.resubmitted, run.quarantined, run.known, run.dropped)
    return RunResult(written, *seen, dict(run.counted), tuple(sorted(run.lost)))


def _check(batch: Any, jobs: Any, options: dict[str, Any]) -> None:
    from govreport_parse.parsing import AUTO
    from govreport_parse.reading import ENGINES

    for name, value in (("batch", batch), ("jobs", 1 if jobs is None else jobs)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UsageError(
                f"{name} is a whole number from 1, not {value!r}",
                hint="leave it out for the default",
            )
    unknown = sorted(set(options) - {"organ", "year", "division_code", "solve", "engine"})
    if unknown:
        raise UsageError(
            f"process_many has no option {unknown[0]!r}",
            hint="an address belongs to one document: give Input(name, url=...)"
            if unknown[0] == "url"
            else "its options are those of parse()",
        )
    if options.get("engine", AUTO) not in (*ENGINES, "both", AUTO):
        raise UsageError(
            f"no PDF engine {options['engine']!r}",
            hint=f"one of {', '.join((*ENGINES, 'both', AUTO))}",
        )


@dataclass(eq=False, slots=True)
class _Handed:
    """A batch that was handed out."""

    number: int
    task: dict[str, Any]
    generation: int = 0
    losses: int = 0
    errors: int = 0


@dataclass(slots=True)
class _Run:
    task: dict[str, Any]
    inputs: Iterator[Any]
    size: int
    progress: Callable[[Progress], None] | None
    total: int | None
    patience: float | None = None
    account: Callable[[Any], None] | None = None
    notes: InOrder | None = None
    dealt: int = 0
    documents: int = 0
    batches: int = 0
    resubmitted: int = 0
    quarantined: int = 0
    known: int = 0
    reports: int = 0
    failures: int = 0
    dropped: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    again: deque[_Handed] = field(default_factory=deque)
    waiting: dict[Future[dict[str, Any]], _Handed] = field(default_factory=dict)

    def parts(
        self, executor: Executor | Make | None, jobs: int | None
    ) -> Generator[str, None, None]:
        """The names of the staged parts as they are done. Runs with the dataset locked."""
        self._prepare()
        engine = Engine(executor, jobs)
        try:
            while self._hand_out(engine) or self.waiting:
                done, _ = wait(self.waiting, self.patience, FIRST_COMPLETED)
                if not done:
                    raise self._stuck()
                for future in done:
                    handed = self.waiting.pop(future, None)
                    if handed is not None:
                        yield from self._take(engine, future, handed)
        finally:
            for future in self.waiting:
                future.cancel()
            engine.close()

    def _stuck(self) -> GovReportError:
        return GovReportError(
            f"no batch has ended for {self.patience:g} s; {len(self.waiting)} are under way",
            hint="see whether the workers are alive; the same command goes on from the parts that "
            "are done. Batches that need longer: a larger patience, or a smaller batch",
            context={"reason": "no_progress", "under_way": len(self.waiting)},
        )

    def _prepare(self) -> None:
        """The staging folder; suspicions of an earlier run, which may have been stopped, go."""
        attempts = Path(self.task["staging"]) / ATTEMPTS
        if attempts.exists():
            disk.remove(attempts)
        disk.make_folder(attempts)

    def _hand_out(self, engine: Engine) -> bool:
        """Keep two batches a worker under way; whether any was handed out."""
        before = len(self.waiting)
        while len(self.waiting) < 2 * engine.jobs + 1:
            handed = self.again.popleft() if self.again else self._next()
            if handed is None:
                break
            handed.generation = engine.generation
            future = engine.submit(handed.task)
            handed.generation = engine.generation
            self.waiting[future] = handed
        return len(self.waiting) > before

    def _next(self) -> _Handed | None:
        some = [_plain(item) for item in islice(self.inputs, self.size)]
        if not some:
            return None
        names = "\n".join(map(name_of, some)).encode("utf-8", "surrogatepass")
        mark = hashlib.sha256(names).hexdigest()[:24]
        self.dealt += 1
        return _Handed(self.dealt - 1, {**self.task, "inputs": some, "batch": mark})

    def _take(
        self, engine: Engine, future: Future[dict[str, Any]], handed: _Handed
    ) -> Iterator[str]:
        """The part of a finished batch; a lost one is put back."""
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            told = future.result()
            if self.notes is not None:
                self.notes.add(handed.number, told["parts"])
            yield from self._done(told)
            return
        if isinstance(error, GovReportError):
            raise error
        self._lost(handed, error)
        if is_broken(error) and handed.generation == engine.generation:
            for other in list(self.waiting.values()):
                self._lost(other, error)
            self.waiting.clear()
            engine.renew(error)

    def _lost(self, handed: _Handed, error: BaseException) -> None:
        if is_lost(error):
            handed.losses += 1
        else:
            handed.errors += 1
        if handed.losses > LOSSES or handed.errors >= ERRORS:
            raise _given_up(handed, error)
        self.resubmitted += 1
        self.again.append(handed)

    def _done(self, told: dict[str, Any]) -> list[str]:
        self.batches += 1
        self.documents += told["documents"]
        self.quarantined += told["quarantined"]
        self.known += told["known"]
        self.reports += told["reports"]
        self.failures += told["failures"]
        self.dropped += told["dropped"]
        self.counted.update({code: told.get(code, 0) for code in self.task["counted"]})
        self.lost += told.get("lost", ())
        for account in told.get("accounts", ()):
            if self.account is not None:
                self.account(account)
        if self.progress is not None:
            counts = (self.reports, self.failures, self.resubmitted)
            self.progress(Progress(self.documents, self.total, *counts))
        return list(told["parts"])


def _plain(item: Any) -> Any:
    """Paths as texts: any worker can make them a path of its own."""
    return os.fspath(item) if isinstance(item, Path) else item


def _given_up(handed: _Handed, error: BaseException) -> GovReportError:
    what = f"{type(error).__name__}: {(str(error) or 'no message').splitlines()[0][:300]}"
    first = name_of(handed.task["inputs"][0])[:200]
    return GovReportError(
        f"a batch failed {handed.losses + handed.errors} times, last with {what}",
        hint="look at the workers' logs; the same command goes on from the parts that are done",
        context={"reason": "batch_lost", "first_input": first, "error": what},
    )
