"""The raw head of an answer, found in the bytes as they come."""

from __future__ import annotations

import re
from functools import lru_cache

_BLANK = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+1(?!01)\d\d(?!\d)")
STATUS_LINE = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY)[ \t]+(\d{3})(?!\d)")
_INTERIM_HEADS = 8
"""So many limits of interim heads are dropped; a flood of them would keep everybody waiting."""


class HeadTap:
    """Collects bytes until the blank line of the final head; interim (1xx) heads are dropped.

    Bytes that came behind the head in the same read are kept in ``rest``, at most one read.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.complete = False
        self._data = bytearray()
        self._end = 0
        self._interim = 0

    @property
    def overflow(self) -> bool:
        """More than ``limit`` bytes came without the end of a head, or far more of interim ones."""
        if self._interim > _INTERIM_HEADS * self.limit:
            return True
        return (self._end if self.complete else len(self._data)) > self.limit

    @property
    def head(self) -> bytes:
        """The final head with its blank line; without it while incomplete, cut at the limit."""
        return bytes(self._data[: self._end if self.complete else self.limit])

    @property
    def rest(self) -> bytes:
        """What came behind the head."""
        return bytes(self._data[self._end :]) if self.complete else b""

    def feed(self, data: bytes) -> None:
        """Add bytes of a head that is not yet complete."""
        start = max(len(self._data) - 3, 0)
        self._data += data
        while (found := _BLANK.search(self._data, start)) is not None:
            if not _INTERIM.match(self._data):
                self.complete, self._end = True, found.end()
                return
            self._interim += found.end()
            if self._interim > _INTERIM_HEADS * self.limit:
                self._data.clear()  # none of them is the head of the answer
                return
            del self._data[: found.end()]
            start = 0


def status_of(head: bytes) -> int:
    """The status of a raw head, 0 if its first line is none."""
    found = STATUS_LINE.match(head.lstrip(b"\r\n"))
    return int(found[1]) if found else 0


def count_lines(head: bytes) -> int:
    """Header lines of a raw head, without the status line and the blank line."""
    return max(len(head.rstrip(b"\r\n").split(b"\n")) - 1, 0)


_TRANSFER = (b"transfer-encoding", b"x-archive-orig-transfer-encoding")
BODILESS = {204, 304}
"""Statuses whose answers have no body, whatever their heads say."""


@lru_cache(maxsize=32)
def header_lines(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Names (lower case, without blanks around) and values; folded lines joined, others skipped."""
    found: list[tuple[bytes, bytes]] = []
    for line in head.replace(b"\r\n", b"\n").split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and found and line.strip():
            found[-1] = (found[-1][0], found[-1][1] + b" " + line.strip())
            continue
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            found.append((name.strip().lower(), value.strip()))
    return tuple(found)


def is_chunked(head: bytes) -> bool:
    """True if the last transfer coding is chunked."""
    codings = b",".join(value for name, value in header_lines(head) if name == b"transfer-encoding")
    return codings.lower().rpartition(b",")[2].strip() == b"chunked"


def is_framed(head: bytes) -> bool:
    """True if the head says where the body ends, so that a cut would have been noticed."""
    if status_of(head) in BODILESS or is_chunked(head):
        return True
    return any(name == b"content-length" for name, _ in header_lines(head))


def applied_codings(head: bytes) -> bytes:
    """What was done to the body, in order: content codings, then transfer codings but chunking.

    Also of an archived head, in which a transfer coding has another name (chunking is undone).
    """
    lines = header_lines(head)
    content = [value for name, value in lines if name == b"content-encoding"]
    transfer = [value for name, value in lines if name in _TRANSFER]
    names = [name.strip() for name in b",".join(transfer).split(b",")]
    while names and names[-1].lower() in (b"chunked", b""):
        names.pop()
    return b", ".join([*content, *names])
