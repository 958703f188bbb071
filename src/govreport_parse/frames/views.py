"""Reports, tables of a report, codebook and forms as pandas frames with nullable types.

Whole numbers are ``Int64``, amounts ``Float64``, texts ``string``, dates ``datetime64`` (``NaT``
where none is known): what was not read stays ``NA`` and never becomes 0.
"""

from __future__ import annotations

import difflib
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from govreport_parse.codebooks import ENTRY_FIELDS, Shape, entries
from govreport_parse.errors import UsageError
from govreport_parse.formbook import all_forms
from govreport_parse.frames.columns import number_column
from govreport_parse.frames.tables import Reports, to_table
from govreport_parse.report import Report

_STRING = pd.StringDtype("pyarrow")
_TYPES: dict[Any, Any] = {
    pa.string(): _STRING,
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def to_frame(reports: Reports, shape: Shape = "long", *, mask: bool = True) -> pd.DataFrame:
    """Reports as a DataFrame of one shape.

    ``mask``: personal numbers in texts are masked (``to_table`` says which).

    ``long``: one row a figure; ``wide``: one row a report, one column a figure of all forms;
    ``reports``: one row a report or failure; ``checks``, ``findings``, ``sections``,
    ``narrative`` (counts that the text gives), ``indicators`` (rows of the tables of older
    reports): one row each.
    Raises ``UsageError`` for an unknown shape and for anything that is no report.
    """
    return to_pandas(to_table(reports, shape, mask=mask))


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a DataFrame with nullable types."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_TYPES.get, date_as_object=False)
    return frame


def table_frame(
    report: Report, key: str, labels: Literal["key", "en", "zh"] = "key"
) -> pd.DataFrame:
    """One table of a report as rows x columns: 25 x 7 (23 x 7), 3 x 5, or table 2.

    In ``proactive_disclosure`` the columns are those of all its blocks; where the form has no
    such figure, and where none was read, stands ``NA``. ``labels`` names rows and columns by key,
    in English or in Chinese. Raises ``UsageError`` for a table that the report does not have.
    """
    if labels not in ("key", "en", "zh"):
        raise UsageError(f"no labels {labels!r}", hint="one of key, en, zh")
    specs = [s for s in report.layout.figures if s.table == key]
    if not specs:
        raise _no_table(report, key)
    rows = {s.row.key: s.row for s in specs}
    columns = {s.column.key: s.column for s in specs}
    values = report.values
    frame = pd.DataFrame(
        {
            name: _series(number_column([values.get(f"{key}/{r}/{name}") for r in rows], c.type))
            for name, c in columns.items()
        }
    )
    if labels == "en":
        names = [r.label_en for r in rows.values()], [c.label_en for c in columns.values()]
    elif labels == "zh":
        names = [r.printed for r in rows.values()], [c.label for c in columns.values()]
    else:
        names = list(rows), list(columns)
    frame.index = pd.Index(names[0], name="row")
    frame.columns = pd.Index(names[1], name="column")
    return frame


def _series(column: pa.Array) -> pd.Series[Any]:
    series: pd.Series[Any] = column.to_pandas(types_mapper=_TYPES.get)
    return series


def _no_table(report: Report, key: str) -> UsageError:
    known = [t.key for t in report.layout.tables]
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"its tables: {', '.join(known) or 'none'}"
    return UsageError(f"no table {key!r} in a report of form {report.form}", hint=hint)


def codebook_frame() -> pd.DataFrame:
    """The codebook as a DataFrame of strings."""
    lines = entries()
    return pd.DataFrame(
        {name: pd.array([getattr(e, name) for e in lines], dtype=_STRING) for name in ENTRY_FIELDS}
    )


def forms_frame() -> pd.DataFrame:
    """The annual forms, newest first, with their counts."""
    known = all_forms()
    text = {
        name: pd.array([getattr(f, name) for f in known], dtype=_STRING)
        for name in ("id", "name_zh", "name_en", "basis", "confidence")
    }
    counts = {
        "first_year": [f.first_year for f in known],
        "tables": [len(f.tables) for f in known],
        "figures": [len(f.figures) for f in known],
        "identities": [len(f.identities) for f in known],
    }
    return pd.DataFrame(text | {k: pd.array(v, dtype="Int64") for k, v in counts.items()})
