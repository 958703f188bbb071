"""A gate for tests that writes down what it is asked."""

from __future__ import annotations

from collections.abc import Callable

from govreport_parse.fetch.records import Code, Exchange, Outcome


class Gate:
    """Lets through or refuses; ``left`` tells whether a request was sent, and the reason."""

    def __init__(self, refuse: Callable[[str], bool] = lambda url: False) -> None:
        self.refuse = refuse
        self.entered: list[tuple[str, str]] = []
        self.left: list[tuple[str, str, bool, str]] = []

    async def enter(self, url: str, address: str) -> Outcome | None:
        if self.refuse(url):
            return Outcome(Code.REFUSED, "robots", "robots.txt forbids it")
        self.entered.append((url, address))
        return None

    def leave(self, url: str, address: str, exchange: Exchange | None, outcome: Outcome) -> None:
        self.left.append((url, address, exchange is not None, outcome.reason))
