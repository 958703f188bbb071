"""The client beside the bare library underneath: the same addresses, the same server, in turn.

    python benchmarks/bench_fetch_client.py [--requests 2000] [--hosts 50] [--bytes 40000]

A server on loopback, in this process, answers pages of ``--bytes``; one request at a time goes to
each of ``--hosts`` hosts (names that a resolver of ours sends to loopback; the bare library asks
the ports of as many servers instead). CPU seconds, the server's share included, the best of three
rounds. ``ratio``: our requests a second to theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from govreport_parse.fetch.client import Client
from govreport_parse.fetch.records import Code

ROUNDS = 3


class Page(asyncio.Protocol):
    """Answers every request with the same page."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self.transport.write(self.answer)  # type: ignore[attr-defined]


async def rate(get: Callable[[str], Awaitable[bool]], urls: Sequence[str], requests: int) -> float:
    """Requests a CPU second, one at a time for each address."""

    async def one(url: str, times: int) -> None:
        for _ in range(times):
            assert await get(url)

    await asyncio.gather(*(one(url, 1) for url in urls))
    began = time.process_time()
    await asyncio.gather(*(one(url, requests // len(urls)) for url in urls))
    return requests // len(urls) * len(urls) / (time.process_time() - began)


async def compare(requests: int, hosts: int, size: int) -> dict[str, float]:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size
    Page.answer = head + b"x" * size
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Page, "127.0.0.1", 0) for _ in range(hosts)]
    urls = [f"http://127.0.0.1:{each.sockets[0].getsockname()[1]}/page" for each in servers]
    best = {"client": 0.0, "httpx": 0.0}
    for _ in range(ROUNDS):
        async with (
            Client(agent="benchmark", allow_private=True) as ours,
            httpx.AsyncClient() as bare,
        ):

            async def by_ours(url: str, client: Client = ours) -> bool:
                return (await client.get(url)).outcome.code is Code.OK

            async def by_bare(url: str, client: httpx.AsyncClient = bare) -> bool:
                return len((await client.get(url)).content) == size

            best["client"] = max(best["client"], await rate(by_ours, urls, requests))
            best["httpx"] = max(best["httpx"], await rate(by_bare, urls, requests))
    for server in servers:
        server.close()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--bytes", type=int, default=40_000)
    given = parser.parse_args()
    best = asyncio.run(compare(given.requests, given.hosts, given.bytes))
    for name, found in best.items():
        print(f"{name:8}{found:8.0f} requests a CPU second")
    print(f"{'ratio':8}{best['client'] / best['httpx']:8.2f}")


if __name__ == "__main__":
    main()
