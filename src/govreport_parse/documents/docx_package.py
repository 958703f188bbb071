"""The package of a DOCX file: which parts it has, and the few that are read.

In go the bytes, out come the roots of the main document, its styles and numbering, and the title
and date of the file. Parts are found by their declared content type, never by relationships, so
nothing outside the package is ever looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from govreport_parse.documents.archive_zip import Budget, Entry, inflate, read_entries
from govreport_parse.documents.docx_styles import W
from govreport_parse.documents.office_xml import BROKEN, MAX_ELEMENTS, parse_xml, utf8
from govreport_parse.errors import DecodeError, UnsupportedFormatError


@dataclass(frozen=True, slots=True)
class Parts:
    """Roots of the parts that are read; ``meta`` holds ``title`` and ``created`` if given."""

    document: Any
    styles: Any | None
    numbering: Any | None
    meta: dict[str, str]


def read_parts(data: bytes) -> Parts:
    """The parts of a DOCX file that are read.

    Raises ``UnsupportedFormatError`` (another format, encrypted), ``DecodeError`` (damaged, no
    main part) or ``LimitExceededError``.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnsupportedFormatError(
            "this is an OLE file, not a DOCX package: an encrypted DOCX or an old .doc",
            hint="remove the password, or give the file to read_doc",
        )
    if not data.startswith(b"PK"):
        raise UnsupportedFormatError(
            "this is no DOCX file: it does not begin as a ZIP archive",
            hint="look at what the file really is (HTML and RTF are often named .docx)",
        )
    budget = Budget()
    entries: dict[str, Entry] = {}
    for entry in read_entries(data, budget):
        name = entry.name.replace("\\", "/").lstrip("/").casefold()
        if name in entries and name.endswith(".xml"):
            raise DecodeError(f"the DOCX file holds two parts named {name!r}", hint=BROKEN)
        entries[name] = entry

    def load(name: str) -> bytes:
        entry = entries.get(name)
        return b"" if entry is None else utf8(inflate(data, entry, budget))

    def root(xml: bytes) -> Any | None:
        return parse_xml(xml) if xml else None

    names = _part_names(root(load("[content_types].xml")))
    main = names.get("document", "word/document.xml")
    if main not in entries:
        context = {"parts": sorted(entries)[:20]}
        if other := names.get("other"):
            raise UnsupportedFormatError("this is no Word file", hint=other, context=context)
        raise DecodeError(
            f"Word file without {main}, which holds its text",
            hint="open it in Word and save it again, or fetch it again",
            context=context,
        )
    body = without_formatting(load(main))
    document = parse_xml(body)
    if document.tag != W + "document":
        raise DecodeError("the main part is not a Word document", hint=BROKEN)
    folder = main.rsplit("/", 1)[0] if "/" in main else ""
    styles = numbering = b""
    # Style sheets are often larger than the text: parsed only when the text names a style.
    if b":pStyle" in body:
        styles = paragraph_styles(load(names.get("styles", f"{folder}/styles.xml")))
    if b":numPr" in body or b":numPr" in styles:
        numbering = load(names.get("numbering", f"{folder}/numbering.xml"))
    meta = _meta(root(load("docprops/core.xml")))
    return Parts(document, root(styles), root(numbering), meta)


_PLAIN_BODY = re.compile(rb'<w:document [^<]*xmlns:w="' + re.escape(W[1:-1].encode()) + rb'"')
_FACTS = {
    b"tcPr": re.compile(
        rb"<w:(?:gridSpan|vMerge|hMerge)(?: [^<>]*)?/>"
        rb"|<w:shd [^<>]*w:fill=[\"'](?![Ff]{6})[0-9A-Fa-f]{6}[^<>]*/>"
    ),
    b"pPr": re.compile(
        rb"<w:(?:pStyle|outlineLvl) [^<>]*/>"
        rb"|<w:numPr>(?:<w:(?:ilvl|numId) [^<>]*/>){1,2}</w:numPr>"
    ),
    b"rPr": re.compile(
        rb"<w:(?:vertAlign|position|strike|dstrike)(?: [^<>]*)?/>"
        rb"|<w:color w:val=[\"'][EFef][^<>]*/>"
        rb"|<w:sz w:val=[\"'](?:[0-9]|1[0-3])[\"'][^<>]*/>"
    ),
    b"tblPrEx": None,
}
"""What is kept of the properties of cells, paragraphs, runs and rows."""
_FACT_BEGINS = {
    b"tcPr": re.compile(
        rb"<w:(?:gridSpan|vMerge|hMerge)"
        rb"|<w:shd [^<>]*w:fill=[\"'](?![Ff]{6})[0-9A-Fa-f]{6}"
    ),
    b"pPr": re.compile(rb"<w:(?:pStyle|outlineLvl|numPr)"),
    b"rPr": re.compile(
        rb"<w:(?:vertAlign|position|strike|dstrike)"
        rb"|<w:color [^<>]*val=[\"'][EFef]"
        rb"|<w:sz [^<>]*val=[\"'](?:[0-9]|1[0-3])[\"']"
    ),
}
_FORMATTING_NAMES = """
    rPr rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint
    noProof snapToGrid color spacing w kern position sz szCs highlight u effect bdr shd fitText
    vertAlign rtl cs em lang eastAsianLayout webHidden
    keepNext keepLines pageBreakBefore framePr widowControl suppressLineNumbers pBdr tabs tab
    suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi
    adjustRightInd ind contextualSpacing mirrorIndents suppressOverlap jc textDirection
    textAlignment divId cnfStyle pStyle numPr ilvl numId outlineLvl
    sectPr pgSz pgMar cols docGrid headerReference footerReference type pgNumType titlePg vAlign
    tcW tcBorders noWrap tcMar tcFitText hideMark gridSpan vMerge hMerge
    tblW tblCellSpacing tblInd tblBorders tblLayout tblCellMar tblLook
    top bottom left right start end between bar insideH insideV tl2br tr2bl
"""
_FORMATTING = frozenset(
    b"w:" + name.encode() + slash for name in _FORMATTING_NAMES.split() for slash in (b"", b"/")
) - {b"w:tab/"}
"""Begins of tags that only format, and the facts. With any other one nothing is cut. A tab stop
has attributes; a tab without any is a character."""
_TAG = re.compile(rb"<([^\s/>][^\s>]*)")


def without_formatting(xml: bytes) -> bytes:
    """The XML of a body without fonts, borders and spacing, which are most of its elements.

    Parsing would be most of the work of reading a DOCX file, and three of four elements only
    format. Properties are cut as bytes, down to the facts that are read (spans, styles, lists,
    what is struck out or raised): a tag's bytes can stand nowhere else once CDATA, comments and
    instructions are ruled out.
    Equal properties are looked at once. Any element that is not known to format only (marks of
    tracked changes, hidden text, text itself), another prefix, and properties that don't end
    return the XML as it was.
    """
    if not _PLAIN_BODY.search(xml, 0, 8192):
        return xml
    if len(xml) > 4 * MAX_ELEMENTS and xml.count(b"<") > 2 * MAX_ELEMENTS:
        return xml
    short = _shorten(xml, *_FACTS)
    if short is None or b"<!" in short or short.count(b"<?") > 1:
        return xml
    return short


_OTHER_STYLE = re.compile(rb"(?:[^<>]*? )?w:type=[\"'](?:table|character|numbering)[\"']")


def paragraph_styles(xml: bytes) -> bytes:
    """The XML of a style sheet with its paragraph styles only, without their fonts.

    The list of styles that Word knows, and table styles, are most of it. Anything unusual
    (comments, CDATA, another prefix) returns the XML as it was.
    """
    first = xml.find(b"<w:style ")
    if first < 0 or b"<!" in xml or xml.count(b"<?") > 1:
        return xml
    root = xml.find(b"<w:styles")
    out = [xml[: xml.find(b">", root) + 1]]
    if root < 0 or len(out[0]) > first:
        return xml
    for piece in xml[first:].split(b"<w:style ")[1:]:
        style, closed, _ = piece.partition(b"</w:style>")
        if not closed:
            return xml
        if not _OTHER_STYLE.match(style):
            out.append(b"<w:style " + style + closed)
    out.append(b"</w:styles>")
    short = b"".join(out)
    return _shorten(short, b"rPr") or short


_CUT = b"\x01"
"""Marks where a begin tag is to go. No XML may hold this character."""


def _shorten(xml: bytes, *names: bytes) -> bytes | None:
    """Cuts the elements of these names down to their facts; ``None`` when that is not safe."""
    if _CUT in xml:
        return None
    for name in names:
        # Cut at ":name>", begin and end tags take turns: outside, inside, outside ...
        pieces = xml.split(b":" + name + b">")
        if not len(pieces) % 2:
            return None
        insides = pieces[1::2]
        kept: dict[bytes, bytes] = {}
        for inside in set(insides):
            if not inside.endswith(b"</w"):
                return None
            kept[inside] = _CUT + _facts(inside[:-3], name)
        if not _FORMATTING.issuperset(_TAG.findall(b" ".join(kept))):
            return None
        pieces[1::2] = map(kept.__getitem__, insides)
        xml = b"".join(pieces)
    # Each mark must follow the "<w" of the begin tag that was cut.
    xml = xml.replace(b"<w" + _CUT, b"")
    return None if _CUT in xml else xml


def _facts(inside: bytes, name: bytes) -> bytes:
    pattern = _FACTS[name]
    count = 0 if pattern is None else len(_FACT_BEGINS[name].findall(inside))
    if not count or pattern is None:
        return b""
    found = pattern.findall(inside)
    # A fact written in another way than the usual one keeps its whole element.
    if len(found) != count:
        return b"<w:" + name + b">" + inside + b"</w:" + name + b">"
    return b"<w:" + name + b">" + b"".join(found) + b"</w:" + name + b">"


def _part_names(types: Any | None) -> dict[str, str]:
    """Names of the parts we want by their declared content types; never by relationships."""
    names: dict[str, str] = {}
    for element in () if types is None else types:
        kind = element.get("ContentType") or ""
        part = (element.get("PartName") or "").lstrip("/").casefold()
        if not part:
            continue
        if kind.endswith("main+xml"):
            if "wordprocessingml" in kind or "ms-word" in kind:
                names["document"] = part
            else:
                names["other"] = "the package is a workbook or a presentation, not a text"
        elif kind.endswith("wordprocessingml.styles+xml"):
            names["styles"] = part
        elif kind.endswith("wordprocessingml.numbering+xml"):
            names["numbering"] = part
    return names


def _meta(core: Any | None) -> dict[str, str]:
    if core is None:
        return {}
    wanted = {
        "{http://purl.org/dc/elements/1.1/}title": "title",
        "{http://purl.org/dc/terms/}created": "created",
    }
    return {
        wanted[e.tag]: e.text.strip() for e in core if e.tag in wanted and (e.text or "").strip()
    }
