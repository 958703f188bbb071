"""Links read plainly: tag after tag, each link at once. What the quick reader must agree with."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import quote

from govreport_parse.errors import UsageError
from govreport_parse.fetch.link_addresses import is_ornament, leads_nowhere, opened_by, shown_file
from govreport_parse.fetch.link_records import Link, Links
from govreport_parse.fetch.urls import canonical

MAX_CHARACTERS = 2_000_000
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
            after = _after_raw(page, tag, end)
            if after < 0:
                unending.add(tag.name)
            else:
                at = after


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
    close = re.compile(f"</{tag.name}", re.IGNORECASE | re.ASCII).search(page, tag.end, end)
    return close.start() if close is not None else -1


MAX_LINKS = 20_000
_TEXT, _CONTEXT = 300, 200
_STUB = 20_000

_SPACES = re.compile(r"\s+")
_ONCLICK = re.compile(r"\bonclick", re.IGNORECASE)
_REFRESH = re.compile(
    r"^\s*[0-9.]{0,10}\s*[;,]?\s*(?:url\s*=\s*)?['\"]?([^'\"]{1,2000})", re.IGNORECASE
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_DATA_FIELDS = ("data-href", "data-url", "data-link", "ahref", "_href")
_ROWS = frozenset(("li", "tr", "dd", "dt"))
_LISTS = frozenset(("ul", "ol", "table", "tbody", "dl", "body"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(("p", "div", *_HEADINGS, "section", "article", "header", "footer", "nav"))
_CONTAINERS = frozenset(
    ("div", "td", "section", "article", "main", "form", "body", "center", "ucapcontent", "span")
)
_FRAMES = {"frame": "src", "iframe": "src", "embed": "src", "object": "data"}
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
_KEPT_NAMES = 500
_EDGES = {
    **dict.fromkeys(("td", "th", "br"), "cell"),
    **dict.fromkeys(_BLOCKS, "block"),
    **dict.fromkeys(_LISTS, "list"),
    **dict.fromkeys(_ROWS, "row"),
}
"""What the tags that bound a row of text do to it."""


def read_links(page: str, base: str, *, encoding: str = "utf-8") -> Links:
    """The links of a page.

    ``base`` is the page's own canonical address; ``<base href>`` is honoured. ``encoding`` is that
    of the page: as browsers do, other characters than ASCII are escaped in it behind ``?`` and in
    UTF-8 before it; escapes that are there already stay as they are.
    """
    reader = _Reader(base, encoding)
    for item in stream(page):
        reader.place += 1
        if isinstance(item, str):
            reader.text(item)
        elif item.closing:
            reader.close(item)
        else:
            reader.open(item)
    onward = "" if reader.found or len(page) > _STUB else _opened_by_script(page)
    if onward:
        # A page that only sends the browser on: the front door of many sites.
        reader.add(onward, {}, "script")
    return reader.finish()


def _opened_by_script(page: str) -> str:
    lower = page.lower()
    return opened_by(page) if "location" in lower or "open" in lower else ""


@dataclass(slots=True)
class _Found:
    """A link while its row is still being read."""

    url: str
    text: str
    title: str
    rel: str
    tag: str
    at: int
    context: str = ""
    words: list[str] = field(default_factory=list)

    def link(self, article: tuple[int, int] | None) -> Link:
        inside = article is not None and article[0] <= self.at <= article[1]
        return Link(self.url, self.text, self.title, self.rel, self.context, self.tag, inside)


class _Reader:
    """The state of one pass over a page."""

    def __init__(self, base: str, encoding: str) -> None:
        self.base, self.encoding = base, encoding
        self.out = Links()
        self.found: list[_Found] = []
        self.anchor: _Found | None = None
        self.row: list[str] = []
        self.row_links: list[_Found] = []
        self.row_depth = 0
        self.place = 0
        self.sections: list[tuple[int, str]] = []
        self.sections_wanted = True
        self.open_containers: list[tuple[str, int, bool]] = []
        self.articles: list[tuple[int, int, int]] = []
        self.content_start = -1
        self.names: dict[str, bool] = {}

    # --- text and rows

    def text(self, text: str) -> None:
        if text.isspace():
            return
        if (
            self.sections_wanted
            and len(text) >= _SHORTEST_SECTION
            and not text.isascii()
            and len(self.sections) < _MOST_MENTIONS
        ):
            self.sections += [(self.place, name[:4]) for name in set(_SECTIONS.findall(text))]
        bare = _SPACES.sub(" ", text)
        if bare.strip():
            self.row.append(bare)
            if self.anchor is not None:
                self.anchor.words.append(bare)

    def end_row(self) -> None:
        if self.row_links:
            context = _short("".join(self.row), _CONTEXT)
            for found in self.row_links:
                found.context = context
            self.row_links = []
        self.row = []

    def boundary(self, tag: Tag, edge: str) -> None:
        if edge == "row":
            self.end_row()
            self.row_depth = max(0, self.row_depth + (-1 if tag.closing else 1))
        elif edge == "list":
            self.end_row()
            self.row_depth = 0
        elif edge == "block" and self.row_depth == 0:
            self.end_row()
        else:
            self.row.append(" ")

    # --- tags

    def open(self, tag: Tag) -> None:
        name = tag.name
        edge = _EDGES.get(name)
        if edge is not None:
            self.boundary(tag, edge)
        if name in _CONTAINERS:
            self.open_container(tag)
        if name in ("a", "area"):
            self.end_anchor()
            self.add_anchor(tag)
        elif name in _FRAMES:
            self.add_frame(tag)
        elif name == "img":
            self.add_image(tag)
        elif name == "meta":
            self.read_meta(tag)
        elif name == "base":
            self.set_base(tag.attributes().get("href", ""))
        elif tag.raw and "onclick" in tag.raw.lower() and _ONCLICK.search(tag.raw) is not None:
            target = opened_by(tag.attributes().get("onclick", ""))
            if target:
                self.add(target, tag.attributes(), "onclick")

    def close(self, tag: Tag) -> None:
        if tag.name == "a":
            self.end_anchor()
        edge = _EDGES.get(tag.name)
        if edge is not None:
            self.boundary(tag, edge)
        if tag.name in _CONTAINERS:
            self.close_container(tag.name)

    def end_anchor(self) -> None:
        if self.anchor is not None:
            self.anchor.text = _short("".join(self.anchor.words), _TEXT)
            self.anchor = None

    def add_anchor(self, tag: Tag) -> None:
        attributes = tag.attributes()
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

    def add_frame(self, tag: Tag) -> None:
        attributes = tag.attributes()
        address = attributes.get(_FRAMES[tag.name], "").strip()
        if not address or address[:6].lower() == "about:":
            return
        self.add(shown_file(address), attributes, tag.name)

    def add_image(self, tag: Tag) -> None:
        attributes = tag.attributes()
        if self.anchor is not None:
            words = attributes.get("alt") or attributes.get("title") or ""
            if not any(word.strip() for word in self.anchor.words):
                self.anchor.words.append(words)
        source = attributes.get("src", "").strip()
        if source and source[:5].lower() != "data:" and not is_ornament(source, attributes):
            self.add(source, attributes, "img", text=attributes.get("alt", ""))

    def read_meta(self, tag: Tag) -> None:
        attributes = tag.attributes()
        name = attributes.get("name", "").lower()
        content = attributes.get("content", "")
        if attributes.get("http-equiv", "").lower() == "refresh":
            target = _REFRESH.match(content)
            if target is not None and not target[1].strip().isdigit():
                self.add(target[1], {}, "meta")
        elif name == "robots" and re.search(r"nofollow|none", content, re.IGNORECASE):
            self.out.nofollow = True
        elif name == "contentstart":
            self.content_start = self.place
        elif name == "contentend" and self.content_start >= 0:
            self.articles.append((0, self.content_start, self.place))
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
        found = _Found(
            url,
            _short(text, _TEXT),
            _short(attributes.get("title", ""), _TEXT),
            " ".join(attributes.get("rel", "").lower().split())[:60],
            tag,
            self.place,
        )
        self.found.append(found)
        self.row_links.append(found)
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

    # --- the main text

    def open_container(self, tag: Tag) -> None:
        known = tag.name in ("article", "main", "ucapcontent")
        if not known and tag.raw:
            known = self.named(tag.raw[:400])
        if len(self.open_containers) < 5000:
            self.open_containers.append((tag.name, self.place, known))

    def named(self, raw: str) -> bool:
        """The attributes name a container of main text. The same ones come hundreds of times."""
        found = self.names.get(raw)
        if found is None:
            found = _ARTICLE.search(raw) is not None
            if len(self.names) < _KEPT_NAMES:
                self.names[raw] = found
        return found

    def close_container(self, name: str) -> None:
        depth = len(self.open_containers)
        # An end tag without a start closes nothing; looking far for its start would be quadratic.
        for back in range(1, min(depth, 30) + 1):
            if self.open_containers[-back][0] == name:
                for _ in range(back):
                    self.note_container(*self.open_containers.pop())
                return

    def note_container(self, name: str, start: int, known: bool) -> None:
        if known:
            self.articles.append((0, start, self.place))
        elif self.sections_wanted and name != "span":
            first = bisect_left(self.sections, (start, ""))
            if len(self.sections) - first < _LEAST_SECTIONS:
                return
            held = self.sections[first:]
            if len({section for _, section in held}) >= _LEAST_SECTIONS:
                self.articles.append((1, start, self.place))
                self.sections_wanted = False

    def finish(self) -> Links:
        self.end_anchor()
        self.end_row()
        while self.open_containers:
            self.note_container(*self.open_containers.pop())
        article = _main_article(self.articles)
        merged: dict[str, Link] = {}
        for found in self.found:
            link = found.link(article)
            earlier = merged.get(link.url)
            merged[link.url] = link if earlier is None else _merged(earlier, link)
        self.out.extend(merged.values())
        return self.out


def _main_article(articles: list[tuple[int, int, int]]) -> tuple[int, int] | None:
    """The longest of the containers known by name, else the smallest with the section names."""
    if not articles:
        return None
    named = [(start, end) for rank, start, end in articles if rank == 0]
    if named:
        return max(named, key=lambda span: span[1] - span[0])
    return articles[0][1], articles[0][2]


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


def _short(text: str, most: int) -> str:
    return _SPACES.sub(" ", text[: 4 * most]).strip()[:most]
