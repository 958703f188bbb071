"""robots.txt by RFC 9309: from the answer for it to a decision on each address.

``read_robots`` turns an ``Answer`` into ``RobotsRules``; ``decide`` asks them about one address.
What could not be read denies the whole host (RELIABILITY.md, section 6): unlike many crawlers we
do not take a broken server for a welcome. Nothing here waits or fetches; ``politeness`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.retry_after import LONGEST_PARK
from govreport_parse.fetch.visible import read_page
from govreport_parse.fetch.waf import waf_vendor

PRODUCT_TOKEN = "govreport_parse"
MAX_BYTES = 512 * 1024
"""What is read of the file; RFC 9309 asks for at least 500 KiB."""
FRESH_SECONDS = 24 * 3600.0
USABLE_SECONDS = 30 * 24 * 3600.0
"""How old a copy may be that stands in for a file that can't be read now."""
RETRY_SECONDS = (300.0, 3600.0)
"""When a file that could not be read is asked for again; after these, not in this run."""

Decision = Literal["rules", "allow", "deny"]

_WAF_STATUSES = frozenset((202, 412, 493, 521))
_NO_BODY_LEFT = frozenset((301, 302, 303, 307, 308))
_TAGS_WITH_VALUES = frozenset(
    ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")
)
_DIRECTIVE = re.compile(
    r"^\s{0,20}(?:user[- ]?agent|disallow|allow|sitemap|crawl-delay)\s{0,20}:", re.I
)
_AGENT = re.compile(r"^[ \t]*(user[- ]?agent)[ \t]*:?[ \t]*(.*)$", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]*")
_RULE = re.compile(r"^[ \t]*(dis?s?al+ow|dissalow|allow)[ \t]*:?[ \t]*(.*)$", re.IGNORECASE)
_ESCAPED_HIGH = re.compile(r"%([89A-Fa-f][0-9A-Fa-f])")
_HIGH = re.compile(r"[^\x00-\x7f]+")


class _Parsed(Protocol):
    """What is used of the robots parser."""

    def can_fetch(self, url: str, user_agent: str) -> bool: ...

    def crawl_delay(self, user_agent: str) -> float | None: ...


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one origin's robots.txt lets us do.

    ``decision``: ``rules`` (ask them), ``allow`` (no rules), ``deny`` (the file could not be read:
    the host is left alone). ``flags`` say what was odd: ``unauthorized``, ``forbidden``, ``html``,
    ``cut``, ``not_utf8``, ``stale``, ``status_N``. ``body`` is what was read, for the archive and
    the state file. ``fetched``: seconds since 1970 when the answer came.
    """

    decision: Decision
    fetched: float
    status: int = 0
    reason: str = ""
    flags: tuple[str, ...] = ()
    body: bytes = b""
    crawl_delay: float | None = None
    sitemaps: tuple[str, ...] = ()
    _parsed: _Parsed | None = field(default=None, repr=False, compare=False)

    def fresh(self, now: float) -> bool:
        """The copy is younger than 24 h (and not from the future, after a clock was set back)."""
        return -60.0 <= now - self.fetched < FRESH_SECONDS

    def usable(self, now: float) -> bool:
        """Old, but good enough to stand in for a file that can't be read now."""
        return self.decision != "deny" and now - self.fetched < USABLE_SECONDS

    def to_row(self) -> dict[str, str | int | float | bytes]:
        """Plain values for a table; ``from_row`` reads them back."""
        return {
            "decision": self.decision,
            "fetched": self.fetched,
            "status": self.status,
            "reason": self.reason,
            "flags": " ".join(self.flags),
            "body": self.body,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, object]) -> RobotsRules:
        """The rules of a row of ``to_row``; the file is parsed again."""
        fetched = float(cast("float", row["fetched"]))
        status = int(cast("int", row["status"]))
        flags = tuple(str(row["flags"]).split())
        if row["decision"] == "rules":
            return _parse(bytes(cast("bytes", row["body"])), status, fetched, flags)
        decision: Decision = "deny" if row["decision"] == "deny" else "allow"
        return cls(decision, fetched, status, str(row["reason"]), flags)


def read_robots(answer: Answer, *, now: float, strict: bool = False) -> RobotsRules:
    """The rules that an answer for ``/robots.txt`` makes.

    ``now``: seconds since 1970. ``strict`` denies a host whose robots.txt asks for a login (401,
    403), which RFC 9309 takes for "no rules". Never raises, whatever the body holds.
    """
    status, outcome = answer.status, answer.outcome
    body = answer.content
    if not body and outcome.reason == "too_large" and not answer.header("content-encoding"):
        body = answer.exchanges[-1].body
    head = answer.exchanges[-1].head if answer.exchanges else b""
    if status == 0 or (outcome.code is Code.RETRY and status < 400):
        return _denied(outcome.reason or "no_answer", status, now)
    if status == 429 or status >= 500 or status in _WAF_STATUSES:
        return _denied(f"status_{status}", status, now)
    if 400 <= status < 500:
        vendor = "" if status in (404, 410) else _walled(answer, head, body)
        if vendor:
            return _denied(f"waf:{vendor}", status, now)
        return _unavailable(status, now, strict=strict)
    if not 200 <= status < 300:
        return _denied("redirect" if status in _NO_BODY_LEFT else f"status_{status}", status, now)
    if outcome.code not in (Code.OK, Code.QUARANTINE):
        return _denied(outcome.reason or str(outcome.code), status, now)
    if outcome.code is Code.QUARANTINE and not body:  # there are rules, but nobody can read them
        return _denied(outcome.reason, status, now)
    if _is_html(body):
        vendor = _walled(answer, head, body)
        if vendor:
            return _denied(f"waf:{vendor}", status, now)
        return RobotsRules("allow", now, status, "html", ("html",))
    flags = () if len(body) <= MAX_BYTES else ("cut",)
    return _parse(_first_lines(body), status, now, flags)


def decide(rules: RobotsRules, url: str) -> Outcome | None:
    """``None``: the address may be asked for. An outcome: it may not, and why.

    ``url`` is a canonical http or https address. robots.txt itself may always be asked for.
    """
    if rules.decision == "deny":
        return Outcome(
            Code.HOST_PARKED,
            "robots_unreachable",
            f"robots.txt could not be read ({rules.reason}); the host is left alone",
        )
    if rules._parsed is None:
        return None
    try:
        allowed = rules._parsed.can_fetch(_comparable(url), PRODUCT_TOKEN)
    except ValueError:
        return Outcome(Code.REFUSED, "bad_url", "robots.txt can't be asked about this address")
    return None if allowed else Outcome(Code.REFUSED, "robots", "robots.txt forbids the address")


def robots_tags(answer: Answer) -> frozenset[str]:
    """What X-Robots-Tag says to us or to all robots: ``nofollow``, ``noarchive``, ``noindex``...

    ``none`` stands for noindex and nofollow. The same words in the page are ``Links.nofollow``.
    """
    words: set[str] = set()
    for name, value in answer.exchanges[-1].headers() if answer.exchanges else ():
        if name != "x-robots-tag":
            continue
        addressee = "*"
        for part in value.decode("latin-1").lower().split(","):
            robot, colon, rest = part.strip().partition(":")
            if colon and robot.strip() not in _TAGS_WITH_VALUES:
                addressee, part = robot.strip(), rest  # noqa: PLW2901
            if addressee in ("*", PRODUCT_TOKEN):
                words.add(part.strip().partition(":")[0].strip())
    if "none" in words:
        words |= {"noindex", "nofollow"}
    return frozenset(words - {"", "all"})


def robots_url(url: str) -> str:
    """Where the robots.txt for an http or https address lies."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{authority}/robots.txt"


def _denied(reason: str, status: int, now: float) -> RobotsRules:
    return RobotsRules("deny", now, status, reason)


def _unavailable(status: int, now: float, *, strict: bool) -> RobotsRules:
    flag = {401: "unauthorized", 403: "forbidden"}.get(status)
    if flag is not None and strict:
        return RobotsRules("deny", now, status, f"status_{status}", (flag,))
    return RobotsRules("allow", now, status, f"status_{status}", (flag,) if flag else ())


def _walled(answer: Answer, head: bytes, body: bytes) -> str:
    """The firewall whose page came in place of the file; a bare refusal is none."""
    vendor = waf_vendor(answer.status, head, body, read_page(body)) if body else ""
    return "" if vendor == "unknown" and answer.status in (401, 403) else vendor


def _is_html(body: bytes) -> bool:
    start = body[:2048].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1024].lower()
    if start.startswith(
        (b"<!doctype", b"<html", b"<head", b"<script", b"<?xml", b"<!--", b"<meta")
    ):
        return True
    tags = any(tag in start for tag in (b"<html", b"<body", b"<script", b"<div", b"<head"))
    return tags and not any(_DIRECTIVE.match(line) for line in start.decode("latin-1").splitlines())


def _first_lines(body: bytes) -> bytes:
    """At most ``MAX_BYTES``, ending with a whole line: half a rule may say the opposite."""
    if len(body) <= MAX_BYTES:
        return body
    cut = body[:MAX_BYTES]
    end = max(cut.rfind(b"\n"), cut.rfind(b"\r"))
    return cut[: end + 1]


def _parse(body: bytes, status: int, now: float, flags: tuple[str, ...]) -> RobotsRules:
    from protego import Protego

    text, readable = _decoded(body)
    lines = tuple(_lines(text, own_bytes=not readable))
    parsed = Protego.parse("\n".join(lines))
    delay = parsed.crawl_delay(PRODUCT_TOKEN)
    if not readable and "not_utf8" not in flags:
        flags = (*flags, "not_utf8")
    return RobotsRules(
        decision="rules",
        fetched=now,
        status=status,
        flags=flags,
        body=body,
        crawl_delay=None if delay is None else min(delay, LONGEST_PARK),
        sitemaps=tuple(dict.fromkeys(parsed.sitemaps))[:50],
        _parsed=parsed,
    )


def _decoded(body: bytes) -> tuple[str, bool]:
    """The text, and whether it was UTF-8; GB18030 otherwise, since that is what else is written."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace"), True
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode("utf-8"), True
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace"), False


def _lines(text: str, *, own_bytes: bool) -> Iterator[str]:
    """The lines as the parser should see them.

    It takes any beginning of our name for our name, where RFC 9309 asks for the whole token, and
    all bytes that are no UTF-8 for one and the same: so groups of other robots get a name that is
    surely not ours, and bytes above 127 are spelled out in ASCII.
    """
    for line in re.split(r"\r\n?|\n", text.lstrip("\ufeff")):
        bare = line.partition("#")[0].rstrip()
        agent = _AGENT.match(bare)
        if agent is not None:
            yield f"User-agent: {_group_of(agent[2].strip())}"
            continue
        rule = _RULE.match(bare)
        if rule is not None and (_HIGH.search(rule[2]) or "%" in rule[2]):
            yield f"{rule[1]}: {_spelled(rule[2], 'utf-8')}"
            if own_bytes and _HIGH.search(rule[2]):
                yield f"{rule[1]}: {_spelled(rule[2], 'gb18030')}"
            continue
        yield bare


def _group_of(name: str) -> str:
    token = cast("re.Match[str]", _TOKEN.match(name))[0].lower()
    if token == PRODUCT_TOKEN:
        return PRODUCT_TOKEN
    return "*" if name == "*" else "zz"


def _spelled(path: str, encoding: str) -> str:
    """Bytes above 127, escaped or not, as ``%25XX``: plain text that only equals itself."""
    path = _HIGH.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode(encoding, "replace")), path)
    return _ESCAPED_HIGH.sub(lambda m: "%25" + m[1].upper(), path)


def _comparable(url: str) -> str:
    """The address on a host of no meaning: rules speak of path and query only."""
    rest = url.partition("://")[2].partition("#")[0]
    path = rest[len(re.split(r"[/?]", rest, maxsplit=1)[0]) :]
    return _spelled(f"http://h{path if path.startswith('/') else '/' + path}", "utf-8")
