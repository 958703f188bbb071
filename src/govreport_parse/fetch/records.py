"""What passes between the rooms of the fetch wing: exchanges, answers, outcomes.

Nothing here opens a file or a connection. Every address that was asked for ends in exactly one
``Answer``, and every answer has an ``Outcome`` with a reason code; ``None`` never means failure.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol


class Code(StrEnum):
    """The classes an attempt ends in."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    RETRY = "retry"
    """Transient: worth another try later."""
    HOST_PARKED = "host_parked"
    """The whole host asked to be left alone until ``retry_after`` has passed."""
    REFUSED = "refused"
    """Our own policy forbids it: robots.txt, address, scheme, caps."""
    GONE = "gone"
    """Not found, also when a page that says so came with status 200."""
    BLOCKED = "blocked"
    """A firewall, a challenge or a login page; never solved."""
    QUARANTINE = "quarantine"
    """Bytes came and are kept, but they are not to be parsed."""
    FAILED = "failed"
    """It cannot get better by asking again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    ``reason`` is a stable word. The client's are: before a request ``url``, ``scheme``, ``port``,
    ``dns``, ``non_public_address``, ``connect``, ``tls``; on the wire ``deadline``, ``disconnect``,
    ``truncated``, ``too_large``, ``protocol``, ``cancelled``; in the body ``corrupt``, ``coding``,
    ``bomb``, ``partial``; by status ``http_status``, ``waf``, ``login``, ``forbidden``; of
    redirects ``redirect``, ``redirect_limit``, ``redirect_loop``; ``error`` is a fault of ours.
    The gate and the look at the content add theirs (``robots``, ``waf:jsl`` ...). ``detail`` is one
    line for people, free of control characters, at most 300 characters. ``retry_after``: seconds
    from the answer's arrival, as the server asked, at most a day.
    """

    code: Code
    reason: str = ""
    detail: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, as it went over the wire.

    ``request`` and ``head`` are the raw bytes of the two heads (request line or status line,
    headers, blank line). ``body`` has its transfer coding removed and its content coding kept, so
    that it can be archived as it came. ``status`` is 0 when no head came; then ``head`` is empty.
    """

    url: str
    method: str
    request: bytes
    address: str
    """The IP address connected to; empty when no connection was made."""
    started: datetime.datetime
    seconds: float
    status: int = 0
    head: bytes = b""
    body: bytes = b""
    truncated: Literal["", "length", "time", "disconnect"] = ""
    """Why the body ends early, in the words of WARC-Truncated."""
    integrity: Literal["whole", "unknown", "cut"] = "whole"
    """``unknown``: the end was marked by nothing but the close of the connection."""
    tls_trust: Literal["", "strict", "legacy"] = ""
    lenient: bool = False
    """Read by the second, forgiving reader because the head broke the rules of HTTP."""

    def headers(self) -> Iterator[tuple[str, bytes]]:
        """Names in lower case and raw values, in order; broken lines are left out."""
        for line in self.head.replace(b"\r\n", b"\n").split(b"\n")[1:]:
            name, colon, value = line.partition(b":")
            if colon and name.strip():
                yield name.strip().decode("latin-1").lower(), value.strip()

    def header(self, name: str) -> bytes | None:
        """The first value of a header."""
        return next((value for key, value in self.headers() if key == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one address: every hop, the outcome, and the decoded body of the last hop.

    ``content`` is empty unless a whole body came (``OK``, and pages kept although blocked, gone or
    quarantined).
    """

    url: str
    outcome: Outcome
    exchanges: tuple[Exchange, ...] = ()
    content: bytes = b""

    @property
    def final_url(self) -> str:
        """The address the last hop asked for."""
        return self.exchanges[-1].url if self.exchanges else self.url

    @property
    def status(self) -> int:
        """The status of the last hop, 0 without one."""
        return self.exchanges[-1].status if self.exchanges else 0

    def header(self, name: str) -> str:
        """A header of the last hop as latin-1 text; empty when it is not there."""
        value = self.exchanges[-1].header(name) if self.exchanges else None
        return "" if value is None else value.decode("latin-1")

    @property
    def media_type(self) -> str:
        """The bare type of Content-Type in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()


class Gate(Protocol):
    """Who decides whether and when a request may go out; asked before every hop.

    The client resolves and checks the address first, then calls ``enter``, then connects. Every
    ``enter`` that gave ``None`` is followed by exactly one ``leave``.
    """

    async def enter(self, url: str, address: str) -> Outcome | None:
        """Wait for the turn of this host and IP group. An outcome means: do not ask."""

    def leave(self, url: str, address: str, exchange: Exchange | None, outcome: Outcome) -> None:
        """The request has ended. ``exchange`` is None when nothing was sent."""
