"""Word 97-2003 documents (.doc, and the .wps files of Kingsoft that are the same inside).

In go bytes, out comes a ``Document``. The text is put together from the piece table; a cell ends
with the character 7, and so does a row, so whether a 7 ends a blank cell or a row is read from
the paragraph properties (``sprmPFTtp``), and columns and merges from the row's ``sprmTDefTable``.
Where these are missing (Word 6 and 95) rows are cut by what can be proven from a constant number
of cells after Chinese labels; otherwise the table carries the note ``doc_rows_unsure`` and a
finding says so. As in DOCX, struck-out text of cells is left out and counted, and raised digits
behind a digit stand in square brackets.

Deleted revisions, hidden text, field instructions and notes are left out; text boxes come last.
Inner tables are text of their cell. Numbers of automatic lists are not in the text of such files;
a finding tells when there are some. Encrypted files are refused. What is not read here
(RTF, Works) can be turned into DOCX by ``via_libreoffice`` where LibreOffice is installed.
[MS-DOC] is the reference for structures and numbers.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.documents.doc_binary import (
    BROKEN,
    MAX_CHARACTERS,
    PLAIN,
    Properties,
    Runs,
    blank_out,
    character_ranges,
    ole_streams,
    paragraph_runs,
    pieces_of,
    strict,
    text_of,
    u16,
    u32,
    without_field_codes,
)
from govreport_parse.documents.doc_marks import bracketed, with_marks
from govreport_parse.documents.libreoffice import via_libreoffice
from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError
from govreport_parse.values import Finding

__all__ = ["read_doc", "rows_of_constant_width", "via_libreoffice"]

MEDIA_TYPE = "application/msword"
MAX_CELLS = 200_000
_WORD_97 = 0xC1
_SAME_EDGE = 30
"""Cell borders at most this far apart (twips, 0.5 mm) are the same grid line."""
_LONGEST_HEADING = 120
_LONGEST_CELL = 2_000
"""Characters to the end of a cell that are looked through."""


def read_doc(data: bytes) -> Document:
    """The blocks of a Word document before DOCX.

    Raises ``UnsupportedFormatError`` (another format, encrypted, olefile missing),
    ``DecodeError`` (damaged) or ``LimitExceededError``.
    """
    streams = ole_streams(data)
    word = streams["WordDocument"]
    try:
        found = _read_97(word, streams) if u16(word, 2) >= _WORD_97 else _read_95(word)
    except (struct.error, IndexError) as error:
        raise DecodeError("the Word document is cut or damaged", hint=BROKEN) from error
    return Document(
        found.blocks,
        "doc",
        media_type=MEDIA_TYPE,
        meta=streams["meta"],
        findings=found.findings(),
        has_pictures=found.has_pictures,
    )


@dataclass(slots=True)
class _Found:
    """The blocks so far, and what to tell about them."""

    blocks: list[Block] = field(default_factory=list)
    has_pictures: bool = False
    unsure: int = 0
    lists: int = 0
    cells: int = 0
    struck: int = 0

    def count_cell(self) -> None:
        """One cell more; ``LimitExceededError`` where they are more than a document has."""
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise LimitExceededError(
                "the Word document has too many cells",
                hint="a report has some 700",
                context={"limit": MAX_CELLS},
            )

    def findings(self) -> list[Finding]:
        """Doubts as data."""
        out = []
        if self.struck:
            out.append(
                Finding(
                    "hidden_text",
                    "info",
                    f"{self.struck} struck-out run(s) of text in table cells were not read",
                    f"表格单元格中有 {self.struck} 处带删除线的文字，未读取",
                    detail=(("count", self.struck),),
                )
            )
        if self.unsure:
            out.append(
                Finding(
                    "doc_rows_unsure",
                    "warning",
                    f"the row ends of {self.unsure} table(s) of the .doc file are not certain",
                    f".doc 文件中有 {self.unsure} 个表格的行尾无法确定",
                )
            )
        if self.lists:
            out.append(
                Finding(
                    "list_numbers_lost",
                    "info",
                    f"{self.lists} paragraph(s) have automatic numbers that are not read",
                    f"有 {self.lists} 个段落使用自动编号，编号未读取",
                )
            )
        return out


def _read_97(word: bytes, streams: dict[str, Any]) -> _Found:
    flags = u16(word, 0x0A)
    if flags & 0x8100:
        raise UnsupportedFormatError(
            "the document is encrypted", hint="remove the password and save the file again"
        )
    table = streams.get("1Table" if flags & 0x0200 else "0Table")
    if table is None:
        raise DecodeError("the Word document has no table stream", hint=BROKEN)
    counts = struct.unpack_from("<8I", word, 0x4C)
    pieces = pieces_of(table[u32(word, 0x1A2) : u32(word, 0x1A2) + u32(word, 0x1A6)])
    text = text_of(word, pieces)
    ranges = character_ranges(word, table, pieces)
    text = without_field_codes(blank_out(text, ranges.hidden))
    runs = Runs(paragraph_runs(word, table, streams.get("Data", b"")), pieces)
    found = _Found()
    struck = [r for r in ranges.struck if _is_in_cell(text, r, runs)]
    found.struck = sum(1 for start, end in struck if _clean(text[start:end]).strip())
    text = blank_out(text, struck)
    text = with_marks(text, [r for r in ranges.raised if _is_in_cell(text, r, runs)])
    before_boxes = sum(counts[:6])
    for start, length in ((0, counts[0]), (before_boxes, counts[6])):
        _walk(text, (start, min(start + length, len(text))), runs, found)
    drawn = "\x08" in text[: counts[0]] and not counts[6]
    found.has_pictures = drawn or "\x01" in text[: counts[0]]
    return found


# --- blocks --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    cells: list[str]
    shape: Properties


_MARKS = re.compile("[\r\x07\x0c]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1d\x1f]")


def _is_in_cell(text: str, span: tuple[int, int], runs: Runs) -> bool:
    mark = _MARKS.search(text, span[0], span[0] + _LONGEST_CELL)
    if mark is None:
        return False
    properties = runs.at(mark.start())
    return mark[0] == "\x07" or properties.in_table or properties.depth > 0


def _clean(text: str) -> str:
    text = text.replace("\x0b", "\n").replace("\x1e", "-")
    text = bracketed(text)
    return _CONTROL.sub("", text)


def _walk(text: str, part: tuple[int, int], runs: Runs, found: _Found) -> None:
    """Cuts a range of characters into paragraphs, cells and rows, and emits the blocks."""
    start, end = part
    cell: list[str] = []
    row: list[str] = []
    rows: list[_Row] = []
    begin = start
    for match in _MARKS.finditer(text, start, end):
        at = match.start()
        now = runs.at(at)
        content = _clean(text[begin:at])
        begin = at + 1
        mark = match[0]
        if mark == "\x07" and now.row_end:
            rows.append(_Row(row, now))
            row, cell = [], []
        elif mark == "\x07":
            cell.append(content)
            row.append("\n".join(cell).strip("\n"))
            cell = []
            found.count_cell()
        elif now.in_table or now.depth:
            if content or mark == "\r":
                cell.append(content)
        else:
            _close_table(rows, row, found)
            _loose(cell, found)
            cell, row, rows = [], [], []
            _paragraph(content, now, found)
    _close_table(rows, row, found)
    _loose(cell, found)
    if begin < end:
        _paragraph(_clean(text[begin:end]), PLAIN, found)


def _loose(cell: list[str], found: _Found) -> None:
    """Texts of a cell that never ended: paragraphs, so that nothing is lost."""
    for text in cell:
        _paragraph(text, PLAIN, found)


def _paragraph(text: str, properties: Properties, found: _Found) -> None:
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return
    found.lists += properties.in_list
    level = properties.style if 1 <= properties.style <= 9 else None
    if properties.outline is not None:
        level = properties.outline + 1 if properties.outline < 9 else None
    if level is not None and len(text) <= _LONGEST_HEADING:
        found.blocks.append(Heading("".join(lines), level))
    else:
        found.blocks += [Paragraph(line) for line in lines]


def _close_table(rows: list[_Row], rest: list[str], found: _Found) -> None:
    """Emits the rows gathered so far; cells whose row never ended are cut by proof or flagged."""
    if rest:
        cut, sure = rows_of_constant_width(rest)
        _emit(rows + [_Row(r, PLAIN) for r in cut], found, sure=sure and not rows)
        return
    if rows:
        _emit(rows, found, sure=all(len(r.cells) == len(r.shape.edges) - 1 for r in rows))


def _emit(rows: list[_Row], found: _Found, *, sure: bool) -> None:
    table = Table(sum(isinstance(b, Table) for b in found.blocks) + 1)
    lines = _grid_lines(rows)
    above: dict[int, int] = {}
    for r, row in enumerate(rows):
        here: dict[int, int] = {}
        for text, column, width, down in _placed(row, lines):
            origin = above.get(column) if down == 1 else None
            if origin is not None:
                table.rowspans[origin] += 1
                here[column] = origin
            else:
                if down:
                    here[column] = len(table)
                table.add(text, r, column, 1, width)
        above = here
    if not sure:
        table.notes.append("doc_rows_unsure")
        found.unsure += 1
    found.blocks.append(table)


def _grid_lines(rows: list[_Row]) -> list[int]:
    """The vertical lines of a table: borders of all rows, near ones taken as one."""
    lines: list[int] = []
    for edge in sorted({e for row in rows for e in row.shape.edges}):
        if not lines or edge - lines[-1] > _SAME_EDGE:
            lines.append(edge)
    return lines


def _placed(row: _Row, lines: list[int]) -> Iterator[tuple[str, int, int, int]]:
    """(text, column, width, vertical merge) for each cell of a row."""
    shape = row.shape
    if len(row.cells) != len(shape.edges) - 1:
        for i, text in enumerate(row.cells):
            yield text, i, 1, 0
        return
    columns = [bisect_right(lines, edge) - 1 for edge in shape.edges]
    i = 0
    while i < len(row.cells):
        last = i + 1
        # Two editions of the format call the first of merged cells 1 and 2; both agree that the
        # others bear the other number.
        if shape.across[i]:
            while last < len(row.cells) and shape.across[last] not in (0, shape.across[i]):
                last += 1
        text = "\n".join(t for t in row.cells[i:last] if t.strip()) or row.cells[i]
        yield text, columns[i], max(1, columns[last] - columns[i]), shape.down[i]
        i = last


def rows_of_constant_width(tokens: list[str]) -> tuple[list[list[str]], bool]:
    """Cuts texts that all end with the same mark into rows, each closed by an empty text.

    ``True`` when nothing else is plausible: one row without blanks, or one single number of cells
    (at least 2, in at least 2 rows) with which every row begins with a Chinese label and ends at
    an empty text. Else rows are cut before the labels that follow an empty text, and nothing is
    proven.
    """
    if tokens and "" not in tokens[:-1] and not tokens[-1]:
        return [tokens[:-1]], True
    fitting = [
        n
        for n in range(2, len(tokens) // 2)
        if len(tokens) % (n + 1) == 0
        and not any(tokens[n :: n + 1])
        and all(_HAN.search(label) for label in tokens[:: n + 1])
    ]
    if len(fitting) == 1:
        n = fitting[0]
        return [tokens[i : i + n] for i in range(0, len(tokens), n + 1)], True
    rows: list[list[str]] = [[]]
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else "表"
        if not token and rows[-1] and _HAN.search(following):
            rows.append([])
        else:
            rows[-1].append(token)
    return [r for r in rows if r], False


_HAN = re.compile("[\u3400-\u9fff]")


# --- Word 6 and 95 -------------------------------------------------------------------------


def _read_95(word: bytes) -> _Found:
    """Texts of 8-bit characters (GBK in Chinese files); rows are cut by proof only."""
    flags = u16(word, 0x0A)
    if flags & 0x0100:
        raise UnsupportedFormatError(
            "the document is encrypted", hint="remove the password and save the file again"
        )
    start, length = u32(word, 0x18), u32(word, 0x34)
    if flags & 0x0004:
        raise UnsupportedFormatError(
            "the Word 6/95 document was saved in pieces, which is not read", hint=BROKEN
        )
    raw = word[start : start + length]
    if length > MAX_CHARACTERS or len(raw) != length:
        raise DecodeError("the text of the Word document is cut", hint=BROKEN)
    text = strict(raw, "gb18030")
    if text is None:
        text = raw.decode("gb18030", "replace")
    text = without_field_codes(text)
    found = _Found(has_pictures="\x01" in text)
    _walk_unformatted(text, found)
    return found


def _walk_unformatted(text: str, found: _Found) -> None:
    """Blocks of a text whose paragraph properties are not known."""
    tokens: list[str] = []
    pieces = text.split("\x07")
    for i, piece in enumerate(pieces):
        lines = [_clean(line) for line in re.split("[\r\x0c]", piece)]
        if i == len(pieces) - 1:
            _close_table([], tokens, found)
            tokens = []
            for line in lines:
                _paragraph(line, PLAIN, found)
        elif len(lines) > 1 and (not tokens or not tokens[-1]):
            # After a row's end (or before any cell) lines may stand outside the table.
            _close_table([], tokens, found)
            for line in lines[:-1]:
                _paragraph(line, PLAIN, found)
            tokens = [lines[-1]]
        else:
            tokens.append("\n".join(lines).strip("\n"))
        found.count_cell()
