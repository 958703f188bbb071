"""Which IP addresses may be asked: only those of the public internet.

An IPv6 address that carries an IPv4 address (mapped, NAT64, 6to4, Teredo, ISATAP) is public only if
the address inside is. Sources: the IANA special-purpose registries, RFC 6052, 3056, 4380, 5214.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from govreport_parse.errors import UsageError

# is_global alone lets these through in some versions of Python.
_CLOSED_4 = tuple(
    IPv4Network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15")
)
_UNICAST_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_CLOSED_6 = tuple(
    IPv6Network(text)
    for text in ("2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "3fff::/20")
)
_METADATA = frozenset(("100.100.100.200", "fd00:ec2::254"))
_ISATAP = (0x00005EFE, 0x02005EFE)


@lru_cache(maxsize=8192)
def is_public(address: str) -> bool:
    """True if ``address`` is an IPv4 or IPv6 literal of the public internet.

    False for loopback, private, link-local, shared (100.64/10), documentation, benchmark, reserved
    and multicast ranges, for an IPv6 address that embeds such an IPv4 address, for one with a zone,
    and for what is no address at all.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_4(parsed)
    if parsed.scope_id is not None:
        return False
    inner = _embedded(parsed)
    if not all(_is_public_4(each) for each in inner):
        return False
    if parsed.ipv4_mapped is not None or parsed in _NAT64:
        return True
    return (
        parsed in _UNICAST_6
        and (parsed.is_global or parsed.teredo is not None)
        and not any(parsed in network for network in _CLOSED_6)
    )


@lru_cache(maxsize=8192)
def is_link_local(address: str) -> bool:
    """True for addresses that no site has, not even of an intranet: link-local ones.

    Clouds answer there with the secrets of a machine (169.254.169.254, fd00:ec2::254); Alibaba's
    does at 100.100.100.200. An IPv6 address that embeds such a one counts like it.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if str(parsed) in _METADATA or parsed.is_link_local:
        return True
    inner = _embedded(parsed) if isinstance(parsed, IPv6Address) else ()
    return any(each.is_link_local or str(each) in _METADATA for each in inner)


@lru_cache(maxsize=8192)
def ip_group(address: str) -> str:
    """The network whose hosts share one politeness budget: IPv4 /24, IPv6 /48.

    ``203.0.113.7`` gives ``203.0.113.0/24``. A mapped or NAT64 address belongs to the group of the
    IPv4 address inside. Raises ``UsageError`` for what is no address.
    """
    try:
        parsed = ip_address(address)
    except ValueError as error:
        raise UsageError(
            f"{address[:80]!r} is not an IP address", hint="such as 192.0.2.1 or 2001:db8::1"
        ) from error
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed in _NAT64:
            parsed = IPv4Address(int(parsed) & 0xFFFFFFFF)
    bits = 24 if isinstance(parsed, IPv4Address) else 48
    return str(ip_network((int(parsed), bits), strict=False)) if bits == 24 else _group_6(parsed)


def _group_6(address: IPv4Address | IPv6Address) -> str:
    # Built from the number, because a small one would be taken for IPv4.
    top = int(address) >> 80 << 80
    return f"{IPv6Address(top)}/48"


def _is_public_4(address: IPv4Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _CLOSED_4)
    )


def _embedded(address: IPv6Address) -> list[IPv4Address]:
    """Every IPv4 address that packets to ``address`` may end at."""
    found: list[IPv4Address] = []
    number = int(address)
    if address.ipv4_mapped is not None:
        found.append(address.ipv4_mapped)
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)
    return found


def parse_literal(host: str) -> str | None:
    """The address a host consists of (``[::1]`` without brackets), or None if it is a name."""
    text = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ip_address(text))
    except (AddressValueError, ValueError):
        return None
