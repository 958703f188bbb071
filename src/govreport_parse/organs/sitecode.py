"""The ``SiteIDCode`` of a page: ten digits that begin with a division code."""

from __future__ import annotations

from dataclasses import dataclass

from govreport_parse.organs.divisions import (
    Division,
    Status,
    by_code,
    choose,
    newest,
    table,
)


@dataclass(frozen=True, slots=True)
class Site:
    """What the page's ``SiteIDCode`` says: a division in force in the year, or only an area."""

    division: Division | None = None
    code: str | None = None
    """The six digits where they are a known code, valid in the year or not."""

    @classmethod
    def of(cls, text: str | None, year: int | None) -> Site:
        """Read the content of the tag; anything but ten digits of a known place says nothing."""
        digits = (text or "").strip()
        if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
            return NO_SITE  # 政府网站标识码, bm… of ministries
        code = digits[:6]
        known = newest(code)
        if known is None:
            return NO_SITE
        division = by_code(code, year)
        if division is not None and year is not None and division.status(year) is Status.AFTER:
            division = None
        if division is None:
            # A site of today under a report of long ago: the place may only have a new code.
            same = table().by_name[known.name]
            then = [d for d in choose(same, year) if d.code[:2] == code[:2] and d.code != code]
            division = then[0] if len(then) == 1 and _renumbered(then[0], known) else None
        return cls(division, code)


def _renumbered(old: Division, new: Division) -> bool:
    return old.last - 1 <= new.first <= old.maybe_last


NO_SITE = Site()
