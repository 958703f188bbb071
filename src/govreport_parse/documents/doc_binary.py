"""The binary side of Word 97-2003 files: streams, pieces of text, properties of paragraphs.

In go the bytes, out come ``ole_streams`` (the OLE streams that hold the text), the text with one
character a position, and ``Runs`` (what is known of the paragraph that ends at a position). The
structures are those of [MS-DOC]; olefile, of the extra ``[office]``, is imported here only.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError

MAX_BYTES = 50 * 2**20
MAX_CHARACTERS = 5_000_000
BROKEN = "open the file in Word, WPS or LibreOffice and save it as DOCX"

_SUMMARY = "\x05SummaryInformation"
_IN_TABLE, _ROW_END, _DEPTH, _OUTLINE, _LIST = 0x2416, 0x2417, 0x6649, 0x2640, 0x460B
_TABLE_SHAPE, _CELL_MERGE, _HUGE, _HUGE_97 = 0xD608, 0xD62B, 0x6646, 0x6645
_DELETED, _HIDDEN, _STRIKE, _DOUBLE_STRIKE, _RAISED = 0x0800, 0x083C, 0x0837, 0x2A53, 0x2A48
_ON = b"\x01"
_OPERAND = (1, 1, 2, 4, 2, 2, -1, 3)


# --- the container -------------------------------------------------------------------------


def ole_streams(data: bytes) -> dict[str, Any]:
    """The streams of the OLE container that hold the text, and its title and date."""
    if len(data) > MAX_BYTES:
        raise LimitExceededError(
            "the Word document is too large", hint="a report is below 10 MB",
            context={"bytes": len(data), "limit": MAX_BYTES},
        )  # fmt: skip
    if not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnsupportedFormatError(
            "this is no Word 97-2003 document: it is not an OLE file",
            hint="look at what the file really is (HTML, RTF and DOCX are often named .doc)",
        )
    try:
        import olefile
    except ImportError as error:
        raise UnsupportedFormatError(
            "reading .doc needs olefile, which is not installed",
            hint='pip install "govreport_parse[office]"',
        ) from error
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            names = {"/".join(path): path for path in ole.listdir()}
            _refuse_others(names)
            out: dict[str, Any] = {
                name: ole.openstream(names[name]).read()
                for name in ("WordDocument", "0Table", "1Table", "Data", _SUMMARY)
                if name in names
            }
            out["meta"] = summary(out.get(_SUMMARY, b""))
            return out
    except (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError) as error:
        if isinstance(error, UnsupportedFormatError):
            raise
        raise DecodeError("the OLE file is damaged", hint=BROKEN) from error


def _refuse_others(names: dict[str, Any]) -> None:
    if "EncryptedPackage" in names:
        raise UnsupportedFormatError(
            "the document is encrypted", hint="remove the password and save the file again"
        )
    if "Workbook" in names or "Book" in names:
        raise UnsupportedFormatError(
            "this OLE file is a workbook, not a text", hint="give the file to read_sheet"
        )
    if "WordDocument" not in names:
        raise UnsupportedFormatError(
            "this OLE file holds no Word document", hint=BROKEN, context={"streams": len(names)}
        )


def summary(stream: bytes) -> dict[str, str]:
    """Title and date of creation from ``\\x05SummaryInformation``; damage gives fewer of them.

    Read here because olefile's own reader follows counts of up to 2^32 in a damaged stream.
    """
    values: dict[int, tuple[int, bytes]] = {}
    if len(stream) >= 56:
        start = u32(stream, 44)
        count = min(u32(stream, start + 4), 64) if start + 8 <= len(stream) else 0
        for i in range(count):
            if start + 16 + 8 * i > len(stream):
                break
            number, offset = struct.unpack_from("<2I", stream, start + 8 + 8 * i)
            at = start + offset
            if at + 12 <= len(stream):
                values[number] = (u32(stream, at), stream[at + 4 : at + 4 + 1024])
    out: dict[str, str] = {}
    kind, raw = values.get(2, (0, b""))
    if kind == 30:
        page = values.get(1, (0, b"\0\0"))[1]
        text = raw[4 : 4 + u32(raw, 0)].split(b"\0")[0]
        encodings = ("utf-8", "gb18030") if u16(page, 0) == 65001 else ("gb18030", "cp1252")
        title = next((t for e in encodings if (t := strict(text, e)) is not None), "").strip()
        if title:
            out["title"] = title
    kind, raw = values.get(12, (0, b""))
    if kind == 64 and len(raw) >= 8:
        # Tenths of microseconds since 1601; zero and absurd dates are left out.
        seconds = struct.unpack_from("<Q", raw)[0] // 10_000_000
        if 12_000_000_000 < seconds < 16_000_000_000:
            created = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
            out["created"] = created.isoformat().replace("+00:00", "Z")
    return out


def strict(raw: bytes, encoding: str) -> str | None:
    """The text, or ``None`` when the bytes are not of that encoding."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


# --- Word 97 and later ---------------------------------------------------------------------


def u16(data: bytes, at: int) -> int:
    """Unsigned little-endian 16 bits; raises ``struct.error`` outside the data."""
    return int(struct.unpack_from("<H", data, at)[0])


def u32(data: bytes, at: int) -> int:
    """Unsigned little-endian 32 bits; raises ``struct.error`` outside the data."""
    return int(struct.unpack_from("<I", data, at)[0])


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` to ``end`` lie at ``offset`` of the stream, ``width`` bytes each."""

    start: int
    end: int
    offset: int
    width: int


@dataclass(slots=True)
class Properties:
    """What we want of one paragraph's properties."""

    style: int = 0
    in_table: bool = False
    row_end: bool = False
    depth: int = 0
    outline: int | None = None
    in_list: bool = False
    edges: tuple[int, ...] = ()
    """Left borders of the row's cells and the right one of the last, in twips."""
    across: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)


PLAIN = Properties()


def pieces_of(clx: bytes) -> list[Piece]:
    """The piece table: where the characters lie, in order of their positions."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + u16(clx, at + 1)
    if at >= len(clx) or clx[at] != 2:
        raise DecodeError("the Word document has no piece table", hint=BROKEN)
    count = (u32(clx, at + 1) - 4) // 12
    at += 5
    out = []
    for i in range(count):
        start, end = struct.unpack_from("<2I", clx, at + 4 * i)
        where = u32(clx, at + 4 * (count + 1) + 8 * i + 2)
        packed = bool(where & 0x40000000)
        where &= 0x3FFFFFFF
        if end < start or end > MAX_CHARACTERS:
            raise LimitExceededError(
                "the piece table of the Word document is out of bounds", hint=BROKEN,
                context={"characters": end, "limit": MAX_CHARACTERS},
            )  # fmt: skip
        out.append(Piece(start, end, where // 2 if packed else where, 1 if packed else 2))
    return out


def text_of(word: bytes, pieces: list[Piece]) -> str:
    """All characters, one for each position. Positions and characters stay aligned."""
    out = []
    at = 0
    for piece in pieces:
        length = piece.end - piece.start
        raw = word[piece.offset : piece.offset + length * piece.width]
        if piece.start != at or len(raw) != length * piece.width:
            raise DecodeError("the text of the Word document is cut", hint=BROKEN)
        at = piece.end
        out.append(_single_bytes(raw) if piece.width == 1 else _double_bytes(raw))
    return "".join(out)


def _double_bytes(raw: bytes) -> str:
    text = raw.decode("utf-16-le", "replace")
    count = len(raw) // 2
    if len(text) == count:
        return text
    # A character outside the first plane takes two positions: keep both places.
    return "".join(c if ord(c) < 0x10000 else c + "\0" for c in text)[:count].ljust(count, "\0")


def _single_bytes(raw: bytes) -> str:
    """Windows-1252; four or more high bytes in a row that are GBK are Chinese of a bad writer."""
    if _CHINESE_BYTES.search(raw):
        text = strict(raw, "gbk")
        if text is not None:
            return "".join(c if ord(c) < 0x80 else c + "\0" for c in text)
    return raw.decode("cp1252", "replace")


_CHINESE_BYTES = re.compile(rb"[\xb0-\xf7][\xa1-\xfe][\xb0-\xf7][\xa1-\xfe]")


def blank_out(text: str, ranges: list[tuple[int, int]]) -> str:
    """NUL in place of the characters of some ranges; marks of cells stay."""
    if not ranges:
        return text
    characters = list(text)
    for start, end in ranges:
        for i in range(start, min(end, len(characters))):
            if characters[i] != "\x07":
                characters[i] = "\0"
    return "".join(characters)


def without_field_codes(text: str) -> str:
    """Keeps the results of fields (between 20 and 21), drops what is between 19 and 20."""
    if "\x13" not in text:
        return text
    drop: list[tuple[int, int]] = []
    stack: list[list[int]] = []
    for match in re.finditer("[\x13\x14\x15]", text):
        at = match.start()
        if match[0] == "\x13":
            stack.append([at, -1])
        elif match[0] == "\x14" and stack and stack[-1][1] < 0:
            stack[-1][1] = at
        elif match[0] == "\x15" and stack:
            begin, middle = stack.pop()
            drop.append((begin, (at if middle < 0 else middle) + 1))
    return blank_out(text, drop)


# --- properties ----------------------------------------------------------------------------


def _sprms(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The single properties of a list: (code, operand)."""
    at = 0
    while at + 2 < len(data):
        code = u16(data, at)
        at += 2
        length = _OPERAND[code >> 13]
        if length < 0:
            if code == _TABLE_SHAPE:
                length = u16(data, at) - 1 if at + 2 <= len(data) else 0
                at += 2
            else:
                length = data[at]
                at += 1
        yield code, data[at : at + length]
        at += max(length, 0)


def _pages(word: bytes, table: bytes, fib: int) -> Iterator[bytes]:
    """The 512-byte pages of formatted runs that the index at ``fib`` names."""
    where, length = u32(word, fib), u32(word, fib + 4)
    count = max(0, (length - 4) // 8)
    if count > len(word) // 512 + 1:
        raise DecodeError("the index of formats of the Word document is damaged", hint=BROKEN)
    for i in range(count):
        page = u32(table, where + 4 * (count + 1) + 4 * i) & 0x3FFFFF
        data = word[page * 512 : page * 512 + 512]
        if len(data) == 512:
            yield data


@dataclass(slots=True)
class CharacterRanges:
    """Ranges of characters whose format says that they are not what they seem."""

    hidden: list[tuple[int, int]] = field(default_factory=list)
    """Deleted revisions and hidden text."""
    struck: list[tuple[int, int]] = field(default_factory=list)
    raised: list[tuple[int, int]] = field(default_factory=list)
    """Raised or lowered."""


def character_ranges(word: bytes, table: bytes, pieces: list[Piece]) -> CharacterRanges:
    """The ranges of hidden, struck-out and raised characters."""
    out = CharacterRanges()
    for page in _pages(word, table, 0xFA):
        count = page[511]
        for i in range(min(count, 101)):
            start, end = struct.unpack_from("<2I", page, 4 * i)
            at = page[4 * (count + 1) + i] * 2
            if not at:
                continue
            for code, operand in _sprms(page[at + 1 : at + 1 + page[at]]):
                if code in (_DELETED, _HIDDEN) and operand[:1] == _ON:
                    out.hidden += _positions(start, end, pieces)
                elif code in (_STRIKE, _DOUBLE_STRIKE) and operand[:1] == _ON:
                    out.struck += _positions(start, end, pieces)
                elif code == _RAISED and operand[:1] in (b"\x01", b"\x02"):
                    out.raised += _positions(start, end, pieces)
    return out


def _positions(start: int, end: int, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """The character ranges that lie at some bytes of the stream."""
    for piece in pieces:
        length = (piece.end - piece.start) * piece.width
        low, high = max(start, piece.offset), min(end, piece.offset + length)
        if low < high:
            yield (
                piece.start + (low - piece.offset) // piece.width,
                piece.start + (high - piece.offset) // piece.width,
            )


def paragraph_runs(word: bytes, table: bytes, huge: bytes) -> Iterator[tuple[int, int, Properties]]:
    """(first byte, byte after, properties) of each formatted paragraph, in no order."""
    for page in _pages(word, table, 0x102):
        count = page[511]
        for i in range(min(count, 29)):
            start, end = struct.unpack_from("<2I", page, 4 * i)
            at = page[4 * (count + 1) + 13 * i] * 2
            if not at:
                continue
            length = page[at]
            body = page[at + 1 : at + 2 * length] if length else page[at + 2 :]
            if not length:
                body = body[: 2 * page[at + 1]]
            yield start, end, _properties(body, huge)


def _properties(body: bytes, huge: bytes) -> Properties:
    out = Properties(style=u16(body, 0) if len(body) >= 2 else 0)
    for code, operand in _sprms(body[2:]):
        if code in (_HUGE, _HUGE_97) and len(operand) == 4:
            at = u32(operand, 0)
            if at + 2 <= len(huge):
                for inner, value in _sprms(huge[at + 2 : at + 2 + u16(huge, at)]):
                    _set(out, inner, value)
        else:
            _set(out, code, operand)
    return out


def _set(out: Properties, code: int, operand: bytes) -> None:
    if not operand:
        return
    if code == _IN_TABLE:
        out.in_table = operand[0] != 0
    elif code == _ROW_END:
        out.row_end = operand[0] != 0
    elif code == _DEPTH and len(operand) == 4:
        out.depth = u32(operand, 0)
    elif code == _OUTLINE:
        out.outline = operand[0]
    elif code == _LIST:
        out.in_list = any(operand)
    elif code == _TABLE_SHAPE:
        count = operand[0]
        if len(operand) >= 3 + 2 * count:
            out.edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
            cells = [
                u16(operand, at)
                for at in range(3 + 2 * count, len(operand) - 1, 20)
            ][:count]  # fmt: skip
            cells += [0] * (count - len(cells))
            out.across = [c & 3 for c in cells]
            out.down = [c >> 5 & 3 for c in cells]
    elif code == _CELL_MERGE and len(operand) >= 2 and operand[0] < len(out.down):
        out.down[operand[0]] = operand[1] & 3


class Runs:
    """Paragraph properties by place of the paragraph's end mark."""

    def __init__(self, runs: Iterator[tuple[int, int, Properties]], pieces: list[Piece]) -> None:
        self._runs = sorted(runs, key=lambda run: run[0])
        self._starts = [run[0] for run in self._runs]
        self._pieces = pieces
        self._piece_starts = [piece.start for piece in pieces]

    def at(self, position: int) -> Properties:
        """Properties of the paragraph whose end mark is the character at ``position``."""
        piece = self._pieces[bisect_right(self._piece_starts, position) - 1]
        offset = piece.offset + (position - piece.start) * piece.width
        i = bisect_right(self._starts, offset) - 1
        if i >= 0 and offset < self._runs[i][1]:
            return self._runs[i][2]
        return PLAIN
