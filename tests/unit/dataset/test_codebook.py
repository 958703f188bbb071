"""The codebook of a dataset against its tables and views, both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from handmade import failure, hybrid, report, town

from govreport_parse.codebooks import entries
from govreport_parse.dataset import Dataset, load, write_dataset
from govreport_parse.dataset.layout import TABLES, codebook

VIEWS: dict[str, Callable[[Dataset], pd.DataFrame]] = {
    "wide": lambda data: data.wide(),
    "panel": lambda data: data.panel(list(data.crosswalk()["name"])),
    "coverage": lambda data: data.coverage(),
    "check_panel": lambda data: data.check_panel(),
    "crosswalk": lambda data: data.crosswalk(),
    "codebook": lambda data: data.codebook(),
}
# Of gov.codebook(): the shapes of to_frame, as a dataset's tables are called.
SHAPES = {"figures": ("long",), "reports": ("reports", "dataset.reports")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("codebook") / "d"
    old = report(form_id="ogi_annual_2019", name="old", organ="甲县人民政府", year=2020)
    write_dataset([town(), hybrid(), old, failure()], folder)
    return load(folder)


def columns(data: Dataset, frame: str) -> list[str]:
    if frame in VIEWS:
        return list(VIEWS[frame](data).columns)
    return data.table(frame).columns


@pytest.mark.parametrize("frame", [*TABLES, *VIEWS])
def test_every_column_of_a_frame_has_one_line_and_every_line_its_column(
    data: Dataset, frame: str
) -> None:
    described = [e.short for e in codebook() if frame in e.frame.split(";")]
    assert sorted(described) == sorted(columns(data, frame))


def test_no_line_speaks_of_a_frame_that_is_not_there() -> None:
    named = {frame for e in codebook() for frame in e.frame.split(";")}
    assert named == {*TABLES, *VIEWS, "forms"}


@pytest.mark.parametrize("frame", [*TABLES, *VIEWS])
def test_the_codebook_without_a_dataset_knows_every_column_too(data: Dataset, frame: str) -> None:
    places = SHAPES.get(frame, (frame, f"dataset.{frame}"))
    described = {e.short for e in entries() if {*places} & {*e.frame.split(";")}}
    assert described >= set(columns(data, frame))


@pytest.mark.parametrize("frame", [*TABLES, *VIEWS])
def test_a_column_has_the_type_that_the_codebook_says(data: Dataset, frame: str) -> None:
    made = VIEWS[frame](data) if frame in VIEWS else data.table(frame).to_pandas()
    known = {e.short: e for e in codebook() if frame in e.frame.split(";")}
    types = {"string": "string", "integer": "Int64", "signed": "Int64", "decimal": "Float64"}
    for name, kind in made.dtypes.astype(str).items():
        wanted = types.get(known[str(name)].type, "datetime64")
        assert kind.startswith(wanted), (name, kind)


def test_every_column_is_told_in_both_languages(data: Dataset) -> None:
    for line in codebook():
        assert any("\u4e00" <= c <= "\u9fff" for c in line.zh), line
        assert line.en.isascii() or line.path, line


def test_money_of_the_panel_is_in_ten_thousand_yuan() -> None:
    lines = {e.short: e for e in codebook() if "panel" in e.frame.split(";")}
    assert lines["pd_admin_fees_amount_wan"].unit == "万元"
    assert lines["n_reports"].type == "integer"
    assert "pd_admin_fees_amount" not in lines


def test_a_data_package_tells_of_the_wide_tables_marks(data: Dataset, tmp_path: Path) -> None:
    data.export("datapackage", tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            assert field["title"], (resource["name"], field["name"])
    book = {f["name"]: f["title"] for f in package["resources"][0]["schema"]["fields"]}
    assert book["unit"] == "计量单位 / unit of the column"
    wide = {f["name"]: f["title"] for f in package["resources"][1]["schema"]["fields"]}
    assert wide["duplicate_of"] == "重复于 / report with the same figures"
