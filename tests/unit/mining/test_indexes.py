"""From an address to reports in the dataset, through the polite client, on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from mining.archive_stand_in import COLLECTION, FILE, SITE, StandIn, address

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.errors import FetchError, UsageError
from govreport_parse.fetch.records import Code, Outcome
from govreport_parse.mining.blocks import Problem
from govreport_parse.mining.cdx import Capture
from govreport_parse.mining.cdx_fetch import Missed
from govreport_parse.mining.indexes import Servers, merged, mine_index
from govreport_parse.mining.running import MineResult

AGENT = "tests (+mail@example.org)"


@contextmanager
def archive(**options) -> Iterator[StandIn]:
    """A stand-in that serves from a thread of its own."""
    stand_in = StandIn(**options)
    ready = threading.Event()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        async with stand_in:
            loops.append((asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(60)
        yield stand_in
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)


def search(stand_in: StandIn, folder: Path, index: str, **more) -> MineResult:
    servers = Servers(stand_in.url, stand_in.url, stand_in.url)
    given = {"index": index, "agent": AGENT, "delay": 0.0, "allow_private": True, **more}
    return mine_index([f"{SITE}/art/"], folder, servers=servers, **given)


@pytest.mark.parametrize("index", [COLLECTION, "wayback"])
def test_reports_of_an_address_come_into_the_dataset_once(index: str, tmp_path: Path) -> None:
    lines: list[str] = []
    with archive() as stand_in:
        result = search(stand_in, tmp_path / "out", index, progress=lines.append)
        assert result.reports == 3
        assert lines == [f"{index}: 9 captures of {SITE}/art/", "9 documents to fetch"]
        stand_in.asked.clear()
        again = search(stand_in, tmp_path / "out", index)
        assert (again.reports, again.known) == (0, 0)
        # the three reports are not asked for again; what is no report is
        documents = [t for t, _ in stand_in.asked if FILE in t or "id_/" in t]
        assert len(documents) == 6
    urls = {r["url"] for r in gov.load(tmp_path / "out").reports.to_table(["url"]).to_pylist()}
    assert urls == {address(3), address(6), address(9)}


def test_what_could_not_be_had_is_told(tmp_path: Path) -> None:
    with archive(pages=5) as stand_in:
        result = search(stand_in, tmp_path / "out", "wayback")
    assert (result.documents, result.unreadable, result.told) == (4, 1, 1)
    assert str(result.problems[0]).startswith(f"wayback/20230101000005/{address(5)}: not had:")


def test_robots_of_the_archive_are_obeyed(tmp_path: Path) -> None:
    with (
        archive(robots="User-agent: *\nDisallow: /cdx/\n") as stand_in,
        pytest.raises(FetchError, match="does not answer: robots"),
    ):
        search(stand_in, tmp_path / "out", "wayback")
    assert [t for t, _ in stand_in.asked] == ["/robots.txt"]
    assert not (tmp_path / "out").exists()


def test_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no address"):
        mine_index([" "], tmp_path, index="wayback", agent=AGENT)
    with pytest.raises(UsageError, match="no collection"):
        mine_index(["a.cn"], tmp_path, index="2024", agent=AGENT)
    with pytest.raises(UsageError, match="too short"):
        mine_index(["a.cn"], tmp_path, index="wayback", agent=AGENT, delay=0.1)


def test_results_add_up() -> None:
    one = MineResult(
        files=1,
        documents=10,
        bytes=100,
        seconds=0.5,
        candidates=4,
        known=1,
        reports=2,
        mirrors=0,
        no_report=1,
        failures=0,
        damaged=0,
        unreadable=0,
        skipped={"a": 1},
        problems=(),
        told=0,
        dataset="first",
    )
    two = replace(one, skipped={"a": 2, "b": 1}, dataset="second")
    missed = Missed(Capture("http://x/", "2024"), Outcome(Code.GONE, "http_status", "404"))
    total = merged([one, two], [missed])
    assert (total.documents, total.reports, total.seconds) == (20, 4, 1.0)
    assert total.skipped == {"a": 3, "b": 1}
    assert total.dataset == "second"
    assert total.problems == (Problem("wayback/2024/http://x/", "", "not had: 404"),)
    assert (total.told, total.unreadable) == (1, 1)


def test_the_verb_asks_an_index(tmp_path: Path) -> None:
    with archive() as stand_in:
        args = ["mine", f"{SITE}/art/", "--index", COLLECTION, "--out", str(tmp_path)]
        args += ["--server", stand_in.url, "--delay", "0", "--allow-private"]
        result = CliRunner().invoke(cli, args, env={"GOVREPORT_CONTACT": ""})
        assert result.exit_code == 2
        assert "contact" in result.stderr
        assert stand_in.asked == []
        result = CliRunner().invoke(cli, [*args, "--contact", "mail@example.org"])
    assert result.exit_code == 0
    assert "9 captures" in result.stderr
    assert "3 reports" in result.stderr
    assert len(gov.load(tmp_path / "dataset").reports) == 3
