"""One host's pace and the meaning of Retry-After; expected seconds are worked out by hand."""

from __future__ import annotations

import datetime
import random

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.fetch.host_pace import HostPace, Pace
from govreport_parse.fetch.records import Code, Exchange, Outcome
from govreport_parse.fetch.retry_after import asked_wait, park_seconds

T = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)
OK = Outcome(Code.OK)
RETRY = Outcome(Code.RETRY, "deadline")


def exchange(
    status: int = 200, seconds: float = 0.2, head: bytes = b"", body: bytes = b""
) -> Exchange:
    raw = b"HTTP/1.1 %d X\r\n%s\r\n" % (status, head)
    return Exchange("http://a.cn/", "GET", b"", "203.0.113.1", T, seconds, status, raw, body)


def started(**changes: float) -> tuple[HostPace, Pace]:
    pace = Pace(**changes)  # type: ignore[arg-type]
    host = HostPace("a.cn")
    host.entered(pace, "203.0.113.1", 0.0)
    return host, pace


# --- Retry-After --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"120", 120.0),
        (b"0", 0.0),
        (b"100000000000", 1e11),
        (b"1e11", None),
        (b"-5", None),
        (b"+5", None),
        (b"12.5", None),
        ("１２".encode(), None),
        (b"", None),
        (b"soon", None),
        (b"9" * 200, None),
        (b"Sun, 01 Mar 2026 12:05:00 GMT", 300.0),
        (b"Sunday, 01-Mar-26 12:05:00 GMT", 300.0),
        (b"Sun Mar  1 12:05:00 2026", 300.0),
        (b"Sun, 01 Mar 2026 20:05:00 +0800", 300.0),
        (b"Sun, 01 Mar 2026 11:00:00 GMT", None),
        (b"Sun, 99 Mar 2026 12:05:00 GMT", None),
        (b"Sun, 01 Mar 99999999999 12:05:00 GMT", None),
    ],
)
def test_both_forms(value: bytes, expected: float | None) -> None:
    head = b"Date: Sun, 01 Mar 2026 12:00:00 GMT\r\nRetry-After: " + value + b"\r\n"
    assert asked_wait(exchange(503, head=head)) == expected


def test_a_date_is_measured_by_the_servers_own_clock() -> None:
    # The server's clock is a year fast; it means five minutes.
    head = b"Date: Mon, 01 Mar 2027 12:00:00 GMT\r\nRetry-After: Mon, 01 Mar 2027 12:05:00 GMT\r\n"
    assert asked_wait(exchange(503, head=head)) == 300.0
    # Without a Date of its own: from when the answer came, 12:00:00 and 30 s.
    head = b"Retry-After: Sun, 01 Mar 2026 12:05:00 GMT\r\n"
    assert asked_wait(exchange(503, seconds=30.0, head=head)) == 270.0


def test_parks_are_clamped() -> None:
    assert park_seconds(1e11, delay=5, in_a_row=0) == 86_400
    assert park_seconds(0.0, delay=5, in_a_row=0) == 5
    assert [park_seconds(None, delay=5, in_a_row=n) for n in (0, 1, 2, 5, 6, 99)] == [
        60,
        120,
        240,
        1920,
        3600,
        3600,
    ]


# --- delays -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "crawl_delay", "expected"),
    [(0.2, 0.0, 5.0), (3.0, 0.0, 15.0), (30.0, 0.0, 60.0), (0.2, 20.0, 20.0), (30.0, 900.0, 900.0)],
)
def test_the_largest_delay_counts(seconds: float, crawl_delay: float, expected: float) -> None:
    host, pace = started()
    host.slow_to(pace, crawl_delay)
    host.left(pace, exchange(seconds=seconds), OK, 100.0, 0.0)
    assert host.ready_at == 100.0 + expected


def test_jitter_only_adds() -> None:
    host, pace = started()
    host.left(pace, exchange(), OK, 100.0, 1.0)
    assert host.ready_at == 107.5


def test_an_error_page_that_comes_fast_makes_nothing_faster() -> None:
    host, pace = started()
    host.left(pace, exchange(seconds=4.0), OK, 0.0, 0.0)
    host.left(pace, exchange(404, seconds=0.01), Outcome(Code.GONE), 50.0, 0.0)
    assert host.ready_at == 70.0
    host.left(pace, exchange(seconds=0.01), OK, 100.0, 0.0)
    assert host.ready_at == 105.0


def test_errors_double_and_twenty_good_answers_halve() -> None:
    host, pace = started(errors_in_row=100)
    delays = []
    for _ in range(9):
        host.left(pace, exchange(500), RETRY, 0.0, 0.0)
        delays.append(host.ready_at)
    assert delays == [10, 20, 40, 80, 160, 320, 600, 600, 600]
    for _ in range(19):
        host.left(pace, exchange(), OK, 0.0, 0.0)
    assert host.ready_at == 600
    host.left(pace, exchange(), OK, 0.0, 0.0)
    assert host.ready_at == 320
    for _ in range(200):
        host.left(pace, exchange(404), Outcome(Code.GONE), 0.0, 0.0)
    assert host.ready_at == 320, "a page that is gone is no sign of health"


def test_robots_crawl_delay_holds_for_the_very_next_request() -> None:
    host, pace = started()
    host.left(pace, exchange(), OK, 100.0, 0.0)
    assert host.ready_at == 105.0
    host.slow_to(pace, 30.0)
    assert host.ready_at == 130.0


# --- parks and caps -----------------------------------------------------------------------------


def test_retry_after_parks_the_host() -> None:
    host, pace = started()
    host.left(pace, exchange(429, head=b"Retry-After: 7200\r\n"), RETRY, 1000.0, 0.0)
    assert host.next_at == 8200.0
    refusal = host.refusal(pace, 1000.0)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (Code.HOST_PARKED, "parked")
    assert refusal.retry_after == 7200.0
    assert host.refusal(pace, 8000.0) is None, "200 s are waited for"


def test_503_without_a_value_backs_off_more_each_time() -> None:
    host, pace = started(errors_in_row=100)
    parks = []
    for now in (0.0, 10_000.0, 20_000.0):
        host.left(pace, exchange(503), RETRY, now, 0.0)
        parks.append(host.parked_until - now)
    assert parks == [60, 120, 240]
    host.left(pace, exchange(), OK, 30_000.0, 0.0)
    host.left(pace, exchange(503), RETRY, 40_000.0, 0.0)
    assert host.parked_until == 40_080.0, "60 s, but the delay is 80 s after four errors"


def test_five_errors_park_and_three_parks_give_up() -> None:
    host, pace = started()
    parks = []
    now = 0.0
    for n in range(15):
        host.left(pace, exchange(500), RETRY, now, 0.0)
        if n % 5 == 4:
            parks.append(host.parked_until - now)
        else:
            assert host.parked_until <= now
        now = host.next_at
    assert parks == [1800, 3600, 7200]
    refusal = host.refusal(pace, 1e9)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (Code.REFUSED, "host_given_up")


def test_errors_in_a_row_are_in_a_row() -> None:
    host, pace = started()
    for _ in range(20):
        for _ in range(4):
            host.left(pace, exchange(500), RETRY, 0.0, 0.0)
        host.left(pace, exchange(404), Outcome(Code.GONE), 0.0, 0.0)
    assert host.parks == 0


def test_a_redirect_is_no_error() -> None:
    host, pace = started()
    for _ in range(10):
        host.left(pace, exchange(302), Outcome(Code.FAILED, "redirect"), 0.0, 0.0)
    assert (host.parks, host.penalty, host.errors_row) == (0, 1.0, 0)


def test_nothing_sent_is_no_sign_of_health() -> None:
    host, pace = started()
    for _ in range(4):
        host.left(pace, exchange(500), RETRY, 0.0, 0.0)
    host.left(pace, None, Outcome(Code.REFUSED, "cancelled"), 0.0, 0.0)
    assert host.errors_row == 4


def test_three_blocked_pages_end_the_run_for_the_host() -> None:
    blocked = Outcome(Code.BLOCKED, "waf:jsl")
    host, pace = started()
    host.left(pace, exchange(521), blocked, 0.0, 0.0)
    host.left(pace, exchange(521), blocked, 0.0, 0.0)
    assert host.refusal(pace, 1e6) is None
    host.left(pace, exchange(521), blocked, 0.0, 0.0)
    refusal = host.refusal(pace, 1e6)
    assert refusal is not None
    assert refusal.reason == "host_blocked"


def test_blocked_pages_that_came_as_good_answers_count_too() -> None:
    blocked = Outcome(Code.BLOCKED, "waf:yunsuo")
    host, pace = started()
    for n in range(3):
        assert host.refusal(pace, 1e6) is None
        host.left(pace, exchange(200), OK, n * 100.0, 0.0)
        host.refined(pace, blocked, n * 100.0 + 1)
    assert host.given_up == "host_blocked"


def test_caps() -> None:
    host, pace = started(requests=3)
    host.entered(pace, "203.0.113.1", 0.0)
    assert host.refusal(pace, 0.0) is None
    host.entered(pace, "203.0.113.1", 0.0)
    refusal = host.refusal(pace, 0.0)
    assert refusal is not None
    assert refusal.reason == "host_requests"
    host, pace = started(bytes=1000)
    host.left(pace, exchange(body=b"x" * 1000), OK, 0.0, 0.0)
    refusal = host.refusal(pace, 1e6)
    assert refusal is not None
    assert refusal.reason == "host_bytes"


@pytest.mark.parametrize("bad", [{"delay": 0.5}, {"delay": -1.0}, {"delay": float("nan")}])
def test_impolite_limits_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Pace(**bad)  # type: ignore[arg-type]


def test_short_delays_are_for_ones_own_hosts_only() -> None:
    own = Pace(delay=0.1, i_own_these_hosts=True)
    assert own.delay_for("203.0.113.1") == 0.1
    loopback = Pace(delay=0.1, private_allowed=True)
    assert loopback.delay_for("127.0.0.1") == 0.1
    assert loopback.delay_for("::1") == 0.1
    assert loopback.delay_for("203.0.113.1") == 1.0
    assert loopback.delay_for("10.0.0.1") == 1.0
    assert loopback.delay_for("") == 1.0


@pytest.mark.parametrize(
    ("hours", "china", "expected"),
    [
        ((22, 6), 23.0, 0),
        ((22, 6), 5.5, 0),
        ((22, 6), 6.0, 16 * 3600),
        ((22, 6), 21.5, 1800),
        ((9, 17), 12.0, 0),
        ((9, 17), 17.0, 16 * 3600),
        ((9, 17), 8.0, 3600),
        (None, 8.0, 0),
    ],
)
def test_hours_are_those_of_china(
    hours: tuple[int, int] | None, china: float, expected: float
) -> None:
    midnight_in_china = 1_700_006_400.0 - 8 * 3600  # 2023-11-15 00:00 UTC, less eight hours
    wall = midnight_in_china + china * 3600
    assert Pace(hours=hours).closed_for(wall) == pytest.approx(expected)


# --- over restarts ------------------------------------------------------------------------------


def test_a_restart_never_shortens_and_never_prolongs_the_wait() -> None:
    host, pace = started()
    host.left(pace, exchange(429, head=b"Retry-After: 7200\r\n"), RETRY, 1000.0, 0.0)
    row = host.to_row(pace, 1000.0, 1_700_000_000.0)

    def again(wall: float) -> HostPace:
        return HostPace.from_row(row, 50.0, wall, same_run=True)

    assert again(1_700_000_600.0).parked_until - 50.0 == 6600.0
    # the clock was set back a day: not longer than it was
    assert again(1_700_000_000.0 - 86_400).parked_until - 50.0 == 7200.0
    # ten years on: the park has passed, the delay is still kept
    later = again(1_700_000_000.0 + 10 * 365 * 86_400)
    assert later.next_at - 50.0 == later.delay(pace) == 10.0


def test_clock_walks_over_restarts() -> None:
    """Restarts at any moment with the clock set anywhere: never too soon, never over the cap."""
    rng = random.Random(9)
    jumps = (-86_400.0, 0.0, 3600.0, 30.0, 10 * 365.25 * 86_400, -1.7e9)
    for _ in range(500):
        host, pace = started()
        now = 0.0
        for _ in range(rng.randrange(1, 8)):
            code = rng.choice((200, 200, 500, 503))
            outcome = OK if code == 200 else RETRY
            host.left(pace, exchange(code, seconds=rng.uniform(0, 20)), outcome, now, rng.random())
            now = host.next_at
        asked_at = now - rng.uniform(0, 5)
        row = host.to_row(pace, asked_at, 1_700_000_000.0)
        again = HostPace.from_row(
            row, 1000.0, 1_700_000_000.0 + rng.choice(jumps), same_run=rng.random() < 0.5
        )
        wait = again.next_at - 1000.0
        assert wait >= host.delay(pace) - 1e-6
        assert wait <= max(host.next_at - asked_at, host.delay(pace)) + 1e-6
        assert again.delay(pace) == host.delay(pace)


def test_what_counts_for_a_run_is_kept_in_the_same_run_only() -> None:
    host, pace = started()
    for _ in range(5):
        host.left(pace, exchange(500, body=b"x" * 100), RETRY, 0.0, 0.0)
    row = host.to_row(pace, 0.0, 0.0)
    same = HostPace.from_row(row, 0.0, 0.0, same_run=True)
    other = HostPace.from_row(row, 0.0, 0.0, same_run=False)
    assert (same.requests, same.parks, same.bytes) == (1, 1, host.bytes)
    assert (other.requests, other.parks, other.bytes) == (0, 0, 0)
    assert same.penalty == other.penalty == 32
    assert same.parked_until == other.parked_until == 1800.0
