"""The parts of a page in which identification looks: lines, head, tail, title, metadata block.

In: a document and its sections. Out: ``PageParts``, read once and asked by organ, year, date and
kind; and what the title is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from govreport_parse.documents.model import Document, Heading, Table
from govreport_parse.matching.metadata import PageMetadata, read_metadata
from govreport_parse.matching.sections import SectionMatch
from govreport_parse.matching.titles import (
    TitleReading,
    clean_title,
    is_other_report,
    is_part_of_year,
    is_title,
    is_year_only,
    joined_title,
    leading_title,
    read_title,
    site_organ,
    speaks_of_disclosure,
    split_page_title,
)

_HEAD_LIMIT = 60
_TAIL_LIMIT = 12


@dataclass(slots=True)
class PageParts:
    """What identification reads of a page."""

    document: Document
    sections: SectionMatch | None
    url: str | None
    lines: list[str]
    """All paragraphs and headings, stripped."""
    text: str
    """The same in one string, to ask for words once."""
    head: list[str]
    """Those before the first section."""
    tail: list[str]
    title: str | None
    title_source: str | None
    reading: TitleReading
    site_names: tuple[str, ...]
    metadata: PageMetadata


def page_parts(document: Document, sections: SectionMatch | None, url: str | None) -> PageParts:
    """Read the parts; ``url`` is the caller's, else the one that the document names."""
    blocks = document.blocks
    first = sections.first_block if sections is not None else None
    stop = _HEAD_LIMIT if first is None else min(first + 1, _HEAD_LIMIT)
    lines: list[str] = []
    head_lines: list[str] = []
    headings: list[str] = []
    tables: list[Table] = []
    for i, block in enumerate(blocks):
        if isinstance(block, Table):
            if not any(block.columns):  # a layout table: its cells are lines
                inside = [t for s in block.texts for t in _lines_of(s)]
                lines.extend(inside)
                if i < stop:
                    head_lines.extend(inside[:_HEAD_LIMIT])
            elif i < stop and len(block) <= 80:
                tables.append(block)
            continue
        text = block.text.strip()
        if not text:
            continue
        lines.append(text)
        if i < stop:
            if type(block) is Heading and block.level <= 2:
                headings.append(text)
            if "\n" in text:
                head_lines.extend(_lines_of(text))
            else:
                head_lines.append(text)
    metadata = read_metadata(head_lines, tables)
    title, source, sites = _title(document, headings, head_lines, metadata, lines)
    return PageParts(
        document,
        sections,
        url or document.meta.get("url"),
        lines,
        "\n".join(lines),
        head_lines,
        lines[-_TAIL_LIMIT:],
        title,
        source,
        read_title(title) if title is not None else TitleReading(None, ()),
        sites,
        metadata,
    )


def _lines_of(text: str) -> list[str]:
    return [t for t in (s.strip() for s in text.split("\n")) if t]


def _title(
    document: Document,
    headings: Sequence[str],
    head: Sequence[str],
    metadata: PageMetadata,
    lines: Sequence[str],
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The first candidate of title form; else the strongest one that is no section heading."""
    meta = document.meta
    page_title, sites = split_page_title(meta.get("title", ""))
    candidates: list[tuple[str, str]] = [
        (meta.get("articletitle", ""), "articletitle"),
        (meta.get("ucaptitle", ""), "ucaptitle"),
        *((h, "heading") for h in headings),
        *((t, "paragraph") for t in _title_lines(head, lines)),
        (metadata.roles.get("title", ""), "metadata"),
        (page_title, "page"),
    ]
    candidates = [(t, s) for t, s in candidates if t]
    titles = [(t, s) for t, s in _cleaned(candidates) if is_title(t)]
    best = next(((t, s) for t, s in titles if not is_other_report(t)), None)
    best = best or (titles[0] if titles else None)
    if best is not None and (short := read_title(best[0])).organ is None:
        # A column's name, or a short title by markup: the page may print the full one.
        best = next(((t, s) for t, s in titles if _is_fuller(read_title(t), short)), best)
    if best is not None:  # the end of a title that the page prints over several lines
        end = best[0]
        joined = ((t, s) for t, s in titles if s == "paragraph" and t != end and t.endswith(end))
        best = next(joined, best)
    if best is None:
        part = ((t, s) for t, s in _cleaned(candidates) if s == "paragraph")
        best = next(part, None)
    if best is None:
        best = next(((t, s) for t, s in _cleaned(candidates) if _can_be_title(t)), None)
    return (best[0], best[1], sites) if best else (None, None, sites)


def _is_fuller(title: TitleReading, short: TitleReading) -> bool:
    same = not short.years or not title.years or short.years == title.years
    return title.organ is not None and same


def _cleaned(candidates: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((clean_title(text), source) for text, source in candidates)


def _can_be_title(text: str) -> bool:
    if is_year_only(text):
        return True
    return len(text) >= 4 and text[0] not in "一二三四五六（(" and site_organ(text) is None


def _title_lines(head: Sequence[str], lines: Sequence[str]) -> Iterator[str]:
    """Lines of title form; a broken title is joined, one that runs on into a sentence is cut.

    ``lines``: all of the page. They tell a site's name above the title from its first line.
    """
    for i, line in enumerate(head):
        if len(line) > 160:
            continue
        joined = joined_title(head, i)
        if joined is not None and not _is_site_above(joined, lines):
            yield joined
        if is_title(line):
            yield line
            if not is_other_report(line):
                return
        elif i < _RUN_ON_LINES and _is_statistics_title(line):
            yield line
        if i < _RUN_ON_LINES and (leading := leading_title(line)) is not None:
            yield leading
            return


_OWN_WORD = re.compile("我(?P<word>局|委|厅|中心|[市区县州旗省镇乡街](?!.{0,4}(?:局|委)))")


def _is_site_above(title: str, lines: Sequence[str]) -> bool:
    """Whether a government's name above a title is the site's: the report says 我局 of itself."""
    organ = read_title(title).organ
    if organ is None or not organ.endswith("人民政府"):
        return False
    found = next((m for line in lines if (m := _OWN_WORD.search(line)) is not None), None)
    return found is not None and found["word"] in ("局", "委", "厅", "中心")


_RUN_ON_LINES = 3


def _is_statistics_title(line: str) -> bool:
    """A line alone that names half a year's or a quarter's disclosure."""
    return (
        len(line) <= 60
        and is_part_of_year(line)
        and speaks_of_disclosure(line)
        and _LINE_SIGNS.isdisjoint(line)
    )


def topics(page: PageParts) -> tuple[bool, bool]:
    """``topic`` and ``other_topic``; a title beats what sites and columns are called."""
    page_title = page.document.meta.get("title", "")
    title = page.title or ""
    if speaks_of_disclosure(title):
        return True, False
    near = (t for t in page.head[:_TOPIC_LINES] if _LINE_SIGNS.isdisjoint(t))
    others = (title, split_page_title(page_title)[0], *near)
    other = any(is_other_report(t) for t in others)
    return not other and speaks_of_disclosure(page_title), other


_TOPIC_LINES = 8
_LINE_SIGNS = frozenset("，。：；>|")


def split_address(url: str | None) -> SplitResult | None:
    """The address in parts; ``None`` for one that is none (a stray bracket)."""
    try:
        return urlsplit(url) if url else None
    except ValueError:
        return None
