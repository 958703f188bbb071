"""What PDFs of further producers and layouts draw otherwise: found by reading some two hundred.

Figures as in ``test_pdf_marks``: the first of table 3 stands in the cell from x = 300 to 336 and
y = 136 to 158 (842 - y in user space), all others are 0.
"""

from __future__ import annotations

import math
from math import pi

import pytest

from govreport_parse.documents.pdf import PdfLimits, read_pdf
from govreport_parse.documents.pdf_garble import is_garbled
from govreport_parse.documents.pdf_level import lean_of
from govreport_parse.documents.pdf_marks import is_raised_mark
from govreport_parse.documents.pdf_scan import check_streams
from govreport_parse.documents.ruling import merge_pieces
from govreport_parse.errors import ScannedDocumentError
from govreport_parse.parsing import parse
from govreport_parse.values import State

from .official_grids import Fill
from .pdf_maker import Pdf, Sheet
from .pdf_reports import report_pdf
from .test_pdf_marks import BOTH, RECEIVED, X, Y, drawn


def cell(engine: str, operators: str) -> tuple[str, State, object]:
    figure = parse(drawn(operators), engine=engine)[RECEIVED]
    return figure.raw, figure.state, figure.value


# -- boxes inside of cells -------------------------------------------------------------------------


def box(x: float, y: float, width: float, height: float) -> str:
    return f"0.5 w {x} {y} {width} {height} re S "


@BOTH
def test_a_box_around_each_digit_is_no_table(engine: str) -> None:
    one = f"BT /HV 8 Tf {X + 3} {Y} Td (1) Tj 6.4 0 Td (3) Tj 6.4 0 Td (0) Tj ET "
    boxes = "".join(box(X + 2 + 6.4 * k, Y - 2, 6.4, 10) for k in range(3))
    assert cell(engine, one + boxes) == ("130", State.REPORTED, 130)


@BOTH
def test_boxes_around_the_numbers_of_two_cells_are_no_table(engine: str) -> None:
    # 3.4 points from the rulings: two boxes of one row are level and near enough for one grid.
    count = iter(range(1, 1000))
    pdf, sheet = report_pdf(lambda: "" if next(count) in (11, 12) else "0")
    for k, text in enumerate(("13", "7")):
        x = X + 36 * k
        sheet.raw(f"BT /HV 8 Tf {x + 4} {Y} Td ({text}) Tj ET {box(x + 1.5, Y - 4.4, 27, 15)}")
    report = parse(bytes(pdf), engine=engine)
    assert report[RECEIVED].value == 13
    assert report["requests/requests_received/business"].value == 7


@BOTH
@pytest.mark.parametrize(
    "inset", [(1.5, -6.5, 27, 18.5), (-2.0, -3.5, 32, 14.5), (1.5, -6.5, 33, 20.0)]
)
def test_a_box_that_touches_the_borders_of_its_cell_leaves_no_blank(
    engine: str, inset: tuple[float, float, float, float]
) -> None:
    left, low, width, height = inset
    operators = f"BT /HV 8 Tf {X + 4} {Y} Td (13) Tj ET {box(X + left, Y + low, width, height)}"
    assert cell(engine, operators) == ("13", State.REPORTED, 13)


@BOTH
def test_borders_drawn_as_a_box_less_a_box_are_rulings(engine: str) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(60, 60, "二、主动公开政府信息情况", 12)
    for row in range(3):
        for column in range(4):
            _ring(sheet, 60 + 100 * column, 80 + 24 * row, 98.5, 22.5)
            # Blank cells have no place without rulings.
            text = f"{row}{column}" if (row + column) % 2 else ""
            sheet.text(100 + 100 * column, 96 + 24 * row, text, 9)
    (table,) = read_pdf(bytes(pdf), engine=engine).tables  # type: ignore[arg-type]
    assert (table.n_rows, max(table.columns) + 1) == (3, 4)
    assert table.texts == ["", "01", "", "03", "10", "", "12", "", "", "21", "", "23"]


def _ring(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    bottom = sheet.height - y - height
    sheet.raw(
        f"{x} {bottom} {width} {height} re {x + 0.5} {bottom + 0.5} {width - 1} {height - 1} re f*"
    )


# -- text over text --------------------------------------------------------------------------------


@BOTH
def test_a_page_number_over_a_number_makes_no_footnote_mark_of_it(engine: str) -> None:
    page_number = f"BT /HV 12 Tf {X} {Y - 3} Td (2) Tj ET "
    raw, state, value = cell(engine, f"{page_number} BT /HV 8 Tf {X + 5} {Y} Td (4) Tj ET")
    assert (state, value) == (State.UNREADABLE, None), raw


def test_a_mark_stands_behind_its_digit() -> None:
    digit = (0.0, 8.0, 0.0, 10.0, "16")
    assert is_raised_mark(digit, (7.6, 10.0, 0.0, 5.0, "1"))
    assert not is_raised_mark(digit, (7.0, 9.5, 0.0, 5.0, "1"))
    assert not is_raised_mark(digit, (8.0, 10.0, 2.0, 5.0, "0")), "a figure in a watermark's 88"


@BOTH
def test_figures_on_their_heads_are_not_read_backwards(engine: str) -> None:
    """All figures of the document, so that most of its digits are turned."""
    pdf, sheet = report_pdf(lambda: "", tables=(3,))
    for row in range(20):
        for column in range(7):
            x, y = 320 + 36 * column, 842 - (143 + 22 * row)
            sheet.raw(f"BT /HV 8 Tf -1 0 0 -1 {x} {y} Tm (785) Tj ET")
    report = parse(bytes(pdf), engine=engine)
    assert report[RECEIVED].state is State.UNREADABLE
    assert not [f for f in report.columns.values if f is not None]


@BOTH
def test_a_white_digit_half_behind_a_black_one_is_not_seen(engine: str) -> None:
    white = f"q 1 g BT /HV 8 Tf {X} {Y} Td (8) Tj ET Q "
    raw, state, value = cell(engine, f"{white} BT /HV 8 Tf {X + 3} {Y} Td (1073) Tj ET")
    assert (state, value) == (State.UNREADABLE, None), raw


@BOTH
def test_a_slanted_watermark_of_more_letters_than_the_page_is_left_out(engine: str) -> None:
    pdf, sheet = report_pdf(lambda: "0", tables=(3,))
    for k in range(60):
        for column in range(6):
            x, y = 30 + 90 * column, 30 + 13 * k
            sheet.raw(f"q 0.8 g BT /HV 9 Tf 0.866 0.5 -0.5 0.866 {x} {y} Tm (202188) Tj ET Q")
    report = parse(bytes(pdf), engine=engine)
    assert report[RECEIVED].value == 0
    assert [f.code for f in report.findings if f.code.startswith("cell")] == []


# -- files -----------------------------------------------------------------------------------------


def test_a_report_in_twelve_forms_is_read() -> None:
    """pdfTeX, Ghostscript and stamping tools wrap pages again and again."""
    pdf, _ = report_pdf(lambda: "5", tables=(3,))
    fonts = " ".join(f"/{name} {number} 0 R" for name, number in pdf.fonts.items())
    body = b"\n".join(pdf.sheets[-1].parts)
    head = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << "
    number = pdf.stream(f"{head} /Font << {fonts} >> >>", body)
    for _ in range(11):
        number = pdf.stream(f"{head} /XObject << /F {number} 0 R >> >>", b"q /F Do Q")
    pdf.sheets[-1].parts = [b"/F Do"]
    pdf.sheets[-1].xobjects["F"] = number
    report = parse(bytes(pdf))
    assert report[RECEIVED].value == 5
    assert report["requests/carried_forward/total"].value == 5


def test_decimals_of_widths_are_no_character_codes() -> None:
    """PDFKit writes widths as 546.875 and 609.3750000001."""
    pdf = bytes(report_pdf(lambda: "0")[0])
    said = pdf.replace(b"/W [1 95 500]", b"/W [1 [609.3750000001 546.875]]")
    assert said != pdf
    check_streams(said, PdfLimits(), strict=True)


GARBLED = {
    "glyph numbers as Latin letters": "ŘǫĐĆźƣøǑƣøĮǌƼŜłƨǑĂąƛĊƼŜøěśƄŭơıðǣaĆīįĊ",
    "glyph numbers as ideographs": "刉崀⸹☪奐䶿䈮䇥䶿䈮⟖䕮⪙䋾䄑✅䇥䈾䥅⼆暓㵃刉崀⸹☪奐䶿䈮䇥䶿䈮",
    "glyph numbers as control signs": "\ufffd" * 40 + "'()*+,-./0123456789",
}


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED)
def test_text_without_common_characters_is_garbled(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "Annual report on government information disclosure, 2021: 148 requests received",
        "柳湾县人民政府2021年政府信息公开工作年度报告，现将工作情况报告如下。",
        "結果維持 結果糾正 其他結果 尚未審結 總計 行政復議 行政訴訟 未經復議直接起訴",
        "ئۇيغۇر ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى ھۆكۈمەت ئۇچۇرلىرىنى ئاشكارىلاش",
        "专用章甲乙丙丁戊己庚辛",
    ],
)
def test_other_text_is_not(text: str) -> None:
    assert not is_garbled(text)


def test_a_document_of_garbled_text_is_a_scan() -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for k in range(4):
        sheet.text(60, 100 + 20 * k, GARBLED["glyph numbers as ideographs"][:30], 12)
    with pytest.raises(ScannedDocumentError):
        read_pdf(bytes(pdf))


# -- tables without rulings ------------------------------------------------------------------------


@BOTH
def test_a_number_broken_over_two_lines_is_not_its_first_half(engine: str) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(100, 80, "三、收到和处理政府信息公开申请情况", 12)
    for row in range(6):
        y = 120 + 40 * row
        sheet.text(60, y, f"{row + 1}.属于国家秘密", 10)
        for column in range(7):
            sheet.text(260 + 45 * column, y, "19" if column == 0 else str(column), 10)
        sheet.text(262, y + 11, "0", 10)
    (table,) = read_pdf(bytes(pdf), engine=engine).tables  # type: ignore[arg-type]
    assert table.n_rows == 6
    firsts = [t for t, c in zip(table.texts, table.columns, strict=True) if c == 1]
    assert firsts == ["19\n0"] * 6


# -- pages that are not as they are shown ----------------------------------------------------------


@BOTH
@pytest.mark.parametrize("degrees", [-3.0, -0.3, 0.4, 1.2, 5.0])
def test_a_page_that_leans_is_levelled(engine: str, degrees: float) -> None:
    """Read as it stands, the numbers of a row come into the rows above and below."""
    pdf, sheet = report_pdf(_count())
    angle = math.radians(degrees)
    c, s = math.cos(angle), math.sin(angle)
    sheet.parts.insert(0, f"q {c} {s} {-s} {c} 20 -10 cm".encode())
    sheet.raw("Q")
    report = parse(bytes(pdf), engine=engine)
    # The figures are numbered in the order of the form: no two are alike.
    assert list(report.columns.values) == list(range(1, len(report.columns.values) + 1))


def _count() -> Fill:
    numbers = iter(range(1, 1000))
    return lambda: str(next(numbers))


@pytest.mark.parametrize(
    ("angles", "expected"),
    [
        ([0.0] * 10, 0.0),
        ([0.02] * 10, 0.02),
        ([pi / 2 + 0.02] * 10, 0.02),
        ([2 * pi - 0.02] * 10, -0.02),
        ([0.02] * 6 + [0.0] * 4, 0.0),  # a table in the middle of level text
        ([0.0] * 6 + [0.5] * 4, 0.0),  # a watermark
        ([0.001] * 10, 0.0),  # rounding
        ([0.52] * 10, 0.0),  # a watermark of more letters than the page
        ([-1.0] * 10, 0.0),
        ([], 0.0),
    ],
)
def test_by_how_much_a_page_leans(angles: list[float], expected: float) -> None:
    assert lean_of(angles) == pytest.approx(expected)


@BOTH
def test_the_rulings_of_another_table_move_no_border(engine: str) -> None:
    """Lines of two tables 3 points apart are two: digits close to a border stay in their cells."""
    pdf = Pdf()
    sheet = pdf.sheet()
    for top, shift, rows in ((100, 3.0, 12), (500, 0.0, 2)):
        for row in range(rows):
            for column in range(4):
                x = 60 + 100 * column + shift
                sheet.frame(x, top + 20 * row, x + 100, top + 20 * row + 20)
                sheet.raw(f"BT /HV 8 Tf {x} {842 - top - 20 * row - 14} Td ({column}) Tj ET")
    tables = read_pdf(bytes(pdf), engine=engine).tables  # type: ignore[arg-type]
    assert [t.texts for t in tables] == [["0", "1", "2", "3"] * 12, ["0", "1", "2", "3"] * 2]


def test_pieces_of_one_line_stay_one_position_where_they_touch() -> None:
    assert merge_pieces([(100.0, 0.0, 50.0), (102.0, 51.0, 101.0)]) == [(101.0, 0.0, 101.0)]
    assert merge_pieces([(100.0, 0.0, 50.0), (102.0, 90.0, 140.0)]) == [
        (100.0, 0.0, 50.0),
        (102.0, 90.0, 140.0),
    ]


@BOTH
def test_what_is_typed_into_form_fields_is_read(engine: str) -> None:
    count = iter(range(1, 1000))
    pdf, _ = report_pdf(lambda: "" if next(count) == 11 else "0")
    data = bytes(pdf)
    start = data.rindex(b"xref\n0 ")
    # The first figure of table 3 (page 2) is none of the page's content.
    look = b"BT /HV 8 Tf 2 3 Td (7) Tj ET"
    font = f"/Font << /HV {pdf.fonts['HV']} 0 R >>".encode()
    size = data.count(b" 0 obj\n")
    field = (
        b"%d 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (7) /F 4"
        b" /Rect [%d %d %d %d] /AP << /N %d 0 R >> >>\nendobj\n"
        % (size + 1, X + 17, Y - 3, X + 30, Y + 9, size + 2)
    )
    form = (
        b"%d 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 13 12] /Resources << %s >>"
        b" /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (size + 2, font, len(look), look)
    )
    pages = [i for i in range(len(data)) if data.startswith(b"/Type /Page ", i)]
    at = pages[1] + len(b"/Type /Page ")
    data = data[:at] + b"/Annots [%d 0 R] " % (size + 1) + data[at:start] + field + form
    # Readers mend the table of offsets themselves.
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n0\n%%%%EOF\n" % (size + 3)
    assert parse(data, engine=engine)[RECEIVED].value == 7
