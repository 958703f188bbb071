"""Names to addresses, in threads of its own, so that dead names don't starve the living.

``asyncio`` resolves in its default executor, which has few threads: forty dead names hold up every
other host. Here each lookup has a thread (at most ``threads`` at once, not counting those that have
become slow), answers are kept for a while, and failures too.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from govreport_parse.fetch.addresses import parse_literal

Lookup = Callable[[str], Sequence[str]]
"""A blocking lookup: a host name to IP literals, best first. ``OSError`` is failure."""

MOST_ADDRESSES = 6
CACHED_NAMES = 20_000
# getaddrinfo codes that say "no such name" or "a name without addresses".
_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The addresses of a name, or why there are none.

    ``problem`` is empty on success, ``no_name`` when the name does not exist, ``failed`` when the
    servers could not say, ``deadline`` when they did not answer in time. ``cached`` tells that no
    lookup was made.
    """

    addresses: tuple[str, ...] = ()
    problem: Literal["", "no_name", "failed", "deadline"] = ""
    detail: str = ""
    cached: bool = False


def system_lookup(host: str) -> list[str]:
    """Addresses from the operating system, IPv6 and IPv4 in turn, in its order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    families: dict[int, list[str]] = {}
    for family, _, _, _, place in found:
        families.setdefault(family, []).append(str(place[0]))
    rows = list(families.values())
    longest = max(map(len, rows), default=0)
    mixed = [row[place] for place in range(longest) for row in rows if place < len(row)]
    return list(dict.fromkeys(mixed))


class Resolver:
    """Resolves names for one event loop at a time; made once for a run."""

    def __init__(
        self,
        lookup: Lookup = system_lookup,
        *,
        deadline: float = 10.0,
        keep: float = 300.0,
        keep_missing: float = 3600.0,
        keep_failed: float = 60.0,
        threads: int = 64,
        most_threads: int = 512,
        slow: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Seconds: ``deadline`` of one call of ``resolve``; ``keep`` an answer, ``keep_missing`` a
        name that does not exist, ``keep_failed`` any other failure. A lookup older than ``slow``
        makes room for another thread, up to ``most_threads`` in all.
        """
        self._lookup = lookup
        self._deadline = deadline
        self._keep = {"": keep, "no_name": keep_missing, "failed": keep_failed}
        self._threads = threads
        self._most_threads = most_threads
        self._slow = slow
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Resolved]] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Resolved]] = {}
        self._queue: deque[str] = deque()
        self._running: dict[str, bool] = {}
        """Names being looked up; True once slow."""

    async def resolve(self, host: str, *, deadline: float | None = None) -> Resolved:
        """The addresses of ``host``. Never raises; ``deadline`` in seconds shortens the own one."""
        known = self._known.get(host)
        if known is not None:
            if self._clock() < known[0]:
                return known[1]
            del self._known[host]
        asked = self._asked.get(host)
        if asked is None or asked.get_loop() is not asyncio.get_running_loop():
            asked = asyncio.get_running_loop().create_future()
            self._asked[host] = asked
            self._queue.append(host)
            self._start_queued()
        left = self._deadline if deadline is None else min(deadline, self._deadline)
        done, _ = await asyncio.wait({asked}, timeout=max(left, 0.0))
        if done:
            return asked.result()
        return Resolved(problem="deadline", detail=f"no answer for {host[:100]} in {left:.1f} s")

    def _start_queued(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue and len(self._running) < self._most_threads:
            if sum(not slow for slow in self._running.values()) >= self._threads:
                return
            host = self._queue.popleft()
            self._running[host] = False
            loop.call_later(self._slow, self._mark_slow, host)
            # A daemon, because a stuck getaddrinfo can't be stopped and must not hold up the exit.
            threading.Thread(
                target=self._work, args=(host, loop), name="govreport-resolver", daemon=True
            ).start()

    def _mark_slow(self, host: str) -> None:
        if host in self._running:
            self._running[host] = True
            self._start_queued()

    def _work(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        result = Resolved(problem="failed", detail=f"the lookup of {host[:100]} died")
        try:
            result = self._ask(host)
        finally:
            try:
                loop.call_soon_threadsafe(self._arrived, host, result)
            except RuntimeError:
                self._running.pop(host, None)  # the loop has been closed: nobody waits

    def _ask(self, host: str) -> Resolved:
        try:
            # A name among them would be resolved once more, and unchecked, on connecting.
            found = [each for each in self._lookup(host) if parse_literal(each) is not None]
            addresses = tuple(found[:MOST_ADDRESSES])
        except socket.gaierror as error:
            missing = error.errno in _NO_NAME
            detail = f"{host[:100]}: {error.strerror or error}"
            return Resolved(problem="no_name" if missing else "failed", detail=detail)
        except (OSError, ValueError) as error:  # ValueError: a name the codec refuses
            return Resolved(problem="failed", detail=f"{host[:100]}: {error}"[:300])
        if not addresses:
            return Resolved(problem="no_name", detail=f"{host[:100]} has no address")
        return Resolved(addresses)

    def _arrived(self, host: str, result: Resolved) -> None:
        self._running.pop(host, None)
        kept = Resolved(result.addresses, result.problem, result.detail, cached=True)
        self._known[host] = (self._clock() + self._keep[result.problem], kept)
        self._known.move_to_end(host)
        while len(self._known) > CACHED_NAMES:
            self._known.popitem(last=False)
        asked = self._asked.pop(host, None)
        if asked is not None and not asked.done():
            asked.set_result(result)
        self._start_queued()
