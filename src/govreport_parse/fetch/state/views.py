"""Looking at the state: queries that change nothing."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from typing import Any

from govreport_parse.fetch.archive import Original, SegmentEnd, Span
from govreport_parse.fetch.archive.write import segment_name
from govreport_parse.fetch.state.rows import Capture, SourceOutcome, Summary

_CAPTURE = (
    "SELECT seq, asked, url, hop, last, segment, offset, length, sha256, size, revisit, status, "
    "content_type, content_encoding, etag, last_modified, fetched_at, code, reason, detail, "
    "truncated, integrity, tls_trust, lenient, ip FROM captures"
)


def _capture(row: tuple[Any, ...]) -> Capture:
    (seq, asked, url, hop, last, segment, offset, length, sha256, size, revisit, status, *rest) = (
        row
    )
    kind, coding, etag, modified, fetched, code, reason, detail, *end = rest
    truncated, integrity, trust, lenient, ip = end
    return Capture(
        seq, asked, url, hop, bool(last), segment_name(segment), offset, length, sha256.hex(),
        size, bool(revisit), status, kind, coding, etag, modified,
        datetime.datetime.fromisoformat(fetched), code, reason, detail, truncated, integrity,
        trust, bool(lenient), ip,
    )  # fmt: skip


def captures(connection: sqlite3.Connection, *, last_only: bool = True) -> Iterator[Capture]:
    """Everything archived that is not lost, in the order it came."""
    where = " WHERE lost = 0" + (" AND last = 1" if last_only else "")
    for row in connection.execute(f"{_CAPTURE}{where} ORDER BY seq"):
        yield _capture(row)


def capture_of(connection: sqlite3.Connection, seq: int | None) -> Capture | None:
    """One capture by its number, unless it is lost."""
    row = connection.execute(f"{_CAPTURE} WHERE seq = ? AND lost = 0", (seq,)).fetchone()
    return None if row is None else _capture(row)


def previous(connection: sqlite3.Connection, url: str) -> Capture | None:
    """The last good answer for an address."""
    row = connection.execute(
        f"{_CAPTURE} WHERE asked = ? AND last = 1 AND lost = 0 AND code IN ('ok', 'not_modified') "
        "ORDER BY seq DESC LIMIT 1",
        (url,),
    ).fetchone()
    return None if row is None else _capture(row)


def unparsed(connection: sqlite3.Connection, limit: int) -> list[Capture]:
    """Good answers whose fate in the parser is not known yet."""
    rows = connection.execute(
        f"{_CAPTURE} WHERE seq IN (SELECT capture FROM frontier INDEXED BY frontier_unparsed "
        "WHERE state = 'done' AND code = 'ok' AND parsed = '' ORDER BY id LIMIT ?) ORDER BY seq",
        (limit,),
    )
    return [_capture(row) for row in rows]


def original(connection: sqlite3.Connection, sha256: str) -> Original | None:
    """The record that holds a payload."""
    row = connection.execute(
        "SELECT url, fetched_at, segment, offset, length FROM captures INDEXED BY captures_payload "
        "WHERE sha256 = ? AND revisit = 0 AND size > 0 AND status > 0 AND lost = 0 LIMIT 1",
        (bytes.fromhex(sha256),),
    ).fetchone()
    if row is None:
        return None
    url, fetched_at, segment, offset, length = row
    moment = datetime.datetime.fromisoformat(fetched_at)
    return Original(url, moment, sha256, segment_name(segment), offset, length)


def spans(connection: sqlite3.Connection) -> Iterator[Span]:
    """Every archived exchange in the order of its place, for ``verify_archive``."""
    rows = connection.execute(
        "SELECT span_segment, span_offset, span_length, digest, url, segment, offset, length, "
        "sha256, lost FROM captures ORDER BY span_segment, span_offset"
    )
    for segment, offset, length, digest, url, p_segment, p_offset, p_length, sha256, lost in rows:
        yield Span(
            segment_name(segment), offset, length, digest.hex(), url,
            segment_name(p_segment), p_offset, p_length, sha256.hex(), bool(lost),
        )  # fmt: skip


def segments(connection: sqlite3.Connection) -> tuple[SegmentEnd, ...]:
    """How far each segment counts."""
    rows = connection.execute(
        "SELECT number, length, info_length, info_sha256 FROM segments ORDER BY number"
    )
    return tuple(
        SegmentEnd(segment_name(number), length, info, digest.hex())
        for number, length, info, digest in rows
    )


def outcomes(connection: sqlite3.Connection) -> Iterator[SourceOutcome]:
    """Every row of the sources in its order, with how it stands."""
    rows = connection.execute(
        "SELECT s.row, s.given, s.url, s.kind, s.organ, s.division_code, s.year, s.duplicate_of, "
        "s.refused, f.code, f.reason, f.detail, f.state, f.attempts, f.parsed, f.parse_detail, "
        "c.url, c.status, c.sha256, max(f.next_at, coalesce(h.ready_at, 0)) "
        "FROM sources s LEFT JOIN frontier f ON f.url = s.url LEFT JOIN hosts h ON h.host = f.host "
        "LEFT JOIN captures c ON c.seq = f.capture WHERE s.row IS NOT NULL ORDER BY s.row"
    )
    for row in rows:
        (number, given, url, kind, organ, division, year, twin, refused, *rest) = row
        code, reason, detail, state, attempts, parsed, told, final, status, sha256, at = rest
        if refused:
            code, reason, detail, state, attempts = "refused", "source", refused, "done", 0
        yield SourceOutcome(
            number, given, url, kind, organ, division, year, twin, code or "queued", reason or "",
            detail or "", state == "done", attempts or 0, final or url, status or 0,
            sha256.hex() if sha256 else "", parsed or "", told or "",
            0.0 if state == "done" else at or 0.0,
        )  # fmt: skip


def summary(connection: sqlite3.Connection) -> Summary:
    """Counts over everything."""

    def one(query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = connection.execute(query).fetchone()
        return row

    (sources,) = one("SELECT count(*) FROM sources WHERE row IS NOT NULL")
    known, queued, retrying = one(
        "SELECT count(*), coalesce(sum(state = 'queued'), 0), "
        "coalesce(sum(state = 'queued' AND attempts > 0), 0) FROM frontier"
    )
    hosts, open_hosts = one("SELECT count(*), coalesce(sum(open > 0), 0) FROM hosts")
    kept, lost, received = one(
        "SELECT coalesce(sum(1 - lost), 0), coalesce(sum(lost), 0), coalesce(sum(size), 0) "
        "FROM captures"
    )
    number, archived = one("SELECT count(*), coalesce(sum(length), 0) FROM segments")
    ended = connection.execute(
        "SELECT code, reason, count(*) FROM frontier WHERE state = 'done' GROUP BY 1, 2"
    )
    parsed = connection.execute(
        "SELECT parsed, count(*) FROM frontier WHERE parsed <> '' GROUP BY 1"
    )
    return Summary(
        sources, known, queued, known - queued, retrying, hosts, open_hosts, kept, lost, received,
        archived, number, {(code, reason): n for code, reason, n in ended}, dict(parsed),
    )  # fmt: skip
