"""Which of the values behind a label are its row's.

In: the anchors of a table with what follows them. Changed in place: pieces that a blank cut or
joined wrongly, and lines that belong to a row without a label. All rows of a table decide
together, since one row doesn't tell whether a blank separates cells or a line end rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.matching.stream_anchors import Anchor
from govreport_parse.matching.stream_text import Piece
from govreport_parse.matching.stream_values import Values

REQUESTS_WIDTH = 7


def settle_blanks(text: str, members: Sequence[Anchor]) -> None:
    """Decide by all rows whether a blank separates numbers, or groups of digits (14 069)."""
    values = [a.values for a in members if a.values is not None]
    if not any(v.wholes for v in values):
        return
    spaced = cells = 0
    for v in values:
        shown = v.shown
        if len(shown) > 1:
            (first, at), (_, following) = shown[:2]
            between = text[at + len(first) : following]
            if between.strip(" "):
                cells += 1
            else:
                spaced += 1
    for v in values:
        if spaced <= cells:
            v.join_wholes()


def settle_lines(text: str, tables: Sequence[tuple[Sequence[Anchor], int]]) -> None:
    """Take values on further lines out of the rows that they may not belong to.

    ``tables``: members and width of each. Where rows are lines, what stands on the next line
    without a label is a row whose label was lost, or fell out of its cell (notes of a PDF): the
    row above is whole without it, or ``torn``.
    """
    rows = [
        (a, a.values, width)
        for members, width in tables
        for a in members
        if a.values is not None and len(a.values.shown) > 1
    ]
    by_line = [
        _by_line(text, a.end, v.shown, width) if "\n" in text[a.end : v.shown[-1][1]] else [v.shown]
        for a, v, width in rows
    ]
    are_lines = 2 * sum(len(lines) == 1 for lines in by_line) > len(rows)
    for (a, v, width), lines in zip(rows, by_line, strict=True):
        if not are_lines:
            _take_whole_rows(text, v, width)
            continue
        if len(lines) > 1 and not lines[0] and "|" in text[a.end : text.index("\n", a.end)]:
            # The label's own line ends behind blank cells: the numbers below have lost theirs.
            v.torn = True
        elif len(lines) > 1:
            own, *further = [line for line in lines if line]
            if v.bars or len(own) == width or width != REQUESTS_WIDTH:
                v.pieces, v.further = own, further
                v.rest = v.rest if not further else ""
            elif further:
                v.torn = True


def _by_line(text: str, start: int, pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """Pieces by the line they stand on, the first being that of ``start``.

    A line that begins with a bar goes on with the row above (a blank cell broke it), unless both
    together show the ``width`` numbers of a row: a row with a blank cell shows fewer.
    """
    lines: list[list[Piece]] = [[]]
    barred: list[bool] = [False]
    before = start
    for piece in pieces:
        at = piece[1]
        line = text.rfind("\n", before, at)
        if line >= 0:
            lines.append([])
            barred.append(bool(text[line + 1 : at].strip(" ")))
        lines[-1].append(piece)
        before = at
    if not any(barred):
        return lines
    out = lines[:1]
    for line_, has_bar in zip(lines[1:], barred[1:], strict=True):
        if has_bar and len(out[-1]) + len(line_) < width:
            out[-1] = out[-1] + line_
        else:
            out.append(line_)
    return out


def _take_whole_rows(text: str, values: Values, width: int) -> None:
    """Whole rows without a label that follow: on lines of their own, or told by their sums."""
    shown = values.shown
    if len(shown) < 2 * width:
        return
    lines = _by_line(text, shown[0][1], shown, width)
    if len(lines) < 2 or any(len(line) != width for line in lines):
        lines = [shown[i : i + width] for i in range(0, len(shown), width)]
        if width != REQUESTS_WIDTH or not all(map(_adds_up, lines)):
            return
    values.pieces, values.further = lines[0], lines[1:]


def _adds_up(row: Sequence[Piece]) -> bool:
    """Whether seven numbers are a row of table 3 by their sum, and not only zeros."""
    if len(row) != REQUESTS_WIDTH or not all(t.isascii() and t.isdigit() for t, _ in row):
        return False
    *parts, total = (int(t) for t, _ in row)
    return sum(parts) == total > 0
