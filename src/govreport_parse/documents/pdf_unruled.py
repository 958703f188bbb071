"""Tables without rulings: numbers by position.

Taken for a table only if at least five rows hold five or more numbers each and these stand in at
least five common columns. Columns are the gutters between the numbers; a missing number leaves
an empty cell in its own column. Everything less regular stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from govreport_parse.documents.pdf_page import GAP, PieceCell, TablePiece, TextLine

_MIN_ROWS = 5
_MIN_COLUMNS = 5
_TOKEN_GAP = 0.6
_HEAD_LINES = 8
_NEAR = 1.3
"""Line heights that a wrapped label may lie from the numbers beside it."""
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
    for first, last in _regions(rows):
        columns = _columns(rows[first:last])
        if len(columns) < _MIN_COLUMNS:
            continue
        start = _extended(rows, first, -1, columns)
        stop = _extended(rows, last - 1, 1, columns) + 1
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
                and left - right <= _gap(tokens[-1].text, word.group()) * min(em, bottom - top)
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


def _gap(before: str, after: str) -> float:
    """A number next to a label or a number is a token of its own at the least visible gap."""
    both_wide = before[-1:] > "\u2e7f" and after[:1] > "\u2e7f"
    return _TOKEN_GAP if both_wide else GAP


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


def _extended(rows: list[_Row], at: int, step: int, columns: list[tuple[float, float]]) -> int:
    """The last row in this direction that still belongs to the table: fewer numbers, but in its
    columns, or the other half of a label."""
    end = at
    for i in range(at + step, -1 if step < 0 else len(rows), step):
        row, inner = rows[i], rows[end]
        apart = abs(_middle(row) - _middle(inner))
        found = [t for t in row.tokens if t.is_number]
        in_columns = all(any(a < t.x1 and t.x0 < b for a, b in columns) for t in found)
        label_only = all(t.x1 < columns[0][0] for t in row.tokens)
        is_row = len(found) >= 2 and in_columns and apart < 4 * row.line.size
        is_label = not found and label_only and apart < _NEAR * row.line.size
        is_rest = bool(found) and len(found) == len(row.tokens) and in_columns
        is_near = apart < _NEAR * row.line.size
        if not (is_row or (is_label and inner.numbers) or (is_rest and is_near)):
            break
        end = i
    return end


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
    lines = [*([r] for r in head), *_gathered(body, columns)]
    labels = _label_columns(lines[len(head) :], columns[0][0])
    xs = _borders(labels, columns, [r.line for row in lines for r in row])
    ys = [min(r.line.top for r in row) for row in lines]
    ys.append(max(r.line.bottom for r in lines[-1]))
    cells: list[PieceCell] = []
    for i, row in enumerate(lines):
        texts: list[list[str]] = [[] for _ in xs[1:]]
        for part in row:
            for token in part.tokens:
                words = texts[_cell_of(token, labels, columns)]
                if token.is_number and part is not row[0] and words:
                    words.append("\n")
                words.append(token.text)
        for k, words in enumerate(texts):
            box = (xs[k], ys[i], xs[k + 1], max(r.line.bottom for r in row))
            cells.append(PieceCell("".join(_glued(words)), i, k, 1, 1, box))
    return TablePiece(page, xs, ys, cells, notes=["unruled"])


def _borders(
    labels: list[tuple[float, float]], columns: list[tuple[float, float]], lines: list[TextLine]
) -> list[float]:
    spans = [*labels, *columns]
    inner = [(a[1] + b[0]) / 2 for a, b in pairwise(spans)]
    return [
        min(spans[0][0], *(x.x0 for x in lines)),
        *inner,
        max(spans[-1][1], *(x.x1 for x in lines)),
    ]


def _cell_of(
    token: _Token, labels: list[tuple[float, float]], columns: list[tuple[float, float]]
) -> int:
    k = _column_of(token, columns)
    if k >= 0:
        return len(labels) + k
    # A label over several label columns belongs where it begins.
    inside = [j for j, (_, right) in enumerate(labels) if token.x0 < right]
    return inside[0] if inside else len(labels) - 1


def _glued(words: list[str]) -> list[str]:
    """Words of one cell, with a blank between those in Latin letters or digits."""
    out: list[str] = []
    for word in words:
        if out and out[-1][-1:].isascii() and word[:1].isascii() and "\n" not in (out[-1], word):
            out.append(" ")
        out.append(word)
    return out


def _label_columns(rows: list[list[_Row]], limit: float) -> list[tuple[float, float]]:
    """Intervals covered by the short labels left of the numbers; at least one."""
    tokens = [
        (t.x0, t.x1)
        for row in rows
        for part in row
        for t in part.tokens
        if not t.is_number and (t.x0 + t.x1) / 2 < limit
    ]
    if not tokens:
        return [(limit - 2.0, limit - 1.0)]
    width = limit - min(x0 for x0, _ in tokens)
    spans: list[tuple[float, float]] = []
    for x0, x1 in sorted(tokens):
        if x1 - x0 > 0.6 * width:
            continue
        if spans and x0 <= spans[-1][1] + 1.0:
            spans[-1] = (spans[-1][0], max(spans[-1][1], x1))
        else:
            spans.append((x0, x1))
    return spans or [(min(x0 for x0, _ in tokens), limit - 1.0)]


def _gathered(rows: list[_Row], columns: list[tuple[float, float]]) -> list[list[_Row]]:
    """Lines without numbers put to the nearest line with numbers, in their order.

    A label of two lines stands around the numbers that are centred beside it. A label line that
    is near to no numbers is a row of its own (a group name). So are numbers that go on on the
    next line (130 as 13 and 0): they are no row, and their cell holds both.
    """
    parts = {i for i in range(len(rows)) if _is_rest(rows, i, columns)}
    full = [i for i, row in enumerate(rows) if row.numbers and i not in parts]
    groups: dict[int, list[_Row]] = {i: [] for i in full}
    for i, row in enumerate(rows):
        nearest = min(full, key=lambda k: abs(_middle(rows[k]) - _middle(row)), default=i)
        far = abs(_middle(rows[nearest]) - _middle(row)) > _NEAR * row.line.size
        groups.setdefault(i if far else nearest, []).append(row)
    return [groups[i] for i in sorted(groups)]


def _is_rest(rows: list[_Row], at: int, columns: list[tuple[float, float]]) -> bool:
    """Whether a line holds but a few numbers, each close below or above one of a longer line."""
    row = rows[at]
    if row.numbers != len(row.tokens) or row.numbers * 2 > len(columns):
        return False
    own = {_column_of(t, columns) for t in row.tokens}
    return any(
        abs(_middle(row) - _middle(other)) < _NEAR * row.line.size
        and len(other.tokens) > len(row.tokens)
        and own <= {_column_of(t, columns) for t in other.tokens if t.is_number}
        for other in (*rows[max(at - 1, 0) : at], *rows[at + 1 : at + 2])
    )


def _middle(row: _Row) -> float:
    return (row.line.top + row.line.bottom) / 2
