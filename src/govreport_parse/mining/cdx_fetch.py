"""Captures of web archives, fetched one by one through a client that is given.

The caller brings ``get(url, headers) -> Answer``: its client, gate and politeness. Every capture
ends as ``Fetched`` or ``Missed``; what may get better is asked again in a later round, after the
wait that the server asked for.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tenacity

from govreport_parse.errors import FetchError
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.mining.blocks import Found, Tally
from govreport_parse.mining.cdx import (
    COMMON_CRAWL_DATA,
    WAYBACK,
    Capture,
    IndexPage,
    common_crawl_query,
    page_count,
    parse_index,
    playback_of,
    range_of,
    wayback_query,
)
from govreport_parse.mining.running import MineResult, mine_found
from govreport_parse.mining.warc import document_of
from govreport_parse.mining.warc_records import Raw, records_of_gzip, records_of_plain
from govreport_parse.source import Source

Get = Callable[[str, Mapping[str, str]], Awaitable[Answer]]
Wait = Callable[[float], Awaitable[None]]
ROUNDS = 4
"""How often a capture is asked for at most."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
MOST_PAGES = 10_000
_AGAIN = frozenset((Code.RETRY, Code.HOST_PARKED))
_CONTENT_RANGE = re.compile(r"bytes\s+(\d+)-(\d+)/(?:\d+|\*)", re.I)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture with its document. ``is_verified``: its bytes agree with the index's digest."""

    capture: Capture
    found: Found
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A capture without a document, and why."""

    capture: Capture
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.capture.name}: {self.outcome.reason}: {self.outcome.detail}"


# -- the index -------------------------------------------------------------------------------------


async def ask_common_crawl(
    collection: str, url: str, get: Get, *, wait: Wait = asyncio.sleep, **question: Any
) -> AsyncIterator[IndexPage]:
    """The pages that a collection has of an address; ``question`` as of ``common_crawl_query``.

    ``FetchError`` when a page can't be had: an index with a hole would look like a whole one.
    """
    answer = await _asked(
        common_crawl_query(collection, url, count=True, **question),
        get,
        wait,
    )
    for page in range(min(page_count(answer), MOST_PAGES)):
        answer = await _asked(
            common_crawl_query(collection, url, page=page, **question),
            get,
            wait,
        )
        yield parse_index(answer)


async def ask_wayback(
    url: str, get: Get, *, wait: Wait = asyncio.sleep, limit: int = 1000, **question: Any
) -> AsyncIterator[IndexPage]:
    """The pages that the Wayback Machine has of an address.

    ``FetchError`` as above, and when the server leads round in a circle.
    """
    resume, escaped, seen = "", False, set[str]()
    for _ in range(MOST_PAGES):
        address = wayback_query(url, limit=limit, resume=resume, escaped=escaped, **question)
        page = parse_index(await _asked(address, get, wait))
        if page.resume and page.resume == resume and not escaped:
            escaped = True  # it did not know its own key again
            continue
        if page.resume in seen:
            raise FetchError(
                "the index leads round in a circle: it gives the same key again",
                hint="ask for a part of the address; what was found before is kept",
                context={"url": address},
            )
        yield page
        if not page.resume:
            return
        resume, escaped = page.resume, False
        seen.add(resume)


async def _asked(url: str, get: Get, wait: Wait) -> bytes:
    """The body of an answer of an index; nothing found (404 of Common Crawl) is an answer too."""

    def pause(state: tenacity.RetryCallState) -> float:
        return _pause(_last(state).outcome, FIRST_WAIT * 2 ** (state.attempt_number - 1))

    async def ask() -> Answer:
        return await get(url, {})

    asking = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(ROUNDS),
        wait=pause,
        retry=tenacity.retry_if_result(_passes),
        sleep=wait,
        retry_error_callback=_last,
        reraise=True,
    )
    answer: Answer = await asking(ask)
    if answer.outcome.code is Code.OK or _says_nothing_is_found(answer):
        return answer.content
    raise FetchError(
        f"the index does not answer: {answer.outcome.reason} {answer.outcome.detail}".strip(),
        hint="ask again later; nothing of this address was fetched",
        context={"url": url, "status": answer.status},
    )


def _passes(answer: Answer) -> bool:
    return answer.outcome.code in _AGAIN and not _says_nothing_is_found(answer)


def _says_nothing_is_found(answer: Answer) -> bool:
    return answer.status == 404 and answer.content.lstrip()[:1] == b"{"


def _last(state: tenacity.RetryCallState) -> Answer:
    assert state.outcome is not None
    found: Answer = state.outcome.result()
    return found


def _pause(outcome: Outcome, pause: float) -> float:
    return min(LONGEST_WAIT, max(pause, outcome.retry_after or 0.0))


# -- captures --------------------------------------------------------------------------------------


async def fetch_captures(
    captures: Iterable[Capture],
    get: Get,
    *,
    wait: Wait = asyncio.sleep,
    data_server: str = COMMON_CRAWL_DATA,
    wayback_server: str = WAYBACK,
) -> AsyncIterator[Fetched | Missed]:
    """The documents of captures: a ranged read of Common Crawl's files, or a playback.

    One after the other, in the order given; what failed for the moment comes last. ``wait`` is
    awaited between the rounds.
    """
    waiting = list(captures)
    pause = FIRST_WAIT
    for attempt in range(ROUNDS):
        again: list[Capture] = []
        longest = 0.0
        for capture in waiting:
            result = await _fetch(capture, get, data_server, wayback_server)
            is_last = attempt == ROUNDS - 1
            if isinstance(result, Missed) and result.outcome.code in _AGAIN and not is_last:
                again.append(capture)
                longest = max(longest, _pause(result.outcome, pause))
                continue
            yield result
        if not again:
            return
        waiting = again
        await wait(longest)
        pause *= 2


async def _fetch(
    capture: Capture, get: Get, data_server: str, wayback_server: str
) -> Fetched | Missed:
    if capture.is_ranged:
        url, headers = range_of(capture, data_server)
        return _from_range(capture, await get(url, headers))
    return _from_playback(capture, await get(playback_of(capture, wayback_server), {}))


def _from_range(capture: Capture, answer: Answer) -> Fetched | Missed:
    """The record in the answer to a request for a range."""
    member = _member(capture, answer)
    if isinstance(member, Outcome):
        return Missed(capture, member)
    tally = Tally()
    read = records_of_gzip if member[:2] == b"\x1f\x8b" else records_of_plain
    for record in read(member):
        if not isinstance(record, Raw):
            return Missed(capture, Outcome(Code.RETRY, "damaged", record.reason))
        if record.headers().get("warc-target-uri", "").strip("<>") != capture.url:
            break
        found = document_of(record, capture.name, tally)
        if found is None:
            problem = tally.problems[0].what if tally.problems else "the record is no document"
            return Missed(capture, Outcome(Code.FAILED, "no_document", problem))
        digests = (record.block[-len(found.source.data) :], found.source.data)
        return Fetched(capture, found, _agrees(capture.digest, *digests))
    return Missed(capture, Outcome(Code.FAILED, "other_record", "another record stands there"))


def _member(capture: Capture, answer: Answer) -> bytes | Outcome:
    """The bytes that were asked for, or why they did not come."""
    if answer.status not in (200, 206) or not answer.exchanges:
        return answer.outcome
    last = answer.exchanges[-1]
    if last.integrity != "whole" or last.truncated:
        return Outcome(Code.RETRY, "truncated", "the answer ends early")
    body = last.body
    if answer.status == 200:  # the server does not do ranges and sent the whole file
        body = body[capture.offset : capture.offset + capture.length]
    else:
        stated = _CONTENT_RANGE.fullmatch(answer.header("content-range").strip())
        if stated and int(stated[1]) != capture.offset:
            return Outcome(Code.FAILED, "range", "the answer is another range of the file")
    if len(body) != capture.length:
        detail = f"{len(body):,} bytes came, not {capture.length:,}"
        return Outcome(Code.RETRY, "truncated", detail)
    return body


def _from_playback(capture: Capture, answer: Answer) -> Fetched | Missed:
    if answer.outcome.code is not Code.OK:
        return Missed(capture, answer.outcome)
    if not answer.content:
        return Missed(capture, Outcome(Code.FAILED, "empty", "an empty document came"))
    source = Source(
        answer.content, capture.name, capture.url, answer.header("content-type") or None
    )
    raw = answer.exchanges[-1].body if answer.exchanges else b""
    verified = _agrees(capture.digest, raw, answer.content)
    return Fetched(capture, Found(source, _played(capture, answer).date), verified)


def _played(capture: Capture, answer: Answer) -> Capture:
    """The capture that came: the server may redirect to the one nearest in time."""
    found = re.search(r"/web/(\d{14})id_/", answer.final_url)
    if found is None or found[1] == capture.timestamp:
        return capture
    return Capture(capture.url, found[1])


def _agrees(digest: str, *contents: bytes) -> bool:
    """Whether one of the contents has the digest of the index (SHA-1 in base 32)."""
    return any(
        base64.b32encode(hashlib.sha1(c, usedforsecurity=False).digest()).decode() == digest.upper()
        for c in contents
    )


# -- into the dataset ------------------------------------------------------------------------------


async def mine_captures(
    captures: Iterable[Capture],
    folder: str | os.PathLike[str],
    get: Get,
    *,
    batch: int = 200,
    wait: Wait = asyncio.sleep,
    data_server: str = COMMON_CRAWL_DATA,
    wayback_server: str = WAYBACK,
    **options: Any,
) -> tuple[list[MineResult], list[Missed]]:
    """Fetch captures (see ``plan``) and add their reports to the dataset in ``folder``.

    Every ``batch`` documents are parsed and written before more are fetched. Gives the result of
    each batch and what was missed. ``options`` are those of ``mine_found``.
    """
    results: list[MineResult] = []
    missed: list[Missed] = []
    held: list[Found] = []
    servers = {"data_server": data_server, "wayback_server": wayback_server}
    async for item in fetch_captures(captures, get, wait=wait, **servers):
        if isinstance(item, Missed):
            missed.append(item)
            continue
        held.append(item.found)
        if len(held) == batch:
            results.append(mine_found(held, folder, **options))
            held = []
    if held or not results:
        results.append(mine_found(held, folder, **options))
    return results, missed
