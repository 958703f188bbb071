"""Reading the archive with nothing taken on trust: every byte of a record is accounted for.

WARC readers commonly take a torn or damaged record for a whole one (RELIABILITY.md, 1.5), so the
members are unpacked and checked here: fixed gzip head, checksum and size, WARC lengths, digests.
"""

from __future__ import annotations

import datetime
import hashlib
import mmap
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk
from govreport_parse.fetch.archive.records import GZIP_HEAD
from govreport_parse.fetch.archive.write import segment_names, segment_path

LARGEST = 512 << 20
"""Bytes of one unpacked record; a damaged member may claim anything."""
_TRAILER = 8
_STEP = 1 << 16
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_HTTP = frozenset(("response", "revisit", "request"))
ANSWERS = frozenset(("response", "resource"))
"""Kinds of records that hold what a server sent."""


class DamagedRecord(Exception):
    """Inside this package: bytes that are no whole record, and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``head``: the HTTP head, if it has one; ``payload``: what follows it.

    Names of ``headers`` are in lower case. ``offset`` and ``length`` are of the gzip member.
    """

    segment: str
    offset: int
    length: int
    kind: str
    headers: dict[str, str]
    head: bytes
    payload: bytes

    @property
    def url(self) -> str:
        """The address asked for; empty for a warcinfo record."""
        return self.headers.get("warc-target-uri", "")

    @property
    def date(self) -> datetime.datetime:
        """When it was asked."""
        return datetime.datetime.fromisoformat(self.headers["warc-date"])

    def fields(self) -> dict[str, list[str]]:
        """The fields of a metadata or warcinfo record, each with its values."""
        found: dict[str, list[str]] = {}
        for line in self.payload.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(": ")
            if colon:
                found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment that are no whole record."""

    segment: str
    offset: int
    reason: str


def read_payload(
    folder: str | os.PathLike[str], segment: str, offset: int, length: int, sha256: str
) -> bytes:
    """The body as it came (its content coding kept), checked in full.

    ``DatasetError`` (context ``reason`` = ``damaged``) when the record is not what was archived.
    """
    return read_record(folder, segment, offset, length, sha256).payload


def read_record(
    folder: str | os.PathLike[str], segment: str, offset: int, length: int, sha256: str
) -> Record:
    """The record with this payload: head and body. Errors as of ``read_payload``."""
    data = read_bytes(Path(folder), segment, offset, length)
    try:
        record = unpack(data, segment, offset)
    except DamagedRecord as error:
        raise damaged(segment, offset, str(error)) from error
    if record.kind not in ANSWERS:
        record = replace(record, head=b"", payload=b"")  # nothing came, so there is no answer
    if hashlib.sha256(record.payload).hexdigest() != sha256:
        reason = "its payload is not the one that was archived"
        raise damaged(segment, offset, reason, record.url)
    return record


def read_bytes(folder: Path, segment: str, offset: int, length: int) -> bytes:
    """Raw bytes of a segment. ``DatasetError`` when there are fewer."""
    path = segment_path(folder, segment)
    with disk.system_errors(folder, f"read segment {segment} of"):
        fd = disk.open_own(path, os.O_RDONLY)
        try:
            data = os.pread(fd, length, offset)
        finally:
            os.close(fd)
    if len(data) != length:
        raise damaged(segment, offset, f"the file ends {length - len(data):,} bytes too early")
    return data


def damaged(segment: str, offset: int, reason: str, url: str = "") -> DatasetError:
    """The error for a record that can't be trusted."""
    return DatasetError(
        f"the archived record in {segment} at {offset:,} is damaged: {reason}",
        hint="run `govreport verify` for the whole list; the addresses can be fetched again",
        context={"segment": segment, "offset": offset, "url": url, "reason": "damaged"},
    )


def iter_records(
    folder: str | os.PathLike[str], segments: list[str] | None = None
) -> Iterator[Record]:
    """All records in the order they were written. ``DatasetError`` at the first damage."""
    root = Path(folder)
    for name in segment_names(root) if segments is None else segments:
        for found in scan_segment(root, name):
            if isinstance(found, Damage):
                raise damaged(found.segment, found.offset, found.reason)
            yield found


def scan_segment(folder: Path, name: str) -> Iterator[Record | Damage]:
    """The records of one segment; behind a damage it goes on at the next whole record."""
    with disk.system_errors(folder, f"read segment {name} of"):
        fd = disk.open_own(segment_path(folder, name), os.O_RDONLY)
        try:
            size = os.fstat(fd).st_size
            if size == 0:
                return
            with mmap.mmap(fd, size, access=mmap.ACCESS_READ) as whole:
                yield from _scan(whole, size, name)
        finally:
            os.close(fd)


def _scan(whole: mmap.mmap, size: int, name: str) -> Iterator[Record | Damage]:
    at = 0
    is_lost = False
    while at < size:
        try:
            text, length = _inflate(whole, at)
            record = _parsed(text, name, at, length)
        except DamagedRecord as error:
            if not is_lost:
                yield Damage(name, at, str(error))
            is_lost = True
            at = whole.find(GZIP_HEAD, at + 1)
            if at < 0:
                return
            continue
        is_lost = False
        yield record
        at += length


def _inflate(whole: mmap.mmap, at: int) -> tuple[bytes, int]:
    """The unpacked bytes of the member at ``at``, and its length."""
    if whole[at : at + len(GZIP_HEAD)] != GZIP_HEAD:
        raise DamagedRecord("the gzip head is not that of this archive")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    position, total = at + len(GZIP_HEAD), 0
    try:
        while not unpacker.eof:
            chunk = unpacker.unconsumed_tail or whole[position : position + _STEP]
            if not chunk:
                raise DamagedRecord("the record is cut")
            if not unpacker.unconsumed_tail:
                position += len(chunk)
            parts.append(unpacker.decompress(chunk, 16 * _STEP))
            total += len(parts[-1])
            if total > LARGEST:
                raise DamagedRecord("it unpacks to more than any record")
    except zlib.error as error:
        raise DamagedRecord("its compressed bytes are damaged") from error
    position -= len(unpacker.unused_data)
    text = b"".join(parts)
    _check_trailer(text, whole[position : position + _TRAILER])
    return text, position + _TRAILER - at


def _check_trailer(text: bytes, trailer: bytes) -> None:
    if len(trailer) != _TRAILER:
        raise DamagedRecord("the record is cut")
    if int.from_bytes(trailer[:4], "little") != zlib.crc32(text):
        raise DamagedRecord("its checksum does not agree")
    if int.from_bytes(trailer[4:], "little") != len(text) & 0xFFFFFFFF:
        raise DamagedRecord("its size does not agree with its gzip trailer")


def unpack(data: bytes, segment: str, offset: int) -> Record:
    """The one record that ``data`` consists of. ``DamagedRecord`` if it is anything else."""
    records = list(unpack_all(data, segment, offset))
    if len(records) != 1:
        raise DamagedRecord("there is more than one record")
    return records[0]


def unpack_all(data: bytes, segment: str, offset: int) -> Iterator[Record]:
    """The records that ``data`` consists of, one behind the other."""
    at = 0
    while at < len(data):
        if data[at : at + len(GZIP_HEAD)] != GZIP_HEAD:
            raise DamagedRecord("the gzip head is not that of this archive")
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            text = unpacker.decompress(memoryview(data)[at + len(GZIP_HEAD) :], LARGEST)
        except zlib.error as error:
            raise DamagedRecord("its compressed bytes are damaged") from error
        if not unpacker.eof:
            raise DamagedRecord("the record is cut")
        end = len(data) - len(unpacker.unused_data)
        _check_trailer(text, data[end : end + _TRAILER])
        length = end + _TRAILER - at
        yield _parsed(text, segment, offset + at, length)
        at += length


def _parsed(text: bytes, segment: str, offset: int, length: int) -> Record:
    end = text.find(b"\r\n\r\n")
    if not text.startswith(b"WARC/1.1\r\n") or end < 0:
        raise DamagedRecord("it does not start as a WARC record")
    headers: dict[str, str] = {}
    for line in text[10:end].decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    block = text[end + 4 : -4]
    stated = headers.get("content-length", "")
    if not stated.isdigit() or int(stated) != len(block) or text[-4:] != b"\r\n\r\n":
        raise DamagedRecord("its length is not the one it states")
    if headers.get("warc-block-digest") != f"sha256:{hashlib.sha256(block).hexdigest()}":
        raise DamagedRecord("its block digest does not agree")
    kind = headers.get("warc-type", "")
    head = b""
    if kind in _HTTP:
        blank = _END_OF_HEAD.search(block)
        if blank is None:
            raise DamagedRecord("its HTTP head has no end")
        head, block = block[: blank.end()], block[blank.end() :]
    return Record(segment, offset, length, kind, headers, head, block)
