"""An article of several web pages as one document: packed with its pages, read page by page.

``pack_pages`` puts the bytes of the pages, unchanged, behind a head that says what they are; the
result is what counts as the report's bytes. ``read_pages`` reads each page by itself and puts the
blocks together; every block and table says which page it is from (``Locator.page``). What all
pages of a site repeat (menus, title, footer) is kept once. A table that the next page goes on with
becomes one table whose rows know their pages. A page that is missing is a finding, never silent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from govreport_parse.documents.model import Block, Document, Table
from govreport_parse.errors import GovReportError
from govreport_parse.source import Source
from govreport_parse.values import Finding, Locator

MAGIC = b"<!--govreport-pages "
MOST_PAGES = 100
_END = b" -->\n"
_LONGEST_HEAD = 1_000_000
"""Bytes of the head: two addresses of the longest kind for each page."""
_OWN = 60
"""Characters of a paragraph that is the article's and no menu's, where no other page has it."""
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,2}\s{0,3}[、.．]|[（(][一二三四五六七八九十][）)]")
_TURNS = re.compile("上一?页|下一?页|前一页|后一页")
_TAG = re.compile(r"<[^<>]{0,4000}>")


@dataclass(frozen=True, slots=True)
class WebPage:
    """One page of an article as it came. ``number`` as the site counts, from 1."""

    number: int
    data: bytes
    url: str = ""
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A page of the article that is not there, or an address that gave something else, and why.

    ``number`` 0: which page is not known. ``missing``: something of the report is lost.
    """

    number: int
    url: str
    why: str
    missing: bool = True


@dataclass(frozen=True, slots=True)
class WebPages:
    """The pages of one article in order, and what is not there."""

    pages: tuple[WebPage, ...]
    gaps: tuple[Gap, ...] = ()


def pack_pages(article: WebPages) -> bytes:
    """The article as bytes that ``parse`` reads; the same pages give the same bytes."""
    head = {
        "pages": [[p.number, len(p.data), p.url, p.content_type or ""] for p in article.pages],
        "gaps": [[g.number, g.url, g.why, g.missing] for g in article.gaps],
    }
    # Escaped, so that no address can end the comment.
    told = json.dumps(head).replace("-->", "--\\u003e").encode("ascii")
    return MAGIC + told + _END + b"".join(p.data for p in article.pages)


def unpack_pages(data: bytes) -> WebPages | None:
    """What ``pack_pages`` packed; ``None`` for anything else."""
    if not data.startswith(MAGIC):
        return None
    stop = data.find(_END, 0, _LONGEST_HEAD)
    try:
        head: Any = json.loads(data[len(MAGIC) : stop])
        pages, at = [], stop + len(_END)
        for number, size, url, kind in head["pages"]:
            pages.append(WebPage(int(number), data[at : at + size], str(url), str(kind) or None))
            at += size
        gaps = tuple(Gap(int(n), str(u), str(w), bool(m)) for n, u, w, m in head["gaps"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if stop < 0 or at != len(data) or not 0 < len(pages) <= MOST_PAGES:
        return None
    return WebPages(tuple(pages), gaps)


def read_pages(
    article: WebPages, read: Callable[[Source], Document], decode: Callable[[bytes], str]
) -> Document:
    """The pages as one document. A page that can't be read is a finding.

    ``read`` reads one page, ``decode`` gives its markup as text.

    Raises what ``read`` raises for the first page.
    """
    gaps = list(article.gaps)
    parts: list[tuple[WebPage, Document]] = []
    for page in article.pages:
        try:
            part = read(Source(page.data, "", page.url or None, page.content_type))
        except GovReportError as error:
            if not parts:
                raise
            gaps.append(Gap(page.number, page.url, f"it can't be read: {error.message}"))
            continue
        parts.append((page, part))
    document = parts[0][1]
    if len(parts) > 1:
        shown = [_shown(page.data, decode) for page, _ in parts]
        blocks: list[Block] = []
        for i, (page, part) in enumerate(parts):
            own = _own_blocks(part.blocks, shown[1] if i == 0 else shown[0], i, len(parts))
            _append(blocks, own, page.number)
        document.blocks = blocks
        document.has_pictures = any(part.has_pictures for _, part in parts)
        for page, part in parts[1:]:
            document.findings += [_placed(f, page.number) for f in part.findings]
            for name, value in part.meta.items():
                document.meta.setdefault(name, value)
        document.findings.append(_joined(parts))
    document.findings += [_told(gap) for gap in sorted(gaps, key=lambda g: g.number)]
    return document


# -- findings --------------------------------------------------------------------------------------


def _joined(parts: Sequence[tuple[WebPage, Document]]) -> Finding:
    return Finding(
        "pages_joined",
        "info",
        f"the report was put together from {len(parts)} pages of the site",
        f"报告由网站的{len(parts)}个分页拼接而成",
        detail=(("urls", [page.url for page, _ in parts]),),
    )


def _told(gap: Gap) -> Finding:
    which = f"page {gap.number}" if gap.number else "a further page"
    about = (("page", gap.number), ("url", gap.url), ("why", gap.why))
    where = Locator(page=gap.number) if gap.number else None
    if gap.missing:
        return Finding(
            "page_missing",
            "error",
            f"{which} of the report is not there: {gap.why}"[:400],
            f"报告的第{gap.number}页缺失" if gap.number else "报告另有分页未能取得",
            locator=where,
            detail=about,
        )
    return Finding(
        "page_not_joined",
        "info",
        f"{gap.url[:200]} looked like {which} of the report, but {gap.why}"[:400],
        "疑似分页的网页不属于本报告，未拼接",
        locator=where,
        detail=about,
    )


def _placed(finding: Finding, page: int) -> Finding:
    place = finding.locator
    return finding if place is None else replace(finding, locator=replace(place, page=page))


# -- what of a page is the article -----------------------------------------------------------------


def _shown(data: bytes, decode: Callable[[bytes], str]) -> str:
    """All that stands on a page, without tags and white space, for comparing."""
    try:
        return "".join(_TAG.sub("", decode(data)).split())
    except GovReportError:
        return ""


def _own_blocks(blocks: list[Block], other: str, at: int, count: int) -> list[Block]:
    """The blocks without what ``other`` repeats before the article (but of the first page) and
    behind it (but of the last)."""
    texts = ["" if isinstance(b, Table) else "".join(b.text.split()) for b in blocks]
    own = [i for i, (b, t) in enumerate(zip(blocks, texts, strict=True)) if _is_own(b, t, other)]
    first, last = (own[0], own[-1]) if own else (len(blocks), -1)
    start, stop = 0, len(blocks)
    if at > 0:
        repeated = [i for i in range(first) if _is_repeated(texts[i], other)]
        start = max(repeated, default=-1) + 1
    if at < count - 1:
        repeated = [i for i in range(last + 1, len(blocks)) if _is_repeated(texts[i], other)]
        stop = min(repeated, default=len(blocks))
    return blocks[start:stop]


def _is_own(block: Block, text: str, other: str) -> bool:
    if isinstance(block, Table):
        return True
    return text not in other and (len(text) >= _OWN or _NUMERAL.match(text) is not None)


def _is_repeated(text: str, other: str) -> bool:
    return bool(text) and (text in other or (len(text) < _OWN and _TURNS.search(text) is not None))


# -- putting together ------------------------------------------------------------------------------


def _append(blocks: list[Block], more: Sequence[Block], page: int) -> None:
    tables = sum(isinstance(b, Table) for b in blocks)
    for i, block in enumerate(more):
        if not isinstance(block, Table):
            blocks.append(replace(block, page=page))
            continue
        before = blocks[-1] if blocks else None
        if i == 0 and isinstance(before, Table) and _goes_on(before, block):
            _stitch(before, block, page)
            continue
        tables += 1
        block.number, block.page = tables, page
        blocks.append(block)


def _goes_on(table: Table, other: Table) -> bool:
    """The table at the top of a page continues the one at the end of the page before."""
    return table.n_columns == other.n_columns


def _stitch(table: Table, other: Table, page: int) -> None:
    """Append the rows of ``other``; a header that it repeats is left out."""
    head = _repeated_rows(table, other)
    shift = table.n_rows - head
    pages = table.pages or [table.page or 1] * table.n_rows
    for i, row in enumerate(other.rows):
        if row >= head:
            table.add(
                other.texts[i], row + shift, other.columns[i], other.rowspans[i], other.colspans[i]
            )
    table.pages = pages + [page] * (table.n_rows - len(pages))
    table.notes = [*dict.fromkeys((*table.notes, *other.notes, "stitched"))]


def _repeated_rows(table: Table, other: Table) -> int:
    one, two = table.grid(), other.grid()
    same = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        same += 1
    return same if same < len(two) else 0


__all__ = ["Gap", "WebPage", "WebPages", "pack_pages", "read_pages", "unpack_pages"]
