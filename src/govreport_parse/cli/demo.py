"""The first run: ``demo`` parses the bundled samples and harvests a bundled site over loopback."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import click

from govreport_parse.cli.messages import say
from govreport_parse.display import aligned
from govreport_parse.errors import UsageError
from govreport_parse.report import Report

MARK = ".govreport-demo"
"""The file that tells a folder of the demo from a folder of somebody's own work."""
HEAD = ("organ", "year", "form", "format", "figures", "checks", "findings")


@click.command()
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    default="demo-output",
    show_default=True,
    help="New folder for the tables, or that of an earlier demo.",
)
def demo(output: str) -> None:
    """Parse the bundled samples and harvest a bundled site; needs no network.

    Prints one line a report and writes figures, reports, checks, the wide table and the codebook.
    Then it serves a small site on this machine, harvests its list of reports into DIR/harvest
    (archive, state, dataset), and prints what became of each address.
    """
    from govreport_parse.bundled import samples
    from govreport_parse.frames import write_codebook, write_parquet

    folder = Path(output)
    _make(folder)
    reports = samples()
    for line in summary(reports):
        click.echo(line)
    click.echo()
    for name, shape in (
        ("figures", "long"),
        ("wide", "wide"),
        ("reports", "reports"),
        ("checks", "checks"),
    ):
        path = folder / f"{name}.parquet"
        rows = write_parquet(reports, path, shape)  # type: ignore[arg-type]
        click.echo(f"{path}  {rows:,} rows")
    path = folder / "codebook.csv"
    click.echo(f"{path}  {write_codebook(path):,} rows")
    say("read them with pandas.read_parquet; govreport codebook explains the columns")
    click.echo()
    for line in _harvested(folder / "harvest"):
        click.echo(line)
    say(f"look at it with: govreport status {folder / 'harvest'}")


def _make(folder: Path) -> None:
    """Make the demo's folder; one that is not the demo's own and holds something is left alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / MARK).is_file():
            raise UsageError(
                f"{str(folder)!r} is not empty, and not of a demo", hint="name a new folder with -o"
            )
        (folder / MARK).write_text("made by govreport demo, which replaces what is here\n", "utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write to {str(folder)!r}: {error.strerror or error}",
            hint="name a folder that can be made with -o",
        ) from error


def _harvested(folder: Path) -> list[str]:
    """Harvest the bundled site; what came of it, one line an address."""
    from govreport_parse.bundled_site import serve
    from govreport_parse.harvesting.run import harvest

    if folder.exists():
        shutil.rmtree(folder)  # the site gets a new port each time: another harvest
    with serve() as site:
        sources = [{"url": site.start, "kind": "list"}]
        run = harvest(sources, folder, "demo@localhost.invalid", allow_private=True, delay=0.0)
        requests = len(site.requests)
    data = run.dataset
    columns = ["url", "organ", "year", "n_figures", "n_reported", "n_checks", "n_holds"]
    rows = [("address", "organ", "year", "outcome")]
    for r in data.reports.to_table(columns).to_pylist():
        shown = f"{r['n_reported']}/{r['n_figures']} figures, {r['n_holds']}/{r['n_checks']} checks"
        rows.append((urlsplit(r["url"]).path, r["organ"], str(r["year"]), shown))
    missed = data.failures.to_table(["url", "error_message"]).to_pylist()
    rows += ((urlsplit(r["url"]).path, "—", "—", r["error_message"]) for r in missed)
    lines = [f"harvest of a site on this machine: {requests} requests, {len(data)} reports"]
    return lines + aligned([rows[0], *sorted(rows[1:])])


def summary(reports: list[Report]) -> list[str]:
    """A table of the reports, one line each, aligned by display width."""
    return aligned([HEAD, *(_row(r) for report in reports for r in (report, *report.others))])


def _row(report: Report) -> tuple[str, ...]:
    c = report.completeness
    return (
        report.organ or "—",
        str(report.year or "—"),
        report.form,
        report.source.media_type,
        f"{c['reported'] + c['solved']}/{c['figures']}",
        f"{c['holds']}/{c['checks']}" + (f", {c['broken']} broken" if c["broken"] else ""),
        str(len(report.findings)),
    )
