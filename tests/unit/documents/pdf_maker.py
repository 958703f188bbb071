"""A very small PDF writer for tests: text, lines, boxes, pictures, forms. Standard library only.

Coordinates are points from the upper left corner of the page. Chinese text uses the standard
CID font STSong-Light with the map UniGB-UCS2-H: nothing is embedded, and readers know the map.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

A4 = (595.0, 842.0)

FONTS = {
    "CN": (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000"
        b" /W [1 95 500] /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light"
        b" /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120"
        b" /CapHeight 880 /StemV 93 >> >>] >>"
    ),
    "HV": b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    # Glyph numbers that nothing maps to characters.
    "XX": (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding /Identity-H"
        b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unknown"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000"
        b" /FontDescriptor << /Type /FontDescriptor /FontName /Unknown /Flags 4"
        b" /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700"
        b" /StemV 80 >> >>] >>"
    ),
}


@dataclass
class Sheet:
    """One page under construction."""

    width: float = A4[0]
    height: float = A4[1]
    rotate: int = 0
    box: tuple[float, float, float, float] | None = None
    parts: list[bytes] = field(default_factory=list)
    xobjects: dict[str, int] = field(default_factory=dict)

    def text(self, x: float, y: float, text: str, size: float = 10.0, *, mode: int = 0) -> None:
        """Text with its baseline at ``y``."""
        body = text.encode("utf-16-be").hex().encode()
        self.parts.append(
            b"BT %d Tr /CN %g Tf %g %g Td <%s> Tj ET" % (mode, size, x, self.height - y, body)
        )

    def pieces(self, x: float, y: float, array: str, size: float = 10.0) -> None:
        """A Helvetica ``TJ`` array, as ``(1) -200 (2)``."""
        self.parts.append(
            b"BT /HV %g Tf %g %g Td [%s] TJ ET" % (size, x, self.height - y, array.encode())
        )

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> None:
        """A stroked line."""
        h = self.height
        self.parts.append(b"%g w %g %g m %g %g l S" % (width, x0, h - y0, x1, h - y1))

    def bar(self, x0: float, y0: float, x1: float, y1: float, grey: float = 0.0) -> None:
        """A filled box."""
        h = self.height
        self.parts.append(b"%g g %g %g %g %g re f 0 g" % (grey, x0, h - y1, x1 - x0, y1 - y0))

    def frame(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """A stroked box."""
        self.parts.append(b"0.5 w %g %g %g %g re S" % (x0, self.height - y1, x1 - x0, y1 - y0))

    def raw(self, operators: str | bytes) -> None:
        """Any operators."""
        self.parts.append(operators.encode() if isinstance(operators, str) else operators)


class Pdf:
    """Objects of a file; ``bytes(pdf)`` writes it with a classic cross-reference table."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b"", b""]
        self.sheets: list[Sheet] = []
        self.fonts = {name: self.add(body) for name, body in FONTS.items()}

    def add(self, body: bytes) -> int:
        """A further object; its number."""
        self.objects.append(body)
        return len(self.objects)

    def stream(self, head: str, body: bytes, *, deflate: bool = True) -> int:
        """A stream object; its number."""
        if deflate:
            body = zlib.compress(body, 9)
            head += " /Filter /FlateDecode"
        return self.add(
            b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head.encode(), len(body), body)
        )

    def picture(self) -> int:
        """A grey picture of 2 by 2 points."""
        return self.stream(
            "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray"
            " /BitsPerComponent 8",
            b"\x00\x80\x80\x00",
        )

    def sheet(self, width: float = A4[0], height: float = A4[1], rotate: int = 0) -> Sheet:
        """A new page."""
        self.sheets.append(Sheet(width, height, rotate))
        return self.sheets[-1]

    def __bytes__(self) -> bytes:
        objects = list(self.objects)
        fonts = " ".join(f"/{name} {number} 0 R" for name, number in self.fonts.items())
        kids = []
        for sheet in self.sheets:
            body = zlib.compress(b"\n".join(sheet.parts), 9)
            objects.append(
                b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(body), body)
            )
            named = " ".join(f"/{name} {number} 0 R" for name, number in sheet.xobjects.items())
            box = sheet.box or (0, 0, sheet.width, sheet.height)
            objects.append(
                (
                    f"<< /Type /Page /Parent 2 0 R /MediaBox [{' '.join(f'{v:g}' for v in box)}]"
                    f" /Rotate {sheet.rotate} /Contents {len(objects)} 0 R"
                    f" /Resources << /Font << {fonts} >> /XObject << {named} >> >> >>"
                ).encode()
            )
            kids.append(len(objects))
        objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
        objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (
            len(kids),
            b" ".join(b"%d 0 R" % k for k in kids),
        )
        return assemble(objects)


def assemble(objects: Sequence[bytes], extra: bytes = b"") -> bytes:
    """Numbered objects as a file; object 1 is the catalog. ``extra`` goes into the trailer."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        extra,
        start,
    )
    return bytes(out)


@dataclass
class GridCellSpec:
    """A cell of an official grid: upper left place, spans, text."""

    row: int
    column: int
    rowspan: int
    colspan: int
    text: str


def draw_grid(
    sheet: Sheet,
    cells: Iterable[GridCellSpec],
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    first_row: int = 0,
    rulings: bool = True,
    top: bool = True,
    bottom: bool = True,
    texts: bool = True,
    size: float = 8.0,
) -> None:
    """Draw the rows of a grid that fit into ``ys``, borders cell by cell, texts centred.

    ``top=False`` leaves the upper border of the first row out, as Chromium does after a page
    break; cells that cross the page break are drawn as far as they reach, their text only where
    they begin.
    """
    rows = len(ys) - 1
    for cell in cells:
        r0, r1 = cell.row - first_row, cell.row + cell.rowspan - first_row
        if r1 <= 0 or r0 >= rows:
            continue
        y0, y1 = ys[max(r0, 0)], ys[min(r1, rows)]
        x0, x1 = xs[cell.column], xs[cell.column + cell.colspan]
        if rulings:
            if r0 > 0 or (r0 == 0 and top) or (r0 < 0 and top):
                sheet.line(x0, y0, x1, y0)
            if r1 < rows or bottom:
                sheet.line(x0, y1, x1, y1)
            sheet.line(x0, y0, x0, y1)
            sheet.line(x1, y0, x1, y1)
        if texts and cell.text and r0 >= 0:
            width = sum(size if c > "\u2e7f" else size / 2 for c in cell.text)
            x = x0 + (x1 - x0 - width) / 2 if width < x1 - x0 else x0 + 1
            sheet.text(x, (y0 + y1) / 2 + 0.38 * size, cell.text, size)
