"""Small collections with planted reports, made by hand for the tests."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
from collections.abc import Iterable

from govreport_parse.testing import random_record, render_html, render_text

WORDS = "水 山 花 鸟 鱼 虫 春 夏 秋 冬 风 雨 雷 电 日 月 星 云 江 河".split()  # noqa: SIM905


def noise(seed: int, length: int = 300) -> str:
    """Chinese text that is no report."""
    return "".join(random.Random(seed).choices(WORDS, k=length))


def report_text(seed: int, dialect: str = "B") -> str:
    return render_text(random_record(random.Random(seed), size="small"), dialect).text


def report_page(seed: int, layout: str = "clean") -> str:
    return render_html(random_record(random.Random(seed), size="small"), layout).text


def record(kind: str, block: bytes, url: str = "", **headers: str) -> bytes:
    """One WARC record, uncompressed."""
    digest = "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()
    fields = {
        "WARC-Type": kind,
        "WARC-Date": "2024-05-06T07:08:09Z",
        "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000000>",
        "WARC-Block-Digest": digest,
        **({"WARC-Target-URI": url} if url else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *(fields or ("Content-Type: text/html; charset=utf-8",))]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def page(url: str, text: str) -> bytes:
    return record("response", answer(text.encode()), url)


def members(records: Iterable[bytes]) -> bytes:
    """Each record as a gzip member of its own."""
    return b"".join(gzip.compress(r, mtime=0) for r in records)
