"""The user's own mapping."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import govreport_parse as gov
from govreport_parse.cli.main import cli
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


# -- the mapping of reports ------------------------------------------------------------------------

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)


def page(organ: str) -> str:
    title = f"{organ}2023年政府信息公开工作年度报告"
    return f"{title}\n" + "".join(f"{heading}\n照常开展。\n" for heading in HEADINGS)


def division_findings(report: gov.Report) -> list[str]:
    return [f.code for f in report.findings if f.code.startswith("division")]


def test_a_report_takes_the_code_of_the_mapping(tmp_path: Path) -> None:
    path = write(tmp_path, "organ,code\n鼓楼区财政局,320106\n")
    doubtful = gov.parse(page("鼓楼区财政局"))
    assert (doubtful.division_code, division_findings(doubtful)) == (None, ["division_unsure"])
    for mapping in (path, str(path), gov.read_mapping(path)):
        report = gov.parse(page("鼓楼区财政局"), mapping=mapping)
        assert (report.division_code, report.division_source) == ("320106", "mapping")
        assert report.organ_level == "county"
        assert division_findings(report) == []
        assert len(report.findings) == len(doubtful.findings) - 1


def test_a_mapping_against_the_name_is_followed_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, "host,code\nexample.gov.cn,341721\n")
    url = "https://www.example.gov.cn/r.html"
    report = gov.parse(page("石台县财政局"), url=url, mapping=path)
    assert (report.division_code, report.division_source) == ("341721", "mapping")
    assert division_findings(report) == ["division_conflict"]
    report = gov.parse(page("石台县财政局"), url=url, mapping=path, division_code="341722")
    assert (report.division_code, report.division_source) == ("341722", "caller")
    report = gov.parse(page("石台县财政局"), mapping=path)
    assert (report.division_code, report.division_source) == ("341722", "organ")


@pytest.mark.parametrize("isolated", [False, True])
def test_many_reports_are_mapped_wherever_they_are_parsed(tmp_path: Path, isolated: bool) -> None:
    path = write(tmp_path, "organ,code\n鼓楼区财政局,320106\n")
    sources = [page("鼓楼区财政局"), "无关", page("石台县财政局")]
    results = list(gov.parse_many(sources, isolated=isolated, mapping=path))
    found = [r.division_code if isinstance(r, gov.Report) else None for r in results]
    assert found == ["320106", None, "341722"]
    assert isinstance(results[1], gov.Failure)


def test_a_broken_mapping_stops_before_the_first_document(tmp_path: Path) -> None:
    path = write(tmp_path, "organ,code\n甲局,999999\n")
    with pytest.raises(UsageError, match="line 2"):
        gov.parse_many([page("石台县财政局")], mapping=path)
    with pytest.raises(UsageError, match="not dict"):
        gov.parse(page("石台县财政局"), mapping={"石台县财政局": "341722"})  # type: ignore[arg-type]


def test_the_command_line_takes_a_mapping(tmp_path: Path) -> None:
    path = write(tmp_path, "organ,code\n鼓楼区财政局,320106\n")
    report = tmp_path / "report.txt"
    report.write_text(page("鼓楼区财政局"), "utf-8")
    args = ["parse", str(report), "--format", "csv", "--shape", "reports", "--mapping", str(path)]
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 0
    assert "320106" in done.stdout
    args[-1] = str(tmp_path / "none.csv")
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 2
    assert "cannot read the mapping" in done.stderr


def children() -> set[str]:
    """Processes of this thread, where the system tells."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(told.read_text().split()) if told.exists() else set()


def test_leaving_early_ends_the_workers(tmp_path: Path) -> None:
    path = write(tmp_path, "organ,code\n鼓楼区财政局,320106\n")
    before = children()
    results = gov.parse_many([page("鼓楼区财政局")] * 50, isolated=True, jobs=1, mapping=path)
    first = next(results)
    assert isinstance(first, gov.Report)
    assert first.division_code == "320106"
    results.close()  # type: ignore[attr-defined]
    gc.collect()
    assert children() <= before
