"""Titles and addresses outside of links, read in bounded time whatever the page holds."""

from __future__ import annotations

import pytest
from growth import assert_linear

from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.sites import Page, read_listing
from govreport_parse.fetch.sites.unusual import MOST, unusual_entries

URL = "http://www.example.gov.cn/nb/"


def entries(text: str) -> list[tuple[str, str, str | None]]:
    page = Page(URL, text, read_links(text, URL))
    return [(e.url.removeprefix(URL), e.title, e.published) for e in unusual_entries(page)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<script>[{"title":"\\u7532 \\"x\\"","url":"a\\/1.html",'
            '"pubDate":"2024-01-20 8:00"}]</script>',
            [("a/1.html", '甲 "x"', "2024-01-20")],
        ),
        ("<script>p({title:'甲',href:'1.html'})</script>", [("1.html", "甲", None)]),
        ("<script>p({title:'甲'});q({url:'1.html'})</script>", []),
        ("<script>p({title:'甲',url:'javascript:go(1)'})</script>", []),
        ("<script>p({title:'<b>甲</b>&amp;乙',url:'1.html'})</script>",
         [("1.html", "甲&乙", None)]),
        ("<select><option value='1'>一</option><option value='2.html'>二</option></select>",
         [("2.html", "二", None)]),
        ("<option value='1.html'>甲<option value='2.html'>乙</select>", [("1.html", "甲", None)]),
        ("<li data-url='1.html'><i></i><b>甲</b>乙</li><li data-url='#'>丙</li>",
         [("1.html", "甲乙", None)]),
        ("<tr onclick=\"location='1.html'\"><td>甲</td><td>2024-01-20</td></tr>",
         [("1.html", "甲", "2024-01-20")]),
        ("<rss><item><title>甲</title><link>1.html</link></item><item><title>乙</title></item></rss>",
         [("1.html", "甲", None)]),
        ("<feed><entry><title>甲</title><link href='1.html'/></entry></feed>",
         [("1.html", "甲", None)]),
        ("<a href='1.html'>甲</a>", []),
    ],
)  # fmt: skip
def test_entries(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert entries(text) == expected


def test_links_come_first_and_once() -> None:
    text = (
        "<a href='1.html'>甲</a>"
        "<script>p({title:'乙',url:'1.html'},{title:'丙',url:'2.html'})</script>"
    )
    listing = read_listing(Page(URL, text, read_links(text, URL)))
    assert [(e.url.removeprefix(URL), e.title) for e in listing.entries] == [
        ("1.html", "甲"),
        ("2.html", "丙"),
    ]


def test_they_are_bounded() -> None:
    text = "".join(f"<option value='/{n}.html'>第{n}项</option>" for n in range(2 * MOST))
    assert len(entries(text)) == MOST


@pytest.mark.parametrize(
    "unit",
    [
        "{", "{a:", "{title:'", '{"title":"a","url":"', "<item>", "<item><title>a</title>",
        "<entry ",
        "<option value='/a.html'>", "<li data-url='/a.html'>", "<tr onclick=\"location='/a'\">",
        "<link href=", "\\u", "{" + "a:'b'," * 300 + "}",
    ],
)  # fmt: skip
def test_hostile_pages_take_linear_time(unit: str) -> None:
    assert_linear(lambda n: unusual_entries(Page(URL, unit * (n // len(unit)), ())), 400_000)
