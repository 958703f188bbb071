"""Whether a body is whole when only the end of the connection says so."""

from __future__ import annotations

_TAIL = 64 << 10
_HTML_STARTS = (b"<html", b"<!doctype html", b"<body")


def looks_cut(content: bytes) -> str:
    """Why an unframed body must be taken for cut; empty if nothing speaks for it.

    A page that opens ``<html>`` closes it or its body, a PDF has ``%%EOF``, a zip its directory, a
    PNG its end chunk. Of other content the end can't be told.
    """
    tail = content[-_TAIL:]
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content:
        return "an empty body without a length"
    if start.startswith(b"%pdf") and b"%%EOF" not in tail[-2048:]:
        return "a PDF without its end mark"
    if start.startswith(b"pk\x03\x04") and b"PK\x05\x06" not in content[-66_000:]:
        return "a zip file without its directory"
    if start.startswith(b"\x89png") and b"IEND" not in tail[-64:]:
        return "a PNG without its end chunk"
    if any(mark in start for mark in _HTML_STARTS):
        lower = tail.lower()
        if b"</html" not in lower and b"</body" not in lower:
            return "a page that does not close its body"
    return ""
