"""What a status line means for us."""

from __future__ import annotations

import re

from govreport_parse.fetch.records import Code, Exchange, Outcome
from govreport_parse.fetch.retry_after import LONGEST_PARK, asked_wait

REDIRECTS = {300, 301, 302, 303, 307, 308}
_FIREWALL = {202, 412, 493, 521, 999}
_TRANSIENT = {408, 425, 500, 502, 504, 509, 520, 522, 523, 524, 525, 526, 527, 529, 530}
_PARKED = {429, 503}
_FULL_RANGE = re.compile(rb"bytes[ =]0-(\d{1,15})/(\d{1,15})", re.IGNORECASE)


def outcome_of(exchange: Exchange, *, conditional: bool) -> Outcome:
    """The outcome of a whole answer that is no redirect.

    ``conditional``: the request had If-None-Match or If-Modified-Since. ``retry_after`` is at most
    24 hours.
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
        asked = asked_wait(exchange)
        wait = None if asked is None else min(asked, LONGEST_PARK)
        return Outcome(Code.HOST_PARKED, "http_status", detail, wait)
    if status in _TRANSIENT:
        return Outcome(Code.RETRY, "http_status", detail)
    return Outcome(Code.FAILED, "http_status", detail)


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
