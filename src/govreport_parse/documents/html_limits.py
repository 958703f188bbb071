"""Refuses pages whose markup would keep an HTML parser busy for minutes or eat all memory.

UTF-8 bytes in, nothing out: an ordinary page costs two counts. Pages with many tags, or with
many that are never closed, are looked at tag by tag. The parser's cost is quadratic in nesting,
in the attributes of one tag and in unclosed ``<ul><li>`` (RELIABILITY.md 1.7 and 4.4); these are
bounded here. Hostile pages made to slip through this estimate are the affair of the killable
child process; every check here is linear in the size of the page.
"""

from __future__ import annotations

import re
from typing import NoReturn

from govreport_parse.errors import LimitExceededError

MAX_BYTES = 16 * 1024 * 1024
"""Largest page, as UTF-8."""
MAX_TAGS = 300_000
"""Most ``<`` signs of a page."""
MAX_DEPTH = 512
"""Deepest nesting of elements."""
MAX_ATTRIBUTES = 2_000
"""Most attributes of one tag."""
MAX_OPEN_INLINE = 2_000
"""Most inline elements open at once."""
MAX_OPTIONS = 20_000
"""Most ``<option>`` tags, and most ``<li>`` tags that are never closed."""
MAX_TEMPLATES = 256
"""Most ``<template>`` tags on a page that is looked at tag by tag."""

_FREE_TAGS = 2_000
_QUICK_TAGS = 8_000
"""Below these counts the worst page takes well under a second."""
_SAMPLE = 2_048
_LEAST_CLOSED = 0.75
_MAX_COPIES = 500_000
"""Elements that reopening unclosed ``<font>``, ``<b>`` ... in each new block may make."""
_WINDOW = 16 * 1024

_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)")
_ATTRIBUTE = re.compile(rb"""[\s/"']*+(?:[^\s/>="']++|=)(?:\s*+=\s*+(["']|[^\s"'>]++))?+""")
_VOID = frozenset(
    b"area base basefont bgsound br col embed frame hr img input keygen link meta param"
    b" source track wbr".split()
)
_RAW = frozenset(b"script style textarea title xmp iframe noembed noframes noscript".split())
_IMPLIED_END = frozenset(b"p td th tr tbody thead tfoot colgroup dt dd optgroup rt rp".split())
_BLOCKS = frozenset(
    b"address article aside blockquote body center details dialog dir div dl fieldset figure"
    b" footer form h1 h2 h3 h4 h5 h6 header html main menu nav ol pre section table ul".split()
)
_FORMATTING = frozenset(
    b"a b big code em font i nobr s small strike strong tt u".split()
)  # reopened by the parser in every new block while they are not closed


def refuse_bombs(data: bytes) -> None:
    """Raise ``LimitExceededError`` when ``data`` must not be given to an HTML parser."""
    if len(data) > MAX_BYTES:
        _refuse(f"the page has {len(data)} bytes of UTF-8", "bytes", MAX_BYTES)
    tags = data.count(b"<")
    if tags > MAX_TAGS:
        _refuse(f"the page has {tags} tags", "tags", MAX_TAGS)
    _refuse_long_tags(data)
    if tags <= _FREE_TAGS:
        return
    if tags > _QUICK_TAGS or _leaves_tags_open(data):
        _refuse_nesting(data)


def _leaves_tags_open(data: bytes) -> bool:
    """A sample of the page has far fewer end tags than start tags (counting all is slow)."""
    for part in (1, 3):
        start = len(data) * part // 4
        sample = data[start : start + _SAMPLE]
        if 2 * sample.count(b"</") < sample.count(b"<") * _LEAST_CLOSED:
            return True
    return False


def _refuse(message: str, limit: str, value: int) -> NoReturn:
    raise LimitExceededError(
        f"{message}, more than {value}",
        hint="no report page comes near this; the markup is broken beyond reading or hostile",
        context={"limit": limit, "value": value},
    )


def _refuse_long_tags(data: bytes) -> None:
    """Look into tags so long that they cover a window: attribute bombs, or base64 pictures."""
    done = 0
    for start in range(0, len(data) - _WINDOW, _WINDOW):
        end = start + _WINDOW
        if data.find(b"<", start, end) >= 0 and data.find(b">", start, end) >= 0:
            continue
        tag = data.rfind(b"<", done, end)
        if tag >= done:
            done = tag + 1
            _refuse_attributes(data, tag)


def _refuse_attributes(data: bytes, tag: int) -> None:
    name = _TAG.match(data, tag)
    if name is None:
        return
    at = name.end()
    for _ in range(MAX_ATTRIBUTES):
        attribute = _ATTRIBUTE.match(data, at)
        if attribute is None:
            return
        at = attribute.end()
        quote = attribute[1]
        if quote in (b'"', b"'"):
            # Found by find(): a value may be megabytes of base64.
            at = data.find(quote, at) + 1
            if not at:
                return
    _refuse("a tag has too many attributes", "attributes", MAX_ATTRIBUTES)


class _Open:
    """Counts of open elements while the tags of a page go by. An estimate, never a tree."""

    __slots__ = ("blocks", "copies", "formatting", "inline", "items", "names", "options", "templ")

    def __init__(self) -> None:
        self.names: dict[bytes, int] = {}
        self.blocks = self.inline = self.formatting = 0
        self.items = self.options = self.templ = self.copies = 0

    def start(self, name: bytes) -> None:
        """Take one start tag into account."""
        if name in _BLOCKS:
            self.blocks += 1
            self.copies += self.formatting
            if self.blocks > MAX_DEPTH:
                _refuse("elements are nested too deeply", "depth", MAX_DEPTH)
        elif name in _IMPLIED_END:
            self.copies += self.formatting
            return
        elif name == b"li":
            self.copies += self.formatting
            self.items += 1
        elif name == b"option":
            self.options += 1
        elif name == b"template":
            self.templ += 1
            if self.templ > MAX_TEMPLATES:
                _refuse("the page has too many templates", "templates", MAX_TEMPLATES)
        else:
            self.inline += 1
            self.formatting += name in _FORMATTING
            if self.inline > MAX_OPEN_INLINE:
                _refuse("inline elements are nested too deeply", "open_inline", MAX_OPEN_INLINE)
        self.names[name] = self.names.get(name, 0) + 1
        if self.copies > _MAX_COPIES:
            _refuse("unclosed elements would be reopened too often", "copies", _MAX_COPIES)
        if self.items > MAX_OPTIONS or self.options > MAX_OPTIONS:
            _refuse("too many list items or options", "options", MAX_OPTIONS)

    def end(self, name: bytes) -> None:
        """Take one end tag into account."""
        if not self.names.get(name):
            return
        self.names[name] -= 1
        if name in _BLOCKS:
            self.blocks -= 1
        elif name == b"li":
            self.items -= 1
        elif name not in (b"option", b"template"):
            self.inline -= 1
            self.formatting -= name in _FORMATTING


def _refuse_nesting(data: bytes) -> None:
    """Go through the tags once, leaving out comments and the insides of scripts."""
    state = _Open()
    lower = data.lower()
    at = 0
    while (at := lower.find(b"<", at)) >= 0:
        if lower.startswith(b"<!--", at):
            at = lower.find(b"-->", at)
            if at < 0:
                return
            continue
        tag = _TAG.match(lower, at)
        if tag is None:
            at += 1
            continue
        at = tag.end()
        name = tag[2]
        if tag[1]:
            state.end(name)
        elif name in _RAW:
            at = lower.find(b"</" + name, at)
            if at < 0:
                return
        elif name not in _VOID:
            state.start(name)
