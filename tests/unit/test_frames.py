from __future__ import annotations

import io
import math
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from handmade import PD, RL, RQ, failure, hybrid, report, town

from govreport_parse.codebooks import SHAPES
from govreport_parse.documents.model import Table
from govreport_parse.errors import UsageError
from govreport_parse.formbook import Layout
from govreport_parse.frames import (
    TableWriter,
    checks_table,
    long_table,
    schema_of,
    table_frame,
    to_frame,
    to_table,
    wide_table,
    write_csv,
    write_parquet,
)
from govreport_parse.values import Finding, Locator, State

LONG_FIRST = "report_id organ division_code year form table row column value state raw unit"


def test_long_frame_has_the_columns_of_the_contract_in_order() -> None:
    frame = to_frame(town())
    assert list(frame.columns[:12]) == LONG_FIRST.split()
    assert list(frame.columns[12:]) == ["amount_wan_yuan", "locator", "path", "short"]


def test_long_frame_has_one_row_a_figure_in_form_order() -> None:
    made = town()
    frame = to_frame([made, hybrid()])
    assert len(frame) == 200 + 186
    assert frame["path"].tolist()[:200] == list(made.layout.paths)
    assert frame["path"].tolist()[200:] == list(hybrid().layout.paths)
    assert frame["form"].unique().tolist() == ["ogi_annual_2021", "mixed"]


def test_types_are_nullable() -> None:
    types = to_frame(town()).dtypes.astype(str)
    assert types["value"] == "Float64"
    assert types["amount_wan_yuan"] == "Float64"
    assert types["year"] == "Int64"
    assert types["raw"] == "string"
    wide = to_frame(town(), "wide").dtypes.astype(str)
    assert wide["rq_granted_total"] == "Int64"
    assert wide["pd_admin_fees_amount"] == "Float64"
    assert wide["published"].startswith("datetime64")


@pytest.mark.parametrize(
    "state", [State.BLANK, State.DASH, State.UNREADABLE, State.AMBIGUOUS, State.ABSENT]
)
def test_a_figure_without_a_value_is_null_in_every_shape(state: State) -> None:
    path = f"{RQ}/granted/total"
    made = town(changes={path: state})
    long = to_frame(made).set_index("path")
    assert long.loc[path, "value"] is pd.NA
    assert long.loc[path, "state"] == str(state)
    assert to_frame(made, "wide")["rq_granted_total"].isna().all()
    assert table_frame(made, "requests").loc["granted", "total"] is pd.NA


def test_zero_stays_zero_beside_a_blank() -> None:
    made = report({f"{RL}/review/upheld": 0, f"{RL}/review/corrected": State.BLANK})
    wide = to_frame(made, "wide").iloc[0]
    assert wide["rl_review_upheld"] == 0
    assert wide["rl_review_corrected"] is pd.NA


def test_wide_frame_has_one_row_a_report_and_the_figures_of_all_forms() -> None:
    old = report({f"{PD}/rules/newly_made": 4}, form_id="ogi_annual_2019", name="old.html")
    frame = to_frame([town(), old, hybrid()], "wide")
    assert len(frame) == 3
    assert frame["pd_rules_newly_made"].tolist() == [pd.NA, 4, pd.NA]
    assert frame["pd_norm_docs_in_force"].tolist() == [5, pd.NA, 0]
    assert frame["rq_other_handling_total"].tolist() == [pd.NA, 0, 0]
    assert frame["rq_lapsed_fee_unpaid_total"].tolist() == [0, pd.NA, pd.NA]
    # 226 figures in both annual forms together, 58 of the table of 2014; two and two are amounts
    assert frame.shape[1] == len(SHAPES["wide"]) + 226 + 2 + 58 + 2


def test_every_value_of_the_wide_frame_is_the_one_of_the_long_frame() -> None:
    made = report({p: i for i, p in enumerate(town().layout.paths) if "amount" not in p})
    long = to_frame(made)
    wide = to_frame(made, "wide").iloc[0]
    for short, value in zip(long["short"], long["value"], strict=True):
        assert wide[short] == value


def test_amounts_are_given_in_wan_yuan_where_the_unit_is_known() -> None:
    fees, bought = f"{PD}/administrative_fees/amount", f"{PD}/government_procurement/amount"
    new = report({fees: Decimal("12.5")}, name="a")
    in_yuan = report({fees: Decimal(251000)}, name="b")
    in_yuan.columns.units[in_yuan.layout.index[fees]] = "元"
    old = report({bought: Decimal("8040")}, form_id="ogi_annual_2019", name="c")
    old_yuan = report({bought: Decimal("75394432.52")}, form_id="ogi_annual_2019", name="d")
    old_yuan.columns.units[old_yuan.layout.index[bought]] = "元"
    reports = [new, in_yuan, old, old_yuan]

    wide = to_frame(reports, "wide")
    assert wide["pd_admin_fees_amount"].tolist()[:2] == [12.5, 251000.0]
    assert wide["pd_admin_fees_amount_wan"].tolist()[:2] == [12.5, 25.1]
    assert wide["pd_procurement_amount"].tolist()[2:] == [8040.0, 75394432.52]
    assert wide["pd_procurement_amount_wan"].tolist()[2:] == [pd.NA, 7539.443252]

    long = to_frame(reports).set_index(["report_id", "path"])
    row = long.loc[(in_yuan.report_id, fees)]
    assert (row["value"], row["unit"], row["amount_wan_yuan"]) == (251000.0, "元", 25.1)
    assert long.loc[(old.report_id, bought), "unit"] is pd.NA
    assert long.loc[(old.report_id, bought), "amount_wan_yuan"] is pd.NA
    # a count is no amount
    assert long.loc[(new.report_id, f"{RQ}/granted/total"), "amount_wan_yuan"] is pd.NA


@pytest.mark.parametrize(
    ("dress", "text"),
    [
        ({}, "table 3, row 2, column 5"),
        ({"page": 4}, "page 4, table 3, row 2, column 5"),
        ({"sheet": "表1"}, "sheet 表1, table 3, row 2, column 5"),
        ({"row_lines": [10, 11]}, "table 3, row 2, column 5, line 11"),
        ({"page": 4, "pages": [4, 5]}, "page 5, table 3, row 2, column 5"),
        ({"bboxes": [(1.0, 2.0, 3.0, 4.0)]}, "table 3, row 2, column 5"),
    ],
)
def test_the_locator_text_is_that_of_the_locator(dress: dict[str, object], text: str) -> None:
    table = Table(3)
    table.add("7", 1, 4)
    for name, value in dress.items():
        setattr(table, name, value)
    made = report()
    made.columns.where[0] = (table, 0)
    made.columns.where[1] = Locator(page=2, line=9)
    frame = to_frame(made)
    assert frame["locator"].tolist()[:3] == [text, "page 2, line 9", pd.NA]
    assert str(made.locator(0)) == text


def test_cells_with_places_of_their_own_keep_them() -> None:
    class Tokens(Table):
        def locator(self, i: int) -> Locator:
            return Locator(line=40 + i, cell=2)

    tokens = Tokens(1)
    tokens.texts.append("7")
    made = report()
    made.columns.where[0] = (tokens, 0)
    assert to_frame(made)["locator"][0] == "line 40, cell 2"


def test_further_reports_of_a_document_are_rows_of_their_own() -> None:
    made = town()
    second = report(report_id=made.report_id + "#2")
    made.others = (second,)
    assert to_frame([made], "wide")["report_id"].tolist() == [
        made.report_id,
        made.report_id + "#2",
    ]
    assert len(to_frame([made])) == 400


def test_failures_stand_in_reports_and_nowhere_else() -> None:
    bad = failure()
    for shape in ("long", "wide", "checks", "findings", "sections"):
        assert bad.report_id not in set(to_frame([bad, town()], shape)["report_id"])
    frame = to_frame([bad, town()], "reports")
    assert frame["error_type"].tolist() == ["NotAReportError", pd.NA]
    assert frame["error_message"][0] == "no table and no section of a known form"
    assert frame["error_hint"][0] == "give the report page"
    assert frame["source_name"].tolist() == ["news.html", "town.html"]
    assert frame["n_figures"].tolist() == [pd.NA, 200]


def test_a_failure_without_bytes_has_no_id() -> None:
    bad = failure()
    bad = replace(bad, source=replace(bad.source, sha256=""))
    assert to_frame(bad, "reports")["report_id"].isna().all()


def test_reports_count_states_and_checks() -> None:
    made = town(changes={f"{RL}/review/total": 7, f"{RQ}/granted/total": State.ABSENT})
    row = to_frame(made, "reports").iloc[0]
    assert row["n_figures"] == 200
    assert row["n_dash"] == 1
    assert row["n_absent"] == 1
    assert row["n_reported"] == 198
    assert row["n_checks"] == 42
    assert row["n_broken"] == 1
    # granted/total is in its row's sum and in the outcome sum of 总计
    assert row["n_not_checkable"] == 2
    assert row["n_holds"] == 39
    assert (row["n_findings"], row["n_warnings"], row["n_errors"]) == (1, 1, 0)
    assert row["form_requests"] == "ogi_annual_2021"
    assert str(row["published"].date()) == "2024-01-20"


def test_checks_give_both_sides() -> None:
    frame = to_frame(town(changes={f"{RL}/review/total": 7}), "checks")
    assert len(frame) == 42
    broken = frame[frame["state"] == "broken"]
    assert broken[["id", "scope", "expected", "found"]].to_numpy().tolist() == [
        ["t4_review_total", "review", 1, 7]
    ]


def test_findings_and_sections_have_a_row_each() -> None:
    findings = to_frame(town(), "findings")
    assert findings.iloc[0].to_dict() == {
        "report_id": town().report_id,
        "organ": "青石镇人民政府",
        "year": 2023,
        "code": "row_matched_loosely",
        "severity": "warning",
        "message": "a row was matched loosely",
        "message_zh": "行标签不完全一致",
        "figures": "requests/granted/total;requests/granted/business",
        "locator": "table 2, row 4",
    }
    sections = to_frame(town(), "sections")
    assert sections["key"].tolist() == ["overview", "other_matters"]
    assert sections["text"].tolist() == ["本镇公开信息120条。", "无。"]
    assert sections["position"].tolist() == [1, 2]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_reports_give_an_empty_frame_with_all_columns(shape: str) -> None:
    frame = to_frame([], shape)
    assert len(frame) == 0
    assert list(frame.columns) == schema_of(shape).names


def test_a_narrative_report_without_figures_is_a_row() -> None:
    old = report(of=Layout(()), form="narrative", year=2012)
    assert len(to_frame(old)) == 0
    assert to_frame([old, town()], "wide")["form"].tolist() == ["narrative", "ogi_annual_2021"]
    assert to_frame(old, "reports")["n_figures"].tolist() == [0]
    assert len(to_frame(old, "checks")) == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_the_schema_names_version_and_shape(shape: str) -> None:
    metadata = to_table([town()], shape).schema.metadata
    assert metadata == {b"govreport_schema": b"govreport/1", b"govreport_shape": shape.encode()}


def test_generators_are_read_once() -> None:
    assert len(to_frame((r for r in [town(), hybrid()]), "wide")) == 2


@pytest.mark.parametrize("wrong", [5, "town.html", [town().to_dict()], None])
def test_what_is_no_report_is_a_usage_error(wrong: object) -> None:
    with pytest.raises(UsageError, match="a report or failure is needed"):
        to_frame(wrong)  # type: ignore[arg-type]


def test_an_unknown_shape_is_a_usage_error_that_names_the_shapes() -> None:
    with pytest.raises(UsageError, match="long, wide, reports"):
        to_frame(town(), "tall")  # type: ignore[arg-type]


def test_numbers_beyond_a_float_stay_exact_in_the_wide_frame() -> None:
    big = 2**53 + 1
    made = report({f"{PD}/licensing/decisions": big})
    assert wide_table(made)["pd_licensing_decisions"].to_pylist() == [big]


def test_numbers_beyond_64_bits_end_as_null_and_never_as_an_exception() -> None:
    made = report({f"{PD}/licensing/decisions": 10**400, f"{RL}/review/total": 10**30})
    assert wide_table(made)["pd_licensing_decisions"].to_pylist() == [None]
    assert long_table(made)["value"].to_pylist()[made.layout.index[f"{RL}/review/total"]] == 1e30
    assert checks_table(made).num_rows == 42


def test_a_fraction_in_a_count_is_not_rounded() -> None:
    path = f"{PD}/licensing/decisions"
    made = report({path: Decimal("3.5")})
    assert wide_table(made)["pd_licensing_decisions"].to_pylist() == [None]
    assert to_frame(made).set_index("path").loc[path, "value"] == 3.5


def test_a_fraction_in_a_count_is_cut_off_in_no_table() -> None:
    cells = {f"{RQ}/granted/{c}": Decimal("3.5") for c in ("natural_person", "total")}
    made = report(dict.fromkeys(_row("granted"), 0) | cells)
    shown = made.table("requests").loc["granted"]
    assert shown["natural_person"] is pd.NA
    assert shown["total"] is pd.NA
    assert shown["business"] == 0
    sides = {s for o in made.outcomes for s in (o.expected, o.found) if isinstance(s, Decimal)}
    assert sides == {Decimal("3.5")}
    checks = to_table(made, "checks").to_pylist()
    for row, outcome in zip(checks, made.outcomes, strict=True):
        for name, side in (("expected", outcome.expected), ("found", outcome.found)):
            assert row[name] == (None if isinstance(side, Decimal) else side)


def _row(key: str) -> list[str]:
    return [s.path for s in report().layout.figures if s.path.startswith(f"{RQ}/{key}/")]


def test_lone_surrogates_of_a_broken_source_do_not_stop_a_frame() -> None:
    made = town(title="a\ud800b")
    made.columns.raws[0] = "\udfff1"
    assert to_frame(made, "wide")["title"][0] == "a?b"
    assert to_frame(made)["raw"][0] == "?1"


# -- one table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form_id", "key", "shape"),
    [
        ("ogi_annual_2021", RQ, (25, 7)),
        ("ogi_annual_2019", RQ, (23, 7)),
        ("ogi_annual_2021", RL, (3, 5)),
        ("ogi_annual_2021", PD, (6, 5)),
        # 8 rows; 新制作, 新公开, 总数; 上年, 增减, 处理决定; 项目, 金额
        ("ogi_annual_2019", PD, (8, 8)),
    ],
)
def test_tables_have_the_shape_of_the_form(form_id: str, key: str, shape: tuple[int, int]) -> None:
    assert table_frame(report(form_id=form_id), key).shape == shape


def test_table_cells_that_the_form_does_not_have_are_na() -> None:
    frame = table_frame(report(), PD)
    assert frame.loc["rules", "decisions"] is pd.NA
    assert frame.loc["licensing", "decisions"] == 0
    assert frame.dtypes.astype(str).tolist() == ["Int64"] * 4 + ["Float64"]


def test_table_labels_are_unique_in_both_languages() -> None:
    for form_id in ("ogi_annual_2021", "ogi_annual_2019"):
        for key in (PD, RQ, RL):
            for labels in ("key", "en", "zh"):
                frame = table_frame(report(form_id=form_id), key, labels)
                assert frame.index.is_unique
                assert frame.columns.is_unique


def test_table_labels_in_chinese_are_the_printed_ones() -> None:
    frame = table_frame(town(), RQ, "zh")
    assert frame.loc["（一）予以公开", "自然人"] == 2
    assert frame.loc["6.属于四类过程性信息", "商业企业"] == 1
    assert table_frame(town(), RL, "en").loc["administrative review", "upheld"] == 1


def test_an_unknown_table_or_label_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="did you mean 'requests'"):
        table_frame(town(), "request")
    with pytest.raises(UsageError, match="no table"):
        table_frame(report(of=Layout(()), form="narrative"), RQ)
    with pytest.raises(UsageError, match="one of key, en, zh"):
        table_frame(town(), RQ, "de")  # type: ignore[arg-type]


# -- Arrow and files -------------------------------------------------------------------------------


def test_a_report_offers_the_arrow_stream() -> None:
    table = pa.table(town())
    assert table.num_rows == 200
    assert table.schema.names == schema_of("long").names


def test_a_frame_offers_the_arrow_stream_where_pandas_does() -> None:
    frame = to_frame(town())
    if not hasattr(frame, "__arrow_c_stream__"):
        pytest.skip("this pandas has no Arrow stream")
    assert pa.table(frame)["value"].null_count == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_parquet_gives_back_the_table(shape: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "out.parquet"
    reports = [town(), hybrid(), failure()]
    rows = write_parquet(reports, path, shape)
    read = pyarrow.parquet.read_table(path)
    assert read.equals(to_table(reports, shape))
    assert read.num_rows == rows
    assert read.schema.metadata[b"govreport_schema"] == b"govreport/1"
    assert [p.name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_parquet_is_written_in_batches(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("govreport_parse.frames.files.BATCH", 2)
    path = tmp_path / "out.parquet"
    assert write_parquet((town() for _ in range(5)), path, "wide") == 5
    assert pyarrow.parquet.ParquetFile(path).num_row_groups == 3


def test_a_file_that_was_not_finished_is_not_there(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(UsageError), TableWriter(path, "long", "csv") as writer:
        writer.write_all([town(), "no report"])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_a_usage_error(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for path in (tmp_path / "no" / "out.parquet", tmp_path):
        with pytest.raises(UsageError, match="cannot write"):
            write_parquet(town(), path)


def test_csv_reads_back_with_blanks_as_null(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "out.csv"
    made = town(changes={f"{RQ}/granted/total": State.BLANK})
    assert write_csv(made, path) == 200
    back = pd.read_csv(path, dtype_backend="numpy_nullable").set_index("path")
    assert back.loc[f"{RQ}/granted/total", "value"] is pd.NA
    assert back.loc[f"{RQ}/granted/natural_person", "value"] == 2
    assert back.loc[f"{PD}/administrative_fees/amount", "value"] == 12.5
    assert back["organ"].unique().tolist() == ["青石镇人民政府"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|x", "'+cmd|x"),
        ("-2+3+A1", "'-2+3+A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("－HYPERLINK(1)", "'－HYPERLINK(1)"),
        ("\t=1", "'\t=1"),
        ("-18", "-18"),
        ("+3", "+3"),
        ("-", "-"),
        ("—", "—"),
        ("3=4", "3=4"),
        ("a\n=1", "a\n=1"),
    ],
)
def test_csv_defuses_formulas_and_leaves_numbers(text: str, written: str) -> None:
    made = report()
    made.columns.raws[0] = text
    out = io.BytesIO()
    write_csv(made, out)
    back = pd.read_csv(io.BytesIO(out.getvalue()), keep_default_na=False, dtype=str)
    assert back["raw"][0] == written


def test_csv_can_leave_texts_as_they_are() -> None:
    made = report()
    made.columns.raws[0] = "=1"
    out = io.BytesIO()
    write_csv(made, out, csv_safe=False)
    assert "'=1" not in out.getvalue().decode()


def test_amounts_are_never_nan() -> None:
    made = report({f"{PD}/administrative_fees/amount": Decimal("NaN")})
    values = long_table(made)["value"].to_pylist()
    assert not any(v is not None and math.isnan(v) for v in values)


def test_finding_without_a_place_has_no_locator() -> None:
    made = town(findings=(Finding("a", "info", "b", "c"),))
    row = to_frame(made, "findings").iloc[0]
    assert row["locator"] is pd.NA
    assert row["figures"] == ""
