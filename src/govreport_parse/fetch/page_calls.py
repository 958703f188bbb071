"""The paging calls of the templates of TRS and UCAP, in lists and in articles alike.

``createPageHTML(total, current, "index", "html")`` (TRS) counts pages from 0 and names page k
``index_{k}.html``; ``createPageHTML('page_div', total, current, 'list', 'shtml', n)`` (UCAP) counts
from 1 and names page k ``list_{k}.shtml``. The first page has no number in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

_NAMED = r"['\"]([^'\"]{1,80})['\"]\s{0,5},\s{0,5}['\"]([A-Za-z]{1,8})['\"]"
_VALUE = r"['\"]?([\w$.{}]{1,40})['\"]?\s{0,5},\s{0,5}"
_CALL = r"createPage(?:HTML|Html|)\s{0,5}\(\s{0,5}"
_TRS = re.compile(_CALL + _VALUE + _VALUE + _NAMED)
_UCAP = re.compile(
    _CALL + r"['\"][A-Za-z_][\w-]{0,40}['\"]\s{0,5},\s{0,5}['\"]?([0-9]{1,6})['\"]?\s{0,5},\s{0,5}"
    r"['\"]?([0-9]{1,6})['\"]?\s{0,5},\s{0,5}" + _NAMED
)
# document.write("<a href=\"index"+"_" + nextPage + "."+"html\">"), as TRS wrote it before
_WRITTEN = re.compile(
    r"href=\\?[\"'](\w{1,40})[\"']\s{0,5}\+\s{0,5}[\"']_[\"']\s{0,5}\+\s{0,5}[\w()+-]{1,40}\s{0,5}"
    r"\+\s{0,5}[\"']\.[\"']\s{0,5}\+\s{0,5}[\"']([A-Za-z]{1,8})"
)
_COUNT = re.compile(r"(?<![A-Za-z])(?:page_?count|count_?page)\s{0,5}=\s{0,5}([0-9]{1,6})", re.I)


@dataclass(frozen=True, slots=True)
class PagingCall:
    """One call: how many pages, which is shown (``None``: a script knows), how files are called.

    ``boxed``: UCAP's form, which counts from 1.
    """

    total: int
    current: int | None
    name: str
    suffix: str
    boxed: bool

    def addresses(self, base: str, most: int) -> list[str]:
        """The pages but the one shown at ``base``, in order, among the first ``most``.

        Where the first is shown, or may be (a folder is asked for it), it is left out: its other
        name would be a second address of one page.
        """
        first = 1 if self.boxed else 0
        numbers = range(first, first + min(self.total, most))
        made = {n: urljoin(base, self._file(n, first)) for n in numbers}
        shown = self.current
        if shown is None or shown not in made or base in (urljoin(base, "."), made.get(first)):
            shown = first
        return [url for n, url in made.items() if n != shown and url != base]

    def _file(self, number: int, first: int) -> str:
        ending = "" if number == first else f"_{number}"
        return f"{self.name}{ending}.{self.suffix}"


def paging_call(page: str) -> PagingCall | None:
    """The first call in a page that names its pages; definitions are left out."""
    match = _UCAP.search(page)
    if match is not None:
        return PagingCall(int(match[1]), int(match[2]), match[3], match[4], boxed=True)
    for match in _TRS.finditer(page):
        count = _number(match[1], page)
        if count is not None:
            return PagingCall(count, _number(match[2], page), match[3], match[4], boxed=False)
    written = _WRITTEN.search(page)
    counted = _COUNT.search(page) if written is not None else None
    if written is not None and counted is not None:
        return PagingCall(int(counted[1]), None, written[1], written[2], boxed=False)
    return None


def _number(word: str, page: str) -> int | None:
    """A number, or that of a variable set in the page (``var countPage = 5``)."""
    if word.isascii() and word.isdigit():
        return int(word) if len(word) <= 6 else None
    if not word.isidentifier():
        return None
    match = re.search(rf"(?<![\w]){word}\s{{0,5}}=\s{{0,5}}['\"]?([0-9]{{1,6}})", page)
    return int(match[1]) if match is not None else None
