"""The options of verbs that run on many machines, and ``merge``."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner
from handmade import town

from govreport_parse.cli import scaling
from govreport_parse.cli.main import cli
from govreport_parse.dataset import load, write_dataset


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--out", required=True)
@scaling.scaling_options
def verb(paths: tuple[str, ...], out: str, **options: Any) -> None:
    """A verb that can be dealt out."""
    scaling.process(scaling.documents(paths), out, jobs=1, **options)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(verb, [str(a) for a in arguments])


@pytest.fixture
def pages(tmp_path: Path, town_page: Path) -> list[Path]:
    made = []
    for number in range(6):
        made.append(tmp_path / f"{number}.html")
        made[-1].write_text(town_page.read_text("utf-8") + f"<!-- {number} -->", "utf-8")
    return made


def test_shards_by_the_command_line_and_their_merge(tmp_path: Path, pages: list[Path]) -> None:
    for number in (1, 2):
        result = run(*pages, "--out", tmp_path / "all", "--shard", f"{number}/2")
        assert result.exit_code == 0, result.output
    folders = sorted((tmp_path / "all").iterdir())
    assert [f.name for f in folders] == ["shard-1-of-2", "shard-2-of-2"]
    assert sum(len(load(f)) for f in folders) == 6
    out = tmp_path / "joined"
    merged = CliRunner().invoke(cli, ["merge", *map(str, folders), "--out", str(out)])
    assert merged.exit_code == 0, merged.output
    assert merged.stdout == ""
    assert "6 reports" in merged.stderr
    status = CliRunner().invoke(cli, ["status", str(out), "--format", "json"])
    assert json.loads(status.stdout)["counts"]["reports"] == 6


def test_all_in_one_folder_without_a_shard(tmp_path: Path, pages: list[Path]) -> None:
    result = run(*pages, tmp_path / "missing.html", "--out", tmp_path / "d")
    assert result.exit_code == 0
    assert "6 reports" in result.stderr
    assert (len(load(tmp_path / "d")), len(load(tmp_path / "d").failures)) == (6, 1)


def test_addresses_of_stores_beside_paths(tmp_path: Path, pages: list[Path]) -> None:
    store = pytest.importorskip("fsspec").filesystem("memory")
    for number, name in enumerate(("a.html", "b.html", "c.txt")):
        store.pipe(f"/cli/{name}", pages[number].read_bytes())
    assert scaling.documents(["memory://cli/a.html", str(pages[3])]) == [
        "memory://cli/a.html",
        pages[3],
    ]
    assert scaling.documents(["memory://cli/*.html"]) == [
        "memory:///cli/a.html",
        "memory:///cli/b.html",
    ]
    assert len(scaling.documents(["memory://cli/"])) == 3
    result = run("memory://cli/*.html", pages[3], "--out", tmp_path / "d")
    assert result.exit_code == 0, result.output
    assert len(load(tmp_path / "d")) == 3


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "x/y"])
def test_what_is_no_shard_is_wrong_usage(tmp_path: Path, pages: list[Path], shard: str) -> None:
    result = run(*pages, "--out", tmp_path / "d", "--shard", shard)
    assert result.exit_code == 2
    assert "is no shard; write 1/8 for the first of eight" in " ".join(result.stderr.split())


def test_the_scheduler_is_asked_by_its_address(
    tmp_path: Path, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse import cluster

    asked: list[str] = []

    def dask_executor(address: str) -> Any:
        asked.append(address)
        return cluster.local_processes(1)

    monkeypatch.setattr(cluster, "dask_executor", dask_executor)
    address = "tcp://127.0.0.1:8786"
    assert run(*pages, "--out", tmp_path / "d", "--scheduler", address).exit_code == 0
    assert asked == [address]
    assert len(load(tmp_path / "d")) == 6


def test_merge_tells_what_it_can_not_merge(tmp_path: Path) -> None:
    for number in (1, 2):
        write_dataset([town()], tmp_path / f"s{number}", parser_version=str(number))
    folders = [str(tmp_path / "s1"), str(tmp_path / "s2")]
    result = CliRunner().invoke(cli, ["merge", *folders, "--out", str(tmp_path / "m")])
    assert result.exit_code == 1
    assert "different parser versions" in result.stderr
    assert not (tmp_path / "m").exists()


def test_merge_refuses_what_is_not_all_of_it(
    tmp_path: Path, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard is missing, then its run was killed, then it was run again; a harvest was stopped."""
    shards, last = tmp_path / "all", tmp_path / "all" / "shard-3-of-3"

    def merge(out: str, *more: str) -> Any:
        return CliRunner().invoke(cli, ["merge", str(shards), "--out", str(tmp_path / out), *more])

    for number in (1, 2):
        run(*pages, "--out", shards, "--shard", f"{number}/3")
    missing = merge("a")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "shard 3 of 3 is missing" in missing.stderr
    some = merge("b", "--partial")
    assert some.exit_code == 0
    assert "left out or not whole: shard 3 of 3 is missing" in some.stderr
    # which shard a page falls to hangs on its path, so the third may be empty
    there = [path for path in shards.iterdir() if (path / "dataset").exists()]
    assert len(load(tmp_path / "b")) == sum(len(load(path)) for path in there)
    (last / "dataset" / ".staging" / "attempts").mkdir(parents=True)
    assert "its run has not ended" in merge("a").stderr
    run(*pages, "--out", shards, "--shard", "3/3")
    assert merge("a").exit_code == 0
    assert len(load(tmp_path / "a")) == 6

    def look(folder: Path) -> Any:
        return SimpleNamespace(ended=ended) if folder == last else None

    monkeypatch.setattr("govreport_parse.harvesting.results.look", look)
    for ended, code in (("stopped", 1), ("running or killed", 1), ("waiting", 0), ("done", 0)):
        told = merge(f"harvest-{ended}")
        assert told.exit_code == code, ended
        assert ("its harvest was" in told.stderr) == bool(code)


def test_progress_is_told_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from govreport_parse.cluster import Progress

    clock = iter([0.0, 5.0, 12.0, 13.0])
    monkeypatch.setattr(scaling.time, "monotonic", lambda: next(clock))
    teller = scaling.Teller()
    for documents in (1000, 2400, 2500):
        teller(Progress(documents, 10_000, documents - 7, 7, 1))
    assert capsys.readouterr().err == (
        "2,400 of 10,000 documents, 200 a second; 7 failed, 1 batches done again\n"
    )
