"""A loopback server with one fault per path: what servers, firewalls and cables do to a client.

    async with FaultServer() as server:
        answer = await client.get(server.url("/gzip-cut"))
        assert server.log[0].path == "/gzip-cut"

or, for code that runs its own event loop, ``with serving() as server:`` (the server then lives in
a thread of its own; ``log`` can be read from outside). Import it as ``fetch.fault_server``.

``MODES`` lists the paths; an unknown path is answered with 404. ``/to/<escaped bytes>`` redirects
to those bytes, ``/chain/<n>`` n times, ``/status/<number>`` answers with that status,
``/retry-after/<escaped value>`` with 503 and that header (and the header line ``server.date``).
``pages`` holds further answers: path to a whole raw answer (see ``answer``) or to a coroutine
function that is given the ``Talk``. ``pace`` is the pause of slow modes in seconds.

``PAGE`` is the body of the modes that end well: 7,226 bytes of HTML; compressed modes send
``BIG``, fifty of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

PAGE = ("<html><body>" + "政府信息公开工作年度报告" * 200 + "</body></html>").encode()
BIG = PAGE * 50
GZIPPED = gzip.compress(BIG, mtime=0)
HTML = b"Content-Type: text/html; charset=utf-8\r\n"


@dataclass(frozen=True)
class Seen:
    """One request as the server got it."""

    path: str
    headers: dict[str, str]
    at: float
    """``time.monotonic()`` of its arrival."""
    raw: bytes
    port: int


@dataclass
class Talk:
    """A connection on which one request has been read."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: FaultServer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def trickle(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            await self.send(piece)
            await asyncio.sleep(self.server.pace)

    async def until_closed(self) -> None:
        """Stay silent until the client goes away."""
        while await self.reader.read(1024):
            pass

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()


Mode = Callable[[Talk], Awaitable[None]]


def answer(
    body: bytes = PAGE, head: bytes = HTML, *, status: bytes = b"200 OK", length: int | None = -1
) -> bytes:
    """A whole raw answer; ``length`` None leaves Content-Length out, -1 means the right one."""
    if length is not None:
        head += b"Content-Length: %d\r\n" % (len(body) if length == -1 else length)
    return b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n" + body


def chunk(data: bytes, *, extension: bytes = b"") -> bytes:
    return b"%x" % len(data) + extension + b"\r\n" + data + b"\r\n"


CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n"
GZIP = HTML + b"Content-Encoding: gzip\r\n"


def _chunked(*parts: bytes, head: bytes = CHUNKED, end: bytes = b"0\r\n\r\n") -> bytes:
    return answer(b"".join(parts) + end, head, length=None)


# Answers that are sent as they stand; then the server closes, unless the client does first.
RAW: dict[str, bytes] = {
    # Lengths
    "/length-500-too-long": answer(length=len(PAGE) + 500),
    "/length-100": answer(length=100),
    "/no-length-cut": answer(PAGE[:1000], length=None),
    "/no-length": answer(length=None),
    "/no-length-gzip": answer(GZIPPED, GZIP, length=None),
    "/no-length-gzip-cut": answer(GZIPPED[:-300], GZIP, length=None),
    "/no-length-pdf-cut": answer(
        b"%PDF-1.4\n" + b"x" * 4000, b"Content-Type: application/pdf\r\n", length=None
    ),
    "/no-length-empty": answer(b"", length=None),
    "/http10-no-length": answer(length=None).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "/chunked": _chunked(chunk(PAGE[:3000]), chunk(PAGE[3000:])),
    "/chunked-cut": _chunked(chunk(PAGE[:3000]), chunk(PAGE[3000:]), end=b""),
    "/chunked-cut-inside": _chunked(chunk(PAGE[:3000]), chunk(PAGE[3000:])[:2000], end=b""),
    "/chunk-extension": _chunked(chunk(PAGE, extension=b";name=value")),
    "/chunk-size-padded": _chunked(chunk(PAGE, extension=b"   ")),
    "/chunked-but-plain": answer(PAGE, CHUNKED, length=None),
    "/two-equal-lengths": answer(head=HTML + b"Content-Length: 7226\r\n"),
    "/two-lengths": answer(head=HTML + b"Content-Length: 7000\r\n"),
    "/length-and-chunked": _chunked(chunk(PAGE), head=CHUNKED + b"Content-Length: 10\r\n"),
    "/length-not-a-number": answer(head=HTML + b"Content-Length: abc\r\n", length=None),
    "/length-negative": answer(head=HTML + b"Content-Length: -5\r\n", length=None),
    "/length-5000-digits": answer(head=HTML + b"Content-Length: 1" + b"0" * 5000 + b"\r\n"),
    "/length-huge": answer(length=10**12),
    # Codings
    "/gzip": answer(GZIPPED, GZIP),
    "/gzip-cut": answer(GZIPPED[:-300], GZIP),
    "/gzip-cut-1": answer(GZIPPED[:-1], GZIP),
    "/gzip-cut-chunked": _chunked(
        chunk(GZIPPED[:-300]), head=CHUNKED + b"Content-Encoding: gzip\r\n"
    ),
    "/gzip-crc": answer(GZIPPED[:-6] + bytes([GZIPPED[-6] ^ 1]) + GZIPPED[-5:], GZIP),
    "/gzip-two-members": answer(GZIPPED + gzip.compress(PAGE, mtime=0), GZIP),
    "/gzip-second-cut": answer(GZIPPED + gzip.compress(PAGE, mtime=0)[:-4], GZIP),
    "/gzip-junk": answer(GZIPPED + b"\0" * 100, GZIP),
    "/gzip-but-plain": answer(PAGE, GZIP),
    "/gzip-empty": answer(b"", GZIP),
    "/gzip-gzip": answer(
        gzip.compress(GZIPPED, mtime=0), HTML + b"Content-Encoding: gzip, gzip\r\n"
    ),
    "/gzip-5000": answer(
        GZIPPED, HTML + b"Content-Encoding: " + b", ".join([b"gzip"] * 5000) + b"\r\n"
    ),
    "/deflate": answer(zlib.compress(BIG), HTML + b"Content-Encoding: deflate\r\n"),
    "/deflate-raw": answer(zlib.compress(BIG)[2:-4], HTML + b"Content-Encoding: deflate\r\n"),
    "/deflate-cut": answer(zlib.compress(BIG)[:-50], HTML + b"Content-Encoding: deflate\r\n"),
    "/brotli": answer(b"\x1b\x0f\x00\xf8\xa5[\xcas", HTML + b"Content-Encoding: br\r\n"),
    "/coding-utf-8": answer(head=HTML + b"Content-Encoding: utf-8\r\n"),
    "/transfer-gzip": _chunked(chunk(GZIPPED), head=HTML + b"Transfer-Encoding: gzip, chunked\r\n"),
    # Heads
    "/name-blank": answer(head=b"Content-Type : text/html\r\n"),
    "/name-blanks": answer(head=HTML + b"X Frame Options: DENY\r\n"),
    "/name-missing": answer(head=HTML + b": x\r\n"),
    "/line-without-colon": answer(head=HTML + b"P3P\r\n"),
    "/name-slash": answer(head=HTML + b"X-Via/cache: HIT\r\n"),
    "/name-non-ascii": answer(head=HTML + "年报: 1\r\n".encode("gbk")),
    "/first-line-folded": answer(head=b" folded\r\n" + HTML),
    "/value-nul": answer(head=HTML + b"X-A: a\0b\r\n"),
    "/value-gbk": answer(head=HTML + "X-Name: 年报.html\r\n".encode("gbk")),
    "/lf-only": answer(b"", HTML).replace(b"\r\n", b"\n").replace(b": 0", b": 7226") + PAGE,
    "/leading-blank-lines": b"\r\n\r\n" + answer(),
    "/no-reason": answer(status=b"200"),
    "/no-reason-no-blank": answer().replace(b"200 OK", b"200", 1),
    "/http20": answer().replace(b"HTTP/1.1", b"HTTP/2.0", 1),
    "/icy": answer().replace(b"HTTP/1.1", b"ICY", 1),
    "/http09": PAGE,
    "/half-head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "/status-20": answer(status=b"20 OK"),
    "/status-2000": answer(status=b"2000 OK"),
    "/header-200k": answer(head=HTML + b"X-Long: " + b"a" * 200_000 + b"\r\n"),
    "/headers-5000": answer(head=HTML + b"X-A: 1\r\n" * 5000),
    "/headers-300": answer(head=HTML + b"X-A: 1\r\n" * 300),
    "/charset-unknown": answer(head=b"Content-Type: text/html; charset=x-none\r\n"),
    "/upgrade": answer(b"", b"Upgrade: websocket\r\n", status=b"101 Switching"),
    "/early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + answer(),
    "/partial": answer(head=HTML + b"Content-Range: bytes 0-7225/9000\r\n", status=b"206 Part"),
    "/partial-whole": answer(
        head=HTML + b"Content-Range: bytes 0-7225/7226\r\n", status=b"206 Partial Content"
    ),
    "/redirect-nowhere": answer(b"", status=b"302 Found"),
    "/redirect-cut-body": answer(
        b"moved", HTML + b"Location: /ok\r\n", status=b"302 Found", length=500
    ),
    "/404-cut-body": answer(b"gone", status=b"404 Not Found", length=500),
}


async def _ok(talk: Talk) -> None:
    await talk.send(answer())


async def _slow_body(talk: Talk) -> None:
    await talk.send(answer(b"", length=len(PAGE)))
    await talk.trickle(PAGE[place : place + 1] for place in range(len(PAGE)))


async def _slow_head(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    await talk.trickle(b"X-%d: 1\r\n" % number for number in range(10_000))


async def _endless_100(talk: Talk) -> None:
    while True:
        await talk.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.005)


async def _silent(talk: Talk) -> None:
    await talk.until_closed()


async def _length_100_more(talk: Talk) -> None:
    await talk.send(answer(length=len(PAGE) + 100))
    await talk.until_closed()


async def _close(talk: Talk) -> None:
    """Close without a byte."""


async def _reset(talk: Talk) -> None:
    await talk.send(answer(PAGE[:10], length=10_000))
    await asyncio.sleep(0.02)
    talk.reset()


async def _reset_at_once(talk: Talk) -> None:
    talk.reset()


async def _chunks_for_ever(talk: Talk) -> None:
    await talk.send(answer(b"", CHUNKED, length=None))
    while True:
        await talk.send(chunk(b"a" * 65536))


async def _headers_for_ever(talk: Talk) -> None:
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-Long: " + b"a" * 8192 + b"\r\n")


async def _lenient_slow_body(talk: Talk) -> None:
    await talk.send(answer(PAGE[:100], head=b"X A: 1\r\n", length=len(PAGE)))
    await talk.trickle(PAGE[place : place + 1] for place in range(100, len(PAGE)))


async def _gzip_bomb(talk: Talk) -> None:
    engine = zlib.compressobj(9, wbits=31)
    zeros = b"\0" * (1 << 20)
    body = b"".join(engine.compress(zeros) for _ in range(40)) + engine.flush()
    await talk.send(answer(body, GZIP))


async def _cookie(talk: Talk) -> None:
    """A page that is shown only to those who come back with the cookie."""
    if "seen=1" in talk.seen.headers.get("cookie", ""):
        await talk.send(answer())
        return
    head = b"Location: " + talk.seen.path.encode() + b"\r\nSet-Cookie: seen=1; Path=/\r\n"
    await talk.send(answer(b"", head, status=b"302 Found"))


async def _conditional(talk: Talk) -> None:
    if talk.seen.headers.get("if-none-match") == '"1"':
        await talk.send(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    else:
        await talk.send(answer(head=HTML + b'ETag: "1"\r\n'))


async def _stale(talk: Talk) -> None:
    """A good answer on a connection that is closed when the next request comes."""
    await talk.send(answer())
    await talk.reader.readuntil(b"\r\n\r\n")
    talk.reset()


async def _chain(talk: Talk) -> None:
    """``/chain/3`` redirects to ``/chain/2`` and so on to ``/chain/0``, a page."""
    left = int(talk.seen.path.rpartition("/")[2])
    if not left:
        await talk.send(answer())
        return
    await talk.send(answer(b"", b"Location: %d\r\n" % (left - 1), status=b"302 Found"))


async def _to(talk: Talk) -> None:
    location = unquote_to_bytes(talk.seen.path.removeprefix("/to/"))
    await talk.send(answer(b"", b"Location: " + location + b"\r\n", status=b"302 Found"))


async def _status(talk: Talk) -> None:
    await talk.send(answer(status=talk.seen.path.rpartition("/")[2].encode() + b" X"))


async def _retry_after(talk: Talk) -> None:
    value = unquote_to_bytes(talk.seen.path.rpartition("/")[2])
    head = b"Retry-After: " + value + b"\r\n" + talk.server.date
    await talk.send(answer(b"busy", head, status=b"503 Service Unavailable"))


LIVE: dict[str, Mode] = {
    "/ok": _ok,
    "/slow-body": _slow_body,
    "/slow-head": _slow_head,
    "/endless-100": _endless_100,
    "/silent": _silent,
    "/length-100-more": _length_100_more,
    "/close": _close,
    "/reset": _reset,
    "/reset-at-once": _reset_at_once,
    "/chunks-for-ever": _chunks_for_ever,
    "/headers-for-ever": _headers_for_ever,
    "/lenient-slow-body": _lenient_slow_body,
    "/gzip-bomb": _gzip_bomb,
    "/cookie": _cookie,
    "/conditional": _conditional,
    "/stale": _stale,
}
PREFIXES: dict[str, Mode] = {
    "/chain/": _chain,
    "/to/": _to,
    "/status/": _status,
    "/retry-after/": _retry_after,
}
MODES = sorted({*RAW, *LIVE})

KEEPS_ALIVE = {"/ok", "/gzip", "/chunked", "/cookie", "/conditional", "/stale", "/chain/", "/to/"}


@dataclass
class FaultServer:
    """See the module's docstring. ``context`` makes it a TLS server."""

    host: str = "127.0.0.1"
    pace: float = 0.1
    context: ssl.SSLContext | None = None
    pages: dict[str, bytes | Mode] = field(default_factory=dict)
    date: bytes = b""
    log: list[Seen] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def open(self) -> int:
        """Connections that are being served."""
        return len(self._tasks)

    async def all_closed(self) -> bool:
        """True as soon as the client has left every connection; False if not within a second of the
        loop's time.
        """
        for _ in range(100):
            if not self._tasks:
                return True
            await asyncio.sleep(0.01)
        return False

    def url(self, path: str = "/ok", *, host: str | None = None) -> str:
        scheme = "http" if self.context is None else "https"
        name = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme}://{name}:{self.port}{path}"

    async def __aenter__(self) -> FaultServer:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._connected, self.host, 0, ssl=self.context, limit=1 << 20
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        for _turn in range(3):
            await asyncio.sleep(0)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError
            ):
                while await self._answer(reader, writer):
                    pass
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raw = await reader.readexactly(1)
        if raw == b"\x16":  # a TLS handshake on a plain port
            writer.write(answer(b"plain HTTP only", status=b"400 Bad Request"))
            return False
        raw += await reader.readuntil(b"\r\n\r\n")
        lines = raw.decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        seen = Seen(path, headers, time.monotonic(), raw, self.port)
        self.log.append(seen)
        key = path.partition("?")[0]
        prefix = next((each for each in PREFIXES if key.startswith(each)), "")
        talk = Talk(seen, reader, writer, self)
        found = self.pages.get(key) or RAW.get(key) or LIVE.get(key) or PREFIXES.get(prefix)
        if found is None:
            await talk.send(answer(b"not here", status=b"404 Not Found"))
        elif isinstance(found, bytes):
            await talk.send(found)
        else:
            await found(talk)
        return key in KEEPS_ALIVE or prefix in KEEPS_ALIVE or found is None or key in self.pages


@contextlib.contextmanager
def serving(**options: object) -> Iterator[FaultServer]:
    """A ``FaultServer`` in a thread, for code that runs an event loop of its own."""
    server = FaultServer(**options)  # type: ignore[arg-type]
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    try:
        assert ready.wait(60), "the fault server did not start"
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
