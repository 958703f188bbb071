"""One harvest: sources in, archive, state and dataset out; resumed by running it again.

Fetching runs in an event loop of its own thread, parsing in worker processes driven by another, so
that neither waits for the other and both work with or without a running event loop (notebooks).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import DatasetError, FetchError, GovReportError, UsageError
from govreport_parse.fetch.archive import Problem
from govreport_parse.fetch.archive.disk import system_errors
from govreport_parse.fetch.client import Client, Limits
from govreport_parse.fetch.politeness import Pace, Politeness
from govreport_parse.fetch.resolver import Resolver
from govreport_parse.fetch.state import (
    SourceOutcome,
    State,
    Summary,
    open_state,
    open_state_readonly,
    rebuild_state,
    verify_harvest,
    version_note,
)
from govreport_parse.fetch.urls import host_of
from govreport_parse.harvesting.crawl import Crawl, CrawlOptions, Progress
from govreport_parse.harvesting.door import Door
from govreport_parse.harvesting.expand import Expander, Found, Reach
from govreport_parse.harvesting.importing import PREFIX
from govreport_parse.harvesting.ingest import INNER, Ingest, IngestCounts
from govreport_parse.harvesting.sources import checked_sources

if TYPE_CHECKING:
    import pandas

    from govreport_parse.dataset import Dataset

PATIENCE = 20.0
"""Seconds after which what was fetched is parsed even if it is little."""
ENOUGH = 200
"""Answers that are parsed without waiting."""
AHEAD = 16
"""Addresses that a host without a delay is given at once."""
PASSING = ("retry", "host_parked")
"""Outcomes of addresses that another run may have."""
LEAST_FREE = 1 << 30
"""Bytes that stay free on the disk."""
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}")
_PAGE = re.compile(r"https?://[^\s/]+\.[^\s]+")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a running harvest stands, for a display."""

    seconds: float
    answers: int
    ok: int
    failed: int
    hosts: int
    bytes: int
    queued: int
    parsed: int
    parse_failed: int

    @property
    def rate(self) -> float:
        """Answers a second since the start."""
        return self.answers / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds until the queue is empty at this rate; ``None`` when it can't be said."""
        return self.queued / self.rate if self.rate > 0 else None


@dataclass(frozen=True, slots=True)
class HarvestOptions:
    """What a harvest may be told beyond sources, folder and contact. Times in seconds."""

    delay: float = 5.0
    jobs: int = 1
    allow_private: bool = False
    i_own_these_hosts: bool = False
    legacy_tls: bool = True
    refresh: bool = False
    """Ask again, conditionally, for what is archived."""
    retry_failed: bool = False
    """Ask again for what failed for reasons that may pass (time, network, a busy host)."""
    parse: bool = True
    skip_bad_rows: bool = False
    reach: Reach = field(default_factory=Reach)
    limits: Limits = field(default_factory=Limits)
    crawl: CrawlOptions = field(default_factory=CrawlOptions)
    pace: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of ``Pace``: requests, bytes, per_group, connections ..."""
    least_free: int = LEAST_FREE


class Run:
    """What a harvest folder holds after a run: outcomes, failures, coverage, the dataset."""

    def __init__(
        self, folder: Path, summary: Summary, manifest: Mapping[str, Any], ended: str
    ) -> None:
        self.folder = folder
        self.summary = summary
        self.manifest = manifest
        self.ended = ended
        """``done``; ``waiting``: hosts asked to be left alone for longer; ``stopped``."""

    def outcomes(self) -> pandas.DataFrame:
        """One row per row of the sources: what became of it, and why."""
        import pyarrow as pa

        from govreport_parse.frames import to_pandas

        with open_state_readonly(self.folder, _utc) as state:
            alone = self.manifest.get("left_alone", {})
            rows = [outcome_row(o, alone) for o in state.outcomes()]
        frame: pandas.DataFrame = to_pandas(pa.Table.from_pylist(rows, schema=_outcome_schema()))
        return frame

    @property
    def failures(self) -> pandas.DataFrame:
        """The rows that gave no report."""
        table = self.outcomes()
        kept = table["outcome"].isin(["parsed", "partial", "listed", "duplicate"])
        return table[~kept].reset_index(drop=True)

    @property
    def is_complete(self) -> bool:
        """Nothing is left to be asked for, and no document was missed or failed."""
        missed = (self.folder / INNER).exists() and len(self.dataset.failures) > 0
        return self.ended == "done" and not missed and self.failures.empty

    @property
    def dataset(self) -> Dataset:
        """The dataset of the folder. ``DatasetError`` when nothing was parsed."""
        from govreport_parse.dataset import load

        return load(self.folder / INNER)

    def coverage(self) -> pandas.DataFrame:
        """Division or organ x year: complete, partial, failed, not found."""
        return self.dataset.coverage()

    def __repr__(self) -> str:
        s = self.summary
        lines = [
            f"Harvest {str(self.folder)!r}: {self.ended}",
            f"  {s.sources:,} rows of the sources, {s.known:,} addresses at {s.hosts:,} hosts",
            f"  {s.done:,} done, {s.queued:,} queued",
            *(
                f"  {n:>9,}  {code}{': ' + reason if reason else ''}"
                for (code, reason), n in sorted(s.outcomes.items(), key=lambda x: -x[1])
            ),
            *(f"  {n:>9,}  {word}" for word, n in sorted(s.parsed.items())),
        ]
        return "\n".join(lines)


def outcome_row(o: SourceOutcome, left_alone: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A row of the sources with one word for its fate.

    ``parsed``, ``partial``, ``failed``, ``blocked``, ``not found``, ``refused``, ``listed`` (a list
    or site whose entries were taken), ``duplicate``, ``fetched`` (not parsed yet), ``waiting``.
    ``left_alone``: hosts that the run stopped asking, and why.
    """
    alone = (left_alone or {}).get(host_of(o.url), "") if o.url and not o.is_done else ""
    return {
        "row": o.row,
        "url": o.given,
        "organ": o.organ,
        "division_code": o.division_code,
        "year": o.year,
        "kind": o.kind,
        "outcome": "blocked" if alone == "host_blocked" else _word(o),
        "reason": _ALONE.get(alone, alone) or _reason(o),
        "status": o.status or None,
        "final_url": o.final_url or None,
        "sha256": o.sha256 or None,
        "attempts": o.attempts,
    }


def _outcome_schema() -> Any:
    import pyarrow as pa

    texts = ("url", "organ", "division_code", "kind", "outcome", "reason", "final_url", "sha256")
    names = (
        *("row", "url", "organ", "division_code", "year", "kind", "outcome", "reason"),
        *("status", "final_url", "sha256", "attempts"),
    )
    return pa.schema([(n, pa.string() if n in texts else pa.int64()) for n in names])


_ALONE = {
    "host_blocked": "host_blocked: the host shows challenges to programs; the rest was not asked",
    "host_given_up": "host_given_up: too many errors in a row; the next run asks again",
    "host_requests": "host_requests: as many requests as a run may make; the next run goes on",
    "host_bytes": "host_bytes: as many bytes as a run may take; the next run goes on",
    "robots_unreachable": "robots_unreachable: robots.txt can't be read; the next run asks again",
}
_WORDS = {"gone": "not found", "refused": "refused", "blocked": "blocked"}


def _word(o: SourceOutcome) -> str:
    if o.duplicate_of is not None:
        return "duplicate"
    if not o.is_done:
        return "waiting"
    if o.code in ("ok", "not_modified"):
        if o.kind != "report":
            return "listed"
        return o.parsed or "fetched"
    return _WORDS.get(o.code, "failed")


def _reason(o: SourceOutcome) -> str:
    if o.duplicate_of is not None:
        return f"the same address as row {o.duplicate_of}"
    if o.parsed:
        return o.parse_detail
    told = f"{o.reason}: {o.detail}" if o.detail else o.reason
    return told if o.code not in ("ok", "not_modified") or o.detail else ""


def checked_contact(contact: str | None) -> str:
    """A mail address or a web page. ``UsageError`` for anything else: no harvest without."""
    text = (contact or "").strip()
    if not text:
        raise UsageError(
            "a harvest needs a contact", hint="give your mail address: hosts must be able to ask"
        )
    if not (_MAIL.fullmatch(text) or _PAGE.fullmatch(text)) or not text.isascii():
        raise UsageError(
            f"{text[:80]!r} is no mail address and no web page",
            hint="give a contact like name@university.edu",
        )
    return text


def user_agent(contact: str) -> str:
    """How every request names itself."""
    from govreport_parse import __version__

    return f"govreport_parse/{__version__} (+{contact})"


def harvest(
    sources: Any,
    out: str | os.PathLike[str],
    contact: str | None = None,
    *,
    watch: Callable[[Snapshot], None] | None = None,
    resolver: Resolver | None = None,
    found: Callable[[Found], None] | None = None,
    **options: Any,
) -> Run:
    """Fetch the reports that ``sources`` name into the folder ``out``, and parse them.

    ``sources``: a CSV or Parquet file, a frame, addresses, or mappings with ``url`` and optional
    ``organ, division_code, year, kind`` (``report``, ``list``, ``site``). ``contact``: a mail
    address or page of whoever harvests, told to every host. ``options``: fields of
    ``HarvestOptions``. ``watch`` is called twice a second with a ``Snapshot``; with ``found`` the
    reports that lists offer are told to it instead of being fetched.

    Running it again on the same folder goes on where it stopped. Ctrl-C ends it cleanly.

    Raises ``UsageError`` (sources, contact, limits) before the first request, and ``DatasetError``
    when the folder is in use, not writable, full (context ``reason``) or from a newer version.
    """
    given = _options(options)
    agent = user_agent(checked_contact(contact))
    pace = Pace(
        delay=given.delay,
        i_own_these_hosts=given.i_own_these_hosts,
        private_allowed=given.allow_private,
        **given.pace,
    )
    good, bad = checked_sources(sources, skip_bad=given.skip_bad_rows)
    with opened(out) as state:
        state.add_sources(good, bad)
        if given.refresh:
            state.requeue([c.asked for c in state.captures() if not c.asked.startswith(PREFIX)])
        if given.retry_failed:
            state.requeue([m.url for m in state.missed() if m.code in PASSING])
        return _Harvest(state, given, pace, agent, watch, resolver, found).run()


def opened(folder: str | os.PathLike[str]) -> State:
    """The state of a harvest folder; one that lost its state file gets it back from the archive."""
    try:
        return open_state(folder, _utc)
    except DatasetError as error:
        if error.context.get("reason") != "state_missing":
            raise
        rebuild_state(folder, _utc)
        return open_state(folder, _utc)


def look(folder: str | os.PathLike[str]) -> Run | None:
    """How a harvest folder stands, also while a harvest runs; ``None``: there is none."""
    root = Path(folder)
    if not (root / "state.sqlite").exists():
        return None
    with open_state_readonly(root, _utc) as state:
        runs = state.runs()
        last: dict[str, Any] = runs[-1] if runs else {"manifest": {}, "ended_at": None}
        ended = str(last["manifest"].get("ended", "")) if last["ended_at"] else "running or killed"
        if not runs:
            ended = "imported"
        return Run(root, state.summary(), last["manifest"], ended)


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """What ``check_archive`` found."""

    records: int
    problems: tuple[Problem, ...]


def check_archive(folder: str | os.PathLike[str]) -> ArchiveCheck | None:
    """Read every archived record again; ``None`` for a folder without an archive."""
    root = Path(folder)
    if not (root / "state.sqlite").exists():
        return None
    with open_state_readonly(root, _utc) as state:
        records = state.summary().captures
    return ArchiveCheck(records, tuple(verify_harvest(root)))


def _options(given: Mapping[str, Any]) -> HarvestOptions:
    known = HarvestOptions.__dataclass_fields__
    for name in given:
        if name not in known:
            raise UsageError(f"harvest has no option {name!r}", hint=f"options: {', '.join(known)}")
    made = HarvestOptions(**{k: v for k, v in given.items() if v is not None})
    if made.jobs < 1:
        raise UsageError(f"jobs must be at least 1, not {made.jobs}")
    return made


def _utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


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
    ) -> None:
        self._state, self._options, self._pace, self._agent = state, options, pace, agent
        self._watch, self._resolver, self._found = watch, resolver, found
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
        except BaseException as error:  # noqa: BLE001  (ctrl-C, SIGTERM: end cleanly, then go on)
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
            raise _first_cause(self._errors)
        return Run(self._state.folder, self._state.summary(), manifest, ended)

    # -- the caller's thread -----------------------------------------------------------------------

    def _attend(self, threads: list[threading.Thread]) -> None:
        """Wait for the others, tell how it stands, and mind the disk."""
        checked = 0.0
        while any(thread.is_alive() for thread in threads) and not self._errors:
            self._join(threads)
            now = time.monotonic()
            if now - checked > 2.0:
                checked = now
                self._mind_disk()
            if self._watch is not None:
                self._watch(self._snapshot())

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
            except BaseException:  # noqa: BLE001  (a second ctrl-C)
                hurry = True

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
            p.active,
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
        door = Door()
        gate = Politeness(pace=self._pace, sleep=door.sleep, now=self._now)
        gate.restore_hosts(state.load_hosts(), same_run=False)
        gate.restore_robots(state.load_robots())
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
                    Expander(options.reach, state.source_year, self._found),
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
            "repairs": list(self._state.repairs),
            "note": version_note(),
        }

    def _write_manifest(self, number: int, manifest: Mapping[str, Any]) -> None:
        folder = self._state.folder / "runs"
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str) + "\n"
        with system_errors(folder, "write to"):
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / f"run-{number:05d}.json").write_text(text, encoding="utf-8")


def _first_cause(errors: list[BaseException]) -> BaseException:
    """The error to be told, as one of ours: what followed from another says less."""

    def follows(error: BaseException) -> bool:
        context = error.context if isinstance(error, GovReportError) else {}
        return str(context.get("reason", "")).endswith("_broken")

    error = min(errors, key=follows)
    if isinstance(error, GovReportError) or not isinstance(error, Exception):
        return error
    found = FetchError(
        f"the harvest stopped: {type(error).__name__}: {error}"[:500],
        hint="nothing is lost: run the same command again; please report this error",
    )
    found.__cause__ = error
    return found


__all__ = ["HarvestOptions", "Run", "Snapshot", "checked_contact", "harvest", "outcome_row"]
