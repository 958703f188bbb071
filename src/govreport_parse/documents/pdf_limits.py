"""Bounds of a PDF, checked before the step that would cost (RELIABILITY.md E1)."""

from __future__ import annotations

from dataclasses import dataclass

from govreport_parse.errors import LimitExceededError


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What one PDF may hold. A real report has 3 to 30 pages and under 50,000 characters."""

    max_bytes: int = 64 * 2**20
    max_pages: int = 300
    max_objects: int = 300_000
    """Drawn objects of all pages, those inside forms counted each time they are drawn."""
    max_characters: int = 1_000_000
    max_stream_bytes: int = 64 * 2**20
    """Sum of all inflated streams that are not pictures."""
    max_grid_places: int = 100_000
    """Rows times columns of one grid of rulings, in points where rulings cross."""


def exceeded(what: str, found: int, limit: int) -> LimitExceededError:
    """The error for one bound."""
    return LimitExceededError(
        f"the PDF has too many {what}: {found}, {limit} allowed",
        hint="a report has some 30 pages: cut its pages out into a PDF of their own, or print them "
        "to a new one",
        context={"what": what, "found": found, "limit": limit},
    )


class Budget:
    """What has been used of the limits of one document."""

    def __init__(self, limits: PdfLimits, layers: bool = True) -> None:
        self.limits = limits
        self.layers = layers
        self.objects = 0
        self.characters = 0
        self.drawn = 0
        """Pages that were drawn to see whether their digits are seen."""

    def add_objects(self, count: int) -> None:
        """Count drawn objects; raises ``LimitExceededError``."""
        self.objects += count
        if self.objects > self.limits.max_objects:
            raise exceeded("objects", self.objects, self.limits.max_objects)

    def add_characters(self, count: int) -> None:
        """Count characters; raises ``LimitExceededError``."""
        self.characters += count
        if self.characters > self.limits.max_characters:
            raise exceeded("characters", self.characters, self.limits.max_characters)
