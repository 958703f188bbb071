"""Hanweb's information-disclosure module: annual reports as a grid of organ and year.

``xxgkAnnualReport.jsp?area=<organ code>&fbtime=<year>`` gives one report; ``fbtime`` is the report
year. The page (or ``search.jsp``) offers the years in a ``<select>`` and the organs in a tree.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from govreport_parse.fetch.sites.model import Entry, Listing, Page, capped, link_entries

_REPORT = "xxgkAnnualReport.jsp"
_OPTION = re.compile(r"""<option[^>]{0,200}?value\s*=\s*["']?(20[0-9]{2})["']?""", re.IGNORECASE)
_FIRST_YEAR = 2008
"""The regulation on open government information came into force on 1 May 2008."""


class _HanwebAnnual:
    name = "hanweb_annual"

    def recognises(self, page: Page) -> bool:
        """By the name of the report's own page."""
        return _REPORT in page.url or _REPORT in page.text

    def read(self, page: Page) -> Listing:
        """One entry per organ seen and year offered; links with both are taken as they are."""
        entries: dict[str, Entry] = {}
        organs: dict[str, tuple[str, str]] = {}
        for link in (*link_entries(page), Entry(page.url, "")):
            if _REPORT not in link.url:
                continue
            area, year = _parts(link.url)
            if not area:
                continue
            base = urljoin(page.url, link.url.partition("?")[0])
            if area not in organs or not organs[area][1]:
                organs[area] = (base, "" if year else link.title)
            if year:
                entries[link.url] = Entry(link.url, link.title or f"{year}年", year=year)
        offered = sorted({int(y) for y in _OPTION.findall(page.text)}, reverse=True)
        for area, (base, name) in organs.items():
            for year in offered:
                if _FIRST_YEAR <= year <= date.max.year:
                    url = f"{base}?{urlencode({'area': area, 'fbtime': year})}"
                    title = f"{name}{year}年政府信息公开工作年度报告"
                    entries.setdefault(url, Entry(url, title, None, name or None, year))
        kept, notes = capped(entries)
        return Listing(self.name, tuple(entries[u] for u in kept), (), notes)


def _parts(url: str) -> tuple[str, int | None]:
    given = parse_qs(urlsplit(url).query)
    year = given.get("fbtime", [""])[0]
    return given.get("area", [""])[0], int(year) if re.fullmatch("20[0-9]{2}", year) else None


ADAPTER = _HanwebAnnual()
