"""One cell's text to a value, a state, a unit and the list of what was changed to read it.

In: the text of one cell as found. Out: a ``Reading``. Nothing raises and nothing is guessed: a
text that is not unmistakably one number is ``unreadable`` and the caller keeps ``raw``. Every
accepted sign stands in the tables of ``number_signs``.

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
                    In a ``signed`` column ``3（减少）`` without a sign of its own is unreadable.
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

from govreport_parse.chinese_numerals import NUMERAL_SIGNS
from govreport_parse.number_scanner import MAX_DIGITS, Kind, Reading, Scanner
from govreport_parse.number_signs import (
    DASH_WORDS,
    DASHES,
    DIGITS,
    GAP,
    LETTER_O,
    MARKS,
    ZERO_WIDTH,
    fold_signs,
)
from govreport_parse.values import Repair, State

__all__ = [
    "Kind",
    "Reading",
    "apply_repairs",
    "is_value_like",
    "read_number",
    "to_wan_yuan",
]

_REPORTED = State.REPORTED
_BLANK = Reading(None, State.BLANK)
_DASH = Reading(None, State.DASH)
_UNREADABLE = Reading(None, State.UNREADABLE)

_CACHED_LENGTH = 64
_MAX_LENGTH = 10_000
"""Signs of a cell that are looked at; a longer text that is not blank is no number."""


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
    folded = fold_signs(raw, mirror)
    body = folded.text.strip(" \n")
    if not body:
        return Reading(None, State.BLANK, None, tuple(folded.repairs))
    if body in DASH_WORDS or _is_dash(body):
        return _DASH
    if body in LETTER_O:
        return Reading(None, State.UNREADABLE, note="letter O; perhaps 0")
    return Scanner(raw, folded, kind).read()


def _is_dash(body: str) -> bool:
    return body[0] in DASHES and all(c in DASHES or c in GAP for c in body)


# --- Values and labels --------------------------------------------------------------------------

_NUMERIC = DIGITS | frozenset("０１２３４５６７８９,，.．+-－＋−–—/?？%％ ") | ZERO_WIDTH
_NUMERIC_MARKED = _NUMERIC | MARKS | frozenset("[]［］")
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
    if body in LETTER_O and body:
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
    allowed = _NUMERIC_MARKED if body[:1] in DIGITS else _NUMERIC
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
