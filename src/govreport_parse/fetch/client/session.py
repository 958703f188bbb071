"""The client itself: hops, gates, cookies, the TLS ladder, and which connections stay open."""

from __future__ import annotations

import asyncio
import datetime
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal

from govreport_parse.errors import UsageError
from govreport_parse.fetch.addresses import is_link_local, is_public, parse_literal
from govreport_parse.fetch.client.http import Host, Key, Raw, converse
from govreport_parse.fetch.cookies import Jar
from govreport_parse.fetch.heads import header_lines, status_of
from govreport_parse.fetch.judging import Judged, judge
from govreport_parse.fetch.limits import WEB_PORTS, Limits
from govreport_parse.fetch.network import Attempt, current
from govreport_parse.fetch.records import Answer, Code, Exchange, Gate, Outcome
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.statuses import one_line
from govreport_parse.fetch.tls import TlsContexts
from govreport_parse.fetch.urls import canonical, host_of, port_of

Kind = Literal["page", "file"]
Clock = Callable[[], datetime.datetime]
Headers = list[tuple[bytes, bytes]]

_CONDITIONS = {b"if-none-match", b"if-modified-since"}
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
_NO_TLS = {"tls", "connect", "deadline"}
_CANCELLED = Outcome(Code.RETRY, "cancelled", "the request was cancelled")


def utc_now() -> datetime.datetime:
    """The time of day, with its zone."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(slots=True)
class _Hops:
    """The way of one ``get`` so far."""

    url: str
    start: str
    left: float
    """Seconds left of the total, time at the gate not counted."""
    exchanges: list[Exchange] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    without_tls: Outcome | None = None
    """Why an https address was asked for over plain HTTP."""

    def told(self, step: Judged) -> Outcome:
        """The outcome of the last hop, or why TLS failed if plain HTTP gave no answer either."""
        if self.without_tls is not None and step.exchange is not None and not step.exchange.status:
            return self.without_tls
        return step.outcome

    def answer(self, outcome: Outcome, content: bytes = b"") -> Answer:
        return Answer(self.url, outcome, tuple(self.exchanges), content)


class Client:
    """Asks servers for pages and files. Use it as an async context manager, in one event loop.

    ``agent``: the User-Agent, printable ASCII. ``allow_private`` lets addresses outside the public
    internet be asked (loopback in tests, an intranet). ``legacy_tls``: a host that fails the strict
    TLS handshake is asked again without verification and with old versions, which the exchange
    records (``tls_trust``), and one that speaks no TLS at all over plain HTTP, which the final
    address shows; without it such a host is refused. ``authorities``: a PEM file of
    further trusted certificates. ``clock`` gives the time of day for records; deadlines use the
    event loop's own clock.
    """

    def __init__(
        self,
        *,
        agent: str,
        limits: Limits | None = None,
        resolver: Resolver | None = None,
        allow_private: bool = False,
        legacy_tls: bool = True,
        authorities: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        if not agent.strip() or not agent.isascii() or not agent.isprintable():
            raise UsageError("the user agent must be printable ASCII text", hint="give agent=")
        self._agent = agent.strip().encode("ascii")
        self._limits = limits or Limits()
        self._resolver = resolver or Resolver(deadline=self._limits.dns)
        self._allow_private = allow_private
        self._legacy_tls = legacy_tls
        self._tls = TlsContexts(authorities)
        self._clock = clock
        self._hosts: OrderedDict[Key, Host] = OrderedDict()
        self._legacy: set[tuple[str, int]] = set()
        self._jars: dict[str, Jar] = {}

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. The client can be used again afterwards."""
        for host in self._hosts.values():
            host.backend.abort()
        self._hosts.clear()
        for _ in range(3):  # a closed transport needs a few turns of the loop to free its socket
            await asyncio.sleep(0)

    @property
    def open_connections(self) -> int:
        """Connections that are open now, in use or idle."""
        return sum(
            not wire.is_closed for host in self._hosts.values() for wire in host.backend.wires
        )

    async def get(
        self,
        url: str,
        *,
        gate: Gate | None = None,
        headers: Mapping[str, str] | None = None,
        kind: Kind = "page",
    ) -> Answer:
        """Ask for ``url`` and follow its redirects.

        ``gate`` decides on every hop, after its address is known and checked. ``headers`` are added
        to the request on its own host (conditional requests); ``UsageError`` if one is malformed.
        ``kind`` chooses the total time. Whatever else happens is told by the ``outcome``; only a
        cancellation from outside passes through.
        """
        extra = _checked_headers(headers or {})
        try:
            target = canonical(url)
        except UsageError as error:
            return Answer(url, _url_outcome(error))
        hops = _Hops(url, target, self._limits.total(kind))
        hops.seen[target] = self._jar_changes(target)
        while True:
            step = await self._hop(target, gate, extra, hops)
            if step.exchange is not None:
                hops.exchanges.append(step.exchange)
            if step.location is None:
                plain = self._plain_http(target, step, hops)
                if plain is None:
                    return hops.answer(hops.told(step), step.content)
                target = plain
                continue
            following = self._next(target, step.location, hops)
            if isinstance(following, Outcome):
                return hops.answer(following)
            target = following

    def _plain_http(self, url: str, step: Judged, hops: _Hops) -> str | None:
        """The http form of an https address whose host speaks no TLS, if that may be asked.

        It is asked like a redirect, so it passes the gate. A port that was written is kept.
        """
        if not self._legacy_tls or not url.startswith("https://") or hops.without_tls is not None:
            return None
        reasons = _NO_TLS if port_of(url) == 443 else {"tls"}
        exchange = step.exchange
        if exchange is None or exchange.request or step.outcome.reason not in reasons:
            return None
        hops.without_tls = step.outcome
        plain = "http://" + url.removeprefix("https://")
        hops.seen[plain] = self._jar_changes(plain)
        return plain

    def _next(self, here: str, location: bytes, hops: _Hops) -> str | Outcome:
        """Where a redirect leads, or why it is not followed."""
        if not location:
            return Outcome(Code.FAILED, "redirect", "a redirect without a Location")
        try:
            target = canonical(location, base=here)
        except UsageError as error:
            return _url_outcome(error)
        if len(hops.exchanges) > self._limits.redirects:
            detail = f"more than {self._limits.redirects} redirects"
            return Outcome(Code.FAILED, "redirect_limit", detail)
        ports = self._limits.ports
        if ports is None and not self._allow_private:
            ports = WEB_PORTS
        if ports is not None and port_of(target) not in ports | {port_of(hops.start)}:
            return Outcome(Code.REFUSED, "port", f"a redirect to port {port_of(target)}")
        # The same address answers differently only if a cookie has changed in between.
        changes = self._jar_changes(target)
        if hops.seen.get(target) == changes:
            if hops.without_tls is not None:  # plain HTTP leads back to where TLS failed
                return hops.without_tls
            return Outcome(Code.FAILED, "redirect_loop", one_line(f"a redirect loop at {target}"))
        hops.seen[target] = changes
        return target

    def _jar_changes(self, url: str) -> int:
        jar = self._jars.get(host_of(url))
        return jar.changes if jar is not None else 0

    async def _hop(self, url: str, gate: Gate | None, extra: Headers, hops: _Hops) -> Judged:
        """One request: resolve, check, ask the gate, connect, read."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        found = await self._addresses(host_of(url), hops.left)
        hops.left -= loop.time() - began
        if isinstance(found, Outcome):
            return Judged(found)
        if gate is not None:
            refusal = await gate.enter(url, found[0])
            if refusal is not None:
                return Judged(refusal)
        began = loop.time()
        step = Judged(_CANCELLED)
        try:
            own = extra if host_of(url) == host_of(hops.start) else []
            step = await self._ladder(url, found, own, hops.left)
        finally:
            hops.left -= loop.time() - began
            if gate is not None:
                sent = step.exchange if step.exchange and step.exchange.request else None
                gate.leave(url, found[0], sent, step.outcome)
        return step

    async def _addresses(self, host: str, left: float) -> tuple[str, ...] | Outcome:
        """The addresses that may be connected to."""
        literal = parse_literal(host)
        if literal is not None:
            found: tuple[str, ...] = (literal,)
        else:
            resolved = await self._resolver.resolve(host, deadline=left)
            if resolved.problem:
                return Outcome(Code.RETRY, "dns", one_line(resolved.detail))
            found = resolved.addresses
        if self._allow_private:
            public = tuple(address for address in found if not is_link_local(address))
        else:
            public = tuple(address for address in found if is_public(address))
        if public:
            return public
        detail = f"{host[:100]} is at {', '.join(found[:3])}, outside the public internet"
        return Outcome(Code.REFUSED, "non_public_address", one_line(detail))

    async def _ladder(
        self, url: str, addresses: tuple[str, ...], extra: Headers, left: float
    ) -> Judged:
        """One exchange; again if an idle connection had died, again with legacy TLS."""
        loop = asyncio.get_running_loop()
        end = loop.time() + left
        place = (host_of(url), port_of(url))
        legacy = place in self._legacy
        while True:
            attempt = Attempt(addresses, self._limits, end - loop.time())
            step = await self._exchange(url, attempt, extra, legacy=legacy)
            if attempt.reused and not attempt.received and step.outcome.reason == "disconnect":
                continue
            if legacy and attempt.request:
                self._legacy.add(place)  # only once it has worked: a handshake may fail by chance
            if step.outcome.reason != "tls" or legacy:
                return step
            if not self._legacy_tls:
                return replace(step, outcome=replace(step.outcome, code=Code.REFUSED))
            legacy = True

    async def _exchange(
        self, url: str, attempt: Attempt, extra: Headers, *, legacy: bool
    ) -> Judged:
        began = self._clock()
        host = self._host(url, legacy=legacy)
        host.busy += 1
        token = current.set(attempt)
        raw = Raw()
        try:
            raw = await converse(host, _target(url), self._headers(url, host, extra), attempt)
        finally:
            current.reset(token)
            host.busy -= 1
            # After any failure the pool underneath is not trusted with its slots (P1).
            attempt.close(drop=not raw.reusable)
            if not raw.reusable or self._hosts.get(host.key) is not host:
                self._discard(host)
            self._trim()
        exchange = Exchange(
            url=url,
            method="GET",
            request=bytes(attempt.request),
            address=attempt.address,
            started=began,
            seconds=asyncio.get_running_loop().time() - attempt.started,
            status=status_of(raw.head),
            head=raw.head,
            body=raw.body,
            truncated=raw.truncated,
            integrity=raw.integrity,
            tls_trust=_trust(url, attempt, legacy=legacy),
            lenient=raw.lenient,
        )
        self._learn_cookies(exchange)
        conditional = any(name.lower() in _CONDITIONS for name, _ in extra)
        return await judge(
            exchange,
            raw.failure,
            conditional=conditional,
            limits=self._limits,
        )

    def _headers(self, url: str, host: Host, extra: Headers) -> Headers:
        headers = [
            (b"Host", url.partition("://")[2].partition("/")[0].encode("ascii")),
            (b"User-Agent", self._agent),
            (b"Accept", b"text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"),
            (b"Accept-Language", b"zh-CN,zh;q=0.9"),
            (b"Accept-Encoding", b"gzip, identity"),
            *extra,
        ]
        jar = self._jars.get(host_of(url))
        if jar is not None:
            secure = url.startswith("https:") and not host.legacy
            cookies = jar.header(path=_target(url), secure=secure)
            if cookies:
                headers.append((b"Cookie", cookies))
        return headers

    def _learn_cookies(self, exchange: Exchange) -> None:
        if b"ookie" not in exchange.head and b"OOKIE" not in exchange.head:
            return
        for name, value in header_lines(exchange.head):
            if name == b"set-cookie":
                jar = self._jars.setdefault(host_of(exchange.url), Jar(self._limits.cookies))
                jar.learn(value, path=_target(exchange.url), now=self._clock())

    def _host(self, url: str, *, legacy: bool) -> Host:
        """The small client of one host, made when there is none."""
        scheme = url.partition("://")[0]
        key = (scheme, host_of(url), port_of(url), legacy)
        host = self._hosts.get(key)
        if host is None:
            context = self._tls.get(legacy=legacy) if scheme == "https" else None
            host = self._hosts[key] = Host(key, context, self._limits)
        self._hosts.move_to_end(key)
        return host

    def _discard(self, host: Host) -> None:
        """Give up a host's client; exchanges that still use it go on to their end."""
        if self._hosts.get(host.key) is host:
            del self._hosts[host.key]
        if not host.busy:
            host.backend.abort()

    def _trim(self) -> None:
        if len(self._hosts) <= self._limits.idle_hosts:
            return
        idle = [host for host in self._hosts.values() if not host.busy]
        for host in idle[: len(self._hosts) - self._limits.idle_hosts]:
            self._discard(host)


def _url_outcome(error: UsageError) -> Outcome:
    """An address that can't be asked for."""
    reason = str(error.context.get("reason", "url"))
    code = Code.REFUSED if reason == "scheme" else Code.FAILED
    return Outcome(code, reason, one_line(error.message))


def _checked_headers(headers: Mapping[str, str]) -> Headers:
    checked = []
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not value.isascii() or not value.isprintable():
            raise UsageError(
                f"the request header {name[:60]!r} is malformed",
                hint="names are letters and hyphens, values printable ASCII",
            )
        checked.append((name.encode("ascii"), value.strip().encode("ascii")))
    return checked


def _target(url: str) -> str:
    """Path and query of a canonical address."""
    return "/" + url.partition("://")[2].partition("/")[2]


def _trust(url: str, attempt: Attempt, *, legacy: bool) -> Literal["", "strict", "legacy"]:
    if not url.startswith("https:") or not attempt.request:
        return ""
    return "legacy" if legacy else "strict"
