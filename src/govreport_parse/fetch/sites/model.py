"""What a site adapter takes and gives: a list page in, its entries and further pages out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from govreport_parse.fetch.paging import Linked

MOST_PAGES = 500
"""List pages that one page may name; a column with more is told, not followed for ever."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: its address, its text (markup or JSON), its links in order."""

    url: str
    text: str
    links: Sequence[Linked] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: where it leads, what it is called, when it was published."""

    url: str
    title: str
    published: str | None = None
    organ: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page holds. ``pages``: addresses of further pages of the same list."""

    family: str
    entries: tuple[Entry, ...] = ()
    pages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Words for what was odd: ``paging_capped``, ``json_expected``, ``paging_by_script``."""


class Adapter(Protocol):
    """One CMS family. A module of this package offers one as ``ADAPTER``."""

    @property
    def name(self) -> str:
        """The family."""

    def recognises(self, page: Page) -> bool:
        """Whether the page is made by this family's templates."""

    def read(self, page: Page) -> Listing:
        """Entries and paging of a list page of this family."""


def link_entries(page: Page) -> tuple[Entry, ...]:
    """Every link with words as an entry, in order, each address once."""
    out: dict[str, Entry] = {}
    for link in page.links:
        title = max(link.title.strip(), link.text.strip(), key=len)
        if title and link.url not in out:
            out[link.url] = Entry(link.url, title)
    return tuple(out.values())


def capped(pages: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """At most ``MOST_PAGES`` addresses, each once, and the note when there were more."""
    kept: dict[str, None] = {}
    for url in pages:
        if len(kept) == MOST_PAGES:
            return tuple(kept), ("paging_capped",)
        kept[url] = None
    return tuple(kept), ()
