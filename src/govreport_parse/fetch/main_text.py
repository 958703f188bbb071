"""Where the main text of a page stands: between which of its tags.

By the names that the content systems give its container, by the marks of a meta tag, else by the
titles of the sections of an annual report. Linear in the page.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, compress

from govreport_parse.fetch.tags import Pieces

Span = tuple[int, int]
"""The number of a first tag and that of a last one; the number of tags is the end of the page."""

_CONTAINERS = (
    *("div", "td", "section", "article", "main", "form", "body", "center", "ucapcontent", "span"),
)
_LETTERS = dict(zip(_CONTAINERS, "DTSAMFBCUP", strict=True))
_SPAN, _NONE = _LETTERS["span"], " "
_OUTLINE = {**_LETTERS, **{f"/{name}": letter.lower() for name, letter in _LETTERS.items()}}
"""A letter for each start tag of a container, and its small one for the end tag."""
_STARTS = bytes(chr(byte).isupper() and byte < 128 for byte in range(256))
"""1 for the letter of a start tag."""
_INNERMOST = "|".join(f"{letter} *{letter.lower()} *" for letter in _LETTERS.values())
_STEP = re.compile(f"(?:{_INNERMOST})+|[a-zA-Z]")
"""A run of containers with no other in them, or one tag."""
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
    outline = _outline(page.names)
    named = [*marked]
    known = _known(page, outline)
    if known:
        named += _spans(outline, sorted(known), known.__contains__)
        # In the order of their ends; those that the end of the page closes come last.
        named.sort(key=lambda span: span[1])
    if not named:
        return _with_sections(page, outline)
    return named[0] if len(named) == 1 else max(named, key=_length(page))


def _outline(names: Sequence[str]) -> str:
    """The page as a line of letters, one for each tag, so that it is searched and not walked."""
    letters = {name: _OUTLINE.get(name, _NONE) for name in set(names)}
    return "".join(map(letters.__getitem__, names))


def _known(page: Pieces, outline: str) -> set[int]:
    """The start tags that name a container of main text."""
    names, raws = page.names, page.raws
    known: set[int] = set()
    if not _KNOWN.isdisjoint(names):
        known.update(at for at, name in enumerate(names) if name in _KNOWN)
    # The same attributes come hundreds of times.
    written = set(compress(raws, outline.encode().translate(_STARTS)))
    telling = {raw for raw in written if raw and _ARTICLE.search(raw[:_READ_OF_TAG]) is not None}
    if telling:
        places = compress(range(len(raws)), map(telling.__contains__, raws))
        known.update(at for at in places if names[at] in _LETTERS)
    return known


def _spans(outline: str, telling: Sequence[int], is_known: Callable[[int], bool]) -> Iterator[Span]:
    """Containers by their start tags, in the order in which they end: those that are known.

    Left out may be innermost ones that hold no place of ``telling``. An end tag without a start
    closes nothing; looking far for its start would be quadratic.
    """
    starts: list[int] = []
    waiting: list[str] = []
    """The end tags of what is open."""
    for step in _STEP.finditer(outline):
        first, end = step.span()
        is_run = end - first > 1 and len(waiting) < _MOST_OPEN
        if is_run and bisect_left(telling, first) == bisect_left(telling, end):
            continue
        for at in range(first, end):
            tag = outline[at]
            if tag.isupper():
                if len(waiting) < _MOST_OPEN:
                    waiting.append(tag.lower())
                    starts.append(at)
            elif tag != _NONE:
                kept = _opened(waiting, tag)
                for start in reversed(starts[kept:]):
                    if is_known(start):
                        yield start, at
                del waiting[kept:], starts[kept:]
    for start in reversed(starts):
        if is_known(start):
            yield start, len(outline)


def _opened(waiting: Sequence[str], tag: str) -> int:
    """Which of those that wait an end tag closes, with all that were opened in it."""
    if waiting and waiting[-1] == tag:
        return len(waiting) - 1
    nearest = waiting[-_LOOKED_BACK:]
    return len(waiting) - 1 - nearest[::-1].index(tag) if tag in nearest else len(waiting)


def _length(page: Pieces) -> Callable[[Span], int]:
    """Measures spans by the tags and texts in them."""
    items = (
        bool(name) + bool(text)
        for name, text in zip((*page.names, ""), page.texts, strict=True)
    )  # fmt: skip
    before = [0, *accumulate(items)]
    return lambda span: before[span[1] + 1] - before[span[0] + 1]


def _with_sections(page: Pieces, outline: str) -> Span | None:
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
    for start, end in _spans(outline, texts, lambda at: outline[at] != _SPAN):
        # Text k stands before tag k.
        first, last = bisect_left(texts, start + 1), bisect_right(texts, end)
        if last - first >= _LEAST_SECTIONS:
            held = {section for _, section in mentions[first:last]}
            if len(held) >= _LEAST_SECTIONS:
                return start, end
    return None
