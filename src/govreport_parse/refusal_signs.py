"""Why a document in which no report was found may hold one all the same: a word and a hint.

Looked for only when a document is refused: pages that a script fills, content in elements that
are no part of what a browser shows, and a path that names no file and so was taken for a text.
"""

from __future__ import annotations

import re

from govreport_parse.documents.model import Document
from govreport_parse.source import Source

LOOKED_AT = 2_000_000
"""Bytes of a page that are looked at."""
_LONGEST_PATH = 300
_LITTLE = 400
"""Characters; a page that shows less was not seen as it is in a browser."""
_STATE = (b"__next_data__", b"__nuxt__", b"__initial_state__", b"__apollo_state__")
_WRITES = (b"document.write(", b"innerhtml", b".mount(")
_UNSHOWN = (b"<noscript", b"<template", b"<textarea")
_CONTENT = re.compile(rb"(?:<|&lt;)table|(?:<|&lt;)td")
_SECTIONS = ("总体情况", "主动公开", "年度报告", "行政复议")
_BROWSER = "open the page in a browser, save it as HTML or .mhtml, and parse that file"
_NO_FILE = (
    "no such file? A str that names no existing file is read as the text of the document; "
    "give a pathlib.Path to have a missing file said"
)


def signs(origin: Source, document: Document) -> tuple[str, str]:
    """What the message is to add and the hint to give; both empty when nothing is seen."""
    if _is_one_word(origin):
        return "", _NO_FILE
    if document.format != "html":
        return "", ""
    page = origin.data[:LOOKED_AT].lower()
    if where := _unshown(page, document.encoding or "utf-8"):
        return (
            f"; what may be a report stands in {where}, which is not read",
            f"if the report is in it, cut it out and parse it alone; else {_BROWSER}",
        )
    found = [word for word in _STATE if word in page]
    is_thin = sum(len(getattr(b, "text", "")) for b in document.blocks) < _LITTLE
    if not found and is_thin:
        found = [word for word in _WRITES if word in page]
    if found or any(f.code == "js_shell" for f in document.findings):
        return "; a script fills this page in the browser", _BROWSER
    return "", ""


def _is_one_word(origin: Source) -> bool:
    """A text of one short line without markup, which may be meant for a path."""
    data = origin.data
    return (
        origin.name == "<text>"
        and len(data) <= _LONGEST_PATH
        and not any(sign in data.strip() for sign in (b"\n", b"<", b"|", b"\t"))
    )


def _unshown(page: bytes, encoding: str) -> str:
    """The element or attribute that holds tables or sections of a report; empty if none does."""
    for tag in _UNSHOWN:
        for piece in page.split(tag)[1:20]:
            inside = piece.partition(b"</" + tag[1:])[0]
            if _is_content(inside, encoding):
                return f"{tag.decode()}>"
    for piece in page.split(b"srcdoc=")[1:20]:
        quote = piece[:1]
        if quote in (b"'", b'"') and _is_content(piece[1:].partition(quote)[0], encoding):
            return "srcdoc"
    return ""


def _is_content(inside: bytes, encoding: str) -> bool:
    if _CONTENT.search(inside):
        return True
    text = inside.decode(encoding, "replace")
    return sum(word in text for word in _SECTIONS) >= 2
