"""The paging call that TRS and UCAP templates share.

``createPageHTML(total, current, "index", "html")`` counts pages from 0 and names page k
``index_{k}.html``; ``createPageHTML('page_div', total, current, 'list', 'shtml', n)`` counts from 1
and names page k ``list_{k}.shtml``. The first page has no number in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

_CALL = re.compile(
    r"createPageHTML\(\s*(?:['\"](?P<box>[^'\"]{1,60})['\"]\s*,\s*)?"
    r"(?P<total>[0-9]{1,6})\s*,\s*(?P<current>[0-9]{1,6})\s*,\s*"
    r"['\"](?P<name>[\w\-./]{1,80})['\"]\s*,\s*['\"](?P<suffix>\w{1,8})['\"]"
)


@dataclass(frozen=True, slots=True)
class PagingCall:
    """One call: how many pages, which is shown, how files are called; ``boxed``: UCAP's form."""

    total: int
    current: int
    name: str
    suffix: str
    boxed: bool

    def addresses(self, base: str) -> list[str]:
        """All pages but the first."""
        first = 2 if self.boxed else 1
        last = self.total + 1 if self.boxed else self.total
        return [urljoin(base, f"{self.name}_{k}.{self.suffix}") for k in range(first, last)]


def paging_call(text: str) -> PagingCall | None:
    """The first call in a page, comments and definitions left out."""
    for found in _CALL.finditer(text):
        return PagingCall(
            int(found["total"]), int(found["current"]), found["name"], found["suffix"],
            found["box"] is not None,
        )  # fmt: skip
    return None
