"""The address of a Dask scheduler: looked at, and asked who it is, before a client is made of it.

A client of Dask's that finds no scheduler waits without end where nobody speaks its language, and
is heard again when the program ends. A question of our own ends when its time is up.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from govreport_parse.errors import NetworkError, UsageError

GRACE = 1.0
"""Seconds that Dask's own time limit, whose error says more, is let run out before ours."""
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?(?:\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})/?"
)
_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


def checked_address(address: object) -> str:
    """The address, without a ``/`` at its end.

    ``UsageError`` where it is none: ``scheme://host:port``, of which Dask takes the scheme as tcp
    where it is left out.
    """
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if found is None or (found["scheme"] or "tcp") not in _SCHEMES:
        raise _no_address(address, "it is not of the form scheme://host:port")
    if not 0 < int(found["port"]) < 2**16:
        raise _no_address(address, f"{found['port']} is no port")
    return found[0].rstrip("/")


def ask(address: str, timeout: float) -> None:
    """Whether a scheduler answers at the address.

    ``NetworkError`` where nothing answers within ``timeout`` seconds (it may come up in this
    time), or something else does.
    """
    # in a thread: the caller may run an event loop, as notebooks do
    with ThreadPoolExecutor(1) as thread:
        try:
            kind = thread.submit(asyncio.run, _kind(address, timeout)).result()
        except (OSError, ValueError) as error:
            why = str(error) or f"no answer of a scheduler in {timeout:g} s"
            raise no_scheduler(address, why) from error
    if kind != "Scheduler":
        raise no_scheduler(address, f"what answers there is a {str(kind)[:40]}")


async def _kind(address: str, timeout: float) -> Any:
    from distributed import Security, rpc

    make: Any = rpc
    security: Any = Security
    secured = security().get_connection_args("client")  # certificates, for tls
    async with make(address, timeout=timeout, connection_args=secured) as there:
        told = await asyncio.wait_for(there.identity(), timeout + GRACE)
    return told.get("type") if isinstance(told, dict) else told


def _no_address(address: object, why: str) -> UsageError:
    return UsageError(
        f"{str(address)[:200]!r} is no address of a scheduler: {why}",
        hint="such as tcp://10.0.0.1:8786; dask scheduler prints it when it starts",
        context={"reason": "address"},
    )


def no_scheduler(address: str, why: object) -> NetworkError:
    """The error for an address where no scheduler with workers is."""
    return NetworkError(
        f"no Dask scheduler with workers at {address!r}: {str(why)[:200]}",
        hint="start one with: dask scheduler; and workers with: dask worker ADDRESS",
        context={"reason": "scheduler", "address": address},
    )
