"""The verb ``review``: a page on which a person looks at a reading beside its source."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.messages import say
from govreport_parse.cli.outputs import keep_documents, opened
from govreport_parse.errors import UsageError

if TYPE_CHECKING:
    from govreport_parse.dataset import Dataset
    from govreport_parse.report import Report
    from govreport_parse.source import Source

STATE = "state.sqlite"
ROUND = 500


@click.command()
@click.argument("path", metavar="PATH|DATASET")
@click.option("-o", "--output", required=True, metavar="PAGE", help="The HTML file to write, or -.")
@click.option("--report", "report_id", metavar="ID", help="Of a dataset: the page of one report.")
@click.option("--url", help="Address of the document, for the link in the page.")
@click.option("--corrections", metavar="CSV", help="Show the report with these verdicts applied.")
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
def review(
    path: str,
    output: str,
    report_id: str | None,
    url: str | None,
    corrections: str | None,
    no_solve: bool,
) -> None:
    """Write one self-contained page: a document beside its figures, or the index of a dataset.

    In the page: n and p go from problem to problem, r and w record a verdict, s exports the
    verdicts as a corrections file. Of a dataset: divisions by years with their completeness; with
    --report one of its reports, beside its source where a harvest has archived it.
    """
    if Path(output).is_dir():
        raise click.UsageError(f"{output} is a folder; name an HTML file")
    if path != inputs.STDIN and Path(path).is_dir():
        page = _of_folder(path, report_id, url, corrections, solve=not no_solve)
    elif report_id:
        raise click.UsageError("--report picks from a dataset, but a document was given")
    else:
        if output != inputs.STDIN:
            keep_documents(output, [path])
        page = _of_document(path, url, corrections, solve=not no_solve)
    with opened(output) as out:
        out.write(page)
    if output != inputs.STDIN:
        say(f"wrote {output} ({len(page.encode()):,} bytes)")


def _of_document(path: str, url: str | None, corrections: str | None, *, solve: bool) -> str:
    from govreport_parse.parsing import parse
    from govreport_parse.review import report_page

    with inputs.one(path) as given:
        source = replace(given, url=url) if url else given
        report = _corrected(parse(source, solve=solve), corrections)
        return report_page(report, source)


def _corrected(report: Report, corrections: str | None) -> Report:
    from govreport_parse.review import apply_verdicts, check_verdicts, read_verdicts

    if corrections is None:
        return report
    verdicts = read_verdicts(corrections)
    check_verdicts(verdicts, {r.report_id for r in (report, *report.others)})
    return apply_verdicts(report, verdicts)


# -- folders ---------------------------------------------------------------------------------------


def _of_folder(
    folder: str, report_id: str | None, url: str | None, corrections: str | None, *, solve: bool
) -> str:
    from govreport_parse.dataset import load
    from govreport_parse.parsing import parse
    from govreport_parse.review import dataset_page, report_page

    if url:
        raise click.UsageError("--url speaks of one document")
    dataset = load(folder)
    if report_id is None:
        if corrections:
            raise click.UsageError("--corrections speaks of one report: name it with --report")
        return dataset_page(dataset)
    row = _row(dataset, report_id)
    source = next(_archived(Path(folder), report_id.partition("#")[0], row["url"]), None)
    if source is not None:
        return report_page(_corrected(parse(source, solve=solve), corrections), source)
    say("the source is not archived here; the page shows what the dataset holds")
    return report_page(_corrected(_recorded(dataset, report_id, row["year"]), corrections))


def _row(dataset: Dataset, report_id: str) -> dict[str, object]:
    found = dataset.reports.to_table(["url", "year"], filter={"report_id": report_id}).to_pylist()
    if not found:
        raise UsageError(
            f"the dataset holds no report {report_id!r}",
            hint="ids stand in the index page and in the column report_id of its reports",
        )
    row: dict[str, object] = found[0]
    return row


def _archived(folder: Path, report_id: str, url: object) -> Iterator[Source]:
    """The document as a harvest archived it, if the folder is one of a harvest and still has it."""
    from govreport_parse.fetch.state import open_state_readonly
    from govreport_parse.harvesting.ingest import documents_of

    if not (folder / STATE).is_file():
        return
    with open_state_readonly(folder, lambda: datetime.datetime.now(datetime.UTC)) as state:
        after = 0
        while groups := state.groups(after, ROUND, everything=True):
            after = groups[-1].number
            for group in groups:
                held = (group.page, *group.attachments)
                # Only what may be it is read: by its bytes, or, packed or joined, by its address.
                if not any(c.sha256.startswith(report_id) or url in (None, c.url) for c in held):
                    continue
                for member in documents_of(folder, group):
                    if member.source.report_id == report_id:
                        yield member.source


def _recorded(dataset: Dataset, report_id: str, year: object) -> Report:
    """A report as the dataset's tables hold it, read from the files that can hold it."""
    from govreport_parse.dataset import Dataset as Narrow
    from govreport_parse.dataset.jsonlines import lines
    from govreport_parse.record_json import report_from_dict

    manifest = dataset.manifest
    for home in (p for p in manifest.of("reports") if p.year == year):
        near = (home.year, home.bits, home.bucket)
        parts = tuple(
            p
            for p in manifest.parts
            if (p.year, p.bits, p.bucket) == near and p.table != "failures"
        )
        narrow = Narrow(dataset.folder, replace(manifest, parts=parts))
        if narrow.reports.to_table(["report_id"], filter={"report_id": report_id}).num_rows:
            return next(report_from_dict(r) for r in lines(narrow) if r["report_id"] == report_id)
    raise UsageError(
        f"the dataset holds no report {report_id!r}", hint="look again: another process wrote to it"
    )  # a writer took it away
