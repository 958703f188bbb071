"""TCP and TLS connections whose reads end in time, and which address to connect to.

Nothing here knows HTTP. Waiting uses a timer that wakes the reader, not a cancellation.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Sequence
from typing import Any, cast

from govreport_parse.errors import NetworkError

_HIGH_WATER = 256 << 10
_STAGGER = 0.25
"""Seconds after which the next address is tried beside the first (RFC 8305)."""


class WireError(NetworkError):
    """A connection failed or a budget was used up. ``context["reason"]`` is the outcome's word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, context={"reason": reason})
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return WireError, (self.reason, self.message)


class Wire(asyncio.Protocol):
    """One TCP or TLS connection with a bounded buffer."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.used = False
        """A request has gone out on it before."""
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._paused = False
        self._lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:  # noqa: D102
        self._buffer += data
        if len(self._buffer) > _HIGH_WATER and not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:  # noqa: D102
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        self._ended = True
        self._lost = exc
        self._wake()

    @property
    def is_closed(self) -> bool:
        """True once the connection is gone or going."""
        return self.transport is None or self.transport.is_closing()

    @property
    def has_bytes(self) -> bool:
        """True if bytes have come that nobody has read."""
        return bool(self._buffer)

    @property
    def is_readable(self) -> bool:
        """True if a read would not wait: an idle connection like that can't be used again."""
        return bool(self._buffer) or self._ended

    async def read(self, max_bytes: int, left: float) -> bytes:
        """Up to ``max_bytes`` within ``left`` seconds, ``b""`` at the end.

        Raises ``TimeoutError``, and ``WireError("disconnect")`` when the connection broke.
        """
        if not self._buffer and not self._ended:
            await self._wait(left)
        elif left <= 0:
            raise TimeoutError
        if self._buffer:
            data = bytes(self._buffer[:max_bytes])
            del self._buffer[:max_bytes]
            if self._paused and len(self._buffer) < _HIGH_WATER // 4:
                self._paused = False
                if self.transport is not None:
                    self.transport.resume_reading()
            return data
        if self._lost is not None:
            raise WireError("disconnect", f"the connection broke: {words(self._lost)}")
        return b""

    def write(self, data: bytes) -> None:
        """Send; a connection that is lost says so at the next read."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def abort(self) -> None:
        """Close at once; what was not read is dropped."""
        self._ended = True
        self._buffer.clear()
        if self.transport is not None:
            self.transport.abort()
        self._wake()

    async def encrypt(self, context: ssl.SSLContext, name: str, left: float) -> None:
        """Change to TLS. Raises ``TimeoutError``, or ``WireError("tls")`` if it fails."""
        transport = self.transport
        if transport is None or self._ended:
            raise WireError("tls", "the server closed the connection before the TLS handshake")
        if left <= 0:
            raise TimeoutError
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            secured = await loop.start_tls(
                transport, self, context, server_hostname=name, ssl_handshake_timeout=left
            )
        except (OSError, ValueError) as error:
            transport.abort()
            if loop.time() - started >= left:
                raise TimeoutError from error
            raise WireError("tls", f"the TLS handshake failed: {words(error)}") from error
        if secured is None or self._ended:
            transport.abort()
            raise WireError("tls", "the server closed the connection during the TLS handshake")
        self.transport = secured

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self, left: float) -> None:
        if left <= 0:
            raise TimeoutError
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(left, _time_is_up, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None


def _time_is_up(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def words(error: BaseException) -> str:
    """What an exception says, with its class when it says nothing: never empty."""
    seen: BaseException | None = error
    while seen is not None:
        text = " ".join(str(seen).split())
        if text:
            return (
                text[:200] if isinstance(seen, OSError) else f"{type(seen).__name__}: {text}"[:200]
            )
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__


async def connect(addresses: Sequence[str], port: int, left: float) -> Wire:
    """Connect to the first address that answers, the next one beside it after a moment.

    Raises ``WireError("connect")`` when all refuse, ``TimeoutError`` when time is up.
    """
    if left <= 0:
        raise TimeoutError
    if len(addresses) > 1:
        return await _race(addresses, port, left)
    async with asyncio.timeout(left):
        return await _dial(addresses[0], port)


async def _dial(address: str, port: int) -> Wire:
    loop = asyncio.get_running_loop()
    try:
        _, wire = await loop.create_connection(lambda: Wire(address), host=address, port=port)
    except TimeoutError:
        raise
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else words(error)
        raise WireError("connect", f"no connection to {address}: {why}") from error
    return wire


async def _race(addresses: Sequence[str], port: int, left: float) -> Wire:
    loop = asyncio.get_running_loop()
    end = loop.time() + left
    queue = list(addresses)
    running: set[asyncio.Task[Wire]] = set()
    problems: list[str] = []
    winner: Wire | None = None
    try:
        while queue or running:
            if queue:
                running.add(loop.create_task(_dial(queue.pop(0), port)))
            wait = min(_STAGGER, end - loop.time()) if queue else end - loop.time()
            done, running = await asyncio.wait(
                running, timeout=max(wait, 0), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is not None:
                    problems.append(str(error) or words(error))
                elif winner is None:
                    winner = task.result()
                else:
                    task.result().abort()
            if winner is not None:
                return winner
            if loop.time() >= end:
                raise TimeoutError
    finally:
        for task in running:
            task.add_done_callback(_discard)
            task.cancel()
    raise WireError("connect", "; ".join(dict.fromkeys(problems))[:300])


def _discard(task: asyncio.Task[Wire]) -> None:
    with contextlib.suppress(asyncio.CancelledError, OSError):
        task.result().abort()
