"""Tables shown twice, in extracts, as blank forms; columns and units beside the form's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from govreport_parse.errors import NotAReportError
from govreport_parse.matching.units import following_unit, header_unit, unit_line
from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.values import State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
FEE = f"{PD}/administrative_fees/amount"

T3_ROWS: dict[str, tuple[str, str]] = {
    "requests_received": ("一、本年新收政府信息公开申请数量", "6 1 0 0 0 2 9"),
    "requests_carried_in": ("二、上年结转政府信息公开申请数量", "1 0 0 0 0 0 1"),
    "granted": ("（一）予以公开", "3 1 0 0 0 0 4"),
    "partially_granted": (
        "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "1 0 0 0 0 0 1",
    ),
    "state_secret": ("1.属于国家秘密", "0 0 0 0 0 0 0"),
    "other_law": ("2.其他法律行政法规禁止公开", "0 0 0 0 0 0 0"),
    "three_securities": ("3.危及“三安全一稳定”", "0 0 0 0 0 0 0"),
    "third_party": ("4.保护第三方合法权益", "0 0 0 0 0 1 1"),
    "internal_affairs": ("5.属于三类内部事务信息", "0 0 0 0 0 0 0"),
    "process": ("6.属于四类过程性信息", "0 0 0 0 0 0 0"),
    "not_held": ("1.本机关不掌握相关政府信息", "2 0 0 0 0 0 2"),
    "repeated_request": ("2.重复申请", "0 0 0 0 0 0 0"),
    "outcomes_total": ("（七）总计", "6 1 0 0 0 1 8"),
    "carried_forward": ("四、结转下年度继续办理", "1 0 0 0 0 1 2"),
}
T4 = "2 1 0 0 3 1 0 0 1 2 0 0 0 4 4"
T4_OTHER = "2 0 0 0 2 1 0 0 1 2 0 0 0 4 4"
COLUMNS = "自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 总计"


def _tr(cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"


def _table(rows: Iterable[Iterable[str]]) -> str:
    return "<table>" + "".join(_tr(r) for r in rows) + "</table>"


def _t2(
    fee_header: str = "本年收费金额（单位：万元）", fee: str = "12.5", *, blank: bool = False
) -> str:
    def v(*values: str) -> list[str]:
        return ["" for _ in values] if blank else list(values)

    return _table(
        [
            ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
            ["规章", *v("1", "0", "5")],
            ["行政规范性文件", *v("2", "1", "7")],
            ["信息内容", "本年处理决定数量"],
            ["行政许可", *v("410")],
            ["信息内容", "本年处理决定数量"],
            ["行政处罚", *v("31")],
            ["行政强制", *v("4")],
            ["信息内容", fee_header],
            ["行政事业性收费", *v(fee)],
        ]
    )


def _t3(
    *,
    blank: bool = False,
    change: dict[str, str] | None = None,
    extra: tuple[str, Sequence[str]] | None = None,
    serial: bool = False,
    drop: str | None = None,
) -> str:
    head = ["", *COLUMNS.split()] + ([extra[0]] if extra else [])
    rows = [["序号", *head] if serial else head]
    for n, (key, (label, shown)) in enumerate(T3_ROWS.items()):
        values = (change or {}).get(key, shown).split()
        if blank:
            values = [""] * 7
        if key == drop:
            values = values[1:]
        row = [label, *values] + ([extra[1][n]] if extra else [])
        rows.append([str(n + 1), *row] if serial else row)
    return _table(rows)


def _t4(*value_rows: Sequence[str]) -> str:
    words = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3
    lead = len(value_rows[0]) - 15
    head = "<tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>"
    return (
        "<table>"
        + ("" if lead else head)
        + _tr(["机关"] * lead + words)
        + "".join(_tr(r) for r in value_rows)
        + "</table>"
    )


def _page(
    *,
    top: str = "",
    overview: str = "<p>本年度按条例要求开展工作。</p>",
    t2: str | None = None,
    t3: str | None = None,
    t4: str | None = None,
    end: str = "",
) -> Report:
    body = (
        f"{top}<h1>溪口县林业局2023年政府信息公开工作年度报告</h1><p>一、总体情况</p>{overview}"
        f"<p>二、主动公开政府信息情况</p>{_t2() if t2 is None else t2}"
        f"<p>三、收到和处理政府信息公开申请情况</p>{_t3() if t3 is None else t3}"
        f"<p>四、政府信息公开行政复议、行政诉讼情况</p>{_t4(T4.split()) if t4 is None else t4}"
        f"<p>五、存在的主要问题及改进情况</p><p>学习不够。</p>{end}"
    )
    return parse(f"<html><head><meta charset=utf-8></head><body>{body}</body></html>")


def _codes(report: Report) -> set[str]:
    return {f.code for f in report.findings}


def _values(report: Report, row: str) -> list[object]:
    return [f.value for f in report if f.path.startswith(row + "/")]


def _assert_tables_2_and_3(report: Report) -> None:
    assert _values(report, f"{PD}/rules") == [1, 0, 5]
    assert _values(report, f"{PD}/licensing") == [410]
    assert _values(report, f"{PD}/penalties") == [31]
    assert _values(report, f"{RQ}/requests_received") == [6, 1, 0, 0, 0, 2, 9]
    assert _values(report, f"{RQ}/granted") == [3, 1, 0, 0, 0, 0, 4]
    assert _values(report, f"{RQ}/carried_forward") == [1, 0, 0, 0, 0, 1, 2]
    assert "row_conflict" not in _codes(report)


def _review(report: Report) -> list[object]:
    return [f.value if f.state is State.REPORTED else f.state for f in report if f.table == RL]


# -- table 4 -----------------------------------------------------------------------------------

A = State.AMBIGUOUS
DOUBTED = [2, A, 0, 0, A, 1, 0, 0, 1, 2, 0, 0, 0, 4, 4]
"""T4 and T4_OTHER differ in 结果纠正 and 总计 of 行政复议."""


def _assert_doubted(report: Report) -> None:
    assert _review(report) == DOUBTED
    (said,) = [f for f in report.findings if f.code == "table_repeated"]
    assert said.severity == "error"
    assert set(said.figures) == {f"{RL}/review/corrected", f"{RL}/review/total"}


@pytest.mark.parametrize("order", [(T4, T4_OTHER), (T4_OTHER, T4)])
def test_two_tables_4_leave_the_figures_that_differ_ambiguous(order: tuple[str, str]) -> None:
    one, two = (_t4(t.split()) for t in order)
    _assert_doubted(_page(t4=f"<p>2023年：</p>{one}<p>2022年：</p>{two}"))


def test_two_value_rows_under_one_header_are_both_candidates() -> None:
    _assert_doubted(_page(t4=_t4(T4.split(), T4_OTHER.split())))


def test_value_rows_that_name_organs_are_candidates() -> None:
    rows = [["林业局", *T4.split()], ["林场", *T4_OTHER.split()]]
    _assert_doubted(_page(t4=_t4(*rows)))


def test_table_4_of_another_year_in_an_annex_does_not_win() -> None:
    annex = f"<p>附：2022年情况</p>{_t4(['0'] * 15)}"
    report = _page(end=annex)
    zeros = [0 if v == "0" else A for v in T4.split()]
    assert _review(report) == zeros


@pytest.mark.parametrize("first", [True, False])
def test_a_blank_table_4_gives_way(first: bool) -> None:
    blank = _t4([""] * 15)
    full = _t4(T4.split())
    report = _page(t4=f"{blank}<p>续：</p>{full}" if first else f"{full}<p>表样：</p>{blank}")
    assert _review(report) == [int(v) for v in T4.split()]
    assert "table_repeated" not in _codes(report)


def test_the_same_table_4_twice_stays() -> None:
    report = _page(t4=_t4(T4.split()) + "<p>再次列出：</p>" + _t4(T4.split()))
    assert _review(report) == [int(v) for v in T4.split()]
    assert "table_repeated" not in _codes(report)


def _text(after_t4: str, head: str = "本年收费金额（单位：万元）", above: str = "") -> Report:
    lines = [
        "溪口县林业局2023年政府信息公开工作年度报告",
        "一、总体情况",
        "本年度按条例要求开展工作。",
        "二、主动公开政府信息情况",
        *([above] if above else []),
        "信息内容\t本年制发件数\t本年废止件数\t现行有效件数",
        "规章\t1\t0\t5",
        "行政规范性文件\t2\t1\t7",
        "信息内容\t本年处理决定数量",
        "行政许可\t410",
        "信息内容\t本年处理决定数量",
        "行政处罚\t31",
        "行政强制\t4",
        f"信息内容\t{head}",
        "行政事业性收费\t12.5",
        "三、收到和处理政府信息公开申请情况",
        "\t".join(COLUMNS.split()),
        *("\t".join([label, *shown.split()]) for label, shown in T3_ROWS.values()),
        "四、政府信息公开行政复议、行政诉讼情况",
        "行政复议\t行政诉讼",
        "\t".join(["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3),
        "\t".join(T4.split()),
        *([after_t4] if after_t4 else []),
        "五、存在的主要问题及改进情况",
        "学习不够。",
    ]
    return parse(("\n".join(lines)).encode())


def test_a_second_table_4_in_running_text_is_compared() -> None:
    words = "\t".join(["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"])
    other = "\t".join(T4_OTHER.split())
    _assert_doubted(_text(f"2022年情况：\n行政复议\t行政诉讼\n{words}\n{other}"))


def test_a_second_value_row_in_running_text_is_compared() -> None:
    _assert_doubted(_text("\t".join(T4_OTHER.split())))


def test_one_table_4_in_running_text_is_read() -> None:
    assert _review(_text("")) == [int(v) for v in T4.split()]


# -- units -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("本年收费金额（单位：万元）", "万元"),
        ("本年收费金额（单位：元）", "元"),
        ("本年收费金额(单位:千元)", "千元"),
        ("本年收费金额（单位：亿元）", "亿元"),
        ("本年收费金额（元）", "元"),
        ("本年收费金额", None),
    ],
)
def test_the_unit_of_an_amount_is_the_header_s(header: str, unit: str | None) -> None:
    for report in (_page(t2=_t2(header, "2510")), _text("", header)):
        assert report[FEE].unit == unit
        assert ("unit_in_header" in _codes(report)) == (unit != "万元")


def test_a_cell_s_own_unit_outdoes_the_header_s() -> None:
    assert _page(t2=_t2("本年收费金额（单位：元）", "3万元"))[FEE].unit == "万元"
    assert _page(t2=_t2("本年收费金额", "3万元"))[FEE].unit == "万元"


def test_a_line_above_the_table_states_the_unit() -> None:
    assert _page(t2="<p>（单位：元）</p>" + _t2("本年收费金额", "2510"))[FEE].unit == "元"
    assert _text("", "本年收费金额", "（单位：元）")[FEE].unit == "元"
    both = _page(t2="<p>（单位：元）</p>" + _t2("本年收费金额（单位：万元）"))
    assert both[FEE].unit == "万元"


def test_without_a_header_the_unit_is_the_form_s() -> None:
    rows = [["规章", "1", "0", "5"], ["行政规范性文件", "2", "1", "7"], ["行政许可", "410"]]
    rows += [["行政处罚", "31"], ["行政强制", "4"], ["行政事业性收费", "12.5"]]
    assert _page(t2=_table(rows))[FEE].unit == "万元"


def test_units_in_texts() -> None:
    assert header_unit("采购总金额（万元）") == "万元"
    assert header_unit("采购总金额\n（单位：人民币 元）") == "元"
    assert header_unit("采购总金额") is None
    assert unit_line(["说明", "单位：元"]) == "元"
    assert unit_line(["单位：元", "单位：万元"]) is None
    assert unit_line(["收费单位：元山镇财政所"]) is None
    assert following_unit("本年收费金额（单位：\n元） 12", "本年收费金额") == "元"
    assert following_unit("本年收费金额 12（万元）", "本年收费金额") is None


# -- extracts and blank forms ------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [["新收", "12"], ["予以公开", "5"]],
        [["指标", "2022年", "2023年"], ["本年新收", "10", "12"], ["予以公开", "4", "5"]],
        [["本年新收政府信息公开申请数量", "12"]],
    ],
)
def test_an_extract_in_the_overview_does_not_compete(rows: list[list[str]]) -> None:
    _assert_tables_2_and_3(_page(overview=f"<p>见下表：</p>{_table(rows)}<p></p>"))


def test_an_extract_behind_the_tables_does_not_compete() -> None:
    _assert_tables_2_and_3(_page(end=_table([["予以公开", "5"], ["行政处罚", "77"]])))


def test_labels_in_a_side_column_do_not_compete() -> None:
    rows = [["行政许可", "15"], ["行政处罚", "16"], ["规章", "1", "2", "3"]]
    _assert_tables_2_and_3(_page(top=_table(rows)))


def test_a_row_repeated_in_the_table_itself_is_still_a_conflict() -> None:
    t2 = _t2().replace("</table>", _tr(["行政处罚", "32"]) + "</table>")
    report = _page(t2=t2)
    assert report[f"{PD}/penalties/decisions"].state is A


@pytest.mark.parametrize("first", [True, False])
def test_a_blank_form_gives_way_and_is_no_report(first: bool) -> None:
    form = f"<p>附件：表样</p>{_t2(blank=True)}{_t3(blank=True)}<p>填表说明</p>"
    report = _page(overview=form) if first else _page(end=form)
    _assert_tables_2_and_3(report)
    assert not report.others
    assert "several_reports" not in _codes(report)


def test_a_notice_with_the_blank_form_is_no_report() -> None:
    notice = "<h1>关于做好2022年政府信息公开工作年度报告编制工作的通知</h1>"
    heads = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况")
    form = "".join(f"<p>{head}</p>" for head in heads) + _t2(blank=True) + _t3(blank=True)
    with pytest.raises(NotAReportError):
        parse(notice + form)
    assert parse(notice + form.replace(_t3(blank=True), _t3())).form == "ogi_annual_2021"


def test_two_tables_3_leave_the_figures_that_differ_ambiguous() -> None:
    other = {"requests_received": "5 1 0 0 0 2 8"}
    report = _page(t3=f"<p>2022年：</p>{_t3(change=other)}<p>2023年：</p>{_t3()}")
    states = [f.state for f in report if f.path.startswith(f"{RQ}/requests_received/")]
    assert [s is A for s in states] == [True, False, False, False, False, False, True]
    assert _values(report, f"{RQ}/granted") == [3, 1, 0, 0, 0, 0, 4]
    (said,) = [f for f in report.findings if f.code == "table_repeated"]
    assert set(said.figures) == {
        f"{RQ}/requests_received/natural_person",
        f"{RQ}/requests_received/total",
    }


# -- columns beside the form's -----------------------------------------------------------------


def test_serial_numbers_before_the_labels_are_no_figures() -> None:
    _assert_tables_2_and_3(_page(t3=_t3(serial=True)))
    between = [
        [label, str(n), *shown.split()] for n, (label, shown) in enumerate(T3_ROWS.values(), 1)
    ]
    _assert_tables_2_and_3(_page(t3=_table([["", "行次", *COLUMNS.split()], *between])))
    unnamed = _page(t3=_table([["", "", *COLUMNS.split()], *between]))
    assert not [f.path for f in unnamed if f.table == RQ and f.state is State.REPORTED]
    t2 = _table(
        [
            ["序号", "信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
            ["1", "规章", "1", "0", "5"],
            ["2", "行政规范性文件", "2", "1", "7"],
            ["序号", "信息内容", "本年处理决定数量"],
            ["3", "行政许可", "410"],
            ["4", "行政处罚", "31"],
            ["5", "行政强制", "4"],
        ]
    )
    _assert_tables_2_and_3(_page(t2=t2))


@pytest.mark.parametrize(
    ("name", "shown"), [("上年总计", "{}"), ("同比增长", "{}%"), ("备注", "{}")]
)
def test_a_named_column_right_of_the_total_is_extra(name: str, shown: str) -> None:
    cells = [shown.format(n + 3) for n in range(len(T3_ROWS))]
    report = _page(t3=_t3(extra=(name, cells)))
    _assert_tables_2_and_3(report)
    (said,) = [f for f in report.findings if f.code == "column_extra"]
    assert said.severity == "info"
    assert name in said.message


def test_seven_cells_that_end_in_the_extra_column_are_not_the_seven_columns() -> None:
    cells = [str(n + 30) for n in range(len(T3_ROWS))]
    report = _page(t3=_t3(extra=("上年总计", cells), drop="granted"))
    states = {f.state for f in report if f.path.startswith(f"{RQ}/granted/")}
    assert State.REPORTED not in states


def test_a_unit_that_is_not_known_is_not_taken_for_the_one_it_ends_with():
    for printed in ("百元", "十万元", "百万元", "美元", "港元"):
        assert header_unit(f"本年收费金额（单位：{printed}）") is None
        assert header_unit(f"本年收费金额/{printed}") is None
    assert header_unit("收费金额/万元") == "万元"
    assert header_unit("金额元") == "元"


def test_one_header_over_all_blocks_of_table_2_does_not_change_its_form() -> None:
    """本年处理决定数量 beside four columns of other blocks looked like three columns of 2019."""
    head = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "本年处理决定数量"]
    rows = [
        [*head, "本年收费金额（单位：万元）"],
        ["规章", "1", "2", "3", "", ""],
        ["行政规范性文件", "4", "5", "6", "", ""],
        ["行政许可", "", "", "", "70", ""],
        ["行政处罚", "", "", "", "80", ""],
        ["行政强制", "", "", "", "9", ""],
        ["行政事业性收费", "", "", "", "", "12.5"],
    ]
    report = parse(
        "<h1>青禾县水利局2023年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>"
        + _table(rows)
    )
    assert report.form == "ogi_annual_2021"
    shown = [str(f.value) for f in report if f.table == PD]
    assert shown == ["1", "2", "3", "4", "5", "6", "70", "80", "9", "12.5"]
    assert report[FEE].unit == "万元"


@pytest.mark.parametrize("cells", [1, 5, 6])
def test_a_row_that_shows_nothing_in_two_tables_3_is_as_unsure_as_one_that_differs(
    cells: int,
) -> None:
    label = "1.属于国家秘密"

    def short(change: dict[str, str] | None = None) -> str:
        return _t3(change=change).replace(_tr([label, *"0000000"]), _tr([label, *[""] * cells]))

    other = {"requests_received": "5 1 0 0 0 2 8"}
    report = _page(t3=f"<p>2022年：</p>{short(other)}<p>2023年：</p>{short()}")
    assert _values(report, f"{RQ}/refused_state_secret") == [None] * 7
    (said,) = [f for f in report.findings if f.code == "table_repeated"]
    row = {f.path for f in report if f.path.startswith(f"{RQ}/refused_state_secret/")}
    assert len(row) == 7
    assert row < set(said.figures)
