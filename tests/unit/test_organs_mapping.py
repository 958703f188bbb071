"""The user's own mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.organs import describe_organ, read_mapping


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "mapping.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_organ_address_and_host_are_looked_up_in_their_order(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "organ,url,host,code\n"
        "青溪县财政局,,,341722\n"
        ",https://www.example.gov.cn/a/1.html,,341721\n"
        ",,example.gov.cn,341700\n",
    )
    mapping = read_mapping(path)
    assert mapping.code_of("青溪县 财政局", None) == "341722"
    assert mapping.code_of("青溪县财政局", "http://www.example.gov.cn/a/1.html") == "341721"
    assert mapping.code_of("别的局", "https://www.example.gov.cn/b.html") == "341700"
    assert mapping.code_of("别的局", "https://EXAMPLE.gov.cn:8080/b.html") == "341700"
    assert mapping.code_of("别的局", "https://notexample.gov.cn/") is None
    assert mapping.code_of(None, None) is None
    assert mapping.code_of(None, "http://[broken") is None


def test_the_mapping_wins_over_the_site_and_loses_to_the_caller(tmp_path: Path) -> None:
    path = write(tmp_path, "organ,code\n石台县财政局,341721\n")
    info = describe_organ("石台县财政局", year=2023, site_code="3417220001", mapping=path)
    assert (info.division_code, info.division_source) == ("341721", "mapping")
    assert [f.code for f in info.findings] == ["division_conflict"]
    info = describe_organ("石台县财政局", year=2023, caller_code="341722", mapping=path)
    assert (info.division_code, info.division_source) == ("341722", "caller")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_of_chinese_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "organ,division_code\r\n石台县财政局,341722\r\n", encoding)
    assert read_mapping(path).organs == {"石台县财政局": "341722"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("organ,code\n石台县财政局,341722\n东至县财政局,999999\n", "line 3"),
        ("organ,code\n石台县财政局,\n", "line 2"),
        ("organ,code\n,341722\n", "line 2"),
        ("organ,code\n甲局,341722\n甲局,341721\n", "line 3"),
        ("甲局,341722\n", "header"),
        ("", "header"),
    ],
)
def test_a_broken_mapping_is_refused_with_its_line(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read_mapping(write(tmp_path, text))


def test_a_missing_file_and_bytes_that_are_no_text_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_mapping(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"organ,code\n\xff\xff\xff\n")
    with pytest.raises(UsageError, match="neither"):
        read_mapping(path)
