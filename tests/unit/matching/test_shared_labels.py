"""Labels that several rows of the form share: which free row they may name, if any."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from govreport_parse.matching.assign import _named

FREE = ("refused_state_secret", "cannot_provide_other", "other_handling", "other_handling_other")


def hit(*rows: str, table: str = "requests") -> Any:
    return SimpleNamespace(match=SimpleNamespace(rows=[(table, row) for row in rows]))


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (("other_handling",), "other_handling"),
        (("other_handling", "other_handling_other"), "other_handling_other"),
        # two rows that are equally likely: none, and never a third
        (("refused_state_secret", "other_handling"), None),
        (("taken_already",), None),
        ((), None),
    ],
)
def test_a_shared_label_names_one_free_row_or_none(
    rows: tuple[str, ...], named: str | None
) -> None:
    assert _named(hit(*rows), FREE) == named


def test_rows_of_other_tables_and_no_match_name_nothing() -> None:
    assert _named(hit("other_handling", table="review_and_litigation"), FREE) is None
    assert _named(SimpleNamespace(match=None), FREE) is None  # type: ignore[arg-type]
