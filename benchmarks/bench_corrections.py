"""How often the wrong cells of a report are named, how fast, and whether ever the wrong ones.

    python benchmarks/bench_corrections.py [--reports 500] [--seed 1] [--style S] [--size Z]

Random consistent reports of both forms; then one, two or three of the inner cells of the requests
table (applicant columns, all rows) are given another value: a digit lost, added, exchanged or
misread, or any other number. ``right``: the suggestions name exactly those cells with their true
values. ``wrong``: a cell is named that was not changed, or with another value. ``undecided``: no
wrong cell is named, but not all of the changed ones; ``listed``: of these, the truth is among the
candidates. With ``--totals`` cells of 总计 and of the sum rows take part too.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Mapping

from govreport_parse.checks.corrections import suggest
from govreport_parse.formbook import REQUESTS, REVIEW
from govreport_parse.report import FigureColumns, Report, SourceInfo
from govreport_parse.testing.generate import CellText, Record, random_record
from govreport_parse.values import CheckState, State

FORMS = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")
SOURCE = SourceInfo("generated", None, "", 0, "text/html", "utf-8")


def report_of(record: Record, wrong: Mapping[str, CellText]) -> Report:
    """The record as a finished report, some cells replaced."""
    layout = record.layout
    columns = FigureColumns.absent(len(layout.figures))
    for i, path in enumerate(layout.paths):
        cell = wrong.get(path, record.cells[path])
        columns.values[i], columns.states[i] = cell.value, cell.state
        columns.raws[i] = cell.text
    return Report("0" * 16, SOURCE, layout, layout.form, columns)


def misread(rng: random.Random, number: int) -> int:
    """Another number: mostly what a slip makes of this one."""
    text = str(number)
    how = rng.choice(("lost", "added", "other digit", "exchanged", "any", "any"))
    at = rng.randrange(len(text))
    if how == "lost":
        text = text[:at] + text[at + 1 :]
    elif how == "added":
        text = text[:at] + rng.choice("0123456789") + text[at:]
    elif how == "other digit":
        text = text[:at] + rng.choice("0123456789") + text[at + 1 :]
    elif how == "exchanged":
        text = text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    else:
        text = str(rng.randint(0, max(20, 2 * number)))
    return int(text or 0)


def harm(rng: random.Random, record: Record, count: int, *, totals: bool) -> dict[str, CellText]:
    """``count`` cells of the requests table with another number in them."""
    paths = [
        s.path for s in record.layout.table(REQUESTS).figures if totals or s.column.key != "total"
    ]
    if totals:
        paths += [s.path for s in record.layout.table(REVIEW).figures]
    # a total that the report leaves blank has no true value to be named
    paths = [
        p for p in paths if not p.endswith("/total") or record.cells[p].state is State.REPORTED
    ]
    out: dict[str, CellText] = {}
    for path in rng.sample(paths, count):
        true = int(record.cells[path].value or 0)
        new = true
        while new == true:
            new = misread(rng, true)
        out[path] = CellText(str(new), new, State.REPORTED)
    return out


def judge(record: Record, wrong: Mapping[str, CellText], report: Report) -> str:
    """``right``, ``wrong``, ``listed``, ``undecided`` or, with nothing broken, ``unseen``."""
    truth = {p: int(record.cells[p].value or 0) for p in wrong}
    made = suggest(report)
    named = {f: v for s in made for f, v in zip(s.figures, s.values, strict=True)}
    if any(truth.get(f) != v for f, v in named.items()):
        return "wrong"
    if named == truth:
        return "right"
    if not any(o.state is CheckState.BROKEN for o in report.outcomes):
        return "unseen"
    listed = dict(named)
    for suggestion in made:
        for candidate in suggestion.candidates:
            pairs = dict(zip(candidate.figures, candidate.values, strict=True))
            if pairs.items() <= truth.items():
                listed |= pairs
    return "listed" if listed == truth else "undecided"


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--reports", type=int, default=500)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--style", default="plain")
    args.add_argument("--size", default="county")
    args.add_argument("--totals", action="store_true")
    given = args.parse_args()
    for count in (1, 2, 3):
        rng = random.Random(given.seed * 10 + count)
        tally: Counter[str] = Counter()
        times = []
        for n in range(given.reports):
            record = random_record(rng, FORMS[n % 3], given.size, style=given.style)
            wrong = harm(rng, record, count, totals=given.totals)
            report = report_of(record, wrong)
            start = time.perf_counter()
            suggest(report)
            times.append(time.perf_counter() - start)
            tally[judge(record, wrong, report)] += 1
        times.sort()
        shares = ", ".join(f"{k} {v} ({v / given.reports:.1%})" for k, v in tally.most_common())
        print(
            f"{count} wrong: {shares}; {1000 * times[len(times) // 2]:.1f} ms median, "
            f"{1000 * times[-len(times) // 100]:.0f} ms p99, {1000 * times[-1]:.0f} ms worst"
        )


if __name__ == "__main__":
    main()
