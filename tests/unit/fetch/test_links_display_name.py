"""Names of downloads: 200 hostile ones become harmless, honest ones stay what they are."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

import pytest

from govreport_parse.fetch.display_name import MAX_CHARACTERS, clean_name, display_name

NAME = "石台县教育局2023年年报.pdf"


@pytest.mark.parametrize(
    "header",
    [
        f'attachment; filename="{NAME}"'.encode(),
        f'attachment; filename="{NAME}"'.encode("gb18030"),
        f"attachment;filename={NAME}".encode(),
        f"attachment; filename={NAME}; size=1".encode("gb18030"),
        f"attachment; filename*=UTF-8''{quote(NAME)}".encode(),
        f"attachment; filename*=GBK''{quote(NAME.encode('gb18030'))}".encode(),
        f"attachment; filename*=UTF-8''{quote(NAME.encode('gb18030'))}".encode(),
        f"attachment; filename=\"x.pdf\"; filename*=utf-8'zh-CN'{quote(NAME)}".encode(),
        f'attachment; filename="{quote(NAME)}"'.encode(),
        f'attachment; filename="{quote(NAME.encode("gb18030"))}"'.encode(),
        b'attachment; filename="=?UTF-8?B?' + b64encode(NAME.encode()) + b'?="',
        b'attachment; filename="=?gb2312?B?' + b64encode(NAME.encode("gb18030")) + b'?="',
        f'INLINE; FILENAME = "{NAME}"'.encode(),
        f'attachment; filename="C:\\docs\\{NAME}"'.encode(),
        f'attachment; filename="{NAME}'.encode(),
    ],
)
def test_all_ways_to_send_a_name(header: bytes) -> None:
    assert display_name(header) == NAME


def test_the_address_when_the_header_is_silent() -> None:
    assert display_name(None, "http://a.cn/u/%E5%B9%B4%E6%8A%A5.doc?x=1") == "年报.doc"
    assert display_name(b"attachment", "http://a.cn/u/%C4%EA%B1%A8.doc") == "年报.doc"
    assert display_name(b"attachment", "http://a.cn/down?id=7") == ""
    assert display_name('attachment; filename="a.pdf"', "http://a.cn/b.doc") == "a.pdf"
    assert display_name(None, "http://[bad/x.pdf") == ""


def hostile() -> list[str]:
    parts = [
        *("../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\x.exe", "\\\\host\\share\\x"),
        *(
            "a\x00.pdf",
            "a\r\nSet-Cookie: x=1.pdf",
            "a\x1b[31mb.pdf",
            "\u202egpj.exe",
            "a\u2066b.pdf",
        ),
        *("x" * 5000, "." * 300, "..", ".", "~", "-rf", " .pdf ", "a/b\\c:d.pdf", "con", "NUL.txt"),
        *(
            "COM1.pdf",
            "a\u200b\u200d.pdf",
            "\ud800.pdf",
            "a\ufeff.pdf",
            "=cmd()|x.pdf",
            "<img src=x>",
        ),
        *("a|b*c?.pdf", "a\tb\nc.pdf", "年报" * 2000 + ".pdf", "e\u0301" * 3000, "\u2028.pdf"),
        *("....//....//x", "file:///x", "%2e%2e%2fx.pdf", "a\x7f\x85\x9f.pdf", "\U000e0041.pdf"),
    ]
    forms = ["{}", "x/{}", "{}.pdf", "..\\{}", "{}\u202e.doc", " {} "]
    return [form.format(part) for part in parts for form in forms]


def test_two_hundred_hostile_names() -> None:
    names = hostile()
    assert len(names) >= 200
    for name in names:
        headers = [
            b'attachment; filename="' + name.encode("utf-8", "surrogatepass") + b'"',
            b"attachment; filename*=UTF-8''"
            + quote(name.encode("utf-8", "surrogatepass")).encode(),
            b"attachment; filename=" + name.encode("gb18030", "replace"),
        ]
        for got in (clean_name(name), *(display_name(header) for header in headers)):
            assert len(got) <= MAX_CHARACTERS
            assert not set(got) & set('/\\:*?"<>|')
            assert got.isprintable()
            assert not any(unicodedata.category(c)[0] == "C" for c in got)
            assert not any(unicodedata.bidirectional(c).endswith(("E", "O", "I")) for c in got)
            assert got not in ("", ".", "..") or not got
            assert not got.startswith((".", "-", "~", " "))
            assert PurePosixPath(got or "x").name == (got or "x")
            assert len(PureWindowsPath(got or "x").parts) == 1
            assert not PureWindowsPath(got or "x").is_reserved()


def test_a_long_name_keeps_its_ending() -> None:
    got = clean_name("年" * 500 + ".docx")
    assert got.endswith("…" + ".docx")
    assert len(got) == MAX_CHARACTERS
