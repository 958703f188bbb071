"""Fetches what the state has queued, politely, and commits every answer to archive and state.

Each host has a lane that asks for one address after the other; the gate decides when. Answers go
to one committer, which appends them to the archive, makes them durable and then commits the state,
so that an address is done only when its bytes are. What the gate knows of a host is saved with the
answers, so that a kill makes nobody impolite. Parsing happens elsewhere and is never waited for.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from govreport_parse.fetch.archive import Archive
from govreport_parse.fetch.article_pages import is_further_page
from govreport_parse.fetch.blocked import SameBodies, classify
from govreport_parse.fetch.client import Client, Kind
from govreport_parse.fetch.politeness import Politeness
from govreport_parse.fetch.records import Answer, Code
from govreport_parse.fetch.state import Claim, Done, State
from govreport_parse.fetch.urls import host_of, registered_domain
from govreport_parse.harvesting.door import REASON as STOPPED
from govreport_parse.harvesting.door import Door
from govreport_parse.harvesting.keeping import (
    OF_THIS_RUN,
    ROBOTS,
    CrawlOptions,
    Expand,
    Keeper,
    unforeseen,
)
from govreport_parse.harvesting.signature import shows_report, shows_tables

BATCH = 64
"""Answers committed together at most."""
HELD = 64 << 20
"""Bytes of answers that wait for their commit before no more are asked for."""
LINGER = 0.02
"""Seconds the committer waits for more answers before it commits."""


@dataclass(slots=True)
class Progress:
    """Counts for the display; written by the crawl, read by anyone."""

    started: float = field(default_factory=time.monotonic)
    answers: int = 0
    ok: int = 0
    failed: int = 0
    hosts: set[str] = field(default_factory=set)
    """Hosts that an answer was had from, or not: those of all that ended."""
    bytes: int = 0
    committed: int = 0
    ended: str = ""
    """Why the crawl ended: ``done``, ``stopped``, ``waiting``."""
    left_alone: dict[str, str] = field(default_factory=dict)
    """Hosts that get no more requests in this run, and why."""


@dataclass(frozen=True, slots=True)
class _Task:
    """An address and the headers that ask for what is newer."""

    claim: Claim
    conditions: Mapping[str, str]


@dataclass(slots=True)
class _Lane:
    """The addresses of one host that are to be asked for."""

    tasks: deque[_Task] = field(default_factory=deque)
    worker: asyncio.Task[None] | None = None


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
        door: Door | None = None,
        committed: Callable[[int], None] = lambda _: None,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.progress = Progress()
        self._state, self._client, self._gate = state, client, gate
        self._door = door if door is not None else Door()
        self._door.gate = gate
        self._options = options or CrawlOptions()
        self._committed, self._now, self._sleep = committed, now, sleep
        self._keeper = Keeper(
            state, archive, expand, self._options,
            strict=gate.pace.strict_robots, now=now, chance=chance,
        )  # fmt: skip
        self._seen = SameBodies()
        self._lanes: dict[str, _Lane] = {}
        self._answers: asyncio.Queue[tuple[Claim, Answer]] = asyncio.Queue(maxsize=4 * BATCH)
        self._wake = asyncio.Event()
        self._pending = 0
        """Answers that are not committed yet."""
        self._held = 0
        """Their bytes."""
        self._writer = ThreadPoolExecutor(1, "govreport-writer")
        self._asker = ThreadPoolExecutor(1, "govreport-queue")

    async def ask_robots(self, url: str) -> Answer:
        """A robots.txt for the gate, archived like any answer."""
        answer = await self._client.get(url, gate=self._door)
        if answer.exchanges or answer.outcome.reason != STOPPED:
            host = host_of(url)
            claim = Claim(url, host, registered_domain(host), ROBOTS, None, 0, "", 0, 0)
            await self._keep(claim, answer)
        return answer

    def stop(self) -> None:
        """Ask for nothing more; what is under way may end. Call it in the event loop."""
        self._door.close()
        self._wake.set()

    def hurry(self) -> None:
        """After ``stop``: give up what is under way, too."""
        for lane in self._lanes.values():
            if lane.worker is not None:
                lane.worker.cancel()

    async def run(self) -> Progress:
        """Work until the queue is empty, only far waits are left, or ``stop`` was called.

        Raises ``DatasetError`` when archive or state can't be written; everything committed before
        stays, and the same command goes on from there.
        """
        committing = asyncio.create_task(self._commit_all())
        asking = asyncio.create_task(self._ask_all())
        try:
            await asyncio.wait({committing, asking}, return_when=asyncio.FIRST_COMPLETED)
            if committing.done():
                committing.result()
            await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            self.hurry()
            workers = [lane.worker for lane in self._lanes.values() if lane.worker is not None]
            await asyncio.gather(*workers, return_exceptions=True)
            committing.cancel()
            await asyncio.gather(committing, return_exceptions=True)
            self._writer.shutdown(wait=True)
            self._asker.shutdown(wait=True)
        return self.progress

    # -- asking ------------------------------------------------------------------------------------

    async def _ask_all(self) -> None:
        await self._dispatch()
        workers = [lane.worker for lane in self._lanes.values() if lane.worker is not None]
        if workers:
            await asyncio.wait(workers, timeout=self._options.drain)
        await self._answers.join()

    async def _dispatch(self) -> None:
        while not self._door.is_closed:
            self._wake.clear()
            tasks = await self._more()
            for task in tasks:
                self._put(task)
            if tasks:
                continue
            wait = await self._wait_for_more()
            if wait is None:
                return
            await self._woken(wait)
        self.progress.ended = "stopped"

    async def _more(self) -> list[_Task]:
        free = self._options.tasks - len(self._lanes)
        if free <= 0:
            return []
        # A host with enough in its lane is busy; one that runs dry gets more before it has to wait.
        enough = self._options.ahead // 2
        busy = {host for host, lane in self._lanes.items() if len(lane.tasks) >= enough}
        busy.update(self.progress.left_alone)
        tasks: list[_Task] = await self._in(self._asker, self._take, busy, free)
        return tasks

    def _take(self, busy: set[str], free: int) -> list[_Task]:
        claims = self._state.claim(self._now(), busy, free, self._options.ahead)
        return [_Task(claim, self._conditions(claim.url)) for claim in claims]

    def _put(self, task: _Task) -> None:
        host = task.claim.host
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane()
        lane.tasks.append(task)
        if lane.worker is None:
            lane.worker = asyncio.create_task(self._serve(host, lane))

    async def _wait_for_more(self) -> float | None:
        """Seconds after which the queue may have something; ``None``: nothing in this run."""
        under_way = bool(self._lanes or self._pending)
        later: float | None = await self._in(self._asker, self._state.next_at)
        wait = float("inf") if later is None else max(0.01, later - self._now())
        if under_way or self._lanes or self._pending:
            return min(wait, 3600.0)
        if later is None:
            self.progress.ended = "waiting" if self.progress.left_alone else "done"
            return None
        if wait > self._options.longest_wait:
            self.progress.ended = "waiting"
            return None
        return wait

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

    async def _serve(self, host: str, lane: _Lane) -> None:
        """One address of the host after the other."""
        try:
            while lane.tasks:
                task = lane.tasks.popleft()
                await self._serve_one(task)
                if len(lane.tasks) <= self._options.ahead // 2:
                    self._wake.set()
        finally:
            self._lanes.pop(host, None)
            self._wake.set()

    async def _serve_one(self, task: _Task) -> None:
        claim = task.claim
        try:
            answer = await self._ask(task)
        except Exception as error:  # noqa: BLE001  (the harvest's boundary: the run goes on)
            answer = Answer(claim.url, unforeseen(error))
        code, reason = answer.outcome.code, answer.outcome.reason
        if not answer.exchanges and reason == STOPPED:
            self._state.release(claim.url)
        elif not answer.exchanges and code is Code.REFUSED and reason in OF_THIS_RUN:
            # One address stays taken, so that the queue offers none of this host any more.
            if self.progress.left_alone.setdefault(claim.host, reason) != reason:
                self._state.release(claim.url)
        else:
            await self._keep(claim, answer)

    async def _keep(self, claim: Claim, answer: Answer) -> None:
        self._pending += 1
        self._hold(_weight(answer))
        await self._answers.put((claim, answer))

    def _hold(self, size: int) -> None:
        self._held += size
        self._door.make_room(there_is=self._held < HELD)

    async def _ask(self, task: _Task) -> Answer:
        claim = task.claim
        kind: Kind = "file" if claim.kind == "attachment" else "page"
        answer = await self._client.get(
            claim.url, gate=self._door, headers=task.conditions, kind=kind
        )
        if answer.outcome.code is Code.OK and shows_tables(answer.content):
            return answer  # a report beyond doubt: no need to read the whole page here
        # The last pages of long reports are often alike: 其他需要报告的事项：无.
        seen = None if is_further_page(claim.url, claim.parent) else self._seen
        refined = classify(
            answer, is_report=shows_report, seen=seen, document=claim.kind == "report"
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

    # -- committing --------------------------------------------------------------------------------

    async def _commit_all(self) -> None:
        while True:
            batch = [await self._answers.get()]
            if self._answers.qsize() < BATCH:
                await asyncio.sleep(LINGER)
            while len(batch) < BATCH and not self._answers.empty():
                batch.append(self._answers.get_nowait())
            hosts = {claim.host for claim, _ in batch}
            hosts.update(host_of(x.url) for _, answer in batch for x in answer.exchanges[1:])
            rows = self._gate.export_hosts(hosts)
            try:
                await self._in(self._writer, self._commit, batch, rows)
            finally:
                self._pending -= len(batch)
                self._hold(-sum(_weight(answer) for _, answer in batch))
                for _ in batch:
                    self._answers.task_done()
            self._wake.set()

    def _commit(
        self, batch: Sequence[tuple[Claim, Answer]], hosts: Sequence[Mapping[str, object]]
    ) -> None:
        done = self._keeper.keep(batch, hosts)
        self._count(done)
        self._committed(len(done))

    def _count(self, done: list[Done]) -> None:
        progress = self.progress
        for one in done:
            progress.answers += 1
            progress.hosts.add(host_of(one.answer.url))
            good = one.answer.outcome.code in (Code.OK, Code.NOT_MODIFIED)
            progress.ok += good
            progress.failed += not good and one.retry_at is None
            progress.bytes += sum(len(x.body) for x in one.answer.exchanges)
        progress.committed += len(done)

    async def _in(
        self, thread: ThreadPoolExecutor, function: Callable[..., Any], *arguments: Any
    ) -> Any:
        return await asyncio.get_running_loop().run_in_executor(thread, function, *arguments)


def _weight(answer: Answer) -> int:
    """Bytes that an answer keeps in memory."""
    return len(answer.content) + sum(len(x.head) + len(x.body) for x in answer.exchanges)


__all__ = ["Crawl", "CrawlOptions", "Progress"]
