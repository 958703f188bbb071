"""Fifty hosts of which a third of the answers are faulty; hosts that are slow, endless or dead."""

from __future__ import annotations

import hashlib
import itertools
import socket
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fetch.fault_server import BIG, LIVE, MODES, PAGE, RAW, FaultServer, Talk, answer, serving

from govreport_parse import bundled_site
from govreport_parse.fetch.client import Limits
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.state import open_state_readonly
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.ingest import source_of
from govreport_parse.harvesting.results import utc
from govreport_parse.harvesting.run import Run, harvest

LIMITS = Limits(
    dns=30.0, connect=30.0, head=2.5, stall=2.5, page_total=4.0, wire=1 << 20, decoded=16 << 20
)
"""Slow answers must end, so a good one may be too late for them on a busy machine."""
PATIENT = replace(LIMITS, head=6.0, stall=6.0, page_total=12.0)
"""For a thousand documents that are parsed at the same time."""
CRAWL = CrawlOptions(attempts=6, retry_wait=0.05, longest_wait=30.0)
"""A busy machine is no fault: it would have to be too late six times in a row."""
SLOW = (
    "/slow-body",
    "/lenient-slow-body",
    "/slow-head",
    "/endless-100",
    "/silent",
    "/length-100-more",
)
HTML = b"Content-Type: text/html; charset=utf-8\r\n"


@pytest.fixture(scope="module")
def page() -> str:
    with (
        bundled_site.serve() as site,
        urllib.request.urlopen(f"{site.url}/zwgk/ndbg/2024/t1.html") as got,
    ):
        return got.read().decode()


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving(pace=0.2) as found:
        yield found


def to_loopback(host: str) -> Sequence[str]:
    if host.startswith("dead"):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return ["127.0.0.1"]


def fetch(rows: Any, out: Path, **more: Any) -> Run:
    given: dict[str, Any] = {
        "allow_private": True,
        "i_own_these_hosts": True,
        "delay": 0.0,
        "least_free": 0,
        "limits": LIMITS,
        "pace": {
            "busy_factor": 0.0, "per_group": 64, "errors_in_row": 1000, "blocked_in_row": 1000,
            "requests": 100_000,
        },
        "crawl": CRAWL,
        "resolver": Resolver(to_loopback),
        **more,
    }  # fmt: skip
    return harvest(rows, out, "someone@example.org", **given)


@dataclass
class Site:
    """Reports at ``/r/<host>/<n>``, and at ``/f/<mode>/...`` once a fault and then a report."""

    server: FaultServer
    page: str
    tries: Counter[str] = field(default_factory=Counter)

    def report(self, name: str) -> bytes:
        number = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
        return self.page.replace("清溪县", f"第{number}县").encode()

    def good(self, path: str) -> str:
        async def reply(talk: Talk) -> None:
            await talk.send(answer(self.report(path), HTML))

        self.server.pages[path] = reply
        return path

    def flaky(self, path: str, mode: str) -> str:
        """The fault the first time, the report from then on."""
        faults = RAW.get(mode) or LIVE[mode]

        async def reply(talk: Talk) -> None:
            self.tries[path] += 1
            if self.tries[path] > 1:
                await talk.send(answer(self.report(path), HTML))
            elif isinstance(faults, bytes):
                await talk.send(faults)
                talk.writer.close()
            else:
                await faults(talk)
                talk.writer.close()

        self.server.pages[path] = reply
        return path


TRANSIENT = (
    *("/close", "/reset", "/reset-at-once", "/slow-head", "/silent", "/endless-100", "/half-head"),
    *("/slow-body", "/length-500-too-long", "/length-100", "/length-100-more", "/no-length-cut"),
    *("/no-length-gzip-cut", "/no-length-empty", "/chunked-cut", "/chunked-cut-inside"),
    *("/gzip-cut", "/gzip-cut-1", "/gzip-cut-chunked", "/gzip-crc", "/gzip-second-cut"),
    *("/gzip-empty", "/deflate-cut", "/lenient-slow-body"),
)
"""Faults after which the client asks again (``test_client_modes`` says so of each)."""


@pytest.mark.parametrize("pages", [4, pytest.param(20, marks=pytest.mark.long)])
def test_fifty_hosts_and_a_third_of_faults(
    server: FaultServer, page: str, tmp_path: Path, pages: int
) -> None:
    site = Site(server, page)
    faults = itertools.cycle(TRANSIENT)
    left_out = ("/cookie", "/stale", *(SLOW if pages < 10 else ()))  # each six times too slow
    modes = itertools.cycle(m for m in MODES if m not in left_out)
    rows, must = [], {}
    for host, number in itertools.product(range(50), range(pages)):
        place = host * pages + number
        path = f"/r/{host}/{number}"
        name = f"http://h{host}.test:{server.port}"
        if place % 10 in (3, 6):
            must[name + site.flaky(path, next(faults))] = site.report(path)
            rows.append(name + path)
        elif place % 10 == 9:
            rows.append(f"{name}{next(modes)}?{place}")
        else:
            must[name + site.good(path)] = site.report(path)
            rows.append(name + path)
    run = fetch(rows, tmp_path, limits=LIMITS if pages < 10 else PATIENT)
    table = run.outcomes().to_dict("records")
    assert run.ended == "done"
    assert len(table) == len(rows)
    assert [r["url"] for r in table if r["outcome"] in ("waiting", "fetched", "")] == []
    assert [r for r in table if "internal:" in (r["reason"] or "")] == []
    lost = [r for r in table if r["url"] in must and r["outcome"] != "parsed"]
    assert lost == []
    assert {r["url"] for r in run.dataset.wide().to_dict("records")} >= set(must)
    whole = {hashlib.sha256(body).hexdigest() for body in (*must.values(), PAGE, BIG, BIG + PAGE)}
    with open_state_readonly(tmp_path, utc) as state:
        accepted = [c for c in state.captures() if c.code == "ok" and "/robots.txt" not in c.url]
    assert len(accepted) >= len(must)
    for capture in accepted:
        assert source_of(tmp_path, capture, {}).sha256 in whole, capture.url


@pytest.mark.long
@pytest.mark.parametrize("bad", ["/slow-body", "/chunks-for-ever", "/silent", "dead"])
def test_one_bad_host_does_not_slow_the_others(
    server: FaultServer, page: str, tmp_path: Path, bad: str
) -> None:
    site = Site(server, page)
    good = [
        f"http://h{h}.test:{server.port}" + site.good(f"/r/{h}/{n}")
        for h in range(49)
        for n in range(8)
    ]
    where = f"http://dead.test:{server.port}/" if bad == "dead" else f"http://b.test:{server.port}"
    spoilt = [f"{where}{'' if bad == 'dead' else bad}?{n}" for n in range(8)]
    took = {}
    for turn in range(2):
        for name, rows in (("alone", good), ("beside", spoilt + good)):
            server.log.clear()
            began = time.monotonic()
            run = fetch(rows, tmp_path / f"{name}{turn}", parse=False)
            ends = [seen.at for seen in server.log if seen.path.startswith("/r/")]
            took[name] = min(took.get(name, 1e9), max(ends) - began)
            table = run.outcomes().set_index("url")["outcome"]
            assert {table[url] for url in good} == {"fetched"}
    print(bad, took)
    assert took["beside"] < 1.2 * took["alone"] + 0.3
