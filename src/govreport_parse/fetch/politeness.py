"""Whose turn it is: the ``Gate`` that every request of a harvest passes.

Before a page of a host is asked for, its robots.txt has been read and allows it; one connection
per host, few per group of addresses, never sooner than the host's delay after the last answer,
never while it asked to be left alone. What was really done is counted for the run's manifest.

All time comes from injected functions. One ``Politeness`` belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from govreport_parse.errors import UsageError
from govreport_parse.fetch.addresses import ip_group
from govreport_parse.fetch.host_pace import HostPace, Pace
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.robots import (
    RETRY_SECONDS,
    RobotsRules,
    decide,
    read_robots,
    robots_url,
)
from govreport_parse.fetch.urls import host_of

__all__ = ["Pace", "Politeness"]

Row = dict[str, str | int | float]
RobotsRow = dict[str, str | int | float | bytes]

_asking_robots: ContextVar[bool] = ContextVar("asking_robots", default=False)
"""Set while robots.txt is fetched: its hops pass the gate without a robots question."""


@dataclass(slots=True)
class _Turn:
    """One host's pace, and the lock that keeps its requests one at a time."""

    pace: HostPace
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    group: asyncio.Semaphore | None = None
    """Held while a request is under way."""


@dataclass(slots=True)
class _Robots:
    """What is known of one origin's robots.txt."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: RobotsRules | None = None
    older: RobotsRules | None = None
    """The last copy that was read, while the file can't be."""
    failures: int = 0
    retry_at: float = 0.0


class Politeness:
    """The gate. ``fetch_robots`` gets the address of a robots.txt and gives what came of it.

    ``fetch_robots`` is meant to be the client's own fetch, which passes this gate for each hop;
    set it with ``use`` when the client needs the gate first. ``group_of`` names the group that an
    IP address belongs to. ``now`` is the time of day (seconds since 1970), used for nothing but
    the age of robots.txt and saved state; delays go by ``clock``.
    """

    def __init__(
        self,
        fetch_robots: Callable[[str], Awaitable[Answer]] | None = None,
        pace: Pace | None = None,
        *,
        group_of: Callable[[str], str] = ip_group,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.pace = pace if pace is not None else Pace()
        self._fetch_robots = fetch_robots
        self._group_of = group_of
        self._clock, self._now, self._sleep, self._chance = clock, now, sleep, chance
        self._turns: dict[str, _Turn] = {}
        self._robots: dict[str, _Robots] = {}
        self._groups: dict[str, asyncio.Semaphore] = {}
        self._connections = asyncio.Semaphore(self.pace.connections)

    def use(self, fetch_robots: Callable[[str], Awaitable[Answer]]) -> None:
        """Set the function that fetches a robots.txt."""
        self._fetch_robots = fetch_robots

    # --- the gate --------------------------------------------------------------------------------

    async def enter(self, url: str, address: str) -> Outcome | None:
        """Wait for the turn of this host and group. An outcome means: do not ask.

        Reason codes: ``hours``, ``robots``, ``robots_unreachable``, ``parked``, ``host_requests``,
        ``host_bytes``, ``host_given_up``, ``host_blocked``, ``bad_url``.
        """
        turn = self._turn(url)
        taken, refusal = False, None
        while not taken and refusal is None:
            refusal = self._closed() or turn.pace.refusal(self.pace, self._clock())
            if refusal is None and not _asking_robots.get():
                refusal = await self._ask_robots(url, turn.pace)
            if refusal is None:
                taken, refusal = await self._wait(turn, url, address)
        if refusal is not None:
            turn.pace.refused[refusal.reason] += 1
        return refusal

    async def _wait(self, turn: _Turn, url: str, address: str) -> tuple[bool, Outcome | None]:
        """Whether the turn was taken, else why not; neither: robots.txt must be asked again."""
        await turn.lock.acquire()
        taken = False
        try:
            turn.pace.floor = max(turn.pace.floor, self.pace.delay_for(address))
            refusal = await self._sleep_until_ready(turn.pace)
            refusal = refusal or self._closed()
            if refusal is not None or not (_asking_robots.get() or self._robots_known(url)):
                return False, refusal
            group = self._groups.setdefault(
                self._group_of(address), asyncio.Semaphore(self.pace.per_group)
            )
            await group.acquire()
            try:
                await self._connections.acquire()
            except BaseException:  # a cancellation, too, gives the place back; raised again
                group.release()
                raise
            turn.group = group
            turn.pace.entered(self.pace, address, self._clock())
            taken = True
            return True, None
        finally:
            if not taken:
                turn.lock.release()

    async def _sleep_until_ready(self, host: HostPace) -> Outcome | None:
        while True:
            now = self._clock()
            refusal = host.refusal(self.pace, now)
            if refusal is not None:
                return refusal
            wait = host.next_at - now
            if wait <= 0:
                return None
            await self._sleep(wait)

    def _closed(self) -> Outcome | None:
        wait = self.pace.closed_for(self._now())
        if wait <= 0:
            return None
        detail = "requests go out within the hours of this run only"
        return Outcome(Code.HOST_PARKED, "hours", detail, wait)

    def leave(self, url: str, address: str, exchange: Exchange | None, outcome: Outcome) -> None:
        """The request has ended; ``UsageError`` when none was under way."""
        turn = self._turn(url)
        group = turn.group
        if group is None:
            raise UsageError(
                f"no request to {turn.pace.host!r} is under way at {address!r}",
                hint="give back each turn once, after taking its address",
            )
        turn.pace.left(self.pace, exchange, outcome, self._clock(), self._chance())
        turn.group = None
        group.release()
        self._connections.release()
        turn.lock.release()

    def refine(self, url: str, outcome: Outcome) -> None:
        """What a look at the content made of an answer that left as a good one.

        Call it for each answer that ``blocked.classify`` judged differently from the client.
        """
        self._turn(url).pace.refined(self.pace, outcome, self._clock())

    def _turn(self, url: str) -> _Turn:
        host = host_of(url)
        turn = self._turns.get(host)
        if turn is None:
            turn = self._turns[host] = _Turn(HostPace(host))
        return turn

    # --- robots.txt ------------------------------------------------------------------------------

    def robots_of(self, url: str) -> RobotsRules | None:
        """The rules in force for an address, if robots.txt has been asked for (sitemaps, flags)."""
        entry = self._robots.get(robots_url(url))
        return None if entry is None else (entry.older or entry.rules)

    def _robots_known(self, url: str) -> bool:
        entry = self._robots.get(robots_url(url))
        return entry is not None and self._is_settled(entry)

    def _is_settled(self, entry: _Robots) -> bool:
        if entry.rules is None:
            return False
        if entry.rules.decision == "deny":
            return self._clock() < entry.retry_at
        return entry.rules.fresh(self._now())

    async def _ask_robots(self, url: str, host: HostPace) -> Outcome | None:
        address = robots_url(url)
        entry = self._robots.setdefault(address, _Robots())
        if not self._is_settled(entry):
            async with entry.lock:
                # Another task may have read it while this one waited.
                outcome = None
                if not self._is_settled(entry):
                    outcome = await self._read_robots(address, entry)
                if outcome is not None:
                    return outcome
        rules = entry.older or entry.rules
        if rules is None:
            return Outcome(Code.RETRY, "robots_unreachable", "robots.txt was not read")
        if rules.crawl_delay is not None:
            host.slow_to(self.pace, rules.crawl_delay)
        return self._decision(rules, url, entry)

    def _decision(self, rules: RobotsRules, url: str, entry: _Robots) -> Outcome | None:
        outcome = decide(rules, url)
        if outcome is None or outcome.code is not Code.HOST_PARKED:
            return outcome
        if entry.failures > len(RETRY_SECONDS):
            return Outcome(Code.REFUSED, outcome.reason, outcome.detail)
        wait = max(0.0, entry.retry_at - self._clock())
        return Outcome(outcome.code, outcome.reason, outcome.detail, wait)

    async def _read_robots(self, address: str, entry: _Robots) -> Outcome | None:
        """Read the file; an outcome when it could not even be asked for."""
        if self._fetch_robots is None:
            raise UsageError(
                "the gate has nothing to fetch robots.txt with", hint="call use() first"
            )
        token = _asking_robots.set(True)
        try:
            answer = await self._fetch_robots(address)
        finally:
            _asking_robots.reset(token)
        if not answer.exchanges and answer.outcome.code is Code.HOST_PARKED:
            return answer.outcome
        rules = read_robots(answer, now=self._now(), strict=self.pace.strict_robots)
        if rules.decision != "deny":
            entry.rules, entry.older, entry.failures = rules, None, 0
            return None
        old = entry.older or entry.rules
        entry.older = old if old is not None and old.usable(self._now()) else None
        entry.rules = rules
        entry.failures += 1
        last = entry.failures > len(RETRY_SECONDS)
        wait = float("inf") if last else RETRY_SECONDS[entry.failures - 1]
        entry.retry_at = self._clock() + wait
        return None

    # --- over restarts, and for the manifest -----------------------------------------------------

    def export_hosts(self, hosts: Iterable[str] | None = None) -> list[Row]:
        """One flat row of plain values per host (all, or those named), for a table."""
        now, wall = self._clock(), self._now()
        turns = (self._turns.get(host) for host in (self._turns if hosts is None else hosts))
        return [turn.pace.to_row(self.pace, now, wall) for turn in turns if turn is not None]

    def restore_hosts(self, rows: Iterable[Mapping[str, object]], *, same_run: bool) -> None:
        """Take over what an earlier process knew. ``same_run``: caps and parks go on counting."""
        now, wall = self._clock(), self._now()
        for row in rows:
            host = HostPace.from_row(row, now, wall, same_run=same_run)
            self._turns[host.host] = _Turn(host)

    def export_robots(self) -> list[RobotsRow]:
        """The robots.txt copies worth keeping, each under ``address``."""
        rows: list[RobotsRow] = []
        for address, entry in self._robots.items():
            rules = entry.older or entry.rules
            if rules is not None and rules.decision != "deny":
                rows.append({"address": address, **rules.to_row()})
        return rows

    def restore_robots(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Take over the copies of ``export_robots``; old ones serve only while none can be read."""
        for row in rows:
            self._robots[str(row["address"])] = _Robots(rules=RobotsRules.from_row(row))

    def manifest(self) -> list[dict[str, object]]:
        """What was done to each host: requests, bytes, delays really used, refusals, robots.

        ``gap_*``: seconds from the end of one request to the start of the next.
        """
        robots: dict[str, list[str]] = {}
        for address, entry in self._robots.items():
            rules = entry.rules
            if rules is not None:
                words = [rules.decision, *((rules.reason,) if rules.reason else ()), *rules.flags]
                if entry.older is not None:
                    words.append("stale")
                robots.setdefault(host_of(address), []).append(" ".join(words))
        return [_account(turn.pace, robots.get(name, [])) for name, turn in self._turns.items()]


def _account(host: HostPace, robots: list[str]) -> dict[str, object]:
    gaps = host.gaps
    return {
        "host": host.host,
        "requests": host.requests,
        "bytes": host.bytes,
        "gap_min": round(min(gaps), 3) if gaps else None,
        "gap_median": round(statistics.median(gaps), 3) if gaps else None,
        "gap_max": round(max(gaps), 3) if gaps else None,
        "crawl_delay": host.crawl_delay or None,
        "parks": host.parks,
        "given_up": host.given_up,
        "outcomes": {str(code): count for code, count in host.ended.items()},
        "refused": dict(host.refused),
        "robots": robots,
    }
