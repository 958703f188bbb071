"""Every family's site: each report found once, nothing else asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from govreport_parse import bundled_site
from govreport_parse.fetch.sites import FAMILIES
from govreport_parse.harvesting.crawl import CrawlOptions
from govreport_parse.harvesting.run import harvest

FIXTURES = Path(__file__).parents[3] / "fixtures" / "site"
ABOUT = {
    p.parent.name: json.loads(p.read_text("utf-8")) for p in sorted(FIXTURES.glob("*/site.json"))
}
EXACT = [name for name, about in ABOUT.items() if "asked" in about]
GENERIC = [name for name in EXACT if name.startswith("generic")]


def plain(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    parts = urlsplit(target)
    return parts.path, tuple(sorted(parse_qsl(parts.query)))


def harvested(name: str, folder: Path) -> tuple[set[str], list[str]]:
    """Hashes of what came with status 200, and what was asked for."""
    with bundled_site.serve(FIXTURES / name) as site:
        run = harvest(
            [{"url": site.start, "kind": "list"}],
            folder,
            "a@example.org",
            allow_private=True,
            delay=0.0,
            parse=False,
            crawl=CrawlOptions(retry_wait=0.05),
        )
        assert run.ended == "done"
        requests = list(site.requests)
    kept = {
        route["file"]
        for route in ABOUT[name]["routes"]
        if plain(
            route["path"] + "?" + "&".join(f"{k}={v}" for k, v in route.get("query", {}).items())
        )
        in {plain(r) for r in requests}
        or (route.get("query") and _matches(route, requests))
    }
    return {hashlib.sha256((FIXTURES / name / f).read_bytes()).hexdigest() for f in kept}, requests


def _matches(route: dict[str, object], requests: list[str]) -> bool:
    query = route["query"]
    assert isinstance(query, dict)
    return any(
        urlsplit(r).path == route["path"]
        and query.items() <= dict(parse_qsl(urlsplit(r).query)).items()
        for r in requests
    )


@pytest.mark.parametrize("name", EXACT)
def test_the_column_of_a_site_gives_its_reports_and_asks_for_nothing_else(
    name: str, tmp_path: Path
) -> None:
    hashes, requests = harvested(name, tmp_path)
    asked = [plain(r) for r in requests]
    assert len(asked) == len(set(asked)), "nothing is asked for twice"
    assert {r["sha256"] for r in ABOUT[name]["reports"]} <= hashes
    extra = set(asked) - {plain(a) for a in ABOUT[name]["asked"]}
    assert extra == set()
    assert {plain(a) for a in ABOUT[name]["asked"]} <= set(asked)


def test_every_family_has_a_site() -> None:
    assert {a.name for a in FAMILIES} == {about["family"] for about in ABOUT.values()}
    assert len(GENERIC) == 10
