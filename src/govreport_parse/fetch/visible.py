"""What a person would see of a page: its title, its words, a few signs. Linear, no parser.

For telling error pages, logins and empty shells from documents: a page that breaks every rule of
HTML must be looked at in bounded time too, so this is a single pass over the bytes, not a tree.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

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
    title, text = _visible(source)
    alerts = " ".join(_ALERT.findall(source))[:_ALERT_CHARACTERS]
    return Page(
        title=title,
        text=text,
        alerts=alerts,
        password_field=_PASSWORD.search(source) is not None,
        app_root=_APP_ROOT.search(source) is not None,
        scripts=len(_SCRIPT_FILE.findall(source)),
        documents=len(_DOCUMENT_LINK.findall(source)),
    )


def _visible(source: str) -> tuple[str, str]:
    lower = source.lower()
    words: list[str] = []
    title = ""
    at, end = 0, len(source)
    while at < end:
        tag = source.find("<", at)
        if tag < 0:
            words.append(source[at:])
            break
        words.append(source[at:tag])
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
        if kind == "title" or kind in _UNSEEN:
            stop = lower.find(f"</{kind}", after)
            if stop < 0:
                break
            if kind == "title" and not title:
                title = source[after:stop]
            after = stop
        at = after
    return _folded(title)[:_TITLE_CHARACTERS], _folded(" ".join(words))


def _folded(text: str) -> str:
    return _SPACE.sub(" ", html.unescape(text).replace("\u200b", "")).strip()
