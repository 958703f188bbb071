"""Which cookies a host gets back, and when a redirect to the same address may answer otherwise."""

from __future__ import annotations

import datetime

import pytest

from govreport_parse.fetch.cookies import Jar

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)


def jar(*lines: bytes, path: str = "/xxgk/nb/1.html", most: int = 20) -> Jar:
    made = Jar(most)
    for line in lines:
        made.learn(line, path=path, now=NOW)
    return made


@pytest.mark.parametrize(
    ("line", "path", "secure", "sent"),
    [
        (b"a=1", "/xxgk/nb", False, b"a=1"),
        (b"a=1", "/xxgk/nb/2.html?x=1", False, b"a=1"),
        (b"a=1", "/xxgk/nbx", False, b""),
        (b"a=1", "/xxgk/", False, b""),
        (b"a=1; Path=/", "/other", False, b"a=1"),
        (b"a=1; Path=/; Secure", "/other", False, b""),
        (b"a=1; Path=/; Secure", "/other", True, b"a=1"),
        (b"a=1; Path=xxgk", "/xxgk/nb/", False, b"a=1"),
    ],
)
def test_a_cookie_goes_to_its_own_path_only(
    line: bytes, path: str, secure: bool, sent: bytes
) -> None:
    assert jar(line).header(path=path, secure=secure) == sent


@pytest.mark.parametrize(
    ("attribute", "kept"),
    [
        (b"Max-Age=1", 1),
        (b"Max-Age=0", 0),
        (b"Max-Age=-5", 0),
        (b"Expires=Sun, 01-Mar-2026 12:00:00 GMT", 0),
        (b"Expires=Sun, 01-Mar-2026 12:00:01 GMT", 1),
        (b"Expires=soon", 1),
        (b"Max-Age=0; Expires=Sun, 01-Mar-2027 12:00:00 GMT", 0),
    ],
)
def test_a_cookie_that_has_expired_is_removed(attribute: bytes, kept: int) -> None:
    made = jar(b"a=1", b"a=2; " + attribute)
    assert len(made) == kept
    assert made.changes == 2


def test_only_a_new_value_is_a_change() -> None:
    made = jar(b"a=1", b"a=1", b"b=1; Max-Age=0")
    assert made.changes == 1
    made.learn(b"a=2", path="/xxgk/nb/1.html", now=NOW)
    assert made.changes == 2


def test_the_cookie_set_longest_ago_makes_room() -> None:
    made = jar(b"a=1", b"b=1", b"a=1", b"c=1", most=2)
    assert made.header(path="/xxgk/nb/", secure=False) == b"a=1; c=1"
