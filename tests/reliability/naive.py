"""Parsers without any bound of their own, for tests of the supervisor alone."""

from __future__ import annotations

from typing import Any

from killers import answer

from govreport_parse.report import Report
from govreport_parse.source import Source


def pdfplumber(source: Source, options: dict[str, Any]) -> Report:
    """Text and tables of each page, as its guide shows."""
    import io

    import pdfplumber as library

    with library.open(io.BytesIO(source.data)) as document:
        for sheet in document.pages:
            sheet.extract_text()
            sheet.extract_tables()
    return answer(source, "read", options)


def pdfium(source: Source, options: dict[str, Any]) -> Report:
    """Text and a walk over all drawn objects."""
    import pypdfium2 as library

    document = library.PdfDocument(source.data)
    for sheet in document:
        sheet.get_textpage().get_text_bounded()
        for _ in sheet.get_objects(max_depth=15):
            pass
    return answer(source, "read", options)


def lexbor(source: Source, options: dict[str, Any]) -> Report:
    """Parse and print again."""
    from selectolax.lexbor import LexborHTMLParser

    return answer(source, str(len(LexborHTMLParser(source.data.decode()).html or "")), options)


def lxml(source: Source, options: dict[str, Any]) -> Report:
    """The document part of a DOCX, every paragraph an object."""
    import io
    import zipfile

    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(source.data)) as packed:
        root = etree.fromstring(packed.read("word/document.xml"))
    kept = [[node.tag, dict(node.attrib)] for node in root.iter()]
    return answer(source, str(len(kept)), options)
