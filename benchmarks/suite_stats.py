"""Taking turns and counting: samples of several cases in one process, medians with their spread."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Case = Callable[[], object]
Samples = Mapping[int, float]
"""Round to milliseconds a call; a slow case sits out some rounds."""

LEAST_SAMPLE = 12.0
"""Milliseconds: quicker cases are called several times a sample, so that none pays alone for the
caches that the garbage collection before it has emptied."""
FEWEST = 3
"""Samples that even the slowest case gets (two of them are no spread)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and least of some samples."""

    median: float
    low: float
    high: float
    least: float
    samples: int


def spread(values: Sequence[float]) -> Spread:
    """``ValueError`` when there are none; quartiles of one sample are the sample."""
    if not values:
        raise ValueError("no samples")
    if len(values) == 1:
        return Spread(values[0], values[0], values[0], values[0], 1)
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high, min(values), len(values))


def ratio(over: Samples, under: Samples) -> Spread:
    """``over`` by ``under``, round by round (those in which both took part): what disturbs a whole
    round disturbs both. ``ValueError`` when there is no such round.
    """
    return spread([over[r] / under[r] for r in sorted(over.keys() & under.keys())])


def calls(once: float) -> int:
    """Calls a sample for a case of ``once`` milliseconds."""
    return max(1, math.ceil(LEAST_SAMPLE / max(once, 1e-3)))


def stride(once: float, rounds: int, budget: float) -> int:
    """A case takes part in each ``stride``-th round so that it stays within ``budget`` ms in all
    (but is sampled some ``FEWEST`` times).
    """
    sample = max(once, LEAST_SAMPLE)
    affordable = rounds if budget >= rounds * sample else max(FEWEST, int(budget / sample))
    return max(1, math.ceil(rounds / affordable))


def take_turns(
    cases: Mapping[str, Case],
    rounds: int,
    *,
    budget: float = math.inf,
    seed: int = 1,
    clock: Callable[[], float] = time.process_time,
    collect: Callable[[], object] = gc.collect,
) -> dict[str, dict[int, float]]:
    """Milliseconds a call of each case by round: order shuffled each round, garbage collected
    before each sample. ``budget``: milliseconds that one case may use. The cases are warm: their
    answers have been looked at.
    """

    def sample(case: Case, times: int) -> float:
        collect()
        begin = clock()
        for _ in range(times):
            case()
        return (clock() - begin) * 1000 / times

    once = {name: sample(case, 1) for name, case in cases.items()}
    order = random.Random(seed)
    times: dict[str, dict[int, float]] = {name: {} for name in cases}
    for turn in range(rounds):
        names = [n for n in cases if turn % stride(once[n], rounds, budget) == 0]
        order.shuffle(names)
        for name in names:
            times[name][turn] = sample(cases[name], calls(once[name]))
    return times
