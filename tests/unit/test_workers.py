"""Isolated parsing: one document's crash, hang or bomb costs that document only.

The faults are those of RELIABILITY.md F1, made by a stub that stands in for the parser
(``tests/reliability/killers.py``).
"""

from __future__ import annotations

import os
import platform
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from killers import FAULTS
from pdf_maker import Pdf

import govreport_parse as gov
from govreport_parse import workers
from govreport_parse.errors import (
    GovReportError,
    LimitExceededError,
    NotAReportError,
    ParseError,
    UnsupportedFormatError,
    UsageError,
)
from govreport_parse.report import Failure, Report
from govreport_parse.workers import WorkerLimits, is_available, page_count, parse_isolated
from govreport_parse.workers import isolated as supervisor
from govreport_parse.workers import link as worker_link
from govreport_parse.workers import pool as worker_pool
from govreport_parse.workers import sandbox as worker_sandbox
from govreport_parse.workers.slot import Task

pytestmark = pytest.mark.skipif(not is_available(), reason="isolation is for Linux")

MIB = 2**20
KILLERS = "killers:parse"
LIMITS = WorkerLimits(memory=512 * MIB, cpu=10, wall=120, per_page=0, output=MIB)
SHORT = WorkerLimits(memory=512 * MIB, cpu=10, wall=0.5, per_page=0.5, output=MIB)
"""A second for a document of one page, and minutes for one of many (``many_pages``)."""

filtered = pytest.mark.skipif(
    platform.machine() not in worker_sandbox._NUMBERS
    or "Seccomp:" not in Path("/proc/self/status").read_text(),
    reason="the kernel has no system call filter",
)


def run(*sources: Any, limits: WorkerLimits = LIMITS, jobs: int = 1, **more: Any) -> list[Any]:
    return list(parse_isolated(sources, jobs=jobs, limits=limits, target=KILLERS, **more))


def many_pages(text: str) -> bytes:
    """A document that harms nobody and has its time even on a busy machine."""
    return f"%PDF- {text:60}".encode() + b"/Type /Page " * 300


def pid(result: Any) -> int:
    """Process in which the stub answered."""
    assert isinstance(result, Report)
    return int(result.sections[1].text)


def server(result: Any) -> int:
    return int(result.sections[1].heading)


def children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= {int(p) for p in (task / "children").read_text().split()}
    return found


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


# -- faults ----------------------------------------------------------------------------------------

CRASHES: dict[str, tuple[type[GovReportError], str]] = {
    "segv": (ParseError, "parser_crash:SIGSEGV"),
    "signal SIGBUS": (ParseError, "parser_crash:SIGBUS"),
    "signal SIGABRT": (ParseError, "parser_crash:SIGABRT"),
    "signal SIGTERM": (ParseError, "parser_crash:SIGTERM"),
    "signal SIGILL": (ParseError, "parser_crash:SIGILL"),
    "signal SIGKILL": (LimitExceededError, "memory"),
    "stderr": (ParseError, "parser_crash:SIGABRT"),
    "exit 0": (ParseError, "parser_exit:0"),
    "exit 3": (ParseError, "parser_exit:3"),
    "interrupt": (ParseError, "parser_exit:1"),
    "raise": (ParseError, "parser_error:IndexError"),
    "recursion": (ParseError, "parser_error:RecursionError"),
    "memory": (LimitExceededError, "memory"),
    "memory_in_c": (LimitExceededError, "memory"),
    "threads": (ParseError, "parser_error:RuntimeError"),
    "flood": (LimitExceededError, "output"),
    "garbage": (ParseError, "garbage"),
    "not_json": (ParseError, "garbage"),
    "wrong_answer": (ParseError, "garbage"),
    "nested": (ParseError, "garbage"),
    "unasked": (ParseError, "garbage"),
    "network": (ParseError, "parser_error:PermissionError"),
    "program": (ParseError, "parser_error:PermissionError"),
}


@pytest.fixture(scope="module")
def crashed() -> dict[str, tuple[Any, Any, Any]]:
    """Each fault between two documents that harm nobody, all in one run on two workers."""
    sources = [s for f in CRASHES for s in (f"before | {f}", f"KILL:{f}\n", f"after | {f}")]
    results = run(*sources, jobs=2)
    assert len(results) == len(sources)
    return {f: tuple(results[3 * i : 3 * i + 3]) for i, f in enumerate(CRASHES)}  # type: ignore[misc]


@pytest.mark.parametrize("fault", CRASHES)
def test_a_fault_ends_typed_and_costs_only_its_own_document(fault: str, crashed: Any) -> None:
    before, failure, after = crashed[fault]
    kind, reason = CRASHES[fault]
    assert isinstance(failure, Failure)
    assert type(failure.error) is kind
    assert failure.error.context["reason"] == reason
    assert failure.error.message
    assert failure.error.hint
    assert failure.source.bytes == len(f"KILL:{fault}\n")
    assert failure.source.media_type == "text/plain"
    assert (before.title, after.title) == (f"before | {fault}", f"after | {fault}")


HANGS = ("hang", "hang_in_c", "spin", "spin_in_c", "half", "closes")


@pytest.fixture(scope="module")
def hung() -> dict[str, Any]:
    sources = [s for f in HANGS for s in (f"KILL:{f}\n", many_pages(f"after | {f}"))]
    results = run(*sources, jobs=3, limits=SHORT)
    assert [r.title for r in results[1::2]] == [f"%PDF- after | {f}" for f in HANGS]
    return dict(zip(HANGS, results[::2], strict=True))


@pytest.mark.parametrize("fault", HANGS)
def test_what_never_ends_is_stopped(fault: str, hung: dict[str, Any]) -> None:
    error = hung[fault].error
    assert type(error) is LimitExceededError
    assert error.context["reason"] == "time"
    assert error.context["clock"] == "wall"
    assert "1 s" in error.message


def test_cpu_time_is_limited_for_each_document_anew() -> None:
    limits = WorkerLimits(memory=512 * MIB, cpu=1, wall=300, per_page=0)
    first, spun, last = run("a | 1", "KILL:spin", "a | 2", limits=limits)
    assert type(spun.error) is LimitExceededError
    assert (spun.error.context["reason"], spun.error.context["clock"]) == ("time", "cpu")
    assert (first.title, last.title) == ("a | 1", "a | 2")


def test_time_that_the_caller_takes_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker waits with its answer while the caller is busy: that is not the document's time."""
    tasks = [Task(gov.Source.of(f"a | {n}")) for n in (1, 2, 3)]
    pool = supervisor._pool(1, LIMITS, {}, KILLERS)
    try:
        pool.give(tasks[0])
        while tasks[0].result is None:
            pool.turn()
        pool.give(tasks[1])
        pool._hand_over()
        (slot,) = pool._slots
        assert slot.deadline is not None
        assert select.select([slot.pipes["answers"]], [], [], 60)[0]
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 2 * LIMITS.wall)
        monkeypatch.setattr(worker_pool, "time", later)
        pool.give(tasks[2])
        while tasks[2].result is None:
            pool.turn()
    finally:
        pool.close()
    titles = [task.result.title for task in tasks]  # type: ignore[union-attr]
    assert titles == ["a | 1", "a | 2", "a | 3"]


def test_last_words_are_kept_without_control_characters(crashed: Any) -> None:
    context = crashed["stderr"][1].error.context
    assert context["stderr"] == "last words\\x1b[0m"


def test_a_result_that_is_too_large_is_refused_and_the_worker_lives() -> None:
    first, big, last = run("a | 1", "BIG: 1234567890", "a | 2")
    assert type(big.error) is LimitExceededError
    assert big.error.context["reason"] == "output"
    assert big.error.context["limit"] == MIB
    assert first.title
    assert last.title


def test_errors_of_the_library_arrive_as_they_were() -> None:
    failure, raised = run("NOT:a report | 一", "KILL:typed")
    assert type(failure.error) is NotAReportError
    assert (failure.error.message, failure.error.hint) == ("a report | 一", "none")
    assert failure.error.context == {"n": 1}
    assert type(raised.error) is UnsupportedFormatError
    assert raised.error.message == "raised, not returned"


@filtered
@pytest.mark.parametrize(
    "fault", ["network_in_c", "program_in_c", "forks", "kill_parent", "write", "delete"]
)
def test_what_a_parser_has_no_need_of_is_refused_by_the_kernel(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if fault == "delete":
        path.write_text("kept")
    failure, after = run(f"KILL:{fault} {path}\n", "a | 1")
    refused = "OSError" if fault in ("write", "delete") else "PermissionError"
    assert failure.error.context["reason"] == f"parser_error:{refused}"
    assert path.exists() == (fault == "delete")
    assert after.title == "a | 1"


# -- kept processes --------------------------------------------------------------------------------


def test_processes_are_kept_between_calls_with_the_same_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[int] = []
    real = worker_pool.Pool._start_server

    def start(self: Any) -> None:
        started.append(1)
        real(self)

    monkeypatch.setattr(worker_pool.Pool, "_start_server", start)
    workers.keep()
    try:
        first = [run("a | 1")[0], run("KILL:segv", "a | 2")[1], run("a | 3")[0]]
        assert len(started) == 1
        # the second call's worker died: its document's neighbours never notice
        assert [r.title for r in first] == ["a | 1", "a | 2", "a | 3"]
        left = parse_isolated(["a | 4", "a | 5"], jobs=1, limits=LIMITS, target=KILLERS)
        assert next(left).title == "a | 4"
        left.close()  # abandoned in its midst: that pool is not used again
        assert run("a | 6")[0].title == "a | 6"
        assert len(started) == 2
        assert run("a | 7", options={"organ": "x"})[0].organ == "x"
        assert len(started) == 3
        assert len(supervisor._pools) == 1
    finally:
        workers.keep(False)
    assert not supervisor._pools
    run("a | 8")
    assert not supervisor._pools


# -- second tries ----------------------------------------------------------------------------------


def test_a_fault_that_earlier_documents_may_have_caused_gets_a_second_try() -> None:
    results = run("a | 1", "KILL:second_time", "a | 2")
    assert [r.title for r in results] == ["a | 1", "KILL:second_time", "a | 2"]


def test_a_document_that_ends_a_fresh_worker_is_not_tried_again() -> None:
    alone = run("KILL:segv")[0]
    assert alone.error.context["tries"] == 1
    _, later = run("a | 1", "KILL:segv")
    assert later.error.context["tries"] == 2


def test_a_document_that_took_too_long_is_not_tried_again() -> None:
    _, hung = run("a | 1", "KILL:hang", limits=SHORT)
    assert hung.error.context["tries"] == 1


# -- workers and their lives -----------------------------------------------------------------------


def test_one_worker_is_used_for_many_documents() -> None:
    results = run(*(f"a | {i}" for i in range(20)))
    assert len({pid(r) for r in results}) == 1
    assert [r.sections[0].heading for r in results] == [str(i) for i in range(1, 21)]


def test_a_worker_is_replaced_after_its_share_of_documents() -> None:
    limits = WorkerLimits(memory=512 * MIB, recycle_after=5)
    results = run(*(f"a | {i}" for i in range(20)), limits=limits)
    pids = [pid(r) for r in results]
    assert [r.title for r in results] == [f"a | {i}" for i in range(20)]
    # A second document may be on its way already when the fifth is answered.
    assert 3 <= len(set(pids)) <= 4
    assert max(pids.count(p) for p in set(pids)) <= 6


def test_a_worker_that_holds_too_much_memory_is_replaced() -> None:
    limits = WorkerLimits(memory=1024 * MIB, recycle_memory=150 * MIB)
    results = run("a | 1", "KILL:leak", "a | 2", "a | 3", "a | 4", limits=limits)
    assert pid(results[0]) == pid(results[1])
    assert pid(results[-1]) != pid(results[0])


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before, open_before = children(), descriptors()
    results = run(*["a | 1", "KILL:segv", "KILL:memory"] * 5, jobs=3)
    assert len(results) == 15
    assert children() == before
    stopped = parse_isolated(["a | 1", "KILL:hang", "a | 2"], target=KILLERS, limits=LIMITS)
    worker = pid(next(stopped))
    stopped.close()  # type: ignore[attr-defined]
    assert children() == before
    assert descriptors() == open_before
    assert not Path(f"/proc/{worker}").exists()


def ends(process: int) -> None:
    """Wait for the end of a process that is not a child."""
    try:
        watch = os.pidfd_open(process)
    except ProcessLookupError:
        return
    with os.fdopen(watch):
        ready, _, _ = select.select([watch], [], [], 120)
    assert ready, f"process {process} is still there"


def test_workers_end_with_the_process_that_uses_them() -> None:
    program = (
        "from govreport_parse.workers import parse_isolated\n"
        "r = parse_isolated(['a | 1', 'KILL:hang_in_c'], jobs=1, target='killers:parse')\n"
        "s = next(r).sections[1]; print(s.heading, s.text, flush=True); next(r)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment
    ) as user:
        assert user.stdout is not None
        processes = [int(p) for p in user.stdout.readline().split()]
        user.send_signal(signal.SIGKILL)
    for process in processes:
        ends(process)


def test_a_lost_fork_server_is_replaced_and_no_document_is_lost() -> None:
    replaced = False

    def documents() -> Iterator[str]:
        # workers of the lost server may finish many quick documents before it is missed
        for i in range(100_000):
            yield f"a | {i}"
            if replaced and i >= 30:
                return

    results = parse_isolated(documents(), jobs=2, limits=LIMITS, target=KILLERS)
    titles = []
    first = next(results)
    lost = server(first)
    os.kill(lost, signal.SIGKILL)
    for result in chain([first], results):
        titles.append(result.title)  # type: ignore[union-attr]
        replaced = replaced or server(result) != lost
    assert replaced
    assert titles == [f"a | {i}" for i in range(len(titles))]
    assert len(titles) > 30


def test_a_fork_server_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = WorkerLimits(memory=512 * MIB, recycle_after=1)
    results = parse_isolated((f"a | {i}" for i in range(8)), jobs=1, limits=limits, target=KILLERS)
    lost = server(next(results))
    real = worker_link.Link.kill

    def kill(self: Any) -> None:
        monkeypatch.undo()  # the next one may take its time to start
        real(self)

    monkeypatch.setattr(worker_link.Link, "kill", kill)
    monkeypatch.setattr(worker_pool, "_START", 0.05)
    os.kill(lost, signal.SIGSTOP)
    rest = list(results)
    assert [r.title for r in rest] == [f"a | {i}" for i in range(1, 8)]  # type: ignore[union-attr]
    assert server(rest[-1]) != lost


@pytest.mark.parametrize("knows_pidfd", [True, False])
def test_a_fork_server_that_does_not_end_is_killed(
    knows_pidfd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: int) -> int:
        raise OSError(38, "not implemented")

    if not knows_pidfd:
        monkeypatch.setattr(os, "pidfd_open", refused)
    monkeypatch.setattr(worker_link, "_ENDING", 0.05)
    before = children()
    results = parse_isolated(["a | 1", "a | 2"], jobs=1, limits=LIMITS, target=KILLERS)
    first = next(results)
    os.kill(server(first), signal.SIGSTOP)
    results.close()  # type: ignore[attr-defined]
    assert children() == before
    monkeypatch.undo()
    ends(pid(first))


def test_workers_that_cannot_start_are_told() -> None:
    with pytest.raises(GovReportError, match="could not be started") as caught:
        list(parse_isolated(["a | 1"], target="no_such_module:parse"))
    assert "no_such_module" in caught.value.context["stderr"]
    assert "no_such_module" in caught.value.message
    assert "isolated" in caught.value.hint


def test_secrets_of_the_environment_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    from govreport_parse.workers.link import _environment

    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example")
    monkeypatch.setenv("PYTHONINSPECT", "1")
    assert not {"HTTPS_PROXY", "PYTHONINSPECT"} & set(_environment())


def test_only_documents_for_libreoffice_may_start_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "soffice").write_text("#!/bin/sh\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    rich = gov.Source(b"{\\rtf1 text}", "report.rtf")
    first, allowed, refused, last = run("a | 1", rich, "KILL:program", "a | 2")
    assert allowed.title.startswith("{\\rtf1")
    assert refused.error.context["reason"] == "parser_error:PermissionError"
    assert pid(allowed) not in (pid(first), pid(last))
    monkeypatch.setenv("PATH", "/nowhere")
    assert isinstance(run(rich)[0], Failure)


# -- order, bounds, arguments ----------------------------------------------------------------------


def mixed(documents: int, killers: int) -> Iterator[str]:
    """``killers`` of the faults, evenly spread over ``documents``."""
    faults = ["segv", "exit 1", "signal SIGABRT", "memory", "garbage", "flood", "raise"]
    every = documents // killers
    for i in range(documents):
        yield f"KILL:{faults[i // every % len(faults)]}\n" if i % every == 3 else f"a | {i}"


def check_mixed(documents: int, killers: int, **options: Any) -> None:
    sources = list(mixed(documents, killers))
    results = run(*sources, jobs=2, **options)
    assert len(results) == documents
    typed = 0
    for i, result in enumerate(results):
        if sources[i].startswith("KILL"):
            assert isinstance(result, Failure)
            assert isinstance(result.error, ParseError)
            typed += 1
        else:
            assert result.title == f"a | {i}"
    assert typed == killers


def test_60_documents_with_6_killers_give_54_results_and_6_failures_in_order() -> None:
    check_mixed(60, 6)


def test_500_documents_with_50_killers_give_450_results_and_50_failures_in_order() -> None:
    check_mixed(500, 50)


def test_documents_larger_than_a_pipe_arrive_whole() -> None:
    """Written and read in pieces, with the next document's head right behind."""
    sent = [f"{i} | " + chr(0x4E00 + i) * size for i, size in enumerate((1_200_000, 1, 900_000, 5))]
    limits = WorkerLimits(memory=1024 * MIB, cpu=10, wall=120)
    results = run(*(f"NOT:{text}" for text in sent), limits=limits)
    assert [r.error.message for r in results] == sent


def test_sources_are_taken_only_as_far_ahead_as_workers_need() -> None:
    taken = 0

    def sources() -> Iterator[str]:
        nonlocal taken
        for i in range(10_000):
            taken += 1
            yield f"a | {i}"

    results = parse_isolated(sources(), jobs=2, limits=LIMITS, target=KILLERS)
    for _ in range(10):
        next(results)
    assert taken < 150
    results.close()  # type: ignore[attr-defined]


def test_what_cannot_be_read_fails_in_its_place(tmp_path: Path) -> None:
    missing = tmp_path / "missing.html"
    limits = WorkerLimits(memory=512 * MIB, input=1000)
    results = run("a | 1", missing, 5, b"x" * 1001, "a | 2", limits=limits)
    assert [type(r).__name__ for r in results] == ["Report", *["Failure"] * 3, "Report"]
    assert [type(r.error) for r in results[1:4]] == [UsageError, UsageError, LimitExceededError]
    assert results[3].error.context["reason"] == "input"
    assert results[3].source.bytes == 1001


def test_options_reach_the_parser() -> None:
    result = run(b"a | 1", options={"organ": "清河县", "url": "https://a.example/1"})[0]
    assert result.organ == "清河县"
    assert result.source.url == "https://a.example/1"


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError):
        parse_isolated([], jobs=0)
    assert list(parse_isolated([])) == []


def test_every_fault_of_the_stub_is_tried_here() -> None:
    tried = {f.split()[0] for f in (*CRASHES, *HANGS)} | {
        "typed", "second_time", "leak", "network_in_c", "program_in_c", "forks", "kill_parent",
        "write", "delete",
    }  # fmt: skip
    assert {f for f in FAULTS if f != "answers"} == tried


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (b"", 1),
        (b"<html>/Type /Page /Type /Page</html>", 1),
        (b"%PDF-1.4 /Type /Pages /Type /Page /Type/Page\n/Type  /Page>>", 3),
        (b"%PDF-1.4 /Type /Page " + b"/Subtype /Image " * 7, 7),
        (b"%PDF-1.5 /ObjStm " + b"endstream " * 5, 5),
        (b"%PDF-1.5 " + b"/Type /Page " * 5000, 300),
    ],
)
def test_pages_are_estimated_without_a_parser(data: bytes, pages: int) -> None:
    assert page_count(data) == pages


def test_time_grows_with_the_pages() -> None:
    data = b"%PDF-1.4 /Type /Page /Type /Page KILL"
    limits = WorkerLimits(memory=512 * MIB, wall=0.2, per_page=0.4)
    result = run(b"KILL:hang %PDF-1.4 /Type /Page /Type /Page", limits=limits)[0]
    assert result.error.context["limit"] == pytest.approx(0.2 + page_count(data) * 0.4)


# -- the real parser -------------------------------------------------------------------------------


def test_isolated_reports_are_those_of_this_process() -> None:
    with gov.sample_paths() as paths:
        assert paths
        here = [gov.parse(p) for p in paths]
        there = list(parse_isolated(paths, jobs=2))
    for a, b in zip(here, there, strict=True):
        assert isinstance(b, Report)
        assert b.to_json() == a.to_json()
        assert list(b) == list(a)
        assert (b.findings, b.sections, b.layout) == (a.findings, a.sections, a.layout)
        path = "requests/granted/total"
        assert b.explain(path) == a.explain(path)


@pytest.mark.parametrize(
    ("documents", "killers"), [(60, 6), pytest.param(500, 50, marks=pytest.mark.long)]
)
def test_reports_between_killers_are_right_to_the_last_figure(documents: int, killers: int) -> None:
    with gov.sample_paths() as paths:
        kinds = [gov.Source.of(p) for p in paths]
    expected = {s.report_id: gov.parse(s).to_json() for s in kinds}
    sources = [
        text if text.startswith("KILL") else kinds[i % len(kinds)]
        for i, text in enumerate(mixed(documents, killers))
    ]
    results = list(parse_isolated(sources, jobs=2, limits=LIMITS, target="killers_real:parse"))
    right = [r for r in results if isinstance(r, Report)]
    assert len(right) == documents - killers
    for source, result in zip(sources, results, strict=True):
        if isinstance(source, gov.Source):
            assert result.to_json() == expected[source.report_id]
        else:
            assert isinstance(result, Failure)


def pdf() -> bytes:
    made = Pdf()
    made.sheet().text(72, 100, "一份说明")
    return bytes(made)


def test_parse_many_isolates_what_is_not_text_or_html() -> None:
    html = "<html><body><p>一份说明</p></body></html>"
    for isolated, expected in ((None, [0, 1]), (True, [1, 1]), (False, [0, 0])):
        before = children()
        results = gov.parse_many([html, pdf()], isolated=isolated)
        seen = []
        for failure in results:
            assert isinstance(failure, Failure)
            assert type(failure.error) is NotAReportError
            seen.append(len(children() - before))
        assert seen == expected
        assert children() == before
