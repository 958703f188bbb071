"""Rows of indicator tables in older reports, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from govreport_parse.frames.columns import floats, strings
from govreport_parse.matching.statistics_figures import TABLE
from govreport_parse.privacy import mask_text
from govreport_parse.record_json import locator_from_dict
from govreport_parse.report import Report

_MASKED = ("group", "label", "raw")
_NAMES = ("group", "label", "code", "unit", "value", "state", "raw", "form", "row", "locator")


def indicator_columns(reports: Sequence[Report], *, mask: bool) -> tuple[Any, list[pa.Array]]:
    """Which report each row is of, and the columns from ``position`` to ``locator``."""
    own = [[row for row in r.extra_rows if row["table"] == TABLE] for r in reports]
    counts = [len(rows) for rows in own]
    rows = [_row(row) for of_one in own for row in of_one]
    columns = [
        pa.array([k for n in counts for k in range(1, n + 1)], pa.int64()),
        pa.array([row["indicator_table"] for row in rows], pa.int64()),
    ]
    for name in _NAMES:
        values = [row[name] for row in rows]
        if name == "value":
            columns.append(floats(values))
        else:
            masked = mask and name in _MASKED
            columns.append(strings([mask_text(v) for v in values] if masked else values))
    return np.repeat(np.arange(len(reports), dtype=np.int64), counts), columns


def _row(row: Any) -> dict[str, Any]:
    place = locator_from_dict(row["locator"])
    return {
        **row,
        "code": row["code"] or row.get("number"),
        "group": row["group"] or None,
        "raw": " | ".join(row["cells"]),
        "locator": str(place) if place else None,
    }
