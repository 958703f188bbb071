"""Spans on the sparse grid. Expected places were drawn on paper after the HTML standard."""

from __future__ import annotations

import time

import pytest

from govreport_parse.documents.grid import (
    CLAMPED,
    MAX_CELLS,
    MAX_COLSPAN,
    MAX_ROWSPAN,
    parse_span,
    place_group,
    slice_rows,
)
from govreport_parse.documents.model import Table
from govreport_parse.errors import LimitExceededError


def places(table: Table) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.column, c.rowspan, c.colspan) for c in table]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 1),
        ("", 1),
        ("2", 2),
        (" 3 ", 3),
        ("\n4", 4),
        ("+5", 5),
        ("2;", 2),
        ("2.9", 2),
        ("007", 7),
        ("0", 0),
        ("-1", 1),
        ("１０", 1),
        ("two", 1),
        ("1e9", 1),
        ("٣", 1),
        ("1000000000", 1000),
        ("9" * 5000, 1000),
        ("1000", 1000),
        ("1001", 1000),
    ],
)
def test_span_attributes_are_read_as_browsers_read_them(value: str | None, number: int) -> None:
    assert parse_span(value, MAX_COLSPAN) == number


def test_rowspan_has_its_own_limit() -> None:
    assert parse_span("65535", MAX_ROWSPAN) == 65534


def test_cells_below_a_rowspan_stand_in_their_true_column() -> None:
    table = Table(1)
    rows = [
        (["corner", "h1", "h2"], {0: (2, 2)}),
        (["x", "y"], None),
        (["a", "b", "c", "d"], None),
    ]
    assert place_group(table, rows) == 3
    assert places(table) == [
        ("corner", 0, 0, 2, 2),
        ("h1", 0, 2, 1, 1),
        ("h2", 0, 3, 1, 1),
        ("x", 1, 2, 1, 1),
        ("y", 1, 3, 1, 1),
        ("a", 2, 0, 1, 1),
        ("b", 2, 1, 1, 1),
        ("c", 2, 2, 1, 1),
        ("d", 2, 3, 1, 1),
    ]
    assert table.notes == []


def test_two_rowspans_that_are_not_neighbours_leave_the_gap_free() -> None:
    table = Table(1)
    place_group(
        table, [(["a", "b", "c"], {0: (3, 1), 2: (2, 1)}), (["m"], None), (["n", "o"], None)]
    )
    assert [(c.text, c.row, c.column) for c in table][3:] == [
        ("m", 1, 1),
        ("n", 2, 1),
        ("o", 2, 2),
    ]


def test_rowspan_zero_runs_to_the_end_of_its_group_only() -> None:
    table = Table(1)
    row = place_group(table, [(["a", "b"], {0: (0, 1)}), (["c"], None)])
    place_group(table, [(["d", "e"], None)], row)
    assert places(table) == [
        ("a", 0, 0, 2, 1),
        ("b", 0, 1, 1, 1),
        ("c", 1, 1, 1, 1),
        ("d", 2, 0, 1, 1),
        ("e", 2, 1, 1, 1),
    ]
    assert table.notes == []


def test_rowspan_past_the_last_row_is_cut_and_noted() -> None:
    table = Table(1)
    place_group(table, [(["a", "b"], {0: (1_000_000_000, 1)}), (["c"], None)])
    assert places(table)[0] == ("a", 0, 0, 2, 1)
    assert table.notes == [CLAMPED]


def test_empty_rows_count() -> None:
    table = Table(1)
    assert place_group(table, [(["a"], {0: (3, 1)}), ([], None), (["b"], None)]) == 3
    assert places(table)[1] == ("b", 2, 1, 1, 1)


def test_overlapping_cells_keep_their_own_columns() -> None:
    # "wide" starts in the free column 0 and runs into column 1, which "tall" holds.
    table = Table(1)
    place_group(table, [(["x", "tall"], {1: (2, 1)}), (["wide", "next"], {0: (1, 2)})])
    assert places(table)[2:] == [("wide", 1, 0, 1, 2), ("next", 1, 2, 1, 1)]


def test_too_many_cells_are_refused() -> None:
    row = (["x"] * 1000, None)
    with pytest.raises(LimitExceededError) as caught:
        place_group(Table(1), [row] * (MAX_CELLS // 1000 + 1))
    assert caught.value.hint


def test_huge_spans_cost_nothing_and_huge_areas_are_refused() -> None:
    start = time.process_time()
    rows = [(["x"] * 20, dict.fromkeys(range(20), (MAX_ROWSPAN, MAX_COLSPAN)))]
    table = Table(1)
    place_group(table, rows)
    assert table.columns[-1] == 19_000
    with pytest.raises(LimitExceededError):
        place_group(Table(1), rows * 2000)
    assert time.process_time() - start < 30


def test_rowspans_that_pile_up_are_refused_in_time() -> None:
    start = time.process_time()
    first = (["x"] * 5000, dict.fromkeys(range(5000), (MAX_ROWSPAN, 1)))
    with pytest.raises(LimitExceededError):
        place_group(Table(1), [first, *[(["y"], None)] * 50_000])
    assert time.process_time() - start < 30


def test_slice_keeps_columns_and_cuts_rowspans() -> None:
    table = Table(1)
    place_group(table, [(["a", "b"], {0: (3, 1)}), (["c"], None), (["d"], None)])
    assert places(slice_rows(table, 0, 2, 7)) == [
        ("a", 0, 0, 2, 1),
        ("b", 0, 1, 1, 1),
        ("c", 1, 1, 1, 1),
    ]
    assert places(slice_rows(table, 1, 3, 8)) == [("c", 0, 1, 1, 1), ("d", 1, 1, 1, 1)]
    assert slice_rows(table, 1, 3, 8).number == 8
