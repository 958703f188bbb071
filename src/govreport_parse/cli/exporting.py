"""The verbs on datasets: ``import``, ``export``, ``status`` and ``verify``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.main import FAILED
from govreport_parse.cli.messages import say
from govreport_parse.cli.reading import Results, Tally, source_options, unmasked_option
from govreport_parse.errors import GovReportError
from govreport_parse.report import dump_json
from govreport_parse.source import Source

FORMATS = ("csv", "excel", "stata", "json", "datapackage")
INNER = "dataset"


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, metavar="DIR", help="Folder; the dataset is DIR/dataset.")
@unmasked_option
@source_options
@click.pass_context
def import_(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    out: str,
    unmasked: bool,
    strict: bool,
    jobs: int | None,
    **options: Any,
) -> None:
    """Parse local documents into a dataset; what is there already is not parsed again.

    A crash or a full disk leaves the dataset as it was. Failures are kept in its table failures.
    """
    from govreport_parse.dataset import known_sources, write_dataset
    from govreport_parse.parsing import parse_many

    documents = inputs.sources(paths)
    if options.get("url") and len(documents) > 1:
        raise click.UsageError("--url names one document, but there are several")
    options["solve"] = not options.pop("no_solve")
    folder = Path(out) / INNER
    known = _Known(known_sources(folder))
    tally = Tally()
    results: Results = parse_many(
        known.unknown(documents, options.get("url")), jobs=jobs, **options
    )
    result = write_dataset(tally.watch(results), folder, mask=not unmasked)
    if known.skipped:
        say(f"{known.skipped:,} documents are in the dataset already")
    say(str(result))
    ctx.exit(tally.close(strict))


class _Known:
    """Leaves out documents that this version has parsed already."""

    def __init__(self, versions: dict[str, str]) -> None:
        self._versions = versions
        self.skipped = 0

    def unknown(self, documents: list[Any], url: str | None) -> Iterator[Any]:
        """The documents still to parse."""
        from govreport_parse import __version__

        for document in documents:
            try:
                source = Source.of(document, url)
            except GovReportError:
                yield document  # ends as a failure of its own
                continue
            if self._versions.get(source.sha256) == __version__:
                self.skipped += 1
            else:
                yield source


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--to", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option(
    "-o", "--output", metavar="OUT", required=True, help="Folder, or file of excel, json."
)
@click.option("--raw-text", is_flag=True, help="csv: no ' before texts that look like a formula.")
def export(folder: str, to: str, output: str, raw_text: bool) -> None:
    """Write a dataset as CSV, Excel, Stata, JSON lines or a Frictionless data package.

    csv, stata and datapackage make a folder, excel and json one file. Each holds the codebook and
    a methods note.
    """
    from govreport_parse.dataset import export as export_dataset
    from govreport_parse.dataset import load

    for path in export_dataset(load(folder), to, output, csv_safe=not raw_text):
        click.echo(str(path))


@click.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True
)
def status(folder: str, form: str) -> None:
    """Tell what a dataset holds: reports, years, failures, versions."""
    from govreport_parse.dataset import load

    dataset = load(folder)
    if form == "json":
        manifest = dataset.manifest
        out = {
            "folder": str(dataset.folder),
            "parser_version": manifest.parser_version,
            "years": dataset.years,
            "counts": dict(manifest.counts),
            "rows": {name: len(dataset.table(name)) for name in manifest.schemas},
            "bytes": sum(part.bytes for part in manifest.parts),
        }
        click.echo(dump_json(out, indent=2))
    else:
        click.echo(repr(dataset))


@click.command()
@click.argument("folder", metavar="DIR")
@click.pass_context
def verify(ctx: click.Context, folder: str) -> None:
    """Compare every file of a dataset with what was written; exit 1 where data are lost.

    Files that a writer left when it died are told and harmless: the next write removes them.
    """
    from govreport_parse.dataset import load, verify_dataset

    problems = verify_dataset(folder)
    for problem in problems:
        click.echo(str(problem))
    if any(p.is_loss for p in problems):
        ctx.exit(FAILED)
    files = len(load(folder).manifest.parts)
    say(f"{files:,} files are as they were written")
