"""Why a worker ended, by its status alone; and which document is blamed for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from govreport_parse.errors import GovReportError, LimitExceededError, ParseError
from govreport_parse.report import Failure
from govreport_parse.source import Source
from govreport_parse.workers import WorkerLimits, is_available, page_count
from govreport_parse.workers.isolated import _task
from govreport_parse.workers.pool import BRIDGE_SECONDS, Pool
from govreport_parse.workers.slot import Task
from govreport_parse.workers.verdicts import died, garbage, too_large, too_slow

pytestmark = pytest.mark.skipif(not is_available(), reason="isolation is for Linux")

LIMITS = WorkerLimits(memory=1000, wall=45.0, per_page=2.0, recycle_after=3, recycle_memory=500)


@pytest.mark.parametrize(
    ("status", "peak", "words", "kind", "reason"),
    [
        (3 << 8, 0, b"", ParseError, "parser_exit:3"),
        (0, 0, b"", ParseError, "parser_exit:0"),
        (1 << 8, 999, b"MemoryError", ParseError, "parser_exit:1"),
        (signal.SIGXCPU, 999, b"", LimitExceededError, "time"),
        (signal.SIGXFSZ, 999, b"", LimitExceededError, "output"),
        (signal.SIGKILL, 0, b"", LimitExceededError, "memory"),
        (signal.SIGSEGV, 750, b"", ParseError, "parser_crash:SIGSEGV"),
        (signal.SIGSEGV, 751, b"", LimitExceededError, "memory"),
        (signal.SIGABRT, 0, b"x: std::bad_alloc", LimitExceededError, "memory"),
        (signal.SIGABRT, 0, b"free(): invalid pointer", ParseError, "parser_crash:SIGABRT"),
        (63, 0, b"", ParseError, "parser_crash:signal 63"),
    ],
)
def test_the_end_of_a_worker_says_why(
    status: int, peak: int, words: bytes, kind: type[GovReportError], reason: str
) -> None:
    error = died(status, peak, words, LIMITS, 30.0)
    assert type(error) is kind
    assert error.context["reason"] == reason
    assert error.hint


def test_the_clock_and_the_limit_that_ran_out_are_named() -> None:
    assert died(signal.SIGXCPU, 0, b"", LIMITS, 31.0).context == {
        "reason": "time",
        "limit": 31.0,
        "clock": "cpu",
    }
    assert too_slow(45.5).context == {"reason": "time", "limit": 45.5, "clock": "wall"}
    assert too_large(11, 10).context == {"reason": "output", "size": 11, "limit": 10}
    assert died(9, 0, b"", LIMITS, 1.0).context == {"reason": "memory", "limit": 1000, "signal": 9}


# --- the pool, without a process ------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(2, LIMITS, {})
    yield made
    made.close()


@pytest.mark.parametrize(
    ("error", "held", "blamed"),
    [
        (died(9, 0, b"", LIMITS, 1.0), 250, False),
        (died(9, 0, b"", LIMITS, 1.0), 251, True),
        (died(signal.SIGSEGV, 0, b"", LIMITS, 1.0), 0, False),
        (died(signal.SIGSEGV, 0, b"", LIMITS, 1.0), 1, True),
        (garbage("x"), 1, True),
        (too_slow(45.0), 999, False),
        (too_large(11, 10), 999, False),
    ],
)
def test_earlier_documents_are_to_blame_only_for_what_they_can_leave_behind(
    pool: Pool, error: GovReportError, held: int, blamed: bool
) -> None:
    slot = pool._slots[0]
    slot.held = held
    assert pool._may_be_to_blame(slot, error) is blamed


@pytest.mark.parametrize(
    ("served", "held", "used_up"), [(2, 500, False), (3, 0, True), (2, 501, True)]
)
def test_a_worker_is_used_up_by_documents_or_by_what_it_holds(
    pool: Pool, served: int, held: int, used_up: bool
) -> None:
    slot = pool._slots[0]
    slot.served, slot.held = served, held
    assert pool._is_used_up(slot) is used_up


def test_time_grows_with_pages_and_with_libreoffice(pool: Pool) -> None:
    task = Task(Source(b"x", "x.doc"), pages=4)
    assert pool._wall(task) == 45 + 2 * 4
    task.profile = "bridge"
    assert pool._wall(task) == 45 + 2 * 4 + BRIDGE_SECONDS


def test_a_worker_that_retires_gets_no_second_document(pool: Pool) -> None:
    one, two = pool._slots
    one.tasks.append(Task(Source(b"a", "a")))
    two.tasks.append(Task(Source(b"b", "b")))
    third = Task(Source(b"c", "c"))
    one.retiring = True
    assert pool._slot_for(third) is two
    two.retiring = True
    assert pool._slot_for(third) is None
    two.retiring = False
    # a document for LibreOffice waits for a slot of its own
    third.profile = "bridge"
    assert pool._slot_for(third) is None
    for slot in (one, two):
        slot.tasks.clear()


def test_documents_given_back_keep_their_order(pool: Pool) -> None:
    a, b, c = (Task(Source(n.encode(), n)) for n in "abc")
    pool._slots[0].tasks.extend((a, b))
    pool.give(c)
    pool._give_back(pool._slots[0])
    assert list(pool._backlog) == [a, b, c]
    assert not pool._slots[0].tasks


def test_a_document_of_exactly_the_size_that_is_looked_at_is_parsed() -> None:
    limits = replace(LIMITS, input=10)
    assert _task(Source(b"x" * 10, "a.pdf"), None, limits, None).result is None
    refused = _task(Source(b"x" * 11, "a.pdf"), None, limits, None).result
    assert isinstance(refused, Failure)
    assert refused.error.context == {"reason": "input", "size": 11, "limit": 10}


def test_the_mark_of_a_pdf_is_looked_for_in_its_first_1024_bytes() -> None:
    pages = b"/Type /Page " * 7
    assert page_count(b" " * 1019 + b"%PDF-1.4 " + pages) == 7
    assert page_count(b" " * 1020 + b"%PDF-1.4 " + pages) == 1
