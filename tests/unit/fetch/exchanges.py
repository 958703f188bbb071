"""Exchanges for the tests of archive and state."""

from __future__ import annotations

import datetime
from typing import Any

from govreport_parse.fetch.archive import Archive
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import Done

START = datetime.datetime(2026, 3, 1, 8, 30, 0, 250_000, tzinfo=datetime.UTC)
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def clock() -> datetime.datetime:
    return START


def exchange(
    url: str = "http://a.gov.cn/1.html", body: bytes = b"<p>1</p>", **more: Any
) -> Exchange:
    host = url.split("/")[2]
    values: dict[str, Any] = {
        "method": "GET",
        "request": f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        "address": "203.0.113.5",
        "started": START,
        "seconds": 0.25,
        "status": 200,
        "head": HTML,
        "body": body,
        **more,
    }
    return Exchange(url, **values)


def done(
    archive: Archive, *exchanges: Exchange, outcome: Outcome | None = None, **more: Any
) -> Done:
    """An answer of these hops, archived."""
    answer = Answer(exchanges[0].url, outcome or Outcome(Code.OK), exchanges, exchanges[-1].body)
    return Done(answer, tuple(archive.append(each) for each in exchanges), **more)
