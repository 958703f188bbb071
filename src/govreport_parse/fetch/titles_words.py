"""The words by which titles are judged, as expressions over folded text (``titles``).

Folded: full-width signs and a few traditional characters replaced one for one, so that places in
the folded text are places in the original. All expressions are linear. Sources: titles of the
domain guide (2.5, 3) and the labelled sets of the tests.
"""

from __future__ import annotations

import re

# --- cleaning -----------------------------------------------------------------------------------

# One character for one, so that places in the folded text are places in the original.
FOLDED = str.maketrans(
    "０１２３４５６７８９（）［］：；，－—–―﹣｜　\xa0\u2002\u2003"
    "開報資訊務縣區廳員會發總結關於與機辦鎮鄉",
    "0123456789()[]:;,-----|    开报资讯务县区厅员会发总结关于与机办镇乡",
)
REMOVED = re.compile(r"[\u200b-\u200f\u202a-\u202e\ufeff\x00-\x08\x0e-\x1f]")
BULLET = re.compile(
    r"^[\s·•●■▪►▶※*>»\-]+|^(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})[.、．]\s{0,3}(?![0-9])"
)
OPENING = re.compile(
    r"^(?:附件|附)\s{0,2}[0-9一二三]{0,2}\s{0,2}[:.、]?\s{0,2}|^[【\[][^】\]]{1,12}[】\]]\s{0,3}"
)
EXTENSION = re.compile(r"\.(?:docx?|wps|pdf|s?html?|txt|xlsx?|et|ofd|zip|rar|jpe?g|png)$", re.I)
DATE = re.compile(
    r"[\[(]?\s{0,2}(?<![0-9])20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?(?:\s[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?\s{0,2}[\])]?$"
    r"|[\[(]\s{0,2}20[0-9]{2}[年./-][0-9]{1,2}月?\s{0,2}(?:[发公]布)?\s{0,2}[\])]$|\s{0,2}(?:发布|成文|生成)(?:时间|日期).{0,24}$"
)
ENDING = re.compile(
    r"\(\s{0,2}(?:图片版|文字版|全文|附图|图文版?|pdf版?|word版?|公开版|终稿|定稿|修订版?|更新|正文)\s{0,2}\)$",
    re.I,
)
ELLIPSIS = re.compile(r"(?:…+|\.{2,}|。{2,})$")
SITE_PART = re.compile(r"\s{0,3}(?:[_|]|\s-{1,2}\s|(?<=[报告])-{1,2}(?=[\u4e00-\u9fff]))\s{0,3}")
# Blanks set 2023 年 and 某县 某局 apart; between other signs they may part a title from a site.
INNER_BLANK = re.compile(r"(?<=[\u3400-\u9fff0-9]) (?=[\u3400-\u9fff0-9])")
# Readings that mirror hosts put behind characters: 區(qū). Domain guide 4.1.
GLOSS = re.compile(
    r"(?<=[\u3400-\u9fff])[(（][a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]{0,5}[)）]"
)
NEIGHBOUR = re.compile(r"^[上下]一?[篇条][:：]\s?")
SENTENCE = re.compile(
    r"现将|根据|按照|依据|遵照|为了|本(?:年度)?报告|.{0,60}(?:公布|公开|报告)如下$|.{0,20}>.{0,20}>"
)
SPACES = re.compile(r"\s+")
QUOTES = re.compile(r"[“”\"'‘’]")


# --- words --------------------------------------------------------------------------------------

TOPIC = re.compile(
    r"(?:(?:政府){1,2}|政务|政)?(?:信息|资讯)(?:与政务|和政务|主动|依申请|的)?公开|政务公开|(?<=人民)政府公开"
)
FORM = re.compile(r"年报|年度.{0,8}报告|公开.{0,16}报告|报告.{0,8}公开")
# What may stand between the topic and the word for the report, and behind that: anything else
# makes it another text about the report (审签表, 满意度调查报告, 英文版).
YEARS = "(?:20[0-9]{2}|二[〇零○◯ＯOo0-9一二三四五六七八九]{3}|年度?|度)"
BETWEEN = re.compile(
    rf"(?:{YEARS}|工作|情况|总体|开展|进展|落实|执行|实施|年终|自查暨|暨|法定|与?政务公开"
    r"|[的之()\[\]、:\- ])*+"
)
REPORT_WORD = re.compile("报告书?|年报")
BEHIND = re.compile(
    rf"(?:{YEARS}|的?(?:报告|情况|公开|公示|公布|发布)$|\([^()]*+(?:\)|$)|\[[^\[\]]*+(?:\]|$)"
    r"|[-_|:>—].*|[及和与、](?:其|相关)?附?[件表图].*|[及和与、]统计.*|\.(?:pdf|docx?|wps|html?)"
    r"|全文|正文|[图文]\w{0,2}版|公开稿|公开版|表$|(?:来源|信息来源|作者|发布(?!会)|点击|浏览).*"
    r"|[0-9]{1,4}+|[\s》>]| .*)*+",
    re.IGNORECASE,
)
OWN_WORD = re.compile(
    r"[局厅部委办署院会州盟市县区旗镇乡村省府街道处所站队心馆社行团师场园校库群矿岛关网组室司港港]$|中学|小学|大学"
)
"""How names of organs end; what else speaks of 信息公开 may be a subject: 医疗机构信息公开."""
# Narratives before 2019: 某局2015年度政府信息公开工作总体情况
WEAK_FORM = re.compile(r"公开工作(?:总体|开展|进展)?情况(?:汇报|说明)?$")
OTHER_OPENING = re.compile(
    r"(?:预算|决算|财务|财政|招标投标|招投标|政府采购|工程建设|村务|校务|厂务|党务|院务|警务|检务|审务|司法|居务|事务|阳光|环境|企业|统计|价格|收费|质量|食品|安全|信用|企事业单位)(?:信息|工作)?公开"
)
OTHER_SUBJECT = re.compile(
    r"法治(?:政府|建设)|依法行政|行政执法|行政复议|行政诉讼|行政应诉|信访|预算|决算|政府工作报告|审计工作|审计报告"
    r"|网站(?:监管|建设)?(?:工作)?年度|网站.{0,6}报表|绩效|财政|财务|国有资产|环境状况|国民经济|建议提案|提案办理|安全生产|规划实施|普法"
    r"|学年|行政许可|质量工作|权责清单|年度考核|责任清单"
)
# Words of other subjects are also parts of names of organs: 财政局, 统计局, 信访局.
IN_A_NAME = re.compile(
    r"(?:财政|财务|统计|审计|信访|法治|司法|执法|质量|绩效|国有资产|国资|许可|审批|环境|培训|会议|检查|督查|考核|普法|新闻|评估|安全|预算|环保|党务|警务|规划)"
    r"[\u4e00-\u9fff]{0,12}?(?:局|厅|委员会|委|办公室|办|部|中心|所|站|队|处|院|署|馆|大学|学校|学院)"
    r"(?=[0-9二政信关发公年度()\[:\-_ ]|主动|依申请|$)"
)
CHANNEL = re.compile(r"(?:依申请|主动)公开")
NO_REPORT = re.compile(
    r"要点|方案|格式|模板|范本|样表|指南|(?<!年报)(?<!报告)目录|制度|申请表|申请流程|培训|会议|审议|考核|分解|第三方|评估|意见箱|监督保障|清单|办法|规定|条例|细则|流程|须知"
    r"|工作安排|部署|编制说明|摘要|自查(?!暨)|机构职能|座谈|调研|督查|检查情况|名单|竞赛|简报|动态|新闻|启动|召开|举办|听取|荣获|荣膺|荣誉"
    r"|获.{0,6}(?:奖|优|表|通报|先进|第|肯定|好评|满分)|表扬|表彰|电话|咨询|投诉|活动"
)
INTERPRETATION = re.compile(
    r"解读|图解|一图|图说|图读|一张图|几张图|数说|数读|读图|动图|漫画|漫说|长图|速览|看点|H5|视频|动漫|动画|读懂|看懂|问答|答记者问|海报",
    re.I,
)
NOTICE = re.compile(
    r"(?:通知|公告|通告|公示|通报|函|批复|启事)(?:\([^)]{0,20}\))?$|^(?:转发|印发)"
    r"|关于(?:做好|报送|编制|印发|开展|规范|进一步|加强|组织|填报|上报|抓好|召开|举办|征集|征求|对).{2,60}(?:通知|公告|函|报告$|年报$)"
    r"|的通知"
)
STATISTICS = re.compile(
    r"[一二三四1-4]季度|[上下]半年|半年|(?<![0-9])(?:1?[0-9])(?:月?[-~至])?(?:[0-9]{0,2})月份?(?![0-9]*日)|月报"
    r"|统计|公布情况|发布情况|一览表|(?:申请|办理|公开)情况表|受理情况|报表(?![扬彰])"
)
SUMMARY = re.compile(r"总结|小结|述职|工作回顾")
COLLECTION = re.compile(
    r"汇总|汇编|合集|集锦|历年|往年|历史年报|专栏|列表|集中(?:公布|公开|发布|展示)|更多|链接|栏目"
    r"|^各|(?<=年)各|(?<=度)各|[(](?:各[^()]{1,8}|[^()]{0,6}部门|乡镇[^()]{0,6})[)]|[各县市区省](?:直|级)(?:各|机关)?(?:部门|单位|机关)|乡镇\(街道\)|乡镇街道|镇街"
    r"|[0-9]{4}年?-{1,2}[0-9]{4}年?|(?:年报|报告)集|以来|至今"
    r"|(?:政府(?:工作)?|所属|下属|直属|区级|县级|市级|省级)(?:各)?(?:部门|单位|机构)(?![一-龥]*[局厅委])"
)
ASIDE = re.compile(r"\(含[^()]{0,20}\)")
# What comes with the report, or when: (含统计表), 报告和统计表, 报告(2023年1月发布)
BESIDE = re.compile(
    r"(?<=报告|年报)(?:\([^()]{0,40}\)|[及和与、][^()]{0,8}(?:统计表|报表|附表))$|\([含附][^()]{0,20}\)"
)
# A site or a column before the title: 上海黄浦 | 某街道2023年…
BEFORE = re.compile(r"[^|>]{1,30}[|>]\s{0,3}(?=[\u3400-\u9fff0-9(《])")
# Their reports are of another kind: 公共企事业单位信息公开, 高校信息公开.
COMPANY = re.compile(
    r"(?:公司|集团|大学|学院|中学|小学|学校|幼儿园|医院|卫生院|保健院|电网|燃气|水务)(?=[0-9二]|$)"
)
GROUP = re.compile(
    r"(?:[各全]?(?:[省市县区州]直?|乡镇?|镇街?|街道|部门|区县|县区|市县|单位|机关|[()、和及]))*(?:乡镇|镇街|部门|区县|县区|市县|单位|机关|街道)[)）]?"
)
COLUMN = re.compile(
    r"(?:更多|历年|往年|部门|乡镇|镇街|街道|县区|区县|市县|[省市县区]?政府|单位|机关|本级"
    r"|法定主动公开内容|基层|委办局|直属机构|开发区)?[ -]?"
    r"(?:政府|政务)?(?:信息)?(?:公开)?(?:工作)?(?:年度)?(?:工作)?(?:年报|报告|年度报告)"
    r"(?:列表|专栏|公开|目录)?[ >»]*"
)
ANNUAL_PLACE = re.compile(r"(?:信息|政务).{0,4}公开.{0,6}(?:年报|年度报告)|公开年报|年度报告|年报")
OTHER_PLACE = re.compile(r"决算|预算|法治政府|财政|绩效|统计年报|企业年报|环境|网站")
ANNUAL_URL = re.compile(r"annual_?report|gknb|xxgknb|ndbg|zfxxgknb|/nb/", re.I)
NAVIGATION = re.compile(
    r"首页|[上下]一?[篇页条]|尾页|末页|打印.{0,4}|关闭.{0,4}|返回.{0,6}|更多|分享.{0,4}|登录|注册|搜索|繁體|简体|无障碍.{0,6}|English|关于我们|网站地图|联系我们|[0-9]{1,3}|>+|<+",
    re.I,
)
