"""Sources files: what is taken, what is told, and where."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from govreport_parse.errors import UsageError
from govreport_parse.harvesting.sources import checked_sources, read_sources

A = "http://www.qingxi.gov.cn/art/1.html"
B = "http://www.qingxi.gov.cn/col/2/"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "sources.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_of_a_csv_in_the_encodings_and_delimiters_of_spreadsheets(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    head = delimiter.join(["url", "organ", "division_code", "year", "kind"])
    one = delimiter.join([A, "清溪县人民政府", "341722", "2023", "report"])
    two = delimiter.join([B, "", "", "", "list"])
    good, bad = read_sources(written(tmp_path, f"{head}\n{one}\n\n{two}\n", encoding))
    assert not bad
    assert [(s.row, s.url, s.organ, s.division_code, s.year, s.kind) for s in good] == [
        (1, A, "清溪县人民政府", "341722", 2023, "report"),
        (2, B, None, None, None, "list"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig"])
def test_a_table_as_offices_make_it_is_read_and_what_was_guessed_is_noted(
    tmp_path: Path, encoding: str
) -> None:
    head = "序号\t机构名称\t网址\t年度\t行政区划代码\t类型"
    one, two = f"1\t清溪县教育局\t{A}\t2023年度\t341722\t报告", f"2\t\t{B}\t\t\t栏目"
    text = f"{head}\n{one}\n{two}\n"
    if encoding.endswith(("le", "be")):  # without a mark only a header in ASCII tells it
        text = f"url\torgan\n{A}\t清溪县教育局\n"
    notes: list[str] = []
    good, bad = read_sources(written(tmp_path, text, encoding), notes)
    assert not bad
    assert (good[0].url, good[0].organ) == (A, "清溪县教育局")
    told = {"gb18030": "GB18030", "utf-8-sig": ""}.get(encoding, "UTF-16")
    assert [n for n in notes if "text" in n] == (
        [f"the sources were read as {told} text"] * bool(told)
    )
    if len(good) == 2:
        assert (good[0].year, good[0].division_code, good[0].kind) == (2023, "341722", "report")
        assert (good[1].url, good[1].organ, good[1].kind) == (B, None, "list")
        assert "the column 网址 was read as url" in notes
        assert "the column 机构名称 was read as organ" in notes
        assert len([n for n in notes if "column" in n]) == 5


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (["网址"], A), (["地址"], A), (["链接"], A), (["ＵＲＬ"], A), (["URL"], A), ([" 网址 "], A),
        (["地址", "网址"], B), (["地址", "url"], B),
    ],
)  # fmt: skip
def test_the_column_of_addresses_has_many_names(names: list[str], value: str) -> None:
    notes: list[str] = []
    row = dict(zip(names, [A, B], strict=False))
    for source in ([row], pd.DataFrame([row]), pa.Table.from_pylist([row])):
        good, bad = read_sources(source, notes)
        assert ([g.url for g in good], bad) == ([value], [])
    assert notes == ([] if "url" in names else [f"the column {names[-1]} was read as url"])


def test_a_row_that_cannot_be_used_keeps_what_else_it_says() -> None:
    row = {"url": "ftp://x", "organ": "清溪县教育局", "division_code": "341722", "year": "2023"}
    _, (bad, worse) = read_sources([row, {**row, "year": "今年", "division_code": "3"}])
    assert (bad.given, bad.organ, bad.division_code, bad.year) == (
        "ftp://x", "清溪县教育局", "341722", 2023,
    )  # fmt: skip
    assert (worse.column, worse.organ, worse.division_code, worse.year) == (
        "url", "清溪县教育局", None, None,
    )  # fmt: skip


def test_frames_arrow_tables_parquet_and_plain_rows_give_the_same(tmp_path: Path) -> None:
    rows = [{"url": A, "division_code": "011722", "year": 2023}, {"url": B}]
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "s.parquet")
    made = [
        read_sources(source)[0]
        for source in (frame, pa.Table.from_pandas(frame), tmp_path / "s.parquet", rows)
    ]
    assert made[0] == made[1] == made[2] == made[3]
    assert [(s.division_code, s.year) for s in made[0]] == [("011722", 2023), (None, None)]
    assert [s.url for s in read_sources([A, B])[0]] == [A, B]
    assert [s.url for s in read_sources(A)[0]] == [A]


def test_a_second_row_of_the_same_address_is_kept_and_names_the_first() -> None:
    good, bad = read_sources([A, B, A.replace("http://", "HTTP://"), {"url": A, "kind": "site"}])
    assert not bad
    assert [s.duplicate_of for s in good] == [None, None, 1, None]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"url": ""}, "url"),
        ({"url": "javascript:void(0)"}, "url"),
        ({"url": "ftp://a.gov.cn/x"}, "url"),
        ({"url": "/relative"}, "url"),
        ({"url": A, "kind": "page"}, "kind"),
        ({"url": A, "year": "23"}, "year"),
        ({"url": A, "year": "二三"}, "year"),
        ({"url": A, "year": "2023-2024"}, "year"),
        ({"url": A, "year": 2101}, "year"),
        ({"url": A, "division_code": "3417"}, "division_code"),
        ({"url": A, "division_code": "34172x"}, "division_code"),
    ],
)
def test_a_bad_row_is_told_with_row_column_and_reason(
    cells: dict[str, object], column: str
) -> None:
    good, bad = read_sources([A, cells])
    assert [s.url for s in good] == [A]
    assert [(b.row, b.column) for b in bad] == [(2, column)]
    with pytest.raises(UsageError, match=rf"1 of 2 rows.*\n  row 2: {column} "):
        checked_sources([A, cells])
    assert checked_sources([A, cells], skip_bad=True) == (good, bad)


def test_numbers_that_a_spreadsheet_made_of_codes_and_years_are_read() -> None:
    good, bad = read_sources(
        [{"url": A, "division_code": 341722.0, "year": 2023.0}, {"url": B, "year": "2022年"}]
    )
    assert not bad
    assert [(s.division_code, s.year) for s in good] == [("341722", 2023), (None, 2022)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column url"),
        ("url\n", "no row"),
        ("address,organ\nhttp://a.gov.cn/,x\n", "no column url"),
        ("url,code\nhttp://a.gov.cn/,341722\n", "rename it 'division_code'"),
        ("url,url\na,b\n", "twice"),
        ("url\nhttp://a.gov.cn/?a=1,2\n", "line 2: 2 cells under 1 columns"),
        ('url,organ\nhttp://a.gov.cn/,"x\n', "line 2|well-formed|unexpected end"),
    ],
)
def test_wrong_files_are_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_sources(written(tmp_path, text))


def test_a_file_that_is_not_there_a_spreadsheet_and_binary_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_sources(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="save it as CSV"):
        read_sources(tmp_path / "x.xlsx")
    path = tmp_path / "b.csv"
    path.write_bytes(b"\xff\xff\x00\x81")
    with pytest.raises(UsageError, match="neither UTF-8 nor GB18030"):
        read_sources(path)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="no readable Parquet"):
        read_sources(tmp_path / "x.parquet")
    with pytest.raises(UsageError, match="row 1 is int"):
        read_sources([3])
    with pytest.raises(UsageError, match="not bytes"):
        read_sources(b"x")


def test_twenty_thousand_rows_keep_their_numbers() -> None:
    good, bad = read_sources({"url": f"http://h{i % 997}.gov.cn/{i}"} for i in range(20_000))
    assert (len(good), bad) == (20_000, [])
    assert [good[i].row for i in (0, 5_000, 19_999)] == [1, 5_001, 20_000]


def test_a_table_of_two_encodings_is_told_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    head, one, two = (
        f"{line}\n" for line in ("url,organ", f"{A},清溪县财政局", f"{B},清溪县水利局")
    )
    path.write_bytes(head.encode() + one.encode() + two.encode("gb18030"))
    with pytest.raises(UsageError, match="two encodings: line 2 in UTF-8, line 3 in another"):
        read_sources(path)
    # Two characters that GB18030 writes as bytes of valid UTF-8 make no second encoding.
    path.write_bytes(head.encode() + f"{A},学校\n{B},清溪县水利局\n".encode("gb18030"))
    assert "学校".encode("gb18030").decode() != "学校"
    good, _ = read_sources(path)
    assert [row.organ for row in good] == ["学校", "清溪县水利局"]


@pytest.mark.parametrize(
    ("written_as", "year"),
    [("２０２３年", 2023), ("二〇二三年度", 2023), ("二○二三", 2023), ("2023 年", 2023)],
)
def test_years_as_people_write_them(written_as: str, year: int) -> None:
    good, _ = read_sources([{"url": A, "year": written_as, "kind": "List"}])
    assert (good[0].year, good[0].kind) == (year, "list")


@pytest.mark.parametrize(
    "text", ["sep=;\r\nurl;organ\r\n{};甲县\r\n", "url，organ\n{}，甲县\n ， \n"]
)
def test_other_separators_and_rows_of_blanks(tmp_path: Path, text: str) -> None:
    good, bad = read_sources(written(tmp_path, text.format(A)))
    assert ([(row.url, row.organ) for row in good], bad) == ([(A, "甲县")], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{A},甲县\n", "begins with an address"),
        ("www.qingxi.gov.cn\n", "begins with an address"),
        ("PK\x03\x04\x14", "workbook"),
        ('{"url": "http://x.gov.cn"}\n', "is JSON"),
        ("<!DOCTYPE html><html>", "markup"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_sources(written(tmp_path, text))
