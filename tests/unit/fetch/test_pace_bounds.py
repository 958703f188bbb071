"""Where the limits of politeness lie, to the byte and the second; all sums are made by hand."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from govreport_parse.fetch.host_pace import HostPace, Pace
from govreport_parse.fetch.politeness import Politeness
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome

T = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)
OK = Outcome(Code.OK)
RETRY = Outcome(Code.RETRY, "deadline")
BLOCKED = Outcome(Code.BLOCKED, "waf:unknown")
HEAD = b"HTTP/1.1 %d X\r\n%s\r\n"
"""Without header lines 18 bytes."""


def exchange(status: int = 200, *, head: bytes = b"", body: bytes = b"") -> Exchange:
    raw = HEAD % (status, head)
    return Exchange("http://a.cn/", "GET", b"", "203.0.113.1", T, 0.2, status, raw, body)


def asked(**limits: Any) -> tuple[HostPace, Pace]:
    """A host that was asked once, at 0 s."""
    pace = Pace(**limits)
    host = HostPace("a.cn")
    host.entered(pace, "203.0.113.1", 0.0)
    return host, pace


def left(host: HostPace, pace: Pace, got: Exchange, outcome: Outcome = OK, now: float = 0) -> None:
    host.left(pace, got, outcome, now, 0.0)


# --- one host -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "reason"), [(981, ""), (982, "host_bytes")])
def test_heads_count_and_the_last_byte_is_the_limit(body: int, reason: str) -> None:
    host, pace = asked(bytes=1000)
    left(host, pace, exchange(body=b"x" * body))
    assert host.bytes == 18 + body
    refusal = host.refusal(pace, 1000.0)
    assert (refusal.reason if refusal else "") == reason


@pytest.mark.parametrize(("until", "reason"), [(1000.0, ""), (1000.5, "parked")])
def test_a_turn_exactly_as_far_away_as_the_longest_wait_is_waited_for(
    until: float, reason: str
) -> None:
    host, pace = asked(longest_wait=900.0)
    host.parked_until = until
    refusal = host.refusal(pace, 100.0)
    assert (refusal.reason if refusal else "") == reason
    assert refusal is None or refusal.retry_after == 900.5


def test_not_modified_is_a_good_answer() -> None:
    host, pace = asked()
    left(host, pace, exchange(500), RETRY)
    assert host.penalty == 2
    for _ in range(20):
        left(host, pace, exchange(304), Outcome(Code.NOT_MODIFIED))
    assert host.penalty == 1


def test_good_answers_before_an_error_do_not_count_after_it() -> None:
    host, pace = asked()
    left(host, pace, exchange(500), RETRY)
    for _ in range(19):
        left(host, pace, exchange())
    left(host, pace, exchange(500), RETRY)
    left(host, pace, exchange())
    assert host.penalty == 4


def test_blocked_pages_in_a_row_are_in_a_row() -> None:
    host, pace = asked(blocked_in_row=3)
    for outcome in (BLOCKED, BLOCKED, RETRY, BLOCKED):
        left(host, pace, exchange(403), outcome)
    assert (host.given_up, host.blocked_row) == ("", 1)
    left(host, pace, exchange(403), BLOCKED)
    # five errors in a row park the host; it isn't given up for these two blocked pages
    assert (host.given_up, host.parks) == ("", 1)


@pytest.mark.parametrize("status", [300, 302, 399, 404])
def test_any_answer_but_a_good_one_may_ask_for_a_pause(status: int) -> None:
    host, pace = asked()
    left(host, pace, exchange(status, head=b"Retry-After: 120\r\n"), now=7.0)
    assert host.parked_until == 127.0
    left(host, pace, exchange(200, head=b"Retry-After: 500\r\n"), now=200.0)
    assert host.parked_until == 127.0


@pytest.mark.parametrize(("status", "errors"), [(300, 0), (399, 0), (400, 1), (299, 1)])
def test_every_redirect_is_an_answer_as_it_should_be(status: int, errors: int) -> None:
    host, pace = asked()
    left(host, pace, exchange(status), Outcome(Code.FAILED, "redirect"))
    assert host.errors_row == errors


def test_a_page_that_turns_out_to_be_blocked_doubles_the_delay_from_when_it_came() -> None:
    host, pace = asked()
    left(host, pace, exchange(), now=10.0)
    assert host.ready_at == 15.0
    host.refined(pace, BLOCKED, 10.1)
    assert host.ready_at == 20.0


def test_robots_of_one_host_shorten_no_delay_that_others_of_it_asked_for() -> None:
    host, pace = asked()
    host.slow_to(pace, 30.0)
    host.slow_to(pace, 10.0)
    assert host.delay(pace) == 30.0


def test_a_restart_forgets_neither_rows_of_errors_nor_the_delay_that_was_asked_for() -> None:
    host, pace = asked()
    host.slow_to(pace, 40.0)
    for _ in range(2):
        left(host, pace, exchange(503), BLOCKED)
    row = host.to_row(pace, 0.0, 0.0)
    again = HostPace.from_row(row, 0.0, 0.0, same_run=True)
    assert (again.blocked_row, again.unavailable_row, again.errors_row) == (2, 2, 2)
    assert again.crawl_delay == 40.0
    other = HostPace.from_row(row, 0.0, 0.0, same_run=False)
    assert (other.blocked_row, other.unavailable_row, other.errors_row) == (0, 0, 0)
    assert other.crawl_delay == 40.0


# --- the gate -------------------------------------------------------------------------------------


class Gate:
    """A gate whose clock moves when it sleeps; robots.txt is ``robots(number of the asking)``."""

    def __init__(self, robots: Callable[[int], Answer], *, wall: float = 0.0, **limits: Any):
        self.now = 0.0
        self.asked: list[float] = []
        self._robots = robots
        self.gate = Politeness(
            self._fetch,
            Pace(**limits),
            clock=lambda: self.now,
            now=lambda: wall + self.now,
            sleep=self._sleep,
            chance=lambda: 0.0,
        )

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds

    async def _fetch(self, url: str) -> Answer:
        self.asked.append(self.now)
        return self._robots(len(self.asked))

    def page(self, url: str = "http://a.cn/1") -> Outcome | None:
        """Ask for a page; what refused it, or nothing."""

        async def turn() -> Outcome | None:
            refusal = await self.gate.enter(url, "203.0.113.1")
            if refusal is None:
                self.gate.leave(url, "203.0.113.1", exchange(), OK)
            return refusal

        return asyncio.run(turn())


def robots(status: int, body: bytes = b"") -> Answer:
    code = Code.OK if status == 200 else Code.RETRY if status >= 500 else Code.GONE
    got = exchange(status, body=body)
    return Answer("http://a.cn/robots.txt", Outcome(code, "x"), (got,), body)


def test_hours_that_end_while_a_page_waits_refuse_it() -> None:
    # 05:59:58 in China is 21:59:58 of the day before in UTC
    wall = datetime.datetime(2026, 3, 1, 21, 59, 58, tzinfo=datetime.UTC).timestamp()
    site = Gate(lambda n: robots(404), wall=wall, hours=(22, 6))
    assert site.page() is None
    refusal = site.page()
    # the second page waits for 5 s, till 06:00:03; 15 h 59 min 57 s to 22:00
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (Code.HOST_PARKED, "hours")
    assert refusal.retry_after == 16 * 3600 - 3


def test_a_robots_file_that_could_not_be_asked_for_is_no_failure_of_it() -> None:
    parked = Answer(
        "http://a.cn/robots.txt", Outcome(Code.HOST_PARKED, "parked", "for a while", 1000.0)
    )
    site = Gate(lambda n: parked if n <= 5 else robots(404))
    for _ in range(5):
        refusal = site.page()
        assert refusal is not None
        assert (refusal.code, refusal.reason, refusal.retry_after) == (
            Code.HOST_PARKED,
            "parked",
            1000.0,
        )
    assert site.page() is None
    assert len(site.asked) == 6


def test_failures_of_a_robots_file_before_it_was_read_do_not_count_after_it() -> None:
    bad = {1, 2, 4}
    site = Gate(lambda n: robots(500) if n in bad else robots(404))
    day = 24 * 3600.0
    for at in (0.0, 300.0, 3900.0):
        site.now = at
        site.page()
    assert site.asked == [0.0, 300.0, 3900.0]
    # a day later it fails once, the old copy stands in, and 300 s later it is asked for again
    for at in (3900.0 + day, 3900.0 + day + 300.0):
        site.now = at
        assert site.page() is None
    assert site.asked[3:] == [3900.0 + day, 3900.0 + day + 300.0]


def test_only_copies_that_were_read_are_kept() -> None:
    site = Gate(lambda n: robots(500))
    site.page()
    assert site.gate.export_robots() == []
    site = Gate(lambda n: robots(404))
    site.page()
    (row,) = site.gate.export_robots()
    assert (row["address"], row["decision"]) == ("http://a.cn/robots.txt", "allow")


def test_every_refusal_is_counted() -> None:
    site = Gate(lambda n: robots(200, b"User-agent: *\nDisallow: /a/\n"))
    for path in ("a/1", "a/2", "b/1", "a/3"):
        site.page(f"http://a.cn/{path}")
    (account,) = site.gate.manifest()
    assert (account["requests"], account["refused"]) == (1, {"robots": 3})
