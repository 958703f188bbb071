"""Counts that the text states, as figures of their own, and held against the tables.

In: a report's sections. Out: ``NarrativeFigure`` records (``read_narrative``) and findings where
text and table disagree (``check_narrative``). Conservative: a number counts only in a wording
known to state that quantity, for the whole year reported on. Numbers of other years, of months
and quarters, and running totals are not read. What is told of a part (其中 …), of one channel
(通过网站 …) or roughly (1200余条) is read, marked, and never compared. Both sides of a
contradiction stand in the finding; neither is called wrong. Patterns are linear.

Kinds (unit): ``requests_received``, ``requests_accepted`` (受理), ``requests_carried_in``,
``requests_carried_forward``, ``granted``, ``granted_in_part``, ``granted_or_in_part``,
``refused`` (件); ``review``, ``litigation`` (件); ``information_fee`` (元 or 万元, 信息处理费);
``items_published`` (条); ``normative_documents_issued``, ``normative_documents_in_force`` (件).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from govreport_parse.chinese_numerals import read_chinese
from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.numbers import to_wan_yuan
from govreport_parse.text import Shadow, shadow
from govreport_parse.values import EMPTY, VALUED, Finding, Number, json_number

if TYPE_CHECKING:
    from govreport_parse.report import Report

Scope = Literal["whole", "part", "channel"]
How = Literal["digits", "chinese", "none_stated"]


@dataclass(frozen=True, slots=True)
class NarrativeFigure:
    """One count in the text.

    ``value`` in ``unit`` as the text states it; ``raw`` the number as written (for 未收到申请
    the words that say so, ``how`` ``none_stated``). ``start`` and ``end`` are offsets of ``raw``
    in the section's text. ``is_exact`` is false for 余, 近, 约 and the like; ``scope`` is ``part``
    behind 其中 and ``channel`` where one way of publishing or applying is meant.
    """

    kind: str
    value: Number
    unit: str
    raw: str
    sentence: str
    section: str
    start: int
    end: int
    how: How = "digits"
    is_exact: bool = True
    scope: Scope = "whole"

    @property
    def is_comparable(self) -> bool:
        """Whether it speaks of the whole, exactly."""
        return self.is_exact and self.scope == "whole"

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "kind": self.kind,
            "value": json_number(self.value),
            "unit": self.unit,
            "raw": self.raw,
            "how": self.how,
            "is_exact": self.is_exact,
            "scope": self.scope,
            "section": self.section,
            "start": self.start,
            "end": self.end,
            "sentence": self.sentence,
        }


# -- wordings --------------------------------------------------------------------------------------

_REQUEST = "申请"
_ASKED = f"{_REQUEST}(?:公开)?(?:政府)?(?:信息)?"
_FILL = (
    "(?:公民|法人|其他|其它|社会|组织|群众|申请人|[提递][交出起]|各类"
    "|书面|关于|政府|政务|信息|公开|依|向|及|和|或|与|[、的了到过]|本机关|我局|我市|我县| )*"
)
"""What may stand between the verb and 申请 without narrowing what is counted."""
_COUNTED = (
    r"(?:[表书]|数量|件数|总数|数|事项|案件|情况)?"
    r"(?:共[计有]?|[总合]计|一共|为|有|是|的)?(?:共计?)?[:：]? ?"
)
_SOME = r"(?P<about>近|约|逾|超过?|达|将近|大约)?$"


class _Wording(NamedTuple):
    kind: str
    must: str
    """What stands before the number in any case, for a quick look."""
    before: re.Pattern[str]
    """Ends at the number."""
    units: str
    after: re.Pattern[str] | None = None
    """Must follow the unit, for 收到12件申请."""


def _before(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts) + _SOME)


_CASES = "件份宗起项例次条个"
_BEHIND_REQUEST = re.compile(rf"(?:次|的| )?{_FILL}{_REQUEST}")
_GOT = r"(?:新收到?|收到|接收|接到|新增)"

_WORDINGS = (
    _Wording("requests_carried_in", "结转",
             _before(r"(?:上一?年度?|去年)结转", _FILL, rf"(?:{_REQUEST})?", _COUNTED), _CASES),
    _Wording("requests_carried_forward", "结转",
             _before(r"结转[至到]?(?:下一?年度?|次年)(?:继续)?(?:办理)?", _FILL,
                     rf"(?:{_REQUEST})?", _COUNTED), _CASES),
    _Wording("requests_received", "申请",
             _before(_GOT, _FILL, _ASKED, _COUNTED), _CASES),
    _Wording("requests_received", "",
             _before(_GOT, r"(?:[了共]|共计)?", " ?"), _CASES, _BEHIND_REQUEST),
    _Wording("requests_accepted", "受理",
             _before("受理了?", _FILL, _ASKED, _COUNTED), _CASES),
    _Wording("granted_or_in_part", "部分公",
             _before(r"予以公开(?:和|及|、|与|或|以及)(?:予以)?部分公开", _FILL, _COUNTED), _CASES),
    _Wording("granted_in_part", "部分公",
             _before(r"(?<!公开[及和、与或])(?:予以)?部分公开", _FILL, _COUNTED), _CASES),
    _Wording("refused", "不予公",
             _before(r"(?<!公开[及和、与或])不予公开", _FILL, _COUNTED), _CASES),
    _Wording("granted", "予以公",
             _before(r"(?<![不动])予以公开", _FILL, _COUNTED), _CASES),
    _Wording("information_fee", "处理费",
             _before(r"(?:信息|公开)处理费(?:用)?", r"(?:金额|总额|总金额)?",
                     _COUNTED, r"(?:人民币)? ?"), "元"),
    _Wording("items_published", "信息",
             _before(r"(?:公开|发布)", r"(?:各类|各项|政府|政务|主动|公开|的|了)*",
                     "信息", _COUNTED), "条件项篇份则个"),
    _Wording("normative_documents_in_force", "有效",
             _before(r"有效的?(?:行政)?规范性文件", _COUNTED), "件份个"),
    _Wording("normative_documents_issued", "文件",
             _before(r"(?:制[发定]|新?制定|印发|出台|发布)(?:和?[印制]?发)?了?(?:行政)?规范性文件",
                     _COUNTED), "件份个"),
    _Wording("review", "复议",
             _before(r"(?:行政)?复议", _FILL, rf"(?:{_REQUEST})?", _COUNTED), "件起宗例次个"),
    _Wording("litigation", "诉讼",
             _before(r"(?:行政)?诉讼", _FILL, _COUNTED), "件起宗例次个"),
)  # fmt: skip

_DIGIT = "0-9０-９"
_NUMBER = re.compile(
    rf"[{_DIGIT}]+(?:[,，][{_DIGIT}]{{3}})*(?:[.．][{_DIGIT}]+)?"
    r" ?(?P<more>[余多])? ?(?P<unit>万?[件条份宗起项例次个篇则元])"
)
_CHINESE_NUMBER = re.compile(
    r"[零〇一二三四五六七八九十百千万两]+(?P<more>[余多])?(?P<unit>[件条份宗起项例个篇则元])"
)
_ASCII = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_WINDOW = 60
"""Signs before a number in which its wording must lie."""

_AROUND = 200
"""Signs before a number in which a bare 申请 may be told what it is about."""

_NONE_REQUEST = re.compile(
    rf"(?:[未没无](?:有|曾)?){_GOT}(?:任何|过|到|公民|法人)*{_FILL}{_REQUEST}"
)
_NONE_FEE = re.compile(
    r"(?:[未没无]有?)(?:收取|产生|发生|收)(?:任何|政府|信息|公开|关于|过)*处理费"
)
_CAUSE = (
    "(?:因|由于|由|政府|信息|公开|工作|依|申请|引[起发]|产生|发生|出现|收到|被"
    "|提[起出]|涉及|有关|相关|任何|而|的|过|行政|案件|关于|方面)*"
)
_NONE_REVIEW = re.compile(
    rf"(?:[未没](?:有|曾)?|无){_CAUSE}复议(?:案件|申请)?"
    rf"(?P<both>(?:[、和及或与]|以及|也没有)(?:被)?(?:提起)?{_CAUSE}诉讼)?"
)


# -- reading ---------------------------------------------------------------------------------------


def read_narrative(report: Report) -> tuple[NarrativeFigure, ...]:
    """All counts that the text states, in document order. Never raises on what a text says."""
    out: list[NarrativeFigure] = []
    for section in report.sections:
        if section.text:
            out += _in_section(section.key, section.text, report.year)
    return tuple(out)


_TRADITIONAL = "請開處訴議費"
"""Some of these stand in every statement of a text in traditional script."""
_GLOSSED = re.compile("[(（][a-z]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")


def _in_section(key: str, raw: str, year: int | None) -> list[NarrativeFigure]:
    needs_fold = any(c in raw for c in _TRADITIONAL) or _GLOSSED.search(raw)
    view = shadow(raw) if needs_fold else Shadow(raw, raw)
    body = _Text(view.text, [m.start() for m in _END.finditer(view.text)])
    text = view.text
    found: list[NarrativeFigure] = []
    for number in (*_NUMBER.finditer(text), *_CHINESE_NUMBER.finditer(text)):
        hit = _at_number(body, number, key, year)
        if hit is not None:
            found.append(hit)
    found += _none_stated(body, key, year)
    found.sort(key=lambda f: f.start)
    return [_placed(f, view, body) for f in found]


def _placed(figure: NarrativeFigure, view: Shadow, body: _Text) -> NarrativeFigure:
    """Offsets of the view to offsets of the raw text."""
    start, end = view.raw_offset(figure.start), view.raw_offset(figure.end)
    low, high = body.sentence(figure.start, figure.end)
    return NarrativeFigure(
        figure.kind,
        figure.value,
        figure.unit,
        view.raw[start:end],
        view.raw[view.raw_offset(low) : view.raw_offset(high)].strip(),
        figure.section,
        start,
        end,
        figure.how,
        figure.is_exact,
        figure.scope,
    )


def _at_number(
    body: _Text, number: re.Match[str], key: str, year: int | None
) -> NarrativeFigure | None:
    text = body.text
    start = number.start()
    low, _ = body.sentence(start, start)
    window = text[max(low, start - _WINDOW) : start]
    unit = number["unit"]
    for wording in _WORDINGS:
        if unit[-1] not in wording.units or wording.must not in window:
            continue
        found = wording.before.search(window)
        if found is None:
            continue
        if wording.after is not None and wording.after.match(text, number.end()) is None:
            continue
        prefix = text[low : start - len(window) + found.start()]
        if not _belongs(wording.kind, prefix, text[low:start], key):
            return None
        if wording.kind.startswith("requests") and key != REQUESTS and "公开" not in found[0]:
            around = text[max(0, start - _AROUND) : number.end() + 20]
            if not _ABOUT_DISCLOSURE.search(around):
                return None  # 收到申请12件 may be of anything
        if not _is_this_year(prefix + found[0], wording.kind, year):
            return None
        written = text[start : number.start("unit")].rstrip("余多 ")
        value = _value(written)
        if value is None:
            return None
        if unit[0] == "万" and unit != "万元":
            return None  # 1.2万件 is rounded
        is_exact = number["more"] is None and found["about"] is None
        scope = _scope(prefix, found[0], wording.kind)
        how: How = "digits" if number.re is _NUMBER else "chinese"
        end = start + len(written)
        if wording.kind != "information_fee":
            if isinstance(value, Decimal):
                return None
            unit = "条" if wording.kind == "items_published" else "件"
        return NarrativeFigure(
            wording.kind, value, unit, written, "", key, start, end, how, is_exact, scope
        )
    return None


def _value(written: str) -> Number | None:
    plain = written.translate(_ASCII).replace(",", "")
    if not plain.isascii():
        return read_chinese(written)
    if "." in plain:
        return Decimal(plain)
    return int(plain) if len(plain) <= 18 else None


_END = re.compile("[。；;！!？?\n]")
_REACH = 400
"""Signs before and behind a number that can belong to its sentence."""


class _Text(NamedTuple):
    """A section's text and where its sentences end."""

    text: str
    ends: list[int]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a place."""
        k = bisect_left(self.ends, start)
        low = self.ends[k - 1] + 1 if k else 0
        k = bisect_left(self.ends, end)
        high = self.ends[k] if k < len(self.ends) else len(self.text)
        return max(low, start - _REACH), min(high, end + _REACH)


_ABOUT_REQUESTS = re.compile("申请|答复")
_ABOUT_DISCLOSURE = re.compile("公开")
_ANY_REVIEW = re.compile("复议(?:案件|申请)?(?:、|和|及|与|或|以及)(?:被)?(?:提起)?$")


def _belongs(kind: str, prefix: str, upto: str, key: str) -> bool:
    """Whether the surroundings leave no other meaning of the words."""
    if kind in ("granted", "granted_in_part", "granted_or_in_part", "refused"):
        return key == REQUESTS or _ABOUT_REQUESTS.search(prefix) is not None
    if kind in ("review", "litigation"):
        if kind == "litigation" and _ANY_REVIEW.search(prefix):
            return False  # 行政复议和行政诉讼共3件: of both together
        if kind == "litigation" and ("复议后" in prefix or "未经复议" in prefix):
            return False
        return key == REVIEW or _ABOUT_DISCLOSURE.search(upto) is not None
    return True


_CARRIED = re.compile(r"(?:上一?年度?|去年)结转|结转[至到]?(?:下一?年度?|次年)")
_COMPARED = re.compile("同比|相比|[较比]|增[长加]|减少|下降|上升")
_CLAUSE = re.compile("[，,]")
_OTHER_TIME = re.compile(
    r"上一?年|去年|往年|历年|前年|累计|以来|季度|上半年|下半年|每[月年]|近[几年两三五0-9]"
    r"|截[至止]"
)
_THIS_TIME = re.compile(r"全年|本年|当年|年度|20[0-9]{2}年")
_FROM_TO = re.compile(
    r"(?:20[0-9]{2}年)?1月1日(?:起|至|到|—|-|－|~|～)*(?:20[0-9]{2}年)?12月31日(?:止|期间)?"
)
_MONTH = re.compile(r"[0-9０-９一二三四五六七八九十]月")
_YEARS = re.compile(r"(20[0-9]{2})年")


def _is_this_year(prefix: str, kind: str, year: int | None) -> bool:
    """Whether what stands before a number lets it count the year reported on, all of it."""
    text = _CARRIED.sub("", prefix)
    text = "，".join(c for c in _CLAUSE.split(text) if not _COMPARED.search(c))
    years = set(map(int, _YEARS.findall(text)))
    if len(years) > 1 or (year is not None and years and years != {year}):
        return False
    text = _FROM_TO.sub("全年", text)
    if kind == "normative_documents_in_force":
        return "上一年" not in text and "去年" not in text
    if _MONTH.search(text):
        return bool(re.search(r"截[至止].{0,6}12月31日", text)) and "以来" not in text
    found = _OTHER_TIME.findall(text)
    if found and set(found) <= {"累计"} and _THIS_TIME.search(text):
        return True  # 2023年累计收到
    return not found


_CHANNEL = re.compile(
    "通过|网站|微信|微博|公众号|平台|门户|客户端|公报|公告栏|专栏|电视|报刊"
    "|当面|网上|网络|信函|邮寄|传真|邮件|信箱|现场|窗口|抖音|栏目"
)


_OF_SOME = re.compile(
    "本级|[省市县区州]直|[下所直]属|各(?:乡镇?|镇|街道|县|区|市|部门|单位|处室|科室|股室)"
    "|(?:乡镇|街道|部门|单位|办事处)[）)]?共?$"
)
"""Some of the offices that a report may cover: 县直部门共收到申请20件."""
_OF_ALL = re.compile("全[省市县区州镇乡系]|各级|[及和]各|合计|总计|共计")


_A_COUNT = re.compile(rf"[{_DIGIT}][{_CASES}]")


def _is_of_some(prefix: str) -> bool:
    """Whether a clause, or a clause before it that counts something, speaks of some offices."""
    *before, own = _CLAUSE.split(prefix)
    clauses = [own, *(c for c in before if _A_COUNT.search(c))]
    return any(_OF_SOME.search(c) and not _OF_ALL.search(c) for c in clauses)


def _scope(prefix: str, words: str, kind: str) -> Scope:
    clause = re.split("[，,]", prefix)[-1] + words
    if "其中" in prefix or "其中" in words:
        return "part"
    if _is_of_some(prefix):
        return "part"
    if kind in ("items_published", "requests_received", "requests_accepted") and (
        _CHANNEL.search(clause) or (kind == "items_published" and _CHANNEL.search(prefix))
    ):
        return "channel"
    return "whole"


def _none_stated(body: _Text, key: str, year: int | None) -> Iterator[NarrativeFigure]:
    for kind, pattern, unit in (
        ("requests_received", _NONE_REQUEST, "件"),
        ("information_fee", _NONE_FEE, "元"),
        ("review", _NONE_REVIEW, "件"),
    ):
        for found in pattern.finditer(body.text):
            low, _ = body.sentence(found.start(), found.start())
            prefix = body.text[low : found.start()]
            if "其中" in prefix or not _is_this_year(prefix, kind, year):
                continue
            if kind != "review":
                yield _none(kind, found, unit, key)
            elif key == REVIEW or _ABOUT_DISCLOSURE.search(body.text[low : found.end()]):
                yield _none(kind, found, unit, key)
                if found["both"]:
                    yield _none("litigation", found, unit, key)


def _none(kind: str, found: re.Match[str], unit: str, key: str) -> NarrativeFigure:
    return NarrativeFigure(
        kind, 0, unit, found[0], "", key, found.start(), found.end(), "none_stated"
    )


# -- against the tables ----------------------------------------------------------------------------


class _Side(NamedTuple):
    """What the tables say of a kind: values that agree with the text, and the figures asked."""

    values: tuple[Number, ...]
    figures: tuple[str, ...]
    unit: str = "件"


def check_narrative(report: Report, *, confirms: bool = False) -> list[Finding]:
    """``text_contradicts_table`` (warning), one a kind; with ``confirms`` also ``text_confirms``.

    A kind is contradicted when the text states it for the whole year, exactly, and none of its
    statements agrees with the tables. New requests may be told with those carried in. Where the
    table does not say (blank, absent, ambiguous), nothing is said.
    """
    if not report.layout.figures or not report.sections:
        return []
    by_kind: dict[str, list[NarrativeFigure]] = {}
    for figure in report.narrative:
        if figure.is_comparable:
            by_kind.setdefault(figure.kind, []).append(figure)
    out: list[Finding] = []
    for kind, figures in by_kind.items():
        side = _side(report, kind)
        if side is None:
            continue
        agreeing = [f for f in figures if _agrees(f, side)]
        if agreeing:
            if confirms:
                out.append(_finding("text_confirms", kind, agreeing[0], side))
        else:
            out.append(_finding("text_contradicts_table", kind, figures[0], side))
    return out


def _agrees(figure: NarrativeFigure, side: _Side) -> bool:
    if side.unit != "万元":
        return figure.value in side.values
    amount = to_wan_yuan(Decimal(figure.value), figure.unit)
    return amount is not None and any(abs(amount - v) <= Decimal("0.01") for v in side.values)


def _finding(code: str, kind: str, figure: NarrativeFigure, side: _Side) -> Finding:
    shown = side.values[0]
    is_contradiction = code == "text_contradicts_table"
    verb = "contradicts" if is_contradiction else "confirms"
    return Finding(
        code,
        "warning" if is_contradiction else "info",
        f"the text {verb} the table on {kind}: {figure.value} {figure.unit} in section "
        f"{figure.section!r} ({figure.raw!r}), {shown} {side.unit} in the table",
        f"正文与表格{'不一致' if is_contradiction else '一致'}：正文{figure.value}{figure.unit}，"
        f"表格{shown}{side.unit}",
        side.figures,
        detail=(
            ("kind", kind),
            ("text", json_number(figure.value)),
            ("table", json_number(shown)),
            ("section", figure.section),
            ("start", figure.start),
            ("end", figure.end),
        ),
    )


def _side(report: Report, kind: str) -> _Side | None:
    """What the tables say of a kind; ``None`` where they do not say it."""
    index = report.layout.index
    if f"{REQUESTS}/granted/total" in index:
        ways = _refused(report) if kind == "refused" else _ANNUAL.get(kind)
        return _any_sum(report, ways) if ways else None
    row, unit = _STATISTICS.get(kind, ("", ""))
    path = f"statistics/{row}/value"
    i = index.get(path)
    if i is None or report.columns.values[i] is None:
        return None
    if report.columns.units.get(i, unit) != unit:
        return None
    return _Side((report.columns.values[i] or 0,), (path,), unit)


def _total(row: str) -> str:
    return f"{REQUESTS}/{row}/total"


_DIRECT, _AFTER = (f"{REVIEW}/{b}/total" for b in ("litigation_direct", "litigation_after_review"))
_NEW, _CARRIED_IN = _total("requests_received"), _total("requests_carried_in")
_NORMATIVE = f"{PROACTIVE}/normative_documents"

_ANNUAL: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # 收到75件 may be 74 new ones and one carried in.
    "requests_received": ((_NEW,), (_NEW, _CARRIED_IN)),
    "requests_carried_in": ((_CARRIED_IN,),),
    "requests_carried_forward": ((_total("carried_forward"),),),
    "granted": ((_total("granted"),), (_total("granted"), _total("granted_in_part"))),
    "granted_in_part": ((_total("granted_in_part"),),),
    "granted_or_in_part": ((_total("granted"), _total("granted_in_part")),),
    "review": ((f"{REVIEW}/review/total",),),
    "litigation": ((_DIRECT, _AFTER), (_DIRECT,), (_AFTER,)),
    "normative_documents_issued": ((f"{_NORMATIVE}/issued",),),
    "normative_documents_in_force": ((f"{_NORMATIVE}/in_force",),),
}
"""Kind to the sums of figures of which one must agree with the text."""
_STATISTICS: Mapping[str, tuple[str, str]] = {
    "requests_received": ("requests_received", "件"),
    "granted": ("reply_granted", "件"),
    "granted_in_part": ("reply_granted_in_part", "件"),
    "refused": ("reply_refused", "件"),
    "review": ("review", "件"),
    "litigation": ("litigation", "件"),
    "items_published": ("proactive_items", "条"),
    "information_fee": ("request_fees", "万元"),
}
"""Kind to row and unit of the table of 2014."""


def _refused(report: Report) -> tuple[tuple[str, ...], ...]:
    rows = report.layout.table(REQUESTS).blocks[0].data_rows
    return (tuple(_total(r.key) for r in rows if r.parent == "refused"),)


def _any_sum(report: Report, ways: Sequence[tuple[str, ...]]) -> _Side | None:
    """The sums that agree with the text. ``None`` where one of the figures is not known."""
    values: list[Number] = []
    for way in ways:
        parts = [_known(report, path) for path in way]
        if any(p is None for p in parts):
            return None
        values.append(sum(p for p in parts if p is not None))
    if not any(_is_valued(report, path) for path in ways[0]):
        return None
    return _Side(tuple(values), tuple(dict.fromkeys(p for way in ways for p in way)))


def _known(report: Report, path: str) -> Number | None:
    """The figure's value; a blank counts as 0 beside a number of its own row's kind only."""
    i = report.layout.index.get(path)
    if i is None:
        return None
    state = report.columns.states[i]
    if state in EMPTY:
        return 0
    return report.columns.values[i] if state in VALUED else None


def _is_valued(report: Report, path: str) -> bool:
    i = report.layout.index.get(path)
    return i is not None and report.columns.states[i] in VALUED


# -- as rows ---------------------------------------------------------------------------------------


def narrative_rows(reports: Iterable[Report]) -> Iterator[dict[str, Any]]:
    """The table ``narrative``: one row a count, with what identifies its report."""
    for report in reports:
        for figure in report.narrative:
            yield {
                "report_id": report.report_id,
                "organ": report.organ,
                "division_code": report.division_code,
                "year": report.year,
                "form": report.form,
                **figure.to_dict(),
            }
