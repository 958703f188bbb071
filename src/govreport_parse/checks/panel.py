"""Year against year: soft observations on reports of one organ, each naming the reports.

In: any number of reports. Out: ``PanelFinding`` records. Nothing is called wrong: organs merge,
lists are cleaned, rules of counting change. Reports are grouped by organ name (width and white
space aside) and division code; a report without a code joins the one code that this name has.
A name that names no place is compared with nothing, since 教育局 of two counties are two organs.

Codes and rules:

=========================  ======================================================================
``carry_over``             carried in (year) against carried forward (year - 1), each column
``items_prior_year``       上一年项目数量 of 2020 against 上一年项目数量 + 本年增/减 of 2019
``stock``                  现行有效件数 against that of the year before + 制发 - 废止 (``info``: it
                           failed in half of the pairs seen, mostly by clean-ups)
``rules_below_prefecture`` 规章 in a report below prefecture level, which has no power to make them
``jump``                   a count that is far from more than half of the organ's other years:
                           ten times as much or as little (10 added to both, so that small numbers
                           may jump) and 100 apart
``unit_jump``              an amount 5,000 to 20,000 times those of more than half of the other
                           years, or as little: 元 against 万元
``duplicate_report``       several reports of one organ and year; with different figures the year
                           is compared with no other
``organ_unclear``          reports that could not be put under one organ
=========================  ======================================================================

Blanks count as 0 only beside a number in the same row. What is absent or doubtful is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median_low
from typing import Any

from govreport_parse.errors import UsageError
from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.numbers import to_wan_yuan
from govreport_parse.report import Report
from govreport_parse.text import label_key
from govreport_parse.values import EMPTY, VALUED, Number, Severity, json_number

RATIO = 10
"""How many times another year's count is far."""
APART = 100
"""How far apart the two must be besides."""
CUSHION = 10
UNIT_RATIOS = (5_000, 20_000)
LOW_LEVELS = frozenset({"county", "township"})
_PLACE = re.compile(
    "[\u4e00-\u9fff](?<!城)(?<!社)(?<!园)(?<!地)(?<!郊)[省市县区州盟旗乡镇]|街道|国家|国务院|中国|总局"
)
"""A name without any of these tells no place: 城市管理局, 市场监督管理局."""


@dataclass(frozen=True, slots=True)
class PanelFinding:
    """One observation over reports of one organ. ``report_ids`` and ``years`` run in parallel."""

    code: str
    severity: Severity
    message: str
    message_zh: str
    report_ids: tuple[str, ...]
    years: tuple[int | None, ...]
    organ: str | None
    division_code: str | None
    figures: tuple[str, ...] = ()
    detail: tuple[tuple[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "message_zh": self.message_zh,
            "report_ids": list(self.report_ids),
            "years": list(self.years),
            "organ": self.organ,
            "division_code": self.division_code,
            "figures": list(self.figures),
            "detail": dict(self.detail),
        }


def check_panel(
    reports: Iterable[Report], levels: Mapping[str, str] | None = None
) -> list[PanelFinding]:
    """All observations, organ by organ, the years in order; the order of input plays no part.

    ``levels``: report id or organ name to level (``central``, ``province``, ``prefecture``,
    ``county``, ``township``); it wins over the report's own ``organ_level``. An unknown level
    says nothing about rules.
    """
    if levels is not None and not isinstance(levels, Mapping):
        raise UsageError(
            f"levels are a mapping, not {type(levels).__name__}",
            hint='give {"organ or report id": "county"}',
        )
    everything = sorted(_all(reports), key=lambda r: (r.year or 0, r.report_id))
    groups, unclear = _grouped(everything)
    out: list[PanelFinding] = []
    for key in sorted(groups):
        members = groups[key]
        years, doubles = _by_year(members)
        out += doubles
        for report in members:
            out += _rules(report, _level(report, levels))
        for earlier, later in pairwise(years):
            if earlier.year is not None and later.year == earlier.year + 1:
                out += _pair(earlier, later)
        out += _jumps(years)
    if unclear:
        out.append(_unclear(unclear))
    return out


def _all(reports: Iterable[Report]) -> Iterator[Report]:
    if not isinstance(reports, Iterable):
        raise UsageError(
            f"reports are many, not one {type(reports).__name__}", hint="give a list of reports"
        )
    for report in reports:
        if not isinstance(report, Report):
            raise UsageError(
                f"a panel is made of reports, not of {type(report).__name__}",
                hint="leave failures out of what parse_many gives",
            )
        yield report
        yield from report.others


# -- grouping --------------------------------------------------------------------------------------

_Group = tuple[str, str]


def _grouped(reports: Sequence[Report]) -> tuple[dict[_Group, list[Report]], list[Report]]:
    names = [label_key(r.organ) if r.organ else "" for r in reports]
    codes: dict[str, set[str]] = {}
    for name, report in zip(names, reports, strict=True):
        if report.division_code:
            codes.setdefault(name, set()).add(report.division_code)
    groups: dict[_Group, list[Report]] = {}
    unclear: list[Report] = []
    for name, report in zip(names, reports, strict=True):
        known = codes.get(name, set())
        code = report.division_code or (next(iter(known)) if len(known) == 1 else "")
        is_placed = bool(code) or (not known and _PLACE.search(name) is not None)
        if not name or report.year is None or not is_placed:
            unclear.append(report)
        else:
            groups.setdefault((name, code), []).append(report)
    return groups, unclear


def _unclear(reports: Sequence[Report]) -> PanelFinding:
    return PanelFinding(
        "organ_unclear",
        "info",
        f"{len(reports)} reports were compared with no other year: organ, place or year unknown",
        f"{len(reports)}份报告因机关、区划或年度不明未作跨年比较",
        tuple(r.report_id for r in reports),
        tuple(r.year for r in reports),
        None,
        None,
    )


def _by_year(members: Sequence[Report]) -> tuple[list[Report], list[PanelFinding]]:
    """One report a year, and what is said of years with several."""
    by_year: dict[int, list[Report]] = {}
    for report in members:
        assert report.year is not None
        by_year.setdefault(report.year, []).append(report)
    years: list[Report] = []
    findings: list[PanelFinding] = []
    for year, same in sorted(by_year.items()):
        if len(same) == 1:
            years += same
            continue
        differing = [
            p
            for p in same[0].layout.paths
            if len({_shown(r, p) for r in same if p in r.layout.index}) > 1
        ]
        is_same = not differing and len({r.layout.paths for r in same}) == 1
        if is_same:
            years.append(same[0])
        findings.append(
            _finding(
                "duplicate_report",
                "info" if is_same else "warning",
                f"{len(same)} reports of {year}"
                + (" with the same figures" if is_same else ": their figures differ, so the year is"
                   " compared with no other"),
                f"{year}年度有{len(same)}份报告" + ("，数据相同" if is_same else "，数据不同"),
                same,
                differing,
                (("same_figures", is_same),),
            )
        )  # fmt: skip
    return years, findings


def _shown(report: Report, path: str) -> tuple[Any, Any]:
    i = report.layout.index[path]
    return report.columns.values[i], report.columns.states[i]


# -- pairs of years --------------------------------------------------------------------------------


def _pair(earlier: Report, later: Report) -> Iterator[PanelFinding]:
    yield from _carry_over(earlier, later)
    yield from _items(earlier, later)
    yield from _stock(earlier, later)


def _carry_over(earlier: Report, later: Report) -> Iterator[PanelFinding]:
    differing: list[tuple[str, Number, Number]] = []
    for column in _columns(later, "requests_carried_in"):
        forward = _value(earlier, f"{REQUESTS}/carried_forward/{column}")
        carried = _value(later, f"{REQUESTS}/requests_carried_in/{column}")
        if forward is not None and carried is not None and forward != carried:
            differing.append((column, forward, carried))
    if not differing:
        return
    shown = ", ".join(f"{c}: {f} then {k}" for c, f, k in differing)
    column, forward, carried = differing[-1]
    yield _finding(
        "carry_over",
        "warning",
        f"requests carried forward in {earlier.year} are not those carried in in {later.year} "
        f"({shown})",
        f"{earlier.year}年结转下年度（{forward}件）与{later.year}年上年结转（{carried}件）不一致",
        (earlier, later),
        [
            f"{REQUESTS}/{row}/{c}"
            for c, _, _ in differing
            for row in ("carried_forward", "requests_carried_in")
        ],
        tuple((c, [json_number(f), json_number(k)]) for c, f, k in differing),
    )


def _items(earlier: Report, later: Report) -> Iterator[PanelFinding]:
    for row in _rows_with(later, "items_prior_year"):
        prior, change = f"{PROACTIVE}/{row}/items_prior_year", f"{PROACTIVE}/{row}/items_change"
        before, moved, now = _value(earlier, prior), _value(earlier, change), _value(later, prior)
        if before is None or moved is None or now is None or before + moved == now:
            continue
        yield _finding(
            "items_prior_year",
            "warning",
            f"{row}: {earlier.year} ends with {before} + {moved} = {before + moved} items, "
            f"{later.year} begins with {now}",
            f"{later.year}年“上一年项目数量”{now}与{earlier.year}年末{before + moved}不一致",
            (earlier, later),
            [prior, change],
            (("expected", json_number(before + moved)), ("found", json_number(now))),
        )


def _stock(earlier: Report, later: Report) -> Iterator[PanelFinding]:
    for row in _rows_with(later, "in_force"):
        at = {c: f"{PROACTIVE}/{row}/{c}" for c in ("in_force", "issued", "repealed")}
        before, now = _value(earlier, at["in_force"]), _value(later, at["in_force"])
        issued, repealed = _value(later, at["issued"]), _value(later, at["repealed"])
        if before is None or now is None or issued is None or repealed is None:
            continue
        expected = before + issued - repealed
        if expected == now:
            continue
        yield _finding(
            "stock",
            "info",
            f"{row}: {before} in force in {earlier.year}, + {issued} - {repealed} = {expected}, "
            f"but {now} in force in {later.year}; clean-ups may explain it",
            f"现行有效件数：{earlier.year}年{before}，按增减应为{expected}，{later.year}年为{now}",
            (earlier, later),
            list(at.values()),
            (("expected", json_number(expected)), ("found", json_number(now))),
        )


# -- one report, all years -------------------------------------------------------------------------


def _level(report: Report, levels: Mapping[str, str] | None) -> str | None:
    given = levels or {}
    return given.get(report.report_id) or given.get(report.organ or "") or report.organ_level


def _rules(report: Report, level: str | None) -> Iterator[PanelFinding]:
    if level not in LOW_LEVELS:
        return
    found = [
        (path, value)
        for path in report.layout.paths
        if path.startswith(f"{PROACTIVE}/rules/") and (value := _value(report, path))
    ]
    if found:
        shown = ", ".join(f"{p.rsplit('/', 1)[1]} {v}" for p, v in found)
        yield _finding(
            "rules_below_prefecture",
            "warning",
            f"a {level} organ reports rules (规章: {shown}); only ministries, provinces and cities "
            "with districts make them",
            f"{'县' if level == 'county' else '乡'}级机关填报规章（{shown}）",
            (report,),
            [p for p, _ in found],
            (("level", level),),
        )


_WATCHED = (
    f"{REQUESTS}/requests_received/total",
    f"{REQUESTS}/outcomes_total/total",
    f"{REVIEW}/review/total",
    f"{REVIEW}/litigation_direct/total",
    f"{REVIEW}/litigation_after_review/total",
    f"{PROACTIVE}/normative_documents/issued",
    f"{PROACTIVE}/normative_documents/in_force",
    f"{PROACTIVE}/licensing/decisions",
    f"{PROACTIVE}/penalties/decisions",
    f"{PROACTIVE}/coercive_measures/decisions",
    "statistics/proactive_items/value",
    "statistics/requests_received/value",
)
_AMOUNTS = (
    f"{PROACTIVE}/administrative_fees/amount",
    f"{PROACTIVE}/government_procurement/amount",
    "statistics/request_fees/value",
    "statistics/dedicated_budget/value",
)


_Series = Sequence[tuple[Report, Number]]


def _jumps(years: Sequence[Report]) -> Iterator[PanelFinding]:
    """Counts and amounts far from the organ's other years."""
    for path in _WATCHED:
        yield from _far("jump", path, [(r, v) for r in years if (v := _value(r, path)) is not None])
    for path in _AMOUNTS:
        for has_unit in (True, False):
            amounts = ((r, _amount(r, path, has_unit)) for r in years)
            yield from _far("unit_jump", path, [(r, v) for r, v in amounts if v is not None])


def _amount(report: Report, path: str, has_unit: bool) -> Number | None:
    """The amount in 万元 where its unit is known, or as it stands where it is not."""
    value = _value(report, path)
    if value is None:
        return None
    i = report.layout.index[path]
    unit = report.columns.units.get(i, report.layout.figures[i].unit)
    if (unit is not None) != has_unit:
        return None
    return value if unit is None else to_wan_yuan(Decimal(value), unit)


def _far(code: str, path: str, series: _Series) -> Iterator[PanelFinding]:
    judge = _is_jump if code == "jump" else _is_unit_jump
    last = len(series) - 1
    for i, (_, value) in enumerate(series):
        others = [v for k, (_, v) in enumerate(series) if k != i]
        # Two years are far from each other: one observation, told of the later one.
        if 2 * sum(judge(value, v) for v in others) > len(others) and (last > 1 or i):
            yield _jump(code, path, series, i, median_low(map(Decimal, others)))


def _is_jump(value: Number, usual: Number) -> bool:
    low, high = sorted((Decimal(value), Decimal(usual)))
    return high - low >= APART and high + CUSHION >= RATIO * (low + CUSHION)


def _is_unit_jump(value: Number, usual: Number) -> bool:
    low, high = sorted((Decimal(value), Decimal(usual)))
    return low > 0 and UNIT_RATIOS[0] <= high / low <= UNIT_RATIOS[1]


def _jump(code: str, path: str, series: _Series, i: int, usual: Number) -> PanelFinding:
    report, value = series[i]
    near = series[i - 1] if i else series[i + 1]
    what = "perhaps 元 for 万元" if code == "unit_jump" else "reading, unit or a change of scope"
    return _finding(
        code,
        "warning",
        f"{path} is {value} in {report.year}; the organ's other years have {usual} "
        f"({near[0].year}: {near[1]}): {what}",
        f"{report.year}年{path}为{value}，其他年度为{usual}，变动异常",
        (near[0], report) if i else (report, near[0]),
        [path],
        (("value", json_number(value)), ("usual", float(usual)), ("year", report.year)),
    )


# -- values ----------------------------------------------------------------------------------------


def _value(report: Report, path: str) -> Number | None:
    """The figure's value; a blank is 0 where its row holds a number, else not known."""
    i = report.layout.index.get(path)
    if i is None:
        return None
    c = report.columns
    if c.states[i] in VALUED:
        return c.values[i]
    if c.states[i] not in EMPTY:
        return None
    row = path.rsplit("/", 1)[0] + "/"
    beside = (k for p, k in report.layout.index.items() if p.startswith(row))
    return 0 if any(c.states[k] in VALUED for k in beside) else None


def _columns(report: Report, row: str) -> list[str]:
    prefix = f"{REQUESTS}/{row}/"
    return [p.removeprefix(prefix) for p in report.layout.paths if p.startswith(prefix)]


def _rows_with(report: Report, column: str) -> list[str]:
    """Rows of table 2 that have such a column."""
    return [
        p.split("/")[1]
        for p in report.layout.paths
        if p.startswith(PROACTIVE) and p.endswith(f"/{column}")
    ]


def _finding(
    code: str,
    severity: Severity,
    message: str,
    message_zh: str,
    reports: Sequence[Report],
    figures: Sequence[str],
    detail: tuple[tuple[str, Any], ...],
) -> PanelFinding:
    first = reports[0]
    organ = first.organ or "?"
    code_known = next((r.division_code for r in reports if r.division_code), None)
    return PanelFinding(
        code,
        severity,
        f"{organ}: {message} [{', '.join(r.report_id for r in reports)}]",
        f"{organ}：{message_zh}",
        tuple(r.report_id for r in reports),
        tuple(r.year for r in reports),
        first.organ,
        code_known,
        tuple(figures),
        detail,
    )
