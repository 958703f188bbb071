"""Hanweb jpaas: list parts come as JSON, articles are ``/art/2024/art_<hex>.html``.

The column page names the part (``webId``, ``tplSetId``, ``tagId``, ``pageId``) in its
``queryData``; the publish server's ``paramJson={"pageNo":n,"pageSize":m}`` asks for page n. The
answer's ``data.html`` is the list.
"""

from __future__ import annotations

import html as entities
import json
import re
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from govreport_parse.fetch.sites.model import Entry, Listing, Page, capped, link_entries

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_NEEDED = ("webId", "tplSetId", "tagId", "pageId")
_QUERY = re.compile(r"""\bqueryData\s*=\s*(['"])(\{[^<]{2,2000}?\})\1""")
_ARTICLE = re.compile(r"/art/20[0-9]{2}/art_[0-9a-f]{32}\.html")
_LINK = re.compile(
    r"""<a\b[^>]{0,500}?\bhref\s*=\s*["']([^"']{1,2000})["'][^>]{0,500}>(.{0,2000}?)</a>""",
    re.DOTALL,
)
_TAG = re.compile(r"<[^>]{0,2000}>")
_DATE = re.compile(r"20[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]")
_COUNT = re.compile(r"""\bcount\s*[:=]\s*["']?([0-9]{1,7})""")
_SIZE = 15


class _HanwebJpaas:
    name = "hanweb_jpaas"

    def recognises(self, page: Page) -> bool:
        """By the publish server's address, or two addresses of its articles."""
        if _UNIT in page.url or "jpaas-publish-server" in page.text:
            return True
        return sum(_ARTICLE.search(link.url) is not None for link in page.links) >= 2

    def read(self, page: Page) -> Listing:
        """Entries of the page, or of ``data.html`` of an answer; pages by the publish server."""
        if _UNIT in page.url:
            return self._answer(page)
        part = _part(page.text)
        entries = tuple(e for e in link_entries(page) if _ARTICLE.search(e.url))
        if part is None:
            return Listing(self.name, entries or link_entries(page))
        return Listing(self.name, entries, (_address(page.url, part, 1),))

    def _answer(self, page: Page) -> Listing:
        try:
            data = json.loads(page.text)
            markup = data["data"]["html"]
        except (ValueError, KeyError, TypeError):
            return Listing(self.name, (), (), ("json_expected",))
        if not isinstance(markup, str):
            return Listing(self.name, (), (), ("json_expected",))
        entries: list[Entry] = []
        for found in _LINK.finditer(markup):
            title = " ".join(entities.unescape(_TAG.sub("", found[2])).split())
            date = _DATE.search(markup, found.end(), found.end() + 300)
            url = urljoin(page.url, entities.unescape(found[1]))
            if title:
                entries.append(Entry(url, title, date[0] if date else None))
        count = _COUNT.search(markup)
        asked = _asked(page.url)
        pages, notes = capped(
            _again(page.url, n)
            for n in range(2, 1 + -(-int(count[1]) // asked[1]) if count and asked[1] else 2)
            if asked[0] == 1
        )
        return Listing(self.name, tuple(entries), pages, notes)


def _part(text: str) -> dict[str, str] | None:
    """The part of the page that is the list."""
    for found in _QUERY.finditer(text):
        try:
            data: Any = json.loads(entities.unescape(found[2]).replace("'", '"'))
        except ValueError:
            continue
        if isinstance(data, dict) and all(str(data.get(k, "")) for k in _NEEDED):
            return {k: str(v) for k, v in data.items() if isinstance(v, str | int)}
    return None


def _address(base: str, part: dict[str, str], number: int) -> str:
    query = {
        "parseType": "bulidstatic",  # so spelt by the server
        "webId": part["webId"],
        "tplSetId": part["tplSetId"],
        "pageType": "column",
        "tagId": part["tagId"],
        "pageId": part["pageId"],
        "paramJson": json.dumps({"pageNo": number, "pageSize": _SIZE}, separators=(",", ":")),
    }
    return urljoin(base, _UNIT) + "?" + urlencode(query)


_NUMBER = re.compile(r"pageNo%22%3A([0-9]{1,6})")
_PER_PAGE = re.compile(r"pageSize%22%3A([0-9]{1,6})")


def _asked(url: str) -> tuple[int, int]:
    query = urlsplit(url).query
    number, size = _NUMBER.search(query), _PER_PAGE.search(query)
    return (int(number[1]) if number else 0, int(size[1]) if size else 0)


def _again(url: str, number: int) -> str:
    return _NUMBER.sub(f"pageNo%22%3A{number}", url)


ADAPTER = _HanwebJpaas()
