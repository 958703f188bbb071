"""A reader that a writer overtakes between the manifest and the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from handmade import report

from govreport_parse.dataset import load, read, write_dataset
from govreport_parse.dataset.manifest import Manifest, read_manifest
from govreport_parse.errors import DatasetError, UsageError


def test_load_overtaken_by_a_writer_gives_the_dataset_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset([report(name="a")], tmp_path, parser_version="1")
    old = read_manifest(tmp_path)
    write_dataset([report(name="a"), report(name="b")], tmp_path, parser_version="2")
    asked: list[Path] = []

    def stale_first(folder: Path) -> Manifest:
        asked.append(folder)
        return old if len(asked) == 1 else read_manifest(folder)

    monkeypatch.setattr(read, "read_manifest", stale_first)
    assert load(tmp_path).manifest.parser_version == "2"
    assert len(asked) == 2


def test_a_file_that_is_really_gone_is_told_at_once(tmp_path: Path) -> None:
    write_dataset([report(name="a")], tmp_path, parser_version="1")
    next((tmp_path / "figures").rglob("*.parquet")).unlink()
    with pytest.raises(DatasetError, match="is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    "query",
    [
        "copy reports to '{out}'",
        "select * from read_csv('/etc/passwd')",
        "select 1; select 2",
        "set enable_external_access = true",
        "attach '{out}' as other",
    ],
)
def test_sql_reads_the_dataset_and_touches_nothing_else(tmp_path: Path, query: str) -> None:
    write_dataset([report(name="a")], tmp_path / "d", parser_version="1")
    data = load(tmp_path / "d")
    assert data.sql("select count(*) as n from reports")["n"].tolist() == [1]
    out = tmp_path / "out.csv"
    with pytest.raises(UsageError):
        data.sql(query.format(out=out))
    assert not out.exists()
