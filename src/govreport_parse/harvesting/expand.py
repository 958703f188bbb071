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
from itertools import chain

from govreport_parse.decode.charset import decode_text
from govreport_parse.errors import GovReportError
from govreport_parse.fetch.article_pages import (
    article_pages,
    is_further_page,
    is_list,
    may_have_pages,
)
from govreport_parse.fetch.attachments import attachments
from govreport_parse.fetch.breadcrumbs import read_breadcrumb
from govreport_parse.fetch.link_hints import may_have_files
from govreport_parse.fetch.link_records import Links
from govreport_parse.fetch.links import read_files, read_links
from govreport_parse.fetch.records import Answer
from govreport_parse.fetch.robots import RobotsRules, decide, robots_tags
from govreport_parse.fetch.sitemaps import (
    address_tells,
    is_sitemap,
    read_sitemap,
    usual_sitemap,
)
from govreport_parse.fetch.sites import Entry, Listing, Page, read_listing
from govreport_parse.fetch.state import Claim, Target
from govreport_parse.fetch.titles import TitleVerdict, judge_title, speaks_of_reports
from govreport_parse.fetch.urls import host_of, is_same_site
from govreport_parse.fetch.volatile import steady
from govreport_parse.harvesting.remarks import Remark, why_nothing, words_of
from govreport_parse.harvesting.signature import shows_report
from govreport_parse.harvesting.turning import Turning

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_FOLDER = re.compile(r"/(?:(?:index|list|default)[^/]{0,20})?$")
_COLUMN = re.compile("年报|年度报告|信息公开年|政府信息公开$|^信息公开$")
_PICTURES = 12
_SITEMAPS = 20
"""Sitemaps of one row of the sources."""
_OF_SITEMAP = 500
"""Addresses of one sitemap that are followed."""
_REMARKS = 200
_HOSTS = 5
"""Hosts that a remark names."""
_FRAMES = ("frame", "iframe")


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
    allowed: bool | None = None
    """What the host's robots.txt says of it; ``None`` where it was not asked for."""


class Expander:
    """Gives the targets of each answer.

    ``year_of`` gives the year that a row asks for, if any. With ``found`` the reports of lists are
    told to it and not fetched. ``robots_of`` gives the robots.txt of an address's host: sitemaps
    that it names are asked for, else the usual one, where a site's first page leads nowhere.
    """

    def __init__(
        self,
        reach: Reach,
        year_of: Callable[[int], int | None],
        found: Callable[[Found], None] | None = None,
        robots_of: Callable[[str], RobotsRules | None] = lambda _: None,
    ) -> None:
        self.reach = reach
        self._robots_of = robots_of
        self._steady: set[tuple[int | None, str]] = set()
        self._asked_sitemaps: Counter[int | None] = Counter()
        self._found = found
        self._year_of = year_of
        self._pages: Counter[int | None] = Counter()
        self._reports: Counter[int | None] = Counter()
        self._away: Counter[str] = Counter()
        """Hosts of other sites that reports of the page at hand are on."""
        self._told_caps: set[tuple[int | None, str]] = set()
        self._turning = Turning()
        self.remarks: list[Remark] = []
        """Why lists gave nothing, or not all; the first of them."""
        self._bare: dict[int | None, Remark] = {}
        """That the first page of a row leads nowhere, which its sitemap may make up for."""

    def __call__(self, claim: Claim, answer: Answer) -> tuple[Target, ...]:
        """The addresses that the answer leads to, in their order."""
        is_page = claim.kind == "attachment" and is_further_page(claim.url, claim.parent)
        if claim.kind == "attachment" and not (
            is_page or may_have_pages(answer.content, answer.final_url)
        ):
            return ()
        if claim.kind == "report" and not _may_be_text(answer.content):
            return ()
        about = _Look.at(answer) if claim.kind == "report" or is_page else None
        if claim.kind == "report" and about is not None and about.is_alone(answer):
            return ()
        is_listed = claim.kind in ("list", "site")
        if is_listed and is_sitemap(answer.content, answer.final_url):
            return tuple(t for t in self._mapped(claim, answer) if self._stays(answer, t))
        decoded = decoded_of(answer)
        if decoded is None:
            if is_listed:
                self._remark(answer.final_url, "it is no page of text, so that no list is in it")
            return ()
        text, encoding = decoded
        shown = about is not None and about.shows_tables(text)
        # Of a report that is on the page and all on this one, nothing but files is wanted.
        is_whole = shown and about is not None and not about.may_have_pages
        if is_whole:
            links = read_files(text, answer.final_url, encoding=encoding)
        else:
            links = read_links(text, answer.final_url, encoding=encoding, rows=about is None)
        if links.nofollow or "nofollow" in robots_tags(answer):
            if is_listed:
                self._remark(answer.final_url, "it asks robots not to follow its links")
            return ()
        if about is not None:
            # What a further page of an article leads to belongs to the first, as its files do.
            owner = claim if is_page else replace(claim, parent=claim.url, depth=claim.depth + 1)
            further = self._further(owner, answer, text, links) if about.may_have_pages else ()
            made: Iterator[Target] = chain(further, self._files(owner, text, links, shown=shown))
        elif claim.kind == "attachment":
            made = self._further(claim, answer, text, links)
        else:
            made = self._listed(claim, answer, text, links)
        kept = tuple(t for t in made if self._stays(answer, t))
        self._tell_away(answer)
        return kept

    def _tell_away(self, answer: Answer) -> None:
        """Reports that a list offers on other sites are for rows of their own."""
        if self._away:
            hosts = sorted(self._away)
            named = ", ".join(hosts[:_HOSTS]) + (" …" if len(hosts) > _HOSTS else "")
            count = self._away.total()
            self._remark(
                answer.final_url,
                f"{count:,} of the reports it offers stand on other sites and were left out "
                f"({named}); give these rows of their own",
            )
            self._away.clear()

    def _stays(self, answer: Answer, target: Target) -> bool:
        if target.url == answer.final_url:
            return False
        if not is_same_site(answer.final_url, target.url):
            if target.kind == "report":
                self._away[host_of(target.url)] += 1
            return False
        return not self._was_seen(answer, target)

    def _was_seen(self, answer: Answer, target: Target) -> bool:
        """The same page under an address that changes with each visit."""
        url = steady(target.url)
        if url == target.url:
            return False
        if (target.source, url) in self._steady or url == steady(answer.final_url):
            return True
        self._steady.add((target.source, url))
        return False

    def _further(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        """The pages behind this one of an article."""
        if not is_list(links, text):
            for url in article_pages(links, text, answer.final_url).urls.values():
                yield Target(url, "attachment", claim.source, claim.depth, claim.parent)

    def _files(self, claim: Claim, text: str, links: Links, *, shown: bool) -> Iterator[Target]:
        found = attachments(links, title=title_of(text), images=self.reach.images and not shown)
        pictures = 0
        for link in found[: self.reach.attachments]:
            pictures += link.tag == "img"
            if pictures <= _PICTURES:
                yield Target(link.url, "attachment", claim.source, claim.depth, claim.parent)
        if not shown:
            for link in links:
                if link.tag in ("iframe", "frame", "embed", "object"):
                    yield Target(link.url, "attachment", claim.source, claim.depth, claim.parent)

    def _listed(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        listing = read_listing(Page(answer.final_url, text, links))
        for note in listing.notes:
            self._remark(answer.final_url, words_of(note))
        offered = False
        for target in self._of_listing(claim, answer, text, listing):
            offered = True
            if target is not None:
                yield target
        if not offered:
            yield from self._elsewhere(claim, answer, text, links)

    def _of_listing(
        self, claim: Claim, answer: Answer, text: str, listing: Listing
    ) -> Iterator[Target | None]:
        """What the list leads to; ``None`` for what it offers and is not to be fetched."""
        year = None if claim.source is None else self._year_of(claim.source)
        for found in judged(listing, answer.final_url, text):
            kind = found.verdict.kind
            if kind == "report":
                yield None
                if year is None or found.verdict.year in (None, year):
                    yield from self._report(claim, answer, found)
            elif claim.depth < self.reach.depth and (
                kind == "list" or (claim.kind == "site" and _COLUMN.search(found.entry.title))
            ):
                yield from self._list_page(claim, found.entry.url, claim.depth + 1)
        for url in self._turned(claim, answer, listing):
            yield from self._list_page(claim, url, claim.depth)

    def _turned(self, claim: Claim, answer: Answer, listing: Listing) -> tuple[str, ...]:
        """The further pages of a list that are worth asking for."""
        pages, why = self._turning.pages(claim, answer.final_url, listing)
        if why:
            self._remark(claim.url, why)
        return pages

    def _report(self, claim: Claim, answer: Answer, found: Found) -> Iterator[Target]:
        if self._reports[claim.source] >= self.reach.reports:
            self._capped(claim, f"it leads to more than {self.reach.reports:,} reports")
            return
        self._reports[claim.source] += 1
        target = Target(found.entry.url, "report", claim.source, claim.depth, claim.url, 1)
        if self._found is None:
            yield target
        elif self._stays(answer, target):
            rules = self._robots_of(target.url)
            allowed = None if rules is None else decide(rules, target.url) is None
            self._found(replace(found, allowed=allowed))

    def _elsewhere(self, claim: Claim, answer: Answer, text: str, links: Links) -> Iterator[Target]:
        """Where a page offers nothing by itself: its frames, the site's map; else why not."""
        frames = [x.url for x in links if x.tag in _FRAMES and x.kind == "page"]
        if frames and claim.depth < self.reach.depth:
            for url in frames:
                yield from self._list_page(claim, url, claim.depth + 1)
            return
        is_first = not claim.parent
        why = why_nothing(text, links)
        if why:
            self._remark(answer.final_url, why)
        elif is_first:
            bare = Remark(answer.final_url, "none of its links is called like a report")
            self._remark(bare.url, bare.why)
            self._bare[claim.source] = bare
        if is_first:
            rules = self._robots_of(answer.final_url)
            named = () if rules is None else rules.sitemaps
            for url in named or (usual_sitemap(answer.final_url),):
                yield from self._sitemap(claim, url)

    def _sitemap(self, claim: Claim, url: str) -> Iterator[Target]:
        if self._asked_sitemaps[claim.source] < _SITEMAPS:
            self._asked_sitemaps[claim.source] += 1
            yield Target(url, "list", claim.source, claim.depth + 1, claim.url)

    def _mapped(self, claim: Claim, answer: Answer) -> Iterator[Target]:
        """What a sitemap leads to: columns and pages whose address speaks of annual reports."""
        sitemap = read_sitemap(answer.content, answer.final_url)
        year = None if claim.source is None else self._year_of(claim.source)
        if claim.depth <= self.reach.depth:
            for url in sitemap.children:
                yield from self._sitemap(claim, url)
        named = [e.url for e in sitemap.pages if speaks_of_reports(e.url)]
        columns = [url for url in named if _FOLDER.search(url)]
        folders = tuple(url.rpartition("/")[0] + "/" for url in columns)
        pages = [url for url in named if url not in columns and not url.startswith(folders)]
        if year is not None:
            pages = [url for url in pages if address_tells(url).year in (None, year)]
        if named:
            self._made_up_for(claim)
        if sitemap.pages and not named:
            why = f"none of the {len(sitemap.pages):,} addresses of the sitemap speaks of reports"
            self._remark(answer.final_url, why)
        if sitemap.cut or len(named) > _OF_SITEMAP:
            self._remark(answer.final_url, "the sitemap is longer than is read")
        for url in columns[:_OF_SITEMAP]:
            yield from self._list_page(claim, url, claim.depth + 1)
        for url in pages[:_OF_SITEMAP]:
            verdict = TitleVerdict("report", None, None, 0.4)
            found = Found(Entry(url, ""), verdict, "sitemap", answer.final_url)
            yield from self._report(claim, answer, found)

    def _capped(self, claim: Claim, what: str) -> None:
        """Told once for each row of the sources."""
        if (claim.source, what) not in self._told_caps:
            self._told_caps.add((claim.source, what))
            self._remark(claim.url, f"{what}, which is as far as one row of the sources may lead")

    def _made_up_for(self, claim: Claim) -> None:
        """The sitemap says what the first page of the row did not."""
        bare = self._bare.pop(claim.source, None)
        if bare in self.remarks:
            self.remarks.remove(bare)

    def _remark(self, url: str, why: str) -> None:
        if len(self.remarks) < _REMARKS:
            self.remarks.append(Remark(url, why))

    def _list_page(self, claim: Claim, url: str, depth: int) -> Iterator[Target]:
        if self._pages[claim.source] >= self.reach.pages:
            self._capped(claim, f"it leads to more than {self.reach.pages:,} lists")
            return
        self._pages[claim.source] += 1
        yield Target(url, "list", claim.source, depth, claim.url)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the bytes of a report's page tell before any link is read."""

    is_report: bool
    has_tables: bool
    may_have_pages: bool

    @classmethod
    def at(cls, answer: Answer) -> _Look:
        page = answer.content
        return cls(
            shows_report(page),
            b"<table" in page or b"<TABLE" in page,
            may_have_pages(page, answer.final_url),
        )

    def is_alone(self, answer: Answer) -> bool:
        """It shows the report's tables and has no link to a file or a page more of it."""
        if not (self.is_report and self.has_tables) or self.may_have_pages:
            return False
        return not may_have_files(answer.content, answer.final_url)

    def shows_tables(self, text: str) -> bool:
        """The tables are on the page, so that its pictures and frames are none of the report."""
        return self.is_report and (self.has_tables or "<table" in text.lower())


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
    if not _may_be_text(answer.content):
        return None
    try:
        found = decode_text(answer.content, content_type=answer.header("content-type") or None)
    except GovReportError:
        return None
    return found.text, found.encoding


def _may_be_text(data: bytes) -> bool:
    return bool(data) and b"\0" not in data[:1024] and data[:4] not in (b"%PDF", b"PK\x03\x04")


def title_of(text: str) -> str:
    """The page's title."""
    found = _TITLE.search(text)
    return " ".join(html.unescape(found[1]).split()) if found else ""
