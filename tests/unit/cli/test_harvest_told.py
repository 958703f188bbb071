"""What ``govreport harvest`` says of addresses that gave no report."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from govreport_parse.bundled_site import serve
from govreport_parse.cli import harvesting
from govreport_parse.cli.main import cli
from govreport_parse.harvesting.results import Snapshot

OPTIONS = ("--contact", "a@b.org", "--allow-private", "--delay", "0")


def harvest(sources: object, out: Path) -> Result:
    return CliRunner().invoke(cli, ["harvest", str(sources), "--out", str(out), *OPTIONS])


def test_a_list_given_as_a_report_is_told_with_the_mend(tmp_path: Path) -> None:
    with serve() as site:
        listed = site.start + "index_1.html"
        result = harvest(listed, tmp_path / "h")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert f"{listed}: failed: NotAReportError: " in result.stderr
    assert lines[-1].startswith("a page that lists reports: give it the kind list in SOURCES")


def test_each_row_without_a_report_is_told_with_its_reason_and_no_other(tmp_path: Path) -> None:
    with serve() as site:
        good, gone = (site.start + name for name in ("2024/t1.html", "no.html"))
        sources = tmp_path / "s.csv"
        sources.write_text(f"url\n{good}\n{gone}\n", encoding="utf-8")
        result = harvest(sources, tmp_path / "h")
    assert result.exit_code == 1
    assert f"{gone}: not found: http_status" in result.stderr
    assert good not in result.stderr
    assert "kind list" not in result.stderr


def test_plain_lines_come_seldom_while_no_answer_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr(harvesting.time, "monotonic", lambda: clock[0])
    answers = {10: 2, 20: 3}  # then a host rests for two minutes
    had = 0
    with harvesting._Display() as show:
        for second in range(0, 151, 5):
            clock[0] = float(second)
            had = answers.get(second, had)
            show(Snapshot(clock[0], had, had, 0, 1, 0, 4, had, 0))
    first, second, third, fourth = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in (first, second)] == ["10 s", "20 s"]
    assert second.endswith("4 queued, about 27 s left")
    assert third.startswith("1 min: 3 answers")
    assert third.endswith(
        "4 queued; no answer of late: hosts rest (Retry-After, or no robots.txt to be had)"
    )
    assert fourth.startswith("2 min: 3 answers")


def test_a_list_with_a_file_among_its_reports_is_no_report_of_that_organ(tmp_path: Path) -> None:
    """The bundled list has 水利局's report as a file."""
    with serve() as site:
        result = harvest(site.start, tmp_path / "h")
    assert result.exit_code == 1
    assert "this page lists reports" in result.stderr
    assert "give it the kind list in SOURCES" in result.stderr
    assert "parsed" not in result.stdout


def test_caps_of_reports_and_list_pages_hold_and_are_told(tmp_path: Path) -> None:
    """The bundled list has five entries on its first page of two."""
    sources = tmp_path / "s.csv"
    with serve() as site:
        sources.write_text(f"url,kind\n{site.start},list\n", encoding="utf-8")
        arguments = ("--max-reports", "2", "--max-pages", "1")
        told = CliRunner().invoke(
            cli, ["harvest", str(sources), "--out", str(tmp_path / "h"), *OPTIONS, *arguments]
        )
        found = CliRunner().invoke(
            cli, ["discover", site.start, "--format", "jsonl", *OPTIONS, "--max-reports", "3"]
        )
    assert "leads to more than 2 reports, which is as far as one row" in told.stderr
    assert "  2  parsed" in told.stdout
    assert len(found.stdout.splitlines()) == 3
