"""What a text table as a whole says of its blank cells.

Extractors lose blank cells, or keep them, or write a pad for each, and a row alone doesn't tell
which. The full rows of its table do: in a full grid they end their line; where blanks are kept,
full rows have no blank between their values (domain guide 2.1; evidence a).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from govreport_parse.matching.stream_anchors import Anchor
from govreport_parse.matching.stream_rows import REQUESTS_WIDTH
from govreport_parse.matching.stream_text import Piece
from govreport_parse.matching.stream_values import Values
from govreport_parse.numbers import is_value_like

_KEPT_BLANK = re.compile(r"\n *\||(?<= )\|(?= )|\t(?=[\t\n])")
_BROKEN_BLANK = re.compile(r"\n *\||\t(?=[\t\n])")
"""A kept blank that can't be the pad of a lost cell: it broke its row."""
_NEXT_OPENED = re.compile(r"\n *\| *\Z")
"""The bar that opens the next line, where every line has one."""
_ANY_BAR = re.compile(r"[|\t]")
MIN_LINES = 5
"""Rows that it takes to learn the rule of a table."""


@dataclass(slots=True)
class Line:
    """The slots of one printed line and which of them is the label."""

    text: str
    n: int
    """Number of slots; the bars at the line's ends open none."""
    label: int

    @property
    def behind(self) -> int:
        """Slots behind the label."""
        return self.n - self.label - 1

    @property
    def ends(self) -> bool:
        """Whether the last slot holds something."""
        body = self.text.rstrip(" ")
        return not body.removesuffix("|").rstrip(" ").endswith("|") and body[-1:] != "\t"

    def texts(self) -> list[str]:
        """What stands in the slots behind the label."""
        return [t.strip() for t in _cut_slots(self.text)[0][self.label + 1 :]]

    def is_row(self) -> bool:
        """Whether only values stand behind the label."""
        return all(not t or t.isdigit() or is_value_like(t) for t in self.texts())


class Places:
    """The rule of one table: ``of`` lays a row's pieces into its columns, or refuses."""

    def __init__(
        self,
        text: str,
        members: Sequence[Anchor],
        width: int,
        slots: int,
        *,
        like: Places | None = None,
    ) -> None:
        """``width`` columns at most, ``slots`` of a full grid's row; ``like``: table 3's rule."""
        self.text = text
        self.width = width
        rows = [(a, a.values) for a in members if a.values is not None]
        self.last = rows[-1][0] if rows else None
        self.full = [(a, v) for a, v in rows if len(v.shown) == width]
        self.lines = lines_of(text, rows) if self._may_be_grid(rows) else {}
        self.inked: dict[int, Line] = {}
        """Lines with a slot behind the label that is no value; they don't show the rule."""
        self.slots = 0
        self.behind = False
        """Every row shows its seven places right behind its label."""
        self.grid = width == REQUESTS_WIDTH and self._is_grid(rows, slots)
        self.leading = 2 * sum(_is_opened(text, a) for a, _ in rows) > len(rows)
        self.trust = False
        """Blank cells among the values are all kept."""
        self.padless = True
        self.opener = 0
        """Lone bars that open each row (2.0 with white space); -1: some rows, nothing is sure."""
        if width == REQUESTS_WIDTH:
            self._learn(rows)
        else:
            self._follow(rows, like)

    def _learn(self, rows: Sequence[tuple[Anchor, Values]]) -> None:
        full = self.full
        # the last row of a table has no pads in any dialect, so it tells nothing
        padded = [v for a, v in full if a is not self.last]
        self.padless = bool(padded) and not any(_ANY_BAR.search(v.rest) for v in padded)
        if len(padded) == 1 and any(_ANY_BAR.search(v.rest) for a, v in rows if a is not self.last):
            # one row may be the last of its part where a table was cut in two
            self.padless = False
        if full:
            self.trust = all(len(v.inner) == self.width for _, v in full)
        else:
            # no row shows all its numbers, but each shows all its places
            shown = [v for _, v in rows if v.shown]
            self.trust = (
                len(shown) >= 3
                and any(len(v.inner) > len(v.shown) for v in shown)
                and all(len(v.inner) + self._kept(v) == self.width for v in shown)
                # a bar on a line of its own between every two cells looks like a blank cell
                and not all(_alternate(v) for v in shown)
            )
        if any(self.text[a.end : a.end + 1] == "\t" for a, _ in rows):
            # a sheet that is no full grid lost tabs, and the rest of a span looks like a blank
            self.trust = self.grid
        if self.trust and full and not self.padless:
            extra = {self._kept(v) for a, v in full if a is not self.last}
            if extra != {0}:
                self.opener = 1 if extra == {1} else -1

    def _follow(self, rows: Sequence[tuple[Anchor, Values]], like: Places | None) -> None:
        """Table 2 is too small to show its rule: the pad of a lost cell looks like a blank."""
        clean = all(len(v.inner) == self.width for _, v in self.full)
        self.trust = clean and like is not None and like.trust
        self.padless = like is not None and like.padless
        self.opener = like.opener if like is not None else -1
        self.grid = (like is not None and like.grid) or _is_sheet(self.text, rows)
        if self.grid:
            if not self.lines:
                self.lines = lines_of(self.text, rows)
            counts = Counter(line.n for line in self.lines.values() if line is not None)
            self.slots = counts.most_common(1)[0][0] if counts else 0

    def _may_be_grid(self, rows: Sequence[tuple[Anchor, Values]]) -> bool:
        """Labels and values share lines, and rows with all numbers end theirs (no pads)."""
        bars = sum(v.bars for _, v in rows) * 2 > len(rows)
        padded = sum(1 for _, v in self.full if v.plain and v.rest)
        return bars and (self.width != REQUESTS_WIDTH or padded * 10 <= len(self.full))

    def _is_grid(self, rows: Sequence[tuple[Anchor, Values]], slots: int) -> bool:
        """Whether every printed line shows all slots of the grid, empty ones too."""
        lines = [(line, v) for a, v in rows if (line := self.lines.get(id(a))) is not None]
        if not _may_be_grid([line for line, _ in lines], slots):
            return False  # the usual case, told by counting bars
        for a, _ in rows:
            line = self.lines.get(id(a))
            if line is not None and not line.is_row():
                self.lines[id(a)] = None
                self.inked[id(a)] = line
        lines = [(line, v) for line, v in lines if line.is_row()]
        shown = sum(1 for a, v in rows if self._shows(a, v))
        if shown - len(lines) > 1 or len(lines) < MIN_LINES:
            return False
        few = _few(lines)
        if sum(line.behind == REQUESTS_WIDTH for line, _ in lines) >= len(lines) - few:
            self.behind = True
            return True
        self.slots, n = Counter(line.n for line, _ in lines).most_common(1)[0]
        if n < len(lines) - few or self.slots < slots:
            return False
        whole = [(line, v) for line, v in lines if line.n == self.slots]
        # in a grid nothing stands between a label and the last seven slots
        if any(any(line.texts()[:-REQUESTS_WIDTH]) for line, _ in whole):
            return False
        return any(line.ends for line, _ in whole) and all(
            all(line.texts()[-REQUESTS_WIDTH:])
            for line, v in whole
            if len(v.shown) == REQUESTS_WIDTH
        )

    def _shows(self, a: Anchor, values: Values) -> bool:
        """Whether a row has values or places of its own line, and nothing else on it."""
        return self.lines.get(id(a)) is not None or (bool(values.shown) and id(a) not in self.inked)

    def _kept(self, values: Values) -> int:
        """Blank cells that the source kept behind the last value of a row."""
        rest = values.rest
        if not rest:
            return 0
        if self.leading:
            rest = _NEXT_OPENED.sub("", rest)
        return len((_ANY_BAR if self.padless else _KEPT_BLANK).findall(rest))

    def _may_be_pads(self, values: Values) -> bool:
        """One lost cell leaves one pad, which looks like a blank at the row's end."""
        return not self.padless and len(_BROKEN_BLANK.findall(values.rest)) < self._kept(values)

    def of(self, a: Anchor) -> list[Piece] | None:
        """The row's cells with blanks in their places, or ``None``: blanks may have been lost."""
        values = a.values
        assert values is not None
        if values.torn:
            return None
        if self.grid:
            return self._grid_row(a)
        if values.ink is not None and not values.ink_below and len(values.shown) < self.width:
            return None  # ink ended the row: what stands before it are not all its cells
        inner = values.inner
        if len(inner) == self.width:
            return inner if self.trust or len(values.shown) == self.width else None
        if not self.trust or self.opener < 0:
            return None
        behind = self._kept(values) - (self.opener if a is not self.last else 0)
        if behind > 0 and self._may_be_pads(values):
            return None
        if not inner or behind < 0 or (len(inner) + behind != self.width == REQUESTS_WIDTH):
            return None
        # how many columns a row of table 2 has, its block will say
        return inner + [("", values.end)] * behind

    def _grid_row(self, a: Anchor) -> list[Piece] | None:
        line = self.lines.get(id(a)) or self.inked.get(id(a))
        if line is None:
            return None
        fits = line.behind == REQUESTS_WIDTH if self.behind else line.n == self.slots
        if not fits or (self.width == REQUESTS_WIDTH and line.behind < REQUESTS_WIDTH):
            return None
        slots = slots_of_line(self.text, a)[line.label + 1 :]
        if self.width != REQUESTS_WIDTH:
            return slots
        if id(a) in self.inked:
            if any(t for t, _ in slots[:-REQUESTS_WIDTH]):
                return None
            assert a.values is not None  # asked for rows only
            a.values.end = slots[-1][1] + len(slots[-1][0])
        return slots[-REQUESTS_WIDTH:]

    def rows_below(self, a: Anchor, stop: int) -> list[list[Piece]]:
        """In a full grid: the lines between a row and ``stop`` that are rows without a label."""
        line = self.lines.get(id(a))
        out: list[list[Piece]] = []
        if line is None or self.width != REQUESTS_WIDTH:
            return out
        at = self.text.find("\n", a.end) + 1
        while 0 < at < stop:
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            if end > stop:
                break
            slots = slots_between(self.text, at, end)
            fits = len(slots) in (line.n, REQUESTS_WIDTH if self.behind else line.n)
            if not fits or any(t and not is_value_like(t) for t, _ in slots):
                break
            out.append(slots[-REQUESTS_WIDTH:])
            at = end + 1
        return out


def kept_blanks(rest: str) -> int:
    """Blank cells that a padded source kept behind a row's last value."""
    return len(_KEPT_BLANK.findall(rest))


def _is_opened(text: str, a: Anchor) -> bool:
    """Whether the label's line begins with a bar."""
    line = text.rfind("\n", 0, a.start) + 1
    return line < a.start and text[line] == "|"


def _is_sheet(text: str, rows: Sequence[tuple[Anchor, Values]]) -> bool:
    """Whether each row is a line of tab-separated slots: a sheet, which loses none."""
    return bool(rows) and all(text[a.end : a.end + 1] == "\t" for a, _ in rows)


def _alternate(values: Values) -> bool:
    """Whether one blank stands between every two numbers."""
    pieces = [piece for piece, _ in values.inner]
    if pieces and not pieces[0]:
        pieces = pieces[1:]
    return len(pieces) == 2 * len(values.shown) - 1 and not any(pieces[1::2])


def _few(lines: Sequence[object]) -> int:
    """So many rows that lost or gained a slot don't spoil the rule of the others."""
    return max(1, len(lines) // 10)


def _may_be_grid(lines: Sequence[Line], slots: int) -> bool:
    """Whether the counts of slots allow a full grid (one row may turn out to be none)."""
    if len(lines) < MIN_LINES:
        return False
    least = len(lines) - _few(lines) - 1
    if sum(line.behind == REQUESTS_WIDTH for line in lines) >= least:
        return True
    most, n = Counter(line.n for line in lines).most_common(1)[0]
    return n >= least and most >= slots and any(x.ends for x in lines if x.n == most)


def lines_of(text: str, rows: Sequence[tuple[Anchor, Values]]) -> dict[int, Line | None]:
    """The line of each row by its label's ``id``; a group name has none, its first row has it."""
    following = [a.start for a, _ in rows[1:]] + [len(text)]
    return {id(a): line_of(text, a, stop) for (a, _), stop in zip(rows, following, strict=True)}


def line_of(text: str, a: Anchor, following: int) -> Line | None:
    """The label's line cut into slots; ``None``: several lines, or the line of another row."""
    start = text.rfind("\n", 0, a.start) + 1
    stop = text.find("\n", a.end)
    if stop < 0:
        stop = len(text)
    if following < stop or "\n" in text[a.start : a.end]:
        return None
    line = text[start:stop]
    if "\t" in line:
        n, label = line.count("\t") + 1, text.count("\t", start, a.end)
    else:
        bars = line.count("|")
        opened = line.lstrip(" ").startswith("|")
        closed = bars > opened and line.rstrip(" ").endswith("|")
        n = bars + 1 - opened - closed
        label = text.count("|", start, a.end) - opened
    return Line(line, n, label) if n > 1 else None


def _cut_slots(line: str) -> tuple[list[str], int]:
    """The slots of a line and how many bars opened it; the bars at its ends open no slot."""
    if "\t" in line:
        return line.split("\t"), 0
    slots = line.split("|")
    lead = 0
    if len(slots) > 1 and not slots[-1].strip():
        slots.pop()
    if len(slots) > 1 and not slots[0].strip():
        del slots[0]
        lead = 1
    return slots, lead


def slots_of_line(text: str, a: Anchor) -> list[Piece]:
    """The slots of the label's line with their places."""
    start = text.rfind("\n", 0, a.start) + 1
    stop = text.find("\n", a.end)
    return slots_between(text, start, len(text) if stop < 0 else stop)


def slots_between(text: str, start: int, stop: int) -> list[Piece]:
    """The slots of one line with their places."""
    line = text[start:stop]
    slots, lead = _cut_slots(line)
    at = start + (line.index("|") + 1 if lead else 0)
    out: list[Piece] = []
    for slot in slots:
        body = slot.strip()
        out.append((body, at + (len(slot) - len(slot.lstrip()) if body else 0)))
        at += len(slot) + 1
    return out
