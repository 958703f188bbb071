"""An event loop for which a busy machine takes no time: deadlines run while all wait, and only so.

    unhurried.run(main())

Client and server of a test live in one loop, so whatever happens follows from what one of them has
done. Time passes for this loop when nothing is to be done until the next timer, and by as much as
it waits for that; what the machine takes to compute, or to give this process its turn, does not
count. Work that never waits is never too late: such a test needs ``asyncio.run``.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")
GIVEN_UP = 120.0
"""Seconds without a timer or an event after which a test has hung."""


class _CountedWaits(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(
            GIVEN_UP if timeout is None else timeout
        )
        if not ready:
            if timeout is None:
                raise AssertionError("nothing is going to happen any more: a deadlock")
            self.waited += max(timeout, 0.0)
        return ready


class UnhurriedLoop(asyncio.SelectorEventLoop):
    """See the module's docstring."""

    def __init__(self) -> None:
        self._waits = _CountedWaits()
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.waited


def run(main: Coroutine[object, object, T]) -> T:
    """``asyncio.run`` in an ``UnhurriedLoop``."""
    with asyncio.Runner(loop_factory=UnhurriedLoop) as runner:
        return runner.run(main)
