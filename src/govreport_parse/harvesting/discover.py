"""What a harvest of sites and lists would fetch: organ, year, title, address, without fetching it.

Only list pages are asked for, through the same client and gate as a harvest; nothing is kept.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from govreport_parse.fetch.sitemaps import address_tells
from govreport_parse.harvesting.expand import Found
from govreport_parse.harvesting.run import Run, harvest
from govreport_parse.harvesting.sources import SourceRow, checked_sources

SITEMAP = "sitemap"
_WITH_YEAR = 0.5


@dataclass(frozen=True, slots=True)
class Discovery:
    """A report that a list offers. ``family``: whose templates the list follows.

    One that only a sitemap gives (``family`` ``sitemap``) has no title and no organ, and year and
    date as far as its address surely tells them; ``confidence`` is 0.5 with a year, else 0.4. The
    sitemap's ``lastmod`` is not taken: it is when a page, or all of them, was changed last.
    ``would_fetch``: ``False`` for an address that the host's robots.txt forbids; ``None`` where the
    report stands on another host of the site, whose robots.txt was not asked for.
    """

    organ: str | None
    year: int | None
    title: str
    url: str
    family: str
    confidence: float
    published: str | None
    page: str
    would_fetch: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Discoveries:
    """The reports in the order they were found, each address once, and what went wrong."""

    reports: tuple[Discovery, ...]
    problems: tuple[str, ...]


def discover(sources: Any, contact: str | None = None, **options: Any) -> Discoveries:
    """Look through lists and sites for reports.

    ``sources`` and ``options`` are those of ``harvest``; rows of kind ``report``, and a bare
    address, are looked at as a ``site``: its lists are followed. Raises what ``harvest`` raises.
    """
    good, _ = checked_sources(sources, skip_bad=bool(options.pop("skip_bad_rows", False)))
    rows = [_as_list(row) for row in good if row.duplicate_of is None]
    found: dict[str, Discovery] = {}

    def note(one: Found) -> None:
        entry, verdict = one.entry, one.verdict
        organ = verdict.organ or entry.organ
        year, published, confidence = verdict.year, entry.published, verdict.confidence
        if one.family == SITEMAP:
            tells = address_tells(entry.url)
            year, published = year or tells.year, published or tells.published
            confidence = max(confidence, _WITH_YEAR if year else 0.0)
        found.setdefault(
            entry.url,
            Discovery(
                organ,
                year,
                entry.title,
                entry.url,
                one.family,
                confidence,
                published,
                one.page,
                one.allowed,
            ),
        )

    with tempfile.TemporaryDirectory(prefix="govreport-") as folder:
        run = harvest(rows, folder, contact, found=note, parse=False, least_free=0, **options)
        return Discoveries(tuple(found.values()), tuple(_problems(run)))


def _as_list(row: SourceRow) -> Mapping[str, Any]:
    kind = "site" if row.kind == "report" else row.kind
    return {"url": row.url, "kind": kind, "year": row.year, "organ": row.organ}


def _problems(run: Run) -> list[str]:
    late = ["the time given was over before all lists were looked at"]
    return (
        (late if run.ended == "stopped" else [])
        + [
            f"{re.sub(r'[^ -~]', '?', r['url'])}: {r['outcome']}: {r['reason']}"
            for r in run.failures.to_dict("records")
        ]
        + list(run.manifest["remarks"])
    )
