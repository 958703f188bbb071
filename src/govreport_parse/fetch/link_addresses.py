"""Addresses as pages write them: opened by scripts, shown by viewers, or leading nowhere."""

from __future__ import annotations

import re

from govreport_parse.fetch.link_records import fields_of

_OPENED = re.compile(
    r"(?:window\.open|open(?:Window|Win|Url|Page)?|(?:window\.|self\.|top\.|parent\.|document\.)?"
    r"location(?:\.href)?(?:\.assign|\.replace)?)\s{0,5}(?:\(|=)\s{0,5}(?:['\"]|&quot;)([^'\"\s]{1,2000})['\"]",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]{0,30}):")


def opened_by(script: str) -> str:
    """The address that a click would open (``window.open('...')``), empty without one."""
    match = _OPENED.search(script)
    return match[1] if match is not None else ""


def leads_nowhere(href: str) -> str:
    """Why an address is no page's: ``empty``, ``fragment``, ``javascript``, ``scheme``..."""
    if not href:
        return "empty"
    if href.startswith("#"):
        return "fragment"
    scheme = _SCHEME.match(href)
    if scheme is None or scheme[1].lower() in ("http", "https"):
        return ""
    word = scheme[1].lower()
    if word in ("javascript", "mailto", "tel"):
        return word
    # "a.html:x" and "localhost:80" are no schemes; the canonicaliser judges them.
    return "" if "." in word or href[scheme.end() : scheme.end() + 1].isdigit() else "scheme"


_VIEWER = re.compile(r"viewer|pdfjs|preview|onlinepreview|flexpaper|officeapps", re.IGNORECASE)


def shown_file(address: str) -> str:
    """The file that a viewer in a frame shows (``pdfjs/web/viewer.html?file=/a/b.pdf``)."""
    page, mark, query = address.partition("?")
    if not mark or not _VIEWER.search(page):
        return address
    fields = fields_of(query)
    shown = next((fields[name][0] for name in ("file", "src", "url", "path") if name in fields), "")
    return shown if shown else address


_ORNAMENT = re.compile(
    r"icon|logo|(?:^|[/_-])(?:ico|btn|bg|arrow|dot|line|share|print|close|top|nav|banner|qr|ewm|wx|weixin|weibo|blank|spacer|search|home|dzjg|gongan|beian|jiucuo|wza)(?:[/_.0-9-]|$)|filetype|filetypeimages|/images?/(?:x|dot|list)",
    re.IGNORECASE,
)
_SMALL = 80


def is_ornament(source: str, attributes: dict[str, str]) -> bool:
    """A picture of the page's dress, no scanned report."""
    for name in ("width", "height"):
        size = re.match(r"\s*([0-9]{1,5})(?:px)?\s*$", attributes.get(name, ""))
        if size is not None and int(size[1]) < _SMALL:
            return True
    return _ORNAMENT.search(source.partition("?")[0][-200:]) is not None
