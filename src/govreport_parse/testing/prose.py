"""Sentences for generated reports: titles, organs, section texts. All of them invented here.

In: a ``random.Random`` and the numbers that the text may mention. Out: plain strings. A number in
the text always equals the table's, so that a reader which compares both finds no contradiction.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organ:
    """An invented organ: ``name`` as titles print it, ``we`` as its own text calls it."""

    name: str
    we: str


_PLACES = ("青禾县", "云岭市", "沙溪县", "临溪区", "望川市", "松坪县", "白塔区", "柳湾县")
_BUREAUS = (
    "水利局",
    "教育局",
    "财政局",
    "农业农村局",
    "市场监督管理局",
    "交通运输局",
    "自然资源和规划局",
    "卫生健康委员会",
)
_TOWNS = ("石桥镇", "双河乡", "东门街道办事处", "长坪镇", "南关街道办事处")

TITLES = (
    "{organ}{year}年政府信息公开工作年度报告",
    "{year}年{organ}政府信息公开工作年度报告",
    "{organ}{year}年度政府信息公开工作年度报告",
    "{organ}政府信息公开{year}年度报告",
    "{organ}关于{year}年度政府信息公开工作的年度报告",
)


def random_organ(rng: random.Random, size: str) -> Organ:
    """A town or bureau for small reports, a county or city government for large ones."""
    place = rng.choice(_PLACES)
    if size in ("county", "city"):
        suffix = "人民政府"
        return Organ(place + suffix, {"县": "我县", "区": "我区", "市": "我市"}[place[-1]])
    if rng.random() < 0.4:
        town = rng.choice(_TOWNS)
        if town.endswith("办事处"):
            return Organ(place + town, "我街道")
        return Organ(f"{place}{town}人民政府", "我镇" if town.endswith("镇") else "我乡")
    return Organ(place + rng.choice(_BUREAUS), "我局")


def random_title(rng: random.Random, organ: Organ, year: int) -> str:
    """One of the title forms seen in published reports, the frequent one more often."""
    form = TITLES[0] if rng.random() < 0.6 else rng.choice(TITLES)
    return form.format(organ=organ.name, year=year)


_PREAMBLE = (
    "本报告按照《中华人民共和国政府信息公开条例》和国务院办公厅有关年度报告格式的要求编制。"
    "所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    "根据《中华人民共和国政府信息公开条例》第五十条规定，{organ}编制并公布{year}年度报告，"
    "统计期限为{year}年1月1日至12月31日。",
    "现将{organ}{year}年政府信息公开工作情况报告如下。数据统计期限从{year}年1月1日到"
    "{year}年12月31日。",
)

_OVERVIEW = (
    "{year}年，{we}围绕群众关心的事项做好信息公开，更新目录、核对时限，工作有序开展。",
    "一年来，{we}把公开要求写进日常工作流程，做到谁制作、谁审核、谁公开。",
    "{year}年，{we}继续完善公开制度，明确专人负责，公开的及时性有所提高。",
)

_PROACTIVE = (
    "（一）主动公开。{we}通过门户网站、公告栏和政务新媒体公开各类信息{items}条。",
    "（一）主动公开情况。全年更新网站栏目{columns}个，发布信息{items}条，内容均经审核。",
    "（一）主动公开。坚持先审后发，全年发布政策解读{columns}篇、工作动态{items}条。",
)

_ON_REQUEST = (
    "（二）依申请公开。{year}年，{we}共收到政府信息公开申请{received}件，上年结转{carried}件，"
    "全部依法登记。",
    "（二）依申请公开。全年新收申请{received}件，办结{done}件，结转下年度{forward}件。",
    "（二）依申请公开情况。{we}规范受理、答复各环节，新收申请{received}件，其中自然人{natural}件。",
)

_ON_REQUEST_NONE = (
    "（二）依申请公开。{year}年，{we}未收到政府信息公开申请。",
    "（二）依申请公开。本年度没有收到公民、法人或者其他组织提出的公开申请。",
)

_MANAGEMENT = (
    "（三）政府信息管理。建立信息台账，公开前核对文字、数据和附件，定期清理失效文件。",
    "（三）政府信息管理。对拟公开的内容实行分级审核，妥善处理个人信息，全年没有发生泄密情况。",
)

_PLATFORM = (
    "（四）政府信息公开平台建设。优化网站检索功能，合并重复栏目，方便群众查询。",
    "（四）政府信息公开平台建设。在办事大厅设置查阅点{columns}处，配备电脑和打印设备。",
)

_SUPERVISION = (
    "（五）监督保障。组织业务培训{trainings}次，按季度通报各科室公开情况，没有责任追究情形。",
    "（五）监督保障。将公开工作列入年度考核，开展自查{trainings}次，发现问题限期改正。",
)

_PROBLEMS = (
    "存在的主要问题：一是公开内容的深度不够；二是少数栏目更新不及时。",
    "对照要求仍有差距：一是解读形式比较单一；二是经办人员变动较多，业务不够熟悉。",
    "工作中还存在一些不足，主要是主动公开的意识有待加强，答复文书不够规范。",
)

_IMPROVEMENTS = (
    "下一步，{we}将完善目录，加强培训，提高公开质量。",
    "改进措施：一是增加图文解读；二是编写答复样本，统一文书格式。",
    "今后将按月检查栏目更新情况，建立问题清单，逐项落实。",
)

_OTHER = (
    "本年度没有收取信息处理费。",
    "按照政府信息公开信息处理费管理的有关规定，{year}年未产生信息处理费。",
    "没有其他需要报告的事项。",
)


def random_sections(
    rng: random.Random, organ: Organ, year: int, numbers: Mapping[str, int]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Preamble and section key to paragraphs.

    ``numbers`` gives ``received``, ``carried``, ``done``, ``forward``, ``natural`` as the tables
    have them; other numbers of the text (items on the website, trainings) are free.
    """
    facts: dict[str, object] = {
        "organ": organ.name,
        "we": organ.we,
        "year": year,
        "items": rng.randint(20, 900),
        "columns": rng.randint(2, 19),
        "trainings": rng.randint(1, 6),
        **numbers,
    }

    def one(templates: tuple[str, ...]) -> str:
        return rng.choice(templates).format(**facts)

    on_request = _ON_REQUEST if numbers["received"] else _ON_REQUEST_NONE
    overview = tuple(
        one(t) for t in (_OVERVIEW, _PROACTIVE, on_request, _MANAGEMENT, _PLATFORM, _SUPERVISION)
    )
    sections = {
        "overview": overview,
        "proactive_disclosure": (),
        "requests": (),
        "review_and_litigation": (),
        "problems_and_improvements": (one(_PROBLEMS), one(_IMPROVEMENTS)),
        "other_matters": (one(_OTHER),),
    }
    return (one(_PREAMBLE),), sections
