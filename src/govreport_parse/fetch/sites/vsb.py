"""VSB (博达): ``col.htm``, further pages ``col/N.htm`` counting down, ``info/a/b.htm``."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from govreport_parse.fetch.sites.model import Listing, Page, capped, link_entries

_ARTICLE = re.compile(r"/info/[0-9]+/[0-9]+\.html?$")
_NUMBERED = re.compile(r"/([\w-]{1,80})/([0-9]{1,6})\.htm$")
_NEXT = re.compile("下一?页")


class _Vsb:
    name = "vsb"

    def recognises(self, page: Page) -> bool:
        """By two addresses of its articles, or its own marks."""
        if "_vsb_" in page.text or "vsb_content" in page.text:
            return True
        return sum(_ARTICLE.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """All links; the next page names the highest number, and all below it exist."""
        following = next((x.url for x in page.links if _NEXT.search(x.text)), None)
        found = _NUMBERED.search(following or "")
        numbered: list[str] = []
        if following and found and found[1] != "info":
            base = urljoin(following, ".")
            numbered = [urljoin(base, f"{k}.htm") for k in range(int(found[2]), 0, -1)]
        pages, notes = capped(numbered)
        entries = tuple(e for e in link_entries(page) if e.url not in pages)
        return Listing(self.name, entries, pages, notes)


ADAPTER = _Vsb()
