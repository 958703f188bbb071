"""Short marks of what a report says: which reports are copies, and which only share an id."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.formbook import Layout
from govreport_parse.frames.figures import PATHS, Gathered
from govreport_parse.report import Report

IDENTIFYING = 10
"""So many numbers other than 0 tell a report from others of the same organ name and year; with
fewer, division or host must be the same too (a report of zeros is like many others)."""


@lru_cache(maxsize=2**14)
def folded(text: str | None) -> str:
    """A name without white space and width variants, for comparison."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def place_of(division_code: str | None, url: str | None) -> str:
    """What tells organs of one name apart: the division, else the host."""
    if division_code:
        return division_code
    return (urlsplit(url).hostname or "") if url and _splits(url) else ""


def _splits(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def digests_of(reports: Sequence[Report], figures: Gathered) -> tuple[list[str | None], list[str]]:
    """Per report the digest of its figures (or ``None``) and of all that was read of them."""
    missing = np.asarray(pc.is_null(figures.values))
    numbers = np.asarray(pc.fill_null(figures.values, 0.0))
    told = np.where(missing, np.nan, numbers)
    starts = np.concatenate([[0], np.cumsum(figures.counts)])
    digests: list[str | None] = []
    contents: list[str] = []
    for i, report in enumerate(reports):
        rows = slice(int(starts[i]), int(starts[i + 1]))
        layout = _layout_mark(report.layout)
        values = told[rows].tobytes()
        place: str | None = place_of(report.division_code, report.source.url)
        if np.count_nonzero(numbers[rows]) >= IDENTIFYING:
            place = ""
        elif missing[rows].all() or not (place and report.organ and report.year is not None):
            place = None
        digests.append(None if place is None else _figures_digest(report, place, layout, values))
        read = figures.states[rows].tobytes()
        contents.append(_content(layout, values, read, report.source.sha256))
    return digests, contents


def _figures_digest(report: Report, place: str, layout: bytes, values: bytes) -> str:
    head = f"{report.year}\n{folded(report.organ)}\n{place}"
    return _hash(head.encode("utf-8", "replace"), layout, values)


_layouts: dict[int, tuple[Layout, bytes]] = {}


def _layout_mark(layout: Layout) -> bytes:
    known = _layouts.get(id(layout))
    if known is None:
        if len(_layouts) >= 256:
            _layouts.clear()
        mark = _paths_mark(layout.paths)
        known = _layouts[id(layout)] = (layout, mark)
    return known[1]


def _hash(*pieces: bytes) -> str:
    return hashlib.blake2b(b"\0".join(pieces), digest_size=16).hexdigest()


def _content(layout: bytes, values: bytes, states: bytes, sha256: str) -> str:
    return _hash(layout, values, states, sha256.encode())


def contents_of(figures: pa.Table, starts: Any, sha256: Sequence[str]) -> list[str]:
    """What ``digests_of`` tells of all that was read, from the figures of a piece."""
    values = figures["value"].combine_chunks()
    missing = np.asarray(pc.is_null(values))
    told = np.where(missing, np.nan, np.asarray(pc.fill_null(values, 0.0)))
    states = np.asarray(figures["state"].combine_chunks()).astype(np.int32)
    paths = np.asarray(figures["path"].combine_chunks()).astype(np.int32)
    marks: dict[bytes, bytes] = {}
    out = []
    for i, sha in enumerate(sha256):
        rows = slice(int(starts[i]), int(starts[i + 1]))
        codes = paths[rows].tobytes()
        if codes not in marks:
            marks[codes] = _paths_mark([PATHS.words[c] for c in paths[rows].tolist()])
        out.append(_content(marks[codes], told[rows].tobytes(), states[rows].tobytes(), sha))
    return out


def _paths_mark(paths: Sequence[str]) -> bytes:
    return hashlib.sha256("\n".join(paths).encode()).digest()
