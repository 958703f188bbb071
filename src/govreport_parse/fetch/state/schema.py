"""The tables of a harvest's state, and how a file of an older version becomes one of this."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk

FILE = "state.sqlite"
APPLICATION = 0x676F7672
"""Marks the file as ours ("govr")."""
VERSION = 1
_LITTLE = 1 << 20
"""Bytes free under which a failed write is put down to the full disk."""
_REBUILD = "rebuild it from the archive (`govreport rebuild`); no page is lost"
_FIXED = (3, 51, 3)

QUEUE_INDEX = """
CREATE INDEX frontier_queue ON frontier(host, priority, id) WHERE state = 'queued';
"""
COUNT_QUEUED = """
CREATE TRIGGER frontier_in AFTER INSERT ON frontier WHEN new.state = 'queued' BEGIN
  INSERT INTO hosts(host, domain, open) VALUES (new.host, new.domain, 1)
  ON CONFLICT(host) DO UPDATE SET open = open + 1;
END;
"""
TABLES = f"""
CREATE TABLE notes (
  name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  ident BLOB NOT NULL UNIQUE,
  row INTEGER,
  given TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
  organ TEXT, division_code TEXT, year INTEGER, duplicate_of INTEGER,
  refused TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sources_row ON sources(row) WHERE row IS NOT NULL;

CREATE TABLE frontier (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  source INTEGER, kind TEXT NOT NULL, depth INTEGER NOT NULL, parent TEXT NOT NULL,
  priority INTEGER NOT NULL, host TEXT NOT NULL, domain TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done')),
  attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0,
  code TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
  capture INTEGER,
  parsed TEXT NOT NULL DEFAULT '', parse_detail TEXT NOT NULL DEFAULT ''
) STRICT;
{QUEUE_INDEX}
CREATE INDEX frontier_later ON frontier(next_at) WHERE state = 'queued' AND next_at > 0;
CREATE INDEX frontier_children ON frontier(parent) WHERE kind = 'attachment';
CREATE INDEX frontier_attachments ON frontier(parent, id) WHERE kind = 'attachment';
CREATE INDEX frontier_unparsed ON frontier(id) WHERE state = 'done' AND code = 'ok' AND parsed = '';

CREATE TABLE hosts (
  host TEXT PRIMARY KEY, domain TEXT NOT NULL DEFAULT '',
  open INTEGER NOT NULL DEFAULT 0, ready_at REAL NOT NULL DEFAULT 0, row TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX hosts_ready ON hosts(ready_at, host) WHERE open > 0;

{COUNT_QUEUED}
CREATE TRIGGER frontier_moved AFTER UPDATE OF state ON frontier WHEN old.state <> new.state BEGIN
  UPDATE hosts SET open = open + CASE new.state WHEN 'queued' THEN 1 ELSE -1 END
  WHERE host = new.host;
END;

CREATE TABLE robots (
  address TEXT PRIMARY KEY, row TEXT NOT NULL, body BLOB NOT NULL
) STRICT;

CREATE TABLE captures (
  seq INTEGER PRIMARY KEY,
  batch INTEGER NOT NULL,
  asked TEXT NOT NULL, url TEXT NOT NULL, hop INTEGER NOT NULL, last INTEGER NOT NULL,
  segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
  sha256 BLOB NOT NULL, size INTEGER NOT NULL, revisit INTEGER NOT NULL,
  span_segment INTEGER NOT NULL, span_offset INTEGER NOT NULL, span_length INTEGER NOT NULL,
  digest BLOB NOT NULL,
  status INTEGER NOT NULL, content_type TEXT NOT NULL, content_encoding TEXT NOT NULL,
  etag TEXT NOT NULL, last_modified TEXT NOT NULL,
  fetched_at TEXT NOT NULL, seconds REAL NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, retry_after REAL,
  truncated TEXT NOT NULL, integrity TEXT NOT NULL, tls_trust TEXT NOT NULL,
  lenient INTEGER NOT NULL, ip TEXT NOT NULL,
  lost INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX captures_asked ON captures(asked) WHERE last = 1;
CREATE INDEX captures_payload ON captures(sha256)
  WHERE revisit = 0 AND size > 0 AND status > 0 AND lost = 0;
CREATE UNIQUE INDEX captures_span ON captures(span_segment, span_offset);
CREATE INDEX captures_batch ON captures(batch);
CREATE INDEX captures_lost ON captures(seq) WHERE lost = 1;
CREATE INDEX captures_repeats ON captures(segment, offset) WHERE revisit = 1;

CREATE TABLE segments (
  number INTEGER PRIMARY KEY, length INTEGER NOT NULL,
  info_length INTEGER NOT NULL, info_sha256 BLOB NOT NULL
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, manifest TEXT NOT NULL
) STRICT;
"""

MIGRATIONS: dict[int, str] = {}
"""Statements that lead from a version to the next."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one writing connection, its tables made or brought to this version."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        disk.check_own(path.with_name(path.name + suffix))
    if not path.exists():
        disk.step("create", path)
        path.touch(mode=0o600, exist_ok=False)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA journal_size_limit = 16777216")
        connection.execute("PRAGMA cache_size = -32768")
        _bring_up(connection, path)
    except BaseException:  # nobody else knows of the connection; raised again
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, for looking at a harvest that may be running."""
    disk.check_own(path)
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=10)
    try:
        try:
            connection.execute("PRAGMA query_only = ON")
            number = _checked_version(connection, path)
        except sqlite3.OperationalError:
            # Without write permission the shared-memory file can't be made; at rest none is needed.
            connection.close()
            if path.with_name(path.name + "-wal").exists():
                raise
            connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
            number = _checked_version(connection, path)
    except BaseException:  # nobody else knows of the connection; raised again
        connection.close()
        raise
    if number != VERSION:
        connection.close()
        raise DatasetError(
            f"{str(path)!r} was not yet brought to this version of the library",
            hint="run the harvest once more, or look at it with the version that made it",
            context={"path": str(path), "version": number},
        )
    return connection


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    number = int(connection.execute("PRAGMA user_version").fetchone()[0])
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if mark not in (0, APPLICATION) or (mark == 0 and number):
        raise DatasetError(
            f"{str(path)!r} is a database of another program",
            hint="use another folder for the harvest",
            context={"path": str(path)},
        )
    if number > VERSION:
        raise DatasetError(
            f"{str(path)!r} was written by a newer version of this library",
            hint="update govreport_parse, or use another folder",
            context={"path": str(path), "version": number, "known": VERSION},
        )
    return number


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    number = _checked_version(connection, path)
    if number == VERSION:
        return
    statements = [TABLES] if number == 0 else [MIGRATIONS[n] for n in range(number, VERSION)]
    disk.step("migrate", path)
    connection.executescript(
        "BEGIN IMMEDIATE;"
        + "".join(statements)
        + f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    )
    disk.sync_folder(path.parent)


def version_note() -> str:
    """What a run's manifest should say of the SQLite in use; empty when nothing."""
    if sqlite3.sqlite_version_info >= _FIXED:
        return ""
    return (
        f"SQLite {sqlite3.sqlite_version} has the WAL-reset fault (fixed in 3.51.3), which needs "
        "two writing connections; the harvest uses one"
    )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All or nothing, and on the disk when it returns."""
    disk.step("begin", path)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        disk.step("commit", path)
        connection.execute("COMMIT")
    except BaseException:  # whatever came between, nothing of it is kept; raised again
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    disk.step("committed", path)


@contextmanager
def database_errors(folder: Path) -> Iterator[None]:
    """Errors of the database and of the system as ``DatasetError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise _database_error(error, folder) from error
    except OSError as error:
        raise disk.system_error(error, folder, "use the state file in") from error


def _database_error(error: sqlite3.Error, folder: Path) -> DatasetError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = getattr(error, "sqlite_errorname", "")
    context = {"folder": str(folder), "sqlite": name, "reason": "database"}
    told = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        full = code == sqlite3.SQLITE_FULL or _no_room(folder)
        number = errno.ENOSPC if full else errno.EIO
        return DatasetError(
            f"cannot write the state file in {str(folder)!r}: "
            + ("the disk is full" if full else told),
            hint="make room and run the same command again; nothing is lost"
            if full
            else "check the disk, then run the same command again",
            context={**context, "errno": number, "reason": "disk_full" if full else "disk"},
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatasetError(
            f"the state file in {str(folder)!r} is damaged: {told}",
            hint=_REBUILD,
            context={**context, "reason": "state_damaged"},
        )
    return DatasetError(
        f"cannot use the state file in {str(folder)!r}: {told}",
        hint="check that the folder exists and may be written to",
        context=context,
    )


def _no_room(folder: Path) -> bool:
    """SQLite keeps the system's reason to itself."""
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
        return True
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LITTLE
