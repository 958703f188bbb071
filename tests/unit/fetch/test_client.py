"""The client as a whole: connections, cancellation, deadlines of many hosts, hostile bytes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from fetch import unhurried
from fetch.fault_server import PAGE, FaultServer, Talk, answer
from fetch.recording_gate import Gate

from govreport_parse.errors import UsageError
from govreport_parse.fetch.client import Client, Limits
from govreport_parse.fetch.records import Code
from govreport_parse.fetch.resolver import Resolver

LIMITS = Limits(dns=5, connect=5, head=5, stall=5, page_total=10)
LOCAL = Resolver(lambda host: ["127.0.0.1"])


def client_of(limits: Limits = LIMITS, resolver: Resolver | None = None) -> Client:
    return Client(agent="test/1", allow_private=True, limits=limits, resolver=resolver)


@pytest.mark.parametrize(
    ("url", "code", "reason"),
    [
        ("ftp://x.gov.cn/", Code.REFUSED, "scheme"),
        ("www.gov.cn", Code.FAILED, "url"),
        ("http://x.gov.cn:99999/", Code.FAILED, "port"),
        ("http://[::1/", Code.FAILED, "url"),
        ("http://\ud800.cn/", Code.FAILED, "url"),
        ("", Code.FAILED, "url"),
        ("\x00", Code.FAILED, "url"),
    ],
)
def test_hopeless_address_is_an_outcome(url: str, code: Code, reason: str) -> None:
    async def run() -> None:
        async with client_of() as client:
            found = await client.get(url)
            assert (found.outcome.code, found.outcome.reason) == (code, reason)
            assert found.outcome.detail
            assert (found.url, found.exchanges, found.final_url) == (url, (), url)

    unhurried.run(run())


@pytest.mark.parametrize("agent", ["", " ", "a\r\nX: y", "年报", "a\x7f"])
def test_agent_must_be_plain(agent: str) -> None:
    with pytest.raises(UsageError, match="user agent"):
        Client(agent=agent)


@pytest.mark.parametrize(
    ("name", "value"), [("A B", "x"), ("A", "x\r\nB: y"), ("A", "年"), ("", "x"), ("A:", "x")]
)
def test_request_header_must_be_plain(name: str, value: str) -> None:
    async def run() -> None:
        async with client_of() as client:
            with pytest.raises(UsageError, match="request header"):
                await client.get("http://127.0.0.1:1/", headers={name: value})

    unhurried.run(run())


def test_dead_ends_before_a_request() -> None:
    gate = Gate()

    def lookup(host: str) -> Sequence[str]:
        raise OSError("no such name")

    async def run() -> None:
        async with FaultServer() as server:
            closed = server.url()
        async with client_of(resolver=Resolver(lookup)) as client:
            refused = await client.get(closed, gate=gate)
            assert (refused.outcome.code, refused.outcome.reason) == (Code.RETRY, "connect")
            assert "refused" in refused.outcome.detail.lower()
            [exchange] = refused.exchanges
            assert (exchange.request, exchange.head, exchange.address) == (b"", b"", "")
            dead = await client.get("http://dead.gov.cn/", gate=gate)
            assert (dead.outcome.code, dead.outcome.reason) == (Code.RETRY, "dns")
            assert dead.exchanges == ()
        # Nothing was sent, so the gate gets no exchange; the dead name never came to it.
        assert gate.left == [(closed, "127.0.0.1", False, "connect")]

    unhurried.run(run())


def test_a_connection_is_used_again() -> None:
    async def run() -> None:
        async with FaultServer() as server, client_of() as client:
            for path in ("/ok", "/gzip", "/chunked", "/conditional", "/ok"):
                assert (await client.get(server.url(path))).outcome.code is Code.OK
            assert server.connections == 1
            assert client.open_connections == 1
            await client.aclose()
            assert client.open_connections == 0
            assert (await client.get(server.url())).outcome.code is Code.OK

    unhurried.run(run())


def test_an_idle_connection_that_died_is_replaced_without_a_word() -> None:
    async def run() -> None:
        async with FaultServer() as server, client_of() as client:
            await client.get(server.url("/stale"))
            found = await client.get(server.url("/ok"))
            assert (found.outcome.code, len(found.exchanges)) == (Code.OK, 1)
            assert server.connections == 2

    unhurried.run(run())


@pytest.mark.parametrize(
    "surplus",
    [
        answer() + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
        answer(b"7\r\nPAGE 1.\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n", length=None)
        + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
        b"HTTP/1.1 304 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    ],
)
def test_bytes_behind_an_answer_are_never_the_next_answer(surplus: bytes) -> None:
    async def run() -> None:
        async with FaultServer(pages={"/more": surplus}) as server, client_of() as client:
            await client.get(server.url("/more"))
            assert (await client.get(server.url("/ok"))).content == PAGE

    unhurried.run(run())


def test_idle_connections_are_bounded() -> None:
    async def run() -> None:
        limits = Limits(idle_hosts=3)
        async with FaultServer() as server, client_of(limits, LOCAL) as client:
            for number in range(10):
                found = await client.get(server.url("/ok", host=f"h{number}.test"))
                assert found.outcome.code is Code.OK
            assert client.open_connections == 3

    unhurried.run(run())


def test_the_second_address_answers_when_the_first_does_not() -> None:
    async def run() -> None:
        async with FaultServer(host="127.0.0.3") as server:
            resolver = Resolver(lambda host: ["127.0.0.2", "127.0.0.3"])
            async with client_of(resolver=resolver) as client:
                found = await client.get(server.url("/ok", host="two.test"))
                assert (found.outcome.code, found.exchanges[0].address) == (Code.OK, "127.0.0.3")
                assert server.log[0].headers["host"] == f"two.test:{server.port}"
            async with client_of(resolver=Resolver(lambda host: ["127.0.0.2", "::1"])) as client:
                found = await client.get(server.url("/ok", host="none.test"))
                assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "connect")

    unhurried.run(run())


def test_too_slow_is_given_up_even_if_it_never_stalls() -> None:
    async def run() -> None:
        limits = Limits(floor_rate=256, floor_window=0.15, page_total=5)
        async with FaultServer(pace=0.02) as server, client_of(limits) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            found = await client.get(server.url("/slow-body"))
            assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "deadline")
            assert "too slow" in found.outcome.detail
            assert found.exchanges[0].truncated == "time"
            assert loop.time() - began < 4

    unhurried.run(run())


@pytest.mark.parametrize("path", ["/slow-head", "/endless-100"])
def test_a_head_must_come_in_its_time_even_if_it_never_stalls(path: str) -> None:
    async def run() -> None:
        limits = Limits(head=0.2, stall=3, page_total=3)
        async with FaultServer(pace=0.02) as server, client_of(limits) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            found = await client.get(server.url(path))
            assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "deadline")
            assert "the head" in found.outcome.detail
            assert loop.time() - began == pytest.approx(0.2, abs=0.001)

    unhurried.run(run())


def test_a_connection_given_up_is_closed_at_once_and_its_neighbour_goes_on() -> None:
    gone = asyncio.Event()

    async def silent(talk: Talk) -> None:
        await talk.until_closed()
        gone.set()

    async def slow(talk: Talk) -> None:
        await talk.send(answer()[:2000])
        await gone.wait()
        await talk.send(answer()[2000:])

    async def run() -> None:
        limits = Limits(head=0.4, page_total=10)
        async with (
            FaultServer(pages={"/quiet": silent, "/slow": slow}) as server,
            client_of(limits) as client,
        ):
            neighbour = asyncio.ensure_future(client.get(server.url("/slow")))
            quiet = await client.get(server.url("/quiet"))
            assert quiet.outcome.reason == "deadline"
            assert (await neighbour).content == PAGE

    unhurried.run(run())


def test_cancelled_from_outside_leaves_the_gate_and_no_connection() -> None:
    gate = Gate()

    async def run() -> None:
        async with FaultServer() as server, client_of() as client:
            for path in ("/silent", "/slow-body", "/slow-head", "/endless-100"):
                task = asyncio.ensure_future(client.get(server.url(path), gate=gate))
                await asyncio.sleep(0.05)  # by then the client waits for the server
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert client.open_connections == 0
            assert (await client.get(server.url("/ok"))).outcome.code is Code.OK
        assert len(gate.entered) == len(gate.left) == 4
        assert {reason for *_, reason in gate.left} == {"cancelled"}

    unhurried.run(run())


def test_no_slot_is_lost_by_deadlines_and_cancellations() -> None:
    """encode/httpcore#1093: afterwards every host must still answer."""
    chance = random.Random(5)

    async def wavering(talk: Talk) -> None:
        await asyncio.sleep(chance.random() * 0.012)
        await talk.send(answer()[:500])
        await asyncio.sleep(chance.random() * 0.004)
        await talk.send(answer()[500:])

    async def run() -> dict[Code, int]:
        counts = dict.fromkeys(Code, 0)
        limits = Limits(page_total=0.012, file_total=10)
        async with (
            FaultServer(pages={"/wavering": wavering}) as server,
            client_of(limits, LOCAL) as client,
        ):
            urls = [server.url("/wavering", host=f"h{n}.test") for n in range(10)]

            async def ask(url: str) -> None:
                for _ in range(30):
                    counts[(await client.get(url)).outcome.code] += 1

            async def cancel(url: str) -> None:
                for _ in range(20):
                    task = asyncio.ensure_future(client.get(url))
                    await asyncio.sleep(chance.random() * 0.01)
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

            jobs = [job(url) for url in urls for job in (ask, ask, cancel)]
            await asyncio.gather(*jobs)
            for url in urls:
                assert (await client.get(url, kind="file")).content == PAGE
            assert client.open_connections <= 10
        return counts

    counts = unhurried.run(run())
    assert counts[Code.OK] + counts[Code.RETRY] == 600
    assert counts[Code.RETRY] > 50


def test_slow_hosts_do_not_hold_up_good_ones() -> None:
    async def run() -> None:
        async with FaultServer(pace=0.05) as server, client_of(resolver=LOCAL) as client:
            slow = [
                asyncio.ensure_future(client.get(server.url(path, host=f"s{n}.test")))
                for n in range(10)
                for path in ("/slow-body", "/slow-head", "/silent")
            ]
            await asyncio.sleep(0.1)
            good = await asyncio.gather(
                *(client.get(server.url("/ok", host=f"g{n}.test")) for n in range(20))
            )
            assert {each.outcome.code for each in good} == {Code.OK}
            assert not any(each.done() for each in slow)
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
            assert client.open_connections == 20

    unhurried.run(run())


def hostile(chance: random.Random) -> bytes:
    """An answer with a few bytes changed, cut out, doubled or put in."""
    head = chance.choice(
        [b"Content-Length: 40\r\n", b"Transfer-Encoding: chunked\r\n", b"Location: /ok\r\n",
         b"Content-Encoding: gzip\r\n", b"Set-Cookie: a=b\r\n", b""]
    )  # fmt: skip
    status = chance.choice([b"200 OK", b"302 Found", b"503 Busy", b"206 Part", b"304 Not"])
    raw = bytearray(answer(b"28\r\n" + b"x" * 36, head, status=status, length=None))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(raw) + 1)
        match chance.randrange(4):
            case 0:
                raw[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del raw[place : place + chance.randint(1, 20)]
            case 2:
                raw[place:place] = raw[place : place + chance.randint(1, 30)]
            case _:
                raw[place:place] = chance.choice(
                    [b"\r\n", b"\n\n", b":", b"\0", b"9" * 20, b"-1", b"chunked", b"0\r\n\r\n",
                     b"HTTP/1.1 100 X\r\n\r\n", b"\xff", b"http://[", b";", b"gzip, "]
                )  # fmt: skip
    return bytes(raw)


def test_hostile_bytes_end_in_an_outcome_of_ours() -> None:
    chance = random.Random(11)

    async def run() -> None:
        pages: dict[str, bytes] = {}
        async with FaultServer() as server, client_of() as client:

            async def send(talk: Talk) -> None:
                await talk.send(pages["next"])
                talk.writer.close()

            server.pages["/hostile"] = send
            for _ in range(300):
                pages["next"] = hostile(chance)
                found = await client.get(server.url("/hostile"))
                assert found.outcome.reason != "error", (pages["next"], found.outcome)
                assert found.outcome.detail or found.outcome.code in (Code.OK, Code.NOT_MODIFIED)

    unhurried.run(run())
