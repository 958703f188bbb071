"""What a harvest may be told beyond its sources, its folder and a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govreport_parse.errors import UsageError
from govreport_parse.fetch.client import Limits
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.expand import Reach

LEAST_FREE = 1 << 30
"""Bytes that stay free on the disk."""


@dataclass(frozen=True, slots=True)
class HarvestOptions:
    """What a harvest may be told beyond sources, folder and contact. Times in seconds."""

    delay: float = 5.0
    jobs: int = 1
    allow_private: bool = False
    i_own_these_hosts: bool = False
    legacy_tls: bool = True
    refresh: bool = False
    """Ask again, conditionally, for what is archived."""
    retry_failed: bool = False
    """Ask again for what failed for reasons that may pass (time, network, a busy host)."""
    parse: bool = True
    skip_bad_rows: bool = False
    reach: Reach = field(default_factory=Reach)
    limits: Limits = field(default_factory=Limits)
    crawl: CrawlOptions = field(default_factory=CrawlOptions)
    pace: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of ``Pace``: requests, bytes, per_group, connections ..."""
    least_free: int = LEAST_FREE
    minutes: float | None = None
    """After which nothing more is asked for; what came is parsed, the next run goes on."""


def options_of(given: Mapping[str, Any]) -> HarvestOptions:
    """The options by their names. ``UsageError`` for one that is none, or of no use."""
    known = HarvestOptions.__dataclass_fields__
    for name in given:
        if name not in known:
            raise UsageError(f"harvest has no option {name!r}", hint=f"options: {', '.join(known)}")
    made = HarvestOptions(**{k: v for k, v in given.items() if v is not None})
    if not isinstance(made.jobs, int) or made.jobs < 1:
        raise UsageError(
            f"jobs must be a whole number of at least 1, not {made.jobs!r}", hint="give jobs=2"
        )
    if made.minutes is not None and not made.minutes > 0:
        raise UsageError(
            f"minutes must be more than 0, not {made.minutes!r}", hint="leave it out for no limit"
        )
    return made
