"""Speed of ``read_html`` against a bare lexbor parse of the same page.

    python benchmarks/bench_html_reader.py [--repeats 41] [--stages]

Three synthetic pages: 23 KB (bare cells), 160 KB (Word export inside a site's chrome) and 1.5 MB
(the same with pictures in base64). The answer is checked before anything is timed. Both sides run
in one process, shuffled in each round, garbage collected before each sample; medians and the
spread between quartiles are printed, in CPU time of the thread, as the machine may be shared. Both
get the same heap: glibc must not hand pages back between parses, so the process starts itself
again with ``MALLOC_TRIM_THRESHOLD_`` set.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from govreport_parse.documents import html, html_article, html_limits
from govreport_parse.documents.html import read_html
from govreport_parse.documents.model import Document

Cell = tuple[str, int, int]
Rows = list[list[Cell]]
HEAP = "268435456"


def _bare(text: str, down: int, across: int) -> str:
    spans = (f' rowspan="{down}"' if down > 1 else "") + (
        f' colspan="{across}"' if across > 1 else ""
    )
    return f"<td{spans}>{text}</td>"


def _word(text: str, down: int, across: int) -> str:
    runs = [text[:2], text[2:]] if len(text) > 6 else [text]
    spans = (f'rowspan="{down}" ' if down > 1 else "") + (
        f'colspan="{across}" ' if across > 1 else ""
    )
    inner = "".join(
        f'<span style="font-family:宋体;font-size:10.5000pt;"><font face="宋体">{t}</font></span>'
        for t in runs
    )
    return (
        f'<td width="66" {spans}valign="center" style="width:49.6pt;padding:0.0pt 5.4pt 0.0pt'
        " 5.4pt;border-left:none;border-right:1.0pt solid windowtext;"
        'mso-border-right-alt:0.5pt solid windowtext;border-top:none;">'
        '<p class="MsoNormal" align="center" style="text-align:center;line-height:15.6pt;">'
        f'{inner}<span style="font-size:10.5pt;"><o:p></o:p></span></p></td>\n'
    )


def _tables(rng: random.Random) -> list[Rows]:
    """14 x 4, 28 x 10 and 4 x 15 after the official form; 279 cells."""

    def numbers(n: int) -> list[Cell]:
        return [(str(rng.choice([0, 0, 0, rng.randrange(2000)])), 1, 1) for _ in range(n)]

    def head(text: str) -> list[Cell]:
        return [("信息内容", 1, 1), (text, 1, 3)]

    second: Rows = [
        [("第二十条第（一）项", 1, 4)],
        [(t, 1, 1) for t in ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")],
        [("规章", 1, 1), *numbers(3)],
        [("行政规范性文件", 1, 1), *numbers(3)],
    ]
    for item, labels in (("五", ["许可"]), ("六", ["处罚", "强制"]), ("八", ["收费"])):
        second += [[(f"第二十条第（{item}）项", 1, 4)], head("本年处理决定数量")]
        second += [[(f"行政{label}", 1, 1), (numbers(1)[0][0], 1, 3)] for label in labels]
    kinds = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    third: Rows = [
        [
            ("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
            ("申请人情况", 1, 7),
        ],
        [("自然人", 2, 1), ("法人或其他组织", 1, 5), ("总计", 2, 1)],
        [(t, 1, 1) for t in kinds],
        [("一、本年新收政府信息公开申请数量", 1, 3), *numbers(7)],
        [("二、上年结转政府信息公开申请数量", 1, 3), *numbers(7)],
        [("三、本年度办理结果", 22, 1), ("（一）予以公开", 1, 2), *numbers(7)],
        [("（二）部分公开（区分处理的，只计这一情形）", 1, 2), *numbers(7)],
    ]
    for group, size in (("不予公开", 8), ("无法提供", 3), ("不予处理", 5), ("其他处理", 3)):
        for i in range(size):
            label: list[Cell] = [(f"{i + 1}.属于国家秘密或依法不公开的信息", 1, 1)]
            third.append([*([(group, size, 1)] if i == 0 else []), *label, *numbers(7)])
    third += [[("（七）总计", 1, 2), *numbers(7)], [("四、结转下年度", 1, 3), *numbers(7)]]
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    fourth: Rows = [
        [("行政复议", 1, 5), ("行政诉讼", 1, 10)],
        [*[(t, 2, 1) for t in results], ("未经复议直接起诉", 1, 5), ("复议后起诉", 1, 5)],
        [(t, 1, 1) for t in results * 2],
        numbers(15),
    ]
    return [second, third, fourth]


def _draw(rows: Rows, cell: Callable[[str, int, int], str]) -> str:
    lines = "".join("<tr>" + "".join(cell(*c) for c in row) + "</tr>\n" for row in rows)
    return f'<table class="MsoNormalTable" border="1" cellspacing="0">{lines}</table>\n'


SECTIONS = [
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
]
SENTENCE = "坚持以公开为常态、不公开为例外，进一步规范公开内容、健全工作机制、拓展公开渠道"


def page(kind: str) -> str:
    """The page ``small``, ``word`` or ``pictures``."""
    rng = random.Random(20240131)
    small = kind == "small"
    cell = _bare if small else _word
    paragraph = (
        (lambda t: f"<p>{t}</p>\n")
        if small
        else (
            lambda t: (
                '<p class="MsoNormal" style="text-indent:32.0pt;line-height:28.0pt;">'
                f'<span style="font-family:仿宋_GB2312;font-size:16.0pt;">{t[:9]}</span>'
                f'<span lang="EN-US" style="font-size:16.0pt;">{t[9:14]}</span>'
                f'<span style="font-family:仿宋_GB2312;font-size:16.0pt;">{t[14:]}'
                "<o:p></o:p></span></p>\n"
            )
        )
    )
    drawn = dict(zip(SECTIONS[1:4], _tables(rng), strict=True))
    body = ""
    for section in SECTIONS:
        body += paragraph(section)
        for i in range(12 if section in (SECTIONS[0], SECTIONS[4]) else 1):
            body += paragraph(f"（{i + 1}）2023年，{SENTENCE}，共{rng.randrange(999)}件。")
        if section in drawn:
            body += _draw(drawn[section], cell)
    if kind == "pictures":
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for _ in range(4):
            data = "".join(rng.choices(alphabet, k=335_000))
            body += f'<p><img src="data:image/png;base64,{data}" width="553"></p>'
    links = 80 if small else 150
    nav = "".join(
        f'<li class="nav-item"><a href="/zwgk/lm{i}/list.shtml" target="_blank"'
        f' title="县情概览{i}">县情概览{i}</a></li>\n'
        for i in range(links)
    )
    script = "<script>var _hmt=_hmt||[];(function(){var a=1;if(a<2){a++}})();</script>\n"
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>某县2023年年报</title>\n'
        '<meta name="ArticleTitle" content="某县2023年政府信息公开工作年度报告">\n'
        '<meta name="PubDate" content="2024-01-20 10:00">\n'
        '<link rel="stylesheet" href="/css/main.css">\n'
        f"{script * (1 if small else 8)}</head>\n<body>"
        f'<div class="head"><div class="logo"></div><ul class="nav">{nav}</ul></div>\n'
        '<div class="BreadcrumbNav">当前位置：<a href="/">首页</a> &gt; <a>年报</a></div>\n'
        '<div class="article"><h1>某县2023年政府信息公开工作年度报告</h1>\n'
        '<div class="info"><span>发布机构：某县人民政府</span> <span>2024-01-20</span></div>\n'
        f'<div id="zoom" class="TRS_Editor">{body}</div></div>\n'
        f'<div class="footer"><p>主办：某县人民政府<br>备案号</p>{script}</div></body></html>\n'
    )


def check(document: Document) -> None:
    """The tables must be read cell by cell as they were drawn."""
    tables = _tables(random.Random(20240131))
    assert [(t.n_rows, t.n_columns) for t in document.tables] == [(14, 4), (28, 10), (4, 15)]
    for table, rows in zip(document.tables, tables, strict=True):
        assert table.texts == [text for row in rows for text, _, _ in row]
        assert table.rowspans == [down for row in rows for _, down, _ in row]
        assert table.colspans == [across for row in rows for _, _, across in row]
    lines = [b.text for b in document.blocks if b not in document.tables]
    assert [s for s in SECTIONS if s in lines] == SECTIONS
    assert "某县2023年政府信息公开工作年度报告" in lines
    assert document.meta["breadcrumb"] == "当前位置：首页 > 年报"


def compare(kind: str, repeats: int) -> None:
    """Print medians of the bare parse and of the reader, and their ratio."""
    text = page(kind)
    data = text.encode()
    check(read_html(text))
    kept: dict[str, object] = {}
    cases: dict[str, Callable[[], object]] = {
        "bare": lambda: LexborHTMLParser(data),
        "text": lambda: read_html(text),
        "bytes": lambda: read_html(text, utf8=data),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name in random.sample(sorted(cases), len(cases)):
            gc.collect()
            start = time.thread_time()
            kept[name] = cases[name]()
            times[name].append(time.thread_time() - start)
    median = {name: statistics.median(t) * 1e3 for name, t in times.items()}
    quartiles = {name: [q * 1e3 for q in statistics.quantiles(t, n=4)] for name, t in times.items()}
    print(f"{kind:9s} {len(data) / 1000:7.0f} KB, {data.count(b'<')} tags")
    for name in cases:
        low, _, high = quartiles[name]
        print(
            f"  {name:6s} {median[name]:7.3f} ms ({low:.3f}-{high:.3f})"
            f"  {median[name] / median['bare']:.2f} x"
        )


def stages(kind: str, repeats: int) -> None:
    """Print the median of each step of the reader, in microseconds."""
    text = page(kind)
    times: dict[str, list[float]] = {}
    kept: object = None

    def lap(name: str, step: Callable[[], Any]) -> Any:
        start = time.thread_time()
        result = step()
        times.setdefault(name, []).append(time.thread_time() - start)
        return result

    for _ in range(repeats):
        data = lap("encode", text.encode)
        lap("limits", lambda data=data: html_limits.refuse_bombs(data))
        tree = lap("parse", lambda data=data: LexborHTMLParser(data, scripting=True))
        reader = lap("survey", lambda tree=tree: html._Reader(tree))
        body = tree.body
        assert body is not None
        blocks = lap("walk", lambda reader=reader, body=body: reader.walk(body))
        lap("article", lambda blocks=blocks, reader=reader: _finish(reader, blocks))
        kept = (tree, kept and None)
    for name, taken in times.items():
        print(f"  {name:8s} {statistics.median(taken) * 1e6:8.0f} us")


def _finish(reader: html._Reader, blocks: list) -> Document:  # type: ignore[type-arg]
    return html_article.finish(
        blocks,
        meta=reader.meta,
        containers=reader.containers,
        pictures=[place for place, _ in reader.pictures],
        shows=reader.shows_content,
        scripts=reader.scripts,
        frames=reader.frames,
        findings=[],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=41)
    parser.add_argument("--stages", action="store_true")
    arguments = parser.parse_args()
    if os.environ.get("MALLOC_TRIM_THRESHOLD_") != HEAP:
        os.environ["MALLOC_TRIM_THRESHOLD_"] = HEAP
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"Python {platform.python_version()}, selectolax {version('selectolax')}")
    for kind in ("small", "word", "pictures"):
        compare(kind, arguments.repeats)
        if arguments.stages:
            stages(kind, arguments.repeats)


if __name__ == "__main__":
    main()
