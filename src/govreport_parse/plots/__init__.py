"""Small charts of reports and datasets, on matplotlib (extra ``[plot]``).

    ax = gov.plots.trend(dataset, "requests/requests_received/total")
    ax.figure.savefig("requests.png")

Every function draws into new axes, or into yours (``ax=``), returns them and leaves matplotlib's
settings alone. Labels are Chinese (``lang="zh"``) or English (``lang="en"``). What is blank or
missing is a gap in the chart and is told below it; it is never drawn as 0.

Data may be a ``Dataset``, a ``Report``, reports in any iterable, or a long, wide or panel
DataFrame. Without matplotlib the functions raise ``UsageError``.
"""

from __future__ import annotations

from govreport_parse.plots.canvas import style
from govreport_parse.plots.quality import checks, coverage
from govreport_parse.plots.stacked import applicants, outcomes
from govreport_parse.plots.totals import refusals
from govreport_parse.plots.trends import trend

__all__ = ["applicants", "checks", "coverage", "outcomes", "refusals", "style", "trend"]
