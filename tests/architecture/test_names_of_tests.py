"""The names of the tests are the same in every process: a parallel run compares them."""

from __future__ import annotations

import re

import pytest

# The head of a gzip member: flags, the second it was made in unless `mtime` is given, the system.
_MADE_NOW = re.compile(r"\\x1f\\x8b\\x08\\x00(?!\\x00\\x00\\x00\\x00).{5,24}\\xff")


def test_no_name_holds_the_time_of_its_making(request: pytest.FixtureRequest) -> None:
    assert [item.nodeid for item in request.session.items if _MADE_NOW.search(item.nodeid)] == []
