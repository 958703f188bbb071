"""The smallest sets of changed cells after which every identity holds.

In: linear equations over the cells' numbers, each with its gap (what the parts add up to less what
is printed). Out: all sets of changes of the smallest size, complete or with the reason why not.

The identities are an error-correcting code: a set of cells explains the gaps if a system of linear
equations in their changes has a solution. The search adds a cell only where a combination of
equations proves that the cells chosen so far can't do (a *proof*): every set that can do contains
a cell which that combination speaks of. So nothing of a size is missed, and what is found alone at
the smallest size is the only explanation of that size. Work is bounded by a number of looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

Amount = int | Fraction
Changes = tuple[tuple[int, Amount], ...]
"""Cell and by how much it changes, in the order of the cells."""

MOST_CELLS = 3
"""Largest set that is looked for. Four cells can be anything: no single reading is left."""
MOST_LOOKS = 8_000
"""Sets of cells that are looked at for one group of identities (some 12 µs each)."""
MOST_KEPT = 200
_TRIED = 20
"""Values of a free parameter that are tried; more than one that fits is several anyway."""


class Equation(NamedTuple):
    """``sum(weight * change) = -gap`` over the cells of ``weights``; a gap of 0 holds already."""

    weights: Mapping[int, int]
    gap: Amount


@dataclass(frozen=True, slots=True)
class Mending:
    """The smallest sets that mend one group of equations.

    ``complete`` is false when the looks ran out: there may be more sets, or smaller ones. ``open``
    says that a set fits with more values than those kept.
    """

    equations: tuple[int, ...]
    sets: tuple[Changes, ...]
    complete: bool
    open: bool = False

    @property
    def outcome(self) -> Literal["unique", "several", "none", "budget"]:
        """Whether exactly one set of the smallest size is left."""
        if not self.complete:
            return "budget"
        if not self.sets:
            return "none"
        return "unique" if len(self.sets) == 1 and not self.open else "several"


def mend(
    equations: Sequence[Equation],
    is_allowed: Callable[[Changes], bool],
    *,
    most_cells: int = MOST_CELLS,
    most_looks: int = MOST_LOOKS,
) -> list[Mending]:
    """One ``Mending`` for each group of equations, joined by shared cells, that has a gap.

    ``is_allowed`` refuses sets that the numbers themselves forbid (a count below 0).
    """
    out = []
    for group in _groups(equations):
        if any(equations[n].gap for n in group):
            search = _Search({n: equations[n] for n in group}, is_allowed, most_looks)
            out.append(search.run(most_cells))
    return out


def _groups(equations: Sequence[Equation]) -> list[tuple[int, ...]]:
    """The equations in groups that share no cell."""
    group_of: dict[int, list[int]] = {}
    for n, equation in enumerate(equations):
        joined = [n]
        for group in {id(g): g for c in equation.weights if (g := group_of.get(c))}.values():
            joined += group
        for m in joined:
            for cell in equations[m].weights:
                group_of[cell] = joined
    unique = {id(g): tuple(sorted(g)) for g in group_of.values()}
    return sorted(unique.values())


Row = tuple[dict[int, Amount], Amount, dict[int, Amount]]
"""Weights of the chosen cells, right-hand side, and the equations it is a combination of."""


class _OutOfLooksError(Exception):
    """Leaves the search from any depth; never leaves this module."""


class _Search:
    def __init__(
        self, equations: Mapping[int, Equation], is_allowed: Callable[[Changes], bool], looks: int
    ) -> None:
        self.equations = equations
        self.is_allowed = is_allowed
        self.looks = looks
        self.of_cell: dict[int, list[int]] = {}
        for n, equation in equations.items():
            for cell in equation.weights:
                self.of_cell.setdefault(cell, []).append(n)
        self.cells = {n: frozenset(e.weights) for n, e in equations.items()}
        self.broken = [n for n, e in equations.items() if e.gap]
        self.seen: set[frozenset[int]] = set()
        self.found: set[Changes] = set()
        self.open = False

    def run(self, most_cells: int) -> Mending:
        complete = True
        for size in range(1, most_cells + 1):
            self.seen.clear()
            try:
                self._look(frozenset(), size)
            except _OutOfLooksError:
                complete = False
            if self.found or self.open or not complete:
                break
        return Mending(tuple(self.equations), tuple(sorted(self.found)), complete, self.open)

    def _look(self, chosen: frozenset[int], left: int) -> None:
        """Complete ``chosen`` by ``left`` cells in every way that mends all equations."""
        if chosen in self.seen:
            return
        self.seen.add(chosen)
        self.looks -= 1
        if self.looks < 0 or len(self.found) >= MOST_KEPT:
            raise _OutOfLooksError
        touched = {n for c in chosen for n in self.of_cell[c]}
        untouched = [n for n in self.broken if n not in touched]
        if _apart(self.cells[n] for n in untouched) > left:
            return
        pivots, proofs = self._eliminate(chosen, touched)
        if not proofs and not untouched:
            self._settle(chosen, left, pivots, touched)
            return
        if not left:
            return
        where = [self.cells[n] for n in untouched] + [self._cells_of(p) for p in proofs]
        # the last cell must answer every proof at once
        cells = min(where, key=len) if left > 1 else frozenset.intersection(*where)
        for cell in sorted(cells - chosen):
            self._look(chosen | {cell}, left - 1)

    def _cells_of(self, proof: Mapping[int, Amount]) -> frozenset[int]:
        """The cells that a combination of equations speaks of."""
        total: dict[int, Amount] = {}
        for n, factor in proof.items():
            for cell, weight in self.equations[n].weights.items():
                total[cell] = total.get(cell, 0) + factor * weight
        return frozenset(c for c, w in total.items() if w)

    def _eliminate(
        self, chosen: frozenset[int], touched: Iterable[int]
    ) -> tuple[dict[int, Row], list[dict[int, Amount]]]:
        """Reduced rows by their leading cell, and the combinations that say 0 = something."""
        pivots: dict[int, Row] = {}
        proofs: list[dict[int, Amount]] = []
        for n in sorted(touched):
            equation = self.equations[n]
            row: Row = (
                {c: equation.weights[c] for c in chosen if c in equation.weights},
                -equation.gap,
                {n: 1},
            )
            for cell, pivot in pivots.items():
                row = _without(row, cell, pivot)
            if row[0]:
                lead = min(row[0])
                for cell, pivot in list(pivots.items()):
                    pivots[cell] = _without(pivot, lead, row)
                pivots[lead] = row
            elif row[1]:
                proofs.append(row[2])
        return pivots, proofs

    def _settle(
        self, chosen: frozenset[int], left: int, pivots: Mapping[int, Row], touched: set[int]
    ) -> None:
        """``chosen`` satisfies the equations: keep it, or go on where the numbers forbid it."""
        free = sorted(chosen - pivots.keys())
        if not free and not left:
            self._keep({c: _divide(r[1], r[0][c]) for c, r in pivots.items()})
        elif len(free) == 1 and not left:
            self._try_values(free[0], pivots)
        elif free and not left:
            self.open = True
        else:
            # Smaller sets come first, so this one was refused: others of its equations may help.
            near = {c for n in touched for c in self.equations[n].weights}
            for cell in sorted(near - chosen):
                self._look(chosen | {cell}, left - 1)

    def _try_values(self, free: int, pivots: Mapping[int, Row]) -> None:
        kept = 0
        for value in (v for size in range(1, _TRIED + 1) for v in (size, -size)):
            changes: dict[int, Amount] = {free: value}
            for cell, (weights, right, _) in pivots.items():
                changes[cell] = _divide(right - weights.get(free, 0) * value, weights[cell])
            kept += self._keep(changes)
        self.open |= kept > 1

    def _keep(self, changes: Mapping[int, Amount]) -> bool:
        made = tuple(sorted(changes.items()))
        self.looks -= 1
        if all(amount for _, amount in made) and self.is_allowed(made):
            self.found.add(made)
            return True
        return False


def _without(row: Row, cell: int, pivot: Row) -> Row:
    """``row`` with ``cell`` eliminated by ``pivot``, which has it."""
    factor = row[0].get(cell)
    if not factor:
        return row
    ratio = _divide(factor, pivot[0][cell])
    return (
        _less(row[0], ratio, pivot[0]),
        row[1] - ratio * pivot[1],
        _less(row[2], ratio, pivot[2]),
    )


def _less(a: Mapping[int, Amount], ratio: Amount, b: Mapping[int, Amount]) -> dict[int, Amount]:
    out = dict(a)
    for key, weight in b.items():
        left = out.get(key, 0) - ratio * weight
        if left:
            out[key] = left
        else:
            out.pop(key, None)
    return out


def _divide(a: Amount, b: Amount) -> Amount:
    """The exact quotient, an ``int`` where it is whole (the common case, and the fast one)."""
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    quotient = Fraction(a) / Fraction(b)
    return quotient.numerator if quotient.denominator == 1 else quotient


def _apart(sets: Iterable[frozenset[int]]) -> int:
    """How many of the sets can be picked, one after the other, without a shared cell."""
    used: frozenset[int] = frozenset()
    count = 0
    for cells in sets:
        if used.isdisjoint(cells):
            used |= cells
            count += 1
    return count
