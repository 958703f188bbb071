from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from handmade import RL, RQ, report, town

from govreport_parse.cli.looking import matched, outline
from govreport_parse.cli.main import VERBS, cli, main
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.schema import schema
from govreport_parse.values import State

PROGRAM = [sys.executable, "-m", "govreport_parse.cli.main"]


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args], input=stdin)


# -- explain ---------------------------------------------------------------------------------------


def test_explain_tells_where_a_figure_comes_from(town_page: Path) -> None:
    result = run("explain", town_page, f"{RQ}/granted/natural_person")
    assert result.exit_code == 0
    assert "2 件" in result.stdout
    assert "（一）予以公开" in result.stdout
    # table 2, three head rows, then received and carried in; three label columns
    assert "table 2, row 6, column 4" in result.stdout


def test_explain_takes_the_short_name_of_a_figure_too(town_page: Path) -> None:
    result = run("explain", town_page, "rq_granted_natural")
    assert (result.exit_code, result.exception) == (0, None)
    assert result.stdout == run("explain", town_page, f"{RQ}/granted/natural_person").stdout


def test_explain_of_an_unknown_figure_is_exit_2_and_names_the_nearest(town_page: Path) -> None:
    result = run("explain", town_page, "requests/granted/totl")
    assert result.exit_code == 2
    assert "govreport: UsageError" in result.stderr
    assert "requests/granted/total" in result.stderr


def test_explain_of_a_document_that_is_no_report_is_exit_1(no_report: Path) -> None:
    result = run("explain", no_report, f"{RQ}/granted/total")
    assert result.exit_code == 1
    assert "NotAReportError" in result.stderr


@pytest.mark.parametrize("args", [("explain", "MISSING", "x/y/z"), ("show", "MISSING")])
def test_a_missing_document_is_exit_1_and_named(tmp_path: Path, args: tuple[str, ...]) -> None:
    given = [str(tmp_path / "missing.html") if a == "MISSING" else a for a in args]
    result = run(*given)
    assert result.exit_code == 1
    assert "missing.html" in result.stderr


def test_a_broken_document_is_named_where_its_error_does_not_name_it(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.4 nothing")
    result = run("show", path)
    assert result.exit_code == 1
    assert "broken.pdf" in result.stderr


def test_explain_reads_standard_input(town_page: Path) -> None:
    result = run("explain", "-", f"{RL}/review/total", stdin=town_page.read_bytes())
    assert result.stdout.startswith("review_and_litigation/review/total")


def test_explain_of_a_folder_is_wrong_usage(tmp_path: Path) -> None:
    assert run("explain", tmp_path, f"{RL}/review/total").exit_code == 2


# -- show ------------------------------------------------------------------------------------------


def test_show_text_gives_the_decoded_text_and_tells_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "gbk.txt"
    path.write_bytes("一、总体情况\n本镇公开政府信息一百二十条，工作平稳有序。\n".encode("gb18030"))
    result = run("show", path, "--stage", "text")
    assert result.stdout.startswith("一、总体情况\n本镇公开")
    assert "gb18030" in result.stderr


def test_show_blocks_gives_a_line_a_block(town_page: Path) -> None:
    lines = run("show", town_page).stdout.splitlines()
    assert lines[0] == "html, 14 blocks, 3 tables"
    assert any("table 2  28 x 10" in line for line in lines)
    assert any("p   一、总体情况" in line for line in lines)


def test_show_match_gives_every_row_with_its_figures(town_page: Path) -> None:
    text = run("show", town_page, "--stage", "match").stdout
    line = next(x for x in text.splitlines() if x.startswith("  requests_received "))
    assert line.split()[1:] == ["label", "2", "1", "0", "0", "0", "0", "3"]
    assert text.count("  lapsed_fee_unpaid ") == 1
    assert "section overview: 一、总体情况" in text


@pytest.mark.parametrize("stage", ["text", "blocks", "match"])
def test_show_of_an_empty_file_is_an_error_and_no_traceback(tmp_path: Path, stage: str) -> None:
    path = tmp_path / "empty.html"
    path.write_bytes(b"")
    result = run("show", path, "--stage", stage)
    assert result.exit_code == 1
    assert result.stderr.startswith("govreport: ")


def test_an_outline_names_place_and_shape_of_every_block() -> None:
    table = Table(1, page=2)
    table.add("机关", 0, 0)
    table.add("1", 0, 1)
    table.notes.append("stitched")
    blocks = [Heading("标题", 2, page=1), Paragraph("文字\x1b[0m", line=7), table]
    document = Document(blocks, "pdf", meta={"a": "b"})
    assert outline(document) == [
        "pdf, 3 blocks, 1 tables",
        "  a: b",
        "   1  h2  page 1  标题",
        "   2  p   line 7  文字\\x1b[0m",
        "   3  table 1  1 x 2, 2 cells, page 2 (stitched): 机关 | 1",
    ]


def test_matched_rows_show_states_by_signs() -> None:
    path = f"{RL}/review"
    made = report(
        {
            f"{path}/upheld": State.BLANK,
            f"{path}/corrected": State.UNREADABLE,
            f"{path}/other_outcome": State.AMBIGUOUS,
            f"{path}/pending": State.ABSENT,
            f"{path}/total": State.DASH,
        }
    )
    line = next(x for x in matched(made) if x.startswith("  review "))
    assert line.split() == ["review", "not", "found", "·", "?若干", "~7", "x", "-"]


def test_matched_shows_rows_that_the_form_does_not_have() -> None:
    made = town(extra_rows=({"table": RQ, "label": "其他主动公开文件", "cells": ["12"]},))
    assert "  extra row in requests: 其他主动公开文件 | 12" in matched(made)


# -- reference -------------------------------------------------------------------------------------


def test_codebook_is_csv_by_default() -> None:
    rows = list(csv.DictReader(io.StringIO(run("codebook").stdout)))
    assert sum(bool(r["path"]) for r in rows) == 226 + 58
    assert "rq_granted_total" in {r["short"] for r in rows}


def test_codebook_as_json_and_markdown(tmp_path: Path) -> None:
    assert len(json.loads(run("codebook", "--format", "json").stdout)) > 226
    out = tmp_path / "codebook.md"
    assert run("codebook", "--format", "markdown", "-o", out).exit_code == 0
    lines = out.read_text("utf-8").splitlines()
    assert lines[0].startswith("| short | path |")
    assert {line.count("|") - line.count("\\|") for line in lines} == {lines[0].count("|")}


def test_schema_is_printed() -> None:
    assert json.loads(run("schema").stdout) == schema()


def test_forms_are_listed() -> None:
    text = run("forms").stdout
    assert "ogi_annual_2021" in text
    assert "198 figures, 40 identities" in text
    assert "normative_documents" in run("forms", "ogi_annual_2021").stdout
    made = json.loads(run("forms", "ogi_annual_2019", "--format", "json").stdout)
    assert len(made[0]["figures"]) == 198
    assert run("forms", "ogi_annual_1999").exit_code == 2


# -- demo ------------------------------------------------------------------------------------------


def test_demo_lists_the_samples_and_writes_a_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("govreport_parse.bundled")
    module.samples = lambda: [town(), report({f"{RL}/review/total": 3})]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "govreport_parse.bundled", module)
    folder = tmp_path / "new" / "folder"
    result = run("demo", "-o", folder)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["organ", "year", "form", "format", "figures", "checks", "findings"]
    assert lines[1].split() == [
        "青石镇人民政府",
        "2023",
        "ogi_annual_2021",
        "text/html",
        "199/200",
        "42/42",
        "1",
    ]
    assert "41/42, 1 broken" in lines[2]
    written = {p.name for p in folder.iterdir()}
    assert written == {
        "figures.parquet",
        "wide.parquet",
        "reports.parquet",
        "checks.parquet",
        "codebook.csv",
        "harvest",
        ".govreport-demo",
    }
    harvested = [line for line in lines if line.startswith("/zwgk/ndbg/")]
    assert len(harvested) == 8
    assert "200/200 figures, 42/42 checks" in "".join(harvested)
    assert f"{folder / 'figures.parquet'}  400 rows" in result.stdout


def test_demo_leaves_a_folder_of_somebody_elses_work_alone(tmp_path: Path) -> None:
    kept = tmp_path / "harvest" / "archive" / "a.warc.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"months of work")
    result = run("demo", "-o", tmp_path)
    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [kept]


def test_demo_into_a_file_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("govreport_parse.bundled")
    module.samples = list  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "govreport_parse.bundled", module)
    path = tmp_path / "file"
    path.write_text("x")
    assert run("demo", "-o", path).exit_code == 2


# -- the program -----------------------------------------------------------------------------------


def test_every_verb_has_a_command_with_help() -> None:
    for verb, (_, text) in VERBS.items():
        command = cli.get_command(click.Context(cli), verb)
        assert command is not None
        assert command.help
        assert text.endswith(".")
        assert run(verb, "--help").exit_code == 0


def test_help_lists_every_verb_and_the_exit_codes() -> None:
    result = run("--help")
    for verb in VERBS:
        assert f"  {verb} " in result.stdout
    assert "Exit codes" in result.stdout


def test_the_package_is_a_program_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "govreport_parse", "pasre"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: govreport [OPTIONS]" in done.stderr
    assert "No such command 'pasre'" in done.stderr


def test_an_unknown_verb_is_wrong_usage() -> None:
    assert run("pasre").exit_code == 2


def test_main_returns_the_exit_code(
    broken_page: Path, no_report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema"]) == 0
    assert main(["parse", str(no_report)]) == 1
    assert main(["parse"]) == 2
    assert main(["explain", str(broken_page), "x/y/z"]) == 2
    assert main(["check", "--strict", str(broken_page)]) == 3
    assert main(["--help"]) == 0
    assert main(["--version"]) == 0
    assert "govreport" in capsys.readouterr().out


def test_an_interrupt_is_exit_130(
    town_page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("govreport_parse.cli.reading.parsed", stop)
    assert main(["parse", str(town_page)]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "args",
    [
        ["codebook", "--format", "json"],
        ["check", "PAGE", "--all"],
        ["parse", "PAGE", "--format", "csv"],
        ["parse", "PAGE", "--format", "jsonl"],
        ["schema"],
    ],
)
def test_a_closed_pipe_is_silent(town_page: Path, args: list[str], unbuffered: str) -> None:
    given = [str(town_page) if a == "PAGE" else a for a in args]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*PROGRAM, *given],
        stdout=write,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 141


def test_a_reader_that_leaves_early_is_noticed() -> None:
    with subprocess.Popen(
        [*PROGRAM, "codebook", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(120) == 141


def test_chinese_goes_out_as_utf8_in_any_locale(town_page: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [*PROGRAM, "parse", str(town_page)], capture_output=True, env=env, check=True
    )
    assert "青石镇人民政府" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    "args",
    [["--help"], ["schema"], ["codebook"], ["forms"], ["parse", "PAGE", "--format", "jsonl"]],
)
def test_verbs_start_without_the_heavy_libraries(town_page: Path, args: list[str]) -> None:
    code = (
        "import sys; from govreport_parse.cli.main import main; main(sys.argv[1:]);"
        "heavy = {'pandas', 'pyarrow', 'pdfplumber', 'httpx', 'numpy'} & set(sys.modules);"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    given = [str(town_page) if a == "PAGE" else a for a in args]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, check=False)
    assert done.stderr.decode() == ""
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("args", [["schema"], ["parse", "PAGE", "--format", "jsonl"]])
def test_a_full_disk_under_the_output_is_told_without_a_traceback(
    town_page: Path, args: list[str]
) -> None:
    given = [str(town_page) if a == "PAGE" else a for a in args]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, *given],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    words = done.stderr.decode()
    assert done.returncode == 74
    assert "cannot write the output: No space left on device" in words
    assert "Traceback" not in words
    assert "Exception ignored" not in words
