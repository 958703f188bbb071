"""The time of day of harvests and imports."""

from __future__ import annotations

import datetime


def utc() -> datetime.datetime:
    """The time of day, with its zone."""
    return datetime.datetime.now(datetime.UTC)
