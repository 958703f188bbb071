"""Fetches what the state has queued, politely, and commits every answer to archive and state.

At most one address per host is under way; the gate decides when it is asked for. Answers go to
one committer, which appends them to the archive, makes them durable and then commits the state, so
that an address is done only when its bytes are. Parsing happens elsewhere and is never waited for.
"""

from __future__ import annotations

import asyncio
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from govreport_parse.fetch.archive import Archive, Original
from govreport_parse.fetch.blocked import SameBodies, classify
from govreport_parse.fetch.client import Client
from govreport_parse.fetch.politeness import Politeness
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.state import Claim, Done, State, Target, store_answer
from govreport_parse.fetch.urls import host_of, registered_domain
from govreport_parse.harvesting.signature import shows_report

BATCH = 64
"""Answers committed together at most."""
ROBOTS = "robots"
"""The kind of a robots.txt, which the gate asks for; it stands in no queue."""
LINGER = 0.05
"""Seconds the committer waits for more answers before it commits."""


class Expand(Protocol):
    """What a page leads to. Called in the committer's thread."""

    def __call__(self, claim: Claim, answer: Answer) -> tuple[Target, ...]:
        """The addresses to be known from now on."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Times in seconds."""

    tasks: int = 512
    """Hosts worked on at once; connections are bounded by the gate."""
    attempts: int = 3
    retry_wait: float = 60.0
    """Before the second attempt; doubled before the third, with full jitter above half of it."""
    longest_wait: float = 3600.0
    """Addresses that may not be asked for within this time are left for the next run."""
    drain: float = 30.0
    """How long answers under way may take to end once the run is to stop."""


@dataclass(slots=True)
class Progress:
    """Counts for the display; written by the crawl, read by anyone."""

    started: float = field(default_factory=time.monotonic)
    answers: int = 0
    ok: int = 0
    failed: int = 0
    active: int = 0
    waiting: int = 0
    bytes: int = 0
    committed: int = 0
    ended: str = ""
    """Why the crawl ended: ``done``, ``stopped``, ``waiting``."""


class Crawl:
    """One run over the queue of a state. ``run`` returns when nothing is left to ask for now."""

    def __init__(
        self,
        state: State,
        archive: Archive,
        client: Client,
        gate: Politeness,
        expand: Expand,
        options: CrawlOptions | None = None,
        *,
        committed: Callable[[int], None] = lambda _: None,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.progress = Progress()
        self._state, self._archive, self._client, self._gate = state, archive, client, gate
        self._expand = expand
        self._options = options or CrawlOptions()
        self._committed, self._now, self._chance, self._sleep = committed, now, chance, sleep
        self._seen = SameBodies()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._answers: asyncio.Queue[tuple[Claim, Answer]] = asyncio.Queue(maxsize=4 * BATCH)
        self._wake = asyncio.Event()
        self._stopping = False
        self._pending = 0
        """Answers that are not committed yet."""
        self._writer = ThreadPoolExecutor(1, "govreport-writer")

    async def ask_robots(self, url: str) -> Answer:
        """A robots.txt for the gate, archived like any answer."""
        answer = await self._client.get(url, gate=self._gate)
        host = host_of(url)
        claim = Claim(url, host, registered_domain(host), ROBOTS, None, 0, "", 0, 0)
        self._pending += 1
        await self._answers.put((claim, answer))
        return answer

    def stop(self) -> None:
        """Ask for no more addresses; what is under way may end. Call it in the event loop."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> Progress:
        """Work until the queue is empty, only far waits are left, or ``stop`` was called.

        Raises ``DatasetError`` when archive or state can't be written; everything committed before
        stays, and the same command goes on from there.
        """
        committer = asyncio.create_task(self._commit_all())
        dispatcher = asyncio.create_task(self._dispatch())
        try:
            await asyncio.wait({committer, dispatcher}, return_when=asyncio.FIRST_COMPLETED)
            if committer.done():
                committer.result()
            await dispatcher
            await self._drain()
            await self._answers.join()
        finally:
            for task in (dispatcher, *self._busy.values()):
                task.cancel()
            await asyncio.gather(dispatcher, *self._busy.values(), return_exceptions=True)
            committer.cancel()
            await asyncio.gather(committer, return_exceptions=True)
            self._writer.shutdown(wait=True)
        if not committer.cancelled():
            committer.result()
        return self.progress

    # -- asking ------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while not self._stopping:
            self._wake.clear()
            free = self._options.tasks - len(self._busy)
            claims = await self._in_writer(self._claim, free) if free > 0 else []
            for claim in claims:
                self._busy[claim.host] = asyncio.create_task(self._serve(claim))
            self.progress.active = len(self._busy)
            if claims:
                continue
            wait = await self._wait_for_more()
            if wait is None:
                return
            await self._woken(wait)
        self.progress.ended = "stopped"

    def _claim(self, free: int) -> list[Claim]:
        return self._state.claim(self._now(), self._busy.keys(), free)

    async def _wait_for_more(self) -> float | None:
        """Seconds after which the queue may have something; ``None``: nothing in this run."""
        if self._busy or self._pending:
            return 3600.0
        later: float | None = await self._in_writer(self._state.next_at)
        if later is None:
            self.progress.ended = "done"
            return None
        wait = later - self._now()
        if wait > self._options.longest_wait:
            self.progress.ended = "waiting"
            return None
        return max(0.0, float(wait))

    async def _woken(self, seconds: float) -> None:
        """Wait for that long, or until something happened."""
        waiting = asyncio.ensure_future(self._sleep(seconds))
        waking = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait({waiting, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            waking.cancel()
            await asyncio.gather(waiting, waking, return_exceptions=True)

    async def _serve(self, claim: Claim) -> None:
        """One address of one host; the host is busy until its answer waits for its commit."""
        try:
            try:
                answer = await self._ask(claim)
            except Exception as error:  # noqa: BLE001  (the harvest's boundary: the run goes on)
                answer = Answer(claim.url, _unforeseen(error))
            self._pending += 1
            await self._answers.put((claim, answer))
        finally:
            self._busy.pop(claim.host, None)
            self._wake.set()

    async def _ask(self, claim: Claim) -> Answer:
        headers = await self._in_writer(self._conditions, claim.url)
        kind = "file" if claim.kind == "attachment" else "page"
        answer = await self._client.get(
            claim.url, gate=self._gate, headers=headers, kind=kind  # type: ignore[arg-type]
        )  # fmt: skip
        refined = classify(
            answer, is_report=shows_report, seen=self._seen, document=claim.kind == "report"
        )
        if refined != answer.outcome:
            self._gate.refine(answer.final_url, refined)
            answer = replace(answer, outcome=refined)
        return answer

    def _conditions(self, url: str) -> dict[str, str]:
        """For an address that was fetched before: ask only for what is newer."""
        capture = self._state.previous(url)
        if capture is None:
            return {}
        known = {"If-None-Match": capture.etag, "If-Modified-Since": capture.last_modified}
        return {
            name: value
            for name, value in known.items()
            if value and value.isascii() and value.isprintable()
        }

    async def _drain(self) -> None:
        """Let what is under way end."""
        tasks = list(self._busy.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._options.drain)

    # -- committing --------------------------------------------------------------------------------

    async def _commit_all(self) -> None:
        while True:
            batch = [await self._answers.get()]
            end = time.monotonic() + LINGER
            while len(batch) < BATCH and (left := end - time.monotonic()) > 0:
                try:
                    batch.append(await asyncio.wait_for(self._answers.get(), left))
                except TimeoutError:
                    break
            try:
                await self._in_writer(self._commit, batch)
            finally:
                self._pending -= len(batch)
                for _ in batch:
                    self._answers.task_done()
            self._wake.set()

    def _commit(self, batch: list[tuple[Claim, Answer]]) -> None:
        done: list[Done] = []
        for claim, got in batch:
            answer, found = self._expanded(claim, got)
            is_page = claim.kind != ROBOTS
            done.append(
                store_answer(
                    self._archive,
                    answer,
                    claim=claim if is_page else None,
                    found=found,
                    retry_at=self._retry_at(claim, answer.outcome) if is_page else None,
                    unmodified=self._unmodified(claim, answer),
                )
            )
        ends = self._archive.sync()
        self._state.record(done, ends)
        self._count(done)
        self._committed(len(done))

    def _expanded(self, claim: Claim, answer: Answer) -> tuple[Answer, tuple[Target, ...]]:
        if answer.outcome.code is not Code.OK or claim.kind == ROBOTS:
            return answer, ()
        try:
            return answer, self._expand(claim, answer)
        except Exception as error:  # noqa: BLE001  (the harvest's boundary: the page is kept)
            told = f"its links were not read: {_unforeseen(error).detail}"[:300]
            return replace(answer, outcome=replace(answer.outcome, detail=told)), ()

    def _unmodified(self, claim: Claim, answer: Answer) -> Original | None:
        """The answer that a 304 says is still good."""
        if answer.outcome.code is not Code.NOT_MODIFIED:
            return None
        capture = self._state.previous(claim.url)
        return None if capture is None else capture.original()

    def _retry_at(self, claim: Claim, outcome: Outcome) -> float | None:
        if outcome.code is Code.HOST_PARKED:
            return self._now() + max(1.0, outcome.retry_after or self._options.retry_wait)
        if outcome.code is not Code.RETRY or claim.attempts + 1 >= self._options.attempts:
            return None
        most = self._options.retry_wait * float(2**claim.attempts)
        wait: float = max(outcome.retry_after or 0.0, most * (0.5 + 0.5 * self._chance()))
        return self._now() + wait

    def _count(self, done: list[Done]) -> None:
        progress = self.progress
        for one in done:
            progress.answers += 1
            good = one.answer.outcome.code in (Code.OK, Code.NOT_MODIFIED)
            progress.ok += good
            progress.failed += not good and one.retry_at is None
            progress.bytes += sum(len(x.body) for x in one.answer.exchanges)
        progress.committed += len(done)

    async def _in_writer(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)


def _unforeseen(error: Exception) -> Outcome:
    """A fault of this library, on record with its cause; one address, not the run, is lost."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {Path(f.filename).name}:{f.lineno}" for f in last)
    return Outcome(Code.FAILED, f"internal:{type(error).__name__}", f"{error}{where}"[:300])
