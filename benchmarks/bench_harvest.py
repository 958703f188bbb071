"""A whole harvest beside the bare library: the same addresses of the same server, in turn.

    python benchmarks/bench_harvest.py [--pages 3000] [--hosts 50] [--bytes 40000] [--rounds 3]
    python benchmarks/bench_harvest.py --links 150 [--read] [--turn]
    python benchmarks/bench_harvest.py --memory [--hosts 5000]
    python benchmarks/bench_harvest.py --profile crawl|write

A server process on loopback answers report pages of about ``--bytes``, each of its own organ. The
harvest asks for all of them without delays and without parsing, with archive, state and links; bare
httpx asks for the same addresses with as many requests under way, and keeps nothing. Pages a second
of elapsed time and of CPU time of this process, the best of the rounds. ``--links``: so many links
of menus and neighbours on each page; with ``--read`` one of them may be a file, so that the harvest
has to look for files; with ``--turn`` one is called 尾页, so that it has to read all links for
further pages of the article (the worst case). ``--memory``: a short harvest of as many hosts, one
page each, and the most memory it took.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import multiprocessing
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

import govreport_parse
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting import run as running
from govreport_parse.harvesting.crawl import CrawlOptions


class Page(asyncio.Protocol):
    """Answers every request by a page of its own."""

    size = 40_000

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        path = data[4 : data.index(b" ", 4)]
        if path == b"/robots.txt":
            answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        else:
            name = path.replace(b"/", b"-")
            body = self.before + name + self.after
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            answer = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        self.transport.write(answer)  # type: ignore[attr-defined]

    before = after = b""


def menu(links: int, *, read: bool, turn: bool) -> str:
    """What stands around a report: links with titles in lists, a picture, a script."""
    items = (
        f'<li class="item"><a href="./2024/t2024{n:04d}.html" title="栏目{n}" target="_blank">'
        f"关于某项工作的通知{n}</a><span>2024-01-{n % 28 + 1:02d}</span></li>"
        for n in range(links)
    )
    word, name = "download" if read else "index", "尾页" if turn else "首页"
    return (
        '<div class="head"><img src="/images/logo.png"><script src="/js/filedown.js"></script>'
        f'<a href="/{word}.html">{name}</a></div><ul>{"".join(items)}</ul>\n'
    )


def serve(size: int, links: int, read: bool, turn: bool, pipe: Connection) -> None:
    folder = Path(govreport_parse.__file__).parent / "data/site"
    text = (folder / "t1.html").read_text("utf-8")
    if links:
        text = text.replace("<body>", f'<body>{menu(links, read=read, turn=turn)}<div id="zoom">')
    paragraph = "<p>依法主动公开政府信息，规范办理依申请公开，加强平台建设和监督保障。</p>\n"
    text = text.replace(
        "</body>", paragraph * max(0, (size - len(text.encode())) // 108) + "</body>"
    )
    before, after = text.split("清溪县", 1)
    Page.before, Page.after = before.encode(), after.encode()

    async def live() -> None:
        server = await asyncio.get_running_loop().create_server(Page, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(live())


@contextmanager
def served(size: int, links: int = 0, *, read: bool = False, turn: bool = False) -> Iterator[int]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(
        target=serve, args=(size, links, read, turn, theirs), daemon=True
    )
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def harvest(urls: list[str], folder: Path, hosts: int) -> Any:
    return running.harvest(
        urls,
        folder,
        "someone@example.org",
        allow_private=True,
        i_own_these_hosts=True,
        delay=0.0,
        parse=False,
        resolver=Resolver(lambda _: ["127.0.0.1"]),
        pace={
            "busy_factor": 0.0, "per_group": hosts, "connections": min(hosts, 64),
            "requests": 1_000_000, "bytes": 1 << 40,
        },
        crawl=CrawlOptions(),
    )  # fmt: skip


async def bare(urls: list[str], port: int, hosts: int) -> None:
    """The same requests, as many at once."""
    waiting = iter(urls)
    limits = httpx.Limits(max_connections=hosts, max_keepalive_connections=hosts)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:

        async def work() -> None:
            for url in waiting:
                place = "/" + url.split("/", 3)[3]
                answer = await client.get(f"http://127.0.0.1:{port}{place}")
                assert answer.status_code == 200
                assert answer.content

        await asyncio.gather(*(work() for _ in range(min(hosts, 64))))


def timed(pages: int, work: Any) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return pages / (time.perf_counter() - began), pages / (time.process_time() - cpu)


def compare(given: argparse.Namespace, port: int) -> None:
    count = given.pages // given.hosts
    urls = [f"http://h{h}.test:{port}/{h}/{n}" for n in range(count) for h in range(given.hosts)]
    best: dict[str, tuple[float, float]] = {}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            place = Path(folder) / "out"
            ours = timed(len(urls), lambda place=place: harvest(urls, place, given.hosts))
            run = running.look(place)
            assert run is not None
            assert run.summary.outcomes == {("ok", ""): len(urls)}, run.summary
        theirs = timed(len(urls), lambda: asyncio.run(bare(urls, port, given.hosts)))
        for name, rates in (("harvest", ours), ("bare httpx", theirs)):
            old = best.get(name, (0.0, 0.0))
            best[name] = (max(old[0], rates[0]), max(old[1], rates[1]))
    for name, (wall, cpu) in best.items():
        print(f"{name:12}{wall:8.0f} pages a second{cpu:8.0f} a CPU second")
    ratio = [best["harvest"][k] / best["bare httpx"][k] for k in (0, 1)]
    print(f"{'ratio':12}{ratio[0]:8.2f}{'':15}{ratio[1]:8.2f}")


def memory(given: argparse.Namespace, port: int) -> None:
    urls = [f"http://h{h}.test:{port}/{h}" for h in range(given.hosts)]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall, _ = timed(len(urls), lambda: harvest(urls, Path(folder) / "out", given.hosts))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{given.hosts:,} hosts: {most:.0f} MB at most ({before:.0f} before), {wall:.0f} pages/s")


def profiled(given: argparse.Namespace, port: int) -> None:
    """Where the time of one of the threads goes."""
    profile = cProfile.Profile()
    place: Any = running._Harvest
    name = "_crawl_thread"
    if given.profile == "write":
        from govreport_parse.harvesting.keeping import Keeper

        place, name = Keeper, "keep"
    real = getattr(place, name)

    def observed(*arguments: Any) -> Any:
        profile.enable()
        try:
            return real(*arguments)
        finally:
            profile.disable()

    setattr(place, name, observed)
    given.rounds = 1
    compare(given, port)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--hosts", type=int)
    parser.add_argument("--bytes", type=int, default=40_000)
    parser.add_argument("--links", type=int, default=0)
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--turn", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--profile", choices=("crawl", "write"))
    parser.add_argument("--folder", help="where the harvests go (default: the system's)")
    given = parser.parse_args()
    given.hosts = given.hosts or (5000 if given.memory else 50)
    work = memory if given.memory else profiled if given.profile else compare
    with served(given.bytes, given.links, read=given.read, turn=given.turn) as port:
        work(given, port)


if __name__ == "__main__":
    main()
