"""A web archive on loopback: Common Crawl's index and files, and the Wayback Machine's.

The shapes of the answers are those of the real services as documented: JSON lines with all
numbers as texts and a 404 with a message for no captures (pywb's CDX server API, commoncrawl.org),
ranges of gzip members, rows with an escaped resume key behind an empty row (README of
wayback-cdx-server; the server unescapes keys twice, internetarchive/wayback issue 195), playback.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

from mining.collections_made import answer, record, report_page

COLLECTION = "CC-MAIN-2024-10"
FILE = (
    "crawl-data/CC-MAIN-2024-10/segments/1707947473690.28/warc/"
    "CC-MAIN-20240222030017-20240222060017-00123.warc.gz"
)
SITE = "www.qinghe.gov.cn"


def address(i: int) -> str:
    return f"http://{SITE}/art/2024/1/{i}/art_77_{i}.html"


def sha1(data: bytes) -> str:
    return base64.b32encode(hashlib.sha1(data).digest()).decode()


def page_bytes(i: int) -> bytes:
    return report_page(i).encode() if i % 3 == 0 else f"<html>page {i}</html>".encode()


@dataclass
class StandIn:
    """Use it as an async context manager. ``trouble``: path to (status, head lines) still to give.

    ``mode`` changes how files are sent: ``whole`` (ranges ignored), ``cut`` (the connection closes
    early), ``short`` (fewer bytes than asked for, and so said), ``other`` (another range); and what
    the Wayback Machine does with its keys: ``once`` (unescapes as its documentation says),
    ``circle`` (gives the key that was asked for again).
    """

    pages: int = 9
    mode: str = ""
    robots: str = "User-agent: *\nDisallow: /save/\n"
    trouble: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.members: list[tuple[int, bytes]] = []
        self.file = gzip.compress(record("warcinfo", b"isPartOf: CC-MAIN-2024-10\r\n"), mtime=0)
        for i in range(1, self.pages + 1):
            member = gzip.compress(record("response", answer(page_bytes(i)), address(i)), mtime=0)
            self.members.append((len(self.file), member))
            self.file += member

    async def __aenter__(self) -> StandIn:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    # -- talking -----------------------------------------------------------------------------------

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            target = head.split(" ", 2)[1]
            span = re.search(r"(?i)\nrange: *bytes=(\d+)-(\d+)", head)
            self.asked.append((target, span[0].strip() if span else ""))
            path = urlsplit(target).path
            self.counts[path] += 1
            if self.trouble.get(path):
                writer.write(
                    f"{self.trouble[path].pop(0)}\r\n".encode() + b"Content-Length: 0\r\n\r\n"
                )
            else:
                writer.write(self._answer(target, path, span))
            await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # a connection that nothing was asked on
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, target: str, path: str, span: re.Match[str] | None) -> bytes:
        question = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
        if path == "/robots.txt":
            return self._http("200 OK", self.robots.encode(), "Content-Type: text/plain")
        if path == f"/{COLLECTION}-index":
            return self._index(question)
        if path == f"/{FILE}":
            return self._range(span)
        if path == "/cdx/search/cdx":
            return self._rows(question)
        return self._playback(target)

    @staticmethod
    def _http(status: str, body: bytes, *fields: str) -> bytes:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *fields]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    # -- Common Crawl ------------------------------------------------------------------------------

    def capture(self, i: int) -> dict[str, str]:
        offset, member = self.members[i - 1]
        return {
            "urlkey": f"cn,gov,qinghe)/art/2024/1/{i}/art_77_{i}.html",
            "timestamp": f"202402220400{i:02d}",
            "url": address(i),
            "mime": "text/html",
            "mime-detected": "text/html",
            "status": "200",
            "digest": sha1(page_bytes(i)),
            "length": str(len(member)),
            "offset": str(offset),
            "filename": FILE,
            "languages": "zho",
            "encoding": "UTF-8",
        }

    def _index(self, question: dict[str, str]) -> bytes:
        if SITE not in question["url"]:
            message = {"message": f"No Captures found for: {question['url']}"}
            return self._http("404 Not Found", json.dumps(message).encode())
        if question.get("showNumPages"):
            return self._http("200 OK", b'{"pages": 2, "pageSize": 5, "blocks": 7}\n')
        half = (self.pages + 1) // 2
        rows = range(1, self.pages + 1)
        mine = rows[:half] if question["page"] == "0" else rows[half:]
        lines = "".join(json.dumps(self.capture(i)) + "\n" for i in mine)
        return self._http("200 OK", lines.encode(), "Content-Type: text/x-ndjson")

    def _range(self, span: re.Match[str] | None) -> bytes:
        if span is None or self.mode == "whole":
            return self._http("200 OK", self.file, "Content-Type: application/octet-stream")
        first, last = int(span[1]), int(span[2])
        if self.mode == "other":
            first, last = first + 1, last + 1
        body = self.file[first : last + 1]
        if self.mode == "short":
            body = body[:-20]
        stated = f"Content-Range: bytes {first}-{first + len(body) - 1}/{len(self.file)}"
        whole = self._http("206 Partial Content", body, stated)
        return whole[:-30] if self.mode == "cut" else whole

    # -- Wayback -----------------------------------------------------------------------------------

    def _rows(self, question: dict[str, str]) -> bytes:
        if SITE not in question["url"]:
            return self._http("200 OK", b"[]\n", "Content-Type: application/json")
        names = question["fl"].split(",")
        limit = int(question["limit"])
        # Unescaped twice, as the real server does: once as a field, once more by itself.
        key = unquote_plus(question.get("resumeKey", "key 1"))
        if self.mode == "once":
            key = question.get("resumeKey", "key 1")
        first = int(key.removesuffix("!").rsplit(" ", 1)[1])
        last = min(self.pages, first + limit - 1)
        rows: list[list[str]] = [names]
        for i in range(first, last + 1):
            body = page_bytes(i)
            rows.append(
                [
                    f"cn,gov,qinghe)/art/2024/1/{i}/art_77_{i}.html",
                    f"202301010000{i:02d}",
                    address(i),
                    "text/html",
                    "200",
                    sha1(body),
                    str(len(body) + 400),
                ]
            )
        if last < self.pages:
            rows += [[], [quote_plus(f"cn,gov,qinghe)/ {last + 1}!")]]
        if self.mode == "circle" and first > 1:
            rows[-1:] = [[quote_plus(f"cn,gov,qinghe)/ {first}!")]]
        text = "[" + ",\n".join(json.dumps(r) for r in rows) + "]\n"
        return self._http("200 OK", text.encode(), "Content-Type: application/json")

    def _playback(self, target: str) -> bytes:
        found = re.fullmatch(r"/web/(\d{14})id_/(.+)", target)
        assert found is not None, target
        i = int(re.findall(r"art_77_(\d+)", found[2])[0])
        if i == 3 and found[1] != "20230202000000":
            # the capture asked for is gone; the nearest is offered
            there = f"Location: {self.url}/web/20230202000000id_/{found[2]}"
            return self._http("302 Found", b"", there)
        if i == 5:
            return self._http("404 Not Found", b"<html>not archived</html>")
        body = page_bytes(i)
        fields = ["Content-Type: text/html; charset=utf-8", f"x-archive-orig-date: {i}"]
        if i == 6:
            body = gzip.compress(body, mtime=0)
            fields.append("Content-Encoding: gzip")
        return self._http("200 OK", body, *fields)
