from __future__ import annotations

import builtins
import json
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handmade import RQ, failure, hybrid, report, town
from recorded import as_copy, many, records, report_of

from govreport_parse.dataset import Dataset, load, verify_dataset, write_dataset
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.values import State

GRANTED = f"{RQ}/granted/total"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town of 2023 (2 granted), another of 2022 (blank), one without a year, and a failure."""
    other = town(
        changes={GRANTED: State.BLANK}, name="other", organ="白石镇人民政府",
        year=2022, division_code="999102",
    )  # fmt: skip
    write_dataset([town(), other, hybrid(), failure()], tmp_path / "d")
    return tmp_path / "d"


# -- lazy views ------------------------------------------------------------------------------------


def test_a_dataset_prints_as_a_summary(folder: Path) -> None:
    text = repr(load(folder))
    assert "3 reports of 2022-2023" in text
    assert "1 documents failed" in text
    assert ".figures             586 rows" in text
    assert repr(load(folder).checks) == "<checks: 124 rows x 8 columns>"


def test_a_dataset_inside_a_harvest_folder_is_found(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path / "dataset")
    assert len(load(tmp_path)) == 1


def test_columns_and_rows_are_chosen_by_name_and_value(folder: Path) -> None:
    figures = load(folder).figures
    frame = figures.to_pandas(["organ", "year", "value", "state"], {"path": GRANTED})
    rows = frame.sort_values("year").astype(object).where(frame.notna(), None)
    assert rows.to_numpy().tolist() == [
        ["白石镇人民政府", 2022, None, "blank"],
        ["青石镇人民政府", 2023, 2.0, "reported"],
        [None, None, 0.0, "reported"],
    ]
    types = frame.dtypes.astype(str).to_dict()
    assert types == {"organ": "string", "year": "Int64", "value": "Float64", "state": "string"}


@pytest.mark.parametrize(
    ("rule", "organs"),
    [
        ({"year": 2023}, {"青石镇人民政府"}),
        ({"year": None}, {None}),
        ({"year": [2022, None]}, {"白石镇人民政府", None}),
        ({"year": range(2020, 2023)}, {"白石镇人民政府"}),
        ([("year", ">=", 2022)], {"白石镇人民政府", "青石镇人民政府"}),
        ([("year", ">", 2022), ("form", "==", "mixed")], set()),
        ([("organ", "!=", None)], {"白石镇人民政府", "青石镇人民政府"}),
        ([("division_code", "in", ["999102"])], {"白石镇人民政府"}),
    ],
)
def test_filters(folder: Path, rule: object, organs: set[str | None]) -> None:
    table = load(folder).reports.to_table(["organ"], rule)  # type: ignore[arg-type]
    assert set(table["organ"].to_pylist()) == organs


@pytest.mark.parametrize(
    ("columns", "rule", "message"),
    [
        (["yaer"], None, "no column 'yaer'.*did you mean 'year'"),
        (None, {"pth": 1}, "no column 'pth'"),
        (None, [("year", "~", 1)], "no comparison '~'"),
        (None, [("year", 2023)], "no filter"),
        (None, {"year": "soon"}, "'soon' is no value of year"),
    ],
)
def test_wrong_columns_and_filters_are_usage_errors(
    folder: Path, columns: list[str] | None, rule: object, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load(folder).figures.to_table(columns, rule)  # type: ignore[arg-type]


def test_reading_one_column_of_one_year_touches_nothing_else(folder: Path) -> None:
    figures = load(folder).figures
    wanted = {p.path for p in figures.parts if p.year == 2023}
    for part in load(folder).manifest.parts:
        path = folder / part.path
        if part.path in wanted:
            _spoil(path, keep={"state"})
        else:
            path.write_bytes(b"\0" * part.bytes)
    table = figures.to_table(["state"], {"year": 2023})
    assert table["state"].to_pylist().count("dash") == 1
    assert table.num_rows == 200
    # the test is of use only if the rest is really spoilt
    with pytest.raises(DatasetError):
        figures.to_table(["raw"], {"year": 2023})
    with pytest.raises(DatasetError):
        figures.to_table(["state"])


def _spoil(path: Path, keep: set[str]) -> None:
    """Overwrite the bytes of all columns but some, the footer aside."""
    metadata = pq.read_metadata(path)
    data = bytearray(path.read_bytes())
    for g in range(metadata.num_row_groups):
        for c in range(metadata.num_columns):
            chunk = metadata.row_group(g).column(c)
            if chunk.path_in_schema not in keep:
                start = chunk.dictionary_page_offset or chunk.data_page_offset
                size = chunk.total_compressed_size
                data[start : start + size] = b"\xff" * size
    path.write_bytes(data)


def test_only_the_fragments_of_the_year_are_scanned(folder: Path) -> None:
    dataset = load(folder).figures.dataset()
    import pyarrow.compute as pc

    fragments = list(dataset.get_fragments(filter=pc.field("year") == 2023))
    assert [Path(f.path).parent.name for f in fragments] == ["year=2023"]
    assert len(list(dataset.get_fragments())) == 3


def test_batches_are_the_table_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset([r for _, r in many(40)] + [hybrid()], tmp_path / "d")
    monkeypatch.setattr("govreport_parse.dataset.views.BATCH", 1000)
    figures = load(tmp_path / "d").figures
    columns = ["value", "year", "path", "organ"]
    for rule in (None, {"path": GRANTED}, {"year": [2023, None], "state": "blank"}):
        batches = list(figures.batches(columns, rule))
        assert max(b.num_rows for b in batches) <= 1000
        assert pa.Table.from_batches(batches) == figures.to_table(columns, rule)
    assert len(list(figures.batches())) > 6
    assert sum(b.num_rows for b in figures.batches(["year"])) == len(figures)
    assert figures.to_table(["year"])["year"].null_count == 186
    assert pa.Table.from_batches(figures.batches()) == figures.to_table()


def test_views_offer_the_arrow_stream(folder: Path) -> None:
    view = load(folder).checks
    table = pa.table(view)
    assert table.equals(view.to_table())
    assert table.num_rows == len(view) == 124


def test_polars_reads_a_view_and_duckdb_its_files(folder: Path) -> None:
    frame = polars.DataFrame(load(folder).figures)
    chosen = frame.filter(polars.col("path") == GRANTED).sort("year", nulls_last=True)
    assert chosen["value"].to_list() == [None, 2.0, 0.0]


def test_an_empty_dataset_has_all_tables(tmp_path: Path) -> None:
    write_dataset([], tmp_path / "d")
    data = load(tmp_path / "d")
    assert len(data) == 0
    assert data.figures.to_pandas().shape == (0, 15)
    assert len(data.wide()) == len(data.panel()) == len(data.coverage()) == 0
    assert data.sql("select count(*) n from figures")["n"].tolist() == [0]
    assert "0 annual reports" in data.methods()


# -- what is no dataset ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.joinpath("_manifest.json").unlink(), "half-written"),
        (lambda f: f.joinpath("_manifest.json").write_text("{"), "no JSON"),
        (lambda f: f.joinpath("_manifest.json").write_text("[1]"), "another kind"),
        (lambda f: _edit(f, schema=2), "newer version.*update govreport_parse"),
        (lambda f: _edit(f, schema="x"), "newer version"),
        (lambda f: _edit(f, parts=[{}]), "a field is missing"),
        (lambda f: _edit(f, parts=None), "a field is missing"),
        (lambda f: _edit(f, schemas={"reports": "abc"}), "columns of 'reports'.*another version"),
        (lambda f: _part(f).unlink(), "part-.*is missing"),
        (lambda f: _part(f).write_bytes(b"PAR1"), "has 4 bytes instead of"),
    ],
)
def test_a_folder_that_is_no_longer_a_dataset_is_told(folder: Path, spoil, message: str) -> None:  # type: ignore[no-untyped-def]
    spoil(folder)
    with pytest.raises(DatasetError, match=f"(?s){message}") as caught:
        load(folder)
    assert caught.value.hint


def _edit(folder: Path, **changes: object) -> None:
    path = folder / "_manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _part(folder: Path) -> Path:
    return load(folder).figures.files[0]


@pytest.mark.parametrize("name", ["../../etc/passwd", "figures/../x", "/etc/passwd", "figures/a"])
def test_a_manifest_that_points_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    data = json.loads((folder / "_manifest.json").read_text())
    data["parts"][0]["path"] = name
    _edit(folder, parts=data["parts"])
    with pytest.raises(DatasetError):
        load(folder)


def test_a_folder_without_manifest_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is no dataset"):
        load(tmp_path)
    with pytest.raises(DatasetError, match="does not exist"):
        load(tmp_path / "no")
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="is no folder"):
        load(tmp_path / "file")


def test_a_corrupt_file_is_named(folder: Path) -> None:
    data = load(folder)
    path = _part(folder)
    path.write_bytes(b"\0" * path.stat().st_size)
    for read in (
        lambda: data.figures.to_table(),
        lambda: data.figures.to_pandas(),
        lambda: list(data.figures.batches()),
        lambda: data.wide(),
        lambda: data.panel(),
        lambda: data.sql("select sum(value) from figures"),
        lambda: data.export("json", folder.parent / "x.jsonl"),
    ):
        with pytest.raises(DatasetError, match=path.name) as caught:
            read()
        assert "no whole Parquet file" in caught.value.message


def test_a_dataset_that_was_rewritten_is_told_to_load_again(folder: Path) -> None:
    old = load(folder)
    write_dataset([town(changes={GRANTED: 9})], folder, parser_version="99")
    with pytest.raises(DatasetError, match="load it again"):
        old.figures.to_table()
    assert load(folder).figures.to_table(["value"], {"path": GRANTED, "year": 2023})[
        "value"
    ].to_pylist() == [9.0]


def test_verify_finds_every_changed_byte(folder: Path) -> None:
    assert verify_dataset(folder) == []
    for part in load(folder).manifest.parts:
        path = folder / part.path
        whole = path.read_bytes()
        for at in {0, 4, len(whole) // 3, len(whole) // 2, len(whole) - 9, len(whole) - 1}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert [(p.kind, p.path) for p in verify_dataset(folder)] == [("damaged", part.path)]
        path.write_bytes(whole[:-1])
        assert [p.kind for p in verify_dataset(folder)] == ["damaged"]
        path.unlink()
        assert [p.kind for p in verify_dataset(folder)] == ["missing"]
        path.write_bytes(whole)
    assert verify_dataset(folder) == []


# -- wide and panel --------------------------------------------------------------------------------


def test_wide_is_the_wide_frame(tmp_path: Path) -> None:
    from govreport_parse.frames import to_frame

    reports = [r for _, r in many(40)]
    write_dataset(reports, tmp_path / "d")
    expected = to_frame(reports, "wide").sort_values("report_id").reset_index(drop=True)
    wide = load(tmp_path / "d").wide().sort_values("report_id").reset_index(drop=True)
    assert list(wide.columns) == [*expected.columns, "duplicate_of", "superseded_by"]
    pd.testing.assert_frame_equal(wide[list(expected.columns)], expected)


def test_wide_of_some_years(folder: Path) -> None:
    assert load(folder).wide([2022])["rq_granted_total"].tolist() == [pd.NA]
    assert load(folder).wide(years=[2023])["rq_granted_total"].tolist() == [2]


def _panel_data(tmp_path: Path) -> Dataset:
    split = {
        f"{RQ}/lapsed_no_clarification/total": 1,
        f"{RQ}/lapsed_fee_unpaid/total": 2,
        f"{RQ}/other_handling_other/total": 4,
        f"{RQ}/requests_received/total": 11,
    }
    new = report(split, name="new", organ="甲县", year=2021, division_code="999101")
    gap = report(
        {**split, f"{RQ}/lapsed_fee_unpaid/total": State.BLANK},
        name="gap", organ="甲县", year=2022, division_code="999101",
    )  # fmt: skip
    old = report(
        {f"{RQ}/other_handling/total": 5, f"{RQ}/requests_received/total": 9,
         "proactive_disclosure/rules/newly_made": 3},
        form_id="ogi_annual_2019", name="old", organ="甲县", year=2020, division_code="999101",
    )  # fmt: skip
    write_dataset([new, gap, old, hybrid(), failure()], tmp_path / "d")
    return load(tmp_path / "d")


def test_the_panel_joins_what_is_comparable(tmp_path: Path) -> None:
    panel = _panel_data(tmp_path).panel().set_index("year")
    assert panel.index.tolist() == [2020, 2021, 2022]
    assert panel["rq_received_total"].tolist() == [9, 11, 11]
    # one row in 2019 is three rows in 2021; a blank part is not 0
    assert panel["rq_other_handling_total"].tolist() == [5, 7, pd.NA]
    assert panel["organ"].unique().tolist() == ["甲县"]
    assert panel["n_reports"].tolist() == [1, 1, 1]


def test_the_panel_never_joins_what_is_not_comparable(tmp_path: Path) -> None:
    data = _panel_data(tmp_path)
    # 处理决定数量 stands in both forms; what was made, published or is in force does not
    assert [c for c in data.panel().columns if c.startswith("pd_")] == [
        f"pd_{row}_decisions" for row in ("licensing", "penalties", "coercive")
    ]
    chosen = data.panel(
        ["proactive_disclosure/rules/newly_made", "pd_rules_issued", "pd_rules_in_force"]
    ).set_index("year")
    assert chosen["pd_rules_newly_made"].tolist() == [3, pd.NA, pd.NA]
    assert chosen["pd_rules_issued"].tolist() == [pd.NA, 0, 0]
    assert chosen["pd_rules_in_force"].tolist() == [pd.NA, 0, 0]


def test_the_panel_gives_amounts_in_wan_yuan(tmp_path: Path) -> None:
    path = "proactive_disclosure/administrative_fees/amount"
    plain = report({path: 25}, name="a", organ="甲", year=2022)
    yuan = report({path: 251000}, name="b", organ="乙", year=2022)
    yuan.columns.units[yuan.layout.index[path]] = "元"
    write_dataset([plain, yuan], tmp_path / "d")
    panel = load(tmp_path / "d").panel([path]).set_index("organ")
    assert panel["pd_admin_fees_amount_wan"].to_dict() == {"甲": 25.0, "乙": 25.1}


def test_the_panel_leaves_out_copies_and_older_versions(tmp_path: Path) -> None:
    made = records(1, seed=5)[0]
    base = report_of(made, 1)
    write_dataset([base, as_copy(base, "mirror")], tmp_path / "d")
    write_dataset(
        [town(), town(changes={GRANTED: 3}, name="v2")], tmp_path / "d",
    )  # fmt: skip
    panel = load(tmp_path / "d").panel()
    assert len(panel) == 2
    assert panel["n_reports"].tolist() == [1, 1]


def test_two_reports_of_one_organ_and_year_are_counted_not_merged(tmp_path: Path) -> None:
    # no division and different hosts: nothing tells whether these are versions
    a, b = (town(name=n, division_code=None, changes={GRANTED: k}) for n, k in (("a", 1), ("b", 2)))
    b.source = as_copy(b, "b").source
    write_dataset([a, b], tmp_path / "d")
    panel = load(tmp_path / "d").panel(["rq_granted_total"])
    assert sorted(panel["rq_granted_total"]) == [1, 2]
    assert panel["n_reports"].tolist() == [2, 2]


def test_reports_without_organ_or_year_are_in_the_panel_on_demand(tmp_path: Path) -> None:
    known = town(name="a", changes={GRANTED: 1})
    nameless = [town(name=n, organ=None, changes={GRANTED: k}) for n, k in (("b", 2), ("c", 3))]
    undated = town(name="d", year=None, changes={GRANTED: 4})
    copy = as_copy(known, "e")
    write_dataset([known, *nameless, undated, copy], tmp_path / "d")
    data = load(tmp_path / "d")
    assert data.panel([GRANTED])["rq_granted_total"].tolist() == [1]
    panel = data.panel([GRANTED], unnamed=True)
    assert sorted(panel["rq_granted_total"]) == [1, 2, 3, 4]
    # nothing tells whether two reports without an organ are of one
    assert panel["n_reports"].tolist() == [1, 1, 1, 1]
    assert panel["organ"].isna().sum() == 2
    assert panel["year"].isna().sum() == 1


def test_the_crosswalk_says_of_every_figure_what_it_is_made_of(folder: Path) -> None:
    from govreport_parse.codebooks import figures_by_path

    lines = load(folder).crosswalk().set_index("name")
    assert lines.index.is_unique
    told = set(lines["path"]) | {p for x in lines["parts"].dropna() for p in x.split(" + ")}
    assert told == set(figures_by_path())
    assert lines.loc["rq_granted_total", "how"] == "same"
    assert lines.loc["rq_other_handling_total", "parts"] == " + ".join(
        f"{RQ}/{row}/total"
        for row in ("lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other")
    )
    only = lines[lines["how"] == "only"]
    assert (only["forms"].str.count(";") == 0).all()
    assert lines.loc["pd_rules_newly_made", "note"].startswith("not issued of the 2021 form")
    # 22 rows x 7 of requests, 7 sums, 3 x 5 cases, decisions of licensing, penalties, coercion
    annual = lines[lines["how"] != "only"]
    assert len(annual) == 22 * 7 + 7 + 15 + 3


def test_an_unknown_figure_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'rq_granted_total'"):
        load(folder).panel(["rq_granted_totl"])


def test_a_figure_named_twice_is_one_column_and_a_set_has_the_order_of_the_form(
    folder: Path,
) -> None:
    data = load(folder)
    twice = data.panel(["rq_granted_total", GRANTED, "rq_received_total", "rq_granted_total"])
    assert twice.columns[6:].tolist() == ["rq_granted_total", "rq_received_total"]
    assert data.panel({"rq_granted_total", "rq_received_total"}).columns[6:].tolist() == [
        "rq_received_total",
        "rq_granted_total",
    ]  # type: ignore[arg-type]


def test_a_column_of_a_frame_filters_as_a_list(folder: Path) -> None:
    data = load(folder)
    ids = data.reports.to_pandas()["report_id"].head(2)
    wanted = data.figures.to_table(filter={"report_id": ids.tolist()})
    assert 0 < len(wanted) < len(data.figures)
    for given in (ids, ids.to_numpy(), set(ids), (i for i in ids), dict.fromkeys(ids).keys()):
        assert data.figures.to_table(filter={"report_id": given}).equals(wanted)
    assert len(data.reports.to_table(filter={"year": pd.Series([2023, None], dtype="Int64")})) == (
        len(data.reports.to_table(filter={"year": 2023}))
        + len(data.reports.to_table(filter={"year": None}))
    )


# -- coverage --------------------------------------------------------------------------------------


def test_coverage_says_who_reported_how_completely_and_why_not(tmp_path: Path) -> None:
    from govreport_parse.errors import NotAReportError
    from govreport_parse.report import Failure

    whole = town(name="whole", division_code="340111", organ="甲县", year=2022)
    partly = town(
        changes={GRANTED: State.ABSENT, f"{RQ}/granted/natural_person": State.AMBIGUOUS},
        name="partly", division_code="340112", organ="乙县", year=2022,
    )  # fmt: skip
    asked = {"division_code": "340113", "organ": "丙县", "year": 2022}
    lost = Failure(failure("lost").source, NotAReportError("a list page", context=asked))
    write_dataset([whole, partly, lost, failure("stray")], tmp_path / "d")
    data = load(tmp_path / "d")
    table = data.coverage(
        {"340111": "甲县", "340112": "乙县", "340113": "丙县", "340114": "丁县"}, years=[2022]
    )
    told = table.head(4).set_index("organ")
    assert told["status"].to_dict() == {
        "甲县": "complete", "乙县": "partial", "丙县": "failed", "丁县": "not found",
    }  # fmt: skip
    assert told.loc["乙县", "reason"] == "of 200 figures 1 absent, 1 ambiguous"
    assert told.loc["丙县", "reason"] == "NotAReportError: a list page"
    assert told.loc["丁县", "reason"] == "no document of this year"
    assert told.loc["甲县", "report_id"] == whole.report_id
    # what failed without saying whose it is stands at the end
    assert table.iloc[4:][["status", "organ"]].to_numpy().tolist() == [["failed", pd.NA]]


def test_coverage_without_divisions_shows_gaps_between_years(tmp_path: Path) -> None:
    write_dataset([town(name=str(y), year=y) for y in (2021, 2023)], tmp_path / "d")
    table = load(tmp_path / "d").coverage()
    assert table[["year", "status"]].to_numpy().tolist() == [
        [2021, "complete"], [2022, "not found"], [2023, "complete"],
    ]  # fmt: skip


def test_coverage_takes_the_best_of_several(tmp_path: Path) -> None:
    good = town(name="good", organ="甲局", division_code="340111")
    bad = town(name="bad", organ="乙局", division_code="340111", changes={GRANTED: State.ABSENT})
    write_dataset([good, bad], tmp_path / "d")
    row = load(tmp_path / "d").coverage(["340111"]).iloc[0]
    assert (row["status"], row["report_id"], row["n_reports"]) == ("complete", good.report_id, 2)


def test_the_report_of_a_town_is_not_the_countys(tmp_path: Path) -> None:
    code = "340111"
    parts = {"organ_level": "county", "organ_kind": "government"}
    county = town(name="c", organ="甲县人民政府", changes={GRANTED: State.ABSENT}, **parts)
    bureau = town(name="b", organ="甲县教育局", **parts | {"organ_kind": "department"})
    place = {"organ_level": "township", "organ_kind": "town_or_street"}
    small = town(name="t", organ="甲县乙镇人民政府", **place)
    reports = [replace(r, division_code=code) for r in (county, bureau, small)]
    write_dataset(reports, tmp_path / "d")
    row = load(tmp_path / "d").coverage([code]).iloc[0]
    assert (row["status"], row["report_id"], row["n_reports"]) == ("partial", county.report_id, 3)
    assert row["reason"] == "of 200 figures 1 absent"
    write_dataset(reports[2:], tmp_path / "t")
    row = load(tmp_path / "t").coverage([code]).iloc[0]
    assert (row["status"], row["organ"]) == ("complete", "甲县乙镇人民政府")
    assert row["reason"] == "report of 甲县乙镇人民政府; none of the division's government"
    # each organ for itself where no divisions are asked for
    rows = load(tmp_path / "d").coverage()
    assert sorted(rows["status"]) == ["complete", "complete", "partial"]
    assert rows["reason"].dropna().tolist() == ["of 200 figures 1 absent"]


def test_an_organ_without_a_code_in_one_year_is_not_missing_there(tmp_path: Path) -> None:
    coded = town(name="a", organ="甲县人民政府", division_code="340111", year=2022)
    bare = town(name="b", organ="甲县人民政府", division_code=None, year=2023)
    # the name of two counties: a report without a code may be either's
    two = [
        town(name=c, organ="朝阳区人民政府", division_code=c, year=2022, changes={GRANTED: n})
        for n, c in enumerate(("110105", "220104"), 30)
    ]
    unsure = town(name="d", organ="朝阳区人民政府", division_code=None, year=2023)
    write_dataset([coded, bare, *two, unsure], tmp_path / "d")
    data = load(tmp_path / "d")
    rows = data.coverage()[["division_code", "organ", "year", "status"]]
    assert rows.astype(object).where(rows.notna(), None).to_numpy().tolist() == [
        [None, "朝阳区人民政府", 2022, "not found"],
        [None, "朝阳区人民政府", 2023, "complete"],
        ["110105", "朝阳区人民政府", 2022, "complete"],
        ["110105", "朝阳区人民政府", 2023, "not found"],
        ["220104", "朝阳区人民政府", 2022, "complete"],
        ["220104", "朝阳区人民政府", 2023, "not found"],
        ["340111", "甲县人民政府", 2022, "complete"],
        ["340111", "甲县人民政府", 2023, "complete"],
    ]
    asked = data.coverage(["340111", "110105"])
    assert asked["status"].tolist() == ["complete", "not found", "complete", "complete"]


def test_what_names_no_organ_is_missed_in_no_other_year(tmp_path: Path) -> None:
    named = [town(name=str(y), year=y, organ="甲县", division_code="340111") for y in (2021, 2023)]
    nameless = town(name="n", organ=None, division_code="340111", year=2022)
    write_dataset([*named, nameless], tmp_path / "d")
    rows = load(tmp_path / "d").coverage()[["organ", "year", "status"]]
    assert rows.astype(object).where(rows.notna(), None).to_numpy().tolist() == [
        [None, 2022, "complete"],
        ["甲县", 2021, "complete"],
        ["甲县", 2022, "not found"],
        ["甲县", 2023, "complete"],
    ]


# -- SQL -------------------------------------------------------------------------------------------


def test_sql_sees_every_table_by_name(folder: Path) -> None:
    data = load(folder)
    frame = data.sql(
        f"select year, sum(value) as s, count(*) as n from figures where path = '{GRANTED}'"
        " group by year order by year nulls last"
    )
    assert frame["year"].tolist() == [2022, 2023, pd.NA]
    assert frame["s"].tolist() == [pd.NA, 2.0, 0.0]
    assert frame["n"].dtype == "Int64"
    for name in (
        "reports",
        "checks",
        "findings",
        "sections",
        "narrative",
        "indicators",
        "failures",
    ):
        n = data.sql(f"select count(*) n, sum(year) y from {name}")["n"].tolist()
        assert n == [len(data.table(name))]
    labels = data.sql("select zh from codebook where short = 'rq_granted_total'")
    assert labels["zh"].tolist() == ["（一）予以公开 / 总计"]
    joined = data.sql("select r.title from reports r join failures f on r.url = f.url")
    assert len(joined) == 0


@pytest.mark.parametrize(
    "query", ["select nothing from figures", "selec 1", "", "select * from read_csv('/no')"]
)
def test_a_wrong_query_is_a_usage_error(folder: Path, query: str) -> None:
    with pytest.raises(UsageError):
        load(folder).sql(query)


def test_sql_without_duckdb_says_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **more: object) -> object:
        if name == "duckdb":
            raise ImportError(name)
        return real(name, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"govreport_parse\[sql\]"):
        load(folder).sql("select 1")


def test_sql_works_for_a_folder_with_a_strange_name(tmp_path: Path) -> None:
    odd = tmp_path / "it's year=7 [a]*"
    write_dataset([town()], odd)
    assert load(odd).sql("select distinct year from figures")["year"].tolist() == [2023]
    assert load(odd).figures.to_table(["year"], {"year": 2023}).num_rows == 200
    assert os.listdir(odd / "figures") == ["year=2023"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is no JSON"),
        ("[1]", "it is of another kind"),
        ('{"format": "govreport_parse.dataset", "schema": 1}', "a field is missing or wrong"),
    ],
)
def test_a_damaged_manifest_is_named_with_its_reason(folder: Path, text: str, reason: str) -> None:
    manifest = folder / "_manifest.json"
    given = json.loads(manifest.read_text())
    manifest.write_text(text.replace("govreport_parse.dataset", given["format"]))
    with pytest.raises(DatasetError) as caught:
        load(folder)
    assert caught.value.context == {"path": str(manifest), "reason": reason}
