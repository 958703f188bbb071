"""The package of a DOCX file: which parts it has, and the few that are read.

In go the bytes, out come the roots of the main document, its styles and numbering, and the title
and date of the file. Parts are found by their declared content type, never by relationships, so
nothing outside the package is ever looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from govreport_parse.documents.archive_zip import Budget, Entry, inflate, read_entries
from govreport_parse.documents.docx_styles import W
from govreport_parse.documents.office_xml import BROKEN, parse_xml
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

    Raises ``UnsupportedFormatError`` (another format, encrypted, no main part), ``DecodeError``
    (damaged) or ``LimitExceededError``.
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

    def load(name: str | None) -> Any | None:
        entry = entries.get(name or "")
        return None if entry is None else parse_xml(inflate(data, entry, budget))

    names = _part_names(load("[content_types].xml"))
    main = names.get("document", "word/document.xml")
    document = load(main)
    if document is None:
        raise UnsupportedFormatError(
            "the package has no main document part (word/document.xml)",
            hint=names.get("other") or "it is another kind of file, or the download was cut",
            context={"parts": sorted(entries)[:20]},
        )
    if document.tag != W + "document":
        raise DecodeError("the main part is not a Word document", hint=BROKEN)
    folder = main.rsplit("/", 1)[0] if "/" in main else ""
    styles = load(names.get("styles", f"{folder}/styles.xml"))
    numbering = load(names.get("numbering", f"{folder}/numbering.xml"))
    return Parts(document, styles, numbering, _meta(load("docprops/core.xml")))


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
