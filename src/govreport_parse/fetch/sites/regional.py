"""Regional families of which the addresses are known, but no paging of their own (domain guide 3).

Their lists are read like any list; what the name gives is provenance, and a place for paging once
it is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from govreport_parse.fetch.sites import generic
from govreport_parse.fetch.sites.model import Listing, Page


@dataclass(frozen=True, slots=True)
class _Regional:
    name: str
    article: re.Pattern[str]

    def recognises(self, page: Page) -> bool:
        """By two addresses of its articles."""
        return sum(self.article.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """As the generic adapter, under this family's name."""
        found = generic.ADAPTER.read(page)
        return Listing(self.name, found.entries, found.pages, found.notes)


ADAPTERS = tuple(
    _Regional(name, re.compile(pattern))
    for name, pattern in (
        ("anhui_public", r"/public/[0-9]+/[0-9]+\.html|/xxgk/openness/detail/|gknb_show\.php\?id="),
        ("shaanxi", r"/(?:[0-9a-f]{24}|[0-9]{19})\.html$"),
        ("shandong", r"/gongkai/site_\w+/channel_\w+/doc_[0-9a-f]+\.html"),
        ("heilongjiang", r"/c[0-9]{3,8}/20[0-9]{4}/c[0-9]{2}_[0-9]+\.shtml"),
        ("beijing", r"/c[0-9]{3,8}/20[0-9]{4}/[0-9]+\.shtml"),
        ("hebei", r"/(?:xxgk|zwgk)content-[0-9]+-[0-9]+\.html"),
        ("sichuan", r"/xxgk-show-[0-9]+\.html|GovOpenShow\.aspx\?id="),
        ("neimenggu", r"/article_[0-9]{10,17}\.html|zwinfo\.jsp\?id="),
    )
)
