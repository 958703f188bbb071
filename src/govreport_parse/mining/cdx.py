"""Indexes of web archives: what Common Crawl and the Wayback Machine hold of an address.

In: the answers of their CDX servers, or lines of an index file. Out: ``Capture`` values and what to
ask next. Pure functions; ``cdx_fetch`` does the asking. Formats: CDXJ and JSON lines (Common Crawl,
pywb), a JSON array of rows and lines of seven fields (Wayback CDX server).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from govreport_parse.errors import FetchError, UsageError

COMMON_CRAWL = "https://index.commoncrawl.org"
COMMON_CRAWL_DATA = "https://data.commoncrawl.org"
WAYBACK = "https://web.archive.org"
LARGEST_MEMBER = 32 << 20
"""Bytes of a compressed record that is fetched; larger ones are refused."""
Match = Literal["exact", "prefix", "host", "domain"]
_MATCHES = ("exact", "prefix", "host", "domain")
_COLLECTION = re.compile(r"CC-MAIN-\d{4}-\d{2,5}(?:-index)?")
_TIME = re.compile(r"\d{4,14}")
_KEY = re.compile(r"[A-Za-z0-9%+.,()_~!*'/:;=@-]{1,4000}")
_NOTHING = re.compile(r"no captures? found", re.I)
_DOCUMENT = re.compile(
    r"html|text/plain|pdf|msword|officedocument|ms-excel|opendocument|/rtf|wps|octet-stream|^unk$|^-?$"
)
_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of an address. ``timestamp``: UTC, 14 digits.

    ``filename``, ``offset`` and ``length`` say where its record lies (Common Crawl); without them
    it is played back by address and time (Wayback). ``status`` is 0 where the index has none, as
    for a revisit.
    """

    url: str
    timestamp: str
    status: int = 0
    mime: str = ""
    digest: str = ""
    filename: str = ""
    offset: int = -1
    length: int = -1
    truncated: str = ""

    @property
    def date(self) -> str:
        """The time of the capture in ISO 8601; parts that the index lacks are left out."""
        t = self.timestamp
        day = "-".join(p for p in (t[:4], t[4:6], t[6:8]) if p)
        return f"{day}T{t[8:10]}:{t[10:12]}:{t[12:14]}Z" if len(t) == 14 else day

    @property
    def is_ranged(self) -> bool:
        """Whether its record can be asked for by a range of bytes."""
        return bool(self.filename) and self.offset >= 0 and self.length > 0

    @property
    def name(self) -> str:
        """Where it comes from, as the name of a source."""
        if self.is_ranged:
            return f"{self.filename}@{self.offset}"
        return f"wayback/{self.timestamp}/{self.url}"


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One answer of an index. ``bad``: unreadable lines; ``resume``: the key of the rest."""

    captures: tuple[Capture, ...] = ()
    bad: int = 0
    resume: str = ""


# -- questions -------------------------------------------------------------------------------------


def common_crawl_query(
    collection: str,
    url: str,
    *,
    match: Match = "prefix",
    page: int | None = None,
    count: bool = False,
    server: str = COMMON_CRAWL,
) -> str:
    """The address that asks a collection (``CC-MAIN-2024-10``) for captures with status 200.

    ``count`` asks for the number of pages instead (see ``page_count``).
    """
    if not _COLLECTION.fullmatch(collection):
        raise UsageError(f"{collection!r} is no collection", hint="such as CC-MAIN-2024-10")
    fields: dict[str, str] = {**_asked(url, match), "output": "json", "filter": "status:200"}
    if count:
        fields["showNumPages"] = "true"
    elif page is not None:
        fields["page"] = str(page)
    return f"{server}/{collection.removesuffix('-index')}-index?{urlencode(fields)}"


def wayback_query(
    url: str,
    *,
    match: Match = "prefix",
    limit: int = 1000,
    resume: str = "",
    escaped: bool = False,
    server: str = WAYBACK,
) -> str:
    """The address that asks the Wayback Machine for captures with status 200, each digest once.

    ``resume``: the key of the rest, as the answer before gave it. It is escaped already and
    appended as it is, as the server's documentation says; with ``escaped`` it is escaped once more,
    since the server unescapes twice and loses keys that hold an escape of their own
    (internetarchive/wayback, issue 195).
    """
    fields = {
        **_asked(url, match),
        "output": "json",
        "fl": ",".join(_FIELDS),
        "filter": "statuscode:200",
        "collapse": "digest",
        "limit": str(limit),
        "showResumeKey": "true",
    }
    rest = ""
    if resume and (escaped or not _KEY.fullmatch(resume)):
        fields["resumeKey"] = resume
    elif resume:
        rest = f"&resumeKey={resume}"
    return f"{server}/cdx/search/cdx?{urlencode(fields)}{rest}"


def _asked(url: str, match: str) -> dict[str, str]:
    if match not in _MATCHES:
        raise UsageError(f"no match {match!r}"[:200], hint=f"one of {', '.join(_MATCHES)}")
    if not url.strip():
        raise UsageError(
            "an index is asked for an address", hint="such as www.example.gov.cn/xxgk/"
        )
    return {"url": url.strip(), "matchType": match}


def range_of(capture: Capture, server: str = COMMON_CRAWL_DATA) -> tuple[str, dict[str, str]]:
    """Address and headers that ask for the one record of a capture of Common Crawl."""
    last = capture.offset + capture.length - 1
    return f"{server}/{capture.filename}", {"Range": f"bytes={capture.offset}-{last}"}


def playback_of(capture: Capture, server: str = WAYBACK) -> str:
    """The address under which the Wayback Machine gives the bytes as they were captured."""
    return f"{server}/web/{capture.timestamp}id_/{capture.url}"


# -- answers ---------------------------------------------------------------------------------------


def page_count(answer: bytes) -> int:
    """How many pages an index has, from the answer to ``count``. ``FetchError``: no number."""
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    pages = found.get("pages") if isinstance(found, dict) else found
    if isinstance(pages, int) and not isinstance(pages, bool) and pages >= 0:
        return pages
    if _says_nothing(found):
        return 0
    raise _strange(answer)


def parse_index(answer: bytes) -> IndexPage:
    """The captures in an answer, of either server, or in a piece of an index file.

    An answer without captures gives an empty page. Lines that can't be read (a cut last line, a
    capture without address or time) are counted. ``FetchError``: the answer is none of an index.
    """
    text = answer.decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not text or text == "[]":
        return IndexPage()
    if text.startswith("[["):
        return _rows(text)
    captures: list[Capture] = []
    bad = 0
    resume = ""
    lines = [line.strip() for line in text.split("\n")]
    for at, line in enumerate(lines):
        if not line:
            continue
        if at == len(lines) - 1 and at and not lines[at - 1] and " " not in line.strip():
            resume = line  # Wayback: the key stands behind a blank line
            continue
        found = _line(line)
        if found is None:
            bad += 1
        elif isinstance(found, Capture):
            captures.append(found)
    if not captures and bad == len([line for line in lines if line]):
        raise _strange(answer)
    return IndexPage(tuple(captures), bad, resume)


def _strange(answer: bytes) -> FetchError:
    shown = " ".join(answer[:120].decode("utf-8", "replace").split())
    return FetchError(
        f"the index answered with something else: {shown!r}",
        hint="ask again later, or look at the address in a browser",
    )


def _says_nothing(found: Any) -> bool:
    return isinstance(found, dict) and _NOTHING.search(str(found.get("message", ""))) is not None


def _line(line: str) -> Capture | Literal["nothing"] | None:
    """A capture; ``nothing`` for the message that there are none; ``None``: can't be read."""
    brace = line.find("{")
    if brace >= 0:
        try:
            found = json.loads(line[brace:])
        except (ValueError, RecursionError):
            return None
        if _says_nothing(found):
            return "nothing"
        if not isinstance(found, dict):
            return None
        before = line[:brace].split()
        if len(before) == 2:  # CDXJ: key, time, JSON
            found.setdefault("timestamp", before[1])
        return _capture(found)
    fields = line.split(" ")
    if len(fields) != len(_FIELDS):
        return None
    return _capture(dict(zip(_FIELDS, fields, strict=True)))


def _rows(text: str) -> IndexPage:
    """A JSON array of rows of which the first names the fields; a cut array gives what is whole."""
    bad = 0
    try:
        rows = json.loads(text)
    except ValueError:
        rows, bad = _whole_rows(text), 1
    if not rows or not all(isinstance(r, list) for r in rows):
        raise _strange(text.encode())
    names = [str(n) for n in rows[0]]
    if "timestamp" not in names:
        raise _strange(text.encode())
    resume = ""
    captures: list[Capture] = []
    for at, row in enumerate(rows[1:], 1):
        if not row:
            continue
        if len(row) == 1 and not rows[at - 1]:
            resume = str(row[0])
            continue
        fields = dict(zip(names, row, strict=False)) if len(row) == len(names) else {}
        found = _capture(fields)
        if found is None:
            bad += 1
        else:
            captures.append(found)
    return IndexPage(tuple(captures), bad, resume)


def _whole_rows(text: str) -> list[Any]:
    decoder = json.JSONDecoder()
    at, out = 1, []
    while at < len(text):
        try:
            row, at = decoder.raw_decode(text, at)
        except ValueError:
            break
        out.append(row)
        while at < len(text) and text[at] in ", \r\n\t":
            at += 1
    return out


def _capture(fields: Mapping[str, Any]) -> Capture | None:
    url = fields.get("url") or fields.get("original")
    timestamp = str(fields.get("timestamp", ""))
    if not isinstance(url, str) or not url or not _TIME.fullmatch(timestamp):
        return None
    mime = fields.get("mime-detected") or fields.get("mime") or fields.get("mimetype") or ""
    return Capture(
        url,
        timestamp,
        max(0, _number(fields.get("status", fields.get("statuscode")))),
        str(mime).lower(),
        str(fields.get("digest") or "").removeprefix("sha1:"),
        str(fields.get("filename") or ""),
        _number(fields.get("offset")),
        _number(fields.get("length")),
        str(fields.get("truncated") or ""),
    )


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


# -- what to fetch ---------------------------------------------------------------------------------


def plan(captures: Iterable[Capture], *, known: Iterable[str] = ()) -> list[Capture]:
    """The captures worth fetching: documents with status 200, each content once, in file order.

    Of captures with one digest the earliest is taken; ``known``: digests that are not needed.
    Records over ``LARGEST_MEMBER`` and captures that nothing can be asked for are left out.
    """
    seen = set(known)
    out: list[Capture] = []
    for capture in sorted(captures, key=lambda c: (c.timestamp, c.url)):
        if not _is_wanted(capture) or (capture.digest and capture.digest in seen):
            continue
        if capture.digest:
            seen.add(capture.digest)
        out.append(capture)
    return sorted(out, key=lambda c: (c.filename, c.offset, c.timestamp, c.url))


def _is_wanted(capture: Capture) -> bool:
    if capture.status != 200 or not _DOCUMENT.search(capture.mime):
        return False
    if capture.filename and not capture.is_ranged:
        return False
    return capture.length <= LARGEST_MEMBER
