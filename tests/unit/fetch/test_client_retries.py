"""Asking again: for what passes, as often as told, after the time that was asked for."""

from __future__ import annotations

import pytest
from fetch import unhurried
from fetch.fault_server import PAGE, RAW, FaultServer, Talk, answer

from govreport_parse.errors import UsageError
from govreport_parse.fetch.client import Client, Limits, get_with_retries
from govreport_parse.fetch.records import Answer, Code

BUSY = answer(b"", status=b"503 Busy")


def run(*answers: bytes, attempts: int = 3, **options: float) -> tuple[Answer, list[float], int]:
    """The result for a page that gives ``answers`` in turn, the pauses, and the requests."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def work() -> tuple[Answer, list[float], int]:
        left = list(answers)

        async def turn(talk: Talk) -> None:
            await talk.send(left.pop(0) if len(left) > 1 else left[0])
            talk.writer.close()

        async with (
            FaultServer(pages={"/turn": turn}) as server,
            Client(agent="t", allow_private=True, limits=Limits(page_total=10)) as client,
        ):
            found = await get_with_retries(
                client, server.url("/turn"), attempts=attempts, sleep=sleep, **options
            )
            return found, slept, len(server.log)

    return unhurried.run(work())


def waits(seconds: bytes) -> bytes:
    return answer(b"", b"Retry-After: " + seconds + b"\r\n", status=b"503 Busy")


def test_a_good_answer_is_not_asked_for_again() -> None:
    found, slept, requests = run(answer())
    assert (found.content, slept, requests) == (PAGE, [], 1)


@pytest.mark.parametrize(
    "first", [RAW["/gzip-cut"], RAW["/half-head"], answer(b"", status=b"502 Bad"), BUSY]
)
def test_what_passes_is_asked_for_again(first: bytes) -> None:
    found, slept, requests = run(first, first, answer())
    assert (found.outcome.code, found.content, requests) == (Code.OK, PAGE, 3)
    assert 1 <= slept[0] <= 2
    assert 2 <= slept[1] <= 3


@pytest.mark.parametrize("status", [b"404 X", b"410 X", b"403 X", b"451 X", b"412 X", b"400 X"])
def test_what_stays_is_not(status: bytes) -> None:
    _, slept, requests = run(answer(b"", status=status), answer())
    assert (slept, requests) == ([], 1)


def test_the_last_answer_is_given_back_when_it_never_gets_better() -> None:
    found, slept, requests = run(RAW["/gzip-cut"])
    assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "truncated")
    assert (len(slept), requests) == (2, 3)
    _, slept, requests = run(RAW["/gzip-cut"], attempts=1)
    assert (slept, requests) == ([], 1)


def test_the_time_asked_for_is_kept() -> None:
    found, slept, _ = run(waits(b"7"), waits(b"0"), answer())
    assert (found.outcome.code, slept) == (Code.OK, [7.0, 0.0])


def test_a_server_that_asks_for_longer_is_left_alone() -> None:
    found, slept, requests = run(waits(b"61"), answer())
    assert (found.outcome.code, found.outcome.retry_after) == (Code.HOST_PARKED, 61.0)
    assert (slept, requests) == ([], 1)
    _, slept, requests = run(waits(b"61"), answer(), longest_wait=100)
    assert (slept, requests) == ([61.0], 2)


def test_attempts_must_be_positive() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        run(answer(), attempts=0)


@pytest.mark.parametrize(("longest", "pauses"), [(60.0, [60.0]), (59.5, [])])
def test_a_wait_as_long_as_the_longest_is_waited_for(longest: float, pauses: list[float]) -> None:
    _, slept, requests = run(waits(b"60"), answer(), longest_wait=longest)
    assert (slept, requests) == (pauses, 1 + len(pauses))
