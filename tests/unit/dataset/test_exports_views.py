"""The panel and who reported, in every format that has tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pandas as pd
import pytest
from handmade import RQ, failure, town

from govreport_parse.dataset import Dataset, load, write_dataset
from govreport_parse.dataset import excel as excel_module
from govreport_parse.values import State

GRANTED = f"{RQ}/granted/total"
SHORT = "rq_granted_total"


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    """A town of 2021 and 2023 (2 granted, then blank), its copy elsewhere, and a failure.

    Its name would be a formula, and its report of 2022 is missing.
    """
    reports = [
        town(name="a", organ="=甲局", year=2021),
        town(name="b", organ="=甲局", year=2021),
        town(name="c", organ="=甲局", year=2023, changes={GRANTED: State.BLANK}),
    ]
    write_dataset([*reports, failure("x")], tmp_path / "d")
    return load(tmp_path / "d")


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_the_panel_and_who_reported(data: Dataset, tmp_path: Path) -> None:
    data.export("csv", tmp_path / "csv")
    panel = _csv(tmp_path / "csv" / "panel.csv")
    code = panel[0]["division_code"]
    names = ("organ", "division_code", "year", "n_reports", SHORT)
    assert [[r[n] for n in names] for r in panel] == [
        ["'=甲局", code, "2021", "1", "2"],  # the copy is left out
        ["'=甲局", code, "2023", "1", ""],  # a blank is not 0
    ]
    coverage = _csv(tmp_path / "csv" / "coverage.csv")
    assert [[r["organ"], r["year"], r["status"], r["n_reports"]] for r in coverage[:3]] == [
        ["'=甲局", "2021", "complete", "1"],
        ["'=甲局", "2022", "not found", "0"],
        ["'=甲局", "2023", "complete", "1"],
    ]
    assert [r["status"] for r in coverage[3:]] == ["failed"]
    assert coverage[1]["report_id"] == ""


def test_every_column_of_both_is_in_the_codebook(data: Dataset, tmp_path: Path) -> None:
    data.export("csv", tmp_path / "csv")
    lines = _csv(tmp_path / "csv" / "codebook.csv")
    for name in ("panel", "coverage"):
        told = {r["short"] for r in lines if name in r["frame"].split(";")}
        assert set(_csv(tmp_path / "csv" / f"{name}.csv")[0]) <= told


def test_the_workbook_has_both_with_texts_as_texts(data: Dataset, tmp_path: Path) -> None:
    data.export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    head, *rows = book["panel"].iter_rows()
    at = {cell.value: k for k, cell in enumerate(head)}
    assert [(r[at["organ"]].value, r[at["organ"]].data_type) for r in rows] == [("=甲局", "s")] * 2
    assert [r[at[SHORT]].value for r in rows] == [2, None]
    assert len(head) < 16_384  # the columns of a sheet
    status = [r[3] for r in book["coverage"].iter_rows(values_only=True)]
    assert status == ["status", "complete", "not found", "complete", "failed"]


def test_a_panel_that_fits_no_sheet_is_left_out_and_named(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # two rows of the panel, four of coverage and one of failures; a sheet with a header and two
    monkeypatch.setattr(excel_module, "ROWS", 3)
    monkeypatch.setattr(excel_module, "sheets", lambda: ("failures", "panel", "coverage"))
    data.export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["failures", "methods", "panel"]
    notes = "\n".join(str(r[0]) for r in book["methods"].iter_rows(values_only=True) if r[0])
    assert "The table 'coverage' has 4 rows, more than a sheet holds" in notes
    assert "'panel'" not in notes


def test_stata_has_both_with_labels(data: Dataset, tmp_path: Path) -> None:
    data.export("stata", tmp_path / "s")
    frame = pd.read_stata(tmp_path / "s" / "panel.dta")
    assert frame["year"].tolist() == [2021, 2023]
    assert frame[SHORT].isna().tolist() == [False, True]
    with pd.io.stata.StataReader(tmp_path / "s" / "coverage.dta") as reader:
        labels = reader.variable_labels()
    assert labels["status"] == "收录情况 how completely the report is there"


def test_the_data_package_ties_both_to_the_reports(data: Dataset, tmp_path: Path) -> None:
    made = data.export("datapackage", tmp_path / "p")
    package: Any = json.loads(made[-1].read_text("utf-8"))
    found = {r["name"]: r for r in package["resources"]}
    for name in ("panel", "coverage"):
        (key,) = found[name]["schema"]["foreignKeys"]
        assert key["reference"]["resource"] == "reports"
    assert found["panel"]["schema"]["primaryKey"] == ["report_id"]
    answer = frictionless.validate(str(made[-1]))
    assert answer.valid, answer.flatten(["rowNumber", "fieldNumber", "type", "note"])


def test_a_dataset_without_reports_has_both_without_rows(tmp_path: Path) -> None:
    write_dataset([], tmp_path / "e")
    load(tmp_path / "e").export("csv", tmp_path / "csv")
    assert _csv(tmp_path / "csv" / "panel.csv") == []
    assert _csv(tmp_path / "csv" / "coverage.csv") == []
