"""The page inside the JSON answer of a site: ``{"data": {"title": …, "content": "<p>…"}}``.

Some platforms (Guangdong's gkmlpt) have no page of their own for an article: a script asks for it,
and what a person saves is the answer. Its longest text with tables or headings of a report is it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from govreport_parse.values import Finding

MAX_CHARACTERS = 8_000_000
_MAX_DEPTH = 6
_MAX_VALUES = 20_000
_LEAST = 200
"""Characters of a text that may be a report."""
_HEADINGS = ("总体情况", "主动公开政府信息", "收到和处理", "行政复议", "存在的主要问题")
_TITLES = ("title", "name", "subject", "articletitle")


class JsonPage(NamedTuple):
    """``text``: HTML, or lines where ``is_html`` is false, under its title."""

    text: str
    is_html: bool
    finding: Finding


def page_in_json(text: str) -> JsonPage | None:
    """The page that a JSON answer holds; None for what is no JSON or holds none."""
    bare = text.strip("\ufeff \t\r\n")
    if not bare.startswith(("{", "[")) or not bare.endswith(("}", "]")):
        return None
    if len(bare) > MAX_CHARACTERS:
        return None
    try:
        answer = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    found = {text.text: text for text in _texts(answer)}
    if not found:
        return None
    content = max(found, key=len)
    chosen = found[content]
    others = sum(other.holder != chosen.holder for other in found.values())
    content = content.encode("utf-8", "replace").decode()  # JSON may hold half a character
    if "<" not in content and "&lt;" in content:
        content = html.unescape(content)
    is_html = "</" in content
    title = chosen.title.encode("utf-8", "replace").decode()
    if is_html:
        content = f"<title>{html.escape(title)}</title><body>{content}"
    else:
        content = f"{title}\n{content}"
    return JsonPage(content, is_html, _finding(chosen.where, others))


class _Text(NamedTuple):
    where: str
    text: str
    title: str
    holder: int


def _texts(answer: Any) -> Iterator[_Text]:
    """What may be a report; the title is that of its object or of the nearest around it."""
    waiting: list[tuple[str, Any, int, str]] = [("", answer, 0, "")]
    for _ in range(_MAX_VALUES):
        if not waiting:
            return
        where, value, depth, title = waiting.pop()
        if depth >= _MAX_DEPTH:
            continue
        if isinstance(value, list):
            items = enumerate(value[:_MAX_VALUES])
            waiting += [(f"{where}[{i}]", v, depth + 1, title) for i, v in items]
        elif isinstance(value, dict):
            named = {k.lower(): v.strip() for k, v in value.items() if isinstance(v, str)}
            title = next((named[k] for k in _TITLES if named.get(k)), title)
            for key, inner in value.items():
                place = f"{where}.{key}" if where else key
                if isinstance(inner, str):
                    if _is_page(inner):
                        yield _Text(place, inner, title, id(value))
                else:
                    waiting.append((place, inner, depth + 1, title))


def _is_page(text: str) -> bool:
    if len(text) < _LEAST:
        return False
    return "<table" in text or "&lt;table" in text or sum(word in text for word in _HEADINGS) >= 2


def _finding(where: str, others: int) -> Finding:
    more = f"; {others} other(s) of its texts may be reports too and were not read"
    more_zh = f"；另有{others}处文本可能也是报告，未读取"
    return Finding(
        "json_page",
        "warning" if others else "info",
        f"the page was read from the field {where[:80]!r} of a JSON answer{more if others else ''}",
        f"正文取自JSON数据的“{where[:80]}”字段{more_zh if others else ''}",
        detail=(("field", where[:200]), ("others", others)),
    )
