"""XML parts of office packages, parsed so that nothing in them can reach out or blow up.

The only place that imports lxml (the extra ``[office]``). In goes the XML of one part, out comes
the root of its tree: no DTD and so no entities, no network, at most 500,000 elements, depth 256
and 10 MB a text (RELIABILITY.md, E5).
"""

from __future__ import annotations

from typing import Any

from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError

MAX_ELEMENTS = 500_000
BROKEN = "open the file in Word, WPS or LibreOffice and save it again"

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def load_etree() -> Any:
    """``lxml.etree``; raises ``UnsupportedFormatError`` with a hint when lxml is missing."""
    try:
        from lxml import etree
    except ImportError as error:
        raise UnsupportedFormatError(
            "reading office documents needs lxml, which is not installed",
            hint='pip install "govreport_parse[office]"',
        ) from error
    return etree


def utf8(xml: bytes) -> bytes:
    """A part in UTF-16, the only other encoding that the standard allows, as UTF-8."""
    if xml[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return xml
    try:
        return xml.decode("utf-16").encode()
    except UnicodeError as error:
        raise DecodeError("a part of the file is damaged", hint=BROKEN) from error


def check_xml(xml: bytes) -> None:
    """Refuses a part with a DTD or over 500,000 elements, before any node exists."""
    if b"<!" in xml and (b"<!DOCTYPE" in xml or b"<!ENTITY" in xml):
        raise DecodeError(
            "a part of the file declares a document type, which no word processor writes",
            hint="the file was made to harm; do not open it",
        )
    # Every element, comment and instruction has one "<" that is not of an end tag: a bound that
    # costs less than a millisecond and holds before any node exists.
    # The shortest element, <a/>, has four.
    if len(xml) <= 4 * MAX_ELEMENTS:
        return
    elements = xml.count(b"<") - xml.count(b"</")
    if elements > MAX_ELEMENTS:
        raise LimitExceededError(
            f"a part of the file has {elements} elements",
            hint="a report has some 10,000",
            context={"elements": elements, "limit": MAX_ELEMENTS},
        )


def parse_xml(xml: bytes) -> Any:
    """The root of one part: no DTD, no entity, no network, at most 500,000 elements.

    Raises ``DecodeError`` (broken, or with a DTD) or ``LimitExceededError``.
    """
    etree = load_etree()
    xml = utf8(xml)
    check_xml(xml)
    if _STRICT in xml:
        xml = xml.replace(_STRICT, _TRANSITIONAL)
    # The encoding is fixed so that no declaration can hide a DTD from the test above.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        text = str(error)
        if "depth" in text or "too long" in text or "huge" in text.lower():
            raise LimitExceededError(
                "a part of the file is nested too deep or holds one text over 10 MB",
                hint="a report never does; look at the file before trusting it",
            ) from error
        raise DecodeError(f"a part of the file is broken XML: {text}", hint=BROKEN) from error
