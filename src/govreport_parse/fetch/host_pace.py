"""How fast one host may be asked: its delay, its errors, its parks, its share of the run.

No waiting and no clock of its own: ``HostPace`` is told what happened and when (seconds of a
monotonic clock) and says when the next request may go out, or that none may. Rules and figures are
those of RELIABILITY.md, section 6.
"""

from __future__ import annotations

import ipaddress
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from govreport_parse.errors import UsageError
from govreport_parse.fetch.records import Code, Exchange, Outcome
from govreport_parse.fetch.retry_after import LONGEST_PARK, asked_wait, park_seconds

_LEAST_DELAY = 1.0
_CHINA_IS_AHEAD = 8 * 3600.0
_KEPT_GAPS = 2000


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of a run; seconds and bytes. ``UsageError`` for limits that would be impolite.

    A delay under a second needs ``i_own_these_hosts``; with ``private_allowed`` it is taken for
    loopback addresses only.
    """

    delay: float = 5.0
    busy_factor: float = 5.0
    """The delay is at least so many times the last fetch..."""
    busy_most: float = 60.0
    """...up to so many seconds."""
    jitter: float = 0.5
    longest_backoff: float = 600.0
    good_to_halve: int = 20
    per_group: int = 2
    """Connections to one group of addresses."""
    connections: int = 64
    requests: int = 300
    """Requests to one host in a run."""
    bytes: int = 300_000_000
    errors_in_row: int = 5
    first_park: float = 1800.0
    parks: int = 3
    blocked_in_row: int = 3
    longest_wait: float = 900.0
    """A turn that is further away than this is not waited for: the address goes back."""
    i_own_these_hosts: bool = False
    private_allowed: bool = False
    strict_robots: bool = False
    hours: tuple[int, int] | None = None
    """Hours of the day in China between which requests go out: (22, 6) is the night."""

    def __post_init__(self) -> None:
        for seconds in (self.delay, self.jitter):
            if not isinstance(seconds, (int, float)) or not seconds >= 0:
                raise UsageError(
                    f"the delay must be a number of seconds, not {seconds!r}", hint="give delay=5"
                )
        if self.delay < _LEAST_DELAY and not (self.i_own_these_hosts or self.private_allowed):
            raise UsageError(
                f"a delay of {self.delay:g} s is too short for hosts of other people",
                hint="wait at least 1 second (--delay 1); for hosts of your own, Python's harvest "
                "takes i_own_these_hosts=True",
                context={"delay": self.delay},
            )
        for name in ("per_group", "connections", "requests", "bytes", "errors_in_row", "parks"):
            if getattr(self, name) < 1:
                raise UsageError(
                    f"{name} must be 1 or more",
                    hint="leave it out for the default",
                    context={name: getattr(self, name)},
                )

    def closed_for(self, wall: float) -> float:
        """Seconds until ``hours`` begin, 0 within them. ``wall``: seconds since 1970."""
        if self.hours is None:
            return 0.0
        begin, end = (hour % 24 * 3600.0 for hour in self.hours)
        clock = (wall + _CHINA_IS_AHEAD) % 86_400.0
        inside = begin <= clock < end if begin < end else clock >= begin or clock < end
        return 0.0 if inside else (begin - clock) % 86_400.0

    def delay_for(self, address: str) -> float:
        """The configured delay, not under a second for a host that isn't ours."""
        if self.i_own_these_hosts or (self.private_allowed and _is_loopback(address)):
            return self.delay
        return max(self.delay, _LEAST_DELAY)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class HostPace:
    """What is known of one host in a run."""

    host: str
    ready_at: float = 0.0
    """When the next request may go out, in seconds of the monotonic clock."""
    parked_until: float = 0.0
    crawl_delay: float = 0.0
    last_seconds: float = 0.0
    penalty: float = 1.0
    good: int = 0
    errors_row: int = 0
    unavailable_row: int = 0
    blocked_row: int = 0
    parks: int = 0
    requests: int = 0
    bytes: int = 0
    given_up: str = ""
    floor: float = 0.0
    last_left: float | None = None
    gaps: array[float] = field(default_factory=lambda: array("d"))
    refused: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    _before: tuple[int, int] = (0, 0)

    def delay(self, pace: Pace) -> float:
        """The least gap to the next request, without jitter."""
        busy = min(pace.busy_most, pace.busy_factor * self.last_seconds)
        least = max(self.floor, busy, self.crawl_delay)
        return max(least, min(least * self.penalty, pace.longest_backoff))

    def refusal(self, pace: Pace, now: float) -> Outcome | None:
        """Why no request to this host may go out at all, or not for long."""
        if self.given_up:
            return Outcome(
                Code.REFUSED, self.given_up, f"{self.host} is left alone for the rest of this run"
            )
        if self.requests >= pace.requests:
            return Outcome(
                Code.REFUSED, "host_requests", f"{pace.requests} requests were made to {self.host}"
            )
        if self.bytes >= pace.bytes:
            return Outcome(
                Code.REFUSED, "host_bytes", f"{pace.bytes:,} bytes were taken from {self.host}"
            )
        wait = self.next_at - now
        if wait > pace.longest_wait:
            return Outcome(
                Code.HOST_PARKED, "parked", f"{self.host} is left alone for {wait:.0f} s", wait
            )
        return None

    @property
    def next_at(self) -> float:
        """When the host may be asked again: neither too soon nor parked."""
        return max(self.ready_at, self.parked_until)

    def slow_to(self, pace: Pace, crawl_delay: float) -> None:
        """The host's robots.txt asks for a longer delay; it holds from the last request on."""
        self.crawl_delay = max(self.crawl_delay, crawl_delay)
        if self.last_left is not None:
            self.ready_at = max(self.ready_at, self.last_left + self.delay(pace))

    def entered(self, pace: Pace, address: str, now: float) -> None:
        """A request goes out now."""
        self.floor = pace.delay_for(address)
        self.requests += 1
        if self.last_left is not None and len(self.gaps) < _KEPT_GAPS:
            self.gaps.append(now - self.last_left)

    def left(
        self, pace: Pace, exchange: Exchange | None, outcome: Outcome, now: float, chance: float
    ) -> None:
        """A request has ended; ``chance`` from 0 to 1 chooses the jitter."""
        self.ended[outcome.code] += 1
        self._before = (self.errors_row, self.blocked_row)
        if exchange is not None:
            self.bytes += len(exchange.head) + len(exchange.body)
            self._learn_speed(exchange)
        if _is_error(exchange, outcome):
            self._count_error(pace, outcome, now)
        elif exchange is not None and exchange.status:
            self.errors_row = self.unavailable_row = self.blocked_row = 0
            self._count_good(pace, exchange)
        delay = self.delay(pace)
        self.last_left = now
        self.ready_at = now + delay * (1.0 + pace.jitter * chance)
        self._park_as_asked(exchange, outcome, now, delay)

    def _learn_speed(self, exchange: Exchange) -> None:
        fine = 200 <= exchange.status < 300
        # An error page comes fast from a host in trouble, so only a good answer makes us faster.
        self.last_seconds = exchange.seconds if fine else max(self.last_seconds, exchange.seconds)

    def _count_good(self, pace: Pace, exchange: Exchange) -> None:
        if not (200 <= exchange.status < 300 or exchange.status == 304):
            return
        self.good += 1
        if self.good >= pace.good_to_halve:
            self.good = 0
            self.penalty = max(1.0, self.penalty / 2)

    def _count_error(self, pace: Pace, outcome: Outcome, now: float) -> None:
        self.good = 0
        self.errors_row += 1
        if self.delay(pace) < pace.longest_backoff:
            self.penalty *= 2
        if outcome.code is Code.BLOCKED:
            self.blocked_row += 1
            if self.blocked_row >= pace.blocked_in_row:
                self.given_up = self.given_up or "host_blocked"
        else:
            self.blocked_row = 0
        if self.errors_row >= pace.errors_in_row:
            self._park(pace, now)

    def _park(self, pace: Pace, now: float) -> None:
        self.parks += 1
        self.errors_row = 0
        if self.parks >= pace.parks:
            self.given_up = self.given_up or "host_given_up"
        wait = min(LONGEST_PARK, pace.first_park * 2.0 ** (self.parks - 1))
        self.parked_until = max(self.parked_until, now + wait)

    def _park_as_asked(
        self, exchange: Exchange | None, outcome: Outcome, now: float, delay: float
    ) -> None:
        status = exchange.status if exchange is not None else 0
        asked = asked_wait(exchange) if exchange is not None and status >= 300 else None
        if asked is None:
            asked = outcome.retry_after
        if status in (429, 503):
            wait = park_seconds(asked, delay=delay, in_a_row=self.unavailable_row)
            self.unavailable_row += 1
        elif asked is not None:
            wait = park_seconds(asked, delay=delay, in_a_row=0)
        else:
            return
        self.parked_until = max(self.parked_until, now + wait)

    def refined(self, pace: Pace, outcome: Outcome, now: float) -> None:
        """A look at the content made ``outcome`` of the answer that left last as a good one."""
        if outcome.code is not Code.BLOCKED:
            return
        self.errors_row, self.blocked_row = self._before
        self._count_error(pace, outcome, now)
        self.ready_at = max(self.ready_at, (self.last_left or now) + self.delay(pace))

    # --- over restarts ---------------------------------------------------------------------------

    def to_row(self, pace: Pace, now: float, wall: float) -> dict[str, str | int | float]:
        """Plain values for a table. ``wall``: seconds since 1970."""
        return {
            "host": self.host,
            "saved_at": wall,
            "wait": max(0.0, self.ready_at - now),
            "park": max(0.0, self.parked_until - now),
            "delay": self.delay(pace),
            "crawl_delay": self.crawl_delay,
            "last_seconds": self.last_seconds,
            "penalty": self.penalty,
            "floor": self.floor,
            "requests": self.requests,
            "bytes": self.bytes,
            "errors_row": self.errors_row,
            "unavailable_row": self.unavailable_row,
            "blocked_row": self.blocked_row,
            "parks": self.parks,
            "given_up": self.given_up,
        }

    @classmethod
    def from_row(
        cls, row: Mapping[str, object], now: float, wall: float, *, same_run: bool
    ) -> HostPace:
        """The host of a row. ``same_run`` keeps what counts towards the caps of a run.

        The clock may have been set in between, so the host is left alone for one full delay, and
        never for longer than it was to be when saved.
        """

        def number(name: str) -> float:
            return float(cast("float", row.get(name, 0)))

        passed = min(max(0.0, wall - number("saved_at")), LONGEST_PARK)
        wait = max(number("delay"), number("wait") - passed)
        park = min(max(0.0, number("park") - passed), LONGEST_PARK)
        host = cls(
            host=str(row["host"]),
            ready_at=now + wait,
            parked_until=now + park if park else 0.0,
            crawl_delay=number("crawl_delay"),
            last_seconds=number("last_seconds"),
            penalty=max(1.0, number("penalty")),
            floor=number("floor"),
        )
        if same_run:
            host.requests, host.bytes = int(number("requests")), int(number("bytes"))
            host.errors_row, host.parks = int(number("errors_row")), int(number("parks"))
            host.unavailable_row = int(number("unavailable_row"))
            host.blocked_row = int(number("blocked_row"))
            host.given_up = str(row.get("given_up", ""))
        return host


def _is_error(exchange: Exchange | None, outcome: Outcome) -> bool:
    """A redirect is none, whatever becomes of it: the host answers as it should."""
    if exchange is not None and 300 <= exchange.status < 400:
        return False
    return outcome.code in (Code.RETRY, Code.HOST_PARKED, Code.BLOCKED, Code.FAILED)
