"""Bytes to text: a ladder of strict decodings, then a test whether the text reads as Chinese.

In: the bytes of a text or HTML document and what others say of their charset. Out: ``Decoded``.
Refuses (``UnknownEncodingError``) what no permitted encoding turns into plausible text.

The ladder: byte order mark; strict UTF-8; a permitted label, strict; strict GB18030 (gb2312 and
gbk mean it); otherwise the reading with fewest U+FFFD and most ordinary characters, among them
UTF-8 and GB18030 by segments (include files). Strict UTF-8 goes before any GB label since UTF-8
text often passes as GB18030 and never the other way (domain guide 3.2). Labels are recorded; one
that contradicts what was used is a finding.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from govreport_parse.errors import UnknownEncodingError
from govreport_parse.script import common_han_share
from govreport_parse.values import Finding, Severity

__all__ = ["Decoded", "canonical_encoding", "decode_text"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a document.

    ``encoding`` is what was used: ``utf-8``, ``gb18030``, ``big5``, ``utf-16-le``, ``utf-16-be``,
    ``utf-32-le`` or ``utf-32-be``. ``declared`` is the label found (caller, HTTP header, meta, in
    this order), as written in lower case. ``replaced`` counts U+FFFD put in for unreadable bytes.
    """

    text: str
    encoding: str
    declared: str | None = None
    replaced: int = 0
    findings: tuple[Finding, ...] = ()


_LABELS: dict[str, str] = {
    label: encoding
    for encoding, labels in {
        "utf-8": "utf-8 utf8 utf_8 unicode-1-1-utf-8 x-utf8 utf-8-sig",
        "gb18030": (
            "gb18030 gb-18030 gbk x-gbk cp936 ms936 windows-936 gb2312 gb_2312 gb_2312-80"
            " gb2312-80 gb-2312 csgb2312 chinese iso-ir-58 csiso58gb231280 euc-cn euccn x-euc-cn"
            " hz hz-gb-2312 gb"
        ),
        "big5": "big5 big-5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 cp950 windows-950",
        "utf-16-le": "utf-16 utf16 utf-16le utf-16-le unicode ucs-2 iso-10646-ucs-2 csunicode",
        "utf-16-be": "utf-16be utf-16-be unicodefffe",
        "ascii": "ascii us-ascii iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 windows-1252"
        " cp1252",
    }.items()
    for label in labels.split()
}
"""All labels that are listened to. The ASCII group is the default of servers: it claims nothing."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_HEAD = 2048
_META = re.compile(
    rb"<meta\b[^>]{0,300}?\bcharset\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w.:-]{1,40})", re.IGNORECASE
)
_XML = re.compile(rb"<\?xml\b[^>]{0,200}?\bencoding\s{0,8}=\s{0,8}[\"']([\w.:-]{1,40})")
_HEADER = re.compile(r"charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w.:-]{1,40})", re.IGNORECASE)

FEW_REPLACED = 5
"""So many unreadable places are borne in a document of any length."""
MOST_REPLACED = 0.005
"""Share of unreadable places above which a text isn't trusted."""
_REPLACED = re.compile("\ufffd+")
_JUDGED = 20
"""Fewer Han characters than this say nothing about a charset."""
_PLAUSIBLE = 0.35
_FORM_WORDS = (
    "公开",
    "政府信息",
    "年度报告",
    "申请",
    "行政",
    "公開",
    "政府資訊",
    "年度報告",
    "申請",
    "本年",
    "有限公司",
    "人民",
)


def canonical_encoding(label: str | None) -> str | None:
    """The encoding a label stands for; ``None`` for a label that isn't on the list.

    ``ascii`` stands for the labels that claim nothing (us-ascii, iso-8859-1, windows-1252).
    """
    return _LABELS.get(label.strip().strip("\"'").lower()) if label else None


def decode_text(
    data: bytes, *, declared: str | None = None, content_type: str | None = None
) -> Decoded:
    """Decode a text or HTML document.

    ``declared`` is a label the caller has, ``content_type`` the value of the HTTP header. Both
    are hints: the bytes decide. A leading byte order mark is dropped; base64 pictures of a page
    that is not UTF-8 are cut to ``data:image/png;base64,``. Findings: ``charset_label_wrong``
    (info), ``charset_mixed`` and ``charset_replaced`` (warnings).

    Raises ``UnknownEncodingError`` if more than 5 places and more than 0.5 % of the text are
    unreadable (one bad byte is one place, though it can cost three U+FFFD), or if no permitted
    encoding gives text that reads as Chinese.
    """
    labels = _labels(data, declared, content_type)
    reading = _read(data, labels)
    text = reading.text.lstrip("\ufeff")
    places = sum(-(-len(run) // 3) for run in _REPLACED.findall(text)) if reading.replaced else 0
    if places > max(FEW_REPLACED, MOST_REPLACED * len(text)):
        raise _unknown(f"{places} unreadable places in {len(text)} characters", reading, labels)
    if reading.guessed and not _plausible(text):
        raise _unknown("the text does not read as Chinese in any known encoding", reading, labels)
    return Decoded(
        text,
        reading.encoding,
        labels[0].label if labels else None,
        reading.replaced,
        tuple(_findings(reading, labels, data)),
    )


# --- labels ---------------------------------------------------------------------------------


class _Label(NamedTuple):
    label: str
    encoding: str | None
    where: str


def _labels(data: bytes, declared: str | None, content_type: str | None) -> list[_Label]:
    """Labels in order of precedence; from the document itself only its first 2 KB count."""
    found: list[tuple[str, str]] = []
    if declared and declared.strip():
        found.append((declared, "caller"))
    if content_type and (header := _HEADER.search(content_type)):
        found.append((header[1], "http"))
    head = data[:_HEAD]
    if meta := _META.search(head):
        found.append((meta[1].decode("ascii", "replace"), "meta"))
    elif xml := _XML.search(head):
        found.append((xml[1].decode("ascii", "replace"), "xml"))
    return [
        _Label(label.strip().lower(), canonical_encoding(label), where) for label, where in found
    ]


# --- the ladder -----------------------------------------------------------------------------


class _Reading(NamedTuple):
    text: str
    encoding: str
    replaced: int = 0
    mixed: tuple[int, int] | None = None
    """Numbers of UTF-8 and of GB18030 segments of a mixed document."""
    guessed: bool = False
    """Neither a mark nor strict UTF-8 proves the encoding: the text must be plausible."""


def _read(data: bytes, labels: list[_Label]) -> _Reading:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            body = data[len(mark) :]
            strict = _strict(body, encoding)
            if strict is not None:
                return _Reading(strict, encoding)
            if encoding != "utf-8":
                return _lenient(body, encoding)
            data = body  # an editor's mark in front of a page in another charset
            break
    if (wide := _utf16_without_mark(data)) is not None:
        return wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, labels, error.start)
    return _short_gb(data, text, labels) or _Reading(text, "utf-8")


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _lenient(data: bytes, encoding: str) -> _Reading:
    """A reading with U+FFFD for unreadable bytes (a lone surrogate in UTF-8 counts once)."""
    own = data.count(_OWN_REPLACEMENT[encoding]) if encoding in _OWN_REPLACEMENT else 0
    if encoding == "utf-8" and b"\xed" in data:
        data = _SURROGATE.sub(b"\xef\xbf\xbd", data)
    text = data.decode(encoding, _GB_ERRORS if encoding == "gb18030" else "replace")
    if encoding == "gb18030":
        text = _from_private_use(text)
    return _Reading(text, encoding, max(0, text.count("\ufffd") - own), guessed=True)


_OWN_REPLACEMENT = {"utf-8": b"\xef\xbf\xbd", "gb18030": b"\x84\x31\xa4\x37"}
"""U+FFFD that the document holds itself is not our doing."""
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_GB_ERRORS = "govreport_parse.gb18030"


def _gb_error(error: UnicodeError) -> tuple[str, int]:
    """Byte 80 alone is the euro sign of Windows code page 936; anything else is unreadable.

    FF begins no character. If it stands for the first byte of one, its second byte must go too,
    else all pairs up to the next ASCII sign shift: an odd number of high bytes tells.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, at = error.object, error.start
    if data[at] == 0x80:
        return "€", at + 1
    if data[at] == 0xFF and (run := _HIGH_RUN.match(data, at + 1)) is not None:
        return "\ufffd", at + 1 + len(run[0]) % 2
    return "\ufffd", error.end


_HIGH_RUN = re.compile(rb"[\x81-\xfe]{0,200}")
codecs.register_error(_GB_ERRORS, _gb_error)


def _utf16_without_mark(data: bytes) -> _Reading | None:
    """UTF-16 where NULs show it and the text is plausible.

    ASCII gives NULs at one parity, but 一 (4E 00) and 开 (5F 00) at the other: so the text decides.
    """
    head = data[:4096]
    nuls = head.count(0)
    if nuls < 2:
        return None
    odd = head[1::2].count(0)
    cut = len(data) % 2
    for encoding, parity in (("utf-16-le", odd), ("utf-16-be", nuls - odd)):
        text = _strict(data[: len(data) - cut], encoding)
        if text is None or "\0" in text:
            continue
        if parity / len(head) > _MOSTLY_ASCII or _plausible(text, few=5):
            return _Reading(text + "\ufffd" * cut, encoding, cut)
    return None


_MOSTLY_ASCII = 0.4


def _short_gb(data: bytes, text: str, labels: list[_Label]) -> _Reading | None:
    """A scrap such as 校 (D0 A3) is also UTF-8 of two bytes: a GB label decides there."""
    if text.isascii() or not any(x.encoding == "gb18030" for x in labels):
        return None
    if any(c >= "\u0800" for c in text):
        return None
    gb = _gb_strict(data)
    if gb is None:
        return None
    han, share = common_han_share(gb)
    latin = any("\x7f" < c < "\u0250" for c in text)
    return _Reading(gb, "gb18030") if share > 0.5 or (han and not latin) else None


def _not_utf8(data: bytes, labels: list[_Label], error_at: int) -> _Reading:
    claimed = {x.encoding for x in labels} & {"big5", "utf-16-le", "utf-16-be"}
    damaged = _nearly_utf8(data, error_at)
    data = _without_pictures(data)
    if not claimed and not damaged:
        text = _gb_strict(data)
        if text is not None and not any(c in text for c in _UTF8_IN_GB) and _plausible(text):
            return _Reading(text, "gb18030", guessed=True)
    return max(_candidates(data, claimed), key=_merit)


_DATA_ENDS = (b'"', b"'", b")", b"<", b">")
_SHORT_DATA = 200


def _without_pictures(data: bytes) -> bytes:
    """Base64 cut out: the GB codecs read it a byte at a time, a page can be 95 % of it."""
    mark = b";base64,"
    at = data.find(mark)
    if at < 0:
        return data
    pieces: list[bytes] = []
    kept = 0
    # The next place of each sign that ends the data; kept, so that no byte is searched twice.
    ends = dict.fromkeys(_DATA_ENDS, -1)
    while at >= 0:
        start = at + len(mark)
        for sign, place in ends.items():
            if place < start:
                found = data.find(sign, start)
                ends[sign] = len(data) if found < 0 else found
        end = min(ends.values())
        if end - start >= _SHORT_DATA and data[start:end].isascii():
            pieces.append(data[kept:start])
            kept = end
        at = data.find(mark, end)
    pieces.append(data[kept:])
    return b"".join(pieces)


_UTF8_IN_GB = "锛銆鐨紝"
"""What the UTF-8 bytes of ，。、的 look like in GB18030."""
_UTF8_HAN = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
_ASCII = bytes(range(128))


def _nearly_utf8(data: bytes, at: int) -> bool:
    """Whether the bytes around the first error are mostly three-byte UTF-8 (a damaged page)."""
    window = data[max(0, at - 1000) : at + 1000]
    high = len(window.translate(None, _ASCII))
    return high > 0 and 3 * len(_UTF8_HAN.findall(window)) > 0.5 * high


def _gb_strict(data: bytes) -> str | None:
    # gbk first: the same characters wherever it has one, faster, and never private use.
    text = _strict(data, "gbk")
    if text is None:
        text = _strict(data, "gb18030")
        if text is not None:
            text = _from_private_use(text)
    return text


_PRIVATE = re.compile("[\ue78d-\ue796\ue7c7\ue7c8\ue816-\ue818\ue81e-\ue864]")
_FROM_PRIVATE = str.maketrans(
    dict(
        zip(
            "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue7c8"
            "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
            "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f\u01f9"
            "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f"
            "\u9fb9\u9fba\U000241fe\u9fbb",
            strict=True,
        )
    )
)
"""GB18030-2000 put these into private use; they have code points since (GB18030-2022)."""


def _from_private_use(text: str) -> str:
    return text.translate(_FROM_PRIVATE) if _PRIVATE.search(text) else text


# --- when nothing is clean ------------------------------------------------------------------


def _candidates(data: bytes, claimed: set[str | None]) -> list[_Reading]:
    """All permitted readings of damaged, mixed or wrongly labelled bytes."""
    out = [_lenient(data, "utf-8"), _lenient(data, "gb18030")]
    if (mixed := _by_segments(data)) is not None:
        out.append(mixed)
    big5 = _strict(data, "cp950") or _strict(data, "big5hkscs")
    out.append(_Reading(big5, "big5", guessed=True) if big5 else _lenient(data, "big5"))
    out += [_lenient(data, str(e)) for e in claimed if str(e).startswith("utf-16")]
    return out


def _merit(reading: _Reading) -> float:
    """Ordinary characters speak for a reading; rare ones and unreadable bytes against it."""
    han, share = common_han_share(reading.text, limit=None)
    strange = len(_STRANGE.findall(reading.text))
    return han * (2 * share - 1) - strange - 3 * reading.replaced


_STRANGE = re.compile("[\u0080-\u009f\u00a8-\u04ff\ue000-\uf8ff\u3105-\u3129\u3040-\u30ff]")
_SEGMENT = re.compile(rb"[^<>\n]+|[<>\n]+")


def _by_segments(data: bytes) -> _Reading | None:
    """UTF-8 and GB18030 in one document: each stretch between tags and line ends by itself.

    ``<``, ``>`` and line feed are never part of a character in either encoding. ``None`` unless
    both encodings occur.
    """
    pieces: list[str] = []
    replaced = 0
    counts = {"utf-8": 0, "gb18030": 0}
    last = ""
    for match in _SEGMENT.finditer(data):
        piece = match[0]
        if piece.isascii():
            pieces.append(piece.decode("ascii"))
            continue
        reading, certain = _segment(piece, last)
        last = reading.encoding
        counts[last] += certain
        replaced += reading.replaced
        pieces.append(reading.text)
    if not all(counts.values()):
        return None
    encoding = max(counts, key=lambda k: counts[k])
    mixed = (counts["utf-8"], counts["gb18030"])
    return _Reading("".join(pieces), encoding, replaced, mixed, guessed=True)


def _segment(piece: bytes, last: str) -> tuple[_Reading, bool]:
    """The better reading of one stretch, and whether it alone is proof."""
    utf8 = _strict(piece, "utf-8")
    if utf8 is not None and any(c >= "\u0800" for c in utf8):
        return _Reading(utf8, "utf-8"), True
    gb_text = _gb_strict(piece)
    gb = _Reading(gb_text, "gb18030") if gb_text is not None else _lenient(piece, "gb18030")
    if utf8 is not None:  # two-byte characters only: can be either
        return (gb if last == "gb18030" else _Reading(utf8, "utf-8")), False
    broken = _lenient(piece, "utf-8")
    if _merit(broken) > _merit(gb):
        return broken, False
    return gb, gb.replaced == 0 and common_han_share(gb.text)[1] > _PLAUSIBLE


def _plausible(text: str, few: int = _JUDGED) -> bool:
    """Whether the text reads as Chinese, or holds too little Chinese to tell."""
    if any(word in text for word in _FORM_WORDS):
        return True
    han, share = common_han_share(text)
    if han < few:
        return few == _JUDGED
    return share >= _PLAUSIBLE


# --- what is said about it ------------------------------------------------------------------


def _findings(reading: _Reading, labels: list[_Label], data: bytes) -> list[Finding]:
    out: list[Finding] = []
    wrong = [x for x in labels if _contradicts(x, reading.encoding)]
    if wrong and not data.isascii():
        first = wrong[0]
        out.append(
            _finding(
                "charset_label_wrong",
                "info",
                f"the {first.where} label says {first.label}, the text is {reading.encoding}",
                f"编码标签（{first.where}）写的是 {first.label}，实际为 {reading.encoding}",
                label=first.label,
                where=first.where,
                encoding=reading.encoding,
            )
        )
    if reading.mixed:
        utf8, gb = reading.mixed
        out.append(
            _finding(
                "charset_mixed",
                "warning",
                f"{utf8} segments in UTF-8 and {gb} in GB18030: each was decoded by itself",
                f"文档混用编码：UTF-8 {utf8} 段，GB18030 {gb} 段，已分段解码",
                utf8=utf8,
                gb18030=gb,
            )
        )
    if reading.replaced:
        out.append(
            _finding(
                "charset_replaced",
                "warning",
                f"{reading.replaced} unreadable bytes were replaced by U+FFFD",
                f"有 {reading.replaced} 处字节无法解码，已用 U+FFFD 代替",
                replaced=reading.replaced,
                encoding=reading.encoding,
            )
        )
    return out


def _contradicts(label: _Label, encoding: str) -> bool:
    same = encoding.startswith("utf-16") and (label.encoding or "").startswith("utf-16")
    return label.encoding != encoding and not same


def _finding(
    code: str, severity: Severity, message: str, message_zh: str, **detail: Any
) -> Finding:
    return Finding(code, severity, message, message_zh, detail=tuple(detail.items()))


def _unknown(what: str, reading: _Reading, labels: list[_Label]) -> UnknownEncodingError:
    return UnknownEncodingError(
        f"charset not recognised: {what}",
        hint="open the page in a browser and save it as UTF-8, or fetch it again",
        context={
            "best": reading.encoding,
            "replaced": reading.replaced,
            "declared": labels[0].label if labels else None,
        },
    )
