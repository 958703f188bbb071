"""The search against all sets there are: small systems are small enough to try everything."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from govreport_parse.checks.corrections_search import Changes, Equation, Mending, mend

REACH = range(-6, 7)


def everything(
    equations: list[Equation], cells: list[int], values: dict[int, int], most: int
) -> tuple[int, set[Changes]]:
    """Size and members of the smallest sets, by trying every change within reach."""
    for size in range(1, most + 1):
        found: set[Changes] = set()
        for chosen in combinations(cells, size):
            for amounts in product([a for a in REACH if a], repeat=size):
                changes = dict(zip(chosen, amounts, strict=True))
                if all(values[c] + a >= 0 for c, a in changes.items()) and all(
                    sum(e.weights.get(c, 0) * a for c, a in changes.items()) == -e.gap
                    for e in equations
                ):
                    found.add(tuple(sorted(changes.items())))
        if found:
            return size, found
    return 0, set()


def system(rng: random.Random) -> tuple[list[Equation], list[int], dict[int, int]]:
    """A few random sums over a few cells with gaps of one, two or three wrong cells."""
    cells = list(range(rng.randint(4, 6)))
    values = {c: rng.choice((0, 0, 1, 2, 5)) for c in cells}
    wrong = {c: rng.choice((-2, -1, 1, 2, 3)) for c in rng.sample(cells, rng.randint(1, 3))}
    wrong = {c: a for c, a in wrong.items() if values[c] - a >= 0}
    equations = []
    for _ in range(rng.randint(2, 4)):
        weights = {c: rng.choice((1, 1, -1)) for c in rng.sample(cells, rng.randint(2, 4))}
        equations.append(Equation(weights, sum(w * wrong.get(c, 0) for c, w in weights.items())))
    return equations, cells, values


def joined(equations: list[Equation]) -> bool:
    """Whether all equations hang together by shared cells."""
    left = [set(e.weights) for e in equations]
    group = left.pop()
    while left:
        touching = [s for s in left if s & group]
        if not touching:
            return False
        group |= touching[0]
        left.remove(touching[0])
    return True


@pytest.mark.parametrize("seed", range(4))
def test_all_smallest_sets_are_found_and_no_other(seed: int) -> None:
    rng = random.Random(seed)
    tried = several = 0
    while tried < 50:
        equations, cells, values = system(rng)
        if not any(e.gap for e in equations) or not joined(equations):
            continue
        tried += 1

        def is_allowed(changes: Changes, values: dict[int, int] = values) -> bool:
            return all(values[c] + a >= 0 and isinstance(a, int) for c, a in changes)

        (made,) = mend(equations, is_allowed, most_cells=2)
        _, wanted = everything(equations, cells, values, 2)
        found = {s for s in made.sets if all(abs(a) <= REACH[-1] for _, a in s)}
        assert made.complete
        if made.open:
            assert found <= wanted
        else:
            assert found == wanted
        if made.outcome == "unique":
            assert len(wanted) == 1
        several += len(wanted) > 1
    assert several > 5  # the comparison is not about easy cases only


def always(_: Changes) -> bool:
    return True


def one(equations: list[Equation], **options: int) -> Mending:
    (made,) = mend(equations, always, **options)
    return made


def test_equations_that_share_no_cell_are_groups_of_their_own() -> None:
    first, second = Equation({0: 1, 1: -1}, 2), Equation({2: 1, 3: -1}, 1)
    rest = Equation({4: 1, 5: -1}, 0)
    made = mend([first, second, rest], always)
    assert [m.equations for m in made] == [(0,), (1,)]
    assert made[0].sets == (((0, -2),), ((1, 2),))


def test_a_cell_where_a_row_and_a_column_break_is_the_only_one() -> None:
    # cells 0 1 / 2 3 with row sums 4, 5 and column sums 6, 7; cell 0 has 3 too many
    rows = [Equation({0: 1, 1: 1, 4: -1}, 3), Equation({2: 1, 3: 1, 5: -1}, 0)]
    columns = [Equation({0: 1, 2: 1, 6: -1}, 3), Equation({1: 1, 3: 1, 7: -1}, 0)]
    made = one([*rows, *columns])
    assert made.outcome == "unique"
    assert made.sets == (((0, -3),),)


def test_too_many_wrong_cells_give_no_set() -> None:
    equations = [Equation({n: 1, 9: -1}, n + 1) for n in range(5)]
    made = one(equations, most_cells=3)
    assert made.outcome == "none"
    assert made.complete


def test_the_work_is_bounded() -> None:
    equations = [
        Equation({30 * n + k: 1 for k in range(30)} | {900: -1, 901: 1}, 1 + n % 2)
        for n in range(8)
    ]
    made = one(equations, most_looks=100)
    assert made.outcome == "budget"
    assert not made.complete


def test_a_refused_cell_is_helped_by_another_one() -> None:
    # 0 + 1 - 2 has a gap of 5; cells 0 and 1 hold 3 and 4, and the total may not change
    values = {0: 3, 1: 4}

    def is_allowed(changes: Changes) -> bool:
        return all(c in values and values[c] + a >= 0 for c, a in changes)

    (made,) = mend([Equation({0: 1, 1: 1, 2: -1}, 5)], is_allowed)
    # 3+2, 2+3 and 1+4 of the two: more than one way, so nothing is certain
    assert made.outcome == "several"
    assert {tuple(a for _, a in s) for s in made.sets} == {(-1, -4), (-2, -3), (-3, -2)}
