"""A whole harvest over loopback: the bundled site, its list, its attachments, its broken pages."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import govreport_parse as gov
from govreport_parse import bundled_site
from govreport_parse.bundled_site import ServedSite
from govreport_parse.cli.main import cli
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.fetch.state import open_state
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.run import harvest

CONTACT = "someone@example.org"
QUICK: dict[str, Any] = {
    "allow_private": True,
    "delay": 0.0,
    "crawl": CrawlOptions(retry_wait=0.05, longest_wait=5.0),
}
COLUMN = "/zwgk/ndbg/"


@pytest.fixture
def site() -> Any:
    with bundled_site.serve() as served:
        yield served


def reports_of(run: Any) -> dict[str, tuple[Any, ...]]:
    """Path of the source to organ, year, received requests."""
    data = run.dataset
    wide = data.wide()
    return {
        row["url"].partition("/zwgk")[2]: (row["organ"], row["year"], row["rq_received_total"])
        for row in wide.to_dict("records")
    }


def test_a_list_gives_every_report_once_and_nothing_else_is_asked_for(
    site: ServedSite, tmp_path: Path
) -> None:
    run = harvest([{"url": site.start, "kind": "list"}], tmp_path, CONTACT, **QUICK)
    assert run.ended == "done"
    assert reports_of(run) == {
        r["path"].removeprefix("/zwgk"): (r["organ"], r["year"], r["received"])
        for r in site.reports
    }
    assert len(site.requests) == len(set(site.requests))
    assert site.requests[0] == "/robots.txt"
    asked = set(site.requests)
    # the notice's explanation, the forbidden page and other sites are left alone
    assert not {p for p in asked if "t6" in p or "internal" in p}
    assert {f"{COLUMN}2024/files/education.pdf", f"{COLUMN}2024/files/liuhe.docx"} <= asked


def test_every_miss_is_in_the_dataset_with_its_reason(site: ServedSite, tmp_path: Path) -> None:
    run = harvest([{"url": site.start, "kind": "list"}], tmp_path, CONTACT, **QUICK)
    rows = run.dataset.failures.to_table(["url", "error_type", "error_message"]).to_pylist()
    told = {r["url"].rpartition("/")[2]: (r["error_type"], r["error_message"]) for r in rows}
    assert set(told) == {"t7.html", "t8.html", "t9.html"}
    assert told["t7.html"][0] == "HttpStatusError"
    assert "404" in told["t7.html"][1]
    assert told["t8.html"][0] == "HttpStatusError"
    assert "soft_404" in told["t8.html"][1]
    assert told["t9.html"][0] == "RobotsDisallowedError"
    assert not run.is_complete


def test_a_page_and_its_attachment_are_one_report_with_both_sources(
    site: ServedSite, tmp_path: Path
) -> None:
    run = harvest([site.url + f"{COLUMN}2024/t5.html"], tmp_path, CONTACT, **QUICK)
    assert len(run.dataset) == 1
    (finding,) = run.dataset.findings.to_table(["code", "message"]).to_pylist()
    assert finding["code"] == "second_source"
    assert "liuhe.docx gives the same numbers" in finding["message"]
    assert run.outcomes()["outcome"].tolist() == ["parsed"]


def test_what_a_row_says_of_its_report_counts_as_said_by_the_caller(
    site: ServedSite, tmp_path: Path
) -> None:
    row = {
        "url": site.url + f"{COLUMN}2024/t1.html",
        "organ": "青石县人民政府",
        "year": 2019,
        "division_code": "341722",
    }
    run = harvest([row], tmp_path, CONTACT, **QUICK)
    (report,) = run.dataset.reports.to_table(
        ["organ", "organ_source", "year", "year_source", "division_code"]
    ).to_pylist()
    assert report == {
        "organ": "青石县人民政府",
        "organ_source": "caller",
        "year": 2019,
        "year_source": "caller",
        "division_code": "341722",
    }


def test_every_row_ends_in_one_word_and_none_is_dropped(site: ServedSite, tmp_path: Path) -> None:
    rows = [
        {"url": site.url + f"{COLUMN}2024/t1.html"},
        {"url": site.url + f"{COLUMN}2024/t1.html"},
        {"url": site.url + f"{COLUMN}2024/t6.html"},
        {"url": site.url + f"{COLUMN}2024/t7.html"},
        {"url": site.url + "/internal/t9.html"},
        {"url": site.start, "kind": "list", "year": 2020},
        {"url": "gopher://a.gov.cn/"},
        {"url": "http://no-such-host.invalid/x"},
    ]
    run = harvest(rows, tmp_path, CONTACT, skip_bad_rows=True, **QUICK)
    table = run.outcomes()
    assert table["row"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert table["outcome"].tolist() == [
        *("parsed", "duplicate", "failed", "not found", "refused", "listed", "refused", "failed")
    ]
    assert "row 1" in table["reason"][1]
    assert "NotAReportError" in table["reason"][2]
    assert run.failures["row"].tolist() == [3, 4, 5, 7, 8]
    # the list was asked for 2020 only
    assert {v[:2] for v in reports_of(run).values()} == {
        ("清溪县人民政府", 2023),
        ("清溪县人民政府", 2020),
    }


def test_the_same_command_again_asks_for_nothing_and_changes_nothing(
    site: ServedSite, tmp_path: Path
) -> None:
    rows = [{"url": site.start, "kind": "list"}]
    first = harvest(rows, tmp_path, CONTACT, **QUICK)
    asked, before = len(site.requests), (tmp_path / "dataset/_manifest.json").read_bytes()
    again = harvest(rows, tmp_path, CONTACT, **QUICK)
    assert len(site.requests) == asked
    assert (tmp_path / "dataset/_manifest.json").read_bytes() == before
    assert again.summary.outcomes == first.summary.outcomes


def test_a_refresh_asks_again_and_adds_no_second_report(site: ServedSite, tmp_path: Path) -> None:
    rows = [site.url + f"{COLUMN}2024/t1.html"]
    harvest(rows, tmp_path, CONTACT, **QUICK)
    run = harvest(rows, tmp_path, CONTACT, refresh=True, **QUICK)
    assert site.requests.count(f"{COLUMN}2024/t1.html") == 2
    assert len(run.dataset) == 1
    assert gov.verify_dataset(tmp_path) == []


def test_without_parsing_the_archive_can_be_built_later(site: ServedSite, tmp_path: Path) -> None:
    run = harvest([{"url": site.start, "kind": "list"}], tmp_path, CONTACT, parse=False, **QUICK)
    assert set(run.outcomes()["outcome"]) == {"listed"}
    with pytest.raises(DatasetError):
        gov.load(tmp_path)
    asked = len(site.requests)
    counts = gov.build(tmp_path)
    assert counts.outcomes == {"parsed": 6}
    assert len(gov.load(tmp_path)) == 6
    assert len(site.requests) == asked


def test_a_build_gives_the_same_dataset_as_the_harvest(site: ServedSite, tmp_path: Path) -> None:
    harvest([{"url": site.start, "kind": "list"}], tmp_path / "a", CONTACT, **QUICK)
    parts = sorted(p.name for p in (tmp_path / "a/dataset").rglob("*.parquet"))
    gov.build(tmp_path / "a")
    assert sorted(p.name for p in (tmp_path / "a/dataset").rglob("*.parquet")) == parts


@pytest.mark.parametrize("contact", [None, "", "me", "a@b", "x y@z.org", "某@例.中国"])
def test_no_contact_or_one_that_is_no_address_ends_before_the_first_request(
    contact: str | None, site: ServedSite, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"contact|mail"):
        harvest([site.start], tmp_path / "out", contact, **QUICK)
    assert site.requests == []
    assert not (tmp_path / "out").exists()


def test_bad_rows_and_impolite_delays_end_before_the_first_request(
    site: ServedSite, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="row 2"):
        harvest([site.start, "nonsense"], tmp_path, CONTACT, **QUICK)
    with pytest.raises(UsageError, match="too short"):
        harvest([site.start], tmp_path, CONTACT, delay=0.1)
    with pytest.raises(UsageError, match="no option"):
        harvest([site.start], tmp_path, CONTACT, detlay=1)
    assert site.requests == []


def test_loopback_is_refused_unless_it_is_allowed(site: ServedSite, tmp_path: Path) -> None:
    run = harvest([site.start], tmp_path, CONTACT)
    (row,) = run.outcomes().to_dict("records")
    assert (row["outcome"], row["reason"].partition(":")[0]) == ("refused", "non_public_address")
    assert site.requests == []


def test_a_folder_in_use_is_refused_at_once(site: ServedSite, tmp_path: Path) -> None:
    from govreport_parse.harvesting.results import utc

    with open_state(tmp_path, utc), pytest.raises(DatasetError) as caught:
        harvest([site.start], tmp_path, CONTACT, **QUICK)
    assert caught.value.context["reason"] == "in_use"
    assert site.requests == []


def test_it_works_inside_a_running_event_loop(site: ServedSite, tmp_path: Path) -> None:
    async def notebook() -> Any:
        return harvest([site.url + f"{COLUMN}2024/t1.html"], tmp_path, CONTACT, **QUICK)

    assert len(asyncio.run(notebook()).dataset) == 1


def test_a_watcher_that_stops_the_run_leaves_it_resumable(site: ServedSite, tmp_path: Path) -> None:
    rows = [{"url": site.start, "kind": "list"}]

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        harvest(rows, tmp_path, CONTACT, watch=interrupt, **QUICK)
    assert threading.active_count() == before
    manifest = json.loads((tmp_path / "runs/run-00001.json").read_text("utf-8"))
    assert manifest["ended"] == "stopped"
    run = harvest(rows, tmp_path, CONTACT, **QUICK)
    assert len(run.dataset) == 6
    assert len(site.requests) == len(set(site.requests))


def test_the_manifest_says_how_polite_the_run_was(site: ServedSite, tmp_path: Path) -> None:
    run = harvest([site.url + f"{COLUMN}2024/t1.html"], tmp_path, CONTACT, **QUICK)
    (host,) = run.manifest["hosts"]
    assert host["host"].startswith("127.0.0.1")
    assert host["requests"] == len(site.requests) == 2
    assert run.manifest["user_agent"].endswith(f"(+{CONTACT})")


# -- the command line ------------------------------------------------------------------------------


def govreport(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args])


def test_the_command_line_harvests_tells_verifies_and_builds(
    site: ServedSite, tmp_path: Path
) -> None:
    sources = tmp_path / "sources.csv"
    sources.write_text(f"url,kind\n{site.start},list\n", "utf-8")
    out = tmp_path / "out"
    common = ("--out", out, "--contact", CONTACT, "--allow-private", "--delay", 0)
    result = govreport("harvest", sources, *common, "--retry-wait", 0.05)
    assert result.exit_code == 1  # three addresses gave no report
    assert "6  parsed" in result.stdout
    status = json.loads(govreport("status", out, "--format", "json").stdout)
    assert status["harvest"]["ended"] == "done"
    assert status["rows"]["reports"] == 6
    verified = govreport("verify", out)
    assert (verified.exit_code, verified.stdout) == (0, "")
    assert govreport("build", out).exit_code == 0


def test_fetch_prints_one_line_an_address_and_needs_no_contact_on_loopback(
    site: ServedSite, tmp_path: Path
) -> None:
    good, gone = site.url + f"{COLUMN}2024/t1.html", site.url + f"{COLUMN}2024/t7.html"
    result = govreport("fetch", good, gone, "--out", tmp_path, "--allow-private", "--delay", 0)
    assert result.exit_code == 1
    assert [line.split("\t")[:3] for line in result.stdout.splitlines()] == [
        ["fetched", "200", good],
        ["not found", "404", gone],
    ]


def test_a_flipped_byte_of_the_archive_is_found(site: ServedSite, tmp_path: Path) -> None:
    harvest([site.url + f"{COLUMN}2024/t1.html"], tmp_path, CONTACT, **QUICK)
    (segment,) = (tmp_path / "archive").iterdir()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    result = govreport("verify", tmp_path)
    assert result.exit_code == 1
    assert segment.name in result.stdout


def test_imported_documents_are_archived_and_can_be_built_again(tmp_path: Path) -> None:
    with gov.sample_paths() as paths:
        result = govreport("import", *paths, "--out", tmp_path)
    assert result.exit_code == 0
    assert json.loads(govreport("status", tmp_path, "--format", "json").stdout)["harvest"][
        "captures"
    ] == len(paths)
    names = {r["source_name"] for r in gov.load(tmp_path).reports.to_table().to_pylist()}
    import shutil

    shutil.rmtree(tmp_path / "dataset")
    gov.build(tmp_path)
    rebuilt = gov.load(tmp_path).reports.to_table().to_pylist()
    assert {r["source_name"] for r in rebuilt} == names
    assert {r["url"] for r in rebuilt} == {None}


def test_a_lost_state_is_rebuilt_from_the_archive(site: ServedSite, tmp_path: Path) -> None:
    harvest([{"url": site.start, "kind": "list"}], tmp_path, CONTACT, **QUICK)
    reports = {r["sha256"] for r in gov.load(tmp_path).reports.to_table(["sha256"]).to_pylist()}
    for file in tmp_path.glob("state.sqlite*"):
        file.unlink()
    import shutil

    shutil.rmtree(tmp_path / "dataset")
    gov.build(tmp_path)
    again = {r["sha256"] for r in gov.load(tmp_path).reports.to_table(["sha256"]).to_pylist()}
    assert again == reports


def test_a_build_without_corrections_keeps_those_of_an_earlier_build(
    site: ServedSite, tmp_path: Path
) -> None:
    harvest([site.url + f"{COLUMN}2024/t1.html"], tmp_path, CONTACT, **QUICK)
    (report_id,) = gov.load(tmp_path).reports.to_table(["report_id"])["report_id"].to_pylist()
    file = tmp_path / "c.csv"
    file.write_text(
        "report_id,path,verdict,value,note,author,date\n"
        f"{report_id},requests/granted/total,wrong,7,read from the page,ann,2024-05-01\n",
        "utf-8",
    )
    figure = ["value"], {"path": "requests/granted/total"}

    def granted() -> list[object]:
        return gov.load(tmp_path).figures.to_table(figure[0], filter=figure[1])["value"].to_pylist()

    assert govreport("build", tmp_path, "--corrections", file).exit_code == 0
    assert granted() == [7]
    assert govreport("build", tmp_path).exit_code == 0
    assert granted() == [7]
    assert govreport("build", tmp_path, "--corrections", file).exit_code == 0
    file.write_text("report_id,path,verdict,value,note,author,date\n", "utf-8")
    result = govreport("build", tmp_path, "--corrections", file)
    assert "1 reports had corrections" in result.stderr
    assert granted() != [7]
