"""Is the title of a link or page a report of one organ and year, and whose?

In: the title, and if known the breadcrumb and the address. Out: ``TitleVerdict``. Rules over the
words of real titles (domain guide 2.5, 3); standard library only, linear, fast enough for every
link of a list page. Titles say what a page promises, not what it holds: the document decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from govreport_parse.fetch import titles_words as w

Kind = Literal["report", "list", "interpretation", "notice", "statistics", "summary", "other"]

FIRST_YEAR, LAST_YEAR = 2003, 2099
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title promises.

    ``organ`` as printed, ``None`` where only the page around it can say; ``year`` is the year
    reported on. ``confidence`` from 0 to 1: 0.98 all in the title, 0.9 the organ missing, 0.8 the
    year from breadcrumb or address, 0.6 next to nothing but the place where the title stands.
    ``list``: a column or a collection. ``statistics``: figures of a part of a year, or of one
    channel. ``summary``: 工作总结, which is no report by the Regulations.
    """

    kind: Kind
    organ: str | None = None
    year: int | None = None
    confidence: float = 0.0


def _clean(text: str) -> str:
    text = w.REMOVED.sub("", text[:_LONGEST])
    text = w.GLOSS.sub("", text)
    text = w.NEIGHBOUR.sub("", w.INNER_BLANK.sub("", w.SPACES.sub(" ", text).strip()))
    for _ in range(3):
        before = text
        folded = text.translate(w.FOLDED)
        for pattern in (w.BULLET, w.OPENING):
            match = pattern.match(folded)
            if match is not None and match.end() < len(folded):
                text = text[match.end() :]
                folded = text.translate(w.FOLDED)
        for pattern in (w.DATE, w.EXTENSION, w.ENDING):
            match = pattern.search(folded)
            if match is not None and match.start() > 0:
                text = text[: match.start()]
                folded = text.translate(w.FOLDED)
        text = text.strip(" 《》“”\"'，,;；。>»")
        if text == before:
            break
    return text


# --- years --------------------------------------------------------------------------------------

_ZERO = "〇零○◯ＯOo0"
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9]|号|-[0-9]{1,2}(?![0-9])|[〕\]])(?:年度?|度)?")
_CHINESE_YEAR = re.compile(rf"二[{_ZERO}][一二三四五六七八九{_ZERO}]{{2}}(?:年度?|度)?")
_URL_YEAR = re.compile(r"(?:fbtime|year|nd|niandu)=(20[0-9]{2})(?![0-9])", re.I)
_DOCUMENT_NUMBER = re.compile(r"[〔\[(【]20[0-9]{2}[〕\])】][0-9]{0,4}号?")


def speaks_of_reports(url: str) -> bool:
    """An address is of a column of annual reports, or of a page in one (``/gknb/``, ``ndbg``)."""
    return w.ANNUAL_URL.search(url) is not None


def years_in(text: str) -> tuple[int, ...]:
    """Years named in a title, in order; 年 may be missing, numerals may be Chinese."""
    text = _DOCUMENT_NUMBER.sub(lambda m: " " * len(m[0]) if "号" in m[0] else m[0], text)
    found = [(m.start(), int(m[1])) for m in _YEAR.finditer(text)]
    if "二" in text:
        found += [(m.start(), _chinese(m[0])) for m in _CHINESE_YEAR.finditer(text)]
    return tuple(dict.fromkeys(y for _, y in sorted(found) if FIRST_YEAR <= y <= LAST_YEAR))


def _chinese(numerals: str) -> int:
    digits = "〇一二三四五六七八九"
    return int("".join(str(max(digits.find(c), 0)) for c in numerals[:4]))


# --- organs -------------------------------------------------------------------------------------

_SELF = re.compile(
    r"(?:我|本(?:机关|单位|部门|机构|站|网|局|镇|乡|街道|委|厅|县|市|区|省|办)|各|全[省市县区镇乡]).*"
)
_GENERIC = re.compile(
    r"政府|政务|信息|目录|列表|下属|所属|直属|公开|主动|年度|年报|报告|工作|情况|关于|开展|的|法定|内容|专栏|首页|附件|部门|单位|乡镇|街道|镇街|机关|县区|区县|市直|县直|区直|统计|"
    r"[年度()\[\]、,:\- ]"
)
_EDGES = re.compile(
    r"^(?:关于|发布|公布|转载|[、,:\- ])+|(?:关于|发布|公布|公开|公示|印发|法定|的|[、,:\- ])+$"
)
_TAIL = re.compile(r"[-(:_ ]+([\u3400-\u9fff][\u3400-\u9fff()]{1,40}?)\)?$")
_WRAPPED = re.compile(r"[(（]([^()（）]+)[)）]")
_WRAPPED_TAIL = re.compile(r"[(（][^()（）]{0,40}[)）]$")
_HAN = re.compile(r"[\u3400-\u9fff]")


def _organ(text: str, folded: str, core: int, end: int) -> str | None:
    """The organ named before the core of the title, else behind it."""
    head = _without_years(text[:core], folded[:core])
    if head.endswith("人民") and folded.startswith("政府", core):
        head += text[core : core + 2]
    if _is_organ(head):
        return head
    tail = _TAIL.search(folded, end)
    if tail is not None:
        name = _without_years(text[tail.start(1) : tail.end(1)], tail[1])
        if _is_organ(name):
            return name
    inside = re.search(r"\(([^()]{2,40})\)?$", folded[end:])
    if inside is not None:
        start = end + inside.start(1)
        name = _without_years(text[start : start + len(inside[1])], inside[1])
        if _is_organ(name):
            return name
    return None


def _without_years(text: str, folded: str) -> str:
    for pattern in (_YEAR, _CHINESE_YEAR):
        for match in reversed(list(pattern.finditer(folded))):
            text = text[: match.start()] + text[match.end() :]
            folded = folded[: match.start()] + folded[match.end() :]
    text = w.SPACES.sub("", text).strip("《》“”")
    folded = text.translate(w.FOLDED)
    start, stop = 0, len(folded)
    edge = _EDGES.match(folded)
    if edge is not None and edge.start() == 0 and edge.end() < stop:
        start = edge.end()
    last = None
    for last in _EDGES.finditer(folded, start):  # noqa: B007  the last match is wanted
        pass
    if last is not None and last.end() == stop and last.start() > start:
        stop = last.start()
    name = text[start:stop]
    inside = _WRAPPED.fullmatch(name)
    return name if inside is None else inside[1]


def _is_organ(name: str) -> bool:
    if not 2 <= len(name) <= 40 or _SELF.fullmatch(name):
        return False
    if not _HAN.match(name) and not name[0].isalpha():
        return False
    if name[-1] in "的了与和及是在" or "。" in name:
        return False
    return bool(_GENERIC.sub("", name.translate(w.FOLDED)))


# --- the verdict --------------------------------------------------------------------------------


def judge_title(text: str, *, breadcrumb: str = "", url: str = "") -> TitleVerdict:
    """What a title promises; never raises, never guesses a year that nothing names.

    ``breadcrumb`` is the path of columns above the page (首页 > 政务公开 > 年报 > 2023年), ``url``
    the address of the page.
    """
    title = _clean(text)
    folded = title.translate(w.FOLDED)
    if not folded or w.NAVIGATION.fullmatch(folded):
        return TitleVerdict("other", confidence=0.9)
    if w.SENTENCE.match(folded):
        return TitleVerdict("other", confidence=0.8)
    truncated = w.ELLIPSIS.search(folded)
    if truncated is not None:
        title, folded = title[: truncated.start()], folded[: truncated.start()]
    before = w.BEFORE.match(folded)
    if before is not None and w.TOPIC.search(folded, before.end()) is not None:
        title, folded = title[before.end() :], folded[before.end() :]
    topic = w.TOPIC.search(folded)
    if topic is not None and w.INTERPRETATION.search(
        w.QUOTES.sub("", text[:_LONGEST].translate(w.FOLDED))
    ):
        return TitleVerdict("interpretation", confidence=0.9)
    other = _other_kind(folded, topic is not None)
    if other is not None:
        return TitleVerdict(other, confidence=0.9)
    if topic is None or (topic.start() == 0 and w.COLUMN.fullmatch(folded)):
        return _by_place(title, folded, breadcrumb, url)
    form = w.FORM.search(folded) or w.WEAK_FORM.search(folded)
    if form is None and truncated is None:
        return TitleVerdict("other", confidence=0.8)
    if w.COLLECTION.search(w.ASIDE.sub("", folded)):
        return TitleVerdict("list", confidence=0.9)
    company = w.COMPANY.search(folded, 0, topic.start())
    if company is not None and not topic[0].startswith("政府信息"):
        return TitleVerdict("other", confidence=0.8)
    if truncated is None and _is_about_one(title, folded, topic):
        return TitleVerdict("other", confidence=0.7)
    return _report(title, folded, topic, breadcrumb, url, truncated is not None)


def _is_about_one(title: str, folded: str, topic: re.Match[str]) -> bool:
    """The title speaks of a report, or of another subject's, and is no report's own."""
    word = w.REPORT_WORD.search(folded, topic.end())
    if word is not None:
        if w.BETWEEN.fullmatch(folded, topic.end(), word.start()) is None:
            return True
        if w.BEHIND.fullmatch(folded, word.end()) is None:
            return True
    head = _WRAPPED_TAIL.sub("", _without_years(title[: topic.start()], folded[: topic.start()]))
    bare = not topic[0].startswith("政")
    return bare and len(head) > 1 and w.OWN_WORD.search(head.translate(w.FOLDED)) is None


def _other_kind(folded: str, topic: bool) -> Kind | None:
    folded = w.IN_A_NAME.sub("□", folded)
    annual = (
        topic or "年报" in folded or "年度报告" in folded or w.CHANNEL.search(folded) is not None
    )
    if w.OTHER_OPENING.search(folded) or w.OTHER_SUBJECT.search(folded):
        return "other"
    if annual and w.INTERPRETATION.search(folded):
        return "interpretation"
    if annual and w.NOTICE.search(folded):
        return "notice"
    if annual and w.SUMMARY.search(folded):
        return (
            "statistics" if re.search("半年|季度", folded) and "总结" not in folded else "summary"
        )
    if (topic or w.CHANNEL.search(folded)) and w.STATISTICS.search(w.BESIDE.sub("", folded)):
        return "statistics"
    if w.NO_REPORT.search(folded):
        return "other"
    return None


def _report(
    title: str, folded: str, topic: re.Match[str], breadcrumb: str, url: str, truncated: bool
) -> TitleVerdict:
    part = w.SITE_PART.search(folded, topic.end())
    if part is not None and w.FORM.search(folded[: part.start()]):
        rest = folded[part.end() :]
        if not _is_organ_tail(rest):
            title, folded = title[: part.start()], folded[: part.start()]
    years = years_in(folded)
    head = _without_years(title[: topic.start()], folded[: topic.start()])
    if w.GROUP.fullmatch(head):
        return TitleVerdict("list", confidence=0.8)
    organ = _organ(title, folded, topic.start(), topic.end())
    if len(years) > 1:
        return TitleVerdict("list", None, None, 0.6)
    year, confidence = (years[0], 0.98) if years else (_year_around(breadcrumb, url), 0.8)
    if year is None:
        return TitleVerdict("list", organ, None, 0.7)
    if organ is None:
        confidence -= 0.08
    if w.FORM.search(folded) is None and not truncated:
        confidence = 0.6
    return TitleVerdict("report", organ, year, min(confidence, 0.7) if truncated else confidence)


def _is_organ_tail(text: str) -> bool:
    """What follows a dash names the organ, not the site or its column."""
    return _is_organ(text) and not re.search(r"网|门户|首页|平台|-|_|\|", text)


def _year_around(breadcrumb: str, url: str) -> int | None:
    match = _URL_YEAR.search(url)
    if match is not None:
        return int(match[1])
    years = years_in(breadcrumb[-_LONGEST:].translate(w.FOLDED))
    return years[-1] if years else None


def _by_place(title: str, folded: str, breadcrumb: str, url: str) -> TitleVerdict:
    """The title names no subject: where it stands must."""
    crumbs = breadcrumb[-_LONGEST:].translate(w.FOLDED)
    annual = (
        w.ANNUAL_PLACE.search(crumbs) is not None and w.OTHER_PLACE.search(crumbs) is None
    ) or w.ANNUAL_URL.search(url) is not None
    named = w.FORM.search(folded) is not None or "年报" in folded or w.COLUMN.fullmatch(folded)
    if w.COLLECTION.search(folded) and (annual or named):
        return TitleVerdict("list", confidence=0.7)
    years = years_in(folded)
    bare = _GENERIC.sub("", _without_years(title, folded).translate(w.FOLDED))
    if not annual:
        listed = named and not bare and not years and w.OTHER_PLACE.search(crumbs) is None
        return TitleVerdict("list" if listed else "other", confidence=0.6)
    if len(years) == 1 and not bare:
        return TitleVerdict("report", None, years[0], 0.6)
    if w.COLUMN.fullmatch(folded):
        return TitleVerdict("list", confidence=0.7)
    year = years[0] if years else _year_around(breadcrumb, url)
    core = re.search(r"年度?报告?|年报|工作", folded)
    head = title[: core.start()] if core is not None else title
    name = _without_years(head, head.translate(w.FOLDED))
    if year is not None and _is_organ(name):
        return TitleVerdict("report", name, year, 0.6)
    return TitleVerdict("list" if named else "other", confidence=0.5)
