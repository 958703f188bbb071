"""Rulings that part no rectangle: the table says so, since a cell's bounds are not sure."""

from __future__ import annotations

from govreport_parse.documents.pdf import read_pdf

from .pdf_maker import Pdf


def drawn(*inner: tuple[float, float, float, float]) -> Pdf:
    """A box of four words in its corners, with inner rulings."""
    pdf = Pdf()
    sheet = pdf.sheet()
    for line in (
        *((100, 100, 300, 100), (100, 200, 300, 200), (100, 100, 100, 200), (300, 100, 300, 200)),
        *inner,
    ):
        sheet.line(*line)
    for x, y, word in ((120, 125, "甲"), (220, 125, "1"), (120, 175, "乙"), (220, 175, "2")):
        sheet.text(x, y, word, 10)
    return pdf


def test_a_cell_with_a_bend_is_noted_and_whole_grids_are_not() -> None:
    bent = drawn((200, 100, 200, 150), (200, 150, 300, 150))
    (table,) = read_pdf(bytes(bent), engine="fast").tables
    assert "irregular_cell" in table.notes
    whole = drawn((200, 100, 200, 200), (100, 150, 300, 150))
    (table,) = read_pdf(bytes(whole), engine="fast").tables
    assert table.notes == []
    assert table.grid() == [["甲", "1"], ["乙", "2"]]
