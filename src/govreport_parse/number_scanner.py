"""One number of a cell: sign, numeral, unit, footnote mark, note, end; else it is unreadable.

In: a folded text (``number_signs``). Out: a ``Reading``. The rules stand in ``numbers``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from govreport_parse.chinese_numerals import NUMERAL_SIGNS, read_chinese
from govreport_parse.number_signs import (
    DIGITS,
    GAP,
    IN_MARK,
    MARK_BRACKETS,
    MARKS,
    MAX_MARK,
    MINUS,
    SIGN_WORDS,
    Folded,
)
from govreport_parse.values import Repair, State

Kind = Literal["integer", "signed", "decimal"]

MAX_DIGITS = 18
"""Digits before the decimal point; any such number fits in a signed 64-bit integer."""

COUNT_UNITS = ("件", "项", "个", "条", "次", "宗")
MONEY_UNITS = ("万元", "亿元", "元")


class Reading(NamedTuple):
    """What one cell says. ``value`` is ``None`` unless ``state`` is ``reported``.

    ``value`` is an ``int``, in ``decimal`` columns always a ``Decimal``, in the unit ``unit``
    where the cell prints one. ``note`` is the text of a parenthesis after the number, or a word
    on why a cell that looks like a number was not read.
    """

    value: int | Decimal | None
    state: State
    unit: str | None = None
    repairs: tuple[Repair, ...] = ()
    note: str | None = None


_UNREADABLE = Reading(None, State.UNREADABLE)


class Scanner:
    """One pass over a folded text: sign, numeral, unit, note, end."""

    def __init__(self, raw: str, folded: Folded, kind: Kind) -> None:
        self.raw = raw
        self.text, self.starts, self.ends, repairs = folded
        self.repairs = list(repairs)
        self.kind = kind
        self.units = MONEY_UNITS if kind == "decimal" else COUNT_UNITS
        self.end = len(self.text.rstrip(" \n"))
        self.at = 0
        self._skip_gap()

    def read(self) -> Reading:
        """The reading of the whole text; once only."""
        start = self.at
        negative = self._sign()
        has_sign = self.at != start
        value = self._numeral()
        if value is None:
            return self._refusal()
        marked = self._footnote_mark()
        unit = self._unit() or self._unit_in_brackets()
        if unit and not marked:
            self._footnote_mark()
        note = self._note()
        if self.at != self.end:
            return _UNREADABLE
        if self._hides_a_sign(note, value) and not has_sign:
            return Reading(None, State.UNREADABLE, note=f"{note!r} may be its sign")
        if negative:
            value = -value
        self.repairs.sort(key=lambda r: r.start)
        return Reading(value, State.REPORTED, unit, tuple(self.repairs), note)

    def _refusal(self) -> Reading:
        if self.text[self.at : self.end] == "一":
            return Reading(None, State.UNREADABLE, note="一 may be a dash or 1")
        return _UNREADABLE

    def _skip_gap(self) -> None:
        while self.at < self.end and self.text[self.at] in GAP:
            self.at += 1

    def _edit(self, kind: str, start: int, end: int, after: str) -> None:
        """Record that folded places ``start`` to ``end`` were replaced by ``after``."""
        a, b = self.starts[start], self.ends[end - 1]
        # One edit replaces the folds inside it, so that edits never overlap.
        self.repairs = [r for r in self.repairs if not (a <= r.start and r.end <= b)]
        self.repairs.append(Repair(kind, a, b, self.raw[a:b], after))

    # Each step moves ``at`` behind what it took and leaves it where it was otherwise.

    def _sign(self) -> bool:
        """Take a sign of a ``signed`` column; True if the number is negative."""
        if self.kind != "signed":
            return False
        start = self.at
        c = self.text[start]
        if c == "+" or c in MINUS:
            self.at += 1
            if c in "+-":
                self._signed_gap()
                return c == "-"
            self._edit("sign", start, self.at, "-")
            self._signed_gap()
            return True
        for word, factor in SIGN_WORDS:
            if self.text.startswith(word, start):
                self.at += len(word)
                self._edit("sign_word", start, self.at, "-" if factor < 0 else "+")
                self._signed_gap()
                return factor < 0
        return False

    def _signed_gap(self) -> None:
        """One blank between sign and number."""
        if self.at < self.end and self.text[self.at] == " ":
            self._remove(self.at, "inner_space")
            self.at += 1

    def _remove(self, place: int, kind: str) -> None:
        """Record that one folded sign was dropped, unless folding it already says so."""
        a, b = self.starts[place], self.ends[place]
        if all(not (r.start <= a < r.end) for r in self.repairs):
            self.repairs.append(Repair(kind, a, b, self.raw[a:b], ""))

    def _numeral(self) -> int | Decimal | None:
        if self.at < self.end and self.text[self.at] in DIGITS:
            return self._digits()
        return self._chinese()

    def _digits(self) -> int | Decimal | None:
        start = self.at
        stop = start
        whole: list[str] = []
        separator = ""
        while True:
            group_start = stop
            stop = self._run(stop)
            whole.append(self.text[group_start:stop])
            if len(whole) > 1 and (len(whole[-1]) != 3 or len(whole) > MAX_DIGITS // 3 + 1):
                return None
            mark = self.text[stop] if stop < self.end else ""
            following = self.text[stop + 1] if stop + 1 < self.end else ""
            if mark not in _SEPARATORS or following not in DIGITS:
                break
            if separator and mark != separator:
                return None
            separator = mark
            self._remove(stop, "inner_space" if mark == " " else "thousands_separator")
            stop += 1
        number = "".join(whole)
        if len(number) > MAX_DIGITS or (number[0] == "0" and len(number) > 1):
            return None
        if separator and len(whole[0]) > 3:
            return None
        places = ""
        if stop < self.end and self.text[stop] == ".":
            point = stop
            stop = self._run(stop + 1)
            places = self.text[point + 1 : stop]
            if not places:
                return None
            if self.kind != "decimal":
                if places.strip("0"):
                    return None
                self._edit("decimal_zeros", point, stop, "")
        self.at = stop
        if self.kind == "decimal":
            return Decimal(f"{number}.{places}" if places else number)
        return int(number)

    def _run(self, place: int) -> int:
        while place < self.end and self.text[place] in DIGITS:
            place += 1
        return place

    def _chinese(self) -> int | Decimal | None:
        stop = self.at
        while stop < self.end and self.text[stop] in NUMERAL_SIGNS:
            stop += 1
        written = self.text[self.at : stop]
        # 三万元 is 3 in the unit 万元, as the report states it.
        if self.kind == "decimal" and len(written) > 1 and self.text.startswith("元", stop):
            cut = written[-1] in "万亿"
            written, stop = (written[:-1], stop - 1) if cut else (written, stop)
        value = read_chinese(written)
        # A numeral that is the whole cell and looks like a dash is not read.
        if value is None or (written == "一" and stop == self.end):
            return None
        self._edit("chinese_numeral", self.at, stop, str(value))
        self.at = stop
        return Decimal(value) if self.kind == "decimal" else value

    def _unit(self) -> str | None:
        here = self.at
        self._skip_gap()
        for unit in self.units:
            if self.text.startswith(unit, self.at):
                self.at += len(unit)
                return unit
        self.at = here
        return None

    def _unit_in_brackets(self) -> str | None:
        here = self.at
        self._skip_gap()
        for unit in self.units:
            printed = f"({unit})"
            if self.text.startswith(printed, self.at):
                self.at += len(printed)
                return unit
        self.at = here
        return None

    def _footnote_mark(self) -> bool:
        """Take marks of a footnote behind digits or a unit; a lone 一 before one stays unread."""
        if self.text[self.at - 1] in NUMERAL_SIGNS:
            return False
        start = self.at + (self.text[self.at : self.at + 1] == " ")
        stop = start
        while stop < self.end and stop - start < MAX_MARK:
            following = self._one_mark(stop)
            if following == stop:
                break
            stop = following
        if stop == start:
            return False
        self._edit("footnote_mark", start, stop, "")
        self.at = stop
        return True

    def _one_mark(self, place: int) -> int:
        """The place behind the mark that stands at ``place``, or ``place``."""
        if self.text[place] in MARKS:
            return place + 1
        closing = MARK_BRACKETS.get(self.text[place])
        if closing is None:
            return place
        close = self.text.find(closing, place, min(self.end, place + MAX_MARK))
        inner = self.text[place + 1 : close].strip() if close > 0 else ""
        return close + 1 if inner and IN_MARK.issuperset(inner) else place

    def _note(self) -> str | None:
        """Take a parenthesis that runs to the end; its text as found, without the brackets."""
        here = self.at
        self._skip_gap()
        inner = self.text[self.at + 1 : self.end - 1].strip(" \n")
        if (
            self.text[self.at : self.at + 1] != "("
            or not self._closes_last()
            or not _is_note(inner)
        ):
            self.at = here
            return None
        written = self.raw[self.ends[self.at] : self.starts[self.end - 1]].strip()
        self._edit("note", self.at, self.end, "")
        self.at = self.end
        return written

    def _hides_a_sign(self, note: str | None, value: int | Decimal) -> bool:
        """Whether a note in a column of changes says which way the number goes."""
        return bool(note and value and self.kind == "signed" and _DIRECTIONS.intersection(note))

    def _closes_last(self) -> bool:
        """Whether the bracket at ``at`` is closed by the last sign of the cell."""
        depth = 0
        for place in range(self.at, self.end):
            depth += (self.text[place] == "(") - (self.text[place] == ")")
            if depth == 0:
                return place == self.end - 1
        return False


_SEPARATORS = frozenset(",， ")
_DIRECTIONS = frozenset("增减減升降多少加取消新撤")
"""In a note: 3（减少） in a column of changes is -3, and 12（减少3） is nobody knows what."""


def _is_note(inner: str) -> bool:
    han = [c for c in inner if "\u3400" <= c <= "\u9fff" or c == "〇"]
    if inner in COUNT_UNITS + MONEY_UNITS:
        return False
    return len(han) >= 2 and not all(c in NUMERAL_SIGNS for c in han)
