"""Bytes to a ``Document``: decoded, its format told from its content, read by the reader of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govreport_parse.checks import engines
from govreport_parse.decode.charset import decode_text
from govreport_parse.decode.sniff import Format, sniff
from govreport_parse.documents.html_pages import MAGIC as PAGES
from govreport_parse.documents.html_pages import read_pages, unpack_pages
from govreport_parse.documents.model import Document
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    ScannedDocumentError,
    UnsupportedFormatError,
    UsageError,
)
from govreport_parse.source import Source

ENGINES = (engines.FAST, engines.REFERENCE)
"""The engines that read PDF."""


def read_document(source: Any, url: str | None = None, engine: str = engines.FAST) -> Document:
    """Read a source into blocks without looking for a report in it.

    ``engine``: that of PDF, ``fast`` or ``pdfplumber``. Raises ``DecodeError`` kinds,
    ``LimitExceededError`` and ``UsageError``.
    """
    if engine not in ENGINES:
        raise UsageError(f"no PDF engine {engine!r}", hint=f"one of {', '.join(ENGINES)}")
    if url is not None and not isinstance(url, str):
        raise UsageError(f"url is a text, not {type(url).__name__}", hint="give url as a string")
    origin = Source.of(source, url)
    if origin.data.startswith(PAGES):
        article = unpack_pages(origin.data)
        if article is not None:
            return read_pages(
                article,
                lambda page: read_document(page, engine=engine),
                lambda data: decode_text(data).text,
            )
    found = _format_of(origin)
    if found.kind in ("html", "text"):
        return _read_characters(origin, found)
    if found.kind == "mht":
        return _read_saved(origin, found)
    return _read_binary(origin, found, engine)


def _format_of(origin: Source) -> Format:
    # A file that begins so is nothing else: without the look at its first 8 KB as text.
    if origin.data.startswith(b"%PDF-"):
        return Format("pdf", "application/pdf")
    return sniff(origin.data, origin.name, origin.content_type)


def _read_characters(origin: Source, found: Format) -> Document:
    decoded = decode_text(origin.data, content_type=origin.content_type)
    page = None
    if decoded.text[:64].lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        from govreport_parse.documents.json_page import page_in_json

        page = page_in_json(decoded.text)
    if page is not None:
        document = _read_decoded(page.text, origin.url, is_html=page.is_html)
        document.findings.append(page.finding)
        found = Format(found.kind, "application/json")
    else:
        plain = decoded.encoding == "utf-8" and not decoded.replaced and origin.data[:1] != b"\xef"
        document = _read_decoded(
            decoded.text,
            origin.url,
            is_html=found.kind == "html",
            utf8=origin.data if plain else None,
        )
    document.encoding = decoded.encoding
    document.media_type = found.media_type
    document.findings[:0] = decoded.findings
    return document


def _read_decoded(
    text: str, url: str | None, *, is_html: bool, utf8: bytes | None = None
) -> Document:
    if is_html:
        from govreport_parse.documents.html import read_html

        return read_html(text, url=url, utf8=utf8)
    from govreport_parse.documents.text import read_text

    return read_text(text)


def _read_saved(origin: Source, found: Format) -> Document:
    """The page inside an archive of one file; the caller's address wins over the archive's."""
    from govreport_parse.documents.mhtml import read_saved_page

    page = read_saved_page(origin.data)
    inner = Source(page.data, origin.name, origin.url or page.url, page.content_type or None)
    document = _read_characters(inner, Format("html", found.media_type))
    document.findings += page.findings
    return document


def _read_binary(origin: Source, found: Format, engine: str) -> Document:
    data = origin.data
    document: Document
    if found.kind == "pdf":
        document = _read_pdf(data, engine)
    elif found.kind == "image":
        from govreport_parse.documents.scan import read_image

        document = read_image(data)
    elif found.kind == "docx":
        from govreport_parse.documents.docx import read_docx

        document = read_docx(data)
    elif found.kind in ("doc", "wps", "rtf", "odt"):
        document = _read_word(data, found.kind)
    elif found.kind in ("xlsx", "xls", "ods", "et"):
        from govreport_parse.documents.sheet import read_sheet

        document = read_sheet(data)
    elif found.kind == "ofd":
        from govreport_parse.documents.ofd import read_ofd

        document = read_ofd(data)
    else:
        kind = "empty zip" if data[:4] == b"PK\x05\x06" else found.kind
        what = _MEDIA.get(found.media_type) or _KINDS.get(kind, kind)
        raise UnsupportedFormatError(
            f"{origin.name or 'the source'} is {what}",
            hint=_HINTS.get(kind, "give the report as HTML, text, PDF, Word or spreadsheet"),
            context={"kind": found.kind, "media_type": found.media_type},
        )
    document.media_type = document.media_type or found.media_type
    return document


def _read_word(data: bytes, kind: str) -> Document:
    """Legacy Word and its kin: our own reader where it can, LibreOffice where it is installed."""
    from govreport_parse.documents.doc import read_doc, via_libreoffice
    from govreport_parse.documents.docx import read_docx

    if kind not in ("rtf", "odt"):
        try:
            return read_doc(data)
        except DecodeError as refused:
            if refused.context.get("encrypted"):
                raise
            try:
                return read_docx(via_libreoffice(data, f".{kind}"))
            except UnsupportedFormatError as error:
                raise refused from error
    return read_docx(via_libreoffice(data, f".{kind}"))


def _read_pdf(data: bytes, engine: str) -> Document:
    from govreport_parse.documents.pdf import read_pdf

    try:
        return read_pdf(
            data,
            engine="pdfplumber" if engine == engines.REFERENCE else "fast",
            recognise=recognise,
        )
    except ScannedDocumentError as error:
        from govreport_parse.documents.scan import is_available, read_scanned_pdf

        if not is_available():
            raise
        document = read_scanned_pdf(data)
        document.meta["reasons"] = " ".join(error.context.get("reasons", ()))
        return document


def recognise(data: bytes, numbers: Sequence[int]) -> Mapping[int, Any]:
    """Pictures among the pages of a PDF, by the extra [scan] where it is installed."""
    from govreport_parse.documents.scan import is_available, recognise_pages

    if not is_available():
        return {}
    try:
        return recognise_pages(data, numbers)
    except GovReportError:
        # The finding page_is_picture stands: the page was not read.
        return {}


_KINDS = {
    "empty": "an empty file",
    "binary": "binary data of no known format",
    "zip": "a ZIP archive",
    "empty zip": "a ZIP archive with nothing in it",
    "rar": "a RAR archive",
    "7z": "a 7z archive",
    "warc": "a web archive",
}
_MEDIA = {
    "application/vnd.ms-powerpoint": "a presentation (PowerPoint)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
        "a presentation (PowerPoint)"
    ),
}
_HINTS = {
    "empty": "fetch the document again",
    "empty zip": "fetch the document again",
    "zip": "unpack it and parse the report inside",
    "rar": "unpack it and parse the report inside",
    "7z": "unpack it and parse the report inside",
    "warc": "use govreport mine",
}
