"""What a fetched page leads to: a report's attachments, a list's reports and further pages.

Never leaves the site it started on; depth and numbers are bounded; what asks robots not to follow
its links is not followed.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from govreport_parse.decode.charset import decode_text
from govreport_parse.errors import GovReportError
from govreport_parse.fetch.article_pages import article_pages, is_list, may_have_pages
from govreport_parse.fetch.attachments import attachments
from govreport_parse.fetch.breadcrumbs import read_breadcrumb
from govreport_parse.fetch.link_records import Links
from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.records import Answer
from govreport_parse.fetch.robots import robots_tags
from govreport_parse.fetch.sites import Entry, Listing, Page, read_listing
from govreport_parse.fetch.state import Claim, Target
from govreport_parse.fetch.titles import TitleVerdict, judge_title
from govreport_parse.fetch.urls import is_same_site
from govreport_parse.harvesting.signature import shows_report

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_COLUMN = re.compile("年报|年度报告|信息公开年|政府信息公开$|^信息公开$")
_PICTURES = 12


@dataclass(frozen=True, slots=True)
class Reach:
    """How far rows of kind ``list`` and ``site`` may lead."""

    depth: int = 3
    """Lists below the one that was given."""
    pages: int = 200
    """List pages of one row of the sources."""
    reports: int = 3000
    """Reports of one row of the sources."""
    attachments: int = 20
    """Files of one report."""
    images: bool = True
    """Pictures in an article without tables are files of the report (scans)."""


@dataclass(frozen=True, slots=True)
class Found:
    """An address that a list offers, and what its title promises."""

    entry: Entry
    verdict: TitleVerdict
    family: str
    page: str


class Expander:
    """Gives the targets of each answer.

    ``year_of`` gives the year that a row asks for, if any. With ``found`` the reports of lists are
    told to it and not fetched.
    """

    def __init__(
        self,
        reach: Reach,
        year_of: Callable[[int], int | None],
        found: Callable[[Found], None] | None = None,
    ) -> None:
        self.reach = reach
        self._found = found
        self._year_of = year_of
        self._pages: Counter[int | None] = Counter()
        self._reports: Counter[int | None] = Counter()
        self.notes: Counter[str] = Counter()
        """What was left out: ``nofollow``, ``other_site``, ``pages_capped``, ``reports_capped``."""

    def __call__(self, claim: Claim, answer: Answer) -> tuple[Target, ...]:
        """The addresses that the answer leads to, in their order."""
        if claim.kind == "attachment" and not may_have_pages(answer.content, answer.final_url):
            return ()
        decoded = decoded_of(answer)
        if decoded is None:
            return ()
        text, encoding = decoded
        links = read_links(text, answer.final_url, encoding=encoding)
        if links.nofollow or "nofollow" in robots_tags(answer):
            self.notes["nofollow"] += 1
            return ()
        if claim.kind == "attachment":
            made = self._further(claim, answer, text, links)
        elif claim.kind == "report":
            made = self._files(claim, answer, text, links)
        else:
            made = self._listed(claim, answer, text, links)
        return tuple(t for t in made if self._stays(answer, t))

    def _stays(self, answer: Answer, target: Target) -> bool:
        if is_same_site(answer.final_url, target.url) and target.url != answer.final_url:
            return True
        self.notes["other_site"] += target.url != answer.final_url
        return False

    def _further(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        """The pages behind this one of an article; they belong to its first page, as files do."""
        if not is_list(links, text):
            for url in article_pages(links, text, answer.final_url).urls.values():
                yield Target(url, "attachment", claim.source, claim.depth, claim.parent)

    def _files(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        if may_have_pages(answer.content, answer.final_url):
            first = replace(claim, parent=claim.url, depth=claim.depth + 1)
            yield from self._further(first, answer, text, links)
        shown = shows_report(answer.content) and "<table" in text.lower()
        found = attachments(links, title=title_of(text), images=self.reach.images and not shown)
        pictures = 0
        for link in found[: self.reach.attachments]:
            pictures += link.tag == "img"
            if pictures <= _PICTURES:
                yield Target(link.url, "attachment", claim.source, claim.depth + 1, claim.url)
        if not shown:
            for link in links:
                if link.tag in ("iframe", "frame", "embed", "object"):
                    yield Target(link.url, "attachment", claim.source, claim.depth + 1, claim.url)

    def _listed(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        year = None if claim.source is None else self._year_of(claim.source)
        listing = read_listing(Page(answer.final_url, text, links))
        for found in judged(listing, answer.final_url, text):
            kind = found.verdict.kind
            if kind == "report" and (year is None or found.verdict.year in (None, year)):
                if self._reports[claim.source] >= self.reach.reports:
                    self.notes["reports_capped"] += 1
                    continue
                self._reports[claim.source] += 1
                if self._found is not None:
                    if is_same_site(answer.final_url, found.entry.url):
                        self._found(found)
                    continue
                yield Target(found.entry.url, "report", claim.source, claim.depth, claim.url, 1)
            elif claim.depth < self.reach.depth and (
                kind == "list" or (claim.kind == "site" and _COLUMN.search(found.entry.title))
            ):
                yield from self._list_page(claim, found.entry.url, claim.depth + 1)
        for url in listing.pages:
            yield from self._list_page(claim, url, claim.depth)

    def _list_page(self, claim: Claim, url: str, depth: int) -> Iterator[Target]:
        if self._pages[claim.source] >= self.reach.pages:
            self.notes["pages_capped"] += 1
            return
        self._pages[claim.source] += 1
        yield Target(url, "list", claim.source, depth, claim.url)


def judged(listing: Listing, url: str, text: str) -> Iterator[Found]:
    """Every entry of a list with what its title promises, seen below the page's breadcrumb."""
    crumb = read_breadcrumb(text) or title_of(text)
    for entry in listing.entries:
        if entry.year is not None:
            verdict = TitleVerdict("report", entry.organ, entry.year, 0.9)
        else:
            verdict = judge_title(entry.title, breadcrumb=crumb, url=entry.url)
        yield Found(entry, verdict, listing.family, url)


def decoded_of(answer: Answer) -> tuple[str, str] | None:
    """Text and encoding of a page, script data or XML; ``None`` for what is no text."""
    data = answer.content
    if not data or b"\0" in data[:1024] or data[:4] in (b"%PDF", b"PK\x03\x04"):
        return None
    try:
        found = decode_text(data, content_type=answer.header("content-type") or None)
    except GovReportError:
        return None
    return found.text, found.encoding


def title_of(text: str) -> str:
    """The page's title."""
    found = _TITLE.search(text)
    return " ".join(html.unescape(found[1]).split()) if found else ""
