"""What a status line means for us, and when a server wants to be asked again."""

from __future__ import annotations

import datetime
import re
from email.utils import parsedate_to_datetime

from govreport_parse.fetch.records import Code, Exchange, Outcome

LONGEST_WAIT = 86_400.0
"""Seconds a server may park us for."""

REDIRECTS = {300, 301, 302, 303, 307, 308}
_FIREWALL = {202, 412, 493, 521, 999}
_TRANSIENT = {408, 425, 500, 502, 504, 509, 520, 522, 523, 524, 525, 526, 527, 529, 530}
_PARKED = {429, 503}
_SECONDS = re.compile(r"[0-9]+", re.ASCII)
_FULL_RANGE = re.compile(rb"bytes[ =]0-(\d{1,15})/(\d{1,15})", re.IGNORECASE)


def outcome_of(exchange: Exchange, *, conditional: bool, now: datetime.datetime) -> Outcome:
    """The outcome of a whole answer that is no redirect.

    ``conditional``: the request had If-None-Match or If-Modified-Since. ``now`` is the time of
    arrival, used when the answer has no Date.
    """
    status = exchange.status
    line = exchange.head.partition(b"\n")[0].strip().decode("latin-1")
    detail = one_line(f"the server answered {line}")
    if status in (200, 203):
        return Outcome(Code.OK)
    if status == 206:
        return _partial(exchange, detail)
    if status == 304:
        if conditional:
            return Outcome(Code.NOT_MODIFIED)
        return Outcome(Code.RETRY, "http_status", detail)
    if status in _FIREWALL:
        return Outcome(Code.BLOCKED, "waf", detail)
    if status in (401, 407):
        return Outcome(Code.BLOCKED, "login", detail)
    if status in (403, 451):
        return Outcome(Code.BLOCKED, "forbidden", detail)
    if status in (404, 410):
        return Outcome(Code.GONE, "http_status", detail)
    if status in _PARKED:
        return Outcome(Code.HOST_PARKED, "http_status", detail, retry_after(exchange, now))
    if status in _TRANSIENT:
        return Outcome(Code.RETRY, "http_status", detail)
    return Outcome(Code.FAILED, "http_status", detail)


def retry_after(exchange: Exchange, now: datetime.datetime) -> float | None:
    """Seconds of Retry-After, 0 to ``LONGEST_WAIT``; None without one or if it is malformed.

    A date is taken relative to the Date of the answer, because the clocks of servers are wrong.
    """
    raw = exchange.header("retry-after")
    if raw is None:
        return None
    text = raw.decode("latin-1").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text[:12]) if len(text) <= 12 else LONGEST_WAIT, LONGEST_WAIT)
    until = parse_date(text)
    if until is None:
        return None
    sent = parse_date((exchange.header("date") or b"").decode("latin-1"))
    return min(max((until - (sent or now)).total_seconds(), 0.0), LONGEST_WAIT)


def parse_date(text: str) -> datetime.datetime | None:
    """An HTTP date, with a time zone; None if it is none."""
    if not text.isascii() or not 10 <= len(text) <= 60:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def _partial(exchange: Exchange, detail: str) -> Outcome:
    """A range nobody asked for is a document only if it covers all of it."""
    found = _FULL_RANGE.fullmatch(exchange.header("content-range") or b"")
    if found and int(found[1]) + 1 == int(found[2]):
        return Outcome(Code.OK)
    return Outcome(Code.QUARANTINE, "partial", detail)


def one_line(text: str) -> str:
    """Text for people: no control characters, at most 300 characters, never empty."""
    text = text or "no detail"
    return "".join(char if char.isprintable() else "?" for char in text)[:300]
