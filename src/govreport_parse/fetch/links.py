"""Links of a page, each with what stands beside it.

In: the text of a page and its canonical address. Out: ``Links``, canonical addresses in the order
of the page, each once. Followed are anchors, areas, frames, refreshes, pictures, and addresses that
a script would open (``onclick="window.open('...')"``); links that lead nowhere (``javascript:``,
``mailto:``, ``#``) are counted, not listed. Nothing is fetched; whether a link may be followed is
not asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from urllib.parse import quote

from govreport_parse.errors import UsageError
from govreport_parse.fetch.attachments import attachments, may_be_file
from govreport_parse.fetch.link_addresses import is_ornament, leads_nowhere, opened_by, shown_file
from govreport_parse.fetch.link_hints import hinted
from govreport_parse.fetch.link_records import Link, Links
from govreport_parse.fetch.link_rows import contexts, shortened, words_between
from govreport_parse.fetch.main_text import Span, main_text
from govreport_parse.fetch.paging import Paging, paging
from govreport_parse.fetch.tags import Pieces, attributes_of, pieces
from govreport_parse.fetch.urls import canonical

__all__ = [
    "MAX_LINKS",
    "Link",
    "Links",
    "Paging",
    "attachments",
    "paging",
    "read_files",
    "read_links",
]

MAX_LINKS = 20_000
_STUB = 20_000

_ONCLICK = re.compile(r"\bonclick", re.IGNORECASE)
_REFRESH = re.compile(
    r"^\s*[0-9.]{0,10}\s*[;,]?\s*(?:url\s*=\s*)?['\"]?([^'\"]{1,2000})", re.IGNORECASE
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_DATA_FIELDS = ("data-href", "data-url", "data-link", "ahref", "_href")
_FRAMES = {"frame": "src", "iframe": "src", "embed": "src", "object": "data"}
_ANCHORS = frozenset(("a", "area"))
_OF_THE_PAGE = frozenset(("meta", "base"))
_LINKING = frozenset((*_ANCHORS, "/a", "img", *_FRAMES, *_OF_THE_PAGE))


def read_links(page: str, base: str, *, encoding: str = "utf-8", rows: bool = True) -> Links:
    """The links of a page.

    ``base`` is the page's own canonical address; ``<base href>`` is honoured. ``encoding`` is that
    of the page: as browsers do, other characters than ASCII are escaped in it behind ``?`` and in
    UTF-8 before it; escapes that are there already stay as they are. Without ``rows`` the
    ``context`` is read of those links alone that may be files.
    """
    cut = pieces(page)
    places = _linking(cut)
    reader = _Reader(cut, base, encoding)
    reader.read(places)
    onward = "" if reader.found or len(page) > _STUB else _opened_by_script(page)
    if onward:
        # A page that only sends the browser on: the front door of many sites.
        reader.at = _last_place(cut)
        reader.add(onward, {}, "script")
    return reader.links(None if rows or onward else _hinted(cut, places, base))


def read_files(page: str, base: str, *, encoding: str = "utf-8") -> Links:
    """Those of ``read_links`` that ``may_be_file`` takes for files, several times as fast.

    All that is said of each is the same; of the page only ``nofollow`` is told.
    """
    cut = pieces(page)
    places = _linking(cut)
    looked_at = _hinted(cut, places, base)
    if looked_at is not None and (len(page) > _STUB or _has_links(cut, places, base, encoding)):
        reader = _Reader(cut, base, encoding)
        reader.read(places, looked_at)
        reader.found = [found for found in reader.found if may_be_file(found.url)]
        return reader.links() if reader.found else reader.out
    links = read_links(page, base, encoding=encoding)
    files = Links(link for link in links if may_be_file(link.url))
    files.nofollow = links.nofollow
    return files


def _hinted(cut: Pieces, places: Sequence[int], base: str) -> set[int] | None:
    """Those of the tags that may name a file; ``None``: any of them may."""
    if len(places) > MAX_LINKS or may_be_file(base):
        return None
    telling = hinted([cut.raws[at] for at in places])
    found = {at for k, at in enumerate(places) if k in telling}
    return None if any(cut.names[at] == "base" for at in found) else found


def _linking(cut: Pieces) -> list[int]:
    """The tags that links can be made of."""
    names, raws = cut.names, cut.raws
    if "onclick" not in "\0".join(raws).lower():
        return list(compress(range(len(names)), map(_LINKING.__contains__, names)))
    return [
        at
        for at, name in enumerate(names)
        if name in _LINKING
        or (raws[at] and name[0] != "/" and _ONCLICK.search(raws[at]) is not None)
    ]


def _has_links(cut: Pieces, places: Sequence[int], base: str, encoding: str) -> bool:
    reader = _Reader(cut, base, encoding)
    for at in places:
        if cut.names[at] != "/a":
            reader.see(cut.names[at], cut.raws[at])
        if reader.found:
            return True
    return False


def _opened_by_script(page: str) -> str:
    lower = page.lower()
    return opened_by(page) if "location" in lower or "open" in lower else ""


def _last_place(cut: Pieces) -> int:
    """The last tag; behind it, if a text comes last."""
    at = len(cut.names)
    while at and not cut.texts[at]:
        at -= 1
        if cut.names[at]:
            break
    return at


@dataclass(slots=True)
class _Found:
    """A link before its row is read; ``at`` is the number of its tag."""

    url: str
    text: str
    title: str
    rel: str
    tag: str
    at: int


class _Reader:
    """Collects the links of one page."""

    def __init__(self, cut: Pieces, base: str, encoding: str) -> None:
        self.cut, self.base, self.encoding = cut, base, encoding
        self.out = Links()
        self.found: list[_Found] = []
        self.at = 0
        """The tag that is looked at."""
        self.anchor: _Found | None = None
        self.content_start = -1
        self.marked: list[Span] = []

    def read(self, places: Sequence[int], looked_at: Collection[int] | None = None) -> None:
        """Look at the tags at ``places``, of links only at those that are ``looked_at``."""
        names = self.cut.names
        for at in places:
            name = names[at]
            if name in _ANCHORS or name == "/a":
                self.end_anchor(at)
            if name != "/a" and (looked_at is None or at in looked_at or name in _OF_THE_PAGE):
                self.at = at
                self.see(name, self.cut.raws[at])
        self.end_anchor(len(names))

    def see(self, name: str, raw: str) -> None:
        """One tag."""
        attributes = attributes_of(raw)
        if name in _ANCHORS:
            self.add_anchor(attributes)
        elif name == "img":
            self.add_image(attributes)
        elif name in _FRAMES:
            self.add_frame(name, attributes)
        elif name == "meta":
            self.read_meta(attributes)
        elif name == "base":
            self.set_base(attributes.get("href", ""))
        else:
            target = opened_by(attributes.get("onclick", ""))
            if target:
                self.add(target, attributes, "onclick")

    def end_anchor(self, at: int) -> None:
        if self.anchor is not None:
            self.anchor.text = words_between(self.cut, self.anchor.at, at)
            self.anchor = None

    def add_anchor(self, attributes: dict[str, str]) -> None:
        href = attributes.get("href", "").strip()
        kind = "a"
        if not href or href.startswith("#") or href[:11].lower() == "javascript:":
            given = next((attributes[name] for name in _DATA_FIELDS if attributes.get(name)), "")
            target = opened_by(attributes.get("onclick", "")) or opened_by(href)
            if given and not given.startswith("#"):
                href = given
            elif target:
                href, kind = target, "onclick"
        if "href" not in attributes and not href:
            return
        self.anchor = self.add(href, attributes, kind)

    def add_frame(self, name: str, attributes: dict[str, str]) -> None:
        address = attributes.get(_FRAMES[name], "").strip()
        if not address or address[:6].lower() == "about:":
            return
        self.add(shown_file(address), attributes, name)

    def add_image(self, attributes: dict[str, str]) -> None:
        source = attributes.get("src", "").strip()
        if source and source[:5].lower() != "data:" and not is_ornament(source, attributes):
            self.add(source, attributes, "img", text=attributes.get("alt", ""))

    def read_meta(self, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "").lower()
        content = attributes.get("content", "")
        if attributes.get("http-equiv", "").lower() == "refresh":
            target = _REFRESH.match(content)
            if target is not None and not target[1].strip().isdigit():
                self.add(target[1], {}, "meta")
        elif name == "robots" and re.search(r"nofollow|none", content, re.IGNORECASE):
            self.out.nofollow = True
        elif name == "contentstart":
            self.content_start = self.at
        elif name == "contentend" and self.content_start >= 0:
            self.marked.append((self.content_start, self.at))
            self.content_start = -1

    def set_base(self, href: str) -> None:
        try:
            self.base = canonical(self.escaped(href), base=self.base)
        except UsageError:
            self.out.left_out["bad"] += 1

    # --- addresses

    def add(
        self, href: str, attributes: dict[str, str], tag: str, *, text: str = ""
    ) -> _Found | None:
        href = href.strip()
        why = leads_nowhere(href)
        if why:
            self.out.left_out[why] += 1
            return None
        if len(self.found) >= MAX_LINKS:
            self.out.cut = True
            return None
        try:
            url = canonical(self.escaped(href), base=self.base)
        except UsageError:
            self.out.left_out["bad"] += 1
            return None
        rel, title = attributes.get("rel", ""), attributes.get("title", "")
        found = _Found(
            url,
            shortened(text) if text else "",
            shortened(title) if title else "",
            " ".join(rel.lower().split())[:60] if rel else "",
            tag,
            self.at,
        )
        self.found.append(found)
        return found

    def escaped(self, href: str) -> str:
        """Other characters than ASCII behind ``?`` as bytes of the page's encoding."""
        path, mark, query = href.partition("?")
        if not mark or query.isascii():
            return href
        return path + mark + _NOT_ASCII.sub(self._bytes, query)

    def _bytes(self, match: re.Match[str]) -> str:
        try:
            return quote(match[0].encode(self.encoding))
        except (UnicodeEncodeError, LookupError):
            return quote(match[0].encode("utf-8", "replace"))

    # --- what was found

    def links(self, told: Collection[int] | None = None) -> Links:
        """The links, each once, and whether they stand in the main text.

        Their rows are read, or of links at the tags ``told`` alone.
        """
        article = main_text(self.cut, self.marked)
        first, last = article or (0, -1)
        merged: dict[str, Link] = {}
        places = [found.at for found in self.found if told is None or found.at in told]
        rows = dict(zip(places, contexts(self.cut, places), strict=True))
        for found in self.found:
            row = rows.get(found.at, "")
            inside = first <= found.at <= last
            link = Link(found.url, found.text, found.title, found.rel, row, found.tag, inside)
            earlier = merged.get(link.url)
            merged[link.url] = link if earlier is None else _merged(earlier, link)
        self.out.extend(merged.values())
        return self.out


def _merged(first: Link, other: Link) -> Link:
    """One address linked twice, often from a picture and from its title."""
    if first.tag == "img" or (not first.text and other.text):
        first, other = other, first
    return replace(
        first,
        text=first.text or other.text,
        title=first.title or other.title,
        context=first.context or other.context,
        in_article=first.in_article or other.in_article,
    )
