"""Random reports whose every figure is known: the ground truth of tests and of users' own tests.

``random_record`` draws a consistent record (all hard identities hold) from a ``random.Random``;
``render_text``, ``render_html`` make documents of it, ``damage`` harms them, ``judge`` compares
what a reader reports with what it may honestly report. The generator knows the forms and nothing
of the parser, so that agreement of the two means something.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Literal

from govreport_parse.errors import UsageError
from govreport_parse.formbook import loader
from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW, FigureSpec, Layout
from govreport_parse.testing.prose import Organ, random_organ, random_sections, random_title
from govreport_parse.values import Number, State

FormId = Literal["ogi_annual_2021", "ogi_annual_2019", "hybrid"]
Size = Literal["zero", "small", "county", "city"]

HYBRID = "hybrid"
"""The 2021 form with the 23-row table 3 of 2019 (seen in reports of 2023 and 2024)."""

_FULL_WIDTH = str.maketrans("0123456789.,+-", "０１２３４５６７８９．，＋－")


@dataclass(frozen=True, slots=True)
class CellText:
    """One figure as printed: what stands in the cell and what must be read from it.

    ``value`` is ``None`` unless ``state`` is ``reported``; ``unit`` is the unit the reader should
    state (the cell's own, else the form's).
    """

    text: str
    value: Number | None
    state: State
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a report prints its numbers (evidence.md, c).

    ``zero`` stands for 0 everywhere (``""`` leaves the cell blank); ``blank_totals`` leaves the
    column 总计 of the outcome rows blank (Shanghai 2019); ``thousands`` separates groups of three;
    ``amount_unit`` (``元``, ``万元``) is printed in amount cells, with the amount converted;
    ``change`` prints signed changes as ``-18 3`` (plain), ``-18 +3`` (plus), ``减18 增3`` (words).
    """

    zero: str = "0"
    blank_totals: bool = False
    thousands: str = ""
    full_width: bool = False
    amount_unit: str | None = None
    notes: bool = False
    change: Literal["plain", "plus", "words"] = "plain"


STYLES: Mapping[str, Style] = {
    "plain": Style(),
    "blank_zeros": Style(zero=""),
    "dashes": Style(zero="-"),
    "slashes": Style(zero="/"),
    "long_dashes": Style(zero="—"),
    "blank_totals": Style(blank_totals=True),
    "shanghai": Style(zero="", blank_totals=True, amount_unit="元"),
    "thousands": Style(thousands=","),
    "full_width": Style(full_width=True),
    "yuan": Style(amount_unit="元"),
    "wan_yuan": Style(amount_unit="万元"),
    "notes": Style(notes=True),
    "plus_signs": Style(change="plus"),
    "change_words": Style(change="words"),
}
"""Named styles; ``random_record`` takes a name or a ``Style``."""


@dataclass(frozen=True)
class Record:
    """One report, known completely.

    ``cells`` has every figure path of ``layout`` in form order. ``sections`` maps section keys to
    paragraphs, tables left out; ``preamble`` stands before the first heading.
    """

    form: str
    organ: str
    year: int
    title: str
    published: str
    preamble: tuple[str, ...]
    sections: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, CellText]

    @property
    def layout(self) -> Layout:
        """The tables of the record's form."""
        return layout_of(self.form)

    def values(self) -> dict[str, Number | None]:
        """Path to value as a reader must report it."""
        return {path: cell.value for path, cell in self.cells.items()}

    def with_cell(self, path: str, cell: CellText) -> Record:
        """The record with one figure printed otherwise; sums are not mended."""
        return replace(self, cells={**self.cells, path: cell})


@cache
def layout_of(form: str) -> Layout:
    """The layout of a form id or of ``hybrid``. ``UsageError`` for anything else."""
    if form == HYBRID:
        return loader.layout("ogi_annual_2021", "ogi_annual_2019", "ogi_annual_2021")
    if form not in loader.ANNUAL_FORMS:
        raise UsageError(
            f"no form {form!r} to generate",
            hint=f"one of {', '.join((*loader.ANNUAL_FORMS, HYBRID))}",
        )
    return loader.form(form).layout


def record_of(
    figures: Mapping[str, Number],
    *,
    form: str = "ogi_annual_2021",
    style: Style | str = "plain",
    organ: str = "青禾县水利局",
    year: int = 2023,
    rng: random.Random | None = None,
) -> Record:
    """A record with the given figures, all others 0; nothing is checked for consistency.

    Texts come from ``rng`` (a fixed seed when ``None``). Unknown paths raise ``UsageError``.
    """
    rng = rng or random.Random(0)
    layout = layout_of(form)
    unknown = set(figures) - set(layout.paths)
    if unknown:
        raise UsageError(
            f"{form} has no figure {min(unknown)!r}", hint="paths are table/row/column"
        )
    numbers: dict[str, Number] = {p: figures.get(p, 0) for p in layout.paths}
    printed = _print_all(rng, layout, numbers, _style(style), 0.0)
    return _record(
        rng, form, numbers=numbers, cells=printed, organ=Organ(organ, "我单位"), year=year
    )


def random_record(
    rng: random.Random,
    form: str = "ogi_annual_2021",
    size: Size = "county",
    blanks: float = 0.0,
    style: Style | str = "plain",
) -> Record:
    """A record in which all hard identities hold (blanks read as 0, blank totals aside).

    ``size``: ``zero`` (nothing happened), ``small`` (a bureau or town, up to some 15 requests),
    ``county`` (up to some 250), ``city`` (thousands, decisions in the millions). Most cells are 0
    and natural persons dominate, as published. ``blanks`` is the share of zeros printed as blank
    cells. The same generator state gives the same record.
    """
    layout = layout_of(form)
    if size not in _SCALE:
        raise UsageError(f"no size {size!r}", hint=f"one of {', '.join(_SCALE)}")
    numbers: dict[str, Number] = dict.fromkeys(layout.paths, 0)
    if size != "zero":
        numbers |= _requests(rng, layout, size)
        numbers |= _review(rng, layout, size)
        numbers |= _proactive(rng, layout, size)
    printed = _print_all(rng, layout, numbers, _style(style), blanks)
    year = rng.choice(_YEARS[form])
    organ = random_organ(rng, size)
    return _record(rng, form, numbers=numbers, cells=printed, organ=organ, year=year)


_YEARS: Mapping[str, Sequence[int]] = {
    "ogi_annual_2021": range(2021, 2026),
    "ogi_annual_2019": (2019, 2020),
    HYBRID: (2023, 2024),
}


def _style(style: Style | str) -> Style:
    if isinstance(style, Style):
        return style
    if style not in STYLES:
        raise UsageError(f"no style {style!r}", hint=f"one of {', '.join(STYLES)}")
    return STYLES[style]


def _print_all(
    rng: random.Random, layout: Layout, numbers: Mapping[str, Number], style: Style, blanks: float
) -> dict[str, CellText]:
    return {
        f.path: _printed(rng, f, numbers[f.path], style, blank=rng.random() < blanks)
        for f in layout.figures
    }


def _record(
    rng: random.Random,
    form: str,
    *,
    numbers: Mapping[str, Number],
    cells: Mapping[str, CellText],
    organ: Organ,
    year: int,
) -> Record:
    def at(row: str, column: str = "total") -> int:
        return int(numbers[f"{REQUESTS}/{row}/{column}"])

    facts = {
        "received": at("requests_received"),
        "carried": at("requests_carried_in"),
        "done": at("outcomes_total"),
        "forward": at("carried_forward"),
        "natural": at("requests_received", "natural_person"),
    }
    preamble, sections = random_sections(rng, organ, year, facts)
    return Record(
        form=form,
        organ=organ.name,
        year=year,
        title=random_title(rng, organ, year),
        published=f"{year + 1}-{rng.randint(1, 3):02d}-{rng.randint(1, 28):02d}",
        preamble=preamble,
        sections=sections,
        cells=cells,
    )


# --- numbers -------------------------------------------------------------------------------

_SCALE: Mapping[str, tuple[int, int]] = {
    "zero": (0, 0),
    "small": (0, 15),
    "county": (15, 250),
    "city": (600, 4000),
}

_KINDS = (
    "natural_person",
    "business",
    "research_institution",
    "public_interest_org",
    "legal_service_org",
    "other_org",
)
_KIND_WEIGHTS = (0.88, 0.07, 0.005, 0.01, 0.02, 0.015)

# Relative frequency of outcomes in published reports; rows not named are rare.
_OUTCOMES = {
    "granted": 36.0,
    "not_held": 28.0,
    "granted_in_part": 9.0,
    "petition_complaint": 6.0,
    "needs_creation": 3.0,
    "other_handling_other": 3.0,
    "repeated_request": 2.0,
}
_ENDS = frozenset({"requests_received", "requests_carried_in", "outcomes_total", "carried_forward"})


def outcome_rows(layout: Layout) -> tuple[str, ...]:
    """The rows of table 3 that add up to （七）总计."""
    rows = layout.table(REQUESTS).blocks[0].data_rows
    return tuple(r.key for r in rows if r.key not in _ENDS)


def _requests(rng: random.Random, layout: Layout, size: str) -> dict[str, Number]:
    """Table 3 by drawing each request: its applicant's kind, its year, its fate."""
    low, high = _SCALE[size]
    new = rng.randint(low, high)
    old = rng.randint(0, max(1, new // 12))
    leaves = outcome_rows(layout)
    weights = [
        _OUTCOMES.get(leaf, 1.0) * (rng.random() if leaf in _OUTCOMES or rng.random() < 0.5 else 0)
        for leaf in leaves
    ]
    fates = rng.choices((*leaves, "carried_forward"), (*weights, sum(weights) * 0.03), k=new + old)
    kinds = rng.choices(_KINDS, _KIND_WEIGHTS, k=new + old)
    count: Counter[tuple[str, str]] = Counter()
    for i, (fate, kind) in enumerate(zip(fates, kinds, strict=True)):
        origin = "requests_received" if i < new else "requests_carried_in"
        rows = (origin, fate) if fate == "carried_forward" else (origin, fate, "outcomes_total")
        for row in rows:
            count[row, kind] += 1
            count[row, "total"] += 1
    return {f"{REQUESTS}/{row}/{column}": n for (row, column), n in count.items()}


def _review(rng: random.Random, layout: Layout, size: str) -> dict[str, Number]:
    _, high = _SCALE[size]
    out: dict[str, Number] = {}
    results = ("upheld", "corrected", "other_outcome", "pending")
    for row in layout.table(REVIEW).rows:
        cases = 0 if rng.random() < 0.35 else rng.randint(0, max(2, high // 12))
        count = Counter(rng.choices(results, (0.6, 0.12, 0.18, 0.1), k=cases))
        for result, n in count.items():
            out[f"{REVIEW}/{row.key}/{result}"] = n
        out[f"{REVIEW}/{row.key}/total"] = cases
    return out


_TABLE2_SCALE = {"small": 300, "county": 60_000, "city": 2_900_000}


def _proactive(rng: random.Random, layout: Layout, size: str) -> dict[str, Number]:
    """Table 2: stocks are not smaller than flows; a rule below city level is an exception."""
    scale = _TABLE2_SCALE[size]
    documents = {"small": 6, "county": 90, "city": 600}[size]
    out: dict[str, Number] = {}
    for spec in layout.table(PROACTIVE).figures:
        row, column = spec.row.key, spec.column.key
        top = scale if spec.block in ("art20_5", "art20_6") else documents
        if row == "rules":
            top = 14 if size == "city" else 0
        if spec.column.type == "decimal":
            out[spec.path] = _amount(rng, scale)
        elif spec.column.type == "signed":
            out[spec.path] = rng.choice((0, 0, rng.randint(1, 30), -rng.randint(1, 30)))
        elif column in ("issued", "repealed", "newly_made", "newly_published"):
            out[spec.path] = rng.randint(0, top // 3)
        elif rng.random() < 0.2:
            out[spec.path] = 0
        else:
            out[spec.path] = int(top ** rng.random()) if top else 0
    for row in ("rules", "normative_documents"):
        stock = next(
            (p for c in ("in_force", "published_total") if (p := f"{PROACTIVE}/{row}/{c}") in out),
            None,
        )
        if stock is not None:
            flow = out.get(f"{PROACTIVE}/{row}/issued", out.get(f"{PROACTIVE}/{row}/newly_made", 0))
            out[stock] = max(int(out[stock]), int(flow))
    return out


def _amount(rng: random.Random, scale: int) -> Decimal:
    """An amount in 万元: nothing, whole, or with up to six decimal places."""
    if rng.random() < 0.25:
        return Decimal(0)
    whole = rng.randint(1, max(2, scale // 100))
    places = rng.choice((0, 1, 2, 2, 4, 6))
    if not places:
        return Decimal(whole)
    digits = rng.randint(1, 10**places - 1)
    return Decimal(f"{whole}.{digits:0{places}d}".rstrip("0"))


# --- print ---------------------------------------------------------------------------------


def _printed(
    rng: random.Random, spec: FigureSpec, number: Number, style: Style, *, blank: bool
) -> CellText:
    """One number as the style prints it, with what must be read from it."""
    unit = spec.unit
    is_total = spec.table == REQUESTS and spec.column.key == "total"
    if style.blank_totals and is_total and spec.row.key not in _ENDS:
        return CellText("", None, State.BLANK, unit)
    if number == 0:
        if blank or style.zero == "":
            return CellText("", None, State.BLANK, unit)
        if style.zero != "0":
            return CellText(style.zero, None, State.DASH, unit)
    value, suffix = number, ""
    if spec.column.type == "decimal":
        value = Decimal(number)
        if style.amount_unit and number != 0:
            unit = suffix = style.amount_unit
            value = _shifted(value, 4) if unit == "元" else value
    text = _digits(value, style.thousands)
    if spec.column.type == "signed" and value != 0:
        text = _signed(int(value), text.lstrip("-"), style.change)
    if style.full_width:
        text = text.translate(_FULL_WIDTH)
    if style.notes and spec.column.key in ("issued", "newly_made") and value > 1:
        suffix = f"（其中修订{rng.randint(1, int(value) - 1)}件）"
    return CellText(text + suffix, value, State.REPORTED, unit)


def _shifted(value: Decimal, places: int) -> Decimal:
    """``value`` times ten to ``places``, without an exponent or trailing zeros after the point."""
    text = format(value.scaleb(places), "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _digits(value: Number, thousands: str) -> str:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not thousands:
        return text
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", thousands) + dot + rest


def _signed(value: int, digits: str, how: str) -> str:
    if how == "words":
        return ("增" if value > 0 else "减") + digits
    if value < 0:
        return "-" + digits
    return "+" + digits if how == "plus" else digits
