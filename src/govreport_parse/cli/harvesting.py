"""The verbs that fetch: ``harvest``, ``fetch``, ``discover`` and ``build``."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from govreport_parse.cli.fetching import CONTACT, LOCAL_CONTACT, is_local
from govreport_parse.cli.main import FAILED, INTERRUPTED
from govreport_parse.cli.messages import say
from govreport_parse.cli.scaling import shard_option
from govreport_parse.display import aligned
from govreport_parse.errors import DatasetError
from govreport_parse.report import dump_json

if TYPE_CHECKING:
    from govreport_parse.harvesting.run import Run, Snapshot

IN_USE = 75
DISK_FULL = 74
FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
TERMINATED = 143
SHOWN = 20
"""Lists and rows that gave nothing or not all, told one by one."""
ROBOTS = {True: "allows", False: "forbids", None: "—"}
"""What robots.txt says of an address; nothing where it was not asked for."""
EVERY = 10.0
"""Seconds between two plain lines of progress."""
SELDOM = 60.0
"""The same while no answer comes."""


def polite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every verb that asks servers."""
    for option in (
        click.option(
            "--contact",
            metavar="MAIL",
            envvar=CONTACT,
            help=f"Your mail address or page, told to every host (or ${CONTACT}).",
        ),
        click.option(
            "--delay",
            type=click.FloatRange(0),
            default=5.0,
            show_default=True,
            metavar="S",
            help="Least seconds between two requests to a host.",
        ),
        click.option(
            "--allow-private",
            is_flag=True,
            help="Permit loopback and private addresses (tests, intranets).",
        ),
        click.option(
            "--strict-tls", is_flag=True, help="Refuse hosts with bad certificates or old TLS."
        ),
    ):
        command = option(command)
    return command


def cap_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How far lists may lead, and how long it may take."""
    for option in (
        click.option(
            "--max-minutes",
            type=click.FloatRange(0, min_open=True),
            metavar="M",
            help="Ask for nothing more after M minutes.",
        ),
        click.option(
            "--max-reports",
            type=click.IntRange(1),
            metavar="N",
            help="Reports of one row of SOURCES (default 3,000).",
        ),
        click.option(
            "--max-pages",
            type=click.IntRange(1),
            metavar="N",
            help="List pages of one row of SOURCES (default 200).",
        ),
        click.option(
            "--depth", type=click.IntRange(0), metavar="N", help="Lists below a list (default 3)."
        ),
    ):
        command = option(command)
    return command


def _caps(options: dict[str, Any]) -> dict[str, Any]:
    """The caps as ``harvest`` takes them."""
    from govreport_parse.harvesting.expand import Reach

    names = {"depth": "depth", "pages": "max_pages", "reports": "max_reports"}
    given = {name: options.get(option) for name, option in names.items()}
    reach = Reach(**{name: value for name, value in given.items() if value is not None})
    return {"reach": reach, "minutes": options.get("max_minutes")}


@click.command()
@click.argument("sources", metavar="SOURCES")
@click.option("--out", required=True, metavar="DIR", help="Folder of archive, state and dataset.")
@polite_options
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="Parsing processes.")
@click.option("--refresh", is_flag=True, help="Ask again, conditionally, for what is archived.")
@click.option(
    "--retry-failed", is_flag=True, help="Ask again for what failed for reasons that may pass."
)
@click.option("--skip-bad-rows", is_flag=True, help="Record unusable rows as refused and go on.")
@click.option("--no-parse", is_flag=True, help="Fetch and archive only.")
@cap_options
@click.option("--retry-wait", type=click.FloatRange(0), metavar="S", hidden=True)
@shard_option
@click.pass_context
def harvest(ctx: click.Context, /, sources: str, out: str, **options: Any) -> None:
    """Fetch the reports that SOURCES name, politely, into an archive and a dataset.

    SOURCES is a CSV or Parquet file with the column url and optional organ, division_code, year
    and kind (report, list, site), or the address of one report. Running the same command again
    goes on where it stopped. Exit 1: something could not be had or read; 74: disk full;
    75: folder in use.

    With --shard several harvests run at once on the same SOURCES and DIR; each host, and each
    group of neighbouring addresses, is asked by one of them alone.
    """
    run = _harvest(ctx, sources, out, options)
    _tell(run)
    ctx.exit(0 if run.is_complete else FAILED)


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--out", required=True, metavar="DIR", help="Folder of the archive.")
@polite_options
@click.option("--retry-wait", type=click.FloatRange(0), metavar="S", hidden=True)
@click.pass_context
def fetch(ctx: click.Context, /, urls: tuple[str, ...], out: str, **options: Any) -> None:
    """Fetch addresses into an archive without parsing them (govreport build DIR parses).

    Prints one line for each: outcome, status, address, reason.
    """
    if options["allow_private"] and not options["contact"] and all(map(is_local, urls)):
        options["contact"] = LOCAL_CONTACT
    run = _harvest(ctx, list(urls), out, {**options, "no_parse": True})
    for row in run.outcomes().to_dict("records"):
        status = "" if row["status"] != row["status"] or row["status"] is None else row["status"]
        click.echo("\t".join((row["outcome"], str(status), row["url"], row["reason"] or "")))
    ctx.exit(0 if run.failures.query("outcome != 'fetched'").empty else FAILED)


def _harvest(ctx: click.Context, sources: Any, out: str, options: dict[str, Any]) -> Run:
    from govreport_parse.harvesting.crawl import CrawlOptions
    from govreport_parse.harvesting.run import harvest as run_harvest

    if options.get("shard") is not None:
        from govreport_parse.harvesting.shares import harvest_share

        run_harvest = partial(harvest_share, shard=options["shard"])
    given: dict[str, Any] = {
        "delay": options["delay"],
        "allow_private": options["allow_private"],
        "legacy_tls": not options["strict_tls"],
        "jobs": options.get("jobs"),
        "refresh": options.get("refresh", False),
        "retry_failed": options.get("retry_failed", False),
        "skip_bad_rows": options.get("skip_bad_rows", False),
        "parse": not options.get("no_parse", False),
        **_caps(options),
    }
    if options.get("retry_wait") is not None:
        given["crawl"] = CrawlOptions(retry_wait=options["retry_wait"])
    with _terminable(), _Display() as watch:
        try:
            return run_harvest(sources, out, options["contact"], watch=watch, **given)
        except KeyboardInterrupt:
            say(f"stopped; run the same command again to go on ({out} keeps what was fetched)")
            ctx.exit(INTERRUPTED)
        except _Terminated:
            say(f"ended by a signal; run the same command again to go on ({out})")
            ctx.exit(TERMINATED)
        except DatasetError as error:
            code = {"in_use": IN_USE, "disk_full": DISK_FULL}.get(error.context.get("reason", ""))
            if error.context.get("errno") in FULL:
                code = DISK_FULL
            if code is None:
                raise
            say(f"govreport: {error.message}")
            say(f"hint: {error.hint}", "  ")
            ctx.exit(code)
    raise AssertionError("unreachable")


class _Terminated(BaseException):
    """SIGTERM, on its way to the place that ends a run."""


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the run like ctrl-C; afterwards it does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's business
        return
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@click.command()
@click.argument("sources", metavar="URL|SOURCES")
@polite_options
@click.option(
    "--format", "form", type=click.Choice(("table", "jsonl")), default="table", show_default=True
)
@cap_options
@click.pass_context
def discover(ctx: click.Context, /, sources: str, form: str, **options: Any) -> None:
    """Print the reports that a site or its lists offer, without fetching them.

    A bare address is looked at as a site: its columns of annual reports are followed. Exit 1: a
    list could not be had, or none offers a report.
    """
    from govreport_parse.harvesting.discover import discover as look_through

    if options["allow_private"] and not options["contact"] and is_local(sources):
        options["contact"] = LOCAL_CONTACT
    found = look_through(
        sources,
        options["contact"],
        delay=options["delay"],
        allow_private=options["allow_private"],
        legacy_tls=not options["strict_tls"],
        **_caps(options),
    )
    if form == "jsonl":
        for one in found.reports:
            click.echo(dump_json(one.to_dict()))
    else:
        rows = [("organ", "year", "title", "address", "family", "confidence", "robots")]
        rows += (
            (
                *(x.organ or "—", str(x.year or "—"), x.title, x.url, x.family),
                *(f"{x.confidence:.2f}", ROBOTS[x.would_fetch]),
            )
            for x in found.reports
        )
        for line in aligned(rows, most=120):
            click.echo(line)
    forbidden = sum(x.would_fetch is False for x in found.reports)
    if forbidden:
        say(f"robots.txt forbids {forbidden:,} of these; a harvest does not ask for them")
    for problem in found.problems:
        say(problem)
    ctx.exit(0 if found.reports and not found.problems else FAILED)


# -- progress --------------------------------------------------------------------------------------


class _Display:
    """A live line on a terminal, a plain line now and then elsewhere; both on stderr."""

    def __enter__(self) -> Callable[[Snapshot], None]:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._told, self._answers = time.monotonic(), 0
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._live:
            click.echo("\r\x1b[K", err=True, nl=False)

    def _show(self, snapshot: Snapshot) -> None:
        if self._live:
            width = max(40, _columns() - 1)
            click.echo(f"\r\x1b[K{progress_line(snapshot)[:width]}", err=True, nl=False)
            return
        waits = snapshot.answers == self._answers  # hours in a log, if every host rests
        if time.monotonic() - self._told >= (SELDOM if waits else EVERY):
            self._told, self._answers = time.monotonic(), snapshot.answers
            say(progress_line(snapshot, waits=waits))


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80


def progress_line(s: Snapshot, *, waits: bool = False) -> str:
    """Hosts, answers, failures, reports, rate and what is left; ``waits``: nothing came of late."""
    eta = "" if s.eta is None or not s.queued else f", about {duration(s.eta)} left"
    if waits:  # a time told now would only grow with the waiting
        eta = "; no answer of late: hosts rest (Retry-After, or no robots.txt to be had)"
    return (
        f"{duration(s.seconds)}: {s.answers:,} answers ({s.ok:,} good, {s.failed:,} failed) from "
        f"{s.hosts:,} hosts, {s.bytes / 1e6:,.1f} MB, {s.rate:.1f}/s; {s.parsed:,} reports; "
        f"{s.queued:,} queued{eta}"
    )


def duration(seconds: float) -> str:
    """Seconds for people: ``45 s``, ``12 min``, ``5 h 20 min``, ``3 d 4 h``."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def _tell(run: Run) -> None:
    """The summary on stdout; what to do next on stderr."""
    from govreport_parse.harvesting.run import PASSING

    click.echo(repr(run))
    if run.ended == "waiting":
        say("hosts asked to be left alone for longer; run the same command again later")
    if run.ended == "stopped":
        say("the time given is over; run the same command again to go on")
    remarks = run.manifest.get("remarks", [])
    for remark in remarks[:SHOWN]:
        say(remark)
    if len(remarks) > SHOWN:
        say(f"and {len(remarks) - SHOWN:,} more lists gave nothing or not all (runs/*.json)")
    passing = sum(n for (code, _), n in run.summary.outcomes.items() if code in PASSING)
    if passing:
        say(f"{passing:,} addresses failed for reasons that may pass; --retry-failed asks again")
    failed = run.failures.to_dict("records")
    for row in failed[:SHOWN]:
        say(f"{row['url']}: {row['outcome']}: {row['reason']}")
    if len(failed) > SHOWN:
        say(f"and {len(failed) - SHOWN:,} more rows gave no report (run.failures in Python)")
    if any("this page lists reports" in str(row["reason"]) for row in failed):
        say("a page that lists reports: give it the kind list in SOURCES (discover looks first)")
    blocked = [row for row in failed if row["outcome"] == "blocked"]
    if blocked:
        say(f"{len(blocked):,} rows are blocked; save such pages by hand and use: govreport import")
