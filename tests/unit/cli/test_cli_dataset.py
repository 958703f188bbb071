"""``govreport import``, ``export``, ``status`` and ``verify``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from govreport_parse.cli.main import cli
from govreport_parse.dataset import load


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def folder(town_page: Path, no_report: Path, tmp_path: Path) -> Path:
    result = run("import", town_page, no_report, "--out", tmp_path / "out")
    assert result.exit_code == 1, result.stderr
    return tmp_path / "out"


def test_import_puts_reports_and_failures_into_a_dataset(folder: Path) -> None:
    data = load(folder)
    (row,) = data.reports.to_table().to_pylist()
    assert (row["organ"], row["year"]) == ("青石镇人民政府", 2023)
    granted = data.figures.to_table(["value"], {"path": "requests/granted/total"})
    assert granted["value"].to_pylist() == [2.0]
    assert data.failures.to_table()["error_type"].to_pylist() == ["NotAReportError"]


def test_import_says_what_it_did_and_parses_nothing_twice(
    folder: Path, town_page: Path, broken_page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse import parsing

    real = parsing.parse_or_failure
    parsed: list[str] = []

    def counted(source, options):  # type: ignore[no-untyped-def]
        parsed.append(source.name)
        return real(source, options)

    monkeypatch.setattr(parsing, "parse_or_failure", counted)
    result = run("import", town_page, broken_page, "--out", folder)
    assert result.exit_code == 0, result.stderr
    assert parsed == ["broken.html"]
    assert "1 documents are in the dataset already" in result.stderr
    assert "2 reports (1 added, 0 replaced" in result.stderr
    assert result.stdout == ""
    assert len(load(folder)) == 2


def test_import_takes_the_callers_values_and_strict(tmp_path: Path, broken_page: Path) -> None:
    result = run(
        "import", broken_page, "--out", tmp_path / "o", "--organ", "乙局", "--year", 2021,
        "--division-code", "340111", "--url", "https://a.example/r", "--strict",
    )  # fmt: skip
    assert result.exit_code == 3
    (row,) = load(tmp_path / "o").reports.to_table().to_pylist()
    assert (row["organ"], row["year"], row["organ_source"]) == ("乙局", 2021, "caller")
    assert (row["division_code"], row["url"]) == ("340111", "https://a.example/r")


def test_a_missing_file_ends_an_import_before_anything_is_written(
    tmp_path: Path, town_page: Path
) -> None:
    """A failure of a file that was never there would stay in the dataset for good."""
    result = run("import", town_page, tmp_path / "no.html", "--out", tmp_path / "o")
    assert result.exit_code == 2
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("to", "out", "made"),
    [
        ("csv", "c", "c/figures.csv"),
        ("excel", "x.xlsx", "x.xlsx"),
        ("stata", "s", "s/wide.dta"),
        ("json", "x.jsonl", "x.jsonl"),
        ("datapackage", "p", "p/datapackage.json"),
    ],
)
def test_export_writes_every_format_and_names_the_files(
    folder: Path, tmp_path: Path, to: str, out: str, made: str
) -> None:
    result = run("export", folder, "--to", to, "-o", tmp_path / out)
    assert result.exit_code == 0, result.stderr
    assert str(tmp_path / made) in result.stdout.splitlines()
    assert (tmp_path / made).stat().st_size > 0


def test_export_to_excel_opens(folder: Path, tmp_path: Path) -> None:
    run("export", folder, "--to", "excel", "-o", tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames[0] == "codebook"


def test_status_tells_what_is_there(folder: Path) -> None:
    text = run("status", folder).stdout
    assert "1 reports of 2023" in text
    assert "1 documents failed" in text
    data = json.loads(run("status", folder, "--format", "json").stdout)
    assert data["years"] == [2023]
    assert data["rows"]["figures"] == 200
    assert data["counts"] == {"reports": 1, "duplicates": 0, "superseded": 0, "failures": 1}


def test_verify_finds_damage(folder: Path) -> None:
    assert run("verify", folder).exit_code == 0
    victim = load(folder).figures.files[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    result = run("verify", folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("damaged: figures/year=2023/part-")
    assert "hint: restore the files from a copy" in result.stderr


def test_build_over_a_dataset_that_lacks_a_file_says_so(folder: Path) -> None:
    assert run("build", folder).exit_code == 1  # the document that is no report
    victim = load(folder).figures.files[0]
    victim.unlink()
    result = run("build", folder)
    assert result.exit_code == 1
    assert f"{victim.name}' is missing" in result.stderr
    shutil.rmtree(folder / "dataset")
    assert "is missing" not in run("build", folder).stderr
    assert victim.is_file()


def test_status_says_that_a_dataset_cannot_be_read_and_still_tells_of_the_harvest(
    folder: Path,
) -> None:
    manifest = folder / "dataset" / "_manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"schema": 1', '"schema": 99'), "utf-8")
    result = run("status", folder)
    assert result.exit_code == 1
    assert result.stdout.startswith("Harvest ")
    assert "Dataset " not in result.stdout
    assert "was written by a newer version" in result.stderr
    data = json.loads(run("status", folder, "--format", "json").stdout)
    assert data["harvest"]["done"] == 2
    assert data["error"]["type"] == "DatasetError"
    assert data["error"]["hint"] == "update govreport_parse"


def _cut_a_part(dataset: Path) -> None:
    victim = load(dataset).figures.files[0]
    victim.write_bytes(victim.read_bytes()[:-9])


@pytest.mark.parametrize(
    "spoil",
    [_cut_a_part, lambda dataset: (dataset / "_manifest.json").write_text("{")],
    ids=["part", "manifest"],
)
def test_who_follows_the_hint_at_a_damaged_dataset_has_it_whole_again(folder: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    dataset = folder / "dataset"
    spoil(dataset)
    told = run("build", folder)
    assert told.exit_code == 1
    mend = f"delete the folder {str(dataset)!r}, then govreport build {str(folder)!r}"
    assert mend in told.stderr
    shutil.rmtree(dataset)
    assert run("build", folder).exit_code == 1  # one of its two documents is no report
    assert run("verify", folder).exit_code == 0
    assert len(load(folder).figures) == 200


def test_status_of_an_archive_without_a_dataset_is_no_error(folder: Path) -> None:
    shutil.rmtree(folder / "dataset")
    result = run("status", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Harvest ")


def test_a_folder_that_is_no_dataset_is_said(tmp_path: Path) -> None:
    for verb in (["status"], ["verify"], ["export", "--to", "csv", "-o", str(tmp_path / "o")]):
        result = run(*verb, tmp_path)
        assert result.exit_code == 1
        assert "DatasetError" in result.stderr
        assert "is no dataset" in result.stderr
    assert not (tmp_path / "o").exists()


def test_a_locked_dataset_is_said(folder: Path, broken_page: Path) -> None:
    from govreport_parse.dataset.disk import locked

    with locked(folder / "dataset"):
        result = run("import", broken_page, "--out", folder)
    assert result.exit_code == 1
    assert "another process writes" in result.stderr


def test_personal_numbers_are_masked_unless_the_caller_keeps_them(
    town_page: Path, tmp_path: Path
) -> None:
    text = town_page.read_text("utf-8").replace("</h1>", "</h1><p>手机：13812345678。</p>", 1)
    page = tmp_path / "phone.html"
    page.write_text(text, "utf-8")
    assert "13812345678" in text
    for option, kept in ((), False), (("--keep-personal-data",), True):
        done = run("parse", page, "--format", "csv", "--shape", "sections", *option)
        assert done.exit_code == 0, done.stderr
        assert ("13812345678" in done.stdout) == kept
        folder = tmp_path / f"out-{kept}"
        assert run("import", page, "--out", folder, *option).exit_code == 0
        stored = "".join(load(folder).sections.to_table()["text"].to_pylist())
        assert ("13812345678" in stored) == kept


def test_a_mapping_that_comes_too_late_is_not_passed_over_in_silence(
    town_page: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "organs.csv"
    mapping.write_text("organ,code\n青石镇人民政府,341722\n", "utf-8")
    early, late = tmp_path / "early", tmp_path / "late"
    assert run("import", town_page, "--out", early, "--mapping", mapping).exit_code == 0
    assert load(early).reports.to_table()["division_code"].to_pylist() == ["341722"]
    assert run("import", town_page, "--out", late).exit_code == 0
    result = run("import", town_page, "--out", late, "--mapping", mapping)
    assert "their organ, year and codes stay as they are" in result.stderr
    assert load(late).reports.to_table()["division_code"].to_pylist() == [None]
