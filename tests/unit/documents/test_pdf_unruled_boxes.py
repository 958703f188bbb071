"""Places of cells in tables without rulings: each box holds its own text and no other's."""

from __future__ import annotations

from itertools import pairwise

import pytest

from govreport_parse.documents.pdf import read_pdf

from .pdf_maker import Pdf


@pytest.mark.parametrize("engine", ["fast", "pdfplumber"])
def test_borders_stand_half_way_between_label_and_columns(engine: str) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for r in range(8):
        sheet.text(60, 120 + 22 * r, f"{r + 1}.属于国家秘密", 10)
        for c in range(7):
            sheet.text(255 + 45 * c, 120 + 22 * r, str((r + c) % 10), 10)
    (table,) = read_pdf(bytes(pdf), engine=engine).tables
    assert table.notes == ["unruled"]
    places = zip(table.rows, table.columns, table.bboxes, strict=True)
    boxes = [box for row, _, box in sorted(places, key=lambda place: place[:2]) if row == 0]
    lefts, rights = [box[0] for box in boxes], [box[2] for box in boxes]
    assert rights[:-1] == pytest.approx(lefts[1:])
    # the label ends before 145, the digits are 5 points wide at 255, 300, 345 ...
    assert lefts[0] == pytest.approx(60, abs=2)
    assert 145 < lefts[1] < 255
    for k, (left, right) in enumerate(pairwise(lefts[1:])):
        assert left < 255 + 45 * k
        assert right > 260 + 45 * k
    middles = [257.5 + 45 * k + 22.5 for k in range(6)]
    assert lefts[2:] == pytest.approx(middles, abs=2)
