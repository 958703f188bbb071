"""A page as tags and texts in their order. One pass, no tree: no page can make it slow or crash.

The fetch wing looks for links in the main process, where a page of 400 kB of ``<li>`` must not
hold up a thousand hosts (a tree takes quadratic time for it) and nothing may crash. What a link
needs is known from the stream; reports themselves are read elsewhere, in workers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_CHARACTERS = 2_000_000
"""What is looked at of a page."""
_LONGEST_QUOTED = 4096
_LONGEST_ATTRIBUTES = 8192

_RAW = frozenset(("script", "style", "textarea", "xmp", "noembed", "noframes"))
"""Elements whose content is text up to their end tag, and not shown or not a link."""
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:_-]{0,40}")
_REST = r"((?:[\s/][^<>\"']*+(?:(?:\"[^\"]{0,4000}+\"|'[^']{0,4000}+')[^<>\"']*+)*+)?)>"
"""What follows the name of a tag whose quotes are closed."""
_PLAIN = re.compile(rf"<(/?[a-zA-Z][a-zA-Z0-9:_-]{{0,40}}+){_REST}")
"""A tag whose quotes are closed: most of them, and much faster read."""
_EACH = re.compile(
    # A tag that is plain. Told letter by letter, the elements of raw text cost the others nothing.
    r"<(?:((?:/[a-zA-Z]|[a-mo-ru-wyzA-MO-RU-WYZ]|[tT](?!(?ai:extarea)[\s/>])"
    r"|[sS](?!(?ai:cript|tyle)[\s/>])|[nN](?!(?ai:oembed|oframes)[\s/>])|[xX](?!(?ai:mp)[\s/>]))"
    rf"[a-zA-Z0-9:_-]{{0,40}}+){_REST}"
    # The start of raw text, with all of it.
    rf"|((?ai:script|style|textarea|xmp|noembed|noframes)){_REST}"
    r"[^<]*+(?:<(?!/(?ai:\3))[^<]*+)*+"
    # A comment; what is called a declaration; a bare "<".
    r"|!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z)"
    r"|(?:[!?]|/(?![a-zA-Z]))[^<>]*+>"
    r"|(?![a-zA-Z!?/]))"
)
"""What may stand at a ``<`` of a page that is in order."""
_COLUMNS = 5
"""Of a split by it: a text, name and rest of a tag, name and rest of the start of raw text."""
_UNTIL_QUOTE = re.compile(r"[^>\"']*")
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]{1,100})(?:\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|[\"']?([^\s\"'>]*)))?"
)


class Tag(NamedTuple):
    """``raw`` is what stands between the name and ``>``."""

    name: str
    closing: bool
    raw: str

    def attributes(self) -> dict[str, str]:
        """Attributes by lower-case name, entities resolved; of equal names the first counts."""
        return attributes_of(self.raw)


class Pieces(NamedTuple):
    """A page cut at each ``<`` that counts: ``texts[k]`` stands before tag k, and one at the end.

    ``names`` are in lower case, with ``/`` before those of end tags, and empty for what is no tag
    (a comment). ``raws`` stand between name and ``>``. Of texts the entities are not resolved.
    """

    texts: list[str]
    names: list[str]
    raws: list[str]


def attributes_of(raw: str) -> dict[str, str]:
    """What ``Tag.attributes`` gives, of the bare text behind a name."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(raw[:_LONGEST_ATTRIBUTES]):
        low = name.lower()
        if low not in found:
            value = double or single or bare
            found[low] = html.unescape(value) if "&" in value else value
    return found


def stream(page: str) -> Iterator[Tag | str]:
    """Tags and texts (entities resolved) in order; comments, scripts and styles are left out."""
    texts, names, raws = pieces(page)
    for text, name, raw in zip(texts, names, raws, strict=False):
        if text:
            yield html.unescape(text) if "&" in text else text
        if name:
            closing = name[0] == "/"
            yield Tag(name[1:] if closing else name, closing, raw)
    if texts[-1]:
        yield html.unescape(texts[-1])


def texts_of(page: str) -> Iterator[str]:
    """The texts of ``stream`` alone."""
    for text in pieces(page).texts:
        if text:
            yield html.unescape(text) if "&" in text else text


def pieces(page: str) -> Pieces:
    """Tags and texts of a page; comments, scripts and styles are left out. Not to be changed."""
    return _kept(page) if len(page) <= _LONGEST_KEPT else _cut(page)


def _cut(page: str) -> Pieces:
    return _at_once(page) or _one_by_one(page)


_LONGEST_KEPT = 200_000
# One page is asked for its links, its headings and its breadcrumb, one after the other.
_kept = lru_cache(maxsize=2)(_cut)


def _at_once(page: str) -> Pieces | None:
    """The pieces of a page in order; ``None`` where something on it is odd."""
    if len(page) > MAX_CHARACTERS:
        return None
    cut: list[str | None] = _EACH.split(page)
    texts: list[str] = cut[::_COLUMNS]  # type: ignore[assignment]
    if "<" in "".join(texts):
        return None
    written = cut[1::_COLUMNS]
    # Few names, many tags: each name is lowered and hashed once.
    lower = {name: name.lower() if name else "" for name in set(written)}
    names = [*map(lower.__getitem__, written)]
    raws = [r or "" for r in cut[2::_COLUMNS]]
    starts = cut[3::_COLUMNS]
    if not texts[-1] and names and not names[-1]:
        # Raw text and comments without an end go on to the end of the page.
        whole = page.endswith("-->") and not page.endswith(("<!-->", "<!--->"))
        if starts[-1] is not None or not whole:
            return None
    if starts.count(None) < len(starts):
        for at, name in enumerate(starts):
            if name is not None:
                names[at], raws[at] = name.lower(), cut[_COLUMNS * at + 4] or ""
    return Pieces(texts, names, raws)


def _one_by_one(page: str) -> Pieces:
    """The pieces of any page, told at each ``<`` anew."""
    texts: list[str] = []
    names: list[str] = []
    raws: list[str] = []
    at, end = 0, min(len(page), MAX_CHARACTERS)
    unending: set[str] = set()
    while at < end:
        mark = page.find("<", at, end)
        if mark < 0:
            break
        texts.append(page[at:mark])
        plain = _PLAIN.match(page, mark, end)
        if plain is not None:
            word, raw, at = plain[1].lower(), plain[2], plain.end()
        else:
            word, raw, at = _odd(page, mark, end, unending)
        names.append(word)
        raws.append(raw)
        if word in _RAW and word not in unending:
            after = _after_raw(page, word, at, end)
            if after < 0:
                unending.add(word)
            else:
                at = after
    texts.append(page[at:end])
    return Pieces(texts, names, raws)


def _odd(page: str, mark: int, end: int, unending: set[str]) -> tuple[str, str, int]:
    """Name, rest and end of what stands at a ``<`` and is no plain tag; no name: it is no tag."""
    if page.startswith("<!--", mark):
        close = -1 if "<!--" in unending else page.find("-->", mark + 4, end)
        if close >= 0:
            return "", "", close + 3
        # Never closed: browsers hide the rest, but a slip should not hide all links.
        unending.add("<!--")
        return "", "", mark + 4
    closing = page.startswith("/", mark + 1)
    name = _NAME.match(page, mark + 1 + closing, end)
    if name is not None:
        stop = _end_of_tag(page, name.end(), end)
        word = "/" * closing + name[0].lower()
        return word, page[name.end() : stop], min(stop + 1, end)
    if page.startswith(("!", "?", "/"), mark + 1) and ">" not in unending:
        after = page.find(">", mark, end) + 1
        if after:
            return "", "", after
        unending.add(">")
    return "", "", mark + 1


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


def _after_raw(page: str, name: str, at: int, end: int) -> int:
    """Where the end tag of raw text starts; -1: nowhere."""
    close = re.compile(f"</{name}", re.IGNORECASE | re.ASCII).search(page, at, end)
    return close.start() if close is not None else -1
