"""What may be reported of a table that was read from a picture.

In: the figures of a report whose cells carry ``CellReading``s. The form's identities serve as an
error-detecting code (issue 4):

- A figure stays ``reported`` (or ``blank``, ``dash``) when it was read with confidence and the
  identities it is in hold.
- Doubtful figures, and those of broken identities, are tried with the other readings that the
  recogniser found possible. If exactly one choice makes all the identities hold, it is taken; a
  figure that changes carries the repair ``ocr_alternative``.
- If a broken row and a broken column meet in one figure and both ask for the same value of it,
  that figure alone is unread; the others are as good as before.
- Figures without an identity that could be applied need two recognitions at different scales
  that agree, and a higher confidence.

Everything else becomes ``unreadable``; its candidates stand in the finding ``scan_unreadable``.
Nothing is invented: a value is never taken from an identity alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from govreport_parse.documents.model import CellReading
from govreport_parse.formbook.spec import Layout
from govreport_parse.numbers import Reading, read_number
from govreport_parse.report import FigureColumns
from govreport_parse.values import EMPTY, Finding, Locator, Repair, State

SURE = 0.90
"""Confidence of a figure whose identities hold."""
ALONE = 0.97
"""Confidence of a figure without identities, read alike at two scales."""
POSSIBLE = 0.002
"""Readings less probable than this are no alternatives."""
_MOST_CHOICES = 40_000
"""Combinations of readings that are tried for one group of doubtful figures."""

_SHOWN = frozenset({State.REPORTED, State.BLANK, State.DASH, State.UNREADABLE})
_READ = frozenset({State.REPORTED, State.BLANK, State.DASH})


@dataclass(slots=True)
class _Candidate:
    text: str
    reading: Reading
    probability: float

    @property
    def number(self) -> int:
        """The value for sums, blanks as 0."""
        return int(self.reading.value or 0)


@dataclass(slots=True)
class _Sheet:
    """The scanned figures of one report and the identities among them."""

    layout: Layout
    columns: FigureColumns
    readings: dict[int, CellReading]
    candidates: dict[int, list[_Candidate]]
    chosen: dict[int, _Candidate]
    """What each figure is taken to show; unread figures are missing."""
    of_figure: dict[int, list[int]]
    """Identities of each figure."""

    def sides(self, identity: int) -> tuple[int, int] | None:
        """Both sums of an identity, ``None`` if a figure of it is not known."""
        expected, found = self.layout.compiled[identity]
        totals = []
        for side in (expected, found):
            total = 0
            for i in side:
                value = self.value(i)
                if value is None:
                    return None
                total += value
            totals.append(total)
        return totals[0], totals[1]

    def value(self, i: int) -> int | None:
        """The number of a figure for sums."""
        if i in self.chosen:
            return self.chosen[i].number
        if i in self.readings:
            return None
        state = self.columns.states[i]
        if state is State.REPORTED:
            return int(self.columns.values[i] or 0)
        return 0 if state in EMPTY else None

    def is_left_blank(self, identity: int) -> bool:
        """Whether a side that should carry a number was left empty by the report."""
        expected, found = self.layout.compiled[identity]
        sides = (expected, found, found[:1])
        return any(all(self._is_empty(i) for i in side) for side in sides)

    def _is_empty(self, i: int) -> bool:
        if i in self.chosen:
            return self.chosen[i].reading.state in EMPTY
        return i not in self.readings and self.columns.states[i] in EMPTY


def accept_scanned(layout: Layout, columns: FigureColumns) -> list[Finding]:
    """Take back what a scan does not show with certainty. Changes ``columns``.

    Figures whose cells carry no reading are left alone; no reading at all: nothing happens.
    """
    sheet = _sheet(layout, columns)
    if not sheet.readings:
        return []
    first = dict(sheet.chosen)
    _mend(sheet)
    broken, excused = _broken(sheet)
    refused = [i for i in sheet.readings if not _is_accepted(sheet, i, broken, excused)]
    return _apply(sheet, first, refused)


def _sheet(layout: Layout, columns: FigureColumns) -> _Sheet:
    readings: dict[int, CellReading] = {}
    candidates: dict[int, list[_Candidate]] = {}
    chosen: dict[int, _Candidate] = {}
    for i, where in enumerate(columns.where):
        if not isinstance(where, tuple) or columns.states[i] not in _SHOWN:
            continue
        table, cell = where
        if table.readings is None:
            continue
        reading = table.readings[cell]
        if reading is None:
            continue
        readings[i] = reading
        kind = layout.figures[i].column.type
        found = list(_candidates(columns.raws[i] or "", reading, kind))
        candidates[i] = found
        if found and reading.confidence > 0:
            chosen[i] = found[0]
    of_figure: dict[int, list[int]] = {}
    for n, (expected, found_at) in enumerate(layout.compiled):
        for i in expected + found_at:
            of_figure.setdefault(i, []).append(n)
    return _Sheet(layout, columns, readings, candidates, chosen, of_figure)


def _candidates(raw: str, reading: CellReading, kind: str) -> Iterator[_Candidate]:
    """Readings of a cell that are numbers, blanks or dashes, each value once, the cell's first."""
    seen: set[tuple[State, object]] = set()
    for text, probability in ((raw, reading.confidence), *reading.candidates):
        result = read_number(text, kind)  # type: ignore[arg-type]
        key = (result.state, result.value)
        if result.state not in _READ or key in seen:
            continue
        if text != raw and probability < POSSIBLE:
            continue
        seen.add(key)
        yield _Candidate(text, result, probability)


# -- choosing among readings -----------------------------------------------------------------------


def _mend(sheet: _Sheet) -> None:
    """Take other readings where exactly one choice of them makes the identities hold."""
    broken = {n for n in range(len(sheet.layout.compiled)) if _fails(sheet, n)}
    doubtful = {
        i
        for i, found in sheet.candidates.items()
        if len(found) > 1
        and i in sheet.chosen
        and i in sheet.of_figure
        and (sheet.readings[i].confidence < SURE or any(n in broken for n in sheet.of_figure[i]))
    }
    for group in _groups(sheet, doubtful):
        _settle(sheet, group)


def _fails(sheet: _Sheet, identity: int) -> bool:
    sides = sheet.sides(identity)
    return sides is not None and sides[0] != sides[1] and not sheet.is_left_blank(identity)


def _groups(sheet: _Sheet, doubtful: set[int]) -> list[list[int]]:
    """Doubtful figures that share identities, directly or through others."""
    by_identity: dict[int, list[int]] = {}
    for i in doubtful:
        for n in sheet.of_figure[i]:
            by_identity.setdefault(n, []).append(i)
    left = set(doubtful)
    out = []
    while left:
        waiting = [left.pop()]
        group = []
        while waiting:
            i = waiting.pop()
            group.append(i)
            for n in sheet.of_figure[i]:
                new = left.intersection(by_identity[n])
                left -= new
                waiting += new
        out.append(sorted(group))
    return out


def _settle(sheet: _Sheet, group: list[int]) -> None:
    """Set a group to the one choice that satisfies its identities.

    With none or several the figures stay as first read; those on which all choices agree are
    settled, the others lose their confidence.
    """
    choices = [sheet.candidates[i] for i in group]
    if prod(map(len, choices)) > _MOST_CHOICES:
        _distrust(sheet, [i for i in group if sheet.readings[i].confidence < SURE])
        return
    identities = sorted({n for i in group for n in sheet.of_figure[i]})
    tests = [t for n in identities if (t := _test(sheet, n, group)) is not None]
    if not tests:
        _distrust(sheet, [i for i in group if sheet.readings[i].confidence < SURE])
        return
    solutions = [
        choice
        for choice in product(*(range(len(c)) for c in choices))
        if all(_holds(test, choices, choice) for test in tests)
    ]
    if not solutions:
        return
    for k, i in enumerate(group):
        found = {choice[k] for choice in solutions}
        if len(found) > 1:
            _distrust(sheet, [i])
            continue
        sheet.chosen[i] = sheet.candidates[i][found.pop()]
        if any(sheet.sides(n) is not None for n in sheet.of_figure[i]):
            sheet.readings[i] = sheet.readings[i]._replace(confidence=1.0)


def _distrust(sheet: _Sheet, figures: Sequence[int]) -> None:
    for i in figures:
        sheet.readings[i] = sheet.readings[i]._replace(confidence=0.0)


_Test = tuple[int, tuple[tuple[int, int], ...]]
"""What the fixed figures leave, and (place in the group, sign) of the doubtful ones."""


def _test(sheet: _Sheet, identity: int, group: Sequence[int]) -> _Test | None:
    expected, found = sheet.layout.compiled[identity]
    if sheet.is_left_blank(identity):
        return None
    places = {i: k for k, i in enumerate(group)}
    rest = 0
    terms = []
    for sign, side in ((1, expected), (-1, found)):
        for i in side:
            if i in places:
                terms.append((places[i], sign))
                continue
            value = sheet.value(i)
            if value is None:
                return None
            rest += sign * value
    return rest, tuple(terms)


def _holds(test: _Test, choices: Sequence[Sequence[_Candidate]], choice: Sequence[int]) -> bool:
    rest, terms = test
    return rest + sum(sign * choices[k][choice[k]].number for k, sign in terms) == 0


# -- deciding --------------------------------------------------------------------------------------


def _broken(sheet: _Sheet) -> tuple[set[int], Mapping[int, int]]:
    """Identities that do not hold, and those excused by one unread figure.

    A figure at which two identities or more ask for the same other value explains them all; its
    path is mapped in the second result: identity -> that figure.
    """
    broken = {n for n in range(len(sheet.layout.compiled)) if _fails(sheet, n)}
    excused: dict[int, int] = {}
    unknown = [i for i in sheet.readings if i not in sheet.chosen]
    suspects = sorted({i for n in broken for side in sheet.layout.compiled[n] for i in side})
    for i in [*unknown, *suspects]:
        mine = [n for n in sheet.of_figure.get(i, ()) if n in broken or i in unknown]
        mine = [n for n in mine if n not in excused]
        if len(mine) < 2 or (i in sheet.chosen and set(sheet.of_figure[i]) - set(mine)):
            continue
        implied = {_implied(sheet, n, i) for n in mine}
        value = implied.pop()
        if not implied and value is not None and value >= 0:
            excused.update(dict.fromkeys(mine, i))
    return broken, excused


def _implied(sheet: _Sheet, identity: int, figure: int) -> int | None:
    """The value of one figure by an identity, ``None`` if another one is unknown too."""
    expected, found = sheet.layout.compiled[identity]
    total = own = 0
    for sign, side in ((1, expected), (-1, found)):
        for i in side:
            if i == figure:
                own = sign
                continue
            value = sheet.value(i)
            if value is None:
                return None
            total += sign * value
    return -total * own


def _is_accepted(sheet: _Sheet, i: int, broken: set[int], excused: Mapping[int, int]) -> bool:
    reading = sheet.readings[i]
    if i not in sheet.chosen or i in excused.values():
        return False
    holding = 0
    for n in sheet.of_figure.get(i, ()):
        if n in excused:
            holding += 1
        elif n in broken:
            return False
        elif sheet.sides(n) is not None and not sheet.is_left_blank(n):
            holding += 1
    if holding:
        return reading.confidence >= SURE
    return reading.confidence >= ALONE and reading.scales >= 2


def _apply(sheet: _Sheet, first: Mapping[int, _Candidate], refused: Sequence[int]) -> list[Finding]:
    columns, paths = sheet.columns, sheet.layout.paths
    changed: list[str] = []
    gone = set(refused)
    for i, choice in sheet.chosen.items():
        if i in gone or choice is first[i]:
            continue
        raw = columns.raws[i] or ""
        columns.values[i] = choice.reading.value
        columns.states[i] = choice.reading.state
        columns.repairs[i] = (Repair("ocr_alternative", 0, len(raw), raw, choice.text),)
        changed.append(paths[i])
    findings = []
    if changed:
        findings.append(
            Finding(
                "scan_mended",
                "warning",
                f"{len(changed)} figures of the scan were taken in the recogniser's other reading, "
                "the only one that makes the form's sums hold",
                f"扫描件中{len(changed)}项数据按勾稽关系取识别备选值",
                tuple(changed),
            )
        )
    if refused:
        findings.append(_refuse(sheet, refused))
    return findings


def _refuse(sheet: _Sheet, refused: Sequence[int]) -> Finding:
    columns, paths = sheet.columns, sheet.layout.paths
    shown: dict[str, list[str]] = {}
    for i in refused:
        columns.values[i], columns.states[i] = None, State.UNREADABLE
        columns.repairs.pop(i, None)
        columns.units.pop(i, None)
        shown[paths[i]] = [c.text for c in sheet.candidates[i]]
    return Finding(
        "scan_unreadable",
        "error",
        f"{len(refused)} figures of the scan could not be read with certainty; the candidates "
        "stand in the detail",
        f"扫描件中{len(refused)}项数据无法可靠识别",
        tuple(paths[i] for i in refused),
        _locator(sheet, refused[0]),
        (("candidates", shown),),
    )


def _locator(sheet: _Sheet, i: int) -> Locator | None:
    where = sheet.columns.where[i]
    return where[0].locator(where[1]) if isinstance(where, tuple) else where
