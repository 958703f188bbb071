"""Content codings undone, with bounds and with the check that the end was reached.

No HTTP client tells a compressed body that was cut short from a whole one: its Content-Length
agrees. Only the end mark of the gzip or deflate stream does, so it is asked for here.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from govreport_parse.fetch.limits import Limits

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = {"gzip", "x-gzip"}
# Labels some servers write into Content-Encoding that name no coding at all.
_NONE = {
    "", "identity", "none", "binary", "8bit", "7bit", "utf-8", "utf8", "gbk", "gb2312", "gb18030",
}  # fmt: skip
_STEP = 1 << 18
_MOST_MEMBERS = 4096
_PLAIN_STARTS = (b"<", b"%", b"{", b"\xef")

Problem = Literal["", "truncated", "corrupt", "coding", "bomb"]


@dataclass(frozen=True, slots=True)
class Inflated:
    """``content`` is whole when ``problem`` is empty, else what there was before it.

    ``truncated``: the stream ended before its end mark; ``corrupt``: a checksum or the stream
    itself is wrong; ``coding``: unknown, or too many of them; ``bomb``: over the caps.
    ``verified``: an end mark was seen, so the body is whole whatever the framing said.
    """

    content: bytes
    problem: Problem = ""
    detail: str = ""
    verified: bool = False


def codings(values: Sequence[bytes]) -> list[str]:
    """The codings of all Content-Encoding headers, in the order applied, without empty ones."""
    text = b",".join(values).decode("latin-1")
    return [each for each in (part.strip().lower() for part in text.split(",")) if each]


def inflate(raw: bytes, names: Sequence[str], limits: Limits | None = None) -> Inflated:
    """``raw`` with the codings ``names`` (in the order applied) undone.

    Known are gzip (all members; junk behind the last is dropped; a body that is not gzip at all is
    taken as it is) and deflate (with or without the zlib head). Bounded by ``limits.decoded``,
    ``limits.ratio`` and ``limits.codings``. Never raises.
    """
    bounds = limits or Limits()
    real = [name for name in names if name not in _NONE]
    if len(real) > bounds.codings:
        return Inflated(b"", "coding", f"{len(real)} content codings, at most {bounds.codings}")
    unknown = [name for name in real if name not in _GZIP and name != "deflate"]
    if unknown:
        return Inflated(b"", "coding", f"unknown content coding {unknown[0][:60]!r}")
    result = Inflated(raw)
    for name in reversed(real):
        verified = result.verified
        if name in _GZIP:
            result = _gunzip(result.content, bounds)
        else:
            result = _undeflate(result.content, bounds)
        if result.problem:
            return result
        if verified and not result.verified:
            result = Inflated(result.content, verified=True)
    return result


def _gunzip(raw: bytes, bounds: Limits) -> Inflated:
    if not raw.startswith(_GZIP_MAGIC):
        if raw in (b"", _GZIP_MAGIC[:1]):
            return Inflated(b"", "truncated", f"a gzip body of {len(raw)} bytes")
        return Inflated(raw)
    out = bytearray()
    place = members = 0
    while raw[place : place + 2] == _GZIP_MAGIC:
        members += 1
        if members > _MOST_MEMBERS:
            return Inflated(b"", "bomb", f"more than {_MOST_MEMBERS} gzip members")
        place, problem, detail = _run(zlib.decompressobj(31), raw, place, out, bounds)
        if problem:
            return _broken(out, problem, detail)
    return Inflated(bytes(out), verified=True)


def _undeflate(raw: bytes, bounds: Limits) -> Inflated:
    if not raw:
        return Inflated(b"", "truncated", "a deflate body of 0 bytes")
    headed = len(raw) > 1 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0
    out = bytearray()
    engine = zlib.decompressobj(15 if headed else -15)
    _, problem, detail = _run(engine, raw, 0, out, bounds)
    if problem == "corrupt" and not headed and raw.lstrip()[:1] in _PLAIN_STARTS:
        return Inflated(raw)  # marked deflate, but plain
    return _broken(out, problem, detail) if problem else Inflated(bytes(out), verified=True)


def _broken(out: bytearray, problem: Problem, detail: str) -> Inflated:
    # A bomb is not worth the copy.
    return Inflated(b"" if problem == "bomb" else bytes(out), problem, detail)


def _run(
    engine: zlib._Decompress, raw: bytes, place: int, out: bytearray, bounds: Limits
) -> tuple[int, Problem, str]:
    """Undo one stream that starts at ``place``; where it ended, and what was wrong."""
    view = memoryview(raw)
    while place < len(raw):
        feed: bytes | memoryview = view[place : place + _STEP]
        place += len(feed)
        produced = _STEP
        # Output held back by the bound comes out even when no input is left.
        while feed or produced == _STEP:
            try:
                piece = engine.decompress(feed, _STEP)
            except zlib.error as error:
                return place, "corrupt", f"the compressed body is damaged: {error}"
            out += piece
            produced = len(piece)
            if len(out) > bounds.decoded:
                return place, "bomb", f"inflates to more than {bounds.decoded} bytes"
            if len(out) > max(bounds.ratio_from, bounds.ratio * len(raw)):
                return place, "bomb", f"inflates more than {bounds.ratio} times"
            if engine.eof:
                return place - len(engine.unused_data), "", ""
            feed = engine.unconsumed_tail
    return place, "truncated", f"the compressed body ends early, {len(out)} bytes in"
