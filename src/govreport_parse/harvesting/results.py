"""What a harvest folder holds: outcomes, failures, coverage, the dataset; also while it runs."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import Problem, segment_names
from govreport_parse.fetch.state import (
    SourceOutcome,
    State,
    Summary,
    open_state,
    open_state_readonly,
    rebuild_state,
    verify_harvest,
)
from govreport_parse.fetch.urls import host_of
from govreport_parse.harvesting.clock import utc
from govreport_parse.harvesting.ingest import INNER
from govreport_parse.source import named_path

if TYPE_CHECKING:
    import pandas

    from govreport_parse.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a running harvest stands, for a display.

    ``answers``: addresses that were tried, dead hosts' too; ``hosts``: those they are at.
    """

    seconds: float
    answers: int
    ok: int
    failed: int
    hosts: int
    bytes: int
    queued: int
    parsed: int
    parse_failed: int

    @property
    def rate(self) -> float:
        """Answers a second since the start."""
        return self.answers / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds until the queue is empty at this rate; ``None`` when it can't be said."""
        return self.queued / self.rate if self.rate > 0 else None


class Run:
    """What a harvest folder holds after a run: outcomes, failures, coverage, the dataset."""

    def __init__(
        self, folder: Path, summary: Summary, manifest: Mapping[str, Any], ended: str
    ) -> None:
        self.folder = folder
        self.summary = summary
        self.manifest = manifest
        self.ended = ended
        """``done``; ``waiting``: hosts asked to be left alone for longer; ``stopped``."""

    def outcomes(self) -> pandas.DataFrame:
        """One row per row of the sources: what became of it, and why."""
        import pyarrow as pa

        from govreport_parse.frames import to_pandas

        with open_state_readonly(self.folder, utc) as state:
            alone = self.manifest.get("left_alone", {})
            rows = [outcome_row(o, alone) for o in state.outcomes()]
        frame: pandas.DataFrame = to_pandas(pa.Table.from_pylist(rows, schema=_outcome_schema()))
        return frame

    @property
    def failures(self) -> pandas.DataFrame:
        """The rows that gave no report."""
        table = self.outcomes()
        kept = table["outcome"].isin(["parsed", "partial", "listed", "duplicate"])
        return table[~kept].reset_index(drop=True)

    @property
    def is_complete(self) -> bool:
        """Nothing is left to be asked for, and no document was missed or failed."""
        missed = (self.folder / INNER).exists() and len(self.dataset.failures) > 0
        return self.ended == "done" and not missed and self.failures.empty

    @property
    def dataset(self) -> Dataset:
        """The dataset of the folder. ``DatasetError`` when nothing was parsed."""
        from govreport_parse.dataset import load

        return load(self.folder / INNER)

    def coverage(self) -> pandas.DataFrame:
        """Division or organ x year: complete, partial, failed, not found.

        Rows of the sources that could not be used count as failed where they name an organ.
        """
        frame = self.dataset.coverage()
        with open_state_readonly(self.folder, utc) as state:
            unused = [o for o in state.outcomes() if (o.code, o.reason) == ("refused", "source")]
        for row in unused:
            if row.organ or row.division_code:
                _add_unused(frame, row)
        return frame

    def __repr__(self) -> str:
        s = self.summary
        # After a build that found damage, or an import, addresses may be open though it is "done".
        goes_on = s.queued and self.ended in ("done", "imported")
        left = " (the same harvest asks for them)" if goes_on else ""
        lines = [
            f"Harvest {str(self.folder)!r}: {self.ended}",
            f"  {s.sources:,} rows of the sources, {s.known:,} addresses at {s.hosts:,} hosts",
            f"  {s.done:,} done, {s.queued:,} queued{left}",
            *(
                f"  {n:>9,}  {code}{': ' + reason if reason else ''}"
                for (code, reason), n in sorted(s.outcomes.items(), key=lambda x: -x[1])
            ),
            *(f"  {n:>9,}  {word}" for word, n in sorted(s.parsed.items())),
            *(f"  {note}" for note in self.manifest.get("sources", ())),
            *(f"  mended: {told}" for told in self.manifest.get("repairs", ())),
        ]
        return "\n".join(lines)


def _add_unused(frame: pandas.DataFrame, row: SourceOutcome) -> None:
    """A row that was refused, unless something is known of its organ and year anyway."""
    same = (
        (frame["division_code"].fillna("") == (row.division_code or ""))
        & (frame["organ"].fillna("") == (row.organ or ""))
        & (frame["year"].fillna(0) == (row.year or 0))
    )
    told = {"status": "failed", "reason": f"row {row.row} of the sources: {row.detail}"}
    if not same.any():
        who = {"division_code": row.division_code, "organ": row.organ, "year": row.year}
        new = {**dict.fromkeys(frame.columns), **who, **told, "n_reports": 0}
        frame.loc[len(frame)] = [new[name] for name in frame.columns]
        return
    missing = same & (frame["status"] == "not found")
    for name, value in told.items():
        frame.loc[missing, name] = value


def outcome_row(o: SourceOutcome, left_alone: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A row of the sources with one word for its fate.

    ``parsed``, ``partial``, ``failed``, ``blocked``, ``not found``, ``refused``, ``listed`` (a list
    or site whose entries were taken), ``duplicate``, ``fetched`` (not parsed yet), ``waiting``.
    ``left_alone``: hosts that the run stopped asking, and why.
    """
    alone = (left_alone or {}).get(host_of(o.url), "") if o.url and not o.is_done else ""
    return {
        "row": o.row,
        "url": o.given,
        "organ": o.organ,
        "division_code": o.division_code,
        "year": o.year,
        "kind": o.kind,
        "outcome": "blocked" if alone == "host_blocked" else _word(o),
        "reason": _ALONE.get(alone, alone) or _reason(o),
        "status": o.status or None,
        "final_url": o.final_url or None,
        "sha256": o.sha256 or None,
        "attempts": o.attempts,
    }


def _outcome_schema() -> Any:
    import pyarrow as pa

    texts = ("url", "organ", "division_code", "kind", "outcome", "reason", "final_url", "sha256")
    names = (
        *("row", "url", "organ", "division_code", "year", "kind", "outcome", "reason"),
        *("status", "final_url", "sha256", "attempts"),
    )
    return pa.schema([(n, pa.string() if n in texts else pa.int64()) for n in names])


_ALONE = {
    "host_blocked": "host_blocked: the host shows challenges to programs; the rest was not asked",
    "host_given_up": "host_given_up: too many errors in a row; the next run asks again",
    "host_requests": "host_requests: as many requests as a run may make; the next run goes on",
    "host_bytes": "host_bytes: as many bytes as a run may take; the next run goes on",
    "robots_unreachable": "robots_unreachable: robots.txt can't be read; the next run asks again",
}
_MANIFEST = "_manifest.json"
"""What every dataset has."""
_SOON = 60.0
"""Seconds that nobody has to be told of."""
_WORDS = {"gone": "not found", "refused": "refused", "blocked": "blocked"}


def _word(o: SourceOutcome) -> str:
    if o.duplicate_of is not None:
        return "duplicate"
    if not o.is_done:
        return "waiting"
    if o.code in ("ok", "not_modified"):
        if o.kind != "report":
            return "listed"
        return o.parsed or "fetched"
    return _WORDS.get(o.code, "failed")


def _reason(o: SourceOutcome) -> str:
    if o.duplicate_of is not None:
        return f"the same address as row {o.duplicate_of}"
    if o.parsed:
        return o.parse_detail
    told = f"{o.reason}: {o.detail}" if o.detail else o.reason
    if not o.is_done:
        return f"{told or 'not asked yet'}{_not_before(o.next_at)}"
    return told if o.code not in ("ok", "not_modified") or o.detail else ""


def _not_before(at: float) -> str:
    """When a host that wants to be left alone may be asked; empty where it is no matter of time."""
    if at - utc().timestamp() < _SOON:
        return ""
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
    return f"; not before {moment:%Y-%m-%d %H:%M} UTC"


def archived_root(folder: str | os.PathLike[str]) -> Path:
    """A harvest folder as a path. ``DatasetError`` when it holds neither state nor archive."""
    root = named_path(folder, "the harvest")
    try:
        is_harvest = (root / "state.sqlite").exists() or bool(segment_names(root))
    except OSError as error:
        raise DatasetError(
            f"cannot look into {str(root)!r}: {error.strerror or error}",
            hint="check that the folder may be used",
            context={"folder": str(root), "errno": error.errno},
        ) from error
    if not is_harvest:
        raise DatasetError(
            f"{str(root)!r} holds no harvest",
            hint="name the folder that was given to harvest, fetch or import",
            context={"folder": str(root)},
        )
    return root


def opened(folder: str | os.PathLike[str]) -> State:
    """The state of a harvest folder; one that lost its state file gets it back from the archive."""
    folder = named_path(folder, "the harvest")
    if (folder / _MANIFEST).is_file() and not (folder / "state.sqlite").exists():
        raise DatasetError(
            f"{str(folder)!r} is a dataset, not a folder for a harvest",
            hint=f"a harvest keeps its own dataset in a folder {INNER!r}; name the folder above it",
            context={"folder": str(folder), "reason": "is_dataset"},
        )
    try:
        return open_state(folder, utc)
    except DatasetError as error:
        if error.context.get("reason") != "state_missing":
            raise
        told = rebuild_state(folder, utc)
        state = open_state(folder, utc)
        state.repairs, state.lost = (*told, *state.repairs), state.lost + len(told)
        return state


def look(folder: str | os.PathLike[str]) -> Run | None:
    """How a harvest folder stands, also while a harvest runs; ``None``: there is none."""
    root = Path(folder)
    if not (root / "state.sqlite").exists():
        return None
    with open_state_readonly(root, utc) as state:
        runs = state.runs()
        last: dict[str, Any] = runs[-1] if runs else {"manifest": {}, "ended_at": None}
        ended = str(last["manifest"].get("ended", "")) if last["ended_at"] else "running or killed"
        if not runs:
            ended = "imported"
        return Run(root, state.summary(), last["manifest"], ended)


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """What ``check_archive`` found."""

    records: int
    problems: tuple[Problem, ...]


def check_archive(folder: str | os.PathLike[str]) -> ArchiveCheck | None:
    """Read every archived record again; ``None`` for a folder without an archive."""
    root = Path(folder)
    if not (root / "state.sqlite").exists():
        return None
    with open_state_readonly(root, utc) as state:
        records = state.summary().captures
    return ArchiveCheck(records, tuple(verify_harvest(root)))


__all__ = [
    "ArchiveCheck",
    "Run",
    "Snapshot",
    "archived_root",
    "check_archive",
    "look",
    "opened",
    "outcome_row",
    "utc",
]
