"""Names that a ZIP gives in its Unicode path field (0x7075), behind another field."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from govreport_parse.documents.archive_zip import open_zip

PAGE = b"<html><body>1</body></html>"


def archive(crc_of: bytes, *, times_first: bool) -> bytes:
    told = "年报.html".encode()
    field = struct.pack("<2HBI", 0x7075, 5 + len(told), 1, zlib.crc32(crc_of)) + told
    times = struct.pack("<2HBI", 0x5455, 5, 1, 0)
    info = zipfile.ZipInfo("nb.html")
    info.extra = times + field if times_first else field
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(info, PAGE)
    return out.getvalue()


@pytest.mark.parametrize("times_first", [False, True])
def test_the_unicode_name_wins_where_it_is_of_this_name(times_first: bool) -> None:
    (member,) = open_zip(archive(b"nb.html", times_first=times_first))
    assert (member.name, member.data) == ("年报.html", PAGE)


def test_a_unicode_name_of_an_older_name_is_left_alone() -> None:
    (member,) = open_zip(archive(b"renamed.html", times_first=False))
    assert member.name == "nb.html"
