"""What other rooms give the state to keep: hosts, robots files, the manifests of runs."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any


def save_hosts(connection: sqlite3.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """One row a host; when it may be asked again is what the queue goes by."""
    connection.executemany(
        "INSERT INTO hosts(host, ready_at, row) VALUES (?,?,?) ON CONFLICT(host) DO UPDATE SET "
        "ready_at = excluded.ready_at, row = excluded.row",
        (
            (row["host"], row["saved_at"] + max(row["wait"], row["park"]), _json(row))
            for row in rows
        ),
    )


def load_hosts(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The rows as they were given."""
    rows = connection.execute("SELECT row FROM hosts WHERE row <> '' ORDER BY host")
    return [json.loads(row) for (row,) in rows]


def save_robots(connection: sqlite3.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """One row a robots file."""
    for row in rows:
        plain = {name: value for name, value in row.items() if name != "body"}
        connection.execute(
            "INSERT INTO robots(address, row, body) VALUES (?,?,?) "
            "ON CONFLICT(address) DO UPDATE SET row = excluded.row, body = excluded.body",
            (row["address"], _json(plain), row.get("body", b"")),
        )


def load_robots(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The rows as they were given."""
    rows = connection.execute("SELECT row, body FROM robots ORDER BY address")
    return [{**json.loads(row), "body": body} for row, body in rows]


def start_run(
    connection: sqlite3.Connection, now: datetime.datetime, manifest: Mapping[str, Any]
) -> int:
    """The number of the new run."""
    cursor = connection.execute(
        "INSERT INTO runs(started_at, manifest) VALUES (?,?)", (now.isoformat(), _json(manifest))
    )
    return int(cursor.lastrowid or 0)


def end_run(
    connection: sqlite3.Connection,
    number: int,
    now: datetime.datetime,
    manifest: Mapping[str, Any],
) -> None:
    """The final manifest of a run."""
    connection.execute(
        "UPDATE runs SET ended_at = ?, manifest = ? WHERE id = ?",
        (now.isoformat(), _json(manifest), number),
    )


def runs(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """All runs, oldest first."""
    rows = connection.execute("SELECT id, started_at, ended_at, manifest FROM runs ORDER BY id")
    return [
        {"id": number, "started_at": begun, "ended_at": ended, "manifest": json.loads(manifest)}
        for number, begun, ended, manifest in rows
    ]


def _json(values: Mapping[str, Any]) -> str:
    text = json.dumps(dict(values), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")
