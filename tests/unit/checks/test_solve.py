"""The solver on tables worked out by hand and on seeded random ones with known answers."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from govreport_parse.checks.solve import (
    OpenRow,
    row_candidates,
    solve_requests,
    solve_review,
    triple_candidates,
)
from govreport_parse.errors import UsageError
from govreport_parse.formbook.loader import form
from govreport_parse.formbook.spec import REQUESTS, REVIEW

TABLE = form("ogi_annual_2021").table(REQUESTS)
REVIEW_TABLE = form("ogi_annual_2021").table(REVIEW)
KEYS = [r.key for r in TABLE.blocks[0].data_rows]
LEAVES = KEYS[2:-2]
BLANK = (None,) * 7
REAL = Path(__file__).parents[4] / "shared" / "corpus" / "real_figures.json"


def table(**rows: tuple[int, ...]) -> dict[str, tuple[int | None, ...]]:
    """A table of zeros but for the given rows of six applicants; sums are filled in."""
    parts = {k: list(rows.get(k, (0,) * 6)) for k in KEYS}
    for c in range(6):
        parts["outcomes_total"][c] = sum(parts[k][c] for k in LEAVES)
    return {k: (*v, sum(v)) for k, v in parts.items()}


# 26 received (24 natural persons, 2 businesses), 1 carried in; 20 + 6 + 1 handled, none left.
SMALL = table(
    requests_received=(24, 2, 0, 0, 0, 0),
    requests_carried_in=(1, 0, 0, 0, 0, 0),
    granted=(18, 2, 0, 0, 0, 0),
    not_held=(6, 0, 0, 0, 0, 0),
    repeated_request=(1, 0, 0, 0, 0, 0),
)


def without(rows, *keys):
    return {k: v for k, v in rows.items() if k not in keys}


def joined(rows):
    return [OpenRow(k, ("".join(map(str, v)),), joined=True) for k, v in rows.items()]


def zero_free(key, values):
    return OpenRow(key, tuple(str(v) for v in values if v), lost=True)


# --- One row ------------------------------------------------------------------------------------


def test_joined_digits_are_cut_where_six_add_up_to_the_seventh():
    # The row of evidence b: 64 + 0 + 0 + 2 + 0 + 4 = 70.
    assert row_candidates(OpenRow("granted", ("640020470",), joined=True)) == (
        (64, 0, 0, 2, 0, 4, 70),
    )
    assert row_candidates(OpenRow("granted", ("0000000",), joined=True)) == ((0,) * 7,)


def test_all_readings_of_an_unclear_row_are_listed():
    # 12 + 1 = 13, and 1 + 2 + 10 = 13 with the zeros that are left.
    found = row_candidates(OpenRow("granted", ("121000013",), joined=True))
    assert set(found) == {(12, 1, 0, 0, 0, 0, 13), (1, 2, 10, 0, 0, 0, 13)}
    # The row of evidence c reads 22 or 2 + 20: its sum alone does not decide.
    found = row_candidates(OpenRow("needs_creation", ("220000325",), joined=True))
    assert set(found) == {(22, 0, 0, 0, 0, 3, 25), (2, 20, 0, 0, 0, 3, 25)}


def test_certain_borders_are_kept_and_torn_digits_put_together():
    certain = OpenRow("granted", ("1", "2", "0", "0", "0", "0", "3"))
    assert row_candidates(certain) == ((1, 2, 0, 0, 0, 0, 3),)
    torn = ("1", "2", "0", "0", "0", "0", "0", "1", "2")
    assert row_candidates(OpenRow("granted", torn, split=True)) == ((12, 0, 0, 0, 0, 0, 12),)
    assert row_candidates(OpenRow("granted", torn)) == ()
    half = OpenRow("granted", ("120", "0000", "12"), joined=True)
    assert row_candidates(half) == ((12, 0, 0, 0, 0, 0, 12),)


def test_lost_places_give_every_order_keeping_place_and_keep_the_total_last():
    found = row_candidates(OpenRow("granted", ("3", "3"), lost=True))
    assert len(found) == 6
    assert all(row[-1] == 3 and row.count(3) == 2 and row.count(None) == 5 for row in found)
    two = row_candidates(OpenRow("granted", ("2", "1", "3"), lost=True))
    assert len(two) == 15
    assert (2, 1, None, None, None, None, 3) in two
    assert all([v for v in row if v is not None] == [2, 1, 3] for row in two)


def test_a_row_of_blanks_has_one_reading_and_lost_zeros_have_many():
    assert row_candidates(OpenRow("granted", (), lost=True)) == (BLANK,)
    # One zero: any of the seven places, the total's included.
    zero = row_candidates(OpenRow("granted", ("0",), lost=True))
    assert len(set(zero)) == len(zero) == 7
    assert row_candidates(OpenRow("granted", ())) == ()


@pytest.mark.parametrize(
    "row",
    [
        OpenRow("granted", ("1", "2", "0", "0", "0", "0", "4")),
        OpenRow("granted", ("3",), lost=True),
        OpenRow("granted", ("05", "0", "0", "0", "0", "0", "5")),
        OpenRow("granted", ("000000",), joined=True),
        OpenRow("granted", ("1" * 2000,), joined=True),
    ],
)
def test_rows_that_cannot_add_up_have_no_reading(row):
    assert row_candidates(row) == ()


def test_table_2_gets_candidates_for_three_joined_numbers():
    found = triple_candidates("693665", 3)
    assert (69, 3, 665) in found
    assert (69, 36, 65) in found
    assert len(found) == 10  # two borders among five places, no zeros in the way
    assert triple_candidates("000", 3) == ((0, 0, 0),)
    assert triple_candidates("100", 2) == ((10, 0),)
    assert triple_candidates("05", 1) == ()
    assert triple_candidates("12", 3) == ()
    assert triple_candidates("", 2) == ()
    assert triple_candidates("1" * 41, 3) == ()


# --- The whole table ----------------------------------------------------------------------------


def test_one_row_that_lost_its_zeros_is_put_back_by_the_column_sums():
    solution = solve_requests(
        TABLE, without(SMALL, "not_held"), [OpenRow("not_held", ("6", "6"), lost=True)]
    )
    assert solution.reason == "unique"
    assert solution.solved
    assert solution.rows == {"not_held": (6, None, None, None, None, None, 6)}
    assert solution.candidates == {}


def test_a_table_with_all_digits_joined_is_solved_whole():
    solution = solve_requests(TABLE, {}, joined(SMALL))
    assert solution.reason == "unique"
    assert solution.rows == SMALL


def test_a_table_with_every_digit_torn_apart_is_solved_whole():
    torn = [OpenRow(k, tuple("".join(map(str, v))), split=True) for k, v in SMALL.items()]
    solution = solve_requests(TABLE, {}, torn)
    assert solution.rows == SMALL


def test_the_2019_form_is_solved_by_its_own_rows():
    old = form("ogi_annual_2019").table(REQUESTS)
    keys = [r.key for r in old.blocks[0].data_rows]
    rows = dict.fromkeys(keys, (0,) * 7)
    for key in ("requests_received", "other_handling", "outcomes_total"):
        rows[key] = (0, 5, 0, 0, 0, 0, 5)
    open_rows = [zero_free("other_handling", rows["other_handling"])]
    solution = solve_requests(old, without(rows, "other_handling"), open_rows)
    assert solution.rows == {"other_handling": (None, 5, None, None, None, None, 5)}


def test_a_source_with_all_zeros_lost_stays_undecided():
    # Any shift of all rows to another column keeps all sums (evidence b).
    open_rows = [zero_free(k, v) for k, v in SMALL.items()]
    solution = solve_requests(TABLE, {}, open_rows)
    assert solution.reason == "several"
    assert solution.rows == {}
    assert set(solution.candidates) == set(KEYS)
    assert all(len(c) <= 8 for c in solution.candidates.values())
    assert solution.counts["granted"] == 15


def test_rows_that_may_change_places_with_each_other_stay_undecided():
    rows = table(
        requests_received=(1, 1, 0, 0, 0, 0),
        granted=(1, 0, 0, 0, 0, 0),
        not_held=(0, 1, 0, 0, 0, 0),
    )
    hit = ("granted", "not_held")
    solution = solve_requests(TABLE, without(rows, *hit), [zero_free(k, rows[k]) for k in hit])
    assert solution.reason == "several"


def test_rows_that_may_change_places_are_seen_before_rows_that_are_certain():
    rows = table(
        requests_received=(6, 6, 1, 0, 0, 0),
        granted=(5, 0, 0, 0, 0, 0),
        not_held=(0, 5, 0, 0, 0, 0),
        still_unclear=(1, 1, 1, 0, 0, 0),
    )
    hit = ("granted", "not_held", "still_unclear")
    open_rows = [zero_free(k, rows[k]) for k in hit]
    assert solve_requests(TABLE, without(rows, *hit), open_rows).reason == "several"
    # One of the two complete, and the other is certain.
    solution = solve_requests(TABLE, without(rows, *hit[1:]), open_rows[1:])
    assert solution.rows["not_held"] == (None, 5, None, None, None, None, 5)
    assert solution.rows["still_unclear"] == (1, 1, 1, None, None, None, 3)


def test_a_zero_without_a_place_keeps_the_table_undecided():
    # 6, 0, 6: the sums put the 6, nothing puts the 0.
    shown = OpenRow("not_held", ("6", "0", "6"), lost=True)
    solution = solve_requests(TABLE, without(SMALL, "not_held"), [shown])
    assert solution.reason == "several"
    assert len(solution.candidates["not_held"]) == 8


def test_a_source_that_breaks_its_own_sums_is_never_solved():
    broken = SMALL | {"granted": (18, 1, 0, 0, 0, 0, 19)}
    lost = [OpenRow("not_held", ("6", "6"), lost=True)]
    solution = solve_requests(TABLE, without(broken, "not_held"), lost)
    assert solution.reason == "none"
    assert solution.rows == {}
    assert len(solution.candidates["not_held"]) == 6
    # A broken row sum among the complete rows is enough, even away from the open row.
    off = SMALL | {"still_unclear": (0, 0, 0, 0, 0, 0, 1)}
    assert solve_requests(TABLE, without(off, "not_held"), lost).reason == "none"


def test_complete_rows_alone_are_judged_too():
    assert solve_requests(TABLE, SMALL, []).reason == "unique"
    broken = SMALL | {"granted": (18, 1, 0, 0, 0, 0, 19)}
    assert solve_requests(TABLE, broken, []).reason == "none"


def test_an_absent_row_leaves_every_open_row_undecided():
    known = without(SMALL, "not_held", "still_unclear")
    solution = solve_requests(TABLE, known, [OpenRow("not_held", ("6", "6"), lost=True)])
    assert solution.reason == "incomplete"
    assert solution.rows == {}
    assert len(solution.candidates["not_held"]) == 6


def test_a_blank_printed_total_leaves_every_open_row_undecided():
    blank = SMALL | {"granted": (18, 2, None, None, None, None, None)}
    lost = [OpenRow("not_held", ("6", "6"), lost=True)]
    assert solve_requests(TABLE, without(blank, "not_held"), lost).reason == "incomplete"


def test_blanks_at_known_places_count_as_zero():
    blanks = {k: tuple(v or None for v in row) for k, row in SMALL.items()}
    lost = [OpenRow("not_held", ("6", "6"), lost=True)]
    solution = solve_requests(TABLE, without(blanks, "not_held"), lost)
    assert solution.rows == {"not_held": (6, None, None, None, None, None, 6)}


def test_too_small_a_budget_gives_no_answer_instead_of_a_guess():
    for budget in (0, 10, 100):
        solution = solve_requests(TABLE, {}, joined(SMALL), budget=budget)
        assert solution.reason == "budget"
        assert solution.rows == {}


def test_hopeless_digits_end_within_the_budget():
    assert row_candidates(OpenRow("granted", ("1" * 60,), joined=True), budget=100) == ()
    rows = [OpenRow(k, ("1" * 60,), joined=True, lost=True) for k in KEYS]
    assert solve_requests(TABLE, {}, rows, budget=20_000).reason in {"budget", "none"}
    assert solve_review(REVIEW_TABLE, ("1" * 60,), joined=True, lost=True, budget=5000).reason == (
        "budget"
    )


@pytest.mark.parametrize(
    ("known", "rows"),
    [
        ({}, [OpenRow("no_such_row", ())]),
        ({"refused": BLANK}, []),
        ({"granted": (1, 1)}, []),
        ({"granted": BLANK}, [OpenRow("granted", ())]),
        ({}, [OpenRow("granted", ()), OpenRow("granted", ())]),
        ({}, [OpenRow("granted", ("1x",))]),
        ({}, [OpenRow("granted", ("１",))]),
        ({}, [OpenRow("granted", ("",))]),
    ],
)
def test_wrong_arguments_raise_usage_errors(known, rows):
    with pytest.raises(UsageError):
        solve_requests(TABLE, known, rows)


# --- Table 4 ------------------------------------------------------------------------------------


def test_table_4_joined_is_cut_by_its_three_sums():
    digits = "1203015" + "00000" + "20204"
    solution = solve_review(REVIEW_TABLE, (digits,), joined=True)
    assert solution.rows == {
        "review": (12, 0, 3, 0, 15),
        "litigation_direct": (0, 0, 0, 0, 0),
        "litigation_after_review": (2, 0, 2, 0, 4),
    }


def test_table_4_with_all_its_numbers_is_proved():
    tokens = tuple("10001" + "00000" + "00000")
    solution = solve_review(REVIEW_TABLE, tokens)
    assert solution.rows["review"] == (1, 0, 0, 0, 1)
    assert solution.solved


def test_table_4_that_breaks_its_sums_is_not_solved():
    # 洪泽区 2023 as published: 10+1+0+0 with total 0, and 5+0+0+0 with total 0.
    tokens = ("10", "1", *"000", *"00000", *"50000")
    assert solve_review(REVIEW_TABLE, tokens).reason == "none"
    assert solve_review(REVIEW_TABLE, ("".join(tokens),), joined=True).reason == "none"


def test_table_4_with_lost_places_is_not_guessed():
    solution = solve_review(REVIEW_TABLE, ("3", "3"), lost=True)
    assert solution.reason == "several"
    assert solution.counts == dict.fromkeys(
        ("review", "litigation_direct", "litigation_after_review"), 5
    )
    blank = solve_review(REVIEW_TABLE, (), lost=True)
    assert blank.rows["review"] == (None,) * 5


def test_table_4_with_several_cuts_lists_them_under_the_block_that_differs():
    digits = "1110012" + "00000" + "00000"
    solution = solve_review(REVIEW_TABLE, (digits,), joined=True)
    assert solution.reason == "several"
    assert set(solution.candidates["review"]) == {
        (11, 1, 0, 0, 12),
        (1, 11, 0, 0, 12),
        (1, 1, 10, 0, 12),
    }
    assert solution.candidates["litigation_direct"] == ((0, 0, 0, 0, 0),)


# --- How often, on tables with known answers ----------------------------------------------------


def random_table(rng: random.Random, size: int) -> dict[str, tuple[int | None, ...]]:
    """Mostly natural persons, a few outcomes: what published tables look like."""
    used = rng.sample(LEAVES, rng.randint(2, 7))
    shares = rng.choice([(90, 10, 0, 0, 0, 0), (85, 10, 1, 2, 1, 1), (100, 0, 0, 0, 0, 0)])
    rows = {k: [0] * 6 for k in KEYS}
    for _ in range(size):
        c = rng.choices(range(6), shares)[0]
        rows["requests_received" if rng.random() < 0.95 else "requests_carried_in"][c] += 1
        rows[rng.choice(used) if rng.random() < 0.95 else "carried_forward"][c] += 1
    return table(**{k: tuple(v) for k, v in rows.items()})


@pytest.fixture(scope="module")
def tables():
    rng = random.Random(20240131)
    return [random_table(rng, rng.choice((3, 12, 40, 150, 600))) for _ in range(100)]


def test_at_least_nine_in_ten_joined_tables_are_solved_and_none_wrongly(tables):
    solutions = [(rows, solve_requests(TABLE, {}, joined(rows))) for rows in tables]
    assert sum(s.solved for _, s in solutions) >= 90
    assert all(s.rows == rows for rows, s in solutions if s.solved)


@pytest.mark.parametrize(("k", "least"), [(1, 95), (2, 90), (3, 90), (5, 80)])
def test_most_tables_that_lost_the_zeros_of_a_few_rows_are_solved(tables, k, least):
    rng = random.Random(k)
    solved = 0
    for rows in tables:
        hit = rng.sample(KEYS, k)
        open_rows = [zero_free(key, rows[key]) for key in hit]
        solution = solve_requests(TABLE, without(rows, *hit), open_rows)
        assert solution.reason in {"unique", "several"}  # the truth always fits
        if solution.solved:
            solved += 1
            assert solution.rows == {key: tuple(v or None for v in rows[key]) for key in hit}
    assert solved >= least


def test_a_slip_in_the_source_is_never_solved_away(tables):
    rng = random.Random(4)
    for rows in tables:
        for _ in range(3):
            key, place = rng.choice(KEYS), rng.randrange(7)
            values = list(rows[key])
            values[place] += rng.choice((1, 2, 10))
            slip = rows | {key: tuple(values)}
            assert not solve_requests(TABLE, {}, joined(slip)).solved
            hit = rng.sample(KEYS, 2)
            open_rows = [zero_free(h, slip[h]) for h in hit]
            assert not solve_requests(TABLE, without(slip, *hit), open_rows).solved


@pytest.mark.skipif(not REAL.exists(), reason="published figures are not at hand")
def test_published_tables_that_keep_their_sums_are_solved_from_joined_digits():
    solved = 0
    for report in json.loads(REAL.read_text("utf-8")).values():
        rows: dict[str, list[int | None]] = {}
        for path, value in report["figures"].items():
            if path.startswith(REQUESTS):
                rows.setdefault(path.split("/")[1], []).append(value)
        if any(v is None for row in rows.values() for v in row):
            continue
        own = form("ogi_annual_2021" if len(rows) == 25 else "ogi_annual_2019").table(REQUESTS)
        solution = solve_requests(own, {}, joined(rows))
        assert solution.rows == {k: tuple(v) for k, v in rows.items()}
        solved += 1
    assert solved >= 4
