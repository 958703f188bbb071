"""DOCX: from the bytes of a Word or WPS file to a ``Document``, straight from its XML.

What is read: paragraphs and tables in order, with spans and vertical merges, text boxes,
content controls, results of fields, automatic numbers; insertions of tracked changes count,
deletions do not. Left out: headers, footers, notes, comments, hidden text, struck-out text in
cells, lines of a table of contents. Raised and lowered marks in cells stand in square brackets.

What is refused: anything but a whole ZIP package with a main document part (``archive_zip``),
document type declarations (so no entities), more than 500,000 elements, XML deeper than 256.
Relationships are never followed: no linked picture, template, embedded chunk or object is
opened; embedded documents are named in a finding since their text is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from govreport_parse.documents.docx_package import read_parts
from govreport_parse.documents.docx_styles import Numbering, Styles, W, attribute, small_int
from govreport_parse.documents.docx_tree import (
    PPR,
    SDT,
    SDT_CONTENT,
    TBL,
    TC,
    TR,
    P,
    Plain,
    make_plain,
)
from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.documents.office_xml import BROKEN
from govreport_parse.errors import DecodeError, LimitExceededError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_CELLS = 200_000
MAX_SPAN = 63
"""Word's own limit of columns; wider spans are damage or an attack."""
MAX_COLUMNS = 1_000
MAX_AREA = 2_000_000
MAX_LOOKS = 2_000_000
"""Elements looked at in tables within tables, all levels together; real files need thousands."""
_LONGEST_HEADING = 120
_ARTICLE = 400
"""Least number of characters of an article in a cell."""

_WRAPPERS = frozenset(
    W + name for name in ("sdtContent", "customXml", "ins", "moveTo", "smartTag", "txbxContent")
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def read_docx(data: bytes) -> Document:
    """The blocks of a DOCX file.

    A line break inside a paragraph begins a new ``Paragraph`` (texts pasted from web pages use
    them so); inside a cell it is ``\\n``. Raises ``UnsupportedFormatError`` (no DOCX, encrypted,
    lxml missing), ``DecodeError`` (damaged) or ``LimitExceededError``.
    """
    parts = read_parts(data)
    styles = Styles(parts.styles)
    plain = make_plain(parts.document, styles, Numbering(parts.numbering, styles))
    body = parts.document.find(W + "body")
    if body is None:
        raise DecodeError("the DOCX file has no body", hint=BROKEN)
    reader = _Reader(styles, plain)
    reader.walk(body)
    return Document(
        reader.blocks,
        "docx",
        media_type=MEDIA_TYPE,
        encoding="utf-8",
        meta=parts.meta,
        findings=plain.findings,
        has_pictures=plain.has_pictures,
    )


@dataclass(slots=True)
class _Row:
    """One table row: (cell element, text, column, width, merge mark) a cell."""

    cells: list[tuple[Any, str, int, int, str]]
    whole: bool
    """Some cell holds a real table or an article: emitted as blocks, not as a table row."""


@dataclass(slots=True)
class _Reader:
    styles: Styles
    plain: Plain
    blocks: list[Block] = field(default_factory=list)
    tables: int = 0
    cells: int = 0
    looks: int = 0

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
        text = "".join([t.text or "" for t in p.iter(*self.plain.text_tags)])
        if not text.strip():
            return
        properties = p.find(PPR) if p in self.plain.styled else None
        style = level = None
        if properties is not None:
            style = attribute(properties, "pStyle")
            outline = small_int(attribute(properties, "outlineLvl"))
            level = self.styles.heading_level(style) if outline is None else outline + 1
            if self.styles.is_contents_line(style):
                return
        text = self.plain.labels.get(p, "") + text
        lines = [line for line in text.split("\n") if line.strip()]
        # Some authors set whole paragraphs in a heading style; those are text.
        if level is not None and level <= 9 and len(text) <= _LONGEST_HEADING:
            self.blocks.append(Heading("".join(lines), level))
        else:
            self.blocks += [Paragraph(line) for line in lines]

    def _text_lines(self, text: str) -> None:
        self.blocks += [Paragraph(line) for line in text.split("\n") if line.strip()]

    def _cell_text(self, elements: list[Any]) -> str:
        parts: list[str] = []
        label = ""
        for element in elements:
            if element.tag == P:
                parts.append("\n")
                label = self.plain.labels.get(element, "")
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
            if tr in self.plain.gone:
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
        if self.plain.nested and next(tbl.iterdescendants(TBL), None) is not None:
            for tr in _children(tbl, TR):
                yield tr, [(tc, self._nested_text(tc)) for tc in _children(tr, TC)]
            return
        # Without inner tables one walk in C sees rows, cells and texts in their order.
        rows: list[tuple[Any, list[tuple[Any, list[Any]]]]] = []
        cells: list[tuple[Any, list[Any]]] = []
        inside: list[Any] = []
        labels = bool(self.plain.labels)
        for element in tbl.iter(TR, TC, P, *self.plain.text_tags):
            tag = element.tag
            if tag == TC:
                inside = []
                cells.append((element, inside))
            elif tag == TR:
                cells, inside = [], []
                rows.append((element, cells))
            elif labels:
                inside.append(element)
            else:
                inside.append("\n" if tag == P else element.text or "")
        for tr, found in rows:
            if labels:
                yield tr, [(tc, self._cell_text(parts)) for tc, parts in found]
            else:
                yield tr, [(tc, "".join(parts).strip("\n")) for tc, parts in found]

    def _nested_text(self, tc: Any) -> str:
        elements = list(tc.iter(P, *self.plain.text_tags))
        self._count_looks(len(elements))
        return self._cell_text(elements)

    def _count_looks(self, looks: int) -> None:
        """Tables in tables are looked at once a level: bounded, since levels multiply."""
        self.looks += looks
        if self.looks > MAX_LOOKS:
            raise LimitExceededError(
                "the tables of the DOCX file are nested too often",
                hint="a report never does; look at the file before trusting it",
                context={"limit": MAX_LOOKS},
            )

    def _is_real(self, tbl: Any) -> bool:
        """At least 2 rows and 6 cells: a table of its own, not a device to align two words."""
        rows = sum(1 for _ in islice(_children(tbl, TR), 2))
        cells = sum(1 for _ in islice(tbl.iter(TC), 6))
        self._count_looks(1 + rows + cells)
        return rows >= 2 and cells >= 6

    def _row(self, tr: Any, cells: list[tuple[Any, str]], table: Table) -> _Row:
        spans, merges, nested = self.plain.spans, self.plain.merges, self.plain.nested
        before = self.plain.before.get(tr)
        column = 0 if before is None else _span(before, table, 0)
        row = _Row([], whole=False)
        for tc, text in cells:
            span = spans.get(tc)
            width = 1 if span is None else _span(span, table, 1)
            merge = merges.get(tc, "")
            if merge == "left" and row.cells:
                _widen_last(row, text, width)
            else:
                row.cells.append((tc, text, column, width, merge))
                if nested or len(text) >= _ARTICLE:
                    row.whole = row.whole or self._is_whole(tc, text)
            column += width
        self._count_cells(len(cells), column)
        return row

    def _count_cells(self, cells: int, right: int) -> None:
        self.cells += cells
        if self.cells > MAX_CELLS or right > MAX_COLUMNS:
            raise LimitExceededError(
                "the tables of the DOCX file are too large",
                hint="a report has some 700 cells",
                context={"cells": self.cells, "columns": right, "limit": MAX_CELLS},
            )

    def _is_whole(self, tc: Any, text: str) -> bool:
        """A cell that only lays out the page: it holds a real table, or an article."""
        if self.plain.nested and any(self._is_real(t) for t in tc.iter(TBL)):
            return True
        return len(text) >= _ARTICLE and text.count("\n") >= 9

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
    texts, places, columns = table.texts, table.rows, table.columns
    rowspans, colspans = table.rowspans, table.colspans
    above: dict[int, int] = {}
    widest = 0
    for r, row in enumerate(rows):
        here: dict[int, int] = {}
        for _, text, column, width, merge in row.cells:
            widest = max(widest, column + width)
            origin = above.get(column) if merge == "continue" else None
            if origin is not None:
                rowspans[origin] += 1
                here[column] = origin
                if text.strip():
                    _note(table, "merged_cell_text")
                continue
            if merge:
                here[column] = len(texts)
            texts.append(text)
            places.append(r)
            columns.append(column)
            rowspans.append(1)
            colspans.append(width)
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
