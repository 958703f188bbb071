"""The parts of pages that are made from the package: forms and codebook, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from govreport_parse.codebooks import Entry, entries
from govreport_parse.formbook import Block, Form, all_forms
from govreport_parse.formbook import form as form_of


def page_part(what: str) -> str:
    """``form ID``, ``codebook ID`` or ``codebook columns`` as Markdown.

    ``LookupError`` for anything else: Sphinx then stops.
    """
    kind, _, name = what.partition(" ")
    if kind == "form":
        return _form(form_of(name))
    if kind == "codebook":
        return _codebook(name)
    raise LookupError(f"no generated part {what!r}")


def form_names() -> tuple[str, ...]:
    """The forms that have a page part."""
    return tuple(f.id for f in all_forms())


# -- forms -------------------------------------------------------------------------------------


def _form(form: Form) -> str:
    out = [
        f"{form.name_zh}. Basis: {form.basis}; first report year {form.first_year}; "
        f"{len(form.figures)} figures, {len(form.identities)} identities.",
        "",
    ]
    if form.sections:
        out += ["Sections:", ""]
        out += [f"- `{s.key}` {s.printed} ({s.label_en})" for s in form.sections] + [""]
    for table in form.tables:
        out += [f"### `{table.key}` in {form.id}", "", f"{table.label}.", ""]
        for block in table.blocks:
            out += _block(block)
    sums = [
        f"- `{i}`: {len(list(group))} × {basis}"
        for (i, basis), group in groupby(form.identities, lambda i: (i.id, i.basis))
    ]
    if sums:
        out += [f"### Identities in {form.id}", "", *sums, ""]
    return "\n".join(out)


def _block(block: Block) -> list[str]:
    columns = ", ".join(f"`{c.key}` {c.label} ({c.label_en})" for c in block.columns)
    rows = [
        (f"`{row.key}`" if row.is_data else "", row.printed, row.label_en) for row in block.rows
    ]
    head = [f"{block.label}: columns {columns}", ""] if block.label else [f"Columns: {columns}", ""]
    return head + _table(("row", "printed as", "English"), rows) + [""]


# -- codebook ----------------------------------------------------------------------------------


def _codebook(name: str) -> str:
    own = [e for e in entries() if (e.form or "") == ("" if name == "columns" else name)]
    if not own:
        raise LookupError(f"the codebook has no part {name!r}")
    if name == "columns":
        return "\n".join(
            _table(
                ("column", "frame", "zh", "en", "type", "note"),
                ((f"`{e.short}`", e.frame, e.zh, e.en, e.type, e.note) for e in own),
            )
        )
    return "\n".join(_table(("short name and path", "zh", "en", "unit", "remarks"), map(_row, own)))


def _row(e: Entry) -> Sequence[object]:
    other = e.comparable_with if e.comparable_with != e.path else None
    remarks = [f"comparable with `{other}`"] if other else []
    remarks += [e.note] if e.note else []
    return (f"`{e.short}`<br>`{e.path}`", e.zh, e.en, e.unit, "; ".join(remarks))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(c) for c in row)} |" for row in rows]
    return lines


def _cell(value: object) -> str:
    return str(value or "").replace("|", "\\|").replace("\n", " ")
