"""Whose report it is: level and kind of an organ, and its division code in the report's year.

In: the organ's name as printed and what the page says beside it. Out: ``OrganInfo``. A code is
given only where the evidence leaves one; otherwise it is ``None`` and the candidates are listed.
"""

from __future__ import annotations

from govreport_parse.organs.describing import describe_organ
from govreport_parse.organs.divisions import LAST_LIST_YEAR, Division, all_divisions, divisions_in
from govreport_parse.organs.info import Kind, Level, OrganInfo
from govreport_parse.organs.mapping import OrganMapping, mapping_of, read_mapping

__all__ = [
    "LAST_LIST_YEAR",
    "Division",
    "Kind",
    "Level",
    "OrganInfo",
    "OrganMapping",
    "all_divisions",
    "describe_organ",
    "divisions_in",
    "mapping_of",
    "read_mapping",
]
