"""A dataset as a Frictionless data package: CSV files and ``datapackage.json`` that describes them.

Written by hand after the published specification (Data Package 1, Table Schema 1).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from govreport_parse.codebooks import Entry
from govreport_parse.dataset import disk
from govreport_parse.dataset.exports import meanings, schema_for, sheets, write_csv, write_text
from govreport_parse.dataset.layout import DATASET_SCHEMA
from govreport_parse.dataset.methods import methods_note
from govreport_parse.dataset.pieces import CHILDREN
from govreport_parse.report import dump_json

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

_TYPES = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.date32(): "date",
}
_TITLES = {
    "codebook": "Every figure and column with its meaning",
    "wide": "One row a report, one column a figure",
    "panel": "One row an organ and year, the figures that both forms ask for",
    "coverage": "One row a division or organ and year: whether its report is here",
    "reports": "One row a report",
    "figures": "One row a figure of a report",
    "checks": "One row an identity of a report",
    "findings": "One row an observation about a report",
    "sections": "One row a section of a report, with its text",
    "narrative": "One row a count that a sentence of a report gives",
    "indicators": "One row a row of an indicator table in an older report",
    "failures": "One row a document of which no report could be made",
}
_KEYS = {
    "reports": ["report_id"],
    "wide": ["report_id"],
    "panel": ["report_id"],
    "figures": ["report_id", "path"],
    "sections": ["report_id", "position"],
}


def write_datapackage(dataset: Dataset, folder: Path, *, csv_safe: bool) -> list[Path]:
    """Write the tables as CSV (UTF-8 without BOM) and the descriptor, which comes last."""
    made = [write_csv(dataset, name, folder, csv_safe=csv_safe, mark=False) for name in sheets()]
    note = write_text(folder / "README.md", methods_note(dataset))
    descriptor = {
        "profile": "tabular-data-package",
        "name": "govreport-dataset",
        "title": "Chinese open-government-information annual reports",
        "description": (
            "Figures of government-information annual reports (政府信息公开工作年度报告). A "
            "missing value is empty and never 0; its state says why."
            + (" Texts that begin like a formula have an apostrophe before them." * csv_safe)
        ),
        "version": str(DATASET_SCHEMA),
        "keywords": ["China", "open government information", "政府信息公开"],
        "sources": [{"title": "Annual reports as published; addresses in reports.csv, column url"}],
        "resources": [_resource(path) for path in made],
    }
    text = dump_json(descriptor, indent=2) + "\n"
    return [*made, note, write_text(folder / "datapackage.json", text)]


def _resource(path: Path) -> dict[str, Any]:
    name = path.stem
    known = meanings(name)
    schema: dict[str, Any] = {
        "fields": [_field(f, known.get(f.name)) for f in schema_for(name)],
        "missingValues": [""],
    }
    if name in _KEYS:
        schema["primaryKey"] = _KEYS[name]
    if name in ("panel", "coverage", *CHILDREN):
        schema["foreignKeys"] = [
            {
                "fields": ["report_id"],
                "reference": {"resource": "reports", "fields": ["report_id"]},
            }
        ]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path.name,
        "title": _TITLES[name],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{disk.sha256_of(path)}",
        "schema": schema,
    }


def _field(field: pa.Field, entry: Entry | None) -> dict[str, Any]:
    out: dict[str, Any] = {"name": field.name, "type": _TYPES[field.type]}
    if entry is not None:
        out["title"] = f"{entry.zh} / {entry.en}"
        about = [entry.unit and f"unit: {entry.unit}", entry.path, entry.note]
        if text := "; ".join(a for a in about if a):
            out["description"] = text
    return out
