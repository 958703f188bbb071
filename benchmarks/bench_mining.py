"""Speed of mining: generated corpora of Chinese text with 0.1 % reports, in four kinds of file.

    python benchmarks/bench_mining.py [MB [KIND...]]

``MB``: size of the text of each corpus (default 200); ``KIND``: names of files, default all four.
Prints, for each kind of file, the MB/s of text that the pre-filter does on one core, the MB/s of
reading and pre-filter together, how many of the planted reports were found, and how many were
invented (reports at places where none was planted). The other documents are of three kinds: prose,
prose that speaks of government information, and menus of government sites; the last two are there
to be refused by the parser. Ends with 1 when a report is missed or invented.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import govreport_parse as gov
from govreport_parse.mining import mine
from govreport_parse.mining.blocks import Tally
from govreport_parse.mining.files import blocks_of
from govreport_parse.mining.prefilter import joined, scan
from govreport_parse.testing import (
    DIALECTS,
    FAMILIES,
    LAYOUTS,
    STYLES,
    glossed,
    random_record,
    render_html,
    render_text,
    traditional,
)

SHARE = 0.001
_DOCUMENT = 1600
"""Characters of a document on average."""
_MENU = (
    "首页 政务公开 政府信息公开指南 政府信息公开制度 政府信息公开年报 依申请公开 主动公开 "
    "规范性文件 行政许可 行政处罚 行政复议 互动交流 办事服务 版权所有 "
)
_SPEECH = (
    "会议指出，要推进政府信息公开，规范依申请公开，做好行政复议和行政诉讼的答复，回应群众申请。"
)


def prose(rng: random.Random, words: list[str], length: int) -> str:
    return "".join(rng.choices(words, k=length // 2))


def vocabulary(rng: random.Random) -> list[str]:
    """Words of two characters from the 3,000 most usual rows of GB 2312, and signs."""
    characters = [
        bytes((row, cell)).decode("gb2312", "ignore")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
    ]
    known = [c for c in characters if c]
    return ["".join(rng.choices(known, k=2)) for _ in range(20_000)] + ["，", "。", "、"] * 900


def documents(size: int) -> Iterator[tuple[str, bool]]:
    """Texts and whether each is a report; ``size`` bytes of them."""
    rng = random.Random(1)
    words = vocabulary(rng)
    # Drawing characters is slow: one long text, cut anew for each document.
    pool = prose(rng, words, 2_000_000)
    made = number = 0
    while made < size:
        number += 1
        is_report = number % round(1 / SHARE) == 7
        if is_report:
            text = report(rng, number)
        else:
            length = max(40, int(rng.expovariate(1 / _DOCUMENT)))
            start = rng.randrange(len(pool) - min(length, 900_000))
            text = pool[start : start + length]
            if number % 200 == 3:
                text = text[:300] + _SPEECH + text[300:]
            elif number % 200 == 5:
                text = _MENU + text
        made += len(text.encode())
        yield text, is_report


def report(rng: random.Random, number: int) -> str:
    form = rng.choice(("ogi_annual_2021", "ogi_annual_2019", "hybrid"))
    size = rng.choice(("small", "county", "city"))
    record = random_record(rng, form, size, style=rng.choice(list(STYLES)))
    if number % 3:
        text = render_text(record, rng.choice(list(DIALECTS))).text
    else:
        text = render_html(record, rng.choice(list(LAYOUTS)), family=rng.choice(FAMILIES)).text
    return rng.choice((str, str, str, traditional, glossed))(text)


# -- files -----------------------------------------------------------------------------------------

Texts = Iterable[str]


def as_json_lines(path: Path, texts: Texts) -> None:
    with path.open("w", encoding="utf-8") as file:
        for i, text in enumerate(texts):
            row = {"url": f"http://www.a{i}.cn/{i}", "text": text}
            file.write(json.dumps(row, ensure_ascii=i % 8 == 0) + "\n")


def as_parquet(path: Path, texts: Texts) -> None:
    schema = pa.schema([("text", pa.string()), ("url", pa.string())])
    numbered = enumerate(texts)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while rows := [
            {"text": text, "url": f"http://www.a{i}.cn/{i}"} for i, text in islice(numbered, 20_000)
        ]:
            writer.write_table(pa.Table.from_pylist(rows, schema))


def _record(kind: str, url: str, block: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2024-02-23T04:21:33Z\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def as_wet(path: Path, texts: Texts) -> None:
    with path.open("wb") as file:
        for i, text in enumerate(texts):
            file.write(_record("conversion", f"http://www.a{i}.cn/{i}", text.encode()))


def as_warc(path: Path, texts: Texts) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    with path.open("wb") as file:
        for i, text in enumerate(texts):
            page = text if text.startswith("<") else f"<html><body><pre>{text}</pre></body></html>"
            record = _record("response", f"http://www.a{i}.cn/{i}", head + page.encode())
            file.write(gzip.compress(record, 1, mtime=0))


KINDS: dict[str, Callable[[Path, Texts], None]] = {
    "corpus.jsonl": as_json_lines,
    "corpus.parquet": as_parquet,
    "texts.warc.wet": as_wet,
    "pages.warc.gz": as_warc,
}


# -- measures --------------------------------------------------------------------------------------


def measure(path: Path, planted: set[int]) -> bool:
    start = time.process_time()
    tally = Tally()
    looked = seconds = 0.0
    for block in blocks_of(path, tally):
        before = time.process_time()
        scan(block.rows, utf8_only=block.utf8_only)
        seconds += time.process_time() - before
        looked += block.rows.nbytes
    whole = time.process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        result = mine([path], Path(folder) / "out")
        names = gov.load(Path(folder) / "out").reports.to_table(["url"]).to_pylist()
    found = {int(row["url"].rsplit("/", 1)[1]) for row in names}
    missed, invented = planted - found, found - planted
    print(
        f"{path.name:15} {looked / 1e6:7.1f} MB  pre-filter {looked / seconds / 1e6:5.0f} MB/s  "
        f"with reading {looked / whole / 1e6:5.0f} MB/s  found {len(found & planted)} of "
        f"{len(planted)}, invented {len(invented)}, candidates {result.candidates}"
    )
    if missed:
        print("  missed:", sorted(missed)[:20])
    return not missed and not invented


def main() -> int:
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else 200) * 1e6)
    planted: set[int] = set()
    number = 0
    for number, (_, is_report) in enumerate(documents(size), 1):
        if is_report:
            planted.add(number - 1)
    print(f"{number:,} documents, {len(planted)} of them reports")
    scan(joined([b"warm"]))
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[2:] or KINDS:
            write = KINDS[name]
            path = Path(folder) / name
            write(path, (text for text, _ in documents(size)))
            is_good &= measure(path, planted)
            path.unlink()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {memory:,.0f} MB")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
