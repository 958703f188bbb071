"""What kind of document the bytes are: by magic and content, never by the name alone.

In: bytes, and a name and HTTP content type as hints. Out: ``Format``. Never raises, reads a
bounded part of the bytes. The hints only settle what the content leaves open: .et or .xls, .wps
or .doc, text with a stray tag or a fragment of a page.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

__all__ = ["Format", "Kind", "sniff"]

Kind = Literal[
    "html",
    "text",
    "pdf",
    "docx",
    "doc",
    "wps",
    "rtf",
    "xlsx",
    "xls",
    "ods",
    "odt",
    "et",
    "zip",
    "image",
    "ofd",
    "rar",
    "7z",
    "warc",
    "empty",
    "binary",
    "mht",
]


@dataclass(frozen=True, slots=True)
class Format:
    """Kind of a document and its media type."""

    kind: Kind
    media_type: str


_OOXML = "application/vnd.openxmlformats-officedocument."
_MAGIC: tuple[tuple[bytes, Kind, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (b"\xff\xd8\xff", "image", "image/jpeg"),
    (b"GIF87a", "image", "image/gif"),
    (b"GIF89a", "image", "image/gif"),
    (b"II*\0", "image", "image/tiff"),
    (b"MM\0*", "image", "image/tiff"),
    (b"Rar!\x1a\x07", "rar", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "application/x-7z-compressed"),
    (b"{\\rtf", "rtf", "application/rtf"),
    (b"WARC/", "warc", "application/warc"),
    (b"BZh", "binary", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "binary", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "binary", "application/zstd"),
    (b"\x7fELF", "binary", "application/octet-stream"),
)
_HEAD = 8192
_BODY = 65536


def sniff(data: bytes, name: str = "", content_type: str | None = None) -> Format:
    """The format of a document. ``name`` and ``content_type`` are hints for ties only.

    An OLE file is ``doc``, ``wps``, ``xls`` or ``et``; other OLE files, encrypted office files and
    anything unknown that is no text are ``binary``.
    """
    head = data[:_HEAD]
    if not _ascii_view(head) and len(data) <= _HEAD:
        return Format("empty", "application/x-empty")
    hint = name.lower()
    stripped = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind, media_type in _MAGIC:
        if stripped.startswith(magic):
            return Format(kind, media_type)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format("image", "image/webp")
    if head[:2] == b"BM" and len(data) > 54 and head[6:10] == b"\0\0\0\0":
        return Format("image", "image/bmp")
    if head[:2] == b"\x1f\x8b":
        return _gzip(data)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _zip(data, hint)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _ole(data, hint)
    if b"%PDF-" in head[:1024] and not _starts_as_html(_ascii_view(head)):
        return Format("pdf", "application/pdf")
    return _textual(data, hint, (content_type or "").lower())


def _gzip(data: bytes) -> Format:
    try:
        start = zlib.decompressobj(31).decompress(data[:4096], 16)
    except zlib.error:
        start = b""
    if start.startswith(b"WARC/"):
        return Format("warc", "application/warc")
    return Format("binary", "application/gzip")


# --- containers -----------------------------------------------------------------------------

_MOST_NAMES = 4096


_OFFICE_FRAME = ("[Content_Types].xml", "_rels/", "docProps/", "customXml/")
"""What any office file of ZIP holds beside its contents."""


def _zip(data: bytes, hint: str) -> Format:
    names = set(_zip_names(data))
    if "[Content_Types].xml" in names:
        if any(n.startswith("word/") for n in names):
            return Format("docx", _OOXML + "wordprocessingml.document")
        if any(n.startswith("xl/") for n in names):
            return Format("xlsx", _OOXML + "spreadsheetml.sheet")
        if any(n.startswith("ppt/") for n in names):
            return Format("binary", _OOXML + "presentationml.presentation")
        if all(n.startswith(_OFFICE_FRAME) for n in names):
            # An office file that lost its contents: its reader says so.
            if hint.endswith((".xlsx", ".xlsm")):
                return Format("xlsx", _OOXML + "spreadsheetml.sheet")
            return Format("docx", _OOXML + "wordprocessingml.document")
    if "OFD.xml" in names:
        return Format("ofd", "application/ofd")
    start = data[:200]
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in start:
        return Format("ods", "application/vnd.oasis.opendocument.spreadsheet")
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in start:
        return Format("odt", "application/vnd.oasis.opendocument.text")
    return Format("zip", "application/zip")


def _zip_names(data: bytes) -> Iterator[str]:
    """Names in the directory; of a file cut short, those of the local headers."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65557))
    at, record, size, lengths = -1, b"PK\x01\x02", 46, "<28xHHH"
    if 0 <= end <= len(data) - 22:
        # Count back from the end record: right also where something stands before the archive.
        at = end - int.from_bytes(data[end + 12 : end + 16], "little")
    if at < 0 or data[at : at + 4] != record:
        at, record, size, lengths = data.find(b"PK\x03\x04"), b"PK\x03\x04", 30, "<26xHH"
    for _ in range(_MOST_NAMES):
        fields = data[at : at + struct.calcsize(lengths)]
        if at < 0 or data[at : at + 4] != record or len(fields) < struct.calcsize(lengths):
            return
        name, *rest = struct.unpack(lengths, fields)
        yield data[at + size : at + size + name].decode("utf-8", "replace")
        if size == 30:
            at = data.find(record, at + size + name)
        else:
            at += size + name + sum(rest)


_STREAMS: tuple[tuple[str, Kind, str], ...] = (
    ("EncryptedPackage", "binary", "application/encrypted"),
    ("WordDocument", "doc", "application/msword"),
    ("Workbook", "xls", "application/vnd.ms-excel"),
    ("Book", "xls", "application/vnd.ms-excel"),
    ("PowerPoint Document", "binary", "application/vnd.ms-powerpoint"),
)


def _ole(data: bytes, name: str) -> Format:
    found = [s for s in _STREAMS if ("\0" + s[0] + "\0").encode("utf-16-le")[1:] in data]
    if not found:
        return Format("binary", "application/x-ole-storage")
    sheets = [s for s in found if s[1] == "xls"]
    if sheets and name.endswith((".xls", ".et")):
        found = sheets  # a sheet may hold a document and the other way round
    _, kind, media_type = found[0]
    if kind == "doc" and name.endswith(".wps"):
        return Format("wps", "application/vnd.ms-works")
    if kind == "xls" and name.endswith(".et"):
        return Format("et", media_type)
    return Format(kind, media_type)


# --- text, HTML, binary ---------------------------------------------------------------------

_START = re.compile(
    r"<(?:!doctype\s{1,20}html|(?:html|head|body|title|meta|link|script|style|base|table|tbody"
    r"|thead|tr|td|th|div|p|span|h[1-6]|font|ul|ol|li|dl|center|article|section|header|main|form"
    r"|a|br|hr|img|b|strong|em|i|u|iframe|ucaptitle|ucapcontent)(?:[\s/][^<>]{0,2000})?>)",
    re.IGNORECASE,
)
_TAG = re.compile(
    rb"<(/?)(html|head|body|title|script|style|table|tbody|tr|td|th|div|p|span|h[1-6]|font|ul|li"
    rb"|strong|section|article|a)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"<(?:html|body|table|!doctype html)[\s>]", re.IGNORECASE)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b") + b"\x7f"


def _textual(data: bytes, name: str, content_type: str) -> Format:
    head = data[:_HEAD]
    wide = _wide(head)
    if not wide and _control_share(head) > _MOST_CONTROLS:
        return Format("binary", "application/octet-stream")
    view = _ascii_view(head)
    if _starts_as_html(view):
        return Format("html", "text/html")
    if _is_mht(view):
        return Format("mht", "multipart/related")
    for mark, media_type in _OFFICE_XML:
        if mark in head:
            return Format("binary", media_type)
    body = data[:_BODY]
    if wide:
        body = body.replace(b"\0", b"")
    opened = closed = 0
    for tag in _TAG.finditer(body):
        if tag[1]:
            closed += 1
        else:
            opened += 1
    page = _PAGE.search(body) is not None
    said_html = "html" in content_type or name.endswith((".html", ".htm", ".shtml", ".jsp"))
    if closed and opened and (page or said_html or opened + closed >= 6):
        return Format("html", "text/html")
    return Format("text", "text/plain")


_MOST_CONTROLS = 0.02
_OFFICE_XML = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "application/vnd.ms-excel"),
    (b"schemas.microsoft.com/office/word/2003/wordml", "application/msword"),
)


def _starts_as_html(view: str) -> bool:
    """Whether a tag of a page comes first, behind comments and processing instructions."""
    at = 0
    while view.startswith(("<!--", "<?"), at):
        end = "-->" if view.startswith("<!--", at) else ">"
        stop = view.find(end, at)
        if stop < 0:
            return False
        at = stop + len(end)
        at += len(view[at:]) - len(view[at:].lstrip())
    return _START.match(view, at) is not None


def _wide(head: bytes) -> str | None:
    """UTF-16 by its mark, or by NULs (ASCII, 一, 开) among ordinary characters."""
    if head[:2] == b"\xff\xfe":
        return "utf-16-le"
    if head[:2] == b"\xfe\xff":
        return "utf-16-be"
    if head.count(0) < 2:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) & ~1].decode(encoding, "replace")
        ordinary = sum(c.isspace() or "!" <= c <= "~" or "\u3000" <= c <= "\u9fff" for c in text)
        if ordinary > _MOSTLY_ORDINARY * len(text):
            return encoding
    return None


_MOSTLY_ORDINARY = 0.8


def _ascii_view(head: bytes) -> str:
    """The head with one character a byte (only ASCII matters), mark and blanks dropped."""
    wide = _wide(head)
    text = head[: len(head) & ~1].decode(wide, "replace") if wide else head.decode("latin-1")
    return text.removeprefix("\xef\xbb\xbf").lstrip("\ufeff \t\r\n\f\0")


def _control_share(head: bytes) -> float:
    return 1 - len(head.translate(None, _CONTROLS)) / len(head)


def _is_mht(view: str) -> bool:
    """A saved page: mail header fields first, among them MIME-Version and a HTML content type."""
    fields = view.replace("\r\n", "\n").partition("\n\n")[0].lower()
    if not re.match(r"[a-z][a-z-]{1,40}:", fields):
        return False
    return "mime-version:" in fields and ("multipart/related" in fields or "text/html" in fields)
