"""Full dates in Chinese pages: digits with signs, 年月日, Chinese numerals, eight digits in a row.

In: any text. Out: real calendar dates with their place in the text. Refused: dates that do not
exist, and texts that lost 年, 月, 日 or digits (``202111日至1231日``): nothing is guessed.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

_ZERO = "〇零○◯ＯOoo0"
_DIGITS = dict.fromkeys(_ZERO, 0) | {c: i for i, c in enumerate("一二三四五六七八九", 1)}

# One character for one character, so that offsets in the folded text are offsets in the text.
_WIDTH = {0xFF10 + i: str(i) for i in range(10)} | {
    ord("－"): "-",
    ord("—"): "-",
    ord("–"): "-",
    ord("／"): "/",
    ord("．"): ".",
    ord("Ｏ"): "O",
}

_S = r"[ \t\u3000\xa0]?"
_DATE = re.compile(
    rf"""
      (?<![0-9])(?<![0-9][./-])
      (?P<y1>(?:19|20)[0-9]{{2}})(?:
          {_S}年{_S}(?P<m1>[0-9]{{1,2}}|[元正一二三四五六七八九十]{{1,2}})
            {_S}月{_S}(?P<d1>[0-9]{{1,2}}|[一二三四五六七八九十廿卅]{{1,4}}){_S}[日号號]
        | (?P<sep>[-/.])(?P<m2>[0-9]{{1,2}})(?P=sep)(?P<d2>[0-9]{{1,2}})(?![0-9]|[./-][0-9])
        | (?P<m3>[0-9]{{2}})(?P<d3>[0-9]{{2}})(?![0-9]|[./年月日][0-9])
      )
    | (?P<y4>[一二][一二三四五六七八九{_ZERO}]{{3}}){_S}年
      {_S}(?P<m4>[0-9]{{1,2}}|[元正一二三四五六七八九十]{{1,2}}){_S}月
      {_S}(?P<d4>[0-9]{{1,2}}|[一二三四五六七八九十廿卅]{{1,4}}){_S}[日号號]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A calendar date; ``raw`` is ``text[start:end]``."""

    date: datetime.date
    start: int
    end: int
    raw: str


def find_dates(text: str) -> list[FoundDate]:
    """All full dates of the text, in order. Years 1900 to 2099; linear in the text's length."""
    if "年" not in text and "20" not in text and "19" not in text and "２" not in text:
        return []
    out = []
    for match in _DATE.finditer(text.translate(_WIDTH)):
        found = _date(match)
        if found is not None:
            start, end = match.span()
            out.append(FoundDate(found, start, end, text[start:end]))
    return out


def parse_date(text: str) -> datetime.date | None:
    """The first full date of the text (a time after it is ignored), ``None`` if there is none."""
    found = find_dates(text)
    return found[0].date if found else None


_CLOCK = re.compile(
    r"今天是|今天日期|现在是|现在时间|当前时间|当前日期|系统时间|北京时间"
    r"|今日(?:是|日期)?[：: ]{0,3}$"
)
_GREETING_CHARACTERS = 12
_PERIOD_BEFORE = ("自", "从", "至", "到", "截至", "截止", "期间为", "期限为")
_PERIOD_AFTER = re.compile(r"起(?!草)|至|到|止|以来|期间|[~～]|[-—–－]{1,2}(?=20)")


def is_clock(text: str, found: FoundDate) -> bool:
    """The date is the visitor's day, printed by the page: 今天是2026年11月24日."""
    clock = _CLOCK.search(text, 0, found.start)
    return clock is not None and clock.start() <= _GREETING_CHARACTERS


def in_period(text: str, found: FoundDate, before: str = "", after: str = "") -> bool:
    """The date begins or ends a period: 自2023年1月1日起, 至2023年12月31日止.

    ``before`` and ``after`` are the lines around the text, for sentences broken over lines.
    """
    head = text[: found.start].rstrip() or before.rstrip()
    if head.endswith(_PERIOD_BEFORE) and not head.endswith("来自"):
        return True
    tail = text[found.end :].lstrip()
    if tail:
        return _PERIOD_AFTER.match(tail) is not None
    return after.lstrip().startswith(("至", "止"))


def _date(match: re.Match[str]) -> datetime.date | None:
    for n in "1234":
        month = match[f"m{n}"]
        if month is None:
            continue
        year = match["y4"] if n == "4" else match["y1"]
        parts = (_year(year), _small(month), _small(match[f"d{n}"]))
        try:
            return datetime.date(*parts)
        except ValueError:  # 2023-02-30, month 13
            return None
    return None


def _year(text: str) -> int:
    number = 0
    for sign in text:
        number = number * 10 + (int(sign) if sign.isdecimal() else _DIGITS[sign])
    return number if number >= 1900 else 0


def _small(text: str) -> int:
    """A month or day: 18, 元, 十八, 二十三, 廿三; 0 for what is no number (一一)."""
    if text.isdecimal():
        return int(text)
    if text in ("元", "正"):
        return 1
    tens, sign, ones = text.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not sign:
        return _DIGITS.get(text, 0)
    if len(tens) > 1 or len(ones) > 1 or ones == "十" or (tens == "一" and not ones):
        return 0  # 一十 may be a damaged 十一
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
