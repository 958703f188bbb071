"""Builds Word 97 and Word 95 files in memory, field by field from [MS-DOC] and [MS-CFB]."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of 512-byte sectors; every stream is padded to 4,096 bytes or more."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        start = len(sectors)
        pieces = [data[i : i + 512].ljust(512, b"\0") for i in range(0, len(data), 512)]
        sectors.extend(pieces)
        fat.extend([*range(start + 1, start + len(pieces)), 0xFFFFFFFE])
        return start

    entries = []
    for name, data in streams.items():
        padded = data.ljust(4096, b"\0")
        entries.append((name, 2, put(padded), len(padded)))
    directory = b""
    for i, (name, kind, start, size) in enumerate([("Root Entry", 5, 0xFFFFFFFE, 0), *entries]):
        raw = name.encode("utf-16-le") + b"\0\0"
        # The children hang on the root as one chain of right siblings.
        right = i + 1 if 0 < i < len(entries) else 0xFFFFFFFF
        child = 1 if i == 0 and entries else 0xFFFFFFFF
        directory += raw.ljust(64, b"\0") + struct.pack(
            "<HBB3I16sIQQIQ", len(raw), kind, 1, 0xFFFFFFFF, right, child, bytes(16), 0, 0, 0,
            start, size,
        )  # fmt: skip
    directory_start = put(directory)
    fat_sectors = (len(sectors) + 127) // 127 + 1
    fat_start = len(sectors)
    fat.extend([0xFFFFFFFD] * fat_sectors)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512 * fat_sectors, b"\xff")
    header = struct.pack(
        "<8s16s6H10I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
        0, 0, 0, fat_sectors, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header = header[:68] + struct.pack("<2I", 0xFFFFFFFE, 0)
    difat = [fat_start + i for i in range(fat_sectors)]
    header += struct.pack("<109I", *(difat + [0xFFFFFFFF] * (109 - len(difat))))
    return header + b"".join(sectors) + table


IN_TABLE = struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)


def shape(edges: list[int], flags: list[int] | None = None) -> bytes:
    """sprmTDefTable: borders of the cells, and the flags of each (merges)."""
    flags = flags or [0] * (len(edges) - 1)
    body = struct.pack(f"<B{len(edges)}h", len(flags), *edges)
    body += b"".join(struct.pack("<H18s", f, bytes(18)) for f in flags)
    return struct.pack("<HH", 0xD608, len(body) + 1) + body


@dataclass
class Doc:
    """Paragraphs (text with its end mark, properties, style) and how they are stored."""

    encoding: str = "utf-16-le"
    paragraphs: list[tuple[str, bytes, int]] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    """Character ranges of deleted revisions."""
    formats: list[tuple[int, int, int]] = field(default_factory=list)
    """Character ranges with a format of their own: first, end, code of a property that is on."""
    boxes: int = 0
    """How many characters at the end are the text of text boxes."""
    flags: int = 0x1200

    def add(self, text: str, properties: bytes = b"", style: int = 0) -> None:
        self.paragraphs.append((text, properties, style))

    def row(self, cells: list[str], edges: list[int], flags: list[int] | None = None) -> None:
        for text in cells:
            self.add(text + "\x07", IN_TABLE)
        self.add("\x07", ROW_END + shape(edges, flags))

    def streams(self) -> dict[str, bytes]:
        text = "".join(t for t, _, _ in self.paragraphs)
        raw = [t.encode(self.encoding) for t, _, _ in self.paragraphs]
        start = 0x600
        word = bytearray(start) + b"".join(raw)
        width = 2 if self.encoding == "utf-16-le" else 1
        positions = len(b"".join(raw)) // width
        papx = self._paragraph_pages(word, raw, start)
        chpx = self._character_pages(word, start, width)
        table = bytearray()
        where = start if width == 2 else 0x40000000 | start * 2
        pieces = struct.pack("<2IHIH", 0, positions, 0, where, 0)
        fib = {0x1A2: b"\x02" + struct.pack("<I", len(pieces)) + pieces, 0xFA: chpx, 0x102: papx}
        for at, content in fib.items():
            struct.pack_into("<2I", word, at, len(table), len(content))
            table += content
        struct.pack_into("<2H", word, 0, 0xA5EC, 0xC1)
        struct.pack_into("<H", word, 0x0A, self.flags)
        struct.pack_into("<I", word, 0x4C, positions - self.boxes)
        struct.pack_into("<I", word, 0x64, self.boxes)
        assert text
        return {"WordDocument": bytes(word), "1Table": bytes(table)}

    def data(self) -> bytes:
        return ole(self.streams())

    def _paragraph_pages(self, word: bytearray, raw: list[bytes], start: int) -> bytes:
        """One page of formats a paragraph: plain, if wasteful."""
        at = start
        starts, pages = [], []
        for (_, properties, style), piece in zip(self.paragraphs, raw, strict=True):
            body = struct.pack("<H", style) + properties
            body += b"\0" * (len(body) % 2)
            page = bytearray(512)
            struct.pack_into("<2I", page, 0, at, at + len(piece))
            page[8] = 0x20
            page[0x40:0x42] = bytes([0, len(body) // 2])
            page[0x42 : 0x42 + len(body)] = body
            page[511] = 1
            starts.append(at)
            pages.append(_append_page(word, page))
            at += len(piece)
        return struct.pack(f"<{len(starts) + 1}I", *starts, at) + struct.pack(
            f"<{len(pages)}I", *pages
        )

    def _character_pages(self, word: bytearray, start: int, width: int) -> bytes:
        starts, pages = [], []
        ranges = [*((low, high, 0x0800) for low, high in self.deleted), *self.formats]
        for low, high, code in ranges:
            page = bytearray(512)
            struct.pack_into("<2I", page, 0, start + low * width, start + high * width)
            page[8] = 0x20
            page[0x40:0x44] = b"\x03" + struct.pack("<HB", code, 1)
            page[511] = 1
            starts.append(start + low * width)
            pages.append(_append_page(word, page))
        if not starts:
            return b""
        return struct.pack(f"<{len(starts) + 1}I", *starts, len(word)) + struct.pack(
            f"<{len(pages)}I", *pages
        )


def _append_page(word: bytearray, page: bytearray) -> int:
    word += bytes(-len(word) % 512)
    number = len(word) // 512
    word += page
    return number


def word_95(text: bytes, flags: int = 0) -> bytes:
    word = bytearray(0x300)
    struct.pack_into("<2H", word, 0, 0xA5DC, 0x68)
    struct.pack_into("<H", word, 0x0A, flags)
    struct.pack_into("<2I", word, 0x18, 0x300, 0x300 + len(text))
    struct.pack_into("<I", word, 0x34, len(text))
    return ole({"WordDocument": bytes(word) + text})
