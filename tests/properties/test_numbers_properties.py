"""Round trips: every accepted writing of a number gives that number; nothing else gives one."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.numbers import apply_repairs, is_value_like, read_number, to_wan_yuan
from govreport_parse.values import State

counts = st.one_of(
    st.integers(0, 99),
    st.integers(0, 10**6),
    st.integers(0, 10**18 - 1),
)
KINDS = ("integer", "signed", "decimal")
WIDE = str.maketrans("0123456789,.+-", "０１２３４５６７８９，．＋－")


def chinese(value: int) -> str:
    """Standard writing by the schoolbook rule: zeros at the end of a group of four are silent."""
    groups = re.findall("[0-9]{4}", f"{value:012d}")
    text = ""
    for group, unit in zip(groups, ("亿", "万", ""), strict=True):
        spoken = "".join(
            "零一二三四五六七八九"[int(d)] + u
            for d, u in zip(group, ("千", "百", "十", ""), strict=True)
        )
        spoken = re.sub("零[千百十]?", "零", spoken)
        spoken = re.sub("零+", "零", spoken).rstrip("零")
        text += spoken + unit if spoken else "零"
    return re.sub("零+", "零", text).strip("零") or "零"


def writings(n: int) -> list[str]:
    grouped = f"{n:,}"
    return [
        str(n),
        f"  {n}\t",
        f"\u3000{n}\xa0",
        f"&nbsp;{n}&nbsp;",
        f"\ufeff{n}\u200b",
        str(n).translate(WIDE),
        grouped,
        grouped.replace(",", "，"),
        grouped.translate(WIDE),
        grouped.replace(",", " "),
        grouped.replace(",", "\xa0"),
        grouped.replace(",", "&nbsp;"),
        f"{n}.0",
        f"{grouped}.00",
        f"{n}（其中修订16件）",
    ]


@given(counts)
def test_every_writing_of_a_count_reads_as_that_count(n):
    for raw in writings(n):
        for kind in KINDS:
            reading = read_number(raw, kind)
            assert (reading.state, reading.value) == (State.REPORTED, n), (raw, kind)
    for unit in "件项个条次宗":
        assert read_number(f"{n} {unit}")[:3] == (n, State.REPORTED, unit)


@given(counts)
def test_repairs_are_edits_that_leave_the_plain_number(n):
    for raw in writings(n):
        repairs = read_number(raw).repairs
        assert all(raw[r.start : r.end] == r.before for r in repairs)
        assert all(a.end <= b.start for a, b in itertools.pairwise(repairs))
        assert apply_repairs(raw, repairs).strip() == str(n)


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_every_writing_of_a_change_reads_as_that_change(n):
    sign, size = ("-", -n) if n < 0 else ("+", n)
    words = ("减", "减少", "減少") if n < 0 else ("增", "增加")
    signs = ("-", "－", "−", "–") if n < 0 else ("+", "＋")
    for raw in [f"{s}{size}" for s in (*signs, *words)] + [f"{sign}{size:,}", f"{sign} {size}项"]:
        assert read_number(raw, "signed")[:2] == (n, State.REPORTED), raw
        assert read_number(raw, "integer").state is State.UNREADABLE, raw
        assert read_number(raw, "decimal").state is State.UNREADABLE, raw


@given(st.integers(0, 10**12 - 1))
def test_standard_chinese_numerals_read_as_their_value(n):
    written = chinese(n)
    expected = (State.UNREADABLE, None) if written == "一" else (State.REPORTED, n)
    for raw in {written, written.replace("零", "〇"), written.removeprefix("一") or written}:
        if raw != written and "〇" not in raw and not written.startswith("一十"):
            continue
        reading = read_number(raw)
        assert (reading.state, reading.value) == expected, raw


@given(st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=6))
def test_amounts_keep_every_digit_and_convert_exactly(value):
    for unit, factor in (("元", 10_000), ("万元", 1), ("亿元", Decimal("0.0001"))):
        reading = read_number(f"{value}{unit}", "decimal")
        assert str(reading.value) == str(value)
        assert reading.unit == unit
        assert isinstance(reading.value, Decimal)
        wan = to_wan_yuan(reading.value, reading.unit)
        assert wan is not None
        assert wan * factor == value


@pytest.mark.parametrize("kind", KINDS)
@given(st.text(alphabet=" \t\n\r\xa0\u2002\u2003\u3000\u200b\u200c\ufeff\u2009"))
def test_white_space_is_blank_and_never_zero(kind, text):
    reading = read_number(text, kind)
    assert (reading.state, reading.value) == (State.BLANK, None)
    assert is_value_like(text)


texts = st.one_of(
    st.text(),
    st.text(alphabet="0123456789０１２,，.． \xa0-－—+/?件元万（）()增减一二十百零〇两无&nbsp;²٣O"),
)


@settings(max_examples=400)
@given(texts, st.sampled_from(KINDS), st.booleans())
def test_no_text_raises_and_only_reported_cells_have_a_value(text, kind, mirror):
    reading = read_number(text, kind, mirror=mirror)
    assert (reading.value is not None) == (reading.state is State.REPORTED)
    assert all(text[r.start : r.end] == r.before for r in reading.repairs)
    if reading.state is State.REPORTED:
        assert kind == "signed" or reading.value >= 0
        assert abs(reading.value) < 10**18
        assert mirror or is_value_like(text) or text.strip() in "二三四五六七八九十"


@given(st.text(alphabet="0123456789", min_size=2, max_size=40))
def test_digits_with_a_leading_zero_or_too_many_of_them_are_never_a_number(digits):
    reading = read_number(digits)
    if digits[0] == "0" or len(digits) > 18:
        assert reading.state is State.UNREADABLE
    else:
        assert reading.value == int(digits)


@given(counts, counts)
def test_two_numbers_in_one_cell_are_never_read_as_one(a, b):
    for glue in ("\n", "  ", "/", "、", "；", ";", "；"):
        assert read_number(f"{a}{glue}{b}").state is State.UNREADABLE
