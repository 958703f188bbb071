"""Opening a folder whose files are not what its state committed; a state made from the archive."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from fetch.exchanges import START, clock, exchange

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import read_payload, segment_path, verify_archive
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import (
    State,
    Target,
    open_state,
    open_state_readonly,
    rebuild_state,
    store_answer,
    verify_harvest,
)

NOW = START.timestamp()
NAME = "govreport-00001.warc.gz"


def url(number: int) -> str:
    return f"http://h{number}.gov.cn/{number}.html"


def body(number: int) -> bytes:
    return random.Random(number).randbytes(500)


def fetch(state: State, *pages: tuple[int, bytes]) -> None:
    """Each page in a commit of its own, all in one segment."""
    state.push(Target(url(number)) for number, _ in pages)
    claims = {claim.url: claim for claim in state.claim(NOW, limit=99)}
    with state.open_archive() as archive:
        for number, content in pages:
            came = exchange(url(number), content)
            answer = Answer(url(number), Outcome(Code.OK), (came,), content)
            done = store_answer(archive, answer, claim=claims[url(number)])
            state.record([done], archive.sync())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pages 0 to 4; 3 has the payload of 1."""
    with open_state(tmp_path / "h", clock) as state:
        fetch(state, *((n, body(1 if n == 3 else n)) for n in range(5)))
    return tmp_path / "h"


def state_of(folder: Path) -> tuple[list[str], list[str], int]:
    """Addresses that are captured, that are open, and how many captures are lost."""
    with open_state_readonly(folder, clock) as state:
        captured = [c.asked for c in state.captures()]
        summary = state.summary()
        still = [c.url for c in state.claim(NOW, limit=99)]
        assert verify_archive(folder, state.spans(), state.segments()) == []
    assert len(still) == summary.queued
    return captured, still, summary.lost


def places(folder: Path) -> list[tuple[int, int]]:
    with open_state_readonly(folder, clock) as state:
        return [(s.offset, s.length) for s in state.spans()]


def test_a_tail_that_was_never_committed_is_cut(folder: Path) -> None:
    path = segment_path(folder, NAME)
    whole = path.read_bytes()
    path.write_bytes(whole + b"half a record")
    with open_state(folder, clock) as state:
        assert state.repairs == (f"{NAME}: 13 bytes that were not saved yet cut off",)
    assert path.read_bytes() == whole
    with open_state(folder, clock) as state:
        assert state.repairs == ()


def test_a_segment_that_was_never_committed_is_removed(folder: Path) -> None:
    other = segment_path(folder, "govreport-00002.warc.gz")
    other.write_bytes(b"x")
    kept = folder / "archive" / "notes.txt"
    kept.write_text("mine")
    with open_state(folder, clock) as state:
        assert state.repairs == ("govreport-00002.warc.gz: removed, nothing in it was saved",)
    assert not other.exists()
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("inside", [0, 1, 200])
def test_pages_that_a_cut_file_no_longer_holds_are_fetched_again(folder: Path, inside: int) -> None:
    path = segment_path(folder, NAME)
    start, _ = places(folder)[2]
    path.write_bytes(path.read_bytes()[: start + inside])
    with open_state(folder, clock) as state:
        assert state.repairs[-1] == "3 pages are lost and will be fetched again"
    assert path.stat().st_size == start
    assert state_of(folder) == ([url(0), url(1)], [url(2), url(3), url(4)], 3)
    with open_state(folder, clock) as state:
        assert state.repairs == ()
        fetch(state, *((n, body(1 if n == 3 else n)) for n in (2, 3, 4)))
        captures = list(state.captures())
        for capture in captures:
            place = (capture.segment, capture.offset, capture.length, capture.sha256)
            read_payload(folder, *place)
    assert [c.asked for c in captures] == [url(n) for n in range(5)]
    assert captures[3].revisit
    assert state_of(folder) == ([url(n) for n in range(5)], [], 3)


def test_pages_that_repeat_a_lost_payload_are_lost_with_it(folder: Path) -> None:
    path = segment_path(folder, NAME)
    start, _ = places(folder)[1]
    damaged = bytearray(path.read_bytes())
    damaged[start + 30] ^= 1
    path.write_bytes(damaged)
    with open_state(folder, clock) as state:
        problems = verify_archive(folder, state.spans(), state.segments())
        assert [p.url for p in problems] == [url(1), url(3)]
        assert state.lose(problems[:1]) == 2
        assert state.lose(problems) == 0
    assert state_of(folder) == ([url(0), url(2), url(4)], [url(1), url(3)], 2)


def test_the_pages_of_a_missing_segment_are_fetched_again(folder: Path) -> None:
    with open_state(folder, clock) as state:
        fetch(state, (5, body(5)), (6, body(1)))
    segment_path(folder, NAME).unlink()
    with open_state(folder, clock) as state:
        assert state.repairs[0] == f"{NAME}: the segment is gone"
        fetch(state, (0, body(0)))
        assert state.segments()[-1].name == "govreport-00003.warc.gz"
    assert state_of(folder) == ([url(5), url(0)], [url(n) for n in (1, 2, 3, 4, 6)], 6)


def test_a_last_page_that_the_disk_did_not_keep_is_fetched_again(folder: Path) -> None:
    path = segment_path(folder, NAME)
    start, length = places(folder)[4]
    damaged = bytearray(path.read_bytes())
    damaged[start : start + length] = bytes(length)
    path.write_bytes(damaged)
    with open_state(folder, clock) as state:
        assert state.repairs[-1] == "1 pages are lost and will be fetched again"
    assert state_of(folder) == ([url(n) for n in range(4)], [url(4)], 1)


def test_a_planted_link_for_a_segment_is_refused(folder: Path, tmp_path: Path) -> None:
    path = segment_path(folder, NAME)
    target = tmp_path / "precious"
    target.write_bytes(path.read_bytes() + b"tail")
    path.unlink()
    path.symlink_to(target)
    size = target.stat().st_size
    with pytest.raises(DatasetError, match="is a link"):
        open_state(folder, clock)
    path.unlink()
    path.hardlink_to(target)
    with pytest.raises(DatasetError, match="is a link"):
        open_state(folder, clock)
    assert target.stat().st_size == size


# -- the state from the archive --------------------------------------------------------------------


def rich(folder: Path) -> None:
    """A harvest with everything that an answer can be."""
    with open_state(folder, clock) as state, state.open_archive() as archive:
        state.push([Target(url(n), "list" if n == 0 else "report", priority=-n) for n in range(6)])
        claims = {int(c.url[8]): c for c in state.claim(NOW, limit=99)}

        def keep(number: int, *hops: Exchange, outcome: Outcome, **more: Any) -> None:
            answer = Answer(url(number), outcome, hops, hops[-1].body)
            done = store_answer(archive, answer, claim=claims[number], **more)
            state.record([done], archive.sync())

        found = (
            Target("http://h9.gov.cn/a.pdf", "attachment", None, 1, url(0), 3),
            Target("http://h9.gov.cn/b.html", "report", None, 1, url(0)),
        )
        keep(0, exchange(url(0), body(0)), outcome=Outcome(Code.OK), found=found)
        hop = exchange(url(1), b"moved", status=301, seconds=1.25)
        head = b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Type: a/b; c\r\n\r\n'
        end = exchange(
            "http://h8.gov.cn/x", body(1), truncated="length", integrity="cut", lenient=True,
            tls_trust="legacy", head=head,
        )  # fmt: skip
        keep(1, hop, end, outcome=Outcome(Code.QUARANTINE, "too_large", "64 MiB: stopped 报"))
        keep(2, exchange(url(2), body(1)), outcome=Outcome(Code.OK))
        late = Outcome(Code.HOST_PARKED, "retry_after", "busy", 120.5)
        keep(3, exchange(url(3), b"busy", status=503), outcome=late, retry_at=NOW + 120.5)
        silent = exchange(url(4), b"", status=0, head=b"")
        keep(4, silent, outcome=Outcome(Code.RETRY, "deadline"), retry_at=None)
        robots = exchange("http://h5.gov.cn/robots.txt", b"User-agent: *")
        answer = Answer(robots.url, Outcome(Code.OK), (robots,), robots.body)
        state.record([store_answer(archive, answer)], archive.sync())
        state.requeue([url(2)])
        old = state.previous(url(2))
        assert old is not None
        same = exchange(url(2), b"", status=304, head=b"HTTP/1.1 304 x\r\n\r\n")
        keep(2, same, outcome=Outcome(Code.NOT_MODIFIED), unmodified=old.original())


def rows(folder: Path) -> tuple[list[Any], list[Any], list[Any], Any]:
    """All that is to come back."""
    import sqlite3

    connection = sqlite3.connect(folder / "state.sqlite")
    captures = connection.execute("SELECT * FROM captures ORDER BY seq").fetchall()
    names = [c[0] for c in connection.execute("SELECT * FROM captures LIMIT 0").description]
    batch = names.index("batch")
    frontier = connection.execute(
        "SELECT url, kind, depth, parent, priority, host, domain, state, next_at, code, reason, "
        "detail, capture FROM frontier ORDER BY url"
    ).fetchall()
    segments = connection.execute("SELECT * FROM segments").fetchall()
    hosts = connection.execute("SELECT host, open FROM hosts ORDER BY host").fetchall()
    connection.close()
    return [(*c[:batch], *c[batch + 1 :]) for c in captures], frontier, segments, hosts


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_a_lost_state_is_made_again_from_the_archive(tmp_path: Path, how: str) -> None:
    rich(tmp_path)
    captures, frontier, segments, hosts = rows(tmp_path)
    file = tmp_path / "state.sqlite"
    if how == "lost":
        file.unlink()
    else:
        file.write_bytes(b"\xff" * 5000)
    assert rebuild_state(tmp_path, clock) == ()
    new_captures, new_frontier, new_segments, new_hosts = rows(tmp_path)
    assert new_captures == captures
    assert new_segments == segments
    # page 5 was never asked for: only the sources know it
    known = [row for row in frontier if row[0] != url(5)]
    assert new_frontier == known
    assert dict(new_hosts) == {h: n for h, n in hosts if h != "h5.gov.cn"}
    with open_state(tmp_path, clock) as state:
        assert state.repairs == ()
        assert verify_archive(tmp_path, state.spans(), state.segments()) == []
        state.push([Target(url(5))])
        claims = [c.url for c in state.claim(NOW, limit=99)]
    assert claims == [url(5), "http://h9.gov.cn/b.html"]
    assert (tmp_path / "state-old.sqlite").exists() == (how == "damaged")


def test_a_torn_tail_is_left_out_and_cut(folder: Path) -> None:
    path = segment_path(folder, NAME)
    offset, length = places(folder)[4]
    path.write_bytes(path.read_bytes()[: offset + length - 20])
    (folder / "state.sqlite").unlink()
    told = rebuild_state(folder, clock)
    assert told[-1] == f"{NAME}: {length - 20:,} bytes behind the last whole page"
    with open_state(folder, clock) as state:
        assert state.repairs == (f"{NAME}: {length - 20:,} bytes that were not saved yet cut off",)
    assert state_of(folder) == ([url(n) for n in range(4)], [], 0)


def test_damage_in_the_middle_costs_its_page_and_those_that_repeat_it(folder: Path) -> None:
    path = segment_path(folder, NAME)
    start, _ = places(folder)[1]
    damaged = bytearray(path.read_bytes())
    damaged[start + 30] ^= 1
    path.write_bytes(damaged)
    (folder / "state.sqlite").unlink()
    told = rebuild_state(folder, clock)
    assert any("repeats a page that is not there" in line for line in told)
    assert state_of(folder) == ([url(0), url(2), url(4)], [], 2)


def test_a_rebuilding_can_be_stopped_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse.fetch.archive import disk

    with open_state(folder, clock), pytest.raises(DatasetError, match="another harvest"):
        rebuild_state(folder, clock)
    before = rows(folder)
    steps = []
    monkeypatch.setattr(disk, "step", lambda what, path: steps.append(what))
    rebuild_state(folder, clock)
    assert steps.count("rename") == 2
    for number in range(len(steps)):
        taken = iter(range(len(steps)))

        def stop(what: str, path: Path, *, at: int = number, taken: Any = taken) -> None:
            if next(taken) == at:
                raise KeyboardInterrupt

        # what a killed writer leaves: a log that is part of the state
        shutil.copytree(folder, folder.parent / f"copy{number}")
        copy = folder.parent / f"copy{number}"
        state = open_state(copy, clock)
        state.push([Target(url(9))])
        shutil.copytree(copy, copy / "killed")
        state.close()
        assert (copy / "killed" / "state.sqlite-wal").stat().st_size > 0
        monkeypatch.setattr(disk, "step", stop)
        with pytest.raises(KeyboardInterrupt):
            rebuild_state(copy / "killed", clock)
        monkeypatch.setattr(disk, "step", lambda what, path: None)
        if (copy / "killed" / "state.sqlite").exists():
            with open_state(copy / "killed", clock) as state:
                assert state.repairs == ()
        assert rebuild_state(copy / "killed", clock) == ()
        assert rows(copy / "killed")[0] == before[0]


def test_sources_given_again_find_their_pages(folder: Path) -> None:
    from fetch.test_state import Row

    (folder / "state.sqlite").unlink()
    rebuild_state(folder, clock)
    with open_state(folder, clock) as state:
        state.add_sources([Row(1, url(3), "x"), Row(2, url(7), "y")])
        assert [(o.row, o.code) for o in state.outcomes()] == [(1, "ok"), (2, "queued")]


def test_a_folder_without_an_archive_gives_an_empty_state(tmp_path: Path) -> None:
    assert rebuild_state(tmp_path / "h", clock) == ()
    with open_state(tmp_path / "h", clock) as state:
        assert state.summary().known == 0


# -- checking --------------------------------------------------------------------------------------


def test_a_harvest_is_checked_while_it_runs(folder: Path) -> None:
    assert verify_harvest(folder) == []
    with open_state(folder, clock) as state, state.open_archive() as archive:
        answer = Answer(url(6), Outcome(Code.OK), (exchange(url(6)),), b"")
        done = store_answer(archive, answer)
        (unknown,) = verify_harvest(folder)
        assert not unknown.is_loss
        state.record([done], archive.sync())
        assert verify_harvest(folder) == []
        store_answer(archive, answer)
        (tail,) = verify_harvest(folder)
        assert not tail.is_loss
        assert "behind the last saved page" in tail.reason


def test_checking_finds_damage_in_archive_and_state(folder: Path) -> None:
    path = segment_path(folder, NAME)
    start, _ = places(folder)[2]
    damaged = bytearray(path.read_bytes())
    damaged[start + 12] ^= 4
    path.write_bytes(damaged)
    assert [p.url for p in verify_harvest(folder)] == [url(2)]
    with open_state(folder, clock) as state:
        assert state.lose(verify_harvest(folder)) == 1
    assert verify_harvest(folder) == []
    file = folder / "state.sqlite"
    whole = bytearray(file.read_bytes())
    # the addresses as they stand in an index, not in their table
    at = whole.rfind(url(4).encode())
    whole[at + 7] ^= 1
    file.write_bytes(whole)
    found = verify_harvest(folder)
    assert found
    assert {p.segment for p in found} == {"state.sqlite"}
    file.write_bytes(whole[:5000])
    with pytest.raises(DatasetError, match="damaged"):
        verify_harvest(folder)


def test_there_is_nothing_to_check_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no harvest"):
        verify_harvest(tmp_path / "none")
