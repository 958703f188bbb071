"""A folder of Parquet tables that a crash can't damage: write, load, query, export.

``write_dataset`` adds reports and failures, ``known_sources`` tells which need not be parsed again;
``load`` gives a ``Dataset`` with lazy tables, a panel, SQL and exports; ``verify_dataset`` compares
every byte with what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govreport_parse.dataset.exports import export
    from govreport_parse.dataset.places import known_sources
    from govreport_parse.dataset.read import Dataset, load
    from govreport_parse.dataset.verify import Problem, verify_dataset
    from govreport_parse.dataset.views import View
    from govreport_parse.dataset.write import WriteResult, write_dataset

_HOMES = {
    "export": "exports",
    "Dataset": "read",
    "load": "read",
    "Problem": "verify",
    "verify_dataset": "verify",
    "View": "views",
    "WriteResult": "write",
    "known_sources": "places",
    "write_dataset": "write",
}

__all__ = [
    "Dataset",
    "Problem",
    "View",
    "WriteResult",
    "export",
    "known_sources",
    "load",
    "verify_dataset",
    "write_dataset",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
