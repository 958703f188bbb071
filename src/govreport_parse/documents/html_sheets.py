"""What the ``<style>`` elements of a page do to elements in its tables.

The parsed tree and its bytes come in, elements with verdicts come out. Only rules that hide,
colour or add text are kept, and of these only such as name a class, id or tag that occurs in
tables: site chrome hides its menus by the dozen. Sheets in files of their own are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from govreport_parse.documents import html_styles as styles
from govreport_parse.documents.html_styles import Rule

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NAMES = re.compile(rb"<?[\w\x80-\xff-]+")
_MAX_RULES = 64
"""Rules looked for in the tree; more are no sheet of a report's table."""
_SETS = {
    styles.DISPLAY: "display:",
    styles.VISIBILITY: "visibility:",
    styles.SIZE: "font",
    styles.COLOR: "color:",
    styles.UNSEEN: "opacity:",
    styles.STRUCK: "text-decoration",
    styles.WHITE: "color:",
    styles.SAME: "color:",
    styles.PALE: "opacity:",
    styles.SMALL: "font",
}
"""What a style must set to win over a verdict."""
_ANY = re.compile(
    r"display:none|visibility:|opacity|through|font-size:|font:0|color:|background|mso-hide|content:|clip"
    r"|-\d\d\d|overflow|transform|override|letter-spacing:-"
)


def overrides(style: str, verdict: str) -> bool:
    """A style of the element itself (compact) speaks of what the verdict is about."""
    return (word := _SETS.get(verdict)) is not None and word in style


class Sheets:
    """The rules of a page that may matter in its tables."""

    def __init__(self, tree: LexborHTMLParser, lowered: bytes) -> None:
        self._tree = tree
        self.hiding: list[tuple[Rule, str]] = []
        self.doubtful: list[tuple[Rule, str]] = []
        self.adding: list[Rule] = []
        self._others: list[Rule] = []
        kept = [rule for sheet in _texts(tree) for rule in styles.rules(sheet)]
        if kept:
            self._sort(kept, _names_in_tables(lowered))

    def _sort(self, kept: list[Rule], names: frozenset[str]) -> None:
        for rule in kept:
            if rule.key and rule.key not in names:
                continue
            if rule.content:
                self.adding.append(rule)
            elif how := styles.hidden_how(rule.style):
                self.hiding.append((rule, how))
            elif doubt := styles.doubt_of(rule.style):
                self.doubtful.append((rule, doubt))
            else:
                self._others.append(rule)
        del self.hiding[_MAX_RULES:], self.doubtful[_MAX_RULES:], self.adding[_MAX_RULES:]

    def hidden(self) -> Iterator[tuple[LexborNode, str, bool]]:
        """Elements that a rule hides, how, and whether no other rule speaks against it."""
        for rule, how in self.hiding:
            nodes = self._tree.css(rule.selector)
            if nodes:
                shown = self._shown(how)
                for node in nodes:
                    yield node, how, node.mem_id not in shown

    def doubts(self) -> Iterator[tuple[LexborNode, str]]:
        """Elements on which a rule casts a doubt."""
        for rule, doubt in self.doubtful:
            for node in self._tree.css(rule.selector):
                yield node, doubt

    def added(self) -> Iterator[tuple[LexborNode, str]]:
        """Elements before or behind which a rule adds text, and the text."""
        for rule in self.adding:
            for node in self._tree.css(rule.selector):
                yield node, rule.content

    def grounds(self) -> dict[int, styles.Color]:
        """Ground colour by element, where a rule gives one."""
        out: dict[int, styles.Color] = {}
        rules = (*self._others, *(r for r, _ in self.doubtful))
        for rule in [r for r in rules if "background" in r.style][:_MAX_RULES]:
            if (behind := styles.ground(rule.style)) is not None:
                out.update((node.mem_id, behind) for node in self._tree.css(rule.selector))
        return out

    def _shown(self, how: str) -> set[int]:
        word = _SETS[how]
        speaking = [r for r in self._others if word in r.style]
        speaking += [r for r, _ in self.doubtful if word in r.style]
        return {n.mem_id for r in speaking[:_MAX_RULES] for n in self._tree.css(r.selector)}


def _texts(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("style"):
        media = (node.attributes.get("media") or "").lower()
        text = node.text()
        if "print" in media or "(" in media:
            continue
        if _ANY.search(text[: styles.MAX_SHEET].replace(" ", "").lower()):
            yield text


def _names_in_tables(lowered: bytes) -> frozenset[str]:
    """Tags (``<td``), classes, ids and other words of tags in and around tables."""
    start = lowered.find(b"<table")
    if start < 0:
        return frozenset()
    end = lowered.rfind(b"</table")
    pieces = set(lowered[start : end if end > start else None].split(b">"))
    # Tabs: boxes around tables, some of them hidden.
    pieces.update(p for p in set(lowered.split(b">")) if b"<div" in p or b"<section" in p)
    names: set[bytes] = set()
    for piece in pieces:
        names.update(_NAMES.findall(piece[piece.rfind(b"<") :] if b"<" in piece else b""))
    return frozenset(name.decode("utf-8", "replace") for name in names)
