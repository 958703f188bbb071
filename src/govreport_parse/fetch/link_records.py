"""A link of a page, and the list of them: what ``links`` reads and ``paging`` and others take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

LinkKind = Literal["page", "document", "archive", "image"]


@dataclass(frozen=True, slots=True)
class Link:
    """``text`` as shown, ``title`` from its attribute, ``context`` the row it stands in.

    ``tag`` is the element it came from (``a``, ``iframe``, ``meta``, ``onclick``, ``img``...).
    ``in_article``: it stands in the main text of the page, as far as that could be told.
    """

    url: str
    text: str = ""
    title: str = ""
    rel: str = ""
    context: str = ""
    tag: str = "a"
    in_article: bool = False

    @property
    def label(self) -> str:
        """The fuller of text and title: lists cut the text and keep all of it in the title."""
        cut = self.text.endswith(("…", "..", "．．"))
        return self.title if (cut or not self.text) and self.title else self.text

    @property
    def kind(self) -> LinkKind:
        """What the address promises by its ending; not to be believed."""
        return kind_of(self.url)


class Links(list[Link]):
    """The links of a page, and what was left out of the list."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        super().__init__(links)
        self.left_out: Counter[str] = Counter()
        """``javascript``, ``mailto``, ``tel``, ``fragment``, ``scheme``, ``empty``, ``bad``."""
        self.cut = False
        """There were more than ``links.MAX_LINKS``."""
        self.nofollow = False
        """The page asks robots not to follow its links (meta robots)."""


_DOCUMENTS = frozenset(
    ("pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "ods", "rtf", "ofd", "txt", "csv")
)
_ARCHIVES = frozenset(("zip", "rar", "7z"))
_IMAGES = frozenset(("jpg", "jpeg", "png", "gif", "tif", "tiff", "bmp", "webp"))
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_FIELDS = 50
_NAME_FIELDS = ("filename", "file", "name", "fname", "oldname", "path", "fileurl", "url")


_PAGES = (".html", ".htm", ".shtml", ".jsp", ".aspx", "/")


def kind_of(url: str) -> LinkKind:
    """What an address promises by its ending, or by a field of its query that names a file."""
    if url.endswith(_PAGES) and "?" not in url:
        return "page"
    parts = urlsplit(url)
    endings = [parts.path]
    if parts.query:
        fields = fields_of(parts.query)
        endings += [value for name in _NAME_FIELDS for value in fields.get(name, ())]
    for ending in endings:
        match = _EXTENSION.search(unquote(ending))
        word = match[1].lower() if match is not None else ""
        if word in _DOCUMENTS:
            return "document"
        if word in _ARCHIVES:
            return "archive"
        if word in _IMAGES:
            return "image"
    return "page"


def fields_of(query: str) -> dict[str, list[str]]:
    """The first fields of a query by their names."""
    return parse_qs("&".join(query[:2000].split("&", _FIELDS)[:_FIELDS]))
