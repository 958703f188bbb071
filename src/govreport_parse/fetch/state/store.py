"""The state of a harvest folder: small methods, each change on the disk when it returns."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.archive import (
    SEGMENT_BYTES,
    Archive,
    Original,
    Problem,
    SegmentEnd,
    Span,
)
from govreport_parse.fetch.archive.write import Clock, number_of
from govreport_parse.fetch.state import groups, kept, queue, recording, views
from govreport_parse.fetch.state.groups import Group, Missed
from govreport_parse.fetch.state.mend import lose, mend
from govreport_parse.fetch.state.rows import (
    Capture,
    Claim,
    Done,
    RefusedLine,
    SourceLine,
    SourceOutcome,
    Summary,
    Target,
)
from govreport_parse.fetch.state.schema import (
    FILE,
    connect_reader,
    database_errors,
    transaction,
)
from govreport_parse.fetch.urls import host_of

_Row = TypeVar("_Row")
LONGEST_WAIT = 24 * 3600.0
"""Seconds; a saved time further away was saved under a wrong clock."""


class State:
    """Made by ``open_state`` or ``open_state_readonly``; to be closed, or used with ``with``.

    May be used from several threads, but not by a forked child.
    """

    def __init__(
        self, folder: Path, clock: Clock, connection: sqlite3.Connection, lock: int | None
    ) -> None:
        self.folder = folder
        self.repairs: tuple[str, ...] = ()
        self.lost = 0
        """Documents that were found lost at the opening; ``repairs`` has the words."""
        self._clock = clock
        self._connection = connection
        self._lock_fd = lock
        self._path = folder / FILE
        self._guard = threading.RLock()
        self._pid = os.getpid()
        self._failed = False
        self._queue = queue.Queue(connection)
        if lock is not None:
            self._mend()
        self._ends = {number_of(e.name): e.length for e in views.segments(connection)}

    def _mend(self) -> None:
        with transaction(self._connection, self._path):
            told, self.lost = mend(self._connection, self.folder)
            self.repairs = tuple(told)
            latest = self._clock().timestamp() + LONGEST_WAIT
            self._connection.execute(
                "UPDATE frontier SET next_at = ? WHERE state = 'queued' AND next_at > ?",
                (latest, latest),
            )
            self._connection.execute(
                "UPDATE hosts SET ready_at = ? WHERE ready_at > ?", (latest, latest)
            )

    # -- addresses ---------------------------------------------------------------------------------

    def add_sources(self, rows: Sequence[SourceLine], refused: Sequence[RefusedLine] = ()) -> bool:
        """Store the rows of the sources and queue their addresses; False if nothing is new.

        The same rows again cost one pass over them. Rows that are gone from the sources are no
        longer listed by ``outcomes``; their addresses stay as they are.
        """
        digest = queue.sources_digest(rows, refused)
        with self._writing():
            known = self._note("sources")
            if known == digest:
                return False
            queue.add_sources(self._connection, rows, refused)
            if self._note("rebuilt"):
                queue.adopt_sources(self._connection)
            self._set_note("sources", digest)
            self._queue.forget_waits()
        return True

    def push(self, targets: Iterable[Target]) -> int:
        """Queue addresses that are not known yet; how many were new."""
        with self._writing():
            hosts = queue.push(self._connection, targets)
        with self._guard:
            self._queue.changed(hosts)
        return len(hosts)

    def claim(
        self, now: float, hosts_busy: Collection[str] = (), limit: int = 1, per_host: int = 1
    ) -> list[Claim]:
        """Addresses to be fetched now, of at most ``limit`` hosts; the longest ready host first.

        ``now``: seconds since 1970. ``per_host``: how many addresses of a host may be out. What is
        handed out is not handed out again until ``record`` or ``release``; a kill
        brings it back.
        """
        with self._using():
            return self._queue.claim(now, hosts_busy, limit, per_host)

    def release(self, url: str) -> None:
        """Give a claimed address back untried."""
        with self._using():
            self._queue.release(url)

    def requeue(self, urls: Iterable[str]) -> int:
        """Fetch known addresses again (a re-harvest); how many were done before.

        Their captures stay; ``previous`` finds them for a conditional request.
        """
        with self._writing():
            moved = 0
            for url in urls:
                moved += self._connection.execute(
                    "UPDATE frontier SET state = 'queued', attempts = 0, next_at = 0 "
                    "WHERE url = ? AND state = 'done'",
                    (url,),
                ).rowcount
            self._queue.forget_waits()
        return moved

    def next_at(self) -> float | None:
        """When the next address may be open (seconds since 1970); None when none is left.

        Addresses that are being fetched, and others of their hosts, are not counted.
        """
        with self._using():
            return self._queue.next_at()

    # -- what came ---------------------------------------------------------------------------------

    def record(
        self,
        batch: Sequence[Done],
        ends: Sequence[SegmentEnd],
        *,
        hosts: Iterable[Mapping[str, Any]] = (),
        robots: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """Captures, outcomes, found addresses, segment ends, host and robots rows: all or nothing.

        ``ends`` is the result of ``archive.sync()``, called after the last ``append`` of this
        batch. When this returns, the pages are done for good.
        """
        with self._using():
            recording.check_batch(batch, ends, self._ends)
        with self._failing_for_good(), self._writing():
            number = self._connection.execute("SELECT max(batch) FROM captures").fetchone()[0] or 0
            recording.save_ends(self._connection, ends)
            for done in batch:
                recording.save_done(self._connection, done, number + 1)
                queue.push(self._connection, done.found)
            kept.save_hosts(self._connection, hosts)
            kept.save_robots(self._connection, robots)
        with self._guard:
            self._ends.update((number_of(end.name), end.length) for end in ends)
            for done in batch:
                self._queue.release(done.answer.url)
                self._queue.changed(map(host_of, (done.answer.url, *(t.url for t in done.found))))

    def open_archive(
        self, *, info: Mapping[str, str] | None = None, segment_bytes: int = SEGMENT_BYTES
    ) -> Archive:
        """The archive of this folder, ready for appending; to be closed before the state is."""
        with self._using():
            (first,) = self._connection.execute(
                "SELECT 1 + max(coalesce((SELECT max(number) FROM segments), 0), "
                "coalesce((SELECT max(span_segment) FROM captures), 0))"
            ).fetchone()
        return Archive(
            self.folder, clock=self._clock, seen=self.original, segment_bytes=segment_bytes,
            info=info, first=first,
        )  # fmt: skip

    def mark_parsed(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """What became of pages in the parser: (address, ``parsed``/``partial``/..., detail)."""
        with self._writing():
            self._connection.executemany(
                "UPDATE frontier SET parsed = ?, parse_detail = ? WHERE url = ?",
                ((word, recording.clean(detail), url) for url, word, detail in rows),
            )

    def lose(self, problems: Iterable[Problem]) -> int:
        """Mark what ``verify_archive`` found damaged as lost; how many pages are queued again."""
        with self._writing():
            gone: list[int] = []
            for problem in problems:
                if problem.is_loss and problem.url:
                    gone += (
                        seq
                        for (seq,) in self._connection.execute(
                            "SELECT seq FROM captures WHERE span_segment = ? AND span_offset = ?",
                            (number_of(problem.segment), problem.offset),
                        )
                    )
            moved, _ = lose(self._connection, gone)
            self._queue.forget_waits()
        return moved

    # -- hosts, robots, runs -----------------------------------------------------------------------

    def save_hosts(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of ``Politeness.export_hosts`` (``host``, ``saved_at``, ``wait``, ``park`` ...)."""
        with self._writing():
            kept.save_hosts(self._connection, rows)

    def load_hosts(self) -> list[dict[str, Any]]:
        """The rows saved last."""
        with self._using():
            return kept.load_hosts(self._connection)

    def save_robots(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of ``Politeness.export_robots``: plain values with ``address`` and ``body``."""
        with self._writing():
            kept.save_robots(self._connection, rows)

    def load_robots(self) -> list[dict[str, Any]]:
        """The rows saved last."""
        with self._using():
            return kept.load_robots(self._connection)

    def start_run(self, manifest: Mapping[str, Any]) -> int:
        """Note that a run begins; its number."""
        with self._writing():
            return kept.start_run(self._connection, self._clock(), manifest)

    def end_run(self, number: int, manifest: Mapping[str, Any]) -> None:
        """Replace the run's manifest by the final one."""
        with self._writing():
            kept.end_run(self._connection, number, self._clock(), manifest)

    def runs(self) -> list[dict[str, Any]]:
        """All runs: ``id``, ``started_at``, ``ended_at`` (None: it was killed), ``manifest``."""
        with self._using():
            return kept.runs(self._connection)

    # -- looking -----------------------------------------------------------------------------------

    def outcomes(self) -> Iterator[SourceOutcome]:
        """Every row of the sources in its order, with how it stands."""
        return self._listed(views.outcomes)

    def captures(self, *, last_only: bool = True) -> Iterator[Capture]:
        """Everything archived that is not lost, in the order it came."""
        return self._listed(partial(views.captures, last_only=last_only))

    def unparsed(self, limit: int = 1000) -> list[Capture]:
        """Good answers that ``mark_parsed`` was not told of yet."""
        with self._using():
            return views.unparsed(self._connection, limit)

    def groups(self, after: int = 0, limit: int = 1000, *, everything: bool = False) -> list[Group]:
        """Reports with their attachments that are ready for the parser, behind number ``after``."""
        with self._using():
            return groups.groups(self._connection, after, limit, everything=everything)

    def source_year(self, source: int) -> int | None:
        """The year that a row of the sources asks for."""
        with self._using():
            row = self._connection.execute(
                "SELECT year FROM sources WHERE id = ?", (source,)
            ).fetchone()
        return None if row is None else row[0]

    def queued(self) -> int:
        """Addresses that are not done, those that wait included."""
        with self._using():
            (n,) = self._connection.execute("SELECT coalesce(sum(open), 0) FROM hosts").fetchone()
        return int(n)

    def missed(self) -> Iterator[Missed]:
        """Every address that ended without a document."""
        return self._listed(groups.missed)

    def previous(self, url: str) -> Capture | None:
        """The last good answer for an address, for a conditional request."""
        with self._using():
            return views.previous(self._connection, url)

    def original(self, sha256: str) -> Original | None:
        """The record that holds a payload; for ``Archive(seen=...)``."""
        with self._using():
            return views.original(self._connection, sha256)

    def spans(self) -> Iterator[Span]:
        """Every archived exchange, for ``verify_archive``."""
        return self._listed(views.spans)

    def segments(self) -> tuple[SegmentEnd, ...]:
        """How far each segment counts."""
        with self._using():
            return views.segments(self._connection)

    def summary(self) -> Summary:
        """Counts over everything."""
        with self._using():
            return views.summary(self._connection)

    # -- inside ------------------------------------------------------------------------------------

    def _note(self, name: str) -> str:
        row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def _set_note(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO notes(name, value) VALUES (?,?) "
            "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _listed(self, rows: Callable[[sqlite3.Connection], Iterator[_Row]]) -> Iterator[_Row]:
        """Rows of one moment, however long the caller takes and whatever is recorded meanwhile."""
        with database_errors(self.folder), closing(connect_reader(self._path)) as reader:
            yield from rows(reader)

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._guard, database_errors(self.folder):
            if self._pid != os.getpid():
                raise UsageError(
                    "a harvest's state can't be used by a forked process",
                    hint="open it in the process that uses it",
                )
            yield

    @contextmanager
    def _failing_for_good(self) -> Iterator[None]:
        """After a failed commit the archive holds pages that do not count, to be cut first."""
        try:
            yield
        except BaseException:  # a commit that ctrl-C broke off failed as well; raised again
            self._failed = True
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._lock_fd is None:
            raise UsageError("the state was opened for looking only", hint="use open_state")
        if self._failed:
            raise DatasetError(
                f"pages could not be saved in {str(self.folder)!r}; nothing more is",
                hint="run the same command again; it goes on from the last saved page",
                context={"folder": str(self.folder), "reason": "state_broken"},
            )
        with self._using(), transaction(self._connection, self._path):
            yield

    def close(self) -> None:
        """Close the file and let the next harvest in."""
        with self._guard:
            self._connection.close()
            if self._lock_fd is not None:
                os.close(self._lock_fd)
                self._lock_fd = None

    def __enter__(self) -> State:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
