"""Public tools for testing: random reports in every dialect and layout, damages, and their judge.

record = random_record(random.Random(7), size="county")
page = render_html(record, "clean")
figures = {f.path: (f.state, f.value) for f in parse(page.text)...}
assert judge(page.expected, figures) == []
"""

from __future__ import annotations

from govreport_parse.testing.generate import (
    STYLES,
    CellText,
    Expectation,
    Record,
    Style,
    Violation,
    judge,
    random_record,
    record_of,
)
from govreport_parse.testing.grids import Rendered, grids_of
from govreport_parse.testing.render_html import LAYOUTS, render_html
from govreport_parse.testing.render_text import DIALECTS, render_text

__all__ = [
    "DIALECTS",
    "LAYOUTS",
    "STYLES",
    "CellText",
    "Expectation",
    "Record",
    "Rendered",
    "Style",
    "Violation",
    "grids_of",
    "judge",
    "random_record",
    "record_of",
    "render_html",
    "render_text",
]
