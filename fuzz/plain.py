"""A seeded mutation fuzzer without coverage feedback, for any Python; also the long run.

The child mutates and runs inputs one after another and writes each into shared memory before it
runs, so that the input is known when the child crashes or hangs. Input ``n`` of a seed is the
same on every machine (while the seeds, the fixtures, are). A hang is more than 5 s of CPU time:
a shared machine must not make one.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import resource
import signal
import struct
import sys
import time
from collections import Counter
from pathlib import Path

from fuzz.findings import Finding, save, signature
from fuzz.targets import TARGETS, Target, mutated

HANG = 5.0
MEMORY = 2 << 30
_SHARED = 1 << 20
_HEAD = struct.Struct("<QQI")
"""Number of the input, inputs done, length of the input."""


def input_of(target: Target, seed: int, number: int) -> bytes:
    """The ``number``-th mutated input of a seed."""
    rng = random.Random(f"{seed}/{target.name}/{number}")
    seeds = target.seeds()
    return mutated(target, rng, rng.choice(seeds), rng.choice(seeds))


def run(name: str, seed: int, seconds: float, inputs: int, folder: Path) -> Counter[str]:
    """Fuzz one target for so long or so many inputs; counts by outcome, findings in ``folder``."""
    shared = mmap.mmap(-1, _SHARED)
    counts: Counter[str] = Counter()
    start, ends = 0, time.monotonic() + seconds
    known: set[str] = set()
    while start < inputs and time.monotonic() < ends:
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            _child(name, seed, start, inputs, ends, shared, write_end)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            for line in pipe:
                found = json.loads(line)
                if "counts" in found:
                    counts.update(found["counts"])
                    continue
                counts["FOREIGN"] += 1
                if found["signature"] not in known:
                    known.add(found["signature"])
                    data = input_of(TARGETS[name], seed, found["number"])
                    save(folder, Finding(name, seed, found["number"], data, found["trace"]))
        _, status = os.waitpid(child, 0)
        number, _, length = _HEAD.unpack_from(shared)
        if status == 0:
            break
        kind = _ending(status)
        counts[kind] += 1
        if not kind.startswith("CHILD"):
            data = shared[_HEAD.size : _HEAD.size + length]
            save(folder, Finding(name, seed, number, data, kind))
        start = number + 1
    return counts


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "HANG" if number == signal.SIGPROF else f"CRASH {signal.Signals(number).name}"
    return f"CHILD ended with {os.WEXITSTATUS(status)}"


def _child(
    name: str, seed: int, start: int, inputs: int, ends: float, shared: mmap.mmap, out: int
) -> None:
    """Run inputs until the time is over; never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    target = TARGETS[name]
    counts: Counter[str] = Counter()
    with os.fdopen(out, "w", buffering=1) as pipe:
        for number in range(start, inputs):
            data = input_of(target, seed, number)
            _HEAD.pack_into(shared, 0, number, number - start, len(data))
            shared[_HEAD.size : _HEAD.size + len(data)] = data
            signal.setitimer(signal.ITIMER_PROF, HANG)
            try:
                counts[target.run(data)] += 1
            except Exception as error:  # noqa: BLE001 - foreign exceptions are what is looked for
                mark, trace = signature(error)
                found = {"signature": mark, "number": number, "trace": trace}
                pipe.write(json.dumps(found) + "\n")
            signal.setitimer(signal.ITIMER_PROF, 0)
            if number % 500 == 0:
                pipe.write(json.dumps({"counts": counts}) + "\n")
                counts.clear()
                if time.monotonic() > ends:
                    break
            elif number % 16 == 0 and time.monotonic() > ends:
                break
        pipe.write(json.dumps({"counts": counts}) + "\n")
    sys.stdout.flush()
    os._exit(0)
