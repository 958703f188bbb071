"""A dataset as Stata files (.dta, version 14 and later), with variable and value labels."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.exports import (
    arriving,
    meanings,
    rows_for,
    schema_for,
    write_csv,
    write_text,
)
from govreport_parse.dataset.layout import TABLES
from govreport_parse.dataset.methods import methods_note
from govreport_parse.dataset.panel import EXACT

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

FILES = ("wide", "panel", "coverage", *TABLES)
LABEL = 80
"""Characters of a variable label."""
SHORT = 2045
"""Bytes of the longest text that is no strL."""
_CODED = frozenset({"form", "table", "row", "column", "path", "state", "unit", "severity"})
"""Columns of few words: numbers with value labels."""
WORDS = 32_000
"""Bytes that the value labels of a variable may take."""
LARGEST = 8.98e307
"""Stata's doubles end a little above; the larger ones are its missing values."""
_STAMP = datetime.datetime(1980, 1, 1)


def write_stata(dataset: Dataset, folder: Path) -> list[Path]:
    """Write one .dta a table, the codebook as CSV and the methods note.

    Missing numbers are Stata's ``.``, missing texts are empty. Numbers that Stata can't hold as
    they are (above 2^53, above 8.98e307) are missing too; the methods note says how many.
    """
    made = []
    lost: dict[str, int] = {}
    for name in FILES:
        table = pa.concat_tables([schema_for(name).empty_table(), *rows_for(dataset, name)])
        target = folder / f"{name}.dta"
        with arriving(target) as part:
            fitting = _fitting(table)
            lost[name] = sum(c.null_count for c in fitting.columns) - sum(
                c.null_count for c in table.columns
            )
            _write(fitting, name, part)
        made.append(target)
    made.append(write_csv(dataset, "codebook", folder, csv_safe=True, mark=True))
    notes = "".join(
        f"\nIn {name}.dta {n:,} numbers are larger than Stata holds exactly and stand as missing.\n"
        for name, n in lost.items()
        if n
    )
    return [*made, write_text(folder / "methods.md", methods_note(dataset) + notes)]


def _fitting(table: pa.Table) -> pa.Table:
    """The table with null for every number that Stata would change."""
    for i, field in enumerate(table.schema):
        if field.type in (pa.float64(), pa.int64()):
            most = LARGEST if field.type == pa.float64() else EXACT - 1
            column = table.column(i)
            held = pc.and_(pc.less_equal(column, most), pc.greater_equal(column, -most))
            kept = pc.if_else(held, column, pa.scalar(None, field.type))
            table = table.set_column(i, field, kept)
    return table


def _labels(name: str) -> dict[str, str]:
    """Column of a file to its label: Chinese and English, as far as it fits."""
    return {column: f"{e.zh} {e.en}"[:LABEL] for column, e in meanings(name).items()}


def _write(table: pa.Table, name: str, part: Path) -> None:
    labels = _labels(name)
    frame = pd.DataFrame({n: _series(table[n], n) for n in table.schema.names})
    frame.to_stata(
        part,
        write_index=False,
        version=118,
        time_stamp=_STAMP,
        data_label=f"govreport_parse: {name}",
        variable_labels={n: labels.get(n, n) for n in frame.columns},
        convert_dates={f.name: "td" for f in table.schema if f.type == pa.date32()},
        convert_strl=[f.name for f in table.schema if _is_long(table[f.name], f)],
    )


def _series(column: pa.ChunkedArray, name: str) -> Any:
    kind = column.type
    if kind == pa.string():
        if _is_coded(column, name):
            return pd.Series(pd.Categorical(column.to_pandas().astype(object)))
        # Stata's texts end at a NUL
        whole = pc.replace_substring(pc.fill_null(column, ""), "\0", "\N{REPLACEMENT CHARACTER}")
        return whole.to_pandas().astype(object)
    if kind == pa.date32():
        return column.to_pandas(date_as_object=False)
    if column.null_count:
        return column.cast(pa.float64()).to_pandas()
    return column.to_pandas()


def _is_coded(column: pa.ChunkedArray, name: str) -> bool:
    """Whether a column of few words becomes numbers with labels (units of older reports may be
    too many)."""
    if name not in _CODED or not len(column):
        return False
    words = pc.unique(column)
    return (pc.sum(pc.binary_length(words)).as_py() or 0) + len(words) < WORDS


def _is_long(column: pa.ChunkedArray, field: pa.Field) -> bool:
    if field.type != pa.string() or not len(column) or _is_coded(column, field.name):
        return False
    return bool((pc.max(pc.binary_length(column)).as_py() or 0) > SHORT)
