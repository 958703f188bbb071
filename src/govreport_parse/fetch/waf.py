"""Firewalls and their challenge pages, by the marks they leave. Recognised, never solved.

Marks come from public code and issues, not from captures of our own; status codes vary by
customer (RELIABILITY.md, A10 and 8). A mark that a vendor also leaves on pages it lets through (a
cookie, a header) counts only together with a refusing status or with a page that shows nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from govreport_parse.fetch.visible import Page

REFUSING_STATUSES = frozenset((202, 403, 405, 412, 418, 468, 493, 521, 567))
"""Statuses of a firewall's answer to a page request (429 is a request to slow down)."""

_LOOKED_AT = 64 * 1024
_EMPTY = 120
"""Visible characters up to which a page shows nothing but a wait or a check."""
_SHORT = 700
"""Visible characters of the longest refusal page of a firewall."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """``scripts``: only on challenges with next to no text. ``words``: on short refusal pages.

    ``passing``: marks in head or body that pages let through carry too. ``statuses``: enough alone.
    """

    vendor: str
    scripts: re.Pattern[bytes] | None = None
    words: re.Pattern[str] | None = None
    passing: re.Pattern[bytes] | None = None
    statuses: frozenset[int] = frozenset()


def _bytes(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("utf-8"), re.IGNORECASE)


_MARKS: tuple[_Mark, ...] = (
    _Mark(
        "jsl",
        _bytes(r"__jsl_clearance|document\.cookie=\('_'\)\+"),
        passing=_bytes(r"__jsluid"),
        statuses=frozenset((521,)),
    ),
    _Mark(
        "chuangyudun",
        _bytes(r"365cyd\.(?:com|net|cn)"),
        re.compile(r"创宇盾|知道创宇"),
        _bytes(r"365cyd|server:\s*(?:cyd|yunjiasu)"),
    ),
    _Mark(
        "qianxin",
        _bytes(r"/wzws-waf-cgi/|wzwschallenge|wzwsquestion|wzws_cid|wzws_waf|CWAP-waf|waf_slider"),
        re.compile(r"(?:360|奇安信|安域)网?站?(?:卫士|云防护|云防御|安全)|网站卫士|安域防护"),
        _bytes(r"wzws-ray|wzws"),
        frozenset((493,)),
    ),
    _Mark(
        "yunsuo",
        _bytes(r"yunsuo_session_verify|security_session_verify|security_verify_data"),
        re.compile(r"云锁"),
        _bytes(r"yunsuo|security_session"),
    ),
    _Mark(
        "aliyun",
        _bytes(
            r"acw_sc__v2|acw_sc__v3|var\s+arg1\s*=\s*['\"][0-9A-F]{20,}|aliyun_waf_|_waf_bd8ce2ce37"
        ),
        re.compile(
            r"阿里云.{0,20}(?:拦截|防火墙|安全)|您的访问请求可能对网站造成安全威胁|errors\.aliyun\.com"
        ),
        _bytes(r"acw_tc|errors\.aliyun\.com"),
    ),
    _Mark(
        "baota",
        _bytes(r"btwaf|bt_waf|/Safeguard\.js"),
        re.compile(r"宝塔|您的请求带有不合法参数|已被网站管理员设置拦截|正在进行人机识别"),
        _bytes(r"btwaf"),
    ),
    _Mark(
        "safedog",
        _bytes(r"safedog|404\.safedog\.cn"),
        re.compile(r"安全狗|网站防火墙|请求.{0,8}(?:包含|含有|带有).{0,8}(?:不合法|危险|非法)"),
        _bytes(r"safedog|waf/2\.0"),
    ),
    _Mark(
        "huawei",
        _bytes(r"hwwafsesid.{0,40}(?:challenge|verify)|hws_waf|__hwwaf"),
        re.compile(r"华为云.{0,20}(?:拦截|防火墙|WAF)|您的请求疑似攻击行为"),
        _bytes(r"hwwafsesid|hwwafsestime"),
    ),
    _Mark(
        "cloudflare",
        _bytes(r"cf-chl|__cf_chl|cdn-cgi/challenge-platform|cf-browser-verification|cf_chl_opt"),
        re.compile(
            r"Just a moment|Attention Required! \| Cloudflare|Checking your browser", re.IGNORECASE
        ),
        _bytes(r"cf-mitigated:\s*challenge|cf-ray|server:\s*cloudflare"),
    ),
    _Mark(
        "tencent",
        _bytes(r"TencentCaptcha|waf\.tencent|EO_Bot_Ssid|__tst_status"),
        re.compile(r"腾讯云.{0,20}(?:拦截|防火墙|WAF)|T-Sec|EdgeOne"),
        _bytes(r"eo_bot_ssid|stgw"),
    ),
    _Mark(
        "anquanbao",
        _bytes(r"yunjiasu|anquanbao|bdwaf|/aqb_cc/"),
        re.compile(r"百度云加速|安全宝|加速乐"),
    ),
    _Mark(
        "chaitin",
        _bytes(r"/\.safeline/|safeline_challenge|waf-ce\.chaitin|sl-challenge"),
        re.compile(r"雷池|长亭|SafeLine", re.IGNORECASE),
        _bytes(r"sl-session|safeline|chaitin"),
        frozenset((468,)),
    ),
    _Mark("sangfor", None, re.compile(r"深信服|sangfor", re.IGNORECASE), _bytes(r"sangfor")),
    _Mark("nsfocus", None, re.compile(r"绿盟|nsfocus", re.IGNORECASE), _bytes(r"nsfocus")),
    _Mark("dbappsecurity", None, re.compile(r"明御|安恒|玄武盾"), _bytes(r"dbappwaf|anhen")),
    _Mark("topsec", None, re.compile(r"天融信|topwaf", re.IGNORECASE), _bytes(r"topwaf|topsec")),
    _Mark("venustech", None, re.compile(r"启明星辰|天清"), _bytes(r"venustech")),
    _Mark("wangsu", None, re.compile(r"网宿"), _bytes(r"wangsu|wswebpic")),
    # Last of those with scripts: its script is also in pages that it lets through.
    _Mark("ruishu", _bytes(r"\$_ts\b|_\$[a-zA-Z0-9]{2}\(\);"), statuses=frozenset((412,))),
)
_SLIDER_SCRIPT = _bytes(
    r"geetest|initAliyunCaptcha|nc_1_wrapper|noCaptcha|captcha-?slider|slider-?captcha|slideVerify|jigsaw"
    r"|sliderVerify|hcaptcha|recaptcha/api|vaptcha|dingxiang|yidun"
)
_SLIDER_WORDS = re.compile(
    r"(?:滑动|拖动|拖拽|移动|按住)[^。]{0,12}(?:滑块|验证|拼图|解锁)|人机(?:验证|识别|校验)|(?:点击|完成|进行|通过)[^。]{0,12}(?:安全)?(?:验证|校验)"
    r"|安全(?:验证|检测|校验)|访问(?:验证|过于频繁|频率过高)|操作(?:过于)?频繁|请输入[^。]{0,8}验证码|verify\s+you\s+are\s+human"
    r"|(?:浏览器|环境)(?:安全)?(?:检查|检测|验证)|(?:正在|检查|验证)[^。]{0,6}(?:您的)?浏览器|安全检查中|按顺序点击|点击图中",
    re.IGNORECASE,
)
# With an application's root it is an ordinary page that a script has yet to draw.
_SCRIPT_WANTED = re.compile(
    r"(?:请|需要?)(?:先)?(?:开启|启用|打开|允许)[^。]{0,8}(?:JavaScript|JS|脚本|cookie)"
    r"|enable\s+(?:javascript|cookies)",
    re.IGNORECASE,
)
_REFUSAL_WORDS = re.compile(
    r"(?:请求|访问|操作|行为|IP)[^。]{0,14}(?:被|已|遭)[^。]{0,10}(?:拦截|阻断|拒绝|禁止|封禁|拉黑|限制)"
    r"|(?:拦截|阻断)(?:原因|提示|页面|信息|编号|ID)|(?:Web|WEB|web)?(?:应用)?防火墙[^。]{0,12}(?:拦截|阻断|阻止|保护)"
    r"|(?:非法|恶意|异常|可疑|攻击)(?:请求|访问|攻击|行为|流量)|入侵(?:检测|防御)|访问(?:被)?(?:拒绝|禁止)|禁止访问|黑名单|所在(?:的)?(?:地区|区域|国家)[^。]{0,6}(?:无法|不能|禁止|限制)|存在(?:安全)?威胁"
    r"|access\s+denied|forbidden|request\s+(?:blocked|rejected)|web\s+application\s+firewall|event\s*id|support\s+id\s+is",
    re.IGNORECASE,
)


def waf_vendor(status: int, head: bytes, body: bytes, page: Page) -> str:
    """The firewall whose page this is: a vendor, ``slider``, ``unknown``; empty when it is none.

    ``head`` is the raw head of the answer, ``page`` what ``body`` shows. Ask for a report's
    signature first: this looks at marks, not at what the page is good for.
    """
    body = body[:_LOOKED_AT]
    refused = status in REFUSING_STATUSES or status in (429, 503)
    shown = len(page.text)
    for mark in _MARKS:
        if status in mark.statuses:
            return mark.vendor
        if shown <= _EMPTY and mark.scripts is not None and mark.scripts.search(body):
            return mark.vendor
        if shown <= _SHORT and mark.words is not None:
            said = mark.words.search(f"{page.title} {page.text}")
            if said is not None and (refused or _refuses(page)):
                return mark.vendor
        if refused and shown <= _SHORT and mark.passing is not None:
            if mark.passing.search(head) or mark.passing.search(body):
                return mark.vendor
            if mark.scripts is not None and mark.scripts.search(body):
                return mark.vendor
    return _unnamed(status, body, page)


def _refuses(page: Page) -> bool:
    text = f"{page.title} {page.text}"
    return _REFUSAL_WORDS.search(text) is not None or _SLIDER_WORDS.search(text) is not None


def _unnamed(status: int, body: bytes, page: Page) -> str:
    """A check or a refusal without a name; only where the page says next to nothing else."""
    if page.documents or len(page.text) > _SHORT:
        return ""
    if _SLIDER_WORDS.search(page.title) or (
        len(page.text) <= _SHORT // 2 and _SLIDER_WORDS.search(page.text)
    ):
        return "slider"
    if len(page.text) <= _EMPTY and not page.app_root and _SCRIPT_WANTED.search(page.text):
        return "unknown"
    if len(page.text) <= _EMPTY and _SLIDER_SCRIPT.search(body):
        return "slider"
    if status in REFUSING_STATUSES and _refuses(page):
        return "unknown"
    if _REFUSAL_WORDS.search(page.title) or (
        len(page.text) <= _SHORT // 2 and _REFUSAL_WORDS.search(page.text)
    ):
        return "unknown"
    return ""
