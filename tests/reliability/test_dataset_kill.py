"""Whatever dies while a dataset is written, a reader sees the old or the new one whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dataset_writer import BUGS, NEW, OLD, after, before, snapshot
from recorded import tree

from govreport_parse.dataset import disk, load, write_dataset
from govreport_parse.errors import DatasetError

PROGRAM = str(Path(__file__).with_name("dataset_writer.py"))


def run(*arguments: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of syncs cost minutes on a disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


# -- kill -9 ---------------------------------------------------------------------------------------


def test_killed_before_any_step_a_reader_sees_the_old_or_the_new_whole(quick: Path) -> None:
    (answer,) = run("sweep", str(quick))
    points = answer["points"]
    assert answer["old"] != answer["new"]
    assert len(points) > 50
    assert set(points) == {answer["old"], answer["new"]}
    # once the new one is there, it stays
    assert points == sorted(points, key=lambda seen: seen == answer["new"])
    # and the next writer brings every one of them to the bytes of an undisturbed write
    assert answer["mended"] == len(points)


@pytest.mark.parametrize("bug", BUGS)
def test_the_harness_finds_planted_bugs(quick: Path, bug: str) -> None:
    answer = run("hunt", str(quick), bug)[-1]
    assert answer["step"] is not None


def _at_calls(quick: Path, fault: str, every: int) -> dict[str, Any]:
    """A fault at every ``every``-th of all (name, number) of the system calls of one write."""
    (answer,) = run("calls", str(quick), fault, str(every))
    if "skip" in answer:
        pytest.skip(f"{answer['skip']}; the steps of the writer are tested without strace")
    print(fault, answer)
    assert set(answer["counts"]) >= {"write", "fsync", "rename", "unlink", "mkdir", "rmdir"} - (
        {"unlink", "rmdir"} if fault == "full" else set()
    )
    assert answer["wrong"] == []
    result: dict[str, Any] = answer
    return result


def test_killed_at_some_system_calls_a_reader_sees_the_old_or_the_new(quick: Path) -> None:
    answer = _at_calls(quick, "kill", 9)
    assert answer["codes"] == {"-9": answer["points"]}


def test_a_disk_full_from_some_system_call_on_leaves_a_whole_dataset(quick: Path) -> None:
    answer = _at_calls(quick, "full", 9)
    assert answer["codes"].get("4", 0) > 1


@pytest.mark.long
def test_killed_at_every_write_type_system_call_of_every_name(quick: Path) -> None:
    answer = _at_calls(quick, "kill", 1)
    assert answer["points"] == sum(answer["counts"].values()) > 100
    assert answer["codes"] == {"-9": answer["points"]}
    assert set(answer["seen"]) == {"old", "new"}


@pytest.mark.long
def test_a_disk_full_from_every_system_call_on_leaves_a_whole_dataset(quick: Path) -> None:
    answer = _at_calls(quick, "full", 1)
    assert answer["points"] == sum(answer["counts"].values()) > 80
    # the last sync comes after the commit
    assert answer["seen"] == {"old": answer["points"] - 1, "new": 1}


def test_readers_beside_a_writer_see_whole_datasets_only(quick: Path) -> None:
    folder = quick / "d"
    write_dataset(before(), folder, parser_version="9")
    write_dataset(before(), quick / "both", parser_version="9")
    write_dataset(after(), quick / "both", parser_version="10")
    sizes = {(len(data), len(data.figures)) for data in (load(folder), load(quick / "both"))}
    turns = 12
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", PROGRAM, "turns", str(folder), str(turns)],
        stdin=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    seen: set[tuple[int, int, str]] = set()
    late: list[str] = []
    reads = 0
    while writer.poll() is None:
        data = load(folder)
        try:
            reports, figures = data.reports.to_table(["report_id"]), data.figures.to_table()
        except DatasetError as error:
            # rewritten between load and read: told, never mixed
            late.append(error.hint)
            continue
        ids = set(reports["report_id"].to_pylist())
        assert set(figures["report_id"].to_pylist()) == ids
        version = data.manifest.parser_version
        if version not in {v for *_, v in seen}:  # the writer begins anew once its last is read
            with suppress(BrokenPipeError):
                print(version, file=writer.stdin, flush=True)
        seen.add((len(ids), figures.num_rows, version))
        reads += 1
    writer.stdin.close()
    assert writer.returncode == 0
    assert all("load it again" in hint for hint in late)
    assert {version for _, _, version in seen} == {"9", *(str(k + 10) for k in range(turns))}
    assert reads > turns
    assert {(n, rows) for n, rows, _ in seen} <= sizes


# -- order of things on the disk -------------------------------------------------------------------


def test_bytes_are_on_the_disk_before_names_and_names_before_the_commit(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = quick / "d"
    write_dataset(before(), folder, parser_version=OLD)
    log: list[tuple[str, str]] = []
    monkeypatch.setattr(
        disk, "step", lambda what, path: log.append((what, path.relative_to(quick).as_posix()))
    )
    write_dataset(after(), folder, parser_version=NEW)
    commit = log.index(("rename", "d/_manifest.json"))
    renames = [i for i, (what, path) in enumerate(log) if what == "rename" and i != commit]
    writes = [path for what, path in log if what == "write" and path.endswith(".parquet")]
    assert len(writes) >= len(renames) > 10
    # every part is synced before the first rename
    for path in writes:
        assert log.index(("fsync", path)) < min(renames)
    # every folder that got a name is synced before the manifest is
    for i in renames:
        parent = log[i][1].rsplit("/", 1)[0]
        assert max(renames) < log.index(("fsync", parent), i) < commit
        assert log.index(("fsync", parent.rsplit("/", 1)[0]), i) < commit
    # the commit itself is synced before an old part goes
    after_commit = log[commit + 1 :]
    assert after_commit[0] == ("fsync", "d")
    removed = [i for i, (what, p) in enumerate(log) if what == "remove" and p.endswith("parquet")]
    assert min(removed) > commit


# -- disk full -------------------------------------------------------------------------------------


def test_a_disk_that_is_full_at_any_size_leaves_the_old_dataset(quick: Path) -> None:
    *errors, levels = run("full", str(quick))
    assert {level["code"] for level in levels} == {0, 3}
    assert all(level["same"] for level in levels)
    assert len(errors) == sum(level["code"] == 3 for level in levels) > 10
    for error in errors:
        assert "cannot write to" in error["error"]
        assert "make room" in error["hint"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """Makes file systems of so many KiB (root only)."""
    mounted: list[Path] = []

    def make(size: int) -> Path:
        where = tmp_path / f"disk{size}"
        where.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", str(where)],
            capture_output=True,
        )
        if done.returncode:
            pytest.skip("only root may mount; the limit on file size is tested without it")
        mounted.append(where)
        return where

    yield make
    for where in mounted:
        subprocess.run(["umount", str(where)], check=True)


def test_a_full_file_system_leaves_the_old_dataset(small_disk: Any, quick: Path) -> None:
    write_dataset(before(), quick / "old", parser_version=OLD)
    size = sum(-(-len(v) // 4096) * 4 for v in tree(quick / "old").values())
    errors = []
    for more in (80, 200, 400, 800, 1600, 6400):
        folder = small_disk(size + more) / "d"
        shutil.copytree(quick / "old", folder)
        try:
            write_dataset(after(), folder, parser_version=NEW)
        except DatasetError as error:
            errors.append(error.message)
            assert tree(folder) == tree(quick / "old")
            assert snapshot(folder) == snapshot(quick / "old")
    assert 2 <= len(errors) <= 5
    assert all("the disk is full" in message for message in errors)


# -- two writers -----------------------------------------------------------------------------------


def test_of_many_writers_at_once_each_ends_and_none_disturbs_another(quick: Path) -> None:
    folder = quick / "d"
    write_dataset(before(), folder, parser_version=OLD)
    code = (
        "import sys; sys.argv = ['x', 'write', sys.argv[1]];"
        f"sys.path.insert(0, {str(Path(PROGRAM).parent)!r});"
        "from dataset_writer import write, DatasetError, Path\n"
        "try: write(Path(sys.argv[2]))\n"
        "except DatasetError as e: print(e.message)"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    told = [w.communicate(timeout=120)[0] for w in writers]
    assert all(w.returncode == 0 for w in writers)
    assert all(t == "" or "another process writes to" in t for t in told)
    assert "" in told
    write_dataset(before(), quick / "one", parser_version=OLD)
    write_dataset(after(), quick / "one", parser_version=NEW)
    assert tree(folder) == tree(quick / "one")
