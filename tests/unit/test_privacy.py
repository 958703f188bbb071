"""Expected hits were worked out by hand; numbers are made up by this file's own generator.

The identity number 11010519491231002X is the example of GB 11643-1999 itself; the card number
4111 1111 1111 1111 and 6222 0212 3456 7890 128 were checked with Luhn's sum on paper.
"""

from __future__ import annotations

import datetime
import random
from itertools import pairwise

import pytest
from growth import assert_linear
from handmade import report
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.privacy import (
    PROVINCES,
    find_personal_data,
    mask,
    mask_text,
    personal_data_findings,
)
from govreport_parse.report import Section

TODAY = datetime.date(2026, 1, 1)
STANDARD = "11010519491231002X"


def check_digit(body: str) -> str:
    """ISO 7064 MOD 11-2, by the definition: powers of two modulo 11, not a table of weights."""
    total = sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body))
    value = (1 - total) % 11
    return "X" if value == 10 else str(value)


def identity_number(rng: random.Random) -> str:
    day = datetime.date(1900, 1, 1) + datetime.timedelta(rng.randrange(46_000))
    area = rng.choice(sorted(PROVINCES)) + f"{rng.randrange(10_000):04d}"
    body = area + day.strftime("%Y%m%d") + f"{rng.randrange(1000):03d}"
    return body + check_digit(body)


def kinds(text: str) -> list[str]:
    return [h.kind for h in find_personal_data(text, today=TODAY)]


# -- identity numbers ------------------------------------------------------------------------------


def test_the_generator_agrees_with_the_standards_example() -> None:
    assert check_digit(STANDARD[:17]) == "X"


def test_ten_thousand_identity_numbers_are_masked_in_every_writing() -> None:
    rng = random.Random(7)
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    lines = []
    for n in range(10_000):
        number = identity_number(rng)
        cut = rng.randrange(1, 17)
        forms = (
            number,
            number.translate(wide),
            " ".join(number),
            f"{number[:6]} {number[6:14]} {number[14:]}",
            f"{number[:6]}-{number[6:14]}-{number[14:]}",
            f"{number[:cut]}\u200b{number[cut:]}",
            f"{number[:cut]}\u3000{number[cut:]}",
            number.lower(),
            f"{number[:cut]}\n{number[cut:]}",
        )
        lines.append(f"居民甲（{forms[n % len(forms)]}）领取补助。")
    masked = mask("\n".join(lines), today=TODAY)
    assert masked.findings == {"id": 10_000}
    assert masked.text == "\n".join(["居民甲（〔ID〕）领取补助。"] * 10_000)


def test_random_strings_of_18_digits_are_rarely_taken_for_identity_numbers() -> None:
    # By arithmetic 35/100 provinces x 46,000 days/10^8 x 1/11 = 15 in a million.
    rng = random.Random(20_260_101)
    text = "，".join(f"{rng.randrange(10**18):018d}" for _ in range(1_000_000))
    assert len(find_personal_data(text, today=TODAY)) <= 20


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # check digit wrong (X is right)
        "11010519490231002X",  # 31 February
        "160105194912310029",  # no province 16
        "110105189912310028",  # before 1900
        "1101051949123100",  # 16 digits
        "3411010519491231002X",  # inside a longer number
    ],
)
def test_what_fails_one_test_is_no_identity_number(number: str) -> None:
    assert mask(f"编号{number}。", today=TODAY).text == f"编号{number}。"


def test_a_birth_date_after_today_is_none() -> None:
    body = "34172220260102001"
    number = body + check_digit(body)
    assert kinds(number) == []
    assert [h.kind for h in find_personal_data(number, today=datetime.date(2026, 1, 2))] == ["id"]


def test_old_numbers_of_15_digits_need_the_word_before_them() -> None:
    assert mask("身份证号：110105491231002。", today=TODAY).text == "身份证号：〔ID〕。"
    assert mask("证件（身 份 证）110105491231002", today=TODAY).text == "证件（身 份 证）〔ID〕"
    assert kinds("流水号110105491231002") == []
    assert kinds("身份证号：110105491331002") == []  # month 13


def test_lines_of_figures_are_no_identity_numbers() -> None:
    # 340000 1990 0101 0018-like runs do arise in flattened tables: small numbers, many zeros
    rng = random.Random(1)
    values = [0, 0, 0, 1, 2, 3, 12, 19, 199, 1990]
    lines = [" ".join(str(rng.choice(values)) for _ in range(30)) for _ in range(5_000)]
    hits = [line for line in lines if find_personal_data(line, today=TODAY)]
    assert len(hits) <= 5


def test_near_its_name_a_number_in_any_pieces_is_masked() -> None:
    number = "110 10 5 1949 123 1 00 2X"
    assert kinds(number) == []
    assert mask(f"身份证号 {number}。", today=TODAY).text == "身份证号 〔ID〕。"


def test_letters_around_an_identity_number_do_not_hide_it() -> None:
    assert mask(f"ID{STANDARD}x", today=TODAY).findings == {"id": 1}
    assert mask("11010519491231002×", today=TODAY).text == "〔ID〕"


# -- what stays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码：11341722003283374H",
        "91340100MA2N8XJ21X",
        "12341722486210345E，联系电话0566-6022233",
        "邮编245100，电话05666022233，传真0566—6022234",
        "国办函〔2020〕109号，索引号11341722003283374H/202301-00012",
        "2023年01月15日09时30分，全年公开信息1200条",
        "156 2345 1789 20 0 0 3 15",
        "13 0 0 0 0 0 13 13 0 0 0",
        "占比0.13800138000",
        "http://www.example.gov.cn/art/t_13812345678.html",
        "皖ICP备12345678901号-1，政府网站标识码3417220001",
    ],
)
def test_office_numbers_codes_and_figures_stay(text: str) -> None:
    assert mask(text, today=TODAY).text == text


def test_a_credit_code_that_is_a_valid_identity_number_too_is_told_by_its_name() -> None:
    assert kinds(f"统一社会信用代码：{STANDARD}") == []
    assert kinds(f"身份证：{STANDARD}") == ["id"]


# -- the other kinds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系人手机13812345678。", "联系人手机〔MOBILE〕。"),
        ("１３８１２３４５６７８", "〔MOBILE〕"),
        ("138-1234-5678", "〔MOBILE〕"),
        ("致电138 1234 5678。", "致电〔MOBILE〕。"),
        ("手机：1 3 8 1 2 3 4 5 6 7 8", "手机：〔MOBILE〕"),
        ("+86 13812345678", "〔MOBILE〕"),
        ("+86-138-1234-5678", "〔MOBILE〕"),
        ("8613812345678", "〔MOBILE〕"),
        ("13812345678/13912345678", "〔MOBILE〕/〔MOBILE〕"),
        ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "〔MOBILE〕"),
        ("12812345678", "12812345678"),
        ("138123456789", "138123456789"),
        ("账号：4111 1111 1111 1111。", "账号：〔CARD〕。"),
        ("银行卡号4111111111111111", "银行卡号〔CARD〕"),
        ("帳號：４１１１１１１１１１１１１１１１", "帳號：〔CARD〕"),
        ("账号：4111 1111 1111 1112。", "账号：4111 1111 1111 1112。"),
        ("流水4111111111111111", "流水4111111111111111"),
        ("账号4111111111111111T", "账号4111111111111111T"),
        ("邮箱：zhang.san-1@mail.example.com。", "邮箱：〔EMAIL〕。"),
        ("zhang＠example．com", "〔EMAIL〕"),
        ("13812345678@139.com", "〔EMAIL〕"),
        ("@所有人", "@所有人"),
        ("护照号E12345678", "护照号〔PASSPORT〕"),
        ("护照：EA1234567；", "护照：〔PASSPORT〕；"),
        ("编号E12345678", "编号E12345678"),
    ],
)
def test_each_kind(text: str, masked: str) -> None:
    assert mask(text, today=TODAY).text == masked


def test_counts_are_by_kind() -> None:
    text = f"张某（{STANDARD}，13812345678）、李某（13912345678）"
    assert mask(text, today=TODAY).findings == {"id": 1, "mobile": 2}
    assert mask(text, today=TODAY).total == 3


def test_places_are_those_of_the_text() -> None:
    text = "电话１３８ １２３４ ５６７８。"
    (hit,) = find_personal_data(text, today=TODAY)
    assert (hit.kind, text[hit.start : hit.end]) == ("mobile", "１３８ １２３４ ５６７８")


# -- keyed -----------------------------------------------------------------------------------------


def test_a_key_keeps_equal_values_equal_whatever_their_writing() -> None:
    text = "13812345678，138-1234-5678，+8613812345678，13912345678"
    first, second, third, other = mask(text, key=b"secret", today=TODAY).text.split("，")
    assert first == second == third != other
    assert first.startswith("〔MOBILE:")
    assert "138" not in first
    assert mask("13812345678", key=b"other", today=TODAY).text != first


def test_a_masked_text_stays_as_it_is() -> None:
    rng = random.Random(3)
    text = "、".join(identity_number(rng) for _ in range(200))
    once = mask(text, key=b"k", today=TODAY).text
    assert mask(once, key=b"k", today=TODAY) == mask(once, today=TODAY)
    assert mask(once, today=TODAY).text == once


def test_none_stays_none() -> None:
    assert mask_text(None) is None
    assert mask_text("无") == "无"


# -- reports ---------------------------------------------------------------------------------------


def test_findings_of_a_report_name_kind_and_count_but_no_value() -> None:
    made = report(
        sections=(
            Section("overview", "一、总体情况", "公开信息12条。"),
            Section("other_matters", "六、其他", f"张某{STANDARD}，电话13812345678、13912345678"),
        )
    )
    (found,) = personal_data_findings(made)
    assert found.code == "personal_data"
    assert dict(found.detail) == {"section": "other_matters", "id": 1, "mobile": 2}
    for part in (found.message, found.message_zh, repr(found.detail)):
        assert "1381234" not in part
        assert STANDARD not in part


# -- properties ------------------------------------------------------------------------------------

PROSE = st.text(alphabet="公开信息条件年月日，。（）、：一二三 \n", max_size=40)


@given(st.lists(PROSE, min_size=2, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_nothing_but_the_numbers_is_altered(parts: list[str], rng: random.Random) -> None:
    numbers = [identity_number(rng) for _ in parts[1:]]
    text, expected = parts[0], parts[0]
    for part, number in zip(parts[1:], numbers, strict=True):
        text += "号" + number + "号" + part
        expected += "号〔ID〕号" + part
    assert mask(text, today=TODAY).text == expected


@given(st.text(alphabet="0123456789 条件，。-/.|年\n", max_size=200))
@settings(max_examples=300, deadline=None)
def test_masking_is_idempotent_and_hits_lie_in_order(text: str) -> None:
    hits = find_personal_data(text, today=TODAY)
    assert all(a.end <= b.start for a, b in pairwise(hits))
    once = mask(text, today=TODAY).text
    assert mask(once, today=TODAY).text == once


@given(st.lists(st.integers(0, 9999), max_size=60))
@settings(max_examples=300, deadline=None)
def test_figures_between_words_stay(numbers: list[int]) -> None:
    text = "，".join(f"第{n}项{n}件" for n in numbers)
    assert mask(text, today=TODAY).text == text


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "1-", " ", "@", "a@", "X", "1X", "1\u200b", "护照E1234567", "12345 6789 "]
)
def test_time_is_linear(unit: str) -> None:
    assert_linear(lambda n: find_personal_data(unit * n, today=TODAY), 16_000)
