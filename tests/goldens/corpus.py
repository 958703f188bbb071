"""The project's own fixtures, loaded once; what the tests of this folder share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from govreport_parse.testing.diff import Comparison, compare
from govreport_parse.testing.fixture_files import Fixture, fixture_folders, load_fixture

ROOT = Path(__file__).parents[2] / "fixtures"
FOLDERS = fixture_folders(ROOT)


@cache
def comparison(name: str) -> Comparison:
    return compare(load_fixture(FOLDERS[name]))


@cache
def fixtures() -> tuple[Fixture, ...]:
    """All of them; a folder out of order is an error here and named by its own test."""
    return tuple(load_fixture(folder) for folder in FOLDERS.values())
