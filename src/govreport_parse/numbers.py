"""One cell's text to a value, a state, a unit and the list of what was changed to read it.

In: the text of one cell as found. Out: a ``Reading``. Nothing raises and nothing is guessed: a
text that is not unmistakably one number is ``unreadable`` and the caller keeps ``raw``. Every
accepted sign stands in the tables of this module; ``int()`` and ``str.isdigit()`` alone would
take ``٣``, ``𝟙`` and ``1_000``.

Rules, in the order in which they apply (sources: CONTRACT.md; domain guide 2.3; evidence c, e):

==================  ==============================================================================
blank               white space of every kind, zero-width signs, ``&nbsp;`` left over as text;
                    with ``mirror`` also ``?``. Never 0.
dash                only ``- — – － ― / ／ \\`` and their like, repeated or spaced; ``无``, ``空``.
digits              ASCII and full-width (repair ``full_width``). ``0`` alone may begin with 0:
                    ``00`` and ``007`` look like joined cells and are unreadable. More than 18
                    digits before the point are unreadable (they would leave int64).
thousands           ``1,234`` ``1，234``: groups of three, one kind of comma
                    (``thousands_separator``). ``12,34`` is unreadable.
blank inside        ``14 069``: groups of three, one blank each (``inner_space``). ``1 2`` may be
                    two cells and ``14⏎069`` two lines: unreadable.
decimals            exact, any number of places, in ``decimal`` columns. In the other kinds only
                    zeros may follow the point (``12.00`` is 12, ``decimal_zeros``).
sign                only in ``signed`` columns: ``+3 -18 －18 −18`` and ``增3 增加3 减4 减少4``
                    (``sign``, ``sign_word``). Elsewhere a sign makes the cell unreadable.
                    ``—18`` may be a dash beside a number: unreadable everywhere.
unit                件 项 个 条 次 宗 with counts, 元 万元 亿元 with amounts, also in parentheses.
                    An amount's unit in a column of counts, or the reverse, is unreadable.
note                ``22（其中修订16件）``: a parenthesis after the number up to the end of the
                    cell, with two Chinese characters that are not mere numerals (``note``).
footnote mark       right behind a number in digits or its unit: ``5[1]`` ``5①`` ``5*`` ``5＊``
                    ``5†`` is 5 (``footnote_mark``). Something behind the mark (``5[1]6``) or a
                    mark alone is unreadable; ``5(1)`` is no mark.
Chinese numerals    in their standard writing, ``一百二十`` (``chinese_numeral``). A lone ``一``
                    may be a dash, ``一二`` a list, ``一百五`` is 150 or 105: unreadable.
traditional         萬 億 個 條 項 減 無 as their simplified forms (``traditional``).
residues            ``&nbsp;`` beside a value (``html_entity``), zero-width signs anywhere
                    (``zero_width``), with ``mirror`` question marks (``question_mark_nbsp``: on
                    mirror hosts each NBSP became ``?``).
==================  ==============================================================================

The repairs are edits of ``raw``, in order, without overlap: applied to ``raw`` they leave the
number in ASCII, its unit and blanks around them. White space around a value or between number
and unit is layout, not a repair.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from govreport_parse.chinese_numerals import NUMERAL_SIGNS, read_chinese
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


_REPORTED = State.REPORTED
_BLANK = Reading(None, State.BLANK)
_DASH = Reading(None, State.DASH)
_UNREADABLE = Reading(None, State.UNREADABLE)

_DIGITS = frozenset("0123456789")
_WIDE = {chr(0xFF10 + i): str(i) for i in range(10)} | {
    "．": ".",
    "＋": "+",
    "－": "-",
    "／": "/",
    "＼": "\\",
    "（": "(",
    "）": ")",
}
# Brackets keep their width in notes, so folding them is not worth a repair.
_SILENT = frozenset("（）")
_TRADITIONAL = dict(zip("萬億個條項減無", "万亿个条项减无", strict=True))
_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_FILLERS = frozenset("\u2800\u3164")  # Braille blank, Hangul filler: ink-free, not isspace()
# A soft hyphen shows only where a line ends; embeddings and isolates leave digits in their order.
_ZERO_WIDTH = frozenset(
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)
_ENTITIES = ("&nbsp;", "&ensp;", "&emsp;", "&#160;", "&#xa0;", "&#12288;", "&#x3000;", "&nbsp")
_DASHES = frozenset("-/\\‐‑‒–—―−─━﹣﹘⁄∕")
_DASH_WORDS = frozenset({"无", "空"})
_MINUS = frozenset("-−–‐‑﹣")
_SIGN_WORDS = (("增加", 1), ("减少", -1), ("增", 1), ("减", -1))
_LETTER_O = frozenset("OoＯｏ")
_GAP = frozenset(" \n")
_CIRCLED = frozenset(map(chr, range(0x2460, 0x2474)))  # ① to ⑳
_MARKS = frozenset("*＊†‡") | _CIRCLED
_MARK_BRACKETS = {"[": "]", "［": "］", "〔": "〕", "【": "】"}
_IN_MARK = _DIGITS | _MARKS | frozenset("注,，、 ")
_MAX_MARK = 8  # [注1、2]: longer ones are no mark


def read_number(raw: str, kind: Kind = "integer", *, mirror: bool = False) -> Reading:
    """Read one cell by the rules of this module. Never raises, time linear in ``raw``.

    ``kind`` is the column's type (``forms.spec.Column.type``); ``mirror`` says that the page
    comes from a mirror host that turned each NBSP into ``?`` (domain guide 2.3).
    """
    # A report repeats few texts many times: 0, 1, blank. The cache beats even int() here.
    if len(raw) <= _CACHED_LENGTH:
        return _read_cached(raw, kind, mirror)
    return _read(raw, kind, mirror)


def to_wan_yuan(value: Decimal, unit: str | None) -> Decimal | None:
    """An amount in 万元, exactly; ``None`` where the unit is unknown or no unit of money."""
    context = Context(prec=len(value.as_tuple().digits) + 8)
    if unit == "万元":
        return value
    if unit == "元":
        return context.multiply(value, Decimal("0.0001"))
    if unit == "千元":
        return context.multiply(value, Decimal("0.1"))
    if unit == "亿元":
        return context.multiply(value, Decimal(10_000))
    return None


def is_value_like(text: str) -> bool:
    """Whether a cell's text can only be a value (or a blank or dash), never a label.

    True for every text that ``read_number`` reads in some kind of column, and for what is
    plainly a number gone wrong (``00``, ``1 2``, ``-5``, ``12,34``, ``5?``, ``5[1]6``). False for
    numerals of labels (``1.``, ``（一）``, a lone ``三``). Cheap: cached, long texts are refused
    at once.
    """
    if len(text) <= _CACHED_LENGTH:
        return _value_like(text)
    body = text.strip()
    if len(body) <= _CACHED_LENGTH:
        return _value_like(body)
    # Only a number with a long note is left.
    return len(body) <= _MAX_NOTE and body[0] in _NUMERIC and _reads(body)


# --- The slow path ------------------------------------------------------------------------------

_CACHED_LENGTH = 64
_MAX_LENGTH = 10_000
"""Signs of a cell that are looked at; a longer text that is not blank is no number."""


class _Folded(NamedTuple):
    """The text with one sign per sign that matters, and where each stands in ``raw``."""

    text: str
    starts: list[int]
    ends: list[int]
    repairs: list[Repair]


def _fold(raw: str, mirror: bool) -> _Folded:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    edits: list[tuple[str, int, int, str]] = []
    i = 0
    n = len(raw)
    while i < n:
        c = raw[i]
        j = i + 1
        out = c
        kind = ""
        if c in _WIDE:
            out = _WIDE[c]
            kind = "" if c in _SILENT else "full_width"
        elif c in _TRADITIONAL:
            out, kind = _TRADITIONAL[c], "traditional"
        elif c in _BREAKS:
            out = "\n"
        elif c.isspace() or c in _FILLERS:
            out = " "
        elif c in _ZERO_WIDTH:
            out, kind = "", "zero_width"
        elif c == "&" and (entity := _entity(raw, i)):
            j = i + len(entity)
            out, kind = " ", "html_entity"
        elif mirror and c in "?？":
            out, kind = " ", "question_mark_nbsp"
        if kind:
            edits.append((kind, i, j, out.strip(" ")))
        if out:
            chars.append(out)
            starts.append(i)
            ends.append(j)
        i = j
    return _Folded("".join(chars), starts, ends, _merge(raw, edits))


def _entity(raw: str, at: int) -> str:
    lowered = raw[at : at + 8].lower()
    return next((e for e in _ENTITIES if lowered.startswith(e)), "")


def _merge(raw: str, edits: list[tuple[str, int, int, str]]) -> list[Repair]:
    """Edits as repairs; those that touch and are of one kind become one."""
    repairs = []
    i = 0
    while i < len(edits):
        kind, start, end, _ = edits[i]
        first = i
        i += 1
        while i < len(edits) and edits[i][0] == kind and edits[i][1] == end:
            end = edits[i][2]
            i += 1
        after = "".join(e[3] for e in edits[first:i])
        repairs.append(Repair(kind, start, end, raw[start:end], after))
    return repairs


@lru_cache(maxsize=4096)
def _read_cached(raw: str, kind: Kind, mirror: bool) -> Reading:
    return _read(raw, kind, mirror)


def _read(raw: str, kind: Kind, mirror: bool) -> Reading:
    plain = raw.strip()
    if not plain:
        return _BLANK
    if plain.isascii() and plain.isdigit():
        if len(plain) > MAX_DIGITS or (plain[0] == "0" and len(plain) > 1):
            return _UNREADABLE
        return Reading(Decimal(plain) if kind == "decimal" else int(plain), _REPORTED)
    if len(raw) > _MAX_LENGTH:
        return _UNREADABLE
    folded = _fold(raw, mirror)
    body = folded.text.strip(" \n")
    if not body:
        return Reading(None, State.BLANK, None, tuple(folded.repairs))
    if body in _DASH_WORDS or _is_dash(body):
        return _DASH
    if body in _LETTER_O:
        return Reading(None, State.UNREADABLE, note="letter O; perhaps 0")
    return _Scanner(raw, folded, kind).read()


def _is_dash(body: str) -> bool:
    return body[0] in _DASHES and all(c in _DASHES or c in _GAP for c in body)


class _Scanner:
    """One pass over a folded text: sign, numeral, unit, note, end."""

    def __init__(self, raw: str, folded: _Folded, kind: Kind) -> None:
        self.raw = raw
        self.text, self.starts, self.ends, repairs = folded
        self.repairs = list(repairs)
        self.kind = kind
        self.units = MONEY_UNITS if kind == "decimal" else COUNT_UNITS
        self.end = len(self.text.rstrip(" \n"))
        self.at = 0
        self.skip_gap()

    def read(self) -> Reading:
        negative = self.sign()
        value = self.numeral()
        if value is None:
            return self.refusal()
        marked = self.footnote_mark()
        unit = self.unit() or self.unit_in_brackets()
        if unit and not marked:
            self.footnote_mark()
        note = self.note()
        if self.at != self.end:
            return _UNREADABLE
        if negative:
            value = -value
        self.repairs.sort(key=lambda r: r.start)
        return Reading(value, _REPORTED, unit, tuple(self.repairs), note)

    def refusal(self) -> Reading:
        if self.text[self.at : self.end] == "一":
            return Reading(None, State.UNREADABLE, note="一 may be a dash or 1")
        return _UNREADABLE

    def skip_gap(self) -> None:
        while self.at < self.end and self.text[self.at] in _GAP:
            self.at += 1

    def edit(self, kind: str, start: int, end: int, after: str) -> None:
        """Record that folded places ``start`` to ``end`` were replaced by ``after``."""
        a, b = self.starts[start], self.ends[end - 1]
        # One edit replaces the folds inside it, so that edits never overlap.
        self.repairs = [r for r in self.repairs if not (a <= r.start and r.end <= b)]
        self.repairs.append(Repair(kind, a, b, self.raw[a:b], after))

    # Each step moves ``at`` behind what it took and leaves it where it was otherwise.

    def sign(self) -> bool:
        """Take a sign of a ``signed`` column; True if the number is negative."""
        if self.kind != "signed":
            return False
        start = self.at
        c = self.text[start]
        if c == "+" or c in _MINUS:
            self.at += 1
            if c in "+-":
                self.signed_gap()
                return c == "-"
            self.edit("sign", start, self.at, "-")
            self.signed_gap()
            return True
        for word, factor in _SIGN_WORDS:
            if self.text.startswith(word, start):
                self.at += len(word)
                self.edit("sign_word", start, self.at, "-" if factor < 0 else "+")
                self.signed_gap()
                return factor < 0
        return False

    def signed_gap(self) -> None:
        """One blank between sign and number."""
        if self.at < self.end and self.text[self.at] == " ":
            self.remove(self.at, "inner_space")
            self.at += 1

    def remove(self, place: int, kind: str) -> None:
        """Record that one folded sign was dropped, unless folding it already says so."""
        a, b = self.starts[place], self.ends[place]
        if all(not (r.start <= a < r.end) for r in self.repairs):
            self.repairs.append(Repair(kind, a, b, self.raw[a:b], ""))

    def numeral(self) -> int | Decimal | None:
        if self.at < self.end and self.text[self.at] in _DIGITS:
            return self.digits()
        return self.chinese()

    def digits(self) -> int | Decimal | None:
        start = self.at
        stop = start
        whole: list[str] = []
        separator = ""
        while True:
            group_start = stop
            stop = self.run(stop)
            whole.append(self.text[group_start:stop])
            if len(whole) > 1 and (len(whole[-1]) != 3 or len(whole) > MAX_DIGITS // 3 + 1):
                return None
            mark = self.text[stop] if stop < self.end else ""
            following = self.text[stop + 1] if stop + 1 < self.end else ""
            if mark not in _SEPARATORS or following not in _DIGITS:
                break
            if separator and mark != separator:
                return None
            separator = mark
            self.remove(stop, "inner_space" if mark == " " else "thousands_separator")
            stop += 1
        number = "".join(whole)
        if len(number) > MAX_DIGITS or (number[0] == "0" and len(number) > 1):
            return None
        if separator and len(whole[0]) > 3:
            return None
        places = ""
        if stop < self.end and self.text[stop] == ".":
            point = stop
            stop = self.run(stop + 1)
            places = self.text[point + 1 : stop]
            if not places:
                return None
            if self.kind != "decimal":
                if places.strip("0"):
                    return None
                self.edit("decimal_zeros", point, stop, "")
        self.at = stop
        if self.kind == "decimal":
            return Decimal(f"{number}.{places}" if places else number)
        return int(number)

    def run(self, place: int) -> int:
        while place < self.end and self.text[place] in _DIGITS:
            place += 1
        return place

    def chinese(self) -> int | Decimal | None:
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
        self.edit("chinese_numeral", self.at, stop, str(value))
        self.at = stop
        return Decimal(value) if self.kind == "decimal" else value

    def unit(self) -> str | None:
        here = self.at
        self.skip_gap()
        for unit in self.units:
            if self.text.startswith(unit, self.at):
                self.at += len(unit)
                return unit
        self.at = here
        return None

    def unit_in_brackets(self) -> str | None:
        here = self.at
        self.skip_gap()
        for unit in self.units:
            printed = f"({unit})"
            if self.text.startswith(printed, self.at):
                self.at += len(printed)
                return unit
        self.at = here
        return None

    def footnote_mark(self) -> bool:
        """Take marks of a footnote behind digits or a unit; a lone 一 before one stays unread."""
        if self.text[self.at - 1] in NUMERAL_SIGNS:
            return False
        start = self.at + (self.text[self.at : self.at + 1] == " ")
        stop = start
        while stop < self.end and stop - start < _MAX_MARK:
            following = self.one_mark(stop)
            if following == stop:
                break
            stop = following
        if stop == start:
            return False
        self.edit("footnote_mark", start, stop, "")
        self.at = stop
        return True

    def one_mark(self, place: int) -> int:
        """The place behind the mark that stands at ``place``, or ``place``."""
        if self.text[place] in _MARKS:
            return place + 1
        closing = _MARK_BRACKETS.get(self.text[place])
        if closing is None:
            return place
        close = self.text.find(closing, place, min(self.end, place + _MAX_MARK))
        inner = self.text[place + 1 : close].strip() if close > 0 else ""
        return close + 1 if inner and _IN_MARK.issuperset(inner) else place

    def note(self) -> str | None:
        """Take a parenthesis that runs to the end; its text as found, without the brackets."""
        here = self.at
        self.skip_gap()
        inner = self.text[self.at + 1 : self.end - 1].strip(" \n")
        if self.text[self.at : self.at + 1] != "(" or not self.closes_last() or not _is_note(inner):
            self.at = here
            return None
        written = self.raw[self.ends[self.at] : self.starts[self.end - 1]].strip()
        self.edit("note", self.at, self.end, "")
        self.at = self.end
        return written

    def closes_last(self) -> bool:
        """Whether the bracket at ``at`` is closed by the last sign of the cell."""
        depth = 0
        for place in range(self.at, self.end):
            depth += (self.text[place] == "(") - (self.text[place] == ")")
            if depth == 0:
                return place == self.end - 1
        return False


_SEPARATORS = frozenset(",， ")


def _is_note(inner: str) -> bool:
    han = [c for c in inner if "\u3400" <= c <= "\u9fff" or c == "〇"]
    if inner in COUNT_UNITS + MONEY_UNITS:
        return False
    return len(han) >= 2 and not all(c in NUMERAL_SIGNS for c in han)


# --- Values and labels --------------------------------------------------------------------------

_NUMERIC = _DIGITS | frozenset("０１２３４５６７８９,，.．+-－＋−–—/?？%％ ") | _ZERO_WIDTH
_NUMERIC_MARKED = _NUMERIC | _MARKS | frozenset("[]［］")
_MAX_NOTE = 400
_KINDS: tuple[Kind, ...] = ("integer", "decimal", "signed")


@lru_cache(maxsize=8192)
def _value_like(text: str) -> bool:
    if text.isascii() and text.isdigit():
        return True
    body = text.strip()
    core = body.strip("?？ ")
    if core != body:
        # what became of a non-breaking space beside a value, or instead of one
        return not core or _value_like(core)
    if body in _LETTER_O and body:
        return True
    if len(body) == 1 and body in NUMERAL_SIGNS and body not in "〇零":
        return False
    if _looks_numeric(body):
        return True
    return _reads(text)


def _reads(text: str) -> bool:
    return any(read_number(text, kind).state is not State.UNREADABLE for kind in _KINDS)


def _looks_numeric(body: str) -> bool:
    """Digits with marks, blanks and signs between them, and not the numeral of a label."""
    allowed = _NUMERIC_MARKED if body[:1] in _DIGITS else _NUMERIC
    if any(c not in allowed and not c.isspace() for c in body):
        return False
    if not body or body[-1] in ".．,，" or body[0] in ".．,，":
        return False
    return body.strip("?？") == "" or any("0" <= c <= "9" or "０" <= c <= "９" for c in body)


def apply_repairs(raw: str, repairs: Iterable[Repair]) -> str:
    """``raw`` with the edits made: what was read, in ASCII, with its unit and outer blanks."""
    out: list[str] = []
    at = 0
    for r in repairs:
        out += (raw[at : r.start], r.after)
        at = r.end
    out.append(raw[at:])
    return "".join(out)
