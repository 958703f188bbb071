"""Workbooks: values as plain texts, merges, cells that would seem blank, sizes before reading."""

from __future__ import annotations

import datetime
import io
import random
import struct
import sys
import time
import zipfile

import pytest
from doc_files import ole

from govreport_parse.documents.model import Paragraph, Table
from govreport_parse.documents.sheet import plain_text, read_sheet
from govreport_parse.documents.sheet_looks import looks
from govreport_parse.documents.sheet_survey import column_number
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    UnsupportedFormatError,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."


def xlsx(*sheets: tuple[str, str] | tuple[str, str, str], **more: str) -> bytes:
    """A workbook of (name, XML of sheetData and what follows, further attributes)."""
    names = "".join(
        f'<sheet name="{s[0]}" sheetId="{i}" r:id="rId{i}" {s[2] if len(s) > 2 else ""}/>'
        for i, s in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="rId{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override '
        f'PartName="/xl/workbook.xml" ContentType="{SHEET_KIND}sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="w" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{names}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}'
        f'<Relationship Id="s" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    for i, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{MAIN}">{sheet[1]}</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in (parts | more).items():
            z.writestr(name, text)
    return out.getvalue()


def cell(place: str, value: object = None, more: str = "") -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr" {more}><is><t>{value}</t></is></c>'
    return (
        f'<c r="{place}" {more}/>' if value is None else f'<c r="{place}" {more}><v>{value}</v></c>'
    )


def data(*rows: str, merges: tuple[str, ...] = ()) -> str:
    body = "".join(f'<row r="{i}">{row}</row>' for i, row in enumerate(rows, 1))
    merged = "".join(f'<mergeCell ref="{m}"/>' for m in merges)
    return f"<sheetData>{body}</sheetData>" + (
        f"<mergeCells>{merged}</mergeCells>" if merges else ""
    )


def one_table(content: bytes) -> Table:
    (table,) = read_sheet(content).tables
    return table


def boxes(t: Table) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.column, c.rowspan, c.colspan) for c in t]


# --- values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"), (0.0, "0"), (-0.0, "0"), (-18.0, "-18"), (25.1, "25.1"), (1e6, "1000000"),
        (0.1 + 0.2, "0.3"), (24252.311082, "24252.311082"), (75394432.52, "75394432.52"),
        (1e15, "1000000000000000"), (1e-7, "0.0000001"), (160.5964, "160.5964"), (7, "7"),
        (True, "TRUE"), (False, "FALSE"), ("  12 ", "  12 "), ("", ""), (None, ""),
        (datetime.date(2024, 1, 18), "2024-01-18"),
        (datetime.datetime(2024, 1, 18), "2024-01-18"),
        (datetime.datetime(2024, 1, 18, 9, 30), "2024-01-18 09:30:00"),
        (datetime.time(9, 30), "09:30:00"),
    ],
)  # fmt: skip
def test_values_become_plain_texts(value: object, text: str) -> None:
    assert plain_text(value) == text


def test_a_sheet_is_a_table_with_its_name_and_true_places() -> None:
    content = xlsx(
        ("年报 表", data("", cell("B2", "规章") + cell("C2", 1) + cell("D2") + cell("E2", 3.5)))
    )
    t = one_table(content)
    assert t.sheet == "年报 表"
    assert t.number == 1
    assert t.grid() == [[""] * 5, ["", "规章", "1", "", "3.5"]]
    assert t.locator(t.texts.index("3.5")).to_dict() == {
        "sheet": "年报 表", "table": 1, "row": 2, "column": 5,
    }  # fmt: skip


def test_dates_are_iso() -> None:
    # Day 45309 of the 1900 system is 2024-01-18.
    content = xlsx(("甲", data(cell("A1", 45309, 's="1"') + cell("B1", 45309))))
    assert one_table(content).texts == ["2024-01-18", "45309"]


def test_merged_ranges_are_opened_and_tell_the_width_of_blank_columns() -> None:
    content = xlsx(
        (
            "甲",
            data(
                cell("A1", "申请人情况"), cell("A2", "三") + cell("B2", "公开"),
                cell("A3") + cell("B3", 5), merges=("A1:D1", "A2:A3"),
            ),
        )
    )  # fmt: skip
    assert boxes(one_table(content)) == [
        ("申请人情况", 0, 0, 1, 4),
        ("三", 1, 0, 2, 1), ("公开", 1, 1, 1, 1), ("", 1, 2, 1, 1), ("", 1, 3, 1, 1),
        ("5", 2, 1, 1, 1), ("", 2, 2, 1, 1), ("", 2, 3, 1, 1),
    ]  # fmt: skip


def test_whole_row_merges_and_hidden_values_under_merges() -> None:
    content = xlsx(("甲", data(cell("A1", "题") + cell("B1", "藏"), cell("A2", 1) + cell("B2", 2),
                               merges=("A1:XFD1",))))  # fmt: skip
    t = one_table(content)
    assert boxes(t) == [("题", 0, 0, 1, 2), ("1", 1, 0, 1, 1), ("2", 1, 1, 1, 1)]
    assert t.notes == ["merged_cell_text"]


def test_a_sheet_of_one_column_is_paragraphs() -> None:
    content = xlsx(("甲", data(cell("A1", "一、总体情况"), "", cell("A3", "正文&#10;二"))))
    assert read_sheet(content).blocks == [
        Paragraph("一、总体情况"), Paragraph("正文"), Paragraph("二"),
    ]  # fmt: skip


def test_errors_and_uncomputed_formulas_are_ink_not_blanks() -> None:
    row = (
        cell("A1", "合计") + '<c r="B1" t="e"><v>#N/A</v></c>' + '<c r="C1"><f>1+1</f></c>'
        '<c r="D1"><f>1+1</f><v>2</v></c>' + '<c r="E1"><f>1+1</f><v></v></c>'
        '<c r="F1" t="str"><f>""</f><v></v></c>' + cell("G1", 1)
    )
    assert one_table(xlsx(("甲", data(row)))).texts == [
        "合计", "#ERROR", "#FORMULA", "2", "#FORMULA", "", "1",
    ]  # fmt: skip


def test_sheets_come_in_order_and_hidden_or_blank_ones_are_left_out() -> None:
    full = data(cell("A1", "甲") + cell("B1", 1))
    content = xlsx(
        ("一", full), ("空", data(cell("A1", " "))), ("藏", full, 'state="hidden"'),
        ("深", full, 'state="veryHidden"'), ("二", full),
    )  # fmt: skip
    doc = read_sheet(content)
    assert [(t.number, t.sheet) for t in doc.tables] == [(1, "一"), (2, "二")]
    (finding,) = doc.findings
    assert finding.code == "hidden_sheet"
    assert finding.detail == (("sheets", ["藏", "深"]),)
    assert doc.format == "sheet"


# --- looks: what a workbook does not show, or shows otherwise -----------------------------------

FONTS = (
    '<font><sz val="11"/></font><font><color rgb="FFFFFFFF"/></font><font><color theme="0"/></font>'
    '<font><sz val="1"/></font><font><strike/></font><font><color rgb="FFFF0000"/></font>'
    '<font><color theme="0" tint="-0.5"/></font>'
)
FILLS = (
    '<fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF003366"/></patternFill></fill>'
    '<fill><patternFill patternType="solid"><fgColor theme="0"/></patternFill></fill>'
)
CODES = (";;;", "0!.0,", "#,##0,", '0"0"', '0"件"', "0;-0;;@", "#,##0.00_ ", "0.00%")


def styled(xf: str, value: object, more: str = "") -> tuple[str, list[str]]:
    """Text of a cell of this style beside others, and the codes of the findings."""
    formats = "".join(
        f'<numFmt numFmtId="{164 + i}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for i, code in enumerate(CODES)
    )
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><fonts>{FONTS}</fonts>'
        f"<fills>{FILLS}</fills><cellXfs><xf/><xf {xf}/></cellXfs></styleSheet>"
    )
    row = cell("A1", "甲") + cell("B1", value, 's="1"') + cell("C1", 9)
    doc = read_sheet(xlsx(("表", more + data(row)), **{"xl/styles.xml": styles}))
    assert (doc.tables[0].texts[0], doc.tables[0].texts[2]) == ("甲", "9")
    return doc.tables[0].texts[1], [f.code for f in doc.findings]


@pytest.mark.parametrize(
    "xf",
    [
        'fontId="1"', 'fontId="2"', 'fontId="3"', 'fontId="1" fillId="1"', 'fontId="1" fillId="3"',
        'numFmtId="164"', 'numFmtId="165"', 'numFmtId="166"', 'numFmtId="167"', 'numFmtId="171"',
        'numFmtId="9"',
    ],
)  # fmt: skip
def test_figures_that_are_not_shown_or_shown_otherwise_stand_apart(xf: str) -> None:
    if 'fillId="1"' in xf:  # a grey ground: white is seen
        assert styled(xf, 251000) == ("251000", [])
    else:
        assert styled(xf, 251000) == ("⟦251000⟧", ["doubtful_text"])


@pytest.mark.parametrize(
    "xf",
    ['fontId="5"', 'fontId="6"', 'fontId="1" fillId="2"', 'numFmtId="168"', 'numFmtId="170"',
     'numFmtId="169"', 'numFmtId="2"'],
)  # fmt: skip
def test_figures_that_are_shown_are_read(xf: str) -> None:
    assert styled(xf, 25.5) == ("25.5", [])


def test_words_in_white_are_read_and_struck_out_cells_are_left_out() -> None:
    assert styled('fontId="1"', "规章1") == ("规章1", [])
    assert styled('fontId="4"', 10) == ("", ["hidden_text"])


def test_zeros_that_are_not_shown_are_read_and_said() -> None:
    assert styled('numFmtId="169"', 0) == ("0", ["zeros_not_shown"])
    view = '<sheetViews><sheetView showZeros="0" workbookViewId="0"/></sheetViews>'
    assert styled("", 0, view) == ("0", ["zeros_not_shown"])
    assert styled("", 5, view) == ("5", [])


def rich(text: str, properties: str = "") -> str:
    return f"<r><rPr>{properties}</rPr><t>{text}</t></r>" if properties else f"<r><t>{text}</t></r>"


@pytest.mark.parametrize(
    ("runs", "text", "code"),
    [
        (rich("10", "<strike/>") + rich("6"), "6", "hidden_text"),
        (rich("6") + rich("1", '<vertAlign val="superscript"/>'), "6[1]", ""),
        (rich("6", '<vertAlign val="superscript"/>'), "6", ""),
        (rich("10") + rich("1", '<color rgb="FFFFFFFF"/>'), "10⟦1⟧", "doubtful_text"),
        (rich("10") + rich("1", '<color theme="0"/>'), "10⟦1⟧", "doubtful_text"),
        (rich("10") + rich("1", '<sz val="5"/>'), "10⟦1⟧", "doubtful_text"),
        (rich("10") + rich("件", '<sz val="5"/>'), "10件", ""),
        (rich("10") + rich("件", '<color theme="0"/>'), "10件", ""),
        (rich("10") + rich("万元", '<color theme="0"/>'), "10⟦万元⟧", "doubtful_text"),
        (rich("1", '<sz val="5"/>') + rich("0", '<sz val="6"/>'), "10", ""),
        (rich("1", '<strike val="0"/>') + rich("0", '<color rgb="FFFF0000"/>'), "10", ""),
        (rich("1&amp;", "<b/>") + rich("0", "<strike/>"), "1&", "hidden_text"),
    ],
)
def test_runs_of_a_text_that_are_struck_out_raised_or_unseen(
    runs: str, text: str, code: str
) -> None:
    inline = f'<c r="B1" t="inlineStr"><is>{runs}</is></c>'
    shared = '<c r="B1" t="s"><v>1</v></c>'
    strings = f'<sst xmlns="{MAIN}"><si><t>别</t></si><si>{runs}</si></sst>'
    link = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" '
        f'Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    parts = {"xl/sharedStrings.xml": strings, "xl/_rels/workbook.xml.rels": link}
    for middle in (inline, shared):
        row = cell("A1", "甲") + middle + cell("C1", 9)
        doc = read_sheet(xlsx(("表", data(row)), **parts))
        assert doc.tables[0].texts == ["甲", text, "9"]
        assert [f.code for f in doc.findings] == [code] * bool(code)


@pytest.mark.parametrize(
    "strings",
    ["<si>" * 200_000, "<si><r>" * 90_000, "<r>" * 200_000, "<si><r><rPh " * 50_000, ""],
)
def test_broken_shared_texts_are_looked_at_in_linear_time(strings: str) -> None:
    xml = f"<sst><x><strike/>{strings}".encode()
    start = time.process_time()
    assert dict(looks({"xl/sharedstrings.xml": xml}).texts) == {}
    assert time.process_time() - start < 30


def test_hidden_rows_and_columns_are_read_and_said() -> None:
    content = (
        '<cols><col min="1" max="1" width="9"/><col hidden="1" min="2" max="3"/>'
        '<col min="9" max="16384" hidden="1"/></cols><sheetData>'
        f'<row r="1">{cell("A1", "甲")}{cell("B1", 1)}{cell("C1", 2)}{cell("D1", 3)}</row>'
        f'<row r="2" ht="15" hidden="true">{cell("A2", "乙")}{cell("B2", 4)}</row>'
        '<row r="3" hidden="1"/></sheetData>'
    )
    doc = read_sheet(xlsx(("表", content)))
    assert doc.tables[0].texts == ["甲", "1", "2", "3", "乙", "4", "", ""]
    (found,) = doc.findings
    assert (found.code, found.severity) == ("hidden_rows", "warning")
    assert dict(found.detail) == {"rows": 1, "columns": 2}


def test_a_blank_cell_under_a_picture_is_not_blank() -> None:
    drawing = (
        "<d:wsDr xmlns:d='http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing'>"
        "<d:twoCellAnchor><d:from><d:col>1</d:col><d:row>0</d:row></d:from>"
        "<d:to><d:col>3</d:col><d:row>1</d:row></d:to><d:pic/></d:twoCellAnchor>"
        "<d:oneCellAnchor><d:from><d:col>1</d:col><d:row>1</d:row></d:from><d:sp/>"
        "</d:oneCellAnchor><d:oneCellAnchor><d:from><d:col>70</d:col><d:row>90</d:row></d:from>"
        "<d:pic/></d:oneCellAnchor></d:wsDr>"
    )
    relation = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{REL}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    rows = (cell("A1", "甲") + cell("C1", 5) + cell("D1", 7), cell("A2", "乙") + cell("D2", 8))
    content = data(*rows) + f'<drawing xmlns:r="{REL}" r:id="rId1"/>'
    parts = {
        "xl/drawings/drawing1.xml": drawing,
        "xl/worksheets/_rels/sheet1.xml.rels": relation,
    }
    doc = read_sheet(xlsx(("表", content), **parts))
    # the picture lies over B1 and C1; a line at B2 is no picture
    assert doc.tables[0].texts == ["甲", "⟦图片⟧", "5", "7", "乙", "", "", "8"]
    assert [f.code for f in doc.findings] == ["cell_not_text"]


# --- ODS -----------------------------------------------------------------------------------

ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows: str, manifest: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("mimetype", ODS_KIND)
        z.writestr(
            "content.xml",
            f"<office:document-content {ODS_NAMES}><office:body><office:spreadsheet>"
            f'<table:table table:name="甲">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        z.writestr("META-INF/manifest.xml", manifest or "<m/>")
    return out.getvalue()


def ods_text(text: str, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def ods_number(value: float) -> str:
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def test_ods_values_spans_and_errors() -> None:
    content = ods(
        "<table:table-row>"
        + ods_text("申请人情况", 'table:number-columns-spanned="3" table:number-rows-spanned="1"')
        + '<table:covered-table-cell table:number-columns-repeated="2"/></table:table-row>'
        + f"<table:table-row>{ods_text('甲')}{ods_number(12.0)}"
        + ods_text("#N/A", 'calcext:value-type="error"')
        + '</table:table-row><table:table-row table:number-rows-repeated="1048574">'
        + '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    t = one_table(content)
    assert boxes(t)[:3] == [("申请人情况", 0, 0, 1, 3), ("甲", 1, 0, 1, 1), ("12", 1, 1, 1, 1)]
    assert t.texts[3] in ("#ERROR", "#N/A")
    assert len(t) == 4


# --- XLS -----------------------------------------------------------------------------------


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(body)) + body


def xls(cells: list[bytes], before: bytes = b"", name: str = "表") -> bytes:
    """A BIFF8 workbook of one sheet, from records of cells."""
    bof = record(0x0809, struct.pack("<4H2I", 0x0600, 0x0005, 0, 0, 0, 0))
    raw = name.encode("utf-16-le")

    def bound(at: int) -> bytes:
        return record(0x0085, struct.pack("<IHBB", at, 0, len(name), 1) + raw)

    code_page = record(0x0042, struct.pack("<H", 1200))
    head = len(bof) + len(before) + len(code_page) + len(bound(0)) + 4
    sheet = record(0x0809, struct.pack("<4H2I", 0x0600, 0x0010, 0, 0, 0, 0))
    stream = bof + before + code_page + bound(head) + record(0x000A)
    return ole({"Workbook": stream + sheet + b"".join(cells) + record(0x000A)})


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<3Hd", row, column, 0, value))


def test_xls_and_et_cells_are_read_with_merges_and_errors() -> None:
    cells = [
        number(0, 0, 5.0), number(0, 2, 25.1), record(0x0205, struct.pack("<3H2B", 1, 1, 0, 7, 1)),
        record(0x00E5, struct.pack("<5H", 1, 0, 0, 0, 1)),
    ]  # fmt: skip
    t = one_table(xls(cells))
    assert t.sheet == "表"
    assert boxes(t) == [
        ("5", 0, 0, 1, 2), ("25.1", 0, 2, 1, 1),
        ("", 1, 0, 1, 1), ("#ERROR", 1, 1, 1, 1), ("", 1, 2, 1, 1),
    ]  # fmt: skip


def test_hidden_rows_and_columns_of_xls_and_ods_are_said() -> None:
    hidden_row = record(0x0208, struct.pack("<6H4B", 0, 0, 2, 255, 0, 0, 0x20, 1, 15, 0))
    hidden_column = record(0x007D, struct.pack("<6H", 1, 1, 2304, 15, 1, 0))
    doc = read_sheet(xls([hidden_column, hidden_row, number(0, 0, 5.0), number(0, 1, 6.0)]))
    assert doc.tables[0].texts == ["5", "6"]
    assert dict(doc.findings[0].detail) == {"rows": 1, "columns": 1}
    row = f"{ods_text('甲')}{ods_number(12.0)}</table:table-row>"
    content = ods(f'<table:table-row table:visibility="collapse">{row}<table:table-row>{row}')
    doc = read_sheet(content)
    assert doc.tables[0].texts == ["甲", "12", "甲", "12"]
    assert dict(doc.findings[0].detail) == {"rows": 1, "columns": 0}


# --- limits and refusals -------------------------------------------------------------------


FAR = '<c r="XFD1048576"><v>1</v></c>'


@pytest.mark.parametrize(
    "content",
    [
        xlsx(("甲", data(cell("A1", 1) + FAR))),
        xlsx(("甲", data(cell("A1", 1) + FAR.replace('"', "'")))),
        xlsx(("甲", data(cell("A1", 1) + FAR.replace("XFD", "xfd")))),
        xlsx(("甲", data(cell("A1", 1) + FAR.replace("XFD1048576", "ZZZZZZ99999999999")))),
        xlsx(("甲", f"<sheetData><row r='1'>{cell('A1', 1)}</row>"
              "<row r='1048576'><c><v>1</v></c></row></sheetData>")),
        xlsx(("甲", data(*["".join(f"<c r='{c}{r}'><v>1</v></c>" for c in "ABCDEFGHIJ")
                          for r in range(1, 20_002)]))),
        ods("<table:table-row>" + ods_text("甲", 'table:number-columns-repeated="1000000000"')
            + "</table:table-row>"),
        ods('<table:table-row table:number-rows-repeated="1000000">'
            f"{ods_text('甲')}</table:table-row>"),
        ods('<table:table-row><table:table-cell table:number-columns-repeated="99999999"/>'
            f"{ods_text('甲')}</table:table-row>"),
        xls([number(0, 0, 1.0), number(65535, 255, 2.0)]),
    ],
)  # fmt: skip
def test_far_cells_are_refused_before_a_grid_is_made(content: bytes) -> None:
    began = time.process_time()
    with pytest.raises(LimitExceededError) as caught:
        read_sheet(content)
    assert caught.value.hint
    assert time.process_time() - began < 30


def test_a_bomb_in_any_part_of_the_package_is_refused() -> None:
    with pytest.raises(LimitExceededError):
        read_sheet(xlsx(("甲", data(cell("A1", 1))), **{"xl/media/a.bin": "a" * (3 * 2**20)}))


def test_more_bytes_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govreport_parse.documents.sheet_survey.MAX_BYTES", 10)
    with pytest.raises(LimitExceededError, match="too large"):
        read_sheet(xlsx(("甲", data(cell("A1", 1)))))


def zipped(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, text in parts.items():
            z.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", UnsupportedFormatError, "no workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", UnsupportedFormatError, "no workbook"),
        ("序号\t数量\n1\t2\n".encode("gbk"), UnsupportedFormatError, "no workbook"),
        (zipped(**{"word/document.xml": "<x/>"}), UnsupportedFormatError, "no workbook"),
        (zipped(**{"xl/workbook.bin": "x"}), UnsupportedFormatError, "XLSB"),
        (ole({"WordDocument": b"x"}), UnsupportedFormatError, "no workbook"),
        (ole({"EncryptedPackage": b"x"}), UnsupportedFormatError, "encrypted"),
        (xls([number(0, 0, 1.0)], before=record(0x002F, bytes(6))), UnsupportedFormatError, "encr"),
        (ods("", manifest="<m:encryption-data/>"), UnsupportedFormatError, "encrypted"),
        (xlsx(("甲", data(cell("A1", 1))))[:-30], DecodeError, "directory"),
        (zipped(**{"xl/workbook.xml": "<workbook"}), DecodeError, "broken XML"),
        (xlsx(("甲", data("<c r='A1'><v>1</c>"))), DecodeError, "could not be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), DecodeError, "damaged"),
    ],
)
def test_each_refusal_has_its_typed_error_and_hint(
    content: bytes, error: type[GovReportError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_sheet(content)
    assert caught.value.hint


@pytest.mark.parametrize("module", ["python_calamine", "olefile", "lxml"])
def test_without_the_extra_the_error_names_it(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    content = xls([number(0, 0, 1.0)]) if module == "olefile" else xlsx(("甲", data(cell("A1", 1))))
    with pytest.raises(UnsupportedFormatError) as caught:
        read_sheet(content)
    assert caught.value.hint == 'pip install "govreport_parse[office]"'


def test_changed_xml_and_records_give_a_document_or_a_typed_error() -> None:
    rng = random.Random(5)
    sheet = data(cell("A1", "甲") + cell("B1", 1.5), cell("A2") + cell("B2", 2), merges=("A1:B1",))
    read = 0
    for _ in range(300):
        body = bytearray(sheet.encode())
        for _ in range(rng.choice((1, 2, 4))):
            at = rng.randrange(len(body))
            body[at : at + rng.randrange(3)] = rng.choice(
                (b"", b"9", b"/", b'"', b"A", b"-1", b">")
            )
        content = xlsx(("甲", body.decode("utf-8", "ignore")))
        old = bytearray(xls([number(0, 0, 5.0), number(3, 2, 1.0)]))
        for _ in range(4):
            old[rng.randrange(512, 1200)] = rng.randrange(256)
        for candidate in (content, bytes(old)):
            try:
                read_sheet(candidate)
            except GovReportError:
                continue
            read += 1
    assert read > 100


def test_column_letters() -> None:
    assert [column_number(x) for x in (b"A", b"Z", b"AA", b"XFD")] == [0, 25, 26, 16383]
