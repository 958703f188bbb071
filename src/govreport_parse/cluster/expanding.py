"""Inputs that hold many documents: read piece by piece, so that a worker's memory stays bounded.

``expand`` is given an input and yields lists of inputs; each list is worked on and staged by
itself. What it returns at its end, an account of what it read, travels back to ``process_many``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.cluster.attempts import Attempt
from govreport_parse.cluster.inputs import name_of

COUNTS = ("documents", "known", "dropped", "reports", "failures", "quarantined")
Expand = Callable[[Any], Generator[list[Any], None, Any]]


@dataclass(slots=True)
class Expanded:
    """What became of the inputs of a batch."""

    parts: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    accounts: list[Any] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Names of inputs that are given up: workers died while they read them."""
    is_new: bool = False

    def add(self, told: Mapping[str, Any]) -> None:
        """A piece is staged."""
        self.parts += told["parts"]
        self.is_new |= not told["done_before"]
        self.counts.update({k: n for k, n in told.items() if type(n) is int})

    def told(self) -> dict[str, Any]:
        """As the batch function tells it."""
        return {
            "parts": self.parts,
            **dict.fromkeys(COUNTS, 0),
            **self.counts,
            "done_before": not self.is_new,
            "accounts": self.accounts,
            "lost": self.lost,
        }


def expanded(
    task: Mapping[str, Any], mine: Attempt, deaths: Mapping[int, int], most: int, found: Expanded
) -> Iterator[list[Any]]:
    """The pieces of all inputs of a batch, in order.

    A death of the worker while it reads accuses the input; an input that ``most`` workers died at
    is told to ``found`` and left out. While a piece is worked on nothing is accused here.
    """
    for number, item in enumerate(task["inputs"]):
        if deaths[number] >= most:
            found.lost.append(name_of(item))
            continue
        pieces = task["expand"](item)
        while True:
            mine.at(number)
            try:
                piece = next(pieces)
            except StopIteration as end:
                found.accounts.append(end.value)
                break
            finally:
                mine.at(None)
            yield piece
