"""One canonical form of a web address, so that a page is asked for once and as the server wrote it.

``canonical`` is idempotent and raises nothing but ``UsageError``. Percent escapes are kept byte for
byte (``%B1%A8`` in a GBK address stays), because only the server knows their encoding; bytes of a
``Location`` header that are no ASCII become escapes of those same bytes.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import cast
from urllib.parse import urljoin, urlsplit

from govreport_parse.errors import UsageError

LONGEST = 8192
"""Characters of the longest address that is asked for."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_EDGES = "".join(map(chr, range(0x21)))
_LINE = str.maketrans("", "", "\t\r\n")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_HTTP = re.compile(r"(https?):[/\\]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_PATH_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%\[\]|]")
_QUERY_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/%?\[\]{}|^`\\]")
_HOST = re.compile(r"[a-z0-9_\-]{1,63}(?:\.[a-z0-9_\-]{1,63})*")
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid)=[^;/]*", re.IGNORECASE)
_SESSION_NAME = re.compile(r"jsessionid|phpsessid|sessionid|aspsessionid[a-z]*", re.IGNORECASE)
_ASP_SESSION = re.compile(r"/\([A-Z]\([a-z0-9]{16,64}\)\)(?=/|$)", re.IGNORECASE)

# What most addresses are: in canonical form as far as these see, so that nothing is to be done.
_CLEAN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}"
    r"(/[A-Za-z0-9._~/-]{0,1000})(?:\?[A-Za-z0-9._~=&/-]{1,1000})?"
)
_CLEAN_PATH = re.compile(r"([A-Za-z0-9._~/-]{1,1000})(\?[A-Za-z0-9._~=&/-]{1,1000})?")
_PLACE = re.compile(r"(https?://[^/?]{1,300})(/[^?]*)")

# Under these a registered name has three labels. Source: CNNIC's categories and the territories'.
_SECOND_LEVEL = {
    *(f"{label}.cn" for label in ("ac", "com", "edu", "gov", "mil", "net", "org")),
    *(f"{label}.{top}" for label in ("com", "edu", "gov", "net", "org") for top in ("hk", "mo")),
    *(f"{label}.tw" for label in ("com", "edu", "gov", "net", "org")),
}


def canonical(url: str | bytes, *, base: str | None = None) -> str:
    """The canonical form of ``url``, resolved against ``base`` (itself canonical) if given.

    Scheme and host in lower case, host in ASCII (IDNA; numeric forms of IPv4 as dotted quads),
    default port, credentials, fragment, session ids and dot segments removed, everything outside
    the characters of an address percent-encoded: text as UTF-8, bytes as they are.

    Raises ``UsageError`` for another scheme (``context["reason"] == "scheme"``), a bad host or
    port, or an address longer than ``LONGEST`` characters.
    """
    if isinstance(url, str):
        clean = _CLEAN.fullmatch(url)
        if clean is not None and "/." not in clean[1] and "sess" not in url.lower():
            return url
        plain = None if base is None or clean is not None else _CLEAN_PATH.fullmatch(url)
        if plain is not None and "sess" not in url.lower():
            joined = _joined(plain[1], plain[2] or "", cast(str, base))
            if joined is not None:
                return joined
    text = url if isinstance(url, str) else _encoded_bytes(url)
    text = text.strip(_EDGES).translate(_LINE)
    head, mark, query = text.partition("#")[0].partition("?")
    text = _escaped(head.replace("\\", "/"), _PATH_UNSAFE, keep_host=True) + (
        mark + _escaped(query, _QUERY_UNSAFE)
    )
    if len(text) > LONGEST:
        raise _refused(text, f"it is longer than {LONGEST} characters")
    scheme = _SCHEME.match(text)
    if scheme is None and base is None:
        raise _refused(text, "it has no scheme", hint="write it with http:// or https://")
    if scheme is not None:
        web = _HTTP.match(text)
        if web is None:
            raise _refused(text, "only http and https are fetched", reason="scheme")
        text = f"{web[1].lower()}://{text[web.end() :]}"
    try:
        parts = urlsplit(text if scheme or base is None else urljoin(base, text))
    except ValueError as error:
        raise _refused(text, "its host is malformed") from error
    authority = _authority(parts.netloc, parts.scheme, text)
    path = _escaped(_without_dots(_without_sessions(parts.path)), _PATH_UNSAFE) or "/"
    query = "&".join(
        part for part in parts.query.split("&") if not _SESSION_NAME.fullmatch(part.split("=")[0])
    )
    result = f"{parts.scheme}://{authority}{path}" + (f"?{query}" if query else "")
    if len(result) > LONGEST:
        raise _refused(result, f"it is longer than {LONGEST} characters")
    return result


def _joined(path: str, query: str, base: str) -> str | None:
    """A plain path behind its base; ``None`` where the rules for odd ones are needed."""
    place = _PLACE.match(base)
    if place is None or len(base) > LONGEST - 1100:
        return None
    if not path.startswith("/"):
        path = f"{place[2].rpartition('/')[0]}/{path.removeprefix('./')}"
    if "//" in path or "%2E" in path:
        return None
    return place[1] + (_without_dots(path) if "/." in path else path) + query


def host_of(url: str) -> str:
    """The host of a canonical address, without port; an IPv6 literal without brackets."""
    authority = url.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0]
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def port_of(url: str) -> int:
    """The port of a canonical address, the scheme's own if none is written."""
    scheme, _, rest = url.partition("://")
    authority = rest.split("/", 1)[0].split("?", 1)[0]
    _, colon, port = authority.rpartition(":")
    if colon and port.isdigit() and port.isascii():
        return int(port)
    return DEFAULT_PORTS.get(scheme, 80)


def registered_domain(host: str) -> str:
    """The name a site is registered under: the last three labels under .gov.cn, else two.

    The same rule holds for the other categories of .cn (com.cn, org.cn ...) and for .hk, .mo and
    .tw. An IP address is its own domain.
    """
    labels = host.lower().rstrip(".").split(".")
    if ":" in host or labels[-1].isdigit():
        return host.lower()
    keep = 3 if ".".join(labels[-2:]) in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def is_same_site(one: str, other: str) -> bool:
    """True if two canonical addresses have the same registered domain."""
    return registered_domain(host_of(one)) == registered_domain(host_of(other))


def _refused(url: str, why: str, *, reason: str = "url", hint: str = "") -> UsageError:
    shown = url[:120]
    return UsageError(
        f"the address {shown!r} can't be used: {why}",
        hint=hint,
        context={"url": url[:500], "reason": reason},
    )


def _encoded_bytes(raw: bytes) -> str:
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def _escaped(text: str, unsafe: re.Pattern[str], *, keep_host: bool = False) -> str:
    """Valid escapes in upper case, a lone % and every unsafe character as escapes.

    With ``keep_host`` the authority of an absolute address is left as it is.
    """
    start = ""
    if keep_host:
        found = re.match(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//+[^/]*", text) or re.match(
            r"https?:[^/]*", text, re.IGNORECASE
        )
        if found:
            start, text = found[0], text[found.end() :]
    text = _ESCAPE.sub(lambda match: match[0].upper() if match[1] else "%25", text)
    return start + unsafe.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _authority(netloc: str, scheme: str, url: str) -> str:
    """Host and port in canonical form, without credentials."""
    rest = netloc.rpartition("@")[2]
    if rest.startswith("["):
        inside, bracket, port = rest[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise _refused(url, "its host is malformed")
        try:
            host = f"[{_ipv6(inside)}]"
        except ValueError as error:
            raise _refused(url, "its IPv6 host is malformed") from error
        port = port[1:]
    else:
        name, _, port = rest.partition(":")
        host = _host(name, url)
    if not port:
        return host
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or not 0 < int(port) < 65536:
        raise _refused(url, "its port is not a number from 1 to 65535", reason="port")
    return host if int(port) == DEFAULT_PORTS[scheme] else f"{host}:{int(port)}"


def _ipv6(text: str) -> str:
    address = IPv6Address(text)
    if address.scope_id is not None:
        raise ValueError("an address with a zone is local")
    return str(address)


def _host(name: str, url: str) -> str:
    decoded = re.sub(r"(?:%[0-9A-Fa-f]{2})+", _unescaped, name)
    if len(decoded) > 1000:
        raise _refused(url, "its host is too long")
    try:
        ascii_name = decoded.encode("idna").decode("ascii") if not decoded.isascii() else decoded
    except UnicodeError as error:
        raise _refused(url, "its host is not a valid name") from error
    ascii_name = ascii_name.lower().removesuffix(".")
    if len(ascii_name) > 253 or not _HOST.fullmatch(ascii_name):
        raise _refused(url, "its host is not a valid name")
    return _dotted_quad(ascii_name, url)


def _unescaped(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def _dotted_quad(host: str, url: str) -> str:
    """``127.1``, ``0x7f000001`` and ``2130706433`` mean 127.0.0.1, as in browsers (WHATWG URL)."""
    labels = host.split(".")
    last = labels[-1]
    if not (last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last)):
        return host
    if len(labels) > 4:
        raise _refused(url, "its host is a malformed IPv4 address")
    try:
        numbers = [_number(label) for label in labels]
    except ValueError as error:
        raise _refused(url, "its host is a malformed IPv4 address") from error
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise _refused(url, "its host is a malformed IPv4 address")
    value = numbers[-1] + sum(
        number << 8 * (3 - place) for place, number in enumerate(numbers[:-1])
    )
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8) if label.startswith("0") and len(label) > 1 else int(label)


def _without_dots(path: str) -> str:
    """Dot segments removed (RFC 3986, 5.2.4), their escaped spellings too."""
    if "." not in path and "%2E" not in path.upper():
        return path
    kept: list[str] = []
    segments = path.split("/")
    for place, segment in enumerate(segments):
        plain = segment.replace("%2E", ".").replace("%2e", ".")
        last = place == len(segments) - 1
        if plain == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif plain == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def _without_sessions(path: str) -> str:
    if ";" in path:
        path = _SESSION_PATH.sub("", path)
    return _ASP_SESSION.sub("", path) if "(" in path else path
