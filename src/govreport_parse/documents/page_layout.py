"""Characters and rulings of one page -> the pieces of tables and the lines of text on it."""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.documents.pdf_marks import (
    Char,
    has_loose_digits,
    without_struck,
    without_watermarks,
)
from govreport_parse.documents.pdf_page import (
    Page,
    build_runs,
    lines_of,
    piece_of,
    place_runs,
    without_frames,
)
from govreport_parse.documents.ruling import Grid, Piece


def lay_out(
    page: Page, chars: list[Char], horizontal: Sequence[Piece], grids: Sequence[Grid]
) -> None:
    """Fill in the page's tables, lines, and what was left out of them.

    ``horizontal``: rulings, those off the grids too, which may strike text out.
    """
    grids = without_frames(sorted(grids, key=_area))
    chars, page.struck = without_struck(chars, horizontal, grids)
    runs, large = without_watermarks(build_runs(chars), grids)
    page.watermark += large
    page.has_loose_digits = bool(grids) and has_loose_digits(runs)
    inside, outside = place_runs(runs, grids, page.height)
    page.pieces = sorted(
        (piece_of(g, cells, page.number) for g, cells in zip(grids, inside, strict=True)),
        key=lambda piece: (piece.ys[0], piece.xs[0]),
    )
    page.lines = lines_of(outside)


def _area(grid: Grid) -> float:
    left, top, right, bottom = grid.bbox
    return (right - left) * (bottom - top)
