"""A name for people to call a downloaded file by. It never becomes a path: files lie by sha256.

In: Content-Disposition as raw bytes, else the address. Out: one line of printable characters, no
separators of any system, no bidirectional tricks, at most ``MAX_CHARACTERS``. Chinese servers send
the name in UTF-8, GB18030, percent-escaped, by RFC 5987 or RFC 2047: all are read.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import unicodedata
from urllib.parse import unquote_to_bytes, urlsplit

MAX_CHARACTERS = 120
_LONGEST_HEADER = 16_384
_EXTENDED = re.compile(
    rb"filename\*\s{0,20}=\s{0,20}\"?([A-Za-z0-9._-]{1,30})'[A-Za-z0-9-]{0,20}'([^;\s\"]{1,8000})",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    rb"filename\s{0,20}=\s{0,20}\"((?:[^\"\\]|\\.){0,8000})(?:\"|$)", re.IGNORECASE
)
_BARE = re.compile(rb"filename\s{0,20}=\s{0,20}([^;\"][^;]{0,8000})", re.IGNORECASE)
_WORD = re.compile(rb"=\?([A-Za-z0-9._-]{1,30})\?([BbQq])\?([^?]{0,8000})\?=")
_ENCODINGS = {
    "utf-8",
    "utf8",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
    "iso-8859-1",
    "latin1",
    "us-ascii",
}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/\\:*?\"<>|]+")
_KEPT_ENDING = 12


def display_name(content_disposition: bytes | str | None, url: str = "") -> str:
    """The cleaned name of a download; empty when neither header nor address give one."""
    if isinstance(content_disposition, str):
        content_disposition = content_disposition.encode("latin-1", "replace")
    name = _from_header((content_disposition or b"")[:_LONGEST_HEADER])
    return clean_name(name) or clean_name(_from_url(url))


def clean_name(name: str) -> str:
    """Any text as a harmless name of one line; empty when nothing is left of it."""
    name = unicodedata.normalize("NFC", name[: 40 * MAX_CHARACTERS])
    # A path names its last part; browsers drop the rest as well.
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if _is_shown(c))
    name = _SEPARATORS.sub("_", " ".join(name.split())).strip(" ._-~")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    if len(name) > MAX_CHARACTERS:
        stem, dot, ending = name.rpartition(".")
        keep = f"{dot}{ending}" if dot and len(ending) <= _KEPT_ENDING else ""
        stem = stem if keep else name
        name = stem[: MAX_CHARACTERS - len(keep) - 1].rstrip(" .") + "…" + keep
    return name


def _is_shown(character: str) -> bool:
    """Letters, marks, numbers, signs and blanks; no controls, formats (bidi), surrogates."""
    return unicodedata.category(character)[0] in "LMNPSZ"


def _from_header(value: bytes) -> str:
    extended = _EXTENDED.search(value)
    if extended is not None:
        return _decoded(unquote_to_bytes(extended[2]), extended[1].decode("ascii"))
    match = _QUOTED.search(value) or _BARE.search(value)
    if match is None:
        return ""
    raw = re.sub(rb"\\([\"\\])", rb"\1", match[1].strip())
    words = _WORD.findall(raw)
    if words:
        return "".join(_encoded_word(*word) for word in words)
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    return _decoded(raw, "")


def _encoded_word(charset: bytes, form: bytes, text: bytes) -> str:
    try:
        raw = base64.b64decode(text) if form in b"Bb" else quopri.decodestring(text, header=True)
    except (binascii.Error, ValueError):
        return ""
    return _decoded(raw, charset.decode("ascii"))


def _decoded(raw: bytes, charset: str) -> str:
    """UTF-8 if it is, else what the header says, else GB18030: labels lie here too."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    word = charset.lower()
    if word not in _ENCODINGS or word in ("utf-8", "utf8", "iso-8859-1", "latin1", "us-ascii"):
        word = "gb18030"
    return raw.decode("gb18030" if word in ("gbk", "gb2312") else word, "replace").replace(
        "\ufffd", ""
    )


def _from_url(url: str) -> str:
    try:
        path = urlsplit(url[:8192]).path
    except ValueError:
        return ""
    name = path.rpartition("/")[2]
    return _decoded(unquote_to_bytes(name), "") if "." in name else ""
