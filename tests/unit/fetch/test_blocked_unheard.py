"""Error pages in words that no rule knows: what is left to the look of the page.

Written after the rules, and never used to mend them. At first sight the phrases alone caught 2 of
these 30 pages; the look of a page that has nothing to say caught 28.
"""

from __future__ import annotations

import datetime

from govreport_parse.fetch.blocked import classify
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome

COLUMNS = (
    "网站首页 县情概况 信息公开 主动公开 公开指南 行政复议 公开年报 在线服务 政民互动 数据发布"
)
MENU = " | ".join(f"<a href='/{n}/'>{word}</a>" for n, word in enumerate(COLUMNS.split()))
FOOT = "<p>版权所有：某某区政府 联系电话：0566-1234567</p><p>京ICP备1号</p>"


def bare(title: str, text: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{text}</body></html>"


def dressed(title: str, text: str) -> str:
    """With the menu and foot of a site around it."""
    return bare(title, f"<div class=nav>{MENU}</div><div>{text}</div>{FOOT}")


PAGES = [
    dressed("某某区政府", "亲，您来晚了，该条信息下架了。"),
    dressed("", "查无此文"),
    dressed("某区", "数据加载失败！"),
    dressed("", "此页迷路了"),
    dressed("某区", "Sorry, page missing."),
    dressed("错误", "Error code: 10002"),
    dressed("", "内容获取异常，请刷新重试"),
    dressed("公开年报", "<p></p>"),
    dressed("某区", "null"),
    dressed("某区", "<b>警告</b>：mysql_connect() failed"),
    dressed("", "对应的公开事项已停止展示"),
    dressed("访问提示", "本页只对本系统用户开放"),
    dressed("某区", "尚未到发布时间"),
    dressed("某区", "该信息属于归档信息，请到旧站查询"),
    bare("", "document is deleted"),
    bare("", "未授权"),
    bare("", "fail"),
    bare("", "{}"),
    bare(
        "welcome to nginx!",
        "Welcome to nginx! If you see this page, the nginx web server is"
        " successfully installed and working.",
    ),
    bare("", "Tomcat"),
    bare("安全提醒", "本次操作已被系统阻止，如有疑问请联系网站管理员"),
    bare("", "Request denied by policy, ref 7788"),
    bare("稍等", "正在为您跳转，请稍候……"),
    bare("", "<script>eval(function(p,a,c){}())</script>"),
    bare("", "Service Temporarily Unavailable"),
    bare("提示", "当前访问人数过多，请排队等候"),
    bare("身份核验", "请使用手机扫码核验身份"),
    bare("统一门户", "<form><input type='password' name=x></form>短信登录"),
    bare("", "请使用政务专网打开"),
    bare("", "该账号未开通权限，请联系管理员开通"),
]


def outcome_of(body: str) -> Outcome:
    url = "http://www.example.gov.cn/nb/1.html"
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    got = Exchange(url, "GET", b"", "203.0.113.1", now, 0.1, 200, head, body.encode())
    answer = Answer(url, Outcome(Code.OK), (got,), body.encode())
    return classify(answer, is_report=lambda _: False, document=True)


def test_pages_with_nothing_to_say_are_kept_from_the_parser() -> None:
    caught = [body for body in PAGES if outcome_of(body).code is not Code.OK]
    assert len(PAGES) == 30
    assert len(caught) >= 28
