"""Rulings to grids: pure geometry, answers by hand."""

from __future__ import annotations

import random

import pytest

from govreport_parse.documents.ruling import find_grids, merge_pieces
from govreport_parse.errors import LimitExceededError


def places(horizontal, vertical):  # type: ignore[no-untyped-def]
    (grid,) = find_grids(horizontal, vertical)
    return [(c.row, c.column, c.rowspan, c.colspan) for c in grid.cells]


FULL_H = [(0.0, 0.0, 90.0), (20.0, 0.0, 90.0), (40.0, 0.0, 90.0)]
FULL_V = [(0.0, 0.0, 40.0), (30.0, 0.0, 40.0), (60.0, 0.0, 40.0), (90.0, 0.0, 40.0)]


def test_a_full_grid() -> None:
    assert places(FULL_H, FULL_V) == [(r, c, 1, 1) for r in range(2) for c in range(3)]


def test_a_missing_piece_of_a_ruling_is_a_span() -> None:
    # The second vertical starts below the first row, the middle row ruling leaves out column 2.
    vertical = [FULL_V[0], (30.0, 20.0, 40.0), FULL_V[2], FULL_V[3]]
    horizontal = [FULL_H[0], (20.0, 0.0, 60.0), FULL_H[2]]
    assert places(horizontal, vertical) == [
        (0, 0, 1, 2),
        (0, 2, 2, 1),
        (1, 0, 1, 1),
        (1, 1, 1, 1),
    ]


def test_order_of_the_pieces_does_not_matter() -> None:
    rng = random.Random(1)
    pieces_h = [(y, x, x + 30.0) for y in (0.0, 20.0, 40.0) for x in (0.0, 30.0, 60.0)]
    pieces_v = [(x, y, y + 20.0) for x in (0.0, 30.0, 60.0, 90.0) for y in (0.0, 20.0)]
    for _ in range(20):
        rng.shuffle(pieces_h)
        rng.shuffle(pieces_v)
        assert places(pieces_h, pieces_v) == [(r, c, 1, 1) for r in range(2) for c in range(3)]


@pytest.mark.parametrize("end", ["top", "bottom"])
def test_an_open_end_is_closed_and_said(end: str) -> None:
    horizontal = FULL_H[1:] if end == "top" else FULL_H[:2]
    (grid,) = find_grids(horizontal, FULL_V)
    assert len(grid.cells) == 6
    assert (grid.open_top, grid.open_bottom) == (end == "top", end == "bottom")


def test_an_open_side_is_closed() -> None:
    assert len(places(FULL_H, FULL_V[1:])) == 6
    assert len(places(FULL_H, FULL_V[:-1])) == 6


def test_a_border_missing_over_one_column_is_closed() -> None:
    assert len(places([(0.0, 30.0, 90.0), *FULL_H[1:]], FULL_V)) == 6


def test_what_lies_outside_of_a_stepped_table_is_no_cell() -> None:
    # A wide row above a narrow one: to the right of the narrow one there is nothing.
    horizontal = [(0.0, 0.0, 90.0), (20.0, 0.0, 90.0), (40.0, 0.0, 60.0)]
    vertical = [FULL_V[0], FULL_V[1], FULL_V[2], (90.0, 0.0, 20.0)]
    assert places(horizontal, vertical) == [
        (0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)
    ]  # fmt: skip


def test_a_region_that_is_no_rectangle_is_cut_and_said() -> None:
    # The ruling between (0, 1) and (0, 2), and the one below (0, 1), are missing: an L.
    horizontal = [FULL_H[0], (20.0, 0.0, 30.0), (20.0, 60.0, 90.0), FULL_H[2]]
    vertical = [FULL_V[0], FULL_V[1], (60.0, 20.0, 40.0), FULL_V[3]]
    (grid,) = find_grids(horizontal, vertical)
    assert grid.irregular
    assert [(c.row, c.column, c.rowspan, c.colspan) for c in grid.cells] == [
        (0, 0, 1, 1),
        (0, 1, 1, 2),
        (1, 1, 1, 1),
        (1, 0, 1, 1),
        (1, 2, 1, 1),
    ]


def test_two_grids_are_two() -> None:
    lower_h = [(y + 100, a, b) for y, a, b in FULL_H]
    lower_v = [(x, a + 100, b + 100) for x, a, b in FULL_V]
    grids = find_grids(FULL_H + lower_h, FULL_V + lower_v)
    assert [g.ys[0] for g in grids] == [0.0, 100.0]
    assert [len(g.cells) for g in grids] == [6, 6]


def test_rulings_that_cross_nothing_make_no_grid() -> None:
    assert find_grids(FULL_H, [(200.0, 0.0, 40.0)]) == []
    assert find_grids(FULL_H, []) == []


def test_a_ruling_beside_a_grid_of_its_height_belongs_to_it() -> None:
    # A label cell that spans the whole page: no horizontal ruling touches its left border.
    (grid,) = find_grids(FULL_H, [(-40.0, 0.0, 40.0), *FULL_V])
    first = grid.cells[grid.cell_at(-20.0, 30.0)]
    assert (first.row, first.column, first.rowspan, first.colspan) == (0, 0, 2, 1)


def test_every_point_of_a_cell_finds_that_cell_and_no_other() -> None:
    (grid,) = find_grids(FULL_H, FULL_V)
    for k, cell in enumerate(grid.cells):
        left, top, right, bottom = cell.bbox
        for share in (0.1, 0.5, 0.9):
            x, y = left + share * (right - left), top + share * (bottom - top)
            assert grid.cell_at(x, y) == k
    assert grid.cell_at(-1.0, 10.0) == -1
    assert grid.cell_at(10.0, 41.0) == -1


def test_pieces_are_snapped_and_joined() -> None:
    merged = merge_pieces([(10.0, 0.0, 30.0), (11.0, 32.0, 60.0), (40.0, 0.0, 5.0)])
    assert [(a, b) for _, a, b in merged] == [(0.0, 60.0), (0.0, 5.0)]
    assert 10.0 <= merged[0][0] <= 11.0


def test_pieces_far_apart_on_one_line_stay_apart() -> None:
    assert merge_pieces([(10.0, 0.0, 30.0), (10.0, 50.0, 60.0)]) == [
        (10.0, 0.0, 30.0),
        (10.0, 50.0, 60.0),
    ]


def test_too_many_places_are_refused() -> None:
    horizontal = [(5.0 * k, 0.0, 1000.0) for k in range(200)]
    vertical = [(5.0 * k, 0.0, 1000.0) for k in range(200)]
    with pytest.raises(LimitExceededError):
        find_grids(horizontal, vertical, limit=10_000)
