"""The verb ``mine``: reports out of web archives and text corpora."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from govreport_parse.cli.exporting import INNER
from govreport_parse.cli.main import FAILED
from govreport_parse.cli.messages import say
from govreport_parse.cli.reading import unmasked_option

SHOWN = 20
"""Problems that are told one by one."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, metavar="DIR", help="Folder; the dataset is DIR/dataset.")
@click.option("--column", metavar="NAME", help="Column that holds the text; default: by its name.")
@click.option("--url-column", metavar="NAME", help="Column that holds the address.")
@click.option(
    "--packed",
    type=click.Choice(("gov", "all", "none")),
    default="gov",
    show_default=True,
    help="PDF and Word documents of web archives: of government hosts, all, none.",
)
@click.option(
    "--split",
    type=click.Choice(("file", "line", "blank")),
    default="file",
    show_default=True,
    help="Documents of a text file: the file, its lines, or parted by two blank lines.",
)
@click.option(
    "--isolate/--no-isolate",
    "isolated",
    default=None,
    help="Parse in killable processes. Default: all but text and HTML.",
)
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Worker processes.")
@unmasked_option
@click.pass_context
def mine(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    out: str,
    no_solve: bool,
    unmasked: bool,
    **options: Any,
) -> None:
    """Find the reports in web archives and text corpora and add them to a dataset.

    PATH is a WARC, WET or WACZ file, a Parquet, JSON lines, CSV or text file with a column of
    texts (packed with gzip, zstd, bzip2 or xz, or not), or a folder of these. What the dataset
    holds already is not parsed again. Exit 1: a file could not be used or a report not be read.
    """
    from govreport_parse.mining import mine as mine_reports

    options |= {"solve": not no_solve, "mask": not unmasked}
    result = mine_reports(paths, Path(out) / INNER, progress=say, **options)
    for problem in result.problems[:SHOWN]:
        say(str(problem))
    hidden = result.damaged + result.unreadable - min(len(result.problems), SHOWN)
    if hidden > 0:
        say(f"and {hidden:,} more damaged places")
    for reason, number in sorted(result.skipped.items()):
        say(f"{number:,} left out: {reason}")
    if result.seconds:
        say(f"pre-filter: {result.bytes / 1e6:,.1f} MB at {result.speed:,.0f} MB/s")
    say(str(result))
    say(result.dataset)
    ctx.exit(FAILED if result.failures or result.unreadable else 0)
