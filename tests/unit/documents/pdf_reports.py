"""A whole report of the 2021 form as a PDF, drawn by ``pdf_maker``."""

from __future__ import annotations

from typing import Any

from . import official_grids
from .official_grids import Fill
from .pdf_maker import Pdf, draw_grid

DISCLOSURE_XS = [60.0, 160.0, 280.0, 400.0, 520.0]
REQUEST_XS = [40.0, 80.0, 150.0, 300.0, *(300.0 + 36 * k for k in range(1, 8))]
LITIGATION_XS = [45.0 + 33 * k for k in range(16)]
TITLE = "望川市人民政府2023年政府信息公开工作年度报告"


_LABELS = {
    "1.逾期不补正": "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "2.逾期未缴纳费用": "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
}
"""Labels that the bare grids shorten beyond what the form's other rows allow."""


def report_pdf(
    fill: Fill, *, tables: tuple[int, ...] = (2, 3, 4), title: str = TITLE, into: Any = None
) -> tuple[Any, Any]:
    """Title and tables, a table a page; and the page of table 3 (else the last) for further ink.

    ``fill`` gives the text of each figure, in the order of the form. ``into``: an ``Ofd`` to draw
    into instead of a ``Pdf``.
    """
    pdf = Pdf() if into is None else into
    sheet = pdf.sheet()
    sheet.text(140, 40, title, 14)
    ink = sheet
    if 2 in tables:
        sheet.text(60, 90, "二、主动公开政府信息情况", 12)
        two = official_grids.disclosure(fill)
        draw_grid(sheet, two, DISCLOSURE_XS, [100.0 + 24 * k for k in range(_rows(two) + 1)])
    if 3 in tables:
        ink = sheet = pdf.sheet()
        sheet.text(60, 60, "三、收到和处理政府信息公开申请情况", 12)
        three = official_grids.requests(fill)
        for cell in three:
            cell.text = _LABELS.get(cell.text, cell.text)
        ys = [70.0 + 22 * k for k in range(_rows(three) + 1)]
        draw_grid(sheet, three, REQUEST_XS, ys, size=4.0)
    if 4 in tables:
        sheet = pdf.sheet()
        sheet.text(60, 60, "四、政府信息公开行政复议、行政诉讼情况", 12)
        four = official_grids.litigation(fill)
        draw_grid(sheet, four, LITIGATION_XS, [70.0 + 26 * k for k in range(_rows(four) + 1)])
    return pdf, ink


def _rows(cells: list) -> int:  # type: ignore[type-arg]
    return max(c.row + c.rowspan for c in cells)
