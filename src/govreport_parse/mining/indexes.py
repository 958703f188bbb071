"""From addresses to reports by way of an archive's index, through the library's polite client.

No request goes to the organs' own hosts: the index is asked what it holds, and the archive for the
documents, one after the other, each host at its pace and by its robots.txt.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from govreport_parse.errors import UsageError
from govreport_parse.fetch.client import Client
from govreport_parse.fetch.politeness import Pace, Politeness
from govreport_parse.fetch.records import Answer
from govreport_parse.mining.blocks import LISTED, Problem
from govreport_parse.mining.cdx import (
    COMMON_CRAWL,
    COMMON_CRAWL_DATA,
    WAYBACK,
    Capture,
    Match,
    plan,
)
from govreport_parse.mining.cdx_fetch import (
    Get,
    Missed,
    Wait,
    ask_common_crawl,
    ask_wayback,
    mine_captures,
)
from govreport_parse.mining.running import MineResult

_MOST_REQUESTS = 100_000
_MOST_BYTES = 50_000_000_000


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the archives are asked; others for a copy of theirs, or for tests."""

    common_crawl: str = COMMON_CRAWL
    common_crawl_data: str = COMMON_CRAWL_DATA
    wayback: str = WAYBACK


@asynccontextmanager
async def polite_get(
    agent: str, *, delay: float = 5.0, allow_private: bool = False
) -> AsyncIterator[Get]:
    """A ``get`` for ``fetch_captures``: one request at a time to a host, robots.txt obeyed.

    ``agent`` is the User-Agent, with a way to reach you; ``delay`` the least seconds between two
    requests to a host.
    """
    pace = Pace(
        delay=delay,
        requests=_MOST_REQUESTS,
        bytes=_MOST_BYTES,
        private_allowed=allow_private,
    )
    gate = Politeness(pace=pace)
    async with Client(agent=agent, allow_private=allow_private) as client:
        gate.use(lambda url: client.get(url, gate=gate))

        def get(url: str, headers: Mapping[str, str]) -> Awaitable[Answer]:
            return client.get(url, gate=gate, headers=headers, kind="file")

        yield get


def mine_index(
    addresses: Iterable[str],
    folder: str | os.PathLike[str],
    *,
    index: str,
    agent: str,
    match: Match = "prefix",
    delay: float = 5.0,
    allow_private: bool = False,
    servers: Servers | None = None,
    wait: Wait = asyncio.sleep,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> MineResult:
    """Add what an archive holds of ``addresses`` to the dataset in ``folder``.

    ``index``: ``wayback``, or a collection of Common Crawl such as ``CC-MAIN-2024-10``. ``match``
    says whether an address means itself (``exact``), all below it (``prefix``), its ``host`` or its
    ``domain``. Captures that gave a report already are not fetched again; those that could not be
    had are problems of the result. ``options`` are those of ``mine_found``. Raises ``FetchError``
    when the index itself does not answer.
    """
    if isinstance(addresses, str):
        addresses = [addresses]
    asked = [a for a in addresses if a.strip()]
    if not asked:
        raise UsageError("no address to look for", hint="such as www.example.gov.cn/xxgk/")
    where = servers or Servers()
    say = progress or (lambda _: None)

    async def run() -> MineResult:
        async with polite_get(agent, delay=delay, allow_private=allow_private) as get:
            captures: list[Capture] = []
            for address in asked:
                found, bad = await _ask(index, address, match, get, where, wait)
                captures += found
                unread = f", {bad:,} lines unreadable" if bad else ""
                say(f"{index}: {len(found):,} captures of {address}{unread}")
            known = _known(folder)
            wanted = [c for c in plan(captures) if c.name not in known]
            say(f"{len(wanted):,} documents to fetch")
            results, missed = await mine_captures(
                wanted,
                folder,
                get,
                wait=wait,
                data_server=where.common_crawl_data,
                wayback_server=where.wayback,
                **options,
            )
            return merged(results, missed)

    return asyncio.run(run())


async def _ask(
    index: str, address: str, match: Match, get: Get, where: Servers, wait: Wait
) -> tuple[list[Capture], int]:
    """The captures of an address and how many lines of the index could not be read."""
    if index == "wayback":
        pages = ask_wayback(address, get, wait=wait, match=match, server=where.wayback)
    else:
        pages = ask_common_crawl(
            index, address, get, wait=wait, match=match, server=where.common_crawl
        )
    captures: list[Capture] = []
    bad = 0
    async for page in pages:
        captures += page.captures
        bad += page.bad
    return captures, bad


def _known(folder: str | os.PathLike[str]) -> set[str]:
    """The names of the captures whose reports are in the dataset."""
    from govreport_parse.dataset import known_sources, load

    if not known_sources(Path(folder)):
        return set()
    rows = load(Path(folder)).reports.to_table(["source_name"])
    return {name for name in rows["source_name"].to_pylist() if name}


def merged(results: Iterable[MineResult], missed: Iterable[Missed] = ()) -> MineResult:
    """Several results as one; what was missed becomes problems. ``dataset`` is the last one's."""
    total: dict[str, Any] = {}
    for result in results:
        for field in fields(result):
            value = getattr(result, field.name)
            before = total.get(field.name)
            if before is None or field.name == "dataset":
                total[field.name] = value
            elif isinstance(value, dict):
                keys = before.keys() | value.keys()
                total[field.name] = {k: before.get(k, 0) + value.get(k, 0) for k in sorted(keys)}
            else:
                total[field.name] = before + value
    lost = [
        Problem(m.capture.name, "", f"not had: {m.outcome.detail or m.outcome.reason}")
        for m in missed
    ]
    total["problems"] = (*total["problems"], *lost)[:LISTED]
    total["told"] += len(lost)
    total["unreadable"] += len(lost)
    return MineResult(**total)
