from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from handmade import RL, RQ
from town_pages import page

from govreport_parse.cli.main import cli
from govreport_parse.schema import schema
from govreport_parse.values import State


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args], input=stdin)


def test_one_document_gives_a_card(town_page: Path) -> None:
    result = run("parse", town_page)
    assert result.exit_code == 0
    assert "青石镇人民政府2023年政府信息公开工作年度报告" in result.stdout
    assert "42 of 42 hold" in result.stdout
    assert result.stderr == ""


def test_json_of_one_path_is_one_object_that_follows_the_schema(town_page: Path) -> None:
    result = run("parse", town_page, "--format", "json")
    made = json.loads(result.stdout)
    jsonschema.validate(made, schema())
    figures = {f"{f['table']}/{f['row']}/{f['column']}": f for f in made["figures"]}
    assert len(figures) == 200
    assert figures[f"{RQ}/granted/natural_person"]["value"] == 2
    assert figures["proactive_disclosure/administrative_fees/amount"]["value"] == 12.5
    assert figures["proactive_disclosure/rules/issued"]["state"] == "dash"


def test_json_of_several_paths_is_an_array(town_page: Path, no_report: Path) -> None:
    result = run("parse", town_page, no_report, "--format", "json")
    made = json.loads(result.stdout)
    assert [m.get("form") for m in made] == ["ogi_annual_2021", None]
    assert made[1]["error"]["type"] == "NotAReportError"
    assert result.exit_code == 1


def test_json_of_a_folder_is_an_array_even_with_one_file(town_page: Path) -> None:
    made = json.loads(run("parse", town_page.parent, "--format", "json").stdout)
    assert len(made) == 1


def test_jsonl_keeps_the_order_of_the_arguments_failures_included(
    town_page: Path, no_report: Path, broken_page: Path
) -> None:
    missing = town_page.parent / "missing.html"
    result = run("parse", broken_page, no_report, missing, town_page, "--format", "jsonl")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["source"]["name"] for line in lines[:2]] == ["broken.html", "news.html"]
    assert [line.get("organ") for line in lines] == [
        "红土镇人民政府",
        None,
        None,
        "青石镇人民政府",
    ]
    assert [line["error"]["type"] for line in lines[1:3]] == ["NotAReportError", "UsageError"]
    for line in lines:
        jsonschema.validate(line, schema())
    assert result.exit_code == 1
    assert "NotAReportError" in result.stderr
    assert "missing.html" in result.stderr
    assert "2 of 4 documents parsed" in result.stderr


def test_more_workers_give_the_same_lines_in_the_same_order(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"{i}.html").write_text(page(organ=f"第{'一二三'[i]}镇人民政府"), "utf-8")
    alone = run("parse", tmp_path, "--format", "jsonl")
    together = run("parse", tmp_path, "--format", "jsonl", "--jobs", 2)
    assert alone.stdout == together.stdout
    assert len(alone.stdout.splitlines()) == 3


def test_standard_input_is_a_document(town_page: Path) -> None:
    result = run("parse", "-", "--format", "json", stdin=town_page.read_bytes())
    made = json.loads(result.stdout)
    assert made["source"]["name"] == "<stdin>"
    assert made["organ"] == "青石镇人民政府"


def test_standard_input_twice_is_a_usage_error(town_page: Path) -> None:
    assert run("parse", "-", "-", stdin=b"").exit_code == 2


def test_csv_goes_to_standard_output(town_page: Path) -> None:
    result = run("parse", town_page, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 200
    by_path = {r["path"]: r for r in rows}
    assert float(by_path[f"{RQ}/requests_received/total"]["value"]) == 3
    assert by_path["proactive_disclosure/rules/issued"]["value"] == ""
    assert list(rows[0])[:4] == ["report_id", "organ", "division_code", "year"]


def test_a_blank_cell_is_empty_in_csv_and_never_0(tmp_path: Path) -> None:
    path = tmp_path / "blank.html"
    path.write_text(page({f"{RL}/review/corrected": State.BLANK}), "utf-8")
    result = run("parse", path, "--format", "csv")
    row = next(
        r
        for r in csv.DictReader(io.StringIO(result.stdout))
        if r["path"] == f"{RL}/review/corrected"
    )
    assert (row["value"], row["state"]) == ("", "blank")


@pytest.mark.parametrize(
    ("shape", "rows"),
    [("long", 400), ("wide", 2), ("reports", 3), ("checks", 84), ("sections", None)],
)
def test_parquet_has_the_shape_asked_for(
    tmp_path: Path, town_page: Path, broken_page: Path, no_report: Path, shape: str, rows: int
) -> None:
    out = tmp_path / "out.parquet"
    result = run("parse", town_page, broken_page, no_report, "-o", out, "--shape", shape)
    assert result.exit_code == 1
    assert result.stdout == ""
    table = pyarrow.parquet.read_table(out)
    assert table.schema.metadata[b"govreport_shape"] == shape.encode()
    assert rows is None or table.num_rows == rows


def test_the_format_is_told_by_the_suffix_of_the_output(tmp_path: Path, town_page: Path) -> None:
    for suffix, start in ((".json", "{\n"), (".jsonl", '{"'), (".csv", '"report_id"')):
        out = tmp_path / f"out{suffix}"
        assert run("parse", town_page, "-o", out).exit_code == 0
        assert out.read_text("utf-8").startswith(start)


@pytest.mark.parametrize(
    "args",
    [
        ("--format", "parquet"),
        ("--format", "parquet", "-o", "-"),
        ("--shape", "wide"),
        ("--shape", "wide", "--format", "jsonl"),
        ("--shape", "tall", "--format", "csv"),
        ("--format", "xml"),
        ("--jobs", "0"),
        ("--year", "soon"),
        ("--division-code", "1"),
        ("--division-code", "３４１７２２"),
        ("-o", ""),
        ("--nonsense",),
        ("-o", "no/such/folder/out.json"),
    ],
)
def test_wrong_usage_is_exit_2_and_writes_no_data(town_page: Path, args: tuple[str, ...]) -> None:
    result = run("parse", town_page, *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_no_path_is_wrong_usage() -> None:
    assert run("parse").exit_code == 2


def test_what_the_caller_knows_wins(town_page: Path) -> None:
    result = run(
        *("parse", town_page, "--format", "json", "--organ", "甲镇", "--year", "2022"),
        *("--url", "https://town.example/a", "--division-code", "999101"),
    )
    made = json.loads(result.stdout)
    assert (made["organ"], made["organ_source"]) == ("甲镇", "caller")
    assert (made["year"], made["year_source"]) == (2022, "caller")
    assert made["division_code"] == "999101"
    assert made["source"]["url"] == "https://town.example/a"


def test_one_url_for_several_documents_is_wrong_usage(town_page: Path, broken_page: Path) -> None:
    result = run("parse", town_page, broken_page, "--url", "https://town.example/a")
    assert result.exit_code == 2


@pytest.mark.parametrize("verb", ["parse", "check"])
def test_strict_tells_a_broken_sum_by_exit_3(
    town_page: Path, broken_page: Path, no_report: Path, verb: str
) -> None:
    assert run(verb, broken_page).exit_code == 0
    assert run(verb, broken_page, "--strict").exit_code == 3
    assert run(verb, town_page, "--strict").exit_code == 0
    assert run(verb, broken_page, no_report, "--strict").exit_code == 1


def test_a_failed_document_is_told_on_stderr_with_a_hint(no_report: Path) -> None:
    result = run("parse", no_report)
    assert result.exit_code == 1
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith("govreport: NotAReportError: news.html: ")
    assert second.startswith("  hint: ")


def test_a_failed_document_alone_is_still_json(no_report: Path) -> None:
    made = json.loads(run("parse", no_report, "--format", "json").stdout)
    assert made["error"]["type"] == "NotAReportError"


def test_folders_give_their_documents_sorted_and_say_what_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("c.html", "b/a.html", "a.html", "b/without_suffix"):
        (tmp_path / name).write_text(page(organ="青石镇人民政府"), "utf-8")
    for name in (".hidden.html", ".git/x.html", "meta.json", "expected.tsv"):
        (tmp_path / name).write_text("x", "utf-8")
    result = run("parse", tmp_path, "--format", "jsonl")
    names = [json.loads(line)["source"]["name"] for line in result.stdout.splitlines()]
    assert names == ["a.html", "a.html", "without_suffix", "c.html"]
    assert "2 files of other kinds left out (.json, .tsv)" in result.stderr


@pytest.mark.parametrize("ending", ["_files", ".files", "_文件"])
def test_what_a_browser_saved_beside_a_page_is_no_document(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"年报{ending}").mkdir()
    (tmp_path / f"其他{ending}").mkdir()
    for name in ("年报.html", f"其他{ending}/a.html", f"年报{ending}/saved_resource.html"):
        (tmp_path / name).write_text(page(organ="青石镇人民政府"), "utf-8")
    for name in ("logo.png", "jquery.js.txt"):
        (tmp_path / f"年报{ending}" / name).write_text("x", "utf-8")
    result = run("parse", tmp_path, "--format", "jsonl")
    names = [json.loads(line)["source"]["name"] for line in result.stdout.splitlines()]
    assert sorted(names) == ["a.html", "年报.html"]
    assert "1 folder of pictures and scripts" in result.stderr


def test_a_folder_without_documents_is_wrong_usage(tmp_path: Path) -> None:
    assert run("parse", tmp_path).exit_code == 2


def test_a_name_with_an_escape_sequence_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.html"
    path.write_text("<p>x</p>", "utf-8")
    result = run("parse", path)
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr


def test_output_that_fails_leaves_the_old_file(tmp_path: Path, town_page: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    assert run("parse", town_page, "-o", out, "--mapping", tmp_path / "missing.csv").exit_code == 2
    assert out.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


# -- check -----------------------------------------------------------------------------------------


def test_check_spells_out_what_is_broken(broken_page: Path) -> None:
    text = " ".join(run("check", broken_page).stdout.split())
    assert "41 of 42 hold, 1 broken, 0 not checkable" in text
    assert "行政复议 (administrative review): its 4 parts add up to 1, 总计 is 7" in text


def test_check_all_lists_every_identity(town_page: Path) -> None:
    assert run("check", town_page, "--all").stdout.count("  ✓ ") == 42
    assert "✓" not in run("check", town_page).stdout


def test_check_lists_what_cannot_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "blank.html"
    path.write_text(page({f"{RL}/review/total": State.BLANK}), "utf-8")
    text = run("check", path).stdout
    assert "1 not checkable" in text
    assert "? t4_review_total" in text


def test_check_as_csv_and_json(broken_page: Path, no_report: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("check", broken_page, "--format", "csv").stdout)))
    assert len(rows) == 42
    assert [(r["id"], r["expected"], r["found"]) for r in rows if r["state"] == "broken"] == [
        ("t4_review_total", "1", "7")
    ]
    result = run("check", broken_page, no_report, "--format", "json")
    one, two = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(one["checks"]) == 42
    assert two["error"]["type"] == "NotAReportError"
    assert result.exit_code == 1


@pytest.mark.parametrize("year", ["99999", "1999", "0", "-1", "2023.5"])
def test_a_year_out_of_range_is_a_usage_error(year: str, town_page: Path) -> None:
    assert run("parse", town_page, f"--year={year}").exit_code == 2


def test_an_output_name_that_tells_no_format_is_a_usage_error(
    town_page: Path, tmp_path: Path
) -> None:
    result = run("parse", town_page, "-o", tmp_path / "out.xyz")
    assert result.exit_code == 2
    assert "--format" in result.stderr
    assert not (tmp_path / "out.xyz").exists()
