"""Anhui's openness pages: ``/OpennessContent/showList/<organ>/<column>/page_1.html``."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from govreport_parse.fetch.sites.model import Listing, Page, capped, link_entries

_LIST = re.compile(r"/(?:openness/)?(?:OpennessContent|OpennessAnnualReport|XxgkAnnualReport)/")
_PAGE = re.compile(r"\bpage_([0-9]{1,6})\.html")
_TOTAL = re.compile(r"共\s*([0-9]{1,6})\s*页|页次\s*[:：]?\s*[0-9]+\s*/\s*([0-9]{1,6})")


class _Anhui:
    name = "anhui"

    def recognises(self, page: Page) -> bool:
        """By the names of its controllers."""
        if _LIST.search(page.url):
            return True
        return sum(_LIST.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """All links; pages from the count that the page states, else the pages it links to."""
        here = _PAGE.search(page.url)
        total = _TOTAL.search(page.text)
        if here and total:
            last = int(total[1] or total[2])
            found = [_PAGE.sub(f"page_{k}.html", page.url) for k in range(1, last + 1)]
        else:
            found = [urljoin(page.url, link.url) for link in page.links if _PAGE.search(link.url)]
        pages, notes = capped(u for u in found if u != page.url)
        entries = tuple(e for e in link_entries(page) if not _PAGE.search(e.url))
        return Listing(self.name, entries, pages, notes)


ADAPTER = _Anhui()
