from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from handmade import RL, failure, town

from govreport_parse.cli.main import cli
from govreport_parse.dataset import write_dataset
from govreport_parse.parsing import parse


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args], input=stdin)


def test_a_document_gives_a_page(broken_page: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.html"
    result = run("review", broken_page, "-o", out, "--url", "https://www.a.gov.cn/1.html")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "wrote" in result.stderr
    text = out.read_text("utf-8")
    assert "红土镇人民政府" in text
    assert 'href="https://www.a.gov.cn/1.html"' in text
    assert "t4_review_total" in text


def test_standard_input_is_a_document(town_page: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.html"
    assert run("review", "-", "-o", out, stdin=town_page.read_bytes()).exit_code == 0
    assert "青石镇" in out.read_text("utf-8")


def test_a_dataset_gives_its_index(tmp_path: Path) -> None:
    write_dataset([town(), failure()], tmp_path / "run" / "dataset")
    out = tmp_path / "i.html"
    assert run("review", tmp_path / "run", "-o", out).exit_code == 0
    assert "各省各年" in out.read_text("utf-8")


def test_a_dataset_of_failures_only_is_exit_1(tmp_path: Path) -> None:
    write_dataset([failure()], tmp_path / "d")
    result = run("review", tmp_path / "d", "-o", tmp_path / "i.html")
    assert result.exit_code == 1
    assert "the one document failed" in result.stderr
    assert not (tmp_path / "i.html").exists()


def test_what_is_no_report_is_exit_1(no_report: Path, tmp_path: Path) -> None:
    result = run("review", no_report, "-o", tmp_path / "p.html")
    assert result.exit_code == 1
    assert "NotAReportError" in result.stderr
    assert not (tmp_path / "p.html").exists()


def test_a_folder_of_documents_is_no_dataset(town_page: Path, tmp_path: Path) -> None:
    result = run("review", town_page.parent, "-o", tmp_path / "p.html")
    assert result.exit_code in (1, 2)
    assert "dataset" in result.stderr
    assert "import" in result.stderr


@pytest.mark.parametrize("name", ["", "no/such/folder/p.html"])
def test_an_output_that_can_not_be_written_is_usage(
    town_page: Path, tmp_path: Path, name: str
) -> None:
    result = run("review", town_page, "-o", tmp_path / name)
    assert result.exit_code == 2


def test_corrections_are_applied_and_shown(broken_page: Path, tmp_path: Path) -> None:
    report_id = parse(broken_page).report_id
    csv = tmp_path / "c.csv"
    csv.write_text(
        "report_id,path,verdict,value,note,author,date\n"
        f"{report_id},{RL}/review/total,wrong,1,typo,Wang,2024-05-31\n"
    )
    out = tmp_path / "p.html"
    assert run("review", broken_page, "-o", out, "--corrections", csv).exit_code == 0
    text = out.read_text("utf-8")
    assert "Wang, 2024-05-31: typo" in text
    assert "0 项勾稽不成立" in text


def test_corrections_that_can_not_be_used_stop_with_their_lines(
    broken_page: Path, tmp_path: Path
) -> None:
    csv = tmp_path / "c.csv"
    csv.write_text(
        "report_id,path,verdict,value,note,author,date\n"
        f"{'f' * 16},{RL}/review/total,wrong,1,typo,Wang,2024-05-31\n"
    )
    out = tmp_path / "p.html"
    result = run("review", broken_page, "-o", out, "--corrections", csv)
    assert result.exit_code == 2
    assert "line 2: no report" in result.stderr
    assert not out.exists()


def test_one_report_of_a_dataset_without_its_source(tmp_path: Path) -> None:
    made = town(changes={f"{RL}/review/total": 7})
    write_dataset([made, failure()], tmp_path / "d")
    out = tmp_path / "p.html"
    result = run("review", tmp_path / "d", "--report", made.report_id, "-o", out)
    assert result.exit_code == 0
    assert "not archived" in result.stderr
    text = out.read_text("utf-8")
    assert "未附原文" in text
    assert "1 项勾稽不成立" in text


def test_one_report_of_a_harvest_stands_beside_its_source(
    broken_page: Path, town_page: Path, tmp_path: Path
) -> None:
    run("import", broken_page, town_page, "--out", tmp_path / "run")
    report_id = parse(broken_page).report_id
    out = tmp_path / "p.html"
    result = run("review", tmp_path / "run", "--report", report_id, "-o", out)
    assert result.exit_code == 0
    text = out.read_text("utf-8")
    assert "红土镇人民政府" in text
    assert 'data-key="t2r6c4"' in text
    assert "未附原文" not in text


def test_an_unknown_report_of_a_dataset_is_usage(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path / "d")
    result = run("review", tmp_path / "d", "--report", "f" * 16, "-o", tmp_path / "p.html")
    assert result.exit_code == 2
    assert "holds no report" in result.stderr


@pytest.mark.parametrize("more", [("--url", "https://a.cn/"), ("--corrections", "c.csv")])
def test_options_of_a_document_are_refused_for_an_index(
    tmp_path: Path, more: tuple[str, str]
) -> None:
    write_dataset([town()], tmp_path / "d")
    assert run("review", tmp_path / "d", "-o", tmp_path / "p.html", *more).exit_code == 2


def test_a_report_is_not_picked_from_a_document(town_page: Path, tmp_path: Path) -> None:
    result = run("review", town_page, "--report", "f" * 16, "-o", tmp_path / "p.html")
    assert result.exit_code == 2
