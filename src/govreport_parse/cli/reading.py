"""The verbs that parse documents: ``parse`` and ``check``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Literal, get_args

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.main import FAILED, STRICT
from govreport_parse.cli.messages import complain_of, say
from govreport_parse.cli.outputs import keep_documents, opened, opened_stream
from govreport_parse.codebooks import Shape
from govreport_parse.report import Failure, Report, dump_json
from govreport_parse.values import CheckState

FORMATS = ("card", "json", "jsonl", "csv", "parquet")
TABULAR = ("csv", "parquet")
BY_SUFFIX = {".txt": "card", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
SHAPES: tuple[Shape, ...] = get_args(Shape)
Results = Iterable[Report | Failure]


class Tally:
    """Counts documents, failures and reports with a broken identity while they pass by."""

    def __init__(self) -> None:
        self.documents = 0
        self.failed = 0
        self.broken = 0

    def watch(self, results: Results) -> Iterator[Report | Failure]:
        """The results as they come; failures are also told on stderr."""
        for result in results:
            self.documents += 1
            if isinstance(result, Failure):
                self.failed += 1
                complain_of(result)
            elif any(_is_broken(r) for r in (result, *result.others)):
                self.broken += 1
            yield result

    def close(self, strict: bool) -> int:
        """The exit code; for more than one document also a line on stderr."""
        if self.documents > 1:
            say(f"{self.documents - self.failed} of {self.documents} documents parsed")
        if self.failed:
            return FAILED
        if strict and self.broken:
            say(f"govreport: a sum is broken in {self.broken} of {self.documents} documents")
            return STRICT
        return 0


def _is_broken(report: Report) -> bool:
    return any(o.state is CheckState.BROKEN for o in report.outcomes)


def _division(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None and not re.fullmatch(r"[0-9]{6}", value):
        raise click.BadParameter(f"{value!r} is not six digits, such as 341722 (GB/T 2260)")
    return value


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what the caller knows of the documents, and how to parse them."""
    for option in (
        click.option("--organ", help="Name of the organ; wins over what is found."),
        click.option(
            "--year",
            type=click.IntRange(2000, 2100),
            help="Year reported on; wins over what is found.",
        ),
        click.option("--url", help="Address of the one document."),
        click.option(
            "--division-code", metavar="CODE", callback=_division, help="Division code, six digits."
        ),
        click.option(
            "--mapping", metavar="CSV", help="Your own organ,code (or url, host) table; it wins."
        ),
        click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous."),
        click.option("--jobs", type=click.IntRange(1), metavar="N", help="Worker processes."),
        click.option("--strict", is_flag=True, help="Exit 3 when a hard identity is broken."),
    ):
        command = option(command)
    return command


unmasked_option = click.option(
    "--keep-personal-data",
    "unmasked",
    is_flag=True,
    help="Do not mask identity cards, mobile telephones, bank cards and e-mail in tables.",
)


def parsed(paths: tuple[str, ...], jobs: int | None, options: dict[str, Any]) -> Results:
    """The results of the documents that the arguments name, in order."""
    from govreport_parse.parsing import parse_many

    documents = inputs.sources(paths)
    if options.get("url") and len(documents) > 1:
        raise click.UsageError("--url names one document, but there are several")
    options["solve"] = not options.pop("no_solve")
    results: Results = parse_many(documents, jobs=jobs, **options)
    return results


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: by the suffix of OUT, or card."
)
@click.option("-o", "--output", metavar="OUT", help="File to write; default: standard output.")
@click.option("--shape", type=click.Choice(SHAPES), help="Table of csv and parquet; default: long.")
@click.option(
    "--isolate/--no-isolate",
    "isolated",
    default=None,
    help="Parse in killable processes. Default: all but text and HTML.",
)
@unmasked_option
@source_options
@click.pass_context
def parse(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    form: str | None,
    output: str | None,
    shape: Shape | None,
    unmasked: bool,
    strict: bool,
    jobs: int | None,
    **options: Any,
) -> None:
    """Parse reports (files, folders, or - for standard input).

    json gives one object for one PATH and an array for several; jsonl one line a document in the
    order of the arguments, failures included; csv and parquet one table over all documents.
    """
    output = None if output == inputs.STDIN else output
    form = form or _format_of(output)
    if shape and form not in TABULAR:
        raise click.UsageError(f"--shape goes with csv and parquet, not with {form}")
    if form == "parquet" and output is None:
        raise click.UsageError("parquet needs a file: give -o OUT")
    if output is not None:
        keep_documents(output, paths)
    tally = Tally()
    results = tally.watch(parsed(paths, jobs, options))
    if form in TABULAR:
        _write_table(results, form, output, shape or "long", mask=not unmasked)
    else:
        with opened(output) as out:
            if form == "card":
                _write_cards(results, out)
            elif form == "jsonl":
                _write_lines(results, out)
            else:
                _write_json(results, out, array=len(paths) > 1 or Path(paths[0]).is_dir())
    ctx.exit(tally.close(strict))


def _format_of(output: str | None) -> str:
    suffix = Path(output or "").suffix.lower()
    if suffix[1:] in TABULAR:
        return suffix[1:]
    if suffix in ("", ".txt"):
        return "card"
    if suffix not in BY_SUFFIX:
        raise click.UsageError(f"{output!r} does not tell the format; give --format")
    return BY_SUFFIX[suffix]


def _write_cards(results: Results, out: IO[str]) -> None:
    first = True
    for result in results:
        if isinstance(result, Report):
            out.write(("" if first else "\n") + str(result) + "\n")
            first = False


def _write_lines(results: Results, out: IO[str]) -> None:
    for result in results:
        out.write(result.to_json() + "\n")


def _write_json(results: Results, out: IO[str], *, array: bool) -> None:
    if not array:
        for result in results:
            out.write(result.to_json(indent=2) + "\n")
        return
    lead = "[\n"
    for result in results:
        out.write(lead + result.to_json(indent=2))
        lead = ",\n"
    out.write("\n]\n")


def _write_table(
    results: Results, form: str, output: str | None, shape: Shape, *, mask: bool = True
) -> None:
    from govreport_parse.frames import TableWriter

    kind: Literal["parquet", "csv"] = "parquet" if form == "parquet" else "csv"
    with (
        opened_stream(output) as target,
        TableWriter(target, shape, kind, mask=mask) as writer,
    ):
        writer.write_all(results)
    if output is not None:
        say(f"{writer.rows:,} {'row' if writer.rows == 1 else 'rows'} in {output}")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "csv")),
    default="text",
    show_default=True,
)
@click.option("--all", "everything", is_flag=True, help="Also the identities that hold (text).")
@source_options
@click.pass_context
def check(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    form: str,
    everything: bool,
    strict: bool,
    jobs: int | None,
    **options: Any,
) -> None:
    """Apply the form's sums (勾稽关系) to reports: what holds, what breaks, what can't be checked.

    A broken sum is a fault of the source or of the reading; text says which only where the cells
    prove it. csv and json give every identity with both sides.
    """
    tally = Tally()
    results = tally.watch(parsed(paths, jobs, options))
    if form == "csv":
        _write_table(results, "csv", None, "checks")
    elif form == "json":
        _write_checks(results)
    else:
        for result in results:
            if isinstance(result, Report):
                for report in (result, *result.others):
                    _write_check_text(report, everything)
    ctx.exit(tally.close(strict))


def _write_checks(results: Results) -> None:
    """One line of JSON a document: its checks and findings, or its error."""
    for result in results:
        if isinstance(result, Failure):
            click.echo(result.to_json())
            continue
        for report in (result, *result.others):
            line = {
                "report_id": report.report_id,
                "source": report.source.name,
                "organ": report.organ,
                "year": report.year,
                "checks": [c.to_dict() for c in report.checks],
                "findings": [f.to_dict() for f in report.findings],
            }
            click.echo(dump_json(line))


def _write_check_text(report: Report, everything: bool) -> None:
    from govreport_parse import display

    c = report.completeness
    name = " ".join(str(x) for x in (report.organ, report.year) if x is not None)
    click.echo(display.plain(f"{report.source.name}  {name}"))
    click.echo(
        f"  {c['holds']} of {c['checks']} hold, {c['broken']} broken, "
        f"{c['not_checkable']} not checkable"
    )
    for line in display.check_lines(report, everything=everything):
        click.echo(line)
    click.echo()
