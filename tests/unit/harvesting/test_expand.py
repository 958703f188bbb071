"""What a report's page leads to is the same, whether all its links are read or only the files."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import govreport_parse
from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.state import Claim, Target
from govreport_parse.harvesting import expand
from govreport_parse.harvesting.expand import Expander, Reach
from govreport_parse.testing import FAMILIES, random_record, render_html

URL = "http://www.x.gov.cn/zwgk/nb/t1.html"
FIXTURES = Path(__file__).parents[3] / "fixtures"
EXTRAS = (
    "<a href='/u/a.pdf'>附件</a>",
    "<a href='/u/old.doc' title='甲县2019年政府信息公开工作年度报告'>往年</a>",
    "<a href='/download/app.html'>客户端</a>",
    "<a class='download' href='/x.html'>下载</a>",
    "<p>附件：<a href='/u/b.xls'>表</a></p>",
    "<img src='/u/scan.jpg'>",
    "<iframe src='/pdfjs/viewer.html?file=/u/v.pdf'></iframe>",
    "<a href='t1_2.html'>下一页</a>",
    "<meta name='robots' content='all'>",
    "<meta name='robots' content='nofollow'>",
    "<td onclick=\"window.open('/u/c.zip')\">x</td>",
    "<base href='/download/'>",
)


def targets(page: bytes, kind: str = "report") -> tuple[Target, ...]:
    claim = Claim(URL, "www.x.gov.cn", "x.gov.cn", kind, None, 0, "", 0, 0)
    return Expander(Reach(), lambda _: None)(claim, Answer(URL, Outcome(Code.OK), (), page))


def pages() -> Iterator[bytes]:
    for folder in ("ogi_annual_2021", "narrative"):
        paths = sorted(p for p in (FIXTURES / folder).rglob("*") if "htm" in p.suffix)
        yield from (path.read_bytes() for path in paths[::7])
    rng = random.Random(6)
    for family in FAMILIES:
        text = render_html(random_record(rng), "clean", family).text
        tags = re.split(r"(?=<[a-z])", text)
        for _ in range(8):
            mixed = [*tags]
            for extra in rng.sample(EXTRAS, 2):
                at = rng.randrange(len(mixed))
                mixed[at] = extra + mixed[at]
            yield "".join(mixed).encode()


def test_reading_only_files_leads_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given = list(pages())
    quick = [targets(page) for page in given]
    quickly_read: list[str] = []

    def plainly(page: str, base: str, *, encoding: str) -> object:
        quickly_read.append(base)
        return read_links(page, base, encoding=encoding)

    def with_rows(page: str, base: str, *, encoding: str, rows: bool) -> object:
        assert not rows
        return read_links(page, base, encoding=encoding)

    monkeypatch.setattr(expand, "read_files", plainly)
    monkeypatch.setattr(expand, "read_links", with_rows)
    assert [targets(page) for page in given] == quick
    assert len(quickly_read) > 20, "the quick way is taken"
    assert sum(map(bool, quick)) > 15, "there is something to find"


def report(extra: str) -> bytes:
    text = (Path(govreport_parse.__file__).parent / "data/site/t1.html").read_text("utf-8")
    return text.replace("</h1>", f"</h1><div id='zoom'>{extra}</div>", 1).encode()


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("<a href='a.pdf'>附件</a><a href='/download/x'>下载</a>", ["nb/a.pdf", "download/x"]),
        ("<a href='a.pdf'>x</a><img src='s.jpg'><iframe src='f.html'></iframe>", ["nb/a.pdf"]),
        ("<a class='file' href='/x.html'>x</a>", []),
        ("<a href='a.pdf'>x</a><meta name='robots' content='nofollow'>", []),
        ("<a href='http://www.y.gov.cn/a.pdf'>附件</a>", []),
        ("<a href='a.pdf'>x</a><a href='t1_2.html'>下一页</a>", ["nb/t1_2.html", "nb/a.pdf"]),
    ],
)
def test_what_a_report_with_its_tables_leads_to(extra: str, expected: list[str]) -> None:
    found = targets(report(extra))
    assert [t.url.removeprefix("http://www.x.gov.cn/").removeprefix("zwgk/") for t in found] == (
        expected
    )
    assert {t.kind for t in found} <= {"attachment"}


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7 <table>", b"PK\x03\x04", b"a\0b"])
def test_what_is_no_text_leads_nowhere(body: bytes) -> None:
    assert targets(body) == ()
