"""What a cell of an HTML page shows: takes out what a browser hides, sets footnote marks apart.

The parsed tree comes in and is changed in place before it is read; findings come out. In cells
``<del>10</del>6`` becomes ``6``, ``6<sup>1</sup>`` becomes ``6[1]`` (``html_marks``), ``10`` with
a white ``1`` behind it ``10⟦1⟧`` (``html_doubts``). Outside cells nothing is touched, except a
hidden table of which the page shows another with the same first labels (some sites hide all tabs
but one: a hidden table without such a double is kept, and said). Rules of ``<style>`` elements
count as styles do (``html_sheets``).

A search of the bytes decides what is looked for in the tree; most pages have nothing of it. Each
walk to an element's cell is bounded, so that hostile nesting costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from govreport_parse.documents import html_ink as ink
from govreport_parse.documents import html_marks as marks
from govreport_parse.documents import html_styles as styles
from govreport_parse.documents.html_doubts import (
    CELLS,
    NOT_IN_CELLS,
    font_doubt,
    path_to_cell,
    set_apart,
    style_of,
)
from govreport_parse.documents.html_sheets import Select, Sheets, overrides, without_sheets
from govreport_parse.documents.html_tabs import hidden_tables, mark_up, stands_in
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_STRUCK = (b"<del", b"<s>", b"<s ", b"<s\n", b"<strike", b"<s\t", b"<s\r")
_LIGHT = (
    rb"(?:#?(?:[ef]{3}(?![0-9a-f])|(?:[ef][0-9a-f]){3}|[0-9a-f]{6}[01][0-9a-f](?![0-9a-f]))"
    rb"|white|snow|ivory|azure|mintcream|ghost|floralw|aliceb|honeyd|seashell|lavenderb|oldlace"
    rb"|transparent|rgba?\((?:(?:22[4-9]|2[3-5][0-9])(?:\.[0-9]+)?,?){3}|rgba\([^)]{0,30},0?(?:\.[0-3][0-9]*)?\)|hsl)"
)
_PLACED = (
    "[style*='left' i], [style*='top' i], [style*='right' i], [style*='bottom' i],"
    " [style*='indent' i], [style*='margin' i], [style*='translate' i]"
)
_IN_STYLES = (
    (re.compile(rb"display:none"), "[style*='display' i]"),
    (re.compile(rb"visibility:"), "[style*='visibility' i]"),
    (re.compile(rb"line-through"), "[style*='line-through' i]"),
    (re.compile(rb"mso-hide:all"), "[style*='mso-hide' i]"),
    (re.compile(rb"font(?:-size)?:(?:0(?![0-9])|[01]?(?:\.[0-9]+)?p)"), "[style*='font' i]"),
    (re.compile(rb"opacity"), "[style*='opacity' i]"),
    (re.compile(rb"color:" + _LIGHT), "[style*='color' i]"),
)
_OWN_GROUND = re.compile(
    rb"(?<!-)color:([^;\"']{3,30});(?:[^\"'>]{0,200};)?background(?:-color)?:\1[;\"']"
    rb"|background(?:-color)?:([^;\"']{3,30});(?:[^\"'>]{0,200};)?color:\2[;\"']"
)
# Each opens with letters or a sign that is looked for fast.
_DOUBTS_IN_STYLES = (
    (re.compile(rb"color:" + _LIGHT), "[style*='color' i]"),
    (re.compile(rb"opacity:(?:0?\.[0-3]|[0-9]{1,2}%)"), "[style*='opacity' i]"),
    (re.compile(rb"-[0-9]{2}(?:[0-9]|r?em)"), _PLACED),
    (re.compile(rb"t:[0-9]{4}"), _PLACED),
    (re.compile(rb"p:[0-9]{4}"), _PLACED),
    (re.compile(rb"m:[0-9]{4}"), _PLACED),
    (re.compile(rb"clip"), "[style*='clip' i]"),
    (re.compile(rb"overflow"), "[style*='overflow' i]"),
    (re.compile(rb"transform:[^;]{0,30}[(]"), "[style*='transform' i]"),
    (re.compile(rb"override"), "[style*='bidi' i]"),
    (re.compile(rb"letter-spacing:-(?:[1-9]|0?\.[5-9])"), "[style*='letter-spacing' i]"),
    (
        re.compile(rb"font-size:(?:[0-8]?(?:\.[0-9]+)?p|0?\.[0-7]|[0-7]?[0-9]%|xx-|smaller)"),
        "[style*='font-size' i]",
    ),
)
_ANY_TAG = re.compile(rb"<(?:s(?:u[bp]|trike|mall)?|del|font|bdo|math|progress|meter)(?:[\s>]|\Z)")
_FONT = re.compile(
    rb"<font[^>]{0,200}?(?:color\s*=\s*[\"']?\s*" + _LIGHT + rb"|size\s*=\s*[\"']?(?:1|-))"
)
_ROWS = frozenset({"tr", "thead", "tbody", "tfoot"})
_VOID = frozenset({"br", "img", "input", "hr", "wbr"})
_HIDING_CLASS = re.compile(
    rb"class\s*=\s*[\"'](?:[^\"'>]{0,200}?\s)?"
    rb"(?:sr-only|visually-hidden|d-none|hidden|hide|invisible)[\s\"']"
)
_HIDING_CLASSES = ".sr-only, .visually-hidden, .d-none, .hidden, .hide, .invisible"
"""Classes that the usual style libraries hide; their sheets are files of their own."""
_HIDING_WORDS = (b"sr-only", b"hidden", b"d-none", b"hide", b"invisible")
_HIDING_NAMES = frozenset(name.strip(" .") for name in _HIDING_CLASSES.split(","))
_BARS = frozenset({"progress", "meter"})
_SETTINGS = "mfrac, msup, msub, msubsup, mroot, msqrt, mover, munder, mtable"

_SHOWN_AGAIN = {
    styles.SIZE: "[style*='font' i], font, [class]",
    styles.VISIBILITY: "[style*='visible' i], [class]",
    styles.COLOR: "[style*='color' i], font, [class]",
}
_LONG = 200
"""More hidden text than this is an article that a script unfolds, not a rest of editing."""


class Shown(NamedTuple):
    """``has_signs``: cells hold signs of ``html_ink``."""

    findings: list[Finding]
    has_signs: bool


def show_cells(tree: LexborHTMLParser, data: bytes, select: Select | None = None) -> Shown:
    """Changes ``tree`` (parsed from ``data``) as the module says.

    ``select`` is asked for selectors that stand in the page; ``tree.css`` unless given.
    Findings: ``hidden_text``, info for texts in cells and a warning for tables; ``hidden_table``;
    ``doubtful_text``.
    """
    lowered = data.lower()
    tags, inline = lowered, b""
    pieces: set[bytes] = set()
    has_sheets = False
    if b"style" in lowered:
        has_sheets = b"<style" in lowered
        if has_sheets:
            lowered = without_sheets(lowered)
        # Tags repeat: each different one is searched once. Their order is lost, nothing else.
        pieces = set(lowered.split(b">"))
        tags = b">".join([*pieces, b""])
        inline = b"".join(b">".join([p for p in pieces if b"style" in p]).split())
    named = _ANY_TAG.search(tags) is not None
    sheets = Sheets(tree, lowered, pieces, select or tree.css) if has_sheets else None
    wanted = [selector for word, selector in _IN_STYLES if word.search(inline)]
    if b" hidden" in tags:
        wanted.append("[hidden]")
    if named and any(word in tags for word in _STRUCK):
        wanted.append("del, s, strike")
    findings: list[Finding] = []
    if wanted or (sheets and sheets.hiding):
        findings += _take_out(tree, ", ".join(wanted), sheets)
    doubts = _doubts(tags, inline, named)
    by_rule = list(marks.by_rule(sheets)) if sheets else []
    if doubts or by_rule or (sheets and (sheets.doubtful or sheets.hiding)):
        found = set_apart(
            _doubtful(tree, ", ".join(doubts), sheets, by_rule), sheets.grounds() if sheets else {}
        )
        findings += [found] if found else []
    selector = marks.selector(tags, inline, named)
    if selector or by_rule:
        marks.set_apart(tree.css(selector) if selector else (), by_rule)
    return Shown(findings, _put_signs(tree, tags if named else b"", inline, sheets))


def _doubts(tags: bytes, inline: bytes, named: bool) -> list[str]:
    """Selectors of what may be hard to see."""
    out = [selector for word, selector in _DOUBTS_IN_STYLES if word.search(inline)]
    if b"background" in inline and _OWN_GROUND.search(inline):
        out.append("[style*='background' i]")
    if named and b"<small" in tags:
        out.append("small")
    if any(w in tags for w in _HIDING_WORDS) and _HIDING_CLASS.search(tags):
        out.append(_HIDING_CLASSES)
    if named and _FONT.search(tags):
        out.append("font[color], font[size]")
    return out


@lru_cache(maxsize=2048)
def _verdict(style: str) -> tuple[str, str]:
    how = styles.hidden_how(style)
    return how, "" if how else styles.doubt_of(style)


def _doubtful(
    tree: LexborHTMLParser,
    selector: str,
    sheets: Sheets | None,
    by_rule: Sequence[tuple[LexborNode, bool]],
) -> Iterator[tuple[LexborNode, str]]:
    """Elements and the doubts on them; a mark that is small for being raised is in none."""
    raised = {node.mem_id for node, is_sure in by_rule if is_sure}
    for node, doubt in _all_doubtful(tree, selector, sheets):
        if doubt != styles.SMALL or not marks.is_mark(node, raised):
            yield node, doubt
    for node, is_sure in by_rule:
        if not is_sure:
            yield node, styles.RAISED


def _all_doubtful(
    tree: LexborHTMLParser, selector: str, sheets: Sheets | None
) -> Iterator[tuple[LexborNode, str]]:
    for node in tree.css(selector) if selector else ():
        attributes = node.attributes
        doubt = _verdict(style_of(attributes))[1]
        if node.tag == "font":
            doubt = doubt or font_doubt(attributes)
        elif node.tag == "small":
            doubt = doubt or styles.SMALL
        if not doubt and not _HIDING_NAMES.isdisjoint((attributes.get("class") or "").split()):
            doubt = styles.CLIPPED
        if doubt:
            yield node, doubt
    if sheets is None:
        return
    for node, doubt in sheets.doubts():
        if not overrides(style_of(node.attributes), doubt):
            yield node, doubt
    for node, how, is_sure in sheets.hidden():
        # What is surely hidden is gone; of the rest another rule says that it is shown.
        if (
            not is_sure
            and node.tag not in NOT_IN_CELLS
            and not overrides(style_of(node.attributes), how)
        ):
            yield node, styles.CLIPPED


def _put_signs(tree: LexborHTMLParser, tags: bytes, inline: bytes, sheets: Sheets | None) -> bool:
    """Signs of ``html_ink`` for what has no text and no element of its own."""
    put = False
    if b"url(" in inline:
        for node in tree.css("[style*='url(' i]"):
            if node.tag not in NOT_IN_CELLS and not node.text().strip() and path_to_cell(node):
                node.insert_child(ink.PICTURE)
                put = True
    selector = []
    if b"<math" in tags:
        selector.append(_SETTINGS)
    if b"<bdo" in tags:
        selector.append("bdo[dir='rtl' i]")
    if b"<progress" in tags or b"<meter" in tags:
        selector.append("progress, meter")
    for node in tree.css(", ".join(selector)) if selector else ():
        if path_to_cell(node):
            node.insert_before(ink.SETTING if node.tag not in _BARS else ink.DRAWING)
            put = True
    for node, text in sheets.added() if sheets and sheets.adding else ():
        path = [node] if node.tag in CELLS else path_to_cell(node)
        figures = any(c.isdigit() for c in text)
        if path is None or node.tag in _VOID:
            continue
        # A tick or a bullet beside a number is no part of it; alone in a cell it is something.
        if figures or not path[-1].text().strip():
            node.insert_child(ink.STYLED)
            put = True
    return put


def _take_out(tree: LexborHTMLParser, selector: str, sheets: Sheets | None) -> Iterator[Finding]:
    candidates = [
        (node, how)
        for node in (tree.css(selector) if selector else ())
        if (how := _hidden_how(node))
    ]
    if sheets is not None:
        candidates += [
            (node, how)
            for node, how, is_sure in sheets.hidden()
            if is_sure and not overrides(style_of(node.attributes), how)
        ]
    if not candidates:
        return
    around_tables: set[int] = set()
    for table in tree.css("table"):
        mark_up(table, around_tables)
    gone: list[LexborNode] = []
    chosen: set[int] = set()
    hidden_boxes: list[LexborNode] = []
    for node, how in candidates:
        tag = node.tag or ""
        if how != styles.STRUCK and (tag == "table" or node.mem_id in around_tables):
            if tag not in ("td", "th", "tr", "html", "body") and not _may_show(node, how):
                hidden_boxes.append(node)
            continue
        if node.mem_id in around_tables:
            continue
        if tag in CELLS:
            if how == styles.DISPLAY:
                # The reader looks for this attribute; it knows what a missing cell means.
                node.attrs["hidden"] = ""
            elif len(node.text()) <= _LONG and not _is_shown_inside(node, how):
                gone += _unless_chosen(node.iter(include_text=True), chosen)
            continue
        if tag in _ROWS and how != styles.STRUCK and not _may_show(node, how):
            # Rows are read all the same; the reader says so.
            for row in [node] if tag == "tr" else [r for r in node.iter() if r.tag == "tr"]:
                row.attrs["hidden"] = ""
        if tag in NOT_IN_CELLS or _is_shown_inside(node, how):
            continue
        path = path_to_cell(node)
        if path is None or any(p.mem_id in chosen for p in path) or len(node.text()) > _LONG:
            continue
        gone += _unless_chosen([node], chosen)
    # All is chosen before anything is freed: freed elements must not be looked at again.
    texts = [text for node in gone if (text := " ".join(node.text().split()))]
    tables, kept = hidden_tables(tree, hidden_boxes) if hidden_boxes else ([], 0)
    inside = {t.mem_id for t in tables}
    for node in gone:
        if not inside or not stands_in(node, inside):
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
    if kept:
        yield Finding(
            "hidden_table",
            "warning",
            f"{kept} table(s) stand in a part of the page that is hidden at first; they were read",
            f"页面初始隐藏的部分含有 {kept} 个表格，已一并读取",
            detail=(("tables", kept),),
        )


def _unless_chosen(
    nodes: Iterator[LexborNode] | list[LexborNode], chosen: set[int]
) -> list[LexborNode]:
    new = [node for node in nodes if node.mem_id not in chosen]
    chosen.update(node.mem_id for node in new)
    return new


def _hidden_how(node: LexborNode) -> str:
    """A verdict of ``html_styles.hidden_how``; empty when a browser may show the element."""
    if node.tag in ("del", "s", "strike"):
        return styles.STRUCK
    attributes = node.attributes
    if "hidden" in attributes:
        return styles.DISPLAY
    return _verdict(style_of(attributes))[0]


def _is_shown_inside(node: LexborNode, how: str) -> bool:
    return how in _SHOWN_AGAIN and len(node.text()) <= _LONG and _may_show(node, how)


def _may_show(node: LexborNode, how: str) -> bool:
    """Size and visibility can be set back by an element inside; what is not shown can't be."""
    selector = _SHOWN_AGAIN.get(how)
    if selector is None:
        return False
    return any(inner.mem_id != node.mem_id for inner in node.css(selector))
