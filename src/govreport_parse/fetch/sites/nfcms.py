"""NFCMS (南方, Guangdong): articles ``/content/post_N.html``, lists ``index_2.html``."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from govreport_parse.fetch.sites.model import Listing, Page, capped, link_entries

_ARTICLE = re.compile(r"/content/m?post_[0-9]+\.html")
_NUMBERED = re.compile(r"/index_([0-9]{1,6})\.html$")


class _Nfcms:
    name = "nfcms"

    def recognises(self, page: Page) -> bool:
        """By two addresses of its articles."""
        return sum(_ARTICLE.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """All links; pages up to the highest number that the page links to, in this folder."""
        folder = urljoin(page.url, ".")
        numbers = [
            int(found[1])
            for link in page.links
            if link.url.startswith(folder) and (found := _NUMBERED.search(link.url))
        ]
        last = max(numbers, default=0)
        pages, notes = capped(urljoin(folder, f"index_{k}.html") for k in range(2, last + 1))
        entries = tuple(e for e in link_entries(page) if not _NUMBERED.search(e.url))
        return Listing(self.name, entries, pages, notes)


ADAPTER = _Nfcms()
