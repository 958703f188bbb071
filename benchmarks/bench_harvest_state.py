"""What it costs to go on with a harvest that knows a million addresses.

    python benchmarks/bench_harvest_state.py [--urls 1000000] [--hosts 5000] [--done 0.1]

A state is filled (sources, and that share of them captured), closed, and opened again in a process
of its own: lock, mending, the same sources once more, the first claim of 64 hosts. Then claims and
commits of 64 pages are timed, and the archive's writing. Exit status 1 when the restart takes
longer than 10 seconds or the archive writes fewer than 5,000 records a second.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from govreport_parse.fetch.archive import Archive, SegmentEnd, Stored, segment_path
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import Claim, Done, State, open_state, store_answer

RESTART_GOAL = 10.0
RECORDS_GOAL = 5000
START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
ROW = "<tr><td>本年新收政府信息公开申请数量</td><td>{}</td></tr>"


@dataclass(frozen=True, slots=True)
class Row:
    row: int
    url: str
    given: str
    kind: str = "report"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None
    duplicate_of: int | None = None


def clock() -> datetime.datetime:
    return START


def sources(urls: int, hosts: int) -> list[Row]:
    made = []
    for number in range(urls):
        url = f"http://www.county{number % hosts}.gov.cn/zwgk/gknb/{number:07d}.html"
        made.append(Row(number + 1, url, url, organ=f"某县某局{number % 97}", year=2024))
    return made


def exchange(url: str, body: bytes) -> Exchange:
    return Exchange(
        url, "GET", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "203.0.113.5", START, 0.5, 200,
        b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", body,
    )  # fmt: skip


def fill(folder: Path, rows: Sequence[Row], share: float) -> None:
    """Captures of a first segment that is nothing but a length, then some that are there."""
    with open_state(folder, clock) as state:
        began = time.perf_counter()
        state.add_sources(rows)
        print(f"fill: {len(rows):,} sources in {time.perf_counter() - began:.1f} s", flush=True)
        began = time.perf_counter()
        count = int(len(rows) * share)
        (folder / "archive").mkdir(mode=0o700, exist_ok=True)
        path = segment_path(folder, "govreport-00001.warc.gz")
        path.touch(mode=0o600)
        os.truncate(path, 1000 + 6000 * count)
        end = SegmentEnd(path.name, 1000 + 6000 * count, 1000, "0" * 64)
        for batch in fake_batches(rows[:count], path.name):
            state.record(batch, [end])
        with state.open_archive() as archive:
            last = exchange("http://last.gov.cn/", b"last")
            answer = Answer(last.url, Outcome(Code.OK), (last,), last.body)
            state.record([store_answer(archive, answer)], archive.sync())
        print(f"fill: {count:,} captures in {time.perf_counter() - began:.1f} s", flush=True)


def fake_batches(rows: Sequence[Row], segment: str) -> Iterator[list[Done]]:
    batch = []
    for number, row in enumerate(rows):
        place = 1000 + 6000 * number
        digest = f"{number:064x}"
        stored = Stored(segment, place, 5000, digest, 20_000, False, segment, place, 6000, digest)
        came = exchange(row.url, b"")
        batch.append(Done(Answer(row.url, Outcome(Code.OK), (came,)), (stored,)))
        if len(batch) == 2000:
            yield batch
            batch = []
    yield batch


def restart(folder: Path, urls: int, hosts: int) -> None:
    """In a process of its own: seconds and memory of going on."""
    rows = sources(urls, hosts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = {}
    began = time.perf_counter()
    with open_state(folder, clock) as state:
        times["open"] = time.perf_counter() - began
        assert not state.add_sources(rows)
        times["sources"] = time.perf_counter() - began
        claims = state.claim(time.time(), limit=64)
        times["claim"] = time.perf_counter() - began
        assert len(claims) == 64
        state.summary()
        times["summary"] = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rates = run_on(state, claims)
    print(json.dumps({"times": times, "memory_mb": (after - before) / 1024, **rates}))


def run_on(state: State, claims: list[Claim]) -> dict[str, float]:
    """Milliseconds of a claim of 64 and of a commit of 64 pages (median of 20)."""
    claim_times, commit_times = [], []
    with state.open_archive() as archive:
        for _ in range(20):
            batch = []
            for claim in claims:
                came = exchange(claim.url, random.randbytes(200))
                answer = Answer(claim.url, Outcome(Code.OK), (came,), came.body)
                batch.append(store_answer(archive, answer, claim=claim))
            began = time.perf_counter()
            state.record(batch, archive.sync())
            commit_times.append(time.perf_counter() - began)
            began = time.perf_counter()
            claims = state.claim(time.time(), limit=64)
            claim_times.append(time.perf_counter() - began)
    return {
        "claim_ms": 1000 * sorted(claim_times)[10],
        "commit_ms": 1000 * sorted(commit_times)[10],
    }


def archive_rate(folder: Path) -> float:
    """Records a second of pages of 15 KB, synced every 64 pages."""
    chance = random.Random(1)
    pages = [
        exchange(
            f"http://a.gov.cn/{n}.html",
            "".join(ROW.format(chance.randrange(10**6)) for _ in range(200)).encode(),
        )
        for n in range(1500)
    ]
    with Archive(folder, clock=clock) as archive:
        began = time.perf_counter()
        for number, page in enumerate(pages, 1):
            archive.append(page, extra={"asked": page.url})
            if number % 64 == 0:
                archive.sync()
        archive.sync()
        return 3 * len(pages) / (time.perf_counter() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=5000)
    parser.add_argument("--done", type=float, default=0.1)
    parser.add_argument("--restart", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.restart:
        restart(arguments.restart, arguments.urls, arguments.hosts)
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rate = max(archive_rate(folder / f"rate{n}") for n in range(3))
        print(f"archive: {rate:,.0f} records/s, synced (best of 3)")
        fill(folder / "h", sources(arguments.urls, arguments.hosts), arguments.done)
        size = (folder / "h" / "state.sqlite").stat().st_size
        command = [
            sys.executable, __file__, "--restart", str(folder / "h"),
            "--urls", str(arguments.urls), "--hosts", str(arguments.hosts),
        ]  # fmt: skip
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    total = told["times"]["claim"]
    steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in told["times"].items())
    print(f"state file: {size / 1e6:,.0f} MB")
    print(f"restart with {arguments.urls:,} addresses: {total:.2f} s (up to: {steps})")
    print(f"memory of it: {told['memory_mb']:.0f} MB beside the sources themselves")
    print(f"claim of 64: {told['claim_ms']:.1f} ms; commit of 64: {told['commit_ms']:.1f} ms")
    failed = total > RESTART_GOAL or rate < RECORDS_GOAL
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
