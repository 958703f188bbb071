"""All county-level names in title form: the right code, or none with candidates; never another.

The expected codes come from the rows of the table file, read here by hand; a name is right in a
year only with the code that the row of that year gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import resources

import pytest

from govreport_parse.organs import describe_organ

FILE = resources.files("govreport_parse") / "data" / "divisions.tsv"
YEARS = (2009, 2013, 2016, 2018, 2019, 2020, 2021, 2022, 2023, 2024)
DEPARTMENTS = """
财政局 教育体育局 公安局 民族宗教事务委员会 市场监督管理局 城市管理综合行政执法局 乡村振兴局
住房和城乡建设局 区域合作办公室 社区建设办公室 县级储备粮管理中心 人民政府办公室 交通运输局
应急管理局 发展和改革委员会 公安交通警察支队 新型城镇化建设办公室 人民检察院 图书馆
""".split()  # noqa: SIM905


def names_in(year: int) -> dict[str, str]:
    """Code to name, of the rows certain at the end of the year."""
    out = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or line[4] == "7":
            continue
        code, name, begins, *ends = line.split("\t")
        if int(begins[-4:]) <= year and (not ends or year < int(ends[0][:4])):
            out[code] = name
    return out


def forms(province: str, prefecture: str, county: str) -> Iterator[tuple[str, str]]:
    above = prefecture or province
    yield "<省><市><县>交通运输局", f"{province}{prefecture}{county}交通运输局"
    yield "<省><市><县>人民政府", f"{province}{prefecture}{county}人民政府"
    yield "<市><县>市场监督管理局", f"{above}{county}市场监督管理局"
    yield "<市><县>", f"{above}{county}"
    yield "<省><县>教育局", f"{province}{county}教育局"
    yield "<县>人民政府", f"{county}人民政府"
    yield "<县>财政局", f"{county}财政局"
    yield "<县>卫生健康委员会", f"{county}卫生健康委员会"
    yield "<县>XX镇人民政府", f"{county}石桥镇人民政府"
    yield "<县>XX街道办事处", f"{county}南关街道办事处"
    yield "国家税务总局<县>税务局", f"国家税务总局{county}税务局"


def strange_forms(province: str, prefecture: str, county: str) -> Iterator[str]:
    """Names with marks, white space, zones, streets: the right code or none will do."""
    above = prefecture or province
    yield f"{province} {prefecture}　{county} 财政局"
    yield f"（{above}）{county}水利局"
    yield f"{above}（{county}）水利局"
    yield f"{above}·{county}水利局"
    yield f"{above}-{county}城市管理局"
    yield f"【{above}】{county}公安局"
    yield f"{above}、{county}住房保障中心"
    yield f"{county}经济开发区管理委员会"
    yield f"{above}{county}高新技术产业开发区管理委员会"
    yield f"{above}{county}朝阳街道办事处"
    yield f"{county}鼓楼街道办事处"
    yield f"{above}{county}新华镇人民政府"
    yield f"{county.removesuffix('区').removesuffix('县')}经济技术开发区管委会"
    yield f"{county}第一中学"


@pytest.mark.parametrize("year", [2013, 2020, 2024])
def test_no_county_name_in_a_strange_form_gives_a_wrong_code(year: int) -> None:
    names = names_in(year)
    wrong = []
    for code, county in names.items():
        if code.endswith("00"):
            continue
        province = names[code[:2] + "0000"]
        city = code[:2] in ("11", "12", "31", "50")
        prefecture = "" if city else names.get(code[:4] + "00", "")
        for text in strange_forms(province, prefecture, county):
            found = describe_organ(text, year=year).division_code
            if found not in (code, None):
                wrong.append((text, code, found))
    assert wrong == []


@pytest.mark.parametrize("year", YEARS)
def test_no_county_name_of_the_year_gives_a_wrong_code(year: int) -> None:
    names = names_in(year)
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[tuple[str, str, str]] = []
    lost: list[str] = []
    for code, county in names.items():
        if code.endswith("00"):
            continue
        province = names[code[:2] + "0000"]
        city = code[:2] in ("11", "12", "31", "50")
        prefecture = "" if city else names.get(code[:4] + "00", "")
        for form, text in forms(province, prefecture, county):
            info = describe_organ(text, year=year)
            asked[form] += 1
            if info.division_code == code:
                right[form] += 1
            elif info.division_code is not None:
                wrong.append((text, code, info.division_code))
            elif code not in dict(info.candidates):
                lost.append(text)
    shares = {form: right[form] / n for form, n in asked.items()}
    print(year, {form: f"{share:.4f}" for form, share in shares.items()})
    assert not wrong
    assert not lost
    assert min(shares["<省><市><县>交通运输局"], shares["<市><县>市场监督管理局"]) > 0.995
    assert min(shares.values()) > 0.95


def test_names_that_are_not_unique_are_about_those_that_the_guide_counts() -> None:
    names = names_in(2024)
    counts = Counter(n for c, n in names.items() if not c.endswith("00"))
    assert 25 <= sum(n > 1 for n in counts.values()) <= 32
    for name, n in counts.items():
        if n > 1:
            info = describe_organ(f"{name}财政局", year=2024)
            assert info.division_code is None
            assert len(info.candidates) == n


def test_departments_of_provinces_and_prefectures_keep_the_larger_place() -> None:
    for code, name in names_in(2023).items():
        if not code.endswith("00"):
            continue
        for department in DEPARTMENTS:
            info = describe_organ(name + department, year=2023)
            assert info.division_code == code, name + department


def test_names_that_are_gone_give_no_later_code() -> None:
    gone = set(names_in(2015).items()) - set(names_in(2024).items())
    now = names_in(2024)
    still = set(now.values())
    assert len(gone) > 150
    for _, name in gone:
        if name not in still:
            info = describe_organ(f"{name}人民政府", year=2024)
            assert info.division_code is None, name
