"""What the ``<style>`` elements of a page do to elements in its tables.

The parsed tree and its bytes come in, elements with verdicts come out. Only rules that hide,
colour or add text are kept, and of these only such as name a class, id or tag that occurs in
tables: site chrome hides its menus by the dozen. Sheets in files of their own are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from govreport_parse.documents import html_styles as styles
from govreport_parse.documents.html_rules import (
    Block,
    Rule,
    blocks,
    compact,
    rules,
    verdict,
)

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

Select = Callable[[str], Sequence["LexborNode"]]
"""Gives the elements of a selector, none for a selector that can't be parsed."""

_NAMES = re.compile(rb"<?[\w\x80-\xff-]+")
_MAX_RULES = 64
"""Rules looked for in the tree; more are no sheet of a report's table."""
_MAX_ELEMENTS = 60_000
"""Elements that all rules together may find; a report has some 2,000 in its tables."""
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
    styles.RAISED: "vertical-align:",
}
"""What a style must set to win over a verdict."""


def overrides(style: str, verdict: str) -> bool:
    """A style of the element itself (compact) speaks of what the verdict is about."""
    return (word := _SETS.get(verdict)) is not None and word in style


def without_sheets(lowered: bytes) -> bytes:
    """The page without the texts of its ``<style>`` elements, which have no tags in them."""
    kept: list[bytes] = []
    done = 0
    while (start := lowered.find(b"<style", done)) >= 0:
        end = lowered.find(b"</style", start)
        if end < 0:
            break
        kept.append(lowered[done:start])
        done = end
    kept.append(lowered[done:])
    return b"".join(kept)


class Sheets:
    """The rules of a page that may matter in its tables."""

    def __init__(
        self, tree: LexborHTMLParser, lowered: bytes, pieces: set[bytes], select: Select
    ) -> None:
        self._select = select
        self._budget = _MAX_ELEMENTS
        self.hiding: list[tuple[Rule, str]] = []
        self.doubtful: list[tuple[Rule, str]] = []
        self.adding: list[Rule] = []
        self.raising: list[Rule] = []
        self._blocks = [block for sheet in _texts(tree) for block in blocks(sheet)]
        self._names: frozenset[str] | None = None
        self._shown_by: dict[str, set[int]] = {}
        self._lowered, self._pieces = lowered, pieces
        for block in self._blocks:
            if block.matters:
                self._sort(block)

    def _elements(self, selector: str) -> Sequence[LexborNode]:
        if self._budget < 0:
            return ()
        found = self._select(selector)
        self._budget -= len(found)
        return found

    def _sort(self, block: Block) -> None:
        how, doubt = verdict(block.body)
        raised = not how and styles.is_raised(compact(block.body))
        if not how and not doubt and not raised and "content" not in block.body:
            return
        for rule in self._kept(block):
            if rule.content:
                self.adding.append(rule)
            elif how and len(self.hiding) < _MAX_RULES:
                self.hiding.append((rule, how))
            elif doubt and len(self.doubtful) < _MAX_RULES:
                self.doubtful.append((rule, doubt))
            if raised and not rule.content and len(self.raising) < _MAX_RULES:
                self.raising.append(rule)

    def _kept(self, block: Block) -> Iterator[Rule]:
        if self._names is None:
            self._names = _names_in_tables(self._lowered, self._pieces)
        return rules(block, self._names)

    def hidden(self) -> Iterator[tuple[LexborNode, str, bool]]:
        """Elements that a rule hides, how, and whether no other rule speaks against it."""
        for rule, how in self.hiding:
            nodes = self._elements(rule.selector)
            if nodes:
                shown = self._shown(how)
                for node in nodes:
                    yield node, how, node.mem_id not in shown

    def doubts(self) -> Iterator[tuple[LexborNode, str]]:
        """Elements on which a rule casts a doubt."""
        for rule, doubt in self.doubtful:
            for node in self._elements(rule.selector):
                yield node, doubt

    def raised(self) -> Iterator[tuple[LexborNode, bool]]:
        """Elements that a rule sets higher or lower, and whether no other rule speaks against."""
        level = {
            node.mem_id
            for rule in (self._speaking("vertical-align:") if self.raising else ())
            if not styles.is_raised(rule.style)
            for node in self._elements(rule.selector)
        }
        for rule in self.raising:
            for node in self._elements(rule.selector):
                yield node, node.mem_id not in level

    def added(self) -> Iterator[tuple[LexborNode, str]]:
        """Elements before or behind which a rule adds text, and the text."""
        for rule in self.adding[:_MAX_RULES]:
            for node in self._elements(rule.selector):
                yield node, rule.content

    def grounds(self) -> dict[int, styles.Color]:
        """Ground colour by element, where a rule gives one."""
        out: dict[int, styles.Color] = {}
        for rule in self._speaking("background"):
            if (behind := styles.ground(rule.style)) is not None:
                out.update((node.mem_id, behind) for node in self._elements(rule.selector))
        return out

    def _shown(self, how: str) -> set[int]:
        known = self._shown_by.get(how)
        if known is None:
            rules = self._speaking(_SETS[how], hiding=False)
            known = {node.mem_id for rule in rules for node in self._elements(rule.selector)}
            self._shown_by[how] = known
        return known

    def _speaking(self, word: str, *, hiding: bool = True) -> list[Rule]:
        """Rules whose style has this word; those that hide if wanted."""
        found = (b for b in self._blocks if word in compact(b.body))
        found = (b for b in found if hiding or not verdict(b.body)[0])
        return [r for b in found for r in self._kept(b) if not r.content][:_MAX_RULES]


def _texts(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("style"):
        media = (node.attributes.get("media") or "").lower()
        if "print" not in media and "(" not in media:
            yield node.text()


def _names_in_tables(lowered: bytes, pieces: set[bytes]) -> frozenset[str]:
    """Tags (``<td``), classes, ids and other words of tags in and around tables."""
    start = lowered.find(b"<table")
    if start < 0:
        return frozenset()
    end = lowered.rfind(b"</table")
    inside = set(lowered[start : end if end > start else None].split(b">"))
    # Tabs: boxes around tables, some of them hidden.
    inside.update(p for p in pieces if b"<div" in p or b"<section" in p)
    tags = b" ".join([p[p.rfind(b"<") :] for p in inside if b"<" in p])
    names = set(_NAMES.findall(tags))
    return frozenset(name.decode("utf-8", "replace") for name in names)
