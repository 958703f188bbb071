"""One exchange as WARC/1.1 records: what came (response or revisit), what was asked, what it meant.

The group of an exchange ends with its metadata record, so that a reader without the state file
can tell a whole group from a torn one. HTTP heads are kept byte by byte; only the transfer coding,
which the body no longer has, is renamed and a length written in its place.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from govreport_parse.errors import UsageError
from govreport_parse.fetch.records import Exchange

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""The first bytes of every member: no name, no time, no flags. A reader can insist on them."""
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
Extra = Mapping[str, str | Sequence[str]]
"""More fields of a metadata record; several values make several lines."""
_LEVEL = 6
_LEVEL_COMPRESSED = 1
_BRIEF, _BRIEF_TABLES = 4096, 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")
_TRANSFER = re.compile(rb"(?im)^(transfer-encoding)[ \t]*:")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n")
_COOKIE = re.compile(rb"(?im)^cookie[ \t]*:[^\n]*\n")
"""What a server told us to say stays out of the archive; that it was said is noted (A15)."""
_BLANK = re.compile(rb"\r?\n\r?\n\Z")


@dataclass(frozen=True, slots=True)
class Original:
    """The record that holds a payload which has come before."""

    url: str
    date: datetime.datetime
    sha256: str
    segment: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Group:
    """The gzip members of one exchange, ready to be written one behind the other.

    ``sha256``: of the payload that came, or of the ``original``'s for a page not modified.
    """

    members: tuple[bytes, ...]
    sha256: str
    size: int
    original: Original | None

    @property
    def length(self) -> int:
        """Bytes in the segment."""
        return sum(map(len, self.members))


class _RawHead(StatusAndHeaders):  # type: ignore[misc]
    """A head that is written as it came. warcio would re-encode bytes that are not ASCII."""

    def __init__(self, head: bytes) -> None:
        super().__init__("", [], protocol="")
        self.headers_buff = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Nothing: the bytes are there."""

    def __bool__(self) -> bool:
        return True


def group_of(
    exchange: Exchange,
    extra: Extra,
    *,
    info_id: str,
    original: Original | None = None,
    not_modified: bool = False,
    sha256: str = "",
) -> Group:
    """The records of an exchange. ``original`` makes a revisit record of its answer.

    ``sha256``: that of its body, where it is known.
    Raises ``UsageError`` when the address or a field name would break the format.
    """
    check_address(exchange.url)
    sha256 = sha256 or hashlib.sha256(exchange.body).hexdigest()
    common = {"WARC-Date": _date(exchange.started), "WARC-Warcinfo-ID": info_id}
    if exchange.address:
        common["WARC-IP-Address"] = _clean(exchange.address)
    main_id = _record_id()
    main = {"WARC-Record-ID": main_id, **common}
    if exchange.truncated:
        main["WARC-Truncated"] = exchange.truncated
    beside = {**common, "WARC-Concurrent-To": main_id}
    members = []
    if exchange.head or exchange.body:
        members.append(_answer(exchange, main, sha256, original, not_modified))
    if exchange.request:
        head = _ended(_COOKIE.sub(b"", exchange.request))
        members.append(_record(exchange.url, "request", dict(beside), head=head))
    fields = _fields(exchange, extra, sha256 if exchange.head or exchange.body else "")
    members.append(_record(exchange.url, "metadata", beside, block=fields))
    if not_modified and original is not None:
        sha256 = original.sha256
    return Group(tuple(members), sha256, len(exchange.body), original)


def _answer(
    exchange: Exchange,
    headers: dict[str, str],
    sha256: str,
    original: Original | None,
    not_modified: bool,
) -> bytes:
    if not exchange.head:
        headers["WARC-Payload-Digest"] = f"sha256:{sha256}"
        kind = "application/octet-stream"
        return _record(exchange.url, "resource", headers, block=exchange.body, content_type=kind)
    head = stored_head(exchange.head, len(exchange.body))
    if original is None:
        headers["WARC-Payload-Digest"] = f"sha256:{sha256}"
        return _record(
            exchange.url, "response", headers, head=head, block=exchange.body,
            level=_LEVEL_COMPRESSED if exchange.header("content-encoding") else _LEVEL,
        )  # fmt: skip
    headers["WARC-Profile"] = NOT_MODIFIED if not_modified else IDENTICAL
    headers["WARC-Refers-To-Target-URI"] = original.url
    headers["WARC-Refers-To-Date"] = _date(original.date)
    headers["WARC-Payload-Digest"] = f"sha256:{original.sha256}"
    return _record(exchange.url, "revisit", headers, head=head)


def info_member(
    name: str, started: datetime.datetime, info: Mapping[str, str]
) -> tuple[bytes, str]:
    """The warcinfo record that a segment starts with, and its record id."""
    record_id = _record_id()
    fields = "".join(f"{_field(key)}: {_clean(value)}\r\n" for key, value in info.items() if value)
    headers = {"WARC-Record-ID": record_id, "WARC-Date": _date(started), "WARC-Filename": name}
    return _record("", "warcinfo", headers, block=fields.encode("utf-8")), record_id


def stored_head(head: bytes, size: int) -> bytes:
    """The head as archived: as it came, but for a transfer coding that the body no longer has."""
    head = _ended(head)
    if _TRANSFER.search(head) is None:
        return head
    renamed = _TRANSFER.sub(rb"X-Archive-Orig-\1:", head)
    without = _LENGTH.sub(b"", renamed)
    end = _BLANK.search(without)
    at = end.start() if end is not None else len(without)
    return without[:at] + b"\r\nContent-Length: %d\r\n\r\n" % size


def _ended(head: bytes) -> bytes:
    """A blank line behind the head, which tells it from the body."""
    if _BLANK.search(head):
        return head
    return head + (b"\r\n" if head.endswith(b"\n") else b"\r\n\r\n")


def _fields(exchange: Exchange, extra: Extra, sha256: str) -> bytes:
    fields: dict[str, str | Sequence[str]] = {
        "method": exchange.method,
        "status": str(exchange.status),
        "seconds": repr(exchange.seconds),
        "integrity": exchange.integrity,
        "tls-trust": exchange.tls_trust,
        "lenient": "yes" if exchange.lenient else "",
        "cookie-sent": "yes, its value is not archived" if _COOKIE.search(exchange.request) else "",
        "body-size": str(len(exchange.body)),
        "body-sha256": sha256,
        **extra,
    }
    lines = []
    for name, values in fields.items():
        each = [values] if isinstance(values, str) else values
        lines += [f"{_field(name)}: {_clean(value)}\r\n" for value in each if value]
    return "".join(lines).encode("utf-8")


def _record(
    url: str,
    kind: str,
    headers: dict[str, str],
    *,
    head: bytes = b"",
    block: bytes = b"",
    content_type: str = "",
    level: int = _LEVEL,
) -> bytes:
    whole = hashlib.sha256(head)
    whole.update(block)
    headers["WARC-Block-Digest"] = f"sha256:{whole.hexdigest()}"
    out = GzipMember(level, brief=len(head) + len(block) <= _BRIEF)
    writer: Any = WARCWriter(out, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        url, kind, payload=BytesIO(block), length=len(block), warc_headers_dict=headers,
        http_headers=_RawHead(head), warc_content_type=content_type,
    )  # fmt: skip
    writer.write_record(record)
    return out.finish()


class GzipMember:
    """A file to write one record to: it becomes a gzip member with the fixed head of this archive.

    What is written is packed at once, so that a large page is not held in memory twice. ``brief``:
    it will be no more than a few kilobytes.
    """

    def __init__(self, level: int = _LEVEL, *, brief: bool = False) -> None:
        # A packer with its usual tables takes ten times as long to set up as to pack a page's head.
        tables = _BRIEF_TABLES if brief else zlib.DEF_MEM_LEVEL
        self._packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, tables)
        self._parts = [GZIP_HEAD]
        self._sum = 0
        self._size = 0

    def write(self, data: bytes) -> int:
        """Take bytes of the record."""
        self._sum = zlib.crc32(data, self._sum)
        self._size += len(data)
        self._parts.append(self._packer.compress(data))
        return len(data)

    def flush(self) -> None:
        """Nothing: the member ends with ``finish``."""

    def finish(self) -> bytes:
        """The member."""
        tail = self._sum.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        return b"".join((*self._parts, self._packer.flush(), tail))


def check_address(url: str) -> None:
    """``UsageError`` for an address that would break out of its header line."""
    if not url or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(
            f"the address {url[:120]!r} can't be archived: it holds blanks or control characters",
            hint="addresses come from the canonicaliser",
            context={"url": url[:500]},
        )


def _field(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} is no name of a WARC field", hint="letters, digits and hyphens"
        )
    return name


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()


def _date(moment: datetime.datetime) -> str:
    utc = moment.astimezone(datetime.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond:06d}Z"


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
