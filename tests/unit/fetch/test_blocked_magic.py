"""Kinds of bodies by their content: 30 pairs of what was said and what came."""

from __future__ import annotations

import io
import zipfile

import pytest

from govreport_parse.fetch.magic import UNSUPPORTED, kind_of


def zipped(*names: str, first: str = "", content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


def ole(stream: str) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 1000
    return head + stream.encode("utf-16-le") + b"\x00" * 1000


DOCX = zipped("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("said", "body", "kind"),
    [
        ("text/html", b"%PDF-1.7\n...", "pdf"),
        ("text/html", b"\r\n\r\n%PDF-1.4", "pdf"),
        ("application/pdf", b"<!DOCTYPE html><html>404</html>", "html"),
        ("application/pdf", "\ufeff<html><body>无权访问".encode(), "html"),
        ("application/msword", b"<html xmlns:o='urn'><body>", "html"),
        ("application/msword", ole("WordDocument"), "doc"),
        ("application/vnd.ms-works", ole("WordDocument"), "doc"),
        ("application/msword", DOCX, "docx"),
        ("application/octet-stream", zipped("xl/workbook.xml"), "xlsx"),
        ("application/octet-stream", zipped("xl/workbook.bin"), "xlsb"),
        ("application/octet-stream", zipped("OFD.xml", "Doc_0/Document.xml"), "ofd"),
        ("application/pdf", zipped("OFD.xml"), "ofd"),
        ("application/zip", zipped("报告.doc", "a.pdf"), "zip"),
        ("application/zip", zipped("report.docx", content=DOCX), "zip"),
        ("application/zip", b"PK\x03\x04" + b"\x00" * 50, "zip"),
        (
            "application/zip",
            zipped("content.xml", first="application/vnd.oasis.opendocument.spreadsheet"),
            "ods",
        ),
        (
            "application/zip",
            zipped("content.xml", first="application/vnd.oasis.opendocument.text"),
            "odt",
        ),
        ("application/vnd.ms-excel", ole("Workbook"), "xls"),
        ("application/vnd.ms-excel", ole("Book"), "xls"),
        ("application/vnd.ms-excel", b"<table><tr><td>1</td></tr></table>", "html"),
        ("application/msword", ole("EncryptedPackage"), "encrypted"),
        ("application/msword", ole("PowerPoint Document"), "ppt"),
        ("application/pdf", b"Rar!\x1a\x07\x01\x00", "rar"),
        ("application/zip", b"7z\xbc\xaf\x27\x1c\x00", "7z"),
        ("text/html", b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpeg"),
        ("text/html", b"\x89PNG\r\n\x1a\n\x00", "png"),
        ("image/png", b"GIF89a\x01\x00", "gif"),
        ("image/jpeg", b"II*\x00\x08", "tiff"),
        ("text/html", b"BM\x36\x00\x00\x00\x00\x00\x00\x00", "bmp"),
        ("text/html", b"BM is an abbreviation, and this is plain text.", "text"),
        ("text/plain", b"{\\rtf1\\ansi", "rtf"),
        ("text/html", b'{"code":200,"data":[]}', "json"),
        ("text/html", b"<?xml version='1.0'?><urlset/>", "xml"),
        ("text/html", b"<?xml version='1.0'?>\n<!DOCTYPE html><html>", "html"),
        ("text/html", "石台县教育局 | 2023年".encode("gb18030"), "text"),
        ("text/html", "<p>年报</p>".encode("utf-16"), "html"),
        ("text/html", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        ("video/mp4", b"\x00\x00\x00\x18ftypmp42", "media"),
        ("text/html", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "exe"),
        ("text/html", bytes(range(256)) * 20, "binary"),
        ("text/html", b"\x00" * 5000 + b"x", "binary"),
        ("text/html", b" \r\n\t", "empty"),
        ("text/html", b"", "empty"),
    ],
)
def test_kind(said: str, body: bytes, kind: str) -> None:
    assert kind_of(body) == kind, said


def test_a_zip_of_a_hundred_thousand_entries_takes_no_time() -> None:
    body = zipped(*(f"{n}.txt" for n in range(5000)))
    assert kind_of(body) == "zip"
    assert kind_of(b"PK\x05\x06" + b"\xff" * 18) == "zip"
    assert kind_of(b"PK\x03\x04" + b"PK\x05\x06" * 20_000) == "zip"


def test_unsupported_kinds_are_kinds() -> None:
    assert {"rar", "7z", "ppt", "binary"} <= UNSUPPORTED
    assert not UNSUPPORTED & {
        "pdf",
        "html",
        "docx",
        "doc",
        "xls",
        "xlsx",
        "ods",
        "zip",
        "png",
        "text",
    }
