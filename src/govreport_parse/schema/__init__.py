"""The JSON Schema (draft 2020-12) of one report and of a document that could not be parsed."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

FILE = "govreport-1.json"


def schema_text() -> str:
    """The schema as it is shipped, JSON text."""
    return (resources.files(__package__) / FILE).read_text("utf-8")


def schema() -> dict[str, Any]:
    """The schema of one line of ``govreport parse --format jsonl``: a report or a failure.

    ``$defs/report`` and ``$defs/failure`` are the two kinds alone.
    """
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded
