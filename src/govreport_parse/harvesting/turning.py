"""Which further pages of a list are worth asking for: none behind many that bring nothing new.

A server that gives each page of a list a next one, for ever, would be asked as often as a row of
the sources permits.
"""

from __future__ import annotations

from govreport_parse.fetch.sites import Listing
from govreport_parse.fetch.state import Claim
from govreport_parse.fetch.volatile import steady

WITHOUT_NEW = 5
"""Pages of a list in a row that bring no new link before no more are asked for."""


class Turning:
    """Remembers the links of the lists of each row of the sources."""

    def __init__(self) -> None:
        self._links: set[int] = set()
        self._bare: dict[tuple[int | None, str], int] = {}
        """Pages that a page without a new link names: how many such pages came before each."""

    def pages(self, claim: Claim, url: str, listing: Listing) -> tuple[tuple[str, ...], str]:
        """Further pages of the list that came from ``url``, and why not all of them.

        A new link is one of any kind: in a long column reports may stand years apart.
        """
        links = {_key(claim, entry.url) for entry in listing.entries}
        turns = {_key(claim, u) for u in (claim.url, url, *listing.pages)}
        has_new = bool(links - turns - self._links)
        self._links |= links | turns
        bare = 0 if has_new else self._bare.pop((claim.source, claim.url), 0) + 1
        if bare < WITHOUT_NEW:
            if bare:
                self._bare.update(((claim.source, page), bare) for page in listing.pages)
            return listing.pages, ""
        if not listing.pages:
            return (), ""
        return (), f"{bare} of its pages in a row have no link that is new; no more are asked for"


def _key(claim: Claim, url: str) -> int:
    """A link of a row of the sources, in little room."""
    return hash((claim.source, steady(url)))
