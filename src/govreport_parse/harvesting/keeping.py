"""From answers to archive and state: what each leads to, and when it is tried again.

Everything here runs in the committer's thread. An address is done only when its bytes are safe.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from govreport_parse.fetch.archive import Archive, Original
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.robots import read_robots
from govreport_parse.fetch.sitemaps import is_sitemap
from govreport_parse.fetch.state import Claim, Done, State, Target, store_answer
from govreport_parse.harvesting.door import REASON as STOPPED

ROBOTS = "robots"
"""The kind of a robots.txt, which the gate asks for; it stands in no queue."""
OF_THIS_RUN = frozenset(
    ("host_requests", "host_bytes", "host_given_up", "host_blocked", "robots_unreachable")
)
"""Refusals of the gate for which a host is left alone for the rest of a run, not for good."""
_PARKS = 2
"""A host may ask to be left alone for so many times the attempts at one address."""


class Expand(Protocol):
    """What a page leads to. Called in the committer's thread."""

    def __call__(self, claim: Claim, answer: Answer) -> tuple[Target, ...]:
        """The addresses to be known from now on."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Times in seconds."""

    tasks: int = 512
    """Hosts worked on at once; connections are bounded by the gate."""
    attempts: int = 3
    retry_wait: float = 60.0
    """Before the second attempt; doubled before the third, with full jitter above half of it."""
    longest_wait: float = 3600.0
    """Addresses that may not be asked for within this time are left for the next run."""
    drain: float = 30.0
    """How long answers under way may take to end once the run is to stop."""
    ahead: int = 1
    """Addresses of one host that are taken from the queue at once."""


class Keeper:
    """Commits batches of answers. ``strict``: robots.txt is read strictly (``Pace``)."""

    def __init__(
        self,
        state: State,
        archive: Archive,
        expand: Expand,
        options: CrawlOptions,
        *,
        strict: bool,
        now: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._state, self._archive, self._expand = state, archive, expand
        self._options, self._strict, self._now, self._chance = options, strict, now, chance
        self._parks: Counter[str] = Counter()
        """How often an address was put off without having been tried."""

    def keep(
        self, batch: Sequence[tuple[Claim, Answer]], hosts: Sequence[Mapping[str, object]]
    ) -> list[Done]:
        """Archive and record answers, with the rows of their hosts.

        Raises ``DatasetError`` when archive or state can't be written.
        """
        done: list[Done] = []
        for claim, got in batch:
            answer, found = self._expanded(claim, got)
            is_page = claim.kind != ROBOTS
            done.append(
                store_answer(
                    self._archive,
                    answer,
                    claim=claim if is_page else None,
                    found=found,
                    retry_at=self._retry_at(claim, answer) if is_page else None,
                    unmodified=self._unmodified(claim, answer),
                )
            )
        ends = self._archive.sync()
        self._parse_again(batch)
        self._state.record(done, ends, hosts=hosts, robots=self._robots(batch))
        return done

    def _robots(self, batch: Sequence[tuple[Claim, Answer]]) -> list[dict[str, object]]:
        """What the gate makes of each robots.txt, kept with it so that it is asked for once."""
        rows: list[dict[str, object]] = []
        for claim, answer in batch:
            if claim.kind == ROBOTS:
                rules = read_robots(answer, now=self._now(), strict=self._strict)
                if rules.decision != "deny":
                    rows.append({"address": claim.url, **rules.to_row()})
        return rows

    def _parse_again(self, batch: Sequence[tuple[Claim, Answer]]) -> None:
        """A file that comes late belongs to a page that may have been parsed without it."""
        late = {
            claim.parent
            for claim, answer in batch
            if claim.kind == "attachment" and answer.outcome.code is Code.OK
        }
        if late:
            # Before the file counts: until then the page waits for it, and a kill loses nothing.
            self._state.mark_parsed([(url, "", "") for url in sorted(late)])

    def _expanded(self, claim: Claim, answer: Answer) -> tuple[Answer, tuple[Target, ...]]:
        if claim.kind == ROBOTS or not (answer.outcome.code is Code.OK or _leads_on(claim, answer)):
            return answer, ()
        try:
            return answer, self._expand(claim, answer)
        except Exception as error:  # noqa: BLE001  (the harvest's boundary: the page is kept)
            told = f"its links were not read: {unforeseen(error).detail}"[:300]
            return replace(answer, outcome=replace(answer.outcome, detail=told)), ()

    def _unmodified(self, claim: Claim, answer: Answer) -> Original | None:
        """The answer that a 304 says is still good."""
        if answer.outcome.code is not Code.NOT_MODIFIED:
            return None
        capture = self._state.previous(claim.url)
        return None if capture is None else capture.original()

    def _retry_at(self, claim: Claim, answer: Answer) -> float | None:
        """When an address is to be tried again; ``None``: never."""
        outcome = answer.outcome
        tried = claim.attempts + 1 - self._parks[claim.url]
        if outcome.reason == STOPPED:
            return self._now()
        if outcome.code is Code.REFUSED and outcome.reason in OF_THIS_RUN:  # after a redirect
            return self._now() + self._options.longest_wait + 1.0
        if outcome.code is Code.HOST_PARKED:
            if not answer.exchanges:
                self._parks[claim.url] += 1
            elif tried >= _PARKS * self._options.attempts:
                return None
            return self._now() + max(1.0, outcome.retry_after or self._options.retry_wait)
        if outcome.code is not Code.RETRY or tried >= self._options.attempts:
            return None
        most = self._options.retry_wait * float(2 ** max(0, tried - 1))
        wait: float = max(outcome.retry_after or 0.0, most * (0.5 + 0.5 * self._chance()))
        return self._now() + wait


def _leads_on(claim: Claim, answer: Answer) -> bool:
    """A list that is no document may lead on: as data of a script, or as a packed sitemap."""
    if claim.kind not in ("list", "site"):
        return False
    return answer.outcome.reason == "js_shell" or is_sitemap(answer.content, answer.final_url)


def unforeseen(error: Exception) -> Outcome:
    """A fault of this library, on record with its cause; one address, not the run, is lost."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {Path(f.filename).name}:{f.lineno}" for f in last)
    return Outcome(Code.FAILED, f"internal:{type(error).__name__}", f"{error}{where}"[:300])
