"""Sections of a report: where each of the six begins, what it says, what is missing or extra.

In: the blocks of a document and which of them belong to matched form tables. Out: the sections
in document order with raw headings and raw text (tables left out), and findings.

A heading is found by its numeral and its words; numerals may be lost, shifted or restarted, words
may vary (``forms.sections()`` holds the wordings seen). Since rows of table 3 and list items look
like headings, candidates are scored and the best chain in the form's order is kept; any section
may be missing. Nothing is refused: a document without headings gives no section and six missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from govreport_parse.documents.model import Block
from govreport_parse.formbook.loader import sections
from govreport_parse.matching.headings import (
    How,
    split_subsections,
)
from govreport_parse.matching.section_chain import (
    Candidate,
    best_chain,
    fill_by_numeral,
    find_candidates,
    is_numbered_head,
)
from govreport_parse.matching.section_units import Unit, open_long_lines, read_units
from govreport_parse.text import label_key
from govreport_parse.values import Finding, Severity

PREAMBLE = "preamble"


@dataclass(frozen=True, slots=True)
class FoundSection:
    """One section as it stands in the document.

    ``key``: a section key of the form, ``preamble``, or ``extra_N``. ``heading`` and ``text`` are
    raw (surrounding white space aside); paragraphs are joined with line breaks. Its blocks are
    ``blocks[block_start:block_end]``; sections inside one long line share a block.
    ``how``: official words, a wording seen before, told by key words, told by its numeral.
    """

    key: str
    heading: str
    text: str
    block_start: int
    block_end: int
    subsections: tuple[tuple[str, str], ...] = ()
    how: How = "label"


@dataclass(frozen=True, slots=True)
class SectionMatch:
    """All sections in document order; ``missing`` keys of the form, ``extra`` raw headings.

    ``first_block`` is the index of the block with the first heading.
    """

    sections: tuple[FoundSection, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    first_block: int | None = None

    def get(self, key: str) -> FoundSection | None:
        """The section of that key."""
        return next((s for s in self.sections if s.key == key), None)


def match_sections(
    blocks: Sequence[Block], consumed: Callable[[int], bool] | frozenset[int] = frozenset()
) -> SectionMatch:
    """Find the sections. ``consumed``: indices of blocks that belong to matched form tables.

    Time is linear in the text's length.
    """
    units = read_units(blocks, consumed if callable(consumed) else consumed.__contains__)
    candidates = find_candidates(units)
    chain = best_chain(candidates)
    if len(chain) < len(sections()) or any(c.contents for c in chain):
        # Rare, so only then: headings inside long lines.
        opened = open_long_lines(units)
        if len(opened) > len(units):
            units = opened
            candidates = find_candidates(units)
            chain = best_chain(candidates)
    chain = fill_by_numeral(units, chain)
    if not chain:
        keys = tuple(s.key for s in sections())
        return SectionMatch(missing=keys, findings=tuple(_missing(keys, 0)))
    return _assemble(units, candidates, chain)


class _Start(NamedTuple):
    unit: int
    last: int
    key: str
    heading: str
    rest: str
    how: How


def _assemble(
    units: list[Unit], candidates: list[Candidate], chain: list[Candidate]
) -> SectionMatch:
    keys = tuple(s.key for s in sections())
    starts, misplaced = _starts(units, candidates, chain)
    found: list[FoundSection] = []
    preamble = _preamble(units, starts[0].unit, {c.unit for c in candidates if c.contents})
    doubled = _doubled(candidates, chain)
    if preamble is not None:
        found.append(preamble)
    for n, start in enumerate(starts):
        stop = starts[n + 1].unit if n + 1 < len(starts) else len(units)
        is_last = n + 1 == len(starts)
        found.append(_section(units, start, stop, is_last, doubled))
    missing = tuple(k for i, k in enumerate(keys) if all(c.rank != i for c in chain))
    extra = tuple(s.heading for s in starts if s.key.startswith("extra_"))
    findings = [
        *_missing(missing, len(chain)),
        *_extra_findings(starts),
        *_order_findings(misplaced),
        *_variant_findings(chain),
    ]
    return SectionMatch(tuple(found), missing, extra, tuple(findings), units[starts[0].unit].block)


def _starts(
    units: list[Unit], candidates: list[Candidate], chain: list[Candidate]
) -> tuple[list[_Start], list[Candidate]]:
    """Sections and extra headings in document order; candidates of sections out of order."""
    keys = [s.key for s in sections()]
    in_chain = {c.unit: c for c in chain}
    ranks = {c.rank for c in chain}
    strays = {
        c.unit: c
        for c in candidates
        if c.unit not in in_chain and c.rank not in ranks and c.score >= 8 and not c.contents
    }
    passed = {c.unit for c in candidates if c.contents} - in_chain.keys()
    passed |= _doubled(candidates, chain)
    first = chain[0].unit
    out: list[_Start] = []
    misplaced: list[Candidate] = []
    numeral = 0
    extras = 0
    nested = False  # a list inside a section began at 一 again
    for u, unit in enumerate(units):
        hit = in_chain.get(u)
        if hit is not None:
            out.append(_Start(u, hit.last, keys[hit.rank], hit.heading, hit.rest, hit.how))
            numeral = hit.marker.value if hit.marker and hit.marker.value else hit.rank + 1
            nested = False
            continue
        if u < first or not unit.text or unit.kind == "row" or u in passed:
            continue
        stray = strays.get(u)
        marker = stray.marker if stray else is_numbered_head(unit)
        if stray is not None:
            misplaced.append(stray)
        elif marker is None or nested or not numeral < marker.value <= numeral + 2:
            nested = nested or (marker is not None and marker.value == 1)
            continue
        extras += 1
        numeral = marker.value if marker and marker.value else numeral
        heading, rest = (stray.heading, stray.rest) if stray else (unit.text, "")
        how: How = stray.how if stray else "numeral"
        out.append(_Start(u, u, f"extra_{extras}", heading, rest, how))
    return out, misplaced


def _doubled(candidates: list[Candidate], chain: list[Candidate]) -> set[int]:
    """Units of headings that are printed twice in a row (the second one was chosen)."""
    chosen = {c.unit: c.rank for c in chain}
    return {c.unit for c in candidates if chosen.get(c.last + 1) == c.rank and not c.rest}


def _section(
    units: list[Unit], start: _Start, stop: int, is_last: bool, doubled: set[int]
) -> FoundSection:
    lines = [start.rest] if start.rest else []
    end = start.last
    for u in range(start.last + 1, stop):
        unit = units[u]
        text = unit.text
        if text and unit.kind != "row" and u not in doubled:
            if is_last and _is_trailer(text):
                break
            if text[0] not in _RULES or text.strip(_RULES):
                lines.append(text)
        end = u
    if is_last and lines:
        lines = _cut_inline_trailer(lines)
    return FoundSection(
        start.key,
        start.heading,
        "\n".join(lines),
        units[start.unit].block,
        units[end].block + 1,
        split_subsections(lines),
        start.how,
    )


_RULES = "|-—:+= \t\u3000\xa0"
"""A line of nothing else is what is left of a text table."""

_TRAILER = re.compile(
    r"(?:[扫掃]一[扫掃]|打印|关闭|分享|附件[0-9一二三]*(?:$|[0-9一二三])|附件|相关(?:链接|附件|文档|文章|解读|阅读|信息)$"
    r"|上一[篇条]|下一[篇条]|责任编辑|编辑|版权所有|主办|承办|网站地图|网站标识码|联系我们|浏览次数|点击数"
    r"|返回顶部|公网安备|copyright|技术支持|您是第|字号|字体大小|微信[扫掃])",
    re.IGNORECASE,
)
_TRAILER_SIGNS = frozenset(
    "扫掃打关關分附相上下责責编編版主承网網联聯浏瀏点點返公CcIi技您字微【[（(<©>|·"
)
_SHORT_ONLY = ("打印", "关闭", "分享", "编辑", "相关")


def _is_trailer(text: str) -> bool:
    """A line of page furniture (print, share, attachments, neighbours, imprint)."""
    if len(text) > 200:
        return False
    if "ICP" in text and ("备" in text or "備" in text):
        return True
    if text[0] not in _TRAILER_SIGNS:
        return False
    if text[0] == "©":
        return True
    key = label_key(text)
    match = _TRAILER.match(key)
    if match is None:
        return False
    if key.startswith(_SHORT_ONLY):
        return len(key) <= 16 and "。" not in text and "，" not in text
    if key.startswith("附件"):
        return len(key) == 2 or not key[2:3].isalpha() or text.lstrip()[2:3] in "：: \u3000"
    if key.startswith(("主办", "承办")):
        return key[2:4] == "单位" or text[2:3] in "：: "
    return True


_INLINE_TRAILERS = (
    "扫一扫在手机打开",
    "掃一掃在手機打開",
    "【打印",
    "【关闭",
    "分享到：",
    "责任编辑：",
    "上一篇：",
)


def _cut_inline_trailer(lines: list[str]) -> list[str]:
    out: list[str] = []
    for line in lines:
        cut = min((p for t in _INLINE_TRAILERS if (p := line.find(t)) > 0), default=-1)
        if cut > 0:
            kept = line[:cut].rstrip()
            return [*out, kept] if kept else out
        out.append(line)
    return out


_TITLE_END = ("报告", "年报", "報告", "年報")
_PROSE_WORDS = "根据 根據 按照 依据 依據 本报告 本報告 现将 現將 遵照 为 為"
_PROSE_STARTS = tuple(_PROSE_WORDS.split())


def _preamble(units: list[Unit], stop: int, skip: set[int]) -> FoundSection | None:
    """The text between title and first heading: prose only, page furniture above it left out."""
    begin = 0
    for u in range(stop):
        text = units[u].text
        if 4 <= len(text) <= 80 and text.rstrip("》）)").endswith(_TITLE_END):
            begin = begin if text.startswith(_PROSE_STARTS) else u + 1
    lines: list[str] = []
    first = last = -1
    for u in range(begin, stop):
        text = units[u].text
        if not text or u in skip:
            continue
        if first < 0 and not _is_prose(text):
            continue
        first, last = (u if first < 0 else first), u
        lines.append(text)
    if first < 0:
        return None
    return FoundSection(PREAMBLE, "", "\n".join(lines), units[first].block, units[last].block + 1)


def _is_prose(text: str) -> bool:
    if len(text) < 12 or "|" in text:
        return False
    if text.startswith(_PROSE_STARTS) or "。" in text:
        return True
    return len(text) >= 30 and "，" in text


def _missing(keys: Iterable[str], found: int) -> Iterable[Finding]:
    severity: Severity = "warning" if found >= 3 else "info"
    named = {s.key: s for s in sections()}
    for key in keys:
        section = named[key]
        yield Finding(
            "section_missing",
            severity,
            f"no heading of section {key!r} was found",
            f"未找到“{section.printed}”标题",
            detail=(("section", key),),
        )


def _extra_findings(starts: list[_Start]) -> Iterable[Finding]:
    for start in starts:
        if start.key.startswith("extra_"):
            yield Finding(
                "section_extra",
                "info",
                f"a numbered heading that the form does not have: {start.heading!r}",
                f"格式以外的标题：{start.heading}",
                detail=(("section", start.key), ("heading", start.heading)),
            )


def _order_findings(misplaced: list[Candidate]) -> Iterable[Finding]:
    for c in misplaced:
        section = sections()[c.rank]
        yield Finding(
            "section_order",
            "warning",
            f"the heading of section {section.key!r} stands out of order: {c.heading!r}",
            f"“{section.label}”部分的次序与格式不符：{c.heading}",
            detail=(("section", section.key), ("heading", c.heading)),
        )


def _variant_findings(chain: list[Candidate]) -> Iterable[Finding]:
    for c in chain:
        numeral = c.marker.value if c.marker else 0
        if c.how == "label" and numeral == c.rank + 1:
            continue
        section = sections()[c.rank]
        yield Finding(
            "heading_variant",
            "info",
            f"section {section.key!r} is headed {c.heading!r}",
            f"“{section.printed}”写作“{c.heading}”",
            detail=(("section", section.key), ("heading", c.heading), ("how", c.how)),
        )
