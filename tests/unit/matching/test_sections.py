"""Expected answers are written by hand from the domain guide (2.4) and the quirk census."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from govreport_parse.documents.model import Block, Heading, Paragraph, Table
from govreport_parse.matching.sections import SectionMatch, match_sections

KEYS = (
    "overview",
    "proactive_disclosure",
    "requests",
    "review_and_litigation",
    "problems_and_improvements",
    "other_matters",
)
HEADS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
BODIES = (
    "2023年，我镇认真落实条例要求，公开工作平稳有序。",
    "表格见下。",
    "全年收到申请两件，均按期答复。",
    "本年度没有行政复议和行政诉讼。",
    "存在更新不够及时的问题，下一步将改进情况反馈。",
    "本年度未收取信息处理费。",
)


def paragraphs(*texts: str) -> list[Block]:
    return [Paragraph(t, line=i) for i, t in enumerate(texts, 1)]


def report(heads: tuple[str, ...] = HEADS, bodies: tuple[str, ...] = BODIES) -> list[Block]:
    return paragraphs(*(t for pair in zip(heads, bodies, strict=True) for t in pair if t))


def with_head(n: int, head: str) -> list[Block]:
    return report((*HEADS[:n], head, *HEADS[n + 1 :]))


def keys(match: SectionMatch) -> list[str]:
    return [s.key for s in match.sections]


def codes(match: SectionMatch) -> list[str]:
    return [f.code for f in match.findings]


def test_a_usual_report_gives_six_sections_with_raw_headings_and_texts() -> None:
    match = match_sections(report())
    assert keys(match) == list(KEYS)
    assert [s.heading for s in match.sections] == list(HEADS)
    assert [s.text for s in match.sections] == list(BODIES)
    assert [(s.block_start, s.block_end) for s in match.sections] == [
        (0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (10, 12),
    ]  # fmt: skip
    assert {s.how for s in match.sections} == {"label"}
    assert (match.missing, match.extra, match.findings, match.first_block) == ((), (), (), 0)


def test_headings_by_markup_need_no_numeral() -> None:
    blocks: list[Block] = [Heading("石台镇2023年政府信息公开工作年度报告", 1)]
    for head, body in zip(HEADS, BODIES, strict=True):
        blocks += [Heading(head[2:], 2), Paragraph(body)]
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert match.sections[0].heading == "总体情况"
    assert match.first_block == 1


VARIANTS = [
    (0, "一、 总体情况", "label"),
    (0, "1、 总体情况", "label"),
    (0, "一.总体情况", "label"),
    (0, "（一）总体情况", "label"),
    (0, "第一部分 总体情况", "label"),
    (0, "一、总体情况（宋体加粗小四号字）", "label"),
    (0, "一、总体情况：", "label"),
    (0, "一、总 体 情 况", "label"),
    (0, "一、總體情況", "label"),
    (0, "一、總(zǒng)體(tǐ)情況", "label"),
    (0, "## 一、总体情况", "label"),
    (0, "壹、总体情况", "label"),
    (0, "一、总体概述", "alias"),
    (0, "一、工作基本情况", "alias"),
    (0, "一、2023年政务公开总体情况", "alias"),
    (0, "一、2023年政府信息公开工作开展总体情况", "fuzzy"),
    (0, "一、工作开展成效", "numeral"),
    (1, "二、行政机关主动公开政府信息情况", "alias"),
    (1, "、主动公开政府信息情况", "label"),
    (1, "二、主动公开政府政府情况", "alias"),
    (1, "二、主动公開(kāi)政府信息情況", "label"),
    (1, "三、主动公开政府信息情况", "label"),
    (1, "二、政府信息主动公开工作情况", "fuzzy"),
    (1, "二、主动公开政府信息情况 | |||", "label"),
    (2, "三是收到和处理政府信息公开申请情况", "label"),
    (2, "三、行政机关收到和处理政府信息公开申请情况", "alias"),
    (2, "三、收(shou)到(dao)和(he)處(chu)理(li)政(zheng)府(fu)信(xin)息(xi)公(gong)開(kai)申請情況",
     "label"),
    (2, "三、2023年收到和处理政府信息公开申请情况", "label"),
    (3, "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "alias"),
    (3, "四、政府信息公开行政法复议、行政诉讼情况", "alias"),
    (3, "四、政府信息公开行政复议，行政诉讼情况", "label"),
    (3, "四、行政复议和行政诉讼的有关情况", "fuzzy"),
    (4, "五、存在的主要问题和改进措施", "alias"),
    (4, "五、政府信息公开工作中存在的不足和整改措施", "fuzzy"),
    (5, "六、其他需要汇报事项", "alias"),
    (5, "六、其它需要说明的有关情况", "fuzzy"),
    (5, "五、其他需要报告的事项", "label"),
]  # fmt: skip


@pytest.mark.parametrize(("n", "head", "how"), VARIANTS)
def test_a_varied_heading_opens_its_section_and_is_kept_raw(n: int, head: str, how: str) -> None:
    match = match_sections(with_head(n, head))
    assert keys(match) == list(KEYS)
    section = match.sections[n]
    assert section.heading == head.rstrip("| ")
    assert section.how == how
    assert section.text == BODIES[n]
    assert match.missing == ()


@pytest.mark.parametrize(
    "head", ["一、总体概述", "三、主动公开政府信息情况", "二、政府信息主动公开工作情况"]
)
def test_other_words_or_numerals_are_a_finding(head: str) -> None:
    n = 0 if head.startswith("一") else 1
    match = match_sections(with_head(n, head))
    assert codes(match) == ["heading_variant"]
    assert dict(match.findings[0].detail)["section"] == KEYS[n]


def test_restarted_numerals_do_not_matter() -> None:
    heads = (
        "一、总体情况",
        *(f"{n}、{h[2:]}" for n, h in zip("一二三四五", HEADS[1:], strict=True)),
    )
    assert keys(match_sections(report(heads))) == list(KEYS)


def test_a_missing_first_heading_leaves_its_text_to_the_preamble() -> None:
    match = match_sections(report(("", *HEADS[1:])))
    assert keys(match) == ["preamble", *KEYS[1:]]
    assert match.missing == ("overview",)
    assert match.sections[0].text == BODIES[0]
    assert [f.severity for f in match.findings] == ["warning"]


@pytest.mark.parametrize("n", range(6))
def test_any_heading_may_be_missing(n: int) -> None:
    blocks = report((*HEADS[:n], "", *HEADS[n + 1 :]))
    match = match_sections(blocks)
    assert match.missing == (KEYS[n],)
    assert [k for k in keys(match) if k != "preamble"] == [k for k in KEYS if k != KEYS[n]]
    assert codes(match) == ["section_missing"]


def test_no_heading_at_all_gives_no_section() -> None:
    match = match_sections(paragraphs("本局办公地址在县城。", "电话号码见网站首页。"))
    assert (match.sections, match.missing, match.first_block) == ((), KEYS, None)
    assert match_sections([]).missing == KEYS


def test_text_in_the_line_of_the_heading_belongs_to_the_section() -> None:
    match = match_sections(with_head(0, "一、总体情况 2023年，我局主动公开信息十条。"))
    assert match.sections[0].heading == "一、总体情况"
    assert match.sections[0].text == f"2023年，我局主动公开信息十条。\n{BODIES[0]}"
    match = match_sections(with_head(1, "二、主动公开政府信息情况：我局全年公开十条。"))
    assert match.sections[1].heading == "二、主动公开政府信息情况"
    assert match.sections[1].text.startswith("我局全年公开十条。")


def test_white_space_lost_between_heading_and_text() -> None:
    match = match_sections(with_head(1, "二、主动公开政府信息情况第二十条第（一）项"))
    assert match.sections[1].heading == "二、主动公开政府信息情况"


def test_a_whole_report_in_one_line_is_split() -> None:
    line = "为做好公开工作，现公布本报告。" + " ".join(
        f"{h} {b}" for h, b in zip(HEADS, BODIES, strict=True)
    )
    match = match_sections(paragraphs("某镇2023年政府信息公开工作年度报告", line))
    assert keys(match) == ["preamble", *KEYS]
    assert [s.text for s in match.sections[1:]] == list(BODIES)
    assert match.first_block == 1
    assert {(s.block_start, s.block_end) for s in match.sections} == {(1, 2)}


def test_headings_that_follow_a_line_break_in_a_paragraph() -> None:
    for sign in ("\n", "<br />", "<BR>"):
        blocks = paragraphs(*(f"{h}{sign}{b}" for h, b in zip(HEADS, BODIES, strict=True)))
        match = match_sections(blocks)
        assert [s.text for s in match.sections] == list(BODIES)


def test_a_heading_in_two_lines_is_joined() -> None:
    blocks = paragraphs("一、", "总体情况", BODIES[0], *HEADS[1:3], BODIES[2])
    blocks += paragraphs("四、因政府信息公开工作被申请行政复议、提起", "行政诉讼情况", BODIES[3])
    match = match_sections(blocks)
    assert keys(match) == list(KEYS[:4])
    assert match.sections[0].text == BODIES[0]
    assert match.sections[3].text == BODIES[3]
    assert match.sections[3].heading.replace("\n", "").endswith("提起行政诉讼情况")


TABLE_ROWS = (
    "一、本年新收政府信息公开申请数量",
    "二、上年结转政府信息公开申请数量",
    "三、本年度办理结果",
    "四、结转下年度继续办理",
    "二、上一年结转政府信息公开申请数量",
    "四、结转下一年度继续办理",
)


@pytest.mark.parametrize("row", TABLE_ROWS)
def test_rows_of_table_3_never_open_a_section(row: str) -> None:
    blocks = report()
    blocks[5:5] = paragraphs(row, "0", "0", f"{row} | （一）予以公开 | 0 | 0 |")
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert match.extra == ()
    # Nor where the section whose numeral the row carries is missing.
    match = match_sections(paragraphs(HEADS[2], row, "0", "0"))
    assert keys(match) == ["requests"]


def test_consumed_blocks_are_no_text_and_no_heading() -> None:
    blocks = report()
    blocks[5:5] = paragraphs("四、结转 | 0 |", "五、存在的主要问题及改进情况 | 0")
    match = match_sections(blocks, frozenset({5, 6}))
    assert keys(match) == list(KEYS)
    assert match.sections[2].text == BODIES[2]
    assert match_sections(blocks, {5, 6}.__contains__) == match


def test_tables_are_left_out_of_the_text_but_inside_the_section() -> None:
    table = Table(1)
    for row, label in enumerate(("规章", "行政规范性文件")):
        table.add(label, row, 0)
        table.add("3", row, 1)
    blocks = report()
    blocks.insert(4, table)
    for consumed in (frozenset({4}), frozenset[int]()):
        section = match_sections(blocks, consumed).sections[1]
        assert section.text == BODIES[1]
        assert (section.block_start, section.block_end) == (2, 5)


def test_a_heading_in_a_table_row_of_its_own_opens_its_section() -> None:
    table = Table(1)
    table.add(HEADS[1], 0, 0, 1, 4)
    table.add("规章", 1, 0)
    for column in (1, 2, 3):
        table.add("0", 1, column)
    blocks: list[Block] = [Paragraph(HEADS[0]), Paragraph(BODIES[0]), table]
    blocks += paragraphs(HEADS[2], BODIES[2])
    match = match_sections(blocks, frozenset({2}))
    assert keys(match) == list(KEYS[:3])
    assert (match.sections[1].block_start, match.sections[1].text) == (2, "")


def test_a_row_label_inside_a_table_is_no_heading() -> None:
    table = Table(1)
    table.add("二、主动公开政府信息情况", 0, 0)
    table.add("12", 0, 1)
    blocks: list[Block] = [Paragraph(HEADS[0]), Paragraph(BODIES[0]), table, Paragraph(HEADS[2])]
    assert "proactive_disclosure" not in keys(match_sections(blocks))


def test_a_layout_table_of_one_cell_is_text() -> None:
    table = Table(1)
    table.add("\n".join(t for pair in zip(HEADS, BODIES, strict=True) for t in pair), 0, 0)
    match = match_sections([table])
    assert keys(match) == list(KEYS)
    assert [s.text for s in match.sections] == list(BODIES)


def test_a_table_of_contents_opens_nothing() -> None:
    title = "某镇2023年政府信息公开工作年度报告"
    blocks = [*paragraphs(title, "目录", *HEADS), *report()]
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert match.first_block == 8
    assert [s.text for s in match.sections] == list(BODIES)


def test_a_table_of_contents_with_page_numbers_opens_nothing() -> None:
    entries = [f"{h}…………{i}" for i, h in enumerate(HEADS, 1)]
    match = match_sections([*paragraphs(*entries), *report()])
    assert keys(match) == list(KEYS)
    assert match.first_block == 6


def test_official_contents_do_not_beat_varied_headings() -> None:
    heads = ("一、我镇工作总体情况", *HEADS[1:])
    match = match_sections([*paragraphs(*HEADS), *report(heads)])
    assert match.sections[0].heading == heads[0]
    assert match.first_block == 6


@pytest.mark.parametrize(
    "line",
    [
        "（一）主动公开",
        "（一）主动公开。我局坚持公开。",
        "（二）依申请公开情况",
        "一是主动公开政府信息情况良好。",
        "2.主动公开政府信息情况良好，全年公开百条。",
        "一、加强主动公开工作",
        "详见二、主动公开政府信息情况。",
        "主动公开政府信息情况良好。",
        "按照“二、主动公开政府信息情况”的要求填写。",
    ],
)
def test_subheads_items_and_sentences_do_not_open_section_two(line: str) -> None:
    blocks = paragraphs(HEADS[0], BODIES[0], line, "继续写总体情况。", HEADS[2], BODIES[2])
    match = match_sections(blocks)
    assert "proactive_disclosure" not in keys(match)
    blocks = report()
    blocks[2:2] = paragraphs(line)
    match = match_sections(blocks)
    assert match.sections[1].heading == HEADS[1]
    assert match.sections[1].block_start == 3


def test_subsections_with_heads_of_their_own_or_running_into_the_text() -> None:
    blocks = paragraphs(
        HEADS[0],
        "总述一句。",
        "（一）主动公开。我局公开十条。",
        "另有两条。",
        "(二)依申请公开",
        "未收到申请。",
        "（三）政府信息管理：专人负责。",
        "（四）政府信息公开平台建设我局维护网站，依据第二十条第（一）项更新。",
        "㈤监督保障 定期检查。",
        *HEADS[1:],
    )
    assert match_sections(blocks).sections[0].subsections == (
        ("（一）主动公开", "我局公开十条。\n另有两条。"),
        ("(二)依申请公开", "未收到申请。"),
        ("（三）政府信息管理", "专人负责。"),
        ("（四）政府信息公开平台建设", "我局维护网站，依据第二十条第（一）项更新。"),
        ("㈤监督保障", "定期检查。"),
    )


def test_subsections_inside_one_paragraph() -> None:
    line = "总述。（一）主动公开。公开十条。（二）依申请公开。收到两件。"
    match = match_sections(paragraphs(HEADS[0], line, *HEADS[1:]))
    assert match.sections[0].subsections == (
        ("（一）主动公开", "公开十条。"),
        ("（二）依申请公开", "收到两件。"),
    )
    assert match.sections[0].text == line


def test_narrative_parts_before_2019_and_extra_headings() -> None:
    blocks = paragraphs(
        "一、概述",
        "2012年工作有序。",
        "二、主动公开政府信息的情况",
        "公开百条。",
        "三、依申请公开政府信息和不予公开政府信息的情况",
        "收到三件。",
        "四、政府信息公开的收费及减免情况",
        "没有收费。",
        "五、因政府信息公开申请行政复议、提起行政诉讼的情况",
        "没有发生。",
        "六、存在的主要问题和改进措施",
        "力量不足。",
        "七、附表",
        "见表。",
    )
    match = match_sections(blocks)
    assert keys(match) == [
        "overview",
        "proactive_disclosure",
        "requests",
        "extra_1",
        "review_and_litigation",
        "problems_and_improvements",
        "extra_2",
    ]
    assert match.extra == ("四、政府信息公开的收费及减免情况", "七、附表")
    assert match.missing == ("other_matters",)
    extras = [s for s in match.sections if s.key.startswith("extra_")]
    assert [s.text for s in extras] == ["没有收费。", "见表。"]
    assert codes(match).count("section_extra") == 2


def test_numbered_items_inside_a_section_are_no_extra_sections() -> None:
    blocks = report()
    blocks[9:9] = paragraphs("一、人员不足", "二、更新不够快")
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert "一、人员不足" in match.sections[4].text


def test_a_section_out_of_order_is_reported_and_not_hidden_in_its_neighbour() -> None:
    order = (0, 2, 1, 3, 4, 5)
    match = match_sections(report(tuple(HEADS[i] for i in order), tuple(BODIES[i] for i in order)))
    assert codes(match).count("section_order") == 1
    assert len(match.missing) == 1
    assert sum(len(s.text) for s in match.sections) == sum(map(len, BODIES))
    assert len(match.extra) == 1


def test_a_list_in_the_overview_that_restarts_at_one_is_no_extra_section() -> None:
    blocks = report()
    blocks[2:2] = paragraphs("一、加强组织领导", "二、强化公开意识", "三、规范办理流程")
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert match.sections[0].text.endswith("三、规范办理流程")


def test_an_item_with_an_arabic_number_does_not_replace_a_missing_section() -> None:
    blocks = paragraphs(HEADS[0], "1.主动公开情况。我局公开十条。", *HEADS[2:])
    assert match_sections(blocks).missing == ("proactive_disclosure",)


def test_headings_printed_twice_count_once_and_are_no_text() -> None:
    blocks = paragraphs(*(t for h, b in zip(HEADS, BODIES, strict=True) for t in (h, h, b)))
    match = match_sections(blocks)
    assert keys(match) == list(KEYS)
    assert [s.text for s in match.sections] == list(BODIES)


def test_sections_whose_tables_were_pictures_stand_without_text_between() -> None:
    blocks = report(HEADS, (BODIES[0], "", "", "", *BODIES[4:]))
    blocks[2:2] = paragraphs("（二）主动公开工作情况")
    match = match_sections(blocks)
    assert [s.heading for s in match.sections] == list(HEADS)
    assert [s.text for s in match.sections[1:4]] == ["", "", ""]


def test_bars_and_header_lines_left_of_a_text_table_are_no_text() -> None:
    blocks = paragraphs(
        HEADS[0],
        BODIES[0],
        f"{HEADS[1]} | 第二十条第（一）项 | |||",
        "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |",
        "规章 | 0 | 0 | 0 |",
        "|||",
        "说明：数据截至年底。",
        HEADS[2],
    )
    match = match_sections(blocks, frozenset({4}))
    assert match.sections[1].heading == HEADS[1]
    assert match.sections[1].text == "说明：数据截至年底。"
    assert match.sections[1].block_end == 7


def test_the_preamble_begins_after_title_and_page_furniture() -> None:
    preamble = "根据《中华人民共和国政府信息公开条例》要求，编制本年度报告。"
    blocks = paragraphs(
        "首页 > 政务公开 > 年报",
        "某镇2023年政府信息公开工作年度报告",
        "发布时间：2024-01-18 来源：某镇",
        "字体：大 中 小",
        preamble,
        "本报告所列数据的统计期限自2023年1月1日起至12月31日止。",
    )
    match = match_sections([*blocks, *report()])
    first = match.sections[0]
    assert (first.key, first.heading) == ("preamble", "")
    assert first.text.split("\n") == [preamble, blocks[5].text]  # type: ignore[union-attr]
    assert (first.block_start, first.block_end) == (4, 6)
    assert match.first_block == 6


def test_a_preamble_without_full_stop_is_no_title() -> None:
    text = "根据《中华人民共和国政府信息公开条例》有关要求，编制某镇2023年度报告"
    match = match_sections([*paragraphs("某镇2023年政府信息公开工作年度报告", text), *report()])
    assert match.sections[0].text == text


TRAILERS = (
    "扫一扫在手机打开当前页",
    "扫一扫在手机打开当前页面",
    "掃一掃在手機打開當前頁",
    "【打印】【关闭】",
    "打印本页",
    "关闭窗口",
    "分享到：",
    "附件：",
    "附件1：年度报告.pdf",
    "相关链接",
    "上一篇：没有了",
    "下一篇：某镇2022年政府信息公开工作年度报告",
    "责任编辑：张某",
    "版权所有：某县人民政府",
    "Copyright © 2024",
    "主办单位：某县人民政府办公室",
    "主办：某县人民政府",
    "皖ICP备00000000号",
    "网站地图 | 联系我们",
)


@pytest.mark.parametrize("line", TRAILERS)
def test_page_furniture_is_cut_from_the_last_section(line: str) -> None:
    match = match_sections([*report(), *paragraphs(line, "页脚其余内容")])
    assert match.sections[5].text == BODIES[5]
    assert match.sections[5].block_end == 12


def test_page_furniture_at_the_end_of_the_last_line_is_cut() -> None:
    blocks = report(HEADS, (*BODIES[:5], f"{BODIES[5]}扫一扫在手机打开当前页"))
    assert match_sections(blocks).sections[5].text == BODIES[5]


@pytest.mark.parametrize(
    "line",
    [
        "打印政府公报三百份，发放到各村。",
        "关闭长期不更新的网站栏目两个，迁移内容。",
        "附件中的数据另行公布。",
        "主办政务开放日活动两次。",
        "相关工作将继续推进。",
        "编辑政务公开手册一本，印发各科室学习使用。",
    ],
)
def test_prose_of_the_last_section_is_kept(line: str) -> None:
    match = match_sections([*report(), *paragraphs(line)])
    assert match.sections[5].text == f"{BODIES[5]}\n{line}"


def test_time_grows_with_the_length_only() -> None:
    begin = time.process_time()
    for attack in (
        "一、" * 30_000,
        "（一）" * 30_000,
        "、" * 60_000,
        "(a)" * 30_000,
        "一、总体情况 " * 5000,
    ):
        match_sections(paragraphs(HEADS[0], attack))
    match_sections(paragraphs(*(["一、总体情况", "四、结转"] * 3000)))
    assert time.process_time() - begin < 30


SEED = next(iter(sorted(Path(__file__).parents[4].glob("shared/seeds/000_*.txt"))), None)


@pytest.mark.skipif(SEED is None, reason="the shared seed is not there")
def test_the_pipe_document_that_the_project_starts_from() -> None:
    assert SEED is not None
    lines = SEED.read_text("utf-8").split("\n")
    blocks = paragraphs(*lines)
    consumed = frozenset(i for i, t in enumerate(lines) if "|" in t)
    for used in (consumed, frozenset[int]()):
        match = match_sections(blocks, used)
        assert keys(match) == ["preamble", *KEYS]
        assert match.missing == match.extra == match.findings == ()
    match = match_sections(blocks, consumed)
    overview = match.sections[1]
    assert [h for h, _ in overview.subsections] == [
        "(一)主動公開",
        "(二)依申請公開",
        "(三)政府信息管理",
        "(四)政府信息公開平臺建設",
        "(五)監(jiān)督保障",
    ]
    assert [s.text for s in match.sections[2:5]] == ["", "", ""]
    assert match.sections[6].text.endswith("本年度沒有產生信息公開處理費。")


@pytest.mark.parametrize(("found", "severity"), [(3, "warning"), (2, "info")])
def test_missing_headings_weigh_where_half_of_them_are_there(found: int, severity: str) -> None:
    match = match_sections(report((*HEADS[:found], *[""] * (6 - found))))
    assert match.missing == KEYS[found:]
    assert {f.severity for f in match.findings} == {severity}
