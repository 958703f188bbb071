"""Connections of our own under the HTTP client: time budgets, checked addresses, exact bytes.

The client has no deadline for a whole exchange, no way to say which address a name means, and
keeps no raw head. So it gets a network backend from here. One ``Attempt`` (a context variable,
because the client runs in the task of its caller) carries the budget and the checked addresses of
one exchange in, and what went over the wire out. Time running out is an exception raised by a read,
never a cancellation, because the connection pool loses its place when cancelled
(encode/httpcore#1093).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Any

import httpcore

from govreport_parse.fetch.heads import BODILESS, HeadTap, count_lines, is_chunked, status_of
from govreport_parse.fetch.limits import Limits
from govreport_parse.fetch.wires import Wire, WireError, connect

_DECLARED = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d+)", re.IGNORECASE)


class Attempt:
    """One exchange: its budget and addresses, and what came of it. Times are the loop's."""

    def __init__(self, addresses: Sequence[str], limits: Limits, left: float) -> None:
        """``left``: seconds this exchange may take in all."""
        self.addresses = tuple(addresses)
        self.limits = limits
        self.started = asyncio.get_running_loop().time()
        self.end = self.started + left
        self.request = bytearray()
        self.tap = HeadTap(limits.head_bytes)
        self.address = ""
        self.wire: Wire | None = None
        self.reused = False
        self.received = 0
        """Bytes read, heads included."""
        self.ended = False
        """The server closed its side."""
        self._head_end = self.started + limits.head
        self._mark = (self.started, 0)
        self._to_close = False
        self._in_head = True
        self._body = 0
        self._last = b""

    def connect_left(self) -> float:
        """Seconds left for connecting or for the handshake."""
        return self._left(asyncio.get_running_loop().time() + self.limits.connect)

    def sending(self, data: bytes, wire: Wire) -> None:
        """The request goes out on ``wire``: the clock of the head starts."""
        if not self.request:
            now = asyncio.get_running_loop().time()
            self.wire, self.address = wire, wire.address
            self.reused = wire.used
            wire.used = True
            self._head_end = now + self.limits.head
            self._mark = (now, 0)
        self.request += data

    def read_left(self) -> float:
        """Seconds the next read may take."""
        now = asyncio.get_running_loop().time()
        stall = now + self.limits.stall
        return self._left(min(stall, self._head_end) if self._in_head else stall)

    def arrived(self, data: bytes) -> None:
        """Bytes came; raises ``WireError`` when the head is too large or the body too slow."""
        if not data:
            self.ended = True
            return
        self.received += len(data)
        now = asyncio.get_running_loop().time()
        if self._in_head:
            self._head_arrived(data, now)
            return
        self._body += len(data)
        self._last = data[-5:]
        if self._body > self.limits.wire:
            raise WireError("too_large", f"a body of more than {self.limits.wire} bytes")
        since, before = self._mark
        if now - since >= self.limits.floor_window:
            if self.received - before < self.limits.floor_rate * (now - since):
                raise WireError(
                    "deadline",
                    f"{self.received - before} bytes in {now - since:.0f} s are too slow",
                )
            self._mark = (now, self.received)

    def _head_arrived(self, data: bytes, now: float) -> None:
        self.tap.feed(data)
        if self.tap.overflow:
            raise WireError("too_large", f"a head of more than {self.tap.limit} bytes")
        if not self.tap.complete:
            return
        self._in_head = False
        rest = self.tap.rest
        self._body, self._last = len(rest), rest[-5:]
        self._mark = (now, self.received)
        lines = count_lines(self.tap.head)
        if lines > self.limits.head_lines:
            raise WireError("too_large", f"a head of {lines} lines")
        declared = _DECLARED.search(self.tap.head)
        if declared and (len(declared[1]) > 18 or int(declared[1]) > self.limits.wire):
            raise WireError(
                "too_large", f"a body of {declared[1][:20].decode()} bytes is announced"
            )

    def surplus(self) -> str:
        """Why bytes may have come behind the end of the body; empty if none did.

        Such bytes would be taken for the beginning of the next answer on this connection.
        """
        if self.wire is not None and self.wire.has_bytes:
            return "more came behind the end of the body"
        head = self.tap.head
        if status_of(head) in BODILESS:
            return "a body came where there is none" if self._body else ""
        if is_chunked(head):
            return "" if self._last == b"0\r\n\r\n" else "chunked data does not end with its end"
        declared = _DECLARED.search(head)
        if declared and self._body > int(declared[1]):
            return f"more than the {int(declared[1])} bytes announced came"
        return ""

    def ran_out(self, doing: str) -> WireError:
        """The error for a step that took too long."""
        now = asyncio.get_running_loop().time()
        return WireError("deadline", f"no end of {doing} after {now - self.started:.1f} s")

    def release(self, wire: Wire) -> None:
        """The client is done with ``wire``; the second reader may need it until ``close``."""
        if wire is self.wire:
            self._to_close = True
        else:
            wire.abort()

    def close(self, *, drop: bool = False) -> None:
        """End of the exchange: the connection is closed if the client asked so, or ``drop``."""
        if self.wire is not None and (drop or self._to_close):
            self.wire.abort()

    async def read(self, max_bytes: int) -> bytes:
        """The next bytes of the wire within the budget; ``b""`` at its end."""
        if self.wire is None:
            return b""
        try:
            data = await self.wire.read(max_bytes, self.read_left())
        except TimeoutError:
            raise self.ran_out("the head" if self._in_head else "the body") from None
        self.arrived(data)
        return data

    def _left(self, until: float) -> float:
        return min(until, self.end) - asyncio.get_running_loop().time()


current: ContextVar[Attempt | None] = ContextVar("govreport_attempt", default=None)


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to the addresses of the current attempt, whatever the name says."""

    def __init__(self) -> None:
        self.wires: set[Wire] = set()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection to the first checked address that answers."""
        attempt = current.get()
        if attempt is None or not attempt.addresses:
            raise WireError("connect", f"no checked address for {host[:100]}")
        try:
            wire = await connect(attempt.addresses, port, attempt.connect_left())
        except TimeoutError:
            raise attempt.ran_out("connecting") from None
        self.wires = {old for old in self.wires if not old.is_closed} | {wire}
        return Stream(wire)

    def abort(self) -> None:
        """Close every connection."""
        for wire in self.wires:
            wire.abort()
        self.wires.clear()


class Stream(httpcore.AsyncNetworkStream):
    """A wire as the client sees it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._object: ssl.SSLObject | None = None

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ARG002
    ) -> bytes:
        """The next bytes, within the budget of the current attempt."""
        attempt = current.get()
        if attempt is None or attempt.wire is not self._wire:
            raise WireError("disconnect", "a connection was read outside its exchange")
        return await attempt.read(max_bytes)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ARG002
    ) -> None:
        """Send, and note what was sent."""
        attempt = current.get()
        if attempt is not None:
            attempt.sending(buffer, self._wire)
        self._wire.write(buffer)

    async def aclose(self) -> None:
        """Close, but leave the connection to the current attempt if it is its own."""
        attempt = current.get()
        if attempt is None:
            self._wire.abort()
        else:
            attempt.release(self._wire)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """The same wire, encrypted."""
        attempt = current.get()
        left = attempt.connect_left() if attempt is not None else 10.0
        try:
            await self._wire.encrypt(ssl_context, server_hostname or "", left)
        except TimeoutError:
            self._wire.abort()
            raise WireError("deadline", "no end of the TLS handshake in time") from None
        except BaseException:  # a cancellation, too, leaves no half-made wire; raised again
            self._wire.abort()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """What the client asks: whether the wire is readable, and the TLS object."""
        if info == "is_readable":
            return self._wire.is_readable
        if info == "ssl_object" and self._wire.transport is not None:
            return self._wire.transport.get_extra_info("ssl_object")
        return None
