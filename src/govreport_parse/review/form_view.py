"""The form of a report as rows of cells, in the layout of the Chinese form. Plain values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, Block, Row, Table
from govreport_parse.report import Report
from govreport_parse.values import State

SIGNS = {State.DASH: "—", State.UNREADABLE: "?", State.AMBIGUOUS: "?"}


@dataclass(frozen=True, slots=True)
class FormCell:
    """A head (``figure`` is ``None``) or a figure (its position in the report's figures)."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class FormTable:
    """One table of the form."""

    label: str
    label_en: str
    rows: tuple[tuple[FormCell, ...], ...]


def form_tables(report: Report) -> list[FormTable]:
    """All tables of the report's form, each figure in its cell."""
    return [FormTable(t.label, t.label_en, tuple(_rows(report, t))) for t in report.layout.tables]


Cells = tuple[FormCell, ...]


def _rows(report: Report, table: Table) -> Iterator[Cells]:
    kinds = {PROACTIVE: _proactive, REQUESTS: _requests, REVIEW: _review}
    build = kinds.get(table.key, _plain)
    return build(report, table)


def _figures(report: Report, table: Table, block: Block, row: Row, wide: int = 0) -> list[FormCell]:
    out = []
    for n, column in enumerate(block.columns):
        i = report.layout.index[f"{table.key}/{row.key}/{column.key}"]
        value, state = report.columns.values[i], report.columns.states[i]
        text = f"{value:,}" if value is not None else SIGNS.get(state, "")
        last = n == len(block.columns) - 1
        out.append(FormCell(text, max(1, wide - n) if last else 1, 1, i))
    return out


def _plain(report: Report, table: Table) -> Iterator[Cells]:
    for block in table.blocks:
        yield FormCell(block.label), *(FormCell(c.label) for c in block.columns)
        for row in block.rows:
            if row.is_data:
                yield FormCell(row.printed), *_figures(report, table, block, row)
            else:
                yield (FormCell(row.printed, len(block.columns) + 1),)


def _proactive(report: Report, table: Table) -> Iterator[Cells]:
    wide = max(len(b.columns) for b in table.blocks)
    for block in table.blocks:
        yield (FormCell(block.label, wide + 1),)
        *first, last = [c.label for c in block.columns]
        heads = [FormCell(x) for x in first]
        yield FormCell(table.words[0]), *heads, FormCell(last, wide - len(first))
        for row in block.data_rows:
            yield FormCell(row.printed), *_figures(report, table, block, row, wide)


def _requests(report: Report, table: Table) -> Iterator[Cells]:
    for block in table.blocks:
        corner, top, group = table.words
        person, *organs, total = [c.label for c in block.columns]
        yield FormCell(corner, 3, 3), FormCell(top, len(block.columns))
        yield FormCell(person, 1, 2), FormCell(group, len(organs)), FormCell(total, 1, 2)
        yield tuple(FormCell(o) for o in organs)
        parents = {r.key: r.parent for r in block.rows}
        for row in block.rows:
            depth, parent = 0, row.parent
            while parent is not None:
                depth += 1
                parent = parents.get(parent)
            lead = [FormCell("")] * depth
            if row.is_data:
                yield (
                    *lead,
                    FormCell(row.printed, 3 - depth),
                    *_figures(report, table, block, row),
                )
            else:
                yield *lead, FormCell(row.printed, 3 - depth + len(block.columns))


def _review(report: Report, table: Table) -> Iterator[Cells]:
    """The case kinds one below the other: side by side they would be too wide for half a page."""
    for block in table.blocks:
        yield FormCell(""), *(FormCell(c.label) for c in block.columns)
        for row in block.data_rows:
            yield FormCell(row.label), *_figures(report, table, block, row)
