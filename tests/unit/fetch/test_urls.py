"""Canonical addresses: expected forms written by hand from RFC 3986, RFC 3987 and WHATWG URL."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.errors import UsageError
from govreport_parse.fetch.urls import (
    LONGEST,
    canonical,
    host_of,
    is_same_site,
    port_of,
    registered_domain,
)

FORMS = [
    ("HTTP://WWW.Gov.CN", "http://www.gov.cn/"),
    ("http://user:pw@www.gov.cn:80/a", "http://www.gov.cn/a"),
    ("https://a@b@www.gov.cn:443/", "https://www.gov.cn/"),
    ("https://www.gov.cn:80/", "https://www.gov.cn:80/"),
    ("http://www.gov.cn:/a", "http://www.gov.cn/a"),
    ("http://www.gov.cn:08080/a", "http://www.gov.cn:8080/a"),
    ("http://www.gov.cn./a", "http://www.gov.cn/a"),
    ("http://www.gov.cn/a/../b/./c?x=1#f", "http://www.gov.cn/b/c?x=1"),
    ("http://www.gov.cn/..", "http://www.gov.cn/"),
    ("http://www.gov.cn/a/%2e%2E/b", "http://www.gov.cn/b"),
    ("http://www.gov.cn/a/..", "http://www.gov.cn/"),
    ("http://www.gov.cn/a/.", "http://www.gov.cn/a/"),
    ("http://www.gov.cn//a//b", "http://www.gov.cn//a//b"),
    ("http://www.gov.cn?x", "http://www.gov.cn/?x"),
    ("http://www.gov.cn#x?y", "http://www.gov.cn/"),
    ("http://www.gov.cn/a?b?c", "http://www.gov.cn/a?b?c"),
    # Escapes stay, because only the server knows their encoding.
    ("http://x.gov.cn/%b1%a8.html?q=%C4%EA", "http://x.gov.cn/%B1%A8.html?q=%C4%EA"),
    ("http://x.gov.cn/%E5%B9%B4", "http://x.gov.cn/%E5%B9%B4"),
    ("http://x.gov.cn/%zz?q=%", "http://x.gov.cn/%25zz?q=%25"),
    ("http://x.gov.cn/a%41", "http://x.gov.cn/a%41"),
    ("http://x.gov.cn/年报?年=1", "http://x.gov.cn/%E5%B9%B4%E6%8A%A5?%E5%B9%B4=1"),
    ("http://x.gov.cn/a b\x01", "http://x.gov.cn/a%20b"),
    ("http://x.gov.cn/a\x01b", "http://x.gov.cn/a%01b"),
    ("http://x.gov.cn/\ud800", "http://x.gov.cn/%ED%A0%80"),
    (b"http://x.gov.cn/\xc4\xea\xb1\xa8.html", "http://x.gov.cn/%C4%EA%B1%A8.html"),
    # Line breaks inside and blanks around
    ("  http://x.gov.cn/a\r\nb\t \n", "http://x.gov.cn/ab"),
    ("http:\\\\x.gov.cn\\a?b\\c", "http://x.gov.cn/a?b\\c"),
    ("http:/x.gov.cn/a", "http://x.gov.cn/a"),
    ("http:x.gov.cn/a", "http://x.gov.cn/a"),
    ("http:///x.gov.cn/a", "http://x.gov.cn/a"),
    # Hosts
    ("http://中文.中国/", "http://xn--fiq228c.xn--fiqs8s/"),
    ("http://XN--FIQ228C.xn--fiqs8s/", "http://xn--fiq228c.xn--fiqs8s/"),
    ("http://ｗｗｗ．ｇｏｖ。cn/", "http://www.gov.cn/"),
    ("http://w%77w.gov.cn/", "http://www.gov.cn/"),
    ("http://a_b.x.gov.cn/", "http://a_b.x.gov.cn/"),
    ("http://127.1/", "http://127.0.0.1/"),
    ("http://0x7f000001/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://0177.0.0.1/", "http://127.0.0.1/"),
    ("http://１２７.０.０.１/", "http://127.0.0.1/"),
    ("http://1.2.3.4.:80/", "http://1.2.3.4/"),
    ("http://[::FFFF:1.2.3.4]:80/x", "http://[::ffff:102:304]/x"),
    ("http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"),
    # Session ids
    ("http://x.gov.cn/a;jsessionid=0A1B?b=1", "http://x.gov.cn/a?b=1"),
    ("http://x.gov.cn/a;JSESSIONID=0A1B.n1/b", "http://x.gov.cn/a/b"),
    ("http://x.gov.cn/a?PHPSESSID=1&b=2", "http://x.gov.cn/a?b=2"),
    ("http://x.gov.cn/a?b=2&ASPSESSIONIDQQ=1", "http://x.gov.cn/a?b=2"),
    ("http://x.gov.cn/a?jsessionid=1", "http://x.gov.cn/a"),
    ("http://x.gov.cn/(S(0a1b2c3d4e5f6g7h8i9j0k1l))/a.aspx", "http://x.gov.cn/a.aspx"),
    # Plain addresses, which take a shorter way
    ("http://www.x.gov.cn/a/b.html?id=1&b=", "http://www.x.gov.cn/a/b.html?id=1&b="),
    ("https://www.x.gov.cn/a/.b/", "https://www.x.gov.cn/a/.b/"),
    ("https://www.x.gov.cn/a/./b", "https://www.x.gov.cn/a/b"),
    ("http://www.x.gov.cn/a?id=1&PHPSESSID=2", "http://www.x.gov.cn/a?id=1"),
    ("http://1.2.3.x/a", "http://1.2.3.x/a"),
    # `sid` is often the number of an article
    ("http://x.gov.cn/a?sid=7&b;c", "http://x.gov.cn/a?sid=7&b;c"),
]


@pytest.mark.parametrize(("url", "expected"), FORMS)
def test_canonical_form(url: str | bytes, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(expected) == expected


BAD = [
    ("javascript:alert(1)", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("data:text/html,x", "scheme"),
    ("ftp://x.gov.cn/", "scheme"),
    ("www.gov.cn:8080/a", "scheme"),
    ("www.gov.cn/a", "url"),
    ("", "url"),
    ("http://", "url"),
    ("http:///", "url"),
    ("http://?x", "url"),
    ("http://[::1", "url"),
    ("http://[::1]x/", "url"),
    ("http://[fe80::1%25eth0]/", "url"),
    ("http://[1.2.3.4]/", "url"),
    ("http://x.gov.cn:99999/", "port"),
    ("http://x.gov.cn:0/", "port"),
    ("http://x.gov.cn:-1/", "port"),
    ("http://x.gov.cn:８０/", "port"),
    ("http://x.gov.cn:8 0/", "port"),
    ("http://a b/", "url"),
    ("http://a\0b/", "url"),
    ("http://a%00b/", "url"),
    ("http://a%2fb/", "url"),
    ("http://a..b/", "url"),
    ("http://" + "a" * 64 + ".cn/", "url"),
    ("http://" + "a." * 130 + "cn/", "url"),
    ("http://\ufffd.cn/", "url"),
    ("http://\ud800.cn/", "url"),
    ("http://1.2.3.4.5/", "url"),
    ("http://256.1.1.1/", "url"),
    ("http://1.2.3.999/", "url"),
    ("http://4294967296/", "url"),
    ("http://08.1.1.1/", "url"),
    ("http://x.gov.cn/" + "a" * LONGEST, "url"),
    ("http://x.gov.cn/" + "年" * 1000, "url"),
]


@pytest.mark.parametrize(("url", "reason"), BAD)
def test_hopeless_address_is_refused(url: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        canonical(url)
    assert caught.value.context["reason"] == reason
    assert len(caught.value.message) < 400


BASE = "http://x.gov.cn/a/b?c=1"
RELATIVE = [
    ("d.html", "http://x.gov.cn/a/d.html"),
    ("../d.html", "http://x.gov.cn/d.html"),
    ("../../../d", "http://x.gov.cn/d"),
    ("/d", "http://x.gov.cn/d"),
    ("?d=2", "http://x.gov.cn/a/b?d=2"),
    ("#e", BASE),
    ("", BASE),
    ("//y.gov.cn/d", "http://y.gov.cn/d"),
    ("\\\\y.gov.cn\\d", "http://y.gov.cn/d"),
    ("https://y.gov.cn", "https://y.gov.cn/"),
    (b"\xc4\xea.html", "http://x.gov.cn/a/%C4%EA.html"),
    ("年.html", "http://x.gov.cn/a/%E5%B9%B4.html"),
    ("./t20240101_1.html", "http://x.gov.cn/a/t20240101_1.html"),
]


@pytest.mark.parametrize(("url", "expected"), RELATIVE)
def test_relative_to_a_base(url: str | bytes, expected: str) -> None:
    assert canonical(url, base=BASE) == expected


PIECES = st.sampled_from(
    ["http://", "https:", "//", "@", ":", "[", "]", "::1", "%", "%2", "%2e", "..", "/", "\\", "?",
     "#", "&", ";jsessionid=1", "xn--", "0x7f", "127", "１", "。", "中文", "gov.cn", "\0", "\t"]
)  # fmt: skip
ANY = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map(
        lambda parts: "http://a.cn/" + "".join(parts)
    ),
    st.binary(max_size=40),
    st.binary(max_size=40).map(lambda raw: b"http://a.cn/" + raw),
)


@settings(max_examples=1500, deadline=None)
@given(ANY, st.sampled_from([None, BASE]))
def test_canonical_is_idempotent_and_raises_only_ours(url: str | bytes, base: str | None) -> None:
    try:
        once = canonical(url, base=base)
    except UsageError:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert once.isprintable()
    assert " " not in once
    host = host_of(once)
    assert host
    assert 0 < port_of(once) < 65536
    shown = f"[{host}]" if ":" in host else host
    assert once.partition("://")[2].startswith(shown)


def test_host_and_port() -> None:
    assert host_of("http://[2001:db8::1]:8080/a:b") == "2001:db8::1"
    assert port_of("http://[2001:db8::1]:8080/a:b") == 8080
    assert (host_of("https://x.cn/a:81"), port_of("https://x.cn/a:81")) == ("x.cn", 443)
    assert (host_of("http://x.cn:81?a"), port_of("http://x.cn:81?a")) == ("x.cn", 81)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.szpsq.gov.cn", "szpsq.gov.cn"),
        ("szpsq.gov.cn", "szpsq.gov.cn"),
        ("xxgk.www.beijing.gov.cn", "beijing.gov.cn"),
        ("gov.cn", "gov.cn"),
        ("www.gov.cn", "www.gov.cn"),
        ("www.example.com", "example.com"),
        ("www.a.com.cn", "a.com.cn"),
        ("www.xinhuanet.cn", "xinhuanet.cn"),
        ("www.dsat.gov.mo", "dsat.gov.mo"),
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_same_site() -> None:
    assert is_same_site("http://www.a.gov.cn/x", "https://zwgk.a.gov.cn:8080/y")
    assert not is_same_site("http://www.a.gov.cn/", "http://www.b.gov.cn/")
    assert not is_same_site("http://www.a.com.cn/", "http://www.b.com.cn/")
    assert is_same_site("http://10.0.0.1/", "http://10.0.0.1:81/")
    assert not is_same_site("http://10.0.0.1/", "http://10.1.0.1/")
