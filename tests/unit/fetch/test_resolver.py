"""The resolver: dead names don't starve the living; answers and failures are kept a while."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from govreport_parse.fetch.resolver import MOST_ADDRESSES, Resolver, system_lookup


class Names:
    """A lookup whose answers are told, and which counts its calls."""

    def __init__(self, **answers: Sequence[str] | Exception) -> None:
        self.answers = answers
        self.calls: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.calls.append(host)
        found = self.answers.get(host, [])
        if isinstance(found, Exception):
            raise found
        return found


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
AGAIN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_an_answer_is_kept_five_minutes() -> None:
    names, clock = Names(a=["1.2.3.4", "5.6.7.8"]), Clock()

    async def run() -> None:
        resolver = Resolver(names, clock=clock)
        first = await resolver.resolve("a")
        assert (first.addresses, first.problem, first.cached) == (("1.2.3.4", "5.6.7.8"), "", False)
        clock.now += 299
        assert (await resolver.resolve("a")).cached
        clock.now += 2
        assert not (await resolver.resolve("a")).cached

    asyncio.run(run())
    assert names.calls == ["a", "a"]


@pytest.mark.parametrize(
    ("answer", "problem", "kept"),
    [
        (NO_NAME, "no_name", 3600),
        ([], "no_name", 3600),
        (AGAIN, "failed", 60),
        (OSError("broken"), "failed", 60),
        (UnicodeError("label too long"), "failed", 60),
    ],
)
def test_a_failure_is_kept_for_its_time(
    answer: Sequence[str] | Exception, problem: str, kept: int
) -> None:
    names, clock = Names(a=answer), Clock()

    async def run() -> None:
        resolver = Resolver(names, clock=clock)
        found = await resolver.resolve("a")
        assert (found.addresses, found.problem) == ((), problem)
        assert found.detail
        clock.now += kept - 1
        assert (await resolver.resolve("a")).cached
        clock.now += 2
        assert not (await resolver.resolve("a")).cached

    asyncio.run(run())


def test_one_lookup_for_all_who_ask_at_once() -> None:
    names = Names(a=["1.2.3.4"])

    async def run() -> None:
        resolver = Resolver(names)
        found = await asyncio.gather(*(resolver.resolve("a") for _ in range(50)))
        assert {each.addresses for each in found} == {("1.2.3.4",)}

    asyncio.run(run())
    assert names.calls == ["a"]


def test_two_hundred_dead_names_do_not_hold_up_a_living_one() -> None:
    stuck = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        if host != "living":
            stuck.wait(60)
            raise NO_NAME
        return ["1.2.3.4"]

    async def run() -> None:
        resolver = Resolver(lookup, deadline=120, slow=0.02)
        dead = [asyncio.ensure_future(resolver.resolve(f"dead{n}")) for n in range(200)]
        await asyncio.sleep(0)
        found = await resolver.resolve("living")
        assert found.addresses == ("1.2.3.4",)
        assert not any(each.done() for each in dead)
        stuck.set()
        assert {each.problem for each in await asyncio.gather(*dead)} == {"no_name"}

    asyncio.run(run())


def test_deadline_leaves_the_lookup_running_and_its_answer_is_used() -> None:
    go = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        go.wait(60)
        return ["1.2.3.4"]

    async def run() -> None:
        resolver = Resolver(lookup)
        late = await resolver.resolve("a", deadline=0.01)
        assert (late.problem, late.addresses) == ("deadline", ())
        assert "0.0 s" in late.detail
        go.set()
        assert (await resolver.resolve("a", deadline=60)).addresses == ("1.2.3.4",)

    asyncio.run(run())


def test_cancelling_one_who_waits_leaves_the_others() -> None:
    go = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        go.wait(60)
        return ["1.2.3.4"]

    async def run() -> None:
        resolver = Resolver(lookup)
        one = asyncio.ensure_future(resolver.resolve("a"))
        other = asyncio.ensure_future(resolver.resolve("a"))
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.sleep(0)
        go.set()
        assert (await other).addresses == ("1.2.3.4",)
        with pytest.raises(asyncio.CancelledError):
            await one

    asyncio.run(run())


def test_no_more_threads_than_allowed() -> None:
    go, most, now, lock = threading.Event(), 0, 0, threading.Lock()

    def lookup(host: str) -> Sequence[str]:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        go.wait(60)
        with lock:
            now -= 1
        return ["1.2.3.4"]

    async def run() -> None:
        resolver = Resolver(lookup, threads=3, most_threads=8, slow=0.01)
        asked = [asyncio.ensure_future(resolver.resolve(str(n))) for n in range(30)]
        async with asyncio.timeout(50):
            while most < 8:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # ten times as long as makes room for one more
        assert most == 8
        go.set()
        assert all(found.addresses for found in await asyncio.gather(*asked))

    asyncio.run(run())
    assert most == 8


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_lookup_that_dies_answers_too() -> None:
    def lookup(host: str) -> Sequence[str]:
        raise MemoryError

    async def run() -> None:
        found = await Resolver(lookup, deadline=60).resolve("a")
        assert (found.problem, found.detail) == ("failed", "the lookup of a died")
        for thread in threading.enumerate():
            if thread.name == "govreport-resolver":
                thread.join(60)

    asyncio.run(run())


def test_the_next_event_loop_can_use_it_too() -> None:
    go = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        go.wait(60)
        return ["1.2.3.4"]

    resolver = Resolver(lookup)
    assert asyncio.run(resolver.resolve("a", deadline=0.01)).problem == "deadline"
    go.set()
    assert asyncio.run(resolver.resolve("a", deadline=60)).addresses == ("1.2.3.4",)


def test_many_addresses_are_cut() -> None:
    names = Names(a=[f"1.2.3.{n}" for n in range(100)])
    found = asyncio.run(Resolver(names).resolve("a"))
    assert len(found.addresses) == MOST_ADDRESSES


def test_only_addresses_come_out() -> None:
    names = Names(a=["localhost", "127.1", "", "1.2.3.4", "::1"], b=["localhost"])
    assert asyncio.run(Resolver(names).resolve("a")).addresses == ("1.2.3.4", "::1")
    assert asyncio.run(Resolver(names).resolve("b")).problem == "no_name"


def test_the_system_knows_literals() -> None:
    assert system_lookup("127.0.0.1") == ["127.0.0.1"]
    assert system_lookup("::1") == ["::1"]
