"""The words of indicator tables: which rows a label may name, what is a unit, what a header.

In: a cell's text. Out: rows of the statistics forms that it may name. Labels are compared
without numerals, 其中 and remarks in parentheses, since editions differ in these; a trailing
数, 数量 or 总数 may be missing. Texts that name several rows (其他情形数 under 行政复议 and
行政诉讼) give all of them; the order of the table decides.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import Literal, NamedTuple

from govreport_parse.formbook.statistics import (
    STATISTICS_2014,
    STATISTICS_REGIONAL,
    Indicator,
    indicators,
)
from govreport_parse.text import fold, label_key

Role = Literal["number", "label", "unit", "code", "value", "note"]


class Named(NamedTuple):
    """The rows that a label may name and how: official wording, a variant, or nearly so."""

    rows: tuple[Indicator, ...]
    how: Literal["label", "alias", "fuzzy"]


_UNIT_WORDS = """条 件 次 篇 个 人 人次 元 千元 万元 亿元 项 份 宗 页 户 场 期 批 家 处 起 部 册 字
万字 条次 件次 人/次 场次 班次"""
UNITS = frozenset(_UNIT_WORDS.split())
_LEAD = re.compile(
    r"\(?[一二三四五六七八九十]{1,3}[)、.:]|\([0-9]{1,2}\)|[0-9]{1,2}[).、:]"
    r"|[0-9]{1,2}(?=[\u4e00-\u9fff])|其中[:、]?|[-·*+]"
)
_NOTE = re.compile(r"\([^()]*\)")
_TAIL = re.compile(r"(?:总数|数量|数)$")
MIN_FUZZY = 10
"""Shorter labels differ by one sign from one another (传真, 信函; 专职, 兼职)."""


def bare_label(text: str) -> str:
    """The words of a label: no numeral, 其中, remark in parentheses, white space or sign."""
    out = fold(text)
    for _ in range(4):
        found = _LEAD.match(out)
        if found is None:
            break
        out = out[found.end() :]
    return label_key(_NOTE.sub("", out))


@lru_cache(maxsize=1)
def _index() -> dict[str, dict[Indicator, Literal["label", "alias"]]]:
    out: dict[str, dict[Indicator, Literal["label", "alias"]]] = {}
    rows = [i for f in (STATISTICS_2014, STATISTICS_REGIONAL) for i in indicators(f)]
    for row in rows:
        out.setdefault(bare_label(row.label), {}).setdefault(row, "label")
    for row in rows:
        for text in (row.label, *row.aliases):
            key = bare_label(text)
            for variant in (key, _TAIL.sub("", key)):
                # A shortened wording must not steal another row's own words.
                known = out.get(variant, {})
                if "label" not in {h for r, h in known.items() if r.form == row.form}:
                    out.setdefault(variant, {}).setdefault(row, "alias")
    return out


@lru_cache(maxsize=4096)
def indicator_rows(text: str) -> Named | None:
    """The rows of both statistics forms that a label may name, or ``None``."""
    if not 2 <= len(text) <= 120:
        return None
    key = bare_label(text)
    found = _index().get(key) or _index().get(_TAIL.sub("", key))
    if found:
        return Named(tuple(found), "label" if "label" in found.values() else "alias")
    close = _closest(key) if len(key) >= MIN_FUZZY else None
    return Named((close,), "fuzzy") if close else None


def _closest(key: str) -> Indicator | None:
    """The one row of the table of 2014 whose words are nearly these.

    Nearly: similarity 0.9 or more, and 0.05 better than the next (微博 and 微信 differ by less).
    """
    best: list[tuple[float, Indicator]] = []
    for row in indicators(STATISTICS_2014):
        other = bare_label(row.label)
        if abs(len(other) - len(key)) > 3:
            continue
        matcher = difflib.SequenceMatcher(None, key, other, autojunk=False)
        if matcher.quick_ratio() >= 0.9 and (ratio := matcher.ratio()) >= 0.9:
            best.append((ratio, row))
    best.sort(key=lambda b: -b[0])
    if not best or (len(best) > 1 and best[0][0] - best[1][0] < 0.05):
        return None
    return best[0][1]


def is_unit(text: str) -> bool:
    """Whether a cell holds a unit and nothing else: 条, （件）, 单位：万元."""
    if not text or len(text) > 8:
        return False
    return fold(text).removeprefix("单位").strip(":()") in UNITS


def unit_of(text: str) -> str:
    """The unit that such a cell names."""
    return fold(text).removeprefix("单位").strip(":()")


_LABEL_HEADS = ("统计指标", "指标名称", "指标", "统计项目", "项目名称", "项目", "统计内容", "内容")
_UNIT_HEADS = ("单位", "计量单位", "计算单位", "统计单位")
_NUMBER_HEADS = ("序号", "编号", "行次", "代码", "代号", "编码")
_NOTE_HEADS = ("备注", "说明", "注")
_VALUE_HEAD = re.compile(
    r"统计数|累计|数量$|数据$|数值$|合计$|总计$|总数$|年度?$|^本[年期月季]|^全年|实际|^数$"
)


@lru_cache(maxsize=512)
def header_role(text: str) -> Role | None:
    """What a header cell says of its column; ``None`` for a text that is no header word."""
    if not text or len(text) > 24:
        return None
    key = label_key(text)
    if key in _LABEL_HEADS:
        return "label"
    if key in _UNIT_HEADS:
        return "unit"
    if key in _NUMBER_HEADS:
        return "number"
    if key in _NOTE_HEADS:
        return "note"
    return "value" if _VALUE_HEAD.search(key) else None


_CHOSEN = ("统计数", "合计", "总计", "总数", "本年累计", "全年累计", "本年度", "本年", "全年")


def chosen_column(headers: tuple[str, ...], year: int | None) -> int | None:
    """Which of several value columns gives the report's figures; ``None``: none for certain.

    The single one; else the single one headed as a total or as the year's number
    (统计数, 合计, 本年累计, 2015年度). 区政府统计数 beside 乡镇统计数 is no such head.
    """
    if len(headers) == 1:
        return 0
    keys = [label_key(h) for h in headers]
    names = {*_CHOSEN, *((f"{year}年", f"{year}年度") if year else ())}
    hits = [i for i, k in enumerate(keys) if k in names]
    return hits[0] if len(hits) == 1 else None
