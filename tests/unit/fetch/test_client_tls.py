"""The TLS ladder: strict first, then legacy and recorded as such, or refused."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fetch import unhurried
from fetch.fault_server import PAGE, FaultServer, Talk, answer
from fetch.recording_gate import Gate

from govreport_parse.errors import UsageError
from govreport_parse.fetch import network
from govreport_parse.fetch.client import Client, Limits
from govreport_parse.fetch.records import Answer, Code
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.wires import Wire, WireError, connect

pytest.importorskip("cryptography")

from fetch.certificates import DAY, NOW, Signed, make, rsa_key, write

HOST = "www.test.gov.cn"
LIMITS = Limits(dns=5, connect=5, head=5, stall=5, page_total=10)


@pytest.fixture(scope="module")
def root() -> Signed:
    return make("Test root", authority=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, root: Signed) -> Path:
    path = tmp_path_factory.mktemp("tls")
    write(path / "root.pem", root)
    return path


def server_context(pem: Path, change: Callable[[ssl.SSLContext], None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is tested
        change(context)
    context.load_cert_chain(pem)
    return context


def fetch(
    folder: Path, context: ssl.SSLContext | None, *, path: str = "/ok", legacy_tls: bool = True
) -> tuple[Answer, Gate]:
    gate = Gate()

    async def back(talk: Talk) -> None:
        url = f"https://{talk.seen.headers['host']}/back".encode()
        await talk.send(answer(b"", b"Location: " + url + b"\r\n", status=b"302 Found"))

    async def run() -> Answer:
        async with (
            FaultServer(context=context, pages={"/back": back}) as server,
            Client(
                agent="test/1",
                allow_private=True,
                limits=LIMITS,
                legacy_tls=legacy_tls,
                authorities=str(folder / "root.pem"),
                resolver=Resolver(lambda host: ["127.0.0.1"]),
            ) as client,
        ):
            return await client.get(f"https://{HOST}:{server.port}{path}", gate=gate)

    return unhurried.run(run()), gate


def only(version: ssl.TLSVersion) -> Callable[[ssl.SSLContext], None]:
    def change(context: ssl.SSLContext) -> None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = version
        context.maximum_version = version

    return change


def rsa_exchange(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")


def old(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")


def as_it_is(context: ssl.SSLContext) -> None:
    """A modern server."""


CASES = {
    "good": "strict",
    "1.2 only": "strict",
    "1.3 only": "strict",
    "expired": "legacy",
    "self-signed": "legacy",
    "other name": "legacy",
    "no intermediate": "legacy",
    "with intermediate": "strict",
    "RSA 1024": "legacy",
    "TLS 1.0": "legacy",
    "TLS 1.1": "legacy",
    "RSA key exchange": "legacy",
}


@pytest.fixture(scope="module")
def contexts(folder: Path, root: Signed) -> dict[str, ssl.SSLContext]:
    good = make(HOST, root)
    rsa = make(HOST, root, key=rsa_key(2048))
    middle = make("Test intermediate", root, authority=True)
    leaf = make(HOST, middle)
    long_ago = NOW - DAY
    chains = {
        "good": ([good], as_it_is),
        "1.2 only": ([good], only(ssl.TLSVersion.TLSv1_2)),
        "1.3 only": ([good], only(ssl.TLSVersion.TLSv1_3)),
        "expired": ([make(HOST, root, until=long_ago)], as_it_is),
        "self-signed": ([make(HOST)], as_it_is),
        "other name": ([make("www.other.gov.cn", root)], as_it_is),
        "no intermediate": ([leaf], as_it_is),
        "with intermediate": ([leaf, middle], as_it_is),
        "RSA 1024": ([make(HOST, root, key=rsa_key(1024))], old),
        "TLS 1.0": ([rsa], only(ssl.TLSVersion.TLSv1)),
        "TLS 1.1": ([rsa], only(ssl.TLSVersion.TLSv1_1)),
        "RSA key exchange": ([rsa], rsa_exchange),
    }
    found = {}
    for number, (name, (chain, change)) in enumerate(chains.items()):
        found[name] = server_context(write(folder / f"{number}.pem", *chain), change)
    assert sorted(found) == sorted(CASES)
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_trust_is_the_truth(name: str, folder: Path, contexts: dict[str, ssl.SSLContext]) -> None:
    found, gate = fetch(folder, contexts[name])
    assert (found.outcome.code, found.outcome.detail) == (Code.OK, "")
    assert found.content == PAGE
    [exchange] = found.exchanges
    assert exchange.tls_trust == CASES[name]
    assert exchange.address == "127.0.0.1"
    assert exchange.request.startswith(b"GET /ok HTTP/1.1\r\nHost: www.test.gov.cn:")
    assert len(gate.entered) == len(gate.left) == 1


@pytest.mark.parametrize("name", [name for name, trust in CASES.items() if trust == "legacy"])
def test_strict_only_refuses(name: str, folder: Path, contexts: dict[str, ssl.SSLContext]) -> None:
    found, gate = fetch(folder, contexts[name], legacy_tls=False)
    assert (found.outcome.code, found.outcome.reason) == (Code.REFUSED, "tls")
    assert len(found.outcome.detail) > len("the TLS handshake failed: ")
    assert found.content == b""
    assert [sent for _, _, sent, _ in gate.left] == [False]


def test_cut_body_over_tls(folder: Path, contexts: dict[str, ssl.SSLContext]) -> None:
    for path in ("/gzip-cut", "/length-500-too-long", "/no-length-cut", "/chunked-cut", "/reset"):
        found, _ = fetch(folder, contexts["good"], path=path)
        assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "truncated"), path
    found, _ = fetch(folder, contexts["good"], path="/no-length")
    assert (found.outcome.code, found.content) == (Code.OK, PAGE)


def test_a_host_that_speaks_plain_http_only(folder: Path) -> None:
    found, gate = fetch(folder, None)
    assert (found.outcome.code, found.content) == (Code.OK, PAGE)
    failed, good = found.exchanges
    assert (failed.url[:8], failed.request, failed.status) == ("https://", b"", 0)
    assert (good.url, good.tls_trust) == (failed.url.replace("https://", "http://"), "")
    assert found.final_url == good.url
    assert [url for url, _ in gate.entered] == [failed.url, good.url]
    assert [(sent, reason) for _, _, sent, reason in gate.left] == [(False, "tls"), (True, "")]

    found, gate = fetch(folder, None, legacy_tls=False)
    assert (found.outcome.code, found.outcome.reason) == (Code.REFUSED, "tls")
    assert "wrong version" in found.outcome.detail.lower()
    assert len(gate.entered) == 1


def test_plain_http_that_leads_back_to_https_is_no_loop(folder: Path) -> None:
    found, _ = fetch(folder, None, path="/back")
    assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "tls")
    assert [each.status for each in found.exchanges] == [0, 302]


@pytest.mark.parametrize("closed", [True, False])
def test_port_80_is_asked_when_443_is_closed(closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []

    async def run() -> Answer:
        async with FaultServer() as server:

            async def to_server(addresses: Sequence[str], port: int, left: float) -> Wire:
                ports.append(port)
                if port == 443 and closed:
                    raise WireError("connect", "no connection to 127.0.0.1: Connection refused")
                if port == 443:
                    raise TimeoutError  # a firewall drops it
                return await connect(addresses, server.port, left)

            monkeypatch.setattr(network, "connect", to_server)
            async with Client(agent="t", allow_private=True, limits=LIMITS) as client:
                return await client.get("https://127.0.0.1/ok")

    found = unhurried.run(run())
    assert (found.outcome.code, found.final_url) == (Code.OK, "http://127.0.0.1/ok")
    assert ports == [443, 80]


def test_tls_on_a_plain_port(contexts: dict[str, ssl.SSLContext]) -> None:
    async def run() -> Answer:
        async with (
            FaultServer(context=contexts["good"]) as server,
            Client(agent="test/1", allow_private=True, limits=LIMITS) as client,
        ):
            return await client.get(f"http://127.0.0.1:{server.port}/ok")

    found = unhurried.run(run())
    assert found.outcome.code in (Code.RETRY, Code.QUARANTINE)
    assert found.outcome.reason in ("disconnect", "protocol")


@pytest.mark.parametrize(("silent", "reason"), [(True, "deadline"), (False, "tls")])
def test_handshake_that_never_ends_or_breaks(silent: bool, reason: str, folder: Path) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if silent:
            await reader.read()
        writer.close()

    async def run() -> Answer:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        limits = Limits(connect=0.2 if silent else 5, page_total=5)
        async with server, Client(agent="test/1", allow_private=True, limits=limits) as client:
            found = await client.get(f"https://127.0.0.1:{port}/")
        await asyncio.sleep(0)
        return found

    found = unhurried.run(run())
    assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, reason)
    assert found.outcome.detail


def test_a_legacy_host_is_remembered_and_keeps_no_secure_cookie(
    contexts: dict[str, ssl.SSLContext],
) -> None:
    page = answer(head=b"Set-Cookie: a=1; Secure\r\nSet-Cookie: b=2\r\n")

    async def run() -> None:
        async with (
            FaultServer(context=contexts["self-signed"], pages={"/set": page}) as server,
            Client(
                agent="test/1",
                allow_private=True,
                limits=LIMITS,
                resolver=Resolver(lambda host: ["127.0.0.1"]),
            ) as client,
        ):
            for path in ("/set", "/ok", "/ok"):
                found = await client.get(f"https://{HOST}:{server.port}{path}")
                assert found.exchanges[0].tls_trust == "legacy"
            assert server.connections == 1  # the strict handshake did not reach the server's end
            assert server.log[-1].headers["cookie"] == "b=2"

    unhurried.run(run())


def test_a_handshake_that_failed_by_chance_does_not_end_strictness(
    folder: Path, contexts: dict[str, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = 2  # the strict and the legacy handshake of the first request
    encrypt = Wire.encrypt

    async def sometimes(wire: Wire, context: ssl.SSLContext, name: str, left: float) -> None:
        nonlocal failing
        if failing:
            failing -= 1
            wire.abort()
            raise WireError("tls", "the TLS handshake failed: Connection reset by peer")
        await encrypt(wire, context, name, left)

    monkeypatch.setattr(Wire, "encrypt", sometimes)

    async def run() -> None:
        async with (
            FaultServer(context=contexts["good"]) as server,
            Client(
                agent="test/1",
                allow_private=True,
                limits=LIMITS,
                authorities=str(folder / "root.pem"),
                resolver=Resolver(lambda host: ["127.0.0.1"]),
            ) as client,
        ):
            url = f"https://{HOST}:{server.port}/ok"
            assert (await client.get(url)).outcome.reason == "tls"
            assert (await client.get(url)).exchanges[0].tls_trust == "strict"

    unhurried.run(run())


def test_authorities_that_are_no_pem(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")

    async def run(path: Path) -> None:
        async with Client(agent="test/1", allow_private=True, authorities=str(path)) as client:
            await client.get("https://127.0.0.1:1/")

    for name in ("x.pem", "missing.pem"):
        with pytest.raises(UsageError, match="can't be loaded"):
            unhurried.run(run(tmp_path / name))
