"""Whether a body shows the marks of an annual report, told from its bytes alone."""

from __future__ import annotations

import re

_WORDS = (
    "总体情况",
    "主动公开",
    "依申请公开",
    "收到和处理政府信息公开申请",
    "行政复议",
    "结转下年度",
    "申请人情况",
    "存在的主要问题",
    "其他需要报告",
    "信息公开工作年度报告",
    "總體情況",
    "主動公開",
    "行政復議",
    "結轉下年度",
)
_ENCODINGS = ("utf-8", "gb18030", "big5")
_MARKS = tuple(
    re.compile(b"|".join(re.escape(w.encode(e, "ignore")) for w in _WORDS if w.encode(e, "ignore")))
    for e in _ENCODINGS
)
_WIDE = tuple(
    re.compile(b"|".join(re.escape(w.encode(e)) for w in _WORDS))
    for e in ("utf-16-le", "utf-16-be")
)
_NEEDED = 3
_CELLS = 150
"""Table 3 of the form alone has 22 rows of 7 figures."""


def shows_report(body: bytes) -> bool:
    """Three different words of the form stand in the body, in a usual encoding or UTF-16."""
    for marks in _WIDE if b"\0" in body[:64] else _MARKS:
        found: set[bytes] = set()
        for match in marks.finditer(body):
            found.add(match[0])
            if len(found) >= _NEEDED:
                return True
    return False


def shows_tables(body: bytes) -> bool:
    """So many cells of tables, beside the words of the form, that no menu or notice has them."""
    return body.count(b"<td") + body.count(b"<TD") >= _CELLS and shows_report(body)
