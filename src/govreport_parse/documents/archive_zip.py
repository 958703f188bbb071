"""ZIP archives that strangers made: the central directory, parts within limits, attachments.

In go bytes, out come ``Entry`` lists (``read_entries``), single parts (``inflate``) or the members
that may be reports (``open_zip``). Nothing is written to disk and no name is ever used as a path.
It reads no document, so the readers of the ZIP-based formats (DOCX, XLSX, ODS) build on it.

The directory is read here and not by ``zipfile`` because the limits must hold before anything is
built or inflated: at most 2,000 entries, 50 MiB a part, 200 MiB together (counted while
inflating, whatever the headers claim), 200 times its packed size for a part beyond 1 MiB
(RELIABILITY.md, E4). Refused with a typed error: entries that overlap, wrong sizes, wrong CRC,
encryption, ZIP64, spanned archives, packing methods other than stored and deflated.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError

MAX_ENTRIES = 2_000
MAX_PART = 50 * 2**20
MAX_TOTAL = 200 * 2**20
MAX_RATIO = 200
RATIO_FREE = 2**20
"""Parts up to this size may have any ratio: a small blank form packs very well."""

_MAX_DIRECTORY = 2 * 2**20
_EOCD = b"PK\x05\x06"
_EOCD64_LOCATOR = b"PK\x06\x07"
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_BROKEN = "download the file again; it is damaged or was made to harm"
_PACKED = "unpack it with another program and give the documents inside"
_METHODS = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 99: "AES"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the central directory. ``start`` is where the packed bytes begin."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int
    encrypted: bool

    @property
    def is_folder(self) -> bool:
        """A folder, which holds no bytes."""
        return self.name.endswith(("/", "\\"))


@dataclass(slots=True)
class Budget:
    """What may still be inflated and opened; shared by an archive and the one inside it."""

    bytes_left: int = MAX_TOTAL
    entries_left: int = MAX_ENTRIES


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive. ``name`` is for people only: cleaned, ``/`` between its parts."""

    name: str
    data: bytes = field(repr=False)


def read_entries(data: bytes, budget: Budget | None = None) -> list[Entry]:
    """The entries of an archive, in the order of its directory.

    Raises ``DecodeError`` when the directory is missing, cut or contradicts the bytes,
    ``LimitExceededError`` for more than 2,000 entries, ``UnsupportedFormatError`` for ZIP64 and
    archives in several volumes.
    """
    budget = budget or Budget()
    end, count, length, offset = _end_record(data)
    if count > budget.entries_left or length > _MAX_DIRECTORY:
        raise LimitExceededError(
            f"the ZIP archive has {count} entries, at most {budget.entries_left} are read",
            hint=_PACKED,
            context={"entries": count, "limit": MAX_ENTRIES},
        )
    begin = end - length
    # Bytes before the archive (self-extracting programs) shift all offsets by the same amount.
    shift = begin - offset
    if begin < 0 or shift < 0:
        raise DecodeError("the ZIP directory lies outside the file", hint=_BROKEN)
    entries = []
    spans = []
    at = begin
    while at < end:
        entry, local, at = _entry(data, at, end, shift)
        entries.append(entry)
        spans.append((local, entry.start + entry.packed))
        # The count in the end record may lie; the walk itself is what is bounded.
        if len(entries) > budget.entries_left:
            raise LimitExceededError(
                f"the ZIP archive has more than {budget.entries_left} entries",
                hint=_PACKED,
                context={"limit": MAX_ENTRIES},
            )
    if len(entries) != count:
        raise DecodeError(
            f"the ZIP directory has {len(entries)} entries and claims {count}", hint=_BROKEN
        )
    _refuse_overlaps(spans, begin)
    budget.entries_left -= len(entries)
    return entries


def _end_record(data: bytes) -> tuple[int, int, int, int]:
    """Position of the end record, number of entries, length and offset of the directory."""
    at = data.rfind(_EOCD, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise DecodeError("this is no whole ZIP archive: its directory is missing", hint=_BROKEN)
    disk, first_disk, here, count, length, offset = struct.unpack_from("<4H2I", data, at + 4)
    if data[max(0, at - 20) : at].startswith(_EOCD64_LOCATOR) or 0xFFFFFFFF in (length, offset):
        raise UnsupportedFormatError(
            "ZIP64 archives (over 4 GiB or 65,535 entries) are not read", hint=_PACKED
        )
    if disk or first_disk or here != count:
        raise UnsupportedFormatError("the ZIP archive is one of several volumes", hint=_PACKED)
    return at, count, length, offset


def _entry(data: bytes, at: int, end: int, shift: int) -> tuple[Entry, int, int]:
    """The entry whose directory line begins at ``at``, its local header, the next line."""
    if at + _CENTRAL.size > end or data[at : at + 4] != b"PK\x01\x02":
        raise DecodeError("the ZIP directory is damaged", hint=_BROKEN)
    (
        _,
        _,
        _,
        flags,
        method,
        _,
        _,
        crc,
        packed,
        size,
        n_name,
        n_extra,
        n_comment,
        _,
        _,
        _,
        local,
    ) = _CENTRAL.unpack_from(data, at)
    stop = at + _CENTRAL.size + n_name + n_extra + n_comment
    if stop > end:
        raise DecodeError("the ZIP directory is damaged", hint=_BROKEN)
    raw_name = data[at + _CENTRAL.size : at + _CENTRAL.size + n_name]
    extra = data[at + _CENTRAL.size + n_name : at + _CENTRAL.size + n_name + n_extra]
    local += shift
    if local + _LOCAL.size > len(data) or data[local : local + 4] != b"PK\x03\x04":
        raise DecodeError("a ZIP entry points to no entry", hint=_BROKEN)
    *_, local_name, local_extra = _LOCAL.unpack_from(data, local)
    start = local + _LOCAL.size + local_name + local_extra
    if start + packed > len(data):
        raise DecodeError("a ZIP entry is cut short", hint=_BROKEN)
    name = _decode_name(raw_name, utf8=bool(flags & 0x800), extra=extra)
    return Entry(name, method, crc, packed, size, start, bool(flags & 0x2041)), local, stop


def _refuse_overlaps(spans: list[tuple[int, int]], directory: int) -> None:
    last = 0
    for begin, end in sorted(spans):
        if begin < last:
            raise DecodeError(
                "entries of the ZIP archive overlap", hint=_BROKEN, context={"offset": begin}
            )
        last = end
    if last > directory:
        raise DecodeError("an entry of the ZIP archive overlaps its directory", hint=_BROKEN)


def _decode_name(raw: bytes, *, utf8: bool, extra: bytes) -> str:
    """A member's name. Chinese Windows programs write GBK without saying so."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if (
            kind == 0x7075
            and len(body) > 5
            and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw)
        ):
            raw, utf8 = body[5:], True
        at += 4 + length
    # Strict UTF-8 first even without the flag: GBK names hardly ever pass as UTF-8.
    for encoding in ("utf-8",) if utf8 else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")


def inflate(data: bytes, entry: Entry, budget: Budget) -> bytes:
    """The bytes of one entry, counted against ``budget`` while they are inflated.

    Memory stays within the limit that applies, whatever the headers claim. Raises
    ``LimitExceededError``, ``UnsupportedFormatError`` (encrypted, unknown method) or
    ``DecodeError`` (cut, wrong size, wrong CRC).
    """
    if entry.encrypted or entry.method == 99:
        raise UnsupportedFormatError(
            f"{display_name(entry.name)!r} is encrypted",
            hint="remove the password and save the file again",
        )
    allowed = min(MAX_PART, budget.bytes_left)
    by_ratio = max(RATIO_FREE, MAX_RATIO * entry.packed)
    limit = min(allowed, by_ratio)
    if entry.size > limit:
        raise _too_large(entry, limit)
    raw = data[entry.start : entry.start + entry.packed]
    out = _unpack(raw, entry, limit)
    if len(out) != entry.size or zlib.crc32(out) != entry.crc:
        raise DecodeError(
            f"{display_name(entry.name)!r} in the ZIP archive fails its size or check sum",
            hint=_BROKEN,
            context={"declared": entry.size, "found": len(out)},
        )
    budget.bytes_left -= len(out)
    return out


def _unpack(raw: bytes, entry: Entry, limit: int) -> bytes:
    if entry.method == 0:
        return raw
    if entry.method != 8:
        method = _METHODS.get(entry.method, str(entry.method))
        raise UnsupportedFormatError(
            f"{display_name(entry.name)!r} is packed with {method}, which is not read", hint=_PACKED
        )
    inflater = zlib.decompressobj(-15)
    try:
        out = inflater.decompress(raw, limit + 1)
    except zlib.error as error:
        raise DecodeError(
            f"{display_name(entry.name)!r} in the ZIP archive is damaged", hint=_BROKEN
        ) from error
    if len(out) > limit:
        raise _too_large(entry, limit)
    if not inflater.eof:
        raise DecodeError(
            f"{display_name(entry.name)!r} in the ZIP archive is cut short", hint=_BROKEN
        )
    return out


def _too_large(entry: Entry, limit: int) -> LimitExceededError:
    return LimitExceededError(
        f"{display_name(entry.name)!r} unpacks to more than {limit} bytes",
        hint="a report is far smaller; look at the file before trusting it",
        context={"packed": entry.packed, "declared": entry.size, "limit": limit},
    )


def display_name(name: str) -> str:
    """A name fit to be shown: no path steps, drives, control or direction characters."""
    text = "".join(c for c in name.replace("\\", "/") if c.isprintable())
    parts = [p for p in text.split("/") if p not in ("", ".", "..") and not p.endswith(":")]
    return "/".join(parts)[:200] or "?"


_SUFFIXES = (
    "docx docm doc wps rtf pdf ofd xlsx xlsm xls et ods html htm shtml mht mhtml xml txt csv md"
    " json png jpg jpeg tif tiff bmp gif"
)
REPORT_SUFFIXES = frozenset(_SUFFIXES.split())
"""Last parts of names that ``open_zip`` hands on."""


def open_zip(data: bytes) -> list[Member]:
    """The members of an archive that may be reports, in its order, inflated in memory.

    Members are chosen by the suffix of their name; folders, locks (``~$``) and the resource
    forks of Macs are left out. A ZIP inside the archive is opened too, one level deep; its
    members are named ``inner.zip/name``. Raises what ``read_entries`` and ``inflate`` raise,
    ``LimitExceededError`` for archives nested deeper, ``UnsupportedFormatError`` when no member
    may be a report.
    """
    members = list(_members(data, "", Budget(), 0))
    if not members:
        raise UnsupportedFormatError(
            "the ZIP archive holds no document of a format that is read",
            hint="known are Word, PDF, spreadsheet, HTML, text and picture files",
        )
    return members


def _members(data: bytes, prefix: str, budget: Budget, depth: int) -> list[Member]:
    out: list[Member] = []
    for entry in read_entries(data, budget):
        shown = display_name(entry.name)
        last = shown.rsplit("/", 1)[-1]
        suffix = last.rsplit(".", 1)[-1].lower() if "." in last else ""
        if entry.is_folder or last.startswith((".", "~$")) or shown.startswith("__MACOSX/"):
            continue
        if suffix in REPORT_SUFFIXES:
            out.append(Member(prefix + shown, inflate(data, entry, budget)))
        elif suffix == "zip":
            if depth:
                raise LimitExceededError(
                    f"{prefix + shown!r} is a ZIP archive nested more than one level deep",
                    hint=_PACKED,
                    context={"limit": 1},
                )
            out += _members(inflate(data, entry, budget), shown + "/", budget, depth + 1)
    return out
