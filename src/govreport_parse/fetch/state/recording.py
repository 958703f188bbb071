"""Writing down what came: captures, outcomes and segment ends, in the caller's one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.archive import Archive, Original, SegmentEnd, Stored
from govreport_parse.fetch.archive.write import number_of
from govreport_parse.fetch.heads import applied_codings
from govreport_parse.fetch.records import Answer, Exchange
from govreport_parse.fetch.state.rows import Claim, Done, Target

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


def store_answer(
    archive: Archive,
    answer: Answer,
    *,
    claim: Claim | None = None,
    found: Sequence[Target] = (),
    retry_at: float | None = None,
    unmodified: Original | None = None,
) -> Done:
    """Append every exchange of an answer to the archive; the result is for ``State.record``.

    The metadata records say all that ``rebuild_state`` needs: the claimed address, the outcome,
    the addresses found. Without ``claim`` (robots.txt) the answer is archived but is no page.
    ``unmodified``: the older answer that a 304 stands for. Errors as of ``Archive.append``.
    """
    last = len(answer.exchanges) - 1
    stored = []
    for hop, exchange in enumerate(answer.exchanges):
        extra: dict[str, str | list[str]] = {"asked": answer.url, "hop": str(hop)}
        if hop == last:
            extra |= _meaning(answer, claim, found, retry_at)
        stored.append(
            archive.append(exchange, extra=extra, unmodified=unmodified if hop == last else None)
        )
    return Done(answer, tuple(stored), retry_at, tuple(found))


def _meaning(
    answer: Answer, claim: Claim | None, found: Sequence[Target], retry_at: float | None
) -> dict[str, str | list[str]]:
    outcome = answer.outcome
    meaning: dict[str, str | list[str]] = {
        "outcome": str(outcome.code),
        "reason": clean(outcome.reason),
        "detail": clean(outcome.detail),
        "retry-after": "" if outcome.retry_after is None else repr(outcome.retry_after),
        "retry-at": "" if retry_at is None else repr(retry_at),
        "outlink": [f"{t.url} {t.kind} {t.depth} {t.priority}" for t in found],
    }
    if claim is not None:
        meaning |= {
            "page": f"{claim.kind} {claim.depth} {claim.priority}",
            "via": claim.parent,
        }
    return meaning


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
        state, done.retry_at or 0.0, str(outcome.code), clean(outcome.reason),
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
    kind, etag, modified = (
        exchange.header(name) or b"" for name in ("content-type", "etag", "last-modified")
    )
    told = (kind, applied_codings(exchange.head), etag, modified)
    values = [clean(value.decode("latin-1")) for value in told]
    return (exchange.status, *values, exchange.started.isoformat(), exchange.seconds)


def _judged(answer: Answer, *, is_last: bool) -> tuple[Any, ...]:
    if not is_last:
        return ("ok", "redirect", "", None)
    outcome = answer.outcome
    return (
        str(outcome.code), clean(outcome.reason), clean(outcome.detail), outcome.retry_after,
    )  # fmt: skip


def clean(text: str) -> str:
    """Text that any sink takes: no surrogates, no control characters, at most 300 of them."""
    whole = text.encode("utf-8", "replace").decode("utf-8")[:300]
    return "".join(c if c.isprintable() else " " for c in whole).strip()
