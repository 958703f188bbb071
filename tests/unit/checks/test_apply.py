"""Open rows to the solver and back: what is normalised, what is filled in, what is left alone."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import pytest

from govreport_parse.checks.apply import solve_open_rows
from govreport_parse.formbook import REQUESTS, REVIEW
from govreport_parse.matching.result import Match, MatchedRow, Place, TableMatch
from govreport_parse.matching.review import ROW
from govreport_parse.report import FigureColumns
from govreport_parse.testing.generate import layout_of
from govreport_parse.values import Locator, Number, State

LAYOUT = layout_of("ogi_annual_2021")
RQ, RL = REQUESTS, REVIEW
COLUMNS = tuple(c.key for c in LAYOUT.table(RQ).blocks[0].columns)

# 26 received (24 natural persons, 2 firms), 1 carried in; 20 + 6 + 1 handled, none left.
ROWS: dict[str, tuple[int, ...]] = {
    "requests_received": (24, 2, 0, 0, 0, 0, 26),
    "requests_carried_in": (1, 0, 0, 0, 0, 0, 1),
    "granted": (18, 2, 0, 0, 0, 0, 20),
    "not_held": (6, 0, 0, 0, 0, 0, 6),
    "repeated_request": (1, 0, 0, 0, 0, 0, 1),
    "outcomes_total": (25, 2, 0, 0, 0, 0, 27),
}
REVIEWS = (3, 1, 0, 0, 4, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2)


def figures(without: Sequence[str] = ()) -> FigureColumns:
    """The figures as read, those of the rows ``without`` ambiguous."""
    columns = FigureColumns.absent(len(LAYOUT.figures))
    for i, spec in enumerate(LAYOUT.figures):
        row = spec.row.key
        if spec.table == RQ:
            values = ROWS.get(row, (0,) * 7)
            number: Number = values[COLUMNS.index(spec.column.key)]
        elif spec.table == RL:
            n = LAYOUT.index[spec.path] - LAYOUT.offsets[RL]
            number = REVIEWS[n]
        else:
            number = 0
        if row in without or (spec.table == RL and ROW in without):
            columns.states[i], columns.raws[i] = State.AMBIGUOUS, "?"
        else:
            columns.states[i], columns.values[i] = State.REPORTED, number
            columns.raws[i] = str(number)
    return columns


def row(key: str, *tokens: str, table: str = RQ, **flags: bool) -> MatchedRow:
    where = Locator(line=7)
    return MatchedRow(
        table, key, "label", key, where, None, [Place(t, where) for t in tokens], **flags
    )


def match(*rows: MatchedRow) -> Match:
    tables = {t.key: TableMatch(t.key) for t in LAYOUT.tables}
    for r in rows:
        tables[r.table].rows[r.row] = r
    return Match(LAYOUT, tables, [], [], frozenset())


def solve(*rows: MatchedRow) -> tuple[FigureColumns, list[str]]:
    columns = figures([r.row for r in rows])
    findings = solve_open_rows(match(*rows), columns)
    return columns, [f.code for f in findings]


def values_of(columns: FigureColumns, key: str) -> list[tuple[State, Number | None]]:
    at = [LAYOUT.index[f"{RQ}/{key}/{c}"] for c in COLUMNS]
    return [(columns.states[i], columns.values[i]) for i in at]


SOLVED = State.SOLVED


def test_joined_digits_are_filled_in_where_the_table_decides() -> None:
    columns, codes = solve(row("granted", "1820000" + "20", joined=True))
    assert codes == ["solved"]
    assert values_of(columns, "granted") == [(SOLVED, n) for n in ROWS["granted"]]


def test_places_without_a_number_are_absent_and_not_0() -> None:
    columns, codes = solve(row("granted", "18", "2", "20", lost=True))
    assert codes == ["solved"]
    assert values_of(columns, "granted") == [
        (SOLVED, 18),
        (SOLVED, 2),
        *[(State.ABSENT, None)] * 4,
        (SOLVED, 20),
    ]


@pytest.mark.parametrize(
    "tokens",
    [
        ("１８", "２", "２０"),
        ("18件", "2", "20 件"),
        ("18", "2（其中企业2件）", "20"),
        ("18.0", "2", "20"),
        (" 18", "2\u3000", "\xa020"),
        ("十八", "2", "二十"),
        ("18", "2", "-", "—", "/", "20"),
        ("18", "2", "无", "20"),
        ("18", "2", " ", "20"),
    ],
    ids=["full_width", "unit", "note", "zeros", "padded", "words", "dashes", "none", "blank"],
)
def test_tokens_of_an_open_row_are_read_as_cells_are(tokens: tuple[str, ...]) -> None:
    columns, codes = solve(row("granted", *tokens, lost=len(tokens) < 4))
    assert codes == ["solved"]
    found = values_of(columns, "granted")
    assert [found[0], found[1], found[-1]] == [(SOLVED, 18), (SOLVED, 2), (SOLVED, 20)]
    assert {state for state, _ in found[2:-1]} == {State.ABSENT}
    assert columns.raws[LAYOUT.index[f"{RQ}/granted/total"]] == " | ".join(tokens)


def test_thousands_are_read_in_a_token_of_its_own() -> None:
    """1,018 natural persons more in three rows: 1,042 received, 1,043 handled."""
    big = {"requests_received": 1042, "outcomes_total": 1043, "granted": 1036}
    columns = figures(["granted"])
    for key, n in big.items():
        natural, business = n - (1018 - 1018), 2
        for c, value in (("natural_person", natural), ("total", natural + business)):
            if key != "granted":
                columns.values[LAYOUT.index[f"{RQ}/{key}/{c}"]] = value
    findings = solve_open_rows(match(row("granted", "1,036", "2", "1,038", lost=True)), columns)
    assert [f.code for f in findings] == ["solved"]
    assert columns.values[LAYOUT.index[f"{RQ}/granted/natural_person"]] == 1036
    assert columns.values[LAYOUT.index[f"{RQ}/granted/total"]] == 1038


@pytest.mark.parametrize("token", ["若干", "1 8", "007", "18元", "-18"])
def test_a_token_that_is_no_number_leaves_the_table_unsolved(token: str) -> None:
    columns, codes = solve(row("granted", token, "2", "20", lost=True))
    if token == "007":
        # digits with a false beginning are digits: no assignment fits them
        assert codes == ["candidates"]
    assert "solved" not in codes
    assert {state for state, _ in values_of(columns, "granted")} == {State.AMBIGUOUS}


@pytest.mark.parametrize("token", ["18件2", "1,82"])
def test_marks_inside_joined_digits_are_not_read_away(token: str) -> None:
    columns, codes = solve(row("granted", token + "000020", joined=True))
    assert "solved" not in codes
    assert {state for state, _ in values_of(columns, "granted")} == {State.AMBIGUOUS}


def test_full_width_digits_run_together_are_solved() -> None:
    columns, codes = solve(row("granted", "１８２００００２０", joined=True))
    assert codes == ["solved"]
    assert values_of(columns, "granted") == [(SOLVED, n) for n in ROWS["granted"]]


def test_a_row_of_dashes_keeps_what_it_shows() -> None:
    """Nothing is to be placed: neither a finding, nor absent for a row that is there."""
    for flags in ({"joined": True}, {"lost": True}):
        columns, codes = solve(row("refused_state_secret", "-----", "-", **flags))
        assert "solved" not in codes
        assert {state for state, _ in values_of(columns, "refused_state_secret")} == {
            State.AMBIGUOUS
        }


def test_torn_digits_are_put_together() -> None:
    tokens = ("1", "8", "2", "0", "0", "0", "0", "20")
    columns, codes = solve(row("granted", *tokens, split=True))
    assert codes == ["solved"]
    assert values_of(columns, "granted") == [(SOLVED, n) for n in ROWS["granted"]]


def test_two_open_rows_that_could_change_places_stay_open_with_their_readings() -> None:
    """Two rows of 1 | 1: the column of one decides nothing where both may be firms or persons."""
    rows = (
        row("not_held", "6", "6", lost=True),
        row("repeated_request", "1", "1", lost=True),
        row("requests_received", "24", "2", "26", lost=True),
        row("requests_carried_in", "1", "1", lost=True),
        row("granted", "18", "2", "20", lost=True),
        row("outcomes_total", "25", "2", "27", lost=True),
        *(row(r.key, lost=True) for r in LAYOUT.table(RQ).blocks[0].data_rows if r.key not in ROWS),
    )
    columns = figures([r.row for r in rows])
    before = copy.deepcopy(columns)
    findings = solve_open_rows(match(*rows), columns)
    assert "candidates" in {f.code for f in findings}
    assert (columns.values, columns.states) == (before.values, before.states)
    one = next(f for f in findings if f"{RQ}/granted/total" in f.figures)
    assert (18, 2, None, None, None, None, 20) in [tuple(c) for c in dict(one.detail)["candidates"]]


def test_a_missing_row_leaves_the_table_unsolved() -> None:
    columns = figures(["granted"])
    for c in COLUMNS:
        columns.states[LAYOUT.index[f"{RQ}/not_held/{c}"]] = State.ABSENT
    findings = solve_open_rows(match(row("granted", "18", "2", "20", lost=True)), columns)
    assert [f.code for f in findings] == ["candidates"]
    assert dict(findings[0].detail)["reason"] == "incomplete"
    assert "not every identity" in findings[0].message


def test_broken_sums_elsewhere_leave_the_table_unsolved() -> None:
    columns = figures(["granted"])
    columns.values[LAYOUT.index[f"{RQ}/not_held/natural_person"]] = 60
    findings = solve_open_rows(match(row("granted", "18", "2", "20", lost=True)), columns)
    assert [f.code for f in findings] == ["candidates"]
    assert columns.states[LAYOUT.index[f"{RQ}/granted/total"]] is State.AMBIGUOUS


def test_table_4_is_solved_from_joined_digits() -> None:
    tokens = ("310040000002" + "002",)
    columns, codes = solve(row(ROW, *tokens, table=RL, joined=True))
    at = LAYOUT.offsets[RL]
    assert codes in (["solved"], ["candidates"] * 3)
    if codes == ["solved"]:
        assert columns.values[at : at + 15] == list(REVIEWS)


def test_table_4_with_units_and_dashes_in_its_tokens() -> None:
    tokens = ("3件", "1件", "4件", "2", "2")
    columns, codes = solve(row(ROW, *tokens, table=RL, lost=True))
    assert "solved" not in codes, "2 | 2 may be of either court block and of any outcome"
    at = LAYOUT.offsets[RL]
    assert set(columns.states[at : at + 15]) == {State.AMBIGUOUS}


def test_nothing_open_changes_nothing() -> None:
    columns = figures()
    before = copy.deepcopy(columns)
    assert solve_open_rows(match(), columns) == []
    assert columns == before


def test_findings_point_to_the_place_in_the_source() -> None:
    columns = figures(["granted"])
    findings = solve_open_rows(match(row("granted", "182000020", joined=True)), columns)
    assert findings[0].locator == Locator(line=7)
    assert findings[0].figures == tuple(f"{RQ}/granted/{c}" for c in COLUMNS)
