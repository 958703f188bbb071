"""One ``<table>`` of a page as grids and lines: spans opened, layout told from data.

A table that only lays out the page is taken apart: its cells are handed back to be walked, in
order, and what stands between them is read as tables and lines.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from govreport_parse.documents import html_article
from govreport_parse.documents import html_ink as ink
from govreport_parse.documents.grid import CLAMPED, MAX_CELLS, Row, place_group, slice_rows
from govreport_parse.documents.html_article import Item
from govreport_parse.documents.html_lines import PAGE_BREAK, SEPARATOR, emit, unwrap
from govreport_parse.documents.html_survey import Survey, is_hidden
from govreport_parse.documents.html_tags import CAPTION, P_TAG, PLAIN, TD, TFOOT, TH, THEAD, TR
from govreport_parse.documents.model import Table
from govreport_parse.errors import LimitExceededError
from govreport_parse.values import Finding, Locator

# A nested table of so many cells is data, whatever stands around it; a smaller one is so only
# when it is not drowned in the cells of a data table.
_NESTED_DATA = 8
_NESTED_SMALL = 4
_SIMPLE_CELLS_AROUND_SMALL = 40
_ARTICLE_CHARS = 400
_ARTICLE_PARTS = 3
_HEADED_CHARS = 120
_SIMPLE_CELLS_AROUND_NOTE = 20


@dataclass(slots=True)
class _Candidate:
    """A cell that may be layout rather than data."""

    row: int
    index: int
    node: LexborNode
    lines: list[str] | None
    keep_among: int
    """It is data all the same when so many plain cells stand in the table."""


class TableReader(ABC):
    """Reads the tables of one page. Whoever walks the page says what a cell shows.

    A subclass and no callback: a bound method in here would close a circle of references and keep
    the parsed tree until the next garbage collection.
    """

    def __init__(self, survey: Survey, findings: list[Finding]) -> None:
        self.survey = survey
        self.findings = findings
        self._marked = survey.marked
        self._around_tables = survey.around_tables
        self._spans = survey.spans
        self._spanned_rows = survey.spanned_rows
        self._hidden_cells = survey.hidden_cells
        self._number = 0
        self._cells = 0
        self._hidden_in_table = False

    @abstractmethod
    def lines(self, cell: LexborNode) -> list[str]:
        """What a cell or caption shows, line by line."""

    def read_table(self, node: LexborNode, blocks: list[Item]) -> Iterator[LexborNode]:
        """Append what the table holds to ``blocks``; yields the cells that are to be walked."""
        self._hidden_in_table = False
        captions, groups = _row_groups(node)
        for caption in captions:
            for line in self.lines(caption):
                emit(blocks, line, 0)
        grid = Table(0)
        candidates: list[_Candidate] = []
        next_row = 0
        widest = 0
        for group in groups:
            rows: list[Row] = []
            for tr in group:
                row = self._row(tr, next_row + len(rows), candidates)
                rows.append(row)
                widest = max(widest, len(row[0]))
                self._note_hidden(tr, grid)
            next_row = place_group(grid, rows, next_row)
        if self._hidden_in_table:
            grid.notes.append("hidden_cells")
        self._cells += len(grid)
        if self._cells > MAX_CELLS:
            raise LimitExceededError(
                f"the tables of the page have more than {MAX_CELLS} cells",
                hint="no report comes near this",
                context={"limit": "cells", "value": MAX_CELLS},
            )
        layout = self._settle(grid, candidates)
        if not layout:
            self._emit_rows(grid, 0, next_row, blocks, layout=False)
            return
        start = 0
        cells_of: dict[int, list[int]] = {row: [] for row, _ in layout}
        for i, row_number in enumerate(grid.rows):
            if row_number in cells_of:
                cells_of[row_number].append(i)
        for row_number, cells in cells_of.items():
            self._emit_rows(grid, start, row_number, blocks, layout=True)
            for index, i in enumerate(cells):
                cell = layout.get((row_number, index))
                if cell is not None:
                    yield cell
                else:
                    for line in grid.texts[i].split("\n"):
                        emit(blocks, line, 0)
            start = row_number + 1
        self._emit_rows(grid, start, next_row, blocks, layout=True)

    def _settle(
        self, grid: Table, candidates: list[_Candidate]
    ) -> dict[tuple[int, int], LexborNode]:
        """The cells that are layout, by (row, index in row); the others get their text."""
        if not candidates:
            return {}
        plain = len(grid) - len(candidates)
        layout = {}
        for c in candidates:
            if plain < c.keep_among:
                layout[c.row, c.index] = c.node
            elif c.lines is None:
                grid.texts[grid.rows.index(c.row) + c.index] = "\n".join(self.lines(c.node))
        return layout

    def _note_hidden(self, tr: LexborNode, grid: Table) -> None:
        if is_hidden(tr.attributes):
            grid.notes.append("hidden_rows")

    def _row(self, tr: LexborNode, number: int, candidates: list[_Candidate]) -> Row:
        identity = tr.mem_id
        if identity in self._marked:
            return self._marked_row(tr, number, candidates)
        texts: list[str] = []
        spans: dict[int, tuple[int, int]] | None = None
        of_cell = self._spans if identity in self._spanned_rows else None
        for cell in tr.iter():
            if of_cell and (mem := cell.mem_id) in of_cell:
                spans = spans or {}
                spans[len(texts)] = of_cell[mem]
            child = cell.first_child
            if child is None:
                texts.append("")
                continue
            if child.next is None:
                tag = child.tag_id
                if tag in PLAIN:
                    text = child.text_lexbor().strip()
                    texts.append(unwrap(text) if "\n" in text else text)
                    continue
            text = cell.text(True, SEPARATOR, False, True).strip()
            if SEPARATOR in text:
                text = self._cell_of_pieces(cell, number, len(texts), candidates)
            elif "\n" in text:
                text = unwrap(text)
            texts.append(text)
        return texts, spans

    def _marked_row(self, tr: LexborNode, number: int, candidates: list[_Candidate]) -> Row:
        """A row with line breaks, scripts, pictures, form fields or tables in it."""
        texts: list[str] = []
        spans: dict[int, tuple[int, int]] = {}
        for cell in tr.iter():
            if cell.tag_id not in (TD, TH):
                continue
            identity = cell.mem_id
            if identity in self._hidden_cells:
                self._hidden_in_table = True
                continue
            if identity in self._spans:
                spans[len(texts)] = self._spans[identity]
            if identity in self._marked:
                text = self._marked_cell(cell, identity, number, len(texts), candidates)
            else:
                text = cell.text(True, SEPARATOR, False, True).strip()
                if SEPARATOR in text:
                    text = self._cell_of_pieces(cell, number, len(texts), candidates)
                elif "\n" in text:
                    text = unwrap(text)
            texts.append(text)
        return texts, spans

    def _cell_of_pieces(
        self, cell: LexborNode, row: int, index: int, candidates: list[_Candidate]
    ) -> str:
        lines = self._lines_of_paragraphs(cell)
        if lines is None:
            lines = self.lines(cell)
        return _weigh(cell, row, index, lines, candidates)

    def _lines_of_paragraphs(self, cell: LexborNode) -> list[str] | None:
        """Lines of a cell that holds nothing but plain ``<p>``, the commonest shape; else None."""
        lines = []
        for child in cell.iter(True, True):
            if child.tag_id != P_TAG:
                return None
            text = child.text_lexbor().strip()
            if text:
                lines.append(unwrap(text) if "\n" in text else text)
        return lines

    def _marked_cell(
        self,
        cell: LexborNode,
        identity: int,
        row: int,
        index: int,
        candidates: list[_Candidate],
    ) -> str:
        if identity in self._around_tables:
            nested = len(cell.css("td, th")) - 1
            if nested >= _NESTED_SMALL:
                keep_among = _SIMPLE_CELLS_AROUND_SMALL if nested < _NESTED_DATA else MAX_CELLS
                candidates.append(_Candidate(row, index, cell, None, keep_among))
                return ""
        lines = self.lines(cell)
        return _weigh(cell, row, index, lines, candidates)

    def _emit_rows(
        self, grid: Table, start: int, stop: int, blocks: list[Item], *, layout: bool
    ) -> None:
        """Rows ``start`` to ``stop`` as a table, or as paragraphs when no row has two cells."""
        if not grid.rows or start >= stop:
            return
        part = grid if not layout else slice_rows(grid, start, stop, 0)
        if not part.rows or (layout and not any(part.texts)):
            return
        if not any(a == b for a, b in zip(part.rows, part.rows[1:], strict=False)):
            for text in part.texts:
                for line in text.split("\n"):
                    emit(blocks, line, 0)
            return
        self._number += 1
        part.number = self._number
        if self.survey.has_signs and (seen := ink.show_signs(part)):
            self.findings.append(seen)
        if part.notes:
            part.notes = list(dict.fromkeys(part.notes))
            self.findings.extend(_table_findings(part))
        blocks.append(part)


def _row_groups(table: LexborNode) -> tuple[list[LexborNode], list[list[LexborNode]]]:
    """Captions, and rows by group in the order in which a browser shows them."""
    captions: list[LexborNode] = []
    parts: tuple[list[list[LexborNode]], ...] = ([], [], [])
    for child in table.iter():
        tag = child.tag_id
        if tag == CAPTION:
            captions.append(child)
        elif tag == TR:
            parts[1].append([child])
        else:
            rows = [tr for tr in child.iter() if tr.tag_id == TR]
            if rows:
                parts[0 if tag == THEAD else 2 if tag == TFOOT else 1].append(rows)
    return captions, [*parts[0], *parts[1], *parts[2]]


def _weigh(
    cell: LexborNode, row: int, index: int, lines: list[str], candidates: list[_Candidate]
) -> str:
    """The cell's text; notes the cell as a candidate when it looks like an article."""
    text = "\n".join(lines)
    if PAGE_BREAK in text:
        text = text.replace(PAGE_BREAK, "").strip()
    if len(lines) > 1 and len(text) >= _HEADED_CHARS:
        if any(html_article.names_section(line) for line in lines):
            candidates.append(_Candidate(row, index, cell, lines, MAX_CELLS))
        elif len(text) > _ARTICLE_CHARS and len(lines) >= _ARTICLE_PARTS:
            candidates.append(_Candidate(row, index, cell, lines, _SIMPLE_CELLS_AROUND_NOTE))
    return text


def _table_findings(table: Table) -> Iterator[Finding]:
    where = Locator(table=table.number)
    if CLAMPED in table.notes:
        yield Finding(
            "span_clamped",
            "info",
            f"table {table.number}: a cell spans more rows or columns than there are",
            f"第{table.number}个表格中有单元格的跨行或跨列数超出表格范围",
            locator=where,
        )
    if "hidden_cells" in table.notes:
        yield Finding(
            "hidden_cells",
            "info",
            f"table {table.number} has cells that a browser does not show; they were left out",
            f"第{table.number}个表格含有页面上不显示的单元格，未读取",
            locator=where,
        )
    if "hidden_rows" in table.notes:
        yield Finding(
            "hidden_rows",
            "warning",
            f"table {table.number} has rows that a browser does not show; they were read",
            f"第{table.number}个表格含有页面上不显示的行，已一并读取",
            locator=where,
        )
