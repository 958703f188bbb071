"""The record of one report: figures, sections, checks, findings; and its JSON.

The figures lie in columns (values, states, raw texts) in the order of the layout, since a report
has 200 of them and a harvest millions; ``Figure`` objects are made on access.
"""

from __future__ import annotations

import datetime
import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from govreport_parse.checks.identities import Outcome, check_identities, checks_of
from govreport_parse.documents.model import Where
from govreport_parse.errors import GovReportError, UsageError
from govreport_parse.formbook.spec import Layout
from govreport_parse.values import (
    Check,
    CheckState,
    Figure,
    Finding,
    Locator,
    Number,
    Repair,
    State,
)

if TYPE_CHECKING:
    import pandas

    from govreport_parse.checks.corrections import Suggestion
    from govreport_parse.checks.narrative import NarrativeFigure

SCHEMA = "govreport/1"
LATER: Final[list[Outcome]] = []
"""In place of a report's outcomes: worked out when somebody asks for them."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is kept of the source."""

    name: str
    url: str | None
    sha256: str
    bytes: int
    media_type: str
    encoding: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        return {
            "name": self.name,
            "url": self.url,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "media_type": self.media_type,
            "encoding": self.encoding,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report: raw heading and raw text, tables left out.

    ``key`` is one of the form's six section keys, ``preamble``, ``extra_N``, or in older reports
    ``narrative_N`` (the parts as the report numbers them).
    """

    key: str
    heading: str
    text: str
    subsections: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain dict; subsections as a list of heading and text."""
        return {
            "key": self.key,
            "heading": self.heading,
            "text": self.text,
            "subsections": [{"heading": h, "text": t} for h, t in self.subsections],
        }


@dataclass(frozen=True, slots=True, eq=False)
class RowMatch:
    """How one row of the form was found. ``how``: label, alias, fuzzy, position, order.

    Two are equal when their locators are, whatever these are made of.
    """

    table: str
    row: str
    how: str
    label: str
    where: Where = None

    @property
    def locator(self) -> Locator | None:
        """Where the row's label stands."""
        return _located(self.where)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowMatch):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[Any, ...]:
        return self.table, self.row, self.how, self.label, self.locator

    def to_dict(self) -> dict[str, Any]:
        """Plain dict."""
        place = self.locator
        return {
            "table": self.table,
            "row": self.row,
            "how": self.how,
            "label": self.label,
            "locator": place.to_dict() if place else None,
        }


@dataclass(slots=True, eq=False)
class FigureColumns:
    """The figures of a report in layout order. ``repairs`` and ``units`` are sparse.

    Two are equal when their locators are, whatever these are made of.
    """

    values: list[Number | None]
    states: list[State]
    raws: list[str | None]
    where: list[Where]
    units: dict[int, str | None] = field(default_factory=dict)
    """Units printed in the cell itself; the form's unit holds elsewhere."""
    repairs: dict[int, tuple[Repair, ...]] = field(default_factory=dict)

    @classmethod
    def absent(cls, n: int) -> FigureColumns:
        """``n`` figures of which nothing was found."""
        return cls([None] * n, [State.ABSENT] * n, [None] * n, [None] * n)

    def locators(self) -> list[Where]:
        """Where each figure stands, as a ``Locator`` or ``None``."""
        return [_located(where) for where in self.where]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FigureColumns):
            return NotImplemented
        return self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]  # they can be changed

    def _parts(self) -> tuple[Any, ...]:
        return self.values, self.states, self.raws, self.units, self.repairs, self.locators()


@dataclass(eq=False)
class Report:
    """One published report, read, matched and checked. Treat it as immutable."""

    report_id: str
    source: SourceInfo
    layout: Layout
    form: str
    columns: FigureColumns
    title: str | None = None
    organ: str | None = None
    organ_source: str | None = None
    organ_level: str | None = None
    """central, province, prefecture, county, township or unknown."""
    organ_kind: str | None = None
    """government, department, town_or_street, public_institution or other."""
    division_code: str | None = None
    division_source: str | None = None
    year: int | None = None
    year_source: str | None = None
    published: datetime.date | None = None
    published_source: str | None = None
    sections: tuple[Section, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: Mapping[tuple[str, str], RowMatch] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    extra_rows: tuple[Mapping[str, Any], ...] = ()
    """Rows that the form does not have: table, label, cells, locator; those of table
    ``indicators`` (older reports) also unit, value, state and more."""
    others: tuple[Report, ...] = ()
    """Further reports of the same document (report_id ``…#2``, ``…#3``)."""
    _outcomes: list[Outcome] | None = None

    def __post_init__(self) -> None:
        if self._outcomes is None:
            self._outcomes = self._worked_out()

    def _worked_out(self) -> list[Outcome]:
        return check_identities(self.layout, self.columns.values, self.columns.states)

    def __getstate__(self) -> dict[str, Any]:
        # Places refer to the document's tables until asked for; a copy carries locators only.
        state = dict(self.__dict__)
        state.pop("narrative", None)  # read again where they are asked for
        state.pop("suggestions", None)
        state["_outcomes"] = self.outcomes
        c = self.columns
        state["columns"] = FigureColumns(
            c.values, c.states, c.raws, c.locators(), c.units, c.repairs
        )
        state["rows"] = {
            k: RowMatch(r.table, r.row, r.how, r.label, r.locator) for k, r in self.rows.items()
        }
        return state

    # -- figures -----------------------------------------------------------------------------

    def __getitem__(self, path: str) -> Figure:
        """The figure ``table/row/column``, or by its short name (``rq_granted_total``).

        Anything else raises ``UsageError`` and names the nearest path.
        """
        if not isinstance(path, str):
            raise UsageError(
                f"a figure is named by a text, not {type(path).__name__}",
                hint="such as 'requests/granted/total'",
            )
        i = self.layout.index.get(path, self.layout.short_index.get(path))
        if i is None:
            raise UsageError(
                f"no figure {path!r} in a report of form {self.form}",
                hint=_nearest(path, self.layout.paths),
            )
        return self._figure(i)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (
            path in self.layout.index or path in self.layout.short_index
        )

    def __iter__(self) -> Iterator[Figure]:
        """All figures in form order."""
        return (self._figure(i) for i in range(len(self.layout.figures)))

    def __len__(self) -> int:
        return len(self.layout.figures)

    def _figure(self, i: int) -> Figure:
        spec = self.layout.figures[i]
        c = self.columns
        return Figure(
            spec.path,
            c.values[i],
            c.states[i],
            c.raws[i],
            c.units.get(i, spec.unit),
            self.locator(i),
            c.repairs.get(i, ()),
        )

    def locator(self, i: int) -> Locator | None:
        """Where figure number ``i`` stands in the source."""
        return _located(self.columns.where[i])

    @property
    def values(self) -> dict[str, Number | None]:
        """Path to value, in form order."""
        return dict(zip(self.layout.paths, self.columns.values, strict=True))

    @property
    def states(self) -> dict[str, State]:
        """Path to state, in form order."""
        return dict(zip(self.layout.paths, self.columns.states, strict=True))

    @property
    def forms(self) -> Mapping[str, str]:
        """Table key to the form it follows; tables of which nothing was found included."""
        return self.layout.forms

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every hard identity of the form with its outcome."""
        return checks_of(self.layout, self.outcomes)

    @property
    def outcomes(self) -> list[Outcome]:
        """State and both sides per identity, in the order of ``layout.identities``."""
        if self._outcomes is None or self._outcomes is LATER:
            self._outcomes = self._worked_out()
        return self._outcomes

    @property
    def completeness(self) -> dict[str, int]:
        """How many figures are in each state, and how many checks."""
        states = Counter(self.columns.states)
        checks = Counter(o.state for o in self.outcomes)
        out = {"figures": len(self.columns.states)}
        for state in (
            State.REPORTED,
            State.SOLVED,
            State.BLANK,
            State.DASH,
            State.ABSENT,
            State.UNREADABLE,
            State.AMBIGUOUS,
        ):
            out[str(state)] = states[state]
        out["checks"] = len(self.outcomes)
        for check in CheckState:
            out[str(check)] = checks[check]
        return out

    @cached_property
    def narrative(self) -> tuple[NarrativeFigure, ...]:
        """The counts that the text states (收到申请12件 …), in document order."""
        from govreport_parse.checks.narrative import read_narrative

        return read_narrative(self)

    @cached_property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """Which cells are most likely wrong where identities are broken; never applied."""
        from govreport_parse.checks.corrections import suggest

        return suggest(self)

    # -- views (made by the modules that own the libraries) -------------------------------------

    def table(self, key: str, labels: Literal["key", "en", "zh"] = "key") -> pandas.DataFrame:
        """One table as a DataFrame of its rows and columns (25 x 7 for ``requests`` of 2021)."""
        from govreport_parse import frames

        return frames.table_frame(self, key, labels)

    def figures(self) -> pandas.DataFrame:
        """Long DataFrame, one row a figure."""
        from govreport_parse import frames

        return frames.to_frame([self], "long")

    def explain(self, path: str) -> str:
        """One paragraph on one figure: value, state, raw text, place, how matched, checks."""
        from govreport_parse import display

        return display.explain(self, path)

    def __str__(self) -> str:
        from govreport_parse import display

        return display.card(self)

    def __repr__(self) -> str:
        c = self.completeness
        return (
            f"<Report {self.report_id} {self.organ or 'organ ?'} {self.year or 'year ?'} "
            f"{self.form}: {c['reported']}/{c['figures']} figures, "
            f"{c['holds']}/{c['checks']} checks hold>"
        )

    def _repr_html_(self) -> str:
        from govreport_parse import display

        return display.html(self)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The long table as an Arrow C stream."""
        from govreport_parse import frames

        return frames.long_table([self]).__arrow_c_stream__(requested_schema)

    # -- JSON ----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, after the JSON Schema ``govreport/1``."""
        out: dict[str, Any] = {
            "schema": SCHEMA,
            "report_id": self.report_id,
            "source": self.source.to_dict(),
            "form": self.form,
            "forms": dict(self.forms),
            "title": self.title,
            "organ": self.organ,
            "organ_source": self.organ_source,
            "organ_level": self.organ_level,
            "organ_kind": self.organ_kind,
            "division_code": self.division_code,
            "division_source": self.division_source,
            "year": self.year,
            "year_source": self.year_source,
            "published": self.published.isoformat() if self.published else None,
            "published_source": self.published_source,
            "metadata": dict(self.metadata),
            "sections": [s.to_dict() for s in self.sections],
            "figures": [f.to_dict() for f in self],
            "checks": [c.to_dict() for c in self.checks],
            "findings": [f.to_dict() for f in self.findings],
            "extra_rows": [dict(r) for r in self.extra_rows],
            "rows": [r.to_dict() for r in self.rows.values()],
            "completeness": self.completeness,
        }
        if self.suggestions:
            out["suggestions"] = [s.to_dict() for s in self.suggestions]
        if self.others:
            out["others"] = [o.to_dict() for o in self.others]
        return out

    def to_json(self, indent: int | None = None) -> str:
        """``to_dict`` as JSON text (UTF-8 characters as they are)."""
        return dump_json(self.to_dict(), indent)


@dataclass(frozen=True, slots=True)
class Failure:
    """A source of which no report could be made, and why."""

    source: SourceInfo
    error: GovReportError

    @property
    def report_id(self) -> str:
        """First 16 hex digits of the SHA-256 of the bytes; empty when there were none."""
        return self.source.sha256[:16]

    def to_dict(self) -> dict[str, Any]:
        """The failure as the JSON of a document that can't be parsed."""
        return {
            "schema": SCHEMA,
            "source": self.source.to_dict(),
            "error": {
                "type": type(self.error).__name__,
                "message": self.error.message,
                "hint": self.error.hint,
            },
        }

    def to_json(self, indent: int | None = None) -> str:
        """``to_dict`` as JSON text."""
        return dump_json(self.to_dict(), indent)

    def __str__(self) -> str:
        return f"{self.source.name}: {type(self.error).__name__}: {self.error}"


def _located(where: Where) -> Locator | None:
    """The locator of a place; cells of tables make theirs when asked."""
    if isinstance(where, tuple):
        table, cell = where
        return table.locator(cell)
    return where


def dump_json(value: Any, indent: int | None = None) -> str:
    """JSON with Chinese as it is and decimals by their own digits."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    # Lone surrogates (from broken sources) can't be encoded as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _nearest(path: str, paths: Sequence[str]) -> str:
    near = difflib.get_close_matches(path, paths, n=1, cutoff=0.4)
    return f"did you mean {near[0]!r}?" if near else "see govreport codebook"
