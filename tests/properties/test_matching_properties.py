"""Deleting a row or a cell, changing a number: what happens there, and that nothing else moves.

All rows and all cells of one county's report are tried, in a page and in three text dialects;
random records widen it. The record is the truth; the parser is not asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.errors import NotAReportError
from govreport_parse.parsing import parse
from govreport_parse.testing import (
    DIALECTS,
    LAYOUTS,
    Record,
    grids_of,
    judge,
    random_record,
    render_html,
    render_text,
)
from govreport_parse.testing.grids import Grid
from govreport_parse.testing.spans import without_row
from govreport_parse.values import CheckState, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
Document = Callable[[Record, tuple[Grid, ...]], str]
AS: Mapping[str, Document] = {
    "html": lambda r, g: render_html(r, "clean", grids=g).text,
    "B": lambda r, g: render_text(r, "B", grids=g).text,
    "D2": lambda r, g: render_text(r, "D2", grids=g).text,
    "F": lambda r, g: render_text(r, "F", grids=g).text,
}
every_document = pytest.mark.parametrize("kind", AS)
FORMS = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")
WHOLE = "ogi_annual_2021"
"""All its cells are tried; of the other forms' each fifth, and all that 2021 does not have."""
GONE = {State.ABSENT, State.AMBIGUOUS}


def county(form: str = "ogi_annual_2021", seed: int = 77) -> Record:
    return random_record(random.Random(seed), form, "county")


def data_rows(record: Record) -> Iterator[tuple[int, int]]:
    """(table, row) of every row with figures."""
    for g, grid in enumerate(grids_of(record)):
        for r, row in enumerate(grid.rows):
            if any(c.path for c in row):
                yield g, r


def is_tried(record: Record, n: int, path: str) -> bool:
    if record.form == WHOLE or n % 5 == 0:
        return True
    table, row, _ = path.split("/")
    return row == "other_handling" or (table == PD and record.form == "ogi_annual_2019")


def with_grid(record: Record, g: int, grid: Grid) -> tuple[Grid, ...]:
    grids = grids_of(record)
    return (*grids[:g], grid, *grids[g + 1 :])


def assert_lost_there_right_elsewhere(
    document: str, record: Record, touched: set[str], *, may_be_blank: bool = False
) -> None:
    """``touched`` figures are flagged, or rightly solved; every other is read as printed."""
    allowed = GONE | ({State.BLANK} if may_be_blank else set())
    for figure in parse(document):
        if figure.path not in record.cells:
            # the row that tells the form is gone
            assert (figure.value, figure.state) == (None, State.ABSENT)
            continue
        wanted = record.cells[figure.path].value
        if figure.path not in touched:
            assert (figure.value, figure.state) == (wanted, State.REPORTED), figure
        elif figure.value is None:
            assert figure.state in allowed, figure
        else:
            assert (figure.value, figure.state) == (wanted, State.SOLVED), figure


# -- deletion --------------------------------------------------------------------------------------


@every_document
@pytest.mark.parametrize("form", FORMS)
def test_deleting_any_row_moves_no_neighbour(form: str, kind: str) -> None:
    record = county(form)
    for g, r in data_rows(record):
        grid = grids_of(record)[g]
        touched = {c.path for c in grid.rows[r] if c.path}
        document = AS[kind](record, with_grid(record, g, without_row(grid, r)))
        assert_lost_there_right_elsewhere(document, record, touched)


@every_document
@pytest.mark.parametrize("form", FORMS)
def test_deleting_any_cell_moves_no_neighbour(form: str, kind: str) -> None:
    record = county(form)
    order = list(record.cells)
    for g, r in data_rows(record):
        grid = grids_of(record)[g]
        row = grid.rows[r]
        touched = {c.path for c in row if c.path}
        for k, cell in enumerate(row):
            if cell.path is None or not is_tried(record, order.index(cell.path), cell.path):
                continue
            rows = [*grid.rows[:r], (*row[:k], *row[k + 1 :]), *grid.rows[r + 1 :]]
            document = AS[kind](record, with_grid(record, g, grid.with_rows(rows)))
            # a text can't tell a row's only cell that was removed from a blank one
            blank = kind != "html" and len(touched) == 1
            assert_lost_there_right_elsewhere(document, record, touched, may_be_blank=blank)


@every_document
def test_deleting_any_label_moves_no_neighbour(kind: str) -> None:
    """A row without its label is placed by its neighbours, or it is nobody's row."""
    record = county()
    for g, r in data_rows(record):
        grid = grids_of(record)[g]
        row = grid.rows[r]
        if g == 2:
            continue  # the numbers of table 4 have no label
        touched = {c.path for c in row if c.path}
        bare = tuple(replace(c, text="", parts=()) if c.path is None else c for c in row)
        document = AS[kind](
            record,
            with_grid(record, g, grid.with_rows((*grid.rows[:r], bare, *grid.rows[r + 1 :]))),
        )
        for figure in parse(document):
            wanted = record.cells[figure.path].value if figure.path in record.cells else None
            if figure.path in touched:
                assert figure.value in (None, wanted), figure
            elif figure.value is None:
                # what stands behind the row above may be its own: then that row is open too
                assert figure.state in GONE, figure
                assert kind != "html", figure
            else:
                assert figure.value == wanted, figure


@every_document
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), form=st.sampled_from(FORMS), data=st.data())
def test_deleting_cells_from_random_reports_gives_no_wrong_value(
    kind: str, seed: int, form: str, data: st.DataObject
) -> None:
    record = random_record(random.Random(seed), form, "small", blanks=0.3)
    grids = list(grids_of(record))
    for _ in range(data.draw(st.integers(1, 3))):
        g, r = data.draw(st.sampled_from(list(data_rows(record))))
        row = grids[g].rows[r]
        boxes = [k for k, c in enumerate(row) if c.path]
        if boxes:
            k = data.draw(st.sampled_from(boxes))
            rows = [*grids[g].rows[:r], (*row[:k], *row[k + 1 :]), *grids[g].rows[r + 1 :]]
            grids[g] = grids[g].with_rows(rows)
    report = parse(AS[kind](record, tuple(grids)))
    wrong = [f for f in report if f.value is not None and f.value != record.cells[f.path].value]
    assert wrong == []


# -- change ----------------------------------------------------------------------------------------


@every_document
@pytest.mark.parametrize("form", FORMS)
def test_changing_one_number_changes_that_figure_and_breaks_its_identities(
    form: str, kind: str
) -> None:
    record = county(form)
    before = parse(AS[kind](record, grids_of(record)))
    assert {f.path: f.value for f in before} == record.values()
    for n, (path, cell) in enumerate(record.cells.items()):
        assert cell.value is not None
        if not is_tried(record, n, path):
            continue
        value = cell.value + 3
        changed = record.with_cell(path, replace(cell, text=str(value), value=value))
        after = parse(AS[kind](changed, grids_of(changed)))
        assert {f.path: f.value for f in after} == changed.values()
        broken = {c.figures for c in after.checks if c.state is CheckState.BROKEN}
        assert broken == {c.figures for c in before.checks if path in c.figures}


# -- truncation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["B", "D2", "F"])
def test_a_text_cut_anywhere_shows_only_what_it_shows(kind: str) -> None:
    """Every 40 characters: what is read is right, what lies behind the cut is not there."""
    record = county()
    document = AS[kind](record, grids_of(record))
    start = document.index("二、主动公开")
    end = document.index("五、存在的主要问题")
    for stop in range(start, end, 40):
        cut = document[:stop]
        if cut[-1:].isdigit():
            continue  # half of a number is a number
        try:
            report = parse(cut)
        except NotAReportError:
            continue
        for figure in report:
            expected = record.cells[figure.path].value if figure.path in record.cells else None
            if figure.value is not None:
                assert figure.value == expected, (stop, figure)


# -- all documents ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    form=st.sampled_from(FORMS),
    size=st.sampled_from(["zero", "small", "county", "city"]),
    style=st.sampled_from(["plain", "blank_zeros", "dashes", "shanghai", "thousands", "notes"]),
    name=st.sampled_from([*DIALECTS, *LAYOUTS]),
    blanks=st.sampled_from([0.0, 0.1, 0.9]),
)
def test_random_reports_in_any_shape_are_read_honestly(
    seed: int, form: str, size: str, style: str, name: str, blanks: float
) -> None:
    record = random_record(random.Random(seed), form, size, blanks, style)  # type: ignore[arg-type]
    rendered = render_text(record, name) if name in DIALECTS else render_html(record, name)
    figures = {f.path: (f.state, f.value) for f in parse(rendered.text)}
    assert judge(rendered.expected, figures) == []
