"""The real parser with the faults of ``killers`` beside it, as a worker's target."""

from __future__ import annotations

from typing import Any

import killers

from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.workers import target as worker_target
from govreport_parse.workers.target import warm_up

__all__ = ["parse", "warm_up"]


def parse(source: Source, options: dict[str, Any]) -> Report | Failure:
    """The target."""
    parser = killers if source.data.startswith(b"KILL:") else worker_target
    return parser.parse(source, options)
