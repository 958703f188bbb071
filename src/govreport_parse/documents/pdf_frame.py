"""From PDF user space to points from the upper left corner of the page as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from govreport_parse.documents.pdf_api import Api
from govreport_parse.documents.pdf_letters import Boxes
from govreport_parse.documents.pdf_marks import Char
from govreport_parse.documents.ruling import Piece


class Frame:
    """From PDF user space to points from the upper left corner of the shown page."""

    def __init__(self, api: Api, page: Any) -> None:
        box = api.raw.FS_RECTF()
        api.raw.FPDF_GetPageBoundingBox(page, box)
        self.left: float = box.left
        self.bottom: float = box.bottom
        self.right: float = box.right
        self.top: float = box.top
        self._size: tuple[float, float] = (self.right - self.left, self.top - self.bottom)
        self.quarter: int = api.raw.FPDFPage_GetRotation(page) % 4

    def turn(self, quarter: int) -> None:
        """Show the page so that its text, drawn in this direction, runs from left to right."""
        # The direction of the writing wins over /Rotate: both agree on a sane page.
        self.quarter = quarter

    @property
    def width(self) -> float:
        """Width as shown."""
        return self._size[self.quarter % 2]

    @property
    def height(self) -> float:
        """Height as shown."""
        return self._size[1 - self.quarter % 2]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the page in user space."""
        return self.left, self.bottom, self.right, self.top

    def chars(self, letters: Sequence[str], boxes: Boxes) -> list[Char]:
        """Characters as shown, without those that PDFium makes up (their boxes are empty)."""
        lefts, tops, rights, bottoms = boxes
        x, y, x_end, y_end = self.left, self.bottom, self.right, self.top
        if self.quarter == 0:
            y0, y1 = [y_end - t for t in tops], [y_end - b for b in bottoms]
            x0, x1 = lefts, rights
            if x:
                x0, x1 = [a - x for a in lefts], [b - x for b in rights]
        elif self.quarter == 1:  # text runs downwards
            x0, x1 = [y_end - t for t in tops], [y_end - b for b in bottoms]
            y0, y1 = [x_end - b for b in rights], [x_end - a for a in lefts]
        elif self.quarter == 2:
            x0, x1 = [x_end - b for b in rights], [x_end - a for a in lefts]
            y0, y1 = [b - y for b in bottoms], [t - y for t in tops]
        else:
            x0, x1 = [b - y for b in bottoms], [t - y for t in tops]
            y0, y1 = [a - x for a in lefts], [b - x for b in rights]
        return [c for c in zip(letters, x0, x1, y0, y1, strict=True) if c[1] != c[2]]

    def rulings(
        self, horizontal: list[Piece], vertical: list[Piece]
    ) -> tuple[list[Piece], list[Piece]]:
        """Rulings (y, x0, x1 and x, y0, y1 in user space) as shown."""
        left, bottom, right, top = self.left, self.bottom, self.right, self.top
        if self.quarter == 0:
            return (
                [(top - y, a - left, b - left) for y, a, b in horizontal],
                [(x - left, top - b, top - a) for x, a, b in vertical],
            )
        if self.quarter == 1:
            return (
                [(right - x, top - b, top - a) for x, a, b in vertical],
                [(top - y, right - b, right - a) for y, a, b in horizontal],
            )
        if self.quarter == 2:
            return (
                [(y - bottom, right - b, right - a) for y, a, b in horizontal],
                [(right - x, a - bottom, b - bottom) for x, a, b in vertical],
            )
        return (
            [(x - left, a - bottom, b - bottom) for x, a, b in vertical],
            [(y - bottom, a - left, b - left) for y, a, b in horizontal],
        )
