"""One harvest as several at once, on one machine or many, as polite as one.

Sources are dealt by registered domain and group of IP addresses, so that each host, and each group
of hosts that share a budget of connections, is asked by one process alone. The table of addresses
is made once and lies in the common folder; links and redirects to hosts of other shares are not
followed but told (``other_share``).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govreport_parse.cluster.shards import Shard, host_groups, shard_of, shard_of_name
from govreport_parse.errors import DatasetError
from govreport_parse.fetch.addresses import ip_group
from govreport_parse.fetch.archive import disk
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.urls import host_of, registered_domain
from govreport_parse.harvesting.results import Run
from govreport_parse.harvesting.run import harvest
from govreport_parse.harvesting.sources import BadRow, SourceRow, checked_sources


@dataclass(frozen=True, slots=True)
class HostShare:
    """A share of the hosts. ``groups``: registered domain to its group; ``networks``: as well."""

    shard: Shard
    groups: Mapping[str, str]
    networks: Mapping[str, str]

    @classmethod
    def of(cls, shard: Shard, addresses: Mapping[str, Sequence[str]]) -> HostShare:
        """From a table of hosts and their IP addresses."""
        groups = host_groups(addresses)
        networks = {
            ip_group(address): groups[registered_domain(host)]
            for host, found in addresses.items()
            for address in found
        }
        return cls(shard, groups, networks)

    def rows(
        self, good: list[SourceRow], bad: list[BadRow]
    ) -> tuple[list[SourceRow], list[BadRow]]:
        """Those of this share; rows that can't be used are the first one's."""
        mine = [r for r in good if shard_of(r.url, self.shard.count, self.groups) == self._number]
        return mine, bad if self._number == 1 else []

    def refusal(self, url: str, address: str) -> str | None:
        """Why an address is not asked for here; ``None`` for one of this share."""
        owner = shard_of(url, self.shard.count, self.groups)
        if owner != self._number:
            return f"{host_of(url)} is asked by share {owner}/{self.shard.count}"
        group = self.networks.get(ip_group(address))
        owner = self._number if group is None else shard_of_name(group, self.shard.count)
        if owner != self._number:
            return f"hosts of {ip_group(address)} are asked by share {owner}/{self.shard.count}"
        return None

    @property
    def _number(self) -> int:
        return self.shard.number


def harvest_share(
    sources: Any,
    out: str | os.PathLike[str],
    contact: str | None = None,
    *,
    shard: str | Shard,
    resolver: Resolver | None = None,
    **options: Any,
) -> Run:
    """One share of a harvest, ``"2/8"``, into ``shard-2-of-8`` below ``out``; else as ``harvest``.

    All shares need the same sources, and ``out`` on a disk that they share: the first of them
    writes there which addresses the hosts have. ``merge_datasets`` joins what they made.
    """
    share = Shard.of(shard)
    if isinstance(sources, Iterator):
        sources = list(sources)  # it is read twice
    good, _ = checked_sources(sources, skip_bad=options.get("skip_bad_rows", False))
    hosts = sorted({host_of(row.url) for row in good})
    table = host_table(hosts, Path(out), resolver or Resolver())
    mine = HostShare.of(share, table)
    return harvest(sources, share.folder(out), contact, share=mine, resolver=resolver, **options)


def host_table(hosts: Sequence[str], folder: Path, resolver: Resolver) -> dict[str, list[str]]:
    """The IP addresses of hosts as all shares see them.

    The first process to know them writes them down, in a file that is named by the hosts; all
    others take what is there, whatever their own name servers say.
    """
    digest = hashlib.sha256("\n".join(hosts).encode()).hexdigest()[:12]
    path = folder / f"hosts-{digest}.json"
    if not path.exists():
        found = asyncio.run(_resolved(hosts, resolver))
        with disk.system_errors(folder, "write to"):
            folder.mkdir(parents=True, exist_ok=True)
            _write_first(path, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    try:
        table: dict[str, list[str]] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"the table of hosts {str(path)!r} can't be read: {error}",
            hint="end all shares, remove it, and run them again",
        ) from error
    return table


async def _resolved(hosts: Sequence[str], resolver: Resolver) -> dict[str, list[str]]:
    answers = await asyncio.gather(*(resolver.resolve(host, deadline=120.0) for host in hosts))
    return {host: list(answer.addresses) for host, answer in zip(hosts, answers, strict=True)}


def _write_first(path: Path, text: str) -> None:
    """Write a file unless it is there; whole or not at all."""
    draft = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    draft.write_text(text, "utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another share was quicker
    finally:
        draft.unlink()
