"""Is the title of a link or page a report of one organ and year, and whose?

In: the title, and if known the breadcrumb and the address. Out: ``TitleVerdict``. Rules over the
words of real titles (domain guide 2.5, 3); standard library only, linear, fast enough for every
link of a list page. Titles say what a page promises, not what it holds: the document decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

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


# --- cleaning -----------------------------------------------------------------------------------

# One character for one, so that places in the folded text are places in the original.
_FOLDED = str.maketrans(
    "０１２３４５６７８９（）［］：；，－—–―﹣｜　\xa0\u2002\u2003"
    "開報資訊務縣區廳員會發總結關於與機辦鎮鄉",
    "0123456789()[]:;,-----|    开报资讯务县区厅员会发总结关于与机办镇乡",
)
_REMOVED = re.compile(r"[\u200b-\u200f\u202a-\u202e\ufeff\x00-\x08\x0e-\x1f]")
_BULLET = re.compile(
    r"^[\s·•●■▪►▶※*>»\-]+|^(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})[.、．]\s{0,3}(?![0-9])"
)
_OPENING = re.compile(
    r"^(?:附件|附)\s{0,2}[0-9一二三]{0,2}\s{0,2}[:.、]?\s{0,2}|^[【\[][^】\]]{1,12}[】\]]\s{0,3}"
)
_EXTENSION = re.compile(r"\.(?:docx?|wps|pdf|s?html?|txt|xlsx?|et|ofd|zip|rar|jpe?g|png)$", re.I)
_DATE = re.compile(
    r"[\[(]?\s{0,2}(?<![0-9])20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?(?:\s[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?\s{0,2}[\])]?$"
    r"|[\[(]\s{0,2}20[0-9]{2}[年./-][0-9]{1,2}月?\s{0,2}[\])]$|\s{0,2}(?:发布|成文|生成)(?:时间|日期).{0,24}$"
)
_ENDING = re.compile(
    r"\(\s{0,2}(?:图片版|文字版|全文|附图|图文版?|pdf版?|word版?|公开版|终稿|定稿|修订版?|更新|正文)\s{0,2}\)$",
    re.I,
)
_ELLIPSIS = re.compile(r"(?:…+|\.{2,}|。{2,})$")
_SITE_PART = re.compile(r"\s{0,3}(?:[_|]|\s-{1,2}\s|(?<=[报告])-{1,2}(?=[\u4e00-\u9fff]))\s{0,3}")
# Blanks set 2023 年 and 某县 某局 apart; between other signs they may part a title from a site.
_INNER_BLANK = re.compile(r"(?<=[\u3400-\u9fff0-9]) (?=[\u3400-\u9fff0-9])")
# Readings that mirror hosts put behind characters: 區(qū). Domain guide 4.1.
_GLOSS = re.compile(
    r"(?<=[\u3400-\u9fff])[(（][a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]{0,5}[)）]"
)
_NEIGHBOUR = re.compile(r"^[上下]一?[篇条][:：]\s?")
_SENTENCE = re.compile(
    r"现将|根据|按照|依据|遵照|为了|本(?:年度)?报告|.{0,60}(?:公布|公开|报告)如下$|.{0,20}>.{0,20}>"
)
_SPACES = re.compile(r"\s+")
_QUOTES = re.compile(r"[“”\"'‘’]")


def _clean(text: str) -> str:
    text = _REMOVED.sub("", text[:_LONGEST])
    text = _GLOSS.sub("", text)
    text = _NEIGHBOUR.sub("", _INNER_BLANK.sub("", _SPACES.sub(" ", text).strip()))
    for _ in range(3):
        before = text
        folded = text.translate(_FOLDED)
        for pattern in (_BULLET, _OPENING):
            match = pattern.match(folded)
            if match is not None and match.end() < len(folded):
                text = text[match.end() :]
                folded = text.translate(_FOLDED)
        for pattern in (_DATE, _EXTENSION, _ENDING):
            match = pattern.search(folded)
            if match is not None and match.start() > 0:
                text = text[: match.start()]
                folded = text.translate(_FOLDED)
        text = text.strip(" 《》“”\"'，,;；。>»")
        if text == before:
            break
    return text


# --- words --------------------------------------------------------------------------------------

_TOPIC = re.compile(
    r"(?:(?:政府){1,2}|政务|政)?(?:信息|资讯)(?:与政务|和政务|主动|依申请|的)?公开|政务公开|(?<=人民)政府公开"
)
_FORM = re.compile(r"年报|年度.{0,8}报告|公开.{0,16}报告|报告.{0,8}公开")
# Narratives before 2019: 某局2015年度政府信息公开工作总体情况
_WEAK_FORM = re.compile(r"公开工作(?:总体|开展|进展)?情况(?:汇报|说明)?$")
_OTHER_OPENING = re.compile(
    r"(?:预算|决算|财务|财政|村务|校务|厂务|党务|院务|警务|检务|审务|司法|居务|事务|阳光|环境|企业|统计|价格|收费|质量|食品|安全|信用|企事业单位)(?:信息|工作)?公开"
)
_OTHER_SUBJECT = re.compile(
    r"法治(?:政府|建设)|依法行政|行政执法|行政复议|行政诉讼|行政应诉|信访|预算|决算|政府工作报告|审计工作|审计报告"
    r"|网站(?:监管|建设)?(?:工作)?年度|网站.{0,6}报表|绩效|财政|财务|国有资产|环境状况|国民经济|建议提案|提案办理|安全生产|规划实施|普法"
    r"|学年|行政许可|质量工作|权责清单|年度考核|责任清单"
)
# Words of other subjects are also parts of names of organs: 财政局, 统计局, 信访局.
_IN_A_NAME = re.compile(
    r"(?:财政|财务|统计|审计|信访|法治|司法|执法|质量|绩效|国有资产|国资|许可|审批|环境|培训|会议|检查|督查|考核|普法|新闻|评估|安全|预算|环保|党务|警务|规划)"
    r"[\u4e00-\u9fff]{0,12}?(?:局|厅|委员会|委|办公室|办|部|中心|所|站|队|院|署|馆|大学|学校|学院)"
    r"(?=[0-9二政信关发公年度()\[:\-_ ]|主动|依申请|$)"
)
_CHANNEL = re.compile(r"(?:依申请|主动)公开")
_NO_REPORT = re.compile(
    r"要点|方案|格式|模板|范本|样表|指南|(?<!年报)(?<!报告)目录|制度|申请表|申请流程|培训|会议|审议|考核|分解|第三方|评估|意见箱|监督保障|清单|办法|规定|条例|细则|流程|须知"
    r"|工作安排|机构职能|座谈|调研|督查|检查情况|名单|竞赛|简报|动态|新闻|启动|召开|举办|获|荣|表扬|表彰|电话|咨询|投诉|活动"
)
_INTERPRETATION = re.compile(
    r"解读|图解|一图|图说|图读|一张图|几张图|数说|数读|读图|动图|漫画|漫说|长图|速览|看点|H5|视频|动漫|动画|读懂|看懂|问答|答记者问|海报",
    re.I,
)
_NOTICE = re.compile(
    r"(?:通知|公告|通告|公示|通报|函|批复|启事)(?:\([^)]{0,20}\))?$|^(?:转发|印发)"
    r"|关于(?:做好|报送|编制|印发|开展|规范|进一步|加强|组织|填报|上报|抓好|召开|举办|征集|征求|对).{2,60}(?:通知|公告|函|报告$|年报$)"
    r"|的通知"
)
_STATISTICS = re.compile(
    r"[一二三四1-4]季度|[上下]半年|半年|(?<![0-9])(?:1?[0-9])(?:月?[-~至])?(?:[0-9]{0,2})月份?(?![0-9]*日)|月报"
    r"|统计|公布情况|发布情况|一览表|(?:申请|办理|公开)情况表|受理情况|报表(?![扬彰])"
)
_SUMMARY = re.compile(r"总结|小结|述职|工作回顾")
_COLLECTION = re.compile(
    r"汇总|汇编|合集|集锦|历年|往年|历史年报|专栏|列表|集中(?:公布|公开|发布|展示)|更多|链接|栏目"
    r"|^各|(?<=年)各|(?<=度)各|[(](?:各[^()]{1,8}|[^()]{0,6}部门|乡镇[^()]{0,6})[)]|[各县市区省](?:直|级)(?:各|机关)?(?:部门|单位|机关)|乡镇\(街道\)|乡镇街道|镇街"
    r"|[0-9]{4}年?-{1,2}[0-9]{4}年?|(?:年报|报告)集|以来|至今"
    r"|(?:政府(?:工作)?|所属|下属|直属|区级|县级|市级|省级)(?:各)?(?:部门|单位|机构)(?![一-龥]*[局厅委])"
)
_ASIDE = re.compile(r"\(含[^()]{0,20}\)")
# Their reports are of another kind: 公共企事业单位信息公开, 高校信息公开.
_COMPANY = re.compile(r"(?:公司|集团|大学|学院|电网|燃气|水务)(?=[0-9二]|$)")
_GROUP = re.compile(
    r"(?:[各全]?(?:[省市县区州]直?|乡镇?|镇街?|街道|部门|区县|县区|市县|单位|机关|[()、和及]))*(?:乡镇|镇街|部门|区县|县区|市县|单位|机关|街道)[)）]?"
)
_COLUMN = re.compile(
    r"(?:更多|历年|往年|部门|乡镇|镇街|街道|县区|区县|市县|[省市县区]?政府|单位|机关|本级"
    r"|法定主动公开内容|基层|委办局|直属机构|开发区)?[ -]?"
    r"(?:政府|政务)?(?:信息)?(?:公开)?(?:工作)?(?:年度)?(?:工作)?(?:年报|报告|年度报告)"
    r"(?:列表|专栏|公开|目录)?[ >»]*"
)
_ANNUAL_PLACE = re.compile(r"(?:信息|政务).{0,4}公开.{0,6}(?:年报|年度报告)|公开年报|年度报告|年报")
_OTHER_PLACE = re.compile(r"决算|预算|法治政府|财政|绩效|统计年报|企业年报|环境|网站")
_ANNUAL_URL = re.compile(r"annual_?report|gknb|xxgknb|ndbg|zfxxgknb|/nb/", re.I)
_NAVIGATION = re.compile(
    r"首页|[上下]一?[篇页条]|尾页|末页|打印.{0,4}|关闭.{0,4}|返回.{0,6}|更多|分享.{0,4}|登录|注册|搜索|繁體|简体|无障碍.{0,6}|English|关于我们|网站地图|联系我们|[0-9]{1,3}|>+|<+",
    re.I,
)

# --- years --------------------------------------------------------------------------------------

_ZERO = "〇零○◯ＯOo0"
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9]|号|-[0-9]{1,2}(?![0-9])|[〕\]])(?:年度?|度)?")
_CHINESE_YEAR = re.compile(rf"二[{_ZERO}][一二三四五六七八九{_ZERO}]{{2}}(?:年度?|度)?")
_URL_YEAR = re.compile(r"(?:fbtime|year|nd|niandu)=(20[0-9]{2})(?![0-9])", re.I)
_DOCUMENT_NUMBER = re.compile(r"[〔\[(【]20[0-9]{2}[〕\])】][0-9]{0,4}号?")


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
    r"^(?:关于|发布|公布|转载|[、,:\- ])+|(?:关于|发布|公布|公开|公示|印发|的|[、,:\- ])+$"
)
_TAIL = re.compile(r"[-(:_ ]+([\u3400-\u9fff][\u3400-\u9fff()]{1,40}?)\)?$")
_WRAPPED = re.compile(r"[(（]([^()（）]+)[)）]")
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
    text = _SPACES.sub("", text).strip("《》“”")
    folded = text.translate(_FOLDED)
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
    return bool(_GENERIC.sub("", name.translate(_FOLDED)))


# --- the verdict --------------------------------------------------------------------------------


def judge_title(text: str, *, breadcrumb: str = "", url: str = "") -> TitleVerdict:
    """What a title promises; never raises, never guesses a year that nothing names.

    ``breadcrumb`` is the path of columns above the page (首页 > 政务公开 > 年报 > 2023年), ``url``
    the address of the page.
    """
    title = _clean(text)
    folded = title.translate(_FOLDED)
    if not folded or _NAVIGATION.fullmatch(folded):
        return TitleVerdict("other", confidence=0.9)
    if _SENTENCE.match(folded):
        return TitleVerdict("other", confidence=0.8)
    truncated = _ELLIPSIS.search(folded)
    if truncated is not None:
        title, folded = title[: truncated.start()], folded[: truncated.start()]
    topic = _TOPIC.search(folded)
    if topic is not None and _INTERPRETATION.search(
        _QUOTES.sub("", text[:_LONGEST].translate(_FOLDED))
    ):
        return TitleVerdict("interpretation", confidence=0.9)
    other = _other_kind(folded, topic is not None)
    if other is not None:
        return TitleVerdict(other, confidence=0.9)
    if topic is None or (topic.start() == 0 and _COLUMN.fullmatch(folded)):
        return _by_place(title, folded, breadcrumb, url)
    form = _FORM.search(folded) or _WEAK_FORM.search(folded)
    if form is None and truncated is None:
        return TitleVerdict("other", confidence=0.8)
    if _COLLECTION.search(_ASIDE.sub("", folded)):
        return TitleVerdict("list", confidence=0.9)
    company = _COMPANY.search(folded, 0, topic.start())
    if company is not None and not topic[0].startswith("政府信息"):
        return TitleVerdict("other", confidence=0.8)
    return _report(title, folded, topic, breadcrumb, url, truncated is not None)


def _other_kind(folded: str, topic: bool) -> Kind | None:
    folded = _IN_A_NAME.sub("□", folded)
    annual = (
        topic or "年报" in folded or "年度报告" in folded or _CHANNEL.search(folded) is not None
    )
    if _OTHER_OPENING.search(folded) or _OTHER_SUBJECT.search(folded):
        return "other"
    if annual and _INTERPRETATION.search(folded):
        return "interpretation"
    if annual and _NOTICE.search(folded):
        return "notice"
    if annual and _SUMMARY.search(folded):
        return (
            "statistics" if re.search("半年|季度", folded) and "总结" not in folded else "summary"
        )
    if (topic or _CHANNEL.search(folded)) and _STATISTICS.search(folded):
        return "statistics"
    if _NO_REPORT.search(folded):
        return "other"
    return None


def _report(
    title: str, folded: str, topic: re.Match[str], breadcrumb: str, url: str, truncated: bool
) -> TitleVerdict:
    part = _SITE_PART.search(folded, topic.end())
    if part is not None and _FORM.search(folded[: part.start()]):
        rest = folded[part.end() :]
        if not _is_organ_tail(rest):
            title, folded = title[: part.start()], folded[: part.start()]
    years = years_in(folded)
    head = _without_years(title[: topic.start()], folded[: topic.start()])
    if _GROUP.fullmatch(head):
        return TitleVerdict("list", confidence=0.8)
    organ = _organ(title, folded, topic.start(), topic.end())
    if len(years) > 1:
        return TitleVerdict("list", None, None, 0.6)
    year, confidence = (years[0], 0.98) if years else (_year_around(breadcrumb, url), 0.8)
    if year is None:
        return TitleVerdict("list", organ, None, 0.7)
    if organ is None:
        confidence -= 0.08
    if _FORM.search(folded) is None and not truncated:
        confidence = 0.6
    return TitleVerdict("report", organ, year, min(confidence, 0.7) if truncated else confidence)


def _is_organ_tail(text: str) -> bool:
    """What follows a dash names the organ, not the site or its column."""
    return _is_organ(text) and not re.search(r"网|门户|首页|平台|-|_|\|", text)


def _year_around(breadcrumb: str, url: str) -> int | None:
    match = _URL_YEAR.search(url)
    if match is not None:
        return int(match[1])
    years = years_in(breadcrumb[-_LONGEST:].translate(_FOLDED))
    return years[-1] if years else None


def _by_place(title: str, folded: str, breadcrumb: str, url: str) -> TitleVerdict:
    """The title names no subject: where it stands must."""
    crumbs = breadcrumb[-_LONGEST:].translate(_FOLDED)
    annual = (
        _ANNUAL_PLACE.search(crumbs) is not None and _OTHER_PLACE.search(crumbs) is None
    ) or _ANNUAL_URL.search(url) is not None
    named = _FORM.search(folded) is not None or "年报" in folded or _COLUMN.fullmatch(folded)
    if _COLLECTION.search(folded) and (annual or named):
        return TitleVerdict("list", confidence=0.7)
    years = years_in(folded)
    bare = _GENERIC.sub("", _without_years(title, folded).translate(_FOLDED))
    if not annual:
        listed = named and not bare and not years and _OTHER_PLACE.search(crumbs) is None
        return TitleVerdict("list" if listed else "other", confidence=0.6)
    if len(years) == 1 and not bare:
        return TitleVerdict("report", None, years[0], 0.6)
    if _COLUMN.fullmatch(folded):
        return TitleVerdict("list", confidence=0.7)
    year = years[0] if years else _year_around(breadcrumb, url)
    core = re.search(r"年度?报告?|年报|工作", folded)
    head = title[: core.start()] if core is not None else title
    name = _without_years(head, head.translate(_FOLDED))
    if year is not None and _is_organ(name):
        return TitleVerdict("report", name, year, 0.6)
    return TitleVerdict("list" if named else "other", confidence=0.5)
