"""A table of half a year before the report: the report leads, the other one is in ``.others``."""

from __future__ import annotations

import pytest

from govreport_parse.errors import NotAReportError
from govreport_parse.parsing import parse
from govreport_parse.report import Report

RECEIVED = "requests/requests_received/total"
_ROWS = (
    "一、本年新收政府信息公开申请数量",
    "二、上年结转政府信息公开申请数量",
    "（一）予以公开",
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
    "1.属于国家秘密",
    "2.其他法律行政法规禁止公开",
    "（七）总计",
    "四、结转下年度继续办理",
)
_COLUMNS = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
TITLE = "<h1>溪口县林业局2023年政府信息公开工作年度报告</h1>"
HALF = "2023年上半年收到和处理政府信息公开申请情况统计表"


def _table(received: int) -> str:
    """Table 3 with so many new requests, all of natural persons and all granted."""
    numbers = [received, 0, received, 0, 0, 0, received, 0]
    rows = [_COLUMNS]
    rows += [[label, str(n), *"00000", str(n)] for label, n in zip(_ROWS, numbers, strict=True)]
    cells = ("".join(f"<td>{c}</td>" for c in row) for row in rows)
    return "<table>" + "".join(f"<tr>{c}</tr>" for c in cells) + "</table>"


def _sections(received: int) -> str:
    return (
        "<p>一、总体情况</p><p>本年度按条例要求开展工作。</p>"
        f"<p>三、收到和处理政府信息公开申请情况</p>{_table(received)}"
        "<p>五、存在的主要问题及改进情况</p><p>学习不够。</p>"
    )


def _received(report: Report) -> list[object]:
    return [r[RECEIVED].value for r in (report, *report.others)]


def _ids(report: Report) -> list[str]:
    return [r.report_id.removeprefix(report.source.sha256[:16]) for r in (report, *report.others)]


@pytest.mark.parametrize(
    "body",
    [
        # The page's title before the table of half a year, or behind it too.
        f"{TITLE}<p>{HALF}</p>{_table(4)}{_sections(9)}",
        f"{TITLE}<p>{HALF}</p>{_table(4)}{TITLE}{_sections(9)}",
        # The earlier year's table alone.
        f"{TITLE}<p>{HALF.replace('2023年上半年', '2022年')}</p>{_table(4)}{_sections(9)}",
    ],
)
def test_the_report_leads_before_a_table_of_another_period(body: str) -> None:
    report = parse(f"<html><body>{body}</body></html>")
    assert _received(report) == [9, 4]
    assert _ids(report) == ["", "#2"]
    assert (report.organ, report.year) == ("溪口县林业局", 2023)
    assert report.title == "溪口县林业局2023年政府信息公开工作年度报告"
    codes = [f.code for f in report.findings]
    assert codes.count("several_reports") == 1
    assert "table_of_other_year" not in codes
    assert "table_of_other_year" in [f.code for f in report.others[0].findings]


def test_two_reports_of_whole_years_keep_their_order() -> None:
    second = TITLE.replace("溪口县林业局", "溪口县水利局")
    report = parse(f"<html><body>{TITLE}{_sections(9)}{second}{_sections(4)}</body></html>")
    assert _received(report) == [9, 4]
    assert [r.organ for r in (report, *report.others)] == ["溪口县林业局", "溪口县水利局"]


def test_a_table_of_half_a_year_behind_the_report_stays_behind() -> None:
    half = f"<h1>溪口县林业局政府信息公开年报附表</h1><p>{HALF}</p>{_table(4)}"
    report = parse(f"<html><body>{TITLE}{_sections(9)}{half}</body></html>")
    assert _received(report) == [9, 4]
    assert _ids(report) == ["", "#2"]


def test_a_part_that_is_no_report_is_left_out_and_said() -> None:
    top = f"<h1>溪口县林业局2023年上半年政府信息公开情况统计</h1>{_table(4)}"
    report = parse(f"<html><body>{top}{TITLE}{_sections(9)}</body></html>")
    assert _received(report) == [9]
    (said,) = [f.message for f in report.findings if f.code == "several_reports"]
    assert said.startswith("1 of the document's 2 parts were left out: ")
    assert "statistics" in said


def test_parts_none_of_which_is_a_report_are_refused() -> None:
    top = f"<h1>溪口县林业局2023年上半年政府信息公开情况统计</h1>{_table(4)}"
    with pytest.raises(NotAReportError, match="statistics"):
        parse(f"<html><body>{top}</body></html>")
