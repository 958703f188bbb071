"""What a page that came is worth: a document, a firewall's page, a login, a page that is gone.

In: an ``Answer`` whose transfer went well, and a function that knows a report by its bytes. Out:
its ``Outcome``, refined. A report's signature settles the matter before any other rule is asked
(unless the page is too short to be one), so no true report can be lost to a phrase. Nothing is
ever solved or answered; a blocked page is named and left to a person. Vendors' marks are those of
``waf``, phrases are those of Chinese sites' own error pages.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from govreport_parse.fetch.magic import UNSUPPORTED, kind_of
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.urls import registered_domain
from govreport_parse.fetch.visible import READ_BYTES, Page, read_page
from govreport_parse.fetch.waf import REFUSING_STATUSES, waf_vendor

_PAGE_BYTES = 20_000
"""A page of a refusing status that is longer is no firewall's page."""
_BRIEF = 500
"""Visible characters up to which a page that says "not found" says nothing else."""
_SHELL = 80
"""Visible characters up to which a page with an application's root has not been drawn yet."""

_GONE_TITLE = re.compile(
    r"(?<!\d)404(?!\d|号)|not\s*found|(?:页面|网页|文件|信息|内容|文章|栏目|资源|网站|站点)[^。]{0,8}(?:不存在|找不到|未找到|没有找到|已删除|被删除|已下线)"
    r"|(?:找不到|未找到|没有找到)[^。]{0,8}(?:页面|网页|文件|信息|内容|文章|资源)"
    r"|(?:出错|错误)(?:页面|提示|信息)|页面(?:出错|错误)|^(?:错误|出错了?|error|系统提示|提示信息)$|访问(?:出错|错误)"
    r"|参数错误|非法参数|object\s+moved|bad\s+request|server\s+error"
    r"|运行时错误|页面丢失|走丢|页面没找到|没有页面",
    re.IGNORECASE,
)
_GONE_TEXT = re.compile(
    r"(?:页面|网页|文件|信息|内容|文章|记录|栏目|数据|资源|链接|地址|频道|稿件)[^。，,]{0,10}"
    r"(?:不存在|找不到|未找到|没有找到|已(?:经)?(?:被)?(?:删除|移除|移动|失效|过期|下线|撤销|撤稿)|被删除|不可用|走丢|丢失|飞走)"
    r"|(?:找不到|未找到|没有找到|无法找到|不存在)[^。，,]{0,10}(?:页面|网页|文件|信息|内容|文章|记录|栏目|数据|资源)"
    r"|参数(?:错误|有误|不正确|不合法|非法|异常)|非法(?:参数|操作|访问|请求)|(?:系统|程序)(?:出错|异常|错误)"
    r"|服务器(?:内部)?错误|服务(?:暂)?不可用|页面(?:出错|错误|正在建设)|(?:栏目|网站|内容)(?:正在)?建设中"
    r"|(?:页面|网页|内容|文章)没(?:有)?找到|没有找到(?:对应|相应|相关)|不能为空|系统繁忙|审核(?:中|未通过)|(?:暂|尚)未发布|no\s+explicit\s+mapping"
    r"|暂无(?:数据|内容|信息|相关)|没有(?:相关|您要|你要)[^。，,]{0,8}(?:信息|内容|数据|记录)|404\s*(?:not|错误|-|页)"
    r"|not\s+found|no\s+longer\s+exists?|has\s+been\s+(?:removed|deleted)|unable\s+to\s+find",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"(?:网站|站点|域名|系统|平台)[^。，,]{0,12}(?:暂时?(?:关闭|停用|无法访问|停止)|已(?:经)?(?:关闭|停用|停止|过期|到期|下线)|未备案|维护中|升级维护|系统维护)"
    r"|(?:正在|系统)(?:升级)?维护|未备案|域名(?:已)?过期|账户(?:已)?(?:被)?(?:冻结|暂停)|(?:网站|站点)已?(?:迁移|整合|暂停|停用)"
)
_LOGIN_TITLE = re.compile(
    r"^(?:.{0,24}[\s\-_—|])?(?:用户|统一|单点|系统|后台|会员|账号|个人|管理员|法人)?(?:身份)?(?:认证)?(?:登录|登陆|login|sign\s*in)"
    r"(?:页面?|界面|入口|系统|平台|中心)?(?:[\s\-_—|].{0,24})?$|统一身份认证|身份认证(?:平台|系统|中心)",
    re.IGNORECASE,
)
_LOGIN_TEXT = re.compile(
    r"(?:请|需要?|尚未|没有|未)(?:先|重新|您)?(?:登录|登陆)|(?:登录|登陆|会话)(?:已)?(?:超时|失效|过期)|(?:用户名|账号|帐号|手机号).{0,40}密码"
    r"|无权(?:限)?(?:访问|查看)|暂?无(?:查看|访问)权限|没有(?:访问|查看)?权限|(?:仅限|只限|限)(?:内网|内部|政务外网)",
    re.DOTALL,
)
_LOGIN_PATH = re.compile(
    r"/(?:login|signin|sso|cas|passport|oauth2?|logon|uaa|idp)(?:[/.?;]|$)|/[a-z]*login[a-z]*\.(?:jsp|aspx?|do|html?|php|action)",
    re.IGNORECASE,
)
_GONE_PATH = re.compile(
    r"/(?:404|errors?|err|not-?found|nopage)(?:[._/-][^/]{0,40})?$", re.IGNORECASE
)
_THIN, _FEW_LINKS = 80, 60
"""Own words and links up to which a page with nothing else in it has nothing to say."""
_REPORT_WORDS = re.compile(r"年报|年度(?:工作)?报告")
_HOME_PATH = re.compile(r"/?(?:(?:index|default|main|home)(?:\.[a-z]{2,5})?/?)?", re.IGNORECASE)


class SameBodies:
    """Bodies seen per host: the same page under two addresses is no document of either.

    Numbers are left out of what is compared, because error pages print the time and a number of
    the event. Reports never come here; of other pages the last ``per_host`` are known.
    """

    def __init__(self, *, per_host: int = 50, hosts: int = 10_000) -> None:
        self._per_host = per_host
        self._hosts = hosts
        self._seen: OrderedDict[str, dict[bytes, str]] = OrderedDict()

    def other_url(self, url: str, page: Page, body: bytes, asked: str = "") -> str:
        """The first address that gave the same page, empty if none did; the page is noted.

        ``asked``: the address whose host this is, where that is not ``url``.
        """
        host = (urlsplit(asked or url).hostname or "").lower()
        pages = self._seen.setdefault(host, {})
        self._seen.move_to_end(host)
        if len(self._seen) > self._hosts:
            self._seen.popitem(last=False)
        digest = _digest(page, body)
        # What is met again stays; what was met once, long ago, is forgotten.
        first = pages[digest] = pages.pop(digest, url)
        if len(pages) > self._per_host:
            del pages[next(iter(pages))]
        return "" if first == url else first


def _digest(page: Page, body: bytes) -> bytes:
    text = _ECHOED.sub("", f"{page.title}\n{page.text}")
    plain = text.encode("utf-8", "replace") if len(page.text) <= _BRIEF and text else body
    return hashlib.blake2b(plain, digest_size=8).digest()


# Error pages print the time, a number of the event, and the address that was asked for.
_ECHOED = re.compile(r"[0-9\s]+|[\x21-\x7e]*/[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at, read once."""

    answer: Answer
    page: Page
    body: bytes

    @property
    def brief(self) -> bool:
        return len(self.page.text) <= _BRIEF

    @property
    def promises_report(self) -> bool:
        """The page names a report as its own, or has one to download: too good for a phrase."""
        page = self.page
        said = _REPORT_WORDS.search(page.text) is not None and page.documents > 0
        return said or _REPORT_WORDS.search(page.title) is not None


def classify(
    answer: Answer,
    *,
    is_report: Callable[[bytes], bool],
    seen: SameBodies | None = None,
    document: bool = False,
) -> Outcome:
    """The outcome of an answer after a look at its content.

    Answers without content keep theirs, and so does whatever the client refused. ``is_report``
    gets the decoded body and must not raise; ``seen`` keeps the pages of each host (one object for
    a run). ``document``: the address should be a report's, no list's, so a page with hardly a word
    of its own is an error page in words that no rule knows. Reason codes given here:
    ``waf:<vendor>``, ``login``, ``soft_404``, ``home_page``, ``site_closed``, ``same_body``,
    ``js_shell``, ``no_content``, ``empty``, ``unsupported:<kind>``.
    """
    outcome, status = answer.outcome, answer.status
    if outcome.code in (Code.REFUSED, Code.NOT_MODIFIED, Code.HOST_PARKED):
        return outcome
    body = answer.content
    if body and 200 <= status < 300 and outcome.code is Code.BLOCKED:
        # A firewall that answers 202 lets documents through with 202 as well: look at the page.
        outcome = Outcome(Code.OK)
    if outcome.code is Code.OK:
        if body and is_report(body) and not _is_brief_page(body):
            return outcome
        kind = kind_of(body)
        if kind == "empty":
            # Some sites answer with a blank page now and then (domain guide 3.3).
            return Outcome(Code.RETRY, "empty", "the page came without a single character")
        if kind in UNSUPPORTED:
            return Outcome(Code.QUARANTINE, f"unsupported:{kind}", f"a file of kind {kind}")
        if kind not in ("html", "text"):
            return outcome
    elif not status or status in (404, 410):
        return outcome
    case = _Case(answer, read_page(body), body)
    if outcome.code is not Code.OK:
        return _of_refusal(case)
    for rule in (_firewall, _login, _gone, _home_page, _shell):
        found = rule(case)
        if found is not None:
            return found
    if seen is not None:
        first = seen.other_url(answer.url, case.page, body)
        if first and len(case.page.text) <= 4 * _BRIEF:
            return _outcome(Code.GONE, "same_body", f"the same page as {first}")
    return (_nothing(case) if document else None) or outcome


def _is_brief_page(body: bytes) -> bool:
    """A page too short for a report; its menu may name 主动公开 and 行政复议 as well."""
    return (
        len(body) <= READ_BYTES and kind_of(body) == "html" and len(read_page(body).text) <= _BRIEF
    )


def _outcome(code: Code, reason: str, detail: str) -> Outcome:
    clean = "".join(c if c.isprintable() else " " for c in detail)
    return Outcome(code, reason, clean[:300])


def _of_refusal(case: _Case) -> Outcome:
    """A status that is no success: a firewall's refusal is told from a plain one."""
    answer = case.answer
    found = _firewall(case)
    if found is not None:
        return replace(found, retry_after=answer.outcome.retry_after)
    return answer.outcome


def _firewall(case: _Case) -> Outcome | None:
    answer = case.answer
    head = answer.exchanges[-1].head if answer.exchanges else b""
    vendor = waf_vendor(answer.status, head, case.body, case.page)
    if vendor:
        title = case.page.title or case.page.text[:60]
        return _outcome(
            Code.BLOCKED, f"waf:{vendor}", f"status {answer.status}, page titled {title!r}"
        )
    if (
        answer.status in REFUSING_STATUSES
        and len(case.body) <= _PAGE_BYTES
        and len(case.page.text) <= 2 * _BRIEF
    ):
        return _outcome(
            Code.BLOCKED, "waf:unknown", f"status {answer.status} with a page of no document"
        )
    return None


def _login(case: _Case) -> Outcome | None:
    page, final = case.page, urlsplit(case.answer.final_url)
    moved = case.answer.final_url != case.answer.url
    asks = page.password_field or _LOGIN_TEXT.search(page.text) is not None
    if (
        (moved and _LOGIN_PATH.search(final.path) and (asks or case.brief))
        or (_LOGIN_TITLE.search(page.title) and (asks or case.brief))
        or (case.brief and page.password_field)
        or (len(page.text) <= _BRIEF // 2 and _LOGIN_TEXT.search(page.text))
    ):
        return _outcome(Code.BLOCKED, "login", f"a login page titled {page.title!r}")
    return None


def _gone(case: _Case) -> Outcome | None:
    page = case.page
    if page.title and _GONE_TITLE.search(page.title) and len(page.text) <= 4 * _BRIEF:
        return _outcome(Code.GONE, "soft_404", f"page titled {page.title!r}")
    if case.promises_report:
        return None
    final = urlsplit(case.answer.final_url).path
    if case.answer.final_url != case.answer.url and _GONE_PATH.search(final):
        return _outcome(Code.GONE, "soft_404", f"the address leads to {final}")
    said = _GONE_TEXT.search(page.text) if case.brief else None
    if said is None and case.brief and not page.text:
        said = _GONE_TEXT.search(page.alerts)
    if said is not None:
        return _outcome(Code.GONE, "soft_404", f"the page says {said[0]!r}")
    closed = _CLOSED.search(f"{page.title}\n{page.text}") if case.brief else None
    if closed is not None:
        return _outcome(Code.GONE, "site_closed", f"the page says {closed[0]!r}")
    return None


def _home_page(case: _Case) -> Outcome | None:
    asked, got = urlsplit(case.answer.url), urlsplit(case.answer.final_url)
    if _HOME_PATH.fullmatch(asked.path) and not asked.query:
        return None
    if _HOME_PATH.fullmatch(got.path) and not got.query and _is_main_host(asked, got):
        return _outcome(Code.GONE, "home_page", "the address leads to the home page")
    return None


def _nothing(case: _Case) -> Outcome | None:
    """Hardly a word of its own, no list, no file, no picture: an error page in other words.

    Error pages are worded in more ways than a list of phrases holds. The page is kept.
    """
    page = case.page
    if (
        len(page.own) > _THIN
        or page.links > _FEW_LINKS
        or page.years_linked > 1
        or page.documents
        or page.holds_more
        or kind_of(case.body) != "html"
        or case.promises_report
        or _REPORT_WORDS.search(page.own) is not None
        or len(case.body) > READ_BYTES
    ):
        return None
    said = page.own or page.title
    return _outcome(Code.QUARANTINE, "no_content", f"the page says no more than {said!r}")


def _is_main_host(asked: SplitResult, got: SplitResult) -> bool:
    """The host asked for, or its site's main one: a column may have moved to a host of its own."""
    here, there = asked.hostname or "", got.hostname or ""
    main = registered_domain(here)
    return there in (here, f"www.{here.removeprefix('www.')}", main, f"www.{main}")


def _shell(case: _Case) -> Outcome | None:
    page = case.page
    if len(page.text) <= _SHELL and page.app_root and page.scripts:
        return _outcome(
            Code.QUARANTINE, "js_shell", "an empty page that a script would have to fill"
        )
    return None
