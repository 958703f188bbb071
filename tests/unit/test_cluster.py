"""One batch function, run here and by a pool of processes: the dataset is that of a serial run."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import random
import select
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from govreport_parse.cluster import (
    Input,
    Progress,
    Shard,
    batch,
    lingering,
    list_store,
    merge_datasets,
    process_many,
    read_input,
    run,
    run_batch,
    shard_of_name,
)
from govreport_parse.cluster.engines import Engine
from govreport_parse.cluster.inputs import copy_from_store
from govreport_parse.dataset import load, write_dataset
from govreport_parse.dataset.staged import read_staged, staging_of
from govreport_parse.errors import FetchError, GovReportError, UsageError
from govreport_parse.parsing import parse_many
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.testing import random_record, render_html, render_text
from govreport_parse.workers import isolated as supervisor
from govreport_parse.workers import pool as worker_pool


@cache
def pages() -> tuple[tuple[str, str], ...]:
    rng = random.Random(11)
    out = []
    for number in range(24):
        record = random_record(rng, "ogi_annual_2021", "county")
        text = number % 4 == 3
        page = render_text(record, "B") if text else render_html(record, "clean")
        out.append((f"{number:02}.{'txt' if text else 'html'}", page.text))
    return tuple(out)


@pytest.fixture
def documents(tmp_path: Path) -> list[str]:
    """Names of 24 reports, a page that is no report and a file that is missing."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in (*pages(), ("news.html", "<p>春季运动会</p>")):
        (folder / name).write_text(text, "utf-8")
    return [*sorted(str(p) for p in folder.iterdir()), str(folder / "missing.html")]


@pytest.fixture
def serial(tmp_path: Path, documents: list[str]) -> dict[str, bytes]:
    """The dataset of one process."""
    write_dataset(parse_many(map(Path, documents)), tmp_path / "serial")
    return tree(tmp_path / "serial")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


class Here(Executor):
    """Runs at once, in this process; ``before`` may raise in its stead."""

    def __init__(self, before: Any = None) -> None:
        self.before = before
        self.ran = 0
        self.open = True

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.ran += 1
        try:
            if self.before is not None:
                self.before(self.ran)
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as executors do
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.open = False


# -- one dataset, however it is made ---------------------------------------------------------------


def test_processes_make_the_dataset_of_a_serial_run(
    tmp_path: Path, documents: list[str], serial: dict[str, bytes]
) -> None:
    told: list[Progress] = []
    result = process_many(documents, tmp_path / "d", jobs=2, batch=5, progress=told.append)
    assert tree(tmp_path / "d") == serial
    assert (result.documents, result.batches, result.resubmitted, result.quarantined) == (
        26,
        6,
        0,
        0,
    )
    assert (result.written.reports, result.written.failures) == (24, 2)
    assert told[-1] == Progress(26, 26, 24, 2, 0)
    assert [p.documents for p in told] == sorted(p.documents for p in told)


def test_a_second_run_parses_nothing_again(
    tmp_path: Path, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    process_many(documents[:10], tmp_path / "d", executor=Here(), batch=4)
    parsed: list[str] = []
    real = batch._Batch.parse

    def watched(self: Any, source: Source) -> Any:
        parsed.append(source.name)
        return real(self, source)

    monkeypatch.setattr(batch._Batch, "parse", watched)
    result = process_many(documents, tmp_path / "d", executor=Here(), batch=7)
    assert (result.known, result.written.added, result.written.reports) == (10, 14, 24)
    assert not {Path(d).name for d in documents[:10]} & set(parsed)
    assert len(parsed) == 15  # the page that is no report too; a missing file isn't parsed


def test_shards_merged_are_the_dataset_of_a_serial_run(
    tmp_path: Path, documents: list[str], serial: dict[str, bytes]
) -> None:
    for number in (1, 2, 3):
        process_many(documents, tmp_path / "d", executor=Here(), shard=f"{number}/3")
    folders = sorted((tmp_path / "d").iterdir())
    assert [f.name for f in folders] == [f"shard-{n}-of-3" for n in (1, 2, 3)]
    assert sum(len(load(f)) for f in folders) == 24
    merge_datasets(folders, tmp_path / "merged")
    assert tree(tmp_path / "merged") == serial


def test_what_is_known_of_a_document_comes_with_it(tmp_path: Path, documents: list[str]) -> None:
    known = Input(
        documents[0],
        url="https://town.gov.cn/2022.html",
        retrieved="2023-02-03T04:05:06Z",
        organ="红土镇人民政府",
        year=2022,
        division_code="341722",
    )
    process_many([known], tmp_path / "d", executor=Here())
    (row,) = load(tmp_path / "d").reports.to_table().to_pylist()
    names = ("organ", "organ_source", "year", "division_code", "url", "retrieved", "source_name")
    assert [row[n] for n in names] == [
        *("红土镇人民政府", "caller", 2022, "341722", "https://town.gov.cn/2022.html"),
        *("2023-02-03T04:05:06Z", "00.html"),
    ]


def test_documents_of_a_store_are_read_by_the_workers(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    for name, text in pages()[:5]:
        store.pipe(f"/reports/2024/{name}", text.encode())
    names = list_store("memory://reports/2024/*.html")
    assert [n.rpartition("/")[2] for n in names] == ["00.html", "01.html", "02.html", "04.html"]
    assert list_store("memory://reports") == list_store("memory://reports/2024/*")
    names.append("memory://reports/2024/gone.html")
    result = process_many(names, tmp_path / "d", executor=Here())
    assert (result.written.reports, result.written.failures) == (4, 1)
    (row,) = load(tmp_path / "d").failures.to_table().to_pylist()
    assert (row["error_type"], row["source_name"]) == ("FetchError", names[-1])
    with pytest.raises(UsageError, match="names no document"):
        list_store("memory://reports/1999/*")


def test_a_store_without_rights_is_told_for_each_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec = pytest.importorskip("fsspec")

    class Forbidden(Exception):
        """As the client libraries of stores raise them: of no known kind."""

    def refuse(*_: Any, **__: Any) -> None:
        raise Forbidden("403 AccessDenied\nsecret header")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "_open", refuse)
    with pytest.raises(FetchError, match=r"Forbidden: 403 AccessDenied \(check"):
        read_input("memory://bucket/a.html")
    result = process_many(["memory://bucket/a.html"], tmp_path / "d", executor=Here())
    assert (result.written.reports, result.written.failures) == (0, 1)


def test_a_copy_of_a_store_that_does_not_fit_is_told_as_such(tmp_path: Path) -> None:
    pytest.importorskip("fsspec").filesystem("memory").pipe("/room/a.jsonl", b"x")
    with pytest.raises(
        GovReportError, match=r"can't keep a copy of 'memory://room/a\.jsonl'"
    ) as got:
        copy_from_store("memory://room/a.jsonl", tmp_path / "missing" / "a.jsonl")
    assert "TMPDIR" in got.value.hint
    copy_from_store("memory://room/a.jsonl", tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == b"x"


def test_names_that_are_no_stored_documents_are_refused() -> None:
    with pytest.raises(UsageError, match="fetch it first"):
        read_input("https://www.gov.cn/2022.html")
    with pytest.raises(
        GovReportError, match=r"lacks what fsspec needs for nosuch://|can't be read"
    ):
        read_input("nosuch://bucket/a.html")


def read_pair(item: tuple[str, ...]) -> list[Source]:
    """A page and its attachments."""
    return [read_input(name) for name in item]


def keep_first(when: str, item: tuple[str, ...], results: list[Any]) -> list[Any]:
    """The first report of an input, with a time; failures of inputs without one."""
    reports = [r for r in results if isinstance(r, Report)]
    return [(reports[0], when)] if reports else results


def test_an_input_may_be_several_documents_that_make_one_report(
    tmp_path: Path, documents: list[str]
) -> None:
    news, missing = documents[-2:]
    inputs = [(documents[0], documents[1]), (news, documents[2]), (news, news), (missing,)]
    for isolated in (None, True):
        folder = tmp_path / str(isolated)
        process_many(
            inputs,
            folder,
            executor=Here(),
            reader=read_pair,
            combine=partial(keep_first, "2024-01-01"),
            parser_version="0.1.0.7",
            isolated=isolated,
        )
        rows = load(folder).reports.to_table(["source_name", "retrieved", "parser_version"])
        assert sorted(map(tuple, (r.values() for r in rows.to_pylist()))) == [
            ("00.html", "2024-01-01", "0.1.0.7"),
            ("02.html", "2024-01-01", "0.1.0.7"),
        ]
        failed = load(folder).failures.to_table(["source_name"])["source_name"].to_pylist()
        assert sorted(failed) == sorted(["news.html", str((missing,))[:200]])


def test_packed_documents_over_many_batches_make_the_dataset_of_a_serial_run(
    tmp_path: Path,
) -> None:
    """PDF, Word and sheets go to child processes, which wait from batch to batch."""
    fixtures = Path(__file__).parents[2] / "fixtures"
    names = [
        "ogi_annual_2021/pdf_2021", "ogi_annual_2021/docx_2021", "ogi_annual_2019/pdf_2019_small",
        "ogi_annual_2021/xlsx_2021", "broken/format_pdf_cut", "ogi_annual_2021/doc_2021",
        "ogi_annual_2021/pdf_wrong_total", "broken/format_docx_cut",
    ]  # fmt: skip
    paths = []
    for number, name in enumerate(names):
        (source,) = (fixtures / name).glob("source.*")
        paths.append(tmp_path / f"{number}{source.suffix}")
        paths[-1].write_bytes(source.read_bytes())
    write_dataset(parse_many(paths), tmp_path / "serial")
    result = process_many(paths, tmp_path / "d", jobs=1, batch=2)
    assert (result.batches, result.written.reports, result.written.failures) == (4, 6, 2)
    assert tree(tmp_path / "d") == tree(tmp_path / "serial")


def test_child_processes_linger_between_batches_where_they_are_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In workers of Dask, which know no end of a run: for a while, and then they go."""
    started: list[int] = []
    real = worker_pool.Pool._start_server

    def start(self: Any) -> None:
        started.append(1)
        real(self)

    monkeypatch.setattr(worker_pool.Pool, "_start_server", start)
    pdf = Path(__file__).parents[2] / "fixtures/ogi_annual_2021/pdf_2021/source.pdf"
    try:
        for number in range(3):
            path = tmp_path / f"{number}.pdf"
            path.write_bytes(pdf.read_bytes() + b"%% %d\n" % number)
            run_batch(task(tmp_path / "s", [str(path)], lingers=True))
        assert (len(started), len(supervisor._pools)) == (1, 1)
        (timer,) = lingering._timers
        assert timer.interval == lingering.LINGER
        assert timer.daemon
    finally:
        lingering._timers.pop().cancel()
        lingering.let_go()
    assert not supervisor._pools
    monkeypatch.setattr(lingering, "LINGER", 0.0)
    run_batch(task(tmp_path / "s", [str(pdf)], lingers=True))
    lingering._timers.pop().join()
    assert not supervisor._pools


def pdfs(folder: Path, count: int) -> list[str]:
    pdf = Path(__file__).parents[2] / "fixtures/ogi_annual_2021/pdf_2021/source.pdf"
    for number in range(count):
        (folder / f"{number}.pdf").write_bytes(pdf.read_bytes() + b"%% %d\n" % number)
    return sorted(map(str, folder.glob("*.pdf")))


def test_child_processes_serve_all_batches_of_an_executor_in_this_process_and_end_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = worker_pool.Pool._start_server

    def start(self: Any) -> None:
        started.append(1)
        real(self)

    monkeypatch.setattr(worker_pool.Pool, "_start_server", start)
    result = process_many(pdfs(tmp_path, 3), tmp_path / "d", executor=Here(), batch=1)
    assert (result.batches, result.written.reports, len(started)) == (3, 3, 1)
    assert (lingering._timers, supervisor._pools) == ([], {})


def own_children(_: Any = None) -> tuple[int, list[int]]:
    """This process, and the child processes that it has."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return os.getpid(), [int(pid) for pid in listed]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("end", ["shutdown", "kill"])
def test_child_processes_wait_in_the_workers_of_a_pool_of_the_caller_and_end_with_them(
    tmp_path: Path, end: str
) -> None:
    context = multiprocessing.get_context("forkserver")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        names = pdfs(tmp_path, 4)
        process_many(names[:2], tmp_path / "d", executor=pool, batch=1)
        worker, first = pool.submit(own_children).result()
        process_many(names, tmp_path / "d", executor=pool, batch=1)
        assert pool.submit(own_children).result() == (worker, first)
        (server,) = first
        if end == "kill":
            os.kill(worker, signal.SIGKILL)
            with pytest.raises(concurrent.futures.BrokenExecutor):
                pool.submit(own_children).result()
    assert len(load(tmp_path / "d")) == 4
    assert is_gone(server)


def is_gone(pid: int) -> bool:
    """Whether a process that is none of ours ends within some seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle) as file:
        return bool(select.select([file], [], [], 120)[0])


# -- twice is once ---------------------------------------------------------------------------------


def task(staging: Path, inputs: list[Any], **more: Any) -> dict[str, Any]:
    (staging / "attempts").mkdir(parents=True, exist_ok=True)
    return {
        "version": batch.own_version(),
        "extras": [],
        "batch": "b",
        "staging": str(staging),
        "inputs": inputs,
        "reader": read_input,
        "options": {},
        "mapping": None,
        "mask": True,
        "isolated": None,
        **more,
    }


def test_a_task_that_runs_twice_changes_nothing(tmp_path: Path, documents: list[str]) -> None:
    once = run_batch(task(tmp_path / "s", documents[:3]))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "s").rglob("*")}
    twice = run_batch(task(tmp_path / "s", documents[:3]))
    assert (once["done_before"], twice["done_before"]) == (False, True)
    assert once["parts"] == twice["parts"]
    assert {k: once[k] for k in ("documents", "reports", "failures")} == {
        k: twice[k] for k in ("documents", "reports", "failures")
    }
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "s").rglob("*")} == before


def test_a_part_is_named_by_content_version_and_options(
    tmp_path: Path, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [run_batch(task(tmp_path / "s", documents[:2]))["parts"][0]]
    names.append(
        run_batch(task(tmp_path / "s", documents[:2], options={"solve": False}))["parts"][0]
    )
    names.append(run_batch(task(tmp_path / "s", documents[:2], mask=False))["parts"][0])
    names.append(
        run_batch(task(tmp_path / "s", [Input(documents[0], year=2020), documents[1]]))["parts"][0]
    )
    mapping = tmp_path / "organs.csv"
    for code in ("341722", "341723"):
        mapping.write_text(f"organ,code\n红土镇人民政府,{code}\n", "utf-8")
        names.append(
            run_batch(task(tmp_path / "s", documents[:2], mapping=str(mapping)))["parts"][0]
        )
    monkeypatch.setattr(batch, "own_version", lambda: "9.9")
    names.append(run_batch(task(tmp_path / "s", documents[:2]))["parts"][0])
    monkeypatch.undo()
    Path(documents[0]).write_text(pages()[9][1], "utf-8")
    names.append(run_batch(task(tmp_path / "s", documents[:2]))["parts"][0])
    assert len(set(names)) == len(names)


# -- workers that are not as the client ------------------------------------------------------------


def test_a_worker_of_another_version_is_told(tmp_path: Path, documents: list[str]) -> None:
    with pytest.raises(
        GovReportError, match=r"has govreport_parse .*, the client 7\.0\.0"
    ) as caught:
        run_batch(task(tmp_path / "s", documents[:1], version="7.0.0"))
    assert "same version" in caught.value.hint
    assert caught.value.context["reason"] == "worker_version"


def test_a_worker_without_an_extra_ends_the_run_with_its_name(
    tmp_path: Path, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batch._is_there
    monkeypatch.setattr(batch, "_is_there", lambda p: p not in ("olefile", "lxml") and real(p))
    with pytest.raises(GovReportError, match=r"lacks the extra office \(lxml, olefile\)"):
        process_many(documents, tmp_path / "d", executor=Here(), extras=["office"])
    assert not (tmp_path / "d" / "_manifest.json").exists()


def test_a_worker_that_does_not_see_the_folder_is_told(
    tmp_path: Path, documents: list[str]
) -> None:
    made = task(tmp_path / "s", documents[:1])
    made["staging"] = str(tmp_path / "elsewhere")
    with pytest.raises(GovReportError, match="does not see the folder"):
        run_batch(made)
    assert not (tmp_path / "elsewhere").exists()


# -- lost workers ----------------------------------------------------------------------------------


class KilledWorker(Exception):
    """As Dask tells of a lost worker."""


KilledWorker.__module__ = "distributed.scheduler"


def test_a_lost_batch_is_handed_out_again(
    tmp_path: Path, documents: list[str], serial: dict[str, bytes]
) -> None:
    def lose(ran: int) -> None:
        if ran in (2, 3, 5):
            raise KilledWorker

    result = process_many(documents, tmp_path / "d", executor=Here(lose), batch=6)
    assert tree(tmp_path / "d") == serial
    assert (result.resubmitted, result.documents) == (3, 26)


def test_a_broken_executor_is_made_anew_if_the_caller_says_how(
    tmp_path: Path, documents: list[str], serial: dict[str, bytes]
) -> None:
    made: list[Here] = []

    def breaks(ran: int) -> None:
        if ran > 1:
            raise concurrent.futures.BrokenExecutor

    def make() -> Executor:
        made.append(Here(breaks if len(made) < 2 else None))
        return made[-1]

    process_many(documents, tmp_path / "d", executor=make, batch=6)
    assert tree(tmp_path / "d") == serial
    assert [e.open for e in made] == [False] * 3


def test_a_broken_executor_of_the_callers_ends_the_run_and_keeps_what_is_done(
    tmp_path: Path, documents: list[str], serial: dict[str, bytes]
) -> None:
    def breaks(ran: int) -> None:
        if ran > 2:
            raise concurrent.futures.BrokenExecutor("gone")

    executor = Here(breaks)
    with pytest.raises(GovReportError, match="executor broke") as caught:
        process_many(documents, tmp_path / "d", executor=executor, batch=6)
    assert "function that makes" in caught.value.hint
    assert executor.open  # the caller's
    done = [p for p in staging_of(tmp_path / "d").iterdir() if len(p.name) == 40]
    assert done
    result = process_many(documents, tmp_path / "d", executor=Here(), batch=6)
    assert result.documents == 26
    assert tree(tmp_path / "d") == serial


@pytest.mark.parametrize(
    ("error", "most"), [(KilledWorker, run.LOSSES), (TypeError, run.ERRORS - 1)]
)
def test_what_fails_again_and_again_ends_the_run(
    tmp_path: Path, documents: list[str], error: type[Exception], most: int
) -> None:
    def fail(ran: int) -> None:
        raise error("no luck")

    executor = Here(fail)
    with pytest.raises(GovReportError, match=f"failed {most + 1} times, last with .*no luck"):
        process_many(documents[:3], tmp_path / "d", executor=executor, batch=3)
    assert executor.ran == most + 1


class Never(Here):
    """Takes tasks and never does one."""

    workers = 2

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_a_run_whose_workers_are_all_gone_does_not_wait_for_ever(
    tmp_path: Path, documents: list[str]
) -> None:
    with pytest.raises(GovReportError, match=r"no batch has ended for 0\.05 s; 5 are under way"):
        process_many(documents, tmp_path / "d", executor=Never(), batch=3, patience=0.05)


def test_not_all_is_handed_out_at_once(tmp_path: Path, documents: list[str]) -> None:
    taken = 0

    def names() -> Iterator[str]:
        nonlocal taken
        for name in documents:
            taken += 1
            yield name

    parts = run._Run(task(staging_of(tmp_path), []), names(), 3, None, None)
    engine = Engine(Never(), None)
    assert parts._hand_out(engine)
    assert (taken, len(parts.waiting)) == (15, 5)  # two batches a worker and one more
    assert not parts._hand_out(engine)


# -- documents that kill ---------------------------------------------------------------------------


def parse_or_die(self: Any, source: Source) -> Any:
    if b"killer" in source.data:
        os.kill(os.getpid(), signal.SIGKILL)
    return _parse(self, source)


_parse = batch._Batch.parse


def test_a_document_that_kills_its_worker_goes_to_a_child_process(
    tmp_path: Path, documents: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One death brings suspicion; in the child process it is an ordinary document."""
    killer = Path(documents[5])
    killer.write_text(killer.read_text("utf-8") + "<!-- killer -->", "utf-8")
    write_dataset(parse_many(map(Path, documents)), tmp_path / "serial")
    monkeypatch.setattr(batch._Batch, "parse", parse_or_die)  # processes are forked from here
    result = process_many(documents, tmp_path / "d", jobs=2, batch=13)
    assert result.resubmitted >= 1
    assert tree(tmp_path / "d") == tree(tmp_path / "serial")


@pytest.mark.parametrize("isolated", [None, False])
def test_where_there_are_no_child_processes_three_dead_workers_end_a_document(
    tmp_path: Path, documents: list[str], isolated: bool | None
) -> None:
    staging = tmp_path / "s"
    made = task(staging, documents[:4], isolated=isolated)
    for name, accused in (("b.1", 2), ("b.2", 2), ("b.3", 2), ("b.4", 0), ("other.1", 1)):
        (staging / "attempts" / name).write_bytes(b"%08d" % accused)
    (staging / "attempts" / "b.5").write_bytes(b"--------")
    told = run_batch(made)
    if isolated is None:  # a child process can't harm the worker: the document gets its chance
        assert (told["reports"], told["failures"], told["quarantined"]) == (4, 0, 0)
        return
    assert (told["reports"], told["failures"], told["quarantined"]) == (3, 1, 1)
    (row,) = read_staged(staging, told["parts"][0]).failures
    assert (row["source_name"], row["error_type"]) == (Path(documents[2]).name, "ParseError")
    assert "3 workers died" in row["error_message"]


# -- arguments and shards --------------------------------------------------------------------------


def test_wrong_arguments_are_told_before_anything_runs(tmp_path: Path) -> None:
    for wrong in (
        {"batch": 0},
        {"jobs": True},
        {"url": "https://a.cn"},
        {"nosuch": 1},
        {"engine": "x"},
    ):
        with pytest.raises(UsageError):
            process_many([], tmp_path / "d", **wrong)  # type: ignore[arg-type]
    for text in ("0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "-1/3", "1/9999999", None):
        with pytest.raises(UsageError, match="is no shard"):
            Shard.of(text)  # type: ignore[arg-type]
    assert not (tmp_path / "d").exists()


def test_no_documents_make_an_empty_dataset(tmp_path: Path) -> None:
    result = process_many([], tmp_path / "d", executor=Here())
    assert (result.documents, len(load(tmp_path / "d"))) == (0, 0)


def test_a_name_is_in_the_same_shard_everywhere() -> None:
    # blake2b of the name, 8 bytes, modulo 7, counted from 1: worked out apart with b2sum -l 64
    assert [shard_of_name(n, 7) for n in ("a.html", "年报.pdf")] == [2, 5]
    names = [f"{n}.html" for n in range(7000)]
    sizes = [sum(shard_of_name(n, 7) == k for n in names) for k in range(1, 8)]
    assert sum(sizes) == 7000
    assert min(sizes) > 850
    shares = [list(Shard(k, 7).mine(names)) for k in range(1, 8)]
    assert sorted(name for share in shares for name in share) == sorted(names)
