"""A record as an HTML page in the layouts of the wild.

``clean`` is the official form with its true spans. Every layout shows all cells, so a reader of
the DOM must report every figure exactly unless ``Rendered.expected`` says otherwise.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping

from govreport_parse.errors import UsageError
from govreport_parse.testing.generate import Record
from govreport_parse.testing.grids import (
    Grid,
    GridCell,
    Piece,
    Rendered,
    article,
    expectations,
    grids_of,
)

LAYOUTS: Mapping[str, str] = {
    "clean": "official spans, bare cells",
}
"""Layout name to what it shows."""


def render_html(
    record: Record,
    layout: str = "clean",
    *,
    title: bool = True,
    trailer: bool = True,
    grids: tuple[Grid, ...] | None = None,
) -> Rendered:
    """The report as one HTML page in a layout of ``LAYOUTS`` (``UsageError`` for any other)."""
    if layout not in LAYOUTS:
        raise UsageError(f"no layout {layout!r}", hint=f"one of {', '.join(LAYOUTS)}")
    shown = grids if grids is not None else grids_of(record)
    pieces = article(record, shown, title=title, trailer=trailer)

    def rebuild(other: Record, changed: tuple[Grid, ...]) -> Rendered:
        return render_html(other, layout, title=title, trailer=trailer, grids=changed)

    return Rendered(
        text=_page(record, _BODIES[layout](pieces)),
        expected=expectations(record, shown),
        record=record,
        grids=shown,
        kind="html",
        name=layout,
        rebuild=rebuild,
    )


def _page(record: Record, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(record.title)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _spans(cell: GridCell) -> str:
    out = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    return out + (f' colspan="{cell.colspan}"' if cell.colspan > 1 else "")


def _clean(pieces: list[Piece]) -> str:
    return "\n".join(_clean_piece(p) for p in pieces)


def _clean_piece(piece: Piece) -> str:
    if piece.grid is not None:
        return _table(piece.grid, lambda c: html.escape(c.text, quote=False))
    text = html.escape(piece.text, quote=False)
    return f"<h1>{text}</h1>" if piece.kind == "title" else f"<p>{text}</p>"


def _table(grid: Grid, inner: Callable[[GridCell], str], attributes: str = ' border="1"') -> str:
    rows = "\n".join(
        "<tr>" + "".join(f"<td{_spans(c)}>{inner(c)}</td>" for c in row) + "</tr>"
        for row in grid.rows
    )
    return f"<table{attributes}>\n{rows}\n</table>"


_BODIES: Mapping[str, Callable[[list[Piece]], str]] = {
    "clean": _clean,
}
