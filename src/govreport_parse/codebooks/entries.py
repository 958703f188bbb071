"""Every figure and every column of the frames, once: name, labels, unit, type, comparability.

In: the forms and the tables of columns beside this. Out: plain ``Entry`` records. Labels of
figures come from the form files only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from govreport_parse.codebooks.columns import SHAPES, Field
from govreport_parse.codebooks.views import DATASET_ONLY, VIEWS
from govreport_parse.formbook import PROACTIVE, REQUESTS, STATISTICS, FigureSpec, all_forms

WAN = "_wan"
"""Suffix of the wide frame's second column of an amount, in 万元."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the codebook. ``path`` is ``None`` for columns that are not figures."""

    path: str | None
    short: str
    zh: str
    en: str
    unit: str | None
    type: str
    form: str | None
    section: str | None
    table: str | None
    row: str | None
    column: str | None
    comparable_with: str | None
    basis: str | None
    note: str
    frame: str
    """The frames in which a column of this name stands, joined by ``;``."""


ENTRY_FIELDS = tuple(f.name for f in fields(Entry))


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """All figures of all forms in form order, then the other columns of frames and views.

    The columns of a dataset's tables that the shape of the same name does not have stand in
    frames of their own (``dataset.reports``).
    """
    out: list[Entry] = []
    for specs in figures_by_path().values():
        out.append(_figure_entry(specs))
        if specs[0].column.type == "decimal":
            out.append(_wan_entry(specs[0]))
    return (*out, *field_entries({**SHAPES, **VIEWS, **DATASET_ONLY}))


@lru_cache(maxsize=1)
def figures_by_path() -> Mapping[str, tuple[FigureSpec, ...]]:
    """Path to the figure in each form that has it, newest form first."""
    found: dict[str, list[FigureSpec]] = {}
    for form in all_forms():
        for spec in form.figures:
            found.setdefault(spec.path, []).append(spec)
    return {path: tuple(specs) for path, specs in found.items()}


def _figure_entry(specs: tuple[FigureSpec, ...]) -> Entry:
    first = specs[0]
    bases = {f.id: f.basis for f in all_forms()}
    return Entry(
        path=first.path,
        short=first.short,
        zh=first.label,
        en=first.label_en,
        unit=first.unit,
        type=first.column.type,
        form=";".join(s.form for s in specs),
        section=first.table,
        table=first.table,
        row=first.row.key,
        column=first.column.key,
        comparable_with=first.path if len(specs) > 1 else _formula(first),
        basis=";".join(bases[s.form] for s in specs),
        note=_note(specs),
        frame="wide" if first.column.type == "decimal" else "wide;panel",
    )


def _wan_entry(spec: FigureSpec) -> Entry:
    return Entry(
        path=None,
        short=spec.short + WAN,
        zh=f"{spec.label}（换算为万元）",
        en=f"{spec.label_en}, in 10,000 yuan",
        unit="万元",
        type="decimal",
        form=spec.form,
        section=spec.table,
        table=spec.table,
        row=spec.row.key,
        column=spec.column.key,
        comparable_with=None,
        basis=None,
        note=f"{spec.path} converted; null where the report states no unit",
        frame="wide;panel",
    )


def field_entries(columns: Mapping[Any, Iterable[Field]]) -> list[Entry]:
    """Columns that are no figures, each once, with the frames or tables that it stands in."""
    places: dict[Field, list[str]] = {}
    for place, held in columns.items():
        for field in held:
            places.setdefault(field, []).append(place)
    return [
        Entry(
            path=None,
            short=f.name,
            zh=f.zh,
            en=f.en,
            unit=f.unit,
            type=f.type,
            form=None,
            section=None,
            table=None,
            row=None,
            column=None,
            comparable_with=None,
            basis=None,
            note=f.note,
            frame=";".join(found),
        )
        for f, found in places.items()
    ]


# -- comparability -------------------------------------------------------------------------------

SPLIT_ROW = "other_handling"
SPLIT_INTO = ("lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other")
"""The 2019 form's one row that the 2021 form splits in three."""

_NOT_COMPARABLE: Mapping[tuple[str, str], str] = {
    (PROACTIVE, "issued"): "not newly_made of the 2019 form: another quantity under another name",
    (PROACTIVE, "repealed"): "the 2019 form does not ask for it",
    (PROACTIVE, "in_force"): "not published_total of the 2019 form: in force against published",
    (PROACTIVE, "newly_made"): "not issued of the 2021 form: another quantity under another name",
    (PROACTIVE, "newly_published"): "the 2021 form does not ask for it",
    (PROACTIVE, "published_total"): "not in_force of the 2021 form: published against in force",
    (PROACTIVE, "items_prior_year"): "counts items of a list; the 2021 form does not ask for it",
    (PROACTIVE, "items_change"): "signed; the 2021 form does not ask for it",
    (PROACTIVE, "decisions"): "the 2021 form does not ask for this row",
    (PROACTIVE, "projects"): "the 2021 form does not ask for it",
}
_AMOUNT_NOTES = {
    "administrative_fees": "the 2019 form counts fee items, not the money charged",
    "government_procurement": "the form prints no unit; the unit of the cell is taken where there"
    " is one; the 2021 form does not ask for it",
}
_STATISTICS_NOTE = (
    "confidence medium-low: wording not compared with the official annex, rows told by their"
    " labels; counted by the rules of 2014, not comparable with the forms of 2019 and 2021"
)


def _formula(spec: FigureSpec) -> str | None:
    """The figures of the other form that measure the same, as an equation of paths."""
    if spec.table != REQUESTS or spec.row.key not in (SPLIT_ROW, *SPLIT_INTO):
        return None
    parts = " + ".join(f"{REQUESTS}/{row}/{spec.column.key}" for row in SPLIT_INTO)
    return f"{REQUESTS}/{SPLIT_ROW}/{spec.column.key} = {parts}"


def _note(specs: tuple[FigureSpec, ...]) -> str:
    first = specs[0]
    if first.table == STATISTICS:
        return _STATISTICS_NOTE
    if len(specs) > 1:
        other = [s for s in specs[1:] if s.label != first.label]
        return "; ".join(f"{s.form}: {s.label}" for s in other)
    if first.row.key == SPLIT_ROW:
        return "one row in 2019, three rows in 2021"
    if first.row.key in SPLIT_INTO and first.table == REQUESTS:
        return "part of other_handling in 2019; comparable only as the sum of three rows"
    if first.column.key == "amount":
        return _AMOUNT_NOTES[first.row.key]
    return _NOT_COMPARABLE.get((first.table, first.column.key), "")
