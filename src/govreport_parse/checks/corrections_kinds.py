"""What a change of cells looks like: a slip of reading, of writing, or of adding up.

In: for each cell of a set what it shows now and what the identities ask for. Out: one ``Kind``.
Pure functions on digits; nothing here decides whether a change is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from govreport_parse.values import Number

Kind = Literal[
    "shifted",
    "digits_split",
    "digits_joined",
    "sign",
    "other_number",
    "transposed",
    "look_alike",
    "digit_lost",
    "digit_added",
    "left_empty",
    "total",
    "arithmetic",
    "undecided",
]
Fault = Literal["reading", "organ", "undecided"]


class Words(NamedTuple):
    """What a kind means, and whose fault it speaks of where the cells prove nothing."""

    en: str
    zh: str
    fault: Fault


KIND_WORDS: dict[Kind, Words] = {
    "shifted": Words("a number stands in the neighbouring cell", "数字错位到相邻单元格", "reading"),
    "digits_split": Words(
        "one number was split over two cells", "一个数被拆到两个单元格", "reading"
    ),
    "digits_joined": Words("two numbers were run together", "两个数被连在一起", "reading"),
    "sign": Words("the sign was misread", "符号识读有误", "reading"),
    "other_number": Words(
        "the cell holds that number too, beside the one read", "该单元格中另有此数", "reading"
    ),
    "transposed": Words("two digits are exchanged", "两位数字颠倒", "organ"),
    "look_alike": Words("one digit looks like the other", "数字形近", "reading"),
    "digit_lost": Words("a digit is missing", "缺一位数字", "reading"),
    "digit_added": Words("a digit is too many", "多一位数字", "reading"),
    "left_empty": Words("the cell was left empty", "该单元格空缺", "undecided"),
    "total": Words("the printed sum does not fit its parts", "合计数与各项之和不符", "organ"),
    "arithmetic": Words("it looks like no slip of reading", "不像识读错误", "organ"),
    "undecided": Words("no single set of cells", "无唯一方案", "undecided"),
}
"""Each kind in words, the surest first."""

FAULT_WORDS: dict[Fault, tuple[str, str]] = {
    "reading": ("probably a reading fault", "疑为识读错误"),
    "organ": ("probably the organ's own slip", "疑为原文本身有误"),
    "undecided": ("reading or source, undecided", "无法判断是识读错误还是原文有误"),
}
PROVED = ("the organ's own slip, for the cells read literally so", "单元格原文如此，应为原文有误")
"""Where identities are proved broken in the source, in English and Chinese."""

PLAUSIBLE: tuple[Kind, ...] = tuple(KIND_WORDS)
"""Order in which candidates are listed."""

LOOK_ALIKES = frozenset(
    frozenset((a, b))
    for a, others in {
        "0": "689",
        "1": "247",
        "2": "57",
        "3": "578",
        "4": "69",
        "5": "68",
        "6": "89",
        "8": "9",
    }.items()
    for b in others
)
"""Digits that print or recognition mixes up."""

_WIDE = str.maketrans("０１２３４５６７８９－−﹣", "0123456789---")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Seen:
    """One cell of a set: its place, what it shows (``None``: blank or dash), what it should be."""

    place: tuple[str, str, str]
    raw: str
    current: Number | None
    new: Number
    is_total: bool = False
    neighbours: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The place as a path."""
        return "/".join(self.place)

    @property
    def old(self) -> str:
        """The digits that it shows; ``0`` for an empty cell."""
        return str(self.current or 0)


def kind_of(cells: Sequence[Seen]) -> Kind:
    """What the changes of one set look like together."""
    if len(cells) == 2 and cells[1].path in cells[0].neighbours:
        pair = _pair(cells[0], cells[1])
        if pair is not None:
            return pair
    kinds = {_single(c) for c in cells}
    if len(kinds) == 1:
        return kinds.pop()
    # several slips of different kinds at once: the least sure of them speaks for the set
    return max(kinds, key=PLAUSIBLE.index)


def _pair(a: Seen, b: Seen) -> Kind | None:
    """Two neighbouring cells, the first one before the second in the form."""
    old, new = (a.old, b.old), (str(a.new), str(b.new))
    if new == (b.old, a.old):
        return "shifted"
    if old[0] + old[1] in new and "0" in new:
        return "digits_split"
    if new[0] + new[1] in old and "0" in old:
        return "digits_joined"
    return None


def _single(cell: Seen) -> Kind:
    if cell.current is None:
        return "left_empty"
    old, new = str(cell.current), str(cell.new)
    raw = cell.raw.translate(_WIDE)
    if cell.new == -cell.current and cell.new:
        return "sign"
    numbers = _NUMBER.findall(raw)
    if len(numbers) > 1 and (new in numbers or "".join(numbers) == new):
        return "other_number"
    digits = _digits_kind(old, new)
    return digits or ("total" if cell.is_total else "arithmetic")


def _digits_kind(old: str, new: str) -> Kind | None:
    if len(old) == len(new):
        at = [i for i, (x, y) in enumerate(zip(old, new, strict=True)) if x != y]
        if len(at) == 1 and frozenset((old[at[0]], new[at[0]])) in LOOK_ALIKES:
            return "look_alike"
        if (
            len(at) == 2
            and at[1] == at[0] + 1
            and old[at[0]] + old[at[1]] == new[at[1]] + new[at[0]]
        ):
            return "transposed"
        return None
    if len(new) == len(old) + 1 and _drops_to(new, old):
        return "digit_lost"
    if len(old) == len(new) + 1 and _drops_to(old, new):
        return "digit_added"
    return None


def _drops_to(long: str, short: str) -> bool:
    """Whether ``short`` is ``long`` without one of its digits."""
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
