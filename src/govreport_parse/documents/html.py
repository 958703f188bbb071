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
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from govreport_parse.documents import html_article
from govreport_parse.documents import html_ink as ink
from govreport_parse.documents.html_article import Item
from govreport_parse.documents.html_cut import mark_cut_cell
from govreport_parse.documents.html_hidden import show_cells
from govreport_parse.documents.html_limits import MAX_DEPTH, refuse_bombs
from govreport_parse.documents.html_lines import SEPARATOR, emit, without_signs
from govreport_parse.documents.html_survey import Survey
from govreport_parse.documents.html_table import TableReader
from govreport_parse.documents.html_tags import (
    BLOCK,
    CHROME,
    FIELD,
    IMAGE,
    INK,
    INLINE,
    KIND,
    KNOWN_IDS,
    LEAF,
    LEVEL,
    LISTS,
    NAMED,
    P_TAG,
    PRE,
    SKIP,
    TABLE,
    TEXT,
    P,
)
from govreport_parse.documents.model import Document, Table
from govreport_parse.errors import LimitExceededError
from govreport_parse.values import Finding

_BIG_PAGE = 400_000
_BASE64 = ";base64,"


def read_html(text: str, *, url: str | None = None, utf8: bytes | None = None) -> Document:
    """The page as a document; ``text`` is decoded already.

    ``utf8`` may give the same text as UTF-8 where the caller has it, which saves encoding it.

    ``meta`` holds the page's ``<meta>`` values by lower-case name (``articletitle``, ``pubdate``,
    ``contentsource``, ``siteidcode`` ...), ``title``, ``ucaptitle``, ``breadcrumb`` and ``url``
    where there are such. Findings: ``js_shell``, ``content_in_iframe``, ``span_clamped``,
    ``hidden_rows``, ``hidden_cells``, ``hidden_text`` (``html_hidden``), ``cell_cut``
    (``html_cut``). Raises ``LimitExceededError``.
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
    cut = mark_cut_cell(tree, data)
    survey = Survey(tree)
    survey.has_signs = shown.has_signs
    reader = _Reader(survey, [*shown.findings, *([cut] if cut else [])])
    root = tree.body or tree.root
    blocks = reader.walk(root) if root is not None else []
    if survey.has_signs:
        blocks = without_signs(blocks)
    if url:
        survey.meta.setdefault("url", url)
    return html_article.finish(
        blocks,
        meta=survey.meta,
        containers=reader.containers,
        pictures=[place for place, _ in reader.pictures],
        shows=reader.shows_content,
        scripts=survey.scripts,
        frames=survey.frames,
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


class _Reader(TableReader):
    """Walks one tree of which the survey is known."""

    def __init__(self, survey: Survey, findings: list[Finding]) -> None:
        super().__init__(survey, findings)
        self._meta = survey.meta
        self._custom = survey.custom
        self._before_table = 0
        self.containers: list[html_article.Container] = []
        self.pictures: list[tuple[int, LexborNode]] = []

    def walk(self, root: LexborNode, *, flat: bool = False) -> list[Item]:
        """The blocks under ``root`` in reading order.

        ``flat`` reads one table cell: tables in it are lines of text like anything else, and
        containers and chrome are not looked at.
        """
        blocks: list[Item] = []
        inline: list[str] = []
        level = 0
        kinds = KIND
        marked = self._marked
        append = blocks.append
        frames: list[Iterator[LexborNode]] = [root.iter(True)]
        # A block ends here; index of its container or -1; heading level outside.
        ends: list[tuple[bool, int, int]] = [(True, -1, 0)]

        def flush() -> None:
            if inline:
                emit(blocks, "".join(inline), level)
                inline.clear()

        while frames:
            for node in frames[-1]:
                tag = node.tag_id
                if tag == P_TAG and node.mem_id not in marked:
                    # The commonest case, in as few steps as it can be done.
                    if inline:
                        flush()
                    run = node.text_lexbor().strip()
                    if run and not level and "\n" not in run and "#" not in run:
                        append(run)
                    else:
                        emit(blocks, run, level)
                    continue
                kind = kinds.get(tag, INLINE)
                if kind == TEXT:
                    piece = node.text_content
                    if piece and (inline or not piece.isspace()):
                        inline.append(piece)
                    continue
                if kind == INLINE:
                    container = self._ucap(tag, len(blocks)) if self._custom else -1
                    if flat and tag > KNOWN_IDS and node.first_child is None:
                        # Word's <o:p> is of the commonest elements: the survey does not name it.
                        name = self._custom.get(tag, "")
                        self._sign(ink.SCRIPT if "-" in name else "", inline)
                    if container >= 0:
                        flush()
                    frames.append(node.iter(True))
                    ends.append((container >= 0, container, level))
                    break
                if kind == SKIP:
                    if flat and tag in INK:
                        has_source = bool(node.attributes.get("src"))
                        self._sign(ink.of_unread(node.tag or "", node.text(), has_source), inline)
                    continue
                if kind == FIELD:
                    # Some sites print figures in fields; a browser shows their values.
                    if flat:
                        self._sign(ink.of_field(node.attributes), inline)
                    continue
                if kind == IMAGE:
                    if flat:
                        self._sign(ink.of_picture(node.attributes), inline)
                    self.pictures.append((self._before_table if flat else len(blocks), node))
                    continue
                if inline:
                    flush()
                if kind == LEAF:
                    own_level = LEVEL.get(tag, level)
                    leaf = None
                    if node.mem_id not in marked:
                        leaf = node.text(True, SEPARATOR, False, True)
                    if leaf is None or SEPARATOR in leaf:
                        frames.append(node.iter(True))
                        ends.append((True, -1, level))
                        level = own_level
                        break
                    leaf = leaf.strip()
                    if own_level or "\n" in leaf or "#" in leaf:
                        emit(blocks, leaf, own_level)
                    elif leaf:
                        append(leaf)
                elif kind in (BLOCK, P) or (kind == TABLE and flat):
                    container = -1
                    if tag in NAMED and not flat:
                        container = self._container(node, len(blocks))
                    # Blanks between list items are no text; elsewhere they may part two words.
                    frames.append(node.iter(True, tag in LISTS))
                    ends.append((True, container, level))
                    break
                elif kind == TABLE:
                    self._before_table = len(blocks)
                    frames.append(self.read_table(node, blocks))
                    ends.append((True, -1, level))
                    break
                elif kind == PRE:
                    for line in node.text().split("\n"):
                        emit(blocks, line, level)
                elif kind == CHROME and (flat or self._keep_chrome(node)):
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
            self.survey.has_signs = self.survey.has_signs or shown[0] != " "

    def shows_content(self, picture: int) -> bool:
        """Picture number ``picture`` is no icon. Asked for late: its ``src`` may be megabytes."""
        return html_article.is_picture(self.pictures[picture][1].attributes)

    def _ucap(self, tag: int, start: int) -> int:
        if self._custom.get(tag) != "ucapcontent":
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
            if "breadcrumb" not in self._meta and html_article.is_breadcrumb(names):
                self._set_breadcrumb(node)
            return -1
        return self._open_container(rank, start)

    def _set_breadcrumb(self, node: LexborNode) -> None:
        text = html_article.breadcrumb(node.text(separator=" "))
        if text:
            self._meta["breadcrumb"] = text

    def _keep_chrome(self, node: LexborNode) -> bool:
        attributes = node.attributes
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".split()
        if "breadcrumb" not in self._meta and html_article.is_breadcrumb(names):
            self._set_breadcrumb(node)
        if node.mem_id in self._around_tables:
            return True
        return node.css_first("h1, h2") is not None

    def lines(self, cell: LexborNode) -> list[str]:
        """What a cell or caption shows, line by line."""
        items = self.walk(cell, flat=True)
        return [b if isinstance(b, str) else b.text for b in items if not isinstance(b, Table)]
