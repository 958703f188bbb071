"""Which lines are headings of sections: candidates with a score, and the best chain of them.

In: units. Out: at most one candidate for each section, in the form's order. A row of table 3 or a
list item looks like a heading; a table of contents repeats all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from govreport_parse.formbook.loader import sections
from govreport_parse.matching.headings import (
    MARKER_SIGNS,
    NUMERAL_SIGNS,
    How,
    Marker,
    Reading,
    is_known_line,
    is_label_prefix,
    is_table_row,
    read_marker,
    read_words,
    resembles,
)
from govreport_parse.matching.section_units import Unit


class Candidate(NamedTuple):
    """A unit that may head the section of that rank (from 0)."""

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


_STYLE_SCORE = {"han": 0.0, "part": -0.5, "shi": -3.0, "lost": -1.5, "arabic": -2.0, "paren": -6.0}
_HOW_SCORE: dict[How, float] = {"label": 9.0, "alias": 8.0, "fuzzy": 4.0, "numeral": 1.0}
_CONTENTS_PENALTY = 6.0


_EDGE = "| \t\u3000\xa0"


def find_candidates(units: list[Unit]) -> list[Candidate]:
    """Every unit that reads like a section's heading, in document order."""
    out: list[Candidate] = []
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


def _numbered(units: list[Unit], u: int, marker: Marker) -> Candidate | None:
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


def _joined(units: list[Unit], u: int, marker: Marker, words: str) -> Candidate | None:
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
) -> Candidate:
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
    return Candidate(*at, reading.rank, score, reading.how, marker, heading, rest, reading.contents)


def _mark_contents(found: list[Candidate]) -> list[Candidate]:
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


def best_chain(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates in increasing order of the form with the highest sum of scores.

    Of equal sums the later one wins: the same headings stand earlier in a table of contents.
    """
    best: list[tuple[float, Candidate | None, Any]] = [(0.0, None, None)] * (len(sections()) + 1)
    for c in candidates:
        if c.score <= 0:
            continue
        before = max(best[: c.rank + 1], key=lambda b: b[0])
        total = before[0] + c.score
        if total >= best[c.rank + 1][0]:
            best[c.rank + 1] = (total, c, before)
    link: Any = max(best, key=lambda b: b[0])
    chain: list[Candidate] = []
    while link is not None and link[1] is not None:
        chain.append(link[1])
        link = link[2]
    return chain[::-1]


def is_numbered_head(unit: Unit) -> Marker | None:
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


def fill_by_numeral(units: list[Unit], chain: list[Candidate]) -> list[Candidate]:
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
            marker = is_numbered_head(units[u])
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


def _in_place(c: Candidate) -> bool:
    return c.marker is not None and c.marker.value == c.rank + 1 and not c.contents
