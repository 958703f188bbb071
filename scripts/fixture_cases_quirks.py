"""Quirks that were seen in published reports (domain guide 2.1 to 2.6, evidence c), one each.

The source is a generated page in which the quirk was written by hand; what follows from it stands
in the docstring and in the expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fixture_case import BY_HAND, FORM_2019, FORM_2021, SHAPES, Case, Truth
from fixture_cases_damage import _simple as simple
from fixture_cases_damage import edited, html, plain, record

from govreport_parse.testing import CellText, grids_of, render_text
from govreport_parse.testing.script import traditional
from govreport_parse.values import State

QUIRK_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    QUIRK_CASES.append(build)
    return build


@case
def quirk_numerals_with_other_signs() -> Case:
    """1、 and 2． for 1. and 2., (七) for （七）: the same rows."""
    r = record(701)
    c = html(r, grids_of(r), Truth(r), "label_numerals")
    text = c.source.decode()
    for old, new in (
        ("<td>1.", "<td>1、"),
        ("<td>2.", "<td>2．"),
        ("（七）总计", "(七)总计"),
        ("（三）不予公开", "(三)不予公开"),
    ):
        assert old in text or old.replace("<td>", '<td colspan="1">') in text
        text = text.replace(old, new)
    return c.but(source=text.encode())


@case
def quirk_labels_with_blanks_and_breaks() -> Case:
    """Labels with blanks, line breaks and ideographic spaces between their signs."""
    r = record(702)
    c = html(r, grids_of(r), Truth(r), "label_blanks")
    return edited(
        c,
        ("<td>自然人</td>", "<td>自 然 人</td>") if "<td>自然人</td>" in c.source.decode()
        else ('<td rowspan="2">自然人</td>', '<td rowspan="2">自 然 人</td>'),
        ("<td>行政处罚</td>", "<td>行　政　处　罚</td>"),
        ("<td>行政许可</td>", "<td>行政<br>许可</td>"),
    )  # fmt: skip


@case
def quirk_other_handling_short() -> Case:
    """（六）其他 for （六）其他处理, in a form of 2019."""
    r = record(703, FORM_2019)
    c = html(r, grids_of(r), Truth(r), "label_alias")
    return edited(c, ("（六）其他处理", "（六）其他"))


@case
def quirk_padded_cells() -> Case:
    """White space, nbsp and zero-width signs around and inside cells change nothing."""
    r = record(704)
    path = "proactive_disclosure/penalties/decisions"
    r = r.with_cell(path, CellText("1268", 1268, State.REPORTED, r.cells[path].unit))
    pad = "&nbsp;&nbsp; 1268 &nbsp;"
    truth = Truth(r)
    c = html(r, grids_of(r), truth, "padding")
    return edited(c, ('<td colspan="3">1268</td>', f'<td colspan="3">{pad}</td>'))


@case
def quirk_fee_in_yuan_without_unit() -> Case:
    """251000 in the column of 万元: kept as it stands, nothing is converted."""
    r = record(705)
    path = "proactive_disclosure/administrative_fees/amount"
    r = r.with_cell(path, CellText("251000", 251000, State.REPORTED, "万元"))
    return html(r, grids_of(r), Truth(r), "unit")


@case
def quirk_unit_word_in_count() -> Case:
    """12件 and 3 项 in columns of counts."""
    r = record(706)
    one, two = (
        "proactive_disclosure/normative_documents/issued",
        "proactive_disclosure/coercive_measures/decisions",
    )
    r = r.with_cell(one, CellText("12件", 12, State.REPORTED, "件"))
    r = r.with_cell(two, CellText("3 件", 3, State.REPORTED, "件"))
    return html(r, grids_of(r), Truth(r), "unit")


@case
def quirk_question_marks_of_mirror() -> Case:
    """A mirror host in which each NBSP became ?: ? alone is a blank cell, never a number."""
    r = record(707, size="small")
    pd = "proactive_disclosure/rules/"
    for column in ("issued", "repealed", "in_force"):
        r = r.with_cell(pd + column, CellText("?", None, State.BLANK, r.cells[pd + column].unit))
    rendered = render_text(r, "D2", headers="whole")
    truth = Truth(
        r,
        script=traditional,
        findings=("mirror_text", "cell_repaired"),
        facts={"repairs": {"question_mark_nbsp": 3}},
    )
    return Case(
        traditional(rendered.text).encode(),
        ".txt",
        "text",
        (truth,),
        tags=("text", "dialect_D2", "traditional", "mirror", "question_marks"),
        how=BY_HAND,
    )


@case
def quirk_title_in_two_lines() -> Case:
    """Organ and title on two lines of the page."""
    organ = "沙溪县自然资源和规划局"
    title = f"{organ}2023年政府信息公开工作年度报告"
    r = simple(organ, 2023, title, 708)
    c = html(r, grids_of(r), Truth(r), "title")
    return edited(
        c,
        (f"<h1>{title}</h1>", f"<p>{organ}</p>\n<p>2023年政府信息公开工作年度报告</p>"),
    )


@case
def quirk_year_first_in_title() -> Case:
    """2022年度 before the organ, 年报 for 年度报告."""
    organ = "临溪区市场监督管理局"
    title = f"2022年度{organ}政府信息公开年报"
    r = simple(organ, 2022, title, 709)
    return html(r, grids_of(r), Truth(r), "title")


@case
def quirk_lost_date_signs() -> Case:
    """The extraction lost 年, 月 and 日: 202211日至1231日 gives no date; the title has the year."""
    organ = "望川市财政局"
    title = f"{organ}2022年政府信息公开工作年度报告"
    r = replace(
        simple(organ, 2022, title, 710),
        preamble=("本报告统计期限自202211日起至1231日止，格式依照〔202130号文件。",),
    )
    return plain(r, Truth(r), "dates")


@case
def quirk_article_in_br_lines() -> Case:
    """Text in one div with <br>, tables between."""
    r = record(711)
    c = html(r, grids_of(r), Truth(r), "br_lines")
    text = c.source.decode().replace("<p>", "").replace("</p>", "<br>")
    return c.but(source=text.encode())


@case
def quirk_heading_in_table_row() -> Case:
    """Each table carries its section's heading as a first row; none stands before it."""
    r = record(712)
    first, second, third = SHAPES[FORM_2021]
    bigger = ("15 x 4", "29 x 10", "5 x 15")
    assert (first, second, third) == ("14 x 4", "28 x 10", "4 x 15")
    c = html(r, grids_of(r), Truth(r, bigger), "heading_in_table")
    text = c.source.decode()
    for heading, width in (
        ("二、主动公开政府信息情况", 4),
        ("三、收到和处理政府信息公开申请情况", 10),
        ("四、政府信息公开行政复议、行政诉讼情况", 15),
    ):
        old = f'<p>{heading}</p>\n<table border="1">\n'
        assert text.count(old) == 1
        text = text.replace(
            old, f'<table border="1">\n<tr><td colspan="{width}">{heading}</td></tr>\n'
        )
    return c.but(source=text.encode())


@case
def quirk_notes_below_table() -> Case:
    """注 below a table is text of its section, no row."""
    r = record(713)
    note = "注：以上数据由各股室统计汇总，单位为件。"
    r = replace(r, sections={**r.sections, "requests": (note,)})
    c = html(r, grids_of(r), Truth(r), "notes")
    text = c.source.decode()
    assert text.count(f"<p>{note}</p>\n") == 1
    text = text.replace(f"<p>{note}</p>\n", "")
    four = "<p>四、政府信息公开行政复议、行政诉讼情况</p>"
    return c.but(source=text.replace(four, f"<p>{note}</p>\n{four}").encode())


@case
def quirk_comment_and_template_table() -> Case:
    """A table in a comment and one in a template of the page are no tables of the report."""
    r = record(714)
    c = html(r, grids_of(r), Truth(r), "hidden_markup")
    rows = "".join(f"<tr><td>{t}</td><td>777</td></tr>" for t in ("行政许可", "行政处罚"))
    fake = f"<table>{rows}</table>"
    return edited(
        c,
        ("<body>\n", f"<body>\n<!-- {fake} -->\n<template>{fake}</template>\n"),
    )


@case
def quirk_blank_totals_2021() -> Case:
    """总计 blank in every outcome row; parts are given, so row sums are not checkable."""
    r = record(715, style="blank_totals")
    return html(r, grids_of(r), Truth(r), "blanks")


@case
def quirk_no_unit_in_header() -> Case:
    """本年收费金额 without （单位：万元）."""
    r = record(716)
    c = html(r, grids_of(r), Truth(r), "header_reworded")
    return edited(c, ("本年收费金额（单位：万元）", "本年收费金额"))
