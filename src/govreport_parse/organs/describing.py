"""From all that is known of an organ to one code, or to none and why.

Order: the caller's code; the user's mapping; then the ``SiteIDCode`` of the page and the names in
organ and title, which must agree; the address, the metadata block and the text only help to tell
places of one name apart. Disagreement and doubt give no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from govreport_parse.errors import UsageError
from govreport_parse.organs.divisions import (
    Division,
    Status,
    Tier,
    by_code,
    full_name,
    newest,
    parent,
    table,
)
from govreport_parse.organs.doubts import SHOWN, conflict, disagreement, not_valid, unsure
from govreport_parse.organs.info import DivisionSource, Level, OrganInfo
from govreport_parse.organs.mapping import OrganMapping, mapping_of
from govreport_parse.organs.names import NameReading, plain_name, read_name
from govreport_parse.organs.shortnames import parts
from govreport_parse.organs.sitecode import Site
from govreport_parse.organs.words import is_zone, opens_without_place
from govreport_parse.text import fold
from govreport_parse.values import Finding

_LEVELS: dict[Tier, Level] = {
    Tier.PROVINCE: "province",
    Tier.PREFECTURE: "prefecture",
    Tier.COUNTY: "county",
}


@dataclass(slots=True)
class _Case:
    """What one call gathers."""

    year: int | None
    code: str | None = None
    source: DivisionSource | None = None
    candidates: tuple[Division, ...] = ()
    findings: list[Finding] = field(default_factory=list)

    def settle(self, code: str, source: DivisionSource) -> None:
        self.code, self.source = code, source


def describe_organ(
    name: str | None,
    *,
    year: int | None,
    url: str | None = None,
    title: str | None = None,
    site_code: str | None = None,
    texts: Iterable[str] = (),
    metadata: Mapping[str, str] | None = None,
    caller_code: str | None = None,
    mapping: OrganMapping | str | Path | None = None,
) -> OrganInfo:
    """Level, kind and division code of an organ in the year of its report.

    ``name`` as printed; ``site_code`` the content of ``<meta name="SiteIDCode">``; ``texts`` are
    read only where a name is not unique; ``metadata`` are the printed pairs (发布机构, 索引号 …);
    ``mapping`` is an ``OrganMapping`` or the path of its CSV file. Hosts are never guessed from
    their letters. Raises ``UsageError`` for a caller's code that is not six digits and for a
    broken mapping file.

    Findings: ``division_conflict`` (the evidence disagrees), ``division_unsure`` (no code, or one
    whose year is uncertain), ``division_not_valid_in_year``.
    """
    if caller_code is not None and not (
        len(caller_code) == 6 and caller_code.isascii() and caller_code.isdigit()
    ):
        raise UsageError(
            f"division code {caller_code!r} is not six digits",
            hint="GB/T 2260, for example 341722",
        )
    mapping = mapping_of(mapping)
    reading = _reading(name, year)
    case = _Case(year)
    given = caller_code or (mapping.code_of(name, url) if mapping is not None else None)
    if given is not None:
        _given(case, given, "caller" if caller_code else "mapping", reading)
    else:
        _found(case, reading, url, title, site_code, texts, metadata or {})
    return _info(case, name, reading)


def _reading(name: str | None, year: int | None) -> NameReading:
    if not name:
        return _NOTHING
    plain = plain_name(name)
    reading = read_name(plain, year)
    if not reading.divisions and (folded := fold(plain)) != plain:
        # Traditional script. Folding is no first choice: it alters some names.
        other = read_name(folded, year)
        return other if other.outcome != "none" or reading.outcome == "none" else reading
    return reading


_NOTHING = NameReading("", "none")

# -- codes that were given -------------------------------------------------------------------------


def _given(case: _Case, code: str, source: DivisionSource, reading: NameReading) -> None:
    case.settle(code, source)
    division = by_code(code, case.year)
    if division is None:
        case.findings.append(not_valid(code, newest(code), case.year))
    only = reading.one
    if only is not None and only.code != code:
        case.findings.append(conflict(source, code, "organ", only, case.year, severity="info"))


# -- codes that are found --------------------------------------------------------------------------


def _found(
    case: _Case,
    reading: NameReading,
    url: str | None,
    title: str | None,
    site_code: str | None,
    texts: Iterable[str],
    metadata: Mapping[str, str],
) -> None:
    if reading.outcome == "central":
        return
    site = Site.of(site_code, case.year)
    named, source = _named(case, reading, title, metadata)
    if named.outcome == "one":
        other = _titled(case, reading, title) if source == "organ" else None
        if other is not None and not _related(named.divisions[0], other):
            case.candidates = (named.divisions[0], other)
            case.findings.append(
                conflict("organ", named.divisions[0].code, "title", other, case.year)
            )
            return
        _settle_name(case, named.divisions[0], source, site)
    elif named.outcome in ("several", "outdated"):
        _tell_apart(case, named, site, title, url, metadata, texts)
    elif named.outcome == "unsure":
        _doubt(case, named, site)
    else:
        _by_site(case, reading, site, url, metadata)


def _named(
    case: _Case, organ: NameReading, title: str | None, metadata: Mapping[str, str]
) -> tuple[NameReading, DivisionSource]:
    """The name that counts: the organ's, else the title's, else the publisher's."""
    if organ.outcome != "none":
        return organ, "organ"
    if title and (place := _title_organ(title)):
        reading = _reading(place, case.year)
        if reading.outcome not in ("none", "central"):
            return _as_of(organ, reading), "title"
    for value in _publishers(metadata):
        reading = _reading(value, case.year)
        if reading.outcome not in ("none", "central"):
            return _as_of(organ, reading), "metadata"
    return organ, "organ"


def _titled(case: _Case, organ: NameReading, title: str | None) -> Division | None:
    """The division that the title names, where it does not just repeat the organ."""
    if not title or organ.text in title:
        return None
    place = _title_organ(title)
    return _reading(place, case.year).one if place else None


def _related(one: Division, other: Division) -> bool:
    return one.within(other) or other.within(one)


def _as_of(organ: NameReading, place: NameReading) -> NameReading:
    """A town can't have its code from a place that holds no towns."""
    if organ.town and place.one is not None and place.one.tier is not Tier.COUNTY:
        return NameReading(place.text, "unsure", place.divisions, True, level="township")
    return place


_TITLE_END = re.compile(
    r"(?:19|20)[0-9]{2}|二[〇○零]|政府信息|政务公开|政务信息|信息公开|的通知|年度报告"
)
_TITLE_LEAD = re.compile(r"^(?:关于|[《【\[(]|(?:19|20)[0-9]{2}年?度?|年度?)+")


def _title_organ(title: str) -> str:
    """What stands before the year and the words of a report's title."""
    plain = _TITLE_LEAD.sub("", plain_name(title[:120]))
    match = _TITLE_END.search(plain)
    return plain[: match.start()] if match else ""


_PUBLISHER = (
    "发布机构",
    "发文机构",
    "发文机关",
    "信息发布机构",
    "公开机构",
    "发布单位",
    "公开主体",
)


def _publishers(metadata: Mapping[str, str]) -> Iterable[str]:
    return (metadata[k] for k in _PUBLISHER if metadata.get(k)) if metadata else ()


def _settle_name(case: _Case, named: Division, source: DivisionSource, site: Site) -> None:
    year = case.year
    if year is not None and named.status(year) is Status.AFTER:
        case.candidates = (named,)
        case.findings.append(
            unsure(case.candidates, f"{named.name} ({named.code}) may have ended before {year}")
        )
        return
    there = site.division
    if there is not None and not named.within(there):
        case.candidates = (named, there)
        case.findings.append(conflict(source, named.code, "site_code", there, year))
        return
    case.settle(named.code, "site_code" if there is not None and there == named else source)
    if year is not None and named.status(year) is Status.BEFORE:
        case.findings.append(
            Finding(
                "division_unsure",
                "info",
                f"{named.name} ({named.code}) is listed from {named.first}; "
                f"whether it was in force in {year} the lists do not tell",
                f"{named.name}（{named.code}）{year}年是否已设立不确定",
                detail=(("code", named.code), ("listed_from", named.first)),
            )
        )


def _tell_apart(
    case: _Case,
    named: NameReading,
    site: Site,
    title: str | None,
    url: str | None,
    metadata: Mapping[str, str],
    texts: Iterable[str],
) -> None:
    """Several places of one name, or none in force in the year."""
    if named.outcome == "outdated":
        case.candidates = named.divisions
        for d in named.divisions[:1]:
            case.findings.append(not_valid(d.code, d, case.year))
        return
    left = named.divisions
    helps: list[tuple[DivisionSource, tuple[Division, ...]]] = []
    if site.division is not None:
        helps.append(("site_code", _inside(left, site.division)))
    if title and (place := _title_organ(title)):
        said = _reading(place, case.year)
        if said.one is not None:
            helps.append(("title", _inside(left, said.one)))
    for code, kind in _codes_beside(url, metadata):
        division = by_code(code, case.year)
        if division is not None:
            helps.append((kind, _inside(left, division)))
    for value in _publishers(metadata):
        said = _reading(value, case.year)
        if said.one is not None:
            helps.append(("metadata", _inside(left, said.one)))
    votes = {d[0].code: (kind, d[0]) for kind, d in reversed(helps) if len(d) == 1}
    against = [kind for kind, d in helps if not d]
    if not votes and not against and (mentioned := _mentioned(left, texts, case.year)):
        votes = {mentioned.code: ("text", mentioned)}
    case.candidates = left
    if len(votes) == 1 and not against:
        kind, division = next(iter(votes.values()))
        if division.status(case.year or division.first) is Status.AFTER:
            case.findings.append(unsure(case.candidates, f"{division.name} may have ended"))
            return
        case.candidates = ()
        case.settle(division.code, kind)
        return
    if len(votes) > 1 or (votes and against):
        case.findings.append(disagreement(named.text, case.candidates))
        return
    names = "、".join(full_name(d, case.year) for d in left[:SHOWN])
    case.findings.append(unsure(case.candidates, f"{named.text!r} can be {names}"))


def _inside(divisions: tuple[Division, ...], area: Division) -> tuple[Division, ...]:
    return tuple(d for d in divisions if d.within(area))


_CREDIT = re.compile(r"(?<![0-9A-Z])[159][0-9]([0-9]{6})[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")


def _codes_beside(
    url: str | None, metadata: Mapping[str, str]
) -> Iterable[tuple[str, DivisionSource]]:
    """Codes in the address (``area=``) and in the credit code of the index number."""
    if url and "area=" in url:
        try:
            areas = parse_qs(urlsplit(url).query).get("area", [])
        except ValueError:
            areas = []
        for area in areas:
            if len(area) == 6 and area.isascii() and area.isdigit():
                yield area, "url"
            elif match := _CREDIT.search(area):
                yield match[1], "url"
    for label, value in metadata.items():
        if "索引" in label and (match := _CREDIT.search(value)):
            yield match[1], "metadata"


def _mentioned(
    divisions: tuple[Division, ...], texts: Iterable[str], year: int | None
) -> Division | None:
    """The one place that the texts name together with its prefecture or province."""
    phrases: dict[str, set[str]] = {}
    for d in divisions:
        above = parent(d, year) or newest(d.province_code)
        if above is not None and above.code != d.code:
            for start in (above.name, parts(above.name)[0]):
                phrases.setdefault(start + d.name, set()).add(d.code)
    hits: set[str] = set()
    for text in texts:
        for phrase, codes in phrases.items():
            if phrase in text:
                hits |= codes
    found = [d for d in divisions if d.code in hits]
    return found[0] if len(found) == 1 else None


def _doubt(case: _Case, named: NameReading, site: Site) -> None:
    """A place is named, but not one whose code the organ could have.

    A place that is not in the table contradicts the site's code: then nothing is known. Only a
    zone may well lie where the site is.
    """
    case.candidates = named.divisions
    if not case.candidates and site.division is not None and is_zone(named.text):
        case.candidates = (site.division,)
    if case.candidates:
        what = case.candidates[0].name
        why = f"{named.text!r} lies in {what}, but names a place that is not in the table"
        case.findings.append(unsure(case.candidates, why))


def _by_site(
    case: _Case,
    reading: NameReading,
    site: Site,
    url: str | None,
    metadata: Mapping[str, str],
) -> None:
    """No name says where the organ is: the site's code, if it fits."""
    codes = (by_code(c, case.year) for c, _ in _codes_beside(url, metadata))
    beside = tuple(dict.fromkeys(d for d in codes if d is not None))
    division = site.division
    if division is None and site.code is not None:
        known = newest(site.code)
        case.candidates = (known,) if known else ()
        case.findings.append(not_valid(site.code, known, case.year))
    elif division is None:
        case.candidates = beside
        if beside:
            why = "only a number beside the report points to a place"
            case.findings.append(unsure(beside, why))
    elif any(d != division for d in beside):
        other = next(d for d in beside if d != division)
        case.candidates = (division, other)
        case.findings.append(conflict("site_code", division.code, "number", other, case.year))
    elif reading.town and division.tier is not Tier.COUNTY and not _seatless(division):
        case.candidates = (division,)
        why = f"the site is {division.name}'s, the organ a town"
        case.findings.append(unsure(case.candidates, why))
    elif reading.text and not reading.town and not opens_without_place(reading.text):
        case.candidates = (division,)
        why = f"{reading.text!r} may name a place; the site is {division.name}'s"
        case.findings.append(unsure(case.candidates, why))
    else:
        case.settle(division.code, "site_code")


def _seatless(division: Division) -> bool:
    return division.tier is Tier.PREFECTURE and division.code not in table().seated


# -- the answer ------------------------------------------------------------------------------------


def _info(case: _Case, name: str | None, reading: NameReading) -> OrganInfo:
    year = case.year
    division = None
    if case.code is not None:
        division = by_code(case.code, year) or newest(case.code)
    level = reading.level
    if level == "unknown" and division is not None and reading.outcome in ("none", "several"):
        level = _LEVELS[division.tier]
    around = division or _common(case.candidates)
    province = newest(around.province_code) if around else None
    above = None
    county = None
    if around is not None and around.tier is Tier.COUNTY:
        above, county = parent(around, year), around
    elif around is not None and around.tier is Tier.PREFECTURE:
        above = around
    return OrganInfo(
        name,
        plain_name(name) if name else None,
        level,
        reading.kind,
        case.code,
        case.source,
        ()
        if case.code is not None
        else tuple((d.code, full_name(d, year)) for d in case.candidates[:SHOWN]),
        division.name if division else None,
        province.name if province else None,
        above.name if above else None,
        county.name if county and case.code is not None else None,
        tuple(case.findings),
    )


def _common(divisions: tuple[Division, ...]) -> Division | None:
    """The smallest division that holds all candidates."""
    if not divisions:
        return None
    if len({d.code for d in divisions}) == 1:
        return divisions[0]
    if len({d.prefecture_code for d in divisions}) == 1 and divisions[0].prefecture_code:
        return newest(divisions[0].prefecture_code)
    if len({d.province_code for d in divisions}) == 1:
        return newest(divisions[0].province_code)
    return None
