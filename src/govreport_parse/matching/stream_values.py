"""What follows a label in running text: the values of its row and the empty places among them.

Bars, tabs and line ends separate cells; a blank does where nothing else reads the piece as one
number. Values end at the first piece that is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from govreport_parse.matching.stream_text import Piece
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.values import State

PADS = "| \t\n"
SEPARATOR = re.compile(r"(?:\| *)?\n|\||\t")
_PLAIN = re.compile(r"[ )\"]*(?:(?:\| *\n|\||\n|\t) *[0-9]+ *)+(?=[|\t\n]|\Z)")
"""Digits between separators with no empty place among them: what most rows are."""
_DIGITS = re.compile("[0-9]+")
_OWN = re.compile(r" *(?:\| *\n|\||\n|\t)")
_FIRST_VALUE = re.compile(r"[0-9+\-—/]")
_WORD = re.compile(r"\S+")
PAGE_MARK = re.compile(r" *[-\u2012-\u2015\u2212] *[0-9]{1,3} *[-\u2012-\u2015\u2212] *")
MAX_LABEL_REST = 60
_NEXT_SECTION = re.compile("[一二三四五六七八九十]{1,3}[ 、.．,，]|第[一二三四五六七八九十]")
"""The heading that follows a table's last row."""
_ABOUT = ("约", "近", "超", "逾", "余", "上万", "达")
"""Words before a number that make it no figure."""


@dataclass(slots=True)
class Values:
    """What follows a label."""

    pieces: list[Piece]
    end: int
    """Offset behind the last value or empty place that belongs to the row."""
    bars: bool
    """A bar or tab stands among the values."""
    separated: bool
    """A separator stands between label and first value."""
    rest: str = ""
    """Bars and line ends behind the last value, up to the next row."""
    wholes: Sequence[tuple[int, int, Piece]] = ()
    """Pieces ``[i, j)`` that were cut at blanks and may as well be one number (14 069)."""
    torn: bool = False
    """Some of the pieces stand on a line that may not belong to the row."""
    further: Sequence[Sequence[Piece]] = ()
    """Lines of values behind the row's own: rows without a label, or what fell out of a row."""
    plain: bool = False
    """Digits only, and no empty place among them."""
    ink: Piece | None = None
    """What ended the values and is none."""
    ink_below: bool = False
    """It stands on a further line, and may be the label of the next row."""

    @property
    def shown(self) -> list[Piece]:
        """The pieces that hold something."""
        return self.pieces if self.plain else [p for p in self.pieces if p[0]]

    @property
    def inner(self) -> list[Piece]:
        """The pieces up to the last one that holds something."""
        if self.plain:
            return self.pieces
        n = len(self.pieces)
        while n and not self.pieces[n - 1][0]:
            n -= 1
        return self.pieces[:n]

    def join_wholes(self) -> None:
        """Read pieces that may be one number as one."""
        for i, j, piece in reversed(self.wholes):
            self.pieces[i:j] = [piece]
        self.wholes = ()


def values_after(text: str, start: int, stop: int, *, in_label: bool = True) -> Values:
    """The values between ``start`` and ``stop``, up to the first piece that is none.

    ``in_label``: the stretch begins inside the label's own cell.
    """
    if in_label:
        plain = _PLAIN.match(text, start, stop)
        if plain is not None and not text[plain.end() : stop].strip(PADS):
            return _plain_values(text, plain, stop)
        if not text[start:stop].strip(PADS):
            return _no_values(text, start, stop)
    return _any_values(text, start, stop, in_label=in_label)


def _plain_values(text: str, found: re.Match[str], stop: int) -> Values:
    pieces = [(m.group(), m.start()) for m in _DIGITS.finditer(text, *found.span())]
    last, at = pieces[-1]
    end = at + len(last)
    between = found.group()
    bars = "|" in between or "\t" in between
    return Values(pieces, end, bars, True, _rest(text[end:stop]), plain=True)


def _no_values(text: str, start: int, stop: int) -> Values:
    marks = SEPARATOR.findall(text, start, stop)
    bars = any(m != "\n" for m in marks)
    return Values([("", start)] * (len(marks) - 1), start, bars, True)


def _any_values(text: str, start: int, stop: int, *, in_label: bool) -> Values:
    region = text[start:stop]
    out = Values([], start, False, False)
    at = 0
    first = in_label
    for m in chain(SEPARATOR.finditer(region), (None,)):
        a, b = (m.start(), m.end()) if m else (len(region), len(region))
        piece, offset = region[at:a], at
        if m is not None and m.group() != "\n":
            out.bars = True
        if first:
            first = False
            skipped = _remainder(piece)
            value = piece[skipped:].strip()
            out.separated = not value or skipped > 0 or piece[0].isspace()
            if not value:
                at = b
                continue
            piece, offset = piece[skipped:], at + skipped
        alone = b > at and region[at - 1 : at] == "\n" and out.pieces
        if alone and PAGE_MARK.fullmatch(piece):
            at = b  # -5- between the lines of a table that runs over pages
            continue
        if not _take(out, piece, start + offset):
            out.ink_below = "\n" in region[:at]
            closed = m is not None and m.group() != "\n"
            # else it is what follows the table: 四、结转下年度继续办理 | and then a heading
            if at and (not out.ink_below or closed or "|" not in region[: region.index("\n")]):
                body = piece.strip()
                if not (out.ink_below and _NEXT_SECTION.match(body)):
                    out.ink = (body, start + offset + piece.index(body))
            break
        if piece.strip():
            out.end = start + a
        elif m is None:
            out.pieces.pop()  # the end of the stretch is no empty place
        at = b
    out.rest = _rest(region[out.end - start :]) if out.pieces else ""
    return out


def _rest(tail: str) -> str:
    """What stands behind the last value's own separator, if there is more than line ends."""
    if tail.isspace() or not tail:
        return ""
    own = _OWN.match(tail)
    if own is None:
        return ""
    rest = tail[own.end() - own.group().endswith("\n") :]
    rest = rest[: len(rest) - len(rest.lstrip(PADS))]
    return rest.rstrip("\n") if rest.strip() else ""


def _remainder(piece: str) -> int:
    """Length of label text that still stands before the first value of the label's own cell."""
    if is_value_like(piece.strip()):
        return 0
    m = _FIRST_VALUE.search(piece)
    lead = len(piece) if m is None else m.start()
    about = piece[:lead].rstrip().endswith(_ABOUT)
    printed = len(piece[:lead].strip())  # in columns of equal width many blanks may follow
    return lead if printed <= MAX_LABEL_REST and not about else 0


def _take(out: Values, piece: str, start: int) -> bool:
    """Add the values in a piece, or an empty place; False if it is something else."""
    found = cut_values(piece, start)
    if found is None:
        return False
    parts, whole = found
    if whole is not None:
        n = len(out.pieces)
        out.wholes = (*out.wholes, (n, n + len(parts), whole))
    out.pieces += parts
    return True


def cut_values(piece: str, start: int) -> tuple[list[Piece], Piece | None] | None:
    """The values in a piece, cut at blanks, and the one value it may be instead.

    An empty piece is one empty place; ``None``: the piece is no value.
    """
    body = piece.strip()
    if not body:
        return [("", start)], None
    at = start + piece.index(body[0])
    whole = (body, at)
    if body.isdigit() or " " not in body or " " not in body.strip("?？ "):
        return ([whole], None) if is_value_like(body) else None
    parts = [(m.group(), at + m.start()) for m in _WORD.finditer(body)]
    if not all(is_value_like(p) for p, _ in parts):
        return ([whole], None) if is_value_like(body) else None
    if any(p[0] == "0" and p.isdigit() and len(p) > 1 for p, _ in parts[1:]):
        return [whole], None  # 069 is no number, 14 069 is
    if read_number(body, "decimal").state is State.REPORTED:
        return parts, whole
    return parts, None
