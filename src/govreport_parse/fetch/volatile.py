"""Addresses without what changes from visit to visit, so that one page is known under all of them.

Some servers put a token, a time or a random number into every link (``?token=9f3…``,
``?t=1700000000``, ``?rnd=0.53``). The address stays as it is for asking; only whether it was seen
before is judged without those fields. A field counts by its name and the look of its value: an
``id`` is never left out, and ``sid=12`` is the number of a column.
"""

from __future__ import annotations

import re

_SESSION = re.compile(
    r"(?:[a-z]{0,10}_?token|s?sid|sess[a-z_]{0,12}|ticket|nonce|csrf[a-z_]{0,10})=(?P<value>.*)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:_|_?t|r|ts|rnd|rand|random|time|timestamp|_dc|v)=(?P<value>.*)", re.IGNORECASE
)
_MIXED = re.compile(r"(?=[A-Za-z_-]{0,40}[0-9])(?=[0-9_-]{0,40}[A-Za-z])[A-Za-z0-9_%.=-]{8,200}")
_NUMBER = re.compile(r"[0-9]{10,20}|0\.[0-9]{3,20}")


def steady(url: str) -> str:
    """The address (canonical) without tokens, times and random numbers in its query."""
    path, mark, query = url.partition("?")
    if not mark:
        return url
    kept = [part for part in query.split("&") if not _is_volatile(part)]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _is_volatile(part: str) -> bool:
    session = _SESSION.fullmatch(part)
    if session is not None:
        value = session["value"]
        return _MIXED.fullmatch(value) is not None or _NUMBER.fullmatch(value) is not None
    moment = _TIME.fullmatch(part)
    return moment is not None and _NUMBER.fullmatch(moment["value"]) is not None
