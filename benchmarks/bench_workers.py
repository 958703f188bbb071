"""What isolation costs, and what documents that kill their worker cost the others.

    python benchmarks/bench_workers.py [--documents 500] [--rounds 5]

The bundled samples are parsed over and over: in this process, through one worker, through two,
and through a process pool with pickled chunks (``isolated=False``). Then a tenth of them is
replaced by documents that crash, fill memory or lie (the stub of ``tests/reliability``). Cases take
turns, medians are printed; results are compared first. Exit status 1 when reports differ or when
the killers make the run more than twice as long.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import govreport_parse as gov
from govreport_parse.workers import WorkerLimits, parse_isolated

TESTS = Path(__file__).resolve().parent.parent / "tests" / "reliability"
GOAL = 2.0
LIMITS = WorkerLimits(memory=512 * 2**20)
FAULTS = ("segv", "exit 1", "signal SIGABRT", "memory", "garbage", "flood", "raise")

Case = Callable[[], Iterator[Any]]


def with_killers(sources: list[Any]) -> list[Any]:
    """Every tenth document replaced by a fault."""
    return [
        f"KILL:{FAULTS[i // 10 % len(FAULTS)]}\n" if i % 10 == 3 else source
        for i, source in enumerate(sources)
    ]


def isolated(sources: list[Any], jobs: int, target: str) -> Case:
    return lambda: parse_isolated(sources, jobs=jobs, limits=LIMITS, target=target)


def cpu() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    return total


def measure(case: Case) -> tuple[float, float]:
    gc.collect()
    before, start = cpu(), time.perf_counter()
    for _ in case():
        pass
    return time.perf_counter() - start, cpu() - before


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    with gov.sample_paths() as paths:
        kinds = [gov.Source.of(p) for p in paths]
    sources: list[Any] = [kinds[i % len(kinds)] for i in range(options.documents)]
    killed = with_killers(sources)
    cases: dict[str, Case] = {
        "in this process": lambda: gov.parse_many(sources, isolated=False),
        "one worker": lambda: gov.parse_many(sources, isolated=True),
        "two workers": lambda: gov.parse_many(sources, isolated=True, jobs=2),
        "process pool of two, pickles": lambda: gov.parse_many(sources, isolated=False, jobs=2),
        "two workers, stub's real parser": isolated(sources, 2, "killers_real:parse"),
        "the same, a tenth kills": isolated(killed, 2, "killers_real:parse"),
        "first result of one worker": isolated(
            sources[:1], 1, "govreport_parse.workers.target:parse"
        ),
    }
    expected = [r.to_json() for r in gov.parse_many(kinds, isolated=False)]
    for jobs in (1, 2):
        if [r.to_json() for r in gov.parse_many(kinds, isolated=True, jobs=jobs)] != expected:
            print("isolated reports differ")
            return 1
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(options.rounds):
        for name, case in cases.items():
            taken[name].append(measure(case))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {options.documents} documents")
    walls = {}
    for name, pairs in taken.items():
        walls[name] = statistics.median(wall for wall, _ in pairs)
        work = statistics.median(used for _, used in pairs)
        n = 1 if name.startswith("first") else options.documents
        print(
            f"{name:34s} {1e3 * walls[name] / n:8.2f} ms a document, CPU {1e3 * work / n:8.2f} ms"
        )
    ratio = walls["the same, a tenth kills"] / walls["two workers, stub's real parser"]
    print(f"killers: {ratio:.2f} x the undisturbed time (goal {GOAL:g})")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
