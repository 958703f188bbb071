"""The table of divisions: code, name and years, read on first use.

``data/divisions.tsv`` tells where its facts come from and what its columns mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

FIRST_LIST_YEAR = 2003
LAST_LIST_YEAR = 2024
"""Years of the first and the last list. Later years are taken as the last one."""

_OPEN = 9999
_MUNICIPALITIES = frozenset(("11", "12", "31", "50"))


class Tier(IntEnum):
    """Level of a code."""

    PROVINCE = 1
    PREFECTURE = 2
    COUNTY = 3


class Status(IntEnum):
    """How a division stands in a year."""

    OUT = 0
    """Not in force."""
    AFTER = 1
    """Perhaps still in force: the lists do not tell when it ended."""
    BEFORE = 2
    """Perhaps already in force: the lists do not tell when it began."""
    PART = 3
    """In force on some day of the year, at its end not, or not certainly."""
    FULL = 4
    """In force at the end of the year."""


class Division(NamedTuple):
    """One code under one name.

    In force at the ends of ``first`` to ``last`` - 1, and on some day of ``last``; perhaps
    already from ``maybe_first`` and still in ``maybe_last``. ``last`` is 9999 while in force.
    """

    code: str
    name: str
    first: int
    last: int
    maybe_first: int
    maybe_last: int
    tier: Tier

    def status(self, year: int) -> Status:
        """How it stands in ``year``."""
        year = max(year, FIRST_LIST_YEAR)
        if self.first <= year < self.last:
            return Status.FULL
        if year == self.last:
            return Status.PART
        if self.maybe_first <= year < self.first:
            return Status.BEFORE
        return Status.AFTER if self.last < year <= self.maybe_last else Status.OUT

    @property
    def province_code(self) -> str:
        """Code of the province (its own for a province)."""
        return self.code[:2] + "0000"

    @property
    def prefecture_code(self) -> str | None:
        """Code of the prefecture; none in municipalities and directly under a province."""
        if self.tier is Tier.PROVINCE or self.code[:2] in _MUNICIPALITIES:
            return None
        return None if self.code[2:4] == "90" else self.code[:4] + "00"

    def within(self, other: Division) -> bool:
        """Whether it is ``other`` or lies in it."""
        if other.tier is Tier.PROVINCE:
            return self.code[:2] == other.code[:2]
        if other.tier is Tier.PREFECTURE:
            return self.code[:4] == other.code[:4]
        return self.code == other.code


class Table(NamedTuple):
    """All records in the order of their codes, by code and by name, and the unofficial zones."""

    records: tuple[Division, ...]
    by_code: dict[str, tuple[Division, ...]]
    by_name: dict[str, tuple[Division, ...]]
    zones: dict[str, str]
    seated: frozenset[str]
    """Prefectures that have counties (东莞 and its like have none)."""


class _Years(dict[str, tuple[int, int]]):
    """Fields as numbers, each read once: 2016, or 2015?2016."""

    def __missing__(self, field: str) -> tuple[int, int]:
        one, _, two = field.partition("?")
        self[field] = years = int(one), int(two or one)
        return years


@cache
def table() -> Table:
    """The table (about 15 ms, once)."""
    path = resources.files("govreport_parse") / "data" / "divisions.tsv"
    records: list[Division] = []
    zones: dict[str, str] = {}
    years = _Years()
    provinces, prefectures, counties = Tier.PROVINCE, Tier.PREFECTURE, Tier.COUNTY
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[0] == "#":
            continue
        parts = line.split("\t")
        code, name = parts[0], parts[1]
        if code[4] == "7":
            zones[code] = name
            continue
        maybe_first, first = years[parts[2]]
        last, maybe_last = years[parts[3]] if len(parts) > 3 else (_OPEN, _OPEN)
        tier = counties if code[4:] != "00" else prefectures if code[2:4] != "00" else provinces
        records.append(Division(code, name, first, last, maybe_first, maybe_last, tier))
    return Table(
        tuple(records),
        _grouped((d.code, d) for d in records),
        _grouped((d.name, d) for d in records),
        zones,
        frozenset(d.code[:4] + "00" for d in records if d.tier is counties),
    )


def _grouped(pairs: Iterable[tuple[str, Division]]) -> dict[str, tuple[Division, ...]]:
    out: dict[str, list[Division]] = {}
    for key, division in pairs:
        out.setdefault(key, []).append(division)
    return {key: tuple(found) for key, found in out.items()}


def all_divisions() -> tuple[Division, ...]:
    """Every record of the table."""
    return table().records


def divisions_in(year: int) -> Iterator[Division]:
    """The divisions in force at the end of ``year``, in the order of their codes."""
    return (d for d in table().records if d.status(year) is Status.FULL)


def is_municipality(division: Division) -> bool:
    """Whether it is one of the four cities under the central government."""
    return division.code[2:] == "0000" and division.code[:2] in _MUNICIPALITIES


@lru_cache(maxsize=16384)
def by_code(code: str, year: int | None) -> Division | None:
    """The division of a code in ``year``, under the name that holds best; ``None`` if unknown.

    Without a year the newest name.
    """
    records = table().by_code.get(code)
    if not records:
        return None
    if year is None:
        return max(records, key=lambda d: (d.last, d.first))
    best = max(records, key=lambda d: (d.status(year), d.first))
    return best if best.status(year) is not Status.OUT else None


def newest(code: str) -> Division | None:
    """The division of a code under its last name, in force or not."""
    return by_code(code, None)


def parent(division: Division, year: int | None) -> Division | None:
    """The prefecture of a county, as it is named in ``year``."""
    code = division.prefecture_code
    if code is None or division.tier is not Tier.COUNTY:
        return None
    return by_code(code, year) or newest(code)


def full_name(division: Division, year: int | None) -> str:
    """Province, prefecture and county in one: 安徽省池州市石台县."""
    if division.tier is Tier.PROVINCE:
        return division.name
    province = newest(division.province_code)
    above = parent(division, year)
    names = [province.name if province else "", above.name if above else "", division.name]
    return "".join(names)


def choose(found: Iterable[Division], year: int | None) -> tuple[Division, ...]:
    """Those of the divisions found under one name that can be meant in ``year``.

    One record a code. Where a place only changed its code (同名, same province), the new code
    displaces the old one from the end of the year on for which the new one is certain.
    """
    if year is None:
        return tuple({d.code: d for d in sorted(found, key=lambda d: d.first)}.values())
    held = [(d, s) for d in found if (s := d.status(year)) is not Status.OUT]
    if len(held) <= 1:
        return tuple(d for d, _ in held)
    new = [d for d, s in held if s is Status.FULL]
    held = [
        (d, s) for d, s in held if s is Status.FULL or not any(_follows(n, d, year) for n in new)
    ]
    best: dict[str, Division] = {}
    for d, _ in sorted(held, key=lambda pair: pair[1]):
        best[d.code] = d
    return tuple(best.values())


def _follows(new: Division, old: Division, year: int) -> bool:
    """``new`` is the same place as ``old`` under its new code, at the end of ``year``."""
    return (
        new.code != old.code
        and new.name == old.name
        and new.code[:2] == old.code[:2]
        and old.last <= year
        and old.last - 1 <= new.first <= old.maybe_last
    )
