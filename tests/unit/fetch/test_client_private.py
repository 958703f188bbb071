"""No byte to an address outside the public internet: literals, names, redirects, rebinding."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from fetch import unhurried
from fetch.fault_server import PAGE, FaultServer

from govreport_parse.fetch import network
from govreport_parse.fetch.addresses import is_public
from govreport_parse.fetch.client import Client, Limits, session
from govreport_parse.fetch.records import Code
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.wires import Wire, connect

OURS = "127.0.0.2"  # stands for a public server

HOSTS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.0.0.3", "127.255.255.254",
    "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "017700000001",
    "１２７.０.０.１", "127。0。0。1", "%31%32%37.0.0.1", "0.0.0.0", "0", "255.255.255.255",
    "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "0xc0a80101",
    "169.254.169.254", "2852039166", "100.64.0.1", "100.100.100.200", "192.0.0.192",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "192.88.99.1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]",
    "[2001:db8::1]",
]  # fmt: skip

NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "loop.test": ["127.0.0.1"],
    "loop6.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "sixtofour.test": ["2002:7f00:1::1"],
    "private.test": ["10.1.2.3", "192.168.0.1"],
    "metadata.test": ["169.254.169.254"],
    "metadata-ali.test": ["100.100.100.200"],
    "any.test": ["0.0.0.0"],
    "zone.test": ["fe80::1%lo"],
    "127.0.0.1.nip.test": ["127.0.0.1"],
}


class Watched:
    """Connections that were tried, and a server on the loopback address nobody may reach."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tried: list[str] = []

        async def watched(addresses: Sequence[str], port: int, left: float) -> Wire:
            self.tried.extend(addresses)
            return await connect(addresses, port, left)

        monkeypatch.setattr(network, "connect", watched)
        monkeypatch.setattr(session, "is_public", lambda each: each == OURS or is_public(each))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_no_target_is_reached_directly_or_by_redirect(watched: Watched) -> None:
    async def run() -> None:
        canaries = [FaultServer(host="127.0.0.1"), FaultServer(host="::1")]
        async with FaultServer(host=OURS) as server, canaries[0] as one, canaries[1] as two:
            limits = Limits(ports=frozenset(range(1, 65536)), page_total=10)
            resolver = Resolver(lambda host: NAMES.get(host, [OURS]))
            async with Client(agent="t", limits=limits, resolver=resolver) as client:
                for host in [*HOSTS, *NAMES]:
                    for canary in (one, two):
                        url = f"http://{host}:{canary.port}/ok"
                        found = await client.get(url)
                        outcome = (found.outcome.code, found.outcome.reason)
                        assert outcome == (Code.REFUSED, "non_public_address"), (url, found.outcome)
                        assert found.exchanges == ()
                        asked = len(server.log)
                        found = await client.get(server.url("/to/" + quote(url, safe="")))
                        outcome = (found.outcome.code, found.outcome.reason)
                        assert outcome == (Code.REFUSED, "non_public_address"), (url, found.outcome)
                        assert len(found.exchanges) == len(server.log) - asked == 1
                assert (await client.get(server.url("/ok", host="public.test"))).content == PAGE
            assert one.connections == two.connections == 0

    unhurried.run(run())
    assert set(watched.tried) == {OURS}
    assert len(HOSTS) + len(NAMES) >= 40


def test_a_name_that_changes_its_answer(watched: Watched) -> None:
    answers = [[OURS], ["127.0.0.1"], [OURS, "127.0.0.1"], ["127.0.0.1", OURS]]

    async def run() -> None:
        asked = iter(answers)
        resolver = Resolver(lambda host: next(asked), keep=0)
        async with FaultServer(host=OURS) as server:
            canary = await asyncio.start_server(lambda r, w: None, "127.0.0.1", server.port)
            url = server.url("/ok", host="rebind.test")
            async with canary, Client(agent="t", limits=Limits(connect=5), resolver=resolver) as c:
                codes = [(await c.get(url)).outcome.code for _ in answers]
        assert codes == [Code.OK, Code.REFUSED, Code.OK, Code.OK]

    unhurried.run(run())
    assert set(watched.tried) == {OURS}


def test_an_idle_connection_is_not_used_for_a_name_that_moved_inside(watched: Watched) -> None:
    """The address is checked for every request, also when a connection is still open."""
    answers = [[OURS], ["10.0.0.1"]]

    async def run() -> None:
        asked = iter(answers)
        resolver = Resolver(lambda host: next(asked), keep=0)
        async with (
            FaultServer(host=OURS) as server,
            Client(agent="t", limits=Limits(connect=5), resolver=resolver) as client,
        ):
            url = server.url("/ok", host="moved.test")
            assert (await client.get(url)).outcome.code is Code.OK
            assert client.open_connections == 1
            assert (await client.get(url)).outcome.reason == "non_public_address"
            assert len(server.log) == 1

    unhurried.run(run())


def test_private_addresses_by_explicit_option() -> None:
    async def run() -> None:
        async with FaultServer() as server:
            async with Client(agent="t") as client:
                assert (await client.get(server.url())).outcome.reason == "non_public_address"
            assert server.connections == 0
            async with Client(agent="t", allow_private=True) as client:
                assert (await client.get(server.url())).outcome.code is Code.OK

    unhurried.run(run())
