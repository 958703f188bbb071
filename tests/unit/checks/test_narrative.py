"""Sentences are made up; the count that each states was read by eye, not taken from the output."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from growth import assert_linear
from handmade import PD, RL, RQ, report

from govreport_parse.checks.narrative import (
    _side,
    check_narrative,
    narrative_rows,
    read_narrative,
)
from govreport_parse.report import Report, Section
from govreport_parse.values import State


def say(text: str, key: str = "overview", year: int | None = 2023, **more: Any) -> Report:
    return report(sections=(Section(key, "一、总体情况", text),), year=year, **more)


def counts(text: str, key: str = "overview", year: int | None = 2023) -> list[tuple[str, Any]]:
    return [(f.kind, f.value) for f in say(text, key, year).narrative]


# -- what is read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年共收到政府信息公开申请75件。", [("requests_received", 75)]),
        ("全年新收政府信息公开申请 1,234 件。", [("requests_received", 1234)]),
        ("收到公民、法人和其他组织提交的信息公开申请十二件。", [("requests_received", 12)]),
        ("本年度收到12件政府信息公开申请。", [("requests_received", 12)]),
        ("收到依申请公开政府信息１２件", [("requests_received", 12)]),
        ("本年度受理政府信息公开申请9件。", [("requests_accepted", 9)]),
        (
            "新收信息公开申请5件，上年结转1件，结转下年度继续办理2件。",
            [
                ("requests_received", 5),
                ("requests_carried_in", 1),
                ("requests_carried_forward", 2),
            ],
        ),
        (
            "收到公开申请9件，较去年增加3件，其余不计；已答复的申请中予以公开5件、部分公开2件、"
            "不予公开1件。",
            [
                ("requests_received", 9),
                ("granted", 5),
                ("granted_in_part", 2),
                ("refused", 1),
            ],
        ),
        ("答复的申请中予以公开及部分公开258件。", [("granted_or_in_part", 258)]),
        ("收取信息处理费0元。", [("information_fee", 0)]),
        ("收取信息公开处理费金额为120.5元。", [("information_fee", Decimal("120.5"))]),
        ("全年主动公开政府信息1200条。", [("items_published", 1200)]),
        ("现行有效行政规范性文件470件。", [("normative_documents_in_force", 470)]),
        ("制发行政规范性文件3件。", [("normative_documents_issued", 3)]),
        (
            "因政府信息公开被申请行政复议3件，被提起行政诉讼2起。",
            [("review", 3), ("litigation", 2)],
        ),
    ],
)
def test_counts_of_the_year_are_read(text: str, expected: list[tuple[str, Any]]) -> None:
    assert counts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年未收到政府信息公开申请。", [("requests_received", 0)]),
        ("本年度没有产生信息公开处理费。", [("information_fee", 0)]),
        ("没有因信息公开引起的行政复议和行政诉讼。", [("review", 0), ("litigation", 0)]),
        ("未发生政府信息公开行政复议案件。", [("review", 0)]),
    ],
)
def test_a_stated_none_is_zero(text: str, expected: list[tuple[str, Any]]) -> None:
    assert counts(text) == expected
    assert {f.how for f in say(text).narrative} == {"none_stated"}


@pytest.mark.parametrize(
    "text",
    [
        "2022年收到政府信息公开申请10件。",  # another year
        "去年收到政府信息公开申请10件。",
        "2008年以来累计收到政府信息公开申请100件。",
        "截至2023年6月，收到政府信息公开申请7件。",
        "一季度收到政府信息公开申请7件。",
        "2021年和2023年收到政府信息公开申请7件。",  # two years
        "收到群众来信12件，回复12件。",
        "收到行政许可申请12件。",
        "受理医保补贴申请12件。",
        "办理行政复议案件120件。",  # a justice bureau's own work
        "因政府信息公开被申请行政复议、行政诉讼共3件。",  # of both together
        "没有及时答复信息公开申请导致行政复议。",
        "收到政府信息公开申请1.2万件。",  # rounded
        "公开了第12条规定的信息。",
        "不予公开的理由见《条例》第14条。",
        "按照国办函〔2020〕109号信息处理费标准，2023年元月起执行。",
    ],
)
def test_other_times_and_other_things_are_left_alone(text: str) -> None:
    assert counts(text) == []


def test_reviews_need_no_word_on_disclosure_in_their_own_section() -> None:
    assert counts("行政复议3件，行政诉讼2件。") == []
    assert counts("行政复议3件，行政诉讼2件。", "review_and_litigation") == [
        ("review", 3),
        ("litigation", 2),
    ]


def test_a_bare_request_needs_disclosure_nearby() -> None:
    assert counts("收到申请12件。") == []
    assert counts("依申请公开。本年收到申请12件。") == [("requests_received", 12)]
    assert counts("收到申请12件。", "requests") == [("requests_received", 12)]


def test_rough_partial_and_channel_counts_are_marked() -> None:
    rough, channel = say("全年公开政府信息1200余条，通过政府网站公开信息900条。").narrative
    assert (rough.value, rough.is_exact, rough.is_comparable) == (1200, False, False)
    assert (channel.value, channel.scope, channel.is_comparable) == (900, "channel", False)
    about, part = say("公开信息约80条，其中公开信息30条。").narrative
    assert about.is_exact is False
    assert part.scope == "part"


def test_traditional_script_and_glosses_are_read_with_places_in_the_raw_text() -> None:
    text = "2023年，收到政府信息公開(kāi)申請１２件。現行有效規範性文件4件。"
    first, second = say(text).narrative
    assert (first.kind, first.value, text[first.start : first.end]) == (
        "requests_received",
        12,
        "１２",
    )
    assert (second.kind, text[second.start : second.end]) == ("normative_documents_in_force", "4")
    assert first.sentence == "2023年，收到政府信息公開(kāi)申請１２件"


def test_places_section_and_sentence_lead_back_to_the_text() -> None:
    text = "机构健全。2023年收到信息公开申请7件；按时答复。"
    (found,) = say(text, "requests").narrative
    assert text[found.start : found.end] == found.raw == "7"
    assert found.sentence == "2023年收到信息公开申请7件"
    assert found.section == "requests"


def test_without_a_year_one_year_in_the_text_is_trusted() -> None:
    assert counts("2021年收到信息公开申请7件。", year=None) == [("requests_received", 7)]


# -- against the tables ----------------------------------------------------------------------------


def table(new: int, carried: int = 0, **more: int) -> Mapping[str, int]:
    return {
        f"{RQ}/requests_received/total": new,
        f"{RQ}/requests_carried_in/total": carried,
        **more,
    }


def codes(made: Report, **options: Any) -> list[str]:
    return [f.code for f in check_narrative(made, **options)]


def test_a_contradiction_names_both_values_and_the_figures() -> None:
    made = say("2023年收到信息公开申请80件。", figures=table(74, 1))
    (found,) = check_narrative(made)
    assert (found.code, found.severity) == ("text_contradicts_table", "warning")
    detail = dict(found.detail)
    assert (detail["kind"], detail["text"], detail["table"]) == ("requests_received", 80, 74)
    assert f"{RQ}/requests_received/total" in found.figures
    assert "80" in found.message
    assert "74" in found.message


def test_new_requests_told_with_those_carried_in_are_no_contradiction() -> None:
    assert codes(say("2023年收到信息公开申请75件。", figures=table(74, 1))) == []
    assert codes(say("2023年收到信息公开申请74件。", figures=table(74, 1))) == []


@pytest.mark.parametrize("state", [State.BLANK, State.ABSENT, State.AMBIGUOUS, State.UNREADABLE])
def test_what_the_table_does_not_say_contradicts_nothing(state: State) -> None:
    made = say("2023年收到信息公开申请80件。", figures={f"{RQ}/requests_received/total": state})
    assert codes(made) == []


def test_a_blank_carried_in_counts_as_none() -> None:
    figures = {f"{RQ}/requests_received/total": 74, f"{RQ}/requests_carried_in/total": State.BLANK}
    assert codes(say("2023年收到信息公开申请74件。", figures=figures)) == []
    assert codes(say("2023年收到信息公开申请75件。", figures=figures)) == ["text_contradicts_table"]


def test_one_agreeing_statement_is_enough() -> None:
    text = "全市收到信息公开申请900件。市政府办公室收到信息公开申请74件。"
    assert codes(say(text, figures=table(74))) == []


def test_rough_and_partial_counts_are_not_compared() -> None:
    assert codes(say("收到信息公开申请近100件。", figures=table(74))) == []
    assert codes(say("通过网络收到信息公开申请10件。", figures=table(74))) == []


def test_published_contradictions_are_found() -> None:
    # the kinds of domain/evidence.md (d), in sentences of our own
    granted = {f"{RQ}/granted/total": 200, f"{RQ}/granted_in_part/total": 75}
    made = say("申请办结情况：予以公开及部分公开258件。", "requests", figures=granted)
    assert codes(made) == ["text_contradicts_table"]
    cases = {
        f"{RL}/review/total": 170,
        f"{RL}/litigation_direct/total": 60,
        f"{RL}/litigation_after_review/total": 17,
    }
    made = say("行政复议134件，行政诉讼57件。", "review_and_litigation", figures=cases)
    assert codes(made) == ["text_contradicts_table"] * 2
    stock = {f"{PD}/normative_documents/in_force": 470}
    assert codes(say("现行有效规范性文件393件。", figures=stock)) == ["text_contradicts_table"]


def test_lawsuits_may_be_told_together_or_of_one_kind() -> None:
    cases = {f"{RL}/litigation_direct/total": 3, f"{RL}/litigation_after_review/total": 2}
    for n, expected in ((5, []), (3, []), (2, []), (4, ["text_contradicts_table"])):
        made = say(f"行政诉讼{n}件。", "review_and_litigation", figures=cases)
        assert codes(made) == expected


def test_confirmations_only_when_asked_for() -> None:
    made = say("收到信息公开申请74件。", figures=table(74))
    assert codes(made) == []
    assert codes(made, confirms=True) == ["text_confirms"]


def test_fees_are_compared_with_the_table_of_2014_in_its_own_unit() -> None:
    figures = {"statistics/request_fees/value": Decimal("0.35"), "statistics/review/value": 3}
    same = say("收取信息处理费3500元。", year=2016, form_id="ogi_stats_2014", figures=figures)
    other = say("收取信息处理费350元。", year=2016, form_id="ogi_stats_2014", figures=figures)
    assert codes(same) == []
    assert codes(other) == ["text_contradicts_table"]


# -- as rows and in general ------------------------------------------------------------------------


def test_rows_name_the_report() -> None:
    made = say("2023年收到信息公开申请7件。", organ="某县教育局", division_code="341722")
    (row,) = narrative_rows([made])
    assert (row["report_id"], row["organ"], row["year"]) == (made.report_id, "某县教育局", 2023)
    assert (row["kind"], row["value"], row["unit"], row["scope"]) == (
        "requests_received",
        7,
        "件",
        "whole",
    )
    assert list(narrative_rows([report()])) == []


def test_a_copy_of_a_report_reads_its_text_again() -> None:
    made = say("2023年收到信息公开申请7件。")
    assert made.narrative
    assert pickle.loads(pickle.dumps(made)).narrative == made.narrative


@pytest.mark.parametrize(
    "unit",
    ["收到", "申请12件", "未收到公开", "公开信息1条，", "因信息公开", "未因", "12，", "结转"],
)
def test_time_is_linear(unit: str) -> None:
    assert_linear(lambda n: read_narrative(say(unit * n)), 8_000, what=unit)


@pytest.mark.parametrize(
    "text",
    [
        "各乡镇（街道）共收到政府信息公开申请35件，县直部门共收到政府信息公开申请20件。",
        "县政府办公室本级收到政府信息公开申请2件，予以公开1件，不予公开1件。",
        "局属单位及直属单位收到政府信息公开申请3件。",
    ],
)
def test_counts_of_some_offices_are_parts(text: str) -> None:
    figures = say(text).narrative
    assert figures
    assert {f.scope for f in figures} == {"part"}


@pytest.mark.parametrize(
    "text",
    [
        "全县各级各部门共收到政府信息公开申请35件。",
        "各部门高度重视，全年收到政府信息公开申请35件。",
        "县本级及各乡镇共计收到政府信息公开申请35件。",
    ],
)
def test_counts_of_all_offices_are_whole(text: str) -> None:
    (figure,) = say(text).narrative
    assert (figure.kind, figure.value, figure.scope) == ("requests_received", 35, "whole")


@pytest.mark.parametrize("blank", ["granted", "granted_in_part"])
def test_a_blank_beside_a_number_counts_as_none_of_it(blank: str) -> None:
    other = {"granted": "granted_in_part", "granted_in_part": "granted"}[blank]
    figures = {f"{RQ}/{blank}/total": State.BLANK, f"{RQ}/{other}/total": 4}
    side = _side(report(figures), "granted_or_in_part")
    assert side is not None
    assert side.values == (4,)
    neither = {f"{RQ}/{key}/total": State.BLANK for key in (blank, other)}
    assert _side(report(neither), "granted_or_in_part") is None
