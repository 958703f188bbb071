"""A table under the caption of another year."""

from __future__ import annotations

import pytest
from town_pages import page

import govreport_parse as gov

CODE = "table_of_other_year"


def captioned(line: str) -> gov.Report:
    """The page of 2023 with a line right before its table of requests."""
    text = page()
    at = text.index("<table", text.index("三、收到和处理政府信息公开申请情况"))
    return gov.parse((text[:at] + f"<p>{line}</p>" + text[at:]).encode())


@pytest.mark.parametrize(
    "line",
    [
        "2022年收到和处理政府信息公开申请情况",
        "附表：2022年度依申请公开情况统计表",
        "2021、2022年申请情况表（2021年）",
    ],
)
def test_a_caption_of_an_earlier_year_is_told_and_the_numbers_stay(line: str) -> None:
    report = captioned(line)
    assert report.year == 2023
    (said,) = [f for f in report.findings if f.code == CODE]
    assert said.severity == "warning"
    assert line in said.message
    assert report["requests/granted/natural_person"].value == 2


@pytest.mark.parametrize(
    "line",
    [
        "2023年收到和处理政府信息公开申请情况",
        "2022—2023年政府信息公开申请情况表（2023年）",
        "收到和处理政府信息公开申请情况",
        "2022年，本镇未收到申请。",
        "2022年收到和处理政府信息公开申请情况与上一年度相比有所增加，其中自然人提出的申请占多数，法人提出的申请占少数，较往年变化不大。",
        "国办公开办函〔2021〕30号规定的统计表",
    ],
)
def test_other_lines_before_a_table_are_no_caption_of_another_year(line: str) -> None:
    assert CODE not in {f.code for f in captioned(line).findings}


def test_without_a_year_nothing_is_contradicted() -> None:
    text = page().replace("2023", "某")
    assert CODE not in {f.code for f in gov.parse(text.encode()).findings}


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("2023年上半年政府信息公开申请情况统计表", "上半年"),
        ("附：2023年第三季度依申请公开情况", "第三季度"),
        ("2023年1-6月申请处理情况统计", "1-6月"),
        ("表2 收到和处理申请情况（7月至12月）", "7月至12月"),
    ],
)
def test_a_caption_of_a_part_of_the_year_is_an_error(line: str, part: str) -> None:
    report = captioned(line)
    (said,) = [f for f in report.findings if f.code == CODE]
    assert (said.severity, dict(said.detail)["part"]) == ("error", part)
    assert report["requests/granted/natural_person"].value == 2


@pytest.mark.parametrize(
    "line",
    [
        "2023年1-12月申请处理情况统计表",
        "申请情况统计表（2023年1月1日至12月31日）",
        "2023年上半年和下半年申请情况统计表",
        "统计表（2023年1月至12月）",
        "收到和处理申请情况见表3-4",
    ],
)
def test_captions_of_the_whole_year_are_silent(line: str) -> None:
    assert CODE not in {f.code for f in captioned(line).findings}
