"""The marks of a report are seen in whatever encoding its page has, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import govreport_parse
from govreport_parse.harvesting.signature import shows_report

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
