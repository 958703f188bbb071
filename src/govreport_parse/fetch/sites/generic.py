"""Any list: all links with words, what else has title and address, and what leads to more pages."""

from __future__ import annotations

from govreport_parse.fetch.paging import paging
from govreport_parse.fetch.sites.model import Listing, Page, capped, link_entries
from govreport_parse.fetch.sites.unusual import unusual_entries


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
        linked = link_entries(page)
        skip = {*pages, page.url, *(e.url for e in linked)}
        more = tuple(e for e in unusual_entries(page) if e.url not in skip)
        entries = tuple(e for e in linked if e.url not in pages and e.url != page.url)
        return Listing(self.name, (*entries, *more), pages, notes)


ADAPTER = _Generic()
