"""Is the archive what the state says it is? Every byte of every segment is read.

A record is compared with the digest taken when it was written, so that no flipped bit escapes, not
even one that no reader would notice; then it is unpacked to say what is wrong in words.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk
from govreport_parse.fetch.archive.read import ANSWERS, DamagedRecord, read_payload, unpack_all
from govreport_parse.fetch.archive.write import SegmentEnd, segment_names, segment_path


@dataclass(frozen=True, slots=True)
class Span:
    """What the state knows of one exchange in the archive."""

    segment: str
    offset: int
    length: int
    digest: str
    url: str
    payload_segment: str
    payload_offset: int
    payload_length: int
    sha256: str
    is_lost: bool = False
    """Known to be damaged already, and to be fetched again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``url`` is empty where no captured page is lost. ``is_loss`` is false for left-over bytes that
    the next harvest cuts away.
    """

    segment: str
    offset: int
    url: str
    reason: str
    is_loss: bool = True

    def __str__(self) -> str:
        about = f" ({self.url})" if self.url else ""
        return f"{self.segment} at {self.offset:,}{about}: {self.reason}"


def verify_archive(
    folder: str | os.PathLike[str], spans: Iterable[Span], ends: Iterable[SegmentEnd]
) -> list[Problem]:
    """All that is wrong; an empty list says that every archived byte is as it was written.

    ``spans`` (``state.spans()``) in the order of segment and offset; ``ends`` from
    ``state.segments()``.
    """
    root = Path(folder)
    known = {end.name: end for end in ends}
    problems: list[Problem] = []
    looked_at = set()
    for name, group in groupby(spans, key=lambda span: span.segment):
        looked_at.add(name)
        problems += _segment(root, name, known.get(name), group)
    for name in sorted(known.keys() - looked_at):
        problems += _segment(root, name, known[name], ())
    for name in segment_names(root):
        if name not in known:
            problems.append(Problem(name, 0, "", "the state does not know it", is_loss=False))
    return problems


def _segment(
    folder: Path, name: str, end: SegmentEnd | None, spans: Iterable[Span]
) -> Iterator[Problem]:
    try:
        fd = disk.open_own(segment_path(folder, name), os.O_RDONLY)
    except (OSError, DatasetError) as error:
        spans = [span for span in spans if not span.is_lost]
        if end is None and not spans:
            return
        reason = getattr(error, "strerror", None) or str(error)
        yield Problem(name, 0, "", f"the segment can't be read: {reason}")
        yield from (Problem(name, s.offset, s.url, "its segment can't be read") for s in spans)
        return
    try:
        size = os.fstat(fd).st_size
        if size == 0:
            yield Problem(name, 0, "", "the segment is empty")
            yield from (Problem(name, s.offset, s.url, "its segment is empty") for s in spans)
            return
        with mmap.mmap(fd, size, access=mmap.ACCESS_READ) as whole:
            yield from _bytes(folder, name, end, spans, whole, size)
    finally:
        os.close(fd)


def _bytes(
    folder: Path,
    name: str,
    end: SegmentEnd | None,
    spans: Iterable[Span],
    whole: mmap.mmap,
    size: int,
) -> Iterator[Problem]:
    at = 0
    if end is not None:
        at = end.info_length
        if hashlib.sha256(whole[:at]).hexdigest() != end.info_sha256:
            yield Problem(name, 0, "", "the warcinfo record is damaged")
    for span in spans:
        if span.is_lost and span.offset >= size:
            continue
        if span.offset != at:
            yield Problem(name, at, "", "the records do not follow one another")
        reason = (
            ""
            if span.is_lost
            else _span(folder, span, whole[span.offset : span.offset + span.length])
        )
        if reason:
            yield Problem(name, span.offset, span.url, reason)
        at = span.offset + span.length
    stated = end.length if end is not None else at
    if at != stated:
        yield Problem(name, at, "", "the records do not reach the segment's end")
    if size < stated:
        yield Problem(name, size, "", f"the file ends {stated - size:,} bytes too early")
    elif size > stated:
        reason = f"{size - stated:,} bytes behind the last saved page"
        yield Problem(name, stated, "", reason, is_loss=False)


def _span(folder: Path, span: Span, data: bytes) -> str:
    """What is wrong with an exchange; empty if nothing."""
    if len(data) != span.length:
        return "the record is cut"
    same = hashlib.sha256(data).hexdigest() == span.digest
    try:
        records = list(unpack_all(data, span.segment, span.offset))
    except DamagedRecord as error:
        return str(error)
    if not same:
        return "its bytes are not those that were written"
    first = records[0]
    if (span.payload_segment, span.payload_offset) == (span.segment, span.offset):
        payload = first.payload if first.kind in ANSWERS else b""
        if hashlib.sha256(payload).hexdigest() != span.sha256:
            return "its payload is not the one that was archived"
        return ""
    try:
        read_payload(
            folder, span.payload_segment, span.payload_offset, span.payload_length, span.sha256
        )
    except DatasetError as error:
        return f"it repeats a payload that can't be read: {error.message}"
    return ""
