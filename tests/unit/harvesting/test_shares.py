"""Several harvests at once are, as the servers see it, as polite as one."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harvesting.harvested_site import lookup, report

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.cluster import Shard, merge_datasets
from govreport_parse.errors import DatasetError
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting.shares import HostShare, harvest_share, host_table
from govreport_parse.harvesting.sources import read_sources

DELAY = 0.15
SHARES = 3
PAGES = 2
NETWORKS = 6
"""Groups of addresses: 127.0.0.1, 127.0.1.1 ... are each in a /24 of their own."""

PROGRAM = """
import json, sys
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.harvesting.shares import harvest_share

out, shard, hosts, delay, *rows = sys.argv[1:]
hosts = json.loads(hosts)
run = harvest_share(
    rows, out, f"share-{shard[0]}@example.org", shard=shard, delay=float(delay),
    allow_private=True, parse=False, least_free=0, pace={"busy_factor": 0.0},
    resolver=Resolver(lambda host: [hosts[host]]),
)
print(json.dumps(run.outcomes()[["url", "outcome", "reason"]].to_dict("records")))
"""


@dataclass
class Asked:
    """A request as the server saw it: begin and end, host, address asked, and who asked."""

    begin: float
    host: str
    network: str
    path: str
    agent: str
    end: float = 0.0


@dataclass
class Server:
    """One port on several loopback addresses, as many hosts as are named."""

    port: int = 0
    log: list[Asked] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    """Host to the host that its page ``/away`` sends to."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await self._head(reader):
                await self._one(head, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> list[str]:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            return []

    async def _one(self, head: list[str], writer: asyncio.StreamWriter) -> None:
        path = head[0].split()[1]
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        host = fields["host"].partition(":")[0]
        network = writer.get_extra_info("sockname")[0]
        asked = Asked(time.monotonic(), host, network, path, fields["user-agent"])
        self.log.append(asked)
        status, more, body = "200 OK", "", report(len(self.log))
        await asyncio.sleep(0.01)  # so that requests at once can be seen as such
        if path == "/robots.txt":
            status, body = "404 Not Found", b"none"
        elif path == "/away":
            status, more, body = "302 Found", f"Location: {self.url(self.away[host])}\r\n", b""
        lines = f"HTTP/1.1 {status}\r\n{more}Content-Type: text/html; charset=utf-8\r\n"
        writer.write(f"{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        asked.end = time.monotonic()

    def url(self, host: str, path: str = "/0") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serving() -> Iterator[Server]:
    server, ready, stop = Server(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        open_now = []
        for network in range(NETWORKS):
            here = f"127.0.{network}.1"
            open_now.append(await asyncio.start_server(server.answer, here, server.port))
            server.port = open_now[0].sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        for each in open_now:
            each.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    try:
        assert ready.wait(60)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


def test_no_host_and_no_group_is_asked_by_two_shares_nor_too_soon(tmp_path: Path) -> None:
    # ten domains on six networks: so some share one; two of them have two hosts each
    names = [f"{w}.d{n}.test" for n in range(10) for w in (("www", "zwgk") if n < 2 else ("www",))]
    hosts = {name: f"127.0.{n % NETWORKS}.1" for n, name in enumerate(names)}
    with serving() as server:
        rows = [server.url(name, f"/{n}") for n in range(PAGES) for name in names]
        server.away = dict(zip(names, names[1:] + names[:1], strict=True))
        rows += [server.url(name, "/away") for name in names]
        told = run_shares(tmp_path, hosts, rows)
    by_host, by_network = defaultdict(list), defaultdict(list)
    for asked in server.log:
        by_host[asked.host].append(asked)
        by_network[asked.network].append(asked)
    assert set(by_host) == set(names)
    assert len({asked.agent for asked in server.log}) > 1, "all hosts fell to one share"
    for log in (*by_host.values(), *by_network.values()):
        assert len({asked.agent for asked in log}) == 1
    for host, log in by_host.items():
        assert {f"/{n}" for n in range(PAGES)} <= {asked.path for asked in log}
        gaps = [later.begin - earlier.begin for earlier, later in itertools.pairwise(log)]
        assert min(gaps) >= DELAY, (host, gaps)
    for log in by_network.values():
        assert most_at_once(log) <= 2  # connections to a group
    # a redirect to a host of the same share is followed, any other is told
    owner = {host: log[0].agent for host, log in by_host.items()}
    away = [r for r in told if r["url"].endswith("/away")]
    assert len(away) == len(names)
    for row in away:
        host = row["url"].split("/")[2].partition(":")[0]
        if owner[host] == owner[server.away[host]]:
            assert row["outcome"] == "fetched"
        else:
            assert (row["outcome"], row["reason"].partition(":")[0]) == ("refused", "other_share")
            assert f"{server.away[host]} is asked by share" in row["reason"]
    assert len({r["outcome"] for r in away}) == 2


def run_shares(folder: Path, hosts: dict[str, str], rows: list[str]) -> list[dict[str, str]]:
    """All shares at once, each a process; the outcomes of all rows."""
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", PROGRAM, str(folder), f"{n}/{SHARES}"),
                *(json.dumps(hosts), str(DELAY), *rows),
            ],
            stdout=subprocess.PIPE,
        )
        for n in range(1, SHARES + 1)
    ]
    found: list[dict[str, str]] = []
    for process in running:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        found += json.loads(out)
    assert sorted(r["url"] for r in found) == sorted(rows)
    return found


def most_at_once(log: list[Asked]) -> int:
    steps = sorted([(a.begin, 1) for a in log] + [(a.end, -1) for a in log])
    return max(itertools.accumulate(step for _, step in steps))


# -- who asks whom ---------------------------------------------------------------------------------

TABLE = {
    "www.a.test": ["203.0.113.7"],
    "zwgk.b.test": ["203.0.113.9", "198.51.100.1"],
    "c.test": ["192.0.2.1"],
}


def share_with(url: str, address: str) -> HostShare:
    """The one share of five that asks this address."""
    shares = [HostShare.of(Shard(n, 5), TABLE) for n in range(1, 6)]
    (own,) = [s for s in shares if s.refusal(url, address) is None]
    return own


def test_each_address_is_asked_by_one_share_and_groups_hold_together() -> None:
    a = share_with("http://www.a.test/", "203.0.113.7")
    assert share_with("http://x.a.test/", "198.51.100.77") == a
    assert share_with("http://zwgk.b.test/", "198.51.100.1") == a
    # a host that is in no table, but lies in a group that is: only its domain's own share may ask
    # it, and not even that one where the group is another's
    owner = next(
        n
        for n in range(1, 6)
        if HostShare.of(Shard(n, 5), {}).refusal("http://new.test/", "1.1.1.1") is None
    )
    refusals = [
        HostShare.of(Shard(n, 5), TABLE).refusal("http://new.test/", "203.0.113.200")
        for n in range(1, 6)
    ]
    assert sum(r is None for r in refusals) == (owner == a.shard.number)
    told = a.refusal("http://c.test/", "192.0.2.1")
    c = share_with("http://c.test/", "192.0.2.1")
    assert told == (None if c == a else f"c.test is asked by share {c.shard}")


def test_rows_are_dealt_and_bad_ones_told_once() -> None:
    good, bad = read_sources(
        [{"url": f"http://h{n}.test/{m}"} for n in range(40) for m in "ab"] + [{"url": "nonsense"}]
    )
    assert len(bad) == 1
    dealt = [HostShare.of(Shard(n, 4), {}).rows(good, bad) for n in range(1, 5)]
    assert sorted(r.row for rows, _ in dealt for r in rows) == [r.row for r in good]
    assert [len(b) for _, b in dealt] == [1, 0, 0, 0]
    assert all(len(rows) for rows, _ in dealt)


def test_the_first_table_of_addresses_counts_for_all(tmp_path: Path) -> None:
    asked: list[str] = []

    def first(host: str) -> list[str]:
        asked.append(host)
        if host == "gone.test":
            raise OSError("no server answers")
        return ["203.0.113.1"]

    hosts = ["a.test", "gone.test"]
    made = host_table(hosts, tmp_path / "new", Resolver(first))
    assert made == {"a.test": ["203.0.113.1"], "gone.test": []}
    assert host_table(hosts, tmp_path / "new", Resolver(lambda _: ["198.51.100.9"])) == made
    assert sorted(asked) == hosts
    (path,) = (tmp_path / "new").iterdir()
    other = host_table(["a.test"], tmp_path / "new", Resolver(lambda _: ["198.51.100.9"]))
    assert other == {"a.test": ["198.51.100.9"]}
    path.write_text("{", "utf-8")
    with pytest.raises(DatasetError, match=r"table of hosts .* can't be read") as caught:
        host_table(hosts, tmp_path / "new", Resolver(first))
    assert "remove it" in caught.value.hint


# -- as one harvest --------------------------------------------------------------------------------


def test_shares_joined_are_what_one_harvest_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command line; a share without a host is a harvest of nothing."""
    from govreport_parse.harvesting import shares

    with serving() as server:
        rows = [server.url(f"h{n}.test") for n in range(3)]
        sources = tmp_path / "sources.csv"
        sources.write_text("url\n" + "\n".join(rows) + "\nnonsense\n", "utf-8")
        real: Any = shares.harvest
        monkeypatch.setattr(shares, "Resolver", lambda: Resolver(lookup))
        monkeypatch.setattr(
            shares, "harvest", lambda *a, **k: real(*a, **{**k, "resolver": Resolver(lookup)})
        )
        codes = []
        for number in range(1, 6):
            arguments = ["harvest", str(sources), "--out", str(tmp_path / "h"), "--delay", "0"]
            arguments += ["--allow-private", "--contact", "a@example.org", "--skip-bad-rows"]
            done = CliRunner().invoke(cli, [*arguments, "--shard", f"{number}/5"])
            assert "Traceback" not in done.output
            codes.append(done.exit_code)
    # all three hosts resolve to one address here, so one share has all; the first has the bad row
    assert codes[0] == 1
    folders = sorted(p for p in (tmp_path / "h").iterdir() if p.is_dir())
    assert [f.name for f in folders] == [f"shard-{n}-of-5" for n in range(1, 6)]
    written = [f for f in folders if (f / "dataset").exists()]
    merge_datasets(written, tmp_path / "joined")
    assert len(gov.load(tmp_path / "joined")) == 3
    assert len({a.agent for a in server.log}) == 1


def test_one_share_of_one_is_the_whole_harvest(tmp_path: Path) -> None:
    with serving() as server:
        rows = iter([server.url("a.test"), server.url("b.test")])
        run = harvest_share(
            rows, tmp_path, "a@example.org", shard="1/1", delay=0.0, allow_private=True,
            least_free=0, resolver=Resolver(lookup),
        )  # fmt: skip
    assert run.outcomes()["outcome"].tolist() == ["parsed", "parsed"]
    assert run.folder == tmp_path / "shard-1-of-1"
