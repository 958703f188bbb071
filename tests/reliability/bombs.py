"""Small documents that stop or kill parsers, made anew from the recipes of RELIABILITY.md 4.2-4.4.

Each builder gives bytes. ``PDFS`` has 24 files, ``DOCX`` 9, ``ZIPS`` 9, ``html(n)`` 17 kinds
repeated ``n`` times. Nothing here is a real document.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache

MIB = 2**20

# -- deflated gigabytes, without deflating them ----------------------------------------------------


@lru_cache(maxsize=8)
def _block(byte: bytes) -> bytes:
    """16 MiB of one byte as deflate blocks that need nothing from before and end at a byte."""
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    return made.compress(byte * (16 * MIB)) + made.flush(zlib.Z_FULL_FLUSH)


def raw_deflate(byte: bytes, size: int) -> bytes:
    """A raw deflate stream of ``size`` times one byte (a multiple of 16 MiB)."""
    end = zlib.compressobj(9, zlib.DEFLATED, -15)
    return _block(byte) * (size // (16 * MIB)) + end.flush(zlib.Z_FINISH)


def deflate(byte: bytes, size: int) -> bytes:
    """The same as a zlib stream with its checksum."""
    check = 1
    piece = byte * (16 * MIB)
    for _ in range(size // (16 * MIB)):
        check = zlib.adler32(piece, check)
    return b"\x78\xda" + raw_deflate(byte, size) + struct.pack(">I", check)


# -- PDF -------------------------------------------------------------------------------------------

OK = b"BT /F1 12 Tf 72 700 Td (hello) Tj ET"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Numbered objects (the first is the catalog) with a classic cross-reference table."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % at for at in offsets)
    trailer = trailer.replace(b"@", b"%d" % start)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def stream(packed: bytes, head: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(packed), packed)


def page(
    content: bytes = OK,
    *,
    packed: bytes | None = None,
    head: bytes = b"/Filter /FlateDecode",
    fonts: bytes = b"",
    resources: bytes = b"",
    box: bytes = b"0 0 595 842",
    more: Sequence[bytes] = (),
    trailer: bytes = b"",
) -> bytes:
    """One page; ``more`` are the objects from number 6 on."""
    packed = zlib.compress(content, 9) if packed is None else packed
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources"
            b" << /Font << /F1 5 0 R %s >> %s >> >>" % (box, fonts, resources),
            stream(packed, head),
            FONT,
            *more,
        ],
        trailer,
    )


def multiflate() -> bytes:
    packed = zlib.compress(zlib.compress(deflate(b" ", 1024 * MIB), 9), 9)
    return page(packed=packed, head=b"/Filter [/FlateDecode /FlateDecode /FlateDecode]")


def rects(count: int) -> bytes:
    places = (b"%d %d 3 3 re S" % (i % 500, i // 500) for i in range(count))
    return page(OK + b"\n" + b"\n".join(places))


def grid(count: int, step: float, box: bytes) -> bytes:
    end = step * (count + 1)
    lines = [b"%g 0 m %g %g l S 0 %g m %g %g l S" % (p, p, end, p, end, p)
             for p in (step * (k + 1) for k in range(count))]  # fmt: skip
    return page(OK + b"\n" + b"\n".join(lines), box=box)


def grid_tight() -> bytes:
    lines = []
    at = 0.0
    for k in range(300):
        at += 1.5 if k % 2 else 2.5
        lines.append(b"0 %g m 595 %g l S %g 0 m %g 842 l S" % (at, at, at, at))
    return page(OK + b"\n" + b"\n".join(lines))


def pages_100k() -> bytes:
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 100000 /Kids [%s] >>" % (b"3 0 R " * 100_000),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(zlib.compress(OK, 9)),
            FONT,
        ]
    )


def laughs() -> bytes:
    forms = []
    for level in range(9):
        inner = b"0 0 m 9 9 l S" if level == 8 else b"/X Do " * 10
        head = (
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode"
            b" /Resources << /XObject << /X %d 0 R >> >>" % (7 + level)
        )
        forms.append(stream(zlib.compress(inner, 9), head))
    return page(OK + b" /X Do", resources=b"/XObject << /X 6 0 R >>", more=forms)


def pageloop() -> bytes:
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>",
        ]
    )


def cid_font(inner: bytes, outer: bytes = b"", encoding: bytes = b"/Identity-H") -> bytes:
    return (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding %s %s /DescendantFonts [<<"
        b" /Type /Font /Subtype /CIDFontType2 /BaseFont /A %s /CIDSystemInfo <<"
        b" /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
        % (encoding, outer, inner)
    )


def with_cid_font(font: bytes, *more: bytes) -> bytes:
    content = OK + b" BT /F2 12 Tf 72 600 Td <00410042> Tj ET"
    return page(content, fonts=b"/F2 6 0 R", more=(font, *more))


def tounicode() -> bytes:
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
        b" 1 begincodespacerange <00000000> <ffffffff> endcodespacerange"
        b" 1 beginbfrange <00000000> <0fffffff> <0000> endbfrange endcmap end end"
    )
    return with_cid_font(cid_font(b"", b"/ToUnicode 7 0 R"), stream(zlib.compress(cmap, 9)))


STRING = b"(aaaaaaaaaaaaaaaaaaaa) Tj "
XREFHUGE = (
    b"%PDF-1.4\nxref\n0 99999999999\ntrailer\n<< /Size 99999999999 /Root 1 0 R >>\n"
    b"startxref\n9\n%%EOF\n"
)

PDFS: dict[str, Callable[[], bytes]] = {
    "ok": page,
    "spaces": lambda: page(packed=deflate(b" ", 1024 * MIB)),
    "multiflate": multiflate,
    "predictor": lambda: page(
        packed=deflate(b"\0", 64 * MIB),
        head=b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 1 >>",
    ),
    "ops": lambda: page(b"q Q " * (20 * MIB)),
    "text": lambda: page(b"BT /F1 12 Tf 72 700 Td " + STRING * 200_000 + b"ET"),
    "rects_5k": lambda: rects(5_000),
    "rects_50k": lambda: rects(50_000),
    "grid_tight": grid_tight,
    "grid_wide": lambda: grid(300, 4, b"0 0 1200 1200"),
    "pages_100k": pages_100k,
    "laughs": laughs,
    "pageloop": pageloop,
    "prevloop": lambda: page(trailer=b"/Prev @"),
    "xrefhuge": lambda: XREFHUGE,
    "deepdict": lambda: page(resources=b"/A " + b"<</A " * 100_000 + b"1" + b">>" * 100_000),
    "deeparr": lambda: page(b"[" * 500_000 + b"]" * 500_000),
    "hugebox": lambda: page(box=b"0 0 1000000000 1000000000"),
    "widths": lambda: with_cid_font(cid_font(b"/W [0 300000000 500]")),
    "tounicode": tounicode,
    "cmap": lambda: with_cid_font(cid_font(b"", encoding=b"/..#2F..#2F..#2Fetc#2Fpasswd")),
    "trunc": lambda: page()[:400],
    "html": lambda: b"<html>404</html>",
    "empty": lambda: b"",
}  # fmt: skip

# -- DOCX ------------------------------------------------------------------------------------------

_TYPES = (
    b'<?xml version="1.0"?><Types'
    b' xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
    b' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override'
    b' PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    b'.wordprocessingml.document.main+xml"/></Types>'
)
_RELS = (
    b'<?xml version="1.0"?><Relationships'
    b' xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
    b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    b' Target="word/document.xml"/></Relationships>'
)
_W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_text(body: bytes, prolog: bytes = b"") -> bytes:
    head = b'<?xml version="1.0"?>' + prolog + b"<w:document " + _W + b"><w:body>"
    return head + body + b"</w:body></w:document>"


def docx(body: bytes, prolog: bytes = b"") -> bytes:
    return docx_parts({"word/document.xml": docx_text(body, prolog)})


def docx_parts(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name, data in {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, **parts}.items():
            packed.writestr(name, data)
    return out.getvalue()


def run(text: bytes) -> bytes:
    return b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % text


def table(rows: int, cells: int, content: bytes = b"<w:p/>", span: int = 0) -> bytes:
    grid_span = b'<w:tcPr><w:gridSpan w:val="%d"/></w:tcPr>' % span if span else b""
    row = b"<w:tr>" + (b"<w:tc>" + grid_span + content + b"</w:tc>") * cells + b"</w:tr>"
    return b"<w:tbl>" + row * rows + b"</w:tbl>"


def nested(depth: int) -> bytes:
    start, end = b"<w:tbl><w:tr><w:tc>", b"<w:p/></w:tc></w:tr></w:tbl>"
    return start * depth + run(b"x") + end * depth


def entities() -> bytes:
    levels = [b'<!ENTITY e0 "ha">']
    levels += [b'<!ENTITY e%d "%s">' % (k, b"&e%d;" % (k - 1) * 10) for k in range(1, 11)]
    return b"<!DOCTYPE x [" + b"".join(levels) + b"]>"


def bombpart() -> bytes:
    """One run of 400 MiB, deflated by blocks."""
    before, after = docx_text(run(b"@")).split(b"@")
    start, end = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = start.compress(before) + start.flush(zlib.Z_FULL_FLUSH)
    packed += _block(b"a") * 25 + end.compress(after) + end.flush(zlib.Z_FINISH)
    check = zlib.crc32(before)
    for _ in range(25):
        check = zlib.crc32(b"a" * (16 * MIB), check)
    size = len(before) + 400 * MIB + len(after)
    part = entry(b"word/document.xml", packed, size=size, crc=zlib.crc32(after, check))
    return zip_of([plain(b"[Content_Types].xml", _TYPES), plain(b"_rels/.rels", _RELS), part])


XXE = b'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'

DOCX: dict[str, Callable[[], bytes]] = {
    "ok": lambda: docx(run(b"hello")),
    "xxe": lambda: docx(run(b"&secret;"), XXE),
    "laugh": lambda: docx(run(b"&e10;"), entities()),
    "bombpart": bombpart,
    "paras": lambda: docx(b"<w:p/>" * 5_000_000),
    "deep": lambda: docx(nested(80)),
    "deep1000": lambda: docx(nested(1_000)),
    "span": lambda: docx(table(1, 1, run(b"x"), span=1_000_000_000)),
    "cells": lambda: docx(table(2_000, 10, run(b"1"))),
}

# -- ZIP -------------------------------------------------------------------------------------------

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def entry(
    name: bytes, packed: bytes, *, size: int, crc: int = 0, method: int = 8, flags: int = 0
) -> tuple[bytes, bytes]:
    """Local header with data, and the central record without its offset."""
    local = _LOCAL.pack(b"PK\3\4", 20, flags, method, 0, 33, crc, len(packed), size, len(name), 0)
    central = _CENTRAL.pack(
        b"PK\1\2", 20, 20, flags, method, 0, 33, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, 0
    )
    return local + name + packed, central + name


def zip_of(entries: Sequence[tuple[bytes, bytes]], shared: bool = False) -> bytes:
    """An archive; ``shared``: all directory entries point at the first local header."""
    out = bytearray()
    directory = bytearray()
    for local, central in entries:
        at = 0 if shared else len(out)
        if not shared or not out:
            out += local
        directory += central[:42] + struct.pack("<I", at) + central[46:]
    n = min(len(entries), 0xFFFF)
    end = _END.pack(b"PK\5\6", 0, 0, n, n, len(directory), len(out), 0)
    return bytes(out + directory + end)


def plain(name: bytes, data: bytes, **more: int) -> tuple[bytes, bytes]:
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = made.compress(data) + made.flush()
    given = {"size": len(data), "crc": zlib.crc32(data), **more}
    return entry(name, packed, **given)


def zipped(depth: int) -> bytes:
    data = page()
    for level in range(depth):
        data = zip_of([plain(b"inner.zip" if level else b"inner.pdf", data)])
    return data


ZIPS: dict[str, Callable[[], bytes]] = {
    "zeros_4g": lambda: zip_of(
        [entry(b"report.pdf", raw_deflate(b"\0", 4080 * MIB), size=4080 * MIB)]
    ),
    "zeros_4g_declared_small": lambda: zip_of(
        [entry(b"report.pdf", raw_deflate(b"\0", 4080 * MIB), size=1000)]
    ),
    "one_header": lambda: zip_of(
        [entry(b"report.pdf", raw_deflate(b"\0", 16 * MIB), size=16 * MIB)] * 1_500, shared=True
    ),
    "empty_100k": lambda: zip_of(
        [entry(b"%d.txt" % i, b"", size=0, method=0) for i in range(100_000)]
    ),
    "names": lambda: zip_of(
        [
            plain(name, b"text")
            for name in (b"../../up.txt", b"..\\up.txt", b"/etc/top.txt", b"nul\0.txt")
        ]
    ),
    "zip_in_zip": lambda: zipped(10),
    "encrypted": lambda: zip_of([plain(b"report.pdf", page(), flags=1)]),
    "wrong_crc": lambda: zip_of([plain(b"report.pdf", page(), crc=1)]),
    "wrong_size": lambda: zip_of([plain(b"report.pdf", page(), size=7)]),
}

# -- HTML ------------------------------------------------------------------------------------------


def html(n: int) -> dict[str, bytes]:
    """The 17 kinds, each repeated ``n`` times."""

    def many(text: str, before: str = "", after: str = "") -> bytes:
        return (before + text * n + after).encode()

    distinct = "".join(f" a{i}=1" for i in range(n))
    return {
        "div": many("<div>"),
        "div_closed": many("<div>") + many("</div>"),
        "tables": many("<table><tr><td>"),
        "p_font": many("<p><font>"),
        "b_i_a": many("<b><i><a>") + b"<p>x" * n,
        "a_b_p": many("<a><b><p>"),
        "attributes": f"<div{distinct}>x</div>".encode(),
        "equal_attributes": many(" a=1", "<div", ">x</div>"),
        "rows": many("<tr><td>1", "<table>"),
        "fostered": many("x<b>", "<table>"),
        "amp": many("&amp;", "<p>"),
        "comment": many("<!--", "<p>x</p>"),
        "options": many("<option>x", "<select>"),
        "svg": many("<svg><g>"),
        "template": many("<template>"),
        "nul": many("<p>\0"),
        "lists": many("<ul><li>"),
    }
