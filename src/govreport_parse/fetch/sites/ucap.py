"""UCAP / Kaipu: ``createPageHTML('page_div', total, current, 'list', 'shtml', n)``."""

from __future__ import annotations

import re

from govreport_parse.fetch.page_calls import paging_call
from govreport_parse.fetch.sites.model import MOST_PAGES, Listing, Page, capped, link_entries

_ARTICLE = re.compile(r"/20[0-9]{4}/(?:[0-9a-f]{24}|[0-9a-f]{32})\.shtml")


class _Ucap:
    name = "ucap"

    def recognises(self, page: Page) -> bool:
        """By its paging call, or by two addresses of its articles."""
        call = paging_call(page.text)
        if call is not None:
            return call.boxed
        return sum(_ARTICLE.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """All links; page k is ``name_k.shtml``, counted from 1."""
        call = paging_call(page.text)
        pages, notes = capped(call.addresses(page.url, MOST_PAGES + 1) if call else ())
        return Listing(self.name, link_entries(page), pages, notes)


ADAPTER = _Ucap()
