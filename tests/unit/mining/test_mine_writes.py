"""However many batches, calls and workers: one dataset, and one account of what was refused."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mining.collections_made import noise, report_text

import govreport_parse as gov
from govreport_parse import parsing
from govreport_parse.cli.main import cli
from govreport_parse.cluster import Note, merge_datasets, process_many
from govreport_parse.cluster.notes import InOrder, keep_notes, notes_of
from govreport_parse.dataset.places import known_places
from govreport_parse.dataset.staged import staging_of
from govreport_parse.errors import DatasetError
from govreport_parse.mining import mine
from govreport_parse.mining.scaled import mine_scaled
from govreport_parse.report import Report

NO_REPORT = "政府信息公开工作总结：主动公开、依申请公开、行政复议、诉讼、收费、改进。"
NOTICE = "关于报送2023年政府信息公开工作年度报告的通知：请依申请公开、行政复议、诉讼、处罚、许可。"
OFFICIAL = "http://www.qinghe.gov.cn/art/2024/1/12/art_77_{}.html"
COPY = "http://copy.example.com/art/2024/1/12/art_77_{}.html"
running: Any = import_module("govreport_parse.mining.running")


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


def written(path: Path, rows: Iterable[tuple[str, str]]) -> Path:
    lines = [json.dumps({"text": text, "url": url}, ensure_ascii=False) for text, url in rows]
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path


def repeating() -> list[tuple[str, str]]:
    """Report 1 in three places, the best of them second; report 2 in two, the best first.

    Reports 3 and 4 are other bytes of one organ and year, and nothing says which is newer.
    """
    older = report_text(3)
    newer = older.replace("行政处罚 | 26 |", "行政处罚 | 27 |")
    assert newer != older
    return [
        (report_text(1), COPY.format(1)),
        (noise(1), COPY.format(90)),
        (report_text(2), OFFICIAL.format(2)),
        (newer, OFFICIAL.format(3)),
        (NO_REPORT, OFFICIAL.format(80)),
        (report_text(1), OFFICIAL.format(1)),
        (report_text(2), COPY.format(2)),
        (older, OFFICIAL.format(3)),
        (report_text(1), COPY.format(11)),
    ]


def with_year(text: str, year: int) -> str:
    """A report of another year: all years in it but those of laws are turned."""
    own = gov.parse(text).year
    assert own is not None
    return text.replace(str(own), str(year)).replace(str(own + 1), str(year + 1))


def others(folder: Path) -> dict[str, list[str]]:
    """Address of a report to those of its further places."""
    rows = gov.load(folder).reports.to_table(["url", "other_sources"]).to_pylist()
    return {r["url"]: [o["url"] for o in json.loads(r["other_sources"] or "[]")] for r in rows}


# -- many writes are one ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("corpus") / "a.jsonl", repeating())


@pytest.fixture(scope="module")
def one(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The dataset of one batch."""
    out = tmp_path_factory.mktemp("one") / "d"
    result = mine([corpus], out)
    assert (result.reports, result.known, result.no_report) == (7, 0, 1)
    told = others(out)
    assert told.pop(OFFICIAL.format(1)) == [COPY.format(1), COPY.format(11)]
    assert told.pop(OFFICIAL.format(2)) == [COPY.format(2)]
    assert told == {OFFICIAL.format(3): []}  # twice
    versions = gov.load(out).reports.to_table(["version"])["version"].to_pylist()
    assert sorted(versions) == [1, 1, 1, 2]
    return tree(out)


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_of_a_run_are_one_write(
    batch: int, corpus: Path, one: dict[str, bytes], tmp_path: Path
) -> None:
    assert mine([corpus], tmp_path / "d", batch=batch).reports == 7
    assert tree(tmp_path / "d") == one


@pytest.mark.parametrize("part", [1, 4000])
def test_workers_make_the_same(
    part: int, corpus: Path, one: dict[str, bytes], tmp_path: Path
) -> None:
    assert mine_scaled([corpus], tmp_path / "d", executor=Here(), part=part).reports == 7
    assert tree(tmp_path / "d") == one


def test_shards_merged_are_the_same(corpus: Path, one: dict[str, bytes], tmp_path: Path) -> None:
    folders = [tmp_path / f"{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, 1):
        mine_scaled([corpus], folder, executor=Here(), part=1, shard=f"{number}/3")
    assert sum(len(gov.load(f)) for f in folders) > 4  # the same bytes in several shards
    merge_datasets(folders, tmp_path / "joined")
    assert tree(tmp_path / "joined") == one


@pytest.mark.parametrize("turn", [1, -1], ids=["the_better_first", "the_better_last"])
def test_calls_one_after_the_other_name_the_places_of_all(turn: int, tmp_path: Path) -> None:
    """Each call mines one of two files, serial or by workers. Both hold a report of one year."""
    year = 2022
    one, two, three = (with_year(report_text(n), year) for n in (1, 2, 4))
    files = [
        written(tmp_path / "0.jsonl", [(one, OFFICIAL.format(1)), (two, OFFICIAL.format(2))]),
        written(tmp_path / "1.jsonl", [(one, COPY.format(1)), (three, OFFICIAL.format(4))]),
    ]
    mine(files, tmp_path / "both")
    assert others(tmp_path / "both")[OFFICIAL.format(1)] == [COPY.format(1)]
    for calls in (("mine", "mine"), ("mine", "scaled"), ("scaled", "mine"), ("scaled", "scaled")):
        out = tmp_path / "-".join(calls)
        for call, path in zip(calls, files[::turn], strict=True):
            result = (
                mine([path], out) if call == "mine" else mine_scaled([path], out, executor=Here())
            )
            assert (result.known, result.reports) == (0, 2)
        assert tree(out) == tree(tmp_path / "both"), calls
        for again in (mine(files, out), mine_scaled(files, out, executor=Here())):
            assert (again.known, again.reports) == (4, 0)
        assert tree(out) == tree(tmp_path / "both"), calls


def test_reports_of_a_newer_parser_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jsonl", [(report_text(1), OFFICIAL.format(1))])
    copy = written(tmp_path / "b.jsonl", [(report_text(1), COPY.format(1))])
    with monkeypatch.context() as patch:
        patch.setattr(gov, "__version__", "99.0")
        mine([path], tmp_path / "d")
    before = gov.load(tmp_path / "d").reports.to_table().to_pylist()
    for result in (
        mine([copy], tmp_path / "d"),
        mine_scaled([copy], tmp_path / "d", executor=Here()),
    ):
        assert (result.known, result.reports) == (1, 0)
    assert gov.load(tmp_path / "d").reports.to_table().to_pylist() == before
    assert known_places(tmp_path / "d", "100.0").keys.tolist() == []


# -- a run that is killed --------------------------------------------------------------------------


def killed_after(monkeypatch: pytest.MonkeyPatch, most: int) -> list[str]:
    """Names of parsed documents; at one more the run is interrupted."""
    parsed: list[str] = []
    real = parsing.parse_or_failure

    def parse(source: Any, options: Any) -> Any:
        if len(parsed) == most:
            raise KeyboardInterrupt
        parsed.append(source.name)
        return real(source, options)

    monkeypatch.setattr(parsing, "parse_or_failure", parse)
    return parsed


def test_what_a_killed_run_has_staged_is_not_parsed_again(
    corpus: Path, one: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        first = killed_after(patch, 5)
        with pytest.raises(KeyboardInterrupt):
            mine([corpus], tmp_path / "d", batch=2, isolated=False)
    assert not (tmp_path / "d" / "manifest.json").exists()
    second = killed_after(monkeypatch, 99)
    result = mine([corpus], tmp_path / "d", batch=2, isolated=False)
    # staged: rows 1 and 3, 4 and 6; row 5 is no report and is looked at again
    assert set(first) & set(second) == {"a.jsonl#5"}
    assert (result.known, result.reports, result.no_report) == (4, 3, 1)
    assert tree(tmp_path / "d") == one
    assert not staging_of(tmp_path / "d").exists()


def test_parts_of_a_run_with_other_options_are_not_taken(
    corpus: Path, one: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        killed_after(patch, 5)
        with pytest.raises(KeyboardInterrupt):
            mine([corpus], tmp_path / "d", batch=1, isolated=False, organ="某某局")
    assert mine([corpus], tmp_path / "d").reports == 7
    assert tree(tmp_path / "d") == one


def test_what_is_long_in_coming_is_staged_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.dataset import staged

    sizes: list[int] = []
    real = staged.stage

    def counting(staging: Path, name: str, results: Any, *args: Any, **kwargs: Any) -> Any:
        sizes.append(len(results))
        return real(staging, name, results, *args, **kwargs)

    monkeypatch.setattr(staged, "stage", counting)
    monkeypatch.setattr(running, "PATIENCE", 0.0)
    rows = [(text, "") for text in (report_text(1), NO_REPORT, report_text(2), NO_REPORT)]
    assert mine([written(tmp_path / "a.jsonl", rows)], tmp_path / "out").reports == 2
    assert sizes == [1, 1]


# -- what is no report, told alike -----------------------------------------------------------------


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files; rows 2, 4, 5, 6 of the first and 1 of the second are no report."""
    folder = tmp_path_factory.mktemp("refusing")
    first = [
        (report_text(1), OFFICIAL.format(1)),
        (NO_REPORT, OFFICIAL.format(2)),
        (noise(1), OFFICIAL.format(3)),
        (NOTICE, OFFICIAL.format(4)),
        (NO_REPORT, OFFICIAL.format(5)),
        (NO_REPORT * 2, OFFICIAL.format(6)),
        (report_text(2), OFFICIAL.format(7)),
    ]
    second = [(NO_REPORT, OFFICIAL.format(8)), (report_text(3), OFFICIAL.format(9))]
    return [written(folder / "a.jsonl", first), written(folder / "b.jsonl", second)]


PLACES = [("a.jsonl#2", 2), ("a.jsonl#4", 4), ("a.jsonl#5", 5), ("a.jsonl#6", 6), ("b.jsonl#1", 8)]


def test_all_ways_refuse_the_same_for_the_same_reasons(
    refusing: list[Path], tmp_path: Path
) -> None:
    told: dict[str, list[dict[str, Any]]] = {}

    def teller(way: str) -> Callable[[Any], None]:
        return lambda one: told.setdefault(way, []).append(asdict(one))

    results = {"serial": mine(refusing, tmp_path / "serial", refused=teller("serial"))}
    for part in (1, 3000, 1 << 20):
        results[str(part)] = mine_scaled(
            refusing, tmp_path / str(part), executor=Here(), part=part, refused=teller(str(part))
        )
    results["two"] = mine_scaled(refusing, tmp_path / "two", jobs=2, part=1, refused=teller("two"))
    expected = [(name, OFFICIAL.format(number)) for name, number in PLACES]
    assert [(r["name"], r["url"]) for r in told["serial"]] == expected
    # the same bytes have the same reason, wherever they stand
    whys = [r["why"] for r in told["serial"]]
    assert whys[0] == whys[2] == whys[4]
    assert results["serial"].no_report == 5
    for way, result in results.items():
        assert told[way] == told["serial"], way
        assert (result.no_report, result.reasons) == (5, results["serial"].reasons)
        assert result.refused == results["serial"].refused


def test_the_command_line_writes_one_file_in_all_three_ways(
    refusing: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.mining import scaled

    small = {**(mine_scaled.__kwdefaults__ or {}), "part": 1}
    monkeypatch.setattr(scaled.mine_scaled, "__kwdefaults__", small)
    monkeypatch.setattr("govreport_parse.cli.mining.engine", lambda _: Here())

    def run(way: str, *more: str) -> Path:
        out = tmp_path / f"{way}.jsonl"
        arguments = ["mine", *map(str, refusing), "--out", str(tmp_path / way)]
        done = CliRunner().invoke(cli, [*arguments, "--refused", str(out), *more])
        assert done.exit_code == 0, done.output
        return out

    serial = run("serial").read_text("utf-8")
    assert [json.loads(line)["name"] for line in serial.splitlines()] == [n for n, _ in PLACES]
    assert run("dask", "--scheduler", "tcp://127.0.0.1:1").read_text("utf-8") == serial
    for number in (1, 2, 3):
        out = run("shards", "--shard", f"{number}/3")
        assert not out.exists()  # shares that are told the same name do not write over another
    shares = sorted(tmp_path.glob("shards-*-of-3.jsonl"))
    assert len(shares) == 3
    lines = [line for share in shares for line in share.read_text("utf-8").splitlines()]
    assert sorted(lines) == sorted(serial.splitlines())


def test_a_run_that_goes_on_tells_all_reasons_again(refusing: list[Path], tmp_path: Path) -> None:
    class Stops(Here):
        ran = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.ran += 1
            if self.ran > 5:
                raise KeyboardInterrupt
            return super().submit(fn, *args, **kwargs)

    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        mine_scaled(refusing, tmp_path / "d", executor=Stops(), part=1)
    again = mine_scaled(
        refusing, tmp_path / "d", executor=Here(), part=1, refused=lambda one: told.append(one.name)
    )
    assert told == [name for name, _ in PLACES]
    assert again.no_report == 5


def test_repeated_pages_are_told_in_their_place_and_not_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WAITING", 2)
    parsed = killed_after(monkeypatch, 99)
    rows = [(NO_REPORT, ""), (report_text(1), "")] + [(NO_REPORT, "")] * 5
    told: list[str] = []
    result = mine(
        [written(tmp_path / "a.jsonl", rows)],
        tmp_path / "d",
        isolated=False,
        refused=lambda one: told.append(one.name),
    )
    assert told == [f"a.jsonl#{n}" for n in (1, 3, 4, 5, 6, 7)]
    assert result.no_report == 6
    assert len(parsed) < 7


# -- notes -----------------------------------------------------------------------------------------


def first_names(item: Any, results: list[Any]) -> Iterator[Any]:
    """Writes reports; tells the names of all."""
    for result in results:
        yield Note([result.source.name, "\ud800 and\u2028more"])
        if isinstance(result, Report):
            yield result


def test_notes_come_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    """Also where batches end in another order, and the notes hold what files may stumble on."""

    class Backwards(Here):
        """Two batches wait for the third."""

        _max_workers = 1

        def __init__(self) -> None:
            self.held: list[tuple[Future[Any], Any]] = []

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.held.append((future, lambda: fn(*args, **kwargs)))
            if len(self.held) == 3:
                for waiting, run in reversed(self.held):
                    waiting.set_result(run())
                self.held = []
            return future

    paths = []
    for number in range(6):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_text(report_text(number) if number % 2 else "no", "utf-8")
    told: list[Any] = []
    result = process_many(
        paths,
        tmp_path / "d",
        executor=Backwards(),
        batch=1,
        combine=first_names,
        noted=told.append,
    )
    assert [name for name, _ in told] == [p.name for p in paths]
    assert {other for _, other in told} == {"\ud800 and\u2028more"}
    assert (result.dropped, result.written.reports, result.written.failures) == (3, 3, 0)


def test_notes_wait_for_those_before_them(tmp_path: Path) -> None:
    keep_notes(tmp_path, "a", [1])
    keep_notes(tmp_path, "b", [2, 3])
    keep_notes(tmp_path, "none", [])
    assert list(notes_of(tmp_path, "none")) == []
    told: list[int] = []
    order = InOrder(tmp_path, told.append)
    order.add(2, ["b"])
    order.add(1, ["none"])
    assert told == []
    order.add(0, ["a", "b"])
    assert told == [1, 2, 3, 2, 3]


def test_a_folder_that_can_not_be_staged_in_is_told_as_such(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.dataset import disk

    def full(path: Path) -> None:
        if path.name == ".staging":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path)

    real = disk.make_folder
    monkeypatch.setattr(disk, "make_folder", full)
    with pytest.raises(DatasetError, match=r"\.staging"):
        mine([corpus], tmp_path / "d")
