"""What ``read_pdf`` promises of readable documents, by both engines."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.documents.pdf import read_pdf

from . import official_grids
from .pdf_maker import GridCellSpec, Pdf, Sheet, draw_grid

ENGINES = ("fast", "pdfplumber")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "corpus"


@pytest.fixture(params=ENGINES)
def read(request: pytest.FixtureRequest) -> Callable[[Pdf], Document]:
    return lambda pdf: read_pdf(bytes(pdf), engine=request.param)


def numbers(seed: int) -> Callable[[], str]:
    """Random cells: numbers of one to six digits, zeros, blanks, dashes."""
    rng = random.Random(seed)

    def fill() -> str:
        kind = rng.random()
        if kind < 0.3:
            return "0"
        if kind < 0.4:
            return ""
        return "-" if kind < 0.45 else str(rng.randrange(10 ** rng.randrange(1, 7)))

    return fill


def cells_of(table: Table) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in table]


def expected(cells: list[GridCellSpec]) -> list[tuple[int, int, int, int, str]]:
    return sorted((c.row, c.column, c.rowspan, c.colspan, c.text) for c in cells)


def texts(document: Document) -> list[str]:
    return [b.text for b in document.blocks if not isinstance(b, Table)]


DISCLOSURE_XS = [60.0, 160.0, 280.0, 400.0, 520.0]
REQUEST_XS = [40.0, 80.0, 150.0, 300.0, *(300.0 + 36 * k for k in range(1, 8))]
LITIGATION_XS = [45.0 + 33 * k for k in range(16)]


def steps(start: float, step: float, rows: int) -> list[float]:
    return [start + step * k for k in range(rows + 1)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cut", [6, 15, 20])
def test_official_grids_come_out_cell_by_cell(
    read: Callable[[Pdf], Document], seed: int, cut: int
) -> None:
    fill = numbers(seed)
    two, three, four = (
        official_grids.disclosure(fill),
        official_grids.requests(fill),
        official_grids.litigation(fill),
    )
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(100, 60, "二、主动公开政府信息情况", 12)
    draw_grid(sheet, two, DISCLOSURE_XS, steps(70, 17, 14))
    sheet.text(100, 330, "三、收到和处理政府信息公开申请情况", 12)
    draw_grid(sheet, three, REQUEST_XS, steps(350, 22, cut))
    sheet = pdf.sheet()
    draw_grid(sheet, three, REQUEST_XS, steps(50, 20, 28 - cut), first_row=cut)
    sheet.text(100, 600, "四、政府信息公开行政复议、行政诉讼情况", 12)
    draw_grid(sheet, four, LITIGATION_XS, steps(620, 22, 4))
    document = read(pdf)
    first, second, third = document.tables
    assert cells_of(first) == expected(two)
    assert cells_of(second) == expected(three)
    assert cells_of(third) == expected(four)
    assert second.notes == ["stitched"]
    assert second.pages == [1] * cut + [2] * (28 - cut)
    assert [(t.n_rows, t.n_columns) for t in document.tables] == [(14, 4), (28, 10), (4, 15)]


def test_first_row_after_the_break_survives_a_missing_border(
    read: Callable[[Pdf], Document],
) -> None:
    three = official_grids.requests(numbers(7))
    pdf = Pdf()
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(400, 22, 12), bottom=False)
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(50, 22, 16), first_row=12, top=False)
    (table,) = read(pdf).tables
    assert cells_of(table) == expected(three)


def test_locators_name_page_row_and_box(read: Callable[[Pdf], Document]) -> None:
    three = official_grids.requests(lambda: "8")
    pdf = Pdf()
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(400, 22, 12))
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(50, 22, 16), first_row=12)
    (table,) = read(pdf).tables
    last = table.locator(len(table) - 1)
    assert (last.page, last.row, last.column) == (2, 28, 10)
    assert last.bbox is not None
    for found, drawn in zip(last.bbox, (516, 380, 552, 402), strict=True):
        assert abs(found - drawn) < 1.5


def test_repeated_header_rows_are_dropped_with_a_note(read: Callable[[Pdf], Document]) -> None:
    three = official_grids.requests(numbers(1))
    head = [c for c in three if c.row < 3]
    pdf = Pdf()
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(300, 22, 16))
    sheet = pdf.sheet()
    draw_grid(sheet, head, REQUEST_XS, steps(50, 22, 3))
    draw_grid(sheet, three, REQUEST_XS, steps(116, 22, 12), first_row=16)
    (table,) = read(pdf).tables
    assert cells_of(table) == expected(three)
    assert "repeated_header" in table.notes


def test_a_row_equal_to_the_first_data_row_is_no_repeated_header(
    read: Callable[[Pdf], Document],
) -> None:
    # Both pages start with a row of numbers: neither is a header.
    rows = [GridCellSpec(r, c, 1, 1, "0") for r in range(4) for c in range(3)]
    pdf = Pdf()
    draw_grid(pdf.sheet(), rows, [100, 200, 300, 400], steps(700, 20, 2))
    draw_grid(pdf.sheet(), rows, [100, 200, 300, 400], steps(50, 20, 2), first_row=2)
    (table,) = read(pdf).tables
    assert table.n_rows == 4
    assert "repeated_header" not in table.notes


def small(sheet: Sheet, rows: list[list[str]], top: float, bottom_line: bool = True) -> None:
    cells = [GridCellSpec(r, c, 1, 1, t) for r, row in enumerate(rows) for c, t in enumerate(row)]
    draw_grid(sheet, cells, [60, 260, 360, 460], steps(top, 20, len(rows)), bottom=bottom_line)


def test_a_row_cut_by_the_break_is_joined(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    small(
        pdf.sheet(), [["（一）予以公开", "1", "2"], ["（二）部分公开（区分处理的，", "3", "4"]], 700
    )
    small(pdf.sheet(), [["只计这一情形）", "", ""], ["（七）总计", "5", "6"]], 50)
    document = read(pdf)
    (table,) = document.tables
    assert table.grid() == [
        ["（一）予以公开", "1", "2"],
        ["（二）部分公开（区分处理的，\n只计这一情形）", "3", "4"],
        ["（七）总计", "5", "6"],
    ]
    assert "joined_row" in table.notes
    assert [f.code for f in document.findings] == ["row_joined"]


@pytest.mark.parametrize(
    "below",
    [
        ["2.重复申请", "", ""],  # numbered: a row of its own, though it is blank
        ["只计这一情形）", "7", ""],  # both halves hold a number in the same column
    ],
)
def test_a_row_of_its_own_is_never_joined(
    read: Callable[[Pdf], Document], below: list[str]
) -> None:
    pdf = Pdf()
    small(pdf.sheet(), [["（一）予以公开", "1", "2"], ["1.信访（举报", "3", "4"]], 700)
    small(pdf.sheet(), [below, ["（七）总计", "5", "6"]], 50)
    (table,) = read(pdf).tables
    assert table.grid()[2] == below
    assert table.n_rows == 4


def test_blank_unnumbered_row_after_an_unnumbered_row_is_kept(
    read: Callable[[Pdf], Document],
) -> None:
    pdf = Pdf()
    small(pdf.sheet(), [["信息内容", "制发件数", "废止件数"], ["规章", "3", "4"]], 700)
    small(pdf.sheet(), [["行政规范性文件", "", ""], ["行政许可", "5", "6"]], 50)
    (table,) = read(pdf).tables
    assert table.grid()[2] == ["行政规范性文件", "", ""]


def test_tables_of_other_columns_are_not_stitched(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    small(pdf.sheet(), [["规章", "1", "2"], ["行政许可", "3", "4"]], 700)
    cells = [GridCellSpec(r, c, 1, 1, "9") for r in range(2) for c in range(4)]
    draw_grid(pdf.sheet(), cells, [60, 130, 300, 400, 460], steps(50, 20, 2))
    assert [t.n_columns for t in read(pdf).tables] == [3, 4]


def test_tables_parted_by_text_are_not_stitched(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    small(pdf.sheet(), [["规章", "1", "2"], ["行政许可", "3", "4"]], 600)
    sheet = pdf.sheet()
    sheet.text(60, 60, "三、收到和处理政府信息公开申请情况", 12)
    small(sheet, [["规章", "1", "2"], ["行政许可", "3", "4"]], 80)
    assert len(read(pdf).tables) == 2


def test_digits_parted_by_kerning_are_one_number(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    small(sheet, [["规章", "", ""], ["许可", "", ""]], 100)
    sheet.pieces(290, 113, "(1) -180 (2) -220 (3)", 10)  # gaps of 0.18 and 0.22 em
    sheet.pieces(290, 133, "(7) -900 (8)", 10)  # a gap of 0.9 em: two tokens
    (table,) = read(pdf).tables
    assert table.grid() == [["规章", "123", ""], ["许可", "7 8", ""]]


def test_digits_are_never_joined_over_a_cell_border(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    small(sheet, [["规章", "", ""], ["许可", "", ""]], 100)
    # 5.56 pt a digit: "12" ends just left of the ruling at 360, "34" starts just right of it.
    sheet.pieces(348.2, 113, "(12) -60 (34)", 10)
    (table,) = read(pdf).tables
    assert table.grid()[0] == ["规章", "12", "34"]


def test_text_printed_twice_for_boldness_is_read_once(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    small(sheet, [["规章", "11", "20"], ["许可", "3", "4"]], 100)
    x = 260 + (100 - 8) / 2
    sheet.text(x + 0.4, 110 + 0.38 * 8, "11", 8)
    (table,) = read(pdf).tables
    assert table.grid()[0] == ["规章", "11", "20"]


def test_no_ruling_makes_a_blank_cell_vanish(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    small(pdf.sheet(), [["规章", "", "3"], ["许可", "4", ""]], 100)
    (table,) = read(pdf).tables
    assert cells_of(table) == [
        (0, 0, 1, 1, "规章"),
        (0, 1, 1, 1, ""),
        (0, 2, 1, 1, "3"),
        (1, 0, 1, 1, "许可"),
        (1, 1, 1, 1, "4"),
        (1, 2, 1, 1, ""),
    ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_page_is_read_as_shown(read: Callable[[Pdf], Document], rotate: int) -> None:
    """Content drawn so that /Rotate shows it upright."""
    four = official_grids.litigation(numbers(rotate))
    plain = Sheet(842.0, 595.0)
    plain.text(100, 80, "四、政府信息公开行政复议、行政诉讼情况", 12)
    draw_grid(plain, four, [100.0 + 40 * k for k in range(16)], steps(100, 30, 4))
    pdf = Pdf()
    # Page rotated clockwise by N: the content is turned counter-clockwise by N beforehand.
    matrix, size = {
        0: ("1 0 0 1 0 0", (842.0, 595.0)),
        90: ("0 1 -1 0 595 0", (595.0, 842.0)),
        180: ("-1 0 0 -1 842 595", (842.0, 595.0)),
        270: ("0 -1 1 0 0 842", (595.0, 842.0)),
    }[rotate]
    sheet = pdf.sheet(*size, rotate=rotate)
    sheet.raw(f"q {matrix} cm")
    sheet.parts += plain.parts
    sheet.raw("Q")
    document = read(pdf)
    assert texts(document) == ["四、政府信息公开行政复议、行政诉讼情况"]
    assert cells_of(document.tables[0]) == expected(four)
    first = document.tables[0].locator(0).bbox
    assert first is not None
    assert abs(first[0] - 100) < 2
    assert abs(first[1] - 100) < 2


@pytest.mark.parametrize("quarter", ["0 1 -1 0 595 0", "0 -1 1 0 0 842"])
def test_a_table_drawn_sideways_on_an_upright_page_is_read(
    read: Callable[[Pdf], Document], quarter: str
) -> None:
    four = official_grids.litigation(numbers(3))
    plain = Sheet(842.0, 595.0)
    draw_grid(plain, four, [100.0 + 40 * k for k in range(16)], steps(100, 30, 4))
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.raw(f"q {quarter} cm")
    sheet.parts += plain.parts
    sheet.raw("Q")
    assert cells_of(read(pdf).tables[0]) == expected(four)


def test_a_page_box_away_from_the_origin_shifts_nothing(read: Callable[[Pdf], Document]) -> None:
    two = official_grids.disclosure(numbers(2))
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.raw("q 1 0 0 1 200 300 cm")
    draw_grid(sheet, two, DISCLOSURE_XS, steps(70, 17, 14))
    sheet.raw("Q")
    sheet.box = (200, 300, 795, 1142)
    (table,) = read(pdf).tables
    assert cells_of(table) == expected(two)
    assert table.bboxes is not None
    assert abs(table.bboxes[0][0] - 60) < 1
    assert abs(table.bboxes[0][1] - 70) < 1


def test_a_table_inside_of_a_form_is_read(read: Callable[[Pdf], Document]) -> None:
    two = official_grids.disclosure(numbers(4))
    inner = Sheet()
    draw_grid(inner, two, DISCLOSURE_XS, steps(70, 17, 14))
    pdf = Pdf()
    form = pdf.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Matrix [0.5 0 0 0.5 10 20]"
        f" /Resources << /Font << /CN {pdf.fonts['CN']} 0 R >> >>",
        b"\n".join(inner.parts),
    )
    sheet = pdf.sheet()
    sheet.xobjects["Fm"] = form
    sheet.raw("q 1.8 0 0 1.8 0 0 cm /Fm Do Q")
    (table,) = read(pdf).tables
    assert cells_of(table) == expected(two)


@pytest.mark.parametrize("style", ["boxes", "one_path", "thin_boxes", "separate"])
def test_every_way_to_draw_borders_gives_the_same_grid(
    read: Callable[[Pdf], Document], style: str
) -> None:
    two = official_grids.disclosure(numbers(5))
    ys = steps(70, 17, 14)
    pdf = Pdf()
    sheet = pdf.sheet()
    path = []
    for cell in two:
        x0, x1 = DISCLOSURE_XS[cell.column], DISCLOSURE_XS[cell.column + cell.colspan]
        y0, y1 = ys[cell.row], ys[cell.row + 1]
        if style == "boxes":
            sheet.frame(x0, y0, x1, y1)
        elif style == "separate":
            sheet.frame(x0 + 1, y0 + 1, x1 - 1, y1 - 1)
        else:
            for box in ((x0, y0, x1, y0 + 0.7), (x0, y1, x1, y1 + 0.7),
                        (x0, y0, x0 + 0.7, y1), (x1, y0, x1 + 0.7, y1)):  # fmt: skip
                if style == "thin_boxes":
                    sheet.bar(*box)
                else:
                    path.append(f"{box[0]} {842 - box[3]} {box[2] - box[0]} {box[3] - box[1]} re")
    if path:
        sheet.raw(" ".join(path) + " f")
    draw_grid(sheet, two, DISCLOSURE_XS, ys, rulings=False)
    (table,) = read(pdf).tables
    assert cells_of(table) == expected(two)


def test_shading_behind_text_is_no_table(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for k in range(6):
        sheet.bar(70, 100 + 20 * k, 520, 120 + 20 * k, grey=0.9)
        sheet.text(
            70, 114 + 20 * k, "全年主动公开政府信息一千余条，办理申请二十一件，均已按期答复完毕", 14
        )
    document = read(pdf)
    assert document.tables == []
    assert "".join(texts(document)).count("全年主动公开") == 6


def test_a_frame_around_text_is_a_paragraph(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(70, 100, "一、总体情况", 12)
    sheet.frame(60, 120, 500, 160)
    sheet.text(70, 140, "联系电话：12345678", 12)
    document = read(pdf)
    assert document.tables == []
    assert texts(document) == ["一、总体情况", "联系电话：12345678"]


def test_a_line_under_words_is_no_table(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(70, 100, "一、总体情况", 12)
    sheet.line(70, 103, 150, 103)
    assert read(pdf).tables == []


def unruled(columns: int, rows: int) -> tuple[Pdf, list[list[str]]]:
    fill = numbers(columns)
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(100, 80, "三、收到和处理政府信息公开申请情况", 12)
    out = []
    for r in range(rows):
        y = 120 + 22 * r
        label = f"{r + 1}.属于国家秘密"
        sheet.text(60, y, label, 10)
        row = [fill() or "0" for _ in range(columns)]
        for c, text in enumerate(row):
            # Right-aligned, as office suites set numbers by tabulators.
            sheet.text(260 + 45 * c - 5 * len(text), y, text, 10)
        out.append([label, *row])
    sheet.text(60, 140 + 22 * rows, "五、存在的主要问题", 12)
    return pdf, out


def test_numbers_in_columns_without_rulings_are_a_table(
    read: Callable[[Pdf], Document],
) -> None:
    pdf, rows = unruled(7, 8)
    document = read(pdf)
    (table,) = document.tables
    assert table.notes == ["unruled"]
    assert table.grid() == rows
    assert texts(document) == ["三、收到和处理政府信息公开申请情况", "五、存在的主要问题"]


def test_a_missing_number_leaves_its_own_place_empty(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for r in range(7):
        sheet.text(60, 100 + 20 * r, f"{r + 1}.重复申请", 10)
        for c in range(7):
            if (r, c) not in {(2, 3), (5, 0)}:
                sheet.text(250 + 40 * c, 100 + 20 * r, str(10 * r + c), 10)
    (table,) = read(pdf).tables
    assert table.grid()[2] == ["3.重复申请", "20", "21", "22", "", "24", "25", "26"]
    assert table.grid()[5] == ["6.重复申请", "", "51", "52", "53", "54", "55", "56"]


def test_a_number_close_to_its_label_is_not_swallowed(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for r in range(6):
        sheet.text(60, 100 + 20 * r, "二、上年结转数量", 10)
        # The label ends at 140; "37742" begins 4 points on.
        for c in range(6):
            sheet.text(144 + 40 * c, 100 + 20 * r, "37742", 10)
    (table,) = read(pdf).tables
    assert table.grid() == [["二、上年结转数量", *["37742"] * 6]] * 6


def test_labels_of_two_lines_belong_to_the_numbers_between_them(
    read: Callable[[Pdf], Document],
) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for r in range(6):
        y = 100 + 40 * r
        sheet.text(60, y - 6, f"{r + 1}.其他法律行政", 10)
        sheet.text(60, y + 6, "法规禁止公开", 10)
        for c in range(6):
            sheet.text(250 + 40 * c, y, str(r * c), 10)
    (table,) = read(pdf).tables
    assert table.grid() == [
        [f"{r + 1}.其他法律行政法规禁止公开", *[str(r * c) for c in range(6)]] for r in range(6)
    ]


@pytest.mark.parametrize(("columns", "rows"), [(4, 8), (7, 4)])
def test_too_few_rows_or_columns_stay_text_with_blanks(
    read: Callable[[Pdf], Document], columns: int, rows: int
) -> None:
    pdf, wanted = unruled(columns, rows)
    document = read(pdf)
    assert document.tables == []
    words = " ".join(texts(document)).split()
    for row in wanted:
        assert row[0] in words


NARRATIVE = (
    "二〇二三年，我局认真贯彻落实条例，全面推进政务公开工作，主动公开各类政府信息"
    "一千二百三十六条，其中通过门户网站公开一千条，通过新媒体公开二百三十六条，"
    "办理依申请公开二十一件，均按期答复。"
)


def write_lines(sheet: Sheet, text: str, top: float) -> float:
    """Set a paragraph: indent of two letters, 32 letters a line, 14 points."""
    y, rest, indent = top, text, 2
    while rest:
        take = 32 - indent
        sheet.text(70 + 14 * indent, y, rest[:take], 14)
        rest, indent, y = rest[take:], 0, y + 24
    return y


def test_lines_become_paragraphs_without_page_marks(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    for number in range(1, 5):
        sheet = pdf.sheet()
        sheet.text(200, 40, "某县某局政府信息公开", 9)
        y = write_lines(sheet, NARRATIVE, 100)
        sheet.text(98, y, f"（{'一二三四'[number - 1]}）主动公开情况", 14)
        write_lines(sheet, NARRATIVE, y + 24)
        sheet.text(280, 810, ["- 1 -", "— 2 —", "第 3 页 共 4 页", "4"][number - 1], 9)
    document = read(pdf)
    assert texts(document) == [
        text for k in "一二三四" for text in (NARRATIVE, f"（{k}）主动公开情况", NARRATIVE)
    ]
    assert [b.page for b in document.blocks if isinstance(b, Paragraph)] == [
        page for page in range(1, 5) for _ in range(3)
    ]


def test_a_paragraph_goes_on_over_the_page_break(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    first, second = pdf.sheet(), pdf.sheet()
    first.text(98, 740, NARRATIVE[:30], 14)
    first.text(70, 764, NARRATIVE[30:62], 14)
    first.text(280, 810, "-1-", 9)
    second.text(70, 80, NARRATIVE[62:], 14)
    assert texts(read(pdf)) == [NARRATIVE]


def test_numbers_that_are_no_page_marks_stay(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(98, 760, "截至年底，现行有效件数为", 14)
    sheet.text(290, 760, "12", 14)
    assert texts(read(pdf)) == ["截至年底，现行有效件数为 12"]


def test_a_centred_title_is_one_heading(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    sheet.text(294 - 44, 90, "某县某局", 22)
    sheet.text(294 - 154, 130, "2023年政府信息公开年度报告", 22)
    write_lines(sheet, NARRATIVE, 180)
    heading, paragraph = read(pdf).blocks
    assert isinstance(heading, Heading)
    assert heading.text == "某县某局2023年政府信息公开年度报告"
    assert paragraph == Paragraph(NARRATIVE, page=1)


def test_tables_and_text_stand_in_reading_order(read: Callable[[Pdf], Document]) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    # Drawn from bottom to top: only the place on the page counts.
    sheet.text(70, 400, "五、存在的主要问题", 12)
    small(sheet, [["许可", "5", "6"], ["处罚", "7", "8"]], 300)
    sheet.text(70, 280, "三、申请情况", 12)
    small(sheet, [["规章", "1", "2"], ["规范", "3", "4"]], 200)
    sheet.text(70, 180, "二、公开情况", 12)
    kinds = [b.n_rows if isinstance(b, Table) else b.text for b in read(pdf).blocks]
    assert kinds == ["二、公开情况", 2, "三、申请情况", 2, "五、存在的主要问题"]


def test_both_engines_give_the_same_document() -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    write_lines(sheet, NARRATIVE, 80)
    two, three = official_grids.disclosure(numbers(8)), official_grids.requests(numbers(9))
    draw_grid(sheet, two, DISCLOSURE_XS, steps(200, 17, 14))
    draw_grid(sheet, three, REQUEST_XS, steps(460, 20, 15))
    draw_grid(pdf.sheet(), three, REQUEST_XS, steps(50, 20, 13), first_row=15, top=False)
    fast, slow = (read_pdf(bytes(pdf), engine=e) for e in ENGINES)
    assert texts(fast) == texts(slow)
    assert [cells_of(t) for t in fast.tables] == [cells_of(t) for t in slow.tables]
    assert [t.pages for t in fast.tables] == [t.pages for t in slow.tables]


def words(text: str) -> list[str]:
    return text.split()


# The real report: labels of the 23-row table 3 in their order of appearance.
HONGZE_ROWS = words("""
    requests_received requests_carried_in granted granted_in_part refused_state_secret
    refused_prohibited_by_law refused_security_stability refused_third_party_rights
    refused_internal_affairs refused_process_information refused_enforcement_file
    refused_administrative_inquiry not_held needs_creation still_unclear
    petition_complaint repeated_request publication_requested excessive_requests
    confirm_or_reissue other_handling outcomes_total carried_forward
""")
HONGZE_LABELS = words("""
    本年新收 上年结转 予以公开 部分公开 国家秘密 其他法律 三安全 第三方 内部事务 过程性
    执法案卷 行政查询 不掌握 没有现成 仍不明确 信访举报 重复申请 公开出版物 大量反复
    确认或重 其他处理 总计 结转下年度
""")
APPLICANTS = words("""
    natural_person business research_institution public_interest_org legal_service_org
    other_org total
""")


def hongze_figures(document: Document) -> dict[str, str]:
    """Figures of the real report by row label and grid column."""

    def clean(text: str) -> str:
        return unicodedata.normalize("NFKC", re.sub(r"\s", "", text))

    two, three, four = document.tables
    out: dict[str, str] = {}
    grid = [[clean(t) for t in row] for row in two.grid()]
    by_label = {row[0]: row for row in grid}
    for key, label in (("rules", "规章"), ("normative_documents", "行政规范性文件")):
        for k, column in enumerate(("issued", "repealed", "in_force"), 1):
            out[f"proactive_disclosure/{key}/{column}"] = by_label[label][k]
    for key, label in (
        ("licensing", "行政许可"),
        ("penalties", "行政处罚"),
        ("coercive_measures", "行政强制"),
    ):
        out[f"proactive_disclosure/{key}/decisions"] = by_label[label][1]
    out["proactive_disclosure/administrative_fees/amount"] = by_label["行政事业性收费"][1]
    rows = [[clean(t) for t in row] for row in three.grid()][3:]
    assert len(rows) == len(HONGZE_ROWS)
    for key, label, row in zip(HONGZE_ROWS, HONGZE_LABELS, rows, strict=True):
        assert label in row[2]
        for column, value in zip(APPLICANTS, row[3:], strict=True):
            out[f"requests/{key}/{column}"] = value
    values = [clean(t) for t in four.grid()[-1]]
    blocks = ("review", "litigation_direct", "litigation_after_review")
    columns = ("upheld", "corrected", "other_outcome", "pending", "total")
    for k, value in enumerate(values):
        out[f"review_and_litigation/{blocks[k // 5]}/{columns[k % 5]}"] = value
    return out


@pytest.mark.parametrize("engine", ENGINES)
def test_every_figure_of_the_real_report_stands_in_its_cell(engine: str) -> None:
    source = SHARED / "hongze2023.pdf"
    if not source.exists():
        pytest.skip("the shared corpus is not here")
    answers = json.loads((SHARED / "real_figures.json").read_text("utf-8"))["hongze2023"]
    document = read_pdf(source.read_bytes(), engine=engine)  # type: ignore[arg-type]
    found = hongze_figures(document)
    wanted = {path: str(value) for path, value in answers["figures"].items()}
    assert len(wanted) == 186
    assert found == wanted
    assert [(t.n_rows, t.n_columns) for t in document.tables] == [(14, 4), (26, 10), (4, 15)]
