"""Reports as Arrow tables, pandas frames, Parquet and CSV.

``tables`` makes the Arrow tables, ``views`` the pandas frames (pandas loads on first use of one of
its names: Arrow and files do without it), ``files`` writes Parquet and CSV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from govreport_parse.frames.columns import WAN_YUAN
from govreport_parse.frames.files import (
    TableWriter,
    defused,
    write_codebook,
    write_csv,
    write_parquet,
)
from govreport_parse.frames.tables import (
    checks_table,
    findings_table,
    long_table,
    reports_table,
    schema_of,
    sections_table,
    to_table,
    wide_table,
)

if TYPE_CHECKING:
    from govreport_parse.frames.views import (
        codebook_frame,
        forms_frame,
        table_frame,
        to_frame,
        to_pandas,
    )

__all__ = [
    "WAN_YUAN",
    "TableWriter",
    "checks_table",
    "codebook_frame",
    "defused",
    "findings_table",
    "forms_frame",
    "long_table",
    "reports_table",
    "schema_of",
    "sections_table",
    "table_frame",
    "to_frame",
    "to_pandas",
    "to_table",
    "wide_table",
    "write_codebook",
    "write_csv",
    "write_parquet",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from govreport_parse.frames import views

        return getattr(views, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
