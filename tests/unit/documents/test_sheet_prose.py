"""Sheets in which headings stand between the tables."""

from __future__ import annotations

from test_sheet import cell, data, xlsx

from govreport_parse.documents.model import Paragraph, Table
from govreport_parse.documents.sheet import read_sheet


def test_each_row_stands_once_and_tables_begin_below_their_headings() -> None:
    document = read_sheet(
        xlsx(
            (
                "年报",
                data(
                    cell("A1", "二、主动公开政府信息情况"),
                    cell("A2", "规章") + cell("B2", 1) + cell("C2", 2),
                    cell("A3", "行政许可") + cell("B3", 3) + cell("C3", 4),
                    cell("A4", "三、收到和处理政府信息公开申请情况"),
                    cell("A5", "总计") + cell("B5", 5) + cell("C5", 6),
                ),
            )
        )
    )
    assert [type(b) for b in document.blocks] == [Paragraph, Table, Paragraph, Table]
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == [
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
    ]
    first, second = document.tables
    assert first.grid() == [["规章", "1", "2"], ["行政许可", "3", "4"]]
    assert second.grid() == [["总计", "5", "6"]]
    # rows are counted as in the sheet: 5 stands in row 5
    assert first.locator(first.texts.index("4")).to_dict()["row"] == 3
    assert second.locator(second.texts.index("5")).to_dict()["row"] == 5
