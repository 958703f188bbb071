"""A whole harvest, stopped anywhere: started again it ends with what it would have had anyway."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govreport_parse import bundled_site
from govreport_parse.bundled_site import ServedSite

PROGRAM = str(Path(__file__).with_name("whole_harvest.py"))
DISK_FULL = 74


@pytest.fixture
def site() -> Iterator[ServedSite]:
    with bundled_site.serve() as served:
        yield served


@pytest.fixture
def work() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of syncs cost minutes on a disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


def run(command: str, work: Path, site: ServedSite, *more: object, before: Any = ()) -> list[Any]:
    done = subprocess.run(
        [*before, sys.executable, "-W", "error", PROGRAM, command, work, site.url, *map(str, more)],
        check=False,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "every", [14, pytest.param(1, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_killed_before_a_step_that_writes(site: ServedSite, work: Path, every: int) -> None:
    (answer,) = run("sweep", work, site, every)
    assert answer["steps"] > 80
    assert answer["wrong"] == {}


@pytest.mark.parametrize(
    "number", [12, pytest.param(200, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_killed_at_random_moments(site: ServedSite, work: Path, number: int) -> None:
    seed = os.environ.get("GOVREPORT_SEED", "20261124")
    (answer,) = run("random", work, site, number, seed)
    print(answer)
    assert answer["kills"] >= number
    assert answer["wrong"] == {}


def check_levels(answers: list[Any]) -> None:
    assert {a["code"] for a in answers} <= {DISK_FULL, 1}  # 1: all fitted, a page is gone
    assert sum(a["code"] == DISK_FULL for a in answers) >= len(answers) // 2
    for answer in answers:
        if answer["code"] == DISK_FULL:
            assert "the disk is full" in answer["said"], answer
            assert "run the same command again" in answer["said"], answer
        else:
            assert "Error" not in answer["said"], answer
        assert answer["told"] == {}, answer


@pytest.mark.parametrize("levels", [4, pytest.param(20, marks=pytest.mark.long)])
def test_files_that_may_not_grow(site: ServedSite, work: Path, levels: int) -> None:
    check_levels(run("full", work, site, levels))


@pytest.mark.parametrize("levels", [5, pytest.param(20, marks=pytest.mark.long)])
def test_a_small_disk_that_is_made_larger(site: ServedSite, work: Path, levels: int) -> None:
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk; files that may not grow are tested")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounts are not allowed here; files that may not grow are tested")
    answers = run("small", work, site, levels, before=["unshare", "-m"])
    check_levels(answers)
