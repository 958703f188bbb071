"""Whatever stops a harvest: the next run has every page once, and fetches no saved one again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from harvest_faults import FAULTS

PROGRAM = str(Path(__file__).with_name("harvest_writer.py"))
WRITES = (
    "write,pwrite64,writev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,"
    "mkdir,mkdirat"
)


def run(*arguments: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-W", "error", PROGRAM, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of syncs cost minutes on a disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


@pytest.fixture
def quick() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


# -- kill -9 and the power cut ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["kill", "power"])
def test_stopped_before_any_step_nothing_is_lost_or_doubled(quick: Path, mode: str) -> None:
    (answer,) = run("sweep", str(quick), mode)
    assert answer["steps"] >= 50
    assert answer["wrong"] == {}


@pytest.mark.long
def test_a_thousand_power_cuts(quick: Path) -> None:
    (answer,) = run("sweep", str(quick), "power", "14")
    assert answer["steps"] * 14 >= 1000
    assert answer["wrong"] == {}


@pytest.fixture(scope="module")
def hunted() -> dict[str, Any]:
    with in_memory() as folder:
        answers = run("hunt", str(folder))
    return {answer["fault"]: answer for answer in answers if "fault" in answer}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_harness_finds_planted_faults(hunted: dict[str, Any], fault: str) -> None:
    assert hunted[fault]["mode"] is not None
    assert hunted[fault]["told"]


def test_a_write_that_the_disk_drops_is_noticed_before_it_counts(quick: Path) -> None:
    error, answer = run("bad_disk", str(quick))
    assert "does not read back" in error["error"]
    assert answer["told"] == []


@pytest.mark.parametrize(
    "number", [6, pytest.param(200, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_killed_at_random_moments(quick: Path, number: int) -> None:
    seed = os.environ.get("GOVREPORT_SEED", "20261124")
    (answer,) = run("random", str(quick), str(number), seed)
    print(answer)
    assert answer["kills"] >= number
    assert answer["wrong"] == {}


def _traced(folder: Path, *options: str) -> int:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed; the steps of the writer are tested without it")
    done = subprocess.run(
        [
            *(strace, "-f", "-qq", "-o", str(folder.parent / "calls"), *options),
            *(sys.executable, "-W", "error", PROGRAM, "run", str(folder)),
        ],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if b"not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    return done.returncode


@pytest.mark.parametrize(
    "every", [61, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_killed_at_a_system_call_that_writes(quick: Path, every: int) -> None:
    assert _traced(quick / "first", "-e", f"trace={WRITES}") == 0
    names = re.findall(r"^\d+ +(\w+)\(", (quick / "calls").read_text(), re.MULTILINE)
    # strace counts the calls of each name by themselves
    points = [(name, names[: at + 1].count(name)) for at, name in enumerate(names)]
    assert len(points) > 100
    for name, number in points[::every]:
        shutil.rmtree(quick / "now", ignore_errors=True)
        (quick / "now.log").unlink(missing_ok=True)
        kill = f"inject={name}:signal=SIGKILL:when={number}"
        code = _traced(quick / "now", "-e", f"trace={name}", "-e", kill)
        assert code == -signal.SIGKILL, (name, number)
        (answer,) = run("finish", str(quick / "now"))
        assert answer == {"told": []}, (name, number)
    print(f"{len(points[::every])} of {len(points)} system calls")


# -- full disk -------------------------------------------------------------------------------------


def test_a_full_disk_is_told_and_then_the_harvest_goes_on(quick: Path) -> None:
    *errors, answer = run("full", str(quick))
    levels = answer["levels"]
    assert len(levels) == 20
    assert {level["code"] for level in levels} == {0, 3}
    assert [level["told"] for level in levels] == [[]] * 20
    assert len(errors) == sum(level["code"] == 3 for level in levels) >= 10
    assert all(isinstance(error["context"]["errno"], int) for error in errors)
    assert all("the disk is full" in error["error"] for error in errors)
    assert any("archive" in error["error"] for error in errors)
    assert any("state file" in error["error"] for error in errors)


# -- two harvests ----------------------------------------------------------------------------------


def test_of_many_started_at_once_one_runs_and_the_next_needs_no_clearing_up(quick: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-W", "error", PROGRAM, "hold", str(quick / "h")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    try:
        assert held.stdout.readline() == "holding\n"
        answers = run("race", str(quick / "h"), "19")
        assert len(answers) == 19
        assert answers == [{"reason": "in_use", "waits": 0}] * 19
    finally:
        held.kill()
        held.communicate()
    (answer,) = run("finish", str(quick / "h"))
    assert answer == {"told": []}
