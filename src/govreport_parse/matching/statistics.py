"""Indicator tables of older reports: label | unit | value(s), as grids, bars or plain lines.

In: a document's blocks. Out: the rows of every indicator table (``IndicatorRow``), and the blocks
with these tables marked as taken. A table is told by its header (统计指标, 单位, a head of values)
or by three rows that the statistics forms name. Everything becomes a stream of tokens first, a
row of a grid being one line of it: a label, its unit, then values up to the next label. Rows are
told by their words, never by their number; a row that no form has stays as it is. Whatever does
not fit the header is kept, but not ``certain``.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from govreport_parse.documents.model import Block, Heading, Paragraph, Table, Where
from govreport_parse.formbook.statistics import STATISTICS_2014, Indicator, indicators
from govreport_parse.matching.indicators import (
    Named,
    Role,
    header_role,
    indicator_rows,
    is_unit,
    unit_of,
)
from govreport_parse.matching.result import Place
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.values import EMPTY, Locator

MIN_ROWS = 8
"""Rows of the table of 2014 that make a report follow it."""
MIN_NAMED = 3
"""Named rows that make a table without a header one of indicators."""
MAX_STRAYS = 4
"""Texts in a row without unit and value that end a table of lines."""


@dataclass(slots=True)
class IndicatorRow:
    """One printed row. ``cells`` are its values as found, ``heads`` what stands above them.

    ``row``: the statistics form's row that the label names, if any. ``certain``: each cell
    stands in its column. ``group``: the last label without values above.
    """

    label: str
    unit: str | None
    cells: tuple[Place, ...]
    heads: tuple[str, ...]
    certain: bool
    where: Where
    row: Indicator | None = None
    how: str | None = None
    number: str | None = None
    code: str | None = None
    group: str | None = None
    table: int = 0
    """Which indicator table of the document, from 1."""


@dataclass(slots=True)
class StatisticsMatch:
    """The indicator tables of one document."""

    rows: list[IndicatorRow] = field(default_factory=list)
    blocks: Sequence[Block] = ()
    consumed: frozenset[int] = frozenset()

    @property
    def known(self) -> int:
        """How many data rows of the table of 2014 are named."""
        return len({r.row.key for r in self.rows if r.row is not None and _is_2014(r)})

    @property
    def is_2014(self) -> bool:
        """Whether the document shows the table of 2014, filled in."""
        filled = any(not _is_nothing(c.raw) for r in self.rows if _is_2014(r) for c in r.cells)
        return filled and self.known >= MIN_ROWS


def _is_2014(row: IndicatorRow) -> bool:
    return row.row is not None and row.row.is_data and row.row.form == STATISTICS_2014


# -- tokens ----------------------------------------------------------------------------------------


class _Token(NamedTuple):
    text: str
    kind: str
    """``text``, ``unit``, ``value`` (blanks and dashes too)."""
    where: Where
    line: int
    named: Named | None


class _Line(NamedTuple):
    """One line of text or one row of a grid: its cells and where it stands."""

    cells: tuple[tuple[str, Where], ...]
    block: int
    start: int
    """Offset in the block's text; 0 for grids."""


_BARS = re.compile(r"[|｜]")
_ROW_NUMBER = re.compile("[0-9]{1,3}")
_ROWS = re.compile(r"[^\n]+")


def _lines(blocks: Sequence[Block], taken: frozenset[int]) -> list[_Line]:
    out: list[_Line] = []
    for i, block in enumerate(blocks):
        if i in taken:
            continue
        if isinstance(block, Table):
            out.extend(_grid_lines(block, i))
            continue
        for n, found in enumerate(_ROWS.finditer(block.text)):
            line = None if block.line is None else block.line + n
            cells = tuple(
                (text, Locator(page=block.page, line=line, cell=k))
                for k, text in enumerate(split_line(found[0]), 1)
            )
            out.append(_Line(cells, i, found.start()))
    return out


def _grid_lines(table: Table, number: int) -> Iterator[_Line]:
    at = 0
    n = len(table)
    if n and table.n_columns == 1:  # a layout table around the text
        for k, text in enumerate(table.texts):
            for line in text.split("\n"):
                cells = tuple((t, (table, k)) for t in split_line(line))
                if cells:
                    yield _Line(cells, number, 0)
        return
    while at < n:
        row = table.rows[at]
        end = at
        while end < n and table.rows[end] == row:
            end += 1
        yield _Line(
            tuple((" ".join(table.texts[k].split()), (table, k)) for k in range(at, end)), number, 0
        )
        at = end


def split_line(line: str) -> list[str]:
    """The cells of a line of text: between bars or tabs, else a label and what stands behind it.

    A slot of two or more blanks between bars is a blank cell (a lone blank is a pad's).
    """
    if "|" in line or "｜" in line:
        parts = _BARS.split(line)
        inner = range(1, len(parts) - 1)
        return [p.strip() for i, p in enumerate(parts) if p.strip() or (i in inner and p[1:])]
    if "\t" in line:
        return [p.strip() for p in line.lstrip("\t").split("\t")]
    words = line.split()
    end = len(words)
    while end > 1 and (is_value_like(words[end - 1]) or is_unit(words[end - 1])):
        end -= 1
    if end < len(words):
        numbers = words[:1] if end > 1 and _ROW_NUMBER.fullmatch(words[0]) else []
        return [*numbers, "".join(words[len(numbers) : end]), *words[end:]]
    whole = "".join(words)
    return _joined(whole) or ([line.strip()] if words else [])


def _joined(text: str) -> list[str] | None:
    """``3.网络申请数件12``, where the words are a form's own: label, unit, value."""
    rest = text.rstrip("0123456789.０１２３４５６７８９．")
    value = text[len(rest) :]
    if not value or len(rest) < 3 or len(text) > 120:
        return None
    for size in (2, 1):
        if is_unit(rest[-size:]) and indicator_rows(rest[:-size]) is not None:
            return [rest[:-size], rest[-size:], value]
    return [rest, value] if indicator_rows(rest) is not None else None


def _tokens(lines: Sequence[_Line]) -> list[_Token]:
    out: list[_Token] = []
    for n, line in enumerate(lines):
        for text, where in line.cells:
            if not text or is_value_like(text):
                kind, named = "value", None
            elif is_unit(text):
                kind, named = "unit", None
            else:
                kind, named = "text", indicator_rows(text)
            out.append(_Token(text, kind, where, n, named))
    return out


# -- headers ---------------------------------------------------------------------------------------


class _Header(NamedTuple):
    roles: tuple[Role, ...]
    heads: tuple[str, ...]
    """Texts of the value columns."""
    end: int

    @property
    def behind(self) -> tuple[Role, ...]:
        """Roles of the columns behind the label, the unit left out."""
        at = self.roles.index("label")
        return tuple(
            "code" if r == "number" else r for r in self.roles[at + 1 :] if r not in ("unit",)
        )

    @property
    def numbered(self) -> bool:
        """Whether a number stands before the label."""
        return "number" in self.roles[: self.roles.index("label")]


def _header(tokens: Sequence[_Token], at: int) -> _Header | None:
    """A header that begins at ``at``: in one line, or a word a line."""
    first = tokens[at]
    if first.kind != "text" or header_role(first.text) not in ("label", "number"):
        return None
    line = [t for t in tokens[at : at + 12] if t.line == first.line]
    in_line = len(line) > 1
    roles: list[Role] = []
    heads: list[str] = []
    end = at
    for token in line if in_line else tokens[at : at + 12]:
        role = header_role(token.text) if token.kind == "text" else None
        if role is None and in_line and "label" in roles and token.kind == "text":
            role = "value"
        if role is None or token.named is not None:
            break
        if role == "label" and "label" in roles:
            break
        roles.append(role)
        if role == "value":
            heads.append(token.text)
        end += 1
    if in_line and end < at + len(line):
        return None
    if "label" not in roles or not ("unit" in roles or "value" in roles):
        return None
    if not heads:  # 统计指标 | 单位, the head of the values lost or empty
        roles.append("value")
        heads.append("")
    return _Header(tuple(roles), tuple(heads), end)


_NO_HEADER = _Header(("label", "unit", "value"), ("",), 0)


# -- rows ------------------------------------------------------------------------------------------

_FOOT = re.compile(r"(?:单位)?负责人|审核人|填报|填表|制表|联系电话|电话|注[:：]|备注|说明[:：]")


class _Reader:
    """One table, from its header (or first named row) to its last row."""

    def __init__(self, tokens: Sequence[_Token], at: int, header: _Header | None) -> None:
        self.tokens = tokens
        self.header = header or _NO_HEADER
        self.at = header.end if header else at
        self.end = self.at
        self.rows: list[IndicatorRow] = []
        self.label: _Token | None = None
        self.unit: str | None = None
        self.cells: list[_Token] = []
        self.number: str | None = None
        self.counted: int | None = None
        """The last row number seen."""
        self.forms: Counter[str] = Counter()
        self.named: deque[Indicator] = deque(maxlen=len(indicators(STATISTICS_2014)))
        self.next_number: str | None = None
        self.group: str | None = None
        self.strays = 0

    def read(self) -> None:
        tokens = self.tokens
        while self.at < len(tokens):
            token = tokens[self.at]
            if token.kind == "text" and self.is_ink(token):
                self.cells.append(token)
            elif token.kind == "text":
                again = _header(tokens, self.at)
                if again is not None:  # printed anew on the next page
                    self.flush()
                    self.at = self.end = again.end
                    continue
                if not self.text(token):
                    break
            elif token.kind == "unit" and self.label is not None and not self.cells:
                self.unit = unit_of(token.text)
            elif self.is_number(token):
                self.flush()
                self.next_number = token.text
                self.counted = int(token.text) if token.text.isdigit() else self.counted
            elif self.label is not None:
                self.cells.append(token)
            self.at += 1
        self.flush()

    def is_number(self, token: _Token) -> bool:
        """A row's number: first in its line, a text behind it."""
        i = self.at
        if token.kind != "value" or i + 1 >= len(self.tokens):
            return False
        if i and self.tokens[i - 1].line == token.line:
            return False
        after = self.tokens[i + 1]
        if after.kind != "text" or after.line == token.line:
            return after.kind == "text"
        if not (self.header.numbered and token.text.isdigit()):
            return False
        is_full = self.label is None or len(self.cells) >= len(self.header.behind)
        return is_full or self.counted is None or int(token.text) == self.counted + 1

    def is_ink(self, token: _Token) -> bool:
        """A text in a column of values: 若干, 21篇. Told by its place in a complete line."""
        if self.label is None or token.line != self.label.line or token.named is not None:
            return False
        size = len(self.header.roles)
        low = high = self.at
        while low and self.tokens[low - 1].line == token.line and self.at - low < size:
            low -= 1
        while high < len(self.tokens) and self.tokens[high].line == token.line:
            if high - self.at > size:
                return False
            high += 1
        behind = high - self.at
        return high - low >= size >= behind and self.header.roles[-behind] == "value"

    def text(self, token: _Token) -> bool:
        """A label, or the table's end (``False``)."""
        text = token.text
        if token.named is None:
            if "。" in text or "；" in text or len(text) > 80 or _FOOT.match(text):
                return False
            if self.cells and self.cells[-1].line == token.line:
                return True  # a remark behind the values
            if self.strays >= MAX_STRAYS:
                return False
        self.flush()
        self.label = token
        self.number, self.next_number = self.next_number, None
        return True

    def flush(self) -> None:
        """The row that is open, if it is one."""
        label, self.label = self.label, None
        cells, self.cells = self.cells, []
        unit, self.unit = self.unit, None
        if label is None:
            return
        if unit is None and not cells and label.named is None:
            self.group = label.text
            self.strays += 1
            return
        self.strays = 0
        surplus = len(cells) > len(self.header.behind)
        if unit is None and surplus and _is_nothing(cells[0].text):
            cells = cells[1:]  # a dash or blank in the column of units
        code, values, certain = self.place(cells)
        row = IndicatorRow(
            label.text,
            unit,
            tuple(Place(c.text, c.where) for c in values),
            self.header.heads if len(values) == len(self.header.heads) else (),
            certain,
            label.where,
            number=self.number,
            code=code,
            group=self.group,
        )
        row.row, row.how = self.name(label.named)
        if unit is None and all(_is_nothing(c.text) for c in cells):
            self.group = label.text
        self.number = None
        self.rows.append(row)
        self.end = self.at

    def name(self, named: Named | None) -> tuple[Indicator | None, str | None]:
        """The one row that a label names here; ``None`` where the table does not say which."""
        if named is None:
            return None, None
        own = min((r.form for r in named.rows), key=lambda f: (-self.forms[f], f))
        rows = {r.parent: r for r in named.rows if r.form == own}
        found = next(iter(rows.values())) if len(rows) == 1 else None
        if found is None:
            # Same words under several heads: the head, or its other part, printed last.
            for earlier in reversed(self.named):
                found = rows.get(earlier.key) or rows.get(earlier.parent)
                if found is not None:
                    break
        if found is None:
            return None, None
        self.forms[own] += 1
        self.named.append(found)
        return found, named.how

    def place(self, cells: list[_Token]) -> tuple[str | None, list[_Token], bool]:
        """Code, values, and whether each value stands in its column."""
        roles = list(self.header.behind)
        while roles and roles[-1] == "note" and len(cells) < len(roles):
            roles.pop()
        if len(cells) != len(roles):
            return None, cells, False
        code = next((c.text for c, r in zip(cells, roles, strict=True) if r == "code"), None)
        return code, [c for c, r in zip(cells, roles, strict=True) if r == "value"], True


def _is_nothing(text: str) -> bool:
    return read_number(text).state in EMPTY


# -- tables ----------------------------------------------------------------------------------------


def match_statistics(
    blocks: Sequence[Block], taken: frozenset[int] = frozenset()
) -> StatisticsMatch:
    """All indicator tables. ``taken``: blocks of form tables, which are left alone.

    Never raises on what a document says; time is linear in its length.
    """
    lines = _lines(blocks, taken)
    tokens = _tokens(lines)
    out = StatisticsMatch(blocks=blocks, consumed=taken)
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens):
        header = _header(tokens, at)
        if header is None and not _opens(tokens, at):
            at += 1
            continue
        reader = _Reader(tokens, at, header)
        reader.read()
        named = sum(r.row is not None for r in reader.rows)
        with_unit = sum(r.unit is not None for r in reader.rows)
        enough = MIN_NAMED if header is None and not out.rows else 1
        if named >= enough or (header is not None and "unit" in header.roles and with_unit):
            number = len(spans) + 1
            for row in reader.rows:
                row.table = number
            out.rows += reader.rows
            spans.append((tokens[at].line, tokens[max(reader.end, at + 1) - 1].line))
        at = max(reader.end, at + 1)
    if spans:
        out.blocks, out.consumed = _cut(blocks, taken, lines, spans)
    return out


def _opens(tokens: Sequence[_Token], at: int) -> bool:
    """A named row with a unit or value behind it."""
    token = tokens[at]
    if token.named is None or at + 1 >= len(tokens):
        return False
    return tokens[at + 1].kind != "text" or (
        not any(r.is_data for r in token.named.rows) and tokens[at + 1].named is not None
    )


def _cut(
    blocks: Sequence[Block],
    taken: frozenset[int],
    lines: Sequence[_Line],
    spans: Sequence[tuple[int, int]],
) -> tuple[list[Block], frozenset[int]]:
    """Blocks with the tables' lines as blocks of their own, and which blocks belong to tables."""
    inside = [False] * len(lines)
    for a, b in spans:
        inside[a : b + 1] = [True] * (b + 1 - a)
    by_block: dict[int, list[int]] = {}
    for n, line in enumerate(lines):
        by_block.setdefault(line.block, []).append(n)
    out: list[Block] = []
    consumed: set[int] = set()

    def add(block: Block, is_table: bool) -> None:
        if is_table:
            consumed.add(len(out))
        out.append(block)

    for i, block in enumerate(blocks):
        own = by_block.get(i, [])
        marks = {inside[n] for n in own}
        if isinstance(block, Table):
            add(block, i in taken or (True in marks and block.n_columns > 1) or marks == {True})
        elif len(marks) < 2:
            add(block, i in taken or marks == {True})
        else:
            for part, is_table in _pieces(block, [(lines[n].start, inside[n]) for n in own]):
                add(part, is_table)
    return out, frozenset(consumed)


def _pieces(
    block: Heading | Paragraph, lines: Sequence[tuple[int, bool]]
) -> Iterator[tuple[Block, bool]]:
    """Runs of lines of one kind, as blocks."""
    begin, kind = 0, lines[0][1]
    line = block.line
    for start, is_table in [*lines[1:], (len(block.text), not lines[-1][1])]:
        if is_table == kind:
            continue
        text = block.text[begin:start]
        at = None if line is None else line + block.text.count("\n", 0, begin)
        yield replace(block, text=text.rstrip("\n"), line=at), kind
        begin, kind = start, is_table
