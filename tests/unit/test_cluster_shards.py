"""A harvest is dealt by registered domain and group of addresses."""

from __future__ import annotations

import pytest

from govreport_parse.cluster import host_groups, shard_of, shard_of_name
from govreport_parse.errors import UsageError


def test_all_hosts_of_a_domain_are_in_one_shard() -> None:
    urls = [
        "http://www.town.gov.cn/a.html",
        "https://zwgk.town.gov.cn:8443/b?c=1",
        "HTTPS://TOWN.gov.cn/",
    ]
    assert {shard_of(u, 50) for u in urls} == {shard_of_name("town.gov.cn", 50)}
    # another domain under the same second level is dealt on its own
    found = {shard_of(f"http://www.t{n}.gov.cn/", 50) for n in range(500)}
    assert len(found) == 50


def test_domains_that_share_a_group_of_addresses_are_in_one_shard() -> None:
    addresses = {
        "www.a.gov.cn": ["203.0.113.7"],
        "www.b.gov.cn": ["203.0.113.200", "198.51.100.1"],  # joins a, and brings c
        "c.gov.cn": ["198.51.100.99"],
        "d.gov.cn": ["192.0.2.1"],
        "zwgk.a.gov.cn": ["192.0.2.77"],  # a's second host joins d
        "e.gov.cn": ["100.64.7.1"],
        "dead.gov.cn": [],
    }
    groups = host_groups(addresses)
    assert groups == {
        "a.gov.cn": "a.gov.cn",
        "b.gov.cn": "a.gov.cn",
        "c.gov.cn": "a.gov.cn",
        "d.gov.cn": "a.gov.cn",
        "dead.gov.cn": "dead.gov.cn",
        "e.gov.cn": "e.gov.cn",
    }
    assert host_groups(dict(reversed(addresses.items()))) == groups
    for host in ("www.b.gov.cn", "c.gov.cn", "d.gov.cn", "x.d.gov.cn"):
        assert shard_of(f"http://{host}/", 97, groups) == shard_of_name("a.gov.cn", 97)
    assert shard_of("http://e.gov.cn/", 97, groups) == shard_of_name("e.gov.cn", 97)
    # a domain that the table does not know is dealt by its own name
    assert shard_of("http://new.gov.cn/", 97, groups) == shard_of_name("new.gov.cn", 97)


def test_what_is_no_web_address_is_refused() -> None:
    with pytest.raises(UsageError, match="can't be used"):
        shard_of("ftp://a.gov.cn/", 3)
