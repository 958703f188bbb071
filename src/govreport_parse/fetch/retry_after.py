"""Retry-After in both forms, and what to do when it makes no sense.

Seconds are ASCII digits and nothing else; a date is measured against the answer's own ``Date``, so
a server whose clock is wrong still says how long it means.
"""

from __future__ import annotations

import datetime
import re
from email.utils import parsedate_to_datetime

from govreport_parse.fetch.records import Exchange

LONGEST_PARK = 24 * 3600.0
_FIRST_BACKOFF, _LONGEST_BACKOFF = 60.0, 3600.0
_SECONDS = re.compile(rb"[0-9]{1,40}")
_LONGEST_VALUE = 80


def asked_wait(exchange: Exchange) -> float | None:
    """Seconds that the answer asks us to wait, not below 0; ``None`` when it names none.

    A value that can't be read, is negative or lies in the past counts as none.
    """
    value = exchange.header("retry-after")
    if value is None or len(value) > _LONGEST_VALUE:
        return None
    if _SECONDS.fullmatch(value):
        return float(value)
    until = _date(value)
    if until is None:
        return None
    stated = exchange.header("date")
    since = _date(stated) if stated is not None and len(stated) <= _LONGEST_VALUE else None
    if since is None:
        since = _aware(exchange.started) + datetime.timedelta(seconds=exchange.seconds)
    wait = (until - since).total_seconds()
    return wait if wait > 0 else None


def park_seconds(wait: float | None, *, delay: float, in_a_row: int) -> float:
    """How long to leave a host alone after 429 or 503.

    The wait that was asked for, within the host's delay and 24 h; without one 60 s, doubled for
    each such answer before it in a row, at most an hour.
    """
    if wait is None:
        wait = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(in_a_row, 16))
    return max(delay, min(wait, LONGEST_PARK))


def _date(value: bytes) -> datetime.datetime | None:
    try:
        return _aware(parsedate_to_datetime(value.decode("ascii")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _aware(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)
