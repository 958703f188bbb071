"""The verb ``mine``: reports out of web archives and text corpora."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govreport_parse.cli.exporting import INNER
from govreport_parse.cli.main import FAILED
from govreport_parse.cli.messages import say
from govreport_parse.cli.reading import unmasked_option
from govreport_parse.cli.scaling import Teller, engine, is_scaled, scaling_options
from govreport_parse.report import dump_json

if TYPE_CHECKING:
    from govreport_parse.mining import MineResult
    from govreport_parse.mining.refusals import Refused

SHOWN = 20
"""Problems that are told one by one."""
_CONTACT_HELP = "With --index: your mail address or page, told to every host."
_ASKING = ("match", "contact", "delay", "allow_private", "server")


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
    "--index",
    metavar="NAME",
    help="PATH are addresses, looked for in wayback or a collection such as CC-MAIN-2024-10.",
)
@click.option(
    "--match",
    type=click.Choice(("exact", "prefix", "host", "domain")),
    default="prefix",
    show_default=True,
    help="With --index: what an address stands for.",
)
@click.option("--contact", metavar="MAIL", envvar="GOVREPORT_CONTACT", help=_CONTACT_HELP)
@click.option(
    "--delay",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    metavar="S",
    help="With --index: least seconds between two requests to a host.",
)
@click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses.")
@click.option("--server", hidden=True, metavar="URL")
@click.option(
    "--isolate/--no-isolate",
    "isolated",
    default=None,
    help="Parse in killable processes. Default: all but text and HTML.",
)
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="JSON lines: every candidate that is no report, where it stands and why. With --shard the "
    "share is added to the name.",
)
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Worker processes.")
@unmasked_option
@scaling_options
@click.pass_context
def mine(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    out: str,
    no_solve: bool,
    unmasked: bool,
    index: str | None,
    scheduler: str | None,
    shard: str | None,
    refused: Path | None,
    **options: Any,
) -> None:
    """Find the reports in web archives and text corpora and add them to a dataset.

    PATH is a WARC, WET or WACZ file, a Parquet, JSON lines, CSV or text file with a column of
    texts (packed with gzip, zstd, bzip2 or xz, or not), or a folder of these. What the dataset
    holds already is not parsed again. Exit 1: a file, a record or a report could not be read.

    PATH may also be an address of a store (s3://bucket/crawl/*.warc.gz). With --scheduler or
    --shard large web archives, JSON lines and Parquet files are worked on in parts.

    With --index the documents come from the Wayback Machine or Common Crawl, politely, and no
    request goes to the organs' own hosts.
    """
    asking = {name: options.pop(name) for name in _ASKING}
    options |= {"solve": not no_solve, "mask": not unmasked}
    folder = Path(out) / INNER
    if refused and index:
        raise click.UsageError("--refused is of files, not of an index")
    if index:
        if scheduler or shard:
            raise click.UsageError(
                "--index asks hosts politely, from one machine: not with --scheduler or --shard"
            )
        result = _from_index(paths, folder, index, asking, options)
    elif is_scaled(paths, scheduler, shard):
        with _telling(refused, shard) as options["refused"]:
            folder, result = _scaled(paths, out, scheduler, shard, options)
    else:
        with _telling(refused) as options["refused"]:
            result = _from_files(paths, folder, options)
    _tell(result)
    if result.mirrors:
        _tell_of_mirrors(folder)
    ctx.exit(FAILED if result.failures or result.unreadable or result.damaged else 0)


@contextmanager
def _telling(
    path: Path | None, shard: str | None = None
) -> Iterator[Callable[[Refused], None] | None]:
    """What writes the candidates that are no report; the file is there once all are."""
    if path is None:
        yield None
        return
    if shard is not None:
        number, count = shard.split("/")
        path = path.with_name(f"{path.stem}-{number}-of-{count}{path.suffix}")
    with click.open_file(str(path), "w", encoding="utf-8", atomic=True) as out:
        yield lambda one: print(dump_json(asdict(one)), file=out)


def _from_files(paths: tuple[str, ...], folder: Path, options: dict[str, Any]) -> MineResult:
    from govreport_parse.mining import mine as mine_reports

    return mine_reports(paths, folder, progress=say, **options)


def _scaled(
    paths: tuple[str, ...],
    out: str,
    scheduler: str | None,
    shard: str | None,
    options: dict[str, Any],
) -> tuple[Path, MineResult]:
    from govreport_parse.cluster import Shard
    from govreport_parse.mining.scaled import mine_scaled

    folder = Path(out) if shard is None else Shard.of(shard).folder(out)
    result = mine_scaled(
        paths,
        folder / INNER,
        executor=engine(scheduler),
        shard=shard,
        progress=Teller(),
        tell=say,
        **options,
    )
    return folder / INNER, result


def _from_index(
    addresses: tuple[str, ...],
    folder: Path,
    index: str,
    asking: dict[str, Any],
    options: dict[str, Any],
) -> MineResult:
    from govreport_parse.harvesting.run import checked_contact, user_agent
    from govreport_parse.mining.indexes import Servers, mine_index

    server = asking.pop("server")
    agent = user_agent(checked_contact(asking.pop("contact")))
    servers = Servers(server, server, server) if server else None
    for name in ("column", "url_column", "packed", "split"):
        options.pop(name)  # these are of files
    return mine_index(
        addresses,
        folder,
        index=index,
        agent=agent,
        servers=servers,
        progress=say,
        **asking,
        **options,
    )


def _tell_of_mirrors(folder: Path) -> None:
    from govreport_parse.dataset import load
    from govreport_parse.mining.mirrors import mirrors_in

    found = mirrors_in(load(folder))
    paired = sum(original is not None for original in found.values())
    say(f"{paired:,} of {len(found):,} reports on mirror hosts have their original in the dataset")


def _tell(result: MineResult) -> None:
    for problem in result.problems[:SHOWN]:
        say(str(problem))
    if result.told > SHOWN:
        say(f"and {result.told - SHOWN:,} more")
    for reason, number in sorted(result.skipped.items()):
        say(f"{number:,} left out: {reason}")
    for reason, number in [*result.reasons.items()][:5]:
        say(f"{number:,} no report: {reason}")
    if result.seconds:
        say(f"pre-filter: {result.bytes / 1e6:,.1f} MB at {result.speed:,.0f} MB/s")
    say(str(result))
    say(result.dataset)
