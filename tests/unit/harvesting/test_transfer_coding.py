"""Answers that were compressed for the transfer alone are parsed like any others."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fetch.fault_server import Talk
from harvesting.harvested_site import HTML, Site, collect, report, served, sites

from govreport_parse.fetch.state import open_state_readonly
from govreport_parse.harvesting.rebuild import INNER, build
from govreport_parse.harvesting.results import utc


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


def test_equal_bytes_under_different_codings_are_kept_apart(site: Site, tmp_path: Path) -> None:
    packed = gzip.compress(report(1), mtime=0)
    start = b"HTTP/1.1 200 OK\r\n" + HTML
    site.page("/1", served(packed, HTML + b"Content-Encoding: gzip\r\n"))
    site.page("/2", start + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(packed))
    twice = HTML + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
    site.page("/3", served(gzip.compress(packed, mtime=0), twice))
    run = collect([site.url(f"/{n}") for n in (1, 2, 3)], tmp_path)
    assert [r["outcome"] for r in run.outcomes().to_dict("records")] == ["parsed"] * 3


def test_a_compressed_page_that_has_not_changed_is_built_from_what_came_first(
    site: Site, tmp_path: Path
) -> None:
    def reply(talk: Talk, _before: int) -> bytes:
        if "if-none-match" in talk.seen.headers:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
        return served(gzip.compress(report(1)), HTML + b'Content-Encoding: gzip\r\nETag: "1"\r\n')

    site.page("/1", reply)
    collect([site.url("/1")], tmp_path)
    collect([site.url("/1")], tmp_path, refresh=True, parse=False)
    with open_state_readonly(tmp_path, utc) as state:
        assert [c.status for c in state.captures() if c.asked.endswith("/1")] == [200, 304]
    shutil.rmtree(tmp_path / INNER)
    assert dict(build(tmp_path).outcomes) == {"parsed": 1}
