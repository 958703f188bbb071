"""A whole harvest over loopback that is stopped again and again, started again, and looked at.

    python whole_harvest.py sweep WORK SITE EVERY      stop before each EVERY-th step that writes
    python whole_harvest.py random WORK SITE N SEED    kill at N random moments
    python whole_harvest.py full WORK SITE N           N sizes that no file may exceed, in turn
    python whole_harvest.py small WORK SITE N          N small disks, in turn (root; unshare -m)

SITE is the address of the bundled site. Every attempt is a fork, so that the library is imported
once; documents are parsed in that process. Answers are JSON lines.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from govreport_parse.cli import main as command_line
from govreport_parse.dataset import disk as dataset_disk
from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk as archive_disk
from govreport_parse.fetch.client import Client
from govreport_parse.fetch.state import open_state_readonly
from govreport_parse.harvesting import ingest, run
from govreport_parse.harvesting.crawl import CrawlOptions

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
COLUMN = "/zwgk/ndbg/2024/"
REFUSED, FAILED = 3, 4


def harvest(folder: Path, site: str) -> run.Run:
    """A report, one with a file beside it, one that is gone, one that robots.txt forbids."""
    ingest.is_available = lambda: False
    run.Client = partial(Client, clock=lambda: START)
    rows = [f"{site}{COLUMN}{name}.html" for name in ("t1", "t5", "t7")] + [f"{site}/internal/x"]
    return run.harvest(
        rows,
        folder,
        "someone@example.org",
        allow_private=True,
        i_own_these_hosts=True,
        delay=0.0,
        least_free=0,
        pace={"busy_factor": 0.0},
        crawl=CrawlOptions(retry_wait=0.01, longest_wait=5.0, ahead=1),
    )


# -- the oracle ------------------------------------------------------------------------------------


def state_of(folder: Path) -> dict[str, Any]:
    """All that must not depend on how often the harvest was stopped."""
    with open_state_readonly(folder, lambda: START) as state:
        captures = Counter((c.url, c.status, c.sha256) for c in state.captures(last_only=False))
        rows = [(o.row, o.code, o.reason, o.parsed) for o in state.outcomes()]
    found = run.check_archive(folder)
    assert found is not None
    return {
        "captures": sorted([*key, count] for key, count in captures.items()),
        "rows": rows,
        "problems": [str(problem) for problem in found.problems],
        "dataset": hashlib.sha256((folder / "dataset/_manifest.json").read_bytes()).hexdigest(),
        "parts": sorted(str(p.relative_to(folder)) for p in folder.glob("dataset/**/*.parquet")),
        "left_over": sorted(str(p.relative_to(folder)) for p in folder.glob("dataset/.tmp-*")),
    }


def forked(work: Callable[[], object], log: Path | None = None) -> int:
    """Run in a child; its exit status, negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            if log is not None:
                os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            found = work()
            code = found if isinstance(found, int) else 0
        except DatasetError as error:
            told = {"error": error.message, "context": error.context}
            print(json.dumps(told, default=str), file=sys.stderr, flush=True)
            code = REFUSED
        except BaseException:  # noqa: BLE001  (told, and then the child ends)
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def looked_at(folder: Path) -> dict[str, Any]:
    place = folder.parent / "looked.json"
    code = forked(lambda: place.write_text(json.dumps(state_of(folder))) * 0)
    return json.loads(place.read_text()) if code == 0 else {"look": code}


def undisturbed(work: Path, site: str) -> dict[str, Any]:
    shutil.rmtree(work / "plain", ignore_errors=True)
    assert forked(lambda: harvest(work / "plain", site)) == 0
    told = looked_at(work / "plain")
    assert told["problems"] == []
    assert all(count == 1 for *_, count in told["captures"])
    return told


def differences(folder: Path, expected: dict[str, Any], site: str) -> dict[str, Any]:
    """Start again, and see what is not as it should be."""
    code = forked(lambda: harvest(folder, site), folder.parent / "stderr")
    if code:
        return {"resume": code, "stderr": (folder.parent / "stderr").read_text()[-1500:]}
    told = looked_at(folder)
    return {name: told.get(name) for name in expected if told.get(name) != expected[name]}


# -- stopping it -----------------------------------------------------------------------------------


def count_steps(at: Callable[[int], None]) -> list[int]:
    """Call ``at`` with the number of each step of archive, state and dataset."""
    count = [0]
    lock = threading.Lock()

    def step(what: str, path: Path) -> None:
        with lock:
            count[0] += 1
            at(count[0])

    archive_disk.step = dataset_disk.step = step
    return count


def sweep(work: Path, site: str, every: str) -> None:
    expected = undisturbed(work, site)

    def counted() -> None:
        count = count_steps(lambda _: None)
        harvest(work / "counted", site)
        (work / "steps").write_text(str(count[0]))

    assert forked(counted) == 0
    steps = int((work / "steps").read_text())
    wrong = {}
    points = range(steps, 0, -int(every))
    for number in points:
        folder = work / "now"
        shutil.rmtree(folder, ignore_errors=True)

        def stopped(number: int = number, folder: Path = folder) -> None:
            count_steps(lambda n: os.kill(os.getpid(), signal.SIGKILL) if n == number else None)
            harvest(folder, site)

        code = forked(stopped)
        # The order of threads may save a step or two, so the last ones may not be reached.
        told = differences(folder, expected, site) if code in (0, -signal.SIGKILL) else {"c": code}
        if told:
            wrong[number] = told
    print(json.dumps({"steps": steps, "points": len(points), "wrong": wrong}))


def at_random(work: Path, site: str, number: str, seed: str) -> None:
    expected = undisturbed(work, site)
    chance = random.Random(int(seed))
    began = time.perf_counter()
    assert forked(lambda: harvest(work / "timed", site)) == 0
    whole = time.perf_counter() - began
    folder, wrong = work / "now", {}
    kills = finished = 0
    while kills < int(number):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                harvest(folder, site)
            finally:
                os._exit(0)
        time.sleep(whole * chance.random())
        os.kill(child, signal.SIGKILL)
        kills += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        if chance.random() < 0.5:
            continue
        finished += 1
        told = differences(folder, expected, site)
        if told:
            wrong[kills] = told
        shutil.rmtree(folder)
    print(json.dumps({"kills": kills, "finished": finished, "wrong": wrong}))


# -- full disk -------------------------------------------------------------------------------------


def full(work: Path, site: str, levels: str) -> None:
    """Files may not grow over a size: what the command line says, then what a resume makes of it.

    The first harvest goes through the command line, whose exit code and message are looked at.
    """
    expected = undisturbed(work, site)
    sizes = [p.stat().st_size for p in (work / "plain").rglob("*") if p.is_file()]
    for level in range(int(levels)):
        size = 3000 + (max(sizes) - 4000) * level // max(1, int(levels) - 1)
        folder = work / "now"
        shutil.rmtree(folder, ignore_errors=True)

        def limited(size: int = size, folder: Path = folder) -> int:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            return by_command_line(folder, site)

        code = forked(limited, work / "stderr")
        said = (work / "stderr").read_text()
        told = differences(folder, expected, site)
        print(json.dumps({"size": size, "code": code, "said": said[-2000:], "told": told}))


def small(work: Path, site: str, levels: str) -> None:
    """The same on disks that are too small, which are then made larger."""
    expected = undisturbed(work, site)
    used = subprocess.run(
        ["du", "-sk", work / "plain"], check=True, capture_output=True, text=True
    ).stdout
    most = int(used.split()[0])
    disk = work / "disk"
    disk.mkdir()
    for level in range(int(levels)):
        size = 24 + (most - 24) * level // max(1, int(levels) - 1)
        mount = ["mount", "-t", "tmpfs", "-o"]
        subprocess.run([*mount, f"size={size}k", "harvest", disk], check=True)
        code = forked(lambda: by_command_line(disk / "now", site), work / "stderr")
        said = (work / "stderr").read_text()
        subprocess.run([*mount, "remount,size=64m", disk], check=True)
        told = differences(disk / "now", expected, site)
        subprocess.run(["umount", disk], check=True)
        print(json.dumps({"size": size, "code": code, "said": said[-2000:], "told": told}))


def by_command_line(folder: Path, site: str) -> int:
    """The same harvest as a command whose delays are off."""
    kept = run.harvest

    def same(_sources: object, out: str, _contact: str, **_: object) -> object:
        run.harvest = kept
        return harvest(Path(out), site)

    run.harvest = same
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return command_line.main(["harvest", site, "--out", str(folder), "--contact", "a@b.org"])


def warm_up(work: Path, site: str) -> None:
    """Import what every child would import anew."""

    def used() -> None:
        harvest(work / "warm", site)
        state_of(work / "warm")
        (work / "modules").write_text("\n".join(sys.modules))

    assert forked(used) == 0
    for module in (work / "modules").read_text().splitlines():
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


if __name__ == "__main__":
    name, where, address, *rest = sys.argv[1:]
    warm_up(Path(where), address)
    commands: dict[str, Callable[..., None]] = {
        "sweep": sweep,
        "random": at_random,
        "full": full,
        "small": small,
    }
    commands[name](Path(where), address, *rest)
