"""Web archives as blocks of documents: WARC, WARC.gz, WARC.zst, WET and WACZ.

Responses with status 200, resources and conversions (the text of WET files) are documents; the
other records are passed over. Torn and damaged records are told, counted and stepped over. A
document's name is ``file@offset``, its address the record's, its time that of the capture.
"""

from __future__ import annotations

import base64
import hashlib
import mmap
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Literal

from govreport_parse.fetch.inflate import codings, inflate
from govreport_parse.mining import streams
from govreport_parse.mining.blocks import BLOCK, LARGEST, Block, Found, Span, Tally
from govreport_parse.mining.prefilter import joined
from govreport_parse.mining.warc_records import (
    Raw,
    Torn,
    records_of_gzip,
    records_of_plain,
    records_of_stream,
)
from govreport_parse.source import Source

Packed = Literal["gov", "all", "none"]
"""PDF, Word and other packed documents, whose words can't be seen: those of government hosts or
with the report's words in the address; all; none."""
_ROWS = 2000
_ZIP_ERRORS = (zipfile.BadZipFile, RuntimeError, NotImplementedError)
_TYPE = re.compile(rb"\nwarc-type[ \t]*:[ \t]*([a-z]+)")
_ABOUT = re.compile(rb"(?i)\nwarc-target-uri[ \t]*:[ \t]*<?urn:")
_HTTP_END = re.compile(rb"\r?\n\r?\n")
_MOST_HTTP = 1 << 17
_STATUS = re.compile(rb"HTTP/[0-9.]+[ \t]+([0-9]{3})")
_HEADER = re.compile(rb"\n(content-type|content-encoding|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)")
_PACKED = re.compile(
    rb"pdf|msword|ms-word|officedocument|ms-excel|wps|opendocument|/rtf|application/zip|x-zip", re.I
)
_OTHER = re.compile(rb"(?:image|video|audio|font)/|/css|javascript|font|/x-shockwave", re.I)
MAGIC = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")
_TOLD = re.compile(
    r"gkml|xxgk|zfxxgk|nianbao|nbgb|ndbg|gongkai|zwgk|%E5%B9%B4%E6%8A%A5|年报|年度报告", re.I
)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]*\r?\n")


def read_warc(
    path: Path, name: str, tally: Tally, packed: Packed = "gov", span: Span | None = None
) -> Iterator[Block]:
    """The documents of a WARC or WET file, compressed with gzip or zstd or not at all.

    ``span``: a section of it, as ``warc_cuts`` cuts.
    """
    kind = streams.magic_of(path)
    if kind == "zstd":
        with streams.unpacked(path, kind) as stream:
            records = records_of_stream(streams.pieces(stream, name, tally))
            yield from _blocks(records, name, tally, packed)
        return
    with path.open("rb") as file:
        yield from _mapped(file, name, tally, packed, span)


def _mapped(
    file: IO[bytes], name: str, tally: Tally, packed: Packed, span: Span | None = None
) -> Iterator[Block]:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        read = records_of_gzip if whole[:2] == b"\x1f\x8b" else records_of_plain
        section = (0, None) if span is None else (span.start, span.end)
        yield from _blocks(read(whole, *section), name, tally, packed)


def read_wacz(path: Path, name: str, tally: Tally, packed: Packed = "gov") -> Iterator[Block]:
    """The documents of the WARC files inside a WACZ."""
    try:
        whole = zipfile.ZipFile(path)
    except (*_ZIP_ERRORS, OSError) as error:
        tally.refuse(name, f"it is no readable zip archive: {error}")
        return
    with whole:
        members = [
            m for m in whole.infolist() if m.filename.lower().endswith((".warc", ".warc.gz"))
        ]
        if not members:
            tally.refuse(name, "there is no WARC file in the archive")
        for member in members:
            yield from _member(whole, member, f"{name}/{member.filename}", tally, packed)


def _member(
    whole: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, tally: Tally, packed: Packed
) -> Iterator[Block]:
    # Copied out so that the archive can be stepped over damage; WACZ members are not compressed.
    with tempfile.TemporaryFile() as file:
        try:
            with _opened(whole, member) as source:
                shutil.copyfileobj(source, file, 1 << 16)
        except (*_ZIP_ERRORS, OSError, EOFError, zlib.error) as error:
            tally.damage(name, "", f"the archive is damaged: {error}")
        file.flush()
        if file.tell():
            yield from _mapped(file, name, tally, packed)


def _opened(whole: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    source = whole.open(member)
    if member.compress_type == zipfile.ZIP_STORED:
        # The records have checksums of their own; that of the zip archive would cost the last
        # piece of a member of which one byte is damaged.
        source._expected_crc = None  # type: ignore[attr-defined]
    return source


# -- records to documents --------------------------------------------------------------------------


def _blocks(
    records: Iterable[Raw | Torn], name: str, tally: Tally, packed: Packed
) -> Iterator[Block]:
    batch = _Batch(name, tally)
    for record in records:
        if isinstance(record, Torn):
            if record.is_large:
                tally.skipped["record too large"] += 1
                tally.note(name, str(record.offset), record.reason)
            else:
                tally.damage(name, str(record.offset), record.reason)
            continue
        document = _document(record, name, tally, packed)
        if document is None:
            continue
        batch.add(record, *document)
        if batch.is_full:
            yield batch.block()
            batch = _Batch(name, tally)
    if batch.bodies:
        yield batch.block()


class _Batch:
    """Documents that are scanned together."""

    def __init__(self, name: str, tally: Tally) -> None:
        self.name = name
        self.tally = tally
        self.bodies: list[bytes] = []
        self.records: list[tuple[Raw, str]] = []
        self.packed: list[int] = []
        self._size = 0

    def add(self, record: Raw, body: bytes, media: str, is_packed: bool) -> None:
        if is_packed:
            self.packed.append(len(self.bodies))
        self.bodies.append(body)
        self.records.append((record, media))
        self._size += len(body)

    @property
    def is_full(self) -> bool:
        return self._size >= BLOCK or len(self.bodies) >= _ROWS

    def block(self) -> Block:
        shown = [b"" if i in self.packed else b for i, b in enumerate(self.bodies)]
        return Block(joined(shown), self.take, packed=tuple(self.packed))

    def take(self, at: int) -> Found | None:
        record, media = self.records[at]
        return _found(record, self.bodies[at], media, f"{self.name}@{record.place}", self.tally)


def document_of(record: Raw, name: str, tally: Tally) -> Found | None:
    """The document of one record, packed or not; ``None`` (and told) when it holds none."""
    document = _document(record, name, tally, "all")
    if document is None:
        return None
    body, media, _ = document
    return _found(record, body, media, name, tally)


def _found(record: Raw, body: bytes, media: str, name: str, tally: Tally) -> Found | None:
    headers = record.headers()
    broken = _broken_digest(record, headers)
    if broken:
        tally.damage(name, "", broken)
        return None
    url = headers.get("warc-target-uri", "").strip("<>") or None
    source = Source(body, name, url, media or None)
    return Found(source, headers.get("warc-date", ""), headers.get("warc-truncated", ""))


def _document(
    record: Raw, name: str, tally: Tally, packed: Packed
) -> tuple[bytes, str, bool] | None:
    """Body, media type, and whether its words can't be seen; ``None``: no document."""
    found = _TYPE.search(record.head.lower())
    kind = found[1] if found else b""
    if kind == b"conversion":
        body, media = record.block, b"text/plain; charset=utf-8"
    elif kind == b"response":
        parts = _answer(record, name, tally)
        if parts is None:
            return None
        body, media = parts
    elif kind == b"resource":
        if _ABOUT.search(record.head):
            return None  # a crawler's own notes, or its text of a page that is there as well
        body, media = record.block, _field(record.head, b"content-type")
    else:
        return None
    tally.documents += 1
    if len(body) > LARGEST:
        tally.skipped["document too large"] += 1
        return None
    if _PACKED.search(media) or body.startswith(MAGIC):
        return _packed_document(record, body, media, tally, packed)
    if _OTHER.search(media):
        tally.skipped["picture, script, style or sound"] += 1
        return None
    return body, media.decode("latin-1"), False


def _packed_document(
    record: Raw, body: bytes, media: bytes, tally: Tally, packed: Packed
) -> tuple[bytes, str, bool] | None:
    url = record.headers().get("warc-target-uri", "").strip("<>")
    wanted = packed == "all" or (packed == "gov" and (_is_government(url) or _TOLD.search(url)))
    if not wanted:
        tally.skipped["PDF, Word or other file not looked into"] += 1
        return None
    return body, media.decode("latin-1"), True


def _is_government(url: str) -> bool:
    host = url.split("/")[2] if url.count("/") >= 2 else ""
    return host.partition(":")[0].lower().endswith((".gov.cn", ".gov"))


def _field(head: bytes, name: bytes) -> bytes:
    found = re.search(rb"\n" + name + rb"[ \t]*:[ \t]*([^\r\n]*)", head, re.I)
    return found[1] if found else b""


def _answer(record: Raw, name: str, tally: Tally) -> tuple[bytes, bytes] | None:
    """Body and media type of an HTTP answer with status 200, its codings undone."""
    block = record.block
    status = _STATUS.match(block)
    end = _HTTP_END.search(block, 0, _MOST_HTTP)
    if status is None or end is None:
        tally.damage(name, record.place, "its HTTP head is broken")
        return None
    if status[1] != b"200":
        tally.skipped["answer without a document (status)"] += 1
        return None
    fields = dict(_HEADER.findall(block[: end.start()].lower()))
    body = block[end.end() :]
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        whole = _unchunked(body)
        if whole is None:
            tally.damage(name, record.place, "its chunked body is cut")
            return None
        body = whole
    coding = fields.get(b"content-encoding")
    if coding:
        names = codings([coding])
        result = inflate(body, names)
        if result.problem == "coding" and not _is_coded(body):
            return body, fields.get(b"content-type", b"")
        if result.problem:
            tally.damage(name, record.place, result.detail)
            return None
        body = result.content
    return body, fields.get(b"content-type", b"")


def _is_coded(body: bytes) -> bool:
    """Whether a body is really packed; many archives unpack it and keep the label."""
    return body.lstrip()[:1] not in (b"<", b"{", b"%", b"\xef")


def _unchunked(body: bytes) -> bytes | None:
    """The body without its chunk sizes; as it is where there are none; ``None``: cut."""
    if _CHUNK.match(body) is None:
        return body  # many archives keep the label and not the coding
    parts: list[bytes] = []
    at = 0
    while True:
        found = _CHUNK.match(body, at)
        if found is None:
            # text that happens to begin with hexadecimal digits
            return body if not parts else None
        size = int(found[1], 16)
        at = found.end() + size
        if size == 0:
            return b"".join(parts)
        if at > len(body):
            return None if parts or body[found.end() - 2 : found.end()] == b"\r\n" else body
        parts.append(body[found.end() : at])
        while body[at : at + 1] in (b"\r", b"\n"):
            at += 1


# -- digests ---------------------------------------------------------------------------------------


def _broken_digest(record: Raw, headers: dict[str, str]) -> str:
    """Why the record's bytes are not those it was written with; empty if nothing says so."""
    algorithm, _, stated = headers.get("warc-block-digest", "").partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in ("sha1", "sha256", "md5") or not stated:
        return ""
    made = hashlib.new(algorithm, record.block, usedforsecurity=False).digest()
    forms = (made.hex(), base64.b32encode(made).decode().rstrip("=").lower())
    return "" if stated.rstrip("=").lower() in forms else "its bytes do not agree with its digest"
