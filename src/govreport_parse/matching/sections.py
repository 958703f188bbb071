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
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from govreport_parse.documents.model import Block, Heading, Table
from govreport_parse.formbook.loader import sections
from govreport_parse.matching.headings import (
    MARKER_SIGNS,
    NUMERAL_SIGNS,
    How,
    Marker,
    Reading,
    inline_starts,
    is_known_line,
    is_label_prefix,
    is_table_row,
    read_marker,
    read_words,
    resembles,
    split_subsections,
)
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


_Kind = Literal["line", "heading", "cell", "row", "table"]


class _Unit(NamedTuple):
    """A line of text, or content that is no text.

    ``cell``: a line inside a layout table; ``row``: a heading alone in its row of a table;
    ``table``: any other part of tables.
    """

    block: int
    text: str
    kind: _Kind


class _Candidate(NamedTuple):
    unit: int
    last: int
    """Last unit of the heading (headings broken over two lines)."""
    rank: int
    score: float
    how: How
    marker: Marker | None
    heading: str
    rest: str
    contents: bool


def match_sections(
    blocks: Sequence[Block], consumed: Callable[[int], bool] | frozenset[int] = frozenset()
) -> SectionMatch:
    """Find the sections. ``consumed``: indices of blocks that belong to matched form tables.

    Time is linear in the text's length.
    """
    units = _units(blocks, consumed if callable(consumed) else consumed.__contains__)
    candidates = _candidates(units)
    chain = _best_chain(candidates)
    if len(chain) < len(sections()) or any(c.contents for c in chain):
        # Rare, so only then: headings inside long lines.
        opened = _open_long_lines(units)
        if len(opened) > len(units):
            units = opened
            candidates = _candidates(units)
            chain = _best_chain(candidates)
    chain = _fill_by_numeral(units, chain)
    if not chain:
        keys = tuple(s.key for s in sections())
        return SectionMatch(missing=keys, findings=tuple(_missing(keys, 0)))
    return _assemble(units, candidates, chain)


# --- units ---------------------------------------------------------------------------------


_BREAK = re.compile(r"\s*(?:\n|<br ?/?>)\s*", re.IGNORECASE)


def _units(blocks: Sequence[Block], is_consumed: Callable[[int], bool]) -> list[_Unit]:
    out: list[_Unit] = []
    consumed = -1  # last block of a run of consumed lines
    for i, block in enumerate(blocks):
        if isinstance(block, Table):
            if consumed >= 0:
                out.append(_Unit(consumed, "", "table"))
                consumed = -1
            _table_units(block, i, is_consumed(i), out)
            continue
        if is_consumed(i):
            if consumed < 0:
                _give_to_table(out)
            consumed = i
            continue
        text = block.text.strip()
        if consumed >= 0:
            if text and _is_table_line(text):
                consumed = i
                continue
            out.append(_Unit(consumed, "", "table"))
            consumed = -1
        if "\n" in text or "<" in text:
            kind: _Kind = "heading" if type(block) is Heading else "line"
            out.extend(_Unit(i, t, kind) for t in _BREAK.split(text) if t)
        elif text:
            out.append(_Unit(i, text, "heading" if type(block) is Heading else "line"))
    if consumed >= 0:
        out.append(_Unit(consumed, "", "table"))
    return out


def _is_table_line(text: str) -> bool:
    """A line with bars that can't be a heading."""
    return "|" in text and text[0] not in _ROW_SIGNS


def _give_to_table(units: list[_Unit]) -> None:
    """Header lines that stand directly before a table's first row are no text."""
    for u in range(len(units) - 1, -1, -1):
        if units[u].kind != "line" or not _is_table_line(units[u].text):
            return
        units[u] = _Unit(units[u].block, "", "table")


def _table_units(table: Table, block: int, is_consumed: bool, out: list[_Unit]) -> None:
    """Rows that hold one heading and nothing else; the text of a layout table."""
    texts = table.texts
    if texts and not is_consumed and not any(table.columns):
        for raw in texts:
            out.extend(_Unit(block, t, "cell") for t in _BREAK.split(raw.strip()) if t)
        return
    out.append(_Unit(block, "", "table"))
    for i in [i for i, raw in enumerate(texts) if raw[:1] in _ROW_SIGNS]:
        if _is_heading_row(texts, table.rows, i):
            out.append(_Unit(block, texts[i].strip(), "row"))
            out.append(_Unit(block, "", "table"))


_ROW_SIGNS = frozenset("一二三四五六七八第、 \n\t\u3000\xa0")


def _is_heading_row(texts: list[str], rows: list[int], i: int) -> bool:
    text = texts[i].strip()
    marker = read_marker(text) if len(text) > 5 else None
    if marker is None or marker.style == "paren":
        return False
    if read_words(text[marker.end :], strict=True, numeral=marker.value) is None:
        return False
    row = rows[i]
    for step in (-1, 1):
        k = i + step
        while 0 <= k < len(rows) and rows[k] == row:
            if texts[k].strip():
                return False
            k += step
    return True


def _open_long_lines(units: list[_Unit]) -> list[_Unit]:
    out: list[_Unit] = []
    for unit in units:
        text = unit.text
        cuts = list(inline_starts(text)) if len(text) > 12 else []
        if not cuts:
            out.append(unit)
            continue
        for begin, end in pairwise([0, *cuts, len(text)]):
            piece = text[begin:end].strip()
            if piece:
                out.append(_Unit(unit.block, piece, unit.kind))
    return out


# --- candidates ----------------------------------------------------------------------------


_STYLE_SCORE = {"han": 0.0, "part": -0.5, "shi": -3.0, "lost": -1.5, "arabic": -2.0, "paren": -6.0}
_HOW_SCORE: dict[How, float] = {"label": 9.0, "alias": 8.0, "fuzzy": 4.0, "numeral": 1.0}
_CONTENTS_PENALTY = 6.0


_EDGE = "| \t\u3000\xa0"


def _candidates(units: list[_Unit]) -> list[_Candidate]:
    out: list[_Candidate] = []
    for u, unit in enumerate(units):
        text = unit.text
        if not text:
            continue
        if text[0] in MARKER_SIGNS:
            marker = read_marker(text)
            if marker is not None:
                candidate = _numbered(units, u, marker)
                if candidate is not None:
                    out.append(candidate)
                continue
        if unit.kind != "row":
            reading = is_known_line(text, aliases=unit.kind == "heading")
            if reading is not None:
                out.append(_candidate((u, u), reading, None, text, unit.kind))
    return _mark_contents(out)


def _numbered(units: list[_Unit], u: int, marker: Marker) -> _Candidate | None:
    text = units[u].text
    words = text[marker.end :]
    if marker.style == "paren":
        # （二）主动公开政府信息情况 alone in its line; else it is a sub-head.
        reading = is_known_line(words, aliases=False) if len(words) <= 60 else None
        if reading is None or reading.how != "label":
            return None
        return _candidate((u, u), reading, marker, text, units[u].kind)
    loose = marker.style in ("han", "part")
    reading = read_words(words, strict=not loose, numeral=marker.value if loose else 0)
    if marker.style == "arabic" and reading is not None and reading.rest and reading.how == "alias":
        return None  # an item: 1.主动公开情况。我局…
    if loose and (reading is None or reading.how == "fuzzy"):
        joined = _joined(units, u, marker, words)
        if joined is not None:
            return joined
    return _candidate((u, u), reading, marker, text, units[u].kind) if reading else None


def _joined(units: list[_Unit], u: int, marker: Marker, words: str) -> _Candidate | None:
    """A heading whose numeral, or first half, stands in a line of its own."""
    if u + 1 >= len(units) or not units[u + 1].text:
        return None
    if words.strip(_EDGE) and not is_label_prefix(words):
        return None
    text = f"{units[u].text}\n{units[u + 1].text}"
    reading = read_words(text[marker.end :].strip(), strict=True, numeral=marker.value)
    if reading is None or reading.rest:
        return None
    whole = reading._replace(end=len(text) - marker.end)
    return _candidate((u, u + 1), whole, marker, text, units[u].kind)


def _candidate(
    at: tuple[int, int], reading: Reading, marker: Marker | None, text: str, kind: str
) -> _Candidate:
    score = _HOW_SCORE[reading.how]
    if marker is None:
        score -= 1.0 if kind == "heading" else 2.0
    else:
        score += _STYLE_SCORE[marker.style]
        score += 1.5 if marker.value == reading.rank + 1 else 0.0
    if kind in ("cell", "row"):
        score -= 0.5
    if reading.contents:
        score -= _CONTENTS_PENALTY
    end = (marker.end if marker else 0) + reading.end
    rest = text[end:].lstrip("：:。 \t\u3000\xa0") if reading.rest else ""
    if rest.startswith("|"):  # the first row of a table in the heading's line
        rest = ""
    heading = text[:end].rstrip(_EDGE)
    return _Candidate(
        *at, reading.rank, score, reading.how, marker, heading, rest, reading.contents
    )


def _mark_contents(found: list[_Candidate]) -> list[_Candidate]:
    """A run of three or more headings without text between them is a table of contents."""
    total = Counter(c.rank for c in found)
    begin = 0
    for i in range(1, len(found) + 1):
        if (
            i < len(found)
            and found[i].unit == found[i - 1].last + 1
            and found[i].rank > found[i - 1].rank
            and not found[i - 1].rest
        ):
            continue
        # Without a second set of headings the run is what is left where tables were pictures.
        again = sum(total[c.rank] > 1 for c in found[begin:i])
        if i - begin >= 3 and 2 * again >= i - begin:
            found[begin:i] = [
                c if c.contents else c._replace(score=c.score - _CONTENTS_PENALTY, contents=True)
                for c in found[begin:i]
            ]
        begin = i
    return found


def _best_chain(candidates: list[_Candidate]) -> list[_Candidate]:
    """The candidates in increasing order of the form with the highest sum of scores.

    Of equal sums the later one wins: the same headings stand earlier in a table of contents.
    """
    best: list[tuple[float, _Candidate | None, Any]] = [(0.0, None, None)] * (len(sections()) + 1)
    for c in candidates:
        if c.score <= 0:
            continue
        before = max(best[: c.rank + 1], key=lambda b: b[0])
        total = before[0] + c.score
        if total >= best[c.rank + 1][0]:
            best[c.rank + 1] = (total, c, before)
    link: Any = max(best, key=lambda b: b[0])
    chain: list[_Candidate] = []
    while link is not None and link[1] is not None:
        chain.append(link[1])
        link = link[2]
    return chain[::-1]


def _is_numbered_head(unit: _Unit) -> Marker | None:
    """A short line with a top-level numeral: the form of a heading, whatever its words."""
    text = unit.text
    if not text or len(text) > 60 or text[0] not in NUMERAL_SIGNS:
        return None
    marker = read_marker(text)
    if marker is None or marker.style not in ("han", "part") or not marker.value:
        return None
    words = text[marker.end :].strip().rstrip("：:")
    if not 2 <= len(words) <= 40 or "。" in words or "；" in words or ";" in words or "|" in words:
        return None
    if words[-1] in "，,、！" or is_table_row(words):
        return None
    return marker


def _fill_by_numeral(units: list[_Unit], chain: list[_Candidate]) -> list[_Candidate]:
    """A missing section whose numeral stands between its neighbours' under unknown words."""
    by_rank = {c.rank: c for c in chain}
    out = list(chain)
    for rank in range(len(sections())):
        before, after = by_rank.get(rank - 1), by_rank.get(rank + 1)
        if rank in by_rank or after is None or not _in_place(after):
            continue
        if rank and (before is None or not _in_place(before)):
            continue
        for u in range(after.unit - 1, before.last if before else -1, -1):
            marker = _is_numbered_head(units[u])
            if marker is None or marker.value != rank + 1:
                continue
            words = units[u].text[marker.end :]
            if rank and resembles(words, rank) < 0.4:
                continue
            reading = Reading(rank, "numeral", len(words), False, False)
            found = _candidate((u, u), reading, marker, units[u].text, units[u].kind)
            out.append(found)
            by_rank[rank] = found
            break
    return sorted(out, key=lambda c: c.unit)


def _in_place(c: _Candidate) -> bool:
    return c.marker is not None and c.marker.value == c.rank + 1 and not c.contents


# --- assembly ------------------------------------------------------------------------------


class _Start(NamedTuple):
    unit: int
    last: int
    key: str
    heading: str
    rest: str
    how: How


def _assemble(
    units: list[_Unit], candidates: list[_Candidate], chain: list[_Candidate]
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
    units: list[_Unit], candidates: list[_Candidate], chain: list[_Candidate]
) -> tuple[list[_Start], list[_Candidate]]:
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
    misplaced: list[_Candidate] = []
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
        marker = stray.marker if stray else _is_numbered_head(unit)
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


def _doubled(candidates: list[_Candidate], chain: list[_Candidate]) -> set[int]:
    """Units of headings that are printed twice in a row (the second one was chosen)."""
    chosen = {c.unit: c.rank for c in chain}
    return {c.unit for c in candidates if chosen.get(c.last + 1) == c.rank and not c.rest}


def _section(
    units: list[_Unit], start: _Start, stop: int, is_last: bool, doubled: set[int]
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


def _preamble(units: list[_Unit], stop: int, skip: set[int]) -> FoundSection | None:
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


# --- findings ------------------------------------------------------------------------------


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


def _order_findings(misplaced: list[_Candidate]) -> Iterable[Finding]:
    for c in misplaced:
        section = sections()[c.rank]
        yield Finding(
            "section_order",
            "warning",
            f"the heading of section {section.key!r} stands out of order: {c.heading!r}",
            f"“{section.label}”部分的次序与格式不符：{c.heading}",
            detail=(("section", section.key), ("heading", c.heading)),
        )


def _variant_findings(chain: list[_Candidate]) -> Iterable[Finding]:
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
