"""The gate of a run that can be closed: who waits at it is sent back, and nobody enters any more.

Requests that are under way when it closes go on to their end. While there is no room for what
comes, those whose turn it is wait.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from govreport_parse.fetch.records import Code, Exchange, Gate, Outcome
from govreport_parse.harvesting.sources import BadRow, SourceRow

REASON = "stopped"
OTHER_SHARE = "other_share"
"""The reason of addresses that another process asks for."""
_SENT_BACK = Outcome(Code.HOST_PARKED, REASON, "the run was stopped", 0.0)
# What the gate is told of a turn that was not used: no error of the host's.
_NOT_USED = Outcome(Code.REFUSED, REASON)


class _ClosedError(Exception):
    """Ends a wait at the gate."""


class Share(Protocol):
    """One of several harvests at once, each of which asks hosts of its own."""

    def rows(
        self, good: list[SourceRow], bad: list[BadRow]
    ) -> tuple[list[SourceRow], list[BadRow]]:
        """Those of this share."""

    def refusal(self, url: str, address: str) -> str | None:
        """Why an address, which leads to this IP address, is another's; ``None``: it is not."""


class Door:
    """A ``Gate`` before another. One event loop at a time; ``sleep`` is for the gate behind it.

    With a share nobody gets to the hosts of other shares, whatever links or redirects say.
    """

    def __init__(self, share: Share | None = None) -> None:
        self.gate: Gate | None = None
        self._share = share
        self._closed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def close(self) -> None:
        """Send everybody back. Call it in the event loop."""
        self._closed.set()
        self._room.set()

    def make_room(self, *, there_is: bool) -> None:
        """Whether more may come in just now."""
        if there_is or self._closed.is_set():
            self._room.set()
        else:
            self._room.clear()

    @property
    def is_closed(self) -> bool:
        """Nobody enters any more."""
        return self._closed.is_set()

    async def sleep(self, seconds: float) -> None:
        """Wait at the gate, until the door closes."""
        try:
            await asyncio.wait_for(self._closed.wait(), max(0.0, seconds))
        except TimeoutError:
            return
        raise _ClosedError

    async def enter(self, url: str, address: str) -> Outcome | None:
        """The answer of the gate; ``stopped`` once the door is closed."""
        assert self.gate is not None
        if self._closed.is_set():
            return _SENT_BACK
        others = None if self._share is None else self._share.refusal(url, address)
        if others is not None:
            return Outcome(Code.REFUSED, OTHER_SHARE, others)
        try:
            refusal = await self.gate.enter(url, address)
        except _ClosedError:
            return _SENT_BACK
        if refusal is None:
            await self._wait_for_room(url, address)
        if refusal is None and self._closed.is_set():
            self.gate.leave(url, address, None, _NOT_USED)
            return _SENT_BACK
        return refusal

    async def _wait_for_room(self, url: str, address: str) -> None:
        try:
            await self._room.wait()
        except BaseException:  # a cancellation, too, ends the turn at the gate; raised again
            self.leave(url, address, None, _NOT_USED)
            raise

    def leave(self, url: str, address: str, exchange: Exchange | None, outcome: Outcome) -> None:
        """Told to the gate."""
        assert self.gate is not None
        self.gate.leave(url, address, exchange, outcome)
