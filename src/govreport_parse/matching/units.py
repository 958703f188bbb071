"""The unit that a table prints for its amounts: in the header cell, or in a line above.

In: texts. Out: ``元 千元 万元 亿元``, or ``None`` where no unit is printed or several are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNIT = r"(?P<unit>[千万亿]?元)"
_NAMED = re.compile(r"单位[:：]?(?:人民币)?[(（]?" + _UNIT)
_BRACKETED = re.compile(r"[(（](?:人民币)?" + _UNIT + r"[)）]")
_OTHER = "十百千万亿美欧日韩港澳台英加"
"""What before a unit makes it another one: ``百元``, ``十万元``, ``美元``."""
_AT_END = re.compile(rf"(?<![{_OTHER}])" + _UNIT + r"[)）]?\Z")
_LINE = re.compile(r"[(（\[【]?(?:计量|金额|货币)?单位[:：]?(?:人民币)?" + _UNIT + r"[)）\]】]?\Z")
MAX_LINE = 30
"""A line that prints only a unit is no longer than this."""


def _squeezed(text: str) -> str:
    return "".join(text.split()).replace("萬", "万").replace("億", "亿")


def header_unit(text: str) -> str | None:
    """The unit in one header cell: ``（单位：元）``, ``（元）``, ``金额/元``."""
    body = _squeezed(text)
    for pattern in (_NAMED, _BRACKETED, _AT_END):
        found = {m["unit"] for m in pattern.finditer(body)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def following_unit(text: str, header: str) -> str | None:
    """The unit that running text prints right behind a column's name, before any figure."""
    body, name = _squeezed(text), _squeezed(header)
    at = body.rfind(name)
    if at < 0 or not name:
        return None
    tail = body[at + len(name) : at + len(name) + 40]
    m = re.match(r"[^0-9０-９]*", tail)
    tail = m.group() if m else ""
    for pattern in (_NAMED, _BRACKETED):
        if (m := pattern.search(tail)) is not None:
            return m["unit"]
    return None


def mentions(text: str, header: str) -> bool:
    """Whether running text holds a column's name, line ends and blanks aside."""
    return bool(header) and _squeezed(header) in _squeezed(text)


def unit_line(texts: Iterable[str]) -> str | None:
    """The one unit that lines such as ``（单位：元）`` print; other lines say nothing."""
    found = {
        m["unit"]
        for text in texts
        for line in text.splitlines()
        if len(line) <= MAX_LINE and (m := _LINE.match(_squeezed(line))) is not None
    }
    return found.pop() if len(found) == 1 else None
