"""Collections dealt out to workers in parts give, byte for byte, the dataset of one process."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from mining.collections_made import answer, members, noise, record, report_page, report_text

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.cluster import batch, merge_datasets
from govreport_parse.mining import corpus, files, mine, parts, scaled
from govreport_parse.mining.parts import Part, parts_of
from govreport_parse.mining.scaled import mine_scaled

ADDRESS = "http://www.qinghe.gov.cn/art/2024/1/12/art_77_{}.html"
NO_REPORT = "政府信息公开工作总结：主动公开、依申请公开、行政复议、诉讼、收费、改进。"


class Here(Executor):
    """Runs at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as executors do
            future.set_exception(error)
        return future


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def row(number: int) -> dict[str, str]:
    """Rows 3, 8, 13 ... (from 0) are reports; 23 repeats the report of 3; 5 is no report."""
    text = noise(number)
    if number % 5 == 3:
        text = report_text(3 if number == 23 else number)
    elif number == 5:
        text = NO_REPORT * 3
    moment = f"2024-03-{number % 28 + 1:02d}T00:00:00Z"
    return {"text": text, "url": ADDRESS.format(number), "timestamp": moment}


def jsonl(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """With a byte order mark, an empty line and a broken one, and no line end at the end."""
    lines = [json.dumps(r, ensure_ascii=i % 2 == 0) for i, r in enumerate(rows)]
    lines[11:11] = ["", '{"text": "cut']
    path.write_text("\ufeff" + "\n".join(lines), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A web archive, JSON lines, Parquet with several row groups, text, and a file that is none."""
    made: Path = tmp_path_factory.mktemp("collections")
    records = [record("warcinfo", b"software: by hand\r\n")]
    for i in range(1, 8):
        text = report_page(i) if i in (2, 6) else f"<html><body>{noise(i)}</body></html>"
        more = {"WARC_Truncated": "length"} if i == 6 else {}
        answered = answer(text.encode())
        records.append(record("response", answered, ADDRESS.format(900 + i), **more))
    (made / "web.warc.gz").write_bytes(members(records))
    rows = [row(n) for n in range(40)]
    jsonl(made / "a.jsonl", rows[:25])
    pq.write_table(pa.Table.from_pylist(rows[25:]), made / "b.parquet", row_group_size=4)
    lines = [report_text(70).replace("\n", " "), noise(71).replace("\n", " ")]
    (made / "c.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (made / "d.parquet").write_bytes(b"PAR1 and no more")
    return made


@pytest.fixture(scope="module")
def serial(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, bytes]]:
    out: Path = tmp_path_factory.mktemp("serial")
    result = mine([folder], out / "d", split="line")
    return result, tree(out / "d")


def counts(result: Any) -> dict[str, Any]:
    """What does not depend on the clock or on how the texts were cut."""
    left_out = {"seconds", "dataset", "problems", "bytes"}
    names = set(type(result).__slots__) - left_out
    return {n: getattr(result, n) for n in names} | {"problems": sorted(map(str, result.problems))}


@pytest.mark.parametrize("size", [1, 9_000, parts.PART], ids=["a_row", "some_rows", "whole"])
def test_parts_give_what_one_process_gives(
    size: int, folder: Path, serial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PIECE", 3)
    result = mine_scaled([folder], tmp_path / "d", executor=Here(), split="line", part=size)
    assert tree(tmp_path / "d") == serial[1]
    assert counts(result) == counts(serial[0])
    assert (result.reports, result.no_report, result.damaged, result.unreadable) == (11, 1, 1, 1)


def test_two_processes_give_what_one_gives(folder: Path, serial: Any, tmp_path: Path) -> None:
    result = mine_scaled([folder], tmp_path / "d", jobs=2, split="line", part=20_000)
    assert tree(tmp_path / "d") == serial[1]
    assert counts(result) == counts(serial[0])


def test_shards_of_one_large_file_merged_are_the_dataset_of_one_process(
    folder: Path, serial: Any, tmp_path: Path
) -> None:
    """By the command line; the shares are of parts, so one file alone is dealt out, too."""
    for number in (1, 2, 3):
        arguments = ["mine", str(folder), "--out", str(tmp_path / "m"), "--split", "line"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scaled.mine_scaled, "__kwdefaults__", small(20_000))
            done = CliRunner().invoke(cli, [*arguments, "--shard", f"{number}/3", "--jobs", "1"])
        assert done.exit_code in (0, 1), done.output
        assert done.stdout == ""
    folders = sorted((tmp_path / "m").iterdir())
    assert [f.name for f in folders] == [f"shard-{n}-of-3" for n in (1, 2, 3)]
    shares = [set(gov.load(f).reports.to_table(["source_name"])[0].to_pylist()) for f in folders]
    assert sum(any(name.startswith("a.jsonl") for name in share) for share in shares) > 1
    merge_datasets(folders, tmp_path / "joined")
    assert tree(tmp_path / "joined") == serial[1]


def small(part: int) -> dict[str, Any]:
    return {**(mine_scaled.__kwdefaults__ or {}), "part": part}


def test_a_part_that_runs_twice_changes_nothing(folder: Path, serial: Any, tmp_path: Path) -> None:
    class Twice(Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            super().submit(fn, *args, **kwargs).result()
            return super().submit(fn, *args, **kwargs)

    result = mine_scaled([folder], tmp_path / "d", executor=Twice(), split="line", part=9_000)
    assert tree(tmp_path / "d") == serial[1]
    assert counts(result) == counts(serial[0])


def test_a_stopped_run_goes_on_and_what_is_there_is_not_parsed_again(
    folder: Path, serial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stops(Here):
        ran = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.ran += 1
            if self.ran > 4:
                raise KeyboardInterrupt
            return super().submit(fn, *args, **kwargs)

    parsed: list[str] = []
    real = batch._Batch.parse
    monkeypatch.setattr(
        batch._Batch, "parse", lambda self, s: parsed.append(s.name) or real(self, s)
    )
    given: dict[str, Any] = {"split": "line", "part": 9_000}
    with pytest.raises(KeyboardInterrupt):
        mine_scaled([folder], tmp_path / "d", executor=Stops(), **given)
    before = len(parsed)
    assert before
    mine_scaled([folder], tmp_path / "d", executor=Here(), **given)
    assert len(set(parsed)) == len(parsed)
    assert tree(tmp_path / "d") == serial[1]
    again = mine_scaled([folder], tmp_path / "d", executor=Here(), **given)
    # the page that is no report is not in the dataset, so it is looked at again
    assert (again.known, again.reports, again.no_report) == (11, 0, 1)
    assert tree(tmp_path / "d") == serial[1]


# -- how files are cut -----------------------------------------------------------------------------


def spans(path: Path, size: int, split: corpus.Split = "line") -> list[tuple[int, int, int]]:
    found = list(parts_of([(path, path.name)], files.Options(split=split), size))
    return [(p.span.start, p.span.end, p.span.first) for p in found if p.span is not None]


def test_lines_are_cut_at_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":22}\n\n{"c":3}\n{"d":4}')  # lines of 8, 9, 1, 8, 7 bytes
    assert spans(path, 8) == [(0, 8, 1), (8, 17, 2), (17, 26, 3), (26, 33, 5)]
    assert spans(path, 9) == [(0, 17, 1), (17, 26, 3), (26, 33, 5)]
    assert spans(path, 1) == [(0, 8, 1), (8, 17, 2), (17, 18, 3), (18, 26, 4), (26, 33, 5)]
    assert spans(path, 33) == []


@pytest.mark.parametrize("seed", range(5))
def test_spans_join_to_the_file_and_tell_the_right_rows(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(parts, "_STEP", 37)
    lines = [b"{%s}\n" % (b"x" * rng.choice((0, 3, 50, 200))) for _ in range(60)]
    data = b"".join(lines)
    path = tmp_path / "a.ndjson"
    path.write_bytes(data)
    size = rng.randrange(1, 400)
    found = spans(path, size)
    assert b"".join(data[a:b] for a, b, _ in found) == data
    for start, end, first in found:
        assert data[:start].count(b"\n") + 1 == first
        assert end == len(data) or end - start >= size


def test_row_groups_are_joined_to_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [noise(i, 1000) for i in range(10)]})
    pq.write_table(table, path, row_group_size=3, compression="none", use_dictionary=False)
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(n).total_byte_size for n in range(4)]
    assert spans(path, 1) == [(0, 1, 1), (1, 2, 4), (2, 3, 7), (3, 4, 10)]
    assert spans(path, sizes[0] + sizes[1]) == [(0, 2, 1), (2, 4, 7)]
    assert spans(path, sum(sizes) + 1) == []


def test_what_can_not_be_cut_is_one_part(folder: Path, tmp_path: Path) -> None:
    assert spans(folder / "web.warc.gz", 1) == []
    assert spans(folder / "d.parquet", 1) == []
    assert spans(folder / "c.txt", 1, "file") == []
    (tmp_path / "a.csv").write_text('url,text\na,"two\nlines"\n', "utf-8")
    assert spans(tmp_path / "a.csv", 1) == []


# -- what goes wrong -------------------------------------------------------------------------------


def test_stores_are_read_through_a_copy(folder: Path, serial: Any, tmp_path: Path) -> None:
    store = pytest.importorskip("fsspec").filesystem("memory")
    for path in folder.iterdir():
        store.pipe(f"/crawl/{path.name}", path.read_bytes())
    store.pipe("/crawl/readme.md", b"# no collection")
    for address in ("memory://crawl/", "memory://crawl/*"):
        out = tmp_path / str(len(address))
        result = mine_scaled([address], out, executor=Here(), split="line")
        assert tree(out) == serial[1]
        assert counts(result) == counts(serial[0])
    gone = mine_scaled(["memory://crawl/a.jsonl"], tmp_path / "one", executor=Here())
    assert (gone.files, gone.reports) == (1, 5)


def test_a_collection_that_its_readers_die_of_is_left_out_and_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = next(parts_of([(folder / "a.jsonl", "a.jsonl")], files.Options(), parts.PART))
    assert isinstance(part, Part)
    staging = tmp_path / "s"
    (staging / "attempts").mkdir(parents=True)
    for death in range(3):
        (staging / "attempts" / f"b.{death}").write_bytes(b"%08d" % 0)
    task = {
        "version": batch.own_version(),
        "extras": [],
        "batch": "b",
        "staging": str(staging),
        "inputs": [part],
        "reader": scaled.read_found,
        "combine": scaled.combine_found,
        "expand": scaled.expand_part,
        "options": {},
        "mapping": None,
        "mask": True,
        "isolated": None,
    }
    told = batch.run_batch(task)
    assert (told["lost"], told["parts"], told["documents"]) == (["a.jsonl"], [], 0)
    (staging / "attempts" / "b.2").unlink()
    told = batch.run_batch(task)
    assert (told["lost"], told["documents"], told["reports"]) == ([], 6, 5)
    monkeypatch.setattr(scaled, "process_many", lost_run)
    result = mine_scaled([folder], tmp_path / "d")
    assert result.unreadable == 1
    assert str(result.problems[0]) == "a.jsonl: workers died while they read it; it is left out"


def lost_run(found: Any, out: Any, **_: Any) -> Any:
    from govreport_parse.cluster import RunResult
    from govreport_parse.dataset import write_dataset

    return RunResult(write_dataset([], out), 0, 1, 0, 0, lost=("a.jsonl",))


def test_an_index_is_not_asked_by_many(tmp_path: Path) -> None:
    for option in (["--shard", "1/2"], ["--scheduler", "tcp://127.0.0.1:1"]):
        arguments = ["mine", "a.gov.cn", "--index", "wayback", "--out", str(tmp_path / "m")]
        done = CliRunner().invoke(cli, [*arguments, *option])
        assert done.exit_code == 2
        assert "from one machine" in " ".join(done.stderr.split())
