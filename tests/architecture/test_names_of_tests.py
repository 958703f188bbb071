"""The names of the tests are the same in every process: a parallel run compares them."""

from __future__ import annotations

import pytest


def test_no_name_holds_the_time_of_its_making(request: pytest.FixtureRequest) -> None:
    # The head of a gzip member carries the second it was made in, unless `mtime` is given.
    heads = [
        item.nodeid
        for item in request.session.items
        if "\\x1f\\x8b\\x08" in item.nodeid
        and "\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00" not in item.nodeid
    ]
    assert heads == []
