from __future__ import annotations

import datetime
import time

import pytest

from govreport_parse.matching.dates import find_dates, in_period, is_clock, parse_date

JAN_18 = datetime.date(2024, 1, 18)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-18",
        "2024/1/18",
        "2024.1.18",
        "2024.01.18",
        "2024年1月18日",
        "2024年01月18日",
        "2024年元月18日",
        "2024年一月十八日",
        "2024 年 1 月 18 日",
        "二〇二四年一月十八日",
        "二○二四年一月十八日",
        "二零二四年一月十八日",
        "二Ｏ二四年元月十八日",
        "二O二四年1月18日",
        "２０２４年１月１８日",
        "２０２４－０１－１８",
        "２０２４／１／１８",
        "2024-01-18 10:30:00",
        "2024-01-18T10:30:00",
        "20240118",
        "发布时间：2024-01-18 10:30 来源：县教育局",
        "2024年1月18號",
    ],
)
def test_every_way_of_writing_the_day_is_read(text: str) -> None:
    assert parse_date(text) == JAN_18


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇二三年十月十日", (2023, 10, 10)),
        ("二〇二三年十二月三十一日", (2023, 12, 31)),
        ("二〇二三年十一月二十日", (2023, 11, 20)),
        ("二〇二三年三月廿九日", (2023, 3, 29)),
        ("二〇二三年五月卅日", (2023, 5, 30)),
        ("一九九九年五月一日", (1999, 5, 1)),
        ("2024-02-29", (2024, 2, 29)),
    ],
)
def test_chinese_numerals_count_as_people_count(text: str, day: tuple[int, int, int]) -> None:
    assert parse_date(text) == datetime.date(*day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有日期",
        "202111日至1231日",
        "2021926",
        "〔202130号",
        "2021年926日",
        "2024年1月",
        "2024年1月18",
        "2023-02-29",
        "2023年13月1日",
        "2023年4月31日",
        "2023.0.5",
        "20231340",
        "120240118",
        "202401180",
        "2024-01-181",
        "2024-1/18",
        "1.2024.1.18",
        "2024.1.18.5",
        "二〇二四年一十月一日",
        "二〇二四年一月十十日",
        "二〇二四年零月一日",
        "一一一一年一月一日",
        "2024²-01-18",
        "٢٠٢٤-٠١-١٨",
    ],
)
def test_what_is_no_whole_and_real_date_gives_nothing(text: str) -> None:
    assert find_dates(text) == []
    assert parse_date(text) is None


def test_places_are_those_of_the_raw_text() -> None:
    text = "自２０２３年１月１日起至2023年12月31日止"
    first, second = find_dates(text)
    assert (first.raw, text[first.start : first.end]) == (
        "２０２３年１月１日",
        "２０２３年１月１日",
    )
    assert second.raw == "2023年12月31日"
    assert (first.date, second.date) == (datetime.date(2023, 1, 1), datetime.date(2023, 12, 31))


def test_the_first_date_is_the_one_given() -> None:
    assert parse_date("2024-01-18 至 2024-02-01") == JAN_18


@pytest.mark.parametrize("attack", ["2024", "2024年", "二〇二四年", "2024-", "2024年 ", "一" * 3])
def test_time_grows_with_the_length_only(attack: str) -> None:
    text = attack * 20_000
    begin = time.process_time()
    find_dates(text)
    assert time.process_time() - begin < 2.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天是2026年11月24日 星期二", True),
        ("您好，今天是：2026年11月24日", True),
        ("现在是 2026-11-24 10:00", True),
        ("当前时间：2026-11-24", True),
        ("今日：2026年11月24日", True),
        ("来源：今日青石 2024-01-15", False),
        ("发布时间：2024-01-15", False),
    ],
)
def test_the_clock_of_a_page_is_told_from_a_date(text: str, expected: bool) -> None:
    assert is_clock(text, find_dates(text)[0]) is expected


@pytest.mark.parametrize(
    ("text", "before", "after", "expected"),
    [
        ("自2023年1月1日至20", "", "", True),
        ("2023年1月1日起", "", "", True),
        ("统计至2023年12月31日止", "", "", True),
        ("截至2023年12月31日", "", "", True),
        ("2023年12月31日", "统计期限自2023年1月1日至", "", True),
        ("2023年1月1日", "", "至2023年12月31日", True),
        ("2024年1月15日", "青石县林业局", "起草单位：办公室", False),
        ("2024-01-15 来源：青石县林业局", "信息来自", "", False),
        ("青石县林业局2024年1月15日", "", "", False),
    ],
)
def test_an_end_of_a_period_is_told_from_a_date(
    text: str, before: str, after: str, expected: bool
) -> None:
    assert in_period(text, find_dates(text)[0], before, after) is expected
