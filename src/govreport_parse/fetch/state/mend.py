"""Bringing the files of a harvest folder back to what its state has committed.

The state is the judge: what lies behind a segment's committed end never counted. Where less is on
the disk than was committed, the pages concerned are marked lost and go back into the queue.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import FOLDER, disk, segment_names, segment_path
from govreport_parse.fetch.archive.write import number_of, segment_name

_NEW_AT_A_CRASH = 2
"""Segments that a killed harvest can have begun since its last commit."""

_NO_SERVER = "urn"
"""The host of addresses that name no server: imported documents."""
_GONE = "the archived document is lost; import its file again"


def mend(connection: sqlite3.Connection, folder: Path) -> tuple[list[str], int]:
    """Cut tails, remove segments that never counted, re-queue what is lost.

    Says what it did, and how many addresses lost their document by it.

    The caller holds a transaction. A kill in between does no harm: it all happens again.
    """
    told: list[str] = []
    known = {
        segment_name(number): length
        for number, length in connection.execute("SELECT number, length FROM segments")
    }
    _remove_unknown(folder, known, told)
    lost: list[int] = []
    for name, length in known.items():
        lost += _cut(connection, folder, name, length, told)
    lost += _last_batch(connection, folder, set(lost), told)
    again = gone = 0
    if lost:
        again, gone = lose(connection, lost)
        if again or not gone:
            told.append(f"{again:,} pages are lost and will be fetched again")
        if gone:
            told.append(f"{gone:,} imported documents are lost; import their files again")
    return told, again + gone


def _remove_unknown(folder: Path, known: dict[str, int], told: list[str]) -> None:
    unknown = [name for name in segment_names(folder) if name not in known]
    if len(unknown) > _NEW_AT_A_CRASH:
        raise DatasetError(
            f"{len(unknown)} archive segments in {str(folder)!r} are not known to its state file",
            hint="the state is older than the archive; rebuild it from the archive",
            context={"folder": str(folder), "segments": unknown[:20], "reason": "state_old"},
        )
    for name in unknown:
        disk.remove(segment_path(folder, name))
        told.append(f"{name}: removed, nothing in it was saved")
    if unknown:
        disk.sync_folder(folder / FOLDER)


def _cut(
    connection: sqlite3.Connection, folder: Path, name: str, length: int, told: list[str]
) -> list[int]:
    """Cut one segment to its committed end; the captures that are no longer there."""
    path = segment_path(folder, name)
    try:
        fd = disk.open_own(path, os.O_RDWR)
    except FileNotFoundError:
        told.append(f"{name}: the segment is gone")
        connection.execute("DELETE FROM segments WHERE number = ?", (number_of(name),))
        return _behind(connection, name, 0)
    try:
        size = os.fstat(fd).st_size
        if size > length:
            disk.truncate(fd, length, path)
            disk.sync(fd, path)
            told.append(f"{name}: {size - length:,} bytes that were not saved yet cut off")
            return []
        if size == length:
            return []
        told.append(f"{name}: the file ends {length - size:,} bytes too early")
        gone = _behind(connection, name, size)
        end = _end_of_rest(connection, name, size)
        disk.truncate(fd, end, path)
        disk.sync(fd, path)
        connection.execute(
            "UPDATE segments SET length = ? WHERE number = ?", (end, number_of(name))
        )
        return gone
    finally:
        os.close(fd)


def _behind(connection: sqlite3.Connection, name: str, size: int) -> list[int]:
    rows = connection.execute(
        "SELECT seq FROM captures WHERE span_segment = ? AND span_offset + span_length > ? "
        "AND lost = 0",
        (number_of(name), size),
    )
    return [seq for (seq,) in rows]


def _end_of_rest(connection: sqlite3.Connection, name: str, size: int) -> int:
    (end,) = connection.execute(
        "SELECT coalesce(max(span_offset + span_length), 0) FROM captures "
        "WHERE span_segment = ? AND span_offset + span_length <= ?",
        (number_of(name), size),
    ).fetchone()
    (info,) = connection.execute(
        "SELECT info_length FROM segments WHERE number = ?", (number_of(name),)
    ).fetchone()
    return max(int(end), min(int(info), size))


def _last_batch(
    connection: sqlite3.Connection, folder: Path, lost: set[int], told: list[str]
) -> list[int]:
    """Captures of the last commit that do not read back: a disk may lie about what it saved."""
    rows = connection.execute(
        "SELECT seq, span_segment, span_offset, span_length, digest FROM captures "
        "WHERE batch > 0 AND batch = (SELECT max(batch) FROM captures) AND lost = 0"
    ).fetchall()
    gone = []
    for seq, segment, offset, length, digest in rows:
        if seq in lost:
            continue
        name = segment_name(segment)
        if _sha256_of(segment_path(folder, name), offset, length) != digest.hex():
            told.append(f"{name}: the record at {offset:,} is damaged")
            gone.append(seq)
    return gone


def _sha256_of(path: Path, offset: int, length: int) -> str:
    try:
        fd = disk.open_own(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    try:
        return disk.sha256_of(fd, offset, length)
    finally:
        os.close(fd)


def lose(connection: sqlite3.Connection, captures: list[int]) -> tuple[int, int]:
    """Mark captures lost, with those that repeat their payload, and queue their pages again.

    How many pages are queued, and how many documents came from no server and are missing now.
    """
    for seq in captures:
        connection.execute("UPDATE captures SET lost = 1 WHERE seq = ?", (seq,))
        connection.execute(
            "UPDATE captures SET lost = 1 WHERE revisit = 1 AND (segment, offset) = "
            "(SELECT span_segment, span_offset FROM captures WHERE seq = ?)",
            (seq,),
        )
    of_lost = "state = 'done' AND capture IN (SELECT seq FROM captures WHERE lost = 1)"
    gone = connection.execute(
        "UPDATE frontier SET code = 'failed', reason = 'damaged', detail = ?, capture = NULL, "
        f"parsed = '' WHERE {of_lost} AND host = ?",
        (_GONE, _NO_SERVER),
    ).rowcount
    again = connection.execute(
        "UPDATE frontier SET state = 'queued', next_at = 0, attempts = 0, code = '', "
        f"reason = '', detail = '', capture = NULL, parsed = '' WHERE {of_lost}"
    ).rowcount
    return again, gone
