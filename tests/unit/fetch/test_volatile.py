"""Which fields of an address change with each visit."""

from __future__ import annotations

import pytest

from govreport_parse.fetch.volatile import steady

SITE = "http://a.gov.cn/l.jsp"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?id=7&token=9f3kd82m", "?id=7"),
        ("?csrf_token=AbC123xYz9&page=2", "?page=2"),
        ("?_=1700000000001", ""),
        ("?rnd=0.5312&id=7", "?id=7"),
        ("?t=1700000000", ""),
        ("?sid=a8f3e2d1c0b9", ""),
        # these mean something
        ("?sid=12", "?sid=12"),
        ("?t=3", "?t=3"),
        ("?v=2", "?v=2"),
        ("?id=9f3kd82m9f3kd82m", "?id=9f3kd82m9f3kd82m"),
        ("?token=list", "?token=list"),
        ("?fbtime=2023&area=11330782322980056Q", "?fbtime=2023&area=11330782322980056Q"),
        ("", ""),
    ],
)
def test_steady(query: str, kept: str) -> None:
    assert steady(SITE + query) == SITE + kept


def test_long_queries_take_linear_time() -> None:
    for unit in ("token=a1&", "token=" + "a1" * 3000, "t=0." + "1" * 3000, "sess" * 2000):
        steady(SITE + "?" + unit * 100)
