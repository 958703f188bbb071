"""The further pages of a list, as a list page names them.

Anchors (下一页, numbers), the scripts of the CMS families (``createPageHTML``, which TRS and UCAP
call with different arguments), and page counts in scripts where the page's own address shows how
pages are numbered (``page_1.html``, ``?page=1``). Bounded: at most ``MAX_PAGES`` addresses, all on
the page's own host. What only a script of the site could turn (``goPage(2)``) is said, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from govreport_parse.fetch.link_records import Links
from govreport_parse.fetch.page_calls import paging_call
from govreport_parse.fetch.urls import host_of

MAX_PAGES = 200


@dataclass(frozen=True, slots=True)
class Paging:
    """``urls``: further pages in their order, without the page itself.

    ``total``: the number of pages where the page states it. ``scripted``: there are further pages,
    but no address for them; the family's adapter must know how to ask.
    """

    urls: tuple[str, ...] = ()
    total: int | None = None
    scripted: bool = False

    def __iter__(self) -> Iterator[str]:
        return iter(self.urls)

    def __len__(self) -> int:
        return len(self.urls)


class Linked(Protocol):
    """What is asked of a link."""

    @property
    def url(self) -> str:
        """Its canonical address."""

    @property
    def text(self) -> str:
        """What it shows."""

    @property
    def title(self) -> str:
        """Its title attribute."""


_NEXT = re.compile(
    r"[\s<>«»‹›【\[(]*(?:下一?页|后一?页|下页|next(?:\s?page)?|>|>>|»|›|末页|尾页|最后一?页|last)"
    r"[\s<>«»‹›】\])]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\[(【]?\s{0,3}(?:第\s{0,3})?([0-9]{1,4})(?:\s{0,3}页)?\s{0,3}[\])】]?")
# Sought in lower case: without IGNORECASE the search is several times as fast.
_TOTAL = re.compile(
    r"(?<![a-z])(?:page_?count|count_?page|total_?pages?|pages_?total|max_?page|page_?num_?total|allpage)['\"]?\s{0,5}[:=]\s{0,5}['\"]?([0-9]{1,6})"
)
_LEAF = "页"
_TOTAL_TEXT = re.compile(
    r"(?:共\s{0,5}([0-9]{1,5})|[0-9]{1,5}\s{0,5}/\s{0,5}([0-9]{1,5}))\s{0,5}\Z"
)
"""What stands before the character for a page, which is much rarer than numbers are."""
_BEFORE_LEAF = 30
_TAGS = re.compile(r"<[^<>]{0,300}>")
_SCRIPTED = re.compile(
    r"(?:go|to|jump|turn|change|next|load|query|get)_?(?:to)?_?page\s{0,3}\(|__dopostback|dataproxy\.jsp|\.submit\s{0,3}\("
    r"|layui?-?page|pagination\s{0,3}\(|laypage|jpage|loadmore"
)
# How the page's own address may show its number: (before, number, after).
_OWN_NUMBER = (
    re.compile(
        r"(?P<a>.*[?&](?:page|pageno|pagenum|pageindex|currentpage|curpage|p|pn|pageNumber)=)(?P<n>[0-9]{1,5})(?P<z>(?:&.*)?)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<a>.*/(?:page|index|list)[_-])(?P<n>[0-9]{1,5})(?P<z>\.[a-z]{3,5})", re.IGNORECASE
    ),
)


def paging(links: Iterable[Linked], html: str, url: str) -> Paging:
    """The further pages of the list on the page ``html`` at ``url`` (canonical)."""
    page = html[:2_000_000]
    total = stated_total(page)
    call = paging_call(page)
    if call is not None:
        return Paging(_own(call.addresses(url, MAX_PAGES), url), call.total, False)
    named = _own(_from_anchors(links, url), url)
    counted = _own(_from_own_number(url, total), url) if total is not None else ()
    found = tuple(dict.fromkeys((*named, *counted)))[:MAX_PAGES]
    left_out = links.left_out if isinstance(links, Links) else {}
    turned = bool(left_out.get("javascript")) or (total or 0) > 1
    return Paging(found, total, not found and turned and is_scripted(page))


def turns_page(label: str) -> bool:
    """A link with these words turns to another page: 下一页, 末页, a number."""
    label = label.strip()
    return 0 < len(label) <= 20 and (_NEXT.fullmatch(label) or _NUMBER.fullmatch(label)) is not None


def is_scripted(page: str) -> bool:
    """Something on the page turns pages by a script."""
    return _SCRIPTED.search(page.lower()) is not None


def _own(urls: Iterable[str], url: str) -> tuple[str, ...]:
    host = host_of(url)
    kept = dict.fromkeys(u for u in urls if u != url and host_of(u) == host)
    return tuple(kept)[:MAX_PAGES]


def stated_total(page: str) -> int | None:
    """How many pages the page says there are, in its scripts or in words (共3页)."""
    lower = page.lower()
    match = _TOTAL.search(lower) if "page" in lower else None
    if match is not None:
        return int(match[1])
    text = _TAGS.sub("", page[-400_000:])
    at = text.find(_LEAF)
    while at >= 0:
        told = _TOTAL_TEXT.search(text[max(0, at - _BEFORE_LEAF) : at])
        if told is not None:
            return int(told[1] or told[2])
        at = text.find(_LEAF, at + 1)
    return None


def _from_anchors(links: Iterable[Linked], url: str) -> Iterator[str]:
    """下一页 and the like; numbers only where they differ from the page's address by digits."""
    shape = _shape(url)
    for link in links:
        label = (link.text or link.title).strip()
        if not label or len(label) > 20:
            continue
        if _is_day(link.url):
            continue
        if _NEXT.fullmatch(label) or (_NUMBER.fullmatch(label) and _shape(link.url) == shape):
            yield link.url


# Months and days of a calendar, which turns for ever: ?date=2024-02, /2024/02/
_CALENDAR = re.compile(
    r"[?&](?:date|day|month|ym|ymd|rq|riqi|y|m|d)=[0-9-]{1,10}(?![0-9A-Za-z])"
    r"|/(?:19|20)[0-9]{2}[/-][01]?[0-9](?:[/-][0-3]?[0-9])?/?$",
    re.IGNORECASE,
)


_PAGE_FIELD = re.compile(r"[?&][A-Za-z]{0,8}page[A-Za-z]{0,8}=[0-9]", re.IGNORECASE)


def _is_day(url: str) -> bool:
    return _CALENDAR.search(url) is not None and _PAGE_FIELD.search(url) is None


_DIGITS = re.compile(r"[0-9]+")
_INDEX = re.compile(r"(?:index|list|default)?(?:[_-]?#)?(?:\.[a-z]{3,5})?$", re.IGNORECASE)


def _shape(url: str) -> str:
    """The address without what numbers a page: folder, name without digits, names of fields."""
    path, _, query = url.partition("?")
    folder, _, name = path.rpartition("/")
    name = _INDEX.sub("", _DIGITS.sub("#", name)).rstrip("#_-")
    fields = sorted(
        part
        for part in query.split("&")
        if part and not re.match(r"[A-Za-z]*p(?:age|n)?[A-Za-z]*=[0-9]+$", part)
    )
    return f"{folder}/{name}?{'&'.join(fields)}"


def _from_own_number(url: str, total: int) -> Iterator[str]:
    for pattern in _OWN_NUMBER:
        match = pattern.fullmatch(url)
        if match is not None:
            current = int(match["n"])
            for n in range(current + 1, min(total, current + MAX_PAGES) + 1):
                yield f"{match['a']}{n}{match['z']}"
            return
