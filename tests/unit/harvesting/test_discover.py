"""What a site offers, without fetching it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from govreport_parse import bundled_site
from govreport_parse.cli.main import cli
from govreport_parse.errors import UsageError
from govreport_parse.harvesting.discover import discover

FIXTURES = Path(__file__).parents[3] / "fixtures" / "site"
SITES = sorted(p.name for p in FIXTURES.iterdir() if (p / "site.json").exists())


def test_the_reports_of_the_bundled_site_are_named_and_not_fetched() -> None:
    with bundled_site.serve() as site:
        found = discover(site.start, "a@example.org", allow_private=True, delay=0.0)
        offered = {r["title"]: r for r in json.loads(_about("index.html", "index_1.html"))}
        asked = set(site.requests)
    assert {x.title for x in found.reports} == set(offered)
    assert {(x.organ, x.year) for x in found.reports} >= {
        ("清溪县人民政府", 2023),
        ("清溪县柳河镇人民政府", 2023),
        ("清溪县财政局", 2022),
    }
    assert asked <= {
        "/robots.txt",
        "/zwgk/ndbg/",
        "/zwgk/ndbg/index_1.html",
        "/zwgk/ndbg/index_2.html",
    }


def _about(*names: str) -> str:
    """The reports that the list pages of the bundled site name, read by hand's rule: 年度报告."""
    import re
    from importlib import resources

    folder = resources.files("govreport_parse") / "data/site"
    titles = []
    for name in names:
        text = (folder / name).read_text("utf-8")
        titles += [t for t in re.findall('title="([^"]+)"', text) if t.endswith("年度报告")]
    return json.dumps([{"title": t} for t in titles])


@pytest.mark.parametrize("name", SITES)
def test_the_reports_of_each_fixture_site_are_found_once_and_nothing_else(name: str) -> None:
    about = json.loads((FIXTURES / name / "site.json").read_text("utf-8"))
    with bundled_site.serve(FIXTURES / name) as site:
        found = discover(
            [{"url": site.start, "kind": "list"}], "a@example.org", allow_private=True, delay=0.0
        )
        assert len(site.requests) == len(set(site.requests))
    urls = [x.url.removeprefix(site.url) for x in found.reports]
    assert len(urls) == len(set(urls))
    wanted = {r.get("page", r["path"]): (r["organ"], r["year"]) for r in about["reports"]}
    offered = {u: (x.organ, x.year) for u, x in zip(urls, found.reports, strict=True)}
    for path, told in wanted.items():
        if path in offered:
            assert offered[path] == told
    pages = {r["path"] for r in about["reports"] if not r["path"].endswith((".docx", ".pdf"))}
    assert pages <= set(urls)
    assert {x.family for x in found.reports} == {about["family"]}


def test_the_command_line_prints_a_table_and_json_lines() -> None:
    with bundled_site.serve() as site:
        common = ["discover", site.start, "--allow-private", "--delay", "0"]
        table = CliRunner().invoke(cli, common)
        lines = CliRunner().invoke(cli, [*common, "--format", "jsonl"])
    assert table.stdout.splitlines()[0].split()[:3] == ["organ", "year", "title"]
    rows = [json.loads(line) for line in lines.stdout.splitlines()]
    assert len(rows) == len(table.stdout.splitlines()) - 1 == 9
    assert rows[0]["organ"] == "清溪县人民政府"


def test_a_source_that_is_none_is_told_before_any_request() -> None:
    with pytest.raises(UsageError):
        discover("nonsense.csv", "a@example.org")


def test_what_robots_txt_forbids_is_marked() -> None:
    """The bundled site forbids /internal/, where one of its listed reports stands."""
    with bundled_site.serve() as site:
        found = discover(site.start, "a@example.org", allow_private=True, delay=0.0)
        arguments = ["discover", site.start, "--allow-private", "--delay", "0"]
        table = CliRunner().invoke(cli, arguments)
        lines = CliRunner().invoke(cli, [*arguments, "--format", "jsonl"]).stdout.splitlines()
    told = {x.url.removeprefix(site.url): x.would_fetch for x in found.reports}
    assert told.pop("/internal/t9.html") is False
    assert set(told.values()) == {True}
    assert sum(json.loads(line)["would_fetch"] is False for line in lines) == 1
    (marked,) = [line for line in table.stdout.splitlines() if line.endswith("forbids")]
    assert "/internal/t9.html" in marked
    assert "robots.txt forbids 1 of these; a harvest does not ask" in table.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["www.example.gov.cn/nb/"], "an address begins with http:// or https://"),
        (["http://www.example.gov.cn/"], "--contact name@university.edu or $GOVREPORT_CONTACT"),
        (
            ["http://www.example.gov.cn/", "--contact", "a@b.org", "--delay", "0"],
            "wait at least 1 second (--delay 1)",
        ),
    ],
)
def test_what_is_missing_is_told_in_the_words_of_the_command(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOVREPORT_CONTACT", raising=False)
    result = CliRunner().invoke(cli, ["discover", *arguments])
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_a_look_that_took_too_long_says_that_it_is_not_all() -> None:
    with bundled_site.serve() as site:
        found = discover(site.start, "a@b.org", allow_private=True, delay=3.0, minutes=1e-6)
    assert "the time given was over before all lists were looked at" in found.problems
