"""The documents of a group: its page, joined with the further pages of its article, and its files.

Which of the fetched addresses are pages of the article is read from the archived bytes again, so
that a dataset can be built anew from the archive alone. A page that the article names and that was
not got is written into the joined document, whose reader makes a finding of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from govreport_parse.decode.charset import decode_text
from govreport_parse.documents.html_pages import Gap, WebPage, WebPages, pack_pages
from govreport_parse.errors import GovReportError
from govreport_parse.fetch.article_pages import (
    MAX_PAGES,
    ArticlePages,
    article_pages,
    is_list,
    may_have_pages,
    why_no_part,
)
from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.state import Capture, Group
from govreport_parse.source import Source

Read = Callable[[Capture], Source]
MOST_BYTES = 32 << 20
"""Bytes of all pages of an article together; no report is as long."""


@dataclass(frozen=True, slots=True)
class Member:
    """One document of a group and the captures it was made of, its own first."""

    source: Source
    captures: tuple[Capture, ...]


def members_of(group: Group, read: Read) -> list[Member]:
    """The documents of a group, the page (with all its pages) first."""
    first = read(group.page)
    article = _Article(group, first, read) if _goes_on(group, first) else None
    if article is None or not article.is_joined:
        page = Member(first, (group.page,))
        return [page, *(Member(read(c), (c,)) for c in group.attachments)]
    rest = [c for c in group.attachments if c.asked not in article.taken]
    return [article.member(), *(Member(read(c), (c,)) for c in rest)]


def _goes_on(group: Group, first: Source) -> bool:
    return may_have_pages(first.data, group.page.url)


class _Article:
    """One article while its pages are gathered."""

    def __init__(self, group: Group, first: Source, read: Read) -> None:
        self._first, self._group = first, group
        self._captures = {c.asked: c for c in group.attachments}
        self._sources = {0: (first, group.page)}
        self._gaps: dict[int, Gap] = {}
        self.taken: set[str] = set()
        """Addresses that are no files of their own: pages, and what was taken for one."""
        text = _text(first)
        if text is None:
            return
        links = read_links(text, group.page.url)
        if not is_list(links, text):
            self._gather(text, article_pages(links, text, group.page.url), read)

    @property
    def is_joined(self) -> bool:
        """There are further pages, or there should be."""
        return len(self._sources) > 1 or bool(self._gaps)

    def _gather(self, text: str, told: ArticlePages, read: Read) -> None:
        wanted = dict(told.urls)
        seen: list[str] = [text]
        done: set[int] = set()
        while open_ := sorted(wanted.keys() - done):
            number = open_[0]
            done.add(number)
            found = self._page(number, wanted[number], seen, read)
            if found is not None:
                for n, url in found.urls.items():
                    wanted.setdefault(n, url)
                told = replace(told, beyond=told.beyond or found.beyond)
        self._note_missing(told)

    def _page(self, number: int, url: str, seen: list[str], read: Read) -> ArticlePages | None:
        """Take one page, or note why not; what it says of the pages behind it."""
        capture = self._captures.get(url)
        if capture is None:
            self._gaps[number] = Gap(number, url, "it could not be fetched")
            return None
        self.taken.add(url)
        source = read(capture)
        text = _text(source)
        if text is None:
            self._gaps[number] = Gap(number, url, "what came is no page")
            return None
        links = read_links(text, capture.url)
        size = len(source.data) + sum(len(s.data) for s, _ in self._sources.values())
        if size > MOST_BYTES:
            why = f"the pages before it have {MOST_BYTES >> 20} MB together, which no report has"
            self._gaps[number] = Gap(number, url, why)
            return None
        why = next(filter(None, (why_no_part(t, text, links) for t in seen)), "")
        if why:
            self._gaps[number] = Gap(number, url, why, missing=False)
            return None
        seen.append(text)
        self._sources[number] = (source, capture)
        return article_pages(links, text, capture.url)

    def _note_missing(self, told: ArticlePages) -> None:
        if told.scripted:
            why = f"the page says that there are {told.total}, and only a script turns them"
            self._gaps[0] = Gap(0, self._group.page.url, why)
        elif told.beyond:
            why = f"it has more than the {MAX_PAGES} pages that are asked for"
            self._gaps[MAX_PAGES + 1] = Gap(0, self._group.page.url, why)

    def member(self) -> Member:
        """The article as one document."""
        # Addresses count from 0 or from 1, and the first page may have no number at all.
        shift = 1 if 1 in self._sources or 1 in self._gaps else 0
        pages = tuple(
            WebPage(n + shift if n else 1, s.data, c.url, s.content_type)
            for n, (s, c) in sorted(self._sources.items())
        )
        gaps = tuple(
            replace(g, number=g.number + shift if g.number else 0)
            for _, g in sorted(self._gaps.items())
        )
        first = self._first
        data = pack_pages(WebPages(pages, gaps))
        source = Source(data, first.name, first.url, first.content_type, given=first.given)
        return Member(source, tuple(c for _, (_, c) in sorted(self._sources.items())))


def _text(source: Source) -> str | None:
    """The text of a page; ``None`` for what is none."""
    data = source.data
    if not data or b"\0" in data[:1024] or data[:4] in (b"%PDF", b"PK\x03\x04"):
        return None
    try:
        return decode_text(data, content_type=source.content_type).text
    except GovReportError:
        return None
