"""Where a page says that it stands: 首页 > 政务公开 > 政府信息公开年报 > 2023年.

Text of a page in, the path of columns out. Titles such as 2023年 or the bare name of an organ mean
something only with it (``titles.judge_title``).
"""

from __future__ import annotations

import re

from govreport_parse.fetch.tags import stream

_MOST_CHARACTERS, _MOST_PARTS = 300, 15
_MARK = re.compile(r"(?:当前|目前|您?(?:现在|所在)?的?|所在)?(?:页面)?位置(?:是|为)?\s{0,3}[:：]?")
_NAMED = re.compile(
    r"(?:id|class)\s{0,3}=\s{0,3}[\"']?[^\"'>]{0,60}?(?<![a-z])(?:bread-?crumbs?|crumbs?|dqwz|dqlm|position"
    r"|location|local|curmb|wz_top|weizhi|path|where)(?![a-z])",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:-?[>＞»›→]+|&gt;|\s[-/|]\s|::|·)\s*")
_CONTAINERS = frozenset(
    ("div", "p", "td", "ul", "ol", "nav", "section", "h1", "h2", "h3", "header")
)
_LEAST_PARTS = 2


def read_breadcrumb(page: str) -> str:
    """The columns above a page, joined by `` > ``; empty when the page shows none."""
    best = ""
    for parts in _candidates(page):
        if len(parts) >= _LEAST_PARTS:
            return " > ".join(parts)
        best = best or " > ".join(parts)
    return best


def _candidates(page: str) -> list[list[str]]:
    """Places that may be a breadcrumb: marked by the word 位置 first, then by a class."""
    marked: list[list[str]] = []
    named: list[list[str]] = []
    collecting: list[str] | None = None
    by_mark, depth = False, 0
    for item in stream(page):
        if isinstance(item, str):
            mark = _MARK.search(item) if len(item) < _MOST_CHARACTERS else None
            if mark is not None and not by_mark and (collecting is None or not "".join(collecting)):
                collecting, by_mark, depth = [item[mark.end() :]], True, 0
            elif collecting is not None:
                collecting.append(item)
                if sum(map(len, collecting)) > 4 * _MOST_CHARACTERS:
                    collecting, by_mark = None, False
            continue
        if item.name not in _CONTAINERS:
            if collecting is not None and item.name in ("a", "li", "span", "em", "i", "b"):
                collecting.append("\n")
            continue
        if collecting is None:
            if not item.closing and item.raw and _NAMED.search(item.raw[:300]):
                collecting, by_mark, depth = [], False, 0
            continue
        depth += -1 if item.closing else 1
        if depth < 0:
            (marked if by_mark else named).append(_parts("".join(collecting)))
            collecting, by_mark = None, False
            if marked and len(marked[0]) >= _LEAST_PARTS:
                break
    return marked + named


def _parts(text: str) -> list[str]:
    text = _MARK.sub("", text.strip(), count=1)
    parts = []
    for piece in _SEPARATOR.split(text):
        for line in piece.split("\n"):
            word = " ".join(line.split()).strip(" :：>/")
            if word and len(word) <= 80:
                parts.append(word)
    return parts[:_MOST_PARTS]
