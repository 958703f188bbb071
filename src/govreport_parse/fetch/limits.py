"""What one address may cost: times in seconds, sizes in bytes. Every limit can be set."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

WEB_PORTS: Set[int] = frozenset({*range(80, 91), 443, *range(8000, 9100), 9443})
"""Ports a redirect may lead to: those that public web servers are found on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are those of a harvest; tests set them to fractions of a second.

    ``page_total`` and ``file_total`` bound a whole address, all redirects together, without the
    time spent waiting at the gate.
    """

    dns: float = 10.0
    connect: float = 10.0
    head: float = 30.0
    """From the request to the blank line of the final head, however many 1xx heads come before."""
    stall: float = 30.0
    floor_rate: float = 256.0
    """Bytes a second below which, over ``floor_window``, an answer is given up."""
    floor_window: float = 60.0
    page_total: float = 120.0
    file_total: float = 600.0

    wire: int = 64 << 20
    decoded: int = 32 << 20
    """Cap of a body after inflation; a body without a coding is bounded by ``wire`` only."""
    ratio: int = 200
    ratio_from: int = 1 << 20
    """Inflated bytes after which ``ratio`` is asked for."""
    codings: int = 2
    head_bytes: int = 64 << 10
    head_lines: int = 200

    redirects: int = 10
    ports: Set[int] | None = None
    """Ports a redirect may lead to; None: ``WEB_PORTS``, or any when private addresses are."""
    cookies: int = 20
    """Cookies kept for one host."""
    idle_hosts: int = 64
    """Hosts whose connection stays open between requests."""
    keep_alive: float = 15.0

    def total(self, kind: str) -> float:
        """Seconds for one address of this kind (``page`` or ``file``)."""
        return self.file_total if kind == "file" else self.page_total
