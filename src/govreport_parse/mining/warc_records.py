"""WARC files to raw records, with damage told and stepped over.

WARC readers commonly take a torn record for a whole one (RELIABILITY.md, 1.5), so the framing is
done here: gzip members with their checksums, stated lengths, after damage the next whole record.
In: the bytes of a file (memory map). Out: ``Raw`` records with their offset, and ``Torn`` places.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LARGEST_RECORD = 64 << 20
"""Bytes of one record; larger ones are stepped over."""
_FIRST = 1 << 14
_STEP = 1 << 20
_MOST_HEAD = 1 << 16
GZIP = b"\x1f\x8b\x08"
"""Begins a member."""
RECORD = b"WARC/"
"""Begins a record."""
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*([0-9]{1,15})[ \t]*(?=\r?\n|\Z)")
_FORGET = 32 << 20
"""Bytes of a memory map after which the pages behind are given back."""

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Raw:
    """One record: its head (without the blank line) and its block.

    ``offset``: where its gzip member, or in an uncompressed file the record itself, begins.
    ``inside``: bytes between the start of the member and the record (0 in usual files).
    """

    offset: int
    inside: int
    head: bytes
    block: bytes

    @property
    def place(self) -> str:
        """The offset for people, with the place inside a member that holds several records."""
        return f"{self.offset}+{self.inside}" if self.inside else str(self.offset)

    def headers(self) -> dict[str, str]:
        """Fields by name in lower case; the first of a name counts."""
        out: dict[str, str] = {}
        for line in self.head.decode("utf-8", "replace").splitlines()[1:]:
            name, colon, value = line.partition(":")
            if colon:
                out.setdefault(name.strip().lower(), value.strip())
        return out


@dataclass(frozen=True, slots=True)
class Torn:
    """Bytes that are no whole record. ``is_large``: whole, but over the limit."""

    offset: int
    reason: str
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Unpacked bytes. ``starts``: a gzip member begins here. ``broken``: why it ends here."""

    offset: int
    data: bytes
    starts: bool = False
    broken: str = ""


def records_of_gzip(raw: Bytes, start: int = 0, end: int | None = None) -> Iterator[Raw | Torn]:
    """The records of a file of gzip members, or of those members that begin in a section.

    A section starts, and the next one too, where a member starts a record (``warc_cuts``).
    """
    stop = len(raw) if end is None else end
    return _Splitter(in_members=True).split(_members(raw, start, stop), goes_on=stop < len(raw))


def records_of_plain(raw: Bytes, start: int = 0, end: int | None = None) -> Iterator[Raw | Torn]:
    """The records of an uncompressed file, or of a section that starts and ends with a record."""
    stop = len(raw) if end is None else end

    def pieces() -> Iterator[Piece]:
        for at in range(start, stop, _STEP):
            if (at - start) % _FORGET == 0:
                _forget(raw, at)
            yield Piece(at, raw[at : min(at + _STEP, stop)])

    return _Splitter(in_members=False).split(pieces())


def records_of_stream(chunks: Iterable[bytes]) -> Iterator[Raw | Torn]:
    """The records of unpacked bytes that come in pieces; offsets are in the unpacked bytes."""

    def pieces() -> Iterator[Piece]:
        at = 0
        for chunk in chunks:
            yield Piece(at, chunk)
            at += len(chunk)

    return _Splitter(in_members=False).split(pieces())


# -- gzip members ----------------------------------------------------------------------------------


def _members(raw: Bytes, start: int, stop: int) -> Iterator[Piece]:
    """The members that begin in a section; the last may end behind it where it is damaged."""
    at, is_lost, forgotten = start, False, start
    while at < stop:
        if at - forgotten >= _FORGET:
            _forget(raw, at)
            forgotten = at
        if raw[at : at + 3] != GZIP:
            window = raw[at : at + _STEP]
            padding = len(window) - len(window.lstrip(b"\0"))
            if padding:
                at += padding
                continue
            if not is_lost:
                yield Piece(at, b"", broken="no gzip member starts here")
            is_lost = True
            at = _next_member(raw, at)
            continue
        end = at
        for piece, end in unpack(raw, at):  # noqa: B007
            if piece.broken and not piece.data and is_lost:
                continue  # told already
            yield piece
            is_lost = bool(piece.broken)
        at = _next_member(raw, at) if is_lost else end


def _forget(raw: Bytes, end: int) -> None:
    """Give the pages before ``end`` back; they would count as this process's memory."""
    if isinstance(raw, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        whole = end - end % mmap.PAGESIZE
        if whole:
            raw.madvise(mmap.MADV_DONTNEED, 0, whole)


def _next_member(raw: Bytes, at: int) -> int:
    found = raw.find(GZIP, at + 1)
    return len(raw) if found < 0 else found


def unpack(raw: Bytes, start: int) -> Iterator[tuple[Piece, int]]:
    """The pieces of the member at ``start``, each with the offset behind what was read.

    The last piece is held back until the checksum behind it has been seen.
    """
    engine = zlib.decompressobj(31)
    at, step = start, _FIRST
    held: Piece | None = None
    while not engine.eof:
        feed = engine.unconsumed_tail
        if not feed:
            feed = raw[at : at + step]
            at += len(feed)
            step = _STEP
        broken = "" if feed else "the file ends inside a gzip member"
        try:
            data = engine.decompress(feed, _STEP) if feed else b""
        except zlib.error:
            broken = "its compressed bytes are damaged"
        if broken:
            yield Piece(start, b"", held is None or held.starts, broken), at
            return
        if data:
            if held is not None:
                yield held, at
            held = Piece(start, data, held is None)
    yield held or Piece(start, b"", True), at - len(engine.unused_data)


# -- records ---------------------------------------------------------------------------------------


class _Splitter:
    """Cuts unpacked bytes into records. Holds at most one record and a piece."""

    def __init__(self, *, in_members: bool) -> None:
        self._in_members = in_members
        self._parts: list[bytes] = []
        self._held = 0
        self._need = 0
        self._skip = 0
        self._offset = 0
        self._inside = 0
        self._is_lost = False

    def split(self, pieces: Iterable[Piece], *, goes_on: bool = False) -> Iterator[Raw | Torn]:
        """The records of the pieces, in order. ``goes_on``: a member with a record follows."""
        for piece in pieces:
            if self._in_members and piece.starts:
                yield from self._new_member(piece)
            elif not self._held:
                self._offset = piece.offset if not self._in_members else self._offset
            if piece.data:
                yield from self._feed(piece.data)
            if piece.broken:
                yield Torn(piece.offset, piece.broken)
                self._drop()
                self._is_lost = False
        if goes_on:
            yield from self._new_member(Piece(0, RECORD, True))
        elif self._skip or any(b.strip() for b in self._parts):
            yield Torn(self._offset, "the file ends inside a record")

    def _new_member(self, piece: Piece) -> Iterator[Torn]:
        fresh = piece.data.startswith(RECORD)
        if self._held and (fresh or not self._need):
            if any(b.strip() for b in self._parts):
                yield Torn(self._offset, "its gzip member ends before the record does")
            self._drop()
        if fresh:
            self._skip = 0
            self._is_lost = False
        if not self._held:
            self._offset, self._inside = piece.offset, 0

    def _drop(self) -> None:
        self._parts, self._held, self._need, self._skip = [], 0, 0, 0

    def _feed(self, data: bytes) -> Iterator[Raw | Torn]:
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            self._advance(passed)
            data = data[passed:]
        self._parts.append(data)
        self._held += len(data)
        if self._held < self._need:
            return
        buffer = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        at = 0
        while True:
            found, end = self._next(buffer, at)
            self._advance(end - at)
            if found is None and end == at:
                break
            at = end
            if found is not None:
                yield found
            if at == len(buffer):
                break
        self._parts = [buffer[at:]] if at < len(buffer) else []
        self._held = len(buffer) - at

    def _advance(self, count: int) -> None:
        if self._in_members:
            self._inside += count
        else:
            self._offset += count

    def _next(self, buffer: bytes, at: int) -> tuple[Raw | Torn | None, int]:
        """The next record or damage, and where to go on. ``None``, no progress: more is needed."""
        self._need = 0
        start = at
        while buffer[start : start + 1] in (b"\r", b"\n"):
            start += 1
        if start == len(buffer):
            return None, start
        if not buffer.startswith(RECORD, start):
            return self._resynchronise(buffer, start)
        self._is_lost = False
        end, blank = _end_of_head(buffer, start)
        if end < 0:
            if len(buffer) - start > _MOST_HEAD:
                return self._lost("its head does not end"), start + len(RECORD)
            return None, start
        length = _LENGTH.search(buffer[start:end].lower())
        if length is None:
            return self._lost("it states no length"), end
        size = int(length[1])
        body = end + blank
        offset, inside = self._place(start - at)
        if size > LARGEST_RECORD:
            here = len(buffer) - body
            self._skip = max(0, size - here)
            return Torn(offset, f"it has {size:,} bytes", True), min(len(buffer), body + size)
        if len(buffer) - body < size:
            self._need = body + size - start
            return None, start
        record = Raw(offset, inside, buffer[start:end], buffer[body : body + size])
        behind = body + size
        return record, behind + 4 if buffer.startswith(b"\r\n\r\n", behind) else behind

    def _place(self, ahead: int) -> tuple[int, int]:
        if self._in_members:
            return self._offset, self._inside + ahead
        return self._offset + ahead, 0

    def _lost(self, reason: str) -> Torn:
        self._is_lost = True
        return Torn(self._offset, reason)

    def _resynchronise(self, buffer: bytes, start: int) -> tuple[Raw | Torn | None, int]:
        found = buffer.find(b"\nWARC/1.", start)
        end = found + 1 if found >= 0 else max(start, len(buffer) - 8)
        if not self._is_lost and end > start:
            return self._lost("no record starts where one should"), end
        return None, end


def record_end(raw: Bytes, start: int) -> int:
    """Where the record of an uncompressed file that begins at ``start`` ends; -1: it is damaged."""
    end, blank = _end_of_head(raw, start)
    length = _LENGTH.search(raw[start:end].lower()) if end >= 0 else None
    if length is None or raw[start : start + len(RECORD)] != RECORD:
        return -1
    stop = end + blank + int(length[1])
    return stop if stop <= len(raw) else -1


def _end_of_head(buffer: Bytes, start: int) -> tuple[int, int]:
    end = buffer.find(b"\r\n\r\n", start, start + _MOST_HEAD)
    if end >= 0:
        return end, 4
    return buffer.find(b"\n\n", start, start + _MOST_HEAD), 2
