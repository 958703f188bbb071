"""Reading an organ's name: the division it names, and what stands behind that.

The places stand at the front, from the largest to the smallest, each full, short or bare
(安徽省池州市石台县…, 池州石台县…, 石台县…). All readings are tried; the one that takes in most of
the name counts. Nothing is taken from the middle of a name but the seat of a branch (…黄浦分局).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from govreport_parse.organs.divisions import Division, Status, Tier, choose, is_municipality, table
from govreport_parse.organs.info import Kind, Level
from govreport_parse.organs.shortnames import Form, entries
from govreport_parse.organs.words import (
    OFFICE_OF_FIELD,
    cannot_follow,
    is_central,
    is_town,
    is_zone,
    kind_of,
    names_place,
    names_unknown_place,
    system_of,
    without_lead,
)

Outcome = Literal["none", "one", "several", "outdated", "unsure", "central"]


@dataclass(frozen=True, slots=True)
class NameReading:
    """What a name says.

    ``outcome``: ``one`` division; ``several`` of that name; ``outdated`` (none in force in the
    year); ``unsure`` (a further place behind the one read, or one that is not in the table);
    ``none`` (no place is named); ``central``. ``divisions`` are those that can be meant.
    ``town``: the organ is a town or street in the division, whose name alone it may print.
    """

    text: str
    outcome: Outcome
    divisions: tuple[Division, ...] = ()
    town: bool = False
    kind: Kind = "other"
    level: Level = "unknown"
    rest: str = ""

    @property
    def one(self) -> Division | None:
        """The division, where it is certain."""
        return self.divisions[0] if self.outcome == "one" else None


_XIONGAN = re.compile(r"^(?:河北省?)?(?:保定市)?雄安新区(雄县|容城县|安新县)")
"""The new area has no code of its own; its counties have kept theirs."""


class _Reading(NamedTuple):
    end: int
    division: Division
    form: Form
    led: bool
    """A larger place stands before it."""


def plain_name(name: str) -> str:
    """The name without white space, wide signs and brackets around it."""
    return "".join(name.split()).translate(_WIDTH).strip("\"'《》“”【】[]<>,.;:·-—、")


_WIDTH = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {
    0x200B: None, 0xFEFF: None, 0x2060: None,
}  # fmt: skip

MAX_NAME = 120
"""Characters of a name that are looked at."""


@lru_cache(maxsize=8192)
def read_name(name: str, year: int | None) -> NameReading:
    """Read one name (already plain). Pure; linear in its length."""
    text = without_lead(name[:MAX_NAME])
    if is_central(text):
        return NameReading(text, "central", kind="department", level="central")
    system = system_of(text)
    body = _XIONGAN.sub(r"河北省\1", text[len(system) :])
    best = _longest(body)
    if not best and body[:1] == "原":  # but 原平市, 原阳县
        body = body[1:]
        best = _longest(body)
    if not best:
        return _without_place(body)
    end = best[0].end
    rest = body[end:]
    if rest.endswith("厅"):  # only provinces have one (河南 is not 河南蒙古族自治县 here)
        best = [r for r in best if r.division.tier is Tier.PROVINCE] or best
    found, chosen = _meant(best, year)
    town = is_town(rest)
    return _judged(body, rest, best, found, chosen, town=town, year=year)


def _without_place(body: str) -> NameReading:
    """No place of the table stands at the front: either none is named, or one we do not know."""
    town = is_town(body)
    # A town's own name may end in such a sign (杨市镇).
    before = _BEFORE_TOWN.sub("", body)
    unknown = names_place(before) if town else names_unknown_place(before) or is_zone(body)
    return NameReading(
        body,
        "unsure" if unknown else "none",
        town=town,
        kind=kind_of(_behind_unknown(body), town=town),
        level="township" if town else _level_by_ending(body) if unknown else "unknown",
        rest=body,
    )


_BEFORE_TOWN = re.compile(r"[县区市旗州盟](?=镇|乡|街道)")
_ENDING = re.compile(r"^[^县区旗盟省]{1,12}?(自治州|县|区|旗|盟|省)")


def _level_by_ending(body: str) -> Level:
    match = None if is_zone(body) else _ENDING.match(body)
    if match is None:
        return "unknown"
    if match[1] == "省":
        return "province"
    return "prefecture" if match[1] in ("自治州", "盟") else "county"


def _behind_unknown(body: str) -> str:
    for mark in ("人民政府", "政府"):
        if body.endswith(mark):
            return mark
    return body


def _longest(body: str) -> list[_Reading]:
    """The readings that take in most of the name."""
    best: list[_Reading] = []
    for reading in _readings(body, 0, None):
        if best and reading.end > best[0].end:
            best = []
        if not best or reading.end == best[0].end:
            best.append(reading)
    return best


def _readings(body: str, at: int, above: Division | None) -> Iterator[_Reading]:
    index = entries()
    for text, form, division in index.get(body[at : at + 2], ()):
        if not body.startswith(text, at):
            continue
        if above is not None and not (division.tier > above.tier and division.within(above)):
            continue
        end = at + len(text)
        deeper = False
        if division.tier is not Tier.COUNTY:
            for reading in _readings(body, end, division):
                deeper = True
                yield reading
        if not deeper and _stands(body, end, text, form):
            yield _Reading(end, division, form, above is not None)


def _stands(body: str, end: int, text: str, form: Form) -> bool:
    """Whether the place read can end here, given what follows."""
    rest = body[end:]
    if form is Form.BARE:
        return OFFICE_OF_FIELD.match(rest) is not None
    return not cannot_follow(text, rest)


def _meant(
    best: list[_Reading], year: int | None
) -> tuple[tuple[Division, ...], tuple[Division, ...]]:
    """The divisions that are read, and those of them that can be meant in the year.

    Fuller forms displace barer ones that take in just as much, unless they go out in the year
    (沙县 is 沙县区 at the end of 2021).
    """
    top = max(r.form for r in best)
    found = tuple(dict.fromkeys(r.division for r in best if r.form is top))
    chosen = choose(found, year)
    if len(best) == 1 or year is None or all(d.status(year) is Status.FULL for d in chosen):
        return found, chosen
    barer = tuple(dict.fromkeys(r.division for r in best if r.form is not top))
    heirs = [d for d in choose(barer, year) if d.status(year) is Status.FULL]
    return found, (*chosen, *(d for d in heirs if d.code not in {c.code for c in chosen}))


_LEVELS: dict[Tier, Level] = {
    Tier.PROVINCE: "province",
    Tier.PREFECTURE: "prefecture",
    Tier.COUNTY: "county",
}


def _judged(
    body: str,
    rest: str,
    best: list[_Reading],
    found: tuple[Division, ...],
    chosen: tuple[Division, ...],
    *,
    town: bool,
    year: int | None,
) -> NameReading:
    tiers = {d.tier for d in (chosen or found)}
    level: Level = _LEVELS[tiers.pop()] if len(tiers) == 1 else "unknown"
    kind = kind_of(rest, town=town)
    if not chosen:
        return NameReading(body, "outdated", found, town, kind, "township" if town else level, rest)
    # 城区, 东区 and the like are also what towns and unofficial parts of cities are called.
    # So are the bare names of districts.
    vague = (
        chosen[0].name[-1] == "区"
        and not best[0].led
        and (len(chosen[0].name) == 2 or best[0].form is Form.BARE)
    )
    outcome: Outcome = "one" if len(chosen) == 1 and not vague else "several"
    if outcome == "one":
        only = chosen[0]
        if town:
            outcome = "one" if _holds_towns(only) else "unsure"
        elif rest:
            seat = _seat(only, rest, year)
            if seat is not None:
                return NameReading(body, "one", (seat,), False, kind, "county", rest)
            if names_unknown_place(rest) or (
                only.tier is not Tier.COUNTY and ("分局" in rest or _opens_with_place(only, rest))
            ):
                outcome = "unsure"
    if town:
        level = "township"
    elif outcome == "unsure":
        level = "unknown"
    return NameReading(body, outcome, chosen, town, kind, level, rest)


def _holds_towns(division: Division) -> bool:
    """Towns lie in counties, and in the few prefectures that have none (东莞)."""
    if division.tier is Tier.PREFECTURE:
        return division.code not in table().seated
    return division.tier is Tier.COUNTY


_MARKS = "()[]【】《》「」“”‘’\"'、,/·:;-—–~|＿_"


def _opens_with_place(above: Division, rest: str) -> bool:
    """Whether a smaller place seems to be named, though not as an organ's names are (南通监狱,
    or behind a mark: （鞍山市）海城市水利局, where 城市水利 is no work)."""
    rest = rest.lstrip(_MARKS)
    return any(
        rest.startswith(text) and division.tier > above.tier and division.within(above)
        for text, _, division in entries().get(rest[:2], ())
    )


_BRANCHES = ("分局", "支局", "税务局", "税务所", "支队", "大队", "派出所", "管理部", "分中心")


def _seat(above: Division, rest: str, year: int | None) -> Division | None:
    """The one county that the rest names (公安局黄浦分局, …石台县分局)."""
    if above.tier is Tier.COUNTY or (above.tier is Tier.PROVINCE and not is_municipality(above)):
        return None
    if not any(b in rest for b in _BRANCHES):
        return None
    index = entries()
    hits: dict[str, tuple[Division, ...]] = {}
    for at in range(len(rest) - 1):
        for text, form, division in index.get(rest[at : at + 2], ()):
            if (
                division.tier is Tier.COUNTY
                and division.within(above)
                and rest.startswith(text, at)
                and (form is not Form.BARE or rest.startswith(_BRANCHES, at + len(text)))
            ):
                hits[text] = (*hits.get(text, ()), division)
    chosen = {d.code: d for found in hits.values() for d in choose(found, year)}
    return next(iter(chosen.values())) if len(chosen) == 1 else None
