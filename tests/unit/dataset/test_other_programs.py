"""Exports and dataset files read by the libraries that researchers open them with.

``polars``, ``frictionless`` and ``pyreadstat`` are dependencies of these tests only.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pandas as pd
import polars
import pyarrow as pa
import pyreadstat
import pytest
from handmade import PD, RQ, failure, hybrid, report, town
from recorded import many
from test_exports import FORMULAS, PLAIN

from govreport_parse.dataset import Dataset, load, write_dataset
from govreport_parse.dataset.layout import TABLES
from govreport_parse.report import Section
from govreport_parse.values import State

MOST = 2**53 - 1
AWKWARD = [
    'quoted "x", next',
    "a\nb",
    '"',
    '""',
    "長文" * 5_000,
    # 244 and 246 bytes of UTF-8: the longest text of old Stata versions, and one more
    "é" * 122,
    "é" * 123,
    # 2,045 and 2,046 bytes: str2045, strL
    "é" * 1_022 + "x",
    "é" * 1_023,
    *("NA", "nan", "null", "NULL", "None", "N/A", "\\N", "TRUE", "1e5", "001", "2024-01-01"),
    " lead",
    " trail ",
    "\u2028x",
    "\ufeffbom",
    "tab\tx",
    "\U0001f600",
]
BROKEN = ["a\r\nb", "a\rb", "x\0y", "x\x01y"]
TEXTS = [*FORMULAS, *PLAIN, *AWKWARD, *BROKEN]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Hostile texts, blanks, the largest exact count, an early date, a year that is not known."""
    folder = tmp_path_factory.mktemp("others") / "d"
    hostile = town(
        title=FORMULAS[0],
        organ="=甲局",
        sections=tuple(Section("k", t, t) for t in TEXTS),
        published=date(2024, 1, 20),
        changes={
            f"{PD}/rules/repealed": State.BLANK,
            f"{PD}/administrative_fees/amount": Decimal("12.5"),
        },
    )
    early = report({f"{RQ}/granted/total": MOST}, name="a", published=date(1899, 12, 31))
    made = [r for _, r in many(8)]
    write_dataset([hostile, hybrid(), early, failure("=x"), *made], folder)
    return load(folder)


def rows_of(data: Dataset, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data.table(name).to_table().to_pylist()
    return rows


def plain(value: Any) -> Any:
    """What a program gives for a missing value, and its dates, as Python's own."""
    if value is None or value is pd.NaT or value is pd.NA or value == "":
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    return float(value) if isinstance(value, (int, float, Decimal)) else value


def same(
    given: Sequence[Mapping[Any, Any]], wanted: Sequence[Mapping[Any, Any]], name: str = ""
) -> None:
    assert len(given) == len(wanted), name
    for row, want in zip(given, wanted, strict=True):
        assert list(row) == list(want)
        for column, value in want.items():
            assert plain(row[column]) == plain(value), (name, column, row[column], value)


def asked(query: str) -> pa.Table:
    found = duckdb.sql(query)
    assert found is not None
    return found.to_arrow_table()


# -- the files of the dataset ----------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_polars_takes_tables_and_views(data: Dataset, name: str) -> None:
    wanted = rows_of(data, name)
    same(polars.from_arrow(data.table(name).to_table()).to_dicts(), wanted, name)
    same(polars.DataFrame(data.table(name)).to_dicts(), wanted, name)


def test_polars_takes_numbers_without_a_copy_and_codes_as_codes(data: Dataset) -> None:
    table = data.figures.dataset(["path", "organ"]).to_table(columns=["path", "organ", "value"])
    table = table.combine_chunks()
    frame = polars.from_arrow(table)
    assert frame.schema["path"] == frame.schema["organ"] == polars.Categorical
    assert frame["path"].cast(polars.String).to_list() == table["path"].to_pylist()
    theirs = frame["value"].to_arrow().buffers()[1]
    assert theirs.address == table["value"].chunk(0).buffers()[1].address


def stored(data: Dataset, name: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The files of a table and what stands in them: all but the year."""
    rows = [{c: v for c, v in row.items() if c != "year"} for row in rows_of(data, name)]
    return [str(f) for f in data.table(name).files], rows


@pytest.mark.parametrize("name", [t for t in TABLES if t != "indicators"])
def test_duckdb_reads_the_files_themselves(data: Dataset, name: str) -> None:
    files, wanted = stored(data, name)
    query = f"SELECT * FROM read_parquet({files!r}, hive_partitioning=false)"
    table = asked(query)
    fields = [f for f in data.table(name).schema if f.name != "year"]
    assert [(f.name, f.type) for f in table.schema] == [(f.name, f.type) for f in fields]
    same(table.to_pylist(), wanted, name)


@pytest.mark.parametrize("name", [t for t in TABLES if t != "indicators"])
def test_polars_reads_the_files_themselves(data: Dataset, name: str) -> None:
    files, wanted = stored(data, name)
    same(polars.read_parquet(files, hive_partitioning=False).to_dicts(), wanted, name)


def test_the_year_is_in_the_folders_names(data: Dataset) -> None:
    """A text where some reports have none: readers of the bare folder see ``unknown``."""
    wanted = len(data.figures.to_table(["value"], {"year": 2023}))
    everything = f"{data.folder}/figures/*/*.parquet"
    query = f"SELECT count(*) AS n FROM read_parquet('{everything}') WHERE year = '2023'"
    assert asked(query).to_pylist() == [{"n": wanted}]
    frame = pd.read_parquet(data.folder / "figures", columns=["value", "year"])
    assert (frame["year"] == "2023").sum() == wanted
    assert (frame["year"] == "unknown").sum() == len(
        data.figures.to_table(["value"], {"year": None})
    )
    lazy = polars.scan_parquet(data.folder / "figures", hive_partitioning=True)
    found = lazy.filter(polars.col("year") == "2023").select(polars.len()).collect().item()
    assert found == wanted


# -- CSV -------------------------------------------------------------------------------------------


def as_csv(data: Dataset, name: str, folder: Path) -> tuple[Path, list[str], list[dict[str, Any]]]:
    """The CSV of a table, its columns of texts, and its rows with dates as texts."""
    data.export("csv", folder, csv_safe=False)
    texts = [f.name for f in data.table(name).schema if f.type in (pa.string(), pa.date32())]
    rows = [
        {c: v.isoformat() if isinstance(v, date) else v for c, v in row.items()}
        for row in rows_of(data, name)
    ]
    return folder / f"{name}.csv", texts, rows


@pytest.mark.parametrize("name", TABLES)
def test_csv_by_pandas_and_duckdb(data: Dataset, tmp_path: Path, name: str) -> None:
    path, texts, wanted = as_csv(data, name, tmp_path)
    frame = pd.read_csv(
        path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=[""]
    )
    same(frame.astype(object).to_dict("records"), wanted, name)
    kinds = {c: "VARCHAR" if c in texts else "DOUBLE" for c in data.table(name).columns}
    query = f"FROM read_csv('{path}', columns={kinds!r}, header=true, auto_detect=false)"
    same(asked(query).to_pylist(), wanted, name)


@pytest.mark.parametrize("name", TABLES)
def test_csv_by_polars(data: Dataset, tmp_path: Path, name: str) -> None:
    path, texts, wanted = as_csv(data, name, tmp_path)
    kinds = {c: polars.String if c in texts else polars.Float64 for c in data.table(name).columns}
    same(polars.read_csv(path, schema=kinds).to_dicts(), wanted, name)


# -- data package ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    data.export("datapackage", folder)
    return folder


def test_frictionless_reads_the_package_as_it_was(data: Dataset, package: Path) -> None:
    answer = frictionless.validate(str(package / "datapackage.json"))
    assert answer.valid, answer.flatten(["name", "rowNumber", "fieldNumber", "note"])
    assert answer.warnings == []
    assert answer.stats["tasks"] == len(("codebook", *VIEWS)) + len(TABLES)
    read = frictionless.Package(str(package / "datapackage.json"))
    for name in TABLES:
        given = [row.to_dict() for row in read.get_resource(name).read_rows()]
        wanted = rows_of(data, name)
        for row, want in zip(given, wanted, strict=True):
            for column, value in want.items():
                if isinstance(value, str) and row[column] == f"'{value}":
                    row[column] = value
        same(given, wanted, name)


@pytest.mark.parametrize(
    ("name", "column", "value", "error"),
    [
        ("checks", "report_id", "0000000000000000", "foreign-key"),
        ("figures", "value", "many", "type-error"),
        ("reports", "published", "20 Jan", "type-error"),
        ("sections", "position", "1", "primary-key"),
    ],
)
def test_frictionless_sees_what_is_wrong(
    package: Path, tmp_path: Path, name: str, column: str, value: str, error: str
) -> None:
    for path in package.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    target = tmp_path / f"{name}.csv"
    with target.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    rows[1][head.index(column)] = value
    rows[0][head.index("report_id")] = rows[1][head.index("report_id")]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    answer = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert not answer.valid
    assert error in {e[0] for e in answer.flatten(["type"])}


def test_the_package_says_nothing_that_a_csv_reader_must_guess(package: Path) -> None:
    described = json.loads((package / "datapackage.json").read_text("utf-8"))
    for resource in described["resources"]:
        assert resource["encoding"] == "utf-8"
        assert resource["schema"]["missingValues"] == [""]


VIEWS = {"wide": Dataset.wide, "panel": Dataset.panel, "coverage": Dataset.coverage}


# -- Stata -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stata(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stata")
    data.export("stata", folder)
    return folder


def shown(text: str) -> str:
    """A text as Stata holds it: it ends none at a NUL."""
    return text.replace("\0", "\ufffd")


@pytest.mark.parametrize("name", [*VIEWS, *TABLES])
def test_stata_files_by_readstat(data: Dataset, stata: Path, name: str) -> None:
    frame, meta = pyreadstat.read_dta(str(stata / f"{name}.dta"), apply_value_formats=True)
    if name in VIEWS:
        wanted = VIEWS[name](data).astype(object).to_dict("records")
    else:
        wanted = rows_of(data, name)
    wanted = [{c: shown(v) if isinstance(v, str) else v for c, v in row.items()} for row in wanted]
    same(frame.astype(object).to_dict("records"), wanted, name)
    assert all(len(c) <= 32 and c.isascii() and c.isidentifier() for c in frame.columns)
    assert all(meta.column_labels)
    assert meta.file_label == f"govreport_parse: {name}"
    if wanted and name == "figures":
        labelled = {c: set(v.values()) for c, v in meta.variable_value_labels.items()}
        assert labelled["state"] >= {"reported", "blank"}
        assert "件" in labelled["unit"]


def test_long_and_hostile_texts_are_whole_in_stata(data: Dataset, stata: Path) -> None:
    texts = pd.read_stata(stata / "sections.dta")["text"].tolist()
    assert set(texts) >= {shown(t) for t in TEXTS}


# -- Excel -----------------------------------------------------------------------------------------


def test_a_workbook_holds_texts_as_a_cell_can(data: Dataset, tmp_path: Path) -> None:
    data.export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx", read_only=True)
    head, *rows = book["sections"].iter_rows(values_only=True)
    book.close()
    given = [dict(zip(head, row, strict=True)) for row in rows]
    wanted = rows_of(data, "sections")
    held = {"a\r\nb": "a\nb", "a\rb": "a\nb", "x\0y": "x\ufffdy", "x\x01y": "x\ufffdy"}
    held |= {"\r=1+1": "\n=1+1"}
    for row in wanted:
        row["text"] = held.get(row["text"], row["text"])
        row["heading"] = held.get(row["heading"], row["heading"])
    same(given, wanted)
    frame = pd.read_excel(
        tmp_path / "x.xlsx",
        sheet_name="sections",
        dtype={c: str for c, v in wanted[0].items() if isinstance(v, str)},
        keep_default_na=False,
        na_values=[""],
        engine="openpyxl",
    )
    same(frame.astype(object).to_dict("records"), wanted)
