"""Public tools for testing: random reports in every dialect and layout, damages, and their judge.

record = random_record(random.Random(7), size="county")
page = render_html(record, "clean")
figures = {f.path: (f.state, f.value) for f in parse(page.text)...}
assert judge(page.expected, figures) == []
"""

from __future__ import annotations

from govreport_parse.testing.damage import DAMAGES, Damaged, damage, possible
from govreport_parse.testing.generate import (
    STYLES,
    CellText,
    Record,
    Style,
    random_record,
    record_of,
)
from govreport_parse.testing.grids import Rendered, grids_of
from govreport_parse.testing.oracle import Expectation, Violation, judge
from govreport_parse.testing.render_html import FAMILIES, LAYOUTS, as_bytes, render_html
from govreport_parse.testing.render_text import DIALECTS, render_text
from govreport_parse.testing.script import glossed, mojibake_run, traditional

__all__ = [
    "DAMAGES",
    "DIALECTS",
    "FAMILIES",
    "LAYOUTS",
    "STYLES",
    "CellText",
    "Damaged",
    "Expectation",
    "Record",
    "Rendered",
    "Style",
    "Violation",
    "as_bytes",
    "damage",
    "glossed",
    "grids_of",
    "judge",
    "mojibake_run",
    "possible",
    "random_record",
    "record_of",
    "render_html",
    "render_text",
    "traditional",
]
