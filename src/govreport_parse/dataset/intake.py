"""What goes into a dataset on one write: reports, staged parts or other datasets, as pieces.

An ``Intake`` keeps pieces in the writer's store and leaves out what the dataset has already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from govreport_parse.dataset.failures import failure_row
from govreport_parse.dataset.index import Known, year_key
from govreport_parse.dataset.joining import joined
from govreport_parse.dataset.pieces import Piece, Store, flat, piece_of
from govreport_parse.errors import UsageError
from govreport_parse.report import Failure, Report

Item = Report | Failure
When = Callable[[Item], str | None]


@dataclass(slots=True)
class Intake:
    """What one write takes in."""

    store: Store
    known: Known
    version: str
    counts: Counter[str]
    failures: list[Mapping[str, Any]] = field(default_factory=list)
    masked: bool | None = True
    """Whether the texts of what was taken in are masked; ``None``: not known of some."""

    def take_masked(self, told: bool | None) -> None:
        """Note how the texts of some reports are; one that is not masked outweighs the rest."""
        self.masked = both_masked(self.masked, told)

    def add(self, piece: Piece) -> None:
        """Take a piece whose reports the dataset does not have."""
        if piece.reports.num_rows:
            self.store.add(piece)

    def is_new(self, report_id: str, sha256: str, name: str | None, url: str | None) -> bool:
        """Whether a report is to be stored; counts it where it is not."""
        is_there = self.known.fate(report_id, sha256, name, url) == "skipped"
        self.counts["skipped"] += is_there
        return not is_there

    def unknown(self, piece: Piece) -> Piece:
        """The reports of a piece that the dataset does not have, has of an older parser, or does
        not know at their place: that goes into ``other_sources``, as in one write of all."""
        if not len(self.known):
            return piece
        names = ("report_id", "sha256", "source_name", "url")
        told = zip(*(piece.reports[name].to_pylist() for name in names), strict=True)
        new = [self.is_new(*one) for one in told]
        return piece if all(new) else joined([piece], np.flatnonzero(new))


def both_masked(one: bool | None, other: bool | None) -> bool | None:
    """Of two sets of reports together: masked where both are, not where one is known not to be."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def from_results(
    intake: Intake, results: Iterable[Item], when: When, *, mask: bool, batch: int
) -> None:
    """Reports and failures in any number, ``batch`` reports a piece."""
    wanted = _wanted(intake, results, when)
    while some := list(islice(wanted, batch)):
        intake.take_masked(mask)
        intake.add(sorted_piece(some, intake.version, mask=mask))


def sorted_piece(reports: list[tuple[Report, str | None]], version: str, *, mask: bool) -> Piece:
    """The piece of some reports (without ``others``) and when they were fetched, by year and id."""
    reports.sort(key=lambda pair: (year_key(pair[0].year), pair[0].report_id))
    return piece_of([r for r, _ in reports], version, [w for _, w in reports], mask=mask)


def _wanted(
    intake: Intake, results: Iterable[Item], when: When
) -> Iterator[tuple[Report, str | None]]:
    """The reports to store, one by one; failures are put aside."""
    for item in results:
        if isinstance(item, Failure):
            intake.failures.append(failure_row(item, when(item), intake.version))
            continue
        if not isinstance(item, Report):
            raise UsageError(
                f"a report or failure is needed, not {type(item).__name__}",
                hint="give what parse() or parse_many() returned",
            )
        for report in flat(item):
            source = report.source
            if intake.is_new(report.report_id, source.sha256, source.name, source.url):
                yield report, when(item)
