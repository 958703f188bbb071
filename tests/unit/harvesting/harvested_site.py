"""Reports served by the fault server under as many host names as a test wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fetch.fault_server import FaultServer, Seen, Talk, answer, serving

import govreport_parse
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.run import Run, harvest

HTML = b"Content-Type: text/html; charset=utf-8\r\n"
CONTACT = "someone@example.org"
Reply = Callable[[Talk, int], bytes]
"""Raw answer to a request, told how often its host and path have been asked for before."""


@cache
def _page() -> str:
    folder = Path(govreport_parse.__file__).parent / "data/site"
    return (folder / "t1.html").read_text("utf-8")


def report(number: int, extra: str = "") -> bytes:
    """A report of its own organ; ``extra`` goes to the end of its text."""
    text = _page().replace("清溪县", f"第{number}县")
    return text.replace("</body>", f"{extra}</body>").encode()


def served(body: bytes, head: bytes = HTML, status: bytes = b"200 OK") -> bytes:
    return answer(body, head, status=status)


@dataclass
class Site:
    """A server and what it answers by path; hosts are told apart by their ``Host`` header."""

    server: FaultServer
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def url(self, path: str, host: str = "a") -> str:
        return f"http://{host}.test:{self.server.port}{path}"

    def page(self, path: str, reply: Reply | bytes) -> None:
        async def give(talk: Talk) -> None:
            key = (talk.seen.headers["host"].partition(".")[0], path)
            before = self.asked[key]
            self.asked[key] += 1
            await talk.send(reply if isinstance(reply, bytes) else reply(talk, before))

        self.server.pages[path] = give

    def by_host(self) -> dict[str, list[Seen]]:
        found = defaultdict(list)
        for seen in self.server.log:
            found[seen.headers["host"].partition(".")[0]].append(seen)
        return dict(found)


@contextmanager
def sites() -> Iterator[Site]:
    with serving() as server:
        yield Site(server)


def lookup(_host: str) -> Sequence[str]:
    return ["127.0.0.1"]


def collect(rows: Any, out: Path, **more: Any) -> Run:
    """A quick harvest of hosts that are ours."""
    given: dict[str, Any] = {
        "allow_private": True,
        "i_own_these_hosts": True,
        "delay": 0.0,
        "least_free": 0,
        "resolver": Resolver(lookup),
        "crawl": CrawlOptions(retry_wait=0.05, longest_wait=5.0),
        **more,
    }
    given["pace"] = {"busy_factor": 0.0, "per_group": 64, **more.get("pace", {})}
    return harvest(rows, out, CONTACT, **given)
