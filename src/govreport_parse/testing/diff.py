"""What a fixture expects beside what the parser finds, completely and readably.

In: a ``Fixture``. Out: a ``Comparison`` with every figure and every fact that differs, never only
the first. Values and states are compared exactly.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from govreport_parse.decode.sniff import sniff
from govreport_parse.documents.model import Document, Heading, Paragraph
from govreport_parse.errors import GovReportError
from govreport_parse.parsing import parse
from govreport_parse.reading import read_document
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.testing.fixture_files import (
    FACTS,
    ExpectedError,
    ExpectedFigure,
    ExpectedReport,
    Fixture,
    number_text,
)
from govreport_parse.values import CheckState, Figure, Locator, State

Kind = Literal["value changed", "state changed", "label only"]
KINDS: Sequence[Kind] = ("value changed", "state changed", "label only")
CONFIRMATIONS = frozenset({"text_confirms"})
"""Findings that say that all is well; what they depend on is compared by itself."""
METADATA = "metadata"
ERROR = "error"


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """One figure that is not as expected. ``key`` is its path, ``#2/path`` in a second report."""

    key: str
    kind: Kind
    label: str
    expected: ExpectedFigure | None
    found: Figure | None
    line: str
    """The source line or table row that shows it, empty where there is none."""
    gap: str | None = None
    """Why the difference is known and stated, if it is."""

    @property
    def table(self) -> str:
        """The key of its table."""
        path = self.key.partition("/")[2] if self.key.startswith("#") else self.key
        return path.split("/")[0]


@dataclass(frozen=True, slots=True)
class FactDifference:
    """One statement of ``expected.json``, ``outline.txt`` or ``error`` that is not so."""

    key: str
    expected: Any
    found: Any
    gap: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A fixture against what the parser finds now."""

    fixture: Fixture
    reports: tuple[Report, ...]
    error: GovReportError | None
    figures: tuple[FigureDifference, ...]
    facts: tuple[FactDifference, ...]
    total: int
    """Figures that the fixture expects; 1 for a document of ``broken/``."""
    healed: tuple[str, ...] = ()
    """Known gaps that are none any more."""

    @property
    def exact(self) -> int:
        """Figures (or errors) exactly as expected. A stated gap is not exact."""
        if self.fixture.error is not None:
            return int(not self.facts)
        wrong = sum(1 for d in self.figures if d.kind != "label only" and d.expected is not None)
        return self.total - wrong

    @property
    def statements(self) -> tuple[int, int]:
        """Statements about the document that are exact, and all of them (outline included)."""
        if self.fixture.error is not None:
            return 3 - len(self.facts), 3
        total = len(FACTS) * len(self.fixture.reports) + 1
        if self.error is not None or len(self.reports) != len(self.fixture.reports):
            return 0, total
        wrong = {"/".join(d.key.split("/")[: 1 + d.key.startswith("#")]) for d in self.facts}
        return total - len(wrong), total

    @property
    def unexplained(self) -> list[FigureDifference | FactDifference]:
        """The differences that no known gap covers."""
        every: list[FigureDifference | FactDifference] = [*self.figures, *self.facts]
        return [d for d in every if d.gap is None]

    @property
    def ok(self) -> bool:
        """Whether all is as expected, known gaps aside."""
        return not self.unexplained

    @property
    def parts(self) -> list[str]:
        """The names of the separate test items: each table, and the metadata (or the error)."""
        if self.fixture.error is not None:
            return [ERROR]
        tables = dict.fromkeys(
            f.path.split("/")[0] for r in self.fixture.reports for f in r.figures
        )
        return [*tables, METADATA]


def compare(fixture: Fixture) -> Comparison:
    """Parse the fixture's source and compare. The library's own errors are part of the result."""
    document: Document | None = None
    reports: tuple[Report, ...] = ()
    error: GovReportError | None = None
    try:
        document, reports = read_reports(fixture.source, fixture.meta.get("options", {}))
    except GovReportError as caught:
        error = caught
    if fixture.error is not None:
        facts = _error_differences(fixture, error)
        return Comparison(fixture, reports, error, (), tuple(facts), 1)
    return _compare_reports(fixture, document, reports, error)


def read_reports(
    source: Source, options: Mapping[str, Any]
) -> tuple[Document | None, tuple[Report, ...]]:
    """All reports of a document as ``parse`` gives them, and its blocks for looking up lines.

    The blocks are ``None`` for an archive. Raises what ``parse`` raises.
    """
    first = parse(source, url=source.url, **options)
    reports = (first, *first.others)
    if sniff(source.data, source.name, source.content_type).kind == "zip":
        return None, reports
    return read_document(source), reports


def _compare_reports(
    fixture: Fixture,
    document: Document | None,
    reports: tuple[Report, ...],
    error: GovReportError | None,
) -> Comparison:
    gaps = fixture.gaps
    figures: list[FigureDifference] = []
    facts: list[FactDifference] = []
    lines = SourceLines(fixture.source, document)
    for number, expected in enumerate(fixture.reports, 1):
        prefix = "" if number == 1 else f"#{number}/"
        report = reports[number - 1] if number <= len(reports) else None
        figures += _figure_differences(expected, report, prefix, gaps, lines)
        if report is not None:
            facts += _fact_differences(expected.facts, facts_of(report), prefix, gaps)
    if error is not None:
        facts.append(FactDifference("error", None, f"{type(error).__name__}: {error}"))
    elif len(reports) != len(fixture.reports):
        facts.append(FactDifference("reports", len(fixture.reports), len(reports)))
    if reports:
        outline = outline_of(document, reports)
        if outline != fixture.outline:
            facts += _outline_differences(fixture.outline, outline, gaps)
    total = sum(len(r.figures) for r in fixture.reports)
    seen = {d.key for d in figures} | {f"facts/{d.key}" for d in facts}
    healed = tuple(
        gap for gap in gaps if not any(key == gap or key.startswith(gap + "/") for key in seen)
    )
    return Comparison(fixture, reports, error, tuple(figures), tuple(facts), total, healed)


def _error_differences(fixture: Fixture, error: GovReportError | None) -> list[FactDifference]:
    wanted = fixture.error
    assert wanted is not None
    if any(not _unlike(other, error) for other in wanted.others):
        return []
    return _unlike(wanted, error)


def _unlike(wanted: ExpectedError, error: GovReportError | None) -> list[FactDifference]:
    if error is None:
        return [FactDifference("error type", wanted.type, "a report")]
    pairs = (
        ("error type", wanted.type, type(error).__name__, wanted.type == type(error).__name__),
        ("error message", wanted.message, error.message, wanted.message in error.message),
        ("error hint", wanted.hint, error.hint, wanted.hint in error.hint),
    )
    return [FactDifference(key, want, found) for key, want, found, same in pairs if not same]


# -- figures ---------------------------------------------------------------------------------------


def _figure_differences(
    expected: ExpectedReport,
    report: Report | None,
    prefix: str,
    gaps: Mapping[str, str],
    lines: SourceLines,
) -> list[FigureDifference]:
    out: list[FigureDifference] = []
    seen = set()
    for one in expected.figures:
        seen.add(one.path)
        found = report[one.path] if report is not None and one.path in report else None
        label = (
            report.layout.figures[report.layout.index[one.path]].label if found and report else ""
        )
        kind = _kind(one, found, label)
        if kind is not None:
            key = prefix + one.path
            line = lines.at(found.locator if found else None)
            out.append(FigureDifference(key, kind, one.label, one, found, line, gaps.get(key)))
    for figure in report or ():
        if figure.path not in seen and report is not None:
            key = prefix + figure.path
            label = report.layout.figures[report.layout.index[figure.path]].label
            line = lines.at(figure.locator)
            out.append(
                FigureDifference(key, "value changed", label, None, figure, line, gaps.get(key))
            )
    return out


def _kind(expected: ExpectedFigure, found: Figure | None, label: str) -> Kind | None:
    if found is None or found.value != expected.value:
        return "value changed"
    if found.state is not expected.state:
        return "state changed"
    return None if label == expected.label else "label only"


class SourceLines:
    """The source line, or the row of the source's table, at a locator."""

    def __init__(self, source: Source, document: Document | None) -> None:
        self._source = source
        self._document = document
        self._lines: dict[int, str] | None = None

    def at(self, where: Locator | None) -> str:
        """One line of text; empty where the document shows nothing."""
        if where is None or self._document is None:
            return ""
        if where.table is not None and where.row is not None:
            for table in self._document.tables:
                if table.number == where.table and table.sheet == where.sheet:
                    row = where.row - 1
                    cells = [t for t, r in zip(table.texts, table.rows, strict=True) if r == row]
                    return " | ".join(" ".join(c.split()) for c in cells)
        if self._lines is None:
            self._lines = {
                b.line: b.text
                for b in self._document.blocks
                if isinstance(b, (Paragraph, Heading)) and b.line is not None
            }
        return self._lines.get(where.line, "") if where.line is not None else ""


# -- facts -----------------------------------------------------------------------------------------


def expected_of(report: Report) -> ExpectedReport:
    """A report in the shape of an expectation (for drafts and updates, which a person checks)."""
    figures = tuple(
        ExpectedFigure(f.path, f.value, f.state, spec.label)
        for f, spec in zip(report, report.layout.figures, strict=True)
    )
    return ExpectedReport(figures, facts_of(report))


def facts_of(report: Report) -> dict[str, Any]:
    """Everything that ``expected.json`` says of one report, as the parser finds it."""
    c = report.columns
    paths = report.layout.paths
    return {
        "form": report.form,
        "forms": dict(report.forms),
        "title": report.title,
        "organ": report.organ,
        "year": report.year,
        "published": report.published.isoformat() if report.published else None,
        "headings": [[s.key, s.heading] for s in report.sections],
        "texts": {s.key: text_digest(s.text) for s in report.sections},
        "units": {paths[i]: unit for i, unit in sorted(c.units.items())},
        "raws": {
            path: raw
            for path, state, raw, value in zip(paths, c.states, c.raws, c.values, strict=True)
            if raw is not None and is_odd(state, raw, number_text(value))
        },
        "extra_rows": [[r["table"], r["label"], *r["cells"]] for r in report.extra_rows],
        "repairs": dict(
            sorted(Counter(k for rs in c.repairs.values() for k in {r.kind for r in rs}).items())
        ),
        "findings": sorted({f.code for f in report.findings} - CONFIRMATIONS),
        "broken_checks": [
            f"{i.id} {i.scope}"
            for i, o in zip(report.layout.identities, report.outcomes, strict=True)
            if o.state is CheckState.BROKEN
        ],
    }


def is_odd(state: State, raw: str, digits: str) -> bool:
    """Whether a cell's text is worth stating: a dash, or a number that is not plain digits."""
    if state in (State.REPORTED, State.DASH, State.UNREADABLE):
        return raw.strip() != digits
    return False


def text_digest(text: str) -> str:
    """Characters and SHA-256 (16 hex digits) of a text without its white space."""
    bare = "".join(text.split())
    return f"{len(bare)}:{hashlib.sha256(bare.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _fact_differences(
    expected: Mapping[str, Any], found: Mapping[str, Any], prefix: str, gaps: Mapping[str, str]
) -> list[FactDifference]:
    out: list[FactDifference] = []
    for key, want in expected.items():
        has = found[key]
        if want == has:
            continue
        name = prefix + key
        gap = gaps.get(f"facts/{name}")
        if isinstance(want, dict) and isinstance(has, dict):
            out += [
                FactDifference(
                    f"{name}/{k}", want.get(k), has.get(k), gap or gaps.get(f"facts/{name}/{k}")
                )
                for k in (*want, *(k for k in has if k not in want))
                if want.get(k) != has.get(k)
            ]
        else:
            out.append(FactDifference(name, want, has, gap))
    return out


# -- outline ---------------------------------------------------------------------------------------


def outline_of(document: Document | None, reports: Sequence[Report]) -> str:
    """Headings with their subheads, and the shape of every table that holds figures."""
    tables = document.tables if document is not None else []
    shapes = {(t.number, t.sheet): f"{t.n_rows} x {t.n_columns}" for t in tables}
    lines: list[str] = []
    for number, report in enumerate(reports, 1):
        if number > 1:
            lines.append(f"report {number}")
        for section in report.sections:
            lines.append(f"{section.key}: {section.heading}".rstrip())
            lines += [f"  {heading}" for heading, _ in section.subsections]
        for table in report.layout.tables:
            lines.append(f"table {table.key}: {_shape(report, table.key, shapes)}")
    return "\n".join([*lines, ""])


def _shape(report: Report, key: str, shapes: Mapping[tuple[int, str | None], str]) -> str:
    places = [report.locator(i) for i, f in enumerate(report.layout.figures) if f.table == key]
    held = [p for p in places if p is not None]
    if not held:
        return "absent"
    numbers = dict.fromkeys((p.table, p.sheet) for p in held if p.table is not None)
    if not numbers:
        return "text"
    return " + ".join(shapes.get((n, s), "in the archive") for n, s in numbers if n is not None)


def _outline_differences(
    expected: str, found: str, gaps: Mapping[str, str]
) -> list[FactDifference]:
    want, has = expected.split("\n"), found.split("\n")
    gap = gaps.get("facts/outline")
    lost = [line for line in want if line not in has]
    new = [line for line in has if line not in want]
    if not lost and not new:
        return [FactDifference("outline", "the lines in another order", found, gap)]
    return [FactDifference("outline", "\n".join(lost), "\n".join(new), gap)]


# -- text ------------------------------------------------------------------------------------------


def describe(comparison: Comparison, part: str | None = None) -> str:
    """All differences as text: expected, found, source line and raw cell of every figure.

    ``part`` is one of ``Comparison.parts``; ``None`` means all of them.
    """
    out: list[str] = []
    name = comparison.fixture.name
    figures = [d for d in comparison.figures if part in (None, d.table)]
    facts = comparison.facts if part in (None, METADATA, ERROR) else ()
    if figures:
        out.append(f"{name}: {_count(len(figures), 'figure')} not as expected")
        out += [line for d in figures for line in figure_lines(d)]
    if facts:
        out.append(f"{name}: {_count(len(facts), 'statement')} about the document not as expected")
        out += [line for d in facts for line in fact_lines(d)]
    if comparison.healed and part in (None, METADATA):
        out.append(f"{name}: known gaps that are none any more: {', '.join(comparison.healed)}")
    return "\n".join(out)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun} is" if n == 1 else f"{n} {noun}s are"


def figure_lines(difference: FigureDifference) -> list[str]:
    """One figure's difference as lines."""
    d = difference
    out = [f"  {d.key}  {d.label}" + (f"  [known gap: {d.gap}]" if d.gap else "")]
    want = "no such figure" if d.expected is None else _state(d.expected.value, d.expected.state)
    has = "no such figure" if d.found is None else _state(d.found.value, d.found.state)
    out.append(f"    expected  {want}")
    out.append(f"    found     {has}  ({d.kind})")
    if d.found is not None and d.found.raw is not None:
        out.append(f"    raw cell  {_quoted(d.found.raw)}  at {d.found.locator or 'no place'}")
    out.append(f"    source    {_shortened(d.line) if d.line else '(not found in the source)'}")
    return out


def fact_lines(difference: FactDifference) -> list[str]:
    """One fact's difference as lines."""
    d = difference
    return [
        f"  {d.key}" + (f"  [known gap: {d.gap}]" if d.gap else ""),
        f"    expected  {_said(d.expected)}",
        f"    found     {_said(d.found)}",
    ]


def _state(value: Any, state: State) -> str:
    return f"{number_text(value)} {state}".strip()


def _quoted(text: str) -> str:
    return repr(_shortened(text, 60))


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\n", "\n              ") or "(nothing)"
    return str(value)


def _shortened(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def by_kind(differences: Sequence[FigureDifference]) -> dict[Kind, list[FigureDifference]]:
    """The differences sorted into value changed, state changed, label only."""
    return {kind: [d for d in differences if d.kind == kind] for kind in KINDS}
