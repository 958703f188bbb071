"""Writing down what came: captures, outcomes and segment ends, in the caller's one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.archive import SegmentEnd, Stored
from govreport_parse.fetch.archive.write import number_of
from govreport_parse.fetch.records import Answer, Exchange
from govreport_parse.fetch.state.rows import Done

_COLUMNS = (
    "batch", "asked", "url", "hop", "last", "segment", "offset", "length", "sha256", "size",
    "revisit", "span_segment", "span_offset", "span_length", "digest", "status", "content_type",
    "content_encoding", "etag", "last_modified", "fetched_at", "seconds", "code", "reason",
    "detail", "retry_after", "truncated", "integrity", "tls_trust", "lenient", "ip",
)  # fmt: skip
_CAPTURE = f"INSERT INTO captures({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_MOVE = (
    "UPDATE frontier SET state = ?, attempts = attempts + 1, next_at = ?, code = ?, reason = ?, "
    "detail = ?, capture = ?, parsed = '', parse_detail = '' WHERE url = ?"
)


def check_batch(batch: Sequence[Done], ends: Iterable[SegmentEnd], known: dict[int, int]) -> None:
    """Refuse what is not on the disk yet: a page counts only after its bytes do.

    ``known``: the committed ends, by segment number. Raises ``UsageError`` for a caller's mistake.
    """
    safe = dict(known)
    safe.update((number_of(end.name), end.length) for end in ends)
    for done in batch:
        if len(done.stored) != len(done.answer.exchanges):
            raise UsageError(
                f"{len(done.answer.exchanges)} exchanges but {len(done.stored)} places in the "
                f"archive for {done.answer.url[:200]!r}",
                hint="append every exchange of an answer, in their order",
            )
        for stored in done.stored:
            end = safe.get(number_of(stored.span_segment), 0)
            if stored.span_offset + stored.span_length > end:
                raise DatasetError(
                    f"{done.answer.url[:200]!r} is not on the disk yet",
                    hint="call sync() after append() and give its result to record()",
                    context={"segment": stored.span_segment, "offset": stored.span_offset},
                )


def save_ends(connection: sqlite3.Connection, ends: Iterable[SegmentEnd]) -> None:
    """How far the segments count from now on."""
    connection.executemany(
        "INSERT INTO segments(number, length, info_length, info_sha256) VALUES (?,?,?,?) "
        "ON CONFLICT(number) DO UPDATE SET length = excluded.length",
        (
            (number_of(end.name), end.length, end.info_length, bytes.fromhex(end.info_sha256))
            for end in ends
        ),
    )


def save_done(connection: sqlite3.Connection, done: Done, batch: int) -> None:
    """The captures of one answer, and how its address stands from now on."""
    last: int | None = None
    for values in _captures(done, batch):
        last = connection.execute(_CAPTURE, values).lastrowid
    outcome = done.answer.outcome
    state = "done" if done.retry_at is None else "queued"
    moved = (
        state, done.retry_at or 0.0, str(outcome.code), outcome.reason,
        clean(outcome.detail), last, done.answer.url,
    )  # fmt: skip
    connection.execute(_MOVE, moved)


def _captures(done: Done, batch: int) -> Iterator[tuple[Any, ...]]:
    exchanges = done.answer.exchanges
    for hop, (exchange, stored) in enumerate(zip(exchanges, done.stored, strict=True)):
        is_last = hop == len(exchanges) - 1
        yield (
            batch, done.answer.url, exchange.url, hop, int(is_last),
            *_place(stored), *_answered(exchange), *_judged(done.answer, is_last=is_last),
            exchange.truncated, exchange.integrity, exchange.tls_trust, int(exchange.lenient),
            exchange.address,
        )  # fmt: skip


def _place(stored: Stored) -> tuple[Any, ...]:
    return (
        number_of(stored.segment), stored.offset, stored.length, bytes.fromhex(stored.sha256),
        stored.size, int(stored.revisit), number_of(stored.span_segment), stored.span_offset,
        stored.span_length, bytes.fromhex(stored.digest),
    )  # fmt: skip


def _answered(exchange: Exchange) -> tuple[Any, ...]:
    names = ("content-type", "content-encoding", "etag", "last-modified")
    values = [clean((exchange.header(name) or b"").decode("latin-1")) for name in names]
    return (exchange.status, *values, exchange.started.isoformat(), exchange.seconds)


def _judged(answer: Answer, *, is_last: bool) -> tuple[Any, ...]:
    if not is_last:
        return ("ok", "redirect", "", None)
    outcome = answer.outcome
    return (str(outcome.code), outcome.reason, clean(outcome.detail), outcome.retry_after)


def clean(text: str) -> str:
    """Text that any sink takes: no surrogates, no control characters, at most 300 of them."""
    whole = text.encode("utf-8", "replace").decode("utf-8")[:300]
    return "".join(c if c.isprintable() else " " for c in whole).strip()
