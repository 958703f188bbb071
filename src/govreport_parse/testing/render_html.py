"""A record as an HTML page: a layout of the tables inside the page of a CMS family.

Every layout shows all cells, so a reader of the DOM must report every figure exactly unless
``Rendered.expected`` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from govreport_parse.errors import UsageError
from govreport_parse.source import Source
from govreport_parse.testing import chrome
from govreport_parse.testing.generate import Record
from govreport_parse.testing.grids import Grid, Rendered, article, expectations, grids_of
from govreport_parse.testing.layouts import BODIES, escaped
from govreport_parse.testing.oracle import Expectation, place_lost
from govreport_parse.testing.render_text import DIALECTS, render_text

LAYOUTS: Mapping[str, str] = {
    "clean": "official spans, bare cells",
    "paragraphs": "cells as <p>, 结果<br/>纠正, blanks &nbsp;",
    "spaced": "as paragraphs, with white space around <p>",
    "word": "exported by Word: MsoNormal, o:p, a span a run, digits and unit in separate spans",
    "nested": "the article in layout tables, a menu table beside it",
    "wrapped": "the whole article in one cell",
    "split": "table 3 cut in two tables, the second without a header",
    "one_table": "headings and all three tables in one table",
    "no_rowspan": "no rowspan, group labels repeated in each row",
    "no_rowspan_empty": "no rowspan, blank cells below a group label",
    "eight_columns": "自然人 spans two columns: eight grid columns for seven figures",
    "shifted_spans": "header and figures span unlike columns (table 3; table 2 of 2019)",
    "div_headings": "headings broken over font and span, text in div",
    "group_inline": "group name and row label in one cell",
    "text_in_html": "no table: pipe text in <p> lines",
    "text_in_br": "no table: pipe text in lines of <br>",
}
"""Layout name to what it shows."""

FAMILIES = tuple(chrome.FAMILIES)
"""CMS families that ``render_html`` knows."""


def render_html(
    record: Record,
    layout: str = "clean",
    family: str | None = None,
    encoding: str = "utf-8",
    *,
    dialect: str = "B",
    size: int | None = None,
    title: bool = True,
    trailer: bool = True,
    grids: tuple[Grid, ...] | None = None,
) -> Rendered:
    """The report as one HTML page.

    ``layout`` is one of ``LAYOUTS``, ``family`` one of ``FAMILIES`` or ``None`` (no page around
    the article); ``UsageError`` for anything else. ``encoding`` is the label in the page, see
    ``as_bytes``. ``dialect`` is the text dialect of ``text_in_html`` and ``text_in_br``. ``size``
    grows the page to about so many bytes (style attributes, then a base64 picture): 160_000 and
    1_500_000 are the sizes of the benchmarks.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"no layout {layout!r}", hint=f"one of {', '.join(LAYOUTS)}")
    if family is not None and family not in chrome.FAMILIES:
        raise UsageError(f"no family {family!r}", hint=f"one of {', '.join(FAMILIES)}")
    if dialect not in DIALECTS:
        raise UsageError(f"no dialect {dialect!r}", hint=f"one of {', '.join(DIALECTS)}")
    shown = grids if grids is not None else grids_of(record)
    if layout.startswith("text_in"):
        source = render_text(record, dialect, title=title, trailer=trailer, grids=shown)
        body, expected = _lines(source.text, layout), dict(source.expected)
        if dialect == "tabs":  # white space is one blank in HTML: a row's empty slots may be lost
            spaced = render_text(record, "spaces", title=title, trailer=trailer, grids=shown)
            expected = {p: e | spaced.expected[p] for p, e in expected.items()}
    else:
        body = BODIES[layout](article(record, shown, title=title, trailer=trailer))
        expected = _expected(record, shown, layout)
    text = chrome.page(record, body, family, encoding)

    def rebuild(other: Record, changed: tuple[Grid, ...]) -> Rendered:
        return render_html(
            other,
            layout,
            family,
            encoding,
            dialect=dialect,
            size=size,
            title=title,
            trailer=trailer,
            grids=changed,
        )

    return Rendered(
        text=chrome.grown(text, size) if size else text,
        expected=expected,
        record=record,
        grids=shown,
        kind="html",
        name=layout,
        rebuild=rebuild,
    )


def _lines(text: str, layout: str) -> str:
    lines = [escaped(line) for line in text.split("\n")]
    if layout == "text_in_br":
        return "<div>" + "<br/>\n".join(lines) + "</div>"
    return "\n".join(f"<p>{line}</p>" for line in lines)


def _expected(record: Record, grids: tuple[Grid, ...], layout: str) -> dict[str, Expectation]:
    out = expectations(record, grids)
    if layout == "shifted_spans":
        # Grid columns contradict each other here: refusing is as honest as reading by order.
        for path in out:
            if path.startswith("requests/") and path.endswith(("/natural_person", "/business")):
                out[path] |= place_lost(record.cells[path])
    return out


_CHARSET = re.compile(r'<meta charset="[^"]*">')


def as_bytes(
    page: str, encoding: str, declared: str | None = None, http: str | None = None
) -> Source:
    """A page as received: encoded in ``encoding``, labelled as told, truthfully or not.

    ``declared`` replaces the label in ``<meta charset>`` (``""`` removes it; ``None``: the truth),
    ``http`` is the charset of the Content-Type header (``None``: a header without charset).
    Characters that the encoding lacks become references (``&#8226;``).
    """
    label = encoding if declared is None else declared
    marked = _CHARSET.sub(f'<meta charset="{label}">' if label else "", page, count=1)
    header = "text/html" + (f"; charset={http}" if http else "")
    return Source(marked.encode(encoding, "xmlcharrefreplace"), "<generated>", None, header)
