"""Indexes of web archives: their answers, what is asked for, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mining.archive_stand_in import COLLECTION, FILE, SITE, StandIn, address, page_bytes

import govreport_parse as gov
from govreport_parse.errors import FetchError, UsageError
from govreport_parse.fetch.client import Client
from govreport_parse.fetch.records import Answer
from govreport_parse.mining import cdx
from govreport_parse.mining.cdx import (
    Capture,
    common_crawl_query,
    page_count,
    parse_index,
    plan,
    playback_of,
    range_of,
    wayback_query,
)
from govreport_parse.mining.cdx_fetch import (
    Fetched,
    Missed,
    ask_common_crawl,
    ask_wayback,
    fetch_captures,
    mine_captures,
)

LINE = (
    '{"urlkey": "cn,gov,shitai)/art/1.html", "timestamp": "20240222041533", '
    '"url": "https://www.shitai.gov.cn/art/1.html", "mime": "unk", "mime-detected": '
    '"application/xhtml+xml", "status": "200", "digest": "QXDRYYKGBDOSLSYAY6VOXLA5QTEHZMF6", '
    '"length": "11523", "offset": "987654321", "filename": "crawl-data/x.warc.gz", '
    '"languages": "zho", "encoding": "UTF-8"}'
)
CAPTURE = Capture(
    "https://www.shitai.gov.cn/art/1.html",
    "20240222041533",
    200,
    "application/xhtml+xml",
    "QXDRYYKGBDOSLSYAY6VOXLA5QTEHZMF6",
    "crawl-data/x.warc.gz",
    987654321,
    11523,
)
WAYBACK_ROWS = (
    '[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],\n'
    '["cn,gov,a)/1","20150101000000","http://a.gov.cn:80/1","text/html","200","D1","812"],\n'
    '["cn,gov,a)/1","20160101000000","http://a.gov.cn/1","warc/revisit","-","D1","455"],\n'
    '["cn,gov,a)/2","2017","http://a.gov.cn/2","application/pdf","200","D2","9812"]]\n'
)


# -- answers ---------------------------------------------------------------------------------------


def test_a_line_of_common_crawl() -> None:
    page = parse_index((LINE + "\n").encode())
    assert page.captures == (CAPTURE,)
    assert (page.bad, page.resume) == (0, "")
    assert CAPTURE.date == "2024-02-22T04:15:33Z"
    assert CAPTURE.name == "crawl-data/x.warc.gz@987654321"


def test_a_line_of_an_index_file_has_key_and_time_before_the_json() -> None:
    found = json.loads(LINE)
    del found["urlkey"], found["timestamp"]
    line = "cn,gov,shitai)/art/1.html 20240222041533 " + json.dumps(found)
    assert parse_index(line.encode()).captures == (CAPTURE,)


def test_rows_of_the_wayback_machine() -> None:
    page = parse_index(WAYBACK_ROWS.encode())
    assert [(c.url, c.timestamp, c.status, c.mime) for c in page.captures] == [
        ("http://a.gov.cn:80/1", "20150101000000", 200, "text/html"),
        ("http://a.gov.cn/1", "20160101000000", 0, "warc/revisit"),
        ("http://a.gov.cn/2", "2017", 200, "application/pdf"),
    ]
    assert not page.captures[0].is_ranged
    assert page.captures[2].date == "2017"


def test_rows_with_a_resume_key() -> None:
    text = WAYBACK_ROWS.rstrip()[:-1] + ',[],["cn%2Cgov%2Ca%29%2F3+2018"]]'
    page = parse_index(text.encode())
    assert (len(page.captures), page.bad, page.resume) == (3, 0, "cn%2Cgov%2Ca%29%2F3+2018")


def test_plain_lines_with_a_resume_key() -> None:
    line = "cn,gov,a)/1 20150101000000 http://a.gov.cn/1 text/html 200 D1 812"
    page = parse_index(f"{line}\n{line}\n\ncn,gov,a)/2+2016\n".encode())
    assert len(page.captures) == 2
    assert page.captures[0].digest == "D1"
    assert (page.bad, page.resume) == (0, "cn,gov,a)/2+2016")


@pytest.mark.parametrize(
    "answer", [b"", b"\n", b"[]", b"[]\n", b'{"message": "No Captures found for: x.cn/*"}\n']
)
def test_nothing_found_is_an_empty_page(answer: bytes) -> None:
    assert parse_index(answer) == cdx.IndexPage()


def test_a_cut_answer_gives_what_is_whole_and_says_so() -> None:
    page = parse_index((LINE + "\n" + LINE[:90]).encode())
    assert (page.captures, page.bad) == ((CAPTURE,), 1)
    for cut in range(len(WAYBACK_ROWS) - 60, len(WAYBACK_ROWS) - 3):
        page = parse_index(WAYBACK_ROWS[:cut].encode())
        assert (len(page.captures), page.bad) == (2, 1), cut


@pytest.mark.parametrize(
    "answer",
    [
        b"<html><body>503 Service Unavailable</body></html>",
        b'{"error": "x"}',
        b"org.archive.util.io.RuntimeIOException: Blocked Site Error",
        b'[["a","b"],["1","2"]]',
        b"[[",
        b"[1, 2]",
    ],
)
def test_something_else_is_an_error(answer: bytes) -> None:
    with pytest.raises(FetchError, match="something else"):
        parse_index(answer)


def test_captures_without_address_or_time_are_counted() -> None:
    bad = ['{"timestamp": "2024"}', '{"url": "http://a.cn", "timestamp": "x"}', "[1]", "{broken"]
    page = parse_index("\n".join([LINE, *bad]).encode())
    assert (len(page.captures), page.bad) == (1, 4)


def test_page_counts() -> None:
    assert page_count(b'{"pages": 4, "pageSize": 5, "blocks": 20}\n') == 4
    assert page_count(b"7\n") == 7
    assert page_count(b'{"message": "No Captures found for: x"}') == 0
    for strange in (b"", b"<html>", b'{"pages": "4"}', b"true", b"-1"):
        with pytest.raises(FetchError):
            page_count(strange)


# -- questions -------------------------------------------------------------------------------------


def test_addresses_of_questions() -> None:
    assert common_crawl_query(COLLECTION, "*.gov.cn", match="domain", page=3) == (
        "https://index.commoncrawl.org/CC-MAIN-2024-10-index?url=%2A.gov.cn&matchType=domain"
        "&output=json&filter=status%3A200&page=3"
    )
    assert "showNumPages=true" in common_crawl_query(COLLECTION + "-index", "a.cn", count=True)
    key = "org%2Carchive%29%2F+19980109140106%21"  # of the documentation's example
    asked = wayback_query("a.gov.cn/xxgk/", limit=5, resume=key)
    assert asked.endswith(f"collapse=digest&limit=5&showResumeKey=true&resumeKey={key}")
    assert wayback_query("a.cn", resume=key, escaped=True).endswith(
        "resumeKey=org%252Carchive%2529%252F%2B19980109140106%2521"
    )
    assert wayback_query("a.cn", resume="k&x=1").endswith("resumeKey=k%26x%3D1")
    assert range_of(CAPTURE) == (
        "https://data.commoncrawl.org/crawl-data/x.warc.gz",
        {"Range": "bytes=987654321-987665843"},
    )
    assert playback_of(Capture("http://a.gov.cn/1?x=2", "20150101000000")) == (
        "https://web.archive.org/web/20150101000000id_/http://a.gov.cn/1?x=2"
    )


def test_wrong_questions() -> None:
    with pytest.raises(UsageError, match="no collection"):
        common_crawl_query("2024", "a.cn")
    with pytest.raises(UsageError, match="no match"):
        wayback_query("a.cn", match="all")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="for an address"):
        wayback_query("  ")


# -- plans -----------------------------------------------------------------------------------------


def ranged(name: str, **more: Any) -> Capture:
    fields = {"url": f"http://{name}", "timestamp": "20240101000000", "status": 200}
    fields |= {"mime": "text/html", "filename": "f", "offset": 0, "length": 10, **more}
    return Capture(**fields)


def test_a_plan_takes_each_document_once_in_file_order() -> None:
    captures = [
        ranged("late", digest="A", timestamp="20240301000000", offset=1),
        ranged("early", digest="A", offset=500),
        ranged("b", digest="B", filename="e"),
        ranged("known", digest="K"),
        ranged("no-digest", offset=7),
        ranged("no-digest-2", offset=7),
        ranged("moved", status=301),
        ranged("revisit", status=0),
        ranged("picture", mime="image/png"),
        ranged("no-length", length=-1),
        ranged("large", length=cdx.LARGEST_MEMBER + 1),
        ranged("pdf", mime="application/pdf", filename="", offset=-1, length=-1),
    ]
    assert [c.url for c in plan(captures, known=["K"])] == [
        "http://pdf",
        "http://b",
        "http://no-digest",
        "http://no-digest-2",
        "http://early",
    ]


# -- fetching from the stand-in --------------------------------------------------------------------


class Waits(list[float]):
    """A clock that only writes down."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


Body = Callable[[StandIn, Callable[[str, Mapping[str, str]], Awaitable[Answer]], Waits], Any]


def with_archive(body: Body, **options: Any) -> Any:
    """Run ``body`` with a stand-in, the library's own client and a clock that does not sleep."""

    async def run() -> Any:
        waits = Waits()
        async with (
            StandIn(**options) as archive,
            Client(agent="tests (mail@example.org)", allow_private=True) as client,
        ):

            def get(url: str, headers: Mapping[str, str]) -> Awaitable[Answer]:
                for server in (cdx.COMMON_CRAWL, cdx.COMMON_CRAWL_DATA, cdx.WAYBACK):
                    url = url.removeprefix(server) if url.startswith(server) else url
                if url.startswith("/"):
                    url = archive.url + url
                return client.get(url, headers=headers)

            return await body(archive, get, waits)

    return asyncio.run(run())


def captures_of(archive: StandIn) -> list[Capture]:
    lines = "\n".join(json.dumps(archive.capture(i + 1)) for i in range(archive.pages))
    return list(parse_index(lines.encode()).captures)


def test_common_crawl_from_the_index_to_the_documents() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        pages = [p async for p in ask_common_crawl(COLLECTION, f"{SITE}/*", get, wait=waits)]
        assert [len(p.captures) for p in pages] == [5, 4]
        wanted = plan(c for p in pages for c in p.captures)
        found = [f async for f in fetch_captures(wanted, get, wait=waits)]
        assert all(isinstance(f, Fetched) and f.is_verified for f in found)
        assert [f.found.source.data for f in found] == [page_bytes(i) for i in range(1, 10)]
        assert [f.found.source.url for f in found] == [address(i) for i in range(1, 10)]
        offset, member = archive.members[2]
        assert found[2].found.source.name == f"{FILE}@{offset}"
        assert found[2].found.captured == "2024-05-06T07:08:09Z"  # what the record says
        ranges = [span for target, span in archive.asked if target == f"/{FILE}"]
        assert ranges[2].lower() == f"range: bytes={offset}-{offset + len(member) - 1}"
        assert len(ranges) == 9
        assert waits == []

    with_archive(body)


def test_an_address_that_is_not_in_the_archives_gives_nothing() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        assert [p async for p in ask_common_crawl(COLLECTION, "other.cn", get, wait=waits)] == []
        (page,) = [p async for p in ask_wayback("other.cn", get, wait=waits)]
        assert page.captures == ()

    with_archive(body)


def test_the_wayback_machine_from_the_index_to_the_documents() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        pages = [p async for p in ask_wayback(f"{SITE}/", get, wait=waits, limit=4)]
        assert [len(p.captures) for p in pages] == [4, 4, 1]
        wanted = plan(c for p in pages for c in p.captures)
        items = [f async for f in fetch_captures(wanted, get, wait=waits)]
        found = {f.capture.url: f for f in items if isinstance(f, Fetched)}
        assert len(found) == 8
        for i in (1, 2, 3, 4, 6, 7, 8, 9):
            assert found[address(i)].found.source.data == page_bytes(i)
            assert found[address(i)].is_verified
        assert found[address(1)].found.captured == "2023-01-01T00:00:01Z"
        # the server led to the capture that is nearest in time, and that one is told
        assert found[address(3)].found.captured == "2023-02-02T00:00:00Z"
        (missed,) = [m for m in items if isinstance(m, Missed)]
        assert (missed.capture.url, missed.outcome.code) == (address(5), "gone")

    with_archive(body)


def test_a_server_that_unescapes_keys_once_is_understood_too() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        archive.mode = "once"
        pages = [p async for p in ask_wayback(f"{SITE}/", get, wait=waits, limit=4)]
        assert [len(p.captures) for p in pages] == [4, 4, 1]

    with_archive(body)


def test_an_index_that_leads_round_in_a_circle_is_told() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        archive.mode = "circle"
        asked = ask_wayback(f"{SITE}/", get, wait=waits, limit=4)
        assert len((await anext(asked)).captures) == 4
        with pytest.raises(FetchError, match="circle"):
            await anext(asked)
        assert archive.counts["/cdx/search/cdx"] == 3  # once more with the key escaped

    with_archive(body)


def test_a_collection_that_there_is_not_is_no_empty_answer() -> None:
    """pywb says so by a 404 with another message than for no captures."""
    answer = b'{"message": "No handler for: /CC-MAIN-2099-01-index"}'
    with pytest.raises(FetchError):
        parse_index(answer)


def test_a_server_without_ranges_gives_the_record_out_of_the_whole_file() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        found = [f async for f in fetch_captures(captures_of(archive), get, wait=waits)]
        assert [f.found.source.data for f in found] == [page_bytes(i) for i in range(1, 4)]

    with_archive(body, mode="whole", pages=3)


@pytest.mark.parametrize(
    ("mode", "reason", "asked"), [("cut", "", 4), ("short", "truncated", 4), ("other", "range", 1)]
)
def test_an_answer_with_other_bytes_is_never_a_document(mode: str, reason: str, asked: int) -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        (item,) = [f async for f in fetch_captures(captures_of(archive), get, wait=waits)]
        assert isinstance(item, Missed)
        assert not reason or item.outcome.reason == reason
        assert archive.counts[f"/{FILE}"] == asked
        assert waits == [30.0, 60.0, 120.0][: asked - 1]

    with_archive(body, mode=mode, pages=1)


def test_a_busy_server_is_asked_again_after_the_wait_it_asks_for() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        busy = "HTTP/1.1 503 Slow Down\r\nRetry-After: 95"
        archive.trouble[f"/{FILE}"] = [busy, "HTTP/1.1 200 OK"]
        found = [f async for f in fetch_captures(captures_of(archive), get, wait=waits)]
        # the first was busy, the second empty, the third came; then again the first and second
        assert [f.capture.url for f in found if isinstance(f, Fetched)] == [
            address(3),
            address(1),
            address(2),
        ]
        assert waits == [95.0]

    with_archive(body, pages=3)


def test_a_busy_index_is_asked_again_and_a_dead_one_is_an_error() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        busy = ["HTTP/1.1 503 Slow Down", "HTTP/1.1 504 Gateway Timeout"]
        archive.trouble[f"/{COLLECTION}-index"] = list(busy)
        pages = [p async for p in ask_common_crawl(COLLECTION, SITE, get, wait=waits)]
        assert len(pages) == 2
        assert waits == [30.0, 60.0]
        archive.trouble["/cdx/search/cdx"] = busy * 2
        with pytest.raises(FetchError, match="does not answer"):
            [p async for p in ask_wayback(SITE, get, wait=waits)]
        archive.trouble["/cdx/search/cdx"] = ["HTTP/1.1 403 Forbidden"]
        with pytest.raises(FetchError, match="does not answer"):
            [p async for p in ask_wayback(SITE, get, wait=waits)]

    with_archive(body)


def test_another_record_at_the_offset_is_no_document() -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        (capture,) = captures_of(archive)
        wrong = Capture(
            "http://other.cn/", capture.timestamp, 200, "text/html", "", FILE,
            capture.offset, capture.length,
        )  # fmt: skip
        (item,) = [f async for f in fetch_captures([wrong], get, wait=waits)]
        assert isinstance(item, Missed)
        assert item.outcome.reason == "other_record"
        # bytes that begin inside a record
        inside = Capture(
            capture.url, capture.timestamp, 200, "text/html", "", FILE,
            capture.offset + 11, capture.length - 11,
        )  # fmt: skip
        (item,) = [f async for f in fetch_captures([inside], get, wait=waits)]
        assert isinstance(item, Missed)

    with_archive(body, pages=1)


def test_captures_are_mined_into_a_dataset(tmp_path: Path) -> None:
    async def body(archive: StandIn, get, waits: Waits) -> None:
        out = tmp_path / "out"
        captures = plan(captures_of(archive))
        results, missed = await mine_captures(captures, out, get, wait=waits, batch=4)
        assert [r.documents for r in results] == [4, 4, 1]
        assert sum(r.reports for r in results) == 3  # pages 3, 6 and 9
        assert missed == []
        rows = gov.load(out).reports.to_table(["url", "retrieved", "source_name"]).to_pylist()
        assert {r["url"] for r in rows} == {address(3), address(6), address(9)}
        assert {r["retrieved"] for r in rows} == {"2024-05-06T07:08:09Z"}
        again, _ = await mine_captures(captures, out, get, wait=waits)
        assert (again[0].known, again[0].reports) == (3, 0)

    with_archive(body)
