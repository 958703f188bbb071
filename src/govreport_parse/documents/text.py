"""Plain text to a ``Document``: one paragraph per line, nothing interpreted.

Of Markdown the marks are dropped that can stand in a table's cells (bold, escapes, ``<br>``), if a
rule below a table's head shows that it is Markdown. Quotation marks around fields between tabs, the
row marks of a wiki's table and the radicals of PDF fonts (⾏ for 行) are undone.

Tables in text (pipes, tabs, a cell a line) are told by the form's labels, which is the matcher's
work; a reader that guessed their shape from bars would be wrong in half of the dialects seen.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import unescape

from govreport_parse.documents.model import Block, Document, Paragraph
from govreport_parse.errors import LimitExceededError
from govreport_parse.text import fold

MAX_CHARACTERS = 16 * 1024 * 1024
_RULE = re.compile(r"^ *\|? *:?-{3,}:? *(?:\| *:?-+:? *)+\|? *$", re.MULTILINE)
_BOLD = re.compile(r"\*\*([^*|\n]{1,120})\*\*")
_ESCAPED = re.compile(r"\\([\\`*_{}()\[\]#+.!~-])")
_BREAK = re.compile(r"([^|\s]?) {0,4}<br ?/?> {0,4}(?=([^|\s]?))", re.IGNORECASE)
_QUOTED = re.compile(r"(?:^|(?<=\t))\"((?:[^\"\t\n]|\"\")*)\"(?=[\t\r\n]|\Z)", re.MULTILINE)
_QUOTES = re.compile(r"&(?:amp;)?([lr][ds]quo);")
_WIKI = re.compile(r"^(?:\{\|.*|\|[-}].*|\|\+)$", re.MULTILINE)
"""Of a wiki's table: its begin and end, and the line between two rows (``|-``)."""
_RADICAL = re.compile("[\u2e80-\u2fdf]")
_COMMON_RADICALS = "\u2f8f\u2f08\u2f00\u2f24"
"""⾏ ⼈ ⼀ ⼤: a report whose text holds radicals holds one of these."""
_LEAST_ROWS = 15
_LEAST_MARKS = 7
"""Separators of the shortest row of a table of requests."""
_LINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def read_text(text: str) -> Document:
    """Lines to paragraphs, numbered from 1; empty lines are left out.

    Raises ``LimitExceededError`` above 16 million characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise LimitExceededError(
            f"{len(text)} characters are more than a report can have",
            hint="cut a corpus into documents first (govreport mine)",
            context={"limit": MAX_CHARACTERS},
        )
    if "---" in text and _RULE.search(text) is not None:
        text = _ESCAPED.sub(r"\1", _BREAK.sub(_unbroken, _BOLD.sub(r"\1", text)))
    elif "|" not in text and "\t" not in text:
        text = _without_commas(text)
    elif '"\t' in text or '\t"' in text:
        text = _QUOTED.sub(lambda m: m[1].replace('""', '"'), text)
    if "quo;" in text:
        text = _QUOTES.sub(lambda m: unescape(f"&{m[1]};"), text)
    if "{|" in text:
        text = _WIKI.sub("", text)
    if any(c in text for c in _COMMON_RADICALS):
        text = _RADICAL.sub(lambda m: fold(m[0]) or m[0], text)
    blocks: list[Block] = [
        Paragraph(line, number)
        for number, line in enumerate(_LINE.split(text), 1)
        if line and ("\t" in line or not line.isspace())  # tabs alone: a row of blank cells
    ]
    return Document(blocks, "text", "text/plain")


def _unbroken(found: re.Match[str]) -> str:
    """A blank for a line break, but not between digits: those are two lines, and no number."""
    return found[0] if found[1].isdigit() and found[2].isdigit() else f"{found[1]} "


def _without_commas(text: str) -> str:
    """Tabs for the separators of a CSV file; other texts stay.

    A file is one if many lines have the same number of commas, or of semicolons, outside quotes.
    """
    for mark in ",;":
        if text.count(mark) < _LEAST_ROWS * _LEAST_MARKS:
            continue
        lines = text.split("\n")
        rows = {i: _fields(line, mark) for i, line in enumerate(lines) if line.count(mark) > 2}
        counts = Counter(len(row) for row in rows.values() if len(row) > _LEAST_MARKS)
        if not counts or max(counts.values()) < _LEAST_ROWS:
            continue
        for i, width in _widths(rows).items():
            lines[i] = "\t".join(" ".join(field.split()) for field in rows[i][:width])
        return "\n".join(lines)
    return text


def _widths(rows: Mapping[int, Sequence[str]]) -> dict[int, int]:
    """How many fields of each row are its table's; the others fill up to the widest table's.

    Rows with one field part tables, unless those above and below have the same width.
    """
    used = {
        i: max((k for k, t in enumerate(row, 1) if t.strip()), default=0) for i, row in rows.items()
    }
    runs: list[list[int]] = [[]]
    for i, width in used.items():
        single = width < 2
        if not runs[-1] or single or used[runs[-1][-1]] < 2 or i != runs[-1][-1] + 1:
            runs.append([])
        runs[-1].append(i)
    runs = [run for run in runs if run]
    widest = [max(used[i] for i in run) for run in runs]
    for k in range(1, len(runs) - 1):
        if widest[k] < 2 and widest[k - 1] == widest[k + 1]:
            widest[k] = widest[k - 1]
    return {i: width for run, width in zip(runs, widest, strict=True) for i in run}


def _fields(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=mark), [])
    except csv.Error:  # a NUL, or a field longer than the module takes
        return []
