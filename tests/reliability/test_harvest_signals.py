"""Ctrl-C, SIGTERM and other interruptions: a clean end, a way on, and no process left behind."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fetch.fault_server import serving

import govreport_parse as gov
from govreport_parse import bundled_site
from govreport_parse.bundled_site import ServedSite
from govreport_parse.cli.harvesting import _terminable, _Terminated
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.run import Snapshot, harvest

CONTACT = "someone@example.org"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
MARK = "GOVREPORT_TEST_RUN"
COMMAND = """
# The command line. Makes a file once the harvest has been told to stop and waits for its threads;
# from then on only what is under way can keep it, and that may take an hour.
import dataclasses, pathlib, sys
from govreport_parse.cli.main import main
from govreport_parse.fetch.client import Limits
from govreport_parse.harvesting import run

stopping = pathlib.Path(sys.argv[1])
begin, join = run._Harvest.__init__, run._Harvest._join

def patient(self, state, options, *more):
    crawl = dataclasses.replace(options.crawl, drain=3600)
    limits = Limits(head=3600, stall=3600, page_total=3600, floor_window=3600)
    begin(self, state, dataclasses.replace(options, crawl=crawl, limits=limits), *more)

def told(self, threads):
    if self._abandon.is_set():
        stopping.touch()
    join(self, threads)

run._Harvest.__init__, run._Harvest._join = patient, told
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def site() -> Iterator[ServedSite]:
    with bundled_site.serve() as served:
        yield served


class Heard(list[str]):
    """The requests of a site; with the ``number``-th something happens before it is answered."""

    def __init__(self, number: int, happens: Callable[[], object]) -> None:
        super().__init__()
        self.number, self.happens = number, happens

    def append(self, path: str) -> None:
        super().append(path)
        if len(self) == self.number:
            self.happens()


def stopping(folder: Path) -> Path:
    """The file that tells that the harvest into this folder is about to stop."""
    return folder.with_name(f"{folder.name}.stopping")


def start(site: ServedSite, folder: Path, delay: float) -> subprocess.Popen[str]:
    sources = folder.parent / "sources.csv"
    sources.write_text(f"url,kind\n{site.start},list\n", "utf-8")
    options = ["--contact", CONTACT, "--allow-private", "--delay", str(delay)]
    return subprocess.Popen(
        [
            *(sys.executable, "-W", "error", "-c", COMMAND, str(stopping(folder))),
            *("harvest", str(sources), "--out", str(folder), *options, "--retry-wait", "0.05"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, MARK: str(folder)},
    )


def processes_of(folder: Path) -> list[str]:
    """Processes of this run: they inherit its mark."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes().split(b"\0"):
                found.append((place / "cmdline").read_text())
        except OSError:
            continue
    return found


def gone(folder: Path) -> bool:
    """Every process of the run has ended, or does so as soon as it gets its turn."""
    end = time.monotonic() + 60
    while processes_of(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def wait_for(happened: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.005)


def interrupt(process: subprocess.Popen[str], number: signal.Signals, folder: Path) -> None:
    """Signal a harvest, and wait until it has heard it."""
    process.send_signal(number)
    wait_for(stopping(folder).exists, process)


@pytest.mark.parametrize(
    "rounds", [1, pytest.param(25, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_it_cleanly_and_the_same_command_goes_on(
    site: ServedSite, tmp_path: Path, number: signal.Signals, rounds: int
) -> None:
    chance = random.Random(f"{number} {rounds} {os.environ.get('GOVREPORT_SEED', '')}")
    for turn in range(rounds):
        folder = tmp_path / str(turn)
        started: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()

        def happens(started: Any = started, folder: Path = folder) -> None:
            interrupt(started.get(timeout=60), number, folder)

        if turn % 2 == (number == signal.SIGINT):  # it waits for its turn at the host
            site.requests = Heard(1, lambda: None)
            process = start(site, folder, delay=2)
            wait_for(lambda: site.requests, process)
            time.sleep(chance.random() * 0.1)
            interrupt(process, number, folder)
        else:  # the server holds its answer back until the harvest has been told to stop
            site.requests = Heard(chance.randint(1, 13), happens)
            process = start(site, folder, delay=0.02)
            started.put(process)
        out, told = process.communicate(timeout=120)
        assert gone(folder), processes_of(folder)
        assert process.returncode == CODES[number], told
        assert "run the same command again" in told, told
        assert out == ""
        assert "Traceback" not in told, told
        process = start(site, folder, delay=0)
        out, told = process.communicate(timeout=120)
        assert process.returncode == 1, told  # three addresses give no report
        assert "6  parsed" in out
        assert gov.verify_dataset(folder) == []
        asked = [path for path in site.requests if path != "/robots.txt"]
        assert len(asked) == len(set(asked)), "what was fetched is not fetched again"
        last = json.loads(sorted((folder / "runs").iterdir())[-1].read_text("utf-8"))
        assert last["ended"] == "done"


def test_a_second_ctrl_c_gives_up_what_is_under_way(tmp_path: Path) -> None:
    with serving() as server:  # the harvest waits for an answer that does not come
        sources, folder = tmp_path / "sources.csv", tmp_path / "o"
        sources.write_text(f"url\n{server.url('/silent')}\n", "utf-8")
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", COMMAND, str(stopping(folder)), "harvest", str(sources)),
                *("--out", str(folder), "--contact", CONTACT, "--allow-private", "--delay", "0"),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: any(s.path == "/silent" for s in list(server.log)), process)
        interrupt(process, signal.SIGINT, folder)
        process.send_signal(signal.SIGINT)  # but for this one it would wait an hour
        _, told = process.communicate(timeout=120)
        assert process.returncode == CODES[signal.SIGINT], told
        assert "run the same command again" in told
        assert "Traceback" not in told


def test_after_the_run_sigterm_does_what_it_did_before() -> None:
    def own(_number: int, _frame: object) -> None:
        """The program's own handler."""

    before = signal.signal(signal.SIGTERM, own)
    try:
        with pytest.raises(_Terminated), _terminable():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def quick(site: ServedSite, out: Path, **more: Any) -> Any:
    given = {
        "allow_private": True,
        "delay": 0.0,
        "crawl": CrawlOptions(retry_wait=0.05, longest_wait=5.0),
        **more,
    }
    return harvest([{"url": site.start, "kind": "list"}], out, CONTACT, **given)


def test_a_watcher_that_fails_ends_the_run_and_its_error_is_seen(
    site: ServedSite, tmp_path: Path
) -> None:
    watched = threading.Event()

    def fail(_: Snapshot) -> None:
        watched.set()
        raise ValueError("of the caller")

    site.requests = Heard(1, lambda: watched.wait(60))
    with pytest.raises(ValueError, match="of the caller"):
        quick(site, tmp_path, watch=fail)
    assert [t for t in threading.enumerate() if t.name.startswith("govreport")] == []
    assert json.loads((tmp_path / "runs/run-00001.json").read_text("utf-8"))["ended"] == "stopped"
    assert len(quick(site, tmp_path).dataset) == 6


def test_stopped_at_the_first_moment_it_still_stops(
    site: ServedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.harvesting import run

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run._Harvest, "_attend", interrupt)
    with pytest.raises(KeyboardInterrupt):
        quick(site, tmp_path, delay=60.0)
    assert len(site.requests) <= 2


def test_in_a_running_loop_the_loop_goes_on_when_a_thread_harvests(
    site: ServedSite, tmp_path: Path
) -> None:
    asked, turned = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        assert turned.wait(60), "the loop stands still during the harvest"

    site.requests = Heard(5, hold)

    async def notebook() -> Any:
        async def beat() -> None:
            while not asked.is_set():
                await asyncio.sleep(0.01)
            turned.set()

        beating = asyncio.create_task(beat())
        run = await asyncio.to_thread(quick, site, tmp_path)
        await beating
        return run

    assert len(asyncio.run(notebook()).dataset) == 6
    assert turned.is_set()
