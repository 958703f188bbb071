"""robots.txt: 15 kinds of answers and their decisions, worked out from RFC 9309 by hand."""

from __future__ import annotations

import datetime

import pytest

from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.robots import (
    MAX_BYTES,
    RobotsRules,
    decide,
    read_robots,
    robots_tags,
    robots_url,
)

NOW = 1_700_000_000.0
PAGE = "http://www.example.gov.cn/xxgk/nb/index.html"


def answer(
    status: int,
    body: bytes = b"",
    *,
    code: Code = Code.OK,
    reason: str = "",
    head: str = "Content-Type: text/plain",
    hops: int = 0,
) -> Answer:
    url = "http://www.example.gov.cn/robots.txt"
    raw = f"HTTP/1.1 {status} X\r\n{head}\r\n\r\n".encode() if status else b""
    last = Exchange(url, "GET", b"", "203.0.113.1", _T, 0.1, status, raw, body)
    before = tuple(
        Exchange(url, "GET", b"", "203.0.113.1", _T, 0.1, 302, b"HTTP/1.1 302 X\r\n\r\n")
        for _ in range(hops)
    )
    keeps = code in (Code.OK, Code.GONE, Code.BLOCKED, Code.FAILED, Code.RETRY)
    return Answer(url, Outcome(code, reason), (*before, last), body if keeps else b"")


_T = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
RULES = b"User-agent: *\nDisallow: /xxgk/\n"


def verdict(got: Answer, url: str = PAGE, *, strict: bool = False) -> str:
    rules = read_robots(got, now=NOW, strict=strict)
    outcome = decide(rules, url)
    return "allowed" if outcome is None else f"{outcome.code}:{outcome.reason}"


ALLOWED = "allowed"
FORBIDDEN = "refused:robots"
DENIED = "host_parked:robots_unreachable"
WAF = b"<html><head><script>$_ts=window['$_ts'];</script></head><body></body></html>"
LONG = b"User-agent: *\n" + b"# padding, padding\n" * 600_000 + b"Disallow: /\n"


@pytest.mark.parametrize(
    ("name", "got", "expected"),
    [
        ("rules", answer(200, RULES), FORBIDDEN),
        ("other path", answer(200, b"User-agent: *\nDisallow: /admin/\n"), ALLOWED),
        ("empty file", answer(200, b""), ALLOWED),
        ("500", answer(500, code=Code.RETRY, reason="http_status"), DENIED),
        ("503", answer(503, RULES, code=Code.HOST_PARKED, reason="http_status"), DENIED),
        ("429", answer(429, code=Code.HOST_PARKED, reason="http_status"), DENIED),
        ("timeout", answer(0, code=Code.RETRY, reason="deadline"), DENIED),
        ("reset", answer(0, code=Code.RETRY, reason="connect"), DENIED),
        ("cut body", answer(200, code=Code.RETRY, reason="truncated"), DENIED),
        ("404", answer(404, b"<html>404</html>", code=Code.GONE), ALLOWED),
        ("410", answer(410, code=Code.GONE), ALLOWED),
        ("401", answer(401, code=Code.FAILED), ALLOWED),
        ("403", answer(403, b"<h1>403 Forbidden</h1>", code=Code.BLOCKED), ALLOWED),
        ("451", answer(451, b"<h1>451</h1>", code=Code.BLOCKED), ALLOWED),
        ("407", answer(407, code=Code.BLOCKED), ALLOWED),
        ("999", answer(999, code=Code.BLOCKED), DENIED),
        ("chain of 5", answer(200, RULES, hops=5), FORBIDDEN),
        ("loop", answer(302, code=Code.FAILED, reason="redirect_loop"), DENIED),
        ("html", answer(200, b"<!DOCTYPE html><html><body>index</body></html>"), ALLOWED),
        ("html without head", answer(200, b"\n\n <div>\xe9\xa6\x96\xe9\xa1\xb5</div>"), ALLOWED),
        ("10 MB", answer(200, LONG), ALLOWED),
        ("bom", answer(200, b"\xef\xbb\xbf" + RULES), FORBIDDEN),
        ("cr only", answer(200, RULES.replace(b"\n", b"\r")), FORBIDDEN),
        ("utf-16", answer(200, RULES.decode().encode("utf-16")), FORBIDDEN),
        ("rules sent as html", answer(200, RULES, head="Content-Type: text/html"), FORBIDDEN),
        ("412", answer(412, WAF, code=Code.BLOCKED), DENIED),
        ("521", answer(521, b"<script>document.cookie</script>", code=Code.BLOCKED), DENIED),
        ("493", answer(493, b"", code=Code.BLOCKED), DENIED),
        ("202", answer(202, WAF), DENIED),
        ("200 with a challenge", answer(200, WAF), DENIED),
        ("403 with a challenge", answer(403, WAF, code=Code.BLOCKED), DENIED),
        ("our own group", answer(200, b"User-agent: govreport_parse\nDisallow: /\n"), FORBIDDEN),
        (
            "our name with a version",
            answer(200, b"User-agent: *\nDisallow:\nUser-Agent: GovReport_Parse/2.0\nDisallow: /"),
            FORBIDDEN,
        ),
        (
            "our own group opens what others may not see",
            answer(200, b"User-agent: govreport_parse\nAllow: /\n\nUser-agent: *\nDisallow: /\n"),
            ALLOWED,
        ),
        (
            "half of our name is another robot",
            answer(200, b"User-agent: govreport\nAllow: /\n\nUser-agent: *\nDisallow: /\n"),
            FORBIDDEN,
        ),
        (
            "the longer rule wins",
            answer(200, b"User-agent: *\nDisallow: /\nAllow: /xxgk/nb/\n"),
            ALLOWED,
        ),
    ],
)
def test_answer_and_decision(name: str, got: Answer, expected: str) -> None:
    assert verdict(got) == expected, name


def test_flags_say_what_was_odd() -> None:
    def flags(got: Answer) -> tuple[str, ...]:
        return read_robots(got, now=NOW).flags

    assert flags(answer(401, code=Code.FAILED)) == ("unauthorized",)
    assert flags(answer(403, b"no", code=Code.BLOCKED)) == ("forbidden",)
    assert flags(answer(200, b"<html></html>")) == ("html",)
    assert flags(answer(200, LONG)) == ("cut",)
    assert flags(answer(200, RULES)) == ()


def test_strict_denies_a_host_that_asks_for_a_login() -> None:
    assert verdict(answer(401, code=Code.FAILED), strict=True) == DENIED
    assert verdict(answer(403, b"no", code=Code.BLOCKED), strict=True) == DENIED
    assert verdict(answer(404, code=Code.GONE), strict=True) == ALLOWED


def test_only_whole_lines_of_the_first_512_kib_count() -> None:
    start, last = b"User-agent: *\n#", b"\nDisallow: /private/\n"
    # The cut falls behind the first slash, where the rule would forbid everything.
    body = start + b"x" * (MAX_BYTES - len(start) - 12) + last
    assert body[:MAX_BYTES].endswith(b"\nDisallow: /")
    rules = read_robots(answer(200, body), now=NOW)
    assert decide(rules, PAGE) is None
    assert len(rules.body) <= MAX_BYTES


def test_too_large_file_is_read_from_what_came() -> None:
    got = answer(200, RULES + b"#\n" * 400_000, code=Code.QUARANTINE, reason="too_large")
    assert got.content == b""
    assert verdict(got) == FORBIDDEN


@pytest.mark.parametrize("reason", ["bomb", "coding", "protocol"])
def test_a_file_that_nobody_can_read_leaves_the_host_alone(reason: str) -> None:
    got = answer(200, b"\x1f\x8b..", code=Code.QUARANTINE, reason=reason)
    assert verdict(got) == "host_parked:robots_unreachable"


@pytest.mark.parametrize("asked", [b"1e308", b"99999999", b"86401"])
def test_a_delay_is_a_day_at_most(asked: bytes) -> None:
    body = b"User-agent: *\nCrawl-delay: " + asked + b"\n"
    assert read_robots(answer(200, body), now=NOW).crawl_delay == 86_400


def test_gbk_paths_match_byte_for_byte() -> None:
    rules = read_robots(answer(200, "User-agent: *\nDisallow: /年报/\n".encode("gb18030")), now=NOW)
    assert rules.flags == ("not_utf8",)
    assert decide(rules, "http://a.cn/%C4%EA%B1%A8/1.html") is not None
    assert decide(rules, "http://a.cn/%c4%ea%b1%a8/1.html") is not None
    assert decide(rules, "http://a.cn/%E5%B9%B4%E6%8A%A5/1.html") is not None
    # Other GBK names have other bytes, though none of them is UTF-8.
    assert decide(rules, "http://a.cn/%C4%EA%B1%A9/1.html") is None


def test_escaped_rule_matches_the_same_path_in_utf_8() -> None:
    rules = read_robots(answer(200, "User-agent: *\nDisallow: /年报$\n".encode()), now=NOW)
    assert decide(rules, "http://a.cn/%E5%B9%B4%E6%8A%A5") is not None
    assert decide(rules, "http://a.cn/%E5%B9%B4%E6%8A%A5/2.html") is None


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("/*.pdf$", "/a/b.pdf", False),
        ("/*.pdf$", "/a/b.pdf?x=1", True),
        ("/a/*/c", "/a/b/c.html", False),
        ("/s?q=", "/s?q=1", False),
        ("/s?q=", "/s?r=1", True),
        ("/", "/robots.txt", True),
        ("", "/anything", True),
        ("/%7Ejoe", "/~joe/x", False),
    ],
)
def test_patterns(rule: str, path: str, allowed: bool) -> None:
    body = f"User-agent: *\nDisallow: {rule}\n".encode()
    rules = read_robots(answer(200, body), now=NOW)
    assert (decide(rules, f"https://a.cn{path}") is None) is allowed


def test_crawl_delay_and_sitemaps() -> None:
    body = (
        b"Sitemap: http://a.cn/s.xml\nUser-agent: *\nCrawl-delay: 12.5\nSitemap: http://a.cn/s.xml"
    )
    rules = read_robots(answer(200, body), now=NOW)
    assert (rules.crawl_delay, rules.sitemaps) == (12.5, ("http://a.cn/s.xml",))
    for bad in (b"-1", b"nan", b"inf", b"soon", b""):
        body = b"User-agent: *\nCrawl-delay: " + bad + b"\nDisallow: /x"
        assert read_robots(answer(200, body), now=NOW).crawl_delay is None


def test_many_groups_and_rules_take_bounded_time() -> None:
    agents = b"".join(b"User-agent: bot%d\n" % i for i in range(12_000))
    body = agents + b"".join(b"Disallow: /*a*b%d*c$\n" % i for i in range(12_000))
    rules = read_robots(answer(200, body), now=NOW)
    assert decide(rules, PAGE) is None


def test_rules_survive_a_table() -> None:
    for got in (
        answer(200, RULES),
        answer(200, "User-agent: *\nDisallow: /年报\n".encode("gbk")),
        answer(404, code=Code.GONE),
        answer(500, code=Code.RETRY),
        answer(403, b"no", code=Code.BLOCKED),
    ):
        rules = read_robots(got, now=NOW)
        again = RobotsRules.from_row(rules.to_row())
        assert again == rules
        for url in (PAGE, "http://a.cn/%C4%EA%B1%A8"):
            assert decide(again, url) == decide(rules, url)


def test_age() -> None:
    rules = read_robots(answer(200, RULES), now=NOW)
    assert rules.fresh(NOW)
    assert rules.fresh(NOW + 86_399)
    assert not rules.fresh(NOW + 86_401)
    assert not rules.fresh(NOW - 3600), "a clock set back makes no copy fresh for longer"
    assert rules.usable(NOW + 29 * 86_400)
    assert not rules.usable(NOW + 31 * 86_400)
    assert not read_robots(answer(500, code=Code.RETRY), now=NOW).usable(NOW)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("X-Robots-Tag: noindex, NoFollow", {"noindex", "nofollow"}),
        ("X-Robots-Tag: none", {"none", "noindex", "nofollow"}),
        ("X-Robots-Tag: googlebot: nofollow", set()),
        ("X-Robots-Tag: govreport_parse: nofollow", {"nofollow"}),
        ("X-Robots-Tag: googlebot: noindex\r\nX-Robots-Tag: noarchive", {"noarchive"}),
        ("X-Robots-Tag: unavailable_after: 25 Jun 2010", {"unavailable_after"}),
        ("X-Robots-Tag: all", set()),
        ("Content-Type: text/html", set()),
    ],
)
def test_robots_tags(head: str, expected: set[str]) -> None:
    assert robots_tags(answer(200, head=head)) == expected


def test_address_of_robots() -> None:
    assert robots_url("http://a.gov.cn:8080/x/y?z#f") == "http://a.gov.cn:8080/robots.txt"
    assert robots_url("https://a.gov.cn") == "https://a.gov.cn/robots.txt"


def test_odd_bytes_never_raise() -> None:
    import random

    rng = random.Random(5)
    words = [
        b"User-agent",
        b":",
        b"*",
        b"Disallow",
        b"/",
        b"%",
        b"\n",
        b"\r",
        b"$",
        b"\xff",
        b"\x00",
    ]
    for _ in range(300):
        body = b"".join(rng.choice(words) for _ in range(rng.randrange(60)))
        rules = read_robots(answer(200, body), now=NOW)
        decide(rules, "http://a.cn/%zz/%C4?%")
