"""Cell texts and what they say, by hand from the domain guide (2.3) and evidence c, e."""

from __future__ import annotations

from decimal import Decimal

import pytest

from govreport_parse.chinese_numerals import read_chinese
from govreport_parse.numbers import (
    apply_repairs,
    is_value_like,
    read_number,
    to_wan_yuan,
)
from govreport_parse.values import State


def kinds(raw: str, kind: str = "integer", *, mirror: bool = False) -> list[str]:
    return [r.kind for r in read_number(raw, kind, mirror=mirror).repairs]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "\t\r\n",
        "\xa0",
        "\u3000\u3000",
        "\u2002\u2003",
        "\u200b",
        "\ufeff \u200d",
        "&nbsp;",
        "&nbsp;&nbsp;",
        "&nbsp",
        "&NBSP;",
        "&#160;",
        "&emsp;",
        "\u2800",
        " " * 50_000,
    ],
)
@pytest.mark.parametrize("kind", ["integer", "signed", "decimal"])
def test_empty_cells_of_every_sort_are_blank_and_have_no_value(raw, kind):
    reading = read_number(raw, kind)
    assert reading.state is State.BLANK
    assert reading.value is None


@pytest.mark.parametrize(
    "raw",
    [
        "-",
        "－",
        "–",
        "—",
        "——",
        "—— ",
        "----",
        "- -",
        "―",
        "−",
        "/",
        "／",
        "//",
        "\\",
        "＼",
        "-/-",
        "无",
        "無",
        "空",
        " 无 ",
        "\u3000—\xa0",
    ],
)
@pytest.mark.parametrize("kind", ["integer", "signed", "decimal"])
def test_signs_for_nothing_are_dashes_and_have_no_value(raw, kind):
    reading = read_number(raw, kind)
    assert reading.state is State.DASH
    assert reading.value is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", 0),
        ("26", 26),
        ("       0", 0),
        ("\u300026\xa0", 26),
        ("999999999999999999", 999_999_999_999_999_999),
        ("１２", 12),
        ("1２", 12),
        ("1,234", 1234),
        ("1，234", 1234),
        ("１，２３４", 1234),
        ("1,234,567", 1_234_567),
        ("14 069", 14_069),
        ("14\xa0069", 14_069),
        ("14\u3000069", 14_069),
        ("14&nbsp;069", 14_069),
        ("1 234 567", 1_234_567),
        ("12.00", 12),
        ("12.0", 12),
        ("0.0", 0),
        ("1,234.00", 1234),
        ("1\u200b2", 12),
        ("1\u00ad2", 12),
        ("\u206612\u2069", 12),
        ("\u202a12\u202c", 12),
        ("26件", 26),
        ("26 件", 26),
        ("26\n件", 26),
        ("26（件）", 26),
        ("3條", 3),
        ("22（其中修订16件）", 22),
        ("55（含自然失效29件）", 55),
        ("22件（其中修订16件）", 22),
        ("22(其中修订16件)", 22),
        ("〇", 0),
        ("零", 0),
        ("三", 3),
        ("一件", 1),
        ("十", 10),
        ("十二", 12),
        ("一百二十", 120),
        ("一百零五", 105),
        ("两百", 200),
        ("两千〇三", 2003),
        ("一萬二千", 12_000),
    ],
)
def test_every_accepted_writing_of_a_count_is_read(raw, value):
    reading = read_number(raw)
    assert reading.state is State.REPORTED
    assert reading.value == value
    assert type(reading.value) is int


@pytest.mark.parametrize(
    "raw",
    [
        "²",
        "٣",
        "𝟙",
        "①",
        "Ⅻ",
        "1_000",
        "1e3",
        "0x10",
        "1/2",
        "12%",
        "NaN",
        "inf",
        "None",
        "12,34",
        "1,23",
        "1234,567",
        "1,2345",
        ",123",
        "1,",
        "1,234，567",
        "0,123",
        "1, 234",
        "1 2",
        "1 0 0",
        "14  069",
        "14\n069",
        "14 69",
        "1 234,567",
        "12 .",
        "00",
        "007",
        "0012",
        "000",
        "0 123",
        "12.5",
        "12.",
        ".5",
        "1.2.3",
        "12。0",
        "3.5万",
        "12·0",
        "-5",
        "－5",
        "+5",
        "—18",
        "减4",
        "增3",
        "±0",
        "251000元",
        "26万元",
        "26人",
        "26 件 3",
        "共26件",
        "约26",
        "26。",
        "22（16）",
        "0（七）",
        "22（其中",
        "22其中修订16件）",
        "22（含）",
        "22（a）",
        "5（一）予以公开",
        "一",
        "一二",
        "二〇二三",
        "一百五",
        "百",
        "万",
        "三点五",
        "十十",
        "两",
        "〇〇",
        "一万一",
        "O",
        "Ｏ",
        "o",
        "1O",
        "○",
        "?",
        "？",
        "5?",
        "没有",
        "N/A",
        "无数据",
        "其他",
        "予以公开",
        "1" * 19,
        "5" * 5000,
        "10" * 15,
        "１" * 20_000,
        "1," * 20_000,
        "\u202e21",
    ],
)
def test_what_is_not_unmistakably_a_count_is_unreadable(raw):
    reading = read_number(raw)
    assert reading.state is State.UNREADABLE
    assert reading.value is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("4", 4),
        ("0", 0),
        ("+3", 3),
        ("＋3", 3),
        ("-18", -18),
        ("－18", -18),
        ("−18", -18),
        ("–18", -18),
        ("- 18", -18),
        ("-0", 0),
        ("-1,234", -1234),
        ("－１８", -18),
        ("减4", -4),
        ("減4", -4),
        ("减少4", -4),
        ("减少 4项", -4),
        ("增3", 3),
        ("增加3", 3),
        ("减四", -4),
        ("-18（取消18项）", -18),
    ],
)
def test_signed_columns_take_signs_and_words_of_change(raw, value):
    reading = read_number(raw, "signed")
    assert (reading.state, reading.value) == (State.REPORTED, value)


@pytest.mark.parametrize(
    "raw", ["—18", "+", "增", "减少", "--18", "+-3", "增减3", "减-4", "±3", "↑3"]
)
def test_doubtful_signs_are_unreadable_in_signed_columns_too(raw):
    assert read_number(raw, "signed").state is State.UNREADABLE


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        ("282.1", "282.1", None),
        ("24252.311082", "24252.311082", None),
        ("7，730.28", "7730.28", None),
        ("0", "0", None),
        ("0.00", "0.00", None),
        ("８０４０", "8040", None),
        ("251000元", "251000", "元"),
        ("160.5964万元", "160.5964", "万元"),
        ("160.5964萬元", "160.5964", "万元"),
        ("160.5964（万元）", "160.5964", "万元"),
        ("75,394,432.52 元", "75394432.52", "元"),
        ("1.2亿元", "1.2", "亿元"),
        ("三万元", "3", "万元"),
        ("251000元（含罚没收入）", "251000", "元"),
        ("0." + "1" * 3000, "0." + "1" * 3000, None),
    ],
)
def test_amounts_are_exact_decimals_in_the_unit_of_the_cell(raw, value, unit):
    reading = read_number(raw, "decimal")
    assert reading.state is State.REPORTED
    assert isinstance(reading.value, Decimal)
    assert str(reading.value) == value
    assert reading.unit == unit


@pytest.mark.parametrize(
    "raw", ["26件", "-5.2", "00.5", "1.", ".5", "251000元（万元）", "5元3", "1e3"]
)
def test_what_is_no_amount_is_unreadable_in_amount_columns(raw):
    assert read_number(raw, "decimal").state is State.UNREADABLE


@pytest.mark.parametrize("unit", ["件", "项", "个", "条", "次", "宗"])
def test_units_of_counts_are_kept(unit):
    assert read_number(f"26{unit}").unit == unit
    assert read_number(f"26{unit}", "signed").unit == unit


def test_plain_numbers_need_no_repair():
    for raw in ("26", " 26 ", "26件", "+3"):
        assert kinds(raw, "signed") == []


@pytest.mark.parametrize(
    ("raw", "kind", "expected"),
    [
        ("１２", "integer", [("full_width", 0, 2, "１２", "12")]),
        (" 1，234", "integer", [("thousands_separator", 2, 3, "，", "")]),
        ("14\xa0069", "integer", [("inner_space", 2, 3, "\xa0", "")]),
        ("5&nbsp;", "integer", [("html_entity", 1, 7, "&nbsp;", "")]),
        ("1\u200b2", "integer", [("zero_width", 1, 2, "\u200b", "")]),
        ("12.00", "integer", [("decimal_zeros", 2, 5, ".00", "")]),
        ("减少4", "signed", [("sign_word", 0, 2, "减少", "-")]),
        ("–4", "signed", [("sign", 0, 1, "–", "-")]),
        ("一百二十件", "integer", [("chinese_numeral", 0, 4, "一百二十", "120")]),
        ("3條", "integer", [("traditional", 1, 2, "條", "条")]),
        ("22（修订１件）", "integer", [("note", 2, 8, "（修订１件）", "")]),
        (
            "１，２３４",
            "integer",
            [
                ("full_width", 0, 1, "１", "1"),
                ("thousands_separator", 1, 2, "，", ""),
                ("full_width", 2, 5, "２３４", "234"),
            ],
        ),
    ],
)
def test_repairs_say_what_was_changed_and_where(raw, kind, expected):
    reading = read_number(raw, kind)
    assert [(r.kind, r.start, r.end, r.before, r.after) for r in reading.repairs] == expected
    for r in reading.repairs:
        assert raw[r.start : r.end] == r.before


def test_a_note_is_kept_as_it_was_written():
    assert read_number("22（其中修订１６件）").note == "其中修订１６件"
    assert read_number("55( 含自然失效29件 )").note == "含自然失效29件"


def test_a_lone_letter_o_or_stroke_gives_a_hint_and_no_number():
    assert "0" in (read_number("O").note or "")
    assert "dash" in (read_number("一").note or "")


def test_question_marks_are_blanks_only_on_mirror_pages():
    assert read_number("5?").state is State.UNREADABLE
    five = read_number("??5？", mirror=True)
    assert five.value == 5
    assert [r.kind for r in five.repairs] == ["question_mark_nbsp"] * 2
    assert read_number("??", mirror=True).state is State.BLANK
    assert read_number("14?069", mirror=True).value == 14_069
    assert read_number("1?2", mirror=True).state is State.UNREADABLE


def test_repairs_applied_to_the_raw_text_leave_the_plain_number():
    for raw, kind, plain in [
        ("　１，２３４件", "integer", "1234件"),
        ("减少４ 项", "signed", "-4 项"),
        ("22（其中修订16件）", "integer", "22"),
        ("一百二十萬元", "decimal", "120万元"),
    ]:
        repairs = read_number(raw, kind).repairs
        assert apply_repairs(raw, repairs).strip() == plain


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("251000", "元", "25.1"),
        ("75394432.52", "元", "7539.443252"),
        ("1", "元", "0.0001"),
        ("160.5964", "万元", "160.5964"),
        ("1.2", "亿元", "12000"),
        ("0", "元", "0"),
        ("123456789012345678.123456789012345678", "元", "12345678901234.5678123456789012345678"),
    ],
)
def test_amounts_convert_exactly_to_wan_yuan(value, unit, expected):
    assert to_wan_yuan(Decimal(value), unit) == Decimal(expected)


def test_amounts_without_a_unit_of_money_are_not_converted():
    assert to_wan_yuan(Decimal(8040), None) is None
    assert to_wan_yuan(Decimal(3), "件") is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("十万零五百", 100_500),
        ("一亿零一", 100_000_001),
        ("一亿零一千", 100_001_000),
        ("一亿二千万", 120_000_000),
        ("一万零一十", 10_010),
        ("九千九百九十九万亿", 9999 * 10**12),
    ],
)
def test_long_chinese_numerals_follow_the_rule_of_the_inner_zero(written, value):
    assert read_chinese(written) == value


@pytest.mark.parametrize(
    "written", ["一亿一千", "一万五百", "一千五", "零五", "一百零零五", "万亿"]
)
def test_colloquial_and_broken_chinese_numerals_are_refused(written):
    assert read_chinese(written) is None


@pytest.mark.parametrize("written", ["规章", "一件", "百x", "12", "一 百", "\ud800"])
def test_what_is_no_chinese_numeral_is_refused_not_an_error(written):
    assert read_chinese(written) is None


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "26",
        "１２",
        "",
        " ",
        "—",
        "/",
        "无",
        "26件",
        "251000元",
        "22（其中修订16件）",
        "减4",
        "+3",
        "00",
        "1 2",
        "12,34",
        "-5",
        "640020470",
        "5?",
        "?",
        "O",
        "一百二十",
        "〇",
        "12.5",
        "\xa0" * 90,
        "22（其中修订16件，" + "含自然失效若干件，" * 8 + "不含转发件）",
    ],
)
def test_cells_that_can_only_be_values_are_value_like(text):
    assert is_value_like(text)


@pytest.mark.parametrize(
    "text",
    [
        "1.",
        "3．",
        "1、",
        "（一）",
        "(七)",
        "一、",
        "一",
        "三",
        "十",
        "七",
        "其他",
        "总计",
        "规章",
        "予以公开",
        "3.其他",
        "2023年",
        "第二十条第（一）项",
        "0（七）",
        "结果",
        "自然人",
        "件",
        "（二）部分公开",
        "部分公开（区分处理的，只计这一情形，不计其他情形）" * 3,
        "没有",
        "1.属于国家秘密",
        ".",
    ],
)
def test_labels_and_their_numerals_are_not_value_like(text):
    assert not is_value_like(text)


# --- marks of footnotes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "before"),
    [
        ("5[1]", "[1]"),
        ("5①", "①"),
        ("5⑳", "⑳"),
        ("5*", "*"),
        ("5**", "**"),
        ("5＊", "＊"),
        ("5†", "†"),
        ("5 [1]", "[1]"),
        ("5［１］", "［１］"),
        ("5[①]", "[①]"),
        ("5[注1]", "[注1]"),
        ("5[1][2]", "[1][2]"),
    ],
)
@pytest.mark.parametrize("kind", ["integer", "signed", "decimal"])
def test_a_footnote_mark_behind_a_number_is_taken_off_and_told(raw, before, kind):
    reading = read_number(raw, kind)
    assert (reading.value, reading.state) == (5, State.REPORTED)
    assert [(r.kind, r.before, r.after) for r in reading.repairs] == [("footnote_mark", before, "")]
    assert apply_repairs(raw, reading.repairs).strip() == "5"
    assert is_value_like(raw)


@pytest.mark.parametrize(
    ("raw", "kind", "value", "unit"),
    [
        ("1,234[1]", "integer", 1234, None),
        ("12.5[2]", "decimal", Decimal("12.5"), None),
        ("-18*", "signed", -18, None),
        ("5件[1]", "integer", 5, "件"),
        ("5[1]件", "integer", 5, "件"),
        ("０①", "integer", 0, None),
    ],
)
def test_footnote_marks_stand_beside_signs_units_and_separators(raw, kind, value, unit):
    reading = read_number(raw, kind)
    assert (reading.value, reading.unit) == (value, unit)
    assert is_value_like(raw)


@pytest.mark.parametrize(
    "raw", ["5[1]6", "5①6", "5*6", "[1]6", "[1]", "①", "*", "5[", "5[]", "5[1", "5(1)", "00[1]",
            "一[1]", "一①", "5[123456789]", "5[a]"]
)  # fmt: skip
def test_digits_around_a_mark_and_marks_alone_are_no_number(raw):
    assert read_number(raw).state is State.UNREADABLE
    assert read_number(raw).value is None


def test_a_number_gone_wrong_around_a_mark_is_no_label_and_a_mark_alone_is_no_value():
    assert is_value_like("5[1]6")
    assert not is_value_like("[1]")
    assert not is_value_like("①")


@pytest.mark.parametrize(
    "raw", ["3（减少）", "3（较上年减少）", "12（减少3）", "3（取消3项）", "３（增加）"]
)
def test_a_note_that_tells_the_direction_of_a_change_is_no_mere_note(raw):
    """3（减少） is -3: as 3 it would be the opposite of what the report says."""
    reading = read_number(raw, "signed")
    assert (reading.value, reading.state) == (None, State.UNREADABLE)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("-3（减少3项）", -3), ("减3（取消3项）", -3), ("0（无增减）", 0), ("3（含转入）", 3)],
)
def test_a_change_with_its_own_sign_keeps_its_note(raw, value):
    assert read_number(raw, "signed").value == value


def test_a_note_on_changes_is_a_note_where_numbers_have_no_sign():
    assert read_number("12（较上年减少3）").value == 12


@pytest.mark.parametrize("unit", ["万元", "亿元", "元"])
def test_a_unit_of_money_behind_a_count_is_no_note(unit):
    for left, right in ("()", "（）"):
        reading = read_number(f"12{left}{unit}{right}")
        assert (reading.value, reading.state) == (None, State.UNREADABLE)
    assert read_number(f"12（其中{unit}）").note == f"其中{unit}"


def test_a_note_ends_where_its_bracket_does():
    raw = "12（含转办\u200b）"
    reading = read_number(raw)
    assert (reading.value, reading.note) == (12, "含转办\u200b")
    (repair,) = reading.repairs
    assert (repair.kind, raw[repair.start : repair.end]) == ("note", "（含转办\u200b）")
