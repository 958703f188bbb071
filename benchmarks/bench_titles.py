"""Titles: precision and recall by half of the labelled set, today and at first sight, and speed.

    python benchmarks/bench_titles.py

The figures at first sight were written down when a half was scored for the first time, before any
rule was changed because of it (see ``scripts/score_titles.py``); they are what to expect of unseen
titles. Ends with 1 when a half is below 0.96 today.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from score_titles import HALVES, read_titles, score, wrong_details

from govreport_parse.fetch.titles import judge_title

FIRST_SIGHT = {
    "held": (0.961, 1.000),
    "fresh": (0.893, 0.980),
    "last": (0.941, 1.000),
    "wide": (0.978, 0.984),
    "odd": (0.711, 0.931),
    "late": (0.963, 0.867),
    "mixed": (1.000, 1.000),
}
"""Precision and recall of reports when a half was scored for the first time."""


def main() -> int:
    """Print the table."""
    print("half    titles reports   precision  recall   first sight: precision  recall")
    worst = 1.0
    for half in (*HALVES, None):
        labelled = read_titles(half=half)
        got = score(labelled)
        worst = min(worst, got.precision, got.recall)
        before = FIRST_SIGHT.get(half or "")
        seen = f"{before[0]:>22.3f}  {before[1]:>6.3f}" if before else f"{'-':>22}  {'-':>6}"
        print(
            f"{half or 'all':<7}{len(labelled):>7}{got.count:>8}{got.precision:>12.3f}"
            f"{got.recall:>8.3f}{seen}"
        )
    labelled = read_titles()
    found = sum(one.kind == one.verdict.kind == "report" for one in labelled)
    print(f"organ and year of the reports found: {found - len(wrong_details(labelled))} of {found}")
    titles = [one.title for one in labelled]
    start = time.process_time()
    for title in titles * 5:
        judge_title(title)
    spent = time.process_time() - start
    print(f"{5 * len(titles) / spent:,.0f} titles a second on one core")
    return int(worst < 0.96)


if __name__ == "__main__":
    sys.exit(main())
