"""The words around a place in an organ's name: what precedes it, what follows it, what it is."""

from __future__ import annotations

import re

from govreport_parse.organs.info import Kind

# -- before the place ------------------------------------------------------------------------------

_SYSTEMS = """
中华人民共和国 国家税务总局 国家统计局 国家金融监督管理总局 国家矿山安全监察局 国家能源局
国家邮政局 国家粮食和物资储备局 国家烟草专卖局 国家外汇管理局 国家海洋局 国家档案局
中国银行保险监督管理委员会 中国银行业监督管理委员会 中国证券监督管理委员会
中国保险监督管理委员会 中国人民银行 中国气象局 中国地震局 中国民用航空局
中国银保监会 中国证监会 中国银监会 中国保监会 中国共产党 中共 共青团 人民银行 财政部 审计署
水利部 自然资源部 生态环境部 商务部 工业和信息化部 交通运输部 农业农村部 公安部
"""
SYSTEMS = tuple(sorted(_SYSTEMS.split(), key=len, reverse=True))
"""Bodies with branches, whose names stand before the place."""

_LEADS = frozenset("关《【[(\"'12")
_LEADING = re.compile(r"^(?:关于|[《【\[(\"']+|(?:19|20)[0-9]{2}年?度?)+")


def without_lead(name: str) -> str:
    """The name without a year, a quotation mark or the like before it."""
    if name[:1] not in _LEADS:
        return name
    match = _LEADING.match(name)
    return name[match.end() :] if match else name


def system_of(name: str) -> str:
    """The body whose branch the organ is, or nothing."""
    if not name.startswith(SYSTEMS):
        return ""
    return next(s for s in SYSTEMS if name.startswith(s))


# -- after the place -------------------------------------------------------------------------------

_FIELD_WORDS = """
财政 教育 体育 教体 科学技术 科技 民政 司法 公安 国家安全 人力资源 人社 人事 劳动 自然资源
国土资源 生态环境 环境保护 环保 住房 住建 城乡 城市管理 城管 城建 规划 建设 交通 公路
水利 水务 农业 农牧 农林 农村 畜牧 林业 林草 渔业 海洋 商务 商业 文化 文旅 旅游 文体 文物
卫生 卫健 计划生育 人口 退役军人 应急 安全生产 审计 市场监督 市场监管 工商 质量技术 食品药品
药品监督 统计 医疗保障 医保 信访 扶贫 乡村振兴 发展和改革 发展改革 发改 经济 工业 工信
大数据 数据 政务服务 行政审批 行政服务 综合行政执法 综合执法 国有资产 国资 广播 民族 宗教
外事 侨务 机关事务 粮食 园林 招商 投资促进 税务 国家税务 地方税务 气象 地震 消防 残疾人 供销
档案 金融 地方金融 公共资源 住房公积金 邮政 烟草 盐务 物价 监察 监管 调查 海事
法院 检察院 人民法院 人民检察院 通信管理 专员办
"""
FIELDS = frozenset(_FIELD_WORDS.split())
"""Fields of work that open a department's name."""
_OFFICES = (
    "局|委员会|委|厅|办公室|办|署|中心|支队|大队|总队|法院|检察院|联合会|调查队|专员办|管理处|所"
)
OFFICE_OF_FIELD = re.compile(
    f"(?:{'|'.join(sorted(FIELDS, key=len, reverse=True))})"
    rf"[\u4e00-\u9fff()、]{{0,24}}(?:{_OFFICES})"
    r"|(?:分局|监管局|监管分局|监察局|税务局|调查队|支行|中心支行|分行)"
)
"""What may follow a bare place name: a field of work, then a kind of office."""

_NO_PLACE_WORDS = """
市场 市政(?!府|务|协|法|策|治) 市容 市民(?!政|族|营|防|办|兵|航) 社区 区域 区划 县域 都市(?=圈|农业)
上市(?=公司|工作|办) 超市 市郊 县级 市级 区级 市直 县直 区直 市属 县属 区属 省级 省直 灌区 库区 同盟
联盟 军区 校区 小区 院区 片区 城区管理 市区管理 县乡(?!村|镇) 县城(?!市|管|建|乡|镇)
城市(?=管|建|规|更|综|公|照|园|排|节|供|客|住|水|社|防|执|运|道|绿|轨|发|经|信)
"""
_NO_PLACE = re.compile("|".join(_NO_PLACE_WORDS.split()))
_LIKE_PLACE = re.compile(r"[\u4e00-\u9fff](?:自治[县州旗]|县|区|旗|市|盟|州)")
_ZONES = re.compile(
    r"农场|林场|牧场|兵团|垦区|保税|风景名胜|工业园|产业园|科技园|农业园|物流园|新城|空港|临港|管委会"
    r"|[区园城港]管理委员会|管理区|铁路|油田"
)

_TOWN = re.compile(
    r"^[\u4e00-\u9fff·]{1,16}?(?:镇|乡|街道|苏木|民族乡)"
    r"(?:(?:人民)?政府|街道办事处|办事处|党工委|党委)?(?:党政办公室|党政综合办公室|办公室)?$"
)
_TOWN_SUFFIX = re.compile(r"(?:镇|乡|苏木)(?:人民)?政府|街道办事处|街道办|(?:镇|乡|街道|苏木)$")
_NO_TOWN = re.compile(r"^(?:乡镇|城乡|乡村|城镇|镇乡)")
_INSIDE_TOWN = re.compile(
    r"^(?:街道|街办|镇|乡(?!村|镇|贤|土)|社区(?=$|居|党|村)|村(?=$|民|委|党)|办事处)"
)
_INSIDE_WORD = {"市": ("场",), "区": ("域",), "县": ("域",)}


_ZONE_ENDINGS = re.compile(r"开发区|高新区|园区|新区")


def is_town(rest: str) -> bool:
    """Whether the rest behind the place is a town, township or street."""
    if "镇" not in rest and "乡" not in rest and "街" not in rest and "苏木" not in rest:
        return False
    return _NO_TOWN.match(rest) is None and (
        _TOWN.match(rest) is not None or _TOWN_SUFFIX.search(rest) is not None
    )


def cannot_follow(name: str, rest: str) -> bool:
    """Whether ``rest`` shows that ``name`` before it is no division after all.

    西区街道办事处 is a street; in 池州市场监督管理局 市 belongs to 市场.
    """
    if rest.startswith(_INSIDE_WORD.get(name[-1], ("\0",))):
        return True
    return _INSIDE_TOWN.match(rest) is not None


def names_unknown_place(rest: str) -> bool:
    """Whether the rest names a further place: a zone, or a division that is not in the table."""
    return _ZONES.search(rest) is not None or names_place(rest)


def names_place(rest: str) -> bool:
    """Whether something in the rest ends as a division does."""
    bare = _NO_PLACE.sub("", rest) if "市" in rest or "区" in rest or "县" in rest else rest
    return _LIKE_PLACE.search(bare) is not None


def is_zone(name: str) -> bool:
    """Whether the name is a development zone's or the like."""
    return (
        _ZONES.search(name) is not None or re.search(r"开发区|高新区|园区|新区", name) is not None
    )


_OTHER_OPENINGS = """
人民政府 政府 办公室 行政 政法 纪委 组织部 宣传部 统战部 党 红十字 史志
地方志 老干部 移民 接待 督查 研究 网信 国防动员 人民防空 人防 房产 港口 港航
口岸 铁路 航运 社会保险 社会保障 就业 知识产权 食品 药品 动物 种子 农机 水产
编制 法制 仲裁 救助 不动产 测绘 矿产 煤炭 能源 安全 无线电 质监 国税 地税
经信 新闻 文联 妇女 总工会 科协 残联 城镇 市政 房屋 征收 棚户 重点 项目
节能 防汛 防震 抗旱 血吸虫 爱国卫生 支农 疾病
"""
_OPENING = re.compile(
    r"^(?:本|[省市县区州旗](?!场))?(?:"
    + "|".join(sorted({*FIELDS, *_OTHER_OPENINGS.split()}, key=len, reverse=True))
    + ")"
)


def opens_without_place(name: str) -> bool:
    """Whether the name begins with the organ's work (财政局, 县财政局), so that none is named."""
    return _OPENING.match(name) is not None


# -- kinds -----------------------------------------------------------------------------------------

_GOVERNMENT = re.compile(
    r"^(?:人民)?政府$|^(?:人民)?政府[(（]|行政公署$|^行署$|管委会$|[区园城港]管理委员会$|^革命委员会$"
)
_DEPARTMENT = (
    "局", "委员会", "委", "厅", "办公室", "办公厅", "办", "部", "署", "处", "分局", "支队", "大队",
    "总队", "司", "科", "股", "所", "督查室", "参事室", "研究室", "站", "调查队", "专员办", "支行",
)  # fmt: skip
_INSTITUTION_WORDS = """
中心 医院 学校 大学 学院 中学 小学 幼儿园 图书馆 博物馆 文化馆 档案馆 科技馆 美术馆 纪念馆
研究院 研究所 设计院 电视台 广播电台 卫生院 保健院 敬老院 福利院 党校 考试院 殡仪馆 公证处
报社 园林处 气象站 水文站
"""
_INSTITUTION = tuple(_INSTITUTION_WORDS.split())
_OTHER_WORDS = """
公司 集团 银行 协会 学会 联合会 商会 工会 总工会 法院 检察院 监狱 戒毒所 看守所 红十字会 妇联 残联
工商联 文联 科协 人大常委会 基金会 供电所
"""
_OTHER = tuple(_OTHER_WORDS.split())


def kind_of(rest: str, *, town: bool) -> Kind:
    """Kind of organ by what follows the place (the whole name where no place was read)."""
    if town:
        return "town_or_street"
    if not rest or _GOVERNMENT.search(rest) is not None or rest in ("人民政府", "政府"):
        return "government"
    bare = re.sub(r"[(（][^()（）]{0,40}[)）]$", "", rest) or rest
    if bare.endswith(_OTHER):
        return "other"
    if bare.endswith(_INSTITUTION):
        return "public_institution"
    if bare.endswith("人民政府"):
        return "government"
    return "department" if bare.endswith(_DEPARTMENT) else "other"


# -- central organs --------------------------------------------------------------------------------

_MINISTRIES = """
外交部 国防部 国家发展和改革委员会 国家发展改革委 教育部 科学技术部 科技部 工业和信息化部
工业信息化部 国家民族事务委员会 国家民委 公安部 国家安全部 民政部 司法部 财政部 监察部 铁道部
人力资源和社会保障部 人力资源社会保障部 自然资源部 国土资源部 生态环境部 环境保护部
住房和城乡建设部 住房城乡建设部 交通运输部 水利部 农业农村部 农业部 商务部 文化和旅游部 文化部
国家卫生健康委员会 国家卫生健康委 卫生部 退役军人事务部 应急管理部 中国人民银行 审计署
海关总署 国家税务总局 国家市场监督管理总局 市场监管总局 国家统计局 国家金融监督管理总局
中国证券监督管理委员会 中国证监会 中国银行保险监督管理委员会 中国银保监会 中国气象局 中国地震局
中国民用航空局 中国科学院 中国社会科学院 中国工程院 新华通讯社 国务院办公厅 国务院
最高人民法院 最高人民检察院 国家知识产权局 国家林业和草原局 国家铁路局 国家邮政局 国家能源局
"""
_CENTRAL_NAMES = frozenset(_MINISTRIES.split())
_CENTRAL = re.compile(
    r"^(?:中华人民共和国|国家|国务院|全国|中央)[^省市县区州旗]{2,18}"
    r"(?:部|委员会|委|局|总局|署|办公室|办公厅|院|会)$"
)


def is_central(name: str) -> bool:
    """Whether the name is one of a ministry, commission or bureau of the State Council."""
    bare = name.removeprefix("中华人民共和国")
    return bare in _CENTRAL_NAMES or (
        _CENTRAL.match(name) is not None and name not in SYSTEMS and not system_of(bare)
    )
