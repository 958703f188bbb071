"""A writer of datasets that dies, runs out of disk, or has a bug; run as a program by the tests.

    python dataset_writer.py sweep WORK           kill before every step of the writer, look, mend
    python dataset_writer.py hunt WORK BUG        the same with a bug, until it shows
    python dataset_writer.py full WORK            write with every size of file forbidden in turn
    python dataset_writer.py calls WORK FAULT EVERY [PIECE OF]
                                                  under strace: at each system call of each name
    python dataset_writer.py turns FOLDER N       N writes, the two datasets in turn

It forks for every attempt, so that the library is imported once. Answers are JSON lines.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "unit"), str(HERE.parent / "unit" / "dataset")]

from handmade import RQ, failure, hybrid, town  # noqa: E402
from recorded import records, report_of, tree  # noqa: E402

from govreport_parse.dataset import disk, load, parts, verify_dataset, write_dataset  # noqa: E402
from govreport_parse.dataset import write as writing  # noqa: E402
from govreport_parse.dataset.layout import TABLES  # noqa: E402
from govreport_parse.errors import DatasetError  # noqa: E402

OLD, NEW = "1", "2"
REFUSED = 3


RECORDS = [report_of(r, n, year=2023 + n % 2) for n, r in enumerate(records(6))]


def before() -> list[Any]:
    return [hybrid(), town(), failure(), *RECORDS[:4]]


def after() -> list[Any]:
    """One report changed, some as they were, some new, a failure gone and another come."""
    changed = town(changes={f"{RQ}/granted/total": 77})
    return [changed, failure("other"), *RECORDS, hybrid(organ="甲")]


def snapshot(folder: Path) -> str:
    """Digest of everything that a reader sees. Raises what the reader raises."""
    data = load(folder)
    seen = hashlib.sha256()
    for name in TABLES:
        seen.update(json.dumps(data.table(name).to_table().to_pylist(), default=str).encode())
    losses = [str(p) for p in verify_dataset(folder) if p.is_loss]
    return f"damaged: {losses}" if losses else seen.hexdigest()


def seen_in(folder: Path) -> str:
    try:
        return snapshot(folder)
    except DatasetError as error:
        return f"{type(error).__name__}: {error.message}"


class Serial:
    """A pool of no threads."""

    def __init__(self, *_: object) -> None: ...
    def __enter__(self) -> Serial:
        return self

    def __exit__(self, *_: object) -> None: ...
    def map(self, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterable[Any]:
        return [work(job) for job in jobs]


# -- planted bugs ----------------------------------------------------------------------------------


def manifest_first() -> None:
    def publish(self: Any, new: Any, manifest: Any) -> None:
        waiting = self.temp / writing.NAME
        disk.write_new(waiting, manifest.to_bytes())
        disk.rename(waiting, self.root / writing.NAME)
        for part in new:
            target = self.root / part.path
            disk.make_folder(target.parent)
            disk.rename(self.temp / writing.waiting_name(part), target)

    writing._Write._publish = publish  # type: ignore[method-assign]


def manifest_in_place() -> None:
    real = disk.rename

    def rename(old: Path, new: Path) -> None:
        if new.name != writing.NAME:
            real(old, new)
            return
        data = old.read_bytes()
        disk.step("rename", new)
        new.write_bytes(data[: len(data) // 2])
        disk.step("rename", new)
        new.write_bytes(data)

    disk.rename = rename


def old_removed_first() -> None:
    real = writing._Write._publish

    def publish(self: Any, new: Any, manifest: Any) -> None:
        for part in self.old.parts:
            if part.path not in {p.path for p in manifest.parts}:
                disk.remove(self.root / part.path)
        real(self, new, manifest)

    writing._Write._publish = publish  # type: ignore[method-assign]


def leftovers_stay() -> None:
    writing.clean = lambda *_: None


def parts_in_place() -> None:
    """Every part under one name for ever, replaced one after the other."""
    real = writing.write_part

    def write_part(temp: Path, table: str, rows: Any, place: Any) -> Any:
        from dataclasses import replace

        part = real(temp, table, rows, place)
        return replace(part, path=part.path.rsplit("/", 1)[0] + "/part-0.parquet")

    writing.write_part = write_part
    publish = writing._Write._publish

    def all_new(self: Any, new: Any, manifest: Any) -> None:
        waiting = [p for p in manifest.parts if (self.temp / writing.waiting_name(p)).exists()]
        publish(self, waiting, manifest)

    writing._Write._publish = all_new  # type: ignore[method-assign]


BUGS = {
    f.__name__: f
    for f in (manifest_first, manifest_in_place, old_removed_first, leftovers_stay, parts_in_place)
}


# -- commands --------------------------------------------------------------------------------------


def forked(work: Callable[[], None]) -> int:
    """Run in a child; its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            work()
            code = 0
        except DatasetError as error:
            print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counting(number: int = 0) -> list[int]:
    """Count the steps of the writer, and die before step ``number``."""
    count = [0]

    def step(what: str, path: Path) -> None:
        count[0] += 1
        if count[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    disk.step = step
    return count


def sweep(work: Path) -> None:
    """Kill before every step, first to last; say what readers saw and what was mended."""
    steps = prepare(work)
    old, new = snapshot(work / "old"), snapshot(work / "new")
    seen = []
    mended = 0
    for number in range(1, steps + 1):
        found, is_mended = attempt(work, number)
        seen.append(found)
        mended += is_mended
    print(json.dumps({"old": old, "new": new, "points": seen, "mended": mended}))


def hunt(work: Path, bug: str) -> None:
    """Plant a bug and kill before every step, last to first, until it shows."""
    prepare(work)
    known = {snapshot(work / "old"), snapshot(work / "new")}
    BUGS[bug]()
    for number in range(prepare(work), 0, -1):
        found, is_mended = attempt(work, number)
        if found not in known or not is_mended:
            print(json.dumps({"bug": bug, "step": number, "seen": found, "mended": is_mended}))
            return
    print(json.dumps({"bug": bug, "step": None}))


def prepare(work: Path) -> int:
    """The old dataset, the new one, and how many steps lead from one to the other."""
    for name in ("old", "new", "count"):
        shutil.rmtree(work / name, ignore_errors=True)
    assert forked(lambda: put(before(), work / "old", OLD)) == 0
    for name in ("new", "count"):
        shutil.copytree(work / "old", work / name)
    assert forked(lambda: put(after(), work / "new", NEW)) == 0

    def count() -> None:
        counted = counting()
        put(after(), work / "count", NEW)
        (work / "steps").write_text(str(counted[0]))

    assert forked(count) == 0
    return int((work / "steps").read_text())


def attempt(work: Path, number: int) -> tuple[str, bool]:
    """Kill before a step; what a reader sees, and whether the next writer mends it."""
    folder = work / "now"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(work / "old", folder)

    def killed() -> None:
        counting(number)
        put(after(), folder, NEW)

    assert forked(killed) == -signal.SIGKILL
    found = seen_in(folder)
    again = forked(lambda: put(after(), folder, NEW))
    return found, again == 0 and tree(folder) == tree(work / "new")


def put(items: list[Any], folder: Path, version: str) -> None:
    write_dataset(items, folder, parser_version=version)


def full(work: Path) -> None:
    """Forbid files above a size, from nothing to enough."""
    prepare(work)
    most = max(len(v) for v in tree(work / "new").values())
    untouched = tree(work / "old")
    answer = []
    for k in range(25):
        folder = work / "now"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(work / "old", folder)
        size = most * k // 23

        def attempt(size: int = size, folder: Path = folder) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            write_dataset(after(), folder, parser_version=NEW)

        code = forked(attempt)
        if code == 0:
            same = tree(folder) == tree(work / "new")
        else:
            same = tree(folder) == untouched and seen_in(folder) == snapshot(work / "old")
        answer.append({"size": size, "code": code, "same": same})
    print(json.dumps(answer))


def write(folder: Path) -> None:
    writing.ThreadPoolExecutor = Serial  # type: ignore[assignment,misc]
    parts.BUFFER = 8192  # so that a file takes several writes
    write_dataset(after(), folder, parser_version=NEW)


# -- system calls ----------------------------------------------------------------------------------

CALLS = {
    "kill": "write pwrite64 writev fsync fdatasync ftruncate fallocate rename renameat renameat2"
    " unlink unlinkat mkdir mkdirat rmdir",
    "full": "write pwrite64 writev fsync fdatasync ftruncate fallocate rename renameat renameat2"
    " mkdir mkdirat",
}
"""What a writer can be stopped at, and what can fail for want of room."""
_FAULTS = {"kill": "signal=SIGKILL:when={}", "full": "error=ENOSPC:when={}+"}
FULL = 4
_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1 % 2**64)


class NoTraceError(Exception):
    """strace is missing or may not trace."""


def calls(work: Path, fault: str, every: str, piece: str = "0", of: str = "1") -> None:
    """Kill (or fail, from there on) at the k-th call of each name; what is then seen and mended."""
    strace = shutil.which("strace")
    if strace is None:
        print(json.dumps({"skip": "strace is not installed"}))
        return
    prepare(work)
    known = {snapshot(work / "old"): "old", snapshot(work / "new"): "new"}
    wanted = tree(work / "new")
    names = CALLS[fault].split()
    try:
        fresh(work)
        traced(strace, work, ["-e", f"trace={','.join(names)}"])
    except NoTraceError as error:
        print(json.dumps({"skip": str(error)}))
        return
    lines = [line.split(None, 1) for line in (work / "calls").read_text().splitlines()]
    # counters of strace are a thread's own
    assert len({thread for thread, _ in lines}) == 1
    counts = Counter(rest.split("(", 1)[0] for _, rest in lines if "(" in rest)
    points = [(name, k) for name in names for k in range(1, counts[name] + 1)]
    chosen = points[:: int(every)][int(piece) :: int(of)]
    seen: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    wrong = []
    for name, k in chosen:
        fresh(work)
        rule = f"inject={name}:{_FAULTS[fault].format(k)}"
        code = traced(strace, work, ["-e", f"trace={name}", "-e", rule])
        codes[str(code)] += 1
        found = seen_in(work / "now")
        seen[known.get(found, found)] += 1
        # who is told of a full disk sees the old one, everyone else who is told the new one
        is_new = known.get(found) == "new"
        told = code == -signal.SIGKILL or is_new == {0: True, REFUSED: True, FULL: False}[code]
        again = forked(lambda: put(after(), work / "now", NEW))
        if found not in known or not told or again != 0 or tree(work / "now") != wanted:
            wrong.append([name, k, code, known.get(found, found)])
    print(
        json.dumps(
            {"counts": counts, "points": len(chosen), "seen": seen, "codes": codes, "wrong": wrong}
        )
    )


def fresh(work: Path) -> None:
    shutil.rmtree(work / "now", ignore_errors=True)
    shutil.copytree(work / "old", work / "now")


def traced(strace: str, work: Path, options: list[str]) -> int:
    """One write under strace in a child, so that the library is imported once; its exit status."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            ctypes.CDLL(None).prctl(_PTRACER, _ANY, 0, 0, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            write(work / "now")
            code = 0
        except DatasetError as error:
            # said by the exit status: writing may be forbidden
            code = FULL if "the disk is full" in error.message else REFUSED
        finally:
            os._exit(code)
    os.waitpid(child, os.WUNTRACED)
    command = [strace, "-f", "-qq", "-o", str(work / "calls"), *options, "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
            if tracer.poll() is not None:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                assert tracer.stderr is not None
                raise NoTraceError(tracer.stderr.read().strip() or "strace may not trace here")
            time.sleep(0.002)
        os.kill(child, signal.SIGCONT)
        status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status)


def turns(folder: Path, number: str) -> None:
    """Write again and again: each time after a reader has told that it has read the last one."""
    for k in range(int(number)):
        sys.stdin.readline()
        write_dataset((before, after)[k % 2](), folder, parser_version=str(k + 10))


if __name__ == "__main__":
    command, where, *rest = sys.argv[1:]
    commands = {
        **{"sweep": sweep, "hunt": hunt, "full": full},
        **{"write": write, "turns": turns, "calls": calls},
    }
    commands[command](Path(where), *rest)
