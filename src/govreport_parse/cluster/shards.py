"""Which share of the work is whose, from names alone: no process has to ask another.

Documents are dealt by a hash of their names. A harvest is dealt by registered domain and group of
IP addresses, so that one process holds the politeness of each host and of each group of hosts.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govreport_parse.cluster.inputs import name_of
from govreport_parse.errors import UsageError

MOST = 100_000
_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Share ``number`` (from 1) of ``count``."""

    number: int
    count: int

    @classmethod
    def of(cls, text: str | Shard) -> Shard:
        """``"2/8"`` as a shard. Raises ``UsageError``."""
        if isinstance(text, Shard):
            return text
        found = _SHARD.fullmatch(text.strip()) if isinstance(text, str) else None
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count <= MOST:
            raise UsageError(
                f"{text!r} is no shard",
                hint="write 1/8 for the first of eight, 8/8 for the last; with SLURM: "
                "--array=1-8 and --shard $SLURM_ARRAY_TASK_ID/8",
            )
        return cls(number, count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def folder(self, out: str | os.PathLike[str]) -> Path:
        """The folder of this shard below the common one."""
        return Path(out) / f"shard-{self.number:0{len(str(self.count))}}-of-{self.count}"

    def mine(self, items: Iterable[Any]) -> Iterator[Any]:
        """The inputs of this shard, by their names."""
        return (i for i in items if shard_of_name(name_of(i), self.count) == self.number)


def shard_of_name(name: str, count: int) -> int:
    """The shard, 1 to ``count``, of a document by its name; the same on every machine."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % count + 1


def shard_of(url: str, count: int, groups: Mapping[str, str] | None = None) -> int:
    """The shard, 1 to ``count``, that asks the host of an address.

    All hosts of one registered domain are in one shard. ``groups`` (``host_groups``) joins the
    domains whose hosts share a group of IP addresses: then nobody else asks that group.
    """
    domain = _domain(url)
    return shard_of_name((groups or {}).get(domain, domain), count)


def host_groups(addresses: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Registered domain to the name of its group; ``addresses``: host to its IP addresses.

    Domains are joined where hosts of theirs have addresses in one group (``203.0.113.0/24``).
    Name resolution may answer otherwise elsewhere or later: make the table once, and give it to
    all shards.
    """
    from govreport_parse.fetch.addresses import ip_group
    from govreport_parse.fetch.urls import registered_domain

    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    domains = set()
    for host, found in addresses.items():
        domain = registered_domain(host)
        domains.add(domain)
        one = root(domain)
        for address in found:
            other = root(f"ip {ip_group(address)}")
            parent[other] = one
    # named by the first domain of each group, whatever the order in which hosts came
    names: dict[str, str] = {}
    for domain in sorted(domains):
        names.setdefault(root(domain), domain)
    return {domain: names[root(domain)] for domain in sorted(domains)}


def _domain(url: str) -> str:
    from govreport_parse.fetch.urls import canonical, host_of, registered_domain

    return registered_domain(host_of(canonical(url)))
