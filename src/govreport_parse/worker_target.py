"""What a worker does with a document: the one function that fork servers name."""

from __future__ import annotations

from typing import Any

from govreport_parse.parsing import parse_or_failure
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source


def parse(source: Source, options: dict[str, Any]) -> Report | Failure:
    """``parsing.parse_or_failure`` on a source."""
    return parse_or_failure(source, options)
