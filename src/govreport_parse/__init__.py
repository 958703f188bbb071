"""Chinese open-government-information annual reports, from the published page to checked data.

    import govreport_parse as gov

    report = gov.parse("report.html")
    report["requests/granted/total"]
    gov.to_frame([report], shape="long")

Importing the package is cheap: pandas, pyarrow and the readers load on first use.
"""

from __future__ import annotations

# The name that type checkers take for true; importing typing would cost half of the import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from govreport_parse import plots
    from govreport_parse.bundled import sample_paths, samples
    from govreport_parse.checks.panel import check_panel
    from govreport_parse.codebooks import codebook
    from govreport_parse.dataset import Dataset, load, verify_dataset, write_dataset
    from govreport_parse.errors import (
        BlockedError,
        DatasetError,
        DecodeError,
        FetchError,
        GovReportError,
        HttpStatusError,
        LimitExceededError,
        NetworkError,
        NotAReportError,
        ParseError,
        RobotsDisallowedError,
        ScannedDocumentError,
        UnknownEncodingError,
        UnsupportedFormatError,
        UsageError,
    )
    from govreport_parse.formbook import Form
    from govreport_parse.formbook import all_forms as forms
    from govreport_parse.frames import to_frame
    from govreport_parse.harvesting.rebuild import build
    from govreport_parse.harvesting.run import Run, harvest
    from govreport_parse.mining import mine
    from govreport_parse.organs import OrganMapping, read_mapping
    from govreport_parse.parsing import parse, parse_many
    from govreport_parse.privacy import mask
    from govreport_parse.reading import read_document
    from govreport_parse.report import Failure, Report, Section
    from govreport_parse.source import Source
    from govreport_parse.values import Check, CheckState, Figure, Finding, Locator, Repair, State

__version__ = "0.1.0"

_HOMES = {
    "check_panel": "checks.panel",
    "codebook": "codebooks",
    "build": "harvesting.rebuild",
    "harvest": "harvesting.run",
    "Run": "harvesting.run",
    "mask": "privacy",
    "mine": "mining",
    "Dataset": "dataset",
    "load": "dataset",
    "verify_dataset": "dataset",
    "write_dataset": "dataset",
    "forms": "formbook",
    "Form": "formbook",
    "to_frame": "frames",
    "OrganMapping": "organs",
    "read_mapping": "organs",
    "parse": "parsing",
    "parse_many": "parsing",
    "read_document": "reading",
    "Failure": "report",
    "Report": "report",
    "Section": "report",
    "sample_paths": "bundled",
    "samples": "bundled",
    "Source": "source",
    "Check": "values",
    "CheckState": "values",
    "Figure": "values",
    "Finding": "values",
    "Locator": "values",
    "Repair": "values",
    "State": "values",
    "BlockedError": "errors",
    "DatasetError": "errors",
    "DecodeError": "errors",
    "FetchError": "errors",
    "GovReportError": "errors",
    "HttpStatusError": "errors",
    "LimitExceededError": "errors",
    "NetworkError": "errors",
    "NotAReportError": "errors",
    "ParseError": "errors",
    "RobotsDisallowedError": "errors",
    "ScannedDocumentError": "errors",
    "UnknownEncodingError": "errors",
    "UnsupportedFormatError": "errors",
    "UsageError": "errors",
}

_NAMES = {"forms": "all_forms"}
"""Public names that their home calls otherwise: inside, ``forms`` means the annual forms."""

_ROOMS = ("plots",)
"""Modules that are part of the public face as they are."""

__all__ = [
    "BlockedError",
    "Check",
    "CheckState",
    "Dataset",
    "DatasetError",
    "DecodeError",
    "Failure",
    "FetchError",
    "Figure",
    "Finding",
    "Form",
    "GovReportError",
    "HttpStatusError",
    "LimitExceededError",
    "Locator",
    "NetworkError",
    "NotAReportError",
    "OrganMapping",
    "ParseError",
    "Repair",
    "Report",
    "RobotsDisallowedError",
    "Run",
    "ScannedDocumentError",
    "Section",
    "Source",
    "State",
    "UnknownEncodingError",
    "UnsupportedFormatError",
    "UsageError",
    "build",
    "check_panel",
    "codebook",
    "forms",
    "harvest",
    "load",
    "mask",
    "mine",
    "parse",
    "parse_many",
    "plots",
    "read_document",
    "read_mapping",
    "sample_paths",
    "samples",
    "to_frame",
    "verify_dataset",
    "write_dataset",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None and name not in _ROOMS:
        raise AttributeError(f"module 'govreport_parse' has no attribute {name!r}")
    from importlib import import_module

    if home is None:
        return import_module(f"govreport_parse.{name}")
    value = getattr(import_module(f"govreport_parse.{home}"), _NAMES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
