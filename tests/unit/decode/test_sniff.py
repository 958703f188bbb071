"""Formats by content. Office files are built here from scratch."""

from __future__ import annotations

import gzip
import io
import random
import zipfile

import pytest

from govreport_parse.decode.sniff import Format, sniff

TEXT = "一、总体情况\n2023年，本机关主动公开政府信息30条。\n二、主动公开政府信息情况\n"
PAGE = f"<!DOCTYPE html>\n<html><head><title>年报</title></head><body><p>{TEXT}</p></body></html>"


def archive(*names: str, first: tuple[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        if first:
            z.writestr(*first)
        for name in names:
            z.writestr(name, "<x/>" * 50)
    return out.getvalue()


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


def ole(*streams: str) -> bytes:
    """Header and directory sector of a compound file, entries of 128 bytes."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    entries = [n.encode("utf-16-le").ljust(128, b"\0") for n in ("Root Entry", *streams)]
    return header + b"".join(entries)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\t", "empty"),
        (b"\xff\xfe", "empty"),
        (TEXT.encode(), "text"),
        (TEXT.encode("gbk"), "text"),
        (TEXT.encode("utf-16"), "text"),
        (TEXT.encode("utf-16-le"), "text"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text"),
        ("锟".encode("gbk"), "text"),
        (b"a | b | c |\n0 | 1 | 2 |\n", "text"),
        (b'{"a": [1, 2]}', "text"),
        (PAGE.encode(), "html"),
        (PAGE.encode("gbk"), "html"),
        (PAGE.encode("utf-16"), "html"),
        (PAGE.encode("utf-16-le"), "html"),
        (b"\xef\xbb\xbf\r\n" + PAGE.encode(), "html"),
        (b"<!-- published -->\n<?php ?>\n<!-- x --><div>1</div>", "html"),
        (b"<TABLE border=1><tr><td>1", "html"),
        ("<p>总体情况".encode("gbk"), "html"),
        ("<meta charset=gbk>年报".encode("gbk"), "html"),
        (b"<h2 class='a'>x</h2>", "html"),
        (b"<p>a\x00b</p>" + b"x" * 500, "html"),
        ((TEXT + "<table><tr><td>1</td></tr></table>").encode(), "html"),
        ((TEXT + "<p>一</p><p>二</p><p>三</p>").encode("gbk"), "html"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "pdf"),
        (b"junk\r\n%PDF-1.7\n", "pdf"),
        (b"{\\rtf1\\ansi\\ansicpg936 x}", "rtf"),
        (DOCX, "docx"),
        (XLSX, "xlsx"),
        (archive("OFD.xml", "Doc_0/Document.xml"), "ofd"),
        (archive("a.docx", "年报.pdf"), "zip"),
        (archive("word/document.xml"), "zip"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        # An office file that lost its contents; other documents beside make it an archive.
        (archive("[Content_Types].xml", "_rels/.rels", "docProps/app.xml"), "docx"),
        (archive("[Content_Types].xml", "年报.pdf"), "zip"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "binary"),
        (
            archive(
                "content.xml",
                first=("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ),
            "ods",
        ),
        (
            archive(
                "Thumbnails/thumbnail.png",
                first=("mimetype", "application/vnd.oasis.opendocument.text"),
            ),
            "odt",
        ),
        (ole("WordDocument", "1Table"), "doc"),
        (ole("Workbook"), "xls"),
        (ole("Book"), "xls"),
        (ole("EncryptedPackage"), "binary"),
        (ole("PowerPoint Document"), "binary"),
        (ole(), "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image"),
        (b"GIF89a\1\0\1\0", "image"),
        (b"II*\0\x08\0\0\0", "image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        (b"BM" + (1000).to_bytes(4, "little") + bytes(4) + b"\x36" + bytes(60), "image"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"WARC/1.1\r\nWARC-Type: warcinfo\r\n", "warc"),
        (gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"), "warc"),
        (gzip.compress(PAGE.encode()), "binary"),
        (b"\x1f\x8bgarbage", "binary"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x7fELF\x02\x01\x01", "binary"),
        (
            b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
            b'\ttype="text/html"; boundary="x"\r\n\r\n--x\r\n'
            b"Content-Type: text/html\r\n\r\n<p>1</p>",
            "mht",
        ),
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Row/></Workbook>',
            "binary",
        ),
    ],
    # bytes of archives hold the time at which they were made
    ids=lambda v: v if isinstance(v, str) else "bytes",
)
def test_content_tells_the_kind(data: bytes, kind: str) -> None:
    assert sniff(data).kind == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PAGE.encode(), "html"),
        (TEXT.encode("gbk"), "text"),
        (b"%PDF-1.4\n", "pdf"),
        (DOCX, "docx"),
        (ole("WordDocument"), "doc"),
        (b"\x89PNG\r\n\x1a\n", "image"),
    ],
)
@pytest.mark.parametrize("name", ["a.pdf", "a.xls", "a.docx", "a.html", "a.png", "a.zip", ""])
@pytest.mark.parametrize("content_type", [None, "application/pdf", "text/html", "image/png"])
def test_names_and_headers_do_not_overrule_content(
    data: bytes, kind: str, name: str, content_type: str | None
) -> None:
    assert sniff(data, name, content_type).kind == kind


def test_names_break_ties_between_twins() -> None:
    assert sniff(ole("Workbook"), "年报.ET").kind == "et"
    assert sniff(ole("WordDocument"), "年报.wps").kind == "wps"
    assert sniff(ole("WordDocument", "Workbook")).kind == "doc"
    assert sniff(ole("WordDocument", "Workbook"), "a.xls").kind == "xls"
    fragment = (TEXT + "<p>一段</p>").encode()
    assert sniff(fragment).kind == "text"
    assert sniff(fragment, content_type="text/html; charset=utf-8").kind == "html"
    assert sniff(fragment, "show.shtml").kind == "html"


@pytest.mark.parametrize(
    "stray",
    [
        "根据<中华人民共和国政府信息公开工作年度报告格式>的通知",
        "a < b，b > c，见<附件1>和<表二>",
        "联系邮箱 <gongkai@example.gov.cn>",
        "字段名 <table> 的含义见说明",
    ],
)
def test_plain_text_with_stray_angle_brackets_is_text(stray: str) -> None:
    for encoding in ("utf-8", "gbk"):
        assert sniff((TEXT + stray).encode(encoding), "a.html").kind == "text"
        assert sniff((stray + TEXT).encode(encoding)).kind == "text"


def test_a_zip_cut_short_or_with_a_prefix_is_still_known() -> None:
    assert sniff(DOCX[: DOCX.rfind(b"PK\x01\x02")]).kind == "docx"
    assert sniff(DOCX + b"\0" * 20).kind == "docx"


def test_an_office_file_without_contents_is_what_its_name_says() -> None:
    assert sniff(archive("[Content_Types].xml"), "年报.XLSX").kind == "xlsx"
    assert sniff(archive("[Content_Types].xml"), "年报.docx").kind == "docx"


def test_a_sheet_page_named_xls_is_html() -> None:
    data = b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>1</td></tr>'
    assert sniff(data, "年报.xls", "application/vnd.ms-excel") == Format("html", "text/html")


def test_no_input_raises() -> None:
    rng = random.Random(7)
    seeds = [DOCX, XLSX, ole("Workbook"), PAGE.encode(), b"%PDF-1.4", b"\x1f\x8b\x08\0"]
    for _ in range(3000):
        data = bytearray(rng.choice(seeds)[: rng.randrange(1, 900)])
        for _ in range(rng.randrange(8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        assert sniff(bytes(data), "x.et", "text/html").kind
        assert sniff(rng.randbytes(rng.randrange(64))).kind
