"""Statistics and turns, with a clock of our own."""

from __future__ import annotations

import pytest
from benchmarks.suite_stats import FEWEST, calls, ratio, spread, stride, take_turns


def test_median_and_quartiles_by_hand() -> None:
    found = spread([9.0, 1.0, 3.0, 5.0, 7.0])
    assert (found.median, found.low, found.high, found.least, found.samples) == (5, 3, 7, 1, 5)


def test_one_sample_is_its_own_spread() -> None:
    found = spread([2.5])
    assert (found.median, found.low, found.high, found.samples) == (2.5, 2.5, 2.5, 1)


def test_no_samples() -> None:
    with pytest.raises(ValueError, match="no samples"):
        spread([])


def test_ratio_is_taken_round_by_round() -> None:
    # Round 2 was twice as slow for both: its ratio is 3 like the others'. Round 3 has one side.
    found = ratio({0: 3.0, 1: 6.0, 2: 12.0}, {0: 1.0, 1: 2.0, 2: 4.0, 3: 99.0})
    assert (found.median, found.low, found.high, found.samples) == (3, 3, 3, 3)
    with pytest.raises(ValueError, match="no samples"):
        ratio({0: 1.0}, {1: 1.0})


@pytest.mark.parametrize(
    ("once", "times"), [(0.0, 12_000), (0.5, 24), (5.0, 3), (12.0, 1), (900.0, 1)]
)
def test_quick_cases_are_called_until_twelve_milliseconds(once: float, times: int) -> None:
    assert calls(once) == times


@pytest.mark.parametrize(
    ("once", "rounds", "budget", "every"),
    [
        (1.0, 25, 1e9, 1),
        (10.0, 25, 25 * 12.0, 1),  # a sample lasts 12 ms at least
        (100.0, 24, 1200.0, 2),  # twelve samples
        (1000.0, 24, 1200.0, 24 // FEWEST),  # never fewer than FEWEST
        (1000.0, 2, 1.0, 1),
    ],
)
def test_slow_cases_sit_out_rounds(once: float, rounds: int, budget: float, every: int) -> None:
    assert stride(once, rounds, budget) == every


class Clock:
    """Stands still, but for the cases."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []

    def __call__(self) -> float:
        return self.now

    def case(self, name: str, ms: float):  # type: ignore[no-untyped-def]
        def work() -> None:
            self.log.append(name)
            self.now += ms / 1000

        return work


def test_turns() -> None:
    clock, swept = Clock(), []
    cases = {"quick": clock.case("quick", 6.0), "slow": clock.case("slow", 40.0)}
    times = take_turns(
        cases, 6, budget=130.0, clock=clock, collect=lambda: swept.append(len(clock.log))
    )
    assert times["quick"] == pytest.approx(dict.fromkeys(range(6), 6.0))
    # 130 ms are three samples of 40: every second of six rounds.
    assert times["slow"] == pytest.approx({0: 40.0, 2: 40.0, 4: 40.0})
    # Two estimates, then six samples of two calls and three of one; swept before each.
    assert len(clock.log) == 2 + 6 * 2 + 3
    assert len(swept) == 2 + 6 + 3


def test_the_order_changes_from_round_to_round_and_is_the_same_in_each_run() -> None:
    def order(seed: int) -> list[str]:
        clock = Clock()
        take_turns(
            {n: clock.case(n, 20.0) for n in "abc"},
            8, seed=seed, clock=clock, collect=lambda: None,
        )  # fmt: skip
        return clock.log[3:]

    first = order(1)
    assert first == order(1)
    turns = {"".join(first[i : i + 3]) for i in range(0, 24, 3)}
    assert all(sorted(turn) == ["a", "b", "c"] for turn in turns)
    assert len(turns) > 1
