"""A page as a stream of tags and texts. One pass, no tree: no page can make it slow or crash.

The fetch wing looks for links in the main process, where a page of 400 kB of ``<li>`` must not
hold up a thousand hosts (a tree takes quadratic time for it) and nothing may crash. What a link
needs is known from the stream; reports themselves are read elsewhere, in workers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_CHARACTERS = 2_000_000
"""What is looked at of a page."""
_LONGEST_QUOTED = 4096
_LONGEST_ATTRIBUTES = 8192

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:_-]{0,40}")
_PLAIN = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})"
    r"((?:[\s/](?:[^<>\"']++|\"[^\"]{0,4000}\"|'[^']{0,4000}')*+)?)>"
)
"""A tag whose quotes are closed: most of them, and much faster read."""
_UNTIL_QUOTE = re.compile(r"[^>\"']*")
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]{1,100})(?:\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|[\"']?([^\s\"'>]*)))?"
)
_RAW = frozenset(("script", "style", "textarea", "xmp", "noembed", "noframes"))
"""Elements whose content is text up to their end tag, and not shown or not a link."""


class Tag(NamedTuple):
    """``raw`` is what stands between the name and ``>``; ``start`` and ``end`` are its place."""

    name: str
    closing: bool
    raw: str
    start: int
    end: int

    def attributes(self) -> dict[str, str]:
        """Attributes by lower-case name, entities resolved; of equal names the first counts."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.raw[:_LONGEST_ATTRIBUTES]):
            name = match[1].lower()
            if name not in found:
                value = next((v for v in match.groups()[1:] if v is not None), "")
                found[name] = html.unescape(value)
        return found


def stream(page: str) -> Iterator[Tag | str]:
    """Tags and texts (entities resolved) in order; comments, scripts and styles are left out."""
    at, end = 0, min(len(page), MAX_CHARACTERS)
    unending: set[str] = set()
    while at < end:
        mark = page.find("<", at, end)
        if mark < 0:
            yield html.unescape(page[at:end])
            return
        if mark > at:
            yield html.unescape(page[at:mark])
        if page.startswith("<!--", mark):
            close = -1 if "<!--" in unending else page.find("-->", mark + 4, end)
            if close < 0:
                # Never closed: browsers hide the rest, but a slip should not hide all links.
                unending.add("<!--")
                at = mark + 4
            else:
                at = close + 3
            continue
        plain = _PLAIN.match(page, mark, end)
        if plain is not None:
            slash, word, raw = plain.groups()
            tag: Tag | None = Tag(word.lower(), slash == "/", raw, mark, plain.end())
        else:
            tag = _tag_at(page, mark, end)
        if tag is None:
            at = mark + 1
            if page.startswith(("!", "?", "/"), at) and ">" not in unending:
                at = page.find(">", mark, end) + 1
                if not at:
                    unending.add(">")
                    at = mark + 1
            continue
        yield tag
        at = tag.end
        if tag.name in _RAW and not tag.closing and tag.name not in unending:
            at = _after_raw(page, tag, end)
            if at == tag.end:
                unending.add(tag.name)


def _tag_at(page: str, mark: int, end: int) -> Tag | None:
    closing = page.startswith("/", mark + 1)
    name = _NAME.match(page, mark + 1 + closing, end)
    if name is None:
        return None
    stop = _end_of_tag(page, name.end(), end)
    return Tag(name[0].lower(), closing, page[name.end() : stop], mark, min(stop + 1, end))


def _end_of_tag(page: str, at: int, end: int) -> int:
    """Where the tag's ``>`` stands. A quote that isn't closed soon is no quote."""
    while True:
        at = _UNTIL_QUOTE.match(page, at, end).end()  # type: ignore[union-attr]
        if at >= end or page[at] == ">":
            return at
        quote = page.find(page[at], at + 1, min(end, at + _LONGEST_QUOTED))
        if quote < 0:
            close = page.find(">", at, end)
            return close if close >= 0 else end
        at = quote + 1


def _after_raw(page: str, tag: Tag, end: int) -> int:
    close = re.compile(f"</{tag.name}", re.IGNORECASE).search(page, tag.end, end)
    return close.start() if close is not None else tag.end
