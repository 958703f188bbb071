"""Legacy .doc: blank cells against row ends, merges, encodings, refusals; LibreOffice bridge."""

from __future__ import annotations

import os
import random
import shutil
import stat
import struct
import sys
from pathlib import Path

import pytest
from doc_files import IN_TABLE, ROW_END, Doc, ole, shape, word_95
from docx_files import docx, p

from govreport_parse.documents.doc import read_doc, rows_of_constant_width
from govreport_parse.documents.docx import read_docx
from govreport_parse.documents.libreoffice import via_libreoffice
from govreport_parse.documents.model import Heading, Paragraph, Table
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    UnsupportedFormatError,
)

DATA = Path(__file__).parents[2] / "data" / "small_form.doc"
"""Own sentences, saved by LibreOffice 7.4 as Word 97: merges, blanks, a tracked change, a link."""


def cells(t: Table) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.column, c.rowspan, c.colspan) for c in t]


# --- a real file ---------------------------------------------------------------------------


def test_a_file_of_an_office_suite_is_read_with_merges_and_blanks() -> None:
    doc = read_doc(DATA.read_bytes())
    assert [b.text for b in doc.blocks if not isinstance(b, Table)] == [
        "清河县水务局2023年政府信息公开工作年度报告", "一、总体情况", "本年收到申请26件。",
        "见附件", "六、其他需要报告的事项", "无。",
    ]  # fmt: skip
    assert isinstance(doc.blocks[4], Table)
    assert cells(doc.tables[0]) == [
        ("类别", 0, 0, 2, 2), ("申请人情况", 0, 2, 1, 3),
        ("自然人", 1, 2, 1, 1), ("商业\n企业", 1, 3, 1, 1), ("总计", 1, 4, 1, 1),
        ("一、本年新收", 2, 0, 1, 2), ("26", 2, 2, 1, 1), ("", 2, 3, 1, 1), ("26", 2, 4, 1, 1),
        ("三、办理结果", 3, 0, 2, 1), ("予以公开", 3, 1, 1, 1), ("", 3, 2, 1, 1), ("", 3, 3, 1, 1),
        ("", 3, 4, 1, 1),
        ("不予公开", 4, 1, 1, 1), ("12", 4, 2, 1, 1), ("0", 4, 3, 1, 1), ("12", 4, 4, 1, 1),
    ]  # fmt: skip
    assert doc.tables[0].notes == []
    assert doc.findings == []


def test_every_cut_of_a_file_ends_typed() -> None:
    data = DATA.read_bytes()
    for length in [*range(0, len(data), 97), len(data) - 1]:
        try:
            read_doc(data[:length])
        except GovReportError:
            continue


def fuzz(rounds: int, seed: int) -> int:
    rng = random.Random(seed)
    data = DATA.read_bytes()
    read = 0
    for _ in range(rounds):
        out = bytearray(data)
        for _ in range(rng.choice((1, 4, 16, 64))):
            at = rng.randrange(512, len(out) - 4)
            if rng.random() < 0.5:
                out[at] = rng.randrange(256)
            else:
                out[at : at + 4] = struct.pack("<I", rng.choice((0, 1, 2**31, 2**32 - 1, 0xFFFE)))
        try:
            read_doc(bytes(out))
        except GovReportError:
            continue
        read += 1
    return read


def test_changed_bytes_give_a_document_or_a_typed_error() -> None:
    assert fuzz(400, 11) > 100


@pytest.mark.long
def test_changed_bytes_at_length() -> None:
    fuzz(20_000, 12)


# --- rows ----------------------------------------------------------------------------------

FOUR = [0, 1000, 2000, 3000, 4000]


def test_blank_cells_are_told_from_row_ends_by_the_row_properties() -> None:
    doc = Doc()
    doc.row(["规章", "", "", ""], FOUR)
    doc.row(["", "", "5", ""], FOUR)
    doc.row(["", "", "", ""], FOUR)
    (t,) = read_doc(doc.data()).tables
    assert t.grid() == [["规章", "", "", ""], ["", "", "5", ""], ["", "", "", ""]]
    assert t.notes == []


def test_columns_come_from_borders_and_half_a_millimetre_is_no_column() -> None:
    doc = Doc()
    doc.row(["题"], [0, 4000])
    doc.row(["甲", "1", "2"], [5, 1000, 2010, 4012])
    doc.row(["乙", "3"], [1000, 2000, 4000])
    (t,) = read_doc(doc.data()).tables
    assert cells(t) == [
        ("题", 0, 0, 1, 3), ("甲", 1, 0, 1, 1), ("1", 1, 1, 1, 1), ("2", 1, 2, 1, 1),
        ("乙", 2, 1, 1, 1), ("3", 2, 2, 1, 1),
    ]  # fmt: skip


def test_vertical_merges_make_cells_taller() -> None:
    doc = Doc()
    doc.row(["三", "1"], FOUR[:3], [0x60, 0])
    doc.row(["", "2"], FOUR[:3], [0x20, 0])
    doc.row(["四", "3"], FOUR[:3])
    (t,) = read_doc(doc.data()).tables
    assert cells(t) == [
        ("三", 0, 0, 2, 1), ("1", 0, 1, 1, 1), ("2", 1, 1, 1, 1),
        ("四", 2, 0, 1, 1), ("3", 2, 1, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("first_and_rest", [(1, 2), (2, 1)])
def test_horizontal_merges_are_read_in_both_editions_of_the_flags(
    first_and_rest: tuple[int, int],
) -> None:
    first, rest = first_and_rest
    doc = Doc()
    doc.row(["甲", "", "", "1"], FOUR, [first, rest, rest, 0])
    doc.row(["a", "b", "c", "d"], FOUR)
    (t,) = read_doc(doc.data()).tables
    assert cells(t)[:2] == [("甲", 0, 0, 1, 3), ("1", 0, 3, 1, 1)]


def test_a_row_whose_cells_do_not_fit_its_properties_is_flagged() -> None:
    doc = Doc()
    doc.row(["规章", "1", "3"], FOUR)
    result = read_doc(doc.data())
    assert result.tables[0].notes == ["doc_rows_unsure"]
    assert [f.code for f in result.findings] == ["doc_rows_unsure"]


def test_cells_and_rows_that_never_end_are_kept_and_flagged() -> None:
    doc = Doc()
    doc.row(["甲", "1"], FOUR[:3])
    doc.add("乙\x07", IN_TABLE)
    doc.add("2\x07", IN_TABLE)
    doc.add("散\r", IN_TABLE)
    doc.add("后\r")
    result = read_doc(doc.data())
    assert result.tables[0].texts == ["甲", "1", "乙", "2"]
    assert result.tables[0].notes == ["doc_rows_unsure"]
    assert result.blocks[1:] == [Paragraph("散"), Paragraph("后")]


def test_paragraphs_of_a_cell_are_lines_and_tables_end_at_plain_paragraphs() -> None:
    doc = Doc()
    doc.add("商业\r", IN_TABLE)
    doc.add("企业\x07", IN_TABLE)
    doc.add("2\x07", IN_TABLE)
    doc.add("\x07", ROW_END + shape(FOUR[:3]))
    doc.add("中间\r")
    doc.row(["甲", "1"], FOUR[:3])
    blocks = read_doc(doc.data()).blocks
    assert [b.texts if isinstance(b, Table) else b.text for b in blocks] == [
        ["商业\n企业", "2"], "中间", ["甲", "1"],
    ]  # fmt: skip
    assert [b.number for b in blocks if isinstance(b, Table)] == [1, 2]


def test_a_shape_in_the_data_stream_is_found() -> None:
    prl = ROW_END + shape(FOUR[:3])
    doc = Doc()
    doc.add("甲\x07", IN_TABLE)
    doc.add("\x07", IN_TABLE)
    doc.add("\x07", struct.pack("<HI", 0x6646, 10))
    streams = doc.streams() | {"Data": bytes(10) + struct.pack("<H", len(prl)) + prl}
    (t,) = read_doc(ole(streams)).tables
    assert cells(t) == [("甲", 0, 0, 1, 1), ("", 0, 1, 1, 1)]


@pytest.mark.parametrize(
    ("tokens", "rows", "sure"),
    [
        (["甲", "1", "2", "", "乙", "3", "4", ""], [["甲", "1", "2"], ["乙", "3", "4"]], True),
        (["甲", "", "2", "", "乙", "3", "", ""], [["甲", "", "2"], ["乙", "3", ""]], True),
        (["甲", "1", "2", ""], [["甲", "1", "2"]], True),
        # One row with a blank, or two rows of one cell: nothing is proven.
        (["甲", "", "乙", ""], [["甲"], ["乙"]], False),
        # Two and five cells a row fit.
        (
            ["甲", "1", "", "乙", "2", "", "丙", "3", "", "丁", "4", ""],
            [["甲", "1"], ["乙", "2"], ["丙", "3"], ["丁", "4"]],
            False,
        ),
        (["题", "", "甲", "1", "2", ""], [["题"], ["甲", "1", "2"]], False),
        ([], [], False),
    ],
)
def test_without_properties_only_a_single_fitting_width_is_proof(
    tokens: list[str], rows: list[list[str]], sure: bool
) -> None:
    assert rows_of_constant_width(tokens) == (rows, sure)


# --- text ----------------------------------------------------------------------------------


def plain(doc: Doc) -> list[str]:
    return [b.text for b in read_doc(doc.data()).blocks if isinstance(b, Paragraph)]


def test_characters_outside_the_first_plane_keep_the_places_of_others() -> None:
    doc = Doc()
    doc.add("\U00020bb7野家\r")
    doc.row(["𠮷", "1"], FOUR[:3])
    result = read_doc(doc.data())
    assert result.blocks[0] == Paragraph("\U00020bb7野家")
    assert result.tables[0].texts == ["𠮷", "1"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-16-le", "收到“26”件"), ("cp1252", "OGI “26” – café"), ("gbk", "收到申请26件")],
)
def test_pieces_are_read_in_their_encoding(encoding: str, text: str) -> None:
    doc = Doc(encoding)
    doc.add(text + "\r")
    assert plain(doc) == [text]


def test_gbk_pieces_keep_cells_and_rows_in_place() -> None:
    doc = Doc("gbk")
    doc.row(["规章", "", "3"], FOUR[:4])
    assert read_doc(doc.data()).tables[0].grid() == [["规章", "", "3"]]


def test_deleted_revisions_are_left_out() -> None:
    doc = Doc(deleted=[(2, 4)])
    doc.add("收到2526件\r")
    assert plain(doc) == ["收到26件"]


STRIKE, DOUBLE_STRIKE, RAISED = 0x0837, 0x2A53, 0x2A48


@pytest.mark.parametrize("code", [STRIKE, DOUBLE_STRIKE])
def test_struck_out_text_of_cells_is_left_out_and_said(code: int) -> None:
    doc = Doc(formats=[(3, 6, code), (12, 14, code)])
    doc.row(["规章", "9992216"], FOUR[:3])  # 规章|999 2216|| 正文 is 12 to 13
    doc.add("正文\r")
    read = read_doc(doc.data())
    assert read.tables[0].texts == ["规章", "2216"]
    # Text outside of tables stays: nobody takes a number from there.
    assert [b.text for b in read.blocks if isinstance(b, Paragraph)] == ["正文"]
    (finding,) = read.findings
    assert (finding.code, dict(finding.detail)) == ("hidden_text", {"count": 1})


def test_raised_digits_behind_a_digit_stand_in_brackets() -> None:
    # 规章|61|12|3注|8|| with raised 1, 12 (the whole cell), 注, and 8 raised in two pieces
    doc = Doc(formats=[(4, 5, RAISED), (6, 8, RAISED), (10, 11, RAISED)])
    doc.row(["规章", "61", "12", "3注"], FOUR)
    read = read_doc(doc.data())
    assert read.tables[0].texts == ["规章", "6[1]", "12", "3注"]
    assert read.findings == []


def test_a_mark_in_two_pieces_is_one_mark_and_a_raised_cell_end_is_no_part_of_it() -> None:
    doc = Doc(formats=[(1, 2, RAISED), (2, 5, RAISED)])
    doc.row(["61,2", "7"], FOUR[:3])
    doc.add("面积10\r")
    assert read_doc(doc.data()).tables[0].texts == ["6[1,2]", "7"]


def test_field_codes_are_left_out_and_results_stay() -> None:
    doc = Doc()
    doc.add('\x13 HYPERLINK "x" \x14见\x13 PAGE \x14附\x15件\x15。\r')
    doc.add("未完\x13 PAGE\r")
    assert plain(doc) == ["见附件。", "未完 PAGE"]


def test_line_breaks_hyphens_and_control_characters() -> None:
    doc = Doc()
    doc.add("一、总体\x0b情况\x1e甲\x01\x05\x1f乙\r")
    result = read_doc(doc.data())
    assert result.blocks == [Paragraph("一、总体"), Paragraph("情况-甲乙")]
    assert result.has_pictures


def test_heading_styles_and_outline_levels() -> None:
    doc = Doc()
    doc.add("题\r", style=1)
    doc.add("节\r", style=3)
    doc.add("款\r", struct.pack("<HB", 0x2640, 1))
    doc.add("文\r", struct.pack("<HB", 0x2640, 9), style=1)
    assert read_doc(doc.data()).blocks == [
        Heading("题", 1), Heading("节", 3), Heading("款", 2), Paragraph("文"),
    ]  # fmt: skip


def test_text_boxes_come_last_and_lost_list_numbers_are_told() -> None:
    doc = Doc(boxes=3)
    doc.add("总体情况\r", struct.pack("<HH", 0x460B, 1))
    doc.add("方框\r")
    result = read_doc(doc.data())
    assert result.blocks == [Paragraph("总体情况"), Paragraph("方框")]
    assert [f.code for f in result.findings] == ["list_numbers_lost"]


def test_word_95_text_is_gbk_and_rows_are_cut_by_proof() -> None:
    text = "年度报告\r规章\x071\x07\x07\x07规范\x07\x075\x07\x07完\r".encode("gbk")
    result = read_doc(word_95(text))
    assert [b.text for b in result.blocks if isinstance(b, Paragraph)] == ["年度报告", "完"]
    assert result.tables[0].grid() == [["规章", "1", ""], ["规范", "", "5"]]
    assert result.tables[0].notes == []


def test_word_95_rows_that_are_not_certain_are_flagged() -> None:
    text = "题\x07\x07规章\x071\x07\x07\x07".encode("gbk")
    result = read_doc(word_95(text))
    assert result.tables[0].notes == ["doc_rows_unsure"]
    assert [f.code for f in result.findings] == ["doc_rows_unsure"]


def summary_stream(values: list[tuple[int, bytes]], count: int | None = None) -> bytes:
    head = struct.pack("<2HI16sI16sI", 0xFFFE, 0, 2, bytes(16), 1, bytes(16), 48)
    table, body = b"", b""
    for number, value in values:
        table += struct.pack("<2I", number, 8 + 8 * len(values) + len(body))
        body += value
    count = len(values) if count is None else count
    return head + struct.pack("<2I", 8 + len(table) + len(body), count) + table + body


def test_title_and_date_of_the_file_are_meta_data() -> None:
    title = "水务局年报".encode("gbk") + b"\0"
    stream = summary_stream(
        [
            (1, struct.pack("<2I", 2, 936)),
            (2, struct.pack("<2I", 30, len(title)) + title.ljust(12, b"\0")),
            # 2024-01-18 02:00 UTC is 13,350,016,800 seconds after 1601.
            (12, struct.pack("<IQ", 64, 13_350_016_800 * 10_000_000)),
        ]
    )
    streams = one().streams() | {"\x05SummaryInformation": stream}
    assert read_doc(ole(streams)).meta == {"title": "水务局年报", "created": "2024-01-18T02:00:00Z"}


def test_a_damaged_summary_costs_its_facts_and_nothing_else() -> None:
    for stream in (summary_stream([], 2**32 - 1), bytes(60), summary_stream([(2, b"x" * 4)], 9)):
        streams = one().streams() | {"\x05SummaryInformation": stream}
        result = read_doc(ole(streams))
        assert result.blocks == [Paragraph("甲")]
        assert result.meta == {}


# --- refusals ------------------------------------------------------------------------------


def one() -> Doc:
    doc = Doc()
    doc.add("甲\r")
    return doc


def patched(at: int, value: int, kind: str = "<I", stream: str = "WordDocument") -> bytes:
    streams = one().streams()
    raw = bytearray(streams[stream])
    struct.pack_into(kind, raw, at, value)
    return ole(streams | {stream: bytes(raw)})


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", UnsupportedFormatError, "not an OLE file"),
        (b"{\\rtf1 x}", UnsupportedFormatError, "not an OLE file"),
        (b"<html></html>", UnsupportedFormatError, "not an OLE file"),
        (ole({"Workbook": b"x"}), UnsupportedFormatError, "workbook"),
        (ole({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), UnsupportedFormatError, "encryp"),
        (ole({"PowerPoint Document": b"x"}), UnsupportedFormatError, "no Word document"),
        (patched(0x0A, 0x1300, "<H"), UnsupportedFormatError, "encrypted"),
        (word_95(b"a", flags=0x0100), UnsupportedFormatError, "encrypted"),
        (word_95(b"a", flags=0x0004), UnsupportedFormatError, "pieces"),
        (patched(0x0A, 0x1000, "<H"), DecodeError, "table stream"),
        (patched(0x1A6, 0), DecodeError, "piece table"),
        (patched(9, 4_000_000_000, stream="1Table"), LimitExceededError, "out of bounds"),
        (patched(9, 4_000_000, stream="1Table"), DecodeError, "cut"),
        (patched(0x106, 4_000_000), DecodeError, "index of formats"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), DecodeError, "damaged"),
    ],
)
def test_each_refusal_has_its_typed_error_and_hint(
    data: bytes, error: type[GovReportError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_doc(data)
    assert caught.value.hint


def test_too_many_bytes_and_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    doc = Doc()
    doc.row(["1"] * 4, FOUR)
    data = doc.data()
    monkeypatch.setattr("govreport_parse.documents.doc.MAX_CELLS", 3)
    with pytest.raises(LimitExceededError, match="cells"):
        read_doc(data)
    monkeypatch.setattr("govreport_parse.documents.doc_binary.MAX_BYTES", 100)
    with pytest.raises(LimitExceededError, match="too large"):
        read_doc(data)


def test_without_olefile_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "olefile", None)
    with pytest.raises(UnsupportedFormatError) as caught:
        read_doc(one().data())
    assert caught.value.hint == 'pip install "govreport_parse[office]"'


# --- the bridge ----------------------------------------------------------------------------


def program(folder: Path, lines: str) -> None:
    """A stand-in for soffice: a shell script with the output folder and the source in $OUT, $IN."""
    script = folder / "soffice"
    script.write_text(
        '#!/bin/sh\nfor a; do [ "$last" = --outdir ] && OUT="$a"; last="$a"; IN="$a"; done\n'
        + lines
    )
    script.chmod(0o755)


@pytest.fixture
def only_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(
        shutil, "which", lambda name: str(tools / name) if (tools / name).exists() else None
    )
    return tools


def test_without_libreoffice_the_hint_says_what_to_do(only_here: Path) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        via_libreoffice(b"{\\rtf1 x}", ".rtf")
    assert "install LibreOffice" in caught.value.hint


def test_other_suffixes_are_not_converted() -> None:
    with pytest.raises(UnsupportedFormatError, match=r"\.exe"):
        via_libreoffice(b"MZ", ".exe")


def test_the_converted_bytes_come_back_and_the_folder_is_private_and_gone(
    only_here: Path, tmp_path: Path
) -> None:
    made = docx(p("甲"))
    (tmp_path / "made.docx").write_bytes(made)
    program(
        only_here,
        f'echo "$IN" > {tmp_path}/seen\nstat -c %a "$(dirname "$IN")" >> {tmp_path}/seen\n'
        f'env > {tmp_path}/env\nmkdir -p "$OUT"\ncp {tmp_path}/made.docx "$OUT/in.docx"\n',
    )
    assert via_libreoffice(b"{\\rtf1 x}", ".RTF") == made
    source, mode = (tmp_path / "seen").read_text().split()
    assert mode == "700"
    assert source.endswith("in.rtf")
    assert not Path(source).parent.exists()
    assert "http_proxy=http://127.0.0.1:9" in (tmp_path / "env").read_text()


def test_a_run_over_its_time_is_killed_with_its_children(only_here: Path, tmp_path: Path) -> None:
    program(only_here, f"/bin/sleep 60 &\necho $! > {tmp_path}/child\nwait\n")
    with pytest.raises(LimitExceededError, match="longer"):
        via_libreoffice(b"x", ".wps", seconds=0.3)
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] in "ZX"


def test_a_run_that_makes_nothing_or_cannot_start_is_typed(only_here: Path) -> None:
    program(only_here, "exit 1\n")
    with pytest.raises(UnsupportedFormatError, match="could not read"):
        via_libreoffice(b"x", ".doc")
    (only_here / "soffice").write_bytes(b"\x7fELFnothing")
    os.chmod(only_here / "soffice", stat.S_IRWXU)
    with pytest.raises(UnsupportedFormatError, match="started"):
        via_libreoffice(b"x", ".doc")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_itself_turns_rtf_and_doc_into_docx() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}}\f0\trowd\cellx2000\cellx4000"
        rb"\intbl \'b9\'e6\'d5\'c2\cell 12\cell\row\pard x\par}"
    )
    assert read_docx(via_libreoffice(rtf, ".rtf")).tables[0].grid() == [["规章", "12"]]
    again = read_docx(via_libreoffice(DATA.read_bytes(), ".doc"))
    assert cells(again.tables[0]) == cells(read_doc(DATA.read_bytes()).tables[0])
