"""Options of the verbs that can run on many machines, and the verb ``merge``.

A verb takes ``scaling_options`` and calls ``process`` when one of them was given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.messages import say
from govreport_parse.errors import UsageError

if TYPE_CHECKING:
    from govreport_parse.cluster import Progress, RunResult

INNER = "dataset"
EVERY = 10.0
"""Seconds between two lines of progress."""


def shard_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--shard i/n``; it arrives as ``shard``."""
    return click.option(
        "--shard",
        metavar="i/n",
        callback=_checked,
        help="Do share i of n only, into DIR/shard-i-of-n; join them with merge.",
    )(command)


def scaling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--scheduler ADDRESS`` and ``--shard i/n``; they arrive as ``scheduler`` and ``shard``."""
    return shard_option(
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Work on the workers of a Dask scheduler (tcp://HOST:8786).",
        )(command)
    )


def _checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None:
        from govreport_parse.cluster.shards import Shard

        try:
            Shard.of(value)
        except UsageError as error:
            raise click.BadParameter(f"{error.message}; {error.hint}") from error
    return value


def engine(scheduler: str | None) -> Callable[[], Any] | None:
    """What makes the executor of a scheduler; ``None``, processes on this machine, without one."""
    from govreport_parse.cluster import dask_executor

    return None if scheduler is None else partial(dask_executor, scheduler)


def is_scaled(paths: Sequence[str], scheduler: str | None, shard: str | None) -> bool:
    """Whether the work is dealt out: an option says so, or a store is to be read."""
    return scheduler is not None or shard is not None or any("://" in path for path in paths)


def documents(paths: Sequence[str]) -> list[Any]:
    """What PATH arguments name, addresses of stores included: ``s3://bucket/2024/*.html``.

    A pattern or an address that ends in ``/`` gives the documents it names.
    """
    from govreport_parse.cluster import list_store

    out: list[Any] = []
    for path in paths:
        if "://" not in path:
            out += inputs.sources([path])
        elif path.endswith("/") or any(c in path for c in "*?["):
            out += list_store(path)
        else:
            out.append(path)
    return out


def process(
    names: Iterable[Any],
    out: str,
    *,
    scheduler: str | None = None,
    shard: str | None = None,
    **options: Any,
) -> RunResult:
    """``process_many`` into ``out/dataset``, or ``out/shard-i-of-n/dataset`` for a shard.

    Told on stderr how far it is. ``options`` are further ones of ``process_many``.
    """
    from govreport_parse.cluster import Shard, process_many

    folder = Path(out)
    if shard is not None:
        share = Shard.of(shard)
        folder, names = share.folder(out), share.mine(names)
    result = process_many(
        names,
        folder / INNER,
        executor=engine(scheduler),
        progress=Teller(),
        **options,
    )
    tell_of_workers(result)
    say(str(result))
    return result


def tell_of_workers(result: RunResult) -> None:
    """What became of documents that workers died at."""
    if result.quarantined:
        say(
            f"{result.quarantined:,} documents were left out: three workers died at each; "
            "their names are in the dataset's table failures"
        )


class Teller:
    """A line of progress now and then."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Tell how far a run is, if it is time to."""
        now = time.monotonic()
        if now - self._told < EVERY:
            return
        self._told = now
        of = "" if progress.total is None else f" of {progress.total:,}"
        rate = progress.documents / (now - self._began)
        say(
            f"{progress.documents:,}{of} documents, {rate:,.0f} a second; "
            f"{progress.failures:,} failed, {progress.resubmitted:,} batches done again"
        )


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--out", required=True, metavar="DIR", help="New folder; the dataset is DIR/dataset.")
@click.option(
    "--partial",
    is_flag=True,
    help="Join what is there, though shards are missing or their runs have not ended.",
)
def merge(folders: tuple[str, ...], out: str, partial: bool) -> None:
    """Join the datasets of shards into one, as if one run had made it.

    DIR is a shard, a folder that holds the shards, or another dataset. Nothing is parsed again.
    Copies and versions are marked over all shards. Shards that are missing, whose run has not
    ended, or that are there twice, are refused (exit 1).
    """
    from govreport_parse.cluster.merging import shares_of
    from govreport_parse.dataset.merge import merge_datasets

    shares = shares_of(folders, partial=partial, unfinished=_of_harvest)
    for missing in shares.missing:
        say(f"left out or not whole: {missing}")
    say(str(merge_datasets(shares.folders, Path(out) / INNER)))


def _of_harvest(folder: Path) -> str | None:
    """Why a shard of a harvest is not whole; ``None`` for others, and for one that ended."""
    from govreport_parse.harvesting.results import look

    run = look(folder)
    if run is None or run.ended not in ("stopped", "running or killed"):
        return None
    was = "stopped" if run.ended == "stopped" else "killed, or runs still"
    return f"its harvest was {was}"
