"""Links of hand-written pages: what is found, in which row, and what is left out."""

from __future__ import annotations

import random
import time

import pytest

from govreport_parse.fetch.links import MAX_LINKS, attachments, read_links
from govreport_parse.fetch.tags import Tag, stream
from govreport_parse.testing import FAMILIES, random_record, render_html

BASE = "http://www.example.gov.cn/xxgk/nb/index.html"


def urls(page: str, base: str = BASE, **more: str) -> list[str]:
    return [link.url for link in read_links(page, base, **more)]


def test_anchors_with_text_title_and_row() -> None:
    page = """
    <ul class="list">
     <li><a href="202401/t20240130_1.html" title="石台县教育局2023年政府信息公开工作年度报告"
       target=_blank>石台县教育局2023年政府信息公…</a><span>2024-01-30</span></li>
     <li><div class=t><a href='/b.html'>乙局<b>2022年</b>年报</a></div><div>2023-01-20</div></li>
    </ul>
    """
    first, second = read_links(page, BASE)
    assert first.url == "http://www.example.gov.cn/xxgk/nb/202401/t20240130_1.html"
    assert first.text == "石台县教育局2023年政府信息公…"
    assert first.label == "石台县教育局2023年政府信息公开工作年度报告"
    assert first.context == "石台县教育局2023年政府信息公…2024-01-30"
    assert (second.url, second.text) == ("http://www.example.gov.cn/b.html", "乙局2022年年报")
    assert second.context == "乙局2022年年报 2023-01-20"


def test_a_row_is_not_its_neighbours() -> None:
    page = "<table><tr><td><a href=1.htm>甲</a><td>2020<tr><td><a href=2.htm>乙</a><td>2021</table>"
    assert [link.context for link in read_links(page, BASE)] == ["甲 2020", "乙 2021"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a href=a.html>x</a>", "http://www.example.gov.cn/xxgk/nb/a.html"),
        ("<A HREF='../a.html'>x</A>", "http://www.example.gov.cn/xxgk/a.html"),
        ('<a\n href = "a.html?x=1&amp;y=2" >x', "http://www.example.gov.cn/xxgk/nb/a.html?x=1&y=2"),
        ("<a href='//b.gov.cn/a'>x</a>", "http://b.gov.cn/a"),
        ("<area href=/map.html>", "http://www.example.gov.cn/map.html"),
        ("<iframe src='/inc/list.html'></iframe>", "http://www.example.gov.cn/inc/list.html"),
        ("<frameset><frame src=left.htm></frameset>", "http://www.example.gov.cn/xxgk/nb/left.htm"),
        (
            "<meta http-equiv=refresh content='0;url=/new/index.html'>",
            "http://www.example.gov.cn/new/index.html",
        ),
        (
            '<META HTTP-EQUIV="Refresh" CONTENT="3; URL=\'../new/\'">',
            "http://www.example.gov.cn/xxgk/new/",
        ),
        (
            "<a href='javascript:;' onclick=\"window.open('/a/1.html')\">x</a>",
            "http://www.example.gov.cn/a/1.html",
        ),
        (
            "<a href=\"javascript:window.open('/a/2.html','_blank')\">x</a>",
            "http://www.example.gov.cn/a/2.html",
        ),
        ("<td onclick=\"location.href='/a/3.html'\">x</td>", "http://www.example.gov.cn/a/3.html"),
        (
            "<div onClick='window.location=\"/a/4.html\"'>x</div>",
            "http://www.example.gov.cn/a/4.html",
        ),
        ("<a href='#' data-href='/a/5.html'>x</a>", "http://www.example.gov.cn/a/5.html"),
        ("<a href='/x.html#part'>x</a>", "http://www.example.gov.cn/x.html"),
        ("<a href=' /a b.html '>x</a>", "http://www.example.gov.cn/a%20b.html"),
        ("<a title='a>b' href=/q.html>x</a>", "http://www.example.gov.cn/q.html"),
        (
            "<iframe src='/pdfjs/web/viewer.html?file=/u/2023.pdf'></iframe>",
            "http://www.example.gov.cn/u/2023.pdf",
        ),
        ("<embed src='/u/2023.pdf'>", "http://www.example.gov.cn/u/2023.pdf"),
        ("<object data='/u/2022.pdf'></object>", "http://www.example.gov.cn/u/2022.pdf"),
    ],
)
def test_where_addresses_stand(markup: str, expected: str) -> None:
    assert urls(markup) == [expected]


def test_base_href() -> None:
    page = "<head><base href='/other/'></head><a href=a.html>x</a>"
    assert urls(page) == ["http://www.example.gov.cn/other/a.html"]


@pytest.mark.parametrize(
    ("href", "encoding", "expected"),
    [
        ("/%C4%EA%B1%A8/1.html", "gb18030", "/%C4%EA%B1%A8/1.html"),
        ("/年报/1.html", "gb18030", "/%E5%B9%B4%E6%8A%A5/1.html"),
        ("/s?q=年报", "gb18030", "/s?q=%C4%EA%B1%A8"),
        ("/s?q=年报", "utf-8", "/s?q=%E5%B9%B4%E6%8A%A5"),
        ("/s?q=%C4%EA年", "gb18030", "/s?q=%C4%EA%C4%EA"),
    ],
)
def test_other_characters_than_ascii(href: str, encoding: str, expected: str) -> None:
    got = urls(f"<a href='{href}'>x</a>", encoding=encoding)
    assert got == [f"http://www.example.gov.cn{expected}"]


def test_links_that_lead_nowhere_are_counted() -> None:
    page = """<a href="javascript:void(0)">a</a><a href="JavaScript:goPage(2)">b</a>
    <a href="mailto:a@b.cn">c</a><a href="tel:0566">d</a><a href="#top">e</a><a href="">f</a>
    <a href="ftp://a.cn/x">g</a><a href="data:text/html,x">h</a><a name="anchor">i</a>
    <a href="http://[bad/">j</a><a href="/good.html">k</a><a href="thunder://QUFo">l</a>"""
    links = read_links(page, BASE)
    assert [link.url for link in links] == ["http://www.example.gov.cn/good.html"]
    assert dict(links.left_out) == {
        "javascript": 2,
        "mailto": 1,
        "tel": 1,
        "fragment": 1,
        "empty": 1,
        "scheme": 3,
        "bad": 1,
    }


@pytest.mark.parametrize(
    "script",
    [
        "window.location.href='/web/index.html';",
        'location.replace("/web/index.html")',
        "self.location = '/web/index.html'",
        "window.location='http://www.example.gov.cn/web/index.html'",
    ],
)
def test_a_page_that_only_sends_the_browser_on(script: str) -> None:
    links = read_links(f"<html><script>{script}</script><body></body></html>", BASE)
    assert [(link.url, link.tag) for link in links] == [
        ("http://www.example.gov.cn/web/index.html", "script")
    ]
    with_links = read_links(f"<script>{script}</script><a href=/a.html>x</a>", BASE)
    assert [link.tag for link in with_links] == ["a"]


def test_scripts_comments_and_styles_hold_no_links() -> None:
    page = """<script>document.write("<a href='/no1.html'>x</a>")</script>
    <!-- <a href="/no2.html">x</a> --><style>a{background:url(/no3.html)}</style>
    <textarea><a href="/no4.html">x</a></textarea><a href="/yes.html">x</a>"""
    assert urls(page) == ["http://www.example.gov.cn/yes.html"]


def test_one_address_once_with_the_best_words() -> None:
    page = """<a href="/1.html"><img src="/pic.jpg"></a><a href="/1.html" title="全名">名</a>
    <a href="/2.html">二</a><a href="/1.html#x">更多</a>"""
    links = [link for link in read_links(page, BASE) if link.tag == "a"]
    assert [(link.url[-7:], link.text, link.title) for link in links] == [
        ("/1.html", "名", "全名"),
        ("/2.html", "二", ""),
    ]


def test_meta_robots_and_rel() -> None:
    links = read_links("<meta name=robots content='noindex, NOFOLLOW'><a rel='a  B' href=x>x", BASE)
    assert links.nofollow
    assert links[0].rel == "a b"
    assert not read_links("<meta name=robots content=index>", BASE).nofollow


def test_an_unclosed_quote_or_comment_does_not_swallow_the_page() -> None:
    assert len(urls("<a href='/1.html>x</a><p>" + "y" * 5000 + "<a href=/2.html>z</a>")) == 2
    assert urls("<!-- never closed <a href=/1.html>x</a>") == ["http://www.example.gov.cn/1.html"]
    assert urls("<script>never closed <a href=/1.html>x</a>") == [
        "http://www.example.gov.cn/1.html"
    ]


def test_a_list_of_a_hundred_thousand_links_is_cut_and_says_so() -> None:
    page = "".join(f"<li><a href=/p{n}.html>第{n}条</a></li>" for n in range(100_000))
    links = read_links(page, BASE)
    assert len(links) == MAX_LINKS
    assert links.cut


@pytest.mark.parametrize(
    "unit",
    [
        *("<ul><li>", "<div>", "<table><tr><td>", "<p><font>", "<b><i><a>", "<a b>", "<template>"),
        *("<select><option>x", "<!--", "<script>", "<textarea>", "<", "</", "<a href='", '<a "'),
        *(
            "</div>",
            "&amp;",
            "<div id=zoom>",
            "<a href=x>",
            "<td>总体情况",
            "<svg><g>",
            '<a href="',
        ),
        *(
            "<!",
            "<?",
            "onclick=",
            "<div onclick=\"location='",
            "<base href=x>",
            "<meta http-equiv=refresh content='",
        ),
    ],
)
def test_bombs_take_linear_time(unit: str) -> None:
    page = (unit * 60_000)[:150_000]
    start = time.process_time()
    read_links(page, BASE)
    assert time.process_time() - start < 20


def test_random_soup_never_raises() -> None:
    rng = random.Random(2)
    tags = (
        "<a href= ' \" > < / li <li> </a> = &#x 年 <!-- --> <script </script> onclick= <base href="
    )
    words = [*tags.split(" "), *"[]% \x00\ud800", "http://", "window.open('", "<img src=a.jpg "]
    for _ in range(2000):
        page = "".join(rng.choice(words) for _ in range(rng.randrange(40)))
        read_links(page, BASE)
        for item in stream(page):
            assert isinstance(item, (Tag, str))


# --- the main text and its files ----------------------------------------------------------------

NAV = "<div class=nav><a href='/guide.pdf'>办事指南</a><a href='/'>首页</a></div>"
FOOT = "<div class=foot><a href='/old/2020.doc'>往期</a><img src='/images/jiucuo.png'></div>"


def report(body: str, box: str = "<div id='zoom'>") -> str:
    return f"<html><body>{NAV}{box}{body}</div>{FOOT}</body></html>"


def files(page: str, **more: object) -> list[str]:
    return [
        link.url.removeprefix("http://www.example.gov.cn")
        for link in attachments(read_links(page, BASE), **more)  # type: ignore[arg-type]
    ]


def test_files_of_the_main_text() -> None:
    body = """<div><p>附件：<a href="/u/a.pdf">报告</a></p></div><p><a href="/u/b.docx">表</a>
    <a href="/u/c.zip">包</a><a href="/u/d.wps">文</a><a href="/u/e.xls">表</a>
    <a href="/u/f.html">相关</a>
    <a href="/module/download/downfile.jsp?classid=0&filename=x.ofd">g</a>
    <a href="/attach/down?id=7">下载</a></p>"""
    assert files(report(body)) == [
        "/u/a.pdf",
        "/u/b.docx",
        "/u/c.zip",
        "/u/d.wps",
        "/u/e.xls",
        "/module/download/downfile.jsp?classid=0&filename=x.ofd",
        "/attach/down?id=7",
    ]


def test_pictures_that_are_no_dress() -> None:
    body = """<p><img src="W020240130.jpg" width="800"><img src="/images/icon_pdf.png">
    <img src="/u/dot.gif" width=3><img src="/img/logo.jpg"><a href="big.png">大图</a></p>"""
    page = report(body)
    assert files(page) == ["/xxgk/nb/W020240130.jpg", "/xxgk/nb/big.png"]
    assert files(page, images=False) == []


def test_outside_the_main_text_only_what_is_named() -> None:
    page = report("<p>正文</p>") + (
        "<div>附件：<a href='/u/1.pdf'>点击下载</a></div>"
        "<div><a href='/u/2.doc'>石台县教育局2023年政府信息公开工作年度报告.doc</a></div>"
        "<div><a href='/u/3.doc'>石台县教育局2022年政府信息公开工作年度报告.doc</a></div>"
    )
    title = "石台县教育局2023年政府信息公开工作年度报告"
    assert files(page, title=title) == ["/u/1.pdf", "/u/2.doc"]


@pytest.mark.parametrize(
    "box",
    [
        "<div class='TRS_Editor'>",
        '<div id="zoomcon">',
        "<div class='a article-content b'>",
        "<div id=vsb_content_2>",
        "<article>",
        "<UCAPCONTENT>",
        "<div class='xxgk_content wzcon'>",
    ],
)
def test_main_text_by_the_families_names(box: str) -> None:
    name = box[1:].partition(" ")[0].rstrip(">")
    page = f"{NAV}{box}<p><a href='/u/a.pdf'>a</a></p></{name}>{FOOT}"
    assert files(page) == ["/u/a.pdf"]


def test_main_text_between_the_marks_of_hanweb() -> None:
    page = f"{NAV}<meta name='ContentStart'><a href='/u/a.pdf'>a</a><meta name='ContentEnd'>{FOOT}"
    assert files(page) == ["/u/a.pdf"]


def test_main_text_by_the_section_names() -> None:
    inner = "".join(
        f"<p>{name}</p><p>……</p>"
        for name in (
            "一、总体情况",
            "二、主动公开政府信息情况",
            "三、收到和处理政府信息公开申请情况",
        )
    )
    page = f"{NAV}<div class=x><div class=y>{inner}<a href='/u/a.pdf'>a</a></div></div>{FOOT}"
    assert files(page) == ["/u/a.pdf"]


def test_a_menu_that_repeats_one_section_is_no_main_text() -> None:
    page = "<div>" + "<a href='/x.pdf'>总体情况</a>" * 5 + "</div>"
    assert not any(link.in_article for link in read_links(page, BASE))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("layout", ["clean", "paragraphs", "word", "one_table", "text_in_br"])
def test_main_text_in_pages_of_the_generator(family: str, layout: str) -> None:
    """Eight families' pages around a report: its file is found, a file in the foot is not."""
    page = render_html(random_record(random.Random(7)), layout, family).text
    assert page.count("总体情况") >= 1
    before, mark, after = page.rpartition("总体情况")
    page = f"{before}{mark}<a href='/u/a.pdf'>附表</a>{after}"
    page = page.replace("</body>", "<div><a href='/old/2020.pdf'>往期</a></div></body>")
    assert files(page) == ["/u/a.pdf"]
