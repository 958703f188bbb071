"""Archives and text corpora as sources of reports: WARC, WET, WACZ, Parquet, JSON lines, CSV, text.

``mine`` finds the reports in them and adds them to a dataset. Common Crawl's index and the Wayback
Machine's are read by ``cdx``; copies on mirror hosts are told by ``mirrors``.
"""

from __future__ import annotations

from govreport_parse.mining.blocks import Found, Problem
from govreport_parse.mining.mirrors import is_mirror, mark_mirror
from govreport_parse.mining.prefilter import may_hold_report
from govreport_parse.mining.running import MineResult, mine

__all__ = [
    "Found",
    "MineResult",
    "Problem",
    "is_mirror",
    "mark_mirror",
    "may_hold_report",
    "mine",
]
