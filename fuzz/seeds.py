"""Small valid inputs to mutate: of the fixtures and of the generator, compressed parts unpacked."""

from __future__ import annotations

import base64
import io
import random
import re
import zipfile
import zlib
from functools import cache
from pathlib import Path

from govreport_parse.testing import DIALECTS, LAYOUTS, random_record, render_html, render_text

FIXTURES = Path(__file__).parents[1] / "fixtures"
LARGEST = 40_000
"""Bytes; larger fixtures only slow the fuzzer."""


def _fixtures(name: str, *, broken: bool = False) -> list[bytes]:
    paths = (p for p in sorted(FIXTURES.glob(f"*/*/{name}")) if broken or "broken" not in p.parts)
    found = (p.read_bytes() for p in paths)
    return [data for data in found if 0 < len(data) <= LARGEST]


@cache
def html() -> tuple[bytes, ...]:
    """Pages of all layouts, as UTF-8 and as GB18030, and the fixtures' pages."""
    out = []
    for i, name in enumerate(LAYOUTS):
        record = random_record(random.Random(i), size="small")
        page = render_html(record, name).text
        out.append(page.encode("gb18030" if i % 4 == 3 else "utf-8", "xmlcharrefreplace"))
    return (*out, *_fixtures("source.html", broken=True))


@cache
def text() -> tuple[bytes, ...]:
    """Texts in all dialects, and the fixtures' texts."""
    out = []
    for i, name in enumerate(DIALECTS):
        form = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")[i % 3]
        record = random_record(random.Random(i), form, "small", blanks=0.2 * (i % 2))
        body = render_text(record, name).text
        out.append(body.encode("gb18030" if i % 4 == 3 else "utf-8", "replace"))
    return (*out, *_fixtures("source.txt", broken=True))


def _member(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


@cache
def docx() -> tuple[bytes, ...]:
    """``word/document.xml`` of the fixtures."""
    return tuple(_member(data, "word/document.xml") for data in _fixtures("source.docx"))


@cache
def sheet() -> tuple[bytes, ...]:
    """The first worksheet of the fixtures."""
    return tuple(_member(data, "xl/worksheets/sheet1.xml") for data in _fixtures("source.xlsx"))


@cache
def ofd() -> tuple[bytes, ...]:
    """The pages of the OFD fixtures."""
    names = ("Doc_0/Pages/Page_0/Content.xml", "Doc_0/Pages/Page_1/Content.xml")
    return tuple(_member(data, name) for data in _fixtures("source.ofd") for name in names)


def zipped(data: bytes, template: str, member: str) -> bytes:
    """A package of the fixtures with one member exchanged, stored and so quick to make."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, old in _members(template):
            package.writestr(zipfile.ZipInfo(name), data if name == member else old)
    return out.getvalue()


@cache
def _members(template: str) -> tuple[tuple[str, bytes], ...]:
    data = (FIXTURES / template).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return tuple((i.filename, package.read(i)) for i in package.infolist())


# --- PDF -------------------------------------------------------------------------------------

_OBJECT = re.compile(rb"([0-9]{1,6}) 0 obj\b(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"(<<.*?>>)\s*stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)


@cache
def pdf() -> tuple[bytes, ...]:
    """The objects of the fixtures' PDF files, streams unpacked, without cross-reference table."""
    return tuple(_unpacked(data) for data in _fixtures("source.pdf"))


def _unpacked(data: bytes) -> bytes:
    parts = []
    for number, body in _OBJECT.findall(data):
        stream = _STREAM.search(body)
        plain = _plain(stream[1], stream[2]) if stream else None
        if plain is not None:
            kept = b"<< /Length %d >>" % len(plain)
            body = b"\n" + kept + b"\nstream\n" + plain + b"\nendstream\n"  # noqa: PLW2901
        parts.append(b"%s 0 obj%sendobj\n" % (number, body))
    return b"".join(parts)


def _plain(entries: bytes, raw: bytes) -> bytes | None:
    """A stream's bytes, or ``None`` where the dictionary says more than its filters."""
    if b"/Subtype" in entries or b"/Type" in entries:
        return None
    try:
        if b"ASCII85Decode" in entries:
            raw = base64.a85decode(raw.strip().removesuffix(b"~>"))
        return zlib.decompress(raw) if b"FlateDecode" in entries else raw
    except (ValueError, zlib.error):
        return None


_HEAD = re.compile(rb"([0-9]{1,6}) 0 obj\b")


def assembled(objects: bytes) -> bytes:
    """A PDF of mutated objects, with a table that knows where they stand now."""
    body = b"%PDF-1.4\n" + objects
    heads = {int(m[1]): m.start() for m in _HEAD.finditer(body)}
    catalog = body.find(b"/Catalog")
    before = [n for n, at in heads.items() if at < catalog]
    root = max(before, key=heads.__getitem__, default=1)
    size = min(max(heads, default=0) + 1, 100_000)
    rows = [
        b"%010d 00000 n \n" % heads[n] if n in heads else b"0000000000 65535 f \n"
        for n in range(size)
    ]
    start = len(body)
    return b"%sxref\n0 %d\n%strailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        body,
        size,
        b"".join(rows),
        size,
        root,
        start,
    )


@cache
def archives() -> tuple[bytes, ...]:
    """Whole packages: ZIP, DOCX, XLSX and OFD of the fixtures."""
    return tuple(d for kind in ("zip", "docx", "xlsx", "ofd") for d in _fixtures(f"source.{kind}"))
