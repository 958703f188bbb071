"""Chinese numerals in their standard writing, both ways: 一百二十 is 120, 一百五 is nothing.

In: the written numeral. Out: its value; ``None`` for every writing that is not the standard one of
its value, since it may be a list (一二) or short for two numbers (一百五: 150, 105).
"""

from __future__ import annotations

_CHINESE_DIGITS = "零一二三四五六七八九"
_SMALL = (("千", 1000), ("百", 100), ("十", 10))
NUMERAL_SIGNS = frozenset(_CHINESE_DIGITS + "〇两十百千万亿")
_MAX_CHINESE_LENGTH = 32  # the longest standard writing below 10^16 is shorter


def read_chinese(written: str) -> int | None:
    """The value of a standard Chinese numeral below 10^16, else ``None``.

    Standard means: writing the value again gives the same text, where 〇 stands for 零, 两 for 二
    before 百, 千, 万, 亿, and a leading 一十 may be 十. So ``一百五`` and ``一二`` are refused.
    """
    if not written or len(written) > _MAX_CHINESE_LENGTH or not NUMERAL_SIGNS.issuperset(written):
        return None
    standard = _standard(written)
    if standard is None:
        return None
    total = 0
    section = 0
    digit = 0
    for c in standard:
        if c in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS.index(c)
        elif c == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif c == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        else:
            section, digit = section + digit * dict(_SMALL)[c], 0
    value = total + section + digit
    return value if value < 10**16 and write_chinese(value) == standard else None


def _standard(written: str) -> str | None:
    if written[0] == "十":
        written = "一" + written
    text = written.replace("〇", "零")
    out = []
    for i, c in enumerate(text):
        if c == "两":
            if i + 1 == len(text) or text[i + 1] not in "百千万亿":
                return None
            out.append("二")
        else:
            out.append(c)
    return "".join(out)


def write_chinese(value: int) -> str:
    """The standard Chinese numeral of ``0 <= value < 10^16`` (10 is 一十)."""
    if value == 0:
        return "零"
    out = ""
    skipped = False
    rest = value
    for power, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, rest = divmod(rest, power)
        if not part:
            skipped = bool(out)
            continue
        # 零 stands once where places below the larger unit are empty.
        if out and (part < 1000 or skipped):
            out += "零"
        skipped = False
        out += (write_chinese(part) if part >= 10_000 else _section(part)) + name
    return out


def _section(value: int) -> str:
    out = ""
    gap = False
    for name, power in (*_SMALL, ("", 1)):
        digit, value = divmod(value, power)
        if digit:
            out += ("零" if gap else "") + _CHINESE_DIGITS[digit] + name
            gap = False
        elif out:
            gap = True
    return out
