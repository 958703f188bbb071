"""Speed of ``describe_organ``: all county names of one year under several organ names.

    python benchmarks/bench_organs.py

Every name is new (no cache helps); the answers are checked. Prints the time to read the table and
calls a second of CPU time.
"""

from __future__ import annotations

import time

from govreport_parse.organs import describe_organ, divisions_in
from govreport_parse.organs.divisions import Tier, parent, table
from govreport_parse.organs.shortnames import entries

ORGANS = "人民政府 财政局 市场监督管理局 卫生健康委员会 石桥镇人民政府".split()  # noqa: SIM905


def main() -> None:
    start = time.process_time()
    table()
    entries()
    print(f"table and names: {(time.process_time() - start) * 1e3:.1f} ms")
    cases = []
    for d in divisions_in(2023):
        if d.tier is Tier.COUNTY:
            above = parent(d, 2023)
            cases += [(d.code, f"{above.name if above else ''}{d.name}{o}") for o in ORGANS]
    start = time.process_time()
    answers = [describe_organ(name, year=2023).division_code for _, name in cases]
    took = time.process_time() - start
    right = sum(a == code for a, (code, _) in zip(answers, cases, strict=True))
    wrong = sum(a not in (None, code) for a, (code, _) in zip(answers, cases, strict=True))
    print(f"{len(cases)} calls, {len(cases) / took:,.0f} a second; {right} right, {wrong} wrong")


if __name__ == "__main__":
    main()
