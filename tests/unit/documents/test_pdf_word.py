"""Whole reports drawn as Word and WPS draw them: every figure, from both engines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from govreport_parse.parsing import parse
from govreport_parse.testing import Record, random_record

from . import official_grids
from .pdf_maker import GridCellSpec, Sheet, draw_grid
from .pdf_reports import _LABELS, DISCLOSURE_XS, LITIGATION_XS, REQUEST_XS, TITLE
from .pdf_word import OfficePdf

GREY, WHITE, DARK = "0.85 0.9 0.95", "1 1 1", "0.2 0.3 0.6"


def shaded(
    sheet: Sheet, cells: Sequence[GridCellSpec], xs: Any, ys: Any, ground: str, **rest: Any
) -> None:
    """A grid whose first two rows (all, if white) stand on a coloured ground."""
    first = rest.get("first_row", 0)
    for cell in cells:
        top, end = cell.row - first, min(cell.row + cell.rowspan - first, len(ys) - 1)
        if ground and top >= 0 and end > top and (cell.row < 2 or ground == WHITE):
            x, y = xs[cell.column], sheet.height - ys[end]
            width, height = xs[cell.column + cell.colspan] - x, ys[end] - ys[top]
            sheet.raw(f"{ground} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f* 0 g")
    draw_grid(sheet, cells, xs, ys, **rest)


def report(habits: str, seed: int, *, cut: int = 0, ground: str = "", **edges: bool) -> Any:
    """A record, and its report; ``cut``: the row of table 3 that begins the next page."""
    record = random_record(random.Random(seed), form="ogi_annual_2021", size="county")
    values = iter(record.values()[f.path] for f in record.layout.figures)

    def fill() -> str:
        value = next(values)
        return "" if value is None else str(value)

    pdf = OfficePdf(habits, seed)
    sheet = pdf.sheet()
    sheet.text(140, 40, TITLE, 14)
    sheet.text(60, 90, "二、主动公开政府信息情况", 12)
    two = official_grids.disclosure(fill)
    shaded(sheet, two, DISCLOSURE_XS, [100.0 + 24 * k for k in range(15)], ground)
    three = official_grids.requests(fill)
    for cell in three:
        cell.text = _LABELS.get(cell.text, cell.text)
    rows = max(c.row + c.rowspan for c in three)
    sheet = pdf.sheet()
    sheet.text(60, 60, "三、收到和处理政府信息公开申请情况", 12)
    end = cut or rows
    ys = [70.0 + 22 * k for k in range(end + 1)]
    shaded(sheet, three, REQUEST_XS, ys, ground, size=4.0, **edges)
    if cut:
        sheet = pdf.sheet()
        ys = [50.0 + 22 * k for k in range(rows - cut + 1)]
        shaded(sheet, three, REQUEST_XS, ys, ground, size=4.0, first_row=cut, **edges)
    sheet = pdf.sheet()
    sheet.text(60, 60, "四、政府信息公开行政复议、行政诉讼情况", 12)
    four = official_grids.litigation(fill)
    rows = max(c.row + c.rowspan for c in four)
    shaded(sheet, four, LITIGATION_XS, [70.0 + 26 * k for k in range(rows + 1)], ground)
    return record, bytes(pdf)


SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "cut": {"cut": 12},
    "cut without borders": {"cut": 20, "top": False, "bottom": False},
    "shaded head": {"ground": GREY},
    "white boxes": {"ground": WHITE, "cut": 15},
    "dark head": {"ground": DARK},
}


@pytest.mark.parametrize(
    ("shape", "engine"),
    [*((shape, "fast") for shape in SHAPES), ("cut without borders", "pdfplumber")],
)
@pytest.mark.parametrize("habits", ["word", "wps"])
def test_every_figure_of_an_office_pdf_is_right(habits: str, shape: str, engine: str) -> None:
    seed = 300 + list(SHAPES).index(shape)
    record: Record
    record, data = report(habits, seed, **SHAPES[shape])
    found = parse(data, engine=engine)
    assert found.values == record.values()
    assert {f.code for f in found.findings} <= {
        "engine_is_reference",
        "label_fuzzy",
        "section_missing",
    }
