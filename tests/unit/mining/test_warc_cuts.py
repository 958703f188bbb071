"""Web archives cut in pieces: the pieces hold the records of the whole, whatever is in them."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mining.collections_made import answer, members, noise, record, report_page, report_text

from govreport_parse.mining import mine, warc_cuts
from govreport_parse.mining.files import Options
from govreport_parse.mining.parts import parts_of
from govreport_parse.mining.scaled import mine_scaled
from govreport_parse.mining.warc_cuts import cuts_of, is_member
from govreport_parse.mining.warc_records import (
    Raw,
    Torn,
    record_end,
    records_of_gzip,
    records_of_plain,
)

SIZE = 100_000
SHARED = "it is shared among workers"


def blob(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def responses(count: int, size: int = 30_000) -> list[bytes]:
    """Records whose blocks don't shrink when packed."""
    url = "http://www.qinghe.gov.cn/{}.html"
    return [record("response", answer(blob(n, size)), url.format(n)) for n in range(count)]


def starts(packed: list[bytes]) -> list[int]:
    """Where each of some pieces begins when they stand one behind the other."""
    found, at = [], 0
    for piece in packed:
        found.append(at)
        at += len(piece)
    return found


def told(records: Iterator[Raw | Torn]) -> list[tuple[Any, ...]]:
    return [
        ("torn", r.offset, r.reason) if isinstance(r, Torn) else (r.place, r.head, r.block)
        for r in records
    ]


def in_pieces(path: Path, size: int) -> list[tuple[Any, ...]]:
    raw = path.read_bytes()
    read = records_of_gzip if raw[:2] == b"\x1f\x8b" else records_of_plain
    cuts = cuts_of(path, size)
    assert (cuts[0], cuts[-1]) == (0, len(raw))
    assert all(b - a >= size for a, b in pairwise(cuts[:-1]))
    return [one for a, b in pairwise(cuts) for one in told(read(raw, a, b))]


def whole(path: Path) -> list[tuple[Any, ...]]:
    raw = path.read_bytes()
    return told((records_of_gzip if raw[:2] == b"\x1f\x8b" else records_of_plain)(raw))


def test_packed_archives_are_cut_between_members(tmp_path: Path) -> None:
    packed = [gzip.compress(r, mtime=0) for r in responses(20)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(packed))
    cuts = cuts_of(path, SIZE)
    # members of 30 KB: the first start behind 100 KB, and so on; none in the last 64 KB
    places = starts(packed)
    assert cuts == [0, places[4], places[8], places[12], places[16], path.stat().st_size]
    assert in_pieces(path, SIZE) == whole(path)
    assert len(whole(path)) == 20


def test_plain_archives_are_cut_between_records(tmp_path: Path) -> None:
    records = responses(10)
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(records))
    places = starts(records)
    assert cuts_of(path, SIZE) == [0, places[4], places[8], path.stat().st_size]
    for size in (1, SIZE, 1 << 30):
        assert in_pieces(path, size) == whole(path)
    assert len(cuts_of(path, 1)) == 11


def test_an_archive_inside_a_record_is_not_cut(tmp_path: Path) -> None:
    """A record that holds a .warc.gz: packed again it is stored, members and all."""
    inner = members([*responses(40, 2_000), *responses(3, 50_000)])
    outer = [
        *responses(3),
        record("resource", inner, "http://a.gov.cn/inner.warc.gz"),
        *responses(9),
    ]
    packed = [gzip.compress(r, 0 if n == 3 else 9, mtime=0) for n, r in enumerate(outer)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(packed))
    raw = path.read_bytes()
    nested = [
        at
        for at in range(len(raw))
        if raw.startswith(b"\x1f\x8b\x08", at) and at not in starts(packed)
    ]
    assert len(nested) > 30  # they are there to be taken for members
    assert not any(is_member(raw, at) for at in nested)
    for size in (1_000, 20_000, SIZE):
        assert set(cuts_of(path, size)[:-1]) <= set(starts(packed))
        assert in_pieces(path, size) == whole(path)
    # in an uncompressed file the records inside are stepped over with the one around them
    plain = tmp_path / "a.warc"
    outer[3] = record("resource", b"".join(responses(5)), "http://a.gov.cn/inner.warc")
    plain.write_bytes(b"".join(outer))
    assert set(cuts_of(plain, 1)[:-1]) == set(starts(outer))
    assert in_pieces(plain, 1) == whole(plain)


def test_a_short_chain_is_not_believed(tmp_path: Path) -> None:
    """Members that end at a place where no other one starts, or have a wrong checksum."""
    packed = [gzip.compress(r, mtime=0) for r in responses(4)]
    assert is_member(b"".join(packed), 0)
    assert not is_member(packed[0] + b"12345" + b"".join(packed[1:]), 0)
    assert not is_member(b"".join(packed[:2]), 0)  # 60 KB, then nothing
    wrong = bytearray(packed[1])
    wrong[-6] ^= 1
    assert not is_member(packed[0] + wrong + packed[2] + packed[3], 0)
    other = gzip.compress(b"GET / HTTP/1.1" + blob(1, 99_000), mtime=0)
    assert not is_member(other + packed[0], 0)


@pytest.mark.parametrize("kind", ["warc", "warc.gz"])
@pytest.mark.parametrize("seed", range(12))
def test_damaged_archives_give_the_same_in_pieces(kind: str, seed: int, tmp_path: Path) -> None:
    """Bytes changed, cut out, put in, zeroed; records that end in another member; a torn end."""
    rng = random.Random(seed)
    records = responses(16, 12_000)
    if kind == "warc.gz":
        pieces = [gzip.compress(r, mtime=0) for r in records]
        half = len(records[7]) // 2
        pieces[7] = b"".join(gzip.compress(p) for p in (records[7][:half], records[7][half:]))
        pieces[11] = gzip.compress(records[11] + records[10])
    else:
        pieces = records
    data = bytearray(b"".join(pieces))
    for _ in range(rng.randrange(1, 4)):
        at, count = rng.randrange(len(data)), rng.randrange(1, 3_000)
        what = rng.randrange(5)
        if what == 0:
            data[at] ^= 1 + rng.randrange(255)
        elif what == 1:
            del data[at : at + count]
        elif what == 2:
            data[at:at] = rng.randbytes(count)
        elif what == 3:
            data[at : at + count] = bytes(len(data[at : at + count]))
        else:
            del data[-count:]
    path = tmp_path / f"a.{kind}"
    path.write_bytes(data)
    for size in (1, 5_000, 40_000):
        assert in_pieces(path, size) == whole(path), (seed, size)


def test_a_large_archive_is_mined_in_sections_with_the_offsets_of_the_whole(
    tmp_path: Path,
) -> None:
    """By members and by records; one of them damaged, one with a cut capture."""
    url = "http://www.qinghe.gov.cn/art/2024/1/12/art_77_{}.html"
    records = [record("warcinfo", b"software: by hand\r\n")]
    for n in range(40):
        body = report_page(n).encode() if n % 9 == 4 else noise(n).encode() + blob(n, 8_000)
        records.append(record("response", answer(body), url.format(n)))
    packed = [gzip.compress(r, mtime=0) for r in records]
    packed[20] = packed[20][:3000] + b"torn" + packed[20][3004:]
    for kind, data in (("warc.gz", b"".join(packed)), ("warc", b"".join(records))):
        path = tmp_path / f"web.{kind}"
        path.write_bytes(data)
        parts = list(parts_of([(path, path.name)], Options(), 60_000))
        assert len(parts) > 3
        assert [p.span.first for p in parts if p.span] == list(range(1, len(parts) + 1))
        serial = mine([path], tmp_path / f"{kind}.serial")
        shared = mine_scaled([path], tmp_path / f"{kind}.shared", jobs=1, part=60_000)
        assert tree(tmp_path / f"{kind}.shared") == tree(tmp_path / f"{kind}.serial")
        names = ("files", "documents", "candidates", "reports", "damaged", "unreadable", "problems")
        for name in names:
            assert getattr(shared, name) == getattr(serial, name), name
        assert serial.reports == 4
        assert serial.damaged == (kind == "warc.gz")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def test_records_of_which_nothing_is_a_document_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record("metadata", blob(n, 9_000)) for n in range(9)))
    serial = mine([path], tmp_path / "serial")
    shared = mine_scaled([path], tmp_path / "shared", jobs=1, part=30_000)
    assert [str(p) for p in serial.problems] == ["a.warc: there is no document in it"]
    assert shared.problems == serial.problems
    assert (shared.unreadable, serial.unreadable) == (1, 1)


def test_lines_without_a_column_of_texts_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"score": 1}\n' * 50, "utf-8")
    serial = mine([path], tmp_path / "serial")
    shared = mine_scaled([path], tmp_path / "shared", jobs=1, part=100)
    assert (shared.unreadable, shared.problems) == (1, serial.problems)


def test_a_damaged_row_group_costs_its_own_rows(tmp_path: Path) -> None:
    """In one process and in parts: those behind it are read."""
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [report_text(n) for n in range(9)]})
    pq.write_table(table, path, row_group_size=3, compression="zstd", use_dictionary=False)
    with pq.ParquetFile(path) as file:
        place = file.metadata.row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[place : place + 60] = b"\xff" * 60
    path.write_bytes(data)
    serial = mine([path], tmp_path / "serial")
    shared = mine_scaled([path], tmp_path / "shared", jobs=1, part=1)
    assert (serial.documents, serial.reports, serial.damaged) == (6, 6, 1)
    assert (shared.documents, shared.reports, shared.damaged) == (6, 6, 1)
    assert serial.problems == shared.problems
    assert str(serial.problems[0]).startswith("a.parquet at row 4: the file is damaged")
    assert tree(tmp_path / "shared") == tree(tmp_path / "serial")


def test_what_can_not_be_shared_is_told(tmp_path: Path) -> None:
    lines = b'{"text": "x", "n": "%s"}\n' % blob(1, 30).hex().encode() * 40
    archive = b"".join(responses(3))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines, 0))
    (tmp_path / "b.csv").write_text("text\n" + "row\n" * 900, "utf-8")
    pq.write_table(pa.table({"text": ["x" * 4000]}), tmp_path / "c.parquet", compression="none")
    (tmp_path / "d.warc.gz").write_bytes(zlib.compress(archive, wbits=31))
    (tmp_path / "e.jsonl").write_bytes(lines)
    (tmp_path / "f.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n'))
    told: list[str] = []
    mine_scaled([tmp_path], tmp_path / "out", jobs=1, part=2000, tell=told.append)
    assert [line.partition(", since ")[::2] for line in told] == [
        ("a.jsonl.gz: one task of 0 MB", f"gzip packs it as one stream; unpacked {SHARED}"),
        (
            "b.csv: one task of 0 MB",
            f"rows of CSV may hold line ends; as JSON lines or Parquet {SHARED}",
        ),
        ("c.parquet: one task of 0 MB", f"it has one row group; written with several {SHARED}"),
        (
            "d.warc.gz: one task of 0 MB",
            f"it is no file of one gzip member a record; packed so {SHARED}",
        ),
    ]


def test_a_record_that_is_none_ends_the_walk() -> None:
    good = record("resource", b"x" * 10, "http://a.gov.cn/")
    assert record_end(good, 0) == len(good) - 4
    assert record_end(good[:-5], 0) == -1  # one byte short
    assert record_end(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", 0) == -1  # no length
    assert record_end(b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 0) == -1
    assert warc_cuts.CHAIN == 2**16 - 1
