"""Real Dask and Parsl workers on loopback: whoever dies, the dataset is that of a serial run.

The short tests kill one worker; the one marked ``long`` kills 30, stops one for longer than the
scheduler waits for it, and starts the scheduler anew.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import killers
import pytest
from click.testing import CliRunner

from govreport_parse.cli import scaling
from govreport_parse.cli.main import cli
from govreport_parse.cluster import Progress, batch, dask_executor, process_many, run
from govreport_parse.dataset import load, verify_dataset, write_dataset
from govreport_parse.errors import GovReportError, NetworkError
from govreport_parse.mining import mine
from govreport_parse.mining.scaled import mine_scaled
from govreport_parse.parsing import parse_many
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.testing import random_record, render_html, render_text
from govreport_parse.workers import parse_isolated

# one cluster at a time: two would ask for the same ports
pytestmark = pytest.mark.xdist_group("clusters")

PAGES = 10
"""Distinct pages; documents differ by a comment, so that each has its own bytes."""


def written(folder: Path, count: int) -> list[str]:
    """Names of ``count`` documents, the last of them no report."""
    folder.mkdir()
    rng = random.Random(3)
    pages = [
        render_html(random_record(rng, "ogi_annual_2021", "county"), "clean").text
        for _ in range(PAGES)
    ]
    for number in range(count - 1):
        text = pages[number % PAGES] + f"<!-- {number} -->"
        (folder / f"{number:05}.html").write_text(text, "utf-8")
    (folder / "news.html").write_text("<p>春季运动会</p>", "utf-8")
    return sorted(str(p) for p in folder.iterdir())


def serial(names: list[str], folder: Path) -> dict[str, bytes]:
    write_dataset(parse_many(map(Path, names)), folder)
    return tree(folder)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def same_as_serial(folder: Path, expected: dict[str, bytes], count: int) -> None:
    assert tree(folder) == expected
    assert verify_dataset(folder) == []
    ids = load(folder).reports.to_table(["report_id"])["report_id"].to_pylist()
    assert len(ids) == len(set(ids)) == count - 1


# -- documents that kill ---------------------------------------------------------------------------


def killing_parser(self: Any, source: Source) -> Report | Failure:
    """In the worker itself: the parser of ``killers``."""
    return killers.parse(source, {})


def killing_children(sources: Any, **_: Any) -> Iterator[Report | Failure]:
    """In child processes of the worker: the same parser."""
    return parse_isolated(sources, jobs=1, target="killers:parse")


def test_a_document_that_kills_its_worker_and_its_child_processes_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One death in the pool, two more in child processes of its own; the others are not touched."""
    names = []
    for number in range(24):
        path = tmp_path / f"{number:02}.txt"
        path.write_text(
            f"KILL:exit {number}" if number in (7, 15) else f"report | {number}", "utf-8"
        )
        names.append(str(path))
    # the pool's processes are forked from this one
    monkeypatch.setattr(batch._Batch, "parse", killing_parser)
    monkeypatch.setattr("govreport_parse.parsing.parse_many", killing_children)
    result = process_many(names, tmp_path / "d", jobs=2, batch=6)
    assert result.resubmitted >= 2
    data = load(tmp_path / "d")
    assert len(data) == 22
    rows = data.failures.to_table(["source_name", "error_type", "error_message"]).to_pylist()
    assert sorted(r["source_name"] for r in rows) == ["07.txt", "15.txt"]
    assert {r["error_type"] for r in rows} == {"ParseError"}
    assert all("ended on this document" in r["error_message"] for r in rows)


@pytest.mark.parametrize("isolated", [True, False], ids=["child_processes", "three_workers"])
def test_what_kills_workers_is_told_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolated: bool
) -> None:
    """Where documents may have processes of their own they die there; else three workers do."""
    record = random_record(random.Random(1), size="small")
    texts = [render_text(record, "B").text + f"\n{n}" for n in range(5)]
    texts[2] = "KILL:segv " + texts[2]
    path = corpus_of(tmp_path, texts)
    monkeypatch.setattr(batch._Batch, "parse", dying_parser)  # the pool's processes are forked
    if isolated:
        monkeypatch.setattr("govreport_parse.parsing.parse_many", killing_children)
    options = ("--shard", "1/1", "--jobs", "1", *(() if isolated else ("--no-isolate",)))
    code, text = told("mine", path, "--out", str(tmp_path / "m"), *options)
    assert code == 1
    assert "1 files, 5 documents: 5 candidates, 4 reports" in text
    assert "1 failed" in text
    (row,) = load(tmp_path / "m" / "shard-1-of-1").failures.to_table().to_pylist()
    assert (row["source_name"], row["error_type"]) == ("corpus.jsonl#3", "ParseError")
    if not isolated:
        assert "documents: 1 are left out: three workers died at each" in text
        assert "3 workers died at this document" in row["error_message"]


def dying_parser(self: Any, source: Source) -> Report | Failure:
    """In the worker itself."""
    if source.data.startswith(b"KILL:"):
        os.kill(os.getpid(), signal.SIGKILL)
    return _parse(self, source)


_parse = batch._Batch.parse


def test_a_store_without_rights_is_told_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = pytest.importorskip("fsspec").filesystem("memory")
    text = render_text(random_record(random.Random(1), size="small"), "B").text
    for name in ("a", "b"):
        store.pipe(f"/bucket/{name}.jsonl", json.dumps({"text": text + name}).encode())
    real = type(store)._open

    def refuse(self: Any, path: str, *arguments: Any, **options: Any) -> Any:
        if path.endswith("a.jsonl"):
            raise PermissionError("403 AccessDenied")
        return real(self, path, *arguments, **options)

    monkeypatch.setattr(type(store), "_open", refuse)
    code, said = told("mine", "memory://bucket/*.jsonl", "--out", str(tmp_path / "m"))
    assert code == 1
    assert "a.jsonl: 'memory:///bucket/a.jsonl' can't be read: PermissionError: 403" in said
    assert "check that it exists and that the worker has the right to read it" in said
    assert "1 reports" in said
    assert "1 files unread" in said
    assert len(load(tmp_path / "m")) == 1


@pytest.mark.parametrize("verb", ["mine", "import"])
def test_a_dataset_is_not_written_to_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = corpus_of(tmp_path, ["今日特价"])
    code, text = told(verb, path, "--out", "s3://bucket/out")
    assert code == 1
    assert "is an address, not a folder hint: a dataset is written to a folder" in text
    assert [p.name for p in tmp_path.iterdir()] == ["corpus.jsonl"]
    if verb == "mine":
        code, text = told(verb, "https://a.gov.cn/corpus.jsonl", "--out", "d")
        assert code == 2
        assert "is a web address, not the name of a stored document" in text


def test_zip_files_and_addresses_of_files_are_stores(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    record = random_record(random.Random(1), size="small")
    path = Path(corpus_of(tmp_path, [render_text(record, "B").text]))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(path, "2024/part 1.jsonl")
        packed.write(path, "readme.md")
    for number, address in enumerate(
        (
            f"file://{path}",
            f"zip://2024/::file://{tmp_path}/all.zip",
            f"zip://**::{tmp_path}/all.zip",
        )
    ):
        out = tmp_path / str(number)
        code, text = told("mine", address, "--out", str(out))
        assert (code, len(load(out))) == (0, 1), text


# -- the process that deals ------------------------------------------------------------------------

PROGRAM = """
import sys
from govreport_parse.cluster import process_many

def told(progress):
    print(progress.documents, flush=True)
    sys.stdin.readline()  # goes on when it may

out, *names = sys.argv[1:]
process_many(names, out, jobs=2, batch=4, progress=told)
"""


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_run_goes_on_from_its_parts_and_leaves_no_process(tmp_path: Path) -> None:
    names = written(tmp_path / "documents", 61)
    expected = serial(names, tmp_path / "serial")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "d"), *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for turn in range(4):
            assert program.stdout.readline()
            if turn < 3:
                program.stdin.write(b"\n")
                program.stdin.flush()
        workers = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        program.kill()
    assert len(workers) == 2
    assert not (tmp_path / "d" / "_manifest.json").exists()
    gone = time.monotonic() + 120
    while any(map(is_running, workers)):
        assert time.monotonic() < gone, "a worker outlives the run"
        time.sleep(0.01)
    done: list[int] = []
    real = batch._Batch.parse
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            batch._Batch, "parse", lambda self, source: done.append(1) or real(self, source)
        )
        executor = ThreadPoolExecutor(1)
        result = process_many(names, tmp_path / "d", executor=executor, batch=4)
        executor.shutdown()
    assert (result.documents, result.quarantined) == (61, 0)
    assert len(done) <= 61 - 16
    same_as_serial(tmp_path / "d", expected, 61)


# -- Dask ------------------------------------------------------------------------------------------


def local_cluster(workers: int) -> Any:
    """A scheduler and so many worker processes; they restart when killed."""
    distributed = pytest.importorskip("distributed")
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Three workers, of which tests kill some."""
    with local_cluster(3) as made:
        yield made


@pytest.fixture
def engine(cluster: Any) -> Any:
    return partial(dask_executor, cluster.scheduler_address)


def pids(cluster: Any) -> list[int]:
    return [nanny.pid for nanny in cluster.workers.values() if nanny.pid]


def test_a_dask_worker_killed_during_the_run_changes_nothing(
    tmp_path: Path, cluster: Any, engine: Any
) -> None:
    names = written(tmp_path / "documents", 61)
    expected = serial(names, tmp_path / "serial")
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        if not killed:
            killed.append(pids(cluster)[0])
            os.kill(killed[0], signal.SIGKILL)

    result = process_many(names, tmp_path / "d", executor=engine, batch=5, progress=kill_one)
    assert killed
    assert (result.documents, result.quarantined) == (61, 0)
    same_as_serial(tmp_path / "d", expected, 61)


def test_mine_by_a_scheduler_cuts_one_large_file_and_survives_a_killed_worker(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = written(tmp_path / "documents", 61)
    corpus = tmp_path / "corpus.jsonl"
    with corpus.open("w", encoding="utf-8") as file:
        for number, name in enumerate(names):
            row = {"text": Path(name).read_text("utf-8"), "url": f"https://a.gov.cn/{number}.html"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    mine([corpus], tmp_path / "serial")
    monkeypatch.setitem(mine_scaled.__kwdefaults__, "part", 60_000)
    killed: list[int] = []
    told = scaling.Teller.__call__

    def kill_one(self: Any, progress: Progress) -> None:
        told(self, progress)
        if not killed:
            killed.append(pids(cluster)[0])
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(scaling.Teller, "__call__", kill_one)
    arguments = ["mine", str(corpus), "--out", str(tmp_path / "m")]
    done = CliRunner().invoke(cli, [*arguments, "--scheduler", cluster.scheduler_address])
    assert done.exit_code == 0, done.output
    assert killed
    assert "1 files, 61 documents: 60 candidates, 60 reports" in done.stderr
    same_as_serial(tmp_path / "m" / "dataset", tree(tmp_path / "serial"), 61)


def test_dask_workers_of_another_version_are_told(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    names = written(tmp_path / "documents", 5)
    with distributed.Client(cluster, set_as_default=False) as client:
        executor = client.get_executor()
        assert process_many(names, tmp_path / "own", executor=executor).documents == 5
        _refused_by_version(names, tmp_path / "d", executor, monkeypatch)


def _refused_by_version(
    names: list[str], folder: Path, executor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "own_version", lambda: "9.9.9")
    with pytest.raises(GovReportError, match=r"worker on .* has govreport_parse .*client 9\.9\.9"):
        process_many(names, folder, executor=executor)
    assert not (folder / "_manifest.json").exists()


def corpus_of(folder: Path, texts: list[str]) -> str:
    path = folder / "corpus.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return str(path)


def told(*arguments: str) -> tuple[int, str]:
    """Exit status and messages of the command line; nothing goes to stdout, no traceback."""
    done = CliRunner().invoke(cli, list(arguments))
    assert done.stdout == ""
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, " ".join(done.stderr.split())


def another_version() -> None:
    """In a worker."""
    import govreport_parse

    govreport_parse.__version__ = "0.0.9"


def without_spreadsheets() -> None:
    """In a worker."""
    from govreport_parse.cluster import batch as in_worker

    in_worker._is_there = lambda package: package != "python_calamine"  # type: ignore[assignment]


def as_before(version: str) -> None:
    """In a worker."""
    from importlib.util import find_spec

    import govreport_parse
    from govreport_parse.cluster import batch as in_worker

    govreport_parse.__version__ = version
    in_worker._is_there = lambda package: find_spec(package) is not None  # type: ignore[assignment]


@pytest.fixture(scope="module")
def steady() -> Iterator[Any]:
    """One worker that nothing kills: what is changed there is so everywhere."""
    with local_cluster(1) as made:
        yield made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            another_version,
            "has govreport_parse 0.0.9, the client {} hint: install the same version",
        ),
        (
            without_spreadsheets,
            "lacks the extra office (python_calamine), which the client has "
            "hint: on every worker: pip install 'govreport_parse[office]'",
        ),
    ],
    ids=["version", "extra"],
)
def test_workers_that_are_not_as_the_client_are_told_by_the_command_line(
    tmp_path: Path, steady: Any, change: Any, message: str
) -> None:
    import govreport_parse

    distributed = pytest.importorskip("distributed")
    path = corpus_of(tmp_path, ["今日特价"])
    with distributed.Client(steady, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=300)
        assert len(client.run(change)) == 1
        try:
            out = str(tmp_path / "m")
            code, text = told("mine", path, "--out", out, "--scheduler", steady.scheduler_address)
        finally:
            client.run(as_before, govreport_parse.__version__)
    assert code == 1
    assert "the worker on" in text
    assert message.format(govreport_parse.__version__) in text
    assert not (tmp_path / "m" / "dataset" / "_manifest.json").exists()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("nonsense", "it is not of the form scheme://host:port"),
        ("http://10.0.0.1:8786", "it is not of the form scheme://host:port"),
        ("tcp://10.0.0.1", "it is not of the form scheme://host:port"),
        ("tcp://10.0.0.1:0", "0 is no port"),
        ("tcp://10.0.0.1:65536", "65536 is no port"),
    ],
)
def test_an_address_of_no_scheduler_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, why: str
) -> None:
    distributed = pytest.importorskip("distributed")
    made: list[str] = []
    monkeypatch.setattr(distributed, "Client", lambda *given, **_: made.append(given[0]))
    path = corpus_of(tmp_path, ["今日特价"])
    code, text = told("mine", path, "--out", str(tmp_path / "m"), "--scheduler", address)
    assert code == 2
    assert f"{address!r} is no address of a scheduler: {why}" in text
    assert "hint: such as tcp://10.0.0.1:8786" in text
    assert made == []


def test_what_listens_and_is_no_scheduler_is_told_in_time_and_leaves_no_traceback() -> None:
    pytest.importorskip("distributed")
    program = """if True:
        import sys
        from govreport_parse.cluster import dask_executor
        from govreport_parse.errors import NetworkError
        try:
            dask_executor(sys.argv[1], timeout=0.3)
        except NetworkError as error:
            print(error.message)
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-c", program, address],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
    assert done.stdout.startswith(f"no Dask scheduler with workers at {address!r}: ")
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_worker_is_no_scheduler(cluster: Any) -> None:
    worker = next(iter(cluster.scheduler_info["workers"]))
    with pytest.raises(NetworkError, match="what answers there is a Worker"):
        dask_executor(worker, timeout=5)


def test_no_scheduler_is_told_in_time() -> None:
    pytest.importorskip("distributed")
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NetworkError, match="no Dask scheduler with workers at") as caught:
            dask_executor(address, timeout=0.5)
    assert "dask scheduler" in caught.value.hint


# -- Parsl -----------------------------------------------------------------------------------------


def test_parsl_workers_make_the_dataset_of_a_serial_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsl = pytest.importorskip("parsl")
    from parsl.concurrent import ParslPoolExecutor
    from parsl.executors import HighThroughputExecutor
    from parsl.providers import LocalProvider

    # Parsl starts its programs by name
    monkeypatch.setenv(
        "PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    )
    names = written(tmp_path / "documents", 21)
    expected = serial(names, tmp_path / "serial")
    here = HighThroughputExecutor(
        label="here",
        address="127.0.0.1",
        max_workers_per_node=1,
        provider=LocalProvider(init_blocks=1, max_blocks=1),
        encrypted=False,
    )
    config = parsl.Config(
        executors=[here],
        run_dir=str(tmp_path / "parsl"),
        usage_tracking=0,
        initialize_logging=False,
        strategy="none",
    )
    with ParslPoolExecutor(config) as executor:
        result = process_many(names, tmp_path / "d", executor=executor, jobs=1, batch=5)
    assert (result.documents, result.batches) == (21, 5)
    same_as_serial(tmp_path / "d", expected, 21)


# -- the long one ----------------------------------------------------------------------------------


class Programs:
    """A scheduler and workers as programs of their own, as on a cluster."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.scheduler = self._scheduler()
        self.workers = [self._worker() for _ in range(workers)]
        self.keeper = threading.Thread(target=self._keep)
        self.keeper.start()

    def _run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        # lost for 2 s is lost: the scheduler gives its tasks to others
        settings = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "2s"}
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _scheduler(self) -> subprocess.Popen[bytes]:
        return self._run(
            "dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"
        )

    def _worker(self) -> subprocess.Popen[bytes]:
        options = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1")
        return self._run("dask_worker", self.address, *options)

    def _keep(self) -> None:
        """What a batch system does: a worker that is gone is started again."""
        while not self.closing.wait(0.1):
            with self.lock:
                for place, worker in enumerate(self.workers):
                    if worker.poll() is not None:
                        self.workers[place] = self._worker()

    def kill_worker(self, number: int) -> None:
        with self.lock:
            self.workers[number % len(self.workers)].kill()

    def stop_worker(self, number: int, seconds: float) -> threading.Timer:
        with self.lock:
            worker = self.workers[number]
            worker.send_signal(signal.SIGSTOP)
        timer = threading.Timer(seconds, worker.send_signal, (signal.SIGCONT,))
        timer.start()
        return timer

    def restart_scheduler(self) -> None:
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._scheduler()

    def close(self) -> None:
        self.closing.set()
        self.keeper.join()
        for program in (*self.workers, self.scheduler):
            program.send_signal(signal.SIGCONT)
            program.kill()
            program.wait()


@contextmanager
def programs(folder: Path, workers: int) -> Iterator[Programs]:
    made = Programs(folder, workers)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_thirty_kills_a_stopped_worker_and_a_new_scheduler_change_nothing(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    count = int(os.environ.get("LONG_CLUSTER_DOCUMENTS", "3000"))
    names = written(tmp_path / "documents", count)
    expected = serial(names, tmp_path / "serial")
    with programs(tmp_path, 3) as dask:
        events = {"kills": 0, "stops": 0, "schedulers": 0}
        timers: list[threading.Timer] = []
        last = time.monotonic()

        def harm(progress: Progress) -> None:
            nonlocal last
            # each worker needs a second to start; a batch is done in less
            if events["kills"] < 30 and time.monotonic() - last > 0.3:
                last = time.monotonic()
                dask.kill_worker(events["kills"])
                events["kills"] += 1
            if events["kills"] == 10 and not events["stops"]:
                events["stops"] += 1
                timers.append(dask.stop_worker(1, 6.0))
            if events["kills"] == 20 and not events["schedulers"]:
                events["schedulers"] += 1
                dask.restart_scheduler()

        result = process_many(
            names,
            tmp_path / "d",
            executor=lambda: dask_executor(dask.address),
            batch=20,
            progress=harm,
        )
        for timer in timers:
            timer.join()
    assert events == {"kills": 30, "stops": 1, "schedulers": 1}
    assert (result.documents, result.quarantined) == (count, 0)
    same_as_serial(tmp_path / "d", expected, count)
