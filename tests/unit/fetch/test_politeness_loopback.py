"""The gate with the real client against a server on loopback that notes when it was asked."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field

from govreport_parse.fetch.client import Client
from govreport_parse.fetch.politeness import Pace, Politeness
from govreport_parse.fetch.records import Answer, Code
from govreport_parse.fetch.resolver import Resolver

DELAY = 0.05


@dataclass
class Seen:
    """What the server saw: per host the moments a request came and its answer went."""

    requests: dict[str, list[tuple[str, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    open: int = 0
    most_open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                came = time.monotonic()
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                lines = head.decode().split("\r\n")
                path = lines[0].split(" ")[1]
                host = next(line for line in lines if line.startswith("Host: "))[6:].split(":")[0]
                await asyncio.sleep(0.005)
                writer.write(self.answer(path))
                self.open -= 1
                self.requests[host].append((path, came, time.monotonic()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, path: str) -> bytes:
        status, more, body = "200 OK", "", b"<html>page</html>"
        if path == "/robots.txt":
            body = b"User-agent: *\nDisallow: /no/\n"
        elif path == "/busy":
            status, more = "503 Busy", "Retry-After: 3600\r\n"
        elif path == "/moved":
            status, more = "302 Found", "Location: /no/target\r\n"
        head = f"HTTP/1.1 {status}\r\n{more}Content-Type: text/html\r\nContent-Length: {len(body)}"
        return head.encode() + b"\r\n\r\n" + body


def test_as_the_server_sees_it() -> None:
    seen = Seen()

    async def main() -> list[list[Answer]]:
        server = await asyncio.start_server(seen.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        gate = Politeness(pace=Pace(delay=DELAY, private_allowed=True))
        resolver = Resolver(lambda host: ["127.0.0.1"])
        async with Client(
            agent="govreport_parse/0 (+a@b.cn)", allow_private=True, resolver=resolver
        ) as client:
            gate.use(lambda url: client.get(url, gate=gate))

            async def host(name: str) -> list[Answer]:
                paths = ["/1", "/2", "/no/3", "/moved", "/4", "/busy", "/5"]
                return [
                    await client.get(f"http://{name}:{port}{path}", gate=gate) for path in paths
                ]

            answers = await asyncio.gather(*(host(f"h{n}.gov.cn") for n in range(4)))
        server.close()
        await server.wait_closed()
        return list(answers)

    answers = asyncio.run(main())
    assert len(seen.requests) == 4
    for lines in seen.requests.values():
        assert [path for path, _, _ in lines] == [
            *("/robots.txt", "/1", "/2", "/moved", "/4", "/busy"),
        ]
        for before, after in itertools.pairwise(lines):
            assert after[1] - before[2] >= DELAY - 0.001
    assert seen.most_open <= 2, "four names, one address: two connections at a time"
    for got in answers:
        words = [f"{one.outcome.code}:{one.outcome.reason}" for one in got]
        assert words == [
            *("ok:", "ok:", "refused:robots", "refused:robots", "ok:"),
            *("host_parked:http_status", "host_parked:parked"),
        ]
        assert got[-1].outcome.code is Code.HOST_PARKED
        assert 3000 < (got[-1].outcome.retry_after or 0) <= 3600
