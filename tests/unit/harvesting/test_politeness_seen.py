"""How polite a harvest is, as the servers see it, over real time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from harvesting.harvested_site import Site, collect, report, served, sites

ROBOTS = b"User-agent: *\nDisallow: /secret/\n"
WALL_HEAD = b"Content-Type: text/html\r\nSet-Cookie: __jsluid_h=1\r\n"
PLAIN = b"Content-Type: text/plain\r\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


@pytest.mark.parametrize(
    ("hosts", "pages", "delay"),
    [(8, 4, 0.2), pytest.param(20, 300, 0.3, marks=pytest.mark.long)],
    ids=["short", "two_minutes"],
)
def test_no_host_is_asked_too_soon_nor_before_its_robots_txt(
    site: Site, tmp_path: Path, hosts: int, pages: int, delay: float
) -> None:
    site.page("/robots.txt", served(ROBOTS, PLAIN))
    site.page("/secret/x", served(report(1)))
    for number in range(pages):
        site.page(f"/{number}", served(report(number)))
    rows = [site.url(f"/{number}", f"h{host}") for number in range(pages) for host in range(hosts)]
    forbidden = [site.url("/secret/x", f"h{host}") for host in range(hosts)]
    pace = {"requests": pages + 5}
    run = collect(rows + forbidden, tmp_path, delay=delay, pace=pace, parse=False)
    assert run.ended == "done"
    seen = site.by_host()
    assert len(seen) == hosts
    for asked in seen.values():
        assert [s.path for s in asked].count("/robots.txt") == 1
        assert asked[0].path == "/robots.txt"
        assert len(asked) == pages + 1
        assert "/secret/x" not in {s.path for s in asked}
        gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(asked)]
        assert min(gaps) >= delay, min(gaps)
    table = run.outcomes()
    assert set(table["outcome"][len(rows) :]) == {"refused"}
    for host in run.manifest["hosts"]:
        assert host["gap_min"] >= delay
        assert host["requests"] == pages + 1


@pytest.mark.parametrize("asked", [b"1", b"0x", b"-5"], ids=["seconds", "nonsense", "negative"])
def test_a_busy_host_is_left_alone_for_as_long_as_it_asks(
    site: Site, tmp_path: Path, asked: bytes
) -> None:
    busy = served(b"busy", b"Retry-After: " + asked + b"\r\n", b"503 Service Unavailable")
    for number in range(3):
        site.page(
            f"/{number}", lambda _, before, n=number: served(report(n)) if n or before else busy
        )
    rows = [site.url(f"/{number}") for number in range(3)]
    run = collect(rows, tmp_path, parse=False, delay=0.01)
    log = site.by_host()["a"]
    first = next(place for place, seen in enumerate(log) if seen.path == "/0")
    if asked == b"1":
        assert log[first + 1].at - log[first].at >= 1.0
        assert run.outcomes()["outcome"].tolist() == ["fetched"] * 3
        assert [s.path for s in log].count("/0") == 2
    else:  # a minute, the usual wait: more than this run may wait
        assert log[-1] is log[first]
        assert run.ended == "waiting"
        assert set(run.outcomes()["outcome"]) == {"waiting"}


def test_what_a_host_asked_for_holds_over_a_restart(site: Site, tmp_path: Path) -> None:
    busy = served(b"busy", b"Retry-After: 3600\r\n", b"503 Service Unavailable")
    site.page("/0", busy)
    site.page("/1", served(report(1)))
    rows = [site.url("/0"), site.url("/1")]
    for _ in range(2):
        run = collect(rows, tmp_path, parse=False)
        assert run.ended == "waiting"
    assert [s.path for s in site.server.log] == ["/robots.txt", "/0"]


def test_a_host_that_always_asks_for_patience_is_not_asked_for_ever(
    site: Site, tmp_path: Path
) -> None:
    site.page("/0", served(b"busy", b"Retry-After: 0\r\n", b"503 Service Unavailable"))
    site.page("/1", served(report(1)))
    run = collect(
        [site.url("/0"), site.url("/1")], tmp_path, parse=False, pace={"errors_in_row": 100}
    )
    assert run.outcomes()["outcome"].tolist() == ["failed", "fetched"]
    assert [s.path for s in site.server.log].count("/0") == 6


def test_a_run_keeps_to_its_number_of_requests_and_the_next_goes_on(
    site: Site, tmp_path: Path
) -> None:
    rows = [site.url(f"/{number}") for number in range(7)]
    for number in range(7):
        site.page(f"/{number}", served(report(number)))
    run = collect(rows, tmp_path, pace={"requests": 4})
    assert run.ended == "waiting"
    assert run.manifest["left_alone"] == {"a.test": "host_requests"}
    table = run.outcomes()
    assert table["outcome"].tolist() == ["parsed"] * 3 + ["waiting"] * 4
    assert "host_requests" in table["reason"][6]
    assert not run.is_complete
    run = collect(rows, tmp_path)
    assert run.ended == "done"
    assert run.outcomes()["outcome"].tolist() == ["parsed"] * 7
    assert len(site.server.log) == 8


def test_a_host_that_shows_challenges_is_asked_three_times(site: Site, tmp_path: Path) -> None:
    wall = served(b"<script>document.cookie='__jsl_clearance=1'</script>", WALL_HEAD, b"521 X")
    for number in range(6):
        site.page(f"/{number}", wall)
    rows = [site.url(f"/{number}") for number in range(6)]
    run = collect(rows, tmp_path)
    assert [s.path for s in site.server.log] == ["/robots.txt", "/0", "/1", "/2"]
    assert run.outcomes()["outcome"].tolist() == ["blocked"] * 6
    assert run.ended == "waiting"
