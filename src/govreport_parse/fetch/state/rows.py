"""What goes into the state and what comes out of it, as plain frozen values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from govreport_parse.fetch.archive import Original, Stored
from govreport_parse.fetch.records import Answer


class _Line(Protocol):
    """What every row of the sources has. ``given`` is as it was written, and may be empty."""

    @property
    def row(self) -> int:
        """Its number, from 1, without the header."""

    @property
    def given(self) -> str:
        """The address as it was written, if any."""

    @property
    def organ(self) -> str | None:
        """The organ that reports."""

    @property
    def division_code(self) -> str | None:
        """Six digits of GB/T 2260."""

    @property
    def year(self) -> int | None:
        """The year reported on."""


class SourceLine(_Line, Protocol):
    """A row of the sources that can be harvested."""

    @property
    def url(self) -> str:
        """The canonical address."""

    @property
    def kind(self) -> str:
        """``report``, ``list`` or ``site``."""

    @property
    def duplicate_of(self) -> int | None:
        """The earlier row with the same address and kind."""


class RefusedLine(_Line, Protocol):
    """A row of the sources that can't be harvested."""

    @property
    def column(self) -> str:
        """What is wrong in it."""

    @property
    def value(self) -> str:
        """What was written there."""

    @property
    def reason(self) -> str:
        """Why it can't be used."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be fetched. ``url`` is canonical; lower ``priority`` comes first in a host."""

    url: str
    kind: str = "report"
    source: int | None = None
    depth: int = 0
    parent: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """An address handed out to be fetched now. ``attempts``: how often it was tried before."""

    url: str
    host: str
    domain: str
    kind: str
    source: int | None
    depth: int
    parent: str
    priority: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Done:
    """One answer and where its exchanges lie in the archive, one ``Stored`` for each.

    With ``retry_at`` (seconds since 1970) the address stays in the queue. ``found``: addresses that
    the page led to; they are known from the same moment on.
    """

    answer: Answer
    stored: tuple[Stored, ...] = ()
    retry_at: float | None = None
    found: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived exchange. ``asked`` is the queue's address, ``url`` that of this hop.

    ``content_encoding``: what was done to the body, codings of the transfer included.

    ``segment``, ``offset``, ``length``, ``sha256`` are for ``read_payload``.
    """

    seq: int
    asked: str
    url: str
    hop: int
    is_last: bool
    segment: str
    offset: int
    length: int
    sha256: str
    size: int
    revisit: bool
    status: int
    content_type: str
    content_encoding: str
    etag: str
    last_modified: str
    fetched_at: datetime.datetime
    code: str
    reason: str
    detail: str
    truncated: str
    integrity: str
    tls_trust: str
    lenient: bool
    ip: str

    @property
    def media_type(self) -> str:
        """The bare type in lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    def original(self) -> Original:
        """For a 304: the answer that is still good."""
        return Original(
            self.url, self.fetched_at, self.sha256, self.segment, self.offset, self.length
        )


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How a row of the sources stands.

    ``code`` and ``reason`` are those of the last attempt, ``queued`` when there was none yet;
    ``is_done`` is true when no more attempt is planned. ``parsed`` is what was told to
    ``mark_parsed``. ``next_at``: when it may be asked for next, or its host (seconds since 1970),
    0 if at any time.
    """

    row: int
    given: str
    url: str
    kind: str
    organ: str | None
    division_code: str | None
    year: int | None
    duplicate_of: int | None
    code: str
    reason: str
    detail: str
    is_done: bool
    attempts: int
    final_url: str
    status: int
    sha256: str
    parsed: str
    parse_detail: str
    next_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a harvest. ``outcomes``: (code, reason) of every address that is done."""

    sources: int = 0
    known: int = 0
    queued: int = 0
    done: int = 0
    retrying: int = 0
    hosts: int = 0
    open_hosts: int = 0
    captures: int = 0
    lost: int = 0
    bytes_received: int = 0
    bytes_archived: int = 0
    segments: int = 0
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    parsed: Mapping[str, int] = field(default_factory=dict)
