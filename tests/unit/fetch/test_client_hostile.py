"""A server that lies on purpose: each lie ends with its word, and the next answer is untouched."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from fetch.fault_server import PAGE, FaultServer, Talk, answer

from govreport_parse.fetch.client import Client, Limits
from govreport_parse.fetch.records import Answer, Code
from govreport_parse.fetch.resolver import Resolver

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LIMITS = Limits(dns=60, connect=60, head=60, stall=60, page_total=90)
BOMB = gzip.compress(b"\0" * (40 << 20), 1)


def sized(length: bytes, body: bytes = PAGE) -> bytes:
    return OK + b"Content-Length: " + length + b"\r\n\r\n" + body


def chunks(coding: bytes, *pieces: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (*pieces, b""))
    return OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + body


LIES: dict[str, tuple[bytes, Code, str]] = {
    # lengths
    "length of nothing, and a page": (sized(b"0"), Code.RETRY, "truncated"),
    "one byte too few": (sized(b"%d" % (len(PAGE) - 1)), Code.RETRY, "truncated"),
    "two answers in one": (answer() * 2, Code.RETRY, "truncated"),
    "a negative length": (sized(b"-5"), Code.QUARANTINE, "protocol"),
    "a length with a sign": (sized(b"+%d" % len(PAGE)), Code.QUARANTINE, "protocol"),
    "a length in hex": (sized(b"0x10"), Code.QUARANTINE, "protocol"),
    "no number": (sized(b""), Code.QUARANTINE, "protocol"),
    "digits of another script": (sized("٣".encode()), Code.QUARANTINE, "protocol"),
    "two lengths in one line": (sized(b"5, %d" % len(PAGE)), Code.QUARANTINE, "protocol"),
    "a length of 23 digits": (sized(b"9" * 23), Code.QUARANTINE, "too_large"),
    # chunks
    "chunks under another coding": (chunks(b"chunked, gzip", PAGE[:50], PAGE[50:]),
                                    Code.QUARANTINE, "coding"),
    "an unknown transfer coding": (OK + b"Transfer-Encoding: xchunked\r\n\r\n" + PAGE,
                                   Code.QUARANTINE, "coding"),
    "a negative chunk": (CHUNKED + b"-5\r\nabcde\r\n0\r\n\r\n", Code.QUARANTINE, "protocol"),
    "a chunk in 0x": (CHUNKED + b"0x5\r\nabcde\r\n0\r\n\r\n", Code.QUARANTINE, "protocol"),
    "a chunk of 2^80": (CHUNKED + b"F" * 20 + b"\r\nabcde\r\n0\r\n\r\n", Code.RETRY, "truncated"),
    "a chunk with more behind": (CHUNKED + b"5\r\nabcdeXX\r\n0\r\n\r\n",
                                 Code.QUARANTINE, "protocol"),
    "200,000 trailers": (CHUNKED + b"5\r\nabcde\r\n0\r\n" + b"X: y\r\n" * 200_000,
                         Code.QUARANTINE, "protocol"),
    # heads
    "HTTP/0.9": (PAGE, Code.QUARANTINE, "protocol"),
    "the preface of HTTP/2": (b"\0\0\x12\x04" + b"\0" * 23, Code.QUARANTINE, "protocol"),
    "a status of ten digits": (b"HTTP/1.1 1000000000 X\r\n\r\nhi", Code.QUARANTINE, "protocol"),
    "101": (b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\nhi", Code.FAILED, "http_status"),
    "a header of 10 MB": (OK + b"X: " + b"a" * 10_000_000, Code.QUARANTINE, "too_large"),
    "100,000 headers": (OK + b"X: y\r\n" * 100_000, Code.QUARANTINE, "too_large"),
    # codings
    "a bomb for the transfer": (chunks(b"gzip, chunked", BOMB), Code.QUARANTINE, "bomb"),
    "a bomb in a 404": (answer(BOMB, b"Content-Encoding: gzip\r\n", status=b"404 N"),
                        Code.GONE, "http_status"),
    "a million empty members": (answer(gzip.compress(b"") * 100_000,
                                       b"Content-Encoding: gzip\r\n"), Code.QUARANTINE, "bomb"),
}  # fmt: skip


def ask(*paths: str, **pages: object) -> list[Answer]:
    async def run() -> list[Answer]:
        async with (
            FaultServer() as server,
            Client(
                agent="test/1", allow_private=True, limits=LIMITS,
                resolver=Resolver(lambda _: ["127.0.0.1"]),
            ) as client,
        ):  # fmt: skip
            server.pages.update({f"/{name}": page for name, page in pages.items()})  # type: ignore[misc]
            found = [await client.get(server.url(path, host="h.test")) for path in paths]
            assert client.open_connections <= 1
            return found

    return asyncio.run(run())


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_has_its_word_and_the_next_answer_is_its_own(lie: str) -> None:
    raw, code, reason = LIES[lie]

    async def told(talk: Talk) -> None:
        await talk.send(raw)
        talk.writer.close()

    found, after = ask("/x", "/ok", x=told)
    assert (found.outcome.code, found.outcome.reason) == (code, reason), found.outcome
    assert found.outcome.detail
    assert found.exchanges, "what came is kept"
    assert (after.outcome.code, after.content) == (Code.OK, PAGE)


def test_a_redirect_whose_length_lies_is_followed() -> None:
    raw = b"HTTP/1.1 302 F\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n<a href='/ok'>moved</a>"
    (found,) = ask("/x", x=raw)
    assert found.content == PAGE


def test_a_cookie_that_changes_at_each_turn_does_not_turn_for_ever() -> None:
    async def turn(talk: Talk) -> None:
        cookie = b"Set-Cookie: c=%d\r\n" % len(talk.server.log)
        await talk.send(answer(b"", b"Location: /x\r\n" + cookie, status=b"302 Found"))

    (found,) = ask("/x", x=turn)
    assert found.outcome.reason == "redirect_limit"
    assert len(found.exchanges) <= 12


def test_a_flood_of_interim_answers_ends_at_once() -> None:
    async def flood(talk: Talk) -> None:
        while True:
            await talk.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000)

    found, after = ask("/x", "/ok", x=flood)
    assert (found.outcome.code, found.outcome.reason) == (Code.QUARANTINE, "too_large")
    assert found.outcome.detail
    assert after.content == PAGE


def test_a_few_interim_answers_are_no_flood() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 500
    (found,) = ask("/x", x=hints + answer())
    assert (found.outcome.code, found.content) == (Code.OK, PAGE)
