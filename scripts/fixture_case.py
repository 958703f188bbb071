"""One fixture to be written: its source, and the truth about it from a record or by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from govreport_parse import __version__
from govreport_parse.formbook import loader
from govreport_parse.source import Source
from govreport_parse.testing import Record
from govreport_parse.testing.diff import is_odd, text_digest
from govreport_parse.testing.fixture_files import (
    ExpectedFigure,
    ExpectedReport,
    number_text,
    write_fixture,
)
from govreport_parse.values import State

AUTHOR = "author of scripts/make_fixtures.py"
BY_RECORD = (
    "figures, headings and texts are the generator's record, not the parser's reading; findings "
    "written by hand"
)
BY_HAND = "expectation worked out by hand beside the source"

FORM_2021, FORM_2019 = "ogi_annual_2021", "ogi_annual_2019"
SHAPES = {
    FORM_2021: ("14 x 4", "28 x 10", "4 x 15"),
    FORM_2019: ("18 x 5", "26 x 10", "4 x 15"),
    "hybrid": ("14 x 4", "26 x 10", "4 x 15"),
}
TEXT = ("text", "text", "text")
TABLES = ("proactive_disclosure", "requests", "review_and_litigation")

_SUBHEAD = re.compile("（[一二三四五六七]）")
Outcome = tuple[State, Any]
B: Outcome = (State.BLANK, None)
ABSENT: Outcome = (State.ABSENT, None)
AMBIGUOUS: Outcome = (State.AMBIGUOUS, None)
UNREADABLE: Outcome = (State.UNREADABLE, None)


@dataclass(frozen=True)
class Truth:
    """What is true of one report: a record, and what its document shows otherwise."""

    record: Record
    shapes: tuple[str, str, str] = TEXT
    figures: Mapping[str, Outcome] = field(default_factory=dict)
    """Path to state and value where the document does not show what the record has."""
    findings: tuple[str, ...] = ()
    published: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Whole facts by hand; ``headings`` and ``texts`` may be a mapping of the keys that differ."""
    script: Callable[[str], str] = str
    """What the host did to the text (traditional script, glosses)."""

    def expected(self) -> ExpectedReport:
        r = self.record
        figures = []
        for spec in r.layout.figures:
            cell = r.cells[spec.path]
            state, value = self.figures.get(spec.path, (cell.state, cell.value))
            figures.append(ExpectedFigure(spec.path, value, state, spec.label))
        facts = self._facts(figures)
        for key, value in self.facts.items():
            old = facts[key]
            facts[key] = {**old, **value} if key in ("texts", "raws", "units") else value
        if isinstance(facts["headings"], dict):
            facts["headings"] = self._headings(facts["headings"])
        if isinstance(facts["texts"], dict):
            facts["texts"] = {k: v for k, v in facts["texts"].items() if v is not None}
        return ExpectedReport(tuple(figures), facts)

    def _headings(self, other: Mapping[str, str | None]) -> list[list[str]]:
        out = [["preamble", ""]] if self.record.preamble else []
        for section in loader.sections():
            heading = other.get(section.key, self.script(section.printed))
            if heading is not None:
                out.append([section.key, heading])
        return out

    def _facts(self, figures: Sequence[ExpectedFigure]) -> dict[str, Any]:
        r = self.record
        shown = [
            (spec, r.cells[f.path])
            for f, spec in zip(figures, r.layout.figures, strict=True)
            if f.state is r.cells[f.path].state and f.value == r.cells[f.path].value
        ]
        texts = {"preamble": r.preamble} if r.preamble else {}
        texts |= {s.key: r.sections[s.key] for s in loader.sections()}
        repairs: Counter[str] = Counter()
        for spec, cell in shown:
            repairs.update(repairs_of(cell.text, spec.column.type == "signed"))
        return {
            "form": r.layout.form,
            "forms": dict(r.layout.forms),
            "title": self.script(r.title),
            "organ": r.organ,
            "year": r.year,
            "published": self.published,
            "headings": self._headings({}),
            "texts": {k: text_digest(self.script("\n".join(v))) for k, v in texts.items()},
            "units": {
                spec.path: cell.unit
                for spec, cell in shown
                if cell.unit != spec.unit
                or (cell.value is not None and cell.unit and cell.text.endswith(cell.unit))
            },
            "raws": {
                spec.path: cell.text
                for spec, cell in shown
                if is_odd(cell.state, cell.text, number_text(cell.value))
            },
            "extra_rows": [],
            "repairs": dict(sorted(repairs.items())),
            "findings": sorted(set(self.findings)),
            "broken_checks": [],
        }

    def outline(self, expected: ExpectedReport) -> list[str]:
        lines = []
        for key, heading in expected.facts["headings"]:
            lines.append(f"{key}: {heading}".rstrip())
            heads = [p for p in self.record.sections.get(key, ()) if _SUBHEAD.match(p)]
            lines += ["  " + self.script(p.split("。")[0]) for p in heads]
        lines += [f"table {k}: {s}" for k, s in zip(TABLES, self.shapes, strict=True)]
        return lines


def repairs_of(text: str, signed: bool) -> set[str]:
    """The repairs that reading a printed number takes, by kind (number rules of the guide)."""
    out = set()
    if re.search("[０-９]", text):
        out.add("full_width")
    if re.search("[0-9０-９][,，][0-9０-９]", text):
        out.add("thousands_separator")
    if "（" in text:
        out.add("note")
    if signed and re.match("[增减]", text):
        out.add("sign_word")
    return out


@dataclass(frozen=True)
class Case:
    """A fixture: ``source`` are the exact bytes."""

    source: bytes
    suffix: str
    format: str
    truths: tuple[Truth, ...] = ()
    encoding: str | None = "utf-8"
    url: str | None = None
    content_type: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    how: str = BY_RECORD
    gaps: Mapping[str, str] = field(default_factory=dict)
    error: tuple[str, str, str] | None = None
    other_errors: tuple[tuple[str, str, str], ...] = ()
    outline: str | None = None
    reports: tuple[ExpectedReport, ...] = ()
    """Expectations written entirely by hand, instead of ``truths``."""

    def write(self, root: Path, name: str) -> Path:
        expected = self.reports or tuple(t.expected() for t in self.truths)
        lines: list[str] = []
        for number, (truth, one) in enumerate(zip(self.truths, expected, strict=False), 1):
            lines += [f"report {number}"] * (number > 1) + truth.outline(one)
        outline = self.outline if self.outline is not None else "\n".join([*lines, ""])
        form = expected[0].facts["form"] if expected else "broken"
        source = Source(self.source, f"source{self.suffix}", self.url, self.content_type)
        first = self.truths[0].record if self.truths else None
        meta: dict[str, Any] = {
            "sha256": source.sha256,
            "url": self.url,
            "content_type": self.content_type,
            "format": self.format,
            "encoding": self.encoding,
            "organ": first.organ if first else None,
            "year": first.year if first else None,
            "tags": list(self.tags),
            "options": dict(self.options),
            "draft": False,
            "verified_by": [{"by": AUTHOR, "how": self.how}],
            "known_gaps": [{"path": p, "why": w} for p, w in self.gaps.items()],
            "parser": __version__,
        }
        if self.error:
            meta["error"] = _error(self.error)
            if self.other_errors:
                meta["error"]["or"] = [
                    {**_error(e), "when": "the extra [scan] is installed"}
                    for e in self.other_errors
                ]
        folder = root / form / name
        write_fixture(folder, source, self.suffix, meta, expected, outline)
        return folder

    def but(self, **changes: Any) -> Case:
        return replace(self, **changes)


def _error(parts: tuple[str, str, str]) -> dict[str, Any]:
    return dict(zip(("type", "message", "hint"), parts, strict=True))
