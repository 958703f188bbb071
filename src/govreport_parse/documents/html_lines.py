"""Runs of text from a page as blocks: blanks, line breaks and page-break marks."""

from __future__ import annotations

from govreport_parse.documents import html_ink as ink
from govreport_parse.documents.html_article import Item
from govreport_parse.documents.model import Heading

PAGE_BREAK = "#PAGE_BREAK#"
SEPARATOR = "\x1f"
"""Between the pieces of a text call that are to be told apart."""


def emit(blocks: list[Item], text: str, level: int) -> None:
    """Append a run of text: a heading where it has a level, nothing where it is empty."""
    text = text.strip()
    if not text:
        return
    if "\n" in text:
        text = unwrap(text)
    if PAGE_BREAK in text:
        text = text.replace(PAGE_BREAK, "").strip()
        if not text:
            return
    blocks.append(Heading(text, level) if level else text)


def unwrap(text: str) -> str:
    """A line break in the source is a blank, as in a browser; ``\\n`` is kept for real breaks."""
    return " ".join(part for line in text.split("\n") if (part := line.strip(" \t\r\f")))


def without_signs(blocks: list[Item]) -> list[Item]:
    """The same without signs in texts: outside tables a picture is no figure."""
    out: list[Item] = []
    for block in blocks:
        if isinstance(block, str):
            if text := ink.without_signs(block):
                out.append(text)
        elif isinstance(block, Heading):
            if text := ink.without_signs(block.text):
                out.append(Heading(text, block.level))
        else:
            out.append(block)
    return out
