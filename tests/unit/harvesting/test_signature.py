"""The marks of a report are seen in whatever encoding its page has, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import govreport_parse
from govreport_parse.harvesting.signature import shows_report, shows_tables

PAGE = (Path(govreport_parse.__file__).parent / "data/site/t1.html").read_text("utf-8")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_report_in_any_encoding(encoding: str) -> None:
    assert shows_report(PAGE.encode(encoding))


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 5000, "关于主动公开的通知".encode("utf-16"), b"%PDF"]
)
def test_what_is_none(body: bytes) -> None:
    assert not shows_report(body)


@pytest.mark.parametrize(
    ("text", "encoding", "is_report"),
    [
        ("主动公开，行政复议", "utf-8", False),
        ("主动公开，行政复议，主动公开，申请人情况", "utf-8", True),
        # The end of one word is the start of another: they stand there once, not both.
        ("主动公开，收到和处理政府信息公开申请人情况", "utf-8", False),
        ("主动公开，收到和处理政府信息公开申请，申请人情况", "gb18030", True),
        # What is left of 结转下年度 in Big5 stands in 結轉下年度.
        ("主動公開，結轉下年度", "big5", False),
        ("主動公開，結轉下年度，行政復議", "big5", True),
    ],
)
def test_three_different_words(text: str, encoding: str, is_report: bool) -> None:
    assert shows_report(text.encode(encoding)) is is_report


def test_tables_of_a_report() -> None:
    words = "主动公开，行政复议，申请人情况".encode()
    assert shows_tables(words + b"<td>" * 75 + b"<TD>" * 75)
    assert not shows_tables(words + b"<td>" * 75 + b"<TD>" * 74)
    assert not shows_tables(b"<td>" * 500)
