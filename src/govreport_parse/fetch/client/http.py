"""One request to one host and the bytes that come back, over the library underneath.

``converse`` raises nothing but the cancellation of its task: every other trouble is told by
``Raw.failure``. Whatever came is in ``Raw``, whole or not.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, cast

import httpcore
import httpx

from govreport_parse.fetch.heads import BODILESS, is_chunked, is_framed, status_of
from govreport_parse.fetch.lenient import LenientAnswer, read_leniently
from govreport_parse.fetch.limits import Limits
from govreport_parse.fetch.network import Attempt, Backend
from govreport_parse.fetch.records import Code, Outcome
from govreport_parse.fetch.statuses import one_line
from govreport_parse.fetch.wires import WireError, words

Truncated = Literal["", "length", "time", "disconnect"]
Integrity = Literal["whole", "unknown", "cut"]
Key = tuple[str, str, int, bool]
"""Scheme, host, port, whether TLS is legacy."""

_HEX = {bytes([code]) for code in b"0123456789abcdefABCDEF"} | {b""}
_CODES = {"too_large": Code.QUARANTINE, "protocol": Code.QUARANTINE}
_TRUNCATED: dict[str, Truncated] = {
    "too_large": "length",
    "deadline": "time",
    "disconnect": "disconnect",
    "truncated": "disconnect",
}


@dataclass(slots=True)
class Raw:
    """What came over the wire: the head as it was, the body without its transfer coding."""

    head: bytes = b""
    body: bytes = b""
    failure: Outcome | None = None
    truncated: Truncated = ""
    integrity: Integrity = "whole"
    lenient: bool = False
    reusable: bool = False
    """The connection may carry another request."""


class Host:
    """A small client for one host, so that a slot lost in its pool (P1) is lost with it."""

    def __init__(self, key: Key, context: ssl.SSLContext | None, limits: Limits) -> None:
        self.key = key
        self.legacy = key[3]
        self.backend = Backend()
        self.busy = 0
        scheme, name, port, _ = key
        shown = f"[{name}]" if ":" in name else name
        self._root = httpx.URL(f"{scheme}://{shown}:{port}/")
        transport = _Transport(self.backend, context, limits)
        self._http = httpx.AsyncClient(transport=transport, trust_env=False)

    async def send(self, target: str, headers: list[tuple[bytes, bytes]]) -> httpx.Response:
        """Send a GET for ``target`` (path and query) and wait for the head."""
        request = httpx.Request(
            "GET", self._root, headers=headers, extensions={"target": target.encode("ascii")}
        )
        return await self._http.send(request, stream=True)


class _Transport(httpx.AsyncBaseTransport):
    """The library's own transport has no place for a network backend."""

    def __init__(self, backend: Backend, context: ssl.SSLContext | None, limits: Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=1,
            keepalive_expiry=limits.keep_alive,
            http1=True,
            http2=False,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        # Without its headers, which are taken from the raw head: the client would parse Location
        # and Set-Cookie even when told not to follow, and raise on a bad one.
        return httpx.Response(answer.status, stream=_Body(answer))


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast("AsyncIterator[bytes]", self._answer.stream))

    async def aclose(self) -> None:
        await self._answer.aclose()


async def converse(
    host: Host, target: str, headers: list[tuple[bytes, bytes]], attempt: Attempt
) -> Raw:
    """Send one request within the budget of ``attempt`` (which must be the current one)."""
    pieces: list[bytes] = []
    has_head = False
    try:
        response = await host.send(target, headers)
        has_head = True
        try:
            async for piece in cast("AsyncIterator[bytes]", response.stream):
                pieces.append(piece)  # noqa: PERF401  extend would lose them on an error
        finally:
            await response.aclose()
    except httpcore.RemoteProtocolError as error:
        return await _after_breach(attempt, b"".join(pieces), error, has_head=has_head)
    except WireError as error:
        return _failed(attempt, b"".join(pieces), error.reason, error.message)
    except Exception as error:  # noqa: BLE001  the border: no foreign exception leaves the wing
        return _failed(
            attempt, b"".join(pieces), "error", f"{type(error).__name__}: {words(error)}"
        )
    head, body = attempt.tap.head, b"".join(pieces)
    if not is_framed(head):
        return Raw(head, body, integrity="unknown")
    surplus = attempt.surplus()
    if surplus and status_of(head) not in BODILESS and not is_chunked(head):
        # The length was counted wrongly (in characters, say): what came in full is not all.
        return _failed(attempt, body, "truncated", surplus)
    return Raw(head, body, reusable=not surplus)


async def _after_breach(attempt: Attempt, body: bytes, error: Exception, *, has_head: bool) -> Raw:
    """The answer breaks the rules of HTTP: in its head, in its body, or by ending early."""
    if has_head:
        started = attempt.tap.rest.lstrip()[:1]
        if not body and is_chunked(attempt.tap.head) and started not in _HEX:
            return _failed(attempt, attempt.tap.rest, "protocol", "chunked data without lengths")
        if attempt.ended:
            detail = f"the connection closed before the end of the body, {len(body)} bytes in"
            return _failed(attempt, body, "truncated", detail)
        return _failed(attempt, body, "protocol", words(error))
    if not attempt.received:
        return _failed(attempt, b"", "disconnect", "the server closed without an answer")
    came = bytearray(attempt.tap.head + attempt.tap.rest)

    async def read(size: int) -> bytes:
        piece = await attempt.read(size)
        came.extend(piece)
        return piece

    limits = attempt.limits
    try:
        found = await read_leniently(bytes(came), read, head=limits.head_bytes, body=limits.wire)
    except WireError as trouble:
        body = bytes(came[len(attempt.tap.head) :]) if attempt.tap.complete else b""
        raw = _failed(attempt, body, trouble.reason, trouble.message)
        raw.lenient = True
        return raw
    return _from_lenient(found)


def _from_lenient(found: LenientAnswer) -> Raw:
    raw = Raw(found.head, found.body, integrity=found.integrity, lenient=True)
    if found.problem:
        raw.failure = _outcome(found.problem, found.detail)
        raw.truncated = _TRUNCATED.get(found.problem, "")
    return raw


def _failed(attempt: Attempt, body: bytes, reason: str, detail: str) -> Raw:
    """What is kept of an exchange that failed."""
    head = attempt.tap.head if attempt.tap.complete or reason == "too_large" else b""
    if not head and attempt.received and reason == "disconnect":
        detail = f"{detail}, {attempt.received} bytes into the head"
    if head and reason == "disconnect":
        reason = "truncated"
    return Raw(
        head,
        body,
        failure=_outcome(reason, detail),
        truncated=_TRUNCATED.get(reason, "") if head else "",
        integrity="cut" if head else "whole",
    )


def _outcome(reason: str, detail: str) -> Outcome:
    code = Code.FAILED if reason == "error" else _CODES.get(reason, Code.RETRY)
    return Outcome(code, reason, one_line(detail))
