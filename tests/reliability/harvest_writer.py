"""A harvest without a network that dies, loses power, runs out of disk, or has a fault.

    python harvest_writer.py sweep WORK MODE [N]  stop before every step; restart; look (N times)
    python harvest_writer.py random WORK N SEED   stop at N random moments of time
    python harvest_writer.py hunt WORK [FAULT]    the same with each fault, until it shows
    python harvest_writer.py full WORK            every size of file forbidden in turn
    python harvest_writer.py run FOLDER           one harvest (to be stopped from outside)
    python harvest_writer.py finish FOLDER        one more, then look
    python harvest_writer.py hold FOLDER          open the folder until killed
    python harvest_writer.py race FOLDER N        try to open it N times at once

MODE is ``kill`` (what was written stays) or ``power`` (what was not synced is lost or torn). Every
attempt is a fork, so that the library is imported once. Answers are JSON lines.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harvest_faults import FAULTS, a_disk_that_drops_a_write
from harvest_site import (
    SIZE,
    clock,
    expected,
    harvest,
)
from warcio.archiveiterator import ArchiveIterator

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import (
    disk,
    read_payload,
    segment_names,
    segment_path,
    verify_archive,
)
from govreport_parse.fetch.state import open_state

REFUSED = 3
FAILED = 4

# -- the oracle ------------------------------------------------------------------------------------


def complaints(folder: Path) -> list[str]:
    """What is wrong with a finished harvest; the archive is read by another library."""
    told = []
    found = sorted(read_all(folder))
    if found != expected():
        told.append(f"archive: {len(found)} of {len(expected())} answers, or others")
    told += downloads(folder)
    with open_state(folder, clock) as state:
        if state.repairs:
            told.append(f"left to mend: {state.repairs}")
        problems = verify_archive(folder, state.spans(), state.segments())
        told += [str(problem) for problem in problems]
        captured = sorted((c.url, c.status, c.sha256) for c in state.captures(last_only=False))
        if captured != expected():
            told.append("the captures are not what was sent")
        if state.summary().lost or state.summary().queued or state.summary().done != 6:
            told.append(f"summary: {state.summary()}")
        if [(o.row, o.code) for o in state.outcomes()] != [(n, "ok") for n in range(1, 6)]:
            told.append("the outcomes of the sources")
        for capture in state.captures(last_only=False):
            place = (capture.segment, capture.offset, capture.length, capture.sha256)
            try:
                read_payload(folder, *place)
            except DatasetError as error:
                told.append(error.message)
    return told


def read_all(folder: Path) -> list[tuple[str, int, str]]:
    found = []
    for name in segment_names(folder):
        with segment_path(folder, name).open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                body = record.raw_stream.read()
                if record.rec_type not in ("response", "revisit"):
                    continue
                digest = record.rec_headers["WARC-Payload-Digest"].removeprefix("sha256:")
                if record.rec_type == "response":
                    assert hashlib.sha256(body).hexdigest() == digest
                status = int(record.http_headers.get_statuscode())
                found.append((record.rec_headers["WARC-Target-URI"], status, digest))
    return found


def downloads(folder: Path) -> list[str]:
    """A page that was saved must not be fetched again."""
    saved = set()
    told = []
    for line in (folder.parent / f"{folder.name}.log").read_text().splitlines():
        word, rest = line.split(" ", 1)
        if word == "saved":
            saved.add(rest)
        elif rest in saved:
            told.append(f"fetched again: {rest}")
    return told


# -- stopping it -----------------------------------------------------------------------------------


class Stopper:
    """Stops the process before the ``number``-th step; loses what was not synced with ``power``."""

    def __init__(self, number: int, mode: str, seed: int = 0) -> None:
        self.number, self.mode, self.seed = number, mode, seed
        self.count = 0
        self.synced: dict[Path, int] = {}
        self.named: set[Path] = set()
        self.created: set[Path] = set()
        self.unsafe: dict[Path, int] = {}

    def watch(self) -> None:
        real_sync, real_folder = disk.sync, disk.sync_folder
        disk.step = self.step

        def sync(fd: int, path: Path) -> None:
            real_sync(fd, path)
            if real_sync is honest_sync:
                self.synced[path] = os.fstat(fd).st_size

        def sync_folder(path: Path) -> None:
            real_folder(path)
            if real_folder is honest_folder:
                self.named |= {each for each in self.created if each.parent == path}

        disk.sync, disk.sync_folder = sync, sync_folder

    def step(self, what: str, path: Path) -> None:
        self.count += 1
        if what == "create":
            self.created.add(path)
        if self.count == self.number:
            if self.mode == "power":
                self.lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def lose(self) -> None:
        chance = random.Random(f"{self.number} {self.seed}")
        for path in self.created:
            if path.suffix != ".gz" or not path.exists():
                continue
            if path not in self.named:
                path.unlink()
                continue
            size, safe = path.stat().st_size, self.synced.get(path, 0)
            if size > safe:
                os.truncate(path, chance.choice((safe, chance.randint(safe, size))))
                if chance.random() < 0.3:  # blocks that were allotted but never written
                    os.truncate(path, size)


honest_sync, honest_folder = disk.sync, disk.sync_folder


def forked(work: Callable[[], None]) -> int:
    """Run in a child; its exit status, negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            work()
            code = 0
        except DatasetError as error:
            print(json.dumps({"error": error.message, "context": error.context}), flush=True)
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def steps_of(work: Path) -> int:
    folder = work / "count"
    clear(folder)

    def count() -> None:
        stopper = Stopper(0, "kill")
        stopper.watch()
        harvest(folder)
        (work / "steps").write_text(str(stopper.count))

    assert forked(count) == 0
    return int((work / "steps").read_text())


def attempt(folder: Path, number: int, mode: str, seed: int = 0) -> list[str]:
    """Stop before a step, start again, and look."""
    clear(folder)

    def stopped() -> None:
        Stopper(number, mode, seed).watch()
        harvest(folder)

    if forked(stopped) != -signal.SIGKILL:
        return ["it was not stopped where it should have been"]
    return finish(folder)


def finish(folder: Path) -> list[str]:
    code = forked(lambda: harvest(folder))
    if code:
        return [f"the second run ended with {code}"]
    told: list[str] = []

    def look() -> None:
        (folder.parent / "told").write_text(json.dumps(complaints(folder)))

    code = forked(look)
    if code:
        return [f"the look ended with {code}"]
    told += json.loads((folder.parent / "told").read_text())
    return told


def sweep(work: Path, mode: str, seeds: str = "1") -> None:
    steps = steps_of(work)
    wrong = {}
    for seed in range(int(seeds)):
        for number in range(1, steps + 1):
            told = attempt(work / "now", number, mode, seed)
            if told:
                wrong[f"{number} {seed}"] = told
    print(json.dumps({"steps": steps, "wrong": wrong}))


def hunt(work: Path, *faults: str) -> None:
    """Plant a fault; the first step and mode at which it shows. The same for the next."""
    for fault in faults or FAULTS:
        assert forked(lambda fault=fault: hunt_one(work, fault)) == 0


def hunt_one(work: Path, fault: str) -> None:
    FAULTS[fault]()
    clear(work / "plain")
    told = finish(work / "plain")
    if told:
        print(json.dumps({"fault": fault, "mode": "none", "told": told}), flush=True)
        return
    for number in range(steps_of(work), 0, -1):
        for mode in ("kill", "power"):
            told = attempt(work / "now", number, mode)
            if told:
                answer = {"fault": fault, "mode": mode, "step": number, "told": told}
                print(json.dumps(answer), flush=True)
                return
    print(json.dumps({"fault": fault, "mode": None}), flush=True)


def bad_disk(work: Path) -> None:
    """One run on a disk that drops a write, then one on a good one."""
    clear(work / "now")

    def dropped() -> None:
        a_disk_that_drops_a_write()
        harvest(work / "now")

    code = forked(dropped)
    print(json.dumps({"code": code, "told": finish(work / "now")}))


def at_random(work: Path, number: str, seed: str) -> None:
    """Kill at random moments, so often; the oracle looks at every finished harvest."""
    chance = random.Random(int(seed))
    clear(work / "timed")
    began = time.perf_counter()
    assert forked(lambda: harvest(work / "timed")) == 0
    whole = time.perf_counter() - began
    folder = work / "now"
    clear(folder)
    wrong = {}
    kills = finished = 0
    while kills < int(number) or finished < 2:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                harvest(folder)
            finally:
                os._exit(0)
        time.sleep(whole * chance.random())
        os.kill(child, signal.SIGKILL)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            kills += 1
            if chance.random() < 0.5:
                continue
        finished += 1
        told = finish(folder)
        if told:
            wrong[finished] = told
        clear(folder)
    print(json.dumps({"kills": kills, "finished": finished, "wrong": wrong, "seed": seed}))


def full(work: Path) -> None:
    """Forbid files above a size, from nothing to enough; then lift it."""
    SIZE[0] = 200_000
    answers = []
    for level in range(20):
        size = 5_000 + 22_000 * level
        clear(work / "now")

        def limited(size: int = size) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            harvest(work / "now")

        code = forked(limited)
        told = finish(work / "now")
        answers.append({"size": size, "code": code, "told": told})
    print(json.dumps({"levels": answers}))


def run(folder: Path) -> None:
    harvest(folder)


def finish_and_tell(folder: Path) -> None:
    print(json.dumps({"told": finish(folder)}))


def hold(folder: Path) -> None:
    """Hold the folder until killed."""
    with open_state(folder, clock):
        print("holding", flush=True)
        signal.pause()


def count_waits() -> list[str]:
    """From now on, what this process does to wait."""
    waits: list[str] = []

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "fcntl.flock" and not arguments[1] & fcntl.LOCK_NB:
            waits.append(event)

    sys.addaudithook(hear)
    time.sleep = lambda _: waits.append("time.sleep")  # type: ignore[assignment]
    return waits


def race(folder: Path, number: str) -> None:
    """Try to open a folder that is in use, several at once."""
    children = []
    for _ in range(int(number)):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            waits = count_waits()
            reason = "none"
            try:
                open_state(folder, clock)
            except DatasetError as error:
                reason = error.context["reason"]
            told = {"reason": reason, "waits": len(waits)}
            os.write(1, (json.dumps(told) + "\n").encode())
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    command, where, *rest = sys.argv[1:]
    commands: dict[str, Callable[..., None]] = {
        "sweep": sweep,
        "hunt": hunt,
        "bad_disk": bad_disk,
        "random": at_random,
        "full": full,
        "run": run,
        "finish": finish_and_tell,
        "hold": hold,
        "race": race,
    }
    commands[command](Path(where), *rest)
