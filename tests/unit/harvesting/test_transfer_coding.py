"""Answers that were compressed for the transfer alone are parsed like any others."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from harvesting.harvested_site import HTML, Site, collect, report, served, sites


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def test_a_report_that_was_compressed_for_the_transfer(site: Site, tmp_path: Path) -> None:
    start = b"HTTP/1.1 200 OK\r\n" + HTML
    packed = gzip.compress(report(1))
    site.page("/1", start + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(packed))
    twice = gzip.compress(gzip.compress(report(2)))
    coding = b"Content-Encoding: gzip\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    site.page("/2", start + coding + chunked(twice))
    site.page("/3", start + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(report(3)))
    site.page("/4", served(gzip.compress(report(4)), HTML + b"Content-Encoding: gzip\r\n"))
    run = collect([site.url(f"/{n}") for n in range(1, 5)], tmp_path)
    table = run.outcomes().to_dict("records")
    assert [r["outcome"] for r in table] == ["parsed"] * 4
    organs = {r["url"][-1]: r["organ"] for r in run.dataset.wide().to_dict("records")}
    assert organs == {str(n): f"第{n}县人民政府" for n in range(1, 5)}
