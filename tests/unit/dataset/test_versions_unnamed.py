"""Versions among reports that lack a name, an address or a year."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from handmade import RQ, report

from govreport_parse.dataset import load, write_dataset
from govreport_parse.errors import DatasetError


def _marks(folder: Path) -> dict[str, tuple[int, str | None]]:
    rows = load(folder).reports.to_table().to_pylist()
    return {r["source_name"]: (r["version"], r["superseded_by"]) for r in rows}


def _two(url: str | None) -> list[object]:
    made = [report({f"{RQ}/granted/total": n}, name=f"v{n}", organ=None, year=2023) for n in (1, 2)]
    return [replace(one, source=replace(one.source, url=url)) for one in made]


def test_reports_without_organ_and_address_are_no_versions_of_each_other(tmp_path: Path) -> None:
    write_dataset(_two(None), tmp_path / "d")
    assert _marks(tmp_path / "d") == {"v1": (1, None), "v2": (1, None)}


def test_a_changed_report_at_one_address_is_a_version_without_an_organ_too(tmp_path: Path) -> None:
    old, new = _two("https://www.jia.gov.cn/r.html")
    write_dataset([old], tmp_path / "d")
    write_dataset([new], tmp_path / "d")
    assert _marks(tmp_path / "d") == {"v1": (1, new.report_id), "v2": (2, None)}  # type: ignore[attr-defined]


def test_a_folder_that_is_not_there_and_one_that_holds_none_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="does not exist") as caught:
        load(tmp_path / "nowhere")
    assert caught.value.hint == "check the name"
    with pytest.raises(DatasetError, match=r"is no dataset: it has no _manifest\.json"):
        load(tmp_path)
    (tmp_path / "figures").mkdir()
    with pytest.raises(DatasetError, match="is half-written"):
        load(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DatasetError, match="is no folder"):
        load(tmp_path / "file")
