"""A quick look at a page's bytes must never say that a page with files has none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.fetch.link_hints import may_have_files
from govreport_parse.fetch.links import attachments, read_links

BASE = "http://www.x.gov.cn/zwgk/nb/t1.html"

FILES = [
    '<a href="a.pdf">附件</a>',
    "<a href=A.DOCX>附件</a>",
    '<a href="/x/附件1.xls">附件</a>',
    '<a href="down.jsp?filename=1.zip">附件</a>',
    '<a href="x?fileurl=/a/b.wps&amp;t=1">附件</a>',
    '<a href="download/12">附件</a>',
    '<a href="/attach/12/">附件</a>',
    '<a href="/module/download/downfile.jsp?i=1">附件</a>',
    '<a href="x/FileDownload?id=3">附件</a>',
    '<a href="a%2Epdf">附件</a>',
    '<a href="a.%70df">附件</a>',
    '<a href="a&#46;pdf">附件</a>',
    '<a href="a.p&#x64;f">附件</a>',
    '<a href="a&period;pdf">附件</a>',
    '<a href="a.p\ndf">附件</a>',
    '<a href="#" onclick="window.open(\'/a/b.doc\')">附件</a>',
    '<base href="http://www.x.gov.cn/download/"><a href="12">附件</a>',
    "<a class='q>' href=\"a.pdf\">附件</a>",
    '<p title="<a \'"> <a class=\'q>\' href="a.pdf">附件</a>',
    "<p onclick=\"window.open('/a/b.doc')\">附件</p>",
    "<p onclick            =\"window.open('/a/b.doc')\">附件</p>",
    '<a href="a.pdf" title="it\'s>附件</a>',
    '<a href="a.pdf"<b>附件</a>',
    '<iframe src="/web/viewer.html?file=/a/b.pdf"></iframe>附件',
]
ODD = ["'", '"', "<a ", "<a '", '<p title="', "onclick=", "onclick='", ">", "<!--", "<area/"]
PLAIN = [
    '<a href="t2.html">2022年度报告</a>',
    "<td>&nbsp;&#160;12.5%&#12288;</td>",
    '<img src="/images/logo.png">',
    '<a href="http://www.y.gov.cn/">友情链接</a>',
    "<script>var a = $.fn;\nif (a.b) { c(); }</script>",
    "<p>共2.5万件。</p>",
    '<script src="/js/download.js">var file = "a.pdf"; e.onclick = function() {};</script>',
    "<p>文件《a.pdf》的说明，profile</p>",
]


@pytest.mark.parametrize("piece", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_every_way_to_name_a_file_is_seen(piece: str, encoding: str) -> None:
    page = f'<html><body><div id="zoom"><a href="/">首页</a>{piece}</div></body></html>'
    assert attachments(read_links(page, BASE, encoding=encoding)), "the example names no file"
    assert may_have_files(page.encode(encoding), BASE)


def test_a_page_below_a_download_address_is_read() -> None:
    base = "http://www.x.gov.cn/download/2023/t1.html"
    page = '<div id="zoom"><a href="12">附件</a></div>'
    assert attachments(read_links(page, base))
    assert may_have_files(page.encode(), base)


@pytest.mark.parametrize("piece", PLAIN)
def test_ordinary_pages_are_not_read(piece: str) -> None:
    page = f'<html><body><div id="zoom">{piece}<a href="/">首页</a></div></body></html>'
    assert not may_have_files(page.encode(), BASE)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*FILES, *PLAIN, *ODD]),
            st.builds(
                '<a href="{}{}{}">附件</a>'.format,
                st.text("ab./%25&#;?=\n\t年F", max_size=8),
                st.sampled_from([".", "%2e", "&#46;", ".\n", "/"]),
                st.sampled_from(["pdf", "Doc", "%5aip", "7z", "r&#97;r", "file", "html", "x\tls"]),
            ),
        ),
        max_size=6,
    )
)
def test_no_file_is_overlooked(pieces: list[str]) -> None:
    page = f'<div id="zoom">{"".join(pieces)}</div>'
    if attachments(read_links(page, BASE), images=False):
        assert may_have_files(page.encode(), BASE)
