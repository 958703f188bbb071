"""The same bytes from another place in a later write: as in one write of both."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from handmade import town

from govreport_parse.bundled import sample_sources
from govreport_parse.cli.main import cli
from govreport_parse.dataset import load, write_dataset
from govreport_parse.dataset.staged import stage, staging_of, write_staged
from govreport_parse.report import Report

# the preference of copies: a government's host, then any other address, then none
BEST, SECOND, LAST = "https://a.gov.cn/r.html", "https://b.example/r.html", None


def at(url: str | None) -> Report:
    report = town()
    return replace(report, source=replace(report.source, url=url))


def places(folder: Path) -> list[Any]:
    """The address of the one report, then those of its further places."""
    (row,) = load(folder).reports.to_table(["url", "other_sources"]).to_pylist()
    return [row["url"], *(o.get("url") for o in json.loads(row["other_sources"] or "[]"))]


def write(reports: list[Report], folder: Path) -> Any:
    return write_dataset(reports, folder)


def write_in_parts(reports: list[Report], folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    staging = staging_of(folder)
    staging.mkdir(exist_ok=True)
    stage(staging, "one", [(r, None) for r in reports], "1.0")
    return write_staged(["one"], folder, parser_version="1.0")


@pytest.mark.parametrize("by", [write, write_in_parts])
def test_a_place_of_a_later_write_is_noted(tmp_path: Path, by: Any) -> None:
    by([at(BEST)], tmp_path / "d")
    result = by([at(SECOND)], tmp_path / "d")
    assert places(tmp_path / "d") == [BEST, SECOND]
    assert (result.added, result.replaced, result.skipped, result.further) == (0, 0, 0, 1)
    assert "(0 added, 0 replaced, 0 already there, 1 at a further place)" in str(result)
    before = (tmp_path / "d" / "_manifest.json").read_bytes()
    again = by([at(SECOND), at(BEST)], tmp_path / "d")
    assert (again.skipped, again.further, again.parts_written) == (2, 0, 0)
    assert (tmp_path / "d" / "_manifest.json").read_bytes() == before
    assert "further" not in str(again)


@pytest.mark.parametrize("by", [write, write_in_parts])
def test_a_better_place_of_a_later_write_is_the_reports(tmp_path: Path, by: Any) -> None:
    by([at(SECOND)], tmp_path / "d")
    result = by([at(BEST)], tmp_path / "d")
    assert places(tmp_path / "d") == [BEST, SECOND]
    assert (result.added, result.replaced, result.further, result.reports) == (0, 1, 1, 1)


@pytest.mark.parametrize("order", [*permutations([BEST, SECOND, LAST])])
def test_writes_in_any_order_are_as_one(tmp_path: Path, order: tuple[str | None, ...]) -> None:
    for url in order:
        write_dataset([at(url)], tmp_path / "d")
    result = write_dataset([at(url) for url in order], tmp_path / "one")
    assert (result.added, result.further) == (1, 2)
    assert places(tmp_path / "d") == [BEST, SECOND, LAST]
    many, one = (load(tmp_path / name).manifest.to_bytes() for name in ("d", "one"))
    assert many == one


def test_a_newer_parsers_report_is_left_alone(tmp_path: Path) -> None:
    write_dataset([at(BEST)], tmp_path / "d", parser_version="100.0")
    result = write_dataset([at(SECOND)], tmp_path / "d")
    assert (result.skipped, result.further) == (1, 0)
    assert places(tmp_path / "d") == [BEST]


def test_an_older_parsers_report_is_replaced_and_no_repetition(tmp_path: Path) -> None:
    write_dataset([at(BEST)], tmp_path / "d", parser_version="0.0.1")
    result = write_dataset([at(SECOND)], tmp_path / "d")
    assert (result.replaced, result.skipped, result.further) == (1, 0, 0)


def test_documents_imported_under_a_second_name_are_noted_and_stay(tmp_path: Path) -> None:
    def run(*arguments: object) -> Any:
        return CliRunner().invoke(cli, [str(a) for a in arguments])

    data = sample_sources()[0].data
    for name in ("one.html", "two.html"):
        (tmp_path / name).write_bytes(data)
    assert run("import", tmp_path / "one.html", "--out", tmp_path / "o").exit_code == 0
    second = run("import", tmp_path / "two.html", "--out", tmp_path / "o")
    assert "1 at a further place" in second.stderr
    third = run("import", tmp_path / "one.html", tmp_path / "two.html", "--out", tmp_path / "o")
    assert "2 documents are in the dataset already" in third.stderr
    before = load(tmp_path / "o").reports.to_table()
    (row,) = before.to_pylist()
    names = [row["source_name"], *(o["source_name"] for o in json.loads(row["other_sources"]))]
    assert names == ["one.html", "two.html"]
    assert run("build", tmp_path / "o").exit_code == 0
    assert load(tmp_path / "o").reports.to_table().equals(before)
