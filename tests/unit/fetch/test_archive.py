"""What is written to the archive: valid WARC, the bytes as they came, nothing half."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from fetch.exchanges import HTML, START, clock, exchange
from warcio.archiveiterator import ArchiveIterator

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.archive import (
    Archive,
    Original,
    disk,
    iter_records,
    read_payload,
    read_record,
    segment_path,
)
from govreport_parse.fetch.records import Exchange


def warcio_records(folder: Path, segment: str = "govreport-00001.warc.gz") -> list[Any]:
    """(type, WARC headers, HTTP head as text, payload) as an independent reader sees them."""
    found = []
    with segment_path(folder, segment).open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            payload = record.raw_stream.read()
            found.append((record.rec_type, record.rec_headers, record.http_headers, payload))
    return found


def written(folder: Path, *exchanges: Exchange, **more: Any) -> list[Any]:
    with Archive(folder, clock=clock, info={"software": "test/1"}) as archive:
        stored = [archive.append(each, **more) for each in exchanges]
        archive.sync()
    return stored


@pytest.mark.parametrize("line", [b"Cookie: sid=SECRET; b=2\r\n", b"cookie :x=SECRET\r\n"])
def test_what_a_cookie_said_is_not_archived_but_that_it_was_sent_is(
    tmp_path: Path, line: bytes
) -> None:
    request = b"GET / HTTP/1.1\r\nHost: a.gov.cn\r\n" + line + b"Accept: */*\r\n\r\n"
    written(tmp_path, exchange(request=request), exchange("http://b.gov.cn/", b"<p>2</p>"))
    _, _, asked, meta, _, other, more = warcio_records(tmp_path)
    assert asked[2].get_header("Cookie") is None
    assert (asked[2]["Host"], asked[2]["Accept"]) == ("a.gov.cn", "*/*")
    assert b"cookie-sent: yes" in meta[3]
    assert b"cookie" not in more[3]
    assert other[2]["Host"] == "b.gov.cn"
    raw = [r.head + r.payload for r in iter_records(tmp_path)]
    assert not any(b"SECRET" in block for block in raw)


def test_an_exchange_is_a_response_a_request_and_a_metadata_record(tmp_path: Path) -> None:
    body = b"<html>\xd5\xfe\xb8\xae</html>"
    (stored,) = written(tmp_path, exchange(body=body), extra={"asked": "http://a.gov.cn/"})
    info, response, request, metadata = warcio_records(tmp_path)
    assert [r[0] for r in (info, response, request, metadata)] == [
        "warcinfo", "response", "request", "metadata",
    ]  # fmt: skip
    assert info[3] == b"software: test/1\r\n"
    assert info[1]["WARC-Filename"] == stored.segment == "govreport-00001.warc.gz"
    assert response[1].protocol == "WARC/1.1"
    assert response[1]["WARC-Target-URI"] == "http://a.gov.cn/1.html"
    assert response[1]["WARC-Date"] == "2026-03-01T08:30:00.250000Z"
    assert response[1]["WARC-IP-Address"] == "203.0.113.5"
    assert response[1]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert response[1]["WARC-Warcinfo-ID"] == info[1]["WARC-Record-ID"]
    assert response[1]["WARC-Truncated"] is None
    assert response[3] == body
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert request[2]["Host"] == "a.gov.cn"
    fields = dict(line.split(": ") for line in metadata[3].decode().split("\r\n") if line)
    assert fields == {
        "method": "GET",
        "status": "200",
        "seconds": "0.25",
        "integrity": "whole",
        "body-size": str(len(body)),
        "body-sha256": hashlib.sha256(body).hexdigest(),
        "asked": "http://a.gov.cn/",
    }


def test_header_bytes_stay_as_they_came(tmp_path: Path) -> None:
    head = "HTTP/1.1 200 OK\r\nX-POWERED by: x\r\nContent-Disposition: a; filename=年报.doc\r\n\r\n"
    raw = head.encode("gb18030")
    (stored,) = written(tmp_path, exchange(head=raw))
    record = read_record(tmp_path, stored.segment, stored.offset, stored.length, stored.sha256)
    assert record.head == raw


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding : chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Archive-Orig-transfer-encoding: chunked\r\n"
            b"Content-Length: 4\r\n\r\n",
        ),
        # a length that is not true is what the server said
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        ),
        (b"HTTP/1.1 200 OK\nA: b\n\n", b"HTTP/1.1 200 OK\nA: b\n\n"),
        # no blank line came: one is needed to tell head from body
        (b"HTTP/1.0 200\r\nA: b\r\n", b"HTTP/1.0 200\r\nA: b\r\n\r\n"),
        (b"HTTP/1.0 200", b"HTTP/1.0 200\r\n\r\n"),
    ],
)
def test_only_a_transfer_coding_is_renamed(tmp_path: Path, head: bytes, kept: bytes) -> None:
    (stored,) = written(tmp_path, exchange(head=head, body=b"body"))
    record = read_record(tmp_path, stored.segment, stored.offset, stored.length, stored.sha256)
    assert (record.head, record.payload) == (kept, b"body")
    assert warcio_records(tmp_path)[1][3] == b"body"


def test_a_payload_that_came_before_is_a_revisit(tmp_path: Path) -> None:
    first = exchange("http://a.gov.cn/1.html", b"same")
    second = exchange("http://b.gov.cn/2.html", b"same", started=START.replace(hour=9))
    other = exchange("http://c.gov.cn/3.html", b"other")
    one, two, three = written(tmp_path, first, second, other)
    assert (one.revisit, two.revisit, three.revisit) == (False, True, False)
    assert (two.segment, two.offset, two.length) == (one.segment, one.offset, one.length)
    assert two.span_offset == one.span_offset + one.span_length
    kinds = [r[0] for r in warcio_records(tmp_path)]
    assert kinds.count("revisit") == 1
    revisit = next(r for r in warcio_records(tmp_path) if r[0] == "revisit")
    assert revisit[1]["WARC-Target-URI"] == "http://b.gov.cn/2.html"
    assert revisit[1]["WARC-Date"] == "2026-03-01T09:30:00.250000Z"
    assert revisit[1]["WARC-Refers-To-Target-URI"] == "http://a.gov.cn/1.html"
    assert revisit[1]["WARC-Refers-To-Date"] == "2026-03-01T08:30:00.250000Z"
    assert revisit[1]["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert revisit[1]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(b'same').hexdigest()}"
    assert revisit[3] == b""
    assert revisit[2]["Content-Type"] == "text/html"
    for stored, body in ((one, b"same"), (two, b"same"), (three, b"other")):
        place = (stored.segment, stored.offset, stored.length)
        assert read_payload(tmp_path, *place, stored.sha256) == body


def test_known_payloads_of_earlier_runs_are_asked_for(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"old").hexdigest()
    old = Original("http://z.gov.cn/", START, sha256, "govreport-00007.warc.gz", 5, 6)
    with Archive(tmp_path, clock=clock, seen={sha256: old}.get) as archive:
        stored = archive.append(exchange(body=b"old"))
        archive.sync()
    assert (stored.segment, stored.offset, stored.length) == ("govreport-00007.warc.gz", 5, 6)
    assert stored.revisit
    assert stored.size == 3


def test_not_modified_refers_to_the_answer_that_is_still_good(tmp_path: Path) -> None:
    (first,) = written(tmp_path, exchange(body=b"page"))
    old = Original(
        "http://a.gov.cn/1.html", START, first.sha256, first.segment, first.offset, first.length
    )
    answer = exchange(status=304, head=b"HTTP/1.1 304 Not Modified\r\n\r\n", body=b"")
    (second,) = written(tmp_path, answer, unmodified=old)
    assert second.sha256 == first.sha256
    assert (second.segment, second.offset) == (first.segment, first.offset)
    assert second.span_segment == "govreport-00002.warc.gz"
    revisit = warcio_records(tmp_path, second.span_segment)[1]
    assert revisit[0] == "revisit"
    assert revisit[1]["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")


def test_empty_bodies_are_not_revisits(tmp_path: Path) -> None:
    stored = written(tmp_path, exchange(body=b""), exchange("http://b.gov.cn/", b""))
    assert not any(each.revisit for each in stored)


def test_what_stopped_early_says_so(tmp_path: Path) -> None:
    written(tmp_path, exchange(truncated="length", integrity="cut"))
    assert warcio_records(tmp_path)[1][1]["WARC-Truncated"] == "length"


def test_an_attempt_without_an_answer_keeps_what_was_asked(tmp_path: Path) -> None:
    silent = exchange(status=0, head=b"", body=b"")
    dead = exchange(status=0, head=b"", body=b"", request=b"", address="")
    headless = exchange(status=0, head=b"", body=b"<p>old HTTP</p>")
    stored = written(tmp_path, silent, dead, headless)
    kinds = [r[0] for r in warcio_records(tmp_path)[1:]]
    assert kinds == ["request", "metadata", "metadata", "resource", "request", "metadata"]
    bodies = [read_payload(tmp_path, s.segment, s.offset, s.length, s.sha256) for s in stored]
    assert bodies == [b"", b"", b"<p>old HTTP</p>"]


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", " ", "\u2028", "报", "\x7f"])
def test_an_address_can_not_break_out_of_its_line(tmp_path: Path, sign: str) -> None:
    bad = exchange(f"http://a.gov.cn/{sign}WARC-Type: warcinfo")
    with Archive(tmp_path, clock=clock) as archive:
        archive.append(exchange())
        with pytest.raises(UsageError, match="can't be archived"):
            archive.append(bad)
        archive.append(exchange("http://b.gov.cn/", b"2"))
        archive.sync()
    assert len(warcio_records(tmp_path)) == 1 + 3 + 3


def test_values_of_fields_can_not_either(tmp_path: Path) -> None:
    written(tmp_path, exchange(), extra={"detail": "a\r\nWARC-Type: x\r\n\r\n\ud800报"})
    metadata = warcio_records(tmp_path)[3]
    assert "detail: a WARC-Type: x 报" in metadata[3].decode().split("\r\n")
    with Archive(tmp_path, clock=clock) as archive, pytest.raises(UsageError):
        archive.append(exchange("http://b.gov.cn/"), extra={"a:\r\nb": "c"})


def test_segments_are_rotated_and_every_run_begins_its_own(tmp_path: Path) -> None:
    with Archive(tmp_path, clock=clock, segment_bytes=2000) as archive:
        for number in range(6):
            archive.append(exchange(f"http://a.gov.cn/{number}", os.urandom(900)))
        ends = archive.sync()
    assert [end.name for end in ends] == [f"govreport-{n:05d}.warc.gz" for n in (1, 2, 3, 4, 5, 6)][
        : len(ends)
    ]
    assert len(ends) >= 3
    for end in ends:
        assert segment_path(tmp_path, end.name).stat().st_size == end.length
    records = [r for r in iter_records(tmp_path) if r.kind == "response"]
    assert [r.url for r in records] == [f"http://a.gov.cn/{n}" for n in range(6)]
    (stored,) = written(tmp_path, exchange())
    assert stored.span_segment == f"govreport-{len(ends) + 1:05d}.warc.gz"


def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        written(tmp_path / "h", exchange())
    finally:
        os.umask(old)
    assert (tmp_path / "h").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "h" / "archive").stat().st_mode & 0o777 == 0o700
    assert segment_path(tmp_path / "h", "govreport-00001.warc.gz").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("how", ["symlink", "hardlink"])
def test_a_planted_link_is_not_written_through(tmp_path: Path, how: str) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"mine")
    (tmp_path / "h" / "archive").mkdir(parents=True)
    link = segment_path(tmp_path / "h", "govreport-00001.warc.gz")
    if how == "symlink":
        link.symlink_to(target)
    else:
        link.hardlink_to(target)
    (stored,) = written(tmp_path / "h", exchange())
    assert stored.segment == "govreport-00002.warc.gz"
    assert target.read_bytes() == b"mine"


def test_a_link_for_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "h").symlink_to(tmp_path / "real")
    with pytest.raises(DatasetError, match="is a link"):
        Archive(tmp_path / "h", clock=clock)


def test_a_failed_write_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = disk.append
    with Archive(tmp_path, clock=clock) as archive:
        archive.append(exchange())

        def half(fd: int, data: bytes, path: Path) -> None:
            real(fd, data[: len(data) // 2], path)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(disk, "append", half)
        with pytest.raises(DatasetError, match="the disk is full") as caught:
            archive.append(exchange("http://b.gov.cn/", b"2"))
        assert caught.value.context["errno"] == errno.ENOSPC
        assert caught.value.context["reason"] == "disk_full"
        monkeypatch.setattr(disk, "append", real)
        archive.append(exchange("http://c.gov.cn/", b"3"))
        archive.sync()
    urls = [r.url for r in iter_records(tmp_path) if r.kind == "response"]
    assert urls == ["http://a.gov.cn/1.html", "http://c.gov.cn/"]


def test_after_a_failed_sync_nothing_more_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(tmp_path, clock=clock) as archive:
        archive.append(exchange())

        def broken(fd: int, path: Path) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(disk, "sync", broken)
        with pytest.raises(DatasetError, match="Input/output error"):
            archive.sync()
        monkeypatch.undo()
        with pytest.raises(DatasetError, match="nothing more"):
            archive.sync()
        with pytest.raises(DatasetError, match="nothing more"):
            archive.append(exchange("http://b.gov.cn/"))


def test_what_does_not_read_back_is_not_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = disk.append
    with Archive(tmp_path, clock=clock) as archive:
        archive.append(exchange())
        monkeypatch.setattr(
            disk, "append", lambda fd, data, path: real(fd, b"\0" * len(data), path)
        )
        archive.append(exchange("http://b.gov.cn/", b"2"))
        with pytest.raises(DatasetError, match="does not read back"):
            archive.sync()


def test_dates_are_written_in_utc(tmp_path: Path) -> None:
    beijing = datetime.timezone(datetime.timedelta(hours=8))
    moment = datetime.datetime(2026, 1, 1, 4, 0, 0, 7, tzinfo=beijing)
    written(tmp_path, exchange(started=moment, head=HTML))
    assert warcio_records(tmp_path)[1][1]["WARC-Date"] == "2025-12-31T20:00:00.000007Z"
