"""Pages saved as one file: which part is the page, how it is encoded, what is refused."""

from __future__ import annotations

import base64
import quopri
import time

import pytest

from govreport_parse.documents import mhtml
from govreport_parse.documents.mhtml import read_saved_page
from govreport_parse.errors import DecodeError, LimitExceededError, NotAReportError
from govreport_parse.parsing import parse
from govreport_parse.testing import Record, record_of, render_html

RECORD: Record = record_of(
    {
        "requests/requests_received/natural_person": 26,
        "requests/requests_received/total": 26,
        "requests/granted/natural_person": 26,
        "requests/granted/total": 26,
        "requests/outcomes_total/natural_person": 26,
        "requests/outcomes_total/total": 26,
        "proactive_disclosure/licensing/decisions": 1402,
    },
    organ="青禾县水利局",
    year=2023,
)
PAGE = render_html(RECORD, "clean").text
URL = "http://www.qinghe.example/xxgk/2024/01/18/a.html"
PICTURE = (b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n", b"iVBORw0KGgo=")


def part(
    page: str, way: str = "quoted-printable", charset: str = "", **fields: str
) -> tuple[bytes, bytes]:
    data = page.encode(charset or "utf-8")
    body = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(way, bytes)
    head = f"Content-Type: text/html{f'; charset={charset}' if charset else ''}\r\n"
    head += f"Content-Transfer-Encoding: {way}\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return head.encode(), body(data)


def archive(*parts: tuple[bytes, bytes], end: bytes = b"--\r\n", start: str = "") -> bytes:
    """As Chrome writes it."""
    mark = b"----MultipartBoundary--pQ1x----"
    head = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: " + URL.encode() + b"\r\n"
        b"Subject: =?utf-8?B?6Z2S56a+5Y6/?=\r\nDate: Thu, 18 Jan 2024 09:12:00 +0800\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n'
        b'\tboundary="' + mark + b'"' + (f';\r\n\tstart="{start}"'.encode() if start else b"")
    )
    inside = b"".join(b"\r\n--" + mark + b"\r\n" + f + b"\r\n" + b for f, b in parts)
    return head + b"\r\n\r\n" + inside + b"\r\n--" + mark + end


def assert_right(data: bytes) -> None:
    report = parse(data)
    assert (report.organ, report.year) == ("青禾县水利局", 2023)
    for path, cell in RECORD.cells.items():
        assert report[path].value == cell.value, path
    assert [f for f in report.findings if f.severity != "info"] == []


@pytest.mark.parametrize("charset", ["", "utf-8", "gb2312"])
@pytest.mark.parametrize("way", ["quoted-printable", "base64", "8bit", "binary"])
def test_a_saved_page_is_read_like_the_page(way: str, charset: str) -> None:
    page = PAGE.replace('charset="utf-8"', 'charset="gb2312"') if charset == "gb2312" else PAGE
    assert_right(archive(part(page, way, charset), PICTURE))


def test_the_address_is_known_from_the_archive_and_the_media_type_is_its_own() -> None:
    data = archive(part(PAGE))
    assert read_saved_page(data).url == URL
    report = parse(data)
    assert report.source.media_type == "multipart/related"
    assert report.source.bytes == len(data)
    word = archive(part(PAGE, Content_Location="file:///C:/a.htm"))
    assert read_saved_page(word.replace(b"Snapshot-Content-Location", b"X-Place")).url is None


def test_pictures_and_other_pages_are_no_page() -> None:
    menu = part("<p>首页 清河县教育局2022年政府信息公开工作年度报告</p>")
    assert_right(archive(PICTURE, part(PAGE), menu, PICTURE))


def test_a_report_in_a_frame_is_the_page() -> None:
    shell = part("<html><body><table><tr><td>首页</td></tr></table><iframe src=cid:f></iframe>")
    assert_right(archive(shell, part("<p>页脚</p>"), part(PAGE, Content_ID="<f>")))


def test_the_part_that_the_archive_names_is_the_page() -> None:
    other = PAGE.replace("1402", "9999")
    data = archive(part(other, Content_ID="<a@x>"), part(PAGE, Content_ID="<b@x>"), start="<b@x>")
    assert_right(data)


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_line_ends_of_other_systems(end: bytes) -> None:
    assert_right(archive(part(PAGE, "base64"), PICTURE).replace(b"\r\n", b"\n").replace(b"\n", end))


def test_a_message_of_one_part_is_a_page() -> None:
    head, body = part(PAGE, "base64", "utf-8")
    assert_right(b"MIME-Version: 1.0\r\n" + head + b"\r\n" + body)


def test_parts_inside_a_part() -> None:
    inner = archive(part(PAGE)).replace(b"pQ1x", b"inner").partition(b"MIME-Version: 1.0\r\n")[2]
    head, _, body = inner.partition(b"\r\n\r\n")
    assert_right(archive((head + b"\r\n", body), PICTURE))


def test_an_archive_that_ends_early_says_so() -> None:
    data = archive(part(PAGE, "base64"))
    whole, short = parse(data), parse(data[: len(data) // 2])
    assert "saved_page_cut" not in {f.code for f in whole.findings}
    assert "saved_page_cut" in {f.code for f in short.findings}
    for path, cell in RECORD.cells.items():
        assert short[path].value in (None, cell.value), path
    # What is cut off behind a whole page is none of it.
    behind = archive(part(PAGE), PICTURE, end=b"")
    assert "saved_page_cut" not in {f.code for f in parse(behind[:-40]).findings}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (archive(PICTURE), "no HTML part"),
        (archive(), "no HTML part"),
        (archive((part(PAGE, "base64")[0], b"QUJD\r\nA")), "base64"),
        (archive(part(PAGE, "x-uuencode")), "unknown"),
        (archive(part(PAGE)).replace(b"boundary=", b"bound="), "not marked"),
    ],
)
def test_broken_archives_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError, match=says) as refused:
        parse(data)
    assert "save the page again" in (refused.value.hint or "")


def test_parts_nested_too_deep_are_refused() -> None:
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b%d"\r\n\r\n--b%d\r\n'
    data = b"".join(head % (n, n) for n in range(2000))
    with pytest.raises(DecodeError, match="not marked"):
        read_saved_page(data)


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mhtml, "MAX_PARTS", 3)
    assert_right(archive(part(PAGE), PICTURE, PICTURE))
    with pytest.raises(LimitExceededError, match="3 parts"):
        read_saved_page(archive(part(PAGE), *[PICTURE] * 3))
    monkeypatch.setattr(mhtml, "MAX_BYTES", 1000)
    with pytest.raises(LimitExceededError, match="bytes"):
        read_saved_page(archive(part(PAGE)))


def test_a_page_that_is_no_report_is_refused_as_such() -> None:
    with pytest.raises(NotAReportError):
        parse(archive(part("<p>清河县教育局召开会议</p>")))


def test_many_lines_that_look_like_marks_cost_linear_time() -> None:
    noise = b"\r\n----MultipartBoundary--pQ1y" * 40_000
    started = time.process_time()
    assert read_saved_page(archive(part(PAGE), (PICTURE[0], noise))).data
    assert time.process_time() - started < 2
