"""Where a web archive can be cut, so that its pieces read apart are its records, all and no other.

gzip: a cut is the start of a member that holds the start of a record. The three bytes that begin a
member also stand inside compressed data, and a record may hold another archive, stored as it is.
So members must follow on one another from the cut, each with its checksum right, for more bytes
than a stored block of deflate can have (65,535): behind so many there are five bytes of the
enclosing archive, at which the chain would break. Uncompressed: the records are walked from the
start of the file, by their stated lengths. No index is needed, and none is believed.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from govreport_parse.mining.warc_records import GZIP, RECORD, Bytes, record_end, unpack

CHAIN = 65_535
"""Bytes of the longest stored block."""
MOST = 256 << 20
"""Bytes of members that are looked through for one cut."""


def cuts_of(path: Path, size: int) -> list[int]:
    """Offsets at least ``size`` bytes apart, with the first and the last of the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        found = _of_members if raw[:2] == GZIP[:2] else _of_records
        return [0, *found(raw, size), len(raw)]


def _of_members(raw: Bytes, size: int) -> Iterator[int]:
    at = raw.find(GZIP, size)
    while at >= 0:
        is_cut = is_member(raw, at)
        if is_cut:
            yield at
        at = raw.find(GZIP, at + (size if is_cut else 1))


def is_member(raw: Bytes, start: int) -> bool:
    """Whether a member of this file, and of none that lies inside, starts a record at ``start``."""
    at = start
    while at - start <= CHAIN:
        if raw[at : at + len(GZIP)] != GZIP:
            return False
        end = at
        for piece, end in unpack(raw, at):
            is_wrong = at == start and piece.starts and not piece.data.startswith(RECORD)
            if piece.broken or is_wrong or end - start > MOST:
                return False
        at = end
    return True


def _of_records(raw: Bytes, size: int) -> Iterator[int]:
    at = cut = 0
    while True:
        end = record_end(raw, at)
        if end < 0:
            return  # damaged: what follows is read in one piece
        at = end
        while raw[at : at + 1] in (b"\r", b"\n"):
            at += 1
        if at >= len(raw):
            return
        if at - cut >= size and raw[at : at + len(RECORD)] == RECORD:
            yield at
            cut = at
