"""From the archive to the dataset: what was fetched is read back, parsed and written in rounds.

A report's page and the files attached to it make one report (``combining``).
Documents are parsed in killable child processes. A page counts as parsed only after the dataset
that holds its report is committed.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from govreport_parse.dataset import write_dataset
from govreport_parse.errors import (
    BlockedError,
    DatasetError,
    FetchError,
    GovReportError,
    HttpStatusError,
    LimitExceededError,
    NetworkError,
    RobotsDisallowedError,
    UnsupportedFormatError,
)
from govreport_parse.fetch.archive import read_record
from govreport_parse.fetch.display_name import display_name
from govreport_parse.fetch.heads import applied_codings
from govreport_parse.fetch.inflate import codings, inflate
from govreport_parse.fetch.state import Capture, Group, Missed, State
from govreport_parse.harvesting.articles import Member, members_of
from govreport_parse.harvesting.combining import Result, combined
from govreport_parse.harvesting.damage import told_damage
from govreport_parse.harvesting.importing import imported_digest, imported_name
from govreport_parse.harvesting.listed import without_listed
from govreport_parse.harvesting.offered import Offers
from govreport_parse.mining.mirrors import mark_mirror
from govreport_parse.parsing import parse_many
from govreport_parse.report import Failure, Report, SourceInfo
from govreport_parse.source import Source
from govreport_parse.workers import is_available

INNER = "dataset"
"""Where a harvest folder keeps its dataset."""
ROUND = 2000
"""Groups parsed before the dataset is written."""

NOT_MODIFIED = 304


@dataclass(slots=True)
class IngestCounts:
    """What the parser made of the groups so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    uncorrected: int = 0
    """Reports that had a person's corrections before a build and have none after it."""
    repairs: tuple[str, ...] = ()
    """What was mended of the folder when a build opened it, in words for people."""
    lost: int = 0
    """Documents that were found lost when a build opened the folder."""
    open: int = 0
    """Addresses that are still to be fetched at the end of a build."""

    @property
    def groups(self) -> int:
        """Groups parsed."""
        return sum(self.outcomes.values())


class Ingest:
    """Parses what a harvest folder has archived.

    ``correct`` may alter a report (corrections). ``stop`` tells to end the round at hand early.
    """

    def __init__(
        self,
        state: State,
        *,
        jobs: int = 1,
        everything: bool = False,
        correct: Callable[[Report], Report] | None = None,
        version: str | None = None,
        stop: Callable[[], bool] = lambda: False,
        **options: Any,
    ) -> None:
        self.counts = IngestCounts()
        self._state, self._jobs, self._everything = state, jobs, everything
        self._correct, self._version, self._options = correct, version, options
        self._stop = stop
        self._after = 0
        self._offers = offers_of(state)

    def round(self, limit: int = ROUND) -> int:
        """Parse up to ``limit`` groups and commit them; how many there were."""
        found = self._state.groups(self._after, limit, everything=self._everything)
        if not found:
            return 0
        found = [self._offers.told(group) for group in found]
        start = time.monotonic()
        retrieved: dict[str, str] = {}
        told: list[tuple[str, str, str]] = []
        settled: set[str] = set()
        write_dataset(
            self._results(found, retrieved, told, settled),
            self._state.folder / INNER,
            parser_version=self._version,
            retrieved=retrieved,
            settled=settled,
        )
        self._state.mark_parsed(told)
        if self._everything:
            self._after = found[-1].number
        self.counts.outcomes.update(word for _, word, _ in told)
        self.counts.seconds += time.monotonic() - start
        return len(found)

    def finish(self) -> None:
        """Note in the dataset what could not be fetched."""
        failures = [failure_of(m) for m in self._state.missed() if _is_document(m)]
        if failures or not (self._state.folder / INNER).exists():
            folder = self._state.folder / INNER
            write_dataset(failures, folder, parser_version=self._version)

    def _results(
        self,
        found: Sequence[Group],
        retrieved: dict[str, str],
        told: list[tuple[str, str, str]],
        settled: set[str],
    ) -> Iterator[Result]:
        counts: deque[int] = deque()
        sources = (s for group in found for s in self._sources(group, retrieved, counts))
        results = parse_many(sources, jobs=self._jobs, isolated=is_available(), **self._options)
        for group in found:
            if self._stop():  # what is parsed is kept, the rest is for the next run
                return
            members = [next(results)]
            members += [next(results) for _ in range(counts.popleft() - 1)]
            members = told_damage(self._state.folder, group, members)
            members = without_listed(group, members, self._read)
            made = [self._finished(one) for one in combined(group, members)]
            if isinstance(
                made[0], Report
            ):  # a page that once failed alone is explained by its file
                settled.update(member.source.sha256 for member in members)
            word, detail = verdict(made[0])
            more = f"; {len(made) - 1} more reports in its files" if made[1:] else ""
            told.append((group.url, word, detail + more))
            yield from made

    def _read(self, capture: Capture) -> Source:
        return source_of(self._state.folder, capture, {})

    def _finished(self, result: Result) -> Result:
        if isinstance(result, Report):
            mark_mirror(result)
            if self._correct is not None:
                return self._correct(result)
        return result

    def _sources(
        self, group: Group, retrieved: dict[str, str], counts: deque[int]
    ) -> Iterator[Source]:
        members = documents_of(self._state.folder, group)
        counts.append(len(members))
        for member in members:
            fetched = member.captures[0].fetched_at
            retrieved.setdefault(member.source.sha256, fetched.isoformat())
            yield member.source


def documents_of(folder: Path, group: Group) -> list[Member]:
    """The documents of a group, read back from the archive; the page with all its pages first."""
    given = given_of(group)
    return members_of(group, lambda capture: source_of(folder, capture, given))


def given_of(group: Group) -> dict[str, Any]:
    """What the sources say of a group's report; a list's year is a filter, not the report's."""
    told = {
        "organ": group.organ,
        "year": None if group.from_list else group.year,
        "division_code": group.division_code,
    }
    return {name: value for name, value in told.items() if value is not None}


def offers_of(state: State) -> Offers:
    """What the lists of a harvest folder said of its reports."""
    return Offers(state, lambda capture: source_of(state.folder, capture, {}))


def source_of(folder: Path, capture: Capture, given: dict[str, Any]) -> Source:
    """The document of a capture: payload read back and checked, content coding undone.

    It is called as the server called it (Content-Disposition), else by its address. A record that
    can't be read back gives an empty source, whose failure ``told_damage`` explains.
    """
    data = called = b""
    place = (capture.segment, capture.offset, capture.length, capture.sha256)
    try:
        record = read_record(folder, *place)
        called = _disposition(record.head)
        # A 304 has no body: what it stands for came with a head of its own.
        told = capture.content_encoding.encode("latin-1", "replace")
        names = codings([applied_codings(record.head) if capture.status == NOT_MODIFIED else told])
        data = inflate(record.payload, names).content if names else record.payload
    except DatasetError:
        pass
    kind = capture.content_type if capture.content_type != "application/octet-stream" else ""
    imported = imported_name(capture.url)
    if imported is not None:
        return Source(data, imported, None, kind or None, given=given)
    last = unquote(urlsplit(capture.url).path.rpartition("/")[2], errors="replace")
    name = display_name(called, capture.url) or last or capture.url
    return Source(data, name, capture.url, kind or None, given=given)


def _disposition(head: bytes) -> bytes:
    """The value of Content-Disposition in the head of an answer; empty without one."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            return value.strip()
    return b""


def verdict(result: Result) -> tuple[str, str]:
    """The word and the detail that the state keeps: ``parsed``, ``partial`` or ``failed``."""
    if isinstance(result, Failure):
        return "failed", f"{type(result.error).__name__}: {result.error.message}"
    counts = result.completeness
    lost = counts["absent"] + counts["unreadable"] + counts["ambiguous"]
    missing = sum(finding.code == "page_missing" for finding in result.findings)
    shown = f"{counts['reported'] + counts['solved']} of {counts['figures']} figures"
    if not counts["figures"]:
        return "partial", f"{result.form}: no tables of the annual form"
    if missing:
        return "partial", f"{shown}, {lost} lost; pages of the article are missing ({missing})"
    if lost:
        return "partial", f"{shown}, {lost} lost"
    return "parsed", f"{shown}, {counts['holds']} of {counts['checks']} checks hold"


# -- what could not be fetched ---------------------------------------------------------------------


def _is_document(missed: Missed) -> bool:
    """Not a list page that was looked for and is not there, unless the sources name it."""
    return missed.kind in ("report", "attachment") or not missed.parent


def failure_of(missed: Missed) -> Failure:
    """An address that ended without a document, as a failure for the dataset."""
    context: dict[str, Any] = {"code": missed.code, "reason": missed.reason}
    for name in ("organ", "division_code", "year"):
        value = getattr(missed, name)
        if value is not None:
            context[name] = value
    message = f"{missed.code}: {missed.reason}" + (f" ({missed.detail})" if missed.detail else "")
    error = _kind(missed)(message, context=context)
    imported = imported_name(missed.url)
    if imported is not None:
        # A report of the same bytes, read before they were lost or after, makes up for it.
        return Failure(SourceInfo(imported, None, imported_digest(missed.url), 0, "", None), error)
    return Failure(SourceInfo(missed.url, missed.url, "", 0, "", None), error)


def _kind(missed: Missed) -> type[GovReportError]:
    if missed.reason == "damaged":
        return DatasetError
    if missed.code == "blocked":
        return BlockedError
    if missed.reason.startswith("robots"):
        return RobotsDisallowedError
    if missed.code == "gone" or missed.reason == "http_status":
        return HttpStatusError
    if missed.code == "quarantine":
        return LimitExceededError if "large" in missed.reason else UnsupportedFormatError
    if missed.code in ("retry", "failed"):
        return HttpStatusError if missed.status >= 400 else NetworkError
    return FetchError
