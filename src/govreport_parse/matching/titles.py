"""Titles of report pages: is it one, whose report of which year, or what else the page is.

In: raw titles. Out: cleaned title, organ and years that it names, kind of page. The organ is
never a word for oneself (我局), never the State Council's office whose notice all reports cite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from govreport_parse.text import fold

Kind = Literal[
    "report",
    "interpretation",
    "notice",
    "statistics",
    "work_summary",
    "list_page",
    "error_page",
    "unknown",
]

FIRST_YEAR, LAST_YEAR = 2003, 2099
"""Years that a report can be about: the first local rules on disclosure are of 2002."""


class TitleReading(NamedTuple):
    """What a title names. ``years`` in order of appearance, doubles left out."""

    organ: str | None
    years: tuple[int, ...]


_ZERO = "〇零○◯ＯOo0"
_CHINESE_YEAR = re.compile(
    rf"二[{_ZERO}][一二三四五六七八九{_ZERO}]{{2}}(?=年|度|政|信)(?:年度?|度)?"
)
_YEAR_TOKEN = re.compile(
    r"(?<![0-9〔\[【])(20[0-9]{2})(?![0-9]|号|-[0-9]|[〕\]]|年[0-9]{1,2}月)(?:学?年度?|度)?"
)
_CORE = re.compile(
    r"(?:政府|政务|政)?信息(?:与政务|和政务|主动|依申请)?公开|政务公开|公开(?=年|工作|20)|年报|年度(?:工作)?报告"
)
_FORM = re.compile(r"年报|年度(?:工作)?(?:总结)?报告|公开.{0,24}报告|报告.{0,6}公开")
_WRAPPED = re.compile(
    r"^(?:附件[0-9一二三]*[：:.、]?|【[^】]{1,12}】|[（(][^）)]{1,8}[)）]|\[[^\]]{1,12}\])"
    r"|[（(](?:图片版|文字版|全文|附图|图文|PDF版?|pdf版?|word版?|公开版|终稿|定稿)[)）]$"
)
_QUOTED = re.compile("《([^《》]{6,70})》")
_NUMBERED = re.compile(r"^[0-9]{1,2}[.．、](?![0-9])")
"""The number that a list gives to a title."""
_TAIL_ORGAN = re.compile(r"[（(—－\-_：:]+([\u3400-\u9fff]{3,30})[)）]?$")

_ORGAN_END_WORDS = """
人民政府 政府 办公厅 办公室 委员会 局 厅 委 部 署 院 镇 乡 街道 办事处 管委会 省 市 县 区 州 盟 旗
中心 所 大队 总队 支队 处 苏木 农场 林场 大学 学校 医院 馆 分局 公司 联合会 协会 总社 供销社 行署
办 站 学院 地区
"""
ORGAN_ENDS = tuple(_ORGAN_END_WORDS.split())
_SELF = re.compile(
    r"^(?:我|本(?:机关|单位|部门|机构|站|网|报|局|镇|乡|街道|委|厅|县|市|区|省|办|中心|级|年)|各|全[省市县区镇乡]"
    r"|关于|印发|转发|做好|填报|报送|国务院办公厅|国办|国务院$|年|度|第[一二三四]季|请|由|该|自2|自本)"
)
_NO_ORGAN_WORDS = """
政府 政务 机关 单位 行政机关 部门 乡镇 街道 镇街 信息 首页 政府部门 县区 区县 市直部门
市政府部门 县政府部门 区政府部门 各县区 本机关 人民政府 办公室 局 委 厅 县 市 区 镇 乡
"""
_NO_ORGAN = frozenset(_NO_ORGAN_WORDS.split())
_ORGAN_SIGNS = re.compile(r"[\u3400-\u9fff·（）()、A-Za-z0-9]{2,40}")


_GENERIC_WORDS = """
政府信息公开 政务信息公开 政府信息 政务公开 信息公开 主动公开 公开 信息 政务 工作 年度 年报 年 报告
报表 情况 统计 申请 依申请 受理 办理 处理 数据 总结 上半年 下半年 半年 季度 月份 附件 标题 名称
网站 首页 专栏 目录 指南 制度 平台 栏目 内容 全文 正文 详情 关于 的
"""
_GENERIC = re.compile("|".join(sorted(_GENERIC_WORDS.split(), key=len, reverse=True)))


def is_generic(name: str) -> bool:
    """The name is made of words of titles only (工作, 年度, 政府信息公开): it names nobody."""
    return not _GENERIC.sub("", name)


def plausible_organ(name: str) -> bool:
    """The name can be an organ's: no word for oneself, no group of organs, no sentence."""
    return (
        _ORGAN_SIGNS.fullmatch(name) is not None
        and name not in _NO_ORGAN
        and _SELF.match(name) is None
        and not name[0].isdigit()
        and not name[-1].isdigit()
        and not (name[-1] == "年" and name[-2].isdigit())
        and not name.endswith(("半年", "季度", "年度", "月份"))
        and not is_generic(name)
        and name[-1] not in "的了与和及是"
    )


def organ_like(name: str) -> bool:
    """A plausible name that also ends as names of organs and places do."""
    return name.endswith(ORGAN_ENDS) and plausible_organ(name)


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """The text without white space; folded only where it is not plain simplified script.

    Folding changes names such as 於潜镇, so it is kept for titles in which the usual words
    can't be read otherwise.
    """
    bare = "".join(text.split()).translate(_WIDTH)
    if "开" in bare or "报" in bare:
        return bare
    return fold(text)


_WIDTH = {0xFF10 + i: str(i) for i in range(10)} | {0x3000: "", 0xA0: "", 0x200B: "", 0xFEFF: ""}


_NO_TITLE_WORDS = "根据 按照 依据 为 本报告 现将 遵照 上一篇 下一篇 上一条 下一条"
_NO_TITLE = tuple(_NO_TITLE_WORDS.split())


_PARTIAL = re.compile(r"半年|季度|月份")


def is_part_of_year(title: str) -> bool:
    """The title is about half a year, a quarter or a month, and no annual report's."""
    bare = plain(title)
    return _PARTIAL.search(bare) is not None and "年度" not in bare and "年报" not in bare


def is_title(text: str) -> bool:
    """The text has the form of a report's title (year and organ may be missing)."""
    if not 4 <= len(text) <= 160 or not ("报" in text or "報" in text):
        return False
    if "。" in text or "|" in text or "；" in text:
        return False
    bare = plain(text)
    return (
        4 <= len(bare) <= 70
        and _FORM.search(bare) is not None
        and ("公开" in bare or "年报" in bare or "年度报告" in bare)
        and not bare.startswith(_NO_TITLE)
        and "：" not in bare[6:]
        and ":" not in bare[6:]
    )


def is_year_only(text: str) -> bool:
    """The title is nothing but a year (2023, 2023年, 2023年度)."""
    bare = "".join(text.split())
    return len(bare) <= 6 and _YEAR_TOKEN.fullmatch(bare) is not None


def read_title(text: str) -> TitleReading:
    """Organ and years of a title in any of the forms seen."""
    bare = plain(text).strip("《》“”\"'")
    bare = _WRAPPED.sub("", _WRAPPED.sub("", bare))
    quoted = _QUOTED.search(bare) if "《" in bare else None
    if quoted is not None and is_title(quoted[1]):
        bare = quoted[1]  # 关于公布《…年度报告》的公告
    bare = _NUMBERED.sub("", bare)
    years = title_years(bare)
    core = _CORE.search(bare)
    if core is None:
        return TitleReading(None, years)
    head = _drop_years(bare[: core.start()])
    if head.endswith("人民") and core[0].startswith("政府"):
        head += "政府"
    head = head.rstrip("0123456789-—–~～")
    organ = head if plausible_organ(head) else None
    if organ is None and not head:
        tail = _TAIL_ORGAN.search(bare, core.end())
        if tail is not None and organ_like(tail[1]):
            organ = tail[1]
    return TitleReading(organ, years)


_YEAR_RANGE = re.compile(
    r"(?<![0-9〔\[【])20[0-9]{2}年?(?:[-—–－~～]{1,2}|至|到)(?=20[0-9]{2}(?![0-9]))"
)


def title_years(text: str) -> tuple[int, ...]:
    """Years named in a title; 年 may be missing, numerals may be Chinese.

    Of a range of years (2013-2023年) the last one counts.
    """
    text = _YEAR_RANGE.sub("", text)
    found = [(m.start(), int(m[1])) for m in _YEAR_TOKEN.finditer(text)]
    if "二" in text:
        found += [(m.start(), _chinese(m[0][:4])) for m in _CHINESE_YEAR.finditer(text)]
    return tuple(dict.fromkeys(y for _, y in sorted(found) if FIRST_YEAR <= y <= LAST_YEAR))


def _chinese(numerals: str) -> int:
    digits = "〇一二三四五六七八九"
    return int("".join(str(max(digits.find(c), 0)) for c in numerals))


_LEFTOVERS = re.compile(r"^[、，,·：:\-—_（）()]+|[、，,·：:\-—_]+$|[（(][)）]")
_EDGES = re.compile(r"^(?:关于|发布|公布)|(?:关于|的|发布|公布)$")


_SHORT_YEAR = re.compile(r"(?<![0-9])[0-9]{2}年度?$")
"""23年: who the organ is stands before it; which year it is, other places must say."""
_PART_OF_YEAR = re.compile(
    r"[上下]半年|第?[一二三四1-4]季度|(?:20[0-9]{2}年)?[0-9]{1,2}(?:月?[-—–~～至到][0-9]{1,2})?月份?"
)


def _drop_years(head: str) -> str:
    head = _YEAR_TOKEN.sub("", _YEAR_RANGE.sub("", head))
    head = _SHORT_YEAR.sub("", _PART_OF_YEAR.sub("", head))
    if "二" in head:
        head = _CHINESE_YEAR.sub("", head)
    head = _LEFTOVERS.sub("", head)
    head = _EDGES.sub("", head)
    return _LEFTOVERS.sub("", _EDGES.sub("", head))


# --- titles broken over lines, or run together with the first sentence -------------------------


_FRAGMENT_CHARACTERS = 60
_NO_FRAGMENT_SIGNS = frozenset("。：:|>»›，,；;")
_JOINED_LINES = 4
_PLACE_ENDS = ("省", "市", "县", "區", "区", "州", "盟", "旗", "縣")


def joined_title(lines: Sequence[str], start: int) -> str | None:
    """The title that begins in ``lines[start]`` and goes on in up to three more lines.

    Joined only where the whole names an organ that the line of title form doesn't name.
    """
    first = lines[start]
    if not _is_fragment(first) or not _begins_title(plain(first)):
        return None
    if is_title(first) and read_title(first).organ is not None:
        return None
    text = first
    for line in lines[start + 1 : start + _JOINED_LINES]:
        if not _is_fragment(line) or _repeats(first, line):
            return None
        text += line
        if "报" not in text and "報" not in text:
            continue
        if is_title(line) and (own := read_title(line).organ) is not None:
            placed = first.strip().endswith(_PLACE_ENDS) and not any(s in own for s in _PLACE_ENDS)
            if not placed:
                return None
        if is_title(text):
            organ = read_title(text).organ
            return text if organ is not None and organ_like(organ) else None
    return None


def _is_fragment(line: str) -> bool:
    return len(line) <= _FRAGMENT_CHARACTERS and _NO_FRAGMENT_SIGNS.isdisjoint(line)


def _begins_title(bare: str) -> bool:
    """An organ, a year, or the cut beginning of a title that names one of them."""
    if organ_like(bare) or title_years(bare):
        return True
    return len(bare) > 6 and bare.endswith(("政府", "信息", "公开", "工作"))


def _repeats(first: str, line: str) -> bool:
    """The line begins as the first did: the site's name, then the title below it."""
    return len(first) >= 2 and line[:2] == first[:2]


_RUN_ON = re.compile(
    r"([^，。：；,;:]{8,70}?(?:年度报告|工作报告|年报))(?=本报告|本年度报告|本年报|根据|按照|依据|为|现将|一、|\s)"
)


def leading_title(text: str) -> str | None:
    """The title at the start of a line that runs on into the first sentence (PDF)."""
    match = _RUN_ON.match(text)
    if match is None or not is_title(match[1]):
        return None
    organ = read_title(match[1]).organ
    return match[1] if organ is not None and organ_like(organ) else None


# --- what the title is about -------------------------------------------------------------------


_TOPIC = re.compile(r"(?:信息|政务).{0,4}公开|公开(?:工作)?(?:年报|年度|报告|统计|情况)")
_OTHER_OPENING = re.compile(
    r"(?:预算|决算|财务|村务|校务|厂务|党务|院务|警务|检务|司法)(?:信息)?公开"
)
_OTHER_FORM = re.compile(
    r"年报|年度.{0,6}(?:报告|报表|总结)|工作.{0,4}(?:报告|报表)|报告$|报表|统计"
)
_OTHER_SUBJECT = re.compile(
    r"法治(?:政府|建设)|依法行政|行政执法|行政复议|行政诉讼|行政应诉|信访|预算|决算|政府工作报告|审计工作"
    r"|网站(?:监管)?工作|网站年度|绩效|财政|国有资产|环境状况|国民经济|建议提案|安全生产|规划实施|普法"
)
_FORM_WORDS = re.compile(
    r"工作|年度|年报|报告|报表|统计|情况|总结|的|关于|[（(）)《》“”]|^度|20[0-9]{2}|年"
)


def speaks_of_disclosure(text: str) -> bool:
    """The title speaks of 政府信息公开, 政务公开, 信息公开 or 公开年报."""
    bare = plain(text)
    return _TOPIC.search(bare) is not None and _OTHER_OPENING.search(bare) is None


def is_other_report(text: str) -> bool:
    """The title is of report form, but about something else: 法治政府建设年度报告.

    Without a known subject, what stands between the year and the words of the form is asked;
    titles that name no subject at all (2023年年报) are not other reports.
    """
    if not 6 <= len(text) <= 120 or "。" in text or not any(w in text for w in _FORM_SIGNS):
        return False
    bare = plain(text)
    if _OTHER_FORM.search(bare) is None:
        return False
    if _OTHER_OPENING.search(bare) is not None:
        return True
    if "公开" in bare or "政府信息" in bare or "政务信息" in bare:
        return False
    if _OTHER_SUBJECT.search(bare) is not None:
        return True
    years = list(_YEAR_TOKEN.finditer(bare))
    if not years:
        return False
    subject = _FORM_WORDS.sub("", _PART_OF_YEAR.sub("", bare[years[-1].end() :]))
    return len(subject) >= 2 and not organ_like(subject) and not is_generic(subject)


_FORM_SIGNS = ("报", "報", "统计", "統計")


_SPLIT = re.compile(r"\s*(?:[_|｜>»]+|--+|——+|\s[-–—]+\s|[-–—](?=[\u3400-\u9fff]))\s*")
_SITE = re.compile(
    r"(?:政府信息公开|信息公开|政务公开)?(?:门户网站|政府网站|官方网站|网站群|网站|公开网|门户网|信息网|平台|专栏|网)?$"
)


def split_page_title(text: str) -> tuple[str, tuple[str, ...]]:
    """A page's <title>: the article's title, and the other parts (site, columns)."""
    parts = [p.strip() for p in _SPLIT.split(text.strip()) if p.strip()]
    if not parts:
        return "", ()
    first = next((i for i, p in enumerate(parts) if is_title(p)), 0)
    return parts[first], tuple(p for i, p in enumerate(parts) if i != first)


def site_organ(name: str) -> str | None:
    """The organ that a site is named after: 石台县人民政府网 gives 石台县人民政府."""
    bare = _SITE.sub("", "".join(name.split()))
    return bare if organ_like(bare) else None


_EXTENSION = re.compile(r"\.(?:docx?|wps|pdf|html?|txt|xlsx?|ofd)$", re.IGNORECASE)


def clean_title(text: str) -> str:
    """White space folded to single blanks, a title printed twice in a row kept once."""
    words = " ".join(text.replace("\u3000", " ").replace("\xa0", " ").split())
    words = _EXTENSION.sub("", words.strip("\ufeff\u200b"))
    half = len(words) // 2
    for size in (half, half + 1):
        first, second = words[:size].strip(), words[size:].strip()
        if len(first) >= 8 and first == second:
            return first
    return words


_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("interpretation", re.compile(r"解读|图解|一图[读看了速][懂解]?|图说|一张图|^视频")),
    (
        "notice",
        re.compile(r"关于.{0,60}(?:通知|通告|函)$|的通知|关于.{0,8}报送"),
    ),
    (
        "statistics",
        re.compile(
            r"公布情况|发布情况|[一二三四1-4]季度|上半年|下半年|半年"
            r"|统计(?:表|数据|情况|报表|年报)"
        ),
    ),
    ("work_summary", re.compile(r"(?:工作)?总结(?!报告)|工作(?:要点|计划|方案)")),
)


def kind_of_title(title: str) -> tuple[Kind, str]:
    """Kind of page by its title, with the words that say so; ``unknown`` without any."""
    bare = plain(title)
    for kind, pattern in _KINDS:
        match = pattern.search(bare)
        if match is not None:
            return kind, match[0]
    match = _FORM.search(bare)
    if match is not None and ("公开" in bare or "年报" in bare):
        return "report", match[0]
    return "unknown", ""
