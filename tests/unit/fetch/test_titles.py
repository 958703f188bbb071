"""Titles: the labelled set, and single rules whose answers were written by hand."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from growth import assert_linear

from govreport_parse.fetch.titles import TitleVerdict, judge_title, years_in

SCRIPT = Path(__file__).parents[3] / "scripts" / "score_titles.py"
FIXTURES = Path(__file__).parents[3] / "fixtures"
CRUMBS = "首页 > 政务公开 > 政府信息公开年报"


@cache
def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_titles", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score_titles"] = module
    spec.loader.exec_module(module)
    return module


def test_the_labelled_set_is_large_and_varied() -> None:
    labelled = scorer().read_titles()
    assert len(labelled) >= 1200
    assert len({one.title for one in labelled}) >= 0.95 * len(labelled)
    kinds = {one.kind for one in labelled}
    assert kinds == {
        *("report", "list", "interpretation", "notice", "statistics", "summary", "other"),
    }
    assert 0.3 < sum(one.kind == "report" for one in labelled) / len(labelled) < 0.6


@pytest.mark.parametrize("half", [None, "held", "fresh", "last", "wide", "odd", "late", "mixed"])
def test_precision_and_recall(half: str | None) -> None:
    got = scorer().score(scorer().read_titles(half=half))
    print(f"{half or 'all'}: {got}")
    assert got.precision >= 0.98
    assert got.recall >= (0.96 if half == "late" else 0.98)


@pytest.mark.parametrize("kind", ["list", "interpretation", "notice", "statistics", "summary"])
def test_other_kinds(kind: str) -> None:
    got = scorer().score(scorer().read_titles(), kind)
    assert min(got.precision, got.recall) >= 0.95


def test_organ_and_year_of_reports() -> None:
    labelled = scorer().read_titles()
    wrong = scorer().wrong_details(labelled)
    assert len(wrong) <= 0.01 * len(labelled), wrong


def test_the_scorer_counts() -> None:
    """Two of three called reports are some, and two of four reports are called so."""

    def one(kind: str, called: str) -> object:
        verdict = TitleVerdict(called)  # type: ignore[arg-type]
        return scorer().Labelled("dev", kind, None, None, "", verdict)

    pairs = [
        ("report", "report"),
        ("report", "report"),
        ("list", "report"),
        ("report", "list"),
        ("report", "other"),
    ]
    got = scorer().score([one(*pair) for pair in pairs])
    assert (got.precision, got.recall, got.count) == (2 / 3, 2 / 4, 4)


@pytest.mark.parametrize(
    ("title", "organ", "year"),
    [
        ("石台县教育局2023年政府信息公开工作年度报告", "石台县教育局", 2023),
        ("于潜镇人民政府2023年政府信息公开工作年度报告", "于潜镇人民政府", 2023),
        ("福田街道2023政府信息公开工作年度报告", "福田街道", 2023),
        ("某局二〇一九年政府信息公开年报", "某局", 2019),
        ("２０２２年度某局政府信息公开年报", "某局", 2022),
        ("某某县2022年政府信息公开工作年度报告（国办公开办函〔2021〕30号）", "某某县", 2022),
        ("青石县 林业局 2023 年政府信息公开工作年度报告", "青石县林业局", 2023),
        ("上一篇：青石县林业局2022年政府信息公开工作年度报告", "青石县林业局", 2022),
        ("临溪區(qū)人民政府2025年政府信息公開工作年度報(bào)告", "临溪區人民政府", 2025),
        ("我局2022年政府信息公开工作年度报告", None, 2022),
    ],
)
def test_organ_and_year(title: str, organ: str | None, year: int) -> None:
    got = judge_title(title)
    assert (got.kind, got.organ, got.year) == ("report", organ, year)


@pytest.mark.parametrize(
    "text",
    [
        "现将青石县林业局2023年政府信息公开工作年度报告公布如下：",
        "根据条例，编制某镇2023年政府信息公开年度报告",
        "国务院办公厅2023年政府信息公开工作年度报告格式",
        "当前位置：首页 > 信息公开 > 政府信息公开年报 > 2023年",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert judge_title(text).kind == "other"


def test_titles_of_the_fixtures() -> None:
    """Written by others for the parser: known as reports, organ and year as they read them."""
    titles = {
        (report["title"], report["organ"], report["year"])
        for path in FIXTURES.glob("*/*/expected.json")
        for report in json.loads(path.read_text("utf-8"))["reports"]
        if report.get("title")
    }
    assert len(titles) > 50
    judged = [(judge_title(title), organ, year) for title, organ, year in titles]
    no_reports = [one for one in judged if one[0].kind != "report"]
    # One title names no year at all; the year came from the date of publication.
    assert len(no_reports) <= 1
    other = [one for one in judged if one[0].kind == "report" and one[0].year != one[2]]
    # Two fixtures are about titles with a wrong year.
    assert len(other) <= 2


def test_the_year_may_stand_around_the_title() -> None:
    title = "石台县教育局政府信息公开年度报告"
    assert judge_title(title).kind == "list", "no year anywhere: never guessed"
    assert judge_title(title).year is None
    crumbs = judge_title(title, breadcrumb=f"{CRUMBS} > 2022年")
    assert (crumbs.kind, crumbs.year, crumbs.confidence) == ("report", 2022, 0.8)
    grid = "http://a.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=341722&fbtime=2015"
    assert judge_title(title, url=grid).year == 2015
    # the title's own year is worth more
    assert judge_title(f"{title}（2020年）", breadcrumb=f"{CRUMBS} > 2022年").year == 2020


def test_less_is_known_the_lower_the_confidence() -> None:
    full = judge_title("石台县教育局2023年政府信息公开年报")
    no_organ = judge_title("2023年政府信息公开年报", breadcrumb=CRUMBS)
    cut = judge_title("石台县教育局2023年政府信息公开工作年…")
    place_only = judge_title("2023年", breadcrumb=CRUMBS)
    values = [one.confidence for one in (full, no_organ, cut, place_only)]
    assert values == sorted(values, reverse=True)
    assert all(one.kind == "report" for one in (full, no_organ, cut, place_only))


def test_narratives_without_the_word_report() -> None:
    got = judge_title("青石市科学技术局2015年度政府信息公开工作总体情况")
    assert (got.kind, got.organ, got.year) == ("report", "青石市科学技术局", 2015)
    assert got.confidence == 0.6
    assert judge_title("青石市2015年度政府信息公开情况").kind == "other"
    assert judge_title("青石市2015年二季度政府信息公开工作情况").kind == "statistics"


def test_years() -> None:
    assert years_in("2013-2015年") == (2013, 2015)
    assert years_in("国办函〔2021〕30号 2019年") == (2019,)
    assert years_in("1999年 2100 20234 二〇二三年度") == (2023,)


HOSTILE = [
    ("年", 100_000),
    ("2023年", 20_000),
    ("政府信息公开", 20_000),
    ("（", 50_000),
    ("关于做好", 20_000),
    ("各部门-2020年", 20_000),
    ("财政", 50_000),
]


@pytest.mark.parametrize(("unit", "times"), HOSTILE)
def test_time_for_hostile_titles_grows_with_the_title(unit: str, times: int) -> None:
    assert_linear(lambda n: judge_title(unit * n + "局"), times)


@pytest.mark.parametrize(("unit", "times"), HOSTILE)
def test_time_for_hostile_breadcrumbs_grows_with_their_length(unit: str, times: int) -> None:
    def judge(n: int) -> None:
        judge_title("2023年年报", breadcrumb=unit * n, url=unit * n)

    assert_linear(judge, times)


@pytest.mark.parametrize("text", ["", " \n", "\x00\u202e", "\ud800"])
def test_texts_that_say_nothing_are_judged(text: str) -> None:
    assert judge_title(text, breadcrumb=text, url=text).kind == "other"
