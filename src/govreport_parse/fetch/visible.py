"""What a person would see of a page: its title, its words, a few signs. Linear, no parser.

For telling error pages, logins and empty shells from documents: a page that breaks every rule of
HTML must be looked at in bounded time too, so this is a single pass over the bytes, not a tree.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from govreport_parse.fetch.link_addresses import is_ornament

READ_BYTES = 256 * 1024
"""What is looked at of a page."""
_TITLE_CHARACTERS = 200
_ALERT_CHARACTERS = 400

_TAG_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]{0,30}")
_SPACE = re.compile(r"\s+")
_PASSWORD = re.compile(r"<input\b[^<>]{0,400}\btype\s{0,3}=\s{0,3}[\"']?password", re.IGNORECASE)
_APP_ROOT = re.compile(
    r"<(?:div|section|main|app-root)\b[^<>]{0,200}?\bid\s{0,3}=\s{0,3}[\"']?"
    r"(?:app|root|__next|__nuxt|main-app|application|container-app|q-app)[\"'\s>]|<app-root\b",
    re.IGNORECASE,
)
_SCRIPT_FILE = re.compile(r"<script\b[^<>]{0,400}\bsrc\s{0,3}=", re.IGNORECASE)
_ALERT = re.compile(r"alert\s{0,3}\(\s{0,3}[\"']([^\"']{1,200})[\"']", re.IGNORECASE)
_DOCUMENT_LINK = re.compile(
    r"href\s{0,3}=\s{0,3}[\"']?[^\"'<>\s]{1,500}\.(?:pdf|docx?|wps|xlsx?|et|ods|zip|rar|ofd)\b",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"<img\b[^<>]{0,400}?\bsrc\s{0,3}=\s{0,3}[\"']?([^\"'<>\s]{1,500})", re.IGNORECASE
)
_FRAME = re.compile(
    r"<(?:i?frame|embed|object)\b|http-equiv\s{0,3}=\s{0,3}[\"']?refresh", re.IGNORECASE
)
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")
_FOOT = re.compile(
    r"主办|承办|版权|备案|ICP|公网安备|标识码|技术支持|联系我们|地址[:：]|邮编|电话[:：]|当前位置|所在位置"
)
_UNSEEN = frozenset(("script", "style", "textarea", "select", "template", "svg", "iframe"))


@dataclass(frozen=True, slots=True)
class Page:
    """Title and visible text with white space folded, and signs that are no text."""

    title: str = ""
    text: str = ""
    alerts: str = ""
    """What scripts would say in a message box."""
    password_field: bool = False
    app_root: bool = False
    """An element that a script is to fill (``id="app"`` and its like)."""
    scripts: int = 0
    """Script files the page asks for."""
    documents: int = 0
    """Links to files of office formats."""
    own: str = ""
    """The text that is no link and no line of a footer (主办, ICP备, 版权所有)."""
    links: int = 0
    years_linked: int = 0
    """Links whose words name a year, as the lines of a list of reports do."""
    holds_more: bool = False
    """A frame, a picture that is no ornament, or a refresh: the page is not its text alone."""


def page_text(body: bytes) -> str:
    """Text for looking at, not for parsing: BOM, UTF-8, else GB18030; bad bytes replaced."""
    body = body[:READ_BYTES]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8-sig")
    # Labels lie; the encoding that breaks less is the likelier one.
    texts = (body.decode("utf-8", "replace"), body.decode("gb18030", "replace"))
    return min(texts, key=lambda text: text.count("\ufffd"))


def read_page(body: bytes) -> Page:
    """The first 256 KiB of a page as a person would see them."""
    source = page_text(body)
    title, text, own, anchors = _visible(source)
    alerts = " ".join(_ALERT.findall(source))[:_ALERT_CHARACTERS]
    return Page(
        title=title,
        text=text,
        alerts=alerts,
        password_field=_PASSWORD.search(source) is not None,
        app_root=_APP_ROOT.search(source) is not None,
        scripts=len(_SCRIPT_FILE.findall(source)),
        documents=len(_DOCUMENT_LINK.findall(source)),
        own=own,
        links=len(anchors),
        years_linked=sum(_YEAR.search(words) is not None for words in anchors),
        holds_more=_holds_more(source),
    )


def _holds_more(source: str) -> bool:
    if _FRAME.search(source) is not None:
        return True
    return any(not is_ornament(match[1], {}) for match in _PICTURE.finditer(source))


def _visible(source: str) -> tuple[str, str, str, list[str]]:
    """Title, text, text outside of links and footers, and the words of each link."""
    lower = source.lower()
    words: list[str] = []
    own: list[str] = []
    anchors: list[list[str]] = []
    linked = False
    title = ""
    at, end = 0, len(source)
    while at < end:
        tag = source.find("<", at)
        if tag < 0:
            words.append(source[at:])
            own.append(source[at:])
            break
        words.append(source[at:tag])
        (anchors[-1] if linked else own).append(source[at:tag])
        if source.startswith("<!--", tag):
            close = source.find("-->", tag + 4)
            at = end if close < 0 else close + 3
            continue
        name = _TAG_NAME.match(source, tag + 1)
        if name is None and source[tag + 1 : tag + 2] not in ("!", "?"):
            words.append("<")
            at = tag + 1
            continue
        close = source.find(">", tag)
        after = end if close < 0 else close + 1
        kind = name[0].lower() if name is not None else ""
        if kind == "a":
            linked = True
            anchors.append([])
        elif kind == "/a":
            linked = False
        if kind == "title" or kind in _UNSEEN:
            stop = lower.find(f"</{kind}", after)
            if stop < 0:
                break
            if kind == "title" and not title:
                title = source[after:stop]
            after = stop
        at = after
    lines = (_folded(piece) for piece in own)
    alone = " ".join(line for line in lines if line and not _FOOT.search(line))
    return (
        _folded(title)[:_TITLE_CHARACTERS],
        _folded(" ".join(words)),
        alone,
        ["".join(pieces) for pieces in anchors],
    )


def _folded(text: str) -> str:
    return _SPACE.sub(" ", html.unescape(text).replace("\u200b", "")).strip()
