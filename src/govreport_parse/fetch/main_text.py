"""Where the main text of a page stands: between which of its tags.

By the names that the content systems give its container, by the marks of a meta tag, else by the
titles of the sections of an annual report. Linear in the page.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate

from govreport_parse.fetch.tags import Pieces

Span = tuple[int, int]
"""The number of a first tag and that of a last one; the number of tags is the end of the page."""

_CONTAINERS = (
    *("div", "td", "section", "article", "main", "form", "body", "center", "ucapcontent", "span"),
)
_ENDS = {name: f"/{name}" for name in _CONTAINERS}
_EITHER = frozenset((*_ENDS, *_ENDS.values()))
_KNOWN = frozenset(("article", "main", "ucapcontent"))
_ARTICLE = re.compile(
    r"(?:id|class)\s{0,3}=\s{0,3}[\"']?[^\"'>]{0,80}?(?<![A-Za-z0-9_-])(?:zoom|zoomcon|TRS_Editor"
    r"|trs_editor_view|Custom_UnionStyle|vsb_content[_0-9]{0,6}|v_news_content|ivs_content|webeditorview"
    r"|article[-_]?content|articleContent|xxgk_content|news_cont_d_wrap|UCAPCONTENT|Zoom"
    r"|content_article|con_text|wzcon|nr_content)(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_SECTIONS = re.compile(
    r"总体情况|主动公开政府信息|(?:收到和)?处理政府信息公开申请|行政复议、?行政诉讼|主要问题(?:及|和)改进|其他需要(?:报告|说明)"
)
_LEAST_SECTIONS, _MOST_MENTIONS = 3, 100
_SHORTEST_SECTION = 4
_MOST_OPEN, _LOOKED_BACK = 5000, 30
_READ_OF_TAG = 400


def main_text(page: Pieces, marked: Sequence[Span] = ()) -> Span | None:
    """The longest of the containers known by name, else the smallest with the section names.

    ``marked`` are spans that the page itself calls its content.
    """
    places = [at for at, name in enumerate(page.names) if name in _EITHER]
    named = [*marked]
    known = _known(page, places)
    if known:
        named += _spans(page.names, places, known)
        # In the order of their ends; those that the end of the page closes come last.
        named.sort(key=lambda span: span[1])
    if not named:
        return _with_sections(page, places)
    return named[0] if len(named) == 1 else max(named, key=_length(page))


def _known(page: Pieces, places: Sequence[int]) -> set[int]:
    """The start tags that name a container of main text."""
    names, raws = page.names, page.raws
    # The same attributes come hundreds of times.
    seen = {raws[at][:_READ_OF_TAG] for at in places if raws[at]}
    telling = {raw for raw in seen if _ARTICLE.search(raw) is not None}
    return {
        at
        for at in places
        if names[at] in _KNOWN
        or (telling and raws[at][:_READ_OF_TAG] in telling and names[at][0] != "/")
    }


def _spans(names: Sequence[str], places: Sequence[int], known: Collection[int]) -> list[Span]:
    """Those containers that start at ``known``, in the order in which they end.

    An end tag without a start closes nothing; looking far for its start would be quadratic.
    """
    found: list[Span] = []
    starts: list[int] = []
    waiting: list[str] = []
    """The end tags of what is open."""
    end_of = _ENDS.get
    for at in places:
        name = names[at]
        closing = end_of(name)
        if closing is not None:
            if len(waiting) < _MOST_OPEN:
                waiting.append(closing)
                starts.append(at)
        elif waiting and waiting[-1] == name:
            waiting.pop()
            start = starts.pop()
            if start in known:
                found.append((start, at))
        elif name in (nearest := waiting[-_LOOKED_BACK:]):
            kept = len(waiting) - 1 - nearest[::-1].index(name)
            found += [(start, at) for start in reversed(starts[kept:]) if start in known]
            del waiting[kept:], starts[kept:]
    end = len(names)
    return found + [(start, end) for start in reversed(starts) if start in known]


def _length(page: Pieces) -> Callable[[Span], int]:
    """Measures spans by the tags and texts in them."""
    items = (
        bool(name) + bool(text)
        for name, text in zip((*page.names, ""), page.texts, strict=True)
    )  # fmt: skip
    before = [0, *accumulate(items)]
    return lambda span: before[span[1] + 1] - before[span[0] + 1]


def _with_sections(page: Pieces, places: Sequence[int]) -> Span | None:
    mentions: list[tuple[int, str]] = []
    for at, text in enumerate(page.texts):
        if len(text) < _SHORTEST_SECTION or (text.isascii() and "&" not in text):
            continue
        shown = html.unescape(text) if "&" in text else text
        if len(shown) >= _SHORTEST_SECTION:
            mentions += ((at, section[:4]) for section in set(_SECTIONS.findall(shown)))
            if len(mentions) >= _MOST_MENTIONS:
                break
    if len({section for _, section in mentions}) < _LEAST_SECTIONS:
        return None
    texts = [at for at, _ in mentions]
    boxes = {at for at in places if page.names[at] != "span"}
    for start, end in _spans(page.names, places, boxes):
        # Text k stands before tag k.
        first, last = bisect_left(texts, start + 1), bisect_right(texts, end)
        if last - first >= _LEAST_SECTIONS:
            held = {section for _, section in mentions[first:last]}
            if len(held) >= _LEAST_SECTIONS:
                return start, end
    return None
