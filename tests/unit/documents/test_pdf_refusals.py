"""PDFs that can't or must not be read end in one of our errors, cheaply. Recipes: the bombs of the
reliability guide (E1-E3, 4.2), written anew and run with small limits.
"""

from __future__ import annotations

import hashlib
import pickle
import random
import time
import zlib
from typing import Any

import pytest

from govreport_parse.documents import pdf_api, pdf_fast, pdf_plumber
from govreport_parse.documents.model import Paragraph
from govreport_parse.documents.pdf import PdfLimits, read_pdf
from govreport_parse.errors import (
    GovReportError,
    LimitExceededError,
    ScannedDocumentError,
    UnsupportedFormatError,
)

from .pdf_maker import Pdf, assemble

OK = b"BT /F1 12 Tf 72 700 Td (hello) Tj ET"
ENGINES: tuple[Any, ...] = ("fast", "pdfplumber")


def base(
    content: bytes = OK,
    *,
    head: bytes = b"/Filter /FlateDecode",
    resources: bytes = b"/Font << /F1 5 0 R >>",
    box: bytes = b"0 0 595 842",
    extra: tuple[bytes, ...] = (),
    deflate: bool = True,
) -> bytes:
    """One page, one content stream, Helvetica as F1 (object 5); ``extra`` objects from 6 on."""
    body = zlib.compress(content, 9) if deflate else content
    return assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R"
            b" /Resources << %s >> >>" % (box, resources),
            b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(body), body),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *extra,
        ]
    )


def stream(head: bytes, body: bytes) -> bytes:
    packed = zlib.compress(body, 9)
    return b"<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        head,
        len(packed),
        packed,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_the_control_is_read(engine: Any) -> None:
    document = read_pdf(base(), engine=engine)
    assert document.blocks == [Paragraph("hello", page=1)]
    assert (document.format, document.media_type) == ("pdf", "application/pdf")
    assert document.findings == []
    assert not document.has_pictures


BROKEN = {
    "empty": b"",
    "html": b"<html><body>404</body></html>",
    "text": "第二十条第（一）项".encode(),
    "truncated": base()[:400],
    "only a header": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(100),
    "no pages": assemble(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"]
    ),
    "page tree loop": assemble(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]
    ),
    "huge xref": b"%PDF-1.4\nxref\n0 99999999999\ntrailer\n<< /Size 99999999999 /Root 1 0 R >>\n"
    b"startxref\n9\n%%EOF",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_no_sound_pdf_is_unsupported_with_a_hint(name: str, engine: Any) -> None:
    with pytest.raises((UnsupportedFormatError, ScannedDocumentError)) as caught:
        read_pdf(BROKEN[name], engine=engine)
    assert caught.value.hint
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.message) == (type(caught.value), caught.value.message)
    if name != "page tree loop":
        assert isinstance(caught.value, UnsupportedFormatError)


def rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def encrypted(user: bytes, owner: bytes) -> bytes:
    """The control with the standard security handler, revision 2 (RC4, 40 bit)."""

    def padded(word: bytes) -> bytes:
        return (word + PAD)[:32]

    owner_entry = rc4(hashlib.md5(padded(owner)).digest()[:5], padded(user))
    identifier = b"0123456789abcdef"
    permissions = (-4 & 0xFFFFFFFF).to_bytes(4, "little")
    key = hashlib.md5(padded(user) + owner_entry + permissions + identifier).digest()[:5]
    number, generation = 4, 0
    object_key = hashlib.md5(
        key + number.to_bytes(3, "little") + generation.to_bytes(2, "little")
    ).digest()[:10]
    body = rc4(object_key, zlib.compress(OK, 9))
    return assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <%s> /U <%s> >>"
            % (owner_entry.hex().encode(), rc4(key, PAD).hex().encode()),
        ],
        b"/Encrypt 6 0 R /ID [<%s> <%s>]" % (identifier.hex().encode(), identifier.hex().encode()),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_user_password_is_refused_by_name(engine: Any) -> None:
    with pytest.raises(UnsupportedFormatError, match="password"):
        read_pdf(encrypted(b"secret", b"owner"), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_owner_password_alone_does_not_hinder_reading(engine: Any) -> None:
    document = read_pdf(encrypted(b"", b"owner"), engine=engine)
    assert document.blocks == [Paragraph("hello", page=1)]


def laughs() -> bytes:
    """Nine forms, each drawing the next ten times, the last a line."""
    forms = []
    for k in range(9):
        number = 7 + k
        inner = b"/X Do " * 10 if k < 8 else b"0 0 m 1 1 l S"
        forms.append(
            stream(
                b"/Type /XObject /Subtype /Form /BBox [0 0 10 10]"
                b" /Resources << /XObject << /X %d 0 R >> >>" % number,
                inner,
            )
        )
    return base(
        OK + b" /X Do",
        resources=b"/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>",
        extra=tuple(forms),
    )


def laughs_without_own_resources() -> bytes:
    """The same, the names being looked up in the page's resources."""
    names = b" ".join(b"/X%d %d 0 R" % (k, 6 + k) for k in range(9))
    forms = [
        stream(
            b"/Type /XObject /Subtype /Form /BBox [0 0 10 10]",
            b"/X%d Do " % (k + 1) * 10 if k < 8 else b"0 0 m 1 1 l S",
        )
        for k in range(9)
    ]
    return base(
        OK + b" /X0 Do",
        resources=b"/Font << /F1 5 0 R >> /XObject << %s >>" % names,
        extra=tuple(forms),
    )


def cid_font(descendant: bytes, more: bytes = b"") -> bytes:
    return (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H %s /DescendantFonts"
        b" [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe)"
        b" /Ordering (Identity) /Supplement 0 >> %s >>] >>" % (more, descendant)
    )


def grid_lines(count: int, step: float) -> bytes:
    side = step * (count + 1)
    lines = [b"%g 0 m %g %g l S" % (step * k, step * k, side) for k in range(count)]
    lines += [b"0 %g m %g %g l S" % (step * k, side, step * k) for k in range(count)]
    return b"\n".join([OK, *lines])


SMALL = PdfLimits(
    max_bytes=5 * 2**20,
    max_pages=50,
    max_objects=5_000,
    max_characters=20_000,
    max_stream_bytes=2**21,
    max_grid_places=10_000,
)

BOMBS: dict[str, Any] = {
    "blanks": lambda: base(b" " * 2**23),
    "deflated three times": lambda: base(
        zlib.compress(zlib.compress(b" " * 2**27, 9), 9),
        head=b"/Filter [/FlateDecode /FlateDecode /FlateDecode]",
    ),
    "operators": lambda: base(b"q Q " * 2**20),
    "strings": lambda: base(OK + b" BT /F1 1 Tf " + b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 20_000 + b"ET"),
    "one long string": lambda: base(b"BT /F1 1 Tf (" + b"a" * 500_000 + b") Tj ET"),
    "boxes": lambda: base(OK + b" 3 3 3 3 re S" * 50_000),
    "forms": laughs,
    "forms by the page's names": laughs_without_own_resources,
    "a wide grid": lambda: base(grid_lines(300, 4), box=b"0 0 1300 1300"),
    "too many bytes": lambda: base() + b" " * 2**23,
    "same page 100,000 times": lambda: assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 100000 /Kids [%s] >>" % (b"3 0 R " * 100_000),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        ]
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_ends_at_its_limit(name: str, engine: Any) -> None:
    data = BOMBS[name]()
    start = time.process_time()
    with pytest.raises(LimitExceededError) as caught:
        read_pdf(data, engine=engine, limits=SMALL)
    assert time.process_time() - start < 30
    assert caught.value.hint
    assert caught.value.context["found"] > caught.value.context["limit"]


def with_map(ranges: bytes) -> bytes:
    """A font with this character map."""
    return base(
        b"BT /F1 12 Tf 72 700 Td (hello) Tj /F2 9 Tf <0041> Tj ET",
        resources=b"/Font << /F1 5 0 R /F2 6 0 R >>",
        extra=(
            cid_font(b"/DW 500", b"/ToUnicode 7 0 R"),
            stream(b"", b"/CIDInit /ProcSet findresource begin begincmap %s endcmap end" % ranges),
        ),
    )


PDFMINER_BOMBS = {
    "predictor": base(
        b"BT /F1 12 Tf 72 700 Td (hello) Tj ET",
        resources=b"/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>",
        extra=(stream(b"/DecodeParms << /Predictor 12 /Columns 1 >>", bytes(9 << 20)),),
    ),
    "widths": base(
        b"BT /F1 12 Tf 72 700 Td (hello) Tj /F2 9 Tf <0041> Tj ET",
        resources=b"/Font << /F1 5 0 R /F2 6 0 R >>",
        extra=(cid_font(b"/W [0 300000000 500]"),),
    ),
    "character map": with_map(
        b"1 begincodespacerange <00000000> <ffffffff> endcodespacerange 1 beginbfrange"
        b" <00000000> <0fffffff> <0000> endbfrange"
    ),
    "a range behind one of an odd length": with_map(
        b"2 beginbfrange <00> <00> <41> <00000000> <0fffffff> <0000> endbfrange"
    ),
}


@pytest.mark.parametrize("name", sorted(PDFMINER_BOMBS))
def test_what_only_pdfminer_chokes_on_stops_only_pdfminer(name: str) -> None:
    with pytest.raises(LimitExceededError):
        read_pdf(PDFMINER_BOMBS[name], engine="pdfplumber")
    assert "hello" in "".join(
        b.text for b in read_pdf(PDFMINER_BOMBS[name]).blocks if isinstance(b, Paragraph)
    )


def test_surrogate_pairs_in_a_character_map_are_no_range() -> None:
    # As TeX writes them: what is large is a character, not the end of a range.
    data = with_map(b"2 beginbfchar <1B> <D835DF14> <001C> <D835DF15> endbfchar")
    (block,) = read_pdf(data, engine="pdfplumber").blocks
    assert isinstance(block, Paragraph)
    assert "hello" in block.text


HARMLESS = {
    "tight lines": base(grid_lines(300, 1.5)),
    "xref loop": base().replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"),
    "deep dictionary": base(
        resources=b"/Font << /F1 5 0 R >> /D " + b"<< /D " * 400 + b"1" + b" >>" * 400
    ),
    "foreign map name": base(
        resources=b"/Font << /F1 5 0 R /F2 6 0 R >>",
        extra=(cid_font(b"/DW 500").replace(b"/Identity-H", b"/..#2F..#2Fetc#2Fpasswd"),),
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_odd_files_are_read_or_refused_in_our_own_words(name: str, engine: Any) -> None:
    start = time.process_time()
    try:
        document = read_pdf(HARMLESS[name], engine=engine)
    except GovReportError as error:
        assert error.hint  # noqa: PT017  (both endings are fine)
    else:
        assert any(isinstance(b, Paragraph) and "hello" in b.text for b in document.blocks)
    assert time.process_time() - start < 30


def picture_page(pdf: Pdf, share: float = 1.0) -> None:
    sheet = pdf.sheet()
    sheet.xobjects["Im"] = pdf.picture()
    sheet.raw(f"q 595 0 0 {842 * share} 0 0 cm /Im Do Q")


@pytest.mark.parametrize("engine", ENGINES)
def test_pictures_alone_are_a_scan(engine: Any) -> None:
    pdf = Pdf()
    picture_page(pdf)
    picture_page(pdf)
    pdf.sheets[1].text(290, 820, "- 2 -", 9)
    with pytest.raises(ScannedDocumentError) as caught:
        read_pdf(bytes(pdf), engine=engine)
    assert "scan" in caught.value.hint
    assert caught.value.context == {"pages": 2, "reasons": ["page_is_picture"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_one_page_of_several_may_be_a_picture(engine: Any) -> None:
    pdf = Pdf()
    pdf.sheet().text(70, 100, "一、总体情况，本年度主动公开政府信息", 12)
    picture_page(pdf)
    pdf.sheet().text(70, 100, "五、存在的主要问题以及改进的情况", 12)
    document = read_pdf(bytes(pdf), engine=engine)
    (finding,) = document.findings
    assert (finding.code, finding.severity) == ("page_is_picture", "warning")
    assert finding.locator is not None
    assert finding.locator.page == 2
    assert document.has_pictures
    assert len(document.blocks) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_a_small_picture_is_no_scan(engine: Any) -> None:
    pdf = Pdf()
    picture_page(pdf, share=0.1)
    pdf.sheets[0].text(70, 100, "一、总体情况，本年度主动公开政府信息", 12)
    document = read_pdf(bytes(pdf), engine=engine)
    assert document.findings == []


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_document_is_never_an_empty_report(engine: Any) -> None:
    pdf = Pdf()
    pdf.sheet()
    with pytest.raises(ScannedDocumentError):
        read_pdf(bytes(pdf), engine=engine)


def garbled(sheet: Any) -> None:
    """Text in a font whose glyph numbers nothing maps to characters."""
    for k in range(8):
        codes = "".join(f"{0x1234 + 7 * k + 3 * j:04x}" for j in range(20))
        sheet.raw(f"BT /XX 12 Tf 70 {700 - 20 * k} Td <{codes}> Tj ET")


@pytest.mark.parametrize("engine", ENGINES)
def test_text_without_a_unicode_map_is_no_text(engine: Any) -> None:
    pdf = Pdf()
    garbled(pdf.sheet())
    with pytest.raises(ScannedDocumentError) as caught:
        read_pdf(bytes(pdf), engine=engine)
    assert caught.value.context["reasons"] == ["page_is_garbled"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_garbled_page_gives_no_text_beside_sound_ones(engine: Any) -> None:
    pdf = Pdf()
    pdf.sheet().text(70, 100, "一、总体情况，本年度主动公开政府信息", 12)
    garbled(pdf.sheet())
    document = read_pdf(bytes(pdf), engine=engine)
    assert [f.code for f in document.findings] == ["page_is_garbled"]
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == [
        "一、总体情况，本年度主动公开政府信息"
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_invisible_text_layer_over_a_picture_is_flagged(engine: Any) -> None:
    pdf = Pdf()
    picture_page(pdf)
    pdf.sheets[0].text(70, 100, "一、总体情况，本年度主动公开政府信息", 12, mode=3)
    document = read_pdf(bytes(pdf), engine=engine)
    assert [f.code for f in document.findings] == ["ocr_text_layer"]


@pytest.mark.parametrize("engine", ENGINES)
def test_text_behind_the_picture_of_the_page_is_a_layer_too(engine: Any) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(70, 100, "本年度主动公开政府信息 1234 条", 12)
    sheet.xobjects["Im"] = pdf.picture()
    sheet.raw("q 595 0 0 842 0 0 cm /Im Do Q")
    document = read_pdf(bytes(pdf), engine=engine)
    assert [f.code for f in document.findings] == ["ocr_text_layer"]
    assert "⟦" not in "".join(b.text for b in document.blocks if isinstance(b, Paragraph))


def test_unequal_page_counts_of_the_engines_are_refused() -> None:
    # PDFium counts the entries of /Kids, pdfminer visits each page object once.
    data = assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 3 /Kids [3 0 R 3 0 R 3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(b"", OK),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )
    with pytest.raises(UnsupportedFormatError, match="pages"):
        read_pdf(data, engine="pdfplumber")


@pytest.mark.parametrize("engine", ENGINES)
def test_damaged_files_raise_only_our_own_errors(engine: Any) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for k in range(5):
        sheet.text(70, 100 + 20 * k, "一、总体情况，主动公开政府信息", 12)
        sheet.line(60, 100 + 20 * k, 500, 100 + 20 * k)
        sheet.line(60 + 100 * k, 100, 60 + 100 * k, 180)
    good = bytes(pdf)
    rng = random.Random(20240131)
    for _ in range(60):
        data = bytearray(good)
        for _ in range(rng.randrange(1, 12)):
            at = rng.randrange(8, len(data))
            if rng.random() < 0.5:
                data[at] = rng.randrange(256)
            else:
                del data[at : at + rng.randrange(1, 30)]
        try:
            read_pdf(bytes(data), engine=engine, limits=SMALL)
        except GovReportError as error:
            assert error.message  # noqa: PT017


def test_the_reading_lock_is_free_after_an_error() -> None:
    for _ in range(3):
        with pytest.raises(UnsupportedFormatError):
            read_pdf(base()[:400])
    assert read_pdf(base()).blocks
    assert not pdf_api.LOCK.locked()


def test_engines_are_imported_by_their_own_modules_only() -> None:
    assert hasattr(pdf_fast, "read_pages")
    assert hasattr(pdf_plumber, "read_pages")
