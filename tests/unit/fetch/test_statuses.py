"""What a status means, the cookies of one host, and whether an unframed body is whole."""

from __future__ import annotations

import datetime

import pytest

from govreport_parse.fetch.bodies import looks_cut
from govreport_parse.fetch.cookies import Jar
from govreport_parse.fetch.records import Code, Exchange
from govreport_parse.fetch.statuses import one_line, outcome_of

NOW = datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)


def exchange(status: int, head: bytes = b"") -> Exchange:
    raw = b"HTTP/1.1 %d Text\r\n" % status + head + b"\r\n"
    return Exchange("http://x.gov.cn/", "GET", b"", "", NOW, 0.0, status=status, head=raw)


STATUSES = {
    Code.OK: [200, 203],
    Code.RETRY: [408, 425, 500, 502, 504, 520, 522, 530],
    Code.HOST_PARKED: [429, 503],
    Code.GONE: [404, 410],
    Code.BLOCKED: [202, 401, 403, 407, 412, 451, 493, 521, 999],
    Code.FAILED: [99, 101, 201, 204, 205, 226, 305, 400, 402, 405, 406, 409, 414, 431, 501, 505],
    Code.QUARANTINE: [206],
}


@pytest.mark.parametrize(
    ("code", "status"), [(code, each) for code, many in STATUSES.items() for each in many]
)
def test_status(code: Code, status: int) -> None:
    outcome = outcome_of(exchange(status), conditional=False)
    assert outcome.code is code
    assert (outcome.detail == "") is (code is Code.OK)
    assert code is Code.OK or str(status) in outcome.detail


def test_not_modified_only_if_it_was_asked() -> None:
    assert outcome_of(exchange(304), conditional=True).code is Code.NOT_MODIFIED
    assert outcome_of(exchange(304), conditional=False).code is Code.RETRY


def test_reasons_of_blocks() -> None:
    reasons = {s: outcome_of(exchange(s), conditional=False).reason for s in STATUSES[Code.BLOCKED]}
    assert reasons == {
        202: "waf", 412: "waf", 493: "waf", 521: "waf", 999: "waf",
        401: "login", 407: "login", 403: "forbidden", 451: "forbidden",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"120", 120.0), (b"100000000000", 86400.0), (b"0", 0.0), (b"-5", None), (b"1.5", None),
     ("１２".encode(), None), (b"soon", None), (b"", None),
     (b"Tue, 24 Nov 2026 06:10:00 GMT", 600.0), (b"Tue, 24 Nov 2099 06:10:00 GMT", 86400.0)],
)  # fmt: skip
def test_retry_after(value: bytes, expected: float | None) -> None:
    # The server's clock is two hours slow; its date is measured against its own Date.
    head = b"Retry-After: " + value + b"\r\nDate: Tue, 24 Nov 2026 06:00:00 GMT\r\n"
    outcome = outcome_of(exchange(503, head), conditional=False)
    assert (outcome.code, outcome.retry_after) == (Code.HOST_PARKED, expected)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"bytes 0-99/100", Code.OK),
        (b"bytes=0-99/100", Code.OK),
        (b"bytes 0-98/100", Code.QUARANTINE),
        (b"bytes 1-99/100", Code.QUARANTINE),
        (b"bytes 0-99/*", Code.QUARANTINE),
    ],
)
def test_partial_content(value: bytes, code: Code) -> None:
    head = b"Content-Range: " + value + b"\r\n"
    assert outcome_of(exchange(206, head), conditional=False).code is code


def test_one_line() -> None:
    assert one_line("a\x1b[31m\nb\u202e") == "a?[31m?b?"
    assert one_line("") == "no detail"
    assert len(one_line("年" * 1000)) == 300


CUT = [
    (b"", True),
    (b"<html><body>x", True),
    (b"\xef\xbb\xbf \r\n<!DOCTYPE html><p>x", True),
    (b"<!-- x --><HTML>x</HTM", True),
    (b"<html>x</HTML>\n<!-- 1 -->", False),
    (b"<html><body>x</body>", False),
    (b"<html>" + b"a" * 100_000 + b"</body></html>", False),
    (b"<div>a fragment", False),
    ("文本".encode(), False),
    (b"%PDF-1.4 x", True),
    (b"%PDF-1.4 x\n%%EOF\r\n", False),
    (b"PK\x03\x04 x", True),
    (b"PK\x03\x04 x PK\x05\x06" + b"\0" * 18, False),
    (b"\x89PNG\r\n\x1a\n x", True),
    (b"\x89PNG\r\n\x1a\n x IEND\xaeB`\x82", False),
]


@pytest.mark.parametrize(("content", "cut"), CUT)
def test_looks_cut(content: bytes, cut: bool) -> None:
    assert bool(looks_cut(content)) is cut


def test_cookies_of_one_host() -> None:
    jar = Jar(3)
    jar.learn(b"a=1; Path=/; Domain=.gov.cn", path="/x/y", now=NOW)
    jar.learn(b"b=2; Secure", path="/x/y?q", now=NOW)
    assert jar.header(path="/x/z", secure=True) == b"a=1; b=2"
    assert jar.header(path="/x/z", secure=False) == b"a=1"
    assert jar.header(path="/xx", secure=True) == b"a=1"
    assert jar.changes == 2
    jar.learn(b"a=1; Path=/", path="/", now=NOW)
    assert jar.changes == 2
    jar.learn(b"a=9; Path=/; Max-Age=0", path="/", now=NOW)
    jar.learn(b"b=9; Expires=Thu, 01-Jan-1970 00:00:00 GMT", path="/x/y", now=NOW)
    assert (len(jar), jar.changes) == (0, 4)


def test_a_jar_is_bounded_and_takes_no_nonsense() -> None:
    jar = Jar(3)
    for number in range(10):
        jar.learn(b"c%d=1; Path=/" % number, path="/", now=NOW)
    assert jar.header(path="/", secure=True) == b"c7=1; c8=1; c9=1"
    for line in (
        b"",
        b"=1",
        b"a",
        b"a b=1",
        b"a=\r\nX: y",
        b"a=\0",
        b"a=" + b"x" * 5000,
        b";",
        b"\xff=1",
    ):
        jar.learn(line, path="/", now=NOW)
    assert jar.changes == 10
    jar.learn("d=年; Expires=nonsense".encode("gbk"), path="/", now=NOW)
    assert b"d=\xc4\xea" in jar.header(path="/", secure=True)
