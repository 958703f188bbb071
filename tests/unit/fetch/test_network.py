"""Connections by themselves: time, buffers, races between addresses, and how errors read."""

from __future__ import annotations

import asyncio
import pickle
import ssl

import httpcore
import pytest
from fetch import unhurried
from fetch.fault_server import FaultServer

from govreport_parse.errors import NetworkError
from govreport_parse.fetch.limits import Limits
from govreport_parse.fetch.network import Attempt, Backend, current
from govreport_parse.fetch.wires import Wire, WireError, connect, words


def test_errors_are_of_our_tree_and_can_be_sent() -> None:
    error = WireError("deadline", "no end of the head after 3.0 s")
    assert isinstance(error, NetworkError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.reason, again.message) == (WireError, error.reason, error.message)
    assert again.context == {"reason": "deadline"}


def test_words_are_never_empty() -> None:
    inner = ValueError("bad\nthing")
    outer = RuntimeError()
    outer.__cause__ = inner
    assert words(outer) == "ValueError: bad thing"
    assert words(RuntimeError()) == "RuntimeError"
    assert words(OSError(5, "Input/output error")) == "[Errno 5] Input/output error"
    assert words(ssl.SSLError(1, "x" * 999)).startswith("x" * 100)
    assert len(words(ssl.SSLError(1, "x" * 999))) == 200


def test_no_connection_without_checked_addresses() -> None:
    async def run() -> None:
        with pytest.raises(WireError, match="no checked address"):
            await Backend().connect_tcp("127.0.0.1", 80)
        token = current.set(Attempt((), Limits(), 1))
        with pytest.raises(WireError, match="no checked address"):
            await Backend().connect_tcp("127.0.0.1", 80)
        current.reset(token)

    unhurried.run(run())


def test_the_address_is_the_checked_one_whatever_the_name() -> None:
    async def run() -> None:
        async with FaultServer() as server:
            token = current.set(Attempt(["127.0.0.1"], Limits(), 1))
            backend = Backend()
            stream = await backend.connect_tcp("www.example.com", server.port)
            assert isinstance(stream, httpcore.AsyncNetworkStream)
            [wire] = backend.wires
            assert wire.address == "127.0.0.1"
            backend.abort()
            assert wire.is_closed
            current.reset(token)
            await asyncio.sleep(0)

    unhurried.run(run())


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (["127.0.0.2"], "connect"),
        (["127.0.0.2", "127.0.0.4"], "connect"),
        (["::1", "127.0.0.2"], "connect"),
    ],
)
def test_all_addresses_refuse(addresses: list[str], reason: str) -> None:
    async def run() -> None:
        async with FaultServer(host="127.0.0.3") as server:
            with pytest.raises(WireError) as caught:
                await connect(addresses, server.port, 1)
            assert caught.value.reason == reason
            assert addresses[-1] in caught.value.message

    unhurried.run(run())


def test_no_time_left() -> None:
    async def run() -> None:
        async with FaultServer() as server:
            for addresses in (["127.0.0.1"], ["127.0.0.1", "127.0.0.2"]):
                with pytest.raises(TimeoutError):
                    await connect(addresses, server.port, 0)
            assert server.connections == 0

    unhurried.run(run())


def test_a_silent_address_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    async def run() -> None:
        async with FaultServer() as server:
            loop = asyncio.get_running_loop()
            real = loop.create_connection

            async def create(factory: object, host: str, port: int) -> object:
                opened.append(host)
                if host == "192.0.2.1":
                    await asyncio.sleep(30)
                return await real(factory, host=host, port=port)  # type: ignore[call-overload]

            monkeypatch.setattr(loop, "create_connection", create)
            began = loop.time()
            wire = await connect(["192.0.2.1", "127.0.0.1"], server.port, 5)
            assert wire.address == "127.0.0.1"
            assert 0.2 < loop.time() - began < 1
            wire.abort()
            with pytest.raises(TimeoutError):
                await connect(["192.0.2.1", "192.0.2.1"], server.port, 0.3)
            await asyncio.sleep(0)

    unhurried.run(run())
    assert opened == ["192.0.2.1", "127.0.0.1", "192.0.2.1", "192.0.2.1"]


def test_the_buffer_is_bounded() -> None:
    """A server that sends faster than it is read is held up, not stored."""

    class Paused(asyncio.Transport):
        paused = 0

        def pause_reading(self) -> None:
            self.paused += 1

        def resume_reading(self) -> None:
            self.paused -= 1

    async def run() -> None:
        wire, transport = Wire("127.0.0.1"), Paused()
        wire.connection_made(transport)
        for _ in range(10):
            wire.data_received(b"x" * 65536)
        assert transport.paused == 1
        left = 655_360
        while left:
            left -= len(await wire.read(65536, 1))
        assert transport.paused == 0
        with pytest.raises(TimeoutError):
            await wire.read(1, 0.01)
        wire.data_received(b"last")
        wire.connection_lost(ConnectionResetError(104, "Connection reset by peer"))
        assert await wire.read(100, 1) == b"last"
        with pytest.raises(WireError, match="reset by peer"):
            await wire.read(100, 1)

    unhurried.run(run())
