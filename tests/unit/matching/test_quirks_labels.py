"""Labels as published reports print them (domain guide 2.1, 2.2; evidence c): one test each.

The reports are drawn with figures that are all different where it matters, so that a row or a
column read in another's place can't go unnoticed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from govreport_parse.matching.labels import request_column, review_column, row_label
from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import Record, grids_of, record_of, render_html, render_text
from govreport_parse.testing.generate import outcome_rows
from govreport_parse.testing.grids import Grid, GridCell
from govreport_parse.values import Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
FORM_2021, FORM_2019, HYBRID = "ogi_annual_2021", "ogi_annual_2019", "hybrid"

TABLE_2: Mapping[str, dict[str, Number]] = {
    FORM_2021: {
        f"{PD}/rules/issued": 2,
        f"{PD}/rules/repealed": 1,
        f"{PD}/rules/in_force": 14,
        f"{PD}/normative_documents/issued": 5,
        f"{PD}/normative_documents/repealed": 3,
        f"{PD}/normative_documents/in_force": 61,
        f"{PD}/licensing/decisions": 1207,
        f"{PD}/penalties/decisions": 348,
        f"{PD}/coercive_measures/decisions": 29,
        f"{PD}/administrative_fees/amount": 77,
    },
    FORM_2019: {
        f"{PD}/rules/newly_made": 2,
        f"{PD}/rules/newly_published": 1,
        f"{PD}/rules/published_total": 14,
        f"{PD}/normative_documents/newly_made": 5,
        f"{PD}/normative_documents/newly_published": 3,
        f"{PD}/normative_documents/published_total": 61,
        f"{PD}/licensing/items_prior_year": 90,
        f"{PD}/licensing/items_change": 4,
        f"{PD}/licensing/decisions": 1207,
        f"{PD}/other_external_services/items_prior_year": 31,
        f"{PD}/other_external_services/items_change": 6,
        f"{PD}/other_external_services/decisions": 502,
        f"{PD}/penalties/items_prior_year": 212,
        f"{PD}/penalties/items_change": 8,
        f"{PD}/penalties/decisions": 348,
        f"{PD}/coercive_measures/items_prior_year": 17,
        f"{PD}/coercive_measures/items_change": 9,
        f"{PD}/coercive_measures/decisions": 29,
        f"{PD}/administrative_fees/items_prior_year": 12,
        f"{PD}/administrative_fees/items_change": 11,
        f"{PD}/government_procurement/projects": 45,
        f"{PD}/government_procurement/amount": 8040,
    },
}
TABLE_4: dict[str, Number] = {
    f"{RL}/review/upheld": 5,
    f"{RL}/review/corrected": 2,
    f"{RL}/review/pending": 1,
    f"{RL}/review/total": 8,
    f"{RL}/litigation_direct/upheld": 3,
    f"{RL}/litigation_direct/other_outcome": 4,
    f"{RL}/litigation_direct/total": 7,
    f"{RL}/litigation_after_review/corrected": 6,
    f"{RL}/litigation_after_review/total": 6,
}
OTHER_KINDS = {
    # applicant: (row of the outcome, new requests = outcomes of that kind)
    "business": ("granted", 40),
    "research_institution": ("not_held", 2),
    "public_interest_org": ("petition_complaint", 3),
    "legal_service_org": ("repeated_request", 4),
    "other_org": ("refused_process_information", 6),
}


def table_3(leaves: tuple[str, ...]) -> dict[str, Number]:
    """Natural persons: 1, 2, 3 ... down the outcomes; each other applicant in one row only."""
    done = len(leaves) * (len(leaves) + 1) // 2
    natural = {
        **{row: n for n, row in enumerate(leaves, 1)},
        "outcomes_total": done,
        "carried_forward": 9,
        "requests_carried_in": 10,
        "requests_received": done - 1,
    }
    out: dict[str, Number] = {f"{RQ}/{row}/natural_person": n for row, n in natural.items()}
    totals = dict(natural)
    for column, (row, n) in OTHER_KINDS.items():
        for key in (row, "outcomes_total", "requests_received"):
            out[f"{RQ}/{key}/{column}"] = n
            totals[key] += n
    return out | {f"{RQ}/{row}/total": n for row, n in totals.items()}


def bureau(form: str = FORM_2021, **more: Number) -> Record:
    """A report whose sums all hold; its table 3 has a different number in every row."""
    empty = record_of({}, form=form)
    figures = {
        **TABLE_2[FORM_2019 if form == FORM_2019 else FORM_2021],
        **table_3(outcome_rows(empty.layout)),
        **TABLE_4,
        **more,
    }
    return record_of(figures, form=form)


Change = Callable[[GridCell], GridCell]
Document = Callable[[Record, tuple[Grid, ...]], str]

AS: Mapping[str, Document] = {
    "html": lambda r, g: render_html(r, "clean", grids=g).text,
    "one_column_of_labels": lambda r, g: render_html(r, "group_inline", grids=g).text,
    "bars": lambda r, g: render_text(r, "B", grids=g).text,
    "a_value_a_line": lambda r, g: render_text(r, "F", grids=g).text,
    "blanks_between": lambda r, g: render_text(r, "spaces", grids=g).text,
}
every_document = pytest.mark.parametrize("document", AS.values(), ids=AS)


def relabelled(record: Record, old: str, new: str, *, count: int = 1) -> tuple[Grid, ...]:
    """The tables with the label ``old`` printed as ``new``; ``old`` must be there."""
    seen = 0

    def change(cell: GridCell) -> GridCell:
        nonlocal seen
        if cell.path is not None or cell.text != old:
            return cell
        seen += 1
        return replace(cell, text=new, parts=())

    grids = tuple(
        g.with_rows(tuple(change(c) for c in r) for r in g.rows) for g in grids_of(record)
    )
    assert seen == count, f"{old} stands {seen} times in the form"
    return grids


def assert_read(document: str, record: Record, *, lost: frozenset[str] = frozenset()) -> Report:
    """Every figure of the record is read, none of ``lost`` has a value."""
    report = parse(document)
    found = {f.path: (f.value, f.state) for f in report}
    wanted = {
        path: (None, None) if path in lost else (cell.value, State.REPORTED)
        for path, cell in record.cells.items()
    }
    got = {p: (v, None if p in lost and v is None else s) for p, (v, s) in found.items()}
    assert got == wanted
    return report


# -- rows ------------------------------------------------------------------------------------------

ROW_LABELS = [
    # official label of the form, label seen or to be expected in reports
    ("行政规范性文件", "规范性文件"),
    ("行政规范性文件", "行政 规范性\u3000文件"),
    ("行政事业性收费", "行政事业型收费"),
    ("行政许可", "行 政 许 可"),
    ("一、本年新收政府信息公开申请数量", "一、本年新收"),
    ("一、本年新收政府信息公开申请数量", "一、本年新收政府信息\xa0公开申请数量"),
    ("一、本年新收政府信息公开申请数量", "1、本年新收政府信息公开申请数量"),
    ("二、上年结转政府信息公开申请数量", "二、上年结转"),
    ("二、上年结转政府信息公开申请数量", "二、上一年结转政府信息公开申请数量"),
    ("二、上年结转政府信息公开申请数量", "二、上年度结转政府信息公开申请数量"),
    ("（一）予以公开", "(一)予以公开"),
    ("（一）予以公开", "（一）予以公开："),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）部分公开"),
    (
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "（二）部分公开（区分处理的，只计这一情况，不计其他情形）",
    ),
    (
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "(二)部分公开(区分处理的,只计这一情形,不计其他情形)",
    ),
    ("1.属于国家秘密", "1、属于国家秘密"),
    ("1.属于国家秘密", "1．属于国家秘密"),
    ("1.属于国家秘密", "1 属于国家秘密"),
    ("1.属于国家秘密", "（1）属于国家秘密"),
    ("1.属于国家秘密", "(1)属于国家秘密"),
    ("1.属于国家秘密", "①属于国家秘密"),
    ("1.属于国家秘密", "属于国家秘密"),
    ("2.其他法律行政法规禁止公开", "2.其他法律行政止公开"),
    ("2.其他法律行政法规禁止公开", "2.其他法律、行政法规禁止公开"),
    ("2.其他法律行政法规禁止公开", "2.其它法律行政法规禁止公开"),
    ("3.危及“三安全一稳定”", "3.危及三安全一稳定"),
    ("3.危及“三安全一稳定”", '3.危及"三安全一稳定"'),
    ("3.危及“三安全一稳定”", "3.危及「三安全一稳定」"),
    ("5.属于三类内部事务信息", "5.三类内容事务信息"),
    ("5.属于三类内部事务信息", "5.属于三类内容事务信息"),
    ("6.属于四类过程性信息", "6.四类过程性信息"),
    ("7.属于行政执法案卷", "7.行政执法案卷"),
    ("8.属于行政查询事项", "8.行政查询事项"),
    ("2.没有现成信息需要另行制作", "2.没有现成信息 需要另行制作"),
    ("3.其他", "3.其它"),
    ("3.其他", "3、其他"),
    ("（六）其他处理", "（六）其它处理"),
    ("（七）总计", "(七)总计"),
    ("（七）总计", "（七）总 计"),
    ("（七）总计", "（七）合计"),
    ("（七）总计", "七、总计"),
    ("四、结转下年度继续办理", "四、结转下一年继续办理"),
    ("四、结转下年度继续办理", "四、结转下一年度继续办理"),
    ("四、结转下年度继续办理", "四、结转下年度继续办理数量"),
]


@every_document
@pytest.mark.parametrize(("official", "printed"), ROW_LABELS, ids=[b for _, b in ROW_LABELS])
def test_a_row_is_known_by_the_labels_that_reports_print(
    official: str, printed: str, document: Document
) -> None:
    record = bureau()
    assert_read(document(record, relabelled(record, official, printed)), record)


@every_document
@pytest.mark.parametrize("printed", ["（六）其他", "（六）其它", "（六）其它处理", "(六)其他处理"])
def test_other_handling_of_2019_is_one_row_by_any_of_its_names(
    printed: str, document: Document
) -> None:
    record = bureau(FORM_2019)
    report = assert_read(document(record, relabelled(record, "（六）其他处理", printed)), record)
    assert report.form == FORM_2019


@every_document
@pytest.mark.parametrize("printed", ["其它对外管理服务事项", "其他对外管理服务事务"])
def test_other_services_of_2019_are_known_by_their_slips(printed: str, document: Document) -> None:
    record = bureau(FORM_2019)
    assert_read(document(record, relabelled(record, "其他对外管理服务事项", printed)), record)


@every_document
@pytest.mark.parametrize(
    ("official", "printed"),
    [
        ("4.保护第三方合法权益", "4.保护第三人合法权益"),
        ("1.信访举报投诉类申请", "1.信访举报投诉类申清"),
        ("3.要求提供公开出版物", "3.要求提供公开出板物"),
        ("4.无正当理由大量反复申请", "4.无正当理由大量重复申请"),
    ],
)
def test_a_label_with_a_slip_never_seen_before_is_read_and_said_so(
    official: str, printed: str, document: Document
) -> None:
    record = bureau()
    report = assert_read(document(record, relabelled(record, official, printed)), record)
    assert "label_fuzzy" in {f.code for f in report.findings}


@every_document
def test_traditional_labels_are_the_same_labels(document: Document) -> None:
    record = bureau()
    grids = relabelled(record, "（四）无法提供", "（四）無法提供")
    page = document(record, grids).replace("结转下年度继续办理", "結轉下年度繼續辦理")
    assert_read(page.replace("属于行政执法案卷", "屬於行政執法案卷"), record)


# -- columns and captions --------------------------------------------------------------------------

HEADERS = [
    ("本年制发件数", "本年度制发数"),
    ("本年制发件数", "本年新制发数量"),
    ("本年制发件数", "本年（2023）制发件数"),
    ("本年制发件数", "本年新"),
    ("本年废止件数", "本年废止数"),
    ("本年废止件数", "废止数量"),
    ("现行有效件数", "现行有效件"),
    ("现行有效件数", "现行有效数量"),
    ("现行有效件数", "本年制发件数"),
    ("本年废止件数", "本年制发件数"),
    ("本年收费金额（单位：万元）", "本年收费金额"),
    ("本年收费金额（单位：万元）", "本年收费金额(万元)"),
]


@every_document
@pytest.mark.parametrize(("official", "printed"), HEADERS)
def test_reworded_cut_or_repeated_headers_leave_the_columns_in_order(
    official: str, printed: str, document: Document
) -> None:
    record = bureau()
    assert_read(document(record, relabelled(record, official, printed)), record)


@every_document
def test_header_of_2019_cut_to_the_same_two_words_twice(document: Document) -> None:
    record = bureau(FORM_2019)
    page = document(record, relabelled(record, "本年新制作数量", "本年新"))
    report = assert_read(page.replace("本年新公开数量", "本年新"), record)
    assert report.form == FORM_2019


@every_document
@pytest.mark.parametrize("missing", ["第", "第二十条"])
def test_caption_without_its_first_words(missing: str, document: Document) -> None:
    record = bureau()
    page = document(record, grids_of(record))
    for item in "一五六八":
        caption = f"第二十条第（{item}）项"
        assert caption in page
        page = page.replace(caption, caption.removeprefix(missing))
    assert_read(page, record)


@every_document
def test_caption_with_blanks_in_it(document: Document) -> None:
    record = bureau()
    page = document(record, relabelled(record, "第二十条第（一）项", "第 二十 条 第（一） 项"))
    assert_read(page, record)


@every_document
@pytest.mark.parametrize("official", ["商业企业", "科研机构", "社会公益组织", "法律服务机构"])
def test_column_names_of_table_3_broken_by_blanks_and_lines(
    official: str, document: Document
) -> None:
    record = bureau()
    broken = official[:2] + "\n" + official[2:]
    assert_read(document(record, relabelled(record, official, broken)), record)
    assert_read(
        document(record, relabelled(record, official, official[:2] + " 　" + official[2:])), record
    )


def test_a_column_name_broken_over_two_cells() -> None:
    """商业 and 企业 in cells of their own: eight header cells over seven figures."""
    record = bureau()
    requests = grids_of(record)[1]
    header = requests.rows[2]
    assert [c.text for c in header][:2] == ["商业企业", "科研机构"]
    cut = (GridCell("商业"), GridCell("企业"), *header[1:])
    grids = (
        grids_of(record)[0],
        requests.with_rows((*requests.rows[:2], cut, *requests.rows[3:])),
        grids_of(record)[2],
    )
    for document in AS.values():
        assert_read(document(record, grids), record)


def test_total_and_other_are_columns_and_rows() -> None:
    """其他 and 总计 stand three and six times in the form: order alone tells them apart."""
    record = bureau()
    report = assert_read(render_text(record, "F").text, record)
    # 21 outcomes of natural persons: 1 + ... + 21 = 231; with 40 + 2 + 3 + 4 + 6 others 286
    assert report[f"{RQ}/outcomes_total/natural_person"].value == 231
    assert report[f"{RQ}/outcomes_total/total"].value == 286
    assert report[f"{RQ}/other_handling_other/natural_person"].value == 21


@pytest.mark.parametrize("document", [AS["html"], AS["a_value_a_line"]])
def test_total_column_printed_first_is_believed_where_only_so_the_rows_add_up(
    document: Document,
) -> None:
    """总计 in another place, the figures with it: in the form's order no row would add up."""
    record = bureau()
    proactive, requests, review = grids_of(record)
    top, second, third = requests.rows[:3]
    natural, group, total = second
    moved = [
        (*[c for c in row if c.path is None], row[-1], *[c for c in row[:-1] if c.path])
        for row in requests.rows[3:]
    ]
    grids = (
        proactive,
        requests.with_rows((top, (total, natural, group), third, *moved)),
        review,
    )
    report = assert_read(document(record, grids), record)
    assert "column_order" in {f.code for f in report.findings}


def test_total_header_in_the_wrong_place_over_figures_in_the_usual_order() -> None:
    record = bureau()
    proactive, requests, review = grids_of(record)
    top, (natural, group, total), third = requests.rows[:3]
    grids = (
        proactive,
        requests.with_rows((top, (total, natural, group), third, *requests.rows[3:])),
        review,
    )
    report = assert_read(render_html(record, "clean", grids=grids).text, record)
    assert "column_order" in {f.code for f in report.findings}


def test_total_header_in_the_wrong_place_where_nothing_decides_is_left_open() -> None:
    """A row of zeros adds up either way; a lone 1 in one place does not."""
    figures: dict[str, Number] = {f"{PD}/licensing/decisions": 4}
    record = record_of(figures)
    proactive, requests, review = grids_of(record)
    top, (natural, group, total), third = requests.rows[:3]
    broken = [
        tuple(
            replace(c, text="1") if c.path == f"{RQ}/granted/legal_service_org" else c for c in row
        )
        for row in requests.rows[3:]
    ]
    grids = (proactive, requests.with_rows((top, (total, natural, group), third, *broken)), review)
    report = parse(render_html(record, "clean", grids=grids).text)
    assert report[f"{RQ}/granted/total"].value in (0, None)
    assert [f.path for f in report if f.value == 1] in ([], [f"{RQ}/granted/legal_service_org"])
    assert "column_order" in {f.code for f in report.findings}


def test_header_of_table_2_in_another_order_leaves_the_differing_cells_open() -> None:
    """By label or by order: 本年废止件数 and 现行有效件数 are exchanged, nothing decides."""
    record = bureau()
    page = render_html(record, "clean").text
    assert "<td>本年废止件数</td><td>现行有效件数</td>" in page
    page = page.replace(
        "<td>本年废止件数</td><td>现行有效件数</td>", "<td>现行有效件数</td><td>本年废止件数</td>"
    )
    report = parse(page)
    open_ = {f.path for f in report if f.state is State.AMBIGUOUS}
    assert open_ == {
        f"{PD}/{row}/{column}"
        for row in ("rules", "normative_documents")
        for column in ("repealed", "in_force")
    }
    assert {f.path: f.value for f in report if f.path not in open_} == {
        p: c.value for p, c in record.cells.items() if p not in open_
    }
    finding = next(f for f in report.findings if f.code == "column_order")
    assert finding.severity == "error"


@pytest.mark.parametrize("head", ["上年制发件数", "累计制发件数", "历年制发件数"])
def test_a_column_of_table_2_of_another_period_is_not_this_years(head: str) -> None:
    record = bureau()
    page = render_html(record, "clean").text
    assert "<td>本年制发件数</td>" in page
    report = parse(page.replace("<td>本年制发件数</td>", f"<td>{head}</td>"))
    open_ = {f.path for f in report if f.state is State.AMBIGUOUS}
    assert open_ == {f"{PD}/{row}/issued" for row in ("rules", "normative_documents")}
    assert {f.path: f.value for f in report if f.path not in open_} == {
        p: c.value for p, c in record.cells.items() if p not in open_
    }
    found = [f for f in report.findings if f.code == "table_of_other_year"]
    assert head in found[0].message


def test_an_empty_column_of_another_period_beside_this_years_leaves_it_sure() -> None:
    head = "".join(
        f"<td>{name}" for name in ("信息内容", *("本年制发件数", "本年废止件数", "现行有效件数"))
    )
    report = parse(
        "<h1>清溪县水利局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p><table>"
        f"<tr><td colspan=5>第二十条第（一）项<tr>{head}<td>累计制发件数"
        "<tr><td>规章<td>1<td>2<td>9<td><tr><td>行政规范性文件<td>4<td>3<td>30<td>"
        "<tr><td colspan=5>第二十条第（五）项<tr><td>信息内容<td colspan=4>本年处理决定数量"
        "<tr><td>行政许可<td colspan=4>7</table>"
    )
    rows = ("rules", "normative_documents")
    columns = ("issued", "repealed", "in_force")
    read = [report[f"{PD}/{row}/{column}"] for row in rows for column in columns]
    assert [(f.state, f.value) for f in read] == [(State.REPORTED, n) for n in (1, 2, 9, 4, 3, 30)]


def test_header_of_table_4_in_another_order_leaves_the_differing_cells_open() -> None:
    """结果维持 and 结果纠正 of 行政复议 exchanged: 5 and 2 add up to 8 - 1 either way."""
    record = bureau()
    proactive, requests, review = grids_of(record)
    top, second, third, numbers = review.rows
    upheld, corrected, *rest = second
    grids = (
        proactive,
        requests,
        review.with_rows((top, (corrected, upheld, *rest), third, numbers)),
    )
    report = parse(render_html(record, "clean", grids=grids).text)
    open_ = {f.path for f in report if f.state is State.AMBIGUOUS}
    assert open_ == {f"{RL}/review/upheld", f"{RL}/review/corrected"}
    assert report[f"{RL}/review/upheld"].raw in ("5", "2")
    assert {f.path: f.value for f in report if f.path not in open_} == {
        p: c.value for p, c in record.cells.items() if p not in open_
    }
    assert "column_order" in {f.code for f in report.findings}


def test_header_of_table_4_with_its_blocks_exchanged_leaves_the_differing_cells_open() -> None:
    """By label or by order: 未经复议直接起诉 and 复议后起诉 are exchanged, nothing decides."""
    record = bureau()
    proactive, requests, review = grids_of(record)
    top, second, third, numbers = review.rows
    *outcomes, direct, after = second
    assert (direct.text, after.text) == ("未经复议直接起诉", "复议后起诉")
    header = (top, (*outcomes, after, direct), third, numbers)
    grids = (proactive, requests, review.with_rows(header))
    report = parse(render_html(record, "clean", grids=grids).text)
    cells = {p: c.value for p, c in record.cells.items()}
    differing = {
        f"{RL}/{block}/{column}"
        for column in ("upheld", "corrected", "other_outcome", "pending", "total")
        if cells[f"{RL}/litigation_direct/{column}"]
        != cells[f"{RL}/litigation_after_review/{column}"]
        for block in ("litigation_direct", "litigation_after_review")
    }
    assert differing
    assert {f.path for f in report if f.state is State.AMBIGUOUS} == differing
    assert {f.path: f.value for f in report if f.path not in differing} == {
        p: v for p, v in cells.items() if p not in differing
    }
    assert "column_order" in {f.code for f in report.findings}


def test_header_of_table_4_with_litigation_first_leaves_the_differing_cells_open() -> None:
    page = (
        "<h1>青石县林业局2023年政府信息公开工作年度报告</h1><p>四、政府信息公开行政复议、行政诉讼情况"
        "</p><table><tr><td colspan=10>行政诉讼<td colspan=5>行政复议<tr><td colspan=5>"
        "未经复议直接起诉<td colspan=5>复议后起诉<td rowspan=2>结果维持<td rowspan=2>结果纠正"
        "<td rowspan=2>其他结果<td rowspan=2>尚未审结<td rowspan=2>总计<tr>"
        + "<td>结果维持<td>结果纠正<td>其他结果<td>尚未审结<td>总计" * 2
        + "<tr>"
        + "".join(f"<td>{n}" for n in (2, 0, 1, 0, 3, 4, 0, 0, 0, 4, 5, 0, 0, 0, 5))
        + "</table>"
    )
    report = parse(page)
    assert [report[f"{RL}/{b}/total"].value for b in ("review", "litigation_direct")] == [None] * 2
    assert report[f"{RL}/review/corrected"].value == 0  # 0 wherever it is looked for
    assert "column_order" in {f.code for f in report.findings}


# -- rows that the form does not have --------------------------------------------------------------


@every_document
def test_an_extra_row_of_table_2_is_kept_and_moves_nothing(document: Document) -> None:
    record = bureau()
    proactive, requests, review = grids_of(record)
    extra = (GridCell("其他主动公开文件"), GridCell("83"), GridCell("84"), GridCell("85"))
    grids = (
        proactive.with_rows((*proactive.rows[:4], extra, *proactive.rows[4:])),
        requests,
        review,
    )
    report = assert_read(document(record, grids), record)
    kept = [r for r in report.extra_rows if r["table"] == PD]
    assert [(r["label"], r["cells"]) for r in kept] == [("其他主动公开文件", ["83", "84", "85"])]


@every_document
def test_an_extra_row_of_table_3_is_kept_and_moves_nothing(document: Document) -> None:
    record = bureau()
    proactive, requests, review = grids_of(record)
    last = requests.rows[-1]
    extra = (
        replace(last[0], text="五、其中网上提交数量"),
        *(GridCell(str(n)) for n in (71, 0, 0, 0, 0, 0, 71)),
    )
    grids = (proactive, requests.with_rows((*requests.rows, extra)), review)
    report = assert_read(document(record, grids), record)
    kept = [r for r in report.extra_rows if r["table"] == RQ]
    assert [(r["label"].lstrip("五、"), r["cells"]) for r in kept] == [
        ("其中网上提交数量", ["71", "0", "0", "0", "0", "0", "71"])
    ]


@every_document
@pytest.mark.parametrize("table", [0, 1, 2])
def test_a_title_row_inside_a_table_is_no_row_of_the_form(table: int, document: Document) -> None:
    record = bureau()
    grids = list(grids_of(record))
    title = (GridCell("2023年度政府信息公开情况统计表", grids[table].width),)
    grids[table] = grids[table].with_rows((title, *grids[table].rows))
    assert_read(document(record, tuple(grids)), record)


# -- forms -----------------------------------------------------------------------------------------


@every_document
def test_the_23_row_table_in_a_2021_report_is_told_by_its_rows(document: Document) -> None:
    record = bureau(HYBRID)
    report = assert_read(document(record, grids_of(record)), record)
    assert report.form == "mixed"
    assert len(list(report)) == 186
    assert len(report.checks) == 40
    assert dict(report.forms) == {PD: FORM_2021, RQ: FORM_2019, RL: FORM_2021}


@every_document
def test_table_2_is_told_block_by_block(document: Document) -> None:
    """Block （一） of 2019 above the blocks of 2021 (a district's report of 2021)."""
    record = bureau()
    page = document(record, grids_of(record))
    for new, old in (
        ("本年新制作数量", "本年制发件数"),
        ("本年新公开数量", "本年废止件数"),
        ("对外公开总数量", "现行有效件数"),
    ):
        assert old in page
        page = page.replace(old, new)
    report = parse(page)
    assert report.form == "mixed"
    assert report[f"{PD}/rules/newly_made"].value == 2
    assert report[f"{PD}/rules/newly_published"].value == 1
    assert report[f"{PD}/rules/published_total"].value == 14
    assert report[f"{PD}/normative_documents/published_total"].value == 61
    assert report[f"{PD}/licensing/decisions"].value == 1207
    assert f"{PD}/rules/issued" not in report
    assert len(list(report)) == 200


@every_document
@pytest.mark.parametrize("form", [FORM_2021, FORM_2019])
def test_the_form_is_told_by_labels_never_by_year_or_cited_notice(
    form: str, document: Document
) -> None:
    record = bureau(form)
    record = replace(record, year=2019 if form == FORM_2021 else 2023)
    page = document(record, grids_of(record))
    for old, new in (("〔2021〕30号", "〔2019〕60号"), ("2023", "2019"), ("2022", "2018")):
        page = page.replace(old, new) if form == FORM_2021 else page.replace(new, old)
    assert parse(page).form == form


# -- labels that are lost --------------------------------------------------------------------------

GROUPS = [
    ("（三）不予公开", 8),
    ("（四）无法提供", 3),
    ("（五）不予处理", 5),
    ("（六）其他处理", 3),
]


@pytest.mark.parametrize(("group", "size"), GROUPS)
@pytest.mark.parametrize(
    "document", [AS["html"], AS["bars"], AS["a_value_a_line"]], ids=["html", "bars", "lines"]
)
def test_sublabels_lost_while_the_numbers_stay(group: str, size: int, document: Document) -> None:
    """The rows are as many as the group has: their order names them. Else they stay open."""
    record = bureau()
    proactive, requests, review = grids_of(record)
    at = next(i for i, row in enumerate(requests.rows) if any(c.text == group for c in row))
    rows = list(requests.rows)
    touched = set()
    for i in range(at, at + size):
        touched |= {c.path for c in rows[i] if c.path}
        rows[i] = tuple(
            replace(c, text="") if c.path is None and c.rowspan == 1 else c for c in rows[i]
        )
    report = parse(document(record, (proactive, requests.with_rows(rows), review)))
    for figure in report:
        expected = record.cells[figure.path].value
        if figure.path in touched:
            assert figure.value in (None, expected)
        else:
            assert figure.value == expected, figure.path
    if document is AS["html"]:
        assert all(report[p].value == record.cells[p].value for p in touched)
        assert "row_by_position" in {f.code for f in report.findings}


def test_a_group_name_in_each_of_its_rows_names_none_of_them() -> None:
    """（六）其他处理 three times, the parts' own labels lost: three rows, told by their order."""
    record = bureau()
    proactive, requests, review = grids_of(record)
    at = next(i for i, r in enumerate(requests.rows) if any(c.text == "（六）其他处理" for c in r))
    rows = list(requests.rows)
    top = tuple(replace(c, rowspan=c.rowspan) for c in rows[at] if c.path is None)
    name = next(c for c in top if c.text == "（六）其他处理")
    for i in range(at, at + 3):
        others = [c for c in rows[i] if c.path is None and c.rowspan > 1 and c != name]
        values = [c for c in rows[i] if c.path]
        rows[i] = (*others, replace(name, rowspan=1), replace(name, text="", rowspan=1), *values)
    grids = (proactive, requests.with_rows(rows), review)
    report = assert_read(render_html(record, "clean", grids=grids).text, record)
    assert "row_by_position" in {f.code for f in report.findings}


def test_random_reports_with_all_labels_reworded_at_once_are_read_whole() -> None:
    """Several quirks in one report: they don't need each other's absence."""
    swaps = {
        "行政规范性文件": "规范性文件",
        "行政事业性收费": "行政事业型收费",
        "本年制发件数": "本年度制发数",
        "本年废止件数": "本年废止数",
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": "（二）部分公开",
        "2.其他法律行政法规禁止公开": "2、其他法律行政止公开",
        "5.属于三类内部事务信息": "5．属于三类内容事务信息",
        "（七）总计": "(七)合计",
        "四、结转下年度继续办理": "四、结转下一年继续办理",
    }
    record = bureau()
    grids = tuple(
        g.with_rows(
            tuple(replace(c, text=swaps.get(c.text, c.text)) if c.path is None else c for c in r)
            for r in g.rows
        )
        for g in grids_of(record)
    )
    order = list(AS.values())
    random.Random(4).shuffle(order)
    for document in order:
        assert_read(document(record, grids), record)


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("行政许可（件）", "行政许可"),
        ("规章(单位：件)", "规章"),
        ("（一）予以公开（件）", "（一）予以公开"),
        ("1.属于国家秘密\n1. State secrets", "1.属于国家秘密"),
        (
            "一、本年新收政府信息公开申请数量 New requests (this year)",
            "一、本年新收政府信息公开申请数量",
        ),
        ("行政处罚/Penalties", "行政处罚"),
        ("行政许可①", "行政许可"),
        ("行政处罚[1]", "行政处罚"),
        ("（一）予以公开*", "（一）予以公开"),
        ("行政强制〔注〕", "行政强制"),
        ("行政许可（注1）", "行政许可"),
        ("3.危及&ldquo;三安全一稳定&rdquo;", "3.危及“三安全一稳定”"),
    ],
)
def test_a_unit_or_a_translation_behind_a_label(printed: str, label: str) -> None:
    assert row_label(label) is not None
    assert row_label(printed) == row_label(label)


@pytest.mark.parametrize(
    "text",
    ["行政许可abc", "行政许可（含行政确认）", "其他 Others", "总计（件）", "行政许可 A", "Total"],
)
def test_other_words_behind_a_label_name_another_row(text: str) -> None:
    assert row_label(text) is None


@pytest.mark.parametrize(
    "second",
    ["Commercial enterprises", "سودا كارخانىسى", "ཚོང་ལས་ཁེ་ལས།", "ᠠᠷᠠᠯᠵᠢᠶ᠎ᠠ ᠠᠵᠤ ᠠᠬᠤᠢ", "상업기업소"],
)
def test_a_column_is_named_in_two_languages(second: str) -> None:
    for printed in (f"商业企业\n{second}", f"{second}\n商业企业", f"商业企业 {second}"):
        assert request_column(printed) == "business"
    assert review_column(f"{second}\n结果维持") == "upheld"
    assert request_column(f"{second} 2") is None
    assert request_column(f"商业企业2家 {second}") is None


def test_a_table_4_in_two_languages_is_read() -> None:
    record = bureau()
    text = render_html(record, "clean").text
    for word in ("结果维持", "结果纠正", "其他结果", "尚未审结"):
        text = text.replace(word, f"{word}<br>outcome of the case")
    assert_read(text, record)
