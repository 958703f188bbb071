"""Damage many reports, parse them, and count what was read wrong without a flag (goal: nothing).

    python benchmarks/run_damage.py [--documents 100000] [--first 0] [--seed 1] [--jobs 2]
                                    [--damage NAME] [--out FOLDER]

Prints counts per damage: documents, refused (typed error), figures that carry a wrong number
(``wrong_value``), the right number in a state that promises too much (``overclaimed``), and no
number where the source gives one (``lost``: no lie, but a loss to look at). ``misled`` counts
solved figures of a source that was altered so that other numbers satisfy its sums. Offending
documents are named with the call that makes them again, and written to ``--out``. Exit 1 if
anything was wrong or overclaimed, or an error was not the library's own.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from govreport_parse.testing.campaign import Case, Tally, Verdict, cases, figures_of, verdict
from govreport_parse.testing.damage import DAMAGES

CHUNK = 250


def run_chunk(seed: int, damages: tuple[str, ...], start: int, stop: int) -> Tally:
    """Verdicts on the cases ``start`` to ``stop``, counted; a crash counts as refused ``CRASH``."""
    tally = Tally(keep=2)
    for one in cases(seed, range(start, stop), damages):
        tally.add(_judged(one))
    return tally


def _judged(one: Case) -> Verdict:
    try:
        return verdict(one, figures_of)
    except Exception:  # noqa: BLE001 - any foreign exception is the finding itself
        print(one, traceback.format_exc(), file=sys.stderr)
        return Verdict(one, (), "CRASH")


def tallies(
    seed: int, damages: tuple[str, ...], numbers: range, jobs: int
) -> Iterator[tuple[int, Tally]]:
    """(number of the last document, counts of one chunk), in order."""
    starts = numbers[::CHUNK]
    stops = [min(s + CHUNK, numbers.stop) for s in starts]
    work = partial(run_chunk, seed, damages)
    if jobs == 1:
        yield from zip(stops, map(work, starts, stops), strict=True)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from zip(stops, pool.map(work, starts, stops), strict=True)


def save(folder: Path, one: Verdict) -> None:
    """The document and the violations beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{one.case.damage}-{one.case.shape}-{one.case.seed}-{one.case.number}"
    (folder / f"{name}.txt").write_text(one.case.document, "utf-8", newline="")
    listed = "\n".join(map(str, one.violations))
    (folder / f"{name}.why").write_text(f"{one.case}\n{listed}\n", "utf-8")


def main() -> int:
    """Run and print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first document")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--damage", action="append", choices=tuple(DAMAGES))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=int, default=20, help="offending documents to name")
    args = parser.parse_args()
    damages = tuple(args.damage or DAMAGES)
    numbers = range(args.first, args.first + args.documents)
    total, began = Tally(), time.perf_counter()
    for done, tally in tallies(args.seed, damages, numbers, args.jobs):
        total.merge(tally)
        if args.out:
            for one in tally.kept:
                save(args.out, one)
        if done % 5_000 == 0:
            count = total.total
            print(
                f"{done:,} documents, {time.perf_counter() - began:.0f} s, "
                f"{count['wrong_value']} wrong, {count['overclaimed']} overclaimed, "
                f"{count['lost']} lost",
                file=sys.stderr,
                flush=True,
            )
    seconds = time.perf_counter() - began
    print(f"seed {args.seed}, {args.documents:,} documents, {args.jobs} jobs, {seconds:.0f} s")
    print(total)
    worst = sorted(total.kept, key=lambda v: -len(v.wrong))
    for one in worst[: args.show]:
        print(one.case, *one.violations[:3], sep="\n    ")
    count = total.total
    bad = count["wrong_value"] + count["overclaimed"] + count["refused CRASH"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
