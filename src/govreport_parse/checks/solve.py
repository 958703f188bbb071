"""Lost places and lost digit borders, solved only where the form's own sums leave one reading.

In: what the source shows of each row (digit strings in order) and the rows that are complete.
Out: a ``Solution``. It holds values only if exactly one assignment of all shown digits to places
satisfies every hard identity of the table; else the readings of each row by its own sum, as
candidates. Nothing here sees cells, labels or states: pure functions on digits.

What an assignment is (evidence b):

* the digits of a row, in their order, cut into numbers. Borders between tokens are certain unless
  ``split``; borders inside a token are possible only if ``joined``. A number has no leading zero;
  ``0`` is a number.
* the numbers, in their order, put into the row's columns: all of them, or fewer if ``lost``. A
  place without a number was blank in the source and counts as 0, here and only here.
* two assignments differ if any shown digit is in another number or place, even if all sums are
  equal because of zeros.

The search is exhaustive within a budget of elementary steps: when that runs out the answer is
``budget``, never a guess. The column 总计 takes no part in the search: if every row adds up, the
identities of 总计 follow from those of the six applicant columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from govreport_parse.checks.readings import (
    BlockTree,
    Budget,
    BudgetSpentError,
    OpenRow,
    RowCutter,
    Values,
    check_tokens,
    cut_marks,
    row_candidates,
    triple_candidates,
)
from govreport_parse.errors import UsageError
from govreport_parse.formbook.spec import Table

__all__ = [
    "OpenRow",
    "Reason",
    "Solution",
    "Values",
    "row_candidates",
    "solve_requests",
    "solve_review",
    "triple_candidates",
]

Reason = Literal["unique", "several", "none", "budget", "incomplete"]

MAX_CANDIDATES = 8
_MEMO_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Solution:
    """What the sums say.

    ``reason``: ``unique`` (``rows`` holds every open row), ``several`` (more than one assignment
    fits), ``none`` (none fits: the source breaks its own sums, or it was misread), ``budget``
    (too many to decide), ``incomplete`` (a row or a printed total is missing, so that not every
    identity can be applied). Without a unique assignment ``rows`` is empty and ``candidates``
    holds up to eight readings a row, by the row's own sum alone; ``counts`` says how many
    readings there are. A row that ran out of budget is in neither.
    """

    rows: Mapping[str, Values]
    candidates: Mapping[str, tuple[Values, ...]]
    reason: Reason
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def solved(self) -> bool:
        """Whether exactly one assignment satisfies all hard identities."""
        return self.reason == "unique"


# --- Table `requests` ---------------------------------------------------------------------------


class _System(NamedTuple):
    """The column identities of a table: one coefficient per row, the same in every column."""

    rows: tuple[str, ...]
    columns: int
    relations: tuple[Mapping[str, int], ...]


@lru_cache(maxsize=16)
def _system(table: Table) -> _System:
    block = table.blocks[0]
    first = block.columns[0].key
    relations = []
    for identity in table.identities:
        if identity.kind == "row_sum" or identity.scope != first:
            continue
        coefficients: dict[str, int] = {}
        for paths, sign in ((identity.expected, 1), (identity.found, -1)):
            for path in paths:
                row = path.split("/")[1]
                coefficients[row] = coefficients.get(row, 0) + sign
        relations.append(coefficients)
    return _System(tuple(r.key for r in block.data_rows), len(block.columns), tuple(relations))


def solve_requests(
    table: Table,
    known: Mapping[str, Values],
    open_rows: Sequence[OpenRow],
    *,
    budget: int = 200_000,
) -> Solution:
    """Solve the open rows of a table ``requests`` against its complete rows.

    ``known`` maps a row key to its values in column order; a blank at a known place is ``None``
    and counts as 0, except that a blank total over parts that are not 0 makes the row's sum not
    checkable and the answer ``incomplete``. Every data row of the table must be known or open,
    else ``incomplete``. ``budget`` counts elementary steps, about 0.5 us each.

    Raises ``UsageError`` for keys that the table does not have, rows given twice, rows of
    another width and tokens that are no digits.
    """
    system = _system(table)
    _check_rows(system, known, open_rows)
    purse = Budget(budget)
    readings, exhausted = _open_readings(system, open_rows, purse)
    if len(known) + len(open_rows) < len(system.rows):
        return _undecided("incomplete", readings)
    state = _known_state(known)
    if state is not None:
        return _undecided(state, readings)
    if any(not r for r in readings.values()):
        return _undecided("none", readings)
    if exhausted:
        return _undecided("budget", readings)
    try:
        reason, rows = _search(system, known, readings, purse)
    except BudgetSpentError:
        reason, rows = "budget", {}
    if reason != "unique":
        return _undecided(reason, readings)
    return Solution(rows, {}, "unique", {k: len(r) for k, r in readings.items()})


def _check_rows(system: _System, known: Mapping[str, Values], open_rows: Sequence[OpenRow]) -> None:
    names = [*known, *(r.row for r in open_rows)]
    unknown = [k for k in names if k not in system.rows]
    if unknown:
        raise UsageError(
            f"no such data row: {', '.join(unknown)}",
            hint=f"rows of this table: {', '.join(system.rows)}"[:300],
        )
    if len(set(names)) != len(names):
        raise UsageError(
            "a row is given twice, or both as known and as open", hint="give each row once"
        )
    for key, values in known.items():
        if len(values) != system.columns:
            raise UsageError(
                f"row {key} has {len(values)} values, not {system.columns}",
                hint="one value a column, None for a blank",
            )
    for row in open_rows:
        check_tokens(row.tokens)


def _open_readings(
    system: _System, open_rows: Sequence[OpenRow], purse: Budget
) -> tuple[dict[str, list[Values]], bool]:
    """Readings by row key, in the given order, and whether a row is missing for want of budget."""
    seen: dict[OpenRow, list[Values]] = {}
    out: dict[str, list[Values]] = {}
    exhausted = False
    # One hopeless row must not keep the others from having candidates.
    share = purse.left // 4
    for row in open_rows:
        shape = OpenRow("", row.tokens, row.joined, row.split, row.lost)
        if shape not in seen:
            own = Budget(min(share, purse.left))
            before = own.left
            try:
                seen[shape] = list(RowCutter(row, system.columns, own).readings())
            except BudgetSpentError:
                exhausted = True
            purse.left -= before - max(own.left, 0)
            if shape not in seen:
                continue
        out[row.row] = seen[shape]
    return out, exhausted


def _known_state(known: Mapping[str, Values]) -> Reason | None:
    """Why the complete rows alone rule out an answer; ``None`` if they keep their sums."""
    state: Reason | None = None
    for *parts, total in known.values():
        expected = sum(v or 0 for v in parts)
        if total is None and expected:
            state = "incomplete"
        elif (total or 0) != expected:
            return "none"
    return state


def _undecided(reason: Reason, readings: Mapping[str, list[Values]]) -> Solution:
    return Solution(
        {},
        {k: tuple(r[:MAX_CANDIDATES]) for k, r in readings.items()},
        reason,
        {k: len(r) for k, r in readings.items()},
    )


class _Option(NamedTuple):
    """Readings of one row that are equal as numbers: what they add to the packed equations."""

    load: int
    readings: list[Values]


class _Choice(NamedTuple):
    """One open row: its options and, per equation, their least and greatest load (packed)."""

    row: str
    options: list[_Option]
    low: int
    high: int


class _Packing(NamedTuple):
    """A vector of small integers as one integer, ``bits`` a field: adding packed adds fields.

    ``signs`` has the top bit of each field. A packed vector whose fields all lie within half the
    range has none of them set exactly if no field is negative (the lowest negative field sets
    its own top bit; without one there is no borrow).
    """

    bits: int
    signs: int

    def pack(self, fields: Sequence[int]) -> int:
        out = 0
        for value in reversed(fields):
            out = (out << self.bits) + value
        return out


def _search(
    system: _System,
    known: Mapping[str, Values],
    readings: Mapping[str, list[Values]],
    purse: Budget,
) -> tuple[Reason, dict[str, Values]]:
    """Count the assignments of the whole table up to two."""
    bound = sum(sum(v or 0 for v in row) for row in known.values())
    bound += sum(max(sum(v or 0 for v in row) for row in rows) for rows in readings.values())
    bits = bound.bit_length() + 3
    fields = len(system.relations) * (system.columns - 1)
    packing = _Packing(bits, sum(1 << (bits * i + bits - 1) for i in range(fields)))
    target = -sum(packing.pack(_loads(system, k, row)) for k, row in known.items())
    choices = [_choice(system, packing, k, rows) for k, rows in readings.items()]
    purse.spend(sum(len(rows) for rows in readings.values()))
    narrowed = _narrow(packing, choices, target, purse)
    if narrowed is None:
        return "none", {}
    return _count(packing, _ordered(system, packing, narrowed), target, purse)


def _loads(system: _System, row: str, values: Values) -> list[int]:
    """What a row adds to each equation (relations by columns, without the total)."""
    return [
        relation.get(row, 0) * (value or 0)
        for relation in system.relations
        for value in values[:-1]
    ]


def _choice(system: _System, packing: _Packing, row: str, readings: list[Values]) -> _Choice:
    options: dict[int, _Option] = {}
    vectors: list[list[int]] = []
    for values in readings:
        vector = _loads(system, row, values)
        load = packing.pack(vector)
        if load in options:
            options[load].readings.append(values)
        else:
            options[load] = _Option(load, [values])
            vectors.append(vector)
    return _limits(packing, row, list(options.values()), vectors)


def _limits(
    packing: _Packing, row: str, options: list[_Option], vectors: Sequence[Sequence[int]]
) -> _Choice:
    per_field = list(zip(*vectors, strict=True))
    low = packing.pack([min(f) for f in per_field])
    high = packing.pack([max(f) for f in per_field])
    return _Choice(row, options, low, high)


def _unpack(packing: _Packing, load: int, fields: int) -> list[int]:
    half = 1 << (packing.bits - 1)
    mask = (1 << packing.bits) - 1
    out = []
    for _ in range(fields):
        field_ = load & mask
        if field_ >= half:
            field_ -= 1 << packing.bits
        out.append(field_)
        load = (load - field_) >> packing.bits
    return out


def _narrow(
    packing: _Packing, choices: list[_Choice], target: int, purse: Budget
) -> list[_Choice] | None:
    """Drop options that no options of the other rows can balance; ``None`` if a row has none."""
    fields = packing.signs.bit_length() // packing.bits
    low = sum(c.low for c in choices)
    high = sum(c.high for c in choices)
    changed = True
    while changed:
        changed = False
        for i, c in enumerate(choices):
            least, most = low - c.low, high - c.high
            kept = [
                o
                for o in c.options
                if not ((target - o.load - least) | (most - target + o.load)) & packing.signs
            ]
            purse.spend(len(c.options))
            if not kept:
                return None
            if len(kept) < len(c.options):
                new = _limits(
                    packing, c.row, kept, [_unpack(packing, o.load, fields) for o in kept]
                )
                low, high = least + new.low, most + new.high
                choices[i] = new
                changed = True
    return choices


def _ordered(system: _System, packing: _Packing, choices: list[_Choice]) -> list[_Choice]:
    """Rows of the balance first (their equations close early), then the most spread out."""
    fields = packing.signs.bit_length() // packing.bits
    short = min(system.relations, key=len)

    def rank(c: _Choice) -> tuple[bool, int]:
        spread = sum(_unpack(packing, c.high - c.low, fields))
        return c.row not in short, -spread

    return sorted(choices, key=rank)


def _count(
    packing: _Packing, choices: list[_Choice], target: int, purse: Budget
) -> tuple[Reason, dict[str, Values]]:
    depth = len(choices)
    lows = [0] * (depth + 1)
    highs = [0] * (depth + 1)
    for i in range(depth - 1, -1, -1):
        lows[i] = lows[i + 1] + choices[i].low
        highs[i] = highs[i + 1] + choices[i].high
    signs = packing.signs
    # What is left to be balanced after row i, and whether that can be done: each state is
    # searched once, and a second way into one that can be done is a second assignment.
    dead: set[tuple[int, int]] = set()
    alive: set[tuple[int, int]] = set()
    found: list[dict[str, Values]] = []

    def walk(i: int, rest: int, path: list[_Option]) -> int:
        if i == depth:
            if rest:
                return 0
            found.append({c.row: o.readings[0] for c, o in zip(choices, path, strict=True)})
            return 1 if all(len(o.readings) == 1 for o in path) else 2
        key = (i, rest)
        if key in dead:
            return 0
        if key in alive:
            return 2
        low, high = lows[i + 1], highs[i + 1]
        options = choices[i].options
        purse.spend(len(options))
        ways = 0
        for option in options:
            after = rest - option.load
            if ((after - low) | (high - after)) & signs:
                continue
            path.append(option)
            ways += walk(i + 1, after, path)
            path.pop()
            if ways > 1:
                return 2
        if len(dead) < _MEMO_LIMIT:
            (alive if ways else dead).add(key)
        return ways

    ways = walk(0, target, [])
    if ways == 0:
        return "none", {}
    return ("unique", found[0]) if ways == 1 else ("several", {})


# --- Table `review_and_litigation` --------------------------------------------------------------


def solve_review(
    table: Table,
    tokens: Sequence[str],
    *,
    joined: bool = False,
    split: bool = False,
    lost: bool = False,
    budget: int = 200_000,
) -> Solution:
    """Solve the one row of table 4: the blocks side by side, each with its total as last column.

    The flags mean what they mean in ``OpenRow``. ``rows`` and ``candidates`` go by block key
    (review, litigation_direct, litigation_after_review). Candidates keep the sums of all blocks
    at once. Raises ``UsageError`` for tokens that are no digits.
    """
    check_tokens(tokens)
    block = table.blocks[0]
    keys = [r.key for r in block.data_rows]
    digits = cut_marks(tokens, joined, split)
    purse = Budget(budget)
    try:
        tree = BlockTree(digits, len(keys), len(block.columns), lost, purse)
        ways = tree.ways(0, 0)
    except BudgetSpentError:
        return Solution({}, {}, "budget")
    # What follows only looks up what counting has read, and costs no budget.
    found = [tree.at(i) if ways else [] for i in range(len(keys))]
    if ways == 1:
        rows = {k: f[0] for k, f in zip(keys, found, strict=True)}
        return Solution(rows, {}, "unique", dict.fromkeys(keys, 1))
    return Solution(
        {},
        {k: tuple(f[:MAX_CANDIDATES]) for k, f in zip(keys, found, strict=True)},
        "several" if ways else "none",
        {k: len(f) for k, f in zip(keys, found, strict=True)},
    )
