"""A harvest without a network: six pages that are always the same, through archive and state."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

from govreport_parse.fetch.archive import Archive
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import State, Target, open_state, store_answer

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
SEGMENT = 7000


def clock() -> datetime.datetime:
    return START


# -- the site --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    row: int
    url: str
    given: str
    kind: str = "report"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None
    duplicate_of: int | None = None


SIZE = [2500]


def page(number: int) -> bytes:
    return random.Random(number).randbytes(SIZE[0])


def exchange(url: str, body: bytes, status: int = 200, head: bytes = b"") -> Exchange:
    return Exchange(
        url, "GET", b"GET / HTTP/1.1\r\n\r\n", "203.0.113.5", START, 0.5, status,
        b"HTTP/1.1 %d X\r\nContent-Type: text/html\r\n%s\r\n" % (status, head), body,
    )  # fmt: skip


def address(number: int) -> str:
    return f"http://h{number}.gov.cn/{number}.html"


ROWS = [Row(n, address(n), address(n)) for n in range(1, 6)]
HIDDEN = address(6)
"""Known only from page 5."""


def answer(url: str, attempts: int) -> Answer:
    """Page 2 comes over a redirect, 3 is compressed, 4 repeats 1, 5 fails once."""
    number = int(url[8])
    if number == 5 and attempts == 0:
        failed = exchange(url, b"busy", 503)
        return Answer(url, Outcome(Code.RETRY, "http_status"), (failed,))
    if number == 3:
        packed = gzip.compress(page(3), mtime=0)
        return ok(url, exchange(url, packed, head=b"Content-Encoding: gzip\r\n"))
    if number == 2:
        hop = exchange(url, b"", 302, b"Location: /x\r\n")
        return ok(url, hop, exchange(f"{url}?x", page(2)))
    return ok(url, exchange(url, page(1 if number == 4 else number)))


def ok(url: str, *exchanges: Exchange) -> Answer:
    return Answer(url, Outcome(Code.OK), exchanges, exchanges[-1].body)


def expected() -> list[tuple[str, int, str]]:
    """(address, status, digest of the body as it came) of all that must be in the archive, once."""
    answers = [answer(address(n), attempts) for n in range(1, 7) for attempts in (0, 1)]
    seen = {
        (e.url, e.status, hashlib.sha256(e.body).hexdigest())
        for each in answers
        for e in each.exchanges
    }
    return sorted(seen)


# -- the harvest -----------------------------------------------------------------------------------


def harvest(folder: Path) -> None:
    with open_state(folder, clock) as state:
        state.add_sources(ROWS)
        with state.open_archive(segment_bytes=SEGMENT, info={"a": "b"}) as archive:
            run = state.start_run({"n": 1})
            work(folder, state, archive)
            state.end_run(run, {"n": 1, "done": True})


def work(folder: Path, state: State, archive: Archive) -> None:
    now = START.timestamp()
    while True:
        claims = state.claim(now, limit=2)
        if not claims:
            at = state.next_at()
            if at is None:
                return
            now = max(now, at)
            continue
        batch = []
        for claim in claims:
            log(folder, "fetch", claim.url, claim.attempts)
            came = answer(claim.url, claim.attempts)
            last = claim.url == address(5) and came.outcome.code is Code.OK
            found = (Target(HIDDEN, parent=claim.url),) if last else ()
            again = now + 60 if came.outcome.code is Code.RETRY else None
            batch.append(store_answer(archive, came, claim=claim, found=found, retry_at=again))
        state.record(batch, archive.sync())
        for claim in claims:
            log(folder, "saved", claim.url, claim.attempts)


def log(folder: Path, *words: object) -> None:
    """What the harvest did and was told, in a file that survives it."""
    with (folder.parent / f"{folder.name}.log").open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")
