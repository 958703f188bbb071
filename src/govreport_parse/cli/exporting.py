"""The verbs on datasets: ``import``, ``export``, ``status`` and ``verify``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.main import FAILED
from govreport_parse.cli.messages import complain, say
from govreport_parse.cli.reading import Results, Tally, source_options, unmasked_option
from govreport_parse.errors import GovReportError
from govreport_parse.report import dump_json
from govreport_parse.source import Source

if TYPE_CHECKING:
    from govreport_parse.dataset import Dataset

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
    """Put local documents into archive and dataset of DIR, as if they had been fetched.

    What is in the dataset already is not parsed again. A crash or a full disk leaves archive and
    dataset as they were. Failures are kept in its table failures.
    """
    from govreport_parse.dataset import write_dataset
    from govreport_parse.harvesting.importing import (
        archive_documents,
        check_are_there,
        mark_imported,
    )
    from govreport_parse.parsing import parse_many

    documents = inputs.sources(paths)
    if options.get("url") and len(documents) > 1:
        raise click.UsageError("--url names one document, but there are several")
    check_are_there(documents)
    options["solve"] = not options.pop("no_solve")
    folder = Path(out) / INNER
    known = _Known(folder)
    tally = Tally()
    fates = _Fates()
    documents_left = archive_documents(known.unknown(documents, options.get("url")), out)
    results: Results = parse_many(fates.seen(documents_left), jobs=jobs, **options)
    result = write_dataset(fates.told(tally.watch(results)), folder, mask=not unmasked)
    mark_imported(fates.rows, out)
    if known.skipped:
        told = any(options.get(name) for name in ("organ", "year", "division_code", "mapping"))
        kept = "; their organ, year and codes stay as they are" if told else ""
        say(f"{known.skipped:,} documents are in the dataset already{kept}")
    say(str(result))
    ctx.exit(tally.close(strict))


class _Fates:
    """What became of each document, for the state of the archive."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self._addresses: deque[str | None] = deque()

    def seen(self, documents: Iterable[Any]) -> Iterator[Any]:
        """The documents as they go to the parser."""
        from govreport_parse.harvesting.importing import address_of

        for document in documents:
            known = address_of(document) if isinstance(document, Source) else None
            self._addresses.append(known)
            yield document

    def told(self, results: Results) -> Iterator[Any]:
        """The results as they come out of it, in the same order."""
        from govreport_parse.harvesting.ingest import verdict

        for result in results:
            address = self._addresses.popleft()
            if address is not None:
                self.rows.append((address, *verdict(result)))
            yield result


class _Known:
    """Leaves out documents that this version has parsed already, at the place they come from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.skipped = 0

    def unknown(self, documents: list[Any], url: str | None) -> Iterator[Any]:
        """The documents still to parse."""
        from govreport_parse import __version__
        from govreport_parse.dataset.places import are_there

        for document in documents:
            try:
                source = Source.of(document, url)
            except GovReportError:
                yield document  # ends as a failure of its own
                continue
            if are_there(self._folder, __version__, [source])[0]:
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

    csv, stata and datapackage make a folder, excel and json one file. Each but json holds the
    codebook, a methods note, every table, and the views wide (a row a report), panel (a row an
    organ and year, figures that both forms ask for) and coverage (who reported, how completely).
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
@click.pass_context
def status(ctx: click.Context, folder: str, form: str) -> None:
    """Tell how a harvest stands (also while it runs) and what its dataset holds.

    Exit 1: there is a dataset, but it can't be read.
    """
    harvested = _harvest_status(Path(folder))
    dataset, unread = _dataset_status(folder, needed=harvested is None)
    if form == "json":
        out: dict[str, Any] = {"folder": folder}
        if dataset is not None:
            out |= _counts(dataset)
        if harvested is not None:
            out["harvest"] = harvested[1]
        if unread is not None:
            kind = type(unread).__name__
            out["error"] = {"type": kind, "message": unread.message, "hint": unread.hint}
        click.echo(dump_json(out, indent=2))
    else:
        if harvested is not None:
            click.echo(harvested[0])
        if dataset is not None:
            click.echo(repr(dataset))
    if unread is not None:
        complain(unread)
        ctx.exit(FAILED)


def _dataset_status(folder: str, *, needed: bool) -> tuple[Dataset | None, GovReportError | None]:
    """The dataset, or why one that is there can't be read; neither where a harvest has none yet."""
    from govreport_parse.dataset import load

    try:
        return load(folder), None
    except GovReportError as error:
        if needed:
            raise
        return None, error if has_dataset(folder) else None


def _counts(dataset: Dataset) -> dict[str, Any]:
    manifest = dataset.manifest
    return {
        "folder": str(dataset.folder),
        "parser_version": manifest.parser_version,
        "years": dataset.years,
        "counts": dict(manifest.counts),
        "rows": {name: len(dataset.table(name)) for name in manifest.schemas},
        "bytes": sum(part.bytes for part in manifest.parts),
    }


def _harvest_status(folder: Path) -> tuple[str, dict[str, Any]] | None:
    """The state of a harvest as text and as plain values; ``None`` for a folder without one."""
    from govreport_parse.harvesting.run import look

    run = look(folder)
    if run is None:
        return None
    summary = asdict(run.summary)
    summary["outcomes"] = [
        {"code": code, "reason": reason, "count": n}
        for (code, reason), n in sorted(run.summary.outcomes.items())
    ]
    return repr(run), {"ended": run.ended, **summary}


@click.command()
@click.argument("folder", metavar="DIR")
@click.pass_context
def verify(ctx: click.Context, folder: str) -> None:
    """Compare archive and dataset with what was written; exit 1 where data are lost.

    Every record of the archive is read again and its hash compared. Files that a writer left when
    it died are told and harmless: the next write removes them.
    """
    from govreport_parse.dataset import load, verify_dataset
    from govreport_parse.harvesting.run import check_archive

    lost = 0
    archived = check_archive(folder)
    for problem in () if archived is None else archived.problems:
        click.echo(str(problem))
        lost += problem.is_loss
    if archived is not None:
        say(f"archive: {archived.records:,} records, {len(archived.problems):,} problems")
        if lost:
            say("hint: restore the files from a copy, or fetch again: govreport harvest --refresh")
        if not has_dataset(folder):
            ctx.exit(FAILED if lost else 0)
    spoilt = 0
    for fault in verify_dataset(folder):
        click.echo(str(fault))
        spoilt += fault.is_loss
    if spoilt:
        say("hint: restore the files from a copy, or make the dataset anew in an empty place:")
        say("delete its folder, then govreport build DIR (import, where there is no archive)", "  ")
    if lost or spoilt:
        ctx.exit(FAILED)
    files = len(load(folder).manifest.parts)
    say(f"{files:,} files are as they were written")


def has_dataset(folder: str) -> bool:
    """Whether there is a dataset in the folder or in its subfolder."""
    return any((Path(folder) / inner / "_manifest.json").exists() for inner in ("", INNER))
