"""Site adapters, one file per CMS family: how its list pages look and how they page.

``read_listing`` asks each family whether the page is its own, the generic one last. A new family is
one module with an ``ADAPTER`` named in ``FAMILIES``, and one fixture site.
"""

from __future__ import annotations

from govreport_parse.fetch.sites import (
    anhui,
    generic,
    gkmlpt,
    hanweb,
    hanweb_annual,
    hanweb_jpaas,
    nfcms,
    regional,
    trs,
    ucap,
    vsb,
)
from govreport_parse.fetch.sites.model import Adapter, Entry, Listing, Page

__all__ = ["FAMILIES", "Adapter", "Entry", "Listing", "Page", "read_listing"]

FAMILIES: tuple[Adapter, ...] = (
    gkmlpt.ADAPTER,
    hanweb_annual.ADAPTER,
    hanweb_jpaas.ADAPTER,
    hanweb.ADAPTER,
    anhui.ADAPTER,
    ucap.ADAPTER,
    trs.ADAPTER,
    vsb.ADAPTER,
    nfcms.ADAPTER,
    *regional.ADAPTERS,
    generic.ADAPTER,
)
"""In the order they are asked: those with marks of their own before those known by addresses."""


def read_listing(page: Page) -> Listing:
    """The list on a page, read by the first family that knows it.

    A family whose own paging finds nothing gets the generic paging beside its entries, since sites
    mix templates.
    """
    adapter = next(a for a in FAMILIES if a.recognises(page))
    found = adapter.read(page)
    if found.pages or found.notes or adapter is generic.ADAPTER:
        return found
    more = generic.ADAPTER.read(page)
    entries = tuple(e for e in found.entries if e.url not in set(more.pages))
    return Listing(found.family, entries, more.pages, more.notes)
