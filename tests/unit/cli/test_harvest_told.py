"""What ``govreport harvest`` says of addresses that gave no report."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from govreport_parse.bundled_site import serve
from govreport_parse.cli.main import cli

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
