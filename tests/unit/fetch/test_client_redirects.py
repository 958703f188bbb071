"""Redirects are followed by us: where they may lead, and what every hop is asked."""

from __future__ import annotations

import asyncio
from urllib.parse import quote_from_bytes

import pytest
from fetch import unhurried
from fetch.fault_server import HTML, PAGE, FaultServer, Talk, answer
from fetch.recording_gate import Gate

from govreport_parse.fetch.client import Client, Limits
from govreport_parse.fetch.records import Answer, Code
from govreport_parse.fetch.resolver import Resolver

LIMITS = Limits(dns=5, connect=5, head=5, stall=5, page_total=10)


def fetch(path: str, *, gate: Gate | None = None, limits: Limits = LIMITS) -> tuple[Answer, str]:
    async def run() -> tuple[Answer, str]:
        async with (
            FaultServer() as server,
            Client(agent="test/1", allow_private=True, limits=limits) as client,
        ):
            found = await client.get(server.url(path), gate=gate)
            return found, server.url("")

    return unhurried.run(run())


FOLLOWED = [
    (b"/ok", "/ok"),
    (b"ok", "/to/ok"),
    (b"../ok", "/ok"),
    (b"/ok#part", "/ok"),
    (b"  /ok  ", "/ok"),
    (b"/\xc4\xea\xb1\xa8.html", "/%C4%EA%B1%A8.html"),
    ("/年报.html".encode(), "/%E5%B9%B4%E6%8A%A5.html"),
    (b"/%c4%ea?%b1%a8", "/%C4%EA?%B1%A8"),
    (b"/a b|c", "/a%20b|c"),
    (b"\\ok", "/ok"),
    (b"/ok;jsessionid=12AB", "/ok"),
    (b"/%zz", "/%25zz"),
]


@pytest.mark.parametrize(("location", "path"), FOLLOWED)
def test_redirect_is_followed(location: bytes, path: str) -> None:
    found, root = fetch("/to/" + quote_from_bytes(location, safe=""))
    assert found.final_url == root + path
    if path == "/to/ok":  # which redirects to "ok" again
        assert found.outcome.reason == "redirect_loop"
        return
    assert [each.status for each in found.exchanges] == [302, 200 if path == "/ok" else 404]
    assert found.exchanges[-1].request.startswith(b"GET " + path.encode() + b" HTTP/1.1\r\n")


REFUSED = [
    (b"file:///etc/passwd", Code.REFUSED, "scheme"),
    (b"javascript:alert(1)", Code.REFUSED, "scheme"),
    (b"data:text/html,x", Code.REFUSED, "scheme"),
    (b"gopher://127.0.0.1/", Code.REFUSED, "scheme"),
    (b"http://x.gov.cn:99999/", Code.FAILED, "port"),
    (b"http://x.gov.cn:0/", Code.FAILED, "port"),
    (b"http://[::1/", Code.FAILED, "url"),
    (b"http://[x]/", Code.FAILED, "url"),
    (b"http://a b/", Code.FAILED, "url"),
    (b"http://" + b"a" * 300 + b"/", Code.FAILED, "url"),
    (b"http://\xc4\xea.cn/", Code.FAILED, "url"),
    (b"http:///", Code.FAILED, "url"),
    (b"", Code.FAILED, "redirect"),
]


@pytest.mark.parametrize(("location", "code", "reason"), REFUSED)
def test_redirect_is_not_followed(location: bytes, code: Code, reason: str) -> None:
    gate = Gate()
    found, _ = fetch("/to/" + quote_from_bytes(location, safe=""), gate=gate)
    assert (found.outcome.code, found.outcome.reason) == (code, reason)
    assert found.outcome.detail
    assert len(found.exchanges) == len(gate.entered) == len(gate.left) == 1
    assert found.content == b""


def test_ports_of_redirects() -> None:
    async def run() -> None:
        async with (
            FaultServer() as one,
            FaultServer() as other,
            Client(
                agent="test/1",
                allow_private=True,
                limits=Limits(ports=frozenset({80}), page_total=10),
            ) as client,
        ):
            away = one.url("/to/" + quote_from_bytes(other.url().encode(), safe=""))
            found = await client.get(away)
            assert (found.outcome.code, found.outcome.reason) == (Code.REFUSED, "port")
            assert other.log == []
            # The port of the first address stays allowed.
            home = one.url("/to/" + quote_from_bytes(one.url().encode(), safe=""))
            assert (await client.get(home)).outcome.code is Code.OK

    unhurried.run(run())


def test_ten_redirects_and_not_one_more() -> None:
    found, root = fetch("/chain/10")
    assert (found.outcome.code, len(found.exchanges)) == (Code.OK, 11)
    assert found.final_url == root + "/chain/0"
    found, _ = fetch("/chain/11")
    assert (found.outcome.reason, len(found.exchanges)) == ("redirect_limit", 11)


def test_loops_end_at_once() -> None:
    async def to(talk: Talk) -> None:
        other = b"/b" if talk.seen.path == "/a" else b"/a"
        await talk.send(answer(b"", b"Location: " + other + b"\r\n", status=b"301 Moved"))

    async def run() -> None:
        async with (
            FaultServer(pages={"/a": to, "/b": to}) as server,
            Client(agent="test/1", allow_private=True, limits=LIMITS) as client,
        ):
            found = await client.get(server.url("/a"))
            assert (found.outcome.code, found.outcome.reason) == (Code.FAILED, "redirect_loop")
            assert [each.path for each in server.log] == ["/a", "/b"]

    unhurried.run(run())


def test_a_redirect_to_itself_with_a_cookie_is_no_loop_unless_it_goes_on() -> None:
    async def always(talk: Talk) -> None:
        head = b"Location: /always\r\nSet-Cookie: a=1\r\n"
        await talk.send(answer(b"", head, status=b"302 Found"))

    async def counting(talk: Talk) -> None:
        head = b"Location: /counting\r\nSet-Cookie: a=%d\r\n" % len(talk.server.log)
        await talk.send(answer(b"", head, status=b"302 Found"))

    async def run() -> None:
        async with (
            FaultServer(pages={"/always": always, "/counting": counting}) as server,
            Client(agent="test/1", allow_private=True, limits=LIMITS) as client,
        ):
            assert (await client.get(server.url("/cookie"))).content == PAGE
            looped = await client.get(server.url("/always"))
            assert (looped.outcome.reason, len(looped.exchanges)) == ("redirect_loop", 2)
            counted = await client.get(server.url("/counting"))
            assert counted.outcome.reason == "redirect_limit"

    unhurried.run(run())


def test_cookies_stay_with_their_host() -> None:
    async def setter(talk: Talk) -> None:
        head = b"Location: " + talk.server.url("/ok", host="b.test").encode() + b"\r\n"
        head += b"Set-Cookie: a=1; Domain=.test; Path=/\r\n"
        await talk.send(answer(b"", head, status=b"302 Found"))

    async def run() -> None:
        async with (
            FaultServer(pages={"/set": setter}) as server,
            Client(
                agent="test/1",
                allow_private=True,
                limits=LIMITS,
                resolver=Resolver(lambda host: ["127.0.0.1"]),
            ) as client,
        ):
            await client.get(server.url("/set", host="a.test"))
            await client.get(server.url("/ok", host="a.test"))
            await client.get(server.url("/ok", host="b.test"))
            got = [
                (s.headers["host"].partition(":")[0], s.headers.get("cookie")) for s in server.log
            ]
            assert got == [
                ("a.test", None),
                ("b.test", None),
                ("a.test", "a=1"),
                ("b.test", None),
            ]

    unhurried.run(run())


def test_conditional_headers_go_to_their_own_host_only() -> None:
    async def run() -> None:
        async with (
            FaultServer() as server,
            Client(
                agent="test/1",
                allow_private=True,
                limits=LIMITS,
                resolver=Resolver(lambda host: ["127.0.0.1"]),
            ) as client,
        ):
            headers = {"If-None-Match": '"1"'}
            found = await client.get(server.url("/conditional"), headers=headers)
            assert (found.outcome.code, found.content) == (Code.NOT_MODIFIED, b"")
            assert found.header("etag") == '"1"'
            away = server.url("/conditional", host="b.test").encode()
            path = "/to/" + quote_from_bytes(away, safe="")
            found = await client.get(server.url(path), headers=headers)
            assert found.content == PAGE
            assert "if-none-match" not in server.log[-1].headers

    unhurried.run(run())


def test_every_hop_passes_the_gate() -> None:
    gate = Gate()
    found, root = fetch("/chain/2", gate=gate)
    assert found.outcome.code is Code.OK
    urls = [root + f"/chain/{n}" for n in (2, 1, 0)]
    assert gate.entered == [(url, "127.0.0.1") for url in urls]
    assert gate.left == [
        (urls[0], "127.0.0.1", True, "redirect"),
        (urls[1], "127.0.0.1", True, "redirect"),
        (urls[2], "127.0.0.1", True, ""),
    ]


def test_the_gate_refuses_a_hop() -> None:
    gate = Gate(lambda url: url.endswith("/chain/1"))
    found, root = fetch("/chain/2", gate=gate)
    assert (found.outcome.code, found.outcome.reason) == (Code.REFUSED, "robots")
    assert [each.url for each in found.exchanges] == [root + "/chain/2"]
    assert len(gate.entered) == len(gate.left) == 1


def test_body_of_a_redirect_is_archived_and_not_needed() -> None:
    found, _ = fetch("/redirect-cut-body")
    first, last = found.exchanges
    assert (first.body, first.truncated, first.status) == (b"moved", "disconnect", 302)
    assert (last.body, found.content, found.media_type) == (PAGE, PAGE, "text/html")
    assert first.header("location") == b"/ok"
    assert HTML in first.head


def test_total_time_is_for_all_hops_together() -> None:
    async def slow(talk: Talk) -> None:
        await asyncio.sleep(0.2)
        head = b"Location: %s1\r\n" % talk.seen.path.encode()
        await talk.send(answer(b"", head, status=b"302 Found"))

    async def run() -> Answer:
        pages = {"/s" + "1" * n: slow for n in range(12)}
        async with (
            FaultServer(pages=pages) as server,
            Client(agent="test/1", allow_private=True, limits=Limits(page_total=0.5)) as client,
        ):
            return await client.get(server.url("/s"))

    found = unhurried.run(run())
    assert (found.outcome.code, found.outcome.reason) == (Code.RETRY, "deadline")
    assert len(found.exchanges) in (2, 3)
