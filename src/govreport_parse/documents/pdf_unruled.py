"""Tables without rulings: numbers by position.

Taken for a table only if at least five rows hold five or more numbers each and these stand in at
least five common columns. Columns are the gutters between the numbers; a missing number leaves
an empty cell in its own column. Everything less regular stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from govreport_parse.documents.pdf_page import PieceCell, TablePiece, TextLine

_MIN_ROWS = 5
_MIN_COLUMNS = 5
_TOKEN_GAP = 0.6
_HEAD_LINES = 8
_NUMBER = re.compile(r"[+\-−－]?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?|[-—–－/／]+")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    x0: float
    x1: float

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None


@dataclass(slots=True)
class _Row:
    line: TextLine
    tokens: list[_Token]
    numbers: int


def find_unruled(lines: list[TextLine], page: int) -> tuple[list[TextLine], list[TablePiece]]:
    """The lines that stay text, and the tables made of the others."""
    if sum(_looks_numeric(x.text) for x in lines) < _MIN_ROWS:
        return lines, []
    rows = [_row(x) for x in lines]
    pieces: list[TablePiece] = []
    used: set[int] = set()
    for start, stop in _regions(rows):
        columns = _columns(rows[start:stop])
        if len(columns) < _MIN_COLUMNS:
            continue
        head = _head_start(rows, start, columns)
        if head < max(used, default=-1) + 1:
            head = start
        pieces.append(_piece(rows[head:start], rows[start:stop], columns, page))
        used.update(range(head, stop))
    return [x for i, x in enumerate(lines) if i not in used], pieces


def _looks_numeric(text: str) -> bool:
    return len([w for w in text.split() if _NUMBER.fullmatch(w)]) >= _MIN_COLUMNS


def _row(line: TextLine) -> _Row:
    tokens: list[_Token] = []
    em = line.size
    right = None
    for x0, x1, top, bottom, text in line.runs:
        step = (x1 - x0) / max(len(text), 1)
        for word in _WORD.finditer(text):
            left, end = x0 + word.start() * step, x0 + word.end() * step
            joins = (
                right is not None
                and word.start() == 0
                and left - right <= _TOKEN_GAP * min(em, bottom - top)
            )
            if joins:
                last = tokens[-1]
                tokens[-1] = _Token(last.text + word.group(), last.x0, end)
            else:
                tokens.append(_Token(word.group(), left, end))
            right = end
        if text[-1:].isspace():
            right = None
    return _Row(line, tokens, sum(t.is_number for t in tokens))


def _regions(rows: list[_Row]) -> list[tuple[int, int]]:
    """Stretches of lines from the first to the last row of numbers, with few others between."""
    out: list[tuple[int, int]] = []
    full = [i for i, r in enumerate(rows) if r.numbers >= _MIN_COLUMNS]
    group: list[int] = []
    for i in full:
        if group and i - group[-1] > 4:
            if len(group) >= _MIN_ROWS:
                out.append((group[0], group[-1] + 1))
            group = []
        group.append(i)
    if len(group) >= _MIN_ROWS:
        out.append((group[0], group[-1] + 1))
    return out


def _columns(rows: list[_Row]) -> list[tuple[float, float]]:
    """Intervals that the numbers of the full rows cover, from left to right."""
    full = [r for r in rows if r.numbers >= _MIN_COLUMNS]
    spans: list[tuple[float, float]] = []
    counts: list[int] = []
    tokens = sorted((t.x0, t.x1) for r in full for t in r.tokens if t.is_number)
    for x0, x1 in tokens:
        if spans and x0 <= spans[-1][1] + 0.5:
            spans[-1] = (spans[-1][0], max(spans[-1][1], x1))
            counts[-1] += 1
        else:
            spans.append((x0, x1))
            counts.append(1)
    # Two numbers of one row in one interval: the columns run into each other.
    if any(c > len(full) for c in counts):
        return []
    return [s for s, c in zip(spans, counts, strict=True) if c * 4 >= len(full)]


def _head_start(rows: list[_Row], start: int, columns: list[tuple[float, float]]) -> int:
    """First line above the numbers that belongs to the head: short words over the columns."""
    first = start
    for i in range(start - 1, max(start - 1 - _HEAD_LINES, -1), -1):
        row = rows[i]
        below = rows[i + 1].line
        if below.top - row.line.bottom > 1.5 * below.size:
            break
        over = [t for t in row.tokens if _column_of(t, columns) >= 0]
        if len(row.tokens) < 2 or len(over) * 2 < len(row.tokens):
            break
        first = i
    return first


def _column_of(token: _Token, columns: list[tuple[float, float]]) -> int:
    """The column that a token overlaps or lies nearest to, -1 left of all of them."""
    middle = (token.x0 + token.x1) / 2
    best = min(range(len(columns)), key=lambda k: abs(sum(columns[k]) / 2 - middle))
    left, right = columns[best]
    if token.x1 > left and token.x0 < right:
        return best
    if middle < columns[0][0]:
        return -1
    return best


def _piece(
    head: list[_Row], body: list[_Row], columns: list[tuple[float, float]], page: int
) -> TablePiece:
    lines = [*head, *_with_labels(body)]
    cells: list[PieceCell] = []
    left = min(r.line.x0 for r in lines)
    xs = [min(left, columns[0][0] - 1.0)]
    xs.append(columns[0][0] - 0.5)
    xs += [(a[1] + b[0]) / 2 for a, b in pairwise(columns)]
    xs.append(max(r.line.x1 for r in lines))
    ys = [r.line.top for r in lines] + [lines[-1].line.bottom]
    for i, row in enumerate(lines):
        texts = [""] * (len(columns) + 1)
        for token in row.tokens:
            k = _column_of(token, columns) + 1
            texts[k] = f"{texts[k]} {token.text}" if texts[k] else token.text
        for k, text in enumerate(texts):
            box = (xs[k], row.line.top, xs[k + 1], row.line.bottom)
            cells.append(PieceCell(text, i, k, 1, 1, box))
    return TablePiece(page, xs, ys, cells, notes=["unruled"])


def _with_labels(rows: list[_Row]) -> list[_Row]:
    """Lines that hold only label text, joined to the row of numbers they surround."""
    out: list[_Row] = []
    pending: list[_Row] = []
    for row in rows:
        has_label = bool(row.tokens) and not row.tokens[0].is_number
        if row.numbers:
            if not has_label and pending:
                lead = [t for p in pending for t in p.tokens]
                out.append(_Row(row.line, [*lead, *row.tokens], row.numbers))
            else:
                out += [*pending, row]
            pending = []
        elif out and _is_near(out[-1].line, row.line) and not pending and not _starts(row):
            last = out[-1]
            tail = [_Token(t.text, t.x0, t.x1) for t in row.tokens]
            out[-1] = _Row(last.line, _insert_label(last.tokens, tail), last.numbers)
        else:
            pending.append(row)
    return out + pending


_NUMBERED = re.compile(r"[（(]?[一二三四五六七八九十\d]+[）)、.．]")


def _starts(row: _Row) -> bool:
    return bool(row.tokens) and _NUMBERED.match(row.tokens[0].text) is not None


def _is_near(above: TextLine, below: TextLine) -> bool:
    return below.top - above.bottom < 0.5 * below.size


def _insert_label(tokens: list[_Token], label: list[_Token]) -> list[_Token]:
    k = next((i for i, t in enumerate(tokens) if t.is_number), len(tokens))
    return [*tokens[:k], *label, *tokens[k:]]
