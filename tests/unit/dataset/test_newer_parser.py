"""A dataset that parsers of two versions wrote: what the older one knew is not lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from handmade import RQ, failure, report, town

from govreport_parse.dataset import load, verify_dataset, write_dataset
from govreport_parse.dataset.manifest import read_manifest
from govreport_parse.dataset.merge import merge_datasets
from govreport_parse.report import Report

A, B, C = (f"https://www.{name}.gov.cn/r" for name in ("a", "b", "c"))
GRANTED = f"{RQ}/granted/total"


def at(url: str, made: Report | None = None, **more: Any) -> Report:
    made = made or town()
    return replace(made, source=replace(made.source, url=url, name=url), **more)


def places(folder: Path) -> tuple[str, list[str]]:
    (row,) = load(folder).reports.to_table().to_pylist()
    return row["url"], [p["url"] for p in json.loads(row["other_sources"] or "[]")]


# -- manifest --------------------------------------------------------------------------------------


def test_an_older_parser_does_not_set_the_version_back(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    write_dataset([town()], folder, parser_version="1.10.0")
    before = (folder / "_manifest.json").read_bytes()
    write_dataset([town()], folder, parser_version="1.9.0")
    assert (folder / "_manifest.json").read_bytes() == before
    write_dataset([report(name="b")], folder, parser_version="1.9.0")
    assert read_manifest(folder).parser_version == "1.10.0"
    versions = load(folder).reports.to_table()["parser_version"].to_pylist()
    assert sorted(versions) == ["1.10.0", "1.9.0"]
    write_dataset([], folder, parser_version="2")
    assert read_manifest(folder).parser_version == "2"


def test_an_older_library_does_not_set_the_writer_back(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    write_dataset([town()], folder, parser_version="1")
    path = folder / "_manifest.json"
    newer = path.read_text("utf-8").replace(
        read_manifest(folder).created_by, "govreport_parse 99.0"
    )
    path.write_text(newer, encoding="utf-8")
    write_dataset([report(name="b")], folder, parser_version="1")
    assert read_manifest(folder).created_by == "govreport_parse 99.0"


def test_a_failure_of_an_older_parser_does_not_hide_the_newer_ones(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for version, there in (("2", "2"), ("1", "2"), ("3", "3")):
        write_dataset([failure()], folder, parser_version=version)
        assert load(folder).failures.to_table()["parser_version"].to_pylist() == [there]


# -- further places --------------------------------------------------------------------------------


def test_further_places_stay_when_a_newer_parser_reads_one_of_them_again(tmp_path: Path) -> None:
    write_dataset([at(A), at(B), at(C)], tmp_path / "d", parser_version="1")
    assert places(tmp_path / "d") == (A, [B, C])
    again = at(A, town(changes={GRANTED: 7}))
    result = write_dataset([again], tmp_path / "d", parser_version="2")
    assert (result.replaced, result.reports) == (1, 1)
    assert places(tmp_path / "d") == (A, [B, C])
    found = load(tmp_path / "d").figures.to_table(["value"], {"path": GRANTED})
    assert found["value"].to_pylist() == [7.0]
    assert verify_dataset(tmp_path / "d") == []


def test_the_place_of_the_old_row_is_a_further_one_of_the_new(tmp_path: Path) -> None:
    write_dataset([at(A), at(B)], tmp_path / "d", parser_version="1")
    write_dataset([at(C)], tmp_path / "d", parser_version="2")
    assert places(tmp_path / "d") == (C, [A, B])
    # and is told once when it is read again, too
    write_dataset([at(C), at(B)], tmp_path / "d", parser_version="3")
    assert places(tmp_path / "d") == (B, [A, C])


def test_a_place_that_the_newer_parser_names_better_is_no_further_place(tmp_path: Path) -> None:
    write_dataset([at(A, organ=None), at(B, organ=None)], tmp_path / "d", parser_version="1")
    write_dataset([at(A, organ="甲局"), at(B, organ="乙局")], tmp_path / "d", parser_version="2")
    (row,) = load(tmp_path / "d").reports.to_table().to_pylist()
    (other,) = json.loads(row["other_sources"])
    assert (row["url"], row["organ"]) == (A, "甲局")
    assert (other["url"], other["organ"]) == (B, "乙局")


def test_further_reports_of_a_document_have_its_places(tmp_path: Path) -> None:
    write_dataset([at(A), at(B)], tmp_path / "d", parser_version="1")
    two = at(A)
    two.others = (at(A, report(report_id=two.report_id + "#2")),)
    write_dataset([two], tmp_path / "d", parser_version="2")
    rows = load(tmp_path / "d").reports.to_table().to_pylist()
    assert {r["report_id"] for r in rows} == {two.report_id, two.report_id + "#2"}
    for row in rows:
        assert [p["url"] for p in json.loads(row["other_sources"])] == [B]


def test_a_merge_keeps_the_places_that_an_older_parser_found(tmp_path: Path) -> None:
    write_dataset([at(A), at(B)], tmp_path / "s", parser_version="1")
    write_dataset([at(C)], tmp_path / "s", parser_version="2")
    write_dataset([report(name="x")], tmp_path / "t", parser_version="2")
    merge_datasets([tmp_path / "s", tmp_path / "t"], tmp_path / "m")
    row = next(r for r in load(tmp_path / "m").reports.to_table().to_pylist() if r["url"] == C)
    assert [p["url"] for p in json.loads(row["other_sources"])] == [A, B]


# -- versions --------------------------------------------------------------------------------------


def test_a_report_that_is_read_again_is_not_the_newer_version_for_that(tmp_path: Path) -> None:
    a = town(name="a", division_code="110101")
    b = town(changes={GRANTED: 4}, name="b", division_code="110101")
    write_dataset([a], tmp_path / "d", parser_version="1")
    write_dataset([b], tmp_path / "d", parser_version="1")
    for again in ([a], [a, b], [b]):
        version = str(int(load(tmp_path / "d").manifest.parser_version) + 1)
        write_dataset(again, tmp_path / "d", parser_version=version)
        rows = load(tmp_path / "d").reports.to_table().to_pylist()
        told = {r["source_name"]: (r["version"], r["superseded_by"]) for r in rows}
        assert told == {"a": (1, b.report_id), "b": (2, None)}
