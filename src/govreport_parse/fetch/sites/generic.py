"""Any list: all links with words, and whatever leads to its next pages."""

from __future__ import annotations

from govreport_parse.fetch.paging import paging
from govreport_parse.fetch.sites.model import Listing, Page, capped, link_entries


class _Generic:
    name = "generic"

    def recognises(self, page: Page) -> bool:  # noqa: ARG002
        """Always: it is asked last."""
        return True

    def read(self, page: Page) -> Listing:
        """All links but those of the paging; the pages that links, scripts and counts tell of."""
        found = paging(page.links, page.text, page.url)
        marked = (x.url for x in page.links if "next" in getattr(x, "rel", "").split())
        pages, notes = capped((*found.urls, *(u for u in marked if u != page.url)))
        if found.scripted and not pages:
            notes = (*notes, "paging_by_script")
        skip = {*pages, page.url}
        entries = tuple(e for e in link_entries(page) if e.url not in skip)
        return Listing(self.name, entries, pages, notes)


ADAPTER = _Generic()
