"""The font that PDFs without fonts of their own are read with."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from govreport_parse.documents import pdf_fonts
from govreport_parse.documents.model import Table
from govreport_parse.documents.page_picture import pdf_pictures
from govreport_parse.documents.pdf import read_pdf
from govreport_parse.documents.pdf_fast import opened
from govreport_parse.documents.pdf_limits import PdfLimits
from govreport_parse.errors import UnsupportedFormatError

from .pdf_maker import FONTS, Pdf


def with_font(change: tuple[bytes, bytes], *texts: str, encoding: str = "utf-16-be") -> bytes:
    """A page of lines in a CID font that is not embedded and differs in one place."""
    pdf = Pdf()
    assert change[0] in FONTS["CN"]
    pdf.objects[pdf.fonts["CN"] - 1] = FONTS["CN"].replace(*change)
    sheet = pdf.sheet()
    for k, text in enumerate(texts):
        code = text.encode(encoding).hex()
        sheet.raw(f"BT /CN 12 Tf 70 {700 - 30 * k} Td <{code}> Tj ET")
    return bytes(pdf)


def read(data: bytes) -> str:
    """All paragraphs of a document, run together."""
    return "".join(b.text for b in read_pdf(data).blocks if not isinstance(b, Table))


PLAIN = (b"/DW 1000", b"/DW 1000")


@pytest.fixture
def no_installed_fonts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes it when an installed font is asked for."""
    asked: list[str] = []
    monkeypatch.setattr(pdf_fonts._Fonts, "installed", lambda _: asked.append("installed"))
    return asked


def test_the_font_has_a_glyph_of_fitting_extent_for_every_character() -> None:
    font = TTFont(io.BytesIO(pdf_fonts.extent_font()))
    assert font["head"].unitsPerEm == 1000
    assert [(t.platformID, t.platEncID, t.format) for t in font["cmap"].tables] == [
        (3, 1, 13),
        (3, 10, 13),
    ]
    map_ = font["cmap"].tables[1].cmap
    glyphs = font["glyf"]
    for letter, extent in {
        "5": (60, 0, 420, 700),
        "A": (60, 0, 420, 700),
        "一": (50, 0, 950, 700),
        "公": (50, 0, 950, 700),
        "，": (50, 0, 950, 700),
        "\ue000": (50, 0, 950, 700),
        "\U00020000": (50, 0, 950, 700),
        "\u2e80": (50, 0, 950, 700),
    }.items():
        glyph = glyphs[map_[ord(letter)]]
        assert (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) == extent, letter
        assert glyph.numberOfContours == 2
    for blank in " \xa0\u2003\u3000\ufeff":
        assert glyphs[map_[ord(blank)]].numberOfContours == 0


@pytest.mark.parametrize(
    "change",
    [
        PLAIN,
        (b"/FontBBox [-25 -254 1000 880]", b""),
        (b"/Ascent 880 /Descent -120", b""),
        (b"UniGB-UCS2-H", b"UniGB-UTF16-H"),
        (b"/STSong-Light", b"/SimHei,Bold"),
        (b"/CIDFontType0", b"/CIDFontType2"),
    ],
)
def test_lines_of_one_ideograph_are_read_without_installed_fonts(
    change: tuple[bytes, bytes], no_installed_fonts: list[str]
) -> None:
    data = with_font(change, "无", "一", "公开 12", "人")
    assert read(data) == "无一公开 12人"
    assert no_installed_fonts == []


@pytest.mark.parametrize(
    ("name", "order", "encoding", "map_"),
    [
        ("SimSun", "GB1", "gbk", "GBK-EUC-H"),
        ("MSung-Light", "CNS1", "utf-16-be", "UniCNS-UCS2-H"),
        ("HeiseiMin-W3", "Japan1", "utf-16-be", "UniJIS-UCS2-H"),
        ("HYSMyeongJo-Medium", "Korea1", "utf-16-be", "UniKS-UCS2-H"),
    ],
)
def test_all_four_character_sets(
    name: str, order: str, encoding: str, map_: str, no_installed_fonts: list[str]
) -> None:
    font = FONTS["CN"].replace(b"STSong-Light", name.encode()).replace(b"GB1", order.encode())
    data = with_font((FONTS["CN"], font.replace(b"UniGB-UCS2-H", map_.encode())), "年", "月 12",
                     encoding=encoding)  # fmt: skip
    assert read(data) == "年月 12"
    assert no_installed_fonts == []


def test_a_font_without_a_character_set_is_known_by_its_name(
    no_installed_fonts: list[str],
) -> None:
    pdf = Pdf()
    to_unicode = pdf.stream(
        "", b"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange"
        b" 1 beginbfrange <0001> <0003> [<4eba> <6708> <65e5>] endbfrange endcmap",
    )  # fmt: skip
    font = FONTS["XX"].replace(b"/Unknown", b"/WenQuanYiZenHei")
    pdf.objects[pdf.fonts["XX"] - 1] = font.replace(
        b"/Identity-H", b"/Identity-H /ToUnicode %d 0 R" % to_unicode
    )
    sheet = pdf.sheet()
    for k in (1, 2, 3):
        sheet.raw(f"BT /XX 12 Tf 70 {700 - 30 * k} Td <{k:04x}> Tj ET")
    assert read(bytes(pdf)) == "人月日"
    assert no_installed_fonts == []


def test_latin_text_keeps_the_fonts_that_pdfium_brings(no_installed_fonts: list[str]) -> None:
    pdf = Pdf()
    pdf.sheet().pieces(70, 100, "(Report 2023)")
    assert read(bytes(pdf)) == "Report 2023"
    assert no_installed_fonts == []


def test_a_white_digit_in_such_a_font_is_still_told_from_a_black_one(
    no_installed_fonts: list[str],
) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(70, 100, "新收申请12")
    sheet.raw("1 g")
    sheet.text(130, 100, "5")
    # White on a dark ground is seen.
    sheet.bar(60, 180, 200, 210)
    sheet.raw("1 g")
    sheet.text(70, 200, "共78件")
    assert read(bytes(pdf)) == "新收申请12 ⟦5⟧共78件"
    assert [f.code for f in read_pdf(bytes(pdf)).findings] == ["doubtful_text"]
    assert no_installed_fonts == []


def _ink(text: str) -> bytes:
    picture = next(iter(pdf_pictures(with_font(PLAIN, text), {1}, dpi=72)))
    return picture.grey


def test_pages_that_are_drawn_show_the_installed_fonts() -> None:
    before = _ink("一"), _ink("国")
    if before[0] == before[1]:
        pytest.skip("no Chinese font is installed")
    read_pdf(with_font(PLAIN, "一", "国"))
    assert (_ink("一"), _ink("国")) == before


def test_other_users_of_pdfium_in_the_process_see_the_installed_fonts() -> None:
    import pypdfium2

    data = with_font(PLAIN, "国")
    if _ink("国") == _ink("一"):
        pytest.skip("no Chinese font is installed")
    read_pdf(data)
    document = pypdfium2.PdfDocument(data)
    drawn = document[0].render(scale=1, grayscale=True)
    rows = bytes(drawn.buffer)
    width, stride = drawn.width, drawn.stride
    grey = b"".join(rows[y * stride : y * stride + width] for y in range(drawn.height))
    drawn.close()
    document.close()
    assert grey == _ink("国")


def test_a_document_that_cannot_be_read_leaves_the_installed_fonts() -> None:
    fonts = pdf_fonts._fonts()
    assert fonts is not None
    with (
        pytest.raises(UnsupportedFormatError),
        opened(b"%PDF-1.7 nothing", PdfLimits(), to_read=True),
    ):
        pass
    assert not fonts.reading
    with opened(with_font(PLAIN, "无"), PdfLimits(), to_read=True):
        assert fonts.reading
    assert not fonts.reading


def test_fonts_that_the_program_has_set_itself_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2

    handler = getattr(pypdfium2, "PdfSysfontBase", None)
    if handler is None:
        pytest.skip("this pypdfium2 has no handlers of fonts")
    monkeypatch.setattr(handler, "SINGLETON", object())
    made: list[Any] = []
    monkeypatch.setattr(pdf_fonts, "_Fonts", lambda *given: made.append(given))
    pdf_fonts._fonts.cache_clear()
    try:
        with pdf_fonts.fonts_for(reading=True):
            pass
        assert pdf_fonts._fonts() is None
        assert made == []
    finally:
        pdf_fonts._fonts.cache_clear()
        # The one that is set belongs to the process, not to this test.
        monkeypatch.undo()


FORGETTING = """
import gc, sys
from govreport_parse.documents.pdf import read_pdf
data = sys.stdin.buffer.read()
texts = set()
for turn in range(6):
    texts.add(str([getattr(b, "text", "") for b in read_pdf(data).blocks]))
    if turn % 2:
        for name in [n for n in sys.modules if n.startswith("govreport_parse")]:
            del sys.modules[name]
        from govreport_parse.documents.pdf import read_pdf
    else:
        sys.modules["govreport_parse.documents.pdf_fonts"]._fonts.cache_clear()
    gc.collect()
    kept = [bytearray(b"\\xff" * 200) for _ in range(20_000)]  # over what was freed
print(len(texts), kept and "")
"""


def test_pdfium_keeps_what_a_cleared_cache_or_a_module_loaded_again_forgets() -> None:
    """PDFium asks at the address it was given even while it is given another."""
    done = subprocess.run(
        [sys.executable, "-c", FORGETTING],
        input=with_font(PLAIN, "三、收到和处理政府信息公开申请情况"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, [b"1"]), done.stderr.decode()
