"""What a body is, by its first bytes and its zip directory; names and headers are not believed.

``kind_of`` gives a word for people and for reason codes (``pdf``, ``docx``, ``ofd``, ``html``...).
Nothing is inflated: of a zip only the names in its directory are read.
"""

from __future__ import annotations

import re
import struct

_SNIFFED = 4096
_DIRECTORY_BYTES = 256 * 1024
_END_RECORD = 22
_END_RECORD_REACH = _END_RECORD + 65_535

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"BM", "bmp"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "exe"),
    (b"OggS", "media"),
    (b"ID3", "media"),
    (b"FLV\x01", "media"),
    (b"\x1aE\xdf\xa3", "media"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS: tuple[tuple[bytes, str], ...] = (
    ("WordDocument".encode("utf-16-le"), "doc"),
    ("Workbook".encode("utf-16-le"), "xls"),
    ("PowerPoint Document".encode("utf-16-le"), "ppt"),
    ("EncryptedPackage".encode("utf-16-le"), "encrypted"),
)
_ZIP_MEMBERS: tuple[tuple[bytes, str], ...] = (
    (b"word/document.xml", "docx"),
    (b"xl/workbook.xml", "xlsx"),
    (b"xl/workbook.bin", "xlsb"),
    (b"ppt/presentation.xml", "pptx"),
    (b"OFD.xml", "ofd"),
)
_ODF: tuple[tuple[bytes, str], ...] = (
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument", "odf"),
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|script|table|div|p|span|h[1-6]|br|a)\b",
    re.IGNORECASE,
)
_BLANKS = b"\xef\xbb\xbf\x00 \t\r\n"

_UNREAD = "rar 7z gzip exe media icon font ppt pptx xlsb encrypted odt odf binary"
UNSUPPORTED = frozenset(_UNREAD.split())
"""Kinds that no reader of this library opens."""


def kind_of(body: bytes) -> str:
    """The kind of a body.

    ``empty``, ``html``, ``xml``, ``json``, ``text``, ``binary``, or the name of a file format;
    ``zip`` for a zip that is no known document.
    """
    head = body[:_SNIFFED]
    bare = head.lstrip(_BLANKS)
    if not bare:
        return "empty" if not body.strip(_BLANKS) else "binary"
    if bare.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _kind_of_zip(body)
    if head.startswith(_OLE):
        return _kind_of_ole(body)
    if head[:4] == b"RIFF":
        return "webp" if head[8:12] == b"WEBP" else "media"
    if head[4:8] == b"ftyp":
        return "media"
    for magic, kind in _MAGIC:
        if head.startswith(magic) and not (len(magic) == 2 and _is_text(head)):
            return kind
    return _kind_of_text(head, bare)


def _kind_of_text(head: bytes, bare: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = head.replace(b"\x00", b"")
        return "html" if _HTML.search(plain) else "text"
    if not _is_text(head):
        return "binary"
    if bare.startswith(b"<"):
        if bare[:5].lower() == b"<?xml" and not _HTML.search(bare):
            return "xml"
        return "html" if _HTML.search(bare) else "xml"
    if bare[:1] in b"{[":
        return "json"
    return "html" if _HTML.search(bare) else "text"


def _is_text(head: bytes) -> bool:
    """Hardly any control byte: a text in UTF-8 or GB18030 has none but white space."""
    control = sum(head.count(bytes((c,))) for c in range(32) if c not in (9, 10, 12, 13, 27))
    return control * 20 <= len(head)


def _kind_of_ole(body: bytes) -> str:
    head = body[: 1 << 20]
    directory = head if len(body) == len(head) else head + body[-(1 << 20) :]
    for name, kind in _OLE_STREAMS:
        if name in directory:
            return kind
    return "xls" if "Book".encode("utf-16-le") in directory else "binary"


def _kind_of_zip(body: bytes) -> str:
    for magic, kind in _ODF:
        if magic in body[:256]:
            return kind
    directory = _zip_directory(body)
    for member, kind in _ZIP_MEMBERS:
        if member in directory:
            return kind
    return "zip"


def _zip_directory(body: bytes) -> bytes:
    """The central directory, at most ``_DIRECTORY_BYTES`` of it; empty when it can't be found."""
    end = body.rfind(b"PK\x05\x06", max(0, len(body) - _END_RECORD_REACH))
    if end < 0 or len(body) - end < _END_RECORD:
        return b""
    size, offset = struct.unpack_from("<II", body, end + 12)
    return body[offset : offset + min(size, _DIRECTORY_BYTES)]
