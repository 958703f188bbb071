"""The page inside a web archive of one file (``.mhtml``, ``.mht``), as browsers and Word save it.

In: the bytes of a ``multipart/related`` message (RFC 2557). Out: the bytes of its main HTML part,
with what the archive says of them. Pictures, style sheets and scripts are stepped over, undecoded.
Nothing is fetched; the addresses in the archive are told, never followed.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value

from govreport_parse.errors import DecodeError, LimitExceededError
from govreport_parse.values import Finding

MAX_BYTES = 64 * 1024 * 1024
MAX_PARTS = 5_000
MAX_DEPTH = 3
"""Parts inside parts: browsers write one level, mail programs two."""
_MAX_HEADER = 64 * 1024
_MAX_BOUNDARY = 200
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_CELLS = 150
"""Cells of a page with the report's tables; below, a frame that has more of them is the page."""
_HINT = "save the page again as HTML (in a browser: Webpage, HTML only)"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The main page of an archive.

    ``content_type`` with the charset that its part names, ``""`` for none; ``url`` is where the
    page was saved from, ``None`` where the archive names no web address; ``is_cut``: the archive
    ends inside it.
    """

    data: bytes
    content_type: str
    url: str | None
    is_cut: bool

    @property
    def findings(self) -> list[Finding]:
        """What is to be told of the archive."""
        if not self.is_cut:
            return []
        return [
            Finding(
                "saved_page_cut",
                "warning",
                "the saved page ends before its last line: something of it may be missing",
                "保存的网页文件不完整，末尾可能缺失",
            )
        ]


@dataclass(slots=True)
class _Part:
    fields: Message
    body: memoryview
    is_cut: bool

    @property
    def kind(self) -> str:
        return self.fields.get_content_type()

    def parameter(self, name: str) -> str:
        value = self.fields.get_param(name, "")
        return collapse_rfc2231_value(value) if isinstance(value, (str, tuple)) else ""

    def field(self, name: str) -> str:
        return str(self.fields.get(name, "")).strip()


def read_saved_page(data: bytes) -> SavedPage:
    """The page that an archive was saved for.

    It is the part that the archive names as its start, else the first that is HTML; where that one
    shows few cells, the frame that shows most (a report inside an ``<iframe>``).

    Raises ``DecodeError`` where no part is a page or its encoding is broken, and
    ``LimitExceededError`` above 64 MB or 5,000 parts.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceededError(
            f"{len(data)} bytes are more than a saved page may have",
            hint=_HINT,
            context={"limit": MAX_BYTES},
        )
    whole = _part(memoryview(data), is_cut=False)
    pages = [p for p in _leaves(whole, MAX_DEPTH) if p.kind in ("text/html", _XHTML)]
    if not pages:
        raise DecodeError("the saved page holds no HTML part", hint=_HINT)
    start = whole.parameter("start").strip("<>")
    named = (p for p in pages if start and p.field("Content-ID").strip("<>") == start)
    root = next(named, pages[0])
    body = _decoded(root)
    if len(pages) > 1 and _cells(body) < _CELLS:
        bodies = [(p, _decoded(p)) for p in pages if p is not root]
        frame, shown = max(bodies, key=lambda pair: _cells(pair[1]))
        if _cells(shown) >= _CELLS:
            root, body = frame, shown
    charset = root.parameter("charset")
    places = (whole.field("Snapshot-Content-Location"), pages[0].field("Content-Location"))
    return SavedPage(
        body,
        f"text/html; charset={charset}" if charset else "",
        next((u for u in places if u.startswith(("http://", "https://"))), None),
        root.is_cut,
    )


_XHTML = "application/xhtml+xml"


def _cells(page: bytes) -> int:
    return page.count(b"<td") + page.count(b"<TD")


def _part(data: memoryview, *, is_cut: bool) -> _Part:
    """Header fields and body. A part without fields is text, as the standard has it."""
    head = bytes(data[:_MAX_HEADER])
    if head[:1] in (b"\r", b"\n"):
        return _Part(Message(), data[len(head) - len(head.lstrip(b"\r\n")) :], is_cut)
    end = _BLANK_LINE.search(head)
    if end is None:
        return _Part(Message(), data, is_cut)
    # Fields of other bytes than ASCII (an address, a title) would come back as header objects.
    plain = head[: end.start()].decode("ascii", "replace").encode("ascii", "replace")
    return _Part(BytesHeaderParser().parsebytes(plain), data[end.end() :], is_cut)


def _leaves(part: _Part, depth: int) -> Iterator[_Part]:
    """The parts that hold no others, in order."""
    if part.fields.get_content_maintype() != "multipart":
        yield part
        return
    mark = part.parameter("boundary").encode("ascii", "replace")
    if not mark or len(mark) > _MAX_BOUNDARY or not depth:
        raise DecodeError("the parts of the saved page are not marked as they must be", hint=_HINT)
    for inner in _split(part, mark):
        yield from _leaves(inner, depth - 1)


def _split(part: _Part, mark: bytes) -> Iterator[_Part]:
    line = re.compile(rb"(?:\A|\r?\n|\r)--" + re.escape(mark) + rb"(--)?[ \t]*(?=[\r\n]|\Z)")
    start: int | None = None
    for n, found in enumerate(line.finditer(part.body)):
        if start is not None:
            yield _part(part.body[start : found.start()], is_cut=False)
        if found[1]:
            return
        if n >= MAX_PARTS:
            raise LimitExceededError(
                f"the saved page has more than {MAX_PARTS} parts",
                hint=_HINT,
                context={"limit": MAX_PARTS},
            )
        start = found.end() + _line_end(part.body, found.end())
    if start is not None:
        yield _part(part.body[start:], is_cut=True)


def _line_end(body: memoryview, at: int) -> int:
    """Bytes of the line end at a place."""
    here = bytes(body[at : at + 2])
    return 2 if here == b"\r\n" else 1 if here[:1] in (b"\r", b"\n") else 0


def _decoded(part: _Part) -> bytes:
    way = part.field("Content-Transfer-Encoding").lower()
    if way == "quoted-printable":
        return quopri.decodestring(bytes(part.body))
    if way == "base64":
        body = bytes(part.body)
        if part.is_cut:  # whole groups of four are still good
            body = b"".join(body.split())
            body = body[: len(body) // 4 * 4]
        try:
            return binascii.a2b_base64(body)
        except binascii.Error as error:
            raise DecodeError(
                f"the saved page's base64 text is broken: {error}", hint=_HINT
            ) from error
    if way in ("", "7bit", "8bit", "binary"):
        return bytes(part.body)
    raise DecodeError(f"the saved page is encoded as {way[:40]!r}, which is unknown", hint=_HINT)
