"""A cookie jar for one host and one run: the few cookies that a page needs to be shown at all.

Cookies are sent to the host that set them and to no other, whatever their Domain says. They are
kept in memory only.
"""

from __future__ import annotations

import datetime
import re
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_LONGEST = 4096
_PAIR = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=([^\x00-\x20;\x7f]*(?:[ ]+[^\x00-\x20;\x7f]+)*)"
)


@dataclass(frozen=True, slots=True)
class _Cookie:
    value: bytes
    path: str
    secure: bool


class Jar:
    """The cookies of one host; the oldest makes room for the newest."""

    def __init__(self, most: int = 20) -> None:
        self._most = most
        self._cookies: OrderedDict[tuple[bytes, str], _Cookie] = OrderedDict()
        self.changes = 0
        """How often a cookie was set to a new value or removed."""

    def __len__(self) -> int:
        return len(self._cookies)

    def learn(self, line: bytes, *, path: str, now: datetime.datetime) -> None:
        """Take in one Set-Cookie value of an answer to ``path``; a malformed one is dropped."""
        pair, *attributes = line[:_LONGEST].split(b";")
        found = _PAIR.fullmatch(pair.strip())
        if found is None or len(line) > _LONGEST:
            return
        scope, secure, expired = _default_path(path), False, False
        for attribute in attributes[:20]:
            name, _, raw = attribute.strip().partition(b"=")
            value = raw.strip().decode("latin-1")
            match name.strip().lower():
                case b"path" if value.startswith("/"):
                    scope = value
                case b"secure":
                    secure = True
                case b"max-age":
                    expired = value.startswith("-") or value == "0"
                case b"expires":
                    until = _date(value.replace("-", " "))
                    expired = expired or (until is not None and until <= now)
        key = (found[1], scope)
        new = _Cookie(found[2], scope, secure)
        if expired:
            self.changes += self._cookies.pop(key, None) is not None
            return
        self.changes += self._cookies.get(key) != new
        self._cookies[key] = new
        self._cookies.move_to_end(key)
        while len(self._cookies) > self._most:
            self._cookies.popitem(last=False)

    def header(self, *, path: str, secure: bool) -> bytes:
        """The Cookie value for a request to ``path``, empty if there is none."""
        return b"; ".join(
            name + b"=" + cookie.value
            for (name, _), cookie in self._cookies.items()
            if _covers(cookie.path, path) and (secure or not cookie.secure)
        )


def _default_path(path: str) -> str:
    return path.partition("?")[0].rpartition("/")[0] or "/"


def _covers(scope: str, path: str) -> bool:
    bare = path.partition("?")[0]
    return bare == scope or bare.startswith(scope if scope.endswith("/") else scope + "/")


def _date(text: str) -> datetime.datetime | None:
    if not text.isascii() or not 10 <= len(text) <= 60:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)
