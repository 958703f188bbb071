"""Firewalls, logins, gone pages and empty shells against true reports.

``ERROR_PAGES`` are written by us after the marks in public code; none is a capture.
"""

from __future__ import annotations

import datetime
import random
from functools import cache

import pytest
from growth import assert_linear

from govreport_parse.fetch.blocked import SameBodies, classify
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.testing import FAMILIES, LAYOUTS, random_record, render_html

T = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ASKED = "http://www.example.gov.cn/xxgk/nb/202401/t20240130_123.html"
SECTIONS = ("总体情况", "主动公开政府信息", "处理政府信息公开申请", "行政复议", "存在的主要问题")


def is_report(body: bytes) -> bool:
    """Three of the section names, in either encoding: what the mining prefilter looks for."""
    hits = 0
    for encoding in ("utf-8", "gb18030"):
        hits = max(hits, sum(name.encode(encoding) in body for name in SECTIONS))
    return hits >= 3


def answer(
    body: bytes | str,
    status: int = 200,
    *,
    head: str = "Content-Type: text/html",
    final: str = ASKED,
    asked: str = ASKED,
    code: Code | None = None,
) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    raw = f"HTTP/1.1 {status} X\r\n{head}\r\n\r\n".encode()
    got = Exchange(final, "GET", b"", "203.0.113.1", T, 0.1, status, raw, data)
    if code is None:
        code = Code.OK if 200 <= status < 300 else Code.FAILED
    reason = "" if code is Code.OK else "http_status"
    return Answer(asked, Outcome(code, reason), (got,), data)


def judged(got: Answer, seen: SameBodies | None = None) -> str:
    outcome = classify(got, is_report=is_report, seen=seen)
    return f"{outcome.code}:{outcome.reason}"


def page(title: str, text: str, extra: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body>{extra}<div>{text}</div></body></html>"
    )


def script(source: str, text: str = "", title: str = "") -> str:
    head = f"<title>{title}</title><script>{source}</script>"
    return f"<html><head>{head}</head><body>{text}</body></html>"


NAV = "<ul><li>首页</li><li>政务公开</li><li>办事服务</li><li>互动交流</li></ul>"
JSL = (
    "document.cookie='__jsl_clearance_s=1700000000.1|-1|abc;max-age=3600;path=/';location.reload()"
)
RUISHU = (
    "$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=53141;$_ts.cd='qKGqrrqq';if($_ts.lcd)$_ts.lcd();"
)
ALIYUN = "var arg1='3D5C6E1B8A7F4D2C9E0B1A2F3C4D5E6F';document.cookie='acw_sc__v2='+x"
ERROR_PAGES: list[tuple[str, Answer]] = [
    # --- firewalls and challenges: 26 ---
    ("blocked:waf:ruishu", answer(script(RUISHU), 412)),
    ("blocked:waf:ruishu", answer(script(RUISHU), 202)),
    ("blocked:waf:ruishu", answer(script(RUISHU), 200)),
    ("blocked:waf:ruishu", answer(b"", 412)),
    ("blocked:waf:jsl", answer(script(JSL), 521)),
    ("blocked:waf:jsl", answer(script(JSL), 200)),
    ("blocked:waf:jsl", answer("<script>eval(x)</script>", 521, head="Set-Cookie: __jsluid_s=1")),
    (
        "blocked:waf:chuangyudun",
        answer(
            page("", "当前访问疑似黑客攻击，已被创宇盾拦截", "<a href='//www.365cyd.com'>"), 403
        ),
    ),
    ("blocked:waf:chuangyudun", answer(script("", "<img src='http://www.365cyd.com/x.png'>"), 200)),
    ("blocked:waf:qianxin", answer(script("location='/wzws-waf-cgi/check?x=1'"), 493)),
    ("blocked:waf:qianxin", answer(script("var wzwschallenge='RANDOMSTR';"), 200)),
    (
        "blocked:waf:qianxin",
        answer(page("403", "访问被拒绝"), 403, head="WZWS-RAY: 1105-1700000000.1-s4"),
    ),
    ("blocked:waf:yunsuo", answer(script("document.cookie='yunsuo_session_verify=9a8b';"), 200)),
    (
        "blocked:waf:yunsuo",
        answer(script("var u='security_session_verify';location.reload()"), 403),
    ),
    ("blocked:waf:aliyun", answer(script(ALIYUN), 200)),
    (
        "blocked:waf:aliyun",
        answer(
            page(
                "405",
                "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。"
                "<a href='https://errors.aliyun.com/'>阿里云</a>",
            ),
            405,
        ),
    ),
    (
        "blocked:waf:baota",
        answer(
            page(
                "网站防火墙",
                "您的请求带有不合法参数，已被网站管理员设置拦截！可能原因：您提交的内容包含危险的攻击请求",
            ),
            200,
        ),
    ),
    ("blocked:waf:baota", answer(script("var btwaf='x'", "正在进行人机识别，请稍候"), 200)),
    (
        "blocked:waf:safedog",
        answer(page("网站防火墙", "抱歉！您的访问可能对网站造成危险，已被网站安全狗拦截"), 403),
    ),
    (
        "blocked:waf:safedog",
        answer(
            page(
                "拦截提示",
                "您的请求包含不合法内容，已被拦截",
                "<img src='http://404.safedog.cn/a.png'>",
            ),
            200,
        ),
    ),
    (
        "blocked:waf:huawei",
        answer(
            page("访问被拦截", "您的请求疑似攻击行为，事件ID: 0a1b"),
            418,
            head="Set-Cookie: HWWAFSESID=ab",
        ),
    ),
    (
        "blocked:waf:cloudflare",
        answer(
            page("Just a moment...", "Enable JavaScript and cookies to continue"),
            403,
            head="cf-mitigated: challenge",
        ),
    ),
    ("blocked:waf:cloudflare", answer(script("window._cf_chl_opt={}", "", "请稍候…"), 503)),
    ("blocked:waf:slider", answer(page("安全验证", "请向右拖动滑块完成验证"), 200)),
    (
        "blocked:waf:slider",
        answer(page("访问验证", "为保障访问安全，请点击完成人机验证后继续"), 200),
    ),
    ("blocked:waf:slider", answer(page("", "您的访问过于频繁，请输入下方验证码后继续访问"), 200)),
    ("blocked:waf:unknown", answer(page("403 Forbidden", "nginx"), 403)),
    ("blocked:waf:unknown", answer(page("", "您的访问请求被拦截，拦截编号：12345"), 200)),
    ("blocked:waf:chaitin", answer(page("", "安全检测能力由 雷池 WAF 提供 访问已被拦截"), 403)),
    ("blocked:waf:chaitin", answer(script("fetch('/.safeline/challenge/v2')"), 468)),
    ("blocked:waf:sangfor", answer(page("访问被拒绝", "您的访问被拦截！ SANGFOR 应用防火墙"), 200)),
    ("blocked:waf:dbappsecurity", answer(page("", "明御WEB应用防火墙：访问被阻断"), 403)),
    ("blocked:waf:jsl", answer(script("document.cookie=('_')+('_')+('j')+('s')"), 200)),
    ("blocked:waf:unknown", answer(script("x()", "请开启JavaScript并刷新该页"), 200)),
    # --- gone although 200: 18 ---
    ("gone:soft_404", answer(page("404", "您访问的页面不存在", NAV))),
    ("gone:soft_404", answer(page("提示信息", "您要查看的信息不存在或已被删除！", NAV))),
    ("gone:soft_404", answer(page("石台县人民政府", "抱歉，该文章已删除。"))),
    ("gone:soft_404", answer(page("", "参数错误"))),
    ("gone:soft_404", answer("参数不正确！")),
    ("gone:soft_404", answer("<script>alert('您访问的信息不存在！');history.back();</script>")),
    ("gone:soft_404", answer(page("404-页面没有找到", NAV * 8))),
    ("gone:soft_404", answer(page("页面不存在 - 某某县人民政府门户网站", NAV))),
    ("gone:soft_404", answer(page("出错页面", "对不起，系统出错，请与管理员联系"))),
    ("gone:soft_404", answer(page("错误提示", "非法参数，请返回"))),
    ("gone:soft_404", answer(page("Not Found", "The requested URL was not found on this server."))),
    ("gone:soft_404", answer(page("", "没有找到您要查看的内容").encode("gb18030"))),
    ("gone:soft_404", answer(page("信息公开", "暂无数据", NAV))),
    ("gone:soft_404", answer(page("HTTP Status 500", "服务器内部错误"))),
    ("gone:soft_404", answer(page("某局", "栏目正在建设中，敬请期待"))),
    ("gone:soft_404", answer(page("某局", "您所访问的链接已失效，3秒后自动返回首页"))),
    (
        "gone:soft_404",
        answer(page("某县政府", "要闻 " * 700), final="http://www.example.gov.cn/error.aspx?msg=x"),
    ),
    (
        "gone:soft_404",
        answer(page("某县政府", "要闻 " * 700), final="http://www.example.gov.cn/404.html"),
    ),
    ("blocked:login", answer(page("某局", "暂无查看权限", NAV))),
    ("gone:site_closed", answer(page("", "网站维护中，给您带来不便敬请谅解"))),
    ("gone:site_closed", answer(page("温馨提示", "该网站暂时关闭，请访问市政府门户网站"))),
    ("gone:site_closed", answer(page("没有备案", "您的域名未备案，暂不能访问"))),
    (
        "gone:home_page",
        answer(page("某县人民政府", "要闻 " * 800, NAV), final="http://www.example.gov.cn/"),
    ),
    (
        "gone:home_page",
        answer(page("某县人民政府", "要闻 " * 800), final="http://www.example.gov.cn/index.html"),
    ),
    # --- logins: 7 ---
    ("blocked:login", answer(page("用户登录", "用户名 密码", "<input type=password name=p>"))),
    (
        "blocked:login",
        answer(page("统一身份认证平台", "扫码登录 账号登录 <input type='password'>")),
    ),
    ("blocked:login", answer(page("", "请先登录后再查看此内容"))),
    ("blocked:login", answer(page("提示", "登录超时，请重新登录"))),
    ("blocked:login", answer(page("", "您没有访问权限"))),
    (
        "blocked:login",
        answer(
            page("政务服务网", "欢迎", NAV), final="http://sso.example.gov.cn/cas/login?service=x"
        ),
    ),
    ("blocked:login", answer(page("某平台", '<input type="password"> 记住我'))),
    # --- nothing in it: 6 ---
    (
        "quarantine:js_shell",
        answer(page("政务公开", "", "<div id='app'></div><script src='/a.js'></script>")),
    ),
    (
        "quarantine:js_shell",
        answer(
            "<html><body><noscript>请开启JavaScript</noscript><div id=app></div>"
            "<script src=/static/js/chunk.js></script></body></html>"
        ),
    ),
    ("quarantine:js_shell", answer('<div id="root"></div><script src="/umi.js"></script>')),
    ("retry:empty", answer(b"")),
    ("retry:empty", answer(b"\r\n \r\n")),
    ("quarantine:unsupported:rar", answer(b"Rar!\x1a\x07" + b"\x00" * 90)),
]


def test_there_are_sixty_of_them() -> None:
    assert len(ERROR_PAGES) >= 60


@pytest.mark.parametrize(("expected", "got"), ERROR_PAGES)
def test_error_page(expected: str, got: Answer) -> None:
    assert judged(got) == expected


MENTIONS = (
    "完善网站登录验证码机制，请输入验证码后提交申请。",
    "部署Web应用防火墙，拦截恶意攻击请求1.2万次。",
    "及时处理页面不存在、链接已失效等问题，您访问的页面不存在时给出提示。",
    "依申请公开平台要求用户登录，用户名、密码错误时提示参数错误。",
    "访问过于频繁的请求已被拦截，系统维护期间网站暂时关闭。",
)
TRAPS = (
    "<script src='/js/geetest.js'></script><script>var yunsuo_session_verify=1</script>",
    "<form><input type='password' name='p'><input name='captcha' placeholder='验证码'></form>",
    "<script>$_ts=window['$_ts'];var arg1='ABCDEFABCDEFABCDEFABCDEF';'acw_sc__v2'</script>",
    "<div id='app'></div><script src='/app.js'></script>",
    "<!-- __jsl_clearance 365cyd.com safedog HWWAFSESID /wzws-waf-cgi/ cf-chl -->",
)


@cache
def reports() -> tuple[bytes, ...]:
    """200 generated reports of all layouts and families, each with a trap in it."""
    rng = random.Random(11)
    pages = []
    layouts, families = sorted(LAYOUTS), [None, *FAMILIES]
    for n in range(200):
        record = random_record(rng, size="county")
        encoding = "gb18030" if n % 3 == 0 else "utf-8"
        page_ = render_html(
            record, layouts[n % len(layouts)], families[n % len(families)], encoding
        )
        text = page_.text.replace("</body>", f"{TRAPS[n % 5]}<p>{MENTIONS[n % 5]}</p></body>")
        if "</body>" not in text:
            text += TRAPS[n % 5] + MENTIONS[n % 5]
        pages.append(text.encode(encoding, "replace"))
    return tuple(pages)


def _client_code(status: int) -> Code:
    """The client knows nothing of a page but its status."""
    return Code.BLOCKED if status == 202 else Code.OK


@pytest.mark.parametrize("status", [200, 202])
def test_no_report_is_lost(status: int) -> None:
    seen = SameBodies()
    head = "Set-Cookie: HWWAFSESID=1\r\nSet-Cookie: yunsuo_session_verify=2\r\nWZWS-RAY: 3"
    lost = [
        n
        for n, body in enumerate(reports())
        if judged(
            answer(body, status, head=head, asked=f"{ASKED}?{n}", code=_client_code(status)), seen
        )
        != "ok:"
    ]
    assert len(reports()) == 200
    assert lost == []


MENU = ("首页", *SECTIONS)


@pytest.mark.parametrize(
    ("title", "text"),
    [("404", "您访问的页面不存在"), ("", "抱歉，您要查看的文章已删除"), ("提示信息", "参数错误")],
)
def test_a_menu_does_not_make_an_error_page_a_report(title: str, text: str) -> None:
    body = page(title, text, "".join(f"<li>{word}</li>" for word in MENU))
    assert is_report(body.encode())
    assert judged(answer(body)) == "gone:soft_404"


def test_a_short_report_stays_one() -> None:
    text = "一、总体情况 主动公开政府信息3条。处理政府信息公开申请0件，没有相关信息。行政复议0件。"
    body = page("某镇2009年政府信息公开工作年度报告", text)
    assert is_report(body.encode())
    assert judged(answer(body)) == "ok:"


def test_a_report_is_not_lost_even_when_its_signature_is_not_seen() -> None:
    """A page is too long to be an error page; the signature is not the only thing that saves it."""
    lost = [
        classify(answer(body), is_report=lambda _: False)
        for body in reports()
        if classify(answer(body), is_report=lambda _: False).code is not Code.OK
    ]
    assert lost == []


@pytest.mark.parametrize(
    "text",
    [
        page(
            "某局2023年政府信息公开工作年度报告",
            "附件：某局年报.pdf 相关链接 暂无内容",
            "<a href='/u/2023.pdf'>某局年报</a>",
        ),
        page("石台县", "2023年政府信息公开年报见附件 暂无相关信息", "<a href='a.docx'>下载</a>"),
        page("政府信息公开年报", "2023年 2022年 2021年"),
        page("某县自然资源局2019年政府信息公开工作年度报告", "<img src='1.jpg'>"),
    ],
)
def test_a_page_that_only_holds_the_attachment_is_kept(text: str) -> None:
    assert judged(answer(text)) == "ok:"


MENU_LINKS = "".join(
    f"<li><a href='/{word}/'>{word}</a></li>"
    for word in ("首页", "政务公开", "主动公开", "依申请公开", "政府信息公开年报", "办事服务")
)
FOOTER = "<div>主办：某县人民政府办公室 皖ICP备05001234号</div><div>网站标识码：3417220001</div>"


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("哎呀，这一页飞走啦，五秒后带您回家", True, "quarantine:no_content"),
        ("哎呀，这一页飞走啦，五秒后带您回家", False, "ok:"),
        ("", True, "quarantine:no_content"),
        # a report that is a file, a picture, a frame; a list; a column of reports
        ("<a href='/u/1.doc'>下载</a>", True, "ok:"),
        ("<img src='/u/W020240130.jpg'>", True, "ok:"),
        ("<iframe src='/inc/1.html'></iframe>", True, "ok:"),
        ("<a href='1'>2023年</a><a href='2'>2022年</a>", True, "ok:"),
        ("政府信息公开年度报告", True, "ok:"),
        ("全县机关干部到河边植树。" * 9, True, "ok:"),
    ],
)
def test_a_page_that_says_nothing(text: str, document: bool, expected: str) -> None:
    got = answer(page("某县人民政府", text + FOOTER, f"<ul>{MENU_LINKS}</ul>"))
    outcome = classify(got, is_report=is_report, document=document)
    assert f"{outcome.code}:{outcome.reason}" == expected


LONGER = "本页内容另行安排，请您留意我们今后的通知，谢谢您的关心和支持。" * 4


def test_the_same_page_under_two_addresses() -> None:
    seen = SameBodies()
    one = page("某县政府", f"{LONGER}时间 2024-01-01 10:00:00")
    two = page("某县政府", f"{LONGER}时间 2024-01-01 10:00:05")
    assert judged(answer(one, asked=ASKED), seen) == "ok:"
    assert judged(answer(one, asked=ASKED), seen) == "ok:", "asked again, it is no other page"
    other = ASKED.replace("123", "124")
    assert judged(answer(two, asked=other), seen) == "gone:same_body"
    elsewhere = "http://www.other.gov.cn/1.html"
    assert judged(answer(two, asked=elsewhere), seen) == "ok:", "another host's page"


def test_what_is_known_of_a_host_is_bounded() -> None:
    seen = SameBodies(per_host=3, hosts=2)
    pages = [page("列表", "甲乙丙丁戊己庚辛壬癸"[n] * 99) for n in range(8)]
    for n, text in enumerate(pages):
        assert judged(answer(text, asked=f"http://a.cn/{n}.html"), seen) == "ok:"
    assert judged(answer(pages[7], asked="http://a.cn/other.html"), seen) == "gone:same_body"
    assert judged(answer(pages[0], asked="http://a.cn/other.html"), seen) == "ok:", "forgotten"
    again = answer(pages[7], asked="http://a.cn/9.html")
    assert judged(again, seen) == "gone:same_body"
    for host in "bcd":
        judged(answer(pages[0], asked=f"http://{host}.cn/"), seen)
    assert judged(again, seen) == "ok:", "of two hosts more than two are known"


def test_an_error_page_that_repeats_the_address() -> None:
    seen = SameBodies()
    for n, expected in ((1, "ok:"), (2, "gone:same_body")):
        asked = f"http://www.example.gov.cn/nb/{n}.html"
        text = page("某县政府", f"您请求的 {asked} 在 2024-01-0{n} 没能打开{LONGER}")
        assert judged(answer(text, asked=asked), seen) == expected


@pytest.mark.parametrize(
    ("asked", "final", "expected"),
    [
        ("http://www.a.gov.cn/nb/1.html", "http://www.a.gov.cn/", "gone:home_page"),
        ("http://www.a.gov.cn/nb/1.html", "https://www.a.gov.cn/index.html", "gone:home_page"),
        ("http://jyj.a.gov.cn/nb/1.html", "http://www.a.gov.cn/", "gone:home_page"),
        ("http://a.gov.cn/nb/", "http://www.a.gov.cn/", "gone:home_page"),
        # a column that has got a host of its own
        ("http://www.a.gov.cn/xxgk/nb/", "http://xxgk.a.gov.cn/", "ok:"),
        ("http://www.a.gov.cn/nb/1.html", "http://www.a.gov.cn/nb/index.html", "ok:"),
        ("http://a.gov.cn/", "https://www.a.gov.cn/index.html", "ok:"),
        ("http://a.gov.cn/nb/1.html", "http://a.gov.cn/?id=1", "ok:"),
    ],
)
def test_sent_to_the_home_page(asked: str, final: str, expected: str) -> None:
    assert judged(answer(page("某县", "要闻 " * 800), asked=asked, final=final)) == expected


def test_what_the_client_refused_stays_refused() -> None:
    for code in (Code.REFUSED, Code.NOT_MODIFIED, Code.HOST_PARKED):
        got = Answer(ASKED, Outcome(code, "why"))
        assert classify(got, is_report=is_report) == Outcome(code, "why")
    dead = Answer(ASKED, Outcome(Code.RETRY, "dns"))
    assert classify(dead, is_report=is_report).reason == "dns"
    gone = answer(page("404", "页面不存在"), 404, code=Code.GONE)
    assert judged(gone) == "gone:http_status"


def test_files_are_no_pages() -> None:
    pdf = b"%PDF-1.4\n" + "参数错误 页面不存在".encode()
    assert judged(answer(pdf, head="Content-Type: text/html")) == "ok:"
    assert (
        judged(answer(b'{"code":0,"msg":"\xe5\x8f\x82\xe6\x95\xb0\xe9\x94\x99\xe8\xaf\xaf"}'))
        == "ok:"
    )
    assert judged(answer(b"<?xml version='1.0'?><urlset></urlset>")) == "ok:"


def test_details_hold_no_control_characters() -> None:
    got = classify(answer(page("404\x1b[31m\n\x00", "页面不存在")), is_report=is_report)
    assert got.code is Code.GONE
    assert got.detail.isprintable()
    assert len(got.detail) <= 300


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        (b"<script>", 50_000),
        (b"<", 300_000),
        (b"<!--", 80_000),
        (b"<title>", 50_000),
        (b"<input ", 50_000),
        (b"<a href=", 50_000),
        (b"<div id=", 50_000),
        ("请求被".encode(), 40_000),
        ("页面".encode(), 60_000),
        (b"alert('", 50_000),
        (b"&amp", 70_000),
    ],
)
def test_time_for_hostile_pages_grows_with_the_page(unit: bytes, times: int) -> None:
    assert_linear(lambda n: classify(answer(unit * n), is_report=is_report), times)


@pytest.mark.parametrize("body", [b"\xff\xfe<\x00", b"\xd0", b"<", b"\x00"])
def test_cut_bytes_are_judged(body: bytes) -> None:
    assert classify(answer(body), is_report=is_report).code in Code


@pytest.mark.parametrize(("length", "expected"), [(500, "gone:soft_404"), (501, "ok:")])
def test_a_page_says_nothing_else_up_to_500_signs(length: int, expected: str) -> None:
    said = "您访问的页面不存在。"
    text = said + "本县地处平原，" * 80
    assert judged(answer(page("通知", text[:length]))) == expected
