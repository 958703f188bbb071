"""The frontier: which address is known, which is open, and whose host is ready for the next."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from govreport_parse.fetch.state.rows import Claim, RefusedLine, SourceLine, Target
from govreport_parse.fetch.state.schema import COUNT_QUEUED, QUEUE_INDEX
from govreport_parse.fetch.urls import host_of, registered_domain

_PUSH = (
    "INSERT INTO frontier(url, source, kind, depth, parent, priority, host, domain) "
    "VALUES (?,?,?,?,?,?,?,?) ON CONFLICT(url) DO NOTHING"
)
_SOURCE = (
    "INSERT INTO sources(ident, row, given, url, kind, organ, division_code, year, duplicate_of, "
    "refused) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT(ident) DO UPDATE SET "
    "row = excluded.row, duplicate_of = excluded.duplicate_of, refused = excluded.refused"
)
_FIRST = (
    "SELECT url, host, domain, kind, source, depth, parent, priority, attempts FROM frontier "
    "WHERE host = ? AND state = 'queued' AND next_at <= ? ORDER BY priority, id"
)
_MANY = 5000
"""So many rows are counted once."""
_CACHE_KB = 262_144


def push(connection: sqlite3.Connection, targets: Iterable[Target]) -> list[str]:
    """Make addresses known; the hosts of those that were new."""
    hosts = []
    for target in targets:
        values = _values(target)
        if connection.execute(_PUSH, values).rowcount:
            hosts.append(values[6])
    return hosts


def _values(target: Target) -> tuple[Any, ...]:
    host = host_of(target.url)
    return (
        target.url, target.source, target.kind, target.depth, target.parent, target.priority,
        host, _domain(host),
    )  # fmt: skip


_domain = lru_cache(maxsize=10_000)(registered_domain)


def sources_digest(rows: Iterable[SourceLine], refused: Iterable[RefusedLine]) -> str:
    """Tells whether the sources are those of the last time."""
    seen = hashlib.sha256()
    for row in rows:
        told = f"{row.row}\x1f{row.duplicate_of}\x1f{_identity(row)}\n"
        seen.update(told.encode("utf-8", "surrogatepass"))
    for bad in refused:
        seen.update(f"{bad.row}\x1f{_refused_identity(bad)}\n".encode("utf-8", "surrogatepass"))
    return seen.hexdigest()


def _identity(row: SourceLine) -> str:
    return (
        f"{row.given}\x1f{row.url}\x1f{row.kind}\x1f{'' if row.organ is None else row.organ}\x1f"
        f"{row.division_code or ''}\x1f{'' if row.year is None else row.year}"
    )


def _refused_identity(bad: RefusedLine) -> str:
    parts = (bad.column, bad.value, bad.reason, bad.given, bad.organ, bad.division_code, bad.year)
    return "\x1f".join("" if part is None else str(part) for part in parts)


def add_sources(
    connection: sqlite3.Connection, rows: Sequence[SourceLine], refused: Iterable[RefusedLine]
) -> None:
    """Store the rows as they stand now and make their addresses known.

    A row that was there before keeps its identity wherever it stands in the file; rows that the
    file no longer has lose their place but stay.
    """
    with _more_memory(connection, len(rows)), _counted_at_once(connection, len(rows)):
        connection.execute("UPDATE sources SET row = NULL")
        connection.executemany(_SOURCE, map(_source_values, rows))
        connection.executemany(_SOURCE, map(_refused_values, refused))
        pending = connection.execute(
            "SELECT id, url, kind FROM sources WHERE row IS NOT NULL AND refused = '' ORDER BY row"
        )
        # A cursor must not be read while its table's neighbours are written row by row.
        while some := pending.fetchmany(50_000):
            connection.executemany(_PUSH, (_pending_values(*row) for row in some))


def _pending_values(source: int, url: str, kind: str) -> tuple[Any, ...]:
    host = host_of(url)
    return url, source, kind, 0, "", 0, host, _domain(host)


@contextmanager
def _more_memory(connection: sqlite3.Connection, coming: int) -> Iterator[None]:
    """Room for the indexes of many rows, which else go to the disk and back again and again."""
    if coming < _MANY:
        yield
        return
    (before,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = {before}")
        connection.execute("PRAGMA shrink_memory")


@contextmanager
def _counted_at_once(connection: sqlite3.Connection, coming: int) -> Iterator[None]:
    """Many addresses of a new harvest: hosts are counted and the queue is sorted once, at the end.

    All within the caller's transaction, so nobody sees the tables in between.
    """
    known, last = connection.execute(
        "SELECT count(*), coalesce(max(id), 0) FROM frontier"
    ).fetchone()
    if coming < _MANY or known > coming:
        yield
        return
    connection.execute("DROP TRIGGER frontier_in")
    connection.execute("DROP INDEX frontier_queue")
    yield
    connection.execute(
        "INSERT INTO hosts(host, domain, open) SELECT host, domain, count(*) FROM frontier "
        "WHERE id > ? GROUP BY host ON CONFLICT(host) DO UPDATE SET open = open + excluded.open",
        (last,),
    )
    connection.execute(QUEUE_INDEX)
    connection.execute(COUNT_QUEUED)


def adopt_sources(connection: sqlite3.Connection) -> None:
    """Tell addresses that a rebuilt state had before its sources which row they come from."""
    rows = connection.execute("SELECT id, url FROM sources WHERE row IS NOT NULL ORDER BY row")
    connection.executemany(
        "UPDATE frontier SET source = ? WHERE url = ? AND source IS NULL", rows.fetchall()
    )


def _source_values(row: SourceLine) -> tuple[Any, ...]:
    # Of several equal rows the later ones are told apart by their place.
    place = f"\x1f{row.row}" if row.duplicate_of is not None else ""
    return (
        _ident(_identity(row) + place), row.row, _plain(row.given), row.url, row.kind,
        None if row.organ is None else _plain(row.organ),
        row.division_code, row.year, row.duplicate_of, "",
    )  # fmt: skip


def _refused_values(bad: RefusedLine) -> tuple[Any, ...]:
    return (
        _ident(f"refused\x1f{bad.row}\x1f{_refused_identity(bad)}"), bad.row, _plain(bad.given),
        "", "", None if bad.organ is None else _plain(bad.organ), bad.division_code, bad.year, None,
        _plain(f"{bad.column} {bad.value!r} {bad.reason}"[:500]),
    )  # fmt: skip


def _plain(text: str) -> str:
    """Without lone surrogates, which no file takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _ident(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Queue:
    """Hands out addresses, one a host at a time, the host that has been ready longest first.

    Which addresses are out is known to this process only: after a kill they are open again.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._out: dict[str, str] = {}
        self._later: dict[str, float] = {}

    def claim(
        self, now: float, busy: Collection[str], limit: int, per_host: int = 1
    ) -> list[Claim]:
        """Addresses of up to ``limit`` hosts that are ready at ``now`` and not ``busy``.

        With ``per_host`` above 1 a host may have so many out.
        """
        out = Counter(self._out.values())
        claims: list[Claim] = []
        hosts = 0
        for host in self._ready_hosts(now):
            if hosts >= limit:
                break
            if host in busy or out[host] >= per_host or self._later.get(host, now) > now:
                continue
            rows = self._connection.execute(f"{_FIRST} LIMIT ?", (host, now, per_host)).fetchall()
            fresh = [row for row in rows if row[0] not in self._out][: per_host - out[host]]
            if not rows:
                self._later[host] = self._next_of(host)
            hosts += bool(fresh)
            for row in fresh:
                claims.append(Claim(*row))
                self._out[row[0]] = host
        return claims

    def _ready_hosts(self, now: float) -> Iterator[str]:
        rows = self._connection.execute(
            "SELECT host FROM hosts INDEXED BY hosts_ready WHERE open > 0 AND ready_at <= ? "
            "ORDER BY ready_at, host",
            (now,),
        )
        return (host for (host,) in rows)

    def _next_of(self, host: str) -> float:
        (at,) = self._connection.execute(
            "SELECT min(next_at) FROM frontier WHERE host = ? AND state = 'queued'", (host,)
        ).fetchone()
        return float("inf") if at is None else float(at)

    def next_at(self) -> float | None:
        """When the next address may be open (seconds since 1970); None if all of them are done.

        Addresses that are out are not counted.
        """
        earliest: float | None = None
        rows = self._connection.execute("SELECT host, ready_at FROM hosts WHERE open > 0")
        out = set(self._out.values())
        for host, ready_at in rows:
            if host in out:
                continue
            at = max(ready_at, self._later.get(host, 0.0))
            earliest = at if earliest is None else min(earliest, at)
        return earliest

    def release(self, url: str) -> None:
        """The address is no longer out."""
        self._out.pop(url, None)

    def changed(self, hosts: Iterable[str]) -> None:
        """Something new is open at these hosts."""
        for host in hosts:
            self._later.pop(host, None)

    def forget_waits(self) -> None:
        """Addresses of any host may be open again."""
        self._later.clear()

    @property
    def out(self) -> int:
        """Addresses that are being fetched."""
        return len(self._out)
