"""Whose report it is, of which year, when published, and whether it is a report at all.

In: a document, its sections, and what the caller knows. Out: ``Identification`` with the source
of each answer. Every answer may be ``None``: reports exist that name neither organ nor date.
Caller's values win, and a finding says where the document differs. The organ is never taken from
a word for oneself (我局), organ and year never from the State Council's notice that reports cite.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from govreport_parse.documents.model import Document, Heading, Table
from govreport_parse.matching.dates import FoundDate, find_dates, in_period, is_clock, parse_date
from govreport_parse.matching.metadata import PageMetadata, read_metadata
from govreport_parse.matching.sections import PREAMBLE, SectionMatch
from govreport_parse.matching.titles import (
    FIRST_YEAR,
    LAST_YEAR,
    Kind,
    TitleReading,
    clean_title,
    is_other_report,
    is_part_of_year,
    is_title,
    is_year_only,
    joined_title,
    kind_of_title,
    leading_title,
    organ_like,
    plain,
    plausible_organ,
    read_title,
    site_organ,
    speaks_of_disclosure,
    split_page_title,
)
from govreport_parse.text import fold, label_key
from govreport_parse.values import Finding

TEMPLATE_INDEX = "000014349"
"""Index code of the State Council, left in the page template of many sites."""


@dataclass(frozen=True, slots=True)
class Identification:
    """Answers with their sources.

    ``organ_source``: caller, title, metadata, contentsource, source, breadcrumb, preamble,
    contact, site. ``year_source``: caller, period, title, url, text, published.
    ``published_source``: metadata, pubdate, line, url, signature. ``title_source``: articletitle,
    ucaptitle, heading, paragraph, page. ``organ_candidates`` and ``year_votes`` hold all that was
    found, strongest source first; ``metadata`` the printed pairs, raw. ``topic``: the title or
    page title speaks of disclosure (政府信息公开, 政务公开, 公开年报). ``other_topic``: it does
    not, and a title of report form is about something else (法治政府建设年度报告).
    """

    title: str | None = None
    title_source: str | None = None
    organ: str | None = None
    organ_source: str | None = None
    year: int | None = None
    year_source: str | None = None
    published: datetime.date | None = None
    published_source: str | None = None
    index_number: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    organ_candidates: tuple[tuple[str, str], ...] = ()
    year_votes: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    kind: Kind = "unknown"
    kind_evidence: str = ""
    topic: bool = False
    other_topic: bool = False


def identify(
    document: Document,
    sections: SectionMatch | None = None,
    *,
    organ: str | None = None,
    year: int | None = None,
    url: str | None = None,
) -> Identification:
    """Identify the report. Time is linear in the text's length."""
    page = _page(document, sections, url)
    published, published_source = _published(page)
    organs = _organs(page, organ)
    votes = _year_votes(page, year, published)
    kind, evidence = _kind(page)
    topic, other_topic = _topics(page)
    index_number = page.metadata.roles.get("index_number")
    findings = [
        *_organ_findings(organs),
        *_year_findings(votes, published),
        *_page_findings(page, index_number),
    ]
    return Identification(
        title=page.title,
        title_source=page.title_source,
        organ=organs[0][0] if organs else None,
        organ_source=organs[0][1] if organs else None,
        year=votes[0][0] if votes else None,
        year_source=votes[0][1] if votes else None,
        published=published,
        published_source=published_source,
        index_number=index_number,
        metadata=page.metadata.pairs,
        organ_candidates=tuple(organs),
        year_votes=tuple(votes),
        findings=tuple(findings),
        kind=kind,
        kind_evidence=evidence,
        topic=topic,
        other_topic=other_topic,
    )


# --- the page in parts ---------------------------------------------------------------------


_HEAD_LIMIT = 60
_TAIL_LIMIT = 12


@dataclass(slots=True)
class _Page:
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


def _page(document: Document, sections: SectionMatch | None, url: str | None) -> _Page:
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
    title, source, sites = _title(document, headings, head_lines, metadata)
    return _Page(
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
    document: Document, headings: Sequence[str], head: Sequence[str], metadata: PageMetadata
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The first candidate of title form; else the strongest one that is no section heading."""
    meta = document.meta
    page_title, sites = split_page_title(meta.get("title", ""))
    candidates: list[tuple[str, str]] = [
        (meta.get("articletitle", ""), "articletitle"),
        (meta.get("ucaptitle", ""), "ucaptitle"),
        *((h, "heading") for h in headings),
        *((t, "paragraph") for t in _title_lines(head)),
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


def _title_lines(head: Sequence[str]) -> Iterator[str]:
    """Lines of title form; a broken title is joined, one that runs on into a sentence is cut."""
    for i, line in enumerate(head):
        if len(line) > 160:
            continue
        joined = joined_title(head, i)
        if joined is not None:
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


_RUN_ON_LINES = 3


def _is_statistics_title(line: str) -> bool:
    """A line alone that names half a year's or a quarter's disclosure."""
    return (
        len(line) <= 60
        and is_part_of_year(line)
        and speaks_of_disclosure(line)
        and _LINE_SIGNS.isdisjoint(line)
    )


def _topics(page: _Page) -> tuple[bool, bool]:
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


# --- organ ---------------------------------------------------------------------------------


# These read folded text, in which most signs are half-width.
_CONTACT = re.compile(r"请(?:直接)?(?:与|向|和|联系)([^,。;(:]{3,40}?)(?:联系|咨询|反映|垂询|提出)")
_COMPILED_BY = re.compile(
    r"(?:^|[,。;])(?:本报告|本年度报告|报告)?由([^,。;(]{3,40}?)(?:根据|按照|依据|负责|编制|编写)"
)
_ANNOUNCED = re.compile(r"(?:现将|现公布|公布|发布)([^,。;《]{3,40}?)20[0-9]{2}年?度?政府信息公开")
_INNER_OFFICE = re.compile(
    r"(?:政府信息公开|政务公开|信息公开|政务信息公开|综合)?(?:工作)?(?:领导小组)?(?:办公室|科|股|处|室|办)$"
)
_CRUMB = re.compile(r"\s*[>»›→/＞]+\s*")


def _organs(page: _Page, caller: str | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def add(name: str | None, source: str) -> None:
        if name and (name, source) not in found:
            found.append((name, source))

    add(caller, "caller")
    if not is_other_report(page.title or ""):  # there the subject would be taken for the organ
        add(page.reading.organ, "title")
    add(_named(page.metadata.roles.get("organ")), "metadata")
    add(_organ_or_none(page.document.meta.get("contentsource")), "contentsource")
    add(_organ_or_none(page.metadata.roles.get("source")), "source")
    for name in _breadcrumb_organs(page.head):
        add(name, "breadcrumb")
    for name, source in _organs_in_text(page):
        add(name, source)
    for site in (page.document.meta.get("sitename", ""), *page.site_names):
        owner = site_organ(site) if site else None
        if owner and (self_word := _self_word(page.text)) is not None:
            owner = owner if owner.endswith(self_word) else None
        add(owner, "site")
    return found


def _named(value: str | None) -> str | None:
    if not value:
        return None
    bare = plain(value)
    return bare if plausible_organ(bare) else None


def _organ_or_none(value: str | None) -> str | None:
    """A source line as an organ; names of sites and media are none."""
    if not value:
        return None
    bare = plain(value)
    return bare if organ_like(bare) else None


def _breadcrumb_organs(head: Iterable[str]) -> Iterator[str]:
    for line in head:
        if len(line) > 200 or not any(s in line for s in ">»›→/＞"):
            continue
        if "位置" not in line and "首页" not in line and "首頁" not in line:
            continue
        parts = [plain(p) for p in _CRUMB.split(line)[1:]]
        yield from (p for p in reversed(parts) if organ_like(p) and not is_title(p))


def _organs_in_text(page: _Page) -> Iterator[tuple[str, str]]:
    for word in _CONTACT_WORDS:
        if word not in page.text:
            continue
        for line in page.lines:
            if word in line:
                names = (_without_inner_office(m[1]) for m in _CONTACT.finditer(fold(line)))
                yield from ((n, "contact") for n in names if organ_like(n))
    for word in _PREAMBLE_WORDS:
        if word not in page.text:
            continue
        for line in page.head:
            if word in line and len(line) < 600:
                bare = fold(line)
                hits = (p.search(bare) for p in (_COMPILED_BY, _ANNOUNCED))
                yield from ((h[1], "preamble") for h in hits if h and organ_like(h[1]))


_CONTACT_WORDS = ("请与", "请向", "请联系", "请直接", "请和", "請與", "請向")
_PREAMBLE_WORDS = ("报告由", "報告由", "编制", "编写", "現將", "现将", "现公布")
_OUTER_ENDS = ("局", "厅", "委", "委员会", "镇", "乡", "街道", "办事处", "中心")
_TOWN_ENDS = ("镇人民政府", "乡人民政府")


def _without_inner_office(name: str) -> str:
    outer = _INNER_OFFICE.sub("", name)
    if outer != name and outer.endswith(_OUTER_ENDS + _TOWN_ENDS):
        return outer
    return name


_SELF_WORD = re.compile(r"我(局|镇|乡|街道|委|厅|县|区|市|省|办|中心|院)")


def _self_word(text: str) -> str | None:
    """How the report calls its organ (我局 gives 局), by its first mention."""
    found = _SELF_WORD.search(text)
    return found[1] if found is not None else None


def _agree(a: str, b: str) -> bool:
    """One name can be a short form of the other: 市教育局, 池州市教育局; 石台县, 石台县人民政府."""
    short, long = sorted((label_key(a), label_key(b)), key=len)
    signs = iter(long)
    return all(c in signs for c in short)


def _organ_findings(organs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    if not organs:
        return
    first, source = organs[0]
    others = [(o, s) for o, s in organs[1:] if s in ("title", "metadata") and not _agree(first, o)]
    if not others:
        return
    detail = tuple((s, o) for o, s in organs)
    if source == "caller":
        yield Finding(
            "caller_overrides",
            "info",
            f"the caller's organ {first!r} is kept; the document says {others[0][0]!r}",
            f"采用调用方给定的机关“{first}”，文中为“{others[0][0]}”",
            detail=(("field", "organ"), *detail),
        )
        return
    yield Finding(
        "organ_conflict",
        "warning",
        f"{source} says {first!r}, {others[0][1]} says {others[0][0]!r}",
        f"机关名称不一致：“{first}”与“{others[0][0]}”",
        detail=detail,
    )


# --- year ----------------------------------------------------------------------------------


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


def _year_votes(
    page: _Page, caller: int | None, published: datetime.date | None
) -> list[tuple[int, str]]:
    votes: list[tuple[int, str]] = []
    if caller is not None:
        votes.append((caller, "caller"))
    votes += [(y, "period") for y in _period_years(page)]
    votes += [(y, "title") for y in page.reading.years]
    votes += [(y, "url") for y in _url_years(page.url)]
    votes += [(y, "text") for y in _text_year(page)]
    if published is not None:
        votes.append((published.year - 1, "published"))
    return [(y, s) for y, s in dict.fromkeys(votes) if s == "caller" or _is_year(y)]


def _is_year(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _period_years(page: _Page) -> list[int]:
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


def _address(url: str | None) -> SplitResult | None:
    """The address in parts; ``None`` for one that is none (a stray bracket)."""
    try:
        return urlsplit(url) if url else None
    except ValueError:
        return None


def _url_years(url: str | None) -> list[int]:
    """``fbtime`` of the Hanweb module is the report year."""
    address = _address(url)
    if address is None or "fbtime=" not in address.query:
        return []
    values = parse_qs(address.query).get("fbtime", [])
    return [int(v) for v in values if len(v) == 4 and v.isascii() and v.isdigit()]


def _text_year(page: _Page) -> list[int]:
    """The year of which the overview mostly speaks, one vote or none."""
    text = ""
    if page.sections is not None:
        overview = page.sections.get("overview")
        text = overview.text if overview is not None else ""
        if not text:
            text = "\n".join(s.text for s in page.sections.sections if s.key != PREAMBLE)
    if not text:
        text = page.text[:6000]
    named = {int(m[1]) for m in _TEXT_YEAR.finditer(text) if not _is_plan(text, m.end())}
    if not named:
        return []
    counts = Counter(int(m[1]) for m in _MENTIONED_YEAR.finditer(text))
    return [max(named, key=lambda y: (counts[y], y))]


def _is_plan(text: str, end: int) -> bool:
    """The year is spoken of as one to come: 2024年，我局将继续…"""
    return _PLANS.search(text, end, end + _PLAN_REACH) is not None


def _year_findings(
    votes: Sequence[tuple[int, str]], published: datetime.date | None
) -> Iterator[Finding]:
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


# --- publication date ----------------------------------------------------------------------


_URL_DATES = (
    re.compile(r"/art/(20[0-9]{2})/([0-9]{1,2})/([0-9]{1,2})/"),
    re.compile(r"/t(20[0-9]{2})([0-9]{2})([0-9]{2})_"),
)
_SIGNATURE_REST = 30


def _published(page: _Page) -> tuple[datetime.date | None, str | None]:
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
            return dates[0].date
    return None


# --- kind ----------------------------------------------------------------------------------


_ERRORS = re.compile(
    r"404|页面不存在|页面(?:已|被)?(?:删除|失效|丢失)|已(?:被)?删除|参数错误|无法访问"
    r"|访问(?:被)?(?:拦截|拒绝|禁止)|not found|forbidden|安全验证|验证码|请求过于频繁"
    r"|系统(?:繁忙|错误)|您访问的|找不到|服务器错误|bad gateway|waf|防火墙|人机|滑动|异常访问|拦截",
    re.IGNORECASE,
)
_ERROR_PAGE_CHARACTERS = 600


def _kind(page: _Page) -> tuple[Kind, str]:
    found = page.sections.sections if page.sections is not None else ()
    known = sum(not s.key.startswith(("extra_", PREAMBLE)) for s in found)
    if not known and not page.document.tables:
        text = f"{page.text}\n{page.document.meta.get('title', '')}"
        match = _ERRORS.search(text) if len(text) < _ERROR_PAGE_CHARACTERS else None
        if match is not None:
            return "error_page", match[0]
    kind, evidence = kind_of_title(page.title) if page.title else ("unknown", "")
    if kind == "notice" or (kind == "statistics" and is_part_of_year(page.title or "")):
        return kind, evidence
    if known >= 4 and kind != "interpretation":
        return "report", f"{known} sections"
    if kind == "interpretation" and known >= 5 and len(page.document.tables) >= 2:
        return "report", f"{known} sections"
    if not known and page.title_source not in ("articletitle", "ucaptitle"):
        titles = sum(is_title(t) for t in page.lines)
        if titles >= 4:
            return "list_page", f"{titles} titles"
    if kind != "unknown":
        return kind, evidence
    return ("report", f"{known} sections") if known >= 2 else ("unknown", "")


# --- other findings ------------------------------------------------------------------------


_GLOSS = re.compile(r"[(（][a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-z]{0,5}[)）]")
_TRADITIONAL = "開務機報國會關這為辦應條據發與請進過說設動對業"
_SAMPLE = 2500


def _page_findings(page: _Page, index_number: str | None) -> Iterator[Finding]:
    if index_number is not None and index_number.startswith(TEMPLATE_INDEX):
        yield Finding(
            "template_index_number",
            "info",
            f"index number {index_number!r} carries the State Council's code",
            f"索引号{index_number}为模板遗留的国务院代码",
            detail=(("index_number", index_number),),
        )
    reasons = list(_mirror_reasons(page))
    if reasons:
        yield Finding(
            "mirror_text",
            "info",
            f"the text seems to come from a copy of the page: {', '.join(reasons)}",
            "文本疑似来自镜像站点",
            detail=tuple(("reason", r) for r in reasons),
        )


def _mirror_reasons(page: _Page) -> Iterator[str]:
    sample = page.text[:_SAMPLE]
    if _GLOSS.search(sample):
        yield "glosses"
    if sum(c in sample for c in _TRADITIONAL) >= 4:
        yield "traditional script"
    address = _address(page.url)
    host = address.hostname if address is not None else None
    organ = page.reading.organ
    if host and organ and not organ.endswith(_OTHER_BODIES) and not _is_government(host):
        yield f"host {host}"


_OTHER_BODIES = ("大学", "学院", "学校", "公司", "医院", "集团", "馆", "协会")
"""Bodies that publish such reports on hosts of their own."""


def _is_government(host: str) -> bool:
    return host.endswith(".gov.cn") or host in ("localhost", "gov.cn") or host.startswith("127.")
