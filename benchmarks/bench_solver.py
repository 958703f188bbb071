"""How many damaged tables 3 and 4 the solver mends, how fast, and whether it is ever wrong.

    python benchmarks/bench_solver.py [--tables 200] [--seed 1] [--real real_figures.json]

Damage: all digits of each row run together; the zeros of k rows lost; one figure of the source
altered (so that it breaks its own sums) before the digits run together. Tables are random but
consistent, by size class of the requests received; with --real also published ones. A solved
table is compared with the truth: "wrong" must be 0.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from govreport_parse.checks.solve import OpenRow, Solution, solve_requests, solve_review
from govreport_parse.formbook.loader import form
from govreport_parse.formbook.spec import REQUESTS, REVIEW, Table

Rows = dict[str, tuple[int, ...]]
SIZES = {"tiny": (1, 9), "small": (10, 49), "medium": (50, 299), "large": (300, 2999)}

# Shares seen by and large in published tables: most requests come from natural persons, most
# rows are zeros, granted and not held lead.
APPLICANTS = (0.86, 0.10, 0.01, 0.01, 0.01, 0.01)
WEIGHTS = {
    "granted": 30, "granted_in_part": 8, "not_held": 20, "refused_administrative_inquiry": 4,
    "petition_complaint": 5, "still_unclear": 3, "needs_creation": 3, "repeated_request": 2,
    "refused_process_information": 2, "refused_internal_affairs": 2, "other_handling": 4,
    "lapsed_no_clarification": 2, "other_handling_other": 3,
}  # fmt: skip


def request_table(table: Table, low: int, high: int, rng: random.Random) -> Rows:
    """A random table 3 that keeps all its sums."""
    keys = [r.key for r in table.blocks[0].data_rows]
    leaves = keys[2:-2]
    # Each organ uses only some of the outcomes and knows only some kinds of applicant.
    used = [k for k in leaves if rng.random() < 0.25 + WEIGHTS.get(k, 0.4) / 40]
    used = used or ["granted"]
    kinds = [0] + [c for c in range(1, 6) if rng.random() < (0.6 if c == 1 else 0.2)]
    grid = {k: [0] * 6 for k in keys}

    def column() -> int:
        return rng.choices(kinds, [APPLICANTS[c] for c in kinds])[0]

    total = int(low * (high / low) ** rng.random())
    for _ in range(total):
        grid["requests_received"][column()] += 1
    for _ in range(rng.choice((0, 0, 1, max(1, total // 15)))):
        grid["requests_carried_in"][column()] += 1
    weights = [WEIGHTS.get(k, 0.4) * rng.lognormvariate(0, 1) for k in used]
    for c in range(6):
        for _ in range(grid["requests_received"][c] + grid["requests_carried_in"][c]):
            row = "carried_forward" if rng.random() < 0.05 else rng.choices(used, weights)[0]
            grid[row][c] += 1
        grid["outcomes_total"][c] = sum(grid[k][c] for k in leaves)
    return {k: (*row, sum(row)) for k, row in grid.items()}


def review_row(high: int, rng: random.Random) -> tuple[int, ...]:
    """A random row of table 4 that keeps its three sums."""
    out: list[int] = []
    for _ in range(3):
        size = rng.choice((0, rng.randint(0, high)))
        parts = [0, 0, 0, 0]
        for _ in range(size):
            parts[rng.choices(range(4), (60, 8, 20, 12))[0]] += 1
        out += [*parts, size]
    return tuple(out)


def joined(rows: Mapping[str, tuple[int, ...]]) -> list[OpenRow]:
    return [OpenRow(k, ("".join(map(str, v)),), joined=True) for k, v in rows.items()]


def without_zeros(row: str, values: tuple[int, ...]) -> OpenRow:
    return OpenRow(row, tuple(str(v) for v in values if v), lost=True)


def altered(rows: Rows, rng: random.Random) -> Rows:
    """The table with one figure changed by a small step, as a slip of the organ would."""
    key = rng.choice(list(rows))
    values = list(rows[key])
    place = rng.randrange(7)
    values[place] = max(0, values[place] + rng.choice((-2, -1, 1, 2, 9, 10)))
    return altered(rows, rng) if tuple(values) == rows[key] else {**rows, key: tuple(values)}


def verdict(solution: Solution, truth: Mapping[str, tuple[int, ...]]) -> str:
    """``unique``, ``wrong`` or why there is no answer."""
    if not solution.solved:
        return solution.reason
    right = all(tuple(v or 0 for v in values) == truth[k] for k, values in solution.rows.items())
    return "unique" if right else "wrong"


def timed(
    tasks: Iterator[tuple[Callable[[], Solution], Mapping[str, tuple[int, ...]]]],
) -> tuple[Counter[str], list[float]]:
    verdicts: Counter[str] = Counter()
    times = []
    for solve, truth in tasks:
        start = time.perf_counter()
        solution = solve()
        times.append((time.perf_counter() - start) * 1000)
        verdicts[verdict(solution, truth)] += 1
    return verdicts, times


def show(name: str, verdicts: Counter[str], times: list[float]) -> None:
    n = sum(verdicts.values())
    rest = ", ".join(f"{k} {v}" for k, v in sorted(verdicts.items()) if k != "unique")
    print(
        f"{name:34s} {verdicts['unique']:5d} of {n:<5d} {verdicts['unique'] / n:6.1%}   "
        f"ms median {statistics.median(times):7.2f} max {max(times):8.2f}   {rest}"
    )


def all_joined(table: Table, tables: list[Rows]) -> Iterator[tuple[Callable[[], Solution], Rows]]:
    for rows in tables:
        open_rows = joined(rows)
        yield lambda o=open_rows: solve_requests(table, {}, o), rows  # type: ignore[misc]


def some_lost(
    table: Table, tables: list[Rows], k: int, rng: random.Random
) -> Iterator[tuple[Callable[[], Solution], Rows]]:
    for rows in tables:
        hit = rng.sample(list(rows), min(k, len(rows)))
        known = {key: v for key, v in rows.items() if key not in hit}
        open_rows = [without_zeros(key, rows[key]) for key in hit]
        yield lambda n=known, o=open_rows: solve_requests(table, n, o), rows  # type: ignore[misc]


def real_tables(path: Path) -> dict[str, Rows]:
    """The complete tables 3 of a file of published figures, blanks as 0."""
    out = {}
    for name, report in json.loads(path.read_text("utf-8")).items():
        rows: dict[str, list[int]] = {}
        for key, value in report["figures"].items():
            table, row, _ = key.split("/")
            if table == REQUESTS:
                rows.setdefault(row, []).append(value or 0)
        if len(rows) in {23, 25} and all(len(v) == 7 for v in rows.values()):
            out[name] = {k: tuple(v) for k, v in rows.items()}
    return out


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tables", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--real", type=Path)
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    for form_id in ("ogi_annual_2021", "ogi_annual_2019"):
        table = form(form_id).table(REQUESTS)
        for size, (low, high) in SIZES.items():
            tables = [request_table(table, low, high, rng) for _ in range(options.tables)]
            print(f"\n{form_id}, {size}: {low} to {high} requests")
            show("all digits joined", *timed(all_joined(table, tables)))
            for k in (1, 2, 3, 5, 25):
                show(f"zeros lost in {k} rows", *timed(some_lost(table, tables, k, rng)))
            slips = [altered(rows, rng) for rows in tables]
            show("one figure altered, joined", *timed(all_joined(table, slips)))
    review = form("ogi_annual_2021").table(REVIEW)
    for high in (3, 30, 300):
        truths = [review_row(high, rng) for _ in range(options.tables)]
        keys = [r.key for r in review.blocks[0].data_rows]

        def tasks(
            truths: list[tuple[int, ...]] = truths, keys: list[str] = keys
        ) -> Iterator[tuple[Callable[[], Solution], Rows]]:
            for v in truths:
                text = "".join(map(str, v))
                rows = {k: v[5 * i : 5 * i + 5] for i, k in enumerate(keys)}
                yield lambda t=text: solve_review(review, (t,), joined=True), rows  # type: ignore[misc]

        show(f"table 4 joined, up to {high}", *timed(tasks()))
    if options.real:
        print()
        for name, rows in real_tables(options.real).items():
            table = form(f"ogi_annual_20{21 if len(rows) == 25 else 19}").table(REQUESTS)
            show(f"{name}, joined", *timed(all_joined(table, [rows])))
            for k in (1, 2, 3, 5):
                show(f"  zeros lost in {k} rows", *timed(some_lost(table, [rows] * 20, k, rng)))


if __name__ == "__main__":
    main()
