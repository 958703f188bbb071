"""The names under which a division is printed: full, with a short ending, or bare.

恩施土家族苗族自治州 is 恩施州 and 恩施; 景宁畲族自治县 is 景宁县 and 景宁; 池州市 is 池州.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from govreport_parse.organs.divisions import Division, table
from govreport_parse.organs.words import FIELDS


class Form(IntEnum):
    """How much of a name is printed."""

    BARE = 0
    """Without its ending: good only before a word that opens an organ's name."""
    SHORT = 1
    """With a short ending (恩施州)."""
    FULL = 2


class Entry(NamedTuple):
    """One name of one division."""

    text: str
    form: Form
    division: Division


_PEOPLES = """
土家族 布依族 哈尼族 拉祜族 布朗族 景颇族 傈僳族 纳西族 独龙族 普米族 朝鲜族 蒙古族 藏族 羌族 彝族
苗族 侗族 瑶族 壮族 回族 满族 畲族 黎族 傣族 佤族 白族 怒族 水族 土族 撒拉族 东乡族 保安族 裕固族
哈萨克族 维吾尔族 柯尔克孜族 塔吉克族 锡伯族 达斡尔族 鄂温克族 鄂伦春族 仡佬族 仫佬族 毛南族 各族
蒙古 哈萨克 柯尔克孜 塔吉克 锡伯 维吾尔
"""
_PEOPLE = tuple(_PEOPLES.split())

_ENDINGS = ("自治区", "自治州", "自治县", "自治旗", "特别行政区", "地区", "林区", "特区",
            "新区", "省", "市", "县", "区", "旗", "盟")  # fmt: skip
_SHORT_ENDING = {"自治区": "自治区", "自治州": "州", "自治县": "县", "自治旗": "旗"}

_USAGE = {
    "阜蒙县": "210921",
    "喀左县": "211324",
    "前郭县": "220721",
    "杜蒙县": "230624",
    "科左中旗": "150521",
    "科左后旗": "150522",
    "科右前旗": "152221",
    "科右中旗": "152222",
    "莫旗": "150722",
    "锡盟": "152500",
    "博州": "652700",
    "克州": "653000",
    "张川县": "620525",
}
"""Names by usage that no rule gives."""


def parts(name: str) -> tuple[str, str]:
    """A name as stem and ending; peoples' names belong to neither."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + (len(ending) == 2):
            stem = name[: -len(ending)]
            if ending.startswith("自治") or stem.endswith("族"):
                stem = _without_peoples(stem)
            return stem, ending
    return name, ""


def _without_peoples(stem: str) -> str:
    while True:
        for people in _PEOPLE:
            if stem.endswith(people) and len(stem) - len(people) >= 2:
                stem = stem[: -len(people)]
                break
        else:
            return stem.removesuffix("族")


def _entries(division: Division, full: frozenset[str]) -> Iterator[Entry]:
    name = division.name
    yield Entry(name, Form.FULL, division)
    stem, ending = parts(name)
    short = stem + _SHORT_ENDING.get(ending, ending)
    # A short form that is another place's full name (东乡县) would deceive.
    if short != name and short not in full:
        yield Entry(short, Form.SHORT, division)
    if len(stem) >= 2 and stem != name and stem not in FIELDS:  # 公安县 is never 公安
        yield Entry(stem, Form.BARE, division)


@cache
def entries() -> dict[str, tuple[Entry, ...]]:
    """All names by their first two characters, the longest first."""
    records = table().records
    full = frozenset(table().by_name)
    groups: dict[str, list[Entry]] = {}
    for division in records:
        for entry in _entries(division, full):
            groups.setdefault(entry.text[:2], []).append(entry)
    for text, code in _USAGE.items():
        for division in table().by_code[code]:
            groups.setdefault(text[:2], []).append(Entry(text, Form.SHORT, division))
    return {k: tuple(sorted(v, key=lambda e: -len(e.text))) for k, v in groups.items()}
