"""Whether a body shows the marks of an annual report, told from its bytes alone."""

from __future__ import annotations

import re

_WORDS = (
    "总体情况",
    "主动公开",
    "依申请公开",
    "行政复议",
    "存在的主要问题",
    "其他需要报告",
    "信息公开工作年度报告",
    "總體情況",
    "主動公開",
    "行政復議",
    # These overlap each other, some of them only once characters are left out for Big5.
    "收到和处理政府信息公开申请",
    "申请人情况",
    "结转下年度",
    "結轉下年度",
)
_OVERLAPPING = 4
"""Words at the end of the list that may stand in one another."""
_ENCODINGS = ("utf-8", "gb18030", "big5")
_PLAIN = tuple(
    tuple(dict.fromkeys(w for word in _WORDS if (w := word.encode(e, "ignore"))))
    for e in _ENCODINGS
)
_MARKS = tuple(re.compile(b"|".join(map(re.escape, words))) for words in _PLAIN)
_WIDE = tuple(
    re.compile(b"|".join(re.escape(w.encode(e)) for w in _WORDS))
    for e in ("utf-16-le", "utf-16-be")
)
_NEEDED = 3
_CELLS = 150
"""Table 3 of the form alone has 22 rows of 7 figures."""


def shows_report(body: bytes) -> bool:
    """Three different words of the form stand in the body, in a usual encoding or UTF-16."""
    if b"\0" in body[:64]:
        return any(_has_enough(marks, body) for marks in _WIDE)
    # Each word alone is found ten times as fast as the first of many.
    for words, marks in zip(_PLAIN, _MARKS, strict=True):
        seen = 0
        for at, word in enumerate(words):
            seen += word in body
            if seen == _NEEDED and at < len(words) - _OVERLAPPING:
                return True
        if seen >= _NEEDED and _has_enough(marks, body):
            return True
    return False


def _has_enough(marks: re.Pattern[bytes], body: bytes) -> bool:
    found: set[bytes] = set()
    for match in marks.finditer(body):
        found.add(match[0])
        if len(found) >= _NEEDED:
            return True
    return False


def shows_tables(body: bytes) -> bool:
    """So many cells of tables, beside the words of the form, that no menu or notice has them."""
    return shows_report(body) and (
        body.count(b"<td") >= _CELLS or body.count(b"<td") + body.count(b"<TD") >= _CELLS
    )
