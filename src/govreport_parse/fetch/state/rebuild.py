"""A new state file from the archive alone, when the old one is lost or damaged.

The archive is the truth: every exchange says in its metadata record which address it was for, how
it ended and which addresses it led to. Not in the archive, and so not rebuilt: the sources (give
them again), waits of hosts, what became of pages in the parser, and attempts that sent nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from govreport_parse.fetch.archive import (
    FOLDER,
    Damage,
    Original,
    Record,
    SegmentEnd,
    Stored,
    disk,
    scan_segment,
    segment_names,
)
from govreport_parse.fetch.archive.read import ANSWERS, read_bytes
from govreport_parse.fetch.archive.write import Clock, number_of
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import queue, recording, views
from govreport_parse.fetch.state.rows import Done, Target
from govreport_parse.fetch.state.schema import FILE, connect_writer, database_errors, transaction

_NEW = "state-new.sqlite"
_OLD = "state-old.sqlite"
_SIDES = ("", "-wal", "-shm")
_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
_INCOMPLETE = Outcome(Code.RETRY, "incomplete")
_LOST = Outcome(Code.FAILED, "damaged")


@dataclass(slots=True)
class _Unit:
    """The records of one exchange."""

    records: list[Record]

    @property
    def offset(self) -> int:
        return self.records[0].offset

    @property
    def length(self) -> int:
        return sum(record.length for record in self.records)

    def meta(self, name: str, default: str = "") -> str:
        values = self.records[-1].fields().get(name)
        return values[0] if values else default


@dataclass(slots=True)
class _Rebuilt:
    """What the scan knows so far."""

    connection: sqlite3.Connection
    folder: Path
    hops: dict[str, list[tuple[Exchange, Stored]]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def rebuild_state(folder: str | os.PathLike[str], clock: Clock) -> tuple[str, ...]:
    """Make the state file anew from the archive; says what could not be read.

    The old file, if there is one, is kept beside it as ``state-old.sqlite``. Raises
    ``DatasetError`` when another harvest runs in the folder or the disk refuses.
    """
    root = Path(folder)
    with database_errors(root):
        disk.make_folder(root)
        lock = disk.lock(root)
        try:
            _remove(root, _NEW)
            connection = connect_writer(root / _NEW)
            try:
                with transaction(connection, root / _NEW):
                    rebuilt = _Rebuilt(connection, root)
                    for name in segment_names(root):
                        _segment(rebuilt, name)
                    _leave_hops(rebuilt)
                    connection.execute("INSERT INTO notes VALUES ('rebuilt', ?)", (_now(clock),))
                # One file, without a log beside it, can be renamed.
                connection.execute("PRAGMA journal_mode = DELETE")
            finally:
                connection.close()
            _replace(root)
        finally:
            os.close(lock)
    return tuple(rebuilt.told)


def _now(clock: Clock) -> str:
    return clock().isoformat()


def _remove(folder: Path, name: str) -> None:
    for side in _SIDES:
        if (folder / (name + side)).exists():
            disk.remove(folder / (name + side))


def _replace(folder: Path) -> None:
    """The old file goes first: without its log it would be taken for an older state."""
    if (folder / FILE).exists():
        _remove(folder, _OLD)
    for side in _SIDES:
        if (folder / (FILE + side)).exists():
            _rename(folder, FILE + side, _OLD + side)
    disk.sync_folder(folder)
    _rename(folder, _NEW, FILE)
    disk.sync_folder(folder)


def _rename(folder: Path, old: str, new: str) -> None:
    disk.step("rename", folder / new)
    (folder / old).replace(folder / new)


def _segment(rebuilt: _Rebuilt, name: str) -> None:
    """All whole exchanges of a segment; it counts up to the last of them."""
    records = scan_segment(rebuilt.folder, name)
    first = next(records, None)
    end = 0
    info = (0, b"")
    if isinstance(first, Record) and first.kind == "warcinfo":
        end = first.length
        info = (end, read_bytes(rebuilt.folder, name, 0, end))
    elif first is not None:
        rebuilt.told.append(f"{name}: its first record is damaged")
    for unit in _units(records, rebuilt, name):
        if unit.offset != end:
            _hole(rebuilt, name, end, unit.offset - end)
        _exchange(rebuilt, name, unit)
        end = unit.offset + unit.length
    size = (rebuilt.folder / FOLDER / name).stat().st_size
    if size > end:
        rebuilt.told.append(f"{name}: {size - end:,} bytes behind the last whole page")
    digest = hashlib.sha256(info[1]).hexdigest()
    recording.save_ends(rebuilt.connection, [SegmentEnd(name, end, info[0], digest)])


def _units(records: Iterator[Record | Damage], rebuilt: _Rebuilt, name: str) -> Iterator[_Unit]:
    waiting: list[Record] = []
    for record in records:
        if isinstance(record, Damage):
            rebuilt.told.append(f"{name} at {record.offset:,}: {record.reason}")
            waiting = []
            continue
        if record.kind in (*ANSWERS, "revisit"):
            waiting = []
        waiting.append(record)
        if record.kind == "metadata":
            if _is_whole(waiting):
                yield _Unit(waiting)
            waiting = []


def _is_whole(records: list[Record]) -> bool:
    """All records refer to the first, and the first is the one that the last was written for."""
    main = records[0].headers.get("warc-record-id")
    others = [record.headers.get("warc-concurrent-to") for record in records[1:]]
    if records[0].kind in (*ANSWERS, "revisit"):
        return all(other == main for other in others)
    # nothing came: the request and the metadata record name the same absent answer
    return "body-sha256" not in records[-1].fields()


def _hole(rebuilt: _Rebuilt, name: str, offset: int, length: int) -> None:
    """Bytes that no page lies in; known as lost, so that ``verify`` does not tell them again."""
    none = "0" * 64
    number = number_of(name)
    row = Exchange("", "", b"", "", _EPOCH, 0.0)
    stored = Stored(name, offset, length, none, 0, False, name, offset, length, none)
    recording.save_done(rebuilt.connection, Done(Answer("", _LOST, (row,)), (stored,)), 0)
    rebuilt.connection.execute(
        "UPDATE captures SET lost = 1 WHERE span_segment = ? AND span_offset = ?", (number, offset)
    )


def _exchange(rebuilt: _Rebuilt, name: str, unit: _Unit) -> None:
    stored = _stored(rebuilt, name, unit)
    if stored is None:
        rebuilt.told.append(
            f"{name} at {unit.offset:,}: {unit.records[0].url} repeats a page that is not there"
        )
        _hole(rebuilt, name, unit.offset, unit.length)
        return
    exchange = _as_exchange(unit)
    asked = unit.meta("asked", exchange.url)
    hops = rebuilt.hops.setdefault(asked, [])
    if unit.meta("hop") == "0" and hops:
        _finish(rebuilt, asked, _INCOMPLETE, 0.0)
        hops = rebuilt.hops.setdefault(asked, [])
    hops.append((exchange, stored))
    code = unit.meta("outcome")
    if not code and unit.meta("asked"):
        return  # a hop on the way
    after = unit.meta("retry-after")
    outcome = Outcome(
        Code(code) if code in set(Code) else Code.OK,
        unit.meta("reason"),
        unit.meta("detail"),
        float(after) if after else None,
    )
    _page(rebuilt, asked, unit)
    again = unit.meta("retry-at")
    found = tuple(_target(text, asked) for text in unit.records[-1].fields().get("outlink", ()))
    _finish(rebuilt, asked, outcome, float(again) if again else None, found)


def _page(rebuilt: _Rebuilt, asked: str, unit: _Unit) -> None:
    page = unit.meta("page").split()
    if len(page) == 3:
        target = Target(asked, page[0], None, int(page[1]), unit.meta("via"), int(page[2]))
        queue.push(rebuilt.connection, [target])


def _target(text: str, parent: str) -> Target:
    url, kind, depth, priority = text.split(" ")
    return Target(url, kind, None, int(depth), parent, int(priority))


def _finish(
    rebuilt: _Rebuilt,
    asked: str,
    outcome: Outcome,
    retry_at: float | None = None,
    found: tuple[Target, ...] = (),
) -> None:
    hops = rebuilt.hops.pop(asked)
    answer = Answer(asked, outcome, tuple(exchange for exchange, _ in hops))
    done = Done(answer, tuple(stored for _, stored in hops), retry_at, found)
    recording.save_done(rebuilt.connection, done, 0)
    queue.push(rebuilt.connection, found)


def _leave_hops(rebuilt: _Rebuilt) -> None:
    """Answers whose last hop is not there: archived, but their address is not done."""
    for asked in list(rebuilt.hops):
        _finish(rebuilt, asked, _INCOMPLETE, 0.0)


def _as_exchange(unit: _Unit) -> Exchange:
    main = unit.records[0]
    answered = main.kind in (*ANSWERS, "revisit")
    request = next((r.head + r.payload for r in unit.records if r.kind == "request"), b"")
    return Exchange(
        url=main.url,
        method=unit.meta("method"),
        request=request,
        address=main.headers.get("warc-ip-address", ""),
        started=main.date,
        seconds=float(unit.meta("seconds", "0")),
        status=int(unit.meta("status", "0")),
        head=main.head if answered else b"",
        body=main.payload if main.kind in ANSWERS else b"",
        truncated=cast("Any", main.headers.get("warc-truncated", "")),
        integrity=cast("Any", unit.meta("integrity", "whole")),
        tls_trust=cast("Any", unit.meta("tls-trust")),
        lenient=unit.meta("lenient") == "yes",
    )


def _stored(rebuilt: _Rebuilt, name: str, unit: _Unit) -> Stored | None:
    """Where the exchange lies; None if the payload that it repeats is not in the archive."""
    main = unit.records[0]
    data = read_bytes(rebuilt.folder, name, unit.offset, unit.length)
    digest = hashlib.sha256(data).hexdigest()
    size = int(unit.meta("body-size", "0"))
    if main.kind == "revisit":
        sha256 = main.headers.get("warc-payload-digest", "").removeprefix("sha256:")
        home = views.original(rebuilt.connection, sha256) or _waiting(rebuilt, sha256)
        if home is None:
            return None
        return Stored(
            home.segment, home.offset, home.length, sha256, size, True,
            name, unit.offset, unit.length, digest,
        )  # fmt: skip
    payload = main.payload if main.kind in ANSWERS else b""
    sha256 = hashlib.sha256(payload).hexdigest()
    return Stored(
        name, unit.offset, main.length, sha256, size, False,
        name, unit.offset, unit.length, digest,
    )  # fmt: skip


def _waiting(rebuilt: _Rebuilt, sha256: str) -> Original | None:
    """A payload of a hop whose answer is not complete yet."""
    for hops in rebuilt.hops.values():
        for exchange, stored in hops:
            if stored.sha256 == sha256 and not stored.revisit and exchange.body:
                return Original(
                    exchange.url, exchange.started, sha256,
                    stored.segment, stored.offset, stored.length,
                )  # fmt: skip
    return None
