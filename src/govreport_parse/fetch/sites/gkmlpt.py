"""gkmlpt, Guangdong's platform: ``/gkmlpt/api/all/{category}?page=n&sid=SID`` gives JSON."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from govreport_parse.fetch.sites.model import Entry, Listing, Page, capped, link_entries

_SID = re.compile(r"""\bSID\s*:\s*['"]?([0-9]{1,12})""")
_API = re.compile(r"/gkmlpt/api/all/([0-9]{1,9})\?")
_NUMBER = re.compile(r"\bpage=([0-9]{1,6})")
_TREE_NODE = re.compile(
    r"""["']?id["']?\s*:\s*["']?([0-9]{1,9})["']?\s*,\s*["']?name["']?\s*:\s*["']([^"']{1,60})["']"""
)
_ANNUAL = re.compile("年报|年度报告")
_PER_PAGE = 100


class _Gkmlpt:
    name = "gkmlpt"

    def recognises(self, page: Page) -> bool:
        """By the path of the platform."""
        return "/gkmlpt/" in page.url or "/gkmlpt/" in page.text

    def read(self, page: Page) -> Listing:
        """Articles of an answer, or the addresses of the annual-report categories of a page."""
        if _API.search(page.url):
            return self._answer(page)
        sid = _SID.search(page.text)
        if sid is None:
            return Listing(self.name, link_entries(page))
        pages, notes = capped(
            urljoin(page.url, f"/gkmlpt/api/all/{number}?page=1&sid={sid[1]}")
            for number, name in _TREE_NODE.findall(page.text)
            if _ANNUAL.search(name)
        )
        return Listing(self.name, link_entries(page), pages, notes)

    def _answer(self, page: Page) -> Listing:
        try:
            data: Any = json.loads(page.text)
            total = int(data["total"])
            articles = list(data["articles"])
        except (ValueError, KeyError, TypeError):
            return Listing(self.name, (), (), ("json_expected",))
        number = _NUMBER.search(page.url)
        pages: tuple[str, ...] = ()
        notes: tuple[str, ...] = ()
        if number and number[1] == "1":
            pages, notes = capped(
                _NUMBER.sub(f"page={n}", page.url)
                for n in range(2, 1 + -(-total // max(_PER_PAGE, len(articles))))
            )
        return Listing(self.name, tuple(_entries(page.url, articles)), pages, notes)


def _entries(base: str, articles: list[Any]) -> Iterator[Entry]:
    for article in articles:
        if not isinstance(article, dict):
            continue
        url = article.get("post_url") or article.get("url")
        title = article.get("title")
        if not isinstance(url, str) or not isinstance(title, str):
            continue
        publisher = article.get("publisher")
        yield Entry(
            urljoin(base, url),
            " ".join(title.split()),
            _day(article.get("display_publish_time") or article.get("created_at")),
            publisher if isinstance(publisher, str) else None,
        )


def _day(value: Any) -> str | None:
    """A date in China's time from seconds since 1970 or a text."""
    if isinstance(value, str):
        found = re.match("20[0-9]{2}-[01][0-9]-[0-3][0-9]", value)
        return found[0] if found else None
    if isinstance(value, int) and 0 < value < 1 << 33:
        zone = datetime.timezone(datetime.timedelta(hours=8))
        return datetime.datetime.fromtimestamp(value, zone).date().isoformat()
    return None


ADAPTER = _Gkmlpt()
