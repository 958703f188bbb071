"""Which documents of a large collection may be reports: one pass over raw bytes, nothing decoded.

Two steps, both without false refusals. ``scan`` looks at whole blocks of documents for the words
that no report is without (信息公开, 政务公开, in the encodings and scripts of the wild, spaced out,
in HTML references, in JSON escapes). ``is_candidate`` then asks of one document, cheaply, for a few
more words of the form. What is left goes to the parser, which decides.

The words were chosen by measurement: over all dialects, layouts, scripts and damages of
``govreport_parse.testing`` 信息公 stands at least six times in every report; words such as 年度报告
or 不予公开 are missing from some. A pinyin gloss follows its character, so that the end of a word
may be glossed but not the middle: 信, 息 and 公 are never glossed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WORDS = ("信息公", "資訊公", "资讯公", "政务公", "政務公")
"""What stands in every report; 資訊 is what converters to Taiwan's words make of 信息."""
ENCODINGS = ("utf-8", "gb18030", "cp950", "utf-16-le", "utf-16-be")
ENOUGH = 4
"""Kinds of further words that a candidate must show; reports show at least eight (tests)."""

_TAG = "<[^<>]*>"
_GLOSS = r"\([a-z\x80-\xff]{1,10}\)"
_SPACES = {
    "utf-8": ("[ \t\r\n]", "\u3000", "\xa0", "\u200b", "\ufeff", _TAG, _GLOSS),
    "gb18030": ("[ \t\r\n]", "\u3000", _TAG),
    "cp950": ("[ \t\r\n]", "\u3000", _TAG),
}
"""What may stand between the characters of a word: white space, tags, and in UTF-8 pinyin."""
_KINDS: tuple[tuple[str, ...], ...] = (
    ("申请", "申請"),
    ("政复议", "政復議", "政複議", "复议", "復議", "複議"),
    ("诉讼", "訴訟", "政诉", "政訴"),
    ("主动", "主動"),
    ("自然人", "公民"),
    ("法人", "企业", "企業"),
    ("年报", "年報", "报告", "報告"),
    ("问题", "問題"),
    ("改进", "改進"),
    ("许可", "許可", "政许", "政許"),
    ("处罚", "處罰", "政处", "政處"),
    ("范性", "範性", "规章", "規章"),
    ("收费", "收費"),
    ("条例", "條例"),
    ("结转", "結轉", "结果", "結果"),
    ("公开", "公開"),
    ("机构", "機構", "组织", "組織"),
    ("制度", "平台"),
)


def _literal(raw: bytes) -> str:
    return "".join(f"\\x{b:02x}" for b in raw)


def _spaced(word: str, encoding: str) -> str:
    """The word in an encoding, with white space allowed between its characters."""
    try:
        letters = [_literal(c.encode(encoding)) for c in word]
    except UnicodeEncodeError:
        return ""
    spaces = _SPACES.get(encoding)
    if not spaces:
        return "".join(letters)
    gap = "|".join(s if s.isascii() else _literal(s.encode(encoding)) for s in spaces)
    return f"(?:{gap})*".join(letters)


def _hex_digits(c: str) -> str:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in f"{ord(c):04x}")


@cache
def pattern(*, utf8_only: bool = False) -> str:
    """The expression of ``scan`` for RE2 in Latin-1 mode; its speed does not depend on its size."""
    encodings = ("utf-8",) if utf8_only else ENCODINGS
    parts = {_spaced(w, e) for w in WORDS for e in encodings}
    for word in WORDS:
        parts.add("".join(f"&#0*{ord(c)};" for c in word))
        parts.add("".join(f"&#[xX]0*{_hex_digits(c)};" for c in word))
        parts.add("".join(rf"\\u{_hex_digits(c)}" for c in word))
    return "|".join(sorted(parts - {""}))


def scan(documents: pa.Array, *, utf8_only: bool = False) -> list[int]:
    """The places of the documents in a binary array that may be reports; null is none.

    ``utf8_only``: the documents are known to be UTF-8.
    """
    if not len(documents):
        return []
    found = pc.match_substring_regex(documents, pattern=pattern(utf8_only=utf8_only))
    places: list[int] = np.flatnonzero(pc.fill_null(found, False).to_numpy(False)).tolist()
    return places


def joined(documents: Sequence[bytes]) -> pa.Array:
    """Documents as one array for ``scan``."""
    ends = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(documents))]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(documents), buffers)


@cache
def _words(encoding: str) -> tuple[tuple[bytes, ...], ...]:
    out = []
    for kind in _KINDS:
        raw = []
        for word in kind:
            try:
                raw.append(word.encode(encoding))
            except UnicodeEncodeError:
                continue
        out.append(tuple(raw))
    return tuple(out)


_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]{4})|0*([0-9]{5}));")
_BLANKS = re.compile(
    rb"(?:[ \t\r\n]|\xa1\xa1|\xe3\x80\x80|\xc2\xa0|\xe2\x80\x8b|\xef\xbb\xbf|<[^<>]{0,500}>"
    rb"|\([a-z\x80-\xff]{1,10}\))+"
)


def is_candidate(data: bytes) -> bool:
    """Whether one document that ``scan`` kept shows enough words of a report in one encoding."""
    if any(_shows(data, e) for e in ENCODINGS):
        return True
    return any(_shows(d, e) for d in _plain(data) for e in _SPACES)


def _shows(data: bytes, encoding: str) -> bool:
    if encoding.startswith("utf-16") and b"\0" not in data:
        return False
    seen = 0
    for kind in _words(encoding):
        if any(word in data for word in kind):
            seen += 1
            if seen == ENOUGH:
                return True
    return False


def _plain(data: bytes) -> list[bytes]:
    """The document with its references resolved, and without what may part words."""
    out = []
    if data.count(b"&#") >= ENOUGH:
        out.append(_REFERENCE.sub(_resolved, data))
    out.append(_BLANKS.sub(b"", data))
    return out


def _resolved(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number).encode("utf-8", "ignore") if number < 0x110000 else b""


def may_hold_report(data: bytes) -> bool:
    """Both steps for one document. Over many documents ``scan`` is faster."""
    return bool(scan(joined([data]))) and is_candidate(data)
