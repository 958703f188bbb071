"""Expected answers are written by hand from the domain guide (2.5, 2.6) and the quirk census."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

import pytest

from govreport_parse.documents.model import Block, Document, Heading, Paragraph, Table
from govreport_parse.matching.identify import Identification, identify
from govreport_parse.matching.sections import match_sections
from govreport_parse.matching.titles import (
    is_other_report,
    is_title,
    read_title,
    speaks_of_disclosure,
    split_page_title,
)

HEADS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
TITLE = "青石县林业局2023年政府信息公开工作年度报告"
NOTICE = (
    "根据《国务院办公厅政府信息与政务公开办公室关于印发〈中华人民共和国政府信息公开工作年度报告格式〉"
    "的通知》（国办公开办函〔2021〕30号）要求，编制本年度报告。"
)


def paragraphs(*texts: str) -> list[Block]:
    return [Paragraph(t, line=i) for i, t in enumerate(texts, 1)]


def body(overview: str = "我局公开工作平稳有序。") -> list[Block]:
    return paragraphs(HEADS[0], overview, *HEADS[1:], "没有其他事项。")


def found(
    blocks: list[Block],
    *,
    meta: dict[str, str] | None = None,
    organ: str | None = None,
    year: int | None = None,
    url: str | None = None,
) -> Identification:
    document = Document(blocks, "html", meta=meta or {})
    return identify(document, match_sections(blocks), organ=organ, year=year, url=url)


def page(*head: str, overview: str = "我局公开工作平稳有序。", **known: object) -> Identification:
    return found([*paragraphs(*head), *body(overview)], **known)  # type: ignore[arg-type]


def codes(identification: Identification) -> list[str]:
    return [f.code for f in identification.findings]


# --- titles --------------------------------------------------------------------------------

FORMS = [
    ("青石县林业局2023年政府信息公开工作年度报告", "青石县林业局", 2023),
    ("2023年青石县林业局政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石县林业局2023年度政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石县林业局政府信息公开2023年度报告", "青石县林业局", 2023),
    ("青石县林业局2023年度信息公开工作报告", "青石县林业局", 2023),
    ("青石县林业局2023年政府信息公开年报", "青石县林业局", 2023),
    ("关于2023年度政府信息公开工作的年度报告", None, 2023),
    ("青石县林业局关于2023年度政府信息公开工作的年度报告", "青石县林业局", 2023),
    ("关于青石县林业局2023年政府信息公开工作情况的报告", "青石县林业局", 2023),
    ("青石县林业局2023年政府信息公开年度工作报告", "青石县林业局", 2023),
    ("青石县林业局2023年政务信息公开年度报告", "青石县林业局", 2023),
    ("2023年度青石县林业局政务公开工作年度报告", "青石县林业局", 2023),
    ("青石街道2023政府信息公开工作年度报告", "青石街道", 2023),
    ("青石县人民政府信息公开工作年度报告（2023年）", "青石县人民政府", 2023),
    ("青石县人民政府2023年政府信息公开工作年度报告", "青石县人民政府", 2023),
    ("青石市政府办公厅2019年政府信息公开工作年度报告", "青石市政府办公厅", 2019),
    ("青石市2023年政府信息公开工作年度报告", "青石市", 2023),
    ("二〇二三年青石县林业局政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石县林业局二○二三年度政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石县林业局２０２３年政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石县 林业局 2023 年政府信息公开工作年度报告", "青石县林业局", 2023),
    ("青石縣林業局2023年政府信息公開工作年度報告", "青石县林业局", 2023),
    ("青石县林(lín)業(yè)局2023年政府信息公開(kāi)工作年度報(bào)告", "青石县林业局", 2023),
    ("《青石县林业局2023年政府信息公开工作年度报告》", "青石县林业局", 2023),
    ("青石县林业局2023年政府信息公开工作年度报告（图片版）", "青石县林业局", 2023),
    ("附件：青石县林业局2023年政府信息公开工作年度报告", "青石县林业局", 2023),
    ("2023年政府信息公开工作年度报告（青石县林业局）", "青石县林业局", 2023),
    ("3.青石县林业局2023年政府信息公开工作年度报告", "青石县林业局", 2023),
    ("关于公布《青石县林业局2023年政府信息公开工作年度报告》的公告", "青石县林业局", 2023),
    ("青石师范学院2023学年信息公开年度报告", "青石师范学院", 2023),
    ("政府信息公开工作年度报告", None, None),
    ("2023年政府信息公开工作年度报告", None, 2023),
    ("我局2023年政府信息公开工作年度报告", None, 2023),
    ("本机关2023年政府信息公开工作年度报告", None, 2023),
    ("国务院办公厅2023年政府信息公开工作年度报告格式", None, 2023),
    ("国家林业和草原局2023年政府信息公开工作年度报告", "国家林业和草原局", 2023),
    ("青石县住房和城乡建设局（人防办）2023年政府信息公开工作年度报告",
     "青石县住房和城乡建设局（人防办）", 2023),
]  # fmt: skip


@pytest.mark.parametrize(("title", "organ", "year"), FORMS)
def test_organ_and_year_of_every_form_of_title(
    title: str, organ: str | None, year: int | None
) -> None:
    assert is_title(title)
    reading = read_title(title)
    assert reading.organ == organ
    assert reading.years == ((year,) if year else ())


@pytest.mark.parametrize(
    "organ",
    [
        "本溪市林业局",
        "自贡市人民政府",
        "全椒县林业局",
        "第二师铁门关市",
        "中共青石市委机构编制委员会办公室",
        "青石市统计局",
        "国务院国有资产监督管理委员会",
        "青石县政务服务管理局",
        "泰和县",
    ],
)
def test_names_that_look_like_other_words_are_organs(organ: str) -> None:
    for title in (
        f"{organ}2023年政府信息公开工作年度报告",
        f"2023年度{organ}政府信息公开工作的年度报告",
    ):
        assert read_title(title).organ == organ
        assert page(title).kind == "report"
        assert found([Heading(title, 1)]).kind == "report"


@pytest.mark.parametrize(
    "text",
    [
        NOTICE,
        "我局公开工作平稳有序。",
        "索引号：00001 | 发布机构：青石县林业局 | 名称：年报",
        "一、总体情况",
        "青石县林业局",
        "现将2023年政府信息公开工作年度报告公布如下",
        "上一篇：青石县林业局2022年政府信息公开工作年度报告",
        "",
    ],
)
def test_other_lines_are_no_titles(text: str) -> None:
    assert not is_title(text)


def test_the_notice_number_is_no_year() -> None:
    assert read_title("年度报告格式（国办公开办函〔2021〕30号）").years == ()


@pytest.mark.parametrize(
    ("text", "title", "others"),
    [
        (f"{TITLE}_青石县人民政府网", TITLE, ("青石县人民政府网",)),
        (f"{TITLE}-青石县人民政府", TITLE, ("青石县人民政府",)),
        (f"青石县人民政府 - 政务公开 - {TITLE}", TITLE, ("青石县人民政府", "政务公开")),
        (f"{TITLE}|年报|青石县", TITLE, ("年报", "青石县")),
        ("2023年_青石县林业局", "2023年", ("青石县林业局",)),
        ("", "", ()),
    ],
)
def test_the_page_title_loses_its_site(text: str, title: str, others: tuple[str, ...]) -> None:
    assert split_page_title(text) == (title, others)


@pytest.mark.parametrize("key", ["articletitle", "ucaptitle", "title"])
def test_title_from_meta(key: str) -> None:
    meta = {key: f"  {TITLE} "}
    answer = page(meta=meta)
    assert answer.title == TITLE
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "title")
    assert (answer.year, answer.year_source) == (2023, "title")
    assert answer.kind == "report"


def test_title_from_heading_and_from_paragraph() -> None:
    blocks: list[Block] = [Paragraph("首页"), Heading(TITLE, 1), *body()]
    assert (found(blocks).title, found(blocks).title_source) == (TITLE, "heading")
    answer = page("繁体 | 无障碍", TITLE)
    assert (answer.title, answer.title_source) == (TITLE, "paragraph")


def test_a_title_printed_twice_is_kept_once() -> None:
    assert page(f"{TITLE} {TITLE}").title == TITLE
    assert page(TITLE, TITLE).title == TITLE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("青石县林业局", "2023年政府信息公开工作年度报告"),
        ("青石县林业局2023年政府信息", "公开工作年度报告"),
        ("青石县林业局2023年", "政府信息公开工作年度报告"),
    ],
)
def test_a_title_over_two_lines_is_joined(first: str, second: str) -> None:
    answer = page(first, second)
    assert answer.title == first + second
    assert (answer.organ, answer.year) == ("青石县林业局", 2023)
    answer = found([Heading(f"{first}\n{second}", 1), *body()])
    assert (answer.organ, answer.year) == ("青石县林业局", 2023)


def test_lines_above_a_title_that_are_no_organ_are_not_joined() -> None:
    answer = page("发布时间：2024-01-18", "2023年政府信息公开工作年度报告")
    assert answer.title == "2023年政府信息公开工作年度报告"
    assert answer.organ is None


def test_the_title_may_be_only_the_year() -> None:
    answer = page(meta={"title": "2023年_青石县林业局", "articletitle": "2023年"})
    assert (answer.title, answer.year, answer.year_source) == ("2023年", 2023, "title")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "site")


def test_a_full_title_in_the_page_beats_a_short_one_by_markup() -> None:
    answer = page(TITLE, meta={"articletitle": "2023年政府信息公开工作年度报告"})
    assert (answer.title, answer.organ) == (TITLE, "青石县林业局")


def test_a_column_name_is_no_title_where_the_page_prints_one() -> None:
    for key in ("articletitle", "title"):
        assert page(TITLE, meta={key: "政府信息公开年报"}).title == TITLE
    blocks: list[Block] = [Heading("政府信息公开年报", 1), Heading(TITLE, 2), *body()]
    assert found(blocks).title == TITLE


def test_a_title_of_another_year_is_not_taken_for_the_fuller_one() -> None:
    answer = page(TITLE, meta={"articletitle": "2022年政府信息公开工作年度报告"})
    assert (answer.title, answer.year) == ("2022年政府信息公开工作年度报告", 2022)


def test_a_file_name_as_title_loses_its_ending() -> None:
    assert page(meta={"title": f"{TITLE}.docx"}).title == TITLE


def test_an_article_inside_a_layout_table_is_read() -> None:
    table = Table(1)
    lines = (TITLE, "发布时间：2024-01-18", *HEADS)
    table.add("\n".join(lines), 0, 0)
    answer = found([table])
    assert (answer.title, answer.published) == (TITLE, datetime.date(2024, 1, 18))


# --- organ ---------------------------------------------------------------------------------


def test_the_text_calls_itself_we_and_names_nobody() -> None:
    answer = page(NOTICE, overview="2023年，我局公开十条，国务院办公厅要求的都已落实。")
    assert (answer.title, answer.organ, answer.organ_source) == (None, None, None)
    assert answer.organ_candidates == ()
    assert (answer.year, answer.year_source) == (2023, "text")
    assert answer.published is None


def test_organ_from_the_metadata_block() -> None:
    answer = page(
        "索引号：11330782/2024-5 发布机构：青石县林业局 发布日期：2024-01-18", "2023年年报"
    )
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "metadata")


@pytest.mark.parametrize(
    ("printed", "announced", "organ", "source"),
    [
        ("市政府办", "现公布青石市人民政府", "青石市人民政府", "preamble"),
        ("区教育局", "现将青石区教育局", "青石区教育局", "preamble"),
        # who printed a whole name is believed, and a text without a place says no more
        ("青石县林业局", "现公布青石县人民政府", "青石县林业局", "metadata"),
        ("县林业局", "现将县林业局", "县林业局", "metadata"),
        ("市中区教育局", "现将青石区教育局", "市中区教育局", "metadata"),
    ],
)
def test_a_block_that_leaves_out_the_place_is_completed_by_the_announcement(
    printed: str, announced: str, organ: str, source: str
) -> None:
    block = f"索引号：1234/2024-1 发布机构：{printed} 发布日期：2024-01-18"
    answer = page(block, "政府信息公开年报", f"{announced}2023年政府信息公开工作年度报告如下。")
    assert (answer.organ, answer.organ_source) == (organ, source)


def test_a_time_behind_the_source_is_no_part_of_it() -> None:
    answer = page(
        "2023年政府信息公开工作年度报告", "来源：青石县林业局 时间：2024-01-12 10:01 阅读：7"
    )
    assert (answer.organ, answer.metadata["来源"]) == ("青石县林业局", "青石县林业局")
    assert (answer.metadata["时间"], answer.metadata["阅读"]) == ("2024-01-12 10:01", "7")
    assert answer.published == datetime.date(2024, 1, 12)


def test_organ_from_the_source_line_only_if_it_is_an_organ() -> None:
    answer = page("2023年政府信息公开工作年度报告", "来源：青石县林业局 浏览次数：12")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "source")
    for name in ("本站", "青石新闻网", "网站管理员"):
        assert page("2023年政府信息公开工作年度报告", f"来源：{name}").organ is None


def test_organ_from_contentsource_and_breadcrumb() -> None:
    answer = page(meta={"contentsource": "青石县林业局"})
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "contentsource")
    answer = page("当前位置：首页 > 信息公开 > 青石县林业局 > 政府信息公开年报 > 2023年")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "breadcrumb")


@pytest.mark.parametrize(
    ("sentence", "organ"),
    [
        ("如对本报告有疑问，请与青石县林业局联系（电话：0000-1234）。", "青石县林业局"),
        ("如有疑问，请与青石县林业局办公室联系。", "青石县林业局"),
        ("如有疑问，请与青石县人民政府办公室联系（地址：人民路）。", "青石县人民政府办公室"),
        ("如有疑問，請與青石縣林業局聯系。", "青石县林业局"),
        ("如有疑问，请与我局办公室联系。", None),
        ("如有疑问，请与本机关联系。", None),
    ],
)
def test_organ_from_the_contact_sentence(sentence: str, organ: str | None) -> None:
    answer = page(NOTICE, sentence)
    assert answer.organ == organ
    assert answer.organ_source == ("contact" if organ else None)


def test_organ_from_the_preamble() -> None:
    answer = page("本报告由青石县林业局根据《条例》要求编制。")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "preamble")
    answer = page("本报告由青石县林业局编制。")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "preamble")
    answer = page("现将青石县林业局2023年政府信息公开工作年度报告公布如下：")
    assert (answer.organ, answer.organ_source) == ("青石县林业局", "preamble")


@pytest.mark.parametrize(
    "lines",
    [
        ("青石县林业局", "2024年1月20日"),
        ("青石县林业局（公章）", "二〇二四年一月二十日"),
        ("青石县林业局 2024年1月20日",),
        ("无其他需要报告的事项。", "2024年1月20日"),
        ("青石县林业局",),
    ],
)
def test_organ_from_the_signature(lines: tuple[str, ...]) -> None:
    meta = {"sitename": "青石县人民政府网"}
    answer = found([*body("公开工作有序。"), *paragraphs(*lines)], meta=meta)
    if "林业局" in lines[0] and "年" in lines[-1]:
        assert (answer.organ, answer.organ_source) == ("青石县林业局", "signature")
    else:
        assert answer.organ_source == "site"


def test_the_site_names_the_organ_only_if_nothing_speaks_against_it() -> None:
    meta = {"sitename": "青石县人民政府网"}
    answer = page(meta=meta, overview="本县公开工作有序。")
    assert (answer.organ, answer.organ_source) == ("青石县人民政府", "site")
    # A bureau's report on the county's site.
    assert page(meta=meta, overview="我局公开工作有序。").organ is None


def test_two_organs_are_a_conflict_with_all_votes() -> None:
    answer = page("索引号：1 发布机构：白水县教育局", TITLE)
    assert answer.organ == "青石县林业局"
    (finding,) = (f for f in answer.findings if f.code == "organ_conflict")
    assert dict(finding.detail) == {"title": "青石县林业局", "metadata": "白水县教育局"}


@pytest.mark.parametrize("short", ["县林业局", "林业局", "白水市青石县林业局"])
def test_short_and_long_forms_of_a_name_are_no_conflict(short: str) -> None:
    assert "organ_conflict" not in codes(page(f"索引号：1 发布机构：{short}", TITLE))


def test_a_similar_name_is_a_conflict() -> None:
    answer = page("索引号：1 发布机构：沐阳县林业局", "沭阳县林业局2023年政府信息公开年报")
    assert "organ_conflict" in codes(answer)


# --- year ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "本报告所列数据的统计期限自2021年1月1日起至2021年12月31日止。",
        "本报告所列数据的统计期限自2021年1月1日至12月31日。",
        "数据统计期限为 2021 年 1 月 1 日至 12 月 31 日。",
        "统计期限为２０２１年１月１日—１２月３１日。",
        "統計期限自2021年1月1日起至2021年12月31日止。",
        "统计期限自202111日至1231日。",
    ],
)
def test_the_period_beats_the_title_and_the_conflict_is_told(sentence: str) -> None:
    answer = page("青石镇2020年政府信息公开工作年度报告", sentence)
    assert (answer.year, answer.year_source) == (2021, "period")
    assert answer.year_votes == ((2021, "period"), (2020, "title"))
    (finding,) = answer.findings[:1]
    assert finding.code == "year_conflict"
    assert finding.detail == (("period", 2021), ("title", 2020))


def test_agreement_is_no_finding() -> None:
    answer = page(
        TITLE,
        "发布时间：2024-01-18",
        "统计期限自2023年1月1日起至2023年12月31日止。",
        overview="2023年，我局公开百条，较2022年，增长一成。2022年9月13日，收到建议。",
    )
    assert answer.findings == ()
    assert answer.year_votes == (
        (2023, "period"),
        (2023, "title"),
        (2023, "text"),
        (2023, "published"),
    )


def test_the_text_against_the_title() -> None:
    answer = page(TITLE, overview="2022年，我局公开百条。2022年度，我局收到两件申请。")
    assert (answer.year, answer.year_source) == (2023, "title")
    assert "year_conflict" in codes(answer)


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        ("我局高度重视政府信息公开工作。", None),
        ("我县高度重视政府信息公开工作，我局具体负责。", "青石县人民政府"),
        ("我市林业局负责具体工作。", "青石县人民政府"),
        ("高度重视政府信息公开工作。", "青石县人民政府"),
    ],
)
def test_a_sites_name_above_the_title_is_no_organ_of_a_bureau(text: str, organ: str | None) -> None:
    """The banner says 青石县人民政府, the report below it says 我局."""
    answer = page("青石县人民政府", "2023年政府信息公开工作年度报告", overview=text)
    assert (answer.organ, answer.year) == (organ, 2023)


def test_a_year_inside_a_paragraph_is_one_that_this_year_is_held_against() -> None:
    """It still tells the year where nothing else does."""
    inside = "办理情况良好。2022年全县共收到申请99件。2021年共收到88件。"
    assert codes(page(TITLE, overview=inside)) == []
    assert page("青石镇政府信息公开工作年度报告", overview=inside).year == 2022


def test_the_year_before_publication_is_a_weak_guess_and_says_so() -> None:
    answer = page("政府信息公开工作年度报告", "发布时间：2024-01-18")
    assert (answer.year, answer.year_source) == (2023, "published")
    assert "year_from_publication" in codes(answer)


def test_publication_years_later_is_no_conflict() -> None:
    answer = page("青石县2008年政府信息公开年报", "发布时间：2020-05-06")
    assert (answer.year, codes(answer)) == (2008, [])


def test_publication_before_the_year_was_over_is_told() -> None:
    answer = page(TITLE, "发布时间：2022-01-18")
    assert answer.year == 2023
    assert "published_before_year_end" in codes(answer)


def test_the_year_in_the_address_of_the_annual_report_module() -> None:
    url = "http://www.qingshi.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=2019"
    answer = page("政府信息公开工作年度报告", url=url)
    assert (answer.year, answer.year_source) == (2019, "url")


@pytest.mark.parametrize("url", ["http://[bad", "x", "", "http://h/?fbtime=²²²²", "//", "http://"])
def test_a_broken_address_says_nothing(url: str) -> None:
    answer = page(NOTICE, url=url)
    assert (answer.year, answer.published) == (None, None)


def test_what_a_notice_asks_for_is_no_organ() -> None:
    answer = page(title := "关于做好2023年政府信息公开工作年度报告编制工作的通知")
    assert (answer.title, answer.organ) == (title, None)


def test_the_notice_names_neither_organ_nor_year() -> None:
    answer = page(NOTICE, "（2021年9月26日印发）")
    assert (answer.organ, answer.year, answer.title) == (None, None, None)


# --- caller --------------------------------------------------------------------------------


def test_the_caller_wins_and_the_difference_is_told() -> None:
    answer = page(TITLE, organ="白水县教育局", year=2022)
    assert (answer.organ, answer.organ_source) == ("白水县教育局", "caller")
    assert (answer.year, answer.year_source) == (2022, "caller")
    assert codes(answer) == ["caller_overrides", "caller_overrides"]
    assert [dict(f.detail)["field"] for f in answer.findings] == ["organ", "year"]


def test_the_caller_agreeing_is_no_finding() -> None:
    answer = page(TITLE, organ="青石县林业局", year=2023)
    assert answer.findings == ()
    assert page(NOTICE, organ="青石县林业局", year=2023).findings == ()


# --- metadata and date ---------------------------------------------------------------------


def test_a_four_column_table_of_metadata() -> None:
    table = Table(1)
    rows = (
        ("索 引 号", "113307820000/2024-547742", "主题分类", "政务公开"),
        ("发布机构", "青石县林业局", "发文日期", "2024年1月18日"),
        ("名　称", TITLE, "文　号", ""),
    )
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.add(text, r, c)
    answer = found([table, *body()])
    assert answer.metadata == {
        "索引号": "113307820000/2024-547742",
        "主题分类": "政务公开",
        "发布机构": "青石县林业局",
        "发文日期": "2024年1月18日",
        "名称": TITLE,
    }
    assert answer.index_number == "113307820000/2024-547742"
    assert (answer.published, answer.published_source) == (datetime.date(2024, 1, 18), "metadata")
    assert (answer.title, answer.organ_source) == (TITLE, "title")


def test_metadata_as_pipe_lines_and_as_label_and_value_lines() -> None:
    answer = page(
        "索引号 | 1234/2024-1 | 分类 | 年报 |", "发布机构 | 青石县林业局 | 发布日期 | 2024-01-18 |"
    )
    assert answer.metadata["索引号"] == "1234/2024-1"
    assert answer.metadata["发布机构"] == "青石县林业局"
    assert answer.published == datetime.date(2024, 1, 18)
    answer = page(
        "索引号：", "1234/2024-1", "发布机构", "青石县林业局", "文号：", "发布日期：", "2024-01-18"
    )
    assert (answer.index_number, answer.organ) == ("1234/2024-1", "青石县林业局")
    assert answer.published == datetime.date(2024, 1, 18)
    assert "文号" not in answer.metadata


def test_the_index_number_left_in_the_template_is_kept_and_told() -> None:
    answer = page("索引号：000014349/2021-00012 发布机构：青石县林业局", TITLE)
    assert answer.index_number == "000014349/2021-00012"
    assert "template_index_number" in codes(answer)


def test_the_date_by_its_sources_in_order() -> None:
    block = "索引号：1 发布日期：2024-01-18"
    line = "发布时间：2024-01-20 10:30 来源：本站"
    meta = {"pubdate": "2024-01-19 08:00:00"}
    url = "http://www.qingshi.gov.cn/art/2024/1/21/art_1_2.html"
    end = "2024年1月5日"

    def date(*head: str, **known: object) -> tuple[datetime.date | None, str | None]:
        blocks = [*paragraphs(*head), *body(), *paragraphs("青石县林业局", end)]
        answer = found(blocks, **known)  # type: ignore[arg-type]
        return answer.published, answer.published_source

    assert date(block, meta=meta, url=url) == (datetime.date(2024, 1, 18), "metadata")
    assert date(line, meta=meta, url=url) == (datetime.date(2024, 1, 19), "pubdate")
    assert date(line, url=url) == (datetime.date(2024, 1, 20), "line")
    assert date(url=url) == (datetime.date(2024, 1, 21), "url")
    assert date() == (datetime.date(2024, 1, 5), "signature")


@pytest.mark.parametrize(
    "line",
    [
        "2024-01-18",
        "[2024-01-18]",
        "时间：2024-01-18 09:12",
        "2024-01-18 09:12 来源：青石县林业局 浏览次数：15",
        "（2024年1月18日）",
    ],
)
def test_a_date_line_without_the_usual_label(line: str) -> None:
    answer = page(TITLE, line)
    assert (answer.published, answer.published_source) == (datetime.date(2024, 1, 18), "line")


def test_a_labelled_date_below_the_report() -> None:
    blocks = [*body(), *paragraphs("青石县林业局", "2024年1月5日", "发布日期：2024-01-18")]
    assert found(blocks).published == datetime.date(2024, 1, 18)


def test_a_date_in_the_text_is_no_signature() -> None:
    text = "2023年9月13日，我局收到检察建议书。"
    answer = found([*body(text), *paragraphs("本报告电子版于2024年1月20日前可下载。")])
    assert answer.published is None


def test_a_signature_with_the_organ_in_the_line_and_furniture_below() -> None:
    blocks = [*body(), *paragraphs("青石县林业局 二〇二四年一月十八日", "扫一扫在手机打开当前页")]
    assert found(blocks).published == datetime.date(2024, 1, 18)


# --- kind ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("青石县林业局2023年政府信息公开工作年度报告解读", "interpretation"),
        ("图解：青石县2023年政府信息公开工作年度报告", "interpretation"),
        ("一图读懂青石县2023年政府信息公开年报", "interpretation"),
        ("关于编制2023年政府信息公开工作年度报告的通知", "notice"),
        ("关于做好2023年度政府信息公开年报发布工作的通知", "notice"),
        ("青石县2023年政府信息公开年报公布情况", "statistics"),
        ("青石县2023年上半年政府信息公开统计数据", "statistics"),
        ("青石县2019年政务公开工作总结", "work_summary"),
        ("青石县林业局2023年政府信息公开工作年度报告", "report"),
        ("青石县林业局2023年政府信息公开工作年度报告（图片版）", "report"),
        ("青石县植树活动掠影", "unknown"),
    ],
)
def test_kind_by_title_when_no_sections_are_there(title: str, kind: str) -> None:
    answer = found([Heading(title, 1), Paragraph("正文一段，内容从略。")])
    assert answer.kind == kind
    assert (answer.kind_evidence != "") == (kind != "unknown")


def test_the_six_sections_make_a_report_whatever_the_title() -> None:
    assert page("2019年政务公开工作总结").kind == "report"
    assert page().kind == "report"


def test_a_notice_with_the_form_annexed_is_no_report() -> None:
    title = "关于印发政府信息公开工作年度报告格式的通知"
    assert page(title, meta={"articletitle": title}).kind == "notice"


@pytest.mark.parametrize(
    "text",
    [
        "404 Not Found",
        "抱歉，您访问的页面不存在",
        "该信息已被删除",
        "参数错误！",
        "您的访问被拦截，请完成安全验证",
    ],
)
def test_an_error_page_is_told(text: str) -> None:
    answer = found(paragraphs(text))
    assert answer.kind == "error_page"
    assert answer.kind_evidence


def test_words_of_errors_in_a_report_do_not_matter() -> None:
    assert page(TITLE, overview="全年删除错误信息，解决404页面不存在的问题。").kind == "report"


def test_a_list_of_reports_is_a_list() -> None:
    titles = [f"青石县林业局{y}年政府信息公开工作年度报告" for y in range(2015, 2024)]
    answer = found(paragraphs("政府信息公开年报", *titles))
    assert answer.kind == "list_page"


def test_links_to_other_years_do_not_make_an_article_a_list() -> None:
    others = [f"青石县林业局{y}年政府信息公开工作年度报告" for y in range(2015, 2020)]
    answer = found(paragraphs("附件下载", *others), meta={"articletitle": TITLE})
    assert answer.kind == "report"


def test_an_empty_document_is_unknown_and_has_nothing() -> None:
    answer = found([])
    assert (answer.kind, answer.title, answer.organ, answer.year) == ("unknown", None, None, None)
    assert identify(Document([], "text"), None) == answer


# --- mirrors -------------------------------------------------------------------------------


def test_copies_of_pages_are_told() -> None:
    answer = page(overview="2023年,我局規(guī)范公開工作,嚴格執行國務院條例,開展業務辦理。")
    assert dict(answer.findings[0].detail) == {"reason": "traditional script"}
    assert [f.code for f in answer.findings] == ["mirror_text"]
    answer = page(TITLE, url="http://m.copies.example.com/a.html")
    assert codes(answer) == ["mirror_text"]
    assert page(TITLE, url="http://www.qingshi.gov.cn/a.html").findings == ()
    school = "青石大学2023年政府信息公开工作年度报告"
    assert page(school, url="https://www.qingshi.edu.cn/a.html").findings == ()


def test_time_grows_with_the_length_only() -> None:
    begin = time.process_time()
    for sign in ("请与", "2023年", "由", "发布机构：", "现将", "2021年1月1日至", "> 局", "（年报"):
        attack = sign * (60_000 // len(sign))
        page(attack, attack[:500], overview=attack)
        page(meta={"title": attack, "articletitle": attack, "contentsource": attack})
    assert time.process_time() - begin < 8.0


SEED = next(iter(sorted(Path(__file__).parents[4].glob("shared/seeds/000_*.txt"))), None)


@pytest.mark.skipif(SEED is None, reason="the shared seed is not there")
def test_the_pipe_document_names_a_year_and_nothing_else() -> None:
    assert SEED is not None
    lines = SEED.read_text("utf-8").split("\n")
    blocks = paragraphs(*lines)
    consumed = frozenset(i for i, t in enumerate(lines) if "|" in t)
    answer = identify(Document(blocks, "text"), match_sections(blocks, consumed))
    assert (answer.year, answer.year_source) == (2023, "text")
    assert (answer.organ, answer.title, answer.published) == (None, None, None)
    assert answer.kind == "report"
    assert codes(answer) == ["mirror_text"]
    assert [v for k, v in answer.findings[0].detail] == ["glosses", "traditional script"]


# --- broken titles, periods, clocks, other reports -----------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ("青石县林业局2023年政府信息公开", "工作年度报告"),
        ("青石县林业局2023年政府信息公开工作年", "度报告"),
        ("青石县", "林业局", "2023年", "政府信息公开工作年度报告"),
        ("青石县", "林业局2023年政府信息公开工作年度报告"),
        ("青石县林业局", "2023年政府信息公开工作年度报告"),
        ("网站首页", "青石县", "林业局2023年政府信息公开", "工作年度报告"),
        ("青石县人民政府", "青石县林业局2023年政府信息公开工作年度报告"),
    ],
)
def test_a_title_over_several_lines_is_joined(lines: tuple[str, ...]) -> None:
    for answer in (page(*lines), found([*(Heading(t, 1) for t in lines), *body()])):
        assert (answer.organ, answer.year) == ("青石县林业局", 2023)
        assert answer.title == "青石县林业局2023年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    "title", ["工作年度报告", "年度工作年报", "政府信息公开工作年度报告", "情况统计年报"]
)
def test_words_of_titles_are_no_organ(title: str) -> None:
    assert read_title(title).organ is None
    assert page(title).organ is None


def test_a_years_list_beside_a_bare_title_gives_no_year() -> None:
    assert page("2022年", "政府信息公开工作年度报告").year is None


def test_a_title_that_runs_on_into_the_first_sentence_is_cut() -> None:
    answer = page(f"{TITLE}本报告统计期限自2023年1月1日至2023年12月31日。")
    assert (answer.title, answer.organ, answer.year) == (TITLE, "青石县林业局", 2023)


def test_a_period_broken_over_lines_is_read_and_is_no_publication() -> None:
    answer = page("本报告统计期限自2023年1月1日至20", "23年12月31日。")
    assert (answer.year, answer.year_source, answer.published) == (2023, "period", None)
    answer = page("本报告统计期限自2023年", "1月1日至2023年12月", "31日。")
    assert (answer.year, answer.published) == (2023, None)


@pytest.mark.parametrize(
    "overview",
    [
        "2022年以来，我局工作平稳；2023年，公开信息55条。",
        "自2022年以来，我局工作平稳。2023年，我局公开信息55条。",
        "与2022年相比，2023年，我局公开信息增加55条。",
        "较2022年，全年增加。2023年，我局公开信息55条。",
        "2022年，我局启用平台。2023年，我局公开信息55条。",
        "2023年，我局公开信息55条。2024年，我局将继续努力。",
        "2024年，全年略。2023年，全年略。2023年新增5条。",
    ],
)
def test_the_year_is_the_one_the_overview_speaks_of(overview: str) -> None:
    answer = page("青石县林业局政府信息公开工作年度报告", overview=overview)
    assert (answer.year, answer.year_source) == (2023, "text")


@pytest.mark.parametrize("clock", ["今天是2026年11月24日 星期二", "当前时间：2026-11-24"])
def test_the_clock_is_no_publication_date(clock: str) -> None:
    assert page(clock, TITLE).published is None
    assert page(clock, TITLE, "2024-01-15").published == datetime.date(2024, 1, 15)


@pytest.mark.parametrize(
    "title",
    [
        "青石县林业局2013-2023年政府信息公开工作年度报告",
        "青石县林业局2013年至2023年政府信息公开工作年度报告",
    ],
)
def test_years_are_no_part_of_an_organ(title: str) -> None:
    assert read_title(title) == ("青石县林业局", (2023,))


@pytest.mark.parametrize(
    "title",
    [
        "青石县2023年上半年政府信息公开申请情况统计",
        "青石县2023年第三季度政府信息公开申请情况统计表",
        "青石县2023年下半年政府信息公开工作报告",
    ],
)
def test_half_a_year_or_a_quarter_is_statistics(title: str) -> None:
    answer = page(title)
    assert (answer.kind, answer.organ, answer.topic) == ("statistics", "青石县", True)


OTHERS = [
    "青石县2023年法治政府建设年度报告",
    "青石县林业局2023年度行政执法统计年报",
    "青石县林业局2023年信访工作年度报告",
    "青石县财政局2023年度预算执行报告",
    "2023年青石县人民政府政府工作报告",
    "政府工作报告",
    "青石县政府网站工作年度报表（2023年度）",
    "青石县2023年行政复议行政诉讼情况统计",
    "青石县财政局2023年部门预算信息公开情况报告",
    "青石县林业局2023年粮食收购工作年度报告",
]


@pytest.mark.parametrize("title", OTHERS)
def test_reports_about_something_else_are_told(title: str) -> None:
    assert is_other_report(title)
    assert not speaks_of_disclosure(title)
    for answer in (
        page(title),
        found([Heading(title, 1), *body()], meta={"title": f"{title}-青石县政府信息公开网"}),
    ):
        assert (answer.topic, answer.other_topic) == (False, True)
        assert answer.organ in (None, "青石县", "青石县林业局", "青石县财政局")


@pytest.mark.parametrize("title", [t for t, _, _ in FORMS])
def test_no_form_of_title_is_about_something_else(title: str) -> None:
    assert speaks_of_disclosure(title)
    answer = page(title)
    assert (answer.topic, answer.other_topic) == (True, False)


@pytest.mark.parametrize(
    "title",
    [
        "青石县林业局2023年年报",
        "2023年度青石县林业局工作报告",
        "2023年年度报告（青石县林业局）",
        "青石县林业局2023年政府信息公幵工作年度报告",
    ],
)
def test_titles_that_name_no_subject_are_neither(title: str) -> None:
    answer = page(title)
    assert (answer.topic, answer.other_topic) == (False, False)


def test_a_link_to_another_report_does_not_take_the_titles_place() -> None:
    answer = page("青石县2023年法治政府建设年度报告", TITLE)
    assert (answer.title, answer.topic, answer.other_topic) == (TITLE, True, False)


def test_a_year_of_two_digits_is_no_part_of_the_organ() -> None:
    title = "青石县林业局23年政府信息公开工作年度报告"
    assert read_title(title) == ("青石县林业局", ())
    assert page(title).organ == "青石县林业局"
    assert read_title("第18年政府信息公开工作年度报告").organ is None
