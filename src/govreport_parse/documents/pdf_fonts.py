"""The font that PDFium reads with where a PDF brings none of its own for Chinese, Japanese, Korean.

PDFs whose fonts are not embedded (STSong-Light, SimSun) name a font of the reader's machine. PDFium
takes one that is installed, 15 to 25 MB read anew for each document, and none where there is none:
a line of one single ideograph is then lost, since what has no glyph has no extent. Reading needs
no shapes: widths, heights of lines and Unicode values stand in the PDF. So while a document is read
PDFium is given a font of three glyphs, made here: results are the same on all machines, and no file
is opened. Latin fonts that are not embedded become PDFium's own, as where none are installed.

Where pages are drawn for people or for text recognition the installed fonts are used.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

_EM: Final = 1000
_ASCENT, _DESCENT = 880, -120
_NARROW, _WIDE, _BLANK = 1, 2, 3
"""Glyphs: letters and digits, ideographs, spaces; 0 is that of what is no character."""
_IDEOGRAPHS: Final = 0x2E80
_SPACES: Final = (
    (0, 0x20),
    (0xA0, 0xA0),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (_IDEOGRAPHS - 1, _IDEOGRAPHS - 1),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
"""What has no ink, and the place, which no character has, where wide ones begin."""
_CJK = frozenset((128, 129, 130, 134, 136))
"""Character sets (of Windows) whose fonts PDFium would seek among those installed."""
_CJK_NAME = re.compile(
    rb"[\x80-\xff]|CJK|Sim|Song|Hei|Kai|Fang|Ming|Min-|GB|Gothic|Mincho|Gulim|Batang|DengXian"
    rb"|PingFang|Fallback|WenQuan|HarmonyOS|^ST[A-Z]|^FZ|^HY"
)
"""Families that may have ideographs though the PDF names no character set (Identity-H)."""
_NAME = b"Extent\0"
_DEFAULT_CHARACTERS = 1


@cache
def extent_font() -> bytes:
    """A TrueType font in which every character is a hollow box within the extent it usually has.

    Hollow, and clear of the neighbours, so that drawn digits can be told from their ground
    (``pdf_hidden``); lower than a line, so that a box is not taken for the line's.
    """
    narrow, wide = _frame(60, 0, 420, 700), _frame(50, 0, 950, 700)
    glyphs = [narrow, narrow, wide, b""]
    ends = [sum(map(len, glyphs[:k])) for k in range(len(glyphs) + 1)]
    tables = {
        b"cmap": _character_map(),
        b"glyf": b"".join(glyphs),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _EM, 0, 0,
            0, _DESCENT, _EM, _ASCENT, 0, 8, 2, 1, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh4xhHhH", 0x10000, _ASCENT, _DESCENT, 0, _EM, 0, 0, _EM, 1, 0, 0, 0, 0, 0, 1
        ),
        b"hmtx": struct.pack(">Hh3h", _EM, 60, 60, 50, 0),
        b"loca": struct.pack(f">{len(ends)}I", *ends),
        b"maxp": struct.pack(">IH13H", 0x10000, len(glyphs), 8, 2, 0, 0, 1, *[0] * 8),
    }  # fmt: skip
    start = 12 + 16 * len(tables)
    heads, bodies = [], b""
    for tag, body in sorted(tables.items()):
        heads.append(struct.pack(">4sIII", tag, 0, start + len(bodies), len(body)))
        bodies += body + b"\0" * (-len(body) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 48) + b"".join(heads) + bodies


def _frame(left: int, bottom: int, right: int, top: int, line: int = 70) -> bytes:
    """A box with a box cut out of it."""
    outer = [(left, bottom), (left, top), (right, top), (right, bottom)]
    a, b, c, d = left + line, bottom + line, right - line, top - line
    points = [*outer, (a, b), (c, b), (c, d), (a, d)]
    steps = [(x - p, y - q) for (x, y), (p, q) in zip(points, [(0, 0), *points], strict=False)]
    out = struct.pack(">hhhhhHHH", 2, left, bottom, right, top, 3, 7, 0) + b"\x01" * 8
    out += struct.pack(">8h", *[x for x, _ in steps]) + struct.pack(">8h", *[y for _, y in steps])
    return out


def _character_map() -> bytes:
    """All of Unicode to three glyphs: a table of format 13 (many to one)."""
    groups: list[tuple[int, int, int]] = []
    at = 0
    for first, last in _SPACES:
        if at < first:
            groups.append((at, first - 1, _WIDE if at >= _IDEOGRAPHS else _NARROW))
        groups.append((first, last, _BLANK))
        at = last + 1
    groups.append((at, 0x10FFFF, _WIDE))
    body = b"".join(struct.pack(">III", *group) for group in groups)
    # Named twice: simple fonts ask for the first, CID fonts for the second.
    names = struct.pack(">HHHHIHHI", 0, 2, 3, 1, 20, 3, 10, 20)
    return names + struct.pack(">HHIII", 13, 0, 16 + len(body), 0, len(groups)) + body


class _Fonts:
    """What PDFium asks for fonts: the extent font while reading, else what it asks by default.

    PDFium asks once for a list of the installed fonts; it is made when it is needed.
    """

    def __init__(self, raw: Any, default: Any) -> None:
        self.reading = False
        self._default = default
        self._font = ctypes.create_string_buffer(extent_font())
        self._handle = ctypes.addressof(self._font)
        self._unlisted: int | None = None
        self._info = raw.FPDF_SYSFONTINFO(version=1)
        types = dict(raw.FPDF_SYSFONTINFO._fields_)
        for name, answer in (
            ("EnumFonts", self._list),
            ("MapFont", self._map),
            ("GetFont", self._get),
            ("GetFontData", self._data),
            ("GetFaceName", self._name),
            ("GetFontCharset", self._character_set),
            ("DeleteFont", self._delete),
        ):
            setattr(self._info, name, types[name](answer))
        # PDFium keeps the address to the end of the process and asks there even while it is given
        # another: so this stays, whatever becomes of the cache of ``_fonts`` and of this module.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))
        raw.FPDF_SetSystemFontInfo(self._info)

    def installed(self) -> Any:
        """The default answers, the installed fonts being listed."""
        if self._unlisted:
            mapper, self._unlisted = self._unlisted, None
            self._default.EnumFonts(self._default, mapper)
        return self._default

    def _list(self, _: Any, mapper: int) -> None:
        self._unlisted = mapper
        if not self.reading:
            self.installed()

    def _map(
        self, _: Any, weight: int, italic: int, characters: int, pitch: int, family: Any, exact: Any
    ) -> Any:
        if self.reading:
            has_ideographs = characters in _CJK or _CJK_NAME.search(ctypes.string_at(family))
            return self._handle if has_ideographs else None
        fonts = self.installed()
        return fonts.MapFont(fonts, weight, italic, characters, pitch, family, exact)

    def _get(self, _: Any, name: Any) -> Any:
        if self.reading:
            return None
        fonts = self.installed()
        return fonts.GetFont(fonts, name)

    def _data(self, _: Any, font: int, table: int, buffer: Any, size: int) -> Any:
        if font != self._handle:
            return self._default.GetFontData(self._default, font, table, buffer, size)
        # Of the extent font only the whole is given, which is asked for as table 0.
        return 0 if table else _copied(extent_font(), buffer, size)

    def _name(self, _: Any, font: int, buffer: Any, size: int) -> Any:
        if font != self._handle:
            return self._default.GetFaceName(self._default, font, buffer, size)
        return _copied(_NAME, buffer, size)

    def _character_set(self, _: Any, font: int) -> Any:
        if font != self._handle:
            return self._default.GetFontCharset(self._default, font)
        return _DEFAULT_CHARACTERS

    def _delete(self, _: Any, font: int) -> None:
        if font != self._handle:
            self._default.DeleteFont(self._default, font)


def _copied(content: bytes, buffer: Any, size: int) -> int:
    """The length of ``content``, which is written to ``buffer`` if that is large enough."""
    if buffer and size >= len(content):
        ctypes.memmove(buffer, content, len(content))
    return len(content)


@cache
def _fonts() -> _Fonts | None:
    """Set once in a process; ``None`` where the caller's program has set fonts of its own."""
    import pypdfium2
    from pypdfium2 import raw

    handler = getattr(pypdfium2, "PdfSysfontBase", None)
    if getattr(handler, "SINGLETON", None) is not None:
        return None
    default = raw.FPDF_GetDefaultSystemFontInfo()
    return _Fonts(raw, default.contents) if default else None


@contextmanager
def fonts_for(*, reading: bool) -> Iterator[None]:
    """Give PDFium the extent font (``reading``) or the installed ones for what is opened meanwhile.

    One thread at a time: PDFium's lock is held by the caller.
    """
    fonts = _fonts()
    if fonts is None:
        yield
        return
    if not reading:
        fonts.installed()
    fonts.reading = reading
    try:
        yield
    finally:
        fonts.reading = False
