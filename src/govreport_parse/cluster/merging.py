"""Which folders a merge of shards takes: all shares of a work, each once and whole.

A share is known by the name of its folder (``shard-2-of-8``). Datasets in other folders may be
merged with them.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from govreport_parse.cluster.attempts import FOLDER as ATTEMPTS
from govreport_parse.cluster.notes import FOLDER as NOTES
from govreport_parse.dataset.manifest import exists
from govreport_parse.dataset.read import find
from govreport_parse.dataset.staged import staging_of
from govreport_parse.errors import DatasetError
from govreport_parse.source import named_path

INNER = "dataset"
_NAME = re.compile(r"shard-([0-9]{1,6})-of-([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shares:
    """``folders`` to merge, and what is ``missing`` among them, in words."""

    folders: tuple[Path, ...]
    missing: tuple[str, ...] = ()


def shares_of(
    folders: Iterable[str | os.PathLike[str]],
    *,
    partial: bool = False,
    unfinished: Callable[[Path], str | None] | None = None,
) -> Shares:
    """The folders to merge; one that holds shards and no dataset stands for all of them.

    ``partial``: shards that are not there, or whose run has not ended, are told as ``missing``;
    else they are a ``DatasetError``, as is the same shard twice. ``unfinished`` tells of a folder
    with a dataset why it is not whole all the same (a harvest that was stopped).
    """
    named = [path for folder in folders for path in _within(named_path(folder, "the shard"))]
    states = {path: _state(path, unfinished) for path in named if _share(path) is not None}
    missing = [f"{path}: {state}" for path, state in states.items() if state]
    missing += _absent(named)
    if missing and not partial:
        raise DatasetError(
            f"not all shards are whole: {'; '.join(missing[:5])}"
            + (f"; and {len(missing) - 5:,} more" if len(missing) > 5 else ""),
            hint="run those shares again, they go on where they were, and merge then; or join what "
            "is there with --partial",
            context={"reason": "shards_missing", "missing": missing},
        )
    there = [path for path in named if not states.get(path) or exists(find(path))]
    return Shares(tuple(there), tuple(missing))


def _within(folder: Path) -> list[Path]:
    """The folder, or the shards in it where it holds these and no dataset."""
    if exists(folder) or exists(folder / INNER) or not folder.is_dir():
        return [folder]
    shards = sorted(p for p in folder.iterdir() if p.is_dir() and _NAME.fullmatch(p.name))
    return shards or [folder]


def _share(folder: Path) -> tuple[int, int] | None:
    """Number and count of a shard, by the name of its folder or of the one it lies in."""
    path = folder.resolve()
    for name in (path.name, path.parent.name if path.name == INNER else ""):
        found = _NAME.fullmatch(name)
        if found:
            return int(found[1]), int(found[2])
    return None


def _state(folder: Path, unfinished: Callable[[Path], str | None] | None) -> str | None:
    """Why a shard can't be taken for whole; ``None``: nothing says so."""
    if not folder.is_dir():
        return "it is not there"
    root = find(folder)
    if not exists(root):
        return "it has no dataset; its run has not ended"
    staged = [
        p.name
        for where in {root, folder, folder / INNER}
        for p in (staging_of(where).iterdir() if staging_of(where).is_dir() else ())
    ]
    if set(staged) - {ATTEMPTS, NOTES}:
        return "parts of a later run wait in it, which has not ended"
    return None if unfinished is None else unfinished(folder)


def _absent(folders: Iterable[Path]) -> list[str]:
    """The numbers that no folder has. ``DatasetError``: one that more folders have than others."""
    places: dict[int, Counter[int]] = {}
    named: dict[tuple[int, int], list[Path]] = {}
    for folder in folders:
        share = _share(folder)
        if share is not None:
            number, count = share
            places.setdefault(count, Counter())[number] += 1
            named.setdefault(share, []).append(folder)
    out = []
    for count, seen in sorted(places.items()):
        out += [f"shard {n} of {count} is missing" for n in range(1, count + 1) if not seen[n]]
        twice = [n for n, times in sorted(seen.items()) if times > min(seen.values())]
        if twice:
            told = " and ".join(repr(str(p)) for p in named[twice[0], count])
            raise DatasetError(
                f"shard {twice[0]} of {count} is there twice: {told}",
                hint="name each shard once; of two runs of one share take the later one",
                context={"reason": "shard_twice", "shard": f"{twice[0]}/{count}"},
            )
    return out
