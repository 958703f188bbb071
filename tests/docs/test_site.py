"""The documentation builds without a warning, and no link of the built pages is dead."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import govreport_parse as gov

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages; Sphinx runs in a process of its own, offline, with warnings as errors."""
    out = tmp_path_factory.mktemp("site")
    # A proxy that nobody answers: whatever asks the network fails.
    env = os.environ | dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    env |= {"LC_ALL": "C.UTF-8"}
    command = ["-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(out / "trees")]
    result = subprocess.run(
        [sys.executable, *command, str(ROOT / "docs"), str(out / "html")],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd=ROOT,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return out / "html"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe") and "src" in given:
            self.loaded.append(given["src"])
        if tag == "link" and "stylesheet" in given.get("rel", ""):
            self.loaded.append(given["href"])


def read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page


def test_every_page_is_built(site: Path) -> None:
    wanted = {p.stem for p in (ROOT / "docs").glob("*.md")}
    assert wanted <= {p.stem for p in site.glob("*.html")}
    assert len(wanted) >= 20


def test_no_internal_link_is_dead(site: Path) -> None:
    pages = {p.name: read(p) for p in site.glob("*.html")}
    checked = 0
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = unquote(parts.path) or name
            assert (site / target).is_file(), f"{name}: {link}"
            fragment = unquote(parts.fragment)
            if fragment and target in pages:
                assert fragment in pages[target].ids, f"{name}: {link}"
            checked += 1
    assert checked > 300


def test_the_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.glob("*.html"):
        for source in read(path).loaded:
            assert not urlsplit(source).netloc, f"{path.name}: {source}"


def test_public_names_have_their_anchors(site: Path) -> None:
    ids = read(site / "api.html").ids
    for name in set(gov.__all__) - {"plots"}:
        assert any(i == f"govreport_parse.{name}" or i.endswith(f".{name}") for i in ids), name
    assert "govreport_parse.plots.trend" in ids


def test_generated_parts_are_in_the_pages(site: Path) -> None:
    """Counted by hand: the form of 2021 has 42 identities; a figure of each form is there."""
    forms = (site / "forms.html").read_text("utf-8")
    assert "200 figures, 42 identities" in forms
    assert "198 figures, 40 identities" in forms
    assert "generated:" not in forms
    book = (site / "codebook.html").read_text("utf-8")
    for short in ("rq_granted_total", "pd_rules_issued", "rl_review_total"):
        assert short in book
