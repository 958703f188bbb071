"""The first pass over a page: where something stands that a plain text call would read wrongly.

One selector call fetches every element that is out of the ordinary; what is not around one of
them is read by ``html`` and ``html_table`` with one call a paragraph or cell.
"""

from __future__ import annotations

from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from govreport_parse.documents.grid import MAX_COLSPAN, MAX_ROWSPAN, parse_span
from govreport_parse.documents.html_tags import (
    FRAME,
    IFRAME,
    KIND,
    KNOWN_IDS,
    MARKING,
    META,
    SCRIPT,
    TABLE,
    TD,
    TH,
    TITLE,
)

# Everything but the commonest elements, and of the cells those with a real span or hidden ones.
# One pass in C. Looking for a hidden cell in the middle of each style would double its time;
# html_hidden gives such cells the attribute.
_UNUSUAL = (
    ":not(span, p, font,"
    " td:not([colspan]:not([colspan='1']), [rowspan]:not([rowspan='1']), [hidden],"
    " [style^='display' i]),"
    " o\\:p, li, a, tr, div, strong, b)"
)


class Survey:
    """What was learnt of one tree. Elements are told by their ``mem_id``."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.meta: dict[str, str] = {}
        """The page's ``<meta>`` values by lower-case name, and its titles."""
        self.frames: list[str] = []
        """Addresses of frames."""
        self.scripts = 0
        self.marked: set[int] = set()
        """Elements around something that a plain text call would read wrongly."""
        self.around_tables: set[int] = set()
        self.spans: dict[int, tuple[int, int]] = {}
        """Rows and columns of cells that span other than one of each, as ``parse_span`` says."""
        self.hidden_cells: set[int] = set()
        self.spanned_rows: set[int] = set()
        self.custom: dict[int, str] = {}
        """Names of the tags that HTML does not know, by number."""
        self.has_signs = False
        """Some text holds signs of ``html_ink``; the walk over cells may find more."""
        self._look(tree)

    def _look(self, tree: LexborHTMLParser) -> None:
        for node in tree.css(_UNUSUAL):
            tag = node.tag_id
            if tag in (TD, TH):
                self._note_spans(node)
            elif tag in MARKING:
                if KIND[tag] == TABLE:
                    _mark_ancestors(node, self.around_tables)
                _mark_ancestors(node, self.marked)
                self._note_head(node, tag)
            elif tag == FRAME:
                self._note_frame(node)
            elif tag > KNOWN_IDS and tag not in self.custom:
                self.custom[tag] = node.tag or ""
                if "-" in self.custom[tag]:
                    _mark_ancestors(node, self.marked)
                if self.custom[tag] == "ucaptitle":
                    self._set_meta("ucaptitle", node.text())

    def _note_spans(self, cell: LexborNode) -> None:
        attributes = cell.attributes
        down = parse_span(attributes.get("rowspan"), MAX_ROWSPAN)
        across = parse_span(attributes.get("colspan"), MAX_COLSPAN) or 1
        if is_hidden(attributes):
            self.hidden_cells.add(cell.mem_id)
            _mark_ancestors(cell, self.marked)
        elif down != 1 or across != 1:
            self.spans[cell.mem_id] = (down, across)
            row = cell.parent
            if row is not None:
                self.spanned_rows.add(row.mem_id)

    def _note_head(self, node: LexborNode, tag: int) -> None:
        if tag == SCRIPT:
            self.scripts += 1
        elif tag == META:
            attributes = node.attributes
            name = attributes.get("name") or attributes.get("property")
            if name:
                self._set_meta(name.strip().lower(), attributes.get("content") or "")
        elif tag == TITLE:
            parent = node.parent
            if parent is not None and parent.tag != "svg":
                self._set_meta("title", node.text())
        elif tag == IFRAME:
            self._note_frame(node)

    def _note_frame(self, node: LexborNode) -> None:
        source = node.attributes.get("src")
        if source and not source.startswith(("about:", "javascript:", "data:")):
            self.frames.append(source.strip())

    def _set_meta(self, name: str, value: str) -> None:
        value = value.strip()
        if value:
            self.meta.setdefault(name, value)


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element's own attributes keep a browser from showing it."""
    return bool(attributes) and (
        "hidden" in attributes
        or "display:none" in "".join((attributes.get("style") or "").split()).lower()
    )


def _mark_ancestors(node: LexborNode, marks: set[int]) -> None:
    parent = node.parent
    while parent is not None:
        identity = parent.mem_id
        if identity in marks:
            return
        marks.add(identity)
        parent = parent.parent
