"""The gate as the servers see it: a simulated clock and a log of every request."""

from __future__ import annotations

import asyncio
import datetime
import heapq
import itertools
import random
import selectors
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.fetch.politeness import Pace, Politeness
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome

T = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Where a loop would wait, its clock jumps instead."""

    jumped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("nothing is going to happen any more: a deadlock")
        self.jumped += timeout
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when every task waits."""

    def __init__(self) -> None:
        self.jumping = _JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.jumped


@contextmanager
def simulation() -> Iterator[SimulatedLoop]:
    loop = SimulatedLoop()
    try:
        yield loop
    finally:
        loop.close()


@dataclass
class Log:
    """One request as a server sees it."""

    host: str
    address: str
    path: str
    start: float
    end: float
    status: int
    retry_after: float | None = None


@dataclass
class World:
    """Servers, a client that passes the gate for each request, and the log."""

    loop: SimulatedLoop
    pace: Pace = field(default_factory=Pace)
    robots: Callable[[str, int], tuple[int, bytes]] = lambda host, n: (404, b"")
    page: Callable[[str, random.Random], tuple[int, float, bytes]] = lambda host, rng: (
        200,
        0.2,
        b"",
    )
    address: Callable[[str], str] = lambda host: "203.0.113.1"
    log: list[Log] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    wall_offset: float = 1_700_000_000.0

    def __post_init__(self) -> None:
        self.asked: dict[str, int] = defaultdict(int)
        self.gate = Politeness(
            self.fetch,
            self.pace,
            clock=self.loop.time,
            now=lambda: self.loop.time() + self.wall_offset,
            sleep=asyncio.sleep,
            chance=self.rng.random,
        )

    async def fetch(self, url: str) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = self.address(host)
        refused = await self.gate.enter(url, address)
        if refused is not None:
            return Answer(url, refused)
        start = self.loop.time()
        head = b""
        if parts.path == "/robots.txt":
            status, body = self.robots(host, self.asked[host])
            self.asked[host] += 1
            seconds = 0.1
        else:
            status, seconds, head = self.page(host, self.rng)
            body = b"page"
        await asyncio.sleep(seconds)
        raw = b"HTTP/1.1 %d X\r\n%s\r\n" % (status, head) if status else b""
        got = Exchange(url, "GET", b"", address, T, seconds, status, raw, body)
        asked = got.header("retry-after")
        self.log.append(
            Log(
                host,
                address,
                parts.path,
                start,
                self.loop.time(),
                status,
                float(asked) if asked is not None else None,
            )
        )
        code = _CODES.get(status, Code.OK)
        outcome = Outcome(code, "http_status" if code is not Code.OK else "")
        self.gate.leave(url, address, got, outcome)
        return Answer(url, outcome, (got,), body if code is Code.OK else b"")

    def run(self, main: Awaitable[object]) -> None:
        async def bounded() -> None:
            await main

        self.loop.run_until_complete(bounded())


_CODES = {0: Code.RETRY, 404: Code.GONE, 429: Code.HOST_PARKED, 500: Code.RETRY, 503: Code.RETRY}


def gaps_of(log: list[Log]) -> Iterator[tuple[Log, Log]]:
    by_host: dict[str, list[Log]] = defaultdict(list)
    for line in sorted(log, key=lambda one: one.start):
        by_host[line.host].append(line)
    for lines in by_host.values():
        yield from itertools.pairwise(lines)


def most_open(log: list[Log], key: Callable[[Log], str]) -> int:
    most = 0
    groups: dict[str, list[Log]] = defaultdict(list)
    for line in log:
        groups[key(line)].append(line)
    for lines in groups.values():
        ends: list[float] = []
        for line in sorted(lines, key=lambda one: one.start):
            while ends and ends[0] <= line.start:
                heapq.heappop(ends)
            heapq.heappush(ends, line.end)
            most = max(most, len(ends))
    return most


# --- the large simulation -----------------------------------------------------------------------


def test_a_hundred_thousand_requests() -> None:
    hosts = [f"h{n}.gov.cn" for n in range(500)]
    # 500 hosts on 100 groups of addresses: shared platforms.
    places = {host: f"203.0.{n % 100}.{n % 7 + 1}" for n, host in enumerate(hosts)}
    crawl = {host: (0, 0, 0, 20)[n % 4] for n, host in enumerate(hosts)}

    def robots(host: str, n: int) -> tuple[int, bytes]:
        if crawl[host]:
            return 200, b"User-agent: *\nCrawl-delay: %d\nDisallow: /no/\n" % crawl[host]
        return 404, b""

    def page(host: str, rng: random.Random) -> tuple[int, float, bytes]:
        chance = rng.random()
        if chance < 0.01:
            return 503, 0.1, b"Retry-After: 400\r\n"
        if chance < 0.03:
            return 500, 2.0, b""
        return 200, rng.choice((0.1, 0.5, 3.0)), b""

    with simulation() as loop:
        pace = Pace(requests=10_000, errors_in_row=1000, longest_wait=86_400.0)
        world = World(loop, pace, robots, page, places.__getitem__)

        async def crawl_host(host: str) -> None:
            for n in range(200):
                answer = await world.fetch(f"http://{host}/{'no' if n == 7 else 'p'}/{n}")
                assert (answer.outcome.reason == "robots") is (n == 7 and crawl[host] > 0)

        async def everything() -> None:
            await asyncio.gather(*(crawl_host(host) for host in hosts))

        world.run(everything())
        assert len(world.log) >= 100_000
        for before, after in gaps_of(world.log):
            gap = after.start - before.end
            least = max(5.0, crawl[before.host])
            assert gap >= least - 1e-6
            if before.retry_after is not None:
                assert gap >= before.retry_after - 1e-6
        first: dict[str, str] = {}
        for line in sorted(world.log, key=lambda one: one.start):
            first.setdefault(line.host, line.path)
        assert set(first.values()) == {"/robots.txt"}
        assert not [line for line in world.log if line.path.startswith("/no/") and crawl[line.host]]
        assert most_open(world.log, lambda line: line.host) == 1
        assert most_open(world.log, lambda line: line.address.rpartition(".")[0]) == 2
        assert most_open(world.log, lambda line: "") <= 64
        account = {str(row["host"]): row for row in world.gate.manifest()}
        assert len(account) == 500
        assert min(float(str(row["gap_min"])) for row in account.values()) >= 5.0
        assert sum(int(str(row["requests"])) for row in account.values()) == len(world.log)


def test_the_check_itself_finds_an_impolite_gate() -> None:
    """Planted fault: a gate that does not wait is seen by the checks of the large simulation."""
    with simulation() as loop:
        world = World(loop)

        async def at_once(seconds: float) -> None:
            loop.jumping.jumped += min(seconds, 1.0)

        world.gate._sleep = at_once
        world.gate.pace = Pace(delay=1.0)

        async def two() -> None:
            await world.fetch("http://a.cn/1")
            await world.fetch("http://a.cn/2")

        world.run(two())
        assert any(after.start - before.end < 5.0 for before, after in gaps_of(world.log))


# --- single rules -------------------------------------------------------------------------------


def fetch_all(world: World, *urls: str) -> list[Outcome]:
    got: list[Outcome] = []

    async def main() -> None:
        got.extend([(await world.fetch(url)).outcome for url in urls])

    world.run(main())
    return got


def test_many_tasks_of_one_host_take_turns() -> None:
    with simulation() as loop:
        world = World(loop)

        async def main() -> None:
            await asyncio.gather(*(world.fetch(f"http://a.cn/{n}") for n in range(30)))

        world.run(main())
        assert world.asked["a.cn"] == 1, "robots.txt is asked for once"
        assert len(world.log) == 31
        assert most_open(world.log, lambda line: line.host) == 1
        assert min(b.start - a.end for a, b in gaps_of(world.log)) >= 5.0


def test_three_hosts_of_one_address_have_two_connections() -> None:
    with simulation() as loop:
        world = World(loop, page=lambda host, rng: (200, 30.0, b""))

        async def main() -> None:
            await asyncio.gather(*(world.fetch(f"http://h{n}.cn/") for n in range(3)))

        world.run(main())
        assert most_open(world.log, lambda line: line.address) == 2


def test_a_crawl_delay_holds_from_robots_to_the_first_page() -> None:
    with simulation() as loop:
        world = World(loop, robots=lambda host, n: (200, b"User-agent: *\nCrawl-delay: 40"))
        fetch_all(world, "http://a.cn/1", "http://a.cn/2")
        assert min(after.start - before.end for before, after in gaps_of(world.log)) >= 40
        assert world.gate.manifest()[0]["crawl_delay"] == 40.0


def test_robots_denies_a_path_without_a_request() -> None:
    with simulation() as loop:
        world = World(loop, robots=lambda host, n: (200, b"User-agent: *\nDisallow: /x"))
        outcomes = fetch_all(world, "http://a.cn/x/1", "http://a.cn/y")
        assert [(o.code, o.reason) for o in outcomes] == [
            (Code.REFUSED, "robots"),
            (Code.OK, ""),
        ]
        assert [line.path for line in world.log] == ["/robots.txt", "/y"]
        assert world.gate.manifest()[0]["refused"] == {"robots": 1}


def test_unreadable_robots_denies_the_host_then_asks_again_after_5_minutes_and_an_hour() -> None:
    with simulation() as loop:
        world = World(loop, robots=lambda host, n: (500, b""))
        asked: list[float] = []
        codes: list[str] = []

        async def main() -> None:
            for _ in range(200):
                outcome = (await world.fetch("http://a.cn/1")).outcome
                codes.append(f"{outcome.code}:{outcome.reason}")
                await asyncio.sleep(30.0)

        world.run(main())
        asked = [line.start for line in world.log]
        assert {line.path for line in world.log} == {"/robots.txt"}
        assert len(asked) == 3
        assert 300 <= asked[1] - asked[0] <= 300 + 60
        assert 3600 <= asked[2] - asked[1] <= 3600 + 60
        assert codes[0] == "host_parked:robots_unreachable"
        assert codes[-1] == "refused:robots_unreachable"


def test_robots_that_recovers_opens_the_host() -> None:
    with simulation() as loop:
        world = World(loop, robots=lambda host, n: (500, b"") if n == 0 else (404, b""))

        async def main() -> None:
            first = (await world.fetch("http://a.cn/1")).outcome
            assert first.retry_after == pytest.approx(300.0, abs=1)
            await asyncio.sleep(301)
            assert (await world.fetch("http://a.cn/1")).outcome.code is Code.OK

        world.run(main())


def test_robots_is_read_again_after_a_day_and_an_older_copy_serves_when_it_fails() -> None:
    with simulation() as loop:
        rules = b"User-agent: *\nDisallow: /x"
        world = World(loop, robots=lambda host, n: (200, rules) if n == 0 else (500, b""))

        async def main() -> None:
            assert (await world.fetch("http://a.cn/1")).outcome.code is Code.OK
            await asyncio.sleep(80_000)
            assert (await world.fetch("http://a.cn/2")).outcome.code is Code.OK
            assert world.asked["a.cn"] == 1
            await asyncio.sleep(10_000)
            assert (await world.fetch("http://a.cn/3")).outcome.code is Code.OK
            assert world.asked["a.cn"] == 2
            assert (await world.fetch("http://a.cn/x")).outcome.reason == "robots"
            assert world.asked["a.cn"] == 2

        world.run(main())
        assert world.gate.manifest()[0]["robots"] == ["deny status_500 stale"]


def test_each_origin_has_its_own_robots() -> None:
    with simulation() as loop:
        world = World(loop)
        fetch_all(world, "http://a.cn/1", "https://a.cn/1", "http://a.cn:8080/1")
        assert [line.path for line in world.log].count("/robots.txt") == 3
        assert most_open(world.log, lambda line: line.host) == 1


def test_a_redirect_of_robots_to_another_host_asks_no_robots_of_that_host() -> None:
    with simulation() as loop:
        world = World(loop)
        plain = world.fetch

        async def redirected(url: str) -> Answer:
            await plain(url)
            return await plain("http://b.cn/files/robots-all.txt")

        world.gate.use(redirected)
        fetch_all(world, "http://a.cn/1")
        assert [(line.host, line.path) for line in world.log] == [
            ("a.cn", "/robots.txt"),
            ("b.cn", "/files/robots-all.txt"),
            ("a.cn", "/1"),
        ]


def test_a_long_park_is_handed_back_and_a_short_one_waited_for() -> None:
    def page(host: str, rng: random.Random) -> tuple[int, float, bytes]:
        wait = 100 if len(world.log) == 1 else 5000
        return 503, 0.1, b"Retry-After: %d\r\n" % wait

    with simulation() as loop:
        world = World(loop, page=page)
        outcomes = fetch_all(world, "http://a.cn/1", "http://a.cn/2", "http://a.cn/3")
        assert [line.path for line in world.log] == ["/robots.txt", "/1", "/2"]
        assert world.log[2].start - world.log[1].end >= 100
        assert (outcomes[2].code, outcomes[2].reason) == (Code.HOST_PARKED, "parked")
        assert outcomes[2].retry_after == pytest.approx(5000, abs=1)


def test_outside_the_hours_of_the_run_nothing_goes_out() -> None:
    with simulation() as loop:
        noon_in_china = 1_700_006_400.0 + 4 * 3600
        world = World(loop, Pace(hours=(22, 6)), wall_offset=noon_in_china)

        async def main() -> None:
            outcome = (await world.fetch("http://a.cn/1")).outcome
            assert (outcome.code, outcome.reason) == (Code.HOST_PARKED, "hours")
            assert outcome.retry_after == 10 * 3600
            assert world.log == []
            await asyncio.sleep(outcome.retry_after)
            assert (await world.fetch("http://a.cn/1")).outcome.code is Code.OK

        world.run(main())


def test_cancelled_waiters_leave_the_turn_free() -> None:
    with simulation() as loop:
        world = World(loop)

        async def main() -> None:
            await world.fetch("http://a.cn/0")
            waiting = [asyncio.ensure_future(world.fetch(f"http://a.cn/{n}")) for n in range(10)]
            await asyncio.sleep(1.0)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            answer = await asyncio.wait_for(world.fetch("http://a.cn/last"), 60)
            assert answer.outcome.code is Code.OK

        world.run(main())


def test_a_leave_without_an_enter_is_an_error() -> None:
    with simulation() as loop:
        world = World(loop)
        with pytest.raises(UsageError, match="no request"):
            world.gate.leave("http://a.cn/", "203.0.113.1", None, Outcome(Code.OK))


def test_state_goes_through_a_restart() -> None:
    with simulation() as loop:
        world = World(loop, robots=lambda host, n: (200, b"User-agent: *\nDisallow: /x"))
        fetch_all(world, "http://a.cn/1", "http://a.cn/2")
        hosts, robots = world.gate.export_hosts(), world.gate.export_robots()
        saved = loop.time()
    assert all(isinstance(v, (str, int, float, bytes)) for r in hosts + robots for v in r.values())
    with simulation() as loop:
        world = World(loop, wall_offset=1_700_000_000.0 + saved)
        world.gate.restore_hosts(hosts, same_run=True)
        world.gate.restore_robots(robots)
        outcomes = fetch_all(world, "http://a.cn/x", "http://a.cn/3")
        assert outcomes[0].reason == "robots"
        assert [line.path for line in world.log] == ["/3"], "robots.txt is still known"
        assert 5.0 <= world.log[0].start <= 7.5
        assert world.gate.manifest()[0]["requests"] == 4


def test_robots_that_ages_while_its_page_waits_is_read_again_first() -> None:
    """Many tasks wait for one slow host; none goes out on a copy older than a day."""
    rules = b"User-agent: *\nCrawl-delay: 40000"
    with simulation() as loop:
        world = World(loop, Pace(longest_wait=1e9), robots=lambda host, n: (200, rules))

        async def main() -> None:
            await asyncio.gather(*(world.fetch(f"http://a.cn/{n}") for n in range(8)))

        world.run(main())
        read = 0.0
        for line in sorted(world.log, key=lambda one: one.start):
            if line.path == "/robots.txt":
                read = line.start
            else:
                assert line.start - read <= 86_400 + 1
        assert len([line for line in world.log if line.path != "/robots.txt"]) == 8
        assert most_open(world.log, lambda line: line.host) == 1
