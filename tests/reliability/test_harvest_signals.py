"""Ctrl-C, SIGTERM and other interruptions: a clean end, a way on, and no process left behind."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
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
COMMAND = "import sys; from govreport_parse.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def site() -> Iterator[ServedSite]:
    with bundled_site.serve() as served:
        yield served


def start(site: ServedSite, folder: Path, delay: float) -> subprocess.Popen[str]:
    sources = folder.parent / "sources.csv"
    sources.write_text(f"url,kind\n{site.start},list\n", "utf-8")
    options = ["--contact", CONTACT, "--allow-private", "--delay", str(delay)]
    return subprocess.Popen(
        [
            *(sys.executable, "-W", "error", "-c", COMMAND),
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
    """Every process of the run has ended, at once or nearly so."""
    end = time.monotonic() + 5
    while processes_of(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def wait_for(happened: Any, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not happened() and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(
    "rounds", [1, pytest.param(25, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_it_cleanly_and_the_same_command_goes_on(
    site: ServedSite, tmp_path: Path, number: signal.Signals, rounds: int
) -> None:
    chance = random.Random(f"{number} {rounds} {os.environ.get('GOVREPORT_SEED', '')}")
    stopped = 0
    for turn in range(rounds):
        folder = tmp_path / str(turn)
        site.requests.clear()
        process = start(site, folder, delay=0.1)
        after = chance.randint(1, 12)
        wait_for(lambda after=after: len(site.requests) >= after, process)
        time.sleep(chance.random() * 0.1)
        process.send_signal(number)
        out, told = process.communicate(timeout=60)
        assert gone(folder), processes_of(folder)
        if process.returncode == CODES[number]:
            stopped += 1
            assert "run the same command again" in told, told
            assert out == ""
        else:  # it had ended already
            assert process.returncode == 1, (process.returncode, told)
        assert "Traceback" not in told, told
        process = start(site, folder, delay=0)
        out, told = process.communicate(timeout=60)
        assert process.returncode == 1, told  # three addresses give no report
        assert "6  parsed" in out
        assert gov.verify_dataset(folder) == []
        asked = [path for path in site.requests if path != "/robots.txt"]
        assert len(asked) == len(set(asked)), "what was fetched is not fetched again"
        last = json.loads(sorted((folder / "runs").iterdir())[-1].read_text("utf-8"))
        assert last["ended"] == "done"
    assert stopped >= 1


def test_a_second_ctrl_c_gives_up_what_is_under_way(tmp_path: Path) -> None:
    with serving() as server:  # the harvest waits for an answer that does not come
        sources = tmp_path / "sources.csv"
        sources.write_text(f"url\n{server.url('/silent')}\n", "utf-8")
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", COMMAND, "harvest", str(sources), "--out"),
                *(str(tmp_path / "o"), "--contact", CONTACT, "--allow-private", "--delay", "0"),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: any(s.path == "/silent" for s in list(server.log)), process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.7)
        assert process.poll() is None  # it waits for the answer, up to half a minute
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        assert time.monotonic() - began < 5
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
    def fail(_: Snapshot) -> None:
        raise ValueError("of the caller")

    before = threading.active_count()
    with pytest.raises(ValueError, match="of the caller"):
        quick(site, tmp_path, watch=fail)
    assert threading.active_count() == before
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
        quick(site, tmp_path, delay=0.3)
    assert len(site.requests) <= 2


def test_in_a_running_loop_the_loop_goes_on_when_a_thread_harvests(
    site: ServedSite, tmp_path: Path
) -> None:
    turns = []

    async def notebook() -> Any:
        async def beat() -> None:
            while True:
                turns.append(time.monotonic())
                await asyncio.sleep(0.01)

        beating = asyncio.create_task(beat())
        run = await asyncio.to_thread(quick, site, tmp_path)
        beating.cancel()
        return run

    assert len(asyncio.run(notebook()).dataset) == 6
    assert len(turns) > 5
