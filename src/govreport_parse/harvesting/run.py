"""One harvest: sources in, archive, state and dataset out; resumed by running it again.

Fetching runs in an event loop of its own thread, parsing in worker processes driven by another, so
that neither waits for the other and both work with or without a running event loop (notebooks).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from govreport_parse.errors import DatasetError, GovReportError
from govreport_parse.fetch.archive.disk import system_errors
from govreport_parse.fetch.client import Client
from govreport_parse.fetch.politeness import Pace, Politeness
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.state import State, version_note
from govreport_parse.harvesting.causes import first_cause
from govreport_parse.harvesting.contact import checked_contact, user_agent
from govreport_parse.harvesting.crawl import Crawl, CrawlOptions, Progress
from govreport_parse.harvesting.door import Door, Share
from govreport_parse.harvesting.expand import Expander, Found
from govreport_parse.harvesting.importing import PREFIX
from govreport_parse.harvesting.ingest import Ingest, IngestCounts
from govreport_parse.harvesting.options import HarvestOptions, options_of
from govreport_parse.harvesting.remarks import Remark
from govreport_parse.harvesting.results import (
    ArchiveCheck,
    Run,
    Snapshot,
    check_archive,
    look,
    opened,
    outcome_row,
)
from govreport_parse.harvesting.sources import checked_sources

PATIENCE = 20.0
"""Seconds after which what was fetched is parsed even if it is little."""
ENOUGH = 200
"""Answers that are parsed without waiting."""
AHEAD = 16
"""Addresses that a host without a delay is given at once."""
PASSING = ("retry", "host_parked")
"""Outcomes of addresses that another run may have."""


def harvest(
    sources: Any,
    out: str | os.PathLike[str],
    contact: str | None = None,
    *,
    watch: Callable[[Snapshot], None] | None = None,
    resolver: Resolver | None = None,
    found: Callable[[Found], None] | None = None,
    share: Share | None = None,
    **options: Any,
) -> Run:
    """Fetch the reports that ``sources`` name into the folder ``out``, and parse them.

    ``sources``: a CSV or Parquet file, a frame, addresses, or mappings with ``url`` and optional
    ``organ, division_code, year, kind`` (``report``, ``list``, ``site``). ``contact``: a mail
    address or page of whoever harvests, told to every host. ``options``: fields of
    ``HarvestOptions``. ``watch`` is called twice a second with a ``Snapshot``; with ``found`` the
    reports that lists offer are told to it instead of being fetched. ``share``: what is another
    harvest's (``harvest_share`` makes one).

    Running it again on the same folder goes on where it stopped. Ctrl-C ends it cleanly.

    Raises ``UsageError`` (sources, contact, limits) before the first request, and ``DatasetError``
    when the folder is in use, not writable, full (context ``reason``) or from a newer version.
    """
    given = options_of(options)
    agent = user_agent(checked_contact(contact))
    pace = Pace(
        delay=given.delay,
        i_own_these_hosts=given.i_own_these_hosts,
        private_allowed=given.allow_private,
        **given.pace,
    )
    notes: list[str] = []
    good, bad = checked_sources(sources, skip_bad=given.skip_bad_rows, notes=notes)
    if share is not None:
        good, bad = share.rows(good, bad)
    with opened(out) as state:
        state.add_sources(good, bad)
        if given.refresh:
            state.requeue([c.asked for c in state.captures() if not c.asked.startswith(PREFIX)])
        if given.retry_failed:
            state.requeue([m.url for m in state.missed() if m.code in PASSING])
        made = _Harvest(state, given, pace, agent, watch, resolver, found, share)
        made.notes = notes
        return made.run()


class _Harvest:
    """The threads of one run."""

    def __init__(
        self,
        state: State,
        options: HarvestOptions,
        pace: Pace,
        agent: str,
        watch: Callable[[Snapshot], None] | None,
        resolver: Resolver | None,
        found: Callable[[Found], None] | None,
        share: Share | None,
    ) -> None:
        self._state, self._options, self._pace, self._agent = state, options, pace, agent
        self._watch, self._resolver, self._found, self._share = watch, resolver, found, share
        self._started, self._began = time.monotonic(), time.time()
        self._progress = Progress()
        self._abandon = threading.Event()
        self._ingest = Ingest(state, jobs=options.jobs, stop=self._abandon.is_set)
        self._crawl: Crawl | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fresh = threading.Event()
        self._unparsed = 0
        self._crawled = threading.Event()
        self._errors: list[BaseException] = []
        self._polite: list[dict[str, object]] = []
        self._remarks: list[Remark] = []
        self.notes: list[str] = []
        """What was understood of the sources without being written so."""

    def run(self) -> Run:
        number = self._state.start_run(self._manifest("running"))
        crawling = threading.Thread(target=self._crawl_thread, name="govreport-fetch")
        parsing = threading.Thread(target=self._parse_thread, name="govreport-parse")
        threads = [crawling] + ([parsing] if self._options.parse else [])
        interrupted: BaseException | None = None
        try:
            for thread in threads:
                thread.start()
            self._attend(threads)
            if self._options.parse and not self._errors:
                self._ingest.finish()
        except BaseException as error:  # noqa: BLE001  (ctrl-C, SIGTERM: raised after a clean end)
            interrupted = error
        self._end(threads)
        ended = "stopped" if interrupted or self._errors else self._progress.ended
        manifest = self._manifest(ended)
        try:
            self._state.end_run(number, manifest)
            self._write_manifest(number, manifest)
        except GovReportError as error:
            self._errors.append(error)
        if interrupted is not None:
            raise interrupted
        if self._errors:
            raise first_cause(self._errors)
        return Run(self._state.folder, self._state.summary(), manifest, ended)

    # -- the caller's thread -----------------------------------------------------------------------

    def _attend(self, threads: list[threading.Thread]) -> None:
        """Wait for the others, tell how it stands, and mind the disk."""
        checked = 0.0
        while any(thread.is_alive() for thread in threads) and not self._errors:
            self._join(threads)
            now = time.monotonic()
            if self._is_late(now):
                self._stop()
            if now - checked > 2.0:
                checked = now
                self._mind_disk()
            if self._watch is not None:
                self._watch(self._snapshot())

    def _is_late(self, now: float) -> bool:
        minutes = self._options.minutes
        return minutes is not None and now - self._started > 60 * minutes

    def _join(self, threads: list[threading.Thread]) -> None:
        """Wait half a second, or until something has changed."""
        alive = [thread for thread in threads if thread.is_alive()]
        if alive:
            alive[-1].join(0.5)

    def _end(self, threads: list[threading.Thread]) -> None:
        """Wait until the threads have ended; told to hurry, give up what is under way."""
        hurry = False
        while any(thread.is_alive() for thread in threads):
            try:
                self._abandon.set()
                self._stop(hurry=hurry)
                self._join(threads)
            except BaseException as error:  # noqa: BLE001  (a second ctrl-C: raised after the end)
                hurry = True
                self._errors.append(error)

    def _mind_disk(self) -> None:
        with system_errors(self._state.folder, "look at the disk of"):
            free = shutil.disk_usage(self._state.folder).free
        if free < self._options.least_free and not self._crawled.is_set():
            raise DatasetError(
                f"only {free / 1e9:.1f} GB are free for {str(self._state.folder)!r}",
                hint="free some space and run the same command again; nothing is lost",
                context={"reason": "disk_full", "free": free},
            )

    def _stop(self, *, hurry: bool = False) -> None:
        loop, crawl = self._loop, self._crawl
        if loop is not None and crawl is not None and loop.is_running():
            with contextlib.suppress(RuntimeError):  # the loop may end between the two
                loop.call_soon_threadsafe(crawl.stop)
                if hurry:
                    loop.call_soon_threadsafe(crawl.hurry)

    def _snapshot(self) -> Snapshot:
        p, counts = self._progress, self._ingest.counts
        return Snapshot(
            time.monotonic() - self._started,
            p.answers,
            p.ok,
            p.failed,
            len(p.hosts),
            p.bytes,
            self._state.queued(),
            counts.outcomes["parsed"] + counts.outcomes["partial"],
            counts.outcomes["failed"],
        )

    # -- fetching ----------------------------------------------------------------------------------

    def _crawl_thread(self) -> None:
        try:
            asyncio.run(self._crawl_all())
        except BaseException as error:  # noqa: BLE001  (handed to the caller's thread)
            self._errors.append(error)
        finally:
            self._crawled.set()
            self._fresh.set()

    async def _crawl_all(self) -> None:
        options, state = self._options, self._state
        self._loop = asyncio.get_running_loop()
        door = Door(self._share)
        gate = Politeness(pace=self._pace, sleep=door.sleep, now=self._now)
        gate.restore_hosts(state.load_hosts(), same_run=False)
        gate.restore_robots(state.load_robots())
        expander = Expander(options.reach, state.source_year, self._found, gate.robots_of)
        self._remarks = expander.remarks
        archive = state.open_archive(info={"operator": self._agent})
        client = Client(
            agent=self._agent,
            limits=options.limits,
            resolver=self._resolver,
            allow_private=options.allow_private,
            legacy_tls=options.legacy_tls,
        )
        try:
            async with client:
                self._crawl = Crawl(
                    state,
                    archive,
                    client,
                    gate,
                    expander,
                    self._crawl_options(),
                    door=door,
                    committed=self._committed,
                    now=self._now,
                )
                gate.use(self._crawl.ask_robots)
                self._progress = self._crawl.progress
                if self._abandon.is_set():  # stopped before there was anything to stop
                    self._crawl.stop()
                try:
                    await self._crawl.run()
                finally:
                    self._polite = gate.manifest()
                state.save_hosts(gate.export_hosts())
                state.save_robots(gate.export_robots())
        finally:
            archive.close()

    def _now(self) -> float:
        """Seconds since 1970 that only go forward, however the clock is set in between."""
        return self._began + time.monotonic() - self._started

    def _crawl_options(self) -> CrawlOptions:
        """Where nobody has to be waited for, hosts get their addresses by the handful."""
        chosen = self._options.crawl
        quick = self._pace.delay == 0 and self._pace.i_own_these_hosts and chosen.ahead == 1
        return replace(chosen, ahead=AHEAD) if quick else chosen

    def _committed(self, answers: int) -> None:
        self._unparsed += answers
        if self._unparsed >= ENOUGH:
            self._fresh.set()

    # -- parsing -----------------------------------------------------------------------------------

    def _parse_thread(self) -> None:
        try:
            while not self._abandon.is_set():
                self._fresh.wait(PATIENCE)
                self._fresh.clear()
                is_last = self._crawled.is_set()
                self._unparsed = 0
                while not self._abandon.is_set() and self._ingest.round():
                    pass
                if is_last:
                    return
        except BaseException as error:  # noqa: BLE001  (handed to the caller's thread)
            self._errors.append(error)

    # -- telling -----------------------------------------------------------------------------------

    def _manifest(self, ended: str) -> dict[str, Any]:
        from govreport_parse import __version__

        counts: IngestCounts = self._ingest.counts
        return {
            "schema": "govreport-run/1",
            "version": __version__,
            "user_agent": self._agent,
            "ended": ended,
            "pace": asdict(self._pace),
            "allow_private": self._options.allow_private,
            "answers": self._progress.answers,
            "parsed": dict(counts.outcomes),
            "left_alone": dict(self._progress.left_alone),
            "hosts": self._polite,
            "remarks": [str(remark) for remark in self._remarks],
            "repairs": list(self._state.repairs),
            "sources": list(self.notes),
            "note": version_note(),
        }

    def _write_manifest(self, number: int, manifest: Mapping[str, Any]) -> None:
        folder = self._state.folder / "runs"
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str) + "\n"
        with system_errors(folder, "write to"):
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / f"run-{number:05d}.json").write_text(text, encoding="utf-8")


__all__ = [
    "ArchiveCheck",
    "HarvestOptions",
    "Run",
    "Snapshot",
    "check_archive",
    "checked_contact",
    "harvest",
    "look",
    "opened",
    "outcome_row",
    "user_agent",
]
