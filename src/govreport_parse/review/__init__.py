"""Pages on which a person looks at a reading beside its source, and the verdicts that come back.

``report_page`` shows one document: left the source, right the form, each figure tied to its cell.
``dataset_page`` shows a dataset: who reported when, how completely. Both are one HTML file
without any outside resource. ``read_verdicts`` reads the corrections that a page exports,
``apply_verdicts`` puts them into reports as marked overrides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govreport_parse.review.index import dataset_page
    from govreport_parse.review.page import report_page
    from govreport_parse.review.verdicts import (
        Verdict,
        apply_verdicts,
        check_verdicts,
        corrector,
        read_verdicts,
    )

_HOMES = {
    "Verdict": "verdicts",
    "apply_verdicts": "verdicts",
    "check_verdicts": "verdicts",
    "corrector": "verdicts",
    "dataset_page": "index",
    "read_verdicts": "verdicts",
    "report_page": "page",
}

__all__ = [
    "Verdict",
    "apply_verdicts",
    "check_verdicts",
    "corrector",
    "dataset_page",
    "read_verdicts",
    "report_page",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
