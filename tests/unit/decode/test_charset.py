"""The charset ladder: domain guide 3.2, faults C1 to C3. All texts are our own."""

from __future__ import annotations

import pickle
import random

import pytest
from growth import assert_linear

from govreport_parse.decode.charset import canonical_encoding, decode_text
from govreport_parse.errors import DecodeError, UnknownEncodingError

REPORT = (
    "根据《中华人民共和国政府信息公开条例》规定，清河县财政局编制2023年政府信息公开工作年度报告。"
    "全年主动公开各类信息1204条，收到公开申请27件，均已按时办结，未发生行政复议和行政诉讼。"
)
TRADITIONAL = (
    "依據《政府資訊公開法》規定，本局編製2023年政府資訊公開年度報告。全年主動公開各類資訊1204則，"
    "收到公開申請27件，均已按時辦結，未發生行政複議及行政訴訟。"
)
PARAGRAPHS = [
    REPORT,
    "我局把政务公开放在心上，由办公室专人负责网站日常更新，每季度自查一次，发现错漏立即改正。",
    "本年度共收到自然人申请三件，予以公开两件，不予公开一件，没有结转下年度继续办理的情况。",
    "存在问题：一是部分栏目更新不够及时；二是解读形式单一。下一步将加强培训，提高公开质量。",
    "按照收费标准，本年度没有产生信息处理费。其他需要报告的事项：无。联系电话0518-8123456。",
]
BODIES = {
    "utf-8": REPORT,
    "utf-8-sig": REPORT,
    "gb2312": REPORT,
    "gbk": REPORT.replace("清河", "堃镕"),
    "gb18030": REPORT + "㐀𠂇",
    "big5": TRADITIONAL,
    "utf-16-le": REPORT,
    "utf-16": REPORT,
}
LABELS = [None, "utf-8", "gb2312", "gbk", "gb18030", "big5", "utf-16", "iso-8859-1"]


def page(text: str, label: str | None = None) -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>"


def codes(data: bytes, **hints: str) -> list[str]:
    return [f.code for f in decode_text(data, **hints).findings]


# --- C1: what the bytes are against what is said of them ------------------------------------


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("encoding", BODIES)
def test_matrix_of_encodings_and_labels_is_read_right(encoding: str, label: str | None) -> None:
    text = BODIES[encoding]
    header = f"text/html; charset={label}" if label else None
    assert decode_text(text.encode(encoding), content_type=header).text == text
    marked = page(text, label)
    assert decode_text(marked.encode(encoding)).text == marked
    assert decode_text(marked.encode(encoding), declared=label).text == marked


@pytest.mark.parametrize("text", PARAGRAPHS)
def test_utf8_is_never_taken_for_gb_nor_the_other_way(text: str) -> None:
    for label in ("gbk", "utf-8"):
        assert decode_text(text.encode(), declared=label).encoding == "utf-8"
        assert decode_text(text.encode("gb18030"), declared=label).encoding == "gb18030"
        assert decode_text(text.encode("gb18030"), declared=label).text == text


def test_a_lying_label_is_a_finding_that_names_both() -> None:
    data = page(REPORT, "gb2312").encode()
    result = decode_text(data)
    assert (result.encoding, result.declared) == ("utf-8", "gb2312")
    (finding,) = result.findings
    assert (finding.code, finding.severity) == ("charset_label_wrong", "info")
    assert dict(finding.detail) == {"label": "gb2312", "where": "meta", "encoding": "utf-8"}
    assert "gb2312" in finding.message_zh
    assert codes(page(REPORT, "utf-8").encode("gbk")) == ["charset_label_wrong"]
    assert codes(page(REPORT).encode("gbk"), content_type="text/html;charset=UTF-8") == [
        "charset_label_wrong"
    ]


def test_right_labels_and_plain_ascii_give_no_finding() -> None:
    assert codes(page(REPORT, "gb2312").encode("gbk")) == []
    assert codes(page(REPORT, "utf-8").encode()) == []
    assert codes(page(REPORT, "UTF-16").encode("utf-16-le")) == []
    assert codes(b"<p>ok</p>", content_type='text/html; charset="gb2312"') == []


def test_labels_are_taken_from_caller_then_header_then_meta() -> None:
    data = page(REPORT, "gbk").encode("gbk")
    assert decode_text(data).declared == "gbk"
    assert decode_text(data, content_type="text/html; Charset='GB2312'").declared == "gb2312"
    assert decode_text(data, content_type="x; charset=big5", declared="x-gbk").declared == "x-gbk"
    assert decode_text(b'<?xml version="1.0" encoding="GBK"?><a>1</a>').declared == "gbk"
    assert decode_text(b"text").declared is None


def test_a_label_after_the_first_two_kilobytes_is_not_read() -> None:
    data = b" " * 3000 + b"<meta charset=gbk>"
    assert decode_text(data).declared is None


def test_gb2312_means_gb18030() -> None:
    text = "堃镕𠂇㐀" + REPORT
    result = decode_text(page(text, "gb2312").encode("gb18030"))
    assert text in result.text
    assert result.encoding == "gb18030"


def test_gb18030_private_use_characters_get_their_code_points() -> None:
    vertical = bytes.fromhex("a6d9a6daa6dba6dca6dda6dea6dfa6eca6eda6f3")
    han = bytes.fromhex("fe59fe61fe66fe67fe6dfe7efe90fea0")
    text = decode_text(REPORT.encode("gbk") + vertical + han).text
    assert text.removeprefix(REPORT) == "︐︒︑︓︔︕︖︗︘︙龴龵龶龷龸龹龺龻"


def test_byte_80_is_the_euro_sign_in_gb_pages() -> None:
    result = decode_text(REPORT.encode("gbk") + b"100\x80" + REPORT.encode("gbk"))
    assert result.text == REPORT + "100€" + REPORT
    assert result.replaced == 0


def test_short_scrap_that_is_also_utf8_follows_its_gb_label() -> None:
    assert "校".encode("gbk").decode("utf-8") == "У"
    assert decode_text("校".encode("gbk"), declared="gbk").text == "校"
    assert decode_text("У".encode()).text == "У"


def test_byte_order_marks_are_dropped() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert decode_text(REPORT.encode(encoding)).text == REPORT
    assert decode_text(b"\xfe\xff" + REPORT.encode("utf-16-be")).encoding == "utf-16-be"
    # An editor's UTF-8 mark in front of a GBK page does not make it UTF-8.
    assert decode_text(b"\xef\xbb\xbf" + REPORT.encode("gbk")).text == REPORT


def test_utf16_without_mark_is_seen_by_its_nuls() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        result = decode_text(REPORT.encode(encoding))
        assert (result.text, result.encoding) == (REPORT, encoding)


def test_stray_nuls_do_not_make_a_page_utf16() -> None:
    data = page(REPORT).encode("gbk") + b"\0\0\0"
    assert decode_text(data).encoding == "gb18030"


# --- C2: damaged bytes ----------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_bad_byte_costs_at_most_the_characters_it_touches(encoding: str) -> None:
    clean = (REPORT * 2).encode(encoding)
    for at in range(0, len(clean), 7):
        data = bytearray(clean)
        data[at] = 0xFF
        result = decode_text(bytes(data))
        assert result.encoding == encoding
        assert 1 <= result.replaced <= 3
        kept = [part for part in result.text.split("\ufffd") if part]
        assert all(part in REPORT * 2 for part in kept)
        assert sum(map(len, kept)) >= 2 * len(REPORT) - 2
        assert [f.code for f in result.findings] == ["charset_replaced"]
        assert dict(result.findings[0].detail)["replaced"] == result.replaced


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_cut_last_character_is_replaced_not_guessed(encoding: str) -> None:
    for text in PARAGRAPHS[:4]:
        data = (REPORT + text.rstrip("。")).encode(encoding)[:-1]
        result = decode_text(data)
        assert result.text == (REPORT + text.rstrip("。"))[:-1] + "\ufffd"
        assert result.encoding == encoding
        assert result.replaced == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_up_to_half_a_percent_is_borne_and_more_refused(encoding: str) -> None:
    text = "".join(PARAGRAPHS) * 12
    clean = text.encode(encoding)
    chars = len(text)
    rng = random.Random(5)
    for n in (1, 5, int(chars * 0.003), int(chars * 0.02), 1000):
        data = bytearray(clean)
        for at in rng.sample(range(0, len(clean), 4), n):
            data[at] = 0xFF
        if n <= chars * 0.003:
            assert decode_text(bytes(data)).replaced >= n
        else:
            with pytest.raises(UnknownEncodingError):
                decode_text(bytes(data))


def test_characters_replaced_by_others_before_us_are_not_counted() -> None:
    for encoding in ("utf-8", "gb18030"):
        data = (REPORT + "\ufffd" * 20).encode(encoding)
        result = decode_text(data)
        assert (result.replaced, result.findings) == (0, ())


def test_lone_surrogates_become_one_replacement_each() -> None:
    data = (REPORT + "\ud800x\udfff").encode("utf-8", "surrogatepass")
    result = decode_text(data)
    assert result.text == REPORT + "\ufffdx\ufffd"
    assert result.replaced == 2


@pytest.mark.parametrize(("outer", "inner"), [("utf-8", "gbk"), ("gbk", "utf-8")])
def test_include_files_in_another_encoding_are_read_by_segments(outer: str, inner: str) -> None:
    parts = [
        ("<div>网站首页 政府信息公开 联系我们</div>\n", outer),
        *((f"<p>{p}</p>\n", inner) for p in PARAGRAPHS),
        ("<div>版权所有：清河县人民政府办公室</div>\n", outer),
    ]
    result = decode_text(b"".join(text.encode(encoding) for text, encoding in parts))
    assert result.text == "".join(text for text, _ in parts)
    assert "charset_mixed" in [f.code for f in result.findings]
    assert result.replaced == 0


def test_small_utf8_footer_in_a_gbk_page_is_noticed() -> None:
    body = f"<p>{REPORT}</p>\n" * 20
    footer = "<div>主办单位，清河县。</div>"
    result = decode_text(body.encode("gbk") + footer.encode())
    assert result.text == body + footer
    assert result.encoding == "gb18030"
    assert "charset_mixed" in [f.code for f in result.findings]


def test_bytes_of_no_chinese_encoding_are_refused_with_a_hint() -> None:
    korean = "정보공개 연차보고서 대한민국 정부 행정 기관의 정보 공개 청구 처리 현황입니다" * 3
    for data in (korean.encode("euc-kr"), random.Random(2).randbytes(3000)):
        with pytest.raises(UnknownEncodingError) as caught:
            decode_text(data)
        assert isinstance(caught.value, DecodeError)
        assert caught.value.hint
        again = pickle.loads(pickle.dumps(caught.value))
        assert again.context == caught.value.context


# --- C3: labels are hints from a list -------------------------------------------------------

OFF_THE_LIST = """
zip hex base64 utf-7 utf_7 unicode_escape raw_unicode_escape idna punycode rot13 bz2
uu zlib quopri undefined mbcs oem palmos ptcp154 koi8-r shift_jis euc-kr johab cp437 cp037 utf-9
none null 0 -1 ../../etc/passwd gb23123 utf8mb4 x-user-defined replacement"""


@pytest.mark.parametrize("label", OFF_THE_LIST.split())
def test_labels_off_the_list_are_ignored(label: str) -> None:
    data = page(REPORT, label).encode("gbk")
    result = decode_text(data, declared=label, content_type=f"text/html; charset={label}")
    assert result.text == page(REPORT, label)
    assert result.encoding == "gb18030"
    assert canonical_encoding(label) is None


def test_hostile_label_never_reaches_a_codec() -> None:
    assert decode_text(b"+AGE-", declared="utf-7").text == "+AGE-"
    assert decode_text(b"\\u516c", declared="unicode_escape").text == "\\u516c"
    assert decode_text(b"xn--fiq", declared="idna").text == "xn--fiq"


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        (" 'gb_2312-80' ", "gb18030"),
        ("cp936", "gb18030"),
        ("Big5-HKSCS", "big5"),
        ("UTF8", "utf-8"),
        ("utf-16LE", "utf-16-le"),
        ("", None),
        (None, None),
    ],
)
def test_canonical_names(label: str | None, encoding: str | None) -> None:
    assert canonical_encoding(label) == encoding


# --- pictures -------------------------------------------------------------------------------


@pytest.mark.parametrize("quote", ['"', "'"])
def test_base64_pictures_of_gbk_pages_are_cut_and_the_text_is_whole(quote: str) -> None:
    picture = f"<img src={quote}data:image/png;base64,{'QUJD' * 5000}{quote}>"
    small = f"<img src={quote}data:image/gif;base64,R0lGODlh{quote}>"
    html = f"<p>{REPORT}</p>{picture}<b>{REPORT}</b>{small}{picture}"
    result = decode_text(html.encode("gbk"))
    short = f"<img src={quote}data:image/png;base64,{quote}>"
    assert result.text == f"<p>{REPORT}</p>{short}<b>{REPORT}</b>{small}{short}"


def test_text_after_an_unclosed_picture_is_kept() -> None:
    html = f"url(data:image/png;base64,{'QUJD' * 100}) {REPORT}"
    assert decode_text(html.encode("gbk")).text.endswith(") " + REPORT)


def test_many_picture_marks_take_linear_time() -> None:
    head = REPORT.encode("gbk")
    assert_linear(lambda n: decode_text(head + b";base64,QUJDQUJD " * n), 80_000)


def test_empty_and_blank_documents() -> None:
    for data in (b"", b"\xef\xbb\xbf", b"\n "):
        result = decode_text(data)
        assert result.text.strip() == ""
        assert result.encoding == "utf-8"


@pytest.mark.parametrize(
    ("hints", "label"),
    [
        ({"declared": "GBK", "content_type": "text/html; charset=big5"}, "gbk"),
        ({"content_type": "text/html; charset=Big5"}, "big5"),
        ({}, None),
    ],
)
def test_a_refusal_names_the_label_that_came_first(
    hints: dict[str, str], label: str | None
) -> None:
    korean = "정보공개 연차보고서 대한민국 정부 행정 기관의 정보 공개 청구 처리 현황입니다" * 3
    with pytest.raises(UnknownEncodingError) as caught:
        decode_text(korean.encode("euc-kr"), **hints)
    assert caught.value.context["declared"] == label
    assert set(caught.value.context) == {"best", "replaced", "declared"}


@pytest.mark.parametrize("text", ["公開", "政府公開", "申請", "教育局"])
def test_a_big5_label_decides_what_is_text_in_gb18030_too(text: str) -> None:
    # 公開 is A4 BD B6 7D: そ秨 in GBK
    data = text.encode("big5")
    data.decode("gbk")
    result = decode_text(data, declared="big5")
    assert (result.text, result.encoding, result.replaced) == (text, "big5", 0)


def test_a_short_utf8_text_that_lost_bytes_is_not_read_as_gb18030() -> None:
    # of 政 (E6 94 BF) only BF is left: then the rest pairs up, 浜烘皯垮簻... in GB18030
    whole = "人民政府信息公开"
    data = whole.encode()
    data = data[:6] + data[8:]
    data.decode("gb18030")
    result = decode_text(data)
    assert (result.text, result.encoding) == ("人民\ufffd府信息公开", "utf-8")
    assert result.replaced == 1


def test_utf8_far_behind_gbk_is_noticed_though_all_of_it_is_gbk() -> None:
    body = f"<p>{REPORT}</p>\n" * 20
    footer = "<p>人民政府办公室，</p>"
    data = body.encode("gbk") + footer.encode()
    assert "鍔炲叕瀹わ紝" in data.decode("gbk")
    assert decode_text(data).text == body + footer
