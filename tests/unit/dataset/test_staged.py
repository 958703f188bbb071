"""Staged parts, committed together, are the dataset that one write makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from handmade import failure, hybrid, town
from recorded import as_copy, many, tree

from govreport_parse.dataset import known_sources, load, write_dataset
from govreport_parse.dataset import pieces as pieces_module
from govreport_parse.dataset.staged import (
    read_staged,
    stage,
    staged_counts,
    staging_of,
    write_staged,
)
from govreport_parse.errors import DatasetError
from govreport_parse.report import Failure, Report

Item = Report | Failure


@cache
def collection() -> tuple[Item, ...]:
    """Reports of three forms and several years, copies, the same bytes twice, failures."""
    reports = [report for _, report in many(120, 20)]
    again = replace(reports[7], source=replace(reports[7].source, url="https://a.gov.cn/r"))
    unknown = replace(reports[8], year=None, report_id="00" * 8)
    return (
        *reports,
        town(),
        hybrid(),
        *(as_copy(r, f"copy{i}") for i, r in enumerate(reports[:5])),
        again,
        replace(unknown, source=replace(unknown.source, sha256="00" * 32)),
        failure(),
    )


def staged(items: Sequence[Item], folder: Path, size: int) -> list[str]:
    staging = staging_of(folder)
    staging.mkdir(parents=True)
    names = []
    for start in range(0, len(items), size):
        names.append(f"part{start}")
        stage(staging, names[-1], [(i, None) for i in items[start : start + size]], "1")
    return names


@pytest.mark.parametrize("size", [7, 1000])
def test_staged_parts_give_the_dataset_of_one_write(tmp_path: Path, size: int) -> None:
    items = collection()
    write_dataset(items, tmp_path / "one", parser_version="1")
    names = staged(items, tmp_path / "many", size)
    result = write_staged(reversed(names), tmp_path / "many", parser_version="1")
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
    # 120 + town, hybrid, the one without a year and 5 copies; the same bytes twice are one
    assert (result.reports, result.added, result.duplicates, result.failures) == (128, 128, 5, 1)


def test_parts_that_spill_to_files_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = collection()
    write_dataset(items, tmp_path / "one", parser_version="1")
    monkeypatch.setattr(pieces_module, "MEMORY", 10_000)
    monkeypatch.setattr("govreport_parse.dataset.staged.JOINED", 40)
    monkeypatch.setattr("govreport_parse.dataset.index.MANY", 50)
    names = staged(items, tmp_path / "many", 20)
    write_staged(names, tmp_path / "many", parser_version="1")
    assert tree(tmp_path / "many") == tree(tmp_path / "one")


def test_a_part_holds_reports_and_failures_with_their_times(tmp_path: Path) -> None:
    when = "2024-02-03T04:05:06Z"
    counts = stage(tmp_path, "p", [(town(), when), (failure(), when)], "1")
    assert counts == staged_counts(tmp_path, "p") == {"reports": 1, "failures": 1}
    part = read_staged(tmp_path, "p")
    assert part.piece is not None
    assert part.piece.reports["retrieved"].to_pylist() == [when]
    assert [row["retrieved"] for row in part.failures] == [when]


def test_a_part_of_failures_alone_has_no_piece(tmp_path: Path) -> None:
    stage(tmp_path, "p", [(failure(), None)], "1")
    assert read_staged(tmp_path, "p").piece is None


def test_a_batch_that_runs_twice_changes_nothing(tmp_path: Path) -> None:
    items = [(r, None) for _, r in many(10)]
    stage(tmp_path, "p", items, "1")
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (tmp_path / "p").iterdir()}
    stage(tmp_path, "p", items, "1")
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (tmp_path / "p").iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize("harm", ["cut", "flip", "gone", "list"])
def test_a_damaged_part_is_told_and_made_anew(tmp_path: Path, harm: str) -> None:
    items = [(r, None) for _, r in many(10)]
    stage(tmp_path, "p", items, "1")
    file = tmp_path / "p" / ("part.json" if harm == "list" else "figures.parquet")
    data = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        file.write_bytes(data[:middle] if harm != "flip" else flipped)
    assert staged_counts(tmp_path, "p") is None
    with pytest.raises(DatasetError, match="damaged"):
        read_staged(tmp_path, "p")
    stage(tmp_path, "p", items, "1")
    assert file.read_bytes() == data


def test_without_its_folder_nothing_is_staged(tmp_path: Path) -> None:
    """A worker that comes after the end of its run must not bring the folder back."""
    with pytest.raises(DatasetError):
        stage(tmp_path / "gone", "p", [(town(), None)], "1")
    assert not (tmp_path / "gone").exists()


def test_what_is_there_is_skipped_and_older_versions_are_replaced(tmp_path: Path) -> None:
    reports = [r for _, r in many(20)]
    write_dataset(reports[:15], tmp_path / "d", parser_version="1")
    names = staged(reports, tmp_path / "d", 8)
    result = write_staged(names, tmp_path / "d", parser_version="1")
    assert (result.added, result.skipped, result.reports) == (5, 15, 20)
    assert not staging_of(tmp_path / "d").exists()

    staging = staging_of(tmp_path / "d")
    staging.mkdir()
    stage(staging, "new", [(r, None) for r in reports[:4]], "1.1")
    result = write_staged(["new"], tmp_path / "d", parser_version="1.1")
    assert (result.added, result.replaced, result.skipped, result.reports) == (0, 4, 0, 20)
    versions = known_sources(tmp_path / "d")
    assert sorted(versions.values()) == ["1"] * 16 + ["1.1"] * 4


def test_an_error_of_the_run_leaves_dataset_and_parts(tmp_path: Path) -> None:
    reports = [r for _, r in many(20)]
    write_dataset(reports[:5], tmp_path / "d", parser_version="1")
    before = tree(tmp_path / "d")
    names = staged(reports, tmp_path / "d", 10)

    def broken() -> object:
        yield names[0]
        raise ConnectionError("the network is gone")

    with pytest.raises(ConnectionError):
        write_staged(broken(), tmp_path / "d", parser_version="1")  # type: ignore[arg-type]
    kept = staging_of(tmp_path / "d")
    assert sorted(p.name for p in kept.iterdir()) == sorted(names)
    after = {k: v for k, v in tree(tmp_path / "d").items() if not k.startswith(kept.name)}
    assert after == before
    assert len(load(tmp_path / "d")) == 5
    write_staged(names, tmp_path / "d", parser_version="1")
    assert len(load(tmp_path / "d")) == 20
