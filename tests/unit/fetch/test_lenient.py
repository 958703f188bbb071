"""The forgiving reader, on bytes cut at every place."""

from __future__ import annotations

import asyncio

import pytest
from fetch.fault_server import PAGE, RAW, answer, chunk
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.fetch.heads import HeadTap, count_lines, header_lines, status_of
from govreport_parse.fetch.lenient import LenientAnswer, read_leniently

HEAD = b"X A: 1\r\nContent-Type : text/html\r\n"


def read(raw: bytes, *, begun: int = 0, step: int = 65536, body: int = 1 << 20) -> LenientAnswer:
    """Read ``raw``, of which ``begun`` bytes are there and the rest comes in steps."""
    rest = raw[begun:]
    pieces = [rest[place : place + step] for place in range(0, len(rest), step)]

    async def source(size: int) -> bytes:
        return pieces.pop(0) if pieces else b""

    return asyncio.run(read_leniently(raw[:begun], source, head=65536, body=body))


GOOD = {
    "length": answer(PAGE, HEAD),
    "no length": answer(PAGE, HEAD, length=None),
    "chunked": answer(
        chunk(PAGE[:9]) + chunk(PAGE[9:], extension=b" ; a=b") + b"0\r\nTrailer: 1\r\n\r\n",
        HEAD + b"Transfer-Encoding: Chunked\r\n",
        length=None,
    ),
    "chunked with bare line feeds": answer(
        b"1c3a\n" + PAGE + b"\n0\n\n", HEAD + b"Transfer-Encoding: chunked\r\n", length=None
    ),
    "the same length twice": answer(PAGE, HEAD + b"Content-Length: 7226\r\n"),
    "the same length in a list": answer(PAGE, HEAD + b"Content-Length: 7226, 7226\r\n"),
    "interim heads": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nA: b\r\n\r\n"
    + answer(PAGE, HEAD),
    "blank lines first": b"\r\n\r\n\n" + answer(PAGE, HEAD),
    "bare line feeds": answer(b"", HEAD, length=7226).replace(b"\r\n", b"\n") + PAGE,
    "length and chunked": answer(
        chunk(PAGE) + b"0\r\n\r\n", HEAD + b"Transfer-Encoding: chunked\r\n", length=5
    ),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_answer(name: str) -> None:
    raw = GOOD[name]
    for begun in (0, 1, 20, len(raw) // 2, len(raw)):
        for step in (7, 65536):
            found = read(raw, begun=begun, step=step)
            assert (found.problem, found.status) == ("", 200)
            assert found.body == PAGE
            assert found.integrity == ("unknown" if name == "no length" else "whole")
            assert found.head.startswith(b"HTTP/1.1 200 OK")
            assert found.head.endswith(b"\n")


@pytest.mark.parametrize("name", ["length", "chunked"])
def test_every_cut_is_noticed(name: str) -> None:
    raw = GOOD[name]
    whole = raw.rindex(b"0\r\n") + 3 if name == "chunked" else len(raw)
    for end in range(20, whole, 5):
        assert read(raw[:end]).problem == "truncated", end


BAD = [
    (answer(PAGE, HEAD + b"Content-Length: 7\r\n"), "protocol", "several lengths: 7, 7226", 200),
    (answer(PAGE, HEAD, length=None)[:-1].replace(b"X A: 1", b"Content-Length: x"),
     "protocol", "not a number", 200),
    (answer(PAGE, HEAD + b"Content-Length: -1\r\n", length=None), "protocol", "not a number", 200),
    (answer(PAGE, HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n", length=None),
     "protocol", "not a number", 200),
    (answer(PAGE, HEAD + b"Transfer-Encoding: chunked\r\n", length=None),
     "protocol", "without a length", 200),
    (PAGE, "protocol", "status line", 0),
    (b"", "protocol", "status line", 0),
    (b"220 mail.gov.cn ESMTP\r\n\r\n", "protocol", "status line", 0),
    (answer(PAGE, HEAD, length=7000), "truncated", "more than the 7000 bytes", 200),
    (b"HTTP/1.1 200 OK\r\nA: b", "truncated", "within the head", 200),
    (answer(PAGE, HEAD + b"X: " + b"a" * 70_000), "too_large", "65536", 0),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "problem", "detail", "status"), BAD)
def test_bad_answer(raw: bytes, problem: str, detail: str, status: int) -> None:
    found = read(raw, step=4096)
    assert (found.problem, found.status) == (problem, status)
    assert detail in found.detail


def test_cap_of_the_body() -> None:
    for name in ("length", "no length", "chunked"):
        found = read(GOOD[name], body=1000, step=100)
        assert (found.problem, found.integrity) == ("too_large", "cut")
        assert 900 <= len(found.body) <= 1000
    assert read(GOOD["length"], body=len(PAGE)).problem == ""


def test_no_body_where_there_is_none() -> None:
    for status in (b"204 X", b"304 X"):
        assert read(answer(b"", HEAD, status=status, length=99)).problem == ""


def test_head_tap_finds_the_head_however_it_is_cut() -> None:
    raw = b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + RAW["/value-gbk"]
    for step in (1, 2, 3, 50, 9999):
        tap = HeadTap(65536)
        for place in range(0, len(raw), step):
            tap.feed(raw[place : place + step])
            if tap.complete:
                break
        head, _, body = RAW["/value-gbk"].partition(b"\r\n\r\n")
        assert tap.head == head + b"\r\n\r\n"
        assert body.startswith(tap.rest)
        assert not tap.overflow


def test_heads() -> None:
    assert status_of(b"HTTP/1.1 404 Not Found\r\n") == 404
    assert status_of(b"HTTP/1.1 4044 X\r\n") == 0
    assert status_of(b"<html>") == 0
    assert count_lines(b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n") == 2
    assert count_lines(b"HTTP/1.1 200 OK\n\n") == 0
    assert header_lines(b"HTTP/1.1 200 OK\nA : 1\n b\nC\n: d\nE:\xff\n\n") == (
        (b"a", b"1 b"),
        (b"e", b"\xff"),
    )


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=200).map(lambda raw: b"HTTP/1.1 200 OK\r\n" + raw),
        st.binary(max_size=99).map(
            lambda raw: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + raw
        ),
    ),
    st.integers(1, 50),
)
def test_no_bytes_raise(raw: bytes, step: int) -> None:
    found = read(raw, step=step)
    assert found.problem or found.status
