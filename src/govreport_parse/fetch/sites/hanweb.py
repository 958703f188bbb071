"""Hanweb jcms: the list stands in the page as ``<datastore>`` XML, further pages come by proxy.

``/module/web/jpage/dataproxy.jsp`` takes ``startrecord``, ``endrecord`` and ``perpage`` with the
values that the page's script names (``col``, ``webid``, ``columnid``, ``unitid`` ...). The static
``index_1.html`` of other systems is 404 here.
"""

from __future__ import annotations

import html as entities
import re
from urllib.parse import urlencode, urljoin

from govreport_parse.fetch.sites.model import Entry, Listing, Page, capped, link_entries

_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_TOTAL = re.compile(r"<totalrecord>\s*([0-9]{1,7})\s*</totalrecord>")
_HREF = re.compile(
    r"""<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]{1,2000})["']?[^>]*>(.*?)</a>""", re.DOTALL
)
_TITLE = re.compile(r"""\btitle\s*=\s*(?:"([^"]{1,300})"|'([^']{1,300})')""")
_TAG = re.compile(r"<[^>]{0,2000}>")
_DATE = re.compile(r"20[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]")
_SETTING = re.compile(
    r"""\b(\w{2,24})\s*:\s*(?:'([^'\n]{0,300})'|"([^"\n]{0,300})"|([0-9]{1,9}))"""
)
_SENT = (
    *("col", "webid", "path", "columnid", "sourceContentType", "unitid", "webname"),
    "permissiontype",
)
_PROXY = "/module/web/jpage/dataproxy.jsp"
_COLUMN = re.compile(r"/col/col[0-9]+/")


class _Hanweb:
    name = "hanweb"

    def recognises(self, page: Page) -> bool:
        """By the embedded store, its answer alone, or the address of a column."""
        return "<datastore>" in page.text or (
            _COLUMN.search(page.url) is not None and "jpage" in page.text
        )

    def read(self, page: Page) -> Listing:
        """The records of the store; pages by proxy until the total is reached."""
        entries = _records(page)
        given = _settings(page.text)
        pages, notes = capped(_further(page, given))
        return Listing(self.name, entries or link_entries(page), pages, notes)


def _records(page: Page) -> tuple[Entry, ...]:
    out: dict[str, Entry] = {}
    for record in _RECORD.findall(page.text):
        for found in _HREF.finditer(record):
            url = urljoin(page.url, entities.unescape(found[1]))
            named = _TITLE.search(found[0].partition(">")[0])
            shown = " ".join(entities.unescape(_TAG.sub("", found[2])).split())
            title = entities.unescape(named[1] or named[2] or "") if named else ""
            date = _DATE.search(record)
            out.setdefault(url, Entry(url, max(title, shown, key=len), date[0] if date else None))
    return tuple(e for e in out.values() if e.title)


def _settings(text: str) -> dict[str, str]:
    """The values of the page's own paging script."""
    at = text.find("perpage")
    if at < 0:
        return {}
    start = text.rfind("{", 0, at)
    end = text.find("}", at)
    block = text[max(start, 0) : end if end > 0 else at + 2000]
    return {m[1]: m[2] or m[3] or m[4] or "" for m in _SETTING.finditer(block)}


def _further(page: Page, given: dict[str, str]) -> list[str]:
    total = _TOTAL.search(page.text)
    per = given.get("perpage", "")
    if total is None or not per.isdecimal() or not int(per):
        return []
    records, size = int(total[1]), int(per)
    base = urljoin(page.url, given.get("proxyUrl") or _PROXY)
    fixed = {k: given[k] for k in _SENT if given.get(k)}
    shown = max(size, len(_RECORD.findall(page.text)))
    return [
        f"{base}?{urlencode(_asked(n, size) | fixed)}" for n in range(1 + shown, records + 1, size)
    ]


def _asked(first: int, size: int) -> dict[str, str]:
    return {
        "startrecord": str(first),
        "endrecord": str(first + size - 1),
        "perpage": str(size),
    }


ADAPTER = _Hanweb()
