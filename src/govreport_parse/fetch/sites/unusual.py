"""Lists that are not made of links: data in scripts, options, feeds, elements that scripts open.

Only what gives both an address and a title counts; what a script would have to compute is not
guessed. Bounded and linear: no page makes it slow.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from govreport_parse.errors import UsageError
from govreport_parse.fetch.link_addresses import leads_nowhere
from govreport_parse.fetch.sites.model import Entry, Page
from govreport_parse.fetch.tags import Tag, stream
from govreport_parse.fetch.urls import canonical

MOST = 5000
_PAGE = 2_000_000
_TITLES = ("title", "name", "biaoti", "subject", "doctitle", "articletitle", "infotitle", "text")
_URLS = (
    *("url", "href", "link", "linkurl", "docpuburl", "puburl", "path", "htmlurl", "pageurl"),
    *("docurl", "articleurl", "infourl", "staticurl"),
)
_DATES = ("date", "pubdate", "publishtime", "pubtime", "time", "createtime", "fbsj")
_OBJECT = re.compile(r"\{([^{}]{5,3000})\}")
_FIELD = re.compile(
    r"""["']?([A-Za-z_]{1,30})["']?\s{0,5}:\s{0,5}(?:"((?:[^"\\]|\\.){0,2000})"|'((?:[^'\\]|\\.){0,2000})')"""
)
_ITEM = re.compile(r"<(item|entry)[\s>]", re.IGNORECASE)
_LONGEST_ITEM = 8000
_ITEM_TITLE = re.compile(r"<title\b[^>]{0,100}>(.{0,500}?)</title>", re.DOTALL | re.IGNORECASE)
_ITEM_LINK = re.compile(
    r"<link\b[^>]{0,200}\bhref\s{0,3}=\s{0,3}[\"']([^\"']{1,2000})|<link\b[^>]{0,100}>\s{0,20}([^<]{1,2000}?)\s{0,20}</link>",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_DAY = re.compile(r"20[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]")
_HELD = ("data-href", "data-url", "data-link", "data-src-url", "ahref", "_href")
_KEPT = frozenset(("a", "area", "img", "script", "link", "iframe", "frame", "option"))


def unusual_entries(page: Page) -> tuple[Entry, ...]:
    """Titles with addresses that stand elsewhere than in links, each address once."""
    text = page.text[:_PAGE]
    out: dict[str, Entry] = {}
    for address, title, date in (*_data(text), *_items(text), *_elements(text), *_clicked(page)):
        shown = " ".join(html.unescape(_TAG.sub("", title)).split())
        if not shown or len(out) >= MOST or leads_nowhere(address.strip()):
            continue
        try:
            url = canonical(html.unescape(address.strip()), base=page.url)
        except UsageError:
            continue
        out.setdefault(url, Entry(url, shown[:300], date))
    return tuple(out.values())


def _data(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Objects of JSON or script with title and address: ``{"title": "…", "url": "/a.html"}``."""
    for found in _OBJECT.finditer(text):
        inner = found[1]
        if ":" not in inner:
            continue
        fields = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _FIELD.finditer(inner)}
        title = next((fields[n] for n in _TITLES if fields.get(n)), "")
        url = next((fields[n] for n in _URLS if fields.get(n)), "")
        if title and url:
            date = next((fields[n] for n in _DATES if fields.get(n)), "")
            day = _DAY.search(date)
            yield _plain(url), _plain(title), day[0] if day else None


def _plain(text: str) -> str:
    """A string of a script with its escapes resolved."""
    if "\\" not in text:
        return text
    single = text.replace("\\'", "'").replace('"', '\\"')  # between ' a " needs no escape
    for quoted in (text, single):
        try:
            return str(json.loads(f'"{quoted}"'))
        except ValueError:
            continue
    return text.replace("\\/", "/")


def _items(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Items of a feed (RSS, Atom)."""
    for start in _ITEM.finditer(text):
        end = text.find(f"</{start[1]}>", start.end(), start.end() + _LONGEST_ITEM)
        if end < 0:
            return
        inner = _CDATA.sub("", text[start.end() : end])
        title, link = _ITEM_TITLE.search(inner), _ITEM_LINK.search(inner)
        if title is not None and link is not None:
            day = _DAY.search(inner)
            yield link[1] or link[2], title[1], day[0] if day else None


def _elements(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Options of a menu, and elements that hold an address for a script, with their words."""
    address, words, holder = "", "", ""
    for item in stream(text):
        if isinstance(item, str):
            if address and len(words) < 400:
                words += item
            continue
        given = _address_of(item)
        ends = item.name == holder and (item.closing or holder == "option")
        if given or (address and ends):
            if address and words.strip():
                yield address, words, None
            address, words, holder = given, "", item.name


def _address_of(tag: Tag) -> str:
    if tag.closing or not tag.raw:
        return ""
    if tag.name == "option":
        value = tag.attributes().get("value", "")
        return value if "/" in value or re.search(r"\.\w{3,5}(?:\?|$)", value) else ""
    if tag.name in _KEPT or not any(name in tag.raw for name in _HELD):
        return ""
    attributes = tag.attributes()
    return next((attributes[name] for name in _HELD if attributes.get(name)), "")


def _clicked(page: Page) -> Iterator[tuple[str, str, str | None]]:
    """Elements that open an address when clicked: their row says what it is."""
    for link in page.links:
        if not link.text.strip() and not link.title.strip():
            context = str(getattr(link, "context", ""))
            if context and getattr(link, "tag", "") in ("onclick", "area"):
                day = _DAY.search(context)
                yield link.url, _DAY.sub("", context), day[0] if day else None
