"""Precision and recall of ``judge_title`` on the labelled titles of the tests.

python scripts/score_titles.py [--half HALF] [--wrong] [FILE]

The titles are ours, in naming patterns of real sites; labels were written before the rules. Halves:
``dev`` (seen while the rules were written), ``held`` (patterns drawn at random, not scored until
the rules fitted ``dev``), then ``fresh``, ``last``, ``wide``, ``odd``, ``late`` and ``mixed``, each
written after that and against the rules as they stood. ``wide`` and ``mixed`` have titles of all
kinds of organs and columns, ministries to towns, 2008 to 2025, in the mix that lists show;
``fresh``, ``odd`` and ``late`` seek out odd reports and near misses (审签表, 满意度调查报告,
医疗机构信息公开年度报告).
Every half was used to mend the rules once it had been scored, so today's figures say that nothing
got worse; what to expect of unseen titles is the figure at first sight, of reports:

    half    titles  precision  recall
    held       337      0.961   1.000
    fresh      107      0.893   0.980
    last        85      0.941   1.000
    wide       338      0.978   0.984
    odd         75      0.711   0.931
    late        70      0.963   0.867
    mixed       96      1.000   1.000

"Right" in the last line means: of that year and that organ.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from govreport_parse.fetch.titles import TitleVerdict, judge_title

HALVES = ("dev", "held", "fresh", "last", "wide", "odd", "late", "mixed")
TITLES = Path(__file__).parents[1] / "tests" / "unit" / "fetch" / "titles.tsv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line of the set and what was made of it."""

    half: str
    kind: str
    organ: str | None
    year: int | None
    title: str
    verdict: TitleVerdict


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind against all others."""

    precision: float
    recall: float
    count: int


def read_titles(path: Path = TITLES, half: str | None = None) -> list[Labelled]:
    """The labelled set, judged."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Labelled(
            row["half"],
            row["kind"],
            row["organ"] or None,
            int(row["year"]) if row["year"] else None,
            row["title"],
            judge_title(row["title"], breadcrumb=row["breadcrumb"], url=row["url"]),
        )
        for row in rows
        if half in (None, row["half"])
    ]


def score(labelled: Sequence[Labelled], kind: str = "report") -> Score:
    """Precision and recall of one kind, by kind alone."""
    true = sum(one.kind == kind for one in labelled)
    called = sum(one.verdict.kind == kind for one in labelled)
    both = sum(one.kind == one.verdict.kind == kind for one in labelled)
    return Score(both / called if called else 0.0, both / true if true else 0.0, true)


def wrong_details(labelled: Sequence[Labelled]) -> list[Labelled]:
    """True reports recognised as such, with another year or organ than the label's."""
    return [
        one
        for one in labelled
        if one.kind == one.verdict.kind == "report"
        and (one.verdict.year != one.year or one.verdict.organ != one.organ)
    ]


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", nargs="?", type=Path, default=TITLES)
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--wrong", action="store_true", help="list the titles judged wrongly")
    options = parser.parse_args()
    labelled = read_titles(options.file, options.half)
    print(f"{len(labelled)} titles")
    for kind, count in Counter(one.kind for one in labelled).most_common():
        got = score(labelled, kind)
        print(f"{kind:<15}{count:>5}  precision {got.precision:.3f}  recall {got.recall:.3f}")
    found = sum(one.kind == one.verdict.kind == "report" for one in labelled)
    details = wrong_details(labelled)
    print(f"organ and year of the reports found: {found - len(details)} of {found} right")
    if options.wrong:
        for one in labelled:
            if one.kind != one.verdict.kind or one in details:
                print(f"{one.kind}\t{one.organ}\t{one.year}\t{one.title}\t{one.verdict}")


if __name__ == "__main__":
    main()
