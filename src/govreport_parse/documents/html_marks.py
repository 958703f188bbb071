"""Footnote marks in the cells of an HTML page: ``6<sup>1</sup>`` becomes ``6[1]``, read as 6.

A mark is raised or lowered by its element, its style or a rule of a style sheet, or is a link to
a footnote.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from govreport_parse.documents import html_styles as styles
from govreport_parse.documents.html_doubts import (
    LONG_CELL,
    NOT_IN_CELLS,
    path_to_cell,
    style_of,
)
from govreport_parse.documents.html_sheets import Sheets, overrides

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_ANY_NOTE = re.compile(rb"#(?:_?ftn|fn|_edn|footnote|note)")
_RAISED_IN_STYLES = (
    re.compile(rb"vertical-align:(?:su|-?[0-9.])"),
    re.compile(rb"text-raise:"),
    re.compile(rb"variant(?:-position)?:su"),
    re.compile(rb"relative"),
)
_RAISED = (
    "[style*='vertical-align' i], [style*='raise' i], [style*='variant' i], [style*='relative' i]"
)
_NOTE_LINKS = ", ".join(
    f"a[href*='{mark}' i]" for mark in ("#fn", "#ftn", "#_ftn", "#_edn", "#footnote", "#note")
)
_RAISING = ("sup", "sub")
_MARK = re.compile(r"[\[［〔【(（]?[0-9０-９①-⑳*＊†‡#注,，、a-z ]{1,6}[\]］〕】)）]?")
_OPENING = frozenset("[［〔【")


def selector(tags: bytes, inline: bytes, named: bool) -> str:
    """Of what may be a mark by its tag or style; empty for most pages.

    ``tags``: the page's tags, ``inline``: those with styles, compact; both in lower case.
    ``named``: some tags are ``<sup>`` or another rare one.
    """
    out = []
    if named and (b"<sup" in tags or b"<sub" in tags):
        out.append("sup, sub")
    if any(word.search(inline) for word in _RAISED_IN_STYLES):
        out.append(_RAISED)
    if _ANY_NOTE.search(tags):
        out.append(_NOTE_LINKS)
    return ", ".join(out)


def by_rule(sheets: Sheets) -> Iterator[tuple[LexborNode, bool]]:
    """Elements that a sheet sets higher or lower, and whether that is sure."""
    for node, is_sure in sheets.raised():
        style = style_of(node.attributes)
        if styles.is_raised(style) or not overrides(style, styles.RAISED):
            yield node, is_sure or node.tag in _RAISING


def _is_raised(node: LexborNode) -> bool:
    return node.tag in _RAISING or styles.is_raised(style_of(node.attributes))


def is_mark(node: LexborNode, raised: Container[int]) -> bool:
    """Raised or lowered (by itself, or its ``mem_id`` among ``raised``) and written as a mark."""
    return (node.mem_id in raised or _is_raised(node)) and (
        _MARK.fullmatch(node.text().strip()) is not None
    )


def set_apart(found: Iterable[LexborNode], ruled: Iterable[tuple[LexborNode, bool]]) -> None:
    """Square brackets around raised and lowered marks and links to footnotes.

    A cell that is raised or lowered as a whole stays as it is: that is how someone set a figure.
    Long cells hold an article, in which m² is no footnote.
    """
    by_cell: dict[int, tuple[LexborNode, list[tuple[LexborNode, str]]]] = {}
    chosen: set[int] = set()
    for node in (*(n for n in found if n.tag == "a" or _is_raised(n)), *(n for n, _ in ruled)):
        path = path_to_cell(node)
        if path is None or node.tag in NOT_IN_CELLS or node.mem_id in chosen:
            continue
        if any(p.mem_id in chosen for p in path):
            continue
        text = node.text().strip()
        if text and _MARK.fullmatch(text):
            chosen.add(node.mem_id)
            by_cell.setdefault(path[-1].mem_id, (path[-1], []))[1].append((node, text))
    for cell, marks in by_cell.values():
        whole = "".join(cell.text().split())
        if len(whole) > LONG_CELL or whole == "".join("".join(t for _, t in marks).split()):
            continue
        for node, text in marks:
            if text[0] not in _OPENING:
                node.insert_before("[")
                node.insert_after("]")
