"""The queue and the books of a harvest: what is open, what is done, what becomes of each row."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fetch.exchanges import START, clock, done, exchange

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.archive import disk, read_payload, verify_archive
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.state import (
    Done,
    State,
    Target,
    open_state,
    open_state_readonly,
    version_note,
)

NOW = START.timestamp()


@dataclass(frozen=True)
class Row:
    row: int
    url: str
    given: str = ""
    kind: str = "report"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None
    duplicate_of: int | None = None


@dataclass(frozen=True)
class Bad:
    row: int
    column: str = "url"
    value: str = "ftp://x"
    reason: str = "is no address"
    given: str = "ftp://x"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None


def url(host: int, number: int = 1) -> str:
    return f"http://h{host}.gov.cn/{number}.html"


def host(number: int, **more: float) -> dict[str, Any]:
    return {"host": f"h{number}.gov.cn", "saved_at": NOW, "wait": 0.0, "park": 0.0, **more}


def save(state: State, *pages: tuple[str, bytes], **more: Any) -> None:
    """These pages came and are recorded."""
    with state.open_archive() as archive:
        batch = [done(archive, exchange(address, body), **more) for address, body in pages]
        state.record(batch, archive.sync())


def put_off(state: State, address: str, at: float) -> None:
    """What came of it says that it is to be tried again from then on."""
    failed = Answer(address, Outcome(Code.RETRY, "deadline", "too slow"))
    state.record([Done(failed, (), at)], ())


# -- the queue -------------------------------------------------------------------------------------


def test_addresses_are_handed_out_once_and_one_a_host(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        targets = [Target(url(1, 1)), Target(url(1, 2)), Target(url(2)), Target(url(1, 1))]
        assert state.push(targets) == 3
        assert state.push([Target(url(2))]) == 0
        claims = state.claim(NOW, limit=10)
        assert [(c.url, c.host, c.attempts) for c in claims] == [
            (url(1, 1), "h1.gov.cn", 0),
            (url(2), "h2.gov.cn", 0),
        ]
        assert state.claim(NOW, limit=10) == []
        state.release(url(1, 1))
        assert [c.url for c in state.claim(NOW, limit=10)] == [url(1, 1)]
        save(state, (url(1, 1), b"1"))
        assert [c.url for c in state.claim(NOW, ["h1.gov.cn"], 10)] == []
        assert [c.url for c in state.claim(NOW, limit=10)] == [url(1, 2)]


def test_the_host_that_has_been_ready_longest_comes_first(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push(Target(url(n)) for n in range(1, 6))
        state.save_hosts(
            [
                host(1, saved_at=NOW - 5),
                host(2, wait=10.0),
                host(3, saved_at=NOW - 9),
                host(5, park=60.0),
            ]
        )
        assert [c.host for c in state.claim(NOW, limit=2)] == ["h4.gov.cn", "h3.gov.cn"]
        assert [c.host for c in state.claim(NOW, limit=9)] == ["h1.gov.cn"]
        assert state.next_at() == NOW + 10
        assert [c.host for c in state.claim(NOW + 59, limit=9)] == ["h2.gov.cn"]
        assert [c.host for c in state.claim(NOW + 60, limit=9)] == ["h5.gov.cn"]


def test_priority_and_then_age_order_the_addresses_of_a_host(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1, 1)), Target(url(1, 2), priority=-1), Target(url(1, 3))])
        order = []
        for _ in range(3):
            (claim,) = state.claim(NOW, limit=5)
            order.append(claim.url)
            save(state, (claim.url, claim.url.encode()))
        assert order == [url(1, 2), url(1, 1), url(1, 3)]
        assert state.next_at() is None


def test_a_page_to_be_tried_later_waits_and_the_others_do_not(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1, 1)), Target(url(1, 2)), Target(url(2))])
        (first, second) = state.claim(NOW, limit=5)
        put_off(state, first.url, NOW + 30)
        put_off(state, second.url, NOW + 50)
        assert [c.url for c in state.claim(NOW, limit=5)] == [url(1, 2)]
        save(state, (url(1, 2), b"2"))
        assert state.claim(NOW + 29, limit=5) == []
        assert state.next_at() == NOW + 30
        (again,) = state.claim(NOW + 30, limit=5)
        assert (again.url, again.attempts) == (url(1, 1), 1)
        (other,) = state.claim(NOW + 50, limit=5)
        assert (other.url, other.attempts) == (url(2), 1)
        assert state.summary().retrying == 2


def test_a_host_of_waiting_pages_does_not_keep_the_others_from_their_turn(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push(Target(url(n)) for n in range(300))
        for claim in state.claim(NOW, limit=250):
            put_off(state, claim.url, NOW + 1000)
        assert len(state.claim(NOW, limit=60)) == 50
        assert state.claim(NOW, limit=60) == []


def test_new_addresses_of_a_host_that_waits_are_handed_out(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1, 1))])
        (claim,) = state.claim(NOW)
        put_off(state, claim.url, NOW + 1000)
        assert state.claim(NOW) == []
        state.push([Target(url(1, 2))])
        assert [c.url for c in state.claim(NOW)] == [url(1, 2)]
        # found on a page of another host
        state.push([Target(url(2))])
        (page,) = state.claim(NOW)
        with state.open_archive() as archive:
            found = (Target(url(3), "attachment", depth=1, parent=page.url),)
            state.record([done(archive, exchange(page.url), found=found)], archive.sync())
        (child,) = state.claim(NOW)
        assert (child.url, child.kind, child.depth, child.parent) == (
            url(3), "attachment", 1, page.url,
        )  # fmt: skip


def test_a_clock_that_was_wrong_does_not_park_for_ever(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1)), Target(url(2))])
        put_off(state, url(1), NOW + 10 * 365 * 86400)
        state.save_hosts([host(2, saved_at=NOW + 10 * 365 * 86400)])
    with open_state(tmp_path, clock) as state:
        assert state.next_at() is not None
        assert len(state.claim(NOW + 86400, limit=5)) == 2


def test_claims_end_with_the_process(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1))])
        assert len(state.claim(NOW)) == 1
    with open_state(tmp_path, clock) as state:
        assert len(state.claim(NOW)) == 1


# -- sources and outcomes --------------------------------------------------------------------------


def test_every_row_has_its_outcome_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [
        Row(1, url(1), "HTTP://H1.gov.cn/1.html", organ="甲", division_code="110000", year=2024),
        Row(3, url(2)),
        Row(4, url(1), duplicate_of=1),
        Row(5, url(3)),
        Row(6, url(4), kind="list"),
    ]
    with open_state(tmp_path, clock) as state:
        assert state.add_sources(rows, [Bad(2)])
        with state.open_archive() as archive:
            hop = exchange(url(2), b"", status=302)
            last = exchange("http://new.gov.cn/", b"<p>new</p>", status=404)
            gone = Outcome(Code.GONE, "http_status", "404\x1b[31m\n" + "x" * 400)
            state.record(
                [done(archive, exchange(url(1), b"one")), done(archive, hop, last, outcome=gone)],
                archive.sync(),
            )
        refused = Answer(url(3), Outcome(Code.REFUSED, "robots", "robots.txt forbids it"))
        state.record([Done(refused)], ())
        state.mark_parsed([(url(1), "partial", "2 figures missing")])
        found = list(state.outcomes())
    assert [(o.row, o.code, o.reason, o.is_done) for o in found] == [
        (1, "ok", "", True),
        (2, "refused", "source", True),
        (3, "gone", "http_status", True),
        (4, "ok", "", True),
        (5, "refused", "robots", True),
        (6, "queued", "", False),
    ]
    first, bad, moved, twin, denied, waiting = found
    assert (first.given, first.organ, first.division_code, first.year) == (
        "HTTP://H1.gov.cn/1.html", "甲", "110000", 2024,
    )  # fmt: skip
    assert (first.parsed, first.parse_detail, first.status) == ("partial", "2 figures missing", 200)
    assert (bad.given, bad.detail) == ("ftp://x", "url 'ftp://x' is no address")
    assert (moved.final_url, moved.status) == ("http://new.gov.cn/", 404)
    assert moved.detail.startswith("404 [31m xxx")
    assert len(moved.detail) <= 300
    assert (twin.duplicate_of, twin.parsed) == (1, "partial")
    assert denied.detail == "robots.txt forbids it"
    assert (waiting.kind, waiting.attempts) == ("list", 0)


def test_the_same_sources_again_change_nothing_and_others_keep_what_is_known(
    tmp_path: Path,
) -> None:
    rows = [Row(1, url(1), "a"), Row(2, url(2), "b"), Row(3, url(2), "b", duplicate_of=2)]
    with open_state(tmp_path, clock) as state:
        assert state.add_sources(rows)
        save(state, (url(1), b"1"))
        assert not state.add_sources(rows)
        changed = [Row(1, url(3), "c"), Row(2, url(1), "a")]
        assert state.add_sources(changed)
        assert [(o.row, o.given, o.code) for o in state.outcomes()] == [
            (1, "c", "queued"),
            (2, "a", "ok"),
        ]
        # an address that is no longer in the sources is still known
        assert state.summary().known == 3
        assert state.summary().sources == 2
        assert state.add_sources(rows)
        assert [o.given for o in state.outcomes()] == ["a", "b", "b"]


def counts_of(folder: Path) -> tuple[list[Any], list[Any]]:
    """Hosts with their open addresses, counted by the state and by hand; and what the file has."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as file:
        counted = file.execute("SELECT host, domain, open FROM hosts ORDER BY host").fetchall()
        true = file.execute(
            "SELECT host, domain, sum(state = 'queued') FROM frontier GROUP BY host ORDER BY host"
        ).fetchall()
        assert counted == true
        names = file.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return counted, names


def test_many_rows_at_once_are_counted_as_few_are(tmp_path: Path) -> None:
    few = [Row(n, url(n % 7, n), str(n)) for n in range(1, 200)]
    many = [Row(n, url(n % 7, n), str(n)) for n in range(1, 8000)]
    with open_state(tmp_path / "few", clock) as state:
        state.add_sources(few)
        assert [c.url for c in state.claim(NOW, (), 3)] == [url(0, 7), url(1, 1), url(2, 2)]
    with open_state(tmp_path / "many", clock) as state:
        state.add_sources(few[:50])  # some are known, and one of them is done
        save(state, (few[0].url, b"1"))
        state.add_sources(many)
        assert [c.url for c in state.claim(NOW, (), 3)] == [url(0, 7), url(1, 8), url(2, 2)]
        assert state.queued() == 7998
        state.push([Target(url(99))])
        state.add_sources([*many, Row(8000, url(98))])
    assert counts_of(tmp_path / "many")[1] == counts_of(tmp_path / "few")[1]
    assert len(counts_of(tmp_path / "many")[0]) == 9


def test_text_that_no_file_takes_is_cleaned(tmp_path: Path) -> None:
    rows = [Row(1, url(1), "a\ud800b", organ="甲\udfff")]
    with open_state(tmp_path, clock) as state:
        assert state.add_sources(rows, [Bad(2, value="\ud800", reason="\udc80", given="\ud800")])
        assert not state.add_sources(
            rows, [Bad(2, value="\ud800", reason="\udc80", given="\ud800")]
        )
        state.start_run({"note": "\ud800"})
        refused = Answer(url(1), Outcome(Code.REFUSED, "a\ud800\x1b", "b\ud800\x00"))
        state.record([Done(refused)], ())
        state.mark_parsed([(url(1), "failed", "\ud800")])
        first, second = state.outcomes()
    assert (first.given, first.organ, first.reason, first.detail) == ("a?b", "甲?", "a?", "b?")
    assert (second.given, second.detail) == ("?", "url '\\ud800' ?")


def test_what_was_not_parsed_yet_is_listed_until_told(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push(Target(url(n)) for n in range(4))
        save(state, (url(0), b"0"), (url(1), b"1"), (url(2), b"2"))
        save(state, (url(3), b"3"), outcome=Outcome(Code.BLOCKED, "waf:jsl"))
        assert [c.asked for c in state.unparsed(2)] == [url(0), url(1)]
        state.mark_parsed([(url(0), "parsed", ""), (url(1), "failed", "not a report")])
        assert [c.asked for c in state.unparsed()] == [url(2)]
        assert state.summary().parsed == {"parsed": 1, "failed": 1}
        # fetched again: to be parsed again
        assert state.requeue([url(0), "http://unknown.gov.cn/"]) == 1
        (claim,) = state.claim(NOW)
        assert claim.url == url(0)
        save(state, (url(0), b"new"))
        assert [c.asked for c in state.unparsed()] == [url(2), url(0)]


def test_captures_say_where_and_how_a_page_came(tmp_path: Path) -> None:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML ; charset=gbk\r\nContent-Encoding: gzip\r\n"
        'ETag: "x"\r\nLast-Modified: 年\r\n\r\n'
    ).encode()
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1))])
        with state.open_archive() as archive:
            first = exchange(url(1), b"", status=301)
            last = exchange(
                url(2), b"raw", head=head, truncated="length", tls_trust="legacy", lenient=True
            )
            state.record([done(archive, first, last)], archive.sync())
        (capture,) = state.captures()
        both = list(state.captures(last_only=False))
        assert state.previous(url(1)) == capture
        assert state.previous(url(2)) is None
        place = (capture.segment, capture.offset, capture.length, capture.sha256)
        assert read_payload(tmp_path, *place) == b"raw"
    assert (capture.asked, capture.url, capture.hop, capture.is_last) == (url(1), url(2), 1, True)
    assert (capture.media_type, capture.content_encoding, capture.etag) == (
        "text/html", "gzip", '"x"',
    )  # fmt: skip
    assert capture.fetched_at == START
    assert (capture.truncated, capture.tls_trust, capture.lenient, capture.ip) == (
        "length", "legacy", True, "203.0.113.5",
    )  # fmt: skip
    assert [(c.reason, c.is_last) for c in both] == [("redirect", False), ("", True)]


def test_a_page_that_did_not_change_is_captured_as_such(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1))])
        save(state, (url(1), b"page"))
        state.requeue([url(1)])
        old = state.previous(url(1))
        assert old is not None
        with state.open_archive() as archive:
            answer = exchange(url(1), b"", status=304, head=b"HTTP/1.1 304 x\r\n\r\n")
            stored = archive.append(answer, unmodified=old.original())
            unchanged = Answer(url(1), Outcome(Code.NOT_MODIFIED), (answer,))
            state.record([Done(unchanged, (stored,))], archive.sync())
        new = state.previous(url(1))
        assert new is not None
        assert (new.code, new.sha256, new.size, new.revisit) == (
            "not_modified", old.sha256, 0, True,
        )  # fmt: skip
        assert read_payload(tmp_path, new.segment, new.offset, new.length, new.sha256) == b"page"
        assert verify_archive(tmp_path, state.spans(), state.segments()) == []


def test_equal_payloads_are_found_over_runs_and_changed_ones_keep_the_old(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1)), Target(url(2))])
        save(state, (url(1), b"same"))
    with open_state(tmp_path, clock) as state:
        save(state, (url(2), b"same"))
        state.requeue([url(1)])
        save(state, (url(1), b"other"))
        captures = list(state.captures())
    assert [c.revisit for c in captures] == [False, True, False]
    assert captures[1].offset == captures[0].offset
    bodies = [read_payload(tmp_path, c.segment, c.offset, c.length, c.sha256) for c in captures]
    assert bodies == [b"same", b"same", b"other"]


def test_summary_counts(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push(Target(url(n)) for n in range(4))
        save(state, (url(0), b"12345"), (url(1), b"12345"))
        save(state, (url(2), b""), outcome=Outcome(Code.GONE, "http_status"))
        found = state.summary()
        size = sum(end.length for end in state.segments())
    assert (found.known, found.queued, found.done, found.hosts, found.open_hosts) == (4, 1, 3, 4, 1)
    assert (found.captures, found.lost, found.bytes_received) == (3, 0, 10)
    assert (found.bytes_archived, found.segments) == (size, 2)
    assert found.outcomes == {("ok", ""): 2, ("gone", "http_status"): 1}


# -- order and trust -------------------------------------------------------------------------------


def test_what_is_not_on_the_disk_is_not_recorded(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state, state.open_archive() as archive:
        state.push([Target(url(1)), Target(url(2))])
        first = done(archive, exchange(url(1), b"1"))
        ends = archive.sync()
        second = done(archive, exchange(url(2), b"2"))
        with pytest.raises(DatasetError, match="not on the disk yet"):
            state.record([first, second], ends)
        assert state.summary().done == 0
        state.record([first, second], [*ends, *archive.sync()])
        assert state.summary().done == 2
        with pytest.raises(UsageError, match="1 exchanges but 0 places"):
            state.record([Done(first.answer)], ())


def test_after_a_failed_commit_nothing_more_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with open_state(tmp_path, clock) as state, state.open_archive() as archive:
        state.push([Target(url(1)), Target(url(2))])
        batch = [done(archive, exchange(url(1), b"1"))]
        ends = archive.sync()
        monkeypatch.setattr("govreport_parse.fetch.state.recording.save_ends", broken)
        with pytest.raises(DatasetError, match="the disk is full"):
            state.record(batch, ends)
        monkeypatch.undo()
        with pytest.raises(DatasetError, match="nothing more is"):
            state.record([done(archive, exchange(url(2), b"2"))], archive.sync())
    with open_state(tmp_path, clock) as state:
        assert len(state.repairs) == 1
        assert state.summary().queued == 2


def test_a_state_is_not_used_by_a_forked_child(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            try:
                state.summary()
            except UsageError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_listing_shows_one_moment_and_does_not_hold_the_writer_up(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push(Target(url(n)) for n in range(3))
        save(state, (url(0), b"0"), (url(1), b"1"))
        listing = state.captures()
        first = next(listing)
        save(state, (url(2), b"2"))
        assert [first.asked, *(c.asked for c in listing)] == [url(0), url(1)]
        assert len(list(state.captures())) == 3


# -- hosts, robots, runs ---------------------------------------------------------------------------


def test_hosts_robots_and_runs_come_back_as_they_were(tmp_path: Path) -> None:
    hosts = [host(1, delay=5.5), {**host(2), "given_up": "host_blocked"}]
    robots = [{"address": "http://h1.gov.cn/robots.txt", "fetched": 1.5, "body": b"\xd5\xfe\0"}]
    with open_state(tmp_path, clock) as state:
        state.record([], (), hosts=hosts, robots=robots)
        number = state.start_run({"contact": "a@b.cn"})
        state.end_run(number, {"contact": "a@b.cn", "done": 3, "法": "政府"})
        state.start_run({"second": True})
    with open_state_readonly(tmp_path, clock) as state:
        assert state.load_hosts() == hosts
        assert state.load_robots() == robots
        first, second = state.runs()
    assert first["manifest"] == {"contact": "a@b.cn", "done": 3, "法": "政府"}
    assert first["ended_at"] == first["started_at"] == START.isoformat()
    assert second["ended_at"] is None


# -- opening ---------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1))])
        with pytest.raises(DatasetError, match="another harvest is running") as caught:
            open_state(tmp_path, clock)
        assert caught.value.context["reason"] == "in_use"
        with (
            open_state_readonly(tmp_path, clock) as one,
            open_state_readonly(tmp_path, clock) as two,
        ):
            assert one.summary().known == two.summary().known == 1
            with pytest.raises(UsageError, match="looking only"):
                one.push([Target(url(2))])
            state.push([Target(url(3))])
            assert one.summary().known == 2
    with open_state(tmp_path, clock):
        pass


def test_there_is_nothing_to_look_at_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no harvest"):
        open_state_readonly(tmp_path / "none", clock)
    assert not (tmp_path / "none").exists()


def test_a_file_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    with open_state(tmp_path, clock):
        pass
    file = tmp_path / "state.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = file.read_bytes()
    for opening in (open_state, open_state_readonly):
        with pytest.raises(DatasetError, match="newer version"):
            opening(tmp_path, clock)
    assert file.read_bytes() == before


def test_an_older_file_is_brought_up_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.fetch.state import schema

    with open_state(tmp_path, clock) as state:
        state.push([Target(url(1))])
    monkeypatch.setattr(schema, "VERSION", 3)
    broken = {1: "CREATE TABLE one (a) STRICT;", 2: "NONSENSE;"}
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(DatasetError):
        open_state(tmp_path, clock)
    with pytest.raises(DatasetError, match="not yet brought"):
        open_state_readonly(tmp_path, clock)
    whole = {1: "CREATE TABLE one (a INTEGER) STRICT;", 2: "CREATE TABLE two (b TEXT) STRICT;"}
    monkeypatch.setattr(schema, "MIGRATIONS", whole)
    with open_state(tmp_path, clock) as state:
        assert state.summary().known == 1
    connection = sqlite3.connect(tmp_path / "state.sqlite")
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    assert connection.execute("SELECT count(*) FROM one, two").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.sqlite").write_bytes(content)
    with pytest.raises(DatasetError, match="damaged") as caught:
        open_state(tmp_path, clock)
    assert caught.value.context["reason"] == "state_damaged"
    assert "rebuild" in caught.value.hint
    # the lock is free again
    (tmp_path / "state.sqlite").unlink()
    with open_state(tmp_path, clock):
        pass


def test_a_database_of_another_program_is_not_taken_over(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "state.sqlite")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(DatasetError, match="another program"):
        open_state(tmp_path, clock)


def test_an_archive_without_its_state_is_not_cut_away(tmp_path: Path) -> None:
    with open_state(tmp_path, clock) as state:
        save(state, (url(1), b"1"))
    (tmp_path / "state.sqlite").unlink()
    with pytest.raises(DatasetError, match="no state file") as caught:
        open_state(tmp_path, clock)
    assert caught.value.context["reason"] == "state_missing"
    assert len(list((tmp_path / "archive").iterdir())) == 1


def test_an_old_copy_of_the_state_does_not_cut_the_archive_away(tmp_path: Path) -> None:
    with open_state(tmp_path, clock):
        pass
    old = (tmp_path / "state.sqlite").read_bytes()
    for number in range(3):
        with open_state(tmp_path, clock) as state:
            save(state, (url(number), b"%d" % number))
    (tmp_path / "state.sqlite").write_bytes(old)
    with pytest.raises(DatasetError, match="not known to its state") as caught:
        open_state(tmp_path, clock)
    assert caught.value.context["reason"] == "state_old"
    assert len(list((tmp_path / "archive").iterdir())) == 3


@pytest.mark.parametrize(
    "name",
    ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", ".lock", "state.sqlite-journal"],
)
@pytest.mark.parametrize("how", ["symlink", "hardlink"])
def test_planted_links_are_not_written_through(tmp_path: Path, name: str, how: str) -> None:
    target = tmp_path / "precious"
    target.write_bytes(b"")
    folder = tmp_path / "h"
    folder.mkdir()
    if how == "symlink":
        (folder / name).symlink_to(target)
    else:
        (folder / name).hardlink_to(target)
    with pytest.raises(DatasetError, match="link"):
        open_state(folder, clock)
    assert target.read_bytes() == b""


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with open_state(tmp_path / "h", clock) as state:
            save(state, (url(1), b"1"))
            modes = {
                path.name: stat.S_IMODE(path.stat().st_mode)
                for path in [tmp_path / "h", *(tmp_path / "h").rglob("*")]
            }
    finally:
        os.umask(old)
    assert {name for name in modes if name.startswith("state")} >= {
        "state.sqlite",
        "state.sqlite-wal",
    }
    assert all(mode in (0o700, 0o600) for mode in modes.values()), modes


@pytest.mark.parametrize("kind", ["nfs4", "cifs"])
def test_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    device = os.stat(tmp_path).st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:20 / /proc rw - proc proc rw\n"
        f"30 1 {os.major(device)}:{os.minor(device)} / /srv rw,x shared:1 - {kind} host:/srv rw\n"
    )
    monkeypatch.setattr(disk, "_MOUNTS", mounts)
    with pytest.raises(DatasetError, match="a network file system"):
        open_state(tmp_path / "h", clock)


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "h"):
        with pytest.raises(DatasetError, match="is a file, not a folder"):
            open_state(folder, clock)


def test_the_note_on_sqlite_goes_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    assert "WAL-reset" in version_note()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert version_note() == ""


def test_errors_are_plain_values(tmp_path: Path) -> None:
    with open_state(tmp_path, clock), pytest.raises(DatasetError) as caught:
        open_state(tmp_path, clock)
    assert json.loads(json.dumps(caught.value.context)) == caught.value.context


def test_a_host_has_no_more_addresses_out_than_it_may(tmp_path: Path) -> None:
    rows = [Row(n, url(1, n)) for n in range(1, 6)]
    with open_state(tmp_path, clock) as state:
        state.add_sources(rows, ())
        first = state.claim(NOW, limit=4, per_host=2)
        assert [c.url for c in first] == [url(1, 1), url(1, 2)]
        assert state.claim(NOW, limit=4, per_host=2) == []
        third = state.claim(NOW, limit=4, per_host=3)
        assert [c.url for c in third] == [url(1, 3)]
        # what is more urgent has to wait for a place too, even when more are out than may be
        state.push([Target(url(1, n), priority=-1) for n in (8, 9)])
        assert state.claim(NOW, limit=4, per_host=2) == []
        for n in (1, 2):
            state.release(url(1, n))
        assert [c.url for c in state.claim(NOW, limit=4, per_host=2)] == [url(1, 8)]
