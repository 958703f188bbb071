"""``describe_organ``: expected codes are those of GB/T 2260, looked up by hand."""

from __future__ import annotations

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.organs import describe_organ


def code(name: str | None, year: int | None = 2023, **more: object) -> str | None:
    return describe_organ(name, year=year, **more).division_code  # type: ignore[arg-type]


def codes(name: str | None, year: int | None = 2023, **more: object) -> list[str]:
    info = describe_organ(name, year=year, **more)  # type: ignore[arg-type]
    assert info.division_code is None
    return [c for c, _ in info.candidates]


def found(name: str | None, year: int | None = 2023, **more: object) -> list[str]:
    info = describe_organ(name, year=year, **more)  # type: ignore[arg-type]
    return [f.code for f in info.findings]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("安徽省池州市石台县交通运输局", "341722"),
        ("池州市石台县交通运输局", "341722"),
        ("池州石台县交通运输局", "341722"),
        ("石台县财政局", "341722"),
        ("石台县", "341722"),
        ("石台财政局", "341722"),
        ("石臺縣財政局", "341722"),
        (" 石台县　财政局 ", "341722"),
        ("2023年石台县财政局", "341722"),
        ("国家税务总局石台县税务局", "341722"),
        ("中共石台县委办公室", "341722"),
        ("石台县人民医院", "341722"),
        ("石台县市场监督管理局", "341722"),
        ("石台县城市管理综合行政执法局", "341722"),
        ("石台县乡村振兴局", "341722"),
        ("石台县仁里镇人民政府", "341722"),
        ("池州市人民政府", "341700"),
        ("池州财政局", "341700"),
        ("安徽省财政厅", "340000"),
        ("财政部安徽监管局", "340000"),
        ("河南省财政厅", "410000"),
        ("河南财政厅", "410000"),
        ("河南县财政局", "632324"),
        ("北京市朝阳区教育局", "110105"),
        ("上海市浦东新区人民政府", "310115"),
        ("上海市公安局黄浦分局", "310101"),
        ("池州市生态环境局石台分局", "341722"),
        ("内蒙古自治区科尔沁左翼中旗人民政府", "150521"),
        ("科左中旗财政局", "150521"),
        ("景宁畲族自治县财政局", "331127"),
        ("景宁县财政局", "331127"),
        ("恩施州财政局", "422800"),
        ("恩施土家族苗族自治州恩施市财政局", "422801"),
        ("新疆昌吉州昌吉市财政局", "652301"),
        ("新疆维吾尔自治区财政厅", "650000"),
        ("广西南宁市横州市人民政府", "450181"),
        ("海南藏族自治州共和县人民政府", "632521"),
        ("乌海市海南区财政局", "150303"),
        ("济源市财政局", "419001"),
        ("神农架林区人民政府", "429021"),
        ("东莞市虎门镇人民政府", "441900"),
        ("攀枝花市东区财政局", "510402"),
        ("湖北省公安厅", "420000"),
        ("荆州市公安交通警察支队", "421000"),
        ("荆州市公安县公安局", "421022"),
        ("原平市财政局", "140981"),
        ("原石台县财政局", "341722"),
        ("驻马店市财政局", "411700"),
        ("乾县人民政府", "610424"),
        ("吉林市船营区财政局", "220204"),
        ("伊春市友好区财政局", "230719"),
    ],
)
def test_a_name_that_is_certain_gives_its_code(name: str, expected: str) -> None:
    assert code(name) == expected


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("鼓楼区财政局", {"320106", "320302", "350102", "410204"}),
        ("江苏省鼓楼区财政局", {"320106", "320302"}),
        ("吉林财政局", {"220000", "220200"}),
        ("朝阳财政局", {"110105", "211300", "211321", "220104"}),
        ("东区财政局", {"510402"}),
        ("东湖财政局", {"360102"}),
    ],
)
def test_a_name_of_several_places_gives_none_and_lists_them(
    name: str, candidates: set[str]
) -> None:
    assert set(codes(name)) == candidates
    assert found(name) == ["division_unsure"]


@pytest.mark.parametrize(
    "name",
    [
        "池州市高新技术产业开发区管委会",
        "石台县经济开发区管理委员会",
        "苏州工业园区管理委员会",
        "南京江北新区管理委员会",
        "浙江省杭州市西湖风景名胜区管委会",
        "西咸新区沣东新城管委会",
        "新疆生产建设兵团第八师石河子市",
        "池州市殷汇镇人民政府",
        "池州市沙洲县财政局",
        "青溪县人民政府",
        "江苏省南通监狱",
        "西区街道办事处",
        "安徽大学",
        "财政局",
        "我局",
        "镇人民政府",
        "杭州市税务局第一税务分局",
        "",
        None,
        "。，",
        "市" * 300,
    ],
)
def test_zones_unknown_places_and_names_without_place_give_none(name: str | None) -> None:
    assert code(name) is None


@pytest.mark.parametrize(
    ("name", "level", "kind"),
    [
        ("教育部", "central", "department"),
        ("国家税务总局", "central", "department"),
        ("国务院办公厅", "central", "department"),
        ("安徽省人民政府", "province", "government"),
        ("安徽省财政厅", "province", "department"),
        ("上海市人民政府", "province", "government"),
        ("池州市人民政府", "prefecture", "government"),
        ("池州市财政局", "prefecture", "department"),
        ("石台县人民政府", "county", "government"),
        ("石台县", "county", "government"),
        ("石台县人民政府办公室", "county", "department"),
        ("石台县卫生健康委员会", "county", "department"),
        ("石台县人民医院", "county", "public_institution"),
        ("石台县图书馆", "county", "public_institution"),
        ("石台县供水有限公司", "county", "other"),
        ("石台县残疾人联合会", "county", "other"),
        ("石台县仁里镇人民政府", "township", "town_or_street"),
        ("仁里镇人民政府", "township", "town_or_street"),
        ("北京市东城区景山街道办事处", "township", "town_or_street"),
        ("西乌珠穆沁旗吉仁高勒苏木人民政府", "township", "town_or_street"),
        ("石台县乡镇企业局", "county", "department"),
        ("鼓楼区财政局", "county", "department"),
        ("池州市经济技术开发区管委会", "unknown", "government"),
        ("青溪县人民政府", "county", "government"),
        ("财政局", "unknown", "department"),
    ],
)
def test_level_and_kind(name: str, level: str, kind: str) -> None:
    info = describe_organ(name, year=2023)
    assert (info.level, info.kind) == (level, kind)


def test_names_of_the_places_above_are_given() -> None:
    info = describe_organ("石台县财政局", year=2023)
    assert (info.province, info.prefecture, info.county) == ("安徽省", "池州市", "石台县")
    assert info.division_name == "石台县"
    assert info.division_source == "organ"
    assert info.name == info.normalised == "石台县财政局"
    above = describe_organ("重庆市渝中区", year=2023)
    assert (above.province, above.prefecture, above.county) == ("重庆市", None, "渝中区")


# -- years -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("江东区教育局", 2015, "330204"),
        ("江东区教育局", 2016, "330204"),
        ("江东区教育局", 2017, None),
        ("鄞州区教育局", 2017, "330212"),
        ("无为县人民政府", 2018, "340225"),
        ("无为市人民政府", 2020, "340281"),
        ("无为市人民政府", 2018, None),
        ("三元区财政局", 2020, "350403"),
        ("三元区财政局", 2021, "350404"),
        ("三元区财政局", 2024, "350404"),
        ("崇川区财政局", 2018, "320602"),
        ("崇川区财政局", 2020, "320613"),
        ("公主岭市财政局", 2018, "220381"),
        ("公主岭市财政局", 2021, "220184"),
        ("庐江县财政局", 2009, "341421"),
        ("庐江县财政局", 2012, "340124"),
        ("巢湖市财政局", 2009, "341400"),
        ("巢湖市财政局", 2012, "340181"),
        ("襄樊市财政局", 2009, "420600"),
        ("襄阳市财政局", 2011, "420600"),
        ("余杭区财政局", 2023, "330110"),
        ("临平区财政局", 2023, "330113"),
        ("临平区财政局", 2019, None),
        ("石台县财政局", 2030, "341722"),
        ("石台县财政局", 2001, "341722"),
    ],
)
def test_the_code_is_the_one_of_the_year(name: str, year: int, expected: str | None) -> None:
    assert code(name, year) == expected


def test_a_place_that_is_gone_is_named_and_the_finding_says_so() -> None:
    info = describe_organ("江东区教育局", year=2017)
    assert info.candidates == (("330204", "浙江省宁波市江东区"),)
    assert [f.code for f in info.findings] == ["division_not_valid_in_year"]


def test_a_code_whose_first_year_is_uncertain_says_so() -> None:
    info = describe_organ("临淮县财政局", year=2019)
    assert info.division_code is None
    info = describe_organ("无为市人民政府", year=2019)
    assert info.division_code == "340281"
    assert [f.code for f in info.findings] == ["division_unsure"]


def test_an_old_name_is_not_given_where_its_end_is_uncertain() -> None:
    # 邢台县 became part of two districts between the lists of 2019-10 and 2020-06 or 2020-12.
    assert code("邢台县财政局", 2019) == "130521"
    info = describe_organ("邢台县财政局", year=2021)
    assert info.division_code is None


def test_without_a_year_a_code_is_given_only_if_history_knows_no_other() -> None:
    assert code("石台县财政局", None) == "341722"
    assert set(codes("三元区财政局", None)) == {"350403", "350404"}


# -- what stands beside the name -------------------------------------------------------------------


def test_the_callers_code_wins_and_a_conflict_is_noted() -> None:
    info = describe_organ("石台县财政局", year=2023, caller_code="341721", site_code="3417220001")
    assert (info.division_code, info.division_source) == ("341721", "caller")
    assert [f.code for f in info.findings] == ["division_conflict"]


@pytest.mark.parametrize("bad", ["", "34172", "34172a", "３４１７２２", "3417220"])
def test_a_callers_code_that_is_not_six_digits_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        describe_organ("石台县财政局", year=2023, caller_code=bad)


def test_a_callers_code_of_another_time_is_kept_and_noted() -> None:
    info = describe_organ(None, year=2020, caller_code="330204")
    assert info.division_code == "330204"
    assert [f.code for f in info.findings] == ["division_not_valid_in_year"]


def test_the_site_code_is_the_first_key_where_names_agree() -> None:
    info = describe_organ("石台县财政局", year=2023, site_code="3417220001")
    assert (info.division_code, info.division_source) == ("341722", "site_code")
    assert not info.findings


def test_a_county_organ_on_its_prefectures_site_keeps_the_countys_code() -> None:
    info = describe_organ("石台县财政局", year=2023, site_code="3417000052")
    assert (info.division_code, info.division_source) == ("341722", "organ")


def test_site_code_and_name_that_disagree_give_none() -> None:
    assert codes("石台县财政局", site_code="3304020001") == ["341722", "330402"]
    assert found("石台县财政局", site_code="3304020001") == ["division_conflict"]
    # A prefecture's organ on a county's site disagrees as well.
    assert codes("池州市财政局", site_code="3417220001") == ["341700", "341722"]


@pytest.mark.parametrize(
    "site", ["政府网站标识码", "bm29000001", "", "1234567890", "34172", "0000000000"]
)
def test_placeholders_of_the_site_code_say_nothing(site: str) -> None:
    assert code("石台县财政局", site_code=site) == "341722"
    assert code("财政局", site_code=site) is None


def test_the_site_code_serves_organs_whose_name_holds_no_place() -> None:
    assert code("财政局", site_code="3417220001") == "341722"
    assert code("仁里镇人民政府", site_code="3417220001") == "341722"
    assert code(None, site_code="3417220001") == "341722"
    assert codes("仁里镇人民政府", site_code="3417000001") == ["341700"]


@pytest.mark.parametrize(
    "name",
    [
        "青溪县民政局",
        "青溪市民政局",
        "青溪市民族宗教事务局",
        "青溪市政务服务局",
        "青溪县乡村振兴局",
        "青溪县城市管理局",
        "青溪县城乡规划局",
        "青溪市城市管理局",
        "青都市财政局",
        "青溪区社区建设办公室",
        "青溪市市场监督管理局",
        "青溪县县级储备粮管理中心",
        "青溪市政府",
        "青溪财政局",
        "青溪大学",
    ],
)
def test_an_unknown_place_never_takes_the_sites_code(name: str) -> None:
    assert code(name, site_code="3417220001") is None


@pytest.mark.parametrize(
    "name",
    [
        "财政局",
        "县财政局",
        "区教育体育局",
        "市场监督管理局",
        "城市管理局",
        "乡村振兴局",
        "政府办公室",
        "人民政府办公室",
        "民政局",
        "民族宗教事务局",
        "政务服务管理局",
        "住房和城乡建设局",
    ],
)
def test_an_organ_without_place_takes_the_sites_code(name: str) -> None:
    assert code(name, site_code="3417220001") == "341722"


def test_a_place_that_is_not_in_the_table_contradicts_the_site_code() -> None:
    assert codes("青溪县人民政府", site_code="3417220001") == []
    assert found("青溪县人民政府", site_code="3417220001") == []
    # A zone has no code, but may well lie where the site is.
    assert codes("高新区财政局", site_code="3417000001") == ["341700"]
    assert found("高新区财政局", site_code="3417000001") == ["division_unsure"]


def test_a_site_code_of_today_is_read_back_to_the_years_code() -> None:
    # 三元区 was 350403 until 2021.
    assert code("财政局", 2019, site_code="3504040001") == "350403"
    # 临平区 was cut out of 余杭区 in 2021: no code of 2019 follows from it.
    assert codes("财政局", 2019, site_code="3301130001") == ["330113"]
    assert found("财政局", 2019, site_code="3301130001") == ["division_not_valid_in_year"]
    assert code("余杭区财政局", 2019, site_code="3301130001") == "330110"


@pytest.mark.parametrize(
    ("more", "expected", "source"),
    [
        ({"site_code": "3501020003"}, "350102", "site_code"),
        ({"site_code": "3501000003"}, "350102", "site_code"),
        ({"title": "福州市鼓楼区财政局2023年政府信息公开工作年度报告"}, "350102", "title"),
        ({"url": "http://example.gov.cn/x.jsp?area=320302&fbtime=2023"}, "320302", "url"),
        ({"metadata": {"发布机构": "徐州市鼓楼区财政局"}}, "320302", "metadata"),
        ({"metadata": {"索引号": "11320302014068370Q/2024-00017"}}, "320302", "metadata"),
        ({"texts": ["地址：江苏省徐州市鼓楼区中山北路"]}, "320302", "text"),
    ],
)
def test_what_stands_beside_tells_places_of_one_name_apart(
    more: dict[str, object], expected: str, source: str
) -> None:
    info = describe_organ("鼓楼区财政局", year=2023, **more)  # type: ignore[arg-type]
    assert (info.division_code, info.division_source) == (expected, source)


def test_evidence_that_disagrees_tells_nothing_apart() -> None:
    more = {"site_code": "3501020003", "metadata": {"发布机构": "徐州市鼓楼区财政局"}}
    assert len(codes("鼓楼区财政局", **more)) == 4
    assert found("鼓楼区财政局", **more) == ["division_conflict"]
    assert len(codes("鼓楼区财政局", texts=["徐州市鼓楼区与南京市鼓楼区"])) == 4


def test_the_title_serves_where_the_organ_names_no_place() -> None:
    title = "石台县2023年政府信息公开工作年度报告"
    info = describe_organ("财政局", year=2023, title=title)
    assert (info.division_code, info.division_source) == ("341722", "title")
    assert code(None, title="2023年政府信息公开工作年度报告") is None


def test_organ_and_title_of_different_places_give_none() -> None:
    assert codes("石台县财政局", title="衢州市衢江区财政局2023年度报告") == ["341722", "330803"]


def test_a_number_beside_the_report_alone_is_no_proof() -> None:
    assert codes("财政局", url="http://example.gov.cn/x.jsp?area=341722") == ["341722"]


def test_a_number_beside_the_report_that_differs_from_the_site_gives_none() -> None:
    more = {"metadata": {"索引号": "11341722003283914N/202401-00012"}}
    assert code("财政局", site_code="3417220001", **more) == "341722"
    assert codes("财政局", site_code="3417000001", **more) == ["341700", "341722"]
    assert codes("财政局", site_code="3304020001", **more) == ["330402", "341722"]


def test_broken_addresses_and_metadata_do_no_harm() -> None:
    assert code("石台县财政局", url="http://[broken?area=1", metadata={"索引号": "/"}) == "341722"


def test_the_answer_is_plain_data() -> None:
    out = describe_organ("鼓楼区财政局", year=2023).to_dict()
    assert out["candidates"][0] == {"code": "320106", "name": "江苏省南京市鼓楼区"}
    assert out["division_code"] is None
    assert out["findings"][0]["code"] == "division_unsure"
