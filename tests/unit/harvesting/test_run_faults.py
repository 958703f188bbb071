"""What a whole harvest makes of answers that change, move, fail, or come late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fetch.fault_server import Talk
from harvesting.harvested_site import HTML, Site, collect, report, served, sites

import govreport_parse as gov
from govreport_parse.harvesting import crawl, ingest
from govreport_parse.harvesting import run as running
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.run import check_archive

WORD = b"Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document\r\n"
BUSY = served(b"busy", status=b"500 Internal Server Error")
COVER = (
    "<html><head><title>第7县2024年政府信息公开工作年度报告</title></head><body>{}</body></html>"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


@pytest.fixture(scope="module")
def word() -> bytes:
    """A report as a Word file."""
    return (Path(gov.__file__).parent / "data/site/liuhe.docx").read_bytes()


def organs(run: running.Run) -> list[str]:
    return sorted(run.dataset.wide()["organ"])


def test_a_refresh_is_told_that_nothing_changed_or_gets_what_did(
    site: Site, tmp_path: Path
) -> None:
    tagged = HTML + b'ETag: "1"\r\n'

    def unchanged(talk: object, before: int) -> bytes:
        headers = talk.seen.headers  # type: ignore[attr-defined]
        if before:
            assert headers["if-none-match"] == '"1"'
            return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
        return served(report(1), tagged)

    site.page("/1", unchanged)
    site.page("/2", lambda _, before: served(report(3 if before else 2), tagged))
    rows = [site.url("/1"), site.url("/2")]
    first = collect(rows, tmp_path)
    assert organs(first) == ["第1县人民政府", "第2县人民政府"]
    again = collect(rows, tmp_path, refresh=True)
    assert again.outcomes()["outcome"].tolist() == ["parsed", "parsed"]
    assert organs(again) == ["第1县人民政府", "第2县人民政府", "第3县人民政府"]
    third = collect(rows, tmp_path, refresh=True)
    assert organs(third) == organs(again)
    found = check_archive(tmp_path)
    assert found is not None
    assert found.problems == ()
    counts = gov.build(tmp_path)
    assert counts.outcomes == {"parsed": 2}


def test_a_page_that_moved_to_another_host_is_read_there(site: Site, tmp_path: Path) -> None:
    moved = f"Location: {site.url('/there', 'b')}\r\n".encode()
    site.page("/here", served(b"", moved, b"302 Found"))
    site.page("/there", served(report(5)))
    site.page("/lost", served(b"", f"Location: {site.url('/404', 'b')}\r\n".encode(), b"301 X"))
    run = collect([site.url("/here"), site.url("/lost")], tmp_path)
    rows = run.outcomes().to_dict("records")
    assert [r["outcome"] for r in rows] == ["parsed", "not found"]
    assert rows[0]["final_url"] == site.url("/there", "b")
    seen = site.by_host()
    assert [s.path for s in seen["a"]] == ["/robots.txt", "/here", "/lost"]
    assert [s.path for s in seen["b"]] == ["/robots.txt", "/there", "/404"]


def test_an_attachment_that_fails_is_named_and_its_page_kept(site: Site, tmp_path: Path) -> None:
    site.page("/1", served(report(1, '<a href="/f.docx">附件：年度报告.docx</a>')))
    site.page("/f.docx", served(b"gone", status=b"404 Not Found"))
    run = collect([site.url("/1")], tmp_path)
    assert organs(run) == ["第1县人民政府"]
    failures = run.dataset.failures.to_table(["url", "error_type"]).to_pylist()
    assert failures == [{"url": site.url("/f.docx"), "error_type": "HttpStatusError"}]
    assert not run.is_complete


def test_an_attachment_that_comes_in_a_later_run_is_read_then(
    site: Site, tmp_path: Path, word: bytes
) -> None:
    link = '<a href="/f.docx">附件：年度报告.docx</a>'
    site.page("/1", served(COVER.format(link + "<p>现将报告公布如下，请见附件。</p>").encode()))
    site.page("/f.docx", lambda _, before: BUSY if before < 3 else served(word, WORD))
    run = collect([site.url("/1")], tmp_path)
    assert run.outcomes()["outcome"].tolist() == ["failed"]
    assert len(run.dataset.failures) == 2
    asked = len(site.server.log)
    same = collect([site.url("/1")], tmp_path)
    assert len(site.server.log) == asked
    assert same.outcomes()["outcome"].tolist() == ["failed"]
    run = collect([site.url("/1")], tmp_path, retry_failed=True)
    assert run.outcomes()["outcome"].tolist() == ["parsed"]
    assert len(run.dataset) == 1
    assert run.dataset.failures.to_table(["url", "error_message"]).to_pylist() == []
    assert run.is_complete


def test_a_file_is_called_as_the_server_calls_it(site: Site, tmp_path: Path, word: bytes) -> None:
    named = "年度报告.docx".encode("gb18030")
    head = WORD + b'Content-Disposition: attachment; filename="' + named + b'"\r\n'
    site.page("/down", served(word, head))
    site.page("/files/%C4%EA%B1%A8.docx", served(word + b"\0" * 8, WORD))
    rows = [site.url("/down"), site.url("/files/%C4%EA%B1%A8.docx")]
    run = collect(rows, tmp_path)
    names = run.dataset.reports.to_table(["source_name"])["source_name"].to_pylist()
    assert set(names) == {"年报.docx", "年度报告.docx"}


def test_a_host_that_goes_away_is_left_and_asked_again_when_told_so(
    site: Site, tmp_path: Path
) -> None:
    away = [True]

    def reply(talk: object, _: int) -> bytes:
        if away[0]:
            talk.reset()  # type: ignore[attr-defined]
            return b""
        return served(report(2))

    site.page("/1", served(report(1)))
    site.page("/2", reply)
    rows = [site.url("/1"), site.url("/2"), site.url("/1", "other")]
    run = collect(rows, tmp_path, pace={"errors_in_row": 100})
    assert run.outcomes()["outcome"].tolist() == ["parsed", "failed", "parsed"]
    (failure,) = run.dataset.failures.to_table(["error_type"]).to_pylist()
    assert failure["error_type"] == "NetworkError"
    away[0] = False
    run = collect(rows, tmp_path, retry_failed=True)
    assert run.outcomes()["outcome"].tolist() == ["parsed"] * 3
    assert len(run.dataset.failures) == 0


def test_a_host_with_too_many_errors_keeps_its_addresses_for_the_next_run(
    site: Site, tmp_path: Path
) -> None:
    away = [True]
    for number in range(8):
        site.page(f"/{number}", lambda *_, n=number: BUSY if away[0] else served(report(n)))
    rows = [site.url(f"/{number}") for number in range(8)]
    pace = {"errors_in_row": 2, "first_park": 0.05, "parks": 2}
    run = collect(rows, tmp_path, pace=pace)
    assert run.ended == "waiting"
    assert run.manifest["left_alone"] == {"a.test": "host_given_up"}
    assert set(run.outcomes()["outcome"]) == {"waiting"}
    assert len(site.server.log) == 5
    away[0] = False
    run = collect(rows, tmp_path, pace=pace)
    assert run.outcomes()["outcome"].tolist() == ["parsed"] * 8


def test_a_backlog_is_parsed_in_rounds(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = []
    rounds = ingest.Ingest.round

    def small(self: ingest.Ingest, limit: int = 3) -> int:
        done = rounds(self, limit)
        most.append(done)
        return done

    monkeypatch.setattr(ingest.Ingest, "round", small)
    for number in range(10):
        site.page(f"/{number}", served(report(number)))
    rows = [site.url(f"/{number}") for number in range(10)]
    run = collect(rows, tmp_path)
    assert sum(most) == 10
    assert max(most) == 3
    assert len(run.dataset) == 10


def test_manifests_hold_no_secrets(site: Site, tmp_path: Path) -> None:
    site.page("/1", served(report(1), HTML + b"Set-Cookie: session=topsecret1\r\n"))
    site.page("/2", served(report(2)))
    port = site.server.port
    rows = [f"http://me:topsecret2@a.test:{port}/1", f"http://a.test:{port}/2?token=topsecret3"]
    collect(rows, tmp_path)
    told = (tmp_path / "runs/run-00001.json").read_text("utf-8")
    assert "topsecret" not in told
    assert "topsecret" not in json.dumps(running.look(tmp_path).manifest)  # type: ignore[union-attr]
    sent = b"".join(seen.raw for seen in site.server.log)
    assert b"topsecret2" not in sent
    assert b"Authorization" not in sent


def test_slow_hosts_leave_the_others_their_pace(site: Site, tmp_path: Path) -> None:
    """An address that is to be tried again soon does not wait for a slow host's answer."""
    again = asyncio.Event()

    def twice(_: object, before: int) -> bytes:
        if before:
            again.set()
        return served(report(1)) if before else BUSY

    async def slow(talk: Talk) -> None:
        await again.wait()
        await talk.send(served(report(2)))

    site.page("/1", twice)
    site.server.pages["/slow"] = slow
    rows = [site.url("/slow", "slow"), site.url("/1", "quick")]
    options = CrawlOptions(attempts=2, retry_wait=0.05, longest_wait=5.0)
    run = collect(rows, tmp_path, parse=False, crawl=options)
    assert run.outcomes()["outcome"].tolist() == ["fetched", "fetched"]
    assert [seen.path for seen in site.server.log].count("/slow") == 1  # it was no deadline


def test_with_no_room_for_more_than_one_answer_everything_comes(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "HELD", 1)
    site.page("/x", served(report(1)))
    rows = [site.url("/x", f"h{number}") for number in range(30)]
    run = collect(rows, tmp_path, parse=False)
    assert set(run.outcomes()["outcome"]) == {"fetched"}
