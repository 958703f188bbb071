"""PDFs drawn with the habits of Word and of WPS, by ``pdf_maker``.

Word: Type0 fonts with Identity-H and a ToUnicode map, each piece of text under a clip of its own
and inside marked content, kerning by ``TJ``, digits in another font than Chinese, a blank behind
each piece; borders as thin filled boxes cell by cell, the corners apart, some edges twice.
WPS: each character painted alone, white boxes under the text, hairlines (width 0), some twice.
"""

from __future__ import annotations

import random
from itertools import groupby

from .pdf_maker import A4, Pdf, Sheet

_PEN = 0.48


def _glyph(letter: str) -> int:
    """Any glyph numbers will do, as long as they are no character codes."""
    return (ord(letter) * 7 + 13) & 0xFFFF


class _OfficeSheet(Sheet):
    habits: str
    rng: random.Random
    used: set[str]

    def text(self, x: float, y: float, text: str, size: float = 10.0, *, mode: int = 0) -> None:
        for is_ascii, letters in groupby(text, str.isascii):
            part = "".join(letters)
            if self.habits == "wps":
                self._letter_by_letter(x, y, part, size)
            else:
                self._piece(x, y, part, size, "F2" if is_ascii else "F1")
            x += len(part) * size * (0.5 if is_ascii else 1)

    def _piece(self, x: float, y: float, text: str, size: float, font: str) -> None:
        self.used.update(text)
        kerning = ["", "", " -3 ", " 4 "]
        array = "".join(f"<{_glyph(c):04X}>{self.rng.choice(kerning)}" for c in text)
        at = f"1 0 0 1 {x:.3f} {self.height - y:.3f} Tm"
        clip = f"0.000008871 0 {self.width:.2f} {self.height:.2f} re W* n"
        for name, shown in ((font, array), ("HV", "( )")):
            self.raw(
                f"/P <</MCID {len(self.parts)}>> BDC q {clip} BT /{name} {size} Tf {at}"
                f" 0 g 0 G [{shown}] TJ ET Q EMC"
            )

    def _letter_by_letter(self, x: float, y: float, text: str, size: float) -> None:
        for letter in text:
            body = letter.encode("utf-16-be").hex()
            at = f"1 0 0 1 {x:.3f} {self.height - y:.3f} Tm"
            self.raw(f"q BT /CN {size} Tf {at} <{body}> Tj ET Q")
            x += size * (0.5 if letter.isascii() else 1)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> None:
        top, w = self.height - y0, _PEN
        if self.habits == "wps":
            for nudge in (0.0, 0.2)[: self.rng.choice((1, 2))]:
                self.raw(
                    f"0 w 0 G {x0 + nudge:.3f} {top:.3f} m {x1:.3f} {self.height - y1:.3f} l S"
                )
            return
        self.raw(f"0 g {x0:.2f} {top:.2f} {w} {w} re f*")
        if y0 == y1:
            for nudge in (0.0, 0.01):
                self.raw(f"{x0 + w:.2f} {top + nudge:.2f} {x1 - x0 - w:.2f} {w} re f*")
        else:
            self.raw(f"{x0:.2f} {self.height - y1:.2f} {w} {y1 - y0 - w:.2f} re f*")


class OfficePdf(Pdf):
    """``Pdf`` whose sheets write as ``habits`` (``word`` or ``wps``) has it."""

    def __init__(self, habits: str, seed: int) -> None:
        super().__init__()
        self.habits, self.rng, self.used = habits, random.Random(seed), set[str]()
        for name in ("F1", "F2"):
            self.fonts[name] = self.add(b"")

    def sheet(self, width: float = A4[0], height: float = A4[1], rotate: int = 0) -> Sheet:
        sheet = _OfficeSheet(width, height, rotate)
        sheet.habits, sheet.rng, sheet.used = self.habits, self.rng, self.used
        self.sheets.append(sheet)
        return sheet

    def __bytes__(self) -> bytes:
        letters = sorted(self.used)
        pairs = [f"<{_glyph(c):04X}> <{ord(c):04X}>" for c in letters]
        blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]
        table = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        unicode_map = self.stream(
            "",
            b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF>"
            b" endcodespacerange\n%s\nendcmap end" % table.encode(),
        )
        widths = " ".join(f"{_glyph(c)} [{500 if c.isascii() else 1000}]" for c in letters)
        for name, font in (("F1", "SimSun"), ("F2", "TimesNewRomanPSMT")):
            self.objects[self.fonts[name] - 1] = (
                f"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEE+{font} /Encoding /Identity-H"
                f" /ToUnicode {unicode_map} 0 R /DescendantFonts [<< /Type /Font"
                f" /Subtype /CIDFontType2 /BaseFont /ABCDEE+{font} /CIDSystemInfo"
                " << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000"
                f" /W [{widths}] /FontDescriptor << /Type /FontDescriptor"
                f" /FontName /ABCDEE+{font} /Flags 32 /FontBBox [-8 -145 1000 859]"
                " /ItalicAngle 0 /Ascent 859 /Descent -141 /CapHeight 683 /StemV 50 >> >>] >>"
            ).encode()
        return super().__bytes__()
