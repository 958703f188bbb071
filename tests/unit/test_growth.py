"""The measure of growth tells work that is linear from work that is not."""

from __future__ import annotations

import re

import pytest
from growth import assert_linear


def test_linear_work_passes() -> None:
    assert_linear(lambda n: sum(i % 7 for i in range(10 * n)), 100_000)


def test_work_that_is_always_short_passes() -> None:
    assert_linear(lambda n: min(n, 1000) * [0], 10**9)


def test_a_pattern_that_starts_anew_at_every_place_fails() -> None:
    with pytest.raises(AssertionError):
        assert_linear(lambda n: re.search("a[^b]*b", "a" * n), 1_000_000)


def test_a_list_that_is_searched_for_each_piece_fails() -> None:
    def work(n: int) -> None:
        seen: list[int] = []
        for i in range(n):
            if i not in seen:
                seen.append(i)

    with pytest.raises(AssertionError):
        assert_linear(work, 1_000_000)
