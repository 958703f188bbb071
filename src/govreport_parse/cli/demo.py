"""The first run: ``demo`` parses the bundled samples and writes a small dataset."""

from __future__ import annotations

from pathlib import Path

import click

from govreport_parse.cli.messages import say
from govreport_parse.errors import UsageError
from govreport_parse.report import Report

HEAD = ("organ", "year", "form", "format", "figures", "checks", "findings")


@click.command()
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    default="demo-output",
    show_default=True,
    help="Folder for the tables.",
)
def demo(output: str) -> None:
    """Parse the bundled samples; needs no network.

    Prints one line a report and writes figures, reports, checks, the wide table and the codebook.
    """
    from govreport_parse.bundled import samples
    from govreport_parse.frames import write_codebook, write_parquet

    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {output!r}: {error.strerror or error}") from error
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


def summary(reports: list[Report]) -> list[str]:
    """A table of the reports, one line each, aligned by display width."""
    from govreport_parse.display import plain, width

    rows = [HEAD, *(_row(r) for report in reports for r in (report, *report.others))]
    rows = [tuple(plain(cell, 32) for cell in row) for row in rows]
    widths = [max(width(row[i]) for row in rows) for i in range(len(HEAD))]
    return [
        "  ".join(
            cell + " " * (to - width(cell)) for cell, to in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


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
