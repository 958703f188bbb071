"""Sections of reports outside the forms, by their own numbered headings.

In: the blocks, which of them are tables, and the sections found with the forms' headings. Out:
these, or, where they leave out much of the text, the parts under 一、 二、 三、 as the report
numbers them. A part that the forms know keeps its key, the others are ``narrative_1``,
``narrative_2`` …; text without any heading is one part, so that no narrative is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from govreport_parse.documents.model import Block, Table
from govreport_parse.matching.headings import Marker, read_marker, split_subsections
from govreport_parse.matching.sections import PREAMBLE, FoundSection, SectionMatch
from govreport_parse.text import label_key

MORE = 1.2
"""How many times the text of the forms' sections the own parts hold that replace them."""
MAX_HEADING = 40
_END = re.compile(r"[。：:！]")
_TITLE_END = ("报告", "年报", "報告", "年報")


def narrative_sections(
    blocks: Sequence[Block], consumed: frozenset[int], found: SectionMatch
) -> SectionMatch:
    """The sections to keep. Time is linear in the text."""
    own = _parts(blocks, consumed)
    more_parts = _headed(own) > _headed(found.sections)
    if not more_parts and _size(own) <= MORE * _size(found.sections):
        return found
    keys = {label_key(s.heading): s.key for s in found.sections if s.heading}
    keys = {h: k for h, k in keys.items() if not k.startswith("extra")}
    named: list[FoundSection] = []
    for section in own:
        key = keys.pop(label_key(section.heading), None) if section.heading else None
        named.append(replace(section, key=key) if key else section)
    return replace(found, sections=tuple(named))


def _headed(sections: Sequence[FoundSection]) -> int:
    return sum(bool(s.heading) for s in sections)


def _size(sections: Sequence[FoundSection]) -> int:
    return sum(len(s.heading) + len(s.text) for s in sections)


def _parts(blocks: Sequence[Block], consumed: frozenset[int]) -> list[FoundSection]:
    lines = [
        (i, line.strip())
        for i, b in enumerate(blocks)
        if i not in consumed
        for line in _text(b).split("\n")
        if line.strip()
    ]
    begin = next((n + 1 for n, (_, t) in enumerate(lines[:12]) if _is_title(t)), 0)
    starts: list[tuple[int, str, str]] = []
    numeral = nested = 0
    for n in range(begin, len(lines)):
        marker = read_marker(lines[n][1])
        if marker is None or marker.style not in ("han", "part") or not marker.value:
            continue
        if numeral and marker.value in (1, nested + 1 if nested else 1):
            nested = marker.value  # a list inside the part that begins at 一 again
            continue
        head = _heading(lines[n][1], marker) if marker.value == numeral + 1 else None
        if head is not None:
            starts.append((n, *head))
            numeral, nested = numeral + 1, 0
    out: list[FoundSection] = []
    before = lines[begin : starts[0][0]] if starts else lines[begin:]
    if before:
        key = PREAMBLE if starts else "narrative_1"
        out.append(_section(key, "", [t for _, t in before], before[0][0], before[-1][0]))
    for k, (n, heading, rest) in enumerate(starts):
        stop = starts[k + 1][0] if k + 1 < len(starts) else len(lines)
        texts = [rest] if rest else []
        texts += [t for _, t in lines[n + 1 : stop]]
        key = f"narrative_{k + 1}"
        out.append(_section(key, heading, texts, lines[n][0], lines[stop - 1][0]))
    return out


def _section(key: str, heading: str, texts: list[str], first: int, last: int) -> FoundSection:
    return FoundSection(
        key, heading, "\n".join(texts), first, last + 1, split_subsections(texts), "numeral"
    )


def _text(block: Block) -> str:
    """The block's prose; of tables that of a layout table of one column."""
    if isinstance(block, Table):
        return "\n".join(block.texts) if block.n_columns == 1 else ""
    return block.text


def _is_title(text: str) -> bool:
    return 4 <= len(text) <= 80 and text.rstrip("》）)").endswith(_TITLE_END)


def _heading(line: str, marker: Marker) -> tuple[str, str] | None:
    """Heading and rest of a line that opens a part."""
    if len(line) <= MAX_HEADING and "。" not in line:
        return line, ""
    end = _END.search(line, marker.end)
    if end is None or end.start() > MAX_HEADING:
        return None
    return line[: end.start()], line[end.end() :].strip()
