"""HTML text in, a ``Document`` out: headings, paragraphs and tables in reading order.

Tables are read from the parsed tree with their spans opened; tables that only lay out the page
are taken apart and their contents read in order. Scripts, styles, form fields and site chrome in
``<nav>``, ``<header>``, ``<footer>``, ``<aside>`` (unless a table or a title stands in it) are
left out; nothing else is dropped unless a known article container holds the report
(``html_article``) or a browser hides it in a cell (``html_hidden``). Refuses, with
``LimitExceededError``, what ``html_limits`` refuses and pages nested deeper than ``MAX_DEPTH``.

Speed: calls from Python into the tree are what costs. So one selector call fetches every element
that is out of the ordinary; what is not around such an element is read with one call a paragraph
or cell, and attributes are read only where one of them can matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from govreport_parse.documents import html_article
from govreport_parse.documents import html_ink as ink
from govreport_parse.documents.grid import (
    CLAMPED,
    MAX_CELLS,
    MAX_COLSPAN,
    MAX_ROWSPAN,
    Row,
    parse_span,
    place_group,
    slice_rows,
)
from govreport_parse.documents.html_article import Item
from govreport_parse.documents.html_hidden import show_cells
from govreport_parse.documents.html_limits import MAX_DEPTH, refuse_bombs
from govreport_parse.documents.model import Document, Heading, Table
from govreport_parse.errors import LimitExceededError
from govreport_parse.values import Finding, Locator

_TEXT, _SKIP, _BREAK, _BLOCK, _LEAF, _P, _TABLE, _IMAGE, _PRE, _CHROME, _FIELD, _INLINE = range(12)

_UNREAD = """
    script style select textarea noscript iframe template svg object embed audio video canvas
    noembed noframes datalist rt rp head title meta link base col colgroup
"""
_BLOCKS = """
    div article main section ul ol dl menu dir center blockquote form fieldset legend figure
    figcaption address details summary body html frameset thead tbody tfoot tr td th caption
    hgroup search dialog marquee button optgroup option
"""
_KINDS: dict[int, tuple[str, ...]] = {
    _SKIP: tuple(_UNREAD.split()),
    _BREAK: ("br", "hr"),
    _BLOCK: tuple(_BLOCKS.split()),
    _LEAF: ("li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
    _P: ("p",),
    _TABLE: ("table",),
    _IMAGE: ("img",),
    _FIELD: ("input",),
    _PRE: ("pre", "xmp", "listing", "plaintext"),
    _CHROME: ("nav", "header", "footer", "aside"),
}

# Everything but the commonest elements, and of the cells those with a real span or hidden ones.
# One pass in C. Looking for a hidden cell in the middle of each style would double its time;
# html_hidden gives such cells the attribute.
_UNUSUAL = (
    ":not(span, p, font,"
    " td:not([colspan]:not([colspan='1']), [rowspan]:not([rowspan='1']), [hidden],"
    " [style^='display' i]),"
    " o\\:p, li, a, tr, div, strong, b)"
)

_BIG_PAGE = 400_000
_BASE64 = ";base64,"
_SEPARATOR = "\x1f"
_PAGE_BREAK = "#PAGE_BREAK#"

# A nested table of so many cells is data, whatever stands around it; a smaller one is so only
# when it is not drowned in the cells of a data table.
_NESTED_DATA = 8
_NESTED_SMALL = 4
_SIMPLE_CELLS_AROUND_SMALL = 40
_ARTICLE_CHARS = 400
_ARTICLE_PARTS = 3
_HEADED_CHARS = 120
_SIMPLE_CELLS_AROUND_NOTE = 20


def read_html(text: str, *, url: str | None = None, utf8: bytes | None = None) -> Document:
    """The page as a document; ``text`` is decoded already.

    ``utf8`` may give the same text as UTF-8 where the caller has it, which saves encoding it.

    ``meta`` holds the page's ``<meta>`` values by lower-case name (``articletitle``, ``pubdate``,
    ``contentsource``, ``siteidcode`` ...), ``title``, ``ucaptitle``, ``breadcrumb`` and ``url``
    where there are such. Findings: ``js_shell``, ``content_in_iframe``, ``span_clamped``,
    ``hidden_rows``, ``hidden_cells``, ``hidden_text`` (``html_hidden``).
    Raises ``LimitExceededError``.
    """
    data = _for_parser(text, utf8)
    refuse_bombs(data)
    try:
        # With scripting on, <noscript> is one text node and can't close <head> early.
        tree = LexborHTMLParser(data, scripting=True)
    except SelectolaxError as error:
        raise LimitExceededError(
            f"the HTML parser gave up: {error}",
            hint="the page needs more memory than is allowed; open it in a browser",
            context={"bytes": len(data)},
        ) from error

    def select(selector: str) -> list[LexborNode]:
        try:
            return tree.css(selector)
        except SelectolaxError:
            return []

    shown = show_cells(tree, data, select)
    reader = _Reader(tree, has_signs=shown.has_signs)
    reader.findings += shown.findings
    root = tree.body or tree.root
    blocks = reader.walk(root) if root is not None else []
    if reader.has_signs:
        blocks = _without_signs(blocks)
    if url:
        reader.meta.setdefault("url", url)
    return html_article.finish(
        blocks,
        meta=reader.meta,
        containers=reader.containers,
        pictures=[place for place, _ in reader.pictures],
        shows=reader.shows_content,
        scripts=reader.scripts,
        frames=reader.frames,
        findings=reader.findings,
    )


def _for_parser(text: str, data: bytes | None) -> bytes:
    if len(text) > _BIG_PAGE and _BASE64 in text:
        text, data = _cut_base64(text), None
    if data is None:
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = re.sub("[\ud800-\udfff]", "\ufffd", text).encode()
    if b"\0" in data:
        # The parser would drop it and join what stood on both sides: "1\02" is not 12.
        data = data.replace(b"\0", "\ufffd".encode())
    return data


def _cut_base64(text: str) -> str:
    """Shorten pictures in ``data:`` addresses; they are most of a big page and never read."""
    kept: list[str] = []
    done = 0
    while (at := text.find(_BASE64, done)) >= 0:
        start = at + html_article.DATA_URL_KEPT
        # The character before "data:" tells how the address ends.
        opened = text[text.rfind("data:", max(done, at - 100), at) - 1]
        end = text.find(opened if opened in "\"'" else ")" if opened == "(" else ">", at)
        kept.append(text[done : at + len(_BASE64)])
        done = at + len(_BASE64)
        data = text[done:end]
        if end > start and data.isascii() and not any(sign in data for sign in "<> "):
            kept.append(text[done:start])
            done = end
    kept.append(text[done:])
    return "".join(kept)


def _kinds_by_id() -> tuple[dict[int, int], dict[str, int], dict[int, int]]:
    """Kind by the parser's number for a tag, that number by name, heading level by number."""
    maker = LexborHTMLParser("")
    ids = {
        name: maker.create_node(name).tag_id
        for names in (*_KINDS.values(), ("frame", "th"))
        for name in names
    }
    kinds = {ids[name]: kind for kind, names in _KINDS.items() for name in names}
    sample = LexborHTMLParser("<p>x<!--x--></p>").css_first("p")
    assert sample is not None
    children = list(sample.iter(include_text=True))
    kinds[children[0].tag_id] = _TEXT
    kinds[children[1].tag_id] = _SKIP
    return kinds, ids, {ids[f"h{level}"]: level for level in range(1, 7)}


_KIND, _ID, _LEVEL = _kinds_by_id()
_TD, _TH, _TR, _P_TAG = _ID["td"], _ID["th"], _ID["tr"], _ID["p"]
_PLAIN = (_P_TAG, next(tag for tag, kind in _KIND.items() if kind == _TEXT))
_THEAD, _TFOOT, _CAPTION = _ID["thead"], _ID["tfoot"], _ID["caption"]
_NAMED = frozenset(_ID[name] for name in ("div", "article", "main", "section", "ul", "ol", "td"))
_SCRIPT, _META, _TITLE, _IFRAME, _FRAME = (
    _ID[name] for name in ("script", "meta", "title", "iframe", "frame")
)
_LISTS = frozenset(_ID[name] for name in ("ul", "ol", "dl"))
_HIDES_TEXT = frozenset(_ID[name] for name in _KINDS[_SKIP])
_INK = frozenset(
    _ID[name]
    for name in ("script", "textarea", "select", "svg", "object", "embed", "canvas", "iframe")
) | {_ID["video"], _ID["audio"]}
_MARKING = _HIDES_TEXT | {
    _ID[name] for name in ("br", "hr", "img", "table", "form", "input", *_KINDS[_PRE])
}
_KNOWN_IDS = 4096  # larger numbers belong to tags that HTML does not know


@dataclass(slots=True)
class _Candidate:
    """A cell that may be layout rather than data."""

    row: int
    index: int
    node: LexborNode
    lines: list[str] | None
    keep_among: int
    """It is data all the same when so many plain cells stand in the table."""


class _Reader:
    """Walks one tree. Holds what was learnt of it in the first pass."""

    def __init__(self, tree: LexborHTMLParser, *, has_signs: bool = False) -> None:
        self.has_signs = has_signs
        """Some text holds signs of ``html_ink``."""
        self.meta: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.containers: list[html_article.Container] = []
        self.pictures: list[tuple[int, LexborNode]] = []
        self.frames: list[str] = []
        self.scripts = 0
        self.tables = 0
        self.cells = 0
        self.before_table = 0
        self.hidden_in_table = False
        self.marked: set[int] = set()
        """Elements around something that a plain text call would read wrongly."""
        self.around_tables: set[int] = set()
        self.spans: dict[int, tuple[int, int]] = {}
        self.hidden_cells: set[int] = set()
        self.spanned_rows: set[int] = set()
        self.custom: dict[int, str] = {}
        self._survey(tree)

    def _survey(self, tree: LexborHTMLParser) -> None:
        for node in tree.css(_UNUSUAL):
            tag = node.tag_id
            if tag in (_TD, _TH):
                self._note_spans(node)
            elif tag in _MARKING:
                if _KIND[tag] == _TABLE:
                    _mark_ancestors(node, self.around_tables)
                _mark_ancestors(node, self.marked)
                self._note_head(node, tag)
            elif tag == _FRAME:
                self._note_frame(node)
            elif tag > _KNOWN_IDS and tag not in self.custom:
                self.custom[tag] = node.tag or ""
                if "-" in self.custom[tag]:
                    _mark_ancestors(node, self.marked)
                if self.custom[tag] == "ucaptitle":
                    self._set_meta("ucaptitle", node.text())

    def _note_spans(self, cell: LexborNode) -> None:
        attributes = cell.attributes
        down = parse_span(attributes.get("rowspan"), MAX_ROWSPAN)
        across = parse_span(attributes.get("colspan"), MAX_COLSPAN) or 1
        if _is_hidden(attributes):
            self.hidden_cells.add(cell.mem_id)
            _mark_ancestors(cell, self.marked)
        elif down != 1 or across != 1:
            self.spans[cell.mem_id] = (down, across)
            row = cell.parent
            if row is not None:
                self.spanned_rows.add(row.mem_id)

    def _note_head(self, node: LexborNode, tag: int) -> None:
        if tag == _SCRIPT:
            self.scripts += 1
        elif tag == _META:
            attributes = node.attributes
            name = attributes.get("name") or attributes.get("property")
            if name:
                self._set_meta(name.strip().lower(), attributes.get("content") or "")
        elif tag == _TITLE:
            parent = node.parent
            if parent is not None and parent.tag != "svg":
                self._set_meta("title", node.text())
        elif tag == _IFRAME:
            self._note_frame(node)

    def _note_frame(self, node: LexborNode) -> None:
        source = node.attributes.get("src")
        if source and not source.startswith(("about:", "javascript:", "data:")):
            self.frames.append(source.strip())

    def _set_meta(self, name: str, value: str) -> None:
        value = value.strip()
        if value:
            self.meta.setdefault(name, value)

    def walk(self, root: LexborNode, *, flat: bool = False) -> list[Item]:
        """The blocks under ``root`` in reading order.

        ``flat`` reads one table cell: tables in it are lines of text like anything else, and
        containers and chrome are not looked at.
        """
        blocks: list[Item] = []
        inline: list[str] = []
        level = 0
        kinds = _KIND
        marked = self.marked
        append = blocks.append
        frames: list[Iterator[LexborNode]] = [root.iter(True)]
        # A block ends here; index of its container or -1; heading level outside.
        ends: list[tuple[bool, int, int]] = [(True, -1, 0)]

        def flush() -> None:
            if inline:
                _emit(blocks, "".join(inline), level)
                inline.clear()

        while frames:
            for node in frames[-1]:
                tag = node.tag_id
                if tag == _P_TAG and node.mem_id not in marked:
                    # The commonest case, in as few steps as it can be done.
                    if inline:
                        flush()
                    run = node.text_lexbor().strip()
                    if run and not level and "\n" not in run and "#" not in run:
                        append(run)
                    else:
                        _emit(blocks, run, level)
                    continue
                kind = kinds.get(tag, _INLINE)
                if kind == _TEXT:
                    piece = node.text_content
                    if piece and (inline or not piece.isspace()):
                        inline.append(piece)
                    continue
                if kind == _INLINE:
                    container = self._ucap(tag, len(blocks)) if self.custom else -1
                    if flat and tag > _KNOWN_IDS and node.first_child is None:
                        self._sign(ink.SCRIPT if "-" in self.custom[tag] else "", inline)
                    if container >= 0:
                        flush()
                    frames.append(node.iter(True))
                    ends.append((container >= 0, container, level))
                    break
                if kind == _SKIP:
                    if flat and tag in _INK:
                        has_source = bool(node.attributes.get("src"))
                        self._sign(ink.of_unread(node.tag or "", node.text(), has_source), inline)
                    continue
                if kind == _FIELD:
                    # Some sites print figures in fields; a browser shows their values.
                    if flat:
                        self._sign(ink.of_field(node.attributes), inline)
                    continue
                if kind == _IMAGE:
                    if flat:
                        self._sign(ink.of_picture(node.attributes), inline)
                    self.pictures.append((self.before_table if flat else len(blocks), node))
                    continue
                if inline:
                    flush()
                if kind == _LEAF:
                    own_level = _LEVEL.get(tag, level)
                    leaf = None
                    if node.mem_id not in marked:
                        leaf = node.text(True, _SEPARATOR, False, True)
                    if leaf is None or _SEPARATOR in leaf:
                        frames.append(node.iter(True))
                        ends.append((True, -1, level))
                        level = own_level
                        break
                    leaf = leaf.strip()
                    if own_level or "\n" in leaf or "#" in leaf:
                        _emit(blocks, leaf, own_level)
                    elif leaf:
                        append(leaf)
                elif kind in (_BLOCK, _P) or (kind == _TABLE and flat):
                    container = -1
                    if tag in _NAMED and not flat:
                        container = self._container(node, len(blocks))
                    # Blanks between list items are no text; elsewhere they may part two words.
                    frames.append(node.iter(True, tag in _LISTS))
                    ends.append((True, container, level))
                    break
                elif kind == _TABLE:
                    frames.append(self._table(node, blocks))
                    ends.append((True, -1, level))
                    break
                elif kind == _PRE:
                    for line in node.text().split("\n"):
                        _emit(blocks, line, level)
                elif kind == _CHROME and (flat or self._keep_chrome(node)):
                    frames.append(node.iter(True))
                    ends.append((True, -1, level))
                    break
            else:
                frames.pop()
                block_ends, container, outer_level = ends.pop()
                if block_ends:
                    flush()
                    level = outer_level
                if container >= 0:
                    self.containers[container].close(len(blocks), len(self.pictures))
            if len(frames) > MAX_DEPTH:
                raise LimitExceededError(
                    f"elements are nested more than {MAX_DEPTH} deep",
                    hint="the markup is broken beyond reading or hostile",
                    context={"limit": "depth", "value": MAX_DEPTH},
                )
        return blocks

    def _sign(self, shown: str, inline: list[str]) -> None:
        """What an element without text shows in a cell: a value between blanks, or a sign."""
        if shown:
            inline.append(shown)
            self.has_signs = self.has_signs or shown[0] != " "

    def shows_content(self, picture: int) -> bool:
        """Picture number ``picture`` is no icon. Asked for late: its ``src`` may be megabytes."""
        return html_article.is_picture(self.pictures[picture][1].attributes)

    def _ucap(self, tag: int, start: int) -> int:
        if self.custom.get(tag) != "ucapcontent":
            return -1
        return self._open_container(0, start)

    def _open_container(self, rank: int, start: int) -> int:
        self.containers.append(html_article.Container(rank, start, len(self.pictures)))
        return len(self.containers) - 1

    def _container(self, node: LexborNode, start: int) -> int:
        """Index in ``containers`` when the element is one of the known article containers."""
        attributes = node.attributes
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".split()
        rank = html_article.rank_of(node.tag or "", names)
        if rank is None:
            if "breadcrumb" not in self.meta and html_article.is_breadcrumb(names):
                self._set_breadcrumb(node)
            return -1
        return self._open_container(rank, start)

    def _set_breadcrumb(self, node: LexborNode) -> None:
        text = html_article.breadcrumb(node.text(separator=" "))
        if text:
            self.meta["breadcrumb"] = text

    def _keep_chrome(self, node: LexborNode) -> bool:
        attributes = node.attributes
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".split()
        if "breadcrumb" not in self.meta and html_article.is_breadcrumb(names):
            self._set_breadcrumb(node)
        if node.mem_id in self.around_tables:
            return True
        return node.css_first("h1, h2") is not None

    def _texts(self, cell: LexborNode) -> Iterator[str | Heading]:
        return (b for b in self.walk(cell, flat=True) if not isinstance(b, Table))

    def _lines(self, cell: LexborNode) -> list[str]:
        return [b if isinstance(b, str) else b.text for b in self._texts(cell)]

    def _table(self, node: LexborNode, blocks: list[Item]) -> Iterator[LexborNode]:
        """Append what the table holds to ``blocks``; yields the cells that are to be walked."""
        self.before_table = len(blocks)
        self.hidden_in_table = False
        captions, groups = _row_groups(node)
        for caption in captions:
            for line in self._lines(caption):
                _emit(blocks, line, 0)
        grid = Table(0)
        candidates: list[_Candidate] = []
        next_row = 0
        widest = 0
        for group in groups:
            rows: list[Row] = []
            for tr in group:
                row = self._row(tr, next_row + len(rows), candidates)
                rows.append(row)
                widest = max(widest, len(row[0]))
                self._note_hidden(tr, grid)
            next_row = place_group(grid, rows, next_row)
        if self.hidden_in_table:
            grid.notes.append("hidden_cells")
        self.cells += len(grid)
        if self.cells > MAX_CELLS:
            raise LimitExceededError(
                f"the tables of the page have more than {MAX_CELLS} cells",
                hint="no report comes near this",
                context={"limit": "cells", "value": MAX_CELLS},
            )
        layout = self._settle(grid, candidates)
        if not layout:
            self._emit_rows(grid, 0, next_row, blocks, layout=False)
            return
        start = 0
        cells_of: dict[int, list[int]] = {row: [] for row, _ in layout}
        for i, row_number in enumerate(grid.rows):
            if row_number in cells_of:
                cells_of[row_number].append(i)
        for row_number, cells in cells_of.items():
            self._emit_rows(grid, start, row_number, blocks, layout=True)
            for index, i in enumerate(cells):
                cell = layout.get((row_number, index))
                if cell is not None:
                    yield cell
                else:
                    for line in grid.texts[i].split("\n"):
                        _emit(blocks, line, 0)
            start = row_number + 1
        self._emit_rows(grid, start, next_row, blocks, layout=True)

    def _settle(
        self, grid: Table, candidates: list[_Candidate]
    ) -> dict[tuple[int, int], LexborNode]:
        """The cells that are layout, by (row, index in row); the others get their text."""
        if not candidates:
            return {}
        plain = len(grid) - len(candidates)
        layout = {}
        for c in candidates:
            if plain < c.keep_among:
                layout[c.row, c.index] = c.node
            elif c.lines is None:
                grid.texts[grid.rows.index(c.row) + c.index] = "\n".join(self._lines(c.node))
        return layout

    def _note_hidden(self, tr: LexborNode, grid: Table) -> None:
        if _is_hidden(tr.attributes):
            grid.notes.append("hidden_rows")

    def _row(self, tr: LexborNode, number: int, candidates: list[_Candidate]) -> Row:
        identity = tr.mem_id
        if identity in self.marked:
            return self._marked_row(tr, number, candidates)
        texts: list[str] = []
        spans: dict[int, tuple[int, int]] | None = None
        of_cell = self.spans if identity in self.spanned_rows else None
        for cell in tr.iter():
            if of_cell and (mem := cell.mem_id) in of_cell:
                spans = spans or {}
                spans[len(texts)] = of_cell[mem]
            child = cell.first_child
            if child is None:
                texts.append("")
                continue
            if child.next is None:
                tag = child.tag_id
                if tag in _PLAIN:
                    text = child.text_lexbor().strip()
                    texts.append(_unwrap(text) if "\n" in text else text)
                    continue
            text = cell.text(True, _SEPARATOR, False, True).strip()
            if _SEPARATOR in text:
                text = self._cell_of_pieces(cell, number, len(texts), candidates)
            elif "\n" in text:
                text = _unwrap(text)
            texts.append(text)
        return texts, spans

    def _marked_row(self, tr: LexborNode, number: int, candidates: list[_Candidate]) -> Row:
        """A row with line breaks, scripts, pictures, form fields or tables in it."""
        texts: list[str] = []
        spans: dict[int, tuple[int, int]] = {}
        for cell in tr.iter():
            if cell.tag_id not in (_TD, _TH):
                continue
            identity = cell.mem_id
            if identity in self.hidden_cells:
                self.hidden_in_table = True
                continue
            if identity in self.spans:
                spans[len(texts)] = self.spans[identity]
            if identity in self.marked:
                text = self._marked_cell(cell, identity, number, len(texts), candidates)
            else:
                text = cell.text(True, _SEPARATOR, False, True).strip()
                if _SEPARATOR in text:
                    text = self._cell_of_pieces(cell, number, len(texts), candidates)
                elif "\n" in text:
                    text = _unwrap(text)
            texts.append(text)
        return texts, spans

    def _cell_of_pieces(
        self, cell: LexborNode, row: int, index: int, candidates: list[_Candidate]
    ) -> str:
        lines = self._lines_of_paragraphs(cell)
        if lines is None:
            lines = self._lines(cell)
        return _weigh(cell, row, index, lines, candidates)

    def _lines_of_paragraphs(self, cell: LexborNode) -> list[str] | None:
        """Lines of a cell that holds nothing but plain ``<p>``, the commonest shape; else None."""
        lines = []
        for child in cell.iter(True, True):
            if child.tag_id != _P_TAG:
                return None
            text = child.text_lexbor().strip()
            if text:
                lines.append(_unwrap(text) if "\n" in text else text)
        return lines

    def _marked_cell(
        self,
        cell: LexborNode,
        identity: int,
        row: int,
        index: int,
        candidates: list[_Candidate],
    ) -> str:
        if identity in self.around_tables:
            nested = len(cell.css("td, th")) - 1
            if nested >= _NESTED_SMALL:
                keep_among = _SIMPLE_CELLS_AROUND_SMALL if nested < _NESTED_DATA else MAX_CELLS
                candidates.append(_Candidate(row, index, cell, None, keep_among))
                return ""
        lines = self._lines(cell)
        return _weigh(cell, row, index, lines, candidates)

    def _emit_rows(
        self, grid: Table, start: int, stop: int, blocks: list[Item], *, layout: bool
    ) -> None:
        """Rows ``start`` to ``stop`` as a table, or as paragraphs when no row has two cells."""
        if not grid.rows or start >= stop:
            return
        part = grid if not layout else slice_rows(grid, start, stop, 0)
        if not part.rows or (layout and not any(part.texts)):
            return
        if not any(a == b for a, b in zip(part.rows, part.rows[1:], strict=False)):
            for text in part.texts:
                for line in text.split("\n"):
                    _emit(blocks, line, 0)
            return
        self.tables += 1
        part.number = self.tables
        if self.has_signs and (seen := ink.show_signs(part)):
            self.findings.append(seen)
        if part.notes:
            part.notes = list(dict.fromkeys(part.notes))
            self.findings.extend(_table_findings(part))
        blocks.append(part)


def _is_hidden(attributes: Mapping[str, str | None]) -> bool:
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


def _emit(blocks: list[Item], text: str, level: int) -> None:
    text = text.strip()
    if not text:
        return
    if "\n" in text:
        text = _unwrap(text)
    if _PAGE_BREAK in text:
        text = text.replace(_PAGE_BREAK, "").strip()
        if not text:
            return
    blocks.append(Heading(text, level) if level else text)


def _unwrap(text: str) -> str:
    """A line break in the source is a blank, as in a browser; ``\\n`` is kept for real breaks."""
    return " ".join(part for line in text.split("\n") if (part := line.strip(" \t\r\f")))


def _without_signs(blocks: list[Item]) -> list[Item]:
    """The same without signs in texts: outside tables a picture is no figure."""
    out: list[Item] = []
    for block in blocks:
        if isinstance(block, str):
            if text := ink.without_signs(block):
                out.append(text)
        elif isinstance(block, Heading):
            if text := ink.without_signs(block.text):
                out.append(Heading(text, block.level))
        else:
            out.append(block)
    return out


def _row_groups(table: LexborNode) -> tuple[list[LexborNode], list[list[LexborNode]]]:
    """Captions, and rows by group in the order in which a browser shows them."""
    captions: list[LexborNode] = []
    parts: tuple[list[list[LexborNode]], ...] = ([], [], [])
    for child in table.iter():
        tag = child.tag_id
        if tag == _CAPTION:
            captions.append(child)
        elif tag == _TR:
            parts[1].append([child])
        else:
            rows = [tr for tr in child.iter() if tr.tag_id == _TR]
            if rows:
                parts[0 if tag == _THEAD else 2 if tag == _TFOOT else 1].append(rows)
    return captions, [*parts[0], *parts[1], *parts[2]]


def _weigh(
    cell: LexborNode, row: int, index: int, lines: list[str], candidates: list[_Candidate]
) -> str:
    """The cell's text; notes the cell as a candidate when it looks like an article."""
    text = "\n".join(lines)
    if _PAGE_BREAK in text:
        text = text.replace(_PAGE_BREAK, "").strip()
    if len(lines) > 1 and len(text) >= _HEADED_CHARS:
        if any(html_article.names_section(line) for line in lines):
            candidates.append(_Candidate(row, index, cell, lines, MAX_CELLS))
        elif len(text) > _ARTICLE_CHARS and len(lines) >= _ARTICLE_PARTS:
            candidates.append(_Candidate(row, index, cell, lines, _SIMPLE_CELLS_AROUND_NOTE))
    return text


def _table_findings(table: Table) -> Iterator[Finding]:
    where = Locator(table=table.number)
    if CLAMPED in table.notes:
        yield Finding(
            "span_clamped",
            "info",
            f"table {table.number}: a cell spans more rows or columns than there are",
            f"第{table.number}个表格中有单元格的跨行或跨列数超出表格范围",
            locator=where,
        )
    if "hidden_cells" in table.notes:
        yield Finding(
            "hidden_cells",
            "info",
            f"table {table.number} has cells that a browser does not show; they were left out",
            f"第{table.number}个表格含有页面上不显示的单元格，未读取",
            locator=where,
        )
    if "hidden_rows" in table.notes:
        yield Finding(
            "hidden_rows",
            "warning",
            f"table {table.number} has rows that a browser does not show; they were read",
            f"第{table.number}个表格含有页面上不显示的行，已一并读取",
            locator=where,
        )
