"""The words of a link and of its row: the line of a list, of a table, or its paragraph."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Sequence

from govreport_parse.fetch.tags import Pieces, attributes_of

_TEXT, _CONTEXT = 300, 200
_SPACES = re.compile(r"\s+")
_ROWS = ("li", "tr", "dd", "dt")
_LISTS = ("ul", "ol", "table", "tbody", "dl", "body")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("p", "div", *_HEADINGS, "section", "article", "header", "footer", "nav")
_CELL, _BLOCK, _LIST, _ROW, _ROW_END = range(5)
_STARTS = {
    **dict.fromkeys(("td", "th", "br"), _CELL),
    **dict.fromkeys(_BLOCKS, _BLOCK),
    **dict.fromkeys(_LISTS, _LIST),
}
_EDGES = {
    **_STARTS,
    **{f"/{name}": edge for name, edge in _STARTS.items()},
    **dict.fromkeys(_ROWS, _ROW),
    **dict.fromkeys((f"/{name}" for name in _ROWS), _ROW_END),
}
"""What the tags that bound a row of text do to it."""


def shortened(text: str, most: int = _TEXT) -> str:
    """White space folded, cut to ``most`` characters."""
    return _SPACES.sub(" ", text[: 4 * most]).strip()[:most]


def words_between(page: Pieces, at: int, end: int) -> str:
    """What a link shows that starts at tag ``at`` and ends at tag ``end``.

    Of pictures that stand before any words it is what they say instead of themselves.
    """
    if end == at + 1:
        return " ".join(_shown(page.texts[end]).split())[:_TEXT]
    words: list[str] = []
    is_bare = True
    for k in range(at + 1, end + 1):
        text = _bare(page.texts[k])
        if text:
            words.append(text)
            is_bare = False
        if is_bare and k < end and page.names[k] == "img":
            attributes = attributes_of(page.raws[k])
            words.append(attributes.get("alt") or attributes.get("title") or "")
            is_bare = not words[-1].strip()
    return shortened("".join(words))


def contexts(page: Pieces, places: Sequence[int]) -> list[str]:
    """The words of the rows that the tags at ``places`` (ascending) stand in."""
    if not places:
        return []
    ends = _ends(page.names, places[-1])
    known: dict[int, str] = {}
    found: list[str] = []
    for at in places:
        row = bisect_right(ends, at)
        context = known.get(row)
        if context is None:
            last = ends[row] if row < len(ends) else len(page.names)
            context = known[row] = _row(page, ends[row - 1], last)
        found.append(context)
    return found


def _ends(names: Sequence[str], last: int) -> list[int]:
    """The tags that end a row, up to the first one behind ``last``; -1 is the page's start."""
    ends = [-1]
    depth = 0
    edge_of = _EDGES.get
    for at, name in enumerate(names):
        edge = edge_of(name, _CELL)
        if edge == _CELL or (edge == _BLOCK and depth):
            continue
        ends.append(at)
        if at > last:
            break
        if edge == _ROW:
            depth += 1
        elif edge == _ROW_END:
            depth = max(0, depth - 1)
        elif edge == _LIST:
            depth = 0
    return ends


def _row(page: Pieces, first: int, last: int) -> str:
    """The words behind one tag and before another."""
    parts: list[str] = []
    size = 0
    texts, names = page.texts, page.names
    for k in range(first + 1, last + 1):
        text = texts[k] and _bare(texts[k])
        if text:
            parts.append(text)
            size += len(text)
        if k < last and names[k] in _EDGES:
            parts.append(" ")
            size += 1
        if size >= 4 * _CONTEXT:
            break
    return shortened("".join(parts), _CONTEXT)


def _bare(text: str) -> str:
    """A text with its white space folded; empty if it is nothing else."""
    text = _SPACES.sub(" ", _shown(text))
    return "" if text == " " else text


def _shown(text: str) -> str:
    return html.unescape(text) if "&" in text else text
