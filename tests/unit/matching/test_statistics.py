"""Reports before 2019: the table of 2014, other indicator tables, narratives.

``VALUES`` were made up and added up on paper so that the seven sums hold: 10+0+25+5 = 40 requests,
36+2 = 38 closed, 8+12+3+6+4+3+1+1 = 38 replies, 1+1+2+0+1+1 = 6 refusals, 2+1+0 = 3 reviews,
1+0+1 = 2 lawsuits, 6+24 = 30 staff. Labels come from the form file; what is tested is that each
number lands in its own row however the table is written.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator
from decimal import Decimal

import pytest
from growth import assert_linear

import govreport_parse as gov
from govreport_parse.documents.model import Paragraph
from govreport_parse.formbook import STATISTICS_2014, all_forms, form, forms
from govreport_parse.formbook.statistics import indicators, soft_rules
from govreport_parse.matching.indicators import bare_label, chosen_column, indicator_rows
from govreport_parse.matching.statistics import match_statistics, split_line
from govreport_parse.record_json import report_from_dict
from govreport_parse.values import CheckState, State

VALUES = {
    "proactive_items": "1200",
    "proactive_normative_items": "13",
    "normative_documents_issued": "15",
    "gazette_items": "100",
    "website_items": "1000",
    "microblog_items": "50",
    "wechat_items": "40",
    "other_channel_items": "60",
    "response_events": "5",
    "press_conferences": "3",
    "press_conferences_principal": "1",
    "online_interviews": "4",
    "online_interviews_principal": "2",
    "policy_explainers": "21",
    "microblog_wechat_responses": "7",
    "other_responses": "9",
    "requests_received": "40",
    "received_in_person": "10",
    "received_fax": "0",
    "received_online": "25",
    "received_letter": "5",
    "requests_closed": "38",
    "closed_on_time": "36",
    "closed_extended": "2",
    "replies": "38",
    "reply_already_public": "8",
    "reply_granted": "12",
    "reply_granted_in_part": "3",
    "reply_refused": "6",
    "refused_state_secret": "1",
    "refused_trade_secret": "1",
    "refused_privacy": "2",
    "refused_security_stability": "0",
    "refused_not_government_information": "1",
    "refused_other_legal": "1",
    "reply_other_organ": "4",
    "reply_not_exist": "3",
    "reply_amend": "1",
    "reply_other_route": "1",
    "review": "3",
    "review_upheld": "2",
    "review_corrected": "1",
    "review_other": "0",
    "litigation": "2",
    "litigation_upheld": "1",
    "litigation_corrected": "0",
    "litigation_other": "1",
    "complaints": "11",
    "request_fees": "0.35",
    "dedicated_offices": "12",
    "reading_points": "7",
    "staff": "30",
    "staff_full_time": "6",
    "staff_part_time": "24",
    "dedicated_budget": "18.5",
    "meetings_held": "4",
    "training_courses": "3",
    "people_trained": "160",
}
TITLE = "柳湾县2016年政府信息公开工作年度报告"
PROSE = (
    TITLE,
    "根据《条例》要求，编制本报告。",
    "一、概述",
    "2016年，全县把信息公开列入工作要点，明确由办公室牵头。",
    "二、主动公开情况",
    "公开目录已经更新，内容涉及机构职能和经费安排。",
    "三、依申请公开情况",
    "申请全部按时答复。",
    "四、存在的问题",
    "内容还不够全面。",
)
Row = tuple[str, str, str, str]


def printed(values: dict[str, str] | None = None) -> Iterator[Row]:
    """Key, label, unit and value of all 65 rows as the form prints them."""
    shown = VALUES if values is None else values
    for row in form(STATISTICS_2014).table("statistics").rows:
        if row.is_data:
            yield row.key, row.printed, row.unit or "", shown[row.key]
        else:
            yield row.key, row.printed, "——", "——"


def page(rows: Iterable[Iterable[str]], *, prose: Iterable[str] = PROSE, title: str = TITLE) -> str:
    table = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in rows)
    body = "".join(f"<p>{t}</p>" for t in prose)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"{body}<p>政府信息公开情况统计表</p><table>{table}</table></body></html>"
    )


HEAD = ("统计指标", "单位", "统计数")


def html(values: dict[str, str] | None = None) -> str:
    return page([HEAD, *((label, unit, value) for _, label, unit, value in printed(values))])


def text(lines: Iterable[str]) -> str:
    return "\n".join([*PROSE, "附表", "政府信息公开情况统计表", *lines])


def assert_all(report: gov.Report) -> None:
    assert report.form == STATISTICS_2014
    found = {f.row: (f.value, f.state) for f in report}
    expected = {
        k: (Decimal(v) if k in ("request_fees", "dedicated_budget") else int(v), State.REPORTED)
        for k, v in VALUES.items()
    }
    assert found == expected
    assert [c.state for c in report.checks] == [CheckState.HOLDS] * 7


# -- the form --------------------------------------------------------------------------------------


def test_the_form_has_58_figures_and_7_sums_and_stands_after_the_annual_forms() -> None:
    assert [f.id for f in all_forms()] == ["ogi_annual_2021", "ogi_annual_2019", STATISTICS_2014]
    assert [f.id for f in gov.forms()] == [f.id for f in all_forms()]
    assert [f.id for f in forms()] == ["ogi_annual_2021", "ogi_annual_2019"]
    own = form(STATISTICS_2014)
    assert (len(own.tables[0].rows), len(own.figures), len(own.identities)) == (65, 58, 7)
    assert own.figure_count == 58
    assert own.confidence == "medium-low"
    assert own.basis == "国办发〔2014〕32号"
    assert set(VALUES) == {f.row.key for f in own.figures}
    assert pickle.loads(pickle.dumps(own.layout)) is own.layout


def test_every_row_named_in_a_rule_exists() -> None:
    keys = {i.key for i in indicators(STATISTICS_2014) if i.is_data}
    for rule in soft_rules():
        assert {rule.left, *rule.right} <= keys
    assert len(indicators("ogi_stats_regional_shanghai")) == 54


def test_units_are_those_of_the_form() -> None:
    units = {f.row.key: f.unit for f in form(STATISTICS_2014).figures}
    assert units["proactive_items"] == "条"
    assert units["policy_explainers"] == "篇"
    assert units["people_trained"] == "人次"
    assert units["request_fees"] == "万元"


# -- every way of writing it -----------------------------------------------------------------------


def test_an_html_table() -> None:
    report = gov.parse(html())
    assert_all(report)
    assert report.year == 2016
    fee = report["statistics/request_fees/value"]
    assert (fee.value, fee.unit, fee.raw) == (Decimal("0.35"), "万元", "0.35")
    assert fee.locator is not None
    # header, then row 54 of the form; third column
    assert (fee.locator.table, fee.locator.row, fee.locator.column) == (1, 55, 3)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("统计指标 | 单位 | 统计数 | ", "{1} | {2} | {3} | "),
        ("统计指标 | 单位 | 统计数 | |||", "{1} | {2} | {3} | |||"),
        ("| 统计指标 | 单位 | 统计数 |", "| {1} | {2} | {3} |"),
        ("统计指标 |\n单位 |\n统计数 |", "{1} |\n{2} |\n{3} |"),
        ("|\n统计指标 |\n单位 |\n统计数 |", "|\n{1} |\n{2} |\n{3} |"),
        ("统计指标\n|\n单位\n|\n统计数\n|", "{1}\n|\n{2}\n|\n{3}\n|"),
        ("统计指标\n单位\n统计数", "{1}\n{2}\n{3}"),
        ("统计指标 单位 统计数", "{1} {2} {3}"),
        ("统计指标\t单位\t统计数", "{1}\t{2}\t{3}"),
        ("统计指标单位统计数", "{1}{2}{3}"),
        ("序号 | 统计指标 | 单位 | 统计数 | ", "{0} | {1} | {2} | {3} | "),
        ("序号\n统计指标\n单位\n统计数", "{0}\n{1}\n{2}\n{3}"),
        ("序号 统计指标 单位 统计数", "{0} {1} {2} {3}"),
        ("", "{1} | {2} | {3} | "),
    ],
    ids=[
        "bars", "pads", "leading bar", "cell a line", "row opened by a bar", "alternating",
        "value a line", "blanks", "tabs", "joined", "numbered bars", "numbered lines",
        "numbered blanks", "no header",
    ],
)  # fmt: skip
def test_dialects_of_text(head: str, line: str) -> None:
    rows = [
        line.format(n, label, unit, value) for n, (_, label, unit, value) in enumerate(printed(), 1)
    ]
    assert_all(gov.parse(text([head, *rows, "单位负责人：王某　审核人：李某"])))


def test_a_numbered_grid_with_remarks() -> None:
    head = ("序号", "统计指标", "单位", "统计数", "备注")
    rows = [
        (str(n), la, u, v, "自填" if n == 2 else "") for n, (_, la, u, v) in enumerate(printed(), 1)
    ]
    report = gov.parse(page([head, *rows]))
    assert_all(report)
    assert report.extra_rows[1]["number"] == "2"


def test_traditional_script_and_other_numerals() -> None:
    rows = []
    for _, label, unit, value in printed():
        other = (
            label.replace("（", "(").replace("）", ")").replace("1.", "１．").replace("2.", "2、")
        )
        rows.append(
            (other.replace("数", "數").replace("开", "開").replace("申请", "申請"), unit, value)
        )
    assert_all(gov.parse(page([HEAD, *rows])))


def test_the_table_in_two_pieces_with_its_header_again() -> None:
    rows = [(label, unit, value) for _, label, unit, value in printed()]
    first, second = page([HEAD, *rows[:30]]), page([HEAD, *rows[30:]], prose=())
    assert_all(gov.parse(first.replace("</body></html>", "") + second[second.index("<table>") :]))


def test_a_group_column_before_the_label() -> None:
    rows: list[tuple[str, ...]] = []
    for _, label, unit, value in printed():
        rows.append(("依申请公开", label, unit, value) if label.startswith("（一）收到") else
                    (label, unit, value))  # fmt: skip
    assert_all(gov.parse(page([HEAD, *rows])))


# -- rows are told by their words, never by their number -----------------------------------------


def test_local_rows_in_between_move_nothing_and_are_kept() -> None:
    rows = [(label, unit, value) for _, label, unit, value in printed()]
    rows[4:4] = [
        ("主动公开机构领导、机构设置及人事信息", "条", "77"),
        ("主动公开行政审批信息", "条", "8"),
    ]
    report = gov.parse(page([HEAD, *rows]))
    assert_all(report)
    local = [r for r in report.extra_rows if r["row"] is None]
    assert [(r["label"], r["unit"], r["value"]) for r in local] == [
        ("主动公开机构领导、机构设置及人事信息", "条", 77),
        ("主动公开行政审批信息", "条", 8),
    ]


def test_a_missing_row_is_absent_and_its_neighbours_stay() -> None:
    for missing in ("received_fax", "review", "staff_part_time", "refused_privacy"):
        rows = [(la, u, v) for k, la, u, v in printed() if k != missing]
        report = gov.parse(page([HEAD, *rows]))
        path = f"statistics/{missing}/value"
        assert report[path].state is State.ABSENT
        assert report[path].value is None
        others = {f.row: f.raw for f in report if f.row != missing}
        assert others == {k: v for k, v in VALUES.items() if k != missing}


def test_rows_of_one_wording_go_to_the_head_above() -> None:
    report = gov.parse(html(VALUES | {"review_corrected": "71", "litigation_corrected": "93"}))
    assert report["statistics/review_corrected/value"].value == 71
    assert report["statistics/litigation_corrected/value"].value == 93


def test_such_rows_without_a_head_are_nobodys() -> None:
    heads = ("review", "review_upheld", "litigation", "litigation_upheld")
    rows = [(la, u, v) for k, la, u, v in printed() if k not in heads]
    report = gov.parse(page([HEAD, *rows]))
    for key in ("review_corrected", "litigation_corrected", "review_other", "litigation_other"):
        assert report[f"statistics/{key}/value"].state is State.ABSENT
    loose = [r["label"] for r in report.extra_rows if r["row"] is None]
    assert loose == ["（二）被依法纠错数", "（三）其他情形数"] * 2


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("（一）收到申请数", "requests_received"),
        ("(一)收到申请数", "requests_received"),
        ("3．网络申请数", "received_online"),
        ("网上申请数", "received_online"),
        ("其中：主动公开规范性文件数", "proactive_normative_items"),
        ("（一）主动公开政府信息数", "proactive_items"),
        ("1.专职人员数", "staff_full_time"),
        ("行政复议数量", "review"),
        ("四、行政复议数", "review"),
        ("（一）维持具体行政行为或驳回原告诉讼请求数", "litigation_upheld"),
        ("不是《条例》所指政府信息数", "refused_not_government_information"),
        ("危及国家安全、公共安全、经济安全和社会稳定", "refused_security_stability"),
    ],
)
def test_wordings_of_a_label(label: str, key: str) -> None:
    found = indicator_rows(label)
    assert found is not None
    assert [r.key for r in found.rows if r.form == STATISTICS_2014] == [key]


@pytest.mark.parametrize(
    "label",
    [
        "",
        "公开",
        "电子公告申请数",
        "政务客户端公开政府信息数",
        "申请",
        "2016年",
        "政务微公开政府信息数",
    ],
)
def test_other_words_name_no_row_of_the_table(label: str) -> None:
    found = indicator_rows(label)
    assert found is None or all(r.form != STATISTICS_2014 for r in found.rows)


def test_numerals_and_remarks_are_no_part_of_a_label() -> None:
    assert bare_label("其中：1.当面申请数（件）") == bare_label("（1）当面申请数") == "当面申请数"
    assert bare_label("一般公共服务数") == "一般公共服务数"  # 一 is no numeral here


# -- values ----------------------------------------------------------------------------------------


def test_blank_dash_and_unreadable_cells() -> None:
    report = gov.parse(html(VALUES | {"received_fax": "", "reply_amend": "—", "staff": "若干"}))
    states = report.states
    assert states["statistics/received_fax/value"] is State.BLANK
    assert states["statistics/reply_amend/value"] is State.DASH
    assert states["statistics/staff/value"] is State.UNREADABLE
    assert report["statistics/staff/value"].raw == "若干"
    assert report["statistics/received_fax/value"].value is None


def test_a_cell_lost_in_bars_is_absent_and_not_blank() -> None:
    rows = [f"{la} | {u} | {v} | " for _, la, u, v in printed()]
    rows = [r.replace("件 | 10 | ", "件 | |") if "当面" in r else r for r in rows]
    report = gov.parse(text(["统计指标 | 单位 | 统计数 | ", *rows]))
    assert report["statistics/received_in_person/value"].state is State.ABSENT
    assert report["statistics/received_fax/value"].value == 0


def test_a_printed_unit_wins_over_the_forms() -> None:
    rows = [(la, "元" if k == "request_fees" else u, "3500" if k == "request_fees" else v)
            for k, la, u, v in printed()]  # fmt: skip
    fee = gov.parse(page([HEAD, *rows]))["statistics/request_fees/value"]
    assert (fee.value, fee.unit) == (Decimal(3500), "元")


def test_a_unit_in_the_cell() -> None:
    explainers = gov.parse(html(VALUES | {"policy_explainers": "21篇"}))
    assert explainers["statistics/policy_explainers/value"].value == 21


def test_several_value_columns_without_a_plain_one_choose_none() -> None:
    head = ("统计指标", "单位", "区政府统计数", "区直单位统计数", "乡镇街道统计数")
    rows = [
        (la, u, v, "——", "——") if u == "——" else (la, u, v, "2", "3") for _, la, u, v in printed()
    ]
    report = gov.parse(page([head, *rows]))
    figure = report["statistics/requests_received/value"]
    assert (figure.state, figure.value) == (State.AMBIGUOUS, None)
    assert figure.raw == "40 | 2 | 3"
    assert not any(f.state is State.REPORTED for f in report)
    assert "statistics_columns" in {f.code for f in report.findings}
    row = next(r for r in report.extra_rows if r["row"] == "requests_received")
    assert (row["cells"], row["heads"]) == (["40", "2", "3"], list(head[2:]))
    assert row["value"] is None


def test_the_years_own_column_among_several_is_chosen() -> None:
    head = ("统计指标", "单位", "2016年度", "历年累计")
    rows = [(la, u, v, v if u == "——" else "9999") for _, la, u, v in printed()]
    assert_all(gov.parse(page([head, *rows])))


def test_which_column_is_plain() -> None:
    assert chosen_column(("统计数",), None) == 0
    assert chosen_column(("本月累计", "本年累计"), 2010) == 1
    assert chosen_column(("2009年度", "历年累计"), 2009) == 0
    assert chosen_column(("2009年度", "历年累计"), 2010) is None
    assert chosen_column(("区政府统计数", "合计", "乡镇统计数"), None) == 1
    assert chosen_column(("合计", "总计"), None) is None


def test_more_numbers_than_columns_are_kept_and_not_chosen() -> None:
    rows = [f"{la} | {u} | {v} | " for _, la, u, v in printed()]
    rows = [r.replace("| 25 |", "| 2 | 5 |") for r in rows]
    report = gov.parse(text(["统计指标 | 单位 | 统计数 | ", *rows]))
    figure = report["statistics/received_online/value"]
    assert (figure.state, figure.raw) == (State.AMBIGUOUS, "2 | 5")
    assert report["statistics/received_letter/value"].value == 5


def test_a_row_printed_twice_with_other_numbers_is_not_chosen() -> None:
    rows = [(la, u, v) for _, la, u, v in printed()]
    report = gov.parse(page([HEAD, *rows, ("1.当面申请数", "件", "11")]))
    assert report["statistics/received_in_person/value"].state is State.AMBIGUOUS
    assert "row_twice" in {f.code for f in report.findings}
    same = gov.parse(page([HEAD, *rows, ("1.当面申请数", "件", "10")]))
    assert same["statistics/received_in_person/value"].value == 10


# -- checks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "identity"),
    [
        ("received_online", "s_received"),
        ("closed_extended", "s_closed"),
        ("reply_not_exist", "s_replies"),
        ("refused_privacy", "s_refused"),
        ("review_other", "s_review"),
        ("litigation_upheld", "s_litigation"),
        ("staff_full_time", "s_staff"),
    ],
)
def test_one_changed_number_breaks_its_own_sum_only(row: str, identity: str) -> None:
    report = gov.parse(html(VALUES | {row: "99"}))
    broken = [c.id for c in report.checks if c.state is CheckState.BROKEN]
    assert broken == [identity]
    codes = [f.code for f in report.findings if f.severity == "error"]
    assert codes == ["identity_broken"]


def relations(**changed: str) -> list[str]:
    report = gov.parse(html(VALUES | changed))
    return [dict(f.detail)["id"] for f in report.findings if f.code == "statistics_relation"]


def test_soft_relations_are_warnings() -> None:
    assert relations() == []
    assert relations(proactive_items="1251") == ["s_channels"]  # 1250 over the channels
    assert relations(proactive_items="1250") == []
    assert relations(press_conferences_principal="4") == ["s_press_conferences"]
    assert relations(online_interviews_principal="5") == ["s_online_interviews"]
    assert relations(proactive_normative_items="1201") == ["s_normative_items"]
    assert relations(requests_closed="37", closed_on_time="35") == ["s_closed_replies"]
    assert relations(requests_closed="", replies="38") == []  # a blank says nothing


# -- which form ------------------------------------------------------------------------------------


def test_eight_rows_make_the_form_and_seven_do_not() -> None:
    rows = [(la, u, v) for _, la, u, v in printed() if u != "——"]
    eight, seven = gov.parse(page([HEAD, *rows[:8]])), gov.parse(page([HEAD, *rows[:7]]))
    assert eight.form == STATISTICS_2014
    assert eight.completeness["absent"] == 50
    assert seven.form == "narrative"
    assert len(seven) == 0
    assert [r["row"] for r in seven.extra_rows] == [k for k, _, u, _ in printed() if u != "——"][:7]


def test_the_empty_table_of_a_notice_is_no_report() -> None:
    empty = dict.fromkeys(VALUES, "")
    title = "关于报送政府信息公开情况统计表的通知"
    rows = [(la, u, v) for _, la, u, v in printed(empty)]
    with pytest.raises(gov.NotAReportError):
        gov.parse(page([HEAD, *rows], prose=(title,), title=title))


def test_the_annex_alone_is_read_and_the_table_of_a_quarter_is_not() -> None:
    rows = [(la, u, v) for _, la, u, v in printed()]
    title = "柳湾县2016年度政府信息公开情况统计表"
    assert_all(gov.parse(page([HEAD, *rows], prose=(title,), title=title)))
    title = "柳湾县2016年第一季度政府信息公开情况统计表"
    with pytest.raises(gov.NotAReportError):
        gov.parse(page([HEAD, *rows], prose=(title,), title=title))


def test_older_reports_are_never_dressed_up_as_the_annual_forms() -> None:
    for year in (2009, 2014, 2018):
        prose = tuple(t.replace("2016", str(year)) for t in PROSE)
        report = gov.parse("\n".join(prose))
        assert report.form == "narrative"
        assert len(report) == 0
        assert not any(f.code == "table_missing" for f in report.findings)
        assert not any(f.severity == "error" for f in report.findings)
    undated = [t.replace("2016年", "") for t in PROSE]
    assert gov.parse("\n".join(undated)).form == "narrative"


# -- generic rows ----------------------------------------------------------------------------------

REGIONAL = (
    ("指标名称", "计算单位", "代码", "本月累计", "本年累计"),
    ("主动信息公开", "条", "01", "12", "345"),
    ("其中：全文电子化的主动公开信息数", "条", "02", "11", "330"),
    ("网站专栏页面访问量", "人次", "06", "—", "80012"),
    ("申请总次数", "条", "12", "3", "20"),
    ("其中：1.当面申请数", "条", "13", "1", "8"),
    ("3.电子邮件申请数", "条", "15", "2", "12"),
    ("收取费用总额", "元", "37", "0", "15.5"),
)


@pytest.mark.parametrize("as_text", [False, True])
def test_a_regional_coded_table_gives_generic_rows_with_its_own_keys(as_text: bool) -> None:
    prose = tuple(t.replace("2016", "2010") for t in PROSE)
    if as_text:
        source = "\n".join([*prose, *(" | ".join(r) + " | " for r in REGIONAL)])
    else:
        source = page(REGIONAL, prose=prose)
    report = gov.parse(source)
    assert report.form == "narrative"
    rows = report.extra_rows
    assert [(r["row"], r["unit"], r["code"], r["value"]) for r in rows] == [
        ("proactive_items", "条", "01", 345),
        ("proactive_fulltext", "条", "02", 330),
        ("column_visits", "人次", "06", 80012),
        ("requests_received", "条", "12", 20),
        ("received_in_person", "条", "13", 8),
        ("received_email", "条", "15", 12),
        ("fees_total", "元", "37", 15.5),
    ]
    assert {r["form"] for r in rows} == {"ogi_stats_regional_shanghai"}
    assert {r["table"] for r in rows} == {"indicators"}
    assert rows[2]["cells"] == ["—", "80012"]
    assert rows[0]["heads"] == ["本月累计", "本年累计"]
    assert all(r["locator"] for r in rows)


def test_an_unknown_table_with_units_is_kept_row_by_row() -> None:
    rows = (
        ("指标", "计量单位", "数量"),
        ("设立咨询点", "个", "4"),
        ("发放资料", "份", "1000"),
        ("接待来访", "人次", ""),
    )
    report = gov.parse(page(rows))
    assert [(r["label"], r["unit"], r["value"], r["state"]) for r in report.extra_rows] == [
        ("设立咨询点", "个", 4, "reported"),
        ("发放资料", "份", 1000, "reported"),
        ("接待来访", "人次", None, "blank"),
    ]
    assert {r["row"] for r in report.extra_rows} == {None}


def test_a_table_of_something_else_is_left_alone() -> None:
    rows = (("姓名", "职务", "分工"), ("王某", "局长", "全面工作"), ("李某", "副局长", "公开工作"))
    assert gov.parse(page(rows)).extra_rows == ()


def test_names_and_telephones_below_the_table_are_no_rows() -> None:
    rows = [(la, u, v) for _, la, u, v in printed()]
    foot = [("单位负责人：王某", "审核人：李某", "填报人：张某"), ("联系电话", "0566-6022233", "")]
    report = gov.parse(page([HEAD, *rows, *foot]))
    assert_all(report)
    assert len(report.extra_rows) == 65


# -- sections --------------------------------------------------------------------------------------


def test_the_table_leaves_the_text_of_its_section() -> None:
    report = gov.parse(text([f"{la} | {u} | {v} | " for _, la, u, v in printed()]))
    assert [s.key for s in report.sections if s.key != "preamble"] == [
        "overview",
        "proactive_disclosure",
        "requests",
        "problems_and_improvements",
    ]
    assert "当面申请数" not in "".join(s.text for s in report.sections)
    assert report.sections[-1].text.startswith("内容还不够全面。")


def test_a_narrative_keeps_its_own_numbered_parts() -> None:
    lines = [
        "柳湾县水利局2012年政府信息公开工作年度报告",
        "根据条例要求，现公布本年度报告。",
        "一、组织领导有力",
        "成立领导小组，局长任组长。" * 8,
        "二、制度逐步健全",
        "修订三项制度。" * 12,
        "三、平台不断完善",
        "网站改版上线。" * 12,
        "四、下一步打算",
        "继续加强培训。" * 12,
    ]
    report = gov.parse("\n".join(lines))
    assert report.form == "narrative"
    assert [(s.key, s.heading) for s in report.sections] == [
        ("preamble", ""),
        ("narrative_1", "一、组织领导有力"),
        ("narrative_2", "二、制度逐步健全"),
        ("narrative_3", "三、平台不断完善"),
        ("problems_and_improvements", "四、下一步打算"),  # the forms know these words
    ]
    assert report.sections[1].text == lines[3]


def test_a_narrative_without_headings_is_one_part() -> None:
    body = "2011年，我局共公开信息三百条，内容涉及机构设置、办事指南和工作动态。" * 14
    report = gov.parse(f"柳湾县水利局2011年政府信息公开工作年度报告\n{body}")
    assert [(s.key, s.text) for s in report.sections] == [("narrative_1", body)]


# -- as a record -----------------------------------------------------------------------------------


def test_the_record_survives_json_pickle_and_frames() -> None:
    report = gov.parse(html())
    data = json.loads(report.to_json())
    assert data["form"] == STATISTICS_2014
    assert data["forms"] == {"statistics": STATISTICS_2014}
    assert json.loads(report_from_dict(data).to_json()) == data
    assert pickle.loads(pickle.dumps(report)).to_json() == report.to_json()
    wide = gov.to_frame([report], "wide").iloc[0]
    assert wide["st_requests_received"] == 40
    assert wide["st_dedicated_budget_wan"] == 18.5
    long = gov.to_frame([report], "long")
    assert len(long) == 58
    assert report.table("statistics").loc["replies", "value"] == 38


def test_a_figure_explains_itself() -> None:
    said = gov.parse(html()).explain("statistics/requests_received/value")
    assert "（一）收到申请数" in said
    assert "s_received" in said


# -- lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("收到申请数 | 件 | 40 | |||", ["收到申请数", "件", "40"]),
        ("| 收到申请数 | 件 |  |", ["收到申请数", "件", ""]),
        ("收到申请数\t件\t", ["收到申请数", "件", ""]),
        ("1. 当面申请数 件 10", ["1.当面申请数", "件", "10"]),
        ("3.网络申请数件25", ["3.网络申请数", "件", "25"]),
        ("接受培训人员数人次160", ["接受培训人员数", "人次", "160"]),
        ("依申请公开信息收取的费用万元0.35", ["依申请公开信息收取的费用", "万元", "0.35"]),
        ("2016年共收到申请40", ["2016年共收到申请40"]),
        ("", []),
    ],
)
def test_a_line_is_cut_into_cells(line: str, cells: list[str]) -> None:
    assert split_line(line) == cells


@pytest.mark.parametrize(
    "line",
    ["收到申请数 | 件 | 1", "统计指标 | 单位", "甲", "1", "收到申请数", "| | | |", "其中：" * 3],
)
def test_time_is_linear(line: str) -> None:
    assert_linear(lambda n: match_statistics([Paragraph(line, i) for i in range(n)]), 4_000)
