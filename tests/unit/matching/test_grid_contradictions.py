"""Text tables that look like full grids and are none; group names that look like rows.

Found by damaging reports: tables cut in two whose upper or lower part hides the rule of the whole.
"""

from __future__ import annotations

import govreport_parse as gov
from govreport_parse.values import State

HEAD = (
    "清河县人民政府2022年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n"
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和） | 申请人情况 | ||||||||\n"
    "自然人 | 法人或其他组织 | 总计 | |||||||\n"
    "商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 | |||||\n"
)
RQ = "requests"


def values(report: gov.Report, row: str) -> list[object]:
    """Values of a row's seven columns; ``None`` where there is none."""
    keys = [c.key for c in report.layout.table(RQ).blocks[0].columns]
    return [report[f"{RQ}/{row}/{k}"].value for k in keys]


def test_values_right_behind_a_label_are_no_grid_whose_columns_are_the_last_seven_slots() -> None:
    # ten slots in each line: one label, seven cells, two pads; the last row alone has three labels
    text = HEAD + (
        "一、本年新收政府信息公开申请数量 | 9 | 0 | 0 | 0 | 0 | | 9 | ||\n"
        "二、上年结转政府信息公开申请数量 | 1 | 0 | 0 | | | | 1 | ||\n"
        "2.其他法律行政法规禁止公开 | 0 | 0 | 0 | | | 0 | 0 | ||\n"
        "4.保护第三方合法权益 | 0 | | 0 | 0 | 0 | 0 | | ||\n"
        "2.重复申请 | 1 | 0 | 0 | | 0 | | 1 | ||\n"
        "三、本年度办理结果 | （五）不予处理 | 4.无正当理由大量反复申请 | 0 | | 0 | 0 | 0 | 0 | 0\n"
        "四、结转下年度继续办理 | 1 | 0 | | | 0 | | 1 |\n"
    )
    report = gov.parse(text)
    first = values(report, "requests_received")
    # 9 is the natural persons' or nobody's: never the legal service organisations'
    assert first[0] in (9, None)
    assert first[4] in (0, None)
    assert first[6] in (9, None)
    assert report[f"{RQ}/requests_received/natural_person"].state is not State.BLANK


def test_one_full_row_at_the_end_of_a_part_does_not_tell_that_there_are_no_pads() -> None:
    # in full the row is 0 _ _ 0 _ _ 0: three of seven places lost, and pads for them at the end
    text = HEAD + (
        "一、本年新收政府信息公开申请数量 | 49 | 1 | 0 | 2 | 0 | 52 | |||\n"
        "二、上年结转政府信息公开申请数量 | 2 | 0 | 0 | 0 | 2 | ||||\n"
        "3.危及“三安全一稳定” | 2 | 0 | 0 | 0 | 0 | 0 | 2 |\n"
        "三、本年度办理结果 | （三）不予公开 | 4.保护第三方合法权益 | 0 | 0 | 0 | ||||\n"
        "5.属于三类内部事务信息 | 3 | 0 | 0 | 0 | 3 | ||||\n"
        "（七）总计 | 51 | 1 | 0 | 2 | 54 | ||||\n"
        "四、结转下年度继续办理 | 0 | 0 | 0 | 0 | 0 |\n"
    )
    report = gov.parse(text)
    keys = [c.key for c in report.layout.table(RQ).blocks[0].columns]
    states = {report[f"{RQ}/refused_third_party_rights/{k}"].state for k in keys}
    assert states <= {State.AMBIGUOUS, State.ABSENT, State.SOLVED}


GROUP = (
    "一、本年新收政府信息公开申请数量 3 0 0 0 0 0 3\n"
    "二、上年结转政府信息公开申请数量 0 0 0 0 0 0 0\n"
    "三、本年度办理结果 （一）予以公开 3 0 0 0 0 0 3\n"
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形） 0 0 0 0 0 0 0\n"
    "5.要求行政机关确认或重新出具已获取信息 0 0 0 0 0 0 0\n"
)
END = "（七）总计 3 0 0 0 0 0 3\n四、结转下年度继续办理 0 0 0 0 0 0 0\n"


def test_other_handling_before_rows_that_lost_their_names_is_the_group_of_2021() -> None:
    # the group's three parts have lost their names; two of them their blank cells too
    text = HEAD.replace(" | ", " ") + GROUP + "（六）其他处理 0 0 0 0 0 0 0\n0 0\n0 0 0\n" + END
    report = gov.parse(text)
    assert not [f.path for f in report if f.path.startswith(f"{RQ}/other_handling/")]
    assert report[f"{RQ}/outcomes_total/total"].value == 3


def test_numbers_below_the_name_of_a_group_are_not_its_own() -> None:
    text = (
        HEAD
        + GROUP.replace(" 0", " | 0").replace(" 3", " | 3")
        + "（六）其他处理 | |||||||\n| |||||||\n0 | 0 | 0 | 0 | 0 | 0 | 0 | |\n"
        + END.replace(" 0", " | 0").replace(" 3", " | 3")
    )
    report = gov.parse(text)
    assert not [f.path for f in report if f.path.startswith(f"{RQ}/other_handling/")]


def test_the_single_row_of_2019_stays_a_row() -> None:
    text = HEAD.replace(" | ", " ") + GROUP + "（六）其他处理 0 0 0 0 0 0 0\n" + END
    report = gov.parse(text)
    assert values(report, "other_handling") == [0] * 7


def cells(label: str, *values: object) -> str:
    """A row with a cell a line."""
    return f"{label} |\n" + "".join(f"{v} |\n" for v in values)


def a_cell_a_line(group: str) -> gov.Report:
    """Table 3 with a cell a line; ``group`` stands where the 2021 form has （六）其他处理."""
    head = "清河县人民政府2022年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n"
    names = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
    return gov.parse(
        head
        + "".join(f"{n} |\n" for n in names)
        + cells("一、本年新收政府信息公开申请数量", 9, 1, 0, 0, 0, 0, 10)
        + cells("二、上年结转政府信息公开申请数量", 1, 0, 0, 0, 0, 0, 1)
        + cells("三、本年度办理结果 |\n（一）予以公开", 4, 0, 0, 0, 0, 0, 4)
        + cells("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", 2, 1, 0, 0, 0, 0, 3)
        + cells("5.要求行政机关确认或重新出具已获取信息", 0, 0, 0, 0, 0, 0, 0)
        + group
        + cells("（七）总计", 9, 1, 0, 0, 0, 0, 10)
        + cells("四、结转下年度继续办理", 1, 0, 0, 0, 0, 0, 1)
    )


def test_numbers_behind_more_than_a_row_of_blank_cells_are_not_the_group_names() -> None:
    report = a_cell_a_line(
        "（六）其他处理 |\n" + "|\n" * 16 + "3 |\n0 |\n0 |\n0 |\n0 |\n0 |\n3 | ||\n"
    )
    assert not [f.path for f in report if f.path.startswith(f"{RQ}/other_handling/")]


def test_numbers_on_both_sides_of_an_empty_line_are_no_single_row() -> None:
    report = a_cell_a_line(
        "（六）其他处理 |\n1 |\n1 |\n1 | |||||\n||||||||\n2 |\n1 |\n1 |\n2 | |||||\n"
    )
    assert not [f.path for f in report if f.path.startswith(f"{RQ}/other_handling/")]


def test_a_row_of_2019_with_a_cell_a_line_stays_a_row() -> None:
    report = a_cell_a_line(cells("（六）其他处理", 3, 0, 0, 0, 0, 0, 3))
    assert values(report, "other_handling") == [3, 0, 0, 0, 0, 0, 3]
