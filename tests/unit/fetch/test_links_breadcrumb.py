"""Breadcrumbs in the markup of the families."""

from __future__ import annotations

import random
import time

import pytest

from govreport_parse.fetch.breadcrumbs import read_breadcrumb
from govreport_parse.testing import FAMILIES, random_record, render_html


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            "<div class='position'>当前位置：<a href='/'>首页</a>"
            " &gt; <a>政务公开</a> &gt; 2023年</div>",
            "首页 > 政务公开 > 2023年",
        ),
        (
            "<td>您现在的位置: <a href=/>首页</a>&nbsp;&gt;&gt;&nbsp;<a>政府信息公开年报</a></td>",
            "首页 > 政府信息公开年报",
        ),
        (
            "<div>您的位置：</div><p>x</p>"
            "<ul class='breadcrumb'><li><a>首页</a></li><li><a>年报</a></li><li>2021年</li></ul>",
            "首页 > 年报 > 2021年",
        ),
        ("<div class='dqwz'><a>首页</a>»<a>镇街</a>»<a>2022年</a></div>", "首页 > 镇街 > 2022年"),
        (
            "<div class=bt>所在位置：<span><a>首页</a>-&gt;<a>法定主动公开内容</a></span></div>",
            "首页 > 法定主动公开内容",
        ),
        (
            "<td class='pos'>您现在的位置是：\n <a title='首页'>首页</a>&nbsp;&gt;&gt;&nbsp;"
            "<a>信息公开</a>&nbsp;&gt;&gt;&nbsp;<a>信息公开年报</a>\n</td>",
            "首页 > 信息公开 > 信息公开年报",
        ),
        ("<div>地理位置优越，交通便利。</div>", ""),
        ("<div><p>正文</p></div>", ""),
        ("", ""),
    ],
)
def test_breadcrumb(markup: str, expected: str) -> None:
    got = read_breadcrumb(f"<html><body>{markup}<div>正文位置</div></body></html>")
    assert got == expected or (not expected and " > " not in got)


def test_pages_of_the_generator() -> None:
    rng = random.Random(4)
    found = 0
    for family in FAMILIES:
        record = random_record(rng)
        got = read_breadcrumb(render_html(record, "clean", family).text)
        found += "政府信息公开年报" in got
        assert len(got) < 300
    assert found >= 3


@pytest.mark.parametrize(
    "unit", ["当前位置：", "<div class=position>", "<p>位置", "</div>", "<a> > "]
)
def test_bombs_take_linear_time(unit: str) -> None:
    start = time.process_time()
    read_breadcrumb(unit * 50_000)
    assert time.process_time() - start < 30
