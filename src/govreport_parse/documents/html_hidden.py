"""What a cell of an HTML page shows: takes out what a browser hides, sets footnote marks apart.

The parsed tree comes in and is changed in place before it is read; findings come out. In cells
``<del>10</del>6`` becomes ``6``, ``6<sup>1</sup>`` becomes ``6[1]``. Outside cells nothing is
touched, except a hidden table of which the page shows another with the same first labels (some
sites hide all tabs but one: a hidden table without such a double is kept).

A search of the bytes decides what is looked for in the tree; most pages have nothing of it. Each
walk to an element's cell is bounded, so that hostile nesting costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from govreport_parse.values import Finding

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_STRUCK = (b"<del", b"<s>", b"<s ", b"<s\n", b"<strike")
_ANY_TAG = re.compile(rb"<(?:s(?:u[bp]|trike)?[\s>]|del[\s>])")
_ANY_NOTE = re.compile(rb"#(?:_?ftn|fn|_edn|footnote|note)")
# Searches that tell at once that a page has none of the tags or links: ten single ones cost more.
_STYLES = (
    (b"display:none", "[style*='display' i]"),
    (b"visibility:hidden", "[style*='visibility' i]"),
    (b"line-through", "[style*='line-through' i]"),
    (b"mso-hide:all", "[style*='mso-hide' i]"),
    (b"font-size:0", "[style*='font-size:0' i], [style*='font-size: 0' i]"),
)
_RAISED = "[style*='vertical-align' i]"
_NOTE_LINKS = ", ".join(
    f"a[href*='{mark}' i]" for mark in ("#fn", "#ftn", "#_ftn", "#_edn", "#footnote", "#note")
)
_RAISED_STYLE = re.compile(r"vertical-align:(?:super|sub)(?![a-z-])")
_DISPLAY = re.compile(r"(?:^|;)display:([a-z-]*)")
_VISIBILITY = re.compile(r"(?:^|;)visibility:([a-z]*)")
_LINE = re.compile(r"(?:^|;)text-decoration(?:-line)?:[^;]*line-through")
_NO_SIZE = re.compile(r"(?:^|;)font-size:0(?:\.0*)?(?:px|pt|r?em|%)?(?:;|!|$)")
_MARK = re.compile(r"[\[［〔【(（]?[0-9０-９①-⑳*＊†‡#注,，、a-z ]{1,6}[\]］〕】)）]?")
_OPENING = frozenset("[［〔【")

_SHOWN_AGAIN = {
    "size": "[style*='font' i], font, [class]",
    "visibility": "[style*='visible' i], [class]",
}
_CELLS = frozenset({"td", "th"})
_NOT_IN_CELLS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th"})
_MAX_UP = 40
"""Elements between a cell and what is looked at in it; real pages have some ten."""
_LONG = 200
"""More hidden text than this is an article that a script unfolds, not a rest of editing."""
_LONG_CELL = 120
_FIRST_LABELS = 6
_LEAST_LABELS = 3


def show_cells(tree: LexborHTMLParser, data: bytes) -> list[Finding]:
    """Changes ``tree`` (parsed from ``data``) as the module says.

    Findings: ``hidden_text``, info for texts in cells and a warning for tables.
    """
    lowered = data.lower()
    compact = lowered.replace(b" ", b"")
    wanted = [selector for word, selector in _STYLES if word in compact]
    if b" hidden" in lowered:
        wanted.append("[hidden]")
    tags = _ANY_TAG.search(lowered) is not None
    if tags and any(word in lowered for word in _STRUCK):
        wanted.append("del, s, strike")
    findings = list(_take_out(tree, ", ".join(wanted))) if wanted else []
    raised = []
    if tags and (b"<sup" in lowered or b"<sub" in lowered):
        raised.append("sup, sub")
    if b"vertical-align:su" in compact:
        raised.append(_RAISED)
    if _ANY_NOTE.search(lowered):
        raised.append(_NOTE_LINKS)
    if raised:
        _set_marks_apart(tree, ", ".join(raised))
    return findings


def _take_out(tree: LexborHTMLParser, selector: str) -> Iterator[Finding]:
    candidates = [(node, how) for node in tree.css(selector) if (how := _hidden_how(node))]
    if not candidates:
        return
    around_tables: set[int] = set()
    for table in tree.css("table"):
        _mark_up(table, around_tables)
    gone: list[LexborNode] = []
    chosen: set[int] = set()
    hidden_boxes: list[LexborNode] = []
    for node, how in candidates:
        tag = node.tag or ""
        if how != "struck" and (tag == "table" or node.mem_id in around_tables):
            if tag not in ("td", "th", "tr", "html", "body"):
                hidden_boxes.append(node)
            continue
        if node.mem_id in around_tables:
            continue
        if tag in _CELLS:
            if how == "display":
                # The reader looks for this attribute; it knows what a missing cell means.
                node.attrs["hidden"] = ""
            elif len(node.text()) <= _LONG:
                gone += _unless_chosen(node.iter(include_text=True), chosen)
            continue
        if tag in _NOT_IN_CELLS or _is_shown_inside(node, how):
            continue
        path = _path_to_cell(node)
        if path is None or any(p.mem_id in chosen for p in path) or len(node.text()) > _LONG:
            continue
        gone += _unless_chosen([node], chosen)
    # All is chosen before anything is freed: freed elements must not be looked at again.
    texts = [text for node in gone if (text := " ".join(node.text().split()))]
    tables = _doubles(tree, hidden_boxes) if hidden_boxes else []
    inside = {t.mem_id for t in tables}
    for node in gone:
        if not inside or not _stands_in(node, inside):
            node.decompose()
    for table in tables:
        table.decompose()
    if texts:
        yield Finding(
            "hidden_text",
            "info",
            f"{len(texts)} hidden or struck-out text(s) in table cells were not read",
            f"表格单元格中有 {len(texts)} 处隐藏或带删除线的文字，未读取",
            detail=(("count", len(texts)), ("first", texts[0][:40])),
        )
    if tables:
        yield Finding(
            "hidden_text",
            "warning",
            f"{len(tables)} hidden table(s) were not read: the page shows a table with the same"
            " labels",
            f"页面含有 {len(tables)} 个隐藏表格，与所显示表格的项目相同，未读取",
            detail=(("tables", len(tables)),),
        )


def _unless_chosen(
    nodes: Iterator[LexborNode] | list[LexborNode], chosen: set[int]
) -> list[LexborNode]:
    new = [node for node in nodes if node.mem_id not in chosen]
    chosen.update(node.mem_id for node in new)
    return new


def _hidden_how(node: LexborNode) -> str:
    """``display``, ``visibility``, ``size`` or ``struck``; empty when a browser shows it."""
    if node.tag in ("del", "s", "strike"):
        return "struck"
    attributes = node.attributes
    style = _style(attributes)
    shown = _DISPLAY.findall(style)
    if "hidden" in attributes or (shown and shown[-1] == "none"):
        return "display"
    visibility = _VISIBILITY.findall(style)
    if visibility and visibility[-1] == "hidden":
        return "visibility"
    if "mso-hide:all" in style:
        return "display"
    if _NO_SIZE.search(style):
        return "size"
    return "struck" if _LINE.search(style) else ""


def _style(attributes: Mapping[str, str | None]) -> str:
    return "".join((attributes.get("style") or "").split()).lower()


def _is_shown_inside(node: LexborNode, how: str) -> bool:
    """Size and visibility can be set back by an element inside; what is not shown can't be."""
    selector = _SHOWN_AGAIN.get(how)
    if selector is None or len(node.text()) > _LONG:
        return False
    return any(inner.mem_id != node.mem_id for inner in node.css(selector))


def _mark_up(node: LexborNode, marks: set[int]) -> None:
    parent = node.parent
    while parent is not None and parent.mem_id not in marks:
        marks.add(parent.mem_id)
        parent = parent.parent


def _path_to_cell(node: LexborNode) -> list[LexborNode] | None:
    """The elements around ``node`` up to its cell, which is last; None outside cells."""
    path: list[LexborNode] = []
    parent = node.parent
    while parent is not None and len(path) < _MAX_UP:
        path.append(parent)
        if parent.tag in _CELLS:
            return path
        parent = parent.parent
    return None


def _stands_in(node: LexborNode, boxes: set[int]) -> bool:
    parent = node.parent
    for _ in range(2 * _MAX_UP):
        if parent is None:
            return False
        if parent.mem_id in boxes:
            return True
        parent = parent.parent
    # Too deep to tell: left alone.
    return True


def _doubles(tree: LexborHTMLParser, hidden_boxes: list[LexborNode]) -> list[LexborNode]:
    """The tables in hidden boxes of which the page shows another with the same first labels."""
    boxes = {box.mem_id for box in hidden_boxes}
    inside: set[int] = set()
    hidden: list[LexborNode] = []
    shown: set[tuple[str, ...]] = set()
    tables = tree.css("table")
    around: set[int] = set()
    for table in tables:
        _mark_up(table, around)
    for table in tables:
        # In document order: what stands around a table has been looked at before.
        if table.mem_id in boxes or _below(table, boxes, inside):
            hidden.append(table)
        elif table.mem_id not in around:
            shown.add(_first_labels(table))
    return [
        table
        for table in hidden
        if table.mem_id not in around
        and len(labels := _first_labels(table)) >= _LEAST_LABELS
        and labels in shown
    ]


def _below(node: LexborNode, boxes: set[int], inside: set[int]) -> bool:
    path: list[int] = []
    parent = node.parent
    found = False
    while parent is not None and len(path) < 8 * _MAX_UP:
        identity = parent.mem_id
        if identity in boxes or identity in inside:
            found = True
            break
        path.append(identity)
        parent = parent.parent
    if found:
        inside.update(path)
    return found


def _first_labels(table: LexborNode) -> tuple[str, ...]:
    """The first cells with words: 本年制发件数 and the like, never figures."""
    labels: list[str] = []
    for row in table.css("tr")[: 2 * _FIRST_LABELS]:
        for cell in row.iter():
            text = "".join(cell.text().split())
            if any("\u3400" <= c <= "\u9fff" for c in text):
                labels.append(text)
                if len(labels) == _FIRST_LABELS:
                    return tuple(labels)
    return tuple(labels)


def _set_marks_apart(tree: LexborHTMLParser, selector: str) -> None:
    """Square brackets around raised and lowered marks and links to footnotes.

    A cell that is raised or lowered as a whole stays as it is: that is how someone set a figure.
    Long cells hold an article, in which m² is no footnote.
    """
    by_cell: dict[int, tuple[LexborNode, list[tuple[LexborNode, str]]]] = {}
    chosen: set[int] = set()
    for node in tree.css(selector):
        if node.tag not in ("sup", "sub", "a") and not _RAISED_STYLE.search(
            _style(node.attributes)
        ):
            continue
        path = _path_to_cell(node)
        if path is None or node.tag in _NOT_IN_CELLS or any(p.mem_id in chosen for p in path):
            continue
        text = node.text().strip()
        if text and _MARK.fullmatch(text):
            chosen.add(node.mem_id)
            by_cell.setdefault(path[-1].mem_id, (path[-1], []))[1].append((node, text))
    for cell, marks in by_cell.values():
        whole = "".join(cell.text().split())
        if len(whole) > _LONG_CELL or whole == "".join("".join(t for _, t in marks).split()):
            continue
        for node, text in marks:
            if text[0] not in _OPENING:
                node.insert_before("[")
                node.insert_after("]")
