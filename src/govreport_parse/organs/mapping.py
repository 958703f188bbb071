"""A user's own table of organs: name, address or host to division code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from govreport_parse.errors import UsageError
from govreport_parse.organs.divisions import table
from govreport_parse.organs.names import plain_name
from govreport_parse.source import check_file, named_path

_KEYS = ("organ", "url", "host")
_CODES = ("division_code", "code")


@dataclass(frozen=True, slots=True)
class OrganMapping:
    """Names, addresses and hosts to six-digit codes, as the user wrote them.

    Asked in this order: address, organ, host; a host also answers for the hosts below it.
    """

    organs: Mapping[str, str]
    urls: Mapping[str, str]
    hosts: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("organs", "urls", "hosts"):
            given: Any = getattr(self, name)
            if not isinstance(given, Mapping):
                raise UsageError(
                    f"{name} of a mapping are a dict, not {type(given).__name__}",
                    hint="names, addresses or hosts to codes; read_mapping reads a CSV file",
                )

    def code_of(self, organ: str | None, url: str | None) -> str | None:
        """The code given for this organ or address, or ``None``."""
        if url and (code := self.urls.get(_plain_url(url))):
            return code
        if organ and (code := self.organs.get(plain_name(organ))):
            return code
        host = host_of(url) if url and self.hosts else None
        while host:
            if code := self.hosts.get(host):
                return code
            _, dot, host = host.partition(".")
            if not dot:
                break
        return None


def host_of(url: str) -> str | None:
    """Host of an address in lower case; ``None`` where there is none."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None


def _plain_url(url: str) -> str:
    return url.strip().partition("://")[2].rstrip("/") or url.strip().rstrip("/")


def read_mapping(path: str | Path) -> OrganMapping:
    """Read a CSV with a header: ``organ``, ``url`` or ``host`` (one or more), and ``code``.

    UTF-8 or GB18030. Raises ``UsageError`` naming the line for an unknown code, a row without
    key, or a key that comes again with another code.
    """
    path = named_path(path, "the mapping")
    name = path.name
    try:
        check_file(path)
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the mapping {name!r}: {error.strerror or error}",
            hint="check that the file exists and may be read",
        ) from error
    found: dict[str, dict[str, str]] = {key: {} for key in _KEYS}
    for line, row in _rows(_text(data, name), name):
        code = next((row[c] for c in _CODES if row.get(c)), "")
        if code not in table().by_code:
            raise UsageError(
                f"{name}, line {line}: {code!r} is no known division code",
                hint="six digits of GB/T 2260, county level or above, for example 341722",
                context={"line": line, "code": code},
            )
        keys = [(kind, row[kind]) for kind in _KEYS if row.get(kind)]
        if not keys:
            raise UsageError(
                f"{name}, line {line}: neither organ nor url nor host is given",
                hint="every row needs one of them; remove the row or fill it in",
                context={"line": line},
            )
        for kind, key in keys:
            _add(found[kind], _plain(kind, key), code, f"{name}, line {line}")
    return OrganMapping(found["organ"], found["url"], found["host"])


def mapping_of(given: OrganMapping | str | Path | None) -> OrganMapping | None:
    """A mapping as callers may give it: read already, or the path of its CSV file."""
    if given is None or isinstance(given, OrganMapping):
        return given
    if isinstance(given, (str, Path)):
        return read_mapping(given)
    raise UsageError(
        f"mapping is a CSV file, not {type(given).__name__}",
        hint="a file with the header organ,code (or url,code or host,code)",
    )


def _plain(kind: str, key: str) -> str:
    if kind == "organ":
        return plain_name(key)
    return _plain_url(key) if kind == "url" else (host_of(key) or key.lower())


def _add(found: dict[str, str], key: str, code: str, where: str) -> None:
    if found.setdefault(key, code) != code:
        raise UsageError(
            f"{where}: {key!r} is given two codes, {found[key]} and {code}",
            hint="leave one of the two rows",
        )


def _text(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(
        f"the mapping {name!r} is neither UTF-8 nor GB18030 text",
        hint="save it as CSV in UTF-8",
    )


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and stripped cells of every row that is not empty."""
    reader = csv.reader(io.StringIO(text))
    try:
        header = [h.strip().lower() for h in next(reader, [])]
        if not set(header) & set(_KEYS) or not set(header) & set(_CODES):
            raise UsageError(
                f"the mapping {name!r} lacks its header",
                hint="first line: organ,code (or url,code or host,code)",
            )
        for cells in reader:
            row = dict(zip(header, (c.strip() for c in cells), strict=False))
            if any(row.values()):
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(
            f"{name}, line {reader.line_num}: {error}", hint="the file is no well-formed CSV"
        ) from error
