"""Sitemaps: addresses and dates out of an XML, gzip or text sitemap, whatever it tries.

A sitemap gives no titles; ``address_tells`` reads what an address says by itself. No XML parser: no
entity is expanded and nothing nests, so a hostile file costs one linear pass over a bounded text.
Addresses of other sites are left out and counted.
"""

from __future__ import annotations

import datetime
import html
import re
import zlib
from dataclasses import dataclass

from govreport_parse.errors import UsageError
from govreport_parse.fetch.urls import canonical, is_same_site

MAX_BYTES = 16 * 1024 * 1024
MAX_URLS = 50_000
_MOST_CHILDREN = 200
_ENTRY = re.compile(r"<(?:\w{1,20}:)?loc\s{0,20}>([^<]{1,4000})<", re.IGNORECASE)
_DATE = re.compile(r"<(?:\w{1,20}:)?lastmod\s{0,20}>\s{0,20}([0-9T:.+Z-]{4,40})", re.IGNORECASE)
_INDEX = re.compile(r"<(?:\w{1,20}:)?sitemapindex\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w{1,20}:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_NAMED = re.compile(r"sitemap[^/?]{0,60}\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)
_DAYS = (
    re.compile(r"/art/(20[0-9]{2})/([0-9]{1,2})/([0-9]{1,2})/"),
    re.compile(r"/t(20[0-9]{2})([0-9]{2})([0-9]{2})_"),
)
"""Days of publication in addresses, as the parser reads them (``matching.publication``)."""
_COLUMN = r"(?:zf)?xxgknb|gknb|ndbg|nb|annual_?report"
_YEARS = (
    re.compile(rf"/(?:{_COLUMN})[_-]?(20[0-9]{{2}})(?:nd?)?(?=[/._-]|$)", re.IGNORECASE),
    re.compile(rf"/(20[0-9]{{2}})(?:nd?)?[_-]?(?:{_COLUMN})(?=[/._-]|$)", re.IGNORECASE),
    re.compile(r"[?&](?:year|nd|niandu)=(20[0-9]{2})(?![0-9])", re.IGNORECASE),
)
_FOLDER = re.compile(rf"/(?:{_COLUMN})/(20[0-9]{{2}})/", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One address; ``changed`` as the file states it, empty if it doesn't."""

    url: str
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """``pages`` of a sitemap, or the ``children`` of an index of sitemaps.

    ``cut``: it was longer than is read. ``other_sites`` and ``bad``: addresses left out.
    """

    pages: tuple[SitemapEntry, ...] = ()
    children: tuple[str, ...] = ()
    cut: bool = False
    other_sites: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class AddressTells:
    """What an address says of a report: its ``year``, and when it was ``published`` (ISO 8601)."""

    year: int | None = None
    published: str | None = None


def address_tells(url: str) -> AddressTells:
    """The year and the day that stand in an address; ``None`` where it does not surely say so.

    A year counts where it is one word with the column's name (``/ndbg2023/``, ``/2023nb/``), where
    it is asked for (``?year=2023``), and as a folder of the column (``/ndbg/2023/``) only if the
    page was published in the year after: in such folders most sites put the year of publication,
    in which the report of the year before appears.
    """
    day = next((found for pattern in _DAYS if (found := _day(pattern.search(url)))), None)
    years = {int(match[1]) for pattern in _YEARS for match in pattern.finditer(url)}
    folder = _FOLDER.search(url)
    if folder is not None and day is not None and day.year == int(folder[1]) + 1:
        years.add(int(folder[1]))
    year = years.pop() if len(years) == 1 else None
    if day is not None and year is not None and year >= day.year:
        year = None  # before its end: the year that was printed then, not the one reported on
    return AddressTells(year, None if day is None else day.isoformat())


def _day(match: re.Match[str] | None) -> datetime.date | None:
    try:
        return datetime.date(*map(int, match.groups())) if match is not None else None
    except ValueError:
        return None


def is_sitemap(data: bytes, url: str) -> bool:
    """An answer is a sitemap: by its root element, packed or not, or as text by its name."""
    if data.startswith(b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(31).decompress(data[:4000], 2000)
        except zlib.error:
            return False
    start = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<"):
        return _ROOT.search(start) is not None
    return start.startswith(b"http") and _NAMED.search(url) is not None


def usual_sitemap(url: str) -> str:
    """Where the sitemap of an address's host stands if robots.txt names none."""
    return canonical("/sitemap.xml", base=url)


def read_sitemap(data: bytes, base: str) -> Sitemap:
    """What a sitemap lists. ``base``: its own canonical address. Never raises.

    Anything that is no sitemap (an HTML page, JSON) gives an empty one.
    """
    raw, cut = _inflated(data)
    text = _CDATA.sub("", raw.decode("utf-8", "replace"))
    entries: list[SitemapEntry] = []
    seen: set[str] = set()
    other = bad = 0
    if "<" not in text[:2000]:
        found = [
            (line, "") for line in text.splitlines() if line.startswith(("http://", "https://"))
        ]
    else:
        found = list(_entries(text))
    for address, changed in found:
        if len(entries) >= MAX_URLS:
            cut = True
            break
        try:
            url = canonical(html.unescape(address.strip()), base=base)
        except UsageError:
            bad += 1
            continue
        if not is_same_site(url, base):
            other += 1
        elif url not in seen:
            seen.add(url)
            entries.append(SitemapEntry(url, changed))
    if _INDEX.search(text[:4000]):
        children = tuple(entry.url for entry in entries)
        cut = cut or len(children) > _MOST_CHILDREN
        return Sitemap((), children[:_MOST_CHILDREN], cut, other, bad)
    return Sitemap(tuple(entries), (), cut, other, bad)


def _entries(text: str) -> list[tuple[str, str]]:
    found = []
    places = list(_ENTRY.finditer(text))[: MAX_URLS + 1]
    for match, following in zip(places, [*places[1:], None], strict=bool(places)):
        end = following.start() if following is not None else len(text)
        changed = _DATE.search(text, match.end(), min(end, match.end() + 1000))
        found.append((match[1], changed[1] if changed is not None else ""))
    return found


def _inflated(data: bytes) -> tuple[bytes, bool]:
    """The text, at most ``MAX_BYTES`` of it, and whether there was more; gzip is undone."""
    if not data.startswith(b"\x1f\x8b"):
        return data[:MAX_BYTES], len(data) > MAX_BYTES
    reader = zlib.decompressobj(31)
    try:
        text = reader.decompress(data, MAX_BYTES)
    except zlib.error:
        return b"", True
    return text, bool(reader.unconsumed_tail) or not reader.eof
