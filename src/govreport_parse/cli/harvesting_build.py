"""The verb ``build``: a harvest folder's dataset made again from its archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from govreport_parse.cli.main import FAILED
from govreport_parse.cli.messages import say
from govreport_parse.cli.scaling import Teller, engine, scaling_options, tell_of_workers


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="Worker processes.")
@click.option("--corrections", metavar="CSV", help="A corrections file made in the review page.")
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
@scaling_options
@click.pass_context
def build(
    ctx: click.Context,
    /,
    folder: str,
    jobs: int,
    corrections: str | None,
    no_solve: bool,
    scheduler: str | None,
    shard: str | None,
) -> None:
    """Parse everything that DIR has archived again, without a network, into its dataset.

    With --corrections a person's verdicts are applied as marked overrides with author and reason.
    """
    if scheduler is not None or shard is not None:
        if corrections is not None:
            raise click.UsageError("--corrections goes with a build on one machine")
        ctx.exit(_build_scaled(folder, jobs, scheduler, shard, not no_solve))
    from govreport_parse.dataset import load
    from govreport_parse.harvesting.rebuild import build as rebuild

    correct = None
    if corrections is not None:
        correct = _corrector(corrections, Path(folder))
    counts = rebuild(folder, jobs=jobs, correct=correct, solve=not no_solve)
    for word, n in sorted(counts.outcomes.items()):
        click.echo(f"{n:>9,}  {word}")
    if counts.uncorrected:
        say(
            f"{counts.uncorrected:,} reports had corrections that are no longer applied; "
            "build again with --corrections to apply them"
        )
    _say_mended(counts.repairs)
    if counts.open:
        say(f"{counts.open:,} addresses are still to be fetched; the same harvest asks for them")
    load(folder)  # tells of files that are gone or cut: a build adds what is new, and mends none
    ctx.exit(FAILED if counts.lost or counts.outcomes["failed"] else 0)


def _build_scaled(
    folder: str, jobs: int, scheduler: str | None, shard: str | None, solve: bool
) -> int:
    from govreport_parse.harvesting.scaled import build_scaled

    losses: list[int] = []

    def damage(repairs: tuple[str, ...], lost: int) -> None:
        _say_mended(repairs)
        losses.append(lost)

    result = build_scaled(
        folder,
        executor=engine(scheduler),
        shard=shard,
        jobs=jobs,
        progress=Teller(),
        damage=damage,
        solve=solve,
    )
    tell_of_workers(result)
    say(str(result))
    return FAILED if result.written.failures or any(losses) else 0


def _say_mended(repairs: tuple[str, ...]) -> None:
    for told in repairs:
        say(f"mended: {told}")


def _corrector(file: str, folder: Path) -> Callable[[Any], Any]:
    """A person's verdicts; ``UsageError`` when they speak of reports that are not there."""
    from govreport_parse.dataset import load
    from govreport_parse.review import check_verdicts, corrector, read_verdicts

    verdicts = read_verdicts(file)
    ids = load(folder).reports.to_table(["report_id"])["report_id"].to_pylist()
    check_verdicts(verdicts, set(ids))
    return corrector(verdicts)
