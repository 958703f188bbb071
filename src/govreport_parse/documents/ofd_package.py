"""The package of an OFD file (GB/T 33190-2016): its pages with all that is drawn on them.

In go bytes, out come ``SheetOfPaper`` objects: the size of a page in millimetres and the roots of
the parts that are drawn on it, lowest first. Parts are found by the locations that the package
itself gives; nothing outside of it is ever looked at. Names are told without their namespace, of
which versions of the standard and of programs have several.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.documents.archive_zip import Budget, Entry, inflate, read_entries
from govreport_parse.documents.office_xml import parse_xml
from govreport_parse.documents.pdf_limits import PdfLimits, exceeded
from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError

_BROKEN = "open the file in an OFD reader and save it again, or ask for the report as PDF"
_A4 = (0.0, 0.0, 210.0, 297.0)
_MAX_SIDE = 5_000.0
"""Millimetres of the longest side of a page."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""


@dataclass(slots=True)
class Resources:
    """What objects name by number: styles of drawing, and groups of objects."""

    styles: dict[str, Any] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class SheetOfPaper:
    """One page. ``layers``: roots of the parts drawn on it; ``None``: its part can't be read."""

    box: Box
    layers: list[Any] | None
    resources: Resources


@dataclass(slots=True)
class Package:
    """The pages in order, and ``title`` and ``created`` if the file gives them."""

    pages: list[SheetOfPaper]
    meta: dict[str, str]


def read_package(data: bytes, limits: PdfLimits) -> Package:
    """The pages of all documents of the file.

    Raises ``UnsupportedFormatError`` (no OFD, encrypted, no pages), ``DecodeError`` (damaged) or
    ``LimitExceededError``.
    """
    files = _Files(data)
    root = files.root("OFD.xml")
    if root is None or local(root) != "OFD":
        raise UnsupportedFormatError("this is no OFD file: OFD.xml is missing", hint=_BROKEN)
    if "encryptions.xml" in files.names:
        raise UnsupportedFormatError(
            "the OFD file is encrypted", hint="remove the password and save the file again"
        )
    pages: list[SheetOfPaper] = []
    meta: dict[str, str] = {}
    for body in children(root, "DocBody"):
        for info in children(body, "DocInfo"):
            for name, key in (("Title", "title"), ("CreationDate", "created")):
                said = text_of(info, name)
                if said and key not in meta:
                    meta[key] = said
        place = text_of(body, "DocRoot")
        if place:
            pages += _pages(files, files.path("OFD.xml", place), limits, len(pages))
    if not pages:
        raise UnsupportedFormatError("the OFD file has no pages", hint=_BROKEN)
    return Package(pages, meta)


def _pages(files: _Files, place: str, limits: PdfLimits, before: int) -> list[SheetOfPaper]:
    document = files.root(place)
    if document is None:
        raise DecodeError(
            "the OFD file does not hold its document", hint=_BROKEN, context={"part": place}
        )
    common = Resources()
    size = _A4
    templates: dict[str, str] = {}
    for data in children(document, "CommonData"):
        size = _size(data, "PageArea") or size
        for name in ("PublicRes", "DocumentRes"):
            for said in children(data, name):
                _read_resources(files, files.path(place, said.text or ""), common)
        for template in children(data, "TemplatePage"):
            templates[template.get("ID", "")] = files.path(place, template.get("BaseLoc", ""))
    found = [page for group in children(document, "Pages") for page in children(group, "Page")]
    if before + len(found) > limits.max_pages:
        raise exceeded("pages", before + len(found), limits.max_pages)
    out = []
    for page in found:
        part = files.path(place, page.get("BaseLoc", ""))
        try:
            out.append(_page(files, part, size, common, templates))
        except LimitExceededError:
            raise
        except DecodeError:
            # One damaged page is told as such; the others are read.
            out.append(SheetOfPaper(size, None, common))
    return out


def _page(
    files: _Files, part: str, size: Box, common: Resources, templates: dict[str, str]
) -> SheetOfPaper:
    root = files.root(part)
    if root is None:
        return SheetOfPaper(size, None, common)
    resources = common
    own = [said.text or "" for said in children(root, "PageRes")]
    if own:
        resources = Resources(dict(common.styles), dict(common.units))
        for said in own:
            _read_resources(files, files.path(part, said), resources)
    below: list[Any] = []
    above: list[Any] = []
    for used in children(root, "Template"):
        template = files.root(templates.get(used.get("TemplateID", ""), ""))
        if template is not None:
            (above if used.get("ZOrder") == "Foreground" else below).append(template)
    box = _size(root, "Area")
    for content in children(root, "Content"):
        box = box or _size(content, "PageArea")  # where one program puts it
    return SheetOfPaper(box or size, [*below, root, *above], resources)


def _read_resources(files: _Files, part: str, into: Resources) -> None:
    root = files.root(part)
    if root is None:
        return  # fonts and colours only, mostly: what needs them is read without
    for element in root.iter():
        number = element.get("ID")
        if number is None or not isinstance(element.tag, str):
            continue
        if local(element) == "DrawParam":
            into.styles[number] = element
        elif local(element) in ("CompositeGraphicUnit", "CompositeGraphUnit"):
            into.units[number] = element


def _size(element: Any, name: str) -> Box | None:
    for area in children(element, name):
        box = box_of(text_of(area, "PhysicalBox"))
        if box is not None and 0 < box[2] <= _MAX_SIDE and 0 < box[3] <= _MAX_SIDE:
            return box
    return None


class _Files:
    """The parts of the package by their path, inflated and parsed when they are asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._budget = Budget()
        self.names: dict[str, Entry] = {}
        self._roots: dict[str, Any] = {}
        for entry in read_entries(data, self._budget):
            if not entry.is_folder:
                self.names.setdefault(_plain(entry.name), entry)

    def root(self, path: str) -> Any | None:
        """The root of one part; ``None`` if the package has no such part."""
        name = _plain(path)
        entry = self.names.get(name)
        if entry is None:
            return None
        if name not in self._roots:
            self._roots[name] = parse_xml(inflate(self._data, entry, self._budget))
        return self._roots[name]

    @staticmethod
    def path(of: str, said: str) -> str:
        """A location as a part gives it, from the root of the package."""
        said = said.strip().replace("\\", "/")
        return said if said.startswith("/") else posixpath.join(posixpath.dirname(of), said)


def _plain(path: str) -> str:
    return posixpath.normpath("/" + path.replace("\\", "/")).lstrip("/").casefold()


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Any, name: str) -> Iterator[Any]:
    """The children of that name."""
    return (child for child in element if local(child) == name)


def text_of(element: Any, name: str) -> str:
    """The text of the first child of that name, stripped; empty without."""
    for child in children(element, name):
        return (child.text or "").strip()
    return ""


def numbers(text: str | None) -> list[float]:
    """The numbers of an array, up to the first word that is none."""
    out = []
    for word in (text or "").split():
        try:
            value = float(word)
        except ValueError:
            break
        if not -1e7 < value < 1e7:
            break
        out.append(value)
    return out


def box_of(text: str | None) -> Box | None:
    """A box, or ``None`` where there are not four numbers."""
    found = numbers(text)
    return (found[0], found[1], found[2], found[3]) if len(found) >= 4 else None
