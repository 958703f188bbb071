"""The further pages of one article: ``t1_1.html``, ``t1_2.html``, ``?page=2``, ``createPageHTML``.

Long reports are cut into pages by their editors. A page in, the addresses of its article's other
pages out, by their numbers. An address counts only if it is the page's own with another number and
something on the page turns to it (下一页, a number, a paging call, a count of pages), so that
neighbouring articles and pages of a list are never taken. Bounded by ``MAX_PAGES``; whether what
comes is a part of the article is judged by ``is_continuation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from govreport_parse.fetch.link_records import Links
from govreport_parse.fetch.page_calls import paging_call
from govreport_parse.fetch.paging import is_scripted, stated_total, turns_page
from govreport_parse.fetch.tags import texts_of
from govreport_parse.fetch.titles import judge_title
from govreport_parse.fetch.urls import host_of

MAX_PAGES = 30
"""Pages of one article that are asked for; longer ones are told."""
_LISTED = 3
"""Reports that a page links to by their titles before it may be a list of them."""

_FILE = re.compile(
    r"(?P<stem>.{1,200}?)(?:(?P<mark>[_-])(?P<number>[0-9]{1,2}))?(?P<ending>\.[A-Za-z]{3,5})"
)
_FIELD = re.compile(
    r"(?:page|pageno|pagenum|pagenumber|pageindex|currentpage|curpage|currpage|cpage|pn|p)"
    r"=(?P<number>[0-9]{1,4})",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s{0,20}[一二三四五六七八九十]{1,2}\s{0,3}[、.．]\s{0,3}[\u3400-\u9fff]")
_FIRST_HEADING = re.compile(r"\s{0,20}一\s{0,3}[、.．]\s{0,3}.{0,14}(?:情况|情況|概述|概况|概況)")
_BEFORE_PAGE = ("下一", "下", "后一", "末", "尾", "共2", "第2")
_LEAF, _REST = "页", "余下全文"
_ENCODINGS = ("utf-8", "gb18030")
_LEAVES = tuple(
    (_LEAF.encode(encoding), tuple(word.encode(encoding) for word in _BEFORE_PAGE))
    for encoding in _ENCODINGS
)
_MARKS = (*(_REST.encode(encoding) for encoding in _ENCODINGS), b"createPage")
# Rare bytes first: the search for them is several times as fast as one for each of the words.
_SECOND = re.compile(rb"=2(?:(?<=[pP]age=2)|(?<=pageNo=2))")


@dataclass(frozen=True, slots=True)
class ArticlePages:
    """``urls``: the article's other pages by number, as the addresses count.

    ``total``: how many pages there are, where the page says so. ``beyond``: there are more than
    are asked for. ``scripted``: there are further pages, but only a script knows how to turn them.
    """

    urls: dict[int, str] = field(default_factory=dict)
    total: int | None = None
    beyond: bool = False
    scripted: bool = False


def may_have_pages(body: bytes, url: str) -> bool:
    """A quick look at the bytes of a page: whether anything on it may turn a page of it."""
    if any(mark in body for mark in _MARKS) or _SECOND.search(body) is not None:
        return True
    if any(_is_behind(words, leaf, body) for leaf, words in _LEAVES):
        return True
    path, _, query = url.partition("?")
    if any(_FIELD.fullmatch(part) for part in query.split("&")):
        return True
    found = _FILE.fullmatch(path.rpartition("/")[2])
    if found is None:
        return False
    whole = found[0].removesuffix(found["ending"])
    stems = {whole, found["stem"]} if found["number"] is not None else {whole}
    return any(f"{s}{m}".encode() in body for s in stems for m in "_-")


def _is_behind(words: tuple[bytes, ...], leaf: bytes, body: bytes) -> bool:
    """One of the words stands before ``leaf`` somewhere."""
    at = body.find(leaf)
    while at >= 0:
        if body.endswith(words, 0, at):
            return True
        at = body.find(leaf, at + 1)
    return False


def article_pages(links: Links, page: str, url: str) -> ArticlePages:
    """The other pages of the article on the page ``page`` at ``url`` (canonical).

    Of a page in the middle only those behind it are named: it was reached from those before.
    """
    own, name = _own_number(url)
    found: dict[int, str] = {}
    total = stated_total(page)
    call = paging_call(page)
    if call is not None and _names(call.name, name):
        total = call.total
        found = _by_number(call.addresses(url, MAX_PAGES + 2), url)
    else:
        turning = (link.url for link in links if turns_page(link.text or link.title))
        found = _filled(_by_number(turning, url))
        if not found and total is not None and own == 1 and not name:
            found = {n: _numbered(url, n) for n in range(2, min(total, MAX_PAGES + 2) + 1)}
    if any(_is_below(address, url) for address in found.values()):
        own = 0  # x_1.html has x_1_2.html: its own number is part of its name
    after = {n: u for n, u in sorted(found.items()) if n > own}
    kept = {n: u for n, u in after.items() if n <= MAX_PAGES}
    scripted = not found and (total or 0) > 1 and is_scripted(page)
    return ArticlePages(kept, total, len(kept) < len(after), scripted)


def is_further_page(url: str, first: str) -> bool:
    """``url`` is ``first`` with the number of a page."""
    return bool(first) and _number_of(url, first) is not None


def is_list(links: Links, page: str) -> bool:
    """The page lists reports and is none: no numbered heading, but titles of other reports."""
    if any(_HEADING.match(text) for text in texts_of(page)):
        return False
    titles = (judge_title(link.label) for link in links if link.kind == "page")
    return len({(v.organ, v.year) for v in titles if v.kind == "report"}) >= _LISTED


def why_no_part(first: str, other: str, links: Links) -> str:
    """Why ``other`` can't be a further page of the article ``first``; empty: it may be one.

    ``links`` are those of ``other``.
    """
    if _words(first) == _words(other):
        return "it repeats another page"
    if is_list(links, other):
        return "it is a list"
    if _opens(first) and _opens(other):
        return "it begins a report of its own"
    one, two = judge_title(_title(first)), judge_title(_title(other))
    if one.kind == two.kind == "report" and None not in (one.year, two.year):
        if one.year != two.year:
            return "its title names another year"
        if None not in (one.organ, two.organ) and one.organ != two.organ:
            return "its title names another organ"
    return ""


# -- addresses -------------------------------------------------------------------------------------


def _own_number(url: str) -> tuple[int, str]:
    """The number that an address gives its page (0: none), and the bare name of its file."""
    path, _, query = url.partition("?")
    file = _FILE.fullmatch(path.rpartition("/")[2])
    numbers = [int(m["number"]) for m in map(_FIELD.fullmatch, query.split("&")) if m is not None]
    if numbers:
        return numbers[0], ""
    if file is None:
        return 0, ""
    return int(file["number"] or 0), file[0].removesuffix(file["ending"])


def _names(called: str, name: str) -> bool:
    """A paging call speaks of the page's own file, or of what its number was added to."""
    mark, _, number = name.removeprefix(called).rpartition("_")
    is_numbered = name.startswith(f"{called}_") and not mark and number.isdecimal()
    return bool(name) and (called == name or (is_numbered and len(number) <= 2))


def _by_number(addresses: Iterable[str], url: str) -> dict[int, str]:
    """Those that are pages of ``url``'s article; its name with a number comes before a sibling."""
    below: dict[int, str] = {}
    beside: dict[int, str] = {}
    for address in addresses:
        number = _number_of(address, url)
        if number is not None:
            (below if _is_below(address, url) else beside).setdefault(number, address)
    return below or beside


def _is_below(address: str, url: str) -> bool:
    """The file is called as that of ``url``, with a number behind."""
    whole = url.partition("?")[0].rpartition(".")[0]
    path = address.partition("?")[0]
    return path != url.partition("?")[0] and path.startswith((f"{whole}_", f"{whole}-"))


def _number_of(address: str, url: str) -> int | None:
    """The number of ``address`` among the pages of ``url``'s article; ``None``: it is no such."""
    if address == url or host_of(address) != host_of(url):
        return None
    path, _, query = address.partition("?")
    own_path, _, own_query = url.partition("?")
    if path == own_path:
        return _field_number(query, own_query)
    if query != own_query:
        return None
    folder, _, name = path.rpartition("/")
    own_folder, _, own_name = own_path.rpartition("/")
    one, own = _FILE.fullmatch(name), _FILE.fullmatch(own_name)
    if folder != own_folder or one is None or own is None or one["ending"] != own["ending"]:
        return None
    if one["number"] is None:
        return None
    whole = own_name.removesuffix(own["ending"])
    if one["stem"] == whole:
        return int(one["number"])
    same = own["number"] is not None and (one["stem"], one["mark"]) == (own["stem"], own["mark"])
    return int(one["number"]) if same else None


def _field_number(query: str, own_query: str) -> int | None:
    parts, own_parts = query.split("&"), own_query.split("&")
    numbers = [m for m in map(_FIELD.fullmatch, parts) if m is not None]
    if len(numbers) != 1:
        return None
    rest = [p for p in parts if _FIELD.fullmatch(p) is None]
    own_rest = [p for p in own_parts if p and _FIELD.fullmatch(p) is None]
    return int(numbers[0]["number"]) if sorted(rest) == sorted(own_rest) else None


def _filled(found: dict[int, str]) -> dict[int, str]:
    """The numbers between those that are linked to, as in 1 2 3 … 9."""
    if not found:
        return {}
    example = found[max(found)]
    least = min(found)
    last = min(max(found), least + MAX_PAGES + 1)
    return {n: found.get(n) or _numbered(example, n) for n in range(least, last + 1)} | {
        n: u for n, u in found.items() if n > last
    }


def _numbered(address: str, number: int) -> str:
    """The address with another number."""
    path, mark, query = address.partition("?")
    parts = query.split("&")
    if any(_FIELD.fullmatch(p) for p in parts):
        parts = [f"{p.partition('=')[0]}={number}" if _FIELD.fullmatch(p) else p for p in parts]
        return f"{path}?{'&'.join(parts)}"
    folder, slash, name = path.rpartition("/")
    file = _FILE.fullmatch(name)
    if file is None or file["number"] is None:
        return address
    return f"{folder}{slash}{file['stem']}{file['mark']}{number}{file['ending']}{mark}{query}"


# -- texts -----------------------------------------------------------------------------------------


def _opens(page: str) -> bool:
    """The page shows the first heading of a report."""
    return any(_FIRST_HEADING.match(text) for text in texts_of(page))


def _words(page: str) -> str:
    """What the page shows, without the numbers of visits and pages that differ each time."""
    return "".join("".join(texts_of(page)).translate(_NO_DIGITS).split())


_NO_DIGITS = {ord(d): None for d in "0123456789"}
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)


def _title(page: str) -> str:
    found = _TITLE.search(page)
    return " ".join(found[1].split()) if found else ""
