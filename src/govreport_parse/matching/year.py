"""Of which year the report is, by every place that says so.

In: the parts of a page and its date of publication. Out: years with their source, strongest first,
and findings where they differ. A report is published in the year after its own.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs

from govreport_parse.matching.page_parts import PageParts, split_address
from govreport_parse.matching.sections import PREAMBLE
from govreport_parse.matching.titles import FIRST_YEAR, LAST_YEAR
from govreport_parse.text import fold
from govreport_parse.values import Finding

_PERIOD = re.compile(
    r"(20[0-9]{2})年?1月?1日?起?[至到\-—~～－]{1,2}(?:(20[0-9]{2})年?|当年|同年)?12月?31"
)
# The look-behind stands behind the digits so that the search can jump to their first one.
_TEXT_YEAR = re.compile(
    r"([2２][0０][0-9０-９]{2})(?<![较比与去和于同自从〔\[0-9].{4})\s?年度?\s?(?=[，,、我本全在]|以(?!来))"
)
_MENTIONED_YEAR = re.compile(
    r"([2２][0０][0-9０-９]{2})(?<![较比与去和于同自从〔\[0-9].{4})\s?年(?!\s?[0-9０-９]|以来|相比|同期|底|末|起)"
)
_PLANS = re.compile(
    r"将(?:继续|进一步|持续|加强|着力|从|以|按|坚持|深化|围绕|重点|不断|认真|严格|紧)|下一步|计划|拟"
)
_PLAN_REACH = 20


def year_votes(
    page: PageParts, caller: int | None, published: datetime.date | None
) -> list[tuple[int, str]]:
    """Years and their source (those of ``Identification.year_source``), strongest first."""
    votes: list[tuple[int, str]] = []
    if caller is not None:
        votes.append((caller, "caller"))
    votes += [(y, "period") for y in _period_years(page)]
    votes += [(y, "title") for y in page.reading.years]
    votes += [(y, "url") for y in _url_years(page.url)]
    votes += [(y, "text") for y in _text_year(page, only_leading=bool(votes))]
    if published is not None:
        votes.append((published.year - 1, "published"))
    return [(y, s) for y, s in dict.fromkeys(votes) if s == "caller" or _is_year(y)]


def _is_year(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _period_years(page: PageParts) -> list[int]:
    for line in page.lines:
        if ("31" in line and "12" in line) or "３１" in line:
            match = _PERIOD.search(fold(line))
            if match is not None:
                return [int(y) for y in dict.fromkeys(match.groups()) if y]
    return _broken_period(page.lines)


def _broken_period(lines: Sequence[str]) -> list[int]:
    """The period in a sentence that is broken over two or three lines."""
    for i, line in enumerate(lines):
        if len(line) > 160 or not any(w in line[-30:] for w in _PERIOD_WORDS):
            continue
        text = "".join("".join(lines[i : i + 3]).split())
        if len(text) <= 480 and "31" in text:
            match = _PERIOD.search(fold(text))
            if match is not None:
                return [int(y) for y in dict.fromkeys(match.groups()) if y]
    return []


_PERIOD_WORDS = ("20", "自", "期限", "月", "至")


def _url_years(url: str | None) -> list[int]:
    """``fbtime`` of the Hanweb module is the report year."""
    address = split_address(url)
    if address is None or "fbtime=" not in address.query:
        return []
    values = parse_qs(address.query).get("fbtime", [])
    return [int(v) for v in values if len(v) == 4 and v.isascii() and v.isdigit()]


def _text_year(page: PageParts, *, only_leading: bool) -> list[int]:
    """The year of which the overview mostly speaks, one vote or none.

    ``only_leading``: a year counts where a paragraph begins with it. Further on it may be one that
    this year is held against.
    """
    text = ""
    if page.sections is not None:
        overview = page.sections.get("overview")
        text = overview.text if overview is not None else ""
        if not text:
            text = "\n".join(s.text for s in page.sections.sections if s.key != PREAMBLE)
    if not text:
        text = page.text[:6000]
    named = {
        int(m[1])
        for m in _TEXT_YEAR.finditer(text)
        if not _is_plan(text, m.end()) and not (only_leading and _is_inside(text, m.start()))
    }
    if not named:
        return []
    counts = Counter(int(m[1]) for m in _MENTIONED_YEAR.finditer(text))
    return [max(named, key=lambda y: (counts[y], y))]


def _is_inside(text: str, start: int) -> bool:
    """Whether sentences of the same paragraph stand before a place."""
    return "。" in text[text.rfind("\n", 0, start) + 1 : start]


def _is_plan(text: str, end: int) -> bool:
    """The year is spoken of as one to come: 2024年，我局将继续…"""
    return _PLANS.search(text, end, end + _PLAN_REACH) is not None


def year_findings(
    votes: Sequence[tuple[int, str]], published: datetime.date | None
) -> Iterator[Finding]:
    """Years that contradict each other or the date, and a year that no source names."""
    strong = [(y, s) for y, s in votes if s not in ("caller", "published")]
    detail = tuple((s, y) for y, s in votes)
    years = {y for y, _ in strong}
    if votes and votes[0][1] == "caller" and strong and strong[0][0] != votes[0][0]:
        yield Finding(
            "caller_overrides",
            "info",
            f"the caller's year {votes[0][0]} is kept; the document says {strong[0][0]}",
            f"采用调用方给定的年度{votes[0][0]}，文中为{strong[0][0]}",
            detail=(("field", "year"), *detail),
        )
    if len(years) > 1:
        said = ", ".join(f"{s} {y}" for y, s in strong)
        yield Finding(
            "year_conflict",
            "warning",
            f"the document names several years: {said}",
            f"年度不一致：{said}",
            detail=detail,
        )
    if votes and published is not None and published < datetime.date(votes[0][0], 12, 1):
        yield Finding(
            "published_before_year_end",
            "warning",
            f"published on {published}, before the year {votes[0][0]} was over",
            f"发布日期{published}早于报告年度{votes[0][0]}年年底",
            detail=detail,
        )
    if votes and votes[0][1] == "published":
        yield Finding(
            "year_from_publication",
            "warning",
            f"no year is named; {votes[0][0]} is the year before publication",
            f"文中未写明年度，按发布日期的上一年记为{votes[0][0]}年",
            detail=detail,
        )
