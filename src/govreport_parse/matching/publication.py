"""When a page was published: the metadata block, meta tags, the line below the title, the address,
the signature, in this order.

In: the parts of a page. Out: a date and its source. Clocks, periods and dates of events are none.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from govreport_parse.matching.dates import FoundDate, find_dates, in_period, is_clock, parse_date
from govreport_parse.matching.metadata import read_metadata
from govreport_parse.matching.page_parts import PageParts
from govreport_parse.matching.titles import organ_like, plain

_URL_DATES = (
    re.compile(r"/art/(20[0-9]{2})/([0-9]{1,2})/([0-9]{1,2})/"),
    re.compile(r"/t(20[0-9]{2})([0-9]{2})([0-9]{2})_"),
)
_SEAL = re.compile(r"[(（](?:公?章|盖章|印章?)[)）]\Z")
_LONGEST_NAME = 40


def publication_date(page: PageParts) -> tuple[datetime.date | None, str | None]:
    """The date and its source; ``(None, None)`` where none is printed."""
    roles = page.metadata.roles
    is_block = page.metadata.is_block
    printed = parse_date(roles.get("published", ""))
    if printed is not None and is_block:
        return printed, "metadata"
    by_meta = parse_date(page.document.meta.get("pubdate", ""))
    if by_meta is not None:
        return by_meta, "pubdate"
    if printed is not None:
        return printed, "line"
    issued = parse_date(roles.get("issued", ""))
    if issued is not None:
        return issued, "metadata"
    unlabelled = _date_line(page.head)
    if unlabelled is None:
        below = [t for t in page.tail if len(t) <= 200 and ("发布" in t or "發" in t)]
        if below:
            unlabelled = parse_date(read_metadata(below, ()).roles.get("published", ""))
    if unlabelled is not None:
        return unlabelled, "line"
    for pattern in _URL_DATES if page.url else ():
        match = pattern.search(page.url or "")
        if match is not None:
            day = parse_date("-".join(match.groups()))
            if day is not None:
                return day, "url"
    day = _signature(page.tail)
    return (day, "signature") if day is not None else (None, None)


_LINE_WORDS = (
    "来源",
    "來源",
    "浏览",
    "瀏覽",
    "点击",
    "阅读",
    "字体",
    "作者",
    "发布",
    "时间",
    "日期",
)


def _date_line(head: Sequence[str]) -> datetime.date | None:
    """The line below a title: a date alone, or with 来源, 浏览次数 and the like."""
    for i, line in enumerate(head):
        if len(line) > 120 or "20" not in line or any(s in line for s in "。，印〔《"):
            continue
        dates = find_dates(line)
        if len(dates) != 1 or _is_no_event(head, i, dates[0]):
            continue
        rest = len(line) - len(dates[0].raw)
        if rest <= 12 or any(w in line for w in _LINE_WORDS):
            return dates[0].date
    return None


def _is_no_event(lines: Sequence[str], i: int, day: FoundDate) -> bool:
    """The date is the page's clock or an end of a period, in line ``i``."""
    before = lines[i - 1] if i else ""
    after = lines[i + 1] if i + 1 < len(lines) else ""
    return is_clock(lines[i], day) or in_period(lines[i], day, before, after)


def _signature(tail: Sequence[str]) -> datetime.date | None:
    """A line at the end that is a date, at most with the organ's name before it."""
    found = _signed(tail)
    return found[1].date if found is not None else None


def signing_organ(tail: Sequence[str]) -> str | None:
    """The organ before the date at the end, on its line or on the line above."""
    found = _signed(tail)
    if found is None:
        return None
    i, day = found
    names = ["".join(tail[i][: day.start].split()).strip("（(")]
    if not names[0]:
        names = list(tail[i - 1 : i]) if i else []
    bare = [_SEAL.sub("", plain(name)) for name in names if len(name) <= _LONGEST_NAME]
    return next((name for name in bare if organ_like(name)), None)


def _signed(tail: Sequence[str]) -> tuple[int, FoundDate] | None:
    for i in range(len(tail) - 1, -1, -1):
        line = tail[i]
        if len(line) > 60 or not ("日" in line or "20" in line):
            continue
        dates = find_dates(line)
        if len(dates) != 1 or line[dates[0].end :].strip(" \t\u3000\xa0)）。"):
            continue
        if _is_no_event(tail, i, dates[0]):
            continue
        before = "".join(line[: dates[0].start].split()).strip("（(")
        if not before or organ_like(plain(before)):
            return i, dates[0]
    return None
