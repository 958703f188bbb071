"""Every figure and every column of the frames, once: name, labels, unit, type, comparability.

``columns`` and ``views`` hold the columns that are no figures, ``entries`` makes the codebook's
lines of them and of the forms; ``codebook()`` gives it as a DataFrame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from govreport_parse.codebooks.columns import SHAPES, Field, FieldType, Shape
from govreport_parse.codebooks.entries import (
    ENTRY_FIELDS,
    WAN,
    Entry,
    entries,
    field_entries,
    figures_by_path,
)

if TYPE_CHECKING:
    import pandas

__all__ = [
    "ENTRY_FIELDS",
    "SHAPES",
    "WAN",
    "Entry",
    "Field",
    "FieldType",
    "Shape",
    "codebook",
    "entries",
    "field_entries",
    "figures_by_path",
    "forms_frame",
]


def codebook() -> pandas.DataFrame:
    """The codebook as a DataFrame, one row a figure and column, in the order of ``entries``."""
    from govreport_parse import frames

    return frames.codebook_frame()


def forms_frame() -> pandas.DataFrame:
    """The annual forms as a DataFrame: id, names, basis, first year, counts, confidence."""
    from govreport_parse import frames

    return frames.forms_frame()
