"""Datasets of shards, merged, are the dataset of one run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from handmade import failure, town
from recorded import as_copy, many, tree
from test_staged import Item, collection

from govreport_parse.dataset import load, verify_dataset, write_dataset
from govreport_parse.dataset import write as write_module
from govreport_parse.dataset.merge import merge_datasets
from govreport_parse.errors import DatasetError, UsageError


def shards(items: Sequence[Item], folder: Path, count: int) -> list[Path]:
    folders = [folder / f"shard{k}" for k in range(count)]
    for k, shard in enumerate(folders):
        write_dataset(items[k::count], shard, parser_version="1")
    return folders


@pytest.mark.parametrize("count", [1, 3])
def test_merged_shards_are_the_files_of_one_run(tmp_path: Path, count: int) -> None:
    items = collection()
    write_dataset(items, tmp_path / "one", parser_version="1")
    folders = shards(items, tmp_path, count)
    result = merge_datasets(reversed(folders), tmp_path / "merged")
    assert tree(tmp_path / "merged") == tree(tmp_path / "one")
    assert (result.reports, result.duplicates, result.failures) == (128, 5, 1)
    assert verify_dataset(tmp_path / "merged") == []


def test_with_parts_of_few_reports_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_module, "PART", 16)
    items = collection()
    write_dataset(items, tmp_path / "one", parser_version="1")
    merge_datasets(shards(items, tmp_path, 3), tmp_path / "merged")
    assert tree(tmp_path / "merged") == tree(tmp_path / "one")


def test_a_copy_in_another_shard_is_marked(tmp_path: Path) -> None:
    first = town()
    copy = as_copy(first, "copy")
    write_dataset([first], tmp_path / "a")
    write_dataset([copy], tmp_path / "b")
    result = merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "m")
    assert result.duplicates == 1
    marks = load(tmp_path / "m").reports.to_table(["report_id", "duplicate_of"]).to_pylist()
    # town.example and copy.example: neither is official, so the address decides
    assert {m["report_id"]: m["duplicate_of"] for m in marks} == {
        copy.report_id: None,
        first.report_id: copy.report_id,
    }


def test_the_same_bytes_in_three_shards_are_one_report_with_all_its_places(tmp_path: Path) -> None:
    base = town()
    # two places in the first shard, one more in each of the others; the official one is preferred
    urls = [
        "https://b.example/1",
        "https://c.example/1",
        "https://z.gov.cn/1",
        "https://a.example/1",
    ]
    found = [replace(base, source=replace(base.source, url=u, name=u)) for u in urls]
    write_dataset(found, tmp_path / "one")
    for folder, part in (("s1", found[:2]), ("s2", found[2:3]), ("s3", found[3:])):
        write_dataset(part, tmp_path / folder)
    result = merge_datasets([tmp_path / f"s{k}" for k in (1, 2, 3)], tmp_path / "m")
    assert (result.reports, result.duplicates) == (1, 0)
    (row,) = load(tmp_path / "m").reports.to_table().to_pylist()
    assert row["url"] == "https://z.gov.cn/1"
    places = [place["url"] for place in json.loads(row["other_sources"])]
    assert places == ["https://a.example/1", "https://b.example/1", "https://c.example/1"]
    assert tree(tmp_path / "m") == tree(tmp_path / "one")


def test_versions_of_a_report_are_numbered_over_all_shards(tmp_path: Path) -> None:
    report = next(r for _, r in many(1))
    newer = as_copy(report, "newer", url=report.source.url, published=None)
    values = list(newer.columns.values)
    values[3] = 77
    newer = replace(newer, columns=replace(newer.columns, values=values))
    times = {report.source.sha256: "2024-01-01", newer.source.sha256: "2024-03-01"}
    write_dataset([newer], tmp_path / "a", retrieved=times)
    write_dataset([report], tmp_path / "b", retrieved=times)
    merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "m")
    rows = load(tmp_path / "m").reports.to_table().to_pylist()
    told = {r["report_id"]: (r["version"], r["superseded_by"]) for r in rows}
    assert told == {report.report_id: (1, newer.report_id), newer.report_id: (2, None)}


def test_a_failure_goes_where_another_shard_has_the_report(tmp_path: Path) -> None:
    report = town()
    failed = replace(failure(), source=report.source)
    write_dataset([failed], tmp_path / "a")
    write_dataset([report], tmp_path / "b")
    assert merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "m").failures == 0


def test_what_cannot_be_merged_is_refused(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path / "a", parser_version="1")
    write_dataset([town()], tmp_path / "b", parser_version="2")
    with pytest.raises(UsageError, match="no dataset to merge"):
        merge_datasets([], tmp_path / "m")
    with pytest.raises(UsageError, match="twice"):
        merge_datasets([tmp_path / "a", tmp_path / "a" / ".." / "a"], tmp_path / "m")
    with pytest.raises(UsageError, match="twice"):
        merge_datasets([tmp_path / "a"], tmp_path / "a")
    with pytest.raises(DatasetError, match="different parser versions"):
        merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "m")
    with pytest.raises(DatasetError, match="no dataset"):
        merge_datasets([tmp_path / "a", tmp_path], tmp_path / "m")
    with pytest.raises(DatasetError, match="holds a dataset already"):
        merge_datasets([tmp_path / "a"], tmp_path / "b")
    assert not (tmp_path / "m").exists()


def test_one_id_with_different_figures_is_refused(tmp_path: Path) -> None:
    report = town()
    values = list(report.columns.values)
    values[10] = 9
    other = replace(report, columns=replace(report.columns, values=values))
    write_dataset([report], tmp_path / "a")
    write_dataset([other], tmp_path / "b")
    with pytest.raises(DatasetError, match="two different reports"):
        merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "m")
