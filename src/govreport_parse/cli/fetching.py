"""One document by its address, asked for as politely as a harvest asks."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import FetchError, UsageError

if TYPE_CHECKING:
    from govreport_parse.source import Source

CONTACT = "GOVREPORT_CONTACT"
LOCAL_CONTACT = "local@localhost.invalid"
"""For loopback addresses alone, where nobody else is asked."""


def is_local(url: str) -> bool:
    """Whether the address is one of this machine or of a private network."""
    from govreport_parse.fetch.addresses import is_public, parse_literal
    from govreport_parse.fetch.urls import canonical, host_of

    try:
        host = host_of(canonical(url))
    except UsageError:
        return False
    literal = parse_literal(host)
    return host == "localhost" or (literal is not None and not is_public(literal))


def fetched(url: str, contact: str | None, *, allow_private: bool = False) -> Source:
    """The document at an address: robots.txt and the pace of a harvest hold.

    Raises ``UsageError`` for an address that is none and without a contact, ``FetchError`` where
    the document can't be had.
    """
    from govreport_parse.fetch.state import open_state_readonly
    from govreport_parse.harvesting.ingest import source_of
    from govreport_parse.harvesting.results import utc
    from govreport_parse.harvesting.run import harvest

    options: dict[str, Any] = {"parse": False, "allow_private": allow_private}
    if allow_private and is_local(url):
        contact = contact or LOCAL_CONTACT
        options["delay"] = 0.0
    with TemporaryDirectory(prefix="govreport-") as name:
        folder = Path(name)
        run = harvest([{"url": url, "kind": "report"}], folder, contact, **options)
        with open_state_readonly(folder, utc) as state:
            groups = state.groups(0, 1, everything=True)
            if groups:
                return source_of(folder, groups[0].page, {})
        (row,) = run.outcomes().to_dict("records")
    raise FetchError(
        f"{url} could not be had: {row['outcome']}, {row['reason'] or 'no reason told'}",
        hint="save the page by hand and add the file, with --url",
    )
