"""``show`` of a PDF: its engines and its pages, end to end on a fixture's document."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pdf_maker import assemble
from PIL import Image

from govreport_parse.cli.main import cli

FIXTURES = Path(__file__).parents[3] / "fixtures" / "ogi_annual_2021"
PDF = FIXTURES / "pdf_2021_table_over_pages" / "source.pdf"
DOCX = FIXTURES / "docx_2021" / "source.docx"


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args])


@pytest.mark.parametrize("engine", ["fast", "pdfplumber"])
def test_blocks_are_shown_as_the_engine_reads_them(engine: str) -> None:
    result = run("show", PDF, "--engine", engine)
    assert result.exit_code == 0
    assert f"engine: {engine}" in result.stdout
    assert "table 1  14 x 4" in result.stdout
    assert "both engines" not in result.stdout


@pytest.mark.parametrize("stage", ["blocks", "text"])
def test_both_engines_are_compared(stage: str) -> None:
    result = run("show", PDF, "--stage", stage, "--engine", "both")
    assert result.exit_code == 0
    assert "both engines read the same" in result.stdout


def test_places_where_the_engines_differ_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "two_faced.pdf"
    path.write_bytes(_two_faced())
    result = run("show", path, "--engine", "both")
    assert result.exit_code == 0
    assert "the engines differ in 1 place\n" in result.stdout
    assert "fast        “共7件申请已经依法办理完毕。”" in result.stdout
    assert "pdfplumber  “共5件申请已经依法办理完毕。”" in result.stdout


def _two_faced() -> bytes:
    """A page whose digit is drawn as 5 and said (ActualText) to be 7. Written by hand."""
    words = [t.encode("utf-16-be").hex() for t in ("共", "5", "件申请已经依法办理完毕。")]
    content = (
        f"BT /F 12 Tf 72 700 Td <{words[0]}> Tj /Span << /ActualText (7) >> BDC <{words[1]}> Tj "
        f"EMC <{words[2]}> Tj ET"
    ).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000"
        b" /W [1 95 500] /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light"
        b" /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120"
        b" /CapHeight 880 /StemV 93 >> >>] >>",
    ]
    return assemble(objects)


def test_what_the_engines_said_follows_the_match() -> None:
    result = run("show", PDF, "--stage", "match", "--engine", "both")
    assert result.exit_code == 0
    assert "info engines_agree: both PDF engines" in result.stderr


def test_pages_are_drawn_and_named(tmp_path: Path) -> None:
    result = run("show", PDF, "--stage", "match", "-o", tmp_path / "page.png")
    assert result.exit_code == 0
    assert result.stdout == ""
    written = sorted(p.name for p in tmp_path.iterdir())
    assert written == ["page-1.png", "page-2.png"]
    assert all(f"{name} written" in result.stderr for name in written)
    with Image.open(tmp_path / "page-1.png") as picture:
        assert picture.width > 900


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((DOCX, "--stage", "match", "-o", "page.png"), "has a place on a page"),
        ((PDF, "--stage", "blocks", "-o", "page.png"), "give --stage match, not blocks"),
        ((DOCX, "--engine", "both"), "--engine is for PDF, and source.docx is none"),
        ((PDF, "--engine", "mupdf"), "'mupdf' is not one of"),
    ],
)
def test_what_cant_be_shown_is_exit_2(args: tuple[object, ...], message: str) -> None:
    result = run("show", *args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("page.png").exists()
