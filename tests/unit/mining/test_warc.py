"""WARC files whole and harmed: every whole record is read, no torn one is taken for whole."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest
from fetch.exchanges import clock, exchange
from mining.collections_made import answer, members, noise, page, record
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from govreport_parse.fetch.archive import Archive
from govreport_parse.mining import warc, warc_records
from govreport_parse.mining.blocks import Found, Tally
from govreport_parse.mining.files import Options, blocks_of
from govreport_parse.mining.warc_records import (
    Raw,
    Torn,
    records_of_gzip,
    records_of_plain,
    records_of_stream,
)

TOPIC = "政府信息公开 年度报告 申请 复议 诉讼 主动 " * 4


def url(i: int) -> str:
    return f"http://www.x{i}.gov.cn/a"


def pages(n: int) -> list[bytes]:
    """Records that all pass the pre-filter, so that each can be taken."""
    return [page(url(i), f"<p>{i} {TOPIC}{noise(i, 50 + 400 * i)}</p>") for i in range(n)]


def taken(path: Path, options: Options | None = None) -> tuple[list[Found], Tally]:
    tally = Tally()
    out: list[Found] = []
    for block in blocks_of(path, tally, options):
        found = [block.take(i) for i in range(len(block.rows))]
        out += [f for f in found if f is not None]
    return out, tally


def urls(found: list[Found]) -> list[str]:
    return [f.source.url or "" for f in found]


# -- framing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 10**6])
def test_records_do_not_depend_on_the_pieces_they_come_in(size: int) -> None:
    data = b"".join(pages(6))
    cut = [data[i : i + size] for i in range(0, len(data), size)]
    found = list(records_of_stream(cut))
    assert [r.headers()["warc-target-uri"] for r in found if isinstance(r, Raw)] == [
        url(i) for i in range(6)
    ]
    assert found == list(records_of_plain(data))


def test_offsets_lead_back_to_the_record() -> None:
    whole = pages(5)
    data = members(whole)
    for read in list(records_of_gzip(data)):
        assert isinstance(read, Raw)
        again = next(records_of_gzip(data[read.offset :]))
        assert isinstance(again, Raw)
        assert (again.head, again.block) == (read.head, read.block)


def test_every_cut_of_a_packed_file_keeps_whole_records_and_tells_the_torn_one() -> None:
    whole = pages(3)
    data = members(whole)
    ends = [len(members(whole[: i + 1])) for i in range(3)]
    for cut in range(1, len(data)):
        found = list(records_of_gzip(data[:cut]))
        good = [r for r in found if isinstance(r, Raw)]
        expected = sum(end <= cut for end in ends)
        assert len(good) == expected, cut
        assert [r.block for r in good] == [
            r.block for r in records_of_plain(b"".join(whole[:expected])) if isinstance(r, Raw)
        ]
        is_clean = cut in ends
        assert any(isinstance(r, Torn) for r in found) is not is_clean, cut


def test_every_cut_of_a_plain_file_keeps_whole_records_and_tells_the_torn_one() -> None:
    whole = pages(3)
    data = b"".join(whole)
    # a record is whole with its block; the blank lines behind it carry nothing
    ends = [len(b"".join(whole[: i + 1])) - 4 for i in range(3)]
    clean = {end + k for end in ends for k in range(5)}
    for cut in range(1, len(data)):
        found = list(records_of_plain(data[:cut]))
        assert sum(isinstance(r, Raw) for r in found) == sum(end <= cut for end in ends), cut
        assert any(isinstance(r, Torn) for r in found) is (cut not in clean), cut


def test_a_damaged_byte_costs_one_record() -> None:
    whole = pages(4)
    data = bytearray(members(whole))
    start, end = len(members(whole[:1])), len(members(whole[:2]))
    for at in range(start, end):
        harmed = bytearray(data)
        harmed[at] ^= 0x55
        found = list(records_of_gzip(bytes(harmed)))
        good = [r.headers().get("warc-target-uri") for r in found if isinstance(r, Raw)]
        if at - start in (4, 5, 6, 7, 8, 9):  # time, flags and system in the gzip head are free
            continue
        assert good == [url(0), url(2), url(3)], at - start
        assert any(isinstance(r, Torn) for r in found)


def test_garbage_between_members_is_stepped_over() -> None:
    a, b, c = (members([r]) for r in pages(3))
    found = list(records_of_gzip(a + b"\x00" * 5000 + b + b"not a member" * 9 + c))
    assert sum(isinstance(r, Raw) for r in found) == 3
    assert sum(isinstance(r, Torn) for r in found) == 1  # the zeros are padding


def test_a_length_that_is_too_long_swallows_no_other_record() -> None:
    first, second, third = pages(3)
    length = len(first.partition(b"\r\n\r\n")[2]) - 4
    longer = first.replace(f"Length: {length}".encode(), f"Length: {length + 500}".encode())
    assert longer != first
    found = list(records_of_gzip(members([longer, second, third])))
    assert [r.headers()["warc-target-uri"] for r in found if isinstance(r, Raw)] == [url(1), url(2)]
    assert sum(isinstance(r, Torn) for r in found) == 1


def test_a_length_that_is_too_short_is_noticed_by_the_digest(tmp_path: Path) -> None:
    first, second = pages(2)
    length = len(first.partition(b"\r\n\r\n")[2]) - 4
    path = tmp_path / "a.warc"
    path.write_bytes(
        first.replace(f"Length: {length}".encode(), f"Length: {length - 50}".encode()) + second
    )
    found, tally = taken(path)
    assert urls(found) == [url(1)]
    assert tally.damaged == 2  # the digest, and the rest where a record should start


def test_large_records_are_stepped_over_without_being_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warc_records, "LARGEST_RECORD", 10_000)
    large = page("http://large.gov.cn/", "x" * 3_000_000)
    small = pages(2)
    for read in (
        list(records_of_plain(small[0] + large + small[1])),
        list(records_of_gzip(members([small[0], large, small[1]]))),
        list(records_of_gzip(gzip.compress(small[0] + large + small[1]))),
    ):
        good = [r.headers()["warc-target-uri"] for r in read if isinstance(r, Raw)]
        assert good == [url(0), url(1)]
        assert [r.is_large for r in read if isinstance(r, Torn)] == [True]


def test_a_head_without_end_is_not_read_for_ever() -> None:
    data = b"WARC/1.0\r\n" + b"a: b\r\n" * 30_000 + b"".join(pages(1))
    found = list(records_of_plain(data))
    assert sum(isinstance(r, Raw) for r in found) == 1
    assert any(isinstance(r, Torn) and "head" in r.reason for r in found)


def test_line_feeds_alone_are_read() -> None:
    data = pages(1)[0].replace(b"\r\n", b"\n")
    length = data.partition(b"\n\n")[2].rstrip(b"\n")
    head = data.partition(b"\n\n")[0].rsplit(b"\n", 1)[0]
    found = list(
        records_of_plain(head + b"\nContent-Length: %d\n\n" % len(length) + length + b"\n\n")
    )
    assert [type(r) for r in found] == [Raw]


# -- documents -------------------------------------------------------------------------------------


def test_only_documents_are_taken(tmp_path: Path) -> None:
    body = f"<p>{TOPIC}</p>".encode()
    path = tmp_path / "a.warc.gz"
    records = [
        record("warcinfo", b"x: y\r\n"),
        record("request", b"GET / HTTP/1.1\r\n\r\n", url(1)),
        record("metadata", body, url(2)),
        record("revisit", answer(b""), url(3)),
        record("resource", body, "urn:text:" + url(3), Content_Type="text/plain"),
        record("response", answer(body, status="404 Not Found"), url(4)),
        record("response", answer(b"\x89PNG", "Content-Type: image/png"), url(5)),
        record("response", b"no head at all", url(6)),
        record("response", answer(body), url(7)),
        record("resource", body, url(8), Content_Type="text/html"),
        record("conversion", TOPIC.encode(), url(9), Content_Type="text/plain"),
    ]
    path.write_bytes(members(records))
    found, tally = taken(path)
    assert urls(found) == [url(7), url(8), url(9)]
    assert tally.skipped == {
        "answer without a document (status)": 1,
        "picture, script, style or sound": 1,
    }
    assert tally.damaged == 1
    assert "HTTP head" in tally.problems[0].what


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (["Transfer-Encoding: chunked"], b"5\r\nHello\r\n6;x=1\r\n World\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"Hello World"),  # the label stayed, the coding went
        (["Content-Encoding: gzip"], gzip.compress(b"Hello World", mtime=0)),
        (["Content-Encoding: gzip"], b"Hello World"),
        (["Content-Encoding: br"], b"<p>Hello World"),
        (["content-encoding:GZIP", "TRANSFER-ENCODING: chunked"], None),
    ],
)
def test_codings_are_undone(fields: list[str], body: bytes | None, tmp_path: Path) -> None:
    if body is None:
        packed = gzip.compress(b"Hello World", mtime=0)
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", answer(body, "Content-Type: text/html", *fields), url(1)))
    found, tally = taken(path)
    assert [f.source.data.removeprefix(b"<p>") for f in found] == [b"Hello World"]
    assert tally.damaged == 0


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("Transfer-Encoding: chunked", b"5\r\nHello\r\n6\r\n Wor"),
        ("Transfer-Encoding: chunked", b"ff\r\nHello"),
        ("Content-Encoding: gzip", gzip.compress(b"Hello World" * 100, mtime=0)[:-9]),
        ("Content-Encoding: br", b"\x8b\x05\x80Hello"),
    ],
)
def test_a_cut_or_unknown_coding_is_damage(field: str, body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", answer(body, "Content-Type: text/html", field), url(1)))
    found, tally = taken(path)
    assert (found, tally.damaged) == ([], 1)


def test_packed_documents_are_taken_by_host_or_address(tmp_path: Path) -> None:
    pdf = ("Content-Type: application/pdf",)
    addresses = [
        "http://www.qinghe.gov.cn/files/1.pdf",
        "http://shop.com/manual.pdf",
        "http://files.cn/zfxxgk/nb2023.pdf",
    ]
    records = [record("response", answer(b"%PDF-1.4", *pdf), u) for u in addresses]
    # a Word document under a wrong label is known by its first bytes
    records.append(record("response", answer(b"PK\x03\x04zip"), "http://b.gov.cn/x"))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(records))
    for packed, expected in (("gov", 3), ("all", 4), ("none", 0)):
        tally = Tally()
        blocks = list(blocks_of(path, tally, Options(packed=packed)))
        assert sum(len(b.packed) for b in blocks) == expected
        assert tally.skipped.total() == 4 - expected


def test_what_the_archive_says_of_the_capture_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", answer(b"<p>x"), url(1), WARC_Truncated="length"))
    found, _ = taken(path)
    assert (found[0].captured, found[0].truncated) == ("2024-05-06T07:08:09Z", "length")
    assert found[0].source.content_type == "text/html; charset=utf-8"
    assert found[0].source.name == "a.warc@0"


def test_a_record_that_belies_its_digest_is_not_used(tmp_path: Path) -> None:
    good, bad = pages(2)
    path = tmp_path / "a.warc"
    path.write_bytes(good + bad.replace("申请".encode(), "申诉".encode(), 1))
    found, tally = taken(path)
    assert urls(found) == [url(0)]
    assert "digest" in tally.problems[0].what


# -- WACZ ------------------------------------------------------------------------------------------


def test_wacz_gives_the_records_of_its_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("datapackage.json", "{}")
        whole.writestr("archive/one.warc.gz", members(pages(2)))
        whole.writestr("archive/two.warc", pages(3)[2], zipfile.ZIP_DEFLATED)
    found, tally = taken(path)
    assert urls(found) == [url(0), url(1), url(2)]
    assert found[2].source.name == "a.wacz/archive/two.warc@0"
    assert (tally.damaged, tally.unreadable) == (0, 0)


def test_a_wacz_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    found, tally = taken(path)
    assert (found, tally.unreadable) == ([], 1)
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("pages/pages.jsonl", "{}")
    found, tally = taken(path)
    assert (found, tally.unreadable) == ([], 1)
    assert "no WARC file" in str(tally.problems[0])


# -- whatever comes --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "gzip"])
def test_no_harmed_byte_gives_another_document(kind: str, tmp_path: Path) -> None:
    whole = pages(4)
    data = members(whole) if kind == "gzip" else b"".join(whole)
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    good = {f.source.data for f in taken(path)[0]}
    assert len(good) == 4
    rng = random.Random(11)
    for _ in range(300):
        harmed = bytearray(data)
        at = rng.randrange(len(harmed))
        how = rng.randrange(4)
        if how == 0:
            harmed[at] ^= rng.randrange(1, 256)
        elif how == 1:
            del harmed[at : at + rng.randrange(1, 400)]
        elif how == 2:
            harmed[at:at] = rng.randbytes(rng.randrange(1, 400))
        else:
            harmed[at : at + 200] = harmed[at + 300 : at + 500]
        path.write_bytes(harmed)
        found, tally = taken(path)
        assert {f.source.data for f in found} <= good
        if kind == "gzip":
            assert len(found) >= 2  # one harmed place touches two records at most
            told = tally.damaged + tally.unreadable
            assert len(found) == 4 or told or harmed == data


def test_random_bytes_give_nothing_and_do_no_harm(tmp_path: Path) -> None:
    rng = random.Random(3)
    path = tmp_path / "a.warc"
    for start in (b"", b"\x1f\x8b\x08", b"WARC/1.0\r\n", b"WARC/1.0\r\nContent-Length: 9\r\n\r\n"):
        for _ in range(20):
            path.write_bytes(start + rng.randbytes(3000))
            found, tally = taken(path)
            assert found == []
            assert tally.damaged + tally.unreadable > 0


# -- what others write -----------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
def test_files_of_warcio_are_read(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    body = f"<p>{TOPIC}</p>".encode()
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=packed)
        info = writer.create_warcinfo_record("a.warc", {"software": "x"})
        writer.write_record(info)
        info.raw_stream.close()
        for i in range(3):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            made = writer.create_warc_record(
                url(i), "response", payload=io.BytesIO(body + b"%d" % i), http_headers=head
            )
            writer.write_record(made)
            made.raw_stream.close()
    found, tally = taken(path)
    assert [(f.source.url, f.source.data) for f in found] == [
        (url(i), body + b"%d" % i) for i in range(3)
    ]
    assert (tally.documents, tally.damaged) == (3, 0)
    assert all(f.captured.startswith("20") for f in found)


def test_the_library_s_own_archive_is_read(tmp_path: Path) -> None:
    page_body = f"<html>{TOPIC}</html>".encode()
    with Archive(tmp_path, clock=clock, info={"software": "test/1"}) as archive:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
        archive.append(exchange(url(1), gzip.compress(page_body), head=head))
        archive.append(exchange(url(2), page_body))
        archive.sync()
    (segment,) = tmp_path.rglob("*.warc.gz")
    found, tally = taken(segment)
    assert [(f.source.url, f.source.data) for f in found] == [
        (url(1), page_body),
        (url(2), page_body),
    ]
    assert found[0].captured == "2026-03-01T08:30:00.250000Z"
    assert tally.damaged == 0


def test_a_damaged_wacz_gives_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("archive/one.warc.gz", members(pages(3)))
    harmed = bytearray(path.read_bytes())
    harmed[harmed.index(members(pages(3)[1:2])) + 200] ^= 0x40
    path.write_bytes(harmed)
    found, tally = taken(path)
    assert urls(found) == [url(0), url(2)]
    assert [p.file for p in tally.problems] == ["a.wacz/archive/one.warc.gz"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("archive/one.warc", b"".join(pages(40)))
    harmed = bytearray(path.read_bytes())
    harmed[len(harmed) // 2] ^= 0x40
    path.write_bytes(harmed)
    found, tally = taken(path)
    assert 5 < len(found) < 40
    assert tally.damaged > 0


def test_documents_come_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "_ROWS", 2)
    monkeypatch.setattr(warc, "LARGEST", 2000)
    monkeypatch.setattr(warc_records, "LARGEST_RECORD", 50_000)
    path = tmp_path / "a.warc.gz"
    large = [page("http://large.cn/", "x" * 3000), page("http://larger.cn/", "x" * 60_000)]
    small = [page(url(i), f"<p>{i}") for i in range(5)]
    path.write_bytes(members([*small[:3], *large, *small[3:]]))
    tally = Tally()
    assert [len(b.rows) for b in blocks_of(path, tally)] == [2, 2, 1]
    assert tally.skipped == {"document too large": 1, "record too large": 1}
    assert tally.damaged == 0


def test_a_resource_is_what_its_record_says(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(
        record("resource", b"text", url(1), Content_Type="text/plain; charset=gbk")
        + record("resource", b"text", url(2))
    )
    found, _ = taken(path)
    assert [f.source.content_type for f in found] == ["text/plain; charset=gbk", None]
