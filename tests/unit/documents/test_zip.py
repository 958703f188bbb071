"""ZIP archives: limits that hold before and while inflating, Chinese names, what is handed on."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from govreport_parse.documents.archive_zip import (
    Budget,
    Member,
    display_name,
    inflate,
    open_zip,
    read_entries,
)
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    UnsupportedFormatError,
)


def archive(*members: tuple[str | bytes, bytes], level: int = 9) -> bytes:
    """A ZIP made by the standard library; names given as bytes are written as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as z:
        for name, data in members:
            z.writestr(name if isinstance(name, str) else f"N{len(name):03}", data)
    raw = out.getvalue()
    for name, _ in members:
        if isinstance(name, bytes):
            raw = by_hand(*members)
    return raw


def by_hand(
    *members: tuple[str | bytes, bytes],
    flags: int = 0,
    method: int = 8,
    size: int | None = None,
    crc: int | None = None,
    offsets: list[int] | None = None,
    packed: bytes | None = None,
    tail: bytes = b"",
    prefix: bytes = b"",
) -> bytes:
    """A ZIP written field by field, so that single fields can lie."""
    body = bytearray(prefix)
    directory = bytearray()
    for i, (name, data) in enumerate(members):
        raw_name = name if isinstance(name, bytes) else name.encode()
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        stream = (
            packed
            if packed is not None
            else (deflater.compress(data) + deflater.flush() if method == 8 else data)
        )
        check = zlib.crc32(data) if crc is None else crc
        length = len(data) if size is None else size
        at = len(body) - len(prefix) if offsets is None else offsets[i]
        if offsets is None or at == len(body):
            body += struct.pack(
                "<4s5H3I2H", b"PK\x03\x04", 20, flags, method, 0, 0, check, len(stream), length,
                len(raw_name), 0,
            )  # fmt: skip
            body += raw_name + stream
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, flags, method, 0, 0, check, len(stream), length,
            len(raw_name), 0, 0, 0, 0, 0, at,
        )  # fmt: skip
        directory += raw_name
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory),
        len(body) - len(prefix), len(tail),
    )  # fmt: skip
    return bytes(body + directory + end + tail)


# --- what is handed on ---------------------------------------------------------------------


def test_members_that_may_be_reports_come_in_order_with_their_bytes() -> None:
    data = archive(
        ("年报/", b""), ("年报/2023.docx", b"D"), ("年报/说明.exe", b"X"), ("a.PDF", b"P"),
        ("__MACOSX/._a.pdf", b"m"), ("~$2023.docx", b"l"), (".hidden.pdf", b"h"), ("图.jpg", b"J"),
        ("Thumbs.db", b"t"), ("noname", b"n"),
    )  # fmt: skip
    assert open_zip(data) == [
        Member("年报/2023.docx", b"D"), Member("a.PDF", b"P"), Member("图.jpg", b"J"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        ("附件：2023年报.doc".encode("gbk"), 0),
        ("附件：2023年报.doc".encode(), 0x800),
        ("附件：2023年报.doc".encode(), 0),
    ],
)
def test_chinese_names_are_read_with_and_without_the_utf_8_flag(raw: bytes, flags: int) -> None:
    assert open_zip(by_hand((raw, b"D"), flags=flags))[0].name == "附件：2023年报.doc"


def test_a_zip_inside_is_opened_one_level_deep() -> None:
    inner = archive(("报告.docx", b"D"))
    data = archive(("a.txt", b"T"), ("县区.zip", inner))
    assert [m.name for m in open_zip(data)] == ["a.txt", "县区.zip/报告.docx"]


def test_a_zip_in_a_zip_in_a_zip_is_refused() -> None:
    data = archive(("报告.docx", b"D"))
    for _ in range(10):
        data = archive(("x.zip", data))
    with pytest.raises(LimitExceededError, match="nested"):
        open_zip(data)


def test_an_archive_without_documents_says_so() -> None:
    with pytest.raises(UnsupportedFormatError, match="no document"):
        open_zip(archive(("setup.exe", b"MZ")))
    with pytest.raises(UnsupportedFormatError):
        open_zip(archive())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("..\\..\\boot.txt", "boot.txt"),
        ("/srv/a.txt", "srv/a.txt"),
        ("C:\\a.txt", "a.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\x1b[31m\u202etxt.txt", "a[31mtxt.txt"),
        ("../..", "?"),
    ],
)
def test_names_are_only_for_show(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_hostile_names_are_read_without_touching_the_disk(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the disk was touched")

    data = by_hand(("../../x.txt", b"1"), ("\\y\0.txt", b"2"), ("/etc/z.txt", b"3"))
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.open", refuse)
    assert [m.name for m in open_zip(data)] == ["x.txt", "y.txt", "etc/z.txt"]


def test_bytes_before_the_archive_shift_its_offsets() -> None:
    assert open_zip(by_hand(("a.txt", b"T"), prefix=b"MZ" + bytes(500)))[0].data == b"T"


def test_a_comment_behind_the_archive_is_no_harm() -> None:
    assert open_zip(by_hand(("a.txt", b"T"), tail=b"made by hand"))[0].data == b"T"


# --- limits --------------------------------------------------------------------------------


def peak_of(data: bytes) -> tuple[type[GovReportError], int]:
    tracemalloc.start()
    with pytest.raises(GovReportError) as caught:
        open_zip(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return caught.type, peak


def zeros(megabytes: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([deflater.compress(bytes(2**20)) for _ in range(megabytes)]) + deflater.flush()


def test_a_part_that_unpacks_to_more_than_it_declares_stops_early() -> None:
    # Four GiB of zeros would be 4 MB packed; a 64 MiB stream shows the same way out.
    data = by_hand(("a.txt", b"12345"), packed=zeros(64))
    kind, peak = peak_of(data)
    assert kind is LimitExceededError
    assert peak < 30 * 2**20


def test_four_declared_gigabytes_are_refused_without_inflating() -> None:
    data = by_hand(("a.txt", b""), packed=zeros(8), size=2**32 - 2)
    kind, peak = peak_of(data)
    assert kind is LimitExceededError
    assert peak < 2**20


def test_a_ratio_over_200_is_allowed_up_to_a_megabyte_only() -> None:
    assert len(open_zip(archive(("a.txt", bytes(2**20))))[0].data) == 2**20
    with pytest.raises(LimitExceededError):
        open_zip(archive(("a.txt", bytes(2**20 + 1))))


def test_the_total_is_counted_over_all_members() -> None:
    budget = Budget(bytes_left=150)
    data = archive(("a.txt", bytes(100)), ("b.txt", bytes(100)))
    first, second = read_entries(data, budget)
    inflate(data, first, budget)
    assert budget.bytes_left == 50
    with pytest.raises(LimitExceededError):
        inflate(data, second, budget)


def test_the_total_is_counted_through_inner_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = archive(("b.txt", bytes(3000)))
    data = archive(("a.txt", bytes(3000)), ("i.zip", inner))
    monkeypatch.setattr("govreport_parse.documents.archive_zip.Budget", lambda: Budget(6000, 10))
    with pytest.raises(LimitExceededError):
        open_zip(data)


def test_a_hundred_thousand_empty_entries_are_refused_quickly() -> None:
    one = by_hand(("a", b""))
    end = one.index(b"PK\x05\x06")
    start = one.index(b"PK\x01\x02")
    entry = one[start:end]
    for count in (100_000, 3):
        # The second time the end record lies about the number.
        record = struct.pack(
            "<4s4H2IH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * 100_000,
            start, 0,
        )  # fmt: skip
        began = time.process_time()
        with pytest.raises(LimitExceededError, match="entries"):
            open_zip(one[:start] + entry * 100_000 + record)
        assert time.process_time() - began < 1


def test_2001_entries_are_too_many_and_2000_are_not() -> None:
    members = [(f"{i}.txt", b"") for i in range(2001)]
    assert len(open_zip(archive(*members[:2000]))) == 2000
    with pytest.raises(LimitExceededError):
        open_zip(archive(*members))


def test_entries_of_the_inner_archive_count_too() -> None:
    inner = archive(*[(f"{i}.txt", b"") for i in range(1200)])
    with pytest.raises(LimitExceededError):
        open_zip(archive(("a.zip", inner), ("b.zip", inner)))


# --- damage and tricks ---------------------------------------------------------------------


def test_entries_that_share_one_local_header_are_refused() -> None:
    data = by_hand(*[("a.txt", b"T" * 100)] * 3, offsets=[0, 0, 0])
    with pytest.raises(DecodeError, match="overlap"):
        open_zip(data)


def test_an_entry_inside_another_is_refused() -> None:
    inner = by_hand(("b.txt", b"xx"), method=0)
    data = by_hand(("a.bin", inner), method=0)
    start = data.index(b"PK\x01\x02", data.index(b"a.bin") + len(inner))
    end = data.index(b"PK\x05\x06", start)
    line = data[start:end]
    second = line[:42] + struct.pack("<I", 35) + line[46:]
    record = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(line) + len(second), start, 0
    )  # fmt: skip
    with pytest.raises(DecodeError):
        open_zip(data[:start] + line + second + record)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (by_hand(("a.txt", b"T"), flags=1), UnsupportedFormatError, "encrypted"),
        (by_hand(("a.txt", b"T"), flags=0x2000), UnsupportedFormatError, "encrypted"),
        (by_hand(("a.txt", b"T"), method=12), UnsupportedFormatError, "bzip2"),
        (by_hand(("a.txt", b"T"), crc=1), DecodeError, "check sum"),
        (by_hand(("a.txt", b"TT"), size=1), DecodeError, "size"),
        (by_hand(("a.txt", b"TT"), size=3), DecodeError, "size"),
        (by_hand(("a.txt", b"TT"), method=0, size=3), DecodeError, "size"),
        (by_hand(("a.txt", b"T"), packed=b"\xff\xff\xff"), DecodeError, "damaged"),
        (by_hand(("a.txt", b"T" * 99), packed=b""), DecodeError, "cut short"),
        (by_hand(("a.txt", b"T"))[:-1], DecodeError, "directory"),
        (b"", DecodeError, "directory"),
        (b"PK\x05\x06" + bytes(18), UnsupportedFormatError, "no document"),
        (b"PK\x05\x06" + b"\xff" * 18, UnsupportedFormatError, "ZIP64"),
        (b"PK\x05\x06" + struct.pack("<4H2IH", 1, 1, 0, 0, 0, 0, 0), UnsupportedFormatError, "vol"),
        (by_hand(("a.txt", b"T"), offsets=[999]), DecodeError, "no entry"),
    ],
)
def test_each_kind_of_damage_has_its_typed_error_and_hint(
    data: bytes, error: type[GovReportError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        open_zip(data)
    assert caught.value.hint


def test_every_cut_and_every_changed_byte_ends_typed_or_in_the_same_members() -> None:
    data = archive(("甲.txt", "收到申请26件".encode() * 5), ("b.docx", b"D"))
    for i in range(len(data)):
        for changed in (data[:i], data[:i] + bytes([data[i] ^ 0xFF]) + data[i + 1 :]):
            try:
                members = open_zip(changed)
            except GovReportError:
                continue
            # Names and dates are not protected by check sums; contents are.
            assert {m.data for m in members} <= {"收到申请26件".encode() * 5, b"D"}
