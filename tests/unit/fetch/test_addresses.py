"""Which addresses are public: the IANA registries of special-purpose addresses, by hand."""

from __future__ import annotations

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.fetch.addresses import ip_group, is_link_local, is_public, parse_literal

CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.7", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1", "::8.8.8.8",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.100.100.200",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::808:808",
    "100::1", "2001::7f00:1", "2001:0:7f00:1::1", "2001:0:808:808::80ff:fffe",
    "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:6464:64c8::",
    "2400:3200::5efe:a00:1", "2400:3200::200:5efe:7f00:1",
    "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1", "2400:3200::1%lo",
    "", "localhost", "127.1", "0x7f000001", "1.2.3", "1.2.3.4.5", "::g", " 8.8.8.8",
]  # fmt: skip

OPEN = [
    "8.8.8.8", "1.2.4.8", "114.114.114.114", "100.63.255.255", "100.128.0.1", "172.32.0.1",
    "172.15.255.255", "11.0.0.1", "192.167.255.255", "223.255.255.255", "202.106.0.20",
    "2400:3200::1", "2408:8000::1", "2001:4860:4860::8888", "240e::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    # Teredo: server 8.8.8.8, client 8.8.4.4 (stored inverted)
    "2001:0:808:808::f7f7:fbfb",
]  # fmt: skip


@pytest.mark.parametrize("address", CLOSED)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("8.8.8.8", "8.8.8.0/24"),
        ("8.8.8.255", "8.8.8.0/24"),
        ("0.0.0.1", "0.0.0.0/24"),
        ("2400:3200:1:2::3", "2400:3200:1::/48"),
        ("2400:3200:1:ffff::", "2400:3200:1::/48"),
        ("::1", "::/48"),
        ("::ffff:8.8.8.8", "8.8.8.0/24"),
        ("64:ff9b::808:808", "8.8.8.0/24"),
    ],
)
def test_group(address: str, group: str) -> None:
    assert ip_group(address) == group


@pytest.mark.parametrize(
    ("address", "closed"),
    [
        ("169.254.169.254", True),
        ("169.254.0.1", True),
        ("fe80::1", True),
        ("fe80::1%lo", True),
        ("::ffff:169.254.169.254", True),
        ("64:ff9b::a9fe:a9fe", True),
        ("100.100.100.200", True),
        ("fd00:ec2::254", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("fd00::1", False),
        ("8.8.8.8", False),
        ("no address", False),
    ],
)
def test_no_option_opens_link_local_addresses(address: str, closed: bool) -> None:
    assert is_link_local(address) is closed


def test_group_of_no_address() -> None:
    with pytest.raises(UsageError, match="not an IP address"):
        ip_group("localhost")


def test_literals() -> None:
    assert parse_literal("1.2.3.4") == "1.2.3.4"
    assert parse_literal("[2001:DB8::1]") == "2001:db8::1"
    assert parse_literal("2001:db8::1") == "2001:db8::1"
    assert parse_literal("www.gov.cn") is None
