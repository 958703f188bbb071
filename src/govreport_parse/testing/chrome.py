"""The page around the article, as eight CMS families write it (domain guide 3, 2.6).

Class, id and meta names are those of the families; navigation, breadcrumb and trailer are
invented. ``bare`` is a page with nothing around the article.
"""

from __future__ import annotations

import html
import random
import re
from base64 import b64encode
from collections.abc import Callable, Mapping

from govreport_parse.testing.generate import Record

_NAV = ("首页", "走进本地", "新闻中心", "政务公开", "办事服务", "互动交流", "专题专栏")


def attr(text: str) -> str:
    """Text for a quoted attribute."""
    return html.escape(text, quote=True)


def _metas(record: Record, **more: str) -> str:
    named = {
        "SiteName": record.organ,
        "SiteIDCode": "3417220001",
        "ArticleTitle": record.title,
        "PubDate": f"{record.published} 10:20",
        "ContentSource": record.organ,
        **more,
    }
    return "\n".join(f'<meta name="{k}" content="{attr(v)}">' for k, v in named.items())


def _nav() -> str:
    """A menu drawn as a table, which is no report's table."""
    cells = "".join(f'<td><a href="/{i}/">{name}</a></td>' for i, name in enumerate(_NAV))
    return f'<table class="nav" width="100%"><tr>{cells}</tr></table>'


def _index_block(record: Record) -> str:
    """索引号, 发布机构, dates: the four-column block above an article."""
    rows = (
        ("索引号：", "11341722003283914N/202401-00012", "主题分类：", "政府信息公开年报"),
        ("发布机构：", record.organ, "发布日期：", record.published),
        ("标题：", record.title, "有效性：", "有效"),
    )
    lines = "".join(
        "<tr>" + "".join(f"<td>{attr(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<table class="xxgk_table" border="0">{lines}</table>'


def _crumbs(record: Record) -> str:
    return (
        '<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a>'
        f" &gt; <a href='/nb/'>政府信息公开年报</a> &gt; {record.year}年</div>"
    )


def _foot() -> str:
    return (
        '<div class="share">分享到： 【打印】 【关闭】</div>\n'
        '<div class="footer">主办单位：本级人民政府办公室 网站标识码：3417220001 '
        "联系电话：0566-0000000</div>"
    )


def _hanweb(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f"{_nav()}{_crumbs(record)}\n<div class='xxgk'>{_index_block(record)}</div>\n"
        f"<span>来源：<!--<$[信息来源]>begin-->{record.organ}<!--<$[信息来源]>end--></span>\n"
        '<div id="zoom">\n<meta name="ContentStart">\n'
        f'{body}\n<meta name="ContentEnd">\n</div>\n{_foot()}'
    )


def _trs(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f"{_nav()}{_crumbs(record)}\n<div class='article'><div class='info'>发布时间："
        f"{record.published} 来源：{record.organ} 浏览次数：<span>128</span></div>\n"
        "<div class='TRS_Editor'><div class='Custom_UnionStyle'>\n"
        f"<style type='text/css'>.TRS_Editor P{{line-height:2}}</style>\n{body}\n"
        f"</div></div></div>\n{_foot()}"
    )


def _ucap(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f"{_nav()}{_crumbs(record)}\n<h2><UCAPTITLE>{attr(record.title)}</UCAPTITLE></h2>\n"
        f'<div id="zoomcon"><UCAPCONTENT>\n{body}\n</UCAPCONTENT></div>\n'
        f"<script>createPageHTML('page_div', 1, 1, 'index', 'shtml', 20);</script>\n{_foot()}"
    )


def _nfcms(record: Record, body: str) -> tuple[str, str]:
    return _metas(record, ArticleId="4362518"), (
        f"{_nav()}{_crumbs(record)}\n<div class='news_cont_d_wrap'><div class='article-content'>\n"
        f"{body}\n</div></div>\n{_foot()}"
    )


def _gkmlpt(record: Record, body: str) -> tuple[str, str]:
    return _metas(record, ArticleId="4362519"), (
        "<script>window._CONFIG = {SID: '755062', CATEGORY: 7019};</script>\n"
        f"<div class='classify'>{_index_block(record)}</div>\n"
        f"<div class='article-content'>\n{body}\n</div>\n{_foot()}"
    )


def _anhui(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f"{_nav()}\n<div class='wz_top'>您现在的位置：<a href='/'>首页</a> &gt; {record.organ} "
        f"&gt; 政府信息公开年报</div>\n{_index_block(record)}\n<div class='wz_info'>发布时间："
        f"{record.published} 来源：{record.organ} 字体：[ 大 中 小 ]</div>\n"
        f"<div class='xxgk_content wzcon'>\n{body}\n</div>\n{_foot()}"
    )


def _vsb(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f'{_nav()}{_crumbs(record)}\n<form name="_newscontent_fromname">\n<h1>'
        f'{attr(record.title)}</h1>\n<div id="vsb_content"><div class="v_news_content">\n{body}\n'
        f"</div></div>\n<p>上一条：无</p><p>下一条：无</p></form>\n{_foot()}"
    )


def _shaanxi(record: Record, body: str) -> tuple[str, str]:
    return _metas(record), (
        f"{_nav()}\n<div class='crumb'>首页 / 政府信息公开年报 / 镇街 / {record.year}年</div>\n"
        f"{_index_block(record)}\n<div class='pages_content'><div id='articleContent'>\n{body}\n"
        f"</div></div>\n{_foot()}"
    )


def _bare(_: Record, body: str) -> tuple[str, str]:
    return "", body


FAMILIES: Mapping[str, Callable[[Record, str], tuple[str, str]]] = {
    "hanweb": _hanweb,
    "trs": _trs,
    "ucap": _ucap,
    "nfcms": _nfcms,
    "gkmlpt": _gkmlpt,
    "anhui": _anhui,
    "vsb": _vsb,
    "shaanxi": _shaanxi,
}
"""CMS family to its page."""


def page(record: Record, body: str, family: str | None, encoding: str) -> str:
    """A whole HTML page; ``encoding`` is only the label in ``<meta charset>``."""
    head, inside = (FAMILIES[family] if family else _bare)(record, body)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="{encoding}">\n'
        f"<title>{attr(record.title)}</title>\n{head}\n</head>\n<body>\n{inside}\n</body>\n</html>\n"
    )


_STYLE = "border:1px solid #000;padding:0 7px;width:{n}px;font-family:仿宋_GB2312;font-size:14px;"
_TAG = re.compile(r"<(td|p|div)(?=[ >])(?![^>]*style)")
_MOST_STYLE = 140_000


def grown(text: str, size: int) -> str:
    """``text`` grown to about ``size`` bytes of UTF-8: style attributes first, then a picture.

    The words stay as they are. A page that is larger already comes back unchanged.
    """
    missing = size - len(text.encode())
    count = len(_TAG.findall(text))
    if missing <= 0 or not count:
        return text
    repeats = min(missing, _MOST_STYLE) // count // len(_STYLE.encode())
    if repeats:
        style = "".join(_STYLE.format(n=n) for n in range(repeats))
        text = _TAG.sub(lambda m: f'{m[0]} style="{style}"', text)
    missing = size - len(text.encode()) - 60
    if missing > 0:
        data = random.Random(size).randbytes(missing * 3 // 4)
        image = f'<p><img src="data:image/png;base64,{b64encode(data).decode()}"></p>\n'
        at = text.rindex("</body>")
        text = text[:at] + image + text[at:]
    return text
