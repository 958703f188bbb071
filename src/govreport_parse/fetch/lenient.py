"""A second, forgiving reader of HTTP/1 answers, for heads that the first one refuses.

Servers and firewalls send header names with blanks, lines without a colon, bare line feeds. The
strict parser gives up the whole answer for one such line. This reader takes what came already and
goes on reading the same connection: no second request is made. It checks the length itself, and it
refuses an answer that gives two different lengths.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from govreport_parse.fetch.heads import BODILESS, header_lines, is_chunked, status_of

Read = Callable[[int], Awaitable[bytes]]
"""The next bytes of the connection, ``b""`` at its end."""

_BLANK = re.compile(rb"\n[ \t]*\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_STEP = 64 << 10


@dataclass(frozen=True, slots=True)
class LenientAnswer:
    """What the second reader made of the bytes.

    ``problem``: empty when the answer can be used; ``protocol`` when it is no HTTP answer or
    contradicts itself (``detail`` says how; the bytes are in ``body``); ``truncated`` when the
    connection ended before the length was reached, or more came; ``too_large`` over the cap.
    """

    status: int
    head: bytes
    body: bytes
    problem: Literal["", "protocol", "truncated", "too_large"] = ""
    detail: str = ""
    integrity: Literal["whole", "unknown", "cut"] = "whole"


async def read_leniently(begun: bytes, read: Read, *, head: int, body: int) -> LenientAnswer:
    """Read one answer that begins with ``begun``; at most ``head`` and ``body`` bytes of each.

    Exceptions of ``read`` pass through.
    """
    data = bytearray(begun)
    while True:
        del data[: len(data) - len(data.lstrip(b"\r\n"))]
        found = _BLANK.search(data)
        if found is None:
            if len(data) > head:
                return LenientAnswer(0, bytes(data[:head]), b"", "too_large", _too_large(head))
            piece = await read(_STEP)
            if not piece:
                return _headless(bytes(data))
            data += piece
            continue
        status = status_of(bytes(data[: found.end()]))
        if not 100 <= status < 200 or status == 101:
            break
        del data[: found.end()]
    raw_head, rest = bytes(data[: found.end()]), bytes(data[found.end() :])
    if not status_of(raw_head):
        return await _to_the_end(0, b"", _Source(bytes(data), read), body, _NO_STATUS)
    return await _body(status, raw_head, _Source(rest, read), body)


_NO_STATUS = "the answer does not begin with a status line"


class _Source:
    """Bytes in hand, then those of the connection."""

    def __init__(self, begun: bytes, read: Read) -> None:
        self.data = bytearray(begun)
        self._read = read

    async def more(self) -> bool:
        """False at the end of the connection."""
        piece = await self._read(_STEP)
        self.data += piece
        return bool(piece)


async def _body(status: int, head: bytes, source: _Source, cap: int) -> LenientAnswer:
    headers = header_lines(head)
    lengths = {
        part.strip()
        for name, value in headers
        if name == b"content-length"
        for part in value.split(b",")
    }
    if status in BODILESS:
        return LenientAnswer(status, head, b"")
    if is_chunked(head):
        return await _chunked(status, head, source, cap)
    if len(lengths) > 1:
        shown = ", ".join(sorted(each.decode("latin-1") for each in lengths))[:100]
        return await _to_the_end(status, head, source, cap, f"it gives several lengths: {shown}")
    if not lengths:
        return await _to_the_end(status, head, source, cap, "")
    text = lengths.pop()
    if not text.isdigit() or len(text) > 18:
        return await _to_the_end(status, head, source, cap, "its length is not a number")
    length = int(text)
    while len(source.data) < min(length, cap + 1):
        if not await source.more():
            detail = f"{len(source.data)} of {length} bytes came"
            return LenientAnswer(status, head, bytes(source.data), "truncated", detail, "cut")
    if length > cap:
        return _capped(status, head, source, cap)
    whole = bytes(source.data[:length])
    if len(source.data) > length:
        # The length was counted wrongly: what came in full is not all.
        detail = f"more than the {length} bytes announced came"
        return LenientAnswer(status, head, whole, "truncated", detail, "cut")
    return LenientAnswer(status, head, whole)


async def _to_the_end(
    status: int, head: bytes, source: _Source, cap: int, detail: str
) -> LenientAnswer:
    """Read until the connection closes; ``detail`` tells why the answer can't be used."""
    while len(source.data) <= cap:
        if not await source.more():
            problem: Literal["", "protocol"] = "protocol" if detail else ""
            body = bytes(source.data)
            return LenientAnswer(status, head, body, problem, detail, "unknown")
    return _capped(status, head, source, cap)


async def _chunked(status: int, head: bytes, source: _Source, cap: int) -> LenientAnswer:
    body = bytearray()
    data = source.data
    while True:
        line = _CHUNK.match(data)
        while line is None:
            if b"\n" in data or len(data) > 4096:
                detail = "a chunk without a length"
                return LenientAnswer(status, head, bytes(body + data), "protocol", detail, "cut")
            if not await source.more():
                return _cut(status, head, body, data)
            line = _CHUNK.match(data)
        size = int(line[1], 16)
        if size == 0:
            return LenientAnswer(status, head, bytes(body))
        del data[: line.end()]
        while len(data) < size + 2:
            if len(body) + len(data) > cap:
                return LenientAnswer(
                    status, head, bytes(body + data)[:cap], "too_large", _too_large(cap), "cut"
                )
            if not await source.more():
                return _cut(status, head, body, data)
        body += data[:size]
        del data[: size + (1 if data[size : size + 1] == b"\n" else 2)]


def _cut(status: int, head: bytes, body: bytearray, data: bytearray) -> LenientAnswer:
    detail = f"the connection ended within chunk data, {len(body)} bytes in"
    return LenientAnswer(status, head, bytes(body + data), "truncated", detail, "cut")


def _capped(status: int, head: bytes, source: _Source, cap: int) -> LenientAnswer:
    kept = bytes(source.data[:cap])
    return LenientAnswer(status, head, kept, "too_large", _too_large(cap), "cut")


def _too_large(cap: int) -> str:
    return f"more than {cap} bytes"


def _headless(data: bytes) -> LenientAnswer:
    if status_of(data):
        detail = "the connection ended within the head"
        return LenientAnswer(status_of(data), data, b"", "truncated", detail, "cut")
    return LenientAnswer(0, b"", data, "protocol", _NO_STATUS, "unknown")
