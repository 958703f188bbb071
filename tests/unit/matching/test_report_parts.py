"""Many reports in one document: each is found, and a page of many costs as many as it holds."""

from __future__ import annotations

from growth import assert_linear

import govreport_parse as gov
from govreport_parse.documents.html import read_html
from govreport_parse.matching.report_parts import split
from govreport_parse.matching.tables import match_tables

ROWS = (
    "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量", "（一）予以公开",
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "1.属于国家秘密",
    "2.其他法律行政法规禁止公开", "3.危及“三安全一稳定”", "4.保护第三方合法权益",
    "5.属于三类内部事务信息", "6.属于四类过程性信息",
)  # fmt: skip


def page(reports: int) -> str:
    """So many reports of offices of their own; each shows its number in every cell."""
    out = []
    for n in range(reports):
        rows = "".join(f"<tr><td>{row}</td>{f'<td>{n}</td>' * 7}</tr>" for row in ROWS)
        title = f"<h1>清河县第{n}局2023年政府信息公开工作年度报告</h1><p>一、总体情况</p>"
        out.append(f"{title}<table>{rows}</table>")
    return "".join(out)


def test_each_of_forty_reports_is_found_with_its_numbers() -> None:
    report = gov.parse(page(40))
    found = [report, *report.others]
    shown = [r["requests/granted/total"].value for r in found]
    assert shown == list(range(40))
    assert [r.title for r in found] == [
        f"清河县第{n}局2023年政府信息公开工作年度报告" for n in range(40)
    ]


def test_cutting_takes_time_with_the_number_of_reports() -> None:
    def cut(reports: int) -> None:
        document = read_html(page(reports))
        assert len(split(document, match_tables(document))) == reports

    assert_linear(cut, 400)
