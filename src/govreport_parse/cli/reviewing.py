"""The verb ``review``: a page on which a person looks at a reading beside its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.messages import say
from govreport_parse.errors import UsageError


@click.command()
@click.argument("path", metavar="PATH|DATASET")
@click.option("-o", "--output", required=True, metavar="PAGE", help="The HTML file to write.")
@click.option("--url", help="Address of the document, for the link in the page.")
@click.option("--corrections", metavar="CSV", help="Show the report with these verdicts applied.")
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
def review(
    path: str, output: str, url: str | None, corrections: str | None, no_solve: bool
) -> None:
    """Write one self-contained page: a document beside its figures, or the index of a dataset.

    In the page: n and p go from problem to problem, r and w record a verdict, s exports the
    verdicts as a corrections file. Of a dataset: divisions by years with their completeness.
    """
    target = Path(output)
    if target.is_dir():
        raise click.UsageError(f"{output} is a folder; name an HTML file")
    if path != inputs.STDIN and Path(path).is_dir():
        if url or corrections:
            raise click.UsageError("--url and --corrections speak of one document")
        page = _of_dataset(path)
    else:
        page = _of_document(path, url, corrections, solve=not no_solve)
    try:
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"cannot write {output!r}: {error.strerror or error}", hint="name another file with -o"
        ) from error
    say(f"wrote {output} ({len(page.encode()):,} bytes)")


def _of_dataset(folder: str) -> str:
    from govreport_parse.dataset import load
    from govreport_parse.review import dataset_page

    return dataset_page(load(folder))


def _of_document(path: str, url: str | None, corrections: str | None, *, solve: bool) -> str:
    from govreport_parse.parsing import parse
    from govreport_parse.review import (
        apply_verdicts,
        check_verdicts,
        read_verdicts,
        report_page,
    )

    verdicts = read_verdicts(corrections) if corrections else ()
    with inputs.one(path) as given:
        source = replace(given, url=url) if url else given
        report = parse(source, solve=solve)
        if verdicts:
            check_verdicts(verdicts, {r.report_id for r in (report, *report.others)})
            report = apply_verdicts(report, verdicts)
        return report_page(report, source)
