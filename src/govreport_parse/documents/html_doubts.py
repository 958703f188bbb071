"""Sets figures apart that a person may not see, or not as a part of the number they stand in.

White letters, letters much smaller than those beside them, boxes moved out of the page: whether
such text is seen depends on more than is looked at here. So ``10`` with a white ``1`` behind it
becomes ``10⟦1⟧``, which is no number, and the page gets a finding with both readings. Words are
left alone: white labels stand on coloured grounds, and nothing is counted from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from govreport_parse.documents import html_styles as styles
from govreport_parse.documents.unseen import CLOSE, COUNTS, FIGURES, OPEN
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

CELLS = frozenset({"td", "th"})
NOT_IN_CELLS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th"})
MAX_UP = 40
"""Elements between a cell and what is looked at in it; real pages have some ten."""
LONG_CELL = 120
"""Longer cells hold an article."""
_MAX_GROUND = 60
_DIGIT = re.compile(r"[0-9０-９]")
_BESIDE = (styles.SMALL, styles.RAISED)
"""Doubts only where other digits stand in the cell."""
_TEXT_OF_DOUBT = {
    styles.WHITE: ("letters as light as the page", "浅色文字"),
    styles.SAME: ("letters in the colour of their ground", "文字与底色相同"),
    styles.PALE: ("transparent letters", "透明文字"),
    styles.AWAY: ("moved out of the page", "移出页面"),
    styles.CLIPPED: ("hidden or cut off", "被隐藏或裁切"),
    styles.TURNED: ("turned or drawn over each other", "翻转或重叠"),
    styles.SMALL: ("much smaller than the digits beside it", "字号明显较小"),
    styles.RAISED: ("set higher or lower than the digits beside it", "上标或下标"),
}


def path_to_cell(node: LexborNode) -> list[LexborNode] | None:
    """The elements around ``node`` up to its cell, which is last; None outside cells."""
    path: list[LexborNode] = []
    parent = node.parent
    while parent is not None and len(path) < MAX_UP:
        path.append(parent)
        if parent.tag in CELLS:
            return path
        parent = parent.parent
    return None


def style_of(attributes: Mapping[str, str | None]) -> str:
    """The ``style`` attribute, compact."""
    return "".join((attributes.get("style") or "").split()).lower()


def font_doubt(attributes: Mapping[str, str | None]) -> str:
    """The doubt that ``<font color size>`` casts."""
    own = styles.color(attributes.get("color") or "")
    if own is not None and own.is_light:
        return styles.WHITE
    size = (attributes.get("size") or "").strip()
    return styles.SMALL if size == "1" or size[:1] == "-" else ""


def set_apart(
    found: Iterable[tuple[LexborNode, str]], grounds: Mapping[int, styles.Color]
) -> Finding | None:
    """Puts ``⟦⟧`` around the figures in ``found`` (elements with a doubt), in place."""
    cells: dict[int, tuple[LexborNode, list[tuple[LexborNode, str]]]] = {}
    chosen: set[int] = set()
    for node, doubt in found:
        if node.mem_id in chosen:
            continue
        tag = node.tag or ""
        if tag == "tr":
            inside = [cell for cell in node.iter() if cell.tag in CELLS]
        elif tag in CELLS or tag not in NOT_IN_CELLS:
            inside = [node]
        else:
            continue
        for part in inside:
            _choose(part, doubt, grounds, chosen, cells)
    marked: list[tuple[str, str, str]] = []
    for cell, parts in cells.values():
        marked += _mark(cell, parts)
    return _finding(marked) if marked else None


def _choose(
    node: LexborNode,
    doubt: str,
    grounds: Mapping[int, styles.Color],
    chosen: set[int],
    cells: dict[int, tuple[LexborNode, list[tuple[LexborNode, str]]]],
) -> None:
    is_cell = node.tag in CELLS
    path = [node] if is_cell else path_to_cell(node)
    if path is None or any(p.mem_id in chosen for p in path):
        return
    text = node.text()
    if not (_DIGIT if doubt in _BESIDE else COUNTS).search(text):
        return
    if FIGURES.fullmatch(text.strip()) is None:
        return
    if doubt == styles.WHITE and _is_on_dark(node, grounds):
        return
    # A cell grows with its text whatever its own height says.
    if is_cell and (doubt in (*_BESIDE, styles.CLIPPED) or _is_coloured_inside(node)):
        return
    chosen.add(node.mem_id)
    cells.setdefault(path[-1].mem_id, (path[-1], []))[1].append((node, doubt))


def _is_coloured_inside(cell: LexborNode) -> bool:
    return any(n.mem_id != cell.mem_id for n in cell.css("[style*='color' i], font"))


def _is_on_dark(node: LexborNode, grounds: Mapping[int, styles.Color]) -> bool:
    """The nearest ground that is stated is dark. Ground of a page is white."""
    here: LexborNode | None = node
    for _ in range(_MAX_GROUND):
        if here is None:
            return False
        attributes = here.attributes
        behind = styles.ground(style_of(attributes)) or styles.color(
            attributes.get("bgcolor") or ""
        )
        behind = behind or grounds.get(here.mem_id)
        if behind is None and attributes.get("background"):
            return True  # a picture
        if behind is not None:
            return not behind.is_light
        here = here.parent
    return False


def _mark(cell: LexborNode, parts: list[tuple[LexborNode, str]]) -> Iterable[tuple[str, str, str]]:
    """Marks the parts of one cell; gives doubt, text and the cell's whole text of each."""
    whole = "".join(cell.text().split())
    if len(whole) > LONG_CELL:
        return
    small = sum(len(_DIGIT.findall(n.text())) for n, doubt in parts if doubt in _BESIDE)
    beside = len(_DIGIT.findall(whole)) - small
    for node, doubt in parts:
        if doubt in _BESIDE and not beside:
            continue  # all of it is so: that is how someone set the table
        text = "".join(node.text().split())
        yield doubt, text, whole
        # Inside: marks beside a paragraph would be lines of their own.
        inside = list(node.iter(include_text=True))
        inside[0].insert_before(OPEN)
        inside[-1].insert_after(CLOSE)


def _finding(marked: list[tuple[str, str, str]]) -> Finding:
    kinds = sorted({doubt for doubt, _, _ in marked})
    en = ", ".join(_TEXT_OF_DOUBT[k][0] for k in kinds)
    zh = "、".join(_TEXT_OF_DOUBT[k][1] for k in kinds)
    _, text, whole = marked[0]
    return Finding(
        "doubtful_text",
        "warning",
        f"{len(marked)} figure(s) in table cells may not be seen on the page ({en}); they stand"
        f" in {OPEN}{CLOSE} and their cells were not read, first: {text[:20]!r} in {whole[:20]!r}",
        f"表格单元格中有 {len(marked)} 处数字在页面上可能看不到（{zh}），已用{OPEN}{CLOSE}标出，"
        "未作为数据读取",
        detail=(
            ("count", len(marked)),
            ("kinds", kinds),
            ("first", text[:40]),
            ("cell", whole[:40]),
        ),
    )
