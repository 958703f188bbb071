"""Documents for the command line, as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from handmade import RL
from town_pages import page


@pytest.fixture
def town_page(tmp_path: Path) -> Path:
    path = tmp_path / "town.html"
    path.write_text(page(), "utf-8")
    return path


@pytest.fixture
def broken_page(tmp_path: Path) -> Path:
    """Review: one case upheld, but a total of 7."""
    path = tmp_path / "broken.html"
    path.write_text(page({f"{RL}/review/total": 7}, "红土镇人民政府"), "utf-8")
    return path


@pytest.fixture
def no_report(tmp_path: Path) -> Path:
    path = tmp_path / "news.html"
    path.write_text(
        "<html><body><h1>春季运动会</h1><p>全镇职工参加了比赛。</p></body></html>", "utf-8"
    )
    return path
