"""An archive parsed on processes and in shards gives the dataset of one process."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse import bundled_site
from govreport_parse.cluster import merge_datasets
from govreport_parse.errors import DatasetError
from govreport_parse.harvesting.run import harvest
from govreport_parse.harvesting.scaled import build_scaled


def parts(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "dataset").rglob("*.parquet"))


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    with bundled_site.serve() as site:
        sources = [{"url": site.start, "kind": "list"}]
        harvest(
            sources, tmp_path / "h", "a@example.org", allow_private=True, delay=0.0, parse=False
        )
    return tmp_path / "h"


def test_processes_and_shards_give_what_one_process_gives(fetched: Path) -> None:
    gov.build(fetched)
    serial = parts(fetched)
    shutil.rmtree(fetched / "dataset")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        result = build_scaled(fetched, executor=pool, batch=2)
    assert result.written.reports == 6
    assert parts(fetched) == serial
    (listed,) = gov.load(fetched).findings.to_table(
        ["code"], filter={"code": "sources_differ"}
    ).to_pylist() or [None]
    assert listed is None
    for n in (1, 2):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            build_scaled(fetched, shard=f"{n}/2", executor=pool)
    merge_datasets(sorted(fetched.glob("shard-*")), fetched / "merged" / "dataset")
    assert len(gov.load(fetched / "merged")) == 6


def test_a_folder_without_an_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no harvest"):
        build_scaled(tmp_path)


def test_a_mirror_on_a_foreign_host_is_told_and_never_counts_as_the_organs_site(
    tmp_path: Path,
) -> None:
    with gov.sample_paths() as paths:
        text = paths[2].read_bytes()  # pipes, traditional script, pinyin glosses
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "m.txt").write_bytes(text)
    (tmp_path / "site" / "site.json").write_text(
        '{"start": "/m.txt", "reports": [], "routes": [{"path": "/m.txt", "file": "m.txt", '
        '"status": 200, "type": "text/plain; charset=utf-8"}]}',
        "utf-8",
    )
    with bundled_site.serve(tmp_path / "site") as site:
        run = harvest([site.start], tmp_path / "h", "a@example.org", allow_private=True, delay=0.0)
    codes = run.dataset.findings.to_table(["code"])["code"].to_pylist()
    assert "mirror_host" in codes
    (row,) = run.coverage().to_dict("records")
    assert row["status"] == "partial"
    assert "mirror" in row["reason"]
