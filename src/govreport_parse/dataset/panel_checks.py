"""The panel checks over a dataset: its reports as far as they need them, from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from govreport_parse.checks.panel import PanelFinding, check_panel
from govreport_parse.dataset.jsonlines import forms_of
from govreport_parse.dataset.layout import view_schema
from govreport_parse.dataset.manifest import Part
from govreport_parse.dataset.views import reading
from govreport_parse.errors import DatasetError
from govreport_parse.formbook import Layout
from govreport_parse.record_json import layout_of_figures
from govreport_parse.report import FigureColumns, Report, SourceInfo
from govreport_parse.values import Number, State

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

_MARKS = ("duplicate_of", "superseded_by")
_HEAD = ("report_id", "organ", "organ_level", "division_code", "form")
_FORMS = ("form_proactive_disclosure", "form_requests", "form_review_and_litigation")
_FIGURES = ("report_id", "path", "value", "state", "unit")


def panel_findings(dataset: Dataset, levels: Mapping[str, str] | None) -> pa.Table:
    """One row an observation, organ by organ."""
    found = check_panel(_reports(dataset), levels)
    return pa.Table.from_pylist([_row(f) for f in found], schema=view_schema("check_panel"))


def _row(finding: PanelFinding) -> dict[str, str | None]:
    return {
        "organ": finding.organ,
        "division_code": finding.division_code,
        "years": ";".join("?" if y is None else str(y) for y in finding.years),
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "figures": ";".join(finding.figures),
        "report_ids": ";".join(finding.report_ids),
    }


# -- reports from tables ---------------------------------------------------------------------------


def _reports(dataset: Dataset) -> Iterator[Report]:
    """The current reports with figures, units and what tells whose they are; nothing else."""
    figures = {(p.year, p.bits, p.bucket): p for p in dataset.figures.parts}
    layouts: dict[Any, Layout] = {}
    with reading(dataset.reports, dataset.figures):
        for part in dataset.reports.parts:
            own = figures.get((part.year, part.bits, part.bucket))
            yield from _of_part(dataset, part, own, layouts)


def _of_part(
    dataset: Dataset, part: Part, figures: Part | None, layouts: dict[Any, Layout]
) -> Iterator[Report]:
    names = [*_HEAD, *_FORMS, *_MARKS]
    rows = pq.read_table(dataset.folder / part.path, columns=names, partitioning=None).to_pylist()
    columns: dict[str, list[Any]] = {name: [] for name in _FIGURES}
    if figures is not None:
        table = pq.read_table(
            dataset.folder / figures.path, columns=list(_FIGURES), partitioning=None
        )
        columns = {name: table[name].to_pylist() for name in _FIGURES}
    ids = columns["report_id"]
    end = 0
    for row in rows:  # both tables are sorted by id
        start = end
        while end < len(ids) and ids[end] == row["report_id"]:
            end += 1
        if all(row[mark] is None for mark in _MARKS):
            own = {name: columns[name][start:end] for name in _FIGURES}
            yield _report({**row, "year": part.year}, own, layouts)


def _report(row: dict[str, Any], own: dict[str, list[Any]], layouts: dict[Any, Layout]) -> Report:
    layout = _layout(row, own["path"], layouts)
    specs = layout.figures
    values = [_number(v, s.column.type) for v, s in zip(own["value"], specs, strict=True)]
    n = len(values)
    units = {i: u for i, (u, s) in enumerate(zip(own["unit"], specs, strict=True)) if u != s.unit}
    return Report(
        report_id=row["report_id"],
        source=SourceInfo("", None, "", 0, "", None),
        layout=layout,
        form=row["form"],
        columns=FigureColumns(
            values, [State(s) for s in own["state"]], [None] * n, [None] * n, units
        ),
        organ=row["organ"],
        organ_level=row["organ_level"],
        division_code=row["division_code"],
        year=row["year"],
        _outcomes=[],
    )


def _number(value: float | None, kind: str) -> Number | None:
    if value is None:
        return None
    if kind == "decimal":
        return Decimal(str(value))
    return int(value) if value.is_integer() else Decimal(str(value))


def _layout(row: dict[str, Any], paths: list[str], layouts: dict[Any, Layout]) -> Layout:
    key = tuple(paths)
    if key not in layouts:
        keys = [(p[0], p[1], p[2]) for p in (path.split("/") for path in paths)]
        try:
            layouts[key] = layout_of_figures(forms_of(row, (k[0] for k in keys[:1])), keys)
        except ValueError as error:
            raise DatasetError(
                f"the figures of report {row['report_id']} are those of no form: {error}",
                hint="run govreport verify on the folder",
            ) from error
    return layouts[key]
