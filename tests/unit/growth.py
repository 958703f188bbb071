"""Whether work grows with its input and not with the square of it, without a bound of seconds.

Seconds depend on the machine and on who else uses it; the ratio of the processor time for n and
for 4 n hardly does: 4 where time grows with n, 16 where it grows with its square. Sizes go up in
steps of 4, so that work that grows too fast is found before it takes minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

FASTEST_GROWTH = 10.0
TELLING = 0.006
"""Seconds; shorter times say nothing, so they count as this."""
TRIES = 4


def assert_linear(work: Callable[[int], object], largest: int, *, what: str = "") -> None:
    """``work(n)`` up to ``largest`` takes no more than ``FASTEST_GROWTH`` times that of a quarter.

    A ratio that is too high is measured again: only work that is slow each time fails.
    """
    work(1)  # what is made once (tables, patterns) is not the input's
    sizes = [largest]
    while sizes[0] >= 400:
        sizes.insert(0, sizes[0] // 4)
    took = [_seconds(work, n) for n in sizes[:1]]
    for small, large in pairwise(sizes):
        took.append(_seconds(work, large))
        for _ in range(TRIES - 1):
            if took[-1] <= FASTEST_GROWTH * max(took[-2], TELLING):
                break
            took[-2] = max(took[-2], _seconds(work, small))
            took[-1] = min(took[-1], _seconds(work, large))
        assert took[-1] <= FASTEST_GROWTH * max(took[-2], TELLING), (what, sizes, took)


def _seconds(work: Callable[[int], object], n: int) -> float:
    start = time.process_time()
    work(n)
    return time.process_time() - start
