"""``build`` on many processes or machines: the archive's groups dealt out as the cluster's inputs.

The state is read here; workers read the archive's records by offset and hash, so they need the
harvest folder under the same path. A group is parsed as one: its page and its attachments.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from govreport_parse.cluster import RunResult, Shard, process_many, shard_of, shard_of_name
from govreport_parse.dataset import load
from govreport_parse.fetch.state import Group, State, open_state_readonly
from govreport_parse.harvesting.combining import combined
from govreport_parse.harvesting.damage import told_damage
from govreport_parse.harvesting.importing import PREFIX
from govreport_parse.harvesting.ingest import INNER, Ingest, documents_of, offers_of, source_of
from govreport_parse.harvesting.listed import without_listed
from govreport_parse.harvesting.results import archived_root, opened, utc
from govreport_parse.mining.mirrors import mark_mirror
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source

STEP = 1000


def build_scaled(
    folder: str | os.PathLike[str],
    *,
    executor: Any = None,
    shard: str | None = None,
    jobs: int | None = None,
    progress: Callable[[Any], None] | None = None,
    damage: Callable[[tuple[str, ...], int], None] | None = None,
    **options: Any,
) -> RunResult:
    """Parse an archive with ``cluster.process_many``: the same dataset as ``build`` makes.

    ``executor``, ``jobs``, ``progress`` and ``options`` as there. ``shard``: ``"2/8"`` does the
    second of eight shares, dealt by registered domain, into ``shard-2-of-8`` below the folder.
    ``damage`` is told what was mended of the folder, in words, and how many documents were found
    lost; a share mends nothing.
    Raises ``DatasetError`` when the folder holds no archive, or is in use.
    """
    root = archived_root(folder)
    share = None if shard is None else Shard.of(shard)
    out = root if share is None else share.folder(root)
    # shards of one array job look at the same state at the same time
    opening = opened(root) if share is None else open_state_readonly(root, utc)
    with opening as state:
        if damage is not None:
            damage(state.repairs, state.lost)
        result = process_many(
            _groups(state, share),
            out / INNER,
            executor=executor,
            jobs=jobs,
            reader=partial(read_group, os.fspath(root.absolute())),
            combine=partial(combine_group, os.fspath(root.absolute())),
            progress=progress,
            **options,
        )
        if share is None:
            Ingest(state).finish()
            state.mark_parsed(list(_fates(state, out / INNER)))
        return result


def _fates(state: State, dataset: Path) -> Iterator[tuple[str, str, str]]:
    """What the dataset says of each group, for the state."""
    columns = ["url", "n_figures", "n_absent", "n_unreadable", "n_ambiguous"]
    reports = {r["url"]: r for r in load(dataset).reports.to_table(columns).to_pylist()}
    failed = load(dataset).failures.to_table(["url", "error_type", "error_message"]).to_pylist()
    errors = {r["url"]: f"{r['error_type']}: {r['error_message']}" for r in failed}
    for group in _groups(state, None):
        urls = [c.url for c in (group.page, *group.attachments)]
        report = next((reports[u] for u in urls if u in reports), None)
        if report is not None:
            lost = sum(report[c] or 0 for c in columns[2:])
            whole = report["n_figures"] and not lost
            told = f"{report['n_figures']} figures, {lost} lost"
            yield group.url, "parsed" if whole else "partial", told
        else:
            told = next((errors[u] for u in urls if u in errors), "")
            yield group.url, "failed", told


def _groups(state: State, share: Shard | None) -> Iterator[Group]:
    after, offers = 0, offers_of(state)
    while found := state.groups(after, STEP, everything=True):
        after = found[-1].number
        for group in found:
            if share is None or _shard(group.url, share.count) == share.number:
                yield offers.told(group)


def _shard(url: str, count: int) -> int:
    """By registered domain; an imported document, which has none, by its name."""
    return shard_of_name(url, count) if url.startswith(PREFIX) else shard_of(url, count)


def read_group(folder: str, group: Group) -> list[Source]:
    """The documents of a group, read back from the archive."""
    return [member.source for member in documents_of(Path(folder), group)]


def combine_group(
    folder: str, group: Group, members: list[Report | Failure]
) -> Iterable[tuple[Report | Failure, str | None]]:
    """The results for a group, each with the time when its document was fetched."""
    members = told_damage(Path(folder), group, members)
    members = without_listed(group, members, lambda capture: source_of(Path(folder), capture, {}))
    for result in combined(group, members):
        if isinstance(result, Report):
            mark_mirror(result)
        yield result, _fetched(group, members, result)


def _fetched(group: Group, members: list[Report | Failure], result: Report | Failure) -> str | None:
    mine = {
        member.source.url
        for member in members
        if member is result or member.source.sha256 == result.source.sha256
    }
    captures = (group.page, *group.attachments)
    named = ((None if c.url.startswith(PREFIX) else c.url, c) for c in captures)
    fetched = {c.fetched_at.isoformat() for url, c in named if url in mine}
    return min(fetched, default=None)
