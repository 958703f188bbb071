"""The quick reader of links finds what the plain one finds: on hand-made soup, on whole sites."""

from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fetch import plain_links
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.fetch import tags
from govreport_parse.fetch.attachments import attachments, may_be_file
from govreport_parse.fetch.links import MAX_LINKS, read_files, read_links
from govreport_parse.fetch.tags import stream
from govreport_parse.testing import FAMILIES, random_record, render_html

BASE = "http://www.x.gov.cn/zwgk/nb/t1.html"
BASES = (BASE, "http://a.gov.cn/download/t1.html", "http://a.gov.cn/x.pdf", "http://a.gov.cn/?p=1")
FIXTURES = Path(__file__).parents[3] / "fixtures"


def words(text: str) -> list[str]:
    return text.replace("\n¦", "¦").split("¦")


LINKS = words("""<a href="a.pdf">¦<a href='/x.html' title='t  t'>¦<a href=b.html rel=next>
¦<a href="down/1">¦<a href="x?name=a%252epdf">¦<a href='#' data-href=a.zip>
¦<a href="javascript:window.open('/o.rar')">¦<object data=o.pdf>
¦<iframe src="/pdfjs/viewer.html?file=/v.pdf">¦<area href=ar.xls>¦<a name=x>
¦<meta http-equiv=refresh content="0;url=/r.pdf">¦<a href="a.p\tdf">
¦<a href="a&#46;pdf">¦<img src="p.jpg" alt="图 片">¦<img src=q.pdf>¦<A HREF=A.PDF>
¦<a href='f.pdf'/>¦<a href="?n=2">¦<div class='wzcon' onclick="window.open('/c.doc')">
¦<td OnClick="location.href='/d.html'">¦<base href="/down/">¦<base href="/y/">
¦<a href="a&percnt;2epdf">¦<a href="http://[bad/">¦</a>¦</a>¦<a href="mailto:a@b.cn">
¦<a title='附件' href="/İ/e.docx">¦<a href="/attach/1" title="下载
附件">""")
FRAMES = words("""<li>¦</li>¦<ul>¦</ul>¦<td>¦</td>¦<tr>¦</tr>¦<table>¦</table>¦<div>¦</div>
¦<div id="zoom">¦<p>¦</p>¦<br>¦<span>¦</span>¦<article>¦</article>
¦<meta name=ContentStart>¦<meta name="ContentEnd">¦<meta name=robots content=nofollow>
¦<form>¦</form>¦<h1>¦</h1>¦<body>¦</body>¦<div class=wzcon>¦</div>¦</div>""")
TEXTS = words("""附件：¦  \n ¦&nbsp;¦&amp;¦总体情况如下¦主动公开政府信息情况
¦处理政府信息公开申请¦主要问题及改进¦甲县2023年政府信息公开工作年度报告
¦<script>var a="<a href=s.pdf>";</script>¦<script src=x></script>
¦<script>location='/z.pdf'</script>¦<!-- <a href=c.pdf> -->
¦<textarea><a href=t.pdf></textarea>¦x&#1;y¦<!doctype html>¦<![endif]>¦<!-->¦--><""")
ODD = words("""<!--¦-->¦<¦</¦< 5¦'¦"¦>¦<a href="a.pdf" title='x>¦<script>¦</SCRIPT¦<style x>
¦<xmp¦</noframes>¦<a ¦<?¦<!¦=¦&#x¦</>¦<td "¦<é¦<ſcript>¦--¦->¦/""")


def agree(page: str, base: str, encoding: str = "utf-8") -> int:
    """Both readers tell the same of a page; how many files there are."""
    quick = read_links(page, base, encoding=encoding)
    plain = plain_links.read_links(page, base, encoding=encoding)
    for told in ("left_out", "cut", "nofollow"):
        assert getattr(quick, told) == getattr(plain, told), (told, page)
    assert list(quick) == list(plain), page
    files = read_files(page, base, encoding=encoding)
    assert list(files) == [link for link in plain if may_be_file(link.url)], page
    assert files.nofollow == plain.nofollow
    bare = read_links(page, base, encoding=encoding, rows=False)
    assert [replace(link, context="") for link in bare] == [
        replace(link, context="") for link in plain
    ]
    assert [link for link in bare if may_be_file(link.url)] == list(files), page
    whole = attachments(plain, title="甲县2023年政府信息公开工作年度报告", images=False)
    assert attachments(files, title="甲县2023年政府信息公开工作年度报告", images=False) == whole
    return len(files)


def pieces_of(page: str) -> list[object]:
    return [x if isinstance(x, str) else (x.name, x.closing, x.raw) for x in stream(page)]


def plain_pieces(page: str) -> list[object]:
    found = plain_links.stream(page)
    return [x if isinstance(x, str) else (x.name, x.closing, x.raw) for x in found]


def test_no_link_of_a_soup_differs() -> None:
    rng = random.Random(4)
    files = 0
    for _ in range(1500):
        parts = [*LINKS, *FRAMES, *TEXTS, *(ODD if rng.random() < 0.2 else ())]
        page = "".join(rng.choice(parts) for _ in range(rng.choice((3, 10, 30, 60))))
        files += agree(page, rng.choice(BASES))
    assert files > 3000


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*LINKS, *FRAMES, *TEXTS, *ODD]), max_size=20))
def test_no_link_differs(parts: list[str]) -> None:
    agree("".join(parts), BASE)


def test_pages_are_cut_at_the_same_places() -> None:
    """Small odd pages: what is read at once is cut as what is read tag by tag."""
    rng = random.Random(5)
    parts = [*ODD, *ODD, "x", " ", "<li>", "</li>", "<n ", "<table>", "<!-- a -->", "<Script a=1>"]
    for _ in range(20_000):
        page = "".join(rng.choice(parts) for _ in range(rng.randrange(1, 9)))
        assert pieces_of(page) == plain_pieces(page), page


def test_long_stretches_are_cut_at_the_same_places() -> None:
    """At the bounds: of names, of quotes, of what is looked at."""
    for length in (39, 40, 41, 42, 3999, 4000, 4001, 4095, 4096, 4097):
        for page in (
            f"a<{'n' * length} x>b",
            f'a<b c="{"y" * length}">d<e>',
            f"a<b c='{'<' * length}'>d<e>",
            f"<b '{'y' * length}><script>{'<' * length}</script>z",
        ):
            assert pieces_of(page) == plain_pieces(page)


def test_long_pages_are_cut_where_looking_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (plain_links, tags):
        monkeypatch.setattr(module, "MAX_CHARACTERS", 200)
    whole = "<p>x</p>" * 25
    for more in ("", "y", "<p>more", "<!-- a -->", "<a href=b.html>"):
        for cut in range(12):
            page = whole[: len(whole) - cut] + more
            assert pieces_of(page) == plain_pieces(page)


def readable(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace"), "gb18030"


@pytest.mark.parametrize("folder", ["site", "ogi_annual_2021", "narrative", "broken", "mixed"])
def test_no_link_of_the_fixtures_differs(folder: str) -> None:
    paths = sorted(p for p in (FIXTURES / folder).rglob("*") if "htm" in p.suffix)
    assert paths
    for path in paths:
        text, encoding = readable(path)
        agree(text, f"http://www.x.gov.cn/zwgk/nb/{path.name}", encoding)
        assert pieces_of(text) == plain_pieces(text)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_link_of_generated_pages_differs(family: str) -> None:
    for layout in ("clean", "word", "text_in_br"):
        text = render_html(random_record(random.Random(9)), layout, family).text
        agree(text, BASE)
        # A file put before every tenth tag: in menus, in cells, in the middle of sections.
        parts = re.split(r"(?=<[a-z])", text)
        for at in range(10, len(parts), 10):
            parts[at] = f"<a href='/u/{at}.pdf'>附件{at}</a>{parts[at]}"
        assert agree("".join(parts), BASE) >= (len(parts) - 10) // 10 - 5


def test_a_page_of_more_links_than_are_read_is_read_plainly() -> None:
    page = "<a href=x.html>x</a>" * MAX_LINKS + "<a href=late.pdf>附件</a>"
    assert list(read_files(page, BASE)) == []
    assert [f.url[-6:] for f in read_files(page[20:], BASE)] == ["te.pdf"]


def test_a_query_of_many_fields_is_read_as_far_as_it_goes() -> None:
    fields = "&".join(f"f{n}={n}" for n in range(200))
    (link,) = read_links(f"<a href='/d.jsp?{fields}'>x</a>", BASE)
    assert link.kind == "page"
    (named,) = read_links(f"<a href='/d.jsp?filename=a.doc&{fields}'>x</a>", BASE)
    assert named.kind == "document"
    (shown,) = read_links(f"<iframe src='/viewer.html?file=/a.pdf&{fields}'></iframe>", BASE)
    assert shown.url == "http://www.x.gov.cn/a.pdf"


def test_scripts_behind_an_empty_one_hold_no_links() -> None:
    page = "<script src=a.js></script><script>w('<a href=no.html>')</script><a href=yes.html>x</a>"
    assert [link.url[-8:] for link in read_links(page, BASE)] == ["yes.html"]


@pytest.mark.parametrize(
    "unit",
    [
        *("<a href=a.pdf>", "<li><a href=a.pdf>", "<img src=a.pdf>", "<a b>", "<div id=zoom>", "<"),
        *(
            "<a href=a.pdf><div id=zoom></span>",
            "<span>总体情况<span>主动公开政府信息<span>",
            "<!--",
        ),
        *("<script>", "<script", "<script></script", "<style>-", "<!---", "<a '\"<b ", "<a '<b "),
        *("<a href=a.pdf><img alt=''>", "<meta name=contentstart><meta name=contentend>", "</td>"),
    ],
)
def test_bombs_take_linear_time(unit: str) -> None:
    page = (unit * 150_000)[:150_000]
    start = time.process_time()
    read_files(page, BASE)
    assert time.process_time() - start < 20
