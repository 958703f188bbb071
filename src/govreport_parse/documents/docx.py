"""DOCX: from the bytes of a Word or WPS file to a ``Document``, straight from its XML.

What is read: paragraphs and tables in order, with spans and vertical merges, text boxes,
content controls, results of fields, automatic numbers; insertions of tracked changes count,
deletions do not. Left out: headers, footers, notes, comments, hidden text, lines of a table of
contents.

What is refused: anything but a whole ZIP package with a main document part (``archive_zip``),
document type declarations (so no entities), more than 500,000 elements, XML deeper than 256.
Relationships are never followed: no linked picture, template, embedded chunk or object is
opened; embedded documents are named in a finding since their text is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.documents.archive_zip import Budget, Entry, inflate, read_entries
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.documents.word_styles import VAL, Numbering, Styles, W, attribute, small_int
from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError
from govreport_parse.values import Finding

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_ELEMENTS = 500_000
MAX_CELLS = 200_000
MAX_SPAN = 63
"""Word's own limit of columns; wider spans are damage or an attack."""
MAX_COLUMNS = 1_000
MAX_AREA = 2_000_000
_LONGEST_HEADING = 120

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = W[1:-1].encode()

P, R, T, PPR, RPR = W + "p", W + "r", W + "t", W + "pPr", W + "rPr"
TBL, TR, TC, TRPR, TCPR = W + "tbl", W + "tr", W + "tc", W + "trPr", W + "tcPr"
SDT, SDT_CONTENT, TEXT_BOX = W + "sdt", W + "sdtContent", W + "txbxContent"
BR, CR, TAB, PTAB, TABS = W + "br", W + "cr", W + "tab", W + "ptab", W + "tabs"
SYM, HYPHEN, FIELD, RUBY_TEXT = W + "sym", W + "noBreakHyphen", W + "fldChar", W + "rt"
DEL, MOVED, VANISH = W + "del", W + "moveFrom", W + "vanish"
NUM_PR, STYLE, ALT_CHUNK, OBJECT = W + "numPr", W + "pStyle", W + "altChunk", W + "object"
GRID_SPAN, GRID_BEFORE = W + "gridSpan", W + "gridBefore"
V_MERGE, H_MERGE = W + "vMerge", W + "hMerge"
ALTERNATE, CHOICE, FALLBACK = _MC + "AlternateContent", _MC + "Choice", _MC + "Fallback"
MATH_TEXT = _MATH + "t"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"

_TEXT_TAGS = (T, BR, CR, TAB, PTAB, SYM, HYPHEN, MATH_TEXT)
_CELL_TAGS = (P, *_TEXT_TAGS)
_BOXES = frozenset({TR, TC})
_ROW_TAGS = (TR, TC, *_CELL_TAGS)
_FIXED_TEXT = {BR: "\n", CR: "\n", TAB: "\t", PTAB: "\t", HYPHEN: "-"}
_SPECIAL = (
    BR, CR, TAB, PTAB, HYPHEN, SYM, FIELD, RUBY_TEXT, DEL, MOVED, VANISH, NUM_PR, STYLE,
    ALT_CHUNK, OBJECT, ALTERNATE, TEXT_BOX, BLIP, IMAGE, TBL,
    GRID_SPAN, GRID_BEFORE, V_MERGE, H_MERGE,
)  # fmt: skip
_WRAPPERS = frozenset(
    W + name for name in ("sdtContent", "customXml", "ins", "moveTo", "smartTag", "txbxContent")
)
_FALSE = frozenset({"0", "false", "off", "none"})
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_BROKEN = "open the file in Word or WPS and save it again"


def read_docx(data: bytes) -> Document:
    """The blocks of a DOCX file.

    A line break inside a paragraph begins a new ``Paragraph`` (texts pasted from web pages use
    them so); inside a cell it is ``\\n``. Raises ``UnsupportedFormatError`` (no DOCX, encrypted,
    lxml missing), ``DecodeError`` (damaged) or ``LimitExceededError``.
    """
    etree = _lxml()
    parts = _parts(data, etree)
    styles = Styles(parts.styles)
    numbering = Numbering(parts.numbering, styles)
    reader = _Reader(styles)
    reader.prepare(parts.document, etree, numbering)
    body = parts.document.find(W + "body")
    if body is None:
        raise DecodeError("the DOCX file has no body", hint=_BROKEN)
    reader.walk(body)
    return Document(
        reader.blocks,
        "docx",
        media_type=MEDIA_TYPE,
        encoding="utf-8",
        meta=parts.meta,
        findings=reader.findings,
        has_pictures=reader.has_pictures,
    )


def _lxml() -> Any:
    try:
        from lxml import etree
    except ImportError as error:
        raise UnsupportedFormatError(
            "reading DOCX needs lxml, which is not installed",
            hint='pip install "govreport_parse[office]"',
        ) from error
    return etree


# --- the package ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    document: Any
    styles: Any | None
    numbering: Any | None
    meta: dict[str, str]


def _parts(data: bytes, etree: Any) -> _Parts:
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
            raise DecodeError(f"the DOCX file holds two parts named {name!r}", hint=_BROKEN)
        entries[name] = entry

    def load(name: str | None) -> Any | None:
        entry = entries.get(name or "")
        return None if entry is None else parse_xml(inflate(data, entry, budget), etree)

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
        raise DecodeError("the main part is not a Word document", hint=_BROKEN)
    folder = main.rsplit("/", 1)[0] if "/" in main else ""
    styles = load(names.get("styles", f"{folder}/styles.xml"))
    numbering = load(names.get("numbering", f"{folder}/numbering.xml"))
    return _Parts(document, styles, numbering, _meta(load("docprops/core.xml")))


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


def parse_xml(xml: bytes, etree: Any) -> Any:
    """The root of one part: no DTD, no entity, no network, at most 500,000 elements."""
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            xml = xml.decode("utf-16").encode()
        except UnicodeError as error:
            raise DecodeError("a part of the DOCX file is damaged", hint=_BROKEN) from error
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise DecodeError(
            "a part of the DOCX file declares a document type, which no word processor writes",
            hint="the file was made to harm; do not open it",
        )
    # Every element, comment and instruction has one "<" that is not of an end tag: a bound that
    # costs less than a millisecond and holds before any node exists.
    elements = xml.count(b"<") - xml.count(b"</")
    if elements > MAX_ELEMENTS:
        raise LimitExceededError(
            f"a part of the DOCX file has {elements} elements",
            hint="a report has some 10,000",
            context={"elements": elements, "limit": MAX_ELEMENTS},
        )
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
                "a part of the DOCX file is nested too deep or holds one text over 10 MB",
                hint="a report never does; look at the file before trusting it",
            ) from error
        raise DecodeError(f"a part of the DOCX file is broken XML: {text}", hint=_BROKEN) from error


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


# --- the text ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """One table row: (cell element, text, column, width, merge mark) a cell."""

    cells: list[tuple[Any, str, int, int, str]]
    whole: bool
    """Some cell holds a real table or an article: emitted as blocks, not as a table row."""


@dataclass(slots=True)
class _Reader:
    styles: Styles
    blocks: list[Heading | Paragraph | Table] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    has_pictures: bool = False
    labels: dict[Any, str] = field(default_factory=dict)
    """Automatic number by paragraph. Elements as keys stay alive, so they are found again."""
    spans: dict[Any, str | None] = field(default_factory=dict)
    merges: dict[Any, str] = field(default_factory=dict)
    before: dict[Any, str | None] = field(default_factory=dict)
    gone: set[Any] = field(default_factory=set)
    """Rows deleted by a tracked change."""
    nested: bool = False
    tables: int = 0
    cells: int = 0

    # -- making the tree plain, once, so that reading it is a walk over a few tags

    def prepare(self, root: Any, etree: Any, numbering: Numbering) -> None:
        """Resolves everything that is not plain text and tables, in the tree."""
        found: dict[str, list[Any]] = {}
        for element in root.iter(*_SPECIAL):
            found.setdefault(element.tag, []).append(element)
        self._gather_spans(found)
        if DEL in found or MOVED in found:
            self.gone.update(_drop_deleted(found, etree, root))
        for element in found.get(ALTERNATE, ()):
            _choose_alternative(element)
        if FIELD in found:
            _drop_field_codes(root)
        if RUBY_TEXT in found:
            etree.strip_elements(root, RUBY_TEXT, with_tail=False)
        for element in found.get(VANISH, ()):
            _hide(element)
        for tag, text in _FIXED_TEXT.items():
            for element in found.get(tag, ()):
                if element.getparent() is not None and element.getparent().tag != TABS:
                    element.text = text
        for element in found.get(SYM, ()):
            element.text = _symbol(element)
        if numbering and (NUM_PR in found or self.styles.numbered):
            self._number(root, numbering)
        for element in reversed(found.get(TEXT_BOX, ())):
            _move_out(element)
        self.has_pictures = BLIP in found or IMAGE in found
        self.nested = any(next(t.iterancestors(TBL), None) is not None for t in found.get(TBL, ()))
        for tag in (ALT_CHUNK, OBJECT):
            if tag in found:
                self.findings.append(_embedded(tag, len(found[tag])))

    def _gather_spans(self, found: dict[str, list[Any]]) -> None:
        for element in found.get(GRID_SPAN, ()):
            if cell := _owner(element, TCPR):
                self.spans[cell[0]] = element.get(VAL)
        for element in found.get(V_MERGE, ()):
            if cell := _owner(element, TCPR):
                restart = element.get(VAL) == "restart"
                self.merges[cell[0]] = "restart" if restart else "continue"
        for element in found.get(H_MERGE, ()):
            if (cell := _owner(element, TCPR)) and element.get(VAL) != "restart":
                self.merges[cell[0]] = "left"
        for element in found.get(GRID_BEFORE, ()):
            if row := _owner(element, TRPR):
                self.before[row[0]] = element.get(VAL)

    def _number(self, root: Any, numbering: Numbering) -> None:
        for p in root.iter(P):
            properties = p.find(PPR)
            if properties is None:
                continue
            style = attribute(properties, "pStyle")
            own = properties.find(NUM_PR)
            num_id = None if own is None else attribute(own, "numId")
            level = None if own is None else small_int(attribute(own, "ilvl"))
            inherited = self.styles.number(style) if num_id is None else None
            if inherited is not None:
                num_id = inherited[0]
                level = inherited[1] if level is None else level
            if num_id is None or num_id == "0":
                continue
            label = numbering.label(num_id, level, style)
            if label:
                self.labels[p] = label

    # -- blocks

    def walk(self, parent: Any) -> None:
        """Emits the blocks of a body, cell, control or text box."""
        for element in parent:
            tag = element.tag
            if tag == P:
                self._paragraph(element)
            elif tag == TBL:
                self._table(element)
            elif tag == SDT:
                content = element.find(SDT_CONTENT)
                if content is not None:
                    self.walk(content)
            elif tag in _WRAPPERS:
                self.walk(element)

    def _paragraph(self, p: Any) -> None:
        text = "".join([t.text or "" for t in p.iter(*_TEXT_TAGS)])
        if not text.strip():
            return
        properties = p.find(PPR)
        style = level = None
        if properties is not None:
            style = attribute(properties, "pStyle")
            outline = small_int(attribute(properties, "outlineLvl"))
            level = self.styles.heading_level(style) if outline is None else outline + 1
            if self.styles.is_contents_line(style):
                return
        text = self.labels.get(p, "") + text
        lines = [line for line in text.split("\n") if line.strip()]
        # Some authors set whole paragraphs in a heading style; those are text.
        if level is not None and level <= 9 and len(text) <= _LONGEST_HEADING:
            self.blocks.append(Heading("".join(lines), level))
        else:
            self.blocks += [Paragraph(line) for line in lines]

    def _text_lines(self, text: str) -> None:
        self.blocks += [Paragraph(line) for line in text.split("\n") if line.strip()]

    def _cell_text(self, elements: Iterable[Any]) -> str:
        parts: list[str] = []
        label = ""
        for element in elements:
            if element.tag == P:
                parts.append("\n")
                label = self.labels.get(element, "")
            else:
                text = element.text or ""
                # An automatic number before a figure would become part of it: only labels get one.
                if label and text.strip():
                    if _HAN.search(text):
                        parts.append(label)
                    label = ""
                parts.append(text)
        return "".join(parts).strip("\n")

    # -- tables

    def _table(self, tbl: Any) -> None:
        table = Table(0)
        run: list[_Row] = []
        for tr, cells in self._row_texts(tbl):
            if tr in self.gone:
                continue
            row = self._row(tr, cells, table)
            if not row.whole:
                run.append(row)
                continue
            table = self._emit(run, table)
            run = []
            for tc, text, _, _, merge in row.cells:
                if merge == "continue":
                    continue
                if self._is_whole(tc, text):
                    self.walk(tc)
                else:
                    self._text_lines(text)
        self._emit(run, table)

    def _row_texts(self, tbl: Any) -> Iterator[tuple[Any, list[tuple[Any, str]]]]:
        """The rows of a table, each with its cells and their texts."""
        if self.nested and next(tbl.iterdescendants(TBL), None) is not None:
            for tr in _children(tbl, TR):
                cells = _children(tr, TC)
                yield tr, [(tc, self._cell_text(tc.iter(*_CELL_TAGS))) for tc in cells]
            return
        # Without inner tables one walk in C sees rows, cells and texts in their order.
        row: Any = None
        row_cells: list[tuple[Any, str]] = []
        cell: Any = None
        inside: list[Any] = []
        for element in tbl.iter(*_ROW_TAGS):
            tag = element.tag
            if tag not in _BOXES:
                inside.append(element)
                continue
            if cell is not None:
                row_cells.append((cell, self._cell_text(inside)))
            cell, inside = None, []
            if tag == TC:
                cell = element
                continue
            if row is not None:
                yield row, row_cells
            row, row_cells = element, []
        if cell is not None:
            row_cells.append((cell, self._cell_text(inside)))
        if row is not None:
            yield row, row_cells

    def _row(self, tr: Any, cells: list[tuple[Any, str]], table: Table) -> _Row:
        before = self.before.get(tr)
        column = 0 if before is None else _span(before, table, 0)
        row = _Row([], whole=False)
        for tc, text in cells:
            span = self.spans.get(tc)
            width = 1 if span is None else _span(span, table, 1)
            merge = self.merges.get(tc, "")
            self._count_cell(column + width)
            if merge == "left" and row.cells:
                _widen_last(row, text, width)
            else:
                row.cells.append((tc, text, column, width, merge))
                row.whole = row.whole or self._is_whole(tc, text)
            column += width
        return row

    def _count_cell(self, right: int) -> None:
        self.cells += 1
        if self.cells > MAX_CELLS or right > MAX_COLUMNS:
            raise LimitExceededError(
                "the tables of the DOCX file are too large",
                hint="a report has some 700 cells",
                context={"cells": self.cells, "columns": right, "limit": MAX_CELLS},
            )

    def _is_whole(self, tc: Any, text: str) -> bool:
        """A cell that only lays out the page: it holds a real table, or an article."""
        if self.nested and any(_is_real(t) for t in tc.iter(TBL)):
            return True
        return len(text) >= 400 and text.count("\n") >= 9

    def _emit(self, rows: list[_Row], table: Table) -> Table:
        """Appends the gathered rows as one table (or, one cell a row, as lines)."""
        if any(len(row.cells) > 1 for row in rows):
            self.tables += 1
            table.number = self.tables
            _fill(table, rows)
            self.blocks.append(table)
        else:
            for row in rows:
                for _, text, _, _, _ in row.cells:
                    self._text_lines(text)
        return Table(0)


def _fill(table: Table, rows: list[_Row]) -> None:
    """Places the cells; a cell that continues the one above only makes that one taller."""
    above: dict[int, int] = {}
    widest = 0
    for r, row in enumerate(rows):
        here: dict[int, int] = {}
        for _, text, column, width, merge in row.cells:
            widest = max(widest, column + width)
            origin = above.get(column) if merge == "continue" else None
            if origin is not None:
                table.rowspans[origin] += 1
                here[column] = origin
                if text.strip():
                    _note(table, "merged_cell_text")
                continue
            if merge:
                here[column] = len(table)
            table.add(text, r, column, 1, width)
        above = here
    if widest * len(rows) > MAX_AREA:
        raise LimitExceededError(
            "a table of the DOCX file is too large",
            hint="a report has some 700 cells",
            context={"rows": len(rows), "columns": widest, "limit": MAX_AREA},
        )


def _widen_last(row: _Row, text: str, width: int) -> None:
    tc, before, column, old, merge = row.cells[-1]
    row.cells[-1] = (tc, before or text, column, old + width, merge)


def _span(text: str | None, table: Table, least: int) -> int:
    value = small_int((text or "").strip())
    if value is not None and least <= value <= MAX_SPAN:
        return value
    _note(table, "span_clamped")
    digits = (text or "").strip()
    return MAX_SPAN if digits.isascii() and digits.isdigit() and value != 0 else least


def _note(table: Table, note: str) -> None:
    if note not in table.notes:
        table.notes.append(note)


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """Children of one kind, seen through content controls and other wrappers."""
    for element in parent:
        kind = element.tag
        if kind == tag:
            yield element
        elif kind == SDT:
            content = element.find(SDT_CONTENT)
            if content is not None:
                yield from _children(content, tag)
        elif kind in _WRAPPERS:
            yield from _children(element, tag)


def _is_real(tbl: Any) -> bool:
    """At least 2 rows and 6 cells: a table of its own, not a device to align two words."""
    rows = sum(1 for _ in _children(tbl, TR))
    cells = sum(1 for _ in tbl.iter(TC))
    return rows >= 2 and cells >= 6


# --- changes to the tree -------------------------------------------------------------------


def _owner(element: Any, properties: str) -> tuple[Any, ...]:
    """The cell or row that a property element describes; empty for records of old properties."""
    parent = element.getparent()
    if parent is None or parent.tag != properties:
        return ()
    owner = parent.getparent()
    # A change record (tcPrChange) holds the old properties in an element of the same name.
    return () if owner is None or owner.tag not in (TC, TR) else (owner,)


def _drop_deleted(found: dict[str, list[Any]], etree: Any, root: Any) -> list[Any]:
    """Takes out tracked deletions: runs and paragraph ends (which join two). Gives deleted rows."""
    rows: list[Any] = []
    for element in (*found.get(DEL, ()), *found.get(MOVED, ())):
        parent = element.getparent()
        if parent is None:
            continue
        if parent.tag == TRPR:
            rows += _owner(element, TRPR)
        elif parent.tag == RPR and parent.getparent() is not None:
            holder = parent.getparent()
            if holder.tag == PPR and holder.getparent() is not None:
                _join_with_next(holder.getparent())
    etree.strip_elements(root, DEL, MOVED, with_tail=False)
    return rows


def _join_with_next(p: Any) -> None:
    following = p.getnext()
    if following is None or following.tag != P:
        return
    at = 1 if len(following) and following[0].tag == PPR else 0
    for element in reversed([e for e in p if e.tag != PPR]):
        following.insert(at, element)
    p.getparent().remove(p)


def _choose_alternative(element: Any) -> None:
    """Keeps one branch: the first choice, or the fallback when only that one has text."""
    choice, fallback = element.find(CHOICE), element.find(FALLBACK)
    keep = choice
    if choice is None or (
        next(choice.iter(T), None) is None
        and fallback is not None
        and next(fallback.iter(T), None) is not None
    ):
        keep = fallback
    for branch in list(element):
        if branch is not keep:
            element.remove(branch)


def _drop_field_codes(root: Any) -> None:
    """Empties texts inside field instructions; a field that never ends keeps all its texts."""
    open_fields: list[bool] = []
    pending: list[Any] = []
    for element in root.iter(FIELD, T):
        if element.tag == T:
            if True in open_fields:
                pending.append(element)
            continue
        kind = element.get(W + "fldCharType")
        if kind == "begin":
            open_fields.append(True)
        elif kind == "separate" and open_fields:
            open_fields[-1] = False
        elif kind == "end" and open_fields:
            open_fields.pop()
        if True not in open_fields:
            for text in pending:
                text.text = ""
            pending.clear()


def _hide(element: Any) -> None:
    if (element.get(VAL) or "1") in _FALSE:
        return
    properties = element.getparent()
    run = None if properties is None else properties.getparent()
    if run is not None and run.tag == R:
        for child in list(run):
            run.remove(child)


def _symbol(element: Any) -> str:
    """A character given by its code in a font. Only the Symbol font has digits at their places."""
    try:
        code = int(element.get(W + "char") or "", 16)
    except ValueError:
        return "\ufffd"
    if element.get(W + "font") == "Symbol" and chr(code & 0xFF) in "0123456789()+,./%":
        code &= 0xFF
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else "\ufffd"


def _move_out(box: Any) -> None:
    """A text box becomes a sibling behind the paragraph it hangs on."""
    host = next(box.iterancestors(P), None)
    if host is not None and host.getparent() is not None:
        host.addnext(box)


def _embedded(tag: str, count: int) -> Finding:
    kind = "altChunk" if tag == ALT_CHUNK else "object"
    return Finding(
        "embedded_content",
        "warning",
        f"{count} embedded {kind} part(s) of the DOCX file were not read",
        f"DOCX 文件中有 {count} 处嵌入内容（{kind}）未读取",
        detail=(("kind", kind), ("count", count)),
    )
