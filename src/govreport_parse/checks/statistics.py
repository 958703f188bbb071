"""Relations of the statistics table of 2014 that reports mostly keep: observations, no verdicts.

In: a report that follows the table. Out: findings ``statistics_relation`` (warning), each naming
the figures of both sides. A side with a blank, lost or doubtful figure is not compared.
"""

from __future__ import annotations

from govreport_parse.formbook.statistics import STATISTICS_2014, path, soft_rules
from govreport_parse.report import Report
from govreport_parse.values import VALUED, Finding


def check_statistics(report: Report) -> list[Finding]:
    """The soft relations that do not hold; nothing for reports of other forms."""
    if report.form != STATISTICS_2014:
        return []
    out: list[Finding] = []
    index, c = report.layout.index, report.columns
    for rule in soft_rules():
        paths = (path(rule.left), *(path(r) for r in rule.right))
        at = [index[p] for p in paths]
        if any(c.states[i] not in VALUED for i in at):
            continue
        left, *right = [c.values[i] or 0 for i in at]
        total = sum(right)
        if left == total if rule.kind == "equal" else left <= total:
            continue
        relation = "differs from" if rule.kind == "equal" else "is more than"
        out.append(
            Finding(
                "statistics_relation",
                "warning",
                f"{rule.id}: {rule.left} is {left} and {relation} {total} "
                f"({' + '.join(rule.right)}); reports mostly keep this, nothing prints it",
                f"统计表数据不一致：{left}与{total}",
                paths,
                report.locator(at[0]),
                (("id", rule.id), ("left", left), ("right", total)),
            )
        )
    return out
