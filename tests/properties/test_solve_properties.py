"""The solver against a slow oracle that tries every cut and every place on a small form."""

from __future__ import annotations

from itertools import combinations, pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.checks.solve import OpenRow, row_candidates, solve_requests, solve_review
from govreport_parse.formbook.loader import form
from govreport_parse.formbook.spec import REVIEW, Block, Column, Identity, Row, Table

ROWS = ("received", "carried_in", "granted", "refused", "handled", "carried_forward")
COLUMNS = ("persons", "firms", "total")
REVIEW_TABLE = form("ogi_annual_2021").table(REVIEW)


def small_form() -> Table:
    """Two applicants and two outcomes under the identities of table 3."""
    rows = tuple(Row(k, k, k, k) for k in ROWS)
    columns = tuple(Column(k, k, k, k, None) for k in COLUMNS)
    identities = []
    for c in COLUMNS:
        for kind, left, right in (
            ("balance", ("received", "carried_in"), ("handled", "carried_forward")),
            ("sum", ("granted", "refused"), ("handled",)),
        ):
            sides = [tuple(f"requests/{r}/{c}" for r in side) for side in (left, right)]
            identities.append(Identity(f"t3_{kind}", c, kind, *sides, ""))
    for r in ROWS:
        parts = tuple(f"requests/{r}/{c}" for c in COLUMNS[:-1])
        identities.append(Identity("row", r, "row_sum", parts, (f"requests/{r}/total",), ""))
    block = Block("requests", "", "any", rows, columns)
    return Table("requests", "", "", "any", (block,), tuple(identities))


FORM = small_form()


def every_reading(row: OpenRow, width: int) -> set[tuple[int | None, ...]]:
    """All cuts and places of a row without looking at any sum."""
    text = "".join(row.tokens)
    certain, at = set(), 0
    for token in row.tokens[:-1]:
        at += len(token)
        certain.add(at)
    gaps = range(1, len(text))
    out = set()
    for n in range(len(text) + 1):
        for cut in combinations(gaps, n):
            chosen = set(cut)
            if not row.joined and not chosen <= certain:
                continue
            if not row.split and not certain <= chosen:
                continue
            edges = [0, *cut, len(text)]
            pieces = [text[a:b] for a, b in pairwise(edges)] if text else []
            if any(len(p) > 1 and p[0] == "0" for p in pieces) or len(pieces) > width:
                continue
            if len(pieces) < width and not row.lost:
                continue
            for places in combinations(range(width), len(pieces)):
                values: list[int | None] = [None] * width
                for place, piece in zip(places, pieces, strict=True):
                    values[place] = int(piece)
                out.add(tuple(values))
    return out


def adds_up(values: tuple[int | None, ...]) -> bool:
    return sum(v or 0 for v in values[:-1]) == (values[-1] or 0)


def holds(rows: dict[str, tuple[int | None, ...]]) -> bool:
    """All identities of the small form, the column of totals included."""
    n = {k: [v or 0 for v in values] for k, values in rows.items()}
    return all(adds_up(v) for v in rows.values()) and all(
        n["received"][c] + n["carried_in"][c] == n["handled"][c] + n["carried_forward"][c]
        and n["granted"][c] + n["refused"][c] == n["handled"][c]
        for c in range(3)
    )


@st.composite
def consistent(draw) -> dict[str, tuple[int, ...]]:
    small = st.sampled_from([0, 0, 0, 1, 2, 3, 10, 11, 12])
    parts: dict[str, list[int]] = {k: [] for k in ROWS}
    for _ in range(2):
        granted, refused, forward = draw(small), draw(small), draw(small)
        handled = granted + refused
        carried_in = draw(st.integers(0, min(2, handled + forward)))
        received = handled + forward - carried_in
        for key, v in zip(
            ROWS, (received, carried_in, granted, refused, handled, forward), strict=True
        ):
            parts[key].append(v)
    return {k: (*v, sum(v)) for k, v in parts.items()}


@st.composite
def damaged(draw):
    """Known and open rows of a small table; now and then with a slip in the source."""
    rows = draw(consistent())
    if draw(st.integers(0, 3)) == 0:
        key, place = draw(st.sampled_from(ROWS)), draw(st.integers(0, 2))
        values = list(rows[key])
        values[place] = draw(st.integers(0, 12))
        rows = {**rows, key: tuple(values)}
    hit = draw(st.sets(st.sampled_from(ROWS), min_size=1))
    known, open_rows = {}, []
    for key, values in rows.items():
        if key not in hit:
            known[key] = values
            continue
        lost = draw(st.booleans())
        way = draw(st.sampled_from(["joined", "split", "both", "certain"]))
        shown = [str(v) for v in values if v or not (lost and draw(st.booleans()))]
        if way in ("joined", "both") and shown:
            k = draw(st.integers(0, len(shown)))
            shown = [t for t in ("".join(shown[:k]), "".join(shown[k:])) if t]
        if way == "split":
            shown = list("".join(shown))
        open_rows.append(
            OpenRow(key, tuple(shown), way in ("joined", "both"), way in ("split", "both"), lost)
        )
    return known, open_rows


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_the_answer_is_that_of_trying_everything(case):
    known, open_rows = case
    # Only rows that keep their own sums can be part of a table that keeps all sums.
    readings = [[v for v in every_reading(r, 3) if adds_up(v)] for r in open_rows]
    size = 1
    for r in readings:
        size *= len(r)
    if size > 20_000:
        return
    fitting = [
        rows
        for chosen in product(*readings)
        if holds(known | (rows := dict(zip((r.row for r in open_rows), chosen, strict=True))))
    ]
    solution = solve_requests(FORM, known, open_rows)
    if len(fitting) == 1:
        assert solution.reason == "unique"
        assert solution.rows == fitting[0]
    else:
        assert solution.reason == ("several" if fitting else "none")
        assert solution.rows == {}
    for row, found in zip(open_rows, readings, strict=True):
        assert solution.counts[row.row] == len(found)
        assert set(solution.candidates.get(row.row, ())) <= set(found)


@settings(max_examples=150, deadline=None)
@given(damaged(), st.integers(0, 400))
def test_a_small_budget_never_changes_an_answer_into_another(case, budget):
    full = solve_requests(FORM, *case)
    small = solve_requests(FORM, *case, budget=budget)
    assert small.reason in {full.reason, "budget"}
    if small.solved:
        assert small.rows == full.rows


tokens = st.lists(st.text(alphabet="01123", min_size=1, max_size=4), max_size=5).map(tuple)


@settings(max_examples=200, deadline=None)
@given(tokens, st.booleans(), st.booleans(), st.booleans())
def test_the_readings_of_a_row_are_all_and_only_those_that_add_up(shown, joined, split, lost):
    if sum(map(len, shown)) > 11:
        return
    row = OpenRow("granted", shown, joined, split, lost)
    found = row_candidates(row, 5)
    assert len(found) == len(set(found))
    assert set(found) == {v for v in every_reading(row, 5) if adds_up(v)}


@st.composite
def blocks(draw) -> tuple[int, ...]:
    out: list[int] = []
    for _ in range(3):
        parts = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 12]), min_size=4, max_size=4))
        out += [*parts, sum(parts)]
    return tuple(out)


@settings(max_examples=100, deadline=None)
@given(blocks())
def test_joined_table_4_is_unique_exactly_if_one_cut_keeps_three_sums(values):
    text = "".join(map(str, values))
    if len(text) > 19:
        return
    # Oracle: from the left, any four numbers, then their sum as it must be printed.
    ways: dict[int, list[tuple[int, ...]]] = {0: [()]}
    for _ in range(3):
        further: dict[int, list[tuple[int, ...]]] = {}
        for start, heads in ways.items():
            for cut in combinations(range(start + 1, len(text)), 4):
                pieces = [text[a:b] for a, b in pairwise((start, *cut))]
                numbers = tuple(map(int, pieces))
                total = str(sum(numbers))
                if text.startswith(total, cut[-1]) and "".join(map(str, numbers)) == "".join(
                    pieces
                ):
                    end = cut[-1] + len(total)
                    further.setdefault(end, []).extend((*h, *numbers, int(total)) for h in heads)
        ways = further
    whole = ways[len(text)]
    solution = solve_review(REVIEW_TABLE, (text,), joined=True)
    assert values in whole
    assert solution.reason == ("unique" if len(whole) == 1 else "several")
    if solution.solved:
        assert sum(solution.rows.values(), ()) == values
    for i, candidates in enumerate(solution.candidates.values()):
        assert set(candidates) <= {w[5 * i : 5 * i + 5] for w in whole}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["0", "0", "1", "1", "2", "3", "11", "22"]), max_size=3).map(tuple),
    st.booleans(),
)
def test_table_4_with_lost_places_is_unique_only_if_one_assignment_fits(shown, joined):
    if sum(map(len, shown)) > 4:
        return
    row = OpenRow("review", ("".join(shown),) if joined and shown else shown, joined, lost=True)
    whole = {
        v for v in every_reading(row, 15) if all(adds_up(v[i : i + 5]) for i in range(0, 15, 5))
    }
    solution = solve_review(REVIEW_TABLE, row.tokens, joined=joined, lost=True)
    expected = "none" if not whole else "unique" if len(whole) == 1 else "several"
    assert solution.reason == expected
    for i, key in enumerate(("review", "litigation_direct", "litigation_after_review")):
        values = {v[5 * i : 5 * i + 5] for v in whole}
        if solution.solved:
            assert {solution.rows[key]} == values
        else:
            assert solution.counts[key] == len(values)
            assert set(solution.candidates[key]) <= values
