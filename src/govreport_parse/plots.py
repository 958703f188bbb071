"""Small charts of reports and datasets, on matplotlib (extra ``[plot]``)."""

from __future__ import annotations
